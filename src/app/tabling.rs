//! The table of a list: it is read on as its document grows, its rows are arranged in the background, and keys work on it.

use super::action::Action;
use super::event::{Effect, WorkId};
use super::input::LineInput;
use super::model::{Model, Overlay};
use super::panes::response::View;
use super::panes::response::table::{Arrangement, Made, Table};
use crate::document::{Body, Columns, Document, Records, SortKey, Tally};
use crate::pleo::endpoint::Endpoint;
use crate::pleo::model::Models;

/// Steps by which a column is made wider or narrower, in terminal columns.
const WIDER: isize = 4;

/// A list to be read whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The document.
    pub document: Document,
    /// The records found so far.
    pub records: Records,
    /// The columns found so far.
    pub columns: Columns,
}

/// Rows to be arranged.
#[derive(Clone, Debug, PartialEq)]
pub struct Arranging {
    /// The bytes.
    pub body: Body,
    /// Where the records stand in them.
    pub records: Records,
    /// The words of the filter.
    pub filter: String,
    /// The columns that it may name.
    pub columns: Vec<String>,
    /// The columns to sort by.
    pub sort: Vec<SortKey>,
}

/// Keeps the table up to date with its document and with what is asked of it. Called after every event; does nothing where
/// nothing has changed.
pub fn follow(model: &mut Model) -> Vec<Effect> {
    let Some(document) = model.response.listed().cloned() else {
        return Vec::new();
    };
    if document.is_empty() {
        return Vec::new();
    }
    if model.response.table_mut().find(&document) {
        let (paths, arrangement) = usual(model);
        model.response.table_mut().begin(&paths, arrangement);
    }
    if model.response.table().list.is_none() {
        return Vec::new();
    }
    let more = model.response.table_mut().read_on(document.body());
    let mut effects = Vec::new();
    if more && !is_arriving(model) {
        effects.extend(read_whole(model, document.clone()));
    }
    effects.extend(arrange(model, &document));
    effects
}

/// The columns that are known beforehand, and how they were arranged before.
fn usual(model: &Model) -> (Vec<String>, Arrangement) {
    let endpoint = model.response.exchange.as_ref().map(|exchange| exchange.request.endpoint());
    match endpoint.filter(|_| model.response.filter.result.is_none()) {
        Some(endpoint) => (columns(endpoint), model.tables.get(&key(endpoint)).cloned().unwrap_or_default()),
        None => (Vec::new(), Arrangement::default()),
    }
}

/// The columns of an operation's records, as its model has them.
#[must_use]
pub fn columns(endpoint: &Endpoint) -> Vec<String> {
    let shape = endpoint.answer.as_ref().and_then(|answer| Models::embedded().of_answer(answer));
    shape.filter(|shape| shape.many).map_or_else(Vec::new, |shape| shape.model.columns())
}

/// Under what the arrangement of a table is remembered.
fn key(endpoint: &Endpoint) -> String {
    format!("{} {} {}", endpoint.surface.name(), endpoint.method, endpoint.path)
}

/// Whether the document of the table is going to grow by itself.
fn is_arriving(model: &Model) -> bool {
    let pane = &model.response;
    if pane.filter.result.is_some() {
        return pane.filter.work.is_some();
    }
    pane.exchange.as_ref().is_some_and(|exchange| exchange.stage.is_live())
}

/// Reads the rest of a list in the background.
fn read_whole(model: &mut Model, document: Document) -> Option<Effect> {
    let table = model.response.table();
    let (records, columns) = (table.records.clone()?, table.columns.clone());
    let id = model.next_work();
    model.response.table_mut().reading = Some(id);
    Some(Effect::Tabulate(id, Box::new(Reading { document, records, columns })))
}

/// A list has been read as far as it went.
pub fn tabulated(model: &mut Model, id: WorkId, records: Records, columns: Columns) {
    let table = model.response.table_mut();
    if table.reading == Some(id) {
        table.reading = None;
        table.records = Some(records);
        table.columns = columns;
    }
}

