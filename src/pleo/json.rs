//! JSON as it is typed: where each value stands in the text, and where and why the text stops being JSON.

mod naming;

use std::ops::Range;

pub use naming::{NameSpot, name_spot};

/// Containers within containers that are gone into; no body of Pleo's is as deep.
const DEEPEST: usize = 128;

/// A value and where it stands, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// From its first byte to behind its last.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Members in the order written; a name may come twice.
    Object(Vec<Member>),
    /// Items.
    Array(Vec<Value>),
    /// A string.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name, decoded.
    pub name: String,
    /// Where the name stands, with its quotation marks.
    pub at: Range<usize>,
    /// The value.
    pub value: Value,
}

/// Where and why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The byte at which it stops being JSON.
    pub at: usize,
    /// Why, a few words.
    pub reason: String,
}

/// Line and column of a byte, both from 1, the column in characters.
#[must_use]
pub fn place(text: &str, at: usize) -> (usize, usize) {
    let mut end = at.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}

/// Reads a text that is one value (RFC 8259).
///
/// # Errors
/// [`Malformed`].
pub fn read(text: &str) -> Result<Value, Malformed> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, depth: 0 };
    reader.space();
    let value = reader.value("a value is missing")?;
    reader.space();
    match reader.found() {
        None => Ok(value),
        Some(found) => reader.wrong(format!("{found} stands behind the end")),
    }
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The character that comes next, as a person reads it.
    fn found(&self) -> Option<String> {
        let c = self.text.get(self.at..)?.chars().next()?;
        Some(if c.is_control() { format!("U+{:04X}", u32::from(c)) } else { format!("`{c}`") })
    }

    fn wrong<T>(&self, reason: impl Into<String>) -> Result<T, Malformed> {
        Err(Malformed { at: self.at, reason: reason.into() })
    }

    fn value(&mut self, missing: &str) -> Result<Value, Malformed> {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.object()?,
            Some(b'[') => self.array()?,
            Some(b'"') => {
                self.string()?;
                Kind::String
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'a'..=b'z' | b'A'..=b'Z') => self.word()?,
            Some(b'\'') => return self.wrong("strings stand in double quotation marks"),
            Some(_) => return self.wrong(format!("{missing} before {}", self.found().unwrap_or_default())),
            None => return self.wrong(format!("{missing} at the end")),
        };
        Ok(Value { range: start..self.at, kind })
    }

    fn deeper(&mut self) -> Result<(), Malformed> {
        self.depth += 1;
        if self.depth > DEEPEST { self.wrong(format!("it is more than {DEEPEST} levels deep")) } else { Ok(()) }
    }

    fn object(&mut self) -> Result<Kind, Malformed> {
        self.deeper()?;
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.space();
            match self.peek() {
                Some(b'}') if members.is_empty() => break,
                Some(b'"') => {}
                Some(b'}') => return self.wrong("there is a comma too many before `}`"),
                Some(_) => {
                    let found = self.found().unwrap_or_default();
                    return self.wrong(format!("a name in quotation marks is missing before {found}"));
                }
                None => return self.wrong("an object is not closed with `}`"),
            }
            let start = self.at;
            self.string()?;
            let at = start..self.at;
            let name = serde_json::from_str(&self.text[at.clone()]).unwrap_or_default();
            self.space();
            if self.peek() != Some(b':') {
                return self.wrong("a colon is missing behind the name");
            }
            self.at += 1;
            self.space();
            let value = self.value("a value is missing")?;
            members.push(Member { name, at, value });
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                Some(_) => {
                    return self
                        .wrong(format!("a comma or `}}` is missing before {}", self.found().unwrap_or_default()));
                }
                None => return self.wrong("an object is not closed with `}`"),
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(Kind::Object(members))
    }

    fn array(&mut self) -> Result<Kind, Malformed> {
        self.deeper()?;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.space();
            match self.peek() {
                Some(b']') if items.is_empty() => break,
                Some(b']') => return self.wrong("there is a comma too many before `]`"),
                _ => {}
            }
            items.push(self.value("an item is missing")?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                Some(_) => {
                    return self
                        .wrong(format!("a comma or `]` is missing before {}", self.found().unwrap_or_default()));
                }
                None => return self.wrong("an array is not closed with `]`"),
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(Kind::Array(items))
    }

    fn string(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => {
                    self.at = start;
                    return self.wrong("a string is not closed");
                }
                Some(b'"') => break,
                Some(b'\n' | b'\r') => {
                    self.at = start;
                    return self.wrong("a string is not closed on its line");
                }
                Some(b'\\') => {
                    let four = || self.bytes.get(self.at + 2..self.at + 6);
                    match self.bytes.get(self.at + 1) {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
                        Some(b'u') if four().is_some_and(|own| own.iter().all(u8::is_ascii_hexdigit)) => self.at += 6,
                        _ => return self.wrong("a backslash begins an escape that there is not"),
                    }
                }
                Some(byte) if byte < 0x20 => {
                    return self
                        .wrong(format!("a control character, {}, must be escaped", self.found().unwrap_or_default()));
                }
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at > start
    }

    fn number(&mut self) -> Result<Kind, Malformed> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let zero = self.peek() == Some(b'0');
        let first = self.at;
        let mut good = self.digits() && !(zero && self.at > first + 1);
        if good && self.peek() == Some(b'.') {
            self.at += 1;
            good = self.digits();
        }
        if good && matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            good = self.digits();
        }
        if good {
            return Ok(Kind::Number);
        }
        self.at = start;
        self.wrong("a number is not written as JSON writes it")
    }

    fn word(&mut self) -> Result<Kind, Malformed> {
        let rest = &self.text[self.at..];
        let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').take(40).collect();
        let kind = match word.as_str() {
            "true" | "false" => Kind::Boolean,
            "null" => Kind::Null,
            "True" | "False" | "None" | "NULL" | "undefined" | "NaN" => {
                return self.wrong(format!("`{word}` is no value: JSON has true, false and null"));
            }
            _ => return self.wrong(format!("`{word}` stands without quotation marks")),
        };
        self.at += word.len();
        Ok(kind)
    }
}

