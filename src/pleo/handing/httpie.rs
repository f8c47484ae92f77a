//! `HTTPie` 3. It follows no redirects unless told to.

use super::shell::{self, Body};
use super::{credential, is_requoted, quote};
use crate::pleo::credential::Scheme;
use crate::pleo::transcript::Transcript;

pub fn write(own: &Transcript) -> String {
    let mut items = Vec::new();
    for (name, value) in &own.headers {
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
    // There it takes the meaning of the character behind it, and a second one would be sent too.
    let lost = |(_, value): &(String, String)| [":", "=", "@", ";"].iter().any(|c| value.contains(&format!("\\{c}")));
    let remark = if own.headers.iter().any(lost) {
        "# HTTPie cannot send a backslash before : = @ or ; in a header: it leaves it out\n"
    } else {
        ""
    };
    let as_is = if own.url.path().contains("/.") || is_requoted(own.url.path()) { "--path-as-is " } else { "" };
    let first = format!("{remark}{before}http {stdin}{as_is}{basic}{} {}", own.method, quote::sh(own.url.as_str()));
    shell::lines(&first, &items)
}
