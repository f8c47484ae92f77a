//! What a command stands on: hosts, credentials, the worker's tools, and how it ends at Ctrl-C.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::{Global, HISTORY, sandbox, settle_history, trouble, usage};
use crate::app::credentials::Credentials;
use crate::app::event::{Effect, WorkId};
use crate::edge::config::{self as files, Config};
use crate::edge::folders::Folders;
use crate::edge::history::{self, History};
use crate::edge::saved::Requests;
use crate::edge::spill::Spills;
use crate::edge::tables::Tables;
use crate::edge::variables;
use crate::edge::vault::{self, Vault};
use crate::pleo::credential::{Credential, Entry};
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::guard::Guard;
use crate::pleo::oauth::{self, Client, Login};
use crate::secret::Secret;
use crate::worker::Tools;

/// What a run stands on: hosts, credentials, and the imitation when it is asked for.
pub(super) struct Setup {
    pub(super) environments: Environments,
    /// Those given to this run first, then those that are stored.
    pub(super) credentials: Vec<Credential>,
    /// What is odd about the credentials, a sentence each.
    pub(super) remarks: Vec<String>,
    /// What is wrong with the configuration.
    pub(super) config_error: Option<String>,
    pub(super) config: Config,
    /// Every secret that is at hand, of both environments.
    pub(super) secrets: Vec<Secret>,
    pub(super) tools: Tools,
    /// Stops serving when dropped.
    pub(super) sandbox: Option<crate::sandbox::Sandbox>,
    pub(super) interrupt: Arc<Interrupt>,
}

/// Ctrl-C, for a command that has something to finish.
#[derive(Default)]
pub(super) struct Interrupt {
    asked: CancellationToken,
    takes_its_time: AtomicBool,
    in_flight: OnceLock<(Sender<Effect>, u64)>,
}

/// The exit code of Ctrl-C.
const INTERRUPTED: u8 = 130;

/// The exit code of the signal that ended the command, 0 while none did.
static ENDED_BY: AtomicU8 = AtomicU8::new(0);

/// What the process ends with: a command that was told to end by another signal than Ctrl-C says so.
pub(super) fn ended(code: ExitCode) -> ExitCode {
    match ENDED_BY.load(Ordering::Relaxed) {
        0 => code,
        signal if code == ExitCode::from(INTERRUPTED) => ExitCode::from(signal),
        _ => code,
    }
}

/// Waits for a signal that ends a command, and answers with its exit code; nothing where signals cannot be waited for. The
/// end of the terminal is one only for a command that has one: `nohup` means that it goes on.
#[cfg(unix)]
async fn ending() -> Option<u8> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).ok()?;
    let mut terminate = signal(SignalKind::terminate()).ok()?;
    let has_terminal = std::io::stdin().is_terminal() || std::io::stderr().is_terminal();
    let mut hangup = if has_terminal { signal(SignalKind::hangup()).ok() } else { None };
    let hung_up = async {
        match &mut hangup {
            Some(hangup) => hangup.recv().await,
            None => std::future::pending().await,
        }
    };
    Some(tokio::select! {
        _ = interrupt.recv() => INTERRUPTED,
        _ = terminate.recv() => 143,
        _ = hung_up => 129,
    })
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn ending() -> Option<u8> {
    tokio::signal::ctrl_c().await.ok().map(|()| INTERRUPTED)
}

/// How long a command may take to finish after Ctrl-C.
const FINISH: Duration = Duration::from_millis(500);

impl Interrupt {
    /// The command finishes by itself, if it can.
    pub(super) fn takes_its_time(&self) {
        self.takes_its_time.store(true, Ordering::Relaxed);
    }

    /// It cancels these requests of a worker, by their numbers from 0; the command says so by itself, if it can.
    pub(super) fn cancels(&self, effects: Sender<Effect>, ids: u64) {
        self.takes_its_time();
        // A command has one worker.
        let _ = self.in_flight.set((effects, ids));
    }

