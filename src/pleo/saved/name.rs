//! What a saved request is called: `name` or `folder/name`, `./` before it for one of the repository. Whatever is called so
//! lies within its folder.

use std::fmt;
use std::str::FromStr;

/// Longest part of a name, in bytes: with what is put around it, it is still a file's name everywhere.
const LONGEST: usize = 80;

/// Most parts of a name.
pub const DEEPEST: usize = 6;

/// What stands before the name of one of the repository.
const REPOSITORY: &str = "./";

/// Names that are devices on some systems, whatever their extension: a repository that holds one cannot be checked out there.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// Where a saved request is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Beside the person's configuration.
    Own,
    /// In the repository in which the program was started.
    Repository,
}

impl Place {
    /// Both, in the order in which a name is looked for.
    pub const ALL: [Self; 2] = [Self::Own, Self::Repository];

    /// The word of it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Repository => "repository",
        }
    }
}

/// A name that leads nowhere but into its folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or nothing between two slashes.
    #[error("a name is missing: write for example employees, or folder/employees")]
    Empty,
    /// Something that it may not hold.
    #[error(
        "a name holds no {what}: it is letters, digits, spaces, \"-\", \"_\" and \".\", and a \"/\" between folders"
    )]
    Character {
        /// What was found, in words.
        what: String,
    },
    /// It begins or ends as it may not.
    #[error("{part:?} may not {how}: a name begins with a letter or digit and ends with no dot or space")]
    Edge {
        /// Which part.
        part: String,
        /// What it does.
        how: &'static str,
    },
    /// A device on some systems.
    #[error("{0:?} is a device on some systems, and no file may be called so: take another name")]
    Device(String),
    /// Too long.
    #[error("a name or folder is at most {LONGEST} bytes long: take a shorter one")]
    Long,
    /// Too deep.
    #[error("a name has at most {} folders before it: take fewer", DEEPEST - 1)]
    Deep,
}

impl Name {
    /// The name as a text; its parts are separated by slashes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders before the last part, with the slash behind them, and that part.
    #[must_use]
    pub fn split(&self) -> (&str, &str) {
        self.0.rfind('/').map_or(("", self.0.as_str()), |at| self.0.split_at(at + 1))
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        let text = text.strip_suffix(".toml").unwrap_or(text);
        let parts: Vec<&str> = text.split('/').collect();
        parts.iter().try_for_each(|part| check(part))?;
        if parts.len() > DEEPEST {
            return Err(NameError::Deep);
        }
        Ok(Self(text.to_owned()))
    }
}

fn check(part: &str) -> Result<(), NameError> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.');
    if let Some(c) = part.chars().find(|c| !fits(*c)) {
        let what = if c.is_control() || c.is_whitespace() {
            format!("character U+{:04X}", u32::from(c))
        } else {
            c.escape_debug().to_string()
        };
        return Err(NameError::Character { what });
    }
    let edge = |how| NameError::Edge { part: part.to_owned(), how };
    let (first, last) = part.chars().next().zip(part.chars().next_back()).ok_or(NameError::Empty)?;
    match (first, last) {
        ('.', _) => return Err(edge("begin with a dot")),
        ('-', _) => return Err(edge("begin with a dash")),
        (' ', _) => return Err(edge("begin with a space")),
        (_, '.') => return Err(edge("end with a dot")),
        (_, ' ') => return Err(edge("end with a space")),
        _ => {}
    }
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|rest| rest.chars().count() == 1 && rest.chars().all(char::is_numeric))
    });
    if numbered || DEVICES.contains(&stem.as_str()) {
        return Err(NameError::Device(part.to_owned()));
    }
    if part.len() > LONGEST { Err(NameError::Long) } else { Ok(()) }
}

/// A saved request's place and name, as a person writes them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Where it is kept.
    pub place: Place,
    /// What it is called there.
    pub name: Name,
}

impl FromStr for Key {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        let (place, name) = match text.strip_prefix(REPOSITORY) {
            Some(rest) => (Place::Repository, rest),
            None => (Place::Own, text),
        };
        Ok(Self { place, name: name.parse()? })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = if self.place == Place::Repository { REPOSITORY } else { "" };
        write!(f, "{before}{}", self.name.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_but_into_its_folder() {
        for good in ["a", "list-employees", "folder/name", "a/b/c/d/e/f", "Ж 1_2.x", "a.b", " padded ", "x.toml"] {
            let name: Name = good.parse().unwrap();
            assert_eq!(name.as_str(), good.trim().trim_end_matches(".toml"));
        }
        let long = "é".repeat(41);
        for bad in [
            "",
            "/",
            "a/",
            "/a",
            "a//b",
            "..",
            "../a",
            "a/../b",
            "a/..",
            ".",
            "./a",
            ".a",
            "a/.b",
            "-a",
            "a/-b",
            "a.",
            "a /b",
            "a\\b",
            "C:a",
            "a\0",
            "a\nb",
            "a\tb",
            "a\u{1b}[2J",
            "a\u{202e}b",
            "~",
            "@a",
            "a*",
            "a?",
            "con",
            "a/NUL.x",
            "com1",
            "a/b/c/d/e/f/g",
            &long,
        ] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
        let told = "a\u{1b}b".parse::<Name>().unwrap_err().to_string();
        assert!(told.contains("U+001B") && !told.contains('\u{1b}'), "{told}");
        assert!(!"a\u{202e}".parse::<Name>().unwrap_err().to_string().contains('\u{202e}'));
    }

    #[test]
    fn one_of_the_repository_says_so() {
        let key: Key = "./smoke/limits".parse().unwrap();
        assert_eq!(
            (key.place, key.name.as_str(), key.to_string()),
            (Place::Repository, "smoke/limits", "./smoke/limits".into())
        );
        assert_eq!(key.name.split(), ("smoke/", "limits"));
        assert_eq!("a".parse::<Key>().unwrap().place, Place::Own);
        assert!("././a".parse::<Key>().is_err() && "./../a".parse::<Key>().is_err());
    }
}
