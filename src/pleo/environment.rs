//! Staging and production: which hosts belong to each, all switched together.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

use super::endpoint::Surface;

/// One of Pleo's two environments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Environment {
    /// Dummy data, for trying things.
    #[default]
    Staging,
    /// Live data.
    Production,
}

impl Environment {
    /// Both, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::Staging, Self::Production];

    /// The word in prose and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }

    /// The word in the banner.
    #[must_use]
    pub const fn banner(self) -> &'static str {
        match self {
            Self::Staging => "STAGING",
            Self::Production => "PRODUCTION",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Staging => Self::Production,
            Self::Production => Self::Staging,
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Environment {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|environment| environment.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| HostError::UnknownEnvironment(text.to_owned()))
    }
}

/// What is wrong with a host that somebody wanted to use.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Neither staging nor production.
    #[error("{0:?} is not an environment: use staging or production")]
    UnknownEnvironment(String),
    /// Not of the form `name=URL`.
    #[error("{0:?} is not of the form staging=URL: write for example staging=http://127.0.0.1:8080")]
    NoPair(String),
    /// A name that stands for no base URL.
    #[error(
        "{0:?} names no base URL: use staging, production, auth-staging, auth-production, legacy-staging or legacy-production"
    )]
    UnknownName(String),
    /// Not a URL.
    #[error("the base URL {url:?} for {name} cannot be read ({reason}): write for example http://127.0.0.1:8080")]
    NotAUrl {
        /// Which base URL.
        name: String,
        /// What was given.
        url: String,
        /// What the URL library said.
        reason: String,
    },
    /// A host that is not this machine.
    #[error(
        "the base URL {url:?} for {name} does not lead to this machine: an override takes only http or https on 127.0.0.1, [::1] or localhost"
    )]
    NotLoopback {
        /// Which base URL.
        name: String,
        /// What was given.
        url: String,
    },
    /// More than an origin.
    #[error(
        "the base URL {url:?} for {name} may hold no user name, path, query or fragment: give scheme, host and port only"
    )]
    NotAnOrigin {
        /// Which base URL.
        name: String,
        /// What was given.
        url: String,
    },
}

/// The base URLs of one environment; each is an origin, with the legacy surface's version in its paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    /// Base URL of the External API.
    pub api: Url,
    /// Base URL of the authorisation server.
    pub auth: Url,
    /// Base URL of the legacy API.
    pub legacy: Url,
    /// Whether one of them was pointed at a loopback address for this run.
    pub overridden: bool,
}

impl Hosts {
    /// The base URL of a surface.
    #[must_use]
    pub const fn base(&self, surface: Surface) -> &Url {
        match surface {
            Surface::External => &self.api,
            Surface::Legacy => &self.legacy,
        }
    }
}

/// The hosts of both environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environments {
    staging: Hosts,
    production: Hosts,
}

impl Environments {
    /// Pleo's own hosts, as its documentation gives them.
    #[must_use]
    pub fn pleo() -> Self {
        Self {
            staging: hosts(
                "https://external.staging.pleo.io",
                "https://auth.staging.pleo.io",
                "https://openapi.staging.pleo.io",
            ),
            production: hosts("https://external.pleo.io", "https://auth.pleo.io", "https://openapi.pleo.io"),
        }
    }

    /// The hosts of one environment.
    #[must_use]
    pub const fn of(&self, environment: Environment) -> &Hosts {
        match environment {
            Environment::Staging => &self.staging,
            Environment::Production => &self.production,
        }
    }

    /// Whether a host of one environment is also one of the other.
    #[must_use]
    pub fn share_a_host(&self) -> bool {
        let all = |hosts: &Hosts| [hosts.api.origin(), hosts.auth.origin(), hosts.legacy.origin()];
        let production = all(&self.production);
        all(&self.staging).iter().any(|origin| production.contains(origin))
    }

    /// Applies one `name=URL` of `--base-url`.
    ///
    /// # Errors
    /// A sentence for the person who wrote it; nothing is changed then.
    pub fn override_with(&mut self, pair: &str) -> Result<(), HostError> {
        let (name, text) = pair.split_once('=').ok_or_else(|| HostError::NoPair(pair.to_owned()))?;
        let url = loopback_origin(name, text)?;
        let (part, environment) = match name.split_once('-') {
            Some((part @ ("auth" | "legacy"), environment)) => (part, environment),
            _ => ("api", name),
        };
        let hosts = match environment {
            "staging" => &mut self.staging,
            "production" => &mut self.production,
            _ => return Err(HostError::UnknownName(name.to_owned())),
        };
        match part {
            "auth" => hosts.auth = url,
            "legacy" => hosts.legacy = url,
            _ => hosts.api = url,
        }
        hosts.overridden = true;
        Ok(())
    }
}

