//! `[[credential]]`: which credentials there are and where they are kept, and our own file of them.

use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::de::DeValue;

use super::wrong::{Value, Wrong, take};
use super::{CREDENTIALS, Config, ConfigError};
use crate::edge::folders::{self, FileError, Folders};
use crate::pleo::credential::{CredentialKind, Entry, Place, is_name};
use crate::pleo::environment::Environment;

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

/// All of it, by example: there are as many as a person has.
pub(super) fn text() -> String {
    "# A credential that is kept outside of pleoscope, a table each. `pleoscope auth add` writes such tables itself, into
# credentials.toml. Each has exactly one of keyring, command and variable.
[[credential]]
name = \"books\"
# staging or production.
environment = \"staging\"
# api-key, access-token, integrated-key or legacy-token.
kind = \"api-key\"
# A program that prints it, with its arguments; nothing of it is run by a shell.
command = [\"op\", \"read\", \"op://Private/Pleo staging/credential\"]
# A program that takes a renewed access token on its standard input.
save = []
# The last four characters, to tell it from others.
last_four = \"\"

[[credential]]
name = \"ci\"
environment = \"production\"
kind = \"api-key\"
# A variable that holds it.
variable = \"MY_PLEO_KEY\"

[[credential]]
name = \"laptop\"
environment = \"production\"
kind = \"api-key\"
# In the keyring of the system, where `pleoscope auth add` put it.
keyring = true
"
    .to_owned()
}

/// Takes the rows in, each by itself: a wrong one does not cost the others.
pub(super) fn read(value: Value<'_>, config: &mut Config, found: &mut Vec<Wrong>) {
    let at = value.span().start;
    let DeValue::Array(rows) = value.into_inner() else {
        return found.push(Wrong::new(at, "each credential is a table of its own: begin it with [[credential]]"));
    };
    for row in rows {
        let at = row.span().start;
        let Some(row) = take::<Row>(row, found) else {
            continue;
        };
        let about = if is_name(&row.name) { format!("credential {}", row.name) } else { "a credential".to_owned() };
        match row.entry() {
            Err(reason) => found.push(Wrong::new(at, format!("{about}: {reason}"))),
            Ok(entry) if config.entries.iter().any(|known| known.key() == entry.key()) => {
                let reason = format!("{about}: there are two of this name for {}", entry.environment);
                found.push(Wrong::new(at, reason));
            }
            Ok(entry) => config.entries.push(entry),
        }
    }
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
    let ours = super::read_file(&folders.config.join(CREDENTIALS)).strict()?;
    Ok(ours.entries.iter().any(|known| known.key() == entry.key()))
}

/// Reads our file, changes its entries and writes it, while no other process does the same.
fn change(folders: &Folders, how: impl FnOnce(&mut Vec<Entry>)) -> Result<(), ConfigError> {
    let path = folders.config.join(CREDENTIALS);
    let _held = locked(folders, &path)?;
    let mut entries = super::read_file(&path).strict()?.entries;
    how(&mut entries);
    let rows = Rows { credential: entries.iter().map(Row::of).collect() };
    let body = toml::to_string(&rows).map_err(|error| FileError::System {
        path: path.clone(),
        what: "written",
        source: std::io::Error::other(error),
    })?;
    let head = "# Written by pleoscope (auth add, auth remove, K in the explorer). It holds no secrets: it says where they are.\n\n";
    Ok(folders::write(&path, &format!("{head}{body}"))?)
}

fn locked(folders: &Folders, path: &Path) -> Result<folders::Locked, FileError> {
    let system = |source| FileError::System { path: path.to_owned(), what: "locked", source };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(2);
    loop {
        match folders::try_lock(folders, "credentials").map_err(system)? {
            Some(locked) => return Ok(locked),
            None if std::time::Instant::now() > deadline => {
                return Err(system(std::io::Error::other("another pleoscope is writing it")));
            }
            None => std::thread::sleep(std::time::Duration::from_millis(10)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