/// Arranges the rows anew where they are to be others than those shown.
fn arrange(model: &mut Model, document: &Document) -> Vec<Effect> {
    let table = model.response.table();
    let wanted = table.wanted();
    if !table.is_stale() {
        return Vec::new();
    }
    if wanted.filter.is_empty() && wanted.sort.is_empty() {
        let effects = stop(model);
        as_it_stands(model.response.table_mut());
        return effects;
    }
    let same = |made: &Made| made.filter == wanted.filter && made.sort == wanted.sort;
    if let Some((_, made)) = &table.arranging
        && same(made)
    {
        // Records that came meanwhile wait for it to end.
        return Vec::new();
    }
    // What grows page by page need not be arranged for each of them where that takes its time.
    let grown = wanted.records - table.made.records.min(wanted.records);
    if same(&table.made) && is_arriving(model) && grown < table.made.records / 16 {
        return Vec::new();
    }
    let Some(records) = table.records.clone() else {
        return Vec::new();
    };
    let arranging = Arranging {
        body: document.body().clone(),
        records,
        filter: wanted.filter.clone(),
        columns: table.paths(),
        sort: wanted.sort.clone(),
    };
    let mut effects = stop(model);
    let id = model.next_work();
    let table = model.response.table_mut();
    (table.arranging, table.arranged) = (Some((id, wanted)), 0);
    effects.push(Effect::Arrange(id, Box::new(arranging)));
    effects
}

/// All records in the order in which they stand; the cursor stays at its record.
fn as_it_stands(table: &mut Table) {
    let at = table.current();
    table.order = None;
    table.made = table.wanted();
    table.cursor = at.unwrap_or(table.cursor);
}

/// So many records have been read to arrange them.
pub fn arranged_so_far(model: &mut Model, id: WorkId, records: u64) {
    let table = model.response.table_mut();
    if table.arranging.as_ref().is_some_and(|(own, _)| *own == id) {
        table.arranged = records;
    }
}

/// Rows have been arranged.
pub fn arranged(model: &mut Model, id: WorkId, order: Vec<u32>) {
    let table = model.response.table_mut();
    let Some((_, made)) = table.arranging.take_if(|(own, _)| *own == id) else {
        return;
    };
    let at = table.current();
    let sought = made.filter != table.made.filter;
    table.order = Some(std::sync::Arc::new(order));
    table.made = made;
    // Whoever types a filter looks at its first row; whoever sorts goes on with the record that he is at.
    let row = at.filter(|_| !sought).and_then(|record| table.row_of(record));
    table.cursor = row.unwrap_or(0);
}

/// Stops what is arranged; the rows stay as they are.
pub fn stop(model: &mut Model) -> Vec<Effect> {
    let table = model.response.table_mut();
    table.arranging.take().map_or_else(Vec::new, |(id, _)| vec![Effect::Cancel(id)])
}

/// Work on the table has failed; answers whether it was wanted.
pub fn failed(model: &mut Model, id: WorkId) -> bool {
    let table = model.response.table_mut();
    if table.reading == Some(id) {
        table.reading = None;
        return true;
    }
    let Some((_, made)) = table.arranging.take_if(|(own, _)| *own == id) else {
        return false;
    };
    // It is not tried again by itself.
    table.made = made;
    true
}

/// Stops everything that is done for the table in the background.
pub fn stop_all(model: &mut Model) -> Vec<Effect> {
    let mut effects = stop(model);
    effects.extend(model.counting.take().map(|(id, _)| Effect::Cancel(id)));
    effects.extend(model.response.table_mut().reading.take().map(Effect::Cancel));
    effects
}

/// Whether the table is what one looks at.
#[must_use]
pub fn is_shown(model: &Model) -> bool {
    model.response.view() == View::Table
}

/// Opens the field that filters the rows.
pub fn begin_filter(model: &mut Model) {
    model.response.table_mut().typing = true;
}

/// Enter in that field: the rows stay, and keys move in them again.
pub fn keep_filter(model: &mut Model) {
    model.response.table_mut().typing = false;
}

/// Esc: all rows again, one at the record that one was at.
pub fn end_filter(model: &mut Model) {
    let table = model.response.table_mut();
    table.typing = false;
    table.filter = LineInput::new("");
}

/// Sorts by the column under the cursor, alone or beside the others.
pub fn sort(model: &mut Model, beside: bool) {
    let table = model.response.table_mut();
    table.turn_sort(beside);
    let told = match table.sort.as_slice() {
        [] => "Rows stand as they were sent".to_owned(),
        keys => {
            let names = keys.iter().map(|key| {
                let way = if key.descending { "largest first" } else { "smallest first" };
                format!("{} ({way})", key.path)
            });
            format!("Sorted by {}", names.collect::<Vec<_>>().join(", then "))
        }
    };
    model.say(told);
}

/// Makes the column under the cursor wider or narrower.
pub fn widen(model: &mut Model, wider: bool) -> Vec<Effect> {
    model.response.table_mut().widen(if wider { WIDER } else { -WIDER });
    remember(model)
}

/// Moves the column under the cursor to the left or right.
pub fn move_column(model: &mut Model, right: bool) -> Vec<Effect> {
    model.response.table_mut().move_column(right);
    remember(model)
}

