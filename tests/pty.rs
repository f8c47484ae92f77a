//! The real binary in a real pseudo-terminal, read as a terminal would read it.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail by panicking")]

#[path = "pty/compare.rs"]
mod compare;
#[path = "pty/document.rs"]
mod document;
#[path = "pty/drafts.rs"]
mod drafts;
#[path = "pty/editor.rs"]
mod editor;
#[path = "pty/handing.rs"]
mod handing;
mod harness;
#[path = "pty/home.rs"]
mod home;
#[path = "pty/records.rs"]
mod records;
#[path = "pty/saved.rs"]
mod saved;

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use base64::Engine as _;
use harness::{DEADLINE, Session, cells};
use pleoscope::pleo::credential::CredentialKind;
use pleoscope::pleo::endpoint::Surface;
use pleoscope::pleo::environment::Environment;
use pleoscope::sandbox::Options;
use portable_pty::{CommandBuilder, PtySize};

impl Session {
    fn start(args: &[&str], variables: &[(&str, &str)], (columns, rows): (u16, u16)) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_pleoscope"));
        command.args(args);
        Self::spawn(command, variables, (columns, rows))
    }

    /// The explorer against its sandbox, its first screen drawn.
    fn sandbox(args: &[&str]) -> Self {
        let mut session = Self::start(&[&["--sandbox"], args].concat(), &[], (120, 40));
        session.wait("3 Endpoints");
        session
    }

    /// The same, and then until the picture stands still, so that a frame is not read while half of it has come.
    fn settled(&mut self, text: &str) -> String {
        let (mut picture, mut since) = (self.wait(text), Instant::now());
        while since.elapsed() < Duration::from_millis(200) {
            std::thread::sleep(Duration::from_millis(5));
            let now = self.picture();
            if now != picture {
                (picture, since) = (now, Instant::now());
            }
        }
        picture
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().unwrap().resize(size).unwrap();
        self.seen.lock().unwrap().picture.screen_mut().set_size(cells(rows), cells(columns));
    }

    fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        let status = std::process::Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(status.success());
    }

    /// Closes every end of the terminal that we hold. The reading thread holds one until it is woken by something to read.
    fn hang_up(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        self.keys("2");
        self.reader.take().unwrap().join().unwrap();
        self.writer = None;
        self.master = None;
    }
}

/// The rows of the right column between two of its borders, for the transcript.
fn excerpt(picture: &str, title: &str, rows: usize) -> String {
    let lines: Vec<&str> = picture.lines().collect();
    let at = lines.iter().position(|line| line.contains(title)).unwrap();
    let column = lines[at].chars().take_while(|c| *c != '┏').count();
    lines[at + 1..]
        .iter()
        .take(rows)
        .map(|line| {
            line.chars().skip(column + 1).collect::<String>().trim_end_matches('┃').trim_end().to_owned() + "\n"
        })
        .collect()
}

/// The first use, from launch to an employee's name, to production, and out; its transcript stands in the README.
#[test]
fn first_use_is_the_readmes_transcript() {
    let mut session = Session::sandbox(&[]);
    let mut text = String::from("```text\n$ pleoscope --sandbox\n");
    let mut step = |key: &str, what: &str, excerpt: String| {
        text.push_str(&format!("\n{key:<8} {what}\n"));
        for line in excerpt.lines() {
            text.push_str(&format!("           {line}\n"));
        }
    };
    session.wait("GET    /v2/employees ");
    session.keys("\r");
    let picture = session.settled("4 Request GET /v2/employees");
    assert!(picture.contains("Authorization: Bearer <OAuth access token"));
    step(
        "Enter",
        "takes GET /v2/employees to pane 4: its fields, its final URL, its credential's label",
        String::new(),
    );
    session.keys("s");
    let picture = session.settled("Ciarán");
    assert!(picture.contains("5 Response STAGING 200 OK"));
    step("s", "sends it; pane 5 shows the answer of STAGING, a list as a table", excerpt(&picture, "5 Response", 6));
    session.keys("a");
    let picture = session.settled("240 of 240 loaded");
    assert!(picture.contains("that is all"));
    step("a", "loads all pages: 240 of 240 loaded", String::new());
    session.keys("\u{14}");
    let picture = session.settled(" PRODUCTION  READ-ONLY");
    assert!(picture.contains("5 Response STAGING 200 OK"), "the old answer keeps its environment");
    step("Ctrl-t", "switches to PRODUCTION; nothing is sent, the answer keeps the name STAGING", String::new());
    session.keys("s");
    let picture = session.settled("5 Response PRODUCTION 200 OK");
    step("s", "sends the same request to production", excerpt(&picture, "5 Response", 6));
    session.keys("v");
    session.wait("▾ data: [");
    session.keys("jj ");
    let picture = session.settled("▸ 0: { 8 members }");
    step("v", "goes on to the next view, a tree; Space folds", excerpt(&picture, "5 Response", 4));
    session.keys("C");
    let picture = session.settled("▸ data: [ 20 items ]");
    step("C", "folds everything below the outermost level", excerpt(&picture, "5 Response", 4));
    session.keys("E/väinö");
    let picture = session.settled("1 of 2");
    assert!(picture.contains("firstName: \"Väinö\""));
    step("E /väinö", "unfolds and searches: 1 of 2, .data[0].firstName", String::new());
    session.keys("\u{1b}");
    session.wait("q quit");
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
    session.assert_given_back();
    step("q", "leaves; the terminal is as it was", String::new());
    text.push_str("```\n");
    let readme = std::fs::read_to_string("README.md").unwrap();
    let (begin, end) = ("<!-- transcript -->\n", "<!-- end of transcript -->");
    let (before, rest) = readme.split_once(begin).unwrap();
    let (stands, after) = rest.split_once(end).unwrap();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write("README.md", format!("{before}{begin}{text}{end}{after}")).unwrap();
    } else {
        assert_eq!(stands, text, "UPDATE_README=1 cargo test --test pty writes it anew");
    }
}

