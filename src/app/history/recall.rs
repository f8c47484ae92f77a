//! What is done with an exchange of the history: it is shown as it was, asked for anew, edited, compared, copied.
//!
//! What was sent once never leaves as it was: whatever is sent is built anew, past preflight and guard, with the credential of
//! today, and only where its environment stands for the same.

use jiff::Timestamp;

use super::acting::close;
use super::pane::Purpose;
use crate::app::compare;
use crate::app::compare::answer::Answer;
use crate::app::compare::earlier;
use crate::app::event::{Effect, Failure, Head, Phase};
use crate::app::model::{Model, Pane};
use crate::app::panes::response::{Exchange, Past, ResponsePane, Stage};
use crate::app::taking::handing::{self, Account, Handing, Page};
use crate::app::{drafts, exchange, leading, typing, unlock};
use crate::document::Document;
use crate::pleo::environment::Environment;
use crate::pleo::handing::Form;
use crate::pleo::history::{Kept, Setting, age};
use crate::pleo::preflight::Finding;
use crate::pleo::prepared;
use crate::pleo::request::Draft;
use crate::pleo::transcript::CANCELLED;

/// An exchange is here: does with it what it was fetched for.
pub fn fetched(model: &mut Model, kept: Kept, purpose: Purpose) -> Vec<Effect> {
    match purpose {
        Purpose::Open => show(model, kept),
        Purpose::Resend => resend(model, &kept),
        Purpose::Edit => edit(model, &kept),
        Purpose::Compare => compare_kept(model, &kept),
        Purpose::Copy => {
            handing::page_of_old(model, &kept.transcript, Page::Copy);
            Vec::new()
        }
        Purpose::Save => {
            handing::page_of_old(model, &kept.transcript, Page::Save);
            Vec::new()
        }
        // That is of many.
        Purpose::Archive(_) => Vec::new(),
    }
}

/// Shows an answer as it was. Its request goes to pane 4 where it could be sent from there.
fn show(model: &mut Model, kept: Kept) -> Vec<Effect> {
    if model.flight.is_some() {
        model.complain("A request is in flight: x cancels it, then an old answer can be opened");
        return Vec::new();
    }
    let request = match prepared::past(&kept, &model.environments) {
        Ok(request) => request,
        Err(error) => {
            model.complain(format!("It cannot be shown: {error}"));
            return Vec::new();
        }
    };
    let draft = kept.draft(&model.environments).ok();
    let Kept { entry, transcript } = kept;
    let body = transcript.answer.as_ref().and_then(|answer| answer.body.clone());
    let head = transcript.answer.as_ref().map(head);
    let past = Past {
        id: entry.id,
        at: entry.at,
        setting: entry.setting,
        unkept: entry.size.filter(|size| body.is_none() && *size > 0),
        at_hand: false,
    };
    let stage = match transcript.failure {
        Some(sentence) if sentence == CANCELLED => Stage::Cancelled,
        Some(sentence) => Stage::Failed(Failure { phase: Phase::Answer, sentence }),
        None => Stage::Done,
    };
    let own = Exchange {
        id: model.next_work(),
        request,
        stage,
        head,
        document: Document::from_bytes(body.unwrap_or_default().into()),
        elapsed: transcript.timing.total,
        answered: model.now,
        explanation: None,
        trace: Vec::new(),
        began: Some(entry.at),
        timing: transcript.timing,
        wire: transcript.wire,
        past: Some(past),
    };
    let mut effects = close(model);
    effects.extend(exchange::stop_work(model));
    let before = std::mem::take(&mut model.response);
    model.response = ResponsePane {
        exchange: Some(own),
        face: before.face,
        unwrapped: before.unwrapped,
        path_form: before.path_form,
        ..ResponsePane::default()
    };
    if before.exchange.is_some() {
        let stood = model.request.draft.clone();
        effects.extend(leading::keep(model, before, stood));
    }
    if let Some(draft) = draft.filter(|_| refusal(model).is_none() && entry.environment == model.environment) {
        model.endpoints.select(&draft.endpoint);
        put_at_hand(model, draft);
    }
    model.focus = Pane::Response;
    exchange::explain_again(model);
    if let Some(explanation) = model.response.exchange.as_mut().and_then(|own| own.explanation.as_mut()) {
        // What was to be waited for is long over.
        explanation.wait = None;
    }
    effects.extend(exchange::examine(model));
    effects
}

