//! What a value of the tree means, said beside it or by its style: links, ids, dates, money.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::document::{Document, Row, RowKind, decode_string};
use crate::pleo::money;

/// The id that stands for an unknown one.
pub(super) const ZERO_ID: &str = "00000000-0000-0000-0000-000000000000";

/// Longest name of a currency that is looked at, in bytes as sent.
const CURRENCY: u64 = 40;

/// What a string is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing particular.
    Text,
    /// An address that can be followed.
    Link,
    /// An id (RFC 9562).
    Id,
}

/// What a string is, by its own letters.
#[must_use]
pub fn meaning(text: &str) -> Meaning {
    if text.starts_with("https://") || text.starts_with("http://") {
        Meaning::Link
    } else if is_id(text) {
        Meaning::Id
    } else {
        Meaning::Text
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// What is said behind a string: how far away a time is, or that an id is unknown.
#[must_use]
pub fn of_string(text: &str, now: Option<Timestamp>) -> Option<String> {
    if text == ZERO_ID {
        return Some("unknown".to_owned());
    }
    let looks = text.len() >= 10 && text.as_bytes()[..4].iter().all(u8::is_ascii_digit) && text.as_bytes()[4] == b'-';
    let now = now.filter(|_| looks)?;
    if text.len() == 10 {
        let date: Date = text.parse().ok()?;
        let days = (date - TimeZone::UTC.to_datetime(now).date()).get_days();
        return Some(match days {
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            -1 => "yesterday".to_owned(),
            ..0 => format!("{} ago", days_long(days.unsigned_abs())),
            _ => format!("in {}", days_long(days.unsigned_abs())),
        });
    }
    let time: Timestamp = text
        .parse()
        .ok()
        // Pleo writes some times without a zone: they are UTC.
        .or_else(|| TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok())?;
    let seconds = time.duration_since(now).as_secs();
    let long = long(Duration::from_secs(seconds.unsigned_abs()));
    Some(if seconds < 0 { format!("{long} ago") } else { format!("in {long}") })
}

fn days_long(days: u32) -> String {
    match days {
        0..=59 => format!("{days} days"),
        60..=729 => format!("{} months", days / 30),
        _ => format!("{} years", days * 4 / 1461),
    }
}

fn long(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => days_long(u32::try_from(seconds / 86_400).unwrap_or(u32::MAX)),
    }
}

/// What is said behind a number: the amount of money that it is, where its object names the currency. `rows` are those around
/// it on the screen.
#[must_use]
pub fn of_number(document: &Document, row: &Row, number: &str, rows: &[Row]) -> Option<String> {
    let name = name(document, row)?;
    if !matches!(name.as_str(), "minors" | "value") {
        return None;
    }
    let beside = |other: &&Row| other.parent == row.parent && other.kind == RowKind::String;
    let is_currency = |other: &&Row| self::name(document, other).as_deref() == Some("currency");
    let near = rows.iter().filter(beside).find(is_currency).cloned();
    // At the edge of the screen it may stand just outside.
    let outside = || {
        let around = [row.row.checked_sub(1), Some(row.row + 1)];
        around
            .into_iter()
            .flatten()
            .filter_map(|row| document.row(row))
            .find(|other| beside(&other) && is_currency(&other))
    };
    let currency = near.or_else(outside).filter(|own| own.end - own.offset <= CURRENCY)?;
    money::amount(&name, number, &decode_string(&document.body().read(currency.offset..currency.end)))
}

fn name(document: &Document, row: &Row) -> Option<String> {
    let key = row.key.clone().filter(|key| key.end - key.start <= CURRENCY)?;
    Some(decode_string(&document.body().read(key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Folds;
    use bytes::Bytes;

    #[test]
    fn strings_mean_something() {
        assert_eq!(meaning("https://x"), Meaning::Link);
        assert_eq!(meaning("ca54c551-9290-484d-9f69-b136e4df7c01"), Meaning::Id);
        assert_eq!(meaning("ca54c551-9290-484d-9f69-b136e4df7c0x"), Meaning::Text);
        let now = "2026-11-25T12:00:00Z".parse().ok();
        let said = |text| of_string(text, now);
        assert_eq!(said("2026-11-25").as_deref(), Some("today"));
        assert_eq!(said("2026-11-28").as_deref(), Some("in 3 days"));
        assert_eq!(said("2024-11-20").as_deref(), Some("2 years ago"));
        assert_eq!(said("2026-11-25T11:59:00.123Z").as_deref(), Some("59 s ago"));
        assert_eq!(said("2026-11-25T15:00:00+01:00").as_deref(), Some("in 2 h"));
        assert_eq!(said("2026-11-25T14:00:00").as_deref(), Some("in 2 h"));
        assert_eq!(said(ZERO_ID).as_deref(), Some("unknown"));
        assert_eq!(said("2026-13-45"), None);
        assert_eq!(said("20261125"), None);
        assert_eq!(of_string("2026-11-25", None), None);
    }

    #[test]
    fn money_is_said_with_its_own_decimals() {
        let text = r#"[{"minors":123456,"currency":"DKK"},{"currency":"ISK","minors":1500},{"value":150,"currency":"JPY"},
            {"minors":5,"currency":"UNDEFINED"},{"minors":1.5,"currency":"EUR"},{"amount":1,"currency":"EUR"},{"minors":7}]"#;
        let document = Document::from_bytes(Bytes::copy_from_slice(text.as_bytes()));
        let rows = document.rows(&Folds::new(), 0, 99);
        let said: Vec<_> = rows
            .iter()
            .filter(|row| row.kind == RowKind::Number)
            .map(|row| {
                let number = String::from_utf8_lossy(&document.body().read(row.offset..row.end)).into_owned();
                let near = of_number(&document, row, &number, &rows);
                assert_eq!(of_number(&document, row, &number, &[]), near, "off the screen it is the same");
                near
            })
            .collect();
        let wanted = [Some("1 234.56 DKK"), Some("1 500 ISK"), Some("1.50 JPY"), None, None, None, None];
        assert_eq!(said, wanted.map(|own| own.map(str::to_owned)));
    }
}
