//! A curl command given at the start: read from a file, or asked for without showing it.

use super::*;

const COMMAND: &str = "curl https://external.staging.pleo.io/v2/employees -u CNRYkey0123456789:";

fn taken(mut session: Session) {
    session.wait("Import a curl command");
    session.wait("Standalone API key …6789");
    // An Enter that comes at once takes nothing.
    std::thread::sleep(std::time::Duration::from_millis(700));
    session.keys("\r");
    session.wait("not sent");
    session.wait("4 Request GET /v2/employees");
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
    assert!(!String::from_utf8_lossy(&session.raw()).contains("CNRY"));
}

#[test]
fn a_command_in_a_file_is_looked_at_first() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("command-{}", std::process::id()));
    std::fs::write(&file, COMMAND).unwrap();
    taken(Session::start(&["open", "--curl", file.to_str().unwrap()], &[], (120, 40)));
    std::fs::remove_file(file).unwrap();
}

#[test]
fn a_command_that_is_asked_for_is_not_shown() {
    let mut session = Session::start(&["open", "--curl", "-"], &[], (120, 40));
    session.wait("Paste the curl command, then Enter (not shown):");
    session.keys(&format!("\u{1b}[200~{COMMAND}\u{1b}[201~\r"));
    taken(session);
}
