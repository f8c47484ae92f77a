//! An exchange as it may be kept and handed on: everything that was sent and received, with the credential's label instead
//! of its value. History, copied commands, HAR and reports are made from it and from nothing else.

use url::Url;

use super::credential::CredentialKind;
use super::endpoint::{Method, Surface};
use super::environment::Environment;
use super::prepared::Prepared;
use super::timing::{Timing, Wire};
use crate::secret::Redactor;

/// The failure of what a person stopped.
pub const CANCELLED: &str = "It was cancelled.";

/// A request and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    /// The environment that it went to.
    pub environment: Environment,
    /// The API that it is of.
    pub surface: Surface,
    /// The catalogue's name of the operation; nothing for a free request.
    pub operation: Option<String>,
    /// Whether it may change data.
    pub writes: bool,
    /// Whether it went to a host that is not one of Pleo's: its URL may let its reader in and is kept by nobody.
    pub elsewhere: bool,
    /// The method.
    pub method: Method,
    /// The final URL.
    pub url: Url,
    /// Headers besides Authorization.
    pub headers: Vec<(String, String)>,
    /// The credential that went with it.
    pub credential: Option<Used>,
    /// The body's text.
    pub body: Option<String>,
    /// Finds the values of variables that are named like secrets.
    pub private: Redactor,
    /// When it was sent; nothing where the clock cannot be told.
    pub began: Option<jiff::Timestamp>,
    /// What came back.
    pub answer: Option<Answer>,
    /// Why it is not all of it, a sentence; what was stopped has one too, [`CANCELLED`].
    pub failure: Option<String>,
    /// How long its phases took.
    pub timing: Timing,
    /// What it went over.
    pub wire: Wire,
}

/// What may be said of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Its kind.
    pub kind: CredentialKind,
    /// Its label: its name or kind, its last four characters, where it came from.
    pub label: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Reason phrase.
    pub reason: String,
    /// `HTTP/1.1` or `HTTP/2`.
    pub version: String,
    /// Headers in the order received.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Bytes of the body that came, decompressed.
    pub length: u64,
    /// The body; nothing where it is larger than what was asked for, or not kept.
    pub body: Option<Vec<u8>>,
}

impl Transcript {
    /// What is sent, before anything came of it.
    #[must_use]
    pub fn of(request: &Prepared) -> Self {
        let endpoint = request.endpoint();
        Self {
            environment: request.environment(),
            surface: endpoint.surface,
            operation: Some(endpoint.operation.clone()).filter(|name| !name.is_empty()),
            writes: endpoint.writes,
            elsewhere: request.is_elsewhere(),
            method: request.method(),
            url: request.url().clone(),
            headers: request.headers().to_vec(),
            credential: request.used(),
            body: request.body().map(str::to_owned),
            private: request.private().clone(),
            began: None,
            answer: None,
            failure: None,
            timing: Timing::default(),
            wire: Wire::default(),
        }
    }
}
