//! A list as a table: which columns its records have, and how a value stands in one.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::record::{CellKind, cell_at, each_cell, text_of};
use super::text::{decode_string, displayable, width};
use super::{Body, Records};

/// Columns of a terminal after which a column of the table is not made wider by itself.
const WIDEST: usize = 40;

/// Columns that a table has at most.
const MOST: usize = 500;

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The names of the members that lead to its values, joined by dots.
    pub path: String,
    /// Terminal columns that its widest value so far takes, its name not counted; at most 40.
    pub width: usize,
    /// How many records have it.
    pub present: u64,
    /// Whether all of its values so far are numbers, or missing.
    pub numbers: bool,
}

/// The columns of a list, learnt record by record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    all: Vec<Column>,
    places: HashMap<String, usize>,
    /// Where the columns of the last record's values stand in `all`: those of the next are likely to be the same.
    sent: Vec<usize>,
    /// How many records were looked at.
    records: u64,
    /// How many records have values under names beyond those that are columns.
    beyond: u64,
}

impl Columns {
    /// Those that are known beforehand, in this order; others come behind them as they occur.
    #[must_use]
    pub fn beginning_with(paths: &[String]) -> Self {
        let mut columns = Self::default();
        for path in paths {
            columns.place(path);
        }
        columns
    }

    /// The place of a column, which is made if there is room for it.
    fn place(&mut self, path: &str) -> Option<usize> {
        if let Some(place) = self.places.get(path) {
            return Some(*place);
        }
        if self.all.len() >= MOST {
            return None;
        }
        self.places.insert(path.to_owned(), self.all.len());
        self.all.push(Column { path: path.to_owned(), width: 0, present: 0, numbers: true });
        Some(self.all.len() - 1)
    }

    /// Takes the columns of one more record in.
    pub fn learn(&mut self, record: &[u8]) {
        self.records += 1;
        let (mut number, mut beyond) = (0, false);
        each_cell(record, &mut |path, kind, range| {
            let Some(place) = self.place_of(number, path) else {
                beyond = true;
                return;
            };
            number += 1;
            let column = &mut self.all[place];
            column.present += 1;
            column.numbers &= matches!(kind, CellKind::Number | CellKind::Null);
            if column.width < WIDEST {
                column.width = column.width.max(width_of(kind, &record[range])).min(WIDEST);
            }
        });
        self.beyond += u64::from(beyond);
    }

    /// The place of the column of a record's value of this number.
    fn place_of(&mut self, number: usize, path: &str) -> Option<usize> {
        let likely = self.sent.get(number).copied().filter(|place| self.all[*place].path == path);
        let place = likely.or_else(|| self.place(path))?;
        match self.sent.get_mut(number) {
            Some(last) => *last = place,
            None => self.sent.push(place),
        }
        Some(place)
    }

    /// Takes in the records from the one of this number on that were not looked at yet.
    pub fn learn_from(&mut self, body: &Body, records: &Records, most: u64, cancelled: &dyn Fn() -> bool) {
        let until = self.records.saturating_add(most);
        records.each(body, self.records, &mut |number, record| {
            if number >= until || cancelled() {
                return ControlFlow::Break(());
            }
            self.learn(record);
            ControlFlow::Continue(())
        });
    }

    /// How many records were looked at.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// How many records have values under more names than are made columns; those are seen in the record alone.
    #[must_use]
    pub fn beyond(&self) -> u64 {
        self.beyond
    }

    /// All columns, also those that no record has.
    #[must_use]
    pub fn all(&self) -> &[Column] {
        &self.all
    }

    /// The column of this path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Column> {
        self.places.get(path).map(|place| &self.all[*place])
    }
}

/// Terminal columns that a value takes; of long texts as many as a column has.
fn width_of(kind: CellKind, raw: &[u8]) -> usize {
    match kind {
        CellKind::String if raw.len() > 4 * WIDEST => WIDEST,
        // Most texts are of letters that take a column and a byte each.
        CellKind::String if raw.iter().all(|byte| matches!(byte, b' '..=b'~') && *byte != b'\\') => raw.len() - 2,
        CellKind::String => width(&displayable(&text_of(raw))),
        CellKind::Array(_) | CellKind::Object => width(&shown(kind, raw)),
        _ => raw.len(),
    }
}

/// A value as it stands in a cell: strings decoded and made safe, arrays counted, `null` as itself.
#[must_use]
pub fn shown(kind: CellKind, raw: &[u8]) -> String {
    match kind {
        CellKind::String => displayable(&decode_string(raw)).into_owned(),
        CellKind::Array(0) => "[]".to_owned(),
        CellKind::Array(1) => "1 item".to_owned(),
        CellKind::Array(items) => format!("{items} items"),
        CellKind::Object if raw.len() <= 2 => "{}".to_owned(),
        CellKind::Object => "{ … }".to_owned(),
        _ => displayable(&String::from_utf8_lossy(raw)).into_owned(),
    }
}

/// A value as a text to take along: strings decoded, `null` and what is missing empty, anything else as sent.
#[must_use]
pub fn plain(record: &[u8], path: &str) -> String {
    match cell_at(record, path) {
        None | Some((CellKind::Null, _)) => String::new(),
        Some((CellKind::String, range)) => decode_string(&record[range]),
        Some((_, range)) => String::from_utf8_lossy(&record[range]).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::document::Document;

    #[test]
    fn columns_are_those_known_and_those_that_occur() {
        let text = r#"{"data":[{"id":"a","n":{"x":1}},{"id":"bcd","z":null,"t":[1,2]},{"n":{"x":2.50}}]}"#;
        let document = Document::from_bytes(Bytes::from_static(text.as_bytes()));
        let list = document.list().expect("a list");
        let records = Records::all(&document, &list, &|| false);
        let mut columns = Columns::beginning_with(&["name".to_owned(), "id".to_owned()]);
        columns.learn_from(document.body(), &records, 2, &|| false);
        assert_eq!(columns.records(), 2);
        columns.learn_from(document.body(), &records, u64::MAX, &|| false);
        let told: Vec<(&str, usize, u64, bool)> =
            columns.all().iter().map(|own| (&*own.path, own.width, own.present, own.numbers)).collect();
        assert_eq!(
            told,
            [("name", 0, 0, true), ("id", 3, 2, false), ("n.x", 4, 2, true), ("z", 4, 1, true), ("t", 7, 1, false)]
        );
    }

    #[test]
    fn names_without_end_do_not_make_columns_without_end() {
        let mut columns = Columns::default();
        for number in 0..2 * MOST {
            columns.learn(format!("{{\"id\":1,\"name {number}\":2}}").as_bytes());
        }
        assert_eq!((columns.all().len(), columns.beyond(), columns.records()), (MOST, 501, 1000));
        assert_eq!(columns.get("id").map(|column| column.present), Some(1000));
    }

    #[test]
    fn values_are_shown_and_taken_along() {
        let record = br#"{"a":"x\u001by","b":1.10,"c":null,"d":[1,{"e":2}],"o":{}}"#;
        assert_eq!(shown(CellKind::String, br#""x\u001by""#), "x␛y");
        assert_eq!(shown(CellKind::Array(2), b"[1,2]"), "2 items");
        let taken: Vec<String> = ["a", "b", "c", "d", "o", "none"].map(|path| plain(record, path)).to_vec();
        assert_eq!(taken, ["x\u{1b}y", "1.10", "", r#"[1,{"e":2}]"#, "{}", ""]);
    }
}
