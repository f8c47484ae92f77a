//! Pane 5: the latest answer and its views.

mod filtering;
pub mod moving;
pub mod pages;
mod record;
mod searching;
pub mod table;

use std::time::Duration;

use jiff::Timestamp;

use crate::app::event::{Failure, Head, WorkId};
use crate::document::{Document, Examined, FoldChange, Folds, Kind, PathForm, RowKind};
use crate::pleo::credential::Credential;
use crate::pleo::endpoint::Method;
use crate::pleo::environment::Environment;
use crate::pleo::explain::Explanation;
use crate::pleo::history::Setting;
use crate::pleo::prepared::Prepared;
use crate::pleo::timing::{Timing, Wire};
use crate::pleo::transcript::{self, Transcript};

pub use filtering::{FilterState, FilterTrouble};
pub use record::OpenRecord;
pub use searching::SearchState;

use moving::Sight;
use pages::Pages;
use table::Table;

/// The longest link that is followed, in bytes as sent.
const LONGEST_LINK: u64 = 16 * 1024;

/// A face of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The records of a list, a row each.
    Table,
    /// The body as a tree.
    #[default]
    Tree,
    /// The body as sent.
    Raw,
    /// What was sent and received besides the bodies.
    Headers,
    /// How long which phase took, and what the exchange went over.
    Timing,
    /// The body as hexadecimal digits.
    Hex,
}

impl View {
    /// The word in the title.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Tree => "tree",
            Self::Raw => "raw",
            Self::Headers => "headers",
            Self::Timing => "timing",
            Self::Hex => "hex",
        }
    }
}

/// How far an exchange has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Sent; nothing has come back.
    Waiting,
    /// Status and headers are here, the body is arriving.
    Receiving,
    /// Whole.
    Done,
    /// Stopped by an error.
    Failed(Failure),
    /// Stopped by the person.
    Cancelled,
}

impl Stage {
    /// Whether something still moves.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Waiting | Self::Receiving)
    }
}

/// A request and what came of it. It keeps the environment that it went to.
#[derive(Debug)]
pub struct Exchange {
    /// The number of the work.
    pub id: WorkId,
    /// What was sent.
    pub request: Prepared,
    /// How far it has come.
    pub stage: Stage,
    /// Status and headers.
    pub head: Option<Head>,
    /// The body.
    pub document: Document,
    /// Time since it was sent, up to its end.
    pub elapsed: Duration,
    /// When it ended, as a time since the start of the run.
    pub answered: Duration,
    /// What probably went wrong.
    pub explanation: Option<Explanation>,
    /// What went to the authorisation server meanwhile, without secrets.
    pub trace: Vec<String>,
    /// When it was sent; nothing where the clock cannot be told.
    pub began: Option<Timestamp>,
    /// How long its phases took.
    pub timing: Timing,
    /// What it went over.
    pub wire: Wire,
    /// What is to be said of it where it comes from the history.
    pub past: Option<Past>,
}

/// What is known of an exchange of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// Its number there.
    pub id: i64,
    /// When it was sent.
    pub at: Timestamp,
    /// What its environment stood for.
    pub setting: Setting,
    /// How long its body was, where that was not kept.
    pub unkept: Option<u64>,
    /// Whether its request was put into pane 4.
    pub at_hand: bool,
}

/// A link of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// How it is asked for.
    pub method: Method,
    /// Where it leads, as sent.
    pub target: String,
    /// Whether the request's body goes along (RFC 9110, sections 15.4.8 and 15.4.9).
    pub keeps_body: bool,
}

