//! `send`: one request without a screen, through the same building, preflight and worker. stdout is data, stderr is talk.

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
use super::{Global, Setup, TargetArgs, USAGE, all, talk, trouble, usage};
use crate::app::event::{Effect, Facts, Head, Reply, WorkId};
use crate::document::{Document, displayable, displayable_bytes};
use crate::edge::vault::Vault;
use crate::pleo::credential::Credential;
use crate::pleo::curl::Imported;
use crate::pleo::environment::Environment;
use crate::pleo::explain::{Answered, Explanation, explain};
use crate::pleo::handing::{self, Form};
use crate::pleo::preflight::{self, Situation};
use crate::pleo::prepared::{Prepared, prepare};
use crate::pleo::request::Draft;
use crate::pleo::transcript::Transcript;
use crate::worker::{self, Line};

pub use way::{Output, Way};

/// Most bytes of a body that an explanation looks at.
const MOST_EXPLAINED: usize = 64 * 1024;

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
    let path = &draft.endpoint.path;
    for finding in findings.iter().filter(|finding| !finding.refuses()) {
        talk(&format!("pleoscope: {path}: {}", finding.named(&draft)));
    }
    let request = match prepare(&draft, &situation) {
        Ok(request) => request,
        Err(findings) => {
            for finding in findings.iter().filter(|finding| finding.refuses()) {
                talk(&format!("pleoscope: not sent: {path}: {}", finding.named(&draft)));
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
            all::one(tools, request, way).await
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
    if line.effects.send(Effect::Send(WorkId(1), Box::new(request.clone()))).await.is_err() {
        return trouble("the worker did not start");
    }
    let code = receive(&mut line, Printer::new(way, request), way).await;
    spills.clear();
    code
}

/// Prints the request in a form; nothing is sent.
fn print_as(request: &Prepared, form: Form, vault: &Vault) -> ExitCode {
    let mut text = vault.redactor().text(&handing::write(&Transcript::of(request), form)).into_owned();
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
async fn receive(line: &mut Line, mut printer: Printer, way: &Way) -> ExitCode {
    let mut verbose = way.verbose.then(|| Verbose::new(printer.request.clone()));
    loop {
        let reply = line.replies.recv().await;
        if let (Some(verbose), Some(reply)) = (&mut verbose, &reply) {
            verbose.take(reply);
        }
        let done = match reply {
            Some(Reply::Head(_, head, _)) => printer.head(head),
            Some(Reply::Chunk(_, bytes, piece)) => {
                let printed = printer.chunk(&bytes);
                let room = MOST_EXPLAINED.saturating_sub(printer.beginning.len()).min(bytes.len());
                printer.beginning.extend_from_slice(&bytes[..room]);
                if way.output == Output::Json || way.jq.is_some() {
                    printer.document.append(bytes, &piece);
                }
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

pub(super) struct Printer {
    request: Prepared,
    /// The beginning of the body, to explain it by.
    beginning: Vec<u8>,
    output: Output,
    include: bool,
    /// Whether the body is not printed itself.
    filtered: bool,
    /// Whether a person reads it, so that control characters must not reach the terminal.
    person: bool,
    head: Option<Head>,
    document: Document,
}

impl Printer {
    fn new(way: &Way, request: Prepared) -> Self {
        let person = io::stdout().is_terminal();
        let (output, include, filtered) = (way.output, way.include, way.jq.is_some());
        Self {
            request,
            beginning: Vec::new(),
            output,
            include,
            filtered,
            person,
            head: None,
            document: Document::new(),
        }
    }

    /// One of an answer that is there.
    pub(super) fn of(way: &Way, request: Prepared, head: Option<Head>, document: Document) -> Self {
        let beginning = document.body().read(0..MOST_EXPLAINED as u64).into_owned();
        Self { beginning, head, document, ..Self::new(way, request) }
    }

    fn head(&mut self, head: Head) -> io::Result<()> {
        if self.include {
            let mut text = format!("{} {} {}\n", head.version, head.status, head.reason);
            for (name, value) in &head.headers {
                text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value)));
            }
            text.push('\n');
            self.write(text.as_bytes())?;
        }
        self.head = Some(head);
        Ok(())
    }

    fn chunk(&self, bytes: &[u8]) -> io::Result<()> {
        if self.output == Output::Raw && !self.filtered { self.write(bytes) } else { Ok(()) }
    }

    fn body(&mut self) -> io::Result<()> {
        if self.output == Output::Raw {
            return if self.person { self.write(b"\n") } else { Ok(()) };
        }
        let mut out = io::stdout().lock();
        let person = self.person;
        crate::document::pretty(&self.document, &mut |text| put(&mut out, text, person))?;
        out.flush()
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        put(&mut out, bytes, self.person)?;
        out.flush()
    }

    /// Whether the answer calls itself JSON, or nothing at all, and is not.
    fn is_not_json(&self) -> bool {
        let json = self.head.as_ref().is_none_or(Head::says_json);
        self.output == Output::Json && json && !self.document.is_empty() && self.document.malformed().is_some()
    }

    /// Says what is to be said of the status, and what the process ends with.
    pub(super) fn exit_code(&self) -> ExitCode {
        let Some(head) = &self.head else {
            return ExitCode::from(super::TROUBLE);
        };
        let class = u8::try_from(head.status / 100).unwrap_or(5);
        if class == 2 {
            return ExitCode::SUCCESS;
        }
        let shown = |name: &str| head.header(name).map(|value| displayable(&value).into_owned());
        let more = match (class, shown("location"), shown("retry-after")) {
            (3, Some(location), _) => {
                format!(": a redirect to {location}, which was not followed: redirects never are")
            }
            (_, _, Some(after)) if after.parse::<u64>().is_ok() => {
                format!(": try again after {after} seconds (Retry-After)")
            }
            (_, _, Some(after)) => format!(": try again after {after} (Retry-After)"),
            _ => String::new(),
        };
        talk(&format!("pleoscope: {} {}{more}", head.status, displayable(&head.reason)));
        if let (3..=5, Some(explanation)) = (class, self.explanation(head)) {
            let checked = explanation.checked.join("; ");
            let next: Vec<String> = explanation.next.iter().filter_map(|step| without_keys(step)).collect();
            let next = if next.is_empty() { String::new() } else { format!(" Next: {}.", next.join("; ")) };
            let end = if explanation.headline.ends_with(['.', '!', '?']) { "" } else { "." };
            let text = format!("{}{end} Checked: {checked}.{next}", explanation.headline);
            talk(&format!("pleoscope: {}", displayable(&text)));
        }
        ExitCode::from(class.clamp(3, 5))
    }
}

/// A next step of the explorer as one without a screen; nothing where it needs one.
fn without_keys(step: &str) -> Option<String> {
    let translated = [
        ("i ", Some("`pleoscope whoami` ")),
        ("L ", Some("`pleoscope auth login` ")),
        ("3 ", Some("`pleoscope endpoints` ")),
        ("3, then / and ", Some("`pleoscope send` with ")),
        ("s ", Some("the same command ")),
        ("Ctrl-t ", Some("the other --env ")),
        ("2 ", Some("another credential: by a variable, or --credential, which ")),
        ("v ", Some("--include ")),
        ("4 edits the body: ", Some("")),
        ("4 edits the request", Some("correct the request")),
        ("4 shows ", Some("--include shows ")),
        (
            "c in 4 Request picks a company and writes the spelling that is wanted",
            Some("give the company as -q or in the body, in that spelling"),
        ),
        ("F prepares ", Some("write it yourself, if you trust the place: it asks for ")),
        ("Ctrl-n types another request", Some("write another method or path")),
        ("Ctrl-t, then s, asks ", Some("--env asks ")),
    ];
    match translated.into_iter().find(|(key, _)| step.starts_with(key)) {
        Some((key, Some(command))) => Some(format!("{command}{}", &step[key.len()..])),
        Some((_, None)) => None,
        None => Some(step.to_owned()),
    }
}

impl Printer {
    /// What probably went wrong. Without a screen there are no keys to press, and nobody else to ask.
    fn explanation(&self, head: &Head) -> Option<Explanation> {
        explain(&Answered {
            request: &self.request,
            status: head.status,
            retry_after: head.header("retry-after").as_deref(),
            date: head.header("date").as_deref(),
            location: head.header("location").as_deref(),
            allow: head.header("allow").as_deref(),
            body: &self.beginning,
            identity: None,
            others: &[],
        })
    }
}

/// Writes bytes as they are into a pipe, and line by line made safe for a person.
pub(super) fn put(out: &mut impl Write, bytes: &[u8], person: bool) -> io::Result<()> {
    if !person {
        return out.write_all(bytes);
    }
    for (position, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if position > 0 {
            out.write_all(b"\n")?;
        }
        out.write_all(displayable_bytes(line).as_bytes())?;
    }
    Ok(())
}
