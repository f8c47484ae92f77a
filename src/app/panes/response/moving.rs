//! Moving about in the answer's views.

use super::{ResponsePane, View};
use crate::app::waterfall;
use crate::document::{self, Body, Document, FoldChange, RowKind};

/// Columns that are at most moved sideways in a line of the raw view.
const MOST_LEFT: usize = 1 << 14;

/// What is seen of a view: its columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// Columns that line numbers take at the left of the raw view, their space included; none where there is no room.
#[must_use]
pub fn gutter(body: &Body, width: usize) -> usize {
    let columns = body.lines().max(1).ilog10() as usize + 2;
    if columns * 4 > width { 0 } else { columns }
}

/// Bytes in a row of the hexadecimal view.
#[must_use]
pub const fn hex_bytes(width: usize) -> u64 {
    match width {
        0..=43 => 4,
        44..=76 => 8,
        _ => 16,
    }
}

impl ResponsePane {
    /// Moves by so many rows.
    pub fn step(&mut self, by: i64, sight: Sight) {
        let view = self.view();
        let unwrapped = self.unwrapped;
        let Some(document) = self.document().cloned() else {
            return;
        };
        let (place, body) = (&mut self.place, document.body());
        match view {
            View::Table => place.table.step(by),
            View::Tree => {
                let visible = place.folds.visible_rows(document.row_count());
                let at = place.folds.to_visible(place.cursor);
                let to = at.saturating_add_signed(by).min(visible.saturating_sub(1));
                place.cursor = place.folds.to_document(to);
            }
            View::Raw if unwrapped => {
                let line = body.line_at(place.raw_top).saturating_add_signed(by);
                place.raw_top = body.line_start(line.min(body.lines().saturating_sub(1)));
            }
            View::Raw => {
                let width = sight.width - gutter(body, sight.width);
                let rows = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
                if by < 0 {
                    place.raw_top = document::wrap_back(body, place.raw_top, width, rows);
                } else if let Some(line) = document::wrap_forward(body, place.raw_top, width, rows + 1).last() {
                    place.raw_top = line.start;
                }
            }
            View::Headers | View::Timing => {
                self.headers_top = self.headers_top.saturating_add_signed(isize::try_from(by).unwrap_or(0));
            }
            View::Hex => {
                let bytes = i64::try_from(hex_bytes(sight.width)).unwrap_or(1);
                place.hex_top = place.hex_top.saturating_add_signed(by.saturating_mul(bytes));
            }
        }
    }

    /// Moves the view by so many rows, and the tree's cursor no further than it must to stay in sight.
    pub fn scroll(&mut self, by: i64, sight: Sight) {
        let rows = self.document().map_or(0, Document::row_count);
        if self.view() == View::Table {
            let table = &mut self.place.table;
            let height = sight.height.saturating_sub(1).max(1) as u64;
            table.top = table.top.saturating_add_signed(by).min(table.rows().saturating_sub(height));
            table.cursor = table.cursor.clamp(table.top, table.top + height - 1);
            return;
        }
        if self.view() != View::Tree {
            self.step(by, sight);
            return;
        }
        let height = sight.height.max(1) as u64;
        let place = &mut self.place;
        let last_top = place.folds.visible_rows(rows).saturating_sub(height);
        place.top = place.top.saturating_add_signed(by).min(last_top);
        let at = place.folds.to_visible(place.cursor).clamp(place.top, place.top + height - 1);
        place.cursor = place.folds.to_document(at);
    }

    /// Puts the cursor on a row of the screen; on the row under it already, folds.
    pub fn click(&mut self, line: u64) {
        if self.view() == View::Table {
            // The names stand in the first line.
            if let Some(line) = line.checked_sub(1) {
                let row = self.place.table.top + line;
                if row < self.place.table.rows() && row == std::mem::replace(&mut self.place.table.cursor, row) {
                    self.open_record();
                }
            }
            return;
        }
        let rows = self.document().map_or(0, Document::row_count);
        let visible = self.place.top + line;
        if self.view() != View::Tree || visible >= self.place.folds.visible_rows(rows) {
            return;
        }
        let row = self.place.folds.to_document(visible);
        if row == self.place.cursor {
            self.toggle_fold();
        }
        self.place.cursor = row;
    }

    /// Whether a row opens a container that is not folded.
    #[must_use]
    pub fn is_open(&self, row: u64) -> bool {
        let kind = self.document().and_then(|document| document.row(row)).map(|row| row.kind);
        matches!(kind, Some(RowKind::Open { .. }))
    }

