//! What goes wrong on the way to a server and back, in sentences.

use std::error::Error as _;

use super::{CONNECT, FIRST_BYTE};
use crate::app::event::{Failure, Phase};

pub(super) fn no_answer(host: &str) -> Failure {
    Failure {
        phase: Phase::Answer,
        sentence: format!(
            "{host} did not answer within {} seconds: send again, or check its status.",
            FIRST_BYTE.as_secs()
        ),
    }
}

pub(super) fn setup(error: &dyn std::error::Error) -> Failure {
    Failure { phase: Phase::Setup, sentence: format!("The request cannot be built: {error}.") }
}

/// The cause at the bottom of an error, which is the one that a person can do something about.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Puts a failed request into a sentence.
pub(super) fn explain(error: &reqwest::Error, host: &str, proxy: Option<&str>) -> Failure {
    let reason = innermost(error);
    let io = io_kind(error);
    let (phase, sentence) = if let (Some(proxy), true) = (proxy, error.is_connect() && !is_tls(error)) {
        (
            Phase::Connect,
            format!("The proxy {proxy} gave no way to {host} ({reason}): check HTTPS_PROXY, ALL_PROXY and NO_PROXY."),
        )
    } else if error.is_dns() {
        (
            Phase::Resolve,
            format!("The address of {host} cannot be found ({reason}): check the network, the VPN or DNS."),
        )
    } else if error.is_connect() && error.is_timeout() {
        (
            Phase::Connect,
            format!(
                "{host} did not take the connection within {} seconds: check the network, the VPN or a proxy.",
                CONNECT.as_secs()
            ),
        )
    } else if io == Some(std::io::ErrorKind::ConnectionRefused) {
        (Phase::Connect, format!("{host} refused the connection: nothing listens there, or a firewall is in between."))
    } else if error.is_connect() && is_tls(error) {
        let through = proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
        (
            Phase::Tls,
            format!(
                "No trusted TLS connection to {host}{through} ({reason}): check the clock, the certificate and whether something intercepts TLS."
            ),
        )
    } else if error.is_connect() {
        (Phase::Connect, format!("No connection to {host} ({reason}): check the network, the VPN or a proxy."))
    } else if reason.contains("too large") || reason.contains("invalid HTTP") {
        (
            Phase::Answer,
            format!(
                "{host} answered, but without a proper answer: its status line or headers cannot be read ({reason}). Whoever runs it must mend that; sending again will hardly help."
            ),
        )
    } else {
        (
            Phase::Answer,
            format!(
                "{host} closed the connection without a proper answer ({reason}): send again, or check its status."
            ),
        )
    };
    Failure { phase, sentence }
}

fn io_kind(error: &reqwest::Error) -> Option<std::io::ErrorKind> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        cause = error.source();
    }
    None
}

fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string().to_ascii_lowercase();
        if text.contains("certificate")
            || text.contains("tls")
            || text.contains("handshake")
            || text.contains("invalidcontenttype")
            || text.contains("corrupt message")
        {
            return true;
        }
        cause = error.source();
    }
    false
}
