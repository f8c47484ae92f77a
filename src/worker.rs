//! The worker: effects in over a bounded channel, replies out over another. It owns the HTTP client and the vault, and
//! draws nothing.
//!
//! Each piece of work runs in a task of its own under its number and can be cancelled; a task that panics becomes a
//! failed reply. Progress may be dropped when the screen is busy; final replies wait for room.

mod document;
mod exchange;
mod identify;
mod intake;
mod login;
mod measured;
mod pace;
pub mod pages;
mod recording;

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::AbortHandle;

use crate::app::event::{Effect, Failure, Phase, Reply, Want, WorkId};
use crate::app::history::Ask;
use crate::app::panes::response::table::Arrangement;
use crate::app::saved::Ask as AskSaved;
use crate::document::Piece;
use crate::edge::filter;
use crate::edge::history::History;
use crate::edge::http::Http;
use crate::edge::log;
use crate::edge::saved::Requests;
use crate::edge::spill::{Limits, Spills};
use crate::edge::tables::Tables;
use crate::edge::vault::Vault;
use crate::pleo::credential::{Credential, Entry, Place};
use crate::pleo::environment::Environments;
use crate::pleo::retry::Patience;
use crate::secret::Secret;
use document::Job;

pub use identify::{Unknown, identify};
pub use login::{log_in, open_browser};
pub use pace::Pace;

/// Effects and replies that may stand in line.
const LINE: usize = 64;

/// The two ends that the screen or a command holds.
#[derive(Debug)]
pub struct Line {
    /// Takes effects.
    pub effects: Sender<Effect>,
    /// Gives replies.
    pub replies: Receiver<Reply>,
}

/// What every piece of work stands on.
#[derive(Clone, Debug)]
pub struct Tools {
    /// The hosts of this run.
    pub environments: Environments,
    /// The HTTP clients.
    pub http: Arc<Http>,
    /// The credentials' values.
    pub vault: Arc<Vault>,
    /// How much of a body is kept, and where.
    pub limits: Limits,
    /// The files of bodies that are too large for memory.
    pub spills: Arc<Spills>,
    /// How the columns of tables are arranged.
    pub tables: Tables,
    /// Where exchanges are kept.
    pub history: History,
    /// Where requests are saved.
    pub requests: Requests,
    /// The program that filters: this one.
    pub filter: Arc<Path>,
    /// How fast pages are asked for.
    pub pace: Arc<Pace>,
    /// How often, and after which pauses.
    pub patience: Patience,
}

impl Tools {
    /// The tools of a run against these hosts, with these stored credentials and these limits.
    #[must_use]
    pub fn new(environments: Environments, vault: Vault, limits: Limits, spills: Spills) -> Self {
        let http = Arc::new(Http::new(environments.clone()));
        Self {
            http,
            vault: Arc::new(vault),
            limits,
            spills: Arc::new(spills),
            tables: Tables::default(),
            history: History::default(),
            requests: Requests::default(),
            filter: filter::program().into(),
            pace: Arc::default(),
            patience: Patience::default(),
            environments,
        }
    }

    /// The tools of a run that stores nothing.
    #[must_use]
    pub fn without_store(environments: Environments) -> Self {
        let entries: [Entry; 0] = [];
        let vault = Vault::new(environments.clone(), None, &entries);
        Self::new(environments, vault, Limits::default(), Spills::new(None))
    }
}

/// Starts the worker in the current runtime. It ends, and everything it does is cancelled, when `effects` is dropped.
#[must_use]
pub fn start(tools: Tools) -> Line {
    let (effects, inbox) = channel(LINE);
    let (outbox, replies) = channel(LINE);
    let spills = Arc::clone(&tools.spills);
    // What an earlier run left behind is nobody's hurry.
    tokio::task::spawn_blocking(move || spills.sweep());
    tokio::spawn(serve(tools, inbox, outbox));
    Line { effects, replies }
}

/// A piece of work that can be stopped.
struct Work {
    task: AbortHandle,
    stop: Arc<AtomicBool>,
    /// Where what a person pastes for it goes.
    pasted: Option<Sender<Secret>>,
    /// Where what a person wants more of it goes.
    wants: Option<Sender<Want>>,
}

impl Work {
    fn cancel(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.task.abort();
    }
}

