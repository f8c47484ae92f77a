//! `[keys]`: a person's own keys for what the explorer can do, by the names of the actions.

use toml::de::DeValue;

use super::Config;
use super::wrong::{Value, Wrong};
use crate::app::keymap::{Keymap, Own, documented};

/// All of it.
pub(super) fn text() -> String {
    let head = "# The keys of the explorer, by the name of the action: one key, a list of them, or [] for none. In [keys] they hold
# wherever the action has keys; a table of its own below is for one place. Ctrl-c always leaves; the keys of text fields,
# menus and confirmations stay as they are. `pleoscope keys` prints the keys in force.
[keys]
";
    format!("{head}{}", documented())
}

/// Takes the keys in.
pub(super) fn read(value: Value<'_>, config: &mut Config, found: &mut Vec<Wrong>) {
    let mut own = Vec::new();
    rows(value, None, &mut own, found);
    let (keymap, wrong) = Keymap::with(&own);
    config.keymap = keymap;
    found.extend(wrong.into_iter().map(|(at, reason)| Wrong::new(at, reason)));
}

fn rows(value: Value<'_>, context: Option<&str>, own: &mut Vec<Own>, found: &mut Vec<Wrong>) {
    let at = value.span().start;
    let DeValue::Table(table) = value.into_inner() else {
        return found.push(Wrong::new(at, "keys are a table: begin it with [keys]"));
    };
    for (name, value) in table {
        let at = name.span().start;
        if context.is_none() && matches!(value.get_ref(), DeValue::Table(_)) {
            rows(value, Some(name.get_ref()), own, found);
            continue;
        }
        match keys(value) {
            Some(keys) => own.push(Own {
                context: context.map(str::to_owned),
                action: name.get_ref().clone().into_owned(),
                keys,
                at,
            }),
            None => found.push(Wrong::new(at, "write one key, as \"F5\", or a list of them, as [\"F5\", \"Ctrl-o\"]")),
        }
    }
}

/// One key or several, each with its place.
fn keys(value: Value<'_>) -> Option<Vec<(String, usize)>> {
    let one = |value: Value<'_>| {
        let at = value.span().start;
        match value.into_inner() {
            DeValue::String(text) => Some((text.into_owned(), at)),
            _ => None,
        }
    };
    match value.get_ref() {
        DeValue::Array(_) => match value.into_inner() {
            DeValue::Array(all) => all.into_iter().map(one).collect(),
            _ => None,
        },
        _ => Some(vec![one(value)?]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read as read_file;
    use super::*;

    #[test]
    fn a_wrong_key_has_its_place_and_the_others_are_used() {
        let text =
            "[keys]\nsend = [\"F5\", \"Ctrl-s\"]\nzoom = 5\nhelp = \"F1\"\n\n[keys.in_response]\nfilter = \"x\"\n";
        let mut config = Config::default();
        let found: Vec<_> =
            read_file(text, &mut config).iter().map(|wrong| (wrong.place(text), wrong.reason.clone())).collect();
        let places: Vec<_> = found.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [(2, 15), (3, 1), (7, 1)], "{found:?}");
        assert!(config.keymap.plain().contains("F1"));
    }
}
