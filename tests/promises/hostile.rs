//! Checks 34 and 35 beyond the body: what is pasted, what a refusal says, and what is copied and saved.

use base64::Engine as _;

use super::loopback::{Loopback, leave, named_json, sent};
use super::sequences::{HOSTILE, first_strange};
use super::server::{Reply, until};
use crate::harness::Session;

/// All of it in one paste.
fn paste(session: &mut Session) {
    session.keys(&format!("\u{1B}[200~{}\u{1B}[201~", HOSTILE.join("x")));
}

/// Esc until nothing lies over the panes and no field is open.
fn close(session: &mut Session) {
    for _ in 0..3 {
        session.keys("\u{1B}");
        std::thread::sleep(std::time::Duration::from_millis(60));
    }
}

/// Into every field that takes text, and as bare keys.
#[test]
fn promise_34_pasted_input() {
    let server = Loopback::new();
    server.always(named_json("There", b"{\"data\":[{\"a\":1},\"b\"]}"));
    let mut session = server.session(&[], (120, 40));
    sent(&mut session, "There");
    let fields = [
        ("\u{e}", "Free request"),
        (":", "Commands"),
        ("3/", "/ "),
        ("4\r", "4 Request"),
        ("5/", "/ "),
        ("5f", "jq"),
        ("5\u{7}", "Go to"),
        ("5or", "Save"),
        ("2Gkkkk\r", "paste or type it"),
    ];
    for (keys, there) in fields {
        session.keys(keys);
        session.wait(there);
        paste(&mut session);
        // What a terminal without bracketed paste sends: some of it are keys.
        session.keys("\u{9B}31m\u{7}\u{8}\u{85}\u{90}q\u{9C}\u{202E}x");
        std::thread::sleep(std::time::Duration::from_millis(100));
        close(&mut session);
        session.keys("5");
        session.wait("5 Response STAGING 200 There");
    }
    let raw = leave(session);
    assert_eq!(first_strange(&raw, false), None);
    // It was there to be seen.
    assert!(memchr::memmem::find(&raw, "⟨U+009B⟩".as_bytes()).is_some());
    assert_eq!(server.world.take().iter().flat_map(|arrival| &arrival.requests).count(), 1, "a paste sends nothing");
}

/// A refusal's words come back in an explanation.
#[test]
fn promise_34_error_messages() {
    let server = Loopback::new();
    let mut session = server.session(&[], (100, 40));
    let said: String = HOSTILE.concat().chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    for status in [302, 400, 401, 403, 404, 405, 409, 422, 429, 500, 503] {
        let body = format!(
            "{{\"type\":\"{said}\",\"message\":\"{said}\",\"error\":\"{said}\",\"errors\":[{{\"field\":\"{said}\",\"message\":\"{said}\"}}],\"timestamp\":\"{said}\"}}"
        );
        let hostile = "a\u{9B}31mb\u{9D}0;t\u{9C}\u{202E}c";
        let names = ["Location", "Retry-After", "Date", "Allow", "WWW-Authenticate", "Content-Type"];
        let headers = names.map(|name| (name, if name == "Content-Type" { "application/json" } else { hostile }));
        server.always(Reply::new(&format!("{status} Told{status}"), &headers, body.as_bytes()));
        sent(&mut session, &format!("Told{status}"));
        session.keys("5zvvvvvGzs");
        sent(&mut session, &format!("Told{status}"));
    }
    let raw = leave(session);
    assert_eq!(first_strange(&raw, false), None);
    assert!(memchr::memmem::find(&raw, "⟨U+009B⟩".as_bytes()).is_some());
}

/// What the marks stand for is what is printed, saved and copied.
#[test]
fn promise_35_original_bytes() {
    let hidden =
        "\u{61C}\u{200E}\u{202E}\u{2066}\u{2069}\u{200B}\u{200D}\u{2060}\u{FEFF}\u{AD}\u{E0041}\u{2028}\u{80}\u{9B}";
    let plain = format!("x{hidden}\u{7F}y");
    let escapes = "10\\b0\\u001b[31m\\u202e\\u0000\\ud83d\\ude00\\/";
    let decoded = "10\u{8}0\u{1B}[31m\u{202E}\0\u{1F600}/";
    let body = format!("{{\"plain\" : \"{plain}\",\r\n\t\"escaped\":\"{escapes}\"}}\n");
    let server = Loopback::new();
    server.always(named_json("Marked", body.as_bytes()));
    assert_eq!(server.printed("raw").0, body.as_bytes());
    let pretty = server.printed("json").0;
    assert_eq!(
        String::from_utf8(pretty).unwrap(),
        format!("{{\n  \"plain\": \"{plain}\",\n  \"escaped\": \"{escapes}\"\n}}\n")
    );

    let mut session = server.session(&[], (120, 40));
    sent(&mut session, "Marked");
    let picture = session.wait("escaped: \"10␈0␛[31m⟨U+202E⟩␀😀/\"");
    assert!(!picture.contains("100"), "{picture}");
    // Copied by the terminal, for there is no program here that would take it.
    for (keys, wanted) in [("gjyv", plain.clone()), ("gjjyv", decoded.to_owned()), ("yb", body.clone())] {
        let before = copied(&session).len();
        session.keys(keys);
        until("it is copied", || (copied(&session).len() > before).then_some(()));
        assert_eq!(copied(&session).last(), Some(&wanted), "{keys}");
    }
    let file = server.world.folder.0.join("saved.json");
    session.keys("or");
    session.wait("Save: ");
    session.keys(&format!("\u{15}\u{1B}[200~{}\u{1B}[201~", file.display()));
    session.wait("saved.json");
    session.enter("Saved");
    assert_eq!(std::fs::read(&file).unwrap(), body.as_bytes());
    leave(session);
}

/// What the terminal was given for its clipboard, in order.
fn copied(session: &Session) -> Vec<String> {
    let raw = session.raw();
    let text = String::from_utf8_lossy(&raw);
    let parts = text.split("\u{1B}]52;c;").skip(1);
    let end = |part: &str| part.find(['\u{7}', '\u{1B}']).map(|end| part[..end].to_owned());
    let decode = |text: String| base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    parts.filter_map(end).map(|text| String::from_utf8(decode(text)).unwrap()).collect()
}
