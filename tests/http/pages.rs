//! Lists that are followed page by page: the worker against the sandbox, and against a server that misbehaves by a script.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pleoscope::app::event::{Attempt, Effect, Following, PageNews, Pause, Portion, Reply, Want, WorkId};
use pleoscope::document::Document;
use pleoscope::edge::folders::Folders;
use pleoscope::edge::spill::{Limits, Spills};
use pleoscope::pleo::credential::{Credential, CredentialKind, Keeping};
use pleoscope::pleo::endpoint::{Method, Surface};
use pleoscope::pleo::environment::{Environment, Environments};
use pleoscope::pleo::paging::MOST_PAGES;
use pleoscope::pleo::preflight::Situation;
use pleoscope::pleo::prepared::{Prepared, prepare};
use pleoscope::pleo::request::Draft;
use pleoscope::pleo::retry::Patience;
use pleoscope::sandbox::{self, Options, Sandbox};
use pleoscope::secret::Secret;
use pleoscope::worker::{self, Line, Pace, Tools};
use proptest::prelude::*;

use crate::paged::{Answer, Paged, answer, page, parameter, record};

/// The work that follows a list.
const LIST: WorkId = WorkId(2);

/// A worker, and a list that it follows.
struct Bench {
    environments: Environments,
    credential: Option<Credential>,
    line: Line,
    document: Document,
    starts: Vec<u64>,
    news: Option<PageNews>,
    attempts: Vec<Attempt>,
    stored: u64,
}

/// No pause that could be noticed, and no pace.
fn hasty(tools: &mut Tools) {
    tools.pace = Arc::new(Pace::new(1e9, 1e9));
    tools.patience = Patience { pause: Duration::from_millis(1), ..Patience::default() };
}

impl Bench {
    /// Before a server at this address.
    fn before(server: &Paged, change: impl FnOnce(&mut Tools)) -> Self {
        let mut environments = Environments::pleo();
        environments.override_with(&format!("staging=http://{}", server.address)).expect("loopback");
        Self::new(environments, None, change)
    }

    /// Before a sandbox.
    fn in_sandbox(sandbox: &Sandbox, kind: CredentialKind, change: impl FnOnce(&mut Tools)) -> Self {
        let mut environments = Environments::pleo();
        for (part, surface) in [("", Surface::External), ("legacy-", Surface::Legacy)] {
            let url = sandbox.base(Environment::Staging, surface).as_str().trim_end_matches('/').to_owned();
            environments.override_with(&format!("{part}staging={url}")).expect("loopback");
        }
        let all = sandbox.demo_credentials();
        let value = all.into_iter().find(|it| (it.0, it.1) == (Environment::Staging, kind)).expect("a credential").2;
        let credential = Credential::new(Environment::Staging, kind, Keeping::Memory, Secret::new(value));
        Self::new(environments, Some(credential), change)
    }

    fn new(environments: Environments, credential: Option<Credential>, change: impl FnOnce(&mut Tools)) -> Self {
        let mut tools = Tools::without_store(environments.clone());
        hasty(&mut tools);
        change(&mut tools);
        Self {
            environments,
            credential,
            line: worker::start(tools),
            document: Document::new(),
            starts: Vec::new(),
            news: None,
            attempts: Vec::new(),
            stored: 0,
        }
    }

    fn request(&self, path: &str, surface: Surface) -> Prepared {
        let staging = Environment::Staging;
        let draft = Draft::from_path(Method::Get, path, Some(surface), staging, &self.environments).expect("a draft");
        prepare(&draft, &Situation::new(staging, &self.environments, self.credential.as_ref())).expect("a request")
    }

    async fn reply(&mut self) -> Reply {
        let reply = tokio::time::timeout(Duration::from_secs(30), self.line.replies.recv());
        reply.await.expect("in time").expect("a reply")
    }

    /// Has the first page and begins to follow it.
    async fn follow(&mut self, request: Prepared, most: u64) -> Pause {
        self.line.effects.send(Effect::Send(WorkId(1), Box::new(request.clone()))).await.expect("a worker");
        let mut first = Document::new();
        loop {
            match self.reply().await {
                Reply::Chunk(_, bytes, piece) => first.append(bytes, &piece),
                Reply::Done(_, piece, _) => break first.finish(&piece),
                Reply::Failed(_, failure, ..) => unreachable!("{failure}"),
                _ => {}
            }
        }
        let following = Box::new(Following { request, first, most });
        self.line.effects.send(Effect::Follow(LIST, following)).await.expect("a worker");
        self.paused().await
    }

