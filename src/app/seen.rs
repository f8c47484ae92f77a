//! Ids that answers of this run have shown, by environment and kind, to be offered where one is wanted. Those of one
//! environment are never offered in the other.
//!
//! An answer is read in the background, and only so far: what is offered need not be complete.

use std::collections::HashMap;

use super::event::Effect;
use super::model::Model;
use crate::document::{Body, Cell, CellKind, Records, cell_at, cells, decode_string};
use crate::pleo::catalogue::Catalogue;
use crate::pleo::endpoint::Endpoint;
use crate::pleo::environment::Environment;
use crate::pleo::links::{is_same_kind, kind_of_name, kind_of_records};
use crate::pleo::privacy;

/// Records of an answer that are looked at.
const RECORDS: u64 = 1000;
/// Most bytes of an answer that are looked at.
const BYTES: u64 = 4 << 20;
/// Most bytes of a single record that are looked at.
const LARGEST: u64 = 256 << 10;
/// Ids of a kind that are kept.
const MOST: usize = 1000;
/// Most bytes of an id.
const LONGEST_ID: usize = 100;
/// Most characters of a name.
const LONGEST_NAME: usize = 60;
/// What an id that is not known begins with.
const ZERO: &str = "00000000-0000-0000";

/// An id and what a person knows it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The id.
    pub id: String,
    /// A name, or nothing.
    pub name: String,
    /// Whether the name tells who a person is.
    pub personal: bool,
}

/// The ids of one environment: by kind, and by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    kinds: HashMap<String, HashMap<String, Known>>,
}

impl Seen {
    /// Takes an id in; a name that becomes known later is taken too.
    fn take(&mut self, kind: &str, known: Known) {
        if known.id.is_empty() || known.id.len() > LONGEST_ID || known.id.starts_with(ZERO) {
            return;
        }
        if !self.kinds.contains_key(kind) {
            self.kinds.insert(kind.to_owned(), HashMap::new());
        }
        let Some(ids) = self.kinds.get_mut(kind) else {
            return;
        };
        let room = ids.len() < MOST;
        match ids.get_mut(&known.id) {
            Some(own) if known.name.is_empty() => own.personal |= known.personal,
            Some(own) => *own = known,
            None if room => {
                ids.insert(known.id.clone(), known);
            }
            None => {}
        }
    }

    /// Those of a kind, with a name first, in the order of their names.
    #[must_use]
    pub fn of(&self, kind: &str) -> Vec<&Known> {
        let same = self.kinds.iter().filter(|(own, _)| is_same_kind(own, kind));
        let mut found: Vec<&Known> = same.flat_map(|(_, ids)| ids.values()).collect();
        found.sort_by(|a, b| (&a.id, a.name.is_empty()).cmp(&(&b.id, b.name.is_empty())));
        found.dedup_by(|a, b| a.id == b.id);
        found.sort_by(|a, b| (a.name.is_empty(), &a.name, &a.id).cmp(&(b.name.is_empty(), &b.name, &b.id)));
        found
    }
}

/// An answer to learn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Learning {
    environment: Environment,
    endpoint: Endpoint,
    body: Body,
    records: Option<Records>,
}

impl Learning {
    /// Reads it.
    #[must_use]
    pub fn read(&self) -> Lesson {
        let catalogue = Catalogue::current();
        let mut reader = Reader {
            endpoint: &self.endpoint,
            catalogue,
            own: kind_of_records(&self.endpoint, catalogue),
            kinds: HashMap::new(),
            seen: Seen::default(),
        };
        match &self.records {
            Some(records) => {
                let mut left = BYTES;
                for number in 0..records.len().min(RECORDS) {
                    let Some(range) = records.exact(&self.body, number).filter(|range| range.end - range.start <= left)
                    else {
                        break;
                    };
                    left -= range.end - range.start;
                    reader.record(&self.body.read(range.start..range.end.min(range.start + LARGEST)));
                }
            }
            None => {
                let text = self.body.read(0..self.body.len().min(LARGEST));
                match cell_at(&text, "data") {
                    Some((CellKind::Object, range)) => reader.record(&text[range]),
                    _ => reader.record(&text),
                }
            }
        }
        Lesson { environment: self.environment, seen: reader.seen }
    }
}

