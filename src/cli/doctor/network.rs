//! What `doctor` asks outside: names, connections, TLS, an answer and what clock it was given by, of each environment.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::json;

use super::{Report, State};
use crate::app::event::{Effect, Head, Reply, WorkId};
use crate::app::notices::Tone;
use crate::app::waterfall;
use crate::cli::Setup;
use crate::edge::doctor::{given, proxy, reach};
use crate::edge::history::History;
use crate::pleo::endpoint::{Method, Surface};
use crate::pleo::environment::{Environment, is_loopback};
use crate::pleo::preflight::Situation;
use crate::pleo::prepared::{Prepared, prepare};
use crate::pleo::request::Draft;
use crate::pleo::timing::{Timing, Tls, Wire};
use crate::worker::{self, Tools};

const PART: &str = "Network";

/// How far a clock may be off before tokens are thought to be expired, or good for longer.
const SKEW: u64 = 60;

/// Looks at all of it.
pub(super) async fn look(report: &mut Report, setup: &Setup, offline: bool) {
    let proxy = proxy();
    match &proxy {
        Some((name, host)) => report.fine(PART, "proxy", format!("{host} ({name})")),
        None => report.fine(PART, "proxy", "none"),
    }
    if let Some(file) = given("SSL_CERT_FILE") {
        if std::fs::File::open(&file).is_ok() {
            report.fine(PART, "authorities", format!("{file} (SSL_CERT_FILE)"));
        } else {
            let remedy = "Set SSL_CERT_FILE to a file of certificates in PEM that you may read, or unset it.";
            report.wrong(PART, "authorities", State::Broken, format!("{file} cannot be read"), remedy);
        }
    }
    if offline {
        return report.fine(PART, "hosts", "not asked, as --offline says");
    }
    for environment in Environment::ALL {
        let hosts = setup.environments.of(environment);
        let mut seen = Vec::new();
        for (name, url) in [("API", &hosts.api), ("legacy API", &hosts.legacy), ("authorisation", &hosts.auth)] {
            let origin = url.origin();
            if seen.contains(&origin) {
                continue;
            }
            seen.push(origin);
            if proxy.is_some() && !is_loopback(url) {
                continue;
            }
            let name = format!("{environment} {name}");
            match reach(url).await {
                Ok((resolved, connected, address)) => {
                    let dns = resolved.map_or_else(String::new, |took| format!(", DNS {}", waterfall::fine(took)));
                    let what = format!("{address}{dns}, TCP {}", waterfall::fine(connected));
                    report.fine(PART, &name, what);
                }
                Err(why) => {
                    let remedy = "Check the network, the VPN and HTTPS_PROXY.";
                    report.wrong(PART, &name, State::Broken, why, remedy);
                }
            }
        }
        asked(report, setup, environment).await;
    }
}

/// Asks the API for its root, without a credential: that it answers at all is what counts.
async fn asked(report: &mut Report, setup: &Setup, environment: Environment) {
    let name = format!("{environment} answer");
    let request = match bare(setup, environment) {
        Ok(request) => request,
        Err(why) => return report.wrong(PART, &name, State::Broken, why, "This is a defect of pleoscope: report it."),
    };
    // Nobody looks for these in the history.
    let tools = Tools { history: History::default(), ..setup.tools.clone() };
    let mut line = worker::start(tools);
    if line.effects.send(Effect::Send(WorkId(1), Box::new(request))).await.is_err() {
        return;
    }
    let (mut answered, mut measured) = (None, None);
    while let Some(reply) = line.replies.recv().await {
        match reply {
            Reply::Head(_, head, took) => answered = Some((head, took)),
            Reply::Measured(_, told) => {
                measured = Some(told);
                // How it went is told once more behind the head; the body is of no interest.
                if answered.is_some() {
                    break;
                }
            }
            Reply::Failed(_, failure, _, _) => {
                let what = format!("{}: {}", failure.phase.name(), failure.sentence);
                let remedy = "Check the network, the clock, HTTPS_PROXY and SSL_CERT_FILE.";
                report.wrong(PART, &name, State::Broken, what, remedy);
                break;
            }
            _ => {}
        }
    }
    if let Some((head, took)) = &answered {
        answer(report, &name, head, *took);
    }
    if let Some(measured) = measured {
        let (timing, wire) = *measured;
        let plain = answered.is_some() && is_loopback(&setup.environments.of(environment).api);
        tls(report, environment, &timing, &wire, plain, Timestamp::now());
    }
    if let Some(date) = answered.and_then(|(head, _)| head.header("date")) {
        clock(report, environment, &date);
    }
}

fn answer(report: &mut Report, name: &str, head: &Head, took: Duration) {
    let what =
        format!("{} {} without a credential, {} in {}", head.status, head.reason, head.version, waterfall::fine(took));
    if head.status >= 500 {
        report.wrong(PART, name, State::Odd, what, "The server has trouble: try again later.");
    } else {
        report.fine(PART, name, what.replace("  ", " "));
    }
}

/// What TLS agreed on, how long that took, and whose certificate it was.
fn tls(report: &mut Report, environment: Environment, timing: &Timing, wire: &Wire, plain: bool, now: Timestamp) {
    let name = format!("{environment} TLS");
    let Some(tls) = &wire.tls else {
        if plain {
            report.fine(PART, &name, "none: plain http on this machine");
        }
        return;
    };
    let agreed = !tls.version.is_empty();
    if agreed {
        let took = timing.tls.map(|took| format!(", agreed on in {}", waterfall::fine(took))).unwrap_or_default();
        report.fine(PART, &name, format!("{}, {}{took}", tls.version, tls.cipher));
        report.more(json!({
            "version": tls.version,
            "cipher": tls.cipher,
            "milliseconds": timing.tls.map(|took| took.as_secs_f64() * 1000.0),
        }));
    }
    certificate(report, environment, tls, agreed, now);
}

