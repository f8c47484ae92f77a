//! Check 3: whatever a server says back of the secrets that it was sent, none of them reaches the screen.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::canary::Canary;
use super::explorer::{Explorer, KINDS, Typed};
use super::given::{Given, assert_quiet};
use super::network::isolated;
use super::server::{Reply, Request};
use super::world::World;

/// A text in every form that is one of text.
fn spellings(text: &str) -> Vec<String> {
    let each = |form: fn(u8) -> String| text.bytes().map(form).collect::<String>();
    vec![
        text.to_owned(),
        STANDARD.encode(text),
        STANDARD.encode(format!("you sent {text}, and that is not allowed")),
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("%{byte:02x}")),
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string(),
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("\\u{byte:04X}")),
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("{byte:02X}")),
        text.chars().rev().collect(),
    ]
}

/// What a request carried: the header as it came, what follows the scheme, and the key inside.
fn carried(request: &Request) -> Vec<String> {
    let Some(header) = request.header("authorization").first().map(|header| (*header).to_owned()) else {
        return vec!["nothing".to_owned()];
    };
    let value = header.split(' ').next_back().unwrap().to_owned();
    let decoded = STANDARD.decode(&value).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let key = decoded.iter().map(|text| text.trim_end_matches(':').to_owned()).collect::<Vec<_>>();
    [vec![header, value], decoded.into_iter().collect(), key].concat()
}

/// Answers all that came in all its forms, everywhere, in small pieces.
pub fn echo(request: &Request) -> Reply {
    let spelled: Vec<String> = carried(request).iter().flat_map(|text| spellings(text)).collect();
    let wide: Vec<u8> = carried(request).concat().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let path = request.target.split('?').next().unwrap();
    let status = path.rsplit('/').next().filter(|last| last.parse::<u16>().is_ok()).unwrap_or("200");
    let told: Vec<String> = spelled.iter().enumerate().map(|(at, text)| format!("\"m{at}\":\"{text}\"")).collect();
    let known = "\"applicationName\":\"Ledger\",\"subjectURN\":\"urn:pleo:organisation:1\"";
    let mut body = format!("{{\"data\":{{{known},{},\"scope\":\"{}\"}},\"end\":1}}", told.join(","), spelled[0]);
    if path == "/v1/introspect" {
        body = body.replace("Ledger", &spelled[0]);
    }
    let mut body = body.into_bytes();
    if path.contains("wide") {
        body.extend(&wide);
    }
    let mut head = format!("HTTP/1.1 {status} {}\r\nContent-Length: {}\r\n", spelled[0], body.len());
    for (at, text) in spelled.iter().enumerate() {
        head.push_str(&format!("X-{at}: {text}\r\n"));
    }
    head.push_str(&format!("Location: https://evil.example/{}?t={}\r\n", spelled[5], spelled[3]));
    let sizes = [13, 29, 7, 41];
    let mut pieces = vec![[head.as_bytes(), b"\r\n"].concat()];
    let mut rest = &body[..];
    for size in sizes.into_iter().cycle() {
        if pieces.len() > 60 || rest.len() <= size {
            pieces.push(rest.to_vec());
            break;
        }
        pieces.push(rest[..size].to_vec());
        rest = &rest[size..];
    }
    Reply::Pieces(pieces)
}

/// The echo says each secret in every form; else not finding one means nothing.
fn assert_echoes(request: &Request, secret: &Canary) {
    let Reply::Pieces(pieces) = echo(request) else { unreachable!() };
    let said = pieces.concat();
    for (name, form) in secret.forms() {
        let either = name != "Base64"
            && name != "Base64 with a colon"
            && (name != "UTF-16LE" || request.target.contains("wide"));
        assert!(!either || memchr::memmem::find(&said, &form).is_some(), "{name} is not said");
    }
    assert!(secret.forms().iter().any(|(name, form)| *name == "Base64" && memchr::memmem::find(&said, form).is_some()));
}

/// Nothing of it is in the picture, nor over the ends of its rows.
fn assert_not_pictured(picture: &str, secrets: &[Canary]) {
    let rows: String = picture.lines().map(|row| row.trim_matches([' ', '┃', '│', '↪'])).collect();
    let halves = |right: bool| -> String {
        let half = |row: &str| {
            let mut parts =
                row.split(['┃', '│']).filter(|part| !part.trim().is_empty()).map(|part| part.trim().to_owned());
            if right { parts.next_back() } else { parts.next() }
        };
        picture.lines().filter_map(half).collect()
    };
    for secret in secrets {
        for text in [picture, &rows, &halves(false), &halves(true)] {
            secret.assert_not_in(text.as_bytes(), "the picture");
        }
    }
}

/// Every picture that there was, as the bytes made it, one after the other.
fn assert_never_pictured(explorer: &Explorer, (columns, rows): (u16, u16), secrets: &[Canary]) {
    let raw = explorer.session.raw();
    for secret in secrets {
        secret.assert_not_in(&raw, "what the terminal was told");
    }
    let mut screen = vt100::Parser::new(crate::harness::cells(rows), crate::harness::cells(columns), 0);
    for piece in raw.chunks(4096) {
        screen.process(piece);
        assert_not_pictured(&screen.screen().contents(), secrets);
    }
}

