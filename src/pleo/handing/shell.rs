//! What the commands for a shell share: a line an option, and the body as an argument or through a pipe.

use super::quote;

/// The longest body that is an argument, in bytes: Linux takes 128 KiB for one.
const LONGEST_ARGUMENT: usize = 64 * 1024;

/// How a command gets a body.
#[derive(Debug, PartialEq, Eq)]
pub enum Body {
    /// As a word.
    Word(String),
    /// From this command, by a pipe.
    Pipe(String),
}

/// A body as a word, where a shell and a terminal take it as one. One that begins with `@` would name a file to some.
pub fn body(text: &str) -> Body {
    let pipe = text.len() > LONGEST_ARGUMENT || text.starts_with('@') || text.contains(quote::steers);
    if pipe { Body::Pipe(quote::printed(text)) } else { Body::Word(quote::sh(text)) }
}

/// A command over several lines.
pub fn lines(first: &str, others: &[String]) -> String {
    let mut command = first.to_owned();
    for other in others {
        command.push_str(" \\\n  ");
        command.push_str(other);
    }
    command
}
