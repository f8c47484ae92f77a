//! What is offered in the fields of a request and in its body: choices of the catalogue, and ids that this environment has
//! shown.

use pleoscope::app::available;
use pleoscope::app::event::{Effect, Event, Reply};
use pleoscope::app::model::Model;
use pleoscope::app::typing;
use pleoscope::app::update::update;
use pleoscope::pleo::endpoint::Method;
use pleoscope::pleo::privacy::MASK;
use pleoscope::pleo::request::Draft;

use super::editing::{draft, opened};
use super::{model, press, sent, type_text};

const COMPANY: &str = "11111111-1111-4111-8111-111111111111";
const OTHER: &str = "22222222-2222-4222-8222-222222222222";

/// Opens a request in the environment in force.
fn open(model: &mut Model, method: Method, path: &str) {
    let draft = Draft::from_path(method, path, None, model.environment, &model.environments).unwrap();
    typing::open_request(model, draft);
}

/// Does what the worker does to learn from answers.
fn learn(model: &mut Model, effects: Vec<Effect>) {
    for effect in effects {
        if let Effect::Learn(id, learning) = effect {
            update(model, Event::Reply(Reply::Learned(id, Box::new(learning.read()))));
        }
    }
}

/// Lets the environment in force answer a read.
fn answered(model: &mut Model, path: &str, body: &str) {
    open(model, Method::Get, path);
    let id = sent(&press(model, "s"))[0].0;
    let effects = super::answer(model, id, body);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Learn(..))), "{effects:?}");
    learn(model, effects);
}

fn companies(all: &[(&str, &str)]) -> String {
    let all: Vec<String> = all.iter().map(|(id, name)| format!("{{\"id\":\"{id}\",\"name\":\"{name}\"}}")).collect();
    format!("{{\"data\":[{}]}}", all.join(","))
}

fn offered(model: &Model) -> Vec<(&str, &str)> {
    let offer = &model.request.offer;
    let fits = offer.fits.iter().filter(|_| offer.is_open());
    fits.map(|own| (own.value.as_str(), own.name.as_str())).collect()
}

fn field(model: &Model) -> &str {
    model.request.field.as_ref().unwrap().text()
}

/// Puts the cursor on a parameter and opens its field.
fn edit(model: &mut Model, param: &str) {
    let params = &draft(model).endpoint.params;
    model.request.cursor = params.iter().position(|own| own.name == param).unwrap();
    press(model, "Enter");
}

#[test]
fn ids_that_were_seen_are_offered_with_their_names_in_their_environment_alone() {
    let mut model = model();
    answered(&mut model, "/v1/companies", &companies(&[(COMPANY, "Fjord ApS"), (OTHER, "Bakke AS")]));
    open(&mut model, Method::Get, "/v2/employees");
    edit(&mut model, "companyId");
    assert_eq!(offered(&model), [(OTHER, "Bakke AS"), (COMPANY, "Fjord ApS")]);
    type_text(&mut model, "zzz");
    assert_eq!(offered(&model), []);
    press(&mut model, "Ctrl-u");
    type_text(&mut model, "fjo");
    assert_eq!(offered(&model), [(COMPANY, "Fjord ApS")]);
    press(&mut model, "↓ Enter");
    assert!(draft(&model).values.contains(&COMPANY.to_owned()), "{:?}", draft(&model).values);
    // The other environment has shown another company, and each offers its own alone: also in a field that was open.
    open(&mut model, Method::Get, "/v2/employees");
    edit(&mut model, "companyId");
    assert_eq!(offered(&model).len(), 2);
    press(&mut model, "Ctrl-t");
    assert_eq!((field(&model), offered(&model)), ("", vec![]));
    press(&mut model, "Esc");
    edit(&mut model, "companyId");
    assert_eq!((field(&model), offered(&model)), ("", vec![]));
    press(&mut model, "Esc");
    let third = "33333333-3333-4333-8333-333333333333";
    answered(&mut model, "/v1/companies", &companies(&[(third, "Elv AB")]));
    open(&mut model, Method::Get, "/v2/employees");
    edit(&mut model, "companyId");
    assert_eq!(offered(&model), [(third, "Elv AB")]);
    press(&mut model, "Esc Esc Ctrl-t 4");
    edit(&mut model, "companyId");
    assert_eq!(offered(&model), [(OTHER, "Bakke AS"), (COMPANY, "Fjord ApS")]);
}

