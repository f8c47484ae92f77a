//! The whole state of the explorer. Only `update` changes it; drawing reads it.

use std::collections::BTreeMap;

use super::event::WorkId;
use super::input::LineInput;
use super::panes::credential::CredentialPane;
use super::panes::endpoints::EndpointsPane;
use super::panes::request::RequestPane;
use super::panes::response::ResponsePane;
use crate::pleo::credential::{Credential, CredentialKind};
use crate::pleo::endpoint::{Method, Surface};
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::prepared::Prepared;

/// The five panes, in the order of their digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pane {
    /// Staging or production.
    Environment,
    /// The credentials of the environment in force.
    Credential,
    /// The catalogue.
    #[default]
    Endpoints,
    /// The request being edited.
    Request,
    /// The latest answer.
    Response,
}

impl Pane {
    /// All five.
    pub const ALL: [Self; 5] = [Self::Environment, Self::Credential, Self::Endpoints, Self::Request, Self::Response];

    /// The title, which begins with the digit that leads there.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Environment => "1 Environment",
            Self::Credential => "2 Credential",
            Self::Endpoints => "3 Endpoints",
            Self::Request => "4 Request",
            Self::Response => "5 Response",
        }
    }
}

/// What is drawn over the panes.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The keys of where one is, scrolled by so many rows.
    Help(usize),
    /// Every action by name.
    Palette(Palette),
    /// A method and a path to type.
    FreeRequest(FreeRequest),
}

/// The command palette.
#[derive(Clone, Debug)]
pub struct Palette {
    /// What is typed.
    pub input: LineInput,
    /// The actions that fit, best first.
    pub matches: Vec<super::action::Action>,
    /// The one under the cursor.
    pub cursor: usize,
    /// The free request that was being typed when the palette was opened, to come back to.
    pub beneath: Option<Box<FreeRequest>>,
}

/// The field for a free request.
#[derive(Clone, Debug)]
pub struct FreeRequest {
    /// The method chosen with Tab, or typed before the path.
    pub method: Method,
    /// What is typed: a path, perhaps with a method before it.
    pub input: LineInput,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// A short word to the person, shown in the footer until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The sentence.
    pub text: String,
    /// Whether something was refused or went wrong.
    pub is_error: bool,
}

/// The credentials of this run: for each environment one of each kind, one of them in force.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    held: BTreeMap<(Environment, CredentialKind), Credential>,
    chosen: BTreeMap<Environment, CredentialKind>,
}

impl Credentials {
    /// Keeps a credential under its environment and kind; the first one of an environment is in force at once.
    pub fn keep(&mut self, credential: Credential) {
        let (environment, kind) = (credential.environment(), credential.kind());
        self.held.insert((environment, kind), credential);
        self.chosen.entry(environment).or_insert(kind);
    }

    /// Puts a kind in force, if one is held.
    pub fn choose(&mut self, environment: Environment, kind: CredentialKind) -> bool {
        let held = self.held.contains_key(&(environment, kind));
        if held {
            self.chosen.insert(environment, kind);
        }
        held
    }

    /// Forgets a credential; another one that fits the same surface takes its place, else any.
    pub fn remove(&mut self, environment: Environment, kind: CredentialKind) -> Option<Credential> {
        let removed = self.held.remove(&(environment, kind))?;
        if self.chosen.get(&environment) == Some(&kind) {
            self.chosen.remove(&environment);
            let mut left = self.held.keys().filter(|(of, _)| *of == environment).map(|(_, kind)| *kind);
            if let Some(next) = left.find(|next| next.surface() == kind.surface()) {
                self.chosen.insert(environment, next);
            }
        }
        Some(removed)
    }

    /// The credential held for an environment and kind.
    #[must_use]
    pub fn get(&self, environment: Environment, kind: CredentialKind) -> Option<&Credential> {
        self.held.get(&(environment, kind))
    }

