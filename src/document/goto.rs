//! Places that a person names: a row, a percentage, a path; and the row that a path leads to.

use std::ops::{ControlFlow, Range};

use super::Document;
use super::grammar::{Expect, Inside, Listener, Machine, Outcome, Scalar};
use super::text::decode_string;

/// A place that a person named.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A row or line, counted from 1.
    Row(u64),
    /// So much of the whole, in hundredths of a percent.
    Share(u64),
    /// A path into a document, from its top; where a body holds several, the number of the one, from 0.
    Path(Option<u64>, Vec<Segment>),
}

/// A step of a path as a person writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A member of this name.
    Key(String),
    /// An item of this number, from 0.
    Index(u64),
    /// Whichever of both there is.
    Either(String),
}

/// What is no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing was typed.
    #[error(
        "Type a row such as 1200, a share such as 50%, or a path such as .data[3].email, /data/3/email or data.3.email."
    )]
    Empty,
    /// A share over a hundred.
    #[error("{0} is more than all of it: a share is 0% to 100%.")]
    Share(String),
    /// A bracket or a quote is not closed, or holds what it cannot.
    #[error("The path cannot be read at {0:?}: write .data[3].email, .[\"a name\"], /data/3/email or data.3.email.")]
    Path(String),
    /// A row counts from 1.
    #[error("Rows are counted from 1.")]
    Zero,
}

impl Target {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// [`TargetError`], a sentence.
    pub fn read(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TargetError::Empty);
        }
        if let Some(number) = text.strip_suffix('%') {
            return share(number.trim()).ok_or_else(|| TargetError::Share(text.to_owned()));
        }
        if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ') {
            let number: u64 = text.replace(' ', "").parse().unwrap_or(u64::MAX);
            return if number == 0 { Err(TargetError::Zero) } else { Ok(Self::Row(number)) };
        }
        // `2:.data` is in the third of several documents.
        let (number, path) = match text.split_once(':') {
            Some((number, path)) if number.parse::<u64>().is_ok() => (number.parse().ok(), path.trim()),
            _ => (None, text),
        };
        if let Some(pointer) = path.strip_prefix('/') {
            let segment = |text: &str| Segment::Either(text.replace("~1", "/").replace("~0", "~"));
            return Ok(Self::Path(number, pointer.split('/').map(segment).collect()));
        }
        segments(path).map(|path| Self::Path(number, path))
    }
}

fn share(text: &str) -> Option<Target> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let part: String = part.chars().chain(['0', '0']).take(2).collect();
    let share = whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(part.parse().ok()?)?;
    (share <= 10_000).then_some(Target::Share(share))
}

/// A path with dots and brackets: that of jq, or with dots alone.
fn segments(text: &str) -> Result<Vec<Segment>, TargetError> {
    let mut segments = Vec::new();
    // A path of jq begins with a dot, and its words are names; without one a word may be a number too.
    let jq = text.starts_with(['.', '[']);
    let mut rest = text;
    while !rest.is_empty() {
        let wrong = || TargetError::Path(rest.to_owned());
        if let Some(inside) = rest.strip_prefix('[') {
            let (segment, after) = bracket(inside).ok_or_else(wrong)?;
            segments.push(segment);
            rest = after;
            continue;
        }
        let word = rest.strip_prefix('.').unwrap_or(rest);
        if word.starts_with('[') || word.is_empty() {
            rest = word;
            continue;
        }
        if word.starts_with('"') {
            let (name, after) = quoted(word).ok_or_else(wrong)?;
            segments.push(Segment::Key(name));
            rest = after;
            continue;
        }
        let end = word.find(['.', '[']).unwrap_or(word.len());
        if end == 0 {
            return Err(wrong());
        }
        let name = word[..end].to_owned();
        segments.push(if jq { Segment::Key(name) } else { Segment::Either(name) });
        rest = &word[end..];
    }
    Ok(segments)
}

