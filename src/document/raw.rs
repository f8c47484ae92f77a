//! The raw view: a body as wrapped lines of text, positioned by byte offset so that it needs no index at any size.
//!
//! Rows break at line breaks and where the width is reached. A line longer than [`ANCHOR`] also breaks at anchors, fixed places
//! that do not depend on the width, so that going back never has to wrap more than a bounded stretch and still meets the same rows.

use unicode_segmentation::UnicodeSegmentation;

use super::text::{displayable, width};
use super::{Body, narrow, wide};

/// Distance between anchors in bytes.
const ANCHOR: u64 = 64 * 1024;

/// How far an anchor may be moved to avoid cutting a character, in bytes.
const SLACK: u64 = 64;

/// A grapheme longer than this, in bytes, is cut.
const GRAPHEME: usize = 128;

/// One row of the raw view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawLine {
    /// Byte offset of the first byte.
    pub start: u64,
    /// Byte offset after the last byte that is drawn; a line break is not part of it.
    pub end: u64,
    /// Byte offset of the row below.
    pub next: u64,
    /// Whether it begins a line of the body rather than going on with one.
    pub first: bool,
}

/// Up to `rows` rows, `columns` wide, from the row that starts at `from` on. Fewer at the end of the body.
#[must_use]
pub fn wrap_forward(body: &Body, from: u64, columns: usize, rows: usize) -> Vec<RawLine> {
    let mut lines = Vec::new();
    let mut start = from;
    let mut border = Border::default();
    while lines.len() < rows && start < body.len() {
        let line = wrap_one(body, start, columns.max(1), &mut border);
        lines.push(line);
        if line.next <= start {
            break;
        }
        start = line.next;
    }
    lines
}

/// The offset of the row that stands `rows` above the one that starts at `from`, or of the first row.
#[must_use]
pub fn wrap_back(body: &Body, from: u64, columns: usize, rows: usize) -> u64 {
    let mut from = from.min(body.len());
    let mut wanted = rows;
    while wanted > 0 && from > 0 {
        let starts = rows_before(body, from, columns);
        if let Some(place) = starts.len().checked_sub(wanted) {
            return starts.get(place).copied().unwrap_or(0);
        }
        wanted -= starts.len();
        from = starts.first().copied().unwrap_or(0);
    }
    from
}

/// The top offset that shows the last `rows` rows.
#[must_use]
pub fn wrap_end(body: &Body, columns: usize, rows: usize) -> u64 {
    wrap_back(body, body.len(), columns, rows)
}

/// The offset of the row that shows the byte at `offset`.
#[must_use]
pub fn wrap_at(body: &Body, offset: u64, columns: usize) -> u64 {
    if body.is_empty() {
        return 0;
    }
    let offset = offset.min(body.len() - 1);
    rows_before(body, offset + 1, columns).last().copied().unwrap_or(0)
}

/// Starts of the rows between the nearest line start or anchor and `from`: at least one unless `from` is 0.
fn rows_before(body: &Body, from: u64, columns: usize) -> Vec<u64> {
    let mut starts = Vec::new();
    let mut start = stretch_start(body, from);
    let mut border = Border::default();
    while start < from {
        starts.push(start);
        let next = wrap_one(body, start, columns.max(1), &mut border).next;
        // A body that cannot be read any further ends here.
        if next <= start {
            break;
        }
        start = next;
    }
    starts
}

/// The last line start or anchor before `from`.
fn stretch_start(body: &Body, from: u64) -> u64 {
    let Some(before) = from.checked_sub(1) else {
        return 0;
    };
    // Far enough to see that an anchor within the last two distances stands in a long line.
    let low = before.saturating_sub(4 * ANCHOR);
    let line = match memchr::memrchr(b'\n', &body.read(low..before)) {
        Some(found) => Some(low + wide(found) + 1),
        None => (low == 0).then_some(0),
    };
    for back in 0..3 {
        let Some(number) = (before / ANCHOR).checked_sub(back) else {
            break;
        };
        let place = number * ANCHOR;
        if line.is_some_and(|line| line + ANCHOR > place) {
            break;
        }
        let aligned = align(body, place);
        if aligned < from {
            return aligned;
        }
    }
    line.unwrap_or(low)
}

