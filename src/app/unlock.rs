//! Writes to production: the word that unlocks them, and the last look before one leaves.

use std::time::Duration;

use super::credentials::Who;
use super::event::Effect;
use super::model::{Asked, Model, Overlay, Review};
use super::{custody, exchange};
use crate::pleo::environment::Environment;
use crate::pleo::guard::WORD;
use crate::pleo::prepared::Prepared;

/// How long a write stands on the screen before Enter sends it.
const LOOK: Duration = Duration::from_millis(500);
/// How soon after a typed letter an Enter is taken for the end of a paste.
pub const PASTED: Duration = Duration::from_millis(60);

/// The key that unlocks production, or locks it again.
pub fn begin(model: &mut Model) {
    if model.guard.is_read_only() {
        model.complain("This run is read-only (--read-only): start pleoscope without it to write");
    } else if model.environment == Environment::Staging {
        model.say("Staging takes writes as it is; w unlocks production");
    } else if model.guard.remaining(model.now).is_some() {
        model.guard.lock();
        model.say("Production is read-only again");
    } else {
        model.overlay = Some(Overlay::Unlock(Asked::new("")));
    }
}

/// Enter in the question for the word. Once production is open its credential is asked who it is, unless that is known:
/// the last look names the company.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(Overlay::Unlock(asked)) = &mut model.overlay else {
        return Vec::new();
    };
    if asked.input.text().trim() != WORD {
        asked.error = Some(format!("Type the word {WORD}, or Esc leaves it locked."));
        return Vec::new();
    }
    if now < asked.ready {
        asked.error = Some("That came all at once, as a paste does. Press Enter once more.".to_owned());
        return Vec::new();
    }
    model.guard.open(now);
    model.overlay = None;
    model.say("Production takes writes for five minutes; w locks it again");
    match model.credentials.held_in_force(model.environment) {
        Some(held) if held.who == Who::Unasked => custody::identify(model, held.id),
        _ => Vec::new(),
    }
}

/// Whether a request is to be looked at before it leaves: every write to production.
#[must_use]
pub fn needs_review(request: &Prepared) -> bool {
    request.environment() == Environment::Production && request.endpoint().writes
}

/// Shows a write before it leaves.
pub fn review(model: &mut Model, request: Prepared) {
    let word = request.endpoint().confirm.clone();
    let warnings = model.request.findings.iter().map(|finding| finding.sentence.clone()).collect();
    let (asked, ready) = (Asked::new(""), model.now + LOOK);
    model.overlay = Some(Overlay::Review(Box::new(Review { request, word, asked, top: 0, ready, warnings })));
}

/// Enter in the review: sends, once it could be looked at and the word is there where one is asked for.
pub fn confirm(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(Overlay::Review(review)) = &mut model.overlay else {
        return Vec::new();
    };
    if let Some(word) = &review.word
        && review.asked.input.text().trim() != word
    {
        review.asked.error = Some(format!("Type \"{word}\" first, or Esc sends nothing."));
        return Vec::new();
    }
    if now < review.ready.max(review.asked.ready) {
        // A held key goes on being too early.
        review.ready = now + LOOK;
        return Vec::new();
    }
    let request = review.request.clone();
    model.overlay = None;
    exchange::dispatch(model, request)
}

/// A key in a last look that means nothing there: said, and looked at anew.
pub fn no_key(model: &mut Model) {
    let now = model.now;
    if let Some(Overlay::Review(review)) = &mut model.overlay {
        review.ready = now + LOOK;
        model.complain("Enter sends this write, Esc sends nothing; other keys do neither");
    }
}

/// The clock has moved on: what is over is locked, and said.
pub fn tick(model: &mut Model, now: Duration) {
    let open = model.guard.remaining(model.now).is_some();
    // The clock never goes back, whatever it is told.
    model.now = model.now.max(now);
    if open && model.guard.remaining(model.now).is_none() {
        model.guard.lock();
        // A write that is being looked at stays on the screen and says so: a key that comes now must not go to what is below.
        model.say("Five minutes are over: production is read-only again");
    }
}
