//! The vault: gives a credential's value out at the moment when bytes leave, from wherever it is kept, and renews the
//! tokens of a login so that only one does it at a time, in this process and in all others.

mod keep;
mod places;
mod renew;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::folders::Folders;
use super::http::Http;
use super::oauth::{self, Grant, Say};
use super::variables;
use crate::app::event::{Facts, Failure, Phase};
use crate::pleo::credential::{Credential, CredentialKind, Entry, Keeping, Place, VaultKey, recognise};
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::prepared::Prepared;
use crate::secret::{Redactor, Secret, SecretField};

/// What is in the vault under one key.
#[derive(Debug)]
struct Item {
    environment: Environment,
    kind: CredentialKind,
    /// Where it is kept; nowhere but here without one.
    place: Option<Place>,
    contents: Option<Contents>,
    /// Why the pair in it can never be renewed; the server is not asked about it again.
    void: Option<String>,
}

impl Item {
    /// Whether a renewed pair can be put where this one is kept. Where not, the pair is not renewed: that would void what
    /// is kept, also for others who read it.
    fn can_be_kept(&self) -> bool {
        match &self.place {
            None | Some(Place::Keyring) => true,
            Some(Place::Command { save, .. }) => !save.is_empty(),
            Some(Place::Variable(_)) => false,
        }
    }
}

#[derive(Clone, Debug)]
enum Contents {
    Plain(Secret),
    Grant(Box<Grant>),
}

impl Contents {
    /// What a place gave out: the pair of a login, or a value by itself.
    fn read(kind: CredentialKind, kept: &Secret) -> Result<Self, Failure> {
        if let Some(grant) = Grant::from_kept(kept) {
            return Ok(Self::Grant(Box::new(grant)));
        }
        let mut field = SecretField::new();
        field.insert(kept.expose());
        recognise(kind, &field)
            .map(|recognised| Self::Plain(recognised.secret))
            .map_err(|error| failure(error.to_string()))
    }

    fn secret(&self) -> &Secret {
        match self {
            Self::Plain(secret) => secret,
            Self::Grant(grant) => grant.access_token(),
        }
    }
}

/// The vault of a run.
#[derive(Debug)]
pub struct Vault {
    environments: Environments,
    folders: Option<Folders>,
    items: Mutex<HashMap<VaultKey, Arc<tokio::sync::Mutex<Item>>>>,
    redactor: RwLock<Redactor>,
    hidden: Vec<String>,
    /// Read by each renewal under way.
    renewals: tokio::sync::RwLock<()>,
    last: std::sync::atomic::AtomicU64,
}

/// The variables that hold secrets: ours, and those that the configuration names. No program that we start is to see them.
#[must_use]
pub fn hidden(entries: &[Entry]) -> Vec<String> {
    let named = entries.iter().filter_map(|entry| match &entry.place {
        Place::Variable(name) => Some(name.clone()),
        _ => None,
    });
    variables::of_secrets().into_iter().chain(named).collect()
}

impl Vault {
    /// A vault that knows where these credentials are. Without folders nothing can be kept beyond the run.
    #[must_use]
    pub fn new(environments: Environments, folders: Option<Folders>, entries: &[Entry]) -> Self {
        let item = |entry: &Entry| Item {
            environment: entry.environment,
            kind: entry.kind,
            place: Some(entry.place.clone()),
            contents: None,
            void: None,
        };
        let items = entries.iter().map(|entry| (entry.key(), Arc::new(tokio::sync::Mutex::new(item(entry))))).collect();
        let hidden = hidden(entries);
        let (redactor, renewals) = (RwLock::default(), tokio::sync::RwLock::default());
        Self { environments, folders, items: Mutex::new(items), redactor, hidden, renewals, last: 0.into() }
    }

    /// These variables hold secrets too, also where the credentials that they give are not used.
    #[must_use]
    pub fn hiding(mut self, names: Vec<String>) -> Self {
        self.hidden.extend(names);
        self
    }

    /// The variables that hold secrets, which no program that we start is to see.
    #[must_use]
    pub fn hidden(&self) -> &[String] {
        &self.hidden
    }

