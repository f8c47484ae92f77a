//! What is looked for in the history, as one types it: words, and a few names with a colon.

use std::str::FromStr as _;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::Setting;
use crate::pleo::catalogue::nearest;
use crate::pleo::endpoint::Method;
use crate::pleo::environment::Environment;

/// The names that may stand before a colon.
const NAMES: [&str; 5] = ["status", "env", "method", "since", "before"];

/// All of its terms must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Its terms, in the order in which they were written.
    pub terms: Vec<Term>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Whether it must not hold.
    pub not: bool,
    /// What it says.
    pub meant: Meant,
}

/// What a term says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// Each of these begins a word of the URL, the operation, the name or the bodies; in small letters.
    Words(Vec<String>),
    /// The status is among these.
    Status(StatusRange),
    /// No answer came.
    NoAnswer,
    /// An answer began, and not all of it came.
    Cut,
    /// It went to this environment.
    Environment(Environment),
    /// The environment stood for this.
    Setting(Setting),
    /// The method is this one.
    Method(Method),
    /// It is not older.
    Since(Since),
    /// It is older.
    Before(Since),
    /// It is pinned.
    Pinned,
}

/// Status codes from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRange {
    /// The first.
    pub from: u16,
    /// The last.
    pub to: u16,
}

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// So many seconds ago.
    Ago(i64),
    /// Then.
    At(Timestamp),
}

impl Since {
    /// The point, seen from now.
    #[must_use]
    pub fn point(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(point) => point,
            Self::Ago(seconds) => {
                Timestamp::from_second(now.as_second().saturating_sub(seconds)).unwrap_or(Timestamp::MIN)
            }
        }
    }
}

/// What is wrong with a query, a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongQuery {
    /// A value that its name does not take.
    #[error("{name}: takes {takes}, not {value:?}")]
    Value {
        /// The name.
        name: &'static str,
        /// What it takes.
        takes: &'static str,
        /// What was written.
        value: String,
    },
    /// A name that is nearly one.
    #[error("there is no {0}: — did you mean {1}:? In quotes it is a word")]
    Name(String, String),
    /// A quotation mark without its other.
    #[error("the quotation mark is not closed")]
    Quote,
    /// Nothing behind the exclamation mark.
    #[error("! excludes what stands right behind it, and nothing does")]
    Nothing,
}

impl std::str::FromStr for Query {
    type Err = WrongQuery;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut terms = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (not, behind) = rest.strip_prefix('!').map_or((false, rest), |behind| (true, behind));
            let (word, quoted, after) = match behind.strip_prefix('"') {
                Some(inner) => {
                    let (word, after) = inner.split_once('"').ok_or(WrongQuery::Quote)?;
                    (word, true, after)
                }
                None => {
                    let end = behind.find(char::is_whitespace).unwrap_or(behind.len());
                    (&behind[..end], false, &behind[end..])
                }
            };
            if word.is_empty() && not {
                return Err(WrongQuery::Nothing);
            }
            let meant = if quoted { words(word) } else { meant(word)? };
            terms.extend(meant.map(|meant| Term { not, meant }));
            rest = after.trim_start();
        }
        Ok(Self { terms })
    }
}

/// The words of a text, as the index has them; nothing where there are none.
fn words(text: &str) -> Option<Meant> {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    (!words.is_empty()).then_some(Meant::Words(words))
}

fn meant(word: &str) -> Result<Option<Meant>, WrongQuery> {
    if word == "pinned" {
        return Ok(Some(Meant::Pinned));
    }
    let Some((name, value)) = word.split_once(':') else {
        return Ok(words(word));
    };
    let Some(name) = NAMES.into_iter().find(|known| known.eq_ignore_ascii_case(name)) else {
        let letters = name.len() > 2 && name.chars().all(|c| c.is_ascii_lowercase());
        return match nearest(name, NAMES.into_iter()).filter(|meant| letters && meant.len().abs_diff(name.len()) < 3) {
            Some(meant) => Err(WrongQuery::Name(name.to_owned(), meant)),
            // A path with a verb, a time, a piece of JSON.
            None => Ok(words(word)),
        };
    };
    let (found, takes) = match name {
        "status" => (status(value), "404, 4xx, >=500, <300, 400-499, cut or none"),
        "env" => (environment(value), "staging, production, sandbox or overridden"),
        "method" => (Method::from_str(value).ok().map(Meant::Method), "GET, POST, PUT, PATCH, DELETE or HEAD"),
        "since" => (point(value).map(Meant::Since), "30m, 12h, 2d, 3w or a date such as 2026-03-01"),
        _ => (point(value).map(Meant::Before), "30m, 12h, 2d, 3w or a date such as 2026-03-01"),
    };
    found.map(Some).ok_or_else(|| WrongQuery::Value { name, takes, value: value.to_owned() })
}