/// The anchor at or shortly after `place`: before an ASCII character if one is near, else between characters; never behind a
/// line break, where the long line is over.
fn align(body: &Body, place: u64) -> u64 {
    if place == 0 {
        return 0;
    }
    let near = body.read(place..place + SLACK);
    let ascii = near.iter().position(|byte| matches!(byte, b'\n' | 0x20..=0x7E));
    let found = ascii.or_else(|| near.iter().position(|byte| byte & 0xC0 != 0x80));
    place + found.map_or(0, wide)
}

/// The next anchor ahead, remembered from row to row.
#[derive(Default)]
struct Border {
    /// The multiple of `ANCHOR` that was examined.
    examined: u64,
    /// Where to break there, if the line is that long.
    at: Option<u64>,
}

impl Border {
    /// Where the row that starts at `start` must break at the latest, if that comes before `reach`.
    fn ahead(&mut self, body: &Body, start: u64, reach: u64) -> Option<u64> {
        // The anchor of this very stretch may be aligned to a place after `start`.
        for number in [start / ANCHOR, start / ANCHOR + 1] {
            let place = number * ANCHOR;
            if place == 0 || place > reach {
                continue;
            }
            if self.examined != place {
                let line = memchr::memchr(b'\n', &body.read(place - ANCHOR..place));
                self.examined = place;
                self.at = line.is_none().then(|| align(body, place));
            }
            if self.at.is_some_and(|at| at > start) {
                return self.at;
            }
        }
        None
    }
}

fn wrap_one(body: &Body, start: u64, columns: usize, border: &mut Border) -> RawLine {
    let first = start == 0 || body.byte(start - 1) == Some(b'\n');
    let mut at = start;
    let mut used = 0;
    let mut size = columns + 2 * GRAPHEME;
    loop {
        let window = body.read(at..at + wide(size));
        // It ends there, or cannot be read any further.
        let whole = window.len() < size || at + wide(window.len()) == body.len();
        let limit = border.ahead(body, start, at + wide(window.len()));
        let mut rest: &[u8] = &window;
        while !rest.is_empty() && (whole || rest.len() >= GRAPHEME) {
            let here = at + wide(window.len() - rest.len());
            if let Some(broken) = line_break(rest) {
                let next = here + broken;
                return RawLine { start, end: here, next, first };
            }
            if limit.is_some_and(|limit| here >= limit) {
                return RawLine { start, end: here, next: here, first };
            }
            let (length, cells) = unit(rest);
            // Something is drawn on every row, however narrow.
            if used + cells > columns && here > start {
                return RawLine { start, end: here, next: here, first };
            }
            used += cells;
            rest = rest.get(length..).unwrap_or_default();
        }
        at += wide(window.len() - rest.len());
        if whole && rest.is_empty() {
            return RawLine { start, end: at, next: at, first };
        }
        // Characters without width can make a row long; take larger steps then.
        size = (size * 2).min(narrow(ANCHOR));
    }
}