impl Exchange {
    /// The environment that it went to.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.request.environment()
    }

    /// All of it but secrets; with the body where that is no longer than so many bytes.
    #[must_use]
    pub fn transcript(&self, most: u64) -> Transcript {
        let body = self.document.body();
        let answer = self.head.as_ref().map(|head| transcript::Answer {
            status: head.status,
            reason: head.reason.clone(),
            version: head.version.to_owned(),
            headers: head.headers.clone(),
            length: body.len(),
            body: (body.len() <= most).then(|| body.read(0..body.len()).into_owned()),
        });
        let failure = match &self.stage {
            Stage::Failed(failure) => Some(failure.sentence.clone()),
            Stage::Cancelled => Some(transcript::CANCELLED.to_owned()),
            Stage::Waiting | Stage::Receiving => Some("It has not ended yet.".to_owned()),
            Stage::Done => None,
        };
        Transcript {
            began: self.began,
            answer,
            failure,
            timing: Timing { total: self.elapsed, ..self.timing.clone() },
            wire: self.wire.clone(),
            ..Transcript::of(&self.request)
        }
    }
}

/// A folding of a whole document that goes on in the background.
#[derive(Clone, Debug)]
pub struct Folding {
    /// The work.
    pub work: WorkId,
    /// What was folded and unfolded by hand since it began, which holds when it ends too.
    pub by_hand: Vec<FoldChange>,
}

/// Where one is in a document.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The row under the cursor in the tree, of the unfolded document.
    pub cursor: u64,
    /// The first visible row of the tree on the screen, counted with folds.
    pub top: u64,
    /// Columns by which the view is moved sideways.
    pub left: usize,
    /// What is folded.
    pub folds: Folds,
    /// The folding of the whole document that goes on in the background.
    pub folding: Option<Folding>,
    /// The level from which on containers were folded last.
    pub level: Option<usize>,
    /// Byte offset of the first row of the raw view.
    pub raw_top: u64,
    /// Byte offset of the first row of the hexadecimal view.
    pub hex_top: u64,
    /// Byte offset of what one was at when the view was changed.
    pub anchor: u64,
    /// Where the view stood after that: while it stands there, one is at the same thing.
    pub entered: u64,
    /// The table of it, where it is a list.
    pub table: Table,
}

impl Place {
    /// Folds or unfolds by hand.
    pub fn change_folds(&mut self, change: FoldChange) {
        self.folds.change(change);
        if let Some(folding) = &mut self.folding {
            folding.by_hand.push(change);
        }
    }

    /// Folds these instead; a cursor that is hidden then goes to what hides it.
    pub fn set_folds(&mut self, folds: Folds) {
        self.folds = folds;
        self.cursor = self.folds.to_document(self.folds.to_visible(self.cursor));
    }

    /// All folds of the folding in the background are known.
    pub fn folded(&mut self, mut folds: Folds) {
        for change in self.folding.take().map_or_else(Vec::new, |own| own.by_hand) {
            folds.change(change);
        }
        self.set_folds(folds);
    }
}

/// The state of the pane.
#[derive(Debug, Default)]
pub struct ResponsePane {
    /// The latest exchange.
    pub exchange: Option<Exchange>,
    /// The view that a person chose; the best one for the body while none is.
    pub face: Option<View>,
    /// Where one is in the document that is shown.
    pub place: Place,
    /// First line of the headers and of the timing view.
    pub headers_top: usize,
    /// Whether lines of the raw view are cut rather than wrapped.
    pub unwrapped: bool,
    /// How the path of the cursor is written.
    pub path_form: PathForm,
    /// What is found out about the whole body in the background.
    pub examining: Option<WorkId>,
    /// What was found out about it.
    pub examined: Examined,
    /// The search.
    pub search: SearchState,
    /// The filter.
    pub filter: FilterState,
    /// The pages of its list.
    pub pages: Pages,
    /// The record of the table that is read beside it.
    pub record: Option<OpenRecord>,
    /// The answer that was shown before, until the new one begins to arrive.
    pub previous: Option<Box<ResponsePane>>,
}

