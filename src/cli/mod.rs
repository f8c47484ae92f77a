//! The command line: what can be written, and what each command does without a screen.

mod all;
mod auth;
mod completions;
mod config;
mod diff;
mod doctor;
mod endpoints;
mod filtered;
mod history;
mod import;
mod man;
mod sandbox;
mod saved;
mod send;
mod setup;
mod target;
mod verbose;
mod whoami;
mod wire;

use std::io::{self, Write as _};
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

use crate::app::credentials::Credentials;
use crate::app::importing;
use crate::app::keymap::Keymap;
use crate::app::model::{Model, Pane};
use crate::app::{saved as saved_requests, typing};
use crate::edge::folders::Folders;
use crate::edge::history::History;
use crate::edge::{config as files, filter, log, terminal, variables};
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::Environment;
use crate::run;
use crate::secret::Redactor;
use crate::units;

use setup::{Interrupt, Setup};

pub use send::{Output, SendArgs};
pub use target::TargetArgs;

/// The exit code of a usage error or a refused request.
pub const USAGE: u8 = 2;
/// The exit code of network and setup trouble.
pub const TROUBLE: u8 = 1;

/// A terminal explorer for Pleo's HTTP API.
#[derive(Debug, Parser)]
#[command(
    name = "pleoscope",
    version,
    about,
    long_about = "A terminal explorer for Pleo's HTTP API. Without a command it opens the explorer; with --sandbox against an embedded imitation of Pleo, with no account and no network.",
    after_help = "Credentials come from PLEOSCOPE_{STAGING,PRODUCTION}_{API_KEY,ACCESS_TOKEN,LEGACY_TOKEN}, from where `auth add` says that they are kept, or are typed into the explorer; never as an argument. PLEOSCOPE_CONFIG_DIR and PLEOSCOPE_STATE_DIR say where our files are; PLEOSCOPE_NO_BROWSER=1 opens no browser; PLEOSCOPE_{CONNECT,FIRST_BYTE,IDLE}_TIMEOUT say how long is waited, SSL_CERT_FILE whose certificates are trusted.\nExit codes: 0 for 2xx, 3 4 5 for the class of another status, 2 for usage and refused requests, 1 for network and setup trouble, 130 for Ctrl-C; diff has its own, which its help tells."
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Flags that may stand before or after a command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The environment in force at start; staging without it.
    #[arg(long, global = true, value_name = "staging|production", value_parser = environment)]
    env: Option<Environment>,
    /// Point a base URL at this machine for this run: staging=, production=, auth-…=, legacy-…= (may be repeated).
    #[arg(long, global = true, value_name = "NAME=URL")]
    base_url: Vec<String>,
    /// Talk to an embedded imitation of Pleo, its credentials filled in.
    #[arg(long, global = true, conflicts_with = "base_url")]
    sandbox: bool,
    /// Refuse every request that would change data, in both environments.
    #[arg(long, global = true)]
    read_only: bool,
    /// Keep nothing of this run in the history.
    #[arg(long, global = true)]
    no_history: bool,
    /// Make the imitation misbehave: slow=2s, drip, reset, truncate, garbage, huge=100MB, deep=100000, 429, 503, redirect=other-host (may be repeated).
    #[arg(long, global = true, value_name = "FAULT", help_heading = "The imitation")]
    fault: Vec<String>,
    /// Keep this much of a body in memory, the rest in a file while it is shown; 256 MiB without it.
    #[arg(long, global = true, value_name = "SIZE", value_parser = size, help_heading = "Limits")]
    memory_limit: Option<u64>,
    /// Receive no more of a body than this, decompressed; 2 GiB without it.
    #[arg(long, global = true, value_name = "SIZE", value_parser = size, help_heading = "Limits")]
    body_limit: Option<u64>,
    #[command(flatten)]
    wire: wire::WireArgs,
    /// The theme of the explorer: auto, dark, light, high-contrast, 16, mono, or one of the configuration.
    #[arg(long, global = true, value_name = "NAME")]
    theme: Option<String>,
    /// Note what happens in this file, a line of JSON each: no keys, bodies or secrets.
    #[arg(long, global = true, value_name = "FILE", env = "PLEOSCOPE_LOG", hide_env_values = true)]
    log: Option<PathBuf>,
    /// How long the access tokens that the imitation issues are good; an hour without it.
    #[arg(long, global = true, value_name = "SECONDS", help_heading = "The imitation")]
    token_lifetime: Option<u64>,
    /// How many employees the imitation has; 240 in staging and 1,300 in production without it.
    #[arg(long, global = true, value_name = "COUNT", help_heading = "The imitation")]
    employees: Option<u64>,
    /// How many requests a minute the imitation lets through for each credential; 600 without it.
    #[arg(long, global = true, value_name = "REQUESTS", help_heading = "The imitation")]
    rate_limit: Option<u32>,
}

