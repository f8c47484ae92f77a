//! Dimensions of tag groups and the tags' values in them.

use serde_json::{Value, json};

use super::super::answer::{Answer, Outcome, Problem};
use super::super::call::Call;
use super::super::data::{Kind, Record, World, put, random, record, shown, text};
use super::{dated, fill, find, one, remove, touch, update};
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    if let Some(rest) = path.strip_prefix("/v0/tag-groups/{groupId}/dimensions") {
        return of_group(call, world, method, rest);
    }
    of_tag(call, world, method, path.strip_prefix("/v0/tags/{tagId}/dimensions")?)
}

fn of_group(call: &Call, world: &mut World, method: Method, rest: &str) -> Option<Outcome> {
    let (group, id) = (call.segment("groupId"), call.segment("dimensionId"));
    if let Err(problem) = find(call, world, Kind::TagGroup, group) {
        return Some(Err(problem));
    }
    let of_group = |dimension: &&Record| text(dimension, "groupId") == group;
    if rest == "/{dimensionId}" && !world.read(Kind::Dimension).get(id).as_ref().is_some_and(of_group) {
        return Some(Err(Problem::unknown("DIMENSION_NOT_FOUND", "Dimension", id)));
    }
    Some(match (method, rest) {
        (Method::Get, "") => {
            let dimensions = world.read(Kind::Dimension).iter().filter(of_group);
            Ok(Answer::data(dimensions.map(|dimension| Value::Object(shown(dimension))).collect::<Value>()))
        }
        (Method::Post, "") => {
            let order = world.read(Kind::Dimension).iter().filter(of_group).count() + 2;
            let mut dimension = dated(world);
            put(&mut dimension, "groupId", Some(group));
            put(&mut dimension, "displayOrder", Some(order));
            fill(call, &mut dimension);
            let answer = Answer::data(shown(&dimension));
            world.write(Kind::Dimension).push(dimension);
            Ok(answer)
        }
        (Method::Get, "/{dimensionId}") => one(call, world, Kind::Dimension, id),
        (Method::Put, "/{dimensionId}") => update(call, world, Kind::Dimension, id),
        (Method::Delete, "/{dimensionId}") => {
            world.write(Kind::TagValue).retain(|value| text(value, "dimensionId") != id);
            remove(call, world, Kind::Dimension, id)
        }
        _ => return None,
    })
}

fn of_tag(call: &Call, world: &mut World, method: Method, rest: &str) -> Option<Outcome> {
    let (tag, dimension) = (call.segment("tagId"), call.segment("dimensionId"));
    if let Err(problem) = find(call, world, Kind::Tag, tag) {
        return Some(Err(problem));
    }
    let of_both = |value: &Record| text(value, "tagId") == tag && text(value, "dimensionId") == dimension;
    let unknown = || Problem::unknown("DIMENSION_VALUE_NOT_FOUND", "Dimension value", dimension);
    Some(match (method, rest) {
        (Method::Get, "") => {
            let values = world.read(Kind::TagValue).iter().filter(|value| text(value, "tagId") == tag);
            Ok(Answer::data(values.map(|value| Value::Object(shown(value))).collect::<Value>()))
        }
        (Method::Get, "/{dimensionId}") => {
            let value = world.read(Kind::TagValue).iter().find(|value| of_both(value));
            value.map(|value| Answer::data(shown(value))).ok_or_else(unknown)
        }
        (Method::Post | Method::Put, "/{dimensionId}") => set(call, world, tag, dimension),
        (Method::Delete, "/{dimensionId}") => {
            let value = world.read(Kind::TagValue).iter().find(|value| of_both(value));
            let answer = value.map(|value| Answer::data(shown(value))).ok_or_else(unknown);
            world.write(Kind::TagValue).retain(|value| !of_both(value));
            answer
        }
        _ => return None,
    })
}

fn set(call: &Call, world: &mut World, tag: &str, dimension: &str) -> Outcome {
    find(call, world, Kind::Dimension, dimension)?;
    let of_both = |value: &&mut Record| text(value, "tagId") == tag && text(value, "dimensionId") == dimension;
    let values = world.write(Kind::TagValue);
    if let Some(value) = values.iter_mut().find(of_both) {
        fill(call, value);
        touch(value);
        return Ok(Answer::data(shown(value)));
    }
    let now = random::now();
    let mut value = record(json!({"dimensionId": dimension, "tagId": tag, "createdAt": now, "updatedAt": now}));
    fill(call, &mut value);
    let answer = Answer::data(shown(&value));
    values.push(value);
    Ok(answer)
}
