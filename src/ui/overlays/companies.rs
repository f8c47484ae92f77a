//! Draws the picker of a company.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::model::Companies;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of an id.
const ID: usize = 36;

/// Draws the field and the companies that fit.
pub fn render(picker: &Companies, theme: Theme, frame: &mut Frame) {
    let height =
        u16::try_from(picker.all.len() + 3).unwrap_or(u16::MAX).min(frame.area().height.saturating_sub(4)).min(24);
    let inside = widgets::overlay_frame(frame, theme, 76, height, "Companies in reach");
    let width = usize::from(inside.width);
    let mut field = Line::from(Span::styled("> ", theme.hint_key()));
    field.spans.extend(widgets::input_line(&picker.input, width.saturating_sub(2), theme.text()).spans);
    widgets::line_at(frame, inside, 0, &field);
    let list = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    if picker.matches.is_empty() {
        widgets::line_at(frame, list, 0, &Line::styled("  No company is called so.", theme.dim()));
    }
    let rows = usize::from(list.height);
    let top = (picker.cursor + 1).saturating_sub(rows);
    for (place, (index, at)) in picker.matches.iter().enumerate().skip(top).take(rows).enumerate() {
        let Some(company) = picker.all.get(*at) else {
            continue;
        };
        let line = Line::from(vec![
            Span::raw(format!("  {} ", widgets::column(&company.name, width.saturating_sub(ID + 4)))),
            Span::styled(widgets::column(&company.id, ID), theme.dim()),
        ]);
        let line = if index == picker.cursor { line.patch_style(theme.cursor()) } else { line };
        widgets::line_at(frame, list, u16::try_from(place).unwrap_or(u16::MAX), &line);
    }
}
