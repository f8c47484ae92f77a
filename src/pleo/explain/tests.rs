use super::*;
use crate::pleo::credential::{CredentialKind, Keeping};
use crate::pleo::endpoint::{Method, Surface};
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
    let mut draft = Draft::from_path(Method::Post, "/v1/vendors", None, Environment::Staging, &Environments::pleo())
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
