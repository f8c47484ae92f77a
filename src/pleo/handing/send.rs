//! This program's own line.

use url::Position;

use super::shell;
use super::{quote, target};
use crate::pleo::catalogue::Catalogue;
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::request::{ACCEPT, decode};
use crate::pleo::transcript::Transcript;

/// What stands above a line that production refuses: a copied line opens nothing by itself that a person has to open.
pub(super) const GUARDED: &str =
    "# It changes live data, so production refuses it as it stands: to run it, add --allow-production-write";

/// Whether production refuses the line as it stands.
#[must_use]
pub fn is_guarded(own: &Transcript) -> bool {
    own.environment == Environment::Production && own.writes && !own.elsewhere
}

/// The line that sends it again. A link to another host has none.
pub fn write(own: &Transcript) -> String {
    if is_guarded(own) { format!("{GUARDED}\n{}", line(own)) } else { line(own) }
}

fn line(own: &Transcript) -> String {
    if own.elsewhere {
        return "# pleoscope send has no line for a link to another host: F in the explorer prepares it".to_owned();
    }
    let before = own.body.as_ref().map_or_else(String::new, |body| format!("{} | ", quote::printed(body)));
    let mut words = format!("{before}pleoscope --env {}", own.environment);
    if let Some(overridden) = overridden(own) {
        words.push_str(&format!(" --base-url {}", quote::sh(&overridden)));
    }
    words.push_str(&format!(" send {}", own.method));
    let path = own.url.path();
    let legacy = own.surface == Surface::Legacy;
    let mut options = Vec::new();
    match readable_query(own) {
        Some(pairs) => {
            words.push_str(&format!(" {}", quote::sh(path)));
            options.extend(pairs.iter().map(|pair| format!("-q {}", quote::sh(pair))));
        }
        None => words.push_str(&format!(" {}", quote::sh(target(&own.url)))),
    }
    if legacy {
        words.push_str(" --legacy");
    }
    let media_type = usual_type(own);
    let own_headers = own.headers.iter().filter(|(name, value)| !is_usual(name, value, media_type));
    options.extend(own_headers.map(|(name, value)| format!("-H {}", quote::sh(&format!("{name}: {value}")))));
    if own.body.is_some() {
        options.push("--body -".to_owned());
    }
    // A short line is easier to read as one.
    let length = options.iter().map(String::len).sum::<usize>() + words.len();
    if length < 100 && !before.contains('\n') {
        options.iter().fold(words, |line, option| format!("{line} {option}"))
    } else {
        shell::lines(&words, &options)
    }
}

/// Whether a header goes with every request of its kind anyway.
fn is_usual(name: &str, value: &str, media_type: &str) -> bool {
    (name.eq_ignore_ascii_case("accept") && value == ACCEPT)
        || (name.eq_ignore_ascii_case("content-type") && value == media_type)
}

/// The media type of the body where nothing is said of it.
fn usual_type(own: &Transcript) -> &'static str {
    let endpoint = own.operation.as_deref().and_then(|name| Catalogue::current().operation(name).ok());
    endpoint.and_then(|endpoint| endpoint.body.as_ref()).map_or("application/json", |body| body.content_type.as_str())
}

/// The base URL that the environment was pointed at, as `--base-url` takes it.
fn overridden(own: &Transcript) -> Option<String> {
    let pleo = Environments::pleo();
    if pleo.of(own.environment).base(own.surface).origin() == own.url.origin() {
        return None;
    }
    let part = if own.surface == Surface::Legacy { "legacy-" } else { "" };
    let base = &own.url[..Position::BeforePath];
    Some(format!("{part}{}={base}", own.environment))
}

/// The query as `NAME=VALUE`s; nothing where one of them can only be written as it stands in the URL.
fn readable_query(own: &Transcript) -> Option<Vec<String>> {
    let query = own.url.query().unwrap_or_default();
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (decode(name), decode(value));
        let readable = !name.is_empty()
            && !name.contains('=')
            && ![&name, &value].iter().any(|text| text.contains(quote::is_unseen) || text.contains('\u{FFFD}'));
        readable.then(|| format!("{name}={value}"))
    });
    pairs.collect()
}
