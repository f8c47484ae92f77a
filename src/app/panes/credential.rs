//! Pane 2: the credentials of the environment in force, one row a kind, and the masked field they are typed into.

use crate::pleo::credential::CredentialKind;
use crate::secret::SecretField;

/// The state of the pane.
#[derive(Debug, Default)]
pub struct CredentialPane {
    /// The kind under the cursor, as an index into [`CredentialKind::ALL`].
    pub cursor: usize,
    /// The field, while one is typed into.
    pub typing: Option<SecretField>,
    /// What is wrong with what was typed.
    pub error: Option<String>,
}

impl CredentialPane {
    /// The kind under the cursor.
    #[must_use]
    pub fn kind(&self) -> CredentialKind {
        CredentialKind::ALL[self.cursor.min(CredentialKind::ALL.len() - 1)]
    }
}
