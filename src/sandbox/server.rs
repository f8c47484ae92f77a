//! The six listeners: from a request to an answer, with everything in between that is not about Pleo's data.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Response, Uri};
use axum::serve::{IncomingStream, Listener};
use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::answer::{Answer, JSON_UTF8, Outcome, Problem};
use super::data::{Size, World};
use super::faults::{self, Fault};
use super::{Options, Seen, api, auth, files, oauth};
use crate::pleo::credential::CredentialKind;
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::Environment;

/// How many requests are remembered.
const LOG: usize = 10_000;
/// The longest body that is read; a batch of receipts fits.
const LONGEST_BODY: usize = 64 << 20;
/// How much of a body is remembered.
const LOGGED_BODY: usize = 64 << 10;

/// What all listeners share.
pub struct Shared {
    /// How the sandbox was started.
    pub options: Options,
    /// The base URLs in the order of [`super::PLACES`].
    pub bases: [Url; 6],
    worlds: [Mutex<World>; 2],
    log: Mutex<VecDeque<Seen>>,
    paces: Mutex<HashMap<&'static str, (Instant, u32)>>,
}

impl Shared {
    /// Nothing has happened yet.
    pub fn new(options: Options, bases: [Url; 6]) -> Self {
        let size = |environment| match environment {
            Environment::Staging => Size { employees: options.staging_employees, entries: options.staging_entries },
            Environment::Production => {
                Size { employees: options.production_employees, entries: options.production_entries }
            }
        };
        let worlds = Environment::ALL.map(|environment| Mutex::new(World::new(environment, size(environment))));
        Self { options, bases, worlds, log: Mutex::default(), paces: Mutex::default() }
    }

    /// Every request that arrived, the oldest first.
    pub fn log(&self) -> Vec<Seen> {
        lock(&self.log).iter().cloned().collect()
    }

    /// The base URL of a surface, or of the authorisation server.
    pub fn base(&self, environment: Environment, surface: Option<Surface>) -> &Url {
        let place = super::PLACES.iter().position(|place| *place == (environment, surface));
        &self.bases[place.unwrap_or_default()]
    }

    /// The data of an environment.
    pub fn world(&self, environment: Environment) -> MutexGuard<'_, World> {
        lock(&self.worlds[usize::from(environment == Environment::Production)])
    }

    /// Counts a request of a holder; a minute begins with the first request after the last minute ended.
    fn pace(&self, holder: &'static str) -> Result<(), Problem> {
        let mut paces = lock(&self.paces);
        let now = Instant::now();
        let (began, count) = paces.entry(holder).or_insert((now, 0));
        let minute = Duration::from_secs(60);
        if now.duration_since(*began) >= minute {
            (*began, *count) = (now, 0);
        }
        *count += 1;
        if *count > self.options.rate_limit {
            return Err(faults::too_many(minute.saturating_sub(now.duration_since(*began)).as_secs() + 1));
        }
        Ok(())
    }

    fn remember(&self, seen: Seen) {
        let mut log = lock(&self.log);
        if log.len() >= LOG {
            log.pop_front();
        }
        log.push_back(seen);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One listener's part in it.
#[derive(Clone)]
pub struct Door {
    /// What all share.
    pub shared: Arc<Shared>,
    /// The environment behind it.
    pub environment: Environment,
    /// The surface behind it; none is the authorisation server.
    pub surface: Option<Surface>,
}

/// Answers one request.
pub async fn serve(State(door): State<Door>, ConnectInfo(line): ConnectInfo<Line>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LONGEST_BODY).await;
    let pairs = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned();
    let (asked, query): (Vec<_>, Vec<_>) = pairs.partition(|(name, _)| name == "sandbox_fault");
    let faults = door.faults(&asked, &parts.headers);
    let (length, logged) = body
        .as_ref()
        .map_or_else(|_| (0, Vec::new()), |body| (body.len() as u64, body[..body.len().min(LOGGED_BODY)].to_vec()));
    let (faults, outcome) = match (faults, body) {
        (Err(error), _) => (Vec::new(), Err(Problem::new(400, "SANDBOX_FAULT_UNKNOWN", error.to_string()))),
        (_, Err(_)) => (Vec::new(), Err(Problem::new(413, "PAYLOAD_TOO_LARGE", "The request body is too large"))),
        (Ok(faults), Ok(body)) => {
            let instead = faults::instead(&faults, &door.other_host(&parts.uri));
            let outcome = instead.unwrap_or_else(|| door.answer(&parts, query, &body));
            (faults, outcome)
        }
    };
    let answer = outcome.unwrap_or_else(|problem| problem.answer(door.surface));
    door.shared.remember(Seen {
        environment: door.environment,
        surface: door.surface,
        method: parts.method.to_string(),
        path_and_query: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
        headers: parts.headers.iter().map(|(n, v)| (n.to_string(), v.as_bytes().to_vec())).collect(),
        body_length: length,
        body: logged,
        status: answer.status,
    });
    let usual = if door.surface == Some(Surface::Legacy) { "application/json; charset=utf-8" } else { JSON_UTF8 };
    let (response, length) = answer.into_response(usual);
    faults::deliver(&faults, response, length, &line.abort).await
}

