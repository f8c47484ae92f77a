//! What goes wrong on the way to a server and back, in sentences.

use std::error::Error;
use std::time::Duration;

use super::connect::TooLong;
use crate::app::event::{Failure, Phase};
use crate::pleo::timing::Timeouts;

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// Something broke on the way.
    #[error(transparent)]
    Broken(#[from] hyper_util::client::legacy::Error),
    /// Nothing came for so long.
    #[error("nothing came")]
    Silent(Duration),
}

/// How to wait longer.
pub(super) fn raise(limit: &str) -> String {
    let flag = limit.replace('_', "-");
    format!("To wait longer: --{flag}-timeout, or {limit} under [timeouts] in the configuration.")
}

/// A length of time as it is given.
pub(super) fn length(limit: Duration) -> String {
    match (limit.as_secs(), limit.subsec_millis()) {
        (1, 0) => "1 second".to_owned(),
        (seconds, 0) => format!("{seconds} seconds"),
        _ => format!("{} ms", limit.as_millis()),
    }
}

/// A whole answer took too long.
pub(super) fn too_slow(host: &str, limit: Duration) -> Failure {
    let sentence = format!("{host} did not end its answer within {}. {}", length(limit), raise("idle"));
    Failure { phase: Phase::Body, sentence }
}

pub(super) fn setup(error: &dyn std::error::Error) -> Failure {
    Failure { phase: Phase::Setup, sentence: format!("The request cannot be built: {error}.") }
}

/// The cause at the bottom of an error, which is the one that a person can do something about.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}

/// An error, what caused it, what caused that.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// Puts a failed request into a sentence; where it stood is known.
pub(super) fn explain(trouble: &Trouble, phase: Phase, host: &str, proxy: Option<&str>, limits: Timeouts) -> Failure {
    let error = match trouble {
        Trouble::Broken(error) => error,
        Trouble::Silent(limit) => {
            let sentence = format!(
                "{host} did not answer within {}: send again, or check its status. {}",
                length(*limit),
                raise("first_byte")
            );
            return Failure { phase: Phase::Answer, sentence };
        }
    };
    let reason = innermost(error);
    let late = causes(error).any(<dyn Error>::is::<TooLong>);
    let through = proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
    let within = length(limits.connect);
    let refused = causes(error)
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|io| io.kind() == std::io::ErrorKind::ConnectionRefused);
    let sentence = match (phase, proxy) {
        (Phase::Resolve | Phase::Connect, Some(proxy)) if late => format!(
            "The proxy {proxy} gave no way to {host} within {within}: check HTTPS_PROXY, ALL_PROXY and NO_PROXY. {}",
            raise("connect")
        ),
        (Phase::Resolve | Phase::Connect, Some(proxy)) => {
            format!("The proxy {proxy} gave no way to {host} ({reason}): check HTTPS_PROXY, ALL_PROXY and NO_PROXY.")
        }
        (Phase::Resolve, None) if late => format!(
            "The address of {host} was not found within {within}: check the network, the VPN or DNS. {}",
            raise("connect")
        ),
        (Phase::Resolve, None) => {
            format!("The address of {host} cannot be found ({reason}): check the network, the VPN or DNS.")
        }
        (Phase::Connect, None) if late => format!(
            "{host} did not take the connection within {within}: check the network, the VPN or a proxy. {}",
            raise("connect")
        ),
        (Phase::Connect, None) if refused => {
            format!("{host} refused the connection: nothing listens there, or a firewall is in between.")
        }
        (Phase::Connect, None) => {
            format!("No connection to {host} ({reason}): check the network, the VPN or a proxy.")
        }
        (Phase::Tls, _) if late => format!(
            "No trusted TLS connection to {host}{through}: it did not agree on one within {within}. Check whether something is in between. {}",
            raise("connect")
        ),
        (Phase::Tls, _) => format!(
            "No trusted TLS connection to {host}{through} ({reason}): check the clock, the certificate and whether something intercepts TLS. An authority of your own is trusted with --cacert FILE."
        ),
        _ if reason.contains("too large") || reason.contains("invalid HTTP") => format!(
            "{host} answered, but without a proper answer: its status line or headers cannot be read ({reason}). Whoever runs it must mend that; sending again will hardly help."
        ),
        _ => {
            format!("{host} closed the connection without a proper answer ({reason}): send again, or check its status.")
        }
    };
    Failure { phase, sentence }
}
