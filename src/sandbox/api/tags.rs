//! Tag groups and tags, and the two together.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::answer::{Answer, Outcome, Problem};
use super::super::call::Call;
use super::super::data::{Kind, Record, World, flag, put, random, record, shown, text};
use super::super::paging;
use super::{contains, dated, fill, find, keys, list, one, remove, update};
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    let (group, tag) = (call.segment("groupId"), call.segment("tagId"));
    Some(match (method, path) {
        (Method::Get, "/v0/aggregations/tag-groups") => groups(call, world, |group| aggregated_group(world, group)),
        (Method::Get, "/v0/tag-groups") => groups(call, world, |group| counted_group(call, world, group)),
        (Method::Post, "/v0/tag-groups") => create_group(call, world),
        (Method::Get, "/v0/tag-groups/{groupId}") => one(call, world, Kind::TagGroup, group),
        (Method::Put, "/v0/tag-groups/{groupId}") => update(call, world, Kind::TagGroup, group),
        (Method::Delete, "/v0/tag-groups/{groupId}") => delete_group(call, world, group),
        (Method::Get, "/v0/tag-groups/{groupId}/usage") => usage(call, world, group),
        (Method::Get, "/v0/tag-groups/{groupId}/tags") => find(call, world, Kind::TagGroup, group).and_then(|_| {
            list(call, world, Kind::Tag, |tag| {
                text(tag, "groupId") == group && (call.yes("include_archived") || !flag(tag, "archived"))
            })
        }),
        (Method::Post, "/v0/tag-groups/{groupId}/tags") => create(call, world, group),
        (Method::Get, "/v0/tags") => old_search(call, world),
        (Method::Post, "/v0/tags:search") => search(call, world, |tag| shown(tag).into()),
        (Method::Post, "/v0/aggregations/tags") => aggregated(call, world),
        (Method::Delete, "/v0/tags") => delete_many(call, world),
        (Method::Post, "/v0/tags/archive") => archive(call, world),
        (Method::Get, "/v0/tags/{tagId}") => one(call, world, Kind::Tag, tag),
        (Method::Put, "/v0/tags/{tagId}") => replace(call, world, tag),
        (Method::Delete, "/v0/tags/{tagId}") => remove(call, world, Kind::Tag, tag),
        _ => return None,
    })
}

fn groups(call: &Call, world: &World, show: impl Fn(&Record) -> Value) -> Outcome {
    let companies = call.companies(world)?;
    let ids = call.all("tag_group_ids");
    let hidden = call.endpoint.path == "/v0/tag-groups" && !call.yes("include_archived");
    let wanted = |group: &&Record| {
        companies.iter().any(|company| company == text(group, "companyId"))
            && (ids.is_empty() || ids.contains(&text(group, "id")))
            && !(hidden && flag(group, "archived"))
    };
    Ok(Answer::data(world.read(Kind::TagGroup).iter().filter(wanted).map(show).collect::<Value>()))
}

fn counted_group(call: &Call, world: &World, group: &Record) -> Value {
    let mut counted = shown(group);
    if call.yes("include_tags_count") {
        let tags = world.read(Kind::Tag).iter().filter(|tag| text(tag, "groupId") == text(group, "id"));
        put(&mut counted, "totalTagsCount", Some(tags.count()));
    }
    counted.into()
}

fn aggregated_group(world: &World, group: &Record) -> Value {
    let mut whole = shown(group);
    put(&mut whole, "metadata", None::<Value>);
    let dimensions = world.read(Kind::Dimension).iter().filter(|it| text(it, "groupId") == text(group, "id"));
    put(&mut whole, "dimensions", Some(dimensions.map(|it| Value::Object(shown(it))).collect::<Value>()));
    whole.into()
}

