//! Two answers beside each other: the one that is shown and that of the other environment, or an earlier one.
//!
//! The second request is a read, goes out with the credential in force in its own environment, and never takes the place of
//! the answer that is shown.

pub mod answer;
pub mod earlier;
pub mod pane;
pub mod report;

use std::sync::Arc;

use super::action::Action;
use super::credentials::Held;
use super::custody;
use super::event::{Effect, Facts, Reply, WorkId};
use super::model::{Asked, Model, Overlay};
use super::panes::response::{Exchange, Stage};
use super::reading::Viewer;
use super::taking::{self, Deed, Item as MenuItem, Menu};
use crate::document::diff::DiffError;
use crate::document::{Body, Document};
use crate::pleo::environment::Environment;
use crate::pleo::preflight::{Finding, Situation};
use crate::pleo::prepared::{Prepared, prepare};
use answer::{Answer, Comparing, Comparison, Found};
use bytes::Bytes;
use earlier::{answer, path, time};
use pane::{ComparePane, Item};
use report::{Format, Reporting};

/// What the answer that is shown is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// What the other environment answers now.
    Other,
    /// An earlier answer, by the number of its work.
    Earlier(WorkId),
}

/// Letters of the menu for earlier answers; the other environment has `d`, the key that opened it.
const LETTERS: [char; 8] = ['1', '2', '3', '4', '5', '6', '7', '8'];

/// The key that compares: at once with the other environment, or by a menu where earlier answers are there too.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    let Some(exchange) = model.response.exchange.as_ref().filter(|own| own.stage == Stage::Done) else {
        model.complain("There is no whole answer yet that could be compared: send a request first");
        return Vec::new();
    };
    if exchange.request.endpoint().writes {
        model.complain("Not compared: this request changes data, and only reads are sent to both environments");
        return Vec::new();
    }
    let began = model.began;
    let glimpse = |own: &earlier::Kept| {
        let status = own.answer.status().map_or_else(String::new, |status| format!(" · {status}"));
        format!("of {} · {}{status} · {} bytes", time(began, own.at), own.answer.label, own.answer.document.len())
    };
    let earlier = LETTERS.into_iter().zip(model.earlier.of(exchange));
    let mut items: Vec<MenuItem> = earlier
        .map(|(letter, own)| MenuItem {
            letter,
            title: "an earlier answer".to_owned(),
            glimpse: glimpse(own),
            deed: Deed::Compare(Against::Earlier(own.id)),
        })
        .collect();
    if items.is_empty() {
        return against(model, Against::Other);
    }
    let other = exchange.environment().other();
    let first = MenuItem {
        letter: 'd',
        title: "the other environment".to_owned(),
        glimpse: format!("sends the same read to {} now", other.banner()),
        deed: Deed::Compare(Against::Other),
    };
    items.insert(0, first);
    model.overlay = Some(Overlay::Menu(Menu { title: "Compare with", items, cursor: 0 }));
    Vec::new()
}

/// Compares the answer that is shown.
pub fn against(model: &mut Model, against: Against) -> Vec<Effect> {
    match against {
        Against::Other => match request(model) {
            Ok(request) => send(model, request),
            Err(sentence) => {
                model.complain(sentence);
                Vec::new()
            }
        },
        Against::Earlier(id) => {
            let Some((exchange, kept)) = model.response.exchange.as_ref().zip(model.earlier.find(id)) else {
                model.complain("That answer is not kept any more");
                return Vec::new();
            };
            let label = |own: &Answer, at| format!("{} {}", own.environment.banner(), time(model.began, at));
            let (mut left, mut right) = (kept.answer.clone(), answer(exchange));
            (left.label, right.label) = (label(&left, kept.at), label(&right, exchange.answered));
            let pane = ComparePane::new(of(exchange, [left, right]));
            model.compare = Some(Box::new(pane));
            start(model).into_iter().collect()
        }
    }
}

fn of(exchange: &Exchange, sides: [Answer; 2]) -> Comparison {
    Comparison::new(exchange.request.endpoint(), path(&exchange.request), sides)
}

