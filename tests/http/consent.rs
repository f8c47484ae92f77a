//! The consent page, by plain HTTP and in a real browser.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use pleoscope::pleo::environment::Environment::{Production, Staging};
use pleoscope::sandbox::Options;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::oauth::{CALLBACK, VERIFIER, asked, challenge, changed, location, parameter, parameters, request_id};
use super::sandbox::{Bench, answer, send};

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let bench = Bench::new().await;
    let client = bench.client(Staging, true);
    let challenge = challenge(VERIFIER);
    let good = asked(&client.client_id, &challenge);
    let other = bench.client(Production, true).client_id;
    for wrong in [
        ("client_id", "nobody"),
        ("client_id", &*other),
        ("client_id", ""),
        ("redirect_uri", ""),
        ("redirect_uri", "http://127.0.0.1:8421/callback/"),
        ("redirect_uri", "http://127.0.0.1:8422/callback"),
        ("redirect_uri", "http://127.0.0.1:8421/Callback"),
        ("redirect_uri", "http://127.0.0.1:8421/other"),
        ("redirect_uri", "http://127.0.0.1:8421/callback?more=1"),
        ("redirect_uri", "http://localhost:8421/callback"),
        ("redirect_uri", "https://127.0.0.1:8421/callback"),
    ] {
        let response = send(bench.client.get(bench.authorize_url(Staging, &changed(&good, &[wrong])))).await;
        assert_eq!(response.status().as_u16(), 400, "{wrong:?}");
        assert!(!response.headers().contains_key("location"));
        assert!(response.headers()["content-type"].to_str().expect("text").starts_with("text/html"));
    }
    let mut twice = good.clone();
    twice.push(("redirect_uri", CALLBACK));
    assert_eq!(send(bench.client.get(bench.authorize_url(Staging, &twice))).await.status().as_u16(), 400);
}

#[tokio::test]
async fn every_other_fault_of_the_request_goes_back_to_the_application() {
    let bench = Bench::new().await;
    let challenge = challenge(VERIFIER);
    let (public, confidential) = (bench.client(Staging, true), bench.client(Staging, false));
    for (client, changes, error) in [
        (&public, vec![("response_type", "token")], "unsupported_response_type"),
        (&public, vec![("response_type", "")], "invalid_request"),
        (&public, vec![("scope", "users:read moon:read")], "invalid_scope"),
        (&public, vec![("scope", "\"\\<b>\u{e9}")], "invalid_scope"),
        (&public, vec![("scope", "")], "invalid_scope"),
        (&public, vec![("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
        (&public, vec![("code_challenge", "")], "invalid_request"),
        (&public, vec![("code_challenge", "short")], "invalid_request"),
        (&public, vec![("code_challenge_method", "plain")], "invalid_request"),
        (&public, vec![("code_challenge_method", "")], "invalid_request"),
        (&confidential, vec![("code_challenge_method", "plain")], "invalid_request"),
        (&confidential, vec![("code_challenge_method", "")], "invalid_request"),
    ] {
        let pairs = changed(&asked(&client.client_id, &challenge), &changes);
        let response = send(bench.client.get(bench.authorize_url(Staging, &pairs))).await;
        let back = parameters(&location(&response), CALLBACK);
        assert_eq!(parameter(&back, "error"), Some(error), "{changes:?}");
        assert_eq!(parameter(&back, "state"), Some("a state & more"));
        let description = parameter(&back, "error_description").expect("a description");
        assert!(description.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'"' && b != b'\\'), "{description}");
    }
}

#[tokio::test]
async fn the_consent_page_is_plain_and_its_answer_counts_once() {
    let bench = Bench::new().await;
    let client = bench.client(Staging, true);
    let challenge = challenge(VERIFIER);
    let hostile = "\"><script>alert(1)</script>";
    let pairs = changed(&asked(&client.client_id, &challenge), &[("state", hostile)]);
    let response = send(bench.client.get(bench.authorize_url(Staging, &pairs))).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    let policy = response.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("script-src") && !policy.contains("form-action"), "{policy}");
    let page = response.text().await.expect("a page");
    for part in ["staging", "Pleoscope demo", "users:read", "companies:read", "id=\"allow\"", "id=\"deny\""] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script"), "{page}");
    let id = request_id(&page);
    for (request, decision) in [("nonsense", "allow"), ("", "allow"), (&*id, "perhaps"), (&*id, "")] {
        let pairs = changed(&[("request", request), ("decision", decision)], &[]);
        assert_eq!(send(bench.form(Staging, "oauth/authorize", &pairs)).await.status().as_u16(), 400);
    }
    let production = bench.form(Production, "oauth/authorize", &[("request", &id), ("decision", "allow")]);
    assert_eq!(send(production).await.status().as_u16(), 400, "the question was asked elsewhere");
    let decide = || bench.form(Staging, "oauth/authorize", &[("request", &id), ("decision", "deny")]);
    let back = parameters(&location(&send(decide()).await), CALLBACK);
    assert_eq!((parameter(&back, "error"), parameter(&back, "code")), (Some("access_denied"), None));
    assert_eq!(parameter(&back, "state"), Some(hostile));
    assert_eq!(send(decide()).await.status().as_u16(), 400);
}

#[tokio::test]
async fn text_from_outside_is_nothing_but_text() {
    let bench = Bench::new().await;
    let client = bench.client(Staging, true);
    let challenge = challenge(VERIFIER);
    let hostile = "<img src=x onerror='alert(1)'>&\"";
    let good = asked(&client.client_id, &challenge);
    for name in ["client_id", "redirect_uri"] {
        let url = bench.authorize_url(Staging, &changed(&good, &[(name, hostile)]));
        let page = send(bench.client.get(url)).await.text().await.expect("a page");
        assert!(page.contains("&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;&quot;"), "{page}");
        assert!(!page.contains("<img"), "{page}");
    }
    let uri = format!("http://127.0.0.1:9/?{hostile}");
    let bench = Bench::with(Options { redirect_uris: vec![uri.clone()], ..Options::default() }).await;
    let url = bench.authorize_url(Staging, &changed(&good, &[("redirect_uri", &uri)]));
    let page = send(bench.client.get(url)).await.text().await.expect("a page");
    assert!(page.contains("id=\"allow\"") && !page.contains("<img"), "{page}");
}

/// The program of one of these names, where the shell would find it.
fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).chain([PathBuf::from("/usr/bin")]).collect();
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| file.is_file())
}

