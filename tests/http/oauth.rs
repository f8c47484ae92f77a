//! The sandbox's authorisation server, asked as a client and a browser would.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pleoscope::pleo::credential::CredentialKind;
use pleoscope::pleo::endpoint::Surface;
use pleoscope::pleo::environment::Environment::{self, Production, Staging};
use pleoscope::sandbox::{OAuthClient, Options};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::sandbox::{Bench, answer, send};

pub const CALLBACK: &str = "http://127.0.0.1:8421/callback";
pub const VERIFIER: &str = "a-verifier-of.all~kinds_of-characters-0123456789";
const FORM: &str = "application/x-www-form-urlencoded";

type Pairs<'a> = Vec<(&'a str, &'a str)>;

pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The pairs with some of them replaced, or left out where the new value is empty.
pub fn changed<'a>(pairs: &[(&'a str, &'a str)], changes: &[(&'a str, &'a str)]) -> Pairs<'a> {
    let kept = pairs.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    kept.chain(changes).copied().filter(|(_, value)| !value.is_empty()).collect()
}

/// The parameters of a redirect, after its target was looked at.
pub fn parameters(location: &str, target: &str) -> Vec<(String, String)> {
    let query = location.strip_prefix(&format!("{target}?")).expect("the redirect URI, as it was registered");
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

pub fn parameter<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
}

pub fn location(response: &Response) -> String {
    assert_eq!(response.status().as_u16(), 302);
    response.headers()["location"].to_str().expect("text").to_owned()
}

/// The hidden id of a consent page.
pub fn request_id(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"request\" value=\"").expect("a hidden field");
    rest.split_once('"').expect("its end").0.to_owned()
}

impl Bench {
    pub fn client(&self, environment: Environment, public: bool) -> OAuthClient {
        let all = self.sandbox.oauth_clients();
        all.into_iter()
            .find(|client| client.environment == environment && client.client_secret.is_none() == public)
            .expect("a client")
    }

    pub fn authorize_url(&self, environment: Environment, pairs: &[(&str, &str)]) -> Url {
        let mut url = self.sandbox.auth(environment).join("oauth/authorize").expect("a URL");
        url.set_query(Some(&encoded(pairs)));
        url
    }

    pub fn form(&self, environment: Environment, path: &str, pairs: &[(&str, &str)]) -> RequestBuilder {
        let url = self.sandbox.auth(environment).join(path).expect("a URL");
        self.client.post(url).header("content-type", FORM).body(encoded(pairs))
    }

    /// Answers the consent page; the parameters of the redirect.
    pub async fn consent(
        &self,
        environment: Environment,
        asked: &[(&str, &str)],
        decision: &str,
    ) -> Vec<(String, String)> {
        let page = send(self.client.get(self.authorize_url(environment, asked))).await;
        assert_eq!(page.status().as_u16(), 200);
        let id = request_id(&page.text().await.expect("a page"));
        let decided =
            send(self.form(environment, "oauth/authorize", &[("request", &id), ("decision", decision)])).await;
        parameters(&location(&decided), asked.iter().find(|it| it.0 == "redirect_uri").expect("a URI").1)
    }

    /// A code that staging's public client was given.
    async fn code(&self, scope: &str) -> String {
        let client = self.client(Staging, true);
        let challenge = challenge(VERIFIER);
        let asked = changed(&asked(&client.client_id, &challenge), &[("scope", scope)]);
        parameter(&self.consent(Staging, &asked, "allow").await, "code").expect("a code").to_owned()
    }

