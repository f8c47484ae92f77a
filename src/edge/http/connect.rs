//! Connections: an address, a way there, straight or through a proxy, and TLS; each step noted as it happens.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::header::{HeaderMap, HeaderValue, USER_AGENT};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::AGENT;
use super::measure::{Line, Measure};
use super::stream::{Io, Stream};
use super::trust::Trust;

/// After so much silence the system asks whether the other side is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Anything that can go wrong on the way.
type Wrong = Box<dyn std::error::Error + Send + Sync>;
/// What comes of a step.
type Coming<T> = Pin<Box<dyn Future<Output = Result<T, Wrong>> + Send>>;

tokio::task_local! {
    /// The request that a connection is made for, and how long that may take.
    pub(super) static ASKED: (Measure, Duration);
}

/// It took too long.
#[derive(Debug, thiserror::Error)]
#[error("the time for it was over")]
pub(super) struct TooLong;

/// The proxy for an address, as the environment or the system wants it.
pub(super) fn proxy(uri: &Uri) -> Option<Intercept> {
    Matcher::from_system().intercept(uri)
}

/// Host and port of a proxy, without its credentials.
pub(super) fn named(proxy: &Intercept) -> String {
    let (host, port) = (proxy.uri().host().unwrap_or_default(), proxy.uri().port());
    port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Makes connections.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    /// How TLS is spoken; nothing where none is needed.
    pub trust: Option<Trust>,
    /// Whether a proxy may be used.
    pub proxies: bool,
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = Wrong;
    type Future = Coming<Stream>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Wrong>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let line = Arc::new(Line::default());
        let asked = ASKED.try_with(|(measure, limit)| {
            measure.connecting(Arc::clone(&line));
            *limit
        });
        let way = Way { connector: self.clone(), line };
        Box::pin(async move {
            let limit = asked.unwrap_or(Duration::from_secs(10));
            tokio::time::timeout(limit, way.connect(uri)).await.map_err(|_| TooLong)?
        })
    }
}

/// One connection that is being made.
#[derive(Clone)]
struct Way {
    connector: Connector,
    line: Arc<Line>,
}

impl Way {
    async fn connect(self, uri: Uri) -> Result<Stream, Wrong> {
        let proxy = if self.connector.proxies { proxy(&uri) } else { None };
        let io = match proxy {
            Some(proxy) => self.through(proxy, uri.clone()).await?,
            None => self.reach(uri.clone()).await?,
        };
        self.line.reached();
        if uri.scheme_str() != Some("https") {
            return Ok(Stream::new(io, self.line, false));
        }
        self.line.agreeing();
        let config = self.trust()?.noting(&self.line, &["h2", "http/1.1"]);
        let io = agree(config, &uri, io).await?;
        let session = io.get_ref().1;
        let version = session.protocol_version().and_then(|version| version.as_str()).unwrap_or_default();
        let cipher = session.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
        self.line.agreed(version.replace("TLSv1_", "TLS 1."), cipher.unwrap_or_default().to_owned());
        let shared = session.alpn_protocol() == Some(b"h2");
        Ok(Stream::new(Box::new(io), self.line, shared))
    }

    fn trust(&self) -> Result<&Trust, Wrong> {
        self.connector.trust.as_ref().ok_or_else(|| Wrong::from("TLS is not set up for this address"))
    }

    /// Straight there: an address, and the way to it.
    async fn reach(&self, uri: Uri) -> Result<Box<dyn Io>, Wrong> {
        self.line.reaching();
        let mut tcp = HttpConnector::new_with_resolver(Resolver { line: Arc::clone(&self.line) });
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        let stream = tcp.call(uri).await?.into_inner();
        self.line.arrived_at(stream.peer_addr().ok());
        Ok(Box::new(stream))
    }

    /// Through a proxy, which sees where to, and nothing else.
    async fn through(&self, proxy: Intercept, uri: Uri) -> Result<Box<dyn Io>, Wrong> {
        let scheme = proxy.uri().scheme_str().unwrap_or_default().to_owned();
        self.line.through(format!("{scheme}://{}", named(&proxy)));
        let (hop, to) = (Hop(self.clone()), proxy.uri().clone());
        let io = match scheme.as_str() {
            "socks4" | "socks4a" => {
                let uri = if scheme == "socks4" { self.by_address(&uri).await? } else { uri };
                SocksV4::new(to, hop).call(uri).await?
            }
            "socks5" | "socks5h" => {
                let uri = if scheme == "socks5" { self.by_address(&uri).await? } else { uri };
                let socks = SocksV5::new(to, hop);
                match proxy.raw_auth() {
                    Some((name, word)) => socks.with_auth(name.to_owned(), word.to_owned()).call(uri).await?,
                    None => { socks }.call(uri).await?,
                }
            }
            _ => {
                let agent = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static(AGENT))]);
                let tunnel = Tunnel::new(to, hop).with_headers(agent);
                match proxy.basic_auth() {
                    Some(value) => tunnel.with_auth(value.clone()).call(uri).await?,
                    None => { tunnel }.call(uri).await?,
                }
            }
        };
        Ok(io.into_inner())
    }

    /// The same with the host's address in place of its name, for a proxy that is not to look it up.
    async fn by_address(&self, uri: &Uri) -> Result<Uri, Wrong> {
        let host = uri.host().unwrap_or_default();
        let mut found = Resolver { line: Arc::clone(&self.line) }.call(host.parse()?).await?;
        let address = found.next().ok_or("no address was found")?.ip();
        let host = if address.is_ipv6() { format!("[{address}]") } else { address.to_string() };
        let port = uri.port_u16().unwrap_or(443);
        Ok(format!("https://{host}:{port}").parse()?)
    }
}

/// The way to a proxy, itself by TLS where it wants that.
#[derive(Clone)]
struct Hop(Way);

impl Service<Uri> for Hop {
    type Response = TokioIo<Box<dyn Io>>;
    type Error = Wrong;
    type Future = Coming<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Wrong>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let way = self.0.clone();
        Box::pin(async move {
            let mut io = way.reach(uri.clone()).await?;
            if uri.scheme_str() == Some("https") {
                io = Box::new(agree(way.trust()?.plain(), &uri, io).await?);
            }
            Ok(TokioIo::new(io))
        })
    }
}

async fn agree(
    config: Arc<ClientConfig>,
    uri: &Uri,
    io: Box<dyn Io>,
) -> Result<tokio_rustls::client::TlsStream<Box<dyn Io>>, Wrong> {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned())?;
    Ok(TlsConnector::from(config).connect(name, io).await?)
}

/// The system's resolver, which notes when it began and ended.
#[derive(Clone)]
struct Resolver {
    line: Arc<Line>,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Wrong;
    type Future = Coming<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Wrong>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let line = Arc::clone(&self.line);
        Box::pin(async move {
            line.resolving();
            let found: Vec<SocketAddr> = GaiResolver::new().call(name).await?.collect();
            line.resolved();
            Ok(found.into_iter())
        })
    }
}
