//! The search of the response.

use super::event::{Effect, WorkId};
use super::input::LineInput;
use super::layout;
use super::model::Model;
use super::panes::response::{SearchState, View};
use super::update::response_sight;
use crate::document::{Hit, Scope};

/// Opens the search field over the response.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    model.response.show_body();
    let origin = model.response.offset();
    let search = &mut model.response.search;
    // How one searches stays.
    *search = SearchState {
        origin,
        typing: true,
        pattern: search.pattern,
        scope: search.scope,
        work: search.work.take(),
        ..SearchState::default()
    };
    stop(model)
}

/// Searches anew after a change of what is typed, or of how.
pub fn again(model: &mut Model) -> Vec<Effect> {
    let mut effects = stop(model);
    let tree = model.response.faces().contains(&View::Tree);
    let search = &mut model.response.search;
    search.clear_hits();
    (search.finder, search.error) = (None, None);
    let mut query = search.query();
    if query.text.is_empty() {
        return effects;
    }
    if !tree {
        // Where there are no names and values, text is text.
        query.scope = Scope::Everywhere;
    }
    match query.finder() {
        Ok(finder) => {
            search.finder = Some(finder.clone());
            let body = model.response.document().map(|document| document.body().clone());
            if let Some(body) = body {
                let id = model.next_work();
                model.response.search.work = Some(id);
                effects.push(Effect::Search(id, body, finder));
            }
        }
        Err(error) => search.error = Some(error.to_string()),
    }
    effects
}

/// More of the body has come since it was searched: searches all of it. What was found stays until that is found again, and so
/// does the hit that one is at, for hits are in order.
pub fn go_on(model: &mut Model) -> Vec<Effect> {
    let whole = model.response.filter.result.is_none();
    let (finder, body) = (model.response.search.finder.clone(), model.response.whole().map(|own| own.body().clone()));
    let (Some(finder), Some(body), true) = (finder, body, whole) else {
        return Vec::new();
    };
    let mut effects = stop(model);
    let id = model.next_work();
    let search = &mut model.response.search;
    (search.work, search.stale, search.searched) = (Some(id), true, 0);
    effects.push(Effect::Search(id, body, finder));
    effects
}

/// Tab in the field: keys and values, keys, or values.
pub fn turn_scope(model: &mut Model) -> Vec<Effect> {
    model.response.search.scope = model.response.search.scope.next();
    again(model)
}

/// A pattern instead of a literal, or back.
pub fn turn_pattern(model: &mut Model) -> Vec<Effect> {
    model.response.search.pattern = !model.response.search.pattern;
    again(model)
}

/// Stops what is searched; what was found stays.
pub fn stop(model: &mut Model) -> Vec<Effect> {
    model.response.search.work.take().map_or_else(Vec::new, |id| vec![Effect::Cancel(id)])
}

/// Hits have come.
pub fn found(model: &mut Model, id: WorkId, hits: Vec<Hit>, last: bool) {
    if model.response.search.work != Some(id) {
        return;
    }
    if std::mem::take(&mut model.response.search.stale) {
        model.response.search.hits.clear();
    }
    model.response.search.hits.extend(hits);
    if last {
        model.response.search.work = None;
    }
    let sight = response_sight(model, &layout::areas(model));
    model.response.first_hit(last, sight);
}

/// So far the search has come.
pub fn searched(model: &mut Model, id: WorkId, bytes: u64) {
    if model.response.search.work == Some(id) {
        model.response.search.searched = bytes;
    }
}

/// Enter in the field: keeps the hits and gives the keys back.
pub fn keep(model: &mut Model) -> Vec<Effect> {
    model.response.search.typing = false;
    if model.response.search.input.text().is_empty() { end(model) } else { Vec::new() }
}

/// Esc: the search is over.
pub fn end(model: &mut Model) -> Vec<Effect> {
    let effects = stop(model);
    let search = &mut model.response.search;
    *search = SearchState { pattern: search.pattern, scope: search.scope, ..SearchState::default() };
    search.input = LineInput::new("");
    effects
}
