//! The whole state of the explorer. Only `update` changes it; drawing reads it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::compare::earlier::Earlier;
use super::compare::pane::ComparePane;
use super::conform::Differing;
use super::credentials::{CredentialId, Credentials, Held};
use super::drafts::Drafts;
use super::event::WorkId;
use super::history::pane::HistoryPane;
use super::importing::Importing;
use super::input::LineInput;
use super::keymap::Keymap;
use super::leading::Crumb;
use super::login::LoginPane;
use super::looks::Looks;
use super::panes::credential::CredentialPane;
use super::panes::endpoints::EndpointsPane;
use super::panes::request::RequestPane;
use super::panes::response::ResponsePane;
use super::panes::response::table::Arrangement;
use super::reading::Viewer;
use super::saved::pane::SavedPane;
use super::saved::{Keeping, Remembered};
use super::seen::Seen;
use super::tabling::Counts;
use super::taking::handing::{Disclosing, Run};
use super::taking::{Menu, SaveAs};
use crate::pleo::credential::Credential;
use crate::pleo::endpoint::Method;
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::guard::Guard;
use crate::pleo::history::Setting;
use crate::pleo::identity::Company;
use crate::pleo::oauth::Login;
use crate::pleo::preflight::Situation;
use crate::pleo::prepared::Prepared;
use crate::pleo::request::Draft;
use crate::pleo::variables::{self, Values};

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
#[derive(Debug)]
pub enum Overlay {
    /// The keys of where one is, scrolled by so many rows.
    Help(usize),
    /// Every action by name.
    Palette(Palette),
    /// A method and a path to type.
    FreeRequest(FreeRequest),
    /// A curl command that was pasted, to be looked at.
    Import(Box<Importing>),
    /// The word that unlocks production.
    Unlock(Asked),
    /// A write to production, to be looked at before it leaves.
    Review(Box<Review>),
    /// Whether a credential is removed from where it is kept.
    Remove(CredentialId),
    /// The name under which a credential is kept in the keyring.
    Keep(CredentialId, Asked),
    /// The companies in reach, to pick one.
    Companies(Companies),
    /// A login with OAuth.
    Login(Box<LoginPane>),
    /// A value read by itself.
    Viewer(Box<Viewer>),
    /// The columns of the table, to choose and order; the one under the cursor.
    Columns(usize),
    /// How often each value of a column occurs.
    Counts(Box<Counts>),
    /// A place to go to.
    Goto(Asked),
    /// What may be copied or saved.
    Menu(Menu),
    /// Where the answer differs from the catalogue.
    Differing(Differing),
    /// A file to save to.
    SaveAs(Box<SaveAs>),
    /// Whether a secret is to be in the clipboard.
    Disclose(Box<Disclosing>),
    /// The key by which the records of a comparison are aligned.
    AlignBy(Asked),
    /// What a variable of the request stands for, by its name.
    Variable(String, Asked),
    /// The name under which the request is saved.
    Keeping(Box<Keeping>),
}

/// A question that is answered with a word.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is typed.
    pub input: LineInput,
    /// What is wrong with it.
    pub error: Option<String>,
    /// From when on Enter counts: one that comes with pasted text must not confirm it.
    pub ready: Duration,
    /// Whether what is typed is not shown.
    pub hidden: bool,
}

impl Asked {
    /// A question with an answer to begin with.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { input: LineInput::new(text), error: None, ready: Duration::ZERO, hidden: false }
    }
}

/// A write to production that waits for a last look.
#[derive(Clone, Debug)]
pub struct Review {
    /// What would be sent.
    pub request: Prepared,
    /// The word that must be typed, for the dangerous few.
    pub word: Option<String>,
    /// What is typed of it.
    pub asked: Asked,
    /// By how many rows the sheet is scrolled; drawing stops at its end.
    pub top: usize,
    /// From when on Enter sends it: a key that is held, or pasted text, must not run through it.
    pub ready: Duration,
    /// What preflight warns of, a sentence each.
    pub warnings: Vec<String>,
}

