//! `doctor`: whether everything is in place, and what to do where it is not. It sends requests without any credential, and
//! none with `--offline`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::{Value, json};

use super::whoami::Output;
use super::{Global, Setup, TROUBLE, print};
use crate::app::event::{Effect, Reply, WorkId};
use crate::app::looks::Depth;
use crate::document;
use crate::edge::config::{CONFIG, CREDENTIALS};
use crate::edge::doctor::{about, given, proxy, reach};
use crate::edge::folders::Folders;
use crate::edge::history::FILE;
use crate::edge::history::History;
use crate::edge::{clipboard, keyring, terminal, variables};
use crate::pleo::catalogue::Catalogue;
use crate::pleo::credential::{Credential, Keeping};
use crate::pleo::endpoint::{Method, Surface};
use crate::pleo::environment::{Environment, is_loopback};
use crate::pleo::preflight::Situation;
use crate::pleo::prepared::{Prepared, prepare};
use crate::pleo::request::Draft;
use crate::units;
use crate::worker::{self, Tools};

/// How far a clock may be off before tokens are thought to be expired, or good for longer.
const SKEW: u64 = 60;

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
}

/// What was found so far.
#[derive(Default)]
struct Report(Vec<Found>);

impl Report {
    fn fine(&mut self, part: &'static str, name: &str, what: impl Into<String>) {
        self.0.push(Found { part, name: name.to_owned(), state: State::Fine, what: what.into(), remedy: None });
    }

