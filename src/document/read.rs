//! Reading rows: from the nearest checkpoint, through a few kilobytes, past folded containers.

use std::ops::{ControlFlow, Range};

use super::Document;
use super::fold::Folds;
use super::grammar::{Expect, Inside, Listener, Machine, Outcome, Scalar};
use super::index::{End, Index, ROOT};
use super::malformed::Malformed;
use super::scan::LONG;
use super::tree::{Row, RowKind};

/// Bytes eaten at a time, so that a long string is noticed soon enough to be jumped over.
const PORTION: usize = 8 * 1024;

/// Bytes behind a name within which its value is looked for.
const BEHIND: u64 = 64;

/// What a reading is for, and thus when it stops.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    /// This many visible rows from this row on.
    Rows { from: u64, count: usize },
    /// The last row that begins at or before this byte.
    Offset(u64),
    /// The end of the container that opens on this row.
    End(u64),
}

/// What a reading has found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub rows: Vec<Row>,
    /// Containers around the first of `rows` that are not in `outer`, from the outside in.
    pub frames: Vec<Frame>,
    /// The innermost span around them.
    pub outer: Option<u32>,
    /// Number of the whole document that holds the first of `rows`.
    pub document: u64,
    pub row: Option<u64>,
    pub end: Option<End>,
}

/// A container opened since the checkpoint.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub key: Option<Range<u64>>,
    pub child: u64,
    row: u64,
    children: u64,
    array: bool,
}

pub(super) fn read(document: &Document, folds: Option<&Folds>, goal: Goal) -> Found {
    let index = document.index();
    let point = match goal {
        Goal::Rows { from: row, .. } | Goal::End(row) => index.before_row(row),
        Goal::Offset(offset) => index.before_offset(offset),
    };
    let mut sight = Sight::new(index, folds, goal);
    let mut machine = Machine::new();
    if let Some(point) = point {
        // From the very start there may be a byte order mark to pass; the first checkpoint stands behind it.
        machine = Machine::at_row(point.offset, point.inside, point.expect);
        sight.row = point.row;
        sight.child = point.child;
        sight.span = point.span;
        sight.depth = point.depth as usize;
    }
    loop {
        let piece = document.body().piece(machine.offset);
        let piece = piece.get(..PORTION).unwrap_or(&piece);
        if piece.is_empty() {
            if document.is_complete()
                && let Outcome::Wrong(malformed) = machine.finish(&mut sight)
            {
                sight.broken(malformed, document);
            }
            break;
        }
        match machine.run(piece, &mut sight) {
            Outcome::Ate => {
                if let Some(start) = machine.inside_string()
                    && machine.offset - start > LONG
                    && let Some(end) = index.long_end(start)
                {
                    machine.offset = end - 1;
                }
            }
            Outcome::Stopped => match sight.jump.take() {
                Some(end) => {
                    sight.row = end.row + 1;
                    machine = Machine::after_value(end.offset + 1, sight.inside());
                }
                None => break,
            },
            Outcome::Wrong(malformed) => {
                sight.broken(malformed, document);
                break;
            }
        }
    }
    sight.found
}

struct Sight<'a> {
    index: &'a Index,
    folds: Option<&'a Folds>,
    goal: Goal,
    found: Found,
    frames: Vec<Frame>,
    /// The innermost span outside `frames`.
    span: u32,
    /// Number of the next child of that span, or of the next document at the top level.
    child: u64,
    depth: usize,
    /// Number of the row at hand, where it began, and whether it still goes on.
    row: u64,
    start: u64,
    begun: bool,
    key: Option<Range<u64>>,
    /// Number of frames around the folded container that is being passed over.
    hiding: Option<usize>,
    /// The last row found is the last one read, so that a comma that follows belongs to it.
    fresh: bool,
    /// Where to go on behind a folded container.
    jump: Option<End>,
    /// The container whose end is sought has been opened.
    opened: bool,
}

impl<'a> Sight<'a> {
    fn new(index: &'a Index, folds: Option<&'a Folds>, goal: Goal) -> Self {
        Self {
            index,
            folds,
            goal,
            found: Found::default(),
            frames: Vec::new(),
            span: ROOT,
            child: 0,
            depth: 0,
            row: 0,
            start: 0,
            begun: false,
            key: None,
            hiding: None,
            fresh: false,
            jump: None,
            opened: false,
        }
    }

    fn inside(&self) -> Inside {
        match self.frames.last() {
            Some(frame) if frame.array => Inside::Array,
            Some(_) => Inside::Object,
            None => self.index.span(self.span).map_or(Inside::Top, super::index::Span::inside),
        }
    }

    fn parent(&self) -> Option<u64> {
        let frame = self.frames.last().map(|frame| frame.row);
        frame.or_else(|| self.index.span(self.span).map(|span| span.row))
    }

    /// Counts a child of the container at hand and answers its number.
    fn count(&mut self) -> u64 {
        let next = self.frames.last_mut().map_or(&mut self.child, |frame| &mut frame.children);
        *next += 1;
        *next - 1
    }

