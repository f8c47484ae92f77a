//! `send --all`, and records as CSV, NDJSON and tables: through the real binary.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::process::{Output, Stdio};

use serde_json::Value;

use super::super::paged::{Answer, Paged, answer, page, parameter, record};
use super::super::{code, err, out, pleoscope, run};

const LIST: [&str; 3] = ["send", "GET", "/v2/employees"];

fn sandbox(args: &[&str]) -> Output {
    run(&[&["--sandbox", "--rate-limit", "100000"][..], &LIST, args].concat())
}

fn at(server: &Paged, args: &[&str]) -> Output {
    let base = format!("staging=http://{}", server.address);
    run(&[&["--base-url", &base][..], &LIST, args].concat())
}

/// What is said besides that there is no credential, which these servers do not ask for.
fn said(output: &Output) -> String {
    err(output).lines().filter(|line| !line.contains("No credential")).collect::<Vec<_>>().join("\n")
}

/// Five pages of two records; `spoil` may answer instead, by the number of the page.
fn five_pages(spoil: impl Fn(usize) -> Option<Answer> + Send + Sync + 'static) -> Paged {
    Paged::start(move |target| {
        let offset = parameter(target, "offset").and_then(|text| text.parse::<usize>().ok());
        let number = offset.map_or_else(|| parameter(target, "after").map_or(0, str::len), |offset| offset / 2);
        let cursor = "A".repeat(number + 1);
        let good = || page(number * 2..number * 2 + 2, 10, (number < 4).then_some(cursor.as_str()));
        spoil(number).unwrap_or_else(|| Answer::Whole(answer("200 OK", "", &good())))
    })
}

fn lines_of(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| record(number) + "\n").collect()
}

