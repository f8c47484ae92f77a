//! Finding text in a body, off the UI task and without an index.

use std::ops::{ControlFlow, Range};

use regex::bytes::{Regex, RegexBuilder};

use super::grammar::{Expect, Inside, Listener, Machine, Outcome, Scalar};
use super::{Body, narrow, wide};

/// No more hits than this are collected.
pub const MAX_HITS: usize = 1_000_000;

/// Bytes searched between two looks at the stop flag.
const WINDOW: u64 = 1024 * 1024;

/// Longest match, in bytes, that is found across the border of two windows.
const LONGEST: u64 = 64 * 1024;

/// Bytes before a window that a pattern may look back at.
const BEHIND: u64 = 16;

/// Largest program that a pattern may become, in bytes.
const LARGEST: usize = 4 << 20;

/// Where something was found: byte offsets into the body, the end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// First byte.
    pub start: u64,
    /// Byte after the last.
    pub end: u64,
}

/// Where in a JSON document is searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// In the text as sent, brackets and commas included.
    #[default]
    Everywhere,
    /// In names of members.
    Keys,
    /// In strings, numbers and words that are not names.
    Values,
}

impl Scope {
    /// The one after it, round the end.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Everywhere => Self::Keys,
            Self::Keys => Self::Values,
            Self::Values => Self::Everywhere,
        }
    }

    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Everywhere => "keys and values",
            Self::Keys => "keys",
            Self::Values => "values",
        }
    }
}

/// What is sought. Without capital letters in it, capitals do not matter.
///
/// A literal also finds what JSON writes as escapes: `é` as `\u00e9`, and `"`, `\`, `/` and controls escaped. ASCII letters
/// written as `\u0061` are not found. A pattern is that of the `regex` crate, matched against the text as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// What is typed.
    pub text: String,
    /// Whether it is a regular expression.
    pub pattern: bool,
    /// Where it is sought.
    pub scope: Scope,
}

/// A query ready to be looked for. Cloning is cheap; equality is that of the queries.
#[derive(Clone, Debug)]
pub struct Finder {
    query: Query,
    regex: Regex,
    /// Set when only one way of writing fits.
    exact: bool,
}

impl PartialEq for Finder {
    fn eq(&self, other: &Self) -> bool {
        self.query == other.query
    }
}

/// A pattern that cannot be looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PatternError(String);

impl Query {
    /// A literal text, everywhere.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// Makes it ready.
    ///
    /// # Errors
    /// [`PatternError`] with a sentence when it is no regular expression.
    pub fn finder(&self) -> Result<Finder, PatternError> {
        let folded = !has_capital(&self.text, self.pattern);
        let ways: Vec<Vec<String>> = self.text.chars().map(ways).collect();
        let exact = !self.pattern && !folded_differs(&self.text, folded) && ways.iter().all(|ways| ways.len() == 1);
        let pattern =
            if self.pattern { self.text.clone() } else { ways.iter().map(|ways| alternatives(ways)).collect() };
        let built = RegexBuilder::new(&pattern).case_insensitive(folded).multi_line(true).size_limit(LARGEST).build();
        let regex = built.map_err(|error| PatternError(sentence(&error)))?;
        Ok(Finder { query: self.clone(), regex, exact })
    }
}

/// The last line of what the library says is the reason; those before it repeat the pattern.
fn sentence(error: &regex::Error) -> String {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default().trim();
    format!("Not a pattern: {}", reason.strip_prefix("error: ").unwrap_or(reason))
}

/// Whether a text has a capital letter; one behind a backslash of a pattern is a class, not a letter.
fn has_capital(text: &str, pattern: bool) -> bool {
    let mut escaped = false;
    text.chars().any(|c| {
        let counts = !escaped && c.is_uppercase();
        escaped = pattern && !escaped && c == '\\';
        counts
    })
}

/// Whether letters of another case fit too.
fn folded_differs(text: &str, folded: bool) -> bool {
    folded && text.chars().any(|c| c.is_lowercase() || c.is_uppercase())
}

fn alternatives(ways: &[String]) -> String {
    match ways {
        [one] => one.clone(),
        _ => format!("(?:{})", ways.join("|")),
    }
}

