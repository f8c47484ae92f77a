//! What is kept of exchanges beyond a run: a line of the list, where it went, and how it is asked for again.

mod query;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use url::Position;

use super::endpoint::Method;
use super::environment::{Environment, Environments};
use super::request::{Draft, DraftError};
use super::transcript::Transcript;

pub use query::{Meant, Query, Since, StatusRange, Term, WrongQuery};

/// What stood behind an environment's name when an exchange happened. What went to an imitation is never taken for what went
/// to Pleo, nor sent there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Setting {
    /// Pleo's own hosts.
    #[default]
    Pleo,
    /// The embedded imitation.
    Sandbox,
    /// A base URL on this machine.
    Overridden,
}

impl Setting {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pleo, Self::Sandbox, Self::Overridden];

    /// What an environment stands for in a run.
    #[must_use]
    pub const fn of(sandbox: bool, environments: &Environments, environment: Environment) -> Self {
        if sandbox {
            Self::Sandbox
        } else if environments.of(environment).overridden {
            Self::Overridden
        } else {
            Self::Pleo
        }
    }

    /// The word for it, in files and on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pleo => "pleo",
            Self::Sandbox => "sandbox",
            Self::Overridden => "overridden",
        }
    }

    /// The setting of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.word() == word)
    }

    /// Why what happened in this setting is not sent in another, a sentence; nothing where they are the same.
    #[must_use]
    pub fn refusal(self, now: Self) -> Option<&'static str> {
        match self {
            own if own == now => None,
            Self::Pleo => {
                Some("This exchange was with Pleo itself, and this run talks to an imitation: it is not sent there.")
            }
            Self::Sandbox => {
                Some("This exchange was with the sandbox: it is sent again only to the sandbox, with --sandbox.")
            }
            Self::Overridden => Some(
                "This exchange was with a base URL on this machine: it is sent again only to one, with --base-url.",
            ),
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, which is never given again.
    pub id: i64,
    /// When it was sent.
    pub at: Timestamp,
    /// The environment that it went to.
    pub environment: Environment,
    /// What that stood for.
    pub setting: Setting,
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: String,
    /// The catalogue's name of the operation.
    pub operation: Option<String>,
    /// The status; nothing where no answer came.
    pub status: Option<u16>,
    /// From the start to the end.
    pub took: Duration,
    /// Bytes of the body that came.
    pub size: Option<u64>,
    /// What a person called it.
    pub name: Option<String>,
    /// Whether it stays whatever its age.
    pub pinned: bool,
    /// Whether it came to its end: nothing failed, and nobody cancelled it.
    pub whole: bool,
}

impl Entry {
    /// The status for the list; with an ellipsis where the rest of the answer did not come.
    #[must_use]
    pub fn outcome(&self) -> String {
        match self.status {
            Some(status) if self.whole => status.to_string(),
            Some(status) => format!("{status}…"),
            None => "—".to_owned(),
        }
    }

    /// How long ago it was, in a few letters: `12 s`, `3 h`, `5 d`.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> String {
        age(self.at, now)
    }
}

/// How long ago something was, in a few letters.
#[must_use]
pub fn age(at: Timestamp, now: Timestamp) -> String {
    match now.duration_since(at).as_secs() {
        seconds @ ..=59 => format!("{} s", seconds.max(0)),
        seconds @ 60..=3_599 => format!("{} min", seconds / 60),
        seconds @ 3_600..=86_399 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// An exchange as it was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its line.
    pub entry: Entry,
    /// All of it.
    pub transcript: Transcript,
}

impl Kept {
    /// What was asked for, to be asked again: it knows no environment and has no credential.
    ///
    /// # Errors
    /// [`DraftError`] for a path that is none any more.
    pub fn draft(&self, environments: &Environments) -> Result<Draft, DraftError> {
        let own = &self.transcript;
        let path = &own.url[Position::BeforePath..];
        let mut draft = Draft::from_path(own.method, path, Some(own.surface), own.environment, environments)?;
        draft.body = own.body.clone().unwrap_or_default();
        let usual = draft.headers();
        draft.own_headers = own.headers.iter().filter(|own| !usual.contains(own)).cloned().collect();
        Ok(draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imitation_is_never_taken_for_pleo() {
        for own in Setting::ALL {
            for now in Setting::ALL {
                assert_eq!(own.refusal(now).is_none(), own == now);
            }
            assert_eq!(Setting::from_word(own.word()), Some(own));
        }
        let mut environments = Environments::pleo();
        let of = |sandbox, environments: &Environments| Setting::of(sandbox, environments, Environment::Staging);
        assert_eq!(of(false, &environments), Setting::Pleo);
        environments.override_with("staging=http://127.0.0.1:9").unwrap();
        assert_eq!((of(false, &environments), of(true, &environments)), (Setting::Overridden, Setting::Sandbox));
    }

    #[test]
    fn ages_are_short() {
        let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
        let ages = [5, 59, 61, 7_300, 200_000, -3].map(|seconds| age(at(0), at(seconds)));
        assert_eq!(ages, ["5 s", "59 s", "1 min", "2 h", "2 d", "0 s"]);
    }
}
