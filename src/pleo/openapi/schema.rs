//! A schema in the words of a body's field. What has no word here becomes text.

use serde_json::Value;

use super::Document;
use super::operation::clean;
use crate::pleo::endpoint::{BodyField, ValueType};

/// Levels of members that are told.
const DEEPEST: usize = 6;

/// Values of a choice that are told.
const MOST_CHOICES: usize = 200;

/// What is still told and looked at: the schema of one body may repeat others without end.
pub struct Budget {
    members: usize,
    schemas: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { members: 500, schemas: 2_000 }
    }
}

/// A member of that name.
///
/// # Errors
/// A reference that leads nowhere, in words.
pub fn field(
    document: &Document<'_>,
    name: &str,
    schema: Option<&Value>,
    required: bool,
    budget: &mut Budget,
    depth: usize,
) -> Result<BodyField, String> {
    let mut field = BodyField::text(name);
    field.required = required;
    if let Some(schema) = schema {
        describe(document, schema, &mut field, budget, depth)?;
    }
    Ok(field)
}

fn describe(
    document: &Document<'_>,
    schema: &Value,
    field: &mut BodyField,
    budget: &mut Budget,
    depth: usize,
) -> Result<(), String> {
    let schema = document.resolve(schema)?;
    budget.schemas = budget.schemas.checked_sub(1).ok_or("its schemas repeat each other too often")?;
    if depth > DEEPEST {
        field.value_type = ValueType::Object;
        return Ok(());
    }
    let flag = |name: &str| schema.get(name).and_then(Value::as_bool).unwrap_or_default();
    field.nullable |= flag("nullable");
    field.deprecated |= flag("deprecated");
    if let Some(text) = schema.get("description").and_then(Value::as_str) {
        field.hint = Some(clean(text, 80)).filter(|text| !text.is_empty());
    }
    choices(schema, field);
    match kind(schema, field) {
        Some("array") => {
            field.list = true;
            field.max = schema.get("maxItems").and_then(Value::as_u64);
            field.min = schema.get("minItems").and_then(Value::as_u64);
            if let Some(items) = schema.get("items") {
                let item = self::field(document, &field.name, Some(items), false, budget, depth + 1)?;
                // An array of arrays has no word of its own.
                field.value_type = if item.list { ValueType::Object } else { item.value_type };
                (field.choices, field.fields) = (item.choices, if item.list { Vec::new() } else { item.fields });
            }
        }
        Some("object") => {
            field.value_type = ValueType::Object;
            members(document, schema, field, budget, depth)?;
        }
        Some("integer") => field.value_type = ValueType::Integer,
        Some("number") => field.value_type = ValueType::Number,
        Some("boolean") => field.value_type = ValueType::Boolean,
        Some("string") => {
            field.value_type = text_type(schema);
            field.max = schema.get("maxLength").and_then(Value::as_u64);
            field.min = schema.get("minLength").and_then(Value::as_u64);
        }
        _ => {}
    }
    parts(document, schema, field, budget, depth)
}

/// The type that is named; null beside another one only allows it.
fn kind<'s>(schema: &'s Value, field: &mut BodyField) -> Option<&'s str> {
    let named: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    field.nullable |= named.contains(&"null");
    let mut others = named.into_iter().filter(|name| *name != "null");
    match (others.next(), others.next()) {
        (Some(one), None) => Some(one),
        (None, _) if schema.get("properties").is_some() => Some("object"),
        (None, _) if schema.get("items").is_some() => Some("array"),
        _ => None,
    }
}

fn choices(schema: &Value, field: &mut BodyField) {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten().chain(schema.get("const"));
    let words = listed.filter_map(|value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null => {
            field.nullable = true;
            None
        }
        _ => None,
    });
    let words: Vec<String> =
        words.filter(|word| *word == clean(word, 100) && !word.is_empty()).take(MOST_CHOICES).collect();
    if !words.is_empty() {
        field.choices = words;
    }
}

fn text_type(schema: &Value) -> ValueType {
    match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => ValueType::Uuid,
        Some("date-time") => ValueType::DateTime,
        Some("uri" | "url") => ValueType::Url,
        Some("byte" | "base64") => ValueType::Base64,
        _ if schema.get("contentEncoding").and_then(Value::as_str) == Some("base64") => ValueType::Base64,
        _ => ValueType::String,
    }
}

fn members(
    document: &Document<'_>,
    schema: &Value,
    field: &mut BodyField,
    budget: &mut Budget,
    depth: usize,
) -> Result<(), String> {
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let usable = name.len() <= 100 && !name.is_empty() && *name == clean(name, 100);
        // What the server alone writes is no part of a request.
        let read_only = document.resolve(member)?.get("readOnly").and_then(Value::as_bool).unwrap_or_default();
        if !usable || read_only || field.fields.iter().any(|known| known.name == *name) {
            continue;
        }
        let Some(left) = budget.members.checked_sub(1) else {
            return Ok(());
        };
        budget.members = left;
        let member = self::field(document, name, Some(member), required.contains(&name.as_str()), budget, depth + 1)?;
        field.fields.push(member);
    }
    Ok(())
}

/// What is put together: all of `allOf`, and the one that is not null of `anyOf` and `oneOf`.
fn parts(
    document: &Document<'_>,
    schema: &Value,
    field: &mut BodyField,
    budget: &mut Budget,
    depth: usize,
) -> Result<(), String> {
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        describe(document, part, field, budget, depth + 1)?;
    }
    for name in ["anyOf", "oneOf"] {
        let Some(several) = schema.get(name).and_then(Value::as_array) else { continue };
        let null = |part: &&Value| part.get("type").and_then(Value::as_str) == Some("null");
        field.nullable |= several.iter().any(|part| null(&part));
        let others: Vec<&Value> = several.iter().filter(|part| !null(part)).collect();
        if let [one] = others.as_slice() {
            describe(document, one, field, budget, depth + 1)?;
        } else if !others.is_empty() {
            // Several shapes: an object is told as one, and what it holds is left to the person.
            let first = document.resolve(others[0])?;
            if kind(first, &mut BodyField::text("")) == Some("object") {
                field.value_type = ValueType::Object;
            }
        }
    }
    Ok(())
}
