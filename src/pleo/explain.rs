//! What an answer that is no success probably means: what was looked at, and what to do next.
//!
//! Nothing is sent for it. The facts are Pleo's documents and what its public clients ran into.

mod access;
mod missing;
mod refusals;

use std::time::Duration;

use serde_json::Value;

use super::credential::Credential;
use super::environment::Environment;
use super::handing;
use super::identity::Identity;
use super::prepared::Prepared;
use super::retry::retry_after;

/// An answer, and what is known besides.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// What was sent.
    pub request: &'a Prepared,
    /// The status.
    pub status: u16,
    /// `Retry-After` as sent (RFC 9110, section 10.2.3).
    pub retry_after: Option<&'a str>,
    /// `Date` as sent.
    pub date: Option<&'a str>,
    /// `Location` as sent.
    pub location: Option<&'a str>,
    /// `Allow` as sent (RFC 9110, section 10.2.1).
    pub allow: Option<&'a str>,
    /// The beginning of the body.
    pub body: &'a [u8],
    /// Who the credential that went along is.
    pub identity: Option<&'a Identity>,
    /// The other credentials of that environment, with who they are.
    pub others: &'a [(&'a Credential, Option<&'a Identity>)],
}

/// An explanation for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// What probably went wrong.
    pub headline: String,
    /// What was looked at.
    pub checked: Vec<String>,
    /// What to do next, with its key.
    pub next: Vec<String>,
    /// How long the server asks to wait.
    pub wait: Option<Duration>,
}

impl Explanation {
    fn new(headline: impl Into<String>) -> Self {
        Self { headline: headline.into(), ..Self::default() }
    }

    /// The same with more that was looked at, told first.
    #[must_use]
    pub fn also_checked(mut self, what: Vec<String>) -> Self {
        self.checked.splice(0..0, what);
        self
    }

    fn checked(mut self, what: impl Into<String>) -> Self {
        self.checked.push(what.into());
        self
    }

    fn next(mut self, what: impl Into<String>) -> Self {
        self.next.push(what.into());
        self
    }
}

/// The body of a refusal: `type` and `message` of the External API, `error` and `message` of the legacy one.
#[derive(Debug, Default)]
struct Told {
    kind: String,
    message: String,
}

impl Told {
    fn read(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let kind = if text("type").is_empty() { text("error") } else { text("type") };
        let message = if text("message").is_empty() { text("error_description") } else { text("message") };
        Self { kind: kind.to_ascii_uppercase(), message }
    }

    fn says(&self, word: &str) -> bool {
        self.kind.contains(&word.to_ascii_uppercase())
            || self.message.to_ascii_lowercase().contains(&word.to_ascii_lowercase())
    }
}

/// Explains an answer; nothing for a success, and for a link elsewhere only what its status says.
#[must_use]
pub fn explain(answered: &Answered<'_>) -> Option<Explanation> {
    let told = Told::read(answered.body);
    if answered.request.is_elsewhere() {
        return elsewhere(answered);
    }
    Some(match answered.status {
        300..=399 => redirect(answered),
        400 => refusals::bad_request(answered, &told),
        401 => access::unauthorized(answered, &told),
        403 => access::forbidden(answered, &told),
        404 => missing::not_found(answered, &told),
        405 => missing::method_not_allowed(answered),
        409 | 413 | 422 => refusals::conflict(answered, &told),
        415 => Explanation::new("The server does not take this media type.")
            .checked("Content-Type is application/json for every operation that takes a body")
            .next("4 shows the headers that are sent"),
        429 => too_many(answered),
        500..=599 => broken(answered),
        status if status / 100 == 4 => refused(answered, &told),
        _ => return None,
    })
}

/// A refusal about which there is no rule to tell.
fn refused(answered: &Answered<'_>, told: &Told) -> Explanation {
    let headline = if told.message.is_empty() {
        format!("The server refuses this with {} and says no more.", answered.status)
    } else {
        format!("The server refuses this: {}", told.message)
    };
    Explanation::new(headline)
        .checked("Pleo's documents say nothing of this status here")
        .next("v shows the headers, which may tell more")
}

fn elsewhere(answered: &Answered<'_>) -> Option<Explanation> {
    let headline = match answered.status {
        401 | 403 => "The link does not let its reader in: such links work for 24 hours.",
        404 | 410 => "The link leads to nothing any more.",
        300..=399 => return Some(redirect(answered)),
        _ => return None,
    };
    Some(
        Explanation::new(headline)
            .checked("sent without any credential, as such links want it")
            .next("read the record anew, which gives a fresh link, and follow that with F"),
    )
}

fn redirect(answered: &Answered<'_>) -> Explanation {
    let status = answered.status;
    if status == 304 {
        return Explanation::new("Nothing has changed since the copy that was asked about; there is no body.")
            .checked("no header of ours asks for this: something in between may")
            .next("s asks again");
    }
    let Some(location) = answered.location else {
        return Explanation::new("The server points elsewhere and does not say where: there is no Location.")
            .checked("nothing was sent anywhere else")
            .next("v shows the headers, and what the body says");
    };
    let shown = handing::header("location", location, false);
    let explanation =
        Explanation::new(format!("The server points to {shown}; it was not followed: redirects never are."))
            .checked("nothing was sent to the new place");
    let request = answered.request;
    let target = request.url().join(location).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(target) = target else {
        return explanation.next("it is no link that can be followed: ask somebody who knows the server");
    };
    let at_home = target.origin() == request.url().origin();
    if !at_home && target.scheme() == "http" && !super::environment::is_loopback(&target) {
        return explanation
            .next("it would be asked in the clear, which is never done: ask somebody who knows the server");
    }
    let kept = matches!(status, 307 | 308);
    match (at_home, kept && !request.method().is_safe()) {
        (true, true) => explanation.next("F prepares the same request there"),
        (true, false) => explanation.next("F prepares that request"),
        (false, true) => explanation.next("a request that changes data is never sent to another host"),
        (false, false) => {
            explanation.next("F prepares that request, without a credential, since it leads to another host")
        }
    }
}

fn too_many(answered: &Answered<'_>) -> Explanation {
    let wait = answered.retry_after.and_then(|after| retry_after(after, answered.date));
    let explanation = Explanation::new("Too many requests: about 600 a minute are let through.");
    let mut explanation = match (answered.retry_after, wait) {
        (Some(_), Some(_)) => explanation.checked("the server says how long to wait (Retry-After)"),
        (Some(_), None) => explanation.checked("the server's Retry-After cannot be read"),
        (None, _) => explanation.checked("the server does not say how long to wait; a minute will do"),
    };
    explanation.wait = wait;
    explanation.next("s sends again")
}

fn broken(answered: &Answered<'_>) -> Explanation {
    let wait = answered.retry_after.and_then(|after| retry_after(after, answered.date));
    let writes = answered.request.endpoint().writes;
    let production = answered.request.environment() == Environment::Production;
    let explanation = Explanation::new(match answered.status {
        503 => "The server is not available just now; it is not about the request.",
        502 | 504 => "Something between here and the server failed; it is not about the request.",
        _ => "The server failed; it is probably not about the request.",
    });
    let explanation = if writes {
        explanation
            .checked("it may have been done all the same: nothing is sent again by itself")
            .next("read the record first: it tells whether it was done")
            .next("s sends again")
    } else {
        explanation.checked("a read can be sent again without harm").next("s sends again")
    };
    let explanation = Explanation { wait, ..explanation };
    if production { explanation.next("status.pleo.io tells of outages") } else { explanation }
}

#[cfg(test)]
mod tests;
