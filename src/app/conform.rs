//! The catalogue and reality: what the model of an operation says of its answer, and the list of where an answer departs from
//! it.

use std::sync::Arc;

use super::layout;
use super::model::{Model, Overlay};
use super::panes::response::{Exchange, ResponsePane, Stage, View};
use super::update::response_sight;
use crate::document::{Departure, Departures, Difference, Expected, Kind, Member};
use crate::pleo::endpoint::ValueType;
use crate::pleo::model::{Field, Model as Shape, Models};

/// The list of departures, drawn over the panes.
#[derive(Clone, Debug)]
pub struct Differing {
    /// The one under the cursor.
    pub cursor: usize,
}

/// What the answer of an exchange should look like: nothing where the catalogue does not say, or where there is nothing whole
/// to compare.
#[must_use]
pub fn expected(exchange: &Exchange) -> Option<Arc<Expected>> {
    let good = exchange.head.as_ref().is_some_and(|head| (200..300).contains(&head.status));
    let own = &exchange.document;
    let whole = exchange.stage == Stage::Done && own.kind() == Kind::Json && own.malformed().is_none();
    let answer = exchange.request.endpoint().answer.as_deref().filter(|_| good && whole)?;
    Models::embedded().of_answer(answer).map(|shape| Arc::new(of_model(&shape.whole)))
}

/// A model in the document's words.
#[must_use]
pub fn of_model(model: &Shape) -> Expected {
    let members = members(&model.fields);
    if model.open { Expected::Open(members) } else { Expected::Object(members) }
}

fn members(fields: &[Field]) -> Vec<Member> {
    let member = |field: &Field| Member { name: field.name.clone(), required: field.required, value: value(field) };
    fields.iter().map(member).collect()
}

fn value(field: &Field) -> Expected {
    let one = match field.value_type {
        ValueType::Object if field.open => Expected::Open(members(&field.fields)),
        ValueType::Object => Expected::Object(members(&field.fields)),
        ValueType::Integer => Expected::Integer,
        ValueType::Number => Expected::Number,
        ValueType::Boolean => Expected::Boolean,
        _ => Expected::Text(field.choices.clone()),
    };
    let one = if field.list { Expected::Array(Box::new(one)) } else { one };
    if field.map { Expected::Map(Box::new(one)) } else { one }
}

/// What departs in the answer that is shown.
#[must_use]
pub fn departures(model: &Model) -> &Departures {
    &model.response.examined.departures
}

/// The quiet word about departures, when there are any: a short one, and a whole one.
#[must_use]
pub fn mark(pane: &ResponsePane) -> Option<(String, String)> {
    let departures = &pane.examined.departures;
    let kinds = departures.list.len();
    let more = if departures.beyond > 0 { "+" } else { "" };
    let seen = kinds > 0 && pane.filter.result.is_none();
    seen.then(|| (format!("≠ {kinds}{more}"), format!("≠ {kinds}{more} unlike the catalogue (D)")))
}

/// How a departure is told: a word for its kind, and the rest.
#[must_use]
pub fn told(departure: &Departure) -> (&'static str, String) {
    match &departure.difference {
        Difference::Unknown => ("unknown field", String::new()),
        Difference::Missing => ("missing field", String::new()),
        Difference::NewWord(word) => ("new value", format!("\"{word}\"")),
        Difference::OtherType(is, wanted) => ("other type", format!("{is}, not {wanted}")),
    }
}

/// The key that lists what differs.
pub fn begin(model: &mut Model) {
    if departures(model).list.is_empty() {
        let known = model.response.exchange.as_ref().is_some_and(|exchange| expected(exchange).is_some());
        model.complain(if known {
            "The answer is as the catalogue says"
        } else {
            "The catalogue does not say what this answer should look like"
        });
        return;
    }
    model.overlay = Some(Overlay::Differing(Differing { cursor: 0 }));
}

/// Enter in the list: to the first place of a departure, in the tree.
pub fn choose(model: &mut Model) {
    let Some(Overlay::Differing(list)) = &model.overlay else {
        return;
    };
    let Some(first) = departures(model).list.get(list.cursor).map(|one| one.first) else {
        return;
    };
    model.overlay = None;
    if model.response.filter.is_shown() {
        model.complain("The filter shows something else than the whole answer: Esc ends it, then D again");
        return;
    }
    let sight = response_sight(model, &layout::areas(model));
    model.response.face = Some(View::Tree).filter(|_| model.response.faces()[0] != View::Tree);
    model.response.go_to_offset(first, sight);
}
