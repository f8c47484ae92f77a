//! `history`: what was sent in this and earlier runs, without a screen. stdout is data, stderr is talk.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::str::FromStr;

use base64::Engine as _;
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use serde_json::json;

use super::send::{self, Way, put};
use super::{Global, print, talk, trouble, usage};
use crate::app::history::{Ask, From, Listing, Told};
use crate::document::{Document, displayable, pretty, truncate, width};
use crate::edge::config;
use crate::edge::folders::Folders;
use crate::edge::history::{History, Rules};
use crate::edge::terminal;
use crate::pleo::environment::Environments;
use crate::pleo::handing::{self, Form, UnknownForm};
use crate::pleo::history::{Entry, Kept, Query, Setting, age};
use crate::pleo::transcript::{Answer, Transcript};

/// Entries that are asked for at once.
const PART: usize = 500;
/// Columns of a table where no terminal says how many there are.
const USUAL_WIDTH: usize = 120;

/// What is done with the history.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "A query is words that begin words of the URL, operation, name or bodies, and status:404|4xx|>=500|none|cut, env:production|staging|sandbox, method:POST, since:2d, before:2026-03-01, pinned; ! before one excludes it, quotes make it words. All of them must hold. A status such as 200… began and broke off or was cancelled: status:cut finds those.\nURLs with their values and request bodies are kept of both environments; bodies of answers of staging only, unless [history] of the configuration says otherwise. No credential is ever in it, and what lets in otherwise stands there as REDACTED. --env shows or clears that environment alone."
)]
pub struct HistoryArgs {
    /// What is looked for; everything without it.
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// How the list is printed.
    #[arg(short, long, value_enum, default_value_t)]
    output: ListOutput,
    /// Most entries that are printed.
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = some)]
    limit: usize,
    /// Withhold bodies and mask personal data in what -o har prints.
    #[arg(long)]
    masked: bool,
    #[command(subcommand)]
    deed: Option<Deed>,
}

/// A count that is not none.
fn some(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| "write a whole number of at least 1".to_owned())
}

/// How the list is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ListOutput {
    /// For people.
    #[default]
    Table,
    /// One array.
    Json,
    /// An object a line.
    Ndjson,
    /// The exchanges themselves, as one HTTP Archive 1.2.
    Har,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Print an exchange: all of it, or in a form in which it can be handed on.
    Show {
        /// Its number in the list.
        #[arg(value_name = "NUMBER", value_parser = number)]
        number: i64,
        /// The form; json is all that is known of it.
        #[arg(long = "as", value_name = "json|curl|send|httpie|python|fetch|http|har|markdown")]
        form: Option<ShownAs>,
        /// Withhold bodies and mask personal data, in a HAR or a report.
        #[arg(long)]
        masked: bool,
    },
    /// Send a request again, to the environment that it went to, through all checks and with the credential of today.
    Resend(ResendArgs),
    /// Remove an exchange.
    Delete {
        /// Its number in the list.
        #[arg(value_name = "NUMBER", value_parser = number)]
        number: i64,
    },
    /// Remove everything that is not pinned; with --env, of that environment alone.
    Clear {
        /// Without being asked.
        #[arg(long)]
        yes: bool,
    },
}

/// The flags of `history resend`: those of `send` that are not about which request it is.
#[derive(Debug, Args)]
struct ResendArgs {
    /// Its number in the list.
    #[arg(value_name = "NUMBER", value_parser = number)]
    number: i64,
    #[command(flatten)]
    way: Way,
}

fn number(text: &str) -> Result<i64, String> {
    let wrong = || "it is the number of an exchange, as `pleoscope history` lists them".to_owned();
    text.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)
}

/// How an exchange is shown.
#[derive(Clone, Copy, Debug)]
enum ShownAs {
    /// One object with all that is known of it.
    Json,
    Form(Form),
}

impl FromStr for ShownAs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("json") {
            return Ok(Self::Json);
        }
        let form = text.parse().map(Self::Form);
        form.map_err(|error: UnknownForm| error.to_string().replace("use curl", "use json, curl"))
    }
}

/// Does it.
pub async fn run(global: &Global, args: &HistoryArgs) -> ExitCode {
    let told = match &args.deed {
        None => list(global, args).await,
        Some(Deed::Show { number, form, masked }) => show(*number, *form, *masked).await,
        Some(Deed::Resend(args)) => Box::pin(resend(global, args)).await,
        Some(Deed::Delete { number }) => delete(*number).await,
        Some(Deed::Clear { yes }) => clear(global, *yes).await,
    };
    told.unwrap_or_else(|code| code)
}

