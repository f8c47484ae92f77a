//! The history: listed, looked for, opened, sent again, edited, compared, changed; nothing of it leaves as it was.

use super::*;
use jiff::Timestamp;
use pleoscope::app::history::pane::Asking;
use pleoscope::app::history::{Ask, From, Listing, Told};
use pleoscope::app::taking::{Copied, Text};
use pleoscope::app::typing;
use pleoscope::pleo::endpoint::{Method, Surface};
use pleoscope::pleo::history::{Entry, Kept, Setting};
use pleoscope::pleo::request::Draft;
use pleoscope::pleo::timing::{Timing, Wire};
use pleoscope::pleo::transcript::{Answer, Transcript, Used};

fn open(model: &mut Model, method: Method, path: &str) {
    let draft = Draft::from_path(method, path, None, model.environment, &model.environments).unwrap();
    typing::open_request(model, draft);
}

fn entry(id: i64) -> Entry {
    Entry {
        id,
        at: Timestamp::from_second(1_770_000_000 - 100_000 + id).unwrap(),
        environment: Environment::Staging,
        setting: Setting::Pleo,
        method: Method::Get,
        target: format!("/v2/employees?limit={id}"),
        operation: Some("list-employees".to_owned()),
        status: Some(200),
        took: Duration::from_millis(142),
        size: Some(PAGE.len() as u64),
        name: None,
        pinned: false,
        whole: true,
    }
}

fn kept(entry: Entry) -> Kept {
    let host = match entry.environment {
        Environment::Staging => "https://external.staging.pleo.io",
        Environment::Production => "https://external.pleo.io",
    };
    let body = (entry.size.is_some()).then(|| PAGE.as_bytes().to_vec());
    let transcript = Transcript {
        environment: entry.environment,
        surface: Surface::External,
        operation: entry.operation.clone(),
        writes: !entry.method.is_safe(),
        elsewhere: false,
        method: entry.method,
        url: format!("{host}{}", entry.target).parse().unwrap(),
        headers: vec![("Accept".to_owned(), "application/json;charset=UTF-8".to_owned())],
        credential: Some(Used {
            kind: CredentialKind::StandaloneApiKey, label: "Standalone API key …9999".to_owned()
        }),
        body: None,
        private: pleoscope::secret::Redactor::default(),
        began: Some(entry.at),
        answer: Some(Answer {
            status: 200,
            reason: "OK".to_owned(),
            version: "HTTP/2".to_owned(),
            headers: vec![("content-type".to_owned(), b"application/json".to_vec())],
            length: entry.size.unwrap_or(0),
            body,
        }),
        failure: None,
        timing: Timing { total: entry.took, ..Timing::default() },
        wire: Wire::default(),
    };
    Kept { entry, transcript }
}

fn asked(effects: &[Effect]) -> Vec<(WorkId, &Ask)> {
    effects
        .iter()
        .filter_map(|effect| if let Effect::History(id, ask) = effect { Some((*id, ask)) } else { None })
        .collect()
}

fn tell(model: &mut Model, id: WorkId, told: Told) -> Vec<Effect> {
    update(model, Event::Reply(Reply::Told(id, Box::new(Ok(told)))))
}

fn listing(effects: &[Effect]) -> (WorkId, &Listing) {
    let mut lists = asked(effects).into_iter().filter_map(|(id, ask)| match ask {
        Ask::List(listing) => Some((id, &**listing)),
        _ => None,
    });
    lists.next_back().unwrap()
}

/// A model whose history shows these entries.
fn with(entries: Vec<Entry>) -> Model {
    let mut model = model();
    model.began = Some(Timestamp::from_second(1_770_000_000).unwrap());
    let effects = press(&mut model, "H");
    let (id, _) = listing(&effects);
    tell(&mut model, id, Told::Listed(entries, false));
    model
}

/// Presses a key that fetches the exchange under the cursor, and answers with it.
fn fetch(model: &mut Model, keys: &str, own: Kept) -> Vec<Effect> {
    let effects = press(model, keys);
    let wanted = Ask::Open(own.entry.id);
    let id = asked(&effects).into_iter().find(|(_, ask)| **ask == wanted).unwrap().0;
    tell(model, id, Told::Opened(Some(Box::new(own))))
}

fn said(model: &Model) -> &str {
    model.message.as_ref().map_or("", |message| message.text.as_str())
}

