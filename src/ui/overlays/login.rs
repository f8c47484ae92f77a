//! Draws the login with OAuth: its form, or the address and what has happened since.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::login::{LoginPane, Row, Waiting};
use crate::document;
use crate::ui::panes::credential::masked;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Lines of a failed exchange that are shown.
const MOST_TOLD: usize = 5;

/// Columns of a field's name.
const NAME: usize = 16;

/// Draws the box.
pub fn render(pane: &LoginPane, now: Duration, theme: Theme, frame: &mut Frame) {
    let width = frame.area().width.saturating_sub(4).min(96);
    let title = format!("Log in with OAuth: {}", pane.environment.banner());
    match &pane.waiting {
        Some(waiting) => {
            let inside = widgets::overlay_frame(frame, theme, width, frame.area().height.saturating_sub(4), &title);
            wait(waiting, now, theme, frame, inside);
        }
        None => form(pane, &title, width, theme, frame),
    }
}

fn form(pane: &LoginPane, title: &str, width: u16, theme: Theme, frame: &mut Frame) {
    let columns = usize::from(width).saturating_sub(4);
    let mut error = pane.error.as_deref().map_or_else(Vec::new, |text| widgets::wrap(text, columns));
    // What was said and heard, for whoever debugs it.
    error.extend(pane.last.iter().rev().take(MOST_TOLD).rev().flat_map(|line| widgets::wrap(line, columns)));
    let rows = pane.rows();
    let wanted = u16::try_from(rows.len() + error.len() + 3).unwrap_or(u16::MAX);
    let inside = widgets::overlay_frame(frame, theme, width, wanted, title);
    let below = u16::try_from(error.len()).unwrap_or(0);
    let list = usize::from(inside.height.saturating_sub(below));
    let top = (pane.cursor + 1).saturating_sub(list.max(1));
    for (place, (index, row)) in rows.iter().enumerate().skip(top).take(list).enumerate() {
        let line = field(pane, *row, index == pane.cursor, columns, theme);
        widgets::line_at(frame, inside, u16::try_from(place).unwrap_or(u16::MAX), &line);
    }
    for (row, text) in error.into_iter().enumerate() {
        let row = inside.height.saturating_sub(below) + u16::try_from(row).unwrap_or(0);
        widgets::line_at(frame, inside, row, &Line::styled(format!(" {text}"), theme.error()));
    }
}

fn field(pane: &LoginPane, row: Row, at: bool, columns: usize, theme: Theme) -> Line<'static> {
    let room = columns.saturating_sub(NAME + 2);
    let name = |name: &str| Span::styled(format!(" {} ", widgets::column(name, NAME)), theme.key());
    let typed = |input: &crate::app::input::LineInput, empty: &str| -> Vec<Span<'static>> {
        if at {
            widgets::input_line(input, room, theme.text()).spans
        } else if input.text().is_empty() {
            vec![Span::styled(empty.to_owned(), theme.dim())]
        } else {
            vec![Span::raw(widgets::fit(input.text(), room))]
        }
    };
    let mut line = match row {
        Row::ClientId => {
            let mut line = Line::from(name("client id"));
            line.spans.extend(typed(&pane.client_id, "as Pleo gave it"));
            line
        }
        Row::ClientSecret => {
            let empty = match (&pane.known_secret, at) {
                (Some(_), _) => "the one given before; type another to replace it",
                (None, true) => "paste or type it; a public client has none",
                (None, false) => "none",
            };
            let mut line = Line::from(name("client secret"));
            if at || !pane.client_secret.is_empty() {
                line.spans.extend(masked("", pane.client_secret.len(), empty, room, at, theme).spans);
            } else {
                line.spans.push(Span::styled(empty.to_owned(), theme.dim()));
            }
            line
        }
        Row::Authentication => {
            let word = pane.authentication.word();
            let text = format!("{word:<6} a client with a secret proves itself by {word}");
            Line::from(vec![name("authentication"), Span::raw(widgets::fit(&text, room))])
        }
        Row::Redirect => {
            let mut line = Line::from(name("redirect URI"));
            line.spans.extend(typed(&pane.redirect, "a port, or the URI as registered"));
            line
        }
        Row::Scope(index) => {
            let (scope, asked) = pane.scopes.get(index).cloned().unwrap_or_default();
            let mark = if asked { "[x]" } else { "[ ]" };
            let head = if index == 0 { "scopes" } else { "" };
            Line::from(vec![name(head), Span::raw(format!("{mark} {}", widgets::fit(&scope, room.saturating_sub(4))))])
        }
    };
    if at && matches!(row, Row::Authentication | Row::Scope(_)) {
        line = line.patch_style(theme.cursor());
    }
    line
}

fn wait(waiting: &Waiting, now: Duration, theme: Theme, frame: &mut Frame, inside: Rect) {
    let width = usize::from(inside.width).saturating_sub(2);
    let mut lines: Vec<Line> = Vec::new();
    let mut add = |text: &str, style| {
        lines.extend(widgets::wrap(text, width).into_iter().map(|row| Line::styled(format!(" {row}"), style)));
    };
    match &waiting.url {
        None => add("Beginning…", theme.dim()),
        Some(url) => {
            add(
                "Open this address in a browser and agree; where there is one it was opened. Ctrl-y copies it.",
                theme.text(),
            );
            add(url, theme.strong());
            let back = if waiting.listens {
                "The browser comes back here by itself. If it cannot, paste the address that it was sent to:"
            } else {
                "Then paste the address that the browser was sent to, or the code in it:"
            };
            add(back, theme.text());
        }
    }
    if waiting.url.is_some() {
        let typed = masked(" > ", waiting.pasted.len(), "paste it here", width, true, theme);
        lines.push(typed);
    }
    let left = widgets::countdown(waiting.until.saturating_sub(now));
    lines.push(Line::styled(format!(" {left} left. Esc cancels."), theme.warning()));
    lines.push(Line::default());
    // The latest lines of the exchange, as many as there is room for.
    let room = usize::from(inside.height).saturating_sub(lines.len());
    let told: Vec<String> = waiting.lines.iter().flat_map(|line| widgets::wrap(line, width)).collect();
    lines.extend(told.iter().skip(told.len().saturating_sub(room)).map(|row| {
        let style = if row.starts_with('!') { theme.error() } else { theme.dim() };
        Line::styled(format!(" {}", document::displayable(row)), style)
    }));
    for (row, line) in lines.iter().enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row).unwrap_or(u16::MAX), line);
    }
}
