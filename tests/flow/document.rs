//! The document: its views, places in it, folds, the search, the filter, and taking something of it along.

use super::*;
use pleoscope::app::event::Portion;
use pleoscope::app::notices;
use pleoscope::app::panes::response::FilterTrouble;
use pleoscope::app::taking::{Copied, Form, Text, Unsaved};
use pleoscope::document::{Body, Examined, Hit, Scope, Segment, opened};

/// An answer with this body, the focus on it.
fn answered(body: &str) -> Model {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    answer(&mut model, id, body);
    model
}

fn path(model: &Model) -> String {
    model.response.document().unwrap().path(model.response.place.cursor).jq()
}

fn told(model: &Model) -> String {
    let rows: Vec<String> =
        notices::rows(model, 70, 20).into_iter().map(|(_, row)| row.trim_end().to_owned()).collect();
    rows.join(" ")
}

fn message(model: &Model) -> &str {
    model.message.as_ref().map_or("", |message| message.text.as_str())
}

/// What a filter at work would tell.
fn results(model: &mut Model, id: WorkId, lines: &str) {
    let mut scanner = Scanner::new();
    let bytes = Bytes::from(lines.to_owned());
    let piece = scanner.scan(&bytes);
    update(model, Event::Reply(Reply::Filtered(id, Portion::Here(bytes), piece)));
    update(model, Event::Reply(Reply::FilterEnded(id, Ok(()), scanner.finish(), Duration::from_millis(3))));
}

fn filtering(effects: &[Effect]) -> (WorkId, String) {
    let found = effects.iter().rev().find_map(|effect| match effect {
        Effect::Filter(id, _, expression) => Some((*id, expression.clone())),
        _ => None,
    });
    assert!(found.is_some(), "no filter in {effects:?}");
    found.unwrap()
}

#[test]
fn a_filter_shows_its_result_as_a_document_and_escape_brings_the_whole_back() {
    let mut model = answered(PAGE);
    press(&mut model, "j j j");
    let before = path(&model);
    press(&mut model, "f");
    let (id, expression) = filtering(&type_text(&mut model, ".data[].id"));
    assert_eq!(expression, ".data[].id");
    assert_eq!(model.response.document().unwrap().row_count(), 15, "the whole is shown until something comes");
    results(&mut model, id, "\"1\"\n\"2\"\n");
    assert_eq!(model.response.document().unwrap().row_count(), 2);
    press(&mut model, "Enter j");
    assert_eq!(model.response.place.cursor, 1);
    assert_eq!(press(&mut model, "x"), [], "nothing goes on that could be stopped");
    press(&mut model, "Esc");
    assert_eq!((path(&model), model.response.document().unwrap().row_count()), (before, 15));
    // What was used before is at hand again.
    press(&mut model, "f");
    let (_, expression) = filtering(&press(&mut model, "↑"));
    assert_eq!(expression, ".data[].id");
    press(&mut model, "↓");
    assert_eq!(model.response.filter.input.text(), "");
}

#[test]
fn a_wrong_expression_is_told_at_its_place_and_keeps_what_was_shown() {
    let mut model = answered(PAGE);
    press(&mut model, "f");
    let (id, _) = filtering(&type_text(&mut model, ".data"));
    results(&mut model, id, "[]\n");
    let effects = type_text(&mut model, "[");
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Cancel(_))), "it had ended");
    let (id, _) = filtering(&effects);
    let trouble = FilterTrouble { sentence: "This [ is never closed.".into(), at: Some(5..6) };
    let ended = Reply::FilterEnded(id, Err(trouble.clone()), Piece::default(), Duration::ZERO);
    update(&mut model, Event::Reply(ended));
    assert_eq!(model.response.filter.error, Some(trouble));
    assert_eq!(model.response.document().unwrap().row_count(), 1, "what was there stays");
    // What is typed next replaces the filter at work; what that one still says is nobody's.
    let effects = type_text(&mut model, "0");
    let (second, _) = filtering(&effects);
    let effects = type_text(&mut model, "]");
    assert!(effects.contains(&Effect::Cancel(second)));
    results(&mut model, second, "1\n2\n3\n");
    assert_eq!(model.response.document().unwrap().row_count(), 1);
}

