//! Receipts sent by merchants for card purchases they know by amount only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::answer::{Answer, Outcome, Problem};
use super::super::call::Call;
use super::super::data::{Kind, Record, World, money, put, random, record, text};
use crate::pleo::endpoint::Method;

/// 201 for a settled purchase, 202 for one that is still pending, 200 when only the person is known, 404 otherwise.
pub fn route(call: &Call, world: &mut World, method: Method, path: &str) -> Option<Outcome> {
    if (method, path) != (Method::Post, "/v2/accounting-entries:enrich") {
        return None;
    }
    let digits = call.one("card_last_four_digits").unwrap_or_default();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Err(Problem::parameter("card_last_four_digits must be four digits")));
    }
    let minors = call.one("amount").and_then(|amount| amount.parse().ok()).unwrap_or_default();
    let value = money(call.one("currency").unwrap_or_default(), minors);
    let bought = |entry: &&Record| {
        text(entry, "family") == "CARD_PURCHASE"
            && call.sees(world, entry)
            && [entry.get("transactionValue"), entry.get("totalBillValue")].contains(&Some(&value))
    };
    let found = world.read(Kind::Entry).iter().find(bought).cloned();
    let Some(entry) = found else { return Some(Ok(unmatched(call, world))) };
    attach(call, world, &entry);
    let settled = entry.contains_key("settledAt");
    let (status, word) = if settled { (201, "UPLOADED") } else { (202, "ACCEPTED") };
    Some(Ok(Answer::data(json!({"receiptStatus": word})).status(status)))
}

fn unmatched(call: &Call, world: &World) -> Answer {
    let email = call.one("email").unwrap_or_default();
    if world.read(Kind::Employee).iter().any(|employee| text(employee, "email").eq_ignore_ascii_case(email)) {
        return Answer::data(json!({"receiptStatus": "ADDED_TO_RECEIPT_INBOX"})).status(200);
    }
    let message = "No card purchase matches the transaction details";
    Answer::data(json!({"receiptStatus": "UNRESOLVED", "message": message})).status(404)
}

fn attach(call: &Call, world: &mut World, entry: &Record) {
    let id = text(entry, "id");
    for file in call.list("receipts").unwrap_or_default() {
        let bytes = STANDARD.decode(file).unwrap_or_default();
        let mime = if bytes.starts_with(b"%PDF") { "application/pdf" } else { "image/png" };
        let receipt = world.new_id();
        let record = record(json!({
            "id": receipt,
            "accountingEntryId": id,
            "createdAt": random::now(),
            "fileType": "ORIGINAL",
            "mimeType": mime,
            "sizeInBytes": bytes.len(),
            "source": "USER",
            "_companyId": text(entry, "companyId"),
            "_employeeId": text(entry, "employeeId"),
        }));
        world.write(Kind::Receipt).push(record);
        if let Some(entry) = world.write(Kind::Entry).get_mut(id) {
            if let Some(Value::Array(ids)) = entry.get_mut("receiptIds") {
                ids.push(receipt.into());
            }
            put(entry, "updatedAt", Some(random::now()));
        }
    }
}
