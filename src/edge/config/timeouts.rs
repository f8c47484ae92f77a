//! `[timeouts]`: how long one waits, for all environments, and in a table of its own for one.

use serde::Deserialize;
use toml::Spanned;

use super::Config;
use super::wrong::{Value, Wrong, take};
use crate::pleo::environment::Environment;
use crate::pleo::timing::GivenTimeouts;
use crate::units::time;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    connect: Option<Spanned<toml::Value>>,
    first_byte: Option<Spanned<toml::Value>>,
    idle: Option<Spanned<toml::Value>>,
    staging: Option<Own>,
    production: Option<Own>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    connect: Option<Spanned<toml::Value>>,
    first_byte: Option<Spanned<toml::Value>>,
    idle: Option<Spanned<toml::Value>>,
}

/// All of it.
pub(super) fn text() -> String {
    "# How long one waits: seconds, or a time such as \"500ms\".
[timeouts]
# For a connection: address, TCP and TLS together (--connect-timeout).
connect = \"10s\"
# For status and headers, once there is a connection (--first-byte-timeout).
first_byte = \"30s\"
# For the next byte in the middle of a body (--idle-timeout).
idle = \"30s\"

# The same for one environment, over those of all.
[timeouts.staging]

[timeouts.production]
"
    .to_owned()
}

/// Takes the limits in: seconds, or a text such as `500ms`.
pub(super) fn read(value: Value<'_>, config: &mut Config, found: &mut Vec<Wrong>) {
    let Some(section) = take::<Section>(value, found) else {
        return;
    };
    let all = Own { connect: section.connect, first_byte: section.first_byte, idle: section.idle };
    config.timeouts.all = given(&all, found);
    let own = [(Environment::Staging, section.staging), (Environment::Production, section.production)];
    for (environment, own) in own {
        if let Some(own) = own {
            config.timeouts.own.insert(environment, given(&own, found));
        }
    }
}

fn given(own: &Own, found: &mut Vec<Wrong>) -> GivenTimeouts {
    let mut limit = |name: &str, value: &Option<Spanned<toml::Value>>| {
        let value = value.as_ref()?;
        let limit = match value.get_ref() {
            toml::Value::Integer(seconds) => time(&seconds.to_string()),
            toml::Value::String(text) => time(text),
            _ => None,
        };
        if limit.is_none() {
            let reason = format!("{name} is a number of seconds, or a time such as \"10s\" or \"500ms\"; not 0");
            found.push(Wrong::new(value.span().start, reason));
        }
        limit
    };
    GivenTimeouts {
        connect: limit("connect", &own.connect),
        first_byte: limit("first_byte", &own.first_byte),
        idle: limit("idle", &own.idle),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Config, read};
    use super::Environment;

    #[test]
    fn an_environment_has_its_own_limits_over_those_of_all() {
        let mut config = Config::default();
        let text = "[timeouts]\nconnect = 5\nidle = \"90s\"\n\n[timeouts.production]\nidle = \"500ms\"\n";
        assert!(read(text, &mut config).is_empty());
        let [staging, production] = Environment::ALL.map(|environment| config.timeouts.of(environment));
        assert_eq!((staging.connect, staging.idle), (Duration::from_secs(5), Duration::from_secs(90)));
        assert_eq!((production.connect, production.idle), (Duration::from_secs(5), Duration::from_millis(500)));
        assert_eq!(staging.first_byte, Duration::from_secs(30));
    }

    #[test]
    fn a_wrong_limit_has_its_place() {
        let text = "[timeouts]\nconnect = 0\nfirst_bite = 3\n";
        let wrong = |text: &str| {
            let found = read(text, &mut Config::default());
            found.iter().map(|wrong| format!("{:?} {}", wrong.place(text), wrong.reason)).collect::<Vec<_>>()
        };
        let told = wrong(text);
        assert!(told.len() == 2 && told[0].starts_with("(2, 11) connect is a number"), "{told:?}");
        assert_eq!(told[1], "(3, 1) there is no key `first_bite`; did you mean `first_byte`?");
        let told = wrong("[timeouts.staging]\nconnect = 0\nidle = true\n");
        assert!(
            told[0].starts_with("(2, 11) connect is a number of seconds") && told[1].starts_with("(3, 8) "),
            "{told:?}"
        );
        // There is no key that turns verification off, by whichever name.
        for name in ["verify", "insecure", "danger_accept_invalid_certs"] {
            assert_eq!(wrong(&format!("[timeouts]\n{name} = false\n")).len(), 1);
        }
    }
}
