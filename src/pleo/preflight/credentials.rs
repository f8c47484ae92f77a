//! Whether the credential fits the request, and stands nowhere but where it belongs.

use url::Url;

use super::{Finding, Place, Situation};
use crate::pleo::credential::{Credential, CredentialKind, Scheme};
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::{Environment, is_loopback};
use crate::pleo::handing;
use crate::pleo::identity::{Identity, certainty};
use crate::pleo::request::Draft;

/// A link to another host: it is read, and nothing of ours goes with it.
pub(super) fn elsewhere(draft: &Draft, url: &Url, findings: &mut Vec<Finding>) {
    let host = url.host_str().unwrap_or_default();
    let bare = url.username().is_empty() && url.password().is_none();
    if !draft.endpoint.method.is_safe() {
        findings.push(Finding::refuse(
            Place::Path,
            format!("{host} is not one of Pleo's API hosts: links elsewhere are only read, with GET or HEAD."),
        ));
    } else if !bare {
        let sentence = "The link holds a user name or password: take it out before it is sent.";
        findings.push(Finding::refuse(Place::Path, sentence.to_owned()));
    } else if url.scheme() != "https" && !is_loopback(url) {
        let sentence = format!("{host} would be asked in the clear: only https leads elsewhere.");
        findings.push(Finding::refuse(Place::Path, sentence));
    } else {
        let sentence =
            format!("This leads to {host}, which is not the host asked before: it is sent without any credential.");
        findings.push(Finding::warn(Place::Credential, sentence));
    }
}

pub(super) fn credentials(draft: &Draft, situation: &Situation<'_>, findings: &mut Vec<Finding>) {
    let environment = situation.environment;
    let Some(credential) = situation.credential else {
        findings.push(Finding::warn(
            Place::Credential,
            format!(
                "No credential for {environment}: the server will answer 401. Give one in 2 Credential, or by {}.",
                variable(environment, draft.endpoint.surface)
            ),
        ));
        return;
    };
    if credential.environment() != environment {
        findings.push(Finding::refuse(
            Place::Credential,
            format!(
                "This credential belongs to {}, not to {environment}: it is never sent there. Give one for {environment} in 2 Credential.",
                credential.environment()
            ),
        ));
    }
    if credential.keeping().is_stored() && situation.environments.of(environment).overridden {
        findings.push(Finding::refuse(
            Place::Credential,
            format!(
                "{} is a stored credential, and those are never used with an overridden base URL: type one for this run in 2 Credential, or give one by {}.",
                credential.title(),
                variable(environment, draft.endpoint.surface)
            ),
        ));
    }
    findings.extend(credential.caution().map(|sentence| Finding::warn(Place::Credential, sentence)));
    scopes(draft, situation.identity, findings);
    match (credential.kind(), draft.endpoint.surface) {
        (CredentialKind::LegacyToken, Surface::External) => findings.push(Finding::refuse(
            Place::Credential,
            format!(
                "Legacy API tokens will not work on the External API (external.pleo.io): choose an API key or an access token in 2 Credential, or give one by {}.",
                variable(environment, Surface::External)
            ),
        )),
        (CredentialKind::OAuthAccessToken, Surface::Legacy) => findings.push(Finding::refuse(
            Place::Credential,
            format!(
                "OAuth access tokens are for the External API; the legacy API (openapi.pleo.io) takes legacy tokens only: choose one in 2 Credential, or give one by {}.",
                variable(environment, Surface::Legacy)
            ),
        )),
        (CredentialKind::StandaloneApiKey | CredentialKind::IntegratedApiKey, Surface::Legacy) => findings.push(Finding::refuse(
            Place::Credential,
            format!(
                "New API keys will not work on the legacy API (openapi.pleo.io): choose a legacy token in 2 Credential, or give one by {}.",
                variable(environment, Surface::Legacy)
            ),
        )),
        _ => {}
    }
    if draft.endpoint.bearer_only && credential.kind().scheme() == Scheme::Basic {
        findings.push(Finding::warn(
            Place::Credential,
            "This operation declares Bearer tokens only: an API key will probably be answered with 401.".to_owned(),
        ));
    }
}

