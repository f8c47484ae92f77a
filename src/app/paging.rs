//! Pages that follow themselves: more of a list is asked for as one scrolls or wholly, and what comes makes it grow.

use std::time::Duration;

use super::event::{Attempt, Effect, Following, PageNews, Pause, Portion, Want, WorkId};
use super::model::Model;
use super::panes::response::pages::{Loading, Pages};
use super::panes::response::{ResponsePane, Stage, View};
use super::tabling;
use crate::document::{Document, Piece};
use crate::pleo::paging::MOST_PAGES;

/// The longest pause that is made without being agreed to.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer is whole: notes what it tells of its pages.
pub fn answered(model: &mut Model) {
    let pane = &mut model.response;
    let good = pane.exchange.as_ref().is_some_and(|exchange| {
        let success = exchange.head.as_ref().is_some_and(|head| (200..300).contains(&head.status));
        success && exchange.stage == Stage::Done && !exchange.request.endpoint().writes
    });
    if let (true, Some(document)) = (good && pane.place.table.list.is_some(), pane.whole()) {
        let expected = pane.exchange.as_ref().is_some_and(|exchange| exchange.request.endpoint().paging.is_some());
        pane.pages = Pages::of_first(document, pane.place.table.records(), expected);
    }
}

/// Asks for all pages; where a page is missing, for that one again and those behind it. A pause that was too long to be made
/// by itself is agreed to by that.
pub fn load_all(model: &mut Model) -> Vec<Effect> {
    if !can_load(model) {
        complain(model);
        return Vec::new();
    }
    let long = matches!(&model.response.pages.loading, Loading::Gap(_, Some(until)) if *until > model.now);
    let mut effects = if long { want(model, Want::Agree) } else { Vec::new() };
    effects.extend(want(model, Want::All));
    effects
}

/// Asks for the missing page again, or for the next one.
pub fn again(model: &mut Model) -> Vec<Effect> {
    match &model.response.pages.loading {
        Loading::Gap(_, Some(until)) if *until > model.now => want(model, Want::Agree),
        Loading::Gap(..) | Loading::Idle if can_load(model) => want(model, Want::Pages(1)),
        _ => {
            complain(model);
            Vec::new()
        }
    }
}

/// One has moved to the end of the table: asks for the next page where there is one.
pub fn at_end(model: &mut Model) -> Vec<Effect> {
    let pane = &model.response;
    let table = pane.table();
    let last = pane.view() == View::Table && table.order.is_none() && table.cursor + 1 >= table.rows();
    if last && pane.pages.loading == Loading::Idle && can_load(model) {
        want(model, Want::Pages(1))
    } else {
        Vec::new()
    }
}

/// Whether there are pages to be asked for.
#[must_use]
pub fn can_load(model: &Model) -> bool {
    let pane = &model.response;
    let stopped = matches!(pane.pages.loading, Loading::Stopped(_) | Loading::Ended);
    let past = pane.exchange.as_ref().is_some_and(|own| own.past.is_some());
    !past && pane.filter.result.is_none() && pane.pages.has_more() && !stopped && model.flight.is_none()
}

fn complain(model: &mut Model) {
    let pages = &model.response.pages;
    let told = match &pages.loading {
        Loading::Stopped(sentence) => sentence.clone(),
        Loading::Ended => format!("All of the list is there: {}", pages.share()),
        _ if model.response.filter.result.is_some() => "Esc ends the filter; then more pages can be loaded".to_owned(),
        _ if model.response.exchange.as_ref().is_some_and(|own| own.past.is_some()) => {
            "This is an old answer: s asks for it anew, and then its pages follow".to_owned()
        }
        _ if model.flight.is_some() => "The first page is still arriving".to_owned(),
        _ => "No page follows this answer".to_owned(),
    };
    model.say(told);
}

fn want(model: &mut Model, want: Want) -> Vec<Effect> {
    let mut effects = Vec::new();
    if model.response.pages.work.is_none() {
        let Some(exchange) = &model.response.exchange else {
            return Vec::new();
        };
        let following =
            Following { request: exchange.request.clone(), first: exchange.document.clone(), most: MOST_PAGES };
        let id = model.next_work();
        model.response.pages.work = Some(id);
        effects.push(Effect::Follow(id, Box::new(following)));
    }
    if let Some(id) = model.response.pages.work {
        let all = want == Want::All || matches!(model.response.pages.loading, Loading::Busy { all: true });
        model.response.pages.loading = Loading::Busy { all };
        effects.push(Effect::More(id, want));
    }
    effects
}

