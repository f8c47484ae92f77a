//! The state of the history's place: what is listed, where one is in it, and what is typed.

use super::From;
use crate::app::event::WorkId;
use crate::app::input::LineInput;
use crate::app::taking::handing::Account;
use crate::pleo::history::{Entry, Query};

/// Rows above the list: the field, and an empty one.
pub const ABOVE: usize = 2;

/// The history as it is looked at.
#[derive(Debug)]
pub struct HistoryPane {
    /// Entries that are here, newest first: a part of the list.
    pub entries: Vec<Entry>,
    /// The one under the cursor.
    pub cursor: usize,
    /// The first one on the screen.
    pub top: usize,
    /// Whether there are newer ones than those that are here, and older ones.
    pub more: (bool, bool),
    /// Whether exchanges of all environments are shown.
    pub everywhere: bool,
    /// What is typed to look for.
    pub input: LineInput,
    /// What is looked for.
    pub query: Query,
    /// What is wrong with what is typed.
    pub wrong: Option<String>,
    /// What is being typed.
    pub asking: Option<Asking>,
    /// The part of the list that is on its way.
    pub listing: Option<(WorkId, From)>,
    /// The exchange that is on its way, and what for.
    pub fetching: Option<(WorkId, Purpose)>,
    /// What was fetched to be handed on.
    pub handed: Vec<Account>,
    /// The changes that are being made.
    pub changing: Vec<(WorkId, Change)>,
    /// Why there is no list, a sentence.
    pub trouble: Option<String>,
}

/// What is being typed.
#[derive(Clone, Debug)]
pub enum Asking {
    /// What to look for.
    Query,
    /// The name of an exchange.
    Name(i64, LineInput),
    /// The word that clears the history, and what is wrong with it.
    Clear(LineInput, Option<String>),
}

/// What an exchange is fetched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Its answer is shown.
    Open,
    /// It is sent again.
    Resend,
    /// Its request is edited.
    Edit,
    /// Its answer is compared with the one of now.
    Compare,
    /// It is copied.
    Copy,
    /// It is saved.
    Save,
    /// All that is listed is saved as one archive, with bodies where that is said.
    Archive(bool),
}

/// A change of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An entry is pinned, or not any more.
    Pin(i64, bool),
    /// An entry is named.
    Name(i64, Option<String>),
    /// An entry is removed.
    Delete(i64),
    /// Everything that is listed without a query and is not pinned is removed.
    Clear,
}

impl Default for HistoryPane {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            cursor: 0,
            top: 0,
            more: (false, false),
            everywhere: false,
            input: LineInput::new(""),
            query: Query::default(),
            wrong: None,
            asking: None,
            listing: None,
            fetching: None,
            handed: Vec::new(),
            changing: Vec::new(),
            trouble: None,
        }
    }
}

impl HistoryPane {
    /// The entry under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Entry> {
        self.entries.get(self.cursor)
    }

    /// Whether it is asked whether everything is to be removed.
    #[must_use]
    pub const fn is_clearing(&self) -> bool {
        matches!(self.asking, Some(Asking::Clear(..)))
    }

    /// The entry of this number, where it is here.
    pub fn find(&mut self, id: i64) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.id == id)
    }

    /// Takes a part of the list in.
    pub fn take(&mut self, from: From, part: Vec<Entry>, more: bool) {
        self.trouble = None;
        match from {
            From::Newest => {
                (self.entries, self.more) = (part, (false, more));
                self.cursor = 0;
            }
            From::Oldest => {
                (self.entries, self.more) = (part, (more, false));
                self.cursor = self.entries.len();
            }
            From::Older(_) => {
                self.entries.extend(part);
                self.more.1 = more;
            }
            From::Newer(_) => {
                self.cursor += part.len();
                self.top += part.len();
                self.entries.splice(0..0, part);
                self.more.0 = more;
            }
        }
    }

    /// The part of the list that is wanted next, with the cursor where it is: one goes towards it.
    #[must_use]
    pub fn wanted(&self) -> Option<From> {
        /// Entries before the end of those that are here, from which on more are asked for.
        const NEAR: usize = 50;
        if self.listing.is_some() {
            return None;
        }
        if self.more.1 && self.cursor + NEAR >= self.entries.len() {
            return self.entries.last().map(|entry| From::Older(entry.id));
        }
        if self.more.0 && self.cursor < NEAR {
            return self.entries.first().map(|entry| From::Newer(entry.id));
        }
        None
    }

    /// Keeps the cursor in the list and on the screen.
    pub fn settle(&mut self, size: (u16, u16)) {
        self.cursor = self.cursor.min(self.entries.len().saturating_sub(1));
        let rows = rows(size).max(1);
        self.top = self.top.min(self.cursor).max((self.cursor + 1).saturating_sub(rows));
    }
}

/// Rows that the list has on a screen of this size: between banner and footer, inside its frame, below the field.
#[must_use]
pub fn rows(size: (u16, u16)) -> usize {
    usize::from(size.1.saturating_sub(4)).saturating_sub(ABOVE)
}
