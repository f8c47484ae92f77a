//! The filter of the response: a jq expression, and the document that it makes of the body.

use std::ops::Range;
use std::time::Duration;

use super::{Place, ResponsePane};
use crate::app::event::WorkId;
use crate::app::input::LineInput;
use crate::document::Document;

/// Why an expression gave no result, or not all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterTrouble {
    /// What is wrong, for a person.
    pub sentence: String,
    /// Bytes of the expression that it is about.
    pub at: Option<Range<usize>>,
}

/// A filter of the response.
#[derive(Debug)]
pub struct FilterState {
    /// What is typed.
    pub input: LineInput,
    /// Whether keys go into the field.
    pub typing: bool,
    /// The work in progress.
    pub work: Option<WorkId>,
    /// Whether the work in progress has answered anything.
    pub answered: bool,
    /// What came of it; the whole body is shown while there is none.
    pub result: Option<Document>,
    /// What is wrong.
    pub error: Option<FilterTrouble>,
    /// How long it took.
    pub took: Duration,
    /// Where one was in the whole body.
    pub whole: Option<Box<Place>>,
    /// Which of the expressions used before stands in the field, counted from the latest.
    pub recalled: Option<usize>,
}

impl Default for FilterState {
    fn default() -> Self {
        Self {
            input: LineInput::new(""),
            typing: false,
            work: None,
            answered: false,
            result: None,
            error: None,
            took: Duration::ZERO,
            whole: None,
            recalled: None,
        }
    }
}

impl FilterState {
    /// Whether its row is shown.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.typing || !self.input.text().is_empty()
    }
}

impl ResponsePane {
    /// Shows a result, which begins empty, in the place of what was shown.
    pub fn begin_result(&mut self) {
        self.close_record();
        let before = std::mem::take(&mut self.place);
        if self.filter.result.is_none() {
            self.filter.whole = Some(Box::new(before));
        }
        self.filter.result = Some(Document::new());
        self.filter.answered = true;
        // What was found is of another document.
        self.search.clear_hits();
    }

    /// Shows the whole body again, where one was.
    pub fn end_filter(&mut self) {
        self.close_record();
        if let Some(place) = self.filter.whole.take() {
            self.place = *place;
            self.search.clear_hits();
        }
        self.filter = FilterState::default();
    }
}
