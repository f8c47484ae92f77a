//! A client: connections that are kept for a while, and one request over them at a time.

use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::Full;
use hyper::header::{ACCEPT, CONTENT_ENCODING, Entry, HeaderValue, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_http::decompression::Decompression;
use tower_service::Service;

use super::AGENT;
use super::body::{Counted, Decompressed};
use super::connect::{ASKED, Connector};
use super::failures::Trouble;
use super::measure::Measure;
use super::stream::Over;
use crate::pleo::timing::Timeouts;

/// Connections to the hosts that were asked.
pub(super) type Connections = Client<Connector, Full<Bytes>>;

/// Connections that are made this way. A request is sent again by itself only where not a byte of it had left.
pub(super) fn connections(connector: Connector) -> Connections {
    Client::builder(TokioExecutor::new()).timer(TokioTimer::new()).pool_timer(TokioTimer::new()).build(connector)
}

/// Sends a request and waits for status and headers, within its limits.
pub(super) async fn ask(
    connections: Connections,
    mut request: Request<Full<Bytes>>,
    measure: &Measure,
    limits: Timeouts,
) -> Result<Response<Decompressed>, Trouble> {
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    if let Entry::Vacant(entry) = headers.entry(ACCEPT) {
        entry.insert(HeaderValue::from_static("*/*"));
    }
    let mut captured = capture_connection(&mut request);
    let over = Decompression::new(Asking { connections, measure: measure.clone() }).call(request);
    let answer = ASKED.scope((measure.clone(), limits.connect), over);
    tokio::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => return Ok(answer?),
        connected = captured.wait_for_connection_metadata() => {
            let mut extras = hyper::http::Extensions::new();
            if let Some(connected) = connected.as_ref() {
                connected.get_extras(&mut extras);
            }
            if let Some(Over(line)) = extras.remove() {
                measure.goes_over(line);
            }
        }
    }
    match tokio::time::timeout(limits.first_byte, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Trouble::Silent(limits.first_byte)),
    }
}

/// Sends requests; what comes back is noted before it is decompressed.
struct Asking {
    connections: Connections,
    measure: Measure,
}

impl Service<Request<Full<Bytes>>> for Asking {
    type Response = Response<Counted>;
    type Error = hyper_util::client::legacy::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let (answer, measure) = (self.connections.request(request), self.measure.clone());
        Box::pin(async move {
            let answer = answer.await?;
            let line = answer.extensions().get::<Over>().map(|over| over.0.clone());
            let encoding = answer.headers().get(CONTENT_ENCODING);
            measure.answered(line, encoding.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()));
            Ok(answer.map(|inner| Counted { inner, measure }))
        })
    }
}
