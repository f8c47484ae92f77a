//! `send`: one request without a screen, through the same building, preflight and worker. stdout is data, stderr is talk.

mod interrupted;
mod printer;
mod way;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::filtered::{self, Unfinished};
use super::verbose::Verbose;
use super::{Global, Interrupt, Setup, TargetArgs, USAGE, all, talk, trouble, usage};
use crate::app::event::{Effect, Facts, Reply, WorkId};
use crate::document::displayable;
use crate::edge::vault::Vault;
use crate::pleo::credential::Credential;
use crate::pleo::curl::Imported;
use crate::pleo::environment::Environment;
use crate::pleo::handing::{self, Form};
use crate::pleo::preflight::{self, Situation};
use crate::pleo::prepared::{Prepared, prepare};
use crate::pleo::request::Draft;
use crate::pleo::transcript::Transcript;
use crate::worker::{self, Line};

use interrupted::interrupted;
pub(super) use printer::{Printer, put};
pub use way::{Output, Way};

/// The flags of `send`.
#[derive(Debug, Args)]
pub struct SendArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    way: Way,
}

/// Sends and prints.
pub async fn run(global: &Global, args: &SendArgs) -> ExitCode {
    if let Some(sentence) = args.way.contradiction() {
        return usage(sentence);
    }
    let setup = match global.setup_command().await {
        Ok(setup) => setup,
        Err(code) => return code,
    };
    let imported = match args.target.imported(global.env(), &setup.environments) {
        Ok(imported) => imported,
        Err(error) => return usage(&error.to_string()),
    };
    if let Some(sentence) = args.refuse_import(global.env(), &imported) {
        return usage(&sentence);
    }
    let Imported { mut draft, credential: given, remarks, .. } = imported;
    if let Err(sentence) = args.way.begin_after(&mut draft) {
        return usage(sentence);
    }
    if draft.endpoint.writes && !args.target.brings_body() {
        // A template is there to be looked at and filled in; nobody has seen it here.
        draft.body.clear();
    }
    for remark in &remarks {
        talk(&format!("pleoscope: {remark}"));
    }
    let variables = match args.target.variables(setup.config.variables.get(&global.env())) {
        Ok(variables) => variables,
        Err(error) => return usage(&error.to_string()),
    };
    Box::pin(sent(global, &args.way, setup, draft, given, &variables)).await
}

/// Sends a request that is there, with the credential that was given for it or the one that fits, and prints its answer.
pub(super) async fn sent(
    global: &Global,
    way: &Way,
    setup: Setup,
    draft: Draft,
    given: Option<Credential>,
    variables: &BTreeMap<String, String>,
) -> ExitCode {
    for remark in &setup.remarks {
        talk(&format!("pleoscope: {remark}"));
    }
    let mut secrets = setup.secrets.clone();
    let credential = match given {
        Some(given) => {
            setup.tools.vault.know(std::slice::from_ref(&given));
            secrets.extend(given.held().cloned());
            Some(given)
        }
        None => match setup.credential(global.env(), way.credential.as_deref(), draft.endpoint.surface) {
            Ok(credential) => credential,
            Err(code) => return code,
        },
    };
    let guard = global.guard().without_screen(way.allow_production_write);
    let situation = Situation {
        guard,
        secrets: &secrets,
        today: Some(TimeZone::system().to_datetime(Timestamp::now()).date()),
        variables,
        ..Situation::new(global.env(), &setup.environments, credential.as_ref())
    };
    let findings = preflight::check(&draft, &situation);
    let path = || handing::without_keys(&draft.endpoint.path);
    for finding in findings.iter().filter(|finding| !finding.refuses()) {
        talk(&format!("pleoscope: {}: {}", path(), finding.named(&draft)));
    }
    let request = match prepare(&draft, &situation) {
        Ok(request) => request,
        Err(findings) => {
            for finding in findings.iter().filter(|finding| finding.refuses()) {
                talk(&format!("pleoscope: not sent: {}: {}", path(), finding.named(&draft)));
            }
            return ExitCode::from(USAGE);
        }
    };
    // Behind an encoding it is one all the same.
    if let Some(part) = setup.tools.vault.astray(&request) {
        return usage(&format!(
            "not sent: a credential stands in the {part}, encoded: it goes into the Authorization header by itself, and nowhere else"
        ));
    }
    if let Some(form) = way.form {
        return print_as(&request, form, &setup.tools.vault);
    }
    if let Some(expression) = &way.jq
        && let Err(code) = filtered::check(expression).await
    {
        return code;
    }
    let mut tools = setup.tools;
    if way.all || way.output.is_of_records() {
        let (vault, spills) = (Arc::clone(&tools.vault), Arc::clone(&tools.spills));
        let code = if way.all {
            all::run(tools, request, way, &setup.interrupt).await
        } else {
            all::one(tools, request, way, &setup.interrupt).await
        };
        vault.settled().await;
        spills.clear();
        return code;
    }
    if way.output == Output::Raw && way.jq.is_none() {
        // What is printed as it comes is not kept anywhere.
        tools.limits.memory = u64::MAX;
    }
    let spills = Arc::clone(&tools.spills);
    let mut line = worker::start(tools);
    setup.interrupt.cancels(line.effects.clone(), 1);
    if line.effects.send(Effect::Send(WorkId(0), Box::new(request.clone()))).await.is_err() {
        return trouble("the worker did not start");
    }
    let code = receive(&mut line, Printer::new(way, request), way, &setup.interrupt).await;
    spills.clear();
    code
}

