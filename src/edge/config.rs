//! The configuration: `config.toml`, which a person writes and we only read, and `credentials.toml`, where `auth add`
//! keeps which credentials there are and where. Neither ever holds a secret. A file a section; [`SECTIONS`] names them.

mod check;
mod credential;
mod effective;
mod history;
mod keys;
mod oauth;
mod response;
mod theme;
mod timeouts;
mod variables;
mod wrong;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::folders::{self, FileError, Folders};
use super::history::Rules;
use super::spill::Limits;
use crate::app::keymap::Keymap;
use crate::app::looks::Looks;
use crate::document;
use crate::pleo::credential::Entry;
use crate::pleo::environment::Environment;
use crate::pleo::timing::{GivenTimeouts, Timeouts};
use crate::pleo::variables::Values;

pub use check::{Fault, faults};
pub use credential::{is_ours, remove, save};
pub use effective::{Source, Value as EffectiveValue, effective};
pub use oauth::ClientDefaults;
pub(in crate::edge) use wrong::{Value, Wrong, unknown};

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
    /// How long one waits.
    pub timeouts: ConfiguredTimeouts,
    /// The keys, the person's own among them.
    pub keymap: Keymap,
    /// The themes, and the one that is chosen.
    pub looks: Looks,
    /// What of exchanges is kept beyond a run.
    pub history: Rules,
    /// What variables in requests stand for.
    pub variables: BTreeMap<Environment, Values>,
}

/// How long one waits, as far as it is configured.
#[derive(Clone, Debug, Default)]
pub struct ConfiguredTimeouts {
    /// In all environments.
    pub all: GivenTimeouts,
    /// In one.
    pub own: BTreeMap<Environment, GivenTimeouts>,
}

impl ConfiguredTimeouts {
    /// The limits of an environment.
    #[must_use]
    pub fn of(&self, environment: Environment) -> Timeouts {
        let own = self.own.get(&environment).copied().unwrap_or_default();
        own.over(self.all.over(Timeouts::default()))
    }
}

/// Takes a section in, and tells what is wrong with it; what is right of it is used.
type Read = fn(Value<'_>, &mut Config, &mut Vec<Wrong>);

/// A section that a file may have.
struct Section {
    name: &'static str,
    /// All of it as TOML with the values that hold where nothing is written, or examples; comments say what they mean.
    text: fn() -> String,
    /// Whether that is an example, of which nothing holds by itself.
    example: bool,
    read: Read,
}

/// The sections, in the order of [`default_text`].
const SECTIONS: [Section; 9] = [
    Section { name: "theme", text: theme::text, example: false, read: theme::read },
    Section { name: "themes", text: theme::own_text, example: true, read: theme::read_own },
    Section { name: "response", text: response::text, example: false, read: response::read },
    Section { name: "timeouts", text: timeouts::text, example: false, read: timeouts::read },
    Section { name: "history", text: history::text, example: false, read: history::read },
    Section { name: "oauth", text: oauth::text, example: false, read: oauth::read },
    Section { name: "credential", text: credential::text, example: true, read: credential::read },
    Section { name: "variables", text: variables::text, example: true, read: variables::read },
    Section { name: "keys", text: keys::text, example: false, read: keys::read },
];

/// A whole file, in which nothing is written yet: every section and key in comments, keys and sections behind a `#` alone.
#[must_use]
pub fn default_text() -> String {
    let mut text = String::from(HEAD);
    for section in &SECTIONS {
        text.push('\n');
        for line in (section.text)().lines() {
            let is_said = line.is_empty() || line.starts_with('#');
            text.push_str(&if is_said { format!("{line}\n") } else { format!("#{line}\n") });
        }
    }
    text
}

/// How a whole file begins.
const HEAD: &str = "# The configuration of pleoscope.
#
# Every section and key is here, behind a #, with the value that holds without it, or an example.
# Take the # away from a key and from the section above it. What is wrong is told with its line by
# `pleoscope config check`. No secret belongs into this file.
";

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It does not say what it may say.
    #[error("{}:{line}:{column}: {reason}", document::displayable(&.path.display().to_string()))]
    Wrong {
        /// Which file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1, in characters.
        column: usize,
        /// What is wrong, without any value of the file.
        reason: String,
    },
}

/// What could be read, and what is wrong with the rest.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What can be used.
    pub config: Config,
    /// What cannot, in the order of the files.
    pub errors: Vec<ConfigError>,
}

impl Loaded {
    /// All of it, or the first error.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn strict(self) -> Result<Config, ConfigError> {
        self.errors.into_iter().next().map_or(Ok(self.config), Err)
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let first = self.errors.first()?;
        Some(match self.errors.len() - 1 {
            0 => first.to_string(),
            more => format!("{first} ({more} more: `pleoscope config check` tells all)"),
        })
    }

    fn take(&mut self, path: &Path) {
        match folders::read(path) {
            Ok(Some(text)) => {
                let wrong = read(&text, &mut self.config);
                self.errors.extend(wrong.into_iter().map(|wrong| {
                    let (line, column) = wrong.place(&text);
                    ConfigError::Wrong { path: path.to_owned(), line, column, reason: wrong.reason }
                }));
            }
            Ok(None) => {}
            Err(error) => self.errors.push(error.into()),
        }
    }
}