    /// What makes known secrets vanish, as it is now.
    #[must_use]
    pub fn redactor(&self) -> Redactor {
        let redactor = self.redactor.read().unwrap_or_else(PoisonError::into_inner);
        // Built once for all that are given out.
        redactor.prepare();
        redactor.clone()
    }

    /// The part of a request in which a known credential stands, in whatever form, where none belongs.
    #[must_use]
    pub fn astray(&self, request: &Prepared) -> Option<&'static str> {
        let redactor = self.redactor();
        let strays = |text: &str| matches!(redactor.text(text), Cow::Owned(_));
        let header = request.headers().iter().any(|(name, value)| strays(name) || strays(value));
        let body = || request.body().is_some_and(strays);
        match (strays(request.url().as_str()), header) {
            (true, _) => Some("URL"),
            (false, true) => Some("headers"),
            (false, false) => body().then_some("body"),
        }
    }

    /// Looks for these credentials' values from now on, as far as they are at hand.
    pub fn know(&self, credentials: &[Credential]) {
        self.learn(credentials.iter().filter_map(Credential::held));
    }

    fn learn<'a>(&self, secrets: impl IntoIterator<Item = &'a Secret>) {
        let mut redactor = self.redactor.write().unwrap_or_else(PoisonError::into_inner);
        secrets.into_iter().for_each(|secret| redactor.learn(secret));
    }

    fn unlearn<'a>(&self, secrets: impl IntoIterator<Item = &'a Secret>) {
        let mut redactor = self.redactor.write().unwrap_or_else(PoisonError::into_inner);
        secrets.into_iter().for_each(|secret| redactor.forget(secret));
    }

    fn items(&self) -> MutexGuard<'_, HashMap<VaultKey, Arc<tokio::sync::Mutex<Item>>>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn item(&self, key: &VaultKey) -> Result<Arc<tokio::sync::Mutex<Item>>, Failure> {
        let found = self.items().get(key).cloned();
        found.ok_or_else(|| failure("That credential was forgotten: choose another one in 2 Credential.".to_owned()))
    }

    /// The value of a credential, renewed first when it ends within a minute.
    ///
    /// # Errors
    /// A sentence: the place where it is kept does not give it, or consent must be given anew.
    pub async fn secret(
        self: &Arc<Self>,
        http: &Arc<Http>,
        credential: &Credential,
        say: Say<'_>,
    ) -> Result<(Secret, Facts), Failure> {
        if let Some(secret) = credential.held() {
            self.learn([secret]);
            return Ok((secret.clone(), Facts { tail: secret.tail(), ..Facts::default() }));
        }
        let key = credential.vault_key().ok_or_else(|| failure("The credential has no value.".to_owned()))?;
        let item = self.item(key)?;
        let mut item = item.lock_owned().await;
        self.fill(key, &mut item).await?;
        let due = matches!(&item.contents, Some(Contents::Grant(grant)) if grant.is_due()) && item.can_be_kept();
        let mut remark = None;
        if due {
            match self.renew_item(http, key, item, say).await {
                Ok(renewed) => (item, remark) = renewed,
                Err(error) => {
                    item = self.item(key)?.lock_owned().await;
                    // What still lives is used; a token that is over is not.
                    let lives = matches!(&item.contents, Some(Contents::Grant(grant)) if grant.left().is_some_and(|left| !left.is_zero()));
                    if !lives {
                        return Err(error);
                    }
                    remark = Some(format!(
                        "The token still lives and is used, but could not be renewed. {}",
                        error.sentence
                    ));
                }
            }
        }
        let contents = item.contents.as_ref().ok_or_else(|| failure("The credential has no value.".to_owned()))?;
        Ok((contents.secret().clone(), facts(contents, remark)))
    }

    /// What is known of a credential whose value was given out; nothing while it is being renewed.
    #[must_use]
    pub fn known_facts(&self, credential: &Credential) -> Option<Facts> {
        let item = self.item(credential.vault_key()?).ok()?;
        let item = item.try_lock().ok()?;
        item.contents.as_ref().map(|contents| facts(contents, None))
    }

    /// After a 401: renews the tokens of a login, unless somebody has done so since `used` was given out. `None` when
    /// there is nothing to renew, so that the 401 stands.
    ///
    /// # Errors
    /// A sentence: consent must be given anew, or the authorisation server cannot be reached.
    pub async fn renewed(
        self: &Arc<Self>,
        http: &Arc<Http>,
        credential: &Credential,
        used: &Secret,
        say: Say<'_>,
    ) -> Result<Option<(Secret, Facts)>, Failure> {
        let Some(key) = credential.vault_key() else {
            return Ok(None);
        };
        let item = self.item(key)?;
        let mut item = item.lock_owned().await;
        let mut remark = None;
        match &item.contents {
            Some(Contents::Grant(grant)) if grant.access_token().is(used) => {
                if !grant.may_renew() {
                    return Ok(None);
                }
                if !item.can_be_kept() {
                    return Err(failure(
                        "The access token is not taken, and where it is kept can only be read: it was not renewed, since that voids what is kept. Give its row a save command, or log in again (L in the explorer, or `pleoscope auth login`)."
                            .to_owned(),
                    ));
                }
                (item, remark) = self.renew_item(http, key, item, say).await?;
            }
            Some(Contents::Grant(_)) => {}
            _ => return Ok(None),
        }
        Ok(item.contents.as_ref().map(|contents| (contents.secret().clone(), facts(contents, remark))))
    }

    /// Puts the pair of a login into the vault, for this run.
    pub fn add(&self, environment: Environment, grant: Grant) -> Credential {
        self.learn(grant.secrets());
        let number = self.last.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        let key = VaultKey(format!("{environment}:login-{number}"));
        let (kind, tail) = (CredentialKind::OAuthAccessToken, grant.access_token().tail());
        let item =
            Item { environment, kind, place: None, contents: Some(Contents::Grant(Box::new(grant))), void: None };
        self.items().insert(key.clone(), Arc::new(tokio::sync::Mutex::new(item)));
        Credential::in_vault(environment, kind, "", Keeping::Memory, &tail, key)
    }

    /// What the authorisation server says of the access token of a login; `None` for any other credential.
    ///
    /// # Errors
    /// A sentence.
    pub async fn introspect(
        &self,
        http: &Http,
        credential: &Credential,
        say: Say<'_>,
    ) -> Result<Option<serde_json::Value>, Failure> {
        let Some(key) = credential.vault_key() else {
            return Ok(None);
        };
        let grant = match &self.item(key)?.lock().await.contents {
            Some(Contents::Grant(grant)) => grant.clone(),
            _ => return Ok(None),
        };
        oauth::introspect(http, credential.environment(), &grant, say).await.map(Some)
    }

    /// Brings the value from where it is kept, unless it is here.
    async fn fill(&self, key: &VaultKey, item: &mut Item) -> Result<(), Failure> {
        let (None, Some(place)) = (&item.contents, &item.place) else {
            return Ok(());
        };
        self.refuse_overridden(item.environment)?;
        let kept = places::get(place, key, &self.hidden).await?;
        let contents = Contents::read(item.kind, &kept)?;
        match &contents {
            Contents::Plain(secret) => self.learn([secret]),
            Contents::Grant(grant) => self.learn(grant.secrets()),
        }
        item.contents = Some(contents);
        Ok(())
    }

    /// A stored credential is not even asked for where its host was overridden.
    fn refuse_overridden(&self, environment: Environment) -> Result<(), Failure> {
        if self.environments.of(environment).overridden {
            return Err(failure(
                "Stored credentials are never used with an overridden base URL: give one for this run.".to_owned(),
            ));
        }
        Ok(())
    }
}

fn facts(contents: &Contents, remark: Option<String>) -> Facts {
    let (left, renews) = match contents {
        Contents::Grant(grant) => (grant.left(), grant.refresh_token().is_some()),
        Contents::Plain(_) => (None, false),
    };
    Facts { tail: contents.secret().tail(), left, renews, remark }
}

fn failure(sentence: String) -> Failure {
    Failure { phase: Phase::Setup, sentence }
}
