//! Two answers beside each other: the one that is shown and that of the other environment, or an earlier one.
//!
//! The second request is a read, goes out with the credential in force in its own environment, and never takes the place of
//! the answer that is shown.

mod acting;
pub mod answer;
pub mod earlier;
pub mod pane;
pub mod report;

use std::sync::Arc;

use super::event::{Effect, Facts, Reply, WorkId};
use super::model::{Model, Overlay};
use super::panes::response::{Exchange, Stage};
use super::taking::{self, Deed, Item as MenuItem, Menu};
use super::{custody, history};
use crate::document::diff::DiffError;
use crate::pleo::environment::Environment;
use crate::pleo::preflight::Finding;
use crate::pleo::prepared::{Prepared, prepare};
use answer::{Answer, Comparing, Comparison, Found};
use earlier::{answer, path, time};
use pane::ComparePane;

pub use acting::{Part, act, both, can_act, choose_key, close, write};

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
    if exchange.past.is_some() {
        return history::compare_shown(model);
    }
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

/// Whether there is an answer that can be compared, and something to compare it with.
#[must_use]
pub fn can_begin(model: &Model) -> bool {
    let Some(exchange) = model.response.exchange.as_ref().filter(|own| own.stage == Stage::Done) else {
        return false;
    };
    if exchange.past.is_some() {
        return !exchange.request.endpoint().writes && history::refusal(model).is_none();
    }
    let read = !exchange.request.endpoint().writes && !exchange.request.is_elsewhere();
    let other = model.credentials.held_in_force(exchange.environment().other()).is_some();
    read && (other || model.earlier.of(exchange).next().is_some())
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
    if model.credentials.held_in_force(other).is_none() {
        return Err(format!(
            "Not sent: {} has no credential. Ctrl-t switches to it, 2 takes one; then compare again",
            other.banner()
        ));
    }
    let draft = exchange.request.draft(&model.environments);
    let draft = draft.map_err(|error| format!("Not sent to {}: {error}", other.banner()))?;
    prepare(&draft, &model.situation_in(other)).map_err(|findings| {
        let refusal = findings.iter().find(|finding| finding.refuses());
        format!(
            "Not sent to {}: {}",
            other.banner(),
            refusal.map_or_else(String::new, |own: &Finding| own.named(&draft))
        )
    })
}

/// Compares an answer of the past with what the same read answers now.
pub fn with_now(model: &mut Model, past: Answer, request: Prepared) -> Vec<Effect> {
    let id = model.next_work();
    let mut awaited = Answer::awaited(request.environment(), request.url().as_str());
    awaited.label.push_str(" now");
    let mut pane = ComparePane::new(Comparison::new(request.endpoint(), path(&request), [past, awaited]));
    pane.flight = Some((id, 1));
    pane.used = model.credentials.held_in_force(request.environment()).map(|held| held.id);
    model.compare = Some(Box::new(pane));
    vec![Effect::Send(id, Box::new(request))]
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

/// Whether a reply is about a comparison, shown or not any more.
#[must_use]
pub fn concerns(model: &Model, reply: &Reply) -> bool {
    let pane = model.compare.as_deref();
    let flight = pane.and_then(|pane| pane.flight).map(|(id, _)| id);
    match reply {
        Reply::Compared(..) | Reply::Reported(..) => true,
        Reply::Opened(id, _) => pane.is_some_and(|pane| pane.chore == Some(*id)),
        Reply::Known(id, _) => flight == Some(*id),
        Reply::Failed(id, ..) if pane.is_some_and(|pane| [pane.work, pane.chore].contains(&Some(*id))) => true,
        reply => flight.is_some() && Answer::work(reply) == flight,
    }
}

/// Takes a reply that is about a comparison into the model. One to work that is no longer wanted changes nothing.
pub fn reply(model: &mut Model, reply: Reply) -> Vec<Effect> {
    let Some(pane) = &mut model.compare else {
        return Vec::new();
    };
    match reply {
        Reply::Compared(id, found) => {
            if pane.work == Some(id) {
                pane.work = None;
                compared(pane, *found);
            }
        }
        Reply::Opened(id, body) => acting::opened(model, id, body),
        Reply::Reported(id, document, extension) => {
            if pane.chore == Some(id) {
                pane.chore = None;
                taking::begin_save_of(model, "what differs", document, extension);
            }
        }
        Reply::Known(_, facts) => known(model, facts),
        Reply::Failed(id, failure, ..) if pane.work == Some(id) || pane.chore == Some(id) => {
            (pane.work, pane.chore) = (None, None);
            model.complain(failure.sentence);
        }
        reply => return answered(model, &reply),
    }
    Vec::new()
}

/// Takes a reply to the second request.
fn answered(model: &mut Model, reply: &Reply) -> Vec<Effect> {
    let Some((pane, (id, side))) = model.compare.as_mut().and_then(|pane| pane.flight.map(|flight| (pane, flight)))
    else {
        return Vec::new();
    };
    let own = &mut pane.comparison.sides[side];
    if !own.take(id, reply) {
        return Vec::new();
    }
    pane.flight = None;
    if own.head.is_none() {
        pane.trouble.clone_from(&own.failure);
    }
    start(model)
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
