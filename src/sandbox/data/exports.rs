//! Export jobs and their items, made to agree with the entries' export status.

use serde_json::json;

use super::{Kind, Record, World, put, random, record, text, words};

/// Finished jobs of a company.
const FINISHED: usize = 3;

/// One job that runs, in the biggest company, then finished ones of every company.
pub fn jobs(world: &World) -> Vec<Record> {
    let finished = (0..words::firms(world.environment).len())
        .flat_map(|company| (0..FINISHED).map(move |place| (company, place + 1)));
    std::iter::once((0, 0)).chain(finished).map(|(company, place)| job(world, company, place)).collect()
}

fn job(world: &World, company: usize, place: usize) -> Record {
    let status = ["in_progress", "completed", "completed_with_errors", "failed"][place];
    let start = 86_400 * (490 - 40 * i64::try_from(place).unwrap_or_default());
    let (id, company_id) = (job_id(world, company, place), world.id("company", company));
    let items = world.read(Kind::ExportItem).iter().filter(|item| text(item, "exportJobId") == id).count();
    let mut job = record(json!({
        "id": id,
        "companyId": company_id,
        "status": status,
        "numberOfItems": items,
        "isInteractive": place == 2,
        "vendorBasedBookkeeping": false,
        "expiresIn": 3600,
        "createdBy": world.id("employee", place),
        "createdAt": random::moment(start),
        "startedAt": random::moment(start + 12),
        "lastUpdatedAt": random::moment(start + 300),
    }));
    put(&mut job, "completedAt", matches!(place, 1 | 2).then(|| random::moment(start + 290)));
    put(&mut job, "failureReason", (place == 3).then_some("The accounting system did not answer in time"));
    put(&mut job, "failureReasonType", (place == 3).then_some("accounting_system_timeout"));
    job
}

fn job_id(world: &World, company: usize, place: usize) -> String {
    world.id("export-job", company * 10 + place)
}

/// One item for every entry that was exported, is being exported, or failed to be.
pub fn items(world: &World) -> Vec<Record> {
    let companies: Vec<String> = (0..words::firms(world.environment).len()).map(|n| world.id("company", n)).collect();
    let entries = world.read(Kind::Entry).iter().filter(|entry| !entry.contains_key("deletedAt"));
    let mut failed = vec![0_usize; companies.len()];
    entries
        .enumerate()
        .filter_map(|(place, entry)| {
            let company = companies.iter().position(|id| id == text(entry, "companyId"))?;
            let (job, status) = match text(entry, "exportStatus") {
                "EXPORTING" => (0, if place % 3 == 0 { "in_progress" } else { "pending" }),
                "EXPORTED" => (1 + place % 2, "successful"),
                "NOT_EXPORTED" if failed[company] < 12 => {
                    failed[company] += 1;
                    (2 + place % 2, "failed")
                }
                _ => return None,
            };
            Some(item(world, entry, &job_id(world, company, job), place, status))
        })
        .collect()
}

fn item(world: &World, entry: &Record, job: &str, place: usize, status: &str) -> Record {
    let mut item = record(json!({"accountingEntryId": text(entry, "id"), "exportJobId": job, "status": status}));
    if status == "successful" {
        put(&mut item, "exportedAt", Some(text(entry, "updatedAt")));
        put(&mut item, "externalId", Some(format!("VOU-{:06}", 1000 + place)));
        put(
            &mut item,
            "externalUrl",
            Some(format!("https://ledgerline.example/vouchers/{}", world.id("voucher", place))),
        );
    }
    if status == "failed" {
        put(&mut item, "failureReason", Some("The tax code is not known in the accounting system"));
        put(&mut item, "failureReasonType", Some("tax_code_unknown"));
    }
    put(&mut item, "_companyId", Some(text(entry, "companyId")));
    item
}
