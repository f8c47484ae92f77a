//! Draws the help: the keys of where one is.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::app::help::{FRAME, KEYS, Row, WIDTH, rows};
use crate::app::model::Model;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Draws the box, its rows from `top` on.
pub fn render(model: &Model, top: usize, theme: Theme, frame: &mut Frame) {
    let rows = rows(model);
    let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX).min(frame.area().height.saturating_sub(2));
    let inside = widgets::overlay_frame(frame, theme, WIDTH, height, "Help");
    let width = usize::from(inside.width);
    let visible = usize::from(frame.area().height).saturating_sub(FRAME);
    for (place, row) in rows.iter().skip(top).take(visible).enumerate() {
        let line = match row {
            Row::Heading(title) => Line::styled(format!(" {title}"), theme.strong()),
            Row::Keys(keys, meaning) => Line::from(vec![
                Span::styled(format!("   {}", widgets::column(keys, KEYS)), theme.hint_key()),
                Span::raw(widgets::fit(meaning, width.saturating_sub(KEYS + 4))),
            ]),
            Row::More(meaning) => Line::raw(format!("{}{meaning}", " ".repeat(KEYS + 3))),
            Row::Blank => Line::default(),
        };
        widgets::line_at(frame, inside, u16::try_from(place).unwrap_or(u16::MAX), &line);
    }
}
