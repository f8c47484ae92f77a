//! The order of a table's rows: those that a sieve lets through, sorted by one column or several.
//!
//! Each row gets a key of bytes that sorts as its values do, so that sorting compares bytes and reads each record once.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use super::record::{CellKind, cell_at, text_of};
use super::sieve::{Sieve, instant};
use super::{Body, Records, narrow};

/// Bytes of a text that are compared; what is equal up to there keeps its order.
const COMPARED: usize = 256;

/// Records after which one looks whether the work is still wanted: soon, or two of them are at work beside the screen.
const TURN: u64 = 512;

/// Records after which it is told how many have been read.
const TOLD: u64 = 4096;

/// Records from which on keys take so much that it matters where they stand.
const MANY: u64 = 100_000;

/// Bytes for them to begin with: rooms beyond 32 MiB go back to the system when they are given up, and grow in their place,
/// while allocators keep smaller ones for later.
const ROOM: usize = 33 << 20;

/// A column to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The column's path.
    pub path: String,
    /// Largest first. What has no value stands last all the same.
    pub descending: bool,
}

/// The numbers of the records that the sieve lets through, in the order of the keys: numbers before dates, before texts, without
/// regard to capitals and to no language's order, before anything else; nulls and missing values last; equal ones as they
/// stand. `None` when it was cancelled. `told` hears how many records have been read.
#[must_use]
pub fn arrange(
    body: &Body,
    records: &Records,
    sieve: &Sieve,
    keys: &[SortKey],
    cancelled: &dyn Fn() -> bool,
    told: &mut dyn FnMut(u64),
) -> Option<Vec<u32>> {
    let mut sieve = sieve.clone();
    // What is not written to takes no memory.
    let room = if keys.is_empty() || records.len() < MANY { 0 } else { ROOM };
    let (mut entries, mut key) = (Vec::with_capacity(room / size_of::<Entry>()), Vec::new());
    let mut arena = Vec::with_capacity(room);
    let mut order = Vec::new();
    let mut wanted = true;
    records.each(body, 0, &mut |number, record| {
        if number % TOLD == 0 {
            told(number);
        }
        if number % TURN == 0 {
            wanted = !cancelled();
        }
        let index = u32::try_from(number).ok().filter(|_| wanted);
        let Some(index) = index else {
            wanted = false;
            return ControlFlow::Break(());
        };
        if !sieve.lets_through(record) {
            return ControlFlow::Continue(());
        }
        if keys.is_empty() {
            order.push(index);
        } else {
            entries.push(Entry::of(record, keys, index, &mut key, &mut arena));
        }
        ControlFlow::Continue(())
    });
    if !wanted {
        return None;
    }
    if keys.is_empty() {
        return Some(order);
    }
    entries.sort_unstable_by(|a, b| a.compare(b, &arena));
    // Collected from the entries themselves the order would keep their room, which is six times as much.
    order.extend(entries.iter().map(|entry| entry.index));
    Some(order)
}

/// A row and its key: the first bytes of it, which mostly decide, and where the rest of it stands.
struct Entry {
    prefix: u64,
    start: usize,
    length: u32,
    index: u32,
}

impl Entry {
    /// Writes the rest of a record's key behind those of others; `whole` is room for all of it. No key begins another, so
    /// that what fills a short prefix decides nothing.
    fn of(record: &[u8], keys: &[SortKey], index: u32, whole: &mut Vec<u8>, arena: &mut Vec<u8>) -> Self {
        whole.clear();
        for key in keys {
            let from = whole.len();
            let nothing = encode(record, &key.path, whole);
            if key.descending && !nothing {
                whole[from..].iter_mut().for_each(|byte| *byte = !*byte);
            }
        }
        let (first, rest) = whole.split_at(whole.len().min(8));
        let mut prefix = [0; 8];
        prefix[..first.len()].copy_from_slice(first);
        let start = arena.len();
        arena.extend_from_slice(rest);
        // A key takes some hundred bytes for each column.
        let length = u32::try_from(rest.len()).unwrap_or(u32::MAX);
        Self { prefix: u64::from_be_bytes(prefix), start, length, index }
    }

