//! `HTTPie` 3. It follows no redirects unless told to.

use super::shell::{self, Body};
use super::{credential, is_requoted, quote};
use crate::pleo::credential::Scheme;
use crate::pleo::transcript::Transcript;

pub fn write(own: &Transcript) -> String {
    let mut items = Vec::new();
    for (name, value) in &own.headers {
        // A backslash takes the meaning of the character behind it.
        let value = value.replace('\\', r"\\");
        let item = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        items.push(quote::sh(&item));
    }
    if let Some((Scheme::Bearer, variable)) = credential(own) {
        items.push(format!("\"Authorization: Bearer ${variable}\""));
    }
    let basic = match credential(own) {
        Some((Scheme::Basic, variable)) => format!("--auth \"${variable}:\" "),
        _ => String::new(),
    };
    let (before, stdin) = match own.body.as_deref().map(shell::body) {
        Some(Body::Pipe(command)) => (format!("{command} | "), ""),
        Some(Body::Word(word)) => {
            // With a space between, a body that begins with a dash would be an option.
            items.push(format!("--raw={word}"));
            (String::new(), "--ignore-stdin ")
        }
        None => (String::new(), "--ignore-stdin "),
    };
    let as_is = if own.url.path().contains("/.") || is_requoted(own.url.path()) { "--path-as-is " } else { "" };
    let first = format!("{before}http {stdin}{as_is}{basic}{} {}", own.method, quote::sh(own.url.as_str()));
    shell::lines(&first, &items)
}
