//! Credentials: their kinds, what each may be used with, and how a pasted text is recognised.

mod recognise;

use std::fmt;

use url::Url;

use super::endpoint::Surface;
use super::environment::{Environment, Environments};
use crate::secret::Secret;

pub use recognise::{CredentialError, Recognised, recognise};

/// The four kinds of credential that Pleo gives out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CredentialKind {
    /// From the OAuth 2.0 authorisation code flow (RFC 6749); sent as a Bearer token (RFC 6750).
    OAuthAccessToken,
    /// Made by a customer in the web app; Basic (RFC 7617), the key as the user name and an empty password.
    StandaloneApiKey,
    /// Handed out with an approved integration; the same Basic scheme.
    IntegratedApiKey,
    /// For the legacy API only; Bearer.
    LegacyToken,
}

/// An HTTP authentication scheme (RFC 9110, section 11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// RFC 6750.
    Bearer,
    /// RFC 7617.
    Basic,
}

impl Scheme {
    /// The scheme's name in the header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Basic => "Basic",
        }
    }
}

impl CredentialKind {
    /// All four, in the order in which they are offered.
    pub const ALL: [Self; 4] =
        [Self::OAuthAccessToken, Self::StandaloneApiKey, Self::IntegratedApiKey, Self::LegacyToken];

    /// The environment variable that supplies a credential of this kind for a run, where there is one.
    #[must_use]
    pub fn variable(self, environment: Environment) -> Option<String> {
        let last = match self {
            Self::StandaloneApiKey => "API_KEY",
            Self::OAuthAccessToken => "ACCESS_TOKEN",
            Self::LegacyToken => "LEGACY_TOKEN",
            Self::IntegratedApiKey => return None,
        };
        Some(format!("PLEOSCOPE_{}_{last}", environment.banner()))
    }

    /// The word on the command line and in the configuration.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::OAuthAccessToken => "access-token",
            Self::StandaloneApiKey => "api-key",
            Self::IntegratedApiKey => "integrated-key",
            Self::LegacyToken => "legacy-token",
        }
    }

    /// The name shown to people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OAuthAccessToken => "OAuth access token",
            Self::StandaloneApiKey => "Standalone API key",
            Self::IntegratedApiKey => "Integrated API key",
            Self::LegacyToken => "Legacy token",
        }
    }

    /// The scheme of its Authorization header.
    #[must_use]
    pub const fn scheme(self) -> Scheme {
        match self {
            Self::OAuthAccessToken | Self::LegacyToken => Scheme::Bearer,
            Self::StandaloneApiKey | Self::IntegratedApiKey => Scheme::Basic,
        }
    }

    /// The surface that takes it.
    #[must_use]
    pub const fn surface(self) -> Surface {
        match self {
            Self::LegacyToken => Surface::Legacy,
            _ => Surface::External,
        }
    }
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that is no kind of credential.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a kind of credential: use api-key, access-token, integrated-key or legacy-token")]
pub struct UnknownKind(pub String);

impl std::str::FromStr for CredentialKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(text));
        found.ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// Where a credential's value is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// In memory until the program ends.
    Memory,
    /// In one of the program's own variables, for this run.
    Variable(String),
    /// Given by the imitation, of no use anywhere else.
    Sandbox,
    /// In the operating system's keyring.
    Keyring,
    /// With a program that is asked for it, such as a password manager.
    Command,
    /// In a variable that the configuration names.
    NamedVariable(String),
}

impl Keeping {
    /// Where it is, in a word or two.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Memory => "memory",
            Self::Variable(name) | Self::NamedVariable(name) => name,
            Self::Sandbox => "demo",
            Self::Keyring => "keyring",
            Self::Command => "command",
        }
    }

    /// The sentence in pane 2.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Memory => "Kept in memory until you quit.".to_owned(),
            Self::Variable(name) => format!("Given to this run by {name}; kept in memory until you quit."),
            Self::Sandbox => "Given by the sandbox, of no use anywhere else.".to_owned(),
            Self::Keyring => "Kept in the keyring of your system; asked for when it is first used.".to_owned(),
            Self::Command => "Kept by a program of yours; it is asked when the credential is first used.".to_owned(),
            Self::NamedVariable(name) => format!("Read from the variable {name} when it is first used."),
        }
    }

    /// Whether it outlives the run. Such a credential is never used with hosts that were overridden.
    #[must_use]
    pub const fn is_stored(&self) -> bool {
        matches!(self, Self::Keyring | Self::Command | Self::NamedVariable(_))
    }
}

