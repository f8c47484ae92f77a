//! What an answer that is no success probably means: what was looked at, and what to do next.
//!
//! Nothing is sent for it. The facts are Pleo's documents and what its public clients ran into.

use std::time::Duration;

use serde_json::Value;

use super::catalogue::Catalogue;
use super::credential::{Credential, CredentialKind};
use super::endpoint::{Endpoint, Surface};
use super::environment::Environment;
use super::identity::{Identity, certainty};
use super::prepared::Prepared;
use super::retry::retry_after;

/// An answer, and what is known besides.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// What was sent.
    pub request: &'a Prepared,
    /// The status.
    pub status: u16,
    /// `Retry-After` as sent (RFC 9110, section 10.2.3).
    pub retry_after: Option<&'a str>,
    /// `Date` as sent.
    pub date: Option<&'a str>,
    /// `Location` as sent.
    pub location: Option<&'a str>,
    /// `Allow` as sent (RFC 9110, section 10.2.1).
    pub allow: Option<&'a str>,
    /// The beginning of the body.
    pub body: &'a [u8],
    /// Who the credential that went along is.
    pub identity: Option<&'a Identity>,
    /// The other credentials of that environment, with who they are.
    pub others: &'a [(&'a Credential, Option<&'a Identity>)],
}

/// An explanation for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// What probably went wrong.
    pub headline: String,
    /// What was looked at.
    pub checked: Vec<String>,
    /// What to do next, with its key.
    pub next: Vec<String>,
    /// How long the server asks to wait.
    pub wait: Option<Duration>,
}

impl Explanation {
    fn new(headline: impl Into<String>) -> Self {
        Self { headline: headline.into(), ..Self::default() }
    }

    /// The same with more that was looked at, told first.
    #[must_use]
    pub fn also_checked(mut self, what: Vec<String>) -> Self {
        self.checked.splice(0..0, what);
        self
    }

    fn checked(mut self, what: impl Into<String>) -> Self {
        self.checked.push(what.into());
        self
    }

    fn next(mut self, what: impl Into<String>) -> Self {
        self.next.push(what.into());
        self
    }
}

/// The body of a refusal: `type` and `message` of the External API, `error` and `message` of the legacy one.
#[derive(Debug, Default)]
struct Told {
    kind: String,
    message: String,
}

impl Told {
    fn read(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let kind = if text("type").is_empty() { text("error") } else { text("type") };
        let message = if text("message").is_empty() { text("error_description") } else { text("message") };
        Self { kind: kind.to_ascii_uppercase(), message }
    }

    fn says(&self, word: &str) -> bool {
        self.kind.contains(&word.to_ascii_uppercase())
            || self.message.to_ascii_lowercase().contains(&word.to_ascii_lowercase())
    }
}

/// Explains an answer; nothing for a success, and for a link elsewhere only what its status says.
#[must_use]
pub fn explain(answered: &Answered<'_>) -> Option<Explanation> {
    let told = Told::read(answered.body);
    if answered.request.is_elsewhere() {
        return elsewhere(answered);
    }
    Some(match answered.status {
        300..=399 => redirect(answered),
        400 => bad_request(answered, &told),
        401 => unauthorized(answered, &told),
        403 => forbidden(answered, &told),
        404 => not_found(answered, &told),
        405 => method_not_allowed(answered),
        409 | 413 | 422 => conflict(answered, &told),
        415 => Explanation::new("The server does not take this media type.")
            .checked("Content-Type is application/json for every operation that takes a body")
            .next("4 shows the headers that are sent"),
        429 => too_many(answered),
        500..=599 => broken(answered),
        status if status / 100 == 4 => refused(answered, &told),
        _ => return None,
    })
}

/// A refusal about which there is no rule to tell.
fn refused(answered: &Answered<'_>, told: &Told) -> Explanation {
    let headline = if told.message.is_empty() {
        format!("The server refuses this with {} and says no more.", answered.status)
    } else {
        format!("The server refuses this: {}", told.message)
    };
    Explanation::new(headline)
        .checked("Pleo's documents say nothing of this status here")
        .next("v shows the headers, which may tell more")
}

