//! The tree: rows of the pretty-printed document, and the ways between them.

use std::ops::{ControlFlow, Range};

use super::Document;
use super::fold::Folds;
use super::grammar::{Expect, Inside, Listener, Machine, Outcome, Scalar};
use super::index::{End, Span};
use super::path::{Path, Step};
use super::read::{Found, Goal, read};
use super::text::decode_string;

/// Members of a document that are few enough to be gone through at once.
const FEW: usize = 64;

/// One row of the tree. A scalar or an empty container takes one row; any other container takes an opening row, its children's
/// rows and a closing row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Number of the row in the unfolded document, from 0.
    pub row: u64,
    /// How many containers enclose it.
    pub depth: usize,
    /// Byte offset at which the value begins; of the bracket for a closing row.
    pub offset: u64,
    /// Byte offset after the value, or after the bracket for an opening or closing row.
    pub end: u64,
    /// Byte range of the member's name, quotes included.
    pub key: Option<Range<u64>>,
    /// Number of the value in its parent, from 0: an item's index, a member's position, or the document's number at the top.
    pub index: Option<u64>,
    /// What the row shows.
    pub kind: RowKind,
    /// Whether a comma follows.
    pub comma: bool,
    /// The opening row of the container around it.
    pub parent: Option<u64>,
    /// For a closing row the opening row; for a folded one the hidden closing row.
    pub partner: Option<u64>,
}

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// The opening bracket of a container with children.
    Open {
        /// An array rather than an object.
        array: bool,
    },
    /// The closing bracket of a container with children.
    Close {
        /// An array rather than an object.
        array: bool,
    },
    /// A container without children.
    Empty {
        /// An array rather than an object.
        array: bool,
    },
    /// A folded container.
    Folded {
        /// An array rather than an object.
        array: bool,
        /// How many children it has.
        children: Option<u64>,
    },
    /// A string.
    String,
    /// A number.
    Number,
    /// `true`.
    True,
    /// `false`.
    False,
    /// `null`.
    Null,
    /// The rest of the body, which is not JSON.
    Broken,
}

impl RowKind {
    /// Whether it shows an array or an object, or one end of it.
    #[must_use]
    pub const fn is_container(self) -> bool {
        matches!(self, Self::Open { .. } | Self::Close { .. } | Self::Folded { .. } | Self::Empty { .. })
    }
}

