//! OAuth 2.0 at Pleo: the authorisation code flow with PKCE (RFC 6749, RFC 7636, RFC 8252), as far as it is text.
//!
//! What holds a secret (verifier, code, tokens) is made and read in `edge::oauth`, where bytes leave.

use url::Url;

use super::environment::Environment;
use crate::secret::Secret;

/// The scopes that Pleo's documents and public clients name, in the order in which they are offered. `test:test` can be
/// used to try the flow without real ones.
pub const SCOPES: [&str; 16] = [
    "users:read",
    "companies:read",
    "accounting-entries:read",
    "accounting-entries:write",
    "accounts:read",
    "accounts:write",
    "export-items:read",
    "export-jobs:read",
    "export-jobs:write",
    "tag-groups:read",
    "tag-groups:write",
    "tax-codes:read",
    "tax-codes:write",
    "vendors:read",
    "vendors:write",
    "test:test",
];

/// The path of the redirect URI on this machine.
pub const CALLBACK: &str = "/callback";
/// The port of it, unless another one is registered.
pub const PORT: u16 = 8421;

/// How a client with a secret proves who it is at the token endpoint (RFC 6749, section 2.3.1). Pleo's pages disagree on
/// which one is taken, so it is a person's choice and never tried one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// By a Basic header.
    #[default]
    Basic,
    /// By `client_id` and `client_secret` in the form.
    Form,
}

impl ClientAuthentication {
    /// The word in the form and in the configuration.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Form => "form",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Basic => Self::Form,
            Self::Form => Self::Basic,
        }
    }
}

/// An OAuth client as it was registered with Pleo.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret; a public client has none.
    pub secret: Option<Secret>,
    /// How it proves who it is, where it has a secret.
    pub authentication: ClientAuthentication,
}

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.secret, &other.secret) {
            (Some(own), Some(others)) => own.same(others),
            (None, None) => true,
            _ => false,
        };
        same && self.id == other.id && self.authentication == other.authentication
    }
}

/// Where the browser is sent back to. It is compared as text by the authorisation server, so it is kept as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    url: Url,
}

impl RedirectUri {
    /// As it was given, and as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it leads.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }
}

/// What a login is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Login {
    /// The environment whose authorisation server is asked.
    pub environment: Environment,
    /// The client.
    pub client: Client,
    /// Where the browser is sent back to; exactly as registered.
    pub redirect_uri: RedirectUri,
    /// The scopes asked for.
    pub scopes: Vec<String>,
}

impl Login {
    /// Whether the browser comes back to a listener on this machine; otherwise the person pastes the address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.redirect_uri.url.scheme() == "http" && super::environment::is_loopback(&self.redirect_uri.url)
    }

    /// The address that the browser is to open (RFC 6749, section 4.1.1; RFC 7636, section 4.3).
    #[must_use]
    pub fn authorize_url(&self, auth: &Url, challenge: &str, state: &str) -> Url {
        let mut url = auth.clone();
        url.set_path("/oauth/authorize");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client.id)
            .append_pair("redirect_uri", self.redirect_uri.as_str())
            .append_pair("scope", &self.scopes.join(" "))
            .append_pair("state", state)
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256");
        url
    }
}

/// Why a text is no redirect URI.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    /// Not a URL, nor a port.
    #[error("{0:?} is no redirect URI: give the port of a loopback one, such as 8421, or the whole URI as registered")]
    Unreadable(String),
    /// http on another host.
    #[error("{0:?} would bring the code back in the clear: only https, or http on this machine")]
    Clear(String),
    /// No browser can come back there.
    #[error("{0:?} names no port that can be listened on: give the one that is registered, such as 8421")]
    NoPort(String),
    /// A user name or password.
    #[error("{0:?} holds a user name or password, which a redirect URI may not")]
    User(String),
    /// A fragment (RFC 6749, section 3.1.2).
    #[error("{0:?} holds a fragment, which a redirect URI may not")]
    Fragment(String),
}

