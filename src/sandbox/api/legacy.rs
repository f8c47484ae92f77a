//! The legacy API: the same people, entries and books under older names, of one company.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::answer::{Answer, Outcome, Problem};
use super::super::call::Call;
use super::super::data::{Kind, Record, World, flag, number, put, random, record, shown, text};
use super::super::paging::legacy_page;
use super::{entries, fill, find, find_mut, remove};
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    if path == "/v1/health" {
        return Some(Ok(Answer::json(&json!({"status": "ok"}))));
    }
    if path == "/v1/companies/balance" {
        return Some(Ok(balance(world)));
    }
    if let Some(rest) = path.strip_prefix("/v1/expenses") {
        return Some(expenses(call, world, method, rest));
    }
    if let Some(rest) = path.strip_prefix("/v1/teams/{teamId}/employees") {
        return (rest == "/{employeeId}").then(|| membership(call, world, method));
    }
    let (kind, parameter, words) = match path.split('/').nth(2)? {
        "employees" => (Kind::Employee, "employeeId", ("employee", "employees")),
        "accounts" => (Kind::Account, "accountId", ("account", "accounts")),
        "account-groups" => (Kind::AccountGroup, "accountCategoryId", ("accountGroup", "accountGroups")),
        "account-categories" => (Kind::AccountGroup, "accountCategoryId", ("accountCategory", "accountCategories")),
        "teams" => (Kind::Team, "teamId", ("team", "teams")),
        "tax-codes" => (Kind::TaxCode, "taxCodeId", ("taxCode", "taxCodes")),
        _ => return None,
    };
    let single = path.contains('{');
    let id = call.segment(parameter);
    Some(match (method, single) {
        (Method::Get, false) => plural(call, world, kind, words.1),
        (Method::Get, true) => find(call, world, kind, id).map(|found| wrapped(words.0, &older(kind, found))),
        (Method::Post, _) => create(call, world, kind, words.0),
        (Method::Put, _) => replace(call, world, kind, id, words.0),
        _ => remove(call, world, kind, id),
    })
}

fn wrapped(name: &str, value: &Value) -> Answer {
    Answer::json(&json!({name: value}))
}

fn plural(call: &Call, world: &World, kind: Kind, name: &str) -> Outcome {
    let hidden = call.one("hidden").map(|hidden| hidden == "true");
    let records = world
        .read(kind)
        .iter()
        .filter(|record| call.sees(world, record) && hidden.is_none_or(|hidden| hidden == flag(record, "archived")));
    if call.endpoint.paging.is_some() {
        return legacy_page(call, name, records, |record| older(kind, record));
    }
    Ok(Answer::json(&json!({name: records.map(|record| older(kind, record)).collect::<Value>()})))
}

/// A record under its older names.
fn older(kind: Kind, from: &Record) -> Value {
    let mut older = shown(from);
    put(&mut older, "companyId", None::<Value>);
    match kind {
        Kind::Employee => {
            put(&mut older, "role", Some(if number(from, "_n") % 40 == 0 { "admin" } else { "employee" }));
            put(&mut older, "teamId", from.get("_teamId").cloned());
        }
        Kind::Account => {
            older = record(json!({
                "id": text(from, "id"),
                "accountNumber": from.get("code").or(from.get("externalId")),
                "name": text(from, "name"),
                "hidden": flag(from, "archived"),
            }));
            put(&mut older, "accountCategoryId", from.get("_groupId").cloned());
            put(&mut older, "taxCodeId", from.get("_taxCodeId").cloned());
        }
        Kind::TaxCode => {
            let hidden = older.shift_remove("archived");
            put(&mut older, "hidden", hidden);
        }
        _ => {}
    }
    older.into()
}

/// What the body says, under the names of today.
fn newer(call: &Call, kind: Kind, record: &mut Record) {
    fill(call, record);
    if kind != Kind::Account {
        return;
    }
    for (old, new) in [
        ("accountNumber", "code"),
        ("hidden", "archived"),
        ("accountCategoryId", "_groupId"),
        ("taxCodeId", "_taxCodeId"),
    ] {
        if let Some(value) = record.shift_remove(old) {
            put(record, new, Some(value));
        }
    }
}

fn create(call: &Call, world: &mut World, kind: Kind, name: &str) -> Outcome {
    if kind == Kind::Employee {
        let email = call.text("email").unwrap_or_default();
        if !email.contains('@') {
            return Err(Problem::validation("email must be an e-mail address"));
        }
    }
    let id = world.new_id();
    let mut made = record(json!({"id": id, "companyId": world.id("company", 0)}));
    match kind {
        Kind::Employee => made.extend(record(json!({"firstName": "", "lastName": ""}))),
        Kind::Account => made.extend(record(json!({"externalId": id, "name": "", "archived": false}))),
        Kind::AccountGroup => {
            put(&mut made, "companyId", None::<Value>);
            made.extend(record(json!({"name": "", "typeKey": "other", "hidden": false})));
        }
        _ => {}
    }
    newer(call, kind, &mut made);
    let answer = wrapped(name, &older(kind, &made));
    world.write(kind).push(made);
    Ok(answer)
}

fn replace(call: &Call, world: &mut World, kind: Kind, id: &str, name: &str) -> Outcome {
    let found = find_mut(call, world, kind, id)?;
    newer(call, kind, found);
    super::touch(found);
    Ok(wrapped(name, &older(kind, found)))
}

