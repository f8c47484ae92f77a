//! An exchange on its way into the history, as it happens: one that is dropped before its end was cancelled.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::measured::Measured;
use crate::app::event::{Head, Phase};
use crate::edge::history::History;
use crate::pleo::handing;
use crate::pleo::prepared::Prepared;
use crate::pleo::transcript::{Answer, CANCELLED, Transcript};

/// What is noted of one exchange; of one that is not to be kept, nothing.
pub struct Recording {
    history: History,
    noted: Option<Transcript>,
    measured: Arc<Measured>,
    /// Bytes of the body that are kept at most.
    most: u64,
    body: Vec<Bytes>,
    length: u64,
}

impl Recording {
    /// A request is about to leave.
    pub fn begin(history: &History, request: &Prepared, measured: Arc<Measured>) -> Self {
        let room = history.room(request.environment()).filter(|_| !request.is_elsewhere());
        let noted = room.map(|_| Transcript { began: Some(Timestamp::now()), ..Transcript::of(request) });
        if noted.is_some() {
            // It is needed at the end, and made while the network is waited for.
            drop(tokio::task::spawn_blocking(handing::prepare));
        }
        let most = room.unwrap_or(0);
        Self { history: history.clone(), noted, measured, most, body: Vec::new(), length: 0 }
    }

    /// Its answer begins.
    pub fn head(&mut self, head: &Head) {
        if let Some(noted) = &mut self.noted {
            noted.answer = Some(Answer {
                status: head.status,
                reason: head.reason.clone(),
                version: head.version.to_owned(),
                headers: head.headers.clone(),
                length: 0,
                body: None,
            });
        }
    }

    /// A piece of its body, without secrets.
    pub fn take(&mut self, bytes: &Bytes) {
        self.length += bytes.len() as u64;
        if self.length > self.most {
            self.body.clear();
        } else if self.noted.is_some() {
            self.body.push(bytes.clone());
        }
    }

    /// It did not come to its end. What never left is not kept.
    pub fn failed(&mut self, phase: Phase, sentence: &str) {
        match &mut self.noted {
            Some(noted) if phase == Phase::Setup && noted.answer.is_none() => self.noted = None,
            Some(noted) => noted.failure = Some(sentence.to_owned()),
            None => {}
        }
    }

    /// All of it is there.
    pub fn end(mut self) {
        self.keep();
    }

    fn keep(&mut self) {
        let Some(mut noted) = self.noted.take() else {
            return;
        };
        noted.timing.total = self.measured.took();
        if let Some((timing, wire)) = self.measured.told() {
            (noted.timing, noted.wire) = (timing, wire);
        }
        noted.wire.decoded = self.length;
        if let Some(answer) = &mut noted.answer {
            answer.length = self.length;
            answer.body = (self.length <= self.most).then(|| self.body.concat());
        }
        self.history.record(noted);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Some(noted) = &mut self.noted {
            noted.failure = Some(CANCELLED.to_owned());
            self.keep();
        }
    }
}
