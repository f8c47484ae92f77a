//! The filter of the response with jq.

use std::time::Duration;

use super::event::{Effect, Portion, WorkId};
use super::input::LineInput;
use super::model::Model;
use super::panes::response::FilterTrouble;
use crate::document::{Document, Piece};

/// Filters that are remembered.
const MOST: usize = 100;

/// Opens the field, with the filter that is in force.
pub fn begin(model: &mut Model) {
    let whole = model.response.whole();
    if !whole.is_some_and(Document::is_json) {
        model.complain("There is no JSON here that could be filtered");
        return;
    }
    if whole.is_some_and(Document::is_wrong) {
        model.complain("This is no sound JSON, so jq cannot read it: ! shows where");
        return;
    }
    if model.flight.is_some() {
        model.complain("The body is still arriving: filter it when it is whole");
        return;
    }
    if !model.response.is_whole() {
        model.complain("The body is not whole, and jq needs all of it: s sends the request again");
        return;
    }
    model.response.show_body();
    model.response.filter.typing = true;
}

/// Filters anew after a change of what is typed.
pub fn again(model: &mut Model) -> Vec<Effect> {
    let mut effects = stop(model);
    let expression = model.response.filter.input.text().trim().to_owned();
    model.response.filter.error = None;
    if expression.is_empty() {
        let typing = model.response.filter.typing;
        model.response.end_filter();
        model.response.filter.typing = typing;
        return effects;
    }
    let tail = model.response.unclosed().filter(|_| model.response.filter.result.is_none());
    let body = model.response.whole().map(|document| match tail {
        Some(tail) => document.with_more(tail.into()).body().clone(),
        None => document.body().clone(),
    });
    if let Some(body) = body {
        let id = model.next_work();
        let filter = &mut model.response.filter;
        (filter.work, filter.answered) = (Some(id), false);
        effects.push(Effect::Filter(id, body, expression));
    }
    effects
}

/// Stops the filter at work; what came of it stays.
pub fn stop(model: &mut Model) -> Vec<Effect> {
    model.response.filter.work.take().map_or_else(Vec::new, |id| vec![Effect::Cancel(id)])
}

/// The same because a person wants it: what is shown is not all that the expression would give.
pub fn give_up(model: &mut Model) -> Vec<Effect> {
    let effects = stop(model);
    if !effects.is_empty() {
        let sentence = if model.response.filter.answered {
            "Stopped: these are not all results."
        } else {
            "Stopped: what is shown is not its result."
        };
        model.response.filter.error = Some(FilterTrouble { sentence: sentence.to_owned(), at: None });
    }
    effects
}

/// A piece of the result.
pub fn filtered(model: &mut Model, id: WorkId, portion: Portion, piece: &Piece) {
    if model.response.filter.work != Some(id) {
        return;
    }
    if !model.response.filter.answered {
        model.response.begin_result();
    }
    match (&mut model.response.filter.result, portion) {
        (Some(result), Portion::Here(bytes)) => result.append(bytes, piece),
        (Some(result), Portion::Stored(own)) => result.append_stored(&own.store, own.length, own.breaks, piece),
        (None, _) => {}
    }
}

/// The filter has ended.
pub fn ended(model: &mut Model, id: WorkId, ended: Result<(), FilterTrouble>, piece: &Piece, took: Duration) {
    if model.response.filter.work != Some(id) {
        return;
    }
    // An expression that is wrong leaves what was shown; one that gives nothing shows that.
    if ended.is_ok() && !model.response.filter.answered {
        model.response.begin_result();
    }
    let filter = &mut model.response.filter;
    (filter.work, filter.took) = (None, took);
    if let Some(result) = filter.result.as_mut().filter(|_| filter.answered) {
        result.finish(piece);
    }
    filter.error = ended.err();
}

/// An older expression, or a newer one.
pub fn recall(model: &mut Model, older: bool) -> Vec<Effect> {
    let filter = &mut model.response.filter;
    let next = match (filter.recalled, older) {
        (None, true) => Some(0),
        (Some(at), true) => Some(at + 1),
        (Some(at), false) => at.checked_sub(1),
        (None, false) => None,
    };
    let text = next.and_then(|at| model.filters.iter().rev().nth(at));
    match (text, next) {
        (Some(text), _) => filter.input = LineInput::new(text),
        (None, None) if filter.recalled.is_some() => filter.input = LineInput::new(""),
        _ => return Vec::new(),
    }
    filter.recalled = next;
    again(model)
}

/// Enter in the field: keeps the result and gives the keys back.
pub fn keep(model: &mut Model) -> Vec<Effect> {
    model.response.filter.typing = false;
    let text = model.response.filter.input.text().trim().to_owned();
    if text.is_empty() {
        return end(model);
    }
    model.filters.retain(|known| *known != text);
    model.filters.push(text);
    let over = model.filters.len().saturating_sub(MOST);
    model.filters.drain(..over);
    Vec::new()
}

/// Esc: back to the whole.
pub fn end(model: &mut Model) -> Vec<Effect> {
    let effects = stop(model);
    model.response.end_filter();
    effects
}
