//! `[oauth.staging]` and `[oauth.production]`: what a login begins with.

use serde::Deserialize;
use toml::Spanned;

use super::Config;
use super::wrong::{Value, Wrong, take};
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
    fn defaults(self) -> Result<ClientDefaults, Wrong> {
        let authentication = match &self.client_authentication {
            None => ClientAuthentication::default(),
            Some(word) if word.get_ref().is_empty() => ClientAuthentication::default(),
            Some(word) => [ClientAuthentication::Basic, ClientAuthentication::Form]
                .into_iter()
                .find(|one| one.word() == word.get_ref())
                .ok_or_else(|| Wrong::new(word.span().start, "client_authentication is \"basic\" or \"form\""))?,
        };
        let redirect = match self.redirect_uri {
            Some(uri) if !uri.get_ref().is_empty() && redirect_uri(uri.get_ref()).is_err() => {
                let reason = "redirect_uri is an https URI, an http one on this machine, or a port";
                return Err(Wrong::new(uri.span().start, reason));
            }
            uri => uri.map(Spanned::into_inner).unwrap_or_default(),
        };
        Ok(ClientDefaults { client_id: self.client_id, authentication, redirect_uri: redirect, scopes: self.scopes })
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
        match client.map(Written::defaults) {
            Some(Ok(client)) => config.clients.push((environment, client)),
            Some(Err(wrong)) => found.push(wrong),
            None => {}
        }
    }
}
