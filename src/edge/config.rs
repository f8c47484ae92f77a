//! The configuration: `config.toml`, which a person writes and we only read, and `credentials.toml`, where `auth add`
//! keeps which credentials there are and where. Neither ever holds a secret.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::folders::{self, FileError, Folders};
use super::spill::Limits;
use crate::pleo::catalogue::nearest;
use crate::pleo::credential::{CredentialKind, Entry, Place, is_name};
use crate::pleo::environment::Environment;
use crate::pleo::oauth::{ClientAuthentication, redirect_uri};
use crate::units::size;

/// The file that a person writes.
pub const CONFIG: &str = "config.toml";
/// The file that we write.
pub const CREDENTIALS: &str = "credentials.toml";

/// What both files say.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The stored credentials, those of the person's own file first.
    pub entries: Vec<Entry>,
    /// The OAuth client of each environment.
    pub clients: Vec<(Environment, ClientDefaults)>,
    /// How much of a body is kept, and where.
    pub limits: Limits,
}

/// What a login begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientDefaults {
    /// The client's id.
    #[serde(default)]
    pub client_id: String,
    /// `basic` or `form`.
    #[serde(default)]
    pub client_authentication: String,
    /// The redirect URI, or the port of a loopback one.
    #[serde(default)]
    pub redirect_uri: String,
    /// The scopes to ask for.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl ClientDefaults {
    /// How the client proves who it is.
    #[must_use]
    pub fn authentication(&self) -> ClientAuthentication {
        if self.client_authentication == ClientAuthentication::Form.word() {
            ClientAuthentication::Form
        } else {
            ClientAuthentication::Basic
        }
    }
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It does not say what it may say.
    #[error("{path:?}, {place}: {reason}")]
    Wrong {
        /// Which file.
        path: PathBuf,
        /// Line and column, or which credential.
        place: String,
        /// What is wrong, without any value of the file.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    credential: Vec<Row>,
    #[serde(default)]
    oauth: Clients,
    #[serde(default)]
    response: Response,
}

/// How much of a body is kept: sizes such as `256 MiB`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    memory_limit: Option<String>,
    body_limit: Option<String>,
}

impl Response {
    fn apply(&self, limits: &mut Limits) -> Result<(), String> {
        let pairs = [
            ("memory_limit", &self.memory_limit, &mut limits.memory),
            ("body_limit", &self.body_limit, &mut limits.body),
        ];
        for (name, text, limit) in pairs {
            if let Some(text) = text {
                *limit = size(text).ok_or_else(|| format!("{name} is a size such as \"256 MiB\" or \"2 GB\""))?;
            }
        }
        Ok(())
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clients {
    staging: Option<ClientDefaults>,
    production: Option<ClientDefaults>,
}

/// What we write.
#[derive(Serialize)]
struct Rows {
    credential: Vec<Row>,
}

/// A credential as the files have it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    environment: String,
    kind: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    keyring: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    command: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    save: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variable: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    last_four: String,
}

impl Row {
    fn entry(self) -> Result<Entry, String> {
        if !is_name(&self.name) {
            return Err("a name is 1 to 40 letters, digits, \"-\", \"_\" or \".\"".to_owned());
        }
        let environment: Environment =
            self.environment.parse().map_err(|_| "environment is staging or production".to_owned())?;
        let kind: CredentialKind = self
            .kind
            .parse()
            .map_err(|_| "kind is api-key, access-token, integrated-key or legacy-token".to_owned())?;
        let place = match (self.keyring, self.command.is_empty(), self.variable) {
            (true, true, None) => Place::Keyring,
            (false, false, None) => Place::Command { read: self.command, save: self.save },
            (false, true, Some(name)) if !name.is_empty() => Place::Variable(name),
            _ => return Err("give exactly one of keyring = true, command = […] and variable = \"…\"".to_owned()),
        };
        let tail: String = self.last_four.chars().filter(char::is_ascii_graphic).take(4).collect();
        Ok(Entry { environment, kind, name: self.name, place, tail })
    }

