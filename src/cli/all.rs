//! Records without a screen: `send --all`, and one page as CSV, NDJSON or a table. Page by page: what is printed is not kept,
//! and a part never passes for the whole.

mod progress;
mod sink;

use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write as _};
use std::process::ExitCode;

use tokio::sync::mpsc::{Receiver, channel};

use super::send::{Output, Printer, Way, finish};
use super::verbose::{self, Pages};
use super::{Interrupt, TROUBLE, talk, trouble, usage};
use crate::app::event::{Facts, Reply, WorkId};
use crate::document::displayable;
use crate::pleo::handing;
use crate::pleo::paging::{Stop, in_large_pages};
use crate::pleo::prepared::Prepared;
use crate::worker::Tools;
use crate::worker::pages::{After, Gap, Page, Walk, Whole, whole};
use progress::Progress;
use sink::{Sink, Unfinished};

/// Replies that may stand in line.
const LINE: usize = 16;
/// Bytes that are gathered before they are written.
const BLOCK: usize = 64 * 1024;

/// Why a list is not whole.
enum Broken {
    Gap(Box<Gap>),
    Stopped(Stop),
    Interrupted,
}

/// Prints the records of one answer.
pub(super) async fn one(tools: Tools, request: Prepared, way: &Way, interrupt: &Interrupt) -> ExitCode {
    interrupt.takes_its_time();
    let (outbox, mut replies) = channel(LINE);
    let asking = whole(tools, WorkId(1), Box::new(request.clone()), &outbox);
    tokio::pin!(asking);
    let answered = loop {
        tokio::select! {
            biased;
            // What is dropped here was cancelled, and is kept as that.
            () = interrupt.happened() => return interrupted_before(&request),
            Some(reply) = replies.recv() => remark(&reply),
            answered = &mut asking => break answered,
        }
    };
    let status = answered.head.as_ref().map_or(0, |head| head.status);
    if way.verbose {
        let failed = answered.failure.as_ref().map(|failure| failure.phase);
        verbose::tell(request.clone(), answered.head.clone(), answered.measured.clone(), failed);
    }
    if answered.failure.is_some() || !(200..300).contains(&status) {
        return failed(answered, way, request);
    }
    let page = match Page::of(answered.document, status, answered.took) {
        Ok(page) => page,
        Err(error) => return trouble(&format!("the answer {error}: -o json prints it as it is")),
    };
    let mut out = stdout();
    let mut sink = Sink::new(way, request.endpoint());
    if let Err(error) = sink.page(&mut out, &page).and_then(|()| sink.end(&mut out, None)).and_then(|()| out.flush()) {
        return unwritten(&error);
    }
    sink.remarks().iter().for_each(|remark| talk(&format!("pleoscope: {remark}")));
    if page.info.has_next == Some(true) {
        let total = page.info.total.map_or_else(String::new, |total| format!(" of {total}"));
        talk(&format!(
            "pleoscope: this is one page, {}{total} records: --all prints those that follow too",
            page.len()
        ));
    }
    ExitCode::SUCCESS
}

fn interrupted_before(request: &Prepared) -> ExitCode {
    let unsure = if request.endpoint().writes { "; whether it was done is not known" } else { "" };
    talk(&format!(
        "pleoscope: interrupted: the answer to {} {} had not come whole, and nothing of it is printed{unsure}",
        request.method(),
        displayable(&handing::without_keys(request.url().path()))
    ));
    ExitCode::from(130)
}

/// Prints the records of all pages.
pub(super) async fn run(tools: Tools, request: Prepared, way: &Way, interrupt: &Interrupt) -> ExitCode {
    let (outbox, replies) = channel(LINE);
    let request = in_large_pages(&request);
    let walk = match Walk::new(tools, WorkId(1), outbox, request.clone(), way.max_pages) {
        Ok(walk) => walk.telling(way.verbose),
        Err(error) => return usage(&format!("not sent: {error}")),
    };
    interrupt.takes_its_time();
    let sink = Sink::new(way, request.endpoint());
    let pages = way.verbose.then(Pages::default);
    let progress = Progress::new();
    let run = Run { walk, sink, out: stdout(), progress, pages, replies, written: 0, total: None, interrupt };
    run.all(way, request).await
}

fn stdout() -> BufWriter<Stdout> {
    BufWriter::with_capacity(BLOCK, io::stdout())
}

/// A first page that did not come is told as any answer that is none.
fn failed(answered: Whole, way: &Way, request: Prepared) -> ExitCode {
    let Whole { head, document, failure, .. } = answered;
    let printer = Printer::of(way, request, head, document);
    let failure = failure.map(|failure| format!("{} ({})", failure.sentence, failure.phase.name()));
    match (way.output, failure) {
        (Output::Json, failure) => finish(printer, failure.as_deref()),
        (_, Some(sentence)) => trouble(&sentence),
        // What is no record has no place among them.
        (_, None) => printer.exit_code(),
    }
}

/// A reader that went away is quiet, as `head` wants it.
fn unwritten(error: &io::Error) -> ExitCode {
    if error.kind() == io::ErrorKind::BrokenPipe {
        ExitCode::SUCCESS
    } else {
        trouble(&format!("stdout cannot be written: {error}"))
    }
}

fn remark(reply: &Reply) {
    if let Reply::Known(_, Facts { remark: Some(remark), .. }) = reply {
        talk(&format!("pleoscope: {remark}"));
    }
}

struct Run<'a> {
    walk: Walk,
    sink: Sink,
    out: BufWriter<Stdout>,
    progress: Progress,
    /// What is told of each page, where that is wanted.
    pages: Option<Pages>,
    replies: Receiver<Reply>,
    /// Records that stdout took.
    written: u64,
    total: Option<u64>,
    interrupt: &'a Interrupt,
}

