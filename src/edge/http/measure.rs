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
    proxy: Option<String>,
    agreed: Option<Tls>,
    /// Whether requests share it at the same time.
    shared: bool,
    /// When the system last took bytes.
    written: Option<Instant>,
    /// When bytes first came after that.
    read: Option<Instant>,
}

impl Line {
    fn marks(&self) -> MutexGuard<'_, Marks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The way to an address begins. It belongs to finding the address while that is looked up.
    pub fn reaching(&self) {
        self.marks().tcp.from.get_or_insert_with(Instant::now);
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

    pub fn through(&self, proxy: String) {
        self.marks().proxy = Some(proxy);
    }

    pub fn arrived_at(&self, remote: Option<SocketAddr>) {
        self.marks().remote = remote;
    }

    pub fn reached(&self) {
        self.marks().tcp.to = Some(Instant::now());
    }

    pub fn agreeing(&self) {
        self.marks().tls.from = Some(Instant::now());
    }

    /// A certificate was shown. Whether it is good is another question.
    pub fn shown(&self, certificate: Tls) {
        self.marks().agreed = Some(certificate);
    }

    pub fn agreed(&self, version: String, cipher: String) {
        let mut marks = self.marks();
        marks.tls.to = Some(Instant::now());
        let agreed = marks.agreed.get_or_insert_default();
        (agreed.version, agreed.cipher) = (version, cipher);
    }

    pub fn ready(&self, shared: bool) {
        let mut marks = self.marks();
        (marks.ready, marks.shared) = (Some(Instant::now()), shared);
    }

    pub fn wrote(&self) {
        let mut marks = self.marks();
        (marks.written, marks.read) = (Some(Instant::now()), None);
    }

    pub fn read(&self) {
        self.marks().read.get_or_insert_with(Instant::now);
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
    /// The connection that it went over, and how that stood when the answer began.
    used: Option<(Arc<Line>, Option<Marks>)>,
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

    pub(super) fn trusting(&self, authorities: Option<String>) {
        self.seen().authorities = authorities;
    }

    pub(super) fn goes_over(&self, line: Arc<Line>) {
        self.seen().used = Some((line, None));
    }

    /// Status and headers are here, over this connection.
    pub(super) fn answered(&self, line: Option<Arc<Line>>, encoding: Option<String>) {
        let mut seen = self.seen();
        if let Some(line) = line {
            let marks = line.marks().clone();
            seen.used = Some((line, Some(marks)));
        }
        (seen.head, seen.encoding) = (Some(Instant::now()), encoding);
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
        let Some(line) = seen.connecting.as_ref().filter(|_| seen.used.is_none()) else {
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
        let marks = match (&seen.used, &seen.connecting) {
            (Some((_, Some(marks))), _) => marks.clone(),
            (Some((line, None)), _) | (None, Some(line)) => line.marks().clone(),
            (None, None) => Marks::default(),
        };
        let reused = marks.ready.is_some_and(|ready| ready <= begun);
        let from = marks.ready.map(|ready| ready.max(begun));
        // A write that belongs to a request before this one says nothing of it.
        let sent = marks.written.filter(|written| !marks.shared && from.is_some_and(|from| *written >= from));
        let first =
            seen.head.map(|head| marks.read.filter(|read| sent.is_some_and(|sent| *read >= sent)).unwrap_or(head));
        let between = |from: Option<Instant>, to: Option<Instant>| Some(to?.saturating_duration_since(from?));
        let timing = Timing {
            before: None,
            dns: marks.dns.within(begun, ended),
            tcp: marks.tcp.within(begun, ended),
            tls: marks.tls.within(begun, ended),
            sent: between(from, sent),
            // Where nothing came, it is how long it was waited for.
            first_byte: between(sent.or(from), first.or(Some(ended))),
            download: between(first, Some(ended)),
            total: ended.saturating_duration_since(begun),
        };
        let wire = Wire {
            remote: marks.remote,
            reused,
            proxy: marks.proxy,
            tls: marks.agreed,
            encoded: seen.head.map(|_| seen.encoded),
            decoded: seen.decoded,
            encoding: seen.encoding.clone(),
            authorities: seen.authorities.clone(),
        };
        (timing, wire)
    }
}
