//! The history: exchanges kept beyond a run, in a database in the state folder, for its owner alone.
//!
//! A thread of its own does all of it and is begun when there is first something to do, so that a start costs nothing. Whatever
//! happens to the database, exchanges go on: a sentence says once that they are not kept.

mod database;
mod listing;
mod prune;
mod rows;
mod unsent;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::mpsc::{Sender, WeakSender};
use tokio::sync::oneshot;

use super::folders::Folders;
use crate::app::event::Reply;
use crate::app::history::{Ask, Told};
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::handing;
use crate::pleo::history::Setting;
use crate::pleo::transcript::Transcript;
use crate::pleo::unsent::{Filled, Slot};
use crate::secret::Redactor;
use database::{Instead, Opened, Trouble};

pub use database::{FILE, glance};

/// Exchanges that may wait to be written.
const LINE: usize = 256;
/// Exchanges after which it is looked whether some are too many.
const PRUNED_EVERY: usize = 64;
/// How long the end of a run waits for what is still to be written.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is kept, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether anything is.
    pub enabled: bool,
    /// Whether bodies of answers of staging are.
    pub staging_bodies: bool,
    /// Whether bodies of answers of production are: they hold personal data.
    pub production_bodies: bool,
    /// Bytes of an answer's body; a larger one is not kept.
    pub body_limit: u64,
    /// Days.
    pub max_age: u64,
    /// Exchanges.
    pub max_entries: u64,
    /// Bytes of all exchanges together.
    pub max_size: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            enabled: true,
            staging_bodies: true,
            production_bodies: false,
            body_limit: 1 << 20,
            max_age: 90,
            max_entries: 100_000,
            max_size: 1 << 30,
        }
    }
}

/// The history of a run. The one that is nothing by itself keeps nothing.
#[derive(Clone, Debug, Default)]
pub struct History {
    shared: Option<Arc<Shared>>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    rules: Rules,
    sandbox: bool,
    environments: Environments,
    jobs: Mutex<Option<SyncSender<Job>>>,
    said: Mutex<Said>,
}

/// What is to be said to the person, and whether there is a screen to say it on.
#[derive(Debug, Default)]
struct Said {
    screen: Option<WeakSender<Reply>>,
    waiting: Vec<String>,
    already: HashSet<String>,
}

/// Something for the thread.
enum Job {
    Open,
    Record(Box<Transcript>),
    Unsent(Box<Slot>, Option<Box<Filled>>, Box<Redactor>),
    Ask(Ask, oneshot::Sender<Result<Told, String>>),
    Settle(oneshot::Sender<()>),
}

impl History {
    /// The history in the state folder.
    #[must_use]
    pub fn new(folders: Option<&Folders>, rules: Rules, sandbox: bool, environments: &Environments) -> Self {
        let shared = folders.filter(|_| rules.enabled).map(|folders| {
            Arc::new(Shared {
                folder: folders.state.clone(),
                rules,
                sandbox,
                environments: environments.clone(),
                jobs: Mutex::default(),
                said: Mutex::default(),
            })
        });
        Self { shared }
    }

    /// How many bytes of the body of an answer of this environment are kept; nothing where no exchange is.
    #[must_use]
    pub fn room(&self, environment: Environment) -> Option<u64> {
        let rules = self.shared.as_ref()?.rules;
        let bodies = match environment {
            Environment::Staging => rules.staging_bodies,
            Environment::Production => rules.production_bodies,
        };
        Some(if bodies { rules.body_limit } else { 0 })
    }

    /// Opens the database, now that nothing is waited for; what is to be said is said on the screen from now on.
    pub fn open(&self, screen: &Sender<Reply>) {
        if let Some(shared) = &self.shared {
            lock(&shared.said).screen = Some(screen.downgrade());
            shared.hand_over(Job::Open);
        }
    }

    /// Keeps an exchange. It does not wait for it to be written.
    pub fn record(&self, transcript: Transcript) {
        if let Some(shared) = &self.shared
            && !transcript.elsewhere
            && !shared.hand_over(Job::Record(Box::new(transcript)))
        {
            shared.say("The history's disk is too slow: some exchanges are not kept.".to_owned());
        }
    }

