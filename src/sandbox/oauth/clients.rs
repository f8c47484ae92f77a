//! The applications that may ask for tokens, and how they prove who they are.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use super::{Form, INVALID_CLIENT, INVALID_REQUEST, Refusal};
use crate::pleo::environment::Environment;

/// Where every client may be sent back to, besides what the options add. The last one is Postman's.
const REDIRECT_URIS: [&str; 3] =
    ["http://127.0.0.1:8421/callback", "http://[::1]:8421/callback", "https://oauth.pstmn.io/v1/callback"];

/// A registered application.
#[derive(Debug)]
pub struct Client {
    /// Where it is registered.
    pub environment: Environment,
    /// Its id.
    pub id: &'static str,
    /// Its secret; a public client has none.
    pub secret: Option<&'static str>,
    /// Its name, as the consent page shows it.
    pub name: &'static str,
}

/// All of them.
pub static CLIENTS: [Client; 4] = [
    Client {
        environment: Environment::Staging,
        id: "demo-staging-public-client",
        secret: None,
        name: "Pleoscope demo (public)",
    },
    Client {
        environment: Environment::Staging,
        id: "demo-staging-confidential-client",
        secret: Some("demo-staging-client-secret-not-a-real-one"),
        name: "Pleoscope demo (confidential)",
    },
    Client {
        environment: Environment::Production,
        id: "demo-production-public-client",
        secret: None,
        name: "Pleoscope demo (public)",
    },
    Client {
        environment: Environment::Production,
        id: "demo-production-confidential-client",
        secret: Some("demo-production-client-secret-not-a-real-one"),
        name: "Pleoscope demo (confidential)",
    },
];

/// The client with this id.
pub fn find(environment: Environment, id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.environment == environment && client.id == id)
}

/// Every registered redirect URI, with those that the options add.
pub fn redirect_uris(more: &[String]) -> impl Iterator<Item = &str> {
    REDIRECT_URIS.into_iter().chain(more.iter().map(String::as_str))
}

/// The client that sent a request: by a Basic header or by the form, never by both (RFC 6749, section 2.3).
pub(super) fn authenticate(
    environment: Environment,
    headers: &HeaderMap,
    form: &Form,
) -> Result<&'static Client, Refusal> {
    let (in_form, secret_in_form) = (form.optional("client_id")?, form.optional("client_secret")?);
    let wrong = |description: &str| Refusal::new(INVALID_CLIENT, description);
    let Some(given) = headers.get(header::AUTHORIZATION) else {
        let client = in_form.and_then(|id| find(environment, id)).ok_or_else(|| wrong("The client is not known"))?;
        return if client.secret == secret_in_form { Ok(client) } else { Err(wrong("The client's secret is wrong")) };
    };
    let (id, secret) = given.to_str().ok().and_then(basic).ok_or_else(|| wrong("The Authorization header is wrong"))?;
    if secret_in_form.is_some() || in_form.is_some_and(|other| other != id) {
        return Err(Refusal::new(INVALID_REQUEST, "The client must authenticate by header or by form, not by both"));
    }
    let client = find(environment, &id).ok_or_else(|| wrong("The client is not known"))?;
    if client.secret == Some(&secret) { Ok(client) } else { Err(wrong("The client's secret is wrong")) }
}

/// Id and secret of a Basic header, each form-encoded before they were joined (RFC 6749, section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8().map(String::from).ok();
    Some((decode(id)?, decode(secret)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_secrets_name_their_environment() {
        for client in &CLIENTS {
            let name = client.environment.name();
            assert!(client.id.contains(name) && client.secret.is_none_or(|secret| secret.contains(name)));
            assert!(find(client.environment.other(), client.id).is_none());
        }
    }

    #[test]
    fn a_basic_header_is_form_encoded_inside() {
        let header = format!("basic {}", STANDARD.encode("a%3Ab:c+d%2B%25"));
        assert_eq!(basic(&header), Some(("a:b".to_owned(), "c d+%".to_owned())));
        assert_eq!(basic("Bearer x"), None);
        assert_eq!(basic("Basic ?"), None);
    }
}
