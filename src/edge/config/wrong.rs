//! What is wrong in a configuration file, and where; never with a value of the file, which may be a secret in a wrong place.

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::pleo::catalogue::nearest;

/// A value of a file that is not looked at yet, and where it stands.
pub type Value<'a> = Spanned<DeValue<'a>>;

/// Something wrong, at an offset in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where it stands.
    pub at: usize,
    /// What is wrong, a sentence without any value of the file.
    pub reason: String,
}

impl Wrong {
    /// What is wrong at this place.
    pub fn new(at: usize, reason: impl Into<String>) -> Self {
        Self { at, reason: reason.into() }
    }

    /// What the reader of TOML says; `near` is where it is if that does not say.
    pub fn of(error: &toml::de::Error, near: usize) -> Self {
        Self::new(error.span().map_or(near, |span| span.start), without_values(error.message()))
    }

    /// Line and column, both from 1, the column in characters.
    #[must_use]
    pub fn place(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.at.min(text.len())).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

/// Reads a value as a section wants it. Everything that is wrong with it is told, in tables within tables too; what is
/// right is used, and looked at further by whoever asked.
pub fn take<'a, T: Deserialize<'a>>(value: Value<'a>, found: &mut Vec<Wrong>) -> Option<T> {
    let at = value.span().start;
    let first = match T::deserialize(ValueDeserializer::from(value.clone())) {
        Ok(read) => return Some(read),
        Err(error) => Wrong::of(&error, at),
    };
    let before = found.len();
    let right = sift::<T>(value, at, &|value| value, found);
    if found.len() == before {
        found.push(first);
        return None;
    }
    T::deserialize(ValueDeserializer::from(right?)).ok()
}

/// What is right of a value, each part of it looked at alone; `around` puts a part where it stands.
fn sift<'a, T: Deserialize<'a>>(
    value: Value<'a>,
    near: usize,
    around: &dyn Fn(Value<'a>) -> Value<'a>,
    found: &mut Vec<Wrong>,
) -> Option<Value<'a>> {
    let alone = |value: Value<'a>| T::deserialize(ValueDeserializer::from(around(value))).err();
    // That the others are missing is nothing wrong with this one.
    let Some(error) = alone(value.clone()).filter(|error| !error.message().starts_with("missing field")) else {
        return Some(value);
    };
    let span = value.span();
    let before = found.len();
    match value.into_inner() {
        DeValue::Table(table) => {
            let mut right = DeTable::new();
            for (key, value) in table {
                let near = key.span().start;
                let within = |value: Value<'a>| {
                    let table: DeTable<'a> = [(key.clone(), value)].into_iter().collect();
                    around(Spanned::new(span.clone(), DeValue::Table(table)))
                };
                if let Some(value) = sift::<T>(value, near, &within, found) {
                    right.insert(key, value);
                }
            }
            if found.len() > before {
                return (!right.is_empty()).then(|| Spanned::new(span, DeValue::Table(right)));
            }
        }
        // A list is used as it is or not at all.
        DeValue::Array(values) => {
            for value in values {
                let near = value.span().start;
                let one = Spanned::new(span.clone(), DeValue::Array([value].into_iter().collect()));
                if let Some(error) = alone(one) {
                    tell(Wrong::of(&error, near), found);
                }
            }
        }
        _ => {}
    }
    if found.len() == before {
        tell(Wrong::of(&error, near), found);
    }
    None
}

/// Tells it once: all of a table that does not belong there is wrong for one reason.
fn tell(wrong: Wrong, found: &mut Vec<Wrong>) {
    if found.last() != Some(&wrong) {
        found.push(wrong);
    }
}

/// What to say of a key that does not exist. What is like none of them may be anything, also a secret in the wrong place,
/// and is not repeated.
pub fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(meant) => format!("there is no {what} `{name}`; did you mean `{meant}`?"),
        None => format!("there is no such {what}; those that there are: {}", known.join(", ")),
    }
}

/// What a value may be, and which of those was probably meant.
pub fn not_of(said: &str, value: &str, known: &[&str]) -> String {
    match nearest(value, known.iter().copied()) {
        Some(meant) => format!("{said}; did you mean `{meant}`?"),
        None => said.to_owned(),
    }
}

/// The reason without anything that may be a value of the file; an unknown key gets the nearest.
fn without_values(message: &str) -> String {
    let reason = message.lines().next().unwrap_or_default();
    let mut names = reason.split('`').skip(1).step_by(2);
    if let (true, Some(name)) = (reason.starts_with("unknown field"), names.next()) {
        return unknown("key", name, &names.collect::<Vec<_>>());
    }
    // `invalid type: string "…", expected a sequence`: the value itself may hold quotation marks and commas.
    if let (Some((what, _)), Some((_, wanted))) = (reason.split_once(": "), reason.rsplit_once(", expected ")) {
        return format!("{what}, expected {}", plain(wanted));
    }
    let (first, last) = (reason.find('"'), reason.rfind('"'));
    match first.zip(last) {
        Some((first, last)) => format!("{}\"…{}", &reason[..first], &reason[last..]),
        None => reason.to_owned(),
    }
}

/// What was expected, in the words of the file rather than those of the program.
fn plain(wanted: &str) -> &str {
    match wanted {
        "a string" => "a text in quotation marks",
        "a boolean" => "true or false",
        "a sequence" => "a list, as [\"…\", \"…\"]",
        "a map" => "a table",
        _ if wanted.starts_with("struct ") => "a table",
        _ if wanted.starts_with('u') && wanted[1..].parse::<u8>().is_ok() => "a whole number, 0 or more",
        _ => wanted,
    }
}