#[test]
fn a_wrong_credential_is_answered_with_401_on_the_screen() {
    let mut session = Session::sandbox(&[]);
    session.keys("2\x1b[3~");
    session.wait("+ OAuth access token  none");
    session.keys("jjj\r");
    session.wait("paste or type it");
    session.keys("\u{1b}[200~  Bearer not-a-real-token-9999\n\u{1b}[201~");
    session.wait("••••");
    session.keys("\r");
    session.wait("OAuth access token  …9999");
    session.wait("does not know this OAuth access token (401)");
    session.keys("3\rs");
    let picture = session.settled("401 Unauthorized");
    assert!(!picture.contains("not-a-real-token"));
    assert!(!String::from_utf8_lossy(&session.raw()).contains("not-a-real-token"), "it never reached the terminal");
}

/// A sandbox of this process, and the flags that lead the program to it. Nobody gives the program any credential.
struct Elsewhere {
    runtime: tokio::runtime::Runtime,
    sandbox: pleoscope::sandbox::Sandbox,
    flags: Vec<String>,
}

impl Elsewhere {
    fn new(options: Options) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let sandbox = runtime.block_on(pleoscope::sandbox::start(options)).unwrap();
        let mut flags = Vec::new();
        for environment in Environment::ALL {
            for (part, url) in [
                ("", sandbox.base(environment, Surface::External)),
                ("legacy-", sandbox.base(environment, Surface::Legacy)),
                ("auth-", sandbox.auth(environment)),
            ] {
                let url = url.as_str().trim_end_matches('/');
                flags.extend(["--base-url".to_owned(), format!("{part}{environment}={url}")]);
            }
        }
        Self { runtime, sandbox, flags }
    }

    fn session(&self) -> Session {
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        let mut session = Session::start(&flags, &[("PLEOSCOPE_NO_BROWSER", "1")], (120, 40));
        session.wait("3 Endpoints");
        session
    }

    /// The standalone key of an environment.
    fn key(&self, environment: Environment) -> String {
        let all = self.sandbox.demo_credentials();
        all.into_iter().find(|it| (it.0, it.1) == (environment, CredentialKind::StandaloneApiKey)).unwrap().2
    }
}

