//! Whether the body is JSON, and what the operation takes.

use super::{Finding, Place};
use crate::pleo::catalogue::nearest;
use crate::pleo::endpoint::{BodyField, BodyShape, ValueType};
use crate::pleo::json::{self, Kind, Value};
use crate::pleo::request::Draft;
use crate::pleo::values::check_value;

/// Most departures that are told; what is wrong in each of a thousand items is told with the first few.
const MOST: usize = 5;

/// Looks at whether there is a body where one is wanted.
pub(super) fn body(draft: &Draft, findings: &mut Vec<Finding>) {
    let text = draft.body.trim();
    let Some(shape) = &draft.endpoint.body else {
        if !text.is_empty() {
            let sentence = format!("{} takes no body here: clear it.", draft.endpoint.method);
            findings.push(Finding::refuse(Place::Body, sentence));
        }
        return;
    };
    if text.is_empty() && shape.required {
        findings.push(Finding::refuse(Place::Body, "This operation needs a body.".to_owned()));
    }
}

/// What of a request is to be looked at as JSON, and as what.
#[must_use]
pub fn to_examine(draft: &Draft) -> Option<(&BodyShape, &str)> {
    let shape = draft.endpoint.body.as_ref()?;
    (!draft.body.trim().is_empty() && !draft.sends_other_than_json()).then_some((shape, draft.body.as_str()))
}

/// What is to be said of a body, and the byte at which it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where.
    pub at: usize,
    /// What.
    pub finding: Finding,
}

/// Looks at a text as the body of that shape: what is no JSON is refused, what departs from the shape is told.
#[must_use]
pub fn examine(shape: &BodyShape, text: &str) -> Vec<Told> {
    let whole = match json::read(text) {
        Ok(whole) => whole,
        Err(wrong) => {
            let (line, column) = json::place(text, wrong.at);
            let sentence = format!("The body is not JSON: {} at line {line}, column {column}.", wrong.reason);
            return vec![Told { at: wrong.at, finding: Finding::refuse(Place::Body, sentence) }];
        }
    };
    let mut look = Look { text, told: Vec::new() };
    if shape.fields.is_empty() {
        return Vec::new();
    }
    match (&whole.kind, shape.list) {
        (Kind::Array(items), true) => {
            if let Some(max) = shape.max.filter(|max| items.len() as u64 > *max) {
                let sentence =
                    format!("The body has {} items, more than {max}: the server will answer 413.", items.len());
                look.tell(whole.range.start, sentence);
            }
            for item in items {
                look.object(&shape.fields, item, "");
            }
        }
        (Kind::Object(_), false) => look.object(&shape.fields, &whole, ""),
        _ => {
            let wanted = if shape.list { "an array of objects" } else { "an object" };
            look.tell(whole.range.start, format!("The body should be {wanted}."));
        }
    }
    look.told
}

struct Look<'a> {
    text: &'a str,
    told: Vec<Told>,
}

