//! Checks 49 and 50, as far as no screen is needed: a server that asks to be left alone is, a read that fails in passing is
//! tried three times, and nobody waits against their will.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use pleoscope::app::event::{Attempt, Effect, Following, Pause, Reply as Told, Want, WorkId};
use pleoscope::document::Document;
use pleoscope::pleo::endpoint::Method;
use pleoscope::pleo::environment::{Environment, Environments};
use pleoscope::pleo::preflight::Situation;
use pleoscope::pleo::prepared::prepare;
use pleoscope::pleo::request::Draft;
use pleoscope::worker::{self, Line, Tools};

use super::loopback::{Loopback, slack};
use super::server::{Reply, until};

const LIST: WorkId = WorkId(1);
const FIRST: &str =
    "{\"data\":[{\"id\":1},{\"id\":2}],\"pagination\":{\"hasNextPage\":true,\"endCursor\":\"A\",\"total\":3}}";
const LAST: &str = "{\"data\":[{\"id\":3}],\"pagination\":{\"hasNextPage\":false,\"total\":3}}";
/// As long as a person takes for no time.
const AT_ONCE: Duration = Duration::from_millis(250);
const ALL: [&str; 6] = ["send", "--all", "-o", "ndjson", "GET", "/v2/employees"];

/// A worker whose list's second page is asked for.
struct Asking {
    runtime: tokio::runtime::Runtime,
    line: Line,
}

impl Asking {
    /// Follows a list whose first page is there, and wants the rest, after these changes of its tools.
    fn begin(server: &Loopback, change: impl FnOnce(&mut Tools)) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut environments = Environments::pleo();
        environments.override_with(&server.base()).unwrap();
        let staging = Environment::Staging;
        let draft = Draft::from_path(Method::Get, "/v2/employees?limit=2", None, staging, &environments).unwrap();
        let request = prepare(&draft, &Situation::new(staging, &environments, None)).unwrap();
        let first = Document::from_bytes(Bytes::from_static(FIRST.as_bytes()));
        let mut tools = Tools::without_store(environments);
        change(&mut tools);
        let line = runtime.block_on(async { worker::start(tools) });
        let mut asking = Self { runtime, line };
        asking.effect(Effect::Follow(LIST, Box::new(Following { request, first, most: 10 })));
        assert!(matches!(asking.next().1, Some(Pause::Asked)));
        asking.effect(Effect::More(LIST, Want::All));
        asking
    }

    fn effect(&self, effect: Effect) {
        self.runtime.block_on(self.line.effects.send(effect)).unwrap();
    }

    /// The next try that went wrong, or why it pauses.
    fn next(&mut self) -> (Option<Attempt>, Option<Pause>) {
        loop {
            let replies = &mut self.line.replies;
            let reply =
                self.runtime.block_on(async { tokio::time::timeout(Duration::from_secs(30), replies.recv()).await });
            match reply.unwrap().unwrap() {
                Told::Attempt(LIST, attempt) => return (Some(attempt), None),
                Told::Paused(LIST, pause) => return (None, Some(pause)),
                _ => {}
            }
        }
    }

    /// What it pauses for, and every try before that.
    fn end(&mut self) -> (Vec<Attempt>, Pause) {
        let mut attempts = Vec::new();
        loop {
            match self.next() {
                (Some(attempt), _) => attempts.push(attempt),
                (_, Some(pause)) => return (attempts, pause),
                (None, None) => {}
            }
        }
    }
}

