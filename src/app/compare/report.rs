//! A comparison as text, JSON or Markdown. In the report of shapes alone there is no value of either answer.

mod json;

use super::answer::{Answer, Comparison, Found, HeaderDiff, Outcome};
use crate::document::diff::{Counts, Diff, Difference, FieldChange, Outcome as Kind, Shown, Side, ValueKind};
use crate::document::{Document, displayable, displayable_bytes};

/// Most bytes of a value that text and Markdown show.
const GLIMPSE: u64 = 120;

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: values as sent.
    Json,
    /// For a ticket or a page.
    Markdown,
}

/// A report to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Reporting {
    /// What was compared.
    pub comparison: Comparison,
    /// What was found.
    pub found: std::sync::Arc<Found>,
    /// How it is written.
    pub format: Format,
}

/// Writes a report.
#[must_use]
pub fn write(own: &Reporting) -> Vec<u8> {
    let Reporting { comparison, found, format } = own;
    match (format, &found.outcome) {
        (Format::Json, _) => json::report(comparison, found),
        (Format::Text, outcome) => text_report(comparison, found, outcome).into_bytes(),
        (Format::Markdown, outcome) => markdown_report(comparison, found, outcome).into_bytes(),
    }
}

/// A value as it stands, made safe to draw; of a long one its beginning.
#[must_use]
pub fn glimpse(document: &Document, side: &Side, most: u64) -> String {
    let range = &side.range;
    let cut = range.end - range.start > most;
    let raw = document.body().read(range.start..range.end.min(range.start + most));
    let mut text = displayable_bytes(&raw);
    if cut {
        text.push('…');
    }
    text
}

/// What differs, counted, in words: `12 changed, 1 of another type, 3 only in STAGING`.
#[must_use]
pub fn counted(counts: &Counts, labels: [&str; 2]) -> String {
    let parts = [
        (counts.changed, "changed".to_owned()),
        (counts.types, "of another type".to_owned()),
        (counts.removed, format!("only in {}", labels[0])),
        (counts.added, format!("only in {}", labels[1])),
    ];
    let told: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if told.is_empty() { "nothing differs".to_owned() } else { told.join(", ") }
}

/// What was found in one sentence.
#[must_use]
pub fn summary(found: &Found, labels: [&str; 2]) -> String {
    match &found.outcome {
        Outcome::Values(diff) if diff.opaque.contains(&true) => {
            let which = which(diff.opaque, labels);
            let same = if diff.is_same() { "they are the same" } else { "they differ" };
            format!("{which} no sound JSON: the bodies were compared byte by byte, and {same}")
        }
        Outcome::Values(diff) => counted(&diff.counts, labels),
        Outcome::Shape(shape) if shape.opaque.contains(&true) => {
            format!("{} no sound JSON, and so no fields", which(shape.opaque, labels))
        }
        Outcome::Shape(shape) => {
            let differing = shape.differing().count();
            match differing {
                0 => format!("all {} fields are the same", shape.fields.len()),
                _ => format!("{differing} of {} fields differ", shape.fields.len()),
            }
        }
    }
}

fn which(opaque: [bool; 2], labels: [&str; 2]) -> String {
    match opaque {
        [true, true] => "Neither body is".to_owned(),
        [true, false] => format!("The body of {} is", labels[0]),
        _ => format!("The body of {} is", labels[1]),
    }
}

/// How lists were aligned, what was left out, what was not compared: a sentence each.
#[must_use]
pub fn remarks(found: &Found, labels: [&str; 2]) -> Vec<String> {
    let mut told: Vec<String> = first_page_only(found, labels).into_iter().collect();
    if let Outcome::Values(diff) = &found.outcome {
        if let Some(list) = &diff.list {
            told.extend(list.reasons(labels));
        }
        if !diff.ignored.is_empty() {
            let names: Vec<String> = diff.ignored.iter().map(|(name, count)| format!("{name} {count}")).collect();
            told.push(format!("Left out: {}.", names.join(", ")));
        }
        if diff.left_over() > 0 {
            told.push(format!("{} more differences are counted and not listed.", diff.left_over()));
        }
    }
    told
}

/// That a list goes on behind what was compared.
#[must_use]
pub fn first_page_only(found: &Found, labels: [&str; 2]) -> Option<String> {
    Some(match found.more {
        [true, true] => "Only the first page of each was compared: both lists go on.".to_owned(),
        [true, false] => format!("Only the first page of {} was compared: its list goes on.", labels[0]),
        [false, true] => format!("Only the first page of {} was compared: its list goes on.", labels[1]),
        [false, false] => return None,
    })
}

