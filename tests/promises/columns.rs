//! Check 36: whatever a terminal makes of a character, borders stand in their columns and the caret where one types.

use std::time::{Duration, Instant};

use pleoscope::document::displayable;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr;

use super::loopback::{Loopback, leave, named, sent, turn_to};
use crate::harness::Session;

/// Bases and what is put behind them: pictures, letters of many scripts, marks that combine, join and choose a form.
const BASES: [&str; 26] = [
    "a", "é", "漢", "字", "カ", "ｶ", "한", "각", "ß", "ǆ", "Ж", "א", "ع", "न", "த", "ไ", "က", "ॐ", "❤", "☎", "👍",
    "👩", "🧑", "🚀", "🏴", "①",
];
const BEHIND: [&str; 10] = [
    "",
    "\u{301}",
    "\u{308}\u{323}\u{302}",
    "\u{FE0F}",
    "\u{FE0E}",
    "\u{1F3FD}",
    "\u{200D}👩\u{200D}👦",
    "\u{20E3}",
    "\u{93F}\u{94D}",
    "\u{E0067}\u{E007F}",
];
/// What does not come of the two.
const OTHERS: [&str; 22] = [
    "🇩🇰🇸🇪",
    "🇩",
    "1\u{FE0F}\u{20E3}#\u{FE0F}\u{20E3}",
    "ก็็็็็็็็็็",
    "Z\u{351}\u{36B}\u{343}\u{36A}\u{302}\u{36B}\u{33D}\u{34F}\u{334}\u{319}\u{324}A",
    "ﷺ ﷽",
    "𒐫 ⸻ ꧅",
    "ﾊﾝｶｸ ﬁ ﬀ",
    "ᄀᄀᄀ각ᆨᆨ",
    "\u{1100}\u{1161}\u{11A8}",
    "각나다",
    "क्षि श्री ज्ञ",
    "ខ្មែរ ျမန်မာ",
    "العربية עברית mixed",
    "\u{301}\u{302} begins with marks",
    "─│┌┐└┘├┤┬┴┼━┃ ░▒▓█ ▁▂▃",
    "← → ↔ ⇒ ∀ ∑ √ ∞ ≈ ≠",
    "• … “ ” ‘ ’ – — † ‡ § ¶",
    "𝕬𝖇𝖈 𝟙𝟚𝟛 ⓐⓑ ㉿ ㍿ ㎏",
    "🀄 🃏 ⌚ ⏰ ⭐ ⛄ ♿ ⚡",
    "👩🏽‍🚀 👨‍👩‍👧‍👦 🏳️‍🌈 🏴‍☠️ 🧑🏿‍🤝‍🧑🏻",
    "ท่านผู้ใหญ่ ܫܠܡܐ ߒߞߏ ᠮᠣᠩᠭᠣᠯ",
];

fn lines() -> Vec<String> {
    let pairs = BASES.iter().flat_map(|base| BEHIND.iter().map(move |behind| format!("{base}{behind}x{base}{behind}")));
    pairs.chain(OTHERS.map(str::to_owned)).collect()
}

/// Every row of the zoomed pane has its borders in the first and the last column.
fn assert_framed(session: &Session, what: &str) {
    let seen = session.seen.lock().unwrap();
    let screen = seen.picture.screen();
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let cell = |row: u16, column: u16| screen.cell(row, column).map(|cell| cell.contents().to_owned());
    for row in 2..rows - 2 {
        for column in [0, columns - 1] {
            let there = cell(row, column).unwrap_or_default();
            assert_eq!(there, "┃", "{what}: column {column} of row {row}:\n{}", screen.contents());
        }
    }
}

/// Until the picture stands still: a row is not to be read while half of it is drawn.
fn settle(session: &Session) {
    let (mut picture, mut since) = (session.picture(), Instant::now());
    while since.elapsed() < Duration::from_millis(30) {
        std::thread::sleep(Duration::from_millis(5));
        let now = session.picture();
        if now != picture {
            (picture, since) = (now, Instant::now());
        }
    }
}

