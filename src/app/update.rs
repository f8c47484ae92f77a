//! The only function that changes the model: an event comes in, effects go out.

use ratatui::layout::Rect;
use zeroize::Zeroizing;

use super::acting::act;
use super::action::Action;
use super::drafts::{self, Cause};
use super::event::{Effect, Event, Reply};
use super::keymap;
use super::layout::{self, Areas};
use super::model::{Model, Overlay, Pane};
use super::mouse::on_mouse;
use super::panes::credential::rows as credential_rows;
use super::panes::response::moving::Sight;
use super::{
    checking, compare, completing, custody, editing, exchange, filtering, finding, history, login, notices, paging,
    reading, saved, seen, tabling, taking, typing, unlock,
};
use crate::key::Key;
use crate::pleo::preflight;

/// Takes one event into the model and says what is to be done outside.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    // What only tells that more of a body has come changes nothing but the view of it; there may be thousands a second.
    let more = matches!(
        event,
        Event::Reply(
            Reply::Chunk(..)
                | Reply::Stored(..)
                | Reply::Progress(..)
                | Reply::Searched(..)
                | Reply::Saving(..)
                | Reply::Loaded(..)
        )
    );
    let cause = match &event {
        Event::Key(_) | Event::Paste(_) => Cause::Hand,
        Event::Tick(_) => Cause::Tick,
        Event::Reply(Reply::Done(id, ..)) => Cause::Answered(*id),
        _ => Cause::Other,
    };
    let mut effects = match event {
        Event::Key(key) => on_key(model, key),
        Event::Paste(_) if layout::areas(model).too_small => Vec::new(),
        // It may hold a credential.
        Event::Paste(text) => typing::paste(model, &Zeroizing::new(text)),
        Event::Mouse(kind, column, row) => {
            on_mouse(model, kind, column, row);
            Vec::new()
        }
        Event::Resize(columns, rows) => {
            model.size = (columns, rows);
            // What is on the screen depends on its size and the cursors, not on the sizes before.
            model.endpoints.top = 0;
            model.response.place.top = 0;
            Vec::new()
        }
        Event::Background(colour) => {
            model.looks.background = Some(colour);
            Vec::new()
        }
        Event::Reply(reply) => reply_to(model, reply),
        Event::Tick(now) => {
            unlock::tick(model, now);
            Vec::new()
        }
    };
    effects.extend(tabling::follow(model));
    if more {
        settle_response(model, &layout::areas(model));
    } else {
        settle(model);
        drafts::follow(model, cause, &mut effects);
    }
    effects.extend(checking::follow(model));
    effects
}

/// Brings what is derived up to date: findings, and scroll offsets that keep cursors on the screen.
pub fn settle(model: &mut Model) {
    completing::settle(model);
    checking::settle(model);
    let findings = model.request.draft.as_ref().map(|draft| preflight::check_but_body(draft, &model.situation()));
    let mut findings = findings.unwrap_or_default();
    findings.extend(checking::findings(model));
    findings.sort_by_key(|finding| !finding.refuses());
    model.request.findings = findings;
    let last = credential_rows(&model.credentials, model.environment).len() - 1;
    model.credential.cursor = model.credential.cursor.min(last);
    let areas = layout::areas(model);
    let list = endpoint_rows(model, &areas);
    model.endpoints.settle(list);
    settle_response(model, &areas);
    if let Some(Overlay::Viewer(viewer)) = &mut model.overlay {
        // Another width breaks its rows at other places.
        reading::scroll(viewer, model.size, 0);
    }
    if let Some(pane) = &mut model.compare {
        pane.settle(model.size);
    }
    if let Some(pane) = &mut model.history {
        pane.settle(model.size);
    }
    if let Some(pane) = &mut model.saved {
        pane.settle(model.size);
    }
    model.request.cursor = model.request.cursor.min(model.request.rows().len().saturating_sub(1));
}

fn settle_response(model: &mut Model, areas: &Areas) {
    let sight = response_sight(model, areas);
    model.response.settle(sight);
    let sight = table_sight(model, areas);
    let more = model.response.gap().is_some();
    model.response.table_mut().settle(sight, more);
}

/// Rows that the catalogue's list has.
pub fn endpoint_rows(model: &Model, areas: &Areas) -> usize {
    let inside = areas.inside(Pane::Endpoints);
    let filter = u16::from(model.endpoints.shows_filter());
    usize::from(inside.height.saturating_sub(layout::detail_height(inside) + filter))
}

/// Columns and rows that the answer's views have.
#[must_use]
pub fn response_sight(model: &Model, areas: &Areas) -> Sight {
    let body = response_body(model, areas);
    match model.response.record {
        Some(_) => sight(layout::beside(body).1),
        None => sight(body),
    }
}

