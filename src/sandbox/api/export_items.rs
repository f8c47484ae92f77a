//! Entries in the form in which accounting systems take them.

use serde_json::{Value, json};

use super::super::answer::Outcome;
use super::super::call::Call;
use super::super::data::{Kind, Record, World, ZERO_ID, exponent, number, put, record, text};
use super::super::{files, paging};
use super::exports::{finished, running};
use super::find;
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    ((method, path.get(3..)?) == (Method::Get, "/export-items")).then(|| items(call, world))
}

/// The items of a job that is not over; without a job named, those of every such job.
fn items(call: &Call, world: &World) -> Outcome {
    let jobs: Vec<&str> = match call.one("job_id") {
        Some(id) => {
            let job = find(call, world, Kind::ExportJob, id)?;
            running(job)?;
            vec![id]
        }
        None => world.read(Kind::ExportJob).iter().filter(|job| !finished(job)).map(|job| text(job, "id")).collect(),
    };
    let items = world.read(Kind::ExportItem).iter().filter(|item| {
        call.sees(world, item)
            && jobs.contains(&text(item, "exportJobId"))
            && world.read(Kind::Entry).get(text(item, "accountingEntryId")).is_some()
    });
    paging::page(call, items, &["accountingEntryId"], |item| {
        let entry = world.read(Kind::Entry).get(text(item, "accountingEntryId"));
        entry.map_or(Value::Null, |entry| exported(call, world, entry))
    })
}

fn exported(call: &Call, world: &World, entry: &Record) -> Value {
    let id = text(entry, "id");
    let wallet = amount(entry, "transactionValue");
    let bill = if entry.contains_key("totalBillValue") { amount(entry, "totalBillValue") } else { wallet.clone() };
    let web = format!("https://app.example/expenses/{id}");
    let mut item = record(json!({
        "accountingEntryId": id,
        "companyId": text(entry, "companyId"),
        "type": text(entry, "family").to_lowercase(),
        "date": text(entry, "performedAt"),
        "amount": {"inSupplierCurrency": bill, "inWalletCurrency": wallet},
        "accountingEntryLines": [line(world, entry, &wallet)],
        "additionalInformation": {"reconciliationId": format!("rec-{}", &id[..8]), "attendees": [], "reconciledEntries": []},
        "_links": {"web": {"expense": web}, "mobile": {}, "api": {"entry": format!("/v1/accounting-entries/{id}")}},
    }));
    put(&mut item, "subType", entry.get("subFamily").and_then(Value::as_str).map(str::to_lowercase));
    put(&mut item, "note", entry.get("note").cloned());
    put(&mut item, "files", Some(linked_files(call, world, id)));
    put(&mut item, "supplier", Some(json!({"name": text(entry, "_merchant")})));
    put(&mut item, "user", named(world, Kind::Employee, text(entry, "employeeId")));
    put(&mut item, "team", named(world, Kind::Team, text(entry, "teamId")));
    item.into()
}

/// Export items count in hundredths, whatever the currency's own smallest unit.
fn amount(entry: &Record, member: &str) -> Value {
    let money = entry.get(member).and_then(Value::as_object).cloned().unwrap_or_default();
    let minors = number(&money, "minors");
    let value = match exponent(text(&money, "currency")) {
        0 => json!(minors * 100),
        3 => format!("{}.{}", minors / 10, (minors % 10).abs()).parse::<f64>().map_or(Value::Null, Value::from),
        _ => json!(minors),
    };
    json!({"currency": text(&money, "currency"), "value": value})
}

fn line(world: &World, entry: &Record, amount: &Value) -> Value {
    let mut line = record(json!({
        "accountingEntryLineId": world.id("line", usize::try_from(number(entry, "_n")).unwrap_or_default()),
        "lineAmount": amount,
        "netAmount": amount,
    }));
    if let Some(account) = world.read(Kind::Account).get(text(entry, "accountId")) {
        let short = json!({"id": text(account, "id"), "name": text(account, "name"), "code": account.get("code"), "identifier": text(account, "externalId")});
        put(&mut line, "account", Some(short));
    }
    let tags = entry.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    let tags = tags.filter(|tag| text(tag, "tagId") != ZERO_ID).filter_map(|chosen| {
        let tag = world.read(Kind::Tag).get(text(chosen, "tagId"))?;
        let group = world.read(Kind::TagGroup).get(text(chosen, "tagGroupId"))?;
        Some(json!({"id": text(tag, "id"), "code": text(tag, "code"), "groupCode": text(group, "code")}))
    });
    put(&mut line, "tags", Some(tags.collect::<Value>()));
    if let Some(tax) = world.read(Kind::TaxCode).get(text(entry, "taxCodeId")) {
        let mut short = record(json!({"id": text(tax, "id"), "code": text(tax, "code"), "type": text(tax, "type")}));
        for name in ["rate", "ingoingTaxAccount", "outgoingTaxAccount"] {
            put(&mut short, name, tax.get(name).cloned());
        }
        put(&mut line, "tax", Some(short));
    }
    line.into()
}

fn linked_files(call: &Call, world: &World, entry: &str) -> Value {
    let receipts = world.read(Kind::Receipt).iter().filter(|receipt| text(receipt, "accountingEntryId") == entry);
    let file = |receipt: &Record| {
        let path = format!("/files/receipts/{}.pdf", text(receipt, "id"));
        json!({"url": files::presigned(call.files, &path), "size": receipt.get("sizeInBytes"), "type": "application/pdf"})
    };
    receipts.map(file).collect()
}

fn named(world: &World, kind: Kind, id: &str) -> Option<Value> {
    let record = world.read(kind).get(id)?;
    let name = match kind {
        Kind::Employee => format!("{} {}", text(record, "firstName"), text(record, "lastName")),
        _ => text(record, "name").to_owned(),
    };
    let mut short = super::super::data::record(json!({"id": id, "name": name}));
    put(&mut short, "code", record.get("code").cloned());
    Some(short.into())
}
