//! The help's rows: the keys of where one is, then those of everywhere.

use super::keymap::{Context, meaning};
use super::model::{Model, Pane};
use super::panes::response::View;

/// Rows of the screen that the help does not fill: margins and border.
pub const FRAME: usize = 4;

/// A row of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A heading.
    Heading(&'static str),
    /// Keys and what they do.
    Keys(String, &'static str),
    /// A space between.
    Blank,
}

/// The rows for where one is.
#[must_use]
pub fn rows(model: &Model) -> Vec<Row> {
    let mut rows = Vec::new();
    let pane = model.focus;
    let editing: &[Context] = match pane {
        Pane::Request => &[Context::Field, Context::Editor],
        Pane::Environment => &[],
        _ => &[Context::Field],
    };
    let around: &[Context] = if model.compare.is_some() { &[Context::Compare] } else { &[Context::Global] };
    let table = pane == Pane::Response && model.response.view() == View::Table;
    let first: &[Context] = if table { &[Context::Table] } else { &[] };
    let own = if model.compare.is_some() { Vec::new() } else { [first, &[Context::In(pane)], editing].concat() };
    let contexts = own.into_iter().chain(around.iter().copied()).chain([Context::Always]);
    for context in contexts {
        if !rows.is_empty() {
            rows.push(Row::Blank);
        }
        rows.push(Row::Heading(context.title()));
        for binding in model.keymap.of(context) {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            rows.push(Row::Keys(keys.join(" "), meaning(context, binding.action)));
        }
    }
    rows
}
