//! From the key that sends to the first rows and to the whole body; what it costs to scan it and to hold it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use pleoscope::document::Scanner;

use super::report::{Report, megabytes, ratio, time};
use super::server::Server;
use super::terminal::{Terminal, folder};
use crate::Plan;
use crate::times::{median, millis};

/// What only the body holds.
pub const IN_BODY: &str = "@huge.example";
/// More of a body than this is not kept in memory.
const CAP: u64 = 256 << 20;
/// What the network gives at a time.
const CHUNK: usize = 16 * 1024;

/// What one size has cost.
struct Cost {
    size: &'static str,
    bytes: u64,
    first: Duration,
    last: Duration,
    curl_first: Duration,
    curl_last: Duration,
    memory: Memory,
}

/// Memory of a process in bytes.
#[derive(Clone, Copy, Default)]
pub struct Memory {
    pub resident: u64,
    pub peak: u64,
    pub anonymous: u64,
}

impl Memory {
    /// What the system tells of it.
    pub fn of(id: u32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
        };
        Self { resident: field("VmRSS:"), peak: field("VmHWM:"), anonymous: field("RssAnon:") }
    }
}

/// Whether the answer is whole, judged by the title of pane 5.
pub fn is_whole(picture: &str) -> bool {
    let title = picture.lines().find(|line| line.contains("5 Response STAGING 200"));
    title.is_some_and(|title| !["receiving", "waiting", "…"].iter().any(|word| title.contains(word)))
}

/// Whether rows of the body are on the screen.
pub fn has_rows(picture: &str) -> bool {
    picture.contains(IN_BODY)
}

/// Measures and prints.
pub fn measure(plan: &Plan, server: &Server, report: &mut Report) {
    let costs: Vec<Cost> = plan.sizes.iter().map(|(size, _, rounds)| cost(server, size, *rounds)).collect();
    first_screens(&costs, report);
    for Cost { size, last, curl_last, bytes, .. } in &costs {
        let times = ratio(*last, *curl_last);
        let rate = *bytes as f64 / last.as_secs_f64() / 1e9;
        let measured = format!("{} ({rate:.2} GB/s), {times:.2} ×", time(*last));
        let judged = (*size == "100MB").then_some(times <= 1.3);
        let beside = format!("curl {}", time(*curl_last));
        report.row(&format!("whole and indexed, {size}"), "≤ 1.3 × curl at 100 MB", &measured, &beside, judged);
    }
    scan(plan.moved_in(), server, report);
    for cost in &costs {
        memory(cost, report);
    }
}

/// Fetches a body by turns with curl and in a fresh explorer.
fn cost(server: &Server, size: &'static str, rounds: usize) -> Cost {
    let mut times: [Vec<Duration>; 4] = Default::default();
    let (mut bytes, mut memory) = (0, Memory::default());
    for _ in 0..rounds {
        let (first, last, length) = server.fetch(size);
        bytes = length;
        let mut terminal = Terminal::open(server, size);
        let (begun, rows) = terminal.press("s", has_rows);
        let whole = terminal.until("the whole body", is_whole);
        for (times, time) in times.iter_mut().zip([rows - begun, whole - begun, first, last]) {
            times.push(time);
        }
        // What is freed a moment later does not count.
        std::thread::sleep(Duration::from_millis(200));
        memory = Memory::of(terminal.id());
    }
    let [first, last, curl_first, curl_last] = times.map(median);
    Cost { size, bytes, first, last, curl_first, curl_last, memory }
}

fn first_screens(costs: &[Cost], report: &mut Report) {
    for Cost { size, first, curl_first, .. } in costs {
        let beyond = first.saturating_sub(*curl_first);
        report.row(
            &format!("key to first rows, {size}"),
            "≤ 50 ms after the first byte",
            &format!("{}, {} after it", time(*first), time(beyond)),
            &format!("curl's first byte {}", time(*curl_first)),
            Some(millis(beyond) <= 50.0),
        );
    }
    if let [smallest, .., largest] = costs {
        let times = ratio(largest.first, smallest.first);
        let what = format!("the same, {} beside {}", largest.size, smallest.size);
        report.row(&what, "≤ 2 ×", &format!("{times:.2} ×"), "", Some(times <= 2.0));
    }
}

fn scan(size: &str, server: &Server, report: &mut Report) {
    let file = folder().join(format!("{size}.json"));
    server.save(size, &file);
    let body = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..3 {
        let begun = Instant::now();
        let mut scanner = Scanner::new();
        for chunk in body.chunks(CHUNK) {
            black_box(scanner.scan(chunk));
        }
        black_box(scanner.finish());
        times[0].push(begun.elapsed());
        let begun = Instant::now();
        black_box(memchr::memchr_iter(b'\n', black_box(&body)).count());
        times[1].push(begun.elapsed());
        let begun = Instant::now();
        let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        times[2].push(begun.elapsed());
        drop(value);
    }
    let [ours, newlines, value] = times.map(median);
    let rate = |time: Duration| body.len() as f64 / time.as_secs_f64() / 1e9;
    report.row(
        &format!("scan, {size}"),
        "≥ 1 GB/s, ≥ 8 × as fast as Value",
        &format!("{:.2} GB/s, {:.1} ×", rate(ours), ratio(value, ours)),
        &format!("newlines by memchr {:.1} GB/s, serde_json::Value {:.2} GB/s", rate(newlines), rate(value)),
        Some(rate(ours) >= 1.0 && ratio(value, ours) >= 8.0),
    );
}

/// What the process holds beyond the body; of a large one only the cap counts as held.
fn memory(cost: &Cost, report: &mut Report) {
    let Memory { resident, peak, anonymous } = cost.memory;
    let allowed = cost.bytes / 20 + 25_000_000;
    let (goal, over, met) = if cost.bytes <= CAP {
        let most = cost.bytes + allowed;
        let over = format!("{} over", megabytes(resident.saturating_sub(cost.bytes)));
        (format!("≤ body + {}", megabytes(allowed)), over, resident <= most && peak <= most)
    } else {
        // What is mapped from a file is there as long as nobody else needs the room.
        let most = CAP + allowed;
        (format!("≤ {} beside a file", megabytes(most)), "all".to_owned(), anonymous <= most)
    };
    report.row(
        &format!("memory, {}", cost.size),
        &goal,
        &format!(
            "{over}: RSS {}, peak {}, not of files {}",
            megabytes(resident),
            megabytes(peak),
            megabytes(anonymous)
        ),
        &format!("body {}", megabytes(cost.bytes)),
        Some(met),
    );
}