/// The history, whether this run adds to it or not.
fn history() -> Result<History, ExitCode> {
    let folders = Folders::find().map_err(|error| trouble(&error.to_string()))?;
    let mut rules = config::load(&folders).config.history;
    rules.enabled = true;
    Ok(super::HISTORY.get_or_init(|| History::new(Some(&folders), rules, false, &Environments::pleo())).clone())
}

async fn ask(ask: Ask) -> Result<Told, ExitCode> {
    history()?.ask(ask).await.map_err(|sentence| trouble(&sentence))
}

async fn opened(number: i64) -> Result<Kept, ExitCode> {
    match ask(Ask::Open(number)).await? {
        Told::Opened(Some(kept)) => Ok(*kept),
        _ => Err(unknown(number)),
    }
}

fn unknown(number: i64) -> ExitCode {
    usage(&format!("the history has no exchange {number}: `pleoscope history` lists those that there are"))
}

async fn list(global: &Global, args: &HistoryArgs) -> Result<ExitCode, ExitCode> {
    let wrong = |error| usage(&format!("the query: {error}"));
    let mut query: Query = args.query.join(" ").parse().map_err(wrong)?;
    if let Some(environment) = global.env {
        let only: Query = format!("env:{environment}").parse().map_err(wrong)?;
        query.terms.extend(only.terms);
    }
    if args.output == ListOutput::Har {
        return archive(query, args).await;
    }
    if args.masked {
        return Err(usage("--masked is for -o har"));
    }
    let mut entries: Vec<Entry> = Vec::new();
    let mut from = From::Newest;
    while entries.len() < args.limit {
        let most = PART.min(args.limit - entries.len());
        let listing = Listing { query: query.clone(), scope: None, from, most };
        let Told::Listed(part, more) = ask(Ask::List(Box::new(listing))).await? else {
            break;
        };
        entries.extend(part);
        match entries.last() {
            Some(last) if more => from = From::Older(last.id),
            _ => break,
        }
    }
    Ok(match args.output {
        ListOutput::Table if entries.is_empty() => {
            talk(if query.terms.is_empty() {
                "pleoscope: the history is empty: every request that is sent is kept in it"
            } else {
                "pleoscope: nothing in the history fits"
            });
            ExitCode::SUCCESS
        }
        ListOutput::Table => print(&table(&entries, Timestamp::now())),
        ListOutput::Json => {
            let all: Vec<_> = entries.iter().map(object).collect();
            print(&format!("{}\n", serde_json::to_string_pretty(&all).unwrap_or_default()))
        }
        ListOutput::Har => ExitCode::SUCCESS,
        ListOutput::Ndjson => print(&entries.iter().map(|entry| format!("{}\n", object(entry))).collect::<String>()),
    })
}

/// Prints what fits as one archive, the oldest first as browsers write it.
async fn archive(query: Query, args: &HistoryArgs) -> Result<ExitCode, ExitCode> {
    let listing = Listing { query, scope: None, from: From::Newest, most: args.limit };
    let Told::OpenedAll(mut all, _) = ask(Ask::OpenAll(Box::new(listing))).await? else {
        return Ok(ExitCode::SUCCESS);
    };
    all.reverse();
    let many: Vec<&Transcript> = all.iter().map(|kept| &kept.transcript).collect();
    written(format!("{}\n", handing::har(&many, args.masked)).as_bytes(), &Document::new())
}

fn object(entry: &Entry) -> serde_json::Value {
    json!({
        "number": entry.id,
        "at": entry.at.to_string(),
        "environment": entry.environment.name(),
        "setting": entry.setting.word(),
        "method": entry.method.as_str(),
        "target": entry.target,
        "operation": entry.operation,
        "status": entry.status,
        "whole": entry.whole,
        "milliseconds": u64::try_from(entry.took.as_millis()).unwrap_or(u64::MAX),
        "bytes": entry.size,
        "name": entry.name,
        "pinned": entry.pinned,
    })
}

