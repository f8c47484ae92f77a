//! `auth`: credentials that outlive a run, without a screen. A secret comes by prompt, standard input or variable.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use tokio::sync::mpsc::channel;

use super::whoami::{self, Output};
use super::{Global, Setup, print, talk, trouble, usage};
use crate::app::event::{Facts, Failure};
use crate::edge::config::{self, ConfigError};
use crate::edge::folders::Folders;
use crate::edge::{keyring, prompt, variables};
use crate::pleo::credential::{Credential, CredentialKind, Entry, Keeping, Place, is_name, recognise};
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::Environment;
use crate::pleo::oauth::{self, Client, ClientAuthentication, Login};
use crate::secret::{Secret, SecretField};
use crate::worker;

/// What is done with credentials.
#[derive(Debug, Subcommand)]
pub enum Auth {
    /// List the credentials of both environments, without their values.
    List {
        /// How they are printed.
        #[arg(short, long, value_enum, default_value_t)]
        output: Output,
    },
    /// Add a credential: asked for at a prompt, or taken from its `PLEOSCOPE_…` variable, and kept in the keyring unless
    /// said otherwise.
    Add(AddArgs),
    /// Log in with OAuth in a browser and keep the tokens.
    Login(LoginArgs),
    /// Remove a credential, also from the keyring.
    Remove {
        /// Its name.
        name: String,
    },
    /// Ask the server who a credential is: the one of this name, or the one that fits.
    Test {
        /// Its name.
        name: Option<String>,
        /// How it is printed.
        #[arg(short, long, value_enum, default_value_t)]
        output: Output,
    },
}

/// The flags of `auth add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Its name: letters, digits, "-", "_" and ".".
    name: String,
    /// Its kind.
    #[arg(long, value_name = "api-key|access-token|integrated-key|legacy-token")]
    kind: CredentialKind,
    /// Read the value from standard input instead of asking.
    #[arg(long)]
    stdin: bool,
    /// Keep nothing: read this environment variable whenever the credential is used.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["stdin", "command"])]
    variable: Option<String>,
    /// Keep nothing: run this program, without a shell, whenever the credential is used; it prints the value.
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "stdin")]
    command: Vec<String>,
}

/// The flags of `auth login`.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// The name under which the tokens are kept.
    #[arg(default_value = "login")]
    name: String,
    /// The client's id, as Pleo gave it.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The client has a secret: ask for it, unless `PLEOSCOPE_{STAGING,PRODUCTION}_CLIENT_SECRET` holds it.
    #[arg(long)]
    confidential: bool,
    /// Read the client's secret from the first line of standard input.
    #[arg(long)]
    stdin: bool,
    /// How a client with a secret proves itself.
    #[arg(long, value_name = "basic|form")]
    client_authentication: Option<String>,
    /// Where the browser comes back to, exactly as registered: a port of this machine, or a whole URI.
    #[arg(long, value_name = "PORT|URI")]
    redirect_uri: Option<String>,
    /// A scope to ask for (may be repeated).
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Open no browser; the address is printed anyway.
    #[arg(long)]
    no_browser: bool,
}

/// Does it.
pub async fn run(global: &Global, command: &Auth) -> ExitCode {
    let done = match command {
        Auth::List { output } => list(global, *output).await,
        Auth::Add(args) => add(global, args).await,
        Auth::Login(args) => login(global, args).await,
        Auth::Remove { name } => remove(global, name).await,
        Auth::Test { name, output } => test(global, name.as_deref(), *output).await,
    };
    done.unwrap_or_else(|code| code)
}

type Done = Result<ExitCode, ExitCode>;

