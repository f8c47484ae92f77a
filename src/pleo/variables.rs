//! Variables in a request, `{{companyId}}`: given for each environment by the configuration, by a flag, or when asked for.
//! One without a value is never sent as it stands.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::dates::body_worked_out;
use super::endpoint::BodyShape;
use super::handing;
use super::preflight::Place;
use super::request::Draft;

/// Values by name.
pub type Values = BTreeMap<String, String>;

/// No values.
pub static NONE: Values = Values::new();

/// The values as they are shown: not those of variables that are named like secrets.
#[must_use]
pub fn shown(values: &Values) -> Cow<'_, Values> {
    if !values.keys().any(|name| handing::is_key(name)) {
        return Cow::Borrowed(values);
    }
    let shown = |(name, value): (&String, &String)| {
        let value = if handing::is_key(name) { handing::REDACTED } else { value };
        (name.clone(), value.to_owned())
    };
    Cow::Owned(values.iter().map(shown).collect())
}

/// Whether a text can name a variable.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let first = text.bytes().next();
    first.is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// A piece of a text.
enum Piece<'a> {
    Text(&'a str),
    /// A variable, and how it is written.
    Named(&'a str, &'a str),
}

/// A text in pieces. Braces that hold no name are text.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut found, mut rest, mut from) = (Vec::new(), text, 0);
    while let Some(open) = rest[from..].find("{{").map(|at| at + from) {
        let inner = &rest[open + 2..];
        let named = inner.find("}}").map(|end| (&inner[..end], open + 2 + end + 2));
        match named.filter(|(name, _)| is_name(name.trim())) {
            Some((name, end)) => {
                found.extend([Piece::Text(&rest[..open]), Piece::Named(name.trim(), &rest[open..end])]);
                (rest, from) = (&rest[end..], 0);
            }
            None => from = open + 1,
        }
    }
    found.push(Piece::Text(rest));
    found
}

/// The names of the variables in a text, in order.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Named(name, _) => Some(name),
        Piece::Text(_) => None,
    })
}

/// A text without its variables.
#[must_use]
pub fn without(text: &str) -> String {
    let told = pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Named(..) => None,
    });
    told.collect()
}

/// A text with the values that there are.
fn filled(text: &str, values: &Values) -> String {
    let told = pieces(text).into_iter().map(|piece| match piece {
        Piece::Text(text) => text,
        Piece::Named(name, written) => values.get(name).map_or(written, String::as_str),
    });
    told.collect()
}

/// The same for JSON: within a string a value is written as JSON writes it, elsewhere as it is.
fn filled_json(text: &str, values: &Values) -> String {
    let (mut told, mut quoted, mut escaped) = (String::new(), false, false);
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => {
                for c in text.chars() {
                    match c {
                        _ if escaped => escaped = false,
                        '\\' if quoted => escaped = true,
                        '"' => quoted = !quoted,
                        _ => {}
                    }
                }
                told.push_str(text);
            }
            Piece::Named(name, written) => match values.get(name) {
                Some(value) if quoted => {
                    let string = serde_json::Value::from(value.as_str()).to_string();
                    told.push_str(&string[1..string.len() - 1]);
                }
                Some(value) => told.push_str(value),
                None => told.push_str(written),
            },
        }
    }
    told
}

/// A body of that shape as it is sent; `None` where that is as it is written.
#[must_use]
pub fn settled_body(shape: &BodyShape, text: &str, values: &Values, today: Option<Date>) -> Option<String> {
    let filled = names(text).next().is_some().then(|| filled_json(text, values));
    let dated = today.and_then(|today| body_worked_out(shape, filled.as_deref().unwrap_or(text), today));
    dated.or(filled)
}

impl Draft {
    /// Every text of the request that may hold variables, and which place it is.
    fn texts(&self) -> impl Iterator<Item = (Place, &str)> {
        let path = self.endpoint.is_free().then_some((Place::Path, self.endpoint.path.as_str()));
        let values = self.values.iter().enumerate().map(|(index, value)| (Place::Param(index), value.as_str()));
        let extra = self.extra.iter().enumerate().map(|(index, (_, value))| (Place::Extra(index), value.as_str()));
        let own = self.own_headers.iter().enumerate();
        let headers = own.map(|(index, (_, value))| (Place::Header(index), value.as_str()));
        path.into_iter().chain(values).chain(extra).chain(headers).chain([(Place::Body, self.body.as_str())])
    }

    /// The variables without a value, each with the place where it stands first.
    #[must_use]
    pub fn missing(&self, values: &Values) -> Vec<(Place, String)> {
        let mut seen = BTreeSet::new();
        let all = self.texts().flat_map(|(place, text)| names(text).map(move |name| (place, name.to_owned())));
        all.filter(|(_, name)| !values.contains_key(name) && seen.insert(name.clone())).collect()
    }

