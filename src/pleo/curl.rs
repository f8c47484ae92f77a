//! A curl command read as a request: where it goes decides the environment, its credential is taken out at once, and what has
//! no meaning here is told.
//!
//! Nothing that is said of a command repeats any of it but names: a secret may stand at any place of it.

mod hidden;
mod options;
mod table;
mod words;

use url::Url;
use zeroize::Zeroizing;

use super::credential::{Credential, CredentialError, CredentialKind, Keeping, recognise};
use super::endpoint::{Method, Surface, UnknownMethod};
use super::environment::{Environment, Environments};
use super::handing;
use super::request::{Draft, DraftError};
use crate::secret::SecretField;
use options::Given;

pub use hidden::hidden;

/// The longest command that is read, in bytes.
pub const LONGEST: usize = 4 << 20;

/// How a remark on a body in a file begins.
pub const IN_A_FILE: &str = "Its body is in the file ";

/// What a command means.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The environment that its host is of.
    pub environment: Environment,
    /// The request.
    pub draft: Draft,
    /// The credential that stood in it, for this run.
    pub credential: Option<Credential>,
    /// The file that its body is in, which is not read.
    pub file: Option<String>,
    /// What was left out or is odd, a sentence each.
    pub remarks: Vec<String>,
}

/// Why a text is no request.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurlError {
    /// Something else.
    #[error("this is no curl command: it begins with curl, and then its address and options")]
    NotCurl,
    /// More than anybody writes.
    #[error("the curl command is longer than {} MiB: send the body from a file, with --body", LONGEST >> 20)]
    TooLong,
    /// As browsers copy it for Windows' cmd.
    #[error("this curl command is written for Windows' cmd, with ^: copy it \"as cURL (bash)\" instead")]
    Cmd,
    /// As browsers copy it for `PowerShell`.
    #[error("this command is written for PowerShell: copy it \"as cURL (bash)\" instead")]
    PowerShell,
    /// A quote without an end.
    #[error("a {0} quote of the curl command is never closed: copy the command whole")]
    Unclosed(&'static str),
    /// A shell would do something else with it than hand it to curl.
    #[error(
        "the curl command has {0} outside quotes, which a shell would act on: put the address in quotes, and give one curl command alone"
    )]
    Shell(&'static str),
    /// A value that only a shell knows.
    #[error("the curl command names the variable {0}, whose value is not known here: write the value instead")]
    Variable(String),
    /// Not an option of curl, or one that is not known here.
    #[error("the option {0} of the curl command is not known here: take it out, or type the request with Ctrl-n")]
    Option(String),
    /// An option at the end.
    #[error("the option {0} of the curl command lacks its value: copy the command whole")]
    NoValue(String),
    /// An option that makes it another kind of request.
    #[error("the curl command has {0}, which pleoscope does not send: {1}")]
    Unsupported(&'static str, &'static str),
    /// Two of them.
    #[error("the curl command has several addresses: give one request at a time")]
    Several,
    /// None.
    #[error("the curl command has no address: copy it whole")]
    NoUrl,
    /// Not one that is known.
    #[error(transparent)]
    Method(#[from] UnknownMethod),
    /// Not https.
    #[error("the address of the curl command does not begin with https://: write it whole")]
    NoScheme,
    /// Somebody else's.
    #[error("the curl command leads to {0}, which is not one of Pleo's API hosts of this run: nothing of it is taken")]
    Foreign(String),
    /// Pleo itself, while this run talks to an imitation.
    #[error(
        "the curl command leads to Pleo itself ({0}), and this run talks to an imitation: nothing of it is taken. Start without --sandbox and --base-url for it"
    )]
    Pleo(String),
    /// Something that a path may not hold.
    #[error("the address of the curl command holds {0} at character {1} of its path: take it out")]
    BadPath(&'static str, usize),
    /// No request for another reason.
    #[error("the address of the curl command cannot be used: {0}")]
    Draft(String),
    /// Several credentials.
    #[error("the curl command has two credentials: leave one of them")]
    TwoCredentials,
    /// Neither of the two that Pleo knows.
    #[error("the Authorization header of the curl command is neither Bearer nor Basic, and Pleo takes nothing else")]
    Scheme,
    /// Not a credential that can be sent.
    #[error("the credential of the curl command cannot be used: {0}")]
    Credential(#[from] CredentialError),
}

/// Whether a text looks like a curl command, so that it is read as one.
#[must_use]
pub fn is_curl(text: &str) -> bool {
    let text = without_prompt(text);
    ["curl", "curl.exe"].iter().any(|name| {
        text.strip_prefix(name).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '\\'))
    })
}