#[test]
fn every_output_has_every_record_once() {
    let ids = |output: &Output, from: fn(&str) -> Vec<String>| {
        assert_eq!((code(output), err(output).as_str()), (0, ""));
        let ids = from(&out(output));
        let different: BTreeSet<&String> = ids.iter().collect();
        assert_eq!((ids.len(), different.len()), (240, 240));
        ids
    };
    let ndjson = ids(&sandbox(&["--all", "-o", "ndjson"]), |text| {
        text.lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned())
            .collect()
    });
    let json = ids(&sandbox(&["--all"]), |text| {
        let whole: Value = serde_json::from_str(text).unwrap();
        assert_eq!(whole["pagination"]["hasNextPage"], false);
        whole["data"].as_array().unwrap().iter().map(|own| own["id"].as_str().unwrap().to_owned()).collect()
    });
    let csv = ids(&sandbox(&["--all", "-o", "csv"]), |text| {
        assert!(text.ends_with("\r\n"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let heads = reader.headers().unwrap().clone();
        assert_eq!(heads.get(0), Some("firstName"), "the catalogue's order");
        let place = heads.iter().position(|head| head == "id").unwrap();
        reader.records().map(|row| row.unwrap()[place].to_owned()).collect()
    });
    assert_eq!(ndjson, json);
    assert_eq!(ndjson, csv);
    let table = sandbox(&["--all", "-o", "table"]);
    assert_eq!((code(&table), err(&table).as_str()), (0, ""));
    let table = out(&table);
    assert_eq!(table.lines().count(), 241);
    assert!(table.lines().all(|line| pleoscope::document::width(line) <= 120));
    let head = table.lines().next().unwrap();
    assert!(head.starts_with("firstName  ") && head.contains("email"), "{head}");
}

#[test]
fn one_page_is_printed_too_and_says_that_it_is_one() {
    let output = sandbox(&["-q", "limit=3", "-o", "csv"]);
    assert_eq!((code(&output), out(&output).lines().count()), (0, 4));
    assert_eq!(err(&output), "pleoscope: this is one page, 3 of 240 records: --all prints those that follow too\n");
    let all = sandbox(&["-q", "limit=100", "-q", "companyId=a666a648-b52f-4acf-990f-32b16af19b3b", "-o", "ndjson"]);
    assert_eq!(code(&all), 0, "{}", err(&all));
    let single = run(&["--sandbox", "send", "GET", "/v1/introspect", "-o", "ndjson"]);
    assert_eq!((code(&single), out(&single).as_str()), (1, ""));
    assert!(err(&single).contains("no list of records"), "{}", err(&single));
    let refused = run(&["--sandbox", "--fault", "503", "send", "GET", "/v2/employees", "-o", "csv"]);
    assert_eq!((code(&refused), out(&refused).as_str()), (5, ""));
    assert!(err(&refused).contains("503 Service Unavailable"));
}

#[test]
fn what_is_incomplete_says_so_and_goes_on_from_there() {
    let server = five_pages(|number| (number == 3).then(|| Answer::Whole(answer("404 Not Found", "", "{}"))));
    let ndjson = at(&server, &["--all", "-o", "ndjson"]);
    assert_eq!((code(&ndjson), out(&ndjson)), (4, lines_of(0..6)));
    assert_eq!(
        said(&ndjson),
        "pleoscope: incomplete: 6 of 10 records were written. Page 4 could not be had: The server answered 404 Not Found. To go on from there: --after AAA"
    );
    assert!(!err(&ndjson).contains('\u{1b}') && !err(&ndjson).contains('\r'), "no progress in a pipe");
    let json = at(&server, &["--all", "-o", "json"]);
    let told: Value = serde_json::from_str(&out(&json)).unwrap();
    assert_eq!((code(&json), told["data"].as_array().map(Vec::len)), (4, Some(6)));
    assert!(told.get("pagination").is_none(), "nothing that could pass for the end");
    assert_eq!(told["incomplete"]["after"], "AAA");
    assert!(told["incomplete"]["reason"].as_str().unwrap().contains("404"));
    for output in ["csv", "table"] {
        let printed = at(&server, &["--all", "-o", output]);
        assert_eq!((code(&printed), out(&printed).lines().count()), (4, 7), "{output}");
        assert!(said(&printed).contains("6 of 10 records"));
    }
    let healed = five_pages(|_| None);
    let rest = at(&healed, &["--all", "-o", "ndjson", "--after", "AAA"]);
    assert_eq!((code(&rest), out(&rest), said(&rest)), (0, lines_of(6..10), String::new()));
    let offset = at(&server, &["--all", "-o", "ndjson", "-q", "offset=0", "-q", "limit=2"]);
    assert!(code(&offset) == 4 && said(&offset).ends_with("-q offset=6"), "{}", err(&offset));
    let rest = at(&healed, &["--all", "-o", "ndjson", "-q", "offset=6", "-q", "limit=2"]);
    assert_eq!((code(&rest), out(&rest)), (0, lines_of(6..10)));
}

#[test]
fn the_limit_of_pages_is_said_and_a_first_page_that_fails_is_explained() {
    let server = five_pages(|_| None);
    let capped = at(&server, &["--all", "-o", "ndjson", "--max-pages", "2"]);
    assert_eq!((code(&capped), out(&capped)), (1, lines_of(0..4)));
    for word in ["4 of 10 records", "limit of 2 pages", "--max-pages", "--after AA"] {
        assert!(said(&capped).contains(word), "{word}: {}", err(&capped));
    }
    let broken = five_pages(|_| Some(Answer::Whole(answer("403 Forbidden", "", "{\"type\":\"NO\"}"))));
    for (output, wanted) in [("csv", ""), ("json", "{\n  \"type\": \"NO\"\n}\n")] {
        let failed = at(&broken, &["--all", "-o", output]);
        assert_eq!((code(&failed), out(&failed).as_str()), (4, wanted));
        assert!(said(&failed).contains("403 Forbidden") && said(&failed).contains("Checked:"), "{}", err(&failed));
    }
    let odd = five_pages(|_| Some(Answer::Whole(answer("200 OK", "", "{\"data\":[{\"id\":1}"))));
    let failed = at(&odd, &["--all", "-o", "csv"]);
    assert_eq!((code(&failed), out(&failed).as_str()), (1, ""));
    assert!(said(&failed).contains("Page 1 could not be had: The answer is not JSON"), "{}", err(&failed));
    let fewer = five_pages(|number| (number == 4).then(|| Answer::Whole(answer("200 OK", "", &page(8..9, 10, None)))));
    let whole = at(&fewer, &["--all", "-o", "ndjson"]);
    assert_eq!((code(&whole), out(&whole)), (1, lines_of(0..9)));
    assert!(said(&whole).contains("9 records, but the server counts 10"), "{}", err(&whole));
}

#[test]
fn columns_that_come_late_are_named_and_formulas_disarmed_by_choice() {
    let server = Paged::start(|target| {
        let body = match parameter(target, "after") {
            None => r#"{"data":[{"id":1,"x":{"y":"=1+1"}}],"pagination":{"hasNextPage":true,"endCursor":"A"}}"#,
            _ => {
                "{\"data\":[{\"id\":2,\"late\\u001b\":[1,\r\n2]},{\"id\":3,\"late\\u001b\":4}],\"pagination\":{\"hasNextPage\":false}}"
            }
        };
        Answer::Whole(answer("200 OK", "", body))
    });
    let base = format!("staging=http://{}", server.address);
    let outside = |args: &[&str]| run(&[&["--base-url", &base, "send", "GET", "/v9/things", "--all"], args].concat());
    let csv = outside(&["-o", "csv"]);
    assert_eq!((code(&csv), out(&csv).as_str()), (0, "id,x.y\r\n1,=1+1\r\n2,\r\n3,\r\n"));
    assert!(said(&csv).contains("late␛ (2 records)") && !err(&csv).contains('\u{1b}'), "{}", err(&csv));
    assert_eq!(out(&outside(&["-o", "csv", "--csv-safe"])), "id,x.y\r\n1,'=1+1\r\n2,\r\n3,\r\n");
    let ndjson = outside(&["-o", "ndjson"]);
    assert!(out(&ndjson).contains("{\"id\":2,\"late\\u001b\":[1,2]}\n"), "{}", out(&ndjson));
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    for (args, word) in [
        (&["--all", "-o", "raw"][..], "-o json or -o ndjson"),
        (&["--all", "--jq", "."], "--jq filters one whole answer"),
        (&["-o", "csv", "--jq", "."], "--jq filters one whole answer"),
        (&["--all", "--include"], "--include"),
        (&["--csv-safe"], "--csv-safe is for -o csv"),
        (&["--max-pages", "3"], "--all"),
        (&["--after", "A", "-q", "after=B"], "after is given twice"),
        (&["--after", "A", "-q", "offset=3"], "exclude one another"),
        (&["--all", "-q", "before=A"], "leave `before` out"),
    ] {
        let output = sandbox(args);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(word), "{args:?}: {}", err(&output));
    }
    let legacy = run(&["--sandbox", "send", "GET", "/v1/employees", "--legacy", "--after", "A"]);
    assert!(code(&legacy) == 2 && err(&legacy).contains("pageOffset"), "{}", err(&legacy));
    let imitation = run(&["--employees", "3", "send", "GET", "/v2/employees"]);
    assert!(
        code(&imitation) == 2 && err(&imitation).contains("--employees is for the imitation"),
        "{}",
        err(&imitation)
    );
}

