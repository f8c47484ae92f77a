//! Lists as tables: columns, sorting, filtering, a record beside the table, what is taken along, and what is masked.

use super::{answer_as_it_is, model, press, sent, type_text};
use pleoscope::app::available;
use pleoscope::app::event::{Effect, Event, Reply};
use pleoscope::app::model::{Model, Overlay};
use pleoscope::app::panes::response::View;
use pleoscope::app::taking::{Form, Text};
use pleoscope::app::update::update;
use pleoscope::document::{Sheet, Sieve, arrange, tally};

const EMPLOYEES: &str = r#"{"data":[
 {"id":"00000000-0000-4000-8000-000000000001","companyId":"00000000-0000-4000-8000-0000000000c1","email":"zoe@x.example","firstName":"Zoë","lastName":"Kjær","code":"E2"},
 {"id":"00000000-0000-4000-8000-000000000002","companyId":"00000000-0000-4000-8000-0000000000c1","email":"ann@x.example","firstName":"Ann","lastName":"Öberg"},
 {"id":"00000000-0000-4000-8000-000000000003","companyId":"00000000-0000-4000-8000-0000000000c2","email":"bo@y.example","firstName":"bo","lastName":"Ek","code":"E10","extra":{"deep":1.50}}
],"pagination":{"hasNextPage":false,"hasPreviousPage":false}}"#;

/// Does in the background what the worker does for a table, until nothing more is asked for.
pub fn work(model: &mut Model, effects: Vec<Effect>) {
    for effect in effects {
        let reply = match effect {
            Effect::Arrange(id, own) => {
                let sieve = Sieve::read(&own.filter, &own.columns);
                let order = arrange(&own.body, &own.records, &sieve, &own.sort, &|| false, &mut |_| {});
                Reply::Arranged(id, order.unwrap())
            }
            Effect::Tabulate(id, own) => {
                let (mut records, mut columns) = (own.records, own.columns);
                records.read_on(own.document.body(), u64::MAX, &|| false);
                columns.learn_from(own.document.body(), &records, u64::MAX, &|| false);
                Reply::Tabulated(id, Box::new((records, columns)))
            }
            Effect::Tally(id, own, path) => {
                let sieve = Sieve::read(&own.filter, &own.columns);
                Reply::Tallied(id, tally(&own.body, &own.records, &sieve, &path, &|| false).unwrap())
            }
            _ => continue,
        };
        let next = update(model, Event::Reply(reply));
        work(model, next);
    }
}

fn do_keys(model: &mut Model, keys: &str) -> Vec<Effect> {
    let effects = press(model, keys);
    work(model, effects.clone());
    effects
}

fn types(model: &mut Model, text: &str) {
    let effects = type_text(model, text);
    work(model, effects);
}

pub fn listed(body: &str) -> Model {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    let effects = answer_as_it_is(&mut model, id, body);
    work(&mut model, effects);
    model
}

fn names(model: &Model) -> Vec<String> {
    let table = model.response.table();
    let body = model.response.listed().unwrap().body();
    let shown = (0..table.rows()).map(|row| {
        let text = table.text(body, table.record(row).unwrap());
        pleoscope::document::plain(&text, "firstName")
    });
    shown.collect()
}

fn columns(model: &Model) -> Vec<String> {
    model.response.table().shown().iter().map(|column| column.path.clone()).collect()
}

#[test]
fn a_list_is_a_table_with_the_columns_of_its_model_first() {
    let model = listed(EMPLOYEES);
    assert_eq!(model.response.view(), View::Table);
    let wanted = ["firstName", "lastName", "email", "code", "companyId", "id", "extra.deep"];
    assert_eq!(columns(&model), wanted, "jobTitle and phone are in no record");
    assert_eq!(names(&model), ["Zoë", "Ann", "bo"]);
    let words: Vec<&str> = available::hints(&model).into_iter().map(|(_, word)| word).collect();
    for word in ["open", "filter", "sort", "columns", "copy", "save"] {
        assert!(words.contains(&word), "{word} in {words:?}");
    }
}

