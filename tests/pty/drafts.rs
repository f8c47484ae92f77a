//! What is being typed when the program is killed is there in the next run.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::harness::{DEADLINE, Session};

#[test]
fn what_was_typed_outlives_a_kill() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("drafts-{}", std::process::id()));
    let state = folder.display().to_string();
    let start = || {
        let variables = [("PLEOSCOPE_STATE_DIR", state.as_str())];
        let mut session = Session::start(&["--sandbox", "open", "GET", "/v2/employees"], &variables, (120, 40));
        session.wait("4 Request GET /v2/employees");
        session
    };
    let mut session = start();
    session.keys("4jj\r");
    session.keys("E10001");
    session.wait("E10001");
    std::thread::sleep(Duration::from_secs(1));
    session.signal("KILL");
    drop(session);
    let mut session = start();
    let picture = session.wait("What you left unsent here is back");
    assert!(picture.contains("E10001"), "{picture}");
    // It is forgotten for good, at the latest when the program ends.
    session.keys("R");
    session.wait("back at its template");
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
    let mut session = start();
    session.keys("3\r");
    let picture = session.settled("4 Request");
    assert!(!picture.contains("E10001"), "{picture}");
    let _ = fs::remove_dir_all(folder);
}
