//! A client: connections that are kept for a while, and one request over them at a time.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::CONTENT_ENCODING;
use hyper::{HeaderMap, Request, Response};
use tower_http::decompression::Decompression;
use tower_service::Service;

use super::AGENT;
use super::body::{Counted, Decompressed};
use super::connect::{ASKED, Lines, Resolver};
use super::failures::Trouble;
use super::measure::Measure;
use super::trust::Trust;
use crate::pleo::timing::Timeouts;

/// Connections to the hosts that were asked.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    client: reqwest::Client,
    lines: Lines,
}

impl Connections {
    /// Connections that are made this way: without TLS where nothing is trusted, through a proxy only where one may be used.
    pub fn new(trust: Option<Trust>, proxies: bool) -> Result<Self, reqwest::Error> {
        let lines = Lines::default();
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .user_agent(AGENT)
            .dns_resolver(Resolver)
            .connector_layer(lines.clone());
        if !proxies {
            builder = builder.no_proxy();
        }
        builder = match trust {
            Some(trust) => builder.tls_backend_preconfigured(trust.into_config()),
            None => builder.tls_certs_only([]),
        };
        Ok(Self { client: builder.build()?, lines })
    }
}

/// Sends a request and waits for status and headers, within its limits.
pub(super) async fn ask(
    connections: Connections,
    request: Request<Full<Bytes>>,
    measure: &Measure,
    limits: Timeouts,
) -> Result<Response<Decompressed>, Trouble> {
    let over = Decompression::new(Asking { connections, measure: measure.clone() }).call(request);
    let answer = ASKED.scope((measure.clone(), limits.connect), over);
    tokio::pin!(answer);
    let mut patience = limits.first_byte;
    while patience > Duration::ZERO {
        if let Ok(answer) = tokio::time::timeout(patience, &mut answer).await {
            return Ok(answer?);
        }
        // Making the connection has a limit of its own.
        let waited = measure.waits().unwrap_or_default();
        patience = limits.first_byte.saturating_sub(waited);
    }
    Err(Trouble::Silent(limits.first_byte))
}

/// The headers of an answer as they came: what decompresses its body takes some of them out, and the rest out of order.
#[derive(Clone, Debug)]
pub(super) struct Received(pub(super) HeaderMap);

/// Sends requests; what comes back is noted before it is decompressed.
struct Asking {
    connections: Connections,
    measure: Measure,
}

impl Service<Request<Full<Bytes>>> for Asking {
    type Response = Response<Counted>;
    type Error = reqwest::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let (Connections { client, lines }, measure) = (self.connections.clone(), self.measure.clone());
        let request = request.map(|inner| reqwest::Body::wrap(Sending { inner, measure: measure.clone() }));
        Box::pin(async move {
            let answer = client.execute(reqwest::Request::try_from(request)?).await?;
            let encoding = answer.headers().get(CONTENT_ENCODING);
            let encoding = encoding.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            measure.answered(lines.of(answer.extensions()), answer.remote_addr(), encoding);
            let mut answer = Response::from(answer).map(|inner| Counted { inner, measure });
            let received = Received(answer.headers().clone());
            answer.extensions_mut().insert(received);
            Ok(answer)
        })
    }
}

/// The body of a request, which notes when it was handed over to a connection.
#[derive(Debug)]
struct Sending {
    inner: Full<Bytes>,
    measure: Measure,
}

impl Body for Sending {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.measure.sent();
        Pin::new(&mut self.inner).poll_frame(context)
    }

    /// A connection asks this when it writes the head, also of a request without a body.
    fn is_end_stream(&self) -> bool {
        self.measure.sent();
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
