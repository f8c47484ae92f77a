//! A report in Markdown, for whoever is to find out what went wrong: what was sent, what came, and how to send it again.

use super::quote::visible;
use super::{Form, authorization_told, redact, target, write};
use crate::pleo::explain::Explanation;
use crate::pleo::privacy;
use crate::pleo::timing::{Timing, Wire, fine};
use crate::pleo::transcript::{Answer, CANCELLED, Transcript};

/// Most bytes of a body that a report holds.
pub const MOST: usize = 64 * 1024;

/// The report. While personal data is masked, bodies are withheld, which is said in their place.
#[must_use]
pub fn report(own: &Transcript, explanation: Option<&Explanation>, masked: bool) -> String {
    let own = &*redact::without_private(own);
    let mut parts = vec![head(own, masked), request(own, masked), answer(own, masked)];
    parts.extend(timing(&own.timing, own.failure.as_deref() == Some(CANCELLED)));
    parts.extend(wire(&own.wire));
    parts.extend(explanation.map(|explanation| meaning(explanation, masked)));
    let command = write(&redact::transcript(own), Form::Curl);
    // Where something of it would be masked, it would be another request.
    let told = !masked || (own.body.is_none() && privacy::masked(&command) == command);
    if !own.elsewhere && told {
        parts.push(format!("## Send it again\n\n{}", fenced("sh", &command)));
    }
    parts.join("\n\n")
}

fn head(own: &Transcript, masked: bool) -> String {
    let path = redact::text(target(&own.url).split('?').next().unwrap_or("/"));
    let path = if own.elsewhere { "a link to another host".into() } else { privacy::veiled(&path, masked) };
    let outcome = match (&own.answer, own.failure.as_deref()) {
        (Some(answer), None) => answered(answer),
        (Some(answer), Some(CANCELLED)) => format!("{}, then cancelled", answered(answer)),
        (Some(answer), Some(_)) => format!("{}, then broken off", answered(answer)),
        (None, Some(CANCELLED)) => "was cancelled".to_owned(),
        (None, Some(_)) => "failed".to_owned(),
        (None, None) => "not sent".to_owned(),
    };
    let operation = own.operation.as_ref().map_or_else(String::new, |name| format!(", {name}"));
    let began = own.began.map_or_else(String::new, |time| format!(", {}", time.strftime("%Y-%m-%dT%H:%M:%SZ")));
    let hidden = if masked { " Personal data is masked." } else { "" };
    format!(
        "# `{} {path}` {}\n\n{} environment, {}{operation}{began}. Written by pleoscope {}. Credentials are named, not shown; secrets and signatures of links are replaced.{hidden}",
        own.method,
        outcome,
        capitalised(own.environment.name()),
        own.surface.name(),
        env!("CARGO_PKG_VERSION"),
    )
}

fn answered(answer: &Answer) -> String {
    format!("answered {} {}", answer.status, visible(&answer.reason)).trim_end().to_owned()
}

fn request(own: &Transcript, masked: bool) -> String {
    let mut text = format!("{} {}\n", own.method, redact::url(own, masked));
    for (name, value) in &own.headers {
        text.push_str(&format!("{name}: {}\n", redact::header(name, value, masked)));
    }
    match &own.credential {
        Some(used) => text.push_str(&format!("Authorization: {}\n", authorization_told(used))),
        None => text.push_str("(no credential)\n"),
    }
    let body =
        own.body.as_ref().map_or_else(String::new, |body| format!("\n\n{}", told(body.as_bytes(), None, masked)));
    format!("## Request\n\n{}{body}", fenced("http", &text))
}

fn answer(own: &Transcript, masked: bool) -> String {
    let failure = own.failure.as_ref().map(|sentence| visible(&redact::text(sentence)));
    let Some(answer) = &own.answer else {
        return format!("## Answer\n\n{}", failure.as_deref().unwrap_or("None: it was not sent."));
    };
    let mut text = format!("{} {} {}\n", answer.version, answer.status, answer.reason);
    for (name, value) in &answer.headers {
        let value = String::from_utf8_lossy(value);
        text.push_str(&format!("{name}: {}\n", redact::header(name, &value, masked)));
    }
    let failure = failure.map_or_else(String::new, |sentence| format!("{sentence}\n\n"));
    format!("## Answer\n\n{failure}{}\n\n{}", fenced("http", &text), body(answer, masked))
}

