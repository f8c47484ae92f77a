//! What each action does: to the pane that has the focus, or to all of them.

use super::action::Action;
use super::event::Effect;
use super::input::LineInput;
use super::layout::{self, Areas};
use super::model::{Model, Overlay, Pane};
use super::overlay::{in_overlay, open_free_request, open_palette};
use super::panes::credential::rows as credential_rows;
use super::panes::response::moving::Sight;
use super::update::response_sight;
use super::{
    companies, compare, completing, conform, custody, drafts, editing, exchange, filtering, finding, history, leading,
    login, paging, reading, saved, tabling, taking, typing, unlock,
};
use crate::pleo::environment::Environment;
use crate::pleo::request::Draft;

/// Does what was asked.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if model.overlay.is_some()
        && let Some(effects) = in_overlay(model, action)
    {
        return effects;
    }
    if model.compare.is_some()
        && let Some(effects) = compare::act(model, action)
    {
        return effects;
    }
    if model.history.is_some()
        && let Some(effects) = history::act(model, action)
    {
        return effects;
    }
    if model.saved.is_some()
        && let Some(effects) = saved::act(model, action)
    {
        return effects;
    }
    if let Some(effects) = on_records(model, action).or_else(|| editing::act(model, action)) {
        return effects;
    }
    let areas = layout::areas(model);
    let sight = response_sight(model, &areas);
    match action {
        Action::Focus(pane) => focus(model, pane),
        Action::NextPane => focus(model, neighbour(model.focus, 1)),
        Action::PreviousPane => focus(model, neighbour(model.focus, 4)),
        Action::SwitchEnvironment => return switch(model, model.environment.other()),
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::First | Action::Last => {
            return moved(model, &areas, action);
        }
        Action::Left | Action::Right => return sideways(model, action == Action::Right, sight),
        Action::Choose => return choose(model),
        Action::ToggleFold => {
            model.response.toggle_fold();
        }
        Action::FoldAll => return reading::fold(model, 1),
        Action::UnfoldAll => return reading::unfold_all(model),
        Action::FoldMore => return reading::fold_step(model, true),
        Action::FoldLess => return reading::fold_step(model, false),
        Action::Parent => model.response.to_parent(),
        Action::Filter => {
            // What it makes is of what is there now.
            let effects = paging::stop(model);
            filtering::begin(model);
            return effects;
        }
        Action::Goto => reading::begin_goto(model),
        Action::GoToError => reading::go_to_error(model),
        Action::PathForm => reading::turn_path_form(model),
        Action::Wrap => reading::turn_wrap(model),
        Action::Differing => conform::begin(model),
        Action::Pattern if model.response.search.typing => return finding::turn_pattern(model),
        Action::Pattern => {}
        Action::CopyMenu => return taking::begin_copy(model),
        Action::SaveMenu => taking::begin_save(model),
        Action::Compare => return compare::begin(model),
        Action::History => return history::open(model),
        Action::SavedRequests => return saved::open(model),
        Action::SaveRequest => return saved::save(model),
        // These are about the history that is shown.
        Action::Recall | Action::Pin | Action::Rename | Action::Everywhere | Action::ClearHistory => {}
        // These are about a comparison that is shown.
        Action::ShapeOnly | Action::AlignBy | Action::Volatile => {}
        Action::NextSibling => model.response.sibling(true),
        Action::PreviousSibling => model.response.sibling(false),
        Action::Send => return exchange::send_shown(model),
        Action::Cancel => return exchange::cancel(model),
        Action::Back => return back(model),
        Action::Search => return search(model),
        Action::NextHit | Action::PreviousHit => next_hit(model, action == Action::NextHit, sight),
        Action::NextView => model.response.next_view(sight),
        Action::FreeRequest => open_free_request(model),
        Action::Clear => return clear(model),
        Action::WhoAmI => return custody::who_am_i(model),
        Action::LogIn => login::begin(model),
        Action::Unlock => unlock::begin(model),
        Action::Keep => custody::begin_keep(model),
        Action::PickCompany => companies::begin(model),
        Action::Follow => exchange::follow(model),
        Action::Copy => {}
        Action::Zoom => model.zoom = !model.zoom,
        Action::ToggleMouse => return toggle_mouse(model),
        Action::Palette => {
            open_palette(model);
        }
        Action::Help => model.overlay = Some(Overlay::Help(0)),
        Action::Theme => turn_theme(model),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Quit => return vec![Effect::Quit],
        // What is done with records and with the request's fields has been done.
        _ => {}
    }
    Vec::new()
}

fn toggle_mouse(model: &mut Model) -> Vec<Effect> {
    model.mouse = !model.mouse;
    model.say(if model.mouse {
        "The mouse is ours: m gives it back"
    } else {
        "The mouse is the terminal's: select text, m takes it"
    });
    vec![Effect::Mouse(model.mouse)]
}

fn turn_theme(model: &mut Model) {
    if !model.looks.colour {
        model.say("No colours are used: NO_COLOR is set, or the terminal's name says that it has none");
        return;
    }
    model.looks.turn();
    let name = &model.looks.chosen;
    model.say(format!("Theme {name}; [theme] name = \"{name}\" in the configuration keeps it"));
}

fn next_hit(model: &mut Model, forward: bool, sight: Sight) {
    model.response.show_body();
    if !model.response.next_hit(forward, sight) {
        model.say("No hits: search with /");
    }
}

