//! Keys in, state and effects out: the explorer without a terminal.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail by panicking")]

use bytes::Bytes;
use pleoscope::app::available;
use pleoscope::app::event::{Effect, Event, Failure, Head, MouseKind, Phase, Reply, WorkId};
use pleoscope::app::keymap;
use pleoscope::app::model::{Model, Overlay, Pane};
use pleoscope::app::panes::response::{Stage, View};
use pleoscope::app::update::{settle, update};
use pleoscope::document::{Piece, Query, Scanner, find_all};
use pleoscope::key::{Code, Key};
use pleoscope::pleo::credential::{Credential, CredentialKind, Keeping};
use pleoscope::pleo::environment::{Environment, Environments};
use pleoscope::pleo::prepared::Prepared;
use pleoscope::secret::Secret;
use proptest::prelude::*;
use std::time::Duration;

#[path = "flow/compare.rs"]
mod compare;
#[path = "flow/completing.rs"]
mod completing;
#[path = "flow/conform.rs"]
mod conform;
#[path = "flow/credentials.rs"]
mod credentials;
#[path = "flow/document.rs"]
mod document;
#[path = "flow/drafts.rs"]
mod drafts;
#[path = "flow/editing.rs"]
mod editing;
#[path = "flow/guard.rs"]
mod guard;
#[path = "flow/handing.rs"]
mod handing;
#[path = "flow/history.rs"]
mod history;
#[path = "flow/importing.rs"]
mod importing;
#[path = "flow/keys.rs"]
mod keys;
#[path = "flow/pages.rs"]
mod pages;
#[path = "flow/saved.rs"]
mod saved;
#[path = "flow/table.rs"]
mod table;

const PAGE: &str =
    r#"{"data":[{"id":"1","firstName":"Zoë"},{"id":"2","firstName":"Ann"}],"pagination":{"hasNextPage":false}}"#;

fn model() -> Model {
    let mut model = Model::new((120, 40), Environment::Staging, Environments::pleo());
    for environment in Environment::ALL {
        let secret = Secret::new(format!("pls_{environment}_secret_0001"));
        model.credentials.keep(Credential::new(environment, CredentialKind::StandaloneApiKey, Keeping::Memory, secret));
    }
    settle(&mut model);
    model
}

/// Presses keys as they are written in the keymap, separated by spaces.
fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    keys.split(' ').flat_map(|key| update(model, Event::Key(key.parse().unwrap()))).collect()
}

fn type_text(model: &mut Model, text: &str) -> Vec<Effect> {
    text.chars().flat_map(|c| update(model, Event::Key(Key::char(c)))).collect()
}

fn sent(effects: &[Effect]) -> Vec<(WorkId, &Prepared)> {
    effects
        .iter()
        .filter_map(|effect| if let Effect::Send(id, request) = effect { Some((*id, &**request)) } else { None })
        .collect()
}

fn head(status: u16) -> Head {
    Head { status, reason: String::new(), version: "HTTP/1.1", headers: Vec::new() }
}

/// An answer, looked at as a tree unless something else was chosen.
fn answer(model: &mut Model, id: WorkId, body: &str) -> Vec<Effect> {
    let effects = answer_as_it_is(model, id, body);
    if model.response.view() == View::Table {
        model.response.face = Some(View::Tree);
    }
    effects
}

fn answer_as_it_is(model: &mut Model, id: WorkId, body: &str) -> Vec<Effect> {
    let mut scanner = Scanner::new();
    let bytes = Bytes::from(body.to_owned());
    let piece = scanner.scan(&bytes);
    let mut effects = update(model, Event::Reply(Reply::Head(id, head(200), Duration::from_millis(5))));
    effects.extend(update(model, Event::Reply(Reply::Chunk(id, bytes, piece))));
    effects.extend(update(model, Event::Reply(Reply::Done(id, scanner.finish(), Duration::from_millis(9)))));
    effects
}

#[test]
fn from_the_list_to_an_answer() {
    let mut model = model();
    assert_eq!(model.focus, Pane::Endpoints);
    press(&mut model, "Enter");
    assert_eq!(model.focus, Pane::Request);
    let effects = press(&mut model, "s");
    let sends = sent(&effects);
    assert_eq!(sends.len(), 1);
    assert_eq!(sends[0].1.url().as_str(), "https://external.staging.pleo.io/v2/employees");
    assert_eq!(sends[0].1.authorization_shown().unwrap(), "Basic <Standalone API key …0001, empty password>");
    let id = sends[0].0;
    answer(&mut model, id, PAGE);
    let exchange = model.response.exchange.as_ref().unwrap();
    assert_eq!(exchange.stage, Stage::Done);
    assert_eq!(exchange.document.row_count(), 15);
    assert!(model.flight.is_none());
}

