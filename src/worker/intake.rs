//! Takes a body in as it arrives: scanned, kept in memory up to a limit and in a file beyond it, and cut off at another.

use bytes::Bytes;

use super::Tools;
use crate::app::event::{Failure, Phase, Portion, Stored};
use crate::document::{Piece, Scanner, count_breaks};
use crate::edge::spill::Spill;
use crate::units;

/// The way of one body.
pub struct Intake<'a> {
    tools: &'a Tools,
    scanner: Scanner,
    received: u64,
    /// Bytes that stay in memory.
    room: u64,
    spill: Option<Spill>,
}

impl<'a> Intake<'a> {
    /// Nothing received yet of a body that is announced to be so long.
    pub fn new(tools: &'a Tools, announced: Option<u64>) -> Self {
        let memory = tools.limits.memory;
        // What will not fit anyway, and what may have no end, is not to fill all of it first.
        let room = if announced.is_some_and(|length| length <= memory) { memory } else { memory / 4 };
        Self { tools, scanner: Scanner::new(), received: 0, room, spill: None }
    }

    /// Takes the next bytes: where they are now, and why no more are taken.
    pub fn take(&mut self, mut bytes: Bytes) -> (Option<(Portion, Piece)>, Option<Failure>) {
        let limits = self.tools.limits;
        let room = usize::try_from(limits.body - self.received.min(limits.body)).unwrap_or(usize::MAX);
        let over = bytes.len() > room;
        bytes.truncate(room);
        let failure = over.then(|| too_large(limits.body));
        if bytes.is_empty() {
            return (None, failure);
        }
        let length = bytes.len() as u64;
        let fits = self.spill.is_none() && self.received + length <= self.room;
        let piece = self.scanner.scan(&bytes);
        let portion = if fits {
            Portion::Here(bytes)
        } else {
            let spill = match self.store(&bytes) {
                Ok(spill) => spill,
                Err(error) => return (None, Some(unwritten(&error, self.received))),
            };
            Portion::Stored(Stored { store: spill.store(), length, breaks: count_breaks(&bytes) })
        };
        self.received += length;
        (Some((portion, piece)), failure)
    }

    fn store(&mut self, bytes: &[u8]) -> std::io::Result<&mut Spill> {
        let spill = match self.spill.take() {
            Some(spill) => spill,
            None => self.tools.spills.begin()?,
        };
        let spill = self.spill.insert(spill);
        // A disk that is slow must not hold up the other tasks of this thread.
        tokio::task::block_in_place(|| spill.write(bytes))?;
        Ok(spill)
    }

    /// Nothing follows.
    pub fn finish(&mut self) -> Piece {
        self.scanner.finish()
    }
}

fn too_large(limit: u64) -> Failure {
    let limit = units::limit(limit);
    let sentence = format!(
        "The body is larger than {limit}: it was stopped there, and what came is shown. --body-limit raises the limit."
    );
    Failure { phase: Phase::Body, sentence }
}

fn unwritten(error: &std::io::Error, received: u64) -> Failure {
    let sentence = format!(
        "After {received} bytes the body no longer fits into memory, and the file for the rest cannot be written ({error}): what came is shown. Make room in the state folder, or raise --memory-limit."
    );
    Failure { phase: Phase::Body, sentence }
}
