//! A list of a million records as a table: until its rows stand, what keys take in it, sorting, filtering and taking it along,
//! and two answers compared.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::keys::key_row;
use super::report::{Report, megabytes, ratio, time};
use super::server::{PLEOSCOPE, Server, counted};
use super::terminal::{Terminal, folder};
use super::whole::{IN_BODY, Memory, has_rows, is_whole};
use crate::Plan;
use crate::times::{median, millis};

/// Bodies with a little more than a million records, and a tenth of that, as the sandbox reads sizes.
const SIZES: [&str; 2] = ["261001kB", "26101kB"];
/// Two of these are compared.
const COMPARED: &str = "50MB";
/// Keys of one kind.
const KEYS: usize = 300;
/// Columns of these records, one of which the cursor is in.
const OTHERS: usize = 7;

/// What is measured.
struct List {
    size: &'static str,
    records: u64,
    bytes: u64,
    /// A copy for other programs.
    file: std::path::PathBuf,
}

/// Measures and prints.
pub fn measure(plan: &Plan, server: &Server, report: &mut Report) {
    let (size, rounds, keys) = if plan.quick { (SIZES[1], 2, KEYS / 6) } else { (SIZES[0], 5, KEYS) };
    let file = folder().join("list.json");
    server.save(size, &file);
    let body = std::fs::read(&file).unwrap();
    let records = memchr::memmem::find_iter(&body, IN_BODY).count() as u64;
    let list = List { size, records, bytes: body.len() as u64, file };
    drop(body);
    let mut terminal = begun(&list, server, rounds, report);
    terminal.press("5z", |picture| !picture.contains("3 Endpoints"));
    moved(&mut terminal, &list, keys, report);
    sorted(&mut terminal, &list, rounds.min(3), report);
    filtered(&mut terminal, &list, keys, rounds, report);
    saved(&mut terminal, &list, report);
    drop(terminal);
    std::fs::remove_file(&list.file).unwrap();
    compared(rounds, report);
}

/// A number as the screen writes it.
fn spaced(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// The lower border of the table.
fn border(picture: &str) -> Option<&str> {
    picture.lines().rev().find(|line| line.contains("table ") && line.contains(" of "))
}

/// The path of the column under the cursor, as the lower border tells it.
fn column(picture: &str) -> Option<&str> {
    let own = border(picture)?.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    own.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').next()
}

/// The cursor is in this row, from 1, and nothing goes on.
fn at(row: u64) -> impl Fn(&str) -> bool + Send + 'static {
    let text = format!("table {} of ", spaced(row));
    move |picture| border(picture).is_some_and(|border| border.contains(&text) && !border.contains('…'))
}

/// The row that the lower border tells.
fn position(picture: &str) -> Option<u64> {
    let told = border(picture)?.split("table ").nth(1)?.split(" of ").next()?;
    told.replace(' ', "").parse().ok()
}

/// All rows are there.
fn has_all(records: u64) -> impl Fn(&str) -> bool + Send + 'static {
    let text = format!("table 1 of {}", spaced(records));
    move |picture| is_whole(picture) && border(picture).is_some_and(|own| own.contains(&text) && !own.contains('…'))
}

/// From the key that sends to the first rows and to all of them, beside curl; the last explorer stays.
fn begun(list: &List, server: &Server, rounds: usize, report: &mut Report) -> Terminal {
    let mut times: [Vec<Duration>; 4] = Default::default();
    let mut kept: Option<Terminal> = None;
    for _ in 0..rounds {
        // The one before makes room first.
        drop(kept.take());
        let (curl_first, curl_last, _) = server.fetch(list.size);
        let mut terminal = Terminal::open(server, list.size);
        let (begun, first) = terminal.press("s", has_rows);
        let all = terminal.until("all rows", has_all(list.records));
        for (times, time) in times.iter_mut().zip([first - begun, all - begun, curl_first, curl_last]) {
            times.push(time);
        }
        kept = Some(terminal);
    }
    let [first, all, curl_first, curl_last] = times.map(median);
    let beyond = first.saturating_sub(curl_first);
    report.row(
        &what("key to first rows", list),
        "≤ 50 ms after the first byte",
        &format!("{}, {} after it", time(first), time(beyond)),
        &format!("curl's first byte {}", time(curl_first)),
        Some(millis(beyond) <= 50.0),
    );
    report.row(
        &what("key to all rows", list),
        "",
        &format!("{}, {:.2} ×", time(all), ratio(all, curl_last)),
        &format!("curl {}", time(curl_last)),
        None,
    );
    kept.unwrap()
}

fn what(what: &str, list: &List) -> String {
    format!("table of {}: {what}", spaced(list.records))
}

