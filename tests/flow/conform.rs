//! An answer beside its model: when it is compared, what is told, and the way to the place.

use super::*;
use pleoscope::app::conform;
use pleoscope::document::{Body, Expected, examine};
use std::sync::Arc;

const ODD: &str = r#"{"data":[
    {"id":7,"companyId":"c","email":"a@b.example","firstName":"A","lastName":"B","nick":"x"},
    {"id":"2","companyId":"c","email":"c@d.example","firstName":"C","nick":"y"}],
  "pagination":{"hasNextPage":false,"hasPreviousPage":false,
    "currentRequestPagination":{"parameters":{"limit":["2"]},"sortingOrder":["UP"]}}}"#;

/// What the answer is to be compared with.
fn examined(effects: &[Effect]) -> Option<(WorkId, Body, Option<Arc<Expected>>)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Examine(id, body, expected) => Some((*id, body.clone(), expected.clone())),
        _ => None,
    })
}

fn compared(model: &mut Model, effects: &[Effect]) {
    let (id, body, expected) = examined(effects).unwrap();
    let found = examine(&body, expected.as_deref(), &|| false);
    update(model, Event::Reply(Reply::Examined(id, found)));
}

#[test]
fn an_answer_that_departs_is_marked_and_each_kind_leads_to_its_place() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    let effects = answer(&mut model, id, ODD);
    assert_eq!(conform::mark(&model.response), None);
    compared(&mut model, &effects);
    assert_eq!(conform::mark(&model.response).unwrap().1, "≠ 4 unlike the catalogue (D)");
    let told: Vec<String> = conform::departures(&model)
        .list
        .iter()
        .map(|one| format!("{} {:?} ×{}", one.path, one.difference, one.count))
        .collect();
    assert_eq!(
        told,
        [
            ".data[].id OtherType(\"a number\", \"text\") ×1",
            ".data[].nick Unknown ×2",
            ".data[].lastName Missing ×1",
            ".pagination.currentRequestPagination.sortingOrder[] NewWord(\"UP\") ×1",
        ]
    );
    let path = |model: &Model| model.response.document().unwrap().path(model.response.place.cursor).jq();
    for (steps, place) in [
        ("D Enter", ".data[0].id"),
        ("D j Enter", ".data[0].nick"),
        ("D j j Enter", ".data[1]"),
        ("D j j j j j Enter", ".pagination.currentRequestPagination.sortingOrder[0]"),
    ] {
        press(&mut model, "C");
        press(&mut model, steps);
        assert_eq!(path(&model), place);
        assert!(model.overlay.is_none());
    }
    press(&mut model, "D Esc");
    assert!(model.overlay.is_none());
}

#[test]
fn what_is_as_the_catalogue_says_is_not_marked() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    let sound = r#"{"data":[],"pagination":{"hasNextPage":false,"hasPreviousPage":false,
        "currentRequestPagination":{"parameters":{}},"total":null}}"#;
    let effects = answer(&mut model, id, sound);
    compared(&mut model, &effects);
    assert_eq!(conform::mark(&model.response), None);
    press(&mut model, "D");
    assert!(model.overlay.is_none());
    assert_eq!(model.message.unwrap().text, "The answer is as the catalogue says");
}

#[test]
fn only_whole_good_answers_of_known_operations_are_compared() {
    // A refusal has a shape of its own.
    let mut model = super::model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    let mut scanner = Scanner::new();
    let body = br#"{"type":"X"}"#;
    let piece = scanner.scan(body);
    update(&mut model, Event::Reply(Reply::Head(id, head(400), Duration::ZERO)));
    update(&mut model, Event::Reply(Reply::Chunk(id, Bytes::from_static(body), piece)));
    let effects = update(&mut model, Event::Reply(Reply::Done(id, scanner.finish(), Duration::ZERO)));
    assert!(examined(&effects).unwrap().2.is_none());

    let compares = |keys: &str, path: &str, body: &str| {
        let mut model = super::model();
        press(&mut model, keys);
        type_text(&mut model, path);
        press(&mut model, "Enter");
        let id = sent(&press(&mut model, "s"))[0].0;
        examined(&answer(&mut model, id, body)).unwrap().2.is_some()
    };
    assert!(compares("Ctrl-n", "/v1/companies", "{}"));
    assert!(!compares("Ctrl-n", "/v9/companies", "{}"), "nothing is known of it");
    assert!(!compares("Ctrl-n", "/v1/companies", "{} \n {}"), "several documents are no answer");
    assert!(!compares("Ctrl-n", "/v1/companies", "{\"data\":"), "a part is no whole");
    assert!(!compares("Ctrl-n", "/v1/companies", "<p>"));
}

#[test]
fn a_comparison_that_comes_too_late_changes_nothing() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    let effects = answer(&mut model, id, ODD);
    press(&mut model, "s");
    compared(&mut model, &effects);
    assert!(conform::departures(&model).list.is_empty());
}
