//! From what a person filled in to what is sent: a [`Draft`] is edited, a [`Prepared`] request is sent.
//!
//! The URL is built here and nowhere else, so what is shown before sending is what is sent. `Prepared` can only be made
//! by [`prepare`], which refuses a credential of another environment or surface.

use std::sync::Arc;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;

use super::catalogue::Catalogue;
use super::endpoint::{BodyField, BodyShape, Endpoint, Method, Param, ParamPlace, Surface, ValueType};
use super::environment::{Environment, Environments, Hosts};

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
    /// The body's text; empty means no body.
    pub body: String,
    /// The whole URL of a link to a host that is not one of Pleo's API hosts.
    pub elsewhere: Option<Url>,
}

/// Why a text is no request.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// Not a path.
    #[error("the path {0:?} does not begin with \"/\": write it as in the API reference, for example /v2/employees")]
    NoSlash(String),
    /// Something that a path may not hold.
    #[error("the path {path:?} holds {what} at character {position}: take it out")]
    BadPath {
        /// As typed.
        path: String,
        /// What was found, in words.
        what: &'static str,
        /// Its place, counted from 1.
        position: usize,
    },
    /// A URL of somebody else's.
    #[error(
        "{0:?} is on a host that is not one of Pleo's API hosts of this run: give a path, for example /v2/employees"
    )]
    ForeignUrl(String),
    /// A URL of the environment that is not in force.
    #[error("{url:?} belongs to {wanted}, but {in_force} is in force: switch to {wanted} first or give the path only")]
    OtherEnvironment {
        /// As typed.
        url: String,
        /// Where it leads.
        wanted: Environment,
        /// Where requests go now.
        in_force: Environment,
    },
    /// Not a link.
    #[error("{0:?} is not a link that can be followed: it must begin with https://")]
    NoLink(String),
    /// A path parameter that the path does not have.
    #[error("{path} has no path parameter {name:?}{}", known(.names))]
    NoSuchPathParameter {
        /// The endpoint's path.
        path: String,
        /// As given.
        name: String,
        /// Those it has.
        names: Vec<String>,
    },
}

fn known(names: &[String]) -> String {
    if names.is_empty() { ": it has none".to_owned() } else { format!(": it has {}", names.join(", ")) }
}