fn create_group(call: &Call, world: &mut World) -> Outcome {
    let companies = call.companies(world)?;
    let mut group = dated(world);
    put(&mut group, "companyId", companies.into_iter().next());
    put(&mut group, "metadata", Some(json!({})));
    fill(call, &mut group);
    let answer = Answer::data(shown(&group));
    world.write(Kind::TagGroup).push(group);
    Ok(answer)
}

fn delete_group(call: &Call, world: &mut World, id: &str) -> Outcome {
    let answer = remove(call, world, Kind::TagGroup, id)?;
    world.write(Kind::Tag).retain(|tag| text(tag, "groupId") != id);
    world.write(Kind::Dimension).retain(|dimension| text(dimension, "groupId") != id);
    Ok(answer)
}

fn usage(call: &Call, world: &World, id: &str) -> Outcome {
    find(call, world, Kind::TagGroup, id)?;
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for entry in world.read(Kind::Entry).iter() {
        for tag in entry.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
            *counts.entry(text(tag, "tagId")).or_default() += 1;
        }
    }
    let tags = world.read(Kind::Tag).iter().filter(|tag| text(tag, "groupId") == id).map(|tag| text(tag, "id"));
    let usages: Value = tags.map(|tag| json!({"id": tag, "count": counts.get(tag).unwrap_or(&0)})).collect();
    Ok(Answer::data(json!({"usages": usages})))
}

fn create(call: &Call, world: &mut World, group: &str) -> Outcome {
    let company = text(find(call, world, Kind::TagGroup, group)?, "companyId").to_owned();
    clash(call, world, group, "")?;
    let mut tag = dated(world);
    fill(call, &mut tag);
    put(&mut tag, "groupId", Some(group));
    put(&mut tag, "otherDimensionValues", None::<Value>);
    put(&mut tag, "_companyId", Some(company));
    dimension_values(call, world, group, text(&tag, "id"));
    let answer = Answer::data(shown(&tag));
    world.write(Kind::Tag).push(tag);
    Ok(answer)
}

/// The values of a tag in the further dimensions of its group, in their order.
fn dimension_values(call: &Call, world: &mut World, group: &str, tag: &str) {
    let Some(values) = call.list("otherDimensionValues") else {
        return;
    };
    let dimensions: Vec<String> = world
        .read(Kind::Dimension)
        .iter()
        .filter(|dimension| text(dimension, "groupId") == group)
        .map(|dimension| text(dimension, "id").to_owned())
        .collect();
    let now = random::now();
    let stored = world.write(Kind::TagValue);
    stored.retain(|value| text(value, "tagId") != tag);
    for (dimension, value) in dimensions.iter().zip(values) {
        let given = json!({"dimensionId": dimension, "tagId": tag, "value": value, "createdAt": now, "updatedAt": now});
        stored.push(record(given));
    }
}

/// No two tags of a group have the same code.
fn clash(call: &Call, world: &World, group: &str, but: &str) -> Result<(), Problem> {
    let code = call.text("code").unwrap_or_default();
    let taken = world
        .read(Kind::Tag)
        .iter()
        .any(|tag| text(tag, "groupId") == group && text(tag, "code") == code && text(tag, "id") != but);
    let message = || format!("A tag with code {code} already exists in the group");
    if taken { Err(Problem::new(409, "TAG_ALREADY_EXISTS", message())) } else { Ok(()) }
}

fn replace(call: &Call, world: &mut World, id: &str) -> Outcome {
    let group = text(find(call, world, Kind::Tag, id)?, "groupId").to_owned();
    clash(call, world, &group, id)?;
    let answer = update(call, world, Kind::Tag, id)?;
    dimension_values(call, world, &group, id);
    if let Some(tag) = world.write(Kind::Tag).get_mut(id)
        && tag.shift_remove("otherDimensionValues").is_some()
    {
        return Ok(Answer::data(shown(tag)));
    }
    Ok(answer)
}

fn matches(tag: &Record, part: Option<&str>) -> bool {
    part.is_none_or(|part| contains(text(tag, "name"), part) || contains(text(tag, "code"), part))
}

