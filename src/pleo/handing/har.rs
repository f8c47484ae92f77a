//! HTTP Archive 1.2, as browsers' developer tools write and read it.

use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};

use super::quote::is_unseen;
use super::{authorization_told, redact};
use crate::pleo::privacy;
use crate::pleo::request::decode;
use crate::pleo::timing::Timing;
use crate::pleo::transcript::{Answer, Transcript};

/// What is said in the place of a body that is withheld.
const WITHHELD: &str = "Withheld: personal data is masked";

/// Exchanges as one archive, in their order. Whoever is let in by something in it is not: see the module `redact`. While
/// personal data is masked, bodies are withheld, which is said in their place.
#[must_use]
pub fn har(many: &[&Transcript], masked: bool) -> String {
    let entries: Vec<Value> = many.iter().map(|own| entry(own, masked)).collect();
    let comment = if masked {
        "Credentials are named, not shown. Personal data is masked and bodies are withheld."
    } else {
        "Credentials are named, not shown; secrets and signatures of links in answers are replaced."
    };
    let log = json!({
        "log": {
            "version": "1.2",
            "creator": {"name": "pleoscope", "version": env!("CARGO_PKG_VERSION")},
            "entries": entries,
            "comment": comment,
        }
    });
    // A value made of texts and numbers can always be written.
    plain(&serde_json::to_string_pretty(&log).unwrap_or_default())
}

/// JSON with the characters escaped that steer a terminal or cannot be seen. They stand in its strings only.
fn plain(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_unseen(c) {
            plain.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            plain.push(c);
        }
    }
    plain
}

fn entry(own: &Transcript, masked: bool) -> Value {
    let own = &*redact::without_private(own);
    let (time, timings) = timings(&own.timing);
    let mut entry = json!({
        "startedDateTime": own.began.unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        "time": time,
        "request": request(own, masked),
        "response": response(own, masked),
        "cache": {},
        "timings": timings,
    });
    // Behind a proxy its address is not the server's.
    if let (Some(remote), None) = (own.wire.remote, &own.wire.proxy) {
        entry["serverIPAddress"] = remote.ip().to_string().into();
    }
    let operation = own.operation.as_deref().unwrap_or("free request");
    let mut comment = format!("{operation} in {}", own.environment);
    if let Some(failure) = &own.failure {
        let failure = redact::text(failure);
        comment.push_str(&format!(": {}", privacy::veiled(&failure, masked)));
    } else if own.answer.is_none() {
        comment.push_str(": not sent");
    }
    if own.began.is_none() {
        comment.push_str("; the time is not known");
    }
    entry["comment"] = comment.into();
    entry
}

fn request(own: &Transcript, masked: bool) -> Value {
    let mut headers: Vec<Value> =
        own.headers.iter().map(|(name, value)| pair(name, &redact::header(name, value, masked))).collect();
    if let Some(used) = &own.credential {
        headers.push(pair("Authorization", &authorization_told(used)));
    }
    let url = redact::url(own, masked);
    let mut request = json!({
        "method": own.method.as_str(),
        "url": url,
        "httpVersion": version(own),
        "cookies": [],
        "headers": headers,
        "queryString": query(&url),
        "headersSize": -1,
        "bodySize": own.body.as_ref().map_or(0, String::len),
    });
    if let Some(body) = &own.body {
        let media = own.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let media = media.map_or("application/octet-stream", |(_, value)| value.as_str());
        request["postData"] = if masked {
            json!({"mimeType": media, "text": "", "comment": WITHHELD})
        } else {
            json!({"mimeType": media, "text": redact::text(body)})
        };
    }
    request
}

/// Names and values of a query, decoded.
fn query(url: &str) -> Vec<Value> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|text| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        pair(&decode(name), &decode(value))
    });
    pairs.collect()
}

fn pair(name: &str, value: &str) -> Value {
    json!({"name": name, "value": value})
}

fn version(own: &Transcript) -> &str {
    own.answer.as_ref().map_or("HTTP/1.1", |answer| answer.version.as_str())
}

