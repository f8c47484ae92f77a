//! OAuth at the token endpoint: what holds a secret is made here, sent from here and read here.
//!
//! No library does this for us, so that every secret is of our own type from its first byte and what is sent can be shown,
//! without the secrets, to whoever debugs it.

mod callback;
mod grant;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::header::HeaderValue;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;
use zeroize::Zeroizing;

use super::http::{Http, TokenAnswer};
use crate::app::event::{Failure, Phase};
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::oauth::{CallbackError, Client, ClientAuthentication, Login, TokenRefusal, read_callback};
use crate::secret::{Redactor, Secret};

pub use callback::Callback;
pub use grant::Grant;

/// Says a line of the exchange to whoever watches; the lines hold no secrets.
pub type Say<'a> = &'a (dyn Fn(String) + Send + Sync);

/// A login under way: its verifier and its state are used once.
#[derive(Debug)]
pub struct Attempt {
    login: Login,
    verifier: Secret,
    state: Secret,
    url: Url,
}

impl Attempt {
    /// Makes a fresh verifier and state (RFC 7636, section 4.1: 43 characters of 32 random bytes; 128 bits and more of state).
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn begin(login: Login, environments: &Environments) -> Result<Self, Failure> {
        let (verifier, state) = (random()?, random()?);
        let url = login.authorize_url(
            &environments.of(login.environment).auth,
            &challenge(&verifier),
            // The state goes through the browser anyway; it is a secret so that it is compared as one.
            state.expose(),
        );
        Ok(Self { login, verifier, state, url })
    }

    /// The address for the browser.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// What is logged in.
    #[must_use]
    pub const fn login(&self) -> &Login {
        &self.login
    }

    /// Takes the code out of what came back.
    ///
    /// # Errors
    /// A sentence; a wrong state gives nothing.
    pub fn read(&self, text: &str) -> Result<Secret, CallbackError> {
        read_callback(text, &self.state, false)
    }

    /// Takes the code out of what a person pasted, which may be the code alone.
    ///
    /// # Errors
    /// A sentence; a wrong state gives nothing.
    pub fn read_pasted(&self, text: &Secret) -> Result<Secret, CallbackError> {
        read_callback(text.expose(), &self.state, true)
    }

    /// Turns the code into tokens (RFC 6749, section 4.1.3).
    ///
    /// # Errors
    /// [`Failure`] with what the server answered.
    pub async fn exchange(&self, http: &Http, code: &Secret, say: Say<'_>) -> Result<Grant, Failure> {
        let form = [
            ("grant_type", Field::Shown("authorization_code")),
            ("code", Field::Hidden(code)),
            ("redirect_uri", Field::Shown(self.login.redirect_uri.as_str())),
            ("code_verifier", Field::Hidden(&self.verifier)),
        ];
        let answer = ask(http, self.login.environment, "/oauth/token", &self.login.client, &form, say).await?;
        let refused = |refusal: TokenRefusal| Failure { phase: Phase::Answer, sentence: refusal.sentence() };
        Grant::read(&answer, self.login.client.clone(), None).map_err(refused)
    }
}

/// 32 random bytes of the system's generator as 43 characters.
fn random() -> Result<Secret, Failure> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|error| Failure {
        phase: Phase::Setup,
        sentence: format!("The system gives no random bytes ({error}): nothing was begun."),
    })?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_ref())))
}

/// The S256 challenge of a verifier (RFC 7636, section 4.2).
fn challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose().as_bytes()))
}

/// Why tokens could not be renewed.
#[derive(Debug)]
pub enum Unrenewed {
    /// The refresh token is void: consent must be given anew.
    Final(String),
    /// Something else; the pair that is there stays.
    Failed(Failure),
}

/// Asks for a new pair (RFC 6749, section 6). The old one is void from then on.
///
/// # Errors
/// [`Unrenewed`].
pub async fn refresh(http: &Http, environment: Environment, grant: &Grant, say: Say<'_>) -> Result<Grant, Unrenewed> {
    let Some(token) = grant.refresh_token() else {
        return Err(Unrenewed::Final("There is no refresh token.".to_owned()));
    };
    let form = [("grant_type", Field::Shown("refresh_token")), ("refresh_token", Field::Hidden(token))];
    let answer = ask(http, environment, "/oauth/token", grant.client(), &form, say).await.map_err(Unrenewed::Failed)?;
    Grant::read(&answer, grant.client().clone(), Some(grant)).map_err(|refusal| {
        if refusal.is_final() {
            Unrenewed::Final(refusal.sentence())
        } else {
            Unrenewed::Failed(Failure { phase: Phase::Answer, sentence: refusal.sentence() })
        }
    })
}

/// Asks the authorisation server about the access token (RFC 7662).
///
/// # Errors
/// [`Failure`] with what it answered.
pub async fn introspect(http: &Http, environment: Environment, grant: &Grant, say: Say<'_>) -> Result<Value, Failure> {
    let form = [("token", Field::Hidden(grant.access_token())), ("token_type_hint", Field::Shown("access_token"))];
    let answer = ask(http, environment, "/oauth/token/introspect", grant.client(), &form, say).await?;
    if answer.status != 200 {
        let sentence = format!("The authorisation server answered {} to introspection.", answer.status);
        return Err(Failure { phase: Phase::Answer, sentence });
    }
    Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
}

