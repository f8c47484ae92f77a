//! The scanner: turns arriving bytes into pieces of index, on the worker's side.

use std::ops::ControlFlow;

use super::grammar::{Expect, Inside, Listener, Machine, Outcome, Scalar};
use super::index::{Checkpoint, Closed, End, Long, ROOT, Span, position};
use super::malformed::Malformed;
use super::wide;

/// Checkpoints are at least this far apart, in bytes. Twice as much halves the index and doubles what a redraw reads.
const STRIDE: u64 = 8 * 1024;

/// Strings longer than this, in bytes, are noted so that a redraw can jump over them.
pub(super) const LONG: u64 = 4 * 1024;

/// What scanning one chunk has brought to light: plain data that travels to the document together with that chunk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Piece {
    /// New checkpoints, in order.
    pub checkpoints: Vec<Checkpoint>,
    /// New spans, in the order in which they open; they follow those of earlier pieces.
    pub spans: Vec<Span>,
    /// Spans, of this piece or of earlier ones, that have closed.
    pub closed: Vec<Closed>,
    /// Long strings that have ended.
    pub long: Vec<Long>,
    /// Rows known so far, in total. A malformed rest counts as one.
    pub rows: u64,
    /// Whole documents begun so far, in total.
    pub documents: u64,
    /// The first thing wrong. Only the piece that meets it carries it.
    pub error: Option<Malformed>,
}

/// A resumable scanner. Memory grows with the depth of nesting only.
#[derive(Debug)]
pub struct Scanner {
    machine: Machine,
    builder: Builder,
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

impl Scanner {
    /// A scanner at the start of a body.
    #[must_use]
    pub fn new() -> Self {
        Self { machine: Machine::new(), builder: Builder::default() }
    }

    /// Scans the next chunk. After an error it only waits for the end.
    #[must_use]
    pub fn scan(&mut self, chunk: &[u8]) -> Piece {
        let outcome = self.machine.run(chunk, &mut self.builder);
        self.piece(outcome)
    }

    /// Tells the scanner that nothing follows.
    #[must_use]
    pub fn finish(&mut self) -> Piece {
        let outcome = self.machine.finish(&mut self.builder);
        self.piece(outcome)
    }

    fn piece(&mut self, outcome: Outcome) -> Piece {
        let mut piece = std::mem::take(&mut self.builder.piece);
        if let Outcome::Wrong(malformed) = outcome {
            piece.error = Some(malformed);
            // Whatever the current row was to be, it is the broken one now.
            self.builder.row += 1;
            self.builder.frames = Vec::new();
        }
        piece.rows = self.builder.row;
        piece.documents = self.machine.documents;
        piece
    }
}

#[derive(Debug, Default)]
struct Builder {
    piece: Piece,
    frames: Vec<Frame>,
    /// How many of the outermost frames are recorded as spans.
    recorded: usize,
    /// Position that the next span gets.
    next_span: u64,
    /// Position of the innermost recorded frame, if any frame is recorded.
    innermost: u32,
    /// The next checkpoint is due at this offset.
    due: u64,
    /// Where the row at hand began.
    start: u64,
    /// Number of the row at hand; all before it are complete.
    row: u64,
    /// Children at the top level.
    documents: u64,
}

#[derive(Debug)]
struct Frame {
    start: u64,
    open: u64,
    row: u64,
    child: u64,
    children: u64,
    span: u32,
    array: bool,
}

impl Frame {
    fn inside(&self) -> Inside {
        if self.array { Inside::Array } else { Inside::Object }
    }
}

impl Builder {
    #[cold]
    fn checkpoint(&mut self, at: u64, expect: Expect) {
        self.due = at + STRIDE;
        for frame in self.frames.get_mut(self.recorded..).unwrap_or_default() {
            let parent = if self.recorded == 0 { ROOT } else { self.innermost };
            self.piece.spans.push(Span::opened(frame.start, frame.open, frame.row, frame.child, parent, frame.array));
            frame.span = position(self.next_span);
            self.innermost = frame.span;
            self.next_span += 1;
            self.recorded += 1;
        }
        let (inside, child, span) = self
            .frames
            .last()
            .map_or((Inside::Top, self.documents, ROOT), |frame| (frame.inside(), frame.children, frame.span));
        self.piece.checkpoints.push(Checkpoint {
            offset: at,
            row: self.row,
            child,
            span,
            depth: u32::try_from(self.frames.len()).unwrap_or(u32::MAX),
            expect,
            inside,
        });
    }

    /// Counts a child and answers its number.
    #[inline]
    fn count(&mut self) -> u64 {
        let children = self.frames.last_mut().map_or(&mut self.documents, |frame| &mut frame.children);
        *children += 1;
        *children - 1
    }

    fn note_long(&mut self, start: u64, end: u64) {
        self.piece.long.push(Long { start, end });
    }
}

impl Listener for Builder {
    #[inline]
    fn row(&mut self, at: u64, expect: Expect) -> ControlFlow<()> {
        self.start = at;
        if at >= self.due {
            self.checkpoint(at, expect);
        }
        ControlFlow::Continue(())
    }

    #[inline]
    fn key(&mut self, start: u64, end: u64) {
        if end - start > LONG {
            self.note_long(start, end);
        }
    }

    #[inline]
    fn scalar(&mut self, start: u64, end: u64, kind: Scalar) {
        if end - start > LONG && kind == Scalar::String {
            self.note_long(start, end);
        }
        self.count();
        self.row += 1;
    }

    #[inline]
    fn open(&mut self, at: u64, array: bool) -> ControlFlow<()> {
        let child = self.count();
        self.frames.push(Frame { start: self.start, open: at, row: self.row, child, children: 0, span: ROOT, array });
        self.row += 1;
        ControlFlow::Continue(())
    }

    #[inline]
    fn close(&mut self, at: u64, empty: bool) -> Inside {
        let row = self.row;
        if !empty {
            self.row += 1;
        }
        if let Some(frame) = self.frames.pop()
            && self.frames.len() < self.recorded
        {
            self.recorded = self.frames.len();
            self.innermost = self.frames.last().map_or(ROOT, |frame| frame.span);
            self.piece.closed.push(Closed { span: frame.span, end: End { offset: at, row, children: frame.children } });
        }
        self.frames.last().map_or(Inside::Top, Frame::inside)
    }
}

/// The scanner's position, for progress.
impl Scanner {
    /// Bytes scanned so far.
    #[must_use]
    pub fn scanned(&self) -> u64 {
        self.machine.offset
    }

    /// Depth of nesting at the end of what was scanned.
    #[must_use]
    pub fn depth(&self) -> u64 {
        wide(self.builder.frames.len())
    }
}
