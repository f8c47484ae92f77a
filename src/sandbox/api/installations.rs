//! The installation that belongs to a credential: a bare object, without `data` around it.

use serde_json::json;

use super::super::answer::{Answer, Outcome, Problem};
use super::super::call::Call;
use super::super::data::{Record, World, put, random, record, shown};
use super::{fill, touch};
use crate::pleo::credential::CredentialKind;
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    if !path.starts_with("/v1/installations/") {
        return None;
    }
    // An application is installed from the start; a `company_id` must be one that the credential sees.
    if !world.installations.contains_key(call.who.holder) {
        let first = installation(call, world);
        world.installations.insert(call.who.holder, Some(first));
    }
    Some(call.companies(world).and_then(|_| match (method, path) {
        (Method::Get, "/v1/installations/me") => change(call, world, |_| {}),
        (Method::Post, "/v1/installations/me") => {
            let fresh = installation(call, world);
            let slot = world.installations.entry(call.who.holder).or_default();
            slot.get_or_insert(fresh);
            change(call, world, |record| fill(call, record))
        }
        (Method::Put, "/v1/installations/me") => change(call, world, |record| {
            put(record, "errorCode", None::<&str>);
            fill(call, record);
        }),
        (Method::Delete, "/v1/installations/me") => {
            change(call, world, |_| {})?;
            world.installations.insert(call.who.holder, None);
            if call.who.kind == CredentialKind::OAuthAccessToken {
                world.revoke(call.who.holder);
            }
            Ok(Answer::empty())
        }
        // `:activate` and, of old, `completions`.
        _ => change(call, world, |record| put(record, "status", Some("ACTIVATED"))),
    }))
}

fn installation(call: &Call, world: &mut World) -> Record {
    let key = call.who.kind as u64;
    record(json!({
        "id": world.new_id(),
        "applicationId": random::uuid(world.environment, "application", key),
        "resource": format!("urn:pleo:company:{}", world.id("company", 0)),
        "status": "AUTHORIZED",
        "metadata": {},
        "createdAt": random::moment(86_400 * 10),
        "updatedAt": random::moment(86_400 * 10),
    }))
}

fn change(call: &Call, world: &mut World, how: impl FnOnce(&mut Record)) -> Outcome {
    let Some(Some(record)) = world.installations.get_mut(call.who.holder) else {
        let message = "There is no installation for this credential";
        return Err(Problem::new(404, "INSTALLATION_NOT_FOUND", message));
    };
    how(record);
    if call.endpoint.writes {
        touch(record);
    }
    Ok(Answer::json(&shown(record).into()))
}
