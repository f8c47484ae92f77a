//! Two answers beside each other: what is sent for it, what is shown, and what comes too late.

use super::{answer, head, model, press, sent, type_text};
use bytes::Bytes;
use pleoscope::app::available;
use pleoscope::app::compare::answer::{Outcome, compare};
use pleoscope::app::compare::pane::ComparePane;
use pleoscope::app::compare::report::{self, Format};
use pleoscope::app::event::{Effect, Event, Failure, Phase, Reply};
use pleoscope::app::model::{Model, Overlay, Pane};
use pleoscope::app::panes::response::Stage;
use pleoscope::app::update::update;
use pleoscope::document::Document;
use pleoscope::document::diff::Difference;
use pleoscope::pleo::credential::{Credential, CredentialKind, Keeping};
use pleoscope::pleo::environment::{Environment, Environments};
use pleoscope::secret::Secret;
use std::time::Duration;

const STAGING: &str = r#"{"data":[{"id":"s1","email":"a@x","n":1,"updatedAt":"1"},{"id":"s2","email":"b@x","n":2}]}"#;
const PRODUCTION: &str =
    r#"{"data":[{"id":"p2","email":"b@x","n":"2"},{"id":"p1","email":"a@x","n":1,"updatedAt":"2"}]}"#;

/// An answer of staging is shown.
fn shown() -> Model {
    let mut model = model();
    let effects = press(&mut model, "Enter j j Enter");
    assert!(effects.is_empty());
    type_text(&mut model, "E1");
    let effects = press(&mut model, "Enter s");
    let id = sent(&effects)[0].0;
    answer(&mut model, id, STAGING);
    model
}

/// Does what the worker does with the effects of a comparison.
fn work(model: &mut Model, effects: Vec<Effect>) {
    for effect in effects {
        let reply = match effect {
            Effect::Compare(id, own) => Reply::Compared(id, Box::new(compare(&own, &|| false))),
            Effect::OpenBoth(id, parts) => Reply::Opened(id, pleoscope::app::compare::both(&parts)),
            Effect::Report(id, own) => {
                Reply::Reported(id, Document::from_bytes(Bytes::from(report::write(&own))), "json")
            }
            _ => continue,
        };
        let next = update(model, Event::Reply(reply));
        work(model, next);
    }
}

/// Presses `d` and answers what is sent.
fn compared() -> Model {
    let mut model = shown();
    let effects = press(&mut model, "d");
    let id = sent(&effects)[0].0;
    let effects = answer(&mut model, id, PRODUCTION);
    work(&mut model, effects);
    model
}

fn pane(model: &Model) -> &ComparePane {
    model.compare.as_ref().unwrap()
}

fn paths(model: &Model) -> Vec<String> {
    match &pane(model).found.as_ref().unwrap().outcome {
        Outcome::Values(diff) => diff.differences.iter().map(Difference::path_text).collect(),
        Outcome::Shape(shape) => shape.differing().map(|own| own.path.clone()).collect(),
    }
}

fn complaint(model: &Model) -> &str {
    let message = model.message.as_ref().unwrap();
    assert!(message.is_error, "{}", message.text);
    &message.text
}

#[test]
fn the_same_read_goes_to_the_other_environment_with_its_own_credential() {
    let mut model = shown();
    let before = model.response.exchange.as_ref().unwrap().id;
    let effects = press(&mut model, "d");
    let sends = sent(&effects);
    assert_eq!(sends.len(), 1);
    assert_eq!(sends[0].1.url().as_str(), "https://external.pleo.io/v2/employees?code=E1");
    assert_eq!(sends[0].1.credential().unwrap().environment(), Environment::Production);
    assert!(pane(&model).flight.is_some() && model.flight.is_none());
    let id = sends[0].0;
    let effects = answer(&mut model, id, PRODUCTION);
    assert!(matches!(&effects[..], [Effect::Compare(..)]), "{effects:?}");
    work(&mut model, effects);
    assert_eq!(paths(&model), [".data[email=a@x].id", ".data[email=b@x].id", ".data[email=b@x].n"]);
    assert_eq!(pane(&model).comparison.labels(), ["STAGING", "PRODUCTION"]);
    let exchange = model.response.exchange.as_ref().unwrap();
    assert_eq!((exchange.id, &exchange.stage, exchange.environment()), (before, &Stage::Done, Environment::Staging));
    press(&mut model, "Esc");
    assert!(model.compare.is_none());
    assert_eq!((model.focus, model.environment), (Pane::Response, Environment::Staging));
}

