//! Strings, numbers and words: the part of the machine that eats what has no structure.

use super::{Expect, Halt, Inside, Listener, Machine, Scalar, State, Step};
use crate::document::malformed::MalformedReason;

/// How far into a number the machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digits {
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    Exponent,
    PowerSign,
    Power,
}

impl Digits {
    pub(super) fn complete(self) -> bool {
        matches!(self, Self::Zero | Self::Whole | Self::Fraction | Self::Power)
    }

    /// The next state on a byte that goes on with the number.
    fn step(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Minus, b'0') => Self::Zero,
            (Self::Minus | Self::Whole, b'0'..=b'9') => Self::Whole,
            (Self::Zero | Self::Whole, b'.') => Self::Point,
            (Self::Point | Self::Fraction, b'0'..=b'9') => Self::Fraction,
            (Self::Zero | Self::Whole | Self::Fraction, b'e' | b'E') => Self::Exponent,
            (Self::Exponent, b'+' | b'-') => Self::PowerSign,
            (Self::Exponent | Self::PowerSign | Self::Power, b'0'..=b'9') => Self::Power,
            _ => return None,
        })
    }
}

impl Scalar {
    pub(super) fn word(self) -> &'static [u8] {
        match self {
            Self::True => b"true",
            Self::False => b"false",
            Self::Null => b"null",
            Self::String | Self::Number => b"",
        }
    }
}

impl Machine {
    /// From within a string on. Most strings are followed by another one at once, as name and value or as value and name: those
    /// are taken here, without going round by the states between them.
    #[inline]
    pub(super) fn text<L: Listener>(&mut self, chunk: &[u8], mut pos: usize, mut key: bool, listener: &mut L) -> Step {
        loop {
            let end = pos + plain_run(&chunk[pos..]);
            match chunk.get(end) {
                Some(b'"') => {}
                Some(b'\\') => {
                    self.state = State::Escape { key };
                    return Ok(end + 1);
                }
                Some(_) => return Err(Halt::Wrong(end, MalformedReason::ControlInString)),
                None => {
                    self.state = State::Text { key };
                    return Ok(end);
                }
            }
            let after = end + 1;
            let next = chunk.get(after..after + 2);
            if key {
                listener.key(self.token, self.at(after));
                if next != Some(b":\"") {
                    self.state = State::Colon;
                    return Ok(after);
                }
                key = false;
            } else {
                listener.scalar(self.token, self.at(after), Scalar::String);
                if next != Some(b",\"") || self.inside == Inside::Top {
                    self.valued();
                    return Ok(after);
                }
                listener.comma();
                key = self.inside == Inside::Object;
                let expect = if key { Expect::Key } else { Expect::Value };
                if listener.row(self.at(after + 1), expect).is_break() {
                    self.state = if key { State::Key } else { State::Item };
                    return Err(Halt::Stop(after + 1));
                }
            }
            self.token = self.at(after + 1);
            pos = after + 2;
        }
    }

    pub(super) fn escape(&mut self, byte: u8, pos: usize, key: bool) -> Step {
        self.state = match byte {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => State::Text { key },
            b'u' => State::Hex { key, left: 4 },
            _ => return Err(Halt::Wrong(pos, MalformedReason::BadEscape)),
        };
        Ok(pos + 1)
    }

    pub(super) fn hex(&mut self, byte: u8, pos: usize, key: bool, left: u8) -> Step {
        if !byte.is_ascii_hexdigit() {
            return Err(Halt::Wrong(pos, MalformedReason::BadUnicodeEscape));
        }
        self.state = if left == 1 { State::Text { key } } else { State::Hex { key, left: left - 1 } };
        Ok(pos + 1)
    }

    #[inline]
    pub(super) fn number<L: Listener>(
        &mut self,
        chunk: &[u8],
        mut pos: usize,
        mut digits: Digits,
        listener: &mut L,
    ) -> Step {
        while let Some(&byte) = chunk.get(pos) {
            match digits.step(byte) {
                Some(next) => digits = next,
                None if digits == Digits::Zero && byte.is_ascii_digit() => {
                    return Err(Halt::Wrong(pos, MalformedReason::LeadingZero));
                }
                None if digits.complete() => {
                    listener.scalar(self.token, self.at(pos), Scalar::Number);
                    self.valued();
                    return Ok(pos);
                }
                None => return Err(Halt::Wrong(pos, MalformedReason::BadNumber)),
            }
            pos += 1;
        }
        self.state = State::Number(digits);
        Ok(pos)
    }

    pub(super) fn word<L: Listener>(
        &mut self,
        byte: u8,
        pos: usize,
        kind: Scalar,
        matched: u8,
        listener: &mut L,
    ) -> Step {
        let word = kind.word();
        if word.get(usize::from(matched)) != Some(&byte) {
            return Err(Halt::Wrong(pos, MalformedReason::BadLiteral));
        }
        if usize::from(matched) + 1 == word.len() {
            listener.scalar(self.token, self.at(pos + 1), kind);
            self.valued();
        } else {
            let matched = matched + 1;
            self.state = State::Word { kind, matched };
        }
        Ok(pos + 1)
    }
}

/// How many bytes from the start are neither a quote, a backslash nor a control character; eight are looked at in one go.
#[inline]
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    let mut run = 0;
    while let Some(block) = bytes.get(run..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*block);
        let quote = word ^ (ONES * 0x22);
        let slash = word ^ (ONES * 0x5C);
        // A borrow may mark bytes above a true hit, never below it, so the lowest mark is exact.
        let marks = (word.wrapping_sub(ONES * 0x20) & !word
            | quote.wrapping_sub(ONES) & !quote
            | slash.wrapping_sub(ONES) & !slash)
            & HIGH;
        if marks != 0 {
            return run + (marks.trailing_zeros() / 8) as usize;
        }
        run += 8;
    }
    while let Some(&byte) = bytes.get(run) {
        if byte < 0x20 || byte == b'"' || byte == b'\\' {
            break;
        }
        run += 1;
    }
    run
}

#[cfg(test)]
mod tests {
    use super::plain_run;

    #[test]
    fn plain_run_agrees_with_a_byte_loop() {
        for special in [b'"', b'\\', 0, 0x1F, b'\n'] {
            for length in 0..40usize {
                let mut bytes = vec![0xC3; 40];
                bytes[length] = special;
                bytes[39] = b'"';
                assert_eq!(plain_run(&bytes), length);
            }
        }
        assert_eq!(plain_run("a\u{7F}\u{80} !#[]~ end".as_bytes()), 14);
    }
}