/// What follows an opening bracket, and what stands behind the closing one.
fn bracket(inside: &str) -> Option<(Segment, &str)> {
    if inside.starts_with('"') {
        let (name, after) = quoted(inside)?;
        return Some((Segment::Key(name), after.strip_prefix(']')?));
    }
    let (number, after) = inside.split_once(']')?;
    Some((Segment::Index(number.trim().parse().ok()?), after))
}

/// A JSON string at the start of a text, decoded, and what stands behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = !escaped && byte == b'"';
        escaped = !escaped && byte == b'\\';
        ends
    })?;
    let (own, after) = text.split_at(end + 2);
    Some((decode_string(own.as_bytes()), after))
}

impl Document {
    /// The row of the value that a path leads to, in the document of this number; how many of its steps were found where it
    /// leads nowhere. Reads from the beginning.
    ///
    /// # Errors
    /// The number of steps that lead somewhere.
    pub fn find_path(&self, document: u64, path: &[Segment], cancelled: &dyn Fn() -> bool) -> Result<u64, usize> {
        let mut walk = Walk {
            source: self,
            path,
            document,
            row: 0,
            documents: 0,
            open: Vec::new(),
            on_path: 0,
            deepest: 0,
            wanted: false,
            key: None,
            found: None,
        };
        let mut machine = Machine::new();
        for part in self.body().parts(0) {
            if cancelled() || machine.run(&part, &mut walk) != Outcome::Ate {
                break;
            }
        }
        // A number at the very end ends with the body.
        let _ = machine.finish(&mut walk);
        walk.found.ok_or(walk.deepest)
    }
}

struct Walk<'a> {
    source: &'a Document,
    path: &'a [Segment],
    document: u64,
    row: u64,
    documents: u64,
    /// Whether each open container is an array, and how many children it had so far.
    open: Vec<(bool, u64)>,
    /// How many of the outermost containers lie on the path.
    on_path: usize,
    /// How many steps were found at best.
    deepest: usize,
    /// The value that follows is where the next step leads.
    wanted: bool,
    key: Option<Range<u64>>,
    found: Option<u64>,
}

impl Walk<'_> {
    /// A value begins: notes whether the path goes on there.
    fn value(&mut self) {
        self.wanted = false;
        let level = self.open.len();
        let number = match self.open.last_mut() {
            Some((_, children)) => {
                *children += 1;
                *children - 1
            }
            None => {
                self.documents += 1;
                self.documents - 1
            }
        };
        let key = self.key.take();
        if level != self.on_path {
            return;
        }
        self.wanted = match level.checked_sub(1).and_then(|step| self.path.get(step)) {
            None => level == 0 && number == self.document,
            Some(segment) => self.leads(segment, key.as_ref(), number),
        };
        if self.wanted {
            self.deepest = self.deepest.max(level);
            if level == self.path.len() {
                self.found = Some(self.row);
            }
        }
    }

    fn leads(&self, segment: &Segment, key: Option<&Range<u64>>, number: u64) -> bool {
        let named = |name: &str| {
            key.is_some_and(|key| {
                // A name without escapes is compared as it stands.
                let raw = self.source.body().read(key.clone());
                let inside = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
                if raw.contains(&b'\\') { decode_string(&raw) == *name } else { inside == name.as_bytes() }
            })
        };
        match segment {
            Segment::Key(name) => named(name),
            Segment::Index(wanted) => key.is_none() && *wanted == number,
            Segment::Either(text) if key.is_some() => named(text),
            Segment::Either(text) => text.parse() == Ok(number),
        }
    }
}