impl Door {
    /// The faults of all requests, of the query and of the header.
    fn faults(&self, asked: &[(String, String)], headers: &HeaderMap) -> Result<Vec<Fault>, faults::FaultError> {
        let mut faults = self.shared.options.faults.clone();
        for (_, text) in asked {
            faults.extend(faults::several(text)?);
        }
        for value in headers.get_all("x-sandbox-fault") {
            faults.extend(faults::several(&String::from_utf8_lossy(value.as_bytes()))?);
        }
        Ok(faults)
    }

    /// The same path on the API host of the other environment, without what only the sandbox understands.
    fn other_host(&self, uri: &Uri) -> String {
        let mut url = self.shared.base(self.environment.other(), self.surface.or(Some(Surface::External))).clone();
        url.set_path(uri.path());
        let kept = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.starts_with("sandbox_fault="));
        let kept = kept.collect::<Vec<_>>().join("&");
        url.set_query((!kept.is_empty()).then_some(&kept));
        url.to_string()
    }

    fn answer(&self, parts: &axum::http::request::Parts, query: Vec<(String, String)>, body: &Bytes) -> Outcome {
        let Some(surface) = self.surface else {
            let oauth = parts.uri.path().starts_with("/oauth/");
            return if oauth { oauth::answer(self, parts, query, body) } else { files::answer(self, parts, body) };
        };
        let target = api::target(surface, &parts.method, parts.uri.path())?;
        let mut world = self.shared.world(self.environment);
        let who = auth::authenticate(&parts.headers, &world, surface)?;
        self.shared.pace(who.holder)?;
        auth::authorize(&who, target.endpoint)?;
        let content_type = parts.headers.get(axum::http::header::CONTENT_TYPE);
        if !body.is_empty() && content_type.is_some_and(|text| !text.to_str().unwrap_or_default().contains("json")) {
            let message = "The request body must be application/json";
            return Err(Problem::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
        }
        let files = self.shared.base(self.environment, None);
        let path = &target.endpoint.path;
        let answer = target.call(&who, query, body, files, &mut world)?;
        Ok(if who.kind == CredentialKind::LegacyToken { answer } else { plain_json(answer, path) })
    }
}

/// Accounts and enrichment answer without a charset.
fn plain_json(answer: Answer, path: &str) -> Answer {
    let plain = ["/v1/chart-of-accounts", "/v1-beta/accounts", "/v2/accounting-entries:enrich"];
    if plain.iter().any(|start| path.starts_with(start)) { answer.typed("application/json") } else { answer }
}

/// A listener whose connections can be ended with a reset.
pub struct Resettable(pub TcpListener);

impl Listener for Resettable {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, from) = Listener::accept(&mut self.0).await;
        // The last bytes of a small answer must not wait for the peer's acknowledgement.
        let _ = stream.set_nodelay(true);
        (Connection { stream, abort: Arc::default() }, from)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection; when `abort` is set, closing it sends a reset (RFC 9293, section 3.5.2) instead of a goodbye.
pub struct Connection {
    stream: TcpStream,
    abort: Arc<AtomicBool>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.abort.load(Ordering::Acquire) {
            // A peer that is gone already needs no reset.
            let _ = self.stream.set_zero_linger();
        }
    }
}

/// What a handler knows of the connection.
#[derive(Clone)]
pub struct Line {
    abort: Arc<AtomicBool>,
}

impl Connected<IncomingStream<'_, Resettable>> for Line {
    fn connect_info(stream: IncomingStream<'_, Resettable>) -> Self {
        Self { abort: Arc::clone(&stream.io().abort) }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A shutdown would say goodbye before the reset.
        if self.abort.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
