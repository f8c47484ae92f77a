//! Draws the field for a free request.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::app::model::FreeRequest;
use crate::pleo::curl::hidden;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Draws the method, the field, and what is wrong with what was typed.
pub fn render(free: &FreeRequest, theme: Theme, frame: &mut Frame) {
    let inside = widgets::overlay_frame(frame, theme, 72, 6, "Free request");
    let width = usize::from(inside.width);
    let method = format!("{:<7}", free.method);
    let mut field = Line::from(Span::styled(method, theme.method(free.method)));
    // A curl command may be typed as well as pasted.
    let shown = hidden(free.input.text());
    let typed = widgets::input_line_as(&shown, free.input.cursor(), width.saturating_sub(8), theme.text());
    field.spans.extend(typed.spans);
    widgets::line_at(frame, inside, 0, &field);
    let (text, style) = match &free.error {
        Some(error) => (error.as_str(), theme.error()),
        None => (
            "A path such as /v2/employees?limit=5; Tab changes the method, or type it before the path; or paste a curl command. Outside the catalogue everything but GET and HEAD counts as a write.",
            theme.dim(),
        ),
    };
    for (row, text) in widgets::wrap_within(text, width, 3).into_iter().enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row + 1).unwrap_or(u16::MAX), &Line::styled(text, style));
    }
}
