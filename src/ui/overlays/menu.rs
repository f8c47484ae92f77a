//! Draws a menu: a letter, what it does, and a glimpse of what it is about.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::app::taking::Menu;
use crate::document;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of the box.
const WIDTH: u16 = 96;

/// Draws the box.
pub fn render(menu: &Menu, theme: Theme, frame: &mut Frame) {
    let height = u16::try_from(menu.items.len() + 2).unwrap_or(u16::MAX);
    let inside = widgets::overlay_frame(frame, theme, WIDTH, height, menu.title);
    let names = menu.items.iter().map(|item| document::width(&item.title)).max().unwrap_or(0).min(52);
    let room = usize::from(inside.width).saturating_sub(names + 7);
    // On a small screen it moves with the cursor.
    let top = (menu.cursor + 1).saturating_sub(usize::from(inside.height).max(1));
    for (row, (place, item)) in (0..).zip(menu.items.iter().enumerate().skip(top)) {
        let line = Line::from(vec![
            Span::styled(format!(" {} ", item.letter), theme.hint_key()),
            Span::raw(format!(" {}  ", widgets::column(&item.title, names))),
            Span::styled(widgets::column(&item.glimpse, room), theme.dim()),
        ]);
        let line = if place == menu.cursor { line.patch_style(theme.cursor()) } else { line };
        widgets::line_at(frame, inside, row, &line);
    }
}
