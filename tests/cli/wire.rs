//! `send --verbose`, the limits of waiting, and authorities of one's own.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use super::super::{code, err, out, pleoscope, run};

#[test]
fn verbose_tells_the_exchange_on_stderr_and_leaves_stdout_alone() {
    let words = ["--sandbox", "send", "GET", "/v2/employees", "-q", "limit=3"];
    let quiet = run(&words);
    let told = run(&[&words[..], &["-v"]].concat());
    assert_eq!((code(&told), out(&told)), (0, out(&quiet)));
    let talk = err(&told);
    for line in [
        "* protocol    HTTP/1.1\n",
        "* address     127.0.0.1:",
        "> GET /v2/employees?limit=3\n",
        "> host: 127.0.0.1:",
        "> authorization: B",
        "< HTTP/1.1 200 OK\n",
        "< content-type: application/json",
        "* DNS                —        no name to look up\n",
        "* TLS                —        plain http\n",
        "* first byte  ",
        "* total       ",
    ] {
        assert!(talk.contains(line), "{line:?} in:\n{talk}");
    }
    let secret = run(&[&words[..], &["-v", "-H", "X-Session-Id: CNRYsecret", "-q", "sig=CNRYsecret"]].concat());
    let talk_of_secrets = err(&secret);
    assert!(
        talk_of_secrets.contains("> x-session-id: REDACTED\n") && !talk_of_secrets.contains("CNRY"),
        "{talk_of_secrets}"
    );
    let order = ["* address", "> GET", "< HTTP", "* size", "* first byte", "* total"];
    let places: Vec<_> = order.iter().map(|line| talk.find(line)).collect();
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{places:?}");
}

#[test]
fn verbose_tells_the_label_of_a_credential_and_never_its_value() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("staging=http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = Vec::new();
        let mut piece = [0; 1024];
        while !seen.ends_with(b"\r\n\r\n") {
            let length = stream.read(&mut piece).unwrap();
            seen.extend_from_slice(&piece[..length]);
        }
        // It comes back in a header and in where a redirect leads.
        let answer = "HTTP/1.1 302 Found\r\nLocation: /x?key=CNRY-verbose-0123456789abcdef\r\nX-Echo: CNRY-verbose-0123456789abcdef\r\nX-Evil: \u{9b}31m\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let mut command = pleoscope(&["send", "GET", "/v2/employees", "--verbose", "--base-url", &base]);
    command.env("PLEOSCOPE_STAGING_API_KEY", "CNRY-verbose-0123456789abcdef");
    let told = command.output().unwrap();
    server.join().unwrap();
    let talk = err(&told);
    assert_eq!(code(&told), 3, "{talk}");
    assert!(!talk.contains("CNRY-verbose"), "{talk}");
    assert!(talk.contains("> authorization: Basic <") && talk.contains("* redirect    to /x?key="), "{talk}");
    assert!(!talk.contains('\u{9b}'), "{talk}");
}

#[test]
fn verbose_tells_how_far_a_failed_request_came() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let told = run(&["send", "GET", "/v2/employees", "-v", "--base-url", &format!("staging=http://{free}")]);
    let talk = err(&told);
    assert_eq!((code(&told), out(&told).as_str()), (1, ""));
    assert!(talk.contains("  failed here\n") && talk.contains("* download           —        not reached\n"), "{talk}");
    assert!(talk.contains("* GET was not sent\n") && !talk.contains("\n> "), "nothing left: {talk}");
}

/// Gives one answer to whoever comes, and what was asked.
fn answering(answer: Vec<u8>) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("staging=http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut seen, mut piece) = (Vec::new(), [0; 1024]);
        while !seen.ends_with(b"\r\n\r\n") {
            let length = stream.read(&mut piece).unwrap();
            seen.extend_from_slice(&piece[..length]);
        }
        stream.write_all(&answer).unwrap();
        String::from_utf8_lossy(&seen).into_owned()
    });
    (base, server)
}

