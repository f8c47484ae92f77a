//! A request is saved in one run, and opened and sent in the next.

use std::fs;
use std::path::Path;

use super::harness::{DEADLINE, Session};

#[test]
fn what_was_saved_is_opened_and_sent_in_the_next_run() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("saved-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    let (config, state) = (folder.join("config").display().to_string(), folder.join("state").display().to_string());
    let start = |words: &[&str]| {
        let variables = [("PLEOSCOPE_CONFIG_DIR", config.as_str()), ("PLEOSCOPE_STATE_DIR", state.as_str())];
        Session::start(&[&["--sandbox"], words].concat(), &variables, (80, 24))
    };
    let mut session = start(&["open", "GET", "/v2/employees", "-q", "limit={{limit}}"]);
    session.wait("4 Request GET /v2/employees");
    session.keys("o");
    session.wait("list-employees.toml");
    session.keys("\x15people/few");
    session.wait("people/few.toml");
    session.enter("Saved as people/few");
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
    let text = fs::read_to_string(folder.join("config/requests/people/few.toml")).unwrap();
    assert!(text.contains("limit = \"{{limit}}\""), "{text}");

    let mut session = start(&[]);
    session.wait("3 Endpoints");
    session.keys("O");
    session.wait("people/few");
    session.keys("\r");
    session.wait("people/few is opened, not sent: s sends it");
    assert!(session.picture().contains("No answer yet"), "{}", session.picture());
    session.keys("s");
    session.wait("What is {{limit}} in STAGING?");
    session.keys("3");
    session.enter("5 Response STAGING 200");
    session.wait("3 of 240 loaded");
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);

    // From the command line it is opened the same way, and its name is offered when it is saved again.
    let mut session = start(&["open", "@people/few", "-q", "limit=4"]);
    session.wait("4 Request GET /v2/employees");
    session.keys("o");
    session.wait("people/few.toml");
    session.enter("That name is taken");
    session.enter("Saved as people/few");
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
    let text = fs::read_to_string(folder.join("config/requests/people/few.toml")).unwrap();
    assert!(text.contains("limit = \"4\""), "{text}");
    let _ = fs::remove_dir_all(folder);
}
