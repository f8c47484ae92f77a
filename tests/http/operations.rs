//! Every operation of the catalogue against the sandbox: none is missing, and each list answers with its page.

use pleoscope::pleo::catalogue::Catalogue;
use pleoscope::pleo::credential::CredentialKind;
use pleoscope::pleo::endpoint::{Endpoint, Method, ParamPlace, Surface};
use pleoscope::pleo::environment::Environment::Staging;
use serde_json::{Value, json};

use super::sandbox::{Bench, answer, with};

const NOBODY: &str = "00000000-0000-4000-8000-000000000001";

/// A request of an operation: path parameters that lead nowhere, the company where it is asked for.
async fn ask(bench: &Bench, endpoint: &Endpoint, company: &str) -> (u16, Value) {
    let (mut path, mut query) = (endpoint.path.trim_start_matches('/').to_owned(), Vec::new());
    for param in &endpoint.params {
        match param.place {
            ParamPlace::Path => path = path.replace(&format!("{{{}}}", param.name), NOBODY),
            ParamPlace::Query if matches!(param.name.as_str(), "company_id" | "companyId" | "company_ids") => {
                query.push(format!("{}={company}", param.name));
            }
            ParamPlace::Query => {}
        }
    }
    let kind = match endpoint.surface {
        Surface::External => CredentialKind::OAuthAccessToken,
        Surface::Legacy => CredentialKind::LegacyToken,
    };
    let target = format!("{path}?{}", query.join("&"));
    let request = bench.request(Staging, kind, endpoint.method.as_str(), &target);
    let required = endpoint.body.is_some();
    answer(if required { with(request, &json!({"companyId": company})) } else { request }).await
}

#[tokio::test]
async fn every_operation_is_answered() {
    let unchanged = Bench::new().await;
    for endpoint in Catalogue::embedded().endpoints() {
        // Writes of one operation must not take away what the next one needs.
        let changed = if endpoint.writes { Some(Bench::new().await) } else { None };
        let bench = changed.as_ref().unwrap_or(&unchanged);
        let company = bench.get("v1/companies").await.1["data"][0]["id"].as_str().expect("an id").to_owned();
        let (status, body) = ask(bench, endpoint, &company).await;
        let name = &endpoint.operation;
        assert!(status < 500 && status != 401 && status != 403 && status != 405, "{name}: {status} {body}");
        let routed = !body["message"].as_str().unwrap_or_default().starts_with("No route");
        assert!(routed, "{name}: {status} {body}");
        let whole = endpoint.params.iter().all(|param| param.place != ParamPlace::Path);
        if endpoint.surface == Surface::External && endpoint.paging.is_some() && whole && endpoint.method == Method::Get
        {
            assert_eq!(status, 200, "{name}: {body}");
            assert!(body["data"].is_array() && body["pagination"]["hasNextPage"].is_boolean(), "{name}: {body}");
        }
    }
}
