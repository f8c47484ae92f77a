//! `whoami`: who the credential is, and what it may do.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Global, print, talk, trouble, usage};
use crate::pleo::credential::Credential;
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::Environments;
use crate::pleo::identity::Identity;
use crate::pleo::request::origin_text;
use crate::worker::{self, Tools};

/// How it is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// The flags of `whoami`.
#[derive(Debug, Args)]
pub struct WhoamiArgs {
    /// How it is printed.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
    /// The stored credential of this name, instead of the one that fits.
    #[arg(long, value_name = "NAME")]
    credential: Option<String>,
}

/// Asks and prints.
pub async fn run(global: &Global, args: &WhoamiArgs) -> ExitCode {
    let setup = match global.setup_command().await {
        Ok(setup) => setup,
        Err(code) => return code,
    };
    setup.remarks.iter().for_each(|remark| talk(&format!("pleoscope: {remark}")));
    match setup.credential(global.env(), args.credential.as_deref(), Surface::External) {
        Ok(Some(credential)) => tell(&setup.tools, &setup.environments, &credential, args.output).await,
        Ok(None) => usage(&format!(
            "{} has no credential: give one by PLEOSCOPE_{}_API_KEY, or add one with `pleoscope auth add`",
            global.env(),
            global.env().banner()
        )),
        Err(code) => code,
    }
}

/// Asks who a credential is and prints it.
pub async fn tell(tools: &Tools, environments: &Environments, credential: &Credential, output: Output) -> ExitCode {
    match worker::identify(tools, credential).await {
        Ok(identity) => {
            let code = print(&match output {
                Output::Text => text(environments, credential, &identity),
                Output::Json => format!("{:#}\n", value(environments, credential, &identity)),
            });
            // What could be learnt is printed; that introspection itself was refused is the exit code's to say.
            match identity.answered.map(|status| status / 100) {
                Some(class @ 3..=5) => ExitCode::from(u8::try_from(class).unwrap_or(5)),
                _ => code,
            }
        }
        Err(unknown) => {
            let code = trouble(&unknown.failure.sentence);
            if unknown.status.is_some_and(|status| status / 100 == 4) { ExitCode::from(4) } else { code }
        }
    }
}

fn text(environments: &Environments, credential: &Credential, identity: &Identity) -> String {
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("{name:<12} {}\n", crate::document::displayable(value)));
        }
    };
    let environment = credential.environment();
    row("environment", &format!("{environment} ({})", origin_text(&environments.of(environment).api)));
    row("credential", &credential.label());
    row("method", identity.method.as_deref().unwrap_or_default());
    row("application", identity.application.as_deref().unwrap_or_default());
    row("client", identity.client_id.as_deref().unwrap_or_default());
    row("subject", identity.subject.as_deref().unwrap_or_default());
    match &identity.scopes {
        Some(scopes) => row("scopes", &format!("{}: {}", scopes.len(), scopes.join(" "))),
        None => row("scopes", "not told"),
    }
    for (index, company) in identity.companies.iter().enumerate() {
        row(if index == 0 { "companies" } else { "" }, &format!("{} {}", company.id, company.name));
    }
    identity.remarks.iter().for_each(|remark| row("", remark));
    text
}

fn value(environments: &Environments, credential: &Credential, identity: &Identity) -> serde_json::Value {
    let environment = credential.environment();
    let companies: Vec<_> =
        identity.companies.iter().map(|company| json!({"id": company.id, "name": company.name})).collect();
    json!({
        "environment": environment.name(),
        "baseUrl": origin_text(&environments.of(environment).api),
        "credential": {
            "name": credential.name(),
            "kind": credential.kind().word(),
            "kept": credential.keeping().word(),
            "lastFour": credential.tail(),
        },
        "method": identity.method,
        "application": identity.application,
        "clientId": identity.client_id,
        "subject": identity.subject,
        "scopes": identity.scopes,
        "companies": companies,
        "remarks": identity.remarks,
    })
}