#[test]
fn staging_stands_on_the_left_whichever_was_asked_first() {
    let mut model = model();
    press(&mut model, "Ctrl-t Enter");
    let effects = press(&mut model, "s");
    answer(&mut model, sent(&effects)[0].0, PRODUCTION);
    let effects = press(&mut model, "d");
    let sends = sent(&effects);
    assert_eq!(sends[0].1.environment(), Environment::Staging);
    let effects = answer(&mut model, sends[0].0, STAGING);
    work(&mut model, effects);
    let sides = &pane(&model).comparison.sides;
    assert_eq!(sides.each_ref().map(|own| own.document.len()), [STAGING.len() as u64, PRODUCTION.len() as u64]);
    assert_eq!(model.environment, Environment::Production, "the environment in force stays");
}

#[test]
fn what_cannot_be_asked_of_the_other_environment_is_refused_with_a_sentence() {
    let mut model = model();
    press(&mut model, "5 d");
    assert!(complaint(&model).contains("no whole answer yet"));
    // No credential of the other environment.
    let mut lone = Model::new((120, 40), Environment::Staging, Environments::pleo());
    let secret = Secret::new("pls_of_staging_0001".to_owned());
    let kind = CredentialKind::StandaloneApiKey;
    lone.credentials.keep(Credential::new(Environment::Staging, kind, Keeping::Memory, secret));
    let effects = press(&mut lone, "Enter s");
    answer(&mut lone, sent(&effects)[0].0, STAGING);
    assert_eq!(press(&mut lone, "d"), []);
    assert!(complaint(&lone).contains("PRODUCTION has no credential"), "{}", complaint(&lone));
    // One that preflight refuses there.
    let token = Secret::new("CNRY-legacy-token".to_owned());
    let token = Credential::new(Environment::Production, CredentialKind::LegacyToken, Keeping::Memory, token);
    lone.credentials.keep(token);
    assert_eq!(press(&mut lone, "d"), []);
    assert!(complaint(&lone).starts_with("Not sent to PRODUCTION: Legacy API tokens"), "{}", complaint(&lone));
    assert!(lone.compare.is_none());
    // A write, also where writes are open.
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "POST /v1/vendors");
    press(&mut model, "Enter");
    model.request.draft.as_mut().unwrap().body =
        r#"{"companyId":"ca54c551-9290-484d-9f69-b136e4df7c01","name":"x"}"#.into();
    let effects = press(&mut model, "s");
    answer(&mut model, sent(&effects)[0].0, "{}");
    assert_eq!(press(&mut model, "d"), []);
    assert!(complaint(&model).contains("only reads"), "{}", complaint(&model));
}

#[test]
fn searches_by_post_are_reads_and_keep_their_body() {
    let mut model = model();
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "POST /v1/chart-of-accounts:search");
    press(&mut model, "Enter");
    let body = r#"{"companyId":"ca54c551-9290-484d-9f69-b136e4df7c01"}"#;
    model.request.draft.as_mut().unwrap().body = body.into();
    let effects = press(&mut model, "s");
    answer(&mut model, sent(&effects)[0].0, STAGING);
    let effects = press(&mut model, "d");
    let sends = sent(&effects);
    assert_eq!((sends[0].1.body(), sends[0].1.environment()), (Some(body), Environment::Production));
}