    /// Columns by which the tree can be moved before the longest row on the screen ends; its bytes stand for its columns.
    #[must_use]
    pub fn most_left(&self, sight: Sight) -> usize {
        let place = &self.place;
        let rows = self.document().map_or_else(Vec::new, |own| own.rows(&place.folds, place.top, sight.height));
        let longest = rows.iter().map(|row| {
            let begins = row.key.as_ref().map_or(row.offset, |key| key.start);
            usize::try_from(row.end.saturating_sub(begins)).unwrap_or(usize::MAX).saturating_add(2 * row.depth + 4)
        });
        longest.max().unwrap_or(0).saturating_sub(sight.width).min(1 << 16)
    }

    /// Sideways; in the tree also into and out of containers.
    pub fn sideways(&mut self, right: bool, sight: Sight) {
        let left = self.place.left;
        self.place.left = match (self.view(), right) {
            (View::Table, _) => return self.place.table.sideways(if right { 1 } else { -1 }),
            (View::Tree, false) if left > 0 => left.saturating_sub(8),
            (View::Tree, false) => return self.fold_or_parent(),
            (View::Tree, true) if self.place.folds.is_folded(self.place.cursor) => {
                return self.place.change_folds(FoldChange::Unfold(self.place.cursor));
            }
            (View::Tree, true) if self.is_open(self.place.cursor) => {
                self.place.cursor += 1;
                return;
            }
            (View::Tree, true) => (left + 8).min(self.most_left(sight)),
            (View::Raw, _) if !self.unwrapped => return,
            (View::Hex | View::Timing, _) => return,
            (View::Raw | View::Headers, false) => left.saturating_sub(8),
            (View::Raw | View::Headers, true) => (left + 8).min(MOST_LEFT),
        };
    }

    /// To the first or last row.
    pub fn to_edge(&mut self, last: bool, sight: Sight) {
        let view = self.view();
        let Some(document) = self.document() else {
            return;
        };
        let (rows, body) = (document.row_count(), document.body().clone());
        self.place.left = 0;
        match view {
            View::Table => self.place.table.step(if last { i64::MAX } else { i64::MIN }),
            View::Tree => self.place.cursor = if last { rows.saturating_sub(1) } else { 0 },
            View::Raw => self.place.raw_top = if last { self.raw_end(sight) } else { 0 },
            View::Headers | View::Timing => self.headers_top = if last { usize::MAX } else { 0 },
            View::Hex => self.place.hex_top = if last { body.len() } else { 0 },
        }
    }

    /// Where the last screen of the raw view begins.
    fn raw_end(&self, sight: Sight) -> u64 {
        let Some(body) = self.document().map(Document::body) else {
            return 0;
        };
        if self.unwrapped {
            body.line_start(body.lines().saturating_sub(sight.height as u64))
        } else {
            document::wrap_end(body, sight.width - gutter(body, sight.width), sight.height)
        }
    }

    /// Folds or unfolds the container under the cursor, or around it when it is on a closing row; `false` on anything else.
    pub fn toggle_fold(&mut self) -> bool {
        let Some(document) = self.document() else {
            return false;
        };
        let Some(row) = container_at(document, self.place.cursor) else {
            return false;
        };
        let closing = document.closing_row(row);
        if self.place.folds.is_folded(row) {
            self.place.change_folds(FoldChange::Unfold(row));
        } else if let Some(closing) = closing {
            self.place.change_folds(FoldChange::Fold(row, closing));
        }
        self.place.cursor = row;
        true
    }

    /// Folds the container under the cursor; where there is nothing to fold, goes to the parent.
    fn fold_or_parent(&mut self) {
        let Some(document) = self.document() else {
            return;
        };
        let cursor = self.place.cursor;
        let open = container_at(document, cursor).filter(|row| *row == cursor && !self.place.folds.is_folded(*row));
        match open.and_then(|row| Some((row, document.closing_row(row)?))) {
            Some((row, closing)) => self.place.change_folds(FoldChange::Fold(row, closing)),
            None => self.to_parent(),
        }
    }

    /// To the container around the cursor; from a closing row to the opening one.
    pub fn to_parent(&mut self) {
        let cursor = self.place.cursor;
        let parent = self.document().and_then(|document| {
            container_at(document, cursor).filter(|row| *row != cursor).or_else(|| document.parent(cursor))
        });
        self.place.cursor = parent.unwrap_or(cursor);
    }