    fn rest<'a>(&self, arena: &'a [u8]) -> &'a [u8] {
        &arena[self.start..self.start + narrow(self.length.into())]
    }

    fn compare(&self, other: &Self, arena: &[u8]) -> Ordering {
        self.prefix
            .cmp(&other.prefix)
            .then_with(|| self.rest(arena).cmp(other.rest(arena)))
            .then(self.index.cmp(&other.index))
    }
}

/// Ranks of what can be compared; what is nothing stands behind all of them, whichever way one sorts.
const NUMBER: u8 = 0x10;
const INSTANT: u8 = 0x20;
const TEXT: u8 = 0x30;
const BOOL: u8 = 0x40;
const OTHER: u8 = 0x50;
const NOTHING: u8 = 0xFF;

/// Writes the key of a record's value; answers whether there is none.
fn encode(record: &[u8], path: &str, out: &mut Vec<u8>) -> bool {
    match cell_at(record, path) {
        None | Some((CellKind::Null, _)) => {
            out.push(NOTHING);
            return true;
        }
        Some((CellKind::Number, range)) => {
            out.push(NUMBER);
            out.extend(number_key(&record[range]));
        }
        Some((CellKind::String, range)) => {
            let text = text_of(&record[range]);
            match instant(&text) {
                Some(time) => {
                    out.push(INSTANT);
                    // The sign is turned over so that earlier sorts first.
                    out.extend((time.as_nanosecond() ^ i128::MIN).to_be_bytes());
                }
                None => text_key(&text, out),
            }
        }
        Some((CellKind::Bool, range)) => out.extend([BOOL, u8::from(record[range].starts_with(b"t"))]),
        Some((CellKind::Array(items), _)) => {
            out.push(OTHER);
            out.extend(items.to_be_bytes());
        }
        Some((CellKind::Object, _)) => out.extend([OTHER, u8::MAX]),
    }
    false
}

/// The value as a float whose bytes sort as it does; among equal floats, whole numbers by their digits.
fn number_key(raw: &[u8]) -> [u8; 24] {
    let text = str::from_utf8(raw).unwrap_or_default();
    let value: f64 = text.parse().unwrap_or(f64::NAN);
    // Minus zero is zero.
    let bits = (value + 0.0).to_bits();
    let sortable = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
    let exact = text.parse::<i128>().unwrap_or(0) ^ i128::MIN;
    let mut key = [0; 24];
    key[..8].copy_from_slice(&sortable.to_be_bytes());
    key[8..].copy_from_slice(&exact.to_be_bytes());
    key
}

fn text_key(text: &str, out: &mut Vec<u8>) {
    out.push(TEXT);
    let from = out.len();
    let mut letter = [0; 4];
    for c in text.chars().flat_map(char::to_lowercase) {
        if out.len() - from >= COMPARED {
            break;
        }
        // The end of a text sorts before anything that goes on.
        if c == '\0' {
            out.extend([0, 1]);
        } else {
            out.extend(c.encode_utf8(&mut letter).as_bytes());
        }
    }
    out.extend([0, 0]);
}

/// The number of the row of an order that shows a record.
#[must_use]
pub fn row_of(order: &[u32], record: u64) -> Option<u64> {
    let record = u32::try_from(record).ok()?;
    order.iter().position(|own| *own == record).map(|row| row as u64)
}

