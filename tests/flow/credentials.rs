//! Pane 2: several credentials, who they are, keeping, forgetting, logging in, and what an answer is told about them.

use super::*;
use pleoscope::app::credentials::Who;
use pleoscope::app::event::{Facts, Handed};
use pleoscope::pleo::credential::{Entry, Place};
use pleoscope::pleo::identity::{Access, Company, Identity};
use serde_json::json;

fn identity(scope: &str) -> Identity {
    let mut identity = Identity::default();
    identity.take_introspection(&json!({"scope": scope, "authMethod": "API_KEY", "applicationName": "Books"}));
    let id = "c8e3b322-0ac0-4c7d-8b96-381084442e8d".to_owned();
    identity.companies.push(Company { id, name: "Nordwind".into() });
    identity
}

fn asked(effects: &[Effect]) -> Option<WorkId> {
    effects.iter().find_map(|effect| if let Effect::Identify(id, _) = effect { Some(*id) } else { None })
}

fn failure(sentence: &str) -> Failure {
    Failure { phase: Phase::Setup, sentence: sentence.into() }
}

fn said(model: &Model) -> &str {
    model.message.as_ref().map_or("", |message| &message.text)
}

/// A model whose credential in force is known to be somebody.
fn known(scope: &str) -> Model {
    let mut model = model();
    let work = asked(&press(&mut model, "i")).unwrap();
    update(&mut model, Event::Reply(Reply::Identified(work, Box::new(Ok(identity(scope))))));
    model
}

fn stored(model: &mut Model) {
    let entry = Entry {
        environment: Environment::Staging,
        kind: CredentialKind::StandaloneApiKey,
        name: "books".into(),
        place: Place::Keyring,
        tail: "9e1b".into(),
    };
    model.credentials.keep(entry.credential());
}

#[test]
fn a_new_credential_is_used_and_asked_who_it_is() {
    let mut model = model();
    press(&mut model, "2 j j Enter");
    update(&mut model, Event::Paste("pls_another_key_of_staging_0002".into()));
    let effects = press(&mut model, "Enter");
    let work = asked(&effects).unwrap();
    assert_eq!(model.credentials.of(Environment::Staging).count(), 2, "there are several");
    assert_eq!(model.credential_in_force().unwrap().tail(), "0002");
    update(&mut model, Event::Reply(Reply::Identified(work, Box::new(Ok(identity("users:read"))))));
    assert!(said(&model).contains("API_KEY · Books"), "{}", said(&model));
    assert!(asked(&press(&mut model, "k Enter")).is_some(), "switching asks as well");
    assert_eq!(model.credential_in_force().unwrap().tail(), "0001");
    // What is answered to a question that nobody asks any more changes nothing.
    let before = format!("{:?}", model.credentials);
    update(&mut model, Event::Reply(Reply::Identified(work, Box::new(Err(failure("late"))))));
    assert_eq!(format!("{:?}", model.credentials), before);
}

#[test]
fn a_failed_question_is_told_and_a_legacy_token_is_not_asked() {
    let mut model = model();
    let work = asked(&press(&mut model, "i")).unwrap();
    update(
        &mut model,
        Event::Reply(Reply::Identified(work, Box::new(Err(failure("staging does not know it (401)."))))),
    );
    assert!(said(&model).contains("(401)"));
    assert!(matches!(model.credentials.of(Environment::Staging).next().unwrap().who, Who::Failed(_)));
    let secret = Secret::new("legacy-token-of-staging-00".into());
    let legacy = Credential::new(Environment::Staging, CredentialKind::LegacyToken, Keeping::Memory, secret);
    let id = model.credentials.keep(legacy);
    model.credentials.choose(id);
    assert_eq!(press(&mut model, "i"), []);
    assert!(said(&model).contains("legacy"));
}