/// Names a value in the vault, which gives it out where bytes leave.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VaultKey(pub String);

/// Where the value comes from when a request leaves.
#[derive(Clone, Debug)]
enum Value {
    Held(Secret),
    Vault(VaultKey),
    Forgotten,
}

/// A credential: it belongs to exactly one environment and is of exactly one kind.
#[derive(Clone, Debug)]
pub struct Credential {
    environment: Environment,
    kind: CredentialKind,
    name: String,
    keeping: Keeping,
    tail: String,
    /// The scheme of what its value looks like, where it looks like anything.
    looks: Option<Scheme>,
    value: Value,
}

/// Equal when it is the same stored credential; secrets are never compared by their text.
impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.value, &other.value) {
            (Value::Held(own), Value::Held(others)) => own.same(others),
            (Value::Vault(own), Value::Vault(others)) => own == others,
            _ => false,
        };
        same && self.environment == other.environment && self.kind == other.kind
    }
}

impl Credential {
    /// Binds a secret at hand to its environment and kind.
    #[must_use]
    pub fn new(environment: Environment, kind: CredentialKind, keeping: Keeping, secret: Secret) -> Self {
        let (name, tail) = (String::new(), secret.tail());
        let looks = if secret.starts_with("eyJ") {
            Some(Scheme::Bearer)
        } else if ["pls_", "plp_"].iter().any(|prefix| secret.starts_with(prefix)) {
            // Two public clients know these prefixes of keys; the documents give none.
            Some(Scheme::Basic)
        } else {
            None
        };
        Self { environment, kind, name, keeping, tail, looks, value: Value::Held(secret) }
    }

    /// A credential whose value the vault gives out. `tail` is its last four characters, as far as known.
    #[must_use]
    pub fn in_vault(
        environment: Environment,
        kind: CredentialKind,
        name: &str,
        keeping: Keeping,
        tail: &str,
        key: VaultKey,
    ) -> Self {
        let (name, tail, looks) = (name.to_owned(), tail.to_owned(), None);
        Self { environment, kind, name, keeping, tail, looks, value: Value::Vault(key) }
    }

    /// The environment it belongs to.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// The name that a person gave it; empty without one.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its value is kept.
    #[must_use]
    pub const fn keeping(&self) -> &Keeping {
        &self.keeping
    }

    /// Its last four characters; empty where they are not known or the value is too short to show any.
    #[must_use]
    pub fn tail(&self) -> &str {
        &self.tail
    }

    /// Takes the last four characters of a value that the vault has seen.
    pub fn set_tail(&mut self, tail: &str) {
        tail.clone_into(&mut self.tail);
    }

    /// The name where it has one, else the kind.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.name.is_empty() { self.kind.name() } else { &self.name }
    }

    /// What is shown of it: its name or kind, its last four characters, where it came from.
    #[must_use]
    pub fn label(&self) -> String {
        let tail = if self.tail.is_empty() { String::new() } else { format!(" …{}", self.tail) };
        let origin = match &self.keeping {
            Keeping::Memory => String::new(),
            Keeping::Variable(_) | Keeping::NamedVariable(_) => " (from a variable)".to_owned(),
            other => format!(" ({})", other.word()),
        };
        format!("{}{tail}{origin}", self.title())
    }

    /// What looks wrong with it: a JWT where a key is meant, or a key where a token is. Nothing is refused for how it looks.
    #[must_use]
    pub fn caution(&self) -> Option<String> {
        let origin = if let Keeping::Variable(name) = &self.keeping { format!("{name}: ") } else { String::new() };
        let sentence = match (self.looks, self.kind.scheme()) {
            (Some(Scheme::Bearer), Scheme::Basic) => {
                "It looks like a JWT, which is an access token rather than an API key: check its kind."
            }
            (Some(Scheme::Basic), Scheme::Bearer) => {
                "It looks like an API key, which is sent as Basic, rather than a token: check its kind."
            }
            _ => return None,
        };
        Some(format!("{origin}{sentence}"))
    }

    /// The value, where it is at hand and not in the vault.
    #[must_use]
    pub const fn held(&self) -> Option<&Secret> {
        match &self.value {
            Value::Held(secret) => Some(secret),
            Value::Vault(_) | Value::Forgotten => None,
        }
    }

    /// Lets go of the value; what it was called stays, for what was sent with it.
    pub fn let_go(&mut self) {
        self.value = Value::Forgotten;
    }

    /// The name of its value in the vault, where it is there.
    #[must_use]
    pub const fn vault_key(&self) -> Option<&VaultKey> {
        match &self.value {
            Value::Held(_) | Value::Forgotten => None,
            Value::Vault(key) => Some(key),
        }
    }

    /// Whether this credential may be sent to a URL: only to the origin that its kind and environment decide, and one
    /// that outlives the run never to a host that was overridden.
    #[must_use]
    pub fn may_go_to(&self, url: &Url, environments: &Environments) -> bool {
        let hosts = environments.of(self.environment);
        hosts.base(self.kind.surface()).origin() == url.origin() && !(self.keeping.is_stored() && hosts.overridden)
    }
}

