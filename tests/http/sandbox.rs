use std::time::{Duration, Instant};

use pleoscope::pleo::credential::{CredentialKind, Scheme};
use pleoscope::pleo::endpoint::Surface;
use pleoscope::pleo::environment::Environment::{self, Production, Staging};
use pleoscope::sandbox::{self, Fault, Options, Sandbox};
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde_json::{Value, json};

/// A sandbox and a client that shows what comes, as it comes.
pub struct Bench {
    pub sandbox: Sandbox,
    pub client: Client,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(Options { rate_limit: 100_000, ..Options::default() }).await
    }

    pub async fn with(options: Options) -> Self {
        let sandbox = sandbox::start(options).await.expect("a sandbox");
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
        Self { sandbox, client }
    }

    pub fn value(&self, environment: Environment, kind: CredentialKind) -> String {
        let all = self.sandbox.demo_credentials();
        all.into_iter().find(|it| (it.0, it.1) == (environment, kind)).expect("a credential").2
    }

    /// A request to an environment's API, with that environment's credential of a kind.
    pub fn request(
        &self,
        environment: Environment,
        kind: CredentialKind,
        method: &str,
        target: &str,
    ) -> RequestBuilder {
        let url = self.sandbox.base(environment, kind.surface()).join(target).expect("a URL");
        let request = self.client.request(method.parse().expect("a method"), url);
        let value = self.value(environment, kind);
        match kind.scheme() {
            Scheme::Basic => request.basic_auth(value, Some("")),
            Scheme::Bearer => request.bearer_auth(value),
        }
    }

    /// A request with staging's access token.
    pub fn staging(&self, method: &str, target: &str) -> RequestBuilder {
        self.request(Staging, CredentialKind::OAuthAccessToken, method, target)
    }

    pub async fn get(&self, target: &str) -> (u16, Value) {
        answer(self.staging("GET", target)).await
    }

    pub async fn post(&self, target: &str, body: &Value) -> (u16, Value) {
        answer(with(self.staging("POST", target), body)).await
    }
}

pub fn with(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header("content-type", "application/json;charset=UTF-8").body(body.to_string())
}

pub async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("an answer")
}

pub async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = send(request).await;
    let status = response.status().as_u16();
    let body = response.bytes().await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_employees_are_all_there_and_different_in_each_environment() {
    let bench = Bench::new().await;
    for (environment, wanted) in [(Staging, 240), (Production, 1_300)] {
        let kind = CredentialKind::StandaloneApiKey;
        let (status, page) = answer(bench.request(environment, kind, "GET", "v2/employees?limit=100")).await;
        assert_eq!(status, 200);
        assert_eq!(page["pagination"]["total"], wanted);
        assert_eq!(page["data"].as_array().map(Vec::len), Some(100));
        let people = page["data"].as_array().expect("data");
        assert!(people.iter().any(|it| it["firstName"].as_str().is_some_and(|name| !name.is_ascii())));
        assert!(people.iter().any(|it| it.get("code").is_none()), "some have no code");
    }
}

#[tokio::test]
async fn each_credential_opens_its_own_door_only() {
    let bench = Bench::new().await;
    for environment in [Staging, Production] {
        for surface in [Surface::External, Surface::Legacy] {
            let path = if surface == Surface::External { "v1/companies" } else { "v1/health" };
            let url = bench.sandbox.base(environment, surface).join(path).expect("a URL");
            for (of, kind, value, _) in bench.sandbox.demo_credentials() {
                let right = of == environment && kind.surface() == surface;
                let basic = send(bench.client.get(url.clone()).basic_auth(&value, Some(""))).await.status();
                let bearer = send(bench.client.get(url.clone()).bearer_auth(&value)).await.status();
                let fits = |scheme| if right && kind.scheme() == scheme { 200 } else { 401 };
                assert_eq!((basic.as_u16(), bearer.as_u16()), (fits(Scheme::Basic), fits(Scheme::Bearer)), "{value}");
            }
            let none = send(bench.client.get(url.clone())).await;
            assert_eq!(none.status().as_u16(), 401);
            assert!(none.headers().contains_key("www-authenticate"));
            let raw = bench.client.get(url).header("authorization", "Basic pls_demo_staging_standalone_0000000001");
            assert_eq!(send(raw).await.status().as_u16(), 401);
        }
    }
}