/// Reads both files; it never quotes a value of one.
#[must_use]
pub fn load(folders: &Folders) -> Loaded {
    folders::sweep(&folders.config, CREDENTIALS.as_ref());
    let mut loaded = Loaded::default();
    for name in [CONFIG, CREDENTIALS] {
        loaded.take(&folders.config.join(name));
    }
    loaded
}

/// Reads one file; what is not there says nothing.
#[must_use]
pub fn read_file(path: &Path) -> Loaded {
    let mut loaded = Loaded::default();
    loaded.take(path);
    loaded
}

fn read(text: &str, config: &mut Config) -> Vec<Wrong> {
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => return vec![Wrong::of(&error, 0)],
    };
    let mut found = Vec::new();
    // A theme of one's own is known before it is chosen.
    let mut table: Vec<_> = table.into_iter().collect();
    table.sort_by_key(|(name, _)| name.get_ref() != "themes");
    for (name, value) in table {
        match SECTIONS.iter().find(|section| section.name == name.get_ref().as_ref()) {
            Some(section) => (section.read)(value, config, &mut found),
            None => {
                let known = SECTIONS.map(|section| section.name);
                found.push(Wrong::new(name.span().start, wrong::unknown("section", name.get_ref(), &known)));
            }
        }
    }
    found.sort_by_key(|wrong| wrong.at);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<String> {
        let found = read(text, &mut Config::default());
        found.iter().map(|wrong| format!("{:?} {}", wrong.place(text), wrong.reason)).collect()
    }

    #[test]
    fn errors_have_a_place_and_no_values() {
        let text = "[[credential]]\nname = \"a\"\nenvironment = \"staging\"\nkind = \"api-key\"\ncomand = [\"x\"]\n";
        assert_eq!(wrong(text), ["(5, 1) there is no key `comand`; did you mean `command`?"]);
        for text in
            ["[[credential]]\ncommand = \"CNRY-secret\"\n", "[[credential]]\nname = CNRY-secret\n", "CNRY-secret = 1\n"]
        {
            assert!(!wrong(text).concat().contains("CNRY-secret"), "{:?}", wrong(text));
        }
    }

    /// The whole file with every line in force.
    fn uncommented() -> String {
        let bare = |line: &str| {
            let said = line.starts_with("# ") || line == "#";
            if said { line.to_owned() } else { line.strip_prefix('#').unwrap_or(line).to_owned() }
        };
        default_text().lines().map(|line| bare(line) + "\n").collect()
    }

    #[test]
    fn the_default_says_nothing_and_every_line_of_it_is_good() {
        let mut config = Config::default();
        assert_eq!(read(&default_text(), &mut config), []);
        assert_eq!((config.entries.len(), config.clients.len()), (0, 0));
        let text = uncommented();
        assert_eq!(wrong(&text), Vec::<String>::new(), "{text}");
        read(&text, &mut config);
        assert_eq!((config.limits, &config.keymap), (Limits::default(), &Keymap::default()));
        assert_eq!(config.history, Rules::default());
        assert_eq!(config.clients.len(), 2);
    }

    /// Asks the loader itself which keys it knows, by one that it does not know.
    fn known_keys(section: &str) -> Vec<String> {
        let text = format!("{section}\nzzzzzzzzzzzzzzzzzzzz = \"x\"\n");
        let told = wrong(&text).concat();
        let (_, known) = told.split_once("those that there are: ").unwrap_or_else(|| panic!("{section}: {told}"));
        known.split(", ").map(str::to_owned).collect()
    }

    #[test]
    fn no_key_is_missing_from_the_default() {
        let text = uncommented();
        for name in SECTIONS.map(|section| section.name) {
            assert!(text.contains(&format!("[{name}")), "{name}");
        }
        let headings = [
            "[theme]",
            "[themes.mine]",
            "[response]",
            "[history]",
            "[oauth.staging]",
            "[oauth.production]",
            "[[credential]]",
        ];
        for heading in headings {
            let of = |line: &str| line.starts_with(heading);
            let keys: Vec<&str> = text
                .split('\n')
                .skip_while(|line| !of(line))
                .skip(1)
                .take_while(|line| !line.starts_with('[') || of(line))
                .filter(|line| !line.starts_with('#'))
                .filter_map(|line| line.split_once(" = ").map(|(key, _)| key))
                .collect();
            let known = known_keys(heading);
            assert!(!known.is_empty());
            for key in known {
                assert!(keys.contains(&key.as_str()), "{heading} does not say {key}: {keys:?}");
            }
        }
        let (actions, _) = crate::app::keymap::names();
        for action in actions {
            assert!(text.contains(&format!("\n{action} = ")), "{action}");
        }
    }

    #[test]
    fn every_error_is_told_and_the_rest_is_used() {
        let text =
            "[response]\nmemory_limit = 5\nbody_limt = \"1 GB\"\n\n[oauth.staging]\nclient_id = \"me\"\n\n[respons]\n";
        let mut config = Config::default();
        let found = read(text, &mut config);
        let places: Vec<_> = found.iter().map(|wrong| wrong.place(text)).collect();
        assert_eq!(places, [(2, 16), (3, 1), (8, 2)], "{found:?}");
        assert_eq!(config.clients.len(), 1);
    }
}
