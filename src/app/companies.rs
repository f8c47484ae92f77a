//! The picker that fills a company in, spelled as the endpoint wants it.

use super::fuzzy;
use super::input::LineInput;
use super::model::{Companies, Model, Overlay};
use super::panes::request::Row;
use crate::pleo::request::Draft;

/// The names by which operations call a company.
const NAMES: [&str; 2] = ["companyId", "company_id"];

/// Opens the picker for the request in pane 4.
pub fn begin(model: &mut Model) {
    let known = model.credentials.held_in_force(model.environment).and_then(|held| held.identity());
    let all = known.map_or_else(Vec::new, |identity| identity.companies.clone());
    let Some(draft) = &model.request.draft else {
        return;
    };
    if place(draft).is_none() {
        model.complain("This operation takes no company");
    } else if all.is_empty() {
        model.complain("No companies are known yet: i asks which are in reach");
    } else {
        let matches = (0..all.len()).collect();
        let picker = Companies { input: LineInput::new(""), all, matches, cursor: 0 };
        model.overlay = Some(Overlay::Companies(picker));
    }
}

/// Where an operation takes a company: a field of its own, else its body.
fn place(draft: &Draft) -> Option<Row> {
    let field = draft.endpoint.params.iter().position(|param| NAMES.contains(&param.name.as_str()));
    let in_body = || {
        let fields = draft.endpoint.body.as_ref().map_or(&[][..], |body| body.fields.as_slice());
        fields.iter().any(|field| field.name == NAMES[0]).then_some(Row::Body)
    };
    field.map(Row::Param).or_else(in_body)
}

/// Whether the request in pane 4 takes a company that could be picked.
#[must_use]
pub fn can_pick(model: &Model) -> bool {
    model.request.draft.as_ref().is_some_and(|draft| place(draft).is_some())
}

/// Narrows the list to what is typed.
pub fn narrow(picker: &mut Companies) {
    let texts: Vec<String> = picker.all.iter().map(|company| format!("{} {}", company.name, company.id)).collect();
    picker.matches = match picker.input.text().trim() {
        "" => (0..picker.all.len()).collect(),
        text => fuzzy::rank(text, texts.iter().map(String::as_str)),
    };
    picker.cursor = 0;
}

/// Enter in the picker: writes the id where the operation wants it.
pub fn choose(model: &mut Model) {
    let Some(Overlay::Companies(picker)) = &model.overlay else {
        return;
    };
    let Some(company) = picker.matches.get(picker.cursor).and_then(|at| picker.all.get(*at)).cloned() else {
        return;
    };
    model.overlay = None;
    let Some(row) = model.request.draft.as_ref().and_then(place) else {
        return;
    };
    let text = match row {
        Row::Body => match with_company(&model.request.value(Row::Body), &company.id) {
            Some(text) => text,
            None => {
                model.complain("The body is not a JSON object now: mend it, then pick again");
                return;
            }
        },
        _ => company.id.clone(),
    };
    model.request.editor = None;
    model.request.field = None;
    model.request.set(row, &text);
    model.request.cursor = model.request.rows().iter().position(|own| *own == row).unwrap_or(0);
    model.say(format!("{} is filled in", if company.name.is_empty() { company.id } else { company.name }));
}

/// A body with the company in it; the rest of it keeps its order.
fn with_company(body: &str, id: &str) -> Option<String> {
    let text = if body.trim().is_empty() { "{}" } else { body };
    let mut value: serde_json::Value = serde_json::from_str(text).ok()?;
    value.as_object_mut()?.insert(NAMES[0].to_owned(), id.into());
    serde_json::to_string_pretty(&value).ok()
}
