//! HTTP: one request out, its answer in. Redirects are never followed, cookies never kept, and a credential leaves only
//! for the origin that its kind and environment decide.

mod body;
mod certificate;
mod client;
mod connect;
mod failures;
mod measure;
mod suites;
mod trust;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Request, Response, Version};
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;
use zeroize::Zeroizing;

use crate::app::event::{Failure, Head, Phase};
use crate::pleo::credential::{Credential, Scheme};
use crate::pleo::endpoint::Method;
use crate::pleo::environment::{Environment, Environments, is_loopback};
use crate::pleo::prepared::Prepared;
use crate::pleo::timing::Timeouts;
use crate::secret::Secret;
use body::Decompressed;
use client::{Connections, Received};
use failures::{explain, innermost, setup};
use trust::Trust;

pub use measure::Measure;
pub use trust::Authorities;

/// What we call ourselves.
const AGENT: &str = concat!("pleoscope/", env!("CARGO_PKG_VERSION"));
/// Bytes of a body that are gathered before they are handed on, as far as they are there already.
const GATHERED: usize = 256 * 1024;
/// Pieces that are gathered at most.
const MOST_PIECES: usize = 256;

/// The HTTP clients, each built when it is first needed.
#[derive(Debug)]
pub struct Http {
    environments: Environments,
    timeouts: BTreeMap<Environment, Timeouts>,
    authorities: Authorities,
    public: Slot,
    loopback: Slot,
    /// Without TLS, on this machine.
    plain: Slot,
}

/// Where a client is, once there is one.
type Slot = Mutex<Option<Connections>>;

impl Http {
    /// Clients for these hosts.
    #[must_use]
    pub fn new(environments: Environments) -> Self {
        let [public, loopback, plain] = [const { Mutex::new(None) }; 3];
        Self { environments, timeouts: BTreeMap::new(), authorities: Authorities::default(), public, loopback, plain }
    }

    /// The same with limits of each environment, and more certificate authorities.
    #[must_use]
    pub fn with(self, timeouts: BTreeMap<Environment, Timeouts>, authorities: Authorities) -> Self {
        Self { timeouts, authorities, ..self }
    }

    /// The file of certificate authorities that is in effect besides those of the system, and what named it.
    #[must_use]
    pub fn authorities(&self) -> Option<&str> {
        self.authorities.shown()
    }

    fn timeouts(&self, environment: Environment) -> Timeouts {
        self.timeouts.get(&environment).copied().unwrap_or_default()
    }

