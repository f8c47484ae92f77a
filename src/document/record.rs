//! Lists: where the records of an answer stand, and what one record holds.
//!
//! A list is an array of objects under a member such as `data`, an array on its own, or documents on lines. Its records are
//! found by one pass that keeps a byte offset for each; what a record holds is read anew whenever it is asked for.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::grammar::{Expect, Inside, Listener, Machine, Outcome, Scalar};
use super::text::decode_string;
use super::{Body, Document, Kind, RowKind, narrow, wide};

/// Outermost members that are looked at for a list.
const MEMBERS: usize = 16;

/// Objects within objects that are flattened into names with dots; deeper ones count as one value.
const DEEPEST: usize = 8;

/// The most bytes of one record that are read to show it.
pub const LONGEST_RECORD: u64 = 256 * 1024;

/// Where the records of an answer stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// The member that holds them; `None` where the array, or the lines, are the whole body.
    pub member: Option<String>,
    /// Byte offset behind the opening bracket; the beginning of the body for lines.
    start: u64,
    inside: Inside,
}

impl List {
    /// Byte offset behind the opening bracket; the beginning of the body for lines.
    #[must_use]
    pub const fn start(&self) -> u64 {
        self.start
    }

    /// Whether the records stand in an array, rather than on lines.
    #[must_use]
    pub fn is_array(&self) -> bool {
        self.inside == Inside::Array
    }
}

impl Document {
    /// The list that this document is, if it is one: `data`, or the only outermost array of objects (the legacy API has such),
    /// beside nothing but objects and numbers that tell of it. The answer may come before all of the body has.
    #[must_use]
    pub fn list(&self) -> Option<List> {
        match self.kind() {
            Kind::JsonLines => {
                let first = self.row(0)?;
                let object = matches!(self.body().byte(first.offset), Some(b'{'));
                object.then_some(List { member: None, start: 0, inside: Inside::Top })
            }
            Kind::Json => {
                let top = self.row(0)?;
                match top.kind {
                    RowKind::Open { array: true } => self.array_of_objects(0, None),
                    RowKind::Open { array: false } => self.member_of_objects(),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn member_of_objects(&self) -> Option<List> {
        let mut row = 1;
        let mut found = None;
        for _ in 0..MEMBERS {
            let own = self.row(row)?;
            let key = own.key.clone().map(|range| decode_string(&self.body().read(range)));
            match own.kind {
                RowKind::Open { array: true } | RowKind::Empty { array: true } => {
                    let list = self.array_of_objects(row, key.clone());
                    if key.as_deref() == Some("data") {
                        return list;
                    }
                    // Two arrays of objects: neither is the list.
                    if list.is_some() && found.is_some() {
                        return None;
                    }
                    found = found.or(list);
                }
                RowKind::Open { array: false } if key.as_deref() == Some("data") => return None,
                // A record of its own has members of its own; what stands beside a list are objects and counts.
                RowKind::String => return None,
                _ => {}
            }
            match self.next_sibling(row) {
                Some(next) => row = next,
                None => return found,
            }
        }
        found
    }

    fn array_of_objects(&self, row: u64, member: Option<String>) -> Option<List> {
        let own = self.row(row)?;
        let start = own.offset + 1;
        let list = List { member, start, inside: Inside::Array };
        match own.kind {
            RowKind::Empty { array: true } => Some(list),
            _ => {
                let first = self.row(row + 1)?;
                (self.body().byte(first.offset) == Some(b'{') && first.key.is_none()).then_some(list)
            }
        }
    }
}

/// The records of a list, found so far: a byte offset for each. Cloning shares the offsets.
#[derive(Clone, Debug)]
pub struct Records {
    machine: Machine,
    around: Inside,
    /// Whether each container that is open within the record at hand is an array.
    open: Vec<bool>,
    starts: Arc<Vec<u64>>,
    /// Byte offset behind the last record that is whole.
    end: u64,
    over: bool,
}

impl Records {
    /// None yet.
    #[must_use]
    pub fn new(list: &List) -> Self {
        let machine = match list.inside {
            Inside::Top => Machine::new(),
            inside => Machine::at_row(list.start, inside, Expect::Value),
        };
        Self { machine, around: list.inside, open: Vec::new(), starts: Arc::default(), end: 0, over: false }
    }

    /// All records of a whole document.
    #[must_use]
    pub fn all(document: &Document, list: &List, cancelled: &dyn Fn() -> bool) -> Self {
        let mut records = Self::new(list);
        records.read_on(document.body(), u64::MAX, cancelled);
        records
    }

    /// Reads on for at most so many bytes; answers whether more are there to be read.
    pub fn read_on(&mut self, body: &Body, most: u64, cancelled: &dyn Fn() -> bool) -> bool {
        let until = self.machine.offset.saturating_add(most);
        let starts = Arc::make_mut(&mut self.starts);
        let mut finder = Finder { open: &mut self.open, starts, end: &mut self.end, around: self.around };
        while !self.over && self.machine.offset < until {
            let part = body.piece(self.machine.offset);
            let room = narrow(until - self.machine.offset);
            let part = &part[..part.len().min(room)];
            if part.is_empty() || cancelled() {
                return false;
            }
            // What is not JSON any more has no more records.
            self.over = self.machine.run(part, &mut finder) != Outcome::Ate;
        }
        !self.over && self.machine.offset < body.len()
    }

    /// How many bytes of the body have been read.
    #[must_use]
    pub fn read_so_far(&self) -> u64 {
        self.machine.offset
    }

    /// How many records are whole.
    #[must_use]
    pub fn len(&self) -> u64 {
        let open = self.starts.last().is_some_and(|start| *start >= self.end);
        wide(self.starts.len()) - u64::from(open)
    }

    /// Whether there is none yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of a record, from its opening bracket on; what separates it from the next may stand behind it.
    #[must_use]
    pub fn range(&self, number: u64) -> Option<Range<u64>> {
        let number = narrow(number);
        let start = *self.starts.get(number)?;
        let next = self.starts.get(number + 1).copied();
        Some(start..next.unwrap_or(self.end).min(self.end).max(start))
    }

    /// The number of the record that holds the byte at `offset`, or of the last one before it.
    #[must_use]
    pub fn at(&self, offset: u64) -> Option<u64> {
        self.starts.partition_point(|start| *start <= offset).checked_sub(1).map(wide)
    }

    /// The text of a record as sent, as far as [`LONGEST_RECORD`].
    #[must_use]
    pub fn text<'a>(&self, body: &'a Body, number: u64) -> Cow<'a, [u8]> {
        let range = self.range(number).unwrap_or(0..0);
        body.read(range.start..range.end.min(range.start + LONGEST_RECORD))
    }

    /// The bytes of a record without what stands behind it.
    #[must_use]
    pub fn exact(&self, body: &Body, number: u64) -> Option<Range<u64>> {
        let range = self.range(number)?;
        // Whatever separates two records is short, unless somebody pads with white space.
        let mut end = range.end;
        while end > range.start + 1 && matches!(body.byte(end - 1), Some(b',' | b' ' | b'\n' | b'\r' | b'\t')) {
            end -= 1;
        }
        Some(range.start..end)
    }
}

/// Two are equal when they were read as far.
impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        self.read_so_far() == other.read_so_far() && self.end == other.end && self.starts == other.starts
    }
}