    /// To the next or previous sibling.
    pub fn sibling(&mut self, forward: bool) {
        let Some(document) = self.document() else {
            return;
        };
        let cursor = self.place.cursor;
        let to = if forward { document.next_sibling(cursor) } else { document.previous_sibling(cursor) };
        self.place.cursor = to.unwrap_or(cursor);
    }

    /// The byte offset where the view stands.
    #[must_use]
    pub fn offset(&self) -> u64 {
        match (self.view(), self.document()) {
            (View::Table, _) => {
                let table = &self.place.table;
                let range = self
                    .listed()
                    .zip(table.current())
                    .and_then(|(own, record)| table.records.as_ref()?.range(own.body(), record));
                range.map_or(0, |range| range.start)
            }
            (View::Tree, Some(document)) => document.row(self.place.cursor).map_or(0, |row| row.offset),
            (View::Hex, _) => self.place.hex_top,
            _ => self.place.raw_top,
        }
    }

    /// Where the view stands: the tree's cursor, or the first byte on the screen.
    fn standing(&self) -> u64 {
        match self.view() {
            View::Table => self.place.table.cursor,
            View::Tree => self.place.cursor,
            View::Raw => self.place.raw_top,
            View::Hex => self.place.hex_top,
            View::Headers | View::Timing => self.place.entered,
        }
    }

    /// Notes what one is at, unless that is what one came with.
    pub(super) fn leave_view(&mut self) {
        if self.standing() != self.place.entered {
            self.place.anchor = self.offset();
        }
    }

    /// Brings the view to what one was at.
    pub(super) fn enter_view(&mut self, sight: Sight) {
        let anchor = self.place.anchor;
        let Some(document) = self.document() else {
            return;
        };
        let row = document.row_at_offset(anchor);
        let view = self.view();
        if view == View::Table {
            let body = document.body().clone();
            let table = &mut self.place.table;
            let record = table.records.as_ref().and_then(|records| records.at(&body, anchor));
            // A row that is not shown keeps the cursor where it was.
            table.cursor = record.and_then(|record| table.row_of(record)).unwrap_or(table.cursor);
        } else if view == View::Tree {
            // What is folded stays folded.
            let row = row.map(|row| self.place.folds.to_document(self.place.folds.to_visible(row)));
            self.place.cursor = row.unwrap_or(self.place.cursor);
        } else if !matches!(view, View::Headers | View::Timing) {
            self.bring_to(anchor, sight);
        }
        self.place.entered = self.standing();
    }

    /// Brings the views to a byte, unfolding what hides it.
    pub fn go_to_offset(&mut self, offset: u64, sight: Sight) {
        let Some(document) = self.document() else {
            return;
        };
        if let Some(row) = document.row_at_offset(offset) {
            self.place.change_folds(FoldChange::Reveal(row));
            self.place.cursor = row;
        }
        self.bring_to(offset, sight);
    }

    /// Brings the raw and the hexadecimal view to a byte.
    fn bring_to(&mut self, offset: u64, sight: Sight) {
        let Some(body) = self.document().map(|document| document.body().clone()) else {
            return;
        };
        let above = sight.height / 3;
        self.place.raw_top = if self.unwrapped {
            let line = body.line_at(offset);
            self.place.left = left_of(&body, body.line_start(line)..offset, sight.width - gutter(&body, sight.width));
            body.line_start(line.saturating_sub(above as u64))
        } else {
            let width = sight.width - gutter(&body, sight.width);
            document::wrap_back(&body, document::wrap_at(&body, offset, width), width, above)
        };
        self.place.raw_top = self.place.raw_top.min(self.raw_end(sight));
        let bytes = hex_bytes(sight.width);
        let last = body.len().div_ceil(bytes).saturating_sub(sight.height.max(1) as u64);
        self.place.hex_top = (offset / bytes).saturating_sub(above as u64).min(last) * bytes;
    }