/// The same read for the other environment, or a sentence that says why it is not sent.
fn request(model: &Model) -> Result<Prepared, String> {
    let exchange = model.response.exchange.as_ref().ok_or("There is no answer yet")?;
    let other = exchange.environment().other();
    if exchange.request.is_elsewhere() {
        return Err("Not compared: this answer is of another host, which has no other environment".to_owned());
    }
    let held = model.credentials.held_in_force(other);
    if held.is_none() {
        return Err(format!(
            "Not sent: {} has no credential. Ctrl-t switches to it, 2 takes one; then compare again",
            other.banner()
        ));
    }
    let draft = exchange.request.draft(&model.environments);
    let draft = draft.map_err(|error| format!("Not sent to {}: {error}", other.banner()))?;
    let situation = Situation {
        environment: other,
        environments: &model.environments,
        credential: held.map(|held| &held.credential),
        identity: held.and_then(Held::identity),
        secrets: model.credentials.secrets(),
        guard: model.guard,
        now: model.now,
    };
    prepare(&draft, &situation).map_err(|findings| {
        let refusal = findings.iter().find(|finding| finding.refuses());
        format!(
            "Not sent to {}: {}",
            other.banner(),
            refusal.map_or_else(String::new, |own: &Finding| own.named(&draft))
        )
    })
}

fn send(model: &mut Model, request: Prepared) -> Vec<Effect> {
    let id = model.next_work();
    let Some(exchange) = &model.response.exchange else {
        return Vec::new();
    };
    let (shown, awaited) = (answer(exchange), Answer::awaited(request.environment(), request.url().as_str()));
    // Staging stands on the left, whichever was asked first.
    let (sides, side) = match request.environment() {
        Environment::Staging => ([awaited, shown], 0),
        Environment::Production => ([shown, awaited], 1),
    };
    let mut pane = ComparePane::new(of(exchange, sides));
    pane.flight = Some((id, side));
    pane.used = model.credentials.held_in_force(request.environment()).map(|held| held.id);
    model.compare = Some(Box::new(pane));
    vec![Effect::Send(id, Box::new(request))]
}

/// Compares both answers anew, in the background.
fn start(model: &mut Model) -> Vec<Effect> {
    let id = model.next_work();
    let Some(pane) = &mut model.compare else {
        return Vec::new();
    };
    if pane.flight.is_some() || pane.comparison.sides.iter().any(|own| own.head.is_none()) {
        return Vec::new();
    }
    let mut effects: Vec<Effect> = pane.work.replace(id).map(Effect::Cancel).into_iter().collect();
    (pane.found, pane.trouble) = (None, None);
    pane.headers = pane.comparison.headers();
    let documents = pane.comparison.sides.each_ref().map(|own| own.document.clone());
    let comparing = Comparing { documents, options: pane.options.clone(), shape: pane.shape };
    effects.push(Effect::Compare(id, Box::new(comparing)));
    effects
}

/// Takes a reply that is about the comparison; gives back one that is not. What is no longer wanted is about nothing.
///
/// # Errors
/// The reply, when it is about something else.
pub fn reply(model: &mut Model, reply: Reply) -> Result<Vec<Effect>, Reply> {
    let Some(pane) = &mut model.compare else {
        return Err(reply);
    };
    match reply {
        Reply::Compared(id, found) => {
            if pane.work == Some(id) {
                pane.work = None;
                compared(pane, *found);
            }
        }
        Reply::Opened(id, body) if pane.chore == Some(id) => {
            pane.chore = None;
            let title = pane.item().map_or_else(String::new, title);
            model.overlay = Some(Overlay::Viewer(Box::new(Viewer { title, body, top: 0 })));
        }
        Reply::Reported(id, document, extension) => {
            if pane.chore == Some(id) {
                pane.chore = None;
                taking::begin_save_of(model, "what differs", document, extension);
            }
        }
        Reply::Known(id, facts) if pane.flight.is_some_and(|(own, _)| own == id) => known(model, facts),
        Reply::Failed(id, failure, ..) if pane.work == Some(id) || pane.chore == Some(id) => {
            (pane.work, pane.chore) = (None, None);
            model.complain(failure.sentence);
        }
        reply => return answered(model, reply),
    }
    Ok(Vec::new())
}