/// The records of a list on both sides, in words.
fn records(diff: &Diff) -> Option<[String; 2]> {
    let list = diff.list.as_ref()?;
    let side = |side: usize| format!("{} ({} only here)", list.records[side], list.alone[side]);
    Some([side(0), side(1)])
}

/// What is told of both answers besides their bodies: a name, and a text for each. Without values, no word of the server's is
/// among them.
#[must_use]
pub fn facts(comparison: &Comparison, found: Option<&Found>) -> Vec<(&'static str, [String; 2])> {
    let shape = matches!(found, Some(Found { outcome: Outcome::Shape(_), .. }));
    let status = |own: &Answer| match (&own.head, &own.failure) {
        (Some(head), None) if shape => head.status.to_string(),
        (Some(head), None) => format!("{} {}", head.status, displayable(&head.reason)).trim_end().to_owned(),
        (Some(head), Some(_)) => format!("{}, broken off", head.status),
        (None, Some(_)) => "no answer".to_owned(),
        (None, None) => "waiting".to_owned(),
    };
    let [left, right] = &comparison.sides;
    let mut facts = vec![
        ("status", [status(left), status(right)]),
        ("took", [left, right].map(|own| format!("{} ms, {} bytes", own.elapsed.as_millis(), own.document.len()))),
    ];
    if let Some(Found { outcome: Outcome::Values(diff), .. }) = found {
        facts.extend(records(diff).map(|records| ("records", records)));
    }
    facts
}

/// A header's value for people.
#[must_use]
pub fn header_value(value: Option<&String>) -> String {
    value.map_or_else(|| "not there".to_owned(), |value| displayable(value).into_owned())
}

fn title(comparison: &Comparison, shape: bool) -> String {
    displayable(if shape { &comparison.shape } else { &comparison.target }).into_owned()
}

const fn mark(kind: Kind) -> char {
    match kind {
        Kind::Added => '+',
        Kind::Removed => '-',
        Kind::Changed => '~',
        Kind::TypeChanged => '!',
    }
}

/// A value of a difference for people: with its type where that differs.
#[must_use]
pub fn value_text(own: &Difference, side: Option<&Side>, document: &Document, most: u64) -> String {
    match side {
        None => "not there".to_owned(),
        Some(side) if side.kind == ValueKind::Bytes => format!("{} bytes", side.range.end - side.range.start),
        Some(side) if own.outcome == Kind::TypeChanged && side.kind != ValueKind::Null => {
            format!("{} {}", side.kind.word(), glimpse(document, side, most))
        }
        Some(side) => glimpse(document, side, most),
    }
}

/// How a field is on one side, for people.
#[must_use]
pub fn shown_text(shown: Option<&Shown>) -> String {
    shown.map_or_else(|| "not there".to_owned(), ToString::to_string)
}

fn text_report(comparison: &Comparison, found: &Found, outcome: &Outcome) -> String {
    let labels = comparison.labels();
    let facts = facts(comparison, Some(found));
    let width = facts.iter().map(|(_, sides)| sides[0].len()).chain([labels[0].len()]).max().unwrap_or(0);
    let mut text = format!("{}\n\n", title(comparison, matches!(outcome, Outcome::Shape(_))));
    let mut row =
        |name: &str, sides: [&str; 2]| text.push_str(&format!("{name:<9}{:<width$}  {}\n", sides[0], sides[1]));
    row("", labels);
    for (name, [left, right]) in &facts {
        row(name, [left, right]);
    }
    text.push_str(&format!("\n{}\n", summary(found, labels)));
    for remark in remarks(found, labels) {
        text.push_str(&format!("{}\n", displayable(&remark)));
    }
    match outcome {
        Outcome::Values(diff) => {
            for own in &diff.differences {
                let value = |side: usize| {
                    let sides = [&own.left, &own.right];
                    value_text(own, sides[side].as_ref(), &comparison.sides[side].document, GLIMPSE)
                };
                let path = own.path_text();
                let told = match own.outcome {
                    Kind::Added => format!("only in {}: {}", labels[1], value(1)),
                    Kind::Removed => format!("only in {}: {}", labels[0], value(0)),
                    _ => format!("{} → {}", value(0), value(1)),
                };
                text.push_str(&format!("{} {}  {told}\n", mark(own.outcome), displayable(&path)));
            }
            for own in comparison.headers() {
                let (left, right) = (header_value(own.left.as_ref()), header_value(own.right.as_ref()));
                text.push_str(&format!("h {}  {left} → {right}\n", displayable(&own.name)));
            }
        }
        Outcome::Shape(shape) => {
            for own in &shape.fields {
                let mark = own.change().map_or(' ', field_mark);
                let (left, right) = (shown_text(own.left.as_ref()), shown_text(own.right.as_ref()));
                let sides = if left == right { left } else { format!("{left} → {right}") };
                text.push_str(&format!("{mark} {}  {sides}\n", displayable(&own.path)));
            }
            text.push_str(&headers_by_name(&comparison.headers()));
        }
    }
    text
}