/// The path of somebody careful: a staging key, who it is, the switch, the refusal, a production key, the unlocking, the
/// last look, the write, and the lock.
#[test]
fn from_a_staging_key_to_a_write_in_production_and_back() {
    let world = Elsewhere::new(Options::default());
    let mut session = world.session();
    let paste = |session: &mut Session, environment| {
        session.keys("2");
        session.wait("┏2 Credential");
        session.keys("j\r");
        session.wait("paste or type it");
        session.keys(&format!("\u{1b}[200~{}\n\u{1b}[201~\r", world.key(environment)));
    };
    session.wait("no credential");
    paste(&mut session, Environment::Staging);
    session.wait("Scopes: users:read");
    session.settled("API_KEY · Pleoscope sandbox · organisation of 3 companies · 15 scopes");
    session.keys("\u{14}");
    session.wait(" PRODUCTION  READ-ONLY OVERRIDDEN");
    session.wait("no credential");
    // Nothing of staging goes along.
    session.keys("\u{e}POST /v1/vendors\r");
    session.wait("4 Request POST /v1/vendors");
    session.keys("s");
    session.settled("Not sent: This would change live data");
    assert!(world.sandbox.log().iter().all(|seen| seen.environment == Environment::Staging));
    paste(&mut session, Environment::Production);
    session.settled("…0001");
    session.wait("15 scopes");
    session.keys("w");
    session.wait("Unlock writes");
    session.keys("production");
    session.enter("WRITES UNLOCKED");
    session.keys("\u{e}POST /v1/vendors\r");
    session.wait("4 Request POST /v1/vendors");
    // The body is replaced by one of ours.
    session.keys("Gc");
    session.wait("Companies in reach");
    session.keys("\r");
    session.wait("is filled in");
    session.keys("s");
    session.wait("Write to PRODUCTION");
    let review = session.settled("Enter sends it");
    for text in [
        "environment   PRODUCTION",
        "method        POST",
        "/v1/vendors",
        "vendors:write",
        "companyId",
        "Enter sends it",
    ] {
        assert!(review.contains(text), "{text}:\n{review}");
    }
    let writes = |world: &Elsewhere| {
        let log = world.sandbox.log();
        log.into_iter().filter(|seen| seen.environment == Environment::Production && seen.method == "POST").count()
    };
    assert_eq!(writes(&world), 0);
    session.keys("\r");
    session.wait("5 Response PRODUCTION");
    session.wait_until("the answer", |picture| picture.contains(" 201 ") || picture.contains(" 400 "));
    assert_eq!(writes(&world), 1);
    session.keys("w");
    session.wait("Production is read-only again");
    session.keys("4s");
    session.settled("Not sent: This would change live data");
    assert_eq!(writes(&world), 1);
    // No byte of a credential went to the other environment or to the screen.
    for environment in Environment::ALL {
        let key = world.key(environment);
        assert!(!String::from_utf8_lossy(&session.raw()).contains(&key));
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{key}:"));
        for seen in world.sandbox.log() {
            let carries = seen.headers.iter().any(|(_, value)| String::from_utf8_lossy(value).contains(&basic));
            assert!(!carries || seen.environment == environment, "{seen:?}");
        }
    }
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
    session.assert_given_back();
}

