//! Draws what is offered below a field: the value, and a name beside it.

use ratatui::text::{Line, Span};

use crate::app::completing::{self, Candidate};
use crate::app::model::Model;
use crate::document;
use crate::pleo::privacy;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Rows that are shown at once where there is room.
const ROWS: usize = 6;
/// Columns that an id keeps beside a long name.
const BEGINNING: usize = 14;

/// The rows, of which there is room for so many; none where nothing is offered.
pub fn lines(model: &Model, width: usize, room: usize, theme: Theme) -> Vec<Line<'static>> {
    if !completing::is_open(model) {
        return Vec::new();
    }
    let offer = &model.request.offer;
    let count = offer.fits.len();
    // A row tells of those that have no room.
    let rows = if count <= room.min(ROWS) { count } else { room.saturating_sub(1).min(ROWS) };
    let first = offer.cursor.map_or(0, |cursor| (cursor + 1).saturating_sub(rows));
    let shown = || offer.fits.iter().enumerate().skip(first).take(rows);
    let clean = |text: &str| {
        let text = model.credentials.hide(text);
        let text = privacy::veiled(&text, model.masked).into_owned();
        document::displayable(&text).into_owned()
    };
    let widest = |text: fn(&Candidate) -> &str| shown().map(|(_, own)| document::width(&clean(text(own)))).max();
    let (value, name) = (widest(|own| &own.value).unwrap_or(0), widest(|own| &own.name).unwrap_or(0));
    let room = width.saturating_sub(4);
    // An id is known by its beginning, a person or a company by the whole name.
    let for_name = if name == 0 { 0 } else { name + 2 };
    let value = value.min(room.saturating_sub(for_name).max(BEGINNING)).min(room);
    let mut lines: Vec<Line> = shown()
        .map(|(at, own)| {
            let chosen = offer.cursor == Some(at);
            let line = Line::from(vec![
                Span::raw(if chosen { "  ▸ " } else { "    " }),
                Span::raw(widgets::column(&clean(&own.value), value)),
                Span::raw("  "),
                Span::styled(widgets::column(&clean(&own.name), room.saturating_sub(value + 2)), theme.dim()),
            ]);
            if chosen { line.patch_style(theme.cursor()) } else { line }
        })
        .collect();
    let others = count - lines.len();
    if others > 0 {
        lines.push(Line::styled(widgets::fit(&format!("    {others} more: type to narrow"), width), theme.dim()));
    }
    lines
}
