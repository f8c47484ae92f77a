//! `[[credential]]`: which credentials there are and where they are kept, and our own file of them.

use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::DeValue;

use super::wrong::{Value, Wrong, not_of, take};
use super::{CREDENTIALS, Config, ConfigError};
use crate::edge::folders::{self, FileError, Folders};
use crate::pleo::credential::{CredentialKind, Entry, Place, is_name};
use crate::pleo::environment::Environment;

/// What we write.
#[derive(Serialize)]
struct Rows {
    credential: Vec<Row>,
}

/// A credential as we write it.
#[derive(Serialize)]
struct Row {
    name: String,
    environment: String,
    kind: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    keyring: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    command: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    save: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variable: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    last_four: String,
}

/// The same as it is read, of which anything may be missing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Option<Spanned<String>>,
    environment: Option<Spanned<String>>,
    kind: Option<Spanned<String>>,
    #[serde(default)]
    keyring: bool,
    #[serde(default)]
    command: Vec<String>,
    #[serde(default)]
    save: Vec<String>,
    variable: Option<String>,
    #[serde(default)]
    last_four: String,
}

impl Written {
    /// The entry, where nothing is found wrong with the row at this place; all that is wrong is told.
    fn entry(self, at: usize, found: &mut Vec<Wrong>) -> Option<Entry> {
        // What was told to be of the wrong type is not missing too.
        let is_whole = found.is_empty();
        let mut about = "a credential".to_owned();
        let mut part = |name: &'static str, value: Option<Spanned<String>>| {
            if value.is_none() && is_whole {
                found.push(Wrong::new(at, format!("{about}: {name} is missing")));
            }
            value
        };
        let (name, environment, kind) =
            (part("name", self.name), part("environment", self.environment), part("kind", self.kind));
        if let Some(name) = &name {
            if is_name(name.get_ref()) {
                about = format!("credential {}", name.get_ref());
            } else {
                let reason = "a name is 1 to 40 letters, digits, \"-\", \"_\" or \".\"";
                found.push(Wrong::new(name.span().start, reason));
            }
        }
        let environment = environment.and_then(|word| {
            let known = Environment::ALL.map(Environment::name);
            let said = "environment is staging or production";
            let told = |_| Wrong::new(word.span().start, not_of(said, word.get_ref(), &known));
            word.get_ref().parse::<Environment>().map_err(told).map_err(|wrong| found.push(wrong)).ok()
        });
        let kind = kind.and_then(|word| {
            let known = ["api-key", "access-token", "integrated-key", "legacy-token"];
            let said = "kind is api-key, access-token, integrated-key or legacy-token";
            let told = |_| Wrong::new(word.span().start, not_of(said, word.get_ref(), &known));
            word.get_ref().parse::<CredentialKind>().map_err(told).map_err(|wrong| found.push(wrong)).ok()
        });
        let place = match (self.keyring, self.command.is_empty(), self.variable) {
            (true, true, None) => Some(Place::Keyring),
            (false, false, None) => Some(Place::Command { read: self.command, save: self.save }),
            (false, true, Some(name)) if !name.is_empty() => Some(Place::Variable(name)),
            _ if !is_whole => None,
            _ => {
                let reason = format!("{about}: give exactly one of keyring = true, command = […] and variable = \"…\"");
                found.push(Wrong::new(at, reason));
                None
            }
        };
        let tail = self.last_four.chars().filter(char::is_ascii_graphic).take(4).collect();
        let entry = Entry { environment: environment?, kind: kind?, name: name?.into_inner(), place: place?, tail };
        found.is_empty().then_some(entry)
    }
}

impl Row {
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
        let mut own = Vec::new();
        let entry = take::<Written>(row, &mut own).and_then(|row| row.entry(at, &mut own));
        found.append(&mut own);
        let Some(entry) = entry else {
            continue;
        };
        if config.entries.iter().any(|known| known.key() == entry.key()) {
            let reason = format!("credential {}: there are two of this name for {}", entry.name, entry.environment);
            found.push(Wrong::new(at, reason));
        } else {
            config.entries.push(entry);
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
        let row = |rest: &str| {
            let mut config = Config::default();
            let head = "[[credential]]\nname = \"a\"\nenvironment = \"staging\"\nkind = \"api-key\"\n";
            let found = super::super::read(&format!("{head}{rest}"), &mut config);
            config.entries.pop().ok_or(found)
        };
        let kept = row("keyring = true\nlast_four = \"\\u001b7f3c9\"\n").expect("an entry");
        assert_eq!(kept.tail, "7f3c");
        assert!(row("command = [\"op\"]\n").is_ok() && row("variable = \"X\"\n").is_ok());
        for wrong in ["keyring = true\ncommand = [\"op\"]\n", "", "variable = \"\"\n"] {
            let found = row(wrong).expect_err("no place, or two");
            assert!(found.len() == 1 && found[0].reason.contains("exactly one of"), "{found:?}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let found = super::super::read("[[credential]]\nkeyring = true\n", &mut Config::default());
        let told: Vec<&str> = found.iter().map(|wrong| wrong.reason.as_str()).collect();
        let missing = |name: &str| format!("a credential: {name} is missing");
        assert_eq!(told, ["name", "environment", "kind"].map(missing));
    }
}
