//! The worker against the sandbox: real requests, real sockets.

use std::time::{Duration, Instant};

use base64::Engine as _;
use pleoscope::app::event::{Effect, Failure, Head, Phase, Portion, Reply, WorkId};
use pleoscope::app::taking::{Form, Saving};
use pleoscope::document::{Document, Examined, Query, Segment};
use pleoscope::edge::folders::Folders;
use pleoscope::edge::spill::{Limits, Spills};
use pleoscope::pleo::credential::{Credential, CredentialKind, Keeping};
use pleoscope::pleo::endpoint::{Method, Surface};
use pleoscope::pleo::environment::{Environment, Environments};
use pleoscope::pleo::preflight::Situation;
use pleoscope::pleo::prepared::{Prepared, prepare};
use pleoscope::pleo::request::Draft;
use pleoscope::sandbox::{self, Options, Sandbox};
use pleoscope::secret::Secret;
use pleoscope::worker::{self, Line, Tools};

/// A sandbox, the hosts that lead to it, and a worker.
pub struct Bench {
    sandbox: Sandbox,
    environments: Environments,
    pub line: Line,
    last: u64,
}

/// How an exchange ended.
struct Outcome {
    head: Option<Head>,
    document: Document,
    failure: Option<Failure>,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// One that keeps so much of a body, the rest in files below this folder.
    async fn with_limits(limits: Limits, state: &std::path::Path) -> Self {
        let folders = Folders { config: state.to_owned(), state: state.to_owned() };
        Self::with(move |tools| {
            tools.limits = limits;
            tools.spills = std::sync::Arc::new(Spills::new(Some(&folders)));
            tools.filter = std::path::Path::new(env!("CARGO_BIN_EXE_pleoscope")).into();
        })
        .await
    }

    pub async fn with(change: impl FnOnce(&mut Tools)) -> Self {
        let options = Options { rate_limit: 1_000_000, ..Options::default() };
        let sandbox = sandbox::start(options).await.expect("a sandbox");
        let mut environments = Environments::pleo();
        for environment in Environment::ALL {
            let pairs = [("", Surface::External), ("legacy-", Surface::Legacy)];
            for (part, surface) in pairs {
                let url = sandbox.base(environment, surface).as_str().trim_end_matches('/').to_owned();
                environments.override_with(&format!("{part}{environment}={url}")).expect("loopback");
            }
        }
        let mut tools = Tools::without_store(environments.clone());
        change(&mut tools);
        let line = worker::start(tools);
        Self { sandbox, environments, line, last: 0 }
    }

    fn credential(&self, environment: Environment, kind: CredentialKind) -> Credential {
        let all = self.sandbox.demo_credentials();
        let value = all.into_iter().find(|it| (it.0, it.1) == (environment, kind)).expect("a credential").2;
        Credential::new(environment, kind, Keeping::Memory, Secret::new(value))
    }

    pub fn request(&self, environment: Environment, method: Method, path: &str) -> Prepared {
        let credential = self.credential(environment, CredentialKind::StandaloneApiKey);
        let draft = Draft::from_path(method, path, None, environment, &self.environments).expect("a draft");
        prepare(&draft, &Situation::new(environment, &self.environments, Some(&credential))).expect("a request")
    }

    fn staging(&self, path: &str) -> Prepared {
        self.request(Environment::Staging, Method::Get, path)
    }

    pub async fn send(&mut self, request: Prepared) -> WorkId {
        self.last += 1;
        let id = WorkId(self.last);
        self.line.effects.send(Effect::Send(id, Box::new(request))).await.expect("a worker");
        id
    }

    pub async fn reply(&mut self) -> Reply {
        tokio::time::timeout(Duration::from_secs(40), self.line.replies.recv())
            .await
            .expect("in time")
            .expect("a reply")
    }

