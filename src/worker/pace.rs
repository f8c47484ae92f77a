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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::endpoint::Method;
    use crate::pleo::environment::Environments;
    use crate::pleo::preflight::Situation;
    use crate::pleo::prepared::prepare;
    use crate::pleo::request::Draft;

    fn request(environment: Environment) -> Prepared {
        let environments = Environments::pleo();
        let draft = Draft::from_path(Method::Get, "/v2/employees", None, environment, &environments).expect("a draft");
        prepare(&draft, &Situation::new(environment, &environments, None)).expect("a request")
    }

    #[test]
    fn a_burst_leaves_at_once_and_the_rest_at_its_pace() {
        let (pace, staging) = (Pace::default(), request(Environment::Staging));
        for _ in 0..40 {
            pace.count(&staging);
        }
        let waits: Vec<f64> = (0..20).map(|_| pace.turn(&staging).as_secs_f64()).collect();
        assert!(waits[..10].iter().all(|wait| *wait == 0.0), "{waits:?}");
        assert!(waits[10..].is_sorted() && waits[19] > 0.9 && waits[19] < 10.0 / PER_SECOND + 0.01, "{waits:?}");
        assert!(pace.turn(&request(Environment::Production)).is_zero(), "each environment has a pace of its own");
        const { assert!(BURST + 60.0 * PER_SECOND < 600.0) };
    }
}
