//! Check 30: the listener that a login's browser comes back to takes the one right answer, and nothing else.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use pleoscope::app::event::{Facts, Failure};
use pleoscope::pleo::credential::Credential;
use pleoscope::pleo::endpoint::Surface;
use pleoscope::pleo::environment::Environment::Staging;
use pleoscope::pleo::environment::Environments;
use pleoscope::pleo::oauth::{Client, ClientAuthentication, Login, redirect_uri};
use pleoscope::sandbox::Options;
use pleoscope::secret::Secret;
use pleoscope::worker::{self, Tools};
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::JoinHandle;
use url::Url;

use super::oauth::{location, parameter, request_id};
use super::sandbox::{Bench, send};

/// A login under way against the sandbox.
struct Attempt {
    bench: Bench,
    port: u16,
    /// The address for the browser.
    url: Url,
    /// Where the browser is sent back to once a person has agreed.
    back: Url,
    paste: Sender<Secret>,
    said: std::sync::mpsc::Receiver<String>,
    task: JoinHandle<Result<(Credential, Facts), Failure>>,
}

/// A port that nobody has.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

impl Attempt {
    async fn begin(host: &str) -> Self {
        let port = free_port();
        let uri = format!("http://{host}:{port}/callback");
        let bench = Bench::with(Options { redirect_uris: vec![uri.clone()], ..Options::default() }).await;
        let mut environments = Environments::pleo();
        for (part, url) in
            [("auth-", bench.sandbox.auth(Staging)), ("", bench.sandbox.base(Staging, Surface::External))]
        {
            let url = url.as_str().trim_end_matches('/');
            environments.override_with(&format!("{part}staging={url}")).expect("loopback");
        }
        let id = bench.client(Staging, true).client_id;
        let login = Login {
            environment: Staging,
            client: Client { id, secret: None, authentication: ClientAuthentication::Basic },
            redirect_uri: redirect_uri(&uri).expect("a URI"),
            scopes: vec!["users:read".to_owned()],
        };
        let (paste, pasted) = channel(4);
        let (tell, mut told) = channel(1);
        let (say, said) = std::sync::mpsc::channel();
        let task = tokio::spawn(async move {
            let at = |url: String, listens: bool| tell.try_send((url, listens)).expect("room");
            let say = |line: String| {
                // The test may have ended.
                let _ = say.send(line);
            };
            worker::log_in(&Tools::without_store(environments), login, pasted, &at, &say).await
        });
        let (url, listens) = told.recv().await.expect("an address");
        assert!(listens);
        let url = Url::parse(&url).expect("a URL");
        let page = send(bench.client.get(url.clone())).await.text().await.expect("a page");
        let id = request_id(&page);
        let decided = send(bench.form(Staging, "oauth/authorize", &[("request", &id), ("decision", "allow")])).await;
        let back = Url::parse(&location(&decided)).expect("a URL");
        Self { bench, port, url, back, paste, said, task }
    }

    fn of(&self, name: &str) -> String {
        let pairs: Vec<(String, String)> = self.back.query_pairs().into_owned().collect();
        parameter(&pairs, name).expect("a parameter").to_owned()
    }

    fn token_requests(&self) -> usize {
        let log = self.bench.sandbox.log();
        log.iter().filter(|seen| seen.surface.is_none() && seen.path_and_query == "/oauth/token").count()
    }

    fn untouched(&self, case: &str) {
        assert_eq!(self.token_requests(), 0, "{case}");
        assert!(!self.task.is_finished(), "{case}");
    }

    /// What the listener answers to these bytes.
    async fn raw(&self, bytes: Vec<u8>) -> String {
        let port = self.port;
        let asked = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
            // What is too long is answered before all of it is read; then the rest has nowhere to go.
            let _ = stream.write_all(&bytes);
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            String::from_utf8_lossy(&answer).into_owned()
        });
        asked.await.expect("an answer")
    }

    async fn ask(&self, method: &str, target: &str, hosts: &[&str]) -> String {
        let mut head = format!("{method} {target} HTTP/1.1\r\n");
        for host in hosts {
            head.push_str(&format!("Host: {host}\r\n"));
        }
        let answer = self.raw(format!("{head}\r\n").into_bytes()).await;
        for secret in [self.of("code"), self.of("state"), "<script".to_owned()] {
            assert!(!answer.contains(&secret), "{target}: {answer}");
        }
        answer
    }

    fn own(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn target(&self) -> String {
        self.back[url::Position::BeforePath..].to_owned()
    }

    /// Nobody listens there any more.
    async fn gone(&self) {
        let end = Instant::now() + Duration::from_secs(5);
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            assert!(Instant::now() < end, "it still listens");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        drop(std::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], self.port))).expect("the port is free"));
    }
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

