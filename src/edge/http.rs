//! HTTP: one request out, its answer in. Redirects are never followed, cookies never kept, and a credential leaves only
//! for the origin that its kind and environment decide.

use std::error::Error as _;
use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Client, Response, Version};
use zeroize::Zeroizing;

use crate::app::event::{Failure, Head, Phase};
use crate::pleo::credential::{Credential, Scheme};
use crate::pleo::endpoint::Method;
use crate::pleo::environment::{Environments, is_loopback};
use crate::pleo::prepared::Prepared;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for the first byte of the answer once connected.
const FIRST_BYTE: Duration = Duration::from_secs(30);
/// Longest silence in the middle of a body.
const IDLE: Duration = Duration::from_secs(30);
/// Most bytes of a body that are kept, decompressed.
pub const MOST_BYTES: u64 = 1 << 30;

/// The HTTP clients, each built when it is first needed.
#[derive(Debug)]
pub struct Http {
    environments: Environments,
    public: OnceLock<Client>,
    loopback: OnceLock<Client>,
}

impl Http {
    /// Clients for these hosts.
    #[must_use]
    pub const fn new(environments: Environments) -> Self {
        Self { environments, public: OnceLock::new(), loopback: OnceLock::new() }
    }

    /// Sends a request and waits for status and headers.
    ///
    /// # Errors
    /// [`Failure`] with the phase and a sentence.
    pub async fn send(&self, request: &Prepared) -> Result<(Head, Answer), Failure> {
        let host = host_of(request);
        let client = self.client(request)?;
        let mut builder = client.request(method(request.method()), request.url().clone());
        for (name, value) in request.headers() {
            builder = builder.header(HeaderName::from_bytes(name.as_bytes()).map_err(|e| setup(&e))?, value);
        }
        if let Some(credential) = request.credential() {
            builder = builder.header(AUTHORIZATION, self.authorization(credential, request)?);
        }
        if let Some(body) = request.body() {
            builder = builder.body(body.to_owned());
        }
        let response = match tokio::time::timeout(CONNECT + FIRST_BYTE, builder.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(explain(&error, &host, proxy_of(request).as_deref())),
            Err(_) => {
                return Err(Failure {
                    phase: Phase::Answer,
                    sentence: format!(
                        "{host} did not answer within {} seconds: send again, or check its status.",
                        FIRST_BYTE.as_secs()
                    ),
                });
            }
        };
        Ok((head(&response), Answer { response, host, received: 0 }))
    }

