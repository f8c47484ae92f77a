//! The options of curl: what each means for a request, what is told and left out, and what cannot be meant here.

use std::collections::VecDeque;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::words::Word;
use super::{Authorization, CurlError};
use crate::pleo::endpoint::Method;
use crate::pleo::headers;
use crate::secret::SecretField;

/// What an option does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// A body as it is; with `@` before it, a file unless this says no.
    Data(bool),
    Encoded,
    Json,
    Query,
    Get,
    Head,
    Header,
    Method,
    User,
    Bearer,
    Cookie,
    Url,
    /// Of no meaning here, and nobody would miss it.
    Nothing,
    /// The same, with a value.
    NothingOf,
    /// Left out, which is told: why.
    Told(&'static str),
    /// The same, with a value.
    ToldOf(&'static str),
    /// Makes it another kind of request: why it is not sent.
    Refused(&'static str),
}

const CHECKED: &str = "certificates are always checked";
const REDIRECTS: &str = "redirects are never followed";
const ROUTE: &str = "the way to the host is pleoscope's own";
const OUTPUT: &str = "the answer is shown";
const TIME: &str = "pleoscope has its own times";
const PROTOCOL: &str = "the protocol is agreed on with the server";

/// Long names, short ones, and what they do.
const OPTIONS: &[(&str, char, Does)] = &[
    ("data", 'd', Does::Data(true)),
    ("data-ascii", '\0', Does::Data(true)),
    ("data-binary", '\0', Does::Data(true)),
    ("data-raw", '\0', Does::Data(false)),
    ("data-urlencode", '\0', Does::Encoded),
    ("json", '\0', Does::Json),
    ("url-query", '\0', Does::Query),
    ("get", 'G', Does::Get),
    ("head", 'I', Does::Head),
    ("header", 'H', Does::Header),
    ("request", 'X', Does::Method),
    ("user", 'u', Does::User),
    ("oauth2-bearer", '\0', Does::Bearer),
    ("cookie", 'b', Does::Cookie),
    ("cookie-jar", 'c', Does::Cookie),
    ("url", '\0', Does::Url),
    ("basic", '\0', Does::Nothing),
    ("anyauth", '\0', Does::Nothing),
    ("compressed", '\0', Does::Nothing),
    ("silent", 's', Does::Nothing),
    ("show-error", 'S', Does::Nothing),
    ("include", 'i', Does::Nothing),
    ("show-headers", '\0', Does::Nothing),
    ("verbose", 'v', Does::Nothing),
    ("fail", 'f', Does::Nothing),
    ("fail-with-body", '\0', Does::Nothing),
    ("fail-early", '\0', Does::Nothing),
    ("no-buffer", 'N', Does::Nothing),
    ("no-progress-meter", '\0', Does::Nothing),
    ("progress-bar", '#', Does::Nothing),
    ("globoff", 'g', Does::Nothing),
    ("path-as-is", '\0', Does::Nothing),
    ("disable", 'q', Does::Nothing),
    ("tcp-nodelay", '\0', Does::Nothing),
    ("user-agent", 'A', Does::NothingOf),
    ("referer", 'e', Does::NothingOf),
    ("insecure", 'k', Does::Told(CHECKED)),
    ("location", 'L', Does::Told(REDIRECTS)),
    ("location-trusted", '\0', Does::Told(REDIRECTS)),
    ("max-redirs", '\0', Does::ToldOf(REDIRECTS)),
    ("post301", '\0', Does::Told(REDIRECTS)),
    ("post302", '\0', Does::Told(REDIRECTS)),
    ("post303", '\0', Does::Told(REDIRECTS)),
    ("proxy", 'x', Does::ToldOf(ROUTE)),
    ("proxy-user", 'U', Does::ToldOf(ROUTE)),
    ("proxy-header", '\0', Does::ToldOf(ROUTE)),
    ("noproxy", '\0', Does::ToldOf(ROUTE)),
    ("socks5", '\0', Does::ToldOf(ROUTE)),
    ("socks5-hostname", '\0', Does::ToldOf(ROUTE)),
    ("resolve", '\0', Does::ToldOf(ROUTE)),
    ("connect-to", '\0', Does::ToldOf(ROUTE)),
    ("interface", '\0', Does::ToldOf(ROUTE)),
    ("ipv4", '4', Does::Told(ROUTE)),
    ("ipv6", '6', Does::Told(ROUTE)),
    ("dns-servers", '\0', Does::ToldOf(ROUTE)),
    ("cacert", '\0', Does::ToldOf("--cacert of pleoscope takes one")),
    ("capath", '\0', Does::ToldOf("--cacert of pleoscope takes one")),
    ("cert", 'E', Does::ToldOf("Pleo asks for no certificate")),
    ("key", '\0', Does::ToldOf("Pleo asks for no certificate")),
    ("output", 'o', Does::ToldOf(OUTPUT)),
    ("output-dir", '\0', Does::ToldOf(OUTPUT)),
    ("remote-name", 'O', Does::Told(OUTPUT)),
    ("remote-header-name", 'J', Does::Told(OUTPUT)),
    ("dump-header", 'D', Does::ToldOf(OUTPUT)),
    ("write-out", 'w', Does::ToldOf(OUTPUT)),
    ("trace", '\0', Does::ToldOf(OUTPUT)),
    ("trace-ascii", '\0', Does::ToldOf(OUTPUT)),
    ("stderr", '\0', Does::ToldOf(OUTPUT)),
    ("range", 'r', Does::ToldOf("the answer is wanted whole")),
    ("max-time", 'm', Does::ToldOf(TIME)),
    ("connect-timeout", '\0', Does::ToldOf(TIME)),
    ("speed-time", 'y', Does::ToldOf(TIME)),
    ("speed-limit", 'Y', Does::ToldOf(TIME)),
    ("limit-rate", '\0', Does::ToldOf(TIME)),
    ("expect100-timeout", '\0', Does::ToldOf(TIME)),
    ("retry", '\0', Does::ToldOf("pleoscope has its own rules for trying again")),
    ("retry-delay", '\0', Does::ToldOf("pleoscope has its own rules for trying again")),
    ("retry-max-time", '\0', Does::ToldOf("pleoscope has its own rules for trying again")),
    ("http1.0", '0', Does::Told(PROTOCOL)),
    ("http1.1", '\0', Does::Told(PROTOCOL)),
    ("http2", '\0', Does::Told(PROTOCOL)),
    ("http2-prior-knowledge", '\0', Does::Told(PROTOCOL)),
    ("http3", '\0', Does::Told(PROTOCOL)),
    ("tlsv1", '1', Does::Told(PROTOCOL)),
    ("tlsv1.2", '\0', Does::Told(PROTOCOL)),
    ("tlsv1.3", '\0', Does::Told(PROTOCOL)),
    ("tls-max", '\0', Does::ToldOf(PROTOCOL)),
    ("ciphers", '\0', Does::ToldOf(PROTOCOL)),
    ("netrc", 'n', Does::Told("no credential is read from a .netrc file")),
    ("netrc-optional", '\0', Does::Told("no credential is read from a .netrc file")),
    ("netrc-file", '\0', Does::ToldOf("no credential is read from a .netrc file")),
    ("form", 'F', Does::Refused("no operation of Pleo takes a form of several parts")),
    ("form-string", '\0', Does::Refused("no operation of Pleo takes a form of several parts")),
    ("upload-file", 'T', Does::Refused("give the body's file with --body")),
    ("config", 'K', Does::Refused("write its options into the command")),
    ("next", ':', Does::Refused("give one request at a time")),
    ("digest", '\0', Does::Refused("Pleo takes Bearer and Basic credentials")),
    ("ntlm", '\0', Does::Refused("Pleo takes Bearer and Basic credentials")),
    ("negotiate", '\0', Does::Refused("Pleo takes Bearer and Basic credentials")),
    ("aws-sigv4", '\0', Does::Refused("Pleo takes Bearer and Basic credentials")),
];

/// Headers that are sent along. Any other one may hold a secret, or is a browser's own.
const KEPT: [&str; 6] =
    ["accept-language", "idempotency-key", "if-match", "if-none-match", "x-correlation-id", "x-request-id"];

/// What a command gives.
#[derive(Debug, Default)]
pub struct Given {
    urls: Vec<Zeroizing<String>>,
    method: Option<Zeroizing<String>>,
    head: bool,
    /// Whether the data goes into the query.
    pub get: bool,
    data: Option<String>,
    query: Vec<String>,
    /// The body's text.
    pub body: String,
    /// The file that the body is in.
    pub file: Option<String>,
    /// What the command says that the body is.
    pub content_type: Option<String>,
    /// The credential of `-u`.
    pub(super) user: Option<Authorization>,
    /// The credential of a header.
    pub(super) authorization: Option<Authorization>,
    /// Headers of one's own.
    pub headers: Vec<(String, String)>,
    dropped: Vec<String>,
    told: Vec<(String, &'static str)>,
    globs: bool,
    /// What was left out, a sentence each.
    pub remarks: Vec<String>,
}

impl Given {
    /// Reads the words behind `curl`.
    pub fn read(words: &[Word]) -> Result<Self, CurlError> {
        let mut given = Self { globs: true, ..Self::default() };
        let mut rest: VecDeque<&Word> = words.iter().collect();
        let mut options = true;
        while let Some(word) = rest.pop_front() {
            let text: &str = &word.text;
            if !options || text == "-" || !text.starts_with('-') {
                given.url_of(word)?;
            } else if text == "--" {
                options = false;
            } else if let Some(name) = text.strip_prefix("--") {
                given.long(name, &mut rest)?;
            } else {
                given.short(word, &mut rest)?;
            }
        }
        given.settle();
        Ok(given)
    }

    fn long(&mut self, name: &str, rest: &mut VecDeque<&Word>) -> Result<(), CurlError> {
        let found = OPTIONS.iter().find(|(long, ..)| *long == name);
        let does = match found {
            Some((_, _, does)) => *does,
            // What switches something off that is off here anyway.
            None if name.strip_prefix("no-").is_some_and(|own| OPTIONS.iter().any(|(long, ..)| *long == own)) => {
                Does::Nothing
            }
            None => return Err(CurlError::Option(told(&format!("--{name}")))),
        };
        let own = format!("--{name}");
        let value = if takes_value(does) {
            Some(rest.pop_front().ok_or_else(|| CurlError::NoValue(own.clone()))?)
        } else {
            None
        };
        self.take(does, &own, value)
    }

    /// Letters behind one dash, of which the last may have its value behind it.
    fn short(&mut self, word: &Word, rest: &mut VecDeque<&Word>) -> Result<(), CurlError> {
        let letters = &word.text[1..];
        for (at, letter) in letters.char_indices() {
            let own = format!("-{letter}");
            let found = OPTIONS.iter().find(|(_, short, _)| *short == letter && letter != '\0');
            let Some((long, _, does)) = found else {
                return Err(CurlError::Option(told(&own)));
            };
            let long = format!("--{long}");
            if !takes_value(*does) {
                self.take(*does, &long, None)?;
                continue;
            }
            let behind = &letters[at + letter.len_utf8()..];
            if behind.is_empty() && word.variable.is_none() {
                let value = rest.pop_front().ok_or(CurlError::NoValue(own))?;
                return self.take(*does, &long, Some(value));
            }
            let text = Zeroizing::new(behind.to_owned());
            return self.take(*does, &long, Some(&Word { text, variable: word.variable.clone() }));
        }
        Ok(())
    }

    fn take(&mut self, does: Does, option: &str, value: Option<&Word>) -> Result<(), CurlError> {
        let empty = Word::default();
        let word = value.unwrap_or(&empty);
        match does {
            Does::Nothing | Does::NothingOf => {
                self.globs &= option != "--globoff";
            }
            Does::Told(why) | Does::ToldOf(why) => self.told.push((option.to_owned(), why)),
            Does::Cookie => self.dropped.push("cookie".to_owned()),
            Does::Refused(why) => {
                let name = OPTIONS.iter().find(|(long, ..)| option.strip_prefix("--") == Some(*long));
                return Err(CurlError::Unsupported(name.map_or("an option", |(long, ..)| *long), why));
            }
            Does::Get => self.get = true,
            Does::Head => self.head = true,
            Does::Url => self.url_of(word)?,
            Does::Method => self.method = Some(plain(word)?),
            Does::Data(file) => {
                let text = plain(word)?;
                match text.strip_prefix('@').filter(|_| file) {
                    Some(name) => self.file = Some(name.to_owned()),
                    None => self.add(&text, "&"),
                }
            }
            Does::Encoded => {
                let encoded = encoded(&plain(word)?)?;
                self.add(&encoded, "&");
            }
            Does::Json => {
                let text = plain(word)?;
                match text.strip_prefix('@') {
                    Some(name) => self.file = Some(name.to_owned()),
                    None => self.add(&text, ""),
                }
                self.content_type.get_or_insert_with(|| "application/json".to_owned());
            }
            Does::Query => {
                let text = plain(word)?;
                let pair = match text.strip_prefix('+') {
                    Some(raw) => raw.to_owned(),
                    None => encoded(&text)?,
                };
                self.query.push(pair);
            }
            Does::User => {
                let own = authorization(word, true);
                if self.user.replace(own).is_some() {
                    return Err(CurlError::TwoCredentials);
                }
            }
            Does::Bearer => self.authorized(authorization(word, false))?,
            Does::Header => self.header(word)?,
        }
        Ok(())
    }

    fn header(&mut self, word: &Word) -> Result<(), CurlError> {
        let Some((name, value)) = word.text.split_once(':').or_else(|| word.text.split_once(';')) else {
            return Err(CurlError::Unsupported("a header without a colon", "write it as Name: value"));
        };
        match name.trim().to_ascii_lowercase().as_str() {
            "authorization" => {
                let value = value.trim();
                let scheme = value.split_ascii_whitespace().next().unwrap_or_default();
                let basic = match scheme.to_ascii_lowercase().as_str() {
                    "basic" => true,
                    "bearer" => false,
                    _ => return Err(CurlError::Scheme),
                };
                if let Some(name) = &word.variable {
                    return self.authorized(Authorization::Variable(name.clone()));
                }
                let mut field = SecretField::new();
                field.insert(value);
                self.authorized(Authorization::Text { basic, field })?;
            }
            _ if word.variable.is_some() => {
                plain(word)?;
            }
            "content-type" => self.content_type = Some(value.trim().to_owned()),
            // Those that pleoscope writes itself.
            "accept" | "accept-encoding" | "connection" | "content-length" | "expect" | "user-agent" => {}
            other if KEPT.contains(&other) && headers::check(name.trim(), value.trim()).is_ok() => {
                self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            other => self.dropped.push(if is_name(other) { other.to_owned() } else { "one without a name".to_owned() }),
        }
        Ok(())
    }

    fn authorized(&mut self, own: Authorization) -> Result<(), CurlError> {
        match self.authorization.replace(own) {
            Some(_) => Err(CurlError::TwoCredentials),
            None => Ok(()),
        }
    }

    fn url_of(&mut self, word: &Word) -> Result<(), CurlError> {
        self.urls.push(plain(word)?);
        Ok(())
    }

    /// Several pieces of data are joined as curl joins them.
    fn add(&mut self, text: &str, between: &str) {
        match &mut self.data {
            Some(data) => {
                data.push_str(between);
                data.push_str(text);
            }
            None => self.data = Some(text.to_owned()),
        }
    }

    /// What is known once all is read.
    fn settle(&mut self) {
        self.body = self.data.clone().unwrap_or_default();
        self.dropped.sort_unstable();
        self.dropped.dedup();
        if self.dropped.iter().any(|name| name == "cookie") {
            self.remarks.push("Cookies are left out: pleoscope keeps and sends none.".to_owned());
        }
        let others: Vec<&str> = self.dropped.iter().map(String::as_str).filter(|name| *name != "cookie").collect();
        if !others.is_empty() {
            self.remarks.push(format!("Headers that are left out: {}.", others.join(", ")));
        }
        self.told.dedup();
        if !self.told.is_empty() {
            let told: Vec<String> = self.told.iter().map(|(option, why)| format!("{option} ({why})")).collect();
            self.remarks.push(format!("Without effect here: {}.", told.join(", ")));
        }
    }

    /// The method that curl would use.
    pub fn method(&self) -> Result<Method, CurlError> {
        let body = self.data.is_some() || self.file.is_some();
        Ok(match &self.method {
            // Whatever stands there may be a secret that went astray.
            Some(word) if !word.chars().all(|c| c.is_ascii_alphabetic()) || word.len() > 12 => {
                return Err(CurlError::Unsupported(
                    "a method that is none",
                    "use GET, POST, PUT, PATCH, DELETE or HEAD",
                ));
            }
            Some(word) => word.parse()?,
            None if self.head => Method::Head,
            None if self.get || !body => Method::Get,
            None => Method::Post,
        })
    }

    /// The address, with what goes into its query.
    pub fn url(&self) -> Result<Zeroizing<String>, CurlError> {
        let url = match self.urls.as_slice() {
            [] => return Err(CurlError::NoUrl),
            [one] => one,
            _ => return Err(CurlError::Several),
        };
        if self.globs && url.contains(['{', '}', '[', ']']) {
            return Err(CurlError::Unsupported(
                "an address with braces or brackets, which stands for several",
                "encode them, or add --globoff",
            ));
        }
        let mut url = Zeroizing::new(url.split('#').next().unwrap_or_default().to_owned());
        let data = self.data.as_ref().filter(|_| self.get);
        for pair in data.into_iter().chain(&self.query) {
            let between = if url.contains('?') { '&' } else { '?' };
            url.push(between);
            url.push_str(pair);
        }
        Ok(url)
    }
}

const fn takes_value(does: Does) -> bool {
    !matches!(does, Does::Get | Does::Head | Does::Nothing | Does::Told(_) | Does::Refused(_))
}

/// A word whose value is known.
fn plain(word: &Word) -> Result<Zeroizing<String>, CurlError> {
    match &word.variable {
        Some(name) => Err(CurlError::Variable(told(name))),
        None => Ok(word.text.clone()),
    }
}

/// The credential that an option gives.
fn authorization(word: &Word, basic: bool) -> Authorization {
    if let Some(name) = &word.variable {
        return Authorization::Variable(told(name));
    }
    let mut field = SecretField::new();
    field.insert(&word.text);
    Authorization::Text { basic, field }
}

/// `name=content`, `=content` or `content`, with the content encoded.
fn encoded(text: &str) -> Result<String, CurlError> {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    match text.split_once('=') {
        Some(("", content)) => Ok(encode(content)),
        Some((name, content)) => Ok(format!("{name}={}", encode(content))),
        None if text.contains('@') => {
            Err(CurlError::Unsupported("data from a file to be encoded", "write it into the command"))
        }
        None => Ok(encode(text)),
    }
}

/// Whether a text is the name of a header.
fn is_name(text: &str) -> bool {
    text.len() <= 40
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte))
}

/// A name as it may be told: what does not look like one may be something else.
fn told(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.len() <= 40 && name.chars().all(plain) { name.to_owned() } else { "that is none".to_owned() }
}
