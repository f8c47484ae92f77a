//! Finding text in a body, off the UI task and without an index.

use super::{Body, narrow, wide};

/// No more hits than this are collected.
pub const MAX_HITS: usize = 1_000_000;

/// Bytes searched between two looks at the stop flag.
const WINDOW: u64 = 256 * 1024;

/// Where something was found: byte offsets into the body, the end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// First byte.
    pub start: u64,
    /// Byte after the last.
    pub end: u64,
}

/// What is sought: a literal. Without capital letters in it, capitals do not matter (ASCII and simple Unicode pairs).
///
/// The text as sent is searched, brackets and commas included, so a query works on any kind of body. Besides, characters that
/// JSON may write as escapes are found in either form: `é` also as `\u00e9`, `"`, `\`, `/` and controls also escaped. ASCII letters
/// written as `\u0061` are not found, and neither are letters that change length between cases, such as `ß` and `SS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    text: String,
    /// For every character the ways in which it may be written. No way is a prefix of another.
    characters: Vec<Vec<Vec<u8>>>,
    /// Set when every character can be written in one way only.
    exact: bool,
    /// Bytes that the longest way to write all of it takes.
    longest: usize,
}

impl Query {
    /// A query for a literal text. An empty one finds nothing.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let folded = !text.chars().any(char::is_uppercase);
        let characters: Vec<_> = text.chars().map(|c| ways(c, folded)).collect();
        Self {
            text: text.to_owned(),
            exact: characters.iter().all(|ways| ways.len() == 1),
            longest: characters.iter().map(|ways| ways.iter().map(Vec::len).max().unwrap_or(0)).sum(),
            characters,
        }
    }

    /// The text that was asked for.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether capitals matter.
    #[must_use]
    pub fn is_case_sensitive(&self) -> bool {
        self.text.chars().any(char::is_uppercase)
    }

    /// Length of the match at the start of `bytes`.
    fn match_len(&self, bytes: &[u8]) -> Option<usize> {
        let mut len = 0;
        for ways in &self.characters {
            let rest = bytes.get(len..)?;
            len += ways.iter().find(|way| starts_with(rest, way))?.len();
        }
        Some(len)
    }

    /// Calls `hit` with every match that starts before `limit`, until it answers false. Matches do not overlap.
    fn search(&self, bytes: &[u8], limit: usize, mut hit: impl FnMut(usize, usize) -> bool) {
        let Some(first) = self.characters.first() else {
            return;
        };
        if self.exact {
            for start in memchr::memmem::find_iter(bytes, &self.text) {
                if start >= limit || !hit(start, start + self.text.len()) {
                    return;
                }
            }
            return;
        }
        let mut beginnings: Vec<u8> = first.iter().filter_map(|way| way.first().copied()).collect();
        beginnings.dedup();
        let mut at = 0;
        while let Some(found) = bytes.get(at..).and_then(|rest| match beginnings[..] {
            [one] => memchr::memchr(one, rest),
            [one, two] => memchr::memchr2(one, two, rest),
            [one, two, three] => memchr::memchr3(one, two, three, rest),
            _ => rest.iter().position(|byte| beginnings.contains(byte)),
        }) {
            let start = at + found;
            if start >= limit {
                return;
            }
            at = match self.match_len(&bytes[start..]) {
                Some(len) if hit(start, start + len) => start + len,
                Some(_) => return,
                None => start + 1,
            };
        }
    }
}

/// Hexadecimal digits of an escape may be of either case.
fn starts_with(bytes: &[u8], way: &[u8]) -> bool {
    let Some(head) = bytes.get(..way.len()) else {
        return false;
    };
    if way.len() >= 6 && way[0] == b'\\' { head.eq_ignore_ascii_case(way) && head[1] == b'u' } else { head == way }
}

fn ways(c: char, folded: bool) -> Vec<Vec<u8>> {
    let mut forms = vec![c];
    if folded {
        let mut upper = c.to_uppercase();
        if let (Some(one), None) = (upper.next(), upper.next())
            && one != c
        {
            forms.push(one);
        }
    }
    let mut ways: Vec<Vec<u8>> = forms.iter().map(|c| c.to_string().into_bytes()).collect();
    let short = match c {
        '"' | '/' => Some(c),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        _ => None,
    };
    ways.extend(short.map(|short| format!("\\{short}").into_bytes()));
    for c in forms {
        if c == '\\' {
            // Longest first: a lone backslash is a prefix of the escaped one.
            ways.insert(0, b"\\\\".to_vec());
        } else if !c.is_ascii() || c.is_ascii_control() {
            let mut units = [0; 2];
            let escape: String = c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect();
            ways.push(escape.into_bytes());
        }
    }
    ways
}