struct Finder<'a> {
    open: &'a mut Vec<bool>,
    starts: &'a mut Vec<u64>,
    end: &'a mut u64,
    around: Inside,
}

impl Listener for Finder<'_> {
    fn row(&mut self, at: u64, expect: Expect) -> ControlFlow<()> {
        if self.open.is_empty() {
            if expect != Expect::Value {
                // The list ends here.
                return ControlFlow::Break(());
            }
            self.starts.push(at);
        }
        ControlFlow::Continue(())
    }

    fn key(&mut self, _: u64, _: u64) {}

    fn scalar(&mut self, _: u64, end: u64, _: Scalar) {
        if self.open.is_empty() {
            *self.end = end;
        }
    }

    fn open(&mut self, _: u64, array: bool) -> ControlFlow<()> {
        self.open.push(array);
        ControlFlow::Continue(())
    }

    fn close(&mut self, at: u64, _: bool) -> Inside {
        self.open.pop();
        match self.open.last() {
            Some(true) => Inside::Array,
            Some(false) => Inside::Object,
            None => {
                *self.end = at + 1;
                self.around
            }
        }
    }
}

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
    let start = skip_space(record, 0);
    if record.get(start) == Some(&b'{') {
        flatten(record, start, "", 0, &mut found);
    } else if let Some((end, kind)) = value_at(record, start) {
        found.push(Cell { path: String::new(), kind, range: start..end });
    }
    found
}

fn flatten(record: &[u8], open: usize, before: &str, depth: usize, found: &mut Vec<Cell>) {
    for member in Members::new(record, open) {
        let name = member.name(record);
        let path = if before.is_empty() { name.into_owned() } else { format!("{before}.{name}") };
        let object = member.kind == CellKind::Object;
        let has_members = object && record.get(skip_space(record, member.value.start + 1)) != Some(&b'}');
        if has_members && depth < DEEPEST {
            flatten(record, member.value.start, &path, depth + 1, found);
        } else {
            found.push(Cell { path, kind: member.kind, range: member.value });
        }
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
        let raw = &record[self.key.clone()];
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        match str::from_utf8(inner) {
            Ok(text) if !inner.contains(&b'\\') => Cow::Borrowed(text),
            _ => Cow::Owned(decode_string(raw)),
        }
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