#[test]
fn a_late_answer_changes_no_other_comparison() {
    let mut model = shown();
    let effects = press(&mut model, "d");
    let first = sent(&effects)[0].0;
    assert_eq!(press(&mut model, "Esc"), [Effect::Cancel(first)]);
    let effects = press(&mut model, "d");
    let second = sent(&effects)[0].0;
    assert_eq!(answer(&mut model, first, "{}"), [], "nobody waits for it");
    assert!(pane(&model).found.is_none() && pane(&model).flight.is_some());
    let effects = answer(&mut model, second, PRODUCTION);
    let [Effect::Compare(old, own)] = &effects[..] else { panic!("{effects:?}") };
    let late = Reply::Compared(*old, Box::new(compare(own, &|| false)));
    // Another way of comparing makes the first one unwanted.
    let effects = press(&mut model, "i");
    assert!(matches!(&effects[..], [Effect::Cancel(id), Effect::Compare(..)] if id == old), "{effects:?}");
    update(&mut model, Event::Reply(late));
    assert!(pane(&model).found.is_none());
    work(&mut model, effects);
    assert!(paths(&model).contains(&".data[email=a@x].updatedAt".to_owned()));
    // Its answers are not the answer shown.
    assert_eq!(model.response.exchange.as_ref().unwrap().document.len(), STAGING.len() as u64);
}

#[test]
fn earlier_answers_to_the_same_request_are_offered() {
    let mut model = shown();
    let effects = press(&mut model, "s");
    answer(&mut model, sent(&effects)[0].0, PRODUCTION);
    assert_eq!(press(&mut model, "d"), []);
    let Some(Overlay::Menu(menu)) = &model.overlay else { panic!("no menu") };
    assert_eq!(menu.items.iter().map(|item| item.letter).collect::<String>(), "d1");
    let effects = press(&mut model, "1");
    assert!(matches!(&effects[..], [Effect::Compare(..)]), "nothing is sent: {effects:?}");
    work(&mut model, effects);
    assert_eq!(paths(&model).len(), 3);
    assert!(pane(&model).comparison.labels().iter().all(|label| label.starts_with("STAGING ")));
    press(&mut model, "Esc");
    let effects = press(&mut model, "d d");
    assert_eq!(sent(&effects).len(), 1, "the other environment is asked by the same key");
    // Another request has no earlier answer.
    press(&mut model, "Esc 4 R");
    let effects = press(&mut model, "s");
    answer(&mut model, sent(&effects)[0].0, STAGING);
    assert_eq!(sent(&press(&mut model, "d")).len(), 1);
    // Only so many are kept.
    press(&mut model, "Esc");
    for _ in 0..12 {
        let effects = press(&mut model, "s");
        answer(&mut model, sent(&effects)[0].0, STAGING);
    }
    press(&mut model, "d");
    let Some(Overlay::Menu(menu)) = &model.overlay else { panic!("no menu") };
    assert_eq!(menu.items.len(), 8, "the other environment, and eight answers of which one is shown");
}

#[test]
fn shapes_keys_and_volatile_members_are_turned_on_the_spot() {
    let mut model = compared();
    let effects = press(&mut model, "t");
    work(&mut model, effects);
    assert_eq!(paths(&model), [".data[].n"]);
    press(&mut model, "K");
    assert!(model.overlay.is_none(), "fields have no key");
    let effects = press(&mut model, "t K");
    work(&mut model, effects);
    type_text(&mut model, "id");
    let effects = press(&mut model, "Enter");
    work(&mut model, effects);
    assert_eq!(paths(&model).len(), 4, "no id is on both sides: {:?}", paths(&model));
    assert!(pane(&model).options.key.as_deref() == Some("id") && model.overlay.is_none());
    let effects = press(&mut model, "K Ctrl-u Enter");
    work(&mut model, effects);
    assert_eq!((pane(&model).options.key.as_ref(), paths(&model).len()), (None, 3));
}