/// The second page is answered by this, the first as it should be.
fn second(server: &Loopback, reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Arc<AtomicUsize> {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    server.world.answer(move |request| {
        if request.target.contains("after=A") {
            reply(count.fetch_add(1, Ordering::SeqCst))
        } else {
            Reply::json("200 OK", FIRST)
        }
    });
    asked
}

fn busy(retry_after: Option<&str>) -> Reply {
    let mut headers = vec![("Date", "Wed, 25 Nov 2026 12:00:00 GMT")];
    headers.extend(retry_after.map(|value| ("Retry-After", value)));
    Reply::new("429 Too Many Requests", &headers, b"{}")
}

/// Whatever Retry-After says: what is asked for is waited for up to a minute, more only when a person agrees, and a wait ends
/// at once when it is not wanted any more.
#[test]
fn promise_49_retry_after() {
    let server = Loopback::new();
    let (own, second_of) = (0.75..1.3, |seconds: f64| seconds..seconds + 0.3);
    let cases = [
        (Some("1"), Some(1.0..1.3)),
        (Some("7"), Some(second_of(7.0))),
        (Some("60"), Some(second_of(60.0))),
        (Some("Wed, 25 Nov 2026 12:00:30 GMT"), Some(second_of(30.0))),
        (Some("Wed, 25 Nov 2026 11:00:00 GMT"), Some(own.clone())),
        (Some("0"), Some(own.clone())),
        (Some("-1"), Some(own.clone())),
        (Some("1e9"), Some(own.clone())),
        (Some("soon"), Some(own.clone())),
        (None, Some(own)),
        (Some("61"), None),
        (Some("1000000000"), None),
        (Some("Wed, 25 Nov 2099 12:00:00 GMT"), None),
    ];
    for (retry_after, waits) in cases {
        let asked = second(&server, move |_| busy(retry_after));
        let mut asking = Asking::begin(&server, |_| {});
        match waits {
            Some(waits) => {
                let (Some(attempt), _) = asking.next() else { unreachable!("{retry_after:?}") };
                let wait = attempt.waits.unwrap().as_secs_f64();
                assert!(waits.contains(&wait), "{retry_after:?}: {wait}");
                assert!(attempt.what.contains("429"), "{}", attempt.what);
                let begun = Instant::now();
                asking.effect(Effect::More(LIST, Want::Stop));
                assert!(matches!(asking.next().1, Some(Pause::Asked)));
                assert!(begun.elapsed() <= AT_ONCE * slack(), "{retry_after:?}: {:?}", begun.elapsed());
            }
            None => {
                let (attempts, pause) = asking.end();
                let Pause::Gap(sentence, _, Some(wait)) = pause else { unreachable!("{retry_after:?}: {pause:?}") };
                assert!(wait > Duration::from_secs(60) && sentence.contains("asks to wait"), "{sentence}");
                assert_eq!((attempts.len(), attempts[0].waits), (1, None));
                // Agreed to, it waits; and no longer than it is wanted.
                asking.effect(Effect::More(LIST, Want::Agree));
                let (Some(attempt), _) = asking.next() else { unreachable!("{retry_after:?}") };
                assert_eq!(attempt.waits, Some(wait));
                let begun = Instant::now();
                asking.effect(Effect::More(LIST, Want::Stop));
                assert!(matches!(asking.next().1, Some(Pause::Asked)));
                assert!(begun.elapsed() <= AT_ONCE * slack(), "{retry_after:?}: {:?}", begun.elapsed());
            }
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1, "{retry_after:?}: it is left alone");
    }
}

/// The same without a screen: a short wait is made and told, a long one is not made, and Ctrl-C ends any.
#[test]
fn promise_49_without_a_screen() {
    let server = Loopback::new();
    let base = server.base();
    let args = [&ALL[..], &["--base-url", &base]].concat();
    second(&server, |times| if times == 0 { busy(Some("1")) } else { Reply::json("200 OK", LAST) });
    let begun = Instant::now();
    let ran = server.world.run(&args, &[]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n"), "{}", ran.err);
    assert!(begun.elapsed() >= Duration::from_secs(1) && ran.err.contains("try 1 of 3"), "{}", ran.err);

    let asked = second(&server, |_| busy(Some("1000000000")));
    let begun = Instant::now();
    let ran = server.world.run(&args, &[]);
    assert!(begun.elapsed() < Duration::from_secs(5) * slack());
    assert_eq!((ran.code, asked.load(Ordering::SeqCst)), (4, 1), "{}", ran.err);
    for word in ["incomplete: 2 of 3 records were written", "429 Too Many Requests", "11575 days", "--after A"] {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }

    second(&server, |_| busy(Some("50")));
    let mut child = server.world.command(&args, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until("it waits", || (!server.world.listeners.wait_for(2).is_empty()).then_some(()));
    // What it says of the wait is written by then.
    std::thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    assert!(begun.elapsed() <= AT_ONCE * slack(), "{:?}", begun.elapsed());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(said.contains("2 of 3 records were written. It was interrupted.") && said.contains("--after A"), "{said}");
}

/// What may pass is tried three times with growing pauses that differ; what does not is tried once.
#[test]
fn promise_50_tries() {
    let server = Loopback::new();
    let quick = |tools: &mut Tools| tools.patience.pause = Duration::from_millis(60);
    let mut pauses = Vec::new();
    for status in ["500 Oops", "502 Bad Gateway", "503 Busy", "504 Late", "429 Too Many Requests"] {
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&arrivals);
        second(&server, move |_| {
            log.lock().unwrap().push(Instant::now());
            Reply::json(status, "{}")
        });
        let (attempts, pause) = Asking::begin(&server, quick).end();
        assert!(matches!(pause, Pause::Gap(..)), "{status}: {pause:?}");
        let arrivals = arrivals.lock().unwrap();
        assert_eq!((arrivals.len(), attempts.len()), (3, 3), "{status}");
        let waits: Vec<Duration> = attempts.iter().filter_map(|attempt| attempt.waits).collect();
        assert!(waits.len() == 2 && waits[1] > waits[0], "{status}: {waits:?}");
        for (pair, wait) in arrivals.windows(2).zip(&waits) {
            assert!(pair[1].duration_since(pair[0]) >= *wait, "{status}");
        }
        pauses.push(waits[0]);
    }
    pauses.sort_unstable();
    pauses.dedup();
    assert!(pauses.len() > 1, "they are not all the same: {pauses:?}");
    for status in ["400 Bad", "401 Who", "403 No", "404 Gone", "409 Clash", "413 Large", "422 Odd"] {
        let asked = second(&server, move |_| Reply::json(status, "{}"));
        let (attempts, pause) = Asking::begin(&server, quick).end();
        assert!(matches!(pause, Pause::Gap(..)), "{status}: {pause:?}");
        assert_eq!((asked.load(Ordering::SeqCst), attempts.len()), (1, 1), "{status}");
    }
    let asked = second(&server, |_| Reply::Reset);
    let (attempts, _) = Asking::begin(&server, quick).end();
    assert_eq!((asked.load(Ordering::SeqCst), attempts.len()), (3, 3));
}

/// A connection that is refused is tried three times too, from the first page on; a write never twice.
#[test]
fn promise_50_refused_and_writes() {
    let server = Loopback::new();
    let begun = Instant::now();
    let ran = server.world.run(&[&ALL[..], &["--base-url", "staging=http://127.0.0.1:1"]].concat(), &[]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(begun.elapsed() > Duration::from_secs(3), "two pauses");
    for word in ["try 1 of 3", "try 2 of 3", "refused the connection"] {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
    server.always(Reply::json("503 Busy", "{}"));
    let base = server.base();
    let write = ["send", "DELETE", "/v1/installations/me", "--base-url", &base];
    let refused = server.world.run(&[&write[..], &["--all", "-o", "csv"]].concat(), &[]);
    assert!(refused.code == 2 && refused.err.contains("changes data"), "{}", refused.err);
    server.world.assert_untouched("a write has no pages");
    let ran = server.world.run(&[&write[..], &["-o", "csv"]].concat(), &[]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    let requests: usize = server.world.take().iter().map(|arrival| arrival.requests.len()).sum();
    assert_eq!(requests, 1);
}