    fn show(&mut self, kind: RowKind, range: Range<u64>, child: Option<u64>, partner: Option<u64>) {
        self.fresh = false;
        let Goal::Rows { from, count } = self.goal else {
            return;
        };
        if self.row < from || self.hiding.is_some() || self.found.rows.len() >= count {
            return;
        }
        if self.found.rows.is_empty() {
            self.found.frames.clone_from(&self.frames);
            self.found.outer = self.index.span(self.span).map(|_| self.span);
            self.found.document = self.child;
        }
        self.found.rows.push(Row {
            row: self.row,
            depth: self.depth,
            offset: range.start,
            end: range.end,
            key: self.key.take(),
            index: child,
            kind,
            comma: false,
            parent: self.parent(),
            partner,
        });
        self.fresh = true;
    }

    /// The rest of the body is one row. A value that is merely cut keeps its name or number.
    fn broken(&mut self, malformed: Malformed, document: &Document) {
        let mut start = if self.begun { self.start } else { malformed.offset };
        if let Goal::Offset(offset) = self.goal
            && start <= offset
        {
            self.found.row = Some(self.row);
        }
        let mut child = None;
        if malformed.reason.is_unfinished() && self.begun {
            if let Some(key) = &self.key {
                let behind = document.body().read(key.end..key.end + BEHIND);
                let value = behind.iter().position(|byte| !matches!(byte, b':' | b' ' | b'\n' | b'\r' | b'\t'));
                start = value.map_or(document.len(), |at| key.end + at as u64);
            }
            let named = self.key.is_some() || self.inside() == Inside::Array;
            child = named.then(|| self.frames.last().map_or(self.child, |frame| frame.children));
        } else {
            self.key = None;
        }
        self.show(RowKind::Broken, start..document.len(), child, None);
    }

    fn amend(&mut self, row: u64, change: impl FnOnce(&mut Row)) {
        if let Some(last) = self.found.rows.last_mut()
            && last.row == row
        {
            change(last);
            self.fresh = true;
        }
    }
}

impl Listener for Sight<'_> {
    fn row(&mut self, at: u64, _: Expect) -> ControlFlow<()> {
        let done = match self.goal {
            Goal::Rows { count, .. } => self.hiding.is_none() && self.found.rows.len() >= count,
            Goal::Offset(offset) => at > offset,
            Goal::End(row) => self.found.end.is_some() || (self.row > row && !self.opened),
        };
        if done {
            return ControlFlow::Break(());
        }
        if let Goal::Offset(_) = self.goal {
            self.found.row = Some(self.row);
        }
        self.start = at;
        self.begun = true;
        self.key = None;
        ControlFlow::Continue(())
    }

    fn key(&mut self, start: u64, end: u64) {
        self.key = Some(start..end);
    }

    fn scalar(&mut self, start: u64, end: u64, kind: Scalar) {
        let kind = match kind {
            Scalar::String => RowKind::String,
            Scalar::Number => RowKind::Number,
            Scalar::True => RowKind::True,
            Scalar::False => RowKind::False,
            Scalar::Null => RowKind::Null,
        };
        let child = self.count();
        self.show(kind, start..end, Some(child), None);
        self.row += 1;
        self.begun = false;
    }

    fn open(&mut self, at: u64, array: bool) -> ControlFlow<()> {
        let child = self.count();
        let row = self.row;
        let key = self.key.clone();
        self.begun = false;
        self.opened |= matches!(self.goal, Goal::End(sought) if sought == row);
        let folded = match (self.folds, self.hiding) {
            (Some(folds), None) => folds.visible_fold(row),
            _ => None,
        };
        if folded.is_some() {
            let end = self.index.span_at_row(row).and_then(super::index::Span::end);
            let kind = RowKind::Folded { array, children: end.map(|end| end.children) };
            let range = at..end.map_or(at + 1, |end| end.offset + 1);
            self.show(kind, range, Some(child), end.map(|end| end.row));
            if end.is_some() {
                self.jump = end;
                return ControlFlow::Break(());
            }
            self.hiding = Some(self.frames.len());
        } else {
            self.show(RowKind::Open { array }, at..at + 1, Some(child), None);
        }
        self.frames.push(Frame { key, child, row, children: 0, array });
        self.row += 1;
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn close(&mut self, at: u64, empty: bool) -> Inside {
        let (open, child, children, array) = if let Some(frame) = self.frames.pop() {
            (frame.row, frame.child, frame.children, frame.array)
        } else if let Some(span) = self.index.span(self.span) {
            let children = self.child;
            self.span = span.parent;
            self.child = span.child + 1;
            (span.row, span.child, children, span.array)
        } else {
            return Inside::Top;
        };
        self.begun = false;
        self.depth = self.depth.saturating_sub(1);
        let row = self.row;
        if self.hiding == Some(self.frames.len()) {
            self.hiding = None;
            self.amend(open, |last| {
                last.kind = RowKind::Folded { array, children: Some(children) };
                last.end = at + 1;
                last.partner = Some(row);
            });
        } else if empty {
            if self.hiding.is_none() {
                self.amend(open, |last| {
                    last.kind = RowKind::Empty { array };
                    last.end = at + 1;
                });
            }
        } else {
            self.key = None;
            self.show(RowKind::Close { array }, at..at + 1, Some(child), Some(open));
        }
        if !empty {
            self.row += 1;
            if matches!(self.goal, Goal::End(sought) if sought == open) {
                self.found.end = Some(End { offset: at, row, children });
            }
        }
        self.inside()
    }

    fn comma(&mut self) {
        if self.fresh
            && self.hiding.is_none()
            && let Some(last) = self.found.rows.last_mut()
        {
            last.comma = true;
        }
        self.fresh = false;
    }
}
