//! Lists: where the records of an answer stand.
//!
//! A list is an array of objects under a member such as `data`, an array on its own, or documents on lines. Its records are
//! found by one pass that marks one every kilobyte; those between two marks are found by passing over the ones before them.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::grammar::{Expect, Inside, Listener, Machine, Outcome, Scalar};
use super::record::{skip_space, value_at};
use super::text::decode_string;
use super::{Body, Document, Kind, RowKind, narrow, wide};

/// Outermost members that are looked at for a list.
const MEMBERS: usize = 16;

/// The most bytes of one record that are read to show it.
pub const LONGEST_RECORD: u64 = 1024 * 1024;

/// The most bytes of one record that are read to arrange, count or take it along.
const LONGEST_OF_ALL: u64 = 64 * 1024 * 1024;

/// Marks are at least this far apart, in bytes.
const STRIDE: u64 = 1024;

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

/// A record whose place is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    offset: u64,
    number: u64,
}

/// The records of a list, found so far. It takes about a sixtieth of their bytes; cloning shares that.
#[derive(Clone, Debug)]
pub struct Records {
    machine: Machine,
    around: Inside,
    /// Whether each container that is open within the record at hand is an array.
    open: Vec<bool>,
    marks: Arc<Vec<Mark>>,
    /// How many records have begun, and where the last of them did.
    begun: u64,
    last: u64,
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
        Self {
            machine,
            around: list.inside,
            open: Vec::new(),
            marks: Arc::default(),
            begun: 0,
            last: 0,
            end: 0,
            over: false,
        }
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
        let mut finder = Finder {
            open: &mut self.open,
            marks: Arc::make_mut(&mut self.marks),
            begun: &mut self.begun,
            last: &mut self.last,
            end: &mut self.end,
            around: self.around,
        };
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
        self.begun - u64::from(self.begun > 0 && self.last >= self.end)
    }

    /// Whether there is none yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Memory that this takes, in bytes.
    #[must_use]
    pub fn memory(&self) -> u64 {
        wide(self.marks.capacity() * size_of::<Mark>())
    }

    /// The bytes from a mark to the next, and the numbers of the records in them.
    fn window(&self, mark: usize) -> Option<(Range<u64>, Range<u64>)> {
        let own = self.marks.get(mark)?;
        let (end, after) =
            self.marks.get(mark + 1).map_or((self.end, self.len()), |next| (next.offset, next.number.min(self.len())));
        Some((own.offset..end.min(self.end).max(own.offset), own.number..after))
    }

    /// The bytes of a record, from its opening bracket on; what separates it from the next may stand behind it.
    #[must_use]
    pub fn range(&self, body: &Body, number: u64) -> Option<Range<u64>> {
        let mark = self.marks.partition_point(|mark| mark.number <= number).checked_sub(1)?;
        let (bytes, numbers) = self.window(mark).filter(|(_, numbers)| numbers.contains(&number))?;
        if numbers.end - numbers.start == 1 {
            return Some(bytes);
        }
        // Every record of the window begins within a stride of its mark.
        let text = body.read(bytes.start..bytes.end.min(bytes.start + STRIDE));
        let mut at = 0;
        for _ in numbers.start..number {
            at = next_after(&text, value_at(&text, at)?.0);
        }
        let start = bytes.start + wide(at);
        if number + 1 == numbers.end {
            return Some(start..bytes.end);
        }
        Some(start..bytes.start + wide(next_after(&text, value_at(&text, at)?.0)))
    }

    /// The number of the record that holds the byte at `offset`, or of the last one before it.
    #[must_use]
    pub fn at(&self, body: &Body, offset: u64) -> Option<u64> {
        let mark = self.marks.partition_point(|mark| mark.offset <= offset).checked_sub(1)?;
        let (_, numbers) = self.window(mark)?;
        let begins = |number: &u64| self.range(body, *number).is_some_and(|range| range.start <= offset);
        numbers.take_while(begins).last()
    }

    /// The text of a record as sent, as far as [`LONGEST_RECORD`].
    #[must_use]
    pub fn text<'a>(&self, body: &'a Body, number: u64) -> Cow<'a, [u8]> {
        let range = self.range(body, number).unwrap_or(0..0);
        body.read(range.start..range.end.min(range.start + LONGEST_RECORD))
    }

    /// The bytes of a record without what stands behind it.
    #[must_use]
    pub fn exact(&self, body: &Body, number: u64) -> Option<Range<u64>> {
        let range = self.range(body, number)?;
        // Whatever separates two records is short, unless somebody pads with white space.
        let mut end = range.end;
        while end > range.start + 1 && matches!(body.byte(end - 1), Some(b',' | b' ' | b'\n' | b'\r' | b'\t')) {
            end -= 1;
        }
        Some(range.start..end)
    }

    /// Goes through the texts of all records from the one of this number on, up to 64 MiB of each; the quickest way to read
    /// many. Ends when `each` breaks.
    pub fn each(&self, body: &Body, from: u64, each: &mut dyn FnMut(u64, &[u8]) -> ControlFlow<()>) {
        let first = self.marks.partition_point(|mark| mark.number <= from).saturating_sub(1);
        for mark in first..self.marks.len() {
            let Some((bytes, numbers)) = self.window(mark) else {
                return;
            };
            let text = body.read(bytes.start..bytes.end.min(bytes.start + STRIDE + LONGEST_OF_ALL));
            let mut at = 0;
            for number in numbers {
                // One that is longer than what is read is cut.
                let end = value_at(&text, at).map_or(text.len(), |(end, _)| end);
                if number >= from && each(number, &text[at..end]).is_break() {
                    return;
                }
                at = next_after(&text, end).min(text.len());
            }
        }
    }
}

/// Where the next record begins behind the end of one.
fn next_after(text: &[u8], end: usize) -> usize {
    let at = skip_space(text, end);
    if text.get(at) == Some(&b',') { skip_space(text, at + 1) } else { at }
}

/// Two are equal when they were read as far.
impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        self.read_so_far() == other.read_so_far() && self.end == other.end && self.marks == other.marks
    }
}

struct Finder<'a> {
    open: &'a mut Vec<bool>,
    marks: &'a mut Vec<Mark>,
    begun: &'a mut u64,
    last: &'a mut u64,
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
            if self.marks.last().is_none_or(|mark| at - mark.offset >= STRIDE) {
                self.marks.push(Mark { offset: at, number: *self.begun });
            }
            (*self.begun, *self.last) = (*self.begun + 1, at);
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

#[cfg(test)]
mod tests;
