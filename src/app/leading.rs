//! Ids lead on: from a value in an answer to the request that reads what it names, in the same environment, and back.
//!
//! A step keeps the answer that it came from, with its table, its cursor and the pages that are loaded; going back shows it as
//! it was left.

use std::ops::Range;

use super::event::{Effect, WorkId};
use super::model::{Model, Overlay, Pane};
use super::panes::response::{Exchange, ResponsePane, View};
use super::taking::{Deed, Item, Menu};
use super::{exchange, history, paging, typing};
use crate::document::{self, CellKind, Document, RowKind, Step, cells, plain};
use crate::pleo::catalogue::Catalogue;
use crate::pleo::links::{self, NoWay, Place, Related};
use crate::pleo::preflight::Finding;
use crate::pleo::prepared;
use crate::pleo::request::Draft;

/// Steps that can be gone back.
const MOST: usize = 20;

/// Most bytes of an object that are looked at for what stands beside a value.
const LARGEST: u64 = 256 * 1024;

/// Containers around a value that are gone through; no record of Pleo's is as deep.
const DEEPEST: usize = 32;

/// An answer that one came from.
#[derive(Debug)]
pub struct Crumb {
    /// The answer, as it was left.
    pub response: ResponsePane,
    /// The request that stood in pane 4.
    pub draft: Option<Draft>,
}

impl Crumb {
    /// A few words for it: the request's method and path, and the row that one was at.
    #[must_use]
    pub fn title(&self) -> String {
        let request = self.response.exchange.as_ref().map(|exchange| &exchange.request);
        let path = request.map_or_else(String::new, |request| format!("{} {}", request.method(), request.url().path()));
        let table = self.response.table();
        if table.list.is_some() { format!("{path} row {}", table.cursor + 1) } else { path }
    }
}

/// A value in an answer, with what stands around it.
struct Spot {
    /// The text of the record.
    record: Vec<u8>,
    /// The text of the object that holds the value.
    around: Vec<u8>,
    /// Names from the record down to the value.
    names: Vec<String>,
    value: String,
}