/// The mark of a change of a field.
#[must_use]
pub const fn field_mark(change: FieldChange) -> char {
    match change {
        FieldChange::Added => '+',
        FieldChange::Removed => '-',
        FieldChange::Types => '!',
        FieldChange::Presence => '~',
    }
}

fn headers_by_name(headers: &[HeaderDiff]) -> String {
    headers.iter().map(|own| format!("h {}\n", displayable(&own.name))).collect()
}

fn markdown_report(comparison: &Comparison, found: &Found, outcome: &Outcome) -> String {
    let labels = comparison.labels();
    let shape = matches!(outcome, Outcome::Shape(_));
    let mut text = format!("# {}\n\n", escape(&title(comparison, shape)));
    text.push_str(&format!("| | {} | {} |\n| --- | --- | --- |\n", labels[0], labels[1]));
    for (name, [left, right]) in facts(comparison, Some(found)) {
        text.push_str(&format!("| {name} | {} | {} |\n", escape(&left), escape(&right)));
    }
    text.push_str(&format!("\n{}.\n", escape(&summary(found, labels))));
    for remark in remarks(found, labels) {
        text.push_str(&format!("\n{}\n", escape(&remark)));
    }
    let mut rows: Vec<[String; 4]> = Vec::new();
    match outcome {
        Outcome::Values(diff) => {
            rows.extend(diff.differences.iter().map(|own| {
                let value = |side: Option<&Side>, at: usize| match side {
                    None => String::new(),
                    side => code(&value_text(own, side, &comparison.sides[at].document, GLIMPSE)),
                };
                let word = match own.outcome {
                    Kind::Added => format!("only in {}", labels[1]),
                    Kind::Removed => format!("only in {}", labels[0]),
                    Kind::Changed => "changed".to_owned(),
                    Kind::TypeChanged => "other type".to_owned(),
                };
                [code(&own.path_text()), word, value(own.left.as_ref(), 0), value(own.right.as_ref(), 1)]
            }));
            rows.extend(comparison.headers().into_iter().map(|own| {
                let value = |value: Option<String>| value.map_or_else(String::new, |value| code(&value));
                [code(&own.name), "header".to_owned(), value(own.left), value(own.right)]
            }));
        }
        Outcome::Shape(shape) => {
            rows.extend(shape.fields.iter().map(|own| {
                let word = match own.change() {
                    None => String::new(),
                    Some(FieldChange::Added) => format!("only in {}", labels[1]),
                    Some(FieldChange::Removed) => format!("only in {}", labels[0]),
                    Some(FieldChange::Types) => "other types".to_owned(),
                    Some(FieldChange::Presence) => "not always there".to_owned(),
                };
                let side = |side: &Option<Shown>| side.as_ref().map_or_else(String::new, ToString::to_string);
                [code(&own.path), word, side(&own.left), side(&own.right)]
            }));
            rows.extend(
                comparison
                    .headers()
                    .into_iter()
                    .map(|own| [code(&own.name), "header".to_owned(), String::new(), String::new()]),
            );
        }
    }
    if !rows.is_empty() {
        text.push_str(&format!("\n| where | what | {} | {} |\n| --- | --- | --- | --- |\n", labels[0], labels[1]));
        for row in rows {
            text.push_str(&format!("| {} |\n", row.join(" | ")));
        }
    }
    text
}

/// A text that Markdown takes for nothing else.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in displayable(text).chars() {
        if "\\`*_{}[]<>#|!~&".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A text as code in a table's cell, however many backticks it has.