#[test]
fn scopes_show_in_the_catalogue_and_before_sending() {
    let mut model = known("companies:read");
    press(&mut model, "3 g");
    let endpoint = model.endpoints.selected().unwrap();
    let held = model.credentials.held_in_force(Environment::Staging).unwrap();
    assert_eq!(held.identity().unwrap().access(endpoint), Access::Lacks);
    press(&mut model, "Enter");
    let warning = &model.request.findings[0].sentence;
    assert!(warning.contains("needs the scope users:read") && warning.contains("403"), "{warning}");
    assert_eq!(sent(&press(&mut model, "s")).len(), 1, "it is a warning, no refusal");
}

#[test]
fn a_company_is_picked_and_spelled_as_the_operation_wants() {
    let mut model = known("users:read");
    press(&mut model, "3 g Enter c Enter");
    let draft = model.request.draft.as_ref().unwrap();
    assert_eq!(draft.target(), "/v2/employees?companyId=c8e3b322-0ac0-4c7d-8b96-381084442e8d");
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "GET /v0/tag-groups");
    press(&mut model, "Enter c");
    type_text(&mut model, "nordw");
    press(&mut model, "Enter");
    let draft = model.request.draft.as_ref().unwrap();
    assert_eq!(draft.target(), "/v0/tag-groups?company_id=c8e3b322-0ac0-4c7d-8b96-381084442e8d");
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "POST /v3/export-jobs");
    press(&mut model, "Enter c Enter");
    let body: serde_json::Value = serde_json::from_str(&model.request.draft.as_ref().unwrap().body).unwrap();
    assert_eq!(body["companyId"], "c8e3b322-0ac0-4c7d-8b96-381084442e8d");
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "GET /v1/introspect");
    press(&mut model, "Enter c");
    assert!(model.overlay.is_none() && said(&model).contains("takes no company"));
}

