//! One pass over a value: what its children are, and a hash of each that is the same for equal ones.
//!
//! Nothing of the value itself is kept. The hash of an object does not depend on the order of its members; members that are
//! left out do not count in it at any depth.

use std::hash::RandomState;
use std::ops::{ControlFlow, Range};

use super::canon::{hash_name, hash_scalar, hash_text, mix};
use super::{DiffError, ValueKind};
use crate::document::grammar::{Expect, Inside, Listener, Machine, Outcome, Scalar};
use crate::document::{Body, narrow, wide};

/// Most keys that are looked for at once.
pub(super) const KEYS: usize = 3;

/// Bytes that are read between two looks at whether it is to stop.
const STRETCH: usize = 1 << 20;

/// A child of the value that was surveyed.
#[derive(Clone, Debug)]
pub(super) struct Child {
    /// Its name as sent, quotes included; empty in an array.
    pub name: Range<u64>,
    pub name_hash: u64,
    pub value: Range<u64>,
    pub hash: u64,
    pub kind: ValueKind,
}

/// What a value holds.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub children: Vec<Child>,
    /// For each child a hash of its value under each key, 0 where it has none; empty when no key was looked for.
    pub keys: Vec<[u64; KEYS]>,
    /// How many members were left out, for each name of [`Rules::names`].
    pub left_out: Vec<u64>,
}

/// What is left out, and what is looked for.
pub(super) struct Rules {
    pub hasher: RandomState,
    /// The names of members that are left out.
    pub names: Vec<String>,
    hashes: Vec<u64>,
    /// The name of members that are left out where their value is a pre-signed link.
    link: Option<u64>,
}

impl Rules {
    /// Leaves these members out; the last one only where it is a pre-signed link, when that is said.
    pub fn new(names: Vec<String>, last_is_link: bool) -> Self {
        let hasher = RandomState::new();
        let mut hashes: Vec<u64> = names.iter().map(|name| hash_name(&hasher, name.as_bytes())).collect();
        let link = if last_is_link { hashes.pop() } else { None };
        Self { hasher, names, hashes, link }
    }

    /// The steps of a key with dots.
    pub fn key(&self, name: &str) -> Vec<u64> {
        name.split('.').map(|step| hash_name(&self.hasher, step.as_bytes())).collect()
    }
}

/// Surveys the value in a range; with `lines` all documents of the range, as if they were the items of an array.
pub(super) fn survey(
    body: &Body,
    range: Range<u64>,
    lines: bool,
    rules: &Rules,
    keys: &[Vec<u64>],
    cancelled: &dyn Fn() -> bool,
) -> Result<Survey, DiffError> {
    let mut surveyor = Surveyor {
        body,
        rules,
        keys,
        chunk: 0,
        frames: if lines { vec![Frame::new(true, 0)] } else { Vec::new() },
        around: usize::from(lines),
        matched: [0; KEYS],
        buffer: Vec::new(),
        outside: 0,
        survey: Survey { left_out: vec![0; rules.names.len()], ..Survey::default() },
    };
    let mut machine =
        if range.start == 0 { Machine::new() } else { Machine::at_row(range.start, Inside::Top, Expect::Value) };
    let mut chunk = 0;
    let mut at = range.start;
    while at < range.end {
        if cancelled() {
            return Err(DiffError::Cancelled);
        }
        let part = body.piece_near(at, &mut chunk);
        let part = &part[..part.len().min(STRETCH).min(narrow(range.end - at))];
        if part.is_empty() || machine.run(part, &mut surveyor) != Outcome::Ate {
            return Err(DiffError::Unreadable);
        }
        at += wide(part.len());
    }
    machine.finish(&mut surveyor);
    Ok(surveyor.survey)
}

struct Surveyor<'a> {
    body: &'a Body,
    rules: &'a Rules,
    keys: &'a [Vec<u64>],
    /// The chunk that was read last.
    chunk: usize,
    /// The containers that are open, the value itself first.
    frames: Vec<Frame>,
    /// How many of them are none of the body's: one around several documents.
    around: usize,
    /// How many steps of each key lead to where the machine is.
    matched: [usize; KEYS],
    buffer: Vec<u8>,
    /// How many containers that are left out are open.
    outside: usize,
    survey: Survey,
}

struct Frame {
    array: bool,
    /// Where it opens.
    start: u64,
    sum: u64,
    /// The name of the member at hand.
    name: Range<u64>,
    name_hash: u64,
    /// Whether that member is left out, and under which name.
    without: Option<usize>,
}

impl Frame {
    fn new(array: bool, start: u64) -> Self {
        Self { array, start, sum: if array { 3 } else { 5 }, name: 0..0, name_hash: 0, without: None }
    }

