//! What is said above a body: what went wrong, what was found out about it, what it is.

use std::time::Duration;

use super::event::Head;
use super::history;
use super::leading::Crumb;
use super::model::Model;
use super::panes::response::{Exchange, ResponsePane, Stage};
use super::waterfall;
use crate::document::{self, Document, Encoding, Kind};
use crate::pleo::endpoint::Method;

/// Rows that are left to the body, where it has any.
const LEFT: usize = 3;

/// How something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It went wrong.
    Error,
    /// It may be wrong.
    Warning,
    /// It went well.
    Good,
    /// It matters.
    Strong,
    /// It is good to know.
    Dim,
}

/// The rows above the body, for an area of so many columns and rows.
#[must_use]
pub fn rows(model: &Model, width: usize, height: usize) -> Vec<(Tone, String)> {
    let pane = &model.response;
    let Some(exchange) = &pane.exchange else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    if !model.crumbs.is_empty() {
        // The way back begins with the nearest.
        let crumbs: Vec<String> = model.crumbs.iter().rev().map(Crumb::title).collect();
        rows.push((Tone::Dim, document::fit(&format!("‹ {}", crumbs.join(" ‹ ")), width)));
    }
    if let Some(past) = &exchange.past {
        rows.push((Tone::Warning, document::fit(&history::told_of(model, exchange.environment(), past), width)));
    }
    let mut add = |tone, text: &str, most| {
        rows.extend(document::wrap_within(text, width, most).into_iter().map(|row| (tone, row)));
    };
    match &exchange.stage {
        Stage::Failed(failure) => {
            add(Tone::Error, &failure.sentence, height.max(1));
            if !exchange.document.is_empty() {
                add(Tone::Warning, "Partial: this is not the whole body.", 1);
            }
        }
        Stage::Cancelled if exchange.document.is_empty() => {
            let after = if exchange.elapsed.is_zero() {
                String::new()
            } else {
                format!(" after {}", waterfall::fine(exchange.elapsed))
            };
            add(Tone::Warning, &format!("Cancelled{after}."), 1);
        }
        Stage::Cancelled => {
            add(Tone::Warning, "Cancelled: what had arrived is kept. Partial: this is not the whole body.", 2);
        }
        _ => {}
    }
    explained(exchange, pane.wait(model.now), &mut add);
    if let Some(sentence) = wrong(pane) {
        add(Tone::Error, &sentence, 2);
    }
    if pane.filter.result.is_none()
        && let Some(sentence) = described(pane, exchange)
    {
        add(Tone::Dim, &sentence, 2);
    }
    let most = height.saturating_sub(if exchange.document.is_empty() { 0 } else { LEFT }).max(2);
    if rows.len() > most {
        rows.truncate(most - 1);
        rows.push((Tone::Dim, "… z shows all".to_owned()));
    }
    rows
}

/// What probably went wrong, what was looked at, and the next key.
fn explained(exchange: &Exchange, wait: Option<Duration>, add: &mut dyn FnMut(Tone, &str, usize)) {
    let Some(explanation) = &exchange.explanation else {
        return;
    };
    add(Tone::Error, &explanation.headline, 3);
    if let Some(left) = wait {
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        let text =
            if seconds < 60 { format!("{seconds} s") } else { format!("{} min {:02} s", seconds / 60, seconds % 60) };
        add(Tone::Warning, &format!("Wait {text}."), 1);
    } else if explanation.wait.is_some() {
        add(Tone::Good, "The wait is over.", 1);
    }
    add(Tone::Strong, &format!("Next: {}.", explanation.next.join("; ")), 3);
    add(Tone::Dim, &format!("Checked: {}.", explanation.checked.join("; ")), 4);
}

/// Where and why a body that says it is JSON, or looks like it, is not.
#[must_use]
pub fn wrong(pane: &ResponsePane) -> Option<String> {
    let exchange = pane.exchange.as_ref()?;
    let own = &exchange.document;
    let malformed = own.malformed().filter(|_| pane.filter.result.is_none() && pane.is_broken())?;
    let says = exchange.head.as_ref().is_none_or(Head::says_json);
    if !says && own.kind() != Kind::Json {
        return None;
    }
    let body = own.body();
    let line = body.line_at(malformed.offset);
    let start = body.line_start(line);
    // A column of a very long line tells nobody anything.
    let column = (malformed.offset - start < 10_000).then(|| {
        let before = body.read(start..malformed.offset);
        format!(", column {}", String::from_utf8_lossy(&before).chars().count() + 1)
    });
    Some(format!(
        "Not JSON: {}, at byte {} (line {}{}). ! goes there.",
        malformed.reason,
        malformed.offset,
        line + 1,
        column.unwrap_or_default()
    ))
}

