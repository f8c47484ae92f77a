//! Checks 34 and 35: what a server says never steers the terminal, and is seen for what it is.

use std::time::Duration;

use super::network::isolated;
use super::sequences::{HOSTILE, first_strange};
use super::server::Reply;
use super::world::World;
use crate::harness::Session;

/// A JSON string as a server may write it: with escapes for what needs one.
fn quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

/// The explorer with the answer of one request on its screen, once this text is there.
fn shown(world: &World, base: &str, text: &str) -> Session {
    let over = format!("staging={base}");
    let mut session = world.session(&["open", "GET", "/v2/employees", "--base-url", &over], &[], (160, 50));
    session.wait("4 Request GET /v2/employees");
    session.keys("s");
    session.wait(text);
    session
}

/// Through the views and the answer from top to bottom, wide and narrow, a search, and out; then everything is read.
fn looked_at(mut session: Session, what: &str) {
    let view = |picture: &str| {
        ["table", "tree", "raw", "hex", "headers", "timing"].into_iter().find(|it| picture.contains(&format!("━{it}")))
    };
    session.keys("5z");
    session.wait_until("the whole screen", |picture| !picture.contains("4 Request"));
    for _ in 0..6 {
        // A frame may have come in part only.
        let before = view(&session.wait_until("a view", |picture| view(picture).is_some()));
        session.keys("GlllhhhgCEv");
        session.wait_until("another view", |picture| view(picture).is_some_and(|now| Some(now) != before));
    }
    session.keys("/\u{1B}[200~a\u{1B}]0;pasted\u{7}\u{9B}31m\u{1B}[201~");
    session.keys("\r");
    session.keys("z?");
    session.wait("Help");
    session.keys("\u{1B}");
    session.wait_until("the help to close", |picture| !picture.contains("┏ Help"));
    session.keys("q");
    assert_eq!(session.end(Duration::from_secs(10)), 0, "{what}");
    session.assert_given_back();
    let raw = session.raw();
    assert_eq!(first_strange(&raw, false), None, "{what}");
    // It was there to be seen, though.
    let marks: &[&str] =
        if what == "single bytes" { &["\u{FFFD}"] } else { &["⟨U+009B⟩", "␛", "␇", "⟨U+202E⟩"] };
    for mark in marks {
        assert!(memchr::memmem::find(&raw, mark.as_bytes()).is_some(), "{what}: {mark} was not shown");
    }
}

/// In strings and keys, with escapes and as they are, in headers and in the reason phrase: nothing gets through.
#[test]
fn promise_34_hostile_bytes() {
    isolated(|| {
        let world = World::new();
        let mut base = "http://127.0.0.1:8443";
        let members: Vec<String> =
            HOSTILE.iter().map(|text| format!("{}: {}", quoted(&format!("k{text}")), quoted(text))).collect();
        let escaped = format!("{{\"data\": [{{{}}}], \"end\": 1}}", members.join(","));
        let plain = HOSTILE.map(|text| format!("\"k{text}\": \"{text}\"")).join(",");
        let plain = format!("{{\"data\": [{{{plain}}}], \"end\": 1}}");
        let mut bytes = plain.clone().into_bytes();
        bytes.extend((0x80..=0xFF).chain(0..0x20));
        // A header can hold no ESC, for the client takes such an answer for broken (see below); what it can hold are C1
        // controls, as UTF-8 and as single bytes, and tabs. A reason phrase that is not ASCII is left out by the client.
        let head = "200 \u{9B}31mFine\u{9D}0;title\u{9C}\u{202E}";
        let headers = [
            ("Content-Type", "application/json"),
            ("X-C1", "a\u{9B}31mb\u{9D}52;c;Y29weQ==\u{9C}\u{90}q\u{9C}"),
            ("X-Bidi", "a\u{202E}b\u{2066}c\u{200B}d"),
            ("X-Tab", "a\tb"),
        ];
        for (what, body) in [("escaped", escaped.as_bytes()), ("as they are", plain.as_bytes()), ("bytes", &bytes)] {
            for own in ["http://127.0.0.1:8443", "https://localhost:8443"] {
                base = own;
                let reply = Reply::new(head, &headers, body);
                world.answer(move |_| reply.clone());
                let session = shown(&world, base, "5 Response STAGING 200");
                looked_at(session, &format!("{what} from {base}"));
            }
        }
        single_bytes(&world, base);
        broken_answers(&world);
        printed(&world, &escaped);
    });
}