impl Run<'_> {
    async fn all(mut self, way: &Way, request: Prepared) -> ExitCode {
        let broken = loop {
            let page = match self.fetch().await {
                Ok(page) => page,
                Err(Broken::Gap(gap)) if self.walk.pager().pages() == 0 && !is_odd(&gap) => {
                    self.progress.clear();
                    return failed(gap.whole, way, request);
                }
                Err(broken) => break Some(broken),
            };
            let after = self.walk.accept(&page);
            if for_a_person() {
                // The records go where the line stands.
                self.progress.clear();
            }
            if let Err(error) = self.sink.page(&mut self.out, &page).and_then(|()| self.out.flush()) {
                self.progress.clear();
                return unwritten(&error);
            }
            self.written += page.len();
            self.total = page.info.total.or(self.total);
            self.progress.page(self.walk.pager().pages(), self.written, self.total);
            match after {
                After::More => {}
                After::End => break None,
                After::Stop(stop) => break Some(Broken::Stopped(stop)),
            }
        };
        self.progress.clear();
        self.end(broken)
    }

    /// The next page, and what there is to be said meanwhile.
    async fn fetch(&mut self) -> Result<Page, Broken> {
        let fetch = self.walk.fetch();
        tokio::pin!(fetch);
        loop {
            tokio::select! {
                biased;
                () = self.interrupt.happened() => return Err(Broken::Interrupted),
                Some(reply) = self.replies.recv() => heard(reply, &mut self.progress, self.pages.as_mut()),
                page = &mut fetch => {
                    // What was said of it last stands in line still.
                    while let Ok(reply) = self.replies.try_recv() {
                        heard(reply, &mut self.progress, self.pages.as_mut());
                    }
                    return page.map_err(Broken::Gap);
                }
            }
        }
    }

    fn end(mut self, broken: Option<Broken>) -> ExitCode {
        let reason = broken.as_ref().map(sentence);
        let resume = self.walk.pager().resume();
        let unfinished = reason.as_deref().map(|reason| Unfinished { reason, resume });
        let last = self.sink.end(&mut self.out, unfinished.as_ref()).and_then(|()| self.out.flush());
        if let Err(error) = last {
            return unwritten(&error);
        }
        if let Some(pages) = &self.pages {
            pages.end();
        }
        self.sink.remarks().iter().for_each(|remark| talk(&format!("pleoscope: {remark}")));
        let (Some(broken), Some(reason)) = (broken, reason) else {
            if let Some(total) = self.total.filter(|total| self.walk.pager().is_from_start() && *total != self.written)
            {
                talk(&format!(
                    "pleoscope: all pages are there, {} records, but the server counts {total}: some may have come or gone meanwhile",
                    self.written
                ));
                // Fewer than there are is not all of them.
                if self.written < total {
                    return ExitCode::from(TROUBLE);
                }
            }
            return ExitCode::SUCCESS;
        };
        let total = self.total.map_or_else(String::new, |total| format!(" of {total}"));
        let next =
            resume.map_or_else(String::new, |(name, place)| format!(" To go on from there: {}", flag(name, place)));
        talk(&format!("pleoscope: incomplete: {}{total} records were written. {reason}{next}", self.written));
        match broken {
            Broken::Interrupted => ExitCode::from(130),
            Broken::Stopped(_) => ExitCode::from(TROUBLE),
            Broken::Gap(gap) => match (&gap.whole.failure, &gap.whole.head) {
                (None, Some(head)) if !(200..300).contains(&head.status) => {
                    ExitCode::from(u8::try_from(head.status / 100).unwrap_or(5).clamp(3, 5))
                }
                _ => ExitCode::from(TROUBLE),
            },
        }
    }
}

/// Says what there is to be said while a page is waited for.
fn heard(reply: Reply, progress: &mut Progress, pages: Option<&mut Pages>) {
    match reply {
        Reply::Attempt(_, attempt) => progress.attempt(&attempt),
        Reply::Known(_, Facts { remark: Some(_), .. }) => {
            progress.clear();
            remark(&reply);
        }
        Reply::Tried(_, tried) => {
            progress.clear();
            if let Some(pages) = pages {
                pages.tried(*tried);
            }
        }
        _ => {}
    }
}

/// Whether an answer came that is none of a list, although its status says that all is well.
fn is_odd(gap: &Gap) -> bool {
    let well = gap.whole.head.as_ref().is_some_and(|head| (200..300).contains(&head.status));
    well && gap.whole.failure.is_none()
}

fn sentence(broken: &Broken) -> String {
    match broken {
        Broken::Gap(gap) => displayable(&gap.sentence).into_owned(),
        Broken::Stopped(stop @ Stop::Cap(_)) => format!("{stop} --max-pages raises it."),
        Broken::Stopped(stop) => stop.to_string(),
        Broken::Interrupted => "It was interrupted.".to_owned(),
    }
}

/// What is added to the command line to begin behind what was written.
fn flag(name: &str, place: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "=~-_.:/+".contains(c);
    let quoted =
        if place.chars().all(plain) { place.to_owned() } else { format!("'{}'", place.replace('\'', r"'\''")) };
    let quoted = displayable(&quoted);
    if name == "after" { format!("--after {quoted}") } else { format!("-q {name}={quoted}") }
}

/// Whether a person reads what is printed.
fn for_a_person() -> bool {
    io::stdout().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_resumes_is_written_for_a_shell() {
        assert_eq!(flag("after", "MY==~A="), "--after MY==~A=");
        assert_eq!(flag("offset", "40"), "-q offset=40");
        assert_eq!(flag("after", "a b'c"), r"--after 'a b'\''c'");
        assert_eq!(flag("after", "\u{1b}[2J"), "--after '␛[2J'");
    }
}
