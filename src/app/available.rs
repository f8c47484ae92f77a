//! Which actions can act now, so that the footer promises no dead key.

mod places;

use super::action::Action;
use super::credentials::{Held, Who};
use super::keymap::{self, Context};
use super::login::LoginPane;
use super::model::{Model, Overlay, Pane};
use super::panes::credential::Row as CredentialRow;
use super::panes::request::Row;
use super::panes::response::View;
use super::panes::response::pages::Loading;
use super::{companies, compare, completing, editing, exchange, history, leading, notices, paging, saved};
use crate::document::Document;
use crate::key::Key;
use crate::pleo::credential::Keeping;
use crate::pleo::environment::Environment;
use crate::pleo::preflight::Finding;

/// Whether an action would do something where one is.
#[must_use]
pub fn can_act(model: &Model, action: Action) -> bool {
    if let Some(can) = can_act_instead(model, action) {
        return can;
    }
    let response = &model.response;
    let shown = model.focus == Pane::Response && response.exchange.is_some();
    let body = shown && response.document().is_some_and(|document| !document.is_empty());
    let tree = body && response.view() == View::Tree && response.document().is_some_and(|own| own.row_count() > 0);
    let table = shown && response.view() == View::Table;
    if let Some(can) = can_act_on_records(model, action).or_else(|| editing::can_act(model, action)) {
        return can;
    }
    match action {
        Action::Send => model.request.draft.is_some() && !model.request.findings.iter().any(Finding::refuses),
        Action::Cancel => {
            let asking = |held: &Held| matches!(held.who, Who::Asking(_));
            model.flight.is_some() || exchange::is_busy(model) || model.credentials.of(model.environment).any(asking)
        }
        Action::Choose => match model.focus {
            _ if model.overlay.is_some() => !matches!(&model.overlay, Some(Overlay::Login(own)) if nothing_pasted(own)),
            Pane::Environment => model.environment_cursor != model.environment,
            Pane::Endpoints => model.endpoints.selected().is_some(),
            Pane::Request => model.request.row().is_some(),
            Pane::Response if table => response.table().current().is_some() || model.typing(),
            Pane::Response => (tree && !response_container(model)) || model.typing(),
            Pane::Credential => true,
        },
        Action::Clear => match model.focus {
            Pane::Credential => matches!(row(model), CredentialRow::Held(_)),
            Pane::Request => model.request.row().is_some_and(|row| {
                matches!(row, Row::Extra(_) | Row::Header(_)) || !model.request.value(row).is_empty()
            }),
            _ => false,
        },
        Action::Unlock => model.environment == Environment::Production && !model.guard.is_read_only(),
        Action::WhoAmI => model.credential_in_force().is_some(),
        Action::Keep => match row(model) {
            CredentialRow::Held(id) => {
                let held = model.credentials.get(id);
                let keeping = held.map(|held| held.credential.keeping());
                keeping.is_some_and(|keeping| !keeping.is_stored() && *keeping != Keeping::Sandbox)
                    && !model.environments.of(model.environment).overridden
            }
            _ => false,
        },
        Action::PickCompany => companies::can_pick(model),
        Action::Follow => {
            let here = response.exchange.as_ref().is_some_and(|own| own.environment() == model.environment);
            shown && here && response.link().is_some()
        }
        Action::Copy => {
            matches!(&model.overlay, Some(Overlay::Login(pane)) if pane.waiting.as_ref().is_some_and(|w| w.url.is_some()))
        }
        Action::Search => model.focus == Pane::Endpoints || body,
        Action::Palette => !matches!(model.overlay, Some(Overlay::Palette(_) | Overlay::Login(_))),
        Action::FreeRequest => !matches!(model.overlay, Some(Overlay::FreeRequest(_) | Overlay::Login(_))),
        Action::ToggleFold if model.overlay.is_some() => true,
        Action::Down | Action::Up if matches!(&model.overlay, Some(Overlay::Login(pane)) if pane.is_waiting()) => false,
        Action::Help => model.overlay.is_none(),
        Action::NextHit | Action::PreviousHit => shown && !response.search.hits.is_empty(),
        Action::NextView => shown,
        Action::ToggleFold
        | Action::FoldAll
        | Action::FoldMore
        | Action::NextSibling
        | Action::PreviousSibling
        | Action::Parent
        | Action::PathForm => tree,
        Action::UnfoldAll => tree && !response.place.folds.is_empty(),
        Action::FoldLess => tree && response.place.level.is_some(),
        Action::Filter => {
            body && model.flight.is_none() && response.is_whole() && response.whole().is_some_and(Document::is_json)
        }
        Action::Goto => body,
        Action::SaveRequest => model.request.draft.as_ref().is_some_and(|draft| draft.elsewhere.is_none()),
        Action::SaveMenu => shown,
        Action::Compare => shown && compare::can_begin(model),
        Action::GoToError => body && notices::wrong(response).is_some(),
        Action::Differing => body && !response.examined.departures.list.is_empty(),
        Action::Wrap => body && response.view() == View::Raw,
        Action::CopyMenu if model.focus == Pane::Request && model.overlay.is_none() => can_act(model, Action::Send),
        Action::CopyMenu => shown || matches!(model.overlay, Some(Overlay::Viewer(_))),
        Action::Pattern => model.overlay.is_none() && response.search.typing,
        Action::Right => can_go_right(model).unwrap_or(shown && !model.in_text()),
        Action::Left => shown && !model.in_text(),
        Action::Back => {
            model.overlay.is_some()
                || model.zoom
                || model.in_text()
                || (model.focus == Pane::Endpoints && !model.endpoints.filter.text().is_empty())
                || (shown && (response.search.is_shown() || response.filter.is_shown()))
                || (shown && (response.record.is_some() || response.shows_row_filter()))
                || (shown && (response.pages.is_busy() || leading::can_go_back(model)))
        }
        _ => true,
    }
}

