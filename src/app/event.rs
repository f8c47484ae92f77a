//! The four words of the flow: an [`Event`] happened, an [`Effect`] is to be done, a [`Reply`] says it was.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::checking::Checking;
use super::compare::Part;
use super::compare::answer::{Comparing, Found};
use super::compare::report::Reporting;
use super::history::{Ask, Told};
use super::panes::response::FilterTrouble;
use super::panes::response::table::Arrangement;
use super::saved::{Ask as AskSaved, Told as ToldSaved};
use super::seen::{Learning, Lesson};
use super::tabling::{Arranging, Reading};
use super::taking::handing::{Disclosing, Handing};
use super::taking::{Copied, Copying, Saving, Unsaved};
use crate::document::diff::DiffError;
use crate::document::{
    Body, Columns, Document, Examined, Expected, Finder, Folds, Hit, Piece, Records, Segment, Store, Tally,
};
use crate::key::Key;
use crate::pleo::credential::Credential;
use crate::pleo::identity::Identity;
use crate::pleo::oauth::Login;
use crate::pleo::preflight::Told as BodyTold;
use crate::pleo::prepared::Prepared;
use crate::pleo::timing::{Timing, Wire};
use crate::pleo::unsent::{Filled, Slot};
use crate::secret::Secret;

/// Names one piece of work; its replies carry it back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkId(pub u64);

/// What became known of a credential when its value was given out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The last four characters.
    pub tail: String,
    /// How long it still lives, where that is known.
    pub left: Option<Duration>,
    /// Whether it can be renewed.
    pub renews: bool,
    /// What a person should hear, a sentence.
    pub remark: Option<String>,
}

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something at a cell, counted from 0 at the top left.
    Mouse(MouseKind, u16, u16),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// The terminal says what its background looks like.
    Background([u8; 3]),
    /// The worker says something.
    Reply(Reply),
    /// So much time has passed since the start of the run.
    Tick(Duration),
}

/// A secret on its way to the worker; equal when it is the same one.
#[derive(Clone, Debug)]
pub struct Handed(pub Secret);

impl PartialEq for Handed {
    fn eq(&self, other: &Self) -> bool {
        self.0.same(&other.0)
    }
}

impl Eq for Handed {}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button was pressed.
    Click,
    /// The wheel went up.
    WheelUp,
    /// The wheel went down.
    WheelDown,
}

