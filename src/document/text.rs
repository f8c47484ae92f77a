//! Text from the network, made safe to draw and measured in terminal columns.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Replaces every character that could steer the terminal, reorder the text or hide by a visible mark: control pictures such as
/// `␛` for C0 and DEL, `⟨U+202E⟩` for C1, bidirectional controls, zero-width and other invisible characters. The result is one
/// line and has no control characters. Clean text is borrowed.
#[must_use]
pub fn displayable(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let Some((first, _)) = text.char_indices().find(|(_, c)| is_hostile(*c)) else {
        return Cow::Borrowed(text);
    };
    let mut clean = String::with_capacity(text.len() + 16);
    clean.push_str(&text[..first]);
    for c in text[first..].chars() {
        push_mark(&mut clean, c);
    }
    Cow::Owned(clean)
}

/// The same for bytes: what is not UTF-8 becomes U+FFFD, once for each broken sequence.
#[must_use]
pub fn displayable_bytes(bytes: &[u8]) -> String {
    let mut clean = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        clean.push_str(&displayable(chunk.valid()));
        if !chunk.invalid().is_empty() {
            clean.push(char::REPLACEMENT_CHARACTER);
        }
    }
    clean
}

/// A JSON string, decoded and made safe to draw.
#[must_use]
pub fn displayable_string(raw: &[u8]) -> String {
    match displayable(&decode_string(raw)) {
        Cow::Borrowed(clean) => clean.to_owned(),
        Cow::Owned(clean) => clean,
    }
}

/// Whether a text is printable ASCII, a column a byte.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x7E))
}

fn push_mark(text: &mut String, c: char) {
    match c {
        '\0'..='\x1F' => text.extend(char::from_u32(0x2400 + u32::from(c))),
        '\x7F' => text.push('␡'),
        c if is_hostile(c) => {
            text.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)));
        }
        c => text.push(c),
    }
}