/// Reads a redirect URI: a port stands for `http://127.0.0.1:PORT/callback`.
///
/// # Errors
/// [`RedirectError`], a sentence that says what is allowed.
pub fn redirect_uri(text: &str) -> Result<RedirectUri, RedirectError> {
    let text = text.trim();
    let whole = match text.parse::<u16>() {
        Ok(0) => return Err(RedirectError::NoPort(text.to_owned())),
        Ok(port) => format!("http://127.0.0.1:{port}{CALLBACK}"),
        Err(_) => text.to_owned(),
    };
    let url = Url::parse(&whole).map_err(|_| RedirectError::Unreadable(text.to_owned()))?;
    match url.scheme() {
        _ if url.fragment().is_some() => Err(RedirectError::Fragment(text.to_owned())),
        _ if url.host().is_none() => Err(RedirectError::Unreadable(text.to_owned())),
        _ if !url.username().is_empty() || url.password().is_some() => Err(RedirectError::User(text.to_owned())),
        _ if url.port() == Some(0) => Err(RedirectError::NoPort(text.to_owned())),
        "https" => Ok(RedirectUri { text: whole, url }),
        "http" if super::environment::is_loopback(&url) => Ok(RedirectUri { text: whole, url }),
        "http" => Err(RedirectError::Clear(text.to_owned())),
        _ => Err(RedirectError::Unreadable(text.to_owned())),
    }
}

/// Why what came back is no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// Neither a code nor an error.
    #[error("there is no code in it: paste the whole address that the browser was sent to, or the code alone")]
    NoCode,
    /// Not the answer to this login.
    #[error("it does not belong to this login (its state is {0})")]
    State(&'static str),
    /// The server refused.
    #[error("the authorisation server answered {error}{}", told(.description))]
    Refused {
        /// As RFC 6749 names it.
        error: String,
        /// The server's own words.
        description: String,
    },
}

fn told(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

/// Takes the code out of what came back: an address with `code` and `state`, its query alone, or a bare code, which can
/// only be pasted and has no state to check.
///
/// # Errors
/// [`CallbackError`]; a state that is missing or wrong gives nothing away of the code.
pub fn read_callback(text: &str, state: &Secret, pasted: bool) -> Result<Secret, CallbackError> {
    let text = text.trim();
    let query = match text.split_once('?') {
        Some((_, query)) => query.split('#').next().unwrap_or_default(),
        None if text.contains('=') => text,
        None if pasted && !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic()) => {
            return Ok(Secret::new(text.to_owned()));
        }
        None => return Err(CallbackError::NoCode),
    };
    let all = |name: &str| -> Vec<String> {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.filter(|(own, _)| own == name).map(|(_, value)| value.into_owned()).collect()
    };
    match all("state").as_slice() {
        [] => return Err(CallbackError::State("missing")),
        [given] if state.is_text(given) => {}
        [_] => return Err(CallbackError::State("another one")),
        _ => return Err(CallbackError::State("there twice")),
    }
    if let [error, ..] = all("error").as_slice() {
        let description = all("error_description").into_iter().next().unwrap_or_default();
        return Err(CallbackError::Refused { error: error.clone(), description });
    }
    match all("code").as_slice() {
        [code] if !code.is_empty() => Ok(Secret::new(code.clone())),
        _ => Err(CallbackError::NoCode),
    }
}

/// What the token endpoint refused with (RFC 6749, section 5.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRefusal {
    /// The status.
    pub status: u16,
    /// `error`.
    pub error: String,
    /// `error_description`.
    pub description: String,
}

