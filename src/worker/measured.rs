//! How long an exchange took: of the request that was sent last, and what went before it.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::edge::http::Measure;
use crate::pleo::timing::{Timing, Wire};

/// What happens before a request is told from so long on.
const NOTABLE: Duration = Duration::from_millis(1);

/// What is noted of an exchange, at any time.
#[derive(Debug)]
pub struct Measured {
    begun: Instant,
    sent: Mutex<Option<Measure>>,
    /// How long it took, once it is over.
    took: OnceLock<Duration>,
}

impl Measured {
    /// It begins now.
    pub fn begin() -> Self {
        Self { begun: Instant::now(), sent: Mutex::default(), took: OnceLock::new() }
    }

    /// It is over: from here on everybody is told the same.
    pub fn end(&self) {
        let took = self.told().map_or_else(|| self.begun.elapsed(), |(timing, _)| timing.total);
        // It ends once.
        let _ = self.took.set(took);
    }

    /// How long it took, or has taken so far.
    pub fn took(&self) -> Duration {
        self.took.get().copied().unwrap_or_else(|| self.begun.elapsed())
    }

    /// A request is about to be sent; what was noted of one before it counts as time that went before.
    pub fn sending(&self) -> Measure {
        let measure = Measure::begin();
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner) = Some(measure.clone());
        measure
    }

    /// How long the phases took so far, and what the request went over; nothing where none was sent.
    pub fn told(&self) -> Option<(Timing, Wire)> {
        let measure = self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let (mut timing, wire) = measure.told();
        let before = measure.began().saturating_duration_since(self.begun);
        timing.total += before;
        timing.before = Some(before).filter(|before| *before >= NOTABLE);
        Some((timing, wire))
    }
}
