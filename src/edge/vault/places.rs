//! Where a value is kept: in the keyring, with a program of the person, or in a variable.

use super::{Contents, failure};
use crate::app::event::Failure;
use crate::edge::{keyring, program};
use crate::pleo::credential::{Place, VaultKey};
use crate::secret::Secret;

/// Brings a value from its place.
pub(super) async fn get(place: &Place, key: &VaultKey, hidden: &[String]) -> Result<Secret, Failure> {
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
pub(super) async fn put(place: &Place, key: &VaultKey, contents: &Contents, hidden: &[String]) -> Result<(), Failure> {
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
