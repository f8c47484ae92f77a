//! Saved requests in the state machine: what is asked of their folders, the place where they are listed, and the question for
//! a name.

mod acting;
mod keeping;
pub mod pane;

use super::event::WorkId;
use super::model::Model;
use crate::pleo::endpoint::Method;
use crate::pleo::request::Draft;
use crate::pleo::saved::{Key, Listing, Saved};

pub use acting::{act, can_act, concerns, edited, key, open, paste, told};
pub use keeping::{Keeping, begin as save, choose, typed};

/// What is said of a name that another one has.
const TAKEN: &str = "That name is taken: Enter replaces what has it, another name leaves it.";

/// Something asked of the folders.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// All of them.
    List,
    /// Save a request.
    Save {
        /// What it is called.
        key: Key,
        /// What it is.
        own: Box<Saved>,
        /// Whether it takes the place of another.
        over: bool,
    },
    /// What one is.
    Read(Key),
    /// The text of a file.
    Text(Key),
    /// Write the text of a file.
    Rewrite(Key, String),
    /// Give one another name.
    Rename {
        /// What it is called.
        from: Key,
        /// What it will be.
        to: Key,
        /// Whether it takes the place of another.
        over: bool,
    },
    /// Remove one.
    Remove(Key),
}

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// All of them.
    Listed(Box<Listing>),
    /// It is saved in this file, as it is shown.
    Saved(String),
    /// Something is called so already, and nothing was done.
    Exists,
    /// What one is.
    Read(Box<Saved>),
    /// The text of a file.
    Text(String),
    /// It is done.
    Done,
}

/// What is remembered of saved requests while no list of them is shown.
#[derive(Debug, Default)]
pub struct Remembered {
    /// The one that was opened or saved last, and the method and path of its request.
    pub last: Option<(Key, Method, String)>,
    /// What is being saved, and as what.
    pub saving: Option<(WorkId, Key)>,
}

/// Remembers the name of the request in pane 4.
pub fn remember(model: &mut Model, key: Key) {
    if let Some(Draft { endpoint, .. }) = &model.request.draft {
        model.remembered.last = Some((key, endpoint.method, endpoint.path.clone()));
    }
}
