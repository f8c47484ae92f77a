//! What came back: the bytes of a body as sent, and views of them that cost next to nothing beside the bytes.
//!
//! A [`Scanner`] reads chunks as they arrive and yields [`Piece`]s of a sparse index; a [`Document`] joins both and answers rows,
//! paths and folds by re-reading a few kilobytes. Nothing here does I/O, recurses, or re-serialises what was sent.

mod arrange;
mod body;
pub mod diff;
mod examine;
mod expect;
mod export;
mod filter;
mod fold;
mod goto;
mod grammar;
mod index;
mod lines;
mod malformed;
mod paragraph;
mod path;
mod pretty;
mod raw;
mod read;
mod record;
mod records;
mod scan;
mod search;
mod sieve;
mod table;
mod tally;
mod text;
mod tree;
mod value;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

pub use arrange::{SortKey, arrange, record_of, row_of};
pub use body::{Body, Part, Store, count_breaks};
pub use examine::{Examined, examine};
pub use expect::{Departure, Departures, Difference, Expected, Member};
pub use export::{Sheet, View, csv_row, on_one_line, rewritten, write};
pub use filter::{Filter, FilterError};
pub use fold::{FoldChange, Folds};
pub use goto::{Segment, Target, TargetError};
pub use grammar::{Expect, Inside};
pub use index::{Checkpoint, Closed, End, Long, Span};
pub use malformed::{Malformed, MalformedReason};
pub use paragraph::{fit, wrap, wrap_within};
pub use path::{Path, PathForm, Step};
pub use pretty::{minified, pretty};
pub use raw::{RawLine, wrap_at, wrap_back, wrap_end, wrap_forward};
pub use record::{Cell, CellKind, cell_at, cells};
pub use records::{LONGEST_RECORD, List, Records};
pub use scan::{Piece, Scanner};
pub use search::{Finder, Hit, MAX_HITS, PatternError, Query, Scope, find_all};
pub use sieve::{Sieve, column, no_column};
pub use table::{Column, Columns, plain, shown};
pub use tally::{Tally, tally};
pub use text::{decode_string, displayable, displayable_bytes, displayable_string, slice_columns, truncate, width};
pub use tree::{Row, RowKind};
pub use value::{opened, slice};

/// How much of a body is looked at to tell text from other things, in bytes.
const SAMPLE: u64 = 8 * 1024;

/// A body with its index. Cloning shares the bytes and the index.
#[derive(Clone, Default)]
pub struct Document {
    body: Body,
    index: Arc<index::Index>,
    rows: u64,
    documents: u64,
    malformed: Option<Malformed>,
    complete: bool,
}

/// What a body is, as far as its own bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, or white space.
    Empty,
    /// One JSON document. `Document::malformed` tells whether it is sound.
    Json,
    /// Several JSON documents, each on lines of its own.
    JsonLines,
    /// Not JSON from the beginning on.
    Text,
    /// Not text: it holds NUL bytes, or little of it is UTF-8.
    Binary,
}

/// How a body's characters are written, as far as its beginning tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, of which ASCII is a part.
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8Mark,
    /// UTF-16, low byte first.
    Utf16Little,
    /// UTF-16, high byte first.
    Utf16Big,
    /// Something else, such as Latin-1.
    Other,
}

impl Document {
    /// An empty document that is still arriving.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Scans a whole body at once.
    #[must_use]
    pub fn from_bytes(bytes: Bytes) -> Self {
        let mut document = Self::new();
        let mut scanner = Scanner::new();
        let piece = scanner.scan(&bytes);
        document.append(bytes, &piece);
        document.finish(&scanner.finish());
        document
    }

    /// Appends a chunk and what scanning it yielded. Costs as much as the piece is long.
    pub fn append(&mut self, chunk: Bytes, piece: &Piece) {
        self.body.push(chunk);
        self.learn(piece);
    }

    /// Nothing follows: takes what `Scanner::finish` yielded.
    pub fn finish(&mut self, piece: &Piece) {
        self.learn(piece);
        self.complete = true;
        Arc::make_mut(&mut self.index).clip();
    }

    /// Appends a chunk that stands in a store, with as many line breaks.
    pub fn append_stored(&mut self, store: &Arc<dyn Store>, length: u64, breaks: u64, piece: &Piece) {
        self.body.push_stored(store, length, breaks);
        self.learn(piece);
    }

    /// The same with some bytes behind it that its index does not know: to be written or filtered, not to be shown.
    #[must_use]
    pub fn with_more(&self, bytes: Bytes) -> Self {
        let mut more = self.clone();
        more.body.push(bytes);
        more
    }