/// What an answer has taught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    environment: Environment,
    seen: Seen,
}

struct Reader<'a> {
    endpoint: &'a Endpoint,
    catalogue: &'a Catalogue,
    /// The kind of the records themselves.
    own: String,
    /// What members' names hold ids of.
    kinds: HashMap<String, Option<String>>,
    seen: Seen,
}

impl Reader<'_> {
    fn record(&mut self, record: &[u8]) {
        let cells = cells(record);
        for cell in &cells {
            let (before, last) = cell.path.rsplit_once('.').unwrap_or(("", &cell.path));
            let Some(id) = text(record, cell) else {
                continue;
            };
            if cell.path == "id" {
                let (name, personal) = name_in(record, &cells, "", &self.own);
                let own = self.own.clone();
                self.seen.take(&own, Known { id, name, personal });
                continue;
            }
            // The object `vendor` with an `id` tells what `vendorId` would, and often a name.
            let parent = before.rsplit('.').next().unwrap_or_default();
            let (called, name, personal) = if last == "id" {
                let (name, personal) = name_in(record, &cells, &format!("{before}."), parent);
                (format!("{parent}Id"), name, personal)
            } else {
                (last.to_owned(), String::new(), false)
            };
            let (endpoint, catalogue) = (self.endpoint, self.catalogue);
            let kind = self.kinds.entry(called).or_insert_with_key(|called| kind_of_name(called, endpoint, catalogue));
            if let Some(kind) = kind {
                self.seen.take(kind, Known { id, name, personal });
            }
        }
    }
}

/// What stands in a cell, where that is a text or a number.
fn text(record: &[u8], cell: &Cell) -> Option<String> {
    let bytes = &record[cell.range.clone()];
    match cell.kind {
        CellKind::String => Some(decode_string(bytes)),
        CellKind::Number => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    }
}

/// The name that a person knows an object by, and whether that tells who a person is.
fn name_in(record: &[u8], cells: &[Cell], before: &str, kind: &str) -> (String, bool) {
    let some = |name: &str| {
        let cell = cells.iter().find(|cell| cell.path.strip_prefix(before) == Some(name))?;
        text(record, cell).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let cut = |name: String| name.chars().take(LONGEST_NAME).collect();
    let person: Vec<String> = ["firstName", "lastName"].into_iter().filter_map(some).collect();
    if !person.is_empty() {
        return (cut(person.join(" ")), true);
    }
    let named = ["name", "title", "code", "number", "description"];
    let found = named.into_iter().find_map(|name| Some((name, some(name)?)));
    found
        .map_or_else(Default::default, |(name, text)| (cut(text), privacy::is_personal_path(&format!("{kind}.{name}"))))
}

/// An answer has come to its end: what it shows is read in the background. One of an earlier run, of another host, or that
/// tells of a failure teaches nothing.
pub fn follow(model: &mut Model) -> Option<Effect> {
    let pane = &model.response;
    let (exchange, whole) = (pane.exchange.as_ref()?, pane.whole()?);
    let good = exchange.head.as_ref().is_some_and(|head| (200..300).contains(&head.status));
    if !good || exchange.past.is_some() || exchange.request.is_elsewhere() || whole.is_empty() {
        return None;
    }
    let learning = Learning {
        environment: exchange.environment(),
        endpoint: exchange.request.endpoint().clone(),
        body: whole.body().clone(),
        records: pane.table().records.clone(),
    };
    Some(Effect::Learn(model.next_work(), Box::new(learning)))
}

/// Takes in what an answer has taught, under the environment that it came from.
pub fn learned(model: &mut Model, lesson: Lesson) {
    let seen = model.seen.entry(lesson.environment).or_default();
    for (kind, ids) in lesson.seen.kinds {
        for known in ids.into_values() {
            seen.take(&kind, known);
        }
    }
}
