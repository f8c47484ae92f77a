//! What a body is expected to look like, and where it departs from that: names that are not expected, names that are missing,
//! words outside their list, and values of another type. A body is read once; nothing of it is kept but what is told.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use super::grammar::Scalar;
use super::text::decode_string;
use super::{Body, fit};

/// Kinds of departures that are told apart; the rest is only counted.
const MOST: usize = 200;

/// Columns that are kept of a name or a word.
const WIDE: usize = 60;

/// Bytes of a name or a word that are looked at.
const LONGEST: u64 = 4096;

/// Members that one expected object may have; what is beyond is not looked at.
const WIDEST: usize = 128;

/// Levels of a body that are looked at.
const DEEPEST: usize = 64;

/// What a value should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it is.
    Anything,
    /// A string, one of these when there are any.
    Text(Vec<String>),
    /// A number.
    Number,
    /// A number without a fraction.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// An array of such values.
    Array(Box<Expected>),
    /// An object whose members have any names, and such values.
    Map(Box<Expected>),
    /// An object with these members.
    Object(Vec<Member>),
    /// An object with these members, and others.
    Open(Vec<Member>),
}

/// A member of an expected object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Whether it must be there, and not be null.
    pub required: bool,
    /// What it should be.
    pub value: Expected,
}

/// How a body departs from what is expected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Difference {
    /// A member that is not expected.
    Unknown,
    /// A member that must be there, and is not.
    Missing,
    /// A word that is not in the list; made safe to be shown.
    NewWord(String),
    /// Another type than expected: what it is, and what it should be.
    OtherType(&'static str, &'static str),
}

/// One kind of departure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Where, as a pattern (`.data[].phone`); made safe to be shown.
    pub path: String,
    /// How.
    pub difference: Difference,
    /// How often.
    pub count: u64,
    /// The first byte of the first one: of the name, the value, or of the object that lacks a name.
    pub first: u64,
}

/// All departures of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Departures {
    /// Each kind once, in the order of the first ones.
    pub list: Vec<Departure>,
    /// How many there are beyond the list, when there are too many kinds to tell apart.
    pub beyond: u64,
}

/// Reads along with a body and notes what is not as expected.
pub(super) struct Check<'a> {
    body: &'a Body,
    /// The chunk that was read last.
    chunk: usize,
    whole: &'a Expected,
    open: Vec<Frame<'a>>,
    /// Containers open inside a value that is not looked at.
    passed: usize,
    hasher: RandomState,
    /// Places in the list, by a hash of 64 bits of what makes them alike.
    known: HashMap<u64, usize>,
    departures: Departures,
}

/// A container that is being read.
struct Frame<'a> {
    expected: &'a Expected,
    at: u64,
    /// The member whose value comes next; nothing for one that is not looked at.
    next: Option<&'a Member>,
    /// Bits of the members that came.
    seen: u128,
}

impl<'a> Check<'a> {
    pub fn new(body: &'a Body, whole: &'a Expected) -> Self {
        Self {
            body,
            chunk: 0,
            whole,
            open: Vec::new(),
            passed: 0,
            hasher: RandomState::new(),
            known: HashMap::new(),
            departures: Departures::default(),
        }
    }

    pub fn end(self) -> Departures {
        self.departures
    }

    /// What the value that comes now should be, and whether it may be null; nothing when it is not looked at.
    fn wanted(&self) -> Option<(&'a Expected, bool)> {
        let Some(frame) = self.open.last() else {
            return Some((self.whole, false));
        };
        match frame.expected {
            Expected::Array(item) | Expected::Map(item) => Some((&**item, false)),
            _ => frame.next.map(|member| (&member.value, !member.required)),
        }
    }

    pub fn key(&mut self, start: u64, end: u64) {
        if self.passed > 0 {
            return;
        }
        let Some(expected) = self.open.last().map(|frame| frame.expected) else {
            return;
        };
        let (Expected::Object(members) | Expected::Open(members)) = expected else {
            return;
        };
        let raw = self.body.token(start, end.min(start + LONGEST), &mut self.chunk);
        let plain = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        let found = if memchr::memchr(b'\\', plain).is_some() {
            let name = decode_string(&raw);
            members.iter().position(|member| member.name == name)
        } else {
            members.iter().position(|member| member.name.as_bytes() == plain)
        };
        let closed = matches!(expected, Expected::Object(_));
        if let Some(frame) = self.open.last_mut() {
            frame.next = found.and_then(|place| members.get(place));
            if let Some(place) = found.filter(|place| *place < WIDEST) {
                frame.seen |= 1 << place;
            }
        }
        if found.is_none() && closed {
            self.note(expected, ("unknown", plain), start, || (decode_string(&raw), Difference::Unknown));
        }
    }