fn response(own: &Transcript, masked: bool) -> Value {
    let Some(answer) = &own.answer else {
        // What browsers write of a request that nothing came of.
        return json!({
            "status": 0, "statusText": "", "httpVersion": version(own), "cookies": [], "headers": [],
            "content": {"size": 0, "mimeType": "x-unknown"}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
        });
    };
    let told: Vec<(&str, String)> = answer
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value);
            (name.as_str(), redact::header(name, &value, masked).into_owned())
        })
        .collect();
    let first =
        |name: &str| told.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
    json!({
        "status": answer.status,
        "statusText": answer.reason,
        "httpVersion": answer.version,
        "cookies": cookies(answer),
        "headers": told.iter().map(|(name, value)| pair(name, value)).collect::<Vec<_>>(),
        "content": content(own, answer, first("content-type").unwrap_or("x-unknown"), masked),
        "redirectURL": first("location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": own.wire.encoded.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
    })
}

fn content(own: &Transcript, answer: &Answer, media: &str, masked: bool) -> Value {
    let mut content = json!({"size": answer.length, "mimeType": media});
    if let Some(encoded) = own.wire.encoded.filter(|encoded| *encoded < answer.length) {
        content["compression"] = (answer.length - encoded).into();
    }
    match &answer.body {
        _ if answer.length == 0 => content["text"] = "".into(),
        Some(_) if masked => content["comment"] = WITHHELD.into(),
        Some(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => content["text"] = redact::text(text).into(),
            Err(_) => {
                content["text"] = base64::engine::general_purpose::STANDARD.encode(redact::bytes(bytes)).into();
                content["encoding"] = "base64".into();
            }
        },
        None => content["comment"] = "The body was not kept".into(),
    }
    content
}

/// The cookies that were to be set; none is ever kept or sent, and none is told.
fn cookies(answer: &Answer) -> Vec<Value> {
    let set = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    let cookies = set.map(|(_, value)| {
        let text = String::from_utf8_lossy(value);
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next().and_then(|first| first.split_once('=')).map_or("", |(name, _)| name);
        let mut cookie = pair(name.trim(), redact::REDACTED);
        for part in parts {
            let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
            match attribute.to_ascii_lowercase().as_str() {
                "path" => cookie["path"] = value.into(),
                "domain" => cookie["domain"] = value.into(),
                "httponly" => cookie["httpOnly"] = true.into(),
                "secure" => cookie["secure"] = true.into(),
                _ => {}
            }
        }
        cookie
    });
    cookies.collect()
}

/// The sum and the parts of it, in milliseconds; -1 for what did not happen. `send`, `wait` and `receive` may not be absent, and
/// the time of TLS is a part of `connect`.
fn timings(timing: &Timing) -> (Value, Value) {
    let connect = match (timing.tcp, timing.tls) {
        (None, None) => None,
        (tcp, tls) => Some(tcp.unwrap_or_default() + tls.unwrap_or_default()),
    };
    let known = [timing.dns, connect, timing.sent, timing.first_byte, timing.download];
    let rest = timing.total.saturating_sub(known.iter().flatten().sum());
    let wait = timing.first_byte.unwrap_or(rest);
    let blocked = timing.first_byte.map(|_| rest);
    let (send, receive) = (timing.sent.unwrap_or_default(), timing.download.unwrap_or_default());
    let all = [blocked, timing.dns, connect, Some(send), Some(wait), Some(receive)];
    let sum: Duration = all.iter().flatten().sum();
    let maybe = |phase: Option<Duration>| phase.map_or(Value::from(-1), milliseconds);
    let timings = json!({
        "blocked": maybe(blocked),
        "dns": maybe(timing.dns),
        "connect": maybe(connect),
        "send": milliseconds(send),
        "wait": milliseconds(wait),
        "receive": milliseconds(receive),
        "ssl": maybe(timing.tls),
    });
    (milliseconds(sum), timings)
}

fn milliseconds(time: Duration) -> Value {
    // Microseconds are exact enough, and read better.
    #[expect(clippy::cast_precision_loss, reason = "a time in microseconds is far below 2^52")]
    Value::from(time.as_micros() as f64 / 1000.0)
}
