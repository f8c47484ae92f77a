//! A person's own part of the catalogue: operations that they imported, beside and over those that are built in.
//!
//! It can add and describe, and it can never disarm: what is built in as a write stays one, with its danger and the word
//! that must be typed, and what is not built in is a write unless its method only reads.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::catalogue::Catalogue;
use super::endpoint::{BodyField, Endpoint, Method, Param, ParamPlace, Surface, ValueType};
use super::openapi::{Found, Skipped, is_sound};
use super::request::take_danger;

/// The operations of a person's file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// Of the External API.
    #[serde(default)]
    external: Vec<Endpoint>,
    /// Of the legacy API.
    #[serde(default)]
    legacy: Vec<Endpoint>,
}

/// Why a person's file is not used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnError {
    /// Not what was written there.
    #[error("line {line}, column {column}: {reason}")]
    Damaged {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// An operation that cannot be offered.
    #[error("the operation {name:?} is not sound: {reason}")]
    Unsound {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// What an import did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What is new: method and path, and its name.
    pub added: Vec<(String, String)>,
    /// What is described anew: method and path, and what of it.
    pub changed: Vec<(String, Vec<String>)>,
    /// What says nothing new.
    pub unchanged: usize,
    /// What was left out, and why.
    pub skipped: Vec<Skipped>,
}

impl Own {
    /// Reads a person's file.
    ///
    /// # Errors
    /// [`OwnError`], with the place; nothing of the file is used then.
    pub fn read(text: &str) -> Result<Self, OwnError> {
        let mut own: Self = serde_json::from_str(text).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
            OwnError::Damaged { line: error.line(), column: error.column(), reason }
        })?;
        own.legacy.iter_mut().for_each(|endpoint| endpoint.surface = Surface::Legacy);
        for endpoint in own.external.iter().chain(&own.legacy) {
            is_sound(endpoint).map_err(|reason| OwnError::Unsound { name: endpoint.operation.clone(), reason })?;
        }
        Ok(own)
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        prune(&mut value);
        let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
        text.push('\n');
        text
    }

    /// How many operations there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.external.len() + self.legacy.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes in what a document offers, for one of the surfaces.
    pub fn import(&mut self, found: Found, surface: Surface) -> Report {
        let mut report = Report { skipped: found.skipped, ..Report::default() };
        let catalogue = Catalogue::embedded().with(self.clone());
        let mut known: HashMap<Key, Endpoint> =
            catalogue.endpoints().iter().map(|endpoint| (key(endpoint), endpoint.clone())).collect();
        let mut names = Names::of(catalogue.endpoints());
        for mut offered in found.endpoints {
            offered.surface = surface;
            let (key, what) = (key(&offered), format!("{} {}", offered.method, offered.path));
            let taken = match known.get(&key) {
                None => {
                    offered.operation = names.unused(&offered.operation);
                    report.added.push((what, offered.operation.clone()));
                    offered
                }
                Some(own) => {
                    let (updated, changes) = updated(own, offered);
                    if changes.is_empty() {
                        report.unchanged += 1;
                        continue;
                    }
                    report.changed.push((what, changes));
                    updated
                }
            };
            known.insert(key.clone(), taken.clone());
            let own = match surface {
                Surface::External => &mut self.external,
                Surface::Legacy => &mut self.legacy,
            };
            match own.iter_mut().find(|own| self::key(own) == key) {
                Some(own) => *own = taken,
                None => own.push(taken),
            }
        }
        report
    }
}

/// What makes two operations one: the names of path parameters do not matter.
type Key = (Surface, Method, String);

fn key(endpoint: &Endpoint) -> Key {
    let mut pieces = endpoint.path.split('{');
    let first = pieces.next().unwrap_or_default().to_owned();
    let path = pieces.fold(first, |text, piece| text + "{}" + piece.split_once('}').map_or("", |(_, after)| after));
    (endpoint.surface, endpoint.method, path)
}

/// The names of operations, each of which is one's alone.
struct Names(HashSet<String>);

impl Names {
    fn of(endpoints: &[Endpoint]) -> Self {
        Self(endpoints.iter().map(|known| known.operation.to_ascii_lowercase()).collect())
    }