fn hosts(api: &str, auth: &str, legacy: &str) -> Hosts {
    Hosts { api: fixed(api), auth: fixed(auth), legacy: fixed(legacy), overridden: false }
}

#[expect(clippy::expect_used, reason = "six constants of this file, each parsed by a test")]
fn fixed(url: &str) -> Url {
    Url::parse(url).expect("a constant URL")
}

fn loopback_origin(name: &str, text: &str) -> Result<Url, HostError> {
    let (name, text) = (name.to_owned(), text.to_owned());
    // The URL library drops white space and control characters silently; what is given must be what is used.
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(HostError::NotAUrl {
            name,
            url: text,
            reason: "it holds white space, a backslash or a control character".into(),
        });
    }
    let url = match Url::parse(&text) {
        Ok(url) => url,
        Err(error) => return Err(HostError::NotAUrl { name, url: text, reason: error.to_string() }),
    };
    // `http:host` and `http:///host` parse too, but nobody means them.
    let Some(authority) = text.get(url.scheme().len()..).and_then(|rest| rest.strip_prefix("://")) else {
        return Err(HostError::NotAUrl {
            name,
            url: text,
            reason: "it does not begin with http:// or https://".into(),
        });
    };
    if !matches!(url.scheme(), "http" | "https") || !is_loopback(&url) || !spelled_plainly(authority) {
        return Err(HostError::NotLoopback { name, url: text });
    }
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if !bare || !matches!(url.path(), "" | "/") {
        return Err(HostError::NotAnOrigin { name, url: text });
    }
    Ok(url)
}

/// The host as typed must be one of the three spellings people know: `0x7f.1` is loopback for the URL library, but an
/// override that a reader cannot recognise is no override.
fn spelled_plainly(authority: &str) -> bool {
    let host = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.strip_suffix(|c: char| c == ':' || c.is_ascii_digit()).map_or(host, |_| {
        host.rsplit_once(':')
            .filter(|(_, port)| port.chars().all(|c| c.is_ascii_digit()))
            .map_or(host, |(host, _)| host)
    });
    matches!(host, "localhost" | "[::1]") || host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether a URL leads to this machine: 127.0.0.0/8, `[::1]` or the exact name `localhost`.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_pleos_hosts() {
        let both = Environments::pleo();
        assert_eq!(both.of(Environment::Staging).api.as_str(), "https://external.staging.pleo.io/");
        assert_eq!(both.of(Environment::Production).legacy.as_str(), "https://openapi.pleo.io/");
        assert!(!both.of(Environment::Production).overridden);
    }

    #[test]
    fn an_override_points_one_base_url_at_loopback() {
        let mut both = Environments::pleo();
        both.override_with("legacy-production=http://localhost:9").expect("loopback");
        both.override_with("staging=http://[::1]:8080").expect("loopback");
        assert_eq!(both.of(Environment::Production).legacy.as_str(), "http://localhost:9/");
        assert_eq!(both.of(Environment::Production).api.host_str(), Some("external.pleo.io"));
        assert!(both.of(Environment::Staging).overridden);
    }

    #[test]
    fn look_alikes_are_refused() {
        for url in [
            "https://external.pleo.io",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://0x7f.1",
            "http://[::ffff:10.0.0.1]",
            "http:127.0.0.1",
            "http://127.0.0.1@evil.example",
            "ftp://127.0.0.1",
            "127.0.0.1:80",
            "http://127.0.0.1/path",
            "http://127.0.0.1?x",
            "http://u@127.0.0.1",
            " http://127.0.0.1",
            "http://127.0.0.1\t",
            "",
            "http://localhost.",
            "http:\\\\127.0.0.1",
            "http://2130706433",
        ] {
            let mut both = Environments::pleo();
            assert!(both.override_with(&format!("staging={url}")).is_err(), "{url:?} was taken");
            assert_eq!(both, Environments::pleo());
        }
        assert!(matches!(
            Environments::pleo().override_with("stagin=http://127.0.0.1"),
            Err(HostError::UnknownName(_))
        ));
        assert!(matches!(Environments::pleo().override_with("staging"), Err(HostError::NoPair(_))));
    }
}