/// Puts the request of the old answer that is shown into pane 4.
fn put_at_hand(model: &mut Model, draft: Draft) {
    model.request.open(draft);
    drafts::set_aside(model);
    if let Some(past) = model.response.exchange.as_mut().and_then(|own| own.past.as_mut()) {
        past.at_hand = true;
    }
}

/// Before a request is sent: with the focus on an old answer it is that which is asked for anew, whatever else stands in
/// pane 4, and in no other environment; `false` where nothing is to be sent.
pub fn is_meant(model: &mut Model) -> bool {
    let old = model.response.exchange.as_ref().filter(|_| model.focus == Pane::Response);
    let Some((exchange, past)) = old.and_then(|own| Some((own, own.past?))) else {
        return true;
    };
    if let Some(sentence) = refused(model, exchange.environment(), past.setting) {
        model.complain(sentence);
        return false;
    }
    let endpoint = exchange.request.endpoint();
    if past.at_hand && model.request.draft.as_ref().is_some_and(|own| *own.endpoint == *endpoint) {
        return true;
    }
    match exchange.request.draft(&model.environments) {
        Ok(draft) => {
            model.endpoints.select(&draft.endpoint);
            put_at_hand(model, draft);
            true
        }
        Err(error) => {
            model.complain(format!("Not sent: {error}"));
            false
        }
    }
}

/// The version as answers have it, of which there are few.
fn head(answer: &crate::pleo::transcript::Answer) -> Head {
    let known = ["HTTP/2", "HTTP/1.0", "HTTP/0.9", "HTTP/3"];
    Head {
        status: answer.status,
        reason: answer.reason.clone(),
        version: known.into_iter().find(|version| *version == answer.version).unwrap_or("HTTP/1.1"),
        headers: answer.headers.clone(),
    }
}

/// Why what the answer that is shown leads to is not asked for; nothing where it may be, or is no old one.
#[must_use]
pub fn refusal(model: &Model) -> Option<&'static str> {
    let exchange = model.response.exchange.as_ref()?;
    exchange.past?.setting.refusal(model.setting(exchange.environment()))
}

/// What is said above an old answer.
#[must_use]
pub fn told_of(model: &Model, environment: Environment, past: &Past) -> String {
    let imitation = match past.setting {
        Setting::Pleo => String::new(),
        setting => format!(" {setting}"),
    };
    let ago = model.timestamp().map_or_else(String::new, |now| format!(", {} ago", age(past.at, now)));
    let when = past.at.strftime("%Y-%m-%d %H:%M:%S UTC");
    let next = if environment == model.environment && refusal(model).is_none() { ". s sends it again" } else { "" };
    format!("Old: {}{imitation}{ago}, {when}{next}", environment.banner())
}

/// Why an exchange is not asked for again here, a sentence.
fn misplaced(model: &Model, kept: &Kept) -> Option<String> {
    refused(model, kept.entry.environment, kept.entry.setting)
}

fn refused(model: &Model, own: Environment, setting: Setting) -> Option<String> {
    if let Some(sentence) = setting.refusal(model.setting(own)) {
        return Some(sentence.to_owned());
    }
    (own != model.environment).then(|| {
        format!("This exchange was with {}: Ctrl-t switches to it, and then it is sent or edited", own.banner())
    })
}

/// What is asked for again, or a sentence that says why it is not.
fn draft(model: &Model, kept: &Kept) -> Result<Draft, String> {
    match misplaced(model, kept) {
        Some(sentence) => Err(sentence),
        None => kept.draft(&model.environments).map_err(|error| format!("Not sent: {error}")),
    }
}

/// Sends the request anew.
fn resend(model: &mut Model, kept: &Kept) -> Vec<Effect> {
    let draft = match draft(model, kept) {
        Ok(draft) => draft,
        Err(sentence) => {
            model.complain(sentence);
            return Vec::new();
        }
    };
    let mut effects = close(model);
    typing::open_request(model, draft.clone());
    match prepared::prepare(&draft, &model.situation()) {
        Ok(request) if unlock::needs_review(&request) => unlock::review(model, request),
        Ok(request) => effects.extend(exchange::dispatch(model, request)),
        Err(findings) => {
            let first = findings.iter().find(|finding| finding.refuses()).map(|finding| finding.named(&draft));
            model.complain(format!("Not sent: {}", first.unwrap_or_default()));
        }
    }
    effects
}