    /// To a row of the tree or a line of the body, counted from 0; beyond the last one to that.
    pub fn go_to_row(&mut self, row: u64, sight: Sight) {
        let Some(document) = self.document() else {
            return;
        };
        match self.view() {
            View::Table => self.place.table.cursor = row,
            View::Tree => {
                let row = row.min(document.row_count().saturating_sub(1));
                self.place.change_folds(FoldChange::Reveal(row));
                self.place.cursor = row;
            }
            View::Hex => {
                let offset = row.saturating_mul(hex_bytes(sight.width)).min(document.len());
                self.place.hex_top = offset;
            }
            View::Raw | View::Headers | View::Timing => {
                let line = row.min(document.body().lines().saturating_sub(1));
                let start = document.body().line_start(line);
                self.go_to_offset(start, sight);
                self.place.raw_top = start;
            }
        }
    }

    /// To so much of the whole, in hundredths of a percent.
    pub fn go_to_share(&mut self, share: u64, sight: Sight) {
        let Some(document) = self.document() else {
            return;
        };
        let of = |all: u64| u64::try_from(u128::from(all) * u128::from(share) / 10_000).unwrap_or(all);
        match self.view() {
            View::Table => self.go_to_row(of(self.place.table.rows().saturating_sub(1)), sight),
            View::Tree => self.go_to_row(of(document.row_count().saturating_sub(1)), sight),
            _ => {
                let offset = of(document.len().saturating_sub(1));
                self.go_to_offset(offset, sight);
            }
        }
    }

    /// Scrolls so that the cursor of the tree is on the screen, and nothing beyond the end.
    pub fn settle(&mut self, sight: Sight) {
        let Some(exchange) = &self.exchange else {
            return;
        };
        let live = exchange.stage.is_live() && self.filter.result.is_none();
        let Some(document) = self.document() else {
            return;
        };
        let (rows, length) = (document.row_count(), document.len());
        let small = length <= (sight.width * sight.height * 4) as u64;
        // Where the last screen begins is asked of the end only: elsewhere it cannot matter.
        let near_end = small || length.saturating_sub(self.place.raw_top) <= (sight.width * sight.height * 8) as u64;
        let raw_end = if !live && (near_end || self.unwrapped) { self.raw_end(sight) } else { u64::MAX };
        let height = sight.height.max(1) as u64;
        let place = &mut self.place;
        place.cursor = place.folds.to_document(place.folds.to_visible(place.cursor.min(rows.saturating_sub(1))));
        let at = place.folds.to_visible(place.cursor);
        let last_top = place.folds.visible_rows(rows).saturating_sub(height);
        place.top = place.top.min(at).max((at + 1).saturating_sub(height)).min(last_top);
        place.raw_top = place.raw_top.min(raw_end);
        let bytes = hex_bytes(sight.width);
        let hex_rows = length.div_ceil(bytes);
        place.hex_top = (place.hex_top / bytes).min(hex_rows.saturating_sub(height)) * bytes;
        let lines = if self.view() == View::Timing { self.timing_lines(sight.width) } else { self.headers_lines() };
        self.headers_top = self.headers_top.min(lines.saturating_sub(sight.height));
    }

    /// How many lines the timing view may have; what it draws decides.
    fn timing_lines(&self, width: usize) -> usize {
        let log = &self.pages.log;
        self.exchange.as_ref().map_or(0, |exchange| {
            waterfall::most_rows(&exchange.timing, &exchange.wire, exchange.head.as_ref(), log, width)
        })
    }

    /// How many lines the headers view has.
    fn headers_lines(&self) -> usize {
        self.exchange.as_ref().map_or(0, |exchange| {
            let sent = exchange.request.headers().len() + usize::from(exchange.request.credential().is_some()) + 2;
            let sent = sent + exchange.trace.len() + usize::from(!exchange.trace.is_empty());
            let received = exchange.head.as_ref().map_or(0, |head| head.headers.len() + 2);
            let pages = self.pages.log.len() + usize::from(!self.pages.log.is_empty());
            sent + pages + received
        })
    }
}

/// Columns by which a line is moved so that what stands behind this part of it is seen.
fn left_of(body: &Body, before: std::ops::Range<u64>, width: usize) -> usize {
    if before.end - before.start > 4 * MOST_LEFT as u64 {
        return MOST_LEFT;
    }
    let columns = document::width(&document::displayable_bytes(&body.read(before)));
    if columns + width / 4 < width { 0 } else { (columns - width / 4).min(MOST_LEFT) }
}

/// The opening row of the container that a row opens or closes.
fn container_at(document: &Document, row: u64) -> Option<u64> {
    match document.row(row)?.kind {
        RowKind::Open { .. } | RowKind::Folded { .. } => Some(row),
        RowKind::Close { .. } => document.opening_row(row),
        _ => None,
    }
}