/// The picker of a company.
#[derive(Clone, Debug)]
pub struct Companies {
    /// What is typed to narrow them.
    pub input: LineInput,
    /// All of them.
    pub all: Vec<Company>,
    /// Those that fit, best first, as places in `all`.
    pub matches: Vec<usize>,
    /// The one under the cursor.
    pub cursor: usize,
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

impl FreeRequest {
    /// A field with this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { method: Method::Get, input: LineInput::new(text), error: None }
    }
}

/// How often what counts seconds is drawn.
const SECOND: Duration = Duration::from_secs(1);

/// A short word to the person, shown in the footer until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The sentence.
    pub text: String,
    /// Whether something was refused or went wrong.
    pub is_error: bool,
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
    /// The time since the start of the run, as of the last event.
    pub now: Duration,
    /// When the run began, where that is known.
    pub began: Option<Timestamp>,
    /// Whether writes may leave.
    pub guard: Guard,
    /// What a login begins with, for each environment.
    pub login_defaults: BTreeMap<Environment, Login>,
    /// What is done with a credential in the background, to keep it or to forget it, and to which one.
    pub chores: Vec<(WorkId, CredentialId)>,
    /// The answers that one came from by following ids, the oldest first.
    pub crumbs: Vec<Crumb>,
    /// A step that is on its way: its request's number, and the request that stood in pane 4 before.
    pub step: Option<(WorkId, Option<Draft>)>,
    /// Whether personal data is masked.
    pub masked: bool,
    /// Whether times are shown in the zone of this machine rather than in UTC.
    pub local_times: bool,
    /// The zone of this machine, where that is known.
    pub zone: Option<TimeZone>,
    /// Names of what ids stand for, by environment, as far as answers and identities have told them.
    pub names: BTreeMap<Environment, HashMap<String, String>>,
    /// Ids that answers of this run have shown, by environment.
    pub seen: BTreeMap<Environment, Seen>,
    /// How the columns of each operation's answers were arranged.
    pub tables: HashMap<String, Arrangement>,
    /// What variables in requests stand for, by environment: as the configuration says, and as was answered when asked.
    pub variables: BTreeMap<Environment, Values>,
    /// The filters that were used in this run, the latest last.
    pub filters: Vec<String>,
    /// The way to a place, or the opening of a value, that goes on in the background.
    pub reading: Option<WorkId>,
    /// The counting of a column's values that goes on in the background, and of which column.
    pub counting: Option<(WorkId, String)>,
    /// The copy or the save that goes on in the background.
    pub taking: Option<WorkId>,
    /// What is to be known of what is being copied.
    pub copy_remark: Option<&'static str>,
    /// Two answers beside each other, in place of the panes.
    pub compare: Option<Box<ComparePane>>,
    /// Earlier answers, to compare with.
    pub earlier: Earlier,
    /// Requests that were edited and not sent.
    pub drafts: Drafts,
    /// What was sent in this and earlier runs, in place of the panes.
    pub history: Option<Box<HistoryPane>>,
    /// Saved requests, in place of the panes.
    pub saved: Option<Box<SavedPane>>,
    /// What is remembered of them while they are not shown.
    pub remembered: Remembered,
    /// The keys in force.
    pub keymap: Keymap,
    /// The themes, and the one that is chosen.
    pub looks: Looks,
    /// The exchanges of this run, to be handed on.
    pub run: Run,
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
            now: Duration::ZERO,
            began: None,
            guard: Guard::default(),
            login_defaults: BTreeMap::new(),
            chores: Vec::new(),
            crumbs: Vec::new(),
            step: None,
            masked: false,
            local_times: false,
            zone: None,
            names: BTreeMap::new(),
            seen: BTreeMap::new(),
            tables: HashMap::new(),
            variables: BTreeMap::new(),
            filters: Vec::new(),
            reading: None,
            counting: None,
            taking: None,
            copy_remark: None,
            compare: None,
            earlier: Earlier::default(),
            drafts: Drafts::default(),
            history: None,
            saved: None,
            remembered: Remembered::default(),
            keymap: Keymap::default(),
            looks: Looks::default(),
            run: Run::default(),
        }
    }

    /// The time of the calendar, where it can be told.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.began?.checked_add(SignedDuration::try_from(self.now).ok()?).ok()
    }

    /// What an environment stands for in this run.
    #[must_use]
    pub const fn setting(&self, environment: Environment) -> Setting {
        Setting::of(self.sandbox, &self.environments, environment)
    }

    /// The day of the calendar where this machine is, where it can be told.
    #[must_use]
    pub fn today(&self) -> Option<Date> {
        Some(self.zone.as_ref().unwrap_or(&TimeZone::UTC).to_datetime(self.timestamp()?).date())
    }

    /// What variables stand for in an environment.
    #[must_use]
    pub fn variables_in(&self, environment: Environment) -> &Values {
        self.variables.get(&environment).unwrap_or(&variables::NONE)
    }

    /// What a request is looked at with, now and in the environment in force.
    #[must_use]
    pub fn situation(&self) -> Situation<'_> {
        self.situation_in(self.environment)
    }

    /// What a request to this environment is looked at with.
    #[must_use]
    pub fn situation_in(&self, environment: Environment) -> Situation<'_> {
        let held = self.credentials.held_in_force(environment);
        Situation {
            environment,
            environments: &self.environments,
            credential: held.map(|held| &held.credential),
            identity: held.and_then(Held::identity),
            secrets: self.credentials.secrets(),
            guard: self.guard,
            now: self.now,
            today: self.today(),
            variables: self.variables_in(environment),
        }
    }

    /// After how long something on the screen changes by itself; nothing while all stands still.
    #[must_use]
    pub fn moves_in(&self) -> Option<Duration> {
        if let Some(Overlay::Review(review)) = &self.overlay
            && let Some(left) = review.ready.checked_sub(self.now).filter(|left| !left.is_zero())
        {
            return Some(left);
        }
        let login = matches!(&self.overlay, Some(Overlay::Login(login)) if login.is_waiting());
        let waits = self.response.wait(self.now).is_some() || self.response.pages.waits(self.now).is_some();
        let counts = self.guard.remaining(self.now).is_some() || login || waits;
        let wait = counts.then_some(SECOND);
        wait.into_iter().chain(self.drafts.wait(self.now)).min()
    }

    /// Whether keys go into a field of one line.
    #[must_use]
    pub fn typing(&self) -> bool {
        match self.focus {
            Pane::Environment => false,
            Pane::Credential => self.credential.typing.is_some(),
            Pane::Endpoints => self.endpoints.typing,
            Pane::Request => self.request.field.is_some(),
            Pane::Response => {
                self.response.search.typing || self.response.filter.typing || self.response.types_filter()
            }
        }
    }

    /// Whether keys go into any text at all, so that a letter is a letter.
    #[must_use]
    pub fn in_text(&self) -> bool {
        let quiet = matches!(
            self.overlay,
            None | Some(
                Overlay::Help(_)
                    | Overlay::Remove(_)
                    | Overlay::Disclose(_)
                    | Overlay::Viewer(_)
                    | Overlay::Menu(_)
                    | Overlay::Columns(_)
                    | Overlay::Counts(_)
                    | Overlay::Differing(_)
            )
        );
        let overlay = !quiet;
        let history = self.history.as_ref().is_some_and(|own| own.asking.is_some());
        let saved = self.saved.as_ref().is_some_and(|own| own.asking.is_some());
        overlay
            || history
            || saved
            || self.typing()
            || (matches!(self.focus, Pane::Request) && self.request.editor.is_some())
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
