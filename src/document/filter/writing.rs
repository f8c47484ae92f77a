//! Values as compact JSON, a line each, without recursion.

use std::fmt::{self, Write as _};
use std::ops::ControlFlow;

use jaq_json::{Num, Val};

/// Written at once, in bytes; a line may be longer, or many may be shorter.
const BLOCK: usize = 64 * 1024;

pub(super) struct Writer<'w> {
    block: Vec<u8>,
    write: &'w mut dyn FnMut(&[u8]) -> ControlFlow<()>,
}

/// A value that is half written, and how many of its children are.
enum Open<'a> {
    Array(&'a [Val], usize),
    Object(&'a jaq_json::Map, usize),
}

impl<'w> Writer<'w> {
    pub fn new(write: &'w mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Self {
        Self { block: Vec::with_capacity(BLOCK), write }
    }

    /// Writes a value and a line break.
    pub fn line(&mut self, value: &Val) -> ControlFlow<()> {
        let mut open = Vec::new();
        self.value(value, &mut open);
        while let Some(innermost) = open.last_mut() {
            let child = match innermost {
                Open::Array(items, next) => items.get(*next).map(|item| (next, None, item)),
                Open::Object(members, next) => members.get_index(*next).map(|(key, value)| (next, Some(key), value)),
            };
            if let Some((next, key, value)) = child {
                if *next > 0 {
                    self.block.push(b',');
                }
                *next += 1;
                if let Some(key) = key {
                    self.key(key);
                    self.block.push(b':');
                }
                self.value(value, &mut open);
            } else {
                self.block.push(if matches!(innermost, Open::Array(..)) { b']' } else { b'}' });
                open.pop();
            }
            if self.block.len() >= BLOCK {
                self.flush()?;
            }
        }
        self.block.push(b'\n');
        self.flush()
    }

    /// Writes a value that has no children, or the beginning of one that has.
    fn value<'a>(&mut self, value: &'a Val, open: &mut Vec<Open<'a>>) {
        match value {
            Val::Null => self.block.extend_from_slice(b"null"),
            Val::Bool(true) => self.block.extend_from_slice(b"true"),
            Val::Bool(false) => self.block.extend_from_slice(b"false"),
            Val::Num(number) => self.number(number),
            Val::TStr(text) | Val::BStr(text) => self.text(text),
            Val::Arr(items) => {
                self.block.push(b'[');
                open.push(Open::Array(items, 0));
            }
            Val::Obj(members) => {
                self.block.push(b'{');
                open.push(Open::Object(members, 0));
            }
        }
    }

    /// Names are strings in JSON, while here anything can be one: it is written as the text that it would be.
    fn key(&mut self, key: &Val) {
        match key {
            Val::TStr(text) | Val::BStr(text) => self.text(text),
            other => self.text(other.to_string().as_bytes()),
        }
    }

    fn number(&mut self, number: &Num) {
        let text = match number {
            Num::Float(float) if float.is_nan() => "null",
            Num::Float(f64::INFINITY) => "1.7976931348623157e308",
            Num::Float(f64::NEG_INFINITY) => "-1.7976931348623157e308",
            Num::Dec(literal) => literal,
            exact => {
                // Writing to memory does not fail.
                let _ = write!(Memory(&mut self.block), "{exact}");
                return;
            }
        };
        self.block.extend_from_slice(text.as_bytes());
    }

    fn text(&mut self, text: &[u8]) {
        self.block.push(b'"');
        let mut rest = text;
        while let Some(plain) = rest.iter().position(|byte| matches!(byte, 0..=0x1F | b'"' | b'\\' | 0x7F)) {
            self.block.extend_from_slice(&rest[..plain]);
            match rest[plain] {
                byte @ (b'"' | b'\\') => self.block.extend_from_slice(&[b'\\', byte]),
                b'\n' => self.block.extend_from_slice(b"\\n"),
                b'\r' => self.block.extend_from_slice(b"\\r"),
                b'\t' => self.block.extend_from_slice(b"\\t"),
                0x08 => self.block.extend_from_slice(b"\\b"),
                0x0C => self.block.extend_from_slice(b"\\f"),
                other => {
                    // Writing to memory does not fail.
                    let _ = write!(Memory(&mut self.block), "\\u{other:04x}");
                }
            }
            rest = &rest[plain + 1..];
        }
        self.block.extend_from_slice(rest);
        self.block.push(b'"');
    }

    /// Gives what is written so far to the reader.
    pub fn flush(&mut self) -> ControlFlow<()> {
        let told = if self.block.is_empty() { ControlFlow::Continue(()) } else { (self.write)(&self.block) };
        self.block.clear();
        told
    }
}

struct Memory<'a>(&'a mut Vec<u8>);

impl fmt::Write for Memory<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