impl Look<'_> {
    fn tell(&mut self, at: usize, mut sentence: String) {
        if self.told.len() < MOST {
            sentence.push_str(&self.line(at));
            self.told.push(Told { at, finding: Finding::warn(Place::Body, sentence) });
        }
    }

    /// ` (line 3)`, where there are several lines.
    fn line(&self, at: usize) -> String {
        if self.text.contains('\n') { format!(" (line {})", json::place(self.text, at).0) } else { String::new() }
    }

    fn object(&mut self, fields: &[BodyField], value: &Value, before: &str) {
        if self.told.len() >= MOST {
            return;
        }
        let Kind::Object(members) = &value.kind else {
            return;
        };
        let start = value.range.start;
        for field in fields.iter().filter(|field| field.required) {
            if !members.iter().any(|member| member.name == field.name) {
                self.tell(start, format!("The body lacks {before}{}, which is required.", field.name));
            }
        }
        for member in members {
            let (at, name) = (member.at.start, format!("{before}{}", member.name));
            let Some(field) = fields.iter().find(|field| field.name == member.name) else {
                let meant = nearest(&member.name, fields.iter().map(|field| field.name.as_str()));
                let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
                let stop = if meant.is_empty() { "." } else { "" };
                self.tell(at, format!("The body's {name} is not known to this operation{meant}{stop}"));
                continue;
            };
            self.member(field, &member.value, &name);
        }
    }

    fn member(&mut self, field: &BodyField, value: &Value, name: &str) {
        let at = value.range.start;
        let values = match (&value.kind, field.list) {
            (Kind::Null, _) => {
                if !field.nullable && field.required {
                    self.tell(at, format!("The body's {name} may not be null."));
                }
                return;
            }
            (Kind::Array(items), true) => items.as_slice(),
            (_, true) => return self.tell(at, format!("The body's {name} should be an array.")),
            (_, false) => std::slice::from_ref(value),
        };
        for value in values {
            self.value(field, value, name);
        }
    }

    fn value(&mut self, field: &BodyField, value: &Value, name: &str) {
        let at = value.range.start;
        let written = &self.text[value.range.clone()];
        let typed = match field.value_type {
            ValueType::Boolean => value.kind == Kind::Boolean,
            ValueType::Integer => value.kind == Kind::Number && !written.contains(['.', 'e', 'E']),
            ValueType::Number => value.kind == Kind::Number,
            ValueType::Object => matches!(value.kind, Kind::Object(_) | Kind::Array(_)),
            _ => value.kind == Kind::String,
        };
        if !typed {
            return self.tell(at, format!("The body's {name} should be {}.", field.value_type.name()));
        }
        if let Kind::Object(_) = value.kind
            && !field.fields.is_empty()
        {
            return self.object(&field.fields, value, &format!("{name}."));
        }
        let Kind::String = value.kind else {
            return;
        };
        let text: String = serde_json::from_str(written).unwrap_or_default();
        if let Err(wanted) = check_value(field.value_type, &text) {
            self.tell(at, format!("The body's {name} {text:?} is not {wanted}."));
        } else if !field.choices.is_empty() && !field.choices.contains(&text) {
            let meant = nearest(&text, field.choices.iter().map(String::as_str));
            let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
            self.tell(at, format!("The body's {name} {text:?} is not one of {}{meant}.", field.choices.join(", ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::catalogue::Catalogue;

    fn told(operation: &str, text: &str) -> Vec<(usize, String)> {
        let endpoint = Catalogue::embedded().operation(operation).unwrap();
        let told = examine(endpoint.body.as_ref().unwrap(), text);
        told.into_iter().map(|told| (json::place(text, told.at).0, told.finding.sentence)).collect()
    }

    #[test]
    fn departures_are_told_with_the_line_and_the_nearest_name() {
        let search = "search-accounting-entries";
        let found = told(search, "{\n  \"includeDeleted\": \"no\",\n  \"acountIds\": [],\n  \"employeeIds\": \"x\"\n}");
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4], "{found:?}");
        assert!(found[0].1.contains("should be true/false.") && found[1].1.contains("did you mean accountIds?"));
        assert!(found[2].1.contains("should be an array.") && found[2].1.ends_with("(line 4)"), "{found:?}");
        assert_eq!(told(search, "{}"), [(1, "The body lacks includeDeleted, which is required.".to_owned())]);
        assert_eq!(told(search, "{\"includeDeleted\": false}"), []);
        let many = format!("{{\"includeDeleted\": false{}}}", ", \"zzzzzzzz\": 1".repeat(100));
        assert_eq!(told(search, &many).len(), MOST);
    }

    #[test]
    fn a_megabyte_is_looked_at_in_a_moment() {
        let shape = Catalogue::embedded().operation("search-accounting-entries").unwrap().body.clone().unwrap();
        let ids = vec!["\"ca54c551-9290-484d-9f69-b136e4df7c01\""; 27_000].join(",\n");
        let text = format!("{{\"includeDeleted\": false, \"accountIds\": [{ids}]}}");
        assert!(text.len() > 1 << 20);
        let began = std::time::Instant::now();
        assert_eq!(examine(&shape, &text), []);
        assert!(began.elapsed() < std::time::Duration::from_secs(2), "{:?}", began.elapsed());
    }
}