/// Something to do outside the state machine. Plain data.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send a request; answers with `Head`, `Chunk`s and one of `Done`, `Failed`.
    Send(WorkId, Box<Prepared>),
    /// Stop a piece of work; nothing of it is answered after that.
    Cancel(WorkId),
    /// Search a body; answers with `Found`.
    Search(WorkId, Body, Finder),
    /// Filter a body with a jq expression; answers with `Filtered`s and `FilterEnded`.
    Filter(WorkId, Body, String),
    /// Fold all containers of a document from a level on; answers with `Folded`.
    Fold(WorkId, Document, usize),
    /// Find all records and columns of a list; answers with `Tabulated`.
    Tabulate(WorkId, Box<Reading>),
    /// Count the values of a column in the rows that a filter leaves; answers with `Tallied`.
    Tally(WorkId, Box<Arranging>, String),
    /// Filter and sort the rows of a table; answers with `Searched`es, of records, and `Arranged`.
    Arrange(WorkId, Box<Arranging>),
    /// Find out what a person should hear about a whole body, and where it departs from what is expected; answers with
    /// `Examined`.
    Examine(WorkId, Body, Option<Arc<Expected>>),
    /// Find where a path leads in the document of that number; answers with `Located`.
    Locate(WorkId, Document, u64, Vec<Segment>),
    /// Open the value that stands in a body at a place; answers with `Opened`.
    Open(WorkId, Body, Range<u64>),
    /// Compare two answers; answers with `Compared`.
    Compare(WorkId, Box<Comparing>),
    /// Open two values below each other; answers with `Opened`.
    OpenBoth(WorkId, Box<[Part; 2]>),
    /// Write a report of what differs; answers with `Reported`.
    Report(WorkId, Box<Reporting>),
    /// Copy to the clipboard; answers with `Copied`.
    Take(WorkId, Box<Copying>),
    /// Copy a curl command with a secret in it; answers with `Copied`.
    Disclose(WorkId, Box<Disclosing>),
    /// Write exchanges down, to be saved; answers with `Written`.
    WriteDown(WorkId, Box<Handing>),
    /// Save to a file; answers with `Saved`.
    Save(WorkId, Box<Saving>),
    /// Save to a file that goes with this run, and let the system open it; answers with `Saved`. The text is its extension.
    OpenOutside(WorkId, Body, &'static str),
    /// Look at a body as it is typed, when the typing pauses; answers with `BodyChecked`.
    CheckBody(WorkId, Box<Checking>),
    /// Read which ids an answer shows; answers with `Learned`.
    Learn(WorkId, Box<Learning>),
    /// What files and folders a path that is being typed may become; answers with `Completed`.
    Complete(WorkId, String),
    /// Follow a list page by page; answers with `Loaded` for the first page, and with `Paused` whenever it waits to be asked
    /// for more. Ends with `Cancel` only.
    Follow(WorkId, Box<Following>),
    /// Ask for more of a list that is followed; answers with `Loaded`s, `Attempt`s and `Paused`.
    More(WorkId, Want),
    /// Ask the server who a credential is; answers with `Identified`.
    Identify(WorkId, Box<Credential>),
    /// Log in with OAuth; answers with `LoginAt`, `Step`s and `LoggedIn`.
    Login(WorkId, Box<Login>),
    /// What a person pasted for a login: the address that the browser was sent to, or the code.
    Pasted(WorkId, Handed),
    /// Keep a credential in the keyring under a name; answers with `Kept`.
    Keep(WorkId, Box<Credential>, String),
    /// Forget a credential, also where it is kept when that is said; answers with `Forgot`.
    Forget(WorkId, Box<Credential>, bool),
    /// Remember how the columns of tables are arranged; answers with `Unremembered` only when that fails.
    Remember(HashMap<String, Arrangement>),
    /// Ask the history something; answers with `Told`.
    History(WorkId, Ask),
    /// Keep what is filled into a request that is not sent, or nothing any more; answers with `Unkept` only when that fails.
    KeepDraft(Box<Slot>, Option<Box<Filled>>),
    /// Open the history, now that the first picture is there; answers with `Unkept` whenever it cannot keep something.
    OpenHistory,
    /// Ask the folders of saved requests something; answers with `ToldSaved`.
    AskSaved(WorkId, Box<AskSaved>),
    /// Give a text to the terminal's clipboard.
    Copy(String),
    /// Let a person edit a text in their own editor, which has the terminal meanwhile; answers with `Edited`.
    EditOutside(WorkId, Box<Outside>),
    /// The same for one with a secret in it.
    CopyHidden(Handed),
    /// Take the mouse, or give it back to the terminal.
    Mouse(bool),
    /// Leave this run for one against the embedded imitation.
    EnterSandbox,
    /// Stop the process and return to the shell.
    Suspend,
    /// Leave.
    Quit,
}

