//! What a value is in a cell of the table: money with its currency, times in a zone, rates as percent, names beside ids.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::hint::{self, ZERO_ID};
use crate::document::{CellKind, LONGEST_RECORD, cell_at, decode_string, shown};
use crate::pleo::{money, privacy};

/// How cells are shown.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    /// The zone of times; UTC without one.
    pub zone: Option<&'a TimeZone>,
    /// Whether personal data is masked.
    pub masked: bool,
    /// Whether names are those of Pleo's: in what a filter made any text may be personal.
    pub known: bool,
    /// Names of what ids stand for.
    pub names: &'a HashMap<String, String>,
}

/// What is to be seen of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A number, to stand at the right.
    Number,
    /// An id, or the name of what it stands for.
    Id,
    /// `true`, `false`.
    Literal,
    /// Nothing, or as good as that.
    Faint,
}

/// The text of a cell and what it is.
#[must_use]
pub fn cell(record: &[u8], path: &str, manner: Manner<'_>) -> (String, Kind) {
    let Some((kind, range)) = cell_at(record, path) else {
        // Of a record that is too long to be read for the screen the rest is not known.
        let cut = record.len() as u64 >= LONGEST_RECORD;
        return (if cut { "…".to_owned() } else { String::new() }, Kind::Faint);
    };
    let raw = &record[range];
    match kind {
        CellKind::Null => ("null".to_owned(), Kind::Faint),
        CellKind::Bool => (shown(kind, raw), Kind::Literal),
        CellKind::Array(_) | CellKind::Object => (shown(kind, raw), Kind::Faint),
        CellKind::Number => {
            let number = shown(kind, raw);
            (amount(record, path, &number).or_else(|| percent(path, &number)).unwrap_or(number), Kind::Number)
        }
        CellKind::String => string(&decode_string(raw), record, path, raw, manner),
    }
}

fn string(text: &str, record: &[u8], path: &str, raw: &[u8], manner: Manner<'_>) -> (String, Kind) {
    if text == ZERO_ID {
        return ("unknown".to_owned(), Kind::Faint);
    }
    let personal = || !manner.known || privacy::is_personal_path(path) || is_of_person(record, path);
    if manner.masked && !text.is_empty() && personal() {
        return (privacy::MASK.to_owned(), Kind::Faint);
    }
    if hint::meaning(text) == hint::Meaning::Id {
        // A name may be a person's.
        let name = manner.names.get(text).filter(|_| !is_own(path) && !manner.masked);
        return match name {
            Some(name) => (format!("{} {}", &text[..4], crate::document::displayable(name)), Kind::Id),
            None => (text.to_owned(), Kind::Id),
        };
    }
    if let Some(time) = time(text, manner.zone) {
        return (time, Kind::Text);
    }
    let text = shown(CellKind::String, raw);
    let text = if manner.masked { privacy::masked(&text).into_owned() } else { text };
    (text, Kind::Text)
}

/// Whether a `name` stands beside an e-mail address, and so is that of a person.
fn is_of_person(record: &[u8], path: &str) -> bool {
    let Some(before) = path.strip_suffix("name").filter(|before| before.is_empty() || before.ends_with('.')) else {
        return false;
    };
    cell_at(record, &format!("{before}email")).is_some()
}

/// Whether an id is that of the record itself, whose name stands in the same row.
fn is_own(path: &str) -> bool {
    path == "id"
}

/// The amount that a number is, where its currency stands beside it.
fn amount(record: &[u8], path: &str, number: &str) -> Option<String> {
    let (before, own) = path.rsplit_once('.').map_or(("", path), |(before, own)| (before, own));
    if !matches!(own, "minors" | "value") {
        return None;
    }
    let beside = if before.is_empty() { "currency".to_owned() } else { format!("{before}.currency") };
    let (_, range) = cell_at(record, &beside).filter(|(kind, _)| *kind == CellKind::String)?;
    money::amount(own, number, &decode_string(&record[range]))
}

/// A rate as percent, exactly: `0.2` is `20 %`.
fn percent(path: &str, number: &str) -> Option<String> {
    let own = path.rsplit('.').next()?;
    (own.eq_ignore_ascii_case("rate") || own.ends_with("Rate")).then(|| money::percent(number)).flatten()
}

/// A moment, to the second and without letters between; the zone's offset stands behind it where that is not UTC.
fn time(text: &str, zone: Option<&TimeZone>) -> Option<String> {
    let looks = text.len() > 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[10] == b'T';
    let time: Timestamp = looks.then(|| {
        // Pleo writes some times without a zone: they are UTC.
        text.parse().ok().or_else(|| Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok())
    })??;
    Some(match zone {
        Some(zone) => zone.to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        None => time.strftime("%Y-%m-%d %H:%M:%S").to_string() + "Z",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(record: &str, path: &str, masked: bool) -> String {
        let names = HashMap::from([("ca54c551-9290-484d-9f69-b136e458535e".to_owned(), "Nordwind".to_owned())]);
        cell(record.as_bytes(), path, Manner { zone: None, masked, known: true, names: &names }).0
    }

    #[test]
    fn cells_say_what_values_mean() {
        let record = r#"{"id":"ca54c551-9290-484d-9f69-b136e458535e","companyId":"ca54c551-9290-484d-9f69-b136e458535e",
            "transactionValue":{"minors":-123456,"currency":"DKK"},"isk":{"value":150000,"currency":"ISK"},"taxRate":0.255,
            "accountId":"00000000-0000-0000-0000-000000000000","performedAt":"2026-03-01T10:00:00.123456789Z","firstName":"Ann",
            "note":"ann@x.example","minors":5,"rate":"x","n":null,"l":[1,2]}"#;
        let plain = |path| shown(record, path, false);
        assert_eq!(plain("transactionValue.minors"), "-1 234.56 DKK");
        assert_eq!(plain("isk.value"), "1 500.00 ISK", "value counts hundredths");
        assert_eq!(plain("minors"), "5", "no currency stands beside it");
        assert_eq!(plain("taxRate"), "25.5 %");
        assert_eq!(plain("accountId"), "unknown");
        assert_eq!(plain("companyId"), "ca54 Nordwind");
        assert_eq!(plain("id"), "ca54c551-9290-484d-9f69-b136e458535e");
        assert_eq!(plain("performedAt"), "2026-03-01 10:00:00Z");
        assert_eq!([plain("n"), plain("l"), plain("none"), plain("rate")], ["null", "2 items", "", "x"]);
        assert_eq!([plain("firstName"), plain("note")], ["Ann", "ann@x.example"]);
        assert_eq!([shown(record, "firstName", true), shown(record, "note", true)], [privacy::MASK, privacy::MASK]);
    }
}