#[test]
fn a_switch_keeps_the_request_and_changes_its_url_and_credential() {
    let mut model = model();
    press(&mut model, "Enter j j Enter");
    type_text(&mut model, "E10001");
    let effects = press(&mut model, "Enter s");
    let id = sent(&effects)[0].0;
    press(&mut model, "Ctrl-t");
    assert_eq!(model.environment, Environment::Production);
    let draft = model.request.draft.as_ref().unwrap();
    assert_eq!(
        draft.url_text(model.environments.of(model.environment)),
        "https://external.pleo.io/v2/employees?code=E10001"
    );
    assert_eq!(model.credential_in_force().unwrap().environment(), Environment::Production);
    // What was in flight keeps its environment, and so does its answer.
    answer(&mut model, id, PAGE);
    assert_eq!(model.response.exchange.as_ref().unwrap().environment(), Environment::Staging);
    let effects = press(&mut model, "1 k Enter");
    assert!(matches!(effects[..], [Effect::KeepDraft(_, None)]), "only that it is not unsent any more: {effects:?}");
    assert_eq!(model.environment, Environment::Staging);
}

#[test]
fn a_credential_is_typed_masked_trimmed_and_kept_under_its_environment() {
    let mut model = Model::new((80, 24), Environment::Staging, Environments::pleo());
    press(&mut model, "2 j Enter");
    update(&mut model, Event::Paste("  Basic cGxzX2FfbG9uZ19rZXlfOTk5OTo=\n".to_owned()));
    assert!(!format!("{:?}", model.credential).contains("pls"));
    press(&mut model, "Enter");
    let kept = model.credential_in_force().unwrap();
    assert_eq!((kept.environment(), kept.kind()), (Environment::Staging, CredentialKind::StandaloneApiKey));
    assert_eq!(kept.held().unwrap().expose(), "pls_a_long_key_9999");
    assert!(!format!("{:?}", model.credentials).contains("pls_a_long"));
    press(&mut model, "Ctrl-t");
    assert!(model.credential_in_force().is_none());
    press(&mut model, "Ctrl-t Del");
    assert!(model.credential_in_force().is_none(), "Del forgets it");
}

#[test]
fn forgetting_a_credential_ends_what_goes_on_with_it() {
    let mut model = model();
    let used = model.credential_in_force().unwrap().clone();
    let first = sent(&press(&mut model, "Enter s"))[0].0;
    answer(&mut model, first, PAGE);
    let second = sent(&press(&mut model, "s"))[0].0;
    press(&mut model, "s");
    assert!(model.waiting.is_some());
    let effects = press(&mut model, "2 Del");
    assert_eq!(effects[0], Effect::Cancel(second), "its answer could no longer be told from the secret");
    assert!(matches!(&effects[1..], [Effect::Forget(_, forgotten, false)] if **forgotten == used));
    assert!(model.waiting.is_none() && model.flight.is_none());
    // What was sent with it is still shown, and holds its value no more.
    let shown = &model.response.exchange.as_ref().unwrap().request;
    assert!(shown.authorization_shown().unwrap().contains("…0001") && shown.credential().unwrap().held().is_none());
}

#[test]
fn a_half_typed_credential_never_goes_over_to_the_other_environment() {
    let mut model = Model::new((80, 24), Environment::Staging, Environments::pleo());
    press(&mut model, "2 Enter");
    type_text(&mut model, "token-of-staging");
    press(&mut model, "Ctrl-t");
    assert!(model.credential.typing.is_none());
    press(&mut model, "Enter Enter");
    assert!(model.credential_in_force().is_none());
}

#[test]
fn bad_credentials_get_a_sentence_and_nothing_typed_is_lost() {
    let mut model = Model::new((80, 24), Environment::Staging, Environments::pleo());
    press(&mut model, "2 Enter");
    type_text(&mut model, "two words");
    press(&mut model, "Enter");
    assert!(model.credential.error.as_ref().unwrap().contains("white space at character 4"));
    assert_eq!(model.credential.typing.as_ref().unwrap().field.len(), 9);
}

