//! The state of the place where saved requests are listed.

use crate::app::event::WorkId;
use crate::app::fuzzy;
use crate::app::input::LineInput;
use crate::app::model::Asked;
use crate::pleo::saved::{Entry, Key, Listing};

/// Rows above the list: the field, and what is wrong with what is typed.
pub const ABOVE: usize = 2;

/// Rows below it: a line, then what there is to be said of the one under the cursor.
pub const BELOW: usize = 4;

/// Saved requests as they are looked at.
#[derive(Debug)]
pub struct SavedPane {
    /// All of them, once they are here.
    pub listing: Option<Listing>,
    /// Those that fit what is looked for, as places in the list.
    pub matches: Vec<usize>,
    /// The one of those under the cursor.
    pub cursor: usize,
    /// The first one on the screen.
    pub top: usize,
    /// What is looked for.
    pub input: LineInput,
    /// What is being typed or asked.
    pub asking: Option<Asking>,
    /// What goes on, and under which number.
    pub work: Option<(WorkId, Doing)>,
    /// The one that the cursor goes to when the list comes.
    pub wanted: Option<Key>,
    /// What is edited in the person's own editor.
    pub outside: Option<(WorkId, Key)>,
    /// What was written there and could not be kept: the editor begins with it again.
    pub unkept: Option<(Key, String)>,
    /// Why there is no list, a sentence.
    pub trouble: Option<String>,
}

/// What is being typed or asked.
#[derive(Clone, Debug)]
pub enum Asking {
    /// What to look for.
    Filter,
    /// Another name for one, and which name is taken: Enter again replaces what has it.
    Name(Key, Box<Asked>, Option<Key>),
    /// Whether one is removed.
    Remove(Key),
}

/// What goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doing {
    /// The list is read.
    List,
    /// One is read, to be opened.
    Open(Key),
    /// The text of one is read, to be edited.
    Edit(Key),
    /// What was edited is written.
    Rewrite(Key, String),
    /// One gets another name.
    Rename(Key),
    /// One is removed.
    Remove(Key),
}

impl Default for SavedPane {
    fn default() -> Self {
        Self {
            listing: None,
            matches: Vec::new(),
            cursor: 0,
            top: 0,
            input: LineInput::new(""),
            asking: None,
            work: None,
            wanted: None,
            outside: None,
            unkept: None,
            trouble: None,
        }
    }
}

impl SavedPane {
    /// The entry at a row of the list.
    #[must_use]
    pub fn entry(&self, row: usize) -> Option<&Entry> {
        self.listing.as_ref()?.entries.get(*self.matches.get(row)?)
    }

    /// The one under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Entry> {
        self.entry(self.cursor)
    }

    /// Finds those that fit what is looked for.
    pub fn look(&mut self) {
        let entries = self.listing.as_ref().map_or(&[][..], |listing| listing.entries.as_slice());
        self.matches = match self.input.text().trim() {
            "" => (0..entries.len()).collect(),
            text => {
                let texts: Vec<String> = entries.iter().map(letters).collect();
                fuzzy::rank(text, texts.iter().map(String::as_str))
            }
        };
        self.cursor = 0;
    }

    /// Takes the list in; the cursor stays on the one that it was on.
    pub fn take(&mut self, listing: Listing) {
        let wanted = self.wanted.take().or_else(|| self.current().map(|entry| entry.key.clone()));
        let before = self.cursor;
        self.listing = Some(listing);
        self.trouble = None;
        self.look();
        let place = wanted
            .and_then(|key| (0..self.matches.len()).find(|row| self.entry(*row).is_some_and(|own| own.key == key)));
        self.cursor = place.unwrap_or(before);
    }

    /// Keeps the cursor in the list and on the screen.
    pub fn settle(&mut self, size: (u16, u16)) {
        self.cursor = self.cursor.min(self.matches.len().saturating_sub(1));
        let rows = rows(size).max(1);
        self.top = self.top.min(self.cursor).max((self.cursor + 1).saturating_sub(rows));
    }
}

/// Where one looks for words.
fn letters(entry: &Entry) -> String {
    match &entry.own {
        Ok(own) => format!("{} {} {} {}", entry.key, own.method, own.path, own.description),
        Err(_) => entry.key.to_string(),
    }
}

/// Rows that the list has on a screen of this size: between banner and footer, inside its frame.
#[must_use]
pub fn rows(size: (u16, u16)) -> usize {
    usize::from(size.1.saturating_sub(4)).saturating_sub(ABOVE + BELOW)
}
