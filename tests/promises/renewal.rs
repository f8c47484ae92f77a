//! Checks 31 to 33: a pair of tokens is renewed once, whoever asks, and is never lost on the way.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pleoscope::app::event::{Effect, Reply as Told, WorkId};
use pleoscope::edge::oauth::Grant;
use pleoscope::pleo::credential::{Credential, CredentialKind, Keeping};
use pleoscope::pleo::endpoint::Method;
use pleoscope::pleo::environment::{Environment, Environments};
use pleoscope::pleo::preflight::Situation;
use pleoscope::pleo::prepared::prepare;
use pleoscope::pleo::request::Draft;
use pleoscope::secret::Secret;
use pleoscope::worker::{self, Line, Tools};
use serde_json::{Value, json};

use super::network::isolated;
use super::server::{Reply, until};
use super::store::{Issuer, Row};
use super::world::{Ran, World};

const SEND: [&str; 5] = ["send", "GET", "/v2/employees", "--env", "staging"];
/// A write that is in order.
const BODY: &str =
    "{\"companyId\":\"a666a648-b52f-4acf-990f-32b16af19b3b\",\"name\":\"x\",\"defaultCurrency\":\"DKK\"}";

/// What a store holds now; it must be whole.
fn kept(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_| unreachable!("half a pair is in the store: {text:?}"))
}

fn imitate(world: &World, issuer: &Issuer) {
    let issuer = issuer.clone();
    world.answer(move |request| issuer.answer(request));
}

/// Two processes with the same pair, its time over or its access token refused, started together: one renews, the other
/// takes what came of it, and both are signed in.
#[test]
fn promise_31_two_instances() {
    isolated(|| {
        let (world, issuer) = (World::new(), Issuer::new());
        imitate(&world, &issuer);
        let pair = world.keep_login("", &world.save());
        let rounds = if std::env::var_os("PLEOSCOPE_SLOW_TESTS").is_some() { 50 } else { 20 };
        for round in 0..rounds {
            let expired = round % 2 == 0;
            let old = if expired { issuer.expired_pair() } else { issuer.pair(&json!(9_999_999_999_u64)) };
            fs::write(&pair, old).unwrap();
            if !expired {
                issuer.revoke_access();
            }
            issuer.now().calls = 0;
            let mut commands = [world.command(&SEND, &[]), world.command(&SEND, &[])];
            let running = commands.each_mut().map(|command| {
                command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
            });
            for ran in running.map(|child| Ran::from(child.wait_with_output().unwrap())) {
                assert_eq!(ran.code, 0, "round {round}: {}", ran.err);
            }
            assert_eq!(issuer.now().calls, 1, "round {round}: one renewal");
            let (kept, now) = (kept(&pair), issuer.now());
            assert_eq!((&kept["access_token"], &kept["refresh_token"]), (&json!(now.access), &json!(now.refresh)));
            assert!(!now.dead);
        }
        world.take();
        // What the server does to a pair that was renewed twice, so that the above says something.
        fs::write(&pair, issuer.expired_pair()).unwrap();
        let old = fs::read_to_string(&pair).unwrap();
        assert_eq!(world.run(&SEND, &[]).code, 0);
        fs::write(&pair, old).unwrap();
        assert_ne!(world.run(&SEND, &[]).code, 0);
        assert!(issuer.now().dead);
    });
}

/// A worker on loopback with a login of this run.
struct Bench {
    world: World,
    issuer: Issuer,
    environments: Environments,
    credential: Credential,
    line: Line,
    last: u64,
}

/// How a request ended.
#[derive(Debug, Default)]
struct Ended {
    status: Option<u16>,
    remarks: Vec<String>,
    failure: Option<String>,
}

impl Bench {
    fn new(pair: impl FnOnce(&Issuer) -> String) -> Self {
        let (mut world, issuer) = (World::quiet(), Issuer::new());
        let address = world.listeners.listen(SocketAddr::from(([127, 0, 0, 1], 0)));
        imitate(&world, &issuer);
        let mut environments = Environments::pleo();
        for name in ["staging", "auth-staging"] {
            environments.override_with(&format!("{name}=http://{address}")).unwrap();
        }
        let tools = Tools::without_store(environments.clone());
        let grant = Grant::from_kept(&Secret::new(pair(&issuer))).unwrap();
        let credential = tools.vault.add(Environment::Staging, grant);
        Self { world, issuer, environments, credential, line: worker::start(tools), last: 0 }
    }