#[test]
fn wrong_combinations_are_refused_before_anything_is_sent() {
    let mut model = model();
    let secret = Secret::new("legacy-token-of-staging".into());
    let legacy = Credential::new(Environment::Staging, CredentialKind::LegacyToken, Keeping::Memory, secret);
    let id = model.credentials.keep(legacy);
    model.credentials.choose(id);
    assert_eq!(press(&mut model, "Enter s"), []);
    assert!(model.message.as_ref().unwrap().text.contains("Legacy API tokens will not work"));
    assert_eq!(model.focus, Pane::Credential);
    let key = model.credentials.of(Environment::Staging).next().unwrap().id;
    model.credentials.choose(key);
    press(&mut model, "3 /");
    type_text(&mut model, "legacy-list-employees");
    press(&mut model, "Enter");
    assert_eq!(press(&mut model, "s"), []);
    assert!(model.message.as_ref().unwrap().text.contains("New API keys will not work"));
}

#[test]
fn production_refuses_writes_and_lets_searches_pass() {
    let mut model = model();
    press(&mut model, "Ctrl-t Ctrl-n");
    type_text(&mut model, "DELETE /v1/installations/me");
    press(&mut model, "Enter");
    assert_eq!(press(&mut model, "s"), []);
    assert!(model.message.as_ref().unwrap().text.contains("w unlocks writes for five minutes"));
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "POST /v1/vendors:search?company_id=c8e3b322-0ac0-4c7d-8b96-381084442e8d");
    press(&mut model, "Enter");
    assert_eq!(sent(&press(&mut model, "s")).len(), 1);
}

#[test]
fn a_second_request_waits_and_cancelling_stops_both() {
    let mut model = model();
    let first = sent(&press(&mut model, "Enter s"))[0].0;
    assert_eq!(press(&mut model, "s"), [], "the second one waits");
    assert!(model.message.as_ref().unwrap().text.contains("waits"));
    let effects = answer(&mut model, first, PAGE);
    let second = sent(&effects)[0].0;
    assert_ne!(first, second);
    press(&mut model, "s");
    assert_eq!(press(&mut model, "x"), [Effect::Cancel(second)]);
    assert!(model.waiting.is_none() && model.flight.is_none());
    // Nothing had come of it: the answer before it is shown again, and its late words change nothing.
    answer(&mut model, second, "{}");
    let exchange = model.response.exchange.as_ref().unwrap();
    assert!(exchange.id == first && exchange.stage == Stage::Done && exchange.document.len() == PAGE.len() as u64);
    assert!(model.message.as_ref().unwrap().text.contains("shown again"));
}

#[test]
fn a_cancelled_request_stays_on_the_screen_where_there_was_none_before() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    assert_eq!(press(&mut model, "x"), [Effect::Cancel(id)]);
    answer(&mut model, id, PAGE);
    let exchange = model.response.exchange.as_ref().unwrap();
    assert!(exchange.stage == Stage::Cancelled && exchange.document.is_empty() && exchange.head.is_none());
}

#[test]
fn the_palette_over_a_field_leaves_it_as_it_is() {
    let mut model = model();
    press(&mut model, "2 j Enter");
    type_text(&mut model, "abc");
    press(&mut model, "Ctrl-p Esc");
    assert_eq!(model.credential.typing.as_ref().unwrap().field.len(), 3, "a half-typed secret");
    press(&mut model, "Esc 3 Enter Enter");
    type_text(&mut model, "x");
    press(&mut model, "Ctrl-p");
    type_text(&mut model, "zzzz");
    press(&mut model, "Enter");
    assert!(model.overlay.is_some(), "where nothing fits, nothing is lost");
    press(&mut model, "Esc Esc");
    assert!(model.request.field.is_none());
    assert_eq!(model.request.value(model.request.row().unwrap()), "", "Esc leaves the field as it was");
}

#[test]
fn a_refusal_names_the_field() {
    let mut model = model();
    press(&mut model, "Enter Enter");
    type_text(&mut model, "bad");
    press(&mut model, "Enter");
    assert_eq!(press(&mut model, "s"), []);
    assert!(model.message.as_ref().unwrap().text.starts_with("Not sent: companyId: \"bad\" is not a UUID"));
}

#[test]
fn the_wheel_moves_what_is_under_it() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    let long = format!("[{}0]", "0,".repeat(200));
    answer(&mut model, id, &long);
    let area = pleoscope::app::layout::areas(&model).inside(Pane::Response);
    update(&mut model, Event::Mouse(MouseKind::WheelDown, area.x, area.y));
    assert_eq!(
        (model.response.place.top, model.response.place.cursor),
        (3, 3),
        "the cursor goes no further than it must"
    );
    press(&mut model, "j j j");
    update(&mut model, Event::Mouse(MouseKind::WheelUp, area.x, area.y));
    assert_eq!((model.response.place.top, model.response.place.cursor), (0, 6));
    let area = pleoscope::app::layout::areas(&model).inside(Pane::Endpoints);
    update(&mut model, Event::Mouse(MouseKind::WheelDown, area.x, area.y));
    assert_eq!(model.endpoints.top, 3);
}