    /// This name, or one with a number behind it, which no operation has yet.
    fn unused(&mut self, name: &str) -> String {
        let name = if name.is_empty() { "imported" } else { name };
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let free = |name: &String| !self.0.contains(&name.to_ascii_lowercase());
        let unused = std::iter::once(name.to_owned()).chain(numbered).find(free).unwrap_or_default();
        self.0.insert(unused.to_ascii_lowercase());
        unused
    }
}

impl Catalogue {
    /// This catalogue with a person's operations: those that it knows described anew, and the others beside it.
    #[must_use]
    pub fn with(&self, own: Own) -> Self {
        let mut endpoints = self.endpoints().to_vec();
        let places: HashMap<Key, usize> = endpoints.iter().map(key).zip(0..).collect();
        let mut names = Names::of(&endpoints);
        let mut others: Vec<Endpoint> = Vec::new();
        for mut endpoint in own.external.into_iter().chain(own.legacy) {
            endpoint.imported = true;
            if let Some(known) = places.get(&key(&endpoint)).and_then(|place| endpoints.get_mut(*place)) {
                *known = never_disarmed(known, endpoint);
                continue;
            }
            endpoint.writes |= !endpoint.method.is_safe();
            take_danger(&mut endpoint);
            endpoint.operation = names.unused(&endpoint.operation);
            others.push(endpoint);
        }
        for endpoint in others {
            // With its group, else behind the others of its surface.
            let of_group = |known: &Endpoint| known.surface == endpoint.surface && known.group == endpoint.group;
            let of_surface = |known: &Endpoint| known.surface == endpoint.surface;
            let last = endpoints.iter().rposition(of_group).or_else(|| endpoints.iter().rposition(of_surface));
            endpoints.insert(last.map_or(endpoints.len(), |last| last + 1), endpoint);
        }
        Self::of(endpoints)
    }
}

/// What a person's file says of an operation that is built in, as far as it may.
fn never_disarmed(known: &Endpoint, own: Endpoint) -> Endpoint {
    Endpoint {
        operation: known.operation.clone(),
        path: known.path.clone(),
        params: in_path_as(known, own.params),
        writes: known.writes || own.writes,
        danger: known.danger.clone(),
        confirm: known.confirm.clone(),
        bearer_only: known.bearer_only,
        ..own
    }
}

/// Parameters, those of the path as they are built in.
fn in_path_as(known: &Endpoint, own: Vec<Param>) -> Vec<Param> {
    let query = own.into_iter().filter(|param| param.place == ParamPlace::Query);
    known.path_params().cloned().chain(query).collect()
}

/// What a document says of an operation that is known, and what of that is new.
fn updated(known: &Endpoint, offered: Endpoint) -> (Endpoint, Vec<String>) {
    let mut updated = known.clone();
    let mut changes = Vec::new();
    // In a path the names say nothing to the server: those that are known stay.
    for offered in offered.params.into_iter().filter(|param| param.place == ParamPlace::Query) {
        let own = updated.params.iter_mut().find(|own| own.place == ParamPlace::Query && own.name == offered.name);
        let Some(own) = own else {
            changes.push(format!("parameter {} is new", offered.name));
            updated.params.push(offered);
            continue;
        };
        let better = Param {
            value_type: better_type(own.value_type, offered.value_type),
            hint: own.hint.clone().or(offered.hint),
            min: offered.min.or(own.min),
            max: offered.max.or(own.max),
            default: offered.default.or(own.default),
            choices: if offered.choices.is_empty() { own.choices.clone() } else { offered.choices },
            deprecated: own.deprecated || offered.deprecated,
            name: offered.name,
            place: offered.place,
            list: offered.list,
            required: offered.required,
        };
        if better != *own {
            changes.push(format!("parameter {}", own.name));
            *own = better;
        }
    }
    if let Some(offered) = offered.body {
        match &mut updated.body {
            Some(own) => {
                let before = changes.len();
                merge("body ", &mut own.fields, offered.fields, &mut changes);
                if (own.list, own.required) != (offered.list, offered.required) && changes.len() == before {
                    changes.push("the body's shape".to_owned());
                }
                (own.list, own.required) = (offered.list, offered.required);
            }
            own @ None => {
                changes.push("it takes a body".to_owned());
                *own = Some(offered);
            }
        }
    }
    for (own, offered, what) in
        [(&mut updated.success, offered.success, "success"), (&mut updated.errors, offered.errors, "errors")]
    {
        let new: Vec<u16> = offered.into_iter().filter(|code| !own.contains(code)).collect();
        if !new.is_empty() {
            changes.push(what.to_owned());
            own.extend(new);
            own.sort_unstable();
        }
    }
    if offered.deprecated && !known.deprecated {
        changes.push("deprecated".to_owned());
        updated.deprecated = true;
    }
    // What is built in is told in our own words.
    let built_in = || Catalogue::embedded().operation(&known.operation).is_ok();
    if known.purpose != offered.purpose && !built_in() {
        changes.push("purpose".to_owned());
        updated.purpose = offered.purpose;
    }
    (updated, changes)
}

