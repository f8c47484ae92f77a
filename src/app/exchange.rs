//! Sending, cancelling, and what replies to a request do to the model.

use super::event::{Effect, Failure, Reply, WorkId};
use super::model::{Flight, Model, Pane};
use super::panes::response::Stage;
use super::{
    asking, conform, filtering, finding, history, leading, paging, reading, seen, tabling, taking, typing, unlock,
};
use crate::document::Examined;
use crate::pleo::explain::{self, Answered};
use crate::pleo::preflight::Finding;
use crate::pleo::prepared::{self, Prepared};
use crate::pleo::request::Draft;

/// Most bytes of a body that an explanation looks at; a refusal is short.
const MOST_EXPLAINED: u64 = 64 * 1024;

/// The key that sends: the request of pane 4, or that of the old answer which has the focus.
pub fn send_shown(model: &mut Model) -> Vec<Effect> {
    if history::is_meant(model) { send(model) } else { Vec::new() }
}

/// Sends the request as it stands in pane 4, or says why not. While one is in flight it waits behind it.
pub fn send(model: &mut Model) -> Vec<Effect> {
    typing::leave(model);
    if model.request.draft.is_none() {
        model.focus = Pane::Endpoints;
        model.complain("There is no request yet: choose an operation with Enter, or type one with Ctrl-n");
        return Vec::new();
    }
    if asking::begin(model) {
        return Vec::new();
    }
    let Some(draft) = &model.request.draft else {
        return Vec::new();
    };
    match prepared::prepare(draft, &model.situation()) {
        Ok(prepared) if unlock::needs_review(&prepared) => {
            unlock::review(model, prepared);
            Vec::new()
        }
        Ok(prepared) => dispatch(model, prepared),
        Err(findings) => {
            refuse(model, findings);
            Vec::new()
        }
    }
}

