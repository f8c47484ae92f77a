use std::time::Duration;

use super::*;
use crate::pleo::endpoint::{Method, Surface};
use crate::pleo::timing::{Timing, Wire};
use crate::pleo::transcript::{Answer, CANCELLED};
use crate::secret::{Redactor, Secret};

fn own(method: Method, url: &str, body: Option<&str>) -> Transcript {
    let mut headers = vec![("Accept".to_owned(), "application/json;charset=UTF-8".to_owned())];
    if body.is_some() {
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    Transcript {
        environment: Environment::Staging,
        surface: Surface::External,
        operation: Some("list-employees".to_owned()),
        writes: false,
        elsewhere: false,
        method,
        url: Url::parse(url).unwrap(),
        headers,
        credential: Some(Used {
            kind: CredentialKind::StandaloneApiKey, label: "Standalone API key …7f3c".to_owned()
        }),
        body: body.map(str::to_owned),
        private: Redactor::default(),
        began: None,
        answer: None,
        failure: None,
        timing: Timing::default(),
        wire: Wire::default(),
    }
}

fn list() -> Transcript {
    own(Method::Get, "https://external.staging.pleo.io/v2/employees?limit=50&email=a%20b%26c", None)
}

#[test]
fn each_form_is_known_by_its_word() {
    for form in Form::ALL {
        assert_eq!(form.word().parse(), Ok(form));
    }
    assert!("curly".parse::<Form>().unwrap_err().to_string().contains("use curl, send"));
}

#[test]
fn curl_names_the_variable() {
    assert_eq!(
        write(&list(), Form::Curl),
        "curl 'https://external.staging.pleo.io/v2/employees?limit=50&email=a%20b%26c' \\\n  --user \"$PLEOSCOPE_STAGING_API_KEY:\" \\\n  --header 'Accept: application/json;charset=UTF-8'"
    );
    let mut token = list();
    token.credential = Some(Used { kind: CredentialKind::OAuthAccessToken, label: String::new() });
    assert!(write(&token, Form::Curl).contains("--header \"Authorization: Bearer $PLEOSCOPE_STAGING_ACCESS_TOKEN\""));
    let with = curl_with(&list(), "it's");
    assert!(with.contains(r"--user 'it'\''s:'"), "{}", *with);
}

#[test]
fn a_body_reaches_curl_whole() {
    let posted =
        |body: &str| write(&own(Method::Post, "https://external.staging.pleo.io/v1/vendors", Some(body)), Form::Curl);
    assert!(posted("{\"a\": \"it's\"}\n").ends_with("--data-binary '{\"a\": \"it'\\''s\"}\n'"));
    let piped = posted("{\"a\":\t1}");
    assert!(piped.starts_with(r#"printf %b '{"a":\00111}' | curl"#), "{piped}");
    assert!(piped.ends_with("--data-binary @-"));
    assert!(posted("@file").starts_with("printf %s '@file' | curl"));
    assert!(posted(&"x".repeat(70_000)).starts_with("printf %s 'xxx"));
}

#[test]
fn its_own_line_is_readable() {
    assert_eq!(
        write(&list(), Form::Send),
        "pleoscope --env staging send GET /v2/employees -q limit=50 -q 'email=a b&c'"
    );
    let mut legacy = own(Method::Get, "http://127.0.0.1:9/v1/employees?x=%0A", None);
    legacy.surface = Surface::Legacy;
    assert_eq!(
        write(&legacy, Form::Send),
        "pleoscope --env staging --base-url legacy-staging=http://127.0.0.1:9 send GET '/v1/employees?x=%0A' --legacy"
    );
    let posted = own(Method::Post, "https://external.staging.pleo.io/v1/vendors", Some("{}"));
    assert_eq!(write(&posted, Form::Send), "printf %s '{}' | pleoscope --env staging send POST /v1/vendors --body -");
}

#[test]
fn languages_have_their_own_literals() {
    let posted =
        own(Method::Post, "https://external.staging.pleo.io/v1/vendors", Some("{\n  \"a\": \"\u{202e}\\\"\n}"));
    let python = write(&posted, Form::Python);
    assert!(python.contains("auth=(os.environ[\"PLEOSCOPE_STAGING_API_KEY\"], \"\"),"), "{python}");
    assert!(python.contains("        '  \"a\": \"\\u202e\\\\\"\\n'\n"), "{python}");
    let fetch = write(&posted, Form::Fetch);
    assert!(fetch.contains("btoa(process.env.PLEOSCOPE_STAGING_API_KEY + \":\")"), "{fetch}");
    assert!(fetch.contains("redirect: \"manual\""));
    let odd = own(Method::Get, "https://external.staging.pleo.io/v9/%7Efree", None);
    assert!(write(&odd, Form::Python).contains("request.url = \"https://external.staging.pleo.io/v9/%7Efree\""));
}

#[test]
fn http_is_as_it_is_sent() {
    let posted = own(Method::Post, "http://127.0.0.1:81/v1/vendors?a=b", Some("{\"ä\":1}"));
    assert_eq!(
        write(&posted, Form::Http),
        "POST /v1/vendors?a=b HTTP/1.1\r\nHost: 127.0.0.1:81\r\nAccept: application/json;charset=UTF-8\r\nContent-Type: application/json\r\nAuthorization: Basic <Base64 of $PLEOSCOPE_STAGING_API_KEY:>\r\nContent-Length: 8\r\n\r\n{\"ä\":1}"
    );
}

#[test]
fn no_form_holds_a_raw_control_character_that_a_terminal_obeys() {
    let mut posted = own(
        Method::Post,
        "https://external.staging.pleo.io/v1/vendors?q=%1B%5B201~",
        Some("{\"a\": \"\u{1b}[201~\u{7f}\u{9b}\"}\r\n"),
    );
    posted.headers.push(("X-Own".to_owned(), "a\tb".to_owned()));
    for form in Form::ALL.into_iter().filter(|form| *form != Form::Http) {
        let text = write(&posted, form);
        let raw = |c: &char| c.is_control() && *c != '\n' && !(form == Form::Markdown && *c == '\t');
        assert_eq!(text.chars().find(raw), None, "{form}: {text}");
    }
}

fn answered() -> Transcript {
    let mut own = list();
    own.answer = Some(Answer {
        status: 403,
        reason: "Forbidden".to_owned(),
        version: "HTTP/1.1".to_owned(),
        headers: vec![
            ("content-type".to_owned(), b"application/json".to_vec()),
            ("set-cookie".to_owned(), b"session=CNRY; Path=/; HttpOnly".to_vec()),
        ],
        length: 33,
        body: Some(b"{\"type\":\"```\",\"secretKey\":\"CNRY\"}".to_vec()),
    });
    own.timing = Timing {
        tcp: Some(Duration::from_millis(2)),
        tls: Some(Duration::from_millis(3)),
        sent: Some(Duration::from_millis(1)),
        first_byte: Some(Duration::from_millis(10)),
        download: Some(Duration::from_millis(4)),
        total: Duration::from_millis(25),
        dns: None,
        ..Timing::default()
    };
    own
}

#[test]
fn an_archive_adds_up() {
    let archive: serde_json::Value = serde_json::from_str(&har(&[&answered(), &list()], false)).unwrap();
    let entries = archive["log"]["entries"].as_array().unwrap();
    let timings = &entries[0]["timings"];
    assert_eq!(timings["dns"], -1);
    assert_eq!((timings["connect"].as_f64(), timings["ssl"].as_f64()), (Some(5.0), Some(3.0)));
    let parts = ["blocked", "connect", "send", "wait", "receive"];
    let sum: f64 = parts.iter().map(|part| timings[part].as_f64().unwrap()).sum();
    assert_eq!(entries[0]["time"].as_f64(), Some(sum));
    assert_eq!(entries[0]["response"]["cookies"][0]["name"], "session");
    assert_eq!(entries[0]["request"]["queryString"][1], serde_json::json!({"name": "email", "value": "a b&c"}));
    assert_eq!(entries[1]["response"]["status"], 0);
    assert!(!archive.to_string().contains("CNRY"));
}

#[test]
fn a_report_cannot_be_broken_out_of_and_says_what_is_cut() {
    let text = report(&answered(), None, false);
    assert!(text.contains("````json\n{\"type\":\"```\",\"secretKey\":\"REDACTED\"}\n````"), "{text}");
    assert!(text.contains("Authorization: Basic <Standalone API key …7f3c, empty password>"));
    assert!(text.contains("| TCP | 2.0 ms |") && !text.contains("| DNS |"), "{text}");
    assert!(!text.contains("CNRY"));
    let mut long = answered();
    if let Some(answer) = &mut long.answer {
        (answer.length, answer.body) = (200_000, Some("é".repeat(100_000).into_bytes()));
    }
    assert!(report(&long, None, false).contains("Cut: the first 65536 of 200000 bytes."));
    let mut keyed = answered();
    keyed.headers.push(("X-Auth-Token".to_owned(), "hunter2".to_owned()));
    let text = report(&keyed, None, false);
    assert!(text.contains("X-Auth-Token: REDACTED") && !text.contains("hunter2"), "{text}");
    assert!(write(&keyed, Form::Curl).contains("hunter2"), "whoever copies what they typed gets what they typed");
    let masked = report(&answered(), None, true);
    assert!(masked.contains("A body of 33 bytes is withheld"), "{masked}");
}

#[test]
fn a_report_of_what_was_cut_says_so_at_its_head() {
    let mut cut = answered();
    let heads = [
        (CANCELLED, "answered 403 Forbidden, then cancelled\n"),
        ("The connection was reset.", "answered 403 Forbidden, then broken off\n"),
    ];
    for (failure, head) in heads {
        cut.failure = Some(failure.to_owned());
        let text = report(&cut, None, false);
        assert!(text.contains(head) && text.contains(&format!("## Answer\n\n{failure}\n")), "{text}");
        assert_eq!(text.contains(", cancelled here |\n| total |"), failure == CANCELLED, "{text}");
    }
    cut.answer = None;
    cut.failure = Some(CANCELLED.to_owned());
    assert!(report(&cut, None, false).contains("` was cancelled\n"));
}

#[test]
fn the_value_of_a_variable_that_is_named_like_a_secret_is_in_no_record() {
    let url = "https://external.staging.pleo.io/v1/vendors?name=hunter%2Fswordfish";
    let mut named = own(Method::Post, url, Some(r#"{"name":"hunter/swordfish"}"#));
    named.private.learn(&Secret::new("hunter/swordfish".to_owned()));
    for text in [har(&[&named], false), report(&named, None, false), format!("{:?}", kept(&named))] {
        assert!(text.contains("REDACTED") && !text.contains("swordfish"), "{text}");
    }
    assert!(write(&named, Form::Curl).contains("swordfish"), "whoever copies what they typed gets what they typed");
}

#[test]
fn a_link_elsewhere_is_told_by_its_host_only() {
    let mut link = own(Method::Get, "https://files.example/receipt?X-Signature=CNRY", None);
    (link.elsewhere, link.credential) = (true, None);
    for text in [har(&[&link], false), report(&link, None, false), write(&link, Form::Send)] {
        assert!(!text.contains("CNRY"), "{text}");
    }
}

#[test]
fn a_write_to_production_stays_guarded_in_our_own_line() {
    let mut write_to = own(Method::Post, "https://external.pleo.io/v1/vendors", Some("{}"));
    (write_to.environment, write_to.writes) = (Environment::Production, true);
    let text = write(&write_to, Form::Send);
    let (above, line) = text.split_once('\n').unwrap();
    assert_eq!(above, send::GUARDED);
    assert!(line.contains("pleoscope --env production send POST") && !line.contains("--allow"), "{text}");
    let mut read = list();
    read.environment = Environment::Production;
    assert!(!write(&read, Form::Send).contains('#'));
    write_to.environment = Environment::Staging;
    assert!(!write(&write_to, Form::Send).contains('#'));
}

#[test]
fn what_goes_with_every_request_is_left_out_and_nothing_else() {
    let url = "https://external.staging.pleo.io/v1/vendors";
    let mut named = own(Method::Post, url, Some("{}"));
    for (operation, media, told) in [
        (None, "application/json", false),
        (None, "application/json;charset=UTF-8", true),
        (Some("create-vendor"), "application/json", true),
        (Some("create-vendor"), "application/json;charset=UTF-8", false),
    ] {
        named.operation = operation.map(str::to_owned);
        named.headers = vec![("Content-Type".to_owned(), media.to_owned())];
        assert_eq!(write(&named, Form::Send).contains("-H 'Content-Type: "), told, "{operation:?} {media}");
    }
}

/// `HTTPie` takes a backslash as it stands, but before what separates names from values.
#[test]
fn httpie_gets_its_backslashes() {
    let mut own = list();
    own.headers.push(("X-It".to_owned(), r"a\b\".to_owned()));
    let text = write(&own, Form::Httpie);
    assert!(text.starts_with("http ") && text.contains(r"'X-It: a\b\'"), "{text}");
    own.headers.push(("X-Odd".to_owned(), r"a\:b".to_owned()));
    let text = write(&own, Form::Httpie);
    assert!(text.starts_with("# HTTPie cannot send a backslash before"), "{text}");
}
