//! What variables of a request stand for, asked for one after the other before it is sent.

use super::event::Effect;
use super::exchange;
use super::model::{Asked, Model, Overlay};
use crate::pleo::handing;

/// Asks for the first variable that has no value; `false` when all have one.
pub fn begin(model: &mut Model) -> bool {
    let values = model.variables_in(model.environment);
    let first = model.request.draft.as_ref().and_then(|draft| draft.missing(values).into_iter().next());
    let Some((_, name)) = first else {
        return false;
    };
    let asked = Asked { hidden: handing::is_key(&name), ..Asked::new("") };
    model.overlay = Some(Overlay::Variable(name, asked));
    true
}

/// Enter: the value is kept for this run and environment, then the next is asked for, or the request is sent.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Variable(name, asked)) = &mut model.overlay else {
        return Vec::new();
    };
    if model.now < asked.ready {
        return Vec::new();
    }
    let value = asked.input.text().trim().to_owned();
    if value.is_empty() {
        asked.error = Some("Give a value; Esc sends nothing.".to_owned());
        return Vec::new();
    }
    let name = std::mem::take(name);
    model.overlay = None;
    model.variables.entry(model.environment).or_default().insert(name, value);
    exchange::send(model)
}