/// Prints the request in a form; nothing is sent.
fn print_as(request: &Prepared, form: Form, vault: &Vault) -> ExitCode {
    let own = Transcript::of(request);
    let mut text = vault.redactor().text(&handing::write(&own, form)).into_owned();
    if let Some(caution) = handing::caution(&own, form) {
        talk(&format!("pleoscope: {caution}"));
    }
    // Raw HTTP ends where its body does.
    if form != Form::Http {
        text.push('\n');
    }
    let mut out = io::stdout().lock();
    match put(&mut out, text.as_bytes(), io::stdout().is_terminal()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => trouble(&format!("stdout cannot be written: {error}")),
    }
}

impl SendArgs {
    /// Why what a curl command means is not sent by these flags, a sentence.
    fn refuse_import(&self, in_force: Environment, own: &Imported) -> Option<String> {
        let wanted = own.environment;
        if wanted != in_force {
            return Some(format!("the curl command is for {wanted}, and {in_force} is in force: add --env {wanted}"));
        }
        if own.credential.is_some() && self.way.credential.is_some() {
            return Some(
                "the curl command has a credential of its own: leave --credential out, or take that one out".into(),
            );
        }
        let file = own.file.as_ref()?;
        let file = displayable(file);
        Some(format!(
            "the body of the curl command is in the file {file}, which is not read by itself: add --body {file}"
        ))
    }
}

/// Prints what comes, or filters it once it is whole.
async fn receive(line: &mut Line, mut printer: Printer, way: &Way, interrupt: &Interrupt) -> ExitCode {
    let mut verbose = way.verbose.then(|| Verbose::new(printer.request.clone()));
    loop {
        let reply = tokio::select! {
            biased;
            () = interrupt.happened() => return interrupted(line, &printer, verbose).await,
            reply = line.replies.recv() => reply,
        };
        if let (Some(verbose), Some(reply)) = (&mut verbose, &reply) {
            verbose.take(reply);
        }
        let done = match reply {
            Some(Reply::Head(_, head, _)) => printer.head(head),
            Some(Reply::Chunk(_, bytes, piece)) => {
                let printed = printer.chunk(&bytes);
                printer.keep(bytes, &piece);
                printed
            }
            Some(Reply::Stored(_, stored, piece)) => {
                printer.document.append_stored(&stored.store, stored.length, stored.breaks, &piece);
                Ok(())
            }
            Some(Reply::Done(_, piece, _)) => {
                printer.document.finish(&piece);
                return match &way.jq {
                    Some(expression) => filter(&printer, expression).await,
                    None => finish(printer, None),
                };
            }
            Some(Reply::Failed(_, failure, ..)) if way.jq.is_some() => {
                let (sentence, phase) = (failure.sentence, failure.phase.name());
                return trouble(&format!("{sentence} ({phase}); only a whole answer is filtered"));
            }
            Some(Reply::Failed(_, failure, piece, _)) => {
                printer.document.finish(&piece);
                return finish(printer, Some(&format!("{} ({})", failure.sentence, failure.phase.name())));
            }
            Some(Reply::Known(_, Facts { remark: Some(remark), .. })) => {
                talk(&format!("pleoscope: {remark}"));
                Ok(())
            }
            // The others are about the screen's own questions.
            Some(_) => Ok(()),
            None => return trouble("the worker went away"),
        };
        if let Err(error) = done {
            return unwritten(&error, &printer);
        }
    }
}

pub(super) fn finish(mut printer: Printer, failure: Option<&str>) -> ExitCode {
    if let Err(error) = printer.body() {
        return unwritten(&error, &printer);
    }
    match failure {
        None if printer.is_not_json() => {
            if let Some(malformed) = printer.document.malformed() {
                let (reason, offset) = (&malformed.reason, malformed.offset);
                talk(&format!(
                    "pleoscope: the answer is not JSON ({reason}, at byte {offset}): it is printed as it came"
                ));
            }
            printer.exit_code()
        }
        Some(sentence) => trouble(sentence),
        None => printer.exit_code(),
    }
}

/// Prints what the expression makes of the answer.
async fn filter(printer: &Printer, expression: &str) -> ExitCode {
    let body = printer.document.body();
    match filtered::print(expression, body, printer.output, printer.person).await {
        Ok(()) => printer.exit_code(),
        Err(Unfinished::Stdout(error)) => unwritten(&error, printer),
        Err(Unfinished::Filter(failure)) => {
            // The status may be why the answer is another than was thought.
            printer.exit_code();
            trouble(&failure.sentence)
        }
    }
}

/// A reader that went away is quiet, as `head` wants it.
fn unwritten(error: &io::Error, printer: &Printer) -> ExitCode {
    if error.kind() == io::ErrorKind::BrokenPipe {
        printer.exit_code()
    } else {
        trouble(&format!("stdout cannot be written: {error}"))
    }
}
