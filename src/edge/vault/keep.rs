//! Keeping a credential beyond the run, and forgetting it.

use std::sync::Arc;

use super::places::put;
use super::{Contents, Item, Vault, failure};
use crate::app::event::Failure;
use crate::edge::config::{self, ConfigError};
use crate::edge::folders::Folders;
use crate::edge::keyring;
use crate::pleo::credential::{Credential, Entry, Place};

impl Vault {
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
}

fn wrong(error: &ConfigError) -> Failure {
    failure(format!("{error}."))
}