#[test]
fn the_list_is_of_this_environment_and_goes_on_as_one_moves() {
    let mut model = model();
    let effects = press(&mut model, "H");
    let (id, own) = listing(&effects);
    assert_eq!(own.scope, Some((Environment::Staging, Setting::Pleo)));
    tell(&mut model, id, Told::Listed((101..=300).rev().map(entry).collect(), true));
    assert_eq!(press(&mut model, "j j"), [], "there are enough");
    let effects = press(&mut model, "PgDn PgDn PgDn PgDn PgDn PgDn");
    let (id, own) = listing(&effects);
    assert_eq!(own.from, From::Older(101));
    tell(&mut model, id, Told::Listed((1..=100).rev().map(entry).collect(), false));
    press(&mut model, "G");
    assert_eq!(model.history.as_ref().unwrap().current().unwrap().id, 1);
    let effects = press(&mut model, "a");
    assert_eq!(listing(&effects).1.scope, None);
    let effects = press(&mut model, "Ctrl-t");
    let (id, _) = listing(&effects);
    assert!(model.history.is_some() && model.environment == Environment::Production);
    // A list that came too late changes nothing.
    tell(&mut model, WorkId(id.0 - 1), Told::Listed(vec![entry(7)], false));
    assert_ne!(model.history.as_ref().unwrap().entries[0].id, 7);
    press(&mut model, "Esc");
    assert!(model.history.is_none());
}

#[test]
fn what_is_typed_is_looked_for_at_once_and_what_is_wrong_is_explained() {
    let mut model = with(vec![entry(2), entry(1)]);
    press(&mut model, "/");
    let effects = type_text(&mut model, "st");
    let asked = asked(&effects);
    assert_eq!(asked.len(), 2, "a letter, a list");
    assert!(effects.contains(&Effect::Cancel(asked[0].0)), "the first is not wanted any more");
    let effects = type_text(&mut model, "atus:");
    assert!(!listing(&effects).1.query.terms.is_empty());
    let pane = model.history.as_ref().unwrap();
    assert!(pane.wrong.as_ref().unwrap().contains("status: takes 404, 4xx"), "{:?}", pane.wrong);
    assert_eq!(pane.entries.len(), 2, "the list stays meanwhile");
    let effects = type_text(&mut model, "4xx");
    assert_eq!(listing(&effects).1.query, "status:4xx".parse().unwrap());
    press(&mut model, "Enter");
    assert!(model.history.as_ref().unwrap().asking.is_none());
    let effects = press(&mut model, "Esc");
    assert!(listing(&effects).1.query.terms.is_empty(), "Esc ends the search");
    assert!(model.history.is_some());
}

#[test]
fn an_old_answer_is_shown_as_it_was_and_is_no_request() {
    let mut model = with(vec![entry(5)]);
    let mut own = kept(entry(5));
    own.transcript.timing.total += Duration::from_micros(400);
    let effects = fetch(&mut model, "Enter", own);
    assert!(sent(&effects).is_empty() && model.history.is_none());
    let exchange = model.response.exchange.as_ref().unwrap();
    assert_eq!(exchange.elapsed, Duration::from_micros(142_400), "as long as its phases, not as the list rounds it");
    assert!(exchange.stage == Stage::Done && exchange.document.len() == PAGE.len() as u64);
    assert!(exchange.request.is_past() && exchange.request.credential().is_none());
    assert_eq!(
        exchange.request.authorization_shown().unwrap(),
        "Basic <Standalone API key …9999, empty password>",
        "as it was"
    );
    assert_eq!(exchange.transcript(1 << 20).credential, kept(entry(5)).transcript.credential);
    // Pages do not follow an old answer; s asks for it anew, with the credential of today.
    assert!(sent(&press(&mut model, "a r")).is_empty());
    let effects = press(&mut model, "s");
    let request = sent(&effects)[0].1;
    assert!(!request.is_past() && request.url().as_str() == "https://external.staging.pleo.io/v2/employees?limit=5");
    assert_eq!(request.authorization_shown().unwrap(), "Basic <Standalone API key …0001, empty password>");
}

