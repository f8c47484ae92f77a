//! Pages that follow themselves, and ids that lead on and back.

use super::table::{listed, work};
use super::{answer_as_it_is, press, sent};
use bytes::Bytes;
use pleoscope::app::available;
use pleoscope::app::event::{Attempt, Effect, Event, PageNews, Pause, Portion, Reply, Want, WorkId};
use pleoscope::app::model::{Model, Pane};
use pleoscope::app::panes::response::View;
use pleoscope::app::panes::response::pages::Loading;
use pleoscope::app::update::update;
use pleoscope::document::Scanner;
use std::time::Duration;

const FIRST: &str = r#"{"data":[{"id":"00000000-0000-4000-8000-000000000001","companyId":"00000000-0000-4000-8000-0000000000c1","firstName":"Zoë"}],
 "pagination":{"hasNextPage":true,"hasPreviousPage":false,"endCursor":"AB","total":3}}"#;

/// What the worker's follower says, in the order in which it says it.
struct Follower {
    id: WorkId,
    scanner: Scanner,
    records: u64,
}

impl Follower {
    /// Begun by these effects; says what the first page holds.
    fn begin(model: &mut Model, effects: &[Effect]) -> Self {
        let begun = effects.iter().find_map(|effect| match effect {
            Effect::Follow(id, following) => Some((*id, following.request.url().to_string())),
            _ => None,
        });
        let (id, url) = begun.unwrap();
        assert!(url.ends_with("/v2/employees"), "{url}");
        let mut own = Self { id, scanner: Scanner::new(), records: 0 };
        own.says(model, 1, "{\"data\":[\n", &["Zoë"], "");
        own.pauses(model, Pause::Asked);
        own
    }

    fn says(&mut self, model: &mut Model, page: u64, before: &str, names: &[&str], behind: &str) {
        let mut text = before.to_owned();
        for name in names {
            if self.records > 0 {
                text.push_str(",\n");
            }
            self.records += 1;
            let number = self.records;
            text.push_str(&format!(
                "{{\"id\":\"00000000-0000-4000-8000-00000000000{number}\",\"companyId\":\"00000000-0000-4000-8000-0000000000c1\",\"firstName\":\"{name}\"}}"
            ));
        }
        text.push_str(behind);
        let bytes = Bytes::from(text);
        let piece = self.scanner.scan(&bytes);
        let news = PageNews {
            page,
            records: self.records,
            total: Some(3),
            url: String::from("https://external.staging.pleo.io/v2/employees?after=AB"),
            status: 200,
            took: Duration::from_millis(7),
        };
        let reply = Reply::Loaded(self.id, Portion::Here(bytes), piece, Vec::new(), Box::new(news));
        let effects = update(model, Event::Reply(reply));
        work(model, effects);
    }

    fn pauses(&mut self, model: &mut Model, pause: Pause) {
        let effects = update(model, Event::Reply(Reply::Paused(self.id, pause)));
        work(model, effects);
    }
}

fn wants(effects: &[Effect]) -> Vec<Want> {
    effects.iter().filter_map(|e| if let Effect::More(_, want) = e { Some(*want) } else { None }).collect()
}

fn hint(model: &Model, word: &str) -> bool {
    available::hints(model).iter().any(|(_, own)| *own == word)
}

#[test]
fn all_pages_become_one_table_that_says_how_much_is_there() {
    let mut model = listed(FIRST);
    assert_eq!(model.response.pages.share(), "1 of 3 loaded");
    assert!(hint(&model, "all pages"));
    let effects = press(&mut model, "S a");
    work(&mut model, effects.clone());
    assert_eq!(wants(&effects), [Want::All]);
    let mut follower = Follower::begin(&mut model, &effects);
    assert_eq!(model.response.pages.loading, Loading::Busy { all: true }, "the first page is not what was wanted");
    assert!(!model.response.whole().unwrap().is_complete(), "what is not all does not look complete");
    follower.says(&mut model, 2, "", &["Ann", "bo"], "");
    assert_eq!(model.response.pages.share(), "3 of 3 loaded");
    let table = model.response.table();
    assert_eq!(
        (table.rows(), table.order.as_ref().map(|order| order.to_vec())),
        (3, Some(vec![1, 2, 0])),
        "still sorted"
    );
    follower.says(&mut model, 2, "", &[], "\n],\"pagination\":{\"hasNextPage\":false}}");
    let last = follower.scanner.finish();
    follower.pauses(&mut model, Pause::Ended(last));
    assert_eq!(model.response.pages.loading, Loading::Ended);
    let whole = model.response.whole().unwrap();
    assert!(whole.is_complete() && whole.malformed().is_none());
    assert!(!hint(&model, "all pages"));
    let rest = press(&mut model, "a");
    assert!(rest.is_empty() && model.message.as_ref().unwrap().text.contains("3 of 3"));
}