/// Length of the line break at the start of `bytes`.
fn line_break(bytes: &[u8]) -> Option<u64> {
    match bytes {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

/// Length in bytes and width in columns of what is drawn as one.
fn unit(bytes: &[u8]) -> (usize, usize) {
    // Control characters are marks of one column.
    if matches!(bytes, [0..=0x7F] | [0..=0x7F, 0..=0x7F, ..]) {
        return (1, 1);
    }
    let near = bytes.get(..GRAPHEME).unwrap_or(bytes);
    let Some(chunk) = near.utf8_chunks().next() else {
        return (1, 1);
    };
    match chunk.valid().graphemes(true).next() {
        Some(grapheme) => (grapheme.len(), width(&displayable(grapheme))),
        None => (chunk.invalid().len().max(1), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    fn body(text: &[u8]) -> Body {
        Body::from(Bytes::copy_from_slice(text))
    }

    fn drawn(text: &str, columns: usize) -> Vec<&str> {
        wrap_forward(&body(text.as_bytes()), 0, columns, 100)
            .iter()
            .map(|line| &text[narrow(line.start)..narrow(line.end)])
            .collect()
    }

    /// Going down row by row and up again from every row meets the same rows, and no byte is lost.
    fn check(text: &[u8], columns: usize) {
        let body = body(text);
        let lines = wrap_forward(&body, 0, columns, usize::MAX);
        let mut expected = 0;
        for (number, line) in lines.iter().enumerate() {
            assert_eq!(line.start, expected);
            assert!(line.next > line.start && line.end <= line.next);
            assert!(matches!(&*body.read(line.end..line.next), b"" | b"\n" | b"\r\n"));
            assert_eq!(line.first, number == 0 || text[narrow(line.start) - 1] == b'\n');
            expected = line.next;
        }
        assert_eq!(expected, body.len());
        let picks = (0..lines.len()).step_by((lines.len() / 97).max(1));
        for number in picks {
            let from = lines[number].start;
            for back in [0, 1, 2, 3, 50] {
                let above = lines[number.saturating_sub(back)].start;
                assert_eq!(wrap_back(&body, from, columns, back), above, "{back} above {from}");
            }
            assert_eq!(wrap_forward(&body, from, columns, 2), lines[number..(number + 2).min(lines.len())]);
            assert_eq!(wrap_at(&body, from, columns), from);
            assert_eq!(wrap_at(&body, lines[number].next - 1, columns), from);
        }
        let last = lines.len().saturating_sub(4);
        assert_eq!(wrap_end(&body, columns, 4), lines.get(last).map_or(0, |line| line.start));
    }

    #[test]
    fn breaks_lines() {
        assert_eq!(drawn("abc\ndefgh\r\n\nx", 3), ["abc", "def", "gh", "", "x"]);
        assert_eq!(drawn("漢字漢", 5), ["漢字", "漢"]);
        assert_eq!(drawn("漢字", 1), ["漢", "字"]);
        assert_eq!(drawn("abe\u{301}d", 3), ["abe\u{301}", "d"]);
        assert_eq!(drawn("a\u{202E}b", 10), ["a\u{202E}b"], "a mark takes eight columns");
        assert_eq!(drawn("ab\u{202E}b", 10), ["ab\u{202E}", "b"]);
        assert_eq!(drawn("", 3), [""; 0]);
        assert_eq!(drawn("a\r\n", 1), ["a"]);
    }

    /// A store of which nothing can be read.
    struct Lost;

    impl crate::document::Store for Lost {
        fn read(&self, _: u64, _: &mut [u8]) -> usize {
            0
        }
    }

    #[test]
    fn an_empty_body_and_one_that_cannot_be_read_have_an_end() {
        assert_eq!(wrap_at(&body(b""), 0, 80), 0);
        assert_eq!(wrap_at(&body(b""), 7, 80), 0);
        assert_eq!(wrap_back(&body(b""), 0, 80, 3), 0);
        assert_eq!(wrap_forward(&body(b""), 0, 80, 3), []);
        let lost: std::sync::Arc<dyn crate::document::Store> = std::sync::Arc::new(Lost);
        let mut half = body(b"ab");
        half.push_stored(&lost, 1000, 3);
        assert!(wrap_forward(&half, 0, 80, 9).len() <= 2);
        let _ =
            (wrap_at(&half, 500, 80), wrap_end(&half, 80, 9), half.line_start(2), half.line_end(5), half.line_at(900));
    }

    #[test]
    fn long_lines_are_bounded_and_consistent() {
        let ascii: Vec<u8> = (b'a'..=b'z').cycle().take(400_000).collect();
        check(&ascii, 79);
        check(&"漢".repeat(120_000).into_bytes(), 79);
        check(&"e\u{301}x".repeat(70_000).into_bytes(), 80);
        check(&"\u{301}".repeat(100_000).into_bytes(), 40);
        check(&vec![0xFF; 200_000], 80);
        let mut mixed = "short\n".repeat(20_000).into_bytes();
        mixed.extend_from_slice(&ascii);
        mixed.extend_from_slice(b"\nend\n");
        check(&mixed, 33);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn any_bytes_wrap_consistently(
            text in proptest::collection::vec(prop_oneof![
                Just(b"\n".to_vec()), Just(b"\r\n".to_vec()), Just(b"plain text".to_vec()),
                Just("漢字".as_bytes().to_vec()), Just("e\u{301}".as_bytes().to_vec()),
                Just("👨\u{200D}👩".as_bytes().to_vec()), any::<Vec<u8>>(),
            ], 0..12),
            columns in 1usize..30,
        ) {
            check(&text.concat(), columns);
        }
    }
}