/// The list for people: what was asked for gives way where a terminal is narrow.
fn table(entries: &[Entry], now: Timestamp) -> String {
    let rows: Vec<[String; 6]> = entries
        .iter()
        .map(|entry| {
            let imitation = if entry.setting == Setting::Pleo { String::new() } else { format!(" {}", entry.setting) };
            [
                entry.id.to_string(),
                age(entry.at, now),
                format!("{}{imitation}", entry.environment),
                entry.outcome(),
                format!("{} ms", entry.took.as_millis()),
                entry.method.to_string(),
            ]
        })
        .collect();
    let widths: Vec<usize> =
        (0..6).map(|column| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0)).collect();
    let room = if io::stdout().is_terminal() { terminal::columns().unwrap_or(USUAL_WIDTH) } else { usize::MAX };
    let mut text = String::new();
    for (row, entry) in rows.iter().zip(entries) {
        let mut line = String::new();
        for (column, (cell, columns)) in row.iter().zip(&widths).enumerate() {
            let space = " ".repeat(columns.saturating_sub(width(cell)));
            // Numbers stand at the right of their column.
            let right = matches!(column, 0 | 1 | 4);
            line.push_str(&if right { format!("{space}{cell}  ") } else { format!("{cell}{space}  ") });
        }
        line.push_str(&displayable(&entry.target));
        if entry.pinned {
            line.push_str("  [pinned]");
        }
        if let Some(name) = &entry.name {
            line.push_str(&format!("  \"{}\"", displayable(name)));
        }
        text.push_str(&truncate(&line, room));
        text.push('\n');
    }
    text
}

async fn show(number: i64, form: Option<ShownAs>, masked: bool) -> Result<ExitCode, ExitCode> {
    let kept = opened(number).await?;
    match form {
        Some(ShownAs::Form(Form::Har)) => {
            let text = format!("{}\n", handing::har(&[&kept.transcript], masked));
            return written(text.as_bytes(), &Document::new());
        }
        Some(ShownAs::Form(Form::Markdown)) => {
            let text = format!("{}\n", handing::report(&kept.transcript, None, masked));
            return written(text.as_bytes(), &Document::new());
        }
        _ if masked => return Err(usage("--masked is for --as har and --as markdown")),
        Some(ShownAs::Form(form)) => {
            if let Some(caution) = handing::caution(&kept.transcript, form) {
                talk(&format!("pleoscope: {caution}"));
            }
            let text = format!("{}\n", handing::write(&kept.transcript, form));
            return written(text.as_bytes(), &Document::new());
        }
        Some(ShownAs::Json) => {
            let text = format!("{}\n", serde_json::to_string_pretty(&whole(&kept)).unwrap_or_default());
            return written(text.as_bytes(), &Document::new());
        }
        None => {}
    }
    let own = &kept.transcript;
    let mut text = format!("{} {}\n", own.method, own.url);
    if let Some(used) = &own.credential {
        text.push_str(&format!("authorization: {} <{}>\n", used.kind.scheme().name(), used.label));
    }
    text.push_str(&own.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<String>());
    text.push_str(&own.body.as_ref().map_or_else(String::new, |body| format!("\n{body}\n")));
    if let Some(answer) = &own.answer {
        text.push_str(&format!("\n{} {} {}\n", answer.version, answer.status, answer.reason));
        for (name, value) in &answer.headers {
            text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value)));
        }
        text.push('\n');
    }
    let imitation = if kept.entry.setting == Setting::Pleo { "" } else { kept.entry.setting.word() };
    talk(&format!(
        "pleoscope: {} {imitation} at {}, {} ms",
        own.environment,
        kept.entry.at,
        kept.entry.took.as_millis()
    ));
    if let Some(failure) = &own.failure {
        talk(&format!("pleoscope: {failure}"));
    }
    let body = own.answer.as_ref().and_then(|answer| answer.body.clone());
    if let (None, Some(length)) = (&body, kept.entry.size.filter(|size| *size > 0)) {
        talk(&format!("pleoscope: its body of {length} bytes was not kept"));
    }
    written(text.as_bytes(), &Document::from_bytes(body.unwrap_or_default().into()))
}

/// All that is known of an exchange. A body that is no text is told in Base64.
fn whole(kept: &Kept) -> serde_json::Value {
    let own = &kept.transcript;
    let mut told = object(&kept.entry);
    let sent: Vec<_> = own.headers.iter().map(|(name, value)| json!([name, value])).collect();
    told["url"] = own.url.as_str().into();
    told["credential"] = own.credential.as_ref().map(|used| json!(used.label)).unwrap_or_default();
    told["request"] = json!({"headers": sent, "body": own.body});
    told["answer"] = own.answer.as_ref().map(answered).unwrap_or_default();
    told["failure"] = json!(own.failure);
    told["timing"] = json!(own.timing);
    told["wire"] = json!(own.wire);
    told
}

