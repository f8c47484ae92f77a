//! What lies over the panes: help, palette, questions and forms.

use super::acting::act;
use super::action::Action;
use super::event::Effect;
use super::input::LineInput;
use super::model::{FreeRequest, Model, Overlay, Palette};
use super::typing;
use super::{
    asking, companies, compare, conform, custody, fuzzy, importing, login, reading, saved, tabling, taking, unlock,
};
use crate::pleo::endpoint::Method;

/// Opens the palette. A field that is open stays so below, for when nothing is chosen.
pub fn open_palette(model: &mut Model) {
    let matches = palette_matches("");
    let beneath = match model.overlay.take() {
        Some(Overlay::FreeRequest(free)) => Some(Box::new(free)),
        _ => None,
    };
    model.overlay = Some(Overlay::Palette(Palette { input: LineInput::new(""), matches, cursor: 0, beneath }));
}

/// Opens the field for a free request.
pub fn open_free_request(model: &mut Model) {
    typing::leave(model);
    model.overlay = Some(Overlay::FreeRequest(FreeRequest::new("")));
}

/// What an action does while an overlay is open; `None` when it means the same as without one.
pub fn in_overlay(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    match (action, &mut model.overlay) {
        (Action::Quit | Action::Suspend | Action::SwitchEnvironment, _) => return None,
        (_, Some(Overlay::Login(_))) => return Some(in_login(model, action)),
        (_, Some(Overlay::Viewer(_))) => return in_viewer(model, action),
        (Action::Choose, Some(Overlay::Counts(_))) => tabling::choose_count(model),
        (_, Some(Overlay::Columns(cursor))) => {
            let cursor = *cursor;
            return tabling::in_columns(model, action, cursor);
        }
        (Action::Palette, Some(Overlay::Help(_) | Overlay::FreeRequest(_)))
        | (Action::FreeRequest, Some(Overlay::Help(_) | Overlay::Palette(_))) => return None,
        // What is asked about is left as it is.
        (Action::Palette, Some(own)) if !matches!(own, Overlay::Palette(_)) => {
            model.overlay = None;
            return None;
        }
        (Action::FreeRequest, Some(own)) if !matches!(own, Overlay::FreeRequest(_)) => {
            model.overlay = None;
            return None;
        }
        (Action::Back, Some(Overlay::Palette(palette))) => {
            model.overlay = palette.beneath.take().map(|free| Overlay::FreeRequest(*free));
        }
        // Back to the name, which may be another one.
        (Action::Back, Some(Overlay::SaveAs(own))) if own.taken.is_some() => {
            (own.taken, own.asked.error) = (None, None);
        }
        (Action::Back, Some(Overlay::SaveAs(_))) => {
            let stopped = taking::stop(model);
            model.overlay = None;
            return Some(stopped);
        }
        (Action::Back, Some(Overlay::Goto(_))) => {
            model.overlay = None;
            return Some(reading::stop(model));
        }
        (Action::Back, Some(Overlay::Keeping(own))) if own.taken.is_some() => saved::typed(own),
        (Action::Back, _) => model.overlay = None,
        (Action::Up, _) => scroll_overlay(model, -1),
        (Action::Down, _) => scroll_overlay(model, 1),
        (Action::PageUp, _) => scroll_overlay(model, -10),
        (Action::PageDown, _) => scroll_overlay(model, 10),
        (Action::First, _) => scroll_overlay(model, -(1 << 20)),
        (Action::Last, _) => scroll_overlay(model, 1 << 20),
        (Action::Choose, Some(Overlay::Palette(palette))) => {
            if let Some(action) = palette.matches.get(palette.cursor).copied() {
                model.overlay = None;
                typing::leave(model);
                return Some(act(model, action));
            }
        }
        (Action::Choose, Some(Overlay::FreeRequest(_))) => typing::choose_free_request(model),
        (Action::Choose, Some(Overlay::Import(_))) => return Some(importing::choose(model)),
        (Action::Choose, Some(Overlay::Goto(_))) => return Some(reading::choose_place(model)),
        (Action::Choose, Some(Overlay::Differing(_))) => conform::choose(model),
        (Action::Choose, Some(Overlay::Variable(..))) => return Some(asking::choose(model)),
        (Action::Choose, Some(Overlay::Keeping(_))) => return Some(saved::choose(model)),
        (Action::Choose, Some(Overlay::AlignBy(_))) => return Some(compare::choose_key(model)),
        (Action::Choose, Some(Overlay::Menu(_))) => return Some(taking::choose(model, None)),
        (Action::Choose, Some(Overlay::SaveAs(_))) => return Some(taking::save(model)),
        (Action::Right, Some(Overlay::SaveAs(_))) => return Some(taking::complete(model)),
        (Action::Choose, Some(Overlay::Unlock(_))) => return Some(unlock::choose(model)),
        (Action::Choose, Some(Overlay::Review(_))) => return Some(unlock::confirm(model)),
        (Action::Choose, Some(Overlay::Companies(_))) => companies::choose(model),
        (Action::Choose, Some(Overlay::Keep(..))) => return Some(custody::keep(model)),
        (Action::Choose, Some(Overlay::Disclose(_))) => return Some(taking::handing::disclose(model)),
        (Action::Choose, Some(Overlay::Remove(id))) => {
            let id = *id;
            model.overlay = None;
            return Some(custody::forget(model, id));
        }
        (Action::Right, Some(Overlay::FreeRequest(free))) => {
            let at = Method::ALL.iter().position(|method| *method == free.method).unwrap_or(0);
            free.method = Method::ALL[(at + 1) % Method::ALL.len()];
        }
        _ => {}
    }
    Some(Vec::new())
}

