//! The login with OAuth: a form, then what happens until the tokens are here.

use std::time::Duration;

use super::custody;
use super::event::{Effect, Facts, Failure, Handed, WorkId};
use super::input::LineInput;
use super::model::{Model, Overlay};
use crate::key::{Code, Key};
use crate::pleo::credential::Credential;
use crate::pleo::environment::Environment;
use crate::pleo::oauth::{Client, ClientAuthentication, Login, PORT, SCOPES, redirect_uri};
use crate::secret::{Secret, SecretField};

/// How long a person has in the browser.
pub const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// Most lines of the exchange that are kept.
const MOST_LINES: usize = 50;

/// A row of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The client's id.
    ClientId,
    /// The client's secret.
    ClientSecret,
    /// How the client proves who it is.
    Authentication,
    /// Where the browser comes back to.
    Redirect,
    /// A scope, by its place in the list.
    Scope(usize),
}

/// What a login waits for.
#[derive(Debug)]
pub struct Waiting {
    /// The work.
    pub id: WorkId,
    /// The address for the browser, once known.
    pub url: Option<String>,
    /// Whether the browser comes back by itself.
    pub listens: bool,
    /// The field for the address or code that a person brings.
    pub pasted: SecretField,
    /// What went to the authorisation server and came back.
    pub lines: Vec<String>,
    /// When it is over, as a time since the start of the run.
    pub until: Duration,
}

/// The state of the login.
#[derive(Debug)]
pub struct LoginPane {
    /// The environment that is logged in to.
    pub environment: Environment,
    /// The client's id.
    pub client_id: LineInput,
    /// The client's secret.
    pub client_secret: SecretField,
    /// A secret that was given before.
    pub known_secret: Option<Secret>,
    /// How the client proves who it is.
    pub authentication: ClientAuthentication,
    /// The redirect URI, or the port of a loopback one.
    pub redirect: LineInput,
    /// The scopes and whether they are asked for.
    pub scopes: Vec<(String, bool)>,
    /// The row under the cursor.
    pub cursor: usize,
    /// What is wrong.
    pub error: Option<String>,
    /// What is waited for.
    pub waiting: Option<Waiting>,
    /// What the last try said to the authorisation server and heard from it.
    pub last: Vec<String>,
}

impl LoginPane {
    /// A form for an environment.
    #[must_use]
    pub fn new(environment: Environment, defaults: Option<&Login>) -> Self {
        let asked = |scope: &str| defaults.is_some_and(|defaults| defaults.scopes.iter().any(|own| own == scope));
        let mut scopes: Vec<(String, bool)> = SCOPES.map(|scope| (scope.to_owned(), asked(scope))).to_vec();
        let further = defaults.into_iter().flat_map(|defaults| &defaults.scopes);
        scopes.extend(further.filter(|scope| !SCOPES.contains(&scope.as_str())).map(|scope| (scope.clone(), true)));
        Self {
            environment,
            client_id: LineInput::new(defaults.map_or("", |defaults| &defaults.client.id)),
            client_secret: SecretField::new(),
            known_secret: defaults.and_then(|defaults| defaults.client.secret.clone()),
            authentication: defaults.map_or_else(Default::default, |defaults| defaults.client.authentication),
            redirect: LineInput::new(
                &defaults.map_or_else(|| PORT.to_string(), |own| own.redirect_uri.as_str().to_owned()),
            ),
            scopes,
            cursor: 0,
            error: None,
            waiting: None,
            last: Vec::new(),
        }
    }

    /// The rows, in order.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let fields = [Row::ClientId, Row::ClientSecret, Row::Authentication, Row::Redirect];
        fields.into_iter().chain((0..self.scopes.len()).map(Row::Scope)).collect()
    }

    /// The row under the cursor.
    #[must_use]
    pub fn row(&self) -> Row {
        self.rows().get(self.cursor).copied().unwrap_or(Row::ClientId)
    }

    /// Whether the row under the cursor is switched rather than typed.
    #[must_use]
    pub fn is_choice(&self) -> bool {
        self.waiting.is_none() && matches!(self.row(), Row::Authentication | Row::Scope(_))
    }

    /// Whether the browser is waited for.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// The work that is going on.
    #[must_use]
    pub fn work(&self) -> Option<WorkId> {
        self.waiting.as_ref().map(|waiting| waiting.id)
    }

    /// Moves the cursor by so many rows.
    pub fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.rows().len() - 1);
    }

    /// Switches the choice under the cursor.
    pub fn toggle(&mut self) {
        match self.row() {
            Row::Authentication => self.authentication = self.authentication.other(),
            Row::Scope(at) => {
                if let Some((_, asked)) = self.scopes.get_mut(at) {
                    *asked = !*asked;
                }
            }
            _ => {}
        }
    }

    /// Takes a key into the field under the cursor.
    pub fn key(&mut self, key: Key) {
        let secret = match (&mut self.waiting, self.cursor) {
            (Some(waiting), _) => Some(&mut waiting.pasted),
            (None, 1) => Some(&mut self.client_secret),
            _ => None,
        };
        if let Some(field) = secret {
            match (key.code, key.ctrl) {
                (Code::Backspace, _) => field.backspace(),
                (Code::Char('u'), true) => field.clear(),
                _ => {
                    if let Some(c) = key.typed() {
                        field.insert(c.encode_utf8(&mut [0; 4]));
                    }
                }
            }
        } else {
            match self.row() {
                Row::ClientId => self.client_id.key(key),
                Row::Redirect => self.redirect.key(key),
                _ => false,
            };
        }
        self.error = None;
    }

    /// Takes pasted text into the field under the cursor; `false` when there is none or it is too long.
    pub fn paste(&mut self, text: &str) -> bool {
        match (&mut self.waiting, self.cursor) {
            (Some(waiting), _) => waiting.pasted.insert(text.trim()),
            (None, 0) => self.client_id.paste(text.trim()),
            (None, 1) => self.client_secret.insert(text.trim()),
            (None, 3) => self.redirect.paste(text.trim()),
            _ => false,
        }
    }

    /// What is asked for, if the form is whole.
    fn login(&self) -> Result<Login, String> {
        let id = self.client_id.text().trim().to_owned();
        if id.is_empty() {
            return Err("The client id is missing: Pleo gives it to a registered integration.".to_owned());
        }
        let typed = self.client_secret.inspect(|text| (!text.trim().is_empty()).then(|| text.trim().to_owned()));
        let secret = typed.map(Secret::new).or_else(|| self.known_secret.clone());
        let redirect_uri = redirect_uri(self.redirect.text()).map_err(|error| format!("{error}."))?;
        let scopes: Vec<String> = self.scopes.iter().filter(|(_, on)| *on).map(|(scope, _)| scope.clone()).collect();
        if scopes.is_empty() {
            return Err("No scope is chosen: Space chooses those under the cursor.".to_owned());
        }
        let client = Client { id, secret, authentication: self.authentication };
        Ok(Login { environment: self.environment, client, redirect_uri, scopes })
    }
}