/// The text without the prompt that documentation shows before a command.
fn without_prompt(text: &str) -> &str {
    let text = text.trim_start();
    text.strip_prefix("$ ").or_else(|| text.strip_prefix("% ")).unwrap_or(text).trim_start()
}

/// Reads a command.
///
/// # Errors
/// [`CurlError`], a sentence that holds no secret.
pub fn read(text: &str, environments: &Environments) -> Result<Imported, CurlError> {
    if !is_curl(text) {
        return Err(CurlError::NotCurl);
    }
    if text.len() > LONGEST {
        return Err(CurlError::TooLong);
    }
    let words = words::split(without_prompt(text))?;
    let given = Given::read(words.get(1..).unwrap_or_default())?;
    request(given, environments)
}

fn request(given: Given, environments: &Environments) -> Result<Imported, CurlError> {
    let method = given.method()?;
    let url = given.url()?;
    let (url, in_url) = without_user(&url)?;
    let (url, keys) = without_keys(&url);
    let (environment, mut draft) = draft(method, &url, environments)?;
    draft.own_headers = given.headers;
    let mut remarks = given.remarks;
    if given.body.is_empty() || given.get {
        draft.body.clear();
    } else {
        draft.body.clone_from(&given.body);
    }
    // A file is the body once somebody has put it in.
    let has_body = !draft.body.is_empty() || (given.file.is_some() && !given.get);
    remarks.extend(media_type(&draft, has_body, given.content_type.as_deref()));
    let alone = in_url.is_none() && given.user.is_none() && given.authorization.is_none();
    let in_query = offer(keys, alone, environment, draft.endpoint.surface, &mut remarks);
    let mut found = in_url.into_iter().chain(given.user).chain(given.authorization);
    let credential = match (found.next(), found.next()) {
        (Some(_), Some(_)) => return Err(CurlError::TwoCredentials),
        (Some(Authorization::Variable { name, filled: true }), None) => {
            remarks.push(format!("Its credential is the variable ${name}: the credential in force is used."));
            None
        }
        (Some(Authorization::Variable { name, filled: false }), None) => {
            remarks.push(format!("Its credential is ${name} in single quotes, where a shell does not fill it in: the credential in force is used."));
            None
        }
        (Some(Authorization::Text { basic, field }), None) => {
            let kind = kind(basic, draft.endpoint.surface);
            let recognised = recognise(kind, &field)?;
            let credential = Credential::new(environment, kind, Keeping::Memory, recognised.secret);
            remarks.extend(credential.caution());
            Some(credential)
        }
        (None, _) => in_query,
    };
    if let Some(file) = &given.file {
        remarks.push(format!("{IN_A_FILE}{file}, which is not read."));
    }
    Ok(Imported { environment, draft, credential, file: given.file, remarks })
}

/// What a body is sent as, where the command says something else.
fn media_type(draft: &Draft, has_body: bool, given: Option<&str>) -> Option<String> {
    if !has_body {
        return given.map(|_| "Its Content-Type is left out: there is no body.".to_owned());
    }
    // What curl sends when it is told nothing; a person who writes JSON all the same means JSON.
    let json = draft.body.trim_start().starts_with(['{', '[']) || draft.body.is_empty();
    let asked = given.or((!json).then_some("application/x-www-form-urlencoded"))?;
    let sent = draft.endpoint.body.as_ref().map_or("application/json", |body| body.content_type.as_str());
    if is_same_type(asked, sent) {
        return None;
    }
    // Anything may stand in a header.
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-+.".contains(c);
    let essence = asked.split(';').next().unwrap_or_default().trim();
    let known = ["application/", "text/", "multipart/"].iter().any(|kind| essence.starts_with(kind));
    let named = if known && essence.len() <= 60 && essence.chars().all(plain) { essence } else { "another one" };
    Some(format!("Its Content-Type is {named}: pleoscope sends the body as {sent}."))
}

/// Whether two media types mean the same for JSON, which is UTF-8 whatever is said.
fn is_same_type(one: &str, other: &str) -> bool {
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = one.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    essence(one) == essence(other)
        && charset.is_none_or(|charset| ["utf-8", "utf8", "us-ascii"].contains(&charset.as_str()))
}

/// Which kind a credential is, by how it is sent and where.
const fn kind(basic: bool, surface: Surface) -> CredentialKind {
    match (basic, surface) {
        (true, _) => CredentialKind::StandaloneApiKey,
        (false, Surface::Legacy) => CredentialKind::LegacyToken,
        (false, Surface::External) => CredentialKind::OAuthAccessToken,
    }
}