/// Every place where the query matches, in order and not overlapping, found across the borders of chunks.
///
/// `cancelled` is asked and `progress` told (bytes searched so far) every quarter of a megabyte; a cancelled search answers what it
/// has. `MAX_HITS` hits mean that there may be more.
pub fn find_all(body: &Body, query: &Query, cancelled: &dyn Fn() -> bool, progress: &mut dyn FnMut(u64)) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    let mut start = 0;
    let overlap = wide(query.longest.saturating_sub(1));
    while start < body.len() && hits.len() < MAX_HITS && !cancelled() {
        let end = (start + WINDOW).min(body.len());
        let window = body.read(start..end.saturating_add(overlap));
        let mut next = end;
        query.search(&window, narrow(end - start), |from, to| {
            let (from, to) = (start + wide(from), start + wide(to));
            next = next.max(to);
            hits.push(Hit { start: from, end: to });
            hits.len() < MAX_HITS
        });
        // A match that reaches into the next window is not to overlap with one found there.
        start = next;
        progress(start.min(body.len()));
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn find(text: &[u8], query: &str) -> Vec<(u64, u64)> {
        let body = Body::from(Bytes::copy_from_slice(text));
        find_all(&body, &Query::new(query), &|| false, &mut |_| {})
            .into_iter()
            .map(|hit| (hit.start, hit.end))
            .collect()
    }

    #[test]
    fn smart_case() {
        assert_eq!(find(b"Anna anna ANNA", "anna"), [(0, 4), (5, 9), (10, 14)]);
        assert_eq!(find(b"Anna anna ANNA", "Anna"), [(0, 4)]);
        assert_eq!(find("Ærø ÆRØ".as_bytes(), "ærø"), [(0, 5), (6, 11)]);
        assert_eq!(find(b"10.50 10.5", "10.5"), [(0, 4), (6, 10)]);
        assert_eq!(find(b"aaaa", "aa"), [(0, 2), (2, 4)]);
        assert_eq!(find(b"abc", ""), []);
        assert_eq!(find(b"", "a"), []);
        assert_eq!(find(b"ab", "abc"), []);
    }

    #[test]
    fn finds_escaped_forms() {
        assert_eq!(find(br#""caf\u00e9 caf\u00C9""#, "café"), [(1, 10), (11, 20)]);
        assert_eq!(find(br#""\ud83D\uDE00""#, "😀"), [(1, 13)]);
        assert_eq!(find(br#""a\/b a/b""#, "a/b"), [(1, 5), (6, 9)]);
        assert_eq!(find(br#""say \"hi\"""#, "\"hi\""), [(5, 11)]);
        assert_eq!(find(br#""c:\\x""#, "c:\\x"), [(1, 6)]);
        assert_eq!(find(br#""\U00e9""#, "é"), []);
    }

    #[test]
    fn finds_across_chunks_and_windows() {
        for cut in 1..5 {
            let mut body = Body::new();
            let mut text = vec![b'.'; narrow(WINDOW) - cut];
            text.extend_from_slice(b"nEedle");
            // Two chunks too large to be joined, parted amid the needle and at the border of windows.
            text.resize(text.len() + 9000, b'.');
            let bytes = Bytes::from(text);
            body.push(bytes.slice(..narrow(WINDOW)));
            body.push(bytes.slice(narrow(WINDOW)..));
            let start = WINDOW - wide(cut);
            let hits = find_all(&body, &Query::new("needle"), &|| false, &mut |_| {});
            assert_eq!(hits, [Hit { start, end: start + 6 }]);
            let hits = find_all(&body, &Query::new("nEedle"), &|| false, &mut |_| {});
            assert_eq!(hits, [Hit { start, end: start + 6 }]);
        }
    }

    #[test]
    fn stops_when_told_and_at_the_cap() {
        let body = Body::from(Bytes::from(vec![b'a'; MAX_HITS + 10]));
        let query = Query::new("a");
        assert_eq!(find_all(&body, &query, &|| true, &mut |_| {}), []);
        let mut seen = 0;
        let hits = find_all(&body, &query, &|| false, &mut |bytes| seen = bytes);
        assert_eq!(hits.len(), MAX_HITS);
        assert!(seen >= wide(MAX_HITS));
    }
}