async fn serve(tools: Tools, mut inbox: Receiver<Effect>, outbox: Sender<Reply>) {
    let mut running: HashMap<WorkId, Work> = HashMap::new();
    while let Some(effect) = inbox.recv().await {
        running.retain(|_, work| !work.task.is_finished());
        log::say("work", &[("effect", log::variant(&effect).into())]);
        let (tools, outbox) = (tools.clone(), outbox.clone());
        let (mut pasted, mut wants) = (None, None);
        let (id, task) = match effect {
            Effect::Send(id, request) => {
                tools.pace.count(&request);
                (id, tokio::spawn(exchange::run(tools, id, request, outbox.clone())))
            }
            Effect::Follow(id, following) => {
                let (want, arrivals) = channel(LINE);
                wants = Some(want);
                (id, tokio::spawn(pages::follow(tools, id, following, arrivals, outbox.clone())))
            }
            Effect::More(id, want) => {
                if let Some(wants) = running.get(&id).and_then(|work| work.wants.as_ref()) {
                    // So many at once are more than a person can mean.
                    let _ = wants.try_send(want);
                }
                continue;
            }
            Effect::Identify(id, credential) => {
                (id, tokio::spawn(identify::run(tools, id, credential, outbox.clone())))
            }
            Effect::Login(id, login) => {
                let (paste, arrivals) = channel(4);
                pasted = Some(paste);
                (id, tokio::spawn(login::run(tools, id, *login, arrivals, outbox.clone())))
            }
            Effect::Keep(id, credential, name) => (id, tokio::spawn(keep(tools, id, credential, name, outbox.clone()))),
            Effect::Forget(id, credential, wholly) => {
                (id, tokio::spawn(forget(tools, id, credential, wholly, outbox.clone())))
            }
            Effect::Filter(id, body, expression) => {
                (id, tokio::spawn(document::filter(tools, id, body, expression, outbox.clone())))
            }
            Effect::AskSaved(id, ask) => (id, tokio::spawn(ask_saved(tools, id, ask, outbox.clone()))),
            Effect::History(id, ask) => (id, tokio::spawn(ask_history(tools, id, ask, outbox.clone()))),
            Effect::CheckBody(id, checking) => (id, tokio::spawn(document::check_body(id, checking, outbox.clone()))),
            Effect::Learn(id, learning) => (id, tokio::spawn(document::learn(id, learning, outbox.clone()))),
            Effect::Take(id, copying) => (id, tokio::spawn(document::take(tools, id, copying, outbox.clone()))),
            Effect::Disclose(id, own) => (id, tokio::spawn(document::disclose(tools, id, own, outbox.clone()))),
            Effect::Search(..)
            | Effect::Fold(..)
            | Effect::Examine(..)
            | Effect::Tabulate(..)
            | Effect::Arrange(..)
            | Effect::Tally(..)
            | Effect::Locate(..)
            | Effect::Open(..)
            | Effect::Compare(..)
            | Effect::OpenBoth(..)
            | Effect::Report(..)
            | Effect::WriteDown(..)
            | Effect::Save(..)
            | Effect::OpenOutside(..)
            | Effect::Complete(..) => {
                if let Some((id, work)) = read(tools, effect, outbox) {
                    running.insert(id, work);
                }
                continue;
            }
            Effect::Pasted(id, secret) => {
                if let Some(paste) = running.get(&id).and_then(|work| work.pasted.as_ref()) {
                    // The login may have ended meanwhile.
                    let _ = paste.send(secret.0).await;
                }
                continue;
            }
            Effect::Remember(tables) => {
                remember(&tools, &tables, &outbox).await;
                continue;
            }
            Effect::OpenHistory => {
                tools.history.open(&outbox);
                continue;
            }
            Effect::Cancel(id) => {
                if let Some(work) = running.remove(&id) {
                    work.cancel();
                }
                continue;
            }
            // The loop that owns the terminal does these itself.
            Effect::EditOutside(..)
            | Effect::KeepDraft(..)
            | Effect::Copy(_)
            | Effect::CopyHidden(_)
            | Effect::Mouse(_)
            | Effect::EnterSandbox
            | Effect::Suspend
            | Effect::Quit => continue,
        };
        running.insert(id, Work { task: task.abort_handle(), stop: Arc::default(), pasted, wants });
        tokio::spawn(watch(id, task, outbox));
    }
    for work in running.values() {
        work.cancel();
    }
}

