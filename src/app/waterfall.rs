//! How an exchange went in time, and what it went over, as rows: for the timing view and for `send --verbose`.

use std::time::Duration;

use jiff::Timestamp;

use super::event::{Head, Phase};
use super::notices::Tone;
use crate::document;
use crate::pleo::handing;
pub use crate::pleo::timing::fine;
use crate::pleo::timing::{Timing, Tls, Wire};

/// A certificate that expires within so many days is warned of.
const SOON: i64 = 21;
/// What is to be done then.
pub const RENEW: &str = "Whoever runs the server must renew it.";

/// What may have gone on in the phase that is called `before`.
pub const BEFORE: &str =
    "its credential was read, fetched or renewed, a first try was refused, or this machine was busy";

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It came to its end, or goes on.
    Whole,
    /// It failed in a phase.
    Failed(Phase),
    /// A person stopped it.
    Cancelled,
}

impl From<Option<Phase>> for Ended {
    fn from(failed: Option<Phase>) -> Self {
        failed.map_or(Self::Whole, Self::Failed)
    }
}

/// A phase in its place among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Its name.
    pub name: &'static str,
    /// When it began, since the start.
    pub from: Duration,
    /// How long it took, or why it is absent.
    pub took: Result<Duration, &'static str>,
    /// Whether it is the one in which the exchange failed.
    pub failed: bool,
}

const fn phases(timing: &Timing) -> [(&'static str, Option<Duration>, Phase); 7] {
    [
        ("before", timing.before, Phase::Setup),
        ("DNS", timing.dns, Phase::Resolve),
        ("TCP", timing.tcp, Phase::Connect),
        ("TLS", timing.tls, Phase::Tls),
        ("sent", timing.sent, Phase::Answer),
        ("first byte", timing.first_byte, Phase::Answer),
        ("download", timing.download, Phase::Body),
    ]
}

/// The last phase that an exchange came to.
#[must_use]
pub fn came_to(timing: &Timing) -> Option<Phase> {
    phases(timing).into_iter().rev().find_map(|(_, took, phase)| took.map(|_| phase))
}

/// The phases in their order. One that did not happen says why, and is never a zero.
#[must_use]
pub fn bars(timing: &Timing, wire: &Wire, head: Option<&Head>, ended: Ended) -> Vec<Bar> {
    let connected = timing.sent.is_some() || timing.first_byte.is_some();
    let shared = head.is_some_and(|head| head.version == "HTTP/2");
    let why = |phase: Phase, name: &str| match phase {
        Phase::Resolve | Phase::Connect | Phase::Tls if wire.reused || (connected && timing.tcp.is_none()) => {
            "was open already"
        }
        Phase::Tls if connected && wire.tls.is_none() => "plain http",
        Phase::Resolve if timing.tcp.is_some() => "no name to look up",
        Phase::Answer if name == "sent" && shared => "not known on HTTP/2",
        _ if ended != Ended::Whole => "not reached",
        _ => "not known",
    };
    let (mut from, mut bars) = (Duration::ZERO, Vec::new());
    for (name, took, phase) in phases(timing) {
        if name == "before" && took.is_none() {
            continue;
        }
        // Sending and waiting fail together; it is the waiting that is told.
        let failed = ended == Ended::Failed(phase) && name != "sent" && name != "before";
        bars.push(Bar { name, from, took: took.ok_or_else(|| why(phase, name)), failed });
        from += took.unwrap_or_default();
    }
    bars
}

/// Columns of the names, in the view and on stderr.
pub const NAMES: usize = 12;

/// At most so many rows tell all of this in so many columns. The day on which a certificate expires has more to it once the
/// time is known, so there may be fewer.
#[must_use]
pub fn most_rows(timing: &Timing, wire: &Wire, head: Option<&Head>, log: &[String], width: usize) -> usize {
    let rows = |text: &str, width: usize| document::wrap_within(text, width.max(1), usize::MAX).len();
    let facts = facts(wire, head, None);
    let facts: usize = facts.iter().map(|fact| rows(&fact.text, width.saturating_sub(NAMES))).sum();
    let log: usize = log.iter().map(|row| rows(row, width)).sum();
    let before = timing.before.map_or(0, |_| rows(BEFORE, width.saturating_sub(NAMES)));
    // The total, the phase that failed, two empty rows, and what there is to say of the certificate's end.
    bars(timing, wire, head, Ended::Whole).len() + facts + log + before + 8
}

/// So much of the whole, for people: `37 %`, `<1 %`.
#[must_use]
pub fn share(part: Duration, whole: Duration) -> String {
    match part.as_nanos() * 100 / whole.as_nanos().max(1) {
        0 => "<1 %".to_owned(),
        share => format!("{} %", share.min(100)),
    }
}

/// Something that is known of the way, and how it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub name: &'static str,
    /// What it is. It may come from the other side.
    pub text: String,
    /// How it is said.
    pub tone: Tone,
}