/// What stands in a command to let it in.
#[derive(Debug)]
enum Authorization {
    /// The credential itself.
    Text {
        /// As the user name of a Basic header.
        basic: bool,
        /// The header's value, or the user name.
        field: SecretField,
    },
    /// A variable that holds it.
    Variable {
        /// Its name.
        name: String,
        /// Whether a shell fills it in, which it does not do in single quotes.
        filled: bool,
    },
}

/// A URL without the user name in it, which is a credential.
fn without_user(url: &str) -> Result<(Zeroizing<String>, Option<Authorization>), CurlError> {
    let (scheme, rest) = url.split_once("://").ok_or(CurlError::NoScheme)?;
    // A fragment is never sent.
    let rest = rest.split('#').next().unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let Some((user, host)) = authority.rsplit_once('@') else {
        return Ok((Zeroizing::new(format!("{scheme}://{rest}")), None));
    };
    let user = Zeroizing::new(percent_encoding::percent_decode_str(user).decode_utf8_lossy().into_owned());
    let mut field = SecretField::new();
    field.insert(&user);
    let url = Zeroizing::new(format!("{scheme}://{host}{}", &rest[authority.len()..]));
    Ok((url, Some(Authorization::Text { basic: true, field })))
}

/// What stands in a query and lets in: its name and its value.
type Key = (String, SecretField);

/// A URL without the parameters that let in.
fn without_keys(url: &str) -> (Zeroizing<String>, Vec<Key>) {
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        Zeroizing::new(percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned())
    };
    let Some((before, query)) = url.split_once('?') else {
        return (Zeroizing::new(url.to_owned()), Vec::new());
    };
    let (mut left, mut keys) = (Zeroizing::new(before.to_owned()), Vec::new());
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() && handing::is_key(&decoded(name)) => {
                let mut field = SecretField::new();
                field.insert(&decoded(value));
                keys.push((decoded(name).to_string(), field));
            }
            _ => {
                let first = left.len() == before.len();
                left.push(if first { '?' } else { '&' });
                left.push_str(pair);
            }
        }
    }
    (left, keys)
}

/// The credential that stood in a query, where it is one and there is no other; that it was taken out is told.
fn offer(
    keys: Vec<Key>,
    alone: bool,
    environment: Environment,
    surface: Surface,
    remarks: &mut Vec<String>,
) -> Option<Credential> {
    let mut offered = None;
    for (name, field) in keys {
        // A signature, a session and the like are no credentials of Pleo.
        let word: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphabetic).collect();
        let basic = word.ends_with("apikey");
        let is_one =
            basic || ["token", "accesstoken", "authtoken", "authorization"].contains(&word.trim_start_matches('x'));
        let kind = kind(basic, surface);
        let recognised = recognise(kind, &field).ok().filter(|_| is_one && alone && offered.is_none());
        let next = if recognised.is_some() { "and is sent as a credential is, in a header" } else { "and left out" };
        remarks.push(format!("{} stood in its address: it is taken out there, {next}.", options::told(&name)));
        if let Some(recognised) = recognised {
            let credential = Credential::new(environment, kind, Keeping::Memory, recognised.secret);
            remarks.extend(credential.caution());
            offered = Some(credential);
        }
    }
    offered
}

/// The environment that a URL is of, and its request there.
fn draft(method: Method, url: &str, environments: &Environments) -> Result<(Environment, Draft), CurlError> {
    let in_run = |own: &Environments| {
        let of = |environment| Draft::from_path(method, url, None, environment, own);
        match of(Environment::Staging) {
            Err(DraftError::OtherEnvironment { wanted, .. }) => (wanted, of(wanted)),
            made => (Environment::Staging, made),
        }
    };
    let (environment, made) = in_run(environments);
    let draft = made.map_err(|error| match error {
        DraftError::BadPath { what, position, .. } => CurlError::BadPath(what, position),
        DraftError::ForeignUrl(_) | DraftError::OtherEnvironment { .. } => {
            let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
            let host = host.unwrap_or_else(|| "a host that cannot be read".to_owned());
            if in_run(&Environments::pleo()).1.is_ok() { CurlError::Pleo(host) } else { CurlError::Foreign(host) }
        }
        DraftError::NoSuchPathParameter { .. } => CurlError::Draft("its path does not fit the operation".to_owned()),
        _ => CurlError::NoScheme,
    })?;
    Ok((environment, draft))
}

#[cfg(test)]
mod tests;
