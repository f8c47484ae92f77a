use super::*;

fn import(text: &str) -> Result<Imported, CurlError> {
    read(text, &Environments::pleo())
}

fn taken(text: &str) -> Imported {
    let read = import(text);
    assert!(read.is_ok(), "{text}: {read:?}");
    read.unwrap()
}

/// The value of a credential, found out by asking.
fn is(imported: &Imported, kind: CredentialKind, value: &str) -> bool {
    let held = imported.credential.as_ref();
    held.is_some_and(|own| own.kind() == kind && own.held().is_some_and(|secret| secret.is_text(value)))
}

#[test]
fn what_is_copied_here_comes_back() {
    let text = "curl 'https://external.pleo.io/v2/employees?limit=50&email=a%20b%26c' \\\n  --user \"$PLEOSCOPE_PRODUCTION_API_KEY:\" \\\n  --header 'Accept: application/json;charset=UTF-8'";
    let own = taken(text);
    assert_eq!((own.environment, own.draft.endpoint.method), (Environment::Production, Method::Get));
    assert_eq!(own.draft.target(), "/v2/employees?email=a%20b%26c&limit=50");
    assert_eq!((own.credential, own.remarks.len()), (None, 1));
    assert!(own.remarks[0].contains("$PLEOSCOPE_PRODUCTION_API_KEY"));
}

#[test]
fn browsers_copy_it_like_this() {
    let chrome = "curl 'https://external.staging.pleo.io/v1/vendors' \\\n  -H 'accept: */*' \\\n  -H 'authorization: Bearer CNRYtoken' \\\n  -H 'content-type: application/json' \\\n  -b 'session=CNRYcookie; other=1' \\\n  -H 'sec-ch-ua: \"Chromium\";v=\"120\"' \\\n  -H 'priority: u=1, i' -H 'X-Request-Id: 7' \\\n  --data-raw $'{\"name\":\"It\\'s \\u00e9 \\ud83d\\ude00\\n\"}' \\\n  --compressed ;";
    assert_eq!(import(chrome), Err(CurlError::Shell("a semicolon")));
    let own = taken(chrome.trim_end_matches(" ;"));
    assert_eq!(own.draft.endpoint.method, Method::Post);
    assert_eq!(own.draft.body, "{\"name\":\"It's é 😀\n\"}");
    assert!(is(&own, CredentialKind::OAuthAccessToken, "CNRYtoken"), "{own:?}");
    assert_eq!(own.draft.own_headers, [("X-Request-Id".to_owned(), "7".to_owned())]);
    assert_eq!(
        own.remarks,
        [
            "Cookies are left out: pleoscope keeps and sends none.",
            "Headers that are left out, as they may hold a key or be a browser's own: priority, sec-ch-ua. Add those that are wanted."
        ]
    );
    assert!(!format!("{own:?}").contains("CNRY"), "{own:?}");
    let firefox = "curl --compressed -X PUT 'https://external.staging.pleo.io/v1/vendors/a' -H 'User-Agent: x' -H 'Cookie: a=b' --data-raw '{}' \r\n";
    assert_eq!(taken(firefox).draft.endpoint.method, Method::Put);
    assert_eq!(import("curl ^\"https://external.pleo.io/^\" ^\r\n  -H ^\"a: b^\""), Err(CurlError::Cmd));
    assert_eq!(import("curl https://external.pleo.io `\n -v"), Err(CurlError::PowerShell));
}