#[test]
fn the_end_of_the_table_asks_for_the_next_page_and_x_stops() {
    let mut model = listed(FIRST);
    let effects = press(&mut model, "j");
    assert_eq!(wants(&effects), [Want::Pages(1)]);
    let mut follower = Follower::begin(&mut model, &effects);
    assert_eq!(wants(&press(&mut model, "j")), [], "one page at a time");
    follower.says(&mut model, 2, "", &["Ann"], "");
    follower.pauses(&mut model, Pause::Asked);
    assert_eq!(model.response.pages.loading, Loading::Idle);
    assert_eq!(model.response.table().cursor, 0);
    assert_eq!(wants(&press(&mut model, "j j")), [Want::Pages(1)], "at the new end there is a next page again");
    assert!(hint(&model, "cancel"));
    assert_eq!(wants(&press(&mut model, "x")), [Want::Stop]);
    assert_eq!((model.response.pages.loading.clone(), model.response.table().rows()), (Loading::Idle, 2));
    // A save of what is there says that it is not all.
    press(&mut model, "o c");
    let Some(pleoscope::app::model::Overlay::SaveAs(own)) = &model.overlay else { panic!("no place to save to") };
    assert_eq!(own.asked.input.text(), "list-employees-staging-part.csv");
    let saved = press(&mut model, "Enter");
    let Some(Effect::Save(id, _)) = saved.first() else { panic!("nothing is saved") };
    update(&mut model, Event::Reply(Reply::Saved(*id, Ok(12))));
    assert!(model.message.as_ref().unwrap().text.contains("not all of the list: 2 of 3 loaded"));
    // jq reads what is there, closed by a member that says so.
    press(&mut model, "f");
    let effects = super::type_text(&mut model, ".");
    let Some(Effect::Filter(_, body, _)) = effects.last() else { panic!("no filter") };
    let text = String::from_utf8(body.read(0..body.len()).into_owned()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(value["incomplete"], "2 of 3 loaded");
}

#[test]
fn a_missing_page_is_seen_and_asked_for_again() {
    let mut model = listed(FIRST);
    let effects = press(&mut model, "a");
    let mut follower = Follower::begin(&mut model, &effects);
    let attempt = |number, waits| Attempt {
        page: 2,
        number,
        of: 3,
        what: "503 Service Unavailable".into(),
        waits: Some(Duration::from_secs(waits)),
    };
    update(&mut model, Event::Reply(Reply::Attempt(follower.id, attempt(1, 4))));
    assert_eq!(model.moves_in(), Some(Duration::from_secs(1)), "the countdown is drawn");
    assert_eq!(model.response.pages.waits(Duration::from_secs(1)), Some(Duration::from_secs(3)));
    follower.pauses(&mut model, Pause::Gap("The server is not available.".into(), vec![attempt(3, 0)], None));
    assert!(model.response.gap().unwrap().contains("The server is not available"));
    assert!(hint(&model, "try again"));
    assert_eq!(wants(&press(&mut model, "r")), [Want::Pages(1)]);
    // A pause of more than a minute is made only when a person says so.
    follower.pauses(&mut model, Pause::Gap("Too many.".into(), Vec::new(), Some(Duration::from_secs(120))));
    assert_eq!(model.response.pages.waits(model.now), Some(Duration::from_secs(120)));
    assert_eq!(wants(&press(&mut model, "r")), [Want::Agree]);
    update(&mut model, Event::Reply(Reply::Attempt(follower.id, attempt(3, 120))));
    assert_eq!(wants(&press(&mut model, "Esc")), [Want::Stop], "Esc ends the wait at once");
    assert_eq!(model.response.pages.waits(model.now), None);
    assert!(
        model.response.pages.log.iter().any(|line| line.contains("try 1 of 3: 503")),
        "{:?}",
        model.response.pages.log
    );
}

#[test]
fn an_id_leads_on_and_back_to_the_same_row() {
    let mut model = listed(FIRST);
    let effects = press(&mut model, "a");
    let mut follower = Follower::begin(&mut model, &effects);
    follower.says(&mut model, 2, "", &["Ann"], "");
    // The second row, the company's id: Enter reads the company.
    let effects = press(&mut model, "j l Enter");
    let sends = sent(&effects);
    let url = "https://external.staging.pleo.io/v1/companies/00000000-0000-4000-8000-0000000000c1";
    assert_eq!(sends[0].1.url().as_str(), url);
    let id = sends[0].0;
    let effects =
        answer_as_it_is(&mut model, id, r#"{"data":{"id":"00000000-0000-4000-8000-0000000000c1","name":"Nordwind"}}"#);
    assert!(wants(&effects).contains(&Want::Stop), "the list behind is not loaded on unseen");
    assert_eq!((model.crumbs.len(), model.response.view()), (1, View::Tree));
    assert!(model.crumbs[0].title().contains("/v2/employees row 2"), "{}", model.crumbs[0].title());
    // A page that was on its way belongs to the list behind.
    follower.says(&mut model, 2, "", &["bo"], "");
    let effects = press(&mut model, "Backspace");
    assert_eq!(sent(&effects), []);
    let table = model.response.table();
    assert_eq!((table.cursor, table.column, table.records()), (1, 1, 3));
    assert_eq!(model.request.draft.as_ref().unwrap().target(), "/v2/employees");
    assert_eq!(model.focus, Pane::Response);
}

#[test]
fn a_step_that_is_cancelled_is_no_step_and_a_dropped_list_is_no_longer_followed() {
    let mut model = listed(FIRST);
    let effects = press(&mut model, "a");
    let follower = Follower::begin(&mut model, &effects);
    press(&mut model, "x");
    press(&mut model, "l Enter x");
    assert_eq!((model.crumbs.len(), model.response.view()), (0, View::Table));
    assert_eq!(model.request.draft.as_ref().unwrap().target(), "/v2/employees");
    // Another request by s takes the place of the list.
    let id = sent(&press(&mut model, "s"))[0].0;
    let effects = answer_as_it_is(&mut model, id, FIRST);
    assert!(effects.contains(&Effect::Cancel(follower.id)), "{effects:?}");
}

#[test]
fn back_takes_a_step_that_is_not_answered_yet_back_and_stops_nothing_else() {
    let mut model = listed(FIRST);
    // Where nothing led here there is nothing to go back to: what is in flight, and what waits behind it, goes on.
    let id = sent(&press(&mut model, "s"))[0].0;
    press(&mut model, "s Backspace");
    assert!(model.flight.is_some() && model.waiting.is_some(), "{:?}", model.message);
    assert_eq!(sent(&answer_as_it_is(&mut model, id, FIRST)).len(), 1, "what waited is sent");
    let mut model = listed(FIRST);
    let id = sent(&press(&mut model, "l Enter"))[0].0;
    let effects = answer_as_it_is(&mut model, id, r#"{"data":{"companyId":"00000000-0000-4000-8000-0000000000c2"}}"#);
    assert_eq!((sent(&effects).len(), model.crumbs.len()), (0, 1));
    for back in ["Backspace", "Esc"] {
        let id = sent(&press(&mut model, "g j j Enter"))[0].0;
        assert_eq!(press(&mut model, back), [Effect::Cancel(id)], "{back}");
        assert_eq!((model.crumbs.len(), model.response.view()), (1, View::Tree), "{back} skips no answer");
    }
    press(&mut model, "Backspace");
    assert_eq!((model.crumbs.len(), model.response.view()), (0, View::Table));
}

#[test]
fn ids_lead_nowhere_across_environments_and_say_so_where_they_are_unknown() {
    let mut model = listed(
        r#"{"data":[{"id":"1","teamId":"00000000-0000-4000-8000-0000000000c1","accountId":"00000000-0000-0000-0000-000000000000","companyId":"00000000-0000-4000-8000-0000000000c1"}]}"#,
    );
    let at = |model: &mut Model, path: &str| {
        let table = model.response.table_mut();
        table.column = table.shown().iter().position(|column| column.path == path).unwrap();
    };
    at(&mut model, "accountId");
    assert!(press(&mut model, "Enter").is_empty());
    assert!(model.message.as_ref().unwrap().text.contains("not known"), "{:?}", model.message);
    at(&mut model, "teamId");
    assert!(press(&mut model, "Enter").is_empty());
    assert!(model.message.as_ref().unwrap().text.starts_with("It leads nowhere"), "{:?}", model.message);
    at(&mut model, "companyId");
    assert!(sent(&press(&mut model, "Ctrl-t Enter")).is_empty());
    assert!(model.message.as_ref().unwrap().text.contains("This answer is of staging"), "{:?}", model.message);
    // From an employee to what can be asked about them.
    press(&mut model, "Ctrl-t");
    let mut model = listed(FIRST);
    press(&mut model, "t");
    let Some(pleoscope::app::model::Overlay::Menu(menu)) = &model.overlay else { panic!("no menu") };
    let entries =
        menu.items.iter().find(|item| item.glimpse.contains("accounting-entries:search")).expect("their entries");
    let letter = entries.letter.to_string();
    let effects = press(&mut model, &letter);
    let body: serde_json::Value = serde_json::from_str(sent(&effects)[0].1.body().unwrap()).unwrap();
    assert_eq!(body["employeeIds"], serde_json::json!(["00000000-0000-4000-8000-000000000001"]));
}
