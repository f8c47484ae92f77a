//! A saved request as its file has it: TOML that reads well and is written so that whatever stands in it stays as it is.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::document;
use crate::edge::config::{Value, Wrong, unknown};
use crate::pleo::catalogue::Catalogue;
use crate::pleo::endpoint::{Endpoint, Method, Surface};
use crate::pleo::headers;
use crate::pleo::saved::Saved;

/// The keys of a file.
const KEYS: [&str; 7] = ["description", "request", "legacy", "path", "query", "headers", "body"];

/// What a file begins with.
const HEAD: &str = "# A saved request of pleoscope. {{name}} is a variable; no credential belongs here.\n";

/// A file.
#[must_use]
pub fn write(own: &Saved) -> String {
    let mut text = String::from(HEAD);
    let mut line = |key: &str, value: String| text.push_str(&format!("{key} = {value}\n"));
    if !own.description.is_empty() {
        line("description", quoted(&own.description));
    }
    line("request", quoted(&format!("{} {}", own.method, own.path)));
    if own.surface == Surface::Legacy {
        line("legacy", "true".to_owned());
    }
    if !own.body.is_empty() {
        line("body", several_lines(&own.body));
    }
    let one = |pairs: &[(String, String)]| -> Vec<(String, Vec<String>)> {
        let mut rows = Vec::<(String, Vec<String>)>::new();
        for (name, value) in pairs {
            match rows.iter_mut().find(|(own, _)| own == name) {
                Some((_, values)) => values.push(value.clone()),
                None => rows.push((name.clone(), vec![value.clone()])),
            }
        }
        rows
    };
    for (section, rows) in [("path", one(&own.places)), ("query", own.query.clone()), ("headers", one(&own.headers))] {
        if !rows.is_empty() {
            text.push_str(&format!("\n[{section}]\n"));
        }
        for (name, values) in rows {
            let told: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            let value = if told.len() == 1 { told.concat() } else { format!("[{}]", told.join(", ")) };
            text.push_str(&format!("{} = {value}\n", key(&name)));
        }
    }
    text
}

/// A key, bare where it may be.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if bare { name.to_owned() } else { basic(name) }
}

/// A text of one line: literal where that spares escapes.
fn quoted(text: &str) -> String {
    let literal = text.contains(['"', '\\']) && !text.contains('\'') && !is_odd(text);
    if literal { format!("'{text}'") } else { basic(text) }
}

/// A basic string. What could not be seen is written by its number.
fn basic(text: &str) -> String {
    format!("\"{}\"", escaped(text, false))
}

/// A text of several lines, as it is; one that cannot stand so is escaped. The line break before its end is not part of it.
fn several_lines(text: &str) -> String {
    let plain = text.replace(['\n', '\t'], "");
    if text.contains("'''") || is_odd(&plain) {
        format!("\"\"\"\n{}\n\"\"\"", escaped(text, true))
    } else {
        format!("'''\n{text}\n'''")
    }
}

/// Whether something in a text cannot be seen, or not be written as it is.
fn is_odd(text: &str) -> bool {
    matches!(document::displayable(text), Cow::Owned(_))
}

fn escaped(text: &str, lines: bool) -> String {
    let mut told = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' if lines => told.push(c),
            '\n' => told.push_str("\\n"),
            '\r' => told.push_str("\\r"),
            '\t' => told.push_str("\\t"),
            // Among lines only the third in a row would end it.
            '"' if lines && !told.ends_with('"') => told.push(c),
            '"' | '\\' => told.extend(['\\', c]),
            c if is_odd(c.encode_utf8(&mut [0; 4])) => match u32::from(c) {
                code @ ..=0xFFFF => told.push_str(&format!("\\u{code:04X}")),
                code => told.push_str(&format!("\\U{code:08X}")),
            },
            c => told.push(c),
        }
    }
    told
}

/// Reads a file.
///
/// # Errors
/// Everything that is wrong with it, in order; never with a value of it.
pub fn read(text: &str) -> Result<Saved, Vec<Wrong>> {
    let table = DeTable::parse(text).map_err(|error| vec![Wrong::of(&error, 0)])?.into_inner();
    let mut file = File::default();
    for (name, value) in table {
        file.take(name.get_ref(), name.span().start, value);
    }
    file.finish()
}

