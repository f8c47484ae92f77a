//! Work on a document that would hold up the screen: search, folds, places, values, copies and saves. Each runs on a thread of
//! its own and looks at a flag that stops it.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender;

use super::Tools;
use super::intake::Intake;
use crate::app::checking::Checking;
use crate::app::compare::answer::{Comparing, compare};
use crate::app::compare::report::{self, Format, Reporting};
use crate::app::compare::{Part, both};
use crate::app::event::{Reply, WorkId};
use crate::app::panes::response::FilterTrouble;
use crate::app::seen::Learning;
use crate::app::tabling::{Arranging, Reading};
use crate::app::taking::handing::{Disclosing, Handing};
use crate::app::taking::{Copied, Copying, Saving, Text, Unsaved};
use crate::document::{
    self, Body, Document, Expected, Finder, Segment, Sheet, Sieve, View as SheetView, examine, find_all, opened,
};
use crate::edge::filter::{FilterFailure, Filtering, Limits};
use crate::edge::{clipboard, program, save};

/// Hits that are told together.
const LOT: usize = 50_000;

/// Most bytes of a body that are gathered for a clipboard.
const LARGEST: u64 = 300 << 20;

/// How long the typing pauses before a long body is looked at.
const PAUSE: Duration = Duration::from_millis(150);

/// Looks at a body as it is typed, when the typing pauses: what is typed on stops this before it begins.
pub(super) async fn check_body(id: WorkId, checking: Box<Checking>, outbox: Sender<Reply>) {
    tokio::time::sleep(PAUSE).await;
    if let Ok(told) = tokio::task::spawn_blocking(move || checking.look()).await {
        // Nobody listens any more when the program is leaving.
        let _ = outbox.send(Reply::BodyChecked(id, told)).await;
    }
}

/// Reads which ids an answer shows. It reads so little that nothing need stop it.
pub(super) async fn learn(id: WorkId, learning: Box<Learning>, outbox: Sender<Reply>) {
    if let Ok(lesson) = tokio::task::spawn_blocking(move || learning.read()).await {
        // Nobody listens any more when the program is leaving.
        let _ = outbox.send(Reply::Learned(id, Box::new(lesson))).await;
    }
}

/// One piece of such work: its number, what stops it, and where its replies go.
#[derive(Clone)]
pub struct Job {
    pub id: WorkId,
    pub stop: Arc<AtomicBool>,
    pub outbox: Sender<Reply>,
}

impl Job {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Tells the end, unless it was stopped: then nobody wants it.
    fn end(&self, reply: Reply) {
        if !self.stopped() {
            // Nobody listens any more when the program is leaving.
            let _ = self.outbox.blocking_send(reply);
        }
    }

    /// Tells hits as they are found: the first of them at once, the others in larger lots.
    pub fn search(&self, body: &Body, finder: &Finder) {
        let (mut lot, mut told) = (Vec::new(), false);
        find_all(body, finder, &|| self.stopped(), &mut |bytes, hits| {
            lot.extend(hits);
            if lot.len() >= LOT || (!told && !lot.is_empty()) {
                told = true;
                // Nobody listens any more when the program is leaving.
                let _ = self.outbox.blocking_send(Reply::Found(self.id, std::mem::take(&mut lot), false));
            }
            // A busy screen can do without.
            let _ = self.outbox.try_send(Reply::Searched(self.id, bytes));
        });
        self.end(Reply::Found(self.id, lot, true));
    }

    pub fn fold(&self, document: &Document, level: usize) {
        let folds = document.fold_all(level, &|| self.stopped());
        self.end(Reply::Folded(self.id, folds));
    }

    pub fn examine(&self, body: &Body, expected: Option<&Expected>) {
        let examined = examine(body, expected, &|| self.stopped());
        self.end(Reply::Examined(self.id, examined));
    }

    pub fn tabulate(&self, reading: Reading) {
        let Reading { document, mut records, mut columns } = reading;
        records.read_on(document.body(), u64::MAX, &|| self.stopped());
        columns.learn_from(document.body(), &records, u64::MAX, &|| self.stopped());
        self.end(Reply::Tabulated(self.id, Box::new((records, columns))));
    }

    pub fn arrange(&self, arranging: &Arranging) {
        let Arranging { body, records, filter, columns, sort } = arranging;
        let sieve = Sieve::read(filter, columns);
        let order = document::arrange(body, records, &sieve, sort, &|| self.stopped(), &mut |read| {
            // A busy screen can do without.
            let _ = self.outbox.try_send(Reply::Searched(self.id, read));
        });
        if let Some(order) = order {
            self.end(Reply::Arranged(self.id, order));
        }
    }

    pub fn tally(&self, own: &Arranging, path: &str) {
        let sieve = Sieve::read(&own.filter, &own.columns);
        if let Some(tally) = document::tally(&own.body, &own.records, &sieve, path, &|| self.stopped()) {
            self.end(Reply::Tallied(self.id, tally));
        }
    }

    pub fn locate(&self, document: &Document, number: u64, path: &[Segment]) {
        let row = document.find_path(number, path, &|| self.stopped());
        self.end(Reply::Located(self.id, row));
    }

    pub fn open(&self, body: &Body, range: Range<u64>) {
        self.end(Reply::Opened(self.id, opened(body, range)));
    }

    pub fn compare(&self, own: &Comparing) {
        self.end(Reply::Compared(self.id, Box::new(compare(own, &|| self.stopped()))));
    }

    pub fn open_both(&self, parts: &[Part; 2]) {
        self.end(Reply::Opened(self.id, both(parts)));
    }

    pub fn report(&self, own: &Reporting) {
        let document = Document::from_bytes(report::write(own).into());
        let extension = match own.format {
            Format::Text => "txt",
            Format::Json => "json",
            Format::Markdown => "md",
        };
        self.end(Reply::Reported(self.id, document, extension));
    }