    /// Keeps a request that was edited and not sent, or forgets it; one in which a known secret stands is not kept. It does not
    /// wait for it to be written.
    pub fn keep_unsent(&self, slot: Box<Slot>, filled: Option<Box<Filled>>, secrets: Redactor) {
        if let Some(shared) = &self.shared
            && !shared.hand_over(Job::Unsent(slot, filled, Box::new(secrets)))
        {
            shared.say("The history's disk is too slow: an unsent request is not kept.".to_owned());
        }
    }

    /// Asks something.
    ///
    /// # Errors
    /// A sentence that says why there is no answer.
    pub async fn ask(&self, ask: Ask) -> Result<Told, String> {
        let Some(shared) = &self.shared else {
            return Err("The history is off: `enabled` in [history] of the configuration, or --no-history.".to_owned());
        };
        let (answer, told) = oneshot::channel();
        shared.hand_over(Job::Ask(ask, answer));
        told.await.unwrap_or_else(|_| Err("The history does not answer: start pleoscope again.".to_owned()))
    }

    /// Waits until everything is written, and gives what is to be said and was not said on a screen.
    pub async fn settled(&self) -> Vec<String> {
        let Some(shared) = &self.shared else {
            return Vec::new();
        };
        if lock(&shared.jobs).is_some() {
            let (done, settled) = oneshot::channel();
            if shared.hand_over(Job::Settle(done)) {
                // A disk that does not answer must not keep the program from ending.
                if tokio::time::timeout(PATIENCE, settled).await.is_err() {
                    let sentence = "The history's disk does not answer: what was sent last may not be kept.";
                    lock(&shared.said).waiting.push(sentence.to_owned());
                }
            }
        }
        std::mem::take(&mut lock(&shared.said).waiting)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Gives a job to the thread, which is begun with the first; answers whether it took it.
    fn hand_over(self: &Arc<Self>, job: Job) -> bool {
        let mut jobs = lock(&self.jobs);
        let line = jobs.get_or_insert_with(|| {
            let (line, arrivals) = sync_channel(LINE);
            let keeper = Keeper { shared: Arc::clone(self), state: State::Closed, recorded: 0, prunes: false };
            std::thread::spawn(move || keeper.work(&arrivals));
            line
        });
        !matches!(line.try_send(job), Err(TrySendError::Full(_) | TrySendError::Disconnected(_)))
    }

    /// Says a sentence, once.
    fn say(&self, sentence: String) {
        let mut said = lock(&self.said);
        if !said.already.insert(sentence.clone()) {
            return;
        }
        match said.screen.as_ref().and_then(WeakSender::upgrade) {
            Some(screen) => {
                drop(said);
                // Nobody listens any more when the program is leaving.
                let _ = screen.blocking_send(Reply::Unkept(sentence));
            }
            None => said.waiting.push(sentence),
        }
    }
}

/// What the thread works with.
struct Keeper {
    shared: Arc<Shared>,
    state: State,
    /// Exchanges since it was looked whether some are too many.
    recorded: usize,
    /// Whether there may be some.
    prunes: bool,
}

/// How the database stands.
enum State {
    Closed,
    Open(Connection),
    /// It is not touched in this run, for this reason.
    Off(String),
}

impl Keeper {
    fn work(mut self, jobs: &Receiver<Job>) {
        loop {
            let job = match jobs.try_recv() {
                Ok(job) => job,
                Err(TryRecvError::Empty) if self.prunes => {
                    self.prune();
                    continue;
                }
                Err(TryRecvError::Empty) => match jobs.recv() {
                    Ok(job) => job,
                    Err(_) => return,
                },
                Err(TryRecvError::Disconnected) => return,
            };
            match job {
                Job::Open => {
                    self.told_once(|_| Ok(()));
                    handing::prepare();
                }
                Job::Record(transcript) => {
                    let (sandbox, environments) = (self.shared.sandbox, self.shared.environments.clone());
                    let setting = Setting::of(sandbox, &environments, transcript.environment);
                    self.told_once(|database| rows::insert(database, &transcript, setting));
                    self.recorded += 1;
                    self.prunes |= self.recorded.is_multiple_of(PRUNED_EVERY);
                }
                Job::Unsent(slot, filled, secrets) => {
                    // By its path it would be found again: one that lets in is not kept, nor what belongs to it.
                    let keepable = handing::without_keys(&slot.path) == slot.path;
                    let filled = filled.filter(|_| keepable).map(|filled| filled.without_secrets(&secrets));
                    self.told_once(|database| {
                        let forgotten = unsent::put(database, &slot, filled.as_ref())?;
                        if forgotten { database::forget(database) } else { Ok(()) }
                    });
                }
                // What was asked while typing on is not wanted any more.
                Job::Ask(_, answer) if answer.is_closed() => {}
                // Whoever asked may not want to know any more.
                Job::Ask(ask, answer) => drop(answer.send(self.answer(&ask))),
                Job::Settle(done) => {
                    // The end of a run leaves no more than may be kept, however short it was.
                    self.prunes |= self.recorded > 0;
                    while self.prunes {
                        self.prune();
                    }
                    // Whoever waited may have lost patience.
                    let _ = done.send(());
                }
            }
        }
    }

