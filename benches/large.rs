//! Bodies from 10 kB to 1 GB in the explorer: what a person waits for, in ratios to what other programs take here and now.
//!
//! `cargo bench --bench large` measures all sizes and a table of a million records in some minutes;
//! `cargo bench --bench large -- 10kB 10MB table quick` only these, in fewer rounds and a table of a tenth. `benches/large.sh` says what is needed besides.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement fails by panicking, and prints")]
#![expect(clippy::cast_precision_loss, reason = "rates are told in three digits")]

mod meter;
#[path = "meter/times.rs"]
mod times;

mod large {
    pub mod keys;
    pub mod report;
    pub mod server;
    pub mod table;
    pub mod terminal;
    pub mod whole;
}

use large::report::Report;
use large::server::Server;
use large::{keys, table, whole};

/// All sizes, as the sandbox reads them, in bytes, and how often each is fetched.
const SIZES: [(&str, u64, usize); 5] = [
    ("10kB", 10_000, 9),
    ("1MB", 1_000_000, 9),
    ("10MB", 10_000_000, 9),
    ("100MB", 100_000_000, 7),
    ("1GB", 1_000_000_000, 3),
];

/// What was asked for.
struct Plan {
    /// Sizes and rounds.
    sizes: Vec<(&'static str, u64, usize)>,
    /// Fewer rounds, and a smaller table.
    quick: bool,
    /// Whether bodies of these sizes are measured.
    bodies: bool,
    /// Whether the table is.
    table: bool,
}

impl Plan {
    fn from_arguments() -> Self {
        let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
        let quick = words.iter().any(|word| word == "quick");
        let chosen = |name: &str| words.iter().any(|word| word == name);
        let any = SIZES.iter().any(|(name, ..)| chosen(name));
        let sizes = SIZES.into_iter().filter(|(name, ..)| !any || chosen(name));
        let sizes = sizes.map(|(name, bytes, rounds)| (name, bytes, if quick { 3 } else { rounds })).collect();
        Self { sizes, quick, bodies: any || !chosen("table"), table: !any || chosen("table") }
    }

    /// The size in which keys are pressed: the largest up to 100 MB, else the smallest.
    fn moved_in(&self) -> &'static str {
        let fit = self.sizes.iter().rev().find(|(_, bytes, _)| *bytes <= 100_000_000);
        fit.or_else(|| self.sizes.first()).unwrap().0
    }
}

fn main() {
    let plan = Plan::from_arguments();
    let server = Server::start();
    let mut report = Report::begin();
    if plan.bodies {
        whole::measure(&plan, &server, &mut report);
        keys::measure(&plan, &server, &mut report);
    }
    if plan.table {
        table::measure(&plan, &server, &mut report);
    }
    report.end();
    std::fs::remove_dir_all(large::terminal::folder()).unwrap();
}
