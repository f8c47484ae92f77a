//! The only function that changes the model: an event comes in, effects go out.

use super::action::Action;
use super::event::{Effect, Event, Reply};
use super::input::LineInput;
use super::keymap;
use super::layout::{self, Areas};
use super::model::{Model, Overlay, Pane};
use super::mouse::on_mouse;
use super::overlay::{in_overlay, open_free_request, open_palette};
use super::panes::credential::rows as credential_rows;
use super::panes::response::View;
use super::{companies, custody, exchange, login, typing, unlock};
use crate::key::Key;
use crate::pleo::environment::Environment;
use crate::pleo::preflight;
use crate::pleo::request::Draft;

/// Takes one event into the model and says what is to be done outside.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    let effects = match event {
        Event::Key(key) => on_key(model, key),
        Event::Paste(_) if layout::areas(model).too_small => Vec::new(),
        Event::Paste(text) => typing::paste(model, &text),
        Event::Mouse(kind, column, row) => {
            on_mouse(model, kind, column, row);
            Vec::new()
        }
        Event::Resize(columns, rows) => {
            model.size = (columns, rows);
            // What is on the screen depends on its size and the cursors, not on the sizes before.
            model.endpoints.top = 0;
            model.response.top = 0;
            Vec::new()
        }
        Event::Reply(reply) => reply_to(model, reply),
        Event::Tick(now) => {
            unlock::tick(model, now);
            Vec::new()
        }
    };
    settle(model);
    effects
}

/// Brings what is derived up to date: findings, and scroll offsets that keep cursors on the screen.
pub fn settle(model: &mut Model) {
    let findings = model.request.draft.as_ref().map(|draft| preflight::check(draft, &model.situation()));
    model.request.findings = findings.unwrap_or_default();
    let last = credential_rows(&model.credentials, model.environment).len() - 1;
    model.credential.cursor = model.credential.cursor.min(last);
    let areas = layout::areas(model);
    let list = endpoint_rows(model, &areas);
    model.endpoints.settle(list);
    let (width, height) = response_size(model, &areas);
    model.response.settle(width, height);
    model.request.cursor = model.request.cursor.min(model.request.rows().len().saturating_sub(1));
}

/// Rows that the catalogue's list has.
pub fn endpoint_rows(model: &Model, areas: &Areas) -> usize {
    let inside = areas.inside(Pane::Endpoints);
    let filter = u16::from(model.endpoints.shows_filter());
    usize::from(inside.height.saturating_sub(layout::detail_height(inside) + filter))
}

/// Columns and rows that the answer's views have.
pub fn response_size(model: &Model, areas: &Areas) -> (usize, usize) {
    let inside = areas.inside(Pane::Response);
    let below = layout::response_rows_below(model);
    (usize::from(inside.width).max(1), usize::from(inside.height.saturating_sub(below)))
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

/// Does what was asked.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if model.overlay.is_some()
        && let Some(effects) = in_overlay(model, action)
    {
        return effects;
    }
    let areas = layout::areas(model);
    let (width, height) = response_size(model, &areas);
    match action {
        Action::Focus(pane) => focus(model, pane),
        Action::NextPane => focus(model, neighbour(model.focus, 1)),
        Action::PreviousPane => focus(model, neighbour(model.focus, 4)),
        Action::SwitchEnvironment => return switch(model, model.environment.other()),
        Action::Up => step(model, &areas, -1),
        Action::Down => step(model, &areas, 1),
        Action::PageUp => step(model, &areas, -page(model, &areas)),
        Action::PageDown => step(model, &areas, page(model, &areas)),
        Action::First => to_edge(model, &areas, false),
        Action::Last => to_edge(model, &areas, true),
        Action::Left if model.focus == Pane::Response => sideways(model, false, width, height),
        Action::Right if model.focus == Pane::Response => sideways(model, true, width, height),
        Action::Left => {}
        Action::Right => {
            model.request.turn_choice(1);
        }
        Action::Choose => return choose(model),
        Action::ToggleFold => model.response.toggle_fold(),
        Action::FoldAll => model.response.fold_all(),
        Action::UnfoldAll => model.response.folds = crate::document::Folds::default(),
        Action::NextSibling => model.response.sibling(true),
        Action::PreviousSibling => model.response.sibling(false),
        Action::Send => return exchange::send(model),
        Action::Cancel => return exchange::cancel(model),
        Action::Back => return back(model),
        Action::Search => return search(model),
        Action::NextHit | Action::PreviousHit => {
            model.response.show_body();
            if !model.response.next_hit(action == Action::NextHit, width, height) {
                model.say("No hits: search with /");
            }
        }
        Action::NextView => model.response.next_view(),
        Action::FreeRequest => open_free_request(model),
        Action::Clear => return clear(model),
        Action::WhoAmI => return custody::who_am_i(model),
        Action::LogIn => login::begin(model),
        Action::Unlock => unlock::begin(model),
        Action::Keep => custody::begin_keep(model),
        Action::PickCompany => companies::begin(model),
        Action::Follow => exchange::follow(model),
        Action::Copy => {}
        Action::Reset => reset(model),
        Action::Zoom => model.zoom = !model.zoom,
        Action::ToggleMouse => {
            model.mouse = !model.mouse;
            model.say(if model.mouse {
                "The mouse is ours: m gives it back"
            } else {
                "The mouse is the terminal's: select text, m takes it"
            });
            return vec![Effect::Mouse(model.mouse)];
        }
        Action::Palette => {
            open_palette(model);
        }
        Action::Help => model.overlay = Some(Overlay::Help(0)),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Quit => return vec![Effect::Quit],
    }
    Vec::new()
}