/// A credential belongs in the Authorization header and nowhere else: URLs end up in logs.
pub(super) fn astray(draft: &Draft, whole: bool, situation: &Situation<'_>, findings: &mut Vec<Finding>) {
    let own = situation.credential.and_then(Credential::held);
    let strays = |text: &str| situation.secrets.iter().chain(own).any(|secret| secret.is_in(text));
    let told = |what: &str| {
        format!(
            "A credential stands in the {what}: it goes into the Authorization header by itself, and nowhere else. Take it out."
        )
    };
    let values = draft.values.iter().enumerate().map(|(index, value)| (Place::Param(index), value));
    let extra = draft.extra.iter().enumerate().map(|(index, (_, value))| (Place::Extra(index), value));
    let before = findings.len();
    for (place, value) in values.chain(extra) {
        if strays(value) {
            findings.push(Finding::refuse(place, told("URL")));
        }
    }
    let url = draft.url_text(situation.environments.of(situation.environment));
    if findings.len() == before && (strays(&url) || strays(&decoded(&url))) {
        findings.push(Finding::refuse(Place::Path, told("URL")));
    }
    for (index, (name, value)) in draft.own_headers.iter().enumerate() {
        if strays(value) || strays(name) {
            findings.push(Finding::refuse(Place::Header(index), told("header")));
        }
    }
    if whole && strays(&draft.body) {
        findings.push(Finding::refuse(Place::Body, told("body")));
    }
}

/// Where a record has a gap, the secret has to be given again: the word in its place is nobody's secret.
pub(super) fn gaps(draft: &Draft, whole: bool, findings: &mut Vec<Finding>) {
    let named = draft.endpoint.params.iter().map(|param| &param.name).zip(&draft.values).enumerate();
    let values = named.map(|(index, (name, value))| (Place::Param(index), name, value));
    let extra = draft.extra.iter().enumerate().map(|(index, (name, value))| (Place::Extra(index), name, value));
    let headers =
        draft.own_headers.iter().enumerate().map(|(index, (name, value))| (Place::Header(index), name, value));
    for (place, name, value) in values.chain(extra).chain(headers) {
        if value.contains(handing::REDACTED) {
            findings.push(Finding::refuse(place, gap(&format!("in {name}"))));
        }
    }
    if whole && draft.body.contains(handing::REDACTED) {
        findings.push(Finding::refuse(Place::Body, gap("in the body")));
    }
}

fn gap(place: &str) -> String {
    format!("REDACTED stands where a secret was, {place}. It is kept nowhere: give it again.")
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A scope that the credential lacks, where both are known.
fn scopes(draft: &Draft, identity: Option<&Identity>, findings: &mut Vec<Finding>) {
    let Some(identity) = identity else {
        return;
    };
    let lacking: Vec<&str> = draft
        .endpoint
        .scopes
        .iter()
        .filter(|scope| identity.has_scope(scope) == Some(false))
        .map(String::as_str)
        .collect();
    if !lacking.is_empty() && draft.endpoint.surface == Surface::External {
        let certainty = certainty(draft.endpoint.scope_source);
        let sentence = format!(
            "This needs the scope {}{certainty}, which the credential lacks: the answer will {}be 403.",
            lacking.join(" and "),
            if certainty.is_empty() { "" } else { "probably " }
        );
        findings.push(Finding::warn(Place::Credential, sentence));
    }
}

/// The environment variable that supplies a credential for a surface.
fn variable(environment: Environment, surface: Surface) -> String {
    let kind = if surface == Surface::Legacy { CredentialKind::LegacyToken } else { CredentialKind::StandaloneApiKey };
    kind.variable(environment).unwrap_or_default()
}
