//! `doctor`: whether everything is in place, and what to do where it is not. It sends requests without any credential, and
//! none with `--offline`.

mod network;

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::whoami::Output;
use super::{Global, Setup, TROUBLE, print};
use crate::app::looks::Depth;
use crate::document;
use crate::edge::config::{CONFIG, CREDENTIALS};
use crate::edge::doctor::{Kind, about, given, try_write};
use crate::edge::folders::Folders;
use crate::edge::history::{FILE, glance};
use crate::edge::saved::Requests;
use crate::edge::{clipboard, keyring, terminal, variables};
use crate::pleo::catalogue::Catalogue;
use crate::pleo::credential::{Credential, Keeping};
use crate::pleo::environment::Environment;
use crate::units;

/// The flags of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Send nothing.
    #[arg(long)]
    offline: bool,
    /// How it is printed.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fine,
    Odd,
    Broken,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Odd => "odd",
            Self::Broken => "broken",
        }
    }
}

/// One thing that was looked at.
struct Found {
    part: &'static str,
    name: String,
    state: State,
    what: String,
    remedy: Option<String>,
    /// What programs are told besides, an object or nothing.
    more: Value,
}

/// What was found so far.
#[derive(Default)]
struct Report(Vec<Found>);

impl Report {
    fn fine(&mut self, part: &'static str, name: &str, what: impl Into<String>) {
        self.add(part, name, State::Fine, what.into(), None);
    }

    fn wrong(&mut self, part: &'static str, name: &str, state: State, what: impl Into<String>, remedy: &str) {
        self.add(part, name, state, what.into(), Some(remedy.to_owned()));
    }

    fn add(&mut self, part: &'static str, name: &str, state: State, what: String, remedy: Option<String>) {
        self.0.push(Found { part, name: name.to_owned(), state, what, remedy, more: Value::Null });
    }

    /// What was found last has more to it for programs.
    fn more(&mut self, more: Value) {
        if let Some(found) = self.0.last_mut() {
            found.more = more;
        }
    }
}

/// Looks at everything and prints it.
pub async fn run(global: &Global, args: &DoctorArgs) -> ExitCode {
    let setup = match global.setup(&Environment::ALL).await {
        Ok(setup) => setup,
        Err(code) => return code,
    };
    let mut report = Report::default();
    program(&mut report);
    files(&mut report, &setup);
    credentials(&mut report, &setup).await;
    screen(&mut report);
    network::look(&mut report, &setup, args.offline).await;
    let broken = report.0.iter().filter(|found| found.state == State::Broken).count();
    let printed = print(&match args.output {
        Output::Text => text(&report, args.offline),
        Output::Json => format!("{:#}\n", value(&report, broken == 0)),
    });
    if broken == 0 { printed } else { ExitCode::from(TROUBLE) }
}

fn text(report: &Report, offline: bool) -> String {
    let mut text = String::new();
    let mut part = "";
    for found in &report.0 {
        if found.part != part {
            part = found.part;
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{part}");
        }
        let mark = if found.state == State::Fine { "" } else { found.state.word() };
        let _ = writeln!(
            text,
            "  {:<6} {:<24} {}",
            mark,
            document::displayable(&found.name),
            document::displayable(&found.what)
        );
        if let Some(remedy) = &found.remedy {
            let _ = writeln!(text, "         {:<24} → {}", "", document::displayable(remedy));
        }
    }
    let count = |state| report.0.iter().filter(|found| found.state == state).count();
    let sent = if offline { "Nothing was sent." } else { "What was sent had no credential." };
    let _ = writeln!(text, "\n{} broken, {} odd. {sent}", count(State::Broken), count(State::Odd));
    text
}

fn value(report: &Report, fine: bool) -> Value {
    let row = |found: &Found| {
        let mut row = json!({
            "part": found.part,
            "name": found.name,
            "state": found.state.word(),
            "what": found.what,
            "remedy": found.remedy,
        });
        if !found.more.is_null() {
            row["more"] = found.more.clone();
        }
        row
    };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "fine": fine,
        "checks": report.0.iter().map(row).collect::<Vec<_>>(),
    })
}