impl ResponsePane {
    /// Begins to show a new exchange, which is sent now.
    pub fn begin(&mut self, id: WorkId, request: Prepared, began: Option<Timestamp>) {
        let exchange = Exchange {
            id,
            request,
            stage: Stage::Waiting,
            head: None,
            document: Document::new(),
            elapsed: Duration::ZERO,
            answered: Duration::ZERO,
            explanation: None,
            trace: Vec::new(),
            began,
            timing: Timing::default(),
            wire: Wire::default(),
            past: None,
        };
        let mut previous = std::mem::take(self);
        // An answer that is worth coming back to; what it came back to itself is gone.
        let answered = previous.exchange.as_ref().is_some_and(|exchange| exchange.head.is_some());
        let older = previous.previous.take();
        // What is still found in it is dropped while another answer is shown.
        previous.search.work = None;
        previous.filter.work = None;
        previous.stop_folding();
        *self = Self {
            exchange: Some(exchange),
            // How one looks at answers stays.
            face: previous.face,
            unwrapped: previous.unwrapped,
            path_form: previous.path_form,
            previous: if answered { Some(Box::new(previous)) } else { older },
            ..Self::default()
        };
    }

    /// The place where one is, and those that one comes back to.
    pub fn places(&mut self) -> impl Iterator<Item = &mut Place> {
        let list = self.record.as_mut().map(|record| &mut *record.place);
        std::iter::once(&mut self.place).chain(list).chain(self.filter.whole.as_deref_mut())
    }

    /// Waits for no folding any more; answers what was waited for.
    pub fn stop_folding(&mut self) -> Vec<WorkId> {
        self.places().filter_map(|place| place.folding.take()).map(|folding| folding.work).collect()
    }

    /// The exchange with this number, if it is still the one shown.
    pub fn of(&mut self, id: WorkId) -> Option<&mut Exchange> {
        self.exchange.as_mut().filter(|exchange| exchange.id == id)
    }

    /// Lets go of the value of a forgotten credential in everything that was sent with it.
    pub fn let_go(&mut self, forgotten: &Credential) {
        if let Some(exchange) = &mut self.exchange {
            exchange.request.let_go(forgotten);
        }
        if let Some(previous) = &mut self.previous {
            previous.let_go(forgotten);
        }
    }

    /// Where a redirect leads, or the string under the tree's cursor where that is a link.
    #[must_use]
    pub fn link(&self) -> Option<Link> {
        let exchange = self.exchange.as_ref()?;
        let head = exchange.head.as_ref()?;
        if let (300..=399, Some(target)) = (head.status, head.header("location")) {
            let sent = exchange.request.method();
            let keeps_body = matches!(head.status, 307 | 308);
            let method = if keeps_body || sent.is_safe() { sent } else { Method::Get };
            let own = exchange.request.url();
            let at_home = own.join(&target).is_ok_and(|url| url.origin() == own.origin());
            if !method.is_safe() && !at_home {
                return None;
            }
            return Some(Link { method, target, keeps_body });
        }
        let document = self.document()?;
        let row = document.row(self.place.cursor).filter(|row| row.kind == RowKind::String)?;
        let fits = self.view() == View::Tree && row.end - row.offset <= LONGEST_LINK;
        let text = fits.then(|| document.body().read(row.offset..row.end))?;
        let target: String = serde_json::from_slice(&text).ok()?;
        let is_link = target.starts_with("https://") || target.starts_with("http://");
        is_link.then_some(Link { method: Method::Get, target, keeps_body: false })
    }

    /// How long the server still asks to wait.
    #[must_use]
    pub fn wait(&self, now: Duration) -> Option<Duration> {
        let exchange = self.exchange.as_ref()?;
        let until = exchange.answered.saturating_add(exchange.explanation.as_ref()?.wait?);
        until.checked_sub(now).filter(|left| !left.is_zero())
    }

    /// The document shown: a record that is read by itself, what a filter left of the body, or all of it.
    #[must_use]
    pub fn document(&self) -> Option<&Document> {
        self.record.as_ref().map(|own| &own.document).or_else(|| self.listed())
    }