fn moved(terminal: &mut Terminal, list: &List, keys: usize, report: &mut Report) {
    let times = (2..keys as u64 + 2).map(|row| terminal.timed("j", at(row))).collect();
    key_row(&what("j", list), times, report);
    terminal.press("g", at(1));
    let mut times = Vec::new();
    for _ in 0..keys {
        let before = position(&terminal.picture());
        times
            .push(terminal.timed("\u{1b}[6~", move |picture| position(picture).is_some_and(|now| Some(now) != before)));
    }
    key_row(&what("PgDn", list), times, report);
    let mut times = Vec::new();
    for _ in 0..keys.div_ceil(10) {
        times.push(terminal.timed("G", at(list.records)));
        times.push(terminal.timed("g", at(1)));
    }
    key_row(&what("to the end and back", list), times, report);
    let mut times = Vec::new();
    for key in ["l", "h"].into_iter().cycle().take(keys.div_ceil(2 * OTHERS) * 2) {
        for _ in 0..OTHERS {
            times.push(sideways(terminal, key));
        }
    }
    key_row(&what("l and h", list), times, report);
}

/// The cursor goes to another column.
fn sideways(terminal: &mut Terminal, key: &str) -> Duration {
    let before = column(&terminal.picture()).map(str::to_owned);
    terminal.timed(key, move |picture| column(picture).is_some_and(|now| Some(now) != before.as_deref()))
}

/// Brings the cursor to a column, from the left.
fn to_column(terminal: &mut Terminal, name: &str) {
    while column(&terminal.picture()) != Some(name) {
        sideways(terminal, "l");
    }
}

/// Few values that are often the same, and values that are all unlike; in both ways. Then what it costs to hold the order.
fn sorted(terminal: &mut Terminal, list: &List, rounds: usize, report: &mut Report) {
    for column in ["lastName", "email"] {
        to_column(terminal, column);
        let mut times = Vec::new();
        for _ in 0..rounds {
            times.push(sort(terminal));
            times.push(sort(terminal));
            terminal.press("S", at(1));
        }
        let ours = median(times);
        let theirs = piped(&format!("jq -r '.data[].{column}' \"$0\" | sort -f"), &list.file, None);
        let (measured, beside) = beside(ours, theirs, "jq and sort -f");
        report.row(
            &what(&format!("S sorts by {column}"), list),
            "≤ 2 s",
            &measured,
            &beside,
            Some(millis(ours) <= 2000.0),
        );
    }
    sort(terminal);
    memory(terminal, list, report);
    sort(terminal);
    terminal.press("S", at(1));
}

/// Sorts in the next way. The cursor goes with its record, to another place in every order.
fn sort(terminal: &mut Terminal) -> Duration {
    let before = position(&terminal.picture());
    terminal.timed("S", move |picture| {
        let still = border(picture).is_some_and(|border| !border.contains('…'));
        still && position(picture).is_some_and(|now| Some(now) != before)
    })
}

/// A time, and how many times as long as another program it is.
fn beside(ours: Duration, theirs: Option<Duration>, name: &str) -> (String, String) {
    match theirs {
        Some(theirs) => (format!("{}, {:.2} ×", time(ours), ratio(ours, theirs)), format!("{name} {}", time(theirs))),
        None => (time(ours), format!("{name}: not installed")),
    }
}

/// How long a line of the shell takes with a file as `$0`; nothing where it fails.
fn piped(line: &str, file: &Path, into: Option<&Path>) -> Option<Duration> {
    let out = into.map_or_else(Stdio::null, |into| File::create(into).unwrap().into());
    let begun = Instant::now();
    let line = format!("set -e -o pipefail; {line}");
    let status = Command::new("bash").args(["-c", &line]).arg(file).stdout(out).stderr(Stdio::null()).status();
    status.ok().filter(std::process::ExitStatus::success).map(|_| begun.elapsed())
}

/// After sorting, which keeps the order and has freed the keys.
fn memory(terminal: &Terminal, list: &List, report: &mut Report) {
    // What is freed a moment later does not count.
    std::thread::sleep(Duration::from_millis(500));
    let memory = Memory::of(terminal.id());
    let times = |bytes: u64| bytes as f64 / list.bytes as f64;
    report.row(
        &what("memory, sorted", list),
        "≤ 1.5 × the body",
        &format!(
            "RSS {}, {:.2} ×; peak {}, {:.2} ×",
            megabytes(memory.resident),
            times(memory.resident),
            megabytes(memory.peak),
            times(memory.peak)
        ),
        &format!("body {}", megabytes(list.bytes)),
        // Beside a small body it is the program itself that counts.
        (list.size == SIZES[0]).then_some(times(memory.resident) <= 1.5),
    );
}

/// The row of the field, without its frame.
fn field(picture: &str) -> Option<&str> {
    let row = picture.lines().find(|line| line.trim_start_matches(['┃', '│', ' ']).starts_with("rows / "))?;
    row.trim_start_matches(['┃', '│', ' ']).strip_prefix("rows / ")
}