/// As values and as names, in the tree and in the raw view, page by page and moved sideways.
#[test]
fn promise_36_borders() {
    let lines = lines();
    assert!(lines.len() > 250);
    let server = Loopback::new();
    let items: Vec<String> = lines
        .iter()
        .map(|line| {
            let quoted = serde_json::to_string(line).unwrap();
            format!("{{{quoted}:{quoted},\"wide\":{}}}", serde_json::to_string(&line.repeat(12)).unwrap())
        })
        .collect();
    let body = format!("[{}]", items.join(",\n"));
    server.always(named("Shaped", &[("Content-Type", "application/json")], body.as_bytes()));
    let mut session = server.session(&[], (80, 24));
    // A wide title has room for the name of the answer, however long it took.
    session.keys("5z");
    session.wait_until("the whole screen", |picture| !picture.contains("4 Request"));
    sent(&mut session, "Shaped");
    for view in ["tree", "raw"] {
        turn_to(&mut session, view);
        session.keys("g");
        settle(&session);
        assert_framed(&session, view);
        // Every page, then sideways and back at every other place, so that rows are drawn over each other.
        for page in 0..lines.len() {
            let before = session.picture();
            session.keys("\u{1B}[6~");
            settle(&session);
            assert_framed(&session, &format!("{view}, page {page}"));
            if page % 4 == 0 {
                session.keys("jjlj");
                settle(&session);
                assert_framed(&session, &format!("{view}, page {page}, moved"));
                session.keys("h");
            }
            if session.picture() == before {
                break;
            }
        }
    }
    leave(session);
}

/// The column of the caret, which is the one reversed cell of a row.
fn caret(session: &Session, mark: &str) -> Option<u16> {
    let seen = session.seen.lock().unwrap();
    let screen = seen.picture.screen();
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let text = |row| screen.contents_between(row, 0, row, columns);
    let row = (0..rows).find(|row| text(*row).contains(mark))?;
    (0..columns).find(|column| screen.cell(row, *column).is_some_and(vt100::Cell::inverse))
}

fn columns(text: &str) -> u16 {
    u16::try_from(displayable(text).graphemes(true).map(UnicodeWidthStr::width).sum::<usize>()).unwrap()
}

/// Pasted and gone back in: the caret is behind what stands before it.
#[test]
fn promise_36_caret() {
    let server = Loopback::new();
    server.always(named("Typed", &[("Content-Type", "application/json")], b"[1]"));
    let mut session = server.session(&[], (160, 24));
    sent(&mut session, "Typed");
    session.keys("5z");
    session.wait_until("the whole screen", |picture| !picture.contains("4 Request"));
    session.keys("/");
    session.wait("┃/ ");
    let mut wrong = Vec::new();
    for line in lines() {
        // Controls are left out of a field of one line; a field scrolls when it is full.
        let text: String = line.chars().filter(|c| !c.is_control()).collect();
        if columns(&text) > 100 {
            continue;
        }
        session.keys(&format!("\u{1B}[200~{text}\u{1B}[201~"));
        let wanted = 3 + columns(&text);
        let deadline = Instant::now() + Duration::from_secs(2);
        while caret(&session, "┃/ ") != Some(wanted) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(3));
        }
        let there = caret(&session, "┃/ ");
        if there != Some(wanted) {
            wrong.push(format!("{line:?}: {there:?} for {wanted}"));
        }
        settle(&session);
        assert_framed(&session, &format!("typed {line:?}"));
        session.keys("\u{15}");
        let empty = Instant::now() + Duration::from_secs(2);
        while caret(&session, "┃/ ") != Some(3) && Instant::now() < empty {
            std::thread::sleep(Duration::from_millis(3));
        }
    }
    assert!(wrong.is_empty(), "{} lines:\n{}", wrong.len(), wrong.join("\n"));
    session.keys("\u{1B}");
    session.wait_until("the search to go", |picture| !picture.contains("┃/ "));
    leave(session);
}