/// What lets in of a redirect, of a path and of a variable is not told, on stderr or in the log.
#[test]
fn what_lets_in_is_told_nowhere() {
    let answer = "HTTP/1.1 302 Found\r\nLocation: https://e.example/cb?token=CNRYa&code=CNRYb&n=1#access_token=CNRYc\r\nContent-Length: 0\r\n\r\n";
    let (base, server) = answering(answer.into());
    let log = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("let-in-{}.log", std::process::id()));
    let file = log.to_str().unwrap();
    let words = ["send", "GET", "/v2/secret/CNRYd", "-v", "--base-url", &base, "--log", file];
    let own =
        ["-H", "X-Note: {{clientSecret}}", "-q", "note={{clientSecret}}", "--var", "clientSecret=CNRYe/swordfish"];
    let told = run(&[&words[..], &own].concat());
    let seen = server.join().unwrap();
    assert!(seen.starts_with("GET /v2/secret/CNRYd?note=CNRYe") && seen.contains("CNRYe/swordfish"), "{seen}");
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("/v2/secret/REDACTED"), "{text}");
    for told in [err(&told), text] {
        assert!(!told.contains("CNRY") && !told.contains("swordfish"), "{told}");
    }
    assert!(
        err(&told).contains("* redirect    to https://e.example/cb?token=REDACTED&code=REDACTED&n=1#"),
        "{}",
        err(&told)
    );
    std::fs::remove_file(&log).unwrap();
}

/// Headers are those that came, in their order, though the body is shown decompressed.
#[test]
fn a_compressed_answer_keeps_its_headers() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(b"{\"data\":[]}").unwrap();
    let body = gzip.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\nDate: Sun, 29 Nov 2026 06:00:00 GMT\r\nETag: \"a\"\r\n\r\n",
        body.len()
    );
    let (base, server) = answering([head.as_bytes(), &body].concat());
    let told = run(&["send", "GET", "/v2/employees", "-i", "-o", "raw", "--base-url", &base]);
    server.join().unwrap();
    let text = out(&told);
    let names: Vec<&str> = text.lines().skip(1).take_while(|line| !line.is_empty()).collect();
    let names: Vec<&str> = names.iter().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(names, ["content-type", "content-encoding", "content-length", "date", "etag"], "{text}");
    assert!(text.trim_end().ends_with("{\"data\":[]}"), "{text}");
}

/// Of the first page all of it, of each other one its line, status and times, and a sum; stdout is as without it.
#[test]
fn verbose_tells_each_page_of_a_list_and_a_sum() {
    let words = ["--sandbox", "send", "GET", "/v2/employees", "--all", "-o", "ndjson"];
    let quiet = run(&words);
    let told = run(&[&words[..], &["-v"]].concat());
    assert_eq!((code(&told), out(&told)), (0, out(&quiet)), "{}", err(&told));
    let talk = err(&told);
    let asked: Vec<&str> = talk.lines().filter(|line| line.starts_with("> GET /v2/employees?")).collect();
    assert!(asked.len() == 3 && asked[1].contains("after=") && asked[2].contains("after="), "{talk}");
    assert_eq!(talk.matches("< HTTP/1.1 200 OK\n").count(), 3, "{talk}");
    assert_eq!(talk.matches("> authorization: ").count(), 1, "the first one is told in full: {talk}");
    assert_eq!(talk.matches(" bytes, the connection of before\n").count(), 2, "{talk}");
    let sum = talk.lines().last().unwrap();
    assert!(sum.starts_with("* sum         3 requests, ") && sum.ends_with(" on the wire"), "{talk}");
}

