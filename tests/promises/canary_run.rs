//! Checks 1, 2, 4 and 11: what a whole session leaves behind in files, on stderr and in the terminal.

use std::fs;
use std::time::Duration;

use super::canary::Canary;
use super::explorer::{Explorer, KINDS, Typed, pleo};
use super::given::Given;
use super::network::isolated;
use super::server::{Reply, until};
use super::sweep::Sweep;
use super::tls::Flaw;
use super::world::{PLEOSCOPE, World, address};

/// Everything readable and writable for everybody, and cores as large as they get, before the program starts.
const LAX: &str = "umask 000; ulimit -c unlimited; exec \"$@\"";

/// The program in a terminal, started by a careless shell.
fn careless(world: &World, args: &[&str], variables: &[(&str, &str)], size: (u16, u16)) -> Explorer {
    let words = [&["sh", "-c", LAX, "sh", PLEOSCOPE], args].concat();
    Explorer::new(world.session_of(&words, variables, size))
}

fn secrets<'a>(typed: impl IntoIterator<Item = &'a Typed>) -> Vec<Canary> {
    typed.into_iter().map(|typed| typed.secret.clone()).collect()
}

/// Gives all four kinds to the environment in force and uses each: who it is, a read, a 401, and a refusal.
fn all_kinds(explorer: &mut Explorer, typed: &[Typed]) {
    for one in typed {
        explorer.give(one);
    }
    for (row, one) in typed.iter().enumerate() {
        explorer.choose(row, one);
        if one.is_legacy() {
            explorer.press("i", "tells nobody who a token is");
            explorer.press("3/\u{15}legacy-list-employees\r", "4 Request GET /v1/employees");
            explorer.send();
            explorer.open("/v2/employees");
            explorer.press("s", "Legacy API tokens will not work");
        } else {
            explorer.press("i", "Ledger");
            explorer.open("/v2/employees");
            explorer.send();
        }
    }
    explorer.choose(0, &typed[0]);
    explorer.open("/v9/nowhere/401");
    explorer.send();
    explorer.session.wait("401 ");
}

/// Everything that can be looked at, over whatever there is.
fn look_around(explorer: &mut Explorer) {
    explorer.press(":send", "┏ Commands");
    explorer.escape("┏ Commands");
    explorer.press("?", "┏ Help");
    explorer.escape("┏ Help");
    explorer.press("5v", "━raw");
    explorer.press("v", "━headers");
    explorer.press("v", "━timing");
    explorer.press("v", "━hex");
    explorer.press("v", "━tree");
}

/// Copies what is shown in every form, and saves it and all of the run as archives and reports.
pub fn hand_on(explorer: &mut Explorer, folder: &std::path::Path, name: &str) {
    for letter in "csipfhuaAmM".chars() {
        explorer.press("5yy", "┏ Copy the exchange");
        explorer.press(&letter.to_string(), "bytes to the terminal");
    }
    explorer.press("4y", "┏ Copy the request");
    explorer.press("c", "bytes to the terminal");
    for letter in ["a", "A", "m", "M", "r", "R"] {
        explorer.press("5oo", "┏ Save the exchange");
        explorer.press(letter, "Save: ");
        let file = folder.join(format!("{name}-{letter}"));
        explorer.press(&format!("\u{15}{}\r", file.display()), "Saved ");
        assert!(fs::read_to_string(&file).unwrap().contains("/v2/employees"));
    }
}