    fn of(entry: &Entry) -> Self {
        let (keyring, command, save, variable) = match &entry.place {
            Place::Keyring => (true, Vec::new(), Vec::new(), None),
            Place::Command { read, save } => (false, read.clone(), save.clone(), None),
            Place::Variable(name) => (false, Vec::new(), Vec::new(), Some(name.clone())),
        };
        Self {
            name: entry.name.clone(),
            environment: entry.environment.name().to_owned(),
            kind: entry.kind.word().to_owned(),
            keyring,
            command,
            save,
            variable,
            last_four: entry.tail.clone(),
        }
    }
}

/// Reads both files.
///
/// # Errors
/// [`ConfigError`] with line and column; it never quotes a value of a file.
pub fn load(folders: &Folders) -> Result<Config, ConfigError> {
    let mut config = Config::default();
    folders::sweep(&folders.config, CREDENTIALS.as_ref());
    for name in [CONFIG, CREDENTIALS] {
        let path = folders.config.join(name);
        let Some(text) = folders::read(&path)? else {
            continue;
        };
        let written = parse(&path, &text)?;
        let wrong = |reason| ConfigError::Wrong { path: path.clone(), place: "response".to_owned(), reason };
        written.response.apply(&mut config.limits).map_err(wrong)?;
        for row in written.credential {
            let place = format!("credential {}", if is_name(&row.name) { &row.name } else { "without a proper name" });
            let wrong = |reason| ConfigError::Wrong { path: path.clone(), place: place.clone(), reason };
            let entry = row.entry().map_err(wrong)?;
            if config.entries.iter().any(|known| known.key() == entry.key()) {
                return Err(wrong(format!("there are two of this name for {}", entry.environment)));
            }
            config.entries.push(entry);
        }
        let clients =
            [(Environment::Staging, written.oauth.staging), (Environment::Production, written.oauth.production)];
        for (environment, client) in clients {
            let Some(client) = client else {
                continue;
            };
            let place = format!("oauth.{environment}");
            let wrong = |reason: &str| ConfigError::Wrong { path: path.clone(), place, reason: reason.to_owned() };
            if !matches!(client.client_authentication.as_str(), "" | "basic" | "form") {
                return Err(wrong("client_authentication is \"basic\" or \"form\""));
            }
            if !client.redirect_uri.is_empty() && redirect_uri(&client.redirect_uri).is_err() {
                return Err(wrong("redirect_uri is an https URI, an http one on this machine, or a port"));
            }
            config.clients.push((environment, client));
        }
    }
    Ok(config)
}

/// Adds an entry to our file, or puts it in the place of one of the same name.
///
/// # Errors
/// [`ConfigError`]; also when the person's own file has one of that name.
pub fn save(folders: &Folders, entry: &Entry) -> Result<(), ConfigError> {
    change(folders, |rows| {
        rows.retain(|known| known.key() != entry.key());
        rows.push(entry.clone());
    })
}

/// Takes an entry out of our file; `false` when it is not there.
///
/// # Errors
/// [`ConfigError`].
pub fn remove(folders: &Folders, entry: &Entry) -> Result<bool, ConfigError> {
    let mut found = false;
    change(folders, |rows| {
        let before = rows.len();
        rows.retain(|known| known.key() != entry.key());
        found = rows.len() < before;
    })?;
    Ok(found)
}

/// Whether our own file has an entry of that name; if not, the person's has it, or none.
///
/// # Errors
/// [`ConfigError`].
pub fn is_ours(folders: &Folders, entry: &Entry) -> Result<bool, ConfigError> {
    Ok(ours(folders)?.iter().any(|known| known.key() == entry.key()))
}

fn ours(folders: &Folders) -> Result<Vec<Entry>, ConfigError> {
    let path = folders.config.join(CREDENTIALS);
    let Some(text) = folders::read(&path)? else {
        return Ok(Vec::new());
    };
    let entries = parse(&path, &text)?.credential.into_iter().map(Row::entry).collect::<Result<_, _>>();
    entries.map_err(|reason| ConfigError::Wrong { path, place: "a credential".to_owned(), reason })
}

/// Reads our file, changes its entries and writes it, while no other process does the same.
fn change(folders: &Folders, how: impl FnOnce(&mut Vec<Entry>)) -> Result<(), ConfigError> {
    let path = folders.config.join(CREDENTIALS);
    let system = |source| FileError::System { path: path.clone(), what: "locked", source };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(2);
    let _held = loop {
        match folders::try_lock(folders, "credentials").map_err(system)? {
            Some(locked) => break locked,
            None if std::time::Instant::now() > deadline => {
                return Err(system(std::io::Error::other("another pleoscope is writing it")).into());
            }
            None => std::thread::sleep(std::time::Duration::from_millis(10)),
        }
    };
    let mut entries = ours(folders)?;
    how(&mut entries);
    let rows = Rows { credential: entries.iter().map(Row::of).collect() };
    let body = toml::to_string(&rows).map_err(|error| ConfigError::Wrong {
        path: path.clone(),
        place: "a credential".to_owned(),
        reason: error.to_string(),
    })?;
    let head = "# Written by pleoscope (auth add, auth remove, K in the explorer). It holds no secrets: it says where they are.\n\n";
    Ok(folders::write(&path, &format!("{head}{body}"))?)
}

fn parse(path: &Path, text: &str) -> Result<Written, ConfigError> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let place = format!("line {line}, column {column}");
        ConfigError::Wrong { path: path.to_owned(), place, reason: without_values(error.message()) }
    })
}

