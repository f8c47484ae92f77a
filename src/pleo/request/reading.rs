//! From what was typed, pasted or linked to a [`Draft`]: paths of the catalogue, free paths, whole URLs.

use url::Url;

use super::{Draft, decode, origin_text};
use crate::pleo::catalogue::Catalogue;
use crate::pleo::endpoint::{Endpoint, Method, Surface};
use crate::pleo::environment::{Environment, Environments};

/// Why a text is no request.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// Not a path.
    #[error("the path {0:?} does not begin with \"/\": write it as in the API reference, for example /v2/employees")]
    NoSlash(String),
    /// Something that a path may not hold.
    #[error("the path {path:?} holds {what} at character {position}: take it out")]
    BadPath {
        /// As typed.
        path: String,
        /// What was found, in words.
        what: &'static str,
        /// Its place, counted from 1.
        position: usize,
    },
    /// A URL of somebody else's.
    #[error(
        "{0:?} is on a host that is not one of Pleo's API hosts of this run: give a path, for example /v2/employees"
    )]
    ForeignUrl(String),
    /// A URL of the environment that is not in force.
    #[error("{url:?} belongs to {wanted}, but {in_force} is in force: switch to {wanted} first or give the path only")]
    OtherEnvironment {
        /// As typed.
        url: String,
        /// Where it leads.
        wanted: Environment,
        /// Where requests go now.
        in_force: Environment,
    },
    /// Not a link.
    #[error("{0:?} is not a link that can be followed: it must begin with https://")]
    NoLink(String),
    /// A path parameter that the path does not have.
    #[error("{path} has no path parameter {name:?}{}", known(.names))]
    NoSuchPathParameter {
        /// The endpoint's path.
        path: String,
        /// As given.
        name: String,
        /// Those it has.
        names: Vec<String>,
    },
}

fn known(names: &[String]) -> String {
    if names.is_empty() { ": it has none".to_owned() } else { format!(": it has {}", names.join(", ")) }
}

