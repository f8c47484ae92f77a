//! Export jobs of all four versions, their items and their course.

use serde_json::{Value, json};

use super::super::answer::{Answer, Outcome, Problem};
use super::super::call::Call;
use super::super::data::{Kind, Record, World, put, random, record, shown, text};
use super::{find, find_mut, list, one};
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    let id = call.segment("jobId");
    Some(match (method, path.get(3..)?) {
        (Method::Get, "/export-jobs") => jobs(call, world),
        (Method::Post, "/export-jobs") => create(call, world),
        (Method::Get, "/export-jobs/{jobId}") => one(call, world, Kind::ExportJob, id),
        (Method::Get, "/export-jobs/{jobId}/items") => find(call, world, Kind::ExportJob, id).and_then(|_| {
            list(call, world, Kind::ExportItem, |item| {
                text(item, "exportJobId") == id
                    && call.one("status").is_none_or(|status| text(item, "status") == status)
            })
        }),
        (Method::Put, "/export-jobs/{jobId}/items") => update_items(call, world, id),
        (Method::Post, "/export-job-events") => event(call, world),
        (Method::Get, "/export-job-items") => item_of_entry(call, world),
        (Method::Post, "/export-job-items:search") => search_items(call, world),
        _ => return None,
    })
}

/// Whether a job is over.
pub fn finished(job: &Record) -> bool {
    !matches!(text(job, "status"), "pending" | "in_progress")
}

/// 422 for a job that is over.
pub fn running(job: &Record) -> Result<(), Problem> {
    let message = || format!("Export job {} is {}", text(job, "id"), text(job, "status"));
    if finished(job) { Err(Problem::new(422, "EXPORT_JOB_STATUS_UNPROCESSABLE", message())) } else { Ok(()) }
}

fn jobs(call: &Call, world: &World) -> Outcome {
    let companies = call.companies(world)?;
    let mut statuses = call.all("statuses");
    statuses.extend(call.one("status"));
    list(call, world, Kind::ExportJob, |job| {
        companies.iter().any(|company| company == text(job, "companyId"))
            && (statuses.is_empty() || statuses.contains(&text(job, "status")))
    })
}

fn create(call: &Call, world: &mut World) -> Outcome {
    let company = call.body_company(world)?;
    let Some(entries) = call.list("accountingEntryIds") else {
        return Err(Problem::validation("accountingEntryIds must not be empty"));
    };
    let of_company = |id: &&&str| world.read(Kind::Entry).get(id).is_some_and(|it| text(it, "companyId") == company);
    if let Some(id) = entries.iter().find(|id| !of_company(id)) {
        return Err(Problem::unknown("EXPORT_ENTRY_NOT_FOUND", "Accounting entry", id));
    }
    if world.read(Kind::ExportJob).iter().any(|job| text(job, "companyId") == company && !finished(job)) {
        let message = "Another export job of the company is pending or in progress";
        return Err(Problem::new(409, "EXPORT_ALREADY_IN_PROGRESS", message));
    }
    let (id, now) = (world.new_id(), random::now());
    let vendors = call.member("options").and_then(|options| options.get("vendorBasedBookkeeping")?.as_bool());
    let mut job = record(json!({
        "id": id,
        "companyId": company,
        "status": "pending",
        "numberOfItems": entries.len(),
        "isInteractive": call.member("isInteractive").and_then(Value::as_bool).unwrap_or_default(),
        "vendorBasedBookkeeping": vendors.unwrap_or_default(),
        "expiresIn": 3600,
        "createdAt": now,
        "lastUpdatedAt": now,
    }));
    put(&mut job, "createdBy", call.text("employeeId"));
    for entry in entries {
        let status = json!({"accountingEntryId": entry, "exportJobId": id, "status": "pending", "_companyId": company});
        world.write(Kind::ExportItem).push(record(status));
        export_status(world, entry, "QUEUED");
    }
    let answer = Answer::data(shown(&job));
    world.write(Kind::ExportJob).push(job);
    Ok(answer)
}

fn export_status(world: &mut World, entry: &str, status: &str) {
    if let Some(entry) = world.write(Kind::Entry).get_mut(entry) {
        put(entry, "exportStatus", Some(status));
        super::touch(entry);
    }
}

