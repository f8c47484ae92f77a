//! The bytes of a body, exactly as they were received.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::{narrow, wide};

/// Chunks smaller than this are joined, so that a server that sends one byte at a time does not cost a list entry for each.
const SMALL: usize = 4096;

/// A body as a list of received chunks. Cloning shares the bytes; equality means the same storage, not the same text.
#[derive(Clone, Default)]
pub struct Body {
    chunks: Arc<Vec<Chunk>>,
    len: u64,
}

#[derive(Clone)]
struct Chunk {
    start: u64,
    bytes: Bytes,
}

impl Chunk {
    fn end(&self) -> u64 {
        self.start + wide(self.bytes.len())
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
        let start = self.len;
        self.len += wide(bytes.len());
        let chunks = Arc::make_mut(&mut self.chunks);
        if let Some(last) = chunks.last_mut()
            && last.bytes.len() + bytes.len() <= SMALL
        {
            let mut joined = BytesMut::with_capacity(last.bytes.len() + bytes.len());
            joined.extend_from_slice(&last.bytes);
            joined.extend_from_slice(&bytes);
            last.bytes = joined.freeze();
            return;
        }
        chunks.push(Chunk { start, bytes });
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

    /// The chunks in order. Small ones may have been joined since they were pushed.
    pub fn chunks(&self) -> impl Iterator<Item = &Bytes> {
        self.chunks.iter().map(|chunk| &chunk.bytes)
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
        if let Some(slice) = first.get(..wanted) {
            return Cow::Borrowed(slice);
        }
        let mut copy = Vec::with_capacity(wanted);
        copy.extend_from_slice(first);
        while copy.len() < wanted {
            let more = self.piece(start + wide(copy.len()));
            if more.is_empty() {
                break;
            }
            copy.extend_from_slice(&more[..more.len().min(wanted - copy.len())]);
        }
        Cow::Owned(copy)
    }

    /// The rest of the chunk that holds `offset`, without copying; empty at the end of the body.
    #[must_use]
    pub fn piece(&self, offset: u64) -> &[u8] {
        let position = self.chunks.partition_point(|chunk| chunk.end() <= offset);
        self.chunks
            .get(position)
            .map_or(&[], |chunk| chunk.bytes.get(narrow(offset - chunk.start)..).unwrap_or_default())
    }
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
            Arc::make_mut(&mut body.chunks).push(Chunk { start: body.len, bytes: Bytes::copy_from_slice(chunk) });
            body.len += wide(chunk.len());
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
        assert_eq!(body.chunks().count(), 1);
        assert!(matches!(body.read(1..4), Cow::Borrowed(b"ell")));
        body.push(Bytes::from(vec![b'x'; SMALL]));
        assert_eq!(body.chunks().count(), 2);
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
}