#[test]
fn what_is_no_list_is_a_tree() {
    for body in [r#"{"data":{"id":"1","tags":[{"a":1}]}}"#, r#"{"id":"1","tags":[{"a":1}]}"#, "[1,2]", "{}"] {
        assert_eq!(listed(body).response.view(), View::Tree, "{body}");
    }
    let empty = listed(r#"{"data":[],"pagination":{"hasNextPage":false}}"#);
    assert_eq!((empty.response.view(), empty.response.table().rows()), (View::Table, 0));
}

#[test]
fn rows_are_sorted_by_one_column_and_by_several_and_the_cursor_stays_at_its_record() {
    let mut model = listed(EMPLOYEES);
    do_keys(&mut model, "j S");
    assert_eq!(names(&model), ["Ann", "bo", "Zoë"], "capitals do not matter");
    assert_eq!(model.response.table().current(), Some(1), "the cursor is at Ann");
    do_keys(&mut model, "S");
    assert_eq!(names(&model), ["Zoë", "bo", "Ann"]);
    do_keys(&mut model, "S");
    assert_eq!(names(&model), ["Zoë", "Ann", "bo"], "as they were sent");
    // By company, then by code, which Ann has none of: she stands last of hers either way.
    do_keys(&mut model, "l l l l S h T");
    assert_eq!(names(&model), ["Zoë", "Ann", "bo"]);
    do_keys(&mut model, "T");
    assert_eq!(names(&model), ["Zoë", "Ann", "bo"]);
    let sort: Vec<(&str, bool)> =
        model.response.table().sort.iter().map(|key| (key.path.as_str(), key.descending)).collect();
    assert_eq!(sort, [("companyId", false), ("code", true)]);
}

#[test]
fn rows_are_filtered_as_one_types_and_escape_shows_all() {
    let mut model = listed(EMPLOYEES);
    do_keys(&mut model, "/");
    types(&mut model, "zoe");
    assert_eq!(names(&model), ["Zoë"], "letters with marks are those without");
    assert_eq!(model.response.table().records(), 3);
    do_keys(&mut model, "Esc");
    assert_eq!(names(&model).len(), 3);
    do_keys(&mut model, "/");
    types(&mut model, "email:y.example");
    do_keys(&mut model, "Enter");
    assert_eq!((names(&model), model.in_text()), (vec!["bo".to_owned()], false));
    do_keys(&mut model, "Esc");
    assert_eq!(names(&model).len(), 3);
    do_keys(&mut model, "/");
    types(&mut model, "nobody at all");
    assert_eq!(names(&model), [""; 0]);
    assert!(do_keys(&mut model, "Enter Enter").is_empty(), "there is no record to open");
    // What is typed later makes what is still arranged worthless.
    do_keys(&mut model, "Esc /");
    let slow = type_text(&mut model, "a");
    let fast = type_text(&mut model, "nn");
    work(&mut model, fast);
    work(&mut model, slow);
    assert_eq!(names(&model), ["Ann"]);
}

#[test]
fn a_record_is_read_beside_the_table_and_its_neighbours_after_it() {
    let mut model = listed(EMPLOYEES);
    do_keys(&mut model, "j Enter");
    assert_eq!(model.response.view(), View::Tree);
    let path = |model: &Model| model.response.path(model.response.place.cursor).jq();
    assert_eq!(path(&model), ".data[1]");
    do_keys(&mut model, "j j j");
    assert_eq!(path(&model), ".data[1].email", "the path is that of the whole answer");
    do_keys(&mut model, "J");
    assert_eq!((path(&model), model.response.table().cursor), (".data[2].email".into(), 2));
    do_keys(&mut model, "K K K");
    assert_eq!(path(&model), ".data[0].email");
    do_keys(&mut model, "Esc");
    assert_eq!((model.response.view(), model.response.table().cursor), (View::Table, 0));
    // The next view is of the whole answer, at the same record.
    do_keys(&mut model, "j Enter v");
    assert_eq!((model.response.view(), path(&model)), (View::Tree, ".data[1]".into()));
    do_keys(&mut model, "G v v v v v");
    assert_eq!((model.response.view(), model.response.table().cursor), (View::Table, 2));
}

#[test]
fn columns_are_moved_widened_hidden_and_remembered_for_the_operation() {
    let mut model = listed(EMPLOYEES);
    do_keys(&mut model, "l >");
    assert_eq!(columns(&model)[..3], ["firstName", "email", "lastName"]);
    assert_eq!(model.response.table().current_column().unwrap(), "lastName", "the cursor goes along");
    let width = |model: &Model| {
        let table = model.response.table();
        table.width(table.columns.get("lastName").unwrap())
    };
    let before = width(&model);
    do_keys(&mut model, "+ +");
    assert_eq!(width(&model), before + 8);
    do_keys(&mut model, "- < X");
    assert!(!columns(&model).contains(&"lastName".to_owned()));
    // From the list: hide the first, show it again, bring the last but one up.
    do_keys(&mut model, "c");
    assert!(matches!(model.overlay, Some(Overlay::Columns(_))));
    do_keys(&mut model, "k k k k k Space");
    assert!(!columns(&model).contains(&"firstName".to_owned()));
    do_keys(&mut model, "Space j J Esc");
    let kept = columns(&model);
    assert_eq!(kept[0], "firstName");
    let id = sent(&press(&mut model, "s"))[0].0;
    answer_as_it_is(&mut model, id, EMPLOYEES);
    assert_eq!(columns(&model), kept, "the next answer of the operation is arranged alike");
}

#[test]
fn the_rows_shown_are_what_is_saved_and_copied() {
    let mut model = listed(EMPLOYEES);
    do_keys(&mut model, "S o");
    let Some(Overlay::Menu(menu)) = &model.overlay else { panic!("no menu") };
    assert!(menu.items.iter().any(|item| item.title == "CSV"));
    press(&mut model, "c");
    let Some(Overlay::SaveAs(own)) = &model.overlay else { panic!("no place to save to") };
    assert_eq!(
        (own.form, own.asked.input.text()),
        (Form::Sheet(Sheet::Csv { safe: false }, false), "list-employees-staging.csv")
    );
    let effects = press(&mut model, "Enter");
    let Some(Effect::Save(_, saving)) = effects.first() else { panic!("nothing is saved: {effects:?}") };
    let view = saving.view.as_ref().unwrap();
    assert_eq!((view.rows(), view.record(0)), (3, 1), "in the order of the table");
    assert_eq!(view.columns, columns(&model));
    press(&mut model, "x Esc Esc y");
    let effects = press(&mut model, "w");
    let Some(Effect::Take(_, copying)) = effects.first() else { panic!("nothing is copied: {effects:?}") };
    assert!(matches!(&copying.text, Text::Sheet(_, view, Sheet::Markdown, false) if view.rows() == 3));
}

#[test]
fn while_data_is_masked_one_says_which_is_wanted() {
    let mut model = listed(EMPLOYEES);
    do_keys(&mut model, "p o");
    assert!(model.masked);
    let Some(Overlay::Menu(menu)) = &model.overlay else { panic!("no menu") };
    let titles: Vec<&str> = menu.items.iter().map(|item| item.title.as_str()).collect();
    assert!(titles.contains(&"CSV, masked") && titles.contains(&"CSV, with personal data"), "{titles:?}");
    assert!(titles.contains(&"body as received, with personal data"), "{titles:?}");
    press(&mut model, "c Enter");
    press(&mut model, "Esc y");
    let Some(Overlay::Menu(menu)) = &model.overlay else { panic!("no menu") };
    let cell = menu.items.iter().find(|item| item.title == "cell, with personal data").unwrap();
    assert!(!cell.glimpse.contains("Zo"), "{}", cell.glimpse);
}

#[test]
fn a_result_of_jq_that_is_a_list_is_a_table_too() {
    use bytes::Bytes;
    use pleoscope::app::event::Portion;
    use pleoscope::document::Scanner;
    let mut model = listed(EMPLOYEES);
    press(&mut model, "S f");
    let effects = type_text(&mut model, ".data[]|{code,email}");
    let id = effects.iter().rev().find_map(|e| if let Effect::Filter(id, ..) = e { Some(*id) } else { None }).unwrap();
    let lines = "{\"code\":\"E2\",\"email\":\"z\"}\n{\"code\":\"E10\",\"email\":\"b\"}\n";
    let mut scanner = Scanner::new();
    let bytes = Bytes::from_static(lines.as_bytes());
    let piece = scanner.scan(&bytes);
    update(&mut model, Event::Reply(Reply::Filtered(id, Portion::Here(bytes), piece)));
    let ended = Reply::FilterEnded(id, Ok(()), scanner.finish(), std::time::Duration::ZERO);
    update(&mut model, Event::Reply(ended));
    assert_eq!((model.response.view(), columns(&model)), (View::Table, vec!["code".into(), "email".into()]));
    press(&mut model, "Enter Esc");
    assert_eq!(names(&model).len(), 3, "Esc brings the whole table back");
}

#[test]
fn values_of_a_column_are_counted_and_one_is_chosen() {
    let mut model = listed(EMPLOYEES);
    do_keys(&mut model, "l l l l #");
    let Some(Overlay::Counts(counts)) = &model.overlay else { panic!("no counts") };
    assert_eq!((counts.path.as_str(), counts.tally.records, counts.tally.values[0].1), ("companyId", 3, 2));
    do_keys(&mut model, "j Enter");
    assert_eq!(names(&model), ["bo"]);
    do_keys(&mut model, "Esc h #");
    let Some(Overlay::Counts(counts)) = &model.overlay else { panic!("no counts") };
    let missing = counts.tally.values.iter().position(|(value, _)| value.is_none()).unwrap();
    do_keys(&mut model, &format!("g{} Enter", " j".repeat(missing)));
    assert_eq!(names(&model), ["Ann"], "the one without a code");
}