/// What was read of a file so far.
#[derive(Default)]
struct File {
    found: Vec<Wrong>,
    description: String,
    request: Option<(usize, String)>,
    legacy: bool,
    /// Each with where it stands.
    places: Vec<(usize, String, Vec<String>)>,
    query: Vec<(usize, String, Vec<String>)>,
    headers: Vec<(usize, String, Vec<String>)>,
    body: Option<(usize, String)>,
}

impl File {
    fn take(&mut self, name: &str, at: usize, value: Value<'_>) {
        let place = value.span().start;
        match name {
            "description" => self.description = self.text(value).unwrap_or_default(),
            "request" => self.request = self.text(value).map(|text| (place, text)),
            "body" => {
                let told = self.text(value);
                self.body = told.map(|text| (place, text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)));
            }
            "legacy" => match value.get_ref() {
                DeValue::Boolean(legacy) => self.legacy = *legacy,
                _ => self.found.push(Wrong::new(place, "legacy is true or false")),
            },
            "path" => self.places = self.rows(value),
            "query" => self.query = self.rows(value),
            "headers" => self.headers = self.rows(value),
            name => self.found.push(Wrong::new(at, unknown("key", name, &KEYS))),
        }
    }

    fn text(&mut self, value: Value<'_>) -> Option<String> {
        let at = value.span().start;
        match value.into_inner() {
            DeValue::String(text) => Some(text.into_owned()),
            _ => {
                self.found.push(Wrong::new(at, "this is a text: put it between quotation marks"));
                None
            }
        }
    }

    /// The rows of a section, in the order of the file.
    fn rows(&mut self, value: Value<'_>) -> Vec<(usize, String, Vec<String>)> {
        let at = value.span().start;
        let DeValue::Table(table) = value.into_inner() else {
            let reason = "this is a section of its own: [path], [query] or [headers], then a line a name";
            self.found.push(Wrong::new(at, reason));
            return Vec::new();
        };
        let mut rows: Vec<_> = table.into_iter().collect();
        rows.sort_by_key(|(name, _)| name.span().start);
        let mut told = Vec::new();
        for (name, value) in rows {
            let at = name.span().start;
            if name.get_ref().is_empty() {
                self.found.push(Wrong::new(at, "this has no name"));
            }
            let values = self.values(value);
            told.push((at, name.into_inner().into_owned(), values));
        }
        told
    }

    /// A value, or several.
    fn values(&mut self, value: Value<'_>) -> Vec<String> {
        let at = value.span().start;
        match value.into_inner() {
            DeValue::Array(several) => several.into_iter().filter_map(|one| self.value(one)).collect(),
            one => self.value(Spanned::new(at..at, one)).into_iter().collect(),
        }
    }

    /// A value as it is sent: numbers and dates as they are written.
    fn value(&mut self, value: Value<'_>) -> Option<String> {
        let at = value.span().start;
        Some(match value.into_inner() {
            DeValue::String(text) => text.into_owned(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            DeValue::Boolean(own) => own.to_string(),
            DeValue::Datetime(own) => own.to_string(),
            _ => {
                self.found.push(Wrong::new(at, "this is a text or a number, or several of them between [ and ]"));
                return None;
            }
        })
    }

    fn finish(mut self) -> Result<Saved, Vec<Wrong>> {
        let surface = if self.legacy { Surface::Legacy } else { Surface::External };
        let asked = match self.request.take() {
            Some((at, text)) => asked(&text, surface).map_err(|reason| Wrong::new(at, reason)),
            None if self.found.is_empty() => {
                Err(Wrong::new(0, "it says no request: write for example request = \"GET /v2/employees\""))
            }
            None => return Err(sorted(self.found)),
        };
        let (surface, method, path) = match asked {
            Ok(asked) => asked,
            Err(wrong) => {
                self.found.push(wrong);
                return Err(sorted(self.found));
            }
        };
        let bare = path.split('?').next().unwrap_or_default();
        if let Some((endpoint, _)) = Catalogue::current().find(surface, method, bare) {
            self.look(endpoint);
        }
        for (at, name, values) in &self.headers {
            let wrong = values.iter().find_map(|value| headers::check(name, value).err());
            self.found.extend(wrong.map(|reason| Wrong::new(*at, reason)));
        }
        if !self.found.is_empty() {
            return Err(sorted(self.found));
        }
        let each = |rows: Vec<(usize, String, Vec<String>)>| -> Vec<(String, String)> {
            let pairs = rows
                .into_iter()
                .flat_map(|(_, name, values)| values.into_iter().map(move |value| (name.clone(), value)));
            pairs.collect()
        };
        Ok(Saved {
            description: self.description,
            surface,
            method,
            path,
            places: each(self.places),
            query: self.query.into_iter().map(|(_, name, values)| (name, values)).collect(),
            headers: each(self.headers),
            body: self.body.map(|(_, text)| text).unwrap_or_default(),
        })
    }

    /// What does not fit the operation.
    fn look(&mut self, endpoint: &Endpoint) {
        let names: Vec<&str> = endpoint.path_params().map(|param| param.name.as_str()).collect();
        for (at, name, values) in &self.places {
            if names.is_empty() {
                self.found.push(Wrong::new(*at, "the path of this operation has no parameters"));
            } else if !names.contains(&name.as_str()) {
                self.found.push(Wrong::new(*at, unknown("path parameter", name, &names)));
            } else if values.len() != 1 {
                self.found.push(Wrong::new(*at, "a path parameter has one value"));
            }
        }
        if let Some((at, _)) = self.body.as_ref().filter(|(_, text)| endpoint.body.is_none() && !text.trim().is_empty())
        {
            self.found.push(Wrong::new(*at, "this operation takes no body"));
        }
    }
}

