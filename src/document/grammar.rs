//! The grammar of JSON as a machine that eats bytes in any portions and tells a listener what it meets.
//!
//! The same machine builds the index while bytes arrive and re-reads a few kilobytes when rows are drawn, so that both always
//! agree. It keeps no stack: the listener does, which lets a reader start deep inside a document without rebuilding one.

mod scalars;

use std::ops::ControlFlow;

use super::malformed::{Malformed, MalformedReason};
use super::wide;
use scalars::Digits;

/// What directly encloses a place in the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inside {
    /// Nothing: the place is at the top level.
    #[default]
    Top,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// What a row that begins at some place begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expect {
    /// A value: an array's item or a whole document.
    #[default]
    Value,
    /// A member's name.
    Key,
    /// The closing bracket of a container that has children.
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    String,
    Number,
    True,
    False,
    Null,
}

/// Who is told. Offsets are of the body; ends are exclusive.
pub(super) trait Listener {
    /// A row begins at `at`. Breaking stops the machine before that byte.
    fn row(&mut self, at: u64, expect: Expect) -> ControlFlow<()>;
    /// A member's name, quotes included.
    fn key(&mut self, start: u64, end: u64);
    fn scalar(&mut self, start: u64, end: u64, kind: Scalar);
    /// A container opens. Breaking stops the machine after the bracket.
    fn open(&mut self, at: u64, array: bool) -> ControlFlow<()>;
    /// The innermost container closes at `at`; `empty` when it had no children. Answers what encloses it.
    fn close(&mut self, at: u64, empty: bool) -> Inside;
    fn comma(&mut self) {}
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the very start, having seen this many bytes of a byte order mark.
    Mark(u8),
    /// Between documents; only a line break allows another one.
    Between {
        newline: bool,
    },
    FirstItem,
    Item,
    FirstKey,
    Key,
    Colon,
    MemberValue,
    /// After a value in a container: a comma or the closing bracket.
    Next,
    Text {
        key: bool,
    },
    Escape {
        key: bool,
    },
    Hex {
        key: bool,
        left: u8,
    },
    Number(Digits),
    Word {
        kind: Scalar,
        matched: u8,
    },
    Failed,
}

/// How a portion ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All of it was eaten.
    Ate,
    /// The listener broke off; `Machine::offset` says where.
    Stopped,
    /// It is not JSON.
    Wrong(Malformed),
}

enum Halt {
    Stop(usize),
    Wrong(usize, MalformedReason),
}

type Step = Result<usize, Halt>;

#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    state: State,
    inside: Inside,
    /// Where the token at hand began.
    token: u64,
    /// Offset of the next byte to be eaten.
    pub offset: u64,
    /// Whole documents begun so far.
    pub documents: u64,
}

impl Machine {
    /// At the start of a body.
    pub fn new() -> Self {
        Self { state: State::Mark(0), inside: Inside::Top, token: 0, offset: 0, documents: 0 }
    }

    /// At the start of a row.
    pub fn at_row(offset: u64, inside: Inside, expect: Expect) -> Self {
        let state = match (expect, inside) {
            (Expect::Value, Inside::Top) => State::Between { newline: true },
            (Expect::Value, _) => State::Item,
            (Expect::Key, _) => State::Key,
            (Expect::Close, _) => State::Next,
        };
        Self { state, inside, token: offset, offset, documents: 1 }
    }

    /// Just after a value.
    pub fn after_value(offset: u64, inside: Inside) -> Self {
        let mut machine = Self::at_row(offset, inside, Expect::Close);
        machine.valued();
        machine
    }

    /// The start of the string that the machine is in the middle of, unless an escape is half eaten.
    pub fn inside_string(&self) -> Option<u64> {
        matches!(self.state, State::Text { .. }).then_some(self.token)
    }

