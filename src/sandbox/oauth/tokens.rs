//! The token endpoint and introspection.

use std::time::Duration;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::super::answer::Answer;
use super::super::data::World;
use super::super::server::Door;
use super::clients::{self, Client};
use super::grants::{Access, Authorization};
use super::{Form, INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, INVALID_SCOPE, Refusal, random};
use crate::pleo::endpoint::Surface;
use crate::pleo::request::origin_text;

/// `POST /oauth/token` (RFC 6749, sections 4.1.3 and 6).
pub fn token(door: &Door, headers: &HeaderMap, body: &[u8]) -> Result<Answer, Refusal> {
    let form = Form::read(headers, body)?;
    let client = clients::authenticate(door.environment, headers, &form)?;
    let lifetime = door.shared.options.token_lifetime;
    let mut world = door.shared.world(door.environment);
    match form.needed("grant_type")? {
        "authorization_code" => exchange(&mut world, lifetime, client, &form),
        "refresh_token" => refresh(&mut world, lifetime, client, &form),
        _ => {
            let message = "grant_type must be one of authorization_code, refresh_token";
            Err(Refusal::new("unsupported_grant_type", message))
        }
    }
}

fn exchange(world: &mut World, lifetime: Duration, client: &'static Client, form: &Form) -> Result<Answer, Refusal> {
    let (code, redirect_uri) = (form.needed("code")?, form.needed("redirect_uri")?);
    let verifier = form.optional("code_verifier")?;
    if verifier.is_some_and(|verifier| !is_verifier(verifier)) {
        let message = "code_verifier must be 43 to 128 characters from A-Z a-z 0-9 - . _ ~";
        return Err(Refusal::new(INVALID_REQUEST, message));
    }
    let asked = world.grants.redeem(code, client)?;
    if asked.redirect_uri != redirect_uri {
        return Err(Refusal::new(INVALID_GRANT, "redirect_uri is not the one that the code was asked for with"));
    }
    // A verifier without a challenge is refused too: the challenge may have been cut off on its way (RFC 9700, section
    // 4.8.2).
    if verifier.map(challenge) != asked.challenge {
        return Err(Refusal::new(INVALID_GRANT, "code_verifier does not fit the code_challenge"));
    }
    // Consent installs the application, also when it was uninstalled before.
    world.installations.retain(|holder, installation| *holder != client.id || installation.is_some());
    let pair = pair(world, lifetime, asked.scopes.clone())?;
    Ok(issued(world.grants.begin(code, asked, pair)))
}

fn refresh(world: &mut World, lifetime: Duration, client: &'static Client, form: &Form) -> Result<Answer, Refusal> {
    let (token, narrowed) = (form.needed("refresh_token")?, form.scopes()?);
    let allowed = &world.grants.refreshable(token, client)?.scopes;
    let scopes = narrowed.unwrap_or_else(|| allowed.clone());
    if scopes.iter().any(|scope| !allowed.contains(scope)) {
        return Err(Refusal::new(INVALID_SCOPE, "scope goes beyond what was allowed"));
    }
    let pair = pair(world, lifetime, scopes)?;
    let authorization = world.grants.refreshable(token, client)?;
    authorization.rotate(pair);
    Ok(issued(authorization))
}

/// An access token and a refresh token. They carry nothing: clients are to treat them as opaque.
fn pair(world: &mut World, lifetime: Duration, scopes: Vec<&'static str>) -> Result<(Access, String), Refusal> {
    let environment = world.environment;
    let access = format!("sbx_{environment}_at_{}", random()?);
    let refresh = format!("sbx_{environment}_rt_{}", random()?);
    Ok((Access::new(access, scopes, world.new_id(), lifetime), refresh))
}

/// RFC 6749, section 5.1.
fn issued(authorization: &Authorization) -> Answer {
    let access = &authorization.access;
    let body = json!({
        "access_token": access.value,
        "token_type": "Bearer",
        "expires_in": access.lifetime.as_secs(),
        "refresh_token": authorization.refresh,
        "scope": access.scopes.join(" "),
    });
    Answer::json(&body).status(200)
}

/// RFC 7636, section 4.1.
fn is_verifier(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(allowed)
}

/// RFC 7636, section 4.2.
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// `POST /oauth/token/introspect` (RFC 7662): a client learns of its own tokens only.
pub fn introspect(door: &Door, headers: &HeaderMap, body: &[u8]) -> Result<Answer, Refusal> {
    let form = Form::read(headers, body)?;
    if form.optional("client_secret")?.is_some() {
        return Err(Refusal::new(INVALID_CLIENT, "The client must authenticate by a Basic header here"));
    }
    let client = clients::authenticate(door.environment, headers, &form)?;
    let token = form.needed("token")?;
    let world = door.shared.world(door.environment);
    let own = |it: &Authorization| it.client.id == client.id;
    let access = world.grants.of_access(token).filter(|it| own(it) && !it.access.expired()).map(|it| &it.access);
    let refresh = world.grants.of_refresh(token).is_some_and(own);
    if access.is_none() && !refresh {
        return Ok(Answer::json(&json!({"active": false})).status(200));
    }
    let mut body = json!({
        "active": true,
        "sub": world.id("employee", 0),
        "client_id": client.id,
        "aud": origin_text(door.shared.base(door.environment, Some(Surface::External))),
        "iss": format!("pleo.{}", door.environment),
        "urn:pleo:params:oauth:subject_urn": world.subject(false),
    });
    // A refresh token has no end, and only access tokens are of a type that Pleo names.
    if let Some(access) = access {
        let begin = access.issued.as_second();
        let end = begin.saturating_add(i64::try_from(access.lifetime.as_secs()).unwrap_or(i64::MAX));
        body["token_type"] = "at+JWT".into();
        body["exp"] = end.into();
        body["iat"] = begin.into();
        body["jti"] = access.id.clone().into();
    }
    Ok(Answer::json(&body).status(200))
}
