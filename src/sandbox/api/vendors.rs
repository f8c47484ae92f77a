//! Vendors.

use super::super::answer::{Answer, Outcome, Problem};
use super::super::call::Call;
use super::super::data::{Kind, World, put, shown, text};
use super::{contains, dated, fill, find, find_mut, list, one, touch, update};
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    let id = call.segment("id");
    Some(match (method, path) {
        (Method::Post, "/v1/vendors") => create(call, world),
        (Method::Post, "/v1/vendors:search") => search(call, world),
        (Method::Get, "/v1/vendors/{id}") => one(call, world, Kind::Vendor, id),
        (Method::Put, "/v1/vendors/{id}") => replace(call, world, id),
        (Method::Post, "/v1/vendors/{id}:activate") => state(call, world, id, "ACTIVE"),
        (Method::Post, "/v1/vendors/{id}:archive") => state(call, world, id, "ARCHIVED"),
        _ => return None,
    })
}

fn create(call: &Call, world: &mut World) -> Outcome {
    let company = call.body_company(world)?;
    clash(call, world, &company, "")?;
    let mut vendor = dated(world);
    fill(call, &mut vendor);
    let state = if vendor.contains_key("externalId") { "ACTIVE" } else { "DRAFT" };
    put(&mut vendor, "state", Some(state));
    let answer = Answer::data(shown(&vendor));
    world.write(Kind::Vendor).push(vendor);
    Ok(answer)
}

/// No two vendors of a company have the same external id.
fn clash(call: &Call, world: &World, company: &str, but: &str) -> Result<(), Problem> {
    let Some(external) = call.text("externalId") else { return Ok(()) };
    let taken = world.read(Kind::Vendor).iter().any(|vendor| {
        text(vendor, "companyId") == company && text(vendor, "externalId") == external && text(vendor, "id") != but
    });
    let message = || format!("A vendor with externalId {external} already exists");
    if taken { Err(Problem::new(409, "VENDOR_ALREADY_EXISTS", message())) } else { Ok(()) }
}

fn replace(call: &Call, world: &mut World, id: &str) -> Outcome {
    find(call, world, Kind::Vendor, id)?;
    let company = call.body_company(world)?;
    clash(call, world, &company, id)?;
    update(call, world, Kind::Vendor, id)
}

fn state(call: &Call, world: &mut World, id: &str, state: &str) -> Outcome {
    let vendor = find_mut(call, world, Kind::Vendor, id)?;
    fill(call, vendor);
    put(vendor, "state", Some(state));
    touch(vendor);
    Ok(Answer::empty())
}

fn search(call: &Call, world: &World) -> Outcome {
    let companies = call.companies(world)?;
    list(call, world, Kind::Vendor, |vendor| {
        let lists = [
            ("ids", "id"),
            ("codes", "code"),
            ("externalIds", "externalId"),
            ("countries", "country"),
            ("accountingSystems", "accountingSystem"),
            ("taxRegistrationNumbers", "taxRegistrationNumber"),
            ("states", "state"),
        ];
        companies.iter().any(|company| company == text(vendor, "companyId"))
            && lists.iter().all(|(list, member)| call.lets(list, text(vendor, member)))
            && call.text("name").is_none_or(|name| contains(text(vendor, "name"), name))
    })
}