/// The course of a job: started, then over in one of three ways.
fn event(call: &Call, world: &mut World) -> Outcome {
    let id = call.text("jobId").unwrap_or_default();
    let event = call.text("event").unwrap_or_default();
    let job = find_mut(call, world, Kind::ExportJob, id)?;
    running(job)?;
    let started = text(job, "status") == "in_progress";
    let status = match (event, started) {
        ("started", false) => "in_progress",
        ("failed", _) | ("completed" | "completed_with_errors", true) => event,
        _ => {
            let message = format!("Event {event} is not possible while the job is {}", text(job, "status"));
            return Err(Problem::new(422, "INVALID_EXPORT_JOB_STATUS_CHANGE", message));
        }
    };
    let now = random::now();
    put(job, "status", Some(status));
    put(job, "lastUpdatedAt", Some(now.clone()));
    let date = if event == "started" { "startedAt" } else { "completedAt" };
    if event != "failed" {
        put(job, date, Some(now));
    }
    for name in ["failureReason", "failureReasonType"] {
        put(job, name, call.text(name));
    }
    settle(world, id, event);
    Ok(Answer::empty())
}

/// What an event means for the job's entries.
fn settle(world: &mut World, job: &str, event: &str) {
    let mut outcomes = Vec::new();
    for item in world.write(Kind::ExportItem).iter_mut().filter(|item| text(item, "exportJobId") == job) {
        if event != "started" && matches!(text(item, "status"), "pending" | "in_progress") {
            put(item, "status", Some(if event == "completed" { "successful" } else { "abandoned" }));
        }
        let status = match (event, text(item, "status")) {
            ("started", _) => "EXPORTING",
            (_, "successful") => "EXPORTED",
            _ => "NOT_EXPORTED",
        };
        outcomes.push((text(item, "accountingEntryId").to_owned(), status));
    }
    for (entry, status) in outcomes {
        export_status(world, &entry, status);
    }
}

/// Each item is judged by itself: those of the job are changed, the others are named as errors.
fn update_items(call: &Call, world: &mut World, id: &str) -> Outcome {
    let job = find_mut(call, world, Kind::ExportJob, id)?;
    running(job)?;
    put(job, "lastUpdatedAt", Some(random::now()));
    let (mut data, mut errors) = (Vec::new(), Vec::new());
    for given in call.body.as_array().into_iter().flatten().filter_map(Value::as_object) {
        let entry = text(given, "accountingEntryId");
        let mut items = world.write(Kind::ExportItem).iter_mut();
        let of_both = |it: &&mut Record| text(it, "exportJobId") == id && text(it, "accountingEntryId") == entry;
        let Some(item) = items.find(of_both) else {
            let message = format!("Accounting entry {entry} is not part of the job");
            errors.push(json!({"accountingEntryId": entry, "type": "EXPORT_ENTRY_NOT_FOUND", "message": message}));
            continue;
        };
        item.extend(given.iter().filter(|(name, _)| !name.starts_with('_')).map(|(n, v)| (n.clone(), v.clone())));
        if text(item, "status") == "successful" && !item.contains_key("exportedAt") {
            put(item, "exportedAt", Some(random::now()));
        }
        data.push(Value::Object(shown(item)));
    }
    Ok(Answer::json(&json!({"data": data, "errors": errors})))
}

fn item_of_entry(call: &Call, world: &World) -> Outcome {
    let companies = call.companies(world)?;
    let entry = call.one("accounting_entry_id");
    let wanted = |item: &&Record| {
        companies.iter().any(|company| company == text(item, "_companyId"))
            && entry.is_none_or(|entry| entry == text(item, "accountingEntryId"))
    };
    // The newest job knows best.
    let item = world.read(Kind::ExportItem).iter().rev().find(wanted);
    let unknown = || Problem::unknown("EXPORT_ENTRY_NOT_FOUND", "Export item of entry", entry.unwrap_or("?"));
    item.map(|item| Answer::data(shown(item))).ok_or_else(unknown)
}

fn search_items(call: &Call, world: &World) -> Outcome {
    let companies = call.companies(world)?;
    let entries = call.list("accountingEntryIds").unwrap_or_default();
    list(call, world, Kind::ExportItem, |item| {
        companies.iter().any(|company| company == text(item, "_companyId"))
            && entries.contains(&text(item, "accountingEntryId"))
            && call.text("status").is_none_or(|status| text(item, "status") == status)
    })
}
