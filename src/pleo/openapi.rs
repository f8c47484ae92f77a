//! Operations out of an OpenAPI document, 3.0 or 3.1, in JSON or YAML (<https://spec.openapis.org/oas/>).
//!
//! Only references within the document are followed. Hosts in `servers` are never used: they say which path the others are
//! below, and nothing else. An operation read here counts as a write unless its method only reads.

mod operation;
mod schema;
#[cfg(test)]
mod tests;
mod text;

use serde_json::Value;
use url::Url;

use super::endpoint::{Endpoint, Method};

/// Operations that are read of one document.
const MOST: usize = 5_000;

/// References that are followed from one place.
const HOPS: usize = 32;

/// Why a document is not read at all.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Neither JSON nor YAML.
    #[error("line {line}, column {column}: {reason}")]
    Text {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// No OpenAPI document of a version that is read.
    #[error("at {pointer:?} of the document: {reason}")]
    Shape {
        /// A JSON pointer (RFC 6901).
        pointer: String,
        /// What is wrong there.
        reason: String,
    },
}

/// An operation that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Method and path.
    pub what: String,
    /// Why.
    pub why: String,
}

/// What a document offers.
#[derive(Debug, Default)]
pub struct Found {
    /// The version as written.
    pub version: String,
    /// Its operations, of the External API; each counts as a write unless its method only reads.
    pub endpoints: Vec<Endpoint>,
    /// What of it is not offered here.
    pub skipped: Vec<Skipped>,
    /// The path that all paths are below, as its servers say; empty for none.
    pub below: String,
}

/// Reads a document.
///
/// # Errors
/// [`DocumentError`], with the place.
pub fn read(text: &str) -> Result<Found, DocumentError> {
    let root = text::read(text)?;
    let version = version(&root)?;
    let document = Document { root: &root };
    let paths = root.get("paths").and_then(Value::as_object).ok_or_else(|| {
        shape("/paths", "there are no paths, so there is nothing to read: is it a whole OpenAPI document?")
    })?;
    let mut found = Found { version, below: below(&root), ..Found::default() };
    for (path, item) in paths {
        // Members of an extension are no paths.
        if path.starts_with("x-") {
            continue;
        }
        let whole = format!("{}{path}", found.below);
        match document.resolve(item) {
            Ok(item) => item_of(&document, &whole, item, &mut found),
            Err(why) => found.skip("", path, &why),
        }
        if found.endpoints.len() > MOST {
            return Err(shape("/paths", "there are more than 5,000 operations: no API has so many"));
        }
    }
    if found.endpoints.is_empty() && found.skipped.is_empty() {
        return Err(shape("/paths", "there is no operation in it"));
    }
    Ok(found)
}

/// The operations of one path.
fn item_of(document: &Document<'_>, path: &str, item: &Value, found: &mut Found) {
    let Some(members) = item.as_object() else {
        found.skip("", path, "it holds no operations");
        return;
    };
    for (name, operation) in members {
        match (name.as_str(), name.parse::<Method>()) {
            (_, Ok(method)) => match operation::read(document, method, path, item.get("parameters"), operation) {
                Ok(endpoint) => found.endpoints.push(endpoint),
                Err(why) => found.skip(method.as_str(), path, &why),
            },
            ("options" | "trace", _) => found.skip(&name.to_uppercase(), path, "this method is not sent from here"),
            // Parameters, summaries and extensions are no operations.
            _ => {}
        }
    }
}

impl Found {
    fn skip(&mut self, method: &str, path: &str, why: &str) {
        let what = operation::clean(format!("{method} {path}").trim(), 120);
        self.skipped.push(Skipped { what, why: why.to_owned() });
    }
}

/// Whether an operation that was written down can be offered: its path can be asked for, and its parameters are those of
/// the path.
///
/// # Errors
/// Why not, in words.
pub fn is_sound(endpoint: &Endpoint) -> Result<(), String> {
    let named = operation::template(&endpoint.path)?;
    let described: Vec<&str> = endpoint.path_params().map(|param| param.name.as_str()).collect();
    if named != described {
        return Err("its path parameters are not those of its path".to_owned());
    }
    if let Some(param) = endpoint.query_params().find(|param| !operation::is_name(&param.name)) {
        return Err(format!("its parameter {:?} has no usable name", operation::clean(&param.name, 40)));
    }
    let media = endpoint.body.as_ref().map(|body| body.content_type.as_str());
    if media.is_some_and(|media| !operation::is_media_type(media)) {
        return Err("its body has no usable media type".to_owned());
    }
    let told = [&endpoint.operation, &endpoint.group, &endpoint.purpose];
    if told.into_iter().any(|text| *text != operation::clean(text, 400)) {
        return Err("its texts hold what cannot be shown".to_owned());
    }
    Ok(())
}

fn shape(pointer: &str, reason: &str) -> DocumentError {
    DocumentError::Shape { pointer: pointer.to_owned(), reason: reason.to_owned() }
}

fn version(root: &Value) -> Result<String, DocumentError> {
    if !root.is_object() {
        return Err(shape("", "it is not an object, as every OpenAPI document is"));
    }
    if root.get("swagger").is_some() {
        return Err(shape("/swagger", "this is Swagger 2.0, the format before OpenAPI 3: convert it first"));
    }
    let version = match root.get("openapi") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(shape("/openapi", "the version is missing: an OpenAPI document begins with `openapi: 3.1.0`")),
    };
    let version = operation::clean(&version, 20);
    if ["3.0", "3.1"].iter().any(|known| version == *known || version.starts_with(&format!("{known}."))) {
        Ok(version)
    } else {
        Err(shape("/openapi", &format!("version {version} is not read here: 3.0 and 3.1 are")))
    }
}

/// The path of the servers' URLs, where all have the same.
fn below(root: &Value) -> String {
    let servers = root.get("servers").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut paths = servers.iter().map(|server| {
        let url = server.get("url").and_then(Value::as_str).unwrap_or_default();
        let base = Url::parse("https://server.invalid/").ok();
        let parsed = Url::options().base_url(base.as_ref()).parse(url).ok().filter(|_| !url.contains('{'));
        parsed.map_or_else(String::new, |url| url.path().trim_end_matches('/').to_owned())
    });
    let first = paths.next().unwrap_or_default();
    if paths.all(|path| path == first) { first } else { String::new() }
}

/// A document whose references are followed.
struct Document<'d> {
    root: &'d Value,
}

impl<'d> Document<'d> {
    /// What a place holds, or what it refers to.
    fn resolve(&self, value: &'d Value) -> Result<&'d Value, String> {
        let mut at = value;
        for _ in 0..HOPS {
            let Some(reference) = at.get("$ref").and_then(Value::as_str) else {
                return Ok(at);
            };
            let pointer = reference
                .strip_prefix('#')
                .ok_or_else(|| format!("it refers to another document ({})", operation::clean(reference, 80)))?;
            let pointer = percent_encoding::percent_decode_str(pointer).decode_utf8_lossy();
            at = self
                .root
                .pointer(&pointer)
                .ok_or_else(|| format!("it refers to {}, which is not there", operation::clean(reference, 80)))?;
        }
        Err("its references go round in a circle".to_owned())
    }
}