/// The record that a row of an order shows.
#[must_use]
pub fn record_of(order: &[u32], row: u64) -> Option<u64> {
    order.get(narrow(row)).map(|own| u64::from(*own))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::document::Document;

    fn arranged(records: &[&str], filter: &str, keys: &[(&str, bool)]) -> Vec<u32> {
        let text = format!("{{\"data\":[{}]}}", records.join(","));
        let document = Document::from_bytes(Bytes::from(text));
        let list = document.list().expect("a list");
        let found = Records::all(&document, &list, &|| false);
        let keys: Vec<SortKey> = keys
            .iter()
            .map(|(path, descending)| SortKey { path: (*path).to_owned(), descending: *descending })
            .collect();
        let columns = ["a".to_owned(), "b".to_owned()];
        let sieve = Sieve::read(filter, &columns);
        arrange(document.body(), &found, &sieve, &keys, &|| false, &mut |_| {}).expect("not cancelled")
    }

    #[test]
    fn rows_are_sorted_by_what_they_mean() {
        let numbers =
            [r#"{"a":10}"#, r#"{"a":9}"#, r#"{"a":null}"#, r#"{"a":-1.5}"#, "{}", r#"{"a":1e3}"#, r#"{"a":-2}"#];
        assert_eq!(arranged(&numbers, "", &[("a", false)]), [6, 3, 1, 0, 5, 2, 4]);
        assert_eq!(arranged(&numbers, "", &[("a", true)]), [5, 0, 1, 3, 6, 2, 4], "nothing stands last either way");
        let large = [r#"{"a":9007199254740993}"#, r#"{"a":9007199254740992}"#];
        assert_eq!(arranged(&large, "", &[("a", false)]), [1, 0]);
        let texts = [r#"{"a":"b"}"#, r#"{"a":"A"}"#, r#"{"a":"a b"}"#, r#"{"a":"ä"}"#, r#"{"a":"Ä"}"#, r#"{"a":""}"#];
        assert_eq!(arranged(&texts, "", &[("a", false)]), [5, 1, 2, 0, 3, 4]);
        let dates = [
            r#"{"a":"2026-01-01T00:00:00.5Z"}"#,
            r#"{"a":"2026-01-01T00:00:00Z"}"#,
            r#"{"a":"2026-01-01T00:30:00+01:00"}"#,
            r#"{"a":"2025-12-31"}"#,
        ];
        assert_eq!(arranged(&dates, "", &[("a", false)]), [3, 2, 1, 0]);
        let mixed = [r#"{"a":"x"}"#, r#"{"a":true}"#, r#"{"a":false}"#, r#"{"a":[1]}"#, r#"{"a":7}"#];
        assert_eq!(arranged(&mixed, "", &[("a", false)]), [4, 0, 2, 1, 3]);
    }

    #[test]
    fn several_columns_and_a_sieve_work_together() {
        let rows = [r#"{"a":"x","b":1}"#, r#"{"a":"y","b":2}"#, r#"{"a":"x","b":3}"#, r#"{"a":"x","b":2}"#];
        assert_eq!(arranged(&rows, "", &[("a", false), ("b", true)]), [2, 3, 0, 1]);
        assert_eq!(arranged(&rows, "a:x", &[("b", true)]), [2, 3, 0]);
        assert_eq!(arranged(&rows, "", &[]), [0, 1, 2, 3]);
        let order = arranged(&rows, "", &[("b", false)]);
        assert_eq!((record_of(&order, 3), row_of(&order, 2)), (Some(2), Some(3)));
    }

    proptest! {
        #[test]
        fn numbers_and_texts_sort_as_they_compare(mut numbers in proptest::collection::vec(any::<i32>(), 1..40), texts in proptest::collection::vec("[a-zA-Z \u{0}éß]{0,4}", 1..40)) {
            let rows: Vec<String> = numbers.iter().map(|number| format!("{{\"a\":{number}}}")).collect();
            let order = arranged(&rows.iter().map(String::as_str).collect::<Vec<_>>(), "", &[("a", false)]);
            let sorted: Vec<i32> = order.iter().map(|at| numbers[*at as usize]).collect();
            numbers.sort_unstable();
            prop_assert_eq!(sorted, numbers);
            let rows: Vec<String> = texts.iter().map(|text| serde_json::json!({"a": text}).to_string()).collect();
            let order = arranged(&rows.iter().map(String::as_str).collect::<Vec<_>>(), "", &[("a", false)]);
            let folded: Vec<String> = order.iter().map(|at| texts[*at as usize].to_lowercase()).collect();
            prop_assert!(folded.is_sorted());
        }
    }
}
