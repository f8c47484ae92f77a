//! `history`: what was sent is listed, found, shown, sent again and removed.

use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;

use super::super::{code, err, out, pleoscope};

/// A state folder of its own, gone with it.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("pleoscope-cli-history-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Self(folder)
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = pleoscope(args);
        command.env("PLEOSCOPE_CONFIG_DIR", self.0.join("config")).env("PLEOSCOPE_STATE_DIR", self.0.join("state"));
        command
    }

    fn list(&self, query: &[&str]) -> Vec<Value> {
        let output = self.run(&[&["history", "-o", "json"], query].concat());
        assert_eq!((code(&output), err(&output).as_str()), (0, ""));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_was_sent_is_found_again() {
    let place = Place::new("found");
    place.run(&["--sandbox", "send", "GET", "/v2/employees", "-q", "limit=3"]);
    place.run(&["--sandbox", "--env", "production", "send", "GET", "/v1/nowhere", "-o", "raw"]);
    place.run(&["--sandbox", "send", "GET", "/v2/employees", "-q", "pageSize=4", "-o", "ndjson"]);
    place.run(&["--sandbox", "--no-history", "send", "GET", "/v2/employees"]);
    let all = place.list(&[]);
    let told: Vec<_> = all
        .iter()
        .map(|one| (one["number"].as_i64().unwrap(), one["environment"].as_str().unwrap(), one["status"].as_u64()))
        .collect();
    assert_eq!(told.len(), 3, "{all:#?}");
    assert_eq!(told[1..], [(2, "production", Some(404)), (1, "staging", Some(200))]);
    assert!(all.iter().all(|one| one["setting"] == "sandbox"), "what went to the imitation says so");
    assert_eq!(all[2]["target"], "/v2/employees?limit=3");
    for (query, wanted) in [(&["status:4xx"][..], &[2][..]), (&["pageSize"], &[3]), (&["env:prod", "!nowhere"], &[])] {
        let found: Vec<_> = place.list(query).iter().map(|one| one["number"].as_i64().unwrap()).collect();
        assert_eq!(found, wanted, "{query:?}");
    }
    assert_eq!(place.list(&["--limit", "1"]).len(), 1);
    let table = place.run(&["history"]);
    assert!(out(&table).contains("production sandbox  404"), "{}", out(&table));
    let lines = place.run(&["history", "-o", "ndjson"]);
    assert_eq!(out(&lines).lines().count(), 3);
    let wrong = place.run(&["history", "status:old"]);
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("status: takes 404, 4xx"), "{}", err(&wrong));
    let none = place.run(&["history", "nothinglikeit"]);
    assert_eq!((code(&none), out(&none).as_str()), (0, ""));
    assert!(err(&none).contains("nothing in the history fits"));
}

/// Whoever asks who they are finds what was asked, and no credential in it.
#[test]
fn what_is_asked_of_a_credential_is_an_exchange_too() {
    let place = Place::new("who");
    assert_eq!(code(&place.run(&["--sandbox", "whoami"])), 0);
    let all = place.list(&[]);
    let told: Vec<_> = all.iter().map(|one| (one["operation"].as_str().unwrap(), one["status"].as_u64())).collect();
    assert_eq!(told, [("list-companies", Some(200)), ("introspect", Some(200))], "{all:#?}");
    let shown: Value = serde_json::from_slice(&place.run(&["history", "show", "1", "--as", "json"]).stdout).unwrap();
    assert!(shown["credential"].is_string() && shown["answer"]["body"].is_string(), "{shown:#}");
    assert!(shown["timing"]["total"].is_object() && shown["whole"] == true, "{shown:#}");
}