/// With the focus on an old answer `s` asks for that anew, and never for what else stands in pane 4.
#[test]
fn what_is_sent_from_an_old_answer_is_what_it_answers() {
    let other = Entry { environment: Environment::Production, ..entry(5) };
    let mut model = with(vec![other.clone()]);
    press(&mut model, "Esc");
    open(&mut model, Method::Post, "/v0/tag-groups");
    let effects = press(&mut model, "H");
    let (id, _) = listing(&effects);
    tell(&mut model, id, Told::Listed(vec![other.clone()], false));
    fetch(&mut model, "Enter", kept(other));
    assert!(sent(&press(&mut model, "s")).is_empty());
    let said = model.message.as_ref().map(|own| own.text.as_str()).unwrap_or_default();
    assert!(said.contains("This exchange was with PRODUCTION: Ctrl-t switches"), "{said}");
    // Of this environment it is asked for, though another request was opened since.
    let mut model = with(vec![entry(5)]);
    fetch(&mut model, "Enter", kept(entry(5)));
    open(&mut model, Method::Post, "/v0/tag-groups");
    let effects = press(&mut model, "5 s");
    assert!(sent(&effects)[0].1.url().as_str().ends_with("/v2/employees?limit=5"), "{effects:?}");
}

/// What was left unsent where an old request is taken to be edited is one step back.
#[test]
fn an_old_request_that_is_edited_loses_no_unsent_one() {
    let mut model = with(vec![entry(5)]);
    press(&mut model, "Esc");
    open(&mut model, Method::Get, "/v2/employees");
    press(&mut model, "4 j j Enter");
    type_text(&mut model, "MINE");
    press(&mut model, "Enter");
    let mine = model.request.draft.clone().unwrap();
    let effects = press(&mut model, "H");
    let (id, _) = listing(&effects);
    tell(&mut model, id, Told::Listed(vec![entry(5)], false));
    fetch(&mut model, "e", kept(entry(5)));
    let said = model.message.as_ref().map(|own| own.text.as_str()).unwrap_or_default();
    assert!(said.contains("u brings back what you had left unsent here"), "{said}");
    press(&mut model, "j j Enter");
    type_text(&mut model, "other");
    press(&mut model, "Enter u");
    for _ in 0..3 {
        if model.request.draft.as_ref() != Some(&mine) {
            press(&mut model, "u");
        }
    }
    assert_eq!(model.request.draft.as_ref(), Some(&mine));
}

#[test]
fn backspace_goes_back_to_the_answer_before() {
    let mut model = model();
    let id = sent(&press(&mut model, "Enter s"))[0].0;
    answer(&mut model, id, PAGE);
    let effects = press(&mut model, "H");
    let (list, _) = listing(&effects);
    tell(&mut model, list, Told::Listed(vec![entry(5)], false));
    fetch(&mut model, "Enter", kept(entry(5)));
    assert!(model.response.exchange.as_ref().unwrap().past.is_some());
    press(&mut model, "Backspace");
    assert_eq!(model.response.exchange.as_ref().unwrap().id, id);
}

#[test]
fn it_is_sent_again_and_edited_past_the_guard_and_in_its_own_place_only() {
    let mut model = with(vec![entry(5)]);
    let effects = fetch(&mut model, "s", kept(entry(5)));
    assert_eq!(sent(&effects)[0].1.url().query(), Some("limit=5"));

    let production = Entry { environment: Environment::Production, ..entry(6) };
    for key in ["s", "e"] {
        let mut model = with(vec![production.clone()]);
        assert!(sent(&fetch(&mut model, key, kept(production.clone()))).is_empty());
        assert!(said(&model).contains("was with PRODUCTION: Ctrl-t switches"), "{}", said(&model));
        assert_eq!(model.environment, Environment::Staging);
        for setting in [Setting::Sandbox, Setting::Overridden] {
            let other = Entry { setting, ..entry(7) };
            let mut model = with(vec![other.clone()]);
            assert!(sent(&fetch(&mut model, key, kept(other))).is_empty());
            assert!(said(&model).contains("it is sent again only to"), "{}", said(&model));
            assert!(model.request.draft.is_none() && model.history.is_some());
        }
    }
    let write = Entry { method: Method::Delete, target: "/v9/nowhere".to_owned(), operation: None, ..production };
    let mut model = with(vec![write.clone()]);
    press(&mut model, "Ctrl-t");
    let effects = fetch(&mut model, "s", kept(write.clone()));
    assert!(sent(&effects).is_empty());
    assert!(said(&model).contains("w unlocks writes"), "{}", said(&model));
    assert_eq!(model.request.draft.as_ref().unwrap().endpoint.path, "/v9/nowhere");

    let mut model = with(vec![entry(5)]);
    assert!(sent(&fetch(&mut model, "e", kept(entry(5)))).is_empty());
    assert!(model.focus == Pane::Request && model.history.is_none());
    assert_eq!(model.request.draft.as_ref().unwrap().query(), [("limit", "5")]);
}