    /// Eats one portion, which begins at `self.offset`.
    pub fn run<L: Listener>(&mut self, chunk: &[u8], listener: &mut L) -> Outcome {
        let mut pos = 0;
        while let Some(&byte) = chunk.get(pos) {
            let step = match self.state {
                State::Text { key } => self.text(chunk, pos, key, listener),
                State::Next => self.next(byte, pos, listener),
                State::Key | State::FirstKey => self.key(byte, pos, listener),
                State::Colon => colon(byte, pos).map(|(next, done)| {
                    if done {
                        self.state = State::MemberValue;
                    }
                    next
                }),
                State::MemberValue | State::Item | State::FirstItem | State::Between { .. } => {
                    self.value(chunk, byte, pos, listener)
                }
                State::Number(digits) => self.number(chunk, pos, digits, listener),
                State::Word { kind, matched } => self.word(byte, pos, kind, matched, listener),
                State::Escape { key } => self.escape(byte, pos, key),
                State::Hex { key, left } => self.hex(byte, pos, key, left),
                State::Mark(seen) => self.mark(byte, pos, seen),
                State::Failed => Ok(chunk.len()),
            };
            match step {
                Ok(next) => pos = next,
                Err(Halt::Stop(at)) => {
                    self.offset += wide(at);
                    return Outcome::Stopped;
                }
                Err(Halt::Wrong(at, reason)) => {
                    self.offset += wide(at);
                    self.state = State::Failed;
                    let offset = self.offset;
                    return Outcome::Wrong(Malformed { offset, reason });
                }
            }
        }
        self.offset += wide(chunk.len());
        Outcome::Ate
    }

    /// Tells the machine that nothing follows.
    pub fn finish<L: Listener>(&mut self, listener: &mut L) -> Outcome {
        if let State::Number(digits) = self.state
            && digits.complete()
            // Within a container it may have been cut short, and must not pass for what was sent.
            && self.inside == Inside::Top
        {
            listener.scalar(self.token, self.offset, Scalar::Number);
            self.valued();
        }
        let reason = match self.state {
            State::Mark(0) | State::Between { .. } | State::Failed => return Outcome::Ate,
            State::Mark(_) => MalformedReason::ExpectedValue,
            State::Text { .. } | State::Escape { .. } | State::Hex { .. } => MalformedReason::UnfinishedString,
            State::Number(_) | State::Word { .. } => MalformedReason::UnfinishedScalar,
            _ => MalformedReason::UnfinishedContainer,
        };
        self.state = State::Failed;
        let offset = self.offset;
        Outcome::Wrong(Malformed { offset, reason })
    }

    /// A value has ended.
    #[inline]
    fn valued(&mut self) {
        self.state = if self.inside == Inside::Top { State::Between { newline: false } } else { State::Next };
    }

    #[inline]
    fn at(&self, pos: usize) -> u64 {
        self.offset + wide(pos)
    }