/// Moves the cursor up or down; at the end of a list its next page is asked for.
fn moved(model: &mut Model, areas: &Areas, action: Action) -> Vec<Effect> {
    let page = page(model, areas);
    match action {
        Action::Up => step(model, areas, -1),
        Action::Down => step(model, areas, 1),
        Action::PageUp => step(model, areas, -page),
        Action::PageDown => step(model, areas, page),
        action => to_edge(model, areas, action == Action::Last),
    }
    let down = matches!(action, Action::Down | Action::PageDown | Action::Last);
    if down && model.focus == Pane::Response { paging::at_end(model) } else { Vec::new() }
}

/// To the left or right, or through the choices of a field.
fn sideways(model: &mut Model, right: bool, sight: Sight) -> Vec<Effect> {
    match model.focus {
        Pane::Response if right && model.response.search.typing => return finding::turn_scope(model),
        Pane::Response if model.typing() => {}
        Pane::Response => model.response.sideways(right, sight),
        Pane::Request if right && model.request.editor.is_some() => typing::tab(model),
        _ if right => {
            completing::take(model);
        }
        _ => {}
    }
    Vec::new()
}

/// What is done with the table, its pages, and where its records lead; `None` for everything else.
fn on_records(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    match action {
        action if is_of_the_tree(action) && tabling::is_shown(model) => {}
        Action::NextSibling if model.response.record.is_some() => model.response.neighbour_record(true),
        Action::PreviousSibling if model.response.record.is_some() => model.response.neighbour_record(false),
        Action::LoadAll => return Some(paging::load_all(model)),
        Action::LoadPage => return Some(paging::again(model)),
        Action::Leads => return Some(leading::menu(model)),
        Action::Return => return Some(leading::back(model)),
        Action::SortColumn => tabling::sort(model, false),
        Action::SortAlso => tabling::sort(model, true),
        Action::Wider => return Some(tabling::widen(model, true)),
        Action::Narrower => return Some(tabling::widen(model, false)),
        Action::ColumnLeft => return Some(tabling::move_column(model, false)),
        Action::ColumnRight => return Some(tabling::move_column(model, true)),
        Action::HideColumn => return Some(tabling::hide_column(model)),
        Action::CountValues => return Some(tabling::count_values(model)),
        Action::Columns => tabling::choose_columns(model),
        Action::Mask => mask(model),
        Action::LocalTimes => local_times(model),
        _ => return None,
    }
    Some(Vec::new())
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
        Pane::Response => model.response.step(by, response_sight(model, areas)),
    }
}

fn to_edge(model: &mut Model, areas: &Areas, last: bool) {
    if model.focus == Pane::Response {
        let sight = response_sight(model, areas);
        model.response.to_edge(last, sight);
    } else {
        step(model, areas, if last { 1 << 20 } else { -(1 << 20) });
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
                drafts::bring_back(model);
                model.focus = Pane::Request;
            }
        }
        Pane::Request => typing::choose_field(model),
        Pane::Response if model.response.types_filter() => tabling::keep_filter(model),
        Pane::Response if model.response.search.typing => return finding::keep(model),
        Pane::Response if model.response.filter.typing => return filtering::keep(model),
        Pane::Response => return reading::choose(model),
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
        Pane::Response if model.response.types_filter() => tabling::end_filter(model),
        Pane::Response if model.response.filter.typing => return filtering::end(model),
        Pane::Response if model.response.record.is_some() && model.response.search.is_shown() => {
            return finding::end(model);
        }
        Pane::Response if model.response.close_record() => {}
        Pane::Response if model.response.pages.is_busy() => return paging::stop(model),
        Pane::Response if tabling::is_shown(model) && !model.response.place.table.filter.text().is_empty() => {
            tabling::end_filter(model);
        }
        Pane::Response if model.response.search.is_shown() => return finding::end(model),
        Pane::Response if model.response.filter.is_shown() => return filtering::end(model),
        Pane::Response if leading::can_go_back(model) => return leading::back(model),
        _ if model.zoom => model.zoom = false,
        _ => {}
    }
    Vec::new()
}

fn search(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Pane::Response if tabling::is_shown(model) => tabling::begin_filter(model),
        Pane::Response if model.response.exchange.is_some() => return finding::begin(model),
        _ => {
            focus(model, Pane::Endpoints);
            model.endpoints.typing = true;
        }
    }
    Vec::new()
}

/// Whether an action is about the tree's rows, which the table has none of.
const fn is_of_the_tree(action: Action) -> bool {
    matches!(
        action,
        Action::ToggleFold
            | Action::FoldAll
            | Action::UnfoldAll
            | Action::FoldMore
            | Action::FoldLess
            | Action::NextSibling
            | Action::PreviousSibling
            | Action::Parent
    )
}

fn mask(model: &mut Model) {
    model.masked = !model.masked;
    model.say(if model.masked {
        "Personal data is masked on the screen: p shows it again"
    } else {
        "Personal data is shown"
    });
}

fn local_times(model: &mut Model) {
    model.local_times = !model.local_times;
    let zone = model.zone.as_ref().and_then(jiff::tz::TimeZone::iana_name).unwrap_or("this machine").to_owned();
    model.say(match (model.local_times, model.zone.is_some()) {
        (false, _) => "Times are shown in UTC".to_owned(),
        (true, true) => format!("Times are shown in the zone of {zone}"),
        (true, false) => "The zone of this machine is not known: times stay in UTC".to_owned(),
    });
}

fn clear(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Pane::Credential => return custody::begin_forget(model),
        Pane::Request => {
            if let Some(row) = model.request.row() {
                editing::clear(model, row);
            }
        }
        _ => {}
    }
    Vec::new()
}
