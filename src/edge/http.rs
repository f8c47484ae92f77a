//! HTTP: one request out, its answer in. Redirects are never followed, cookies never kept, and a credential leaves only
//! for the origin that its kind and environment decide.

mod failures;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use futures_util::FutureExt as _;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, Response, Version};
use url::Url;
use zeroize::Zeroizing;

use crate::app::event::{Failure, Head, Phase};
use crate::pleo::credential::{Credential, Scheme};
use crate::pleo::endpoint::Method;
use crate::pleo::environment::{Environment, Environments, is_loopback};
use crate::pleo::prepared::Prepared;
use crate::secret::Secret;
use failures::{explain, innermost, no_answer, setup};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for the first byte of the answer once connected.
const FIRST_BYTE: Duration = Duration::from_secs(30);
/// Longest silence in the middle of a body.
const IDLE: Duration = Duration::from_secs(30);
/// Bytes of a body that are gathered before they are handed on, as far as they are there already.
const GATHERED: usize = 256 * 1024;
/// Pieces that are gathered at most.
const MOST_PIECES: usize = 256;

/// The HTTP clients, each built when it is first needed.
#[derive(Debug)]
pub struct Http {
    environments: Environments,
    public: Slot,
    loopback: Slot,
}

/// Where a client is, once there is one.
type Slot = Mutex<Option<Client>>;

impl Http {
    /// Clients for these hosts.
    #[must_use]
    pub const fn new(environments: Environments) -> Self {
        Self { environments, public: Mutex::new(None), loopback: Mutex::new(None) }
    }

    /// Closes the connections that nothing goes over now.
    pub fn let_go(&self) {
        for slot in [&self.public, &self.loopback] {
            drop(slot.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
    }

    /// Sends a request and waits for status and headers.
    ///
    /// # Errors
    /// [`Failure`] with the phase and a sentence.
    pub async fn send(&self, request: &Prepared, secret: Option<&Secret>) -> Result<(Head, Answer), Failure> {
        if request.is_past() {
            let sentence = "What was sent once is not sent as it was: s asks for the same anew.".to_owned();
            return Err(Failure { phase: Phase::Setup, sentence });
        }
        let host = host_of(request.url());
        let client = self.client(request.url())?;
        let mut builder = client.request(method(request.method()), request.url().clone());
        for (name, value) in request.headers() {
            builder = builder.header(HeaderName::from_bytes(name.as_bytes()).map_err(|e| setup(&e))?, value);
        }
        if let (Some(credential), Some(secret)) = (request.credential(), secret) {
            builder = builder.header(AUTHORIZATION, self.authorization(credential, secret, request)?);
        }
        if let Some(body) = request.body() {
            builder = builder.body(body.to_owned());
        }
        let response = match tokio::time::timeout(CONNECT + FIRST_BYTE, builder.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(explain(&error, &host, proxy_of(request.url()).as_deref())),
            Err(_) => return Err(no_answer(&host)),
        };
        Ok((head(&response), Answer { response, host, received: 0, over: false, broken: None }))
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
        let host = host_of(&url);
        let mut builder = self
            .client(&url)?
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(Bytes::from_owner(ZeroizingBytes(form)));
        if let Some(value) = authorization {
            builder = builder.header(AUTHORIZATION, value);
        }
        let whole = async {
            let mut response = builder.send().await?;
            let status = response.status().as_u16();
            let mut body = Zeroizing::new(Vec::with_capacity(MOST_OF_TOKENS));
            while let Some(chunk) = response.chunk().await? {
                let room = MOST_OF_TOKENS - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            }
            Ok(TokenAnswer { status, body })
        };
        match tokio::time::timeout(CONNECT + FIRST_BYTE, whole).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(explain(&error, &host, proxy_of(&url).as_deref())),
            Err(_) => Err(no_answer(&host)),
        }
    }

    fn client(&self, url: &Url) -> Result<Client, Failure> {
        let loopback = is_loopback(url);
        if url.scheme() != "https" && !loopback {
            let sentence = format!("{} would be sent in the clear: plain http is for this machine only.", host_of(url));
            return Err(Failure { phase: Phase::Setup, sentence });
        }
        let slot = if loopback { &self.loopback } else { &self.public };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*slot {
            return Ok(client.clone());
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
        Ok(slot.insert(client).clone())
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
#[derive(Debug)]
pub struct Answer {
    response: Response,
    host: String,
    received: u64,
    over: bool,
    /// What broke while some bytes were still to be handed on.
    broken: Option<reqwest::Error>,
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
            None => tokio::time::timeout(IDLE, self.response.chunk()).await,
        };
        let failure = |sentence: String| Failure { phase: Phase::Body, sentence };
        let received = self.received;
        match first {
            Ok(Ok(Some(first))) => {
                let bytes = self.gather(first);
                self.received += bytes.len() as u64;
                Ok(Some(bytes))
            }
            Ok(Ok(None)) => {
                self.over = true;
                Ok(None)
            }
            Ok(Err(error)) => Err(failure(format!(
                "{} broke off after {received} bytes of the body ({}): what came is shown. Send again to get it whole.",
                self.host,
                innermost(&error)
            ))),
            Err(_) => Err(failure(format!(
                "{} sent nothing for {} seconds in the middle of the body, after {received} bytes: what came is shown.",
                self.host,
                IDLE.as_secs()
            ))),
        }
    }

    /// The first bytes and those behind them that need not be waited for: every piece costs a turn of the whole machine.
    fn gather(&mut self, first: Bytes) -> Bytes {
        let mut length = first.len();
        let mut gathered = vec![first];
        // Neither so many bytes nor so many pieces: a server may send empty ones without end.
        while length < GATHERED && gathered.len() < MOST_PIECES {
            match self.response.chunk().now_or_never() {
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
    let host = proxy.uri().host()?;
    Some(proxy.uri().port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}
