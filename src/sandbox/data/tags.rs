//! Tag groups, their dimensions, tags and the tags' values in the dimensions.

use serde_json::json;

use super::{Record, World, put, random, record, words};

/// The groups that every company has: name, code, word list.
pub const GROUPS: [(&str, &str, &str); 3] =
    [("Department", "DEP", "departments"), ("Project", "PRJ", "projects"), ("Cost centre", "CC", "cost-centres")];

/// The place of a group among the groups of all companies.
pub const fn group_place(company: usize, group: usize) -> usize {
    company * 10 + group
}

fn groups_of_all(world: &World) -> impl Iterator<Item = (usize, usize)> {
    let companies = words::firms(world.environment).len();
    (0..companies).flat_map(|company| (0..GROUPS.len()).map(move |group| (company, group)))
}

/// The tag groups; every company has an archived one too.
pub fn groups(world: &World) -> Vec<Record> {
    let live = groups_of_all(world).map(|(company, group)| (company, group, GROUPS[group].0, GROUPS[group].1));
    let archived = (0..words::firms(world.environment).len()).map(|company| (company, 9, "Old regions", "OLD"));
    live.chain(archived)
        .map(|(company, group, name, code)| {
            record(json!({
                "id": world.id("tag-group", group_place(company, group)),
                "companyId": world.id("company", company),
                "name": name,
                "code": code,
                "archived": group == 9,
                "metadata": {"erp": "ledgerline"},
                "createdAt": random::moment(-86_400 * 200),
                "updatedAt": random::moment(86_400 * 20),
            }))
        })
        .collect()
}

/// Two dimensions of our own for every project and cost-centre group.
pub fn dimensions(world: &World) -> Vec<Record> {
    let extra = [("Budget owner", "owner"), ("Region", "region")];
    groups_of_all(world)
        .flat_map(|(company, group)| extra.into_iter().enumerate().map(move |(place, it)| (company, group, place, it)))
        .map(|(company, group, place, (name, code))| {
            record(json!({
                "id": world.id("dimension", group_place(company, group) * 10 + place),
                "groupId": world.id("tag-group", group_place(company, group)),
                "name": name,
                "code": code,
                "displayOrder": place + 2,
                "visible": place == 0,
                "createdAt": random::moment(-86_400 * 190),
                "updatedAt": random::moment(86_400 * 21),
            }))
        })
        .collect()
}

/// The tags of every group.
pub fn tags(world: &World) -> Vec<Record> {
    groups_of_all(world)
        .flat_map(|(company, group)| {
            let names = words::list(GROUPS[group].2).into_iter().enumerate();
            names.map(move |(place, name)| (company, group, place, name))
        })
        .map(|(company, group, place, name)| {
            let mut tag = record(json!({
                "id": world.id("tag", group_place(company, group) * 100 + place),
                "groupId": world.id("tag-group", group_place(company, group)),
            }));
            put(&mut tag, "name", (place % 9 != 8).then_some(name));
            put(&mut tag, "code", Some(format!("{}-{:03}", GROUPS[group].1, (place + 1) * 10)));
            put(&mut tag, "archived", Some(place % 11 == 10));
            put(&mut tag, "createdAt", Some(random::moment(-86_400 * 180)));
            put(&mut tag, "updatedAt", Some(random::moment(3_600 * i64::try_from(place).unwrap_or_default())));
            put(&mut tag, "_companyId", Some(world.id("company", company)));
            tag
        })
        .collect()
}

/// Values in the dimensions, for the first tags of every group.
pub fn values(world: &World) -> Vec<Record> {
    groups_of_all(world)
        .flat_map(|(company, group)| (0..6).flat_map(move |tag| (0..2).map(move |place| (company, group, tag, place))))
        .map(|(company, group, tag, place)| {
            let at = group_place(company, group);
            let mut random = world.random("tag-value", at * 100 + tag);
            record(json!({
                "dimensionId": world.id("dimension", at * 10 + place),
                "tagId": world.id("tag", at * 100 + tag),
                "value": if place == 0 { *random.pick(&["Freja", "小林", "Νίκος", "O’Brien"]) } else { *random.pick(&["North", "Süd", "Øst"]) },
                "createdAt": random::moment(-86_400 * 170),
                "updatedAt": random::moment(86_400 * 5),
            }))
        })
        .collect()
}
