//! What a key takes while a large body is shown, searched and received; jumps, folds, searches; and what idling costs.

use std::path::Path;
use std::time::Duration;

use super::report::{Report, ratio, time};
use super::server::{Server, counted};
use super::terminal::{Terminal, folder};
use super::whole::{has_rows, is_whole};
use crate::Plan;
use crate::meter::{switched, switches, ticks};
use crate::times::{median, millis};

/// Keys of one kind.
const KEYS: usize = 300;
/// Most times that a body is fetched again to press keys meanwhile.
const FETCHES: usize = 40;

/// Measures and prints.
pub fn measure(plan: &Plan, server: &Server, report: &mut Report) {
    let size = plan.moved_in();
    let keys = if plan.quick { KEYS / 6 } else { KEYS };
    let mut terminal = Terminal::open(server, size);
    terminal.press("s", has_rows);
    terminal.until("the whole body", is_whole);
    terminal.press("5z", |picture| !picture.contains("3 Endpoints"));
    // A list is a table first. The view that is chosen here stays for the answers that follow.
    terminal.press("v", |picture| picture.contains("tree 1 of "));
    let rows = rows(&terminal.picture());
    held(&mut terminal, size, keys, rows, report);
    searched(&mut terminal, size, keys, report);
    jumps(&mut terminal, size, rows, report);
    folds(&mut terminal, size, report);
    searches(&mut terminal, server, size, report);
    idle(&terminal, size, if plan.quick { 2 } else { 10 }, report);
    received(&mut terminal, size, keys, report);
}

/// The number behind `1 of ` on the lower border.
fn rows(picture: &str) -> u64 {
    let border = picture.lines().find(|line| line.contains("tree 1 of ")).unwrap();
    let digits = border.split("tree 1 of ").nth(1).unwrap();
    digits.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// The cursor is in this row, from 1.
fn at(row: u64) -> impl Fn(&str) -> bool + Send + 'static {
    let text = format!("tree {row} of ");
    move |picture| picture.contains(&text)
}

/// Half, all but one in a hundred, and all were not slower than this.
pub fn key_row(what: &str, mut times: Vec<Duration>, report: &mut Report) {
    times.sort();
    let Some(last) = times.last().copied() else {
        return report.row(what, "p99 ≤ 16 ms", "it was over before a key could be pressed", "", None);
    };
    let share = |hundredths: usize| times[(times.len() * hundredths / 100).min(times.len() - 1)];
    let measured =
        format!("p50 {}, p99 {}, max {} of {} keys", time(share(50)), time(share(99)), time(last), times.len());
    report.row(what, "p99 ≤ 16 ms", &measured, "", Some(millis(share(99)) <= 16.0));
}

fn held(terminal: &mut Terminal, size: &str, keys: usize, rows: u64, report: &mut Report) {
    terminal.press("j", at(2));
    terminal.press("g", at(1));
    let least = rows.min(keys as u64 + 1);
    let times = (2..=least).map(|row| terminal.timed("j", at(row))).collect();
    key_row(&format!("j, {size} shown"), times, report);
    terminal.press("g", at(1));
    let (mut times, mut row) = (Vec::new(), 1);
    for _ in 0..keys {
        let before = row;
        let moved = move |picture: &str| position(picture).is_some_and(|now| now != before);
        times.push(terminal.timed("\u{1b}[6~", moved));
        row = position(&terminal.picture()).unwrap();
        if row == rows {
            terminal.press("g", at(1));
            row = 1;
        }
    }
    key_row(&format!("PgDn, {size} shown"), times, report);
    terminal.press("g", at(1));
}

/// The row that the lower border tells.
fn position(picture: &str) -> Option<u64> {
    let border = picture.lines().rev().find(|line| line.contains(" of ") && line.contains("tree "))?;
    border.split("tree ").nth(1)?.split(' ').next()?.parse().ok()
}

/// The row of the search, without its frame.
fn search_row(picture: &str) -> Option<&str> {
    let row = picture.lines().find(|line| line.trim_start_matches(['┃', ' ']).starts_with("/ "))?;
    Some(row.trim_matches(['┃', ' ']))
}

/// Every key begins the search anew, so that one is always at work.
fn searched(terminal: &mut Terminal, size: &str, keys: usize, report: &mut Report) {
    let says = |text: &'static str| {
        move |picture: &str| search_row(picture).is_some_and(|row| row.split_whitespace().nth(1) == Some(text))
    };
    terminal.press("/accountancy", says("accountancy"));
    let mut times = Vec::new();
    for _ in 0..keys.div_ceil(2) {
        times.push(terminal.timed("\u{7f}", says("accountanc")));
        times.push(terminal.timed("y", says("accountancy")));
    }
    key_row(&format!("typing, {size} searched"), times, report);
    terminal.press("\u{1b}", |picture| search_row(picture).is_none());
}

/// Keys while the body arrives, as often as it takes to press enough of them.
fn received(terminal: &mut Terminal, size: &str, keys: usize, report: &mut Report) {
    let mut times = Vec::new();
    let arrives = |picture: &str| picture.contains("receiving") && has_rows(picture);
    for _ in 0..FETCHES {
        terminal.press("g", at(1));
        terminal.press("s", move |picture| (arrives(picture) && at(1)(picture)) || is_whole(picture));
        terminal.until("its first rows", has_rows);
        let mut row = 1;
        while times.len() < keys && terminal.picture().contains("receiving") {
            row += 1;
            times.push(terminal.timed("j", at(row)));
        }
        terminal.until("the whole body", is_whole);
        if times.len() >= keys {
            break;
        }
    }
    key_row(&format!("j, {size} being received"), times, report);
}