    fn answer(&mut self, ask: &Ask) -> Result<Told, String> {
        let shared = Arc::clone(&self.shared);
        self.with(|database| match ask {
            Ask::Unsent => {
                let setting = |environment| Setting::of(shared.sandbox, &shared.environments, environment);
                unsent::all(database, setting).map(Told::Unsent)
            }
            Ask::List(listing) => {
                let (entries, more) = listing::list(database, listing, Timestamp::now())?;
                Ok(Told::Listed(entries, more))
            }
            Ask::Open(id) => rows::read(database, *id).map(|kept| Told::Opened(kept.map(Box::new))),
            Ask::OpenAll(listing) => {
                let (entries, more) = listing::list(database, listing, Timestamp::now())?;
                rows::read_all(database, &entries).map(|all| Told::OpenedAll(all, more))
            }
            Ask::Pin(id, pinned) => rows::pin(database, *id, *pinned).map(Told::Done),
            Ask::Name(id, name) => rows::name(database, *id, name.as_deref()).map(Told::Done),
            Ask::Delete(id) => {
                let deleted = rows::delete(database, &[*id])?;
                database::forget(database)?;
                Ok(Told::Done(deleted))
            }
            Ask::Clear(environment, setting) => {
                let deleted = rows::clear(database, *environment, *setting)?;
                database::forget(database)?;
                Ok(Told::Done(deleted))
            }
        })
    }

    fn prune(&mut self) {
        let rules = self.shared.rules;
        // What cannot be removed now is tried again when more has come.
        self.prunes = matches!(self.with(|database| prune::step(database, &rules, Timestamp::now())), Ok(true));
    }

    /// Does something of which nobody waits to hear; what goes wrong is said once.
    fn told_once(&mut self, deed: impl FnMut(&mut Connection) -> rusqlite::Result<()>) {
        if let Err(sentence) = self.with(deed) {
            self.shared.say(sentence);
        }
    }

    /// Does something with the database. One that turns out to be damaged is moved aside, and a new one begun.
    fn with<T>(&mut self, mut deed: impl FnMut(&mut Connection) -> rusqlite::Result<T>) -> Result<T, String> {
        let mut error = None;
        for _ in 0..2 {
            let database = self.database()?;
            match deed(database) {
                Ok(done) => return Ok(done),
                Err(damage) if database::is_damage(&damage) => {
                    self.state = State::Closed;
                    match database::move_aside(&self.shared.folder, Instead::Damage) {
                        Ok(sentence) => self.shared.say(sentence),
                        Err(sentence) => return Err(sentence),
                    }
                    error = Some(damage);
                }
                Err(other) => return Err(database::sentence(&other)),
            }
        }
        Err(error.as_ref().map_or_else(String::new, database::sentence))
    }

    fn database(&mut self) -> Result<&mut Connection, String> {
        if let State::Closed = self.state {
            match database::open(&self.shared.folder) {
                Ok(Opened { database, remark }) => {
                    self.state = State::Open(database);
                    self.prunes = true;
                    if let Some(sentence) = remark {
                        self.shared.say(sentence);
                    }
                }
                Err(Trouble::Newer(sentence)) => self.state = State::Off(sentence),
                // It may be otherwise the next time.
                Err(Trouble::Passing(sentence)) => return Err(sentence),
            }
        }
        match &mut self.state {
            State::Open(database) => Ok(database),
            State::Off(sentence) => Err(sentence.clone()),
            State::Closed => Err(String::new()),
        }
    }
}

#[cfg(test)]
mod tests;
