//! The embedded imitation: started beside the explorer, or served alone.

use std::process::ExitCode;
use std::time::Duration;

use super::{Global, print, trouble, usage};
use crate::pleo::credential::{Credential, Keeping};
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::{Environment, Environments, HostError};
use crate::pleo::oauth::{self, Client, ClientAuthentication, Login};
use crate::pleo::request::origin_text;
use crate::sandbox::{self, OAuthClient, Options, Sandbox};
use crate::secret::Secret;

/// Starts the imitation as the flags say.
pub async fn start(global: &Global) -> Result<Sandbox, ExitCode> {
    let faults: Result<Vec<_>, _> = global.fault.iter().map(|text| text.parse()).collect();
    let faults = faults.map_err(|error: sandbox::FaultError| usage(&format!("--fault: {error}")))?;
    let usual = Options::default();
    let token_lifetime = global.token_lifetime.map_or(usual.token_lifetime, Duration::from_secs);
    sandbox::start(Options {
        faults,
        token_lifetime,
        rate_limit: global.rate_limit.unwrap_or(usual.rate_limit),
        staging_employees: global.employees.unwrap_or(usual.staging_employees),
        production_employees: global.employees.unwrap_or(usual.production_employees),
        ..usual
    })
    .await
    .map_err(|error| trouble(&format!("the sandbox cannot start: {error}")))
}

/// Points every base URL at the imitation.
pub fn point_at(environments: &mut Environments, sandbox: &Sandbox) -> Result<(), HostError> {
    for environment in Environment::ALL {
        for (name, url) in [
            (environment.name().to_owned(), sandbox.base(environment, Surface::External)),
            (format!("auth-{environment}"), sandbox.auth(environment)),
            (format!("legacy-{environment}"), sandbox.base(environment, Surface::Legacy)),
        ] {
            environments.override_with(&format!("{name}={}", origin_text(url)))?;
        }
    }
    Ok(())
}

/// The demo credentials, one of each kind for each environment.
pub fn credentials(sandbox: &Sandbox) -> Vec<Credential> {
    let mut kinds = std::collections::HashSet::new();
    sandbox
        .demo_credentials()
        .into_iter()
        .filter(|(environment, kind, ..)| kinds.insert((*environment, *kind)))
        .map(|(environment, kind, value, _)| Credential::new(environment, kind, Keeping::Sandbox, Secret::new(value)))
        .collect()
}

/// The OAuth clients of an environment, and the redirect URIs that they share.
fn clients(sandbox: &Sandbox, environment: Environment) -> String {
    let mut text = String::new();
    let mut redirect_uris = Vec::new();
    for client in sandbox.oauth_clients().into_iter().filter(|client| client.environment == environment) {
        let kind = if client.client_secret.is_some() { "Confidential client" } else { "Public client" };
        text.push_str(&format!("  {kind:<20} {}\n", client.client_id));
        if let Some(secret) = client.client_secret {
            text.push_str(&format!("  {:<20} {secret}\n", "Its secret"));
        }
        redirect_uris = client.redirect_uris;
    }
    for uri in redirect_uris {
        text.push_str(&format!("  {:<20} {uri}\n", "Redirect URI"));
    }
    text
}

/// What a login begins with: the imitation's public client, asking for everything that is read.
pub fn logins(sandbox: &Sandbox) -> Vec<(Environment, Login)> {
    let login = |client: OAuthClient| {
        let scopes = oauth::SCOPES.iter().filter(|scope| scope.ends_with(":read")).map(ToString::to_string).collect();
        let redirect_uri = oauth::redirect_uri(client.redirect_uris.first()?).ok()?;
        let id = client.client_id;
        let client_of = Client { id, secret: None, authentication: ClientAuthentication::Basic };
        let environment = client.environment;
        Some((environment, Login { environment, client: client_of, redirect_uri, scopes }))
    };
    sandbox.oauth_clients().into_iter().filter(|client| client.client_secret.is_none()).filter_map(login).collect()
}

/// Serves the imitation until Ctrl-C.
pub async fn serve(global: &Global) -> ExitCode {
    let sandbox = match start(global).await {
        Ok(sandbox) => sandbox,
        Err(code) => return code,
    };
    let mut text =
        String::from("A sandbox of Pleo is running on this machine; Ctrl-C stops it. Its data is invented.\n\n");
    for environment in Environment::ALL {
        text.push_str(&format!("{}\n", environment.banner()));
        for (name, url) in [
            ("External API", sandbox.base(environment, Surface::External)),
            ("Authorisation", sandbox.auth(environment)),
            ("Legacy API", sandbox.base(environment, Surface::Legacy)),
        ] {
            text.push_str(&format!("  {name:<20} {}\n", origin_text(url)));
        }
        for (_, kind, value, scopes) in sandbox.demo_credentials().into_iter().filter(|(of, ..)| *of == environment) {
            let reach = if scopes.len() == 1 { format!("   only {}", scopes[0]) } else { String::new() };
            text.push_str(&format!("  {:<20} {value}{reach}\n", kind.name()));
        }
        text.push_str(&clients(&sandbox, environment));
        text.push('\n');
    }
    text.push_str("Explore it from another terminal:\n\n  pleoscope");
    for environment in Environment::ALL {
        let pairs = [
            ("", sandbox.base(environment, Surface::External)),
            ("auth-", sandbox.auth(environment)),
            ("legacy-", sandbox.base(environment, Surface::Legacy)),
        ];
        for (part, url) in pairs {
            text.push_str(&format!(" --base-url {part}{environment}={}", origin_text(url)));
        }
    }
    text.push('\n');
    let code = print(&text);
    if code != ExitCode::SUCCESS {
        return code;
    }
    match tokio::signal::ctrl_c().await {
        Ok(()) => ExitCode::from(130),
        Err(error) => trouble(&format!("Ctrl-C cannot be waited for: {error}")),
    }
}
