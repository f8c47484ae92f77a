//! The sparse index: where rows begin every few kilobytes, and which containers reach across those places.

use super::grammar::{Expect, Inside};
use super::scan::Piece;
use super::{narrow, wide};

/// No enclosing span.
pub(super) const ROOT: u32 = u32::MAX;

/// A place where a row begins and reading can resume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Byte offset of the row's first byte.
    pub offset: u64,
    /// Number of that row.
    pub row: u64,
    /// Number, in its container, of the child that begins here.
    pub child: u64,
    /// Position in the list of spans of the innermost open container, `u32::MAX` at the top level.
    pub span: u32,
    /// How many containers enclose the row's first byte.
    pub depth: u32,
    /// What the row begins with.
    pub expect: Expect,
    /// What directly encloses it.
    pub inside: Inside,
}

/// A container that is open at some checkpoint. Spans are listed in the order in which they open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Byte offset of the opening row: of the member's name if there is one, else of the bracket.
    pub start: u64,
    /// Byte offset of the opening bracket.
    pub open: u64,
    /// Number of the opening row.
    pub row: u64,
    /// Number of this container in its parent.
    pub child: u64,
    /// Byte offset of the closing bracket, once known.
    close: u64,
    /// Number of the closing row, once known.
    close_row: u64,
    /// Number of children, once known.
    children: u64,
    /// Position of the enclosing span, `u32::MAX` at the top level.
    pub parent: u32,
    /// Whether it is an array rather than an object.
    pub array: bool,
}

impl Span {
    /// A container whose end is not known yet.
    pub(super) fn opened(start: u64, open: u64, row: u64, child: u64, parent: u32, array: bool) -> Self {
        Self { start, open, row, child, close: u64::MAX, close_row: u64::MAX, children: u64::MAX, parent, array }
    }

    /// Where it ends, once that is known.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        (self.close != u64::MAX).then_some(End { offset: self.close, row: self.close_row, children: self.children })
    }

    pub(super) fn inside(&self) -> Inside {
        if self.array { Inside::Array } else { Inside::Object }
    }
}

/// Where a container ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Byte offset of the closing bracket.
    pub offset: u64,
    /// Number of the closing row.
    pub row: u64,
    /// How many children the container has.
    pub children: u64,
}

/// The news that a span has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Position of the span in the list.
    pub span: u32,
    /// Where it ends.
    pub end: End,
}

/// A string so long that reading it again to find its end would be felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Long {
    /// Byte offset of the opening quote.
    pub start: u64,
    /// Byte offset after the closing quote.
    pub end: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    checkpoints: Vec<Checkpoint>,
    spans: Vec<Span>,
    long: Vec<Long>,
}

impl Index {
    pub fn extend(&mut self, piece: &Piece) {
        self.checkpoints.extend_from_slice(&piece.checkpoints);
        self.spans.extend_from_slice(&piece.spans);
        self.long.extend_from_slice(&piece.long);
        for closed in &piece.closed {
            if let Some(span) = self.spans.get_mut(closed.span as usize) {
                span.close = closed.end.offset;
                span.close_row = closed.end.row;
                span.children = closed.end.children;
            }
        }
    }

    /// The last checkpoint at or before a row.
    pub fn before_row(&self, row: u64) -> Option<&Checkpoint> {
        let after = self.checkpoints.partition_point(|point| point.row <= row);
        self.checkpoints.get(after.checked_sub(1)?)
    }

    /// The last checkpoint at or before a byte.
    pub fn before_offset(&self, offset: u64) -> Option<&Checkpoint> {
        let after = self.checkpoints.partition_point(|point| point.offset <= offset);
        self.checkpoints.get(after.checked_sub(1)?)
    }

    pub fn span(&self, position: u32) -> Option<&Span> {
        self.spans.get(position as usize)
    }

    /// The span that opens on a row, and its position.
    pub fn span_at_row(&self, row: u64) -> Option<&Span> {
        let found = self.spans.binary_search_by_key(&row, |span| span.row).ok()?;
        self.spans.get(found)
    }

    /// The end of the long string that begins at `start`.
    pub fn long_end(&self, start: u64) -> Option<u64> {
        let found = self.long.binary_search_by_key(&start, |long| long.start).ok()?;
        self.long.get(found).map(|long| long.end)
    }

    /// Memory in bytes.
    pub fn memory(&self) -> u64 {
        wide(
            self.checkpoints.capacity() * size_of::<Checkpoint>()
                + self.spans.capacity() * size_of::<Span>()
                + self.long.capacity() * size_of::<Long>(),
        )
    }

    pub fn clip(&mut self) {
        self.checkpoints.shrink_to_fit();
        self.spans.shrink_to_fit();
        self.long.shrink_to_fit();
    }
}

/// The position of a span as it is stored; saturates at `ROOT`, which no body that fits in memory reaches.
pub(super) fn position(number: u64) -> u32 {
    u32::try_from(narrow(number)).unwrap_or(ROOT)
}