/// Whether the key does something in a field or over the panes; `None` where it goes sideways.
fn can_go_right(model: &Model) -> Option<bool> {
    let (request, response) = (&model.request, &model.response);
    match &model.overlay {
        Some(Overlay::FreeRequest(_) | Overlay::SaveAs(_)) => Some(true),
        Some(_) => Some(false),
        None if response.search.typing => Some(true),
        None if response.types_filter() => Some(false),
        None if request.field.is_some() || request.editor.is_some() => Some(completing::can_complete(model)),
        None => None,
    }
}

/// The same for what is shown in place of the panes, and for actions that are about that alone; `None` for everything else.
fn can_act_instead(model: &Model, action: Action) -> Option<bool> {
    match (&model.compare, &model.history, &model.overlay) {
        (Some(pane), _, None) => return Some(compare::can_act(pane, action)),
        (None, Some(pane), None) => return Some(history::can_act(model, pane, action)),
        _ => {}
    }
    if let (Some(pane), None) = (&model.saved, &model.overlay) {
        return Some(saved::can_act(pane, action));
    }
    let alone = matches!(
        action,
        Action::ShapeOnly
            | Action::AlignBy
            | Action::Volatile
            | Action::Recall
            | Action::Pin
            | Action::Rename
            | Action::Everywhere
            | Action::ClearHistory
    );
    alone.then_some(false)
}

/// The same for the table, its pages, and where its records lead; `None` for everything else.
fn can_act_on_records(model: &Model, action: Action) -> Option<bool> {
    let response = &model.response;
    let shown = model.focus == Pane::Response && response.exchange.is_some();
    let table = shown && response.view() == View::Table;
    let body = shown && response.document().is_some_and(|document| !document.is_empty());
    Some(match action {
        Action::LoadAll => shown && paging::can_load(model) && !response.pages.is_busy(),
        Action::LoadPage => shown && paging::can_load(model) && !response.pages.is_busy(),
        Action::Leads => body && matches!(response.view(), View::Table | View::Tree),
        Action::Return => shown && leading::can_go_back(model),
        Action::SortColumn
        | Action::SortAlso
        | Action::Wider
        | Action::Narrower
        | Action::ColumnLeft
        | Action::ColumnRight
        | Action::HideColumn
        | Action::CountValues
        | Action::Columns => table && !response.table().shown().is_empty(),
        _ => return None,
    })
}

