//! One record of a list: its values, and the ways to them. What a record holds is read anew whenever it is asked for.

use std::borrow::Cow;
use std::ops::Range;

use super::text::decode_string;

/// Objects within objects that are flattened into names with dots; deeper ones count as one value.
const DEEPEST: usize = 8;

/// What a value is, as it stands in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellKind {
    /// A string, with its quotes.
    String,
    /// A number as sent.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
    /// An array, with how many items it has.
    Array(u64),
    /// An object that has no members, or lies too deep to be flattened.
    Object,
}

/// A value of a record, by the way that leads to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The names of the members that lead to it, joined by dots; empty for a record that is no object.
    pub path: String,
    /// What it is.
    pub kind: CellKind,
    /// Where it stands in the bytes of the record.
    pub range: Range<usize>,
}

/// The values of a record, its objects flattened, in the order in which they stand. A record that was cut, or is no JSON, has
/// those before that place.
#[must_use]
pub fn cells(record: &[u8]) -> Vec<Cell> {
    let mut found = Vec::new();
    each_cell(record, &mut |path, kind, range| found.push(Cell { path: path.to_owned(), kind, range }));
    found
}

/// Tells the same one by one, for those who read many records: the path, what it is, and where it stands.
pub(super) fn each_cell(record: &[u8], told: &mut impl FnMut(&str, CellKind, Range<usize>)) {
    let start = skip_space(record, 0);
    if record.get(start) == Some(&b'{') {
        flatten(record, start, &mut String::new(), 0, told);
    } else if let Some((end, kind)) = value_at(record, start) {
        told("", kind, start..end);
    }
}

fn flatten(
    record: &[u8],
    open: usize,
    path: &mut String,
    depth: usize,
    told: &mut impl FnMut(&str, CellKind, Range<usize>),
) {
    let before = path.len();
    for member in Members::new(record, open) {
        if before > 0 {
            path.push('.');
        }
        path.push_str(&member.name(record));
        let object = member.kind == CellKind::Object;
        let has_members = object && record.get(skip_space(record, member.value.start + 1)) != Some(&b'}');
        if has_members && depth < DEEPEST {
            flatten(record, member.value.start, path, depth + 1, told);
        } else {
            told(path, member.kind, member.value);
        }
        path.truncate(before);
    }
}

/// The value of a record that a path with dots leads to; the first of that name where there are several.
#[must_use]
pub fn cell_at(record: &[u8], path: &str) -> Option<(CellKind, Range<usize>)> {
    let start = skip_space(record, 0);
    if path.is_empty() {
        return (record.get(start) != Some(&b'{'))
            .then(|| value_at(record, start).map(|(end, kind)| (kind, start..end)))
            .flatten();
    }
    let (mut open, mut rest) = (start, path);
    'level: loop {
        if record.get(open) != Some(&b'{') {
            return None;
        }
        for member in Members::new(record, open) {
            let name = member.name(record);
            let Some(after) = rest.strip_prefix(&*name) else {
                continue;
            };
            if after.is_empty() {
                return Some((member.kind, member.value));
            }
            if let Some(deeper) = after.strip_prefix('.')
                && member.kind == CellKind::Object
            {
                (open, rest) = (member.value.start, deeper);
                continue 'level;
            }
        }
        return None;
    }
}

/// A member of an object in a record.
pub(super) struct Member {
    pub key: Range<usize>,
    pub value: Range<usize>,
    pub kind: CellKind,
}

impl Member {
    pub fn name<'a>(&self, record: &'a [u8]) -> Cow<'a, str> {
        text_of(&record[self.key.clone()])
    }
}

/// The text of a string with its quotes; copied only where something in it is escaped.
pub(super) fn text_of(raw: &[u8]) -> Cow<'_, str> {
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    match str::from_utf8(inner) {
        Ok(text) if memchr::memchr(b'\\', inner).is_none() => Cow::Borrowed(text),
        _ => Cow::Owned(decode_string(raw)),
    }
}

/// The members of an object whose bracket stands at a place; ends early where it is cut or is no JSON.
pub(super) struct Members<'a> {
    record: &'a [u8],
    at: usize,
}

impl<'a> Members<'a> {
    pub fn new(record: &'a [u8], open: usize) -> Self {
        Self { record, at: open + 1 }
    }
}

impl Iterator for Members<'_> {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        let record = self.record;
        let mut at = skip_space(record, self.at);
        if record.get(at) == Some(&b',') {
            at = skip_space(record, at + 1);
        }
        let key_end = string_end(record, at)?;
        let colon = skip_space(record, key_end);
        if record.get(colon) != Some(&b':') {
            return None;
        }
        let start = skip_space(record, colon + 1);
        let (end, kind) = value_at(record, start)?;
        self.at = end;
        Some(Member { key: at..key_end, value: start..end, kind })
    }
}

#[inline]
pub(super) fn skip_space(record: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = record.get(at) {
        at += 1;
    }
    at
}

/// The end of the string that begins at a place, behind its quote.
#[inline]
fn string_end(record: &[u8], start: usize) -> Option<usize> {
    if record.get(start) != Some(&b'"') {
        return None;
    }
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', record.get(at..)?)?;
        if record[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The end of the value that begins at a place, and what it is.
pub(super) fn value_at(record: &[u8], start: usize) -> Option<(usize, CellKind)> {
    let first = *record.get(start)?;
    Some(match first {
        b'"' => (string_end(record, start)?, CellKind::String),
        b'{' => (container_end(record, start)?.0, CellKind::Object),
        b'[' => {
            let (end, items) = container_end(record, start)?;
            (end, CellKind::Array(items))
        }
        _ => {
            let rest = &record[start..];
            let length = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'));
            let end = start + length.unwrap_or(rest.len());
            let kind = match first {
                b't' | b'f' => CellKind::Bool,
                b'n' => CellKind::Null,
                b'-' | b'0'..=b'9' => CellKind::Number,
                _ => return None,
            };
            (end, kind)
        }
    })
}

/// Where the items of an array begin whose bracket stands at a place; ends early where it is cut or is no JSON.
pub(super) fn items(record: &[u8], open: usize) -> impl Iterator<Item = usize> {
    let mut at = open + 1;
    std::iter::from_fn(move || {
        let mut start = skip_space(record, at);
        if record.get(start) == Some(&b',') {
            start = skip_space(record, start + 1);
        }
        let (end, _) = value_at(record, start)?;
        at = end;
        Some(start)
    })
}

/// The end of a container, and how many children it has.
fn container_end(record: &[u8], start: usize) -> Option<(usize, u64)> {
    let mut at = start + 1;
    let (mut depth, mut commas) = (1_usize, 0);
    let empty = matches!(record.get(skip_space(record, at)), Some(b']' | b'}'));
    loop {
        match *record.get(at)? {
            b'"' => {
                at = string_end(record, at)?;
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some((at + 1, if empty { 0 } else { commas + 1 }));
                }
            }
            b',' if depth == 1 => commas += 1,
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests;