fn elsewhere(answered: &Answered<'_>) -> Option<Explanation> {
    let headline = match answered.status {
        401 | 403 => "The link does not let its reader in: such links work for 24 hours.",
        404 | 410 => "The link leads to nothing any more.",
        300..=399 => return Some(redirect(answered)),
        _ => return None,
    };
    Some(
        Explanation::new(headline)
            .checked("sent without any credential, as such links want it")
            .next("read the record anew, which gives a fresh link, and follow that with F"),
    )
}

fn redirect(answered: &Answered<'_>) -> Explanation {
    let status = answered.status;
    if status == 304 {
        return Explanation::new("Nothing has changed since the copy that was asked about; there is no body.")
            .checked("no header of ours asks for this: something in between may")
            .next("s asks again");
    }
    let Some(location) = answered.location else {
        return Explanation::new("The server points elsewhere and does not say where: there is no Location.")
            .checked("nothing was sent anywhere else")
            .next("v shows the headers, and what the body says");
    };
    let explanation =
        Explanation::new(format!("The server points to {location}; it was not followed: redirects never are."))
            .checked("nothing was sent to the new place");
    let request = answered.request;
    let target = request.url().join(location).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(target) = target else {
        return explanation.next("it is no link that can be followed: ask somebody who knows the server");
    };
    let at_home = target.origin() == request.url().origin();
    if !at_home && target.scheme() == "http" && !super::environment::is_loopback(&target) {
        return explanation
            .next("it would be asked in the clear, which is never done: ask somebody who knows the server");
    }
    let kept = matches!(status, 307 | 308);
    match (at_home, kept && !request.method().is_safe()) {
        (true, true) => explanation.next("F prepares the same request there"),
        (true, false) => explanation.next("F prepares that request"),
        (false, true) => explanation.next("a request that changes data is never sent to another host"),
        (false, false) => {
            explanation.next("F prepares that request, without a credential, since it leads to another host")
        }
    }
}

fn bad_request(answered: &Answered<'_>, told: &Told) -> Explanation {
    let endpoint = answered.request.endpoint();
    if told.says("company_id") || told.says("organization_id") || told.says("companyId") {
        let own: Vec<&str> = company_names(endpoint);
        let spelled = if own.is_empty() {
            "this operation has no such query parameter in the catalogue: look at its body".to_owned()
        } else {
            format!("this operation spells it {} in the query", own.join(" or "))
        };
        return Explanation::new("The company is missing, misspelt or in the wrong place.")
            .checked(spelled)
            .checked("bodies say companyId, most queries company_id, employees companyId")
            .next("c in 4 Request picks a company and writes the spelling that is wanted");
    }
    if told.says("contra") {
        return Explanation::new("Contra accounts are missing, so the export cannot run.")
            .checked("set them in Pleo's web app under the accounting settings")
            .next("s sends again after that");
    }
    let headline = if told.message.is_empty() {
        "The server finds the request wrong and does not say where.".to_owned()
    } else {
        format!("The server finds the request wrong: {}", told.message)
    };
    let of = if endpoint.is_free() {
        "the catalogue does not know this operation"
    } else {
        "method and path are those of the catalogue"
    };
    let mut explanation = Explanation::new(headline).checked(of);
    let required: Vec<&str> =
        endpoint.params.iter().filter(|param| param.required).map(|param| param.name.as_str()).collect();
    if !required.is_empty() {
        explanation = explanation.checked(format!("required: {}", required.join(", ")));
    }
    if endpoint.paging.is_some() {
        explanation = explanation.checked("before, after and offset exclude one another; cursors belong to one query");
    }
    if told.says("date") {
        explanation = explanation.checked("families of dates cannot be mixed in one search");
    }
    explanation.next("4 edits the request")
}

/// The names of the query parameters that take a company or an organisation.
fn company_names(endpoint: &Endpoint) -> Vec<&str> {
    let names = ["company_id", "companyId", "organization_id"];
    endpoint.query_params().map(|param| param.name.as_str()).filter(|name| names.contains(name)).collect()
}

