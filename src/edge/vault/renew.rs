//! Renewing the pair of a login: one task of one process at a time, and the new pair is kept before it is used.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use super::places::{get, put};
use super::{Contents, Item, Vault, failure};
use crate::app::event::Failure;
use crate::edge::folders::{self, Folders, Locked};
use crate::edge::http::Http;
use crate::edge::oauth::{self, Say, Unrenewed};
use crate::pleo::credential::VaultKey;

/// How long another process may take for its renewal.
const PATIENCE: Duration = Duration::from_secs(45);
/// How long a program that is leaving waits for a renewal under way.
const LEAVING: Duration = Duration::from_millis(1500);

impl Vault {
    /// Waits for a moment until no renewal is under way: a new pair that is not kept yet would be lost with the process.
    pub async fn settled(&self) {
        // Whoever leaves is not kept for long.
        let _ = tokio::time::timeout(LEAVING, self.renewals.write()).await;
    }

    /// Renews a pair in a task of its own: from the moment when the server is asked the old pair is void, so whoever waits
    /// may go away, but the new one must come to its place.
    pub(super) async fn renew_item(
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