    async fn exchange(&mut self, request: Prepared) -> Outcome {
        let wanted = self.send(request).await;
        let mut outcome = Outcome { head: None, document: Document::new(), failure: None };
        loop {
            match self.reply().await {
                Reply::Head(id, head, _) if id == wanted => outcome.head = Some(head),
                Reply::Chunk(id, bytes, piece) if id == wanted => outcome.document.append(bytes, &piece),
                Reply::Stored(id, own, piece) if id == wanted => {
                    outcome.document.append_stored(&own.store, own.length, own.breaks, &piece);
                }
                Reply::Done(id, piece, _) if id == wanted => {
                    outcome.document.finish(&piece);
                    return outcome;
                }
                Reply::Failed(id, failure, piece, _) if id == wanted => {
                    outcome.document.finish(&piece);
                    outcome.failure = Some(failure);
                    return outcome;
                }
                _ => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn employees_arrive_with_one_authorization_header_of_the_right_form() {
    let mut bench = Bench::new().await;
    let request = bench.staging("/v2/employees?limit=50");
    let outcome = bench.exchange(request).await;
    assert_eq!(outcome.head.expect("a head").status, 200);
    assert!(outcome.document.is_complete() && outcome.document.malformed().is_none());
    assert!(outcome.document.row_count() > 300);
    let seen = bench.sandbox.log().pop().expect("a request");
    let sent: Vec<_> = seen.headers.iter().filter(|(name, _)| name == "authorization").collect();
    let key = bench.credential(Environment::Staging, CredentialKind::StandaloneApiKey);
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{}:", key.held().expect("at hand").expose()));
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].1, format!("Basic {pair}").into_bytes());
    assert!(!seen.headers.iter().any(|(name, _)| name == "cookie" || name == "referer"));
}

/// Check 12, as far as it concerns what exists: a credential reaches its own host only, and refused pairs reach none.
#[tokio::test(flavor = "multi_thread")]
async fn promise_12_credentials_reach_their_own_host_only() {
    let bench = Bench::new().await;
    for environment in Environment::ALL {
        for surface in [Surface::External, Surface::Legacy] {
            let path = if surface == Surface::Legacy { "/v1/employees" } else { "/v2/employees" };
            let draft =
                Draft::from_path(Method::Get, path, Some(surface), environment, &bench.environments).expect("a draft");
            for owner in Environment::ALL {
                for kind in CredentialKind::ALL {
                    let credential = bench.credential(owner, kind);
                    let allowed = owner == environment && kind.surface() == surface;
                    let prepared =
                        prepare(&draft, &Situation::new(environment, &bench.environments, Some(&credential)));
                    assert_eq!(prepared.is_ok(), allowed, "{owner} {kind} to {environment} {surface:?}");
                    if let Err(findings) = prepared {
                        assert!(findings.iter().any(|finding| finding.refuses() && finding.sentence.len() > 40));
                    }
                }
            }
        }
    }
    assert!(bench.sandbox.log().is_empty(), "a refused request makes no connection");
}

/// Check 13: a redirect is shown and never followed.
#[tokio::test(flavor = "multi_thread")]
async fn promise_13_redirects() {
    let mut bench = Bench::new().await;
    for target in ["other-host", "http://127.0.0.1:9/", "http://user@127.0.0.1:9/x"] {
        let request = bench.staging(&format!("/v2/employees?sandbox_fault=redirect={target}"));
        let before = bench.sandbox.log().len();
        let outcome = bench.exchange(request).await;
        let head = outcome.head.expect("a head");
        assert_eq!(head.status, 302);
        assert!(head.header("location").is_some());
        assert_eq!(bench.sandbox.log().len(), before + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_sentences_with_their_phase_and_keep_what_came() {
    let mut bench = Bench::new().await;
    for (fault, partial) in [("reset", true), ("truncate", true)] {
        let request = bench.staging(&format!("/v2/employees?limit=100&sandbox_fault={fault}"));
        let outcome = bench.exchange(request).await;
        let failure = outcome.failure.unwrap_or_else(|| panic!("{fault} went well"));
        assert_eq!(failure.phase, Phase::Body, "{fault}");
        assert!(failure.sentence.contains("127.0.0.1") && failure.sentence.contains("what came is shown"), "{failure}");
        assert_eq!(!outcome.document.is_empty(), partial, "{fault}");
    }
    let request = bench.staging("/v2/employees?sandbox_fault=garbage");
    let outcome = bench.exchange(request).await;
    assert!(outcome.failure.is_none() && outcome.document.malformed().is_some());
    for status in [429_u16, 503] {
        let request = bench.staging(&format!("/v2/employees?sandbox_fault={status}"));
        assert_eq!(bench.exchange(request).await.head.expect("a head").status, status);
    }
    let request = bench.staging("/v2/employees?sandbox_fault=deep=100000");
    let outcome = bench.exchange(request).await;
    assert_eq!(outcome.document.row_count(), 199_999);
    let request = bench.staging("/v2/employees?sandbox_fault=huge=5MB");
    let outcome = bench.exchange(request).await;
    assert!(outcome.document.len() > 4_900_000 && outcome.document.malformed().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_says_so() {
    let mut environments = Environments::pleo();
    environments.override_with("staging=http://127.0.0.1:1").expect("loopback");
    let mut bench = Bench::new().await;
    bench.line = worker::start(Tools::without_store(environments.clone()));
    let draft =
        Draft::from_path(Method::Get, "/v2/employees", None, Environment::Staging, &environments).expect("a draft");
    let request = prepare(&draft, &Situation::new(Environment::Staging, &environments, None)).expect("a request");
    let outcome = bench.exchange(request).await;
    let failure = outcome.failure.expect("a failure");
    assert_eq!(failure.phase, Phase::Connect);
    assert!(failure.sentence.contains("127.0.0.1:1 refused the connection"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_changes_what_is_read_after_it() {
    let mut bench = Bench::new().await;
    let companies = bench.staging("/v1/companies");
    let outcome = bench.exchange(companies).await;
    let body = outcome.document.body();
    let page: serde_json::Value = serde_json::from_slice(&body.read(0..body.len())).expect("JSON");
    let company = page["data"][0]["id"].as_str().expect("an id").to_owned();
    let credential = bench.credential(Environment::Staging, CredentialKind::StandaloneApiKey);
    let mut draft = Draft::from_path(Method::Post, "/v1/vendors", None, Environment::Staging, &bench.environments)
        .expect("a draft");
    draft.body = format!(r#"{{"companyId":"{company}","name":"Ærø Værft","defaultCurrency":"DKK"}}"#);
    let request = prepare(&draft, &Situation::new(Environment::Staging, &bench.environments, Some(&credential)))
        .expect("a request");
    let outcome = bench.exchange(request).await;
    assert_eq!(outcome.head.expect("a head").status, 201);
    let mut search =
        Draft::from_path(Method::Post, "/v1/vendors:search", None, Environment::Staging, &bench.environments)
            .expect("a draft");
    search.add_query("company_id", &company);
    search.add_query("limit", "100");
    let request = prepare(&search, &Situation::new(Environment::Staging, &bench.environments, Some(&credential)))
        .expect("a request");
    let outcome = bench.exchange(request).await;
    let body = outcome.document.body();
    assert!(String::from_utf8_lossy(&body.read(0..body.len())).contains("Ærø Værft"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_across_the_body_and_can_be_cancelled() {
    let mut bench = Bench::new().await;
    let request = bench.staging("/v2/employees?limit=100");
    let outcome = bench.exchange(request).await;
    let body = outcome.document.body().clone();
    bench
        .line
        .effects
        .send(Effect::Search(WorkId(900), body.clone(), Query::new("companyid").finder().expect("a literal")))
        .await
        .expect("a worker");
    let mut found = 0;
    loop {
        if let Reply::Found(id, hits, last) = bench.reply().await {
            assert_eq!(id, WorkId(900));
            found += hits.len();
            if last {
                break;
            }
        }
    }
    assert_eq!(found, 100);
}

/// A body beyond the memory limit: its end is in a file, and it reads, searches, folds, filters and saves all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_memory_stands_in_a_file_and_is_read_as_any_other() {
    let state = std::env::temp_dir().join(format!("pleoscope-beyond-{}", std::process::id()));
    let mut bench = Bench::with_limits(Limits { memory: 800_000, body: 2_000_000 }, &state).await;
    let request = bench.staging("/v2/employees?sandbox_fault=huge=1MB");
    let outcome = bench.exchange(request).await;
    assert_eq!(outcome.failure, None);
    let document = outcome.document;
    let length = document.len();
    assert!(length > 900_000 && document.body().in_memory() <= 350_000, "{}", document.body().in_memory());
    let files = || std::fs::read_dir(state.join("bodies")).map_or(0, Iterator::count);
    assert_eq!(files(), 1);
    let last = document.row_count() - 1;
    assert_eq!(document.path(document.parent(last - 2).expect("a parent")).jq(), ".pagination");
    let whole = document.body().read(0..length).into_owned();
    let json: serde_json::Value = serde_json::from_slice(&whole).expect("JSON");
    let people = json["data"].as_array().expect("a list").len();

    let effects = bench.line.effects.clone();
    let finder = Query::new("\"email\"").finder().expect("a literal");
    effects.send(Effect::Search(WorkId(1), document.body().clone(), finder)).await.expect("a worker");
    effects.send(Effect::Fold(WorkId(2), document.clone(), 2)).await.expect("a worker");
    let path = vec![Segment::Key("data".into()), Segment::Index(people as u64 - 1), Segment::Key("email".into())];
    effects.send(Effect::Locate(WorkId(3), document.clone(), 0, path)).await.expect("a worker");
    effects.send(Effect::Filter(WorkId(4), document.body().clone(), ".data | length".into())).await.expect("a worker");
    effects.send(Effect::Examine(WorkId(5), document.body().clone(), None)).await.expect("a worker");
    let path = state.join("saved.json").display().to_string();
    let saving =
        Saving { document: document.clone(), range: None, view: None, form: Form::Received, path, over: false };
    effects.send(Effect::Save(WorkId(6), Box::new(saving))).await.expect("a worker");
    let (mut hits, mut left, mut ended) = (0, Vec::new(), 0);
    while ended < 6 {
        ended += 1;
        match bench.reply().await {
            Reply::Found(_, found, last) => {
                hits += found.len();
                ended -= u32::from(!last);
            }
            Reply::Folded(_, folds) => {
                // The outermost object, two names, the list's closing bracket, the page's members, and one row each.
                assert!(folds.visible_rows(document.row_count()) < people as u64 + 20);
            }
            Reply::Located(_, row) => {
                let path = document.path(row.expect("a row")).jq();
                assert_eq!(path, format!(".data[{}].email", people - 1));
            }
            Reply::Filtered(_, Portion::Here(bytes), _) => {
                left.extend_from_slice(&bytes);
                ended -= 1;
            }
            Reply::FilterEnded(_, ended, ..) => assert_eq!(ended, Ok(())),
            Reply::Examined(_, examined) => assert_eq!(examined, Examined::default()),
            Reply::Saved(_, saved) => assert_eq!(saved, Ok(length)),
            _ => ended -= 1,
        }
    }
    assert_eq!((hits, String::from_utf8_lossy(&left).trim()), (people, people.to_string().as_str()));
    assert_eq!(std::fs::read(state.join("saved.json")).expect("a file"), whole);
    drop(document);
    // A thread that has just ended may still hold it for a moment.
    let deadline = Instant::now() + Duration::from_secs(5);
    while files() > 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(files(), 0, "the file goes with the last that shows it");

    let request = bench.staging("/v2/employees?sandbox_fault=huge=5MB");
    let outcome = bench.exchange(request).await;
    assert!(outcome.failure.expect("a failure").sentence.contains("larger than 2000000 bytes"));
    assert_eq!(outcome.document.len(), 2_000_000);
    drop(outcome.document);
    std::fs::remove_dir_all(&state).expect("a folder");
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// Check 64, the part without a screen: after 1,000 rounds of sending and cancelling, sockets and threads are as before,
/// no late word arrives, and the next request works.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_64_cancelling_leaves_nothing_behind() {
    let mut bench = Bench::new().await;
    let warm = bench.staging("/v2/employees");
    bench.exchange(warm).await;
    let before = (open_files(), threads());
    for round in 0..1_000_u32 {
        let request = bench.staging("/v2/employees?sandbox_fault=slow=20s");
        let id = bench.send(request).await;
        if round % 4 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        bench.line.effects.send(Effect::Cancel(id)).await.expect("a worker");
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline && open_files() > before.0 + 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Other tests of this binary run beside this one, so the figures are compared with some room for them.
    let after = (open_files(), threads());
    assert!(after.0 <= before.0 + 60 && after.1 <= before.1 + 30, "{before:?} became {after:?}");
    while let Ok(reply) = bench.line.replies.try_recv() {
        // How far it came is told when it has stopped, and nothing of an answer.
        let known = matches!(reply, Reply::Progress(..) | Reply::Known(..) | Reply::Measured(..));
        assert!(known, "a late word: {reply:?}");
    }
    let request = bench.staging("/v2/employees?limit=1");
    assert_eq!(bench.exchange(request).await.head.expect("a head").status, 200);
}

/// A worker whose staging is that server, and a request to it without a credential.
fn towards(address: std::net::SocketAddr) -> (Line, Prepared) {
    let mut environments = Environments::pleo();
    environments.override_with(&format!("staging=http://{address}")).expect("loopback");
    let line = worker::start(Tools::without_store(environments.clone()));
    let draft = Draft::from_path(Method::Get, "/v2/employees", None, Environment::Staging, &environments);
    let situation = Situation::new(Environment::Staging, &environments, None);
    (line, prepare(&draft.expect("a draft"), &situation).expect("a request"))
}

async fn heard(line: &mut Line) -> Reply {
    tokio::time::timeout(Duration::from_secs(40), line.replies.recv()).await.expect("in time").expect("a reply")
}

/// It is told once it has stopped, with the phases that there were.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_request_tells_how_far_it_came() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (mut line, request) = towards(listener.local_addr().expect("an address"));
    let id = WorkId(1);
    line.effects.send(Effect::Send(id, Box::new(request))).await.expect("a worker");
    // The request is there, and nothing answers it.
    let (stream, _) = listener.accept().await.expect("a connection");
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        stream.readable().await.expect("a request");
        let _ = stream.try_read_buf(&mut seen);
    }
    line.effects.send(Effect::Cancel(id)).await.expect("a worker");
    let (timing, wire) = loop {
        match heard(&mut line).await {
            Reply::Measured(own, measured) if own == id => break *measured,
            Reply::Progress(..) => {}
            other => unreachable!("{other:?}"),
        }
    };
    assert!(timing.tcp.is_some() && timing.first_byte.is_some() && timing.download.is_none(), "{timing:?}");
    assert!(timing.total >= timing.first_byte.expect("a wait") && wire.encoded.is_none(), "{timing:?} {wire:?}");
}

/// There is always more to take in, so that nothing is ever waited for; time is told all the same, and grows.
#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_while_a_body_is_fast() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (mut line, request) = towards(listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        stream.read_buf(&mut Vec::new()).await.expect("a request");
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n").await.expect("a head");
        // Until nobody takes it any more.
        while stream.write_all(&[b'x'; 8 * 1024]).await.is_ok() {}
    });
    let id = WorkId(1);
    line.effects.send(Effect::Send(id, Box::new(request))).await.expect("a worker");
    while !matches!(heard(&mut line).await, Reply::Chunk(..)) {}
    // Whoever listens is the slow one: the worker has something to say all the time, and waits for nobody else.
    let (mut told, mut chunks) = (Vec::new(), 0);
    while chunks < 100 {
        match heard(&mut line).await {
            Reply::Chunk(..) => {
                chunks += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Reply::Progress(_, elapsed) => told.push(elapsed),
            other => assert!(matches!(other, Reply::Measured(..)), "{other:?}"),
        }
    }
    assert!((2..chunks / 2).contains(&told.len()) && told.is_sorted(), "{told:?}");
    line.effects.send(Effect::Cancel(id)).await.expect("a worker");
}
