//! What is said of a request that was cancelled by Ctrl-C.

use std::process::ExitCode;
use std::time::Duration;

use tokio::time::timeout;

use super::super::talk;
use super::super::verbose::Verbose;
use super::Printer;
use crate::app::event::Reply;
use crate::app::waterfall::{self, Ended};
use crate::document::displayable;
use crate::pleo::handing;
use crate::pleo::timing::{Timing, Wire};
use crate::worker::Line;

/// How long a cancelled request may take to say how far it came.
const PARTING: Duration = Duration::from_millis(150);

/// Says how far a request came that was cancelled by Ctrl-C.
pub async fn interrupted(line: &mut Line, printer: &Printer, mut verbose: Option<Verbose>) -> ExitCode {
    let mut measured = None;
    let parting = async {
        while let Some(reply) = line.replies.recv().await {
            if let Some(verbose) = &mut verbose {
                verbose.take(&reply);
            }
            if let Reply::Measured(_, own) = reply {
                measured = Some(own);
            }
        }
    };
    // The worker waits for more to do: it never says that this was the last.
    let _ = timeout(PARTING, parting).await;
    if let Some(mut verbose) = verbose {
        verbose.end(Ended::Cancelled);
    }
    talk(&format!("pleoscope: {}", parted(printer, measured.as_deref())));
    ExitCode::from(130)
}

/// What became of a request that was cancelled, a sentence.
fn parted(printer: &Printer, measured: Option<&(Timing, Wire)>) -> String {
    let request = &printer.request;
    let asked = format!("{} {}", request.method(), displayable(&handing::without_keys(request.url().path())));
    let Some((timing, wire)) = measured else {
        return format!("interrupted: {asked} was not sent");
    };
    let after = waterfall::fine(timing.total);
    if printer.head.is_some() {
        let bytes = wire.decoded;
        return format!(
            "interrupted after {after}: {bytes} bytes of the answer to {asked} had come, and that is not all of it"
        );
    }
    let unsure = if request.endpoint().writes { ": whether it was done is not known" } else { "" };
    format!("interrupted after {after}: no answer to {asked} had come{unsure}")
}