/// A document that only says text does not know better.
const fn better_type(known: ValueType, offered: ValueType) -> ValueType {
    match (known, offered) {
        (known, ValueType::String) => known,
        (_, offered) => offered,
    }
}

fn merge(before: &str, known: &mut Vec<BodyField>, offered: Vec<BodyField>, changes: &mut Vec<String>) {
    for offered in offered {
        let name = format!("{before}{}", offered.name);
        let Some(own) = known.iter_mut().find(|own| own.name == offered.name) else {
            changes.push(format!("{name} is new"));
            known.push(offered);
            continue;
        };
        merge(&format!("{name}."), &mut own.fields, offered.fields, changes);
        let better = BodyField {
            value_type: better_type(own.value_type, offered.value_type),
            hint: own.hint.clone().or(offered.hint),
            min: offered.min.or(own.min),
            max: offered.max.or(own.max),
            choices: if offered.choices.is_empty() { own.choices.clone() } else { offered.choices },
            deprecated: own.deprecated || offered.deprecated,
            fields: std::mem::take(&mut own.fields),
            name: offered.name,
            list: offered.list,
            required: offered.required,
            nullable: offered.nullable,
        };
        let same = BodyField { fields: better.fields.clone(), ..own.clone() } == better;
        *own = better;
        if !same {
            changes.push(name);
        }
    }
}

/// Leaves out what says nothing: null, false, and empty lists.
fn prune(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(prune),
        Value::Object(members) => {
            members.values_mut().for_each(prune);
            members.retain(|_, value| match value {
                Value::Null | Value::Bool(false) => false,
                Value::Array(items) => !items.is_empty(),
                _ => true,
            });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::openapi;

    fn import(own: &mut Own, text: &str) -> Report {
        own.import(openapi::read(text).expect("a document"), Surface::External)
    }

    fn operation<'c>(catalogue: &'c Catalogue, method: Method, path: &str) -> &'c Endpoint {
        let found = catalogue.endpoints().iter().find(|known| known.method == method && known.path == path);
        found.expect("an operation")
    }

    const KNOWN: &str = "openapi: 3.0.0\npaths:
  /v2/employees:
    get:
      operationId: somethingElse
      parameters:
        - {name: status, in: query, schema: {type: string, enum: [ACTIVE]}}
        - {name: email, in: query, schema: {type: string}}
      responses: {200: {}, 418: {}}
  /v1/vendors/{vendorId}:
    put:
      requestBody: {required: true, content: {application/json: {schema: {properties: {iban: {type: string}}}}}}
      responses: {200: {}}
  /v1/things:
    post: {operationId: list-employees, summary: Make a thing, responses: {200: {}}}
    get: {responses: {200: {}}}
