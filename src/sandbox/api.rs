//! The operations: from a method and a path to the one that answers, and what most of them have in common.

mod accounts;
mod dimensions;
mod enrich;
mod entries;
mod export_items;
mod exports;
pub mod imports;
mod installations;
mod legacy;
mod legacy_tags;
mod people;
mod subscriptions;
mod tags;
mod tax_codes;
mod vendors;

use axum::http::header;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::Url;

use super::answer::{Answer, Outcome, Problem};
use super::auth::Principal;
use super::call::Call;
use super::data::{Kind, Record, World, random, shown, text};
use super::paging;
use crate::pleo::catalogue::Catalogue;
use crate::pleo::endpoint::{Endpoint, Method, Surface};

/// An operation that a request leads to.
pub struct Target {
    /// Which.
    pub endpoint: &'static Endpoint,
    path: Vec<(String, String)>,
}

/// The operation for a method and a path as sent.
///
/// # Errors
/// 404 when nothing has that path, 405 when something has it with another method.
pub fn target(surface: Surface, method: &axum::http::Method, path: &str) -> Result<Target, Problem> {
    let catalogue = Catalogue::embedded();
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let find = |method: Method| {
        let method = if method == Method::Head { Method::Get } else { method };
        catalogue.find(surface, method, &decoded)
    };
    if let Some((endpoint, path)) = method.as_str().parse().ok().and_then(find) {
        return Ok(Target { endpoint, path });
    }
    let allowed: Vec<&str> = Method::ALL.into_iter().filter(|m| find(*m).is_some()).map(Method::as_str).collect();
    if allowed.is_empty() {
        return Err(Problem::new(404, "NOT_FOUND", format!("No route for {method} {path}")));
    }
    let problem = Problem::new(405, "METHOD_NOT_ALLOWED", format!("{method} is not allowed for {path}"));
    Err(problem.header(header::ALLOW, allowed.join(", ")))
}

impl Target {
    /// Checks the request and answers it.
    pub fn call(
        self,
        who: &Principal,
        query: Vec<(String, String)>,
        body: &Bytes,
        files: &Url,
        world: &mut World,
    ) -> Outcome {
        let body = if body.is_empty() || self.endpoint.body.is_none() {
            Value::Null
        } else {
            serde_json::from_slice(body).map_err(|error| Problem::mapping(format!("The body is no JSON: {error}")))?
        };
        let call = Call { endpoint: self.endpoint, who, path: self.path, query, body, files };
        call.check()?;
        let mut answer = route(&call, world)?;
        if answer.status == 0 {
            answer.status = call.endpoint.success.first().copied().unwrap_or(200);
        }
        Ok(answer)
    }
}

type Route = fn(&Call, &mut World, Method, &str) -> Option<Outcome>;

fn route(call: &Call, world: &mut World) -> Outcome {
    const EXTERNAL: &[Route] = &[
        people::route,
        entries::route,
        enrich::route,
        exports::route,
        export_items::route,
        installations::route,
        accounts::route,
        vendors::route,
        imports::route,
        tags::route,
        dimensions::route,
        tax_codes::route,
        subscriptions::route,
    ];
    const LEGACY: &[Route] = &[legacy::route, legacy_tags::route];
    let routes = if call.endpoint.surface == Surface::External { EXTERNAL } else { LEGACY };
    let answered = routes.iter().find_map(|route| route(call, world, call.endpoint.method, &call.endpoint.path));
    answered.unwrap_or_else(|| {
        let message = format!("The sandbox has no answer for {} {}", call.endpoint.method, call.endpoint.path);
        Err(Problem::new(501, "NOT_IMPLEMENTED", message))
    })
}

/// What an unknown id of a kind is refused with, and what it is called.
fn names(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Company => ("COMPANY_NOT_FOUND", "Company"),
        Kind::Employee => ("EMPLOYEE_NOT_FOUND", "Employee"),
        Kind::Team => ("TEAM_NOT_FOUND", "Team"),
        Kind::Entry => ("ACCOUNTING_ENTRY_NOT_FOUND", "Accounting entry"),
        Kind::Receipt => ("RECEIPT_NOT_FOUND", "Receipt"),
        Kind::ExportJob => ("EXPORT_NOT_FOUND", "Export job"),
        Kind::ExportItem => ("EXPORT_ENTRY_NOT_FOUND", "Export item"),
        Kind::TagGroup => ("TAG_GROUP_NOT_FOUND", "Tag group"),
        Kind::Dimension => ("DIMENSION_NOT_FOUND", "Dimension"),
        Kind::Tag => ("TAG_NOT_FOUND", "Tag"),
        Kind::TagValue => ("DIMENSION_VALUE_NOT_FOUND", "Dimension value"),
        Kind::TaxCode => ("TAX_CODE_NOT_FOUND", "Tax code"),
        Kind::Account => ("ACCOUNT_NOT_FOUND", "Account"),
        Kind::AccountGroup => ("ACCOUNT_GROUP_NOT_FOUND", "Account group"),
        Kind::Vendor => ("VENDOR_NOT_FOUND", "Vendor"),
        Kind::ImportJob => ("IMPORT_JOB_NOT_FOUND", "Import job"),
        Kind::ImportError => ("IMPORT_ERROR_NOT_FOUND", "Import error"),
        Kind::Subscription => ("SUBSCRIPTION_NOT_FOUND", "Subscription"),
        Kind::Activity => ("ACTIVITY_NOT_FOUND", "Activity"),
    }
}