    /// The credential in force for an environment.
    #[must_use]
    pub fn in_force(&self, environment: Environment) -> Option<&Credential> {
        self.held.get(&(environment, *self.chosen.get(&environment)?))
    }

    /// The best credential held for a surface: the one in force if it fits, else the first that does, else the one in
    /// force, so that the refusal can say why.
    #[must_use]
    pub fn fitting(&self, environment: Environment, surface: Surface) -> Option<&Credential> {
        let in_force = self.in_force(environment);
        let fits = |credential: &&Credential| credential.kind().surface() == surface;
        in_force
            .filter(fits)
            .or_else(|| self.held.values().filter(|c| c.environment() == environment).find(fits))
            .or(in_force)
            .or_else(|| self.held.values().find(|credential| credential.environment() == environment))
    }
}

/// A request that was sent and is not answered whole yet.
#[derive(Clone, Debug)]
pub struct Flight {
    /// Its number.
    pub id: WorkId,
}

/// Everything.
#[derive(Debug)]
pub struct Model {
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The pane that keys go to.
    pub focus: Pane,
    /// Whether that pane has the whole screen.
    pub zoom: bool,
    /// What is drawn over the panes.
    pub overlay: Option<Overlay>,
    /// A word to the person.
    pub message: Option<Message>,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// Whether this run talks to the embedded imitation.
    pub sandbox: bool,
    /// The hosts of this run.
    pub environments: Environments,
    /// The environment in force.
    pub environment: Environment,
    /// The row of the environment pane under the cursor.
    pub environment_cursor: Environment,
    /// The credentials of this run.
    pub credentials: Credentials,
    /// Pane 2.
    pub credential: CredentialPane,
    /// Pane 3.
    pub endpoints: EndpointsPane,
    /// Pane 4.
    pub request: RequestPane,
    /// Pane 5.
    pub response: ResponsePane,
    /// The request in flight.
    pub flight: Option<Flight>,
    /// The request that waits for the one in flight to end.
    pub waiting: Option<Box<Prepared>>,
    /// The last number given to a piece of work.
    pub last_work: u64,
}

impl Model {
    /// The state at start.
    #[must_use]
    pub fn new(size: (u16, u16), environment: Environment, environments: Environments) -> Self {
        Self {
            size,
            focus: Pane::Endpoints,
            zoom: false,
            overlay: None,
            message: None,
            mouse: true,
            sandbox: false,
            environments,
            environment,
            environment_cursor: environment,
            credentials: Credentials::default(),
            credential: CredentialPane::default(),
            endpoints: EndpointsPane::new(),
            request: RequestPane::default(),
            response: ResponsePane::default(),
            flight: None,
            waiting: None,
            last_work: 0,
        }
    }

    /// Whether keys go into a field of one line.
    #[must_use]
    pub const fn typing(&self) -> bool {
        match self.focus {
            Pane::Environment => false,
            Pane::Credential => self.credential.typing.is_some(),
            Pane::Endpoints => self.endpoints.typing,
            Pane::Request => self.request.field.is_some(),
            Pane::Response => self.response.search.typing,
        }
    }

    /// Whether keys go into any text at all, so that a letter is a letter.
    #[must_use]
    pub const fn in_text(&self) -> bool {
        let overlay = matches!(self.overlay, Some(Overlay::Palette(_) | Overlay::FreeRequest(_)));
        overlay || self.typing() || (matches!(self.focus, Pane::Request) && self.request.editor.is_some())
    }

    /// The credential in force in the environment in force.
    #[must_use]
    pub fn credential_in_force(&self) -> Option<&Credential> {
        self.credentials.in_force(self.environment)
    }

    /// A new number for a piece of work.
    pub const fn next_work(&mut self) -> WorkId {
        self.last_work += 1;
        WorkId(self.last_work)
    }

    /// Says something that went well.
    pub fn say(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), is_error: false });
    }

    /// Says something that did not.
    pub fn complain(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), is_error: true });
    }
}