/// What an exchange went over; `now` tells how long the certificate is good.
#[must_use]
pub fn facts(wire: &Wire, head: Option<&Head>, now: Option<Timestamp>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |name, text: String, tone| facts.push(Fact { name, text, tone });
    if let Some(head) = head {
        add("protocol", head.version.to_owned(), Tone::Strong);
    }
    if let Some(remote) = wire.remote {
        let reused = if wire.reused { ", a connection that was open already" } else { "" };
        let whose = if wire.proxy.is_some() { ", the proxy's" } else { "" };
        add("address", format!("{remote}{whose}{reused}"), Tone::Strong);
    }
    if let Some(proxy) = &wire.proxy {
        add("proxy", proxy.clone(), Tone::Strong);
    }
    if let Some(tls) = &wire.tls {
        tls_facts(tls, now, &mut add);
    }
    if let Some(file) = &wire.authorities {
        add("authorities", format!("also those of {file}"), Tone::Warning);
    }
    if let Some(encoded) = wire.encoded {
        add("size", sizes(encoded, wire), Tone::Strong);
    }
    if let Some((head, target)) = head.and_then(|head| Some((head, head.header("location")?)))
        && (300..400).contains(&head.status)
    {
        let target = handing::header("location", &target, false);
        add("redirect", format!("to {target}; not followed, as redirects never are"), Tone::Warning);
    }
    facts
}

