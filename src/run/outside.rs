//! A person's own editor has the terminal: the explorer waits for it, takes in what the worker says meanwhile, and draws
//! nothing.

use std::process::ExitStatus;

use tokio::process::Child;
use tokio::sync::mpsc::Receiver;

use super::{Clock, Signal, hand_over};
use crate::app::event::{Event, Outside};
use crate::app::model::Model;
use crate::edge::editor::{self, Editor, EditorError, Sheet};
use crate::edge::folders::Folders;
use crate::edge::vault::Vault;
use crate::worker::Line;

/// Where texts lie for an editor, and what it must not see.
pub(super) struct Desk {
    folders: Option<Folders>,
    hidden: Vec<String>,
}

/// What goes on while a person edits.
pub(super) struct Meanwhile<'a> {
    pub(super) model: &'a mut Model,
    pub(super) clock: &'a Clock,
    pub(super) line: &'a mut Line,
    pub(super) signals: &'a mut Receiver<Signal>,
}

/// How it ended.
pub(super) enum Ended {
    /// A signal ended it, and us.
    Leave(u8),
    /// What was written, nothing where it is as it was, or why not.
    Edited(Result<Option<String>, String>),
}

impl Desk {
    /// A desk of this run. What killed runs left on theirs is removed in the background.
    pub(super) fn new(vault: &Vault) -> Self {
        let folders = Folders::find().ok();
        if let Some(folders) = folders.clone() {
            tokio::task::spawn_blocking(move || editor::sweep(&folders));
        }
        Self { folders, hidden: vault.hidden().to_vec() }
    }

    /// Gives a text to the person's editor and waits for it.
    pub(super) async fn edit(&self, text: &Outside, meanwhile: &mut Meanwhile<'_>) -> Ended {
        match self.edited(text, meanwhile).await {
            Ok(ended) => ended,
            Err(error) => Ended::Edited(Err(sentence(&error))),
        }
    }

    async fn edited(&self, text: &Outside, meanwhile: &mut Meanwhile<'_>) -> Result<Ended, EditorError> {
        let editor = Editor::find()?;
        let sheet = Sheet::write(self.folders.as_ref(), &text.name, &text.text)?;
        let child = editor.open(sheet.path(), &self.hidden)?;
        match meanwhile.wait(child).await {
            Ok(ended) => {
                editor.ended(ended)?;
                Ok(Ended::Edited(sheet.take().map_err(|error| sentence(&error))))
            }
            Err(code) => Ok(Ended::Leave(code)),
        }
    }
}

/// An error as it is said on the screen.
fn sentence(error: &EditorError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Meanwhile<'_> {
    /// Waits for the editor; the error is what we leave with when a signal says so. One that the terminal sends to all that
    /// is in front, Ctrl-c or Ctrl-\, is the editor's.
    async fn wait(&mut self, mut child: Child) -> Result<std::io::Result<ExitStatus>, u8> {
        loop {
            tokio::select! {
                biased;
                ended = child.wait() => return Ok(ended),
                signal = self.signals.recv() => match signal {
                    Some(Signal::Leave(130 | 131) | Signal::Continued) => {}
                    Some(Signal::Leave(code)) => return Err(code),
                    None => return Err(129),
                },
                Some(reply) = self.line.replies.recv() => {
                    for effect in self.clock.happened(self.model, Event::Reply(reply)) {
                        hand_over(self.model, self.clock, &self.line.effects, effect);
                    }
                }
            }
        }
    }
}