    /// Asks for more and waits until that is there, or why not.
    async fn want(&mut self, want: Want) -> Pause {
        self.line.effects.send(Effect::More(LIST, want)).await.expect("a worker");
        self.paused().await
    }

    /// Stops what is in flight: at once.
    async fn stop(&mut self) {
        let begun = Instant::now();
        let pause = self.want(Want::Stop).await;
        assert!(matches!(pause, Pause::Asked), "{pause:?}");
        // A quarter of a second, on a machine that is busy with other tests.
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    }

    async fn paused(&mut self) -> Pause {
        loop {
            match self.reply().await {
                Reply::Loaded(LIST, portion, piece, starts, news) => {
                    match portion {
                        Portion::Here(bytes) => self.document.append(bytes, &piece),
                        Portion::Stored(own) => {
                            self.stored += own.length;
                            self.document.append_stored(&own.store, own.length, own.breaks, &piece);
                        }
                    }
                    self.starts.extend(starts);
                    self.news = Some(*news);
                }
                Reply::Attempt(LIST, attempt) => self.attempts.push(attempt),
                Reply::Paused(LIST, Pause::Ended(piece)) => {
                    self.document.finish(&piece);
                    return Pause::Ended(piece);
                }
                Reply::Paused(LIST, pause) => return pause,
                _ => {}
            }
        }
    }

    fn news(&self) -> &PageNews {
        self.news.as_ref().expect("a page")
    }

    /// The list document as text.
    fn text(&self) -> String {
        let body = self.document.body();
        String::from_utf8(body.read(0..body.len()).into_owned()).expect("UTF-8")
    }

    /// The records so far, each read from where it is said to begin.
    fn records(&self) -> Vec<String> {
        let text = self.text();
        let place = |start: &u64| usize::try_from(*start).expect("memory holds it");
        let ends = self.starts.iter().skip(1).map(place).chain([text.len()]);
        let each = self.starts.iter().zip(ends).map(|(start, end)| {
            let record = &text[place(start)..end];
            record.split("\n]").next().unwrap_or_default().trim_end().trim_end_matches(',').to_owned()
        });
        each.collect()
    }
}

async fn sandbox() -> Sandbox {
    let options = Options { rate_limit: 1_000_000, ..Options::default() };
    sandbox::start(options).await.expect("a sandbox")
}

/// A server of three pages with cursors, whose pages may be spoilt by `spoil`, which knows the page and how often it was asked for.
fn three_pages(spoil: impl Fn(usize, usize) -> Option<Answer> + Send + Sync + 'static) -> Paged {
    let asked = Mutex::new(HashMap::new());
    Paged::start(move |target| {
        let number = parameter(target, "after").map_or(0, |cursor| usize::from(cursor.as_bytes()[0] - b'A') + 1);
        let mut asked = asked.lock().expect("a lock");
        let times = asked.entry(number).and_modify(|times| *times += 1).or_insert(0);
        spoil(number, *times).unwrap_or_else(|| {
            let cursor = ["A", "B"].get(number).copied();
            Answer::Whole(answer("200 OK", "", &page(number * 2..number * 2 + 2, 6, cursor)))
        })
    })
}

