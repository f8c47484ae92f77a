//! Handing an exchange on: the pages of forms, the question before a secret is in the clipboard, and names that a server gives.

use super::*;
use pleoscope::app::event::Handed;
use pleoscope::app::taking::handing::Handing;
use pleoscope::app::taking::{Copied, Deed, Text, Unsaved};
use pleoscope::document::Document;

fn answered(model: &mut Model, keys: &str, body: &str) {
    let id = sent(&press(model, keys))[0].0;
    answer(model, id, body);
}

fn message(model: &Model) -> &str {
    model.message.as_ref().map_or("", |message| message.text.as_str())
}

fn letters(model: &Model) -> String {
    let found = match &model.overlay {
        Some(Overlay::Menu(menu)) => Some(menu.items.iter().map(|item| item.letter).collect()),
        _ => None,
    };
    assert!(found.is_some(), "no menu: {}", message(model));
    found.unwrap()
}

fn copied(effects: &[Effect]) -> String {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Take(_, copying) => match &copying.text {
            Text::Written(own) => Some(own.write()),
            Text::Given(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    });
    assert!(found.is_some(), "nothing is copied by {effects:?}");
    found.unwrap()
}

fn written(effects: &[Effect]) -> (WorkId, &Handing) {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::WriteDown(id, own) => Some((*id, &**own)),
        _ => None,
    });
    assert!(found.is_some(), "nothing is written by {effects:?}");
    found.unwrap()
}

#[test]
fn an_exchange_is_copied_in_every_form_without_the_secret() {
    let mut model = model();
    answered(&mut model, "Enter s", PAGE);
    press(&mut model, "y y");
    assert_eq!(letters(&model), "cCsipfhuaAmM");
    for (letter, wanted) in [
        ("c", "curl https://external.staging.pleo.io/v2/employees \\\n  --user \"$PLEOSCOPE_STAGING_API_KEY:\""),
        ("s", "pleoscope --env staging send GET /v2/employees"),
        ("i", "http --ignore-stdin --auth \"$PLEOSCOPE_STAGING_API_KEY:\" GET"),
        ("p", "os.environ[\"PLEOSCOPE_STAGING_API_KEY\"]"),
        ("f", "process.env.PLEOSCOPE_STAGING_API_KEY"),
        ("h", "GET /v2/employees HTTP/1.1\r\nHost: external.staging.pleo.io\r\n"),
        ("u", "https://external.staging.pleo.io/v2/employees"),
        ("a", "\"comment\": \"Withheld: personal data is masked\""),
        ("A", "Zoë"),
        ("m", "bytes is withheld: personal data is masked"),
        ("M", "\"firstName\":\"Zoë\""),
    ] {
        let text = copied(&press(&mut model, &format!("y y {letter}")));
        assert!(text.contains(wanted), "{letter}: {text}");
        assert!(!text.contains("pls_staging"), "{letter}: {text}");
        assert_eq!(text.contains("Zoë"), "AM".contains(letter), "{letter}: {text}");
        press(&mut model, "x");
    }
    assert!(copied(&press(&mut model, "y x")).starts_with("curl https://"), "the first page has it too");
}

#[test]
fn a_request_is_copied_before_it_is_sent_as_it_would_be() {
    let mut model = model();
    assert_eq!(press(&mut model, "4 y"), []);
    assert!(message(&model).contains("no request yet"), "{}", message(&model));
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "POST /v1/vendors/{id}:archive?a=1&a=2");
    press(&mut model, "Enter y");
    assert!(message(&model).contains("could not be sent"), "{}", message(&model));
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "POST /v9/free?a=1&a=2");
    press(&mut model, "Enter y");
    assert_eq!(letters(&model), "cCsipfhuam", "without a body there is none to ask for");
    let text = copied(&press(&mut model, "c"));
    assert!(text.starts_with("curl --request POST 'https://external.staging.pleo.io/v9/free?a=1&a=2'"), "{text}");
    // Production is read-only: what may not be sent is not made into a command either.
    press(&mut model, "Ctrl-t");
    assert_eq!(press(&mut model, "4 y"), []);
    assert!(message(&model).contains("read-only"), "{}", message(&model));
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "/v2/employees");
    press(&mut model, "Enter y");
    let text = copied(&press(&mut model, "c"));
    assert!(
        text.contains("curl https://external.pleo.io/") && text.contains("$PLEOSCOPE_PRODUCTION_API_KEY"),
        "{text}"
    );
}

#[test]
fn promise_4_a_secret_goes_to_the_clipboard_only_after_a_question() {
    let mut model = model();
    answered(&mut model, "Enter s", PAGE);
    assert_eq!(press(&mut model, "y y C"), []);
    assert!(matches!(&model.overlay, Some(Overlay::Disclose(own)) if own.credential.label().contains("…0001")));
    assert_eq!(press(&mut model, "y Space j C"), [], "no other key does it");
    press(&mut model, "Esc");
    assert!(model.overlay.is_none());
    press(&mut model, "y y C");
    let effects = press(&mut model, "Enter");
    let Some(Effect::Disclose(id, own)) = effects.first() else { panic!("{effects:?}") };
    let id = *id;
    assert!(model.overlay.is_none() && own.transcript.environment == Environment::Staging);
    let text = Secret::new("curl --user pls_staging_secret_0001:".into());
    let told = Reply::Copied(id, Ok(Copied::Hidden(Handed(text.clone()))));
    assert!(!format!("{effects:?} {told:?}").contains("pls_staging"), "{effects:?} {told:?}");
    let effects = update(&mut model, Event::Reply(told));
    assert_eq!(effects, [Effect::CopyHidden(Handed(text))]);
    assert!(message(&model).contains("empty the clipboard"), "{}", message(&model));
    // One that is forgotten while it is asked about is not given out.
    press(&mut model, "5 y y C");
    model.credentials = pleoscope::app::credentials::Credentials::default();
    assert_eq!(press(&mut model, "Enter"), []);
    assert!(message(&model).contains("forgotten"), "{}", message(&model));
}

