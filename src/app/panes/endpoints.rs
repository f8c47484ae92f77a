//! Pane 3: the catalogue, grouped, filtered as one types.

use crate::app::fuzzy;
use crate::app::input::LineInput;
use crate::pleo::catalogue::Catalogue;
use crate::pleo::endpoint::{Endpoint, Surface};

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The heading above the operation at this index of the catalogue.
    Group(usize),
    /// The operation at this index of the catalogue.
    Operation(usize),
}

/// The state of the pane.
#[derive(Debug)]
pub struct EndpointsPane {
    /// What is typed into the filter.
    pub filter: LineInput,
    /// Whether keys go into the filter.
    pub typing: bool,
    /// The rows that are listed.
    pub rows: Vec<Row>,
    /// The row under the cursor; always an operation when there is one.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
}

impl Default for EndpointsPane {
    fn default() -> Self {
        Self::new()
    }
}

impl EndpointsPane {
    /// The whole catalogue, the cursor on its first operation.
    #[must_use]
    pub fn new() -> Self {
        let mut pane = Self { filter: LineInput::new(""), typing: false, rows: Vec::new(), cursor: 0, top: 0 };
        pane.refilter();
        pane
    }

    /// Lists what fits the filter: grouped while it is empty, best first otherwise.
    pub fn refilter(&mut self) {
        let endpoints = Catalogue::current().endpoints();
        self.rows.clear();
        if self.filter.text().trim().is_empty() {
            for (index, endpoint) in endpoints.iter().enumerate() {
                let previous = index.checked_sub(1).map(|previous| &endpoints[previous]);
                if previous.is_none_or(|previous| heading(previous) != heading(endpoint)) {
                    self.rows.push(Row::Group(index));
                }
                self.rows.push(Row::Operation(index));
            }
        } else {
            let texts: Vec<String> = endpoints.iter().map(searched).collect();
            let hits = fuzzy::rank(self.filter.text(), texts.iter().map(String::as_str));
            self.rows.extend(hits.into_iter().map(Row::Operation));
        }
        self.top = 0;
        self.cursor = 0;
        self.step(0);
    }

    /// Whether the filter's row is shown above the list.
    #[must_use]
    pub fn shows_filter(&self) -> bool {
        self.typing || !self.filter.text().is_empty()
    }

    /// The operation under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&'static Endpoint> {
        match self.rows.get(self.cursor)? {
            Row::Operation(index) => Catalogue::current().endpoints().get(*index),
            Row::Group(_) => None,
        }
    }

    /// Puts the cursor on an operation, if it is listed.
    pub fn select(&mut self, endpoint: &Endpoint) {
        let endpoints = Catalogue::current().endpoints();
        let found = self
            .rows
            .iter()
            .position(|row| matches!(row, Row::Operation(index) if endpoints[*index].operation == endpoint.operation));
        self.cursor = found.unwrap_or(self.cursor);
    }

    /// Moves the cursor by so many operations, past headings.
    pub fn step(&mut self, by: isize) {
        let operations: Vec<usize> =
            (0..self.rows.len()).filter(|row| matches!(self.rows[*row], Row::Operation(_))).collect();
        let at = operations.partition_point(|row| *row < self.cursor);
        let to = at.saturating_add_signed(by).min(operations.len().saturating_sub(1));
        self.cursor = operations.get(to).copied().unwrap_or(0);
    }

    /// Puts the cursor on the operation nearest to a row of the list.
    pub fn go_to(&mut self, row: usize) {
        self.cursor = row.min(self.rows.len().saturating_sub(1));
        self.step(0);
    }

    /// Moves the list by so many rows under a window of `height`, and the cursor no further than it must.
    pub fn scroll(&mut self, by: isize, height: usize) {
        self.top = self.top.saturating_add_signed(by).min(self.rows.len().saturating_sub(height));
        let last = (self.top + height).saturating_sub(1);
        self.go_to(self.cursor.clamp(self.top, last.max(self.top)));
        if self.cursor > last {
            self.step(-1);
        }
    }

    /// Scrolls so that the cursor is among `height` rows; its heading comes along when it is the row above.
    pub fn settle(&mut self, height: usize) {
        let above = usize::from(self.cursor > 0 && matches!(self.rows[self.cursor - 1], Row::Group(_)));
        self.top =
            self.top.min(self.cursor - above.min(self.cursor)).max((self.cursor + 1).saturating_sub(height.max(1)));
    }
}

/// The heading of an operation: its group, marked on the legacy surface.
#[must_use]
pub fn heading(endpoint: &Endpoint) -> String {
    match endpoint.surface {
        Surface::External => endpoint.group.clone(),
        Surface::Legacy => format!("Legacy: {}", endpoint.group),
    }
}

/// What the filter looks through.
#[must_use]
pub fn searched(endpoint: &Endpoint) -> String {
    format!("{} {} {} {} {}", endpoint.method, endpoint.path, heading(endpoint), endpoint.purpose, endpoint.operation)
}
