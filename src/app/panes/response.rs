//! Pane 5: the latest answer and its views.

use std::time::Duration;

use crate::app::event::{Failure, Head, WorkId};
use crate::app::input::LineInput;
use crate::document::{self, Document, Folds, Hit, Kind, RowKind};
use crate::pleo::credential::Credential;
use crate::pleo::endpoint::Method;
use crate::pleo::environment::Environment;
use crate::pleo::explain::Explanation;
use crate::pleo::prepared::Prepared;

/// The longest link that is followed, in bytes as sent.
const LONGEST_LINK: u64 = 16 * 1024;

/// A face of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The body as a tree.
    #[default]
    Tree,
    /// The body as sent.
    Raw,
    /// What was sent and received besides the bodies.
    Headers,
}

impl View {
    /// The word in the title.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Raw => "raw",
            Self::Headers => "headers",
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
}

/// A search of the response.
#[derive(Debug)]
pub struct SearchState {
    /// What is typed.
    pub input: LineInput,
    /// Whether keys go into the field.
    pub typing: bool,
    /// The work in progress.
    pub work: Option<WorkId>,
    /// Places found, in order, as byte ranges of the body.
    pub hits: Vec<Hit>,
    /// The hit that the view was brought to.
    pub current: Option<usize>,
    /// Byte offset from which the search was begun, to come back to.
    pub origin: u64,
}

impl Default for SearchState {
    fn default() -> Self {
        Self { input: LineInput::new(""), typing: false, work: None, hits: Vec::new(), current: None, origin: 0 }
    }
}

/// The state of the pane.
#[derive(Debug, Default)]
pub struct ResponsePane {
    /// The latest exchange.
    pub exchange: Option<Exchange>,
    /// The view shown.
    pub view: View,
    /// The row under the cursor in the tree, of the unfolded document.
    pub cursor: u64,
    /// The first visible row of the tree on the screen, counted with folds.
    pub top: u64,
    /// Columns by which tree and headers are moved sideways.
    pub left: usize,
    /// What is folded.
    pub folds: Folds,
    /// Byte offset of the first row of the raw view.
    pub raw_top: u64,
    /// First line of the headers view.
    pub headers_top: usize,
    /// The search.
    pub search: SearchState,
    /// The answer that was shown before, until the new one begins to arrive.
    pub previous: Option<Box<ResponsePane>>,
}

impl ResponsePane {
    /// Begins to show a new exchange.
    pub fn begin(&mut self, id: WorkId, request: Prepared) {
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
        };
        let mut previous = std::mem::take(self);
        // An answer that is worth coming back to; what it came back to itself is gone.
        let answered = previous.exchange.as_ref().is_some_and(|exchange| exchange.head.is_some());
        let older = previous.previous.take();
        // What a search of it still finds is dropped while another answer is shown.
        previous.search.work = None;
        *self = Self {
            exchange: Some(exchange),
            previous: if answered { Some(Box::new(previous)) } else { older },
            ..Self::default()
        };
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
        let row = exchange.document.row(self.cursor).filter(|row| row.kind == RowKind::String)?;
        let fits = self.effective_view() == View::Tree && row.end - row.offset <= LONGEST_LINK;
        let text = fits.then(|| exchange.document.body().read(row.offset..row.end))?;
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

    /// The document shown.
    #[must_use]
    pub fn document(&self) -> Option<&Document> {
        self.exchange.as_ref().map(|exchange| &exchange.document)
    }

    /// The view that is really shown: the tree needs JSON.
    #[must_use]
    pub fn effective_view(&self) -> View {
        let json = self.document().is_some_and(|document| matches!(document.kind(), Kind::Json | Kind::JsonLines));
        if self.view == View::Tree && !json { View::Raw } else { self.view }
    }

    /// The next view, in the order of the contract.
    pub fn next_view(&mut self) {
        self.view = match self.effective_view() {
            View::Tree => View::Raw,
            View::Raw => View::Headers,
            View::Headers => View::Tree,
        };
        // From headers one comes back to the body even where there is no tree.
        if self.view == View::Tree {
            self.left = 0;
        }
    }

