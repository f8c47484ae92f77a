//! What the options of a command mean for a request, what is told and left out, and what cannot be meant here.

use std::collections::VecDeque;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::table::{Does, OPTIONS, takes_value};
use super::words::Word;
use super::{Authorization, CurlError};
use crate::pleo::endpoint::Method;
use crate::pleo::{handing, headers};
use crate::secret::SecretField;

/// Headers that are sent along whatever they hold.
const KEPT: [&str; 6] =
    ["accept-language", "idempotency-key", "if-match", "if-none-match", "x-correlation-id", "x-request-id"];

/// A browser's own, besides those that begin with `sec-`.
const BROWSERS: [&str; 6] = ["dnt", "origin", "priority", "referer", "upgrade-insecure-requests", "x-requested-with"];

/// From how many letters and digits without a space a value may be a key, whatever its header is called.
const RANDOM: usize = 16;

/// Whether a header is sent along: it is somebody's own, and neither its name nor its looks say that it lets its reader in.
fn is_kept(name: &str, value: &str) -> bool {
    if KEPT.contains(&name) {
        return true;
    }
    let has = |of: fn(&u8) -> bool| value.bytes().any(|byte| of(&byte));
    let random = value.len() >= RANDOM
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !has(|byte| byte.is_ascii_whitespace() || matches!(byte, b';' | b','));
    !BROWSERS.contains(&name)
        && !name.starts_with("sec-")
        && !handing::is_key(name)
        && handing::without_keys(value) == value
        && !random
}

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
    /// Variables in single quotes, which stand in the data as they are.
    unfilled: Vec<String>,
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
            return self.take(
                *does,
                &long,
                Some(&Word { text, variable: word.variable.clone(), unfilled: word.unfilled.clone() }),
            );
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
                let text = self.data_of(word)?;
                match text.strip_prefix('@').filter(|_| file) {
                    Some(name) => self.file = Some(name.to_owned()),
                    None => self.add(&text, "&"),
                }
            }
            Does::Encoded => {
                let encoded = encoded(&self.data_of(word)?)?;
                self.add(&encoded, "&");
            }
            Does::Json => {
                let text = self.data_of(word)?;
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
                    return self.authorized(Authorization::Variable { name: name.clone(), filled: true });
                }
                if let Some(name) = value.split_ascii_whitespace().nth(1).and_then(unfilled) {
                    return self.authorized(Authorization::Variable { name, filled: false });
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
            "accept" if is_json(value) => {}
            "accept-encoding" | "connection" | "content-length" | "expect" | "user-agent" => {}
            other if is_kept(other, value.trim()) && headers::check(name.trim(), value.trim()).is_ok() => {
                self.unfilled.extend(word.unfilled.iter().cloned());
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

    /// Data, and which variables in it no shell fills in.
    fn data_of(&mut self, word: &Word) -> Result<Zeroizing<String>, CurlError> {
        let text = plain(word)?;
        self.unfilled.extend(word.unfilled.iter().cloned());
        Ok(text)
    }

    fn url_of(&mut self, word: &Word) -> Result<(), CurlError> {
        let url = self.data_of(word)?;
        self.urls.push(url);
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
            self.remarks.push(format!(
                "Headers that are left out, as they may hold a key or be a browser's own: {}. Add those that are wanted.",
                others.join(", ")
            ));
        }
        self.unfilled.sort_unstable();
        self.unfilled.dedup();
        if !self.unfilled.is_empty() {
            let (names, it) = (self.unfilled.join(", $"), if self.unfilled.len() == 1 { "it" } else { "them" });
            self.remarks.push(format!("In single quotes a shell does not fill in ${names}: sent as written. Put {it} in double quotes, or write the value."));
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
        return Authorization::Variable { name: told(name), filled: true };
    }
    if let Some(name) = unfilled(&word.text) {
        return Authorization::Variable { name, filled: false };
    }
    let mut field = SecretField::new();
    field.insert(&word.text);
    Authorization::Text { basic, field }
}

/// What curl encodes: all but the unreserved characters of RFC 3986, section 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `name=content`, `=content` or `content`, with the content encoded and the name as it stands; an equals sign goes before an
/// at sign, as in curl.
fn encoded(text: &str) -> Result<String, CurlError> {
    let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
    match text.split_once('=') {
        Some(("", content)) => Ok(encode(content)),
        Some((name, content)) => Ok(format!("{name}={}", encode(content))),
        None if text.contains('@') => Err(CurlError::Unsupported(
            "data in a file that is to be encoded",
            "files that a command names are not read; write the data itself, as name=content",
        )),
        None => Ok(encode(text)),
    }
}

/// Whether an Accept header asks for what is asked for anyway.
fn is_json(value: &str) -> bool {
    let essence = |one: &str| one.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    value.split(',').any(|one| ["*/*", "application/*", "application/json"].contains(&essence(one).as_str()))
}

/// Whether a text is the name of a header.
fn is_name(text: &str) -> bool {
    text.len() <= 40
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte))
}

/// The name of the variable that a credential is written as, where no shell has put its value there: `$NAME` or `${NAME}`,
/// for Basic with a colon behind it.
fn unfilled(text: &str) -> Option<String> {
    let text = text.strip_suffix(':').unwrap_or(text).strip_prefix('$')?;
    let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_name = begins && name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| name.to_owned())
}

/// A name as it may be told: what does not look like one may be something else.
pub(super) fn told(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.len() <= 40 && name.chars().all(plain) { name.to_owned() } else { "that is none".to_owned() }
}
