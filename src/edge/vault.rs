//! The vault: gives a credential's value out at the moment when bytes leave, from wherever it is kept, and renews the
//! tokens of a login so that only one does it at a time, in this process and in all others.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use super::config::{self, ConfigError};
use super::folders::{self, Folders, Locked};
use super::http::Http;
use super::oauth::{self, Grant, Say, Unrenewed};
use super::{keyring, program, variables};
use crate::app::event::{Facts, Failure, Phase};
use crate::pleo::credential::{Credential, CredentialKind, Entry, Keeping, Place, VaultKey, recognise};
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::prepared::Prepared;
use crate::secret::{Redactor, Secret, SecretField};

/// How long another process may take for its renewal.
const PATIENCE: Duration = Duration::from_secs(45);
/// How long a program that is leaving waits for a renewal under way.
const LEAVING: Duration = Duration::from_millis(1500);

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
        let named = entries.iter().filter_map(|entry| match &entry.place {
            Place::Variable(name) => Some(name.clone()),
            _ => None,
        });
        let hidden = variables::of_secrets().into_iter().chain(named).collect();
        let (redactor, renewals) = (RwLock::default(), tokio::sync::RwLock::default());
        Self { environments, folders, items: Mutex::new(items), redactor, hidden, renewals, last: 0.into() }
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
        let body = || request.body().is_some_and(strays);
        if strays(request.url().as_str()) { Some("URL") } else { body().then_some("body") }
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

    /// Keeps a credential beyond the run, under a new name.
    ///
    /// # Errors
    /// A sentence; where the value cannot be put, nothing is written at all.
    pub async fn keep(&self, credential: &Credential, name: &str, place: &Place) -> Result<Entry, Failure> {
        let (environment, kind) = (credential.environment(), credential.kind());
        let entry = Entry { environment, kind, name: name.to_owned(), place: place.clone(), tail: String::new() };
        let known = config::load(self.folders()?).strict().map_err(|error| wrong(&error))?;
        if known.entries.iter().any(|known| known.key() == entry.key()) {
            return Err(failure(format!("{environment} has a credential called {name} already: choose another name.")));
        }
        self.keep_as(credential, entry).await
    }

    fn folders(&self) -> Result<&Folders, Failure> {
        self.folders.as_ref().ok_or_else(|| failure("There is no folder to keep it in: set HOME.".to_owned()))
    }

    /// Keeps a credential as this entry, in the place of what was kept so before: its value first, then that it is there.
    ///
    /// # Errors
    /// A sentence; where the value cannot be put, nothing is written at all.
    pub async fn keep_as(&self, credential: &Credential, mut entry: Entry) -> Result<Entry, Failure> {
        let folders = self.folders()?;
        let place = entry.place.clone();
        let contents = match (credential.held(), credential.vault_key()) {
            (Some(secret), _) => Contents::Plain(secret.clone()),
            (None, Some(key)) => {
                let item = self.item(key)?;
                let mut item = item.lock().await;
                self.fill(key, &mut item).await?;
                item.contents.clone().ok_or_else(|| failure("The credential has no value.".to_owned()))?
            }
            (None, None) => return Err(failure("The credential has no value.".to_owned())),
        };
        put(&place, &entry.key(), &contents, &self.hidden).await?;
        if place == Place::Keyring {
            entry.tail = contents.secret().tail();
            if let Err(error) = config::save(folders, &entry) {
                // What nobody would find again must not stay there.
                keyring::remove(&entry.key().0).await?;
                return Err(wrong(&error));
            }
        }
        let (environment, kind) = (entry.environment, entry.kind);
        let item = Item { environment, kind, place: Some(place), contents: Some(contents), void: None };
        self.items().insert(entry.key(), Arc::new(tokio::sync::Mutex::new(item)));
        if let Some(key) = credential.vault_key() {
            self.items().remove(key);
        }
        Ok(entry)
    }

    /// Forgets a credential of this run, and with `wholly` also where it is kept.
    ///
    /// # Errors
    /// A sentence; it is still there then.
    pub async fn forget(&self, credential: &Credential, wholly: bool) -> Result<(), Failure> {
        if let Some(secret) = credential.held() {
            self.unlearn([secret]);
            return Ok(());
        }
        let Some(key) = credential.vault_key() else {
            return Ok(());
        };
        let item = self.item(key)?;
        let item = item.lock().await;
        if let (Some(place), Some(folders), true) = (&item.place, &self.folders, wholly) {
            let entry = Entry {
                environment: item.environment,
                kind: item.kind,
                name: credential.name().to_owned(),
                place: place.clone(),
                tail: String::new(),
            };
            if !config::is_ours(folders, &entry).map_err(|error| wrong(&error))? {
                let file = folders.config.join(config::CONFIG);
                return Err(failure(format!(
                    "{} stands in your own {}: take it out there.",
                    entry.name,
                    file.display()
                )));
            }
            let removed = if *place == Place::Keyring { keyring::remove(&key.0).await } else { Ok(()) };
            config::remove(folders, &entry).map_err(|error| wrong(&error))?;
            if let Err(error) = removed {
                let sentence = error.sentence;
                return Err(failure(format!(
                    "It is no longer listed, but its value may still stand in the keyring. {sentence}"
                )));
            }
        }
        match &item.contents {
            Some(Contents::Plain(secret)) => self.unlearn([secret]),
            Some(Contents::Grant(grant)) => self.unlearn(grant.secrets()),
            None => {}
        }
        self.items().remove(key);
        Ok(())
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
        let kept = get(place, key, &self.hidden).await?;
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

    /// Waits for a moment until no renewal is under way: a new pair that is not kept yet would be lost with the process.
    pub async fn settled(&self) {
        // Whoever leaves is not kept for long.
        let _ = tokio::time::timeout(LEAVING, self.renewals.write()).await;
    }

    /// Renews a pair in a task of its own: from the moment when the server is asked the old pair is void, so whoever waits
    /// may go away, but the new one must come to its place.
    async fn renew_item(
        self: &Arc<Self>,
        http: &Arc<Http>,
        key: &VaultKey,
        mut item: OwnedMutexGuard<Item>,
        say: Say<'_>,
    ) -> Result<(OwnedMutexGuard<Item>, Option<String>), Failure> {
        let (lines, mut said) = tokio::sync::mpsc::unbounded_channel();
        let (vault, http, key) = (Arc::clone(self), Arc::clone(http), key.clone());
        let work = tokio::spawn(async move {
            let say = move |line: String| {
                // Whoever waited may have gone away.
                let _ = lines.send(line);
            };
            let _under_way = vault.renewals.read().await;
            let remark = vault.renew_alone(&http, &key, &mut item, &say).await?;
            Ok((item, remark))
        });
        while let Some(line) = said.recv().await {
            say(line);
        }
        work.await.unwrap_or_else(|_| Err(failure("The renewal of the tokens failed; that is a defect.".to_owned())))
    }

    /// Renews a pair while no other process does. The new pair is kept before it is used; where it cannot be kept it is
    /// used for this run, since the old one is void, and that is said.
    async fn renew_alone(
        &self,
        http: &Http,
        key: &VaultKey,
        item: &mut Item,
        say: Say<'_>,
    ) -> Result<Option<String>, Failure> {
        let place = item.place.clone();
        let _held = match (&place, &self.folders) {
            (Some(_), Some(folders)) => {
                self.refuse_overridden(item.environment)?;
                Some(lock(folders, key).await?)
            }
            _ => None,
        };
        let Some(Contents::Grant(old)) = item.contents.clone() else {
            return Ok(None);
        };
        if let Some(place) = &place
            && let Contents::Grant(kept) = Contents::read(item.kind, &get(place, key, &self.hidden).await?)?
            && !kept.access_token().is(old.access_token())
        {
            // Another process was faster: its pair is the one that holds.
            say("another pleoscope has renewed the tokens; its pair is used".to_owned());
            self.learn(kept.secrets());
            item.contents = Some(Contents::Grant(kept));
            item.void = None;
            return Ok(None);
        }
        if let Some(sentence) = &item.void {
            return Err(failure(sentence.clone()));
        }
        say("the access token is to be renewed".to_owned());
        let new = match oauth::refresh(http, item.environment, &old, say).await {
            Ok(new) => new,
            Err(Unrenewed::Failed(failure)) => return Err(failure),
            Err(Unrenewed::Final(sentence)) => {
                let sentence = format!("{sentence} Log in again (L in the explorer, or `pleoscope auth login`).");
                item.void = Some(sentence.clone());
                return Err(failure(sentence));
            }
        };
        self.learn(new.secrets());
        let contents = Contents::Grant(Box::new(new));
        let mut remark = None;
        if let Some(place) = &place
            && let Err(error) = put(place, key, &contents, &self.hidden).await
        {
            remark = Some(format!(
                "The tokens were renewed but could not be kept: {} They hold for this run; after it, log in again.",
                error.sentence
            ));
        }
        item.contents = Some(contents);
        Ok(remark)
    }
}

