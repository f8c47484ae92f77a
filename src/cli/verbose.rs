//! What `send --verbose` tells on stderr: the way (`*`), what was sent (`>`), what came (`<`), and how long what took.
//! Nothing of it is a secret: of the credential it tells the label.

use super::talk;
use crate::app::event::{Head, Phase, Reply};
use crate::app::waterfall::{self, Fact, NAMES};
use crate::document::displayable;
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
            Reply::Done(..) => self.end(None),
            Reply::Failed(_, failure, ..) => self.end(Some(failure.phase)),
            _ => {}
        }
    }

    /// It is over, or failed in a phase.
    fn end(&mut self, failed: Option<Phase>) {
        if !self.begun {
            self.begin();
        }
        for fact in self.facts().iter().filter(|fact| LAST.contains(&fact.name)) {
            star(fact);
        }
        let Some((timing, wire)) = self.measured.as_deref() else {
            return;
        };
        for bar in waterfall::bars(timing, wire, self.head.as_ref(), failed) {
            let told = match bar.took {
                Ok(took) => format!("{:>8} {:>6}", waterfall::fine(took), waterfall::share(took, timing.total)),
                Err(why) => format!("{:>8}        {why}", "—"),
            };
            talk(&format!("* {:<NAMES$}{told}{}", bar.name, if bar.failed { "  failed here" } else { "" }));
        }
        talk(&format!("* {:<NAMES$}{:>8}", "total", waterfall::fine(timing.total)));
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
        let request = &self.request;
        let url = request.url();
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        talk(&format!("> {} {}", request.method(), displayable(target)));
        line('>', "host", &url[url::Position::BeforeHost..url::Position::AfterPort]);
        if let Some(value) = request.authorization_shown() {
            line('>', "authorization", &value);
        }
        request.headers().iter().for_each(|(name, value)| line('>', &name.to_ascii_lowercase(), value));
        talk(">");
        if let Some(body) = request.body() {
            talk(&format!("* {} bytes of body were sent", body.len()));
        }
        if let Some(head) = &self.head {
            talk(format!("< {} {} {}", head.version, head.status, displayable(&head.reason)).trim_end());
            head.headers.iter().for_each(|(name, value)| line('<', name, &String::from_utf8_lossy(value)));
            talk("<");
        }
    }
}

fn star(fact: &Fact) {
    talk(&format!("* {:<NAMES$}{}", fact.name, displayable(&fact.text)));
}

fn line(mark: char, name: &str, value: &str) {
    talk(&format!("{mark} {}: {}", displayable(name), displayable(value)));
}
