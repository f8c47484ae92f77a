//! Accounting entries and receipts.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::answer::{Answer, Outcome, Problem};
use super::super::call::Call;
use super::super::data::{Kind, Record, World, number, put, shown, text};
use super::super::{files, paging};
use super::find;
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    let id = call.segment("accountingEntryId");
    Some(match (method, path.strip_prefix("/v1/accounting-entries")?) {
        // Rows of a search lack the account's code, which the single read has.
        (Method::Post, ":search") => search(call, world, |entry| {
            let mut row = shown(entry);
            put(&mut row, "accountCode", None::<Value>);
            row.into()
        }),
        (Method::Post, "/core:search") => search(call, world, |entry| core(world, entry)),
        (Method::Get, "/{accountingEntryId}") => entry(call, world, id).map(|entry| Answer::data(shown(entry))),
        (Method::Get, "/{accountingEntryId}/core") => {
            entry(call, world, id).map(|entry| Answer::data(core(world, entry)))
        }
        (Method::Post, "/receipts:search") => search_receipts(call, world),
        (Method::Get, "/{accountingEntryId}/receipts") => find(call, world, Kind::Entry, id).and_then(|_| {
            let sources = call.all("source");
            let file_type = call.one("file_type");
            receipts(call, world, file_type, |receipt| {
                text(receipt, "accountingEntryId") == id
                    && (sources.is_empty() || sources.contains(&text(receipt, "source")))
            })
        }),
        (Method::Get, "/{accountingEntryId}/receipts/{receiptId}") => one_receipt(call, world, id),
        _ => return None,
    })
}

/// An entry; a deleted one only when asked for.
fn entry<'w>(call: &Call, world: &'w World, id: &str) -> Result<&'w Record, Problem> {
    let entry = find(call, world, Kind::Entry, id)?;
    if entry.contains_key("deletedAt") && !call.yes("include_deleted") {
        return Err(Problem::unknown("ACCOUNTING_ENTRY_NOT_FOUND", "Accounting entry", id));
    }
    Ok(entry)
}

fn search(call: &Call, world: &World, show: impl Fn(&Record) -> Value) -> Outcome {
    let companies = call.companies(world)?;
    let deleted = call.member("includeDeleted") == Some(&Value::Bool(true));
    let range = Range::of(call)?;
    let entries = world.read(Kind::Entry).iter().filter(|entry| {
        companies.iter().any(|company| company == text(entry, "companyId"))
            && (deleted || !entry.contains_key("deletedAt"))
            && range.as_ref().is_none_or(|range| range.holds(entry))
            && passes(call, entry)
    });
    paging::page(call, entries, &[], show)
}

/// What the body says about members, tags and presence.
fn passes(call: &Call, entry: &Record) -> bool {
    let lists = [
        ("accountIds", "accountId"),
        ("employeeIds", "employeeId"),
        ("teamIds", "teamId"),
        ("taxCodeIds", "taxCodeId"),
        ("foreignExtensionIds", "foreignExtensionId"),
        ("exportStatus", "exportStatus"),
        ("families", "family"),
        ("subFamilies", "subFamily"),
        ("status", "status"),
        ("reviewStatus", "reviewStatus"),
    ];
    let presence = [
        ("settled", "settledAt"),
        ("hasAccount", "accountId"),
        ("hasBookkeepingDate", "bookkeepingDate"),
        ("hasNote", "note"),
    ];
    let value = entry.get("transactionValue").and_then(Value::as_object);
    let tags = || entry.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    lists.iter().all(|(list, member)| call.lets(list, text(entry, member)))
        && presence.iter().all(|(wanted, member)| {
            call.member(wanted).and_then(Value::as_bool).is_none_or(|wanted| wanted == entry.contains_key(*member))
        })
        && call.lets("transactionValueCurrencies", value.map_or("", |value| text(value, "currency")))
        && call.list("tagRowIds").is_none_or(|ids| tags().any(|tag| ids.contains(&text(tag, "tagId"))))
        && call.list("tagGroupIdsUnset").is_none_or(|ids| !tags().any(|tag| ids.contains(&text(tag, "tagGroupId"))))
}