    pub fn scalar(&mut self, start: u64, end: u64, kind: Scalar) {
        if self.passed > 0 {
            return;
        }
        let Some((expected, nullable)) = self.wanted() else {
            return;
        };
        let fits = match (expected, kind) {
            (Expected::Anything, _) => true,
            (_, Scalar::Null) => nullable,
            (Expected::Text(words), Scalar::String) => {
                self.word(expected, words, start, end);
                true
            }
            (Expected::Number, Scalar::Number) | (Expected::Boolean, Scalar::True | Scalar::False) => true,
            (Expected::Integer, Scalar::Number) => {
                let raw = self.body.token(start, end.min(start + LONGEST), &mut self.chunk);
                if memchr::memchr3(b'.', b'e', b'E', &raw).is_some() {
                    self.other(expected, "a number with a fraction", start);
                }
                true
            }
            _ => false,
        };
        if !fits {
            let is = match kind {
                Scalar::String => "text",
                Scalar::Number => "a number",
                Scalar::True | Scalar::False => "true or false",
                Scalar::Null => "null",
            };
            self.other(expected, is, start);
        }
    }

    /// Looks whether a string is one of the words.
    fn word(&mut self, expected: &Expected, words: &[String], start: u64, end: u64) {
        if words.is_empty() {
            return;
        }
        let raw = self.body.token(start, end.min(start + LONGEST), &mut self.chunk);
        let plain = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        let known = words.iter().any(|word| word.as_bytes() == plain)
            || (memchr::memchr(b'\\', plain).is_some() && words.contains(&decode_string(&raw)));
        if !known {
            let word = || (String::new(), Difference::NewWord(fit(&decode_string(&raw), WIDE)));
            self.note(expected, ("word", plain), start, word);
        }
    }

    fn other(&mut self, expected: &Expected, is: &'static str, at: u64) {
        let difference = || (String::new(), Difference::OtherType(is, kind_of(expected)));
        self.note(expected, ("type", is.as_bytes()), at, difference);
    }

    pub fn open(&mut self, at: u64, array: bool) {
        if self.passed > 0 {
            self.passed += 1;
            return;
        }
        let Some((expected, _)) = self.wanted().filter(|_| self.open.len() < DEEPEST) else {
            self.passed = 1;
            return;
        };
        match (expected, array) {
            (Expected::Array(_), true) | (Expected::Map(_) | Expected::Object(_) | Expected::Open(_), false) => {
                self.open.push(Frame { expected, at, next: None, seen: 0 });
            }
            (Expected::Anything, _) => self.passed = 1,
            _ => {
                self.passed = 1;
                let is = if array { "an array" } else { "an object" };
                self.other(expected, is, at);
            }
        }
    }

    pub fn close(&mut self) {
        if self.passed > 0 {
            self.passed -= 1;
            return;
        }
        let Some(frame) = self.open.pop() else {
            return;
        };
        let (Expected::Object(members) | Expected::Open(members)) = frame.expected else {
            return;
        };
        for (place, member) in members.iter().enumerate().take(WIDEST) {
            if member.required && frame.seen & (1 << place) == 0 {
                let missing = || (member.name.clone(), Difference::Missing);
                self.note(frame.expected, ("missing", member.name.as_bytes()), frame.at, missing);
            }
        }
    }

    /// Counts a departure; its name and kind are asked for when it is the first of its kind.
    fn note(
        &mut self,
        expected: &Expected,
        alike: (&str, &[u8]),
        at: u64,
        first: impl FnOnce() -> (String, Difference),
    ) {
        // The same expected value is always at the same address.
        let hash = self.hasher.hash_one((std::ptr::from_ref(expected) as usize, alike));
        if let Some(&place) = self.known.get(&hash) {
            self.departures.list[place].count += 1;
        } else if self.departures.list.len() >= MOST {
            self.departures.beyond += 1;
        } else {
            let (name, difference) = first();
            let path = path_of(self.whole, expected, &fit(&name, WIDE));
            self.known.insert(hash, self.departures.list.len());
            self.departures.list.push(Departure { path, difference, count: 1, first: at });
        }
    }
}

/// The pattern of the places where an expected value stands, with a name in it.
fn path_of(whole: &Expected, wanted: &Expected, name: &str) -> String {
    let mut path = String::new();
    find(whole, wanted, &mut path);
    if !name.is_empty() {
        path.push('.');
        path.push_str(name);
    }
    if path.is_empty() { ".".to_owned() } else { path }
}

fn find(here: &Expected, wanted: &Expected, path: &mut String) -> bool {
    if std::ptr::eq(here, wanted) {
        return true;
    }
    let length = path.len();
    match here {
        Expected::Array(item) => {
            path.push_str("[]");
            if find(item, wanted, path) {
                return true;
            }
        }
        Expected::Map(item) => {
            path.push_str(".*");
            if find(item, wanted, path) {
                return true;
            }
        }
        Expected::Object(members) | Expected::Open(members) => {
            for member in members {
                path.push('.');
                path.push_str(&member.name);
                if find(&member.value, wanted, path) {
                    return true;
                }
                path.truncate(length);
            }
        }
        _ => {}
    }
    path.truncate(length);
    false
}

