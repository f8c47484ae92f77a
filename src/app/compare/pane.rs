//! The comparison on the screen: where one is in it, and how much of it fits.

use std::sync::Arc;

use super::answer::{Comparison, Found, HeaderDiff, Outcome};
use super::report;
use crate::app::credentials::CredentialId;
use crate::app::event::WorkId;
use crate::document;
use crate::document::diff::{Difference, Field, Options};

/// Columns inside from which on both values stand beside their path.
const WIDE: usize = 110;

/// Most rows of remarks above the list, where the screen is low and where it is not.
const MOST_REMARKS: [usize; 2] = [3, 8];

/// Rows inside from which on a screen is not low.
const HIGH: usize = 30;

/// Rows above the list that are always there: the labels, what was found, and an empty one.
const FIXED: usize = 3;

/// A comparison that is shown.
#[derive(Debug)]
pub struct ComparePane {
    /// What is compared.
    pub comparison: Comparison,
    /// The answer that is awaited: its work and its side.
    pub flight: Option<(WorkId, usize)>,
    /// The credential that was sent for it.
    pub used: Option<CredentialId>,
    /// The comparison that goes on in the background.
    pub work: Option<WorkId>,
    /// Values that are being opened, or a report that is being written.
    pub chore: Option<WorkId>,
    /// How it is compared.
    pub options: Options,
    /// Whether only fields and types are compared.
    pub shape: bool,
    /// What was found.
    pub found: Option<Arc<Found>>,
    /// Headers that differ.
    pub headers: Vec<HeaderDiff>,
    /// Why there is nothing, a sentence.
    pub trouble: Option<String>,
    /// The difference under the cursor.
    pub cursor: usize,
    /// The first one on the screen.
    pub top: usize,
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item<'a> {
    /// A value that differs.
    Difference(&'a Difference),
    /// A field that differs.
    Field(&'a Field),
    /// A header that differs.
    Header(&'a HeaderDiff),
}

impl ComparePane {
    /// Nothing found yet.
    #[must_use]
    pub fn new(comparison: Comparison) -> Self {
        Self {
            comparison,
            flight: None,
            used: None,
            work: None,
            chore: None,
            options: Options::default(),
            shape: false,
            found: None,
            headers: Vec::new(),
            trouble: None,
            cursor: 0,
            top: 0,
        }
    }

    /// Whether something goes on that can be stopped.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.flight.is_some() || self.work.is_some() || self.chore.is_some()
    }

    /// Whether values were compared, and not those of a list.
    #[must_use]
    pub fn is_without_list(&self) -> bool {
        let found = self.found.as_ref().map(|found| &found.outcome);
        matches!(found, Some(Outcome::Values(diff)) if diff.list.is_none())
    }

    /// How many rows the list has.
    #[must_use]
    pub fn len(&self) -> usize {
        let found = self.found.as_ref().map_or(0, |found| match &found.outcome {
            Outcome::Values(diff) => diff.differences.len(),
            Outcome::Shape(shape) => shape.differing().count(),
        });
        found + self.headers.len()
    }

    /// Whether there is nothing in the list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of the list from one on.
    pub fn items(&self, from: usize) -> Box<dyn Iterator<Item = Item<'_>> + '_> {
        let headers = self.headers.iter().map(Item::Header);
        match self.found.as_ref().map(|found| &found.outcome) {
            Some(Outcome::Values(diff)) => {
                let own = diff.differences.get(from..).unwrap_or_default().iter().map(Item::Difference);
                Box::new(own.chain(headers.skip(from.saturating_sub(diff.differences.len()))))
            }
            Some(Outcome::Shape(shape)) => Box::new(shape.differing().map(Item::Field).chain(headers).skip(from)),
            None => Box::new(headers.skip(from)),
        }
    }

    /// The row under the cursor.
    #[must_use]
    pub fn item(&self) -> Option<Item<'_>> {
        self.items(self.cursor).next()
    }

    /// What is said below the head, one text a row: how it was aligned, what was left out.
    #[must_use]
    pub fn remarks(&self, (width, height): (usize, usize)) -> Vec<String> {
        let most = MOST_REMARKS[usize::from(height >= HIGH)];
        let Some(found) = &self.found else {
            return Vec::new();
        };
        let told = report::remarks(found, self.comparison.labels());
        let rows: Vec<String> = told.iter().flat_map(|text| document::wrap(text, width)).collect();
        let over = rows.len().saturating_sub(most);
        let mut rows: Vec<String> = rows.into_iter().take(most).collect();
        if let Some(last) = rows.last_mut().filter(|_| over > 0) {
            last.push_str(" …");
        }
        rows
    }

    /// Rows that an item takes in so many columns.
    #[must_use]
    pub fn height(item: Item<'_>, width: usize) -> usize {
        if is_wide(width) {
            return 1;
        }
        let (left, right) = match item {
            Item::Difference(own) => (own.left.is_some(), own.right.is_some()),
            Item::Field(own) => (own.left.is_some(), own.right.is_some()),
            Item::Header(own) => (own.left.is_some(), own.right.is_some()),
        };
        1 + usize::from(left) + usize::from(right)
    }

    /// Rows that the list has on a screen of this size.
    #[must_use]
    pub fn list_height(&self, size: (u16, u16)) -> usize {
        let (width, height) = inside(size);
        let facts = report::facts(&self.comparison, self.found.as_deref()).len();
        height.saturating_sub(FIXED + facts + self.remarks((width, height)).len())
    }

    /// Keeps the cursor in the list and on the screen.
    pub fn settle(&mut self, size: (u16, u16)) {
        self.cursor = self.cursor.min(self.len().saturating_sub(1));
        self.top = self.top.min(self.cursor);
        let (width, _) = inside(size);
        let rows = self.list_height(size).max(1);
        // No item takes less than a row.
        self.top = self.top.max((self.cursor + 1).saturating_sub(rows));
        let mut heights: Vec<usize> =
            self.items(self.top).take(self.cursor + 1 - self.top).map(|item| Self::height(item, width)).collect();
        let mut used: usize = heights.iter().sum();
        heights.reverse();
        while used > rows && self.top < self.cursor {
            used -= heights.pop().unwrap_or(used);
            self.top += 1;
        }
    }
}

/// Whether both values stand beside their path in so many columns.
#[must_use]
pub const fn is_wide(width: usize) -> bool {
    width >= WIDE
}

/// Columns and rows inside the frame on a screen of this size: between banner and footer.
#[must_use]
pub fn inside(size: (u16, u16)) -> (usize, usize) {
    (usize::from(size.0.saturating_sub(4)).max(1), usize::from(size.1.saturating_sub(4)))
}