/// Every way in which JSON may write a character, as patterns.
fn ways(c: char) -> Vec<String> {
    let mut ways = vec![regex::escape(&c.to_string())];
    let short = match c {
        '"' | '/' => Some(c),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        _ => None,
    };
    ways.extend(short.map(|short| format!(r"\\{short}")));
    if c == '\\' {
        // Longest first: a lone backslash is a prefix of the escaped one.
        ways.insert(0, r"\\\\".to_owned());
    } else if !c.is_ascii() || c.is_ascii_control() {
        let escape = |c: char| {
            let mut units = [0; 2];
            // Hexadecimal digits of an escape may be of either case, the letter u may not.
            c.encode_utf16(&mut units).iter().map(|unit| format!(r"\\(?-i:u)(?i:{unit:04x})")).collect::<String>()
        };
        ways.push(escape(c));
        let other: Vec<char> = if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() };
        if let ([other], true) = (&other[..], c.is_lowercase() && other != [c]) {
            ways.push(escape(*other));
        }
    }
    ways
}

impl Finder {
    /// What is sought.
    #[must_use]
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The places in a short text, in order and apart.
    #[must_use]
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        if self.query.text.is_empty() {
            return Vec::new();
        }
        self.regex.find_iter(text.as_bytes()).map(|found| found.range()).filter(|range| !range.is_empty()).collect()
    }

    /// Calls `hit` with every match that starts from `from` on and before `limit`, until it answers false.
    fn search(&self, bytes: &[u8], from: usize, limit: usize, mut hit: impl FnMut(usize, usize) -> bool) {
        if self.exact {
            let needle = self.query.text.as_bytes();
            for start in memchr::memmem::find_iter(bytes.get(from..).unwrap_or_default(), needle) {
                let start = from + start;
                if start >= limit || !hit(start, start + needle.len()) {
                    return;
                }
            }
            return;
        }
        let mut at = from;
        while let Some(found) = bytes.get(at..).and_then(|_| self.regex.find_at(bytes, at)) {
            if found.start() >= limit {
                return;
            }
            if !found.is_empty() && !hit(found.start(), found.end()) {
                return;
            }
            at = found.end().max(at + usize::from(found.is_empty()));
        }
    }
}

/// Every place where something is, in order and apart, found across the borders of chunks.
///
/// `cancelled` is asked and `progress` told (bytes searched so far, and the hits of these bytes) every mebibyte. `MAX_HITS` hits
/// mean that there may be more. Hits in keys or in values only are told at the end.
pub fn find_all(body: &Body, finder: &Finder, cancelled: &dyn Fn() -> bool, progress: &mut dyn FnMut(u64, Vec<Hit>)) {
    if finder.query.text.is_empty() {
        return;
    }
    let scope = finder.query.scope;
    let mut scoped: Vec<Hit> = Vec::new();
    let (mut start, mut count) = (0, 0);
    while start < body.len() && count < MAX_HITS && !cancelled() {
        let end = (start + WINDOW).min(body.len());
        let behind = start.saturating_sub(BEHIND);
        let window = body.read(behind..end.saturating_add(LONGEST));
        let (mut next, mut hits) = (end, Vec::new());
        finder.search(&window, narrow(start - behind), narrow(end - behind), |from, to| {
            let (from, to) = (behind + wide(from), behind + wide(to));
            next = next.max(to);
            hits.push(Hit { start: from, end: to });
            count += 1;
            count < MAX_HITS
        });
        // A match that reaches into the next window is not to overlap with one found there.
        start = next;
        if scope == Scope::Everywhere {
            progress(start.min(body.len()), hits);
        } else {
            scoped.append(&mut hits);
            progress(start.min(body.len()) / 2, Vec::new());
        }
    }
    if !scoped.is_empty() {
        sort_out(body, scope, scoped, cancelled, progress);
    }
}

/// Keeps those hits that lie within names, or within values.
fn sort_out(
    body: &Body,
    scope: Scope,
    hits: Vec<Hit>,
    cancelled: &dyn Fn() -> bool,
    progress: &mut dyn FnMut(u64, Vec<Hit>),
) {
    let mut sorter = Sorter { hits, at: 0, kept: Vec::new(), keys: scope == Scope::Keys, open: Vec::new() };
    let mut machine = Machine::new();
    for part in body.parts(0) {
        if cancelled() || machine.run(&part, &mut sorter) != Outcome::Ate {
            break;
        }
        progress(body.len() / 2 + machine.offset / 2, Vec::new());
    }
    // A number at the very end ends with the body.
    let _ = machine.finish(&mut sorter);
    progress(body.len(), sorter.kept);
}

struct Sorter {
    hits: Vec<Hit>,
    at: usize,
    kept: Vec<Hit>,
    keys: bool,
    open: Vec<bool>,
}

