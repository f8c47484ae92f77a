//! A person's own editor, which has the terminal while it runs.

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::Command;

/// Why no editor ran to its end.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// There is nobody to edit.
    #[error("an editor needs a terminal for input and output")]
    NoTerminal,
    /// None is set.
    #[error("no editor is set: set VISUAL or EDITOR, for example EDITOR=vi")]
    NotSet,
    /// It could not be run.
    #[error("the editor {0:?} cannot be run: {1}")]
    NotRun(String, io::Error),
    /// It did not succeed.
    #[error("the editor {0:?} did not succeed ({1}): what it saved stays")]
    Failed(String, std::process::ExitStatus),
}

/// Lets a person edit a file with `$VISUAL` or `$EDITOR`, which may hold arguments. It does not see the variables that are
/// hidden.
///
/// # Errors
/// [`EditorError`].
pub fn edit(path: &Path, hidden: &[String]) -> Result<(), EditorError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(EditorError::NoTerminal);
    }
    let given = ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()));
    let words: Vec<String> = given.ok_or(EditorError::NotSet)?.split_whitespace().map(str::to_owned).collect();
    let [program, arguments @ ..] = words.as_slice() else {
        return Err(EditorError::NotSet);
    };
    let mut command = Command::new(program);
    for name in hidden {
        command.env_remove(name);
    }
    let status =
        command.args(arguments).arg(path).status().map_err(|error| EditorError::NotRun(program.clone(), error))?;
    if status.success() { Ok(()) } else { Err(EditorError::Failed(program.clone(), status)) }
}
