//! Saved requests: the question for a name, the list, and what is done in it. Nothing is sent by any of it.

use super::*;
use pleoscope::app::saved::pane::Asking;
use pleoscope::app::saved::{Ask, Told};
use pleoscope::pleo::endpoint::{Method, Surface};
use pleoscope::pleo::saved::{Entry, Glimpse, Key as Name, Listing, Place, Saved};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn asked(effects: &[Effect]) -> (WorkId, &Ask) {
    let mut all = effects.iter().filter_map(|effect| match effect {
        Effect::AskSaved(id, ask) => Some((*id, &**ask)),
        _ => None,
    });
    all.next_back().unwrap()
}

fn tell(model: &mut Model, id: WorkId, told: Result<Told, String>) -> Vec<Effect> {
    update(model, Event::Reply(Reply::ToldSaved(id, Box::new(told))))
}

fn said(model: &Model) -> &str {
    model.message.as_ref().map_or("", |message| message.text.as_str())
}

fn wait(model: &mut Model) {
    let now = model.now + Duration::from_secs(1);
    update(model, Event::Tick(now));
}

fn saved(path: &str) -> Saved {
    let draft = pleoscope::pleo::request::Draft::from_path(
        Method::Get,
        path,
        None,
        Environment::Staging,
        &Environments::pleo(),
    );
    Saved::of(&draft.unwrap(), "").unwrap()
}

fn entry(key: &str, about: &str) -> Entry {
    let own = Glimpse {
        description: about.to_owned(),
        surface: Surface::External,
        method: Method::Get,
        path: "/v2/employees".to_owned(),
        free: false,
        variables: Vec::new(),
    };
    Entry { key: name(key), own: Ok(own) }
}

fn listing() -> Listing {
    let bad = Entry { key: name("bad"), own: Err("bad.toml:3:2: there is no key `qury`".to_owned()) };
    let folders = [(Place::Own, "~/requests".to_owned()), (Place::Repository, "/r/.pleoscope/requests".to_owned())];
    Listing {
        entries: vec![bad, entry("people/new", "Who came"), entry("./smoke", "")],
        folders: folders.into(),
        remarks: Vec::new(),
    }
}

/// The list is open, the cursor on its second row.
fn listed() -> Model {
    let mut model = model();
    let effects = press(&mut model, "O");
    let (id, ask) = asked(&effects);
    assert_eq!(*ask, Ask::List);
    tell(&mut model, id, Ok(Told::Listed(Box::new(listing()))));
    press(&mut model, "j");
    model
}

fn current(model: &Model) -> String {
    model.saved.as_ref().unwrap().current().unwrap().key.to_string()
}

/// A request with a variable stands in pane 4, and its name is asked for.
fn asking() -> Model {
    let mut model = model();
    press(&mut model, "Enter j j Enter");
    type_text(&mut model, "{{code}}");
    press(&mut model, "Enter");
    let effects = press(&mut model, "o");
    let (id, ask) = asked(&effects);
    assert_eq!(*ask, Ask::List);
    tell(&mut model, id, Ok(Told::Listed(Box::new(listing()))));
    model
}

fn keeping(model: &Model) -> &pleoscope::app::saved::Keeping {
    let asked = match &model.overlay {
        Some(Overlay::Keeping(own)) => Some(own),
        _ => None,
    };
    asked.unwrap()
}

#[test]
fn a_request_is_saved_as_it_stands_and_its_name_is_offered_again() {
    let mut model = asking();
    assert_eq!(keeping(&model).asked.input.text(), "list-employees");
    assert_eq!(keeping(&model).file().as_deref(), Some("~/requests/list-employees.toml"));
    press(&mut model, "Ctrl-u");
    type_text(&mut model, "./people/one");
    assert_eq!(keeping(&model).file().as_deref(), Some("/r/.pleoscope/requests/people/one.toml"));
    wait(&mut model);
    let effects = press(&mut model, "Enter");
    let (id, Ask::Save { key, own, over: false }) = asked(&effects) else { panic!("{effects:?}") };
    assert_eq!(
        (key.to_string().as_str(), &own.query),
        ("./people/one", &vec![("code".into(), vec!["{{code}}".into()])])
    );
    assert!(sent(&effects).is_empty());
    tell(&mut model, id, Ok(Told::Saved("/r/x.toml".to_owned())));
    assert!(model.overlay.is_none() && said(&model).contains("Saved as ./people/one in /r/x.toml"), "{}", said(&model));
    press(&mut model, "o");
    assert_eq!(keeping(&model).asked.input.text(), "./people/one", "the same request goes to the same name");
    press(&mut model, "Esc 3 j Enter o");
    let next = keeping(&model).asked.input.text().to_owned();
    assert!(next.starts_with("./people/") && next != "./people/one", "another goes beside it: {next}");
}

