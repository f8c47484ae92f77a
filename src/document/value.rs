//! One value taken out of its document: the bytes of a subtree, or a string decoded, as a body of its own.

use std::ops::Range;

use bytes::Bytes;

use super::text::decode_string;
use super::{Body, Document, RowKind, narrow, wide};

impl Document {
    /// The bytes of the whole value that a row opens, closes or shows, as sent; `None` while it is still arriving.
    #[must_use]
    pub fn value_range(&self, row: u64) -> Option<Range<u64>> {
        let own = self.row(row)?;
        match own.kind {
            RowKind::Open { .. } => Some(own.offset..self.container_end(row)?.offset + 1),
            RowKind::Close { .. } => {
                let open = own.partner?;
                Some(self.row(open)?.offset..own.offset + 1)
            }
            _ => Some(own.offset..own.end),
        }
    }
}

/// A part of a body as a body of its own. It is copied.
#[must_use]
pub fn slice(body: &Body, range: Range<u64>) -> Body {
    let mut out = Body::new();
    let mut at = range.start;
    for part in body.parts(range.start) {
        let room = narrow(range.end.saturating_sub(at));
        let part = &part[..part.len().min(room)];
        out.push(Bytes::copy_from_slice(part));
        at += wide(part.len());
        if at >= range.end {
            break;
        }
    }
    out
}

/// A string's text as a body of its own: its escapes decoded, so that its lines are lines. Anything else as sent.
#[must_use]
pub fn opened(body: &Body, range: Range<u64>) -> Body {
    let raw = body.read(range);
    let text = if raw.first() == Some(&b'"') { decode_string(&raw).into_bytes() } else { raw.into_owned() };
    Body::from(Bytes::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_whole_and_strings_are_decoded() {
        let document = Document::from_bytes(Bytes::from_static(br#"{"a": [1, {"b": "x\ny\u00e9"}], "c": 2}"#));
        let text = |row| document.value_range(row).map(|range| slice(document.body(), range).read(0..99).into_owned());
        let whole = br#"[1, {"b": "x\ny\u00e9"}]"#.to_vec();
        assert_eq!(text(1), Some(whole.clone()));
        assert_eq!(text(6), Some(whole), "a closing row stands for all of it");
        assert_eq!(text(7), Some(b"2".to_vec()));
        let string = document.value_range(4).unwrap();
        assert_eq!(&*opened(document.body(), string).read(0..99), "x\nyé".as_bytes());
        assert_eq!(document.value_range(99), None);
    }
}
