//! The request as HTTP/1.1 writes it (RFC 9112), with the credential's variable in the place of its value.

use super::{authority, credential, target};
use crate::pleo::credential::Scheme;
use crate::pleo::transcript::Transcript;

pub fn write(own: &Transcript) -> String {
    let mut text = format!("{} {} HTTP/1.1\r\nHost: {}\r\n", own.method, target(&own.url), authority(&own.url));
    for (name, value) in &own.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some((scheme, variable)) = credential(own) {
        text.push_str(&match scheme {
            Scheme::Basic => format!("Authorization: Basic <Base64 of ${variable}:>\r\n"),
            Scheme::Bearer => format!("Authorization: Bearer <${variable}>\r\n"),
        });
    }
    if let Some(body) = &own.body {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(own.body.as_deref().unwrap_or_default());
    text
}