/// Takes a reply to the second request.
fn answered(model: &mut Model, reply: Reply) -> Result<Vec<Effect>, Reply> {
    let wanted = model.compare.as_mut().and_then(|pane| {
        let (id, side) = pane.flight.filter(|(id, _)| Answer::work(&reply) == Some(*id))?;
        Some((pane, id, side))
    });
    let Some((pane, id, side)) = wanted else {
        return Err(reply);
    };
    if !pane.comparison.sides[side].take(id, &reply) {
        return Ok(Vec::new());
    }
    pane.flight = None;
    let own = &pane.comparison.sides[side];
    if own.head.is_none() {
        pane.trouble = own.failure.clone();
    }
    Ok(start(model))
}

fn known(model: &mut Model, facts: Facts) {
    if let Some(id) = model.compare.as_ref().and_then(|pane| pane.used) {
        custody::take_facts(model, id, &facts);
    }
    if let Some(remark) = facts.remark {
        model.complain(remark);
    }
}

fn compared(pane: &mut ComparePane, found: Result<Found, DiffError>) {
    match found {
        Ok(found) => pane.found = Some(Arc::new(found)),
        Err(error) => pane.trouble = Some(error.to_string()),
    }
}

/// What an action does while a comparison is shown; `None` when it means the same as without one.
pub fn act(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    let (_, height) = pane::inside(model.size);
    let pane = model.compare.as_mut()?;
    let page = pane.list_height(model.size).min(height).max(2) - 1;
    match action {
        Action::Up | Action::PreviousHit => pane.cursor = pane.cursor.saturating_sub(1),
        Action::Down | Action::NextHit => pane.cursor += 1,
        Action::PageUp => pane.cursor = pane.cursor.saturating_sub(page),
        Action::PageDown => pane.cursor += page,
        Action::First => pane.cursor = 0,
        Action::Last => pane.cursor = pane.len(),
        Action::Choose => return Some(open(model)),
        Action::ShapeOnly => {
            pane.shape = !pane.shape;
            return Some(anew(model));
        }
        Action::Volatile => {
            pane.options.volatile = !pane.options.volatile;
            return Some(anew(model));
        }
        Action::AlignBy => {
            model.overlay = Some(Overlay::AlignBy(Asked::new(pane.options.key.as_deref().unwrap_or(""))))
        }
        Action::SaveMenu => begin_save(model),
        Action::Cancel => return Some(cancel(model)),
        Action::Back => return Some(close(model)),
        Action::Compare => {}
        Action::Quit
        | Action::Suspend
        | Action::SwitchEnvironment
        | Action::Help
        | Action::Palette
        | Action::ToggleMouse => return None,
        // Anything else is about the panes.
        _ => {
            let mut effects = close(model);
            effects.extend(super::update::act(model, action));
            return Some(effects);
        }
    }
    Some(Vec::new())
}

/// Compares in another way, from the first difference on.
fn anew(model: &mut Model) -> Vec<Effect> {
    if let Some(pane) = &mut model.compare {
        (pane.cursor, pane.top) = (0, 0);
    }
    start(model)
}

/// Enter in the field for a key: records are aligned by it, or by a guess when it is empty.
pub fn choose_key(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::AlignBy(asked)) = &model.overlay else {
        return Vec::new();
    };
    let key = asked.input.text().trim().to_owned();
    model.overlay = None;
    if let Some(pane) = &mut model.compare {
        pane.options.key = (!key.is_empty()).then_some(key);
    }
    anew(model)
}

/// Stops what goes on; what is there stays.
fn cancel(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = &mut model.compare else {
        return Vec::new();
    };
    let effects = stop(pane);
    if effects.is_empty() {
        model.say("Nothing is in flight");
    } else {
        pane.trouble = Some("Stopped: nothing was compared. Esc goes back, d compares again.".to_owned());
        model.say("Stopped");
    }
    effects
}

fn stop(pane: &mut ComparePane) -> Vec<Effect> {
    let flight = pane.flight.take().map(|(id, _)| id);
    [flight, pane.work.take(), pane.chore.take()].into_iter().flatten().map(Effect::Cancel).collect()
}

/// Back to the panes.
pub fn close(model: &mut Model) -> Vec<Effect> {
    model.compare.take().map_or_else(Vec::new, |mut pane| stop(&mut pane))
}

/// What a row is about.
fn title(item: Item<'_>) -> String {
    match item {
        Item::Difference(own) => own.path_text(),
        Item::Field(own) => own.path.clone(),
        Item::Header(own) => format!("header {}", own.name),
    }
}

