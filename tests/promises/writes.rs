//! Checks 5 and 28: secrets stay out of what other people on the machine can see, and a write goes out once.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::canary::Canary;
use super::network::isolated;
use super::server::{Reply, until};
use super::world::{World, only};

const HOST: &str = "external.staging.pleo.io";
const BODY: &str =
    "{\"companyId\":\"a666a648-b52f-4acf-990f-32b16af19b3b\",\"name\":\"x\",\"defaultCurrency\":\"DKK\"}";

/// The command lines of a process and of all that descend from it.
fn command_lines(id: u32) -> Vec<Vec<u8>> {
    let mut found: Vec<_> = fs::read(format!("/proc/{id}/cmdline")).into_iter().collect();
    let tasks = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    for task in tasks {
        let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        found.extend(children.split_whitespace().filter_map(|child| child.parse().ok()).flat_map(command_lines));
    }
    found
}

/// The Authorization header of the first request that comes, on whichever connection.
fn authorization(world: &World) -> Vec<String> {
    let arrivals = world.listeners.wait_for(1);
    let request = arrivals.iter().find_map(|arrival| arrival.requests.first()).unwrap();
    request.header("authorization").into_iter().map(str::to_owned).collect()
}

/// While a request is in flight, and while a credential is typed and used, the command line holds no secret.
#[test]
fn promise_5_no_secret_in_arguments() {
    isolated(|| {
        let world = World::new();
        let (key, typed) = (Canary::new("staging-key"), Canary::new("staging-typed"));
        let given = [("PLEOSCOPE_STAGING_API_KEY", key.text())];
        world.answer(|_| Reply::Stall);
        let sample = |id: u32| {
            let end = Instant::now() + Duration::from_millis(300);
            let mut samples = 0;
            while Instant::now() < end {
                let lines = command_lines(id);
                assert!(lines.iter().any(|line| line.starts_with(super::world::PLEOSCOPE.as_bytes())), "{lines:?}");
                for line in &lines {
                    key.assert_not_in(line, "a command line");
                    typed.assert_not_in(line, "a command line");
                }
                samples += 1;
                std::thread::sleep(Duration::from_millis(10));
            }
            assert!(samples > 3);
        };
        let mut child = world.command(&["send", "GET", "/v2/employees"], &given).stderr(Stdio::null()).spawn().unwrap();
        assert_eq!(authorization(&world), [key.basic()]);
        sample(child.id());
        child.kill().unwrap();
        child.wait().unwrap();
        world.take();

        let mut session = world.session(&["open", "GET", "/v2/employees"], &[], (120, 40));
        session.wait("4 Request GET /v2/employees");
        session.keys("2\r");
        session.wait("paste or type it");
        session.keys(&format!("\u{1b}[200~{}\u{1b}[201~", typed.text()));
        session.wait("••••");
        sample(session.child.process_id().unwrap());
        session.keys("\r");
        session.wait("OAuth access token …");
        session.keys("4s");
        assert_eq!(authorization(&world), [typed.bearer()]);
        sample(session.child.process_id().unwrap());
        typed.assert_not_in(&session.raw(), "what the screen was told");
        session.keys("q");
        session.end(Duration::from_secs(10));
    });
}

/// Every option of every command, those with a value and those without. Whoever adds one writes it here, and has thought
/// about whether its value can be a secret.
const OPTIONS: &[&str] = &[
    "--after <CURSOR>",
    "--all",
    "--allow-production-write",
    "--as <curl|send|httpie|python|fetch|http|har|markdown>",
    "--as <json|curl|send|httpie|python|fetch|http|har|markdown>",
    "--base-url <NAME=URL>",
    "--body <FILE>",
    "--body-limit <SIZE>",
    "--cacert <FILE>",
    "--client-authentication <basic|form>",
    "--client-id <ID>",
    "--confidential",
    "--connect-timeout <TIME>",
    "--credential <ENVIRONMENT=NAME>",
    "--credential <NAME>",
    "--csv-safe",
    "--curl <FILE>",
    "--default",
    "--description <TEXT>",
    "--dir <DIR>",
    "--employees <COUNT>",
    "--env <staging|production>",
    "--fault <FAULT>",
    "--first-byte-timeout <TIME>",
    "--forget-import",
    "--header <NAME: VALUE>",
    "--help",
    "--idle-timeout <TIME>",
    "--ignore <NAME>",
    "--import <FILE>",
    "--include",
    "--jq <EXPRESSION>",
    "--key <NAME>",
    "--kind <api-key|access-token|integrated-key|legacy-token>",
    "--legacy",
    "--limit <COUNT>",
    "--log <FILE>",
    "--markdown",
    "--masked",
    "--max-pages <COUNT>",
    "--memory-limit <SIZE>",
    "--no-browser",
    "--no-history",
    "--offline",
    "--output <OUTPUT>",
    "--path <NAME=VALUE>",
    "--query <NAME=VALUE>",
    "--rate-limit <REQUESTS>",
    "--read-only",
    "--redirect-uri <PORT|URI>",
    "--replace",
    "--sandbox",
    "--scope <SCOPE>",
    "--shape",
    "--stdin",
    "--theme <NAME>",
    "--token-lifetime <SECONDS>",
    "--var <NAME=VALUE>",
    "--variable <NAME>",
    "--verbose",
    "--version",
    "--volatile",
    "--yes",
    "<NAME>",
    "<NEW>",
    "<NUMBER>",
    "<OLD>",
    "<SHELL>",
    "[COMMAND]...",
    "[FILTER]...",
    "[METHOD PATH | OPERATION | @SAVED]...",
    "[NAME]",
    "[QUERY]...",
];