impl Spot {
    fn with<T>(&self, pane: &ResponsePane, ask: impl FnOnce(&Place<'_>) -> T) -> Option<T> {
        let request = &pane.exchange.as_ref()?.request;
        let path: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let some = |text: String| (!text.is_empty()).then_some(text);
        Some(ask(&Place {
            path: &path,
            value: &self.value,
            beside: &|name| some(plain(&self.around, name)),
            record: &|name| some(plain(&self.record, name)),
            endpoint: request.endpoint(),
            asked: request.url().path(),
        }))
    }
}

/// What the cursor is on.
fn spot(pane: &ResponsePane) -> Option<Spot> {
    match pane.view() {
        View::Table => {
            let table = pane.table();
            let record = table.text(pane.listed()?.body(), table.current()?);
            let path = table.current_column()?;
            in_record(record, &path)
        }
        View::Tree => in_tree(pane, pane.document()?),
        _ => None,
    }
}

/// The value of a record at a path with dots.
fn in_record(record: Vec<u8>, path: &str) -> Option<Spot> {
    let (kind, _) = document::cell_at(&record, path)?;
    if !matches!(kind, CellKind::String | CellKind::Number) {
        return None;
    }
    let value = plain(&record, path);
    let around = match path.rsplit_once('.').and_then(|(before, _)| document::cell_at(&record, before)) {
        Some((_, range)) => record[range].to_vec(),
        None => record.clone(),
    };
    Some(Spot { around, names: path.split('.').map(str::to_owned).collect(), value, record })
}

fn in_tree(pane: &ResponsePane, shown: &Document) -> Option<Spot> {
    let row = shown.row(pane.place.cursor).filter(|row| row.depth <= DEEPEST)?;
    if !matches!(row.kind, RowKind::String | RowKind::Number) {
        return None;
    }
    let read = |range: Range<u64>| shown.body().read(range.start..range.end.min(range.start + LARGEST)).into_owned();
    let value = document::decode_string(&read(row.offset..row.end));
    let mut around = Vec::new();
    let mut at = row.parent;
    while let Some(open) = at {
        around.push(open);
        at = shown.parent(open);
    }
    let steps = shown.path(pane.place.cursor).steps;
    // Where the record begins, counted from the top.
    let skipped = if pane.record.is_some() { 0 } else { above_record(pane, &steps) };
    let text = |open: u64| shown.value_range(open).map(read);
    let record = text(*around.get(around.len().checked_sub(1 + skipped)?)?)?;
    let object =
        around.iter().find(|open| shown.row(**open).is_some_and(|row| row.kind == RowKind::Open { array: false }));
    let names = steps[skipped..].iter().filter_map(|step| match step {
        Step::Key(name) => Some(name.clone()),
        Step::Index(_) => None,
    });
    Some(Spot { around: text(*object?)?, names: names.collect(), value, record })
}

/// How many steps of a path lead from the top of an answer to its record.
fn above_record(pane: &ResponsePane, steps: &[Step]) -> usize {
    let listed = pane.table().list.as_ref();
    match (listed, steps.first()) {
        (Some(list), Some(Step::Key(name))) if list.member.as_ref() == Some(name) => {
            2.min(steps.len().saturating_sub(1))
        }
        (Some(list), Some(Step::Index(_))) if list.member.is_none() => 1,
        (None, Some(Step::Key(name))) if name == "data" && steps.len() > 1 => 1,
        _ => 0,
    }
}

/// Enter on a value: the request that reads what it names, if it is an id. `None` where it is none, or that of the row itself,
/// which is read beside the table.
pub fn follow(model: &mut Model) -> Option<Vec<Effect>> {
    let spot = spot(&model.response).filter(|spot| !is_own(&model.response, spot))?;
    match spot.with(&model.response, |place| links::leads(place, Catalogue::current()))? {
        Ok(draft) => Some(go(model, draft)),
        Err(NoWay::NotAnId(_) | NoWay::Nothing(_)) => None,
        Err(reason) => {
            model.complain(format!("It leads nowhere: {reason}"));
            Some(Vec::new())
        }
    }
}

/// Whether it is the id of the row that it stands in.
fn is_own(pane: &ResponsePane, spot: &Spot) -> bool {
    pane.view() == View::Table && spot.names == ["id"]
}

/// Opens the list of everything that the record leads to.
pub fn menu(model: &mut Model) -> Vec<Effect> {
    let items = ways(&model.response);
    if items.is_empty() {
        model.complain("This leads nowhere that the catalogue knows: put the cursor on a record with ids");
    } else {
        model.overlay = Some(Overlay::Menu(Menu { title: "Leads to", items, cursor: 0 }));
    }
    Vec::new()
}

/// Everything that the record under the cursor leads to: what can be asked about it first, then what its ids name.
fn ways(pane: &ResponsePane) -> Vec<Item> {
    let Some(record) = record(pane) else {
        return Vec::new();
    };
    let catalogue = Catalogue::current();
    let mut found: Vec<(String, Draft)> = Vec::new();
    if let Some(own) = in_record(record.clone(), "id") {
        let related = own.with(pane, |place| links::related(place, catalogue)).unwrap_or_default();
        found.extend(related.into_iter().map(|Related { title, draft }| (title, draft)));
    }
    for cell in cells(&record) {
        if let Some(spot) = in_record(record.clone(), &cell.path)
            && let Some(Ok(draft)) = spot.with(pane, |place| links::leads(place, catalogue))
        {
            found.push((cell.path, draft));
        }
    }
    let letters = ('a'..='z').filter(|letter| !matches!(letter, 'j' | 'k'));
    letters
        .zip(found)
        .map(|(letter, (title, draft))| Item {
            letter,
            title,
            glimpse: format!("{} {}", draft.endpoint.method, draft.target()),
            deed: Deed::Lead(Box::new(draft)),
        })
        .collect()
}

/// The record that the cursor is in.
fn record(pane: &ResponsePane) -> Option<Vec<u8>> {
    match pane.view() {
        View::Table => {
            let table = pane.table();
            Some(table.text(pane.listed()?.body(), table.current()?))
        }
        View::Tree => {
            let shown = pane.document()?;
            let mut row = shown.row(pane.place.cursor).filter(|row| row.depth <= DEEPEST)?.row;
            let steps = shown.path(row).steps;
            let skipped =
                if pane.record.is_some() { 0 } else { above_record(pane, &steps).max(whole_record(pane, &steps)) };
            for _ in skipped..steps.len() {
                row = shown.parent(row)?;
            }
            let range = shown.value_range(row)?;
            Some(shown.body().read(range.start..range.end.min(range.start + LARGEST)).into_owned())
        }
        _ => None,
    }
}

/// The same where the cursor is on the record itself.
fn whole_record(pane: &ResponsePane, steps: &[Step]) -> usize {
    let listed = pane.table().list.is_some();
    usize::from(!listed && matches!(steps.first(), Some(Step::Key(name)) if name == "data"))
}

/// Sends a read that something leads to, as a step that can be gone back.
pub fn go(model: &mut Model, draft: Draft) -> Vec<Effect> {
    if let Some(wanted) = model.response.exchange.as_ref().map(Exchange::environment)
        && wanted != model.environment
    {
        model.complain(format!("This answer is of {wanted}: switch to it with Ctrl-t, then follow its ids"));
        return Vec::new();
    }
    if let Some(sentence) = history::refusal(model) {
        model.complain(sentence);
        return Vec::new();
    }
    if model.flight.is_some() {
        model.complain("A request is in flight: x cancels it, then ids lead on");
        return Vec::new();
    }
    if draft.endpoint.writes {
        model.complain("Not followed: it leads to a request that changes data");
        return Vec::new();
    }
    match prepared::prepare(&draft, &model.situation()) {
        Ok(prepared) => {
            let before = model.request.draft.clone();
            model.endpoints.select(&draft.endpoint);
            model.request.open(draft);
            let effects = exchange::dispatch(model, prepared);
            model.step = model.flight.as_ref().map(|flight| (flight.id, before));
            effects
        }
        Err(findings) => {
            let first = findings.iter().find(|finding| Finding::refuses(finding)).map(|finding| finding.named(&draft));
            typing::open_request(model, draft);
            model.complain(format!("Prepared, and not sent: {}", first.unwrap_or_default()));
            Vec::new()
        }
    }
}

/// A request is answered, or has failed: the answer before it is kept to come back to, if it was a step, and else let go of.
pub fn arrived(model: &mut Model, id: WorkId) -> Vec<Effect> {
    let Some(previous) = model.response.previous.take() else {
        return Vec::new();
    };
    let Some((_, draft)) = model.step.take_if(|(own, _)| *own == id) else {
        return paging::let_go(&previous);
    };
    keep(model, *previous, draft)
}

/// Keeps an answer to come back to, with the request that stood in pane 4.
pub fn keep(model: &mut Model, mut response: ResponsePane, draft: Option<Draft>) -> Vec<Effect> {
    let mut effects = paging::stop_in(&mut response);
    model.crumbs.push(Crumb { response, draft });
    if model.crumbs.len() > MOST {
        effects.extend(paging::let_go(&model.crumbs.remove(0).response));
    }
    effects
}

/// A request was cancelled before it was answered, and the answer before it is shown again: so is its request.
pub fn undone(model: &mut Model, id: WorkId) {
    if let Some((_, Some(draft))) = model.step.take_if(|(own, _)| *own == id) {
        model.request.open(draft);
    }
}

/// Whether the step that was made last is not answered yet.
fn is_stepping(model: &Model) -> bool {
    let (flight, step) = (&model.flight, &model.step);
    flight.as_ref().zip(step.as_ref()).is_some_and(|(flight, (step, _))| flight.id == *step)
}

/// Whether there is an answer that one came from.
#[must_use]
pub fn can_go_back(model: &Model) -> bool {
    !model.crumbs.is_empty() || is_stepping(model)
}

/// Back to the answer that one came from, and to its row. A step that is not answered yet is not made.
pub fn back(model: &mut Model) -> Vec<Effect> {
    if is_stepping(model) {
        return exchange::cancel(model);
    }
    let Some(crumb) = model.crumbs.pop() else {
        model.say("There is nothing to go back to: Enter on an id leads on");
        return Vec::new();
    };
    let mut effects: Vec<Effect> = model.flight.take().map(|flight| Effect::Cancel(flight.id)).into_iter().collect();
    (model.waiting, model.step) = (None, None);
    effects.extend(exchange::stop_work(model));
    effects.extend(paging::let_go(&model.response));
    model.response = crumb.response;
    if let Some(draft) = crumb.draft {
        model.endpoints.select(&draft.endpoint);
        model.request.open(draft);
    }
    model.focus = Pane::Response;
    effects
}

/// Learns from an answer which names its records' ids have.
pub fn learn_names(model: &mut Model) {
    /// Records that are looked at, and names that are kept.
    const RECORDS: u64 = 500;
    const NAMES: usize = 20_000;
    let pane = &model.response;
    let (Some(exchange), Some(whole)) = (&pane.exchange, pane.whole()) else {
        return;
    };
    let Some(records) = &pane.table().records else {
        return;
    };
    let environment = exchange.environment();
    let told: Vec<(String, String)> =
        (0..records.len().min(RECORDS)).filter_map(|number| name_of(&records.text(whole.body(), number))).collect();
    let names = model.names.entry(environment).or_default();
    if names.len() < NAMES {
        names.extend(told);
    }
}

/// The id of a record and the name that a person knows it by.
fn name_of(record: &[u8]) -> Option<(String, String)> {
    let id = plain(record, "id");
    let name = plain(record, "name");
    let person = format!("{} {}", plain(record, "firstName"), plain(record, "lastName"));
    let name = if name.is_empty() { person.trim().to_owned() } else { name };
    (crate::pleo::values::is_uuid(&id) && !name.is_empty()).then_some((id, name))
}

/// Whether the value under the cursor is an id that leads on, for the footer.
#[must_use]
pub fn leads(pane: &ResponsePane) -> bool {
    let found = spot(pane)
        .filter(|spot| !is_own(pane, spot))
        .and_then(|spot| spot.with(pane, |place| links::leads(place, Catalogue::current()).is_ok()));
    found.unwrap_or(false)
}
