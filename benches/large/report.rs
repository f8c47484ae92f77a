//! The table, a row at a time.

use std::time::Duration;

use crate::times::millis;

/// Prints rows and counts those that miss their goal.
pub struct Report {
    missed: Vec<String>,
}

impl Report {
    /// Prints the head.
    pub fn begin() -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        println!(
            "Times are medians unless they say otherwise, on {cores} cores. Read the ratios: they are of this run.\n"
        );
        println!("| what | goal | measured | beside | met |\n| --- | --- | --- | --- | --- |");
        Self { missed: Vec::new() }
    }

    /// A row. Without `met` it is there to be read.
    pub fn row(&mut self, what: &str, goal: &str, measured: &str, beside: &str, met: Option<bool>) {
        let verdict = match met {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        };
        println!("| {what} | {goal} | {measured} | {beside} | {verdict} |");
        if met == Some(false) {
            self.missed.push(what.to_owned());
        }
    }

    /// Says what missed its goal.
    pub fn end(&self) {
        if self.missed.is_empty() {
            println!("\nEvery goal is met.");
        } else {
            println!("\n{} missed: {}.", self.missed.len(), self.missed.join("; "));
        }
    }
}

/// A time for people.
pub fn time(time: Duration) -> String {
    let millis = millis(time);
    if millis < 10.0 { format!("{millis:.2} ms") } else { format!("{millis:.0} ms") }
}

/// A size for people.
pub fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// How many times as long.
pub fn ratio(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64()
}
