//! What a person should hear about a whole body: names that are repeated in an object, bytes that are no UTF-8, and where it
//! departs from what is expected.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::ops::ControlFlow;

use super::expect::{Check, Departures, Expected};
use super::grammar::{Expect, Inside, Listener, Machine, Outcome, Scalar};
use super::text::decode_string;
use super::{Body, narrow, wide};

/// Names of an object that are compared one by one; more of them go into a set.
const FEW: usize = 32;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// How many members have the name of one before them in the same object.
    pub repeated: u64,
    /// Byte offset and text of the first such name.
    pub first_repeated: Option<(u64, String)>,
    /// Byte offset of the first byte that is no UTF-8.
    pub not_utf8: Option<u64>,
    /// Where it departs from what is expected, when something is.
    pub departures: Departures,
}

/// Reads a body once. What is not JSON ends the search for names, and is not compared with what is expected. Names are compared by a hash of 64 bits with a random key.
#[must_use]
pub fn examine(body: &Body, expected: Option<&Expected>, cancelled: &dyn Fn() -> bool) -> Examined {
    let mut names = Names {
        body,
        chunk: 0,
        hasher: RandomState::new(),
        open: Vec::new(),
        spare: Vec::new(),
        check: expected.map(|expected| Check::new(body, expected)),
        examined: Examined::default(),
    };
    let mut machine = Machine::new();
    let (mut sound, mut rest) = (true, Vec::new());
    let mut at = 0;
    for part in body.parts(0) {
        if cancelled() {
            break;
        }
        sound = sound && machine.run(&part, &mut names) == Outcome::Ate;
        if names.examined.not_utf8.is_none() {
            names.examined.not_utf8 = broken(&mut rest, &part, at);
        }
        at += wide(part.len());
    }
    if names.examined.not_utf8.is_none() && !rest.is_empty() && at == body.len() {
        names.examined.not_utf8 = Some(at - wide(rest.len()));
    }
    if sound && let Some(check) = names.check {
        names.examined.departures = check.end();
    }
    names.examined
}

/// The first place in a part that is no UTF-8; a character that goes on in the next part is remembered in `rest`.
fn broken(rest: &mut Vec<u8>, part: &[u8], at: u64) -> Option<u64> {
    let mut part = part;
    let mut at = at;
    if !rest.is_empty() {
        // At most three bytes complete what was cut.
        for count in 1..=part.len().min(3) {
            let whole = [rest.as_slice(), &part[..count]].concat();
            match str::from_utf8(&whole) {
                Ok(_) => {
                    (part, at) = (&part[count..], at + wide(count));
                    rest.clear();
                    break;
                }
                Err(error) if error.error_len().is_some() => return Some(at - wide(rest.len())),
                Err(_) => {}
            }
        }
        if !rest.is_empty() {
            rest.extend_from_slice(part);
            return None;
        }
    }
    match str::from_utf8(part) {
        Ok(_) => None,
        Err(error) if error.error_len().is_some() => Some(at + wide(error.valid_up_to())),
        Err(error) => {
            rest.extend_from_slice(&part[error.valid_up_to()..]);
            None
        }
    }
}

struct Names<'a> {
    body: &'a Body,
    /// The chunk that was read last.
    chunk: usize,
    hasher: RandomState,
    open: Vec<Object>,
    /// Lists to be used again: most objects are small, and there are many.
    spare: Vec<Vec<u64>>,
    /// Reads along, where something is expected.
    check: Option<Check<'a>>,
    examined: Examined,
}

/// The names of an open object; nothing of an array.
enum Object {
    Array,
    Few(Vec<u64>),
    Many(HashSet<u64>),
}

impl Listener for Names<'_> {
    fn row(&mut self, _: u64, _: Expect) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn key(&mut self, start: u64, end: u64) {
        if let Some(check) = &mut self.check {
            check.key(start, end);
        }
        let raw = &*self.body.token(start, end, &mut self.chunk);
        let hash = if memchr::memchr(b'\\', raw).is_some() {
            self.hasher.hash_one(decode_string(raw).as_bytes())
        } else {
            self.hasher.hash_one(raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default())
        };
        let Some(object) = self.open.last_mut() else {
            return;
        };
        let known = match object {
            Object::Array => false,
            Object::Few(names) => {
                let known = names.contains(&hash);
                if !known {
                    names.push(hash);
                    if names.len() > FEW {
                        *object = Object::Many(names.drain(..).collect());
                    }
                }
                known
            }
            Object::Many(names) => !names.insert(hash),
        };
        if known {
            self.examined.repeated += 1;
            self.examined.first_repeated.get_or_insert_with(|| {
                let name = self.body.read(start..end.min(start + 200));
                (start, decode_string(&name))
            });
        }
    }

    fn scalar(&mut self, start: u64, end: u64, kind: Scalar) {
        if let Some(check) = &mut self.check {
            check.scalar(start, end, kind);
        }
    }

    fn open(&mut self, at: u64, array: bool) -> ControlFlow<()> {
        if let Some(check) = &mut self.check {
            check.open(at, array);
        }
        let names = if array { Object::Array } else { Object::Few(self.spare.pop().unwrap_or_default()) };
        self.open.push(names);
        ControlFlow::Continue(())
    }

    fn close(&mut self, _: u64, _: bool) -> Inside {
        if let Some(check) = &mut self.check {
            check.close();
        }
        if let Some(Object::Few(mut names)) = self.open.pop()
            && narrow(wide(self.spare.len())) < FEW
        {
            names.clear();
            self.spare.push(names);
        }
        match self.open.last() {
            Some(Object::Array) => Inside::Array,
            Some(_) => Inside::Object,
            None => Inside::Top,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn look(text: &[u8], every: usize) -> Examined {
        let mut body = Body::new();
        // Pieces that are not joined are larger than this; small bodies are whole.
        for piece in text.chunks(every) {
            body.push(Bytes::copy_from_slice(piece));
        }
        examine(&body, None, &|| false)
    }

    #[test]
    fn repeated_names_are_counted_and_the_first_is_told() {
        let found = look(br#"{"a":1,"b":{"a":2},"\u0061":3,"c":[{"a":1},{"a":1}],"a":4}"#, 99);
        assert_eq!((found.repeated, found.first_repeated), (2, Some((19, "a".to_owned()))));
        assert_eq!(look(br#"[{"a":1},{"a":2}]"#, 99), Examined::default());
        let many: String = (0..200).map(|n| format!("\"k{n}\":1,")).collect();
        let found = look(format!("{{{many}\"k7\":2}}").as_bytes(), 99_999);
        assert_eq!(found.repeated, 1);
    }

    #[test]
    fn the_first_byte_that_is_no_utf8_is_found_across_parts() {
        assert_eq!(look("[\"é漢😀\"]".as_bytes(), 99).not_utf8, None);
        assert_eq!(look(b"[\"abc\xE9\"]", 99).not_utf8, Some(5));
        let text = ["é漢😀".repeat(3000).as_bytes(), b"\xC3"].concat();
        for every in [5_001, 5_002, 5_003] {
            assert_eq!(look(&text, every).not_utf8, Some(27_000));
            assert_eq!(look(&text[..27_000], every).not_utf8, None);
        }
    }
}