/// Columns and rows that the table has.
fn table_sight(model: &Model, areas: &Areas) -> Sight {
    let body = response_body(model, areas);
    match model.response.record {
        Some(_) => sight(layout::beside(body).0),
        None => sight(body),
    }
}

fn sight(area: Rect) -> Sight {
    Sight { width: usize::from(area.width).max(1), height: usize::from(area.height) }
}

/// Where the answer's body stands on the screen: between what is said of it and the fields below it.
#[must_use]
pub fn response_body(model: &Model, areas: &Areas) -> Rect {
    let inside = areas.inside(Pane::Response);
    let left = inside.height.saturating_sub(layout::response_rows_below(model));
    let said = notices::rows(model, usize::from(inside.width).max(1), usize::from(left)).len();
    let said = u16::try_from(said).unwrap_or(u16::MAX).min(left);
    Rect { y: inside.y + said, height: left - said, ..inside }
}

fn on_key(model: &mut Model, key: Key) -> Vec<Effect> {
    let action = keymap::action(model, key);
    // Nothing is done, let alone confirmed, that cannot be seen.
    let unseen = layout::areas(model).too_small
        && !matches!(action, Some(Action::Quit | Action::Suspend | Action::SwitchEnvironment | Action::Back));
    if unseen {
        return Vec::new();
    }
    model.message = None;
    match action {
        Some(action) => act(model, action),
        None => typing::key(model, key),
    }
}

/// Takes what the worker says into the model.
fn reply_to(model: &mut Model, reply: Reply) -> Vec<Effect> {
    if compare::concerns(model, &reply) {
        return compare::reply(model, reply);
    }
    match reply {
        Reply::Identified(id, told) => custody::identified(model, id, *told),
        Reply::Known(id, facts) => custody::known(model, id, facts),
        Reply::Kept(id, kept) => custody::kept(model, id, kept),
        Reply::Forgot(id, forgot) => custody::forgot(model, id, forgot),
        Reply::LoginAt(id, url, listens) => login::at(model, id, url, listens),
        Reply::Step(id, line) => login::step(model, id, line),
        Reply::LoggedIn(id, ended, facts) => return login::ended(model, id, ended, &facts),
        Reply::Found(id, hits, last) => finding::found(model, id, hits, last),
        Reply::Searched(id, so_far) => {
            finding::searched(model, id, so_far);
            tabling::arranged_so_far(model, id, so_far);
        }
        Reply::Filtered(id, portion, piece) => filtering::filtered(model, id, portion, &piece),
        Reply::FilterEnded(id, ended, piece, took) => filtering::ended(model, id, ended, &piece, took),
        Reply::Folded(id, folds) => reading::folded(model, id, folds),
        Reply::Tabulated(id, found) => tabling::tabulated(model, id, found.0, found.1),
        Reply::Told(id, told) if drafts::concerns(model, id) => drafts::told(model, *told),
        Reply::Told(id, told) => return history::told(model, id, *told),
        Reply::Unremembered(sentence) | Reply::Unkept(sentence) => model.complain(sentence),
        Reply::Tallied(id, tally) => tabling::tallied(model, id, tally),
        Reply::Arranged(id, order) => tabling::arranged(model, id, order),
        Reply::Examined(id, examined) => exchange::examined(model, id, examined),
        Reply::Learned(_, lesson) => seen::learned(model, *lesson),
        Reply::Located(id, row) => reading::located(model, id, row),
        Reply::Opened(id, body) => reading::opened(model, id, body),
        Reply::Copied(id, copied) => return taking::copied(model, id, copied),
        Reply::Written(id, document, many, extension) => taking::written(model, id, document, many, extension),
        Reply::Saving(id, bytes) => taking::saving(model, id, bytes),
        Reply::Saved(id, saved) => taking::saved(model, id, saved),
        Reply::BodyChecked(id, told) => checking::ended(model, id, told),
        Reply::Edited(id, ended) if saved::concerns(model, id) => return saved::edited(model, ended),
        Reply::ToldSaved(id, told) => return saved::told(model, id, *told),
        Reply::Edited(id, ended) => editing::edited(model, id, ended),
        Reply::Completed(id, candidates) => taking::completed(model, id, candidates),
        Reply::Loaded(id, portion, piece, _, news) => paging::loaded(model, id, portion, &piece, &news),
        Reply::Attempt(id, attempt) => paging::attempted(model, id, attempt),
        Reply::Paused(id, pause) => paging::paused(model, id, pause),
        reply => return exchange::reply(model, reply),
    }
    Vec::new()
}