/// A page that goes wrong is told in full, and so are the records of one page.
#[test]
fn verbose_tells_what_went_wrong_on_the_way_and_one_page_of_records() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("staging=http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let page =
            "{\"data\":[{\"id\":\"1\"}],\"pagination\":{\"hasNextPage\":true,\"endCursor\":\"MY======~GE======\"}}";
        let answers = [
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}", page.len()),
            "HTTP/1.1 404 Not Found\r\nX-Why: gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
        ];
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut seen = Vec::new();
            let mut piece = [0; 1024];
            while !seen.ends_with(b"\r\n\r\n") {
                let length = stream.read(&mut piece).unwrap();
                seen.extend_from_slice(&piece[..length]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    let told = run(&["send", "GET", "/v2/employees", "-v", "--all", "-o", "ndjson", "--base-url", &base]);
    server.join().unwrap();
    let talk = err(&told);
    assert_eq!((code(&told), out(&told).as_str()), (4, "{\"id\":\"1\"}\n"), "{talk}");
    assert!(talk.contains("< HTTP/1.1 404 Not Found\n< x-why: gone\n"), "{talk}");
    assert!(talk.contains("* sum         2 requests, "), "{talk}");
    let one = run(&["--sandbox", "send", "GET", "/v2/employees", "-v", "-q", "limit=2", "-o", "csv"]);
    let talk = err(&one);
    assert!(code(&one) == 0 && talk.contains("> authorization: ") && talk.contains("\n* total "), "{talk}");
}

/// Configuration, then the environment's own, then a variable, then a flag; and what is said names the limit.
#[test]
fn a_limit_is_taken_from_the_nearest_place() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("staging=http://{}", listener.local_addr().unwrap());
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("limits-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let said = |configured: &str, variable: Option<&str>, flag: &[&str]| {
        std::fs::write(folder.join("config.toml"), configured).unwrap();
        let mut command = pleoscope(&[&["send", "GET", "/v2/employees", "--base-url", &base][..], flag].concat());
        command.env("PLEOSCOPE_CONFIG_DIR", &folder);
        if let Some(value) = variable {
            command.env("PLEOSCOPE_FIRST_BYTE_TIMEOUT", value);
        }
        let told = command.output().unwrap();
        (code(&told), err(&told))
    };
    let all = "[timeouts]\nfirst_byte = \"110ms\"\n";
    let own = "[timeouts]\nfirst_byte = 100\n[timeouts.staging]\nfirst_byte = \"120ms\"\n[timeouts.production]\nfirst_byte = 90\n";
    for (configured, variable, flag, wanted) in [
        (all, None, &[][..], "110 ms"),
        (own, None, &[], "120 ms"),
        (own, Some("130ms"), &[], "130 ms"),
        (own, Some("130ms"), &["--first-byte-timeout", "140ms"], "140 ms"),
    ] {
        let (code, talk) = said(configured, variable, flag);
        assert!(code == 1 && talk.contains(&format!("did not answer within {wanted}")), "{wanted}: {talk}");
        assert!(talk.contains("--first-byte-timeout, or first_byte under [timeouts]"), "{talk}");
    }
    let (code, talk) = said("[timeouts]\nverify = false\n", None, &[]);
    assert!(code == 2 && talk.contains("config.toml:2:1: there is no"), "{talk}");
    for wrong in ["0", "soon", "-1s", "1h"] {
        let (code, talk) = said("", None, &["--first-byte-timeout", wrong]);
        assert!(code == 2 && talk.contains("10s or 500ms") | talk.contains("unexpected argument"), "{wrong}: {talk}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Before anything is sent.
#[test]
fn a_file_of_authorities_that_is_none_is_told_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("staging=http://{}", listener.local_addr().unwrap());
    let words = ["send", "GET", "/v2/employees", "--base-url", &base];
    let told = run(&[&words[..], &["--cacert", "/no/such/file.pem"]].concat());
    assert!(
        code(&told) == 2 && err(&told).contains("--cacert: ") && err(&told).contains("/no/such/file.pem"),
        "{}",
        err(&told)
    );
    let told =
        pleoscope(&words).env("SSL_CERT_FILE", env!("CARGO_MANIFEST_DIR").to_owned() + "/Cargo.toml").output().unwrap();
    assert!(code(&told) == 2 && err(&told).contains("SSL_CERT_FILE: "), "{}", err(&told));
    std::thread::sleep(Duration::from_millis(50));
    assert!(listener.accept().is_err(), "nothing was connected to");
}
