//! What holds, and where it came from.

use toml::Value as Toml;

use super::{CONFIG, CREDENTIALS, SECTIONS};
use crate::edge::folders::{self, Folders};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is what holds where nothing is said.
    BuiltIn,
    /// The file of this name.
    File(&'static str),
    /// This variable.
    Variable(String),
    /// This flag.
    Flag(&'static str),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in"),
            Self::File(name) => f.write_str(name),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// A key with its value as TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The key with its section, with dots between.
    pub key: String,
    /// The value.
    pub value: String,
    /// Where it came from.
    pub source: Source,
}

/// What the files and the built-in values say, each key once. What is listed by example, or is a program with its
/// arguments, is told by name.
#[must_use]
pub fn effective(folders: &Folders) -> Vec<Value> {
    let mut all = Vec::new();
    for section in SECTIONS.iter().filter(|section| !section.example) {
        let Ok(Toml::Table(built_in)) = toml::from_str::<Toml>(&(section.text)()) else {
            continue;
        };
        flatten(&built_in, "", &Source::BuiltIn, &mut all);
    }
    for name in [CONFIG, CREDENTIALS] {
        let path = folders.config.join(name);
        let text = folders::read(&path).ok().flatten().unwrap_or_default();
        let Ok(written) = toml::from_str::<toml::Table>(&text) else {
            continue;
        };
        let mut own = Vec::new();
        flatten(&written, "", &Source::File(name), &mut own);
        for value in own {
            match all.iter_mut().find(|known| known.key == value.key) {
                Some(known) => *known = value,
                None => all.push(value),
            }
        }
    }
    all
}

fn flatten(table: &toml::Table, before: &str, source: &Source, all: &mut Vec<Value>) {
    for (key, value) in table {
        let key = format!("{before}{key}");
        match value {
            Toml::Table(table) => flatten(table, &format!("{key}."), source, all),
            Toml::Array(rows) if rows.iter().any(Toml::is_table) => {
                for (number, row) in rows.iter().enumerate().filter_map(|(number, row)| Some((number, row.as_table()?)))
                {
                    flatten(row, &format!("{key}[{number}]."), source, all);
                }
            }
            // An argument may be what it should not be.
            Toml::Array(words) if matches!(key.rsplit('.').next(), Some("command" | "save")) => {
                let program = words.first().and_then(Toml::as_str).unwrap_or_default();
                let more = if words.len() > 1 { ", …" } else { "" };
                all.push(Value { key, value: format!("[{program:?}{more}]"), source: source.clone() });
            }
            value => all.push(Value { key, value: value.to_string(), source: source.clone() }),
        }
    }
}
