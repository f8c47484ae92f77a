//! What a body begins as: its required members, to be filled in.

use crate::pleo::endpoint::{BodyField, BodyShape, ValueType};

/// A body with the required fields, to be filled in.
pub(super) fn template(shape: &BodyShape) -> String {
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