#[test]
fn the_imitation_has_as_many_employees_as_are_asked_for() {
    let count = |args: &[&str]| out(&run(&[args, &LIST, &["--all", "-o", "ndjson"]].concat())).lines().count();
    assert_eq!(count(&["--sandbox", "--employees", "1234", "--rate-limit", "9999"]), 1234);
    let limited = run(&[&["--sandbox", "--rate-limit", "0"][..], &LIST].concat());
    assert_eq!(code(&limited), 4, "{}", err(&limited));
}

#[test]
fn a_reader_that_goes_away_is_quiet() {
    for output in ["ndjson", "csv", "json"] {
        let mut child =
            pleoscope(&["--sandbox", "--employees", "5000", "send", "GET", "/v2/employees", "--all", "-o", output])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
        let mut reader = child.stdout.take().unwrap();
        reader.read_exact(&mut [0; 10]).unwrap();
        drop(reader);
        let ended = child.wait_with_output().unwrap();
        assert_eq!((code(&ended), err(&ended).as_str()), (0, ""), "{output}");
    }
}

#[test]
#[cfg(unix)]
fn what_breaks_off_is_tried_again_and_ctrl_c_ends_in_order() {
    let broken = std::sync::Mutex::new(BTreeSet::new());
    let server = five_pages(move |number| match number {
        1 | 2 if broken.lock().unwrap().insert(number) => {
            let half = answer("200 OK", "", &page(4..6, 10, Some("AAA")));
            Some(if number == 1 { Answer::Reset } else { Answer::Cut(half[..half.len() - 9].to_vec()) })
        }
        3 => Some(Answer::Stall(std::time::Duration::from_secs(60))),
        _ => None,
    });
    let base = format!("staging=http://{}", server.address);
    let child = pleoscope(&[&["--base-url", &base][..], &LIST, &["--all"]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The first page, two pages that came at the second try, and one that does not come.
    while server.seen().len() < 6 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(server.seen()[5].ends_with("?limit=100&after=AAA"), "{:?}", server.seen());
    let interrupt = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(code(&ended), 130, "{}", err(&ended));
    let told: Value = serde_json::from_str(&out(&ended)).unwrap();
    assert_eq!((told["data"].as_array().map(Vec::len), &told["incomplete"]["after"]), (Some(6), &"AAA".into()));
    for word in ["page 2, try 1 of 3", "page 3, try 1 of 3", "6 of 10 records were written. It was interrupted."] {
        assert!(said(&ended).contains(word), "{word}: {}", err(&ended));
    }
}