fn jump_row(what: &str, times: Vec<Duration>, report: &mut Report) {
    let slowest = times.iter().max().copied().unwrap_or_default();
    let middle = median(times);
    let measured = format!("{}, at most {}", time(middle), time(slowest));
    report.row(what, "≤ 50 ms", &measured, "", Some(millis(middle) <= 50.0));
}

fn jumps(terminal: &mut Terminal, size: &str, rows: u64, report: &mut Report) {
    let (mut ends, mut beginnings) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        ends.push(terminal.timed("G", at(rows)));
        beginnings.push(terminal.timed("g", at(1)));
    }
    jump_row(&format!("to the end, {size}"), ends, report);
    jump_row(&format!("to the beginning, {size}"), beginnings, report);
    let what = format!("to a row, {size}");
    let before = terminal.picture();
    terminal.keys("\u{7}");
    std::thread::sleep(Duration::from_millis(300));
    if terminal.picture() == before {
        return report.row(&what, "≤ 50 ms", "skipped: no key does it", "", None);
    }
    terminal.keys("\u{1b}");
    std::thread::sleep(Duration::from_millis(300));
    let mut times = Vec::new();
    for part in 1..10 {
        let row = (rows * part / 10).max(1);
        terminal.keys(&format!("\u{7}{row}"));
        // An Enter that comes too soon behind what is typed is taken for the end of a paste.
        std::thread::sleep(Duration::from_millis(250));
        times.push(terminal.timed("\r", at(row)));
    }
    jump_row(&what, times, report);
    terminal.press("g", at(1));
}

fn folds(terminal: &mut Terminal, size: &str, report: &mut Report) {
    let (mut folded, mut unfolded) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        folded.push(terminal.timed("C", |picture| picture.contains("▸ data: [")));
        unfolded.push(terminal.timed("E", |picture| picture.contains("▾ data: [")));
    }
    jump_row(&format!("fold all, {size}"), folded, report);
    jump_row(&format!("unfold all, {size}"), unfolded, report);
}

/// The count behind what is sought is the last one.
fn counted_up(text: &str) -> impl Fn(&str) -> bool + Send + 'static {
    let begins = format!("/ {text} ");
    move |picture| {
        search_row(picture).is_some_and(|row| {
            let rest = row.strip_prefix(&begins).unwrap_or_default();
            rest.ends_with("no hits") || (rest.contains(" of ") && !rest.contains('…'))
        })
    }
}

fn searches(terminal: &mut Terminal, server: &Server, size: &str, report: &mut Report) {
    let file = folder().join(format!("{size}.json"));
    server.save(size, &file);
    for (what, text, rg) in [
        ("1 hit", "000000000007@", &["-c", "-F"][..]),
        ("absent", "-000000000007", &["-c", "-F"]),
        ("absent, smart case", "accountancy", &["-c", "-F", "-S"]),
        ("1 hit, smart case, begins with what is everywhere", "000000000007@huge", &["-c", "-F", "-S"]),
        ("in every record, smart case", "accountant", &["--count-matches", "-F", "-S"]),
    ] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            theirs.extend(rg_time(rg, text, &file));
            terminal.press("/", |picture| picture.lines().any(|line| line.contains("┃/ ")));
            // Until the last key it is another search, which is given up then.
            let (most, last) = text.split_at(text.len() - 1);
            let typed = format!("/ {most}");
            terminal.press(most, move |picture| search_row(picture).is_some_and(|row| row.starts_with(&typed)));
            ours.push(terminal.timed(last, counted_up(text)));
            terminal.press("\u{1b}", |picture| search_row(picture).is_none());
            terminal.press("g", at(1));
        }
        let ours = median(ours);
        let (measured, beside, met) = if theirs.is_empty() {
            (time(ours), "rg is not installed".to_owned(), None)
        } else {
            let theirs = median(theirs);
            let times = ratio(ours, theirs);
            (
                format!("{}, {times:.2} ×", time(ours)),
                format!("rg {}", time(theirs)),
                (size == "100MB").then_some(times <= 2.0),
            )
        };
        report.row(&format!("search, {size}, {what}"), "≤ 2 × rg at 100 MB", &measured, &beside, met);
    }
    std::fs::remove_file(&file).unwrap();
}

fn rg_time(args: &[&str], text: &str, file: &Path) -> Option<Duration> {
    counted(&[args, &["-e", text]].concat(), file)
}

fn idle(terminal: &Terminal, size: &str, seconds: u64, report: &mut Report) {
    let id = terminal.id();
    // Threads that searched end ten seconds after they were last needed.
    std::thread::sleep(Duration::from_secs(seconds + 1));
    let before = (ticks(id), switches(id));
    std::thread::sleep(Duration::from_secs(seconds));
    let (ticks, switches) = (ticks(id) - before.0, switched(&before.1, &switches(id)));
    let measured = format!("{ticks} ticks of processor time, {switches} context switches");
    report.row(&format!("idle for {seconds} s, {size} shown"), "none", &measured, "", Some(ticks + switches == 0));
}