    /// The document that the table is of: what a filter left of the body, or all of it.
    #[must_use]
    pub fn listed(&self) -> Option<&Document> {
        self.filter.result.as_ref().or_else(|| self.whole())
    }

    /// The table, whether a record of it is read or not.
    #[must_use]
    pub fn table(&self) -> &Table {
        self.record.as_ref().map_or(&self.place.table, |own| &own.place.table)
    }

    /// Whether keys go into the field that filters the rows of the table.
    #[must_use]
    pub fn types_filter(&self) -> bool {
        self.view() == View::Table && self.place.table.typing
    }

    /// Whether the field that filters the rows of the table has a row on the screen.
    #[must_use]
    pub fn shows_row_filter(&self) -> bool {
        let table = self.table();
        let shown = self.record.is_some() || self.view() == View::Table;
        shown && (table.typing || !table.filter.text().is_empty())
    }

    /// The same, to be changed.
    pub fn table_mut(&mut self) -> &mut Table {
        self.record.as_mut().map_or(&mut self.place.table, |own| &mut own.place.table)
    }

    /// The whole body, or all pages of its list so far.
    #[must_use]
    pub fn whole(&self) -> Option<&Document> {
        let own = || self.exchange.as_ref().map(|exchange| &exchange.document);
        self.pages.document.as_ref().or_else(own)
    }

    /// Whether all of the body is there, and is sound JSON as far as it is any.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let done = self.exchange.as_ref().is_some_and(|exchange| exchange.stage == Stage::Done);
        done && self.whole().is_some_and(|document| document.malformed().is_none())
    }

    /// Whether the body, which has come to its end, is not the JSON that it begins like.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        let whole = self.exchange.as_ref().is_some_and(|exchange| exchange.stage == Stage::Done);
        self.listed().is_some_and(|document| document.is_wrong() || (whole && document.malformed().is_some()))
    }

    /// The views of this body, the best one first.
    #[must_use]
    pub fn faces(&self) -> &'static [View] {
        match self.listed().map_or(Kind::Empty, Document::kind) {
            Kind::Empty => &[View::Raw, View::Headers, View::Timing],
            Kind::Json | Kind::JsonLines if self.is_broken() => {
                &[View::Raw, View::Headers, View::Timing, View::Hex, View::Tree]
            }
            Kind::Json | Kind::JsonLines if self.table().list.is_some() => {
                &[View::Table, View::Tree, View::Raw, View::Headers, View::Timing, View::Hex]
            }
            Kind::Json | Kind::JsonLines => &[View::Tree, View::Raw, View::Headers, View::Timing, View::Hex],
            Kind::Text => &[View::Raw, View::Headers, View::Timing, View::Hex],
            Kind::Binary => &[View::Hex, View::Raw, View::Headers, View::Timing],
        }
    }

    /// The view that is really shown; a record beside the table is a tree.
    #[must_use]
    pub fn view(&self) -> View {
        if self.record.is_some() {
            return View::Tree;
        }
        let faces = self.faces();
        self.face.filter(|face| faces.contains(face)).unwrap_or(faces[0])
    }

    /// The next view of this body, at the place where one is.
    pub fn next_view(&mut self, sight: Sight) {
        self.close_record();
        self.leave_view();
        self.turn_view();
        self.enter_view(sight);
    }

    fn turn_view(&mut self) {
        let faces = self.faces();
        let at = faces.iter().position(|face| *face == self.view()).unwrap_or(0);
        let next = faces[(at + 1) % faces.len()];
        // The best one is not chosen: another body may have another.
        self.face = Some(next).filter(|_| next != faces[0]);
        self.place.left = 0;
        self.headers_top = 0;
    }

    /// From the headers back to the body, where searching happens.
    pub fn show_body(&mut self) {
        if matches!(self.view(), View::Headers | View::Timing | View::Hex) {
            self.face = self.faces().iter().copied().find(|face| matches!(face, View::Tree | View::Raw));
            self.place.left = 0;
        }
    }
}