/// What an expected value is called.
const fn kind_of(expected: &Expected) -> &'static str {
    match expected {
        Expected::Anything => "anything",
        Expected::Text(_) => "text",
        Expected::Number => "a number",
        Expected::Integer => "an integer",
        Expected::Boolean => "true or false",
        Expected::Array(_) => "an array",
        Expected::Map(_) | Expected::Object(_) | Expected::Open(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::examine;
    use bytes::Bytes;

    fn member(name: &str, required: bool, value: Expected) -> Member {
        Member { name: name.to_owned(), required, value }
    }

    fn page() -> Expected {
        let words = vec!["A".to_owned(), "B".to_owned()];
        let record = Expected::Object(vec![
            member("id", true, Expected::Text(Vec::new())),
            member("state", false, Expected::Text(words)),
            member("n", true, Expected::Integer),
            member("rate", false, Expected::Number),
            member("on", false, Expected::Boolean),
            member("any", false, Expected::Anything),
            member("by", false, Expected::Map(Box::new(Expected::Integer))),
            member("more", false, Expected::Open(vec![member("id", true, Expected::Text(Vec::new()))])),
        ]);
        Expected::Object(vec![member("data", true, Expected::Array(Box::new(record)))])
    }

    fn told(text: &str) -> Vec<String> {
        let body: Body = {
            let mut body = Body::new();
            body.push(Bytes::copy_from_slice(text.as_bytes()));
            body
        };
        let departures = examine(&body, Some(&page()), &|| false).departures;
        departures
            .list
            .iter()
            .map(|one| format!("{} {:?} {} @{}", one.path, one.difference, one.count, one.first))
            .collect()
    }

    #[test]
    fn what_is_as_expected_is_not_told() {
        let sound = r#"{"data":[{"id":"1","n":2,"st\u0061te":"\u0041","rate":1e3,"on":true,"any":[{"x":{}}],"by":{"q":1},
            "more":{"id":"z","else":{"y":[null]}}},{"id":"","n":-1,"state":null,"more":null}]}"#;
        assert_eq!(told(sound), [""; 0]);
    }

    #[test]
    fn each_kind_of_departure_is_told_once_with_its_count_and_first_place() {
        let text = r#"{"data":[{"id":1,"n":2,"new":0},{"id":"a","n":2.5,"new":{"id":7},"state":"C"},{"state":"C","n":null}],"x":[]}"#;
        assert_eq!(
            told(text),
            [
                ".data[].id OtherType(\"a number\", \"text\") 1 @15",
                ".data[].new Unknown 2 @23",
                ".data[].n OtherType(\"a number with a fraction\", \"an integer\") 1 @46",
                ".data[].state NewWord(\"C\") 2 @73",
                ".data[].n OtherType(\"null\", \"an integer\") 1 @95",
                ".data[].id Missing 1 @78",
                ".x Unknown 1 @102",
            ]
        );
    }

    #[test]
    fn other_containers_are_told_and_not_entered() {
        assert_eq!(told("[]"), [". OtherType(\"an array\", \"an object\") 1 @0"]);
        assert_eq!(told("\"3\""), [". OtherType(\"text\", \"an object\") 1 @0"]);
        assert_eq!(told(r#"{"data":{"id":1}}"#), [".data OtherType(\"an object\", \"an array\") 1 @8"]);
        assert_eq!(
            told(r#"{"data":[null,{"id":"","n":1,"by":{"a":"x","b":[{}]},"more":{}}]}"#),
            [
                ".data[] OtherType(\"null\", \"an object\") 1 @9",
                ".data[].by.* OtherType(\"text\", \"an integer\") 1 @39",
                ".data[].by.* OtherType(\"an array\", \"an integer\") 1 @47",
                ".data[].more.id Missing 1 @60",
            ]
        );
    }

    #[test]
    fn the_list_is_bounded_and_what_is_beyond_is_counted() {
        let members: Vec<String> = (0..MOST + 50).map(|n| format!("\"k{n}\u{1b}\":0")).collect();
        let text = format!("{{\"data\":[],{}}}", members.join(","));
        let mut body = Body::new();
        body.push(Bytes::from(text));
        let found = examine(&body, Some(&page()), &|| false).departures;
        assert_eq!((found.list.len(), found.beyond), (0, 0), "a control character ends it: that is no JSON");
        let members: Vec<String> = (0..MOST + 50).map(|n| format!("\"k{n}\\u001b\":0")).collect();
        let mut body = Body::new();
        body.push(Bytes::from(format!("{{\"data\":[],{}}}", members.join(","))));
        let found = examine(&body, Some(&page()), &|| false).departures;
        assert_eq!((found.list.len(), found.beyond), (MOST, 50));
        assert!(!found.list[0].path.contains('\u{1b}'));
    }
}