/// Header values and reason phrases of single bytes from 0x80 to 0xFF, which are no UTF-8.
fn single_bytes(world: &World, base: &str) {
    let high: Vec<u8> = (0x80..=0xFF).collect();
    let answer =
        [b"HTTP/1.1 200 a", &high[..], b"\r\nX-High: ", &high, b"\r\nContent-Length: 4\r\n\r\n\"\x9b1\""].concat();
    world.answer(move |_| Reply::Bytes(answer.clone()));
    let session = shown(world, base, "5 Response STAGING 200");
    looked_at(session, "single bytes");
}

/// Answers that are none, whose words may come back in an error's sentence.
fn broken_answers(world: &World) {
    for text in HOSTILE {
        let first = format!("HTTP/1.1 200 {text}\r\nContent-Length: 0\r\n\r\n");
        let second =
            format!("HTTP/1.1 200 OK\r\nX-{text}: {text}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
        for answer in [first, second, format!("{text}\r\n\r\n")] {
            let bytes = answer.clone().into_bytes();
            // What a client takes for an answer that is still to come would keep it waiting.
            world.answer(move |_| Reply::Last(bytes.clone()));
            let mut session = world.session(
                &["open", "GET", "/v2/employees", "--base-url", "staging=http://127.0.0.1:8443"],
                &[],
                (120, 40),
            );
            session.wait("4 Request GET /v2/employees");
            session.keys("s");
            session.wait_until("an end", |picture| picture.contains("200") || picture.contains("without a proper"));
            session.keys("q");
            assert_eq!(session.end(Duration::from_secs(10)), 0);
            assert_eq!(first_strange(&session.raw(), false), None, "{answer:?}");
        }
    }
}

/// `send` in a terminal prints text and line breaks only.
fn printed(world: &World, body: &str) {
    for (name, status) in [("200", "200 \u{9B}31mOK"), ("302", "302 \u{9D}0;t\u{9C}"), ("503", "503 \u{90}")] {
        let reply = Reply::new(
            status,
            &[("Location", "https://evil.example/\u{9B}31m"), ("Retry-After", "\u{9D}0;t\u{9C}")],
            body.as_bytes(),
        );
        world.answer(move |_| reply.clone());
        for output in ["json", "raw"] {
            let mut session = world.session(&["send", "-i", "-o", output, "GET", "/v2/employees"], &[], (200, 200));
            session.wait("\"end\"");
            session.end(Duration::from_secs(10));
            assert!(session.picture().contains(name), "{}", session.picture());
            assert_eq!(first_strange(&session.raw(), true), None, "{name}, {output}");
        }
    }
}

/// Every character that hides, joins or reorders is seen as a mark in the tree, and so are those that steer.
#[test]
fn promise_35_visible_marks() {
    isolated(|| {
        let world = World::new();
        let hidden = "\u{61C}\u{200E}\u{200F}\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}\
            \u{200B}\u{200C}\u{200D}\u{2060}\u{FEFF}\u{AD}\u{E0000}\u{E0041}\u{E007F}\u{2028}\u{2029}\u{80}\u{9B}\u{9F}";
        let marks = hidden.chars().map(|c| (c.to_string(), format!("⟨U+{:04X}⟩", u32::from(c))));
        let pictures = [("\u{1B}", "␛"), ("\u{7}", "␇"), ("\r", "␍"), ("\0", "␀"), ("\u{7F}", "␡"), ("\n", "␊")];
        let pictures = pictures.map(|(text, mark)| (text.to_owned(), mark.to_owned()));
        let all: Vec<(String, String)> = marks.chain(pictures).collect();
        let items: Vec<String> = all
            .iter()
            .enumerate()
            .map(|(index, (text, _))| quoted(&format!("k{index:02}{text}")) + ": " + &quoted(&format!("x{text}y")))
            .collect();
        let body = format!("{{{}, \"price\": \"10\\b0\"}}", items.join(","));
        world.answer(move |_| Reply::json("200 OK", &body));
        let mut session = shown(&world, "http://127.0.0.1:8443", "5 Response STAGING 200");
        session.keys("5z");
        session.wait("price: \"10␈0\"");
        let picture = session.picture();
        for (index, (text, mark)) in all.iter().enumerate() {
            let row = picture.lines().find(|line| line.contains(&format!("k{index:02}"))).unwrap();
            assert!(row.contains(&format!("k{index:02}{mark}")), "the key with {text:?}: {row}");
            assert!(row.contains(&format!("\"x{mark}y\"")), "the value with {text:?}: {row}");
        }
        assert!(!picture.contains("100"), "{picture}");
    });
}
