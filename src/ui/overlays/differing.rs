//! Draws the list of where an answer differs from the catalogue: how, where, and how often.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::conform::{self, Differing};
use crate::app::model::Model;
use crate::document;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of the box.
const WIDTH: u16 = 76;

/// Columns of the kind, and of the count.
const KIND: usize = "unknown field".len();
const COUNT: usize = 9;

/// Draws the box.
pub fn render(list: &Differing, model: &Model, theme: Theme, frame: &mut Frame) {
    let departures = conform::departures(model);
    let rows = departures.list.len() + usize::from(departures.beyond > 0);
    let most = frame.area().height.saturating_sub(4).min(24);
    let height = u16::try_from(rows + 2).unwrap_or(u16::MAX).min(most.max(3));
    let inside = widgets::overlay_frame(frame, theme, WIDTH, height, "Differs from the catalogue");
    let beyond = u16::from(departures.beyond > 0).min(inside.height.saturating_sub(1));
    let area = Rect { height: inside.height - beyond, ..inside };
    let shown = usize::from(area.height);
    let room = usize::from(inside.width).saturating_sub(KIND + COUNT + 4);
    let top = (list.cursor + 1).saturating_sub(shown);
    for (row, (index, departure)) in (0..).zip(departures.list.iter().enumerate().skip(top).take(shown)) {
        let (kind, detail) = conform::told(departure);
        // The end of a path tells more than its beginning, and what is said of it more than either.
        let detail = widgets::fit(&detail, room * 2 / 3);
        let path = widgets::fit_end(&departure.path, room.saturating_sub(document::width(&detail) + 1));
        let count = format!("{:>COUNT$} ", format!("×{}", departure.count));
        let line = Line::from(vec![
            Span::styled(format!(" {kind:<KIND$}  "), theme.warning()),
            Span::raw(widgets::column(&format!("{path} {detail}"), room)),
            Span::styled(count, theme.dim()),
        ]);
        let line = if index == list.cursor { line.patch_style(theme.cursor()) } else { line };
        widgets::line_at(frame, area, row, &line);
    }
    let text = format!(" and {} more of other kinds", departures.beyond);
    widgets::line_at(frame, Rect { y: area.bottom(), height: beyond, ..inside }, 0, &Line::styled(text, theme.dim()));
}
