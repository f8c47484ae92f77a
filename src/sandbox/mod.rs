//! An imitation of Pleo on loopback, with real HTTP: for people without an account, for demos and for tests.
//!
//! Six listeners stand for the External API, the legacy API and the authorisation server of both environments. The
//! data is invented, the same in every run, and kept in memory; writes change it until the sandbox stops. Every
//! operation of the catalogue answers as Pleo's documentation says, and [`Fault`]s make it misbehave on demand: for
//! all requests by [`Options`], for one by the query parameter `sandbox_fault` or the header `x-sandbox-fault`.

mod answer;
mod api;
mod auth;
mod call;
mod data;
mod faults;
mod files;
mod oauth;
mod paging;
mod server;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use faults::{Fault, FaultError};

use crate::pleo::credential::CredentialKind;
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::Environment;
use server::{Door, Line, Resettable, Shared};

/// What listens, in order: External, Legacy and the authorisation server (no surface) of staging, then of production.
const PLACES: [(Environment, Option<Surface>); 6] = [
    (Environment::Staging, Some(Surface::External)),
    (Environment::Staging, Some(Surface::Legacy)),
    (Environment::Staging, None),
    (Environment::Production, Some(Surface::External)),
    (Environment::Production, Some(Surface::Legacy)),
    (Environment::Production, None),
];

/// How a sandbox is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What goes wrong with every answer.
    pub faults: Vec<Fault>,
    /// The ports: External, Legacy, authorisation server of staging, then of production; 0 is any free one. Without
    /// them all are any free one.
    pub ports: Option<[u16; 6]>,
    /// Requests that one credential, or one OAuth client, may make in a minute.
    pub rate_limit: u32,
    /// Employees in staging.
    pub staging_employees: u64,
    /// Employees in production.
    pub production_employees: u64,
    /// Accounting entries in staging.
    pub staging_entries: u64,
    /// Accounting entries in production.
    pub production_entries: u64,
    /// Redirect URIs of the OAuth clients, besides those that they have.
    pub redirect_uris: Vec<String>,
    /// How long an issued access token is good; what its `expires_in` says, in whole seconds.
    pub token_lifetime: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            faults: Vec::new(),
            ports: None,
            rate_limit: 600,
            staging_employees: 240,
            production_employees: 1_300,
            staging_entries: 600,
            production_entries: 3_000,
            redirect_uris: Vec::new(),
            token_lifetime: Duration::from_secs(3_600),
        }
    }
}

/// A request that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The environment whose listener it came to.
    pub environment: Environment,
    /// The surface whose listener it came to; none is the authorisation server.
    pub surface: Option<Surface>,
    /// The method.
    pub method: String,
    /// The target as sent.
    pub path_and_query: String,
    /// The headers in order, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Bytes in the body.
    pub body_length: u64,
    /// The body, its first 64 KiB.
    pub body: Vec<u8>,
    /// The status of the answer.
    pub status: u16,
}

/// An application that the authorisation server knows. Fixed, and of no use anywhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthClient {
    /// Where it is registered.
    pub environment: Environment,
    /// Its id.
    pub client_id: String,
    /// Its secret; a public client has none.
    pub client_secret: Option<String>,
    /// Where it may have people sent back to.
    pub redirect_uris: Vec<String>,
}

/// Why a sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A port cannot be had.
    #[error("the sandbox cannot listen on 127.0.0.1:{port} ({source}): choose another port, or 0 for any free one")]
    Listen {
        /// Which port.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The address that was given makes no URL.
    #[error("the sandbox got the address {0}, which makes no URL")]
    Address(SocketAddr),
}

/// A running sandbox; it stops when dropped.
pub struct Sandbox {
    shared: Arc<Shared>,
    stop: CancellationToken,
}

/// Starts a sandbox in the current runtime.
///
/// # Errors
/// When one of its ports cannot be had.
pub async fn start(options: Options) -> Result<Sandbox, SandboxError> {
    let ports = options.ports.unwrap_or_default();
    let mut listeners = Vec::with_capacity(PLACES.len());
    let mut bases = Vec::with_capacity(PLACES.len());
    for port in ports {
        let listen = |source| SandboxError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        bases.push(Url::parse(&format!("http://{address}/")).map_err(|_| SandboxError::Address(address))?);
        listeners.push(listener);
    }
    let unset = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let bases = bases.try_into().map_err(|_| SandboxError::Address(unset))?;
    let shared = Arc::new(Shared::new(options, bases));
    let stop = CancellationToken::new();
    for (listener, (environment, surface)) in listeners.into_iter().zip(PLACES) {
        let door = Door { shared: Arc::clone(&shared), environment, surface };
        let routes = axum::Router::new().fallback(server::serve).with_state(door);
        let service = routes.into_make_service_with_connect_info::<Line>();
        let until = stop.clone().cancelled_owned();
        tokio::spawn(async move {
            // `serve` ends only when asked to, and never with an error.
            let _ = axum::serve(Resettable(listener), service).with_graceful_shutdown(until).await;
        });
    }
    Ok(Sandbox { shared, stop })
}

impl Sandbox {
    /// The base URL of an API.
    #[must_use]
    pub fn base(&self, environment: Environment, surface: Surface) -> &Url {
        self.shared.base(environment, Some(surface))
    }

    /// The base URL of an authorisation server.
    #[must_use]
    pub fn auth(&self, environment: Environment) -> &Url {
        self.shared.base(environment, None)
    }

    /// The demo credentials: environment, kind, value, scopes. Fixed, and of no use anywhere else. Each environment has
    /// one of every kind and a standalone key that may only read companies.
    #[must_use]
    pub fn demo_credentials(&self) -> Vec<(Environment, CredentialKind, String, Vec<String>)> {
        let scopes = |who: &auth::Principal| who.scopes.iter().map(ToString::to_string).collect();
        auth::PRINCIPALS.iter().map(|who| (who.environment, who.kind, who.holder.to_owned(), scopes(who))).collect()
    }

    /// The OAuth clients: for each environment a public one, then a confidential one.
    #[must_use]
    pub fn oauth_clients(&self) -> Vec<OAuthClient> {
        let more = &self.shared.options.redirect_uris;
        let shown = |client: &oauth::clients::Client| OAuthClient {
            environment: client.environment,
            client_id: client.id.to_owned(),
            client_secret: client.secret.map(str::to_owned),
            redirect_uris: oauth::clients::redirect_uris(more).map(str::to_owned).collect(),
        };
        oauth::clients::CLIENTS.iter().map(shown).collect()
    }

    /// Makes every access token that an environment issued expire now.
    pub fn expire_tokens(&self, environment: Environment) {
        self.shared.world(environment).grants.expire();
    }

    /// Every request that arrived, the oldest first; the last 10,000 are kept.
    #[must_use]
    pub fn log(&self) -> Vec<Seen> {
        self.shared.log()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
