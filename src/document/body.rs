//! The bytes of a body, exactly as they were received: in memory, and past a cap in a store outside.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, Range};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};

use super::{narrow, wide};

/// Chunks smaller than this are joined, so that a server that sends one byte at a time does not cost a list entry for each.
const SMALL: usize = 4096;

/// Bytes that are read from a store at once, from multiples of it on.
const BLOCK: u64 = 64 * 1024;

/// How many blocks of a store are kept at hand: what a screen and a search besides it look at.
const KEPT: usize = 8;

/// Where bytes are kept that are not to stay in memory.
pub trait Store: Send + Sync {
    /// Fills `into` with what stands from `offset` of the store on; answers how many bytes that were, fewer than asked for
    /// when they cannot be had.
    fn read(&self, offset: u64, into: &mut [u8]) -> usize;
}

/// A body as a list of received chunks. Cloning shares the bytes; equality means the same storage, not the same text.
#[derive(Clone, Default)]
pub struct Body {
    chunks: Arc<Vec<Chunk>>,
    len: u64,
    /// Line breaks in all of it.
    breaks: u64,
    outside: Option<Arc<Outside>>,
}

#[derive(Clone)]
pub(super) struct Chunk {
    pub start: u64,
    pub end: u64,
    /// Line breaks before it.
    pub breaks: u64,
    /// Nothing for bytes that stand in the store.
    bytes: Option<Bytes>,
}

/// The store, where in the body it begins, and what was last read from it.
struct Outside {
    from: u64,
    store: Arc<dyn Store>,
    blocks: Mutex<Vec<(u64, Bytes)>>,
}

impl Outside {
    /// The rest of the block that holds the byte at this offset of the store.
    fn rest(&self, offset: u64) -> Bytes {
        let start = offset / BLOCK * BLOCK;
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let known = blocks.iter().position(|(own, block)| *own == start && wide(block.len()) > offset - start);
        let (_, block) = match known {
            Some(place) => blocks.remove(place),
            None => {
                let mut block = vec![0; narrow(BLOCK)];
                let count = self.store.read(start, &mut block);
                block.truncate(count);
                blocks.retain(|(own, _)| *own != start);
                (start, block.into())
            }
        };
        // The one used last stands last.
        blocks.push((start, block.clone()));
        let over = blocks.len().saturating_sub(KEPT);
        blocks.drain(..over);
        block.slice(narrow(offset - start).min(block.len())..)
    }
}

/// Some bytes of a body, borrowed from memory or read from its store.
pub enum Part<'a> {
    /// In memory.
    Here(&'a [u8]),
    /// Read from the store.
    Read(Bytes),
}

impl Deref for Part<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Here(bytes) => bytes,
            Self::Read(bytes) => bytes,
        }
    }
}

impl Body {
    /// An empty body.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a chunk. While a clone of this body is alive the first push copies the list of chunks, never the bytes.
    pub fn push(&mut self, bytes: Bytes) {
        if bytes.is_empty() {
            return;
        }
        let (start, breaks) = (self.len, self.breaks);
        self.len += wide(bytes.len());
        self.breaks += count_breaks(&bytes);
        let chunks = Arc::make_mut(&mut self.chunks);
        if let Some(Chunk { bytes: Some(last), end, .. }) = chunks.last_mut()
            && last.len() + bytes.len() <= SMALL
        {
            let mut joined = BytesMut::with_capacity(last.len() + bytes.len());
            joined.extend_from_slice(last);
            joined.extend_from_slice(&bytes);
            *last = joined.freeze();
            *end = self.len;
            return;
        }
        chunks.push(Chunk { start, end: self.len, breaks, bytes: Some(bytes) });
    }