fn body(answer: &Answer, masked: bool) -> String {
    match &answer.body {
        _ if answer.length == 0 => "No body.".to_owned(),
        Some(bytes) => told(bytes, Some(answer.length), masked),
        None => format!("The body of {} bytes was not kept.", answer.length),
    }
}

/// A body in a fence, cut where it is too long; `length` is how long it was when it came, with what was taken out of it.
fn told(bytes: &[u8], length: Option<u64>, masked: bool) -> String {
    let length = length.unwrap_or(bytes.len() as u64);
    if masked {
        return format!("A body of {length} bytes is withheld: personal data is masked.");
    }
    let kept = &bytes[..bytes.len().min(MOST)];
    // A character that the cut goes through is left out.
    let text = match std::str::from_utf8(kept) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && kept.len() < bytes.len() => {
            std::str::from_utf8(&kept[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return format!("A body of {length} bytes, which are no UTF-8 text."),
    };
    // What was taken out of it makes it shorter too, and is no cut.
    let cut = if text.len() < bytes.len() {
        format!("\n\nCut: the first {} of {length} bytes.", text.len())
    } else {
        String::new()
    };
    let language = if text.trim_start().starts_with(['{', '[']) { "json" } else { "" };
    format!("{}{cut}", fenced(language, &redact::text(text)))
}

/// How long the phases took; the last one of what was cancelled is how long it was waited for.
fn timing(timing: &Timing, cancelled: bool) -> Option<String> {
    let phases = [
        ("before", timing.before),
        ("DNS", timing.dns),
        ("TCP", timing.tcp),
        ("TLS", timing.tls),
        ("request sent", timing.sent),
        ("first byte", timing.first_byte),
        ("download", timing.download),
    ];
    let mut rows: Vec<(&str, String)> =
        phases.into_iter().filter_map(|(name, time)| time.map(|time| (name, fine(time)))).collect();
    if let Some((_, time)) = rows.last_mut().filter(|_| cancelled) {
        time.push_str(", cancelled here");
    }
    if !timing.total.is_zero() {
        rows.push(("total", fine(timing.total)));
    }
    let rows: String = rows.iter().map(|(name, time)| format!("\n| {name} | {time} |")).collect();
    (!rows.is_empty()).then(|| format!("## Timing\n\n| phase | time |\n| --- | ---: |{rows}"))
}

fn wire(wire: &Wire) -> Option<String> {
    let mut facts = Vec::new();
    if let Some(remote) = wire.remote {
        facts
            .push(format!("connected to {remote}{}", if wire.reused { ", on a connection that was open" } else { "" }));
    }
    facts.extend(wire.proxy.as_ref().map(|proxy| format!("through the proxy {proxy}")));
    if let Some(tls) = &wire.tls {
        if tls.version.is_empty() {
            facts.push("TLS was not agreed on".to_owned());
        } else {
            facts.push(format!("{}, {}", tls.version, tls.cipher));
        }
        let expires = tls.expires.map_or_else(String::new, |time| format!(", expires {}", time.strftime("%Y-%m-%d")));
        facts.push(format!("certificate of {}, issued by {}{expires}", tls.subject, tls.issuer));
    }
    if let Some(encoded) = wire.encoded {
        facts.push(format!("{encoded} bytes of body came, {} decompressed", wire.decoded));
    }
    let lines: String = facts.iter().map(|fact| format!("\n- {}", visible(fact))).collect();
    (!facts.is_empty()).then(|| format!("## Connection\n{lines}"))
}

fn meaning(explanation: &Explanation, masked: bool) -> String {
    let mut text = explanation.headline.clone();
    if !explanation.checked.is_empty() {
        text.push_str(&format!("\n\nChecked: {}.", explanation.checked.join("; ")));
    }
    let text = redact::text(&text);
    let text = privacy::veiled(&text, masked);
    format!("## What it probably means\n\n{}", visible(&text))
}

/// A sentence with its first letter as sentences have it.
#[must_use]
pub fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A text in a fence that nothing in it closes.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}", visible(text.trim_end_matches('\n')))
}
