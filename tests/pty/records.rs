//! Employees as a person browses them: all pages, a name, sorted, a record, its company and back, the other environment, and
//! the table as CSV, counted against what the imitation holds.

use super::*;
use std::path::PathBuf;
use std::process::Command;

/// The employees of staging that the imitation holds, as the command prints them.
fn employees() -> Vec<serde_json::Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_pleoscope"))
        .args(["--sandbox", "send", "GET", "/v2/employees", "--all", "-o", "ndjson"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn saved(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("records-{name}-{}.csv", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

/// Saves the table as CSV and reads it back: the names of the columns and the rows.
fn exported(session: &mut Session, path: &std::path::Path) -> (Vec<String>, Vec<Vec<String>>) {
    session.keys("o");
    session.wait("CSV, formulas disarmed");
    session.keys("c");
    session.wait("Save: CSV");
    // The name that is proposed gives way to one of ours.
    session.keys(&format!("\u{15}{}", path.display()));
    session.enter("Saved ");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let head = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    std::fs::remove_file(path).unwrap();
    (head, rows)
}

#[test]
fn employees_are_browsed_compared_and_exported() {
    let all = employees();
    let mut session = Session::sandbox(&[]);
    session.keys("\r");
    session.wait("4 Request GET /v2/employees");
    session.keys("sz");
    session.wait("20 of 240 loaded");
    session.keys("a");
    session.settled("240 of 240 loaded · that is all");
    let (head, rows) = exported(&mut session, &saved("all"));
    assert_eq!(head[..3], ["firstName", "lastName", "email"]);
    let place = |name: &str| head.iter().position(|own| own == name).unwrap();
    let ids: Vec<&str> = rows.iter().map(|row| row[place("id")].as_str()).collect();
    let held: Vec<&str> = all.iter().map(|own| own["id"].as_str().unwrap()).collect();
    assert_eq!(ids, held, "every employee once, in the order of the list");
    let codes = rows.iter().filter(|row| !row[place("code")].is_empty()).count();
    assert_eq!(codes, all.iter().filter(|own| own["code"].is_string()).count());

    session.keys("/firstName:jasper");
    let wanted = all.iter().filter(|own| own["firstName"] == "Jasper").count();
    session.wait(&format!("{wanted} of 240 rows"));
    session.keys("\rS");
    session.wait("Sorted by firstName");
    session.keys("lS");
    let picture = session.settled("Sorted by lastName");
    let names: Vec<&str> = picture.lines().filter(|line| line.starts_with("┃Jasper")).collect();
    assert_eq!(names.len(), wanted, "{picture}");
    assert!(names.is_sorted_by_key(|line| line.split('│').nth(1).unwrap().trim().to_lowercase()), "{picture}");

    session.keys("jh\r");
    session.wait("firstName: \"Jasper\"");
    session.keys("jj");
    session.wait(".companyId━");
    session.keys("\r");
    let picture = session.settled("‹ GET /v2/employees row 2");
    assert!(picture.contains("registrationNumber"), "{picture}");
    session.keys("\u{7f}");
    session.wait(".companyId━");
    session.keys("\u{1b}");
    session.wait(&format!("table 2 of {wanted}, 240 in all"));

    session.keys("d");
    session.wait("Compare GET /v2/employees");
    session.settled("Aligned by");
    session.keys("\u{1b}");
    session.wait(&format!("table 2 of {wanted}, 240 in all"));
    let (_, rows) = exported(&mut session, &saved("some"));
    assert_eq!(rows.len(), wanted, "the rows shown are those exported");

    session.keys("p");
    let picture = session.settled(" MASKED ");
    assert!(!picture.contains("Jasper") && picture.contains("••••••"), "{picture}");
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
}

/// Check 49, the part with a screen: the wait is counted down, and Esc ends it within a quarter of a second.
#[test]
fn promise_49_a_wait_is_counted_down_and_ended() {
    let mut session = Session::sandbox(&["--rate-limit", "2"]);
    session.keys("\r");
    session.wait("4 Request GET /v2/employees");
    session.keys("sz");
    session.wait("20 of 240 loaded");
    session.keys("a");
    session.wait("429");
    session.wait("try 2 of 3 in 0:");
    let asked = Instant::now();
    session.keys("\u{1b}");
    session.wait("a loads all");
    assert!(asked.elapsed() < Duration::from_secs(2), "the wait goes on after Esc");
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
}