fn tls_facts(tls: &Tls, now: Option<Timestamp>, add: &mut impl FnMut(&'static str, String, Tone)) {
    let agreed = !tls.version.is_empty();
    if agreed {
        add("TLS", format!("{}, {}", tls.version, tls.cipher), Tone::Strong);
    }
    let refused = if agreed { "" } else { ", which was refused" };
    add("certificate", format!("{}{refused}", named(&tls.subject)), if agreed { Tone::Strong } else { Tone::Error });
    add("issued by", named(&tls.issuer).to_owned(), Tone::Strong);
    let Some(expires) = tls.expires else {
        return;
    };
    let (text, tone) = expiry(expires, now);
    add("expires", if tone == Tone::Strong { text } else { format!("{text}. {RENEW}") }, tone);
}

/// When a certificate expires, in how many days once the time is known, and how urgent that is.
#[must_use]
pub fn expiry(expires: Timestamp, now: Option<Timestamp>) -> (String, Tone) {
    let day = expires.strftime("%Y-%m-%d");
    match now.map(|now| days_left(expires, now)) {
        None => (day.to_string(), Tone::Strong),
        Some(..0) => (format!("{day}: it has expired"), Tone::Error),
        Some(days @ ..SOON) => {
            let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
            (format!("{day}, in {days}"), Tone::Warning)
        }
        Some(days) => (format!("{day}, in {days} days"), Tone::Strong),
    }
}

/// So many whole days are left; less than none when it has expired.
#[must_use]
pub fn days_left(expires: Timestamp, now: Timestamp) -> i64 {
    expires.duration_since(now).as_secs().div_euclid(24 * 60 * 60)
}

/// The name in a certificate, for people.
#[must_use]
pub fn named(name: &str) -> &str {
    if name.is_empty() { "without a name" } else { name }
}

/// How large the body was on the way, and is.
fn sizes(encoded: u64, wire: &Wire) -> String {
    match &wire.encoding {
        // What is decompressed of a body that broke off is no measure of the rest.
        Some(encoding) if encoded > 0 && wire.decoded > 0 => {
            let tenths = u128::from(wire.decoded) * 10 / u128::from(encoded);
            let ratio = format!("{}.{}", tenths / 10, tenths % 10);
            format!("{encoded} bytes as {encoding}, {} decompressed ({ratio} : 1)", wire.decoded)
        }
        Some(encoding) => format!("{encoded} bytes as {encoding}"),
        None => format!("{encoded} bytes, not compressed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(version: &'static str) -> Head {
        Head { status: 200, reason: String::new(), version, headers: Vec::new() }
    }

    #[test]
    fn phases_stand_behind_each_other_and_absent_ones_say_why() {
        let ms = Duration::from_millis;
        let timing = Timing {
            dns: Some(ms(10)),
            tcp: Some(ms(20)),
            tls: Some(ms(30)),
            first_byte: Some(ms(100)),
            download: Some(ms(40)),
            total: ms(200),
            ..Timing::default()
        };
        let told = bars(&timing, &Wire::default(), Some(&head("HTTP/2")), Ended::Whole);
        let starts: Vec<_> = told.iter().map(|bar| (bar.name, bar.from.as_millis())).collect();
        assert_eq!(starts, [("DNS", 0), ("TCP", 10), ("TLS", 30), ("sent", 60), ("first byte", 60), ("download", 160)]);
        assert!(told[3].took.is_err_and(|why| why.contains("HTTP/2")));

        let again = Timing { sent: Some(ms(1)), first_byte: Some(ms(9)), ..Timing::default() };
        let told = bars(&again, &Wire { reused: true, ..Wire::default() }, Some(&head("HTTP/1.1")), Ended::Whole);
        let open = told.iter().filter(|bar| bar.took == Err("was open already"));
        assert_eq!(open.map(|bar| bar.name).collect::<Vec<_>>(), ["DNS", "TCP", "TLS"]);

        let refused = Timing { dns: Some(ms(3)), tcp: Some(ms(4)), ..Timing::default() };
        let told = bars(&refused, &Wire::default(), None, Ended::Failed(Phase::Connect));
        assert!(told[1].failed && told.iter().filter(|bar| bar.failed).count() == 1, "{told:?}");
        assert_eq!(told[2].took, Err("not reached"));

        // On a connection that was open already, and cancelled while the answer was waited for.
        let waited = Timing { sent: Some(ms(1)), first_byte: Some(ms(70)), total: ms(71), ..Timing::default() };
        let told = bars(&waited, &Wire::default(), None, Ended::Cancelled);
        let why: Vec<_> = told.iter().filter_map(|bar| bar.took.err()).collect();
        assert_eq!(why, ["was open already", "was open already", "was open already", "not reached"]);
        assert!(told.iter().all(|bar| !bar.failed));
        assert_eq!(came_to(&waited), Some(Phase::Answer));
    }

    #[test]
    fn a_certificate_is_warned_of_before_it_expires_and_after() {
        let now: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        let said = |expires: &str| {
            let tls = Tls { version: "TLS 1.3".to_owned(), expires: Some(expires.parse().unwrap()), ..Tls::default() };
            let facts = facts(&Wire { tls: Some(tls), ..Wire::default() }, None, Some(now));
            facts.into_iter().find(|fact| fact.name == "expires").map(|fact| (fact.text, fact.tone)).unwrap()
        };
        assert_eq!(said("2027-01-01T12:00:00Z"), ("2027-01-01, in 34 days".to_owned(), Tone::Strong));
        let (text, tone) = said("2026-11-30T12:00:00Z");
        assert!(text.starts_with("2026-11-30, in 2 days. ") && tone == Tone::Warning, "{text}");
        let (text, tone) = said("2026-11-28T11:59:59Z");
        assert!(text.contains("has expired") && tone == Tone::Error, "{text}");
    }

    #[test]
    fn shares_are_never_nothing() {
        assert_eq!(share(Duration::from_micros(3), Duration::from_secs(1)), "<1 %");
        assert_eq!(share(Duration::from_secs(1), Duration::from_secs(1)), "100 %");
    }

    #[test]
    fn a_compressed_body_tells_both_sizes() {
        let wire = Wire { encoded: Some(400), decoded: 1000, encoding: Some("gzip".to_owned()), ..Wire::default() };
        let told = facts(&wire, None, None);
        assert_eq!(told[0].text, "400 bytes as gzip, 1000 decompressed (2.5 : 1)");
    }
}
