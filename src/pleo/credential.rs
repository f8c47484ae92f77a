//! Credentials: their kinds, what each may be used with, and how a pasted text is recognised.

use std::fmt;

use url::Url;

use super::endpoint::Surface;
use super::environment::{Environment, Environments};
use crate::secret::{Secret, SecretField};

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

/// A credential: it belongs to exactly one environment and is of exactly one kind.
#[derive(Clone, Debug)]
pub struct Credential {
    environment: Environment,
    kind: CredentialKind,
    label: String,
    secret: Secret,
}

/// Equal when it is the same stored credential; secrets are never compared by their text.
impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        self.environment == other.environment
            && self.kind == other.kind
            && self.label == other.label
            && self.secret.same(&other.secret)
    }
}

impl Credential {
    /// Binds a secret to its environment and kind. The label tells a person where it came from.
    #[must_use]
    pub fn new(environment: Environment, kind: CredentialKind, origin: &str, secret: Secret) -> Self {
        let tail = secret.tail();
        let label = match (tail.is_empty(), origin.is_empty()) {
            (true, true) => kind.name().to_owned(),
            (true, false) => format!("{} ({origin})", kind.name()),
            (false, true) => format!("{} …{tail}", kind.name()),
            (false, false) => format!("{} …{tail} ({origin})", kind.name()),
        };
        Self { environment, kind, label, secret }
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

    /// What is shown of it: the kind, its last four characters, where it came from.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The value, to be exposed where bytes leave.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Whether this credential may be sent to a URL: only to the origin that its kind and environment decide.
    #[must_use]
    pub fn may_go_to(&self, url: &Url, environments: &Environments) -> bool {
        environments.of(self.environment).base(self.kind.surface()).origin() == url.origin()
    }
}

/// Why a text cannot be a credential.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Nothing but white space.
    #[error("the credential is empty: paste or type its value")]
    Empty,
    /// Something that no header may hold.
    #[error(
        "the credential holds {what} at character {position}: copy it again, without line breaks or control characters"
    )]
    BadCharacter {
        /// What was found, in words.
        what: &'static str,
        /// Its place, counted from 1.
        position: usize,
    },
    /// A colon inside a key would end the user name.
    #[error(
        "an API key cannot hold a colon (found at character {0}): the key is the user name and the password stays empty, so paste the key alone"
    )]
    ColonInKey(usize),
    /// A Basic header whose content is not Base64 of `key:`.
    #[error("what follows \"Basic \" is not Base64 of a key and a colon: paste the key alone")]
    NotBasic,
}

/// A text made into a secret, with what was understood on the way.
#[derive(Debug)]
pub struct Recognised {
    /// The value without white space and prefixes.
    pub secret: Secret,
    /// What was taken off or looks odd, each a sentence.
    pub remarks: Vec<String>,
}

/// Reads a typed or pasted credential: trims it, takes a `Basic ` or `Bearer ` prefix (or a whole header line) off,
/// decodes Base64 that a Basic prefix announces, and drops the colon that ends a Basic user name.
///
/// # Errors
/// [`CredentialError`] when no header could carry it.
pub fn recognise(kind: CredentialKind, field: &SecretField) -> Result<Recognised, CredentialError> {
    field.inspect(|text| recognise_text(kind, text))
}