fn code(text: &str) -> String {
    let safe = displayable(text).replace('|', "\\|");
    let longest = safe.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if longest == 0 { format!("`{safe}`") } else { format!("{fence} {safe} {fence}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::compare::answer::{Comparing, compare};
    use crate::app::event::Head;
    use crate::document::diff::Options;
    use crate::pleo::endpoint::{Endpoint, Method};
    use crate::pleo::environment::Environment;
    use bytes::Bytes;
    use serde_json::{Value, json};
    use std::sync::Arc;

    const LEFT: &str = r#"{"data":[{"id":"CNRY-id-1","email":"cnry@x","amount":1.10,"note":"a|b`c"},{"id":"CNRY-id-2","email":"z@cnry"}]}"#;
    const RIGHT: &str = r#"{"data":[{"id":"CNRY-id-9","email":"cnry@x","amount":"CNRY","note":"a|b"}],"pagination":{"hasNextPage":true}}"#;

    fn reporting(shape: bool, format: Format) -> Reporting {
        let answer = |environment: Environment, text: &'static str| {
            let headers = vec![("x-cnry".to_owned(), format!("CNRY {environment}").into_bytes())];
            let head = Head { status: 200, reason: "CNRY reason".to_owned(), version: "HTTP/1.1", headers };
            let document = Document::from_bytes(Bytes::from_static(text.as_bytes()));
            Answer {
                head: Some(head),
                document,
                ..Answer::awaited(environment, "https://x.example/v2/employees?email=CNRY")
            }
        };
        let sides = [answer(Environment::Staging, LEFT), answer(Environment::Production, RIGHT)];
        let documents = [sides[0].document.clone(), sides[1].document.clone()];
        let found = compare(&Comparing { documents, options: Options::default(), shape }, &|| false).unwrap();
        let endpoint = Endpoint::free(Method::Get, "/v2/employees/CNRY-0001-0001");
        let comparison = Comparison::new(&endpoint, "/v2/employees/CNRY-0001-0001?email=CNRY", sides);
        Reporting { comparison, found: Arc::new(found), format }
    }

    #[test]
    fn shapes_hold_no_value_of_either_answer() {
        for format in [Format::Text, Format::Json, Format::Markdown] {
            let text = String::from_utf8(write(&reporting(true, format))).unwrap();
            assert!(!text.to_lowercase().replace("x-cnry", "").contains("cnry"), "{text}");
            assert!(text.contains("amount") && text.contains("STAGING"), "{text}");
            let values = String::from_utf8(write(&reporting(false, format))).unwrap();
            assert!(values.contains("CNRY-id-9"), "{values}");
        }
    }

    #[test]
    fn text_says_which_environment_has_what() {
        let text = String::from_utf8(write(&reporting(false, Format::Text))).unwrap();
        let wanted = [
            "GET /v2/employees/CNRY-0001-0001?email=CNRY\n",
            "records  2 (1 only here)  1 (0 only here)",
            "\n2 changed, 1 of another type, 1 only in STAGING, 1 only in PRODUCTION\n",
            "Aligned by email: 1 of its values are on both sides (id 0, code 0).\n",
            "Only the first page of PRODUCTION was compared: its list goes on.\n",
            "~ .data[email=cnry@x].id  \"CNRY-id-1\" → \"CNRY-id-9\"\n",
            "! .data[email=cnry@x].amount  number 1.10 → string \"CNRY\"\n",
            "+ .pagination  only in PRODUCTION: {\"hasNextPage\":true}\n",
            "h x-cnry  CNRY staging → CNRY production\n",
        ];
        for wanted in wanted {
            assert!(text.contains(wanted), "{wanted}\n{text}");
        }
    }

    #[test]
    fn json_keeps_values_as_sent_and_markdown_its_columns() {
        let text = String::from_utf8(write(&reporting(false, Format::Json))).unwrap();
        assert!(text.contains("\"left\": 1.10, \"rightType\""), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["counts"], json!({"added": 1, "removed": 1, "changed": 2, "typeChanged": 1}));
        assert_eq!(value["differences"].as_array().unwrap().len(), 5);
        assert_eq!((&value["same"], &value["list"]["key"]), (&json!(false), &json!("email")));
        assert_eq!(value["morePages"], json!([false, true]));
        let markdown = String::from_utf8(write(&reporting(false, Format::Markdown))).unwrap();
        let row = markdown.lines().find(|line| line.contains("note")).unwrap();
        assert_eq!(row, "| `.data[email=cnry@x].note` | changed | `` \"a\\|b`c\" `` | `\"a\\|b\"` |");
    }
}