fn membership(call: &Call, world: &mut World, method: Method) -> Outcome {
    let (team, employee) = (call.segment("teamId"), call.segment("employeeId"));
    let found = find(call, world, Kind::Team, team)?;
    let shown = older(Kind::Team, found);
    let person = find_mut(call, world, Kind::Employee, employee)?;
    match method {
        Method::Put => put(person, "_teamId", Some(team)),
        _ if text(person, "_teamId") == team => put(person, "_teamId", None::<&str>),
        _ => return Err(Problem::new(404, "NOT_FOUND", format!("Employee {employee} is not in team {team}"))),
    }
    Ok(wrapped("team", &shown))
}

fn balance(world: &World) -> Answer {
    let company = world.read(Kind::Company).iter().next();
    let currency = company.map_or("DKK", |company| text(company, "_currency"));
    let cents = 25_000_000 + world.random("balance", 0).below(10_000_000);
    Answer::json(&json!({"balance": {"currency": currency, "value": cents}, "updatedAt": random::moment(86_400 * 480)}))
}

fn expenses(call: &Call, world: &mut World, method: Method, rest: &str) -> Outcome {
    let id = call.segment("expenseId");
    match (method, rest) {
        (Method::Get, "") => list_expenses(call, world),
        (Method::Put, "") => export_status(call, world),
        (_, "/{expenseId}") => find(call, world, Kind::Entry, id).map(|entry| wrapped("expense", &expense(entry))),
        (_, "/{expenseId}/receipts") => {
            find(call, world, Kind::Entry, id)?;
            let receipts = world.read(Kind::Receipt).iter().filter(|it| text(it, "accountingEntryId") == id);
            Ok(Answer::json(&json!({"receipts": receipts.map(|it| receipt(call, it)).collect::<Value>()})))
        }
        _ => {
            let receipt_id = call.segment("receiptId");
            let found = find(call, world, Kind::Receipt, receipt_id)?;
            if text(found, "accountingEntryId") != id {
                return Err(Problem::unknown("NOT_FOUND", "Receipt", receipt_id));
            }
            Ok(wrapped("receipt", &receipt(call, found)))
        }
    }
}

fn list_expenses(call: &Call, world: &World) -> Outcome {
    let bound = |name: &str| call.one(name).and_then(|text| text.parse::<Timestamp>().ok());
    let (from, to) = (bound("dateFrom"), bound("dateTo"));
    let (types, statuses, states) = (call.all("types"), call.all("status"), call.all("transactionStates"));
    let entries = world.read(Kind::Entry).iter().filter(|entry| {
        let when = text(entry, "performedAt").parse::<Timestamp>().unwrap_or_default();
        let tags = || entry.get("tags").and_then(Value::as_array).into_iter().flatten();
        call.sees(world, entry)
            && !entry.contains_key("deletedAt")
            && from.is_none_or(|from| from <= when)
            && to.is_none_or(|to| when <= to)
            && (types.is_empty() || types.contains(&kind_of(entry)))
            && (statuses.is_empty() || statuses.contains(&text(entry, "exportStatus")))
            // Card authorisations that are not settled are left out unless asked for.
            && if states.is_empty() { entry.contains_key("settledAt") } else { states.contains(&state(entry)) }
            && call.one("accountId").is_none_or(|id| text(entry, "accountId") == id)
            && call.one("tagId").is_none_or(|id| tags().any(|tag| tag["tagId"] == id))
    });
    legacy_page(call, "expenses", entries, expense)
}

fn kind_of(entry: &Record) -> &'static str {
    match text(entry, "family") {
        "CARD_PURCHASE" => "CARD",
        "BILL_INVOICE" | "CREDIT_NOTE" => "BILL_INVOICE",
        "WALLET" => "LOAD",
        "CASHBACK" => "CASHBACK",
        "PLEO_INVOICE" => "PLEO_INVOICE",
        "REIMBURSEMENT" => "EMPLOYEE_BANK_TRANSFER",
        _ => "MANUAL",
    }
}

fn state(entry: &Record) -> &'static str {
    match (kind_of(entry), entry.contains_key("settledAt")) {
        ("CARD", true) => "PRESENTMENT",
        ("CARD", false) => "AUTHORIZATION",
        ("LOAD", _) => "LOAD",
        _ => "MANUAL",
    }
}

fn expense(entry: &Record) -> Value {
    let value = entry.get("transactionValue").and_then(Value::as_object).cloned().unwrap_or_default();
    let amount = json!({"currency": text(&value, "currency"), "value": number(&value, "minors")});
    let mut expense = record(json!({
        "id": text(entry, "id"),
        "type": kind_of(entry),
        "transactionState": state(entry),
        "status": text(entry, "exportStatus"),
        "amount": amount,
        "merchant": {"name": text(entry, "_merchant")},
        "date": text(entry, "performedAt"),
        "receiptIds": entry.get("receiptIds"),
        "tags": entry.get("tags"),
    }));
    for name in ["employeeId", "teamId", "accountId", "taxCodeId", "note", "settledAt"] {
        put(&mut expense, name, entry.get(name).cloned());
    }
    expense.into()
}

fn receipt(call: &Call, from: &Record) -> Value {
    let linked = entries::linked(call, from, None);
    json!({"id": text(from, "id"), "url": linked["url"], "type": text(from, "mimeType"), "createdAt": text(from, "createdAt")})
}

fn export_status(call: &Call, world: &mut World) -> Outcome {
    let ids = call.list("expenseIds").unwrap_or_default();
    for id in &ids {
        find(call, world, Kind::Entry, id)?;
    }
    for id in &ids {
        if let Some(entry) = world.write(Kind::Entry).get_mut(id) {
            put(entry, "exportStatus", call.member("status").cloned());
        }
    }
    Ok(Answer::json(&json!({"expenseIds": ids, "status": call.member("status")})))
}