/// Check 1: a session that does everything leaves no secret in any file.
#[test]
fn promise_1_sweep() {
    isolated(|| {
        let world = World::new();
        let sweep = Sweep::new(&world);
        world.answer(pleo("{}"));
        let (staging, production) = (Typed::all("staging"), Typed::all("production"));
        let client = Canary::new("client-secret");
        let variables = [&sweep.variables()[..], &[("PLEOSCOPE_NO_BROWSER", "1")]].concat();
        let mut explorer = careless(&world, &[], &variables, (120, 40));
        all_kinds(&mut explorer, &staging);
        look_around(&mut explorer);
        explorer.open("/v2/employees");
        explorer.send();
        hand_on(&mut explorer, &world.folder.0, "staging");
        explorer.press("\u{14}", " PRODUCTION ");
        all_kinds(&mut explorer, &production);

        explorer.fill_login(&client);
        explorer.press("\r", "Open this address in a browser");
        explorer.press("\u{1b}", "The login was cancelled");
        explorer.escape("Log in with OAuth: ");
        explorer.choose(1, &production[1]);
        explorer.session.wait("Ledger");
        explorer.open("/v2/employees");
        explorer.press("c", "Testfield ApS");
        explorer.press("\r", "is filled in");
        explorer.press("w", "Unlock writes");
        explorer.session.keys("production");
        explorer.session.enter("WRITES UNLOCKED");
        explorer.open("POST /v9/nowhere");
        explorer.press("s", "Write to PRODUCTION");
        explorer.session.wait("Enter sends it");
        explorer.session.keys("\r");
        explorer.answered();
        explorer.press("2g\u{1b}[3~", "Forgot the OAuth access token of production");
        look_around(&mut explorer);
        explorer.quit();

        let log = world.take();
        for one in staging.iter().chain(&production) {
            // Who it is, a read, and for the first one a 401; a legacy token is only read with.
            one.assert_arrived(&log, if one.is_legacy() { 1 } else { 3 });
        }
        let writes: Vec<_> = log.iter().flat_map(|it| &it.requests).filter(|it| it.target == "/v9/nowhere").collect();
        assert!(writes.len() == 1 && writes[0].method == "POST", "{writes:#?}");
        assert_eq!(writes[0].header("authorization"), [production[1].header()]);
        let all = [secrets(staging.iter().chain(&production)), vec![client]].concat();
        sweep.assert_clean(&all, "the session");
        // Nothing of it was ever said to the terminal either.
        let raw = explorer.session.raw();
        assert!(KINDS.iter().all(|kind| memchr::memmem::find(&raw, kind.as_bytes()).is_some()));
        for secret in &all {
            secret.assert_not_in(&raw, "what the terminal was told");
        }
    });
}

/// Check 2: asked to be as loud as can be, and with everything going wrong, the program says nothing of a secret.
#[test]
fn promise_2_loud() {
    isolated(|| {
        let world = World::new();
        let sweep = Sweep::new(&world);
        world.answer(pleo("{}"));
        let given = Given::new("staging", "ACCESS_TOKEN");
        let key = Canary::new("staging-typed");
        let log = world.folder.0.join("run.log");
        let loud = [
            &sweep.variables()[..],
            &[("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full"), ("RUST_LIB_BACKTRACE", "1"), given.pair()],
            &[("PLEOSCOPE_LOG", log.to_str().unwrap())],
        ]
        .concat();
        let quiet = |bytes: &[u8], what: &str| {
            given.secret.assert_not_in(bytes, what);
            key.assert_not_in(bytes, what);
        };
        let send = |path: &str, code: i32, word: &str, more: &[(&str, &str)]| {
            let args = ["-c", LAX, "sh", PLEOSCOPE, "send", "-i", "GET", path];
            let ran: super::world::Ran =
                world.command_of("sh", &args, &[&loud, more].concat()).output().unwrap().into();
            assert_eq!(ran.code, code, "{path}: {}", ran.err);
            assert!(ran.err.contains(word), "{path}: {}", ran.err);
            quiet(ran.out.as_bytes(), "stdout");
            quiet(ran.err.as_bytes(), "stderr");
        };
        let arrived = |times: usize| {
            let requests: Vec<_> = world.take().into_iter().flat_map(|arrival| arrival.requests).collect();
            assert_eq!(requests.len(), times, "{requests:#?}");
            for request in requests {
                assert_eq!(request.header("authorization"), [given.header()]);
            }
        };
        send("/v9/nowhere/401", 4, "401", &[]);
        send("/v9/nowhere/500", 5, "500", &[]);
        send("/v9/nowhere/reset", 1, "without a proper answer", &[]);
        arrived(3);
        send("/v2/employees", 1, "The worker failed on this request", &[("PLEOSCOPE_TEST_PANIC", "worker")]);
        world.flaw(Flaw::Expired);
        send("/v2/employees", 1, "No trusted TLS connection", &[]);
        world.flaw(Flaw::None);
        arrived(0);
        bad_configuration(&world, &loud);

        // In the explorer, where what is said to stderr comes to the same terminal.
        let mut explorer = careless(&world, &[], &loud, (120, 40));
        explorer.give(&Typed { environment: "staging", kind: 1, secret: key.clone() });
        explorer.session.wait("Ledger");
        for (path, word) in [("401", "401 "), ("500", "500 "), ("reset", "without a proper answer")] {
            explorer.open(&format!("/v9/nowhere/{path}"));
            explorer.press("s", word);
        }
        explorer.quit();
        assert!(world.take().iter().any(|it| it.requests.iter().any(|it| it.header("authorization") == [key.basic()])));
        quiet(&explorer.session.raw(), "what the terminal was told");
        for (panic, code, word) in [("worker", 0, "The worker failed on this request"), ("screen", 101, "panicked at")]
        {
            let variables = [&loud[..], &[("PLEOSCOPE_TEST_PANIC", panic)]].concat();
            let mut explorer = careless(&world, &["open", "GET", "/v2/employees"], &variables, (120, 40));
            explorer.press("s", word);
            if panic == "worker" {
                explorer.quit();
            } else {
                assert_eq!(explorer.session.end(Duration::from_secs(10)), code);
            }
            quiet(&explorer.session.raw(), panic);
        }
        // The log is one of the files that are searched, and it is not empty.
        let logged = fs::read_to_string(&log).unwrap();
        for what in ["request", "status", "failed", "end"] {
            assert!(logged.contains(&format!("\"what\":\"{what}\"")), "{what}: {logged}");
        }
        sweep.assert_clean(&[given.secret.clone(), key.clone()], "loud runs");
        let cores: Vec<_> =
            sweep.files().into_iter().filter(|file| file.file_name().is_some_and(|name| name == "core")).collect();
        assert!(cores.is_empty(), "{cores:?}");
    });
}