/// Shows both values of the row under the cursor in full.
fn open(model: &mut Model) -> Vec<Effect> {
    let id = model.next_work();
    let Some(pane) = &mut model.compare else {
        return Vec::new();
    };
    let Some(item) = pane.item() else {
        return Vec::new();
    };
    let labels = pane.comparison.labels();
    let whole = |texts: [String; 2]| format!("{}:\n{}\n\n{}:\n{}", labels[0], texts[0], labels[1], texts[1]);
    let text = match item {
        Item::Difference(own) => {
            let part = |side: usize, own: &Option<crate::document::diff::Side>| Part {
                label: labels[side].to_owned(),
                value: own.as_ref().map(|own| (pane.comparison.sides[side].document.body().clone(), own.range.clone())),
            };
            let parts = [part(0, &own.left), part(1, &own.right)];
            pane.chore = Some(id);
            return vec![Effect::OpenBoth(id, Box::new(parts))];
        }
        Item::Field(own) => whole([report::shown_text(own.left.as_ref()), report::shown_text(own.right.as_ref())]),
        Item::Header(_) if pane.shape => return Vec::new(),
        Item::Header(own) => whole([report::header_value(own.left.as_ref()), report::header_value(own.right.as_ref())]),
    };
    let (title, body) = (title(item), Body::from(Bytes::from(text)));
    model.overlay = Some(Overlay::Viewer(Box::new(Viewer { title, body, top: 0 })));
    Vec::new()
}

/// A value to be shown beside another one.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What its side is called.
    pub label: String,
    /// Where it stands, if it is there at all.
    pub value: Option<(Body, std::ops::Range<u64>)>,
}

/// Both values below each other, indented where they are JSON. Takes as long as they are large.
#[must_use]
pub fn both(parts: &[Part; 2]) -> Body {
    let mut text: Vec<u8> = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            text.push(b'\n');
        }
        text.extend_from_slice(format!("{}:\n", part.label).as_bytes());
        match &part.value {
            None => text.extend_from_slice(b"not there\n"),
            Some((body, range)) => {
                let value = crate::document::slice(body, range.clone());
                let value = Document::from_bytes(Bytes::from(value.read(0..value.len()).into_owned()));
                let Ok(()) = crate::document::pretty(&value, &mut |row| {
                    text.extend_from_slice(row);
                    Ok::<(), std::convert::Infallible>(())
                });
            }
        }
    }
    Body::from(Bytes::from(text))
}

/// Opens the menu of what may be saved of a comparison.
fn begin_save(model: &mut Model) {
    let Some(pane) = model.compare.as_ref().filter(|pane| pane.found.is_some()) else {
        model.complain("There is nothing yet that could be saved");
        return;
    };
    let glimpse = if pane.shape { "fields and types, no value" } else { "with values of both answers" };
    let item = |letter, title: &str, format| MenuItem {
        letter,
        title: title.to_owned(),
        glimpse: glimpse.to_owned(),
        deed: Deed::Report(format),
    };
    let items = vec![
        item('m', "as Markdown", Format::Markdown),
        item('j', "as JSON", Format::Json),
        item('t', "as text", Format::Text),
    ];
    model.overlay = Some(Overlay::Menu(Menu { title: "Save what differs", items, cursor: 0 }));
}

/// Writes a report in the background, to be saved.
pub fn write(model: &mut Model, format: Format) -> Vec<Effect> {
    let id = model.next_work();
    let Some(pane) = &mut model.compare else {
        return Vec::new();
    };
    let Some(found) = pane.found.clone() else {
        return Vec::new();
    };
    pane.chore = Some(id);
    vec![Effect::Report(id, Box::new(Reporting { comparison: pane.comparison.clone(), found, format }))]
}

/// Whether an action would do something in a comparison.
#[must_use]
pub fn can_act(pane: &ComparePane, action: Action) -> bool {
    match action {
        Action::Cancel => pane.is_busy(),
        Action::NextHit | Action::PreviousHit | Action::Choose => !pane.is_empty(),
        Action::SaveMenu => pane.found.is_some(),
        Action::AlignBy | Action::Volatile => pane.flight.is_none() && !pane.shape,
        Action::ShapeOnly => pane.flight.is_none(),
        _ => true,
    }
}