impl TokenRefusal {
    /// Whether the consent has to be given anew: the refresh token is void.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.error == "invalid_grant"
            || [&self.error, &self.description].iter().any(|t| t.contains("invalid_refresh_token"))
    }

    /// A sentence that says what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        let told = if self.error.is_empty() {
            format!("answered {}", self.status)
        } else {
            format!("answered {} {}{}", self.status, self.error, told(&self.description))
        };
        let next = match self.error.as_str() {
            _ if self.is_final() => "consent must be given anew",
            "invalid_client" => {
                "check client id and secret, and whether this client proves itself by Basic or in the form"
            }
            "invalid_request" | "unauthorized_client" => "check the redirect URI, which must be exactly as registered",
            "invalid_scope" => "ask for fewer scopes",
            _ if self.status >= 500 => "try again later",
            _ => "look at what was sent",
        };
        format!("The authorisation server {told}; {next}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> Secret {
        Secret::new("the-state-of-this-login".into())
    }

    fn read(text: &str) -> Result<String, CallbackError> {
        let state = state();
        read_callback(text, &state, true).map(|code| {
            assert!(!state.same(&code));
            code.expose().to_owned()
        })
    }

    #[test]
    fn a_code_is_taken_from_an_address_a_query_or_alone() {
        let good = "https://app.example/cb?code=abc%2B1&state=the-state-of-this-login#_";
        assert_eq!(read(good).as_deref(), Ok("abc+1"));
        assert_eq!(read("state=the-state-of-this-login&code=x").as_deref(), Ok("x"));
        assert_eq!(read("  SplxlOBeZQQYbYS6WxSbIA \n").as_deref(), Ok("SplxlOBeZQQYbYS6WxSbIA"));
        assert_eq!(read(""), Err(CallbackError::NoCode));
        assert!(read_callback("SplxlOBeZQQYbYS6WxSbIA", &state(), false).is_err(), "only when pasted");
    }

    #[test]
    fn a_wrong_missing_or_repeated_state_gives_nothing() {
        for text in [
            "/callback?code=x",
            "/callback?code=x&state=",
            "/callback?code=x&state=the-state-of-this-logim",
            "/callback?code=x&state=the-state-of-this-login&state=the-state-of-this-login",
            "/callback?error=access_denied",
        ] {
            assert!(matches!(read(text), Err(CallbackError::State(_))), "{text}");
        }
        let refused = read("/callback?error=access_denied&state=the-state-of-this-login");
        assert!(matches!(refused, Err(CallbackError::Refused { .. })));
        assert_eq!(read("/callback?state=the-state-of-this-login&code=a&code=b"), Err(CallbackError::NoCode));
    }

    #[test]
    fn redirects_are_https_or_on_this_machine() {
        let read = |text: &str| redirect_uri(text).map(|uri| uri.as_str().to_owned());
        assert_eq!(read("8421").as_deref(), Ok("http://127.0.0.1:8421/callback"));
        // It is compared as text, so nothing of it is put right.
        for exact in
            ["http://127.0.0.1:8421", "https://x.example", "https://x.example:443/cb", "https://X.example/a/../cb"]
        {
            assert_eq!(read(exact).as_deref(), Ok(exact));
        }
        assert!(matches!(redirect_uri("0"), Err(RedirectError::NoPort(_))));
        assert!(matches!(redirect_uri("https://me:pw@x.example/cb"), Err(RedirectError::User(_))));
        assert!(redirect_uri("https://oauth.pstmn.io/v1/callback").is_ok());
        assert!(matches!(redirect_uri("http://app.example/cb"), Err(RedirectError::Clear(_))));
        assert!(matches!(redirect_uri("https://app.example/#x"), Err(RedirectError::Fragment(_))));
        assert!(matches!(redirect_uri("callback"), Err(RedirectError::Unreadable(_))));
    }

    #[test]
    fn the_address_asks_for_a_code_with_a_challenge() {
        let login = Login {
            environment: Environment::Staging,
            client: Client { id: "me".into(), secret: None, authentication: ClientAuthentication::Basic },
            redirect_uri: redirect_uri("8421").expect("a port"),
            scopes: vec!["users:read".into(), "companies:read".into()],
        };
        let url = login.authorize_url(&Url::parse("https://auth.staging.pleo.io").expect("url"), "ch", "st");
        assert_eq!(
            url.as_str(),
            "https://auth.staging.pleo.io/oauth/authorize?response_type=code&client_id=me&redirect_uri=http%3A%2F%2F127.0.0.1%3A8421%2Fcallback&scope=users%3Aread+companies%3Aread&state=st&code_challenge=ch&code_challenge_method=S256"
        );
        assert!(login.is_loopback());
    }
}
