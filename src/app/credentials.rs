//! The credentials of a run: several for each environment, one of them in force, and what became known of each.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use super::event::WorkId;
use crate::pleo::credential::Credential;
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::Environment;
use crate::pleo::identity::Identity;
use crate::secret::Secret;

/// A number that a credential has for the length of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialId(u64);

/// What is known of who a credential is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Who {
    /// Nobody asked.
    #[default]
    Unasked,
    /// The server is being asked.
    Asking(WorkId),
    /// It told.
    Known(Box<Identity>),
    /// It did not; why, as a sentence.
    Failed(String),
}

/// A credential of this run, and what became known of it.
#[derive(Clone, Debug)]
pub struct Held {
    /// Its number.
    pub id: CredentialId,
    /// The credential.
    pub credential: Credential,
    /// Who it is.
    pub who: Who,
    /// When its token runs out, as a time since the start of the run.
    pub ends: Option<Duration>,
    /// Whether it is renewed by itself.
    pub renews: bool,
    /// What its login said to the authorisation server and heard from it, without secrets.
    pub trace: Vec<String>,
    /// What was taken off its text or looks odd, a sentence each.
    pub remarks: Vec<String>,
}

impl Held {
    /// Who it is, once known.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        if let Who::Known(identity) = &self.who { Some(identity) } else { None }
    }
}

/// The credentials of this run: several for each environment, one of them in force.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    held: Vec<Held>,
    chosen: BTreeMap<Environment, CredentialId>,
    /// Those values that are at hand.
    secrets: Vec<Secret>,
    last: u64,
    /// Whether this is the first run.
    first_run: bool,
}

impl Credentials {
    /// None, and there has never been one: this is the first run.
    #[must_use]
    pub fn of_first_run() -> Self {
        Self { first_run: true, ..Self::default() }
    }

    /// Whether the way on is still to be chosen, as in a first run without a credential.
    #[must_use]
    pub fn is_first_run(&self) -> bool {
        self.first_run && self.held.is_empty()
    }

    /// Holds one more credential; the first one of an environment is in force at once.
    pub fn keep(&mut self, credential: Credential) -> CredentialId {
        self.last += 1;
        let id = CredentialId(self.last);
        self.chosen.entry(credential.environment()).or_insert(id);
        self.secrets.extend(credential.held().cloned());
        self.held.push(Held {
            id,
            credential,
            who: Who::default(),
            ends: None,
            renews: false,
            trace: Vec::new(),
            remarks: Vec::new(),
        });
        id
    }

    /// Puts a credential in force in its environment.
    pub fn choose(&mut self, id: CredentialId) -> bool {
        let environment = self.get(id).map(|held| held.credential.environment());
        self.chosen.extend(environment.map(|environment| (environment, id)));
        environment.is_some()
    }

    /// Lets go of a credential; another one that fits the same surface takes its place.
    pub fn remove(&mut self, id: CredentialId) -> Option<Held> {
        let at = self.held.iter().position(|held| held.id == id)?;
        let removed = self.held.remove(at);
        self.secrets.retain(|secret| removed.credential.held().is_none_or(|own| !own.same(secret)));
        let environment = removed.credential.environment();
        if self.chosen.get(&environment) == Some(&id) {
            self.chosen.remove(&environment);
            let surface = removed.credential.kind().surface();
            let next =
                self.of(environment).find(|held| held.credential.kind().surface() == surface).map(|held| held.id);
            self.chosen.extend(next.map(|next| (environment, next)));
        }
        Some(removed)
    }

    /// The credentials of an environment, in the order in which they came.
    pub fn of(&self, environment: Environment) -> impl Iterator<Item = &Held> {
        self.held.iter().filter(move |held| held.credential.environment() == environment)
    }

    /// A text without any secret that is at hand, for showing.
    #[must_use]
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.secrets.iter().fold(Cow::Borrowed(text), |text, secret| match secret.hide(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(hidden) => Cow::Owned(hidden),
        })
    }

    /// Every secret that is at hand.
    #[must_use]
    pub fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// The credential of that number.
    #[must_use]
    pub fn get(&self, id: CredentialId) -> Option<&Held> {
        self.held.iter().find(|held| held.id == id)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: CredentialId) -> Option<&mut Held> {
        self.held.iter_mut().find(|held| held.id == id)
    }

    /// The one that holds this very credential.
    #[must_use]
    pub fn find(&self, credential: &Credential) -> Option<&Held> {
        self.held.iter().find(|held| held.credential == *credential)
    }

    /// Stops asking who a credential of an environment is; gives the work that is to be cancelled.
    pub fn stop_asking(&mut self, environment: Environment) -> Option<WorkId> {
        let asked =
            |held: &&mut Held| held.credential.environment() == environment && matches!(held.who, Who::Asking(_));
        let held = self.held.iter_mut().find(asked)?;
        match std::mem::take(&mut held.who) {
            Who::Asking(work) => Some(work),
            _ => None,
        }
    }

    /// The one that is being asked for by a piece of work.
    #[must_use]
    pub fn asked_by(&self, work: WorkId) -> Option<CredentialId> {
        self.held.iter().find(|held| held.who == Who::Asking(work)).map(|held| held.id)
    }

    /// What is in force for an environment.
    #[must_use]
    pub fn held_in_force(&self, environment: Environment) -> Option<&Held> {
        self.get(*self.chosen.get(&environment)?)
    }

    /// The credential in force for an environment.
    #[must_use]
    pub fn in_force(&self, environment: Environment) -> Option<&Credential> {
        self.held_in_force(environment).map(|held| &held.credential)
    }

    /// The best credential held for a surface: the one in force if it fits, else the first that does, else the one in
    /// force, so that the refusal can say why.
    #[must_use]
    pub fn fitting(&self, environment: Environment, surface: Surface) -> Option<&Credential> {
        let in_force = self.in_force(environment);
        let fits = |credential: &&Credential| credential.kind().surface() == surface;
        let all = || self.of(environment).map(|held| &held.credential);
        in_force.filter(fits).or_else(|| all().find(fits)).or(in_force).or_else(|| all().next())
    }
}
