//! Draws the field for a file to save to, with what it may become.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::app::taking::SaveAs;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of the box.
const WIDTH: u16 = 76;

/// Most candidates that are shown.
const MOST: usize = 8;

/// Draws the box.
pub fn render(own: &SaveAs, busy: bool, theme: Theme, frame: &mut Frame) {
    let width = usize::from(WIDTH.min(frame.area().width)).saturating_sub(4);
    let error = own.asked.error.as_deref().map_or_else(Vec::new, |text| widgets::wrap(text, width));
    let mut below: Vec<Line> = error.into_iter().map(|row| Line::styled(format!(" {row}"), theme.error())).collect();
    if busy {
        below.push(Line::styled(format!(" Saving… {}. Esc stops it.", widgets::size(own.saved)), theme.warning()));
    }
    below.extend(own.candidates.iter().take(MOST).map(|path| {
        // Its end is what one chooses by.
        Line::styled(format!("   {}", widgets::fit_end(path, width.saturating_sub(3))), theme.dim())
    }));
    if own.candidates.len() > MOST {
        below.push(Line::styled(format!("   … {} more", own.candidates.len() - MOST), theme.dim()));
    }
    let height = u16::try_from(below.len() + 4).unwrap_or(u16::MAX);
    let inside = widgets::overlay_frame(frame, theme, WIDTH, height, &format!("Save: {}", own.title));
    let text = " A file for you alone (mode 0600), written whole or not at all:";
    widgets::line_at(frame, inside, 0, &Line::styled(text, theme.dim()));
    let mut field = Line::from(Span::styled(" > ", theme.hint_key()));
    field.spans.extend(widgets::input_line(&own.asked.input, width.saturating_sub(2), theme.strong()).spans);
    widgets::line_at(frame, inside, 1, &field);
    for (row, line) in (2..).zip(&below) {
        widgets::line_at(frame, inside, row, line);
    }
}