impl Listener for Walk<'_> {
    fn row(&mut self, _: u64, _: Expect) -> ControlFlow<()> {
        if self.found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn key(&mut self, start: u64, end: u64) {
        self.key = Some(start..end);
    }

    fn scalar(&mut self, _: u64, _: u64, _: Scalar) {
        self.value();
        self.row += 1;
    }

    fn open(&mut self, _: u64, array: bool) -> ControlFlow<()> {
        self.value();
        if self.found.is_some() {
            return ControlFlow::Break(());
        }
        if self.wanted {
            self.on_path += 1;
        }
        self.open.push((array, 0));
        self.row += 1;
        ControlFlow::Continue(())
    }

    fn close(&mut self, _: u64, empty: bool) -> Inside {
        self.open.pop();
        self.on_path = self.on_path.min(self.open.len());
        if !empty {
            self.row += 1;
        }
        match self.open.last() {
            Some((true, _)) => Inside::Array,
            Some((false, _)) => Inside::Object,
            None => Inside::Top,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Path;
    use bytes::Bytes;

    fn go(document: &Document, text: &str) -> Result<u64, usize> {
        let Target::Path(_, path) = Target::read(text).unwrap() else { panic!("{text} is no path") };
        document.find_path(0, &path, &|| false)
    }

    #[test]
    fn what_is_typed_is_read() {
        assert_eq!(Target::read(" 1 200 "), Ok(Target::Row(1200)));
        assert_eq!(Target::read("50%"), Ok(Target::Share(5000)));
        assert_eq!(Target::read("33.5 %"), Ok(Target::Share(3350)));
        let data = Segment::Key("data".into());
        assert_eq!(Target::read("2:.data"), Ok(Target::Path(Some(2), vec![data])));
        assert_eq!(Target::read("7:"), Ok(Target::Path(Some(7), Vec::new())));
        assert_eq!(Target::read("0"), Err(TargetError::Zero));
        assert_eq!(Target::read(""), Err(TargetError::Empty));
        assert!(matches!(Target::read("101%"), Err(TargetError::Share(_))));
        for wrong in [".a[", ".a[x]", ".a[\"b]", ".a..b"] {
            assert!(matches!(Target::read(wrong), Err(TargetError::Path(_))), "{wrong}");
        }
    }

    #[test]
    fn every_row_is_found_by_each_form_of_its_path() {
        let text = r#"{"a b":[1,{"x/y~z":[[],{"\u00e9\"":null}]}],"data":{"3":{"e":[true]},"e":{}},"data2":[]}"#;
        let document = Document::from_bytes(Bytes::from_static(text.as_bytes()));
        for row in 0..document.row_count() {
            let path: Path = document.path(row);
            let closing = document.opening_row(row);
            for text in [path.jq(), path.pointer()] {
                if !text.is_empty() {
                    assert_eq!(go(&document, &text), Ok(closing.unwrap_or(row)), "{text}");
                }
            }
        }
        assert_eq!(
            go(&document, "data.3.e.0"),
            Ok(document
                .find_path(
                    0,
                    &[
                        Segment::Key("data".into()),
                        Segment::Key("3".into()),
                        Segment::Key("e".into()),
                        Segment::Index(0),
                    ],
                    &|| false
                )
                .unwrap())
        );
        assert_eq!(go(&Document::from_bytes(Bytes::from_static(b"6")), "."), Ok(0));
        assert_eq!(go(&document, ".data.nope"), Err(1));
        assert_eq!(go(&document, ".nope"), Err(0));
        assert_eq!(go(&document, ".data[3]"), Err(1), "an object has no items");
    }

    #[test]
    fn the_second_of_two_documents_and_a_repeated_name() {
        let document = Document::from_bytes(Bytes::from_static(b"{\"a\":1}\n{\"a\":{\"b\":1},\"a\":{\"c\":2}}\n"));
        let path = |names: &[&str]| names.iter().map(|name| Segment::Key((*name).to_owned())).collect::<Vec<_>>();
        assert_eq!(document.find_path(1, &path(&["a", "b"]), &|| false), Ok(5));
        assert_eq!(document.find_path(1, &path(&["a", "c"]), &|| false), Ok(8), "the second of that name has it");
        assert_eq!(document.find_path(0, &path(&["a", "b"]), &|| false), Err(1));
        assert_eq!(document.find_path(2, &path(&["a"]), &|| false), Err(0));
    }
}