    async fn send(&mut self, method: Method, path: &str, body: &str) -> WorkId {
        let mut draft = Draft::from_path(method, path, None, Environment::Staging, &self.environments).unwrap();
        body.clone_into(&mut draft.body);
        let situation = Situation::new(Environment::Staging, &self.environments, Some(&self.credential));
        let request = prepare(&draft, &situation).unwrap();
        self.last += 1;
        let id = WorkId(self.last);
        self.line.effects.send(Effect::Send(id, Box::new(request))).await.unwrap();
        id
    }

    async fn reads(&mut self, count: usize) {
        for _ in 0..count {
            self.send(Method::Get, "/v2/employees", "").await;
        }
    }

    /// How so many requests ended.
    async fn ends(&mut self, count: usize) -> Vec<Ended> {
        let mut all: std::collections::HashMap<WorkId, Ended> = std::collections::HashMap::new();
        let mut over = 0;
        while over < count {
            let reply = tokio::time::timeout(Duration::from_secs(30), self.line.replies.recv()).await.unwrap().unwrap();
            match reply {
                Told::Head(id, head, _) => all.entry(id).or_default().status = Some(head.status),
                Told::Known(id, facts) => all.entry(id).or_default().remarks.extend(facts.remark),
                Told::Done(..) => over += 1,
                Told::Failed(id, failure, ..) => {
                    all.entry(id).or_default().failure = Some(failure.sentence);
                    over += 1;
                }
                _ => {}
            }
        }
        all.into_values().collect()
    }
}

/// Many requests of one process: one renewal, whether the time is over or the server says 401.
#[tokio::test(flavor = "multi_thread")]
async fn promise_31_many_tasks() {
    for revoked in [false, true] {
        let mut bench =
            Bench::new(|issuer| if revoked { issuer.pair(&json!(9_999_999_999_u64)) } else { issuer.expired_pair() });
        if revoked {
            bench.issuer.revoke_access();
        }
        bench.reads(20).await;
        let ended = bench.ends(20).await;
        assert!(ended.len() == 20 && ended.iter().all(|it| it.status == Some(200)), "revoked: {revoked}: {ended:?}");
        assert_eq!(bench.issuer.now().calls, 1, "revoked: {revoked}");
    }
}

/// Whatever life the server gives a pair: 20 requests make at most 2 token requests, and all are answered.
#[tokio::test(flavor = "multi_thread")]
async fn promise_33_odd_lives() {
    for life in [json!(0), json!(-1), json!(1e18), json!("3600"), json!("soon"), json!([]), Value::Null, json!(1)] {
        let mut bench = Bench::new(Issuer::expired_pair);
        bench.issuer.now().life = (!life.is_null()).then(|| life.clone());
        bench.reads(10).await;
        let mut ended = bench.ends(10).await;
        bench.reads(10).await;
        ended.extend(bench.ends(10).await);
        assert!(ended.len() == 20 && ended.iter().all(|it| it.status == Some(200)), "{life}: {ended:?}");
        assert!((1..=2).contains(&bench.issuer.now().calls), "{life}");
    }
}

/// Whatever a store says of a pair's end: the access token is used, or renewed once, and a 401 is the truth.
#[tokio::test(flavor = "multi_thread")]
async fn promise_33_odd_ends() {
    for end in [json!(u64::MAX), json!(0), json!(-5), json!(1e300), json!("soon"), json!([1]), Value::Null] {
        for revoked in [false, true] {
            let mut bench = Bench::new(|issuer| issuer.pair(&end));
            if revoked {
                bench.issuer.revoke_access();
            }
            bench.reads(5).await;
            let ended = bench.ends(5).await;
            assert!(ended.iter().all(|it| it.status == Some(200)), "{end}, revoked: {revoked}: {ended:?}");
            let wanted = usize::from(revoked || end == json!(0));
            assert_eq!(bench.issuer.now().calls, wanted, "{end}, revoked: {revoked}");
        }
    }
}

