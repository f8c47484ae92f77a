//! Environment variables: credentials for this run, and how the terminal wants to be drawn on.

use std::env;

use zeroize::Zeroizing;

use crate::app::looks::Depth;
use crate::pleo::credential::{Credential, CredentialError, CredentialKind, Keeping, Recognised, recognise};
use crate::pleo::environment::Environment;
use crate::secret::{Secret, SecretField};

/// The kinds that variables supply; of several the first is the one in force.
const KINDS: [CredentialKind; 3] =
    [CredentialKind::StandaloneApiKey, CredentialKind::OAuthAccessToken, CredentialKind::LegacyToken];

/// A variable that holds no credential.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// It cannot be sent.
    #[error("{name}: {reason}")]
    Unusable {
        /// The variable.
        name: String,
        /// What is wrong.
        reason: CredentialError,
    },
    /// Longer than any credential.
    #[error("{0} is longer than any credential: set it to the key or token alone")]
    TooLong(String),
}

/// The credentials of these environments, and what is odd about their values, that `PLEOSCOPE_{STAGING,PRODUCTION}_{API_KEY,ACCESS_TOKEN,LEGACY_TOKEN}` supply; empty ones count as unset.
///
/// # Errors
/// [`VariableError`] naming the variable, never its value.
pub fn credentials(environments: &[Environment]) -> Result<(Vec<Credential>, Vec<String>), VariableError> {
    let (mut found, mut remarks) = (Vec::new(), Vec::new());
    for &environment in environments {
        for kind in KINDS {
            let Some((name, recognised)) = read(environment, kind)? else {
                continue;
            };
            remarks.extend(recognised.remarks.iter().map(|remark| format!("{name}: {remark}")));
            found.push(Credential::new(environment, kind, Keeping::Variable(name), recognised.secret));
        }
    }
    Ok((found, remarks))
}

/// The value of one kind's variable, and the variable's name, where it is set.
///
/// # Errors
/// [`VariableError`] naming the variable, never its value.
pub fn credential(environment: Environment, kind: CredentialKind) -> Result<Option<(String, Secret)>, VariableError> {
    Ok(read(environment, kind)?.map(|(name, recognised)| (name, recognised.secret)))
}

fn read(environment: Environment, kind: CredentialKind) -> Result<Option<(String, Recognised)>, VariableError> {
    let Some(name) = kind.variable(environment) else {
        return Ok(None);
    };
    let Some(value) = env::var_os(&name).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let value = Zeroizing::new(value.to_string_lossy().trim().to_owned());
    // A paste is flattened, which a person sees; of a variable nobody sees that it is two lines.
    if let Some(index) = value.chars().position(|c| matches!(c, '\r' | '\n')) {
        let reason = CredentialError::BadCharacter { what: "a line break", position: index + 1 };
        return Err(VariableError::Unusable { name, reason });
    }
    let mut field = SecretField::new();
    if !field.insert(&value) {
        return Err(VariableError::TooLong(name));
    }
    match recognise(kind, &field) {
        Ok(recognised) => Ok(Some((name, recognised))),
        Err(reason) => Err(VariableError::Unusable { name, reason }),
    }
}

/// The variables that may hold a secret of ours, which no program that we start is to see.
#[must_use]
pub fn of_secrets() -> Vec<String> {
    let of = |environment| {
        let given = KINDS.into_iter().filter_map(move |kind| kind.variable(environment));
        given.chain([of_client_secret(environment)])
    };
    Environment::ALL.into_iter().flat_map(of).collect()
}

/// The variable that holds the secret of an environment's OAuth client.
fn of_client_secret(environment: Environment) -> String {
    format!("PLEOSCOPE_{}_CLIENT_SECRET", environment.banner())
}

/// The secret of the OAuth client of an environment, where `PLEOSCOPE_{STAGING,PRODUCTION}_CLIENT_SECRET` holds one.
#[must_use]
pub fn client_secret(environment: Environment) -> Option<Secret> {
    let value = env::var_os(of_client_secret(environment))?;
    let value = Zeroizing::new(value.to_string_lossy().trim().to_owned());
    (!value.is_empty()).then(|| Secret::new(value.to_string()))
}

/// The variables that are set and that this program goes by, by name.
#[must_use]
pub fn set() -> Vec<String> {
    let ours = ["PLEOSCOPE_CONFIG_DIR", "PLEOSCOPE_STATE_DIR", "PLEOSCOPE_NO_BROWSER"].map(str::to_owned);
    let systems =
        ["NO_COLOR", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"].map(str::to_owned);
    let all = of_secrets().into_iter().chain(ours).chain(systems);
    all.filter(|name| env::var_os(name).is_some_and(|value| !value.is_empty())).collect()
}

/// Whether colours may be used: not with a non-empty `NO_COLOR`, nor on a terminal that calls itself dumb or nothing.
#[must_use]
pub fn colour() -> bool {
    let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_none_or(|value| value.is_empty() || value == "dumb");
    !no_colour && !dumb
}

/// How many colours the terminal says that it can show.
#[must_use]
pub fn depth() -> Depth {
    let of = |name: &str| env::var(name).unwrap_or_default().to_ascii_lowercase();
    let (term, colours) = (of("TERM"), of("COLORTERM"));
    if matches!(colours.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") {
        Depth::Full
    } else if term.contains("256") || ["kitty", "alacritty", "foot", "ghostty"].iter().any(|name| term.contains(name)) {
        Depth::Table
    } else {
        Depth::Sixteen
    }
}

/// The background that `COLORFGBG` tells, as some terminals set it: dark or light.
#[must_use]
pub fn background() -> Option<[u8; 3]> {
    let told = env::var("COLORFGBG").ok()?;
    let number: u8 = told.rsplit(';').next()?.parse().ok()?;
    match number {
        0..=6 | 8 => Some([0; 3]),
        7 | 9..=15 => Some([255; 3]),
        _ => None,
    }
}

/// Whether the terminal is one that answers for the colour of its background, or keeps quiet. Within screen the answer goes
/// astray; a console prints the question.
#[must_use]
pub fn may_be_asked() -> bool {
    let term = env::var("TERM").unwrap_or_default();
    let screen = env::var_os("STY").is_some() || (term.starts_with("screen") && env::var_os("TMUX").is_none());
    let plain = ["linux", "dumb", "vt", "ansi", "cons", "eterm", ""];
    !screen && !plain.iter().any(|name| if name.is_empty() { term.is_empty() } else { term.starts_with(name) })
}

/// Whether the locale says that only ASCII can be shown. No locale at all counts as UTF-8, which terminals are today.
#[must_use]
pub fn ascii_only() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(env::var_os).find(|value| !value.is_empty());
    locale.is_some_and(|locale| {
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    })
}

/// A panic asked for by a test of what a panic leaves behind: `screen` or `worker`.
#[must_use]
pub fn test_panic() -> Option<String> {
    env::var("PLEOSCOPE_TEST_PANIC").ok()
}
