//! The log of a run, where one is asked for: a line of JSON for each thing that happened. It holds no key that was pressed, no
//! body, no header, and of a URL neither its query's values nor anything of a link to a strange host; a credential is
//! told by its label.

use std::fmt::{self, Write as _};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::folders::FileError;
use crate::pleo::handing;
use crate::pleo::prepared::Prepared;

/// The log of this run.
static LOG: OnceLock<Mutex<File>> = OnceLock::new();
/// Why a line of it is missing; the first time that one could not be written.
static MISSING: OnceLock<String> = OnceLock::new();

/// Opens the log, at its end; its owner alone may read it.
///
/// # Errors
/// [`FileError`]; also where it is a link, a pipe or a device.
pub fn open(path: &Path) -> Result<(), FileError> {
    let system = |source| FileError::System { path: path.to_owned(), what: "written", source };
    // A pipe that nobody reads would be waited for, and a link leads where its maker wants.
    if let Ok(about) = std::fs::symlink_metadata(path)
        && !about.is_file()
    {
        return Err(FileError::NotAFile(path.to_owned()));
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(system)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(system)?;
    // There is one log a run.
    let _ = LOG.set(Mutex::new(file));
    Ok(())
}

/// Whether there is one: what is costly to tell is told only then.
#[must_use]
pub fn is_on() -> bool {
    LOG.get().is_some()
}

/// Notes that something happened.
pub fn say(what: &str, about: &[(&str, Value)]) {
    let Some(log) = LOG.get() else {
        return;
    };
    let mut line = Map::new();
    line.insert("time".to_owned(), Timestamp::now().to_string().into());
    line.insert("what".to_owned(), what.into());
    line.extend(about.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let mut text = Value::Object(line).to_string();
    text.push('\n');
    let mut file = log.lock().unwrap_or_else(PoisonError::into_inner);
    // A disk that is full must not end what is logged.
    if let Err(error) = file.write_all(text.as_bytes()) {
        MISSING.get_or_init(|| {
            format!("The log is not whole: its file cannot be written ({error}): make room there; all else went on.")
        });
    }
}

/// What is to be said of the log in the end, a sentence.
#[must_use]
pub fn missing() -> Option<&'static str> {
    MISSING.get().map(String::as_str)
}

/// A request's URL as it may be logged.
#[must_use]
pub fn url(request: &Prepared) -> String {
    let url = request.url();
    let origin = url.origin().ascii_serialization();
    if request.is_elsewhere() {
        return format!("{origin}/…");
    }
    let names: Vec<String> = url.query_pairs().map(|(name, _)| format!("{name}=…")).collect();
    let query = if names.is_empty() { String::new() } else { format!("?{}", names.join("&")) };
    format!("{}{query}", handing::without_keys(&format!("{origin}{}", url.path())))
}

/// The name of a value's variant, and nothing of what it holds.
#[must_use]
pub fn variant(value: &impl fmt::Debug) -> String {
    let mut name = Name(String::new());
    // It breaks off behind the name.
    let _ = write!(name, "{value:?}");
    name.0
}

struct Name(String);

impl fmt::Write for Name {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if !c.is_alphanumeric() {
                return Err(fmt::Error);
            }
            self.0.push(c);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::event::{Effect, WorkId};

    #[test]
    fn a_variant_is_told_without_what_it_holds() {
        assert_eq!(variant(&Effect::Copy("CNRY".to_owned())), "Copy");
        assert_eq!(variant(&Effect::Cancel(WorkId(7))), "Cancel");
        assert_eq!(variant(&Effect::Quit), "Quit");
    }
}