/// A pair that the authorisation server has voided: it is asked once or twice, not once a request, and the sentence says what
/// to do.
#[tokio::test(flavor = "multi_thread")]
async fn promise_33_a_void_pair() {
    let mut bench = Bench::new(Issuer::expired_pair);
    bench.issuer.now().dead = true;
    bench.reads(20).await;
    let ended = bench.ends(20).await;
    let told =
        |it: &Ended| it.failure.as_ref().is_some_and(|it| it.contains("consent must be given anew. Log in again"));
    assert!(ended.len() == 20 && ended.iter().all(told), "{ended:?}");
    let calls = bench.issuer.now().calls;
    assert!((1..=2).contains(&calls), "{calls} token requests");
    assert!(
        bench
            .world
            .listeners
            .wait_for(1)
            .iter()
            .flat_map(|it| &it.requests)
            .all(|request| request.target == "/oauth/token")
    );
}

/// After a 401 there is one renewal and one repeat of a read; a write is not repeated, and is said not to be. A second 401
/// is the answer.
#[tokio::test(flavor = "multi_thread")]
async fn promise_33_a_401() {
    let paths = |bench: &Bench| -> Vec<String> {
        let log = bench.world.listeners.wait_for(3);
        log.iter().flat_map(|arrival| &arrival.requests).map(|it| it.target.clone()).collect()
    };
    let far = |issuer: &Issuer| issuer.pair(&json!(9_999_999_999_u64));

    let mut bench = Bench::new(far);
    bench.issuer.revoke_access();
    bench.reads(1).await;
    assert_eq!(bench.ends(1).await[0].status, Some(200));
    assert_eq!(paths(&bench), ["/v2/employees", "/oauth/token", "/v2/employees"]);

    let mut bench = Bench::new(far);
    bench.issuer.revoke_access();
    bench.send(Method::Post, "/v1/vendors", BODY).await;
    let ended = bench.ends(1).await.remove(0);
    assert_eq!(ended.status, Some(401));
    assert!(ended.remarks.iter().any(|it| it.contains("A write is never repeated by itself")), "{ended:?}");
    bench.send(Method::Post, "/v1/vendors", BODY).await;
    assert_eq!(bench.ends(1).await[0].status, Some(200), "the new pair is there for the next one");
    assert_eq!(paths(&bench), ["/v1/vendors", "/oauth/token", "/v1/vendors"]);

    let mut bench = Bench::new(far);
    bench.issuer.now().believed = false;
    bench.reads(1).await;
    assert_eq!(bench.ends(1).await[0].status, Some(401), "the second 401 is the answer");
    bench.reads(3).await;
    assert!(bench.ends(3).await.iter().all(|it| it.status == Some(401)));
    assert_eq!(bench.issuer.counts(), (1, 5), "no renewal follows on the other");
}

/// A request that is cancelled while the pair is renewed: the new pair is not lost with it.
#[tokio::test(flavor = "multi_thread")]
async fn promise_32_cancelled_while_renewing() {
    let mut bench = Bench::new(Issuer::expired_pair);
    let open = Arc::new(AtomicBool::new(false));
    let (issuer, opened) = (bench.issuer.clone(), Arc::clone(&open));
    bench.world.answer(move |request| {
        let reply = issuer.answer(request);
        until("the gate is open", || opened.load(Ordering::SeqCst).then_some(()));
        reply
    });
    let id = bench.send(Method::Get, "/v2/employees", "").await;
    until("the token request is there", || (bench.issuer.now().calls == 1).then_some(()));
    bench.line.effects.send(Effect::Cancel(id)).await.unwrap();
    // Effects are taken in their order: when this one is done, the request was cancelled.
    let other = Credential::new(
        Environment::Staging,
        CredentialKind::OAuthAccessToken,
        Keeping::Memory,
        Secret::new("another-one".to_owned()),
    );
    bench.line.effects.send(Effect::Forget(WorkId(900), Box::new(other), false)).await.unwrap();
    while !matches!(bench.line.replies.recv().await.unwrap(), Told::Forgot(..)) {}
    open.store(true, Ordering::SeqCst);
    bench.reads(1).await;
    assert_eq!(bench.ends(1).await[0].status, Some(200), "the login still holds");
    assert_eq!(bench.issuer.now().calls, 1);
}

