//! Check 23: whatever is put into a token, a query or a path, the request has the lines that it should have.

use url::Url;

use super::canary::Canary;
use super::network::isolated;
use super::server::Request;
use super::world::{Ran, World, only};

/// What is put in; a NUL cannot be an argument, and comes by `%00` further below.
const NAUGHTY: [&str; 66] = [
    "",
    " ",
    "\r",
    "\n",
    "a\rb",
    "a\nb",
    "a\r\nX-Evil: 1",
    "a\r\n\r\nGET /evil HTTP/1.1",
    "a\r\nAuthorization: Bearer evil",
    "a\u{1B}b",
    "a\u{1B}[31mb",
    "a\u{7F}b",
    "a\u{7}\u{8}b",
    "a\tb",
    "a\u{85}b",
    "a\u{9B}31mb",
    ".",
    "..",
    "...",
    "./..",
    "../..",
    "../../v1/companies",
    "..;/x",
    "..\\..\\x",
    "%2e%2e",
    "%2E%2E%2F",
    "%252e%252e",
    "/",
    "//",
    "//evil.example/",
    "https://evil.example/",
    "@evil.example",
    "x@evil.example:443",
    "?",
    "?x=1&y=2",
    "#",
    "#fragment",
    "%",
    "%0",
    "%00",
    "%0d%0aX-Evil: 1",
    "%E5%98%8A%E5%98%8DX-Evil:%201",
    "\u{560A}\u{560D}X-Evil: 1",
    "a&x=1",
    "a=b",
    "a+b",
    "a;b",
    "a b",
    " a ",
    "\\",
    "\"'`",
    "<script>alert(1)</script>",
    "'; DROP TABLE vendors; --",
    "${jndi:ldap://evil.example/a}",
    "{{7*7}}",
    "{tagId}",
    "$(id)",
    "null",
    "NaN",
    "-1",
    "1e400",
    "é漢👍🏽",
    "a\u{202E}b\u{200B}c\u{FEFF}",
    "\u{2028}a\u{2029}",
    "HTTP/1.1",
    "Host: evil.example",
];

/// Refused before anything is sent, with a message; or sent, and then the only request is this one.
fn outcome(world: &World, ran: &Ran, host: &str, case: &str) -> Option<Request> {
    let log = world.take();
    if ran.code == 2 {
        assert!(log.is_empty(), "{case}: {log:#?}");
        assert!(ran.err.contains("pleoscope: ") && ran.err.len() > 40, "{case}: {}", ran.err);
        return None;
    }
    assert_eq!(ran.code, 0, "{case}: {}", ran.err);
    Some(only(&log, host))
}