    pub fn write_down(&self, tools: &Tools, own: &Handing) {
        let mut text = written(tools, own);
        text.push('\n');
        let document = Document::from_bytes(text.into());
        self.end(Reply::Written(self.id, document, own.own.len() > 1, own.extension()));
    }

    pub fn save(&self, saving: &Saving) {
        let saved = save::save(saving, &|| self.stopped(), &mut |bytes| {
            // A busy screen can do without.
            let _ = self.outbox.try_send(Reply::Saving(self.id, bytes));
        });
        self.end(Reply::Saved(self.id, saved));
    }

    pub fn complete(&self, typed: &str) {
        self.end(Reply::Completed(self.id, save::complete(typed)));
    }

    pub fn open_outside(&self, tools: &Tools, body: &Body, extension: &str) {
        let made = tools.spills.outside(extension, body);
        let saved =
            made.map_err(|error| Unsaved::Failed(format!("The file for the other program cannot be written: {error}")));
        if let Ok(path) = &saved {
            program::browse(&path.display().to_string(), tools.vault.hidden());
        }
        self.end(Reply::Saved(self.id, saved.map(|_| body.len())));
    }
}

/// The rows of a table as one text.
fn gather(view: &SheetView, body: &Body, sheet: Sheet, masked: bool) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let instead = masked.then_some(&save::masking as _);
    document::write(view, body, sheet, instead, &mut |bytes| {
        text.extend_from_slice(bytes);
        if text.len() as u64 > LARGEST {
            Err("These rows are too large for a clipboard: o saves them to a file".to_owned())
        } else {
            Ok(())
        }
    })?;
    Ok(text)
}

/// Exchanges as a text, without any secret that is known.
fn written(tools: &Tools, own: &Handing) -> String {
    tools.vault.redactor().text(&own.write()).into_owned()
}

/// Gives a curl command with the secret in it to a clipboard.
pub async fn disclose(tools: Tools, id: WorkId, own: Box<Disclosing>, outbox: Sender<Reply>) {
    let quiet = |_: String| {};
    let copied = match tools.vault.secret(&tools.http, &own.credential, &quiet).await {
        Ok((secret, _)) => clipboard::take_with(&own.transcript, &secret, tools.vault.hidden()).await,
        Err(failure) => Err(failure.sentence),
    };
    // Nobody listens any more when the program is leaving.
    let _ = outbox.send(Reply::Copied(id, copied)).await;
}

/// Gives a text to a clipboard.
pub async fn take(tools: Tools, id: WorkId, copying: Box<Copying>, outbox: Sender<Reply>) {
    let text = match copying.text {
        Text::Given(text) => Ok(text.into_bytes()),
        Text::Written(own) => {
            let tools = tools.clone();
            let gathered = tokio::task::spawn_blocking(move || written(&tools, &own).into_bytes());
            gathered.await.map_err(|_| "It could not be gathered: that is a defect of pleoscope".to_owned())
        }
        Text::Sheet(body, view, sheet, masked) => {
            let gathered = tokio::task::spawn_blocking(move || gather(&view, &body, sheet, masked));
            gathered.await.map_err(|_| "It could not be gathered: that is a defect of pleoscope".to_owned()).flatten()
        }
        Text::Part(_, range, _) if range.end - range.start > LARGEST => {
            Err(format!("{} is too large for a clipboard: o saves it to a file", copying.what))
        }
        Text::Part(body, range, decode) => {
            let gathered = tokio::task::spawn_blocking(move || {
                let part = if decode { opened(&body, range) } else { document::slice(&body, range) };
                part.read(0..part.len()).into_owned()
            });
            gathered.await.map_err(|_| "It could not be gathered: that is a defect of pleoscope".to_owned())
        }
    };
    let copied: Result<Copied, String> = match text {
        Ok(text) => clipboard::take(text, tools.vault.hidden()).await,
        Err(sentence) => Err(sentence),
    };
    // Nobody listens any more when the program is leaving.
    let _ = outbox.send(Reply::Copied(id, copied)).await;
}

/// How long a filter waits for more to be typed: longer where it costs more.
const fn pause(bytes: u64) -> Duration {
    if bytes < 1 << 20 { Duration::from_millis(60) } else { Duration::from_millis(250) }
}

/// Filters a body, once no more has been typed for a moment: that would have stopped this.
pub async fn filter(tools: Tools, id: WorkId, body: Body, expression: String, outbox: Sender<Reply>) {
    tokio::time::sleep(pause(body.len())).await;
    let begun = Instant::now();
    let mut intake = Intake::new(&tools, None);
    let ended = filtered(&tools.filter, &mut intake, id, body, &expression, &outbox).await;
    let ended = ended.map_err(|failure| FilterTrouble { sentence: failure.sentence, at: failure.range });
    // Nobody listens any more when the program is leaving.
    let _ = outbox.send(Reply::FilterEnded(id, ended, intake.finish(), begun.elapsed())).await;
}

async fn filtered(
    program: &Path,
    intake: &mut Intake<'_>,
    id: WorkId,
    body: Body,
    expression: &str,
    outbox: &Sender<Reply>,
) -> Result<(), FilterFailure> {
    let mut filtering = Filtering::start(program, expression, body, Limits::default())?;
    while let Some(bytes) = filtering.chunk().await? {
        let (taken, failure) = intake.take(bytes);
        if let Some((portion, piece)) = taken {
            // Nobody listens any more when the program is leaving.
            let _ = outbox.send(Reply::Filtered(id, portion, piece)).await;
        }
        if let Some(failure) = failure {
            return Err(FilterFailure { sentence: failure.sentence, range: None });
        }
    }
    Ok(())
}