    /// From the headers back to the body, where searching happens.
    pub fn show_body(&mut self) {
        if self.view == View::Headers {
            self.view = View::Tree;
            self.left = 0;
        }
    }

    /// Moves by so many rows.
    pub fn step(&mut self, by: i64, width: usize) {
        let Some(exchange) = &self.exchange else {
            return;
        };
        match self.effective_view() {
            View::Tree => {
                let visible = self.folds.visible_rows(exchange.document.row_count());
                let at = self.folds.to_visible(self.cursor);
                let to = at.saturating_add_signed(by).min(visible.saturating_sub(1));
                self.cursor = self.folds.to_document(to);
            }
            View::Raw => {
                let body = exchange.document.body();
                let rows = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
                if by < 0 {
                    self.raw_top = document::wrap_back(body, self.raw_top, width, rows);
                } else if let Some(line) = document::wrap_forward(body, self.raw_top, width, rows + 1).last() {
                    self.raw_top = line.start;
                }
            }
            View::Headers => {
                self.headers_top = self.headers_top.saturating_add_signed(isize::try_from(by).unwrap_or(0));
            }
        }
    }

    /// Moves the view by so many rows, and the tree's cursor no further than it must to stay in sight.
    pub fn scroll(&mut self, by: i64, width: usize, height: usize) {
        let rows = self.document().map_or(0, Document::row_count);
        if self.effective_view() != View::Tree {
            self.step(by, width);
            return;
        }
        let height = height.max(1) as u64;
        let last_top = self.folds.visible_rows(rows).saturating_sub(height);
        self.top = self.top.saturating_add_signed(by).min(last_top);
        let at = self.folds.to_visible(self.cursor).clamp(self.top, self.top + height - 1);
        self.cursor = self.folds.to_document(at);
    }

    /// Whether a row opens a container that is not folded.
    #[must_use]
    pub fn is_open(&self, row: u64) -> bool {
        let kind = self.document().and_then(|document| document.row(row)).map(|row| row.kind);
        matches!(kind, Some(RowKind::Open { .. }))
    }

    /// Columns by which the tree can be moved before the longest row on the screen ends; its bytes stand for its columns.
    #[must_use]
    pub fn most_left(&self, width: usize, height: usize) -> usize {
        let rows = self.document().map_or_else(Vec::new, |document| document.rows(&self.folds, self.top, height));
        let longest = rows.iter().map(|row| {
            let begins = row.key.as_ref().map_or(row.offset, |key| key.start);
            usize::try_from(row.end.saturating_sub(begins)).unwrap_or(usize::MAX).saturating_add(2 * row.depth + 4)
        });
        longest.max().unwrap_or(0).saturating_sub(width).min(1 << 16)
    }

    /// To the first or last row.
    pub fn to_edge(&mut self, last: bool, width: usize, height: usize) {
        let Some(exchange) = &self.exchange else {
            return;
        };
        self.left = 0;
        match self.effective_view() {
            View::Tree => self.cursor = if last { exchange.document.row_count().saturating_sub(1) } else { 0 },
            View::Raw => {
                self.raw_top = if last { document::wrap_end(exchange.document.body(), width, height) } else { 0 };
            }
            View::Headers => self.headers_top = if last { usize::MAX } else { 0 },
        }
    }

    /// Folds or unfolds the container under the cursor, or around it when it is on a closing row.
    pub fn toggle_fold(&mut self) {
        let Some(document) = self.exchange.as_ref().map(|exchange| &exchange.document) else {
            return;
        };
        let Some(row) = container_at(document, self.cursor) else {
            return;
        };
        if self.folds.is_folded(row) {
            self.folds.unfold(row);
        } else if let Some(closing) = document.closing_row(row) {
            self.folds.fold(row, closing);
        }
        self.cursor = row;
    }

