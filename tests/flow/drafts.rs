//! What is edited and not sent: it is there again after another endpoint, a switch, and in the next run.

use std::time::Duration;

use pleoscope::app::drafts;
use pleoscope::app::event::{Effect, Event, Reply};
use pleoscope::app::history::{Ask, Told};
use pleoscope::app::model::Model;
use pleoscope::app::typing;
use pleoscope::app::update::update;
use pleoscope::pleo::endpoint::Method;
use pleoscope::pleo::environment::Environment;
use pleoscope::pleo::history::Setting;
use pleoscope::pleo::request::Draft;
use pleoscope::pleo::unsent::{Filled, LARGEST, Slot};

use super::{PAGE, answer, model, press, sent, type_text};

const BACK: &str = "What you left unsent here is back: R forgets it";

/// What is written in these effects: whether something is filled in, by path.
fn kept(effects: &[Effect]) -> Vec<(&Slot, Option<&Filled>)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::KeepDraft(slot, filled) => Some((&**slot, filled.as_deref())),
            _ => None,
        })
        .collect()
}

fn query(model: &Model) -> Vec<(&str, &str)> {
    model.request.draft.as_ref().unwrap().query()
}

fn said(model: &Model) -> &str {
    model.message.as_ref().map_or("", |message| message.text.as_str())
}

/// The list of employees is chosen, and a code is typed.
fn typed() -> Model {
    let mut model = model();
    press(&mut model, "Enter j j Enter");
    type_text(&mut model, "E10001");
    press(&mut model, "Enter");
    assert_eq!(query(&model), [("code", "E10001")]);
    model
}

fn pass(model: &mut Model, milliseconds: u64) -> Vec<Effect> {
    let now = model.now + Duration::from_millis(milliseconds);
    update(model, Event::Tick(now))
}

