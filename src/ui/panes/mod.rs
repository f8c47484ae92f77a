//! One file a pane.

pub mod bytes;
pub mod cell;
pub mod compare;
pub mod credential;
pub mod endpoints;
pub mod environment;
pub mod fields;
pub mod hint;
pub mod history;
pub mod offer;
pub mod request;
pub mod response;
pub mod saved;
pub mod table;
pub mod timing;
pub mod tree;

use ratatui::text::Line;

use super::theme::Theme;
use crate::app::model::{Model, Overlay, Pane};

/// Whether keys go to a pane now.
fn focused(model: &Model, pane: Pane) -> bool {
    model.focus == pane && matches!(model.overlay, None | Some(Overlay::Help(_)))
}

/// A pane's title.
fn title(model: &Model, theme: Theme, pane: Pane) -> Line<'static> {
    Line::styled(pane.title(), theme.title(focused(model, pane)))
}