/// All that is not the answer to this login: refused, no token request, and the login goes on until the right answer comes,
/// once.
#[tokio::test(flavor = "multi_thread")]
async fn promise_30_listener() {
    let attempt = Attempt::begin("127.0.0.1").await;
    let (own, code, state) = (attempt.own(), attempt.of("code"), attempt.of("state"));
    let targets = [
        format!("/callback?code={code}"),
        format!("/callback?code={code}&state="),
        format!("/callback?code={code}&state=x{state}"),
        format!("/callback?code={code}&state={}", &state[1..]),
        format!("/callback?code={code}&state={state}&state={state}"),
        format!("/callback?code={code}&state={state}&state=x"),
        format!("/callback?state={state}"),
        format!("/callback?state={state}&code="),
        format!("/callback?state={state}&code=a&code=b"),
        "/callback?error=access_denied".to_owned(),
        "/callback?error=access_denied&state=x".to_owned(),
        "/callback".to_owned(),
    ];
    for target in &targets {
        assert_eq!(status(&attempt.ask("GET", target, &[&own]).await), "400", "{target}");
        attempt.untouched(target);
    }
    let right = attempt.target();
    let query = right.split_once('?').expect("a query").1.to_owned();
    for path in ["/", "/favicon.ico", "/callback/", "/Callback", "//callback", "/callback/../callback", "/x/callback"] {
        assert_eq!(status(&attempt.ask("GET", &format!("{path}?{query}"), &[&own]).await), "404", "{path}");
        attempt.untouched(path);
    }
    let port = attempt.port;
    let other = [format!("localhost:{port}"), "127.0.0.1".to_owned(), format!("evil.example:{port}"), String::new()];
    for host in &other {
        assert_eq!(status(&attempt.ask("GET", &right, &[host]).await), "421", "{host}");
        attempt.untouched(host);
    }
    for hosts in
        [&[][..], &[own.as_str(), "evil.example"], &["evil.example", own.as_str()], &[own.as_str(), own.as_str()]]
    {
        assert_eq!(status(&attempt.ask("GET", &right, hosts).await), "421", "{hosts:?}");
        attempt.untouched("several hosts, or none");
    }
    for method in ["POST", "HEAD", "OPTIONS", "PUT", "get"] {
        assert_eq!(status(&attempt.ask(method, &right, &[&own]).await), "405", "{method}");
        attempt.untouched(method);
    }
    for long in [format!("GET {right}&x={}", "x".repeat(1 << 20)).into_bytes(), vec![b'x'; 1 << 20], vec![0; 1 << 20]] {
        let answer = attempt.raw(long).await;
        assert!(answer.is_empty() || status(&answer) == "431", "{answer}");
        attempt.untouched("1 MB");
    }
    for nonsense in [&b"\r\n\r\n"[..], b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET /callback"] {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
        stream.write_all(nonsense).expect("a write");
        stream.shutdown(std::net::Shutdown::Write).expect("an end");
        attempt.untouched("nonsense");
    }
    // These say nothing, and stand in nobody's way.
    let slow: Vec<_> = (0..8).map(|_| TcpStream::connect(("127.0.0.1", port)).expect("a listener")).collect();
    let answer = attempt.ask("GET", &right, &[&own]).await;
    assert_eq!(status(&answer), "200", "{answer}");
    for mut stream in &slow {
        stream.set_nonblocking(true).expect("a socket");
        let waits = stream.read(&mut [0]).expect_err("it is still open");
        assert_eq!(waits.kind(), std::io::ErrorKind::WouldBlock, "it waited for those that say nothing");
    }
    assert!(answer.contains("default-src 'none'") && answer.contains("no-store"), "{answer}");
    attempt.gone().await;
    drop(slow);
    let Attempt { task, bench, url, .. } = attempt;
    let (credential, facts) = task.await.expect("no panic").expect("a login");
    assert_eq!(credential.environment(), Staging);
    assert!(facts.left.is_some_and(|left| left > Duration::from_secs(3_000)), "{url}");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "a second callback finds nobody");
    let log = bench.sandbox.log();
    assert_eq!(log.iter().filter(|seen| seen.path_and_query == "/oauth/token").count(), 1);
}

