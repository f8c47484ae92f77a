//! Two answers beside each other, wherever they come from: what is compared, and what is found.

use std::time::Duration;

use crate::app::event::{Head, Reply, WorkId};
use crate::document::diff::{Diff, DiffError, Options, ShapeDiff, diff, looks_like_data, shape};
use crate::document::{Document, Segment};
use crate::pleo::endpoint::Endpoint;
use crate::pleo::environment::Environment;

/// Headers that differ from answer to answer, or say what is compared anyway; in small letters.
const VOLATILE_HEADERS: [&str; 24] = [
    "age",
    "alt-svc",
    "cf-ray",
    "connection",
    "content-length",
    "date",
    "etag",
    "expires",
    "last-modified",
    "nel",
    "ratelimit-remaining",
    "ratelimit-reset",
    "report-to",
    "server-timing",
    "set-cookie",
    "traceparent",
    "via",
    "x-amz-cf-id",
    "x-amz-cf-pop",
    "x-correlation-id",
    "x-envoy-upstream-service-time",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
];

/// One of the two answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What it is called: its environment's word, with the time where both are of the same.
    pub label: String,
    /// Where it came from.
    pub environment: Environment,
    /// The URL that was asked for.
    pub url: String,
    /// Status and headers.
    pub head: Option<Head>,
    /// How long it took.
    pub elapsed: Duration,
    /// Its body.
    pub document: Document,
    /// Why it is not whole, a sentence.
    pub failure: Option<String>,
}

impl Answer {
    /// One that is still to come.
    #[must_use]
    pub fn awaited(environment: Environment, url: &str) -> Self {
        Self {
            label: environment.banner().to_owned(),
            environment,
            url: url.to_owned(),
            head: None,
            elapsed: Duration::ZERO,
            document: Document::new(),
            failure: None,
        }
    }

    /// Takes what the worker says of a piece of work into an answer that is awaited from it; answers whether that was the end.
    pub fn take(&mut self, own: WorkId, reply: &Reply) -> bool {
        match reply {
            Reply::Progress(id, elapsed) if *id == own => self.elapsed = *elapsed,
            Reply::Head(id, head, elapsed) if *id == own => {
                (self.head, self.elapsed) = (Some(head.clone()), *elapsed);
            }
            Reply::Chunk(id, bytes, piece) if *id == own => self.document.append(bytes.clone(), piece),
            Reply::Stored(id, stored, piece) if *id == own => {
                self.document.append_stored(&stored.store, stored.length, stored.breaks, piece);
            }
            Reply::Done(id, piece, elapsed) if *id == own => {
                self.document.finish(piece);
                self.elapsed = *elapsed;
                return true;
            }
            Reply::Failed(id, failure, piece, elapsed) if *id == own => {
                self.document.finish(piece);
                self.elapsed = *elapsed;
                self.failure = Some(format!("{} ({})", failure.sentence, failure.phase.name()));
                return true;
            }
            _ => {}
        }
        false
    }

    /// The piece of work that a reply to a request is about.
    #[must_use]
    pub const fn work(reply: &Reply) -> Option<WorkId> {
        match reply {
            Reply::Progress(id, ..)
            | Reply::Head(id, ..)
            | Reply::Chunk(id, ..)
            | Reply::Stored(id, ..)
            | Reply::Done(id, ..)
            | Reply::Failed(id, ..) => Some(*id),
            _ => None,
        }
    }

    /// Whether it came whole, and is a success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.failure.is_none() && self.head.as_ref().is_some_and(|head| (200..300).contains(&head.status))
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.head.as_ref().map(|head| head.status)
    }
}

/// A request, and two answers to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Method and path with its query, as sent.
    pub target: String,
    /// Method and path without any value.
    pub shape: String,
    /// The answers, left and right.
    pub sides: [Answer; 2],
}

impl Comparison {
    /// Two answers to a request of this operation, whose path and query were these.
    #[must_use]
    pub fn new(endpoint: &Endpoint, target: &str, sides: [Answer; 2]) -> Self {
        let method = endpoint.method;
        // What was typed may hold an id.
        let hidden = |segment: &str| {
            if segment.is_empty() || (!looks_like_data(segment) && !segment.contains(':')) {
                segment.to_owned()
            } else {
                "{…}".to_owned()
            }
        };
        let path = endpoint.path.split('?').next().unwrap_or_default();
        let path = if endpoint.is_free() {
            path.split('/').map(hidden).collect::<Vec<_>>().join("/")
        } else {
            path.to_owned()
        };
        Self { target: format!("{method} {target}"), shape: format!("{method} {path}"), sides }
    }

    /// The labels, left and right.
    #[must_use]
    pub fn labels(&self) -> [&str; 2] {
        [&self.sides[0].label, &self.sides[1].label]
    }

    /// Whether the statuses differ.
    #[must_use]
    pub fn status_differs(&self) -> bool {
        self.sides[0].status() != self.sides[1].status()
    }

