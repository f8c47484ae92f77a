//! How long the phases of an exchange took, and what it went over. A phase that did not happen, such as connecting on a
//! connection that was open already, is absent: it is never a zero.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The phases, in the order in which they happen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Timing {
    /// Finding the host's address.
    pub dns: Option<Duration>,
    /// Opening the TCP connection, through a proxy also the way to it and its CONNECT.
    pub tcp: Option<Duration>,
    /// Agreeing on TLS.
    pub tls: Option<Duration>,
    /// Sending the request, its body among it.
    pub sent: Option<Duration>,
    /// From the request's last byte to the first byte of the answer.
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
    /// Bytes of the body as they came, compressed or not.
    pub encoded: Option<u64>,
    /// Bytes of the body as they are shown.
    pub decoded: u64,
}

/// What TLS agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Tls {
    /// `TLS 1.3` or `TLS 1.2`.
    pub version: String,
    /// The cipher suite, by its registered name.
    pub cipher: String,
    /// The server's certificate: whom it is of.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// When it expires.
    #[serde(with = "in_seconds")]
    pub expires: Option<jiff::Timestamp>,
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
