//! Who may ask: the demo credentials, the tokens that were issued, and what an Authorization header is worth.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::answer::Problem;
use super::data::World;
use crate::pleo::credential::CredentialKind;
use crate::pleo::endpoint::{Endpoint, Surface};
use crate::pleo::environment::Environment;

/// Every scope that the External API asks for.
const ALL_SCOPES: &[&str] = &[
    "users:read",
    "companies:read",
    "export-jobs:read",
    "export-jobs:write",
    "export-items:read",
    "accounts:read",
    "accounts:write",
    "vendors:read",
    "vendors:write",
    "accounting-entries:read",
    "accounting-entries:write",
    "tag-groups:read",
    "tag-groups:write",
    "tax-codes:read",
    "tax-codes:write",
];

/// The scope with which the flow can be tried out; it opens nothing.
const TEST_SCOPE: &str = "test:test";

/// The scope of this name.
pub fn known_scope(name: &str) -> Option<&'static str> {
    ALL_SCOPES.iter().copied().chain([TEST_SCOPE]).find(|scope| *scope == name)
}

/// A credential and what it may do.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Where it is valid.
    pub environment: Environment,
    /// Its kind.
    pub kind: CredentialKind,
    /// Whose requests are counted, and who is installed: a demo credential by itself, a client with all its tokens.
    pub holder: &'static str,
    /// Whether the authorisation server issued it.
    pub issued: bool,
    /// What it may do.
    pub scopes: Cow<'static, [&'static str]>,
    /// Whether it sees the biggest company only, instead of the whole organisation.
    pub one_company: bool,
    /// The name of the application that it was made for.
    pub application: &'static str,
}

const fn principal(environment: Environment, kind: CredentialKind, holder: &'static str) -> Principal {
    narrow(environment, kind, holder, if matches!(kind, CredentialKind::LegacyToken) { &[] } else { ALL_SCOPES })
}

const fn narrow(
    environment: Environment,
    kind: CredentialKind,
    holder: &'static str,
    scopes: &'static [&'static str],
) -> Principal {
    let scopes = Cow::Borrowed(scopes);
    let one_company = matches!(kind, CredentialKind::IntegratedApiKey | CredentialKind::LegacyToken);
    Principal { environment, kind, holder, issued: false, scopes, one_company, application: "Pleoscope sandbox" }
}

/// All demo credentials, those of an environment in the order of the kinds, the narrow one last.
pub static PRINCIPALS: [Principal; 10] = {
    use CredentialKind::{IntegratedApiKey, LegacyToken, OAuthAccessToken, StandaloneApiKey};
    use Environment::{Production, Staging};
    [
        principal(Staging, OAuthAccessToken, "demo-staging-access-token-not-a-real-one"),
        principal(Staging, StandaloneApiKey, "pls_demo_staging_standalone_0000000001"),
        principal(Staging, IntegratedApiKey, "pls_demo_staging_integrated_0000000002"),
        principal(Staging, LegacyToken, "demo-staging-legacy-token-not-a-real-one"),
        narrow(Staging, StandaloneApiKey, "pls_demo_staging_companies_only_0000003", &["companies:read"]),
        principal(Production, OAuthAccessToken, "demo-production-access-token-not-a-real-one"),
        principal(Production, StandaloneApiKey, "pls_demo_production_standalone_0000000001"),
        principal(Production, IntegratedApiKey, "pls_demo_production_integrated_0000000002"),
        principal(Production, LegacyToken, "demo-production-legacy-token-not-a-real-one"),
        narrow(Production, StandaloneApiKey, "pls_demo_production_companies_only_0000003", &["companies:read"]),
    ]
};

/// The principal of an Authorization header.
///
/// # Errors
/// 401 when the header is missing, misspelt, or of another environment, surface or scheme, and when the credential was
/// revoked or has expired.
pub fn authenticate(headers: &HeaderMap, world: &World, surface: Surface) -> Result<Principal, Problem> {
    let Some(given) = headers.get(header::AUTHORIZATION) else {
        return Err(unauthorized(surface, "Missing Authorization header"));
    };
    let (scheme, rest) = given.to_str().ok().and_then(|text| text.trim().split_once(' ')).unwrap_or_default();
    let bearer = scheme.eq_ignore_ascii_case("bearer");
    let value = match () {
        () if bearer => rest.trim().to_owned(),
        () if scheme.eq_ignore_ascii_case("basic") => basic_user(rest).unwrap_or_default(),
        () => return Err(unauthorized(surface, "Unsupported authorization scheme")),
    };
    if bearer
        && surface == Surface::External
        && let Some(authorization) = world.grants.of_access(&value)
    {
        let (client, access) = (authorization.client, &authorization.access);
        if access.expired() {
            return Err(unauthorized(surface, "JWT is expired"));
        }
        return Ok(Principal {
            environment: client.environment,
            kind: CredentialKind::OAuthAccessToken,
            holder: client.id,
            issued: true,
            scopes: Cow::Owned(access.scopes.clone()),
            one_company: false,
            application: client.name,
        });
    }
    let wanted = |who: &&Principal| {
        who.environment == world.environment
            && who.kind.surface() == surface
            && (who.kind.scheme().name() == "Bearer") == bearer
            && who.holder == value
            && !world.revoked.contains(who.holder)
    };
    PRINCIPALS.iter().find(wanted).cloned().ok_or_else(|| {
        unauthorized(surface, if bearer { "JWT is invalid or expired" } else { "API key is invalid or expired" })
    })
}

/// The user name of a Basic header, when the password is empty (RFC 7617, section 2).
fn basic_user(encoded: &str) -> Option<String> {
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    password.is_empty().then(|| user.to_owned())
}

/// 401 with the schemes that would do.
pub fn unauthorized(surface: Surface, message: &str) -> Problem {
    let schemes = match surface {
        Surface::External => "Bearer realm=\"pleo\", Basic realm=\"pleo\"",
        Surface::Legacy => "Bearer realm=\"pleo\"",
    };
    Problem::new(401, "UNAUTHORIZED", message).header(header::WWW_AUTHENTICATE, schemes)
}

/// Whether a principal may call an operation. The refusal does not say which scope is missing, as Pleo's does not.
///
/// # Errors
/// 401 for a key where only tokens are taken, 403 without the scope.
pub fn authorize(who: &Principal, endpoint: &Endpoint) -> Result<(), Problem> {
    if endpoint.bearer_only && who.kind != CredentialKind::OAuthAccessToken {
        return Err(unauthorized(endpoint.surface, "JWT is required"));
    }
    if endpoint.surface == Surface::External && endpoint.scopes.iter().any(|scope| !who.scopes.contains(&&**scope)) {
        return Err(Problem::new(403, "ACCESS_DENIED", "Access Denied"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scopes_are_those_of_the_catalogue() {
        let endpoints = crate::pleo::catalogue::Catalogue::embedded().endpoints();
        let asked: std::collections::BTreeSet<&str> =
            endpoints.iter().flat_map(|endpoint| &endpoint.scopes).map(String::as_str).collect();
        assert_eq!(asked, ALL_SCOPES.iter().copied().collect());
    }

    #[test]
    fn no_two_credentials_are_alike() {
        let values: std::collections::HashSet<&str> = PRINCIPALS.iter().map(|who| who.holder).collect();
        assert_eq!(values.len(), PRINCIPALS.len());
        assert!(PRINCIPALS.iter().all(|who| who.holder.contains(who.environment.name())));
    }
}
