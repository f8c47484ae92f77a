//! Draws the columns of a table, to choose and order them.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::app::panes::response::table::Table;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of the box.
const WIDTH: u16 = 60;

/// Draws the box.
pub fn render(table: &Table, cursor: usize, theme: Theme, frame: &mut Frame) {
    let paths = table.paths();
    let height = u16::try_from(paths.len() + 3).unwrap_or(u16::MAX);
    let inside = widgets::overlay_frame(frame, theme, WIDTH, height, "Columns");
    let rows = usize::from(inside.height.saturating_sub(1)).max(1);
    let top = (cursor + 1).saturating_sub(rows);
    let records = table.columns.records();
    for (line, (number, path)) in (0..).zip(paths.iter().enumerate().skip(top).take(rows)) {
        let present = table.columns.get(path).map_or(0, |column| column.present);
        let told = match present {
            0 => "in none".to_owned(),
            present if present == records => "in all".to_owned(),
            present => format!("in {present} of {records}"),
        };
        let mark = if table.is_shown(path) { "[x] " } else { "[ ] " };
        let room = usize::from(inside.width).saturating_sub(told.len() + 7);
        let drawn = Line::from(vec![
            Span::raw(format!(" {mark}{} ", widgets::column(path, room))),
            Span::styled(told, theme.dim()),
        ]);
        let drawn = if number == cursor { drawn.patch_style(theme.cursor()) } else { drawn };
        widgets::line_at(frame, inside, line, &drawn);
    }
    let text = match table.columns.beyond() {
        0 => " the first one stays at the left".to_owned(),
        beyond => format!(" {} records have more names than these: Enter shows them", widgets::count(beyond)),
    };
    let hint = Line::styled(text, theme.dim());
    widgets::line_at(frame, inside, inside.height.saturating_sub(1), &hint);
}
