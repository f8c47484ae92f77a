//! Accounting entries and their receipts.

use serde_json::{Value, json};

use super::random::{self, Random};
use super::{Kind, Record, World, ZERO_ID, books, exponent, money, put, record, tags, text, words};

/// Family, sub-families that go with it, share in a hundred.
const FAMILIES: [(&str, &[&str], u64); 11] = [
    ("CARD_PURCHASE", &["IN_STORE", "ONLINE", "ATM"], 62),
    ("OUT_OF_POCKET", &[], 12),
    ("BILL_INVOICE", &[], 8),
    ("MILEAGE", &[], 4),
    ("PER_DIEM", &[], 3),
    ("REIMBURSEMENT", &["REIMBURSEMENT_TO_EMPLOYEE", "REIMBURSEMENT_TO_COMPANY"], 3),
    ("WALLET", &["LOAD", "UNLOAD"], 3),
    ("CASHBACK", &[], 2),
    ("CREDIT_NOTE", &[], 1),
    ("BALANCE_AMENDMENT", &["FEE", "INTEREST"], 1),
    ("PLEO_INVOICE", &["PLEO_INVOICE"], 1),
];

/// The same for what stands in the ids of receipts: no entry has more than this many.
const MOST_RECEIPTS: usize = 3;

struct Books {
    company_ids: Vec<String>,
    accounts: Vec<&'static str>,
    tax_codes: usize,
    notes: Vec<&'static str>,
    merchants: Vec<&'static str>,
}

/// The accounting entries, the newest first.
pub fn entries(world: &World) -> Vec<Record> {
    let firms = words::firms(world.environment);
    let books = Books {
        company_ids: (0..firms.len()).map(|place| world.id("company", place)).collect(),
        accounts: words::table("accounts").iter().map(|row| row[0]).collect(),
        tax_codes: books::per_company("tax-codes"),
        notes: words::list("notes"),
        merchants: words::list("merchants"),
    };
    let employees: Vec<&Record> = world.read(Kind::Employee).iter().collect();
    if employees.is_empty() {
        return Vec::new();
    }
    let count = usize::try_from(world.size.entries).unwrap_or_default();
    (0..count)
        .map(|place| entry(world, &books, employees[world.random("who", place).index(employees.len())], place))
        .collect()
}

fn entry(world: &World, books: &Books, employee: &Record, place: usize) -> Record {
    let mut random = world.random("entry", place);
    let company = books.company_ids.iter().position(|id| id == text(employee, "companyId")).unwrap_or_default();
    let (family, subs, _) = FAMILIES[random.weighted(FAMILIES.iter().map(|family| family.2))];
    let home = words::firms(world.environment)[company].currency;
    let currency = if random.chance(80) { home } else { *random.pick(&["EUR", "USD", "GBP", "JPY", "ISK", "KWD"]) };
    let minors = amount(currency, &mut random) * if random.chance(4) || family == "CREDIT_NOTE" { -1 } else { 1 };
    // About one entry every four hours, so that 3,000 go back some sixteen months.
    let when = 86_400 * 480 - i64::try_from(place).unwrap_or_default() * 14_000;
    let settled = random.chance(85);
    let status = match (settled, random.below(20)) {
        (true, 0) => "COMPLETED_EXTERNALLY",
        (true, _) => "COMPLETED",
        (false, 0..2) => "CANCELLED",
        (false, 2) => "REJECTED",
        (false, _) => "PENDING",
    };
    let export = match random.below(100) {
        0..6 if settled && company == 0 => "EXPORTING",
        0..45 if settled => "EXPORTED",
        95.. => "NOT_CREATED",
        _ => "NOT_EXPORTED",
    };
    let created = random::precise_moment(when + 40, &mut random);
    let mut entry = record(json!({"id": world.id("entry", place), "companyId": books.company_ids[company]}));
    if !matches!(family, "WALLET" | "BALANCE_AMENDMENT" | "CASHBACK") {
        put(&mut entry, "employeeId", employee.get("id").cloned());
        put(&mut entry, "teamId", employee.get("_teamId").cloned());
    }
    put(&mut entry, "family", Some(family));
    put(&mut entry, "subFamily", (!subs.is_empty()).then(|| *random.pick(subs)));
    put(&mut entry, "status", Some(status));
    put(&mut entry, "exportStatus", Some(export));
    put(
        &mut entry,
        "reviewStatus",
        Some(*random.pick(&["OK", "OK", "NOT_SET", "NOT_REQUIRED", "WAITING_FOR_REVIEWER"])),
    );
    put(&mut entry, "transactionValue", Some(money(home, converted(currency, home, minors))));
    if currency != home || family == "BILL_INVOICE" {
        put(&mut entry, "totalBillValue", Some(money(currency, minors)));
    }
    // The currency of the purchase is what people filter by, so it is the transaction's on a third of foreign spend.
    if currency != home && random.chance(33) {
        put(&mut entry, "transactionValue", Some(money(currency, minors)));
    }
    coding(world, books, company, &mut random, &mut entry);
    put(&mut entry, "note", random.chance(60).then(|| *random.pick(&books.notes)));
    put(&mut entry, "foreignExtensionId", random.chance(5).then(|| format!("ext-{place}")));
    if family == "BILL_INVOICE" {
        let supplier = json!({"documentNumber": format!("INV-{:05}", place), "documentType": "INVOICE", "externalSupplierId": format!("ERP-V-{}-{}", company + 1, place % 28)});
        put(&mut entry, "supplier", Some(supplier));
    }
    let tags = tags_of(world, company, &mut random);
    put(&mut entry, "tags", Some(tags.clone()));
    let split = if random.chance(6) { splits(world, place, &entry, &created) } else { json!([]) };
    put(&mut entry, "splitItems", Some(split));
    let attendees = random.chance(5).then(|| json!([{"id": world.id("attendee", place), "attendableId": text(employee, "id"), "attendableType": "EMPLOYEE"}]));
    put(&mut entry, "attendees", Some(attendees.unwrap_or_else(|| json!([]))));
    let receipts: Vec<String> = (0..receipts_of(world, place)).map(|n| receipt_id(world, place, n)).collect();
    put(&mut entry, "receiptIds", Some(receipts));
    put(&mut entry, "performedAt", Some(random::moment(when)));
    put(&mut entry, "settledAt", settled.then(|| random::precise_moment(when + 86_400 + 600, &mut random)));
    put(
        &mut entry,
        "bookkeepingDate",
        (settled && random.chance(60)).then(|| random::moment(when - when.rem_euclid(86_400))),
    );
    put(&mut entry, "createdAt", Some(created));
    put(&mut entry, "updatedAt", Some(random::precise_moment(when + 90_000, &mut random)));
    put(&mut entry, "deletedAt", random.chance(2).then(|| random::moment(when + 100_000)));
    put(&mut entry, "_merchant", Some(*random.pick(&books.merchants)));
    entry
}

