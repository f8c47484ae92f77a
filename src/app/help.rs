//! The help's rows: the keys of where one is, then those of everywhere.

use super::keymap::{Context, meaning};
use super::model::{Model, Pane};
use super::panes::response::View;
use crate::document::wrap;

/// Rows of the screen that the help does not fill: margins and border.
pub const FRAME: usize = 4;

/// Columns of the help.
pub const WIDTH: u16 = 78;
/// Columns of the keys.
pub const KEYS: usize = 16;

/// A row of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A heading.
    Heading(&'static str),
    /// Keys and what they do, as far as the row has room.
    Keys(String, String),
    /// More of what the keys above do.
    More(String),
    /// A space between.
    Blank,
}

/// The rows for where one is.
#[must_use]
pub fn rows(model: &Model) -> Vec<Row> {
    let mut rows = Vec::new();
    let width = usize::from(model.size.0.min(WIDTH)).saturating_sub(KEYS + 6).max(1);
    let pane = model.focus;
    let editing: &[Context] = match pane {
        Pane::Request => &[Context::Field, Context::Editor],
        Pane::Environment => &[],
        _ => &[Context::Field],
    };
    let place = match (&model.compare, &model.history, &model.saved) {
        (Some(_), ..) => Some(Context::Compare),
        (None, Some(_), _) => Some(Context::History),
        (None, None, Some(_)) => Some(Context::Saved),
        (None, None, None) => None,
    };
    let around = [place.unwrap_or(Context::Global)];
    let table = pane == Pane::Response && model.response.view() == View::Table;
    let first: &[Context] = if table { &[Context::Table] } else { &[] };
    let own = if place.is_some() { Vec::new() } else { [first, &[Context::In(pane)], editing].concat() };
    let contexts = own.into_iter().chain(around.iter().copied()).chain([Context::Always]);
    for context in contexts {
        if !rows.is_empty() {
            rows.push(Row::Blank);
        }
        rows.push(Row::Heading(context.title()));
        for binding in model.keymap.of(context) {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            let mut does = wrap(meaning(context, binding.action), width).into_iter();
            rows.push(Row::Keys(keys.join(" "), does.next().unwrap_or_default()));
            rows.extend(does.map(Row::More));
        }
    }
    rows
}
