//! The books: accounts, account groups, tax codes and vendors.

use serde_json::json;

use super::{Record, World, put, random, record, words};

/// How many accounts, tax codes and vendors each company has.
pub fn per_company(list: &str) -> usize {
    words::list(list).len()
}

/// The chart of accounts of every company.
pub fn accounts(world: &World) -> Vec<Record> {
    of_each(world, "accounts", |company, place, row, id| {
        let mut random = world.random("account", company * 100 + place);
        let mut account = record(json!({
            "id": id,
            "companyId": world.id("company", company),
            "externalId": format!("ERP-{}-{}", company + 1, row[0]),
            "name": row[1],
            "archived": row[0] == "9999",
        }));
        put(&mut account, "code", random.chance(95).then(|| row[0].to_owned()));
        put(&mut account, "taxCodeExternalId", random.chance(40).then(|| format!("TAX-{}", random.below(6))));
        if random.chance(20) {
            put(&mut account, "metadata", Some(json!({"source": "erp", "level": random.below(4).to_string()})));
        }
        put(&mut account, "_groupId", (place % 4 != 3).then(|| world.id("account-group", place % 11)));
        put(&mut account, "_contra", Some(place % 13 == 12));
        account
    })
}

/// The legacy API's account groups, the same for all companies.
pub fn account_groups(world: &World) -> Vec<Record> {
    let keys = [
        "entertainment",
        "equipment_and_hardware",
        "marketing_and_advertising",
        "meals_and_drinks",
        "office_expenses",
        "phone_and_internet",
        "services_and_consultancy",
        "software",
        "supplies",
        "travel",
        "other",
    ];
    let groups = keys.iter().enumerate();
    groups
        .map(|(place, key)| {
            record(json!({
                "id": world.id("account-group", place),
                "name": key.replace('_', " "),
                "typeKey": key,
                "hidden": false,
            }))
        })
        .collect()
}

/// The tax codes of every company.
pub fn tax_codes(world: &World) -> Vec<Record> {
    of_each(world, "tax-codes", |company, place, row, id| {
        let rate: f64 = row[2].parse().unwrap_or_default();
        let mut code = record(json!({
            "id": id,
            "companyId": world.id("company", company),
            "name": row[1],
            "code": row[0],
            "rate": rate,
            "type": row[3],
            "archived": place == 6,
            "createdAt": random::moment(-86_400 * 300),
            "updatedAt": random::moment(86_400 * i64::try_from(place).unwrap_or_default()),
        }));
        put(&mut code, "ingoingTaxAccount", (place % 2 == 0).then(|| format!("66{place:02}")));
        put(&mut code, "outgoingTaxAccount", (place == 5).then(|| format!("67{place:02}")));
        code
    })
}

/// The vendors of every company.
pub fn vendors(world: &World) -> Vec<Record> {
    of_each(world, "vendors", |company, place, row, id| {
        let mut random = world.random("vendor", company * 100 + place);
        let state = match random.below(10) {
            0 => "DRAFT",
            1 => "ARCHIVED",
            _ => "ACTIVE",
        };
        let currency = match row[1] {
            "DK" => "DKK",
            "SE" => "SEK",
            "NO" => "NOK",
            "GB" => "GBP",
            "IS" => "ISK",
            "JP" => "JPY",
            "PL" => "PLN",
            _ => "EUR",
        };
        let mut vendor = record(json!({
            "id": id,
            "companyId": world.id("company", company),
            "name": row[0],
            "state": state,
            "defaultCurrency": currency,
            "country": row[1],
            "createdAt": random::precise_moment(86_400 * 3 * i64::try_from(place).unwrap_or_default(), &mut random),
            "updatedAt": random::precise_moment(86_400 * 100, &mut random),
        }));
        put(&mut vendor, "code", random.chance(80).then(|| format!("V{:04}", 100 + place)));
        put(&mut vendor, "externalId", (state != "DRAFT").then(|| format!("ERP-V-{}-{place}", company + 1)));
        put(&mut vendor, "accountingSystem", random.chance(50).then_some("LEDGERLINE"));
        put(&mut vendor, "registrationNumber", random.chance(70).then(|| format!("0000{:04}", random.below(10_000))));
        put(
            &mut vendor,
            "taxRegistrationNumber",
            random.chance(60).then(|| format!("{}0000{:04}", row[1], random.below(10_000))),
        );
        vendor
    })
}

/// One record for every company and line of a list.
fn of_each(world: &World, list: &str, make: impl Fn(usize, usize, &[&str], String) -> Record) -> Vec<Record> {
    let rows = words::table(list);
    (0..words::firms(world.environment).len())
        .flat_map(|company| (0..rows.len()).map(move |place| (company, place)))
        .map(|(company, place)| make(company, place, &rows[place], world.id(list, company * 100 + place)))
        .collect()
}