    /// Appends bytes that stand in a store, behind those of it that were appended before; `breaks` line breaks are among
    /// them. What follows is in the same store.
    pub fn push_stored(&mut self, store: &Arc<dyn Store>, length: u64, breaks: u64) {
        let (start, before) = (self.len, self.breaks);
        self.outside.get_or_insert_with(|| {
            Arc::new(Outside { from: start, store: Arc::clone(store), blocks: Mutex::default() })
        });
        self.len += length;
        self.breaks += breaks;
        Arc::make_mut(&mut self.chunks).push(Chunk { start, end: self.len, breaks: before, bytes: None });
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing was received.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many of the bytes are in memory rather than in a store.
    #[must_use]
    pub fn in_memory(&self) -> u64 {
        self.outside.as_ref().map_or(self.len, |outside| outside.from)
    }

    /// How many line breaks there are.
    #[must_use]
    pub fn breaks(&self) -> u64 {
        self.breaks
    }

    /// All bytes from an offset on, in order and piece by piece.
    pub fn parts(&self, from: u64) -> impl Iterator<Item = Part<'_>> {
        let mut at = from;
        std::iter::from_fn(move || {
            let part = self.piece(at);
            at += wide(part.len());
            (!part.is_empty()).then_some(part)
        })
    }

    /// The byte at `offset`, if there is one.
    #[must_use]
    pub fn byte(&self, offset: u64) -> Option<u8> {
        self.piece(offset).first().copied()
    }

    /// The bytes of `range`, clamped to the body; borrowed when they lie within one chunk.
    #[must_use]
    pub fn read(&self, range: Range<u64>) -> Cow<'_, [u8]> {
        let end = range.end.min(self.len);
        let start = range.start.min(end);
        let wanted = narrow(end - start);
        let first = self.piece(start);
        if let Part::Here(slice) = first
            && let Some(slice) = slice.get(..wanted)
        {
            return Cow::Borrowed(slice);
        }
        let mut copy = Vec::with_capacity(wanted);
        for part in self.parts(start) {
            copy.extend_from_slice(&part[..part.len().min(wanted - copy.len())]);
            if copy.len() == wanted {
                break;
            }
        }
        Cow::Owned(copy)
    }

    /// What follows at `offset` without copying: the rest of its chunk, or of its block of the store; empty at the end.
    #[must_use]
    pub fn piece(&self, offset: u64) -> Part<'_> {
        self.piece_in(self.chunk_at(offset), offset)
    }

    /// The same for one who reads on from place to place: the number of the chunk that was read last is remembered.
    pub(super) fn piece_near(&self, offset: u64, last: &mut usize) -> Part<'_> {
        let there = self.chunk(*last).is_some_and(|chunk| chunk.start <= offset && offset < chunk.end);
        if !there {
            *last = self.chunk_at(offset);
        }
        self.piece_in(*last, offset)
    }

    /// The bytes of a token, for one who reads on from token to token.
    pub(super) fn token(&self, start: u64, end: u64, last: &mut usize) -> Part<'_> {
        let wanted = narrow(end - start);
        match self.piece_near(start, last) {
            Part::Here(bytes) if bytes.len() >= wanted => Part::Here(&bytes[..wanted]),
            Part::Read(bytes) if bytes.len() >= wanted => Part::Read(bytes.slice(..wanted)),
            _ => Part::Read(Bytes::from(self.read(start..end).into_owned())),
        }
    }

    fn piece_in(&self, number: usize, offset: u64) -> Part<'_> {
        let Some(chunk) = self.chunk(number) else {
            return Part::Here(&[]);
        };
        match (&chunk.bytes, &self.outside) {
            (Some(bytes), _) => Part::Here(bytes.get(narrow(offset - chunk.start)..).unwrap_or_default()),
            (None, Some(outside)) => {
                let mut rest = outside.rest(offset - outside.from);
                rest.truncate(narrow(self.len - offset));
                Part::Read(rest)
            }
            (None, None) => Part::Here(&[]),
        }
    }

    /// The number of the chunk that holds a byte; that after the last at the end.
    pub(super) fn chunk_at(&self, offset: u64) -> usize {
        self.chunks.partition_point(|chunk| chunk.end <= offset)
    }

    pub(super) fn chunk(&self, number: usize) -> Option<&Chunk> {
        self.chunks.get(number)
    }

    /// The number of the last chunk before which there are at most so many line breaks.
    pub(super) fn chunk_of_break(&self, breaks: u64) -> Option<usize> {
        self.chunks.partition_point(|chunk| chunk.breaks <= breaks).checked_sub(1)
    }
}

/// Line breaks in some bytes.
#[must_use]
pub fn count_breaks(bytes: &[u8]) -> u64 {
    wide(memchr::memchr_iter(b'\n', bytes).count())
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        let mut body = Self::default();
        body.push(bytes);
        body
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && Arc::ptr_eq(&self.chunks, &other.chunks)
    }
}

