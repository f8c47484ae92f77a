//! What the authorisation server's listener has besides OAuth: its health, and the pre-signed files.

use axum::http::request::Parts;
use axum::http::{Method, header};
use bytes::Bytes;
use serde_json::json;
use url::Url;

use super::answer::{Answer, Outcome, Problem};
use super::server::Door;

/// A link as receipts and uploads carry it: good without credentials, and for a day as it says.
pub fn presigned(base: &Url, path: &str) -> String {
    let mut url = base.clone();
    url.set_path(path);
    let signature = super::data::random::uuid(crate::pleo::environment::Environment::Staging, path, 0).replace('-', "");
    url.query_pairs_mut()
        .append_pair("X-Expires", "86400")
        .append_pair("X-Signature", &format!("{signature}{signature}"));
    url.to_string()
}

/// Answers a request to the authorisation server's listener.
pub fn answer(door: &Door, parts: &Parts, body: &Bytes) -> Outcome {
    let path = parts.uri.path();
    if path == "/health" {
        return Ok(Answer::json(&json!({"status": "UP", "environment": door.environment.name()})).status(200));
    }
    let Some(file) = path.strip_prefix("/files/") else {
        return Err(Problem::new(404, "NOT_FOUND", format!("No route for {} {path}", parts.method)));
    };
    stored(door, parts, file, body)
}

fn stored(door: &Door, parts: &Parts, file: &str, body: &Bytes) -> Outcome {
    // Object stores refuse a request with two ways to be let in, and one without any.
    let signed = parts.uri.query().is_some_and(|query| query.contains("X-Signature="));
    if parts.headers.contains_key(header::AUTHORIZATION) || !signed {
        return Ok(Answer::bytes(Bytes::from_static(DENIED.as_bytes())).status(403).typed("application/xml"));
    }
    match (&parts.method, file.strip_prefix("uploads/")) {
        (&Method::PUT, Some(job)) => {
            super::api::imports::uploaded(&mut door.shared.world(door.environment), job, body.len());
            Ok(Answer::empty().status(200))
        }
        (&Method::GET | &Method::HEAD, None)
            if std::path::Path::new(file).extension().is_some_and(|kind| kind == "pdf") =>
        {
            Ok(Answer::bytes(Bytes::from_static(PDF.as_bytes())).status(200).typed("application/pdf"))
        }
        (&Method::GET | &Method::HEAD, None) => Ok(Answer::bytes(png()).status(200).typed("image/png")),
        _ => Err(Problem::new(405, "METHOD_NOT_ALLOWED", "Method not allowed")),
    }
}

const DENIED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AccessDenied</Code><Message>Only one auth mechanism allowed</Message></Error>";

/// One empty page.
const PDF: &str = "%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj
trailer<</Root 1 0 R>>
%%EOF
";

/// A grey square of one pixel (PNG, third edition).
fn png() -> Bytes {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, *b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    // Deflate's "stored" form: no filter, one grey byte, and the Adler-32 sum of both.
    chunk(&mut file, *b"IDAT", &[0x78, 0x01, 0x01, 2, 0, 0xfd, 0xff, 0, 0x80, 0, 0x82, 0, 0x81]);
    chunk(&mut file, *b"IEND", &[]);
    file.into()
}

fn chunk(file: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    file.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    let from = file.len();
    file.extend(name);
    file.extend(data);
    let sum = crc(&file[from..]);
    file.extend(sum.to_be_bytes());
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}
