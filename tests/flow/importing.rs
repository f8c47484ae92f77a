//! A curl command pasted into the field for a free request.

use super::*;

const STAGING: &str = "curl -X POST https://external.staging.pleo.io/v1/chart-of-accounts:search -H 'Authorization: Bearer CNRYtoken0123456789' -b 'a=b' --data-raw '{\"companyId\":\"x\"}'\n";

fn message(model: &Model) -> &str {
    model.message.as_ref().map_or("", |message| message.text.as_str())
}

fn paste(model: &mut Model, text: &str) {
    press(model, "Ctrl-n");
    assert!(sent(&update(model, Event::Paste(text.to_owned()))).is_empty());
}

fn later(model: &mut Model) {
    let now = model.now + Duration::from_secs(1);
    update(model, Event::Tick(now));
}

fn held(model: &Model) -> usize {
    model.credentials.of(model.environment).count()
}

#[test]
fn it_is_looked_at_and_taken_with_its_credential_for_this_run() {
    let mut model = model();
    paste(&mut model, STAGING);
    assert!(matches!(&model.overlay, Some(Overlay::Import(own)) if own.own.remarks.len() == 1), "{:?}", model.overlay);
    assert!(!format!("{model:?}").contains("CNRYtoken"));
    // An Enter that comes with the paste takes nothing.
    assert_eq!(press(&mut model, "Enter"), []);
    assert!(matches!(model.overlay, Some(Overlay::Import(_))));
    later(&mut model);
    assert_eq!(press(&mut model, "Enter"), [], "nothing is sent");
    assert!(model.overlay.is_none() && model.focus == Pane::Request);
    let draft = model.request.draft.as_ref().unwrap();
    assert_eq!((draft.endpoint.operation.as_str(), draft.body.as_str()), ("search-accounts", "{\"companyId\":\"x\"}"));
    let used = model.credential_in_force().unwrap();
    assert_eq!((used.kind(), used.keeping()), (CredentialKind::OAuthAccessToken, &Keeping::Memory));
    assert!(message(&model).contains("not sent") && message(&model).contains("in memory"), "{}", message(&model));
    assert!(!format!("{model:?}").contains("CNRYtoken"));
}

#[test]
fn escape_takes_nothing_and_a_letter_drops_or_keeps_the_credential() {
    let mut model = model();
    paste(&mut model, STAGING);
    later(&mut model);
    press(&mut model, "Esc");
    assert!(model.overlay.is_none() && model.request.draft.is_none() && held(&model) == 1);
    paste(&mut model, STAGING);
    later(&mut model);
    press(&mut model, "D");
    assert!(model.request.draft.is_some() && held(&model) == 1);
    paste(&mut model, STAGING);
    later(&mut model);
    press(&mut model, "K");
    assert!(matches!(&model.overlay, Some(Overlay::Keep(_, asked)) if asked.input.text() == "access-token"));
    let effects = press(&mut model, "Enter");
    assert!(matches!(effects.first(), Some(Effect::Keep(..))), "{effects:?}");
    assert_eq!(held(&model), 2);
}

#[test]
fn the_other_environment_is_told_and_switched_to_only_when_it_is_taken() {
    let mut model = model();
    let production = "curl https://external.pleo.io/v2/employees -u CNRYkey0123456789:";
    paste(&mut model, production);
    assert_eq!(model.environment, Environment::Staging);
    later(&mut model);
    press(&mut model, "Enter");
    assert_eq!(model.environment, Environment::Production);
    assert!(message(&model).contains("for production, which is in force now"), "{}", message(&model));
    assert_eq!(model.credential_in_force().unwrap().environment(), Environment::Production);
    // Writes stay locked.
    assert!(model.guard.remaining(model.now).is_none());
}

#[test]
fn what_is_refused_is_said_in_an_empty_field() {
    let mut model = model();
    for (text, wanted) in [
        ("curl https://evil.example/ -u CNRYkey:", "leads to evil.example"),
        ("curl ^\"https://external.pleo.io/^\" ^\n -u CNRY:", "Windows' cmd"),
        ("curl https://external.pleo.io/ -H 'Authorization: Bearer CNRY", "never closed"),
    ] {
        paste(&mut model, text);
        let Some(Overlay::FreeRequest(free)) = &model.overlay else { panic!("it closed") };
        assert!(free.error.as_ref().unwrap().contains(wanted), "{:?}", free.error);
        assert!(free.input.text().is_empty());
        assert!(!format!("{model:?}").contains("CNRY"), "nothing of it is left");
    }
}

#[test]
fn what_was_typed_stays_when_it_is_refused() {
    let mut model = model();
    press(&mut model, "Ctrl-n");
    let command = "curl https://evil.example/ -u CNRYkey0123456789:";
    type_text(&mut model, command);
    press(&mut model, "Enter");
    let Some(Overlay::FreeRequest(free)) = &model.overlay else { panic!("it closed") };
    assert!(free.error.as_ref().is_some_and(|error| error.contains("leads to evil.example")), "{:?}", free.error);
    assert_eq!(free.input.text(), command);
}

#[test]
fn without_bracketed_paste_its_lines_come_as_keys() {
    let mut model = model();
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "curl https://external.staging.pleo.io/v2/employees \\");
    press(&mut model, "Enter");
    assert!(matches!(model.overlay, Some(Overlay::FreeRequest(_))));
    type_text(&mut model, "  -u CNRYkey0123456789:");
    press(&mut model, "Enter");
    assert!(matches!(&model.overlay, Some(Overlay::Import(own)) if own.own.credential.is_some()));
    assert_eq!(press(&mut model, "Enter Enter Enter"), []);
    assert!(matches!(model.overlay, Some(Overlay::Import(_))), "what comes with it takes nothing");
    // A path is one still.
    press(&mut model, "Esc Ctrl-n");
    update(&mut model, Event::Paste("/v2/employees".to_owned()));
    press(&mut model, "Enter");
    assert!(model.request.draft.is_some());
}
