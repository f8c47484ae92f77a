//! What is sent: a [`Prepared`] request, which only [`prepare`] makes, and which refuses a credential of another
//! environment or surface.

use std::sync::Arc;

use url::{Position, Url};

use super::credential::{Credential, CredentialKind, Scheme};
use super::endpoint::{Endpoint, Method};
use super::environment::{Environment, Environments};
use super::handing;
use super::history::Kept;
use super::preflight::{self, Finding, Situation};
use super::request::{Draft, DraftError, decode, query_pair};
use super::transcript::Used;
use super::variables::Values;
use crate::secret::{Redactor, Secret};

/// A request that may leave: whole, checked, bound to its environment. Plain data; the secret inside shows as `Secret(…)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    environment: Environment,
    method: Method,
    url: Url,
    headers: Vec<(String, String)>,
    body: Option<String>,
    credential: Option<Credential>,
    endpoint: Arc<Endpoint>,
    elsewhere: bool,
    /// The values of variables that are named like secrets.
    private: Redactor,
    /// What was used for it, where it was sent once and is not to be sent.
    past: Option<Past>,
}

/// What is known of a request that was sent once.
#[derive(Clone, Debug, PartialEq)]
struct Past {
    used: Option<Used>,
}

impl Prepared {
    /// The environment it was made for.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }
    /// The method.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }
    /// The final URL.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }
    /// Headers besides Authorization.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }
    /// The body's text.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }
    /// The credential that goes with it.
    #[must_use]
    pub const fn credential(&self) -> Option<&Credential> {
        self.credential.as_ref()
    }
    /// Lets go of the value of this credential, which was forgotten.
    pub fn let_go(&mut self, forgotten: &Credential) {
        if let Some(own) = self.credential.as_mut().filter(|own| *own == forgotten) {
            own.let_go();
        }
    }
    /// The same request with one query parameter replaced, or added behind the others: still to the same place.
    #[must_use]
    pub fn with_query(&self, name: &str, value: &str) -> Self {
        let mut next = self.clone();
        let own = |pair: &&str| {
            let given = pair.split('=').next().unwrap_or_default();
            !pair.is_empty() && decode(given) != name
        };
        let mut pairs: Vec<&str> = self.url.query().unwrap_or_default().split('&').filter(own).collect();
        let pair = query_pair(name, value);
        pairs.push(&pair);
        next.url.set_query(Some(&pairs.join("&")));
        next
    }
    /// The operation it came from.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
    /// Whether it leads to a host that is not one of Pleo's API hosts. Such a link may itself let its reader in, so it is
    /// never kept beyond the run.
    #[must_use]
    pub const fn is_elsewhere(&self) -> bool {
        self.elsewhere
    }
    /// Finds the values of variables that are named like secrets, which no record holds, wherever they stand.
    #[must_use]
    pub const fn private(&self) -> &Redactor {
        &self.private
    }
    /// Whether it is the record of a request that was sent once: it is looked at, and never sent. What it asked for is asked
    /// again by a draft of it, through all checks.
    #[must_use]
    pub const fn is_past(&self) -> bool {
        self.past.is_some()
    }
    /// What may be said of the credential that goes with it, or went.
    #[must_use]
    pub fn used(&self) -> Option<Used> {
        match &self.past {
            Some(past) => past.used.clone(),
            None => self.credential.as_ref().map(|own| Used { kind: own.kind(), label: own.label() }),
        }
    }
    /// What was asked for, to be asked again; it is bound to no environment and has no credential.
    ///
    /// # Errors
    /// [`DraftError`] for a path that is none any more.
    pub fn draft(&self, environments: &Environments) -> Result<Draft, DraftError> {
        let path = &self.url[Position::BeforePath..];
        let surface = Some(self.endpoint.surface);
        let mut draft = Draft::from_path(self.method, path, surface, self.environment, environments)?;
        draft.body = self.body.clone().unwrap_or_default();
        let usual = draft.headers();
        draft.own_headers = self.headers.iter().filter(|own| !usual.contains(own)).cloned().collect();
        Ok(draft)
    }
    /// The Authorization header as it may be shown: its scheme and the credential's label.
    #[must_use]
    pub fn authorization_shown(&self) -> Option<String> {
        match &self.past {
            Some(past) => past.used.as_ref().map(|used| shown(used.kind, &used.label)),
            None => self.credential.as_ref().map(authorization_shown),
        }
    }
}

