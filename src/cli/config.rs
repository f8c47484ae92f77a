//! `config`: what holds and where it came from, the file with everything in it, its place, its faults, and an editor for it.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Global, USAGE, print, talk, trouble, usage};
use crate::document;
use crate::edge::config::{self, CONFIG, CREDENTIALS, EffectiveValue, Source};
use crate::edge::folders::{self, Folders};
use crate::edge::{editor, variables, vault};
use crate::units;

/// What is done with the configuration; without a word it is printed with where each value came from.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Print a whole configuration file with every section and key, its default and what it means.
    #[arg(long)]
    default: bool,
    #[command(subcommand)]
    command: Option<ConfigCommand>,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print where the configuration file is, or would be.
    Path,
    /// Tell everything that is wrong in it: exit code 0 when nothing is, 2 otherwise.
    Check,
    /// Open it in $VISUAL or $EDITOR, made from the default when there is none, and check it afterwards.
    Edit,
}

/// Does it.
pub fn run(global: &Global, args: &ConfigArgs) -> ExitCode {
    if args.default {
        return print(&config::default_text());
    }
    let folders = match Folders::find() {
        Ok(folders) => folders,
        Err(error) => return trouble(&error.to_string()),
    };
    match args.command {
        None => effective(global, &folders),
        Some(ConfigCommand::Path) => print(&format!("{}\n", shown(&folders.config.join(CONFIG)))),
        Some(ConfigCommand::Check) => check(&folders),
        Some(ConfigCommand::Edit) => edit(&folders),
    }
}

fn shown(path: &Path) -> String {
    document::displayable(&path.display().to_string()).into_owned()
}

fn files(folders: &Folders) -> Vec<PathBuf> {
    [CONFIG, CREDENTIALS].map(|name| folders.config.join(name)).to_vec()
}

fn check(folders: &Folders) -> ExitCode {
    let faults = config::faults(&files(folders));
    if faults.is_empty() {
        let there = files(folders).into_iter().filter(|path| path.exists());
        let there: Vec<String> = there.map(|path| shown(&path)).collect();
        let what = if there.is_empty() { "there is no file yet".to_owned() } else { there.join(", ") };
        return print(&format!("Nothing is wrong: {what}\n"));
    }
    for fault in &faults {
        talk(&fault.told());
    }
    ExitCode::from(USAGE)
}

fn edit(folders: &Folders) -> ExitCode {
    let path = folders.config.join(CONFIG);
    // A link is a person's own too, also one that leads nowhere yet.
    if std::fs::symlink_metadata(&path).is_err()
        && let Err(error) = folders::write(&path, &config::default_text())
    {
        return trouble(&error.to_string());
    }
    loop {
        let hidden = vault::hidden(&config::load(folders).config.entries);
        if let Err(error) = editor::edit(&path, &hidden) {
            return usage(&error.to_string());
        }
        let code = check(folders);
        if code == ExitCode::SUCCESS || !asked_again() {
            return code;
        }
    }
}

/// Whether a person wants to edit it once more.
fn asked_again() -> bool {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return false;
    }
    let mut stderr = io::stderr();
    // Where it cannot be asked, the answer is no.
    if write!(stderr, "Edit it again? [Y/n] ").and_then(|()| stderr.flush()).is_err() {
        return false;
    }
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer).unwrap_or(0);
    read > 0 && !answer.trim().to_ascii_lowercase().starts_with('n')
}

fn effective(global: &Global, folders: &Folders) -> ExitCode {
    if let Some(sentence) = config::load(folders).sentence() {
        return usage(&sentence);
    }
    let mut values = config::effective(folders);
    for (key, flag, given) in [
        ("response.memory_limit", "--memory-limit", global.memory_limit),
        ("response.body_limit", "--body-limit", global.body_limit),
    ] {
        if let Some(bytes) = given {
            put(&mut values, key, &format!("{:?}", units::limit(bytes)), Source::Flag(flag));
        }
    }
    if let Some(name) = &global.theme {
        put(&mut values, "theme.name", &format!("{name:?}"), Source::Flag("--theme"));
    }
    let mut text = String::new();
    for path in files(folders) {
        let state = if path.exists() { "" } else { " (not there)" };
        text.push_str(&format!("# {}{state}\n", shown(&path)));
    }
    let width = values.iter().map(|value| width(&value.key, &value.value)).max().unwrap_or(0).min(60);
    for EffectiveValue { key, value, source } in &values {
        let line = document::displayable(&format!("{key} = {value}")).into_owned();
        text.push_str(&format!("{line:<width$}  # {source}\n"));
    }
    for name in variables::set() {
        text.push_str(&format!("# {name} is set\n"));
    }
    print(&text)
}

fn width(key: &str, value: &str) -> usize {
    document::width(key) + 3 + document::width(value)
}

/// Puts a value in the place of one that is less particular.
fn put(values: &mut Vec<EffectiveValue>, key: &str, value: &str, source: Source) {
    let value = EffectiveValue { key: key.to_owned(), value: value.to_owned(), source };
    match values.iter_mut().find(|known| known.key == key) {
        Some(known) => *known = value,
        None => values.push(value),
    }
}