#[test]
fn nothing_is_filtered_while_it_arrives_or_where_it_is_no_json() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    update(&mut model, Event::Reply(Reply::Head(id, head(200), Duration::ZERO)));
    let mut scanner = Scanner::new();
    let piece = scanner.scan(b"[1,");
    update(&mut model, Event::Reply(Reply::Chunk(id, Bytes::from_static(b"[1,"), piece)));
    press(&mut model, "f");
    assert!(message(&model).contains("still arriving") && !model.response.filter.typing);
    press(&mut model, "x f");
    assert!(message(&model).contains("not whole") && !model.response.filter.typing);
    let mut model = answered("404 page not found");
    press(&mut model, "f");
    assert!(message(&model).contains("no JSON"));
}

#[test]
fn one_goes_to_rows_shares_and_paths() {
    let mut model = answered(PAGE);
    press(&mut model, "C Ctrl-g 5 Enter");
    assert_eq!(path(&model), ".data[0].firstName", "what hides it is unfolded");
    press(&mut model, "Ctrl-g 1 0 0 % Enter");
    assert_eq!(model.response.place.cursor, 14);
    press(&mut model, "Ctrl-g");
    type_text(&mut model, "/data/1/id");
    let effects = press(&mut model, "Enter");
    let Some(Effect::Locate(id, document, number, steps)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!((*number, steps.len()), (0, 3));
    let row = document.find_path(*number, steps, &|| false);
    update(&mut model, Event::Reply(Reply::Located(*id, row)));
    assert_eq!(path(&model), ".data[1].id");
    press(&mut model, "Ctrl-g");
    type_text(&mut model, ".data[7");
    press(&mut model, "Enter");
    let Some(Overlay::Goto(asked)) = &model.overlay else { panic!("it closed") };
    assert!(asked.error.as_ref().unwrap().contains("cannot be read") && asked.input.text() == ".data[7");
    type_text(&mut model, "]");
    let effects = press(&mut model, "Enter");
    let Some(Effect::Locate(id, document, _, steps)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(steps, &[Segment::Key("data".into()), Segment::Index(7)]);
    let row = document.find_path(0, steps, &|| false);
    update(&mut model, Event::Reply(Reply::Located(*id, row)));
    let Some(Overlay::Goto(asked)) = &model.overlay else { panic!("it closed") };
    assert!(asked.error.as_ref().unwrap().contains("only its first step"));
}

#[test]
fn folds_are_seen_at_once_and_completed_behind() {
    let mut model = answered(PAGE);
    let rows = model.response.document().unwrap().row_count();
    let effects = press(&mut model, "C");
    assert_eq!(model.response.place.folds.visible_rows(rows), 4, "two members between the brackets");
    let Some(Effect::Fold(id, document, 1)) = effects.first() else { panic!("{effects:?}") };
    update(&mut model, Event::Reply(Reply::Folded(*id, document.fold_all(1, &|| false))));
    assert_eq!(model.response.place.folds.visible_rows(rows), 4);
    press(&mut model, "j l");
    assert_eq!(model.response.place.folds.visible_rows(rows), 7, "what is within is folded too");
    let effects = press(&mut model, "+");
    let Some(Effect::Fold(id, document, 2)) = effects.first() else { panic!("{effects:?}") };
    update(&mut model, Event::Reply(Reply::Folded(*id, document.fold_all(2, &|| false))));
    assert_eq!(model.response.place.folds.visible_rows(rows), 9);
    assert!(matches!(press(&mut model, "- -")[..], [Effect::Fold(_, _, 1), Effect::Cancel(_), Effect::Fold(_, _, 0)]));
    assert_eq!(model.response.place.folds.visible_rows(rows), 1);
    press(&mut model, "E");
    assert_eq!(model.response.place.folds.visible_rows(rows), rows);
    press(&mut model, "g j j j U U");
    assert_eq!(path(&model), ".data");
}

#[test]
fn what_is_unfolded_while_a_document_is_still_being_folded_stays_so() {
    let mut model = answered(PAGE);
    let rows = model.response.document().unwrap().row_count();
    let effects = press(&mut model, "C");
    let Some(Effect::Fold(id, document, 1)) = effects.first() else { panic!("{effects:?}") };
    let late = Reply::Folded(*id, document.fold_all(1, &|| false));
    // One goes to a place before all folds are known.
    press(&mut model, "G Ctrl-g");
    type_text(&mut model, ".data[1].id");
    let effects = press(&mut model, "Enter");
    let Some(Effect::Locate(located, document, _, steps)) = effects.first() else { panic!("{effects:?}") };
    let row = document.find_path(0, steps, &|| false);
    update(&mut model, Event::Reply(Reply::Located(*located, row)));
    assert_eq!(path(&model), ".data[1].id");
    update(&mut model, Event::Reply(late));
    assert_eq!(path(&model), ".data[1].id", "what was gone to is not folded away again");
    assert!(model.response.place.folding.is_none());
    let shown = model.response.place.folds.visible_rows(rows);
    press(&mut model, "U");
    assert_eq!(path(&model), ".data[1]");
    press(&mut model, "h");
    assert!(model.response.place.folds.visible_rows(rows) < shown);
}

#[test]
fn folds_that_are_known_late_are_those_of_the_document_they_were_asked_for() {
    let mut model = answered(PAGE);
    let effects = press(&mut model, "C");
    let Some(Effect::Fold(id, document, 1)) = effects.first() else { panic!("{effects:?}") };
    let late = Reply::Folded(*id, document.fold_all(1, &|| false));
    let folded = document.fold_all(1, &|| false);
    model.response.begin_result();
    update(&mut model, Event::Reply(late));
    assert!(model.response.place.folds.is_empty(), "the result of a filter is another document");
    model.response.end_filter();
    assert_eq!(model.response.place.folds, folded);
}

#[test]
fn a_search_is_in_keys_or_values_by_pattern_and_can_be_stopped() {
    let mut model = answered(PAGE);
    press(&mut model, "/");
    type_text(&mut model, "i");
    let effects = press(&mut model, "Tab Ctrl-r");
    let Some(Effect::Search(id, _, finder)) = effects.last() else { panic!("{effects:?}") };
    assert!(finder.query().pattern && finder.query().scope == Scope::Keys);
    let id = *id;
    update(&mut model, Event::Reply(Reply::Searched(id, 50)));
    assert_eq!(model.response.search.searched, 50);
    let effects = type_text(&mut model, "(");
    assert_eq!(effects, [Effect::Cancel(id)], "what is no pattern is not looked for");
    assert_eq!(model.response.search.error.as_deref(), Some("Not a pattern: unclosed group"));
    let effects = type_text(&mut model, "d)");
    let Some(Effect::Search(id, ..)) = effects.last() else { panic!("{effects:?}") };
    let id = *id;
    press(&mut model, "Enter");
    assert_eq!(press(&mut model, "x"), [Effect::Cancel(id)]);
    assert!(model.response.search.work.is_none() && model.response.search.is_shown());
    // A search begun anew is made as the last one was.
    press(&mut model, "Esc /");
    assert!(model.response.search.pattern && model.response.search.scope == Scope::Keys);
}

#[test]
fn hits_before_the_cursor_do_not_move_it_while_more_may_come() {
    let mut model = answered(PAGE);
    press(&mut model, "G /");
    let effects = type_text(&mut model, "id");
    let Some(Effect::Search(id, body, finder)) = effects.last().cloned() else { panic!("{effects:?}") };
    let mut hits = Vec::new();
    find_all(&body, &finder, &|| false, &mut |_, more| hits.extend(more));
    update(&mut model, Event::Reply(Reply::Found(id, hits, false)));
    assert_eq!((model.response.search.current, model.response.place.cursor), (None, 14));
    update(&mut model, Event::Reply(Reply::Found(id, Vec::new(), true)));
    assert_eq!(model.response.search.current, Some(0), "round the end");
}

#[test]
fn a_search_begun_while_bytes_arrive_goes_on_over_all_of_them() {
    let mut model = super::model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    update(&mut model, Event::Reply(Reply::Head(id, head(200), Duration::ZERO)));
    let mut scanner = Scanner::new();
    let mut chunk = |model: &mut Model, text: &'static [u8]| {
        let piece = scanner.scan(text);
        update(model, Event::Reply(Reply::Chunk(id, Bytes::from_static(text), piece)));
    };
    chunk(&mut model, b"[\"id\",");
    press(&mut model, "/");
    let effects = type_text(&mut model, "id");
    let Some(Effect::Search(work, ..)) = effects.last() else { panic!("{effects:?}") };
    update(&mut model, Event::Reply(Reply::Found(*work, vec![Hit { start: 2, end: 4 }], true)));
    assert_eq!(model.response.search.current, Some(0));
    chunk(&mut model, b"\"id\"]");
    let effects = update(&mut model, Event::Reply(Reply::Done(id, Piece::default(), Duration::ZERO)));
    let Some(Effect::Search(work, body, _)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!((body.len(), model.response.search.hits.len()), (11, 1), "what was found stays until then");
    let hits = vec![Hit { start: 2, end: 4 }, Hit { start: 8, end: 10 }];
    update(&mut model, Event::Reply(Reply::Found(*work, hits, true)));
    assert_eq!((model.response.search.current, model.response.search.hits.len()), (Some(0), 2));
}

#[test]
fn work_that_fails_is_said_and_no_longer_goes_on() {
    let mut model = answered(PAGE);
    press(&mut model, "/");
    let effects = type_text(&mut model, "id");
    let Some(Effect::Search(id, ..)) = effects.last() else { panic!("{effects:?}") };
    let failed = |id| {
        let failure = Failure { phase: Phase::Setup, sentence: "It failed.".into() };
        Event::Reply(Reply::Failed(id, failure, Piece::default(), Duration::ZERO))
    };
    update(&mut model, failed(WorkId(id.0 - 1)));
    assert_eq!(message(&model), "", "what is not wanted any more is nobody's");
    update(&mut model, failed(*id));
    assert_eq!((message(&model), model.response.search.work), ("It failed.", None));
    assert_eq!(model.response.exchange.as_ref().unwrap().stage, Stage::Done, "the answer is as it was");
}

#[test]
fn one_of_several_documents_is_named_by_its_number() {
    let mut model = answered("{\"a\":1}\n{\"a\":2}\n{\"a\":[3]}\n");
    press(&mut model, "Ctrl-g");
    type_text(&mut model, "2:.a[0]");
    let effects = press(&mut model, "Enter");
    let Some(Effect::Locate(id, document, number, steps)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(*number, 2);
    let row = document.find_path(*number, steps, &|| false);
    update(&mut model, Event::Reply(Reply::Located(*id, row)));
    assert_eq!((path(&model).as_str(), model.response.place.cursor), (".a[0]", 8));
}

#[test]
fn a_hit_far_to_the_right_of_a_cut_line_is_seen() {
    let text = format!("{} needle", "x".repeat(500));
    let mut model = answered(&text);
    press(&mut model, "W /");
    let effects = type_text(&mut model, "needle");
    let Some(Effect::Search(id, body, finder)) = effects.last().cloned() else { panic!("{effects:?}") };
    let mut hits = Vec::new();
    find_all(&body, &finder, &|| false, &mut |_, more| hits.extend(more));
    update(&mut model, Event::Reply(Reply::Found(id, hits, true)));
    assert!((440..=501).contains(&model.response.place.left), "{}", model.response.place.left);
}

#[test]
fn what_is_no_json_is_text_with_the_place_marked() {
    let mut model = answered("{\n  \"data\": [\n    1,\n    2,,\n    3\n  ]\n}\n");
    assert_eq!(model.response.view(), View::Raw);
    let said = told(&model);
    assert!(said.contains("Not JSON: a JSON value was expected here, at byte 27 (line 4, column 7)."), "{said}");
    assert!(!said.contains("it is JSON"), "{said}");
    press(&mut model, "!");
    assert!(model.response.place.raw_top <= 27);
    press(&mut model, "v v v v");
    assert_eq!(model.response.view(), View::Tree, "the sound part is still a tree");
    // A stream that broke off is no wrong JSON: it is shown as far as it came.
    let mut model = super::model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    update(&mut model, Event::Reply(Reply::Head(id, head(200), Duration::ZERO)));
    let mut scanner = Scanner::new();
    let piece = scanner.scan(b"{\"data\":[1,2");
    update(&mut model, Event::Reply(Reply::Chunk(id, Bytes::from_static(b"{\"data\":[1,2"), piece)));
    let failure = Failure { phase: Phase::Body, sentence: "It broke off after 12 bytes.".into() };
    update(&mut model, Event::Reply(Reply::Failed(id, failure, scanner.finish(), Duration::ZERO)));
    assert_eq!(model.response.view(), View::Tree);
    assert!(told(&model).contains("after 12 bytes. Partial"), "{}", told(&model));
}

#[test]
fn bodies_that_are_odd_are_described_in_a_line() {
    let said = |body: &[u8], media: Option<&str>, examined: Examined| {
        let mut model = super::model();
        let id = sent(&press(&mut model, "Enter s"))[0].0;
        let mut head = head(200);
        head.headers.extend(media.map(|media| ("content-type".to_owned(), media.as_bytes().to_vec())));
        update(&mut model, Event::Reply(Reply::Head(id, head, Duration::ZERO)));
        let mut scanner = Scanner::new();
        let piece = scanner.scan(body);
        update(&mut model, Event::Reply(Reply::Chunk(id, Bytes::copy_from_slice(body), piece)));
        let effects = update(&mut model, Event::Reply(Reply::Done(id, scanner.finish(), Duration::ZERO)));
        let Some(Effect::Examine(id, ..)) = effects.first() else { panic!("{effects:?}") };
        update(&mut model, Event::Reply(Reply::Examined(*id, examined)));
        (told(&model), model.response.view())
    };
    let json = Some("application/json");
    assert_eq!(said(b"{}", json, Examined::default()), (String::new(), View::Tree));
    let bom = said(b"\xEF\xBB\xBF{}", json, Examined::default());
    assert!(bom.0.contains("byte order mark") && bom.1 == View::Tree);
    assert!(
        said(b"{}", Some("text/html"), Examined::default()).0.contains("It says that it is text/html, and is JSON.")
    );
    assert!(said(b"{}", None, Examined::default()).0.contains("No content type; it is JSON."));
    let html = said(b"<!DOCTYPE html><p>", json, Examined::default());
    assert!(html.0.contains("and is HTML") && html.1 == View::Raw, "{html:?}");
    let utf16 = said(b"\xFF\xFE{\0}\0", json, Examined::default());
    assert!(utf16.0.contains("UTF-16") && utf16.1 == View::Hex, "{utf16:?}");
    let png = said(b"\x89PNG\r\n\x1a\n\0\0\0\0", Some("image/png"), Examined::default());
    assert!(png.0.contains("a PNG image") && png.1 == View::Hex, "{png:?}");
    let twice = Examined { repeated: 1, first_repeated: Some((7, "a".into())), ..Examined::default() };
    assert!(said(b"{\"a\":1,\"a\":2}", json, twice).0.contains("\"a\" stands twice in one object (byte 7)"));
    let latin = Examined { not_utf8: Some(4), ..Examined::default() };
    assert!(said(b"[\"\xE9\"]", json, latin).0.contains("Not all of it is UTF-8, from byte 4"));
}

#[test]
fn a_string_is_read_by_itself_and_copied_from_there() {
    let mut model = answered(r#"{"text":"one\ntwo","list":[1]}"#);
    press(&mut model, "j");
    let effects = press(&mut model, "Enter");
    let Some(Effect::Open(id, body, range)) = effects.first().cloned() else { panic!("{effects:?}") };
    update(&mut model, Event::Reply(Reply::Opened(id, opened(&body, range))));
    let Some(Overlay::Viewer(viewer)) = &model.overlay else { panic!("it is not open") };
    assert_eq!((viewer.title.as_str(), &*viewer.body.read(0..99)), (".text · 7 bytes", &b"one\ntwo"[..]));
    let effects = press(&mut model, "y");
    let Some(Effect::Take(_, copying)) = effects.first() else { panic!("{effects:?}") };
    assert!(matches!(&copying.text, Text::Part(_, range, false) if *range == (0..7)));
    press(&mut model, "j G g Esc");
    assert!(model.overlay.is_none());
    press(&mut model, "j");
    assert_eq!(press(&mut model, "Enter"), [], "a container is folded instead");
    assert!(model.response.place.folds.is_folded(2));
}

#[test]
fn what_is_copied_is_said_and_never_promised() {
    let mut model = answered(PAGE);
    press(&mut model, "j j j y");
    let Some(Overlay::Menu(menu)) = &model.overlay else { panic!("no menu") };
    let letters: String = menu.items.iter().map(|item| item.letter).collect();
    assert_eq!(letters, "vnpPdrbhuxy");
    let effects = press(&mut model, "p");
    let Some(Effect::Take(id, copying)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(copying.text, Text::Given(".data[0].id".into()));
    let id = *id;
    let effects = update(&mut model, Event::Reply(Reply::Copied(id, Ok(Copied::Terminal(".data[0].id".into())))));
    assert_eq!(effects, [Effect::Copy(".data[0].id".into())]);
    assert!(message(&model).starts_with("Sent 11 bytes to the terminal"), "{}", message(&model));
    let effects = press(&mut model, "y j Enter");
    let Some(Effect::Take(id, copying)) = effects.first() else { panic!("{effects:?}") };
    assert!(matches!(&copying.text, Text::Part(_, _, true)), "the second item: {copying:?}");
    let id = *id;
    update(&mut model, Event::Reply(Reply::Copied(id, Ok(Copied::By("wl-copy", 2)))));
    assert_eq!(message(&model), "Copied 2 bytes, by wl-copy");
    // A container has a subtree.
    press(&mut model, "k y");
    let Some(Overlay::Menu(menu)) = &model.overlay else { panic!("no menu") };
    assert!(menu.items.iter().any(|item| item.letter == 's'));
}

#[test]
fn a_file_is_saved_never_over_another_unasked() {
    let mut model = answered(PAGE);
    press(&mut model, "o m");
    let Some(Overlay::SaveAs(own)) = &model.overlay else { panic!("no field") };
    assert_eq!((own.form, own.asked.input.text()), (Form::Minified, "list-employees-staging.json"));
    let effects = press(&mut model, "Enter");
    let Some(Effect::Save(id, saving)) = effects.first() else { panic!("{effects:?}") };
    assert!(!saving.over && saving.path == "list-employees-staging.json");
    let id = *id;
    assert_eq!(press(&mut model, "Enter"), [], "one save at a time");
    update(&mut model, Event::Reply(Reply::Saved(id, Err(Unsaved::Exists))));
    let Some(Overlay::SaveAs(own)) = &model.overlay else { panic!("it closed") };
    assert!(own.asked.error.as_ref().unwrap().contains("Enter once more replaces it"));
    press(&mut model, "Esc");
    let Some(Overlay::SaveAs(own)) = &model.overlay else { panic!("the name is gone") };
    assert_eq!((own.asked.error.as_ref(), own.asked.input.text()), (None, "list-employees-staging.json"));
    // Another name is asked about anew.
    type_text(&mut model, "2");
    let effects = press(&mut model, "Enter");
    assert!(matches!(effects.first(), Some(Effect::Save(_, saving)) if !saving.over), "{effects:?}");
    let Some(Effect::Save(id, _)) = effects.first() else { panic!() };
    update(&mut model, Event::Reply(Reply::Saved(*id, Err(Unsaved::Exists))));
    let effects = press(&mut model, "Enter");
    let Some(Effect::Save(id, saving)) = effects.first() else { panic!("{effects:?}") };
    assert!(saving.over);
    update(&mut model, Event::Reply(Reply::Saving(*id, 10)));
    update(&mut model, Event::Reply(Reply::Saved(*id, Ok(90))));
    assert!(model.overlay.is_none() && message(&model).starts_with("Saved 90 bytes to list-employees-staging.json2"));
    // Tab completes the path, Esc stops a save that goes on.
    press(&mut model, "o r Ctrl-u");
    type_text(&mut model, "al");
    let effects = press(&mut model, "Tab");
    let Some(Effect::Complete(id, typed)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(typed, "al");
    let found = vec!["alpha/".to_owned(), "alps.json".to_owned()];
    update(&mut model, Event::Reply(Reply::Completed(*id, found)));
    let Some(Overlay::SaveAs(own)) = &model.overlay else { panic!("it closed") };
    assert_eq!((own.asked.input.text(), own.candidates.len()), ("alp", 2));
    let effects = press(&mut model, "Enter");
    let Some(Effect::Save(id, _)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(press(&mut model, "Esc"), [Effect::Cancel(*id)]);
}

#[test]
fn raw_lines_are_wrapped_or_cut_and_numbered() {
    let lines: String = (1..=300).map(|n| format!("line {n} {}\n", "x".repeat(200))).collect();
    let mut model = answered(&lines);
    assert_eq!(model.response.view(), View::Raw);
    press(&mut model, "Ctrl-g 1 0 0 Enter");
    let body: Body = model.response.document().unwrap().body().clone();
    assert_eq!(body.line_at(model.response.place.raw_top), 99);
    press(&mut model, "j j W");
    assert_eq!(model.response.place.raw_top, body.line_start(99), "to the beginning of the line");
    press(&mut model, "j l l");
    assert_eq!((body.line_at(model.response.place.raw_top), model.response.place.left), (100, 16));
    press(&mut model, "G");
    assert!(body.line_at(model.response.place.raw_top) > 270);
    // A search brings the line to the screen in this view too.
    press(&mut model, "/");
    let effects = type_text(&mut model, "line 42 ");
    let Some(Effect::Search(id, body, finder)) = effects.last().cloned() else { panic!("{effects:?}") };
    let mut hits = Vec::new();
    find_all(&body, &finder, &|| false, &mut |_, more| hits.extend(more));
    update(&mut model, Event::Reply(Reply::Found(id, hits, true)));
    let at = body.line_at(model.response.place.raw_top);
    assert!((20..=41).contains(&at), "{at}");
}

#[test]
fn the_views_are_at_one_place() {
    let records: String = (0..500).map(|n| format!("{{\"id\":\"employee {n}\"}},")).collect();
    let mut model = answered(&format!("[{records}1]"));
    press(&mut model, "Ctrl-g 9 0 0 Enter");
    let at = path(&model);
    press(&mut model, "v v v v v v");
    assert_eq!(path(&model), at, "round all views one is where one was");
    press(&mut model, "v");
    let top = model.response.place.raw_top;
    assert!(top > 5_000, "{top}");
    press(&mut model, "G v v v v v");
    assert_ne!(path(&model), at, "who moves in one view has moved in the others");
    press(&mut model, "G");
    let last = path(&model);
    press(&mut model, "v v v v v v");
    assert_eq!(path(&model), last);
    press(&mut model, "g v");
    assert_eq!(model.response.place.raw_top, 0);
}

#[test]
fn how_one_looks_at_answers_stays() {
    let mut model = answered(PAGE);
    press(&mut model, "v v P");
    assert_eq!(model.response.view(), View::Headers);
    let id = sent(&press(&mut model, "s"))[0].0;
    answer(&mut model, id, PAGE);
    assert_eq!(model.response.view(), View::Headers);
}