#[test]
fn what_is_learnt_late_belongs_to_the_environment_that_answered() {
    let mut model = model();
    open(&mut model, Method::Get, "/v1/companies");
    let id = sent(&press(&mut model, "s"))[0].0;
    let effects = super::answer(&mut model, id, &companies(&[(COMPANY, "Fjord ApS")]));
    press(&mut model, "Ctrl-t");
    learn(&mut model, effects);
    open(&mut model, Method::Get, "/v2/employees");
    edit(&mut model, "companyId");
    assert_eq!((field(&model), offered(&model)), ("", vec![]));
    press(&mut model, "Esc Ctrl-t 4");
    edit(&mut model, "companyId");
    assert_eq!(offered(&model), [(COMPANY, "Fjord ApS")]);
}

#[test]
fn escape_closes_what_is_offered_and_then_the_field() {
    let mut model = opened(Method::Get, "/v2/employees");
    edit(&mut model, "sorting_order");
    assert!(model.request.offer.is_open());
    press(&mut model, "↓ ↓");
    assert_eq!(model.request.offer.cursor, Some(1));
    press(&mut model, "Esc");
    assert!(model.request.field.is_some() && !model.request.offer.is_open());
    press(&mut model, "↓");
    assert!(model.request.offer.is_open(), "an arrow brings it back");
    press(&mut model, "Esc Esc");
    assert!(model.request.field.is_none());
    // Keys other than those that choose leave what is typed alone.
    edit(&mut model, "sorting_order");
    type_text(&mut model, "AS");
    press(&mut model, "Enter");
    assert!(draft(&model).values.contains(&"AS".to_owned()), "Enter takes only what was chosen");
}

#[test]
fn arrows_go_round_and_a_value_that_is_there_is_where_they_begin() {
    let mut model = opened(Method::Get, "/v2/employees");
    edit(&mut model, "sorting_order");
    let all: Vec<String> = model.request.offer.fits.iter().map(|own| own.value.clone()).collect();
    assert!(all.len() > 1);
    press(&mut model, "↑ Tab");
    assert_eq!(field(&model), all[all.len() - 1]);
    press(&mut model, "↓ Tab");
    assert_eq!(field(&model), all[0], "behind the last comes the first");
    let hints: Vec<_> = available::hints(&model);
    assert!(!hints.iter().any(|(_, word)| word.contains("complete")), "nothing is offered now: {hints:?}");
    press(&mut model, "Enter");
    edit(&mut model, "sorting_order");
    press(&mut model, "↓ Enter");
    assert!(draft(&model).values.contains(&all[1]), "{:?}", draft(&model).values);
}

#[test]
fn a_person_is_offered_under_a_mask_where_personal_data_is_masked() {
    let mut model = model();
    let body = format!("{{\"data\":[{{\"id\":\"{OTHER}\",\"firstName\":\"Zoë\",\"lastName\":\"Lind\"}}]}}");
    answered(&mut model, "/v2/employees", &body);
    open(&mut model, Method::Get, "/v2/employees/{employeeId}");
    press(&mut model, "p");
    edit(&mut model, "employeeId");
    assert_eq!(offered(&model), [(OTHER, MASK)]);
    type_text(&mut model, "Lind");
    assert_eq!(offered(&model), [], "nor can it be found out by typing");
    press(&mut model, "Esc p");
    edit(&mut model, "employeeId");
    assert_eq!(offered(&model), [(OTHER, "Zoë Lind")]);
}

#[test]
fn ids_inside_records_are_seen_and_those_of_failures_are_not() {
    let mut model = model();
    let body = format!("{{\"data\":[{{\"id\":\"{OTHER}\",\"companyId\":\"{COMPANY}\",\"firstName\":\"Ann\"}}]}}");
    answered(&mut model, "/v2/employees", &body);
    open(&mut model, Method::Get, "/v2/employees");
    edit(&mut model, "companyId");
    assert_eq!(offered(&model), [(COMPANY, "")]);
    press(&mut model, "Esc Esc");
    let id = sent(&press(&mut model, "s"))[0].0;
    let failure = super::head(404);
    let mut effects = update(&mut model, Event::Reply(Reply::Head(id, failure, std::time::Duration::ZERO)));
    effects.extend(update(
        &mut model,
        Event::Reply(Reply::Done(id, pleoscope::document::Scanner::new().finish(), std::time::Duration::ZERO)),
    ));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Learn(..))), "{effects:?}");
}

