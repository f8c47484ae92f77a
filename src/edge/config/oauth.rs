//! `[oauth.staging]` and `[oauth.production]`: what a login begins with.

use serde::Deserialize;
use toml::Spanned;

use super::Config;
use super::wrong::{Value, Wrong, not_of, take};
use crate::pleo::environment::Environment;
use crate::pleo::oauth::{ClientAuthentication, redirect_uri};

/// What a login begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientDefaults {
    /// The client's id.
    pub client_id: String,
    /// How the client proves who it is.
    pub authentication: ClientAuthentication,
    /// The redirect URI, or the port of a loopback one; empty for the usual one.
    pub redirect_uri: String,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clients {
    staging: Option<Written>,
    production: Option<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    client_id: String,
    client_authentication: Option<Spanned<String>>,
    redirect_uri: Option<Spanned<String>>,
    #[serde(default)]
    scopes: Vec<String>,
}

impl Written {
    fn defaults(self, found: &mut Vec<Wrong>) -> ClientDefaults {
        let words = [ClientAuthentication::Basic, ClientAuthentication::Form];
        let authentication = match &self.client_authentication {
            Some(word) if !word.get_ref().is_empty() => {
                words.into_iter().find(|one| one.word() == word.get_ref()).unwrap_or_else(|| {
                    let said = "client_authentication is \"basic\" or \"form\"";
                    let known = words.map(ClientAuthentication::word);
                    found.push(Wrong::new(word.span().start, not_of(said, word.get_ref(), &known)));
                    ClientAuthentication::default()
                })
            }
            _ => ClientAuthentication::default(),
        };
        let redirect = self.redirect_uri.filter(|uri| {
            let sound = uri.get_ref().is_empty() || redirect_uri(uri.get_ref()).is_ok();
            if !sound {
                let reason = "redirect_uri is an https URI, an http one on this machine, or a port";
                found.push(Wrong::new(uri.span().start, reason));
            }
            sound
        });
        let redirect_uri = redirect.map(Spanned::into_inner).unwrap_or_default();
        ClientDefaults { client_id: self.client_id, authentication, redirect_uri, scopes: self.scopes }
    }
}

/// All of it.
pub(super) fn text() -> String {
    let of = |environment: Environment| {
        format!(
            "# What a login to {environment} begins with (L, and `pleoscope auth login`). The client's secret is asked for, or stands
# in PLEOSCOPE_{}_CLIENT_SECRET.
[oauth.{}]
client_id = \"\"
# How the client proves who it is: basic or form.
client_authentication = \"{}\"
# The redirect URI that is registered for the client: an https one, or the port of a loopback one.
redirect_uri = \"\"
# The scopes to ask for.
scopes = []
",
            environment.banner(),
            environment.name(),
            ClientAuthentication::default().word()
        )
    };
    Environment::ALL.map(of).join("\n")
}

/// Takes the clients in.
pub(super) fn read(value: Value<'_>, config: &mut Config, found: &mut Vec<Wrong>) {
    let Some(clients) = take::<Clients>(value, found) else {
        return;
    };
    for (environment, client) in
        [(Environment::Staging, clients.staging), (Environment::Production, clients.production)]
    {
        let Some(client) = client else {
            continue;
        };
        let before = found.len();
        let client = client.defaults(found);
        // A login does not begin with half of what was meant.
        if found.len() == before {
            config.clients.push((environment, client));
        }
    }
}
