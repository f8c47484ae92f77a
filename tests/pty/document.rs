//! A large answer, worked on as a person would: it arrives, is searched, filtered, gone about in, saved, and leaves nothing.

use super::*;
use std::path::PathBuf;

/// Folders of a session of its own.
struct Place {
    base: PathBuf,
}

impl Place {
    fn new(name: &str) -> Self {
        let base = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("document-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&base).unwrap();
        Self { base }
    }

    fn session(&self, args: &[&str]) -> Session {
        let base = self.base.display().to_string();
        let variables = [("PLEOSCOPE_STATE_DIR", base.as_str()), ("PLEOSCOPE_CONFIG_DIR", base.as_str())];
        let mut session = Session::start(&[&["--sandbox"], args].concat(), &variables, (120, 40));
        session.wait("4 Request GET");
        session
    }

    fn bodies(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.base.join("bodies"))
            .map_or_else(|_| Vec::new(), |files| files.map(|file| file.unwrap().path()).collect())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A test that failed leaves its folder to be looked at only until the next clean build.
        let _ = std::fs::remove_dir_all(&self.base);
    }
}

#[test]
fn a_large_answer_is_searched_filtered_and_saved() {
    let place = Place::new("large");
    let mut session = place.session(&["--fault", "huge=3MB", "open", "GET", "/v2/employees"]);
    session.keys("s");
    session.settled("200 OK");
    session.wait("firstName");
    session.keys("v");
    session.wait_until("all of it", |picture| picture.contains("tree 1 of 114941"));
    session.keys("G");
    session.wait("tree 114941 of 114941");
    session.keys("C");
    session.wait("▸ data: [ 11493 items ]");
    session.keys("/e000000009999");
    session.wait("1 of 1");
    session.wait(".data[9999].code");
    session.keys("\r\u{1b}");
    session.settled("q quit");
    session.keys("\u{7}.data[11492].email\r");
    session.wait("tree 114926 of 114941");
    session.keys("\u{7}50%\r");
    session.wait("tree 57471 of 114941");
    session.keys("f.data[:3][].lastName");
    session.wait("3 results in");
    session.keys("[");
    session.wait("^");
    session.keys("\u{7f}\r");
    session.settled("3 results in");
    session.keys("or");
    session.wait("Save: result of the filter");
    let path = place.base.join("names.ndjson");
    session.keys(&format!("\u{15}{}\r", path.display()));
    session.wait("Saved ");
    let saved = std::fs::read_to_string(&path).unwrap();
    assert_eq!(saved.lines().count(), 3);
    assert!(saved.lines().all(|line| line.starts_with('"') && line.ends_with('"')), "{saved}");
    session.keys("or");
    session.wait("Save: result of the filter");
    session.keys(&format!("\u{15}{}\r", path.display()));
    session.wait("There is a file of that name");
    session.keys("\u{1b}");
    // Back to the name first.
    session.wait_until("no question", |picture| !picture.contains("There is a file of that name"));
    session.keys("\u{1b}");
    session.settled("copy");
    session.keys("\u{1b}");
    session.wait("tree 57471 of 114941");
    session.keys("yP");
    session.wait("Sent ");
    session.keys("vvvv");
    session.wait("hex byte ");
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
    session.assert_given_back();
    // The clipboard was asked of the terminal by the one key for it.
    let raw = String::from_utf8_lossy(&session.raw()).into_owned();
    assert_eq!(raw.matches("\u{1b}]52;c;").count(), 1);
}

#[test]
fn what_does_not_fit_into_memory_is_a_file_for_its_owner_until_one_leaves() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new("spill");
    // A run that was killed has left one behind.
    std::fs::create_dir_all(place.base.join("bodies")).unwrap();
    std::fs::write(place.base.join("bodies/0123456789abcdef.body"), "old").unwrap();
    let limits = ["--memory-limit", "1MB", "--body-limit", "4MB"];
    let mut session = place.session(&[&limits[..], &["--fault", "huge=8MB", "open", "GET", "/v2/employees"]].concat());
    session.keys("s");
    session.wait("The body is larger than 4000000 bytes");
    session.wait("Partial: this is not the whole body.");
    let files = place.bodies();
    assert_eq!(files.len(), 1, "the old one was swept: {files:?}");
    let about = std::fs::metadata(&files[0]).unwrap();
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
    assert!((3_500_000..=4_000_000).contains(&about.len()), "{}", about.len());
    session.keys("/e000000015000\r");
    session.wait("1 of 1");
    // The next answer takes its place.
    session.keys("s");
    session.settled("larger than 4000000 bytes");
    assert_eq!(place.bodies().len(), 1);
    session.keys("q");
    assert_eq!(session.end(DEADLINE), 0);
    assert!(place.bodies().is_empty());
}

#[test]
fn what_has_arrived_is_kept_by_x() {
    let place = Place::new("kept");
    let mut session = place.session(&["--fault", "drip", "open", "GET", "/v2/employees"]);
    session.keys("s");
    session.wait("receiving");
    session.wait("firstName");
    session.keys("x");
    session.wait("Partial: this is not the whole");
    let picture = session.settled("cancelled");
    assert!(picture.contains("firstName"), "{picture}");
}