#[test]
fn what_has_the_name_is_asked_about() {
    let mut model = asking();
    let effects = press(&mut model, "Enter");
    let id = asked(&effects).0;
    assert!(press(&mut model, "Enter").is_empty(), "it is being saved");
    tell(&mut model, id, Ok(Told::Exists));
    assert!(keeping(&model).asked.error.as_ref().unwrap().contains("Enter replaces what has it"));
    assert!(press(&mut model, "Enter").is_empty(), "an Enter that comes with the first one replaces nothing");
    wait(&mut model);
    press(&mut model, "Esc");
    assert!(keeping(&model).taken.is_none(), "Esc goes back to the name");
    let effects = press(&mut model, "Enter");
    let (id, Ask::Save { over: false, .. }) = asked(&effects) else { panic!("{effects:?}") };
    tell(&mut model, id, Ok(Told::Exists));
    wait(&mut model);
    let effects = press(&mut model, "Enter");
    assert!(matches!(asked(&effects).1, Ask::Save { over: true, .. }), "{effects:?}");
    tell(&mut model, asked(&effects).0, Err("the header X looks like a credential".to_owned()));
    assert_eq!(keeping(&model).asked.error.as_deref(), Some("The header X looks like a credential."));
    wait(&mut model);
    update(&mut model, Event::Paste("/../x\n\n".to_owned()));
    assert!(press(&mut model, "Enter").is_empty(), "nor one that comes with pasted text");
    wait(&mut model);
    assert!(press(&mut model, "Enter").is_empty() && keeping(&model).asked.error.as_ref().unwrap().contains("name"));
    press(&mut model, "Esc");
    assert!(model.overlay.is_none());
}

#[test]
fn without_a_request_or_for_a_link_nothing_is_saved() {
    let mut model = model();
    assert!(press(&mut model, "4 o").is_empty() && said(&model).contains("no request yet"));
    let url = "https://files.example/receipt?signature=abc".parse().unwrap();
    pleoscope::app::typing::open_request(&mut model, pleoscope::pleo::request::Draft::elsewhere(Method::Get, url));
    assert!(press(&mut model, "o").is_empty() && said(&model).contains("A link to another host is not saved"));
}