    /// Waits for it.
    pub(super) async fn happened(&self) {
        self.asked.cancelled().await;
    }

    /// Lets the command finish.
    async fn happens(&self) {
        if let Some((effects, ids)) = self.in_flight.get() {
            for id in 0..*ids {
                // A worker that takes nothing any more has nothing in flight.
                let _ = effects.try_send(Effect::Cancel(WorkId(id)));
            }
        }
        self.asked.cancel();
        if self.takes_its_time.load(Ordering::Relaxed) {
            tokio::time::sleep(FINISH).await;
        }
    }
}

impl Global {
    /// Applies the flags; credentials are taken for these environments only.
    pub(super) async fn setup(&self, wanted: &[Environment]) -> Result<Setup, ExitCode> {
        let mut environments = Environments::pleo();
        for pair in &self.base_url {
            environments.override_with(pair).map_err(|error| usage(&format!("--base-url: {error}")))?;
        }
        if environments.share_a_host() {
            return Err(usage(
                "--base-url: staging and production may not lead to the same place: give each its own port",
            ));
        }
        let sandbox = if self.sandbox { Some(sandbox::start(self).await?) } else { None };
        if let Some(sandbox) = &sandbox {
            sandbox::point_at(&mut environments, sandbox).map_err(|error| trouble(&error.to_string()))?;
        } else if let Some(flag) = self.flag_of_imitation() {
            let sentence = format!("{flag} is for the imitation: add --sandbox, or use it with the command sandbox");
            return Err(usage(&sentence));
        }
        let (mut credentials, remarks) = match &sandbox {
            // Real credentials have no business in the imitation.
            Some(sandbox) => (sandbox::credentials(sandbox), Vec::new()),
            None => variables::credentials(wanted).map_err(|error| usage(&error.to_string()))?,
        };
        let found = Folders::find().ok();
        let spills = Spills::new(found.as_ref());
        let tables = Tables::new(found.as_ref());
        let loaded = found.as_ref().map(files::load).unwrap_or_default();
        let folders = found.filter(|_| sandbox.is_none());
        let config_error = loaded.sentence();
        let mut config = loaded.config;
        let hidden = vault::hidden(&config.entries);
        if sandbox.is_some() {
            // Keys and looks are a person's own there too; credentials are not.
            config.entries.clear();
            config.clients.clear();
        }
        let stored = config.entries.iter().filter(|entry| wanted.contains(&entry.environment));
        credentials.extend(stored.map(Entry::credential));
        let vault = Vault::new(environments.clone(), folders, &config.entries).hiding(hidden);
        vault.know(&credentials);
        let mut secrets: Vec<Secret> = credentials.iter().filter_map(Credential::held).cloned().collect();
        if sandbox.is_none() {
            // Those of the other environment are not used here, and must not go astray either.
            for environment in Environment::ALL.into_iter().filter(|environment| !wanted.contains(environment)) {
                let known = variables::credentials(&[environment]).map(|(known, _)| known).unwrap_or_default();
                vault.know(&known);
                secrets.extend(known.iter().filter_map(Credential::held).cloned());
            }
        }
        let mut limits = config.limits;
        limits.memory = self.memory_limit.unwrap_or(limits.memory);
        limits.body = self.body_limit.unwrap_or(limits.body);
        let mut tools = Tools::new(environments.clone(), vault, limits, spills);
        tools.tables = tables;
        tools.requests = Requests::find();
        tools.http = self.wire.http(&environments, &config.timeouts)?;
        let mut rules = config.history;
        rules.enabled &= !self.no_history;
        tools.history = HISTORY
            .get_or_init(|| History::new(Folders::find().ok().as_ref(), rules, self.sandbox, &environments))
            .clone();
        let interrupt = Arc::default();
        Ok(Setup { environments, credentials, remarks, config_error, config, secrets, tools, sandbox, interrupt })
    }

