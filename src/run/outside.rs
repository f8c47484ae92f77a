//! A person's own editor has the terminal: the explorer waits for it, takes in what the worker says meanwhile, and draws
//! nothing.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::process::Child;
use tokio::sync::mpsc::Receiver;

use super::{Clock, Keys, Signal, hand_over};
use crate::app::event::{Event, Outside, Reply, WorkId};
use crate::app::model::Model;
use crate::app::update::update;
use crate::edge::editor::{self, Editor, EditorError, Sheet};
use crate::edge::folders::Folders;
use crate::edge::terminal::{self, Screen};
use crate::edge::vault::Vault;
use crate::worker::Line;

/// How long a signal may take from the kernel to us.
const ON_ITS_WAY: Duration = Duration::from_millis(100);

/// Where texts lie for an editor, and what it must not see.
pub(super) struct Desk {
    folders: Option<Folders>,
    hidden: Vec<String>,
}

/// What goes on while a person edits.
pub(super) struct Meanwhile<'a> {
    model: &'a mut Model,
    clock: &'a Clock,
    line: &'a mut Line,
    signals: &'a mut Receiver<Signal>,
}

/// How it ended.
enum Ended {
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

    /// Gives a text and the terminal to the person's editor, waits for it, and takes both back. What is told is with what we
    /// leave, when a signal came that says so.
    ///
    /// # Errors
    /// Whatever the terminal answers.
    pub(super) async fn serve(
        &self,
        id: WorkId,
        text: &Outside,
        screen: &mut Screen,
        keys: &mut Keys,
        mut meanwhile: Meanwhile<'_>,
    ) -> io::Result<Option<u8>> {
        // It has the keyboard to itself.
        keys.stop().await;
        terminal::give_back();
        let ended = self.edited(text, &mut meanwhile).await;
        screen.retake(meanwhile.model.mouse)?;
        *keys = keys.again();
        // It may have another size by now.
        let size = screen.terminal.size()?;
        update(meanwhile.model, Event::Resize(size.width, size.height));
        let edited = match ended {
            Ok(Ended::Leave(code)) => return Ok(Some(code)),
            Ok(Ended::Edited(edited)) => edited,
            Err(error) => Err(sentence(&error)),
        };
        meanwhile.happened(Event::Reply(Reply::Edited(id, edited)));
        Ok(None)
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

impl<'a> Meanwhile<'a> {
    pub(super) fn of(
        model: &'a mut Model,
        clock: &'a Clock,
        line: &'a mut Line,
        signals: &'a mut Receiver<Signal>,
    ) -> Self {
        Self { model, clock, line, signals }
    }

    fn happened(&mut self, event: Event) {
        for effect in self.clock.happened(self.model, event) {
            hand_over(self.model, self.clock, &self.line.effects, effect);
        }
    }

    /// Waits for the editor; the error is what we leave with when a signal says so. One that the terminal sends to all that
    /// is in front, Ctrl-c or Ctrl-\, is the editor's.
    async fn wait(&mut self, mut child: Child) -> Result<io::Result<ExitStatus>, u8> {
        loop {
            tokio::select! {
                biased;
                ended = child.wait() => {
                    self.late_signals().await?;
                    return Ok(ended);
                }
                signal = self.signals.recv() => meant(signal)?,
                Some(reply) = self.line.replies.recv() => {
                    self.happened(Event::Reply(reply));
                }
            }
        }
    }

    /// The signal that ended the editor may still be on its way to us, and is the editor's all the same.
    async fn late_signals(&mut self) -> Result<(), u8> {
        let over = tokio::time::sleep(ON_ITS_WAY);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return Ok(()),
                signal = self.signals.recv() => meant(signal)?,
            }
        }
    }
}

/// What a signal means while the editor has the terminal; the error is what we leave with.
const fn meant(signal: Option<Signal>) -> Result<(), u8> {
    match signal {
        Some(Signal::Leave(130 | 131) | Signal::Continued) => Ok(()),
        Some(Signal::Leave(code)) => Err(code),
        None => Err(129),
    }
}