fn sorted(mut found: Vec<Wrong>) -> Vec<Wrong> {
    found.sort_by_key(|wrong| wrong.at);
    found
}

/// What a file asks for: `METHOD PATH`, or the name of an operation, as `send` takes them.
fn asked(text: &str, surface: Surface) -> Result<(Surface, Method, String), String> {
    let text = text.trim();
    let Some((method, path)) = text.split_once(char::is_whitespace) else {
        // What is wrong with it is told without it: it may be anything.
        let endpoint = Catalogue::current().operation(text).map_err(|_| {
            let names: Vec<&str> = Catalogue::current().endpoints().iter().map(|own| own.operation.as_str()).collect();
            match crate::pleo::catalogue::nearest(text, names.into_iter()) {
                Some(meant) => format!("no operation is called so; did you mean {meant}?"),
                None => "this is METHOD PATH, such as GET /v2/employees, or the name of an operation".to_owned(),
            }
        })?;
        return Ok((endpoint.surface, endpoint.method, endpoint.path.clone()));
    };
    let method =
        method.parse().map_err(|_| "it begins with no method: GET, POST, PUT, PATCH, DELETE or HEAD".to_owned())?;
    let path = path.trim();
    if !path.starts_with('/') {
        return Err("behind the method stands no path that begins with \"/\", for example /v2/employees".to_owned());
    }
    if path.chars().any(|c| c.is_control() || c.is_whitespace() || "\\#".contains(c)) {
        return Err("the path holds white space, a control character, \"\\\" or \"#\": take it out".to_owned());
    }
    Ok((surface, method, path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn saved() -> Saved {
        Saved {
            description: "Who is new".to_owned(),
            surface: Surface::External,
            method: Method::Patch,
            path: "/v1/vendors/{id}".to_owned(),
            places: vec![("id".to_owned(), "{{vendor}}".to_owned())],
            query: vec![("odd name".to_owned(), vec!["a".to_owned(), "\"b\\".to_owned(), "'\"".to_owned()])],
            headers: vec![("X-Trace".to_owned(), "{{trace}}".to_owned()), ("X-Trace".to_owned(), "2".to_owned())],
            body: "{\n  \"name\": \"it's {{name}} \\u00e9\"\n}".to_owned(),
        }
    }

    #[test]
    fn a_file_reads_well_and_says_the_same_again() {
        let text = write(&saved());
        let wanted = r#"# A saved request of pleoscope. {{name}} is a variable; no credential belongs here.
description = "Who is new"
request = "PATCH /v1/vendors/{id}"
body = '''
{
  "name": "it's {{name}} \u00e9"
}
'''

[path]
id = "{{vendor}}"

[query]
"odd name" = ["a", '"b\', "'\""]

[headers]
X-Trace = ["{{trace}}", "2"]
"#;
        assert_eq!(text, wanted);
        assert_eq!(read(&text), Ok(saved()));
    }

    #[test]
    fn what_a_person_writes_is_taken() {
        let text = "request = \"list-employees\"\n[query]\nlimit = 50\nsorting_keys = [\"name\", 'id']\nfrom = 2026-01-31\nall = true\n";
        let own = read(text).unwrap();
        assert_eq!((own.method, own.path.as_str()), (Method::Get, "/v2/employees"));
        let values: Vec<_> = own.query.iter().map(|(name, values)| format!("{name}={}", values.join("|"))).collect();
        assert_eq!(values, ["limit=50", "sorting_keys=name|id", "from=2026-01-31", "all=true"]);
        let legacy = read("request = \"GET /v1/employees\"\nlegacy = true\n").unwrap();
        assert_eq!(legacy.surface, Surface::Legacy);
        let crlf = read("request = \"POST /v1/vendors\"\r\nbody = '''\r\n{}\r\n'''\r\n").unwrap();
        assert_eq!(crlf.body.trim(), "{}");
    }

    #[test]
    fn what_is_wrong_has_a_place_and_no_value() {
        let wrong = |text: &str| -> Vec<String> {
            read(text).unwrap_err().iter().map(|wrong| format!("{:?} {}", wrong.place(text), wrong.reason)).collect()
        };
        assert!(
            wrong("request = \"GET /v2/employees\"\nqury = 1\n")[0]
                .contains("(2, 1) there is no key `qury`; did you mean `query`?")
        );
        assert!(wrong("description = \"x\"\n")[0].contains("(1, 1) it says no request"));
        assert!(
            wrong("request = \"list-employes\"\n")[0]
                .contains("(1, 11) no operation is called so; did you mean list-employees?")
        );
        assert!(
            wrong("request = \"GET /v2/employees/{employeeId}\"\n[path]\nemployeId = \"1\"\n")[0]
                .contains("(3, 1) there is no path parameter")
        );
        assert!(
            wrong("request = \"GET /v2/employees\"\nbody = \"{}\"\n")[0]
                .contains("(2, 8) this operation takes no body")
        );
        assert!(
            wrong("request = \"GET /v2/employees\"\n\n[headers]\nAuthorization = \"CNRY\"\n")[0]
                .contains("(4, 1) Authorization cannot")
        );
        assert!(wrong("request = \"GET /v2/employees\"\n[query]\na = {b = 1}\nc = [[1]]\n").len() == 2);
        for text in [
            "request = CNRY-secret\n",
            "request = \"CNRY-secret\"\n",
            "request = \"CNRY /secret\"\n",
            "request = \"GET CNRY-secret\"\n",
            "request = \"GET /CNRY#\"\n",
            "CNRY-secret = 1\nrequest = \"GET /v2/employees\"\n",
            "request = \"GET /v2/employees\"\n[headers]\nX-A = \"CNRY\\n\"\n",
            "request = [\"CNRY-secret\"]\n",
            "body = 'CNRY",
            "",
        ] {
            let told = wrong(text).concat();
            assert!(!told.is_empty() && !told.contains("CNRY"), "{text:?}: {told}");
        }
    }

    proptest! {
        /// Whatever a file holds, it is read or told what is wrong with it.
        #[test]
        fn nothing_in_a_file_is_too_much(text in "(request|body|query|path|=|\"|'|\\[|\\]|\\{|\n|\\PC| |GET /v2/employees|[0-9:.-]){0,40}") {
            if let Err(wrong) = read(&text) {
                prop_assert!(!wrong.is_empty());
                let _ = wrong[0].place(&text);
            }
        }

        /// Whatever stands in a request, its file says the same, and shows nothing that is not seen.
        #[test]
        fn hostile_text_stays_as_it_is(
            description in "\\PC{0,20}|[\\x00-\\x7f]{0,20}",
            names in proptest::collection::hash_set("[\\x00-\\x7f\\u{80}-\\u{ff}\\u{202e}]{1,6}", 0..4),
            values in proptest::collection::vec(any::<String>(), 1..4),
            body in "(.|\\n|\\r|\\t|'{1,4}|\"{1,4}|\\\\|\\u{202e}|\\u{0}|\\u{7f}){0,40}",
            ends in "['\"\\\\\\n]{0,4}",
        ) {
            let own = Saved {
                description,
                method: Method::Post,
                path: "/v9/free".to_owned(),
                places: Vec::new(),
                query: names.into_iter().map(|name| (name, values.clone())).collect(),
                headers: Vec::new(),
                body: body + &ends,
                ..saved()
            };
            let text = write(&own);
            prop_assert!(text.lines().all(|line| !is_odd(&line.replace('\t', ""))), "{text:?}");
            prop_assert_eq!(read(&text), Ok(own));
        }
    }
}
