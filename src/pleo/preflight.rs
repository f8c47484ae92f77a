//! What is found wrong before anything is sent. The same rules run on the screen and in the commands.

mod body;
mod credentials;
mod fields;

use std::time::Duration;

use jiff::civil::Date;

use super::credential::Credential;
use super::endpoint::Surface;
use super::environment::{Environment, Environments};
use super::guard::Guard;
use super::identity::Identity;
use super::request::Draft;
use super::variables::{self, Values};

use crate::secret::Secret;
pub use body::{Told, examine, to_examine};

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
    /// The header of one's own at this index.
    Header(usize),
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
            Place::Header(index) => draft.own_headers.get(index).map(|(name, _)| name.as_str()),
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
    /// The day from which dates are counted, where that is known.
    pub today: Option<Date>,
    /// What variables stand for in that environment.
    pub variables: &'a Values,
}

impl<'a> Situation<'a> {
    /// A situation in which nothing is known of the credential and production is locked.
    #[must_use]
    pub fn new(environment: Environment, environments: &'a Environments, credential: Option<&'a Credential>) -> Self {
        let (guard, now) = (Guard::default(), Duration::ZERO);
        Self {
            environment,
            environments,
            credential,
            identity: None,
            secrets: &[],
            guard,
            now,
            today: None,
            variables: &variables::NONE,
        }
    }
}

/// The longest body that is looked through at once, while it is typed, in bytes.
pub const AT_ONCE: usize = 32 * 1024;

/// Everything found about a draft in a situation; refusals first.
#[must_use]
pub fn check(draft: &Draft, situation: &Situation<'_>) -> Vec<Finding> {
    let settled = draft.settled(situation.variables, situation.today);
    let mut findings = look(draft, &settled, true, situation);
    if let Some((shape, text)) = body::to_examine(&settled).filter(|_| !lacks(draft, situation, Place::Body)) {
        findings.extend(examine(shape, text).into_iter().map(|told| told.finding));
    }
    findings.sort_by_key(|finding| finding.severity == Severity::Warn);
    findings
}

/// The same without what takes its time where the body is long: what it holds is looked at in the background.
#[must_use]
pub fn check_but_body(draft: &Draft, situation: &Situation<'_>) -> Vec<Finding> {
    look(draft, &draft.settled_fields(situation.variables, situation.today), draft.body.len() <= AT_ONCE, situation)
}

/// Whether a variable in that place has no value.
fn lacks(draft: &Draft, situation: &Situation<'_>, place: Place) -> bool {
    draft.missing(situation.variables).iter().any(|(own, _)| *own == place)
}

fn look(draft: &Draft, settled: &Draft, whole: bool, situation: &Situation<'_>) -> Vec<Finding> {
    let missing = draft.missing(situation.variables);
    let mut findings = check_settled(settled, whole, situation);
    // Of what has no value yet nothing else can be said.
    findings.retain(|finding| {
        let own = missing.iter().any(|(place, _)| *place == finding.place);
        let path = finding.place == Place::Path && !missing.is_empty();
        !own && !path
    });
    findings.extend(missing.into_iter().map(|(place, name)| {
        let environment = situation.environment;
        let sentence = format!(
            "{{{{{name}}}}} has no value for {environment}: s asks for it, --var {name}=… gives one, and [variables.{environment}] of config.toml keeps one."
        );
        Finding::refuse(place, sentence)
    }));
    findings.sort_by_key(|finding| finding.severity == Severity::Warn);
    findings
}

fn check_settled(draft: &Draft, whole: bool, situation: &Situation<'_>) -> Vec<Finding> {
    let Situation { environment, environments, .. } = *situation;
    let mut findings = Vec::new();
    if let Err(refusal) = situation.guard.permits(environment, &draft.endpoint, situation.now) {
        findings.push(Finding::refuse(Place::Environment, refusal.to_string()));
    }
    if let Some(url) = &draft.elsewhere {
        credentials::elsewhere(draft, url, &mut findings);
    } else {
        credentials::credentials(draft, situation, &mut findings);
    }
    fields::parameters(draft, &mut findings);
    fields::paging(draft, &mut findings);
    fields::headers(draft, &mut findings);
    if draft.elsewhere.is_none() {
        fields::path(draft, environment, environments, &mut findings);
    }
    body::body(draft, &mut findings);
    credentials::astray(draft, whole, situation, &mut findings);
    credentials::gaps(draft, whole, &mut findings);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::credential::CredentialKind;
    use crate::pleo::credential::Keeping;
    use crate::pleo::endpoint::Method;
    use crate::secret::Secret;

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