/// This is typed; the rows may not be there yet.
fn typed(text: &str) -> impl Fn(&str) -> bool + Send + 'static {
    let text = format!("{text} ");
    move |picture| field(picture).is_some_and(|field| field.starts_with(&text))
}

/// This is typed, and its rows stand.
fn found(text: &str) -> impl Fn(&str) -> bool + Send + 'static {
    let typed = typed(text);
    let done = |picture: &str| field(picture).is_some_and(|field| field.contains(" rows") && !field.contains('…'));
    move |picture| typed(picture) && done(picture) && !border(picture).unwrap_or("…").contains('…')
}

fn filtered(terminal: &mut Terminal, list: &List, keys: usize, rounds: usize, report: &mut Report) {
    terminal.press("/", |picture| field(picture).is_some());
    for (text, what_fits) in
        [("okafor", "near enough, in one of 256"), ("'zzz", "exactly, in none"), ("lastname:okafor", "a column")]
    {
        let (most, last) = text.split_at(text.len() - 1);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            terminal.press(most, typed(most));
            ours.push(terminal.timed(last, found(text)));
            terminal
                .press(&"\u{7f}".repeat(text.len()), |picture| field(picture).is_some_and(|own| own.starts_with(' ')));
            theirs.extend(counted(&["-c", "-i", "-F", "-e", text.rsplit([':', '\'']).next().unwrap()], &list.file));
        }
        let theirs = (!theirs.is_empty()).then(|| median(theirs));
        let (measured, beside) = beside(median(ours), theirs, "rg -i");
        report.row(
            &what(&format!("last letter of {text} to the rows ({what_fits})"), list),
            "",
            &measured,
            &beside,
            None,
        );
    }
    // Every key begins the filter anew, so that one is always at work.
    terminal.press("okafor", typed("okafor"));
    let mut times = Vec::new();
    for _ in 0..keys.div_ceil(2) {
        times.push(terminal.timed("\u{7f}", typed("okafo")));
        times.push(terminal.timed("r", typed("okafor")));
    }
    key_row(&what("typing while it filters", list), times, report);
    let all = format!(" of {}", spaced(list.records));
    terminal.press("\u{1b}", move |picture| {
        field(picture).is_none() && border(picture).is_some_and(|own| own.contains(&all) && !own.contains('…'))
    });
    terminal.press("g", at(1));
}

/// All rows and columns, to a file, by the menu.
fn saved(terminal: &mut Terminal, list: &List, report: &mut Report) {
    let theirs = folder().join("peer");
    let columns = "[.id,.companyId,.email,.firstName,.lastName,.code,.jobTitle,.phone]|@csv";
    for (key, name, line) in [
        ("c", "CSV", format!("jq -r '.data[]|{columns}' \"$0\"")),
        ("l", "NDJSON", "jq -c '.data[]' \"$0\"".to_owned()),
    ] {
        let file = folder().join(format!("taken.{name}"));
        let mut times = Vec::new();
        for _ in 0..3 {
            terminal.press("o", |picture| picture.contains("body as received"));
            terminal.press(key, |picture| picture.contains(".csv") || picture.contains(".ndjson"));
            // Ctrl-u takes away the name that is proposed. An Enter right behind a text would be the end of a paste.
            terminal.keys(&format!("\u{15}{}", file.display()));
            std::thread::sleep(Duration::from_millis(300));
            times.push(terminal.timed("\r", |picture| picture.contains("Saved ")));
            let lines = memchr::memchr_iter(b'\n', &std::fs::read(&file).unwrap()).count() as u64;
            assert_eq!(lines, list.records + u64::from(name == "CSV"), "rows of {name}");
            std::fs::remove_file(&file).unwrap();
            terminal.press("\u{1b}", |picture| !picture.contains("Saved "));
        }
        let ours = median(times);
        let (measured, beside) = beside(ours, piped(&line, &list.file, Some(&theirs)), "jq");
        report.row(&what(&format!("saved as {name}"), list), "", &measured, &beside, None);
        std::fs::remove_file(&theirs).unwrap();
    }
    let shows = |program: &str| {
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    for (name, program) in [("csvlens", "csvlens"), ("tabiew", "tw")] {
        let told = if shows(program) { "installed, show it the file by hand" } else { "skipped: not installed" };
        report.row(&what(&format!("the CSV file in {name}"), list), "", told, "", None);
    }
}

/// The whole command, the embedded sandbox included.
fn compared(rounds: usize, report: &mut Report) {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let begun = Instant::now();
        let mut command = Command::new(PLEOSCOPE);
        command.args(["diff", "--sandbox", "--fault", &format!("huge={COMPARED}"), "list-employees", "--key", "id"]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        times.push(begun.elapsed());
    }
    let ours = median(times);
    let measured = time(ours);
    report.row(
        &format!("diff of two answers of {COMPARED}, fetched"),
        "≤ 5 s",
        &measured,
        "",
        Some(millis(ours) <= 5000.0),
    );
}