#[test]
fn an_exchange_is_shown_sent_again_and_removed() {
    let place = Place::new("shown");
    place.run(&["--sandbox", "send", "GET", "/v2/employees", "-q", "limit=3"]);
    let shown = place.run(&["history", "show", "1"]);
    assert_eq!(code(&shown), 0, "{}", err(&shown));
    let text = out(&shown);
    assert!(text.starts_with("GET http://127.0.0.1:") && text.contains("/v2/employees?limit=3\n"), "{text}");
    assert!(text.contains("authorization: ") && text.contains("HTTP/1.1 200 OK\n") && text.contains("\"data\": ["));
    let curl = place.run(&["history", "show", "1", "--as", "curl"]);
    assert!(out(&curl).starts_with("curl ") && out(&curl).contains("$PLEOSCOPE_STAGING_"), "{}", out(&curl));
    let har = place.run(&["history", "show", "1", "--as", "har"]);
    let har: Value = serde_json::from_slice(&har.stdout).unwrap();
    assert_eq!(har["log"]["entries"][0]["response"]["status"], 200);

    let whole = place.run(&["history", "show", "1", "--as", "json"]);
    let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
    assert_eq!((&whole["number"], &whole["answer"]["status"]), (&1.into(), &200.into()));
    assert!(whole["answer"]["body"].as_str().unwrap().contains("\"data\"") && whole["timing"]["total"].is_object());
    assert!(whole["request"]["headers"].as_array().unwrap().iter().any(|pair| pair[0] == "Accept"), "{whole:#}");

    let again = place.run(&["--sandbox", "history", "resend", "1", "-o", "raw"]);
    assert_eq!(code(&again), 0, "{}", err(&again));
    let page: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(page["data"].as_array().unwrap().len(), 3);
    assert_eq!(place.list(&[]).len(), 2, "what is sent again is kept too");
    // Never to Pleo itself, also where it would be refused for want of a credential anyway.
    let elsewhere = place.run(&["history", "resend", "1"]);
    assert_eq!((code(&elsewhere), out(&elsewhere).as_str()), (2, ""));
    assert!(err(&elsewhere).contains("was with the sandbox"), "{}", err(&elsewhere));

    for (args, word) in [
        (&["history", "show", "77"][..], "no exchange 77"),
        (&["history", "delete", "77"], "no exchange 77"),
        (&["--sandbox", "history", "resend", "77"], "no exchange 77"),
        (&["history", "clear"], "--yes"),
        (&["history", "show", "1", "--as", "smoke"], "smoke"),
        (&["history", "show", "abc"], "it is the number of an exchange"),
    ] {
        let output = place.run(args);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{args:?}");
        assert!(err(&output).contains(word), "{args:?}: {}", err(&output));
    }
    assert_eq!(code(&place.run(&["history", "delete", "1"])), 0);
    assert_eq!(place.list(&[])[0]["number"], 2);
    let cleared = place.run(&["history", "clear", "--yes"]);
    assert!(code(&cleared) == 0 && err(&cleared).contains("1 exchange was removed"), "{}", err(&cleared));
    assert_eq!(place.list(&[]).len(), 0);
}

/// `--env` lists and clears that environment alone.
#[test]
fn an_environment_is_listed_and_cleared_alone() {
    let place = Place::new("alone");
    let empty = place.run(&["history"]);
    assert!(err(&empty).contains("the history is empty"), "{}", err(&empty));
    for env in ["staging", "production"] {
        place.run(&["--sandbox", "--env", env, "send", "GET", "/v2/employees", "-q", "limit=2"]);
    }
    assert_eq!(place.list(&["--env", "production"]).len(), 1);
    assert_eq!(place.list(&[]).len(), 2);
    let cleared = place.run(&["history", "clear", "--yes", "--env", "production"]);
    assert!(code(&cleared) == 0 && err(&cleared).contains("1 exchange was removed"), "{}", err(&cleared));
    let left = place.list(&[]);
    assert!(left.len() == 1 && left[0]["environment"] == "staging", "{left:?}");
    let other = place.run(&["--sandbox", "--env", "production", "history", "resend", "1"]);
    assert!(code(&other) == 2 && err(&other).contains("--env says production"), "{}", err(&other));
}

/// What lets its reader in is kept nowhere, and where it was nothing else is sent in its place.
#[test]
fn what_lets_in_is_not_kept_and_not_made_up() {
    let place = Place::new("gaps");
    place.run(&["--sandbox", "send", "GET", "/v2/employees", "-q", "limit=2", "-H", "X-Auth-Token: hunter2"]);
    for form in [&[][..], &["--as", "json"], &["--as", "har"], &["--as", "markdown"], &["--as", "curl"]] {
        let shown = place.run(&[&["history", "show", "1"], form].concat());
        let text = out(&shown);
        assert!(text.contains("REDACTED") && !text.contains("hunter2"), "{form:?}: {text}");
        let told = err(&shown).contains("REDACTED stands where a secret was: put it in again");
        assert_eq!(told, form == ["--as", "curl"], "{form:?}: {}", err(&shown));
    }
    let again = place.run(&["--sandbox", "history", "resend", "1"]);
    assert_eq!(code(&again), 2);
    assert!(err(&again).contains("REDACTED stands where a secret was, in X-Auth-Token"), "{}", err(&again));
}

/// What is found is one archive, and nothing personal is in it where that is said.
#[test]
fn what_is_found_is_an_archive() {
    let place = Place::new("archive");
    for limit in ["limit=2", "limit=3"] {
        place.run(&["--sandbox", "send", "GET", "/v2/employees", "-q", limit]);
    }
    place.run(&["--sandbox", "send", "GET", "/v9/nowhere"]);
    let entries = |args: &[&str]| {
        let output = place.run(&[&["history", "status:200", "-o", "har"], args].concat());
        assert_eq!(code(&output), 0, "{}", err(&output));
        let har: Value = serde_json::from_slice(&output.stdout).unwrap();
        har["log"]["entries"].as_array().unwrap().clone()
    };
    let all = entries(&[]);
    let urls: Vec<_> = all.iter().map(|entry| entry["request"]["url"].as_str().unwrap()).collect();
    assert!(urls.len() == 2 && urls[0].ends_with("limit=2") && urls[1].ends_with("limit=3"), "{urls:?}");
    assert!(all[0]["response"]["content"]["text"].as_str().unwrap().contains("\"data\""));
    let masked = entries(&["--masked", "--limit", "1"]);
    assert!(masked.len() == 1 && masked[0]["response"]["content"]["text"].is_null(), "{masked:?}");
    let report = place.run(&["history", "show", "1", "--as", "markdown", "--masked"]);
    assert!(out(&report).contains("is withheld: personal data is masked"), "{}", out(&report));
    let wrong = place.run(&["history", "show", "1", "--masked"]);
    assert!(code(&wrong) == 2 && err(&wrong).contains("--masked is for"), "{}", err(&wrong));
}

