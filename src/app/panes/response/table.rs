//! The table of a list: its records and columns, which rows are shown in which order, and where one is in it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::app::event::WorkId;
use crate::app::input::LineInput;
use crate::document::{self, Body, Column, Columns, Document, List, Records, SortKey, width};

use super::moving::Sight;

/// Bytes of a body that are read for records while a key or a piece of it is taken in; the rest is read in the background.
const AT_ONCE: u64 = 64 * 1024;

/// Records of which the columns are learnt meanwhile.
const RECORDS_AT_ONCE: u64 = 100;

/// Bytes after which a body that shows no list is no list, until it is whole.
const TRIED: u64 = 256 * 1024;

/// Terminal columns between two columns of the table.
pub const GAP: usize = 2;

/// Terminal columns behind the frozen one, the line in their middle.
pub const LINE: usize = 3;

/// Characters of a UUID, and the terminal columns that one gets by itself.
const UUID: usize = 36;
const SHORT: usize = 20;

/// Narrowest and widest that a column can be made, in terminal columns.
const WIDTHS: (usize, usize) = (3, 200);

/// How a person arranged the columns of an operation's answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Arrangement {
    /// Paths of the columns in the order chosen; others follow in their own.
    pub order: Vec<String>,
    /// Columns that were chosen to be seen (`true`) or hidden, against what is usual.
    pub shown: HashMap<String, bool>,
    /// Widths chosen.
    pub widths: HashMap<String, usize>,
}

/// What the rows in `order` were made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The words of the filter.
    pub filter: String,
    /// The columns to sort by.
    pub sort: Vec<SortKey>,
    /// How many records there were.
    pub records: u64,
}

/// The table of a document.
#[derive(Clone, Debug)]
pub struct Table {
    /// Where the records stand, once that is known.
    pub list: Option<List>,
    /// The records found so far.
    pub records: Option<Records>,
    /// The columns found so far.
    pub columns: Columns,
    /// The reading of all records that goes on in the background.
    pub reading: Option<WorkId>,
    /// How much of the document was looked at in vain.
    tried: u64,
    /// The records shown, in their order; all as they stand where there is none.
    pub order: Option<Arc<Vec<u32>>>,
    /// What that order was made of.
    pub made: Made,
    /// The arranging that goes on in the background, and what it is made of.
    pub arranging: Option<(WorkId, Made)>,
    /// How many records it has read.
    pub arranged: u64,
    /// The columns to sort by, the most important first.
    pub sort: Vec<SortKey>,
    /// What is typed to filter the rows.
    pub filter: LineInput,
    /// Whether keys go into that field.
    pub typing: bool,
    /// How the columns are arranged.
    pub arrangement: Arrangement,
    /// The row under the cursor.
    pub cursor: u64,
    /// The first row on the screen.
    pub top: u64,
    /// The column under the cursor, among those shown.
    pub column: usize,
    /// The first column behind the frozen one that is on the screen, among those shown.
    pub left: usize,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            list: None,
            records: None,
            columns: Columns::default(),
            reading: None,
            tried: 0,
            order: None,
            made: Made::default(),
            arranging: None,
            arranged: 0,
            sort: Vec::new(),
            filter: LineInput::new(""),
            typing: false,
            arrangement: Arrangement::default(),
            cursor: 0,
            top: 0,
            column: 0,
            left: 1,
        }
    }
}

impl Table {
    /// The same table over another document that begins with the same records: sorted, filtered and arranged alike.
    #[must_use]
    pub fn over_again(&self, paths: &[String]) -> Self {
        Self {
            columns: Columns::beginning_with(paths),
            order: self.order.clone(),
            made: self.made.clone(),
            sort: self.sort.clone(),
            filter: self.filter.clone(),
            typing: self.typing,
            arrangement: self.arrangement.clone(),
            cursor: self.cursor,
            top: self.top,
            column: self.column,
            left: self.left,
            ..Self::default()
        }
    }

    /// Looks for a list in a document that may have grown; answers whether one was found just now.
    pub fn find(&mut self, document: &Document) -> bool {
        let length = document.len();
        let may_be = length > self.tried && (self.tried < TRIED || document.is_complete());
        if self.list.is_some() || !may_be {
            return false;
        }
        self.tried = length;
        self.list = document.list();
        self.list.is_some()
    }

    /// Begins with these columns, arranged so.
    pub fn begin(&mut self, paths: &[String], arrangement: Arrangement) {
        self.columns = Columns::beginning_with(paths);
        self.arrangement = arrangement;
    }

