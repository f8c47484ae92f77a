//! `diff`: one read sent to both environments, and what differs between the answers. stdout is data, stderr is talk.

mod pages;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Position;

use super::send::put;
use super::{Global, Interrupt, Setup, TargetArgs, USAGE, talk, usage};
use crate::app::compare::answer::{Answer, Comparing, Comparison, Found, Outcome, compare};
use crate::app::compare::report::{self, Format, Reporting};
use crate::app::event::{Effect, Facts, Reply, WorkId};
use crate::document::diff::Options;
use crate::document::displayable;
use crate::pleo::credential::CredentialKind;
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::Environment;
use crate::pleo::handing;
use crate::pleo::preflight::{self, Situation};
use crate::pleo::prepared::{Prepared, prepare};
use crate::pleo::request::Draft;
use crate::worker::{self, Line, Tools};

/// The exit code of answers that differ.
const DIFFERENT: u8 = 1;
/// The exit code where an answer is missing or no success. That of other trouble means something else here.
const NO_ANSWER: u8 = 6;

/// How the result is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs: paths, byte ranges, and values as sent.
    Json,
    /// Tables for a ticket or a page.
    Markdown,
}

/// The flags of `diff`.
#[derive(Debug, Args)]
#[command(
    after_help = "Status and bodies are compared; headers that differ are told and do not count. Numbers are equal when they are worth the same (1.10 and 1.1).\nExit codes: 0 the same, 1 different, 2 for usage and refused requests, 6 where an answer is missing or is not 2xx (what came is compared all the same), 130 for Ctrl-C."
)]
pub struct DiffArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Align the records of a list by this member, with dots into objects; guessed among id, code and email without it.
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// Compare the lists with all of their pages, at the pace that Pleo allows.
    #[arg(long)]
    all: bool,
    /// Compare only which fields there are and of which types: no value is printed.
    #[arg(long)]
    shape: bool,
    /// Leave members of this name out, however deep they are (may be repeated).
    #[arg(long, value_name = "NAME")]
    ignore: Vec<String>,
    /// Compare createdAt, updatedAt, lastUpdatedAt, startCursor, endCursor and pre-signed links too.
    #[arg(long)]
    volatile: bool,
    /// How the result is printed.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
    /// The stored credential of this name for an environment, instead of the one that fits (may be repeated).
    #[arg(long, value_name = "ENVIRONMENT=NAME")]
    credential: Vec<String>,
}

/// Sends, compares and prints.
pub async fn run(global: &Global, args: &DiffArgs) -> ExitCode {
    match Box::pin(told(global, args)).await {
        Ok(code) | Err(code) => code,
    }
}

async fn told(global: &Global, args: &DiffArgs) -> Result<ExitCode, ExitCode> {
    let setup = global.setup_command_for(&Environment::ALL).await?;
    setup.remarks.iter().for_each(|remark| talk(&format!("pleoscope: {remark}")));
    if args.target.curl.is_some() {
        return Err(usage("--curl is of one environment, and diff asks both: give METHOD PATH or an operation"));
    }
    let draft = args.target.draft(global.env(), &setup.environments).map_err(|error| usage(&error.to_string()))?;
    if draft.endpoint.writes {
        return Err(usage(&format!(
            "not sent: {} {} changes data, and only reads are compared",
            draft.endpoint.method, draft.endpoint.path
        )));
    }
    let requests = [
        request(global, &setup, &draft, args, Environment::Staging)?,
        request(global, &setup, &draft, args, Environment::Production)?,
    ];
    let target = requests[0].url()[Position::BeforePath..].to_owned();
    let spills = Arc::clone(&setup.tools.spills);
    let sides = answers(setup.tools, requests, args.all, &setup.interrupt).await?;
    for own in sides.iter().filter(|own| !own.is_success()) {
        let what = own.failure.clone().unwrap_or_else(|| {
            let head = own.head.as_ref();
            head.map_or_else(|| "no answer".to_owned(), |head| format!("{} {}", head.status, head.reason))
        });
        talk(&format!("pleoscope: {}: {}", own.label, displayable(&what)));
    }
    let code = if sides.iter().any(|own| own.head.is_none()) {
        Ok(ExitCode::from(NO_ANSWER))
    } else {
        compared(args, Comparison::new(&draft.endpoint, &target, sides)).await
    };
    spills.clear();
    code
}