    fn wrong(&mut self, part: &'static str, name: &str, state: State, what: impl Into<String>, remedy: &str) {
        let remedy = Some(remedy.to_owned());
        self.0.push(Found { part, name: name.to_owned(), state, what: what.into(), remedy });
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
    network(&mut report, &setup, args.offline).await;
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
        json!({
            "part": found.part,
            "name": found.name,
            "state": found.state.word(),
            "what": found.what,
            "remedy": found.remedy,
        })
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
    folder(report, "configuration folder", &folders.config, false);
    match &setup.config_error {
        Some(sentence) => {
            let remedy = "Run `pleoscope config check`, which tells all of it with its place.";
            report.wrong(PART, CONFIG, State::Broken, sentence.clone(), remedy);
        }
        None if folders.config.join(CONFIG).exists() => report.fine(PART, CONFIG, "sound"),
        None => report.fine(PART, CONFIG, "not there; `pleoscope config edit` makes one"),
    }
    own_file(report, CREDENTIALS, &folders.config.join(CREDENTIALS));
    folder(report, "state folder", &folders.state, true);
    let databases = [FILE.to_owned(), format!("{FILE}-wal")].map(|name| folders.state.join(name));
    let size: u64 = databases.iter().filter_map(|path| about(path)).map(|(size, _)| size).sum();
    if size > 0 {
        own_file(report, FILE, &databases[0]);
        report.fine(PART, "history", format!("{size} bytes"));
    }
    let rules = setup.config.history;
    let kept = if rules.enabled {
        format!("at most {} exchanges, {}, {} days", rules.max_entries, units::limit(rules.max_size), rules.max_age)
    } else {
        "switched off".to_owned()
    };
    report.fine(PART, "history keeps", kept);
}

/// A folder of ours: what is kept there is for its owner.
fn folder(report: &mut Report, name: &str, path: &Path, private: bool) {
    let shown = path.display().to_string();
    match about(path) {
        None => report.fine("Files", name, format!("{shown} (not there yet)")),
        Some((_, mode)) if private && mode & 0o077 != 0 => {
            let remedy = format!("Run `chmod 700 {shown}`: others may look into it.");
            report.wrong("Files", name, State::Broken, format!("{shown}, mode {mode:o}"), &remedy);
        }
        Some((_, mode)) => report.fine("Files", name, format!("{shown}, mode {mode:o}")),
    }
}

/// A file that we write, which its owner alone may read.
fn own_file(report: &mut Report, name: &str, path: &Path) {
    match about(path) {
        Some((_, mode)) if mode & 0o077 != 0 => {
            let remedy = format!("Run `chmod 600 {}`: others may read it.", path.display());
            report.wrong("Files", name, State::Broken, format!("mode {mode:o}"), &remedy);
        }
        Some((size, mode)) => report.fine("Files", name, format!("{size} bytes, mode {mode:o}")),
        None => {}
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

async fn network(report: &mut Report, setup: &Setup, offline: bool) {
    const PART: &str = "Network";
    let proxy = proxy();
    match &proxy {
        Some((name, host)) => report.fine(PART, "proxy", format!("{host} ({name})")),
        None => report.fine(PART, "proxy", "none"),
    }
    if let Some(file) = given("SSL_CERT_FILE") {
        if std::fs::File::open(&file).is_ok() {
            report.fine(PART, "authorities", format!("{file} (SSL_CERT_FILE)"));
        } else {
            let remedy = "Set SSL_CERT_FILE to a file of certificates in PEM that you may read, or unset it.";
            report.wrong(PART, "authorities", State::Broken, format!("{file} cannot be read"), remedy);
        }
    }
    if offline {
        return report.fine(PART, "hosts", "not asked, as --offline says");
    }
    for environment in Environment::ALL {
        let hosts = setup.environments.of(environment);
        let mut seen = Vec::new();
        for (name, url) in [("API", &hosts.api), ("legacy API", &hosts.legacy), ("authorisation", &hosts.auth)] {
            let origin = url.origin();
            if seen.contains(&origin) {
                continue;
            }
            seen.push(origin);
            if proxy.is_some() && !is_loopback(url) {
                continue;
            }
            let name = format!("{environment} {name}");
            match reach(url).await {
                Ok((resolved, connected, address)) => {
                    let what = format!("{address}, DNS {}, TCP {}", long(resolved), long(connected));
                    report.fine(PART, &name, what);
                }
                Err(why) => {
                    let remedy = "Check the network, the VPN and HTTPS_PROXY.";
                    report.wrong(PART, &name, State::Broken, why, remedy);
                }
            }
        }
        asked(report, setup, environment).await;
    }
}

/// Asks the API for its root, without a credential: that it answers at all is what counts.
async fn asked(report: &mut Report, setup: &Setup, environment: Environment) {
    const PART: &str = "Network";
    let name = format!("{environment} answer");
    let request = match bare(setup, environment) {
        Ok(request) => request,
        Err(why) => return report.wrong(PART, &name, State::Broken, why, "This is a defect of pleoscope: report it."),
    };
    // Nobody looks for these in the history.
    let tools = Tools { history: History::default(), ..setup.tools.clone() };
    let mut line = worker::start(tools);
    if line.effects.send(Effect::Send(WorkId(1), Box::new(request))).await.is_err() {
        return;
    }
    while let Some(reply) = line.replies.recv().await {
        match reply {
            Reply::Head(_, head, took) => {
                let what =
                    format!("{} {} without a credential, {} in {}", head.status, head.reason, head.version, long(took));
                if head.status >= 500 {
                    let remedy = "The server has trouble: try again later.";
                    report.wrong(PART, &name, State::Odd, what, remedy);
                } else {
                    report.fine(PART, &name, what.replace("  ", " "));
                }
                if let Some(date) = head.header("date") {
                    clock(report, environment, &date);
                }
                return;
            }
            Reply::Failed(_, failure, _, _) => {
                let what = format!("{}: {}", failure.phase.name(), failure.sentence);
                let remedy = "Check the network, the clock, HTTPS_PROXY and SSL_CERT_FILE.";
                return report.wrong(PART, &name, State::Broken, what, remedy);
            }
            _ => {}
        }
    }
}

fn bare(setup: &Setup, environment: Environment) -> Result<Prepared, String> {
    let draft = Draft::from_path(Method::Get, "/", Some(Surface::External), environment, &setup.environments)
        .map_err(|error| error.to_string())?;
    prepare(&draft, &Situation::new(environment, &setup.environments, None))
        .map_err(|findings| findings.into_iter().map(|finding| finding.sentence).collect::<Vec<_>>().join(" "))
}

/// Compares the clock with what a server says that it is.
fn clock(report: &mut Report, environment: Environment, date: &str) {
    let Ok(there) = rfc2822::DateTimeParser::new().parse_timestamp(date) else {
        return;
    };
    let ahead = Timestamp::now().duration_since(there).as_secs();
    let name = format!("{environment} clock");
    if ahead.unsigned_abs() <= SKEW {
        return report.fine("Network", &name, "agrees with this machine's");
    }
    let which = if ahead > 0 { "ahead" } else { "behind" };
    let what = format!("this machine's clock is {} s {which}", ahead.unsigned_abs());
    let remedy = "Set the clock by the network (NTP): tokens and certificates are judged by it.";
    report.wrong("Network", &name, State::Broken, what, remedy);
}

fn long(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_broken_and_has_a_remedy() {
        let mut report = Report::default();
        clock(&mut report, Environment::Staging, "Tue, 15 Nov 1994 08:12:31 GMT");
        clock(&mut report, Environment::Staging, "no date");
        let [found] = report.0.as_slice() else {
            panic!("one finding");
        };
        assert!(found.state == State::Broken && found.what.ends_with("s ahead") && found.remedy.is_some());
        let now = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now()).expect("a date");
        let mut report = Report::default();
        clock(&mut report, Environment::Staging, &now);
        assert!(report.0.iter().all(|found| found.state == State::Fine) && report.0.len() == 1);
    }
}
