//! Earlier answers of this run, to compare a later one with.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::answer::Answer;
use crate::app::event::WorkId;
use crate::app::panes::response::{Exchange, Stage};
use crate::pleo::endpoint::Surface;
use crate::pleo::prepared::Prepared;
use url::Position;

/// Most answers that are kept.
const MOST: usize = 8;

/// Most bytes of bodies that are kept, in memory or not.
const MOST_BYTES: u64 = 64 << 20;

/// What is asked, whichever environment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    surface: Surface,
    /// Method, path and query.
    line: String,
    body: Option<String>,
}

impl Target {
    /// Of a request.
    #[must_use]
    pub fn of(request: &Prepared) -> Self {
        Self {
            surface: request.endpoint().surface,
            line: format!("{} {}", request.method(), path(request)),
            body: request.body().map(str::to_owned),
        }
    }
}

/// Path and query of a request, as sent.
#[must_use]
pub fn path(request: &Prepared) -> &str {
    &request.url()[Position::BeforePath..]
}

/// An answer that was shown.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The number of the work that it came by.
    pub id: WorkId,
    target: Target,
    /// The answer.
    pub answer: Answer,
    /// When it ended, as a time since the start of the run.
    pub at: Duration,
}

/// The latest answers, the latest last. They share their bytes with what is shown.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    kept: Vec<Kept>,
}

impl Earlier {
    /// Keeps an answer to a read that came whole, and lets go of the oldest where they become too many or too large.
    pub fn keep(&mut self, exchange: &Exchange) {
        let request = &exchange.request;
        if exchange.stage != Stage::Done || request.endpoint().writes || request.is_elsewhere() {
            return;
        }
        let (id, at) = (exchange.id, exchange.answered);
        self.kept.push(Kept { id, target: Target::of(request), answer: answer(exchange), at });
        let bytes = |kept: &[Kept]| kept.iter().map(|own| own.answer.document.len()).sum::<u64>();
        while self.kept.len() > MOST || (!self.kept.is_empty() && bytes(&self.kept) > MOST_BYTES) {
            self.kept.remove(0);
        }
    }

    /// Earlier answers to the same request, the latest first.
    pub fn of(&self, exchange: &Exchange) -> impl Iterator<Item = &Kept> {
        let (target, own) = (Target::of(&exchange.request), exchange.id);
        self.kept.iter().rev().filter(move |kept| kept.target == target && kept.id != own)
    }

    /// The answer that came by this work.
    #[must_use]
    pub fn find(&self, id: WorkId) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.id == id)
    }
}

/// What is shown, as one of two answers.
#[must_use]
pub fn answer(exchange: &Exchange) -> Answer {
    Answer {
        head: exchange.head.clone(),
        elapsed: exchange.elapsed,
        document: exchange.document.clone(),
        ..Answer::awaited(exchange.environment(), exchange.request.url().as_str())
    }
}

/// The time of day of an answer, which tells two of one environment apart; since the start where that is not known.
#[must_use]
pub fn time(began: Option<Timestamp>, at: Duration) -> String {
    let time = began.and_then(|began| began.checked_add(SignedDuration::try_from(at).ok()?).ok());
    time.map_or_else(|| format!("{} s after the start", at.as_secs()), |time| time.strftime("%H:%M:%S UTC").to_string())
}