fn focus(model: &mut Model, pane: Pane) {
    typing::leave(model);
    model.focus = pane;
}

const fn neighbour(pane: Pane, by: usize) -> Pane {
    Pane::ALL[(pane as usize + by) % Pane::ALL.len()]
}

fn switch(model: &mut Model, environment: Environment) -> Vec<Effect> {
    if model.environment == environment { Vec::new() } else { custody::switched(model, environment) }
}

/// Takes what the worker says into the model.
fn reply_to(model: &mut Model, reply: Reply) -> Vec<Effect> {
    match reply {
        Reply::Identified(id, told) => custody::identified(model, id, *told),
        Reply::Known(id, facts) => custody::known(model, id, facts),
        Reply::Kept(id, kept) => custody::kept(model, id, kept),
        Reply::Forgot(id, forgot) => custody::forgot(model, id, forgot),
        Reply::LoginAt(id, url, listens) => login::at(model, id, url, listens),
        Reply::Step(id, line) => login::step(model, id, line),
        Reply::LoggedIn(id, ended, facts) => return login::ended(model, id, ended, &facts),
        reply => return exchange::reply(model, reply),
    }
    Vec::new()
}

fn page(model: &Model, areas: &Areas) -> i64 {
    i64::from(areas.inside(model.focus).height).saturating_sub(2).max(1)
}

/// Moves the cursor of the focused pane by so many rows.
pub fn step(model: &mut Model, areas: &Areas, by: i64) {
    let small = isize::try_from(by).unwrap_or(0);
    match model.focus {
        Pane::Environment => {
            model.environment_cursor = if by < 0 { Environment::Staging } else { Environment::Production };
        }
        Pane::Credential => {
            let last = credential_rows(&model.credentials, model.environment).len() - 1;
            model.credential.cursor = model.credential.cursor.saturating_add_signed(small).min(last);
        }
        Pane::Endpoints => model.endpoints.step(small),
        Pane::Request => {
            let last = model.request.rows().len().saturating_sub(1);
            model.request.cursor = model.request.cursor.saturating_add_signed(small).min(last);
        }
        Pane::Response => model.response.step(by, usize::from(areas.inside(Pane::Response).width).max(1)),
    }
}

fn to_edge(model: &mut Model, areas: &Areas, last: bool) {
    if model.focus == Pane::Response {
        let (width, height) = response_size(model, areas);
        model.response.to_edge(last, width, height);
    } else {
        step(model, areas, if last { 1 << 20 } else { -(1 << 20) });
    }
}

fn sideways(model: &mut Model, right: bool, width: usize, height: usize) {
    let response = &mut model.response;
    match (response.effective_view(), right) {
        (View::Tree, false) if response.left > 0 => response.left = response.left.saturating_sub(8),
        (View::Tree, false) => response.fold_or_parent(),
        (View::Tree, true) if response.folds.is_folded(response.cursor) => response.folds.unfold(response.cursor),
        (View::Tree, true) if response.is_open(response.cursor) => response.cursor += 1,
        (View::Tree, true) => response.left = (response.left + 8).min(response.most_left(width, height)),
        (View::Headers, false) => response.left = response.left.saturating_sub(8),
        (View::Headers, true) => response.left = (response.left + 8).min(1 << 16),
        (View::Raw, _) => {}
    }
}

fn choose(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Pane::Environment => return switch(model, model.environment_cursor),
        Pane::Credential => return custody::choose(model),
        Pane::Endpoints => {
            if let Some(endpoint) = model.endpoints.selected() {
                model.endpoints.typing = false;
                model.request.open(Draft::new(endpoint));
                model.focus = Pane::Request;
            }
        }
        Pane::Request => typing::choose_field(model),
        Pane::Response => return exchange::choose_search(model),
    }
    Vec::new()
}

fn back(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Pane::Credential if model.credential.typing.is_some() => {
            model.credential.typing = None;
            model.credential.error = None;
        }
        Pane::Endpoints if model.endpoints.shows_filter() => {
            let selected = model.endpoints.selected();
            model.endpoints.typing = false;
            model.endpoints.filter = LineInput::new("");
            model.endpoints.refilter();
            if let Some(endpoint) = selected {
                model.endpoints.select(endpoint);
            }
        }
        Pane::Request if model.request.editor.is_some() || model.request.field.is_some() => {
            typing::close_editing(model);
        }
        Pane::Response if model.response.search.typing || !model.response.search.input.text().is_empty() => {
            return exchange::end_search(model);
        }
        _ if model.zoom => model.zoom = false,
        _ => {}
    }
    Vec::new()
}

fn search(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Pane::Response if model.response.exchange.is_some() => return exchange::begin_search(model),
        _ => {
            focus(model, Pane::Endpoints);
            model.endpoints.typing = true;
        }
    }
    Vec::new()
}

fn clear(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Pane::Credential => return custody::begin_forget(model),
        Pane::Request => {
            if let Some(row) = model.request.row() {
                model.request.set(row, "");
            }
        }
        _ => {}
    }
    Vec::new()
}

fn reset(model: &mut Model) {
    if let Some(draft) = &model.request.draft {
        let fresh = Draft::new(&draft.endpoint);
        model.request.open(fresh);
        model.say("The request is back at its template");
    }
}