/// A pair that stands where it can only be read is not renewed: that would void it for whoever reads it next.
#[test]
fn promise_31_what_cannot_be_kept_is_not_renewed() {
    isolated(|| {
        let (world, issuer) = (World::new(), Issuer::new());
        imitate(&world, &issuer);
        let file = world.file("pair.json", &issuer.expired_pair());
        let by_command = Row { command: vec!["cat", file.to_str().unwrap()], ..Row::default() };
        let by_variable = Row { variable: "MY_PAIR", ..Row::default() };
        for row in [by_command, by_variable] {
            world.configure(&row.text());
            let pair = fs::read_to_string(&file).unwrap();
            let ran = world.run(&SEND, &[("MY_PAIR", &pair)]);
            assert_eq!(ran.code, 0, "it may still be taken: {}", ran.err);
            issuer.revoke_access();
            let ran = world.run(&SEND, &[("MY_PAIR", &pair)]);
            assert_eq!(ran.code, 4, "{}", ran.err);
            assert!(ran.err.contains("can only be read"), "{}", ran.err);
            issuer.assert_not_in(&ran.err);
            assert_eq!(issuer.now().calls, 0);
            fs::write(&file, issuer.expired_pair()).unwrap();
        }
    });
}

/// A login in the explorer's store whose save fails: said, and used for the run.
#[test]
fn promise_33_a_save_that_fails() {
    isolated(|| {
        let (world, issuer) = (World::new(), Issuer::new());
        imitate(&world, &issuer);
        for save in ["exit 1", "cat > /dev/null; exit 1"] {
            let pair = world.keep_login(&issuer.expired_pair(), save);
            let old = fs::read_to_string(&pair).unwrap();
            issuer.now().calls = 0;
            let ran = world.run(&SEND, &[]);
            assert_eq!(ran.code, 0, "{save}: {}", ran.err);
            assert!(ran.err.contains("could not be kept") && ran.err.contains("log in again"), "{save}: {}", ran.err);
            issuer.assert_not_in(&ran.err);
            assert_eq!(issuer.counts(), (1, 0), "{save}");
            assert_eq!(fs::read_to_string(&pair).unwrap(), old);
        }
        // With the pair that is void now, the next run says what to do.
        let ran = world.run(&SEND, &[]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains("consent must be given anew"), "{}", ran.err);
    });
}

