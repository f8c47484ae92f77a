//! Faults on demand: what networks, gateways and servers do on a bad day.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, header};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::answer::{Answer, JSON_UTF8, Payload, Problem};
use crate::units::size;

/// Something that goes wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The answer comes after this long.
    Slow(Duration),
    /// The body comes a few bytes at a time.
    Drip,
    /// The connection is reset in the middle of the body.
    Reset,
    /// The body ends before the length that was announced.
    Truncate,
    /// Status 200 and JSON by its content type, but not by its content.
    Garbage,
    /// A page of employees of about so many bytes.
    Huge(u64),
    /// Arrays within arrays, so many deep.
    Deep(u64),
    /// 429.
    TooManyRequests,
    /// 503.
    Unavailable,
    /// 302 to another host: `other-host` is the API host of the other environment, anything else an absolute URL.
    Redirect(String),
}

/// A word that names no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no fault: use slow=2s (or ms), drip, reset, truncate, garbage, huge=100MB (or kB, GB, KiB, MiB, GiB), deep=100000, 429, 503, redirect=other-host or redirect=URL"
)]
pub struct FaultError(pub String);

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || FaultError(text.to_owned());
        let (name, value) = text.trim().split_once('=').map_or((text.trim(), None), |(n, v)| (n, Some(v)));
        Ok(match (name, value) {
            ("drip", None) => Self::Drip,
            ("reset", None) => Self::Reset,
            ("truncate", None) => Self::Truncate,
            ("garbage", None) => Self::Garbage,
            ("429", None) => Self::TooManyRequests,
            ("503", None) => Self::Unavailable,
            ("slow", Some(value)) => Self::Slow(duration(value).ok_or_else(wrong)?),
            ("huge", Some(value)) => Self::Huge(size(value).ok_or_else(wrong)?),
            ("deep", Some(value)) => Self::Deep(value.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?),
            ("redirect", Some("other-host")) => Self::Redirect("other-host".to_owned()),
            ("redirect", Some(value)) if url::Url::parse(value).is_ok_and(|url| url.has_host()) => {
                Self::Redirect(value.to_owned())
            }
            _ => return Err(wrong()),
        })
    }
}

fn duration(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != '.')?);
    let number: f64 = digits.parse().ok()?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" => number,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

/// Several faults in one text, separated by commas.
pub fn several(text: &str) -> Result<Vec<Fault>, FaultError> {
    text.split(',').filter(|word| !word.trim().is_empty()).map(str::parse).collect()
}

/// The answer that a fault gives instead of the true one, if one does; nothing is looked up or changed then.
pub fn instead(faults: &[Fault], other_host: &str) -> Option<Result<Answer, Problem>> {
    faults.iter().find_map(|fault| {
        Some(match fault {
            Fault::Garbage => Ok(Answer::bytes(Bytes::from_static(GARBAGE)).status(200).typed(JSON_UTF8)),
            Fault::Huge(size) => Ok(bulk(Bulk::Employees(*size))),
            Fault::Deep(depth) => Ok(bulk(Bulk::Arrays(*depth))),
            Fault::TooManyRequests => Err(too_many(30)),
            Fault::Unavailable => {
                let problem = Problem::new(503, "SERVICE_UNAVAILABLE", "The service is temporarily unavailable");
                Err(problem.header(header::RETRY_AFTER, "5"))
            }
            Fault::Redirect(target) => {
                let target = if target == "other-host" { other_host } else { target };
                Ok(Answer::empty().status(302).header(header::LOCATION, target))
            }
            Fault::Slow(_) | Fault::Drip | Fault::Reset | Fault::Truncate => return None,
        })
    })
}

/// 429 with the seconds to wait.
pub fn too_many(seconds: u64) -> Problem {
    Problem::new(429, "TOO_MANY_REQUESTS", "Too many requests, try again later")
        .header(header::RETRY_AFTER, seconds.to_string())
}

fn bulk(bulk: Bulk) -> Answer {
    Answer { payload: Payload::Bulk(bulk), ..Answer::empty().status(200).typed(JSON_UTF8) }
}

/// Half a page of JSON, then what a broken proxy, a colour code, a NUL and bad UTF-8 look like.
const GARBAGE: &[u8] = b"{\"data\":[{\"id\":\x1b[31mBAD GATEWAY\x1b[0m\x07\x1b]0;owned\x07\x1b[2J\x00\x08\xff\xfe\xc3\x28\r\n<html><body>502</body></html>\xe2\x80\xae}";

