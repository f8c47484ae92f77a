//! One difference, and the way to it.

use std::ops::Range;

use super::ValueKind;
use crate::document::text::{decode_string, displayable, width};
use crate::document::{fit, path};

/// Columns of a key that are shown however long what follows it is.
const LEAST_OF_KEY: usize = 6;

/// A step on the way to a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Into a member of this name.
    Member(String),
    /// Into an item of an array, counted from 0.
    Item(u64),
    /// Into a record: the name and value of its key where it has one, as sent, and its number on both sides, from 0.
    Record {
        /// The key's name.
        key: Option<String>,
        /// The key's value as sent; nothing where the record has none.
        value: Option<String>,
        /// Its number on the left.
        left: Option<u64>,
        /// Its number on the right.
        right: Option<u64>,
    },
}

/// A value on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Its bytes in that body.
    pub range: Range<u64>,
    /// What it is.
    pub kind: ValueKind,
}

/// In which way something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is on the right only.
    Added,
    /// It is on the left only.
    Removed,
    /// It has another value.
    Changed,
    /// It has a value of another type.
    TypeChanged,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The way to it.
    pub path: Vec<Place>,
    /// In which way.
    pub outcome: Outcome,
    /// What stands on the left.
    pub left: Option<Side>,
    /// What stands on the right.
    pub right: Option<Side>,
}

impl Difference {
    /// The way to it as text: `.data[email=a@b.example].jobTitle`; `.` for all of the body.
    #[must_use]
    pub fn path_text(&self) -> String {
        let mut text = written(&self.path);
        if !text.starts_with('.') {
            text.insert(0, '.');
        }
        text
    }

    /// The same in so many columns, made safe to draw: where it is too long, from the record on, whose key is cut before
    /// what follows it is.
    #[must_use]
    pub fn path_within(&self, columns: usize) -> String {
        let whole = displayable(&self.path_text()).into_owned();
        if width(&whole) <= columns {
            return whole;
        }
        let found = self.path.iter().enumerate().find_map(|(at, place)| match place {
            Place::Record { value: Some(value), .. } => Some((at, value)),
            _ => None,
        });
        let Some((at, value)) = found else {
            return fit(&whole, columns);
        };
        let rest = displayable(&written(&self.path[at + 1..])).into_owned();
        let room = columns.saturating_sub(width(&rest) + 2);
        let value = if value.starts_with('"') { decode_string(value.as_bytes()) } else { value.clone() };
        fit(&format!("[{}]{rest}", fit(&value, room.max(LEAST_OF_KEY))), columns)
    }
}

fn written(path: &[Place]) -> String {
    let mut text = String::new();
    for place in path {
        match place {
            Place::Member(name) => path::push_member(&mut text, name),
            Place::Item(number) => text.push_str(&format!("[{number}]")),
            Place::Record { key: Some(key), value: Some(value), .. } => {
                let plain = if value.starts_with('"') { decode_string(value.as_bytes()) } else { value.clone() };
                let short = !plain.is_empty() && plain.chars().all(|c| c.is_alphanumeric() || "@.-_+:".contains(c));
                text.push_str(&format!("[{key}={}]", if short { &plain } else { value }));
            }
            Place::Record { key, left, right, .. } => {
                let side = |side: &Option<u64>| side.map_or_else(|| "-".to_owned(), |number| number.to_string());
                let number = if left == right { side(left) } else { format!("{}|{}", side(left), side(right)) };
                text.push_str(
                    &key.as_ref().map_or_else(|| format!("[{number}]"), |key| format!("[no {key}, {number}]")),
                );
            }
        }
    }
    text
}