fn program(report: &mut Report) {
    report.fine("Program", "version", env!("CARGO_PKG_VERSION"));
    let endpoints = Catalogue::current().endpoints();
    let imported = endpoints.iter().filter(|endpoint| endpoint.imported).count();
    let more = if imported > 0 { format!(", {imported} of them imported") } else { String::new() };
    report.fine("Program", "catalogue", format!("{} operations{more}", endpoints.len()));
}

fn files(report: &mut Report, setup: &Setup) {
    const PART: &str = "Files";
    let folders = match Folders::find() {
        Ok(folders) => folders,
        Err(error) => {
            let remedy = "Set HOME, or PLEOSCOPE_CONFIG_DIR and PLEOSCOPE_STATE_DIR.";
            return report.wrong(PART, "folders", State::Broken, error.to_string(), remedy);
        }
    };
    let is_folder = folder(report, "configuration folder", &folders.config, "PLEOSCOPE_CONFIG_DIR", false);
    match &setup.config_error {
        // What is wrong is the folder, which was told.
        _ if !is_folder => {}
        Some(sentence) => {
            let remedy = "Run `pleoscope config check`, which tells all of it with its place.";
            report.wrong(PART, CONFIG, State::Broken, sentence.clone(), remedy);
        }
        None if folders.config.join(CONFIG).exists() => report.fine(PART, CONFIG, "sound"),
        None => report.fine(PART, CONFIG, "not there; `pleoscope config edit` makes one"),
    }
    own_file(report, CREDENTIALS, &folders.config.join(CREDENTIALS));
    if folder(report, "state folder", &folders.state, "PLEOSCOPE_STATE_DIR", true) {
        history(report, &folders.state);
    }
    if is_folder {
        saved(report);
    }
    let rules = setup.config.history;
    let kept = if rules.enabled {
        format!("at most {} exchanges, {}, {} days", rules.max_entries, units::limit(rules.max_size), rules.max_age)
    } else {
        "switched off".to_owned()
    };
    report.fine(PART, "history keeps", kept);
}

/// Saved requests: how many, and which of them cannot be read.
fn saved(report: &mut Report) {
    let listing = Requests::find().list();
    for remark in listing.remarks {
        report.wrong("Files", "saved requests", State::Odd, remark, "`pleoscope saved` lists those that can be used.");
    }
    let count = listing.entries.len();
    let wrong = listing.entries.into_iter().filter_map(|entry| entry.own.err().map(|why| (entry.key, why)));
    for (key, why) in wrong {
        report.wrong("Files", "saved requests", State::Odd, format!("{key}: {why}"), "Mend the file, or remove it.");
    }
    report.fine("Files", "saved requests", count.to_string());
}

/// The database of the history, which is opened where it is a file and nothing else.
fn history(report: &mut Report, state: &Path) {
    let path = state.join(FILE);
    let Some(found) = about(&path) else {
        return;
    };
    let shown = path.display();
    let what = match found.kind {
        Kind::File => {
            own_file(report, FILE, &path);
            if let Err((why, remedy)) = glance(&path) {
                return report.wrong("Files", "history", State::Odd, format!("{shown} {why}"), remedy);
            }
            let beside = about(&state.join(format!("{FILE}-wal"))).map_or(0, |beside| beside.size);
            return report.fine("Files", "history", format!("{} bytes", found.size + beside));
        }
        Kind::Link => format!("{shown} is a link, which is never opened: nothing that it leads to is read or written"),
        Kind::Folder => format!("{shown} is a folder, where a file is needed"),
        Kind::Other => format!("{shown} is a pipe or a device, where a file is needed"),
    };
    let remedy = "Move it away; the explorer does so by itself when it starts, and begins a new history.";
    report.wrong("Files", FILE, State::Odd, what, remedy);
}

/// A folder of ours: what is kept there is for its owner. Whether it is one, or nothing yet.
fn folder(report: &mut Report, name: &str, path: &Path, variable: &str, private: bool) -> bool {
    let shown = path.display().to_string();
    let Some(found) = about(path) else {
        report.fine("Files", name, format!("{shown} (not there yet)"));
        return true;
    };
    // A link to a folder is a person's own choice.
    if !path.is_dir() {
        let what = match found.kind {
            Kind::Link => format!("{shown} is a link that leads to no folder"),
            _ => format!("{shown} is a file, where a folder is needed: nothing is read or kept there"),
        };
        let remedy = format!("Move it away, so that a folder can be made there, or set {variable} to a folder.");
        report.wrong("Files", name, State::Broken, what, &remedy);
        return false;
    }
    let mode = found.mode;
    if private && mode & 0o077 != 0 {
        let remedy = format!("Run `chmod 700 {shown}`: others may look into it.");
        report.wrong("Files", name, State::Broken, format!("{shown}, mode {mode:o}"), &remedy);
    } else if let Some(error) = private.then(|| try_write(path).err()).flatten() {
        let what = format!("{shown} cannot be written into ({error}): no history is kept, and nothing unsent");
        let remedy =
            format!("Make room or give yourself the right to write there, or set {variable} to another folder.");
        report.wrong("Files", name, State::Broken, what, &remedy);
    } else {
        report.fine("Files", name, format!("{shown}, mode {mode:o}"));
    }
    true
}