/// What a browser does with a consent page: it presses a button and follows the way back.
async fn browse(address: &str, decision: &str) -> reqwest::Result<String> {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let page = client.get(address).send().await?.text().await?;
    let id = page.split("name=\"request\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("request", &id)
        .append_pair("decision", decision)
        .finish();
    let action = url::Url::parse(address).unwrap().join("/oauth/authorize").unwrap();
    let sent = client.post(action).header("content-type", "application/x-www-form-urlencoded").body(form);
    let location = sent.send().await?.headers()["location"].to_str().unwrap().to_owned();
    Ok(location)
}

/// A login in the explorer: both ways home, a refusal, and a token that runs out and is renewed while a read is sent.
#[test]
fn a_login_with_oauth_brings_tokens_that_renew_themselves() {
    let options = Options { redirect_uris: vec!["https://app.example/cb".into()], ..Options::default() };
    let world = Elsewhere::new(options);
    let client = world.sandbox.oauth_clients().into_iter().find(|client| client.client_secret.is_some()).unwrap();
    let mut session = world.session();
    let form = |session: &mut Session, redirect: &str| {
        session.keys("L");
        session.wait("Log in with OAuth: STAGING");
        session.keys(&format!("\u{15}{}\u{1b}[B", client.client_id));
        session.keys(&format!("\u{1b}[200~{}\u{1b}[201~", client.client_secret.clone().unwrap()));
        session.keys(&format!("\u{1b}[B\u{1b}[B\u{15}{redirect}\u{1b}[B"));
    };
    // Refused in the browser: said, and the form is there again.
    form(&mut session, "https://app.example/cb");
    session.keys(" \r");
    let address = address(&mut session);
    let back = world.runtime.block_on(browse(&address, "deny")).unwrap();
    session.keys(&format!("\u{1b}[200~{back}\u{1b}[201~\r"));
    session.settled("Not logged in: the authorisation server answered access_denied");
    // Allowed, and brought home by hand.
    session.keys("\r");
    let address = self::address(&mut session);
    let back = world.runtime.block_on(browse(&address, "allow")).unwrap();
    session.keys(&format!("\u{1b}[200~{}\u{1b}[201~\r", back.replace("state=", "state=x")));
    session.settled("Nothing was taken: it does not belong to this login");
    session.keys(&format!("\u{1b}[200~{back}\u{1b}[201~\r"));
    session.settled("OAUTH2");
    session.wait("1 scope");
    session.keys("3g\rs");
    session.settled("5 Response STAGING 200 OK");
    world.sandbox.expire_tokens(Environment::Staging);
    let tokens = |world: &Elsewhere| {
        let log = world.sandbox.log();
        log.into_iter().filter(|seen| seen.path_and_query == "/oauth/token").map(|seen| seen.body).collect::<Vec<_>>()
    };
    assert_eq!(tokens(&world).len(), 1);
    session.keys("4s");
    session.settled("5 Response STAGING 200 OK");
    session.keys("vvv");
    session.wait("refresh_token=<refresh_token>");
    let sent = tokens(&world);
    assert!(sent.len() == 2 && sent[1].starts_with(b"grant_type=refresh_token"), "{sent:?}");
    // Nothing of a token or the client's secret came to the screen.
    let raw = String::from_utf8_lossy(&session.raw()).into_owned();
    assert!(!raw.contains("sbx_staging_at_") && !raw.contains("sbx_staging_rt_"));
    assert!(!raw.contains(client.client_secret.as_deref().unwrap()));
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
}

/// The address that a login shows, which is wrapped over several rows.
fn address(session: &mut Session) -> String {
    let picture = session.settled("S256");
    let rows = picture.lines().skip_while(|row| !row.contains("┃ http://127.0.0.1"));
    let inside = rows.map(|row| row.split('┃').nth(1).unwrap_or_default().trim().to_owned());
    let mut address = String::new();
    for row in inside {
        address.push_str(&row);
        if address.ends_with("S256") {
            break;
        }
    }
    address
}

#[test]
fn a_slow_request_is_cancelled_at_once_and_the_screen_stays_alive() {
    let mut session = Session::sandbox(&["--fault", "slow=60s"]);
    session.keys("\rs");
    session.wait("Waiting for the answer");
    session.keys("?");
    session.wait("Help");
    session.keys("\u{1b}");
    session.wait_until("the help to close", |picture| !picture.contains("┏ Help"));
    session.keys("x");
    session.wait("Cancelled after");
    session.keys("q");
    assert_eq!(session.end(Duration::from_secs(2)), 0);
    session.assert_given_back();
}

#[test]
fn a_panic_in_a_task_is_a_failed_answer() {
    let mut session = Session::start(&["--sandbox"], &[("PLEOSCOPE_TEST_PANIC", "worker")], (120, 40));
    session.wait("3 Endpoints");
    session.keys("\rs");
    session.wait("The worker failed on this request");
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
    session.assert_given_back();
}

/// Check 52: however it ends, the terminal is given back, and what is said comes after the alternate screen.
#[test]
fn promise_52_the_terminal_is_given_back() {
    let mut session = Session::sandbox(&[]);
    session.keys("q");
    assert_eq!(session.end(Duration::from_secs(2)), 0);
    session.assert_given_back();

    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130), ("QUIT", 131)] {
        let mut session = Session::sandbox(&[]);
        session.keys("\rs");
        session.signal(signal);
        assert_eq!(session.end(Duration::from_secs(2)), code, "{signal}");
        session.assert_given_back();
    }

    let mut session = Session::start(&["--sandbox"], &[("PLEOSCOPE_TEST_PANIC", "screen")], (120, 40));
    session.wait("3 Endpoints");
    session.keys("j");
    assert_eq!(session.end(Duration::from_secs(2)), 101);
    session.assert_given_back();
    let raw = session.raw();
    let raw = String::from_utf8_lossy(&raw);
    let left = raw.rfind("\u{1b}[?1049l").unwrap();
    assert!(raw[left..].contains("asked for by a test"), "the message comes after the alternate screen");

    let mut session = Session::start(&["--base-url", "nonsense"], &[], (120, 40));
    assert_eq!(session.end(Duration::from_secs(2)), 2);
    session.assert_given_back();
}

