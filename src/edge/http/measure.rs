//! What is noted of a connection while it is made and used, and what is told of a request from it. Nothing is estimated:
//! a phase that did not happen, or whose limits are not known, is absent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::app::event::Phase;
use crate::pleo::timing::{Timing, Tls, Wire};

/// From when to when something went on.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    from: Option<Instant>,
    to: Option<Instant>,
}

impl Span {
    const fn is_open(self) -> bool {
        self.from.is_some() && self.to.is_none()
    }

    /// How much of it lay between two moments; nothing where it did not happen, or was over before.
    fn within(self, begun: Instant, ended: Instant) -> Option<Duration> {
        let from = self.from?.max(begun);
        let to = self.to.unwrap_or(ended).min(ended);
        (to > begun).then(|| to.saturating_duration_since(from))
    }
}

/// One connection, from the search for its address on.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<Marks>);

#[derive(Clone, Debug, Default)]
struct Marks {
    dns: Span,
    tcp: Span,
    tls: Span,
    /// When requests could go over it.
    ready: Option<Instant>,
    remote: Option<SocketAddr>,
    chosen: Option<(String, String)>,
    agreed: Option<Tls>,
}

impl Line {
    fn marks(&self) -> MutexGuard<'_, Marks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The way to a host begins. It belongs to finding the address while that is looked up.
    pub fn begin() -> Self {
        let tcp = Span { from: Some(Instant::now()), to: None };
        Self(Mutex::new(Marks { tcp, ..Marks::default() }))
    }

    pub fn resolving(&self) {
        let mut marks = self.marks();
        marks.dns = Span { from: Some(Instant::now()), to: None };
        marks.tcp = Span::default();
    }

    pub fn resolved(&self) {
        let (mut marks, now) = (self.marks(), Instant::now());
        marks.dns.to = Some(now);
        marks.tcp = Span { from: Some(now), to: None };
    }

    /// TLS begins. Through a proxy that is spoken to by TLS, what went before belongs to the way.
    pub fn agreeing(&self) {
        let (mut marks, now) = (self.marks(), Instant::now());
        (marks.tcp.to, marks.tls, marks.agreed) = (Some(now), Span { from: Some(now), to: None }, None);
    }

    /// A certificate was shown. Whether it is good is another question.
    pub fn shown(&self, certificate: Tls) {
        self.marks().agreed = Some(certificate);
    }

    /// Version and cipher were chosen; they are agreed on once the connection is ready.
    pub fn chose(&self, version: &str, cipher: &str) {
        self.marks().chosen = Some((version.to_owned(), cipher.to_owned()));
    }

    /// Requests can go over it now.
    pub fn ready(&self, remote: Option<SocketAddr>) {
        let (mut marks, now) = (self.marks(), Some(Instant::now()));
        (marks.ready, marks.remote) = (now, remote);
        if marks.tls.from.is_some() {
            marks.tls.to = now;
            let agreed = marks.agreed.take().unwrap_or_default();
            let (version, cipher) = marks.chosen.take().unwrap_or_default();
            marks.agreed = Some(Tls { version, cipher, ..agreed });
        } else {
            marks.tcp.to = now;
        }
    }
}

/// What is noted of one request. It can be asked at any time.
#[derive(Clone, Debug)]
pub struct Measure(Arc<Mutex<Seen>>);

#[derive(Debug)]
struct Seen {
    begun: Instant,
    /// The connection that was begun for it.
    connecting: Option<Arc<Line>>,
    /// The connection that it went over.
    used: Option<Arc<Line>>,
    /// Where that leads, which is known of every connection.
    remote: Option<SocketAddr>,
    proxy: Option<String>,
    /// When the last of it was handed over to a connection.
    sent: Option<Instant>,
    head: Option<Instant>,
    ended: Option<Instant>,
    encoding: Option<String>,
    authorities: Option<String>,
    encoded: u64,
    decoded: u64,
}

impl Measure {
    /// A request begins now.
    #[must_use]
    pub fn begin() -> Self {
        let seen = Seen {
            begun: Instant::now(),
            connecting: None,
            used: None,
            remote: None,
            proxy: None,
            sent: None,
            head: None,
            ended: None,
            encoding: None,
            authorities: None,
            encoded: 0,
            decoded: 0,
        };
        Self(Arc::new(Mutex::new(seen)))
    }