/// Account, account code and tax code; now and then the person did not know.
fn coding(world: &World, books: &Books, company: usize, random: &mut Random, entry: &mut Record) {
    let account = random.index(books.accounts.len());
    let id = match random.below(20) {
        0..2 => None,
        2 => Some(ZERO_ID.to_owned()),
        _ => Some(world.id("accounts", company * 100 + account)),
    };
    if id.as_deref().is_some_and(|id| id != ZERO_ID) {
        put(entry, "accountCode", Some(books.accounts[account]));
    }
    put(entry, "accountId", id);
    let tax_code = random.index(books.tax_codes);
    put(entry, "taxCodeId", random.chance(70).then(|| world.id("tax-codes", company * 100 + tax_code)));
}

fn tags_of(world: &World, company: usize, random: &mut Random) -> Value {
    let mut chosen = Vec::new();
    for group in 0..tags::GROUPS.len() {
        let at = tags::group_place(company, group);
        let tag = match random.below(10) {
            0..4 => continue,
            4 => ZERO_ID.to_owned(),
            _ => world.id("tag", at * 100 + random.index(7)),
        };
        chosen.push(json!({"tagGroupId": world.id("tag-group", at), "tagId": tag}));
    }
    Value::Array(chosen)
}

fn splits(world: &World, place: usize, entry: &Record, created: &str) -> Value {
    let value = entry.get("transactionValue").and_then(Value::as_object).cloned().unwrap_or_default();
    let (currency, minors) = (text(&value, "currency"), super::number(&value, "minors"));
    let halves = [minors / 2, minors - minors / 2];
    let items = halves.iter().enumerate().map(|(half, part)| {
        let mut item =
            record(json!({"id": world.id("split", place * 2 + half), "transactionValue": money(currency, *part)}));
        put(&mut item, "accountId", entry.get("accountId").cloned());
        put(&mut item, "tags", Some(json!([])));
        put(&mut item, "createdAt", Some(created));
        put(&mut item, "updatedAt", Some(created));
        Value::Object(item)
    });
    Value::Array(items.collect())
}

/// A likely amount, in the currency's smallest unit.
fn amount(currency: &str, random: &mut Random) -> i64 {
    let euros_in_cents = 250 + random.below(200) * random.below(200) + random.below(100);
    let cents = i64::try_from(euros_in_cents).unwrap_or_default();
    converted("EUR", currency, cents)
}

/// Rough and fixed rates are enough for invented money.
fn converted(from: &str, to: &str, minors: i64) -> i64 {
    let rate = |currency: &str| match currency {
        "DKK" => 746,
        "SEK" => 1_130,
        "NOK" => 1_160,
        "GBP" => 86,
        "USD" => 108,
        "JPY" => 16_200,
        "ISK" => 14_700,
        "KWD" => 33,
        _ => 100,
    };
    if from == to {
        return minors;
    }
    minors * rate(to) * 10_i64.pow(exponent(to)) / (rate(from) * 10_i64.pow(exponent(from)))
}

fn receipts_of(world: &World, place: usize) -> usize {
    [1, 1, 1, 1, 0, 1, 2, 1, 0, 3][world.random("receipts", place).index(10)]
}

fn receipt_id(world: &World, entry: usize, number: usize) -> String {
    world.id("receipt", entry * MOST_RECEIPTS + number)
}

/// The receipts of all entries; their links are made when they are sent.
pub fn receipts(world: &World) -> Vec<Record> {
    let entries = world.read(Kind::Entry);
    let of_entry =
        |(place, entry)| (0..receipts_of(world, place)).map(move |number| receipt(world, place, number, entry));
    entries.iter().enumerate().flat_map(of_entry).collect()
}

fn receipt(world: &World, place: usize, number: usize, entry: &Record) -> Record {
    let mut random = world.random("receipt", place * MOST_RECEIPTS + number);
    let mime = *random.pick(&["image/jpeg", "image/png", "application/pdf", "application/pdf"]);
    let source = *random.pick(&["USER", "CAMERA", "EMAIL_FORWARDING", "APP_SHARE", "GENERATED_RECEIPT"]);
    record(json!({
        "id": receipt_id(world, place, number),
        "accountingEntryId": text(entry, "id"),
        "createdAt": text(entry, "createdAt"),
        "fileType": "ORIGINAL",
        "mimeType": mime,
        "sizeInBytes": 12_000 + random.below(900_000),
        "source": source,
        "_companyId": text(entry, "companyId"),
        "_employeeId": text(entry, "employeeId"),
        "_deleted": entry.contains_key("deletedAt"),
    }))
}