/// What an imitation once answered leads nowhere among what is real: not by its request, its links, ids or a comparison.
#[test]
fn an_answer_of_the_sandbox_leads_nowhere_else() {
    let own = Entry { setting: Setting::Sandbox, ..entry(5) };
    let mut model = with(vec![own.clone()]);
    assert!(sent(&fetch(&mut model, "d", kept(own.clone()))).is_empty());
    assert!(said(&model).contains("only to the sandbox"), "{}", said(&model));
    fetch(&mut model, "Enter", kept(own));
    assert!(model.request.draft.is_none(), "s has nothing to send");
    for keys in ["s", "5 d", "5 F", "5 Enter", "5 a"] {
        assert!(sent(&press(&mut model, keys)).is_empty(), "{keys}");
    }
}

#[test]
fn an_old_answer_is_compared_with_the_one_of_now() {
    let mut model = with(vec![entry(5)]);
    let effects = fetch(&mut model, "d", kept(entry(5)));
    let (id, request) = sent(&effects)[0];
    assert_eq!(request.url().as_str(), "https://external.staging.pleo.io/v2/employees?limit=5");
    let pane = model.compare.as_ref().unwrap();
    assert_eq!(pane.comparison.labels(), ["STAGING, 1 d ago", "STAGING now"]);
    let effects = answer(&mut model, id, PAGE);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Compare(..))), "{effects:?}");
    let effects = press(&mut model, "Esc");
    assert!(model.compare.is_none() && model.history.is_some(), "back to where one was");
    assert_eq!(listing(&effects).1.from, From::Newer(5), "what was sent to be compared is listed too");
    fetch(&mut model, "Enter", kept(entry(5)));
    assert_eq!(sent(&press(&mut model, "d")).len(), 1, "from the answer too");
    let bare = Entry { size: None, ..entry(6) };
    let mut own = kept(bare.clone());
    own.transcript.answer.as_mut().unwrap().length = 99;
    let mut model = with(vec![Entry { size: Some(99), ..bare }]);
    assert!(sent(&fetch(&mut model, "d", own)).is_empty());
    assert!(said(&model).contains("was not kept"));
}

#[test]
fn entries_are_pinned_named_removed_and_cleared() {
    let mut model = with(vec![entry(3), entry(2), entry(1)]);
    let effects = press(&mut model, "j p");
    assert_eq!(asked(&effects)[0].1, &Ask::Pin(2, true));
    let id = asked(&effects)[0].0;
    tell(&mut model, id, Told::Done(1));
    assert!(model.history.as_ref().unwrap().entries[1].pinned);
    press(&mut model, "N");
    type_text(&mut model, "first page");
    let effects = press(&mut model, "Enter");
    assert_eq!(asked(&effects)[0].1, &Ask::Name(2, Some("first page".to_owned())));
    let id = asked(&effects)[0].0;
    tell(&mut model, id, Told::Done(1));
    assert_eq!(model.history.as_ref().unwrap().entries[1].name.as_deref(), Some("first page"));
    assert_eq!(press(&mut model, "Del"), [], "pinned");
    assert!(said(&model).contains("it is pinned. p unpins it"), "{}", said(&model));
    let id = asked(&press(&mut model, "p"))[0].0;
    tell(&mut model, id, Told::Done(1));
    assert_eq!(press(&mut model, "Backspace"), [], "a slip of the finger removes nothing");
    let effects = press(&mut model, "Del");
    assert_eq!(asked(&effects)[0].1, &Ask::Delete(2));
    let id = asked(&effects)[0].0;
    tell(&mut model, id, Told::Done(1));
    assert_eq!(model.history.as_ref().unwrap().current().unwrap().id, 1);
    press(&mut model, "C Enter");
    assert!(
        matches!(&model.history.as_ref().unwrap().asking, Some(Asking::Clear(_, Some(error))) if error.contains("clear"))
    );
    update(&mut model, Event::Paste("clear\n".to_owned()));
    assert_eq!(press(&mut model, "Enter"), [], "a paste clears nothing");
    type_text(&mut model, "clear");
    let effects = press(&mut model, "Enter");
    assert_eq!(asked(&effects)[0].1, &Ask::Clear(Some(Environment::Staging), Some(Setting::Pleo)), "what is listed");
    press(&mut model, "a C");
    type_text(&mut model, "clear");
    let everything = press(&mut model, "Enter");
    assert_eq!(asked(&everything)[0].1, &Ask::Clear(None, None));
    let id = asked(&effects)[0].0;
    let effects = tell(&mut model, id, Told::Done(2));
    assert_eq!(listing(&effects).1.from, From::Newest);
}

