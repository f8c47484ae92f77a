//! Tax codes.

use serde_json::{Map, Value, json};

use super::super::answer::{Answer, Outcome};
use super::super::call::Call;
use super::super::data::{Kind, Record, World, flag, money, number, shown, text};
use super::{dated, fill, find, list, one, remove, update};
use crate::pleo::endpoint::Method;

pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    let id = call.segment("taxCodeId");
    Some(match (method, path.strip_prefix("/v0/tax-codes")?) {
        (Method::Post, "") => create(call, world),
        (Method::Get, "/{taxCodeId}") => one(call, world, Kind::TaxCode, id),
        (Method::Put, "/{taxCodeId}") => call.body_company(world).and_then(|_| update(call, world, Kind::TaxCode, id)),
        (Method::Delete, "/{taxCodeId}") => remove(call, world, Kind::TaxCode, id),
        (Method::Post, ":search") => search(call, world),
        (Method::Post, ":calculate-tax-amounts") => calculate(call, world),
        _ => return None,
    })
}

fn create(call: &Call, world: &mut World) -> Outcome {
    call.body_company(world)?;
    let mut code = dated(world);
    fill(call, &mut code);
    let answer = Answer::data(shown(&code));
    world.write(Kind::TaxCode).push(code);
    Ok(answer)
}

fn search(call: &Call, world: &World) -> Outcome {
    let companies = call.companies(world)?;
    let archived = call.member("archived").and_then(Value::as_bool);
    list(call, world, Kind::TaxCode, |code| {
        companies.iter().any(|company| company == text(code, "companyId"))
            && archived.is_none_or(|archived| flag(code, "archived") == archived)
            && call.text("code").is_none_or(|wanted| text(code, "code") == wanted)
            && call.text("type").is_none_or(|wanted| text(code, "type") == wanted)
            && call.lets("taxCodeIds", text(code, "id"))
    })
}

/// Gross, net and tax of every amount: within it, on top of it, or for the buyer to pay.
fn calculate(call: &Call, world: &World) -> Outcome {
    let mut taxes = Map::new();
    let groups = call.member("amountsByTaxCodeId").and_then(Value::as_object);
    for (id, amounts) in groups.into_iter().flatten() {
        let code = find(call, world, Kind::TaxCode, id)?;
        let amounts = amounts.as_array().into_iter().flatten().filter_map(Value::as_object);
        taxes.insert(id.clone(), amounts.map(|amount| tax(code, amount)).collect());
    }
    Ok(Answer::data(json!({"taxes": taxes})))
}

fn tax(code: &Record, given: &Record) -> Value {
    let amount = given.get("amount").and_then(Value::as_object).cloned().unwrap_or_default();
    let (currency, minors) = (text(&amount, "currency"), number(&amount, "minors"));
    let rate = code.get("rate").and_then(Value::as_f64).unwrap_or_default();
    // In hundred-thousandths, so that no money is counted in floating point.
    let rate = format!("{:.0}", rate * 100_000.0).parse::<i64>().unwrap_or_default();
    let part = |of: i64, whole: i64| {
        let exact = i128::from(minors) * i128::from(of);
        let half = i128::from(whole / 2) * exact.signum();
        i64::try_from((exact + half) / i128::from(whole.max(1))).unwrap_or(i64::MAX)
    };
    let (gross, net, tax) = match text(code, "type") {
        "inclusive" => {
            let tax = part(rate, 100_000 + rate);
            (minors, minors.saturating_sub(tax), tax)
        }
        "exclusive" => {
            let tax = part(rate, 100_000);
            (minors.saturating_add(tax), minors, tax)
        }
        _ => (minors, minors, part(rate, 100_000)),
    };
    let [gross, net, tax] = [gross, net, tax].map(|minors| money(currency, minors));
    json!({"id": given.get("id"), "grossAmount": gross, "netAmount": net, "taxAmount": tax})
}
