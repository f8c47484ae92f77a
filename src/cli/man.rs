//! The manual: a page for the program with what no command's help tells in one place, and a page a command.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
use clap_mangen::Man;

use super::{Cli, print, trouble};
use crate::app::keymap::Keymap;
use crate::document;

/// The flags of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write the pages of the program and of all its commands into this folder, instead of printing the first.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// The variables that the program goes by.
const VARIABLES: [(&str, &str); 14] = [
    ("PLEOSCOPE_STAGING_API_KEY, PLEOSCOPE_PRODUCTION_API_KEY", "An API key for this run."),
    ("PLEOSCOPE_STAGING_ACCESS_TOKEN, PLEOSCOPE_PRODUCTION_ACCESS_TOKEN", "An OAuth access token for this run."),
    ("PLEOSCOPE_STAGING_LEGACY_TOKEN, PLEOSCOPE_PRODUCTION_LEGACY_TOKEN", "A token of the legacy API for this run."),
    ("PLEOSCOPE_STAGING_CLIENT_SECRET, PLEOSCOPE_PRODUCTION_CLIENT_SECRET", "The secret of the OAuth client."),
    ("PLEOSCOPE_CONFIG_DIR", "Where config.toml and credentials.toml are."),
    ("PLEOSCOPE_STATE_DIR", "Where the history, the arranged columns and the locks are."),
    ("PLEOSCOPE_LOG", "A file that is logged to, like --log."),
    ("PLEOSCOPE_NO_BROWSER", "Open no browser for a login when it is 1."),
    ("VISUAL, EDITOR", "The editor, with its arguments."),
    ("NO_COLOR", "Use no colours when it is not empty."),
    ("COLORTERM, COLORFGBG, TERM", "How many colours there are, and on which background."),
    ("HTTPS_PROXY, ALL_PROXY, NO_PROXY", "The proxy for https; loopback never goes through it."),
    ("SSL_CERT_FILE", "More certificate authorities, in PEM."),
    ("LC_ALL, LC_CTYPE, LANG", "Whether more than ASCII can be shown."),
];

/// The files of a person.
const FILES: [(&str, &str); 5] = [
    (
        "~/.config/pleoscope/config.toml",
        "The configuration; `pleoscope config --default` prints one with everything in it.",
    ),
    (
        "~/.config/pleoscope/credentials.toml",
        "Which credentials there are and where they are kept, written by `auth add`. No secrets.",
    ),
    ("~/.local/state/pleoscope/", "The history, the arranged columns, the imported operations and the locks."),
    (
        "$XDG_CONFIG_HOME, $XDG_STATE_HOME",
        "Stand for ~/.config and ~/.local/state where they are set; macOS and Windows have their own places.",
    ),
    ("`pleoscope doctor`", "Tells where they are on this machine."),
];

/// The exit codes.
const CODES: [(&str, &str); 8] = [
    ("0", "It was done; of a request: the status is of the class 2xx."),
    ("1", "Network or setup trouble, or something that doctor found broken."),
    ("2", "What was written is wrong, the configuration is, or a request was refused before it was sent."),
    ("3, 4, 5", "The class of the status of the answer: 3xx, 4xx, 5xx."),
    ("6 and more", "Of diff: its help tells them."),
    ("129, 143", "The terminal vanished; the program was asked to end."),
    ("130", "Ctrl-C."),
    ("131", "SIGQUIT."),
];

/// Prints the page of the program, or writes all.
pub fn run(args: &ManArgs) -> ExitCode {
    let page = match page() {
        Ok(page) => page,
        Err(error) => return trouble(&format!("the manual cannot be made: {error}")),
    };
    let Some(folder) = &args.dir else {
        return print(&page);
    };
    match write(folder, &page) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let folder = folder.display().to_string();
            trouble(&format!("the manual cannot be written to {}: {error}", document::displayable(&folder)))
        }
    }
}

fn write(folder: &Path, page: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Cli::command(), folder)?;
    fs::write(folder.join("pleoscope.1"), page)
}

fn page() -> io::Result<String> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let man = Man::new(command);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    man.render_subcommands_section(&mut page)?;
    let mut page = String::from_utf8_lossy(&page).into_owned();
    page.push_str(&list("KEYS", keys().iter().map(|(key, does)| (key.as_str(), does.as_str()))));
    page.push_str(&list("ENVIRONMENT", VARIABLES.into_iter()));
    page.push_str(&list("FILES", FILES.into_iter()));
    page.push_str(&list("EXIT STATUS", CODES.into_iter()));
    Ok(page)
}

/// The built-in keys of the panes, each with what it does.
fn keys() -> Vec<(String, String)> {
    let plain = Keymap::default().plain();
    let mut keys = Vec::new();
    let mut place = "";
    for line in plain.lines() {
        match line.strip_prefix("  ") {
            None => place = line,
            Some(row) => {
                let (key, does) = row.split_at(row.char_indices().nth(20).map_or(row.len(), |(at, _)| at));
                keys.push((key.trim().to_owned(), format!("{place}: {}", does.trim())));
            }
        }
    }
    keys
}

fn list<'a>(title: &str, rows: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let rows: String = rows.map(|(name, about)| format!(".TP\n\\fB{}\\fR\n{}\n", roff(name), roff(about))).collect();
    format!(".SH {title}\n{rows}")
}

/// Text as roff takes it.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}