#[test]
fn it_is_copied_in_every_form_and_one_is_back_in_the_list() {
    let mut model = with(vec![entry(5)]);
    fetch(&mut model, "y", kept(entry(5)));
    let Some(Overlay::Menu(menu)) = &model.overlay else { panic!("no menu") };
    let letters: String = menu.items.iter().map(|item| item.letter).collect();
    assert_eq!(letters, "csipfhuaAmM", "the same as for an answer, without its secret");
    let effects = press(&mut model, "c");
    let Some(Effect::Take(_, copying)) = effects.first() else { panic!("{effects:?}") };
    let Text::Written(handing) = &copying.text else { panic!("{copying:?}") };
    let text = handing.write();
    assert!(
        text.starts_with("curl") && text.contains("$PLEOSCOPE_STAGING_API_KEY") && !text.contains("9999"),
        "{text}"
    );
    assert!(model.history.is_some());
}

/// A command that is not what was sent, since a secret is not in it, says so.
#[test]
fn a_copy_with_a_gap_says_that_it_has_one() {
    for (name, value, remark) in [
        ("X-Auth-Token", "REDACTED", "REDACTED stands where a secret was"),
        ("X-Auth-Token", "a", "A secret of your own stands in it"),
        ("X-Trace", "a", "Copied 9 bytes, by wl-copy"),
    ] {
        let mut model = with(vec![entry(5)]);
        let mut own = kept(entry(5));
        own.transcript.headers.push((name.to_owned(), value.to_owned()));
        fetch(&mut model, "y", own);
        let effects = press(&mut model, "c");
        let Some(Effect::Take(id, _)) = effects.first() else { panic!("{effects:?}") };
        let copied = Reply::Copied(*id, Ok(Copied::By("wl-copy", 9)));
        update(&mut model, Event::Reply(copied));
        let said = model.message.as_ref().map(|own| own.text.as_str()).unwrap_or_default();
        assert!(said.starts_with(remark), "{said}");
    }
}

#[test]
fn it_is_saved_alone_and_with_all_that_are_listed() {
    let mut model = with(vec![entry(5), entry(4)]);
    fetch(&mut model, "o", kept(entry(5)));
    let Some(Overlay::Menu(menu)) = &model.overlay else { panic!("no menu") };
    let letters: String = menu.items.iter().map(|item| item.letter).collect();
    assert_eq!(letters, "aAmMrR");
    let effects = press(&mut model, "a");
    let Some(Effect::WriteDown(_, handing)) = effects.first() else { panic!("{effects:?}") };
    let text = handing.write();
    assert!(text.contains("Withheld: personal data is masked") && text.contains("limit=5"), "{text}");
    fetch(&mut model, "o", kept(entry(5)));
    let effects = press(&mut model, "R");
    let (id, ask) = asked(&effects)[0];
    assert!(matches!(ask, Ask::OpenAll(listing) if listing.scope.is_some() && listing.from == From::Newest), "{ask:?}");
    let effects = tell(&mut model, id, Told::OpenedAll(vec![kept(entry(5)), kept(entry(4))], false));
    let Some(Effect::WriteDown(_, handing)) = effects.first() else { panic!("{effects:?}") };
    let har: serde_json::Value = serde_json::from_str(&handing.write()).unwrap();
    let entries = har["log"]["entries"].as_array().unwrap();
    assert!(entries.len() == 2 && entries[0]["request"]["url"].as_str().unwrap().ends_with("limit=4"), "{har}");
    assert!(entries[1]["response"]["content"]["text"].is_string(), "with bodies");
}

#[test]
fn trouble_is_told_where_the_list_would_be() {
    let mut model = model();
    let effects = press(&mut model, "H");
    let (id, _) = listing(&effects);
    update(&mut model, Event::Reply(Reply::Told(id, Box::new(Err("The history is off.".to_owned())))));
    assert_eq!(model.history.as_ref().unwrap().trouble.as_deref(), Some("The history is off."));
    assert_eq!(press(&mut model, "Enter s e d y p N Del"), [], "there is nothing to do anything with");
}
