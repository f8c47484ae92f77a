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
fn plus_on_a_header_adds_another_and_minus_takes_it_out() {
    let mut model = opened(Method::Post, "/v1/vendors");
    press(&mut model, "A");
    type_text(&mut model, "X-Trace: 7");
    press(&mut model, "Enter");
    assert_eq!(model.request.row(), Some(Row::Header(0)));
    assert!(hints(&model).contains("+ another header"), "{}", hints(&model));
    press(&mut model, "+");
    assert_eq!((model.request.row(), model.request.field.is_some()), (Some(Row::Header(1)), true));
    type_text(&mut model, "X-Other: 8");
    press(&mut model, "Enter");
    assert_eq!(draft(&model).own_headers.len(), 2);
    press(&mut model, "-");
    assert_eq!(draft(&model).own_headers.len(), 1);
    press(&mut model, "u");
    assert_eq!(draft(&model).own_headers.len(), 2);
    for (key, told) in [("+", "Only parameters take several values"), ("-", "Only parameters have several values")] {
        press(&mut model, &format!("G {key}"));
        assert!(message(&model).contains(told), "{key} on the body: {}", message(&model));
    }
}

#[test]
fn a_reset_at_the_template_gives_all_members_the_required_ones_first() {
    let mut model = opened(Method::Post, "/v1/vendors");
    let template = draft(&model).body.clone();
    assert!(hints(&model).contains("R all members"), "{}", hints(&model));
    press(&mut model, "R");
    let names: Vec<String> = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&draft(&model).body)
        .unwrap()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let wanted = [
        "companyId",
        "defaultCurrency",
        "name",
        "code",
        "country",
        "externalId",
        "registrationNumber",
        "taxRegistrationNumber",
    ];
    assert_eq!(names, wanted);
    assert!(message(&model).contains("required ones first"), "{}", message(&model));
    assert!(hints(&model).contains("R reset"), "{}", hints(&model));
    press(&mut model, "R");
    assert_eq!(draft(&model).body, template);
    assert!(message(&model).contains("R again gives all members"), "{}", message(&model));
    press(&mut model, "u u");
    assert_eq!(draft(&model).body, template);
    // Where the required ones are all there are, there is nothing to go on to.
    let model = opened(Method::Get, "/v2/employees");
    assert!(!hints(&model).contains("R "), "{}", hints(&model));
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
    let [.., Effect::EditOutside(id, outside)] = effects else { unreachable!("{effects:?}") };
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

fn on_the_28th(model: &mut Model) {
    model.began = Some("2026-11-28T12:00:00Z".parse().unwrap());
}

#[test]
fn a_date_may_be_said_and_is_worked_out_when_it_is_sent() {
    let mut model = opened(Method::Post, "/v1/accounting-entries:search");
    on_the_28th(&mut model);
    press(&mut model, "G e");
    let id = model.request.outside.unwrap().0;
    let body = "{\"includeDeleted\": false, \"performedAtStart\": \"-30d\"}";
    update(&mut model, Event::Reply(Reply::Edited(id, Ok(Some(body.into())))));
    assert_eq!(model.request.findings, [], "a date that is said is one");
    let effects = press(&mut model, "s");
    let wanted = "{\"includeDeleted\": false, \"performedAtStart\": \"2026-10-29T00:00:00Z\"}";
    assert_eq!(sent(&effects)[0].1.body(), Some(wanted));
    assert_eq!(draft(&model).body, body, "what is written stays");
}

