//! JavaScript with fetch, as a module for Node 18 and later.

use super::quote::{Language, literal, literals};
use super::{credential, joined};
use crate::pleo::credential::Scheme;
use crate::pleo::transcript::Transcript;

pub fn write(own: &Transcript) -> String {
    let text = |text: &str| literal(text, Language::JavaScript);
    let mut headers: Vec<String> =
        joined(&own.headers).iter().map(|(name, value)| format!("    {}: {},\n", text(name), text(value))).collect();
    if let Some((scheme, variable)) = credential(own) {
        headers.push(match scheme {
            Scheme::Basic => {
                format!("    \"Authorization\": \"Basic \" + btoa(process.env.{variable} + \":\"),\n")
            }
            Scheme::Bearer => format!("    \"Authorization\": \"Bearer \" + process.env.{variable},\n"),
        });
    }
    let headers =
        if headers.is_empty() { String::new() } else { format!("  headers: {{\n{}  }},\n", headers.concat()) };
    let body = match own.body.as_deref() {
        None => String::new(),
        Some(_) if own.method.is_safe() => {
            format!("  // The body is left out: fetch sends none with {}.\n", own.method)
        }
        Some(body) => {
            format!("  body: {},\n", literals(body, Language::JavaScript).join(" +\n    "))
        }
    };
    format!(
        "const response = await fetch({}, {{\n  method: {},\n{headers}{body}  redirect: \"manual\",\n}});\nconsole.log(response.status, await response.text());",
        text(own.url.as_str()),
        text(own.method.as_str())
    )
}
