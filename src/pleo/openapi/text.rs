//! JSON or YAML as one tree of values, within bounds: hostile text costs no more than it weighs.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

use super::DocumentError;

/// Levels that a document may have.
const DEEPEST: usize = 100;

/// Values that a document may hold, those that its aliases repeat counted each time.
const MOST: usize = 1_000_000;

/// Reads a document.
///
/// # Errors
/// [`DocumentError::Text`], with line and column.
pub fn read(text: &str) -> Result<Value, DocumentError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The braces of YAML may begin with a name in quotes too, but no document of this kind is written so.
    let begins = text.trim_start().strip_prefix('{').map(str::trim_start);
    if !begins.is_some_and(|begins| begins.starts_with(['"', '}'])) {
        return yaml(text);
    }
    serde_json::from_str(text).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
        DocumentError::Text { line: error.line(), column: error.column(), reason }
    })
}

fn yaml(text: &str) -> Result<Value, DocumentError> {
    let mut reader = Reader::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| wrong(*error.marker(), error.info()))?;
        reader.take(event, span.start)?;
        if reader.over {
            break;
        }
    }
    reader.whole.ok_or_else(|| DocumentError::Text { line: 1, column: 1, reason: "there is nothing in it".to_owned() })
}

fn wrong(at: Marker, reason: &str) -> DocumentError {
    DocumentError::Text { line: at.line(), column: at.col() + 1, reason: reason.to_owned() }
}

/// Puts events together.
#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    /// What anchors name, and how many values that is.
    anchors: HashMap<usize, (Value, usize)>,
    count: usize,
    whole: Option<Value>,
    over: bool,
}

/// A container that is not whole yet.
struct Open {
    /// The number of its anchor; 0 for none.
    anchor: usize,
    /// How many values came before it.
    before: usize,
    kind: Kind,
}

enum Kind {
    Array(Vec<Value>),
    /// Members, and the name whose value comes next.
    Object(Map<String, Value>, Option<String>),
}

impl Reader {
    fn take(&mut self, event: Event<'_>, at: Marker) -> Result<(), DocumentError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let as_text = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
                let names = matches!(self.open.last(), Some(Open { kind: Kind::Object(_, None), .. }));
                // A name is what is written, also where a value would be a number, such as a status.
                let value = if as_text || names { Value::String(text.into_owned()) } else { plain(&text) };
                self.counted(1, at)?;
                self.put(value, anchor, 1, at)
            }
            Event::SequenceStart(anchor, _) => self.begin(Kind::Array(Vec::new()), anchor, at),
            Event::MappingStart(anchor, _) => self.begin(Kind::Object(Map::new(), None), anchor, at),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let value = match open.kind {
                    Kind::Array(items) => Value::Array(items),
                    Kind::Object(members, _) => Value::Object(members),
                };
                let size = self.count - open.before;
                self.put(value, open.anchor, size, at)
            }
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).map(|(_, size)| *size);
                let size = known.ok_or_else(|| wrong(at, "an alias stands inside what it repeats"))?;
                self.counted(size, at)?;
                let value = self.anchors.get(&anchor).map(|(value, _)| value.clone()).unwrap_or_default();
                self.put(value, 0, size, at)
            }
            Event::DocumentEnd => {
                self.over = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn counted(&mut self, more: usize, at: Marker) -> Result<(), DocumentError> {
        self.count = self.count.saturating_add(more);
        if self.count > MOST { Err(wrong(at, "it holds more than a million values")) } else { Ok(()) }
    }

    fn begin(&mut self, kind: Kind, anchor: usize, at: Marker) -> Result<(), DocumentError> {
        if self.open.len() >= DEEPEST {
            return Err(wrong(at, "it goes more than 100 levels deep"));
        }
        let before = self.count;
        self.counted(1, at)?;
        self.open.push(Open { anchor, before, kind });
        Ok(())
    }

    fn put(&mut self, value: Value, anchor: usize, size: usize, at: Marker) -> Result<(), DocumentError> {
        if anchor != 0 {
            // What is kept is held in memory once more.
            self.counted(size, at)?;
            self.anchors.insert(anchor, (value.clone(), size));
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.whole = Some(value),
            Some(Kind::Array(items)) => items.push(value),
            Some(Kind::Object(members, next)) => match (next.take(), value) {
                (None, Value::String(name)) => *next = Some(name),
                (None, _) => return Err(wrong(at, "a name that is no text")),
                // What is merged is there unless a name of its own says otherwise.
                (Some(name), Value::Object(merged)) if name == "<<" => {
                    merged.into_iter().for_each(|(name, value)| {
                        members.entry(name).or_insert(value);
                    });
                }
                (Some(name), _) if members.contains_key(&name) => {
                    return Err(wrong(at, &format!("the name {name:?} stands twice in one object")));
                }
                (Some(name), value) => {
                    members.insert(name, value);
                }
            },
        }
        Ok(())
    }
}

/// A plain scalar by the core schema of YAML 1.2.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(number) = text.parse::<i64>() {
        return number.into();
    }
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number = text.parse::<f64>().ok().filter(|_| numeric).and_then(Number::from_f64);
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn complaint(text: &str) -> String {
        read(text).expect_err("a complaint").to_string()
    }

    #[test]
    fn yaml_and_json_give_the_same_tree() {
        let text = "openapi: 3.1.0\npaths:\n  /a:\n    get:\n      responses:\n        200: {description: 'ok'}\n      tags: [x, \"1\"]\n      deprecated: true\n      n: 1.5\n      none: ~\n";
        let tree = read(text).expect("YAML");
        let same = json!({"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {"200": {"description": "ok"}},
            "tags": ["x", "1"], "deprecated": true, "n": 1.5, "none": null}}}});
        assert_eq!(tree, same);
        assert_eq!(read(&same.to_string()).expect("JSON"), same);
        assert_eq!(read("\u{feff}{a: 1, b: [2]}").expect("braces of YAML"), json!({"a": 1, "b": [2]}));
    }

    #[test]
    fn aliases_repeat_and_merge_what_they_name() {
        let tree = read("a: &x {p: 1, q: 2}\nb: *x\nc:\n  q: 3\n  <<: *x\n").expect("YAML");
        assert_eq!(tree, json!({"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 2}, "c": {"q": 3, "p": 1}}));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        assert!(complaint("{\"a\": 1,\n \"b\": ]}").starts_with("line 2, column 7: expected value"));
        assert!(complaint("a: 1\nb: [1, 2\n").starts_with("line "), "{}", complaint("a: 1\nb: [1, 2\n"));
        assert!(complaint("a: 1\na: 2\n").contains("stands twice"));
        assert!(complaint("").contains("there is nothing in it"));
        assert!(complaint("? [a]\n: b\n").contains("a name that is no text"));
        assert!(complaint("a: &x [*x]\n").starts_with("line 1, column 8"));
        assert!(complaint("a: *nothing\n").starts_with("line 1"));
    }

    #[test]
    fn bombs_and_depths_end_in_a_sentence() {
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(",")));
        }
        assert!(complaint(&bomb).contains("more than a million values"));
        assert!(complaint(&"[".repeat(5_000)).starts_with("line 1"));
        let deep: String = (0..5_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert!(complaint(&deep).contains("100 levels"));
        assert!(complaint(&"- ".repeat(5_000)).contains("100 levels"));
        let deep = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
        assert!(complaint(&deep).contains("recursion limit"));
    }
}