    /// When it began.
    #[must_use]
    pub fn began(&self) -> Instant {
        self.seen().begun
    }

    /// All is ready, and the request begins only now.
    pub(super) fn starts(&self) {
        self.seen().begun = Instant::now();
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn connecting(&self, line: Arc<Line>) {
        self.seen().connecting = Some(line);
    }

    /// What is in between, and who vouches for the other side.
    pub(super) fn goes(&self, proxy: Option<String>, authorities: Option<String>) {
        let mut seen = self.seen();
        (seen.proxy, seen.authorities) = (proxy, authorities);
    }

    /// A piece of the request, or all of it, was handed over to a connection.
    pub(super) fn sent(&self) {
        let mut seen = self.seen();
        if seen.head.is_none() {
            seen.sent = Some(Instant::now());
        }
    }

    /// How long it has been waited for the first byte; nothing while the connection is being made.
    pub(super) fn waits(&self) -> Option<Duration> {
        let seen = self.seen();
        let made = match &seen.connecting {
            Some(line) => line.marks().ready,
            None => Some(seen.begun),
        };
        seen.sent.or(made).map(|from| from.elapsed())
    }

    /// Status and headers are here.
    pub(super) fn answered(&self, line: Option<Arc<Line>>, remote: Option<SocketAddr>, encoding: Option<String>) {
        let mut seen = self.seen();
        (seen.used, seen.remote, seen.encoding) = (line, remote, encoding);
        seen.head = Some(Instant::now());
    }

    /// How it is compressed means nothing to us: it is shown as it comes.
    pub(super) fn stays_encoded(&self) {
        self.seen().encoding = None;
    }

    pub(super) fn took(&self, encoded: usize) {
        self.seen().encoded += encoded as u64;
    }

    pub(super) fn gave(&self, decoded: usize) {
        self.seen().decoded += decoded as u64;
    }

    /// It is over, one way or another; the first time counts.
    pub(super) fn over(&self) {
        self.seen().ended.get_or_insert_with(Instant::now);
    }

    /// In which phase a request is that has no answer yet.
    pub(super) fn phase(&self) -> Phase {
        let seen = self.seen();
        let Some(line) = seen.connecting.as_ref().filter(|_| seen.sent.is_none()) else {
            return Phase::Answer;
        };
        let marks = line.marks();
        match [marks.dns, marks.tcp, marks.tls].map(Span::is_open) {
            [true, ..] => Phase::Resolve,
            [_, _, true] => Phase::Tls,
            [_, true, _] => Phase::Connect,
            _ => Phase::Answer,
        }
    }

    /// How long its phases took so far, and what it went over.
    #[must_use]
    pub fn told(&self) -> (Timing, Wire) {
        let seen = self.seen();
        let begun = seen.begun;
        let ended = seen.ended.unwrap_or_else(Instant::now);
        // Once there is an answer, a connection that was made for it and went to another request says nothing of it.
        let line = if seen.head.is_some() { &seen.used } else { &seen.connecting };
        let marks = line.as_ref().map_or_else(Marks::default, |line| line.marks().clone());
        let reused = seen.head.is_some() && marks.ready.is_none_or(|ready| ready <= begun);
        let from = marks.ready.map_or(begun, |ready| ready.max(begun));
        let first = seen.head;
        let between = |from: Option<Instant>, to: Option<Instant>| Some(to?.saturating_duration_since(from?));
        let timing = Timing {
            before: None,
            dns: marks.dns.within(begun, ended),
            tcp: marks.tcp.within(begun, ended),
            tls: marks.tls.within(begun, ended),
            sent: between(Some(from), seen.sent),
            // Where nothing came, it is how long it was waited for.
            first_byte: between(seen.sent, first.or(Some(ended))),
            download: between(first, Some(ended)),
            total: ended.saturating_duration_since(begun),
        };
        let wire = Wire {
            remote: seen.remote.or(marks.remote),
            reused,
            proxy: seen.proxy.clone(),
            tls: marks.agreed,
            encoded: seen.head.map(|_| seen.encoded),
            decoded: seen.decoded,
            encoding: seen.encoding.clone(),
            authorities: seen.authorities.clone(),
        };
        (timing, wire)
    }
}