#[test]
fn promise_3_screen() {
    isolated(|| {
        let world = World::new();
        world.answer(echo);
        for size in [(140, 45), (80, 24)] {
            let typed = [0, 1].map(|kind| Typed { environment: "staging", kind, secret: Canary::new("staging-typed") });
            let secrets = typed.each_ref().map(|one| one.secret.clone());
            let mut explorer = Explorer::new(world.session(&[], &[], size));
            for one in &typed {
                explorer.give(one);
                explorer.session.wait("[redacted]");
                for path in ["200", "302", "401", "500", "wide/200"] {
                    explorer.open(&format!("/v9/nowhere/{path}"));
                    explorer.session.keys("s");
                    explorer.session.wait(&format!("5 Response STAGING {}", path.trim_start_matches("wide/")));
                    explorer.session.wait_until("its end", |picture| !picture.contains("receiving"));
                    explorer.session.keys("5z");
                    explorer.session.wait_until("the whole screen", |picture| !picture.contains("4 Request"));
                    for _ in 0..4 {
                        let shown = explorer.session.wait("[redacted]");
                        assert_not_pictured(&shown, &secrets);
                        explorer.session.keys("GllhhgElv");
                    }
                    explorer.press("/redacted", "/ redacted");
                    explorer.session.keys("\rnnN");
                    explorer.escape("/ redacted");
                    explorer.press("z", "4 Request");
                }
                explorer.press("2?", "┏ Help");
                explorer.escape("┏ Help");
            }
            explorer.quit();
            let log = world.take();
            for one in &typed {
                one.assert_arrived(&log, 6);
            }
            for request in log.iter().flat_map(|arrival| &arrival.requests) {
                let one = typed.iter().find(|one| request.header("authorization") == [one.header()]).unwrap();
                assert_echoes(request, &one.secret);
            }
            assert_never_pictured(&explorer, size, &secrets);
            assert!(memchr::memmem::find(&explorer.session.raw(), KINDS[0].as_bytes()).is_some());
        }
    });
}

/// The same without a screen.
#[test]
fn promise_3_printed() {
    isolated(|| {
        let world = World::new();
        world.answer(echo);
        for kind in ["ACCESS_TOKEN", "API_KEY"] {
            let given = [Given::new("staging", kind)];
            for (path, code) in [("200", 0), ("302", 3), ("401", 4), ("500", 5), ("wide/200", 0)] {
                for output in ["json", "raw"] {
                    let target = format!("/v9/nowhere/{path}");
                    let ran = world.run(&["send", "-o", output, "--include", "GET", &target], &[given[0].pair()]);
                    assert_eq!(ran.code, code, "{path}: {}", ran.err);
                    assert_eq!(ran.out.matches("x-0: ").count(), 1, "{}", ran.out);
                    assert!(ran.out.matches("[redacted]").count() > 40, "{}", ran.out);
                    assert_quiet(&ran, &given);
                    let log = world.take();
                    assert_eq!(log[0].requests[0].header("authorization"), [given[0].header()]);
                    assert_echoes(&log[0].requests[0], &given[0].secret);
                }
            }
            let ran = world.run(&["whoami"], &[given[0].pair()]);
            assert!(ran.out.contains("[redacted]"), "{}\n{}", ran.out, ran.err);
            assert_quiet(&ran, &given);
            world.take();
        }
    });
}

/// An authorisation server that says all it was sent, in its refusal and beside its tokens.
#[test]
fn promise_3_login() {
    isolated(|| {
        let world = World::new();
        world.answer(|request| {
            if request.target != "/oauth/token" {
                return Reply::json("200 OK", "{\"data\":{\"applicationName\":\"Ledger\"}}");
            }
            let form = String::from_utf8_lossy(&request.body).into_owned();
            let header = carried(request).join(" ");
            let said = format!("{header} {form} {}", form.chars().rev().collect::<String>());
            Reply::json(
                "400 Bad Request",
                &format!("{{\"error\":\"invalid_grant\",\"error_description\":\"{said}\",\"hint\":\"{form}\"}}"),
            )
        });
        for by_form in [false, true] {
            let [client, code] = ["client-secret", "code"].map(Canary::new);
            let variables = [("PLEOSCOPE_NO_BROWSER", "1")];
            let mut explorer = Explorer::new(world.session(&[], &variables, (160, 50)));
            explorer.fill_login(&client);
            if by_form {
                explorer.session.keys("\u{1b}[A\u{1b}[A ");
                explorer.session.wait("form   a client");
            }
            explorer.press("\r", "Open this address in a browser");
            explorer.paste(code.text());
            explorer.session.wait("••••");
            explorer.press("\r", "invalid_grant");
            explorer.session.wait("client id ");
            let log = world.listeners.wait_for(1);
            let request = &log[0].requests[0];
            assert_eq!(request.target, "/oauth/token");
            let form = String::from_utf8_lossy(&request.body).into_owned();
            assert!(form.contains(code.text()) && form.contains("code_verifier="), "{form}");
            let proof = if by_form { form.clone() } else { request.header("authorization")[0].to_owned() };
            assert!(client.found_in(proof.as_bytes()).is_some(), "{proof}");
            let verifier = form.split("code_verifier=").nth(1).unwrap().split('&').next().unwrap().to_owned();
            explorer.escape("Log in with OAuth: ");
            explorer.quit();
            world.take();
            let raw = explorer.session.raw();
            client.assert_not_in(&raw, "what the terminal was told");
            code.assert_not_in(&raw, "what the terminal was told");
            assert!(memchr::memmem::find(&raw, verifier.as_bytes()).is_none(), "the verifier was shown");
        }
    });
}
