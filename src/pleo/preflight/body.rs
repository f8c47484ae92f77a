//! Whether the body is JSON, and what the operation takes.

use super::{Finding, Place};
use crate::pleo::request::Draft;
use crate::pleo::values::body_object;

pub(super) fn body(draft: &Draft, findings: &mut Vec<Finding>) {
    let text = draft.body.trim();
    let Some(shape) = &draft.endpoint.body else {
        if !text.is_empty() {
            let sentence = format!("{} takes no body here: clear it.", draft.endpoint.method);
            findings.push(Finding::refuse(Place::Body, sentence));
        }
        return;
    };
    if text.is_empty() {
        if shape.required {
            findings.push(Finding::refuse(Place::Body, "This operation needs a body.".to_owned()));
        }
        return;
    }
    let value: serde_json::Value = match serde_json::from_str(&draft.body) {
        Ok(value) => value,
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or(&reason);
            let sentence =
                format!("The body is not JSON: {reason} at line {}, column {}.", error.line(), error.column());
            findings.push(Finding::refuse(Place::Body, sentence));
            return;
        }
    };
    if shape.fields.is_empty() {
        return;
    }
    let objects: Vec<&serde_json::Value> = match (&value, shape.list) {
        (serde_json::Value::Array(items), true) => items.iter().collect(),
        (serde_json::Value::Object(_), false) => vec![&value],
        _ => {
            let wanted = if shape.list { "an array of objects" } else { "an object" };
            findings.push(Finding::warn(Place::Body, format!("The body should be {wanted}.")));
            return;
        }
    };
    if let (true, Some(max)) = (shape.list, shape.max.filter(|max| objects.len() as u64 > *max)) {
        findings.push(Finding::warn(
            Place::Body,
            format!("The body has {} items, more than {max}: the server will answer 413.", objects.len()),
        ));
    }
    if let Some(sentence) = objects.iter().find_map(|object| body_object(&shape.fields, object)) {
        findings.push(Finding::warn(Place::Body, sentence));
    }
}