impl Document {
    /// Rows known so far. A malformed rest counts as one.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.rows
    }

    /// Up to `count` visible rows from the visible row `first_visible` on.
    ///
    /// Reads a few kilobytes from the nearest checkpoint and jumps over folded containers, whatever the size of the document.
    #[must_use]
    pub fn rows(&self, folds: &Folds, first_visible: u64, count: usize) -> Vec<Row> {
        let from = folds.to_document(first_visible);
        if count == 0 || from >= self.rows {
            return Vec::new();
        }
        read(self, Some(folds), Goal::Rows { from, count }).rows
    }

    /// The row of this number, unfolded.
    #[must_use]
    pub fn row(&self, row: u64) -> Option<Row> {
        self.find(row).rows.pop()
    }

    fn find(&self, row: u64) -> Found {
        if row >= self.rows {
            return Found::default();
        }
        let found = read(self, None, Goal::Rows { from: row, count: 1 });
        debug_assert!(found.rows.iter().all(|found| found.row == row));
        found
    }

    /// The last row that begins at or before a byte: the one that shows it, unless it is white space.
    #[must_use]
    pub fn row_at_offset(&self, offset: u64) -> Option<u64> {
        if offset >= self.len() {
            return None;
        }
        let row = read(self, None, Goal::Offset(offset)).row?;
        // A row that is still arriving is not counted yet.
        Some(row.min(self.rows.checked_sub(1)?))
    }

    /// Where the container that opens on `open_row` ends: `None` while it is open, and for rows that open nothing.
    #[must_use]
    pub fn container_end(&self, open_row: u64) -> Option<End> {
        match self.index().span_at_row(open_row) {
            Some(span) => span.end(),
            None => read(self, None, Goal::End(open_row)).end,
        }
    }

    /// The closing row of the container that opens on `open_row`; `None` while it is open.
    #[must_use]
    pub fn closing_row(&self, open_row: u64) -> Option<u64> {
        self.container_end(open_row).map(|end| end.row)
    }

    /// The opening row of the container that closes on `close_row`.
    #[must_use]
    pub fn opening_row(&self, close_row: u64) -> Option<u64> {
        let row = self.row(close_row)?;
        matches!(row.kind, RowKind::Close { .. }).then_some(row.partner?)
    }

    /// How many children the container that opens on `open_row` has; `None` while it is open.
    #[must_use]
    pub fn children(&self, open_row: u64) -> Option<u64> {
        self.container_end(open_row).map(|end| end.children)
    }

    /// The opening row of the container around `row`.
    #[must_use]
    pub fn parent(&self, row: u64) -> Option<u64> {
        self.row(row)?.parent
    }

    /// The next child of the same container. A closing row counts as its container.
    #[must_use]
    pub fn next_sibling(&self, row: u64) -> Option<u64> {
        let after = match self.row(row)?.kind {
            RowKind::Open { .. } => self.closing_row(row)? + 1,
            _ => row + 1,
        };
        let next = self.row(after)?;
        (!matches!(next.kind, RowKind::Close { .. })).then_some(after)
    }

    /// The previous child of the same container. A closing row counts as its container.
    #[must_use]
    pub fn previous_sibling(&self, row: u64) -> Option<u64> {
        let this = self.row(row)?;
        let opening = match this.kind {
            RowKind::Close { .. } => this.partner?,
            _ => row,
        };
        let before = opening.checked_sub(1)?;
        if this.parent == Some(before) {
            return None;
        }
        let previous = self.row(before)?;
        match previous.kind {
            RowKind::Close { .. } => previous.partner,
            _ => Some(before),
        }
    }

    /// The way from the top of the document to a row's value; a closing row has that of its container.
    #[must_use]
    pub fn path(&self, row: u64) -> Path {
        let mut found = self.find(row);
        if let Some(closing) = found.rows.first()
            && let (RowKind::Close { .. }, Some(open)) = (closing.kind, closing.partner)
        {
            found = self.find(open);
        }
        let Some(this) = found.rows.first() else {
            return Path::default();
        };
        let step = |key: Option<Range<u64>>, child: u64| match key {
            Some(key) => Step::Key(self.name(key)),
            None => Step::Index(child),
        };
        let mut steps = Vec::new();
        let mut document = found.document;
        if this.parent.is_some() && this.kind != RowKind::Broken {
            steps.push(step(this.key.clone(), this.index.unwrap_or_default()));
        } else if this.parent.is_none() {
            document = this.index.unwrap_or(document);
        }
        // From the inside out; the outermost container is the document itself, and no step.
        for frame in found.frames.iter().rev() {
            steps.push(step(frame.key.clone(), frame.child));
            document = frame.child;
        }
        let mut outer = found.outer.and_then(|span| self.index().span(span));
        while let Some(span) = outer {
            steps.push(step(Self::span_key(span), span.child));
            document = span.child;
            outer = self.index().span(span.parent);
        }
        if this.parent.is_some() {
            steps.pop();
        }
        steps.reverse();
        Path { document, steps }
    }

    fn span_key(span: &Span) -> Option<Range<u64>> {
        (span.start != span.open).then_some(span.start..span.open)
    }

    /// A member's name, decoded. The range may include the colon and white space behind the name.
    fn name(&self, range: Range<u64>) -> String {
        decode_string(&self.body().read(range))
    }

    /// Folds every container that `level` or more containers enclose: 0 folds whole documents, 1 what they hold, and so on.
    /// Containers that have not closed cannot be folded. Reads the whole document once; what `cancelled` stops is not whole.
    #[must_use]
    pub fn fold_all(&self, level: usize, cancelled: &dyn Fn() -> bool) -> Folds {
        let mut outline = Outline { level, row: 0, open: Vec::new(), ranges: Vec::new() };
        let mut machine = Machine::new();
        for part in self.body().parts(0) {
            if cancelled() || machine.run(&part, &mut outline) != Outcome::Ate {
                break;
            }
        }
        Folds::from_ranges(outline.ranges)
    }

    /// The same for the containers that one sees then, without reading what they hold: those directly within a document that
    /// has few members. `None` where there are more, or another level is asked for.
    #[must_use]
    pub fn fold_outermost(&self, level: usize) -> Option<Folds> {
        let mut folds = Folds::new();
        if level == 0 && self.documents() <= 1 {
            folds.fold(0, self.closing_row(0)?);
            return Some(folds);
        }
        if level != 1 || self.documents() > 1 {
            return None;
        }
        let mut row = 1;
        for _ in 0..FEW {
            if let RowKind::Open { .. } = self.row(row)?.kind
                && let Some(close) = self.closing_row(row)
            {
                folds.fold(row, close);
            }
            match self.next_sibling(row) {
                Some(next) => row = next,
                None => return Some(folds),
            }
        }
        None
    }
}

/// Notes the opening and closing rows of the containers from some level on.
struct Outline {
    level: usize,
    row: u64,
    open: Vec<(u64, bool)>,
    ranges: Vec<(u64, u64)>,
}

impl Listener for Outline {
    fn row(&mut self, _: u64, _: Expect) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn key(&mut self, _: u64, _: u64) {}

    fn scalar(&mut self, _: u64, _: u64, _: Scalar) {
        self.row += 1;
    }

    fn open(&mut self, _: u64, array: bool) -> ControlFlow<()> {
        self.open.push((self.row, array));
        self.row += 1;
        ControlFlow::Continue(())
    }

    fn close(&mut self, _: u64, empty: bool) -> Inside {
        if let Some((open, _)) = self.open.pop()
            && !empty
        {
            if self.open.len() >= self.level {
                self.ranges.push((open, self.row));
            }
            self.row += 1;
        }
        match self.open.last() {
            Some((_, true)) => Inside::Array,
            Some((_, false)) => Inside::Object,
            None => Inside::Top,
        }
    }
}