    /// The first flag given that only the imitation understands.
    fn flag_of_imitation(&self) -> Option<&'static str> {
        let given = [
            ("--fault", !self.fault.is_empty()),
            ("--token-lifetime", self.token_lifetime.is_some()),
            ("--employees", self.employees.is_some()),
            ("--rate-limit", self.rate_limit.is_some()),
        ];
        given.into_iter().find_map(|(flag, given)| given.then_some(flag))
    }

    /// The same for a command, which does nothing while the configuration is wrong.
    pub(super) async fn setup_command(&self) -> Result<Setup, ExitCode> {
        self.setup_command_for(&[self.env()]).await
    }

    /// The same with the credentials of these environments.
    pub(super) async fn setup_command_for(&self, wanted: &[Environment]) -> Result<Setup, ExitCode> {
        let setup = self.setup(wanted).await?;
        if let Some(error) = &setup.config_error {
            return Err(usage(error));
        }
        // Even where the reader of stdout does not read on and printing waits for it, Ctrl-C ends the program; tokens that
        // are being renewed are kept first.
        let (vault, spills) = (Arc::clone(&setup.tools.vault), Arc::clone(&setup.tools.spills));
        let interrupt = Arc::clone(&setup.interrupt);
        tokio::spawn(async move {
            if let Some(code) = ending().await {
                ENDED_BY.store(code, Ordering::Relaxed);
                interrupt.happens().await;
                vault.settled().await;
                spills.clear();
                settle_history().await;
                std::process::exit(code.into());
            }
        });
        Ok(setup)
    }

    /// Whether writes may leave.
    pub(super) const fn guard(&self) -> Guard {
        Guard::new(self.read_only)
    }
}

impl Setup {
    /// Whether nobody was here before: there is no file of ours, and no credential.
    pub(super) fn is_first_run(&self) -> bool {
        let overridden = Environment::ALL.iter().any(|environment| self.environments.of(*environment).overridden);
        let Ok(folders) = Folders::find() else {
            return false;
        };
        let ours = [
            folders.config.join(files::CONFIG),
            folders.config.join(files::CREDENTIALS),
            folders.state.join(history::FILE),
        ];
        self.credentials.is_empty() && !overridden && !ours.iter().any(|path| path.exists())
    }

    /// The credential of this name, or the one that fits a surface best.
    pub(super) fn credential(
        &self,
        environment: Environment,
        name: Option<&str>,
        surface: Surface,
    ) -> Result<Option<Credential>, ExitCode> {
        let mut held = Credentials::default();
        self.credentials.iter().for_each(|credential| {
            held.keep(credential.clone());
        });
        let Some(name) = name else {
            return Ok(held.fitting(environment, surface).cloned());
        };
        let found = self.credentials.iter().find(|own| own.environment() == environment && own.name() == name);
        match found {
            Some(credential) => Ok(Some(credential.clone())),
            None => Err(usage(&format!(
                "{environment} has no credential called {name:?}: `pleoscope auth list` tells which there are"
            ))),
        }
    }

    /// What a login begins with: the client of the configuration, or the imitation's public one.
    pub(super) fn login_defaults(&self) -> BTreeMap<Environment, Login> {
        let configured = self.config.clients.iter().filter_map(|(environment, client)| {
            let redirect =
                if client.redirect_uri.is_empty() { oauth::PORT.to_string() } else { client.redirect_uri.clone() };
            let login = Login {
                environment: *environment,
                client: Client { id: client.client_id.clone(), secret: None, authentication: client.authentication },
                redirect_uri: oauth::redirect_uri(&redirect).ok()?,
                scopes: client.scopes.clone(),
            };
            Some((*environment, login))
        });
        let imitated = self.sandbox.iter().flat_map(sandbox::logins);
        let mut logins: BTreeMap<Environment, Login> = configured.chain(imitated).collect();
        if self.sandbox.is_none() {
            for (environment, login) in &mut logins {
                login.client.secret = variables::client_secret(*environment);
            }
        }
        logins
    }
}