fn answered(answer: &Answer) -> serde_json::Value {
    let pair = |(name, value): &(String, Vec<u8>)| json!([name, String::from_utf8_lossy(value)]);
    let mut told = json!({
        "status": answer.status,
        "reason": answer.reason,
        "version": answer.version,
        "headers": answer.headers.iter().map(pair).collect::<Vec<_>>(),
        "bytes": answer.length,
        "body": null,
    });
    match answer.body.as_deref().map(std::str::from_utf8) {
        Some(Ok(text)) => told["body"] = text.into(),
        Some(Err(_)) => {
            let bytes = answer.body.as_deref().unwrap_or_default();
            told["bodyBase64"] = base64::engine::general_purpose::STANDARD.encode(bytes).into();
        }
        None => {}
    }
    told
}

fn written(text: &[u8], body: &Document) -> Result<ExitCode, ExitCode> {
    let person = io::stdout().is_terminal();
    let mut out = io::stdout().lock();
    let done = put(&mut out, text, person)
        .and_then(|()| pretty(body, &mut |text| put(&mut out, text, person)))
        .and_then(|()| out.flush());
    match done {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(trouble(&format!("stdout cannot be written: {error}"))),
    }
}

async fn resend(global: &Global, args: &ResendArgs) -> Result<ExitCode, ExitCode> {
    if let Some(sentence) = args.way.contradiction() {
        return Err(usage(sentence));
    }
    // Its environment decides which credentials are taken.
    let (folders, environments) = (Folders::find().ok(), Environments::pleo());
    let rules = folders.as_ref().map(config::load).unwrap_or_default().config.history;
    let reader = History::new(folders.as_ref(), Rules { enabled: true, ..rules }, false, &environments);
    let kept = match reader.ask(Ask::Open(args.number)).await.map_err(|sentence| trouble(&sentence))? {
        Told::Opened(Some(kept)) => *kept,
        _ => return Err(unknown(args.number)),
    };
    if let Some(other) = global.env.filter(|own| *own != kept.entry.environment) {
        let own = kept.entry.environment;
        return Err(usage(&format!("not sent: exchange {} was with {own}, and --env says {other}", args.number)));
    }
    let global = Global { env: Some(kept.entry.environment), ..global.clone() };
    let setup = global.setup_command().await?;
    let now = Setting::of(global.sandbox, &setup.environments, global.env());
    if let Some(sentence) = kept.entry.setting.refusal(now) {
        return Err(usage(&format!("not sent: {sentence}")));
    }
    let mut draft = kept.draft(&setup.environments).map_err(|error| usage(&format!("not sent: {error}")))?;
    args.way.begin_after(&mut draft).map_err(usage)?;
    talk(&format!("pleoscope: {}: {} {}", global.env(), draft.endpoint.method, displayable(&draft.target())));
    let variables = setup.config.variables.get(&global.env()).cloned().unwrap_or_default();
    Ok(Box::pin(send::sent(&global, &args.way, setup, draft, None, &variables)).await)
}

async fn delete(number: i64) -> Result<ExitCode, ExitCode> {
    match ask(Ask::Delete(number)).await? {
        Told::Done(0) => Err(unknown(number)),
        _ => Ok(ExitCode::SUCCESS),
    }
}

async fn clear(global: &Global, yes: bool) -> Result<ExitCode, ExitCode> {
    if !yes {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(usage(
                "nothing was removed: there is nobody to ask; --yes removes everything that is not pinned",
            ));
        }
        let of = global.env.map_or_else(|| "everything in the history".to_owned(), |own| format!("all of {own}"));
        let asked = write!(io::stderr(), "Remove {of} that is not pinned? Type clear: ");
        let mut typed = String::new();
        asked
            .and_then(|()| io::stderr().flush())
            .and_then(|()| io::stdin().read_line(&mut typed))
            .map_err(|error| trouble(&format!("the terminal cannot be used: {error}")))?;
        if typed.trim() != "clear" {
            return Err(usage("nothing was removed"));
        }
    }
    let Told::Done(count) = ask(Ask::Clear(global.env, None)).await? else {
        return Ok(ExitCode::SUCCESS);
    };
    talk(&match count {
        1 => "pleoscope: 1 exchange was removed".to_owned(),
        count => format!("pleoscope: {count} exchanges were removed"),
    });
    Ok(ExitCode::SUCCESS)
}
