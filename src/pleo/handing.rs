//! An exchange in the forms in which it is handed on: commands that send the same request, and records of what came of it.
//!
//! Nothing here knows the value of a credential. A command names the variable that holds it, a record its label.

mod curl;
mod fetch;
mod har;
mod http;
mod httpie;
mod python;
mod quote;
mod redact;
mod report;
mod send;
mod shell;

use url::{Position, Url};

use super::credential::{CredentialKind, Scheme};
use super::environment::Environment;
use super::transcript::{Transcript, Used};

pub use har::har;
pub use redact::{
    REDACTED, caution, first_key, has_gaps, header, is_key, is_named_key, prepare, text as without_keys,
    transcript as kept,
};
pub use report::{capitalised, report};
pub use send::is_guarded;

/// A form in which an exchange is handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// A curl command.
    Curl,
    /// This program's own `send` line.
    Send,
    /// An `HTTPie` command.
    Httpie,
    /// Python, with the requests library.
    Python,
    /// JavaScript, with fetch.
    Fetch,
    /// The bytes of HTTP/1.1 (RFC 9112), the credential's value aside.
    Http,
    /// HTTP Archive 1.2: the answer too.
    Har,
    /// A report in Markdown: the answer too.
    Markdown,
}

impl Form {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 8] =
        [Self::Curl, Self::Send, Self::Httpie, Self::Python, Self::Fetch, Self::Http, Self::Har, Self::Markdown];

    /// The word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Send => "send",
            Self::Httpie => "httpie",
            Self::Python => "python",
            Self::Fetch => "fetch",
            Self::Http => "http",
            Self::Har => "har",
            Self::Markdown => "markdown",
        }
    }

    /// The name shown to people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Send => "pleoscope send",
            Self::Httpie => "HTTPie",
            Self::Python => "Python requests",
            Self::Fetch => "JavaScript fetch",
            Self::Http => "raw HTTP",
            Self::Har => "HAR",
            Self::Markdown => "bug report",
        }
    }
}

impl std::fmt::Display for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

/// A word that is no form.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a form: use curl, send, httpie, python, fetch, http, har or markdown")]
pub struct UnknownForm(pub String);

impl std::str::FromStr for Form {
    type Err = UnknownForm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|form| form.word().eq_ignore_ascii_case(text));
        found.ok_or_else(|| UnknownForm(text.to_owned()))
    }
}

/// An exchange in a form. The text does not end with a line break, so that pasting it runs nothing by itself.
#[must_use]
pub fn write(own: &Transcript, form: Form) -> String {
    match form {
        Form::Curl => curl::write(own, None),
        Form::Send => send::write(own),
        Form::Httpie => httpie::write(own),
        Form::Python => python::write(own),
        Form::Fetch => fetch::write(own),
        Form::Http => http::write(own),
        Form::Har => har(&[own], false),
        Form::Markdown => report(own, None, false),
    }
}

/// The curl command with the credential's value in it. For the clipboard only, and only after a person was asked.
#[must_use]
pub fn curl_with(own: &Transcript, value: &str) -> zeroize::Zeroizing<String> {
    zeroize::Zeroizing::new(curl::write(own, Some(value)))
}

/// The variable that holds the value of a credential of this kind: the one that this program reads. Both kinds of keys are
/// sent in the same way and share theirs.
#[must_use]
pub fn variable(kind: CredentialKind, environment: Environment) -> String {
    let named = kind.variable(environment).or_else(|| CredentialKind::StandaloneApiKey.variable(environment));
    named.unwrap_or_default()
}

/// The scheme of a request's credential and the variable of its value.
fn credential(own: &Transcript) -> Option<(Scheme, String)> {
    let used = own.credential.as_ref()?;
    Some((used.kind.scheme(), variable(used.kind, own.environment)))
}

/// The Authorization header as it may be told: its scheme and the credential's label.
fn authorization_told(used: &Used) -> String {
    let password = if used.kind.scheme() == Scheme::Basic { ", empty password" } else { "" };
    format!("{} <{}{password}>", used.kind.scheme().name(), used.label)
}

/// Path and query as sent.
fn target(url: &Url) -> &str {
    &url[Position::BeforePath..Position::AfterQuery]
}

/// Host, and port where it is not the usual one.
fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

/// Headers with one entry a name, as languages want them that keep them in a dictionary (RFC 9110, section 5.3).
fn joined(headers: &[(String, String)]) -> Vec<(&str, String)> {
    let mut joined: Vec<(&str, String)> = Vec::new();
    for (name, value) in headers {
        match joined.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, all)) => *all = format!("{all}, {value}"),
            None => joined.push((name, value.clone())),
        }
    }
    joined
}

/// Whether Python's requests, which `HTTPie` uses too, would decode something of an address that needed no encoding (RFC 3986, section 6.2.2.2).
fn is_requoted(url: &str) -> bool {
    url.split('%').skip(1).any(|rest| {
        let byte = rest.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        byte.is_none_or(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    })
}

#[cfg(test)]
mod tests;