/// A body that is made while it is sent, in constant memory.
#[derive(Clone, Copy)]
pub enum Bulk {
    /// A page of employees of about so many bytes.
    Employees(u64),
    /// Arrays within arrays, so many deep.
    Arrays(u64),
}

const HEAD: &str = "{\"data\":[";
const TAIL: &str = "],\"pagination\":{\"currentRequestPagination\":{\"parameters\":{}},\"hasNextPage\":false,\"hasPreviousPage\":false}}";
/// People in one piece of a huge page.
const BATCH: u64 = 256;
/// Digits of a person's number, wherever it stands.
const DIGITS: usize = 12;

impl Bulk {
    /// The exact length.
    pub fn length(self) -> u64 {
        match self {
            Self::Arrays(depth) => depth.saturating_mul(2),
            Self::Employees(size) => {
                let (batch, count) = (Batch::new(), Batch::count(size));
                let rest = usize::try_from(count % BATCH).unwrap_or_default();
                let records = count / BATCH * batch.text.len() as u64 + batch.starts[rest] as u64;
                (HEAD.len() + TAIL.len()) as u64 + records - u64::from(count > 0)
            }
        }
    }

    /// The body.
    pub fn into_body(self) -> Body {
        match self {
            Self::Employees(size) => Body::from_stream(stream::iter(employees(size).map(Ok::<_, std::io::Error>))),
            Self::Arrays(depth) => {
                let run = |byte: u8| {
                    let piece = Bytes::from(vec![byte; 1 << 16]);
                    let full = std::iter::repeat_n(piece.clone(), usize::try_from(depth >> 16).unwrap_or(usize::MAX));
                    full.chain(std::iter::once(piece.slice(..usize::try_from(depth & 0xffff).unwrap_or_default())))
                };
                Body::from_stream(stream::iter(run(b'[').chain(run(b']')).map(Ok::<_, std::io::Error>)))
            }
        }
    }
}

/// A piece of a huge page, with the places where numbers are to be written.
struct Batch {
    text: Vec<u8>,
    /// Where each person begins, and the end.
    starts: Vec<usize>,
    /// Where each person's numbers stand.
    numbers: Vec<[usize; 3]>,
}

impl Batch {
    fn new() -> Self {
        let (mut text, mut starts, mut numbers) = (String::new(), vec![0], Vec::new());
        let scripts = super::data::words::scripts();
        for person in 0..usize::try_from(BATCH).unwrap_or_default() {
            let script = &scripts[person % scripts.len()];
            let names = (&script.given[person % script.given.len()], &script.family[person % script.family.len()]);
            text.push_str(",{\"id\":\"00000000-0000-4000-8000-");
            let id = text.len();
            text.push_str("000000000000\",\"companyId\":\"00000000-0000-4000-9000-000000000000\",\"email\":\"");
            text.push_str(&names.0.latin);
            text.push('.');
            let email = text.len();
            text.push_str("000000000000@huge.example\",\"firstName\":\"");
            text.push_str(&names.0.written);
            text.push_str("\",\"lastName\":\"");
            text.push_str(&names.1.written);
            text.push_str("\",\"code\":\"E");
            let code = text.len();
            text.push_str("000000000000\",\"jobTitle\":\"Accountant\",\"phone\":\"+45 00 00 00 00\"}");
            starts.push(text.len());
            numbers.push([id, email, code]);
        }
        Self { text: text.into_bytes(), starts, numbers }
    }

    /// How many people make a page of about this size.
    fn count(size: u64) -> u64 {
        let each = Self::new().text.len() as u64 / BATCH;
        size.saturating_sub((HEAD.len() + TAIL.len()) as u64) / each.max(1)
    }

    fn write(&mut self, first: u64) {
        for (person, places) in self.numbers.iter().enumerate() {
            let mut left = first + person as u64;
            let mut digits = [b'0'; DIGITS];
            for digit in digits.iter_mut().rev() {
                *digit = b'0' + u8::try_from(left % 10).unwrap_or_default();
                left /= 10;
            }
            for place in places {
                self.text[*place..place + DIGITS].copy_from_slice(&digits);
            }
        }
    }
}