/// In a viewer; `None` for what means the same as without one.
fn in_viewer(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    let size = model.size;
    let Some(Overlay::Viewer(viewer)) = &mut model.overlay else {
        return None;
    };
    let page = i64::try_from(reading::viewer_size(size).1).unwrap_or(1).max(2) - 1;
    match action {
        Action::Back => model.overlay = None,
        Action::CopyMenu => return Some(taking::begin_copy(model)),
        Action::Mask => return None,
        Action::Up => reading::scroll(viewer, size, -1),
        Action::Down => reading::scroll(viewer, size, 1),
        Action::PageUp => reading::scroll(viewer, size, -page),
        Action::PageDown => reading::scroll(viewer, size, page),
        Action::First => reading::to_edge(viewer, size, false),
        Action::Last => reading::to_edge(viewer, size, true),
        Action::Palette | Action::FreeRequest => {
            model.overlay = None;
            return None;
        }
        _ => {}
    }
    Some(Vec::new())
}

fn in_login(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Login(pane)) = &mut model.overlay else {
        return Vec::new();
    };
    match action {
        Action::Choose => return login::choose(model),
        Action::Back => return login::back(model),
        Action::Copy => return login::copy(model),
        Action::ToggleFold => pane.toggle(),
        Action::Up | Action::PreviousPane => pane.step(-1),
        Action::Down | Action::NextPane => pane.step(1),
        _ => {}
    }
    Vec::new()
}

/// Moves what is drawn over the panes by so many rows.
pub fn scroll_overlay(model: &mut Model, by: i64) {
    let by = isize::try_from(by).unwrap_or(0);
    let rows = usize::from(model.size.1);
    let help = if matches!(model.overlay, Some(Overlay::Help(_))) { super::help::rows(model).len() } else { 0 };
    match &mut model.overlay {
        Some(Overlay::Help(top)) => {
            let last = help.saturating_sub(rows.saturating_sub(super::help::FRAME));
            *top = top.saturating_add_signed(by).min(last);
        }
        Some(Overlay::Palette(palette)) => {
            palette.cursor = palette.cursor.saturating_add_signed(by).min(palette.matches.len().saturating_sub(1));
        }
        Some(Overlay::Review(review)) => {
            // No sheet is longer than its body has lines, and a few.
            let longest = review.request.body().map_or(0, |body| body.lines().count()) + 40;
            review.top = review.top.saturating_add_signed(by).min(longest);
        }
        Some(Overlay::Differing(list)) => {
            let last = model.response.examined.departures.list.len().saturating_sub(1);
            list.cursor = list.cursor.saturating_add_signed(by).min(last);
        }
        Some(Overlay::Menu(menu)) => {
            menu.cursor = menu.cursor.saturating_add_signed(by).min(menu.items.len().saturating_sub(1));
        }
        Some(Overlay::Counts(counts)) => {
            counts.cursor = counts.cursor.saturating_add_signed(by).min(counts.tally.values.len().saturating_sub(1));
        }
        Some(Overlay::Viewer(viewer)) => super::reading::scroll(viewer, model.size, by as i64),
        Some(Overlay::Companies(picker)) => {
            picker.cursor = picker.cursor.saturating_add_signed(by).min(picker.matches.len().saturating_sub(1));
        }
        _ => {}
    }
}

/// The actions that fit what is typed into the palette.
#[must_use]
pub fn palette_matches(text: &str) -> Vec<Action> {
    let titles: Vec<String> = Action::ALL.iter().map(|action| format!("{} {}", action.title(), action.doc())).collect();
    fuzzy::rank(text, titles.iter().map(String::as_str)).into_iter().map(|index| Action::ALL[index]).collect()
}
