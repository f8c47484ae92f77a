use super::*;
use crate::app::history::{From, Listing};
use crate::pleo::credential::CredentialKind;
use crate::pleo::endpoint::{Method, Surface};
use crate::pleo::history::Entry;
use crate::pleo::timing::{Timing, Wire};
use crate::pleo::transcript::{Answer, CANCELLED, Used};
use crate::pleo::unsent::{LARGEST, MOST};
use crate::secret::{Redactor, Secret};
use std::fs;
use std::path::Path;

/// A state folder of its own, gone with it.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("pleoscope-history-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }

    fn history(&self, rules: Rules) -> History {
        let folders = Folders { config: self.0.join("config"), state: self.0.join("state") };
        History::new(Some(&folders), rules, false, &Environments::pleo())
    }

    fn state(&self) -> PathBuf {
        self.0.join("state")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn exchange(path: &str, status: u16, body: &str) -> Transcript {
    Transcript {
        environment: Environment::Staging,
        surface: Surface::External,
        operation: Some("list-employees".to_owned()),
        writes: false,
        elsewhere: false,
        method: Method::Get,
        url: format!("https://external.staging.pleo.io{path}").parse().unwrap(),
        headers: vec![("Accept".to_owned(), "application/json".to_owned())],
        credential: Some(Used {
            kind: CredentialKind::StandaloneApiKey, label: "Standalone API key …0001".to_owned()
        }),
        body: None,
        private: Redactor::default(),
        began: Some(Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap()),
        answer: Some(Answer {
            status,
            reason: "OK".to_owned(),
            version: "HTTP/2".to_owned(),
            headers: vec![("x-request-id".to_owned(), b"abc".to_vec())],
            length: body.len() as u64,
            body: Some(body.as_bytes().to_vec()),
        }),
        failure: None,
        timing: Timing { total: Duration::from_millis(142), ..Timing::default() },
        wire: Wire::default(),
    }
}

async fn list(history: &History, query: &str, from: From, most: usize) -> (Vec<Entry>, bool) {
    let listing = Listing { query: query.parse().unwrap(), scope: None, from, most };
    match history.ask(Ask::List(Box::new(listing))).await {
        Ok(Told::Listed(entries, more)) => (entries, more),
        other => panic!("{other:?}"),
    }
}

async fn ids(history: &History, query: &str) -> Vec<i64> {
    list(history, query, From::Newest, 50).await.0.into_iter().map(|entry| entry.id).collect()
}

async fn open(history: &History, id: i64) -> Option<Transcript> {
    match history.ask(Ask::Open(id)).await {
        Ok(Told::Opened(kept)) => kept.map(|kept| kept.transcript),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_was_kept_is_found_and_read_back() {
    let place = Place::new("kept");
    let history = place.history(Rules::default());
    let first = exchange("/v2/employees?code=E1", 200, r#"{"data":[{"firstName":"Zoë"}]}"#);
    history.record(first.clone());
    let mut second = exchange("/v1/vendors", 422, "{\"message\":\"no such currency\"}");
    (second.method, second.body, second.operation) = (Method::Post, Some("{\"name\":\"Acme\"}".to_owned()), None);
    second.writes = true;
    history.record(second.clone());
    let mut third = exchange("/v2/tags", 200, "");
    (third.environment, third.answer) = (Environment::Production, None);
    third.failure = Some("external.pleo.io refused the connection.".to_owned());
    history.record(third.clone());
    history.record(Transcript { elsewhere: true, ..exchange("/receipt", 200, "") });
    assert_eq!(history.settled().await, [""; 0]);
    for (id, wanted) in [(1, first), (2, second), (3, third)] {
        assert_eq!(open(&history, id).await, Some(wanted));
    }
    assert_eq!(open(&history, 4).await, None, "a link to another host is kept by nobody");
    for (query, wanted) in [
        ("", &[3, 2, 1][..]),
        ("empl", &[3, 1]),
        ("zoe", &[1]),
        ("ZOË data", &[1]),
        ("acme", &[2]),
        ("!acme", &[3, 1]),
        ("v1 !zoe", &[2]),
        ("refused", &[3]),
        ("status:4xx", &[2]),
        ("!status:4xx", &[3, 1]),
        ("status:none", &[3]),
        ("env:production", &[3]),
        ("method:post", &[2]),
        ("since:1h", &[3, 2, 1]),
        ("before:1h", &[]),
        ("pinned", &[]),
        ("employees status:500", &[]),
    ] {
        assert_eq!(ids(&history, query).await, wanted, "{query}");
    }
    assert!(matches!(history.ask(Ask::Pin(1, true)).await, Ok(Told::Done(1))));
    assert!(matches!(history.ask(Ask::Name(2, Some("no currency".to_owned()))).await, Ok(Told::Done(1))));
    assert_eq!((ids(&history, "pinned").await, ids(&history, "curr").await), (vec![1], vec![2]));
    assert!(matches!(history.ask(Ask::Name(2, None)).await, Ok(Told::Done(1))));
    assert_eq!(ids(&history, "\"no currency\"").await, [2], "its body says it too");
    assert!(matches!(history.ask(Ask::Delete(2)).await, Ok(Told::Done(1))));
    assert!(matches!(history.ask(Ask::Delete(2)).await, Ok(Told::Done(0))));
    assert_eq!(ids(&history, "currency").await, [0; 0]);
    assert!(matches!(history.ask(Ask::Clear(None, None)).await, Ok(Told::Done(1))));
    assert_eq!((ids(&history, "").await, ids(&history, "zoe").await), (vec![1], vec![1]), "what is pinned stays");
    history.record(exchange("/v2/tags", 200, "{}"));
    assert_eq!(ids(&history, "").await, [4, 1], "a number is never given again");
}

/// What was removed is in none of the files any more.
#[tokio::test]
async fn what_was_removed_is_gone_from_the_files() {
    let place = Place::new("gone");
    let history = place.history(Rules::default());
    let count = |word: &str| {
        let files = fs::read_dir(place.state()).unwrap().flatten().filter(|file| file.path().is_file());
        files.filter(|file| memchr::memmem::find(&fs::read(file.path()).unwrap(), word.as_bytes()).is_some()).count()
    };
    for word in ["firstsecretword", "secondsecretword"] {
        history.record(exchange("/v2/employees", 200, &format!("{{\"name\":\"{word}\"}}")));
    }
    history.settled().await;
    assert!(count("firstsecretword") > 0 && count("secondsecretword") > 0);
    assert!(matches!(history.ask(Ask::Delete(1)).await, Ok(Told::Done(1))));
    assert_eq!(count("firstsecretword"), 0);
    assert!(matches!(history.ask(Ask::Clear(None, None)).await, Ok(Told::Done(1))));
    assert_eq!(count("secondsecretword"), 0);
}

#[tokio::test]
async fn the_list_is_read_part_by_part_from_both_ends() {
    let place = Place::new("parts");
    let history = place.history(Rules::default());
    for number in 0..10 {
        history.record(exchange(&format!("/v2/tags?limit={number}"), 200, "{}"));
    }
    let part = |from, most| {
        let history = history.clone();
        async move {
            let (entries, more) = list(&history, "tags", from, most).await;
            (entries.into_iter().map(|entry| entry.id).collect::<Vec<_>>(), more)
        }
    };
    assert_eq!(part(From::Newest, 4).await, (vec![10, 9, 8, 7], true));
    assert_eq!(part(From::Older(7), 6).await, (vec![6, 5, 4, 3, 2, 1], false));
    assert_eq!(part(From::Oldest, 3).await, (vec![3, 2, 1], true));
    assert_eq!(part(From::Newer(3), 4).await, (vec![7, 6, 5, 4], true));
    assert_eq!(part(From::Newer(7), 4).await, (vec![10, 9, 8], false));
}

#[tokio::test]
async fn what_lets_its_reader_in_is_not_kept() {
    let place = Place::new("keys");
    let history = place.history(Rules::default());
    let mut own = exchange("/v1/receipts", 200, r#"{"url":"https://f.example/a?X-Amz-Signature=abcdef&x=1"}"#);
    if let Some(answer) = &mut own.answer {
        answer.headers.push(("Set-Cookie".to_owned(), b"session=abcdef".to_vec()));
    }
    own.url.set_query(Some("limit=5&api_key=abcdef"));
    own.headers.push(("X-Auth-Token".to_owned(), "abcdef".to_owned()));
    own.body = Some(r#"{"refresh_token":"abcdef","name":"x"}"#.to_owned());
    history.record(own);
    let sent = open(&history, 1).await.unwrap();
    assert_eq!(sent.url.query(), Some("limit=5&api_key=REDACTED"));
    assert_eq!(sent.headers.last(), Some(&("X-Auth-Token".to_owned(), "REDACTED".to_owned())));
    assert_eq!(sent.body.as_deref(), Some(r#"{"refresh_token":"REDACTED","name":"x"}"#));
    let kept = sent.answer.unwrap();
    let body = String::from_utf8(kept.body.unwrap()).unwrap();
    assert_eq!(body, r#"{"url":"https://f.example/a?X-Amz-Signature=REDACTED&x=1"}"#);
    assert_eq!(kept.headers[1], ("Set-Cookie".to_owned(), b"REDACTED".to_vec()));
}

#[tokio::test]
async fn the_old_and_what_is_too_much_goes_and_what_is_pinned_stays() {
    let place = Place::new("prune");
    let now = Timestamp::now().as_second();
    {
        let history = place.history(Rules::default());
        for age in [400, 300, 200, 30, 20, 10, 5, 1] {
            let began = Timestamp::from_second(now - age * 86_400).ok();
            history.record(Transcript { began, ..exchange("/v2/tags", 200, &"x".repeat(1_000)) });
            // Older ones are removed as soon as nothing else is done.
            if age == 400 {
                assert!(matches!(history.ask(Ask::Pin(1, true)).await, Ok(Told::Done(1))));
            }
        }
        history.settled().await;
    }
    let pruned = |rules| {
        let history = place.history(rules);
        async move {
            for _ in 0..200 {
                history.settled().await;
                tokio::time::sleep(Duration::from_millis(5)).await;
                let left = ids(&history, "").await;
                if left.len() <= usize::try_from(rules.max_entries).unwrap() {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    return ids(&history, "").await;
                }
            }
            panic!("nothing was pruned");
        }
    };
    assert_eq!(pruned(Rules { max_age: 90, max_entries: 6, ..Rules::default() }).await, [8, 7, 6, 5, 4, 1]);
    assert_eq!(pruned(Rules { max_entries: 4, ..Rules::default() }).await, [8, 7, 6, 1]);
    assert_eq!(pruned(Rules { max_size: 5_000, max_entries: 3, ..Rules::default() }).await, [8, 7, 1]);
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn it_is_for_its_owner_alone() {
    let place = Place::new("modes");
    let history = place.history(Rules::default());
    history.record(exchange("/v2/tags", 200, "{}"));
    history.settled().await;
    assert_eq!(mode(&place.state()), 0o700);
    for file in ["history.db", "history.db-wal", "history.db-shm"] {
        assert_eq!(mode(&place.state().join(file)), 0o600, "{file}");
    }
}

/// Cut, overwritten, no database, a folder, a link, a loop: kept under another name, and the history goes on.
#[tokio::test]
async fn a_damaged_database_is_moved_aside() {
    let place = Place::new("damaged");
    let path = place.state().join("history.db");
    let whole = {
        let history = place.history(Rules::default());
        for _ in 0..50 {
            history.record(exchange("/v2/employees", 200, &"{\"a\":1}".repeat(300)));
        }
        history.settled().await;
        // The log goes into the file.
        assert!(matches!(history.ask(Ask::Delete(1)).await, Ok(Told::Done(1))));
        fs::read(&path).unwrap()
    };
    let noise: Vec<u8> = (0..=255).cycle().take(8192).collect();
    let mut overwritten = whole.clone();
    overwritten[4096..12_288].copy_from_slice(&noise);
    let mut cases: Vec<(String, Box<dyn Fn()>)> = vec![
        ("no database".to_owned(), write(&path, b"hello")),
        ("noise".to_owned(), write(&path, &noise)),
        ("overwritten".to_owned(), write(&path, &overwritten)),
    ];
    for cut in (512..whole.len()).step_by(whole.len() / 12) {
        cases.push((format!("cut at {cut}"), write(&path, &whole[..cut])));
    }
    let own = path.clone();
    cases.push(("a folder".to_owned(), Box::new(move || fs::create_dir(&own).unwrap())));
    let own = path.clone();
    cases.push(("a loop".to_owned(), Box::new(move || std::os::unix::fs::symlink(&own, &own).unwrap())));
    let (own, victim) = (path.clone(), place.0.join("victim"));
    let (linked, before) = (victim.clone(), b"a file of somebody else's".to_vec());
    let content = before.clone();
    cases.push((
        "a link".to_owned(),
        Box::new(move || {
            fs::write(&victim, &content).unwrap();
            std::os::unix::fs::symlink(&victim, &own).unwrap();
        }),
    ));
    for (case, damage) in cases {
        let _ = fs::remove_dir_all(place.state());
        fs::create_dir(place.state()).unwrap();
        damage();
        let history = place.history(Rules::default());
        for _ in 0..3 {
            history.record(exchange("/v2/tags", 200, "{\"kept\":true}"));
        }
        let said = history.settled().await;
        assert!(ids(&history, "kept").await.len() >= 3, "{case}: {said:?}");
        let aside = fs::read_dir(place.state()).unwrap().flatten().map(|file| file.file_name());
        let aside: Vec<String> = aside.map(|name| name.to_string_lossy().into_owned()).collect();
        let (word, told) = match case.as_str() {
            "a folder" => ("folder", "was a folder, and no file"),
            "a link" | "a loop" => ("link", "was a link, which is not opened"),
            _ => ("damaged", "The history was damaged: "),
        };
        assert!(aside.iter().any(|name| name.starts_with(&format!("history.db.{word}-"))), "{case}: {aside:?}");
        let wanted = |sentence: &String| sentence.contains(told) && sentence.contains("a new history is begun");
        assert!(said.iter().any(wanted), "{case}: {said:?}");
    }
    assert_eq!(fs::read(linked).unwrap(), before);
}

fn write(path: &Path, bytes: &[u8]) -> Box<dyn Fn()> {
    let (path, bytes) = (path.to_owned(), bytes.to_vec());
    Box::new(move || fs::write(&path, &bytes).unwrap())
}

fn unsent(path: &str, environment: Environment, value: &str) -> (Slot, Filled) {
    let setting = Setting::Pleo;
    let slot = Slot { environment, setting, surface: Surface::External, method: Method::Get, path: path.to_owned() };
    (slot, Filled { values: vec![("code".to_owned(), value.to_owned())], ..Filled::default() })
}

fn keep(history: &History, (slot, filled): (Slot, Option<Filled>)) {
    history.keep_unsent(Box::new(slot), filled.map(Box::new), Redactor::default());
}

async fn left(history: &History) -> Vec<(Slot, Filled)> {
    match history.ask(Ask::Unsent).await {
        Ok(Told::Unsent(kept)) => kept,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn unsent_requests_are_kept_and_forgotten() {
    let place = Place::new("unsent");
    let history = place.history(Rules::default());
    let first = unsent("/v2/employees", Environment::Staging, "E1");
    let second = unsent("/v2/employees", Environment::Production, "E2");
    for (slot, filled) in [first.clone(), second.clone()] {
        keep(&history, (slot, Some(filled)));
    }
    let imitated = Slot { setting: Setting::Sandbox, ..first.0.clone() };
    keep(&history, (imitated, Some(first.1.clone())));
    let (secret, filled) = unsent("/v2/reset-password/CNRYd", Environment::Staging, "E1");
    keep(&history, (secret, Some(filled)));
    assert_eq!(left(&history).await, [first.clone(), second.clone()], "what went to an imitation is not of this run");
    let newer = unsent("/v2/employees", Environment::Staging, "E3");
    keep(&history, (newer.0.clone(), Some(newer.1.clone())));
    assert_eq!(history.settled().await, [""; 0]);
    drop(history);
    let history = place.history(Rules::default());
    assert_eq!(left(&history).await, [second.clone(), newer.clone()], "one for each place");
    keep(&history, (second.0, None));
    assert_eq!(left(&history).await, std::slice::from_ref(&newer));
    // Of a known secret, in whatever form, a gap is kept; of what is too large nothing.
    let mut secrets = Redactor::default();
    secrets.learn(&Secret::new("pls_hidden_key_0001".to_owned()));
    let mut astray = newer.1.clone();
    astray.body = "{\"code\": \"7\", \"note\": \"pls\\u005fhidden\\u005fkey\\u005f0001\"}".to_owned();
    history.keep_unsent(Box::new(newer.0.clone()), Some(Box::new(astray)), secrets);
    let kept = left(&history).await;
    assert_eq!(kept[0].1.body, r#"{"code": "7", "note": "REDACTED"}"#);
    assert_eq!((kept.len(), &kept[0].1.values), (1, &newer.1.values));
    keep(&history, (newer.0, Some(Filled { body: "x".repeat(LARGEST + 1), ..newer.1 })));
    assert_eq!(left(&history).await, []);
}

#[tokio::test]
async fn the_oldest_unsent_requests_make_room() {
    let place = Place::new("room");
    let history = place.history(Rules::default());
    for number in 0..MOST + 3 {
        let (slot, filled) = unsent(&format!("/v1/{number}"), Environment::Staging, "1");
        keep(&history, (slot, Some(filled)));
        // No more than fit into the line at once.
        history.settled().await;
    }
    let kept = left(&history).await;
    assert_eq!((kept.len(), kept[0].0.path.as_str()), (MOST, "/v1/3"));
}

/// A database of the first version gets its new table, and keeps what it had.
#[tokio::test]
async fn a_database_of_the_first_version_is_brought_up_to_date() {
    let place = Place::new("older");
    let history = place.history(Rules::default());
    history.record(exchange("/v2/tags", 200, "{}"));
    history.record(Transcript { failure: Some(CANCELLED.to_owned()), ..exchange("/v2/teams", 200, "{") });
    history.settled().await;
    drop(history);
    let path = place.state().join("history.db");
    let older = Connection::open(&path).unwrap();
    older.execute_batch("DROP TABLE unsent; ALTER TABLE exchange DROP COLUMN whole; PRAGMA user_version = 1;").unwrap();
    drop(older);
    let history = place.history(Rules::default());
    let (slot, filled) = unsent("/v2/tags", Environment::Staging, "1");
    keep(&history, (slot.clone(), Some(filled.clone())));
    assert_eq!(history.settled().await, [""; 0]);
    assert_eq!((left(&history).await, ids(&history, "tags").await), (vec![(slot, filled)], vec![1]));
    let version: i64 = Connection::open(&path).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 3);
    assert_eq!((ids(&history, "status:cut").await, ids(&history, "!status:cut").await), (vec![2], vec![1]));
    let told: Vec<String> = list(&history, "", From::Newest, 5).await.0.iter().map(Entry::outcome).collect();
    assert_eq!(told, ["200…", "200"]);
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let place = Place::new("newer");
    fs::create_dir_all(place.state()).unwrap();
    let path = place.state().join("history.db");
    let newer = Connection::open(&path).unwrap();
    newer.execute_batch("CREATE TABLE exchange(x); PRAGMA user_version = 99;").unwrap();
    drop(newer);
    let before = fs::read(&path).unwrap();
    let history = place.history(Rules::default());
    history.record(exchange("/v2/tags", 200, "{}"));
    let said = history.settled().await;
    assert!(said.len() == 1 && said[0].contains("written by a newer pleoscope (version 99"), "{said:?}");
    let told = history.ask(Ask::Open(1)).await.unwrap_err();
    assert_eq!(told, said[0]);
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// Two runs write at once: everything of both is there.
#[tokio::test]
async fn two_runs_write_at_once() {
    let place = Place::new("two");
    let both = [place.history(Rules::default()), place.history(Rules::default())];
    for _ in 0..100 {
        for own in &both {
            own.record(exchange("/v2/tags", 200, "{}"));
        }
    }
    for own in &both {
        assert_eq!(own.settled().await, [""; 0]);
    }
    assert_eq!(list(&both[0], "", From::Newest, 500).await.0.len(), 200);
}