/// However short a run is, it leaves no more than may be kept.
#[test]
fn a_limit_holds_for_a_single_request_too() {
    let place = Place::new("limit");
    std::fs::create_dir_all(place.0.join("config")).unwrap();
    std::fs::write(place.0.join("config").join("config.toml"), "[history]\nmax_entries = 2\n").unwrap();
    for _ in 0..4 {
        place.run(&["--sandbox", "send", "GET", "/v2/employees", "-q", "limit=2"]);
    }
    assert_eq!(place.list(&[]).len(), 2);
}

/// A write to production is refused from the history as from anywhere else.
/// Ctrl-C while an answer is awaited, and in the middle of one.
#[test]
fn what_was_interrupted_is_kept_and_said() {
    use std::io::Read as _;
    let place = Place::new("interrupted");
    let cases = [
        ("slow=60s", "-INT", 130, "no answer to GET /v2/employees had come"),
        ("drip", "-INT", 130, "bytes of the answer to GET /v2/employees"),
        ("slow=60s", "-TERM", 143, "no answer to GET /v2/employees had come"),
    ];
    for (number, (fault, signal, ends, words)) in cases.into_iter().enumerate() {
        let mut child = place
            .command(&["--sandbox", "--fault", fault, "send", "GET", "/v2/employees", "-o", "raw", "-v"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        if fault == "drip" {
            child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        } else {
            std::thread::sleep(std::time::Duration::from_millis(1_500));
        }
        let kill = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let ended = child.wait_with_output().unwrap();
        let told = err(&ended);
        assert_eq!(code(&ended), ends, "{told}");
        assert!(told.contains("pleoscope: interrupted after ") && told.contains(words), "{told}");
        assert!(told.contains("  cancelled here\n"), "{told}");
        assert!(told.contains("* total "), "how far it came is told: {told}");
        let kept = place.list(&[]);
        assert_eq!(kept.len(), number + 1, "{kept:#?}");
        assert!(kept[0]["milliseconds"].as_u64() > Some(0));
        let shown = place.run(&["history", "show", &(number + 1).to_string(), "--as", "json"]);
        let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
        assert_eq!(shown["failure"], "It was cancelled.", "{shown:#}");
    }
}

#[test]
fn a_write_is_sent_again_past_the_guard() {
    let place = Place::new("guard");
    let args = ["--sandbox", "--env", "production", "send", "DELETE", "/v9/nowhere", "--allow-production-write"];
    assert_eq!(code(&place.run(&args)), 4);
    let refused = place.run(&["--sandbox", "history", "resend", "1"]);
    assert_eq!(code(&refused), 2);
    assert!(err(&refused).contains("needs --allow-production-write"), "{}", err(&refused));
    assert_eq!(place.list(&[]).len(), 1, "what was refused did not happen");
    let allowed = place.run(&["--sandbox", "history", "resend", "1", "--allow-production-write"]);
    assert_eq!(code(&allowed), 4, "{}", err(&allowed));
    assert_eq!(place.list(&["env:production", "method:DELETE"]).len(), 2);
}

/// Bodies of answers are kept of staging and not of production, unless the configuration says otherwise.
#[test]
fn the_configuration_says_what_is_kept() {
    let place = Place::new("rules");
    let body = |number: &str| {
        let shown = place.run(&["history", "show", number]);
        (out(&shown).contains("\"data\": ["), err(&shown))
    };
    let send = |env: &str| place.run(&["--sandbox", "--env", env, "send", "GET", "/v2/employees", "-q", "limit=2"]);
    send("staging");
    send("production");
    assert!(body("1").0);
    let (kept, said) = body("2");
    assert!(!kept && said.contains("bytes was not kept"), "{said}");
    // The sandbox reads no configuration: it has nothing to do with what is real.
    std::fs::create_dir_all(place.0.join("config")).unwrap();
    let write = |text: &str| std::fs::write(place.0.join("config").join("config.toml"), text).unwrap();
    write("[history]\nbody_limit = \"small\"\nmax_age = 0\n");
    let wrong = place.run(&["send", "GET", "/v2/employees", "--base-url", "staging=http://127.0.0.1:1"]);
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("config.toml:2:14: body_limit is a size"), "{}", err(&wrong));
    write("[history]\nenabled = false\n");
    let args = ["send", "GET", "/v2/employees", "--base-url", "staging=http://127.0.0.1:1"];
    assert_eq!(code(&place.run(&args)), 1);
    assert_eq!(place.list(&[]).len(), 2);
    write("[history]\nenabled = true\n");
    assert_eq!(code(&place.run(&args)), 1);
    let failed = &place.list(&["status:none"])[0];
    assert!(failed["setting"] == "overridden" && failed["status"].is_null(), "{failed}");
}