#[test]
fn keeping_asks_for_a_name_and_forgetting_what_is_kept_asks_first() {
    let mut model = model();
    press(&mut model, "2 K");
    press(&mut model, "Ctrl-u");
    type_text(&mut model, "a name");
    assert_eq!(press(&mut model, "Enter"), []);
    assert!(matches!(&model.overlay, Some(Overlay::Keep(_, asked)) if asked.error.is_some()));
    press(&mut model, "Ctrl-u");
    type_text(&mut model, "books");
    let effects = press(&mut model, "Enter");
    let [Effect::Keep(work, credential, name)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((name.as_str(), credential.tail()), ("books", "0001"));
    let work = *work;
    update(&mut model, Event::Reply(Reply::Kept(work, Err(failure("No keyring.")))));
    assert!(said(&model).contains("Not kept: No keyring."));
    assert_eq!(*model.credential_in_force().unwrap().keeping(), Keeping::Memory, "it stays as it was");

    stored(&mut model);
    press(&mut model, "2 g j");
    assert_eq!(press(&mut model, "Del"), []);
    assert_eq!(press(&mut model, "Esc"), []);
    press(&mut model, "Del");
    let effects = press(&mut model, "Enter");
    let [Effect::Forget(work, _, true)] = effects.as_slice() else { panic!("{effects:?}") };
    let work = *work;
    update(&mut model, Event::Reply(Reply::Forgot(work, Ok(()))));
    assert_eq!(model.credentials.of(Environment::Staging).count(), 1);
    let effects = press(&mut model, "g Del");
    assert!(matches!(effects.as_slice(), [Effect::Forget(_, _, false)]), "what is in memory only goes at once");
    assert!(model.credential_in_force().is_none());
}

/// Check 18, the part without a terminal: what outlives a run is not used where the base URL was overridden.
#[test]
fn promise_18_a_stored_credential_stays_away_from_overridden_hosts() {
    let mut both = Environments::pleo();
    both.override_with("staging=http://127.0.0.1:9").unwrap();
    let mut model = Model::new((120, 40), Environment::Staging, both);
    stored(&mut model);
    settle(&mut model);
    press(&mut model, "Enter");
    assert_eq!(press(&mut model, "s"), []);
    assert!(said(&model).contains("never used with an overridden base URL"), "{}", said(&model));
}

#[test]
fn a_login_is_a_form_then_an_address_then_a_credential() {
    let mut model = model();
    press(&mut model, "L");
    assert_eq!(press(&mut model, "Enter"), [], "the client id is missing");
    type_text(&mut model, "my-client");
    press(&mut model, "↓");
    update(&mut model, Event::Paste("the-client-secret\n".into()));
    assert!(!format!("{:?}", model.overlay).contains("the-client-secret"));
    press(&mut model, "↓ Space ↓ ↓");
    assert_eq!(press(&mut model, "Enter"), [], "no scope is chosen");
    press(&mut model, "Space ↓ Space");
    let effects = press(&mut model, "Enter");
    let [Effect::Login(work, login)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((login.client.id.as_str(), login.client.authentication.word()), ("my-client", "form"));
    assert_eq!(login.scopes, ["users:read", "companies:read"]);
    assert_eq!(login.redirect_uri.as_str(), "http://127.0.0.1:8421/callback");
    let work = *work;
    update(&mut model, Event::Reply(Reply::LoginAt(work, "https://auth/x".into(), true)));
    assert_eq!(press(&mut model, "Ctrl-y"), [Effect::Copy("https://auth/x".into())]);
    update(&mut model, Event::Paste("https://app/cb?code=1&state=2".into()));
    let effects = press(&mut model, "Enter");
    assert!(matches!(effects.as_slice(), [Effect::Pasted(own, Handed(_))] if *own == work), "{effects:?}");
    let secret = Secret::new("an-access-token-of-a-login-7777".into());
    let new = Credential::new(Environment::Staging, CredentialKind::OAuthAccessToken, Keeping::Memory, secret);
    let facts = Facts { tail: "7777".into(), left: Some(Duration::from_secs(60)), renews: true, remark: None };
    let effects = update(&mut model, Event::Reply(Reply::LoggedIn(work, Ok(Box::new(new)), facts)));
    assert!(asked(&effects).is_some() && model.overlay.is_none());
    assert_eq!(model.credential_in_force().unwrap().tail(), "7777");
    let held = model.credentials.held_in_force(Environment::Staging).unwrap();
    assert_eq!(held.ends, Some(Duration::from_secs(60)));
}

#[test]
fn a_login_is_cancelled_by_escape_and_by_a_switch() {
    let mut model = model();
    press(&mut model, "L");
    type_text(&mut model, "my-client");
    press(&mut model, "↓ ↓ ↓ ↓ Space");
    let effects = press(&mut model, "Enter");
    let Effect::Login(work, _) = effects[0] else { panic!("{effects:?}") };
    assert_eq!(press(&mut model, "Esc"), [Effect::Cancel(work)]);
    // Tokens that came all the same are let go.
    let secret = Secret::new("an-access-token-of-a-login-7777".into());
    let new = Credential::new(Environment::Staging, CredentialKind::OAuthAccessToken, Keeping::Memory, secret);
    let effects = update(&mut model, Event::Reply(Reply::LoggedIn(work, Ok(Box::new(new)), Facts::default())));
    assert!(matches!(effects.as_slice(), [Effect::Forget(..)]));
    let effects = press(&mut model, "Enter");
    let Effect::Login(second, _) = effects[0] else { panic!("{effects:?}") };
    assert_eq!(press(&mut model, "Ctrl-t"), [Effect::Cancel(second)]);
    assert!(model.overlay.is_none());
}

#[test]
fn an_answer_is_explained_and_anew_once_more_is_known() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    update(&mut model, Event::Reply(Reply::Head(id, head(403), Duration::ZERO)));
    update(&mut model, Event::Reply(Reply::Done(id, Piece::default(), Duration::ZERO)));
    let explanation = |model: &Model| model.response.exchange.as_ref().unwrap().explanation.clone().unwrap();
    assert!(explanation(&model).checked[0].contains("not known yet"));
    let work = asked(&press(&mut model, "i")).unwrap();
    update(&mut model, Event::Reply(Reply::Identified(work, Box::new(Ok(identity("companies:read"))))));
    assert_eq!(explanation(&model).checked[0], "it holds companies:read");
}

#[test]
fn a_429_counts_down() {
    let mut model = model();
    update(&mut model, Event::Tick(Duration::from_secs(10)));
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    let headers = vec![("retry-after".to_owned(), b"30".to_vec())];
    let head = Head { headers, ..head(429) };
    update(&mut model, Event::Reply(Reply::Head(id, head, Duration::ZERO)));
    update(&mut model, Event::Reply(Reply::Done(id, Piece::default(), Duration::ZERO)));
    assert_eq!(model.response.wait(model.now), Some(Duration::from_secs(30)));
    assert!(model.moves_in().is_some());
    update(&mut model, Event::Tick(Duration::from_secs(39)));
    assert_eq!(model.response.wait(model.now), Some(Duration::from_secs(1)));
    update(&mut model, Event::Tick(Duration::from_secs(40)));
    assert!(model.response.wait(model.now).is_none() && model.moves_in().is_none(), "then nothing moves any more");
}

fn redirected(status: u16, location: &str) -> Model {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    let headers = vec![("location".to_owned(), location.as_bytes().to_vec())];
    update(&mut model, Event::Reply(Reply::Head(id, Head { headers, ..head(status) }, Duration::ZERO)));
    update(&mut model, Event::Reply(Reply::Done(id, Piece::default(), Duration::ZERO)));
    model
}

/// Check 13, the part without a network: a redirect is prepared by a key, without a credential where it leads elsewhere.
#[test]
fn promise_13_a_redirect_is_prepared_and_not_sent() {
    let mut model = redirected(302, "/v1/companies?limit=1");
    assert_eq!(press(&mut model, "F"), []);
    assert_eq!(model.request.draft.as_ref().unwrap().endpoint.operation, "list-companies");
    let effects = press(&mut model, "s");
    assert!(sent(&effects)[0].1.credential().is_some(), "it is the same host");

    let mut model = redirected(302, "https://files.example/a?X-Signature=1");
    assert_eq!(press(&mut model, "F"), []);
    let effects = press(&mut model, "s");
    let request = sent(&effects)[0].1;
    assert_eq!(request.url().as_str(), "https://files.example/a?X-Signature=1");
    assert!(request.credential().is_none() && request.is_elsewhere());

    // The other environment is elsewhere too; a fragment is never sent.
    for (location, url) in [
        ("https://external.pleo.io/v1/companies", "https://external.pleo.io/v1/companies"),
        ("https://openapi.staging.pleo.io/v1/tags#here", "https://openapi.staging.pleo.io/v1/tags"),
    ] {
        let mut model = redirected(302, location);
        press(&mut model, "F");
        let effects = press(&mut model, "s");
        let request = sent(&effects)[0].1;
        assert!(request.url().as_str() == url && request.credential().is_none(), "{location}");
    }
    for (location, word) in [
        ("http://files.example/a", "in the clear"),
        ("https://me:pw@files.example/a", "user name"),
        ("javascript:alert(1)", "not a link"),
    ] {
        let mut model = redirected(307, location);
        press(&mut model, "F");
        let told = format!("{} {:?}", said(&model), model.request.findings);
        assert!(told.contains(word), "{location}: {told}");
        assert!(sent(&press(&mut model, "s")).iter().all(|(_, request)| !request.is_elsewhere()), "{location}");
    }
}

/// Check 21, the part without a network: a link in an answer is asked for without a credential.
#[test]
fn promise_21_a_link_under_the_cursor() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    answer(&mut model, id, r#"{"name":"x","downloadUrl":"https://files.example/r.pdf?X-Signature=a\u0026b=1"}"#);
    press(&mut model, "j");
    assert!(model.response.link().is_none(), "not every string is a link");
    press(&mut model, "j F");
    let effects = press(&mut model, "s");
    let request = sent(&effects)[0].1;
    assert_eq!(request.url().as_str(), "https://files.example/r.pdf?X-Signature=a&b=1");
    assert!(request.credential().is_none());
}
