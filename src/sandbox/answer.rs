//! What is answered before it becomes HTTP: a status, a body, and refusals in the words of the surface that refuses.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, header};
use bytes::Bytes;
use serde_json::{Value, json};

use super::faults::Bulk;
use crate::pleo::endpoint::Surface;

/// `application/json` as most of the External API writes it.
pub const JSON_UTF8: &str = "application/json;charset=UTF-8";

/// The body of an answer.
pub enum Payload {
    /// Bytes at hand.
    Bytes(Bytes),
    /// Something made while it is sent.
    Bulk(Bulk),
}

/// An answer.
pub struct Answer {
    /// 0 stands for the first status of success that the operation documents.
    pub status: u16,
    /// The body; an empty one has no content type.
    pub payload: Payload,
    /// The content type, when the surface's usual one does not fit.
    pub content_type: Option<&'static str>,
    /// More headers.
    pub headers: Vec<(HeaderName, String)>,
}

impl Answer {
    /// A JSON body with the operation's own status.
    pub fn json(body: &Value) -> Self {
        Self::bytes(Bytes::from(body.to_string()))
    }

    /// `{"data": …}`.
    pub fn data(data: impl Into<Value>) -> Self {
        Self::json(&json!({"data": data.into()}))
    }

    /// Bytes with the operation's own status.
    pub fn bytes(bytes: Bytes) -> Self {
        Self { status: 0, payload: Payload::Bytes(bytes), content_type: None, headers: Vec::new() }
    }

    /// No body.
    pub fn empty() -> Self {
        Self::bytes(Bytes::new())
    }

    /// The same with another status.
    pub fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same with a content type of its own.
    pub fn typed(self, content_type: &'static str) -> Self {
        Self { content_type: Some(content_type), ..self }
    }

    /// The same with one more header.
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// How many bytes the body has.
    pub fn length(&self) -> u64 {
        match &self.payload {
            Payload::Bytes(bytes) => bytes.len() as u64,
            Payload::Bulk(bulk) => bulk.length(),
        }
    }

    /// As HTTP, and how long the body is.
    pub fn into_response(self, usual_type: &'static str) -> (Response<Body>, u64) {
        let length = self.length();
        let (body, announced) = match self.payload {
            Payload::Bytes(bytes) => (Body::from(bytes), None),
            // Of a body that is made while it is sent the server itself knows no length.
            Payload::Bulk(bulk) => (bulk.into_body(), Some(length)),
        };
        let mut response = Response::new(body);
        *response.status_mut() = axum::http::StatusCode::from_u16(self.status).unwrap_or_default();
        let headers = response.headers_mut();
        if length > 0 {
            let content_type = self.content_type.unwrap_or(usual_type);
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if let Some(length) = announced {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(name, value);
            }
        }
        (response, length)
    }
}

/// A refusal.
#[derive(Debug)]
pub struct Problem {
    /// The status.
    pub status: u16,
    /// The type, as the External API names it.
    pub kind: &'static str,
    /// A sentence.
    pub message: String,
    /// More headers.
    pub headers: Vec<(HeaderName, String)>,
}

/// What a handler gives.
pub type Outcome = Result<Answer, Problem>;

impl Problem {
    /// A refusal without headers of its own.
    pub fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), headers: Vec::new() }
    }

    /// 400 for a parameter.
    pub fn parameter(message: impl Into<String>) -> Self {
        Self::new(400, "PARAMETER_VALIDATION_FAILED", message)
    }

    /// 400 for a value in the body.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "VALIDATION_FAILED", message)
    }

    /// 400 for a body that does not read.
    pub fn mapping(message: impl Into<String>) -> Self {
        Self::new(400, "JSON_MAPPING_EXCEPTION", message)
    }

    /// 404 for an id; the type says of what.
    pub fn unknown(kind: &'static str, what: &str, id: &str) -> Self {
        Self::new(404, kind, format!("{what} {id} was not found"))
    }

    /// The same with one more header.
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// As the surface says it; the authorisation server speaks like the External API here.
    pub fn answer(self, surface: Option<Surface>) -> Answer {
        let body = match surface {
            Some(Surface::Legacy) => json!({
                "statusCode": self.status, "error": legacy_word(self.status), "message": self.message,
            }),
            _ => json!({"type": self.kind, "message": self.message}),
        };
        let answer = Answer::json(&body).status(self.status);
        Answer { headers: self.headers, ..answer }
    }
}

fn legacy_word(status: u16) -> &'static str {
    axum::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}