/// The reason without anything that may be a value of the file; an unknown key gets the nearest.
fn without_values(message: &str) -> String {
    let reason = message.lines().next().unwrap_or_default();
    let mut names = reason.split('`').skip(1).step_by(2);
    if let (true, Some(unknown)) = (reason.starts_with("unknown field"), names.next()) {
        let known: Vec<&str> = names.collect();
        // What is like none of them may be anything, also a secret in the wrong place.
        return match nearest(unknown, known.iter().copied()) {
            Some(meant) => format!("there is no key `{unknown}`; did you mean `{meant}`?"),
            None => format!("there is no such key; those that there are: {}", known.join(", ")),
        };
    }
    // `invalid type: string "…", expected a sequence`: the value itself may hold quotation marks and commas.
    if let (Some((what, _)), Some((_, wanted))) = (reason.split_once(": "), reason.rsplit_once(", expected ")) {
        return format!("{what}, expected {wanted}");
    }
    let (first, last) = (reason.find('"'), reason.rfind('"'));
    match first.zip(last) {
        Some((first, last)) => format!("{}\"…{}", &reason[..first], &reason[last..]),
        None => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        parse(Path::new("config.toml"), text).map(|_| ()).expect_err("an error").to_string()
    }

    #[test]
    fn errors_have_a_place_and_no_values() {
        let text = "[[credential]]\nname = \"a\"\nenvironment = \"staging\"\nkind = \"api-key\"\ncomand = [\"x\"]\n";
        assert!(
            wrong(text).contains("line 5, column 1: there is no key `comand`; did you mean `command`?"),
            "{}",
            wrong(text)
        );
        for text in
            ["[[credential]]\ncommand = \"CNRY-secret\"\n", "[[credential]]\nname = CNRY-secret\n", "CNRY-secret = 1\n"]
        {
            assert!(!wrong(text).contains("CNRY-secret"), "{}", wrong(text));
        }
    }

    #[test]
    fn a_row_names_exactly_one_place() {
        let row = |keyring, command: &[&str], variable: Option<&str>| Row {
            name: "a".into(),
            environment: "staging".into(),
            kind: "api-key".into(),
            keyring,
            command: command.iter().map(ToString::to_string).collect(),
            save: Vec::new(),
            variable: variable.map(str::to_owned),
            last_four: "\u{1b}7f3c9".into(),
        };
        assert_eq!(row(true, &[], None).entry().map(|entry| entry.tail).as_deref(), Ok("7f3c"));
        assert!(row(false, &["op"], None).entry().is_ok() && row(false, &[], Some("X")).entry().is_ok());
        assert!(row(true, &["op"], None).entry().is_err() && row(false, &[], None).entry().is_err());
    }
}