#[test]
fn the_host_decides_environment_surface_and_kind() {
    for (url, environment, kind, option) in [
        (
            "https://external.staging.pleo.io/v2/x",
            Environment::Staging,
            CredentialKind::StandaloneApiKey,
            "-u 'value:'",
        ),
        ("https://external.pleo.io/v2/x", Environment::Production, CredentialKind::StandaloneApiKey, "-uvalue"),
        (
            "https://external.pleo.io/v2/x",
            Environment::Production,
            CredentialKind::OAuthAccessToken,
            "--oauth2-bearer value",
        ),
        (
            "https://openapi.staging.pleo.io/v1/x",
            Environment::Staging,
            CredentialKind::LegacyToken,
            "-H 'Authorization: bearer value'",
        ),
        (
            "https://external.pleo.io/v2/x",
            Environment::Production,
            CredentialKind::StandaloneApiKey,
            "-H \"Authorization: Basic dmFsdWU6\"",
        ),
        ("https://value:@external.pleo.io/v2/x", Environment::Production, CredentialKind::StandaloneApiKey, ""),
    ] {
        let own = taken(&format!("curl {url} {option}"));
        assert_eq!(own.environment, environment, "{url}");
        assert!(is(&own, kind, "value"), "{url} {option}: {own:?}");
        assert!(!own.draft.target().contains("value"));
    }
    let mut loopback = Environments::pleo();
    loopback.override_with("staging=http://127.0.0.1:8080").unwrap();
    assert_eq!(read("curl http://127.0.0.1:8080/v2/employees", &loopback).unwrap().environment, Environment::Staging);
    assert!(matches!(read("curl https://external.staging.pleo.io/", &loopback), Err(CurlError::Pleo(_))));
    assert!(matches!(read("curl https://pleo.example/", &loopback), Err(CurlError::Foreign(_))));
}

#[test]
fn options_mean_what_they_mean_to_curl() {
    for (options, method, target, body) in [
        ("", Method::Get, "/v9/x", ""),
        ("-I", Method::Head, "/v9/x", ""),
        ("-sSkL", Method::Get, "/v9/x", ""),
        ("-XDELETE", Method::Delete, "/v9/x", ""),
        ("-d a=1 -d b=2", Method::Post, "/v9/x", "a=1&b=2"),
        ("-G -d a=1 --data-urlencode 'b=c d&'", Method::Get, "/v9/x?a=1&b=c%20d%26", ""),
        ("--data-urlencode 'a b=c d'", Method::Post, "/v9/x", "a b=c%20d"),
        ("--data-urlencode '=c=d'", Method::Post, "/v9/x", "c%3Dd"),
        ("--data-urlencode 'c d/-._~é'", Method::Post, "/v9/x", "c%20d%2F-._~%C3%A9"),
        ("--data-urlencode 'a@b=c@d'", Method::Post, "/v9/x", "a@b=c%40d"),
        ("--data-urlencode a=1 --data-urlencode =2 -d 3", Method::Post, "/v9/x", "a=1&2&3"),
        ("--url-query 'a=b c'", Method::Get, "/v9/x?a=b%20c", ""),
        ("--json '{\"a\":' --json '1}'", Method::Post, "/v9/x", "{\"a\":1}"),
        ("--request PATCH --data-binary '{\"n\": 1.10}\n'", Method::Patch, "/v9/x", "{\"n\": 1.10}\n"),
        ("--data-raw @file", Method::Post, "/v9/x", "@file"),
        ("-d \"{\\\"a\\\": \\\"\\$b\\\\n\\\"}\"", Method::Post, "/v9/x", "{\"a\": \"$b\\n\"}"),
        ("-o out -w '%{http_code}' --max-time 5 --no-location", Method::Get, "/v9/x", ""),
    ] {
        let own = taken(&format!("curl {options} https://external.staging.pleo.io/v9/x"));
        assert_eq!(
            (own.draft.endpoint.method, own.draft.target().as_str(), own.draft.body.as_str()),
            (method, target, body),
            "{options}"
        );
    }
    let own = taken("curl -kLx http://p -o f https://external.staging.pleo.io/v9/x#part");
    assert_eq!(
        own.remarks,
        [
            "Without effect here: --insecure (certificates are always checked), --location (redirects are never followed), --proxy (the way to the host is pleoscope's own), --output (the answer is shown)."
        ]
    );
    let own = taken("$ curl -d @body.json https://external.staging.pleo.io/v1/vendors # as told");
    assert_eq!((own.file.as_deref(), own.draft.body.as_str()), (Some("body.json"), ""));
    // The template of an operation is not what somebody has written.
    assert_eq!(taken("curl -X POST https://external.staging.pleo.io/v1/vendors").draft.body, "");
}

