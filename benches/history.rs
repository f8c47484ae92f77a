//! A history of 100,000 exchanges: how long it takes to open it and to look for something, beside the same question asked of
//! every row (`LIKE`) in the same file, and what it costs the thread that starts the program.
//!
//! `cargo bench --bench history` prints medians and ratios. `PLEOSCOPE_STATE_DIR` keeps the database, so that
//! `cargo bench --bench launch` can be run with it.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement fails by panicking, and prints")]

#[path = "meter/times.rs"]
mod times;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use pleoscope::app::event::Reply;
use pleoscope::app::history::{Ask, From, Listing, Told};
use pleoscope::edge::folders::Folders;
use pleoscope::edge::history::{FILE, History, Rules};
use pleoscope::pleo::credential::CredentialKind;
use pleoscope::pleo::endpoint::{Method, Surface};
use pleoscope::pleo::environment::{Environment, Environments};
use pleoscope::pleo::timing::{Timing, Wire};
use pleoscope::pleo::transcript::{Answer, Transcript, Used};
use times::{median, millis};

const EXCHANGES: u64 = 100_000;
/// Exchanges that are written before it is waited for them.
const PORTION: u64 = 200;
/// Entries that the explorer asks for at once.
const PART: usize = 200;
const ROUNDS: usize = 11;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let kept = std::env::var_os("PLEOSCOPE_STATE_DIR").map(PathBuf::from);
    let state = kept.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("history-{}", std::process::id())));
    let folders = Folders { config: state.join("config"), state: state.clone() };
    let rules = Rules { max_size: u64::MAX, max_entries: u64::MAX, ..Rules::default() };
    let new = || History::new(Some(&folders), rules, false, &Environments::pleo());
    let begun = Instant::now();
    let filling = new();
    for number in 0..EXCHANGES {
        filling.record(exchange(number));
        if (number + 1).is_multiple_of(PORTION) {
            assert_eq!(filling.settled().await, [""; 0]);
        }
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / 100_000.0;
    let megabytes = std::fs::metadata(state.join(FILE)).unwrap().len() / 1_000_000;
    println!("{EXCHANGES} exchanges, {megabytes} MB, {each:.0} µs to keep each; medians of {ROUNDS}");

    let mut start = Vec::new();
    for _ in 0..ROUNDS {
        let (screen, _replies) = tokio::sync::mpsc::channel::<Reply>(8);
        let begun = Instant::now();
        let history = new();
        history.open(&screen);
        start.push(begun.elapsed());
        history.settled().await;
    }
    println!("  what the starting thread pays  {:8.3} ms", millis(median(start)));
    let mut open = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        assert_eq!(list(&new(), "").await, PART);
        open.push(begun.elapsed());
    }
    println!("  opened and listed              {:8.2} ms", millis(median(open)));

    let history = new();
    list(&history, "").await;
    let database = rusqlite::Connection::open(state.join(FILE)).unwrap();
    let questions = [
        ("a word of one", "seldom77777"),
        ("the beginning of a thousand words", "seldom77"),
        ("a word of all", "employees"),
        ("two words", "employees seldom777"),
        ("a word of none", "nowhereatall"),
        ("a status", "status:5xx"),
        ("a status and a word", "status:404 seldom9"),
        ("an environment and a time", "env:production since:2d"),
        ("what has not a word", "!employees"),
        ("what is pinned", "pinned"),
    ];
    for (what, question) in questions {
        let mut times = Vec::new();
        let mut count = 0;
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            count = list(&history, question).await;
            times.push(begun.elapsed());
        }
        println!("  {what:<34} {:8.2} ms   {count:>3} shown", millis(median(times)));
    }
    let begun = Instant::now();
    let sql = "SELECT count(*) FROM detail WHERE CAST(answer AS TEXT) LIKE '%seldom77777%'";
    let found: i64 = database.query_row(sql, [], |row| row.get(0)).unwrap();
    println!("  every row by LIKE, for one word    {:8.2} ms   {found:>3} found", millis(begun.elapsed()));
    let deep = deepest(&history).await;
    println!(
        "  from the newest to the oldest, {} parts: the slowest {:.2} ms",
        deep.len(),
        millis(*deep.iter().max().unwrap())
    );
    if kept.is_none() {
        std::fs::remove_dir_all(state).unwrap();
    }
}

async fn list(history: &History, query: &str) -> usize {
    let listing = Listing { query: query.parse().unwrap(), scope: None, from: From::Newest, most: PART };
    match history.ask(Ask::List(Box::new(listing))).await.unwrap() {
        Told::Listed(entries, _) => entries.len(),
        other => unreachable!("{other:?}"),
    }
}

/// Every part of the list, one after the other.
async fn deepest(history: &History) -> Vec<Duration> {
    let (mut times, mut from) = (Vec::new(), From::Newest);
    loop {
        let begun = Instant::now();
        let listing = Listing { query: "".parse().unwrap(), scope: None, from, most: PART };
        let Told::Listed(entries, more) = history.ask(Ask::List(Box::new(listing))).await.unwrap() else {
            unreachable!("a list was asked for");
        };
        times.push(begun.elapsed());
        if !more {
            return times;
        }
        from = From::Older(entries.last().unwrap().id);
    }
}

/// An answer of some 2 KB with a word of its own.
fn exchange(number: u64) -> Transcript {
    let record = |row: u64| {
        format!(
            r#"{{"id":"{:08x}-0000-4000-8000-{number:012x}","firstName":"seldom{number}","lastName":"name{}","email":"person{row}@example.com","jobTitle":"engineer","active":true}}"#,
            row * 7_919 + number,
            number % 977,
        )
    };
    let body = format!(r#"{{"data":[{}]}}"#, (0..12).map(record).collect::<Vec<_>>().join(","));
    let status = [200, 200, 200, 200, 404, 200, 200, 503][usize::try_from(number % 8).unwrap()];
    let ago = i64::try_from(EXCHANGES - number).unwrap() * 60_000;
    Transcript {
        environment: if number.is_multiple_of(3) { Environment::Production } else { Environment::Staging },
        surface: Surface::External,
        operation: Some("list-employees".to_owned()),
        writes: false,
        elsewhere: false,
        method: Method::Get,
        url: format!("https://external.staging.pleo.io/v2/employees?limit=12&after=cursor{number}").parse().unwrap(),
        headers: vec![("Accept".to_owned(), "application/json".to_owned())],
        credential: Some(Used {
            kind: CredentialKind::StandaloneApiKey, label: "Standalone API key …0001".to_owned()
        }),
        body: None,
        private: pleoscope::secret::Redactor::default(),
        began: Some(Timestamp::from_millisecond(Timestamp::now().as_millisecond() - ago).unwrap()),
        answer: Some(Answer {
            status,
            reason: "OK".to_owned(),
            version: "HTTP/2".to_owned(),
            headers: vec![("x-request-id".to_owned(), format!("request-{number}").into_bytes())],
            length: body.len() as u64,
            body: Some(body.into_bytes()),
        }),
        failure: None,
        timing: Timing::default(),
        wire: Wire::default(),
    }
}
