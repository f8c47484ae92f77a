//! Draws the timing view: each phase as a bar in its place, then what the exchange went over.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use jiff::Timestamp;

use super::response::tone_style;
use crate::app::event::{Head, Phase};
use crate::app::panes::response::{Exchange, ResponsePane, Stage};
use crate::app::waterfall::{self, Bar, Ended, NAMES};
use crate::document;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of a time and a share.
const FIGURES: usize = 15;

/// Draws the view.
pub fn render(
    pane: &ResponsePane,
    exchange: &Exchange,
    now: Option<Timestamp>,
    theme: Theme,
    frame: &mut Frame,
    area: Rect,
) {
    let lines = lines(pane, exchange, now, theme, usize::from(area.width));
    let top = pane.headers_top.min(lines.len().saturating_sub(usize::from(area.height)));
    for (row, line) in (0..).zip(lines.iter().skip(top).take(usize::from(area.height))) {
        widgets::line_at(frame, area, row, line);
    }
}

fn lines(
    pane: &ResponsePane,
    exchange: &Exchange,
    now: Option<Timestamp>,
    theme: Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let (timing, head) = (&exchange.timing, exchange.head.as_ref());
    let ended = match &exchange.stage {
        Stage::Failed(failure) => Ended::Failed(failure.phase),
        Stage::Cancelled => Ended::Cancelled,
        _ => Ended::Whole,
    };
    if timing.total.is_zero() {
        let text = match (&exchange.stage, ended) {
            (Stage::Waiting, _) => "Nothing is measured yet: the answer is waited for.",
            (_, Ended::Failed(Phase::Setup)) => "Nothing was sent, so nothing was measured.",
            (_, Ended::Cancelled) => "Cancelled before anything was sent, so nothing was measured.",
            _ => "Nothing was measured.",
        };
        return widgets::wrap(text, width).into_iter().map(|row| Line::styled(row, theme.dim())).collect();
    }
    let mut lines: Vec<Line<'static>> = waterfall::bars(timing, &exchange.wire, head, ended)
        .iter()
        .map(|bar| drawn(bar, timing.total, theme, width))
        .collect();
    let total = format!("{:<NAMES$}{:>8}", "total", waterfall::fine(timing.total));
    lines.push(Line::styled(total, theme.strong()));
    match ended {
        Ended::Failed(phase) => {
            lines.push(Line::styled(format!("{:<NAMES$}{}", "failed", phase.name()), theme.error()));
        }
        Ended::Cancelled => {
            let phase = waterfall::came_to(timing).map_or_else(String::new, |phase| format!(", {}", phase.name()));
            let text = format!("after {}{phase}", waterfall::fine(timing.total));
            lines.extend(named("cancelled", &text, theme.warning(), theme, width));
        }
        Ended::Whole => {}
    }
    lines.push(Line::default());
    lines.extend(facts(exchange, head, now, theme, width));
    if timing.before.is_some() {
        lines.extend(named("before", waterfall::BEFORE, theme.text(), theme, width));
    }
    if !pane.pages.log.is_empty() {
        lines.push(Line::default());
        for row in &pane.pages.log {
            let rows = widgets::wrap(&document::displayable(row), width);
            lines.extend(rows.into_iter().map(|row| Line::styled(row, theme.dim())));
        }
    }
    lines
}

fn facts(
    exchange: &Exchange,
    head: Option<&Head>,
    now: Option<Timestamp>,
    theme: Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let facts = waterfall::facts(&exchange.wire, head, now);
    let mut lines = Vec::new();
    for fact in facts {
        let style =
            if fact.tone == crate::app::notices::Tone::Strong { theme.text() } else { tone_style(fact.tone, theme) };
        lines.extend(named(fact.name, &document::displayable(&fact.text), style, theme, width));
    }
    lines
}

/// A name and what there is to say of it, in as many rows as that takes.
fn named(name: &str, text: &str, style: Style, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let row = |(row, text): (usize, String)| {
        let name = if row == 0 { name } else { "" };
        Line::from(vec![Span::styled(format!("{name:<NAMES$}"), theme.key()), Span::styled(text, style)])
    };
    widgets::wrap(text, width.saturating_sub(NAMES).max(1)).into_iter().enumerate().map(row).collect()
}

/// A phase: its name, its time, its share, and its bar in proportion to the whole.
fn drawn(bar: &Bar, total: Duration, theme: Theme, width: usize) -> Line<'static> {
    let mark = if bar.failed { " ✗" } else { "" };
    let name = format!("{:<NAMES$}", format!("{}{mark}", bar.name));
    let name = Span::styled(name, if bar.failed { theme.error() } else { theme.key() });
    let took = match bar.took {
        Ok(took) => took,
        Err(why) => {
            let text = widgets::fit(&format!("{:>8}  {why}", "—"), width.saturating_sub(NAMES));
            return Line::from(vec![name, Span::styled(text, if bar.failed { theme.error() } else { theme.dim() })]);
        }
    };
    let figures = format!("{:>8} {:>5} ", waterfall::fine(took), waterfall::share(took, total));
    let room = width.saturating_sub(NAMES + FIGURES);
    let column = |time: Duration| {
        let part = time.as_nanos().saturating_mul(room as u128) / total.as_nanos().max(1);
        usize::try_from(part).unwrap_or(room).min(room)
    };
    let from = column(bar.from).min(room.saturating_sub(1));
    let length = column(bar.from + took).saturating_sub(from);
    // What takes hardly any of it is a thin line rather than nothing.
    let text = if room == 0 {
        String::new()
    } else if length == 0 {
        "▏".to_owned()
    } else {
        "█".repeat(length)
    };
    Line::from(vec![name, Span::raw(figures), Span::raw(" ".repeat(from)), Span::styled(text, style(bar, theme))])
}

fn style(bar: &Bar, theme: Theme) -> Style {
    match bar.name {
        _ if bar.failed => theme.error(),
        "first byte" => theme.warning(),
        "download" => theme.good(),
        "before" => theme.dim(),
        _ => theme.key(),
    }
}
