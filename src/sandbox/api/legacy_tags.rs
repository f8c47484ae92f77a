//! The legacy API's tag groups, whose tags have attributes instead of a name and a code.

use serde_json::{Value, json};

use super::super::answer::{Answer, Outcome, Problem};
use super::super::call::Call;
use super::super::data::{Kind, Record, World, flag, put, random, record, text};
use super::{find, find_mut, remove};
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    let rest = path.strip_prefix("/v1/tag-groups")?;
    let (group, tag) = (call.segment("tagGroupId"), call.segment("tagId"));
    Some(match (method, rest) {
        (Method::Get, "") => {
            let archived = call.one("archived").map(|archived| archived == "true");
            let groups = world.read(Kind::TagGroup).iter().filter(|group| {
                call.sees(world, group) && archived.is_none_or(|archived| archived == flag(group, "archived"))
            });
            Ok(Answer::json(&json!({"tagGroups": groups.map(group_shown).collect::<Value>()})))
        }
        (Method::Post, "") => {
            let now = random::now();
            let mut made = record(json!({
                "id": world.new_id(),
                "companyId": world.id("company", 0),
                "code": text(&record(call.body.clone()), "name"),
                "archived": false,
                "metadata": {},
                "createdAt": now,
                "updatedAt": now,
            }));
            change_group(call, &mut made);
            let answer = Answer::json(&json!({"tagGroup": group_shown(&made)}));
            world.write(Kind::TagGroup).push(made);
            Ok(answer)
        }
        (Method::Get, "/{tagGroupId}") => find(call, world, Kind::TagGroup, group).map(group_answer),
        (Method::Patch, "/{tagGroupId}") => find_mut(call, world, Kind::TagGroup, group).map(|found| {
            change_group(call, found);
            group_answer(found)
        }),
        (Method::Delete, "/{tagGroupId}") if call.yes("archive") => {
            find_mut(call, world, Kind::TagGroup, group).map(|found| {
                put(found, "archived", Some(true));
                Answer::empty()
            })
        }
        (Method::Delete, "/{tagGroupId}") => remove(call, world, Kind::TagGroup, group),
        _ => tags(call, world, method, rest, (group, tag)),
    })
}

fn tags(call: &Call, world: &mut World, method: Method, rest: &str, (group, tag): (&str, &str)) -> Outcome {
    find(call, world, Kind::TagGroup, group)?;
    if rest.ends_with("{tagId}") && text(find(call, world, Kind::Tag, tag)?, "groupId") != group {
        return Err(Problem::unknown("NOT_FOUND", "Tag", tag));
    }
    match (method, rest.ends_with("{tagId}")) {
        (Method::Get, false) => {
            let hidden = call.one("hidden").map(|hidden| hidden == "true");
            let tags = world.read(Kind::Tag).iter().filter(|tag| {
                text(tag, "groupId") == group && hidden.is_none_or(|hidden| hidden == flag(tag, "archived"))
            });
            Ok(Answer::json(&json!({"tags": tags.map(tag_shown).collect::<Value>()})))
        }
        (Method::Get, true) => find(call, world, Kind::Tag, tag).map(tag_answer),
        (Method::Post, _) => {
            let values = call.member("attributeValues").and_then(Value::as_array).cloned().unwrap_or_default();
            let value = |place: usize| {
                let value = values.get(place)?;
                value.as_str().or_else(|| value.get("value")?.as_str()).map(str::to_owned)
            };
            let mut made = super::dated(world);
            put(&mut made, "groupId", Some(group));
            put(&mut made, "name", value(0));
            put(&mut made, "code", value(1).or(Some(String::new())));
            put(&mut made, "_values", Some((0..values.len()).map(value).collect::<Value>()));
            let order = world.read(Kind::Tag).iter().filter(|tag| text(tag, "groupId") == group).count();
            put(&mut made, "_displayOrder", Some(order));
            put(&mut made, "archived", Some(false));
            put(&mut made, "_companyId", Some(world.id("company", 0)));
            let answer = tag_answer(&made);
            world.write(Kind::Tag).push(made);
            Ok(answer)
        }
        (Method::Patch, _) => find_mut(call, world, Kind::Tag, tag).map(|found| {
            if let Some(hidden) = call.member("hidden") {
                put(found, "archived", Some(hidden.clone()));
            }
            if let Some(order) = call.member("displayOrder") {
                put(found, "_displayOrder", Some(order.clone()));
            }
            tag_answer(found)
        }),
        _ => remove(call, world, Kind::Tag, tag),
    }
}

fn change_group(call: &Call, group: &mut Record) {
    for (old, new) in [("name", "name"), ("archived", "archived"), ("tagAttributes", "_attributes")] {
        if let Some(value) = call.member(old) {
            put(group, new, Some(value.clone()));
        }
    }
}

fn group_answer(group: &Record) -> Answer {
    Answer::json(&json!({"tagGroup": group_shown(group)}))
}

fn group_shown(group: &Record) -> Value {
    let attributes = group.get("_attributes").cloned().unwrap_or_else(|| json!([{"name": "Name"}, {"name": "Code"}]));
    json!({
        "id": text(group, "id"),
        "name": text(group, "name"),
        "archived": flag(group, "archived"),
        "tagAttributes": attributes,
    })
}

fn tag_answer(tag: &Record) -> Answer {
    Answer::json(&json!({"tag": tag_shown(tag)}))
}

fn tag_shown(tag: &Record) -> Value {
    json!({
        "id": text(tag, "id"),
        "tagGroupId": text(tag, "groupId"),
        "hidden": flag(tag, "archived"),
        "displayOrder": tag.get("_displayOrder").or(tag.get("_n")),
        "attributeValues": tag.get("_values").cloned().unwrap_or_else(|| json!([tag.get("name"), text(tag, "code")])),
    })
}
