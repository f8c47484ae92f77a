//! The mouse: a click puts focus and cursor, the wheel moves what is under it.

use super::acting::step;
use super::event::MouseKind;
use super::layout::{self, Areas};
use super::model::{Model, Pane};
use super::overlay::scroll_overlay;
use super::typing;
use super::update::{endpoint_rows, response_body, response_sight};
use crate::pleo::environment::Environment;

/// Rows that the wheel moves.
const WHEEL: i64 = 3;

/// Takes a click or a turn of the wheel into the model.
pub fn on_mouse(model: &mut Model, kind: MouseKind, column: u16, row: u16) {
    let areas = layout::areas(model);
    if model.overlay.is_some() {
        match kind {
            MouseKind::WheelUp => scroll_overlay(model, -WHEEL),
            MouseKind::WheelDown => scroll_overlay(model, WHEEL),
            MouseKind::Click => {}
        }
        return;
    }
    if let Some(own) = &mut model.compare {
        match kind {
            MouseKind::WheelUp => own.cursor = own.cursor.saturating_sub(1),
            MouseKind::WheelDown => own.cursor += 1,
            MouseKind::Click => {}
        }
        return;
    }
    if let Some(own) = &mut model.history {
        match kind {
            MouseKind::WheelUp => own.cursor = own.cursor.saturating_sub(1),
            MouseKind::WheelDown => own.cursor += 1,
            MouseKind::Click => {}
        }
        return;
    }
    if let Some(own) = &mut model.saved {
        match kind {
            MouseKind::WheelUp => own.cursor = own.cursor.saturating_sub(1),
            MouseKind::WheelDown => own.cursor += 1,
            MouseKind::Click => {}
        }
        return;
    }
    let Some(pane) = areas.pane_at(column, row) else {
        return;
    };
    match kind {
        MouseKind::Click => click(model, &areas, pane, (column, row)),
        MouseKind::WheelUp => scroll(model, &areas, pane, -WHEEL),
        MouseKind::WheelDown => scroll(model, &areas, pane, WHEEL),
    }
}

fn click(model: &mut Model, areas: &Areas, pane: Pane, (column, row): (u16, u16)) {
    if model.focus != pane {
        typing::leave(model);
        model.focus = pane;
        return;
    }
    let inside = areas.inside(pane);
    let Some(line) = row.checked_sub(inside.y).map(usize::from).filter(|_| row < inside.bottom()) else {
        return;
    };
    match pane {
        Pane::Environment => {
            if let Some(environment) = Environment::ALL.get(line) {
                model.environment_cursor = *environment;
            }
        }
        Pane::Credential if model.credential.typing.is_none() => {
            model.credential.cursor = line + credential_top(model, inside);
        }
        Pane::Endpoints => {
            let filter = usize::from(model.endpoints.shows_filter());
            if let Some(line) = line.checked_sub(filter) {
                model.endpoints.go_to(model.endpoints.top + line);
            }
        }
        Pane::Response => {
            // What is said above the body is not the body.
            let mut body = response_body(model, areas);
            if model.response.record.is_some() {
                let (table, record) = layout::beside(body);
                if table.contains((column, row).into()) {
                    model.response.close_record();
                } else {
                    body = record;
                }
            }
            if let Some(line) = row.checked_sub(body.y).filter(|_| row < body.bottom()) {
                model.response.click(u64::from(line));
            }
        }
        _ => {}
    }
}

/// The first row of pane 2 on the screen.
fn credential_top(model: &Model, inside: ratatui::layout::Rect) -> usize {
    let rows = super::panes::credential::rows(&model.credentials, model.environment).len();
    let height = usize::from(layout::credential_list_height(inside, rows, model.credentials.is_first_run()));
    (model.credential.cursor + 1).saturating_sub(height.max(1))
}

/// The wheel: what is under it moves, and the cursor only as far as it must to stay in sight.
fn scroll(model: &mut Model, areas: &Areas, pane: Pane, by: i64) {
    match pane {
        Pane::Endpoints => model.endpoints.scroll(isize::try_from(by).unwrap_or(0), endpoint_rows(model, areas)),
        Pane::Response => {
            let sight = response_sight(model, areas);
            model.response.scroll(by, sight);
        }
        _ => {
            let focus = std::mem::replace(&mut model.focus, pane);
            step(model, areas, by);
            model.focus = focus;
        }
    }
}