#[test]
fn exchanges_of_a_run_are_saved_as_one_archive() {
    let mut model = model();
    answered(&mut model, "Enter s", PAGE);
    press(&mut model, "o o");
    assert_eq!(letters(&model), "aAmM", "there is one exchange only");
    press(&mut model, "Esc");
    answered(&mut model, "s", "");
    let id = sent(&press(&mut model, "s"))[0].0;
    update(&mut model, Event::Reply(Reply::Failed(id, refused(), Piece::default(), Duration::ZERO)));
    // Without a body the exchange is all there is to save.
    press(&mut model, "o");
    assert_eq!(letters(&model), "amrR");
    let effects = press(&mut model, "r");
    let (id, own) = written(&effects);
    assert_eq!(own.own.len(), 3);
    let text = own.write();
    assert!(text.contains("No connection") && !text.contains("Zoë"), "{text}");
    let har: serde_json::Value = serde_json::from_str(&text).unwrap();
    let statuses: Vec<_> =
        har["log"]["entries"].as_array().unwrap().iter().map(|own| &own["response"]["status"]).collect();
    assert_eq!(statuses, [200, 200, 0]);
    let document = Document::from_bytes(text.into());
    update(&mut model, Event::Reply(Reply::Written(id, document, true, "har")));
    let Some(Overlay::SaveAs(own)) = &model.overlay else { panic!("nothing is asked") };
    assert_eq!(own.asked.input.text(), "pleoscope-exchanges.har");
    let effects = press(&mut model, "Enter");
    assert!(matches!(effects.first(), Some(Effect::Save(_, saving)) if !saving.over), "{effects:?}");
    press(&mut model, "Esc");
    let effects = press(&mut model, "o R");
    assert!(written(&effects).1.write().contains("Zoë"), "asked for by name");
    press(&mut model, "x o m");
    let Some(id) = model.taking else { panic!("nothing is written") };
    update(&mut model, Event::Reply(Reply::Written(id, Document::from_bytes("#".into()), false, "md")));
    let Some(Overlay::SaveAs(own)) = &model.overlay else { panic!("nothing is asked") };
    assert_eq!(own.asked.input.text(), "list-employees-staging.md");
}

fn refused() -> Failure {
    Failure { phase: Phase::Connect, sentence: "No connection to external.staging.pleo.io.".into() }
}

#[test]
fn promise_37_the_name_that_a_server_gives_replaces_no_file() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    let disposition = ("content-disposition".to_owned(), b"attachment; filename=\"../../etc/list.json\"".to_vec());
    let head = Head { headers: vec![disposition], ..head(200) };
    update(&mut model, Event::Reply(Reply::Head(id, head, Duration::ZERO)));
    let mut scanner = Scanner::new();
    let bytes = Bytes::from_static(b"{\"a\":1}");
    let piece = scanner.scan(&bytes);
    update(&mut model, Event::Reply(Reply::Chunk(id, bytes, piece)));
    update(&mut model, Event::Reply(Reply::Done(id, scanner.finish(), Duration::ZERO)));
    press(&mut model, "o r");
    for _ in 0..20 {
        let effects = press(&mut model, "Enter");
        let Some(Effect::Save(id, saving)) = effects.first() else { panic!("{effects:?}") };
        assert!(saving.path == "list.json" && !saving.over, "{saving:?}");
        update(&mut model, Event::Reply(Reply::Saved(*id, Err(Unsaved::Exists))));
        let Some(Overlay::SaveAs(own)) = &model.overlay else { panic!("it closed") };
        assert!(own.asked.error.as_ref().unwrap().contains("type another"));
    }
    // What is made of the body has a name of ours.
    press(&mut model, "Esc o p");
    let Some(Overlay::SaveAs(own)) = &model.overlay else { panic!("no field") };
    assert_eq!(own.asked.input.text(), "list-employees-staging.json");
}

#[test]
fn while_personal_data_is_masked_each_form_says_whether_it_has_any() {
    let mut model = model();
    press(&mut model, "Ctrl-n");
    type_text(&mut model, "/v2/employees?email=ann%40a.example");
    answered(&mut model, "Enter s", PAGE);
    press(&mut model, "p y y");
    let Some(Overlay::Menu(menu)) = &model.overlay else { panic!("no menu") };
    for item in &menu.items {
        let personal = !matches!(item.deed, Deed::Hand(_, _, false));
        assert_eq!(
            item.title.contains("with personal data") || item.title.contains("with bodies"),
            personal,
            "{item:?}"
        );
    }
    let text = copied(&press(&mut model, "a"));
    assert!(!text.contains("ann") && text.contains("••••••"), "{text}");
}