    /// The token request of staging's public client, with changes.
    pub async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> (u16, Value) {
        let client = self.client(Staging, true);
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("client_id", &client.client_id),
        ];
        answer(self.form(Staging, "oauth/token", &changed(&pairs, changes))).await
    }

    /// Tokens of staging's public client.
    async fn tokens(&self, scope: &str) -> Value {
        let code = self.code(scope).await;
        let (status, tokens) = self.redeem(&code, &[]).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    async fn refresh(&self, tokens: &Value, changes: &[(&str, &str)]) -> (u16, Value) {
        let client = self.client(Staging, true);
        let pairs = [
            ("grant_type", "refresh_token"),
            ("refresh_token", text(tokens, "refresh_token")),
            ("client_id", &client.client_id),
        ];
        answer(self.form(Staging, "oauth/token", &changed(&pairs, changes))).await
    }

    async fn with_token(&self, environment: Environment, tokens: &Value, method: &str, target: &str) -> (u16, Value) {
        let url = self.sandbox.base(environment, Surface::External).join(target).expect("a URL");
        let request = self.client.request(method.parse().expect("a method"), url);
        answer(request.bearer_auth(text(tokens, "access_token"))).await
    }

    /// What introspection by staging's public client says of a token.
    async fn about(&self, token: &str) -> Value {
        let client = self.client(Staging, true);
        let pairs = [("token", token), ("token_type_hint", "access_token"), ("client_id", &client.client_id)];
        let (status, body) = answer(self.form(Staging, "oauth/token/introspect", &pairs)).await;
        assert_eq!(status, 200, "{body}");
        body
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect("a text")
}

/// A request for consent that is in order.
pub fn asked<'a>(client: &'a str, challenge: &'a str) -> Pairs<'a> {
    vec![
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("scope", "users:read companies:read"),
        ("state", "a state & more"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
        ("urn_pleo_params_oauth_subject", "urn:pleo:company:1"),
    ]
}

#[tokio::test]
async fn the_whole_flow_of_a_public_and_a_confidential_client() {
    let bench = Bench::new().await;
    let challenge = challenge(VERIFIER);
    for environment in [Staging, Production] {
        for way in ["public", "header", "form", "header, without a challenge"] {
            let client = bench.client(environment, way == "public");
            let bare = way.contains("without");
            let gone: Pairs =
                if bare { vec![("code_challenge", ""), ("code_challenge_method", "")] } else { Vec::new() };
            let asked = changed(&asked(&client.client_id, &challenge), &gone);
            let back = bench.consent(environment, &asked, "allow").await;
            assert_eq!(parameter(&back, "state"), Some("a state & more"));
            let code = parameter(&back, "code").expect("a code").to_owned();
            let secret = client.client_secret.clone().unwrap_or_default();
            let mut pairs = vec![("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
            if !bare {
                pairs.push(("code_verifier", VERIFIER));
            }
            if !way.starts_with("header") {
                pairs.push(("client_id", &client.client_id));
            }
            if way == "form" {
                pairs.push(("client_secret", &secret));
            }
            let mut request = bench.form(environment, "oauth/token", &pairs);
            if way.starts_with("header") {
                request = request.basic_auth(&client.client_id, Some(&secret));
            }
            let response = send(request).await;
            assert_eq!(response.status().as_u16(), 200, "{way}");
            assert_eq!(response.headers()["cache-control"], "no-store");
            let tokens: Value = serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON");
            assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(3600)));
            assert_eq!(tokens["scope"], "users:read companies:read");
            assert!(text(&tokens, "access_token").starts_with(&format!("sbx_{environment}_at_")));
            assert!(text(&tokens, "refresh_token").starts_with(&format!("sbx_{environment}_rt_")));
            let (status, me) = bench.with_token(environment, &tokens, "GET", "v1/introspect").await;
            assert_eq!((status, &me["data"]["authMethod"]), (200, &json!("OAUTH2")));
            assert_eq!(me["data"]["clientId"], *client.client_id);
            assert_eq!(me["data"]["scope"], "users:read companies:read");
            let other = bench.with_token(environment.other(), &tokens, "GET", "v1/introspect").await;
            assert_eq!(other.0, 401, "a token opens its own environment only");
        }
    }
}

#[tokio::test]
async fn demo_clients_name_their_environment_and_options_add_redirect_uris() {
    let uri = "http://127.0.0.1:9/extra?kept=1".to_owned();
    let bench = Bench::with(Options { redirect_uris: vec![uri.clone()], ..Options::default() }).await;
    let clients = bench.sandbox.oauth_clients();
    assert_eq!(clients.len(), 4);
    for client in &clients {
        assert!(client.client_id.contains(client.environment.name()));
        assert_eq!(client.redirect_uris.len(), 4);
        assert!(client.redirect_uris.contains(&uri));
    }
    let challenge = challenge(VERIFIER);
    let pairs = changed(&asked(&clients[0].client_id, &challenge), &[("redirect_uri", &uri), ("scope", "x")]);
    let refused = send(bench.client.get(bench.authorize_url(Staging, &pairs))).await;
    assert!(location(&refused).starts_with("http://127.0.0.1:9/extra?kept=1&error=invalid_scope"));
}

#[tokio::test]
async fn a_client_must_prove_who_it_is_in_one_way() {
    let bench = Bench::new().await;
    let (public, confidential) = (bench.client(Staging, true), bench.client(Staging, false));
    let secret = confidential.client_secret.clone().expect("a secret");
    let production = bench.client(Production, false);
    let other_secret = production.client_secret.clone().expect("a secret");
    let (id, production_id) = (&*confidential.client_id, &*production.client_id);
    let no_header: Option<(&str, &str)> = None;
    for (header, form, wanted) in [
        (no_header, vec![], (401, "invalid_client")),
        (no_header, vec![("client_id", "nobody")], (401, "invalid_client")),
        (no_header, vec![("client_id", id)], (401, "invalid_client")),
        (no_header, vec![("client_id", id), ("client_secret", "wrong")], (401, "invalid_client")),
        (no_header, vec![("client_id", &public.client_id), ("client_secret", "any")], (401, "invalid_client")),
        (Some((id, "wrong")), vec![], (401, "invalid_client")),
        (Some(("nobody", &secret)), vec![], (401, "invalid_client")),
        (Some((&public.client_id, "")), vec![], (401, "invalid_client")),
        (Some((production_id, &other_secret)), vec![], (401, "invalid_client")),
        (Some((id, &secret)), vec![("client_secret", &*secret)], (400, "invalid_request")),
        (Some((id, &secret)), vec![("client_id", &*public.client_id)], (400, "invalid_request")),
        (Some((id, &secret)), vec![("client_id", id)], (400, "unsupported_grant_type")),
        (no_header, vec![("client_id", id), ("client_secret", &*secret)], (400, "unsupported_grant_type")),
        (no_header, vec![("client_id", id), ("client_id", id)], (400, "invalid_request")),
    ] {
        let mut pairs = vec![("grant_type", "password")];
        pairs.extend(&form);
        let mut request = bench.form(Staging, "oauth/token", &pairs);
        if let Some((user, password)) = header {
            request = request.basic_auth(user, Some(password));
        }
        let response = send(request).await;
        let status = response.status().as_u16();
        assert_eq!(response.headers()["cache-control"], "no-store");
        let challenge =
            response.headers().get("www-authenticate").map(|value| value.to_str().expect("text").to_owned());
        assert_eq!(challenge.is_some_and(|it| it.starts_with("Basic ")), status == 401);
        let body: Value = serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON");
        assert_eq!((status, text(&body, "error")), wanted, "{header:?} {form:?} {body}");
        assert!(body["error_description"].is_string());
    }
    let url = bench.sandbox.auth(Staging).join("oauth/token").expect("a URL");
    let bearer = bench.form(Staging, "oauth/token", &[("grant_type", "x")]).bearer_auth("x");
    assert_eq!(answer(bearer).await.0, 401);
    let json = bench.client.post(url.clone()).header("content-type", "application/json").body("{}");
    assert_eq!(answer(json).await.1["error"], "invalid_request");
    assert_eq!(answer(bench.client.get(url)).await.0, 405);
    let nowhere = bench.sandbox.auth(Staging).join("oauth/revoke").expect("a URL");
    assert_eq!(answer(bench.client.post(nowhere)).await.0, 404);
}

#[tokio::test]
async fn a_code_is_bound_to_its_client_its_address_and_its_verifier() {
    let bench = Bench::new().await;
    let long = "v".repeat(129);
    let confidential = bench.client(Staging, false);
    let secret = confidential.client_secret.expect("a secret");
    for (changes, error) in [
        (vec![("code_verifier", "another-verifier-of-forty-three-characters-")], "invalid_grant"),
        (vec![("code_verifier", "")], "invalid_grant"),
        (vec![("code_verifier", "too-short")], "invalid_request"),
        (vec![("code_verifier", &*long)], "invalid_request"),
        (vec![("code_verifier", "a verifier with spaces in it, and with commas")], "invalid_request"),
        (vec![("redirect_uri", "http://[::1]:8421/callback")], "invalid_grant"),
        (vec![("redirect_uri", "")], "invalid_request"),
        (vec![("code", "")], "invalid_request"),
        (vec![("code", "nonsense")], "invalid_grant"),
        (vec![("grant_type", "")], "invalid_request"),
        (vec![("grant_type", "client_credentials")], "unsupported_grant_type"),
        (vec![("client_id", &*confidential.client_id), ("client_secret", &*secret)], "invalid_grant"),
    ] {
        let code = bench.code("users:read").await;
        let (status, body) = bench.redeem(&code, &changes).await;
        assert_eq!((status, text(&body, "error")), (400, error), "{changes:?}");
    }
    // A verifier for a code that was asked for without a challenge.
    let bare = changed(&asked(&confidential.client_id, ""), &[("code_challenge", ""), ("code_challenge_method", "")]);
    let back = bench.consent(Staging, &bare, "allow").await;
    let code = parameter(&back, "code").expect("a code");
    let (_, body) = bench.redeem(code, &[("client_id", &confidential.client_id), ("client_secret", &secret)]).await;
    assert_eq!(body["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_used_twice_voids_what_came_of_it() {
    let bench = Bench::new().await;
    let code = bench.code("users:read").await;
    let tokens = bench.redeem(&code, &[]).await.1;
    let tokens = bench.refresh(&tokens, &[]).await.1;
    let bystander = bench.tokens("users:read").await;
    assert_eq!(bench.redeem(&code, &[]).await.1["error"], "invalid_grant");
    assert_eq!(bench.with_token(Staging, &tokens, "GET", "v1/introspect").await.0, 401);
    assert_eq!(bench.refresh(&tokens, &[]).await.1["error"], "invalid_grant");
    assert_eq!(bench.with_token(Staging, &bystander, "GET", "v1/introspect").await.0, 200);
}

#[tokio::test]
async fn a_refresh_voids_the_pair_before_and_its_replay_voids_everything() {
    let bench = Bench::new().await;
    let first = bench.tokens("users:read").await;
    let (status, second) = bench.refresh(&first, &[]).await;
    assert_eq!((status, &second["scope"]), (200, &json!("users:read")));
    assert!(first["access_token"] != second["access_token"] && first["refresh_token"] != second["refresh_token"]);
    let (status, body) = bench.with_token(Staging, &first, "GET", "v1/introspect").await;
    assert_eq!((status, &body["message"]), (401, &json!("JWT is invalid or expired")));
    assert_eq!(bench.with_token(Staging, &second, "GET", "v1/introspect").await.0, 200);
    let (status, body) = bench.refresh(&first, &[]).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    assert!(text(&body, "error_description").contains("invalid_refresh_token"));
    assert_eq!(bench.with_token(Staging, &second, "GET", "v1/introspect").await.0, 401);
    assert_eq!(bench.refresh(&second, &[]).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn a_refresh_is_for_its_own_client_and_goes_no_further_than_consent() {
    let bench = Bench::new().await;
    let tokens = bench.tokens("users:read companies:read").await;
    let other = bench.client(Staging, false);
    let secret = other.client_secret.expect("a secret");
    let stolen = bench.refresh(&tokens, &[("client_id", &other.client_id), ("client_secret", &secret)]).await.1;
    assert!(stolen["error"] == "invalid_grant", "{stolen}");
    assert_eq!(bench.refresh(&tokens, &[("refresh_token", "")]).await.1["error"], "invalid_request");
    assert_eq!(bench.refresh(&tokens, &[("scope", "users:read vendors:read")]).await.1["error"], "invalid_scope");
    let narrow = bench.refresh(&tokens, &[("scope", "companies:read")]).await.1;
    assert_eq!(narrow["scope"], "companies:read");
    assert_eq!(bench.with_token(Staging, &narrow, "GET", "v2/employees").await.0, 403);
    assert_eq!(bench.refresh(&narrow, &[]).await.1["scope"], "users:read companies:read");
}

#[tokio::test]
async fn an_expired_token_is_told_from_a_wrong_one_and_can_be_refreshed() {
    let bench = Bench::new().await;
    let tokens = bench.tokens("users:read").await;
    bench.sandbox.expire_tokens(Production);
    assert_eq!(bench.with_token(Staging, &tokens, "GET", "v1/introspect").await.0, 200);
    bench.sandbox.expire_tokens(Staging);
    let (status, body) = bench.with_token(Staging, &tokens, "GET", "v1/introspect").await;
    assert_eq!((status, &body["message"]), (401, &json!("JWT is expired")));
    assert_eq!(bench.about(text(&tokens, "access_token")).await, json!({"active": false}));
    let next = bench.refresh(&tokens, &[]).await.1;
    assert_eq!(bench.with_token(Staging, &next, "GET", "v1/introspect").await.0, 200);
    let bench = Bench::with(Options { token_lifetime: Duration::ZERO, ..Options::default() }).await;
    let tokens = bench.tokens("users:read").await;
    assert_eq!(tokens["expires_in"], 0);
    assert_eq!(bench.with_token(Staging, &tokens, "GET", "v1/introspect").await.1["message"], "JWT is expired");
    let bench = Bench::with(Options { token_lifetime: Duration::MAX, ..Options::default() }).await;
    let tokens = bench.tokens("users:read").await;
    assert_eq!(tokens["expires_in"], u64::MAX);
    assert_eq!(bench.about(text(&tokens, "access_token")).await["exp"], i64::MAX);
}

#[tokio::test]
async fn introspection_tells_a_client_of_its_own_tokens() {
    let bench = Bench::new().await;
    let tokens = bench.tokens("users:read").await;
    let token = text(&tokens, "access_token");
    let about = bench.about(token).await;
    let base = bench.sandbox.base(Staging, Surface::External).as_str().trim_end_matches('/');
    assert_eq!((&about["active"], &about["token_type"]), (&json!(true), &json!("at+JWT")));
    assert_eq!((text(&about, "aud"), text(&about, "iss")), (base, "pleo.staging"));
    assert_eq!(text(&about, "client_id"), bench.client(Staging, true).client_id);
    assert!(text(&about, "urn:pleo:params:oauth:subject_urn").starts_with("urn:pleo:"));
    assert!(!text(&about, "sub").is_empty() && !text(&about, "jti").is_empty());
    assert_eq!(about["exp"].as_i64().expect("a time") - about["iat"].as_i64().expect("a time"), 3_600);
    assert_eq!(bench.about("nonsense").await, json!({"active": false}));
    let refresh = bench.about(text(&tokens, "refresh_token")).await;
    assert_eq!((&refresh["active"], refresh.get("exp")), (&json!(true), None));

    let other = bench.client(Staging, false);
    let secret = other.client_secret.clone().expect("a secret");
    let ask = |environment, pairs: &[(&str, &str)]| bench.form(environment, "oauth/token/introspect", pairs);
    let as_other = ask(Staging, &[("token", token)]).basic_auth(&other.client_id, Some(&secret));
    assert_eq!(answer(as_other).await, (200, json!({"active": false})));
    let by_form = ask(Staging, &[("token", token), ("client_id", &other.client_id), ("client_secret", &secret)]);
    assert_eq!(answer(by_form).await.1["error"], "invalid_client");
    let without = ask(Staging, &[]).basic_auth(&other.client_id, Some(&secret));
    assert_eq!(answer(without).await.1["error"], "invalid_request");
    let public = bench.client(Production, true);
    let elsewhere = ask(Production, &[("token", token), ("client_id", &public.client_id)]);
    assert_eq!(answer(elsewhere).await, (200, json!({"active": false})));
}

#[tokio::test]
async fn a_token_does_what_was_granted_and_no_more() {
    let bench = Bench::new().await;
    let tokens = bench.tokens("test:test users:read users:read").await;
    assert_eq!(tokens["scope"], "test:test users:read");
    let (status, page) = bench.with_token(Staging, &tokens, "GET", "v2/employees?limit=5").await;
    assert_eq!((status, page["data"].as_array().map(Vec::len)), (200, Some(5)));
    let (status, body) = bench.with_token(Staging, &tokens, "GET", "v1/companies").await;
    assert_eq!((status, &body["type"]), (403, &json!("ACCESS_DENIED")));
    let legacy = bench.sandbox.base(Staging, Surface::Legacy).join("v1/health").expect("a URL");
    assert_eq!(answer(bench.client.get(legacy).bearer_auth(text(&tokens, "access_token"))).await.0, 401);
    let basic = bench.sandbox.base(Staging, Surface::External).join("v1/introspect").expect("a URL");
    assert_eq!(answer(bench.client.get(basic).basic_auth(text(&tokens, "access_token"), Some(""))).await.0, 401);
    let nothing = bench.tokens("test:test").await;
    assert_eq!(bench.with_token(Staging, &nothing, "GET", "v2/employees").await.0, 403);
    assert_eq!(bench.with_token(Staging, &nothing, "GET", "v1/introspect").await.1["data"]["scope"], "test:test");
}

#[tokio::test]
async fn the_requests_of_a_clients_tokens_are_counted_together() {
    let bench = Bench::with(Options { rate_limit: 2, ..Options::default() }).await;
    let first = bench.tokens("users:read").await;
    let second = bench.tokens("users:read").await;
    for (tokens, wanted) in [(&first, 200), (&second, 200), (&first, 429), (&second, 429)] {
        assert_eq!(bench.with_token(Staging, tokens, "GET", "v1/introspect").await.0, wanted);
    }
    let demo = bench.request(Staging, CredentialKind::OAuthAccessToken, "GET", "v1/introspect");
    assert_eq!(answer(demo).await.0, 200);
}

#[tokio::test]
async fn a_deleted_installation_takes_every_token_of_the_client_until_the_next_consent() {
    let bench = Bench::new().await;
    let (first, second) = (bench.tokens("users:read").await, bench.tokens("users:read").await);
    assert_eq!(bench.with_token(Staging, &first, "GET", "v1/installations/me").await.0, 200);
    assert_eq!(bench.with_token(Staging, &first, "DELETE", "v1/installations/me").await.0, 204);
    for tokens in [&first, &second] {
        assert_eq!(bench.with_token(Staging, tokens, "GET", "v1/introspect").await.0, 401);
        assert_eq!(bench.refresh(tokens, &[]).await.1["error"], "invalid_grant");
    }
    assert_eq!(bench.get("v1/introspect").await.0, 200, "another application stays");
    let again = bench.tokens("users:read").await;
    assert_eq!(bench.with_token(Staging, &again, "GET", "v1/installations/me").await.0, 200);
}

#[tokio::test]
async fn what_a_client_sent_can_be_looked_at() {
    let bench = Bench::new().await;
    bench.tokens("users:read").await;
    let log = bench.sandbox.log();
    let paths: Vec<&str> = log.iter().map(|seen| seen.path_and_query.split('?').next().expect("a path")).collect();
    assert_eq!(paths, ["/oauth/authorize", "/oauth/authorize", "/oauth/token"]);
    let body = String::from_utf8_lossy(&log[2].body);
    assert!(body.contains(&format!("code_verifier={}", encoded(&[("", VERIFIER)]).trim_start_matches('='))), "{body}");
    assert!(!log[0].path_and_query.contains("code_verifier") && log[0].surface.is_none());
    let long = "x".repeat(70_000);
    send(bench.form(Staging, "oauth/token", &[("token", &long)])).await;
    let seen = bench.sandbox.log().pop().expect("a request");
    assert_eq!((seen.body_length, seen.body.len()), (70_006, 65_536));
}
