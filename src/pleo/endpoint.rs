//! One operation of Pleo's API: its method, path template, parameters, body and what it does to data.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An HTTP method (RFC 9110, section 9) that Pleo's API uses or a free request may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Read.
    Get,
    /// Read without a body in the answer.
    Head,
    /// Create, or search where the path says so.
    Post,
    /// Replace.
    Put,
    /// Change in part.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    /// Every method, in the order in which a picker offers them.
    pub const ALL: [Self; 6] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete, Self::Head];

    /// The method's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether the method by itself only reads ("safe" in RFC 9110, section 9.2.1).
    #[must_use]
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownMethod(text.to_owned()))
    }
}

/// A word that is no method known here.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a method: use GET, POST, PUT, PATCH, DELETE or HEAD")]
pub struct UnknownMethod(pub String);

/// Which of Pleo's two APIs an operation belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Surface {
    /// The current External API.
    External,
    /// The older API, which Pleo calls `OpenAPI`; deprecated.
    Legacy,
}

impl Surface {
    /// The word shown to people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::External => "External",
            Self::Legacy => "Legacy",
        }
    }
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamPlace {
    /// One segment of the path, or a part of it.
    Path,
    /// The query string.
    Query,
}

/// What a value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueType {
    /// Any text.
    String,
    /// RFC 9562, in the usual 8-4-4-4-12 form.
    Uuid,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// ISO 8601 with a date and a time.
    DateTime,
    /// An opaque page cursor: letters A–Z, digits 2–7, `=` and `~`.
    Cursor,
    /// A JSON object.
    Object,
    /// ISO 4217 code of three letters.
    Currency,
    /// ISO 3166-1 code of two letters.
    Country,
    /// An absolute URL.
    Url,
    /// Base64 text.
    Base64,
}

impl ValueType {
    /// The word shown beside a field.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Uuid => "UUID",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "true/false",
            Self::DateTime => "date-time",
            Self::Cursor => "cursor",
            Self::Object => "object",
            Self::Currency => "currency",
            Self::Country => "country",
            Self::Url => "URL",
            Self::Base64 => "Base64",
        }
    }
}

/// A path or query parameter.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// The name on the wire, spelled as this endpoint wants it.
    pub name: String,
    /// Path or query.
    #[serde(rename = "in")]
    pub place: ParamPlace,
    /// What one value looks like.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// Several values: the name is repeated in the query, once per value.
    #[serde(default)]
    pub list: bool,
    /// Whether a request without it is refused.
    #[serde(default)]
    pub required: bool,
    /// The only values allowed, when not empty.
    #[serde(default, rename = "enum")]
    pub choices: Vec<String>,
    /// Smallest number allowed.
    #[serde(default)]
    pub min: Option<i64>,
    /// Largest number allowed.
    #[serde(default)]
    pub max: Option<i64>,
    /// What the server takes when nothing is sent.
    #[serde(default)]
    pub default: Option<i64>,
    /// Still accepted, but on its way out.
    #[serde(default)]
    pub deprecated: bool,
    /// A few words for a person.
    #[serde(default)]
    pub hint: Option<String>,
}

impl Param {
    /// A text of that name, which need not be given.
    #[must_use]
    pub fn text(name: &str, place: ParamPlace) -> Self {
        Self {
            name: name.to_owned(),
            place,
            value_type: ValueType::String,
            list: false,
            required: false,
            choices: Vec::new(),
            min: None,
            max: None,
            default: None,
            deprecated: false,
            hint: None,
        }
    }
}

/// A member of a request body.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BodyField {
    /// The member's name.
    pub name: String,
    /// What one value looks like.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// An array of such values.
    #[serde(default)]
    pub list: bool,
    /// Whether a body without it is refused.
    #[serde(default)]
    pub required: bool,
    /// Whether `null` is allowed.
    #[serde(default)]
    pub nullable: bool,
    /// The only values allowed, when not empty.
    #[serde(default, rename = "enum")]
    pub choices: Vec<String>,
    /// Members of an object.
    #[serde(default)]
    pub fields: Vec<BodyField>,
    /// Fewest characters or items.
    #[serde(default)]
    pub min: Option<u64>,
    /// Most characters or items.
    #[serde(default)]
    pub max: Option<u64>,
    /// Still accepted, but on its way out.
    #[serde(default)]
    pub deprecated: bool,
    /// A few words for a person.
    #[serde(default)]
    pub hint: Option<String>,
}

