//! Check 44: a body that is not what one would think is said to be what it is, in one line.

use super::explorer::Explorer;
use super::loopback::{Loopback, is_over, leave, named, sent};
use super::server::Reply;

const JSON: &str = "application/json";

/// What pane 5 says, its rows as one text.
fn said(picture: &str) -> String {
    let rows = picture.lines().filter(|line| line.starts_with('┃'));
    rows.map(|row| row.trim_matches(['┃', ' '])).collect::<Vec<_>>().join(" ")
}

fn wide(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let text = if mark { format!("\u{FEFF}{text}") } else { text.to_owned() };
    text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

/// A content type, a body, what is said of them, and the view they stand in.
type Case = (Option<&'static str>, Vec<u8>, &'static [&'static str], &'static str);

fn cases() -> Vec<Case> {
    let object = "{\"a\": [1, 2, 3]}";
    let latin = b"{\"name\": \"J\xF8rgen \xC5s\", \"b\": 1}".to_vec();
    let cut = b"{\"name\": \"ok \xE2\x82\", \"b\": 1}".to_vec();
    vec![
        (Some(JSON), object.into(), &[], "tree"),
        (Some("application/problem+json; charset=utf-8"), object.into(), &[], "tree"),
        (Some(JSON), format!("\u{FEFF}{object}").into(), &["byte order mark"], "tree"),
        (Some(JSON), wide(object, true, true), &["UTF-16"], "hex"),
        (Some(JSON), wide(object, false, true), &["UTF-16"], "hex"),
        (Some(JSON), wide(object, true, false), &["UTF-16"], "hex"),
        (Some(JSON), wide(object, false, false), &["UTF-16"], "hex"),
        (Some(JSON), latin, &["Not all of it is UTF-8", "byte 11"], "tree"),
        (Some(JSON), cut, &["Not all of it is UTF-8", "byte 13"], "tree"),
        (Some("text/plain"), b"J\xF8rgen\n".to_vec(), &["Not all of it is UTF-8", "byte 1"], "raw"),
        (Some(JSON), b"abc\0def".to_vec(), &["Not text"], "hex"),
        (Some("application/octet-stream"), vec![0, 1, 2, 3, 0xFF], &["Not text"], "hex"),
        (Some("image/png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), &["Not text", "PNG"], "hex"),
        (
            Some(JSON),
            b"<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>".to_vec(),
            &["Not JSON", "HTML", JSON],
            "raw",
        ),
        (Some(JSON), b"<?xml version=\"1.0\"?><error/>".to_vec(), &["Not JSON", "XML", JSON], "raw"),
        (Some(JSON), b"404 page not found\n".to_vec(), &["Not JSON", "text", JSON], "raw"),
        (Some("text/plain"), object.into(), &["text/plain", "is JSON"], "tree"),
        (Some("text/html; charset=utf-8"), object.into(), &["text/html", "is JSON"], "tree"),
        (Some("text/plain"), b"plain enough\n".to_vec(), &[], "raw"),
        (None, object.into(), &["No content type", "JSON"], "tree"),
        (None, b"plain enough\n".to_vec(), &["No content type", "text"], "raw"),
        (None, vec![0, 1, 2, 3], &["Not text"], "hex"),
        (Some(""), object.into(), &["JSON"], "tree"),
        (Some(JSON), b"{\"a\":1}\n{\"a\":2}\n".to_vec(), &[], "table"),
        (Some(JSON), b"\r\n \t \n".to_vec(), &[], "raw"),
    ]
}

#[test]
fn promise_44_what_a_body_is() {
    let server = Loopback::new();
    let mut session = server.session(&[], (160, 30));
    session.keys("5z");
    for (number, (media, body, wanted, view)) in cases().into_iter().enumerate() {
        let name = format!("Kind{number}of");
        let headers: Vec<(&str, &str)> = media.iter().map(|media| ("Content-Type", *media)).collect();
        server.always(named(&name, &headers, &body));
        sent(&mut session, &name);
        let case = format!("{media:?}, {}", body.escape_ascii());
        let fits = |picture: &str| {
            let text = said(picture);
            wanted.iter().all(|wanted| text.contains(wanted)) && picture.contains(&format!("━{view}"))
        };
        if view != "raw" || !body.trim_ascii().is_empty() {
            session.wait_until(&case, fits);
        }
        if wanted.is_empty() {
            let text = said(&session.picture());
            for word in ["UTF", "Not ", "It says", "No content"] {
                assert!(!text.contains(word), "{case}: nothing odd, and yet {text}");
            }
        }
        assert_eq!(server.printed("raw").0, body, "{case}");
    }
    leave(session);
}

/// Where there is no body, or none is sent, that is said.
#[test]
fn promise_44_no_body() {
    let server = Loopback::new();
    let mut session = server.session(&[], (120, 40));
    let empty = Reply::new("200 Empty", &[("Content-Type", JSON)], b"");
    let bare = |status: &str| Reply::Bytes(format!("HTTP/1.1 {status}\r\nContent-Type: {JSON}\r\n\r\n").into_bytes());
    let length =
        Reply::Bytes(b"HTTP/1.1 200 Headless\r\nContent-Type: application/json\r\nContent-Length: 1234\r\n\r\n".into());
    let cases = [
        (empty, "200 Empty", "The body is empty."),
        (bare("204 Nothing"), "204 Nothing", "no body with this status"),
        (Reply::new("205 Reset", &[], b""), "205 Reset", "no body with this status"),
        (bare("304 Same"), "304 Same", "Not modified"),
    ];
    for (reply, name, wanted) in cases {
        server.always(reply);
        sent(&mut session, name);
        session.wait(wanted);
    }
    let mut explorer = Explorer::new(session);
    for (reply, name, wanted) in [
        (length, "200 Headless", "1234 bytes"),
        (bare("200 Lengthless"), "200 Lengthless", "The answer to HEAD has no body."),
    ] {
        server.always(reply);
        explorer.open("HEAD /v2/employees");
        explorer.session.keys("s");
        explorer.session.wait_until(name, |picture| is_over(picture, name));
        explorer.session.wait(wanted);
    }
    leave(explorer.session);
}