/// What there is to know about a body that is not what one would think.
fn described(pane: &ResponsePane, exchange: &Exchange) -> Option<String> {
    let own = &exchange.document;
    let head = exchange.head.as_ref().filter(|_| !own.is_empty())?;
    let mut told: Vec<String> = Vec::new();
    let media = head.header("content-type").map(|value| document::fit(&value, 60));
    let kind = own.kind();
    match (kind, &media) {
        (Kind::Empty, _) => told.push("Nothing but white space.".into()),
        (Kind::Binary, _) => told.push(binary(own)),
        // What it is not is said already.
        (Kind::Json | Kind::JsonLines, _) if pane.is_broken() => {}
        (Kind::Json | Kind::JsonLines, Some(media)) if !head.says_json() => {
            told.push(format!("It says that it is {media}, and is JSON."));
        }
        (Kind::Json | Kind::JsonLines, None) => told.push("No content type; it is JSON.".into()),
        (Kind::Text, None) => told.push(format!("No content type; it is {}.", text(own))),
        (Kind::Text, Some(media)) if head.says_json() => {
            told.push(format!("It says that it is {media}, and is {}.", text(own)));
        }
        _ => {}
    }
    if own.has_bom() {
        told.push("It begins with a byte order mark, which JSON must not: it is passed over.".into());
    }
    if kind != Kind::Binary {
        if let Some(offset) = pane.examined.not_utf8 {
            told.push(format!("Not all of it is UTF-8, from byte {offset} on: what is not shows as \u{FFFD}."));
        }
        if let Some((offset, name)) = &pane.examined.first_repeated {
            let name = document::fit(name, 30);
            told.push(match pane.examined.repeated {
                1 => format!("The name \"{name}\" stands twice in one object (byte {offset}): both are shown."),
                more => format!(
                    "{more} names stand more than once in their object, first \"{name}\" (byte {offset}): all are shown."
                ),
            });
        }
    }
    (!told.is_empty()).then(|| told.join(" "))
}

fn text(document: &Document) -> &'static str {
    let begins = document.body().read(0..256).to_ascii_lowercase();
    let begins = begins.trim_ascii_start();
    if begins.starts_with(b"<!doctype html") || begins.starts_with(b"<html") {
        "HTML"
    } else if begins.starts_with(b"<?xml") {
        "XML"
    } else {
        "text"
    }
}

fn binary(document: &Document) -> String {
    match (document.signature(), document.encoding()) {
        (Some((name, _)), _) => format!("Not text: {name}. o saves it, or opens it outside."),
        (None, Encoding::Utf16Little | Encoding::Utf16Big) => {
            "Not UTF-8, which JSON must be: it looks like UTF-16, and is shown as bytes.".into()
        }
        (None, _) => "Not text: it is shown as bytes; o saves it.".into(),
    }
}

/// What stands in the place of a body that is not there.
#[must_use]
pub fn no_body(exchange: &Exchange) -> Option<String> {
    if let Some(size) = exchange.past.and_then(|past| past.unkept) {
        let what = if exchange.stage == Stage::Done { "Its body" } else { "What came of its body" };
        return Some(format!(
            "{what}, {size} bytes, was not kept: [history] of the configuration says which are, and how large."
        ));
    }
    let head = exchange.head.as_ref().filter(|_| exchange.stage == Stage::Done)?;
    let length = head.header("content-length").and_then(|text| text.trim().parse::<u64>().ok());
    Some(match (exchange.request.method(), head.status, length) {
        (Method::Head, _, Some(length)) => {
            format!("The answer to HEAD has no body; that to GET would have {length} bytes.")
        }
        (Method::Head, ..) => "The answer to HEAD has no body.".into(),
        (_, 204 | 205, _) => "Done; the server sends no body with this status.".into(),
        (_, 304, _) => "Not modified; the server sends no body with this status.".into(),
        _ => "The body is empty.".into(),
    })
}