fn status(text: &str) -> Option<Meant> {
    let code = |text: &str| text.parse::<u16>().ok().filter(|code| (100..=999).contains(code));
    let range = |from, to| Some(Meant::Status(StatusRange { from, to }));
    let text = text.to_ascii_lowercase();
    if text == "none" {
        return Some(Meant::NoAnswer);
    }
    if text == "cut" {
        return Some(Meant::Cut);
    }
    // What begins so is found as it is typed.
    let digits = text.trim_end_matches('x');
    if (1..=2).contains(&digits.len()) && text.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let begun = digits.parse::<u16>().ok().filter(|_| !digits.starts_with('0'))?;
        let rest = if digits.len() == 1 { 100 } else { 10 };
        return range(begun * rest, begun * rest + rest - 1);
    }
    if let Some(rest) = text.strip_prefix(">=") {
        return range(code(rest)?, 999);
    }
    if let Some(rest) = text.strip_prefix("<=") {
        return range(0, code(rest)?);
    }
    if let Some(rest) = text.strip_prefix('>') {
        return range(code(rest)? + 1, 999);
    }
    if let Some(rest) = text.strip_prefix('<') {
        return range(0, code(rest)? - 1);
    }
    if let Some((from, to)) = text.split_once('-') {
        return range(code(from)?, code(to)?);
    }
    let code = code(&text)?;
    range(code, code)
}

fn environment(text: &str) -> Option<Meant> {
    let text = text.to_ascii_lowercase();
    let begins = |word: &str| text.len() > 2 && word.starts_with(&text);
    let own = Environment::ALL.into_iter().find(|own| begins(own.name())).map(Meant::Environment);
    own.or_else(|| {
        let imitations = [Setting::Sandbox, Setting::Overridden];
        imitations.into_iter().find(|setting| begins(setting.word())).map(Meant::Setting)
    })
}

fn point(text: &str) -> Option<Since> {
    if let Ok(date) = text.parse::<Date>() {
        return Some(Since::At(TimeZone::UTC.to_timestamp(date.to_datetime(Time::midnight())).ok()?));
    }
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let unit = match unit {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(unit).map(Since::Ago)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<(bool, Meant)> {
        text.parse::<Query>().unwrap().terms.into_iter().map(|term| (term.not, term.meant)).collect()
    }

    fn word(words: &[&str]) -> Meant {
        Meant::Words(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn words_and_names_are_told_apart() {
        assert_eq!(terms("  "), []);
        assert_eq!(terms("Zoë !deleted"), [(false, word(&["zoë"])), (true, word(&["deleted"]))]);
        assert_eq!(terms("/v2/employees?limit=5"), [(false, word(&["v2", "employees", "limit", "5"]))]);
        assert_eq!(terms("/v1/vendors:search"), [(false, word(&["v1", "vendors", "search"]))]);
        assert_eq!(terms("\"status: a b\" pinned"), [(false, word(&["status", "a", "b"])), (false, Meant::Pinned)]);
        assert_eq!(terms("!pinned ://"), [(true, Meant::Pinned)]);
        let wanted = [
            (false, Meant::Environment(Environment::Production)),
            (true, Meant::Setting(Setting::Sandbox)),
            (false, Meant::Method(Method::Post)),
            (false, Meant::Since(Since::Ago(172_800))),
            (false, Meant::NoAnswer),
        ];
        assert_eq!(terms("env:prod !env:sandbox method:post since:2d status:none"), wanted);
        let day = Since::At("2026-03-01T00:00:00Z".parse().unwrap());
        assert_eq!(terms("before:2026-03-01"), [(false, Meant::Before(day))]);
    }

    #[test]
    fn statuses_are_written_in_several_ways() {
        let cases = [
            ("404", 404, 404),
            ("4xx", 400, 499),
            ("4XX", 400, 499),
            ("4", 400, 499),
            ("4x", 400, 499),
            ("42", 420, 429),
            ("50x", 500, 509),
            (">=500", 500, 999),
            (">500", 501, 999),
            ("<300", 0, 299),
            ("<=300", 0, 300),
            ("400-403", 400, 403),
        ];
        for (text, from, to) in cases {
            assert_eq!(terms(&format!("status:{text}")), [(false, Meant::Status(StatusRange { from, to }))], "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_explained() {
        let cases = [
            ("status:4xxx", "status: takes 404, 4xx, >=500, <300, 400-499, cut or none, not \"4xxx\""),
            ("status:0", "status: takes 404, 4xx, >=500, <300, 400-499, cut or none, not \"0\""),
            ("status:", "status: takes 404, 4xx, >=500, <300, 400-499, cut or none, not \"\""),
            ("env:live", "env: takes staging, production, sandbox or overridden, not \"live\""),
            ("method:FETCH", "method: takes GET, POST, PUT, PATCH, DELETE or HEAD, not \"FETCH\""),
            ("since:yesterday", "since: takes 30m, 12h, 2d, 3w or a date such as 2026-03-01, not \"yesterday\""),
            ("stauts:404", "there is no stauts: — did you mean status:? In quotes it is a word"),
            ("\"open", "the quotation mark is not closed"),
            ("a !", "! excludes what stands right behind it, and nothing does"),
        ];
        for (text, wanted) in cases {
            assert_eq!(text.parse::<Query>().unwrap_err().to_string(), wanted, "{text}");
        }
    }

    #[test]
    fn a_point_in_time_is_seen_from_now() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        assert_eq!(Since::Ago(3_600).point(now).as_second(), 996_400);
        assert_eq!(Since::Ago(i64::MAX).point(now), Timestamp::MIN);
    }
}
