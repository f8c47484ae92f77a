//! The pace of a run: Pleo lets through about 600 requests a minute, and pages are asked for a little slower than that.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::pleo::environment::Environment;
use crate::pleo::prepared::Prepared;

/// Requests that may leave at once.
const BURST: f64 = 50.0;
/// Requests a second after that: with those at once 590 in a minute.
const PER_SECOND: f64 = 9.0;

/// A bucket of requests for each environment, which fills again as time passes.
#[derive(Debug)]
pub struct Pace {
    burst: f64,
    per_second: f64,
    buckets: Mutex<[Bucket; 2]>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Below zero when more left than there were.
    left: f64,
    at: Instant,
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(BURST, PER_SECOND)
    }
}

impl Pace {
    /// So many requests at once, and so many a second after that.
    #[must_use]
    pub fn new(burst: f64, per_second: f64) -> Self {
        let full = Bucket { left: burst, at: Instant::now() };
        Self { burst, per_second, buckets: Mutex::new([full; 2]) }
    }

    /// Counts a request that leaves now, whatever the pace.
    pub fn count(&self, request: &Prepared) {
        let _ = self.turn(request);
    }

    /// How long a request has to wait for its turn. It is counted already.
    #[must_use]
    pub fn turn(&self, request: &Prepared) -> Duration {
        if request.is_elsewhere() {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = &mut buckets[usize::from(request.environment() == Environment::Production)];
        let filled = bucket.left + now.duration_since(bucket.at).as_secs_f64() * self.per_second;
        *bucket = Bucket { left: filled.min(self.burst) - 1.0, at: now };
        Duration::try_from_secs_f64((-bucket.left / self.per_second).max(0.0)).unwrap_or_default()
    }
}
