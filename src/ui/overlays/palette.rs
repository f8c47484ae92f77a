//! Draws the command palette.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::keymap::{Context, Keymap};
use crate::app::model::{Palette, Pane};
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Draws the field and the actions that fit.
pub fn render(palette: &Palette, keymap: &Keymap, theme: Theme, frame: &mut Frame) {
    let height = frame.area().height.saturating_sub(4).min(24);
    let inside = widgets::overlay_frame(frame, theme, 76, height, "Commands");
    let width = usize::from(inside.width);
    let mut field = Line::from(Span::styled("> ", theme.hint_key()));
    field.spans.extend(widgets::input_line(&palette.input, width.saturating_sub(2), theme.text()).spans);
    widgets::line_at(frame, inside, 0, &field);
    let list = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    if palette.matches.is_empty() {
        widgets::line_at(frame, list, 0, &Line::styled("  No command is called so.", theme.dim()));
    }
    let rows = usize::from(list.height);
    let top = (palette.cursor + 1).saturating_sub(rows);
    let mut contexts = vec![Context::Global];
    contexts.extend(Pane::ALL.map(Context::In));
    contexts.push(Context::Always);
    for (place, (index, action)) in palette.matches.iter().enumerate().skip(top).take(rows).enumerate() {
        let key = keymap.key_for(&contexts, *action).map(|key| key.to_string()).unwrap_or_default();
        let line = Line::from(vec![
            Span::raw(format!("  {}", widgets::column(action.title(), 22))),
            Span::styled(widgets::column(&key, 10), theme.hint_key()),
            Span::styled(widgets::column(action.doc(), width.saturating_sub(34)), theme.dim()),
        ]);
        let line = if index == palette.cursor { line.patch_style(theme.cursor()) } else { line };
        widgets::line_at(frame, list, u16::try_from(place).unwrap_or(u16::MAX), &line);
    }
}