    /// The request as it is sent: with the values of its variables, and its dates worked out.
    #[must_use]
    pub fn settled(&self, values: &Values, today: Option<Date>) -> Cow<'_, Self> {
        let mut draft = self.settled_fields(values, today);
        if let Some(shape) = &self.endpoint.body
            && let Some(body) = settled_body(shape, &self.body, values, today)
        {
            draft.to_mut().body = body;
        }
        draft
    }

    /// The same but for its body.
    #[must_use]
    pub fn settled_fields(&self, values: &Values, today: Option<Date>) -> Cow<'_, Self> {
        let varies = self.texts().any(|(place, text)| place != Place::Body && names(text).next().is_some());
        let mut draft = Cow::Borrowed(self);
        if varies {
            let own = draft.to_mut();
            if own.endpoint.is_free() {
                let path = filled(&own.endpoint.path, values);
                Arc::make_mut(&mut own.endpoint).path = path;
            }
            let pairs = own.extra.iter_mut().chain(&mut own.own_headers).map(|(_, value)| value);
            for value in own.values.iter_mut().chain(pairs) {
                *value = filled(value, values);
            }
        }
        match today.and_then(|today| draft.with_dates(today)) {
            Some(dated) => Cow::Owned(dated),
            None => draft,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::endpoint::Method;
    use crate::pleo::environment::{Environment, Environments};
    use jiff::civil::date;

    fn values() -> Values {
        [("companyId", "ca54c551-9290-484d-9f69-b136e4df7c01"), ("odd", "a\"b\\c\nd"), ("count", "5")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn names_are_found_and_braces_are_not_names() {
        let told = |text| names(text).collect::<Vec<_>>();
        assert_eq!(told("a {{x}}b{{ y-1 }}"), ["x", "y-1"]);
        for text in ["{{}}", "{{ 7*7 }}", "{x}", "{{x", "x}}", "{{{}}}", "{{é}}", "{{a b}}"] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
        assert_eq!(told("{{{x}}"), ["x"]);
    }

    #[test]
    fn every_place_is_filled_and_what_has_no_value_is_named() {
        let path = "/v2/employees?companyId={{companyId}}&mine={{odd}}&limit={{count}}";
        let both = Environments::pleo();
        let mut draft = Draft::from_path(Method::Get, path, None, Environment::Staging, &both).unwrap();
        draft.own_headers.push(("X-Trace".into(), "{{trace}}".into()));
        assert_eq!(draft.missing(&values()), [(Place::Header(0), "trace".to_owned())]);
        let settled = draft.settled(&values(), None);
        let wanted = [("companyId", "ca54c551-9290-484d-9f69-b136e4df7c01"), ("limit", "5"), ("mine", "a\"b\\c\nd")];
        assert_eq!(settled.query(), wanted);
        assert_eq!(settled.own_headers[0].1, "{{trace}}");
        let free = Draft::from_path(Method::Get, "/v9/free/{{count}}", None, Environment::Staging, &both).unwrap();
        assert_eq!(free.settled(&values(), None).target(), "/v9/free/5");
        let one = Draft::from_path(Method::Get, "/v2/employees/{{id}}", None, Environment::Staging, &both).unwrap();
        assert_eq!((one.endpoint.operation.as_str(), one.path_value("employeeId")), ("get-employee", Some("{{id}}")));
    }

    #[test]
    fn a_value_in_json_stays_one_value() {
        let text = "{\"a\": \"x {{odd}}\", \"n\": {{count}}, \"q\\\"\": \"{{odd}}\"}";
        let told: serde_json::Value = serde_json::from_str(&filled_json(text, &values())).unwrap();
        assert_eq!((&told["a"], &told["n"], &told["q\""]), (&"x a\"b\\c\nd".into(), &5.into(), &"a\"b\\c\nd".into()));
    }

    #[test]
    fn dates_are_worked_out_in_fields_that_are_dates_and_nowhere_else() {
        let both = Environments::pleo();
        let mut draft =
            Draft::from_path(Method::Post, "/v1/accounting-entries:search", None, Environment::Staging, &both).unwrap();
        draft.body = "{\"performedAtStart\": \"-30d\", \"note\": \"today\", \"performedAtEnd\":\"{{end}}\"}".to_owned();
        let end: Values = [("end".to_owned(), "today".to_owned())].into();
        let wanted = "{\"performedAtStart\": \"2026-10-29T00:00:00Z\", \"note\": \"today\", \"performedAtEnd\":\"2026-11-28T00:00:00Z\"}";
        assert_eq!(draft.settled(&end, Some(date(2026, 11, 28))).body, wanted);
        assert!(matches!(draft.settled(&NONE, None), Cow::Owned(own) if own == draft));
    }
}
