//! The sandbox against the models: what it answers is what the catalogue says, and every id in it leads to an answer.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use pleoscope::app::conform;
use pleoscope::document::{Departures, Document, Expected, examine};
use pleoscope::pleo::catalogue::Catalogue;
use pleoscope::pleo::credential::CredentialKind;
use pleoscope::pleo::endpoint::{Endpoint, Method, Surface};
use pleoscope::pleo::environment::Environment::Staging;
use pleoscope::pleo::links::{NoWay, Place, leads, related};
use pleoscope::pleo::model::Models;
use pleoscope::pleo::request::Draft;
use serde_json::{Value, json};

use super::sandbox::{Bench, answer, with};

/// Records of one answer whose ids are followed.
const FOLLOWED: usize = 12;

fn model_of(endpoint: &Endpoint) -> Option<Expected> {
    let answer = endpoint.answer.as_deref()?;
    Some(conform::of_model(&Models::embedded().of_answer(answer)?.whole))
}

fn compared(text: &str, expected: &Expected) -> Departures {
    let document = Document::from_bytes(Bytes::copy_from_slice(text.as_bytes()));
    examine(document.body(), Some(expected), &|| false).departures
}

/// What is known after following everything once.
#[derive(Default)]
struct Walk {
    asked: BTreeMap<String, Option<Value>>,
    reached: BTreeSet<String>,
    wrong: Vec<String>,
    led: BTreeMap<String, String>,
}

impl Walk {
    async fn send(&mut self, bench: &Bench, draft: &Draft) -> Option<Value> {
        let endpoint = &draft.endpoint;
        let target = draft.target();
        let key = format!("{} {target} {}", endpoint.operation, draft.body);
        if let Some(known) = self.asked.get(&key) {
            return known.clone();
        }
        let value = self.ask(bench, draft, &target).await;
        self.asked.insert(key, value.clone());
        value
    }

    async fn ask(&mut self, bench: &Bench, draft: &Draft, target: &str) -> Option<Value> {
        let endpoint = &draft.endpoint;
        let kind = match endpoint.surface {
            Surface::External => CredentialKind::OAuthAccessToken,
            Surface::Legacy => CredentialKind::LegacyToken,
        };
        let request = bench.request(Staging, kind, endpoint.method.as_str(), target);
        let has_body = !draft.body.is_empty();
        let body: Value = serde_json::from_str(&draft.body).unwrap_or(Value::Null);
        let (status, value) = answer(if has_body { with(request, &body) } else { request }).await;
        // Only a job that is not over has items to be exported.
        if status == 422 && endpoint.operation.starts_with("list-export-items") {
            return None;
        }
        if status != 200 {
            self.wrong.push(format!("{} {target}: {status} {value}", endpoint.operation));
            return None;
        }
        self.reached.insert(endpoint.operation.clone());
        if let Some(expected) = model_of(endpoint) {
            for one in compared(&value.to_string(), &expected).list {
                self.wrong.push(format!("{}: {} {:?} ×{}", endpoint.operation, one.path, one.difference, one.count));
            }
        }
        Some(value)
    }

    /// Follows every id of the first records, and what is related to them.
    async fn follow(&mut self, bench: &Bench, draft: &Draft, answered: &Value) {
        for record in records(&draft.endpoint, answered).into_iter().take(FOLLOWED) {
            let mut ids = Vec::new();
            strings(record, &mut Vec::new(), record, &mut ids);
            for (path, value, around) in ids {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                let beside = |name: &str| text(around.get(name)?);
                let inside = |name: &str| text(name.split('.').try_fold(record, |at, name| at.get(name))?);
                let place = Place {
                    path: &path,
                    value,
                    beside: &beside,
                    record: &inside,
                    endpoint: &draft.endpoint,
                    asked: &draft.target(),
                };
                let name = format!("{} {}", draft.endpoint.operation, path.join("."));
                match leads(&place, Catalogue::embedded()) {
                    Ok(next) => {
                        self.led.insert(name, next.endpoint.operation.clone());
                        self.send(bench, &next).await;
                    }
                    Err(NoWay::Needs { operation, needs }) => {
                        self.wrong.push(format!("{name}: {operation} needs {needs}"));
                    }
                    Err(_) => {}
                }
                if path == ["id"] {
                    for one in related(&place, Catalogue::embedded()) {
                        self.send(bench, &one.draft).await;
                    }
                }
            }
        }
    }
}

fn records<'v>(endpoint: &Endpoint, value: &'v Value) -> Vec<&'v Value> {
    let shape = endpoint.answer.as_deref().and_then(|answer| Models::embedded().of_answer(answer));
    // Where nothing is said of the answer, the first array in it is its list.
    let guess = || value.as_object().and_then(|members| members.values().find(|member| member.is_array()));
    let inside = match shape {
        Some(shape) => shape.path.iter().try_fold(value, |at, name| at.get(name)),
        None => guess().or_else(|| value.as_object()?.values().next()),
    };
    match inside {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Every string with its path and the object around it.
fn strings<'v>(
    value: &'v Value,
    path: &mut Vec<String>,
    around: &'v Value,
    found: &mut Vec<(Vec<String>, &'v str, &'v Value)>,
) {
    match value {
        Value::String(text) => found.push((path.clone(), text, around)),
        Value::Array(items) => items.iter().for_each(|item| strings(item, path, around, found)),
        Value::Object(members) => {
            for (name, member) in members {
                path.push(name.clone());
                strings(member, path, value, found);
                path.pop();
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn the_sandbox_answers_as_the_catalogue_says_and_its_ids_lead_on() {
    let bench = Bench::new().await;
    let company = bench.get("v1/companies").await.1["data"][0]["id"].as_str().expect("an id").to_owned();
    let mut walk = Walk::default();
    let reads = Catalogue::embedded().endpoints().iter().filter(|endpoint| !endpoint.writes);
    for endpoint in reads.filter(|endpoint| endpoint.path_params().count() == 0) {
        let mut draft = Draft::new(endpoint);
        for (param, value) in endpoint.params.iter().zip(&mut draft.values) {
            match param.name.as_str() {
                "company_id" | "companyId" => company.clone_into(value),
                "limit" => "100".clone_into(value),
                _ => {}
            }
        }
        if let (Some(body), true) = (&endpoint.body, endpoint.method == Method::Post)
            && body.fields.iter().any(|field| field.name == "companyId")
        {
            draft.body = json!({"companyId": company, "excludeIfAssignedToCategory": false, "excludeIfAssignedToContraAccount": false}).to_string();
        }
        if let Some(value) = walk.send(&bench, &draft).await {
            walk.follow(&bench, &draft, &value).await;
        }
    }
    let of_reads: Vec<&str> = Catalogue::embedded()
        .endpoints()
        .iter()
        .filter(|endpoint| !endpoint.writes && !walk.reached.contains(&endpoint.operation))
        .map(|endpoint| endpoint.operation.as_str())
        .collect();
    assert_eq!(walk.wrong, [""; 0]);
    assert_eq!(of_reads, [""; 0], "{:#?}", walk.led);
}
