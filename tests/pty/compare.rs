//! Staging beside production, as a person would look at them.

use super::*;

#[test]
fn staging_is_compared_with_production_and_what_differs_is_saved() {
    let name = format!("differs-{}.json", std::process::id());
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut session = Session::sandbox(&["open", "GET", "/v2/employees?limit=20"]);
    session.keys("s");
    session.wait("d compare");
    session.keys("d");
    let picture = session.settled("Aligned by");
    for word in ["STAGING", "PRODUCTION", "200 OK", "only in STAGING", "Only the first page of each was compared"] {
        assert!(picture.contains(word), "{word}\n{picture}");
    }
    session.keys("t");
    let picture = session.settled("fields differ");
    assert!(picture.contains("Compare shapes GET /v2/employees ") && !picture.contains('@'), "{picture}");
    session.keys("t");
    session.wait("Aligned by");
    session.keys("on");
    session.wait("Save: what differs");
    session.keys("\x15");
    session.keys(&file.display().to_string());
    session.enter("Saved ");
    let saved: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(
        (&saved["left"]["environment"], &saved["right"]["environment"]),
        (&"staging".into(), &"production".into())
    );
    let counts = saved["counts"].as_object().unwrap();
    let all: u64 = counts.values().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(saved["differences"].as_array().unwrap().len() as u64, all);
    std::fs::remove_file(file).unwrap();
    session.keys("\x1b");
    session.wait("5 Response STAGING");
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
    session.assert_given_back();
}
