//! `[theme]`: which theme is chosen; `[themes.NAME]`: a person's own.

use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::Config;
use super::wrong::{Value, Wrong, take, unknown};
use crate::app::looks::{AUTO, Colours, DARK, MONO, Role, colour};
use crate::pleo::credential::is_name;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Theme {
    name: Option<Spanned<String>>,
}

/// All of it.
pub(super) fn text() -> String {
    "# The theme: auto (by the background of the terminal, where it can be asked), dark, light, high-contrast, 16, mono, or
# one of your own. Like --theme; F2 in the explorer tries them. NO_COLOR and TERM=dumb go before it.
[theme]
name = \"auto\"
"
    .to_owned()
}

/// Takes the choice in.
pub(super) fn read(value: Value<'_>, config: &mut Config, found: &mut Vec<Wrong>) {
    let Some(Theme { name: Some(name) }) = take::<Theme>(value, found) else {
        return;
    };
    if config.looks.names().contains(&name.get_ref().as_str()) {
        config.looks.chosen.clone_from(name.get_ref());
    } else {
        found.push(Wrong::new(name.span().start, unknown("theme", name.get_ref(), &config.looks.names())));
    }
}

/// An example of one's own.
pub(super) fn own_text() -> String {
    let mut text = String::from(
        "# A theme of your own, by the name behind the dot, as many as you like. A colour is \"#rrggbb\", a name such as \"red\" or
# \"lightblue\", a number of 256 such as \"208\", or \"default\" for the terminal's own. PRODUCTION stays white on red.
[themes.mine]
# What is not written is as in this theme.
base = \"dark\"
",
    );
    for role in Role::ALL {
        let colour = DARK.of(role).to_string().to_ascii_lowercase();
        text.push_str(&format!("{} = \"{colour}\"\n", role.name()));
    }
    text
}

/// Takes themes of one's own in.
pub(super) fn read_own(value: Value<'_>, config: &mut Config, found: &mut Vec<Wrong>) {
    let at = value.span().start;
    let DeValue::Table(themes) = value.into_inner() else {
        return found.push(Wrong::new(at, "a theme is a table of its own: begin it with [themes.NAME]"));
    };
    for (name, value) in themes {
        let at = name.span().start;
        let DeValue::Table(rows) = value.into_inner() else {
            found.push(Wrong::new(at, "a theme is a table of its own: begin it with [themes.NAME]"));
            continue;
        };
        let name = name.get_ref();
        if !is_name(name) || config.looks.names().contains(&name.as_ref()) {
            let reason = "the name of a theme of your own is 1 to 40 letters, digits, \"-\", \"_\" or \".\", and none of the built-in ones";
            found.push(Wrong::new(at, reason));
            continue;
        }
        let name = name.clone().into_owned();
        let colours = colours(rows, config, found);
        config.looks.own.push((name, colours));
    }
}

fn colours(rows: toml::de::DeTable<'_>, config: &Config, found: &mut Vec<Wrong>) -> Colours {
    let mut colours = DARK;
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by_key(|(name, _)| name.get_ref() != "base");
    for (key, value) in rows {
        let at = value.span().start;
        let DeValue::String(text) = value.into_inner() else {
            found.push(Wrong::new(at, "a colour is a text: \"#rrggbb\", a name, a number of 256 or \"default\""));
            continue;
        };
        let role = Role::ALL.into_iter().find(|role| role.name() == key.get_ref().as_ref());
        match (key.get_ref().as_ref(), role) {
            ("base", _) => match config.looks.named(&text) {
                Some(base) => colours = base,
                None => {
                    let names: Vec<&str> =
                        config.looks.names().into_iter().filter(|name| ![AUTO, MONO].contains(name)).collect();
                    found.push(Wrong::new(at, unknown("theme", &text, &names)));
                }
            },
            (_, Some(role)) => match colour(&text) {
                Some(colour) => colours.set(role, colour),
                None => found.push(Wrong::new(
                    at,
                    "this is no colour: write \"#rrggbb\", a name such as \"red\", a number from 0 to 255, or \"default\"",
                )),
            },
            (name, None) => {
                let names: Vec<String> = Role::ALL.into_iter().map(Role::name).collect();
                let known: Vec<&str> = ["base"].into_iter().chain(names.iter().map(String::as_str)).collect();
                found.push(Wrong::new(key.span().start, unknown("key", name, &known)));
            }
        }
    }
    colours
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::super::read as read_file;
    use super::*;

    #[test]
    fn a_theme_of_ones_own_is_another_with_some_colours_changed() {
        let text = "[theme]\nname = \"dusk\"\n\n[themes.dusk]\nid = \"208\"\nbase = \"light\"\ntext = \"default\"\n";
        let mut config = Config::default();
        assert_eq!(read_file(text, &mut config), []);
        let colours = config.looks.colours().expect("colours");
        assert_eq!((colours.of(Role::Id), colours.of(Role::Text)), (Color::Indexed(208), Color::Reset));
        assert_eq!(colours.of(Role::Error), crate::app::looks::LIGHT.of(Role::Error));
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let text = "[theme]\nname = \"drak\"\n\n[themes.dusk]\nid = \"bleu\"\nerrror = \"red\"\n\n[themes.dark]\n";
        let mut config = Config::default();
        let found = read_file(text, &mut config);
        let told: Vec<_> = found.iter().map(|wrong| (wrong.place(text), wrong.reason.as_str())).collect();
        assert_eq!(
            told.iter().map(|(place, _)| *place).collect::<Vec<_>>(),
            [(2, 8), (5, 6), (6, 1), (8, 9)],
            "{told:?}"
        );
        assert!(told[0].1.contains("`dark`") && told[2].1.contains("`error`"), "{told:?}");
        assert_eq!(config.looks.chosen, AUTO);
    }
}
