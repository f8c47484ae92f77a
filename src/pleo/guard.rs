//! The gate that every request passes before it leaves: production is read-only until a person unlocks it, and then for
//! five minutes only.
//!
//! There is one function, [`Guard::permits`]; the screen, `send` and whatever repeats a request later all ask it, at the
//! moment when the request leaves and not when it was made.

use std::time::Duration;

use super::endpoint::Endpoint;
use super::environment::Environment;

/// How long production stays open for writes.
pub const OPEN_FOR: Duration = Duration::from_secs(5 * 60);

/// What must be typed to open it.
pub const WORD: &str = "production";

/// Whether writes may leave. A new one is locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    read_only: bool,
    open_until: Option<Duration>,
    without_screen: bool,
}

/// Why a write may not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The whole run is read-only.
    #[error("This would change data, and this run is read-only (--read-only): start pleoscope without it to write.")]
    ReadOnly,
    /// Production is locked, and there are keys to press.
    #[error("This would change live data, and production is read-only: w unlocks writes for five minutes.")]
    Locked,
    /// Production is locked, and there is no screen.
    #[error("This would change live data: a write to production needs --allow-production-write.")]
    NotAllowed,
}

impl Guard {
    /// A guard for a run; a read-only one cannot be opened.
    #[must_use]
    pub const fn new(read_only: bool) -> Self {
        Self { read_only, open_until: None, without_screen: false }
    }

    /// A guard for one request without a screen, which a flag opens.
    #[must_use]
    pub const fn without_screen(self, allowed: bool) -> Self {
        let open_until = if allowed { Some(Duration::MAX) } else { None };
        Self { open_until, without_screen: true, ..self }
    }

    /// Whether the whole run is read-only.
    #[must_use]
    pub const fn is_read_only(self) -> bool {
        self.read_only
    }

    /// Opens production for [`OPEN_FOR`] from `now`, a time since the start of the run.
    pub fn open(&mut self, now: Duration) {
        if !self.read_only {
            self.open_until = Some(now.saturating_add(OPEN_FOR));
        }
    }

    /// Locks again.
    pub const fn lock(&mut self) {
        self.open_until = None;
    }

    /// How long it stays open; `None` when it is locked.
    #[must_use]
    pub fn remaining(self, now: Duration) -> Option<Duration> {
        let left = self.open_until?.checked_sub(now)?;
        (!self.read_only && !left.is_zero()).then_some(left)
    }

    /// Whether a request of this operation may leave for an environment now. Reads always may.
    ///
    /// # Errors
    /// [`Refusal`], a sentence that says how to go on.
    pub fn permits(self, environment: Environment, endpoint: &Endpoint, now: Duration) -> Result<(), Refusal> {
        match (endpoint.writes, environment) {
            (false, _) => Ok(()),
            (true, _) if self.read_only => Err(Refusal::ReadOnly),
            (true, Environment::Staging) => Ok(()),
            (true, Environment::Production) if self.remaining(now).is_some() => Ok(()),
            (true, Environment::Production) if self.without_screen => Err(Refusal::NotAllowed),
            (true, Environment::Production) => Err(Refusal::Locked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::endpoint::Method;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn production_opens_for_five_minutes_and_locks_by_itself() {
        let (write, read) = (Endpoint::free(Method::Post, "/x"), Endpoint::free(Method::Get, "/x"));
        let mut guard = Guard::new(false);
        let production = |guard: Guard, now| guard.permits(Environment::Production, &write, now);
        assert_eq!(production(guard, seconds(0)), Err(Refusal::Locked));
        assert!(guard.permits(Environment::Production, &read, seconds(0)).is_ok());
        assert!(guard.permits(Environment::Staging, &write, seconds(0)).is_ok());
        guard.open(seconds(10));
        assert!(production(guard, seconds(10)).is_ok() && production(guard, seconds(309)).is_ok());
        assert_eq!(guard.remaining(seconds(10)), Some(OPEN_FOR));
        assert_eq!(production(guard, seconds(310)), Err(Refusal::Locked));
        guard.open(seconds(400));
        guard.lock();
        assert_eq!(production(guard, seconds(401)), Err(Refusal::Locked));
    }

    #[test]
    fn a_read_only_run_cannot_be_opened() {
        let write = Endpoint::free(Method::Delete, "/x");
        let mut guard = Guard::new(true).without_screen(true);
        guard.open(seconds(1));
        for environment in Environment::ALL {
            assert_eq!(guard.permits(environment, &write, seconds(1)), Err(Refusal::ReadOnly));
        }
        assert_eq!(guard.remaining(seconds(1)), None);
    }
}
