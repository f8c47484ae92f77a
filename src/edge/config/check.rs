//! What is wrong with a file, told with the line and a mark below the place.

use std::path::{Path, PathBuf};

use super::{Config, ConfigError, read};
use crate::document;
use crate::edge::folders;
use crate::pleo::handing;

/// Longest word of a line that is repeated: what is longer may be a secret in a wrong place.
const LONGEST_WORD: usize = 20;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which file.
    pub path: PathBuf,
    /// Line and column, from 1; none when the file as a whole is meant.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub reason: String,
    /// The line, without what may be a secret.
    pub line: String,
}

impl Fault {
    /// `file:line:column: what`, the line, and a mark below the place.
    #[must_use]
    pub fn told(&self) -> String {
        let path = self.path.display().to_string();
        let path = document::displayable(&path);
        let Some((line, column)) = self.place else {
            return self.reason.clone();
        };
        let before: String = self.line.chars().take(column - 1).collect();
        let number = line.to_string();
        let gutter = " ".repeat(number.len());
        let indent = " ".repeat(document::width(&document::displayable(&before)));
        format!(
            "{path}:{line}:{column}: {}\n {number} | {}\n {gutter} | {indent}^",
            self.reason,
            document::displayable(&self.line)
        )
    }
}

/// Everything that is wrong with these files, in their order; those of one file together, as the loader takes them.
#[must_use]
pub fn faults(paths: &[PathBuf]) -> Vec<Fault> {
    let mut config = Config::default();
    paths.iter().flat_map(|path| of(path, &mut config)).collect()
}

fn of(path: &Path, config: &mut Config) -> Vec<Fault> {
    let text = match folders::read(path) {
        Ok(text) => text.unwrap_or_default(),
        Err(error) => {
            let reason = ConfigError::from(error).to_string();
            return vec![Fault { path: path.to_owned(), place: None, reason, line: String::new() }];
        }
    };
    let told = |wrong: super::Wrong| {
        let (line, column) = wrong.place(&text);
        let shown = without_secrets(text.lines().nth(line - 1).unwrap_or_default());
        Fault { path: path.to_owned(), place: Some((line, column)), reason: wrong.reason, line: shown }
    };
    read(&text, config).into_iter().map(told).collect()
}

/// A line in which long words are dots, but for names such as ours, and all of what the name says is a secret; its width stays.
fn without_secrets(line: &str) -> String {
    let is_word = |c: char| !c.is_whitespace() && !matches!(c, '"' | '\'' | '[' | ']' | '=' | ',' | '{' | '}' | '#');
    let named = line.split_once('=').filter(|(name, _)| handing::is_key(name.trim().trim_matches(['"', '\''])));
    let value = named.map_or(line.len(), |(name, _)| name.len());
    let mut shown = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        let name = part.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '.'));
        let secret =
            line.len() - rest.len() > value || (!name && (part.chars().count() >= LONGEST_WORD || is_token(part)));
        if is_word(first) && secret {
            shown.extend(part.chars().map(|_| '•'));
        } else {
            shown.push_str(part);
        }
        rest = after;
    }
    shown
}

/// Whether a word looks like something made by a machine: with digits, and not short.
fn is_token(word: &str) -> bool {
    word.len() >= 12 && word.chars().any(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_repeated() {
        assert_eq!(without_secrets("memory_limit = \"lots\""), "memory_limit = \"lots\"");
        assert_eq!(without_secrets("client_authentication = 5"), "client_authentication = 5");
        assert_eq!(without_secrets("key = \"pls_live_0123456789abcdef\""), format!("key = \"{}\"", "•".repeat(25)));
        assert_eq!(without_secrets("apiKey = \"abc def\" # x"), "apiKey = \"••• •••\" # •");
        assert_eq!(without_secrets("abc123def456 = 1"), format!("{} = 1", "•".repeat(12)));
    }

    #[test]
    fn a_mark_stands_below_the_place() {
        let fault = Fault {
            path: PathBuf::from("config.toml"),
            place: Some((12, 8)),
            reason: "no such key".to_owned(),
            line: "ключ = 5".to_owned(),
        };
        assert_eq!(fault.told(), "config.toml:12:8: no such key\n 12 | ключ = 5\n    |        ^");
    }
}
