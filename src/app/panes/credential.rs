//! Pane 2: the credentials of the environment in force, ways to give one more, and the masked field it is typed into.

use crate::app::credentials::{CredentialId, Credentials};
use crate::pleo::credential::CredentialKind;
use crate::pleo::environment::Environment;
use crate::secret::SecretField;

/// A row that the cursor can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A credential that is held.
    Held(CredentialId),
    /// Give one of this kind.
    Add(CredentialKind),
    /// Log in with OAuth.
    Login,
    /// Enter the embedded imitation instead.
    Sandbox,
}

/// The state of the pane.
#[derive(Debug, Default)]
pub struct CredentialPane {
    /// The row under the cursor.
    pub cursor: usize,
    /// The field, while one is typed into.
    pub typing: Option<Typing>,
    /// What is wrong with what was typed.
    pub error: Option<String>,
}

/// A credential that is being typed.
#[derive(Debug)]
pub struct Typing {
    /// Its kind.
    pub kind: CredentialKind,
    /// The field.
    pub field: SecretField,
}

/// The rows for an environment: what is held, then what can be given; in a first run the sandbox before all.
#[must_use]
pub fn rows(credentials: &Credentials, environment: Environment) -> Vec<Row> {
    let sandbox = credentials.is_first_run().then_some(Row::Sandbox);
    let held = credentials.of(environment).map(|held| Row::Held(held.id));
    sandbox.into_iter().chain(held).chain(CredentialKind::ALL.map(Row::Add)).chain([Row::Login]).collect()
}

impl CredentialPane {
    /// Puts the cursor on the first of the ways on that most people take.
    pub fn begin(&mut self, credentials: &Credentials, environment: Environment) {
        let usual = Row::Add(CredentialKind::StandaloneApiKey);
        self.cursor = rows(credentials, environment).iter().position(|row| *row == usual).unwrap_or(0);
    }

    /// The row under the cursor.
    #[must_use]
    pub fn row(&self, credentials: &Credentials, environment: Environment) -> Row {
        let rows = rows(credentials, environment);
        rows.get(self.cursor).or(rows.last()).copied().unwrap_or(Row::Login)
    }

    /// Puts the cursor on a credential.
    pub fn go_to(&mut self, id: CredentialId, credentials: &Credentials, environment: Environment) {
        let found = rows(credentials, environment).iter().position(|row| *row == Row::Held(id));
        self.cursor = found.unwrap_or(0);
    }
}
