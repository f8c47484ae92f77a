//! The history in the state machine: what is asked of it, what it answers, and the place where it is looked at.

mod acting;
pub mod pane;
mod recall;

use crate::pleo::environment::Environment;
use crate::pleo::history::{Entry, Kept, Query, Setting};
use crate::pleo::unsent::{Filled, Slot};

pub use acting::{ARCHIVE, act, can_act, catch_up, fetch_listed, key, open, paste, switched, told};
pub use recall::{compare_shown, is_meant, refusal, told_of};

/// Something asked of the history.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// A part of its list.
    List(Box<Listing>),
    /// An exchange, whole.
    Open(i64),
    /// A part of its list, whole.
    OpenAll(Box<Listing>),
    /// Pin an exchange, or not any more.
    Pin(i64, bool),
    /// Give an exchange a name, or none.
    Name(i64, Option<String>),
    /// Remove an exchange.
    Delete(i64),
    /// Remove everything that is not pinned, or only what is of this environment and in this setting.
    Clear(Option<Environment>, Option<Setting>),
    /// The requests that were edited and not sent, of what this run stands for.
    Unsent,
}

/// A part of the list, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// What is looked for.
    pub query: Query,
    /// Only of this environment, in this setting.
    pub scope: Option<(Environment, Setting)>,
    /// Which part.
    pub from: From,
    /// Most entries.
    pub most: usize,
}

/// Where a part of the list begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// At its beginning.
    Newest,
    /// As many as there are before its end.
    Oldest,
    /// Behind this entry.
    Older(i64),
    /// Before this entry.
    Newer(i64),
}

/// What the history answers.
#[derive(Debug)]
pub enum Told {
    /// Entries, newest first, and whether more lie beyond them in the direction that was asked for.
    Listed(Vec<Entry>, bool),
    /// An exchange; nothing where there is none of this number any more.
    Opened(Option<Box<Kept>>),
    /// Exchanges, newest first, and whether there are more.
    OpenedAll(Vec<Kept>, bool),
    /// So many entries were changed.
    Done(usize),
    /// Unsent requests, the oldest first.
    Unsent(Vec<(Slot, Filled)>),
}
