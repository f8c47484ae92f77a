//! One page after the other: paced, tried again where a failure may pass, and never twice.

use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::Sender;
use tokio::time::sleep;

use super::page::Page;
use crate::app::event::{Attempt, Failure, Head, PageNews, Phase, Reply, Tried, WorkId};
use crate::pleo::paging::{Next, Pager, Stop, Unpaged};
use crate::pleo::prepared::Prepared;
use crate::pleo::retry::{passes, retry_after};
use crate::worker::Tools;
use crate::worker::exchange::{Whole, whole};

/// Follows one list. Its steps can be dropped at any time: a page counts once it was accepted.
#[derive(Debug)]
pub struct Walk {
    tools: Tools,
    id: WorkId,
    outbox: Sender<Reply>,
    pager: Pager,
    /// The request of the page to come.
    pending: Box<Prepared>,
    /// Where the page that was accepted last was asked for.
    url: String,
    /// Whether it is told what each try went over.
    tells: bool,
}

/// What comes after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Another one, if it is wanted.
    More,
    /// Nothing: it was the last.
    End,
    /// Nothing that could be asked for.
    Stop(Stop),
}

/// A page that could not be had.
#[derive(Debug)]
pub struct Gap {
    /// What happened, a sentence.
    pub sentence: String,
    /// Each try.
    pub attempts: Vec<Attempt>,
    /// How long the server asks to be left alone.
    pub wait: Option<Duration>,
    /// What came of the last try.
    pub whole: Whole,
}

/// What was wrong with one try.
struct Trouble {
    sentence: String,
    /// Whether it may be otherwise in a moment.
    passes: bool,
    asked: Option<Duration>,
}

impl Walk {
    /// Follows the list that this request gives the first page of, up to so many pages. Tries that go wrong, and what becomes
    /// known of the credential, are told under this number.
    ///
    /// # Errors
    /// [`Unpaged`].
    pub fn new(tools: Tools, id: WorkId, outbox: Sender<Reply>, first: Prepared, most: u64) -> Result<Self, Unpaged> {
        let pager = Pager::new(&first, most)?;
        Ok(Self { tools, id, outbox, pager, pending: Box::new(first), url: String::new(), tells: false })
    }

    /// The same, telling what each try went over.
    #[must_use]
    pub fn telling(self, tells: bool) -> Self {
        Self { tells, ..self }
    }

    /// What was followed so far.
    #[must_use]
    pub const fn pager(&self) -> &Pager {
        &self.pager
    }

    /// The request of the page to come, or of the last one.
    #[must_use]
    pub const fn pending(&self) -> &Prepared {
        &self.pending
    }

    /// The page to come, tried as often as patience allows.
    ///
    /// # Errors
    /// [`Gap`], after which it may be tried again.
    pub async fn fetch(&self) -> Result<Page, Box<Gap>> {
        let patience = self.tools.patience;
        let page = self.pager.pages() + 1;
        let mut attempts = Vec::new();
        let mut number = 1;
        loop {
            sleep(self.tools.pace.turn(&self.pending)).await;
            let answered = whole(self.tools.clone(), self.id, self.pending.clone(), &self.outbox).await;
            if self.tells {
                let Whole { head, failure, measured, .. } = &answered;
                let failed = failure.as_ref().map(|failure| failure.phase);
                let request = (*self.pending).clone();
                let tried = Tried { request, head: head.clone(), failed, measured: measured.clone() };
                self.say(Reply::Tried(self.id, Box::new(tried))).await;
            }
            let (trouble, answered) = match judge(answered, &self.tools) {
                Ok(page) => return Ok(page),
                Err(trouble) => *trouble,
            };
            let asks_long = trouble.asked.is_some_and(|asked| asked > patience.alone);
            let again = trouble.passes && !asks_long && number < patience.tries;
            let waits = again.then(|| patience.pause(number, chance(), trouble.asked));
            let attempt = Attempt { page, number, of: patience.tries, what: trouble.sentence.clone(), waits };
            attempts.push(attempt.clone());
            self.say(Reply::Attempt(self.id, attempt)).await;
            let Some(pause) = waits else {
                let sentence = told(page, number, &trouble, asks_long);
                return Err(Box::new(Gap { sentence, attempts, wait: trouble.asked, whole: answered }));
            };
            sleep(pause).await;
            number += 1;
        }
    }