/// The value of a form field.
enum Field<'a> {
    Shown(&'a str),
    Hidden(&'a Secret),
}

/// Sends a form to the authorisation server with the client's own way to prove who it is.
async fn ask(
    http: &Http,
    environment: Environment,
    path: &str,
    client: &Client,
    fields: &[(&str, Field<'_>)],
    say: Say<'_>,
) -> Result<TokenAnswer, Failure> {
    let mut form = Zeroizing::new(String::with_capacity(4096));
    let mut shown = Vec::new();
    let mut add = |name: &str, field: &Field<'_>| {
        let value = match field {
            Field::Shown(value) => value,
            Field::Hidden(secret) => secret.expose(),
        };
        let told = if let Field::Shown(value) = field { (*value).to_owned() } else { format!("<{name}>") };
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(name);
        form.push('=');
        form.extend(url::form_urlencoded::byte_serialize(value.as_bytes()));
        shown.push(format!("{name}={told}"));
    };
    for (name, field) in fields {
        add(name, field);
    }
    let mut authorization = None;
    match (&client.secret, client.authentication) {
        (Some(secret), ClientAuthentication::Basic) => authorization = Some(basic(&client.id, secret)?),
        (Some(secret), ClientAuthentication::Form) => {
            add("client_id", &Field::Shown(&client.id));
            add("client_secret", &Field::Hidden(secret));
        }
        (None, _) => add("client_id", &Field::Shown(&client.id)),
    }
    say(format!("> POST {}{path}", http.auth_origin(environment)));
    if authorization.is_some() {
        say(format!("> Authorization: Basic <{}:client_secret>", client.id));
    }
    say(format!("> {}", shown.join("&")));
    // What went there may come back, also before it is known elsewhere that there is such a secret.
    let mut sent = Redactor::default();
    let hidden =
        fields.iter().filter_map(|(_, field)| if let Field::Hidden(secret) = field { Some(*secret) } else { None });
    hidden.chain(&client.secret).for_each(|secret| sent.learn(secret));
    let mut answer = http.post_form(environment, path, form, authorization).await?;
    let clean = Zeroizing::new(sent.bytes(&answer.body).into_owned());
    say(format!("< {} {}", answer.status, told(&clean)));
    if answer.status != 200 {
        answer.body = clean;
    }
    Ok(answer)
}

/// Basic as OAuth wants it: both parts form-encoded before (RFC 6749, section 2.3.1).
fn basic(id: &str, secret: &Secret) -> Result<HeaderValue, Failure> {
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let secret = Zeroizing::new(encode(secret.expose()));
    let pair = Zeroizing::new(format!("{}:{}", encode(id), secret.as_str()));
    let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let mut value = HeaderValue::from_str(&value).map_err(|_| Failure {
        phase: Phase::Setup,
        sentence: "The client id or secret holds characters that no header can carry: give it again.".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The members of an answer whose values hold no secrets.
const SHOWN: [&str; 12] = [
    "error",
    "error_description",
    "expires_in",
    "token_type",
    "scope",
    "active",
    "sub",
    "exp",
    "iat",
    "client_id",
    "aud",
    "iss",
];

/// The members of an answer, tokens and whatever else is not known left out.
fn told(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(object) = value.as_object() else {
        return format!("({} bytes that are no JSON object)", body.len());
    };
    let members = object.iter().map(|(name, value)| match value {
        // Whatever else a server says may be a secret.
        _ if !SHOWN.contains(&name.as_str()) => format!("{name}=<{name}>"),
        Value::String(text) => format!("{name}={}", text.chars().take(80).collect::<String>()),
        other => format!("{name}={}", other.to_string().chars().take(80).collect::<String>()),
    });
    members.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::oauth::redirect_uri;
    use std::collections::HashSet;

    fn login() -> Login {
        Login {
            environment: Environment::Staging,
            client: Client { id: "me".into(), secret: None, authentication: ClientAuthentication::Basic },
            redirect_uri: redirect_uri("8421").expect("a port"),
            scopes: vec!["test:test".into()],
        }
    }

    /// Check 29: S256 with a challenge of 43 characters, a state of 22 and more, all different in 100 runs.
    #[test]
    fn promise_29_verifier_challenge_and_state() {
        let (mut verifiers, mut states) = (HashSet::new(), HashSet::new());
        for _ in 0..100 {
            let attempt = Attempt::begin(login(), &Environments::pleo()).expect("an attempt");
            let of = |name: &str| {
                let mut found = attempt.url().query_pairs().filter(|(own, _)| own == name).map(|(_, v)| v.into_owned());
                (found.next().unwrap_or_default(), found.next()).0
            };
            let safe = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
            assert_eq!((of("response_type").as_str(), of("code_challenge_method").as_str()), ("code", "S256"));
            assert!(of("code_challenge").len() == 43 && safe(&of("code_challenge")));
            let verifier = attempt.verifier.expose();
            assert!((43..=128).contains(&verifier.len()) && safe(verifier));
            assert_eq!(of("code_challenge"), URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())));
            assert!(!attempt.url().as_str().contains(verifier), "it is in the token request only");
            assert!(of("state").len() >= 22 && safe(&of("state")));
            verifiers.insert(verifier.to_owned());
            states.insert(of("state"));
        }
        assert_eq!((verifiers.len(), states.len()), (100, 100));
    }

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        // RFC 7636, appendix B.
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn what_is_told_of_an_answer_holds_no_tokens() {
        let body = br#"{"access_token":"CNRY-a","refresh_token":"CNRY-r","expires_in":3600,"scope":"users:read"}"#;
        assert_eq!(
            told(body),
            "access_token=<access_token> refresh_token=<refresh_token> expires_in=3600 scope=users:read"
        );
        assert_eq!(told(b"<html>CNRY"), "(10 bytes that are no JSON object)");
    }
}
