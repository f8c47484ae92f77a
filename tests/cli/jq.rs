//! `send --jq`, and the child that filters.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{code, err, out, pleoscope, run};

#[test]
fn results_are_printed_like_documents() {
    let employees = ["send", "--sandbox", "GET", "/v2/employees", "-q", "limit=2", "--jq"];
    let one = run(&[&employees[..], &[".data | length, (.[0] | {email}), []"]].concat());
    assert_eq!((code(&one), err(&one).as_str()), (0, ""));
    let printed = out(&one);
    assert!(printed.starts_with("2\n{\n  \"email\": \"") && printed.ends_with("\"\n}\n[]\n"), "{printed}");
    let raw = run(&[&employees[..], &[".data[] | {email}", "-o", "raw"]].concat());
    assert_eq!((code(&raw), out(&raw).lines().count()), (0, 2));
    assert!(out(&raw).lines().all(|line| line.starts_with("{\"email\":\"") && line.ends_with("\"}")), "{}", out(&raw));
    let include = run(&[&employees[..], &["empty", "--include"]].concat());
    assert!(out(&include).starts_with("HTTP/1.1 200 OK\n") && out(&include).ends_with("\n\n"), "{}", out(&include));
    let literal = run(&[&employees[..], &["1.10, 1e400, 12345678901234567890123"]].concat());
    assert_eq!(out(&literal), "1.10\n1e400\n12345678901234567890123\n");
}

#[test]
fn a_wrong_expression_is_told_with_a_caret_before_anything_is_sent() {
    let output = run(&["send", "GET", "/v2/employees", "--base-url", "staging=http://127.0.0.1:1", "--jq", ".a | foo"]);
    assert_eq!((code(&output), out(&output).as_str()), (2, ""));
    let told = err(&output);
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines.iter().any(|line| line.starts_with("pleoscope: --jq: There is no filter foo")), "{told}");
    assert_eq!(lines[lines.len() - 2..], ["  .a | foo", "       ^^^"], "{told}");
    let empty = run(&["send", "--sandbox", "GET", "/v2/employees", "--jq", ""]);
    assert!(code(&empty) == 2 && err(&empty).contains("An expression is needed"), "{}", err(&empty));
}

#[test]
fn the_filters_failure_and_the_answers_status_decide_the_code() {
    let send = |fault: &str, jq: &str| {
        let fault = if fault.is_empty() { Vec::new() } else { vec!["--fault", fault] };
        run(&[&["send", "--sandbox", "GET", "/v2/employees", "-q", "limit=2", "--jq", jq], &fault[..]].concat())
    };
    for (fault, jq, wanted, printed, word) in [
        ("", "1, error(\"own words\")", 1, "1\n", "The filter stopped: own words."),
        ("", "1, .data.x", 1, "1\n", "The filter stopped: cannot index"),
        ("503", ".", 5, "{", "503"),
        ("503", "error(\"x\")", 1, "", "503"),
        ("429", "empty", 4, "", "try again after"),
        ("garbage", ".", 1, "", "the body is not"),
        ("truncate", ".", 1, "", "only a whole answer is filtered"),
        ("reset", ".", 1, "", "only a whole answer is filtered"),
    ] {
        let output = send(fault, jq);
        assert_eq!(code(&output), wanted, "{fault} {jq}: {}", err(&output));
        assert!(
            out(&output).starts_with(printed) && (!printed.is_empty() || out(&output).is_empty()),
            "{}",
            out(&output)
        );
        assert!(err(&output).contains(word), "{fault} {jq}: {}", err(&output));
    }
}

#[test]
fn no_help_and_no_completion_shows_the_child() {
    let shells = ["bash", "zsh", "fish", "elvish", "powershell"];
    let all = shells.map(|shell| run(&["completions", shell])).into_iter().chain([run(&["--help"]), run(&["help"])]);
    for output in all {
        assert!(code(&output) == 0 && !out(&output).contains("__filter"), "{}", out(&output));
    }
}

/// The child of a process, once it filters.
fn child_of(parent: &Child) -> u32 {
    let began = Instant::now();
    loop {
        let children = format!("/proc/{0}/task/{0}/children", parent.id());
        let others = fs::read_dir(format!("/proc/{}/task", parent.id()))
            .unwrap()
            .filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok());
        let all: String = others.chain(fs::read_to_string(children)).collect();
        if let Some(child) = all.split_whitespace().next().and_then(|id| id.parse().ok())
            && fs::read(format!("/proc/{child}/cmdline"))
                .is_ok_and(|line| line.ends_with(b"\0__filter\x004294967296\x0030\0"))
        {
            return child;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "no child filters");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn gone(id: u32) {
    let began = Instant::now();
    while Path::new(&format!("/proc/{id}")).exists() {
        // One whose parent was killed is another's to reap.
        if fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| stat.contains(") Z ")) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(5), "the child goes on");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_it_at_once_and_leaves_no_child() {
    for (signal, wanted) in [("-INT", Some(130)), ("-TERM", Some(143)), ("-KILL", None)] {
        let mut parent = pleoscope(&["send", "--sandbox", "GET", "/v2/employees", "--jq", "1, last(range(1e15))"])
            .env("PLEOSCOPE_STAGING_API_KEY", "CNRY-key")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 2];
        parent.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
        assert_eq!(&first, b"1\n", "what was found before came at once");
        let child = child_of(&parent);
        if let Ok(environment) = fs::read(format!("/proc/{child}/environ")) {
            assert!([&b""[..], b"MALLOC_ARENA_MAX=1\0"].contains(&&environment[..]), "it sees no variables of ours");
        }
        let began = Instant::now();
        let sent = Command::new("kill").args([signal, &parent.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let output = parent.wait_with_output().unwrap();
        assert!(began.elapsed() < Duration::from_secs(2), "{signal} ends it at once");
        assert_eq!(output.status.code(), wanted, "{signal}");
        assert_eq!(err(&output), "", "{signal}");
        gone(child);
    }
}

#[test]
fn a_reader_that_goes_away_is_quiet() {
    let mut parent = pleoscope(&["send", "--sandbox", "GET", "/v2/employees", "--jq", "repeat(1)"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 2];
    parent.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = parent.wait_with_output().unwrap();
    assert_eq!((code(&output), err(&output).as_str()), (0, ""));
}