#[test]
fn a_variable_is_asked_for_by_environment_and_never_sent_as_it_stands() {
    let mut model = opened(Method::Get, "/v2/employees/{{id}}?mine={{mine}}");
    let refusal = model.request.findings.iter().find(|finding| finding.refuses()).unwrap();
    assert!(refusal.sentence.contains("{{id}} has no value for staging"), "{}", refusal.sentence);
    assert_eq!(press(&mut model, "s"), []);
    type_text(&mut model, "ca54c551-9290-484d-9f69-b136e4df7c01");
    assert_eq!(press(&mut model, "Enter"), [], "what comes at once may be pasted");
    update(&mut model, Event::Tick(std::time::Duration::from_secs(5)));
    assert_eq!(press(&mut model, "Enter"), []);
    assert_eq!(press(&mut model, "Enter"), [], "nothing is no value");
    type_text(&mut model, "a b");
    update(&mut model, Event::Tick(std::time::Duration::from_secs(10)));
    let effects = press(&mut model, "Enter");
    let url = sent(&effects)[0].1.url().as_str();
    assert!(url.ends_with("/v2/employees/ca54c551-9290-484d-9f69-b136e4df7c01?mine=a%20b"), "{url}");
    let id = sent(&effects)[0].0;
    super::answer(&mut model, id, "{}");
    assert_eq!(sent(&press(&mut model, "s")).len(), 1, "they are remembered");
    press(&mut model, "Ctrl-t");
    update(&mut model, Event::Key("x".parse().unwrap()));
    press(&mut model, "4 s");
    assert!(model.overlay.is_some(), "the other environment has values of its own");
    assert!(message(&model).is_empty() || !message(&model).contains("ca54c551"), "{}", message(&model));
}

#[test]
fn a_body_is_looked_at_as_it_is_typed_and_the_cursor_goes_to_the_place() {
    let mut model = opened(Method::Post, "/v1/accounting-entries:search");
    press(&mut model, "G Enter Ctrl-End End Backspace Enter");
    assert!(
        draft(&model).body.ends_with("false\n\n") || draft(&model).body.ends_with("false\n"),
        "{:?}",
        draft(&model).body
    );
    let refusal = model.request.findings.iter().find(|finding| finding.refuses()).unwrap();
    assert!(refusal.sentence.contains("not closed with `}`"), "{}", refusal.sentence);
    press(&mut model, "Ctrl-Home");
    press(&mut model, "Ctrl-g");
    assert_ne!(model.request.editor.as_ref().unwrap().area().cursor().0, 0);
    press(&mut model, "Esc R G Enter Ctrl-End Home");
    type_text(&mut model, "x");
    press(&mut model, "Ctrl-Home Ctrl-g");
    let cursor = model.request.editor.as_ref().unwrap().area().cursor();
    assert_eq!((cursor.0, cursor.1), (2, 0));
}

#[test]
fn a_new_line_is_as_far_in_as_its_brackets_say() {
    let mut model = opened(Method::Post, "/v1/anything");
    press(&mut model, "G Enter");
    type_text(&mut model, "{}");
    press(&mut model, "← Enter");
    type_text(&mut model, "\"a\": [");
    press(&mut model, "Enter");
    type_text(&mut model, "1");
    assert_eq!(draft(&model).body, "{\n  \"a\": [\n    1\n}");
}

#[test]
fn a_long_body_is_looked_at_in_the_background_and_only_the_latest() {
    let mut model = opened(Method::Post, "/v1/accounting-entries:search");
    press(&mut model, "G Enter");
    let ids = vec!["\"ca54c551-9290-484d-9f69-b136e4df7c01\""; 27_000].join(",");
    let text = format!("{{\"includeDeleted\": false, \"accountIds\": [{ids}], \"acountIds\": 1}}");
    press(&mut model, "Ctrl-Home");
    // Select nothing, replace all: the whole text is pasted into an empty body.
    press(&mut model, "Esc Del Enter");
    let effects = update(&mut model, Event::Paste(text.clone()));
    let check = |effects: &[Effect]| match effects.iter().find(|effect| matches!(effect, Effect::CheckBody(..))) {
        Some(Effect::CheckBody(id, checking)) => (*id, checking.look()),
        other => unreachable!("{other:?}"),
    };
    let (first, _) = check(&effects);
    assert_eq!(model.request.findings, [], "nothing is known yet");
    let began = std::time::Instant::now();
    let effects = type_text(&mut model, " ");
    assert!(began.elapsed() < std::time::Duration::from_millis(500), "{:?}", began.elapsed());
    assert!(effects.contains(&Effect::Cancel(first)));
    let (second, told) = check(&effects);
    update(&mut model, Event::Reply(Reply::BodyChecked(first, Vec::new())));
    update(&mut model, Event::Reply(Reply::BodyChecked(second, told)));
    let findings = &model.request.findings;
    assert!(findings.len() == 1 && findings[0].sentence.contains("did you mean accountIds?"), "{findings:?}");
    assert_eq!(update(&mut model, Event::Key("Home".parse().unwrap())), [], "it is looked at once");
}
