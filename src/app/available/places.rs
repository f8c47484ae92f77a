//! The words of the footer for what stands in place of the panes: a comparison, the history, saved requests.

use crate::app::action::Action;
use crate::app::keymap::Context;
use crate::app::model::Model;
use crate::app::saved::pane::Asking;

/// A short word for the footer; `None` where it is the same as anywhere.
pub(super) const fn word(context: Context, action: Action) -> Option<&'static str> {
    Some(match (context, action) {
        (Context::Compare, Action::Choose) => "read",
        (Context::History, Action::Choose) => "open",
        (Context::History, Action::Search) => "search",
        (Context::History, Action::Send) => "send again",
        (Context::History, Action::Compare) => "compare with now",
        (Context::History, Action::Clear) => "remove",
        (Context::Saved, Action::Choose) => "open",
        (Context::Saved, Action::Search) => "filter",
        (Context::Saved, Action::Clear) => "remove",
        (Context::Saved, Action::Rename) => "rename",
        (_, Action::Recall) => "edit",
        (_, Action::Pin) => "pin",
        (_, Action::Rename) => "name",
        (_, Action::Everywhere) => "all environments",
        (_, Action::ClearHistory) => "clear",
        (Context::Compare, Action::Cancel) => "stop",
        (_, Action::ShapeOnly) => "shape",
        (_, Action::AlignBy) => "key",
        (_, Action::Volatile) => "volatile",
        _ => return None,
    })
}

/// The word where the state says it better than the context.
pub(super) fn particular(model: &Model, action: Action) -> Option<&'static str> {
    let asking = model.saved.as_ref().filter(|_| model.overlay.is_none()).and_then(|pane| pane.asking.as_ref());
    match (action, asking?) {
        (Action::Choose, Asking::Filter) => Some("keep"),
        (Action::Choose, Asking::Name(_, _, Some(_))) => Some("replace it"),
        (Action::Choose, Asking::Name(..)) => Some("rename"),
        (Action::Choose, Asking::Remove(_)) => Some("remove"),
        _ => None,
    }
}