    /// Closes the connections that nothing goes over now.
    pub fn let_go(&self) {
        for slot in [&self.public, &self.loopback, &self.plain] {
            drop(slot.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
    }

    /// Sends a request and waits for status and headers; how long what takes is noted.
    ///
    /// # Errors
    /// [`Failure`] with the phase and a sentence.
    pub async fn send(
        &self,
        request: &Prepared,
        secret: Option<&Secret>,
        measure: &Measure,
    ) -> Result<(Head, Answer), Failure> {
        if request.is_past() {
            let sentence = "What was sent once is not sent as it was: s asks for the same anew.".to_owned();
            return Err(Failure { phase: Phase::Setup, sentence });
        }
        let mut builder = Request::builder().method(method(request.method())).uri(request.url().as_str());
        for (name, value) in request.headers() {
            builder = builder.header(HeaderName::from_bytes(name.as_bytes()).map_err(|e| setup(&e))?, value);
        }
        if let (Some(credential), Some(secret)) = (request.credential(), secret) {
            builder = builder.header(AUTHORIZATION, self.authorization(credential, secret, request)?);
        }
        let body = request.body().map(|body| Bytes::from(body.to_owned())).unwrap_or_default();
        let response = self.ask(builder, body, request.url(), request.environment(), measure).await?;
        if response.headers().contains_key(CONTENT_ENCODING) {
            measure.stays_encoded();
        }
        let (host, idle) = (host_of(request.url()), self.timeouts(request.environment()).idle);
        let measure = measure.clone();
        let (head, body) = (head(&response), response.into_body());
        Ok((head, Answer { body, host, idle, measure, received: 0, over: false, broken: None }))
    }

    /// Sends what is built, and says in a sentence why nothing comes of it.
    async fn ask(
        &self,
        builder: hyper::http::request::Builder,
        body: Bytes,
        url: &Url,
        environment: Environment,
        measure: &Measure,
    ) -> Result<Response<Decompressed>, Failure> {
        let connections = self.connections(url)?;
        let authorities = self.authorities.shown().filter(|_| url.scheme() == "https");
        measure.goes(proxy_of(url), authorities.map(ToOwned::to_owned));
        let request = builder.body(Full::new(body)).map_err(|error| setup(&error))?;
        let timeouts = self.timeouts(environment);
        measure.starts();
        let answer = client::ask(connections, request, measure, timeouts).await;
        answer.map_err(|trouble| {
            measure.over();
            explain(&trouble, measure.phase(), &host_of(url), proxy_of(url).as_deref(), timeouts)
        })
    }

    /// The authorisation server of an environment, without a closing slash.
    #[must_use]
    pub fn auth_origin(&self, environment: Environment) -> &str {
        self.environments.of(environment).auth.as_str().trim_end_matches('/')
    }

    /// Sends a form to the authorisation server of an environment, and to no other place.
    ///
    /// # Errors
    /// [`Failure`] with the phase and a sentence.
    pub async fn post_form(
        &self,
        environment: Environment,
        path: &str,
        form: Zeroizing<String>,
        authorization: Option<HeaderValue>,
    ) -> Result<TokenAnswer, Failure> {
        let mut url = self.environments.of(environment).auth.clone();
        url.set_path(path);
        let mut builder = Request::builder()
            .method(hyper::Method::POST)
            .uri(url.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json");
        if let Some(value) = authorization {
            builder = builder.header(AUTHORIZATION, value);
        }
        let (measure, form) = (Measure::begin(), Bytes::from_owner(ZeroizingBytes(form)));
        let response = self.ask(builder, form, &url, environment, &measure).await?;
        let idle = self.timeouts(environment).idle;
        let status = response.status().as_u16();
        let mut answer = Answer {
            body: response.into_body(),
            host: host_of(&url),
            idle,
            measure,
            received: 0,
            over: false,
            broken: None,
        };
        let mut body = Zeroizing::new(Vec::with_capacity(MOST_OF_TOKENS));
        let whole = async {
            while let Some(chunk) = answer.chunk().await? {
                let room = MOST_OF_TOKENS - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            }
            Ok(())
        };
        match tokio::time::timeout(idle, whole).await {
            Ok(read) => read.map(|()| TokenAnswer { status, body }),
            Err(_) => Err(failures::too_slow(&host_of(&url), idle)),
        }
    }

    fn connections(&self, url: &Url) -> Result<Connections, Failure> {
        let loopback = is_loopback(url);
        if url.scheme() != "https" && !loopback {
            let sentence = format!("{} would be sent in the clear: plain http is for this machine only.", host_of(url));
            return Err(Failure { phase: Phase::Setup, sentence });
        }
        let slot = match (url.scheme(), loopback) {
            ("https", false) => &self.public,
            ("https", true) => &self.loopback,
            _ => &self.plain,
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connections) = &*slot {
            return Ok(connections.clone());
        }
        // Where nothing is to be verified, a machine without CA certificates must not stand in the way.
        let trust =
            if url.scheme() == "https" { Some(Trust::new(&self.authorities).map_err(|e| no_trust(&e))?) } else { None };
        let connections = Connections::new(trust, !loopback).map_err(|error| setup(&error))?;
        Ok(slot.insert(connections).clone())
    }

    /// The Authorization header, made where bytes leave, and only for the credential's own origin.
    fn authorization(
        &self,
        credential: &Credential,
        secret: &Secret,
        request: &Prepared,
    ) -> Result<HeaderValue, Failure> {
        let at_home = credential.environment() == request.environment()
            && credential.may_go_to(request.url(), &self.environments);
        if !at_home {
            let sentence = format!(
                "{} is not where {} belongs: it was not sent. Choose another credential in 2 Credential.",
                host_of(request.url()),
                credential.label()
            );
            return Err(Failure { phase: Phase::Setup, sentence });
        }
        let secret = secret.expose();
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
pub struct Answer {
    body: Decompressed,
    host: String,
    /// Longest silence in the middle of it.
    idle: Duration,
    measure: Measure,
    received: u64,
    over: bool,
    /// What broke while some bytes were still to be handed on.
    broken: Option<Broken>,
}

/// Why a body breaks off.
type Broken = Box<dyn std::error::Error + Send + Sync>;

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("host", &self.host).field("received", &self.received).finish_non_exhaustive()
    }
}

impl Answer {
    /// Whether the body has ended.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// The next piece of the body, decompressed: all that has arrived, up to a quarter of a mebibyte; `None` at its end.
    ///
    /// # Errors
    /// [`Failure`] when it breaks off or stands still.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let first = match self.broken.take() {
            Some(error) => Ok(Err(error)),
            None => tokio::time::timeout(self.idle, self.piece()).await,
        };
        let failure = |sentence: String| Failure { phase: Phase::Body, sentence };
        let received = self.received;
        match first {
            Ok(Ok(Some(first))) => {
                let bytes = self.gather(first);
                self.measure.gave(bytes.len());
                self.received += bytes.len() as u64;
                Ok(Some(bytes))
            }
            Ok(Ok(None)) => {
                self.over = true;
                self.measure.over();
                Ok(None)
            }
            Ok(Err(error)) => Err(failure(format!(
                "{} broke off after {received} bytes of the body ({}): what came is shown. Send again to get it whole.",
                self.host,
                innermost(&*error)
            ))),
            Err(_) => {
                self.measure.over();
                Err(failure(format!(
                    "{} sent nothing for {} in the middle of the body, after {received} bytes: what came is shown. {}",
                    self.host,
                    failures::length(self.idle),
                    failures::raise("idle")
                )))
            }
        }
    }

    /// The next piece as it comes; what follows a body counts as none of it.
    async fn piece(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
                Some(Err(error)) => return Err(error),
                None => return Ok(None),
            }
        }
    }

    /// The first bytes and those behind them that need not be waited for: every piece costs a turn of the whole machine.
    fn gather(&mut self, first: Bytes) -> Bytes {
        let mut length = first.len();
        let mut gathered = vec![first];
        // Neither so many bytes nor so many pieces: a server may send empty ones without end.
        while length < GATHERED && gathered.len() < MOST_PIECES {
            match self.piece().now_or_never() {
                Some(Ok(Some(more))) => {
                    length += more.len();
                    gathered.push(more);
                }
                Some(Ok(None)) => {
                    self.over = true;
                    break;
                }
                Some(Err(error)) => {
                    self.broken = Some(error);
                    break;
                }
                None => break,
            }
        }
        match &gathered[..] {
            [_] => gathered.swap_remove(0),
            // Exactly as long as it must be: it stays for as long as the answer is shown.
            pieces => Bytes::from(pieces.concat()),
        }
    }
}

