//! The request in pane 4: reset and undo, values in pairs, headers of one's own, the person's own editor.

use pleoscope::app::available;
use pleoscope::app::event::{Effect, Event, Reply, WorkId};
use pleoscope::app::model::{Model, Pane};
use pleoscope::app::panes::request::Row;
use pleoscope::app::typing;
use pleoscope::app::update::{settle, update};
use pleoscope::pleo::endpoint::Method;
use pleoscope::pleo::request::Draft;

use super::{model, press, sent, type_text};

pub fn opened(method: Method, path: &str) -> Model {
    let mut model = model();
    let draft = Draft::from_path(method, path, None, model.environment, &model.environments).unwrap();
    typing::open_request(&mut model, draft);
    settle(&mut model);
    model
}

pub fn draft(model: &Model) -> &Draft {
    model.request.draft.as_ref().unwrap()
}

fn hints(model: &Model) -> String {
    available::hints(model).into_iter().map(|(key, word)| format!("{key} {word} · ")).collect()
}

fn message(model: &Model) -> &str {
    model.message.as_ref().map_or("", |message| message.text.as_str())
}

#[test]
fn a_reset_is_told_and_can_be_undone() {
    let mut model = opened(Method::Get, "/v2/employees?limit=5&mine=1");
    let before = draft(&model).clone();
    press(&mut model, "R");
    assert_eq!(*draft(&model), Draft::new(&before.endpoint));
    assert!(message(&model).contains("u brings back"), "{}", message(&model));
    assert!(!hints(&model).contains("reset"), "there is nothing to reset now: {}", hints(&model));
    press(&mut model, "u");
    assert_eq!(*draft(&model), before);
    press(&mut model, "u");
    assert!(message(&model).contains("nothing to bring back"));
    press(&mut model, "4 G Del");
    assert_eq!(draft(&model).extra, [], "a parameter of one's own goes with its name");
    press(&mut model, "u");
    assert_eq!(draft(&model).extra.len(), 1);
}

#[test]
fn what_is_typed_into_the_body_can_be_undone() {
    let mut model = opened(Method::Post, "/v1/vendors");
    let before = draft(&model).body.clone();
    press(&mut model, "G Enter");
    type_text(&mut model, "x");
    assert_ne!(draft(&model).body, before);
    press(&mut model, "Ctrl-u");
    assert_eq!(draft(&model).body, before);
    press(&mut model, "Ctrl-r");
    assert_ne!(draft(&model).body, before);
}

#[test]
fn a_list_takes_another_value_and_its_order_goes_beside_it() {
    let mut model = opened(Method::Get, "/v2/employees");
    let keys = draft(&model).endpoint.params.iter().position(|param| param.name == "sorting_keys").unwrap();
    model.request.cursor = keys;
    assert!(hints(&model).contains("+ add a value"), "{}", hints(&model));
    press(&mut model, "+");
    type_text(&mut model, "createdAt");
    press(&mut model, "Enter +");
    assert_eq!(model.request.field.as_ref().unwrap().text(), "createdAt,");
    type_text(&mut model, "id");
    press(&mut model, "Enter");
    let wanted =
        [("sorting_keys", "createdAt"), ("sorting_keys", "id"), ("sorting_order", "ASC"), ("sorting_order", "ASC")];
    assert_eq!(draft(&model).query(), wanted);
    press(&mut model, "-");
    assert_eq!(draft(&model).query(), [("sorting_keys", "createdAt"), ("sorting_order", "ASC")]);
    press(&mut model, "u");
    assert_eq!(draft(&model).query(), wanted);
    press(&mut model, "g +");
    assert!(model.request.field.is_none() && message(&model).contains("takes one value"), "{}", message(&model));
}