impl Global {
    /// The environment in force at start.
    fn env(&self) -> Environment {
        self.env.unwrap_or(Environment::Staging)
    }
}

fn environment(text: &str) -> Result<Environment, String> {
    text.parse().map_err(|error: crate::pleo::environment::HostError| error.to_string())
}

fn size(text: &str) -> Result<u64, String> {
    units::size(text).ok_or_else(|| "a size is written like 256MiB or 2GB".to_owned())
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the explorer with a request ready: METHOD PATH, the name of an operation, or @ and that of a saved request.
    Open(TargetArgs),
    /// Send a request and print the answer: METHOD PATH, the name of an operation, or @ and that of a saved request.
    Send(SendArgs),
    /// Send the same read to staging and production and print what differs: METHOD PATH, or the name of an operation.
    Diff(diff::DiffArgs),
    /// Ask the server who the credential is, and what it may do.
    Whoami(whoami::WhoamiArgs),
    /// Credentials that outlive a run: list, add, log in with OAuth, remove, test.
    #[command(subcommand)]
    Auth(auth::Auth),
    /// Exchanges of this and earlier runs: list, look for, show, send again, remove.
    History(history::HistoryArgs),
    /// Requests saved under a name: list, show, save, rename, remove; `send @NAME` sends one.
    Saved(saved::SavedArgs),
    /// List the operations of the catalogue, or those that fit a filter.
    Endpoints {
        /// Letters to look for in method, path, group, purpose and name.
        filter: Vec<String>,
        /// Take in the operations of an OpenAPI document, 3.0 or 3.1, in YAML or JSON: a file, or - for standard input.
        #[arg(long, value_name = "FILE", conflicts_with = "filter")]
        import: Option<PathBuf>,
        /// What is imported belongs to the legacy API (openapi.pleo.io) instead of the External API.
        #[arg(long, requires = "import")]
        legacy: bool,
        /// Remove all operations that were imported.
        #[arg(long, conflicts_with_all = ["filter", "import"])]
        forget_import: bool,
    },
    /// Print the keys of the explorer.
    Keys {
        /// As a Markdown table.
        #[arg(long)]
        markdown: bool,
    },
    /// The configuration: what holds and where it came from; a whole file with every key; its place, its faults, an editor.
    Config(config::ConfigArgs),
    /// Look whether everything is in place: files, keyring, terminal, hosts, clock; without any credential.
    Doctor(doctor::DoctorArgs),
    /// Print the completion script of a shell: it completes commands, flags, paths, operations, parameters and names.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Print what the last word of a command line may become, for the scripts of `completions`.
    #[command(hide = true)]
    Complete {
        /// The line up to the cursor.
        line: String,
    },
    /// Print the manual page, or write the pages of all commands.
    Man(man::ManArgs),
    /// Serve the imitation of Pleo on loopback until Ctrl-C, and print its URLs and credentials.
    Sandbox,
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    if let Some(code) = filter::child::serve() {
        return code;
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => return usage(&one_sentence(&error)),
        Err(help) => {
            // A reader that went away is nobody's mistake.
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    if let Some(file) = cli.global.log.as_ref().filter(|file| !file.as_os_str().is_empty()) {
        if let Err(error) = log::open(file) {
            return usage(&format!("--log: {error}"));
        }
        let command = cli.command.as_ref().map_or_else(|| "explorer".to_owned(), log::variant);
        log::say("start", &[("version", env!("CARGO_PKG_VERSION").into()), ("command", command.into())]);
    }
    match &cli.command {
        Some(Command::Complete { line }) => {
            // What is wrong with the imported operations is said elsewhere.
            let _ = import::put_in_force();
            return completions::complete(line);
        }
        Some(Command::Endpoints { import: Some(file), legacy, .. }) => {
            return import::import(file, if *legacy { Surface::Legacy } else { Surface::External });
        }
        Some(Command::Endpoints { forget_import: true, .. }) => return import::forget(),
        _ => {}
    }
    let unused = import::put_in_force();
    if let Some(sentence) = unused.as_ref().filter(|_| !matches!(cli.command, None | Some(Command::Open(_)))) {
        talk(&format!("pleoscope: {sentence}"));
    }
    if let Some(code) = cli.command.as_ref().and_then(|command| printed(&cli.global, command)) {
        return code;
    }
    terminal::keep_memory_private();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return trouble(&format!("the runtime cannot start: {error}")),
    };
    // Never dropped, not even by a panic: that would wait for tasks that do not give way, and the one that reads keys never
    // does once the terminal is gone. Whatever is in flight ends with the process.
    let runtime = ManuallyDrop::new(runtime);
    runtime.block_on(async {
        let code = match &cli.command {
            None => Box::pin(explore(&cli.global, None, unused)).await,
            Some(Command::Open(target)) => Box::pin(explore(&cli.global, Some(target), unused)).await,
            Some(Command::Send(args)) => Box::pin(send::run(&cli.global, args)).await,
            Some(Command::Diff(args)) => diff::run(&cli.global, args).await,
            Some(Command::Sandbox) => sandbox::serve(&cli.global).await,
            Some(Command::Whoami(args)) => whoami::run(&cli.global, args).await,
            Some(Command::Auth(command)) => auth::run(&cli.global, command).await,
            Some(Command::Saved(args)) => Box::pin(saved::run(&cli.global, args)).await,
            Some(Command::History(args)) => Box::pin(history::run(&cli.global, args)).await,
            Some(Command::Doctor(args)) => Box::pin(doctor::run(&cli.global, args)).await,
            Some(_) => ExitCode::SUCCESS,
        };
        settle_history().await;
        log::say("end", &[]);
        if let Some(remark) = log::missing() {
            talk(&format!("pleoscope: {remark}"));
        }
        setup::ended(code)
    })
}

/// What a command prints that needs nothing but the files; `None` for every other.
fn printed(global: &Global, command: &Command) -> Option<ExitCode> {
    Some(match command {
        Command::Endpoints { filter, .. } => endpoints::print(&filter.join(" ")),
        Command::Keys { markdown } => print_keys(*markdown),
        Command::Config(args) => config::run(global, args),
        Command::Completions { shell } => completions::script(*shell),
        Command::Man(args) => man::run(args),
        _ => return None,
    })
}

/// The history of this run, which is written to while other things are done.
static HISTORY: OnceLock<History> = OnceLock::new();

/// Waits until what was kept is written, and says what could not be.
async fn settle_history() {
    if let Some(history) = HISTORY.get() {
        history.settled().await.iter().for_each(|remark| talk(&format!("pleoscope: {remark}")));
    }
}

/// Prints the keys in force, with those of the configuration.
fn print_keys(markdown: bool) -> ExitCode {
    let loaded = Folders::find().ok().as_ref().map(files::load).unwrap_or_default();
    if let Some(sentence) = loaded.sentence() {
        talk(&format!("pleoscope: what is wrong in the configuration is not used: {sentence}"));
    }
    let keymap: &Keymap = &loaded.config.keymap;
    print(&if markdown { keymap.markdown() } else { keymap.plain() })
}

/// What clap says of an argument that it does not know, without it: where a credential is added it may be one.
fn without_unknown(told: &str) -> String {
    let word = told.split('\'').nth(1).unwrap_or_default();
    if word.starts_with('-') || !std::env::args().any(|given| given == "auth") {
        return told.to_owned();
    }
    "there is an argument too many; a secret is never one".to_owned()
}

fn known_secrets() -> Redactor {
    let mut known = Redactor::default();
    for environment in Environment::ALL {
        for credential in variables::credentials(&[environment]).map(|(found, _)| found).unwrap_or_default() {
            credential.held().into_iter().for_each(|secret| known.learn(secret));
        }
        if let Some(secret) = variables::client_secret(environment) {
            known.learn(&secret);
        }
    }
    known
}

/// What clap says in several lines with the whole usage, in one: what is wrong, with what, and where to read on.
fn one_sentence(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let told: Vec<&str> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .filter(|line| !line.is_empty())
        .collect();
    let told = told.join(" ").replace(" tip: ", "; ");
    let told = if error.kind() == ErrorKind::UnknownArgument { without_unknown(&told) } else { told };
    format!("{}; --help tells what can be written", told.strip_prefix("error: ").unwrap_or(&told))
}

async fn explore(global: &Global, target: Option<&TargetArgs>, unused: Option<String>) -> ExitCode {
    if !terminal::is_there() {
        return usage("the explorer needs a terminal for input and output: use `pleoscope send` in scripts and pipes");
    }
    let setup = match global.setup(&Environment::ALL).await {
        Ok(setup) => setup,
        Err(code) => return code,
    };
    let mut model = Model::new((80, 24), global.env(), setup.environments.clone());
    model.sandbox = setup.sandbox.is_some();
    model.guard = global.guard();
    model.login_defaults = setup.login_defaults();
    let mut remarks = setup.remarks.clone();
    remarks.extend(
        setup.tools.http.authorities().map(|file| format!("Certificate authorities of {file} are trusted too")),
    );
    model.variables.clone_from(&setup.config.variables);
    model.keymap = setup.config.keymap.clone();
    model.looks = setup.config.looks.clone();
    if let Some(name) = &global.theme {
        let names = model.looks.names();
        if !names.contains(&name.as_str()) {
            return usage(&format!("--theme: there is no theme {name:?}; there are {}", names.join(", ")));
        }
        model.looks.chosen.clone_from(name);
    }
    let tables = setup.tools.tables.load();
    model.tables = tables.clone().unwrap_or_default();
    if target.is_none() && setup.is_first_run() {
        model.credentials = Credentials::of_first_run();
        model.credential.begin(&model.credentials, model.environment);
        model.focus = Pane::Credential;
    }
    for credential in setup.credentials {
        model.credentials.keep(credential);
    }
    if let Some(error) = setup.config_error {
        model.complain(format!("What is wrong in the configuration is not used: {error}"));
    } else if let Some(sentence) = unused {
        model.complain(sentence);
    } else if let Err(sentence) = tables {
        model.complain(sentence);
    } else if !remarks.is_empty() {
        model.say(remarks.join(" · "));
    }
    if let Some(target) = target {
        match target.variables(model.variables.get(&global.env())) {
            Ok(values) => drop(model.variables.insert(global.env(), values)),
            Err(error) => return usage(&error.to_string()),
        }
        match target.imported(global.env(), &setup.environments) {
            Ok(own) if target.curl.is_some() => importing::offer(&mut model, own),
            Ok(own) => {
                typing::open_request(&mut model, own.draft);
                if let Ok(key) = target.saved_key() {
                    saved_requests::remember(&mut model, key);
                }
                if let Some(remark) = own.remarks.first() {
                    model.say(remark.clone());
                }
            }
            Err(error) => return usage(&error.to_string()),
        }
    }
    let (vault, spills) = (Arc::clone(&setup.tools.vault), Arc::clone(&setup.tools.spills));
    let ended = Box::pin(run::explorer(model, setup.tools)).await;
    vault.settled().await;
    spills.clear();
    match ended {
        Ok(code) => code,
        Err(error) => {
            terminal::give_back();
            trouble(&format!("the terminal cannot be used: {error}"))
        }
    }
}

/// Prints data to stdout. A reader that went away is quiet.
fn print(text: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => trouble(&format!("stdout cannot be written: {error}")),
    }
}

/// The secrets that variables hold, which are not to come back in what we say of a command line. Read when there is something
/// to say.
static KNOWN: OnceLock<Redactor> = OnceLock::new();

/// Says something to the person on stderr.
fn talk(text: &str) {
    let text = KNOWN.get_or_init(known_secrets).text(text);
    // There is no other place to say that stderr is gone.
    let _ = writeln!(io::stderr(), "{text}");
}

fn usage(sentence: &str) -> ExitCode {
    talk(&format!("pleoscope: {sentence}"));
    ExitCode::from(USAGE)
}

fn trouble(sentence: &str) -> ExitCode {
    talk(&format!("pleoscope: {sentence}"));
    ExitCode::from(TROUBLE)
}