impl Sorter {
    fn token(&mut self, start: u64, end: u64, wanted: bool) {
        while let Some(hit) = self.hits.get(self.at).filter(|hit| hit.start < end) {
            if wanted && hit.start >= start && hit.end <= end {
                self.kept.push(*hit);
            }
            self.at += 1;
        }
    }
}

impl Listener for Sorter {
    fn row(&mut self, _: u64, _: Expect) -> ControlFlow<()> {
        if self.at == self.hits.len() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn key(&mut self, start: u64, end: u64) {
        self.token(start, end, self.keys);
    }

    fn scalar(&mut self, start: u64, end: u64, _: Scalar) {
        self.token(start, end, !self.keys);
    }

    fn open(&mut self, _: u64, array: bool) -> ControlFlow<()> {
        self.open.push(array);
        ControlFlow::Continue(())
    }

    fn close(&mut self, _: u64, _: bool) -> Inside {
        self.open.pop();
        match self.open.last() {
            Some(true) => Inside::Array,
            Some(false) => Inside::Object,
            None => Inside::Top,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn all(body: &Body, query: &Query) -> Vec<Hit> {
        let mut hits = Vec::new();
        find_all(body, &query.finder().unwrap(), &|| false, &mut |_, more| hits.extend(more));
        hits
    }

    fn find_with(text: &[u8], query: &Query) -> Vec<(u64, u64)> {
        let body = Body::from(Bytes::copy_from_slice(text));
        all(&body, query).into_iter().map(|hit| (hit.start, hit.end)).collect()
    }

    fn find(text: &[u8], query: &str) -> Vec<(u64, u64)> {
        find_with(text, &Query::new(query))
    }

    #[test]
    fn patterns_are_matched_and_explained() {
        let pattern = |text: &str| Query { pattern: true, ..Query::new(text) };
        assert_eq!(find_with(b"a1 b22 C333", &pattern("[a-c][0-9]+")), [(0, 2), (3, 6), (7, 11)]);
        assert_eq!(find_with(b"a1 A1", &pattern("A1")), [(3, 5)]);
        assert_eq!(find_with(b"x y", &pattern(r"\S")), [(0, 1), (2, 3)], "a class is no capital letter");
        assert_eq!(find_with(b"aab", &pattern("b*")), [(2, 3)], "what is empty is no hit");
        assert_eq!(find_with(b"one\ntwo", &pattern("^two$")), [(4, 7)]);
        let error = pattern("a(b").finder().unwrap_err().to_string();
        assert_eq!(error, "Not a pattern: unclosed group");
        assert!(pattern("(a{1000}){1000}").finder().is_err());
    }

    #[test]
    fn a_scope_leaves_out_what_is_elsewhere() {
        let text = br#"{"name":"a name","x":["name",1],"y":{"nAme":null}}"#;
        let scoped = |scope, text: &str| Query { scope, ..Query::new(text) };
        assert_eq!(find_with(text, &scoped(Scope::Keys, "name")), [(2, 6), (38, 42)]);
        assert_eq!(find_with(text, &scoped(Scope::Values, "name")), [(11, 15), (23, 27)]);
        assert_eq!(find_with(text, &scoped(Scope::Values, "1")), [(29, 30)]);
        assert_eq!(find_with(text, &scoped(Scope::Values, ":")), []);
        assert_eq!(find_with(b"12", &scoped(Scope::Values, "2")), [(1, 2)]);
    }

    #[test]
    fn places_in_what_is_drawn() {
        assert_eq!(Query::new("ab").finder().unwrap().places("abxAB"), [0..2, 3..5]);
        assert_eq!(Query::new("").finder().unwrap().places("abxAB").len(), 0);
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
            let hits = all(&body, &Query::new("needle"));
            assert_eq!(hits, [Hit { start, end: start + 6 }]);
            let hits = all(&body, &Query::new("nEedle"));
            assert_eq!(hits, [Hit { start, end: start + 6 }]);
        }
    }

    #[test]
    fn stops_when_told_and_at_the_cap() {
        let body = Body::from(Bytes::from(vec![b'a'; MAX_HITS + 10]));
        let finder = Query::new("a").finder().unwrap();
        let (mut seen, mut hits) = (0, 0);
        find_all(&body, &finder, &|| true, &mut |_, more| hits += more.len());
        assert_eq!(hits, 0);
        find_all(&body, &finder, &|| false, &mut |bytes, more| {
            seen = bytes;
            hits += more.len();
        });
        assert_eq!(hits, MAX_HITS);
        assert!(seen >= wide(MAX_HITS));
    }
}
