//! The commands without a screen, through the real binary.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test may fail by panicking")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Output, Stdio};

#[path = "harness/paged.rs"]
mod paged;

mod cli {
    mod all;
    mod config;
    mod curl;
    mod diff;
    mod fields;
    mod handing;
    mod history;
    mod home;
    mod import;
    mod jq;
    mod saved;
    mod wire;
}

fn pleoscope(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pleoscope"));
    command
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    pleoscope(args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn send_prints_data_to_stdout_and_nothing_else() {
    let output = run(&["--sandbox", "send", "GET", "/v2/employees", "-q", "limit=3"]);
    assert_eq!((code(&output), err(&output).as_str()), (0, ""));
    let page: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(page["data"].as_array().unwrap().len(), 3);
    assert!(out(&output).starts_with("{\n  \"data\": [\n"), "it is indented");
    let named = run(&["send", "list-employees", "-q", "limit=3", "--sandbox", "-o", "raw"]);
    assert!(out(&named).starts_with("{\"data\":[{"), "raw is as sent");
    let production = run(&["send", "list-employees", "--sandbox", "--env", "production", "-q", "limit=1"]);
    let page: serde_json::Value = serde_json::from_slice(&production.stdout).unwrap();
    assert_eq!(page["pagination"]["total"], 1300);
}

#[test]
fn a_path_parameter_goes_into_the_path_and_the_legacy_surface_is_reached() {
    let list = run(&["--sandbox", "send", "list-employees", "-q", "limit=1"]);
    let page: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    let id = page["data"][0]["id"].as_str().unwrap().to_owned();
    let one = run(&["--sandbox", "send", "get-employee", "--path", &format!("employeeId={id}")]);
    let employee: serde_json::Value = serde_json::from_slice(&one.stdout).unwrap();
    assert_eq!(employee["data"]["id"], id.as_str());
    let legacy = run(&["--sandbox", "send", "GET", "/v1/employees", "--legacy"]);
    assert_eq!(code(&legacy), 0, "{}", err(&legacy));
    assert!(out(&legacy).contains("pageInfo"));
}

#[test]
fn exit_codes_tell_the_class() {
    for (fault, wanted) in [("redirect=other-host", 3), ("429", 4), ("503", 5), ("truncate", 1), ("reset", 1)] {
        let output = run(&["--sandbox", "--fault", fault, "send", "GET", "/v2/employees"]);
        assert_eq!(code(&output), wanted, "{fault}: {}", err(&output));
        assert!(!err(&output).is_empty(), "{fault} says something");
    }
    let refused = run(&["send", "GET", "/v2/employees", "--base-url", "staging=http://127.0.0.1:1"]);
    assert_eq!(code(&refused), 1);
    assert!(err(&refused).contains("127.0.0.1:1 refused the connection"));
}

#[test]
fn every_wrong_word_gets_a_sentence_that_names_it() {
    for (args, word) in [
        (&["send", "GET", "v2/employees"][..], "v2/employees"),
        (&["send", "FETCH", "/v2/employees"], "FETCH"),
        (&["send", "list-employes"], "did you mean list-employees?"),
        (&["send", "GET"], "GET needs a path"),
        (&["send", "/v2/employees"], "without a method"),
        (&["send", "GET", "/v2/employees", "-q", "limit"], "limit"),
        (&["send", "GET", "/v2/employees", "-q", "limit=ten"], "ten"),
        (&["send", "GET", "/v2/employees", "-q", "companyId=x"], "UUID"),
        (&["send", "get-employee"], "employeeId is required"),
        (&["send", "get-employee", "--path", "id=3"], "it has employeeId"),
        (&["send", "POST", "/v1/vendors", "--body", "/nowhere.json"], "/nowhere.json"),
        (&["send", "GET", "/v2/employees", "--base-url", "staging=https://evil.example"], "evil.example"),
        (&["send", "GET", "/v2/employees", "--base-url", "moon=http://127.0.0.1"], "moon"),
        (&["send", "GET", "https://external.pleo.io/v2/employees"], "production"),
        (&["send", "DELETE", "/v1/installations/me", "--env", "production"], "--allow-production-write"),
        (&["--env", "moon"], "moon"),
        (&["--sandbox", "--fault", "flood", "send", "GET", "/x"], "flood"),
        (&["--fault", "429", "send", "GET", "/x"], "--sandbox"),
        (&["--token-lifetime", "5", "send", "GET", "/x"], "--token-lifetime is for the imitation"),
        (&["--sandbox", "--token-lifetime", "soon", "send", "GET", "/x"], "soon"),
        (&["nonsense"], "nonsense"),
    ] {
        let output = run(args);
        assert_eq!(code(&output), 2, "{args:?}: {}", err(&output));
        assert!(err(&output).contains(word), "{args:?}: {}", err(&output));
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn a_variable_gives_the_credential_and_wrong_ones_are_named_without_their_value() {
    let output =
        pleoscope(&["send", "GET", "/v2/employees"]).env("PLEOSCOPE_STAGING_API_KEY", "CNRY two").output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("PLEOSCOPE_STAGING_API_KEY") && !err(&output).contains("CNRY"), "{}", err(&output));
    let wrong = pleoscope(&["send", "GET", "/v2/employees"])
        .env("PLEOSCOPE_STAGING_LEGACY_TOKEN", "CNRY-legacy-token")
        .output()
        .unwrap();
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("will not work") && !err(&wrong).contains("CNRY"), "{}", err(&wrong));
}

#[test]
fn a_body_comes_from_standard_input_and_is_checked() {
    let mut child = pleoscope(&["--sandbox", "send", "search-accounting-entries", "--body", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"{\"includeDeleted\": }").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("line 1, column 20"), "{}", err(&output));
}

#[test]
fn include_prints_status_and_headers() {
    let output = run(&["--sandbox", "send", "introspect", "--include"]);
    assert!(out(&output).starts_with("HTTP/1.1 200 OK\n"), "{}", out(&output));
    assert!(out(&output).contains("\ncontent-type: application/json"));
}

#[test]
fn the_catalogue_the_keys_and_the_completions_are_printed() {
    let all = out(&run(&["endpoints"]));
    assert_eq!(all.lines().filter(|line| line.starts_with("  ")).count(), 160);
    let few = out(&run(&["endpoints", "receipts"]));
    assert!(few.contains("list-receipts") && few.lines().count() < 20, "{few}");
    assert_eq!(code(&run(&["endpoints", "zzzzqqq"])), 1);
    assert!(out(&run(&["keys"])).contains("Ctrl-t"));
    assert!(out(&run(&["completions", "bash"])).contains("-F _pleoscope"));
    assert!(out(&run(&["--version"])).starts_with("pleoscope "));
    assert!(out(&run(&["--help"])).contains("--sandbox"));
}

#[test]
fn the_readme_tells_the_keys_that_there_are() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    assert!(readme.contains(&out(&run(&["keys", "--markdown"]))), "paste `pleoscope keys --markdown` into README.md");
}

#[test]
fn no_option_takes_a_secret() {
    for command in [&["--help"][..], &["send", "--help"], &["open", "--help"], &["sandbox", "--help"]] {
        let help = out(&run(command)).to_lowercase();
        for flag in ["--token", "--key", "--api-key", "--secret", "--password"] {
            let offered = |word: &str| word.trim_end_matches([',', '.', ':']).split('=').next() == Some(flag);
            assert!(!help.split_whitespace().any(offered), "{command:?} offers {flag}");
        }
    }
}

/// Check 57, the part without a terminal: one line, no escape codes, an exit code.
#[test]
fn promise_57_without_a_terminal() {
    for args in [&["--sandbox"][..], &[], &["open", "GET", "/v2/employees"]] {
        let output = run(args);
        assert_eq!(code(&output), 2);
        assert_eq!(err(&output).lines().count(), 1, "{}", err(&output));
        assert!(!output.stderr.contains(&0x1b) && output.stdout.is_empty());
    }
}

/// A template is to be looked at and filled in: without a body of one's own a write changes nothing.
#[test]
fn a_write_without_a_body_is_not_sent_with_a_template() {
    let output = run(&["send", "--sandbox", "create-vendor"]);
    assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{}", err(&output));
    assert!(err(&output).contains("not sent") && err(&output).contains("body"), "{}", err(&output));
}

#[test]
fn the_answers_oddities_are_told_on_stderr() {
    for (fault, wanted, word) in
        [("redirect=other-host", 3, "not followed"), ("429", 4, "try again after"), ("garbage", 0, "is not JSON")]
    {
        let output = run(&["send", "--sandbox", "--fault", fault, "GET", "/v2/employees"]);
        assert!(code(&output) == wanted && err(&output).contains(word), "{fault}: {}", err(&output));
    }
}

#[test]
fn a_refused_parameter_is_named() {
    let output = run(&["send", "--sandbox", "GET", "/v2/employees", "-q", "limit=abc", "-q", "companyId=x"]);
    assert_eq!(code(&output), 2);
    for sentence in ["limit: \"abc\" is not", "companyId: \"x\" is not"] {
        assert!(err(&output).contains(sentence), "{}", err(&output));
    }
}

#[test]
fn a_credential_variable_that_looks_wrong_is_told() {
    let output = pleoscope(&["send", "GET", "/v2/employees", "--base-url", "staging=http://127.0.0.1:1"])
        .env("PLEOSCOPE_STAGING_API_KEY", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x")
        .env("PLEOSCOPE_PRODUCTION_API_KEY", "not usable")
        .output()
        .unwrap();
    assert_eq!(code(&output), 1, "the other environment's variable is no matter: {}", err(&output));
    assert!(err(&output).contains("PLEOSCOPE_STAGING_API_KEY: It looks like a JWT"), "{}", err(&output));
    assert!(!err(&output).contains("eyJ"));
}

#[test]
fn a_wrong_word_on_the_command_line_gets_one_line() {
    for (args, word) in [
        (&["nope"][..], "nope"),
        (&["send"], "OPERATION"),
        (&["send", "-o", "xml", "list-employees"], "xml"),
        (&["--env", "prod"], "prod"),
        (&["completions", "nope"], "nope"),
        (&["--sandbox", "--base-url", "staging=http://127.0.0.1:1"], "--base-url"),
    ] {
        let output = run(args);
        let sentence = err(&output);
        assert_eq!((code(&output), sentence.lines().count()), (2, 1), "{sentence}");
        assert!(sentence.contains(word) && sentence.contains("--help"), "{sentence}");
    }
}

#[test]
fn two_values_for_a_path_parameter_are_refused() {
    let output =
        run(&["send", "--sandbox", "DELETE", "/v0/tags/11111111-1111-4111-8111-111111111111", "--path", "tagId=2"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("tagId is given twice"), "{}", err(&output));
}

#[test]
fn a_name_without_a_value_is_sent_and_told() {
    let output = run(&["send", "--sandbox", "GET", "/v2/employees", "-q", "email="]);
    assert!(err(&output).contains("email is given without a value: it is sent empty"), "{}", err(&output));
}

#[test]
fn the_served_sandbox_tells_its_oauth_clients() {
    let mut child = pleoscope(&["sandbox", "--token-lifetime", "5"]).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let told: Vec<String> = lines.take_while(|line| !line.starts_with("Explore")).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    for line in [
        "  Public client        demo-staging-public-client",
        "  Confidential client  demo-production-confidential-client",
        "  Its secret           demo-production-client-secret-not-a-real-one",
        "  Redirect URI         http://127.0.0.1:8421/callback",
    ] {
        assert!(told.iter().any(|it| it == line), "{line:?} is not in {told:#?}");
    }
}

#[test]
fn whoami_tells_who_and_what_it_may_do() {
    let text = run(&["whoami", "--sandbox"]);
    assert_eq!((code(&text), err(&text).as_str()), (0, ""));
    for word in ["staging (http://127.0.0.1", "OAUTH2", "Pleoscope sandbox", "15: users:read", "Testfield ApS"] {
        assert!(out(&text).contains(word), "{word}: {}", out(&text));
    }
    let json = run(&["whoami", "--sandbox", "--env", "production", "-o", "json"]);
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((value["environment"].as_str(), value["method"].as_str()), (Some("production"), Some("OAUTH2")));
    assert!(value["companies"].as_array().unwrap().len() > 1 && value["scopes"].as_array().unwrap().len() == 15);
    let nobody = run(&["whoami"]);
    assert_eq!((code(&nobody), out(&nobody).as_str()), (2, ""));
    assert!(err(&nobody).contains("has no credential"), "{}", err(&nobody));
}

#[test]
fn a_write_to_production_needs_its_flag_and_a_read_only_run_refuses_it_all_the_same() {
    let id = "11111111-1111-4111-8111-111111111111";
    let entry = format!("/v0/tags/{id}");
    let write = ["--sandbox", "--env", "production", "send", "DELETE", &entry];
    let refused = run(&write);
    assert_eq!(code(&refused), 2);
    assert!(err(&refused).contains("--allow-production-write"), "{}", err(&refused));
    let allowed = run(&[&write[..], &["--allow-production-write"]].concat());
    assert_eq!(code(&allowed), 4, "it was sent, and there is no such tag: {}", err(&allowed));
    let read_only = run(&[&write[..], &["--allow-production-write", "--read-only"]].concat());
    assert_eq!(code(&read_only), 2);
    assert!(err(&read_only).contains("--read-only"), "{}", err(&read_only));
    let staging = run(&["--sandbox", "--read-only", "send", "DELETE", &entry]);
    assert_eq!(code(&staging), 2, "{}", err(&staging));
}

#[test]
fn a_refusal_of_the_server_is_explained() {
    let none = run(&["--sandbox", "send", "GET", "/v1/expenses"]);
    assert_eq!(code(&none), 4);
    assert!(err(&none).contains("it is one of the legacy API"), "{}", err(&none));
    let company = run(&["--sandbox", "send", "GET", "/v0/tag-groups"]);
    assert!(code(&company) == 4 && err(&company).contains("spells it company_id"), "{}", err(&company));
}

/// Check 2, the part about our own sentences: what a person writes by mistake does not come back.
#[test]
fn promise_2_a_secret_on_the_command_line_is_not_repeated() {
    let secret = "pls_CNRY_0123456789abcdef";
    for args in [
        &["send", "GET", "https://evil.example/v1/x?k=pls_CNRY_0123456789abcdef"][..],
        &["send", "GET", "/v1/x#pls_CNRY_0123456789abcdef"],
        &["send", "GET", "/v2/employees", "-q", "email=pls_CNRY_0123456789abcdef"],
        &["send", "--env", "pls_CNRY_0123456789abcdef", "list-employees"],
        &["send", "list-employees", "--credential", "pls_CNRY_0123456789abcdef"],
        &["send", "POST", "/v1/vendors", "--body", "/nowhere/pls_CNRY_0123456789abcdef"],
        &["--base-url", "staging=http://u:pls_CNRY_0123456789abcdef@127.0.0.1:1"],
        &["auth", "add", "name", "pls_CNRY_0123456789abcdef", "--kind", "api-key"],
        &["auth", "add", "name", "--kind", "api-key", "--variable", "pls_CNRY_0123456789abcdef"],
    ] {
        for variable in ["PLEOSCOPE_STAGING_API_KEY", "PLEOSCOPE_PRODUCTION_API_KEY"] {
            let output = pleoscope(args).env(variable, secret).output().unwrap();
            assert_eq!(code(&output), 2, "{args:?}: {}", err(&output));
            assert!(!err(&output).contains("CNRY") && !out(&output).contains("CNRY"), "{args:?}: {}", err(&output));
        }
    }
}

#[test]
fn a_credential_in_the_url_is_refused_also_behind_an_encoding() {
    for value in ["pls_CNRY_0123456789", "cGxzX0NOUllfMDEyMzQ1Njc4OTo=", "cGxzX0NOUllfMDEyMzQ1Njc4OQ=="] {
        for environment in ["staging", "production"] {
            let query = format!("email={value}");
            let mut command = pleoscope(&["send", "GET", "/v2/employees", "-q", &query, "--env", environment]);
            let output = command.env("PLEOSCOPE_STAGING_API_KEY", "pls_CNRY_0123456789").output().unwrap();
            assert_eq!(code(&output), 2, "{value}: {}", err(&output));
            assert!(err(&output).to_lowercase().contains("a credential stands in the url"), "{}", err(&output));
        }
    }
}

#[test]
fn one_place_is_not_both_environments() {
    let both = ["--base-url", "staging=http://127.0.0.1:9", "--base-url", "production=http://127.0.0.1:9"];
    let output = run(&[&["send", "GET", "/x"], &both[..]].concat());
    assert!(code(&output) == 2 && err(&output).contains("same place"), "{}", err(&output));
}