async fn list(global: &Global, output: Output) -> Done {
    let setup = global.setup(&Environment::ALL).await?;
    if let Some(error) = &setup.config_error {
        return Err(usage(error));
    }
    if output == Output::Json {
        let rows: Vec<_> = setup.credentials.iter().map(row).collect();
        return Ok(print(&format!("{:#}\n", serde_json::Value::from(rows))));
    }
    if setup.credentials.is_empty() {
        talk("No credentials: `pleoscope auth add NAME --kind api-key` keeps one in the keyring.");
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = format!("{:<11} {:<20} {:<19} {:<6} kept\n", "environment", "name", "kind", "last");
    for credential in &setup.credentials {
        let tail = if credential.tail().is_empty() { String::new() } else { format!("…{}", credential.tail()) };
        let name = if credential.name().is_empty() { "-" } else { credential.name() };
        let (environment, kind) = (credential.environment(), credential.kind());
        text.push_str(&format!("{environment:<11} {name:<20} {kind:<19} {tail:<6} {}\n", credential.keeping().word()));
    }
    Ok(print(&text))
}

fn row(credential: &Credential) -> serde_json::Value {
    json!({
        "environment": credential.environment().name(),
        "name": credential.name(),
        "kind": credential.kind().word(),
        "kept": credential.keeping().word(),
        "lastFour": credential.tail(),
    })
}

async fn add(global: &Global, args: &AddArgs) -> Done {
    let setup = own_hosts(global, "added").await?;
    if !is_name(&args.name) {
        return Err(usage("a name is 1 to 40 letters, digits, \"-\", \"_\" or \".\""));
    }
    let environment = global.env();
    let place = match (&args.variable, args.command.as_slice()) {
        (Some(name), _) if !is_variable(name) => {
            return Err(usage(
                "--variable takes the name of a variable: capital letters, digits and \"_\"; never a value",
            ));
        }
        (Some(name), _) => Place::Variable(name.clone()),
        (None, []) => Place::Keyring,
        (None, command) => Place::Command { read: command.to_vec(), save: Vec::new() },
    };
    let entry = Entry { environment, kind: args.kind, name: args.name.clone(), place, tail: String::new() };
    if setup.config.entries.iter().any(|known| known.key() == entry.key()) {
        return Err(usage(&format!("{environment} has a credential called {} already: remove it first", args.name)));
    }
    if entry.place == Place::Keyring {
        // Before anything is asked for: without a keyring there is nowhere to put it.
        keyring::is_there().await.map_err(|failure| told(&failure))?;
        let secret = match variables::credential(environment, args.kind).map_err(|error| usage(&error.to_string()))? {
            Some((name, secret)) if !args.stdin => {
                talk(&format!("pleoscope: the value of {name} is taken."));
                secret
            }
            _ => typed(args.kind, args.stdin)?,
        };
        let credential = Credential::new(environment, args.kind, Keeping::Memory, secret);
        if let Some(caution) = credential.caution() {
            talk(&format!("pleoscope: {caution}"));
        }
        let kept =
            setup.tools.vault.keep(&credential, &args.name, &Place::Keyring).await.map_err(|failure| told(&failure))?;
        talk(&format!("{} is kept in the keyring, for {environment}.", kept.credential().label()));
        return Ok(ExitCode::SUCCESS);
    }
    config::save(&folders()?, &entry).map_err(|error| wrong(&error))?;
    talk(&format!(
        "{} is known for {environment}; its value stays where it is. `pleoscope auth test {}` tries it.",
        args.name, args.name
    ));
    Ok(ExitCode::SUCCESS)
}

/// Whether a text can only be the name of a variable, and is no secret by mistake.
fn is_variable(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_') && text.len() <= 64 && text.chars().all(fits)
}

/// The value, from the prompt or standard input.
fn typed(kind: CredentialKind, stdin: bool) -> Result<Secret, ExitCode> {
    let field = if stdin { prompt::from_stdin() } else { prompt::ask(kind.name()) };
    let field = field.map_err(|error| not_given(&error))?;
    let recognised = recognise(kind, &field).map_err(|error| usage(&error.to_string()))?;
    recognised.remarks.iter().for_each(|remark| talk(&format!("pleoscope: {remark}")));
    Ok(recognised.secret)
}

async fn login(global: &Global, args: &LoginArgs) -> Done {
    let setup = global.setup_command().await?;
    let login = asked(global, &setup, args)?;
    if !is_name(&args.name) {
        return Err(usage("a name is 1 to 40 letters, digits, \"-\", \"_\" or \".\""));
    }
    // Before anybody is sent to a browser: where the tokens will be.
    let keeps = !setup.environments.of(global.env()).overridden;
    let known = setup.config.entries.iter().find(|entry| entry.environment == global.env() && entry.name == args.name);
    let entry = known.cloned().unwrap_or_else(|| Entry {
        environment: global.env(),
        kind: CredentialKind::OAuthAccessToken,
        name: args.name.clone(),
        place: Place::Keyring,
        tail: String::new(),
    });
    if keeps {
        match &entry.place {
            _ if entry.kind != CredentialKind::OAuthAccessToken => {
                return Err(usage(&format!("{} is no access token: choose another name", entry.name)));
            }
            Place::Keyring => keyring::is_there().await.map_err(|failure| told(&failure))?,
            Place::Command { save, .. } if !save.is_empty() => {}
            _ => return Err(usage(&format!("{} can only be read: give its row a save command", entry.name))),
        }
    } else {
        talk("pleoscope: the base URL is overridden: the login is tried, and nothing of it is kept.");
    }
    let at = |url: String, listens: bool| {
        talk(&format!("Open this address in a browser and agree:\n\n  {url}\n"));
        talk(if listens {
            "The browser comes back here by itself. If it cannot, paste the address that it was sent to."
        } else {
            "Then paste the address that the browser was sent to, or the code in it."
        });
        if !args.no_browser {
            worker::open_browser(url, setup.tools.vault.hidden());
        }
    };
    let (paste, pasted) = channel(4);
    std::thread::spawn(move || {
        let mut line = zeroize::Zeroizing::new(String::new());
        while std::io::stdin().read_line(&mut line).is_ok_and(|count| count > 0) {
            if paste.blocking_send(Secret::new(line.trim().to_owned())).is_err() {
                return;
            }
            line.clear();
        }
        // The end of standard input is no end of the login: the browser may still come back.
        std::thread::park();
    });
    let say = |line: String| talk(&format!("  {line}"));
    let (credential, facts) =
        worker::log_in(&setup.tools, login, pasted, &at, &say).await.map_err(|failure| told(&failure))?;
    if keeps {
        setup.tools.vault.keep_as(&credential, entry.clone()).await.map_err(|failure| told(&failure))?;
        talk(&format!(
            "Logged in; the tokens are kept ({}) as {} of {}.",
            entry.credential().keeping().word(),
            entry.name,
            global.env()
        ));
    } else {
        talk("Logged in.");
    }
    if let Facts { left: Some(left), renews, .. } = facts {
        let renewed = if renews && keeps { " and is renewed by itself" } else { "" };
        talk(&format!("The access token lives for {} seconds{renewed}.", left.as_secs()));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the flags, the configuration and the variables ask for.
fn asked(global: &Global, setup: &Setup, args: &LoginArgs) -> Result<Login, ExitCode> {
    let defaults = setup.login_defaults().remove(&global.env());
    let id = args.client_id.clone().or_else(|| defaults.as_ref().map(|own| own.client.id.clone()));
    let id = id.filter(|id| !id.is_empty()).ok_or_else(|| {
        usage(&format!("--client-id is missing, and the configuration has none under [oauth.{}]", global.env()))
    })?;
    let redirect =
        args.redirect_uri.clone().or_else(|| defaults.as_ref().map(|own| own.redirect_uri.as_str().to_owned()));
    let redirect_uri = oauth::redirect_uri(&redirect.unwrap_or_else(|| oauth::PORT.to_string()))
        .map_err(|error| usage(&format!("--redirect-uri: {error}")))?;
    let scopes = if args.scopes.is_empty() {
        defaults.as_ref().map_or_else(Vec::new, |own| own.scopes.clone())
    } else {
        args.scopes.clone()
    };
    let scopes: Vec<String> = scopes
        .iter()
        .flat_map(|text| text.split([' ', ',']))
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect();
    if scopes.is_empty() {
        return Err(usage(
            "--scope is missing: say what is asked for, for example --scope users:read --scope companies:read",
        ));
    }
    let authentication = match args.client_authentication.as_deref() {
        None => defaults.as_ref().map_or_else(ClientAuthentication::default, |own| own.client.authentication),
        Some("basic") => ClientAuthentication::Basic,
        Some("form") => ClientAuthentication::Form,
        Some(_) => return Err(usage("--client-authentication is basic or form")),
    };
    let secret = client_secret(global.env(), args)?;
    Ok(Login { environment: global.env(), client: Client { id, secret, authentication }, redirect_uri, scopes })
}

/// The client's secret: by variable, standard input or prompt.
fn client_secret(environment: Environment, args: &LoginArgs) -> Result<Option<Secret>, ExitCode> {
    if let Some(secret) = variables::client_secret(environment) {
        return Ok(Some(secret));
    }
    let field: SecretField = match (args.stdin, args.confidential) {
        (true, _) => first_line().map_err(|error| usage(&format!("--stdin: {error}")))?,
        (false, true) => prompt::ask("Client secret").map_err(|error| not_given(&error))?,
        (false, false) => return Ok(None),
    };
    let text = field.inspect(|text| text.trim().to_owned());
    if text.is_empty() { Err(usage("the client secret is empty")) } else { Ok(Some(Secret::new(text))) }
}

/// Ctrl-C at a prompt is Ctrl-C.
fn not_given(error: &prompt::PromptError) -> ExitCode {
    let code = usage(&error.to_string());
    if matches!(error, prompt::PromptError::Cancelled) { ExitCode::from(130) } else { code }
}

/// The first line of standard input; what follows may be pasted for the login itself.
fn first_line() -> std::io::Result<SecretField> {
    let mut line = zeroize::Zeroizing::new(String::new());
    std::io::stdin().read_line(&mut line)?;
    let mut field = SecretField::new();
    field.insert(line.trim());
    Ok(field)
}

async fn remove(global: &Global, name: &str) -> Done {
    let setup = global.setup_command().await?;
    let credential = setup.credential(global.env(), Some(name), Surface::External)?;
    let Some(credential) = credential else {
        return Err(usage("there is no such credential"));
    };
    setup.tools.vault.forget(&credential, true).await.map_err(|failure| told(&failure))?;
    talk(&format!("{name} is removed from {}.", global.env()));
    Ok(ExitCode::SUCCESS)
}

async fn test(global: &Global, name: Option<&str>, output: Output) -> Done {
    let setup = global.setup_command().await?;
    match setup.credential(global.env(), name, Surface::External)? {
        Some(credential) => Ok(whoami::tell(&setup.tools, &setup.environments, &credential, output).await),
        None => Err(usage(&format!("{} has no credential: `pleoscope auth add` adds one", global.env()))),
    }
}

/// A setup in which something may be kept: nothing is with overridden hosts.
async fn own_hosts(global: &Global, what: &str) -> Result<Setup, ExitCode> {
    let setup = global.setup_command().await?;
    if setup.environments.of(global.env()).overridden {
        return Err(usage(&format!(
            "with an overridden base URL no credential is {what}: stored ones are never used there"
        )));
    }
    Ok(setup)
}

fn folders() -> Result<Folders, ExitCode> {
    Folders::find().map_err(|error| trouble(&error.to_string()))
}

fn told(failure: &Failure) -> ExitCode {
    trouble(&failure.sentence)
}

fn wrong(error: &ConfigError) -> ExitCode {
    trouble(&error.to_string())
}