/// The request for one environment with its own credential, or why there is none.
fn request(
    global: &Global,
    setup: &Setup,
    draft: &Draft,
    args: &DiffArgs,
    environment: Environment,
) -> Result<Prepared, ExitCode> {
    let name = credential_name(args, environment)?;
    let Some(credential) = setup.credential(environment, name, draft.endpoint.surface)? else {
        let kind = match draft.endpoint.surface {
            Surface::External => CredentialKind::StandaloneApiKey,
            Surface::Legacy => CredentialKind::LegacyToken,
        };
        return Err(usage(&format!(
            "not sent: {environment} has no credential: give one by {}, or add one with `pleoscope auth add`",
            kind.variable(environment).unwrap_or_default()
        )));
    };
    let variables =
        args.target.variables(setup.config.variables.get(&environment)).map_err(|error| usage(&error.to_string()))?;
    let situation = Situation {
        guard: global.guard().without_screen(false),
        secrets: &setup.secrets,
        today: Some(TimeZone::system().to_datetime(Timestamp::now()).date()),
        variables: &variables,
        ..Situation::new(environment, &setup.environments, Some(&credential))
    };
    let findings = preflight::check(draft, &situation);
    let path = || handing::without_keys(&draft.endpoint.path);
    for finding in findings.iter().filter(|finding| !finding.refuses()) {
        talk(&format!("pleoscope: {environment}: {}: {}", path(), finding.named(draft)));
    }
    let request = prepare(draft, &situation).map_err(|findings| {
        for finding in findings.iter().filter(|finding| finding.refuses()) {
            talk(&format!("pleoscope: not sent: {environment}: {}: {}", path(), finding.named(draft)));
        }
        ExitCode::from(USAGE)
    })?;
    // Behind an encoding it is one all the same.
    match setup.tools.vault.astray(&request) {
        Some(part) => Err(usage(&format!(
            "not sent: a credential stands in the {part}, encoded: it goes into the Authorization header by itself, and nowhere else"
        ))),
        None => Ok(request),
    }
}

/// The name of the stored credential that is asked for in an environment.
fn credential_name(args: &DiffArgs, environment: Environment) -> Result<Option<&str>, ExitCode> {
    let mut found = None;
    for text in &args.credential {
        let named = text.split_once('=').and_then(|(of, name)| Some((of.parse::<Environment>().ok()?, name)));
        let Some((of, name)) = named else {
            return Err(usage("--credential is of the form ENVIRONMENT=NAME: write for example staging=work"));
        };
        if of == environment {
            found = Some(name);
        }
    }
    Ok(found)
}

/// Sends both requests at once and waits until both are answered.
async fn answers(
    tools: Tools,
    requests: [Prepared; 2],
    all: bool,
    interrupt: &Interrupt,
) -> Result<[Answer; 2], ExitCode> {
    let mut line = worker::start(tools);
    let mut sides = requests.each_ref().map(|own| Answer::awaited(own.environment(), own.url().as_str()));
    interrupt.cancels(line.effects.clone(), 2);
    for (id, request) in (0..).zip(&requests) {
        if line.effects.send(Effect::Send(WorkId(id), Box::new(request.clone()))).await.is_err() {
            return Err(no_answer("the worker did not start"));
        }
    }
    receive(&mut line, &mut sides).await?;
    if all {
        pages::follow(&mut line, &requests, &mut sides).await.map_err(no_answer)?;
    }
    Ok(sides)
}

async fn receive(line: &mut Line, sides: &mut [Answer; 2]) -> Result<(), ExitCode> {
    let mut waited = sides.len();
    while waited > 0 {
        let Some(reply) = line.replies.recv().await else {
            return Err(no_answer("the worker went away"));
        };
        match reply {
            Reply::Known(_, Facts { remark: Some(remark), .. }) => talk(&format!("pleoscope: {remark}")),
            reply => {
                for (id, side) in (0..).zip(sides.iter_mut()) {
                    waited -= usize::from(side.take(WorkId(id), &reply));
                }
            }
        }
    }
    Ok(())
}

fn no_answer(sentence: &str) -> ExitCode {
    talk(&format!("pleoscope: {sentence}"));
    ExitCode::from(NO_ANSWER)
}

/// Compares two answers, wherever they come from, and prints what differs.
async fn compared(args: &DiffArgs, comparison: Comparison) -> Result<ExitCode, ExitCode> {
    let comparing = Comparing {
        documents: comparison.sides.each_ref().map(|own| own.document.clone()),
        options: Options { key: args.key.clone(), ignore: args.ignore.clone(), volatile: !args.volatile },
        shape: args.shape,
    };
    let found = tokio::task::spawn_blocking(move || compare(&comparing, &|| false)).await;
    let found = match found {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return Err(no_answer(&error.to_string())),
        Err(_) => return Err(no_answer("the comparison failed: that is a defect of pleoscope")),
    };
    if let (Some(key), Outcome::Values(diff)) = (&args.key, &found.outcome)
        && diff.list.is_none()
    {
        talk(&format!("pleoscope: --key {key} aligns nothing: the answers are no lists of records"));
    }
    if let Some(sentence) = report::first_page_only(&found, comparison.labels()) {
        talk(&format!("pleoscope: {sentence}"));
    }
    let code = exit_code(&comparison, &found);
    let format = match args.output {
        Output::Text => Format::Text,
        Output::Json => Format::Json,
        Output::Markdown => Format::Markdown,
    };
    let text = report::write(&Reporting { comparison, found: Arc::new(found), format });
    let mut out = io::stdout().lock();
    let person = io::stdout().is_terminal();
    match put(&mut out, &text, person).and_then(|()| out.flush()) {
        Ok(()) => Ok(code),
        // A reader that went away is quiet, as `head` wants it.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(code),
        Err(error) => Err(no_answer(&format!("stdout cannot be written: {error}"))),
    }
}

fn exit_code(comparison: &Comparison, found: &Found) -> ExitCode {
    if comparison.sides.iter().any(|own| !own.is_success()) {
        ExitCode::from(NO_ANSWER)
    } else if found.is_same() && !comparison.status_differs() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(DIFFERENT)
    }
}
