//! Themes by the terminal's background, and a person's own keys, in a real terminal.

use super::*;

/// Whether a cell of the banner is white on the red that no theme changes.
fn production_is_signed(session: &Session) -> bool {
    let seen = session.seen.lock().unwrap();
    let cell = seen.picture.screen().cell(0, 1).unwrap();
    let (text, ground) = (cell.fgcolor(), cell.bgcolor());
    cell.contents() == "P"
        && matches!(
            (text, ground),
            (vt100::Color::Rgb(255, 255, 255), vt100::Color::Rgb(175, 0, 0))
                | (vt100::Color::Idx(231), vt100::Color::Idx(124))
                | (vt100::Color::Idx(15 | 7), vt100::Color::Idx(1))
        )
}

#[test]
fn the_terminal_is_asked_once_and_its_answer_chooses_the_theme() {
    let mut session = Session::start(&["--sandbox"], &[("COLORTERM", "truecolor")], (100, 30));
    session.wait("3 Endpoints");
    session.wait_until("the question", |_| true);
    let deadline = Instant::now() + DEADLINE;
    while !String::from_utf8_lossy(&session.raw()).contains("\u{1B}]11;?\u{1B}\\") {
        assert!(Instant::now() < deadline, "the terminal was not asked");
        std::thread::sleep(Duration::from_millis(5));
    }
    session.keys("\u{1B}]11;rgb:ffff/ffff/ffff\u{1B}\\");
    // The accent of the light theme.
    let deadline = Instant::now() + DEADLINE;
    while !String::from_utf8_lossy(&session.raw()).contains("38;2;0;95;135") {
        assert!(Instant::now() < deadline, "the light theme did not come:\n{}", session.picture());
        std::thread::sleep(Duration::from_millis(5));
    }
    // What comes unasked is no key either: neither q nor Ctrl-t nor Enter of it does anything.
    session.keys("\u{1B}]11;rgb:q/q\rq\u{14}q\u{7}");
    session.keys("\u{1B}P\rq\rq\u{1B}\\");
    std::thread::sleep(Duration::from_millis(150));
    let picture = session.settled("3 Endpoints");
    assert!(picture.contains("STAGING") && !picture.contains("4 Request GET"), "{picture}");
    assert_eq!(String::from_utf8_lossy(&session.raw()).matches("\u{1B}]11;?").count(), 1);
    session.keys("\u{14}");
    session.wait("PRODUCTION");
    assert!(production_is_signed(&session));
    session.keys("q");
    assert_eq!(session.end(Duration::from_secs(5)), 0);
    session.assert_given_back();
}

#[test]
fn production_is_white_on_red_in_every_theme() {
    for theme in ["dark", "light", "high-contrast", "16"] {
        for colours in ["truecolor", ""] {
            let args = ["--sandbox", "--theme", theme, "--env", "production"];
            let mut session = Session::start(&args, &[("COLORTERM", colours)], (80, 24));
            session.wait("PRODUCTION");
            session.settled("3 Endpoints");
            assert!(production_is_signed(&session), "{theme} {colours:?}");
            assert!(!String::from_utf8_lossy(&session.raw()).contains("]11;"), "only auto asks");
        }
    }
    let mut session = Session::start(&["--sandbox", "--theme", "light"], &[("NO_COLOR", "1")], (80, 24));
    session.settled("3 Endpoints");
    let raw = String::from_utf8_lossy(&session.raw()).into_owned();
    assert!(!raw.contains("38;") && !raw.contains("48;"), "NO_COLOR goes before a theme");
    session.keys("\u{1B}OQ");
    session.wait("No colours are used");
}

#[test]
fn themes_and_keys_of_the_configuration_hold() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("home-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let text =
        "[theme]\nname = \"dusk\"\n\n[themes.dusk]\naccent = \"#010203\"\n\n[keys]\nswitch_environment = \"F6\"\n";
    std::fs::write(folder.join("config.toml"), text).unwrap();
    let variables = [("PLEOSCOPE_CONFIG_DIR", folder.to_str().unwrap()), ("COLORTERM", "truecolor")];
    let mut session = Session::start(&["--sandbox"], &variables, (120, 40));
    session.settled("3 Endpoints");
    assert!(String::from_utf8_lossy(&session.raw()).contains("38;2;1;2;3"));
    session.keys("\u{1B}[17~");
    session.wait("PRODUCTION");
    session.keys("?");
    session.wait("F6");
    session.keys("q");
    // F2 goes on to the next theme.
    session.keys("\u{1B}OQ");
    session.wait("Theme auto");
}