#[test]
fn both_values_are_read_in_full_and_the_report_is_saved() {
    let mut model = compared();
    let effects = press(&mut model, "n n Enter");
    work(&mut model, effects);
    let Some(Overlay::Viewer(viewer)) = &model.overlay else { panic!("no viewer") };
    assert_eq!(viewer.title, ".data[email=b@x].n");
    let text = String::from_utf8(viewer.body.read(0..999).into_owned()).unwrap();
    assert_eq!(text, "STAGING:\n2\n\nPRODUCTION:\n\"2\"\n");
    press(&mut model, "Esc N");
    assert_eq!((pane(&model).cursor, model.overlay.is_some()), (1, false));
    press(&mut model, "o");
    let effects = press(&mut model, "j Enter");
    let Effect::Report(_, own) = &effects[0] else { panic!("{effects:?}") };
    assert_eq!(own.format, Format::Json);
    work(&mut model, effects);
    let Some(Overlay::SaveAs(own)) = &model.overlay else { panic!("no field") };
    assert_eq!(own.asked.input.text(), "list-employees-staging-differs.json");
    let effects = press(&mut model, "Enter");
    let Effect::Save(id, saving) = &effects[0] else { panic!("{effects:?}") };
    let written = saving.document.body().read(0..saving.document.len()).into_owned();
    assert!(String::from_utf8(written).unwrap().contains("\"typeChanged\": 1"));
    update(&mut model, Event::Reply(Reply::Saved(*id, Ok(9))));
    assert!(model.overlay.is_none() && model.compare.is_some(), "back in the comparison");
}

#[test]
fn it_stops_fails_and_is_left_without_a_trace() {
    let mut model = shown();
    let effects = press(&mut model, "d");
    let id = sent(&effects)[0].0;
    update(&mut model, Event::Reply(Reply::Head(id, head(200), Duration::ZERO)));
    assert_eq!(press(&mut model, "x"), [Effect::Cancel(id)]);
    assert!(pane(&model).trouble.is_some() && !pane(&model).is_busy());
    press(&mut model, "Esc");
    let effects = press(&mut model, "d");
    let id = sent(&effects)[0].0;
    let failure = Failure { phase: Phase::Connect, sentence: "external.pleo.io refused the connection".to_owned() };
    let failed = Reply::Failed(id, failure, pleoscope::document::Piece::default(), Duration::ZERO);
    assert_eq!(update(&mut model, Event::Reply(failed)), []);
    assert!(pane(&model).trouble.as_ref().unwrap().contains("refused the connection"));
    // What is about the panes goes back to them.
    press(&mut model, "Ctrl-n");
    assert!(model.compare.is_none() && matches!(model.overlay, Some(Overlay::FreeRequest(_))));
}

#[test]
fn the_cursor_stays_in_sight_at_any_size_and_no_dead_key_is_promised() {
    let mut model = compared();
    let (mut left, mut right) = (String::new(), String::new());
    for n in 0..300 {
        left.push_str(&format!("{}{n}", if n == 0 { "[" } else { "," }));
        right.push_str(&format!("{}{}", if n == 0 { "[" } else { "," }, n + 1000));
    }
    left.push(']');
    right.push(']');
    press(&mut model, "Esc");
    let effects = press(&mut model, "s");
    answer(&mut model, sent(&effects)[0].0, &left);
    let effects = press(&mut model, "d d");
    let effects = answer(&mut model, sent(&effects)[0].0, &right);
    work(&mut model, effects);
    for size in [(80, 24), (120, 40), (60, 15), (200, 60), (80, 24)] {
        update(&mut model, Event::Resize(size.0, size.1));
        for keys in ["G", "PgUp", "k", "g", "PgDn", "j", "G"] {
            press(&mut model, keys);
            let own = pane(&model);
            let width = pleoscope::app::compare::pane::inside(size).0;
            let items = own.items(own.top).take(own.cursor + 1 - own.top);
            let used: usize = items.map(|item| ComparePane::height(item, width)).sum();
            assert!(used <= own.list_height(size).max(3), "{size:?} {keys} {} {}", own.top, own.cursor);
        }
        assert_eq!(pane(&model).cursor, 299);
    }
    let words: Vec<&str> = available::hints(&model).into_iter().map(|(_, word)| word).collect();
    assert!(words.contains(&"shape") && !words.contains(&"stop"), "{words:?}");
}