/// A folder of a browser's own, gone with it.
struct Profile(PathBuf);

impl Profile {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("pleoscope-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    /// What keeps a browser quiet, and away from everything but loopback.
    fn flags(&self) -> Vec<String> {
        let quiet = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ];
        let own = format!("--user-data-dir={}", self.0.display());
        quiet.into_iter().map(str::to_owned).chain([own]).collect()
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // A browser that is not quite gone yet may still hold a file.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The application's side of the redirect: the first target that is asked for below `/callback`. Browsers open connections
/// on which they then say nothing, so none waits for another.
async fn arrival(listener: TcpListener) -> String {
    let (out, mut targets) = tokio::sync::mpsc::channel(16);
    loop {
        tokio::select! {
            Some(target) = targets.recv() => return target,
            accepted = listener.accept() => {
                let (stream, out) = (accepted.expect("a connection").0, out.clone());
                tokio::spawn(async move {
                    if let Some(target) = asked_for(stream).await {
                        // The first one may have been enough.
                        let _ = out.send(target).await;
                    }
                });
            }
        }
    }
}

/// The target of one request below `/callback`, answered.
async fn asked_for(mut stream: TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if !matches!(stream.read_buf(&mut head).await, Ok(1..)) {
            return None;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nDone").await;
    head.split(' ').nth(1).filter(|target| target.starts_with("/callback")).map(str::to_owned)
}

/// `ChromeDriver`, on a port that it chose.
struct Driver {
    process: Child,
    /// Kept open: the driver may say more.
    _output: Lines<BufReader<ChildStdout>>,
    base: Url,
    client: Client,
}

impl Driver {
    fn start(file: &PathBuf) -> Self {
        let mut process = Command::new(file).arg("--port=0").stdout(Stdio::piped()).spawn().expect("a driver");
        let mut output = BufReader::new(process.stdout.take().expect("its output")).lines();
        // It says first that it was asked for port 0.
        let told =
            |line: String| line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok();
        let port: u16 = output.by_ref().map_while(Result::ok).find_map(told).expect("a port");
        let base = Url::parse(&format!("http://127.0.0.1:{port}/")).expect("a URL");
        Self { process, _output: output, base, client: Client::builder().no_proxy().build().expect("a client") }
    }

    /// One command of the `WebDriver` protocol; its value, or what went wrong.
    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        let url = self.base.join(path).map_err(|error| error.to_string())?;
        let mut request = self.client.request(method.parse().map_err(|_| "no method")?, url);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let (status, mut body) = answer(request).await;
        if status == 200 { Ok(body["value"].take()) } else { Err(format!("{method} {path}: {body}")) }
    }

    /// Opens a page and clicks Allow; where the browser is then.
    async fn allow(&self, session: &str, page: &Url) -> Result<String, String> {
        self.ask("POST", &format!("session/{session}/url"), Some(json!({"url": page.as_str()}))).await?;
        let button = json!({"using": "css selector", "value": "#allow"});
        let found = self.ask("POST", &format!("session/{session}/element"), Some(button)).await?;
        let element = found.as_object().and_then(|it| it.values().next()?.as_str()).ok_or("no element")?;
        self.ask("POST", &format!("session/{session}/element/{element}/click"), Some(json!({}))).await?;
        // The click may return before the navigation that it began.
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        loop {
            let url = self.ask("GET", &format!("session/{session}/url"), None).await?;
            let url = url.as_str().ok_or("no URL")?;
            if url != page.as_str() || tokio::time::Instant::now() > deadline {
                return Ok(url.to_owned());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_shows_the_consent_page_and_allow_brings_a_code() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let uri = format!("http://{}/callback", listener.local_addr().expect("an address"));
    let bench = Bench::with(Options { redirect_uris: vec![uri.clone()], ..Options::default() }).await;
    let client = bench.client(Staging, true);
    let challenge = challenge(VERIFIER);
    let pairs = changed(&asked(&client.client_id, &challenge), &[("redirect_uri", &uri)]);
    let page = bench.authorize_url(Staging, &pairs);

    let browser = program(&["chromium", "google-chrome"]);
    if let Some(browser) = &browser {
        let profile = Profile::new("dom");
        let mut command = Command::new(browser);
        command.args(profile.flags()).args(["--virtual-time-budget=2000", "--dump-dom", page.as_str()]);
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("a task").expect("a browser");
        let dom = String::from_utf8_lossy(&output.stdout);
        assert!(dom.contains("id=\"allow\"") && dom.contains("id=\"deny\""), "{dom}");
        assert!(dom.contains("Sandbox of Pleo: staging"), "{dom}");
    }

    let driver = program(&["chromedriver"]);
    let code = if let (Some(browser), Some(driver)) = (browser, driver) {
        let profile = Profile::new("driver");
        let driver = tokio::task::spawn_blocking(move || Driver::start(&driver)).await.expect("a driver");
        let arrived = tokio::spawn(arrival(listener));
        let chrome = json!({"binary": browser, "args": profile.flags()});
        let wanted = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": chrome}}});
        let session = driver.ask("POST", "session", Some(wanted)).await.expect("a session");
        let id = session["sessionId"].as_str().expect("an id").to_owned();
        let url = driver.allow(&id, &page).await;
        // Whatever came of it, the browser must not stay behind.
        driver.ask("DELETE", &format!("session/{id}"), None).await.expect("the end");
        let url = url.expect("the browser is back at the application");
        let target = tokio::time::timeout(Duration::from_secs(30), arrived).await.expect("in time").expect("a request");
        assert!(url.ends_with(&target), "{url} {target}");
        let back = parameters(&url, &uri);
        assert_eq!(parameter(&back, "state"), Some("a state & more"));
        parameter(&back, "code").expect("a code").to_owned()
    } else {
        eprintln!("skipped: there is no Chromium with ChromeDriver here; Allow is pressed by plain HTTP");
        let back = bench.consent(Staging, &pairs, "allow").await;
        parameter(&back, "code").expect("a code").to_owned()
    };
    let (status, tokens) = bench.redeem(&code, &[("redirect_uri", &uri)]).await;
    assert_eq!(status, 200, "{tokens}");
}