/// Hides the column under the cursor.
pub fn hide_column(model: &mut Model) -> Vec<Effect> {
    if model.response.table_mut().hide_column() {
        model.say("Hidden: c chooses the columns that are shown");
        remember(model)
    } else {
        model.complain("The last column stays");
        Vec::new()
    }
}

/// How often each value of a column occurs, to look at and to choose from.
#[derive(Clone, Debug)]
pub struct Counts {
    /// The column.
    pub path: String,
    /// The counts.
    pub tally: Tally,
    /// The one under the cursor.
    pub cursor: usize,
}

/// Counts the values of the column under the cursor in the rows that the filter leaves.
pub fn count_values(model: &mut Model) -> Vec<Effect> {
    let table = model.response.table();
    let (Some(path), Some(records), Some(document)) =
        (table.current_column(), table.records.clone(), model.response.listed())
    else {
        return Vec::new();
    };
    let filter = table.filter.text().trim().to_owned();
    let (body, columns) = (document.body().clone(), table.paths());
    let mut effects: Vec<Effect> = model.counting.take().map(|(id, _)| Effect::Cancel(id)).into_iter().collect();
    let id = model.next_work();
    model.counting = Some((id, path.clone()));
    effects.push(Effect::Tally(id, Box::new(Arranging { body, records, filter, columns, sort: Vec::new() }), path));
    effects
}

/// The values of a column are counted.
pub fn tallied(model: &mut Model, id: WorkId, tally: Tally) {
    if let Some((_, path)) = model.counting.take_if(|(own, _)| *own == id)
        && model.overlay.is_none()
    {
        model.overlay = Some(Overlay::Counts(Box::new(Counts { path, tally, cursor: 0 })));
    }
}

/// Enter on a value: the rows that have it.
pub fn choose_count(model: &mut Model) {
    let Some(Overlay::Counts(counts)) = model.overlay.take() else {
        return;
    };
    let Some((value, _)) = counts.tally.values.get(counts.cursor) else {
        return;
    };
    // Quotes hold together what has spaces in it.
    let value = value.as_ref().map_or_else(String::new, |value| format!("\"{}\"", value.replace('"', "")));
    let table = model.response.table_mut();
    let before = table.filter.text().trim();
    let space = if before.is_empty() { "" } else { " " };
    table.filter = LineInput::new(&format!("{before}{space}{}={value}", counts.path));
}

/// Opens the list of columns, at the one under the cursor.
pub fn choose_columns(model: &mut Model) {
    let table = model.response.table();
    let own = table.current_column();
    let at = table.paths().iter().position(|path| Some(path) == own.as_ref()).unwrap_or(0);
    model.overlay = Some(Overlay::Columns(at));
}

/// What a key does in that list; `None` where it means the same as without it.
pub fn in_columns(model: &mut Model, action: Action, cursor: usize) -> Option<Vec<Effect>> {
    let paths = model.response.table().paths();
    let last = paths.len().saturating_sub(1);
    let mut to = cursor.min(last);
    let mut effects = Vec::new();
    match action {
        Action::Back => {
            model.overlay = None;
            return Some(Vec::new());
        }
        Action::Palette | Action::FreeRequest => {
            model.overlay = None;
            return None;
        }
        Action::Up => to = to.saturating_sub(1),
        Action::Down => to = (to + 1).min(last),
        Action::ToggleFold => effects = turn_column(model, paths.get(to)?),
        Action::ColumnLeft | Action::ColumnRight => {
            let next =
                if action == Action::ColumnLeft { to.checked_sub(1) } else { Some(to + 1).filter(|n| *n <= last) };
            if let Some(next) = next {
                let mut paths = paths;
                paths.swap(to, next);
                model.response.table_mut().arrangement.order = paths;
                to = next;
                effects = remember(model);
            }
        }
        _ => {}
    }
    model.overlay = Some(Overlay::Columns(to));
    Some(effects)
}

fn turn_column(model: &mut Model, path: &str) -> Vec<Effect> {
    let table = model.response.table_mut();
    let shown = table.is_shown(path);
    if shown && table.shown().len() < 2 {
        model.complain("The last column stays");
        return Vec::new();
    }
    table.arrangement.shown.insert(path.to_owned(), !shown);
    remember(model)
}

/// Remembers how the columns of this operation's answers are arranged.
pub fn remember(model: &mut Model) -> Vec<Effect> {
    let Some(exchange) = model.response.exchange.as_ref().filter(|_| model.response.filter.result.is_none()) else {
        return Vec::new();
    };
    let key = key(exchange.request.endpoint());
    let arrangement = model.response.table().arrangement.clone();
    model.tables.insert(key, arrangement);
    vec![Effect::Remember(model.tables.clone())]
}