impl Draft {
    /// A draft of an operation: no values yet, the body prefilled with its required fields.
    #[must_use]
    pub fn new(endpoint: &Endpoint) -> Self {
        let body = endpoint.body.as_ref().map_or_else(String::new, template);
        Self {
            values: vec![String::new(); endpoint.params.len()],
            extra: Vec::new(),
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

    /// A draft from a link of an answer (a Location, a receipt) to `base`: one to the same host is an operation of its API,
    /// anything else is a link elsewhere, also where it leads to another host of Pleo's.
    ///
    /// # Errors
    /// [`DraftError`] for a text that is no link.
    pub fn from_link(
        method: Method,
        text: &str,
        base: &Url,
        environment: Environment,
        environments: &Environments,
    ) -> Result<Self, DraftError> {
        let mut url = base.join(text.trim()).map_err(|_| DraftError::NoLink(text.to_owned()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(DraftError::NoLink(text.to_owned()));
        }
        // It names a place in what comes back, and is never sent (RFC 9110, section 10.2.2).
        url.set_fragment(None);
        let hosts = environments.of(environment);
        let own = [&hosts.api, &hosts.legacy].into_iter().any(|host| host.origin() == base.origin());
        if !own || url.origin() != base.origin() || !url.username().is_empty() || url.password().is_some() {
            return Ok(Self::elsewhere(method, url));
        }
        Self::from_path(method, url.as_str(), None, environment, environments)
    }

    /// A draft from a method and what was typed as its path: a template of the catalogue, a real path, either with a
    /// query, or a whole URL of the environment in force. A path outside the catalogue is a free request.
    ///
    /// # Errors
    /// [`DraftError`], a sentence that names the text.
    pub fn from_path(
        method: Method,
        text: &str,
        surface: Option<Surface>,
        environment: Environment,
        environments: &Environments,
    ) -> Result<Self, DraftError> {
        let text = text.trim();
        let (url_surface, rest) = strip_base(text, environment, environments)?;
        if !rest.starts_with('/') {
            return Err(DraftError::NoSlash(text.to_owned()));
        }
        if let Some((index, c)) =
            rest.chars().enumerate().find(|(_, c)| c.is_control() || c.is_whitespace() || "\\#".contains(*c))
        {
            let what = match c {
                '\\' => "a backslash",
                '#' => "a fragment, which is never sent,",
                c if c.is_whitespace() => "white space",
                _ => "a control character",
            };
            return Err(DraftError::BadPath { path: text.to_owned(), what, position: index + 1 });
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let catalogue = Catalogue::current();
        let surfaces = surface.or(url_surface).map_or(vec![Surface::External], |surface| vec![surface]);
        let plain = plain(path);
        let found = surfaces.into_iter().find_map(|surface| {
            catalogue.find(surface, method, path).or_else(|| catalogue.find(surface, method, &plain))
        });
        let mut draft = match found {
            Some((endpoint, values)) => {
                let mut draft = Self::new(endpoint);
                for (name, value) in values {
                    draft.set_path(&name, &decode(&value))?;
                }
                draft
            }
            None => {
                let mut endpoint = Endpoint::free(method, path);
                endpoint.surface = surface.or(url_surface).unwrap_or(Surface::External);
                take_danger(&mut endpoint);
                Self::new(&endpoint)
            }
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            draft.add_query(&decode(&name.replace('+', " ")), &decode(&value.replace('+', " ")));
        }
        Ok(draft)
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

    /// The headers that will be sent besides Authorization and those that HTTP itself needs.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("Accept", ACCEPT.to_owned())];
        if !self.body.trim().is_empty() {
            let media_type = self.endpoint.body.as_ref().map_or("application/json", |body| body.content_type.as_str());
            headers.push(("Content-Type", media_type.to_owned()));
        }
        headers
    }
}

/// A path as its server reads it: what needed no encoding is decoded (RFC 3986, section 6.2.2.2), and slashes that are
/// doubled or end it are one or none.
fn plain(path: &str) -> String {
    let mut plain = String::new();
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        let byte = rest.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok()).map(char::from);
        match byte.filter(|c| c.is_ascii_alphanumeric() || "-._~:".contains(*c)) {
            Some(c) => {
                plain.push(c);
                rest = &rest[at + 3..];
            }
            None => {
                plain.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    plain.push_str(rest);
    let segments: Vec<&str> = plain.split('/').filter(|segment| !segment.is_empty()).collect();
    format!("/{}", segments.join("/"))
}

/// A request that is not built in and is one of the dangerous few in another spelling, in another version, or with the right
/// values of its parameters, is as dangerous.
pub(super) fn take_danger(endpoint: &mut Endpoint) {
    let unversioned = |path: &str| {
        let path = plain(path).to_ascii_lowercase();
        let versioned = path.strip_prefix("/v").and_then(|rest| rest.split_once('/'));
        versioned.map_or(path.clone(), |(_, rest)| format!("/{rest}"))
    };
    let own = unversioned(endpoint.path.split('?').next().unwrap_or_default());
    let may_be = |known: &str| {
        let (own, known): (Vec<&str>, Vec<&str>) = (own.split('/').collect(), known.split('/').collect());
        own.len() == known.len() && own.iter().zip(&known).all(|(own, known)| own == known || own.contains('{'))
    };
    let same = |known: &&Endpoint| known.method == endpoint.method && may_be(&unversioned(&known.path));
    let known = Catalogue::embedded().endpoints().iter().filter(|known| known.confirm.is_some()).find(same);
    if let Some(known) = known {
        endpoint.danger.clone_from(&known.danger);
        endpoint.confirm.clone_from(&known.confirm);
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
pub(super) fn query_pair(name: &str, value: &str) -> String {
    format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY))
}

pub(super) fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Takes the base URL off when somebody pasted a whole URL.
fn strip_base<'a>(
    text: &'a str,
    in_force: Environment,
    environments: &Environments,
) -> Result<(Option<Surface>, &'a str), DraftError> {
    if text.starts_with('/') || !text.contains("://") {
        return Ok((None, text));
    }
    let home = Environment::ALL
        .into_iter()
        .flat_map(|environment| [Surface::External, Surface::Legacy].map(|surface| (environment, surface)))
        .find_map(|(environment, surface)| {
            after_origin(text, environments.of(environment).base(surface)).map(|path| (environment, surface, path))
        });
    let (environment, surface, path) = home.ok_or_else(|| DraftError::ForeignUrl(text.to_owned()))?;
    if environment != in_force {
        return Err(DraftError::OtherEnvironment { url: text.to_owned(), wanted: environment, in_force });
    }
    Ok((Some(surface), if path.is_empty() { "/" } else { path }))
}

/// What follows the origin of `base` in a URL as it was typed. The URL library forgives backslashes, white space, full-width
/// letters and other dots on the way to a host; whoever typed those did not mean this one.
fn after_origin<'a>(text: &'a str, base: &Url) -> Option<&'a str> {
    let origin = origin_text(base);
    let (head, rest) = text.split_at_checked(origin.len())?;
    let port = if base.scheme() == "https" { ":443" } else { ":80" };
    let rest = rest.strip_prefix(port).filter(|_| base.port().is_none()).unwrap_or(rest);
    let ends = rest.is_empty() || rest.starts_with(['/', '?', '#']);
    (head.eq_ignore_ascii_case(origin) && ends).then_some(rest)
}

/// A body with the required fields, to be filled in.
fn template(shape: &BodyShape) -> String {
    let object = object_template(&shape.fields);
    let value = if shape.list { serde_json::Value::Array(vec![object]) } else { object };
    if shape.fields.is_empty() {
        return String::new();
    }
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

fn object_template(fields: &[BodyField]) -> serde_json::Value {
    let members = fields.iter().filter(|field| field.required).map(|field| {
        let one = match field.value_type {
            ValueType::Boolean => serde_json::Value::Bool(false),
            ValueType::Integer | ValueType::Number => serde_json::Value::from(0),
            ValueType::Object => object_template(&field.fields),
            _ => serde_json::Value::String(field.choices.first().cloned().unwrap_or_default()),
        };
        let empty = one.as_str().is_some_and(str::is_empty) || one.as_object().is_some_and(serde_json::Map::is_empty);
        let value = match (field.list, empty) {
            (true, true) => serde_json::Value::Array(Vec::new()),
            (true, false) => serde_json::Value::Array(vec![one]),
            (false, _) => one,
        };
        (field.name.clone(), value)
    });
    serde_json::Value::Object(members.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(method: Method, path: &str) -> Draft {
        Draft::from_path(method, path, None, Environment::Staging, &Environments::pleo()).expect("a draft")
    }

    #[test]
    fn base_url_and_path_make_the_final_url() {
        let draft = draft(Method::Get, "/v2/employees?limit=5&companyId=x");
        assert_eq!(
            draft.url_text(Environments::pleo().of(Environment::Production)),
            "https://external.pleo.io/v2/employees?companyId=x&limit=5"
        );
    }

    #[test]
    fn a_path_parameter_is_one_segment_whatever_it_holds() {
        let mut draft = draft(Method::Post, "/v1/vendors/{id}:archive");
        draft.set_path("id", "a/../b?c#d%é").expect("id");
        assert_eq!(draft.target(), "/v1/vendors/a%2F..%2Fb%3Fc%23d%25%C3%A9:archive");
        assert!(draft.set_path("nope", "x").is_err());
    }

    #[test]
    fn a_dangerous_operation_is_known_in_any_spelling() {
        for path in [
            "/v1/installations/me",
            "/v1/installations/%6de",
            "/v1/%69nstallations/me/",
            "//v1//installations/me",
            "/v1/Installations/ME",
            "/v7/installations/me",
        ] {
            let word = draft(Method::Delete, path).endpoint.confirm.clone();
            assert_eq!(word.as_deref(), Some("uninstall"), "{path}");
        }
        assert_eq!(draft(Method::Post, "/v4/export-jobs").endpoint.confirm.as_deref(), Some("export"));
        assert_eq!(draft(Method::Get, "/v1/installations/%6de").endpoint.operation, "get-installation");
        assert_eq!(draft(Method::Delete, "/v1/vendors").endpoint.confirm, None);
    }

    #[test]
    fn lists_repeat_the_name_and_unknown_names_are_kept() {
        let draft = draft(Method::Get, "/v2/employees?sorting_keys=a&sorting_keys=b&who=me%20too");
        assert_eq!(draft.query(), [("sorting_keys", "a"), ("sorting_keys", "b"), ("who", "me too")]);
        assert!(draft.target().ends_with("?sorting_keys=a&sorting_keys=b&who=me%20too"));
    }

    #[test]
    fn bodies_are_prefilled_with_required_fields() {
        assert_eq!(draft(Method::Post, "/v1/accounting-entries:search").body, "{\n  \"includeDeleted\": false\n}");
        assert!(draft(Method::Put, "/v3/export-jobs/{jobId}/items").body.starts_with("[\n  {"));
        assert_eq!(draft(Method::Get, "/v2/employees").body, "");
    }

    #[test]
    fn pasted_urls_are_taken_only_from_the_environment_in_force() {
        let from = |text| Draft::from_path(Method::Get, text, None, Environment::Staging, &Environments::pleo());
        assert_eq!(
            from("https://external.staging.pleo.io/v2/employees?limit=1").expect("own").target(),
            "/v2/employees?limit=1"
        );
        assert_eq!(
            from("https://openapi.staging.pleo.io/v1/employees").expect("legacy").endpoint.surface,
            Surface::Legacy
        );
        assert_eq!(from("https://External.staging.pleo.io:443").expect("own").target(), "/");
        assert!(matches!(from("https://external.pleo.io/v2/employees"), Err(DraftError::OtherEnvironment { .. })));
        for foreign in [
            "https://evil.example/v2",
            "https://external.staging.pleo.io@evil.example/",
            "http://external.staging.pleo.io/",
            "https://external.staging.pleo.io\\@evil.example/",
            "https://exter\tnal.staging.pleo.io/",
            "https://external\u{3002}staging.pleo.io/",
            "https://external.staging.pleo.io:4430/",
        ] {
            assert!(matches!(from(foreign), Err(DraftError::ForeignUrl(_))), "{foreign}");
        }
        assert!(matches!(from("v2/employees"), Err(DraftError::NoSlash(_))));
        assert!(matches!(from("/v2/emp loyees"), Err(DraftError::BadPath { position: 8, .. })));
    }
}
