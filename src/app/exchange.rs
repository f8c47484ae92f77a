//! Sending, cancelling, and what replies do to the model; and the search of the response.

use super::event::{Effect, Reply, WorkId};
use super::input::LineInput;
use super::layout;
use super::model::{Flight, Model, Pane};
use super::panes::response::Stage;
use super::typing;
use super::update::response_size;
use crate::document::Query;
use crate::pleo::preflight::Finding;
use crate::pleo::prepared::{self, Prepared};

/// Sends the request as it stands in pane 4, or says why not. While one is in flight it waits behind it.
pub fn send(model: &mut Model) -> Vec<Effect> {
    typing::leave(model);
    let Some(draft) = &model.request.draft else {
        model.focus = Pane::Endpoints;
        model.complain("There is no request yet: choose an operation with Enter, or type one with Ctrl-n");
        return Vec::new();
    };
    let credential = model.credentials.in_force(model.environment);
    match prepared::prepare(draft, model.environment, &model.environments, credential) {
        Ok(prepared) if model.flight.is_some() => {
            let replaced = model.waiting.replace(Box::new(prepared)).is_some();
            model.say(if replaced {
                "This request waits in place of the one that waited before; x cancels both"
            } else {
                "A request is in flight: this one waits and is sent when it ends; x cancels both"
            });
            Vec::new()
        }
        Ok(prepared) => vec![launch(model, prepared)],
        Err(findings) => {
            refuse(model, findings);
            Vec::new()
        }
    }
}

fn refuse(model: &mut Model, findings: Vec<Finding>) {
    let first = findings.iter().find(|finding| finding.refuses()).cloned();
    model.request.findings = findings;
    if let Some(finding) = first {
        typing::point_at(model, finding.place);
        let sentence = model.request.draft.as_ref().map_or_else(String::new, |draft| finding.named(draft));
        model.complain(format!("Not sent: {sentence}"));
    }
}

fn launch(model: &mut Model, prepared: Prepared) -> Effect {
    let id = model.next_work();
    model.flight = Some(Flight { id });
    model.response.begin(id, prepared.clone());
    model.focus = Pane::Response;
    Effect::Send(id, Box::new(prepared))
}

/// Cancels what is in flight and what waits behind it. The screen says so at once; the worker follows.
pub fn cancel(model: &mut Model) -> Vec<Effect> {
    let waited = model.waiting.take().is_some();
    let Some(flight) = model.flight.take() else {
        model.say("Nothing is in flight");
        return Vec::new();
    };
    let mut said = String::from(if waited { "Cancelled, and what waited behind it" } else { "Cancelled" });
    if let Some(exchange) = model.response.of(flight.id) {
        exchange.stage = Stage::Cancelled;
        let nothing_came = exchange.head.is_none();
        if let Some(previous) = model.response.previous.take().filter(|_| nothing_came) {
            model.response = *previous;
            said.push_str("; the answer before it is shown again");
        }
    }
    model.say(said);
    vec![Effect::Cancel(flight.id)]
}

/// Takes what the worker says into the model. A reply to work that is no longer wanted changes nothing.
pub fn reply(model: &mut Model, reply: Reply) -> Vec<Effect> {
    let live = |model: &Model, id: WorkId| model.flight.as_ref().is_some_and(|flight| flight.id == id);
    match reply {
        Reply::Found(id, hits, last) => {
            found(model, id, hits, last);
            return Vec::new();
        }
        Reply::Progress(id, ..)
        | Reply::Head(id, ..)
        | Reply::Chunk(id, ..)
        | Reply::Done(id, ..)
        | Reply::Failed(id, ..)
            if !live(model, id) => {}
        Reply::Progress(id, elapsed) => {
            if let Some(exchange) = model.response.of(id) {
                exchange.elapsed = elapsed;
            }
        }
        Reply::Head(id, head, elapsed) => {
            if let Some(exchange) = model.response.of(id) {
                exchange.stage = Stage::Receiving;
                exchange.elapsed = elapsed;
                exchange.head = Some(head);
                model.response.previous = None;
            }
        }
        Reply::Chunk(id, bytes, piece) => {
            if let Some(exchange) = model.response.of(id) {
                exchange.document.append(bytes, &piece);
            }
        }
        Reply::Done(id, piece, elapsed) => {
            if let Some(exchange) = model.response.of(id) {
                exchange.document.finish(&piece);
                exchange.stage = Stage::Done;
                exchange.elapsed = elapsed;
            }
            return next(model);
        }
        Reply::Failed(id, failure, piece, elapsed) => {
            if let Some(exchange) = model.response.of(id) {
                exchange.document.finish(&piece);
                exchange.stage = Stage::Failed(failure);
                exchange.elapsed = elapsed;
                model.response.previous = None;
            }
            return next(model);
        }
    }
    Vec::new()
}

/// The flight has ended: what waited is sent now.
fn next(model: &mut Model) -> Vec<Effect> {
    model.flight = None;
    match model.waiting.take() {
        Some(prepared) => {
            // What was said of its waiting holds no more.
            model.message = None;
            vec![launch(model, *prepared)]
        }
        None => Vec::new(),
    }
}

/// Opens the search field over the response.
pub fn begin_search(model: &mut Model) -> Vec<Effect> {
    model.response.show_body();
    let origin = model.response.offset();
    let search = &mut model.response.search;
    search.origin = origin;
    search.typing = true;
    search.input = LineInput::new("");
    search.hits.clear();
    search.current = None;
    cancel_search(model)
}

/// Searches anew after a change of what is typed.
pub fn research(model: &mut Model) -> Vec<Effect> {
    let mut effects = cancel_search(model);
    let text = model.response.search.input.text().to_owned();
    model.response.search.hits.clear();
    model.response.search.current = None;
    let body = model.response.document().map(|document| document.body().clone());
    if let (Some(body), false) = (body, text.is_empty()) {
        let id = model.next_work();
        model.response.search.work = Some(id);
        effects.push(Effect::Search(id, body, Query::new(&text)));
    }
    effects
}

fn cancel_search(model: &mut Model) -> Vec<Effect> {
    model.response.search.work.take().map_or_else(Vec::new, |id| vec![Effect::Cancel(id)])
}

fn found(model: &mut Model, id: WorkId, hits: Vec<crate::document::Hit>, last: bool) {
    if model.response.search.work != Some(id) {
        return;
    }
    model.response.search.hits.extend(hits);
    if last {
        model.response.search.work = None;
    }
    if model.response.search.current.is_none() {
        let areas = layout::areas(model);
        let (width, height) = response_size(model, &areas);
        model.response.next_hit(true, width, height);
    }
}

/// Enter in the search field: keeps the hits and gives the keys back. Elsewhere in the response: folds.
pub fn choose_search(model: &mut Model) -> Vec<Effect> {
    if model.response.search.typing {
        model.response.search.typing = false;
        if model.response.search.input.text().is_empty() {
            return end_search(model);
        }
    } else {
        model.response.toggle_fold();
    }
    Vec::new()
}

/// Esc: the search is over.
pub fn end_search(model: &mut Model) -> Vec<Effect> {
    let effects = cancel_search(model);
    model.response.search = super::panes::response::SearchState::default();
    effects
}