fn certificate(report: &mut Report, environment: Environment, tls: &Tls, agreed: bool, now: Timestamp) {
    let name = format!("{environment} certificate");
    let (subject, issuer) = (waterfall::named(&tls.subject), waterfall::named(&tls.issuer));
    let ends = tls.expires.map(|expires| waterfall::expiry(expires, Some(now)));
    let mut what = format!("{subject}, issued by {issuer}");
    if let Some((until, _)) = &ends {
        what.push_str(&format!(", expires {until}"));
    }
    if !agreed {
        let remedy = "It was refused: the answer above says why. Check the clock, HTTPS_PROXY and SSL_CERT_FILE.";
        report.wrong(PART, &name, State::Broken, what, remedy);
    } else if let Some((_, Tone::Warning | Tone::Error)) = ends {
        report.wrong(PART, &name, State::Odd, what, waterfall::RENEW);
    } else {
        report.fine(PART, &name, what);
    }
    report.more(json!({
        "subject": tls.subject,
        "issuer": tls.issuer,
        "expires": tls.expires.map(|expires| expires.to_string()),
        "days_left": tls.expires.map(|expires| waterfall::days_left(expires, now)),
    }));
}

fn bare(setup: &Setup, environment: Environment) -> Result<Prepared, String> {
    let draft = Draft::from_path(Method::Get, "/", Some(Surface::External), environment, &setup.environments)
        .map_err(|error| error.to_string())?;
    prepare(&draft, &Situation::new(environment, &setup.environments, None))
        .map_err(|findings| findings.into_iter().map(|finding| finding.sentence).collect::<Vec<_>>().join(" "))
}

/// Compares the clock with what a server says that it is.
fn clock(report: &mut Report, environment: Environment, date: &str) {
    let Ok(there) = rfc2822::DateTimeParser::new().parse_timestamp(date) else {
        return;
    };
    let ahead = Timestamp::now().duration_since(there).as_secs();
    let name = format!("{environment} clock");
    if ahead.unsigned_abs() <= SKEW {
        return report.fine(PART, &name, "agrees with this machine's");
    }
    let which = if ahead > 0 { "ahead" } else { "behind" };
    let what = format!("this machine's clock is {} s {which}", ahead.unsigned_abs());
    let remedy = "Set the clock by the network (NTP): tokens and certificates are judged by it.";
    report.wrong(PART, &name, State::Broken, what, remedy);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_odd_three_weeks_before_it_expires_and_broken_when_it_was_refused() {
        let now: Timestamp = "2026-11-28T12:00:00Z".parse().expect("a time");
        let told = |expires: &str, version: &str| {
            let agreed = Tls {
                version: version.to_owned(),
                cipher: "TLS13_AES_128_GCM_SHA256".to_owned(),
                subject: "CN=external.pleo.io".to_owned(),
                issuer: "CN=R11, O=Let's Encrypt".to_owned(),
                expires: Some(expires.parse().expect("a time")),
            };
            let timing = Timing { tls: Some(Duration::from_micros(31_500)), ..Timing::default() };
            let mut report = Report::default();
            let wire = Wire { tls: Some(agreed), ..Wire::default() };
            tls(&mut report, Environment::Production, &timing, &wire, false, now);
            report
        };
        let fine = told("2026-12-19T13:00:00Z", "TLS 1.3");
        let [tls, certificate] = fine.0.as_slice() else {
            panic!("TLS and certificate");
        };
        assert_eq!((tls.name.as_str(), tls.state), ("production TLS", State::Fine));
        assert_eq!(tls.what, "TLS 1.3, TLS13_AES_128_GCM_SHA256, agreed on in 32 ms");
        assert_eq!(tls.more["milliseconds"], 31.5);
        let what = "CN=external.pleo.io, issued by CN=R11, O=Let's Encrypt, expires 2026-12-19, in 21 days";
        assert_eq!((certificate.what.as_str(), certificate.state), (what, State::Fine));
        assert_eq!((certificate.more["days_left"].as_i64(), certificate.remedy.as_deref()), (Some(21), None));
        let soon = told("2026-12-19T11:00:00Z", "TLS 1.3");
        assert_eq!((soon.0[1].state, soon.0[1].remedy.as_deref()), (State::Odd, Some(waterfall::RENEW)));
        assert!(soon.0[1].what.ends_with("expires 2026-12-19, in 20 days"), "{}", soon.0[1].what);
        let refused = told("2026-11-27T12:00:00Z", "");
        let [certificate] = refused.0.as_slice() else {
            panic!("a certificate alone");
        };
        assert_eq!((certificate.state, certificate.more["days_left"].as_i64()), (State::Broken, Some(-1)));
        assert!(certificate.what.ends_with("expires 2026-11-27: it has expired"), "{}", certificate.what);
    }

    #[test]
    fn a_clock_that_is_off_is_broken_and_has_a_remedy() {
        let mut report = Report::default();
        clock(&mut report, Environment::Staging, "Tue, 15 Nov 1994 08:12:31 GMT");
        clock(&mut report, Environment::Staging, "no date");
        let [found] = report.0.as_slice() else {
            panic!("one finding");
        };
        assert!(found.state == State::Broken && found.what.ends_with("s ahead") && found.remedy.is_some());
        let now = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now()).expect("a date");
        let mut report = Report::default();
        clock(&mut report, Environment::Staging, &now);
        assert!(report.0.iter().all(|found| found.state == State::Fine) && report.0.len() == 1);
    }
}
