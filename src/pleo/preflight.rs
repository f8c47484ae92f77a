//! What is found wrong before anything is sent. The same rules run on the screen and in the commands.

use std::time::Duration;

use url::Url;

use super::credential::{Credential, CredentialKind, Scheme};
use super::endpoint::{ParamPlace, Surface};
use super::environment::{Environment, Environments, is_loopback};
use super::guard::Guard;
use super::identity::{Identity, certainty};
use super::request::{Draft, split_values};
use super::values::{body_object, check_values};
use crate::secret::Secret;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The request is not sent.
    Refuse,
    /// It is sent, but probably not what was meant.
    Warn,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The environment and what may be done there.
    Environment,
    /// The credential.
    Credential,
    /// The path as a whole.
    Path,
    /// The parameter at this index of the endpoint.
    Param(usize),
    /// The query parameter at this index among those that the endpoint does not know.
    Extra(usize),
    /// The body.
    Body,
    /// The operation itself.
    Endpoint,
}

/// One finding: a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How grave.
    pub severity: Severity,
    /// About what.
    pub place: Place,
    /// For a person.
    pub sentence: String,
}

impl Finding {
    /// A finding that stops the request.
    #[must_use]
    pub const fn refuse(place: Place, sentence: String) -> Self {
        Self { severity: Severity::Refuse, place, sentence }
    }

    /// A finding that does not.
    #[must_use]
    pub const fn warn(place: Place, sentence: String) -> Self {
        Self { severity: Severity::Warn, place, sentence }
    }

    /// The sentence, which begins with the name of the field that it is about unless it says it anyway.
    #[must_use]
    pub fn named(&self, draft: &Draft) -> String {
        let name = match self.place {
            Place::Param(index) => draft.endpoint.params.get(index).map(|param| param.name.as_str()),
            Place::Extra(index) => draft.extra.get(index).map(|(name, _)| name.as_str()),
            _ => None,
        };
        match name.filter(|name| !self.sentence.contains(name)) {
            Some(name) => format!("{name}: {}", self.sentence),
            None => self.sentence.clone(),
        }
    }

    /// Whether it stops the request.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.severity == Severity::Refuse
    }
}

/// What a draft is looked at with: where it would go, with what, and what may be done there now.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The environment that it would go to.
    pub environment: Environment,
    /// The hosts of this run.
    pub environments: &'a Environments,
    /// The credential that would go with it.
    pub credential: Option<&'a Credential>,
    /// Who that credential is, once known.
    pub identity: Option<&'a Identity>,
    /// Every secret that is at hand, of both environments.
    pub secrets: &'a [Secret],
    /// Whether writes may leave.
    pub guard: Guard,
    /// The time since the start of the run.
    pub now: Duration,
}

impl<'a> Situation<'a> {
    /// A situation in which nothing is known of the credential and production is locked.
    #[must_use]
    pub fn new(environment: Environment, environments: &'a Environments, credential: Option<&'a Credential>) -> Self {
        let (guard, now) = (Guard::default(), Duration::ZERO);
        Self { environment, environments, credential, identity: None, secrets: &[], guard, now }
    }
}

/// Everything found about a draft in a situation; refusals first.
#[must_use]
pub fn check(draft: &Draft, situation: &Situation<'_>) -> Vec<Finding> {
    let Situation { environment, environments, .. } = *situation;
    let mut findings = Vec::new();
    if let Err(refusal) = situation.guard.permits(environment, &draft.endpoint, situation.now) {
        findings.push(Finding::refuse(Place::Environment, refusal.to_string()));
    }
    if let Some(url) = &draft.elsewhere {
        elsewhere(draft, url, &mut findings);
    } else {
        credentials(draft, situation, &mut findings);
    }
    parameters(draft, &mut findings);
    paging(draft, &mut findings);
    if draft.elsewhere.is_none() {
        path(draft, environment, environments, &mut findings);
    }
    body(draft, &mut findings);
    astray(draft, situation, &mut findings);
    if draft.endpoint.deprecated {
        let sentence = match draft.endpoint.surface {
            Surface::Legacy => "The legacy API is deprecated: use it for what the External API does not offer yet.",
            Surface::External => "This operation is deprecated: prefer a newer version of it.",
        };
        findings.push(Finding::warn(Place::Endpoint, sentence.to_owned()));
    }
    findings.sort_by_key(|finding| finding.severity == Severity::Warn);
    findings
}