/// Killed on every step of a renewal: the store holds the old or the new pair whole, no token reached the API before its
/// pair was kept, and the next run works or says that one must log in again.
#[test]
fn promise_32_killed_while_renewing() {
    isolated(|| {
        let world = World::new();
        let folder = world.folder.0.display().to_string();
        let (new, whole) = (format!("cat > {folder}/pair.new"), format!("mv {folder}/pair.new {folder}/pair.json"));
        let kill = "kill -9 $PPID";
        let saves = [
            ("none", format!("{new} && {whole}"), true),
            ("the token request came", format!("{new} && {whole}"), false),
            ("the token request was answered", format!("{new} && {whole}"), false),
            ("the saving begins", format!("{kill}; sleep 0.05; {new} && {whole}"), true),
            ("the saving has read", format!("{new} && {kill} && {whole}"), true),
            ("the saving is done", format!("{new} && {whole} && {kill}"), true),
            ("the API was asked", format!("{new} && {whole}"), true),
        ];
        for (point, save, is_new) in saves {
            let issuer = Issuer::new();
            let pair = world.keep_login(&issuer.expired_pair(), &save);
            let old = kept(&pair);
            let (early, process) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU32::new(0)));
            let done = Arc::new(AtomicBool::new(false));
            let over = Arc::clone(&done);
            let (answering, seen, store, id) = (issuer.clone(), Arc::clone(&early), pair.clone(), Arc::clone(&process));
            world.answer(move |request| {
                let token = request.target == "/oauth/token";
                if !token {
                    let kept = fs::read_to_string(&store).unwrap();
                    let sent = request.header("authorization").join(",").replace("Bearer ", "");
                    if sent.len() < 10 || !kept.contains(&sent) {
                        seen.lock().unwrap().push((sent, kept));
                    }
                }
                let reply = if token && point == "the token request came" && !over.load(Ordering::SeqCst) {
                    None
                } else {
                    Some(answering.answer(request))
                };
                let here = if token { point.starts_with("the token") } else { point == "the API was asked" };
                // The next run is not to be killed.
                if here && !over.load(Ordering::SeqCst) {
                    let id = until("it runs", || Some(id.load(Ordering::SeqCst)).filter(|id| *id > 0));
                    let killed = Command::new("sh").args(["-c", &format!("kill -9 {id}")]).status();
                    assert!(killed.is_ok_and(|status| status.success()));
                }
                reply.unwrap_or(Reply::Reset)
            });
            let mut child = world
                .command(&SEND, &[])
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap();
            process.store(child.id(), Ordering::SeqCst);
            let status = child.wait().unwrap();
            done.store(true, Ordering::SeqCst);
            assert_eq!(status.code(), (point == "none").then_some(0), "{point}: {status:?}");
            world.take();
            let fresh = json!(issuer.now().access);
            if is_new {
                // The person's command may take a moment after its parent is gone.
                until("the new pair is kept", || (kept(&pair)["access_token"] == fresh).then_some(()));
            }
            let found = kept(&pair);
            assert!(found == old || found["access_token"] == fresh, "{point}: {found}");
            assert_eq!(found == old, !is_new, "{point}");
            let ran = world.run(&SEND, &[]);
            world.take();
            if point == "the token request was answered" {
                assert_eq!(ran.code, 1, "{point}: {}", ran.err);
                assert!(ran.err.contains("Log in again"), "{point}: {}", ran.err);
            } else {
                assert_eq!(ran.code, 0, "{point}: {}", ran.err);
            }
            assert_eq!(*early.lock().unwrap(), [], "{point}: a token reached the API before its pair was kept");
        }
    });
}

/// Left by Ctrl-C or q while the pair is renewed: the new one is kept before the program is gone.
#[test]
fn promise_32_left_while_renewing() {
    isolated(|| {
        let world = World::new();
        for explorer in [false, true] {
            let issuer = Issuer::new();
            let (answering, open) = (issuer.clone(), Arc::new(AtomicBool::new(false)));
            let opened = Arc::clone(&open);
            world.answer(move |request| {
                if request.target != "/oauth/token" {
                    return Reply::Stall;
                }
                let reply = answering.answer(request);
                until("the gate is open", || opened.load(Ordering::SeqCst).then_some(()));
                reply
            });
            let pair = world.keep_login(&issuer.expired_pair(), &world.save());
            let asked = || until("the token request is there", || (issuer.now().calls == 1).then_some(()));
            if explorer {
                let mut session = world.session(&["open", "GET", "/v2/employees"], &[], (120, 40));
                session.wait("4 Request GET /v2/employees");
                session.keys("s");
                asked();
                session.keys("q");
                let alternate = || session.seen.lock().unwrap().picture.screen().alternate_screen();
                until("it is leaving", || (!alternate()).then_some(()));
                open.store(true, Ordering::SeqCst);
                assert_eq!(session.end(Duration::from_secs(10)), 0);
            } else {
                let mut child = world.command(&SEND, &[]).spawn().unwrap();
                asked();
                let told = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status();
                assert!(told.is_ok_and(|status| status.success()));
                std::thread::sleep(Duration::from_millis(100));
                open.store(true, Ordering::SeqCst);
                assert_eq!(child.wait().unwrap().code(), Some(130));
            }
            assert_eq!(kept(&pair)["access_token"], json!(issuer.now().access), "explorer: {explorer}");
            world.take();
        }
    });
}
