//! Production: locked, unlocked, looked at, and locked again.

use super::*;
use pleoscope::app::acting::act;
use pleoscope::pleo::catalogue::Catalogue;
use pleoscope::pleo::endpoint::Surface;
use pleoscope::pleo::guard::Guard;
use pleoscope::pleo::request::Draft;

fn tick(model: &mut Model, seconds: u64) {
    update(model, Event::Tick(Duration::from_secs(seconds)));
}

fn said(model: &Model) -> &str {
    model.message.as_ref().map_or("", |message| &message.text)
}

/// Lets a second pass, as a person does who looks before Enter.
fn look(model: &mut Model) {
    let now = model.now + Duration::from_secs(1);
    update(model, Event::Tick(now));
}

/// Production, unlocked, with a write ready that takes no body.
pub fn unlocked() -> Model {
    let mut model = model();
    tick(&mut model, 100);
    press(&mut model, "Ctrl-t w");
    type_text(&mut model, "production");
    assert_eq!(press(&mut model, "Enter"), [], "it came all at once, as a paste does");
    assert!(model.guard.remaining(model.now).is_none());
    look(&mut model);
    assert!(matches!(press(&mut model, "Enter").as_slice(), [Effect::Identify(..)]), "who it is is asked");
    assert!(model.guard.remaining(model.now).is_some());
    open(&mut model, "DELETE /v1/vendors/11111111-1111-4111-8111-111111111111");
    model
}

fn open(model: &mut Model, request: &str) {
    press(model, "Ctrl-n");
    type_text(model, request);
    press(model, "Enter");
}

#[test]
fn a_write_to_production_is_unlocked_looked_at_and_sent() {
    let mut model = unlocked();
    assert_eq!(press(&mut model, "s"), [], "it is looked at first");
    let Some(Overlay::Review(review)) = &model.overlay else { panic!("no review") };
    assert_eq!(review.request.environment(), Environment::Production);
    for _ in 0..100 {
        let now = model.now + Duration::from_millis(30);
        update(&mut model, Event::Tick(now));
        assert_eq!(press(&mut model, "Enter"), [], "a key that is held sends nothing, however long");
    }
    look(&mut model);
    press(&mut model, "a");
    assert_eq!(press(&mut model, "Enter"), [], "typed into it, it is looked at anew");
    look(&mut model);
    assert_eq!(sent(&press(&mut model, "Enter")).len(), 1);
}

#[test]
fn escape_in_the_review_sends_nothing() {
    let mut model = unlocked();
    press(&mut model, "s");
    assert_eq!(press(&mut model, "Esc"), []);
    assert!(model.overlay.is_none() && model.flight.is_none());
}

#[test]
fn the_wrong_word_unlocks_nothing() {
    let mut model = model();
    press(&mut model, "Ctrl-t w");
    type_text(&mut model, "staging");
    press(&mut model, "Enter");
    assert!(model.guard.remaining(model.now).is_none() && matches!(model.overlay, Some(Overlay::Unlock(_))));
    press(&mut model, "Esc");
    update(&mut model, Event::Paste("production\n".into()));
    assert!(model.guard.remaining(model.now).is_none(), "a paste opens nothing by itself");
}

#[test]
fn five_minutes_lock_it_and_so_does_a_switch_and_the_key() {
    let mut model = unlocked();
    tick(&mut model, 400);
    assert_eq!(model.guard.remaining(model.now), Some(Duration::from_secs(1)));
    press(&mut model, "s");
    tick(&mut model, 401);
    assert!(said(&model).contains("read-only again"), "{}", said(&model));
    look(&mut model);
    assert_eq!(press(&mut model, "Enter"), [], "the review was open when it locked");
    assert!(said(&model).contains("Not sent"), "{}", said(&model));
    assert!(model.overlay.is_none() && model.request.field.is_none(), "and Enter did nothing else");

    let mut model = unlocked();
    press(&mut model, "s Ctrl-t Ctrl-t");
    assert!(model.overlay.is_none() && model.guard.remaining(model.now).is_none(), "switching locks");
    let mut model = unlocked();
    press(&mut model, "w");
    assert!(model.guard.remaining(model.now).is_none());
    assert_eq!(press(&mut model, "s"), []);
    assert!(said(&model).contains("production is read-only"), "{}", said(&model));
}

#[test]
fn the_clock_never_goes_back() {
    let mut model = unlocked();
    tick(&mut model, 300);
    tick(&mut model, 0);
    assert_eq!(model.now, Duration::from_secs(300));
}

