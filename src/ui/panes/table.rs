//! Draws the table of a list: only the records on the screen are read.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::cell::{self, Kind, Manner};
use crate::app::panes::response::moving::Sight;
use crate::app::panes::response::table::{GAP, Table, title};
use crate::document::{self, Body, Column};
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Draws the names of the columns and the rows from the table's top.
#[expect(clippy::too_many_arguments, reason = "what is drawn, how and where; there is no name for less of it")]
pub fn render(
    table: &Table,
    gap: Option<&str>,
    body: &Body,
    manner: Manner<'_>,
    theme: Theme,
    focus: bool,
    frame: &mut Frame,
    area: Rect,
) {
    let width = usize::from(area.width);
    let placed = table.placed(Sight { width, height: usize::from(area.height) });
    let shown = table.shown();
    let columns: Vec<(usize, &Column, usize)> =
        placed.iter().filter_map(|(number, from, to)| Some((*number, *shown.get(*number)?, to - from))).collect();
    widgets::line_at(frame, area, 0, &head(table, &columns, theme));
    if table.rows() == 0 {
        let told = if table.records() > 0 {
            "No row fits the filter: Esc shows all of them."
        } else if table.arranging.is_some() {
            "Filtering…"
        } else {
            "The list is empty: no record fits the request."
        };
        widgets::line_at(frame, area, 1, &Line::styled(widgets::fit(told, width), theme.dim()));
        return;
    }
    for line in 1..area.height {
        let row = table.top + u64::from(line) - 1;
        let Some(record) = table.record(row) else {
            if let Some(gap) = gap.filter(|_| row == table.rows()) {
                widgets::line_at(frame, area, line, &Line::styled(widgets::fit(gap, width), theme.error()));
            }
            break;
        };
        let text = table.text(body, record);
        let current = row == table.cursor;
        let mut spans = Vec::new();
        for (number, column, width) in &columns {
            if *number > 0 {
                spans.push(between(*number == table.left, theme));
            }
            let (value, kind) = cell::cell(&text, &column.path, manner);
            let style = style(kind, theme);
            let style = if current && focus && *number == table.column {
                style.add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED))
            } else {
                style
            };
            spans.push(Span::styled(aligned(&value, *width, kind == Kind::Number), style));
        }
        let drawn = Line::from(spans);
        let drawn = match (current, focus) {
            (true, true) => filled(drawn, width).patch_style(theme.cursor()),
            (true, false) => filled(drawn, width).patch_style(theme.cursor_elsewhere()),
            (false, _) => drawn,
        };
        widgets::line_at(frame, area, line, &drawn);
    }
}

/// The names of the columns; those that rows are sorted by with their way and, where there are several, their rank.
fn head(table: &Table, columns: &[(usize, &Column, usize)], theme: Theme) -> Line<'static> {
    let mut spans = Vec::new();
    for (number, column, width) in columns {
        if *number > 0 {
            spans.push(between(*number == table.left, theme));
        }
        let sorted = table.sort.iter().position(|key| key.path == column.path);
        let mark = sorted.map_or_else(String::new, |rank| {
            let way = if table.sort[rank].descending { "↓" } else { "↑" };
            if table.sort.len() > 1 { format!(" {way}{}", rank + 1) } else { format!(" {way}") }
        });
        let room = width.saturating_sub(document::width(&mark));
        let name = format!("{}{mark}", widgets::fit(title(&column.path), room));
        let style = theme.strong().patch(theme.key());
        let style = if *number == table.column { style.add_modifier(Modifier::REVERSED) } else { style };
        let text = aligned(&name, *width, column.numbers && column.present > 0);
        spans.push(Span::styled(text, style));
    }
    Line::from(spans)
}

/// What stands between two columns: a line behind the frozen one.
fn between(frozen: bool, theme: Theme) -> Span<'static> {
    if frozen { Span::styled(" │ ", theme.dim()) } else { Span::raw(" ".repeat(GAP)) }
}

fn aligned(value: &str, width: usize, right: bool) -> String {
    if !right {
        return widgets::column(value, width);
    }
    let fitted = widgets::fit(value, width);
    let free = width.saturating_sub(document::width(&fitted));
    " ".repeat(free) + &fitted
}

fn style(kind: Kind, theme: Theme) -> Style {
    match kind {
        Kind::Text => theme.text(),
        Kind::Number => theme.number(),
        Kind::Id => theme.id(),
        Kind::Literal => theme.literal(),
        Kind::Faint => theme.dim(),
    }
}

fn filled(mut line: Line<'static>, width: usize) -> Line<'static> {
    let used: usize = line.spans.iter().map(|span| document::width(&span.content)).sum();
    line.spans.push(Span::raw(" ".repeat(width.saturating_sub(used))));
    line
}