/// A link to another host: it is read, and nothing of ours goes with it.
fn elsewhere(draft: &Draft, url: &Url, findings: &mut Vec<Finding>) {
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

fn credentials(draft: &Draft, situation: &Situation<'_>, findings: &mut Vec<Finding>) {
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
fn astray(draft: &Draft, situation: &Situation<'_>, findings: &mut Vec<Finding>) {
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
    if strays(&draft.body) {
        findings.push(Finding::refuse(Place::Body, told("body")));
    }
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

fn parameters(draft: &Draft, findings: &mut Vec<Finding>) {
    for (index, (param, value)) in draft.endpoint.params.iter().zip(&draft.values).enumerate() {
        let place = Place::Param(index);
        if value.trim().is_empty() {
            if param.required || param.place == ParamPlace::Path {
                findings.push(Finding::refuse(place, format!("{} is required.", param.name)));
            }
        } else if let Err(sentence) = check_values(param, value) {
            findings.push(Finding::refuse(place, sentence));
        }
    }
    for (index, (name, value)) in draft.extra.iter().enumerate() {
        let fold = |name: &str| name.replace('_', "").to_ascii_lowercase();
        if let Some(own) = draft.endpoint.query_params().find(|param| fold(&param.name) == fold(name)) {
            let sentence = if own.name == *name && value.is_empty() {
                format!("{name} is given without a value: it is sent empty.")
            } else if own.name == *name {
                format!("{name} is given twice, but this operation takes one.")
            } else {
                format!("This operation spells it {}, not {name}.", own.name)
            };
            findings.push(Finding::warn(Place::Extra(index), sentence));
        }
    }
}

fn paging(draft: &Draft, findings: &mut Vec<Finding>) {
    let given = |name: &str| {
        let index = draft.endpoint.params.iter().position(|param| param.name == name)?;
        (!draft.values[index].trim().is_empty()).then_some(index)
    };
    let exclusive: Vec<usize> = ["after", "before", "offset"].into_iter().filter_map(given).collect();
    if let [first, rest @ ..] = exclusive.as_slice() {
        for index in rest {
            let name = |index: usize| &draft.endpoint.params[index].name;
            let sentence = format!("{} and {} exclude one another: clear one of them.", name(*first), name(*index));
            findings.push(Finding::refuse(Place::Param(*index), sentence));
        }
    }
    let count = |name: &str| {
        given(name).map_or((0, None), |index| {
            (split_values(&draft.endpoint.params[index], &draft.values[index]).count(), Some(index))
        })
    };
    let ((keys, key_index), (orders, order_index)) = (count("sorting_keys"), count("sorting_order"));
    if let (true, Some(index)) = (keys != orders, order_index.or(key_index)) {
        let sentence = format!("sorting_keys ({keys}) and sorting_order ({orders}) must have equally many values.");
        findings.push(Finding::refuse(Place::Param(index), sentence));
    }
}

/// The URL must come out of the URL library as it went in: otherwise what is shown is not what would be sent.
fn path(draft: &Draft, environment: Environment, environments: &Environments, findings: &mut Vec<Finding>) {
    if findings.iter().any(|finding| finding.refuses() && matches!(finding.place, Place::Param(_))) {
        return;
    }
    let hosts = environments.of(environment);
    let text = draft.url_text(hosts);
    let base = hosts.base(draft.endpoint.surface);
    match Url::parse(&text) {
        Ok(url) if url.as_str() == text && url.origin() == base.origin() => {}
        Ok(url) => findings.push(Finding::refuse(
            Place::Path,
            format!("The path would be sent as {}, not as written: take \"..\" and the like out of it.", url.path()),
        )),
        Err(error) => {
            findings.push(Finding::refuse(Place::Path, format!("The URL cannot be read ({error}): correct the path.")));
        }
    }
    if draft.endpoint.is_free() && draft.endpoint.path.contains(['{', '}']) {
        findings.push(Finding::refuse(
            Place::Path,
            "The path holds { or }: write the value itself in its place, or pick the operation in 3 Endpoints."
                .to_owned(),
        ));
    }
}

fn body(draft: &Draft, findings: &mut Vec<Finding>) {
    let text = draft.body.trim();
    let Some(shape) = &draft.endpoint.body else {
        if !text.is_empty() {
            let sentence = format!("{} takes no body here: clear it.", draft.endpoint.method);
            findings.push(Finding::refuse(Place::Body, sentence));
        }
        return;
    };
    if text.is_empty() {
        if shape.required {
            findings.push(Finding::refuse(Place::Body, "This operation needs a body.".to_owned()));
        }
        return;
    }
    let value: serde_json::Value = match serde_json::from_str(&draft.body) {
        Ok(value) => value,
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or(&reason);
            let sentence =
                format!("The body is not JSON: {reason} at line {}, column {}.", error.line(), error.column());
            findings.push(Finding::refuse(Place::Body, sentence));
            return;
        }
    };
    if shape.fields.is_empty() {
        return;
    }
    let objects: Vec<&serde_json::Value> = match (&value, shape.list) {
        (serde_json::Value::Array(items), true) => items.iter().collect(),
        (serde_json::Value::Object(_), false) => vec![&value],
        _ => {
            let wanted = if shape.list { "an array of objects" } else { "an object" };
            findings.push(Finding::warn(Place::Body, format!("The body should be {wanted}.")));
            return;
        }
    };
    if let (true, Some(max)) = (shape.list, shape.max.filter(|max| objects.len() as u64 > *max)) {
        findings.push(Finding::warn(
            Place::Body,
            format!("The body has {} items, more than {max}: the server will answer 413.", objects.len()),
        ));
    }
    if let Some(sentence) = objects.iter().find_map(|object| body_object(&shape.fields, object)) {
        findings.push(Finding::warn(Place::Body, sentence));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::credential::Keeping;
    use crate::pleo::endpoint::Method;

    fn findings(method: Method, path: &str, environment: Environment, kind: CredentialKind) -> Vec<Finding> {
        let both = Environments::pleo();
        let surface = (kind == CredentialKind::LegacyToken).then_some(Surface::Legacy);
        let draft = Draft::from_path(method, path, surface, environment, &both).expect("draft");
        let credential = Credential::new(environment, kind, Keeping::Memory, Secret::new("x".into()));
        check(&draft, &Situation::new(environment, &both, Some(&credential)))
    }

    fn sentences(method: Method, path: &str) -> Vec<String> {
        findings(method, path, Environment::Staging, CredentialKind::StandaloneApiKey)
            .into_iter()
            .map(|finding| finding.sentence)
            .collect()
    }

    #[test]
    fn a_good_request_has_no_findings() {
        assert_eq!(sentences(Method::Get, "/v2/employees?limit=50"), Vec::<String>::new());
    }

    #[test]
    fn bad_values_are_told_at_the_field() {
        let both =
            findings(Method::Get, "/v2/employees?companyId=x", Environment::Staging, CredentialKind::StandaloneApiKey);
        assert_eq!(both.len(), 1);
        assert!(both[0].refuses() && both[0].place == Place::Param(0), "{both:?}");
        assert!(sentences(Method::Get, "/v2/employees?limit=ten")[0].contains("whole number"));
        assert!(sentences(Method::Get, "/v2/employees/{employeeId}")[0].contains("required"));
        assert!(sentences(Method::Get, "/v2/employees?after=AB&offset=3")[0].contains("exclude one another"));
        assert!(sentences(Method::Get, "/v2/employees?sorting_keys=a")[0].contains("equally many"));
        assert!(sentences(Method::Get, "/v2/employees?sorting_keys=a&sorting_order=UP")[0].contains("not one of"));
        assert!(sentences(Method::Get, "/v2/employees?company_id=x")[0].contains("spells it companyId"));
    }

    #[test]
    fn wrong_combinations_are_refused_with_the_reason() {
        let both = Environments::pleo();
        let draft = Draft::from_path(Method::Get, "/v1/companies", None, Environment::Staging, &both).expect("draft");
        let of = |environment, kind| Credential::new(environment, kind, Keeping::Memory, Secret::new("x".into()));
        let legacy = of(Environment::Staging, CredentialKind::LegacyToken);
        assert!(check(&draft, &Situation::new(Environment::Staging, &both, Some(&legacy)))[0].refuses());
        let other = of(Environment::Production, CredentialKind::StandaloneApiKey);
        assert!(check(&draft, &Situation::new(Environment::Staging, &both, Some(&other)))[0].refuses());
        let mut old = draft.clone();
        std::sync::Arc::make_mut(&mut old.endpoint).surface = Surface::Legacy;
        let key = of(Environment::Staging, CredentialKind::StandaloneApiKey);
        assert!(
            check(&old, &Situation::new(Environment::Staging, &both, Some(&key)))[0].sentence.contains("will not work")
        );
    }

    #[test]
    fn production_writes_are_refused_and_searches_are_not_writes() {
        let production =
            |method, path: &str| findings(method, path, Environment::Production, CredentialKind::StandaloneApiKey);
        assert!(production(Method::Delete, "/v1/installations/me")[0].refuses());
        assert!(production(Method::Post, "/anything")[0].refuses());
        assert!(!production(Method::Post, "/v1/accounting-entries:search").iter().any(Finding::refuses));
    }

    #[test]
    fn dot_segments_never_change_the_path_silently() {
        assert!(sentences(Method::Get, "/v2/../v1/companies")[0].contains("would be sent as"));
        assert!(sentences(Method::Get, "/v2/%2e%2e/x")[0].contains("would be sent as"));
        assert!(sentences(Method::Get, "/v2/employees/..")[0].contains("another folder"));
    }

    #[test]
    fn a_credential_in_the_url_or_body_is_refused() {
        let both = Environments::pleo();
        let secret = Secret::new("pls_a_key_0123456789".into());
        let key = Credential::new(Environment::Staging, CredentialKind::StandaloneApiKey, Keeping::Memory, secret);
        let refused = |path: &str, body: &str| {
            let mut draft = Draft::from_path(Method::Post, path, None, Environment::Staging, &both).expect("draft");
            draft.body = body.into();
            let found = check(&draft, &Situation::new(Environment::Staging, &both, Some(&key)));
            found.iter().any(|finding| finding.refuses() && finding.sentence.contains("A credential stands in"))
        };
        assert!(
            refused("/v9/x?token=pls_a_key_0123456789", "") && refused("/v9/x", "{\"k\":\"pls_a_key_0123456789\"}")
        );
        assert!(!refused("/v9/x?token=pls_another", "{}"));
    }

    #[test]
    fn a_broken_body_names_line_and_column() {
        let both = Environments::pleo();
        let mut draft =
            Draft::from_path(Method::Post, "/v1/vendors", None, Environment::Staging, &both).expect("draft");
        draft.body = "{\n  \"name\": }".into();
        let found = check(&draft, &Situation::new(Environment::Staging, &both, None));
        assert!(found[0].refuses() && found[0].sentence.contains("line 2, column 11"), "{found:?}");
    }
}