impl BodyField {
    /// A text of that name, which need not be given.
    #[must_use]
    pub fn text(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            value_type: ValueType::String,
            list: false,
            required: false,
            nullable: false,
            choices: Vec::new(),
            fields: Vec::new(),
            min: None,
            max: None,
            deprecated: false,
            hint: None,
        }
    }
}

/// What a request body is.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BodyShape {
    /// The media type that the endpoint wants.
    pub content_type: String,
    /// An array of objects with these fields, instead of one object.
    #[serde(default)]
    pub list: bool,
    /// Most items of the array.
    #[serde(default)]
    pub max: Option<u64>,
    /// Whether a request without a body is refused.
    #[serde(default)]
    pub required: bool,
    /// The members.
    #[serde(default)]
    pub fields: Vec<BodyField>,
}

/// How a list is read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Paging {
    /// `after`, `before` (and `offset`, where there is such a parameter), `limit`, sorting; answers with `pagination`.
    Cursor,
    /// The legacy API's `pageOffset` and `pageSize`; answers with `metadata.pageInfo`.
    PageOffset,
}

/// How sure it is which scope an operation needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeSource {
    /// Pleo's documentation says so.
    Documented,
    /// A working client of somebody else's says so.
    ThirdParty,
    /// Concluded from neighbouring operations.
    Inferred,
    /// Nothing is known.
    #[default]
    None,
}

/// One operation of the catalogue, or a free one that a person typed.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// A short name, unique in the catalogue, to call it by on the command line; empty for a free request.
    pub operation: String,
    /// The method.
    pub method: Method,
    /// The path with `{name}` for path parameters; begins with `/` and holds the version.
    pub path: String,
    /// The heading under which it is listed.
    pub group: String,
    /// What it does, in one line.
    pub purpose: String,
    /// A caution or peculiarity.
    #[serde(default)]
    pub note: Option<String>,
    /// Path and query parameters, in the order in which they are shown.
    #[serde(default)]
    pub params: Vec<Param>,
    /// How the list is read on, when it is one that pages.
    #[serde(default)]
    pub paging: Option<Paging>,
    /// The request body, when it takes one.
    #[serde(default)]
    pub body: Option<BodyShape>,
    /// The scopes that the credential needs, as far as known.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// How sure the scopes are.
    #[serde(default)]
    pub scope_source: ScopeSource,
    /// Whether it changes data.
    #[serde(default)]
    pub writes: bool,
    /// On its way out.
    #[serde(default)]
    pub deprecated: bool,
    /// Left out of Pleo's public reference.
    #[serde(default)]
    pub unlisted: bool,
    /// Takes OAuth access tokens only, no API keys.
    #[serde(default)]
    pub bearer_only: bool,
    /// Statuses of success.
    #[serde(default)]
    pub success: Vec<u16>,
    /// Statuses of failure that are documented.
    #[serde(default)]
    pub errors: Vec<u16>,
    /// The shape of the answer, in the words of Pleo's models.
    #[serde(default)]
    pub answer: Option<String>,
    /// What makes this write worse than others.
    #[serde(default)]
    pub danger: Option<String>,
    /// The word that a person must type before this write goes to production.
    #[serde(default)]
    pub confirm: Option<String>,
    /// Whether a person imported it; set by the catalogue.
    #[serde(skip)]
    pub imported: bool,
    /// Which API it belongs to; set by the catalogue.
    #[serde(skip, default = "external")]
    pub surface: Surface,
}

fn external() -> Surface {
    Surface::External
}

impl Endpoint {
    /// A request outside the catalogue: of the External API, and a write unless the method only reads.
    #[must_use]
    pub fn free(method: Method, path: &str) -> Self {
        Self {
            operation: String::new(),
            method,
            path: path.to_owned(),
            group: "Free request".to_owned(),
            purpose: "A request outside the catalogue".to_owned(),
            note: None,
            params: Vec::new(),
            paging: None,
            body: (!method.is_safe()).then(|| BodyShape {
                content_type: "application/json;charset=UTF-8".to_owned(),
                list: false,
                max: None,
                required: false,
                fields: Vec::new(),
            }),
            scopes: Vec::new(),
            scope_source: ScopeSource::None,
            writes: !method.is_safe(),
            deprecated: false,
            unlisted: false,
            bearer_only: false,
            success: Vec::new(),
            errors: Vec::new(),
            answer: None,
            danger: None,
            confirm: None,
            imported: false,
            surface: Surface::External,
        }
    }

    /// Whether it stands outside the catalogue.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.operation.is_empty()
    }

    /// Path parameters, in the order of the path.
    pub fn path_params(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| param.place == ParamPlace::Path)
    }

    /// Query parameters.
    pub fn query_params(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| param.place == ParamPlace::Query)
    }
}