/// Whether a login waits and there is nothing to hand over.
fn nothing_pasted(pane: &LoginPane) -> bool {
    pane.waiting.as_ref().is_some_and(|waiting| waiting.pasted.is_empty())
}

fn row(model: &Model) -> CredentialRow {
    model.credential.row(&model.credentials, model.environment)
}

/// A short word for the footer; `None` for actions that everybody finds by themselves.
const fn word(context: Context, action: Action) -> Option<&'static str> {
    if let Some(word) = places::word(context, action) {
        return Some(word);
    }
    Some(match (context, action) {
        (Context::In(Pane::Environment), Action::Choose) => "switch",
        (Context::In(Pane::Credential), Action::Choose) => "use or type",
        (Context::In(Pane::Credential), Action::Clear) => "forget",
        (Context::In(Pane::Endpoints), Action::Choose) => "choose",
        (Context::In(Pane::Endpoints), Action::Search) => "filter",
        (Context::In(Pane::Request), Action::Choose) => "edit",
        (Context::In(Pane::Request), Action::Clear) => "empty",
        (Context::Table, Action::Search) => "filter",
        (Context::Table, Action::Choose) => "open",
        (Context::Columns, Action::ToggleFold) => "show or hide",
        (Context::Columns, Action::ColumnRight) => "move down",
        (Context::Columns, Action::ColumnLeft) => "move up",
        (Context::Columns, Action::Back) => "close",
        (_, Action::LoadAll) => "all pages",
        (_, Action::Leads) => "leads to",
        (_, Action::SortColumn) => "sort",
        (_, Action::SortAlso) => "sort also",
        (_, Action::Columns) => "columns",
        (_, Action::HideColumn) => "hide",
        (_, Action::CountValues) => "count",
        (Context::Counts, Action::Choose) => "filter by it",
        (Context::Counts, Action::Back) => "close",
        (_, Action::Wider) => "wider",
        (_, Action::Narrower) => "narrower",
        (_, Action::Mask) => "mask",
        (Context::In(Pane::Response), Action::Search) => "search",
        (Context::In(Pane::Response), Action::Choose) => "read",
        (Context::Global, Action::SavedRequests) => "saved requests",
        (_, Action::SaveRequest) => "save",
        (Context::Global, Action::History) => "history",
        (_, Action::Compare) => "compare",
        (_, Action::Filter) => "jq",
        (_, Action::GoToError) => "to the error",
        (_, Action::Differing) => "what differs",
        (_, Action::CopyMenu) => "copy",
        (_, Action::SaveMenu) => "save",
        (_, Action::FoldMore) => "fold more",
        (_, Action::FoldLess) => "fold less",
        (_, Action::Goto) => "go to",
        (_, Action::Wrap) => "wrap",
        (_, Action::PathForm) => "path form",
        (Context::Viewer | Context::Menu, Action::Back) => "close",
        (Context::Viewer, Action::Down) => "scroll",
        (Context::Menu, Action::Choose) => "do it",
        (Context::Field, Action::Choose) => "keep",
        (Context::Field | Context::Editor, Action::Right) => "complete",
        (Context::Editor, Action::Back) => "done",
        (Context::Palette, Action::Choose) => "do it",
        (Context::Help | Context::Palette, Action::Back) => "close",
        (Context::Help, Action::Down) => "scroll",
        (Context::Choice, Action::ToggleFold) => "switch",
        (Context::Login, Action::Choose) => "log in",
        (Context::Login, Action::Down) => "next",
        (Context::Review, Action::Choose) => "send",
        (_, Action::Unlock) => "unlock writes",
        (_, Action::WhoAmI) => "who am I",
        (Context::In(Pane::Credential), Action::LogIn) => "log in",
        (_, Action::Keep) => "keep in the keyring",
        (_, Action::PickCompany) => "pick a company",
        (_, Action::Follow) => "follow",
        (_, Action::Copy) => "copy the address",
        (_, Action::Send) => "send",
        (_, Action::Cancel) => "cancel",
        (_, Action::NextView) => "view",
        (_, Action::ToggleFold) => "fold",
        (_, Action::FoldAll) => "fold all",
        (_, Action::UnfoldAll) => "unfold all",
        (_, Action::NextHit) => "next",
        (_, Action::PreviousHit) => "previous",
        (_, Action::Reset) => "reset",
        (_, Action::Undo) => "undo",
        (_, Action::EditOutside) => "editor",
        (_, Action::AddValue) => "add a value",
        (_, Action::DropValue) => "drop one",
        (_, Action::AddHeader) => "add a header",
        (_, Action::SwitchEnvironment) => "environment",
        (_, Action::FreeRequest) => "free request",
        (_, Action::NextPane) => "pane",
        (_, Action::Zoom) => "zoom",
        (_, Action::Palette) => "palette",
        (_, Action::Help) => "help",
        (_, Action::Back) => "back",
        (_, Action::Quit) => "quit",
        _ => return None,
    })
}