/// Sends a request, or lets it wait behind the one in flight. A write to production never waits: when it would leave is
/// what a person has just looked at.
pub fn dispatch(model: &mut Model, prepared: Prepared) -> Vec<Effect> {
    if model.flight.is_none() {
        return launch(model, prepared).into_iter().collect();
    }
    if unlock::needs_review(&prepared) {
        model.complain(
            "Not sent: a request is in flight, and a write to production never waits behind one. x cancels it",
        );
        return Vec::new();
    }
    let replaced = model.waiting.replace(Box::new(prepared)).is_some();
    model.say(if replaced {
        "This request waits in place of the one that waited before; x cancels both"
    } else {
        "A request is in flight: this one waits and is sent when it ends; x cancels both"
    });
    Vec::new()
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

/// The one place from which a request leaves, past the guard. What was made while writes were open and is to leave when
/// they are not any more stays here.
fn launch(model: &mut Model, prepared: Prepared) -> Option<Effect> {
    if let Err(refusal) = model.guard.permits(prepared.environment(), prepared.endpoint(), model.now) {
        model.complain(format!("Not sent: {refusal}"));
        return None;
    }
    let id = model.next_work();
    model.flight = Some(Flight { id });
    model.response.begin(id, prepared.clone(), model.timestamp());
    model.focus = Pane::Response;
    Some(Effect::Send(id, Box::new(prepared)))
}

/// Cancels what is in flight and what waits behind it. The screen says so at once; the worker follows.
pub fn cancel(model: &mut Model) -> Vec<Effect> {
    let waited = model.waiting.take().is_some();
    let Some(flight) = model.flight.take() else {
        let stopped = stop_work(model);
        if !stopped.is_empty() {
            model.say("Stopped; what came of it stays");
            return stopped;
        }
        let asked = model.credentials.stop_asking(model.environment);
        model.say(if asked.is_some() { "No longer asking who it is" } else { "Nothing is in flight" });
        return asked.into_iter().map(Effect::Cancel).collect();
    };
    let mut said = String::from(if waited { "Cancelled, and what waited behind it" } else { "Cancelled" });
    if let Some(exchange) = model.response.of(flight.id) {
        exchange.stage = Stage::Cancelled;
        let nothing_came = exchange.head.is_none();
        taking::handing::remember(model, flight.id);
        if let Some(previous) = model.response.previous.take().filter(|_| nothing_came) {
            model.response = *previous;
            leading::undone(model, flight.id);
            said.push_str("; the answer before it is shown again");
        }
    }
    model.say(said);
    vec![Effect::Cancel(flight.id)]
}

/// Stops what goes on with the answer in the background.
pub(super) fn stop_work(model: &mut Model) -> Vec<Effect> {
    let mut effects = finding::stop(model);
    effects.extend(filtering::give_up(model));
    effects.extend(reading::stop_folding(model));
    effects.extend(reading::stop(model));
    effects.extend(taking::stop(model));
    effects.extend(tabling::stop_all(model));
    effects.extend(paging::stop(model));
    effects
}

/// Work on the answer that is still wanted has failed: it no longer goes on, and that is said.
fn work_failed(model: &mut Model, id: WorkId, failure: Failure) {
    let pane = &mut model.response;
    let works =
        [&mut pane.search.work, &mut pane.filter.work, &mut pane.examining, &mut model.reading, &mut model.taking];
    let wanted = works.into_iter().find(|work| **work == Some(id)).and_then(Option::take);
    let folding = model.response.places().any(|place| place.folding.take_if(|own| own.work == id).is_some());
    if wanted.is_some() || folding || tabling::failed(model, id) {
        model.complain(failure.sentence);
    }
}

/// Whether something goes on with the answer that can be stopped.
#[must_use]
pub fn is_busy(model: &Model) -> bool {
    let pane = &model.response;
    let work = pane.search.work.is_some() || pane.filter.work.is_some() || pane.place.folding.is_some();
    let table = pane.table();
    let arranging = table.arranging.is_some() || table.reading.is_some();
    work || arranging
        || model.counting.is_some()
        || pane.pages.is_busy()
        || model.reading.is_some()
        || model.taking.is_some()
}

/// Takes what the worker says into the model. A reply to work that is no longer wanted changes nothing.
pub fn reply(model: &mut Model, reply: Reply) -> Vec<Effect> {
    let live = |model: &Model, id: WorkId| model.flight.as_ref().is_some_and(|flight| flight.id == id);
    match reply {
        Reply::Progress(id, ..)
        | Reply::Head(id, ..)
        | Reply::Chunk(id, ..)
        | Reply::Stored(id, ..)
        | Reply::Done(id, ..)
            if !live(model, id) => {}
        Reply::Failed(id, failure, ..) if !live(model, id) => work_failed(model, id, failure),
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
                return leading::arrived(model, id);
            }
        }
        Reply::Measured(id, measured) => {
            if let Some(exchange) = model.response.of(id) {
                (exchange.timing, exchange.wire) = *measured;
                if exchange.stage == Stage::Cancelled {
                    exchange.elapsed = exchange.timing.total;
                }
            }
        }
        Reply::Chunk(id, bytes, piece) => {
            if let Some(exchange) = model.response.of(id) {
                exchange.document.append(bytes, &piece);
            }
        }
        Reply::Stored(id, stored, piece) => {
            if let Some(exchange) = model.response.of(id) {
                exchange.document.append_stored(&stored.store, stored.length, stored.breaks, &piece);
            }
        }
        Reply::Done(id, piece, elapsed) => {
            if let Some(exchange) = model.response.of(id) {
                exchange.document.finish(&piece);
                exchange.stage = Stage::Done;
                exchange.elapsed = elapsed;
                exchange.answered = model.now;
            }
            if let Some(exchange) = &model.response.exchange {
                model.earlier.keep(exchange);
            }
            explain_again(model);
            taking::handing::remember(model, id);
            return ended(model);
        }
        Reply::Failed(id, failure, piece, elapsed) => {
            if let Some(exchange) = model.response.of(id) {
                exchange.document.finish(&piece);
                exchange.stage = Stage::Failed(failure);
                exchange.elapsed = elapsed;
            }
            taking::handing::remember(model, id);
            let mut effects = leading::arrived(model, id);
            effects.extend(ended(model));
            return effects;
        }
        // The others are about other things.
        _ => {}
    }
    Vec::new()
}

