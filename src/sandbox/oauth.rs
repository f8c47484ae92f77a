//! The authorisation server: authorization code with PKCE, rotating refresh tokens and introspection (RFC 6749, RFC
//! 7636 and RFC 7662) as Pleo has them.

pub mod clients;
mod consent;
mod grants;
mod tokens;

use axum::http::header;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;

use super::answer::{Answer, Outcome, Problem};
use super::auth;
use super::server::Door;

pub use grants::Grants;

/// Answers a request below `/oauth/`.
pub fn answer(door: &Door, parts: &Parts, query: Vec<(String, String)>, body: &Bytes) -> Outcome {
    let method = &parts.method;
    let answer = match (parts.uri.path(), method) {
        ("/oauth/authorize", &Method::GET) => page(door, consent::ask(door, &Form::new(query))),
        ("/oauth/authorize", &Method::POST) => {
            page(door, Form::read(&parts.headers, body).and_then(|form| consent::decide(door, &form)))
        }
        ("/oauth/token", &Method::POST) => json(tokens::token(door, &parts.headers, body)),
        ("/oauth/token/introspect", &Method::POST) => json(tokens::introspect(door, &parts.headers, body)),
        (path @ ("/oauth/authorize" | "/oauth/token" | "/oauth/token/introspect"), _) => {
            let allowed = if path == "/oauth/authorize" { "GET, POST" } else { "POST" };
            let problem = Problem::new(405, "METHOD_NOT_ALLOWED", format!("{method} is not allowed for {path}"));
            return Err(problem.header(header::ALLOW, allowed));
        }
        (path, _) => return Err(Problem::new(404, "NOT_FOUND", format!("No route for {method} {path}"))),
    };
    Ok(answer.header(header::CACHE_CONTROL, "no-store"))
}

/// To a person with a browser, a refusal is a page.
fn page(door: &Door, outcome: Result<Answer, Refusal>) -> Answer {
    outcome.unwrap_or_else(|refusal| consent::refused(door.environment, &refusal))
}

/// To a client, a refusal is JSON (RFC 6749, section 5.2).
fn json(outcome: Result<Answer, Refusal>) -> Answer {
    outcome.unwrap_or_else(|refusal| {
        let body = serde_json::json!({"error": refusal.error, "error_description": refusal.description});
        let answer = Answer::json(&body).status(refusal.status());
        if refusal.error == INVALID_CLIENT {
            return answer.header(header::WWW_AUTHENTICATE, "Basic realm=\"pleo\"");
        }
        answer
    })
}

const INVALID_CLIENT: &str = "invalid_client";
const INVALID_GRANT: &str = "invalid_grant";
const INVALID_REQUEST: &str = "invalid_request";
const INVALID_SCOPE: &str = "invalid_scope";
const SERVER_ERROR: &str = "server_error";

/// A refusal in the words of RFC 6749, sections 4.1.2.1 and 5.2.
#[derive(Debug)]
pub struct Refusal {
    error: &'static str,
    description: String,
}

impl Refusal {
    fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into() }
    }

    fn status(&self) -> u16 {
        match self.error {
            INVALID_CLIENT => 401,
            SERVER_ERROR => 500,
            _ => 400,
        }
    }
}

impl From<getrandom::Error> for Refusal {
    fn from(error: getrandom::Error) -> Self {
        Self::new(SERVER_ERROR, format!("The system gives no random numbers: {error}"))
    }
}

/// Parameters of a query or a form; one without a value counts as left out (RFC 6749, section 3.1).
struct Form(Vec<(String, String)>);

impl Form {
    fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }

    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        const TYPE: &str = "application/x-www-form-urlencoded";
        let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !given.split(';').next().is_some_and(|given| given.trim().eq_ignore_ascii_case(TYPE)) {
            return Err(Refusal::new(INVALID_REQUEST, format!("The request body must be {TYPE}")));
        }
        Ok(Self::new(url::form_urlencoded::parse(body).into_owned()))
    }

    /// A parameter that may be left out, but not given twice (RFC 6749, section 3.1).
    fn optional(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.0.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Refusal::new(INVALID_REQUEST, format!("{name} is given twice"))),
            (value, None) => Ok(value),
        }
    }

    fn needed(&self, name: &str) -> Result<&str, Refusal> {
        self.optional(name)?.ok_or_else(|| Refusal::new(INVALID_REQUEST, format!("{name} must be provided")))
    }

    /// The scopes asked for, each once; `None` without the parameter.
    fn scopes(&self) -> Result<Option<Vec<&'static str>>, Refusal> {
        let Some(text) = self.optional("scope")? else { return Ok(None) };
        let mut scopes = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let scope = auth::known_scope(word)
                .ok_or_else(|| Refusal::new(INVALID_SCOPE, format!("The scope {word} is not known")))?;
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        Ok((!scopes.is_empty()).then_some(scopes))
    }
}

/// 256 random bits that fit into a URL.
fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