#[test]
fn what_cannot_be_meant_is_refused_and_says_nothing_of_a_secret() {
    let host = "https://external.staging.pleo.io/v2/x";
    for (text, word) in [
        ("wget CNRY".to_owned(), "no curl command"),
        (format!("curl {host}?token=CNRY&a=b"), "an ampersand"),
        (format!("curl {host} | jq CNRY"), "a pipe"),
        (format!("curl {host} > CNRY"), "a redirection"),
        (format!("curl {host}\ncurl CNRY"), "another line"),
        (format!("curl {host} -H 'Authorization: Bearer CNRY"), "never closed"),
        (format!("curl {host} -H \"Authorization: Bearer $(cat CNRY)\""), "$(…)"),
        (format!("curl {host} -H \"X-Own: $CNRY\""), "variable CNRY"),
        (format!("curl {host} --nonsense CNRY"), "--nonsense"),
        (format!("curl {host} \"--CNRY CNRY\""), "that is none"),
        (format!("curl {host} -X"), "-X"),
        (format!("curl {host} -X CNRY-CNRY"), "a method that is none"),
        (format!("curl {host} CNRY"), "several addresses"),
        (format!("curl -H Authorization: Bearer CNRY {host}"), "neither Bearer nor Basic"),
        (format!("curl {host} -H 'Authorization: Token CNRY'"), "neither Bearer nor Basic"),
        (format!("curl {host} -H 'CNRY CNRY'"), "without a colon"),
        (format!("curl {host} -u CNRY:password"), "cannot hold a colon"),
        (format!("curl {host} -u CNRY: --oauth2-bearer CNRY"), "two credentials"),
        (format!("curl {host} -H 'Authorization: Bearer CNRY CNRY'"), "white space"),
        (format!("curl {host} -F a=CNRY"), "form"),
        (format!("curl {host} --data-urlencode @CNRY"), "files that a command names are not read"),
        (format!("curl {host} --data-urlencode name@CNRY"), "write the data itself, as name=content"),
        (format!("curl {host} -T CNRY"), "upload-file"),
        (format!("curl {host} -K CNRY"), "config"),
        (format!("curl '{host}?a=[CNRY]'"), "brackets"),
        (format!("curl '{host}?a=CNRY CNRY'"), "white space"),
        ("curl external.pleo.io/v2/CNRY".to_owned(), "https://"),
        ("curl http://external.pleo.io/v2/CNRY".to_owned(), "leads to external.pleo.io"),
        ("curl https://api.pleo.io/CNRY".to_owned(), "leads to api.pleo.io"),
        ("curl https://external.pleo.io@evil.example/ -u CNRY:".to_owned(), "leads to evil.example"),
        ("curl https://external.pleo.io.evil.example/CNRY".to_owned(), "leads to external.pleo.io.evil.example"),
        ("curl 'https://external.pleo.io\\@evil.example/CNRY'".to_owned(), "leads to evil.example"),
        ("curl -u CNRY:".to_owned(), "no address"),
    ] {
        let read = import(&text);
        assert!(read.is_err(), "{text}: {read:?}");
        let sentence = read.unwrap_err().to_string();
        assert!(sentence.contains(word), "{text}: {sentence}");
        assert!(!sentence.contains("CNRY") || word.contains("CNRY"), "{text}: {sentence}");
    }
}

#[test]
fn only_a_command_of_that_name_is_one() {
    for text in ["curl https://x", "  $ curl -v", "curl\\\n -v", "curl.exe x", "curl\thttps://x"] {
        assert!(is_curl(text), "{text}");
    }
    for text in ["curly", "/v2/curl", "GET /v2/employees", "", "curl"] {
        assert!(!is_curl(text), "{text}");
    }
}

/// A shell fills in what stands in double quotes and leaves what stands in single ones.
#[test]
fn a_variable_in_single_quotes_is_no_credential_and_told() {
    let host = "https://external.staging.pleo.io";
    for option in [
        "-H 'Authorization: Bearer $TOKEN'",
        "-H 'authorization: basic ${TOKEN}'",
        "-u '$TOKEN:'",
        "--oauth2-bearer '$TOKEN'",
    ] {
        let own = taken(&format!("curl {host}/v2/employees {option}"));
        assert_eq!(own.credential, None, "{option}");
        assert_eq!(
            own.remarks,
            [
                "Its credential is $TOKEN in single quotes, where a shell does not fill it in: the credential in force is used."
            ],
            "{option}"
        );
    }
    let filled = taken(&format!("curl {host}/v2/employees -H \"Authorization: Bearer $TOKEN\""));
    assert_eq!(filled.remarks, ["Its credential is the variable $TOKEN: the credential in force is used."]);
    // What only begins like one is a credential still.
    assert!(taken(&format!("curl {host}/v2/employees -u 'ab$TOKEN:'")).credential.is_some());
    let own = taken(&format!(
        "curl '{host}/v1/vendors?companyId=$COMPANY' --json '{{\"name\": \"${{NAME}}\", \"$ref\": \"costs $5\"}}' -H 'X-Request-Id: $NAME'"
    ));
    assert_eq!(own.draft.body, "{\"name\": \"${NAME}\", \"$ref\": \"costs $5\"}");
    assert_eq!(
        own.remarks,
        [
            "In single quotes a shell does not fill in $COMPANY, $NAME: sent as written. Put them in double quotes, or write the value."
        ]
    );
}