#[test]
fn the_dangerous_few_ask_for_their_own_word() {
    let few = Catalogue::embedded().endpoints().iter().filter(|endpoint| endpoint.confirm.is_some());
    let few: Vec<_> = few.map(|endpoint| endpoint.operation.as_str()).collect();
    let exports = ["create-export-job-v0", "create-export-job-v1", "create-export-job-v2", "create-export-job"];
    assert_eq!(few, [&["delete-installation"], &exports[..], &["delete-tags"]].concat());
    let mut model = unlocked();
    open(&mut model, "DELETE /v1/installations/me");
    press(&mut model, "s");
    assert_eq!(press(&mut model, "Enter"), [], "the word is missing");
    type_text(&mut model, "delete");
    assert_eq!(press(&mut model, "Enter"), [], "another word");
    press(&mut model, "Ctrl-u");
    type_text(&mut model, "uninstall");
    assert_eq!(press(&mut model, "Enter"), [], "it came all at once, as a paste does");
    look(&mut model);
    assert_eq!(sent(&press(&mut model, "Enter")).len(), 1);
}

#[test]
fn a_write_to_production_never_waits_behind_another_request() {
    let mut model = unlocked();
    press(&mut model, "s");
    look(&mut model);
    assert_eq!(sent(&press(&mut model, "Enter")).len(), 1);
    press(&mut model, "s");
    look(&mut model);
    assert_eq!(press(&mut model, "Enter"), []);
    assert!(model.waiting.is_none() && said(&model).contains("never waits"), "{}", said(&model));
}

#[test]
fn what_waited_for_the_other_environment_is_dropped() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    press(&mut model, "s Ctrl-t");
    assert!(said(&model).contains("was for staging"), "{}", said(&model));
    assert!(sent(&answer(&mut model, id, PAGE)).is_empty());
}

#[test]
fn what_cannot_be_seen_is_not_confirmed() {
    for (width, height) in [(40, 10), (59, 30), (80, 14)] {
        let mut model = unlocked();
        press(&mut model, "s");
        update(&mut model, Event::Resize(width, height));
        look(&mut model);
        assert_eq!(press(&mut model, "Enter Enter"), []);
        update(&mut model, Event::Resize(80, 24));
        assert_eq!(sent(&press(&mut model, "Enter")).len(), 1, "it is still there");
        let mut model = unlocked();
        update(&mut model, Event::Resize(width, height));
        assert_eq!(press(&mut model, "s Enter"), []);
        assert!(model.overlay.is_none());
    }
}

#[test]
fn reads_never_nag_and_staging_writes_do_not_either() {
    let mut model = model();
    open(&mut model, "DELETE /v1/vendors/11111111-1111-4111-8111-111111111111");
    assert_eq!(sent(&press(&mut model, "s")).len(), 1);
    let mut model = super::model();
    press(&mut model, "Ctrl-t Enter");
    assert_eq!(sent(&press(&mut model, "s")).len(), 1);
}

#[test]
fn a_read_only_run_refuses_in_both_environments() {
    let mut model = model();
    model.guard = Guard::new(true);
    for _ in 0..2 {
        open(&mut model, "DELETE /v1/vendors/11111111-1111-4111-8111-111111111111");
        assert_eq!(press(&mut model, "s"), []);
        assert!(said(&model).contains("--read-only"), "{}", said(&model));
        press(&mut model, "w");
        assert!(model.overlay.is_none());
        press(&mut model, "Ctrl-t");
    }
}

/// Check 24: in production by default, whatever is pressed at a write, nothing leaves.
#[test]
fn promise_24_production_by_default_sends_no_write() {
    let writes: Vec<_> = Catalogue::embedded().endpoints().iter().filter(|endpoint| endpoint.writes).collect();
    assert_eq!(writes.iter().filter(|endpoint| endpoint.surface == Surface::External).count(), 54);
    for endpoint in writes {
        let mut model = model();
        press(&mut model, "Ctrl-t");
        pleoscope::app::typing::open_request(&mut model, Draft::new(endpoint));
        for key in ["s", "Enter", "y", "Space", "s"] {
            for _ in 0..50 {
                let effects = press(&mut model, key);
                assert!(sent(&effects).is_empty(), "{}: {key}", endpoint.operation);
            }
            press(&mut model, "Esc Esc");
        }
    }
}

/// Every action by the palette passes the same gate.
#[test]
fn the_palette_is_no_way_around() {
    let mut model = model();
    press(&mut model, "Ctrl-t");
    open(&mut model, "DELETE /v1/vendors/11111111-1111-4111-8111-111111111111");
    for action in pleoscope::app::action::Action::ALL {
        assert!(sent(&act(&mut model, action)).is_empty(), "{action:?}");
        press(&mut model, "Esc Esc");
        if model.environment == Environment::Staging {
            press(&mut model, "Ctrl-t");
        }
        open(&mut model, "DELETE /v1/vendors/11111111-1111-4111-8111-111111111111");
    }
}
