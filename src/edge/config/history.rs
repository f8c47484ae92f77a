//! `[history]`: what of exchanges is kept beyond a run, and for how long.

use serde::Deserialize;
use toml::Spanned;

use super::Config;
use super::wrong::{Value, Wrong, take};
use crate::units::size;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct History {
    enabled: Option<bool>,
    staging_bodies: Option<bool>,
    production_bodies: Option<bool>,
    body_limit: Option<Spanned<String>>,
    max_age: Option<Spanned<u64>>,
    max_entries: Option<Spanned<u64>>,
    max_size: Option<Spanned<String>>,
}

/// All of it.
pub(super) fn text() -> String {
    "# What of exchanges is kept beyond a run (H, and `pleoscope history`): never the value of a credential.
# With it, a request that is edited and not sent is there again in the next run. Where it is off, and with --no-history,
# such a request is kept for the run only.
[history]
enabled = true
# Whether the bodies of answers are kept; those of production hold personal data.
staging_bodies = true
production_bodies = false
# A body that is larger is not kept.
body_limit = \"1 MiB\"
# For how many days, how many exchanges at most, and how much of them together.
max_age = 90
max_entries = 100000
max_size = \"1 GiB\"
"
    .to_owned()
}

/// Takes the rules in: switches, sizes such as `1 MiB`, days and a count.
pub(super) fn read(value: Value<'_>, config: &mut Config, found: &mut Vec<Wrong>) {
    let Some(own) = take::<History>(value, found) else {
        return;
    };
    let rules = &mut config.history;
    rules.enabled = own.enabled.unwrap_or(rules.enabled);
    rules.staging_bodies = own.staging_bodies.unwrap_or(rules.staging_bodies);
    rules.production_bodies = own.production_bodies.unwrap_or(rules.production_bodies);
    for (name, text, limit) in
        [("body_limit", own.body_limit, &mut rules.body_limit), ("max_size", own.max_size, &mut rules.max_size)]
    {
        if let Some(text) = text {
            match size(text.get_ref()) {
                Some(size) => *limit = size,
                None => {
                    found
                        .push(Wrong::new(text.span().start, format!("{name} is a size such as \"1 MiB\" or \"2 GB\"")));
                }
            }
        }
    }
    for (name, what, number, limit) in [
        ("max_age", "days", own.max_age, &mut rules.max_age),
        ("max_entries", "exchanges", own.max_entries, &mut rules.max_entries),
    ] {
        if let Some(number) = number {
            match *number.get_ref() {
                0 => found.push(Wrong::new(number.span().start, format!("{name} is a number of {what}, 1 or more"))),
                wanted => *limit = wanted,
            }
        }
    }
}