/// A secret that stands in a configuration where none belongs is not repeated by what is said about it.
fn bad_configuration(world: &World, variables: &[(&str, &str)]) {
    let (stray, folder) = (Canary::new("stray"), world.folder.0.join("bad"));
    fs::create_dir(&folder).unwrap();
    let file = folder.join("config.toml");
    let text = stray.text();
    for wrong in [
        format!("[[credential]]\nname = \"a\"\nenvironment = \"staging\"\nkind = \"api-key\"\nvalue = \"{text}\"\n"),
        format!("[[credential]]\nname = \"a\"\nenvironment = \"{text}\"\nkind = \"api-key\"\nkeyring = true\n"),
        format!("[[credential]]\nname = \"a\"\nenvironment = \"staging\"\nkind = \"{text}\"\nkeyring = true\n"),
        format!("[[credential]]\nname = \"{text}!\"\nenvironment = \"staging\"\nkind = \"api-key\"\nkeyring = true\n"),
        format!("[oauth.staging]\nclient_id = \"me\"\nclient_secret = \"{text}\"\n"),
        format!("[oauth.staging]\nclient_id = \"me\"\nredirect_uri = \"{text}\"\n"),
        format!("key = {text}\n"),
        format!("\"{text}\" = 1\n"),
        format!("{text} = 1\n{text} = 2\n"),
        format!("[oauth.{text}]\nclient_id = \"me\"\n"),
        format!("credential = \"{text}\"\n"),
        format!("\"{text}\n"),
    ] {
        fs::write(&file, &wrong).unwrap();
        let variables = [variables, &[("PLEOSCOPE_CONFIG_DIR", folder.to_str().unwrap())]].concat();
        for args in [
            &["auth", "list"][..],
            &["send", "GET", "/v2/employees", "--credential", "a"],
            &["config"],
            &["config", "check"],
        ] {
            let ran = world.run(args, &variables);
            assert!(ran.code != 0 && ran.err.contains("config.toml"), "{wrong}: {}", ran.err);
            stray.assert_not_in(ran.err.as_bytes(), "stderr");
            stray.assert_not_in(ran.out.as_bytes(), "stdout");
        }
        let mut explorer = Explorer::new(world.session(&[], &variables, (120, 40)));
        explorer.session.wait("config.toml");
        explorer.quit();
        stray.assert_not_in(&explorer.session.raw(), &format!("what the terminal was told of {wrong}"));
    }
    fs::remove_dir_all(folder).unwrap();
    world.take();
}

/// Check 4, as far as it applies, for nothing is ever revealed: what is on the main screen afterwards.
#[test]
fn promise_4_nothing_in_the_scrollback() {
    isolated(|| {
        let world = World::new();
        let typed = Typed { environment: "staging", kind: 0, secret: Canary::new("staging-token") };
        let echo = format!("\"{}\"", typed.secret.text());
        world.answer(pleo(&echo));
        let mut explorer = Explorer::new(world.session(&[], &[], (120, 40)));
        explorer.give(&typed);
        explorer.open("/v2/employees");
        explorer.send();
        explorer.session.wait("[redacted]");
        explorer.quit();
        typed.assert_arrived(&world.take(), 2);
        let raw = explorer.session.raw();
        let left = memchr::memmem::rfind(&raw, b"\x1b[?1049l").unwrap();
        typed.secret.assert_not_in(&raw[left..], "what came after the alternate screen");
        typed.secret.assert_not_in(&raw, "what the terminal was told");
        let entered = memchr::memmem::find(&raw, b"\x1b[?1049h").unwrap();
        assert!(raw[..entered].is_empty(), "{:?}", String::from_utf8_lossy(&raw[..entered]));
        assert_eq!(explorer.session.picture().trim(), "");
    });
}