/// Something that the worker did.
#[derive(Debug)]
pub enum Reply {
    /// Time has passed while a request is in flight. May be dropped.
    Progress(WorkId, Duration),
    /// The answer's status and headers are here.
    Head(WorkId, Head, Duration),
    /// A piece of the body, with what the scanner found in it.
    Chunk(WorkId, Bytes, Piece),
    /// A piece of the body that stands in a store, with what the scanner found in it.
    Stored(WorkId, Stored, Piece),
    /// The answer is complete.
    Done(WorkId, Piece, Duration),
    /// It could not be completed; what came of the body stays.
    Failed(WorkId, Failure, Piece, Duration),
    /// So many bytes have been searched. May be dropped.
    Searched(WorkId, u64),
    /// Hits of a search, the last with `true`.
    Found(WorkId, Vec<Hit>, bool),
    /// A piece of what a filter made, with what the scanner found in it.
    Filtered(WorkId, Portion, Piece),
    /// A filter has ended; what came of it stays.
    FilterEnded(WorkId, Result<(), FilterTrouble>, Piece, Duration),
    /// All containers from a level on.
    Folded(WorkId, Folds),
    /// The records and columns of a list.
    Tabulated(WorkId, Box<(Records, Columns)>),
    /// How often each value of a column occurs.
    Tallied(WorkId, Tally),
    /// The records that a table shows, in their order.
    Arranged(WorkId, Vec<u32>),
    /// Why the arrangement of columns is not remembered.
    Unremembered(String),
    /// What the history answers, or why it does not, a sentence.
    Told(WorkId, Box<Result<Told, String>>),
    /// What the folders of saved requests answer, or why they do not, a sentence.
    ToldSaved(WorkId, Box<Result<ToldSaved, String>>),
    /// What is to be said of the history, a sentence: why something is not kept.
    Unkept(String),
    /// What there is to be said about a body.
    Examined(WorkId, Examined),
    /// The row that a path leads to, or how many of its steps lead somewhere.
    Located(WorkId, Result<u64, usize>),
    /// A value as a text of its own.
    Opened(WorkId, Body),
    /// What differs between two answers.
    Compared(WorkId, Box<Result<Found, DiffError>>),
    /// A report as a document, and the extension of its file.
    Reported(WorkId, Document, &'static str),
    /// Exchanges written down, whether there are several, and the extension of the file.
    Written(WorkId, Document, bool, &'static str),
    /// What became of a copy.
    Copied(WorkId, Result<Copied, String>),
    /// So many bytes have been saved. May be dropped.
    Saving(WorkId, u64),
    /// A file is saved, with so many bytes, or why not.
    Saved(WorkId, Result<u64, Unsaved>),
    /// What there is to be said of a body that is typed.
    BodyChecked(WorkId, Vec<BodyTold>),
    /// Which ids an answer shows.
    Learned(WorkId, Box<Lesson>),
    /// What a person's own editor made of a text, nothing where it is as it was, or why it was not edited.
    Edited(WorkId, Result<Option<String>, String>),
    /// What a path that was typed may become.
    Completed(WorkId, Vec<String>),
    /// A piece of a list document, with what the scanner found in it, the byte offsets in it where the records of this
    /// piece begin, and the page that they are of. A page may come in several pieces.
    Loaded(WorkId, Portion, Piece, Vec<u64>, Box<PageNews>),
    /// A try to have a page went wrong.
    Attempt(WorkId, Attempt),
    /// A list that is followed waits to be asked.
    Paused(WorkId, Pause),
    /// What became known of the credential of a piece of work.
    Known(WorkId, Facts),
    /// How long the phases of a request took so far, and what it went over.
    Measured(WorkId, Box<(Timing, Wire)>),
    /// A line of what went to the authorisation server and came back, without secrets. May be dropped.
    Step(WorkId, String),
    /// Who a credential is.
    Identified(WorkId, Box<Result<Identity, Failure>>),
    /// A login waits for a browser at this address, and whether it comes back by itself.
    LoginAt(WorkId, String, bool),
    /// A login has ended.
    LoggedIn(WorkId, Result<Box<Credential>, Failure>, Facts),
    /// A credential is kept, or why not.
    Kept(WorkId, Result<Box<Credential>, Failure>),
    /// A credential is forgotten, or why not.
    Forgot(WorkId, Result<(), Failure>),
}

/// A text for a person's own editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// What the file is called; its extension tells the editor what it is.
    pub name: String,
    /// What it begins with.
    pub text: String,
}

/// A list to be followed: the answer that is its first page, and the request that it answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Following {
    /// The request of the first page.
    pub request: Prepared,
    /// Its answer, whole.
    pub first: Document,
    /// Most pages that are followed, the first among them.
    pub most: u64,
}