/// A string value that the cursor is in, in a text that need not be JSON yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Names from the top down to the value; arrays are gone through.
    pub path: Vec<String>,
    /// Between its quotation marks, as far as it is written.
    pub inner: Range<usize>,
}

/// The string value that stands at an offset.
#[must_use]
pub fn spot(text: &str, offset: usize) -> Option<Spot> {
    let bytes = text.as_bytes();
    // What is open: for an object the name that is being given a value, for an array nothing.
    let mut open: Vec<Option<String>> = Vec::new();
    let mut object: Vec<bool> = Vec::new();
    let (mut at, mut named) = (0, false);
    while at < bytes.len() && at < offset {
        match bytes[at] {
            b'{' | b'[' => {
                open.push(None);
                object.push(bytes[at] == b'{');
                named = false;
            }
            b'}' | b']' => {
                open.pop();
                object.pop();
                named = false;
            }
            b',' => named = false,
            b':' => named = true,
            b'"' => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != b'"' && bytes[at] != b'\n' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                let end = at.min(bytes.len());
                let value = named || object.last() == Some(&false);
                if value && (start..=end).contains(&offset) {
                    return Some(Spot { path: open.into_iter().flatten().collect(), inner: start..end });
                }
                if let (false, Some(slot)) = (value, open.last_mut()) {
                    *slot = text.get(start..end).map(str::to_owned);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, line, column, reason) in [
            ("", 1, 1, "a value is missing at the end"),
            ("{\n  \"name\": }", 2, 11, "a value is missing before `}`"),
            ("{\"a\": 1,\n}", 2, 1, "a comma too many"),
            ("{\"a\": 1 \"b\": 2}", 1, 9, "a comma or `}` is missing before `\"`"),
            ("{\"é\": x}", 1, 7, "`x` stands without quotation marks"),
            ("{a: 1}", 1, 2, "a name in quotation marks"),
            ("{'a': 1}", 1, 2, "a name in quotation marks"),
            ("[1, 'a']", 1, 5, "double quotation marks"),
            ("[True]", 1, 2, "JSON has true, false and null"),
            ("[01]", 1, 2, "a number is not written"),
            ("[1 2]", 1, 4, "a comma or `]`"),
            ("{\"a\" 1}", 1, 6, "a colon is missing"),
            ("{\"a\": \"x\n\"}", 1, 7, "not closed on its line"),
            ("\"\\x\"", 1, 2, "escape"),
            ("{} {}", 1, 4, "behind the end"),
            ("[", 1, 2, "an item is missing at the end"),
            ("{\"a\": {", 1, 8, "not closed with `}`"),
        ] {
            let wrong = read(text).unwrap_err();
            assert_eq!(place(text, wrong.at), (line, column), "{text}: {wrong:?}");
            assert!(wrong.reason.contains(reason), "{text}: {wrong:?}");
        }
        assert!(read(&"[".repeat(200_000)).unwrap_err().reason.contains("levels deep"));
    }

    #[test]
    fn values_stand_where_they_stand() {
        let text = "{\"a\": [true, {\"b\": \"x\"}], \"a\": -1.5e3}";
        let Kind::Object(members) = read(text).unwrap().kind else { unreachable!("an object") };
        assert_eq!((members.len(), &text[members[1].value.range.clone()]), (2, "-1.5e3"));
        assert_eq!(&text[members[0].at.clone()], "\"a\"");
    }

    #[test]
    fn the_string_under_the_cursor_is_found_in_what_is_not_json_yet() {
        let at = |text: &str| {
            let offset = text.find('|').unwrap();
            let text = text.replace('|', "");
            spot(&text, offset).map(|own| (own.path.join("."), text[own.inner].to_owned()))
        };
        let some = |path: &str, inner: &str| Some((path.to_owned(), inner.to_owned()));
        assert_eq!(at("{\"a\": \"x|y\", "), some("a", "xy"));
        assert_eq!(at("{\"a\": {\"b\": [\"1\", \"|"), some("a.b", ""));
        assert_eq!(at("[{\"a\": \"|\"}]"), some("a", ""));
        assert_eq!(at("{\"a|\": 1}"), None);
        assert_eq!(at("{\"a\": 1|}"), None);
        assert_eq!(at("{\"b\": {\"c\": 1}, \"a\": \"|\"}"), some("a", ""));
        assert_eq!(at("{\"a\": \"é\\\"|x\"}"), some("a", "é\\\"x"));
    }

    proptest! {
        #[test]
        fn it_takes_what_json_is_and_nothing_else(text in "[\\[\\]{}:,\"a\\\\u0-9.eE+\\- \ntrufalsn]{0,40}") {
            let known = serde_json::from_str::<serde_json::Value>(&text);
            let own = read(&text);
            // A number beyond the range of a double, and half of a surrogate pair, are JSON all the same.
            let range = known.as_ref().is_err_and(|error| {
                let told = error.to_string();
                told.contains("out of range") || told.contains("surrogate") || told.contains("hex escape")
            });
            prop_assert!(known.is_ok() == own.is_ok() || range, "{text:?}: {known:?} {own:?}");
            let _ = spot(&text, text.len() / 2);
        }
    }
}
