//! The search of the response: what is typed, what was found, and the way from hit to hit.

use super::ResponsePane;
use super::moving::Sight;
use crate::app::event::WorkId;
use crate::app::input::LineInput;
use crate::document::{Finder, Hit, Query, Scope};

/// A search of the response.
#[derive(Debug)]
pub struct SearchState {
    /// What is typed.
    pub input: LineInput,
    /// Whether keys go into the field.
    pub typing: bool,
    /// Whether it is a regular expression.
    pub pattern: bool,
    /// Where it is sought.
    pub scope: Scope,
    /// What is looked for, ready to mark what is drawn.
    pub finder: Option<Finder>,
    /// Why it cannot be looked for.
    pub error: Option<String>,
    /// The work in progress.
    pub work: Option<WorkId>,
    /// Whether the hits are of a search before this one, to be replaced by what it finds.
    pub stale: bool,
    /// Bytes searched so far.
    pub searched: u64,
    /// Places found, in order, as byte ranges of the body.
    pub hits: Vec<Hit>,
    /// The hit that the view was brought to.
    pub current: Option<usize>,
    /// Byte offset from which the search was begun, to come back to.
    pub origin: u64,
}

impl Default for SearchState {
    fn default() -> Self {
        Self {
            input: LineInput::new(""),
            typing: false,
            pattern: false,
            scope: Scope::Everywhere,
            finder: None,
            error: None,
            work: None,
            stale: false,
            searched: 0,
            hits: Vec::new(),
            current: None,
            origin: 0,
        }
    }
}

impl SearchState {
    /// What is asked for.
    #[must_use]
    pub fn query(&self) -> Query {
        Query { text: self.input.text().to_owned(), pattern: self.pattern, scope: self.scope }
    }

    /// Whether its row is shown.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.typing || !self.input.text().is_empty()
    }

    /// Forgets what was found.
    pub fn clear_hits(&mut self) {
        (self.hits, self.current, self.searched) = (Vec::new(), None, 0);
    }
}

impl ResponsePane {
    /// Brings the view to the hit at this index, unfolding what hides it.
    pub fn go_to_hit(&mut self, index: usize, sight: Sight) {
        if let Some(hit) = self.search.hits.get(index).copied() {
            self.search.current = Some(index);
            self.go_to_offset(hit.start, sight);
        }
    }

    /// To the next hit after (or last before) the current one, round the end.
    pub fn next_hit(&mut self, forward: bool, sight: Sight) -> bool {
        let count = self.search.hits.len();
        if count == 0 {
            return false;
        }
        let next = match (self.search.current, forward) {
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
            (None, _) => self.search.hits.partition_point(|hit| hit.start < self.search.origin) % count,
        };
        self.go_to_hit(next, sight);
        true
    }

    /// To the first hit from where the search was begun, once it is known; `last` when no more hits follow.
    pub fn first_hit(&mut self, last: bool, sight: Sight) {
        let next = self.search.hits.partition_point(|hit| hit.start < self.search.origin);
        if self.search.current.is_none() && (next < self.search.hits.len() || last) {
            self.next_hit(true, sight);
        }
    }
}