fn unauthorized(answered: &Answered<'_>, told: &Told) -> Explanation {
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

fn forbidden(answered: &Answered<'_>, told: &Told) -> Explanation {
    let endpoint = answered.request.endpoint();
    if endpoint.surface == Surface::Legacy {
        return Explanation::new("The legacy token may not do this.")
            .checked("legacy tokens have fixed rights, chosen where they are made")
            .next("the External API may offer the same: 3 lists it");
    }
    let needed = endpoint.scopes.join(" and ");
    let headline = match (endpoint.scopes.is_empty(), answered.identity.map(|identity| identity.access(endpoint))) {
        (true, _) => "The credential may not do this; which scope it needs is not documented.".to_owned(),
        (false, Some(super::identity::Access::Has)) => {
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
            && identity.is_some_and(|identity| identity.access(endpoint) == super::identity::Access::Has)
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

fn not_found(answered: &Answered<'_>, told: &Told) -> Explanation {
    let request = answered.request;
    let endpoint = request.endpoint();
    let environment = request.environment();
    if endpoint.is_free() {
        return invented(endpoint, request);
    }
    if told.says("company") && !told.says("not_found") {
        return Explanation::new("No such company in reach of this credential.")
            .checked("a credential of one company sees no other")
            .next("i lists those in reach");
    }
    let ids: Vec<&str> = endpoint.path_params().map(|param| param.name.as_str()).collect();
    if ids.is_empty() {
        return Explanation::new("There is nothing here for this credential.")
            .checked("the path is one of the catalogue")
            .next("3 lists what there is");
    }
    Explanation::new(format!("{environment} knows no such {}.", ids.join(" or ")))
        .checked(format!("ids differ between environments: one of {} leads here", environment.other()))
        .checked("the path is one of the catalogue")
        .next(format!("Ctrl-t, then s, asks {}", environment.other()))
        .next("3 lists what there is")
}

/// A path that the catalogue does not know: of the other API, or nobody's.
fn invented(endpoint: &Endpoint, request: &Prepared) -> Explanation {
    let catalogue = Catalogue::current();
    let path = endpoint.path.split('?').next().unwrap_or_default();
    let other = if endpoint.surface == Surface::External { Surface::Legacy } else { Surface::External };
    if catalogue.find(other, endpoint.method, path).is_some() {
        let (here, there) = match other {
            Surface::Legacy => ("the External API", "legacy API (openapi.pleo.io), which takes legacy tokens only"),
            Surface::External => ("the legacy API", "External API (external.pleo.io)"),
        };
        let mut explanation = Explanation::new(format!("{here} has no such path; it is one of the {there}."))
            .checked(format!("{} {path} in both catalogues", request.method()));
        if let Some(nearest) = nearest_operation(endpoint.surface, path) {
            explanation = explanation.next(format!("nearest here: {} {}", nearest.method, nearest.path));
        }
        return explanation.next("3 lists both APIs");
    }
    let explanation = Explanation::new("There is no such path in the catalogue: it may be invented or misspelt.")
        .checked(format!("{} {path} in both catalogues", request.method()));
    match nearest_operation(endpoint.surface, path) {
        Some(nearest) => explanation.next(format!("nearest: {} {}", nearest.method, nearest.path)).next("3 lists all"),
        None => explanation.next("3 lists all"),
    }
}

/// Paths that public connectors invented, and the operation that does what they want.
const INVENTED: [(&str, &str); 8] = [
    ("expense", "search-accounting-entries"),
    ("transaction", "search-accounting-entries"),
    ("member", "list-employees"),
    ("user", "list-employees"),
    ("team", "list-tag-groups"),
    ("compan", "list-companies"),
    ("/me", "introspect"),
    ("export", "list-export-jobs"),
];

/// The operation of a surface that somebody who wrote this path probably wants.
fn nearest_operation(surface: Surface, path: &str) -> Option<&'static Endpoint> {
    let catalogue = Catalogue::current();
    let lower = path.to_ascii_lowercase();
    let known = INVENTED.iter().find(|(part, _)| surface == Surface::External && lower.contains(part));
    if let Some(operation) = known.and_then(|(_, name)| catalogue.operation(name).ok()) {
        return Some(operation);
    }
    // A slip of a letter or two.
    let fits =
        |endpoint: &&Endpoint| endpoint.surface == surface && (!endpoint.deprecated || surface == Surface::Legacy);
    let paths = || catalogue.endpoints().iter().filter(fits);
    let close = super::catalogue::nearest(path, paths().map(|endpoint| endpoint.path.as_str()));
    let close = close.filter(|close| close.len().abs_diff(path.len()) <= 2);
    if let Some(found) = close.and_then(|close| paths().find(|endpoint| endpoint.path == close)) {
        return Some(found);
    }
    let words = |path: &str| -> Vec<String> {
        let parts = path.split(['/', ':', '-', '.']).filter(|part| !part.is_empty() && !part.starts_with('{'));
        let parts = parts.map(|part| part.to_ascii_lowercase().trim_end_matches('s').to_owned());
        parts.filter(|word| !is_version(word)).collect()
    };
    let wanted = words(path);
    // The most words in common, then the fewest others, then one that reads.
    let rank = |endpoint: &&Endpoint| {
        let own = words(&endpoint.path);
        let common = own.iter().filter(|word| wanted.contains(word)).count();
        (common, usize::MAX - own.len(), !endpoint.writes)
    };
    paths().max_by_key(rank).filter(|endpoint| rank(endpoint).0 > 0)
}

/// `v1` and the like, and what stands beside them.
fn is_version(word: &str) -> bool {
    word == "beta" || word.strip_prefix('v').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
}

fn method_not_allowed(answered: &Answered<'_>) -> Explanation {
    let endpoint = answered.request.endpoint();
    let path = endpoint.path.split('?').next().unwrap_or_default();
    let known = |method: &super::endpoint::Method| Catalogue::current().find(endpoint.surface, *method, path).is_some();
    let catalogued: Vec<String> =
        super::endpoint::Method::ALL.into_iter().filter(known).map(|method| method.to_string()).collect();
    let explanation = Explanation::new(format!("The server does not take {} here.", endpoint.method));
    let explanation = match answered.allow {
        Some(allow) => explanation.checked(format!("it takes {allow} (Allow)")),
        None => explanation.checked("it does not say what it takes (no Allow)"),
    };
    let explanation = if catalogued.is_empty() {
        explanation.checked("the catalogue does not know the path")
    } else {
        explanation.checked(format!("the catalogue lists {}", catalogued.join(", ")))
    };
    explanation.next("Ctrl-n types another request")
}

/// The rules of exports, by the type that Pleo names (compared without case), and by the status where it is an export.
fn conflict(answered: &Answered<'_>, told: &Told) -> Explanation {
    let status = answered.status;
    let export = answered.request.endpoint().path.contains("export");
    let jobs = "3, then / and list-export-jobs, reads the jobs and their status";
    let (rule, next) = if told.says("EXPORT_ALREADY_IN_PROGRESS") {
        ("A company can have one running export job, and it has one.", jobs)
    } else if told.says("INVALID_EXPORT_JOB_STATUS_CHANGE") || told.says("INVALID_STATUS_TRANSITION") {
        ("The job cannot go from its status to that one: pending, in_progress, then completed or failed.", jobs)
    } else if told.says("EXPORT_JOB_ITEMS_UPDATE_LIMIT") || (status == 413 && export) {
        ("Too much at once: an update takes at most 100 items.", "4 edits the body: send it in parts")
    } else if told.says("EXPORT_JOB_STATUS_UNPROCESSABLE") || (status == 422 && export && told.kind.is_empty()) {
        (
            "The job has probably ended, or has expired an hour after its last update: its items take no more changes.",
            jobs,
        )
    } else {
        let rule = match status {
            409 => "It clashes with what is there: another record has this id or code, or something runs already.",
            413 => "The request is larger than the server takes.",
            _ => "The server reads the request and cannot do it.",
        };
        (rule, "4 edits the request")
    };
    let rule = if told.message.is_empty() { rule.to_owned() } else { format!("{rule} It says: {}", told.message) };
    let kind = if told.kind.is_empty() {
        "the server names no type".to_owned()
    } else {
        format!("the server says {}", told.kind)
    };
    Explanation::new(rule).checked(kind).next(next)
}

fn too_many(answered: &Answered<'_>) -> Explanation {
    let wait = answered.retry_after.and_then(|after| retry_after(after, answered.date));
    let explanation = Explanation::new("Too many requests: about 600 a minute are let through.");
    let mut explanation = match (answered.retry_after, wait) {
        (Some(_), Some(_)) => explanation.checked("the server says how long to wait (Retry-After)"),
        (Some(_), None) => explanation.checked("the server's Retry-After cannot be read"),
        (None, _) => explanation.checked("the server does not say how long to wait; a minute will do"),
    };
    explanation.wait = wait;
    explanation.next("s sends again")
}

fn broken(answered: &Answered<'_>) -> Explanation {
    let wait = answered.retry_after.and_then(|after| retry_after(after, answered.date));
    let writes = answered.request.endpoint().writes;
    let production = answered.request.environment() == Environment::Production;
    let explanation = Explanation::new(match answered.status {
        503 => "The server is not available just now; it is not about the request.",
        502 | 504 => "Something between here and the server failed; it is not about the request.",
        _ => "The server failed; it is probably not about the request.",
    });
    let explanation = if writes {
        explanation
            .checked("it may have been done all the same: nothing is sent again by itself")
            .next("read the record first: it tells whether it was done")
            .next("s sends again")
    } else {
        explanation.checked("a read can be sent again without harm").next("s sends again")
    };
    let explanation = Explanation { wait, ..explanation };
    if production { explanation.next("status.pleo.io tells of outages") } else { explanation }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::credential::Keeping;
    use crate::pleo::endpoint::Method;
    use crate::pleo::environment::Environments;
    use crate::pleo::preflight::Situation;
    use crate::pleo::prepared::prepare;
    use crate::pleo::request::Draft;
    use crate::secret::Secret;
    use serde_json::json;

    fn credential(kind: CredentialKind) -> Credential {
        Credential::new(Environment::Staging, kind, Keeping::Memory, Secret::new("pls_a_key_0123456789".into()))
    }

    fn request(method: Method, path: &str, kind: Option<CredentialKind>) -> Prepared {
        let both = Environments::pleo();
        let surface = (kind == Some(CredentialKind::LegacyToken)).then_some(Surface::Legacy);
        let draft = Draft::from_path(method, path, surface, Environment::Staging, &both).expect("draft");
        let credential = kind.map(credential);
        prepare(&draft, &Situation::new(Environment::Staging, &both, credential.as_ref())).expect("prepared")
    }

    fn answered<'a>(request: &'a Prepared, status: u16, body: &'a [u8]) -> Answered<'a> {
        Answered {
            request,
            status,
            retry_after: None,
            date: None,
            location: None,
            allow: None,
            body,
            identity: None,
            others: &[],
        }
    }

    fn told(request: &Prepared, status: u16, body: &str) -> Explanation {
        explain(&answered(request, status, body.as_bytes())).expect("an explanation")
    }

    const KEY: Option<CredentialKind> = Some(CredentialKind::StandaloneApiKey);

    fn holding(scope: &str) -> Identity {
        let mut identity = Identity::default();
        identity.take_introspection(&json!({"scope": scope}));
        identity
    }

    #[test]
    fn every_explanation_names_what_was_checked_and_what_to_do_next() {
        let read = request(Method::Get, "/v2/employees", KEY);
        for status in [301, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 502, 503] {
            let found = told(&read, status, "");
            assert!(!found.headline.is_empty() && !found.checked.is_empty() && !found.next.is_empty(), "{status}");
        }
        assert_eq!(explain(&answered(&read, 200, b"{}")), None);
    }

    #[test]
    fn a_missing_or_wrong_credential_is_told_apart() {
        let none = request(Method::Get, "/v2/employees", None);
        assert!(told(&none, 401, "").headline.contains("without a credential"));
        let key = request(Method::Get, "/v2/employees", KEY);
        let found = told(&key, 401, r#"{"message":"API key is invalid or expired"}"#);
        assert!(found.headline.contains("expired") && found.next[0].starts_with("i "), "{found:?}");
        assert!(found.checked.iter().any(|line| line.contains("production")), "{found:?}");
    }

    #[test]
    fn a_lacking_scope_names_the_credential_that_would_do() {
        let read = request(Method::Get, "/v2/employees", KEY);
        let (narrow, wide) = (holding("companies:read"), holding("users:read companies:read"));
        let other = credential(CredentialKind::OAuthAccessToken);
        let others = [(&other, Some(&wide))];
        let all = Answered { identity: Some(&narrow), others: &others, ..answered(&read, 403, b"") };
        let found = explain(&all).expect("an explanation");
        assert!(found.headline.contains("needs users:read") && found.checked[0].contains("companies:read"));
        assert!(found.next[0].contains("OAuth access token …6789"), "{found:?}");
        let unknown = told(&read, 403, "");
        assert!(unknown.next[0].starts_with("i "), "{unknown:?}");
        let has = explain(&Answered { identity: Some(&wide), ..answered(&read, 403, b"") }).expect("one");
        assert!(has.headline.contains("refused all the same"));
    }

    #[test]
    fn an_invented_path_gets_the_nearest_real_one() {
        for (path, nearest) in [
            ("/v1/expenses", "accounting-entries:search"),
            ("/v2/expenses", "accounting-entries:search"),
            ("/v1/members", "/v2/employees"),
            ("/v1/me", "/v1/introspect"),
            ("/v9/vendor-list", "vendors"),
            ("/v2/emploees", "/v2/employees"),
            ("/v1/tax-codes", "/tax-codes"),
        ] {
            let free = request(Method::Get, path, KEY);
            let found = told(&free, 404, "");
            assert!(found.next.iter().any(|line| line.contains(nearest)), "{path}: {found:?}");
        }
        assert!(told(&request(Method::Get, "/v1/expenses", KEY), 404, "").headline.contains("legacy API"));
        let id = "/v2/employees/11111111-1111-4111-8111-111111111111";
        let found = told(&request(Method::Get, id, KEY), 404, "");
        assert!(found.headline.contains("employeeId") && found.next[0].contains("Ctrl-t"), "{found:?}");
    }

    #[test]
    fn companies_and_exports_have_their_rules() {
        let search = request(Method::Get, "/v0/tag-groups", KEY);
        let found = told(&search, 400, r#"{"message":"Either company_id or organization_id must be provided"}"#);
        assert!(found.checked[0].contains("company_id") && found.next[0].starts_with("c "), "{found:?}");
        for (status, kind, word) in [
            (409, "EXPORT_ALREADY_IN_PROGRESS", "one running"),
            (413, "EXPORT_JOB_ITEMS_UPDATE_LIMIT", "100 items"),
            (422, "export_job_status_unprocessable", "ended"),
        ] {
            let body = json!({"type": kind}).to_string();
            assert!(told(&search, status, &body).headline.contains(word), "{kind}");
        }
    }

    #[test]
    fn a_redirect_says_where_it_points_and_what_the_key_would_do() {
        let read = request(Method::Get, "/v2/employees", KEY);
        let to = |location| explain(&Answered { location, ..answered(&read, 302, b"") }).expect("one");
        assert!(to(Some("/v1/companies")).next[0].starts_with("F prepares that request"));
        assert!(to(Some("https://external.pleo.io/x")).next[0].contains("without a credential"));
        assert!(!to(None).next[0].contains('F'));
        assert!(told(&read, 304, "").headline.contains("Nothing has changed"));
    }

    #[test]
    fn the_rules_of_exports_are_told_of_exports_only() {
        let read = request(Method::Get, "/v2/employees", KEY);
        for status in [409, 413, 422] {
            let found = told(&read, status, "");
            assert!(!found.headline.contains("job") && !found.headline.contains("items"), "{found:?}");
        }
        let export = request(Method::Get, "/v3/export-jobs", KEY);
        assert!(told(&export, 422, "").headline.contains("job"));
        assert!(!told(&export, 422, r#"{"type":"INVALID_ACCOUNTING_ENTRY_IDS"}"#).headline.contains("job"));
    }

    #[test]
    fn a_write_that_failed_may_have_been_done() {
        let mut draft =
            Draft::from_path(Method::Post, "/v1/vendors", None, Environment::Staging, &Environments::pleo())
                .expect("draft");
        draft.body = "{\"name\":\"x\"}".into();
        let both = Environments::pleo();
        let key = credential(CredentialKind::StandaloneApiKey);
        let request = prepare(&draft, &Situation::new(Environment::Staging, &both, Some(&key))).expect("prepared");
        assert!(told(&request, 503, "").checked[0].contains("may have been done"));
    }

    #[test]
    fn a_wait_that_is_asked_for_is_told() {
        let read = request(Method::Get, "/v2/employees", KEY);
        let found = explain(&Answered { retry_after: Some("3"), ..answered(&read, 429, b"") }).expect("one");
        assert_eq!(found.wait, Some(Duration::from_secs(3)));
    }
}