/// A span of one of the three dates; from the start on, up to the end.
struct Range {
    member: &'static str,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl Range {
    fn of(call: &Call) -> Result<Option<Self>, Problem> {
        let mut ranges = ["performedAt", "settledAt", "bookkeepingDate"].into_iter().filter_map(|member| {
            let bound = |side: &str| call.text(&format!("{member}{side}")).and_then(|text| text.parse().ok());
            let (start, end) = (bound("Start"), bound("End"));
            (start.is_some() || end.is_some()).then_some(Self { member, start, end })
        });
        let range = ranges.next();
        if ranges.next().is_some() {
            let message = "Only one of performedAt, settledAt and bookkeepingDate can be filtered by";
            return Err(Problem::validation(message));
        }
        Ok(range)
    }

    fn holds(&self, entry: &Record) -> bool {
        let Ok(when) = text(entry, self.member).parse::<Timestamp>() else { return false };
        self.start.is_none_or(|start| start <= when) && self.end.is_none_or(|end| when <= end)
    }
}

/// The older shape: no attendees, tags or splits, but fees and what lies behind the entry.
fn core(world: &World, entry: &Record) -> Value {
    let mut core = shown(entry);
    for name in ["attendees", "tags", "splitItems", "accountCode"] {
        put(&mut core, name, None::<Value>);
    }
    let value = entry.get("transactionValue").cloned();
    put(&mut core, "fees", Some(json!({})));
    put(&mut core, "transactionWalletValue", value.clone());
    put(&mut core, "grossBillValue", entry.get("totalBillValue").cloned().or(value));
    let place = usize::try_from(number(entry, "_n")).unwrap_or_default();
    put(&mut core, "spendTransactionIds", Some(json!([world.id("transaction", place)])));
    core.into()
}

fn search_receipts(call: &Call, world: &World) -> Outcome {
    let companies = call.companies(world)?;
    let deleted = call.member("includeDeleted") == Some(&Value::Bool(true));
    receipts(call, world, call.text("fileType"), |receipt| {
        companies.iter().any(|company| company == text(receipt, "_companyId"))
            && (deleted || receipt.get("_deleted") != Some(&Value::Bool(true)))
            && [
                ("accountingEntryIds", "accountingEntryId"),
                ("employeeIds", "_employeeId"),
                ("mimeType", "mimeType"),
                ("source", "source"),
            ]
            .iter()
            .all(|(list, member)| call.lets(list, text(receipt, member)))
    })
}

fn receipts(call: &Call, world: &World, file_type: Option<&str>, keep: impl Fn(&Record) -> bool) -> Outcome {
    let receipts = world.read(Kind::Receipt).iter().filter(|receipt| call.sees(world, receipt) && keep(receipt));
    paging::page(call, receipts, &[], |receipt| linked(call, receipt, file_type))
}

fn one_receipt(call: &Call, world: &World, entry: &str) -> Outcome {
    find(call, world, Kind::Entry, entry)?;
    let id = call.segment("receiptId");
    let receipt = find(call, world, Kind::Receipt, id)?;
    if text(receipt, "accountingEntryId") != entry {
        return Err(Problem::unknown("RECEIPT_NOT_FOUND", "Receipt", id));
    }
    Ok(Answer::data(linked(call, receipt, call.one("file_type"))))
}

/// A receipt with its link; every form of the file but the original is a picture.
pub fn linked(call: &Call, receipt: &Record, file_type: Option<&str>) -> Value {
    let mut linked = shown(receipt);
    let file_type = file_type.unwrap_or("ORIGINAL");
    put(&mut linked, "fileType", Some(file_type));
    if file_type != "ORIGINAL" {
        put(&mut linked, "mimeType", Some("image/png"));
    }
    let pdf = text(&linked, "mimeType") == "application/pdf";
    let path = format!("/files/receipts/{}.{}", text(receipt, "id"), if pdf { "pdf" } else { "png" });
    put(&mut linked, "url", Some(files::presigned(call.files, &path)));
    linked.into()
}