fn no_trust(error: &rustls::Error) -> Failure {
    let sentence =
        format!("The HTTP client cannot be set up ({error}): are CA certificates installed (package ca-certificates)?");
    Failure { phase: Phase::Setup, sentence }
}

fn head(response: &Response<Decompressed>) -> Head {
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
    let received = response.extensions().get::<Received>().map_or(response.headers(), |own| &own.0);
    let headers = received.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    Head { status: status.as_u16(), reason, version, headers: headers.collect() }
}

const fn method(method: Method) -> hyper::Method {
    match method {
        Method::Get => hyper::Method::GET,
        Method::Head => hyper::Method::HEAD,
        Method::Post => hyper::Method::POST,
        Method::Put => hyper::Method::PUT,
        Method::Patch => hyper::Method::PATCH,
        Method::Delete => hyper::Method::DELETE,
    }
}

/// What the token endpoint answered; overwritten when it is dropped.
pub struct TokenAnswer {
    /// The status.
    pub status: u16,
    /// The body, up to 64 kB.
    pub body: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenAnswer({}, {} bytes)", self.status, self.body.len())
    }
}

/// Most bytes of a token endpoint's answer.
const MOST_OF_TOKENS: usize = 64 * 1024;

struct ZeroizingBytes(Zeroizing<String>);

impl AsRef<[u8]> for ZeroizingBytes {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Host and port of the proxy that the environment or the system wants between us and the request's host.
fn proxy_of(url: &Url) -> Option<String> {
    if is_loopback(url) {
        return None;
    }
    let proxy = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
    let (host, port) = (proxy.uri().host().unwrap_or_default(), proxy.uri().port());
    Some(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}
