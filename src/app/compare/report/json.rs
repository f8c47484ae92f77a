//! A comparison as JSON: values as sent, since numbers are money.

use serde_json::{Value, json};

use super::{remarks, summary, title};
use crate::app::compare::answer::{Answer, Comparison, Found, HeaderDiff, Outcome};
use crate::document::diff::{Diff, Difference, Field, FieldChange, Outcome as Kind, Shown, ValueKind};

/// The report.
pub(super) fn report(comparison: &Comparison, found: &Found) -> Vec<u8> {
    let labels = comparison.labels();
    let shape = matches!(found.outcome, Outcome::Shape(_));
    let side = |own: &Answer| {
        let mut side = json!({
            "label": own.label,
            "environment": own.environment.name(),
            "status": own.status(),
            "milliseconds": u64::try_from(own.elapsed.as_millis()).unwrap_or(u64::MAX),
            "bytes": own.document.len(),
            "failed": own.failure.is_some(),
        });
        if !shape {
            side["url"] = own.url.clone().into();
        }
        side
    };
    let [left, right] = &comparison.sides;
    let mut head = json!({
        "request": title(comparison, shape),
        "left": side(left),
        "right": side(right),
        "same": found.is_same() && !comparison.status_differs(),
        "shapeOnly": shape,
        "morePages": found.more,
        "summary": summary(found, labels),
        "remarks": remarks(found, labels),
    });
    head["headers"] = comparison.headers().iter().map(|own| header_json(own, shape)).collect();
    let mut out = Vec::new();
    match &found.outcome {
        Outcome::Shape(own) => {
            head["fields"] = own.fields.iter().map(field_json).collect();
            out.extend_from_slice(format!("{head:#}").as_bytes());
        }
        Outcome::Values(diff) => {
            let counts = diff.counts;
            head["counts"] = json!({
                "added": counts.added, "removed": counts.removed, "changed": counts.changed, "typeChanged": counts.types,
            });
            head["ignored"] = diff.ignored.iter().map(|(name, count)| (name.clone(), Value::from(*count))).collect();
            head["list"] = list_json(diff);
            let text = format!("{head:#}");
            // Values are written as sent, so the last member is written by hand.
            out.extend_from_slice(text.trim_end().trim_end_matches('}').trim_end().as_bytes());
            out.extend_from_slice(b",\n  \"differences\": [");
            for (place, own) in diff.differences.iter().enumerate() {
                out.extend_from_slice(if place == 0 { b"\n    " } else { b",\n    " });
                difference_json(own, comparison, &mut out);
            }
            out.extend_from_slice(if diff.differences.is_empty() { b"]\n}" } else { b"\n  ]\n}" });
        }
    }
    out.push(b'\n');
    out
}

fn header_json(own: &HeaderDiff, shape: bool) -> Value {
    if shape { json!({"name": own.name}) } else { json!({"name": own.name, "left": own.left, "right": own.right}) }
}

fn list_json(diff: &Diff) -> Value {
    diff.list.as_ref().map_or(Value::Null, |list| {
        json!({
            "member": list.member,
            "key": list.key,
            "keyGiven": list.given,
            "records": list.records,
            "same": list.same,
            "changed": list.changed,
            "only": list.alone,
        })
    })
}

fn field_json(own: &Field) -> Value {
    let side = |side: &Option<Shown>| {
        side.as_ref().map_or(Value::Null, |side| {
            let types: serde_json::Map<String, Value> = ValueKind::JSON
                .into_iter()
                .zip(side.types)
                .filter(|(_, count)| *count > 0)
                .map(|(kind, count)| (kind.word().to_owned(), count.into()))
                .collect();
            let of = if side.of == 0 { Value::Null } else { side.of.into() };
            json!({"present": side.present, "of": of, "types": types})
        })
    };
    let change = own.change().map(|change| match change {
        FieldChange::Added => "added",
        FieldChange::Removed => "removed",
        FieldChange::Types => "types",
        FieldChange::Presence => "presence",
    });
    json!({"path": own.path, "change": change, "left": side(&own.left), "right": side(&own.right)})
}

fn difference_json(own: &Difference, comparison: &Comparison, out: &mut Vec<u8>) {
    let word = match own.outcome {
        Kind::Added => "added",
        Kind::Removed => "removed",
        Kind::Changed => "changed",
        Kind::TypeChanged => "typeChanged",
    };
    out.extend_from_slice(format!("{{\"outcome\": \"{word}\", \"path\": {}", json!(own.path_text())).as_bytes());
    for (name, side, answer) in [("left", &own.left, &comparison.sides[0]), ("right", &own.right, &comparison.sides[1])]
    {
        let Some(side) = side else {
            continue;
        };
        out.extend_from_slice(format!(", \"{name}Type\": {}", json!(side.kind.word())).as_bytes());
        out.extend_from_slice(format!(", \"{name}Bytes\": [{}, {}]", side.range.start, side.range.end).as_bytes());
        if side.kind != ValueKind::Bytes {
            out.extend_from_slice(format!(", \"{name}\": ").as_bytes());
            // JSON is UTF-8: a byte that is none becomes U+FFFD.
            out.extend_from_slice(String::from_utf8_lossy(&answer.document.body().read(side.range.clone())).as_bytes());
        }
    }
    out.push(b'}');
}