    /// Waits as long as the server asked for, and says so.
    pub async fn wait(&self, attempt: Attempt, wait: Duration) {
        self.say(Reply::Attempt(self.id, Attempt { waits: Some(wait), ..attempt })).await;
        sleep(wait).await;
    }

    /// Takes note of a page that came.
    pub fn accept(&mut self, page: &Page) -> After {
        self.url = self.pending.url().to_string();
        match self.pager.next(&page.info) {
            Next::Request(next) => {
                self.pending = next;
                After::More
            }
            Next::End => After::End,
            Next::Stop(stop) => After::Stop(stop),
        }
    }

    /// What is to be said of the page that was accepted last.
    #[must_use]
    pub fn news(&self, page: &Page) -> PageNews {
        PageNews {
            page: self.pager.pages(),
            records: self.pager.records(),
            total: page.info.total,
            url: self.url.clone(),
            status: page.status,
            took: page.took,
        }
    }

    async fn say(&self, reply: Reply) {
        // Nobody listens any more when the program is leaving.
        let _ = self.outbox.send(reply).await;
    }
}

/// The page that an answer is, or what is wrong with it.
fn judge(whole: Whole, tools: &Tools) -> Result<Page, Box<(Trouble, Whole)>> {
    let trouble = |sentence: String, passes, asked| Trouble { sentence, passes, asked };
    if let Some(failure) = &whole.failure {
        let full = whole.document.len() >= tools.limits.body;
        let trouble = trouble(failure.sentence.clone(), is_passing(failure) && !full, None);
        return Err(Box::new((trouble, whole)));
    }
    let status = whole.head.as_ref().map_or(0, |head| head.status);
    if !(200..300).contains(&status) {
        let asked = whole.head.as_ref().filter(|_| passes(status)).and_then(asked);
        let reason = whole.head.as_ref().map_or("", |head| head.reason.as_str());
        let trouble =
            trouble(format!("The server answered {}.", format!("{status} {reason}").trim()), passes(status), asked);
        return Err(Box::new((trouble, whole)));
    }
    let Whole { head, document, took, measured, .. } = whole;
    // The answer of a server may be as large as it likes.
    let page = tokio::task::block_in_place(|| Page::of(document.clone(), status, took));
    page.map_err(|error| {
        let trouble = trouble(format!("The answer {error}."), false, None);
        Box::new((trouble, Whole { head, document, failure: None, took, measured }))
    })
}

/// Whether a connection may do better in a moment.
const fn is_passing(failure: &Failure) -> bool {
    matches!(failure.phase, Phase::Connect | Phase::Answer | Phase::Body)
}

/// How long the server asks to be left alone: nothing for no time at all.
fn asked(head: &Head) -> Option<Duration> {
    // Without a date of the server's own its dates are seen from ours.
    let date = head.header("date").or_else(|| {
        let now = jiff::Timestamp::try_from(SystemTime::now()).ok()?;
        jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok()
    });
    retry_after(&head.header("retry-after")?, date.as_deref()).filter(|wait| !wait.is_zero())
}

fn told(page: u64, tries: u32, trouble: &Trouble, asks_long: bool) -> String {
    let tries = if tries == 1 { String::new() } else { format!(" in {tries} tries") };
    let wait = match trouble.asked {
        Some(wait) if asks_long => format!(" It asks to wait {}.", long(wait)),
        _ => String::new(),
    };
    format!("Page {page} could not be had{tries}: {}{wait}", trouble.sentence)
}

/// A wait in words.
fn long(wait: Duration) -> String {
    match wait.as_secs() {
        seconds @ 0..=119 => format!("{seconds} seconds"),
        seconds @ 120..=7_199 => format!("{} minutes", seconds.div_ceil(60)),
        seconds @ 7_200..=172_799 => format!("{} hours", seconds.div_ceil(3_600)),
        seconds => format!("{} days", seconds.div_ceil(86_400)),
    }
}

/// A number that differs from pause to pause, so that many programs do not come again at the same moment.
fn chance() -> u8 {
    let mut byte = [128];
    // Without randomness the pause is neither longer nor shorter.
    let _ = getrandom::fill(&mut byte);
    byte[0]
}