/// The query of a request, decoded.
fn query(request: &Request) -> Vec<(String, String)> {
    let url = Url::parse(&format!("https://host{}", request.target)).unwrap();
    assert_eq!(url.fragment(), None);
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Its lines are those of a harmless one, but for the target, which holds nothing that ends it.
fn assert_lines(request: &Request, harmless: &Request, case: &str) {
    assert_eq!(request.lines[1..], harmless.lines[1..], "{case}");
    assert_eq!(request.lines[0], format!("GET {} HTTP/1.1", request.target), "{case}");
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~%&=/?:,!$'()*;@".contains(&b);
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    // A plus is itself in a path, and a space in a query.
    let fits = path.bytes().all(|b| plain(b) || b == b'+') && query.bytes().all(plain);
    assert!(fits, "{case}: {}", request.target);
    assert!(request.body.is_empty(), "{case}");
}

#[test]
fn promise_23_injection() {
    isolated(|| {
        let world = World::new();
        tokens(&world);
        queries(&world);
        paths(&world);
        nul(&world);
    });
}

/// A token is refused where a header could not carry it, and else is in the header exactly as it was given.
fn tokens(world: &World) {
    let canary = Canary::new("staging-token");
    let prefix = canary.text();
    for (kind, own) in [("ACCESS_TOKEN", "PLEOSCOPE_STAGING_ACCESS_TOKEN"), ("API_KEY", "PLEOSCOPE_STAGING_API_KEY")] {
        for naughty in NAUGHTY {
            let value =
                if naughty.trim().is_empty() { naughty.to_owned() } else { format!("{prefix}{naughty}{prefix}") };
            let case = format!("{own}={value:?}");
            let ran = world.run(&["send", "GET", "/v2/employees"], &[(own, &value)]);
            let request = outcome(world, &ran, "external.staging.pleo.io", &case);
            canary.assert_not_in(ran.err.as_bytes(), "stderr");
            let fit = value.bytes().all(|b| b.is_ascii_graphic()) && (kind != "API_KEY" || !value.contains(':'));
            assert_eq!(request.is_some(), fit, "{case}: {}", ran.err);
            match request {
                Some(request) => {
                    let wanted = match (kind, value.is_empty()) {
                        (_, true) => vec![],
                        ("API_KEY", _) => vec![basic(&value)],
                        _ => vec![format!("Bearer {value}")],
                    };
                    assert_eq!(request.header("authorization"), wanted, "{case}");
                    assert_eq!(request.lines.len(), 5 + wanted.len(), "{case}: {:?}", request.lines);
                }
                None => {
                    let first = |wanted: fn(char) -> bool| value.trim().chars().position(wanted);
                    let place = first(|c| matches!(c, '\r' | '\n'))
                        .or_else(|| first(|c| !c.is_ascii_graphic()))
                        .or_else(|| first(|c| c == ':'));
                    let told = place.map_or("is empty".to_owned(), |index| format!("character {}", index + 1));
                    assert!(ran.err.contains(own) && ran.err.contains(&told), "{case}: {told}: {}", ran.err);
                }
            }
        }
    }
}

fn basic(key: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{key}:")))
}

/// In a parameter of the operation's own, in one that it does not know, and in a name.
fn queries(world: &World) {
    let host = "external.staging.pleo.io";
    let send = |pairs: &[String]| {
        let mut args = vec!["send", "GET", "/v2/employees"];
        args.extend(pairs.iter().flat_map(|pair| ["-q", pair.as_str()]));
        world.run(&args, &[])
    };
    let harmless = outcome(world, &send(&["x=1".into()]), host, "harmless").unwrap();
    for naughty in NAUGHTY {
        for name in ["email", "x"] {
            let case = format!("-q {name}={naughty:?}");
            let ran = send(&[format!("{name}={naughty}")]);
            let request = outcome(world, &ran, host, &case);
            let control = naughty.contains(char::is_control) && !naughty.trim().is_empty();
            if name == "email" && control {
                assert!(request.is_none() && ran.err.contains("control character at character"), "{case}: {}", ran.err);
                continue;
            }
            let request = request.unwrap();
            assert_lines(&request, &harmless, &case);
            let wanted = match (name, naughty) {
                // White space around a value of the operation's own is not part of it, and one of nothing else is none.
                ("email", " " | "\r" | "\n") => vec![],
                ("email", value) => vec![("email".to_owned(), value.trim().to_owned())],
                (_, value) => vec![("x".to_owned(), value.to_owned())],
            };
            assert_eq!(query(&request), wanted, "{case}");
        }
    }
    // All at once, and as names.
    let values: Vec<String> = NAUGHTY.iter().map(|naughty| format!("x={naughty}")).collect();
    let request = outcome(world, &send(&values), host, "all at once").unwrap();
    assert_lines(&request, &harmless, "all at once");
    assert_eq!(query(&request), NAUGHTY.map(|naughty| ("x".to_owned(), naughty.to_owned())));
    // A name ends at its first `=`, is not empty, and does not look like a flag.
    let usable = |name: &&str| !name.is_empty() && !name.contains('=') && !name.starts_with('-');
    let usable: Vec<&str> = NAUGHTY.into_iter().filter(usable).collect();
    let names: Vec<String> = usable.iter().map(|name| format!("{name}=1")).collect();
    let request = outcome(world, &send(&names), host, "names").unwrap();
    assert_lines(&request, &harmless, "names");
    let wanted: Vec<_> = usable.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect();
    assert_eq!(query(&request), wanted);
}

/// A path parameter is one segment, whatever is in it.
fn paths(world: &World) {
    let host = "openapi.staging.pleo.io";
    let send = |value: &str| {
        let first = format!("tagGroupId={value}");
        world.run(&["send", "legacy-get-tag", "--path", &first, "--path", "tagId=last"], &[])
    };
    let harmless = outcome(world, &send("first"), host, "harmless").unwrap();
    assert_eq!(harmless.target, "/v1/tag-groups/first/tags/last");
    for naughty in NAUGHTY {
        let case = format!("--path tagGroupId={naughty:?}");
        let ran = send(naughty);
        let request = outcome(world, &ran, host, &case);
        let refused = naughty.trim().is_empty() || naughty.contains(char::is_control) || [".", ".."].contains(&naughty);
        assert_eq!(request.is_none(), refused, "{case}: {}", ran.err);
        let Some(request) = request else {
            assert!(ran.err.contains("tagGroupId"), "{case}: {}", ran.err);
            continue;
        };
        assert_lines(&request, &harmless, &case);
        let segments: Vec<&str> = request.target.split('/').collect();
        assert_eq!(segments.len(), 6, "{case}: {segments:?}");
        let segment = segments[3];
        assert_eq!([&segments[..3], &segments[4..]].concat(), ["", "v1", "tag-groups", "tags", "last"], "{case}");
        assert!(!segment.contains('?'), "{case}: {segment}");
        let decoded = percent_encoding::percent_decode_str(segment).decode_utf8().unwrap();
        assert_eq!(decoded, naughty, "{case}");
    }
}

/// NUL, CR and LF as a path or query that is already encoded.
fn nul(world: &World) {
    assert!(world.command(&["send", "GET", "/v2/a\0b"], &[]).output().is_err(), "the system takes no NUL");
    for code in ["%00", "%0d", "%0a", "%0d%0aX-Evil", "%1b", "%7f"] {
        // In a path of the catalogue it is read as a value, and refused.
        let ran = world.run(&["send", "GET", "--legacy", &format!("/v1/tag-groups/a{code}b/tags/c")], &[]);
        assert!(outcome(world, &ran, "openapi.staging.pleo.io", code).is_none(), "{code}: {}", ran.err);
        assert!(ran.err.contains("tagGroupId holds a control character at character 2"), "{code}: {}", ran.err);
        // In a free path and in a query it stays encoded.
        let target = format!("/v9/nowhere/a{code}b?x=a{code}b");
        let ran = world.run(&["send", "GET", &target], &[]);
        let request = outcome(world, &ran, "external.staging.pleo.io", code).unwrap();
        assert_eq!(request.target.to_lowercase(), target.to_lowercase());
        assert_eq!(request.lines.len(), 5, "{request:#?}");
    }
    for path in ["/v2/../v1/companies", "/v2/%2e%2e/v1/companies", "/v2/.%2E/x", "/v2/./x", "/.."] {
        let ran = world.run(&["send", "GET", path], &[]);
        assert!(outcome(world, &ran, "external.staging.pleo.io", path).is_none(), "{path}: {}", ran.err);
        assert!(ran.err.contains("would be sent as"), "{path}: {}", ran.err);
    }
}