    fn client(&self, request: &Prepared) -> Result<&Client, Failure> {
        let url = request.url();
        let loopback = is_loopback(url);
        if url.scheme() != "https" && !loopback {
            let sentence =
                format!("{} would be sent in the clear: plain http is for this machine only.", host_of(request));
            return Err(Failure { phase: Phase::Setup, sentence });
        }
        let slot = if loopback { &self.loopback } else { &self.public };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let mut builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            .user_agent(concat!("pleoscope/", env!("CARGO_PKG_VERSION")));
        if loopback {
            builder = builder.no_proxy();
        }
        if loopback && url.scheme() == "http" {
            // Nothing is to be verified, so a machine without CA certificates must not stand in the way.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| {
            let reason = innermost(&error);
            Failure {
                phase: Phase::Setup,
                sentence: format!("The HTTP client cannot be set up ({reason}): are CA certificates installed (package ca-certificates)?"),
            }
        })?;
        Ok(slot.get_or_init(|| client))
    }

    /// The Authorization header, made where bytes leave, and only for the credential's own origin.
    fn authorization(&self, credential: &Credential, request: &Prepared) -> Result<HeaderValue, Failure> {
        let at_home = credential.environment() == request.environment()
            && credential.may_go_to(request.url(), &self.environments);
        if !at_home {
            let sentence = format!(
                "{} is not where {} belongs: it was not sent. Choose another credential in 2 Credential.",
                host_of(request),
                credential.label()
            );
            return Err(Failure { phase: Phase::Setup, sentence });
        }
        let secret = credential.secret().expose();
        let value = Zeroizing::new(match credential.kind().scheme() {
            Scheme::Bearer => format!("Bearer {secret}"),
            Scheme::Basic => {
                let pair = Zeroizing::new(format!("{secret}:"));
                format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()))
            }
        });
        let mut value = HeaderValue::from_str(&value).map_err(|_| Failure {
            phase: Phase::Setup,
            sentence: "The credential holds characters that no header can carry: give it again.".to_owned(),
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// An answer whose body is still to be read.
#[derive(Debug)]
pub struct Answer {
    response: Response,
    host: String,
    received: u64,
}

impl Answer {
    /// The next piece of the body, decompressed; `None` at its end.
    ///
    /// # Errors
    /// [`Failure`] when it breaks off, stands still or grows past [`MOST_BYTES`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let received = self.received;
        let body = |sentence: String| Failure { phase: Phase::Body, sentence };
        match tokio::time::timeout(IDLE, self.response.chunk()).await {
            Ok(Ok(Some(bytes))) if received + bytes.len() as u64 > MOST_BYTES => {
                Err(body(format!("The body is larger than {} MiB: what came so far is shown.", MOST_BYTES >> 20)))
            }
            Ok(Ok(Some(bytes))) => {
                self.received += bytes.len() as u64;
                Ok(Some(bytes))
            }
            Ok(Ok(None)) => Ok(None),
            Ok(Err(error)) => Err(body(format!(
                "{} broke off after {received} bytes of the body ({}): what came is shown. Send again to get it whole.",
                self.host,
                innermost(&error)
            ))),
            Err(_) => Err(body(format!(
                "{} sent nothing for {} seconds in the middle of the body, after {received} bytes: what came is shown.",
                self.host,
                IDLE.as_secs()
            ))),
        }
    }
}

fn head(response: &Response) -> Head {
    let status = response.status();
    let own = response.extensions().get::<hyper::ext::ReasonPhrase>();
    let reason = own.map_or_else(
        || status.canonical_reason().unwrap_or_default().to_owned(),
        |reason| String::from_utf8_lossy(reason.as_bytes()).into_owned(),
    );
    let version = match response.version() {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    };
    let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    Head { status: status.as_u16(), reason, version, headers: headers.collect() }
}

const fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

fn host_of(request: &Prepared) -> String {
    let url = request.url();
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Host and port of the proxy that the environment or the system wants between us and the request's host.
fn proxy_of(request: &Prepared) -> Option<String> {
    let url = request.url();
    if is_loopback(url) {
        return None;
    }
    let proxy = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
    let host = proxy.uri().host()?;
    Some(proxy.uri().port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

fn setup(error: &dyn std::error::Error) -> Failure {
    Failure { phase: Phase::Setup, sentence: format!("The request cannot be built: {error}.") }
}

/// The cause at the bottom of an error, which is the one that a person can do something about.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Puts a failed request into a sentence.
fn explain(error: &reqwest::Error, host: &str, proxy: Option<&str>) -> Failure {
    let reason = innermost(error);
    let io = io_kind(error);
    let (phase, sentence) = if let (Some(proxy), true) = (proxy, error.is_connect() && !is_tls(error)) {
        (
            Phase::Connect,
            format!("The proxy {proxy} gave no way to {host} ({reason}): check HTTPS_PROXY, ALL_PROXY and NO_PROXY."),
        )
    } else if error.is_dns() {
        (
            Phase::Resolve,
            format!("The address of {host} cannot be found ({reason}): check the network, the VPN or DNS."),
        )
    } else if error.is_connect() && error.is_timeout() {
        (
            Phase::Connect,
            format!(
                "{host} did not take the connection within {} seconds: check the network, the VPN or a proxy.",
                CONNECT.as_secs()
            ),
        )
    } else if io == Some(std::io::ErrorKind::ConnectionRefused) {
        (Phase::Connect, format!("{host} refused the connection: nothing listens there, or a firewall is in between."))
    } else if error.is_connect() && is_tls(error) {
        let through = proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
        (
            Phase::Tls,
            format!(
                "No trusted TLS connection to {host}{through} ({reason}): check the clock, the certificate and whether something intercepts TLS."
            ),
        )
    } else if error.is_connect() {
        (Phase::Connect, format!("No connection to {host} ({reason}): check the network, the VPN or a proxy."))
    } else {
        (
            Phase::Answer,
            format!(
                "{host} closed the connection without a proper answer ({reason}): send again, or check its status."
            ),
        )
    };
    Failure { phase, sentence }
}

fn io_kind(error: &reqwest::Error) -> Option<std::io::ErrorKind> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        cause = error.source();
    }
    None
}

fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string().to_ascii_lowercase();
        if text.contains("certificate")
            || text.contains("tls")
            || text.contains("handshake")
            || text.contains("invalidcontenttype")
            || text.contains("corrupt message")
        {
            return true;
        }
        cause = error.source();
    }
    false
}