/// Explains the answer that is shown, with what is known by now.
pub fn explain_again(model: &mut Model) {
    let Some(exchange) = model.response.exchange.as_ref().filter(|exchange| exchange.stage == Stage::Done) else {
        return;
    };
    let Some(head) = &exchange.head else {
        return;
    };
    let used = exchange.request.credential();
    let others: Vec<_> = model
        .credentials
        .of(exchange.environment())
        .filter(|held| used.is_none_or(|used| held.credential != *used))
        .map(|held| (&held.credential, held.identity()))
        .collect();
    let retry_after = head.header("retry-after");
    let date = head.header("date");
    let (location, allow) = (head.header("location"), head.header("allow"));
    let body = exchange.document.body();
    let explanation = explain::explain(&Answered {
        request: &exchange.request,
        status: head.status,
        retry_after: retry_after.as_deref(),
        date: date.as_deref(),
        location: location.as_deref(),
        allow: allow.as_deref(),
        body: &body.read(0..body.len().min(MOST_EXPLAINED)),
        identity: used.and_then(|used| model.credentials.find(used)).and_then(|held| held.identity()),
        others: &others,
    });
    if let Some(exchange) = &mut model.response.exchange {
        // What was said of a renewal meanwhile belongs to it.
        let told = exchange.trace.iter().filter_map(|line| line.strip_prefix("! "));
        let told: Vec<String> = told.map(|line| line.trim_end_matches('.').to_owned()).collect();
        exchange.explanation = explanation.map(|explanation| explanation.also_checked(told));
    }
}

/// The key that prepares the request that a redirect, or the link under the cursor, leads to. It is not sent.
pub fn follow(model: &mut Model) {
    let Some((exchange, link)) = model.response.exchange.as_ref().zip(model.response.link()) else {
        model.complain("There is no link here: put the cursor on one");
        return;
    };
    if exchange.environment() != model.environment {
        let wanted = exchange.environment();
        model.complain(format!("This answer is of {wanted}: switch to it with Ctrl-t, then follow its link"));
        return;
    }
    let method = link.method;
    if let Some(sentence) = history::refusal(model) {
        model.complain(sentence);
        return;
    }
    let Some((exchange, link)) = model.response.exchange.as_ref().zip(model.response.link()) else {
        return;
    };
    let made = Draft::from_link(method, &link.target, exchange.request.url(), model.environment, &model.environments);
    match made {
        Ok(mut draft) => {
            if let Some(body) = exchange.request.body().filter(|_| link.keeps_body && draft.endpoint.body.is_some()) {
                body.clone_into(&mut draft.body);
            }
            let elsewhere = draft.elsewhere.is_some();
            if elsewhere && !method.is_safe() {
                model.complain(
                    "Not followed: it leads to another host, and a request that changes data is never sent to one",
                );
                return;
            }
            typing::open_request(model, draft);
            if model.request.findings.iter().any(Finding::refuses) {
                model.complain("Prepared, and cannot be sent as it is: see what 4 Request marks with ✗");
                return;
            }
            model.say(if elsewhere {
                "It leads to another host: prepared without a credential, and not sent. s sends it"
            } else {
                "Prepared, and not sent. s sends it"
            });
        }
        Err(error) => model.complain(format!("Not followed: {error}")),
    }
}

/// The body has come to its end: what waited is sent, and what came is looked at as a whole.
fn ended(model: &mut Model) -> Vec<Effect> {
    let mut effects = tabling::follow(model);
    paging::answered(model);
    leading::learn_names(model);
    let lesson = seen::follow(model);
    let next = next(model);
    let waited = !next.is_empty();
    effects.extend(next);
    if !waited {
        effects.extend(finding::go_on(model));
        effects.extend(examine(model));
    }
    effects.extend(lesson);
    effects
}

/// Finds out in the background what is odd about the body.
pub(super) fn examine(model: &mut Model) -> Option<Effect> {
    let body = model.response.whole().filter(|document| !document.is_empty())?.body().clone();
    let expected = model.response.exchange.as_ref().and_then(conform::expected);
    let id = model.next_work();
    model.response.examining = Some(id);
    Some(Effect::Examine(id, body, expected))
}

/// What was found out about the body.
pub fn examined(model: &mut Model, id: WorkId, examined: Examined) {
    if model.response.examining == Some(id) {
        (model.response.examining, model.response.examined) = (None, examined);
    }
}

/// The flight has ended: what waited is sent now.
fn next(model: &mut Model) -> Vec<Effect> {
    model.flight = None;
    match model.waiting.take() {
        Some(prepared) => {
            // What was said of its waiting holds no more.
            model.message = None;
            launch(model, *prepared).into_iter().collect()
        }
        None => Vec::new(),
    }
}
