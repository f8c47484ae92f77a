//! The chart of accounts, also under its beta address.

use serde_json::{Value, json};

use super::super::answer::{Answer, Outcome, Problem};
use super::super::call::Call;
use super::super::data::{Kind, Record, World, flag, put, record, shown, text};
use super::{contains, fill, find, list, one, remove, update};
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    let rest = path.strip_prefix("/v1/chart-of-accounts").or_else(|| path.strip_prefix("/v1-beta/accounts"))?;
    let id = call.segment("accountId");
    Some(match (method, rest) {
        (Method::Post, "") => create(call, world),
        (Method::Post, "/batch") => batch(call, world),
        (Method::Post, ":search") => search(call, world),
        (Method::Get, "/{accountId}") => one(call, world, Kind::Account, id),
        (Method::Put, "/{accountId}") => update(call, world, Kind::Account, id),
        (Method::Delete, "/{accountId}") => delete(call, world, id),
        _ => return None,
    })
}

/// 201 for a new account, 200 for one that is there already and the same, 409 for one that differs.
fn create(call: &Call, world: &mut World) -> Outcome {
    let company = call.body_company(world)?;
    let external = call.text("externalId").unwrap_or_default();
    if let Some(there) = clash(world, &company, external) {
        let mut same = there.clone();
        fill(call, &mut same);
        if same == *there {
            return Ok(Answer::data(shown(there)).status(200));
        }
        let message = format!("An account with externalId {external} already exists");
        return Err(Problem::new(409, "ACCOUNT_ALREADY_EXISTS", message));
    }
    let mut account = record(json!({"id": world.new_id()}));
    fill(call, &mut account);
    let answer = Answer::data(shown(&account)).status(201);
    world.write(Kind::Account).push(account);
    Ok(answer)
}

fn clash<'w>(world: &'w World, company: &str, external: &str) -> Option<&'w Record> {
    let same = |account: &&Record| text(account, "companyId") == company && text(account, "externalId") == external;
    world.read(Kind::Account).iter().find(same)
}

/// Each item is judged by itself; the answer is 201 whatever came of them.
fn batch(call: &Call, world: &mut World) -> Outcome {
    let company = call.body_company(world)?;
    let (mut created, mut failed) = (Vec::new(), Vec::new());
    for item in call.member("items").and_then(Value::as_array).into_iter().flatten() {
        let reasons = reasons(world, &company, item);
        if !reasons.is_empty() {
            failed.push(json!({"request": item, "reasons": reasons}));
            continue;
        }
        let mut account = record(json!({"id": world.new_id(), "companyId": company, "archived": false}));
        account.extend(record(item.clone()).into_iter().filter(|(name, value)| name != "id" && !value.is_null()));
        put(&mut account, "companyId", Some(company.clone()));
        created.push(Value::Object(shown(&account)));
        world.write(Kind::Account).push(account);
    }
    Ok(Answer::data(json!({"created": created, "failed": failed})))
}

fn reasons(world: &World, company: &str, item: &Value) -> Vec<&'static str> {
    let member = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let long = |name: &str| member(name).chars().count() > 255;
    let found = [
        (member("externalId").is_empty(), "EXTERNAL_ID_EMPTY"),
        (long("externalId"), "EXTERNAL_ID_TOO_LONG"),
        (clash(world, company, member("externalId")).is_some(), "EXTERNAL_ID_ALREADY_EXISTS"),
        (member("name").is_empty(), "NAME_EMPTY"),
        (long("name"), "NAME_TOO_LONG"),
        (long("code"), "CODE_TOO_LONG"),
        (!item.is_object(), "OTHER"),
    ];
    found.into_iter().filter(|(wrong, _)| *wrong).map(|(_, reason)| reason).collect()
}

fn search(call: &Call, world: &World) -> Outcome {
    let company = call.body_company(world)?;
    let archived = call.member("archived").and_then(Value::as_bool);
    let without = |flag: &str| call.member(flag).and_then(Value::as_bool).unwrap_or_default();
    let (no_category, no_contra) =
        (without("excludeIfAssignedToCategory"), without("excludeIfAssignedToContraAccount"));
    list(call, world, Kind::Account, |account| {
        text(account, "companyId") == company
            && !(no_category && account.contains_key("_groupId"))
            && !(no_contra && flag(account, "_contra"))
            && archived.is_none_or(|archived| flag(account, "archived") == archived)
            && call.text("code").is_none_or(|code| text(account, "code") == code)
            && call.lets("codes", text(account, "code"))
            && call.text("externalId").is_none_or(|id| text(account, "externalId") == id)
            && call.lets("ids", text(account, "id"))
            && call.text("name").is_none_or(|name| contains(text(account, "name"), name))
    })
}

fn delete(call: &Call, world: &mut World, id: &str) -> Outcome {
    find(call, world, Kind::Account, id)?;
    if world.read(Kind::Entry).iter().any(|entry| text(entry, "accountId") == id) {
        return Err(Problem::new(409, "ACCOUNT_IN_USE", format!("Account {id} is used by accounting entries")));
    }
    remove(call, world, Kind::Account, id)
}
