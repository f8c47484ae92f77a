//! curl: what it would add or change by itself is switched off where that makes a difference.

use super::shell::{self, Body};
use super::{credential, quote};
use crate::pleo::credential::Scheme;
use crate::pleo::endpoint::Method;
use crate::pleo::transcript::Transcript;

/// Bodies from here on curl announces by `Expect: 100-continue`, in bytes.
const EXPECTS: usize = 1024 * 1024;

/// The command; with a credential's value in it where one is given, else with its variable.
pub fn write(own: &Transcript, value: Option<&str>) -> String {
    let url = own.url.as_str();
    let mut options = Vec::new();
    if let Some((scheme, variable)) = credential(own) {
        options.push(match (scheme, value) {
            (Scheme::Basic, Some(value)) => format!("--user {}", quote::sh(&format!("{value}:"))),
            (Scheme::Basic, None) => format!("--user \"${variable}:\""),
            (Scheme::Bearer, Some(value)) => {
                format!("--header {}", quote::sh(&format!("Authorization: Bearer {value}")))
            }
            (Scheme::Bearer, None) => format!("--header \"Authorization: Bearer ${variable}\""),
        });
    }
    for (name, value) in &own.headers {
        // With a colon and nothing behind it curl takes a header away.
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        options.push(format!("--header {}", quote::sh(&header)));
    }
    let mut before = String::new();
    if let Some(text) = &own.body {
        if text.len() >= EXPECTS {
            options.push("--header Expect:".to_owned());
        }
        if !own.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            options.push("--header Content-Type:".to_owned());
        }
        options.push(match shell::body(text) {
            Body::Word(word) => format!("--data-binary {word}"),
            Body::Pipe(command) => {
                before = format!("{command} | ");
                "--data-binary @-".to_owned()
            }
        });
    }
    let method = match (own.method, own.body.is_some()) {
        (Method::Get, false) | (Method::Post, true) => String::new(),
        (Method::Head, false) => "--head ".to_owned(),
        (method, _) => format!("--request {method} "),
    };
    let globoff = if url.contains(['[', ']', '{', '}']) { "--globoff " } else { "" };
    // A segment of dots would be taken away.
    let as_is = if own.url.path().contains("/.") { "--path-as-is " } else { "" };
    shell::lines(&format!("{before}curl {method}{globoff}{as_is}{}", quote::sh(url)), &options)
}