#[test]
fn a_value_of_the_body_is_completed() {
    let mut model = model();
    answered(&mut model, "/v1/companies", &companies(&[(COMPANY, "Fjord ApS"), (OTHER, "Bakke AS")]));
    open(&mut model, Method::Post, "/v1/vendors");
    press(&mut model, "G Enter");
    let editor = model.request.editor.as_mut().unwrap();
    let (whole, place) = (editor.text(), "\"companyId\": \"");
    editor.jump(whole.find(place).unwrap_or_else(|| panic!("{whole}")) + place.len());
    press(&mut model, "Tab");
    assert_eq!(offered(&model).len(), 2, "{whole}");
    type_text(&mut model, "fj");
    assert_eq!(offered(&model), [(COMPANY, "Fjord ApS")]);
    press(&mut model, "Esc");
    assert!(model.request.editor.is_some() && offered(&model).is_empty(), "Esc closes what is offered alone");
    press(&mut model, "Tab Enter");
    let body = &draft(&model).body;
    assert!(body.contains(&format!("\"companyId\": \"{COMPANY}\"")), "{body}");
    model.request.editor.as_mut().unwrap().jump(0);
    press(&mut model, "Tab");
    assert_ne!(draft(&model).body.chars().next(), Some('{'), "elsewhere Tab is white space");
}

/// The body's editor with this text, the cursor where the bar stands.
fn in_editor(text: &str) -> Model {
    let mut model = opened(Method::Post, "/v1/vendors");
    press(&mut model, "G Enter");
    let editor = model.request.editor.as_mut().unwrap();
    *editor = pleoscope::app::input::Editor::new(&text.replace('|', ""));
    editor.jump(text.find('|').unwrap());
    model
}

fn text(model: &Model) -> String {
    model.request.editor.as_ref().unwrap().text()
}

#[test]
fn members_that_an_object_may_have_are_offered_by_name() {
    let mut model = in_editor("{\n  \"name\": \"x\",\n  |\n}");
    let told: String = available::hints(&model).into_iter().map(|(key, word)| format!("{key} {word} · ")).collect();
    assert!(told.contains("Tab complete"), "{told}");
    press(&mut model, "Tab");
    let names: Vec<&str> = offered(&model).into_iter().map(|(name, _)| name).collect();
    assert!(!names.contains(&"name") && names.contains(&"externalId"), "{names:?}");
    assert_eq!(offered(&model)[0], ("companyId", "UUID, required"));
    press(&mut model, "Enter");
    assert_eq!(text(&model), "{\n  \"name\": \"x\",\n  \"companyId\": \"\"\n}");
    type_text(&mut model, "1");
    assert_eq!(text(&model), "{\n  \"name\": \"x\",\n  \"companyId\": \"1\"\n}", "the value is to be typed");
    // What is begun narrows it, with and without quotation marks; what follows gets its comma.
    for begun in ["{exte|\n  \"name\": \"x\"\n}", "{\"exte|\n  \"name\": \"x\"\n}"] {
        let mut model = in_editor(begun);
        press(&mut model, "Tab");
        assert_eq!(offered(&model), [("externalId", "text")], "{begun}");
        press(&mut model, "Tab");
        assert_eq!(text(&model), "{\"externalId\": \"\",\n  \"name\": \"x\"\n}", "{begun}");
    }
    // A name that has its value is changed alone.
    let mut model = in_editor("{\"count|\": \"DK\"}");
    press(&mut model, "Tab Enter");
    assert_eq!(text(&model), "{\"country\": \"DK\"}");
    // Where nothing can stand, Tab indents.
    let mut model = in_editor("{\"name\": |}");
    press(&mut model, "Tab");
    assert!(text(&model).len() > "{\"name\": }".len() && !model.request.offer.is_open());
}

/// Behind a value comes another member, with its comma, and on a line of its own where there are lines.
#[test]
fn a_member_that_is_taken_makes_room_for_itself() {
    for (before, wanted) in [
        ("{\n  \"name\": \"x\"|\n}", "{\n  \"name\": \"x\",\n  \"companyId\": \"\"\n}"),
        ("{\n  \"name\": \"x\",|\n}", "{\n  \"name\": \"x\",\n  \"companyId\": \"\"\n}"),
        ("{|\n  \"name\": \"x\"\n}", "{\n  \"companyId\": \"\",\n  \"name\": \"x\"\n}"),
        ("{\n  \"name\": \"x\"\n  |\n}", "{\n  \"name\": \"x\",\n  \"companyId\": \"\"\n}"),
        ("{\"name\": \"x\"|}", "{\"name\": \"x\", \"companyId\": \"\"}"),
        ("{|}", "{\n  \"companyId\": \"\"\n}"),
    ] {
        let mut model = in_editor(before);
        press(&mut model, "Tab Enter");
        assert_eq!(text(&model), wanted, "{before}");
        type_text(&mut model, "1");
        assert_eq!(text(&model), wanted.replace("\"companyId\": \"\"", "\"companyId\": \"1\""), "{before}");
    }
}