/// Says how much there is, not what: a body may be huge and private.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("len", &self.len).field("chunks", &self.chunks.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, every: usize) -> Body {
        let mut body = Body::new();
        for chunk in text.as_bytes().chunks(every) {
            // Built by hand: `push` would join chunks as small as these.
            let (start, breaks) = (body.len, body.breaks);
            body.len += wide(chunk.len());
            body.breaks += count_breaks(chunk);
            let bytes = Some(Bytes::copy_from_slice(chunk));
            Arc::make_mut(&mut body.chunks).push(Chunk { start, end: body.len, breaks, bytes });
        }
        body
    }

    #[test]
    fn reads_any_range_across_any_borders() {
        let text = "abcdefghij";
        for every in 1..=10 {
            let body = cut(text, every);
            for start in 0..=12u64 {
                for end in 0..=12u64 {
                    let hi = narrow(end).min(10);
                    let lo = narrow(start).min(hi);
                    assert_eq!(&*body.read(start..end), &text.as_bytes()[lo..hi]);
                }
                assert_eq!(body.byte(start), text.as_bytes().get(narrow(start)).copied());
            }
        }
    }

    #[test]
    fn borrows_within_a_chunk_and_joins_small_chunks() {
        let mut body = Body::new();
        for byte in b"hello" {
            body.push(Bytes::copy_from_slice(&[*byte]));
        }
        assert_eq!(body.chunks.len(), 1);
        assert!(matches!(body.read(1..4), Cow::Borrowed(b"ell")));
        body.push(Bytes::from(vec![b'x'; SMALL]));
        assert_eq!(body.chunks.len(), 2);
        assert!(matches!(body.read(4..6), Cow::Owned(_)));
    }

    #[test]
    fn equality_is_identity() {
        let body = Body::from(Bytes::from_static(b"a"));
        let mut longer = body.clone();
        assert_eq!(body, longer);
        longer.push(Bytes::from_static(b"b"));
        assert_ne!(body, longer);
        assert_ne!(body, Body::from(Bytes::from_static(b"a")));
        assert_eq!((body.len(), longer.len()), (1, 2), "a clone keeps what it had");
    }
    struct Kept(Vec<u8>);

    impl Store for Kept {
        fn read(&self, offset: u64, into: &mut [u8]) -> usize {
            let rest = self.0.get(narrow(offset)..).unwrap_or_default();
            let count = rest.len().min(into.len());
            into[..count].copy_from_slice(&rest[..count]);
            count
        }
    }

    #[test]
    fn what_stands_in_a_store_reads_as_if_it_were_in_memory() {
        let text: Vec<u8> = (0..300_000_u32).map(|n| if n % 97 == 0 { b'\n' } else { (n % 251) as u8 }).collect();
        let whole = Body::from(Bytes::from(text.clone()));
        let store: Arc<dyn Store> = Arc::new(Kept(text[10_000..].to_vec()));
        let mut body = Body::from(Bytes::copy_from_slice(&text[..10_000]));
        for piece in text[10_000..].chunks(70_001) {
            body.push_stored(&store, wide(piece.len()), count_breaks(piece));
        }
        assert_eq!((body.len(), body.breaks(), body.in_memory()), (whole.len(), whole.breaks(), 10_000));
        for (start, end) in
            [(0, 10), (9_990, 10_010), (65_000, 90_000), (0, 300_000), (299_999, 400_000), (75_536, 75_537)]
        {
            assert_eq!(body.read(start..end), whole.read(start..end), "{start}..{end}");
        }
        assert_eq!(body.byte(299_999), whole.byte(299_999));
        assert_eq!(body.byte(300_000), None);
        assert_eq!(body.parts(0).flat_map(|part| part.to_vec()).collect::<Vec<_>>(), text);
    }

    #[test]
    fn a_store_that_cannot_be_read_ends_the_body() {
        let store: Arc<dyn Store> = Arc::new(Kept(Vec::new()));
        let mut body = Body::from(Bytes::from_static(b"ab"));
        body.push_stored(&store, 100, 0);
        assert_eq!(&*body.read(0..50), b"ab");
        assert_eq!(body.parts(0).count(), 1);
    }
}