impl Draft {
    /// A draft from a link of an answer (a Location, a receipt) to `base`: one to the same host is an operation of its API,
    /// anything else is a link elsewhere, also where it leads to another host of Pleo's.
    ///
    /// # Errors
    /// [`DraftError`] for a text that is no link.
    pub fn from_link(
        method: Method,
        text: &str,
        base: &Url,
        environment: Environment,
        environments: &Environments,
    ) -> Result<Self, DraftError> {
        let mut url = base.join(text.trim()).map_err(|_| DraftError::NoLink(text.to_owned()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(DraftError::NoLink(text.to_owned()));
        }
        // It names a place in what comes back, and is never sent (RFC 9110, section 10.2.2).
        url.set_fragment(None);
        let hosts = environments.of(environment);
        let own = [&hosts.api, &hosts.legacy].into_iter().any(|host| host.origin() == base.origin());
        if !own || url.origin() != base.origin() || !url.username().is_empty() || url.password().is_some() {
            return Ok(Self::elsewhere(method, url));
        }
        Self::from_path(method, url.as_str(), None, environment, environments)
    }

    /// A draft from a method and what was typed as its path: a template of the catalogue, a real path, either with a
    /// query, or a whole URL of the environment in force. A path outside the catalogue is a free request.
    ///
    /// # Errors
    /// [`DraftError`], a sentence that names the text.
    pub fn from_path(
        method: Method,
        text: &str,
        surface: Option<Surface>,
        environment: Environment,
        environments: &Environments,
    ) -> Result<Self, DraftError> {
        let text = text.trim();
        let (url_surface, rest) = strip_base(text, environment, environments)?;
        if !rest.starts_with('/') {
            return Err(DraftError::NoSlash(text.to_owned()));
        }
        if let Some((index, c)) =
            rest.chars().enumerate().find(|(_, c)| c.is_control() || c.is_whitespace() || "\\#".contains(*c))
        {
            let what = match c {
                '\\' => "a backslash",
                '#' => "a fragment, which is never sent,",
                c if c.is_whitespace() => "white space",
                _ => "a control character",
            };
            return Err(DraftError::BadPath { path: text.to_owned(), what, position: index + 1 });
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let catalogue = Catalogue::current();
        let surfaces = surface.or(url_surface).map_or(vec![Surface::External], |surface| vec![surface]);
        let plain = plain(path);
        let found = surfaces.into_iter().find_map(|surface| {
            catalogue.find(surface, method, path).or_else(|| catalogue.find(surface, method, &plain))
        });
        let mut draft = match found {
            Some((endpoint, values)) => {
                let mut draft = Self::new(endpoint);
                for (name, value) in values {
                    draft.set_path(&name, &decode(&value))?;
                }
                draft
            }
            None => {
                let mut endpoint = Endpoint::free(method, path);
                endpoint.surface = surface.or(url_surface).unwrap_or(Surface::External);
                take_danger(&mut endpoint);
                Self::new(&endpoint)
            }
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            draft.add_query(&decode(&name.replace('+', " ")), &decode(&value.replace('+', " ")));
        }
        Ok(draft)
    }
}

/// A path as its server reads it: what needed no encoding is decoded (RFC 3986, section 6.2.2.2), and slashes that are
/// doubled or end it are one or none.
fn plain(path: &str) -> String {
    let mut plain = String::new();
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        let byte = rest.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok()).map(char::from);
        match byte.filter(|c| c.is_ascii_alphanumeric() || "-._~:".contains(*c)) {
            Some(c) => {
                plain.push(c);
                rest = &rest[at + 3..];
            }
            None => {
                plain.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    plain.push_str(rest);
    let segments: Vec<&str> = plain.split('/').filter(|segment| !segment.is_empty()).collect();
    format!("/{}", segments.join("/"))
}

/// A request that is not built in and is one of the dangerous few in another spelling, in another version, or with the right
/// values of its parameters, is as dangerous.
pub(in crate::pleo) fn take_danger(endpoint: &mut Endpoint) {
    let unversioned = |path: &str| {
        let path = plain(path).to_ascii_lowercase();
        let versioned = path.strip_prefix("/v").and_then(|rest| rest.split_once('/'));
        versioned.map_or(path.clone(), |(_, rest)| format!("/{rest}"))
    };
    let own = unversioned(endpoint.path.split('?').next().unwrap_or_default());
    let may_be = |known: &str| {
        let (own, known): (Vec<&str>, Vec<&str>) = (own.split('/').collect(), known.split('/').collect());
        own.len() == known.len() && own.iter().zip(&known).all(|(own, known)| own == known || own.contains('{'))
    };
    let same = |known: &&Endpoint| known.method == endpoint.method && may_be(&unversioned(&known.path));
    let known = Catalogue::embedded().endpoints().iter().filter(|known| known.confirm.is_some()).find(same);
    if let Some(known) = known {
        endpoint.danger.clone_from(&known.danger);
        endpoint.confirm.clone_from(&known.confirm);
    }
}

/// Takes the base URL off when somebody pasted a whole URL.
fn strip_base<'a>(
    text: &'a str,
    in_force: Environment,
    environments: &Environments,
) -> Result<(Option<Surface>, &'a str), DraftError> {
    if text.starts_with('/') || !text.contains("://") {
        return Ok((None, text));
    }
    let home = Environment::ALL
        .into_iter()
        .flat_map(|environment| [Surface::External, Surface::Legacy].map(|surface| (environment, surface)))
        .find_map(|(environment, surface)| {
            after_origin(text, environments.of(environment).base(surface)).map(|path| (environment, surface, path))
        });
    let (environment, surface, path) = home.ok_or_else(|| DraftError::ForeignUrl(text.to_owned()))?;
    if environment != in_force {
        return Err(DraftError::OtherEnvironment { url: text.to_owned(), wanted: environment, in_force });
    }
    Ok((Some(surface), if path.is_empty() { "/" } else { path }))
}

/// What follows the origin of `base` in a URL as it was typed. The URL library forgives backslashes, white space, full-width
/// letters and other dots on the way to a host; whoever typed those did not mean this one.
fn after_origin<'a>(text: &'a str, base: &Url) -> Option<&'a str> {
    let origin = origin_text(base);
    let (head, rest) = text.split_at_checked(origin.len())?;
    let port = if base.scheme() == "https" { ":443" } else { ":80" };
    let rest = rest.strip_prefix(port).filter(|_| base.port().is_none()).unwrap_or(rest);
    let ends = rest.is_empty() || rest.starts_with(['/', '?', '#']);
    (head.eq_ignore_ascii_case(origin) && ends).then_some(rest)
}
