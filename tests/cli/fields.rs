//! `send` with headers of one's own, several values, dates that are said, and variables.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use super::super::{code, err, out, pleoscope, run};

/// What one request looks like on the wire.
fn wire(args: &[&str]) -> (String, i32, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("staging=http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut seen, mut bytes) = (Vec::new(), [0; 8192]);
        let whole = |seen: &[u8]| {
            let text = String::from_utf8_lossy(seen).into_owned();
            text.contains("\r\n\r\n") && (text.starts_with("GET") || text.ends_with('}'))
        };
        while !whole(&seen) {
            let count = stream.read(&mut bytes).unwrap();
            seen.extend_from_slice(&bytes[..count]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}").unwrap();
        String::from_utf8_lossy(&seen).into_owned()
    });
    let output = pleoscope(&[&["--base-url", &base], args].concat()).output().unwrap();
    assert!(code(&output) == 0, "{}", err(&output));
    (server.join().unwrap(), code(&output), err(&output))
}

#[test]
fn headers_of_ones_own_are_sent_and_others_are_refused() {
    let (seen, ..) = wire(&["send", "GET", "/v2/employees", "-H", "X-Trace: 7", "-H", "Accept: text/csv"]);
    let lower = seen.to_ascii_lowercase();
    assert!(lower.contains("\r\nx-trace: 7\r\n") && lower.contains("\r\naccept: text/csv\r\n"), "{seen}");
    assert_eq!(lower.matches("\r\naccept:").count(), 1, "{seen}");
    for (header, word) in [
        ("Authorization: Bearer x", "2 Credential"),
        ("Cookie: a=b", "Cookie cannot be given"),
        ("Host: evil.example", "follows from the environment"),
        ("X-A: a\r\nX-B: b", "carriage return at character 2"),
        ("X-A", "Name: value"),
    ] {
        let output = run(&["--sandbox", "send", "GET", "/v2/employees", "-H", header]);
        assert_eq!(code(&output), 2, "{header:?}");
        assert!(err(&output).contains(word), "{header:?}: {}", err(&output));
    }
}

#[test]
fn several_values_go_out_in_the_order_in_which_they_were_given() {
    let pairs = ["sorting_keys=b", "sorting_keys=a", "sorting_order=DESC", "sorting_order=ASC", "mine=1", "mine=2"];
    let args: Vec<&str> =
        ["send", "GET", "/v2/employees"].into_iter().chain(pairs.iter().flat_map(|pair| ["-q", pair])).collect();
    let (seen, ..) = wire(&args);
    let wanted =
        "GET /v2/employees?sorting_keys=b&sorting_keys=a&sorting_order=DESC&sorting_order=ASC&mine=1&mine=2 HTTP";
    assert!(seen.starts_with(wanted), "{seen}");
}

#[test]
fn variables_come_from_flag_and_configuration_and_are_never_sent_as_they_stand() {
    let path = "/v2/employees/{{id}}";
    let output = run(&["--sandbox", "send", "GET", path]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("{{id}} has no value for staging"), "{}", err(&output));
    let (seen, ..) = wire(&["send", "GET", path, "--var", "id=ca54c551-9290-484d-9f69-b136e4df7c01"]);
    assert!(seen.starts_with("GET /v2/employees/ca54c551-9290-484d-9f69-b136e4df7c01 HTTP"), "{seen}");
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("variables-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("config.toml");
    let send = |environment: &str| {
        let args = [
            "--sandbox",
            "--env",
            environment,
            "send",
            "GET",
            "/v2/employees",
            "-q",
            "limit={{count}}",
            "-o",
            "ndjson",
        ];
        pleoscope(&args).env("PLEOSCOPE_CONFIG_DIR", &folder).output().unwrap()
    };
    std::fs::write(&file, "[variables.staging]\ncount = \"3\"\n").unwrap();
    let known = pleoscope(&["config", "check"]).env("PLEOSCOPE_CONFIG_DIR", &folder).output().unwrap();
    assert_eq!(code(&known), 0, "{}", err(&known));
    // The imitation has a configuration of nobody's.
    assert_eq!(code(&send("production")), 2, "{}", out(&send("production")));
    std::fs::write(&file, "[variables.staging]\n\"a b\" = \"3\"\n").unwrap();
    let wrong = pleoscope(&["config", "check"]).env("PLEOSCOPE_CONFIG_DIR", &folder).output().unwrap();
    assert!(err(&wrong).contains("2:1: the name of a variable"), "{}", err(&wrong));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_date_in_a_body_is_worked_out() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("dates-{}.json", std::process::id()));
    std::fs::write(&folder, "{\"includeDeleted\": false, \"performedAtStart\": \"-1y\"}").unwrap();
    let file = folder.to_str().unwrap();
    let (seen, ..) = wire(&["send", "POST", "/v1/accounting-entries:search", "--body", file]);
    assert!(seen.contains("\"performedAtStart\": \"20") && seen.ends_with("T00:00:00Z\"}"), "{seen}");
    std::fs::write(&folder, "{\"includeDeleted\": false, \"performedAtStart\": \"last year\"}").unwrap();
    let output = run(&["--sandbox", "send", "POST", "/v1/accounting-entries:search", "--body", file, "-q", "limit=1"]);
    assert!(err(&output).contains("a day such as today or -30d"), "{}", err(&output));
    std::fs::remove_file(&folder).unwrap();
}
