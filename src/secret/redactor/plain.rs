//! A text without the escapes of JSON and of URLs, and the way back to where it was escaped.

/// Bytes of an escape and one more, before which it may be cut.
pub(super) const LONGEST_ESCAPE: usize = 8;

/// Bytes at the end that may be a cut escape, also one that is escaped itself.
pub(super) fn cut(bytes: &[u8]) -> usize {
    let escapes = |byte: &u8| matches!(byte, b'\\' | b'%');
    // No farther back than an escape is long: however many there are in a row, little is held.
    let tail = &bytes[bytes.len() - bytes.len().min(LONGEST_ESCAPE)..];
    tail.iter().rposition(escapes).map_or(0, |last| {
        let row = tail[..last].iter().rev().take_while(|byte| escapes(byte)).count();
        tail.len() - last + row
    })
}

/// Bytes without their escapes, and where each of them begins in what they were made from.
pub(super) struct Plain {
    pub(super) bytes: Vec<u8>,
    /// From which byte on, and from which of the source, both go side by side.
    runs: Vec<(usize, usize)>,
    /// Length of the source.
    end: usize,
}

impl Plain {
    /// Two layers: some servers escape what is escaped already. None where nothing is escaped.
    pub(super) fn layers(bytes: &[u8]) -> Vec<Self> {
        let mut layers: Vec<Self> = Vec::new();
        for _ in 0..2 {
            let from = layers.last().map_or(bytes, |layer| &layer.bytes);
            if memchr::memchr2(b'\\', b'%', from).is_none() {
                break;
            }
            layers.push(Self::read(from));
        }
        layers
    }

    fn read(bytes: &[u8]) -> Self {
        let mut plain = Self { bytes: Vec::with_capacity(bytes.len()), runs: vec![(0, 0)], end: bytes.len() };
        let mut at = 0;
        while let Some(next) = memchr::memchr2(b'\\', b'%', &bytes[at..]) {
            plain.bytes.extend_from_slice(&bytes[at..at + next]);
            at += next;
            let (byte, length) = unescape(&bytes[at..]).unwrap_or((bytes[at], 1));
            plain.bytes.push(byte);
            at += length;
            if length > 1 {
                plain.runs.push((plain.bytes.len() - 1, at - length));
                plain.runs.push((plain.bytes.len(), at));
            }
        }
        plain.bytes.extend_from_slice(&bytes[at..]);
        plain
    }

    /// Where in the source a byte begins.
    pub(super) fn source(&self, at: usize) -> usize {
        let run = self.runs.partition_point(|(start, _)| *start <= at);
        let (start, source) = run.checked_sub(1).map_or((0, 0), |run| self.runs[run]);
        (source + (at - start)).min(self.end)
    }
}

/// The byte that an escape of JSON (RFC 8259, section 7) or of a URL (RFC 3986, section 2.1) stands for, and its length.
fn unescape(bytes: &[u8]) -> Option<(u8, usize)> {
    let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    match bytes {
        [b'\\', b'u', b'0', b'0', high, low, ..] => Some((hex(&[*high, *low])?, 6)),
        [b'\\', byte @ (b'/' | b'"' | b'\\'), ..] => Some((*byte, 2)),
        [b'%', high, low, ..] => Some((hex(&[*high, *low])?, 3)),
        _ => None,
    }
}
