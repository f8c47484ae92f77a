//! Drafts of every kind, and what is sent of them.

use super::*;
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::{Environment, Environments};

fn draft(method: Method, path: &str) -> Draft {
    Draft::from_path(method, path, None, Environment::Staging, &Environments::pleo()).expect("a draft")
}

#[test]
fn base_url_and_path_make_the_final_url() {
    let draft = draft(Method::Get, "/v2/employees?limit=5&companyId=x");
    assert_eq!(
        draft.url_text(Environments::pleo().of(Environment::Production)),
        "https://external.pleo.io/v2/employees?companyId=x&limit=5"
    );
}

#[test]
fn a_path_parameter_is_one_segment_whatever_it_holds() {
    let mut draft = draft(Method::Post, "/v1/vendors/{id}:archive");
    draft.set_path("id", "a/../b?c#d%é").expect("id");
    assert_eq!(draft.target(), "/v1/vendors/a%2F..%2Fb%3Fc%23d%25%C3%A9:archive");
    assert!(draft.set_path("nope", "x").is_err());
}

#[test]
fn a_dangerous_operation_is_known_in_any_spelling() {
    for path in [
        "/v1/installations/me",
        "/v1/installations/%6de",
        "/v1/%69nstallations/me/",
        "//v1//installations/me",
        "/v1/Installations/ME",
        "/v7/installations/me",
    ] {
        let word = draft(Method::Delete, path).endpoint.confirm.clone();
        assert_eq!(word.as_deref(), Some("uninstall"), "{path}");
    }
    assert_eq!(draft(Method::Post, "/v4/export-jobs").endpoint.confirm.as_deref(), Some("export"));
    assert_eq!(draft(Method::Get, "/v1/installations/%6de").endpoint.operation, "get-installation");
    assert_eq!(draft(Method::Delete, "/v1/vendors").endpoint.confirm, None);
}

#[test]
fn lists_repeat_the_name_and_unknown_names_are_kept() {
    let draft = draft(Method::Get, "/v2/employees?sorting_keys=a&sorting_keys=b&who=me%20too");
    assert_eq!(draft.query(), [("sorting_keys", "a"), ("sorting_keys", "b"), ("who", "me too")]);
    assert!(draft.target().ends_with("?sorting_keys=a&sorting_keys=b&who=me%20too"));
}

#[test]
fn bodies_are_prefilled_with_required_fields() {
    assert_eq!(draft(Method::Post, "/v1/accounting-entries:search").body, "{\n  \"includeDeleted\": false\n}");
    assert!(draft(Method::Put, "/v3/export-jobs/{jobId}/items").body.starts_with("[\n  {"));
    assert_eq!(draft(Method::Get, "/v2/employees").body, "");
}

#[test]
fn pasted_urls_are_taken_only_from_the_environment_in_force() {
    let from = |text| Draft::from_path(Method::Get, text, None, Environment::Staging, &Environments::pleo());
    assert_eq!(
        from("https://external.staging.pleo.io/v2/employees?limit=1").expect("own").target(),
        "/v2/employees?limit=1"
    );
    assert_eq!(from("https://openapi.staging.pleo.io/v1/employees").expect("legacy").endpoint.surface, Surface::Legacy);
    assert_eq!(from("https://External.staging.pleo.io:443").expect("own").target(), "/");
    assert!(matches!(from("https://external.pleo.io/v2/employees"), Err(DraftError::OtherEnvironment { .. })));
    for foreign in [
        "https://evil.example/v2",
        "https://external.staging.pleo.io@evil.example/",
        "http://external.staging.pleo.io/",
        "https://external.staging.pleo.io\\@evil.example/",
        "https://exter\tnal.staging.pleo.io/",
        "https://external\u{3002}staging.pleo.io/",
        "https://external.staging.pleo.io:4430/",
    ] {
        assert!(matches!(from(foreign), Err(DraftError::ForeignUrl(_))), "{foreign}");
    }
    assert!(matches!(from("v2/employees"), Err(DraftError::NoSlash(_))));
    assert!(matches!(from("/v2/emp loyees"), Err(DraftError::BadPath { position: 8, .. })));
}