#[test]
fn sideways_goes_into_containers_and_never_past_the_text() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    answer(&mut model, id, "{\"a\":{\"b\":\"short\"}}");
    press(&mut model, "l l l l l");
    assert_eq!((model.response.place.cursor, model.response.place.left), (2, 0));
    press(&mut model, "h h");
    assert_eq!(model.response.place.cursor, 1);
}

#[test]
fn a_failure_is_a_state_that_keeps_what_came() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    let mut scanner = Scanner::new();
    let bytes = Bytes::from_static(b"{\"data\":[{\"id\":\"1\"");
    let piece = scanner.scan(&bytes);
    update(&mut model, Event::Reply(Reply::Head(id, head(200), Duration::ZERO)));
    update(&mut model, Event::Reply(Reply::Chunk(id, bytes, piece)));
    let failure = Failure { phase: Phase::Body, sentence: "It broke off.".into() };
    update(&mut model, Event::Reply(Reply::Failed(id, failure, scanner.finish(), Duration::ZERO)));
    let exchange = model.response.exchange.as_ref().unwrap();
    assert!(matches!(exchange.stage, Stage::Failed(_)) && exchange.document.row_count() > 2);
    assert_eq!(sent(&press(&mut model, "s")).len(), 1, "one can go on");
}

#[test]
fn a_bad_value_is_told_at_its_field_and_stays_as_typed() {
    let mut model = model();
    press(&mut model, "Enter Enter");
    type_text(&mut model, "not-a-uuid");
    press(&mut model, "Enter");
    assert_eq!(model.request.draft.as_ref().unwrap().values[0], "not-a-uuid");
    assert_eq!(model.request.findings.len(), 1);
    press(&mut model, "j j");
    assert_eq!(press(&mut model, "s"), []);
    assert_eq!((model.focus, model.request.cursor), (Pane::Request, 0), "the cursor goes to the bad field");
}

#[test]
fn choices_turn_and_lists_take_several() {
    let mut model = model();
    press(&mut model, "Enter G Enter Tab");
    assert_eq!(model.request.field.as_ref().unwrap().text(), "ASC");
    press(&mut model, "↓ ↓ ↓ Tab");
    type_text(&mut model, ",");
    press(&mut model, "Tab Enter");
    assert_eq!(model.request.draft.as_ref().unwrap().values.last().unwrap(), "DESC,ASC");
}

#[test]
fn the_filter_narrows_as_one_types_and_escape_brings_all_back() {
    let mut model = model();
    press(&mut model, "/");
    type_text(&mut model, "receipt");
    assert!(model.endpoints.rows.len() < 20);
    let chosen = model.endpoints.selected().unwrap();
    press(&mut model, "Esc");
    assert_eq!(model.endpoints.selected().unwrap().operation, chosen.operation, "the cursor stays");
    assert!(model.endpoints.rows.len() > 160);
    assert_eq!(press(&mut model, "Esc q"), [Effect::Quit], "Esc never quits, q does");
}

#[test]
fn a_free_request_keeps_what_was_typed_when_it_is_wrong() {
    let mut model = model();
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "FETCH /v2/employees");
    press(&mut model, "Enter");
    let Some(Overlay::FreeRequest(free)) = &model.overlay else { panic!("it closed") };
    assert!(free.error.as_ref().unwrap().contains("FETCH"));
    assert_eq!(free.input.text(), "FETCH /v2/employees");
    press(&mut model, "Ctrl-u");
    type_text(&mut model, "/v9/unknown?a=b");
    press(&mut model, "Enter");
    assert_eq!(model.request.draft.as_ref().unwrap().target(), "/v9/unknown?a=b");
}

#[test]
fn folding_views_and_search_move_about_the_answer() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    answer(&mut model, id, PAGE);
    press(&mut model, "j Space");
    let rows = model.response.exchange.as_ref().unwrap().document.row_count();
    assert!(model.response.place.folds.visible_rows(rows) < rows);
    press(&mut model, "/");
    let effects = type_text(&mut model, "ann");
    let Some(Effect::Search(work, body, finder)) = effects.last().cloned() else { panic!("no search") };
    assert_eq!(*finder.query(), Query::new("ann"));
    let mut hits = Vec::new();
    find_all(&body, &finder, &|| false, &mut |_, more| hits.extend(more));
    update(&mut model, Event::Reply(Reply::Found(work, hits, true)));
    let document = &model.response.exchange.as_ref().unwrap().document;
    assert_eq!(document.path(model.response.place.cursor).jq(), ".data[1].firstName");
    assert_eq!(model.response.place.folds.visible_rows(rows), rows, "the hit was unfolded");
    press(&mut model, "Enter v");
    assert_eq!(model.response.view(), View::Raw);
    press(&mut model, "v v v v v");
    assert_eq!(model.response.view(), View::Tree, "round by headers, timing, bytes and table");
}

