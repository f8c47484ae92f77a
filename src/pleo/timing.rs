//! How long the phases of an exchange took, and what it went over. A phase that did not happen, such as connecting on a
//! connection that was open already, is absent: it is never a zero.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The phases, in the order in which they happen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Timing {
    /// Before it all: a credential was read, fetched or renewed, a first try was refused, or the machine was busy. Nothing
    /// where that took no time.
    pub before: Option<Duration>,
    /// Finding the host's address.
    pub dns: Option<Duration>,
    /// Opening the TCP connection, through a proxy also the way to it and its CONNECT.
    pub tcp: Option<Duration>,
    /// Agreeing on TLS.
    pub tls: Option<Duration>,
    /// Sending the request, its body among it: from when the connection was there until the system had taken the last byte.
    /// Nothing on HTTP/2, where the frames of many things share a connection.
    pub sent: Option<Duration>,
    /// From the request's last byte to the first byte of the answer; from when the connection was there, where the former
    /// is not known.
    pub first_byte: Option<Duration>,
    /// From the first byte of the answer to its last.
    pub download: Option<Duration>,
    /// From the start to the end, whatever happened between.
    pub total: Duration,
}

/// What an exchange went over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Wire {
    /// The address that was connected to: the proxy's, where there is one.
    pub remote: Option<SocketAddr>,
    /// Whether the connection was open already.
    pub reused: bool,
    /// The proxy, as scheme, host and port, without its credentials.
    pub proxy: Option<String>,
    /// What TLS agreed on.
    pub tls: Option<Tls>,
    /// Bytes of the body as they came, compressed or not, without the framing of HTTP.
    pub encoded: Option<u64>,
    /// Bytes of the body as they are shown.
    pub decoded: u64,
    /// How the body was compressed, where it was and was decompressed.
    pub encoding: Option<String>,
    /// The file with more certificate authorities that was in effect, and what named it.
    pub authorities: Option<String>,
}

/// What TLS agreed on, or the certificate alone where it was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Tls {
    /// `TLS 1.3` or `TLS 1.2`; empty where nothing was agreed on.
    pub version: String,
    /// The cipher suite, by its registered name; empty where nothing was agreed on.
    pub cipher: String,
    /// The server's certificate: whom it is of.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// When it expires.
    #[serde(with = "in_seconds")]
    pub expires: Option<jiff::Timestamp>,
}

/// A time as short as it must be and no shorter: `412 µs`, `3.2 ms`, `142 ms`, `3.2 s`.
#[must_use]
pub fn fine(time: Duration) -> String {
    match time.as_micros() {
        0 => "<1 µs".to_owned(),
        micros @ 1..=999 => format!("{micros} µs"),
        micros @ 1_000..=9_949 => format!("{} ms", tenths((micros + 50) / 100)),
        _ => coarse(time),
    }
}

/// A time in milliseconds at the finest: `142 ms`, `3.2 s`, `2 min 05 s`. Like the other one rounded, not cut.
#[must_use]
pub fn coarse(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        0..=499 => "<1 ms".to_owned(),
        500..=999_499 => format!("{} ms", (micros + 500) / 1_000),
        999_500..=59_949_999 => format!("{} s", tenths((micros + 50_000) / 100_000)),
        _ => {
            let seconds = (micros + 500_000) / 1_000_000;
            format!("{} min {:02} s", seconds / 60, seconds % 60)
        }
    }
}

fn tenths(number: u128) -> String {
    format!("{}.{}", number / 10, number % 10)
}

/// How long one waits, each a limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection: address, TCP and TLS together.
    pub connect: Duration,
    /// For status and headers, once there is a connection.
    pub first_byte: Duration,
    /// For the next byte in the middle of a body.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), first_byte: Duration::from_secs(30), idle: Duration::from_secs(30) }
    }
}

/// Limits as far as somebody gave them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GivenTimeouts {
    /// For a connection.
    pub connect: Option<Duration>,
    /// For status and headers.
    pub first_byte: Option<Duration>,
    /// For the next byte of a body.
    pub idle: Option<Duration>,
}

impl GivenTimeouts {
    /// These limits, and those below where nothing is given.
    #[must_use]
    pub fn over(self, below: Timeouts) -> Timeouts {
        Timeouts {
            connect: self.connect.unwrap_or(below.connect),
            first_byte: self.first_byte.unwrap_or(below.first_byte),
            idle: self.idle.unwrap_or(below.idle),
        }
    }
}

/// A point in time as seconds since 1970.
mod in_seconds {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    #[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
    pub fn serialize<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        time.map(Timestamp::as_second).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(from)?.and_then(|seconds| Timestamp::from_second(seconds).ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_and_never_nothing() {
        let fine = [0, 412, 3_250, 9_960, 142_499, 999_600, 2_580_000, 59_960_000, 125_000_000]
            .map(|micros| fine(Duration::from_micros(micros)));
        let wanted = ["<1 µs", "412 µs", "3.3 ms", "10 ms", "142 ms", "1.0 s", "2.6 s", "1 min 00 s", "2 min 05 s"];
        assert_eq!(fine, wanted);
        assert_eq!(
            [0, 1_600, 3_250_000].map(|micros| coarse(Duration::from_micros(micros))),
            ["<1 ms", "2 ms", "3.3 s"]
        );
    }
}