    /// Reads on in a list that may have grown; answers whether there is more than can be read at once.
    pub fn read_on(&mut self, body: &Body) -> bool {
        let Some(list) = self.list.as_ref().filter(|_| self.reading.is_none()) else {
            return false;
        };
        let records = self.records.get_or_insert_with(|| Records::new(list));
        let more = records.read_on(body, AT_ONCE, &|| false);
        self.columns.learn_from(body, records, RECORDS_AT_ONCE, &|| false);
        more || self.columns.records() < records.len()
    }

    /// How many records there are, shown or not.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records.as_ref().map_or(0, Records::len)
    }

    /// How many rows are shown.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.order.as_ref().map_or_else(|| self.records(), |order| order.len() as u64)
    }

    /// The number of the record in a row.
    #[must_use]
    pub fn record(&self, row: u64) -> Option<u64> {
        match &self.order {
            Some(order) => document::record_of(order, row),
            None => (row < self.records()).then_some(row),
        }
    }

    /// The record under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<u64> {
        self.record(self.cursor)
    }

    /// The row that shows a record, if it is shown.
    #[must_use]
    pub fn row_of(&self, record: u64) -> Option<u64> {
        match &self.order {
            Some(order) => document::row_of(order, record),
            None => (record < self.records()).then_some(record),
        }
    }

    /// The text of a record as sent, as far as it is read to be shown.
    #[must_use]
    pub fn text(&self, body: &Body, record: u64) -> Vec<u8> {
        self.records.as_ref().map_or_else(Vec::new, |records| records.text(body, record).into_owned())
    }

    /// What the rows should be made of now.
    #[must_use]
    pub fn wanted(&self) -> Made {
        Made { filter: self.filter.text().trim().to_owned(), sort: self.sort.clone(), records: self.records() }
    }

    /// Whether the rows shown are made of something else than they should be.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        let wanted = self.wanted();
        let natural = wanted.filter.is_empty() && wanted.sort.is_empty();
        if natural { self.order.is_some() } else { self.made != wanted }
    }

    /// Every path that may be a column, in the order of the table.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let known = |path: &&String| self.columns.get(path).is_some();
        let mut paths: Vec<String> = self.arrangement.order.iter().filter(known).cloned().collect();
        let placed: HashSet<&String> = self.arrangement.order.iter().collect();
        let others = self.columns.all().iter().map(|column| &column.path);
        paths.extend(others.filter(|path| !placed.contains(path)).cloned());
        paths
    }

    /// Whether a column is shown: as chosen, else when it occurs and says something of its own.
    #[must_use]
    pub fn is_shown(&self, path: &str) -> bool {
        let usual = || {
            let occurs = self.columns.get(path).is_some_and(|column| column.present > 0);
            occurs && !self.is_said_elsewhere(path)
        };
        self.arrangement.shown.get(path).copied().unwrap_or_else(usual)
    }

    /// Whether it is the currency of an amount that has a column, which names it.
    fn is_said_elsewhere(&self, path: &str) -> bool {
        let Some(before) = path.strip_suffix("currency").filter(|before| before.is_empty() || before.ends_with('.'))
        else {
            return false;
        };
        ["minors", "value"]
            .iter()
            .any(|own| self.columns.get(&format!("{before}{own}")).is_some_and(|own| own.present > 0))
    }

    /// The columns shown, in their order.
    #[must_use]
    pub fn shown(&self) -> Vec<&Column> {
        self.paths().iter().filter(|path| self.is_shown(path)).filter_map(|path| self.columns.get(path)).collect()
    }

    /// The path of the column under the cursor.
    #[must_use]
    pub fn current_column(&self) -> Option<String> {
        self.shown().get(self.column).map(|column| column.path.clone())
    }

    /// Terminal columns that a column takes.
    #[must_use]
    pub fn width(&self, column: &Column) -> usize {
        let chosen = self.arrangement.widths.get(&column.path).copied();
        let sorted = usize::from(self.sort.iter().any(|key| key.path == column.path)) * 3;
        // An amount is written with spaces and its currency.
        let amount = if column.path.ends_with("minors") || column.path.ends_with("value") { 7 } else { 0 };
        // Of an id the beginning tells it apart; the name of what it stands for has room.
        let own = if column.width == UUID && (column.path == "id" || column.path.ends_with("Id")) {
            SHORT
        } else {
            column.width
        };
        chosen.unwrap_or_else(|| (own + amount).max(width(title(&column.path)) + sorted).max(WIDTHS.0))
    }

    /// The places of the columns on the screen, from the frozen one on: its number, and where it begins and ends.
    #[must_use]
    pub fn placed(&self, sight: Sight) -> Vec<(usize, usize, usize)> {
        places(&self.widths(sight), self.left, sight)
    }

    /// Terminal columns that each column shown takes; the frozen one leaves room for the others.
    fn widths(&self, sight: Sight) -> Vec<usize> {
        let mut widths: Vec<usize> = self.shown().iter().map(|column| self.width(column)).collect();
        if let Some(frozen) = widths.first_mut() {
            *frozen = (*frozen).min(sight.width * 2 / 5).max(WIDTHS.0);
        }
        widths
    }

    /// Moves the cursor by so many rows.
    pub fn step(&mut self, by: i64) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.rows().saturating_sub(1));
    }

    /// Moves the cursor by so many columns.
    pub fn sideways(&mut self, by: isize) {
        self.column = self.column.saturating_add_signed(by).min(self.shown().len().saturating_sub(1));
    }

    /// Brings the cursor and the screen together; a line more is seen where something stands behind the last row.
    pub fn settle(&mut self, sight: Sight, more: bool) {
        let height = (sight.height.saturating_sub(1)).max(1) as u64;
        let rows = self.rows() + u64::from(more);
        self.cursor = self.cursor.min(self.rows().saturating_sub(1));
        // At the last row what stands behind it is seen too.
        let seen = self.cursor + u64::from(more && self.cursor + 1 == self.rows());
        self.top = self.top.min(self.cursor).max((seen + 1).saturating_sub(height)).min(rows.saturating_sub(height));
        let widths = self.widths(sight);
        self.column = self.column.min(widths.len().saturating_sub(1));
        self.left = self.left.clamp(1, widths.len().max(1));
        if self.column == 0 {
            self.left = 1;
            return;
        }
        self.left = self.left.min(self.column).max(1);
        // The column is seen whole, or begins right behind the frozen one.
        let whole = |left| {
            let placed = places(&widths, left, sight);
            placed.iter().any(|(number, from, to)| *number == self.column && to - from >= widths[self.column])
        };
        while self.left < self.column && !whole(self.left) {
            self.left += 1;
        }
    }

    /// Sorts by the column under the cursor: ascending, then descending, then not; beside the others when that is asked for.
    pub fn turn_sort(&mut self, beside: bool) {
        let Some(path) = self.current_column() else {
            return;
        };
        let own = self.sort.iter().position(|key| key.path == path);
        let turned = match own.map(|place| self.sort[place].descending) {
            None => Some(false),
            Some(false) => Some(true),
            Some(true) => None,
        };
        if !beside {
            self.sort.retain(|key| key.path == path);
        }
        let place = self.sort.iter().position(|key| key.path == path);
        match (place, turned) {
            (Some(place), Some(descending)) => self.sort[place].descending = descending,
            (Some(place), None) => {
                self.sort.remove(place);
            }
            (None, Some(descending)) => self.sort.push(SortKey { path, descending }),
            (None, None) => {}
        }
    }

    /// Makes the column under the cursor wider or narrower by so much.
    pub fn widen(&mut self, by: isize) {
        let Some(path) = self.current_column() else {
            return;
        };
        let now = self.columns.get(&path).map_or(0, |column| self.width(column));
        self.arrangement.widths.insert(path, now.saturating_add_signed(by).clamp(WIDTHS.0, WIDTHS.1));
    }

    /// Moves the column under the cursor by one place among those shown.
    pub fn move_column(&mut self, right: bool) {
        let shown: Vec<String> = self.shown().iter().map(|column| column.path.clone()).collect();
        let to = if right { self.column + 1 } else { self.column.wrapping_sub(1) };
        let (Some(own), Some(other)) = (shown.get(self.column), shown.get(to)) else {
            return;
        };
        let mut paths = self.paths();
        let place = |paths: &[String], path: &String| paths.iter().position(|known| known == path);
        if let (Some(a), Some(b)) = (place(&paths, own), place(&paths, other)) {
            paths.swap(a, b);
            self.arrangement.order = paths;
            self.column = to;
        }
    }

    /// Hides the column under the cursor; the last one stays.
    pub fn hide_column(&mut self) -> bool {
        if self.shown().len() < 2 {
            return false;
        }
        let Some(path) = self.current_column() else {
            return false;
        };
        self.arrangement.shown.insert(path, false);
        true
    }
}

/// Where columns of these widths stand, the frozen one first and then those from `left` on.
fn places(widths: &[usize], left: usize, sight: Sight) -> Vec<(usize, usize, usize)> {
    let mut placed = Vec::new();
    let mut at = 0;
    for (number, wide) in widths.iter().enumerate() {
        if number > 0 && number < left {
            continue;
        }
        if at >= sight.width {
            break;
        }
        placed.push((number, at, (at + wide).min(sight.width)));
        at += wide + if number == 0 { LINE } else { GAP };
    }
    placed
}

/// The name that stands over a column: that of an amount is its object's.
#[must_use]
pub fn title(path: &str) -> &str {
    path.strip_suffix(".minors").or_else(|| path.strip_suffix(".value")).unwrap_or(path)
}
