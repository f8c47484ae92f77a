//! The documents of a body as values, one at a time, by the same grammar as the tree and without recursion.

use std::ops::ControlFlow;

use bytes::Bytes;
use jaq_json::{Map, Num, Val};

use super::super::grammar::{Expect, Inside, Listener, Machine, Outcome, Scalar};
use super::super::malformed::Malformed;
use super::super::{decode_string, narrow};

/// Longest integer, in bytes, that is calculated with to the last digit: beyond it takes time that grows with the square.
const LONGEST_EXACT: usize = 1024;

/// The documents of a body. What is not JSON is an error, and the last item.
pub(super) struct Documents {
    body: Bytes,
    machine: Machine,
    builder: Builder,
    state: State,
}

enum State {
    Reading,
    Wrong(Malformed),
    Ended,
}

impl Documents {
    pub fn new(body: Bytes) -> Self {
        let builder = Builder { body: body.clone(), frames: Vec::new(), done: None };
        Self { body, machine: Machine::new(), builder, state: State::Reading }
    }

    fn read(&mut self) -> State {
        let rest = self.body.get(narrow(self.machine.offset)..).unwrap_or_default();
        let outcome = match self.machine.run(rest, &mut self.builder) {
            Outcome::Ate => self.machine.finish(&mut self.builder),
            other => other,
        };
        match outcome {
            Outcome::Stopped => State::Reading,
            Outcome::Ate => State::Ended,
            Outcome::Wrong(malformed) => State::Wrong(malformed),
        }
    }
}

impl Iterator for Documents {
    type Item = Result<Val, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if let State::Reading = self.state {
            self.state = self.read();
        }
        // What was whole before something wrong comes first.
        if let Some(document) = self.builder.done.take() {
            return Some(Ok(document));
        }
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Wrong(malformed) => Some(Err(malformed.to_string())),
            State::Reading | State::Ended => None,
        }
    }
}

enum Frame {
    Array(Vec<Val>),
    Object(Map, Option<Val>),
}

/// Builds values of what the grammar tells.
struct Builder {
    body: Bytes,
    frames: Vec<Frame>,
    /// A whole document.
    done: Option<Val>,
}

impl Builder {
    fn add(&mut self, value: Val) {
        match self.frames.last_mut() {
            Some(Frame::Array(items)) => items.push(value),
            Some(Frame::Object(members, key)) => {
                if let Some(key) = key.take() {
                    members.insert(key, value);
                }
            }
            None => self.done = Some(value),
        }
    }

    /// A string, which shares the body's bytes where they are not escaped.
    fn text(&self, start: u64, end: u64) -> Val {
        let quoted = narrow(start)..narrow(end);
        let inner = quoted.start + 1..quoted.end - 1;
        if memchr::memchr(b'\\', &self.body[inner.clone()]).is_none() {
            return Val::utf8_str(self.body.slice(inner));
        }
        Val::utf8_str(decode_string(&self.body[quoted]).into_bytes())
    }

    fn number(&self, start: u64, end: u64) -> Val {
        let text = &self.body[narrow(start)..narrow(end)];
        let text = str::from_utf8(text).unwrap_or_default();
        let whole = text.len() <= LONGEST_EXACT && text != "-0";
        let exact = if whole { Num::from_str_radix(text, 10) } else { None };
        // With its literal: what is only passed on is not calculated with.
        Val::Num(exact.unwrap_or_else(|| Num::Dec(text.to_owned().into())))
    }
}

impl Listener for Builder {
    fn row(&mut self, _: u64, _: Expect) -> ControlFlow<()> {
        if self.done.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn key(&mut self, start: u64, end: u64) {
        let name = self.text(start, end);
        if let Some(Frame::Object(_, key)) = self.frames.last_mut() {
            *key = Some(name);
        }
    }

    fn scalar(&mut self, start: u64, end: u64, kind: Scalar) {
        let value = match kind {
            Scalar::String => self.text(start, end),
            Scalar::Number => self.number(start, end),
            Scalar::True => Val::Bool(true),
            Scalar::False => Val::Bool(false),
            Scalar::Null => Val::Null,
        };
        self.add(value);
    }

    fn open(&mut self, _: u64, array: bool) -> ControlFlow<()> {
        self.frames.push(if array { Frame::Array(Vec::new()) } else { Frame::Object(Map::default(), None) });
        ControlFlow::Continue(())
    }

    fn close(&mut self, _: u64, _: bool) -> Inside {
        match self.frames.pop() {
            Some(Frame::Array(items)) => self.add(Val::Arr(items.into())),
            Some(Frame::Object(members, _)) => self.add(Val::obj(members)),
            None => {}
        }
        match self.frames.last() {
            Some(Frame::Array(_)) => Inside::Array,
            Some(Frame::Object(..)) => Inside::Object,
            None => Inside::Top,
        }
    }
}
