//! Draws how often each value of a column occurs.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::app::tabling::Counts;
use crate::document;
use crate::pleo::privacy;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of the box.
const WIDTH: u16 = 64;

/// Columns of the longest bar.
const BAR: u64 = 12;

/// Draws the box.
pub fn render(counts: &Counts, masked: bool, theme: Theme, frame: &mut Frame) {
    let tally = &counts.tally;
    let height = u16::try_from(tally.values.len() + 3).unwrap_or(u16::MAX);
    let title = format!("{} · {} different", widgets::fit(&counts.path, 30), widgets::count(tally.values.len() as u64));
    let inside = widgets::overlay_frame(frame, theme, WIDTH, height, &title);
    let rows = usize::from(inside.height.saturating_sub(1)).max(1);
    let top = (counts.cursor + 1).saturating_sub(rows);
    let most = tally.values.first().map_or(1, |(_, count)| *count).max(1);
    let digits = document::width(&widgets::count(most));
    let room = usize::from(inside.width).saturating_sub(digits + 12 + 5);
    for (line, (number, (value, count))) in (0..).zip(tally.values.iter().enumerate().skip(top).take(rows)) {
        let value = match value {
            Some(value) if masked => Span::raw(widgets::column(&privacy::shown(&counts.path, value), room)),
            Some(value) => Span::raw(widgets::column(value, room)),
            None => Span::styled(widgets::column("not there", room), theme.dim()),
        };
        let bar = usize::try_from((count * BAR).div_ceil(most)).unwrap_or(0);
        let drawn = Line::from(vec![
            Span::raw(" "),
            value,
            Span::raw(format!("  {:>digits$} ", widgets::count(*count))),
            Span::styled("━".repeat(bar), theme.dim()),
        ]);
        let drawn = if number == counts.cursor { drawn.patch_style(theme.cursor()) } else { drawn };
        widgets::line_at(frame, inside, line, &drawn);
    }
    let others =
        if tally.others > 0 { format!(", {} with others", widgets::count(tally.others)) } else { String::new() };
    let text = format!(" of {} rows{others}", widgets::count(tally.records));
    widgets::line_at(frame, inside, inside.height.saturating_sub(1), &Line::styled(text, theme.dim()));
}