    /// Folds the container under the cursor; where there is nothing to fold, goes to the parent.
    pub fn fold_or_parent(&mut self) {
        let Some(document) = self.exchange.as_ref().map(|exchange| &exchange.document) else {
            return;
        };
        let at = container_at(document, self.cursor);
        let open = at.filter(|row| *row == self.cursor && !self.folds.is_folded(*row));
        match open.and_then(|row| Some((row, document.closing_row(row)?))) {
            Some((row, closing)) => self.folds.fold(row, closing),
            None => {
                let parent = at.filter(|row| *row != self.cursor);
                if let Some(row) = parent.or_else(|| document.parent(self.cursor)) {
                    self.cursor = row;
                }
            }
        }
    }

    /// Folds everything below the outermost level.
    pub fn fold_all(&mut self) {
        if let Some(document) = self.document() {
            self.folds = document.fold_all(1);
            self.cursor = self.folds.to_document(self.folds.to_visible(self.cursor));
        }
    }

    /// To the next or previous sibling.
    pub fn sibling(&mut self, forward: bool) {
        let Some(document) = self.document() else {
            return;
        };
        let to = if forward { document.next_sibling(self.cursor) } else { document.previous_sibling(self.cursor) };
        self.cursor = to.unwrap_or(self.cursor);
    }

    /// The byte offset where the view stands.
    #[must_use]
    pub fn offset(&self) -> u64 {
        match (self.effective_view(), self.document()) {
            (View::Tree, Some(document)) => document.row(self.cursor).map_or(0, |row| row.offset),
            _ => self.raw_top,
        }
    }

    /// Brings the view to the hit at this index, unfolding what hides it.
    pub fn go_to_hit(&mut self, index: usize, width: usize, height: usize) {
        let (Some(hit), Some(document)) = (self.search.hits.get(index).copied(), self.document()) else {
            return;
        };
        let row = document.row_at_offset(hit.start);
        let line = document::wrap_at(document.body(), hit.start, width);
        self.search.current = Some(index);
        if let Some(row) = row {
            self.folds.reveal(row);
            self.cursor = row;
        }
        self.raw_top = match self.document() {
            Some(document) => document::wrap_back(document.body(), line, width, height / 3),
            None => line,
        };
    }

    /// To the next hit after (or last before) the current one, round the end.
    pub fn next_hit(&mut self, forward: bool, width: usize, height: usize) -> bool {
        let count = self.search.hits.len();
        if count == 0 {
            return false;
        }
        let next = match (self.search.current, forward) {
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
            (None, _) => self.search.hits.partition_point(|hit| hit.start < self.search.origin) % count,
        };
        self.go_to_hit(next, width, height);
        true
    }

    /// Scrolls so that the cursor of the tree is on the screen, and nothing beyond the end.
    pub fn settle(&mut self, width: usize, height: usize) {
        let Some(exchange) = &self.exchange else {
            return;
        };
        let rows = exchange.document.row_count();
        self.cursor = self.folds.to_document(self.folds.to_visible(self.cursor.min(rows.saturating_sub(1))));
        let at = self.folds.to_visible(self.cursor);
        let height_rows = height.max(1) as u64;
        let last_top = self.folds.visible_rows(rows).saturating_sub(height_rows);
        self.top = self.top.min(at).max((at + 1).saturating_sub(height_rows)).min(last_top);
        if !exchange.stage.is_live() {
            self.raw_top = self.raw_top.min(document::wrap_end(exchange.document.body(), width, height));
        }
        let lines = self.headers_lines();
        self.headers_top = self.headers_top.min(lines.saturating_sub(height));
    }

    /// How many lines the headers view has.
    #[must_use]
    pub fn headers_lines(&self) -> usize {
        self.exchange.as_ref().map_or(0, |exchange| {
            let sent = exchange.request.headers().len() + usize::from(exchange.request.credential().is_some()) + 2;
            let sent = sent + exchange.trace.len() + usize::from(!exchange.trace.is_empty());
            let received = exchange.head.as_ref().map_or(0, |head| head.headers.len() + 2);
            sent + received
        })
    }
}

/// The opening row of the container that a row opens or closes.
fn container_at(document: &Document, row: u64) -> Option<u64> {
    match document.row(row)?.kind {
        RowKind::Open { .. } | RowKind::Folded { .. } => Some(row),
        RowKind::Close { .. } => document.opening_row(row),
        _ => None,
    }
}