/// What is wanted of a list that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// This many pages more than are there now. After a gap it tries that page again.
    Pages(u64),
    /// All of it. After a gap it tries that page again.
    All,
    /// Waits as long as the server asked for, then goes on with what was wanted.
    Agree,
    /// Stops what is in flight and keeps what is loaded.
    Stop,
}

/// What is to be said of a page that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageNews {
    /// Which page, counted from 1.
    pub page: u64,
    /// Records of all pages so far, this one among them.
    pub records: u64,
    /// How many there are in all, as the server counts.
    pub total: Option<u64>,
    /// Where it was asked for.
    pub url: String,
    /// The status of its answer.
    pub status: u16,
    /// From the request until the page was whole.
    pub took: Duration,
}

/// A try that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which page it was for, counted from 1.
    pub page: u64,
    /// Which try for it, counted from 1.
    pub number: u32,
    /// How many there will be at most.
    pub of: u32,
    /// What happened, a sentence.
    pub what: String,
    /// The pause before the next try; nothing when there is none by itself.
    pub waits: Option<Duration>,
}

/// Why a list that is followed waits.
#[derive(Clone, Debug)]
pub enum Pause {
    /// What was wanted is there, or was stopped; more follows.
    Asked,
    /// All of it is there; the list document is whole with this.
    Ended(Piece),
    /// A page could not be had: what happened, each try for it, and the pause that the server asks for. More can be wanted.
    Gap(String, Vec<Attempt>, Option<Duration>),
    /// It does not go on from here, a sentence. There may be more records, which cannot be had this way.
    Stopped(String),
}

/// A piece of a body, in memory or not.
#[derive(Clone, Debug)]
pub enum Portion {
    /// In memory.
    Here(Bytes),
    /// In a store.
    Stored(Stored),
}

/// Bytes of a body that are not in memory.
#[derive(Clone)]
pub struct Stored {
    /// Where they are, behind those of the same body that were stored before.
    pub store: Arc<dyn Store>,
    /// How many.
    pub length: u64,
    /// Line breaks among them.
    pub breaks: u64,
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stored").field("length", &self.length).field("breaks", &self.breaks).finish_non_exhaustive()
    }
}

/// Status and headers of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Status code (RFC 9110, section 15).
    pub status: u16,
    /// The reason phrase: the server's own on HTTP/1, else the registered one.
    pub reason: String,
    /// `HTTP/1.1` or `HTTP/2`.
    pub version: &'static str,
    /// Headers in the order received; values as bytes, since they need not be UTF-8.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Head {
    /// The value of the first header of that name, as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }

    /// Whether the answer calls itself JSON, or nothing at all.
    #[must_use]
    pub fn says_json(&self) -> bool {
        self.header("content-type").is_none_or(|media_type| media_type.to_ascii_lowercase().contains("json"))
    }
}

/// In which phase a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before anything was tried.
    Setup,
    /// Finding the host's address.
    Resolve,
    /// Connecting to it.
    Connect,
    /// Agreeing on TLS.
    Tls,
    /// Sending the request and waiting for the first byte.
    Answer,
    /// Receiving the body.
    Body,
}

impl Phase {
    /// The word shown to people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Resolve => "DNS",
            Self::Connect => "connect",
            Self::Tls => "TLS",
            Self::Answer => "waiting for the answer",
            Self::Body => "receiving the body",
        }
    }
}

/// Why a request could not be completed, as a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Failure {
    /// When.
    pub phase: Phase,
    /// What happened, to which thing, what to do next.
    pub sentence: String,
}
