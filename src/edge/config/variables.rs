//! `[variables.staging]` and `[variables.production]`: what `{{names}}` in requests stand for. None of them is a secret.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::Config;
use super::wrong::{Value, Wrong, take};
use crate::pleo::environment::Environment;
use crate::pleo::handing;
use crate::pleo::variables::is_name;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Variables {
    #[serde(default)]
    staging: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    production: BTreeMap<Spanned<String>, Spanned<String>>,
}

/// An example.
pub(super) fn text() -> String {
    "# What {{companyId}} and the like stand for in requests; a name of your own, a text. Like --var. No secret belongs here.
[variables.staging]
companyId = \"00000000-0000-0000-0000-000000000001\"

[variables.production]
companyId = \"00000000-0000-0000-0000-000000000002\"
"
    .to_owned()
}

/// Whether a value is a secret, by its name or its looks.
fn is_secret(name: &str, value: &str) -> bool {
    handing::is_named_key(name, value) || handing::without_keys(value) != value
}

/// Takes the values in.
pub(super) fn read(value: Value<'_>, config: &mut Config, found: &mut Vec<Wrong>) {
    let Some(variables) = take::<Variables>(value, found) else {
        return;
    };
    for (environment, written) in
        [(Environment::Staging, variables.staging), (Environment::Production, variables.production)]
    {
        let values = config.variables.entry(environment).or_default();
        for (name, value) in written {
            if !is_name(name.get_ref()) {
                let reason = "the name of a variable is letters, digits, \"-\", \"_\" or \".\", a letter first";
                found.push(Wrong::new(name.span().start, reason));
            } else if is_secret(name.get_ref(), value.get_ref()) {
                let reason = "this looks like a secret, and none belongs in this file: take it out, and give it when it is asked for";
                found.push(Wrong::new(name.span().start, reason));
            } else {
                values.insert(name.into_inner(), value.into_inner());
            }
        }
    }
}