#[test]
fn a_header_of_ones_own_is_sent_changed_and_taken_out() {
    let mut model = opened(Method::Get, "/v2/employees");
    press(&mut model, "A");
    type_text(&mut model, "X-Trace: 7");
    press(&mut model, "Enter A");
    type_text(&mut model, "Accept: text/csv");
    press(&mut model, "Enter A");
    type_text(&mut model, "mine=1");
    press(&mut model, "Enter A Esc");
    assert_eq!(draft(&model).own_headers.len(), 2);
    assert_eq!(draft(&model).query(), [("mine", "1")]);
    let effects = press(&mut model, "s");
    let headers = sent(&effects)[0].1.headers().to_vec();
    let wanted = [("X-Trace", "7"), ("Accept", "text/csv")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(headers, wanted, "Accept is one's own now");
    press(&mut model, "4 G Enter Ctrl-u");
    type_text(&mut model, "Cookie: a=b");
    press(&mut model, "Enter");
    assert!(message(&model).contains("Cookie cannot be given as a header"), "{}", message(&model));
    assert!(model.request.field.is_some(), "what was typed is still there to be mended");
    press(&mut model, "Esc Del");
    assert_eq!(draft(&model).own_headers.len(), 1);
}

#[test]
fn a_credential_in_a_header_is_refused() {
    let mut model = opened(Method::Get, "/v2/employees");
    press(&mut model, "A");
    type_text(&mut model, "X-Key: pls_staging_secret_0001");
    press(&mut model, "Enter");
    assert_eq!(sent(&press(&mut model, "s")).len(), 0);
    assert!(message(&model).contains("A credential stands in the header"), "{}", message(&model));
    assert_eq!(model.request.row(), Some(Row::Header(0)));
}

fn outside(effects: &[Effect]) -> (WorkId, String, String) {
    let [Effect::EditOutside(id, outside)] = effects else { unreachable!("{effects:?}") };
    (*id, outside.name.clone(), outside.text.clone())
}

#[test]
fn the_editor_gets_the_body_or_the_value_and_gives_it_back() {
    let mut model = opened(Method::Post, "/v1/vendors");
    let template = draft(&model).body.clone();
    press(&mut model, "G");
    let (id, name, text) = outside(&press(&mut model, "e"));
    assert_eq!((name.as_str(), &text), ("body.json", &template));
    update(&mut model, Event::Reply(Reply::Edited(id, Ok(Some("{\"a\":1}".into())))));
    assert_eq!(draft(&model).body, "{\"a\":1}");
    press(&mut model, "u");
    assert_eq!(draft(&model).body, template);
    // In the editor of ours it is a letter, and the whole text goes along.
    press(&mut model, "Enter e");
    let (id, _, text) = outside(&press(&mut model, "Ctrl-o"));
    assert_eq!(text, format!("e{template}"));
    update(&mut model, Event::Reply(Reply::Edited(id, Ok(Some("{}".into())))));
    assert_eq!(model.request.editor.as_ref().unwrap().text(), "{}");
    press(&mut model, "Esc");
    let mut model = opened(Method::Get, "/v2/employees?mine=1");
    press(&mut model, "G Enter");
    type_text(&mut model, "2");
    let (id, name, text) = outside(&press(&mut model, "Ctrl-o"));
    assert_eq!((name.as_str(), text.as_str()), ("mine.txt", "12"));
    update(&mut model, Event::Reply(Reply::Edited(id, Ok(Some("34 ".into())))));
    assert_eq!((draft(&model).query(), model.request.field.is_none()), (vec![("mine", "34")], true));
}

#[test]
fn an_editor_that_fails_changes_nothing_and_a_late_one_is_not_heard() {
    let mut model = opened(Method::Post, "/v1/vendors");
    let before = draft(&model).clone();
    press(&mut model, "G");
    let (id, ..) = outside(&press(&mut model, "e"));
    update(&mut model, Event::Reply(Reply::Edited(id, Err("The editor ended with 3".into()))));
    assert_eq!((draft(&model), message(&model)), (&before, "The editor ended with 3"));
    let (id, ..) = outside(&press(&mut model, "e"));
    update(&mut model, Event::Reply(Reply::Edited(id, Ok(None))));
    assert_eq!((draft(&model), message(&model)), (&before, "The editor changed nothing"));
    let (id, ..) = outside(&press(&mut model, "e"));
    update(&mut model, Event::Reply(Reply::Edited(id, Ok(Some("x".repeat(5 << 20))))));
    assert!(draft(&model) == &before && message(&model).contains("longer than 4096 kB"), "{}", message(&model));
    let (id, ..) = outside(&press(&mut model, "e"));
    press(&mut model, "3 Enter");
    update(&mut model, Event::Reply(Reply::Edited(id, Ok(Some("[]".into())))));
    assert!(draft(&model).body != "[]" && model.focus == Pane::Request, "another request stands there now");
}
