//! `diff`: one read sent to staging and production.

use crate::paged::{Answer, Paged, answer, page, parameter};
use crate::{code, err, out, pleoscope, run};

#[test]
fn what_differs_is_data_and_the_rest_is_talk() {
    let output = run(&["--sandbox", "diff", "GET", "/v2/employees", "-q", "limit=5"]);
    assert_eq!(code(&output), 1, "{}", err(&output));
    let text = out(&output);
    assert!(text.starts_with("GET /v2/employees?limit=5\n\n         STAGING"), "{text}");
    assert!(text.contains("~ .pagination.total  240 → 1300\n") && text.contains("Aligned by code"), "{text}");
    assert_eq!(err(&output), "pleoscope: Only the first page of each was compared: both lists go on.\n");
    let json = run(&[
        "diff",
        "list-employees",
        "-q",
        "limit=5",
        "--sandbox",
        "-o",
        "json",
        "--key",
        "email",
        "--ignore",
        "id",
    ]);
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&value["list"]["key"], &value["ignored"]["id"]), (&"email".into(), &10.into()));
    assert_eq!(value["counts"]["removed"], 5);
    let markdown = run(&["--sandbox", "diff", "GET", "/v2/employees", "-o", "markdown"]);
    assert!(out(&markdown).contains("| where | what | STAGING | PRODUCTION |"));
}

#[test]
fn shapes_have_no_value_of_either_answer() {
    let list = run(&["--sandbox", "send", "GET", "/v2/employees", "-q", "limit=20", "-o", "raw"]);
    let page: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    for output in ["text", "json", "markdown"] {
        let shape = run(&["--sandbox", "diff", "GET", "/v2/employees", "-q", "limit=20", "--shape", "-o", output]);
        assert!(matches!(code(&shape), 0 | 1), "{}", err(&shape));
        let text = out(&shape) + &err(&shape);
        assert!(text.contains("jobTitle"), "{text}");
        for record in page["data"].as_array().unwrap() {
            for (name, value) in record.as_object().unwrap() {
                let value = value.as_str().unwrap();
                assert!(!text.contains(value), "{output}: {name} {value}");
            }
        }
    }
}

#[test]
fn exit_codes_tell_the_same_from_different_and_both_from_trouble() {
    // Both environments of the imitation tell the same of an unknown path.
    let missing = run(&["--sandbox", "diff", "GET", "/v9/nothing"]);
    assert_eq!(code(&missing), 6, "no success is no comparison: {}", err(&missing));
    assert!(err(&missing).contains("STAGING: 404") && err(&missing).contains("PRODUCTION: 404"), "{}", err(&missing));
    assert!(out(&missing).contains("nothing differs"), "what came is compared all the same: {}", out(&missing));
    let same = run(&["--sandbox", "diff", "GET", "/v2/employees", "-q", "limit=5", "-q", "code=none"]);
    assert_eq!(code(&same), 0, "{}{}", out(&same), err(&same));
    for fault in ["reset", "truncate"] {
        let output = run(&["--sandbox", "--fault", fault, "diff", "GET", "/v2/employees"]);
        assert_eq!(code(&output), 6, "{fault}: {}", err(&output));
        assert!(err(&output).contains("STAGING: "), "{fault}: {}", err(&output));
    }
}

#[test]
fn what_must_not_or_cannot_be_asked_of_both_is_refused() {
    for (args, word) in [
        (&["--sandbox", "diff", "DELETE", "/v1/installations/me"][..], "only reads are compared"),
        (&["--sandbox", "diff", "POST", "/v1/vendors"], "only reads are compared"),
        (&["--sandbox", "diff", "POST", "/v9/anything"], "only reads are compared"),
        (&["diff", "GET", "/v2/employees"], "staging has no credential"),
        (&["--sandbox", "diff", "get-employee"], "employeeId is required"),
        (&["--sandbox", "diff", "GET", "/v2/employees", "--credential", "work"], "ENVIRONMENT=NAME"),
        (&["--sandbox", "diff", "GET", "/v2/employees", "--credential", "staging=none"], "no credential called"),
        (&["--sandbox", "diff", "GET", "/v2/employees", "--allow-production-write"], "--allow-production-write"),
    ] {
        let output = run(args);
        assert_eq!(code(&output), 2, "{args:?}: {}", err(&output));
        assert!(err(&output).contains(word), "{args:?}: {}", err(&output));
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    let lone = pleoscope(&["diff", "GET", "/v2/employees"]).env("PLEOSCOPE_STAGING_API_KEY", "pls_key_0001").output();
    let lone = lone.unwrap();
    assert_eq!(code(&lone), 2);
    assert!(err(&lone).contains("production has no credential"), "{}", err(&lone));
    let legacy = pleoscope(&["diff", "GET", "/v2/employees"])
        .env("PLEOSCOPE_STAGING_API_KEY", "pls_key_0001")
        .env("PLEOSCOPE_PRODUCTION_LEGACY_TOKEN", "a-legacy-token")
        .output()
        .unwrap();
    assert_eq!(code(&legacy), 2, "{}", err(&legacy));
    assert!(err(&legacy).contains("not sent: production"), "{}", err(&legacy));
}

/// With all pages nothing is said of first pages, every record is compared once, and a list that does not come whole is trouble.
#[test]
fn all_pages_are_compared_where_that_is_asked_for() {
    let whole = run(&["--sandbox", "diff", "GET", "/v2/employees", "--all", "--key", "id", "-o", "json"]);
    assert_eq!((code(&whole), err(&whole)), (1, String::new()));
    let value: serde_json::Value = serde_json::from_slice(&whole.stdout).unwrap();
    let counts = &value["counts"];
    assert_eq!((&counts["removed"], &counts["added"]), (&240.into(), &1300.into()), "no id is in both: {counts}");
    let single = run(&["--sandbox", "diff", "GET", "/v2/employees", "--all", "-q", "code=none"]);
    assert_eq!(code(&single), 0, "{}{}", out(&single), err(&single));
    // A page that cannot be had in one of them: what came is compared, and it is said.
    let server = || {
        Paged::start(|target| {
            let number = parameter(target, "after").map_or(0, str::len);
            let good = page(number * 2..number * 2 + 2, 4, (number < 1).then_some("A"));
            Answer::Whole(if number > 0 { answer("400 Bad Request", "", "{}") } else { answer("200 OK", "", &good) })
        })
    };
    let servers = [server(), server()];
    let base = |place: usize, environment: &str| format!("{environment}=http://{}", servers[place].address);
    let bases = [base(0, "staging"), base(1, "production")];
    let stopped =
        pleoscope(&["--base-url", &bases[0], "--base-url", &bases[1], "diff", "GET", "/v2/employees", "--all"])
            .env("PLEOSCOPE_STAGING_API_KEY", "pls_staging_key_of_a_test_1")
            .env("PLEOSCOPE_PRODUCTION_API_KEY", "pls_production_key_of_a_test_1")
            .output()
            .unwrap();
    assert_eq!(code(&stopped), 6, "{}", err(&stopped));
    let said = err(&stopped);
    assert!(said.contains("STAGING: Not all pages came") && said.contains("PRODUCTION: Not all pages came"), "{said}");
    assert!(out(&stopped).contains("nothing differs"), "{}", out(&stopped));
}