/// Check 27: pasted text is never run as keys, with a field open or without.
#[test]
fn promise_27_pasted_text_is_never_run() {
    for open in ["1", "2", "2 Enter", "3", "3 /", "4", "4 Enter", "5", "5 /", ":", "Ctrl-n", "?"] {
        let mut model = model();
        press(&mut model, "Enter");
        press(&mut model, open);
        let (focus, environment) = (model.focus, model.environment);
        let effects = update(&mut model, Event::Paste("x\ns\nq\n\n".to_owned()));
        assert!(sent(&effects).is_empty() && !effects.contains(&Effect::Quit), "{open}: {effects:?}");
        assert_eq!((model.focus, model.environment), (focus, environment), "{open}");
        assert!(model.flight.is_none());
    }
}

fn any_key() -> impl Strategy<Value = Key> {
    let bound: Vec<Key> = keymap::BINDINGS.iter().flat_map(|binding| binding.keys.iter().copied()).collect();
    prop_oneof![6 => prop::sample::select(bound), 1 => any::<char>().prop_map(Key::char), 1 => Just(Key::plain(Code::Enter))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever is pressed: nothing panics, no write is sent to production, no credential leaves its environment, and
    /// every key that the footer promises acts.
    #[test]
    fn any_keys_keep_the_rules(keys in prop::collection::vec(any_key(), 1..160), width in 1_u16..140, height in 1_u16..50) {
        let mut model = model();
        update(&mut model, Event::Resize(width, height));
        for key in keys {
            for effect in update(&mut model, Event::Key(key)) {
                if let Effect::Send(id, request) = effect {
                    prop_assert!(!(request.environment() == Environment::Production && request.endpoint().writes));
                    if let Some(credential) = request.credential() {
                        prop_assert_eq!(credential.environment(), request.environment());
                        prop_assert!(credential.may_go_to(request.url(), &model.environments));
                    }
                    if id.0 % 3 == 0 {
                        answer(&mut model, id, PAGE);
                    } else if id.0 % 3 == 1 {
                        let failure = Failure { phase: Phase::Connect, sentence: "refused".into() };
                        update(&mut model, Event::Reply(Reply::Failed(id, failure, Piece::default(), Duration::ZERO)));
                    }
                }
            }
            for (key, word) in available::hints(&model) {
                prop_assert!(keymap::action(&model, key).is_some(), "{} {} is dead", key, word);
            }
        }
    }
}

#[test]
fn a_search_begun_among_the_headers_is_one_of_the_body() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    answer(&mut model, id, PAGE);
    press(&mut model, "v v");
    assert_eq!(model.response.view(), View::Headers);
    press(&mut model, "/");
    assert!(sent(&type_text(&mut model, "json")).is_empty(), "letters are text, never a command");
    assert_eq!(model.response.view(), View::Tree);
    press(&mut model, "Enter Esc");
    assert!(model.response.search.input.text().is_empty(), "Esc ends a search without hits too");
}

#[test]
fn a_half_typed_secret_stays_in_its_field() {
    let mut model = model();
    press(&mut model, "2 j Enter");
    type_text(&mut model, "tok");
    press(&mut model, "Ctrl-n Esc");
    assert_eq!(model.credential.typing.as_ref().unwrap().field.len(), 3);
    press(&mut model, "Ctrl-t");
    assert!(model.credential.typing.is_none() && model.message.as_ref().unwrap().text.contains("was dropped"));
}

#[test]
fn the_palette_gives_the_free_request_back() {
    let mut model = model();
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "POST /v2/zzz");
    press(&mut model, "Ctrl-p Esc");
    let Some(Overlay::FreeRequest(free)) = &model.overlay else { panic!("it is gone") };
    assert_eq!(free.input.text(), "POST /v2/zzz");
}

#[test]
fn the_arrows_move_in_the_body() {
    let mut model = model();
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "POST /v9/x");
    press(&mut model, "Enter G Enter");
    update(&mut model, Event::Paste("{\n  \"a\": 1\n}".into()));
    press(&mut model, "↑ End ←");
    type_text(&mut model, "2");
    press(&mut model, "↓ Home");
    type_text(&mut model, " ");
    assert_eq!(model.request.draft.as_ref().unwrap().body, "{\n  \"a\": 21\n }");
}