#[test]
fn another_media_type_than_is_sent_is_told() {
    let host = "https://external.staging.pleo.io";
    let sent = |type_: &str| {
        format!("Its Content-Type is {type_}: pleoscope sends the body as application/json;charset=UTF-8.")
    };
    for (options, wanted) in [
        ("-d '{}'", None),
        ("-d '{}' -H 'Content-Type: application/json'", None),
        ("-d '{}' -H 'content-type: Application/JSON; charset=UTF-8'", None),
        ("-d @body.json", None),
        ("", None),
        ("-d '{}' -H 'Content-Type: application/merge-patch+json'", Some(sent("application/merge-patch+json"))),
        ("-d @body.xml -H 'Content-Type: text/xml'", Some(sent("text/xml"))),
        ("-d a=1", Some(sent("application/x-www-form-urlencoded"))),
        ("-d '{}' -H 'Content-Type: CNRY'", Some(sent("another one"))),
        ("-d '{}' -H 'Content-Type: application/json; charset=latin1'", Some(sent("application/json"))),
        ("-H 'Content-Type: text/plain'", Some("Its Content-Type is left out: there is no body.".to_owned())),
    ] {
        let own = taken(&format!("curl -X POST {host}/v9/x {options}"));
        let told: Vec<&String> = own.remarks.iter().filter(|remark| remark.contains("Content-Type")).collect();
        assert_eq!(told, wanted.iter().collect::<Vec<_>>(), "{options}");
    }
}

#[test]
fn what_lets_in_is_taken_out_of_the_query() {
    let host = "https://external.staging.pleo.io/v2/employees";
    let own = taken(&format!("curl '{host}?api_key=CNRYkey&limit=5'"));
    assert!(is(&own, CredentialKind::StandaloneApiKey, "CNRYkey"), "{own:?}");
    assert_eq!(own.draft.target(), "/v2/employees?limit=5");
    assert!(own.remarks[0].starts_with("api_key stood in its address: it is taken out there, and is sent"), "{own:?}");
    let own = taken(&format!("curl -G {host} -d access%5Ftoken=CNRYtoken%2B"));
    assert!(is(&own, CredentialKind::OAuthAccessToken, "CNRYtoken+"), "{own:?}");
    assert_eq!(own.draft.target(), "/v2/employees");
    // One that stands where it belongs goes before it; what is no credential of Pleo is none here.
    let own = taken(&format!("curl '{host}?api_key=CNRYkey&X-Amz-Signature=CNRYsig' -u other:"));
    assert!(is(&own, CredentialKind::StandaloneApiKey, "other"), "{own:?}");
    assert_eq!(own.draft.target(), "/v2/employees");
    assert_eq!(taken(&format!("curl '{host}?signature=CNRYsig'")).credential, None);
    for own in [own, taken(&format!("curl '{host}?signature=CNRYsig'"))] {
        assert!(own.remarks.iter().all(|remark| !remark.contains("CNRY")) && !own.remarks.is_empty(), "{own:?}");
    }
    // What is named like a key and is none of a query stays.
    assert_eq!(taken(&format!("curl '{host}?code=E1&token='")).draft.target(), "/v2/employees?code=E1&token=");
}

#[test]
fn headers_of_ones_own_come_along_unless_they_look_like_a_key() {
    let own = taken(
        "curl https://external.pleo.io/v2/employees -H 'X-Own: mine' -H 'Accept: text/csv' -H 'X-A: abcd1234/efgh5678==' -H 'X-Auth: a' -H 'DNT: 1'",
    );
    let names: Vec<&str> = own.draft.own_headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["X-Own", "Accept"]);
    assert!(own.remarks[0].contains(": dnt, x-a, x-auth."), "{:?}", own.remarks);
}