/// The members by which a list of a kind can be sorted, where the catalogue does not say.
fn keys(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Company => &["id", "name", "registrationNumber"],
        Kind::Employee => &["id", "companyId", "email", "firstName", "lastName", "code", "jobTitle", "phone"],
        Kind::ExportJob => &["id", "companyId", "status", "numberOfItems", "createdAt", "startedAt", "completedAt"],
        Kind::ExportItem => &["accountingEntryId", "exportJobId", "status", "exportedAt", "externalId"],
        Kind::Tag => &["id", "groupId", "name", "code", "archived", "createdAt", "updatedAt"],
        Kind::TaxCode => &["id", "name", "code", "rate", "type", "archived", "createdAt", "updatedAt"],
        Kind::Account => &["id", "externalId", "name", "code", "archived"],
        Kind::Vendor => &["id", "name", "state", "country", "code", "externalId", "createdAt", "updatedAt"],
        Kind::ImportJob => &["id", "type", "status", "originalFilename", "createdAt", "updatedAt"],
        Kind::ImportError => &["id", "rowNumber", "errorCode", "createdAt"],
        Kind::Subscription => &["id", "endpointUrl", "status", "createdAt", "updatedAt"],
        Kind::Activity => &["id", "operationType", "createdAt"],
        _ => &["id", "createdAt"],
    }
}

/// The record with this id, if the credential sees it.
fn find<'w>(call: &Call, world: &'w World, kind: Kind, id: &str) -> Result<&'w Record, Problem> {
    let (problem, what) = names(kind);
    let found = world.read(kind).get(id).filter(|record| call.sees(world, record));
    found.ok_or_else(|| Problem::unknown(problem, what, id))
}

/// The record with this id, to be changed, if the credential sees it.
fn find_mut<'w>(call: &Call, world: &'w mut World, kind: Kind, id: &str) -> Result<&'w mut Record, Problem> {
    find(call, world, kind, id)?;
    let (problem, what) = names(kind);
    world.write(kind).get_mut(id).ok_or_else(|| Problem::unknown(problem, what, id))
}

/// `{"data": …}` of one record.
fn one(call: &Call, world: &World, kind: Kind, id: &str) -> Outcome {
    Ok(Answer::data(shown(find(call, world, kind, id)?)))
}

/// A page of the records that the credential sees and for which `keep` is true.
fn list(call: &Call, world: &World, kind: Kind, keep: impl Fn(&Record) -> bool) -> Outcome {
    let (store, keys) = (world.read(kind), keys(kind));
    let order = world.order(&call.question(), || {
        let all = store.iter().enumerate().filter(|(_, record)| call.sees(world, record) && keep(record));
        paging::order(call, all, keys)
    })?;
    let rows: Vec<&Record> = order.iter().filter_map(|place| store.at(*place)).collect();
    paging::window(call, &rows, keys, |record| shown(record).into())
}

/// Sets the members that the body has and the catalogue knows; null takes one away.
fn fill(call: &Call, record: &mut Record) {
    let fields = call.endpoint.body.iter().flat_map(|body| &body.fields);
    for name in fields.map(|field| &field.name) {
        match call.body.get(name) {
            Some(Value::Null) => {
                record.shift_remove(name);
            }
            Some(value) => {
                record.insert(name.clone(), value.clone());
            }
            None => {}
        }
    }
}

/// Changes a record as the body says and answers it.
fn update(call: &Call, world: &mut World, kind: Kind, id: &str) -> Outcome {
    let record = find_mut(call, world, kind, id)?;
    fill(call, record);
    touch(record);
    Ok(Answer::data(shown(record)))
}

/// Notes that a record was changed, where it keeps note.
fn touch(record: &mut Record) {
    if record.contains_key("updatedAt") {
        record.insert("updatedAt".to_owned(), random::now().into());
    }
}

/// Takes a record away.
fn remove(call: &Call, world: &mut World, kind: Kind, id: &str) -> Outcome {
    find(call, world, kind, id)?;
    world.write(kind).retain(|record| text(record, "id") != id);
    Ok(Answer::empty())
}

/// A new record with an id and both dates.
fn dated(world: &mut World) -> Record {
    let now = random::now();
    super::data::record(json!({"id": world.new_id(), "createdAt": now, "updatedAt": now}))
}

/// Whether a text contains another, whatever the case.
fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}