/// A file that we write, which its owner alone may read.
fn own_file(report: &mut Report, name: &str, path: &Path) {
    let Some(found) = about(path) else {
        return;
    };
    let mode = found.mode;
    if mode & 0o077 != 0 {
        let remedy = format!("Run `chmod 600 {}`: others may read it.", path.display());
        report.wrong("Files", name, State::Broken, format!("mode {mode:o}"), &remedy);
    } else {
        report.fine("Files", name, format!("{} bytes, mode {mode:o}", found.size));
    }
}

async fn credentials(report: &mut Report, setup: &Setup) {
    const PART: &str = "Credentials";
    for environment in Environment::ALL {
        let own: Vec<&Credential> = setup.credentials.iter().filter(|own| own.environment() == environment).collect();
        let labels: Vec<String> = own.iter().map(|own| own.label()).collect();
        if labels.is_empty() {
            report.fine(PART, environment.name(), "none; `pleoscope auth add` keeps one, L in the explorer logs in");
        } else {
            report.fine(PART, environment.name(), labels.join(" · "));
        }
    }
    if setup.sandbox.is_some() {
        return;
    }
    let needed = setup.credentials.iter().any(|own| matches!(own.keeping(), Keeping::Keyring));
    match keyring::is_there().await {
        Ok(()) => report.fine(PART, "keyring", "answers"),
        Err(failure) if needed => {
            let remedy = "Unlock or start the keyring of your system; until then give the credential by a variable.";
            report.wrong(PART, "keyring", State::Broken, failure.sentence, remedy);
        }
        Err(failure) => {
            let remedy = "Nothing needs it now: credentials may be given by variables or by a command.";
            report.wrong(PART, "keyring", State::Odd, failure.sentence, remedy);
        }
    }
}

fn screen(report: &mut Report) {
    const PART: &str = "Terminal";
    let term = given("TERM").unwrap_or_else(|| "not set".to_owned());
    let depth = match (variables::colour(), variables::depth()) {
        (false, _) => "no colours",
        (_, Depth::Sixteen) => "16 colours",
        (_, Depth::Table) => "256 colours",
        (_, Depth::Full) => "all colours",
    };
    report.fine(PART, "TERM", format!("{term}, {depth}"));
    if terminal::is_there() {
        match terminal::size() {
            Some((columns, rows)) if columns < 80 || rows < 24 => {
                let remedy = "Make it 80x24 or larger to see all panes well; 60x15 is the least.";
                report.wrong(PART, "size", State::Odd, format!("{columns}x{rows}"), remedy);
            }
            Some((columns, rows)) => report.fine(PART, "size", format!("{columns}x{rows}")),
            None => {}
        }
    } else {
        report.fine(PART, "size", "this is no terminal: the explorer needs one");
    }
    if variables::ascii_only() {
        let remedy = "Set LANG or LC_ALL to a UTF-8 locale, for example C.UTF-8.";
        report.wrong(PART, "letters", State::Odd, "ASCII only", remedy);
    } else {
        report.fine(PART, "letters", "UTF-8");
    }
    let between = match (given("TMUX").is_some(), given("STY").is_some(), given("SSH_CONNECTION").is_some()) {
        (true, _, _) => "tmux",
        (_, true, _) => "screen",
        (_, _, true) => "SSH",
        _ => "nothing",
    };
    report.fine(PART, "between", between);
    let ways = clipboard::ways();
    if ways.is_empty() {
        report.fine(PART, "clipboard", "the terminal's own (OSC 52), which some terminals switch off");
    } else {
        report.fine(PART, "clipboard", ways.join(", "));
    }
}
