//! CSV imports of vendors.

use serde_json::{Value, json};

use super::super::answer::{Answer, Outcome, Problem};
use super::super::call::Call;
use super::super::data::{Kind, Record, World, put, record, shown, text};
use super::super::files;
use super::{dated, fill, find, find_mut, list, one, touch};
use crate::pleo::endpoint::Method;

/// The states in the order in which a job goes through them; `FAILED` can follow any but `COMPLETED`.
const STATES: [&str; 6] = ["UPLOAD_INITIATED", "UPLOADED", "READY_FOR_IMPORT", "QUEUED", "PROCESSING", "COMPLETED"];

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    let rest = path.strip_prefix("/v1/vendors/csv-import/jobs")?;
    let id = call.segment("jobId");
    Some(match (method, rest) {
        (Method::Post, "") => create(call, world),
        (Method::Post, ":search") => search(call, world),
        (Method::Get, "/{jobId}") => one(call, world, Kind::ImportJob, id),
        (Method::Get, "/{jobId}/errors") => find(call, world, Kind::ImportJob, id)
            .and_then(|_| list(call, world, Kind::ImportError, |error| text(error, "csvImportJobId") == id)),
        (Method::Put, "/{jobId}/metadata") => metadata(call, world, id),
        (Method::Put, "/{jobId}/status") => status(call, world, id),
        (Method::Post, "/{jobId}:get-presigned-url") => find(call, world, Kind::ImportJob, id).map(|_| {
            Answer::data(json!({"presignedUrl": files::presigned(call.files, &format!("/files/uploads/{id}"))}))
        }),
        (Method::Post, "/{jobId}:run") => run(call, world, id),
        _ => return None,
    })
}

fn create(call: &Call, world: &mut World) -> Outcome {
    call.body_company(world)?;
    let mut job = dated(world);
    fill(call, &mut job);
    put(&mut job, "status", Some(STATES[0]));
    let key = format!("imports/{}.csv", text(&job, "id"));
    put(&mut job, "s3Key", Some(key));
    let answer = Answer::data(shown(&job));
    world.write(Kind::ImportJob).push(job);
    Ok(answer)
}

fn search(call: &Call, world: &World) -> Outcome {
    let companies = call.companies(world)?;
    list(call, world, Kind::ImportJob, |job| {
        companies.iter().any(|company| company == text(job, "companyId"))
            && [("ids", "id"), ("statuses", "status"), ("types", "type")]
                .iter()
                .all(|(list, member)| call.lets(list, text(job, member)))
    })
}

fn metadata(call: &Call, world: &mut World, id: &str) -> Outcome {
    let job = find_mut(call, world, Kind::ImportJob, id)?;
    let given = record(call.member("metadata").cloned().unwrap_or_default());
    let mut metadata = match job.get("metadata") {
        Some(Value::Object(old)) if call.text("strategy") == Some("MERGE") => old.clone(),
        _ => Record::new(),
    };
    metadata.extend(given);
    put(job, "metadata", Some(metadata));
    touch(job);
    Ok(Answer::data(shown(job)))
}

fn status(call: &Call, world: &mut World, id: &str) -> Outcome {
    let job = find_mut(call, world, Kind::ImportJob, id)?;
    let wanted = call.text("status").unwrap_or_default();
    let place = |state: &str| STATES.iter().position(|known| *known == state);
    let now = place(text(job, "status"));
    let allowed = match (now, place(wanted)) {
        (Some(now), Some(next)) => now <= next,
        (Some(now), None) => now < STATES.len() - 1,
        (None, _) => wanted == "FAILED",
    };
    if !allowed {
        let message = format!("A job that is {} cannot become {wanted}", text(job, "status"));
        return Err(Problem::new(400, "INVALID_STATUS_TRANSITION", message));
    }
    put(job, "status", Some(wanted));
    put(job, "errorCode", call.text("errorType"));
    put(job, "errorMessage", call.text("errorMessage"));
    touch(job);
    Ok(Answer::data(shown(job)))
}

fn run(call: &Call, world: &mut World, id: &str) -> Outcome {
    let job = find_mut(call, world, Kind::ImportJob, id)?;
    if !matches!(text(job, "status"), "UPLOADED" | "READY_FOR_IMPORT") {
        let message = format!("A job that is {} cannot be run", text(job, "status"));
        return Err(Problem::new(409, "INVALID_STATUS_TRANSITION", message));
    }
    put(job, "status", Some("QUEUED"));
    touch(job);
    Ok(Answer::data(shown(job)))
}

/// A file came to the pre-signed address of a job.
pub fn uploaded(world: &mut World, id: &str, bytes: usize) {
    if let Some(job) = world.write(Kind::ImportJob).get_mut(id)
        && text(job, "status") == STATES[0]
    {
        put(job, "status", Some("UPLOADED"));
        put(job, "_bytes", Some(bytes));
        touch(job);
    }
}