fn old_search(call: &Call, world: &World) -> Outcome {
    let companies = call.companies(world)?;
    let groups = call.all("tag_group_id");
    list(call, world, Kind::Tag, |tag| {
        companies.iter().any(|company| company == text(tag, "_companyId"))
            && (groups.is_empty() || groups.contains(&text(tag, "groupId")))
            && (call.yes("include_archived") || !flag(tag, "archived"))
            && matches(tag, call.one("text_search"))
    })
}

fn search(call: &Call, world: &World, show: impl Fn(&Record) -> Value) -> Outcome {
    let companies = call.companies(world)?;
    let archived = call.member("archived").and_then(Value::as_bool);
    let all = call.member("includeArchived").and_then(Value::as_bool).unwrap_or_default();
    let tags = world.read(Kind::Tag).iter().filter(|tag| {
        companies.iter().any(|company| company == text(tag, "_companyId"))
            && call.lets("tagGroupIds", text(tag, "groupId"))
            && call.lets("tagIds", text(tag, "id"))
            && archived.map_or(all || !flag(tag, "archived"), |archived| flag(tag, "archived") == archived)
            && matches(tag, call.text("textSearch"))
    });
    paging::page(call, tags, keys(Kind::Tag), show)
}

fn aggregated(call: &Call, world: &World) -> Outcome {
    search(call, world, |tag| {
        let mut whole = shown(tag);
        put(&mut whole, "groupId", None::<Value>);
        put(&mut whole, "companyId", tag.get("_companyId").cloned());
        let group = world.read(Kind::TagGroup).get(text(tag, "groupId")).cloned().unwrap_or_default();
        let parts = ["id", "code", "name"].map(|name| (name.to_owned(), json!(text(&group, name))));
        put(&mut whole, "group", Some(parts.into_iter().collect::<Record>()));
        let values = world.read(Kind::TagValue).iter().filter(|value| text(value, "tagId") == text(tag, "id"));
        put(&mut whole, "dimensions", Some(values.map(|value| dimension_value(world, value)).collect::<Value>()));
        whole.into()
    })
}

fn dimension_value(world: &World, value: &Record) -> Value {
    let dimension = world.read(Kind::Dimension).get(text(value, "dimensionId")).cloned().unwrap_or_default();
    let mut whole = record(json!({"id": text(value, "dimensionId"), "value": text(value, "value")}));
    for name in ["code", "name", "displayOrder", "visible"] {
        put(&mut whole, name, dimension.get(name).cloned());
    }
    whole.into()
}

/// The tags of the company that the body names; all of them must be there.
fn named(call: &Call, world: &World) -> Result<Vec<String>, Problem> {
    let company = call.body_company(world)?;
    let ids = call.list("tagIds").unwrap_or_default();
    let of_company = |id: &&str| find(call, world, Kind::Tag, id).is_ok_and(|tag| text(tag, "_companyId") == company);
    match ids.iter().find(|id| !of_company(id)) {
        Some(id) => Err(Problem::unknown("TAG_NOT_FOUND", "Tag", id)),
        None => Ok(ids.into_iter().map(str::to_owned).collect()),
    }
}

fn delete_many(call: &Call, world: &mut World) -> Outcome {
    let ids = named(call, world)?;
    world.write(Kind::Tag).retain(|tag| !ids.iter().any(|id| id == text(tag, "id")));
    Ok(Answer::empty())
}

fn archive(call: &Call, world: &mut World) -> Outcome {
    let ids = named(call, world)?;
    let archived = call.member("archived").cloned();
    let mut changed = Vec::new();
    for tag in world.write(Kind::Tag).iter_mut().filter(|tag| ids.iter().any(|id| id == text(tag, "id"))) {
        put(tag, "archived", archived.clone());
        super::touch(tag);
        changed.push(Value::Object(shown(tag)));
    }
    Ok(Answer::data(Value::Array(changed)))
}