    fn inside(&self) -> Inside {
        if self.array { Inside::Array } else { Inside::Object }
    }
}

impl Surveyor<'_> {
    fn with<T>(&mut self, start: u64, end: u64, look: impl FnOnce(&Rules, &[u8], &mut Vec<u8>) -> T) -> T {
        let part = self.body.piece_near(start, &mut self.chunk);
        match part.get(..narrow(end - start)) {
            Some(raw) => look(self.rules, raw, &mut self.buffer),
            None => look(self.rules, &self.body.read(start..end), &mut self.buffer),
        }
    }

    /// A value has ended that belongs to the innermost open container.
    fn valued(&mut self, value: Range<u64>, kind: ValueKind, hash: u64) {
        let depth = self.frames.len();
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        if let Some(place) = frame.without.take() {
            if self.outside == 0 {
                self.survey.left_out[place] += 1;
            }
            return;
        }
        frame.sum = if frame.array { mix(frame.sum, hash) } else { frame.sum.wrapping_add(mix(frame.name_hash, hash)) };
        if depth == 1 {
            let (name, name_hash) = (std::mem::take(&mut frame.name), frame.name_hash);
            self.survey.children.push(Child { name, name_hash, value, hash, kind });
            if !self.keys.is_empty() && self.survey.keys.len() < self.survey.children.len() {
                self.survey.keys.push([0; KEYS]);
            }
        }
    }

    /// A scalar that a key leads to is the key of the child at hand.
    fn note_key(&mut self, hash: u64, kind: Scalar) {
        let depth = self.frames.len();
        let in_object = self.frames.last().is_some_and(|frame| !frame.array);
        if depth < 2 || !in_object || kind == Scalar::Null {
            return;
        }
        let at = self.survey.children.len();
        for (place, key) in self.keys.iter().enumerate() {
            if self.matched[place] == key.len() && depth == key.len() + 1 {
                if self.survey.keys.len() == at {
                    self.survey.keys.push([0; KEYS]);
                }
                let slot = &mut self.survey.keys[at][place];
                // The first of several members of that name.
                *slot = if *slot == 0 { hash.max(1) } else { *slot };
            }
        }
    }
}

impl Listener for Surveyor<'_> {
    fn row(&mut self, _: u64, _: Expect) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn key(&mut self, start: u64, end: u64) {
        let hash = self.with(start, end, |rules, raw, _| hash_text(&rules.hasher, raw));
        let depth = self.frames.len();
        let without = self.rules.hashes.iter().position(|own| *own == hash);
        if let Some(frame) = self.frames.last_mut() {
            (frame.name, frame.name_hash, frame.without) = (start..end, hash, without);
        }
        if let Some(step) = depth.checked_sub(2) {
            for (matched, key) in self.matched.iter_mut().zip(self.keys) {
                if *matched >= step {
                    *matched = step + usize::from(key.get(step) == Some(&hash));
                }
            }
        }
    }

    fn scalar(&mut self, start: u64, end: u64, kind: Scalar) {
        let hash = self.with(start, end, |rules, raw, buffer| hash_scalar(&rules.hasher, kind, raw, buffer));
        self.note_key(hash, kind);
        let named = self.frames.last().is_some_and(|frame| !frame.array && Some(frame.name_hash) == self.rules.link);
        if named && kind == Scalar::String && self.with(start, end, |_, raw, _| is_signed(raw)) {
            let last = self.rules.names.len() - 1;
            if let Some(frame) = self.frames.last_mut() {
                frame.without = Some(last);
            }
        }
        self.valued(start..end, kind.into(), hash);
    }

    fn open(&mut self, at: u64, array: bool) -> ControlFlow<()> {
        self.outside += usize::from(self.frames.last().is_some_and(|frame| frame.without.is_some()));
        self.frames.push(Frame::new(array, at));
        if self.frames.len() == 2 {
            self.matched = [0; KEYS];
        }
        ControlFlow::Continue(())
    }

    fn close(&mut self, at: u64, _: bool) -> Inside {
        if let Some(frame) = self.frames.pop() {
            self.outside -= usize::from(self.frames.last().is_some_and(|around| around.without.is_some()));
            let kind = if frame.array { ValueKind::Array } else { ValueKind::Object };
            self.valued(frame.start..at + 1, kind, mix(frame.sum, 7));
        }
        match self.frames.last() {
            Some(frame) if self.frames.len() > self.around => frame.inside(),
            _ => Inside::Top,
        }
    }
}

/// Whether a link lets its reader in by itself, as those of receipts and exports do.
fn is_signed(raw: &[u8]) -> bool {
    memchr::memmem::find(raw, b"Signature=").is_some() || memchr::memmem::find(raw, b"signature=").is_some()
}
