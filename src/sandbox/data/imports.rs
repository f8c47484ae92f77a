//! CSV import jobs with their errors, and webhook subscriptions with their history.

use serde_json::json;

use super::{Kind, Record, World, number, put, random, record, text, words};

/// Import jobs of every company; the first is one that can be run.
pub fn jobs(world: &World) -> Vec<Record> {
    let statuses = ["READY_FOR_IMPORT", "COMPLETED", "UPLOAD_INITIATED", "FAILED"];
    (0..words::firms(world.environment).len())
        .flat_map(|company| statuses.into_iter().enumerate().map(move |(place, status)| (company, place, status)))
        .map(|(company, place, status)| {
            let start = 86_400 * (400 - 9 * i64::try_from(place).unwrap_or_default());
            let id = world.id("import-job", company * 10 + place);
            let failed = if status == "COMPLETED" { 3 } else { 0 };
            let mut job = record(json!({
                "id": id,
                "companyId": world.id("company", company),
                "type": "VENDOR",
                "status": status,
                "originalFilename": (["lieferanten.csv", "leverandører 2025.csv", "new vendors.csv", "vendors.xlsx.csv"][place]),
                "columnNames": ["name", "country", "currency", "externalId"],
                "csvFormat": {"delimiter": ";", "recordSeparator": "\r\n", "skipHeaderRecord": true, "ignoreEmptyLines": true},
                "rowsTotal": 40, "rowsSucceeded": if failed > 0 { 37 } else { 0 }, "rowsFailed": failed, "rowsSkipped": 0,
                "metadata": {"uploadedFrom": "sandbox"},
                "s3Key": format!("imports/{id}.csv"),
                "createdAt": random::moment(start),
                "updatedAt": random::moment(start + 95),
            }));
            put(&mut job, "errorCode", (status == "FAILED").then_some("INVALID_FILE_FORMAT"));
            put(&mut job, "errorMessage", (status == "FAILED").then_some("Row 1 is not a header"));
            job
        })
        .collect()
}

/// The rows that failed.
pub fn errors(world: &World) -> Vec<Record> {
    let jobs = world.read(Kind::ImportJob).iter().filter(|job| number(job, "rowsFailed") > 0).enumerate();
    let bad = [
        (7, "COUNTRY_INVALID", "\"XX\" is not a country", "Bücherstube;XX;EUR;V-7"),
        (19, "NAME_EMPTY", "name must not be empty", ";DK;DKK;V-19"),
        (31, "CURRENCY_INVALID", "\"KRONER\" is not a currency", "Kaffeværket;DK;KRONER;V-31"),
    ];
    jobs.flat_map(|(place, job)| bad.into_iter().map(move |row| (place, job, row)))
        .map(|(place, job, (row, code, message, raw))| {
            record(json!({
                "id": world.id("import-error", place * 100 + row),
                "csvImportJobId": text(job, "id"),
                "rowNumber": row,
                "errorCode": code,
                "errorMessage": message,
                "rawData": raw,
                "createdAt": text(job, "updatedAt"),
            }))
        })
        .collect()
}

/// A few subscriptions.
pub fn subscriptions(world: &World) -> Vec<Record> {
    let rows = [
        ("https://hooks.ledgerline.example/pleo", "ACTIVE", json!(["v1.export-job.created"])),
        ("https://hooks.ledgerline.example/vendors", "ACTIVE", json!(["v1.vendor.created"])),
        ("https://old.example/hook", "INACTIVE", json!(["v1.export-job.created", "v1.vendor.created"])),
    ];
    let rows = rows.into_iter().enumerate();
    rows.map(|(place, (url, status, events))| {
        record(json!({
            "id": world.id("subscription", place),
            "endpointUrl": url,
            "eventTypes": events,
            "status": status,
            "customHeaders": {"x-tenant": world.environment.name()},
            "endpointAuth": {"type": "NONE"},
            "createdAt": random::moment(86_400 * 30),
            "updatedAt": random::moment(86_400 * 31),
        }))
    })
    .collect()
}

/// What happened to the subscriptions.
pub fn activities(world: &World) -> Vec<Record> {
    let actor = format!("urn:pleo:organisation:{}", world.organization());
    let subscriptions = world.read(Kind::Subscription).iter().enumerate();
    subscriptions
        .flat_map(|(place, subscription)| (0..2_usize).map(move |step| (place, step, subscription)))
        .map(|(place, step, subscription)| {
            record(json!({
                "id": world.id("activity", place * 10 + step),
                "subscriptionId": text(subscription, "id"),
                "operationType": (["CREATE", "UPDATE"][step]),
                "actorUrn": actor,
                "description": (["Subscription created", "Subscription updated"][step]),
                "createdAt": text(subscription, ["createdAt", "updatedAt"][step]),
            }))
        })
        .collect()
}
