//! Draws a question: what is asked, a field for a word where one is wanted, and what is wrong with it.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::app::model::Asked;
use crate::ui::panes::credential::masked;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of the box.
const WIDTH: u16 = 70;

/// Draws the box.
pub fn render(title: &str, text: &str, asked: Option<&Asked>, theme: Theme, frame: &mut Frame) {
    let width = usize::from(WIDTH.min(frame.area().width)).saturating_sub(4);
    let rows = widgets::wrap(text, width);
    let error = asked.and_then(|asked| asked.error.as_deref()).map_or_else(Vec::new, |text| widgets::wrap(text, width));
    let field = if asked.is_some() { 2 } else { 0 };
    let height = u16::try_from(rows.len() + field + error.len() + 2).unwrap_or(u16::MAX);
    let inside = widgets::overlay_frame(frame, theme, WIDTH, height, title);
    let mut lines: Vec<Line> = rows.into_iter().map(|row| Line::raw(format!(" {row}"))).collect();
    if let Some(asked) = asked {
        lines.push(Line::default());
        lines.push(if asked.hidden {
            masked(" > ", asked.input.text().chars().count(), "it is not shown", width, true, theme)
        } else {
            let mut line = Line::from(Span::styled(" > ", theme.hint_key()));
            line.spans.extend(widgets::input_line(&asked.input, width.saturating_sub(2), theme.strong()).spans);
            line
        });
    }
    lines.extend(error.into_iter().map(|row| Line::styled(format!(" {row}"), theme.error())));
    for (row, line) in lines.iter().enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row).unwrap_or(u16::MAX), line);
    }
}
