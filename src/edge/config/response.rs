//! `[response]`: how much of a body is kept, and where.

use serde::Deserialize;
use toml::Spanned;

use super::Config;
use super::wrong::{Value, Wrong, take};
use crate::units::size;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    memory_limit: Option<Spanned<String>>,
    body_limit: Option<Spanned<String>>,
}

/// All of it.
pub(super) fn text() -> String {
    "# How much of a body is kept, and where.
[response]
# What stays in memory; the rest stands in a file of its owner alone while it is shown. Like --memory-limit.
memory_limit = \"256 MiB\"
# What is received at most, decompressed. Like --body-limit.
body_limit = \"2 GiB\"
"
    .to_owned()
}

/// Takes the limits in: sizes such as `256 MiB`.
pub(super) fn read(value: Value<'_>, config: &mut Config, found: &mut Vec<Wrong>) {
    let Some(response) = take::<Response>(value, found) else {
        return;
    };
    let limits = &mut config.limits;
    let pairs = [
        ("memory_limit", response.memory_limit, &mut limits.memory),
        ("body_limit", response.body_limit, &mut limits.body),
    ];
    for (name, text, limit) in pairs {
        let Some(text) = text else {
            continue;
        };
        match size(text.get_ref()) {
            Some(size) => *limit = size,
            None => {
                let reason = format!("{name} is a size such as \"256 MiB\" or \"2 GB\"");
                found.push(Wrong::new(text.span().start, reason));
            }
        }
    }
}
