//! Which rows of a table are shown: words that stand somewhere in a row, and comparisons of a column with a value.
//!
//! `ann` lets through what holds these letters in this order, near enough; `'ann` what holds exactly that; `email:ann` what
//! holds it in that column; `minors>1000`, `createdAt<2026-01-01`, `code=E10001` what compares so; `!` before any of them
//! what does not; quotes hold words together. All of them together must fit.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use memchr::memmem::Finder;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::record::{CellKind, cell_at, each_cell, text_of};
use super::text::decode_string;

/// A filter of rows, read from what a person typed.
#[derive(Clone, Debug, Default)]
pub struct Sieve {
    terms: Vec<Term>,
    matcher: Option<Matcher>,
    buffer: Vec<char>,
    texts: Texts,
}

#[derive(Clone, Debug)]
struct Term {
    not: bool,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    /// Somewhere in the row, exactly or letters in this order that are worth so much.
    Near(Atom, Finder<'static>, u32),
    /// Somewhere in the row, exactly.
    Exact(Finder<'static>),
    /// In one column.
    Column(String, Compare, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Holds,
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// What each letter of a word must be worth on average: less is letters strewn over a text (a letter found is worth 16, more
/// where words begin or letters follow each other, less behind a gap).
const NEAR: u32 = 16;

fn letters(word: &str) -> u32 {
    u32::try_from(word.chars().count()).unwrap_or(u32::MAX)
}

/// The signs of comparisons, the longer ones first.
const SIGNS: [(&str, Compare); 7] = [
    ("!=", Compare::Unequal),
    (">=", Compare::GreaterEqual),
    ("<=", Compare::LessEqual),
    (":", Compare::Holds),
    ("=", Compare::Equal),
    (">", Compare::Greater),
    ("<", Compare::Less),
];

impl Sieve {
    /// Reads what was typed; a comparison with something that is no column is a word like others.
    #[must_use]
    pub fn read(text: &str, columns: &[String]) -> Self {
        let terms: Vec<Term> = words(text).into_iter().filter_map(|word| term(&word, columns)).collect();
        let near = terms.iter().any(|term| matches!(term.test, Test::Near(..)));
        Self { matcher: near.then(|| Matcher::new(Config::DEFAULT)), terms, ..Self::default() }
    }

    /// Whether everything is let through.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a record fits.
    pub fn lets_through(&mut self, record: &[u8]) -> bool {
        let Self { terms, matcher, buffer, texts } = self;
        texts.known = false;
        terms.iter().all(|term| {
            let fits = match &term.test {
                Test::Column(path, compare, wanted) => compares(record, path, *compare, wanted),
                Test::Exact(wanted) => texts.of(record).any(|(text, _)| wanted.find(text.as_bytes()).is_some()),
                Test::Near(atom, wanted, worth) => texts.of(record).any(|(text, free)| {
                    // In an id any letters stand in any order: there it counts exactly.
                    wanted.find(text.as_bytes()).is_some()
                        || (free
                            && matcher.as_mut().is_some_and(|matcher| {
                                let score = atom.score(Utf32Str::new(text, buffer), matcher);
                                score.is_some_and(|score| u32::from(score) >= *worth)
                            }))
                }),
            };
            fits != term.not
        })
    }
}

/// The texts of a record in small letters, each with whether it is free text. They stand in one string, whose room is used
/// again for the next record.
#[derive(Clone, Debug, Default)]
struct Texts {
    known: bool,
    all: String,
    each: Vec<(Range<usize>, bool)>,
}

impl Texts {
    /// Those of a record, read when they are first asked for.
    fn of(&mut self, record: &[u8]) -> impl Iterator<Item = (&str, bool)> {
        if !self.known {
            self.read(record);
        }
        self.each.iter().map(|(range, free)| (&self.all[range.clone()], *free))
    }

    fn read(&mut self, record: &[u8]) {
        self.known = true;
        self.all.clear();
        self.each.clear();
        each_cell(record, &mut |_, kind, range| {
            let raw = &record[range];
            match kind {
                CellKind::String => {
                    let text = text_of(raw);
                    self.push(&text, !is_id(&text) && instant(&text).is_none());
                }
                CellKind::Number | CellKind::Bool | CellKind::Array(_) => {
                    self.push(&String::from_utf8_lossy(raw), false);
                }
                CellKind::Null | CellKind::Object => {}
            }
        });
    }

    fn push(&mut self, text: &str, free: bool) {
        let start = self.all.len();
        if text.is_ascii() {
            self.all.push_str(text);
            self.all[start..].make_ascii_lowercase();
        } else {
            self.all.push_str(&text.to_lowercase());
        }
        self.each.push((start..self.all.len(), free));
    }
}

/// Whether a text is a UUID, which nobody reads for its letters.
fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The words that were typed; quotes hold several together.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

fn term(word: &str, columns: &[String]) -> Option<Term> {
    let (not, word) = match word.strip_prefix('!') {
        Some(rest) if !rest.is_empty() => (true, rest),
        Some(_) => return None,
        None => (false, word),
    };
    if let Some((path, compare, value)) = comparison(word, columns) {
        return Some(Term { not, test: Test::Column(path, compare, value) });
    }
    if let Some(exact) = word.strip_prefix('\'') {
        return (!exact.is_empty()).then(|| Term { not, test: Test::Exact(finder(exact)) });
    }
    let atom = Atom::new(word, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false);
    Some(Term { not, test: Test::Near(atom, finder(word), NEAR * letters(&word.to_lowercase())) })
}

/// What finds a word in small letters.
fn finder(word: &str) -> Finder<'static> {
    Finder::new(&word.to_lowercase()).into_owned()
}

/// A column, a sign and a value, where the word is such and there is such a column.
fn comparison(word: &str, columns: &[String]) -> Option<(String, Compare, String)> {
    let at = word.find([':', '=', '<', '>', '!'])?;
    let (sign, compare) = SIGNS.into_iter().find(|(sign, _)| word[at..].starts_with(sign))?;
    let path = column(&word[..at], columns)?;
    Some((path, compare, word[at + sign.len()..].to_owned()))
}

/// What is to be said of a comparison with something that is no column, and so is taken for a word.
#[must_use]
pub fn no_column(text: &str, columns: &[String]) -> Option<String> {
    words(text).into_iter().find_map(|word| {
        let word = word.strip_prefix('!').unwrap_or(&word);
        let name = &word[..word.find([':', '=', '<', '>'])?];
        let is_name = name.starts_with(|c: char| c.is_alphabetic()) && column(name, columns).is_none();
        let within = format!("{}.", name.to_lowercase());
        let deeper = columns.iter().find(|own| own.to_lowercase().starts_with(&within));
        let hint = deeper.map_or_else(String::new, |own| format!(": {own}?"));
        is_name.then(|| format!("no column {name}{hint}"))
    })
}

/// The column that a person means: by its whole name, its last part, or what only one begins with.
#[must_use]
pub fn column(name: &str, columns: &[String]) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    let name = name.to_lowercase();
    let lower = |column: &&String| column.to_lowercase();
    let exact = columns.iter().find(|own| lower(own) == name);
    let last = || columns.iter().find(|own| lower(own).rsplit('.').next() == Some(&name));
    let begins = || {
        let mut fitting = columns.iter().filter(|own| lower(own).starts_with(&name));
        fitting.next().filter(|_| fitting.next().is_none())
    };
    exact.or_else(last).or_else(begins).cloned()
}

fn compares(record: &[u8], path: &str, compare: Compare, wanted: &str) -> bool {
    let found = cell_at(record, path).filter(|(kind, _)| *kind != CellKind::Null);
    let Some((kind, range)) = found else {
        // Nothing equals nothing, and is unequal to all else.
        return match compare {
            Compare::Equal => wanted.is_empty() || wanted == "null",
            Compare::Unequal => !(wanted.is_empty() || wanted == "null"),
            _ => false,
        };
    };
    let raw = &record[range];
    let text = if kind == CellKind::String { decode_string(raw) } else { String::from_utf8_lossy(raw).into_owned() };
    if compare == Compare::Holds {
        return text.to_lowercase().contains(&wanted.to_lowercase());
    }
    if wanted.is_empty() || wanted == "null" {
        return compare == Compare::Unequal;
    }
    let order = match (number(kind, raw), wanted.parse::<f64>()) {
        (Some(own), Ok(wanted)) => own.partial_cmp(&wanted),
        // Neither less nor more than a number is what does not even begin like one; a date does.
        (None, Ok(_)) if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => None,
        _ => match (instant(&text), instant(wanted)) {
            (Some(own), Some(wanted)) => Some(own.cmp(&wanted)),
            _ => Some(text.to_lowercase().cmp(&wanted.to_lowercase())),
        },
    };
    order.is_some_and(|order| match compare {
        Compare::Equal => order.is_eq(),
        Compare::Unequal => order.is_ne(),
        Compare::Less => order.is_lt(),
        Compare::LessEqual => order.is_le(),
        Compare::Greater => order.is_gt(),
        Compare::GreaterEqual => order.is_ge(),
        Compare::Holds => false,
    })
}

fn number(kind: CellKind, raw: &[u8]) -> Option<f64> {
    match kind {
        CellKind::Number => str::from_utf8(raw).ok()?.parse().ok(),
        // An array is compared by how many items it has.
        #[expect(clippy::cast_precision_loss, reason = "no array has so many items that it matters")]
        CellKind::Array(items) => Some(items as f64),
        _ => None,
    }
}

/// The moment that an ISO 8601 date, or date and time, names; UTC where no offset is given.
#[must_use]
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let begins = bytes.len() >= 10
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && bytes.len() <= 40;
    if !begins {
        return None;
    }
    text.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Offset::UTC.to_timestamp(civil).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: &[u8] = br#"{"id":"1b4e28ba-2fa1-11d2-883f-0016d3cca427","firstName":"Ann-Sofie","lastName":"M\u00fcller","code":null,"n":{"minors":1250},"createdAt":"2026-03-01T10:00:00Z","tags":[1,2]}"#;

    fn fits(text: &str) -> bool {
        let columns = ["id", "firstName", "lastName", "code", "n.minors", "createdAt", "tags"].map(String::from);
        Sieve::read(text, &columns).lets_through(ANN)
    }

    #[test]
    fn words_fit_anywhere_near_enough() {
        for text in [
            "ann",
            "ANN",
            "asofie",
            "muller",
            "müll",
            "1b4e28ba",
            "'ann-s",
            "ann müller",
            "\"ann-sofie\"",
            "",
            "!",
            "!bob",
            "1250",
        ] {
            assert!(fits(text), "{text}");
        }
        for text in ["bob", "'asofie", "ann bob", "!ann", "1b428ba", "'bob", "!'ann"] {
            assert!(!fits(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_column_is_told() {
        let columns = ["id", "value.currency", "value.minors"].map(String::from);
        let told = |text| no_column(text, &columns);
        assert_eq!(told("zz:1").as_deref(), Some("no column zz"));
        assert_eq!(told("ann value>5").as_deref(), Some("no column value: value.currency?"));
        for fine in ["id:1", "minors>5", "10:30", "ann", "", "!id=x"] {
            assert_eq!(told(fine), None, "{fine}");
        }
    }

    #[test]
    fn columns_are_compared_as_what_they_are() {
        for text in [
            "firstname:ann",
            "first:ann",
            "minors>999",
            "n.minors<=1250",
            "minors=1250.0",
            "minors!=7",
            "createdAt>2026-02-28",
            "createdAt<2026-03-01T12:00:00+01:00",
            "created=2026-03-01T10:00:00.000Z",
            "code=",
            "code=null",
            "firstName!=",
            "tags=2",
            "lastName>m",
            "!minors>9999",
            "lastName:\"ü\"",
            "createdAt>2026",
            "!lastName>5",
        ] {
            assert!(fits(text), "{text}");
        }
        for text in [
            "minors>10000",
            "minors<999",
            "code:x",
            "code!=null",
            "firstName=ann",
            "firstName=",
            "createdAt>2026-03-02",
            "code>a",
        ] {
            assert!(!fits(text), "{text}");
        }
        assert!(!fits("nocolumn:ann"), "it is a word, which does not stand there");
    }
}
