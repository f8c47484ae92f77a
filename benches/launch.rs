//! Launch to the first frame, beside a bare ratatui program of the same size of terminal, and what idling costs.
//!
//! `cargo bench --bench launch` prints medians and their ratio; called with `bare`, this program is the bare one.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement fails by panicking, and prints")]

mod meter;
#[path = "meter/times.rs"]
mod times;

use std::io::{self, Read as _, Write as _};
use std::time::{Duration, Instant};

use meter::{switched, switches, ticks};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use ratatui::widgets::Paragraph;
use times::{median, millis};

/// Launches of each program; they take turns, so that a noisy moment meets both.
const ROUNDS: usize = 40;
const COLUMNS: u16 = 120;
const ROWS: u16 = 40;
/// The last word of the first frame of each; blanks between words may be moves of the cursor.
const BARE_ENDS: &str = "paragraph";
const OURS_ENDS: &str = "quit";
const IDLE: Duration = Duration::from_secs(10);

fn main() {
    if std::env::args().nth(1).as_deref() == Some("bare") {
        bare().unwrap();
        return;
    }
    let bare = std::env::current_exe().unwrap();
    let bare = bare.to_str().unwrap();
    let ours = env!("CARGO_BIN_EXE_pleoscope");
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..ROUNDS {
        times[0].push(first_frame(bare, &["bare"], BARE_ENDS));
        times[1].push(first_frame(ours, &[], OURS_ENDS));
        times[2].push(first_frame(ours, &["--sandbox"], OURS_ENDS));
        times[3].push(first_frame(ours, &["--no-history"], OURS_ENDS));
    }
    let [bare, ours, sandbox, forgetful] = times.map(median);
    println!("launch to first frame, {COLUMNS}x{ROWS}, median of {ROUNDS}");
    println!("  bare ratatui           {:6.2} ms", millis(bare));
    println!("  pleoscope              {:6.2} ms   {:.2} x", millis(ours), ours.as_secs_f64() / bare.as_secs_f64());
    println!(
        "  pleoscope --sandbox    {:6.2} ms   {:.2} x",
        millis(sandbox),
        sandbox.as_secs_f64() / bare.as_secs_f64()
    );
    println!("  pleoscope --no-history {:6.2} ms", millis(forgetful));
    println!("idle for {} s", IDLE.as_secs());
    for args in [&[][..], &["--sandbox"][..]] {
        let (ticks, switches) = idle(env!("CARGO_BIN_EXE_pleoscope"), args);
        println!(
            "  pleoscope {:<12} {ticks} ticks of processor time, {switches} context switches in all threads",
            args.join(" ")
        );
    }
}

/// The bare program: one paragraph, and the end at the first byte that is typed.
fn bare() -> io::Result<()> {
    let mut terminal = ratatui::init();
    terminal.draw(|frame| frame.render_widget(Paragraph::new(format!("one {BARE_ENDS}")), frame.area()))?;
    let read = io::stdin().read(&mut [0; 16]);
    ratatui::restore();
    read.map(|_| ())
}

type Started = (Box<dyn Child + Send + Sync>, Box<dyn MasterPty + Send>, Duration);

/// Starts a program in a terminal of its own and waits for the last word of its first frame.
fn start(program: &str, args: &[&str], ends: &str) -> Started {
    let pair =
        native_pty_system().openpty(PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut command = CommandBuilder::new(program);
    command.args(args);
    command.env("TERM", "xterm-256color");
    // What it would remark on would stand in the place of the keys.
    command.env_remove("SSL_CERT_FILE");
    for variable in ["PLEOSCOPE_CONFIG_DIR", "PLEOSCOPE_STATE_DIR"] {
        command.env(variable, concat!(env!("CARGO_TARGET_TMPDIR"), "/launch"));
    }
    let mut reader = pair.master.try_clone_reader().unwrap();
    let begun = Instant::now();
    let child = pair.slave.spawn_command(command).unwrap();
    let (mut seen, mut bytes) = (Vec::new(), [0; 16384]);
    loop {
        let count = reader.read(&mut bytes).unwrap();
        seen.extend_from_slice(&bytes[..count]);
        if seen.windows(ends.len()).any(|window| window == ends.as_bytes()) {
            break;
        }
    }
    let took = begun.elapsed();
    // What comes after the frame is read away, so that the program never waits for us.
    std::thread::spawn(move || while reader.read(&mut bytes).is_ok_and(|count| count > 0) {});
    (child, pair.master, took)
}

fn first_frame(program: &str, args: &[&str], ends: &str) -> Duration {
    let (mut child, master, took) = start(program, args, ends);
    master.take_writer().unwrap().write_all(b"q").unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    took
}

/// Clock ticks (user and system) and context switches of a program that is left alone, from `/proc`.
fn idle(program: &str, args: &[&str]) -> (u64, u64) {
    let (mut child, _master, _) = start(program, args, OURS_ENDS);
    std::thread::sleep(Duration::from_secs(1));
    let id = child.process_id().unwrap();
    let before = (ticks(id), switches(id));
    std::thread::sleep(IDLE);
    let after = (ticks(id), switches(id));
    child.kill().unwrap();
    child.wait().unwrap();
    (after.0 - before.0, switched(&before.1, &after.1))
}
