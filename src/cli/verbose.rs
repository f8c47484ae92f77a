//! What `send --verbose` tells on stderr, of one request or of the pages of a list: the way (`*`), what was sent (`>`), what came (`<`), and how long what took.
//! Nothing of it is a secret: of the credential it tells the label.

use std::time::Duration;

use super::talk;
use crate::app::event::{Head, Phase, Reply, Tried};
use crate::app::waterfall::{self, Ended, Fact, NAMES};
use crate::document::displayable;
use crate::pleo::handing;
use crate::pleo::prepared::Prepared;
use crate::pleo::timing::{Timing, Wire};

/// What is known only at the end.
const LAST: [&str; 2] = ["size", "redirect"];

/// What is told of one request.
pub(super) struct Verbose {
    request: Prepared,
    head: Option<Head>,
    measured: Option<Box<(Timing, Wire)>>,
    begun: bool,
}

impl Verbose {
    /// A request that is about to be sent.
    pub fn new(request: Prepared) -> Self {
        Self { request, head: None, measured: None, begun: false }
    }

    /// Tells what there is to be told of what the worker says.
    pub fn take(&mut self, reply: &Reply) {
        match reply {
            Reply::Head(_, head, _) => self.head = Some(head.clone()),
            Reply::Measured(_, measured) => {
                self.measured = Some(measured.clone());
                if self.head.is_some() && !self.begun {
                    self.begin();
                }
            }
            Reply::Done(..) => self.end(Ended::Whole),
            Reply::Failed(_, failure, ..) => self.end(Ended::Failed(failure.phase)),
            _ => {}
        }
    }

    /// It is over, one way or another.
    pub fn end(&mut self, ended: Ended) {
        if !self.begun {
            self.begin();
        }
        for fact in self.facts().iter().filter(|fact| LAST.contains(&fact.name)) {
            star(fact);
        }
        let Some((timing, wire)) = self.measured.as_deref() else {
            return;
        };
        let bars = waterfall::bars(timing, wire, self.head.as_ref(), ended);
        let last = bars.iter().rposition(|bar| bar.took.is_ok());
        for (place, bar) in bars.into_iter().enumerate() {
            let cancelled = ended == Ended::Cancelled && Some(place) == last;
            let told = match bar.took {
                Ok(took) => format!("{:>8} {:>6}", waterfall::fine(took), waterfall::share(took, timing.total)),
                Err(why) => format!("{:>8}        {why}", "—"),
            };
            let mark = if cancelled {
                "  cancelled here"
            } else if bar.failed {
                "  failed here"
            } else {
                ""
            };
            talk(&format!("* {:<NAMES$}{told}{mark}", bar.name));
        }
        talk(&format!("* {:<NAMES$}{:>8}", "total", waterfall::fine(timing.total)));
        if timing.before.is_some() {
            talk(&format!("* {:<NAMES$}{}", "before", waterfall::BEFORE));
        }
    }

    fn facts(&self) -> Vec<Fact> {
        let wire = self.measured.as_deref().map(|(_, wire)| wire);
        wire.map(|wire| waterfall::facts(wire, self.head.as_ref(), Some(jiff::Timestamp::now()))).unwrap_or_default()
    }

    /// The way, the request and the head of the answer.
    fn begin(&mut self) {
        self.begun = true;
        for fact in self.facts().iter().filter(|fact| !LAST.contains(&fact.name)) {
            star(fact);
        }
        if self.head.is_none() && !self.measured.as_deref().is_some_and(|(timing, _)| left(timing)) {
            return talk(&format!("* {} was not sent", self.request.method()));
        }
        let request = &self.request;
        let url = request.url();
        asked(request);
        line('>', "host", &url[url::Position::BeforeHost..url::Position::AfterPort]);
        if let Some(value) = request.authorization_shown() {
            line('>', "authorization", &value);
        }
        let private = request.private();
        let own = |(name, value): &(String, String)| header('>', &name.to_ascii_lowercase(), &private.text(value));
        request.headers().iter().for_each(own);
        talk(">");
        if let Some(body) = request.body() {
            talk(&format!("* {} bytes of body were sent", body.len()));
        }
        if let Some(head) = &self.head {
            answered(head);
            head.headers.iter().for_each(|(name, value)| header('<', name, &String::from_utf8_lossy(value)));
            talk("<");
        }
    }
}

/// Whether the request had left when it ended.
const fn left(timing: &Timing) -> bool {
    timing.sent.is_some() || timing.first_byte.is_some()
}

/// Tells all of a request that is over.
pub(super) fn tell(
    request: Prepared,
    head: Option<Head>,
    measured: Option<Box<(Timing, Wire)>>,
    failed: Option<Phase>,
) {
    Verbose { request, head, measured, begun: false }.end(failed.into());
}

/// What is told of the pages of a list: of the first one all of it, of what went wrong too, and of each other one its line,
/// its status and how long it took; then a sum.
#[derive(Default)]
pub(super) struct Pages {
    requests: u64,
    bytes: u64,
    took: Duration,
}

impl Pages {
    /// A page that came, or a try that went wrong.
    pub fn tried(&mut self, own: Tried) {
        self.requests += 1;
        if let Some((timing, wire)) = own.measured.as_deref() {
            self.bytes += wire.encoded.unwrap_or_default();
            self.took += timing.total;
        }
        let Tried { request, head, failed, measured } = own;
        match (&head, &measured) {
            (Some(head), Some(measured)) if self.requests > 1 && failed.is_none() && head.status < 300 => {
                brief(&request, head, measured);
            }
            _ => tell(request, head, measured, failed),
        }
    }

    /// There are no more of them.
    pub fn end(&self) {
        let requests = if self.requests == 1 { "1 request".to_owned() } else { format!("{} requests", self.requests) };
        let (bytes, took) = (self.bytes, waterfall::fine(self.took));
        talk(&format!("* {:<NAMES$}{requests}, {bytes} bytes of bodies, {took} on the wire", "sum"));
    }
}

/// A request that went as the one before it did.
fn brief(request: &Prepared, head: &Head, measured: &(Timing, Wire)) {
    let (timing, wire) = measured;
    asked(request);
    answered(head);
    let phases: Vec<String> = waterfall::bars(timing, wire, Some(head), Ended::Whole)
        .iter()
        .filter_map(|bar| Some(format!("{} {}", bar.name, waterfall::fine(bar.took.ok()?))))
        .collect();
    let bytes = wire.encoded.unwrap_or_default();
    let reused = if wire.reused { ", the connection of before" } else { ", a new connection" };
    talk(&format!(
        "* {:<NAMES$}{}: {}; {bytes} bytes{reused}",
        "total",
        waterfall::fine(timing.total),
        phases.join(", ")
    ));
}

fn asked(request: &Prepared) {
    let target = request.private().text(&request.url()[url::Position::BeforePath..url::Position::AfterQuery]);
    talk(&format!("> {} {}", request.method(), displayable(&handing::without_keys(&target))));
}

fn answered(head: &Head) {
    talk(format!("< {} {} {}", head.version, head.status, displayable(&head.reason)).trim_end());
}

fn star(fact: &Fact) {
    talk(&format!("* {:<NAMES$}{}", fact.name, displayable(&fact.text)));
}

/// A header, without what lets its reader in.
fn header(mark: char, name: &str, value: &str) {
    line(mark, name, &handing::header(name, value, false));
}

fn line(mark: char, name: &str, value: &str) {
    talk(&format!("{mark} {}: {}", displayable(name), displayable(value)));
}