fn facts(contents: &Contents, remark: Option<String>) -> Facts {
    let (left, renews) = match contents {
        Contents::Grant(grant) => (grant.left(), grant.refresh_token().is_some()),
        Contents::Plain(_) => (None, false),
    };
    Facts { tail: contents.secret().tail(), left, renews, remark }
}

/// Takes the lock of a credential among all processes of this person.
async fn lock(folders: &Folders, key: &VaultKey) -> Result<Locked, Failure> {
    let name = key.0.replace('/', "-");
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match folders::try_lock(folders, &name) {
            Ok(Some(locked)) => return Ok(locked),
            Ok(None) if tokio::time::Instant::now() < deadline => tokio::time::sleep(Duration::from_millis(20)).await,
            Ok(None) => {
                return Err(failure(
                    "Another pleoscope has been renewing this credential for too long: end it.".to_owned(),
                ));
            }
            Err(error) => return Err(failure(format!("The lock of this credential cannot be taken: {error}."))),
        }
    }
}

/// Brings a value from its place.
async fn get(place: &Place, key: &VaultKey, hidden: &[String]) -> Result<Secret, Failure> {
    match place {
        Place::Keyring => keyring::get(&key.0).await?.ok_or_else(|| {
            failure(format!("The keyring holds nothing for {} any more: add it again, or forget it.", key.0))
        }),
        Place::Command { read, .. } => program::read(read, hidden).await,
        Place::Variable(name) => {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            let value =
                value.ok_or_else(|| failure(format!("The variable {name} is not set: set it, then start again.")))?;
            Ok(Secret::new(value.to_string_lossy().trim().to_owned()))
        }
    }
}

/// Puts a value into its place.
async fn put(place: &Place, key: &VaultKey, contents: &Contents, hidden: &[String]) -> Result<(), Failure> {
    let kept = match contents {
        Contents::Plain(secret) => secret.clone(),
        Contents::Grant(grant) => grant.to_kept(),
    };
    match place {
        Place::Keyring => keyring::put(&key.0, &kept).await,
        Place::Command { save, .. } if save.is_empty() => Err(failure("Its command can only read.".to_owned())),
        Place::Command { save, .. } => program::write(save, &kept, hidden).await,
        Place::Variable(name) => Err(failure(format!("The variable {name} cannot be written."))),
    }
}

fn wrong(error: &ConfigError) -> Failure {
    failure(format!("{error}."))
}

fn failure(sentence: String) -> Failure {
    Failure { phase: Phase::Setup, sentence }
}
