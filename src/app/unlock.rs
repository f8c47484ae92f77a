//! Writes to production: the word that unlocks them, and the last look before one leaves.

use super::event::Effect;
use super::exchange;
use super::model::{Asked, Model, Overlay, Review};
use crate::pleo::environment::Environment;
use crate::pleo::guard::WORD;
use crate::pleo::prepared::Prepared;

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

/// Enter in the question for the word.
pub fn choose(model: &mut Model) {
    let now = model.now;
    let Some(Overlay::Unlock(asked)) = &mut model.overlay else {
        return;
    };
    if asked.input.text().trim() == WORD {
        model.guard.open(now);
        model.overlay = None;
        model.say("Production takes writes for five minutes; w locks it again");
    } else {
        asked.error = Some(format!("Type the word {WORD}, or Esc leaves it locked."));
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
    model.overlay = Some(Overlay::Review(Box::new(Review { request, word, asked: Asked::new(""), top: 0 })));
}

/// Enter in the review: sends, once the word is there where one is asked for.
pub fn confirm(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Review(review)) = &mut model.overlay else {
        return Vec::new();
    };
    if let Some(word) = &review.word
        && review.asked.input.text().trim() != word
    {
        review.asked.error = Some(format!("Type \"{word}\" first, or Esc sends nothing."));
        return Vec::new();
    }
    let request = review.request.clone();
    model.overlay = None;
    exchange::dispatch(model, request)
}

/// The clock has moved on: what is over is locked, and said.
pub fn tick(model: &mut Model, now: std::time::Duration) {
    let open = model.guard.remaining(model.now).is_some();
    // The clock never goes back, whatever it is told.
    model.now = model.now.max(now);
    if open && model.guard.remaining(model.now).is_none() {
        model.guard.lock();
        model.say("Five minutes are over: production is read-only again");
    }
}
