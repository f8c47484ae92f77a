//! `e`: the body in a person's own editor, and the terminal there and back.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::harness::{DEADLINE, Session};

/// A folder of its own, and the editors in it.
struct Desk(PathBuf);

impl Desk {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("editor-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn script(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    fn session(&self, editor: &str) -> Session {
        let state = self.0.join("state").display().to_string();
        let variables = [("EDITOR", editor), ("PLEOSCOPE_STATE_DIR", &state), ("PLEOSCOPE_TEST_CANARY", "x")];
        let args = ["--sandbox", "open", "POST", "/v1/vendors"];
        let mut session = Session::start(&args, &variables, (100, 30));
        session.wait("4 Request POST /v1/vendors");
        session
    }

    /// Files that are left where texts for an editor lie.
    fn left(&self) -> usize {
        fs::read_dir(self.0.join("state").join("edit")).map_or(0, Iterator::count)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_body_goes_to_the_editor_and_comes_back() {
    let desk = Desk::new("round");
    let seen = desk.0.join("seen");
    // It says what it got, talks with the terminal, and writes.
    let script = desk.script(
        "editor",
        &format!(
            "{{ echo \"$1\"; stat -c %a \"$2\" \"$(dirname \"$2\")\"; basename \"$2\"; stty -a; env; }} > {}\n\
             printf 'what shall it be? '; read answer\n\
             printf '{{\"name\": \"%s\"}}' \"$answer\" > \"$2\"",
            seen.display()
        ),
    );
    let mut session = desk.session(&format!("'{script}' --wait"));
    session.keys("Ge");
    session.wait("what shall it be?");
    assert!(!session.seen.lock().unwrap().picture.screen().alternate_screen(), "it has the plain screen");
    assert!(!session.seen.lock().unwrap().picture.screen().bracketed_paste());
    session.keys("sq Ledger & Co\r");
    session.wait("{\"name\": \"sq Ledger & Co\"}");
    let told = fs::read_to_string(&seen).unwrap();
    assert!(told.starts_with("--wait\n600\n700\nbody.json\n"), "{told}");
    assert!(told.contains(" icanon") && told.contains(" echo "), "the terminal is cooked: {told}");
    assert!(!told.contains("PLEOSCOPE_"), "{told}");
    assert_eq!(desk.left(), 0);
    // Keys are ours again, and so are the screen, the mouse and pasted text.
    session.keys("?");
    session.wait("Help");
    session.keys("\x1b");
    session.wait("Enter edit body");
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
    session.assert_given_back();
}

#[test]
fn an_editor_that_fails_is_missing_or_is_interrupted_costs_nothing() {
    let desk = Desk::new("fails");
    let failing = desk.script("failing", "printf '{}' > \"$1\"; exit 3");
    let mut session = desk.session(&failing);
    session.keys("Ge");
    let picture = session.wait("nothing was changed");
    // The message may be broken between any two words.
    let words = picture.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("(exit status: 3)") && picture.contains("\"companyId\""), "{picture}");
    session.keys("q");
    assert_eq!((session.end(DEADLINE), desk.left()), (0, 0));
    for (editor, wanted) in [("", "set VISUAL or EDITOR"), ("/no/such/editor", "cannot be run")] {
        let mut session = desk.session(editor);
        session.keys("Ge");
        session.wait(wanted);
        session.keys("q");
        assert_eq!((session.end(DEADLINE), desk.left()), (0, 0));
        session.assert_given_back();
    }
    // Ctrl-c is the editor's while it has the terminal.
    let asking = desk.script("asking", "trap 'exit 4' INT; echo waiting-for-you; while :; do sleep 0.1; done");
    let mut session = desk.session(&asking);
    session.keys("Ge");
    session.wait("waiting-for-you");
    session.keys("\x03");
    session.wait("nothing was changed");
    session.keys("q");
    assert_eq!((session.end(DEADLINE), desk.left()), (0, 0));
}

#[test]
fn a_signal_ends_the_editor_and_leaves_no_file() {
    let desk = Desk::new("killed");
    let asking = desk.script("asking", "echo waiting-for-you; read answer");
    let mut session = desk.session(&asking);
    session.keys("Ge");
    session.wait("waiting-for-you");
    session.signal("TERM");
    assert_eq!((session.end(DEADLINE), desk.left()), (143, 0));
    session.assert_given_back();
    let mut session = desk.session(&asking);
    session.keys("Ge");
    session.wait("waiting-for-you");
    session.signal("KILL");
    session.end(DEADLINE);
    assert_eq!(desk.left(), 1);
    let mut session = desk.session(&asking);
    session.wait_until("what was left is swept", |_| desk.left() == 0);
    session.keys("q");
    session.end(DEADLINE);
}