/// Begins work on a document, on a thread where it may take its time.
fn read(tools: Tools, effect: Effect, outbox: Sender<Reply>) -> Option<(WorkId, Work)> {
    let stop = Arc::new(AtomicBool::new(false));
    let job = |id| Job { id, stop: Arc::clone(&stop), outbox };
    let (id, task) = match effect {
        Effect::Search(id, body, finder) => (id, spawn(job(id), move |job| job.search(&body, &finder))),
        Effect::Fold(id, document, level) => (id, spawn(job(id), move |job| job.fold(&document, level))),
        Effect::Tabulate(id, reading) => (id, spawn(job(id), move |job| job.tabulate(*reading))),
        Effect::Tally(id, own, path) => (id, spawn(job(id), move |job| job.tally(&own, &path))),
        Effect::Arrange(id, arranging) => (id, spawn(job(id), move |job| job.arrange(&arranging))),
        Effect::Examine(id, body, expected) => (id, spawn(job(id), move |job| job.examine(&body, expected.as_deref()))),
        Effect::Locate(id, document, number, path) => {
            (id, spawn(job(id), move |job| job.locate(&document, number, &path)))
        }
        Effect::Open(id, body, range) => (id, spawn(job(id), move |job| job.open(&body, range))),
        Effect::Compare(id, own) => (id, spawn(job(id), move |job| job.compare(&own))),
        Effect::OpenBoth(id, parts) => (id, spawn(job(id), move |job| job.open_both(&parts))),
        Effect::Report(id, own) => (id, spawn(job(id), move |job| job.report(&own))),
        Effect::WriteDown(id, own) => (id, spawn(job(id), move |job| job.write_down(&tools, &own))),
        Effect::Save(id, saving) => (id, spawn(job(id), move |job| job.save(&saving))),
        Effect::Complete(id, typed) => (id, spawn(job(id), move |job| job.complete(&typed))),
        Effect::OpenOutside(id, body, extension) => {
            (id, spawn(job(id), move |job| job.open_outside(&tools, &body, extension)))
        }
        _ => return None,
    };
    Some((id, Work { task, stop, pasted: None, wants: None }))
}

fn spawn(job: Job, work: impl FnOnce(&Job) + Send + 'static) -> AbortHandle {
    let (id, outbox) = (job.id, job.outbox.clone());
    let task = tokio::task::spawn_blocking(move || work(&job));
    let handle = task.abort_handle();
    tokio::spawn(watch(id, task, outbox));
    handle
}

/// Turns a panic of a task into a failed reply.
async fn watch(id: WorkId, task: tokio::task::JoinHandle<()>, outbox: Sender<Reply>) {
    if let Err(error) = task.await
        && error.is_panic()
    {
        let failure = Failure {
            phase: Phase::Setup,
            sentence:
                "The worker failed on this request; that is a defect of pleoscope. Nothing else is lost: send again."
                    .to_owned(),
        };
        // Nobody listens any more when the program is leaving.
        let _ = outbox.send(Reply::Failed(id, failure, Piece::default(), Duration::ZERO)).await;
    }
}

async fn remember(tools: &Tools, tables: &HashMap<String, Arrangement>, outbox: &Sender<Reply>) {
    if let Err(sentence) = tools.tables.save(tables) {
        // Nobody listens any more when the program is leaving.
        let _ = outbox.send(Reply::Unremembered(sentence)).await;
    }
}

async fn ask_history(tools: Tools, id: WorkId, ask: Ask, outbox: Sender<Reply>) {
    let told = tools.history.ask(ask).await;
    // Nobody listens any more when the program is leaving.
    let _ = outbox.send(Reply::Told(id, Box::new(told))).await;
}

/// Asks the folders of saved requests, on a thread where it may take its time.
async fn ask_saved(tools: Tools, id: WorkId, ask: Box<AskSaved>, outbox: Sender<Reply>) {
    let answer = move || {
        let redactor = tools.vault.redactor();
        let known = |text: &str| matches!(redactor.text(text), Cow::Owned(_));
        tools.requests.ask(*ask, &known)
    };
    let told = tokio::task::spawn_blocking(answer).await;
    let told =
        told.unwrap_or_else(|_| Err("the saved requests cannot be used now; that is a defect of pleoscope".into()));
    // Nobody listens any more when the program is leaving.
    let _ = outbox.send(Reply::ToldSaved(id, Box::new(told))).await;
}

async fn keep(tools: Tools, id: WorkId, credential: Box<Credential>, name: String, outbox: Sender<Reply>) {
    let kept = tools.vault.keep(&credential, &name, &Place::Keyring).await;
    let kept = kept.map(|entry| Box::new(entry.credential()));
    // Nobody listens any more when the program is leaving.
    let _ = outbox.send(Reply::Kept(id, kept)).await;
}

async fn forget(tools: Tools, id: WorkId, credential: Box<Credential>, wholly: bool, outbox: Sender<Reply>) {
    let forgot = tools.vault.forget(&credential, wholly).await;
    // A connection that is kept open keeps what was last written on it in its buffers.
    tools.http.let_go();
    // Nobody listens any more when the program is leaving.
    let _ = outbox.send(Reply::Forgot(id, forgot)).await;
}