/// Controls, and characters that have no picture of their own: they reorder, join, hide or carry hidden text.
fn is_hostile(c: char) -> bool {
    matches!(c,
        '\0'..='\x1F' | '\x7F'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}'
        | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Columns that a terminal takes for `text`, counted by grapheme.
#[must_use]
pub fn width(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The text cut to `columns`, its last column an ellipsis where something was cut off.
#[must_use]
pub fn truncate(text: &str, columns: usize) -> Cow<'_, str> {
    // A column takes at least one byte unless characters without width are about.
    if text.len() <= columns && is_plain(text) {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut used = 0;
    // Where to cut if it turns out that the text is too wide: the last place that leaves a column for the ellipsis.
    let mut keep = 0;
    for (start, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > columns {
            return Cow::Owned(format!("{}…", &text[..keep]));
        }
        if used < columns {
            keep = start + grapheme.len();
        }
    }
    Cow::Borrowed(text)
}

/// The part of `text` that lies `skip` columns from its left, at most `columns` wide. A wide character that is cut in two by
/// the left edge shows as a space.
#[must_use]
pub fn slice_columns(text: &str, skip: usize, columns: usize) -> String {
    let mut slice = String::new();
    let mut at = 0;
    let right = skip.saturating_add(columns);
    for grapheme in text.graphemes(true) {
        let next = at + grapheme.width();
        if next > right {
            break;
        }
        if at >= skip {
            slice.push_str(grapheme);
        } else if next > skip {
            slice.extend(std::iter::repeat_n(' ', next - skip));
        }
        at = next;
    }
    slice
}

/// A JSON string, given with its quotes, decoded. Never fails: lone surrogates and invalid UTF-8 become U+FFFD, an unknown escape
/// stands for itself, and a missing closing quote is forgiven. Whatever follows the closing quote is ignored.
///
/// The result may hold any character; see [`displayable_string`] for drawing.
#[must_use]
pub fn decode_string(raw: &[u8]) -> String {
    let mut rest = raw.strip_prefix(b"\"").unwrap_or(raw);
    let mut text = Vec::with_capacity(rest.len());
    loop {
        let plain = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
        text.extend_from_slice(&rest[..plain]);
        let Some([b'\\', escape, after @ ..]) = rest.get(plain..) else {
            break;
        };
        rest = after;
        match escape {
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'u' => {
                let (c, after) = unicode_escape(rest);
                rest = after;
                text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => text.push(*other),
        }
    }
    match String::from_utf8(text) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

/// Decodes what follows `\u`, with the second half of a surrogate pair if there is one; answers the rest.
fn unicode_escape(rest: &[u8]) -> (char, &[u8]) {
    const LOST: char = char::REPLACEMENT_CHARACTER;
    let Some((high, after)) = hex4(rest) else {
        return (LOST, rest);
    };
    if !(0xD800..0xDC00).contains(&high) {
        return (char::from_u32(high).unwrap_or(LOST), after);
    }
    match after.strip_prefix(b"\\u").and_then(hex4) {
        Some((low @ 0xDC00..0xE000, after)) => {
            let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            (char::from_u32(code).unwrap_or(LOST), after)
        }
        _ => (LOST, after),
    }
}

fn hex4(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = bytes.split_first_chunk::<4>()?;
    let mut code = 0;
    for digit in digits {
        code = code * 16 + char::from(*digit).to_digit(16)?;
    }
    Some((code, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_what_steers_hides_or_reorders() {
        assert_eq!(displayable("plain é 漢 👍🏽"), "plain é 漢 👍🏽");
        assert!(matches!(displayable("plain é"), Cow::Borrowed(_)));
        assert_eq!(displayable("a\x1b[2Jb\x7f\0\r\n\t\x07"), "a␛[2Jb␡␀␍␊␉␇");
        assert_eq!(displayable("10\u{8}0"), "10␈0");
        assert_eq!(displayable("\u{9b}31m"), "⟨U+009B⟩31m");
        let bidi = "\u{61C}\u{200E}\u{200F}\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}";
        let hidden = "\u{200B}\u{200C}\u{200D}\u{2060}\u{FEFF}\u{AD}\u{2028}\u{2029}\u{E0000}\u{E0041}\u{E007F}";
        for c in bidi.chars().chain(hidden.chars()) {
            let text = c.to_string();
            assert_eq!(displayable(&text), format!("⟨U+{:04X}⟩", u32::from(c)));
        }
        assert_eq!(displayable_bytes(b"a\xFFb\xE2\x82\x1b"), "a\u{FFFD}b\u{FFFD}␛");
        assert_eq!(displayable_string(br#""10\b0\u202e\ud800""#), "10␈0⟨U+202E⟩\u{FFFD}");
    }

    #[test]
    fn decodes_strings() {
        assert_eq!(decode_string(br#""a\"\\\/\b\f\n\r\tz""#), "a\"\\/\u{8}\u{c}\n\r\tz");
        assert_eq!(decode_string(br#""\u00e9\uD83d\uDe00!""#), "é😀!");
        assert_eq!(decode_string(br#""\ud83dx""#), "\u{FFFD}x");
        assert_eq!(decode_string(br#""\ud83d\ud83d\ude00""#), "\u{FFFD}😀");
        assert_eq!(decode_string(br#""\ude00\u12""#), "\u{FFFD}\u{FFFD}12");
        assert_eq!(decode_string(b"\"\xFF\\q\""), "\u{FFFD}q");
        assert_eq!(decode_string(b"\"abc"), "abc");
        assert_eq!(decode_string(b"\"abc\\"), "abc");
        assert_eq!(decode_string(br#""abc" : [1]"#), "abc");
        assert_eq!(decode_string(b""), "");
    }

    #[test]
    fn truncates_by_grapheme() {
        assert_eq!(truncate("abcdef", 6), "abcdef");
        assert_eq!(truncate("abcdef", 5), "abcd…");
        assert_eq!(truncate("abcdef", 1), "…");
        assert_eq!(truncate("abcdef", 0), "");
        assert_eq!(truncate("漢字漢字", 8), "漢字漢字");
        assert_eq!(truncate("漢字漢字", 7), "漢字漢…");
        assert_eq!(truncate("漢字漢字", 6), "漢字…");
        assert_eq!(truncate("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(slice_columns("漢字ab", 1, 4), " 字a");
        assert_eq!(slice_columns("abc", 1, 1), "b");
        assert_eq!(slice_columns("abc", 5, 3), "");
    }

    proptest! {
        #[test]
        fn never_lets_anything_through(text in any::<String>(), columns in 0usize..40) {
            let clean = displayable(&text);
            prop_assert!(clean.chars().all(|c| !is_hostile(c)));
            let cut = truncate(&clean, columns);
            prop_assert!(width(&cut) <= columns);
            prop_assert!(width(&slice_columns(&clean, columns, 7)) <= 7);
            // Where there is no column at all, not even a mark without width is drawn: it would join a neighbour's cell.
            if columns > 0 && width(&clean) <= columns {
                prop_assert_eq!(&*cut, &*clean);
            }
        }

        #[test]
        fn decoding_agrees_with_serde(text in any::<String>(), noise in any::<Vec<u8>>()) {
            let raw = serde_json::to_string(&text).unwrap_or_default();
            prop_assert_eq!(decode_string(raw.as_bytes()), text);
            let _ = decode_string(&noise);
            let _ = displayable_bytes(&noise);
        }
    }
}