#[test]
fn one_is_opened_and_what_stood_there_comes_back() {
    let mut model = listed();
    assert_eq!(current(&model), "people/new");
    press(&mut model, "Esc Enter j j Enter");
    type_text(&mut model, "E1");
    let effects = press(&mut model, "Enter O");
    tell(&mut model, asked(&effects).0, Ok(Told::Listed(Box::new(listing()))));
    let effects = press(&mut model, "j Enter");
    let (id, ask) = asked(&effects);
    assert_eq!(*ask, Ask::Read(name("people/new")));
    let effects = tell(&mut model, id, Ok(Told::Read(Box::new(saved("/v2/employees?limit={{limit}}")))));
    assert!(effects.is_empty() && model.saved.is_none(), "nothing is sent, and the panes are back");
    let query = |model: &Model| -> Vec<(String, String)> {
        let draft = model.request.draft.as_ref().unwrap();
        draft.query().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    assert_eq!(query(&model), [("limit".to_owned(), "{{limit}}".to_owned())]);
    assert_eq!((model.focus, model.environment), (Pane::Request, Environment::Staging));
    assert!(said(&model).contains("s sends it; u brings back what stood here"), "{}", said(&model));
    // It is sent as anything else: what has no value is asked for.
    assert!(sent(&press(&mut model, "s")).is_empty());
    assert!(matches!(&model.overlay, Some(Overlay::Variable(name, _)) if name == "limit"));
    press(&mut model, "Esc u");
    assert_eq!(query(&model), [("code".to_owned(), "E1".to_owned())]);
}

#[test]
fn one_that_the_catalogue_does_not_know_says_so() {
    let mut model = listed();
    let effects = press(&mut model, "Enter");
    tell(&mut model, asked(&effects).0, Ok(Told::Read(Box::new(saved("/v9/things")))));
    assert!(said(&model).contains("It is not in the catalogue"), "{}", said(&model));
    let effects = press(&mut model, "O");
    tell(&mut model, asked(&effects).0, Ok(Told::Listed(Box::new(listing()))));
    let effects = press(&mut model, "Enter");
    assert_eq!(*asked(&effects).1, Ask::Read(name("bad")), "a damaged one may be mended by now");
    let effects = tell(&mut model, asked(&effects).0, Err("bad.toml:3:2: there is no key `qury`".to_owned()));
    assert!(said(&model).contains("bad.toml:3:2"));
    assert_eq!(*asked(&effects).1, Ask::List, "the list is read again");
    assert!(model.saved.is_some());
}

#[test]
fn the_list_is_narrowed_as_one_types() {
    let mut model = listed();
    press(&mut model, "/");
    type_text(&mut model, "came");
    assert_eq!((current(&model).as_str(), model.saved.as_ref().unwrap().matches.len()), ("people/new", 1));
    press(&mut model, "Enter Esc");
    assert_eq!((current(&model).as_str(), model.saved.as_ref().unwrap().matches.len()), ("people/new", 3));
    press(&mut model, "/");
    type_text(&mut model, "q?xx");
    press(&mut model, "Enter Enter N e Del");
    assert!(model.saved.as_ref().unwrap().asking.is_none(), "nothing is done with nothing");
    press(&mut model, "Esc Esc");
    assert!(model.saved.is_none());
}

#[test]
fn one_is_renamed_and_removed_after_a_question() {
    let mut model = listed();
    press(&mut model, "N Ctrl-u");
    type_text(&mut model, "../x");
    wait(&mut model);
    assert!(press(&mut model, "Enter").is_empty());
    press(&mut model, "Ctrl-u");
    type_text(&mut model, "./smoke");
    assert!(press(&mut model, "Enter").is_empty(), "an Enter that comes with pasted text");
    wait(&mut model);
    let effects = press(&mut model, "Enter");
    let (id, ask) = asked(&effects);
    assert_eq!(*ask, Ask::Rename { from: name("people/new"), to: name("./smoke"), over: false });
    tell(&mut model, id, Ok(Told::Exists));
    wait(&mut model);
    let effects = press(&mut model, "Enter");
    let (id, Ask::Rename { over: true, .. }) = asked(&effects) else { panic!("{effects:?}") };
    let effects = tell(&mut model, id, Ok(Told::Done));
    let left = Listing { entries: vec![entry("a", ""), entry("./smoke", "")], ..listing() };
    tell(&mut model, asked(&effects).0, Ok(Told::Listed(Box::new(left))));
    assert_eq!(current(&model), "./smoke", "the cursor stays on it");

    press(&mut model, "Del");
    assert!(matches!(&model.saved.as_ref().unwrap().asking, Some(Asking::Remove(own)) if *own == name("./smoke")));
    press(&mut model, "j y N Esc");
    assert!(model.saved.as_ref().unwrap().asking.is_none(), "only Enter removes it");
    let effects = press(&mut model, "Backspace Enter");
    assert_eq!(*asked(&effects).1, Ask::Remove(name("./smoke")));
}

#[test]
fn a_file_is_edited_outside_and_what_is_refused_is_not_lost() {
    let mut model = listed();
    let effects = press(&mut model, "e");
    let (id, ask) = asked(&effects);
    assert_eq!(*ask, Ask::Text(name("people/new")));
    let effects = tell(&mut model, id, Ok(Told::Text("old".to_owned())));
    let [Effect::EditOutside(id, outside)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((outside.name.as_str(), outside.text.as_str()), ("request.toml", "old"));
    let effects = update(&mut model, Event::Reply(Reply::Edited(*id, Ok(Some("new".to_owned())))));
    let (id, ask) = asked(&effects);
    assert_eq!(*ask, Ask::Rewrite(name("people/new"), "new".to_owned()));
    tell(&mut model, id, Err("nothing was saved: the header X looks like a credential".to_owned()));
    assert!(said(&model).contains("e opens what you wrote again"), "{}", said(&model));
    let effects = press(&mut model, "e");
    assert!(matches!(&effects[..], [Effect::EditOutside(_, own)] if own.text == "new"), "{effects:?}");
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let mut model = listed();
    let effects = press(&mut model, "Enter");
    let id = asked(&effects).0;
    press(&mut model, "Esc");
    tell(&mut model, id, Ok(Told::Read(Box::new(saved("/v1/companies")))));
    assert!(model.request.draft.is_none() && model.saved.is_none());
    // What is about the panes closes the list.
    let mut model = listed();
    press(&mut model, ":");
    type_text(&mut model, "go to response");
    press(&mut model, "Enter");
    assert!(model.saved.is_none() && model.focus == Pane::Response);
}