    /// The headers that differ. They are told, and do not make two answers different.
    #[must_use]
    pub fn headers(&self) -> Vec<HeaderDiff> {
        let [Some(left), Some(right)] = [0, 1].map(|side: usize| self.sides[side].head.as_ref()) else {
            return Vec::new();
        };
        let mut names: Vec<String> =
            left.headers.iter().chain(&right.headers).map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort_unstable();
        names.dedup();
        let value = |head: &Head, name: &str| {
            let own = head.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
            let values: Vec<String> = own.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect();
            (!values.is_empty()).then(|| values.join(", "))
        };
        names
            .into_iter()
            .filter(|name| !VOLATILE_HEADERS.contains(&name.as_str()))
            .map(|name| HeaderDiff { left: value(left, &name), right: value(right, &name), name })
            .filter(|own| own.left != own.right)
            .collect()
    }
}

/// A header that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderDiff {
    /// Its name in small letters.
    pub name: String,
    /// Its values on the left, joined by commas.
    pub left: Option<String>,
    /// Its values on the right.
    pub right: Option<String>,
}

/// Two bodies to be compared, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparing {
    /// Left and right.
    pub documents: [Document; 2],
    /// How.
    pub options: Options,
    /// Whether only fields and their types are compared.
    pub shape: bool,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Values that differ.
    Values(Diff),
    /// Fields and their types.
    Shape(ShapeDiff),
}

/// What was found, and whether each list goes on behind what was compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What was found.
    pub outcome: Outcome,
    /// Whether there are more pages, left and right.
    pub more: [bool; 2],
}

impl Found {
    /// Whether the bodies are the same, as far as they were compared.
    #[must_use]
    pub fn is_same(&self) -> bool {
        match &self.outcome {
            Outcome::Values(found) => found.is_same(),
            Outcome::Shape(found) => found.is_same(),
        }
    }
}

/// Compares two bodies. Takes seconds for large ones.
///
/// # Errors
/// [`DiffError`].
pub fn compare(own: &Comparing, cancelled: &dyn Fn() -> bool) -> Result<Found, DiffError> {
    let [left, right] = &own.documents;
    let outcome = if own.shape {
        Outcome::Shape(shape(left, right, &own.options, cancelled)?)
    } else {
        Outcome::Values(diff(left, right, &own.options, cancelled)?)
    };
    let more = [left, right].map(|document| has_more(document, cancelled));
    Ok(Found { outcome, more })
}

/// Whether an answer says that another page follows: Pleo's `pagination`, or the legacy API's `metadata.pageInfo`.
fn has_more(document: &Document, cancelled: &dyn Fn() -> bool) -> bool {
    let value = |path: &[&str]| {
        let path: Vec<Segment> = path.iter().map(|name| Segment::Key((*name).to_owned())).collect();
        let row = document.find_path(0, &path, cancelled).ok()?;
        Some(document.body().read(document.value_range(row)?).into_owned())
    };
    let next = || value(&["metadata", "pageInfo", "nextPageOffset"]).is_some_and(|next| next != b"null");
    document.is_json() && (value(&["pagination", "hasNextPage"]).is_some_and(|says| says == b"true") || next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::endpoint::Method;
    use bytes::Bytes;

    fn answer(environment: Environment, headers: &[(&str, &str)]) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        let head = Head { status: 200, reason: "OK".to_owned(), version: "HTTP/1.1", headers };
        Answer { head: Some(head), ..Answer::awaited(environment, "https://external.pleo.io/x") }
    }

    #[test]
    fn headers_differ_by_name_and_value_but_for_those_that_always_do() {
        let left = answer(Environment::Staging, &[("Date", "a"), ("X-Api", "1"), ("vary", "a"), ("Vary", "b")]);
        let right =
            answer(Environment::Production, &[("date", "b"), ("x-api", "2"), ("vary", "a, b"), ("server", "s")]);
        let own = Comparison::new(&Endpoint::free(Method::Get, "/x"), "/x", [left, right]);
        let told: Vec<_> = own.headers().into_iter().map(|own| (own.name, own.left, own.right)).collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(told, [("server".to_owned(), None, some("s")), ("x-api".to_owned(), some("1"), some("2"))]);
    }

    #[test]
    fn a_path_that_was_typed_is_told_without_what_looks_like_an_id() {
        let sides = || [answer(Environment::Staging, &[]), answer(Environment::Production, &[])];
        let free = Endpoint::free(Method::Get, "/v9/people/E10001/cards?x=1");
        assert_eq!(Comparison::new(&free, "/v9/people/E10001/cards?x=1", sides()).shape, "GET /v9/people/{…}/cards");
    }

    #[test]
    fn an_answer_with_more_pages_says_so() {
        let more = |text: &'static str| has_more(&Document::from_bytes(Bytes::from_static(text.as_bytes())), &|| false);
        assert!(more(r#"{"data":[],"pagination":{"hasNextPage":true}}"#));
        assert!(more(r#"{"employees":[],"metadata":{"pageInfo":{"nextPageOffset":20}}}"#));
        assert!(!more(r#"{"data":[],"pagination":{"hasNextPage":false}}"#));
        assert!(!more(r#"{"data":[{"hasNextPage":true}]}"#) && !more("text"));
    }
}
