//! What a person sees in the browser: the question, and the way back.

use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY};
use bytes::Bytes;
use url::form_urlencoded;

use super::super::answer::Answer;
use super::super::server::Door;
use super::clients::{self, Client};
use super::grants::Asked;
use super::{Form, INVALID_REQUEST, INVALID_SCOPE, Refusal};
use crate::pleo::environment::Environment;

/// No scripts, no frames. There is no `form-action`: browsers apply it to the redirect after the form too.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:3em auto;padding:0 1em}\
    button{font:inherit;padding:.4em 1.5em;margin-right:.5em}";

/// `GET /oauth/authorize`: the consent page, or the way back with an error.
pub fn ask(door: &Door, form: &Form) -> Result<Answer, Refusal> {
    // Until the client and its redirect URI are known to be good, nobody is sent anywhere (RFC 6749, section 4.1.2.1).
    let id = form.needed("client_id")?;
    let client = clients::find(door.environment, id)
        .ok_or_else(|| Refusal::new(INVALID_REQUEST, format!("There is no client {id}")))?;
    let redirect_uri = form.needed("redirect_uri")?;
    if !clients::redirect_uris(&door.shared.options.redirect_uris).any(|registered| registered == redirect_uri) {
        let message = format!("{redirect_uri} is not exactly one of the redirect URIs of {id}");
        return Err(Refusal::new(INVALID_REQUEST, message));
    }
    match asked(form, client, redirect_uri) {
        Ok(asked) => {
            let request = door.shared.world(door.environment).grants.ask(asked.clone())?;
            Ok(question(door.environment, &asked, &request))
        }
        Err(refusal) => {
            let state = form.optional("state").ok().flatten();
            Ok(back(redirect_uri, state, &[("error", refusal.error), ("error_description", &plain(&refusal))]))
        }
    }
}

/// `POST /oauth/authorize`: the person's answer, and the way back with a code or without.
pub fn decide(door: &Door, form: &Form) -> Result<Answer, Refusal> {
    let (request, decision) = (form.needed("request")?, form.needed("decision")?);
    if !matches!(decision, "allow" | "deny") {
        return Err(Refusal::new(INVALID_REQUEST, "decision must be one of allow, deny"));
    }
    let mut world = door.shared.world(door.environment);
    let asked = world.grants.asked(request).ok_or_else(|| {
        Refusal::new(
            INVALID_REQUEST,
            "This question was answered before, or is too old: start again in the application",
        )
    })?;
    let (redirect_uri, state) = (asked.redirect_uri.clone(), asked.state.clone());
    if decision == "deny" {
        let description = "The person did not allow it";
        let pairs = [("error", "access_denied"), ("error_description", description)];
        return Ok(back(&redirect_uri, state.as_deref(), &pairs));
    }
    let code = world.grants.allow(asked)?;
    Ok(back(&redirect_uri, state.as_deref(), &[("code", &code)]))
}

/// What an authorization request asks for (RFC 6749, section 4.1.1, and RFC 7636, section 4.3).
fn asked(form: &Form, client: &'static Client, redirect_uri: &str) -> Result<Asked, Refusal> {
    let state = form.optional("state")?.map(str::to_owned);
    if form.needed("response_type")? != "code" {
        return Err(Refusal::new("unsupported_response_type", "response_type must be code"));
    }
    let scopes = form.scopes()?.ok_or_else(|| Refusal::new(INVALID_SCOPE, "scope must be provided"))?;
    let challenge = match (form.optional("code_challenge")?, form.optional("code_challenge_method")?) {
        (None, None) if client.secret.is_some() => None,
        (None, _) => return Err(Refusal::new(INVALID_REQUEST, "code_challenge must be provided")),
        (Some(challenge), Some("S256")) if is_sha256(challenge) => Some(challenge.to_owned()),
        (Some(_), Some("S256")) => {
            return Err(Refusal::new(
                INVALID_REQUEST,
                "code_challenge must be a SHA-256 in 43 characters of Base64url",
            ));
        }
        (Some(_), _) => return Err(Refusal::new(INVALID_REQUEST, "code_challenge_method must be S256")),
    };
    Ok(Asked { client, redirect_uri: redirect_uri.to_owned(), state, scopes, challenge })
}

fn is_sha256(challenge: &str) -> bool {
    challenge.len() == 43 && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// A description with nothing but the characters that may stand in one (RFC 6749, section 4.1.2.1).
fn plain(refusal: &Refusal) -> String {
    let allowed = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    refusal.description.chars().map(|c| if allowed(c) { c } else { '?' }).collect()
}

/// The redirect to the application (RFC 6749, section 4.1.2).
fn back(redirect_uri: &str, state: Option<&str>, pairs: &[(&str, &str)]) -> Answer {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs).extend_pairs(state.map(|state| ("state", state)));
    let join = if redirect_uri.contains('?') { '&' } else { '?' };
    Answer::empty().status(302).header(LOCATION, format!("{redirect_uri}{join}{}", query.finish()))
}

/// The consent page.
fn question(environment: Environment, asked: &Asked, request: &str) -> Answer {
    let scopes: String =
        asked.scopes.iter().map(|scope| format!("<li><code>{}</code></li>\n", escape(scope))).collect();
    let text = format!(
        "<p><strong>{}</strong> asks to use the invented data of <strong>{environment}</strong>:</p>\n\
         <ul>\n{scopes}</ul>\n\
         <p>The answer goes to <code>{}</code>.</p>\n\
         <form method=\"post\" action=\"/oauth/authorize\">\n\
         <input type=\"hidden\" name=\"request\" value=\"{}\">\n\
         <button type=\"submit\" id=\"allow\" name=\"decision\" value=\"allow\">Allow</button>\n\
         <button type=\"submit\" id=\"deny\" name=\"decision\" value=\"deny\">Deny</button>\n\
         </form>",
        escape(asked.client.name),
        escape(&asked.redirect_uri),
        escape(request),
    );
    html(200, environment, &text)
}

/// The page for a request that cannot be sent back to anybody.
pub fn refused(environment: Environment, refusal: &Refusal) -> Answer {
    let text = format!(
        "<p>The request is refused: <code>{}</code></p>\n<p>{}.</p>",
        refusal.error,
        escape(&refusal.description)
    );
    html(refusal.status(), environment, &text)
}

fn html(status: u16, environment: Environment, text: &str) -> Answer {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Sandbox of Pleo: {environment}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>Sandbox of Pleo: {environment}</h1>\n\
         <p>This is an imitation on this machine. Pleo has nothing to do with it.</p>\n{text}\n</body>\n</html>\n"
    );
    Answer::bytes(Bytes::from(page))
        .status(status)
        .typed("text/html; charset=utf-8")
        .header(CONTENT_SECURITY_POLICY, POLICY)
        .header(REFERRER_POLICY, "no-referrer")
}

/// Text that is nothing but text in HTML, between tags and in quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}
