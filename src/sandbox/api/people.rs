//! Employees, companies, and who one is oneself.

use serde_json::json;

use super::super::answer::{Answer, Outcome};
use super::super::call::Call;
use super::super::data::{Kind, World, random, text};
use super::{list, one};
use crate::pleo::credential::CredentialKind;
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    Some(match (method, path) {
        (Method::Get, "/v2/employees") => list(call, world, Kind::Employee, |employee| {
            ["companyId", "code"].iter().all(|name| call.one(name).is_none_or(|value| value == text(employee, name)))
                && call.one("email").is_none_or(|email| email.eq_ignore_ascii_case(text(employee, "email")))
        }),
        (Method::Get, "/v2/employees/{employeeId}") => one(call, world, Kind::Employee, call.segment("employeeId")),
        (Method::Get, "/v1/companies") => {
            let visible = call.visible(world);
            list(call, world, Kind::Company, |company| {
                visible.iter().any(|id| id == text(company, "id"))
                    && call.one("organization_id").is_none_or(|id| id == text(company, "organizationId"))
            })
        }
        (Method::Get, "/v1/companies/{companyId}") => company(call, world),
        (Method::Get, "/v1/introspect") => Ok(introspect(call, world)),
        _ => return None,
    })
}

fn company(call: &Call, world: &World) -> Outcome {
    let id = call.segment("companyId");
    let seen = call.visible(world).iter().any(|visible| visible == id);
    one(call, world, Kind::Company, if seen { id } else { "" })
        .map_err(|_| super::super::answer::Problem::unknown("COMPANY_NOT_FOUND", "Company", id))
}

fn introspect(call: &Call, world: &World) -> Answer {
    let who = call.who;
    let auth_method = if who.kind == CredentialKind::OAuthAccessToken { "OAUTH2" } else { "API_KEY" };
    let client_id =
        if who.issued { who.holder.to_owned() } else { random::uuid(world.environment, "client", who.kind as u64) };
    Answer::data(json!({
        "applicationName": who.application,
        "authMethod": auth_method,
        "clientId": client_id,
        "scope": who.scopes.join(" "),
        "subjectURN": world.subject(who.one_company),
    }))
}