#[test]
fn it_is_back_when_its_endpoint_is_chosen_again() {
    let mut model = typed();
    let effects = press(&mut model, "3 j Enter");
    let [(slot, Some(filled))] = kept(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((slot.path.as_str(), slot.setting), ("/v2/employees", Setting::Pleo));
    assert_eq!(filled.values, [("code".to_owned(), "E10001".to_owned())]);
    assert_ne!(said(&model), BACK, "nothing was left here");
    press(&mut model, "3 k Enter");
    assert_eq!((query(&model), said(&model)), (vec![("code", "E10001")], BACK));
    press(&mut model, "R");
    let effects = press(&mut model, "3 j Enter");
    assert!(matches!(kept(&effects)[..], [(_, None)]), "{effects:?}");
    press(&mut model, "3 k Enter");
    assert_eq!(query(&model), []);
}

#[test]
fn each_environment_has_its_own() {
    let mut model = typed();
    press(&mut model, "Ctrl-t");
    assert_eq!(query(&model), [("code", "E10001")], "nothing was left there: the request goes along");
    press(&mut model, "Enter Ctrl-u");
    type_text(&mut model, "E2");
    let effects = press(&mut model, "Enter Ctrl-t");
    assert_eq!(kept(&effects)[0].0.environment, Environment::Production);
    assert_eq!((query(&model), said(&model)), (vec![("code", "E10001")], BACK));
    press(&mut model, "Ctrl-t");
    assert_eq!(query(&model), [("code", "E2")]);
    press(&mut model, "u");
    assert_eq!(query(&model), [("code", "E10001")], "what came along is not lost either");
}

#[test]
fn it_is_written_when_typing_pauses_and_before_the_end() {
    let mut model = model();
    press(&mut model, "Enter j j Enter");
    let effects = type_text(&mut model, "E1");
    assert!(kept(&effects).is_empty());
    assert_eq!(model.moves_in(), Some(Duration::from_millis(500)));
    assert!(kept(&pass(&mut model, 499)).is_empty());
    let effects = pass(&mut model, 1);
    let [(_, Some(filled))] = kept(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(filled.values, [("code".to_owned(), "E1".to_owned())], "though its field is still open");
    assert_eq!(model.moves_in(), None, "nothing is left to do");
    type_text(&mut model, "2");
    let effects = press(&mut model, "Enter Ctrl-c");
    assert!(matches!(&effects[..], [Effect::KeepDraft(_, Some(_)), Effect::Quit]), "{effects:?}");
}

#[test]
fn what_was_sent_and_answered_is_not_unsent() {
    let mut model = typed();
    pass(&mut model, 500);
    let id = sent(&press(&mut model, "s"))[0].0;
    assert!(kept(&pass(&mut model, 500)).is_empty(), "until it is answered it may be lost");
    answer(&mut model, id, PAGE);
    assert!(matches!(kept(&pass(&mut model, 500))[..], [(_, None)]));
    assert_eq!(query(&model), [("code", "E10001")], "it stays where it is");
    press(&mut model, "3 j Enter 3 k Enter");
    assert_eq!(query(&model), []);
}

#[test]
fn an_earlier_run_left_something() {
    let mut model = model();
    let Effect::History(id, Ask::Unsent) = drafts::begin(&mut model) else { panic!("it asks") };
    press(&mut model, "Enter");
    let draft = model.request.draft.clone().unwrap();
    let slot = Slot::of(&draft, Environment::Staging, Setting::Pleo).unwrap();
    let filled = Filled { values: vec![("code".to_owned(), "E7".to_owned())], ..Filled::default() };
    let elsewhere = Slot { environment: Environment::Production, ..slot.clone() };
    let other = Filled { values: vec![("code".to_owned(), "E8".to_owned())], ..Filled::default() };
    let told = Told::Unsent(vec![(slot, filled), (elsewhere, other)]);
    update(&mut model, Event::Reply(Reply::Told(id, Box::new(Ok(told)))));
    assert_eq!((query(&model), said(&model)), (vec![("code", "E7")], BACK), "nobody has typed there yet");
    press(&mut model, "Ctrl-t");
    assert_eq!(query(&model), [("code", "E8")]);
    assert!(kept(&pass(&mut model, 1_000)).is_empty(), "all of it is written already");
}

/// While no request stands there, it is said that something was left.
#[test]
fn what_an_earlier_run_left_is_said() {
    let mut model = model();
    let Effect::History(id, Ask::Unsent) = drafts::begin(&mut model) else { panic!("it asks") };
    let draft = Draft::from_path(Method::Get, "/v2/tags", None, Environment::Staging, &model.environments).unwrap();
    let slot = Slot::of(&draft, Environment::Staging, Setting::Pleo).unwrap();
    let filled = Filled { values: vec![("company_id".to_owned(), "E7".to_owned())], ..Filled::default() };
    let elsewhere = Slot { environment: Environment::Production, ..slot.clone() };
    let told = Told::Unsent(vec![(slot, filled.clone()), (elsewhere, filled)]);
    update(&mut model, Event::Reply(Reply::Told(id, Box::new(Ok(told)))));
    assert_eq!(said(&model), "GET /v2/tags was left unsent: choosing it brings it back");
}

#[test]
fn no_credential_no_link_and_nothing_endless_is_written() {
    let mut model = model();
    press(&mut model, "Enter j j Enter");
    type_text(&mut model, "pls_staging_secret_0001");
    let effects = pass(&mut model, 500);
    let [(slot, Some(filled))] = kept(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(filled.values, [("code".to_owned(), "REDACTED".to_owned())], "a gap is kept");
    // In the next run it is back, and says what is to be done.
    let mut later = self::model();
    press(&mut later, "Enter");
    let Effect::History(id, Ask::Unsent) = drafts::begin(&mut later) else { panic!("it asks") };
    let told = Told::Unsent(vec![(slot.clone(), filled.clone())]);
    update(&mut later, Event::Reply(Reply::Told(id, Box::new(Ok(told)))));
    assert!(said(&later).contains("give them again where REDACTED stands"), "{}", said(&later));
    assert!(sent(&press(&mut later, "s")).is_empty(), "the word in its place is nobody's secret");
    let url = "https://files.example/receipt?signature=abc".parse().unwrap();
    typing::open_request(&mut model, Draft::elsewhere(Method::Get, url));
    press(&mut model, "4 A");
    type_text(&mut model, "X-Trace: 7");
    assert!(kept(&press(&mut model, "Enter Ctrl-c")).iter().all(|(_, filled)| filled.is_none()));
    let post = Draft::from_path(Method::Post, "/v1/vendors", None, model.environment, &model.environments).unwrap();
    typing::open_request(&mut model, post);
    press(&mut model, "4 G Enter");
    update(&mut model, Event::Paste("x".repeat(LARGEST)));
    assert!(matches!(kept(&press(&mut model, "Esc Ctrl-c"))[..], [(_, None)]));
}

#[test]
fn what_is_too_long_to_be_kept_is_told_once() {
    let mut model = model();
    let draft = Draft::from_path(Method::Post, "/v1/vendors", None, model.environment, &model.environments).unwrap();
    typing::open_request(&mut model, draft);
    press(&mut model, "4 G Enter");
    let long = "x".repeat(LARGEST + 1);
    update(&mut model, Event::Paste(long));
    assert!(said(&model).contains("Longer than 1 MiB: this request is not kept"), "{}", said(&model));
    press(&mut model, "x");
    assert_eq!(said(&model), "", "it is told once");
    // Shortened, it is kept again; longer once more, it is told once more.
    press(&mut model, "Ctrl-u Ctrl-u");
    assert_eq!(said(&model), "");
    update(&mut model, Event::Paste("x".repeat(LARGEST + 1)));
    assert!(said(&model).contains("Longer than 1 MiB"), "{}", said(&model));
}
