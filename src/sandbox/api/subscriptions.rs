//! Webhook subscriptions. Nothing is ever delivered: the sandbox sends no request.

use serde_json::json;

use super::super::answer::{Answer, Outcome};
use super::super::call::Call;
use super::super::data::{Kind, World, put, random, record, text};
use super::{dated, fill, find, list, one, remove, update};
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    let id = call.segment("id");
    Some(match (method, path.strip_prefix("/v1/subscriptions")?) {
        (Method::Get, "") => search(call, world),
        (Method::Post, "") => create(call, world),
        (Method::Get, "/{id}") => one(call, world, Kind::Subscription, id),
        (Method::Put, "/{id}") => {
            let outcome = update(call, world, Kind::Subscription, id);
            note(call, world, id, "UPDATE", outcome)
        }
        (Method::Delete, "/{id}") => {
            let outcome = remove(call, world, Kind::Subscription, id);
            note(call, world, id, "DELETE", outcome)
        }
        (Method::Get, "/{id}/activities") => find(call, world, Kind::Subscription, id).and_then(|_| {
            let types = call.all("operation_types");
            list(call, world, Kind::Activity, |activity| {
                text(activity, "subscriptionId") == id
                    && (types.is_empty() || types.contains(&text(activity, "operationType")))
            })
        }),
        (Method::Get, "/{id}/secret") => find(call, world, Kind::Subscription, id).map(|_| {
            let secret = random::uuid(world.environment, id, 1).replace('-', "");
            Answer::data(json!({"secretKey": format!("whsec_{secret}")}))
        }),
        _ => return None,
    })
}

fn search(call: &Call, world: &World) -> Outcome {
    let types = call.all("event_types");
    list(call, world, Kind::Subscription, |subscription| {
        let events = subscription.get("eventTypes").and_then(|events| events.as_array());
        let wanted = events.into_iter().flatten().any(|event| types.iter().any(|name| event == name));
        call.one("status").is_none_or(|status| text(subscription, "status") == status) && (types.is_empty() || wanted)
    })
}

fn create(call: &Call, world: &mut World) -> Outcome {
    let mut subscription = dated(world);
    put(&mut subscription, "status", Some("ACTIVE"));
    fill(call, &mut subscription);
    let id = text(&subscription, "id").to_owned();
    world.write(Kind::Subscription).push(subscription);
    let outcome = one(call, world, Kind::Subscription, &id);
    note(call, world, &id, "CREATE", outcome)
}

/// Writes a change into the history, when there was one.
fn note(call: &Call, world: &mut World, id: &str, operation: &str, outcome: Outcome) -> Outcome {
    let outcome = outcome?;
    let activity = record(json!({
        "id": world.new_id(),
        "subscriptionId": id,
        "operationType": operation,
        "actorUrn": world.subject(call.who.one_company),
        "description": format!("Subscription {}d", operation.to_lowercase()),
        "createdAt": random::now(),
    }));
    world.write(Kind::Activity).push(activity);
    Ok(outcome)
}