/// Stops what is loaded; what is there stays.
pub fn stop(model: &mut Model) -> Vec<Effect> {
    stop_in(&mut model.response)
}

/// The same for an answer that is shown or not.
pub fn stop_in(pane: &mut ResponsePane) -> Vec<Effect> {
    if !pane.pages.is_busy() {
        return Vec::new();
    }
    pane.pages.loading = Loading::Idle;
    pane.pages.attempt = None;
    pane.pages.work.map_or_else(Vec::new, |id| vec![Effect::More(id, Want::Stop)])
}

/// An answer is let go of: what follows its list ends.
pub fn let_go(pane: &ResponsePane) -> Vec<Effect> {
    pane.pages
        .work
        .map(Effect::Cancel)
        .into_iter()
        .chain(pane.previous.as_deref().map_or_else(Vec::new, let_go))
        .collect()
}

/// The answer whose list that work follows.
fn pane_of(model: &mut Model, id: WorkId) -> Option<&mut ResponsePane> {
    let crumbs = model.crumbs.iter_mut().map(|crumb| &mut crumb.response);
    std::iter::once(&mut model.response).chain(crumbs).find_map(|pane| {
        if pane.pages.work == Some(id) {
            return Some(pane);
        }
        pane.previous.as_deref_mut().filter(|pane| pane.pages.work == Some(id))
    })
}

/// Records of a page have come.
pub fn loaded(model: &mut Model, id: WorkId, portion: Portion, piece: &Piece, news: &PageNews) {
    let Some(pane) = pane_of(model, id) else {
        return;
    };
    if pane.pages.document.is_none() {
        // From here on the list is another document, which begins with the same records.
        pane.close_record();
        let endpoint = pane.exchange.as_ref().map(|exchange| exchange.request.endpoint());
        let columns = endpoint.map_or_else(Vec::new, tabling::columns);
        let place = std::mem::take(&mut pane.place);
        pane.place.table = place.table.over_again(&columns);
        pane.search.clear_hits();
    }
    let document = pane.pages.document.get_or_insert_with(Document::new);
    match portion {
        Portion::Here(bytes) => document.append(bytes, piece),
        Portion::Stored(own) => document.append_stored(&own.store, own.length, own.breaks, piece),
    }
    pane.pages.came(news);
}

/// A try for a page went wrong.
pub fn attempted(model: &mut Model, id: WorkId, attempt: Attempt) {
    let now = model.now;
    if let Some(pane) = pane_of(model, id) {
        let again =
            attempt.waits.map_or_else(String::new, |wait| format!("; again in {} s", wait.as_secs_f32().ceil()));
        let line = format!(
            "page {}, try {} of {}: {}{again}",
            attempt.page,
            attempt.number,
            attempt.of,
            attempt.what.trim_end_matches('.')
        );
        pane.pages.note(line);
        let until = attempt.waits.map(|wait| now + wait);
        pane.pages.attempt = Some((attempt, until));
    }
}

/// The list waits to be asked, or is at its end.
pub fn paused(model: &mut Model, id: WorkId, pause: Pause) {
    let now = model.now;
    let Some(pane) = pane_of(model, id) else {
        return;
    };
    pane.pages.attempt = None;
    pane.pages.loading = match pause {
        // Before it has come to what is wanted it says that the first page is taken in.
        Pause::Asked => match pane.pages.loading {
            Loading::Busy { all } if pane.pages.pages < 2 || all => Loading::Busy { all },
            _ => Loading::Idle,
        },
        Pause::Ended(piece) => {
            if let Some(document) = &mut pane.pages.document {
                document.finish(&piece);
            }
            Loading::Ended
        }
        Pause::Gap(sentence, _, wait) => {
            Loading::Gap(sentence, wait.filter(|wait| *wait > PATIENCE).map(|wait| now + wait))
        }
        Pause::Stopped(sentence) => Loading::Stopped(sentence),
    };
}