#[tokio::test]
async fn a_key_is_not_enough_for_the_beta_accounts_and_a_narrow_one_not_for_people() {
    let bench = Bench::new().await;
    let key = bench.request(Staging, CredentialKind::StandaloneApiKey, "GET", "v1-beta/accounts/x");
    assert_eq!(answer(key).await.0, 401);
    let narrow = bench.sandbox.demo_credentials().into_iter().find(|it| it.3 == ["companies:read"]).expect("narrow");
    let url = bench.sandbox.base(Staging, Surface::External).join("v2/employees").expect("a URL");
    let (status, body) = answer(bench.client.get(url).basic_auth(narrow.2, Some(""))).await;
    assert_eq!((status, &body["type"]), (403, &json!("ACCESS_DENIED")));
    assert!(!body.to_string().contains("users:read"));
}

#[tokio::test]
async fn introspection_says_who_one_is() {
    let bench = Bench::new().await;
    let (status, me) = bench.get("v1/introspect").await;
    assert_eq!((status, &me["data"]["authMethod"]), (200, &json!("OAUTH2")));
    assert!(
        me["data"]["scope"].as_str().is_some_and(|scope| scope.contains("users:read export") || scope.contains(' '))
    );
    assert!(me["data"]["subjectURN"].as_str().is_some_and(|urn| urn.starts_with("urn:pleo:organisation:")));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_as_such() {
    let bench = Bench::new().await;
    let (status, body) = bench.get("v1/expenses").await;
    assert_eq!((status, &body["type"]), (404, &json!("NOT_FOUND")));
    let wrong = send(bench.staging("DELETE", "v2/employees")).await;
    assert_eq!((wrong.status().as_u16(), &wrong.headers()["allow"]), (405, &"GET, HEAD".parse().expect("a value")));
    let head = send(bench.staging("HEAD", "v2/employees")).await;
    assert_eq!(head.status().as_u16(), 200);
    assert!(head.headers()["content-length"] != "0" && head.bytes().await.expect("a body").is_empty());
    let (status, body) = answer(bench.request(Staging, CredentialKind::LegacyToken, "GET", "v1/nothing")).await;
    assert_eq!((status, &body["statusCode"]), (404, &json!(404)));
}

#[tokio::test]
async fn walking_forwards_and_backwards_sees_everyone_once() {
    let bench = Bench::new().await;
    for sorting in ["", "&sorting_keys=code&sorting_order=DESC_NULLS_LAST&sorting_keys=lastName&sorting_order=ASC"] {
        let (mut forwards, mut after) = (Vec::new(), String::new());
        let last = loop {
            let (status, page) = bench.get(&format!("v2/employees?limit=37{sorting}{after}")).await;
            assert_eq!(status, 200, "{page}");
            assert_eq!(page["pagination"]["hasPreviousPage"], !after.is_empty());
            forwards.extend(page["data"].as_array().expect("data").iter().map(|it| it["id"].to_string()));
            if page["pagination"]["hasNextPage"] == false {
                break page;
            }
            let cursor = page["pagination"]["endCursor"].as_str().expect("a cursor");
            assert!(cursor.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7' | b'=' | b'~')), "{cursor}");
            after = format!("&after={cursor}");
        };
        let mut seen = forwards.clone();
        seen.sort();
        seen.dedup();
        assert_eq!((forwards.len(), seen.len()), (240, 240));
        let ids = |page: &Value| {
            page["data"].as_array().expect("data").iter().map(|it| it["id"].to_string()).rev().collect::<Vec<_>>()
        };
        let mut backwards = ids(&last);
        let mut page = last;
        while page["pagination"]["hasPreviousPage"] == true {
            let cursor = page["pagination"]["startCursor"].as_str().expect("a cursor").to_owned();
            page = bench.get(&format!("v2/employees?limit=37{sorting}&before={cursor}")).await.1;
            backwards.extend(ids(&page));
        }
        backwards.reverse();
        assert_eq!(forwards, backwards);
    }
}

#[tokio::test]
async fn paging_parameters_are_checked_and_echoed() {
    let bench = Bench::new().await;
    let first = bench.get("v2/employees?limit=2").await.1;
    let cursor = first["pagination"]["endCursor"].as_str().expect("a cursor");
    for wrong in [
        "limit=0".to_owned(),
        "limit=101".into(),
        "limit=x".into(),
        "offset=-1".into(),
        "after=nonsense".into(),
        "after=AAAA".into(),
        format!("after={cursor}&offset=2"),
        format!("after={cursor}&before={cursor}"),
        format!("after={cursor}&sorting_keys=email&sorting_order=ASC"),
        "sorting_keys=email".into(),
        "sorting_keys=shoeSize&sorting_order=ASC".into(),
        "sorting_keys=email&sorting_order=UP".into(),
    ] {
        let (status, body) = bench.get(&format!("v2/employees?{wrong}")).await;
        assert_eq!((status, &body["type"]), (400, &json!("PARAMETER_VALIDATION_FAILED")), "{wrong}");
    }
    let page =
        bench.get("v2/employees?offset=3&limit=2&sorting_keys=email&sorting_order=DESC&sandbox_fault=slow=1ms").await.1;
    let echo = &page["pagination"]["currentRequestPagination"];
    assert_eq!((&echo["limit"], &echo["offset"]), (&json!(2), &json!(3)));
    assert_eq!((&echo["sortingKeys"], &echo["sortingOrder"]), (&json!(["email"]), &json!(["DESC"])));
    assert_eq!(echo["parameters"]["limit"], json!(["2"]));
    assert!(echo["parameters"].get("sandbox_fault").is_none());
}

#[tokio::test]
async fn lists_are_filtered() {
    let bench = Bench::new().await;
    let someone = bench.get("v2/employees?limit=1").await.1["data"][0].clone();
    let email = someone["email"].as_str().expect("an address");
    let found = bench.get(&format!("v2/employees?email={email}")).await.1;
    assert_eq!(found["data"], json!([someone]));
    let company = someone["companyId"].as_str().expect("a company");
    let found = bench.get(&format!("v2/employees?companyId={company}&limit=100")).await.1;
    assert!(found["data"].as_array().expect("data").iter().all(|it| it["companyId"] == company));
    let (status, body) = bench.get(&format!("v0/tag-groups?companyId={company}")).await;
    assert_eq!(status, 400);
    assert_eq!(body["message"], "Either company_id or organization_id must be provided");
    assert_eq!(bench.get(&format!("v0/tag-groups?company_id={company}")).await.0, 200);
}

#[tokio::test]
async fn writes_are_checked_and_seen_by_later_reads() {
    let bench = Bench::new().await;
    let company = bench.get("v1/companies").await.1["data"][0]["id"].clone();
    let account = json!({"companyId": company, "externalId": "T-1", "name": "Test", "archived": false});
    let (status, made) = bench.post("v1/chart-of-accounts", &account).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(bench.post("v1/chart-of-accounts", &account).await.0, 200);
    let mut other = account.clone();
    other["name"] = json!("Another");
    assert_eq!(bench.post("v1/chart-of-accounts", &other).await.0, 409);
    let target = format!("v1/chart-of-accounts/{}", made["data"]["id"].as_str().expect("an id"));
    assert_eq!(bench.get(&target).await.1, made);
    assert_eq!(answer(bench.staging("DELETE", &target)).await, (204, Value::Null));
    assert_eq!(bench.get(&target).await.1["type"], "ACCOUNT_NOT_FOUND");
    for (wrong, kind) in [
        (json!({"companyId": company, "name": "x", "archived": false}), "VALIDATION_FAILED"),
        (json!({"companyId": company, "externalId": 5, "name": "x", "archived": false}), "JSON_MAPPING_EXCEPTION"),
        (json!({"companyId": company, "externalId": "", "name": "x", "archived": false}), "VALIDATION_FAILED"),
    ] {
        let (status, body) = bench.post("v1/chart-of-accounts", &wrong).await;
        assert_eq!((status, &body["type"]), (400, &json!(kind)), "{wrong}");
    }
}

#[tokio::test]
async fn a_tags_values_in_the_dimensions_are_kept() {
    let bench = Bench::new().await;
    let company = bench.get("v1/companies").await.1["data"][0]["id"].as_str().expect("an id").to_owned();
    let groups = bench.get(&format!("v0/tag-groups?company_id={company}")).await.1;
    let group = groups["data"][0]["id"].as_str().expect("an id");
    let dimensions = bench.get(&format!("v0/tag-groups/{group}/dimensions")).await.1;
    assert_eq!(dimensions["data"].as_array().map(Vec::len), Some(2));
    let tag = json!({"archived": false, "code": "T-1", "name": "T", "otherDimensionValues": ["one", "two"]});
    let (status, made) = bench.post(&format!("v0/tag-groups/{group}/tags"), &tag).await;
    assert!((200..300).contains(&status), "{made}");
    let kept = bench.get(&format!("v0/tags/{}/dimensions", made["data"]["id"].as_str().expect("an id"))).await.1;
    let values: Vec<&str> =
        kept["data"].as_array().expect("data").iter().filter_map(|it| it["value"].as_str()).collect();
    assert_eq!(values, ["one", "two"]);
}

#[tokio::test]
async fn accounts_of_a_category_can_be_left_out() {
    let bench = Bench::new().await;
    let company = bench.get("v1/companies").await.1["data"][0]["id"].clone();
    let mut totals = Vec::new();
    for (category, contra) in [(false, false), (true, false), (false, true)] {
        let query = json!({
            "companyId": company,
            "excludeIfAssignedToCategory": category,
            "excludeIfAssignedToContraAccount": contra,
        });
        totals.push(bench.post("v1/chart-of-accounts:search", &query).await.1["pagination"]["total"].as_u64());
    }
    assert!(totals[1] < totals[0] && totals[2] < totals[0] && totals[1] > Some(0), "{totals:?}");
}

#[tokio::test]
async fn a_deleted_installation_takes_the_token_with_it() {
    let bench = Bench::new().await;
    let (status, installation) = answer(bench.staging("POST", "v1/installations/me:activate")).await;
    assert_eq!((status, &installation["status"]), (200, &json!("ACTIVATED")));
    assert_eq!(answer(bench.staging("DELETE", "v1/installations/me")).await.0, 204);
    assert_eq!(bench.get("v1/companies").await.0, 401);
    let key = |method| bench.request(Staging, CredentialKind::IntegratedApiKey, method, "v1/installations/me");
    assert_eq!(answer(key("DELETE")).await.0, 204);
    assert_eq!(answer(key("GET")).await.0, 404);
    assert_eq!(answer(with(key("POST"), &json!({}))).await.0, 200);
    assert_eq!(answer(key("GET")).await.0, 200);
}

#[tokio::test]
async fn too_many_requests_a_minute_are_refused_by_credential() {
    let bench = Bench::with(Options { rate_limit: 3, ..Options::default() }).await;
    for _ in 0..3 {
        assert_eq!(bench.get("v1/introspect").await.0, 200);
    }
    let refused = send(bench.staging("GET", "v1/introspect")).await;
    assert_eq!(refused.status().as_u16(), 429);
    let wait: u64 = refused.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    let other = bench.request(Staging, CredentialKind::StandaloneApiKey, "GET", "v1/introspect");
    assert_eq!(answer(other).await.0, 200);
}

#[tokio::test]
async fn faults_replace_the_answer() {
    let bench = Bench::new().await;
    let fault = |fault: &str| bench.staging("GET", &format!("v2/employees?limit=1&sandbox_fault={fault}"));
    let garbage = send(fault("garbage")).await;
    assert_eq!(garbage.status().as_u16(), 200);
    assert_eq!(garbage.headers()["content-type"], "application/json;charset=UTF-8");
    assert!(garbage.bytes().await.expect("a body").contains(&0x1b));
    for (word, status) in [("429", 429), ("503", 503)] {
        let refused = send(fault(word)).await;
        assert_eq!(refused.status().as_u16(), status);
        assert!(refused.headers().contains_key("retry-after"));
    }
    let moved = send(fault("redirect=other-host")).await;
    let target = bench.sandbox.base(Production, Surface::External).join("v2/employees?limit=1").expect("a URL");
    assert_eq!((moved.status().as_u16(), moved.headers()["location"].to_str().expect("text")), (302, target.as_str()));
    let deep = send(fault("deep=70000")).await.bytes().await.expect("a body");
    assert_eq!((deep.len(), deep[69_999], deep[70_000]), (140_000, b'[', b']'));
    let huge = send(fault("huge=2MB")).await;
    let body = huge.bytes().await.expect("a body");
    assert!((1_990_000..2_010_000).contains(&body.len()), "{}", body.len());
    let page: Value = serde_json::from_slice(&body).expect("JSON");
    assert!(page["data"].as_array().expect("data").len() > 5_000);
    let header = send(bench.staging("GET", "v2/employees").header("x-sandbox-fault", "503")).await;
    assert_eq!(header.status().as_u16(), 503);
    let (status, body) = answer(fault("nonsense")).await;
    assert!(status == 400 && body["message"].as_str().expect("a message").contains("slow=2s"));
}

#[tokio::test]
async fn faults_spoil_the_delivery() {
    let bench = Bench::new().await;
    let fault = |fault: &str| bench.staging("GET", &format!("v2/employees?limit=2&sandbox_fault={fault}"));
    let whole = send(fault("slow=1ms")).await.bytes().await.expect("a body");
    let began = Instant::now();
    send(fault("slow=300ms")).await;
    assert!(began.elapsed() >= Duration::from_millis(300));
    let began = Instant::now();
    let dripped = send(fault("drip")).await.bytes().await.expect("a body");
    assert_eq!(dripped.len(), whole.len());
    assert!(began.elapsed() >= Duration::from_millis(50 * (whole.len() as u64 / 50)));
    for word in ["reset", "truncate"] {
        let mut broken = send(fault(word)).await;
        assert_eq!(broken.status().as_u16(), 200);
        assert_eq!(broken.content_length(), Some(whole.len() as u64));
        let mut got = 0;
        let error = loop {
            match broken.chunk().await {
                Ok(Some(chunk)) => got += chunk.len(),
                Ok(None) => panic!("{word} ended well"),
                Err(error) => break error,
            }
        };
        assert_eq!(got, whole.len() / 2, "{word}");
        let text = format!("{error:?}");
        assert_eq!(text.contains("ConnectionReset"), word == "reset", "{word}: {text}");
    }
}

#[tokio::test]
async fn all_answers_can_be_spoilt_from_the_start() {
    let faults = vec![Fault::Unavailable];
    let bench = Bench::with(Options { faults, ..Options::default() }).await;
    assert_eq!(bench.get("v2/employees").await.0, 503);
}

#[tokio::test]
async fn what_arrives_is_remembered() {
    let bench = Bench::new().await;
    bench.get("v2/employees?limit=1").await;
    bench.post("v1/vendors", &json!({})).await;
    let log = bench.sandbox.log();
    assert_eq!(log.len(), 2);
    assert_eq!((log[0].environment, log[0].surface), (Staging, Some(Surface::External)));
    assert_eq!((&*log[0].method, &*log[0].path_and_query, log[0].status), ("GET", "/v2/employees?limit=1", 200));
    assert!(log[0].headers.iter().any(|(name, _)| name == "authorization"));
    assert_eq!((log[1].body_length, &*log[1].body, log[1].status), (2, &b"{}"[..], 400));
}
