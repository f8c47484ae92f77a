//! One call of an operation, after it was let in: its parameters and body, checked against the catalogue.

use serde_json::{Map, Value};
use url::Url;

use super::answer::Problem;
use super::auth::Principal;
use super::data::{Kind, Record, World, text};
use crate::pleo::endpoint::{BodyField, Endpoint, Paging, Param, ParamPlace, ValueType};
use crate::pleo::values::is_uuid;

/// A call.
pub struct Call<'a> {
    /// What is called.
    pub endpoint: &'static Endpoint,
    /// Who calls.
    pub who: &'a Principal,
    /// The values of the path's parameters.
    pub path: Vec<(String, String)>,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The body; null without one.
    pub body: Value,
    /// Where pre-signed links lead.
    pub files: &'a Url,
}

impl Call<'_> {
    /// The value of a path parameter.
    pub fn segment(&self, name: &str) -> &str {
        self.path.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }

    /// The first value of a query parameter.
    pub fn one(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// All values of a query parameter.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str()).collect()
    }

    /// What is asked but for which page of it: the same question has the same records in the same order.
    pub fn question(&self) -> String {
        let paging = ["after", "before", "offset", "limit"];
        let query: Vec<_> = self.query.iter().filter(|(name, _)| !paging.contains(&name.as_str())).collect();
        format!("{} {} {:?} {query:?} {}", self.endpoint.operation, self.who.holder, self.path, self.body)
    }

    /// Whether a query parameter says `true`.
    pub fn yes(&self, name: &str) -> bool {
        self.one(name) == Some("true")
    }

    /// A member of the body, unless it is null.
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.body.get(name).filter(|value| !value.is_null())
    }

    /// A text member of the body.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.member(name).and_then(Value::as_str)
    }

    /// The texts of a list in the body; `None` when it is not there or empty, which filters nothing.
    pub fn list(&self, name: &str) -> Option<Vec<&str>> {
        let list: Vec<&str> = self.member(name)?.as_array()?.iter().filter_map(Value::as_str).collect();
        (!list.is_empty()).then_some(list)
    }

    /// Whether a list in the body lets a value through.
    pub fn lets(&self, list: &str, value: &str) -> bool {
        self.list(list).is_none_or(|list| list.contains(&value))
    }

    /// The companies that this call is about: the one named, or those of the organisation named, or all that the
    /// credential sees.
    pub fn companies(&self, world: &World) -> Result<Vec<String>, Problem> {
        let seen = self.visible(world);
        if let Some(id) = self.one("company_id") {
            let known = seen.iter().any(|company| company == id);
            return known
                .then(|| vec![id.to_owned()])
                .ok_or_else(|| Problem::unknown("COMPANY_NOT_FOUND", "Company", id));
        }
        match self.one("organization_id") {
            Some(id) if id != world.organization() => {
                Err(Problem::unknown("ORGANIZATION_NOT_FOUND", "Organization", id))
            }
            None if self.needs_company() => Err(either()),
            _ => Ok(seen),
        }
    }

    /// The companies that the credential sees.
    pub fn visible(&self, world: &World) -> Vec<String> {
        let count = if self.who.one_company { 1 } else { usize::MAX };
        world.read(Kind::Company).iter().take(count).map(|company| text(company, "id").to_owned()).collect()
    }

    /// Whether the credential sees the company of a record.
    pub fn sees(&self, world: &World, record: &Record) -> bool {
        let company = match text(record, "companyId") {
            "" => text(record, "_companyId"),
            id => id,
        };
        !self.who.one_company || company.is_empty() || company == world.id("company", 0)
    }

    /// The company named by `companyId` in the body.
    pub fn body_company(&self, world: &World) -> Result<String, Problem> {
        let id = self.text("companyId").unwrap_or_default();
        let known = self.visible(world).iter().any(|company| company == id);
        known.then(|| id.to_owned()).ok_or_else(|| Problem::unknown("COMPANY_NOT_FOUND", "Company", id))
    }

    fn takes(&self, name: &str) -> bool {
        self.endpoint.params.iter().any(|param| param.name == name)
    }

    /// Operations that can be asked for a company or an organisation must be asked for one of them.
    fn needs_company(&self) -> bool {
        self.takes("company_id")
            && self.endpoint.path != "/v1/companies"
            && (self.takes("organization_id") || self.endpoint.path == "/v0/tag-groups")
    }

    /// Checks everything that the catalogue says about parameters and body.
    ///
    /// # Errors
    /// 400 with the first thing that is wrong.
    pub fn check(&self) -> Result<(), Problem> {
        let misspelt = self.one("companyId").or(self.one("organizationId")).is_some()
            && self.takes("company_id")
            && !self.takes("companyId");
        let named = self.one("company_id").or(self.one("organization_id")).is_some();
        if !named && (misspelt || self.needs_company()) {
            return Err(either());
        }
        if self.endpoint.paging == Some(Paging::Cursor) && self.one("offset").is_some() && !self.takes("offset") {
            return Err(Problem::parameter("offset is not supported by this endpoint"));
        }
        for param in self.endpoint.params.iter().filter(|param| param.place == ParamPlace::Query) {
            let values = self.all(&param.name);
            if param.required && values.iter().all(|value| value.is_empty()) {
                return Err(Problem::parameter(format!("{} must be provided", param.name)));
            }
            values.iter().try_for_each(|value| check_param(param, value))?;
        }
        self.check_body()
    }

    fn check_body(&self) -> Result<(), Problem> {
        let Some(shape) = &self.endpoint.body else { return Ok(()) };
        if self.body.is_null() && shape.required {
            return Err(Problem::validation("A request body must be provided"));
        }
        if !shape.list {
            return match &self.body {
                Value::Null => check_members(&shape.fields, &Map::new(), ""),
                Value::Object(members) => check_members(&shape.fields, members, ""),
                _ => Err(Problem::mapping("The request body must be a JSON object")),
            };
        }
        let Value::Array(items) = &self.body else {
            return Err(Problem::mapping("The request body must be a JSON array"));
        };
        if shape.max.is_some_and(|most| items.len() as u64 > most) {
            let message = format!("At most {} items can be updated at once", shape.max.unwrap_or_default());
            return Err(Problem::new(413, "EXPORT_JOB_ITEMS_UPDATE_LIMIT", message));
        }
        items.iter().enumerate().try_for_each(|(place, item)| match item {
            Value::Object(members) => check_members(&shape.fields, members, &format!("[{place}].")),
            _ => Err(Problem::mapping(format!("[{place}] must be a JSON object"))),
        })
    }
}