fn recognise_text(kind: CredentialKind, text: &str) -> Result<Recognised, CredentialError> {
    let mut remarks = Vec::new();
    let mut value = text.trim();
    if let Some(rest) = strip_word(value, "authorization:") {
        value = rest;
    }
    let mut decoded = None;
    if let Some(rest) = strip_word(value, "bearer ") {
        value = rest;
        remarks.push("The prefix \"Bearer \" was taken off.".to_owned());
        if kind.scheme() == Scheme::Basic {
            remarks.push(format!(
                "It was copied from a Bearer header, but the {} is sent as Basic: check its kind.",
                kind.name()
            ));
        }
    } else if let Some(rest) = strip_word(value, "basic ") {
        decoded = decode_basic(rest);
        value = rest;
        remarks.push("The prefix \"Basic \" was taken off.".to_owned());
        if kind.scheme() == Scheme::Bearer {
            remarks.push(format!(
                "It was copied from a Basic header, but the {} is sent as Bearer: check its kind.",
                kind.name()
            ));
        }
    }
    let value = decoded.as_ref().map_or(value, |decoded| decoded.as_str());
    let value = if kind.scheme() == Scheme::Basic { value.strip_suffix(':').unwrap_or(value) } else { value };
    if value.is_empty() || ["bearer", "basic"].iter().any(|word| value.eq_ignore_ascii_case(word)) {
        return Err(CredentialError::Empty);
    }
    if let Some((index, c)) = value.chars().enumerate().find(|(_, c)| !c.is_ascii_graphic()) {
        let what = match c {
            ' ' | '\t' => "white space",
            c if c.is_control() => "a control character",
            _ => "a character outside ASCII",
        };
        return Err(CredentialError::BadCharacter { what, position: index + 1 });
    }
    if kind.scheme() == Scheme::Basic {
        if let Some(index) = value.find(':') {
            return Err(CredentialError::ColonInKey(index + 1));
        }
        if value.starts_with("eyJ") {
            remarks.push(
                "It looks like a JWT, which is an access token rather than an API key: check its kind.".to_owned(),
            );
        }
    }
    Ok(Recognised { secret: Secret::new(value.to_owned()), remarks })
}

/// Takes a prefix off whatever its case, and the white space after it.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| text[word.len()..].trim_start())
}

/// Base64 of `key:` gives the key with its colon; anything else is taken as the raw key, as some clients send it.
fn decode_basic(text: &str) -> Option<zeroize::Zeroizing<String>> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()?;
    let decoded = zeroize::Zeroizing::new(String::from_utf8(bytes).ok()?);
    decoded.contains(':').then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: CredentialKind, text: &str) -> Result<String, CredentialError> {
        recognise_text(kind, text).map(|recognised| recognised.secret.expose().to_owned())
    }

    #[test]
    fn white_space_and_prefixes_go() {
        let key = CredentialKind::StandaloneApiKey;
        assert_eq!(read(key, "  pls_abc\n").as_deref(), Ok("pls_abc"));
        assert_eq!(read(key, "Basic pls_abc").as_deref(), Ok("pls_abc"));
        assert_eq!(read(key, "Basic cGxzX2FiYzo=").as_deref(), Ok("pls_abc"));
        assert_eq!(read(key, "Authorization: Basic cGxzX2FiYzo=").as_deref(), Ok("pls_abc"));
        assert_eq!(read(key, "pls_abc:").as_deref(), Ok("pls_abc"));
        assert_eq!(read(CredentialKind::OAuthAccessToken, "bearer  tok").as_deref(), Ok("tok"));
    }

    #[test]
    fn what_no_header_can_carry_is_refused_with_its_place() {
        let token = CredentialKind::OAuthAccessToken;
        assert_eq!(read(token, "  "), Err(CredentialError::Empty));
        assert_eq!(read(token, "Bearer "), Err(CredentialError::Empty));
        assert!(matches!(read(token, "ab c"), Err(CredentialError::BadCharacter { position: 3, .. })));
        assert!(matches!(
            read(token, "ab\u{1b}c"),
            Err(CredentialError::BadCharacter { what: "a control character", .. })
        ));
        assert!(matches!(read(token, "abé"), Err(CredentialError::BadCharacter { .. })));
        assert_eq!(read(CredentialKind::StandaloneApiKey, "a:b"), Err(CredentialError::ColonInKey(2)));
    }

    #[test]
    fn a_credential_goes_only_to_its_own_origin() {
        let both = Environments::pleo();
        let secret = || Secret::new("x".into());
        let key = Credential::new(Environment::Staging, CredentialKind::StandaloneApiKey, "", secret());
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
}