/// Takes the request to pane 4.
fn edit(model: &mut Model, kept: &Kept) -> Vec<Effect> {
    match draft(model, kept) {
        Ok(draft) => {
            let effects = close(model);
            typing::open_request(model, draft);
            let aside = if drafts::set_aside(model) { "; u brings back what you had left unsent here" } else { "" };
            model.say(format!("The request as it was sent: Enter edits a field, s sends it{aside}"));
            effects
        }
        Err(sentence) => {
            model.complain(sentence);
            Vec::new()
        }
    }
}

/// Compares an answer of the history with what the same read answers now.
fn compare_kept(model: &mut Model, kept: &Kept) -> Vec<Effect> {
    let Some(answer) = kept.transcript.answer.as_ref().filter(|answer| answer.body.is_some() || answer.length == 0)
    else {
        model.complain("Not compared: its body was not kept");
        return Vec::new();
    };
    let past = Answer {
        label: label(model, kept.entry.environment, kept.entry.at),
        head: Some(head(answer)),
        elapsed: kept.transcript.timing.total,
        document: Document::from_bytes(answer.body.clone().unwrap_or_default().into()),
        failure: kept.transcript.failure.clone(),
        ..Answer::awaited(kept.entry.environment, kept.transcript.url.as_str())
    };
    let setting = kept.entry.setting.refusal(model.setting(kept.entry.environment));
    let draft = kept.draft(&model.environments).map_err(|error| error.to_string());
    compare_with_now(model, kept.entry.environment, setting, draft, past)
}

/// Compares the old answer that is shown with what the same read answers now.
pub fn compare_shown(model: &mut Model) -> Vec<Effect> {
    let Some((exchange, past)) = model.response.exchange.as_ref().and_then(|own| Some((own, own.past?))) else {
        return Vec::new();
    };
    if past.unkept.is_some() {
        model.complain("Not compared: its body was not kept");
        return Vec::new();
    }
    let environment = exchange.environment();
    let answer = Answer { label: label(model, environment, past.at), ..earlier::answer(exchange) };
    let draft = exchange.request.draft(&model.environments).map_err(|error| error.to_string());
    compare_with_now(model, environment, refusal(model), draft, answer)
}

fn label(model: &Model, environment: Environment, at: Timestamp) -> String {
    let ago = model.timestamp().map_or_else(String::new, |now| format!(", {} ago", age(at, now)));
    format!("{}{ago}", environment.banner())
}

fn compare_with_now(
    model: &mut Model,
    environment: Environment,
    setting: Option<&'static str>,
    draft: Result<Draft, String>,
    past: Answer,
) -> Vec<Effect> {
    let request = match (setting, draft) {
        (Some(sentence), _) => Err(sentence.to_owned()),
        (None, Err(error)) => Err(error),
        (None, Ok(draft)) if draft.endpoint.writes => {
            Err("this request changes data, and only reads are sent to be compared".to_owned())
        }
        (None, Ok(draft)) => prepared::prepare(&draft, &model.situation_in(environment)).map_err(|findings| {
            let first = findings.iter().find(|finding| Finding::refuses(finding));
            first.map_or_else(String::new, |finding| finding.named(&draft))
        }),
    };
    match request {
        Ok(request) => compare::with_now(model, past, request),
        Err(sentence) => {
            model.complain(format!("Not compared: {sentence}"));
            Vec::new()
        }
    }
}

/// Exchanges are here that are to be one archive.
pub fn archive(model: &mut Model, all: Vec<Kept>, more: bool, personal: bool) -> Vec<Effect> {
    if more {
        model.say(format!("The newest {} of them: a search makes them fewer", all.len()));
    }
    // The oldest first, as browsers write them.
    let own = all.into_iter().rev().map(|kept| Account::kept(kept.transcript)).collect();
    handing::write(model, Handing { own, form: Form::Har, personal })
}
