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

/// Reads a value as a section wants it. What is wrong with it is told, key by key where it is a table; then it is `None`.
pub fn take<'a, T: Deserialize<'a>>(value: Value<'a>, found: &mut Vec<Wrong>) -> Option<T> {
    let at = value.span().start;
    let copy = value.clone();
    match T::deserialize(ValueDeserializer::from(value)) {
        Ok(read) => Some(read),
        Err(error) => {
            let first = Wrong::of(&error, at);
            let others = key_by_key::<T>(copy);
            found.extend(if others.is_empty() { vec![first] } else { others });
            None
        }
    }
}

/// What is wrong with each key of a table when it stands alone.
fn key_by_key<'a, T: Deserialize<'a>>(value: Value<'a>) -> Vec<Wrong> {
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        return Vec::new();
    };
    let alone = |(key, value): (Spanned<_>, Value<'a>)| {
        let near = key.span().start;
        let table: DeTable<'a> = [(key, value)].into_iter().collect();
        let value = Spanned::new(span.clone(), DeValue::Table(table));
        // That the others are missing is nothing wrong with this one.
        let error = T::deserialize(ValueDeserializer::from(value)).err()?;
        (!error.message().starts_with("missing field")).then(|| Wrong::of(&error, near))
    };
    table.into_iter().filter_map(alone).collect()
}

/// What to say of a key that does not exist. What is like none of them may be anything, also a secret in the wrong place,
/// and is not repeated.
pub fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(meant) => format!("there is no {what} `{name}`; did you mean `{meant}`?"),
        None => format!("there is no such {what}; those that there are: {}", known.join(", ")),
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
        return format!("{what}, expected {wanted}");
    }
    let (first, last) = (reason.find('"'), reason.rfind('"'));
    match first.zip(last) {
        Some((first, last)) => format!("{}\"…{}", &reason[..first], &reason[last..]),
        None => reason.to_owned(),
    }
}
