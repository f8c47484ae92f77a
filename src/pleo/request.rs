//! From what a person filled in to what is sent: a [`Draft`] is edited, a [`Prepared`] request is sent.
//!
//! The URL is built here and nowhere else, so what is shown before sending is what is sent. `Prepared` can only be made
//! by [`prepare`], which refuses a credential of another environment or surface.

mod reading;
mod repeated;
mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;

use super::endpoint::{Endpoint, Method, Param, ParamPlace};
use super::environment::Hosts;

pub use reading::DraftError;
pub(super) use reading::take_danger;
use template::template;

/// What is encoded inside one path segment: everything that is not `pchar` of RFC 3986, and `/`, `%`, `?`, `#` with it.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// The same for a free path, whose `/` separate segments and whose `%` may already encode something.
const FREE_PATH: &AsciiSet = &SEGMENT.remove(b'/').remove(b'%');
/// What is encoded in names and values of the query.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'\'')
    .add(b'+')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'~');

/// The media type asked for.
pub const ACCEPT: &str = "application/json;charset=UTF-8";

/// A request being edited. It knows no environment: after a switch it stays as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The operation.
    pub endpoint: Arc<Endpoint>,
    /// One text for each of the endpoint's parameters, in their order; empty means not given.
    pub values: Vec<String>,
    /// Query parameters that the endpoint does not know, as name and value.
    pub extra: Vec<(String, String)>,
    /// Headers of one's own, as name and value; one that is sent anyway takes its place.
    pub own_headers: Vec<(String, String)>,
    /// The body's text; empty means no body.
    pub body: String,
    /// The whole URL of a link to a host that is not one of Pleo's API hosts.
    pub elsewhere: Option<Url>,
}

impl Draft {
    /// A draft of an operation: no values yet, the body prefilled with its required fields.
    #[must_use]
    pub fn new(endpoint: &Endpoint) -> Self {
        let body = endpoint.body.as_ref().map_or_else(String::new, template);
        Self {
            values: vec![String::new(); endpoint.params.len()],
            extra: Vec::new(),
            own_headers: Vec::new(),
            body,
            endpoint: Arc::new(endpoint.clone()),
            elsewhere: None,
        }
    }

    /// A draft of a link to another host, such as a receipt's; used as it is, without any credential.
    #[must_use]
    pub fn elsewhere(method: Method, url: Url) -> Self {
        let mut endpoint = Endpoint::free(method, url.path());
        "A link to another host; no credential goes with it".clone_into(&mut endpoint.purpose);
        Self { elsewhere: Some(url), ..Self::new(&endpoint) }
    }

    /// Gives a path parameter its value.
    ///
    /// # Errors
    /// [`DraftError::NoSuchPathParameter`].
    pub fn set_path(&mut self, name: &str, value: &str) -> Result<(), DraftError> {
        let index = self.endpoint.params.iter().position(|param| param.place == ParamPlace::Path && param.name == name);
        match index {
            Some(index) => {
                value.clone_into(&mut self.values[index]);
                Ok(())
            }
            None => Err(DraftError::NoSuchPathParameter {
                path: self.endpoint.path.clone(),
                name: name.to_owned(),
                names: self.endpoint.path_params().map(|param| param.name.clone()).collect(),
            }),
        }
    }

    /// What is given for a path parameter so far.
    #[must_use]
    pub fn path_value(&self, name: &str) -> Option<&str> {
        let index =
            self.endpoint.params.iter().position(|param| param.place == ParamPlace::Path && param.name == name)?;
        self.values.get(index).map(String::as_str)
    }

    /// Adds a query parameter: to the endpoint's own field of that name, else beside it. A list takes several.
    pub fn add_query(&mut self, name: &str, value: &str) {
        let own = self.endpoint.params.iter().position(|param| param.place == ParamPlace::Query && param.name == name);
        match own {
            Some(index) if self.endpoint.params[index].list && !self.values[index].is_empty() => {
                self.values[index] = format!("{},{value}", self.values[index]);
            }
            Some(index) if self.values[index].is_empty() && !value.is_empty() => {
                value.clone_into(&mut self.values[index]);
            }
            // An empty field is one that is not sent: a name without a value stands beside the fields.
            _ => self.extra.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Every query pair that will be sent, in order; a list gives one pair for each value.
    #[must_use]
    pub fn query(&self) -> Vec<(&str, &str)> {
        let own = self.endpoint.params.iter().zip(&self.values);
        own.filter(|(param, value)| param.place == ParamPlace::Query && !value.is_empty())
            .flat_map(|(param, value)| split_values(param, value).map(|value| (param.name.as_str(), value)))
            .chain(self.extra.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .collect()
    }

    /// Path and query as sent, with `{name}` left where a path parameter is missing.
    #[must_use]
    pub fn target(&self) -> String {
        let mut target = if self.endpoint.is_free() {
            utf8_percent_encode(&self.endpoint.path, FREE_PATH).to_string()
        } else {
            self.endpoint.path.clone()
        };
        for (param, value) in self.endpoint.params.iter().zip(&self.values) {
            if param.place == ParamPlace::Path && !value.is_empty() {
                target =
                    target.replace(&format!("{{{}}}", param.name), &utf8_percent_encode(value, SEGMENT).to_string());
            }
        }
        for (position, (name, value)) in self.query().into_iter().enumerate() {
            target.push(if position == 0 { '?' } else { '&' });
            target.push_str(&query_pair(name, value));
        }
        target
    }

    /// The final URL as text, for showing while the draft is edited.
    #[must_use]
    pub fn url_text(&self, hosts: &Hosts) -> String {
        match &self.elsewhere {
            Some(url) => url.as_str().to_owned(),
            None => format!("{}{}", origin_text(hosts.base(self.endpoint.surface)), self.target()),
        }
    }

    /// Whether a header of one's own says that the body is something else than JSON.
    #[must_use]
    pub fn sends_other_than_json(&self) -> bool {
        let own = self.own_headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        own.is_some_and(|(_, value)| !value.to_ascii_lowercase().contains("json"))
    }

    /// The headers that will be sent besides Authorization and those that HTTP itself needs.
    #[must_use]
    pub fn headers(&self) -> Vec<(String, String)> {
        let mut headers = vec![("Accept".to_owned(), ACCEPT.to_owned())];
        if !self.body.trim().is_empty() {
            let media_type = self.endpoint.body.as_ref().map_or("application/json", |body| body.content_type.as_str());
            headers.push(("Content-Type".to_owned(), media_type.to_owned()));
        }
        let own = |name: &str| self.own_headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
        headers.retain(|(name, _)| !own(name));
        headers.extend(self.own_headers.iter().cloned());
        headers
    }
}

/// The values of one field: a list holds several, separated by commas.
pub fn split_values<'a>(param: &Param, value: &'a str) -> impl Iterator<Item = &'a str> {
    let separator = if param.list { ',' } else { '\0' };
    value.split(separator).map(str::trim).filter(|value| !value.is_empty())
}

/// A base URL without its closing slash.
#[must_use]
pub fn origin_text(base: &Url) -> &str {
    base.as_str().trim_end_matches('/')
}

/// A name and its value as they stand in a query.
pub(in crate::pleo) fn query_pair(name: &str, value: &str) -> String {
    format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY))
}

/// A value as one segment of a path.
pub(in crate::pleo) fn segment(value: &str) -> String {
    utf8_percent_encode(value, SEGMENT).to_string()
}

pub(in crate::pleo) fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
