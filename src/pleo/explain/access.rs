//! Who asks: no credential, a wrong one (401), or one that may not (403).

use super::{Answered, Explanation, Told};
use crate::pleo::credential::{Credential, CredentialKind};
use crate::pleo::endpoint::Surface;
use crate::pleo::identity::{Access, certainty};

pub(super) fn unauthorized(answered: &Answered<'_>, told: &Told) -> Explanation {
    let request = answered.request;
    let environment = request.environment();
    let Some(credential) = request.credential() else {
        return Explanation::new(format!(
            "The request went out without a credential: there is none for {environment}."
        ))
        .checked("there was no Authorization header")
        .next("2 gives one");
    };
    let expired = told.says("expired");
    let headline = if request.endpoint().bearer_only && credential.kind() != CredentialKind::OAuthAccessToken {
        "This operation takes OAuth access tokens only, and an API key was sent.".to_owned()
    } else if expired {
        format!("The {} is not valid, or no longer: it may have expired.", credential.kind())
    } else {
        format!("{environment} does not accept this {}.", credential.kind())
    };
    let scheme = credential.kind().scheme().name();
    let mut explanation = Explanation::new(headline)
        .checked(format!("it was given for {environment}; one made in {} is refused like this", environment.other()))
        .checked(format!("sent as {scheme}, once, without white space; {}", surface_rule(credential.kind())));
    if let Some(sentence) = credential.caution() {
        explanation = explanation.checked(sentence.trim_end_matches('.'));
    }
    explanation = match answered.identity {
        Some(identity) if identity.scopes.is_some() => {
            explanation.checked("it was accepted before in this run: it was revoked, has expired or was rotated")
        }
        _ => explanation,
    };
    let explanation = if credential.kind() == CredentialKind::LegacyToken {
        explanation.next("3, then / and legacy-health, tries it").next("2 gives another")
    } else {
        explanation.next("i asks the server who it is").next("2 gives another")
    };
    if credential.kind() == CredentialKind::OAuthAccessToken { explanation.next("L logs in anew") } else { explanation }
}

const fn surface_rule(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::LegacyToken => "legacy tokens are for openapi.pleo.io only and last about a year",
        CredentialKind::OAuthAccessToken => "access tokens are for external.pleo.io, and a refresh voids the old one",
        _ => "keys are for external.pleo.io, expire as their maker chose, and are not legacy tokens",
    }
}

pub(super) fn forbidden(answered: &Answered<'_>, told: &Told) -> Explanation {
    let endpoint = answered.request.endpoint();
    if endpoint.surface == Surface::Legacy {
        return Explanation::new("The legacy token may not do this.")
            .checked("legacy tokens have fixed rights, chosen where they are made")
            .next("the External API may offer the same: 3 lists it");
    }
    let needed = endpoint.scopes.join(" and ");
    let headline = match (endpoint.scopes.is_empty(), answered.identity.map(|identity| identity.access(endpoint))) {
        (true, _) => "The credential may not do this; which scope it needs is not documented.".to_owned(),
        (false, Some(Access::Has)) => {
            format!("The credential has {needed} and is refused all the same: the plan, the role or the company.")
        }
        (false, _) => format!("The credential may not do this: it needs {needed}{}.", certainty(endpoint.scope_source)),
    };
    let mut explanation = Explanation::new(headline);
    explanation = match answered.identity.and_then(|identity| identity.scopes.as_ref()) {
        Some(scopes) if scopes.is_empty() => explanation.checked("it holds no scopes"),
        Some(scopes) => explanation.checked(format!("it holds {}", scopes.join(" "))),
        None => explanation.checked("what it holds is not known yet").next("i asks the server which scopes it holds"),
    };
    if told.says("company") {
        explanation = explanation.checked("a credential of one company sees no other");
    }
    let would_do = answered.others.iter().find(|(credential, identity)| {
        credential.kind().surface() == Surface::External
            && identity.is_some_and(|identity| identity.access(endpoint) == Access::Has)
    });
    match would_do {
        Some((credential, _)) => {
            explanation.next(format!("2 and Enter use {}, which has it; then s sends again", credential.label()))
        }
        None => {
            let oauth = answered.request.credential().map(Credential::kind) == Some(CredentialKind::OAuthAccessToken);
            let explanation = explanation.next("2 gives a credential with that scope");
            if oauth { explanation.next("L logs in anew, with more scopes") } else { explanation }
        }
    }
}