";

    #[test]
    fn an_import_adds_and_describes_and_says_what() {
        let mut own = Own::default();
        let report = import(&mut own, KNOWN);
        assert_eq!(
            report.added,
            [
                ("POST /v1/things".to_owned(), "list-employees-2".to_owned()),
                ("GET /v1/things".to_owned(), "get-v1-things".to_owned()),
            ]
        );
        let changed: Vec<String> =
            report.changed.iter().map(|(what, how)| format!("{what}: {}", how.join(", "))).collect();
        assert_eq!(
            changed,
            ["GET /v2/employees: parameter status is new, errors", "PUT /v1/vendors/{vendorId}: body iban is new",]
        );
        let catalogue = Catalogue::embedded().with(own.clone());
        assert_eq!(catalogue.endpoints().len(), 162);
        let employees = operation(&catalogue, Method::Get, "/v2/employees");
        assert_eq!(employees.operation, "list-employees", "it keeps its name");
        assert!(
            employees.imported && employees.answer.is_some() && employees.params.iter().any(|p| p.name == "status")
        );
        let vendor = operation(&catalogue, Method::Put, "/v1/vendors/{id}");
        assert!(vendor.writes && vendor.body.as_ref().is_some_and(|body| body.fields.iter().any(|f| f.name == "iban")));
        let again = import(&mut own, KNOWN);
        assert_eq!((again.added.len(), again.changed.len(), again.unchanged), (0, 0, 4));
        let read = Own::read(&own.text()).expect("what was written");
        assert_eq!(Catalogue::embedded().with(read).endpoints(), catalogue.endpoints());
    }

    #[test]
    fn what_is_new_is_a_write_unless_its_method_only_reads() {
        let mut own = Own::default();
        import(&mut own, KNOWN);
        let lie = own.text().replace("\"writes\": true", "\"writes\": false");
        let catalogue = Catalogue::embedded().with(Own::read(&lie).expect("a file"));
        assert!(operation(&catalogue, Method::Post, "/v1/things").writes);
        assert!(!operation(&catalogue, Method::Get, "/v1/things").writes);
    }

    #[test]
    fn no_write_that_is_built_in_is_disarmed() {
        let all: Vec<Endpoint> = Catalogue::embedded().endpoints().to_vec();
        let lying = |mut endpoint: Endpoint| {
            (endpoint.writes, endpoint.danger, endpoint.confirm) = (false, None, None);
            (endpoint.operation, endpoint.bearer_only) = ("harmless".to_owned(), false);
            endpoint
        };
        let (external, legacy) = all.iter().cloned().map(lying).partition(|one| one.surface == Surface::External);
        let catalogue = Catalogue::embedded().with(Own { external, legacy });
        for (before, after) in all.iter().zip(catalogue.endpoints()) {
            assert_eq!((before.writes, &before.danger, &before.confirm), (after.writes, &after.danger, &after.confirm));
            assert_eq!(
                (&before.operation, &before.path, before.bearer_only),
                (&after.operation, &after.path, after.bearer_only)
            );
        }
        // A description of a search leaves it a read.
        let mut own = Own::default();
        import(&mut own, "openapi: 3.0.0\npaths: {'/v1/vendors:search': {post: {responses: {418: {}}}}}");
        assert!(!operation(&Catalogue::embedded().with(own), Method::Post, "/v1/vendors:search").writes);
    }

    #[test]
    fn the_dangerous_few_stay_so_behind_parameters_and_other_spellings() {
        for path in ["/v1/installations/{who}", "/v9/Installations/me", "/v1/{what}/{who}"] {
            let mut own = Own::default();
            import(&mut own, &format!("openapi: 3.0.0\npaths: {{'{path}': {{delete: {{responses: {{200: {{}}}}}}}}}}"));
            let catalogue = Catalogue::embedded().with(own);
            let imported = operation(&catalogue, Method::Delete, path);
            assert_eq!(imported.confirm.as_deref(), Some("uninstall"), "{path}");
        }
    }

    #[test]
    fn a_damaged_file_is_not_used() {
        let why = |text: &str| Own::read(text).expect_err("a refusal").to_string();
        assert!(why("{\"external\": [}").starts_with("line 1, column 15"));
        assert!(why("{\"extra\": []}").contains("unknown field"));
        let bad =
            r#"{"external": [{"operation": "a", "method": "GET", "path": "/a/{b}", "group": "g", "purpose": "p"}]}"#;
        assert!(why(bad).contains("\"a\" is not sound"));
        let bad = r#"{"external": [{"operation": "a", "method": "GET", "path": "https://evil.example/", "group": "g", "purpose": "p"}]}"#;
        assert!(why(bad).contains("it must begin with /"));
    }
}
