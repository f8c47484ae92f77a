//! Draws a value that is read by itself: wrapped, its line breaks as line breaks.

use ratatui::Frame;
use ratatui::text::Line;

use crate::app::reading::{FRAME, Viewer, viewer_size};
use crate::document;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Draws the box.
pub fn render(viewer: &Viewer, masked: bool, size: (u16, u16), theme: Theme, frame: &mut Frame) {
    let (width, height) = (size.0.saturating_sub(FRAME.0), size.1.saturating_sub(FRAME.1));
    let title = widgets::fit_middle(&viewer.title, usize::from(width).saturating_sub(6));
    let inside = widgets::overlay_frame(frame, theme, width, height, &title);
    if masked {
        let text = "Personal data is masked, and so is a value by itself. p shows it.";
        widgets::line_at(frame, inside, 0, &Line::styled(text, theme.dim()));
        return;
    }
    let (columns, rows) = viewer_size(size);
    let lines = document::wrap_forward(&viewer.body, viewer.top, columns, rows);
    for (row, line) in (0..).zip(&lines) {
        let text = document::displayable_bytes(&viewer.body.read(line.start..line.end));
        widgets::line_at(frame, inside, row, &Line::raw(text));
    }
    if viewer.body.is_empty() {
        widgets::line_at(frame, inside, 0, &Line::styled("It is empty.", theme.dim()));
    }
}