/// The footer's hints, most useful first: a key and a word each, every one of them alive.
#[must_use]
pub fn hints(model: &Model) -> Vec<(Key, &'static str)> {
    let contexts = keymap::contexts(model);
    let mut hints: Vec<(Key, &'static str, Action)> = Vec::new();
    for context in contexts {
        for binding in model.keymap.of(context) {
            let known = hints.iter().any(|(_, _, action)| *action == binding.action);
            if let (Some(word), false, true) = (
                particular(model, binding.action).or_else(|| word(context, binding.action)),
                known,
                can_act(model, binding.action),
            ) {
                hints.extend(binding.keys.first().map(|key| (*key, word, binding.action)));
            }
        }
    }
    // Where a write waits for it, unlocking is what comes next.
    let writes = model.request.draft.as_ref().is_some_and(|draft| draft.endpoint.writes);
    let locked = model.guard.remaining(model.now).is_none();
    if model.overlay.is_none() && writes && locked {
        hints.sort_by_key(|(_, _, action)| *action != Action::Unlock);
    }
    hints.sort_by_key(|(_, _, action)| is_rare(*action));
    // What goes on is stopped by one key, which must be seen.
    if model.overlay.is_none() && (model.flight.is_some() || exchange::is_busy(model)) {
        hints.sort_by_key(|(_, _, action)| *action != Action::Cancel);
    }
    hints.into_iter().map(|(key, word, _)| (key, word)).collect()
}

/// Whether an action is needed so seldom that others are told first.
const fn is_rare(action: Action) -> bool {
    matches!(
        action,
        Action::FoldAll
            | Action::UnfoldAll
            | Action::FoldMore
            | Action::FoldLess
            | Action::Goto
            | Action::Differing
            | Action::Wrap
            | Action::PathForm
            | Action::WhoAmI
            | Action::History
            | Action::SavedRequests
            | Action::SortAlso
            | Action::HideColumn
            | Action::CountValues
            | Action::Wider
            | Action::Narrower
            | Action::Mask
    )
}

/// The word where the state says it better than the context.
fn particular(model: &Model, action: Action) -> Option<&'static str> {
    if let Some(word) = places::particular(model, action) {
        return Some(word);
    }
    match (action, model.overlay.as_ref(), model.focus) {
        (Action::Choose, Some(Overlay::FreeRequest(_)), _) => Some("open"),
        (Action::Right, Some(Overlay::FreeRequest(_)), _) => Some("method"),
        (Action::Choose, Some(Overlay::Unlock(_)), _) => Some("unlock"),
        (Action::Choose, Some(Overlay::Remove(_)), _) => Some("remove"),
        (Action::Choose, Some(Overlay::Keeping(own)), _) => {
            Some(if own.taken.is_some() { "replace it" } else { "save" })
        }
        (Action::Choose, Some(Overlay::Disclose(_)), _) => Some("copy it"),
        (Action::Choose, Some(Overlay::Import(_)), _) => Some("prepare it"),
        (Action::Choose, Some(Overlay::Companies(_)), _) => Some("fill in"),
        (Action::Choose, Some(Overlay::Login(pane)), _) if pane.is_waiting() => Some("hand over"),
        (Action::Unlock, None, _) if model.guard.remaining(model.now).is_some() => Some("lock writes"),
        (Action::Choose, None, Pane::Credential) if model.credential.typing.is_none() => Some(match row(model) {
            CredentialRow::Held(_) => "use",
            CredentialRow::Add(_) => "type or paste",
            CredentialRow::Login => "log in",
            CredentialRow::Sandbox => "enter it",
        }),
        (Action::Choose, None, Pane::Endpoints) if model.endpoints.typing => Some("choose"),
        (Action::Choose, None, Pane::Request)
            if model.request.row() == Some(Row::Body) && model.request.field.is_none() =>
        {
            Some("edit body")
        }
        (Action::Reset, None, _) if editing::gives_all_members(model) => Some("all members"),
        (Action::AddValue, None, _) if matches!(model.request.row(), Some(Row::Header(_))) => Some("another header"),
        (Action::LoadPage, None, _) if matches!(model.response.pages.loading, Loading::Gap(..)) => Some("try again"),
        (Action::Choose, None, Pane::Response) if model.response.types_filter() => Some("keep"),
        (Action::Choose, None, Pane::Response) if !model.typing() && leading::leads(&model.response) => {
            Some("go there")
        }
        (Action::Back, None, Pane::Response) if model.response.types_filter() => Some("all rows"),
        (Action::NextSibling, None, _) if model.response.record.is_some() => Some("next record"),
        (Action::Choose, None, Pane::Response) if model.response.search.typing => Some("keep hits"),
        (Action::Choose, None, Pane::Response) if model.response.filter.typing => Some("keep"),
        (Action::Right, None, Pane::Response) if model.response.search.typing => Some("in keys, in values"),
        (Action::Pattern, None, _) if model.response.search.pattern => Some("literal"),
        (Action::Pattern, None, _) => Some("pattern"),
        (Action::Back, None, Pane::Response) if model.response.filter.typing => Some("back to the whole"),
        (Action::Choose, Some(Overlay::Differing(_)), _) => Some("go there"),
        (Action::Choose, Some(Overlay::Goto(_)), _) => Some("go"),
        (Action::Choose, Some(Overlay::AlignBy(_)), _) => Some("align"),
        (Action::Everywhere, None, _) if model.history.as_ref().is_some_and(|own| own.everywhere) => {
            Some("this environment")
        }
        (Action::Choose, None, _) if model.history.as_ref().is_some_and(|own| own.is_clearing()) => Some("remove them"),
        (Action::Pin, None, _)
            if model.history.as_ref().is_some_and(|own| own.current().is_some_and(|own| own.pinned)) =>
        {
            Some("unpin")
        }
        (Action::Choose, Some(Overlay::Variable(..)), _) => Some("go on"),
        (Action::ShapeOnly, None, _) if model.compare.as_ref().is_some_and(|pane| pane.shape) => Some("values"),
        (Action::Choose, Some(Overlay::SaveAs(own)), _) if own.taken.is_some() => Some("replace it"),
        (Action::Choose, Some(Overlay::SaveAs(_)), _) => Some("save"),
        (Action::Right, Some(Overlay::SaveAs(_)), _) => Some("complete"),
        _ => None,
    }
}

/// Whether the cursor of the tree is on a container, which Enter folds.
fn response_container(model: &Model) -> bool {
    let pane = &model.response;
    let row = pane.document().and_then(|own| own.row(pane.place.cursor));
    row.is_some_and(|row| row.kind.is_container())
}
