//! Draws the field for the name under which a request is saved, and the file that it goes to.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::app::model::Model;
use crate::app::saved::Keeping;
use crate::pleo::saved::Place;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of the box.
const WIDTH: u16 = 76;

/// Draws the box.
pub fn render(model: &Model, own: &Keeping, theme: Theme, frame: &mut Frame) {
    let width = usize::from(WIDTH.min(frame.area().width)).saturating_sub(4);
    let request = model.request.draft.as_ref().map(|draft| &draft.endpoint);
    let request = request.map_or_else(String::new, |endpoint| format!("{} {}", endpoint.method, endpoint.path));
    let below = if own.folders.contains_key(&Place::Repository) {
        "folder/name puts it into a folder, ./name into the repository's own."
    } else {
        "folder/name puts it into a folder."
    };
    let rules = ["No credential and no environment is saved; {{variables}} stay.", below];
    let file = match (&own.asked.error, own.file()) {
        (Some(error), _) => widgets::wrap(error, width).into_iter().map(|row| (row, theme.error())).collect(),
        (None, Some(file)) => vec![(format!("→ {}", widgets::fit_end(&file, width.saturating_sub(2))), theme.dim())],
        (None, None) => Vec::new(),
    };
    let rows: Vec<String> = rules.into_iter().flat_map(|rule| widgets::wrap(rule, width)).collect();
    // The file may not be known yet: its row is there all the same.
    let height = u16::try_from(rows.len() + file.len().max(1) + 5).unwrap_or(u16::MAX);
    let inside = widgets::overlay_frame(frame, theme, WIDTH, height, "Save the request");
    let mut lines = vec![Line::styled(format!(" {}", widgets::fit_middle(&request, width)), theme.strong())];
    lines.extend(rows.into_iter().map(|row| Line::styled(format!(" {row}"), theme.dim())));
    lines.push(Line::default());
    let mut field = Line::from(Span::styled(" > ", theme.hint_key()));
    field.spans.extend(widgets::input_line(&own.asked.input, width.saturating_sub(2), theme.strong()).spans);
    lines.push(field);
    lines.extend(file.into_iter().map(|(row, style)| Line::styled(format!(" {row}"), style)));
    for (row, line) in (0..).zip(&lines) {
        widgets::line_at(frame, inside, row, line);
    }
}