/// Check 11: what the servers tell of people stays in memory: all of it in a run without a history, the bodies of production
/// in any run. Those of staging, which is there for tests, and headers go into the history and nowhere else.
#[test]
fn promise_11_personal_data() {
    isolated(|| {
        let world = World::new();
        fs::create_dir_all(world.config()).unwrap();
        for (environment, flag, settings) in [
            ("production", "--no-history", ""),
            ("staging", "--no-history", ""),
            ("production", "", ""),
            ("staging", "", "[history]\nstaging_bodies = false\n"),
            ("staging", "", ""),
        ] {
            let sweep = Sweep::new(&world);
            let config = world.folder.0.join("own/config/config.toml");
            fs::write(config, settings).unwrap();
            let flags: Vec<&str> = ["--env", environment, flag].into_iter().filter(|word| !word.is_empty()).collect();
            let (bodies, header) = people(&world, &sweep, environment, &flags);
            let case = format!("a session with {flags:?} and {settings:?}");
            let told = sweep.assert_only_in_the_history(&bodies, &case);
            assert_eq!(told, environment == "staging" && flag.is_empty() && settings.is_empty(), "{case}: bodies");
            let told = sweep.assert_only_in_the_history(&[header], &case);
            assert_eq!(told, flag.is_empty(), "{case}: headers");
        }
    });
}

/// Looks at people in every way; answers what bodies told of them, and what a header did.
fn people(world: &World, sweep: &Sweep, environment: &'static str, flags: &[&str]) -> (Vec<Canary>, Canary) {
    let personal = ["name", "mail", "amount", "header"].map(Canary::new);
    let [name, mail, amount, header] = personal.each_ref().map(Canary::text);
    let body = format!("{{\"firstName\":\"{name}\",\"email\":\"{mail}@a.example\",\"amount\":\"{amount}\"}}");
    let told = pleo(&body);
    let header = format!("X-Person: {header}\r\n");
    world.answer(move |request| match told(request) {
        Reply::Bytes(bytes) => {
            let at = memchr::memmem::find(&bytes, b"\r\n").unwrap() + 2;
            Reply::Bytes([&bytes[..at], header.as_bytes(), &bytes[at..]].concat())
        }
        other => other,
    });
    let given = Given::new(environment, "API_KEY");
    let variables = [&sweep.variables()[..], &[given.pair()]].concat();
    for output in ["json", "raw"] {
        let args = ["-c", LAX, "sh", PLEOSCOPE, "send", "-i", "-o", output, "GET", "/v2/employees"];
        let out = world.command_of("sh", &[&args, flags].concat(), &variables).output().unwrap().stdout;
        assert!(personal.iter().all(|one| one.found_in(&out) == Some("raw")), "{}", String::from_utf8_lossy(&out));
    }
    let mut explorer = careless(world, flags, &variables, (160, 50));
    for path in ["/v2/employees", "/v9/nowhere/500"] {
        explorer.open(path);
        explorer.press("s", name);
        explorer.session.wait(amount);
        explorer.press("5/", "━tree");
        explorer.press("mail", "/ mail");
        explorer.press("\r", "1 of ");
        explorer.escape("/ mail");
        explorer.press("v", "━raw");
        explorer.press("v", "━headers");
        explorer.session.wait("x-person");
        explorer.press("v", "━timing");
        explorer.press("v", "━hex");
        explorer.press("v", "━tree");
    }
    explorer.quit();
    let raw = explorer.session.raw();
    assert!(personal[1..].iter().all(|one| one.found_in(&raw).is_some()), "it was shown");
    let host = if environment == "staging" { "external.staging.pleo.io" } else { "external.pleo.io" };
    assert!(world.take().iter().any(|arrival| arrival.to.ip() == address(host)));
    // A run that is ended from outside tidies nothing up.
    let words = [&["open", "GET", "/v2/employees"], flags].concat();
    let mut explorer = careless(world, &words, &variables, (160, 50));
    explorer.press("s", name);
    explorer.session.child.kill().unwrap();
    until("it is gone", || explorer.session.child.try_wait().unwrap().map(|_| ()));
    world.take();
    let [name, mail, amount, header] = personal;
    (vec![name, mail, amount], header)
}