    fn mark(&mut self, byte: u8, pos: usize, seen: u8) -> Step {
        const MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];
        if MARK.get(usize::from(seen)) == Some(&byte) {
            self.state = if seen == 2 { State::Between { newline: true } } else { State::Mark(seen + 1) };
            return Ok(pos + 1);
        }
        if seen > 0 {
            return Err(Halt::Wrong(pos, MalformedReason::ExpectedValue));
        }
        self.state = State::Between { newline: true };
        Ok(pos)
    }

    #[inline]
    fn next<L: Listener>(&mut self, byte: u8, pos: usize, listener: &mut L) -> Step {
        match (byte, self.inside) {
            (b',', Inside::Array) => {
                listener.comma();
                self.state = State::Item;
            }
            (b',', _) => {
                listener.comma();
                self.state = State::Key;
            }
            (b']', Inside::Array) | (b'}', Inside::Object) => {
                if listener.row(self.at(pos), Expect::Close).is_break() {
                    return Err(Halt::Stop(pos));
                }
                self.inside = listener.close(self.at(pos), false);
                self.valued();
            }
            (b' ' | b'\n' | b'\r' | b'\t', _) => {}
            (_, Inside::Array) => {
                return Err(Halt::Wrong(pos, MalformedReason::ExpectedCommaOrBracket));
            }
            _ => return Err(Halt::Wrong(pos, MalformedReason::ExpectedCommaOrBrace)),
        }
        Ok(pos + 1)
    }

    #[inline]
    fn key<L: Listener>(&mut self, byte: u8, pos: usize, listener: &mut L) -> Step {
        match byte {
            b'"' => {
                if listener.row(self.at(pos), Expect::Key).is_break() {
                    return Err(Halt::Stop(pos));
                }
                self.token = self.at(pos);
                self.state = State::Text { key: true };
            }
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b'}' if self.state == State::FirstKey => {
                self.inside = listener.close(self.at(pos), true);
                self.valued();
            }
            b'}' => return Err(Halt::Wrong(pos, MalformedReason::TrailingComma)),
            _ => return Err(Halt::Wrong(pos, MalformedReason::ExpectedKey)),
        }
        Ok(pos + 1)
    }

    #[inline]
    fn value<L: Listener>(&mut self, chunk: &[u8], byte: u8, pos: usize, listener: &mut L) -> Step {
        match byte {
            b' ' | b'\r' | b'\t' => return Ok(pos + 1),
            b'\n' => {
                if let State::Between { newline } = &mut self.state {
                    *newline = true;
                }
                return Ok(pos + 1);
            }
            b']' if self.state == State::FirstItem => {
                self.inside = listener.close(self.at(pos), true);
                self.valued();
                return Ok(pos + 1);
            }
            b'"' | b'{' | b'[' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'
                if self.state != (State::Between { newline: false }) => {}
            _ => return Err(Halt::Wrong(pos, self.not_a_value(byte))),
        }
        if self.state != State::MemberValue {
            if listener.row(self.at(pos), Expect::Value).is_break() {
                return Err(Halt::Stop(pos));
            }
            if self.inside == Inside::Top {
                self.documents += 1;
            }
        }
        self.token = self.at(pos);
        match byte {
            b'"' => self.state = State::Text { key: false },
            b'{' | b'[' => return self.open(byte == b'[', pos, listener),
            b'-' => self.state = State::Number(Digits::Minus),
            b'0' => self.state = State::Number(Digits::Zero),
            b'1'..=b'9' => self.state = State::Number(Digits::Whole),
            _ => {
                let kind = match byte {
                    b't' => Scalar::True,
                    b'f' => Scalar::False,
                    _ => Scalar::Null,
                };
                let word = kind.word();
                if chunk[pos..].starts_with(word) {
                    listener.scalar(self.token, self.token + wide(word.len()), kind);
                    self.valued();
                    return Ok(pos + word.len());
                }
                self.state = State::Word { kind, matched: 1 };
            }
        }
        Ok(pos + 1)
    }

    #[inline]
    fn open<L: Listener>(&mut self, array: bool, pos: usize, listener: &mut L) -> Step {
        (self.state, self.inside) =
            if array { (State::FirstItem, Inside::Array) } else { (State::FirstKey, Inside::Object) };
        if listener.open(self.token, array).is_break() {
            return Err(Halt::Stop(pos + 1));
        }
        Ok(pos + 1)
    }

    fn not_a_value(&self, byte: u8) -> MalformedReason {
        match self.state {
            State::Between { .. } if self.documents > 0 => MalformedReason::TrailingCharacters,
            State::Item if byte == b']' => MalformedReason::TrailingComma,
            _ => MalformedReason::ExpectedValue,
        }
    }
}

#[inline]
fn colon(byte: u8, pos: usize) -> Result<(usize, bool), Halt> {
    match byte {
        b':' => Ok((pos + 1, true)),
        b' ' | b'\n' | b'\r' | b'\t' => Ok((pos + 1, false)),
        _ => Err(Halt::Wrong(pos, MalformedReason::ExpectedColon)),
    }
}
