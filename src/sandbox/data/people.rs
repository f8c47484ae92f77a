//! Companies, employees and teams.

use std::collections::HashMap;

use serde_json::json;

use super::{Record, World, put, random, record, words};

/// The companies, the biggest first.
pub fn companies(world: &World) -> Vec<Record> {
    let firms = words::firms(world.environment).iter().enumerate();
    firms
        .map(|(place, firm)| {
            let [street, locality, postcode] = firm.address;
            record(json!({
                "id": world.id("company", place),
                "name": firm.name,
                "address": {
                    "addressLine1": street, "locality": locality, "postalCode": postcode, "country": firm.country,
                },
                "organizationId": world.organization(),
                "registrationNumber": firm.registration,
                "_currency": firm.currency,
            }))
        })
        .collect()
}

/// The employees of all companies, mixed.
pub fn employees(world: &World) -> Vec<Record> {
    let firms = words::firms(world.environment);
    let company_ids: Vec<String> = (0..firms.len()).map(|place| world.id("company", place)).collect();
    let (scripts, titles, teams) = (words::scripts(), words::list("job-titles"), words::list("teams").len());
    let mut taken: HashMap<String, u32> = HashMap::new();
    (0..usize::try_from(world.size.employees).unwrap_or_default())
        .map(|place| {
            let mut random = world.random("employee", place);
            let company = random.weighted(firms.iter().map(|firm| firm.share));
            let script = &scripts[random.weighted(scripts.iter().map(|script| script.share))];
            let (given, family) = (random.pick(&script.given), random.pick(&script.family));
            let mut local = format!("{}.{}", given.latin, family.latin);
            let namesakes = taken.entry(format!("{local}@{company}")).or_default();
            *namesakes += 1;
            if *namesakes > 1 {
                local = format!("{local}{namesakes}");
            }
            let mut employee = record(json!({
                "id": world.id("employee", place),
                "companyId": company_ids[company],
                "email": format!("{local}@{}", firms[company].domain),
                "firstName": given.written,
                "lastName": family.written,
            }));
            put(&mut employee, "code", random.chance(88).then(|| format!("E{:05}", 10_001 + place)));
            put(&mut employee, "jobTitle", random.chance(92).then(|| *random.pick(&titles)));
            put(&mut employee, "phone", random.chance(80).then(|| phone(firms[company].country, &mut random)));
            let team = random.index(teams);
            put(&mut employee, "_teamId", random.chance(85).then(|| world.id("team", company * 100 + team)));
            employee
        })
        .collect()
}

/// Numbers that are reserved for fiction or too short to be dialled.
fn phone(country: &str, random: &mut random::Random) -> String {
    let digits = random.below(10_000);
    match country {
        "DE" => format!("+49 30 2312 5{digits:04}"),
        "SE" => format!("+46 70 174 {digits:04}"),
        "GB" => format!("+44 20 7946 {digits:04}"),
        "IS" => format!("+354 000 {digits:04}"),
        _ => format!("+45 00 00 {:02} {:02}", digits / 100, digits % 100),
    }
}

/// The teams of every company.
pub fn teams(world: &World) -> Vec<Record> {
    let names = words::list("teams");
    (0..words::firms(world.environment).len())
        .flat_map(|company| names.iter().enumerate().map(move |(place, name)| (company, place, *name)))
        .map(|(company, place, name)| {
            record(json!({
                "id": world.id("team", company * 100 + place),
                "companyId": world.id("company", company),
                "name": name,
                "code": format!("T{:02}", place + 1),
            }))
        })
        .collect()
}
