//! Connections, as reqwest makes them: what is noted while one is made, and which of them a request went over.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use hyper::http::Extensions;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpInfo};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tower_layer::Layer;
use tower_service::Service;

use super::measure::{Line, Measure};

/// Connections whose notes are kept at most. Far fewer are ever open.
const MOST_LINES: usize = 1024;

/// Anything that can go wrong on the way.
type Wrong = Box<dyn std::error::Error + Send + Sync>;

tokio::task_local! {
    /// The request that a connection is made for, and how long that may take.
    pub(super) static ASKED: (Measure, Duration);
    /// The connection that is being made.
    static LINE: Arc<Line>;
}

/// Notes something of the connection that is being made here.
pub(super) fn note(what: impl FnOnce(&Line)) {
    // Nothing is lost where none is: what is called here is called for a connection only.
    let _ = LINE.try_with(|line| what(line));
}

/// It took too long.
#[derive(Debug, thiserror::Error)]
#[error("the time for it was over")]
pub(super) struct TooLong;

/// The connections of a client, by their own addresses. A layer around what makes them.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(Arc<Mutex<HashMap<SocketAddr, Arc<Line>>>>);

impl Lines {
    fn kept(&self) -> MutexGuard<'_, HashMap<SocketAddr, Arc<Line>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that an answer came over.
    pub fn of(&self, answer: &Extensions) -> Option<Arc<Line>> {
        let info = answer.get::<HttpInfo>()?;
        self.kept().get(&info.local_addr()).cloned()
    }

    /// It is made.
    fn keep(&self, connected: &Connected, line: Arc<Line>) {
        let mut extras = Extensions::new();
        connected.get_extras(&mut extras);
        let Some(info) = extras.get::<HttpInfo>() else {
            line.ready(None);
            return;
        };
        line.ready(Some(info.remote_addr()));
        let mut kept = self.kept();
        if kept.len() >= MOST_LINES {
            kept.clear();
        }
        kept.insert(info.local_addr(), line);
    }
}

impl<S> Layer<S> for Lines {
    type Service = Noting<S>;

    fn layer(&self, inner: S) -> Noting<S> {
        Noting { inner, lines: self.clone() }
    }
}

/// Makes connections as what is below it does, within the limit, and notes how.
#[derive(Clone, Debug)]
pub(super) struct Noting<S> {
    inner: S,
    lines: Lines,
}

impl<S, To> Service<To> for Noting<S>
where
    S: Service<To>,
    S::Response: Connection,
    S::Error: Into<Wrong>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = Wrong;
    type Future = BoxFuture<'static, Result<S::Response, Wrong>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Wrong>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: To) -> Self::Future {
        let (line, lines) = (Arc::new(Line::begin()), self.lines.clone());
        let limit = ASKED.try_with(|(measure, limit)| {
            measure.connecting(Arc::clone(&line));
            *limit
        });
        let connecting = LINE.scope(Arc::clone(&line), self.inner.call(to));
        Box::pin(async move {
            let connection = match limit {
                Ok(limit) => tokio::time::timeout(limit, connecting).await.map_err(|_| TooLong)?,
                Err(_) => connecting.await,
            };
            let connection = connection.map_err(Into::into)?;
            lines.keep(&connection.connected(), line);
            Ok(connection)
        })
    }
}

/// The system's resolver, which notes when it began and ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            note(Line::resolving);
            let found: Vec<SocketAddr> = GaiResolver::new().call(name.as_str().parse()?).await?.collect();
            note(Line::resolved);
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