fn all_six() -> Vec<String> {
    (0..6).map(record).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_employees_become_one_document() {
    let sandbox = sandbox().await;
    let mut bench = Bench::in_sandbox(&sandbox, CredentialKind::StandaloneApiKey, |_| {});
    let request = bench.request("/v2/employees?limit=50", Surface::External);
    let begun = bench.follow(request, MOST_PAGES).await;
    assert!(matches!(begun, Pause::Asked), "{begun:?}");
    assert_eq!((bench.starts.len(), bench.news().page, bench.news().total), (50, 1, Some(240)));
    assert!(!bench.document.is_complete());
    let two = bench.want(Want::Pages(2)).await;
    assert!(matches!(two, Pause::Asked), "{two:?}");
    assert_eq!((bench.starts.len(), bench.news().page, bench.news().records), (150, 3, 150));
    assert!(!bench.document.is_complete() && bench.document.malformed().is_none());
    let rest = bench.want(Want::All).await;
    assert!(matches!(rest, Pause::Ended(_)), "{rest:?}");
    assert!(bench.document.is_complete() && bench.document.malformed().is_none());
    let whole: serde_json::Value = serde_json::from_str(&bench.text()).expect("JSON");
    let mut ids: Vec<&str> =
        whole["data"].as_array().expect("data").iter().filter_map(|it| it["id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), bench.starts.len()), (240, 240));
    assert_eq!((&whole["pagination"]["hasNextPage"], &whole["pagination"]["total"]), (&false.into(), &240.into()));
    let list = bench.document.list().expect("it is a list itself");
    assert_eq!(list.member.as_deref(), Some("data"));
    assert!(bench.records().iter().all(|record| record.starts_with("{\"id\":") && record.ends_with('}')));
    assert!(bench.news().url.contains("limit=50&after="), "{}", bench.news().url);
    // One key per request, for its own host, as ever.
    assert!(
        sandbox.log().iter().all(|seen| seen.headers.iter().filter(|(name, _)| name == "authorization").count() == 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn offsets_and_the_legacy_api_lead_through_all_of_it() {
    let sandbox = sandbox().await;
    let cases = [
        (CredentialKind::StandaloneApiKey, "/v2/employees?offset=30&limit=50", Surface::External, 210),
        (CredentialKind::StandaloneApiKey, "/v2/employees", Surface::External, 240),
        (CredentialKind::LegacyToken, "/v1/employees", Surface::Legacy, 111),
    ];
    for (kind, path, surface, wanted) in cases {
        let mut bench = Bench::in_sandbox(&sandbox, kind, |_| {});
        let request = bench.request(path, surface);
        bench.follow(request, MOST_PAGES).await;
        let end = bench.want(Want::All).await;
        assert!(matches!(end, Pause::Ended(_)), "{path}: {end:?}");
        let mut records = bench.records();
        records.sort_unstable();
        records.dedup();
        assert_eq!((records.len(), bench.starts.len()), (wanted, wanted), "{path}");
        let whole: serde_json::Value = serde_json::from_str(&bench.text()).expect("JSON");
        assert!(whole["pagination"].is_object() || whole["metadata"]["pageInfo"].is_object());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_into_memory_is_stored_and_what_is_too_large_is_said() {
    let state = std::env::temp_dir().join(format!("pleoscope-pages-{}", std::process::id()));
    let folders = Folders { config: state.clone(), state: state.clone() };
    let sandbox = sandbox().await;
    for (body, ends) in [(1 << 30, true), (30_000, false)] {
        let mut bench = Bench::in_sandbox(&sandbox, CredentialKind::StandaloneApiKey, |tools| {
            tools.limits = Limits { memory: 40_000, body };
            tools.spills = Arc::new(Spills::new(Some(&folders)));
        });
        let request = bench.request("/v2/employees?limit=50", Surface::External);
        bench.follow(request, MOST_PAGES).await;
        let end = bench.want(Want::All).await;
        match end {
            Pause::Ended(_) => {
                assert!(ends && bench.stored > 10_000 && bench.document.body().in_memory() <= 40_000);
                let whole: serde_json::Value = serde_json::from_str(&bench.text()).expect("JSON");
                assert_eq!(whole["data"].as_array().map(Vec::len), Some(240));
            }
            Pause::Stopped(sentence) => {
                assert!(!ends && sentence.contains("--body-limit"), "{sentence}");
                assert!(bench.document.len() <= body && !bench.document.is_complete());
                assert!(bench.records().iter().all(|record| serde_json::from_str::<serde_json::Value>(record).is_ok()));
            }
            other => unreachable!("{other:?}"),
        }
    }
    std::fs::remove_dir_all(state).expect("a folder");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_passes_is_told_and_one_that_stays_is_a_gap() {
    let server = three_pages(|number, times| match (number, times) {
        (1, 0) => Some(Answer::Reset),
        (1, 1) => Some(Answer::Whole(answer("503 Service Unavailable", "", "{}"))),
        (2, 0..=2) => Some(Answer::Whole(answer("502 Bad Gateway", "", "<html>"))),
        (2, 3) => Some(Answer::Whole(answer("404 Not Found", "", "{}"))),
        (2, 4) => Some(Answer::Whole(answer("200 OK", "", "{\"data\":[{\"id\":4"))),
        _ => None,
    });
    let mut bench = Bench::before(&server, |_| {});
    let request = bench.request("/v2/employees?limit=2", Surface::External);
    bench.follow(request, MOST_PAGES).await;
    let Pause::Gap(sentence, attempts, wait) = bench.want(Want::All).await else { unreachable!("page 3 is broken") };
    assert_eq!((bench.starts.len(), wait, attempts.len()), (4, None, 3), "{sentence}");
    assert!(sentence.starts_with("Page 3 could not be had in 3 tries: The server answered 502"), "{sentence}");
    let told: Vec<(u64, u32, bool)> =
        bench.attempts.iter().map(|it| (it.page, it.number, it.waits.is_some())).collect();
    assert_eq!(told, [(2, 1, true), (2, 2, true), (3, 1, true), (3, 2, true), (3, 3, false)]);
    let Pause::Gap(sentence, attempts, _) = bench.want(Want::All).await else { unreachable!("404") };
    assert!(attempts.len() == 1 && sentence.contains("404 Not Found"), "one try is enough for that: {sentence}");
    let Pause::Gap(sentence, ..) = bench.want(Want::Pages(1)).await else { unreachable!("half a page") };
    assert!(sentence.contains("is not JSON"), "{sentence}");
    assert!(!bench.document.is_complete());
    assert!(matches!(bench.want(Want::All).await, Pause::Ended(_)));
    assert_eq!(bench.records(), all_six());
    // The end is an end.
    bench.line.effects.send(Effect::More(LIST, Want::All)).await.expect("a worker");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(server.seen().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_is_at_once_and_keeps_what_is_loaded() {
    let server = three_pages(|number, times| match (number, times) {
        (1, 0) => Some(Answer::Stall(Duration::from_secs(20))),
        (2, 0) => Some(Answer::Whole(answer("429 Too Many Requests", "Retry-After: 50\r\n", "{}"))),
        _ => None,
    });
    let mut bench = Bench::before(&server, |_| {});
    let request = bench.request("/v2/employees?limit=2", Surface::External);
    bench.follow(request, MOST_PAGES).await;
    // While the server says nothing.
    bench.line.effects.send(Effect::More(LIST, Want::All)).await.expect("a worker");
    while server.seen().len() < 2 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    bench.stop().await;
    assert_eq!(bench.starts.len(), 2);
    assert!(matches!(bench.want(Want::Pages(1)).await, Pause::Asked));
    assert_eq!(bench.starts.len(), 4);
    // While it waits before another try.
    bench.line.effects.send(Effect::More(LIST, Want::All)).await.expect("a worker");
    while bench.attempts.is_empty() {
        if let Reply::Attempt(LIST, attempt) = bench.reply().await {
            bench.attempts.push(attempt);
        }
    }
    assert_eq!(bench.attempts[0].waits, Some(Duration::from_secs(50)));
    bench.stop().await;
    assert!(matches!(bench.want(Want::All).await, Pause::Ended(_)));
    assert_eq!(bench.records(), all_six());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_wait_is_made_only_when_it_is_agreed_to() {
    let server = three_pages(|number, times| {
        let busy = || Answer::Whole(answer("429 Too Many Requests", "Retry-After: 1\r\n", "{}"));
        (number == 1 && times == 0).then(busy)
    });
    let mut bench = Bench::before(&server, |tools| tools.patience.alone = Duration::from_millis(500));
    let request = bench.request("/v2/employees?limit=2", Surface::External);
    bench.follow(request, MOST_PAGES).await;
    let Pause::Gap(sentence, attempts, wait) = bench.want(Want::All).await else { unreachable!("it is to be asked") };
    assert_eq!((attempts.len(), wait), (1, Some(Duration::from_secs(1))));
    assert!(sentence.ends_with("It asks to wait 1 seconds."), "{sentence}");
    bench.attempts.clear();
    let begun = Instant::now();
    let end = bench.want(Want::Agree).await;
    assert!(matches!(end, Pause::Ended(_)), "{end:?}");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(bench.attempts.first().and_then(|attempt| attempt.waits), Some(Duration::from_secs(1)));
    assert_eq!(bench.records(), all_six());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_pages_and_lists_that_lead_nowhere_stop_with_a_sentence() {
    let circle = Paged::start(|_| Answer::Whole(answer("200 OK", "", &page(0..2, 6, Some("A")))));
    let hole = Paged::start(|_| {
        let body = "{\"data\":[{\"id\":1}],\"pagination\":{\"hasNextPage\":true}}";
        Answer::Whole(answer("200 OK", "", body))
    });
    let single = Paged::start(|_| Answer::Whole(answer("200 OK", "", "{\"data\":{\"id\":1}}")));
    for (server, most, word, loaded) in [
        (three_pages(|_, _| None), 2, "limit of 2 pages", 4),
        (circle, MOST_PAGES, "leads back", 4),
        (hole, MOST_PAGES, "not where they begin", 1),
        (single, MOST_PAGES, "no list of records", 0),
    ] {
        let mut bench = Bench::before(&server, |_| {});
        let request = bench.request("/v2/employees?limit=2", Surface::External);
        let begun = bench.follow(request, most).await;
        let end = if matches!(begun, Pause::Asked) { bench.want(Want::All).await } else { begun };
        let Pause::Stopped(sentence) = end else { unreachable!("{word}: {end:?}") };
        assert!(sentence.contains(word), "{sentence}");
        assert_eq!(bench.starts.len(), loaded, "{word}");
        assert!(!bench.document.is_complete());
    }
}

/// Something that goes wrong when a page is asked for.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Reset,
    Closed,
    Status(&'static str),
    LongWait,
    Truncated,
    Garbage,
    NoList,
}

/// How a page itself is wrong, for ever.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flaw {
    RepeatedCursor,
    MissingCursor,
    NoInformation,
    Empty,
}

fn faults() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::Reset),
        Just(Fault::Closed),
        prop::sample::select(vec![
            "429 Too Many Requests",
            "500 Oops",
            "502 Bad Gateway",
            "503 Busy",
            "504 Late",
            "404 Gone"
        ])
        .prop_map(Fault::Status),
        Just(Fault::LongWait),
        Just(Fault::Truncated),
        Just(Fault::Garbage),
        Just(Fault::NoList),
    ]
}

/// A page of so many records, what goes wrong before it comes, and what is wrong with it.
type Scripted = (usize, Vec<Fault>, Option<Flaw>);

fn scripts() -> impl Strategy<Value = Vec<Scripted>> {
    let flaw = prop_oneof![
        12 => Just(None),
        1 => prop::sample::select(vec![Flaw::RepeatedCursor, Flaw::MissingCursor, Flaw::NoInformation, Flaw::Empty]).prop_map(Some),
    ];
    prop::collection::vec((1..4_usize, prop::collection::vec(faults(), 0..5), flaw), 1..7)
}

fn spoilt(fault: Fault, good: &str) -> Answer {
    match fault {
        Fault::Reset => Answer::Reset,
        Fault::Closed => Answer::Cut(Vec::new()),
        Fault::Status(status) => Answer::Whole(answer(status, "", "{}")),
        Fault::LongWait => Answer::Whole(answer("429 Wait", "Retry-After: 1000000000\r\n", "{}")),
        Fault::Truncated => {
            let whole = answer("200 OK", "", good);
            Answer::Cut(whole[..whole.len() - 5].to_vec())
        }
        Fault::Garbage => Answer::Whole(answer("200 OK", "", &good[..good.len() - 5])),
        Fault::NoList => Answer::Whole(answer("200 OK", "", "{\"type\":\"x\"}")),
    }
}

/// Serves the script: a cursor `AAB` stands for the page of that many letters.
fn serve(script: &[Scripted]) -> Paged {
    let total = script.iter().map(|(records, ..)| records).sum();
    let mut first = 0;
    let pages: Vec<String> = script
        .iter()
        .enumerate()
        .map(|(number, (records, _, flaw))| {
            let range = first..first + records;
            first = range.end;
            let cursor = "A".repeat(number + 1);
            let cursor = (number + 1 < script.len()).then_some(cursor.as_str());
            match flaw {
                Some(Flaw::RepeatedCursor) => page(range, total, Some(&"A".repeat(number.max(1)))),
                Some(Flaw::MissingCursor) => page(range, total, cursor).replace("endCursor", "other"),
                Some(Flaw::NoInformation) => page(range, total, cursor).replace("pagination", "other"),
                Some(Flaw::Empty) => page(0..0, total, cursor),
                None => page(range, total, cursor),
            }
        })
        .collect();
    let left: Vec<VecDeque<Fault>> = script.iter().map(|(_, faults, _)| faults.iter().copied().collect()).collect();
    let left = Mutex::new(left);
    Paged::start(move |target| {
        let number = parameter(target, "after").map_or(0, str::len);
        let Some(good) = pages.get(number) else {
            return Answer::Whole(answer("400 Bad Request", "", "{}"));
        };
        // The first page is had by an ordinary request, before anything is followed.
        let fault = if number == 0 { None } else { left.lock().expect("a lock")[number].pop_front() };
        fault.map_or_else(|| Answer::Whole(answer("200 OK", "", good)), |fault| spoilt(fault, good))
    })
}

async fn follow_script(mut script: Vec<Scripted>) -> Result<(), TestCaseError> {
    // Nothing stands before the first page that it could lead back to.
    script[0].2 = script[0].2.filter(|flaw| *flaw != Flaw::RepeatedCursor);
    let total: usize = script.iter().map(|(records, ..)| records).sum();
    let server = serve(&script);
    let mut bench = Bench::before(&server, |_| {});
    let request = bench.request("/v2/employees?limit=3", Surface::External);
    let mut pause = bench.follow(request, MOST_PAGES).await;
    let mut gaps = 0;
    loop {
        let loaded = bench.records();
        // Nothing twice, nothing left out in between, whatever happened.
        let expected: Vec<String> = (0..loaded.len()).map(record).collect();
        let broken = script.iter().any(|(.., flaw)| *flaw == Some(Flaw::Empty));
        prop_assert!(broken || matches!(pause, Pause::Stopped(_)) || loaded == expected, "{:?}", loaded);
        match pause {
            Pause::Ended(_) => {
                // An empty last page, and a cursor that is missing where none is needed, are no holes.
                let flawless = script.iter().all(|(.., flaw)| flaw.is_none() || *flaw == Some(Flaw::MissingCursor));
                let empty_last = script.last().is_some_and(|(.., flaw)| *flaw == Some(Flaw::Empty));
                prop_assert!(flawless || empty_last, "a flaw passed for the end");
                let missing = if empty_last { script.last().map_or(0, |(records, ..)| *records) } else { 0 };
                prop_assert_eq!(loaded.len(), total - missing);
                prop_assert!(bench.document.is_complete() && bench.document.malformed().is_none());
                return Ok(());
            }
            Pause::Stopped(sentence) => {
                prop_assert!(script.iter().any(|(.., flaw)| flaw.is_some()), "{}", sentence);
                prop_assert!(sentence.starts_with("Page ") && !bench.document.is_complete());
                // What is there is there once, but where a cursor led back.
                let repeated = script.iter().any(|(.., flaw)| *flaw == Some(Flaw::RepeatedCursor));
                prop_assert!(repeated || broken || loaded == expected, "{:?}", loaded);
                return Ok(());
            }
            Pause::Gap(sentence, attempts, wait) => {
                gaps += 1;
                prop_assert!(sentence.starts_with("Page ") && (1..=3).contains(&attempts.len()), "{}", sentence);
                prop_assert!(!bench.document.is_complete());
                prop_assert_eq!(wait.is_some(), sentence.contains("asks to wait"));
                prop_assert!(gaps < 40, "each try uses up a fault");
            }
            Pause::Asked => {}
        }
        pause = bench.want(Want::All).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any interleaving of failures yields every record exactly once, or says what is missing.
    #[test]
    fn every_record_comes_exactly_once_or_is_said_to_be_missing(script in scripts()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(follow_script(script))?;
    }
}