/// Where the value of a stored credential is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The operating system's keyring.
    Keyring,
    /// A program, run without a shell, that prints it; and, where it rotates, one that takes the new value on its
    /// standard input.
    Command {
        /// The program and its arguments.
        read: Vec<String>,
        /// The same for saving; empty when nothing can be saved.
        save: Vec<String>,
    },
    /// An environment variable.
    Variable(String),
}

/// A credential that outlives the run, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The environment it belongs to.
    pub environment: Environment,
    /// Its kind.
    pub kind: CredentialKind,
    /// Its name, unique within its environment.
    pub name: String,
    /// Where the value is.
    pub place: Place,
    /// The last four characters; empty where they are not known.
    pub tail: String,
}

impl Entry {
    /// Its name in the vault.
    #[must_use]
    pub fn key(&self) -> VaultKey {
        VaultKey(format!("{}/{}", self.environment, self.name))
    }

    /// The credential, its value still where it is kept.
    #[must_use]
    pub fn credential(&self) -> Credential {
        let keeping = match &self.place {
            Place::Keyring => Keeping::Keyring,
            Place::Command { .. } => Keeping::Command,
            Place::Variable(name) => Keeping::NamedVariable(name.clone()),
        };
        Credential::in_vault(self.environment, self.kind, &self.name, keeping, &self.tail, self.key())
    }
}

/// Whether a text can name a credential: 1 to 40 letters, digits, `-`, `_` and `.`.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=40).contains(&text.len()) && text.chars().all(fits) && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_goes_only_to_its_own_origin() {
        let both = Environments::pleo();
        let secret = || Secret::new("x".into());
        let key = Credential::new(Environment::Staging, CredentialKind::StandaloneApiKey, Keeping::Memory, secret());
        let url = |text: &str| Url::parse(text).expect("url");
        assert!(key.may_go_to(&url("https://external.staging.pleo.io/v2/employees"), &both));
        for elsewhere in [
            "https://external.pleo.io/v2/employees",
            "https://openapi.staging.pleo.io/v1/employees",
            "http://external.staging.pleo.io/",
            "https://external.staging.pleo.io:8443/",
            "https://external.staging.pleo.io.evil.example/",
            "https://external.staging.pleo.io./",
        ] {
            assert!(!key.may_go_to(&url(elsewhere), &both), "{elsewhere}");
        }
    }

    #[test]
    fn what_outlives_the_run_never_goes_to_an_overridden_host() {
        let entry = Entry {
            environment: Environment::Staging,
            kind: CredentialKind::StandaloneApiKey,
            name: "main".into(),
            place: Place::Keyring,
            tail: "7f3c".into(),
        };
        let stored = entry.credential();
        assert_eq!(stored.label(), "main …7f3c (keyring)");
        assert!(stored.may_go_to(&Environments::pleo().of(Environment::Staging).api, &Environments::pleo()));
        let mut both = Environments::pleo();
        both.override_with("staging=http://127.0.0.1:9").expect("loopback");
        assert!(!stored.may_go_to(&both.of(Environment::Staging).api, &both));
    }
}
