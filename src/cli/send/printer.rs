//! How an answer is printed, and what is said of its status.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use bytes::Bytes;

use super::super::{TROUBLE, talk};
use super::{Output, Way};
use crate::app::event::Head;
use crate::document::{Document, Piece, displayable, displayable_bytes};
use crate::pleo::explain::{Answered, Explanation, explain};
use crate::pleo::handing;
use crate::pleo::prepared::Prepared;

/// Most bytes of a body that an explanation looks at.
const MOST_EXPLAINED: usize = 64 * 1024;

/// An answer on its way to stdout.
pub struct Printer {
    /// What was asked.
    pub request: Prepared,
    /// The beginning of the body, to explain it by.
    beginning: Vec<u8>,
    /// How its body is printed.
    pub output: Output,
    /// Whether its head is printed too.
    include: bool,
    /// Whether the body is not printed itself.
    filtered: bool,
    /// Whether a person reads it, so that control characters must not reach the terminal.
    pub person: bool,
    /// Its status and headers, once they are there.
    pub head: Option<Head>,
    /// What is kept of its body.
    pub document: Document,
}

impl Printer {
    /// One that is awaited.
    pub fn new(way: &Way, request: Prepared) -> Self {
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
    pub fn of(way: &Way, request: Prepared, head: Option<Head>, document: Document) -> Self {
        let beginning = document.body().read(0..MOST_EXPLAINED as u64).into_owned();
        Self { beginning, head, document, ..Self::new(way, request) }
    }

    /// Status and headers have come.
    pub fn head(&mut self, head: Head) -> io::Result<()> {
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

    /// Keeps what is needed of a piece of the body: its beginning to explain it by, and all of it unless it is printed as it comes.
    pub fn keep(&mut self, bytes: Bytes, piece: &Piece) {
        let room = MOST_EXPLAINED.saturating_sub(self.beginning.len()).min(bytes.len());
        self.beginning.extend_from_slice(&bytes[..room]);
        if self.output == Output::Json || self.filtered {
            self.document.append(bytes, piece);
        }
    }

    /// Prints a piece of the body, where that is printed as it comes.
    pub fn chunk(&self, bytes: &[u8]) -> io::Result<()> {
        if self.output == Output::Raw && !self.filtered { self.write(bytes) } else { Ok(()) }
    }

    /// Prints the body that was kept.
    pub fn body(&mut self) -> io::Result<()> {
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
    pub fn is_not_json(&self) -> bool {
        let json = self.head.as_ref().is_none_or(Head::says_json);
        self.output == Output::Json && json && !self.document.is_empty() && self.document.malformed().is_some()
    }

    /// Says what is to be said of the status, and what the process ends with.
    pub fn exit_code(&self) -> ExitCode {
        let Some(head) = &self.head else {
            return ExitCode::from(TROUBLE);
        };
        let class = u8::try_from(head.status / 100).unwrap_or(5);
        if class == 2 {
            return ExitCode::SUCCESS;
        }
        let shown =
            |name: &str| head.header(name).map(|value| displayable(&handing::header(name, &value, false)).into_owned());
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
pub fn put(out: &mut impl Write, bytes: &[u8], person: bool) -> io::Result<()> {
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
