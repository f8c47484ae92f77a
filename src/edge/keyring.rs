//! The operating system's keyring: Secret Service, Keychain or Credential Manager.
//!
//! It may be absent, as over SSH, or locked and asking a person: every call has a deadline, and what it could not do is a
//! sentence. There is never a file in its place.

use std::time::Duration;

use keyring::v1::{Entry, Error};
use zeroize::Zeroizing;

use crate::app::event::{Failure, Phase};
use crate::secret::Secret;

/// How long a keyring may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// The name of the program there.
const SERVICE: &str = "pleoscope";

/// Whether there is one that answers.
///
/// # Errors
/// A sentence that says what else can be done.
pub async fn is_there() -> Result<(), Failure> {
    call("asked", || match Entry::new(SERVICE, "is-there")?.get_secret() {
        Ok(_) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(error),
    })
    .await
}

/// Puts a value there, and reads it back so that it is known to be there.
///
/// # Errors
/// A sentence.
pub async fn put(name: &str, secret: &Secret) -> Result<(), Failure> {
    let (name, secret) = (name.to_owned(), secret.clone());
    let kept = call("written", move || {
        let entry = Entry::new(SERVICE, &name)?;
        entry.set_secret(secret.expose().as_bytes())?;
        let again = Zeroizing::new(entry.get_secret()?);
        Ok(again.as_slice() == secret.expose().as_bytes())
    })
    .await?;
    if kept { Ok(()) } else { Err(failure("The keyring did not keep what was put into it.".to_owned())) }
}

/// Takes a value out; `None` when there is none of that name.
///
/// # Errors
/// A sentence.
pub async fn get(name: &str) -> Result<Option<Secret>, Failure> {
    let name = name.to_owned();
    let found = call("read", move || match Entry::new(SERVICE, &name)?.get_secret() {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })
    .await?;
    let text = |bytes: Zeroizing<Vec<u8>>| std::str::from_utf8(&bytes).ok().map(|text| Secret::new(text.to_owned()));
    match found {
        Some(bytes) => {
            text(bytes).map(Some).ok_or_else(|| failure("The keyring holds something that is no text.".to_owned()))
        }
        None => Ok(None),
    }
}

/// Removes a value; one that is not there is no fault.
///
/// # Errors
/// A sentence.
pub async fn remove(name: &str) -> Result<(), Failure> {
    let name = name.to_owned();
    call("changed", move || match Entry::new(SERVICE, &name)?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(error),
    })
    .await
}

/// Runs a call where it may block, and no longer than [`PATIENCE`].
async fn call<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(Ok(done))) => Ok(done),
        Ok(Ok(Err(Error::NoDefaultStore | Error::NoStorageAccess(_)))) => Err(failure(format!(
            "No keyring of this system can be {what} (none runs, or it is locked): keep the credential with a command of yours or in a variable, or in memory for one run."
        ))),
        Ok(Ok(Err(error))) => Err(failure(format!("The keyring could not be {what} ({error})."))),
        Ok(Err(_)) => Err(failure(format!("The keyring could not be {what}: its library failed."))),
        Err(_) => Err(failure(format!(
            "The keyring could not be {what} within {} seconds: it may be waiting for you to unlock it. Unlock it and try again.",
            PATIENCE.as_secs()
        ))),
    }
}

fn failure(sentence: String) -> Failure {
    Failure { phase: Phase::Setup, sentence }
}