#[test]
fn promise_5_no_option_whose_value_is_a_secret() {
    let world = World::quiet();
    let help = |words: &[&str]| {
        let ran = world.run(&[words, &["--help"]].concat(), &[("COLUMNS", "400")]);
        assert_eq!(ran.code, 0, "{words:?}: {}", ran.err);
        ran.out
    };
    let top = help(&[]);
    let listed = top.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let commands: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(
        commands,
        [
            "open",
            "send",
            "diff",
            "whoami",
            "auth",
            "history",
            "saved",
            "endpoints",
            "keys",
            "config",
            "doctor",
            "completions",
            "man",
            "sandbox",
            "help"
        ]
    );
    let mut offered = BTreeSet::new();
    let wanted = commands.iter().filter(|command| **command != "help").map(|command| help(&[command]));
    let wanted = wanted.chain(["list", "add", "login", "remove", "test"].map(|command| help(&["auth", command])));
    let wanted = wanted.chain(["show", "resend", "delete", "clear"].map(|command| help(&["history", command])));
    let wanted = wanted.chain(["show", "save", "rename", "rm", "path"].map(|command| help(&["saved", command])));
    for text in wanted.chain([top.clone()]) {
        // What is said about them stands further to the right.
        let usable = text.lines().filter(|line| line.starts_with("  ") && !line.starts_with("       "));
        for line in usable.map(str::trim_start).filter(|line| line.starts_with(['-', '<', '['])) {
            // `-q, --query <NAME=VALUE>  what it is`
            let line = line.split("  ").next().unwrap();
            let line = line.split_once(", --").map_or(line.to_owned(), |(_, long)| format!("--{long}"));
            offered.insert(line.trim().to_owned());
        }
    }
    assert_eq!(offered.iter().map(String::as_str).collect::<Vec<_>>(), OPTIONS);
}

/// Whatever becomes of a write, it is not sent again by itself: not after an error, not after a reset, not on a connection
/// that was used before.
#[test]
fn promise_28_writes_once() {
    isolated(|| {
        let world = World::new();
        let key = Canary::new("staging-key");
        let given = [("PLEOSCOPE_STAGING_API_KEY", key.text())];
        let body = world.folder.0.join("body.json");
        fs::write(&body, BODY).unwrap();
        let args = ["send", "POST", "/v1/vendors", "--body", body.to_str().unwrap()];
        let once = |case: &str| {
            let request = only(&world.take(), HOST);
            assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/v1/vendors"), "{case}");
            assert_eq!(request.body, BODY.as_bytes(), "{case}");
            assert_eq!(request.header("authorization"), [key.basic()], "{case}");
        };
        for (status, code) in [("503 Service Unavailable", 5), ("429 Too Many Requests", 4), ("408 Request Timeout", 4)]
        {
            world.answer(move |_| Reply::new(status, &[("Retry-After", "0"), ("Connection", "close")], b"{}"));
            let ran = world.run(&args, &given);
            assert_eq!(ran.code, code, "{status}: {}", ran.err);
            once(status);
        }
        world.answer(|_| Reply::Reset);
        let ran = world.run(&args, &given);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains("closed the connection without a proper answer"), "{}", ran.err);
        once("reset after the body");
        for part in ["HTTP/1.1 201 Cre", "HTTP/1.1 201 Created\r\nContent-Length: 40\r\n\r\n{\"data\"", ""] {
            world.answer(move |_| Reply::Bytes([part.as_bytes(), b""].concat()));
            let mut child = world.command(&args, &given).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
            world.listeners.wait_for(1);
            // It has the whole request and waits: nobody sends it again, and it is ended from outside.
            std::thread::sleep(Duration::from_millis(500));
            assert_eq!(child.try_wait().unwrap(), None, "{part:?}");
            child.kill().unwrap();
            child.wait().unwrap();
            once(part);
        }
        // Each limit, reached: nothing comes, and a body that stops.
        for (flag, part) in [
            ("--first-byte-timeout", ""),
            ("--idle-timeout", "HTTP/1.1 201 Created\r\nContent-Length: 40\r\n\r\n{\"data\""),
        ] {
            world.answer(move |_| Reply::Begun(part.as_bytes().to_vec()));
            let ran = world.run(&[&args[..], &[flag, "400ms"]].concat(), &given);
            assert!(ran.code == 1 && ran.err.contains("400 ms") && ran.err.contains(flag), "{flag}: {}", ran.err);
            once(flag);
        }
        in_the_explorer(&world, &args[1..], &given);
    });
}

/// The second write goes out on the connection of the first, and is reset there: a client that repeats on a fresh one would
/// be seen.
fn in_the_explorer(world: &World, args: &[&str], given: &[(&str, &str)]) {
    world.answer(|_| Reply::json("201 Created", "{\"made\":true}"));
    let mut session = world.session(&[&["open"], args].concat(), given, (120, 40));
    session.wait("4 Request POST /v1/vendors");
    session.keys("s");
    session.wait("made: true");
    world.answer(|_| Reply::Reset);
    session.keys("s");
    session.wait("closed the connection without a proper answer");
    world.listeners.wait_for(2);
    session.keys("q");
    assert_eq!(session.end(Duration::from_secs(10)), 0);
    let log = world.take();
    let requests: Vec<_> = log.iter().flat_map(|arrival| &arrival.requests).collect();
    assert_eq!((log.len(), requests.len()), (1, 2), "two sends, two requests, one connection: {log:#?}");
    assert!(requests.iter().all(|request| request.method == "POST" && request.body == BODY.as_bytes()), "{log:#?}");
    until("the log stays empty", || world.take().is_empty().then_some(()));
}