/// The sentence that people meet most often.
fn either() -> Problem {
    Problem::parameter("Either company_id or organization_id must be provided")
}

fn check_param(param: &Param, value: &str) -> Result<(), Problem> {
    let name = &param.name;
    if !fits(param.value_type, value) {
        return Err(Problem::parameter(format!("{name} must be of type {}", param.value_type.name())));
    }
    if !param.choices.is_empty() && !param.choices.iter().any(|choice| choice == value) {
        return Err(Problem::parameter(format!("{name} must be one of {}", param.choices.join(", "))));
    }
    if let Ok(number) = value.parse::<i64>()
        && matches!(param.value_type, ValueType::Integer | ValueType::Number)
        && (param.min.is_some_and(|least| number < least) || param.max.is_some_and(|most| number > most))
    {
        return Err(Problem::parameter(format!("{name} is out of range")));
    }
    Ok(())
}

/// Whether a text is a value of the type.
fn fits(value_type: ValueType, text: &str) -> bool {
    match value_type {
        ValueType::Uuid => is_uuid(text),
        ValueType::Integer => text.parse::<i64>().is_ok(),
        ValueType::Number => text.parse::<f64>().is_ok_and(f64::is_finite),
        ValueType::Boolean => matches!(text, "true" | "false"),
        ValueType::DateTime => text.parse::<jiff::Timestamp>().is_ok(),
        ValueType::Cursor => {
            !text.is_empty() && text.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7' | b'=' | b'~'))
        }
        ValueType::Currency => text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        ValueType::Country => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        ValueType::Url => Url::parse(text).is_ok_and(|url| url.has_host()),
        ValueType::Base64 => {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.decode(text).is_ok()
        }
        ValueType::String | ValueType::Object => true,
    }
}

fn check_members(fields: &[BodyField], members: &Map<String, Value>, at: &str) -> Result<(), Problem> {
    for field in fields {
        let name = format!("{at}{}", field.name);
        match members.get(&field.name) {
            None | Some(Value::Null) if field.required && !field.nullable => {
                return Err(Problem::validation(format!("{name} must be provided")));
            }
            None | Some(Value::Null) => {}
            Some(value) if field.list => check_list(field, value, &name)?,
            Some(value) => check_value(field, value, &name, at.is_empty())?,
        }
    }
    Ok(())
}

fn check_list(field: &BodyField, value: &Value, name: &str) -> Result<(), Problem> {
    let Value::Array(items) = value else {
        return Err(Problem::mapping(format!("{name} must be an array")));
    };
    check_length(field, items.len(), name, "items")?;
    // Items that are objects are judged one by one where they are used: a batch may fail in part.
    if field.value_type == ValueType::Object {
        return Ok(());
    }
    items.iter().enumerate().try_for_each(|(place, item)| check_scalar(field, item, &format!("{name}[{place}]")))
}

fn check_value(field: &BodyField, value: &Value, name: &str, top: bool) -> Result<(), Problem> {
    match (field.value_type, value) {
        (ValueType::Object, Value::Object(members)) => check_members(&field.fields, members, &format!("{name}.")),
        (ValueType::Object, _) => Err(Problem::mapping(format!("{name} must be an object"))),
        // What the catalogue calls text within an object stands for any scalar.
        (ValueType::String, Value::Bool(_) | Value::Number(_)) if !top => Ok(()),
        _ => {
            check_scalar(field, value, name)?;
            value.as_str().map_or(Ok(()), |text| check_length(field, text.chars().count(), name, "characters"))
        }
    }
}

fn check_scalar(field: &BodyField, value: &Value, name: &str) -> Result<(), Problem> {
    let right = match (field.value_type, value) {
        (ValueType::Boolean, Value::Bool(_)) => true,
        (ValueType::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
        (ValueType::Number, Value::Number(_)) => true,
        (ValueType::Boolean | ValueType::Integer | ValueType::Number, _) => false,
        (value_type, Value::String(text)) => fits(value_type, text),
        _ => false,
    };
    if !right {
        return Err(Problem::mapping(format!("{name} must be of type {}", field.value_type.name())));
    }
    let known = field.choices.is_empty() || value.as_str().is_some_and(|text| field.choices.iter().any(|c| c == text));
    known.then_some(()).ok_or_else(|| Problem::mapping(format!("{name} must be one of {}", field.choices.join(", "))))
}

fn check_length(field: &BodyField, length: usize, name: &str, what: &str) -> Result<(), Problem> {
    let length = length as u64;
    if field.min.is_some_and(|least| length < least) {
        return Err(Problem::validation(format!("{name} must have at least {} {what}", field.min.unwrap_or_default())));
    }
    if field.max.is_some_and(|most| length > most) {
        return Err(Problem::validation(format!("{name} must have at most {} {what}", field.max.unwrap_or_default())));
    }
    Ok(())
}