/// The Authorization header as it may be shown.
#[must_use]
pub fn authorization_shown(credential: &Credential) -> String {
    shown(credential.kind(), &credential.label())
}

fn shown(kind: CredentialKind, label: &str) -> String {
    let password = if kind.scheme() == Scheme::Basic { ", empty password" } else { "" };
    format!("{} <{label}{password}>", kind.scheme().name())
}

/// What was kept of a request, to be looked at. It has no credential, and is never sent: see [`Prepared::is_past`].
///
/// # Errors
/// [`DraftError`] for a path that is none any more.
pub fn past(kept: &Kept, environments: &Environments) -> Result<Prepared, DraftError> {
    let own = &kept.transcript;
    Ok(Prepared {
        environment: own.environment,
        method: own.method,
        url: own.url.clone(),
        headers: own.headers.clone(),
        body: own.body.clone(),
        credential: None,
        endpoint: kept.draft(environments)?.endpoint,
        elsewhere: own.elsewhere,
        private: Redactor::default(),
        past: Some(Past { used: own.credential.clone() }),
    })
}

/// Finds the values of variables that are named like secrets.
fn private(values: &Values) -> Redactor {
    let mut private = Redactor::default();
    for (_, value) in values.iter().filter(|(name, _)| handing::is_key(name)) {
        private.learn(&Secret::new(value.clone()));
    }
    private
}

/// Makes a draft into a request for one environment with that environment's credential. A link elsewhere gets none.
///
/// # Errors
/// The findings of [`preflight::check`] when at least one of them refuses; warnings among them too.
pub fn prepare(draft: &Draft, situation: &Situation<'_>) -> Result<Prepared, Vec<Finding>> {
    let findings = preflight::check(draft, situation);
    if findings.iter().any(Finding::refuses) {
        return Err(findings);
    }
    let draft = draft.settled(situation.variables, situation.today);
    let url = Url::parse(&draft.url_text(situation.environments.of(situation.environment))).map_err(|error| {
        vec![Finding::refuse(preflight::Place::Path, format!("The URL cannot be read ({error}): correct the path."))]
    })?;
    Ok(Prepared {
        environment: situation.environment,
        method: draft.endpoint.method,
        url,
        headers: draft.headers(),
        body: (!draft.body.trim().is_empty()).then(|| draft.body.clone()),
        credential: situation.credential.filter(|_| draft.elsewhere.is_none()).cloned(),
        endpoint: Arc::clone(&draft.endpoint),
        elsewhere: draft.elsewhere.is_some(),
        private: private(situation.variables),
        past: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::endpoint::Surface;

    #[test]
    fn what_was_sent_can_be_asked_again_elsewhere() {
        let environments = Environments::pleo();
        let (staging, production) = (Environment::Staging, Environment::Production);
        for (method, path, surface, body) in [
            (Method::Get, "/v2/employees?limit=20&code=E%201&x=a%2Bb&x=", None, ""),
            (Method::Get, "/v2/employees/ca54c551-9290-484d-9f69-b136e4df7c01", None, ""),
            (
                Method::Get,
                "/v2/employees?sorting_keys=id&sorting_keys=code&sorting_order=ASC&sorting_order=DESC",
                None,
                "",
            ),
            (Method::Get, "/v1/employees?pageSize=2", Some(Surface::Legacy), ""),
            (Method::Get, "/v9/free/a%2Fb/%E6%BC%A2?q=%25", None, ""),
            (
                Method::Post,
                "/v1/chart-of-accounts:search?limit=5",
                None,
                "{\"companyId\":\"ca54c551-9290-484d-9f69-b136e4df7c01\"}",
            ),
        ] {
            let mut draft = Draft::from_path(method, path, surface, staging, &environments).unwrap();
            body.clone_into(&mut draft.body);
            let sent = prepare(&draft, &Situation::new(staging, &environments, None)).unwrap();
            let again = sent.draft(&environments).unwrap();
            let again = prepare(&again, &Situation::new(production, &environments, None)).unwrap();
            assert_eq!(again.url()[Position::BeforePath..], sent.url()[Position::BeforePath..]);
            assert_eq!((again.method(), again.body(), again.endpoint()), (method, sent.body(), sent.endpoint()));
            assert_ne!(again.url().host(), sent.url().host());
        }
    }
}
