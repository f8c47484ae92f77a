//! How far it is, for a person who waits: one line on stderr that is written over again, and none where nobody looks.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crate::app::event::Attempt;
use crate::cli::talk;
use crate::document::displayable;

/// Between two pictures of the line.
const EVERY: Duration = Duration::from_millis(100);
/// Cells of the bar.
const BAR: usize = 20;

/// The line.
pub struct Progress {
    shown: bool,
    /// Whether the line stands there now.
    stands: bool,
    begun: Instant,
    drawn: Option<Instant>,
}

impl Progress {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { shown: io::stderr().is_terminal(), stands: false, begun: Instant::now(), drawn: None }
    }

    /// So many pages came, and records of so many.
    pub fn page(&mut self, pages: u64, records: u64, total: Option<u64>) {
        let now = Instant::now();
        if !self.shown || self.drawn.is_some_and(|drawn| now.duration_since(drawn) < EVERY) {
            return;
        }
        self.drawn = Some(now);
        self.stands = true;
        write(&format!("\r\x1b[K{}", line(pages, records, total, now.duration_since(self.begun))));
    }

    /// A try went wrong: it is told on a line of its own, which stays.
    pub fn attempt(&mut self, attempt: &Attempt) {
        self.clear();
        let Attempt { page, number, of, what, waits } = attempt;
        if let Some(wait) = waits {
            let wait = wait.as_secs_f64();
            talk(&format!("pleoscope: page {page}, try {number} of {of}: {} Again in {wait:.1} s.", displayable(what)));
        }
    }

    /// Takes the line away, so that something else can be said.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.stands) {
            write("\r\x1b[K");
        }
    }
}

fn write(text: &str) {
    let mut err = io::stderr().lock();
    // There is no other place to say that stderr is gone.
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

fn line(pages: u64, records: u64, total: Option<u64>, took: Duration) -> String {
    let of = total.map_or_else(String::new, |total| format!(" of {total}"));
    let bar = total.filter(|total| *total > 0).map_or_else(String::new, |total| {
        let full = usize::try_from(records.min(total).saturating_mul(BAR as u64) / total).unwrap_or(BAR);
        format!("[{}{}] ", "#".repeat(full), " ".repeat(BAR - full))
    });
    let seconds = took.as_secs_f64().max(0.001);
    #[expect(clippy::cast_precision_loss, reason = "a rate is shown with one digit")]
    let rate = pages as f64 / seconds;
    format!("{bar}page {pages}, {records}{of} records, {rate:.1} pages a second")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_it_is() {
        let told = line(12, 1_200, Some(3_000), Duration::from_secs(2));
        assert_eq!(told, "[########            ] page 12, 1200 of 3000 records, 6.0 pages a second");
        assert_eq!(line(1, 20, None, Duration::from_secs(1)), "page 1, 20 records, 1.0 pages a second");
        assert!(line(9, 9, Some(3), Duration::ZERO).starts_with("[####################]"));
    }
}