    fn learn(&mut self, piece: &Piece) {
        Arc::make_mut(&mut self.index).extend(piece);
        self.rows = piece.rows;
        self.documents = piece.documents;
        self.malformed = self.malformed.or(piece.error);
    }

    /// The bytes as received.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Whether it is known not to be JSON, other than by ending too early.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.malformed.is_some_and(|malformed| !malformed.reason.is_unfinished())
    }

    pub(self) fn index(&self) -> &index::Index {
        &self.index
    }

    /// Length of the body in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.body.len()
    }

    /// Whether the body has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// Whether all of it has arrived.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The first thing that is not JSON. A document that is still arriving is never blamed for being unfinished.
    #[must_use]
    pub fn malformed(&self) -> Option<&Malformed> {
        self.malformed.as_ref()
    }

    /// How many whole JSON documents have begun, so far.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Memory that the index takes besides the body, in bytes.
    #[must_use]
    pub fn index_memory(&self) -> u64 {
        self.index.memory()
    }

    /// What the body is. The answer may change while it arrives.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if self.malformed.is_some() {
            let sample = self.body.read(0..SAMPLE);
            // A stray NUL does not make a text unreadable; what is known by its first bytes is what it is.
            let zeros = memchr::memchr_iter(0, &sample).count();
            if zeros * 16 > sample.len() || mostly_invalid(&sample) || self.signature().is_some() {
                return Kind::Binary;
            }
            // Text may begin like JSON (`404 page not found`, `[error] …`); a broken document has at least one sound member.
            let first = self.index.before_row(0).and_then(|point| self.body.byte(point.offset));
            if self.rows < 3 || !matches!(first, Some(b'[' | b'{')) {
                return Kind::Text;
            }
        }
        match self.documents {
            0 => Kind::Empty,
            1 => Kind::Json,
            _ => Kind::JsonLines,
        }
    }

    /// Whether it is one JSON document or several, sound or not.
    #[must_use]
    pub fn is_json(&self) -> bool {
        matches!(self.kind(), Kind::Json | Kind::JsonLines)
    }

    /// What a body that is no text is, by the bytes that it begins with, and its usual extension.
    #[must_use]
    pub fn signature(&self) -> Option<(&'static str, &'static str)> {
        let begins = self.body.read(0..16);
        let known: [(&[u8], &str, &str); 8] = [
            (b"\x89PNG\r\n", "a PNG image", "png"),
            (b"\xFF\xD8\xFF", "a JPEG image", "jpg"),
            (b"GIF8", "a GIF image", "gif"),
            (b"%PDF-", "a PDF document", "pdf"),
            (b"PK\x03\x04", "a ZIP archive, or an office document", "zip"),
            (b"\x1F\x8B", "compressed with gzip", "gz"),
            (b"\x28\xB5\x2F\xFD", "compressed with zstd", "zst"),
            (b"RIFF", "a RIFF file, such as a WebP image", "webp"),
        ];
        known.into_iter().find(|(magic, ..)| begins.starts_with(magic)).map(|(_, name, extension)| (name, extension))
    }

    /// How the body's characters are written, judged by its first kilobytes.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        let sample = self.body.read(0..SAMPLE);
        match *sample {
            [0xEF, 0xBB, 0xBF, ..] => return Encoding::Utf8Mark,
            [0xFF, 0xFE, ..] => return Encoding::Utf16Little,
            [0xFE, 0xFF, ..] => return Encoding::Utf16Big,
            [first, 0, second, 0, ..] if first != 0 && second != 0 => return Encoding::Utf16Little,
            [0, first, 0, second, ..] if first != 0 && second != 0 => return Encoding::Utf16Big,
            _ => {}
        }
        match str::from_utf8(&sample) {
            Ok(_) => Encoding::Utf8,
            // The sample may end amid a character.
            Err(error) if error.error_len().is_none() && wide(sample.len()) < self.len() => Encoding::Utf8,
            Err(_) => Encoding::Other,
        }
    }

    /// Whether the body begins with a UTF-8 byte order mark.
    #[must_use]
    pub fn has_bom(&self) -> bool {
        *self.body.read(0..3) == [0xEF, 0xBB, 0xBF]
    }
}

/// Says how much there is, not what.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("body", &self.body)
            .field("rows", &self.rows)
            .field("complete", &self.complete)
            .field("malformed", &self.malformed)
            .finish_non_exhaustive()
    }
}

/// Two documents are equal when they share their bytes.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.body == other.body && self.complete == other.complete
    }
}

fn mostly_invalid(sample: &[u8]) -> bool {
    let invalid: usize = sample.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    invalid * 4 > sample.len()
}

fn wide(length: usize) -> u64 {
    length as u64
}

/// For lengths that are bounded by what is in memory.
fn narrow(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