/// Ticks of CPU that a process used, 100 to the second.
#[cfg(target_os = "linux")]
fn cpu_ticks(id: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

/// Check 53: when the terminal vanishes the program goes with it, and never spins.
#[cfg(target_os = "linux")]
#[test]
fn promise_53_a_vanished_terminal_ends_it() {
    for ignored in [false, true] {
        let mut command = CommandBuilder::new("sh");
        let trap = if ignored { "trap '' HUP; " } else { "" };
        command.args(["-c", &format!("{trap}exec {} --sandbox", env!("CARGO_BIN_EXE_pleoscope"))]);
        let mut session = Session::spawn(command, &[], (120, 40));
        session.wait("3 Endpoints");
        let id = session.child.process_id().unwrap();
        let begun = cpu_ticks(id).unwrap();
        let mut last = begun;
        session.hang_up();
        let deadline = Instant::now() + Duration::from_secs(2);
        while session.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it outlived its terminal (SIGHUP ignored: {ignored})");
            last = cpu_ticks(id).unwrap_or(last);
            std::thread::sleep(Duration::from_millis(2));
        }
        assert!(last - begun <= 20, "{} ticks of CPU", last - begun);
    }
}

/// Ctrl-z under a shell stops it with the terminal given back; `fg` draws everything anew.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_z_stops_and_fg_comes_back() {
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    let mut session = Session::spawn(command, &[("PS1", "shell> ")], (120, 40));
    session.wait("shell> ");
    session.keys(&format!("{} --sandbox\r", env!("CARGO_BIN_EXE_pleoscope")));
    session.wait("3 Endpoints");
    for _ in 0..3 {
        session.keys("\u{1a}");
        session.wait("Stopped");
        let cooked = format!("{:?}", session.master.as_ref().unwrap().get_termios());
        assert!(cooked.contains("ECHO"), "{cooked}");
        assert!(!session.seen.lock().unwrap().picture.screen().alternate_screen());
        session.keys("fg\r");
        session.wait("q quit");
        session.keys("2");
        session.wait("┏2 Credential");
        session.keys("3");
        session.wait("┏3 Endpoints");
    }
    session.keys("q");
    session.wait_until("the shell", |picture| picture.trim_end().ends_with("shell>"));
}

/// Check 55: any size, with a request in flight; the last picture is that of a fresh start at that size.
#[test]
fn promise_55_any_size_in_a_terminal() {
    // With a credential it is no first run, which only the first of the two could be.
    let given = [("PLEOSCOPE_STAGING_API_KEY", "pls_staging_0123456789")];
    let mut session = Session::start(&[], &given, (80, 24));
    session.wait("3 Endpoints");
    for round in 0..100_u16 {
        session.resize(round * 37 % 501, round * 13 % 201);
        if round % 10 == 0 {
            session.keys("?\u{1b}");
        }
    }
    for (columns, rows) in [(1, 1), (0, 0), (500, 200), (100, 30)] {
        session.resize(columns, rows);
        std::thread::sleep(Duration::from_millis(30));
    }
    let mut fresh = Session::start(&[], &given, (100, 30));
    let wanted = fresh.settled("q quit");
    session.wait_until("the picture of a fresh start", |picture| picture == wanted);
}

/// Check 57: no colour with `NO_COLOR`, colour with an empty one, a dumb terminal works, and ASCII in the C locale.
#[test]
fn promise_57_colours_and_characters() {
    let coloured = |raw: &[u8]| {
        let text = String::from_utf8_lossy(raw).into_owned();
        text.split("\u{1b}[").skip(1).any(|sequence| {
            let end = sequence.find(|c: char| !(c.is_ascii_digit() || c == ';')).unwrap_or(0);
            sequence[end..].starts_with('m')
                && sequence[..end].split(';').any(|part| matches!(part.parse(), Ok(30..=38 | 40..=48 | 90..=107)))
        })
    };
    for (variables, colour) in
        [(&[("NO_COLOR", "1")][..], false), (&[("NO_COLOR", "")], true), (&[("TERM", "dumb")], false), (&[], true)]
    {
        let mut session = Session::start(&["--sandbox"], variables, (80, 24));
        session.wait("3 Endpoints");
        session.keys("\rs");
        session.wait("200 OK");
        session.keys("\u{14}");
        session.wait("PRODUCTION");
        assert_eq!(coloured(&session.raw()), colour, "{variables:?}");
    }
    let mut session = Session::start(&["--sandbox"], &[("LC_ALL", "C")], (80, 24));
    session.wait("3 Endpoints");
    session.keys("\rs");
    session.wait("200 OK");
    assert!(session.raw().is_ascii(), "{}", session.picture());
}