fn employees(size: u64) -> impl Iterator<Item = Bytes> {
    let (mut batch, count) = (Batch::new(), Batch::count(size));
    let pieces = (0..count.div_ceil(BATCH)).map(move |piece| {
        batch.write(piece * BATCH);
        let people = usize::try_from((count - piece * BATCH).min(BATCH)).unwrap_or_default();
        let comma = usize::from(piece == 0);
        Bytes::copy_from_slice(&batch.text[comma..batch.starts[people]])
    });
    std::iter::once(Bytes::from_static(HEAD.as_bytes()))
        .chain(pieces)
        .chain(std::iter::once(Bytes::from_static(TAIL.as_bytes())))
}

/// Sends an answer the way its faults want. Setting `abort` makes the connection end with a reset.
pub async fn deliver(
    faults: &[Fault],
    response: Response<Body>,
    length: u64,
    abort: &Arc<AtomicBool>,
) -> Response<Body> {
    let mut response = response;
    for fault in faults {
        match fault {
            Fault::Slow(wait) => tokio::time::sleep(*wait).await,
            Fault::Drip => response = announced(response, length, drip),
            Fault::Truncate => response = announced(response, length, move |body| cut(body, length / 2, None)),
            Fault::Reset => {
                let abort = Arc::clone(abort);
                response = announced(response, length, move |body| cut(body, length / 2, Some(abort)));
            }
            _ => {}
        }
    }
    response
}

/// Changes the body but says the length that the whole one would have had.
fn announced(response: Response<Body>, length: u64, change: impl FnOnce(Body) -> Body) -> Response<Body> {
    let mut response = response.map(change);
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

/// About a thousand bytes a second.
fn drip(body: Body) -> Body {
    let pieces = body.into_data_stream().flat_map(|piece| {
        let pieces: Vec<_> = match piece {
            Ok(bytes) => (0..bytes.len()).step_by(50).map(|at| Ok(bytes.slice(at..bytes.len().min(at + 50)))).collect(),
            Err(error) => vec![Err(error)],
        };
        stream::iter(pieces)
    });
    Body::from_stream(pieces.then(|piece| async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        piece
    }))
}

/// Sends so many bytes, waits until they are likely to have left, then ends: with a reset or by closing.
fn cut(body: Body, keep: u64, abort: Option<Arc<AtomicBool>>) -> Body {
    let start = (body.into_data_stream(), keep, abort);
    Body::from_stream(stream::unfold(Some(start), |state| async {
        let (mut pieces, left, abort) = state?;
        if left > 0
            && let Some(Ok(piece)) = pieces.next().await
        {
            let take = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
            return Some((Ok(piece.slice(..take)), Some((pieces, left - take as u64, abort))));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        if let Some(abort) = abort {
            abort.store(true, Ordering::Release);
        }
        Some((Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)), None))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read() {
        assert_eq!("slow=2s".parse(), Ok(Fault::Slow(Duration::from_secs(2))));
        assert_eq!("slow=250ms".parse(), Ok(Fault::Slow(Duration::from_millis(250))));
        assert_eq!("huge=100MB".parse(), Ok(Fault::Huge(100_000_000)));
        assert_eq!("huge=1KiB".parse(), Ok(Fault::Huge(1024)));
        assert_eq!("deep=100000".parse(), Ok(Fault::Deep(100_000)));
        assert_eq!("redirect=other-host".parse(), Ok(Fault::Redirect("other-host".into())));
        assert_eq!(several("429,drip"), Ok(vec![Fault::TooManyRequests, Fault::Drip]));
        for wrong in
            ["", "slow", "slow=2", "slow=2h", "huge=x", "huge=99999999999GB", "deep=0", "redirect=there", "404"]
        {
            let error = wrong.parse::<Fault>().expect_err(wrong).to_string();
            assert!(error.starts_with(&format!("{wrong:?} ")) && error.contains("slow=2s"), "{error}");
        }
    }

    #[test]
    fn a_huge_page_is_as_long_as_announced_and_valid() {
        for size in [1, 400, 5_000, 200_000] {
            let bytes: Vec<u8> = employees(size).flat_map(|piece| piece.to_vec()).collect();
            assert_eq!(bytes.len() as u64, Bulk::Employees(size).length());
            let page: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
            let people = page["data"].as_array().expect("data");
            assert!(people.last().is_none_or(|last| last["code"] == format!("E{:012}", people.len() - 1)));
        }
    }
}