/// `error=` with the right state ends the login, with no token request and the port free.
#[tokio::test(flavor = "multi_thread")]
async fn promise_30_a_refusal_ends_it() {
    let mut attempt = Attempt::begin("127.0.0.1").await;
    let target = format!("/callback?error=access_denied&error_description=no&code=x&state={}", attempt.of("state"));
    assert_eq!(status(&attempt.ask("GET", &target, &[&attempt.own()]).await), "200");
    let failure = (&mut attempt.task).await.expect("no panic").expect_err("a refusal");
    assert!(failure.sentence.contains("answered access_denied: no"), "{failure}");
    assert_eq!(attempt.token_requests(), 0);
    attempt.gone().await;
}

/// A pasted address obeys the same check of the state.
#[tokio::test(flavor = "multi_thread")]
async fn promise_30_a_pasted_address() {
    let mut attempt = Attempt::begin("127.0.0.1").await;
    let (code, state) = (attempt.of("code"), attempt.of("state"));
    let base = format!("http://{}/callback", attempt.own());
    for query in [
        format!("code={code}"),
        format!("code={code}&state=x"),
        format!("code={code}&state={state}&state={state}"),
        format!("state={state}"),
        "error=access_denied&state=x".to_owned(),
    ] {
        for text in [format!("{base}?{query}"), query.clone()] {
            attempt.paste.send(Secret::new(text.clone())).await.expect("a login");
            let (said, line) = tokio::task::spawn_blocking(move || {
                let line = attempt.said.recv_timeout(Duration::from_secs(20)).expect("a line");
                (attempt.said, line)
            })
            .await
            .expect("a line");
            attempt.said = said;
            assert!(line.contains("Nothing was taken") && !line.contains(&code), "{text}: {line}");
            attempt.untouched(&text);
        }
    }
    attempt.paste.send(Secret::new(attempt.back.to_string())).await.expect("a login");
    (&mut attempt.task).await.expect("no panic").expect("a login");
    assert_eq!(attempt.token_requests(), 1);
    attempt.gone().await;
}

/// Only this machine can reach it, and who cancels gets the port back.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn promise_30_on_this_machine_only() {
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        if host == "[::1]" && std::net::TcpListener::bind("[::1]:0").is_err() {
            continue;
        }
        let port = free_port();
        let login = Login {
            environment: Staging,
            client: Client { id: "me".into(), secret: None, authentication: ClientAuthentication::Basic },
            redirect_uri: redirect_uri(&format!("http://{host}:{port}/callback")).expect("a URI"),
            scopes: vec!["users:read".to_owned()],
        };
        let (_paste, pasted) = channel(4);
        let (tell, mut told) = channel(1);
        let task = tokio::spawn(async move {
            let at = |url: String, _| tell.try_send(url).expect("room");
            worker::log_in(&Tools::without_store(Environments::pleo()), login, pasted, &at, &|_| {}).await.map(|_| ())
        });
        told.recv().await.expect("an address");
        let found = listeners(port);
        let (v4, v6) = ("0100007F", "00000000000000000000000001000000");
        let wanted: &[&str] = match host {
            "127.0.0.1" => &[v4],
            "[::1]" => &[v6],
            _ if std::net::TcpListener::bind("[::1]:0").is_err() => &[v4],
            _ => &[v4, v6],
        };
        assert_eq!(found, wanted, "{host}");
        task.abort();
        assert!(task.await.expect_err("cancelled").is_cancelled());
        let end = Instant::now() + Duration::from_secs(5);
        while !listeners(port).is_empty() {
            assert!(Instant::now() < end, "{host}: it still listens");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// The addresses, as the kernel writes them, on which somebody listens at this port.
#[cfg(target_os = "linux")]
fn listeners(port: u16) -> Vec<String> {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let text = read("/proc/net/tcp") + &read("/proc/net/tcp6");
    let rows = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let (address, own) = words.next()?.split_once(':')?;
        let listens = words.nth(1)? == "0A";
        (listens && u16::from_str_radix(own, 16) == Ok(port)).then(|| address.to_owned())
    });
    rows.collect()
}