/// Opens the form for the environment in force.
pub fn begin(model: &mut Model) {
    let pane = LoginPane::new(model.environment, model.login_defaults.get(&model.environment));
    model.overlay = Some(Overlay::Login(Box::new(pane)));
}

/// Enter: begins the login, or hands over what was pasted.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    let (next, now) = (WorkId(model.last_work + 1), model.now);
    let Some(Overlay::Login(pane)) = &mut model.overlay else {
        return Vec::new();
    };
    if let Some(waiting) = &mut pane.waiting {
        if waiting.pasted.is_empty() {
            return Vec::new();
        }
        let text = waiting.pasted.inspect(str::to_owned);
        waiting.pasted.clear();
        return vec![Effect::Pasted(waiting.id, Handed(Secret::new(text)))];
    }
    match pane.login() {
        Ok(login) => {
            pane.error = None;
            pane.waiting = Some(Waiting {
                id: next,
                url: None,
                listens: login.is_loopback(),
                pasted: SecretField::new(),
                lines: Vec::new(),
                until: now + PATIENCE,
            });
            model.last_work = next.0;
            model.login_defaults.insert(login.environment, login.clone());
            vec![Effect::Login(next, Box::new(login))]
        }
        Err(sentence) => {
            pane.error = Some(sentence);
            Vec::new()
        }
    }
}

/// Esc: ends the login and goes back to the form, or closes the form.
pub fn back(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Login(pane)) = &mut model.overlay else {
        return Vec::new();
    };
    match pane.waiting.take() {
        Some(waiting) => {
            model.say("The login was cancelled");
            vec![Effect::Cancel(waiting.id)]
        }
        None => {
            model.overlay = None;
            Vec::new()
        }
    }
}

/// The key that gives the address to the terminal's clipboard.
pub fn copy(model: &mut Model) -> Vec<Effect> {
    let url = match &model.overlay {
        Some(Overlay::Login(pane)) => pane.waiting.as_ref().and_then(|waiting| waiting.url.clone()),
        _ => None,
    };
    match url {
        Some(url) => {
            model.say("The address was sent to the terminal's clipboard");
            vec![Effect::Copy(url)]
        }
        None => Vec::new(),
    }
}

fn waiting(model: &mut Model, id: WorkId) -> Option<&mut Waiting> {
    match &mut model.overlay {
        Some(Overlay::Login(pane)) => pane.waiting.as_mut().filter(|waiting| waiting.id == id),
        _ => None,
    }
}

/// The address for the browser is known.
pub fn at(model: &mut Model, id: WorkId, url: String, listens: bool) {
    if let Some(waiting) = waiting(model, id) {
        waiting.url = Some(url);
        waiting.listens = listens;
    }
}

/// A line of the exchange: of a login, or of a renewal while a request is sent.
pub fn step(model: &mut Model, id: WorkId, line: String) {
    if let Some(waiting) = waiting(model, id) {
        waiting.lines.push(line);
        let over = waiting.lines.len().saturating_sub(MOST_LINES);
        waiting.lines.drain(..over);
    } else if let Some(exchange) = model.response.of(id) {
        exchange.trace.push(line);
    }
}

/// The login has ended.
pub fn ended(model: &mut Model, id: WorkId, ended: Result<Box<Credential>, Failure>, facts: &Facts) -> Vec<Effect> {
    let Some(lines) = waiting(model, id).map(|waiting| std::mem::take(&mut waiting.lines)) else {
        // It was cancelled; tokens that came all the same are let go.
        return ended.map_or_else(|_| Vec::new(), |credential| vec![Effect::Forget(id, credential, false)]);
    };
    match ended {
        Ok(credential) => {
            model.overlay = None;
            let mut effects = custody::drop_ended_logins(model, credential.environment());
            let id = custody::hold(model, *credential);
            custody::take_facts(model, id, facts);
            if let Some(held) = model.credentials.get_mut(id) {
                held.trace = lines;
            }
            model.say(
                "Logged in. The tokens are kept in memory until you quit; K in 2 Credential keeps them in the keyring",
            );
            effects.extend(custody::identify(model, id));
            effects
        }
        Err(failure) => {
            if let Some(Overlay::Login(pane)) = &mut model.overlay {
                pane.waiting = None;
                pane.error = Some(failure.sentence);
                pane.last = lines;
            }
            Vec::new()
        }
    }
}
