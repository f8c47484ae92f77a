//! What a body begins as: its required members, to be filled in; and the one with all members, the required ones first.

use serde_json::{Map, Value};

use crate::pleo::endpoint::{BodyField, BodyShape, ValueType};

/// A body with the required fields, to be filled in.
pub(super) fn template(shape: &BodyShape) -> String {
    written(shape, &|field| field.required)
}

/// A body with all fields; nothing where the required ones are all there are. What is on its way out is left out.
pub(super) fn with_all_members(shape: &BodyShape) -> Option<String> {
    let all = written(shape, &|field| field.required || !field.deprecated);
    (all != template(shape)).then_some(all)
}

fn written(shape: &BodyShape, wanted: &dyn Fn(&BodyField) -> bool) -> String {
    if shape.fields.is_empty() {
        return String::new();
    }
    let object = object(&shape.fields, wanted);
    let value = if shape.list { Value::Array(vec![object]) } else { object };
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

/// The required members, then the others, each in the order of the model.
fn object(fields: &[BodyField], wanted: &dyn Fn(&BodyField) -> bool) -> Value {
    let of = |required: bool| fields.iter().filter(move |field| field.required == required && wanted(field));
    let members = of(true).chain(of(false)).map(|field| (field.name.clone(), value(field, wanted)));
    Value::Object(members.collect::<Map<_, _>>())
}

/// What stands for a member until it is filled in: of its type, and for one that is required and a text, nothing yet.
fn value(field: &BodyField, wanted: &dyn Fn(&BodyField) -> bool) -> Value {
    let one = match field.value_type {
        ValueType::Boolean => Value::Bool(false),
        ValueType::Integer | ValueType::Number => Value::from(0),
        ValueType::Object => object(&field.fields, wanted),
        _ => Value::String(field.choices.first().cloned().unwrap_or_default()),
    };
    let empty = one.as_str().is_some_and(str::is_empty) || one.as_object().is_some_and(Map::is_empty);
    match (field.list, empty) {
        (true, true) => Value::Array(Vec::new()),
        (true, false) => Value::Array(vec![one]),
        (false, _) => one,
    }
}

/// What stands for a member that is put in by its name, on one line: of an object its required members.
#[must_use]
pub fn placeholder(field: &BodyField) -> String {
    value(field, &|field| field.required).to_string()
}
