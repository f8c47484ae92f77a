//! Draws pane 5: the answer's title, its view, and the rows below it.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::cell::Manner;
use super::{bytes, fields, focused, timing, tree};
use crate::app::conform;
use crate::app::layout::{self, Areas};
use crate::app::model::{Model, Pane};
use crate::app::notices::{self, Tone};
use crate::app::panes::response::moving::gutter;
use crate::app::panes::response::table::Table;
use crate::app::panes::response::{Exchange, Past, ResponsePane, Stage, View};
use crate::document::{self, Body};
use crate::pleo::history::age;
use crate::pleo::preflight::Finding;
use crate::pleo::prepared::Prepared;
use crate::pleo::privacy;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Draws the pane.
pub fn render(model: &Model, theme: Theme, frame: &mut Frame, area: Rect) {
    let focus = focused(model, Pane::Response);
    let pane = &model.response;
    let mut title = Line::from(Span::styled(Pane::Response.title(), theme.title(focus)));
    if let Some(exchange) = &pane.exchange {
        let room = usize::from(area.width).saturating_sub(2 + Pane::Response.title().len());
        title.spans.extend(facts(exchange, time(model), theme, room));
    }
    widgets::pane_frame(frame, area, theme, focus, title, Line::default());
    let inside = Areas { panes: [area; 5], ..Areas::default() }.inside(Pane::Response);
    let Some(exchange) = &pane.exchange else {
        empty(model, theme, frame, inside);
        return;
    };
    let below = layout::response_rows_below(model).min(inside.height);
    let content = Rect { height: inside.height - below, ..inside };
    let notices = notices::rows(model, usize::from(content.width), usize::from(content.height));
    for (row, (tone, text)) in (0..).zip(&notices) {
        widgets::line_at(frame, content, row, &Line::styled(text.clone(), tone_style(*tone, theme)));
    }
    let used = u16::try_from(notices.len()).unwrap_or(u16::MAX).min(content.height);
    let content = Rect { y: content.y + used, height: content.height - used, ..content };
    if let Some(document) = pane.document() {
        match pane.view() {
            View::Headers => headers(model, exchange, theme, frame, content),
            View::Timing => timing::render(pane, exchange, time(model), theme, frame, content),
            _ if exchange.document.is_empty() => no_body(model, exchange, theme, frame, content),
            _ if document.row_count() == 0 && pane.filter.answered => nothing_left(pane, theme, frame, content),
            View::Table => table(model, theme, focus, frame, content),
            View::Tree if pane.record.is_some() => {
                let (above, own) = layout::beside(content);
                table(model, theme, false, frame, above);
                divide(above, own, theme, frame);
                tree::render(pane, document, time(model), model.masked, theme, focus, frame, own);
            }
            View::Tree => tree::render(pane, document, time(model), model.masked, theme, focus, frame, content),
            View::Raw | View::Hex if model.masked => masked(theme, frame, content),
            View::Raw => bytes::raw(pane, document, theme, frame, content),
            View::Hex => bytes::hex(pane, document, theme, frame, content),
        }
    }
    if below > 0 {
        fields::render(pane, model.now, theme, frame, inside, inside.height - below);
    }
    place(pane, theme, frame, area);
}

pub(super) fn tone_style(tone: Tone, theme: Theme) -> Style {
    match tone {
        Tone::Error => theme.error(),
        Tone::Warning => theme.warning(),
        Tone::Good => theme.good(),
        Tone::Strong => theme.strong(),
        Tone::Dim => theme.dim(),
    }
}

/// What stands in the place of bytes while personal data is masked: what of them is personal cannot be told.
fn masked(theme: Theme, frame: &mut Frame, area: Rect) {
    let text = "Personal data is masked, and in bytes as sent it cannot be told apart. p shows them; v goes on to another view.";
    for (row, text) in (0..).zip(widgets::wrap(text, usize::from(area.width))) {
        widgets::line_at(frame, area, row, &Line::styled(text, theme.dim()));
    }
}

fn table(model: &Model, theme: Theme, focus: bool, frame: &mut Frame, area: Rect) {
    let pane = &model.response;
    if let (Some(document), Some(exchange), false) = (pane.listed(), &pane.exchange, area.is_empty()) {
        let none = HashMap::new();
        let names = model.names.get(&exchange.environment()).unwrap_or(&none);
        let zone = model.zone.as_ref().filter(|_| model.local_times);
        let known = pane.filter.result.is_none();
        let manner = Manner { zone, masked: model.masked, known, names };
        let gap = pane.gap();
        super::table::render(pane.table(), gap.as_deref(), document.body(), manner, theme, focus, frame, area);
    }
}

/// The line between a table and the record beside it.
fn divide(table: Rect, record: Rect, theme: Theme, frame: &mut Frame) {
    if record.x > table.x {
        for row in 0..table.height {
            let place = Rect { x: record.x - 1, width: 1, ..table };
            widgets::line_at(frame, place, row, &Line::styled("│", theme.border(false)));
        }
    } else if record.y > table.y {
        let place = Rect { y: record.y - 1, height: 1, ..table };
        widgets::line_at(frame, place, 0, &Line::styled("─".repeat(usize::from(table.width)), theme.border(false)));
    }
}

/// The time of day, as far as the run knows it.
fn time(model: &Model) -> Option<Timestamp> {
    model.began?.checked_add(SignedDuration::try_from(model.now).ok()?).ok()
}

/// What stands in the place of a result that is empty.
fn nothing_left(pane: &ResponsePane, theme: Theme, frame: &mut Frame, area: Rect) {
    let text = if pane.filter.work.is_some() {
        "Nothing yet."
    } else {
        "The filter leaves nothing of the body. Esc goes back to the whole."
    };
    for (row, text) in (0..).zip(widgets::wrap(text, usize::from(area.width))) {
        widgets::line_at(frame, area, row, &Line::styled(text, theme.dim()));
    }
}

/// Environment, status, reason, time and size, for the title; the reason gives way when there is no room.
fn facts(exchange: &Exchange, now: Option<Timestamp>, theme: Theme, room: usize) -> Vec<Span<'static>> {
    let (stage, style) = match (&exchange.stage, exchange.head.is_some()) {
        (Stage::Waiting, _) => (" waiting", theme.warning()),
        (Stage::Receiving, _) => (" receiving", theme.warning()),
        (Stage::Failed(_), true) => (" broken off", theme.error()),
        (Stage::Failed(_), false) => (" failed", theme.error()),
        (Stage::Cancelled, _) => (" cancelled", theme.warning()),
        (Stage::Done, _) => ("", theme.text()),
    };
    // What another host answered is no answer of the environment.
    let environment = if exchange.request.is_elsewhere() { "ELSEWHERE" } else { exchange.environment().banner() };
    let elapsed = format!(" {}", widgets::elapsed(exchange.elapsed));
    // What was not kept had its size all the same.
    let length = exchange.past.and_then(|past| past.unkept).unwrap_or_else(|| exchange.document.len());
    let size = exchange.head.as_ref().map_or_else(String::new, |_| format!(" {}", widgets::size(length)));
    let rate = if exchange.stage == Stage::Receiving { rate(exchange) } else { String::new() };
    // The fullest of these for which there is room.
    let ago = |past: Past| now.map_or_else(String::new, |now| format!(" {}", age(past.at, now)));
    let old = exchange.past.map_or_else(String::new, |past| format!(" OLD{}", ago(past)));
    let taken = environment.len() + old.len() + 1 + exchange.head.as_ref().map_or(0, |_| " 200".len());
    let (stage, figures) = [
        (stage, format!("{elapsed}{size}{rate}")),
        (stage, format!("{size}{rate}")),
        (stage, if size.is_empty() { elapsed } else { size.clone() }),
        if exchange.stage == Stage::Receiving { ("", format!("{size}…")) } else { (stage, String::new()) },
    ]
    .into_iter()
    .find(|(stage, figures)| taken + stage.len() + document::width(figures) <= room)
    .unwrap_or_default();
    let mut spans = vec![Span::raw(" "), Span::styled(environment, theme.environment(exchange.environment()))];
    spans.extend((!old.is_empty()).then(|| Span::styled(old.clone(), theme.warning())));
    if let Some(head) = &exchange.head {
        let used = environment.len() + old.len() + 6 + stage.len() + document::width(&figures);
        let left = room.saturating_sub(used);
        // Two or three letters of a reason tell nobody anything.
        let readable = left >= 6 || document::width(&head.reason) <= left;
        let reason = if readable { widgets::fit(&head.reason, left) } else { String::new() };
        spans.push(Span::styled(format!(" {} {reason}", head.status).trim_end().to_owned(), theme.status(head.status)));
    }
    spans.push(Span::styled(stage, style));
    spans.push(Span::raw(figures));
    spans
}

/// How fast the body arrives, since its first byte; nothing before there is a time to tell it by.
fn rate(exchange: &Exchange) -> String {
    // What was measured when the head came is told once.
    let since = exchange.elapsed.saturating_sub(exchange.timing.total);
    if since.as_millis() < 50 {
        return String::new();
    }
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    format!(" {}/s", widgets::size(exchange.document.len().saturating_mul(1000) / millis))
}

fn empty(model: &Model, theme: Theme, frame: &mut Frame, inside: Rect) {
    if model.credentials.is_first_run() && model.request.draft.is_none() {
        return welcome(model, theme, frame, inside);
    }
    let refused = model.request.findings.iter().any(Finding::refuses);
    let next = if model.request.draft.is_some() && refused {
        "Correct what 4 Request marks with ✗, then press s."
    } else if model.request.draft.is_some() {
        "Press s to send the request."
    } else {
        "Choose an operation in 3 Endpoints, then press s."
    };
    let rows = ["No answer yet.", "", next].into_iter().flat_map(|text| widgets::wrap(text, usize::from(inside.width)));
    for (row, text) in rows.enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row).unwrap_or(u16::MAX), &Line::styled(text, theme.dim()));
    }
}

/// The first screen of a first run: where one is, and the three ways on.
fn welcome(model: &Model, theme: Theme, frame: &mut Frame, inside: Rect) {
    let here = format!("{} is in force, and there is no credential yet.", model.environment.banner());
    let texts = [
        ("Welcome to pleoscope.", theme.strong()),
        (here.as_str(), theme.text()),
        ("", theme.text()),
        ("Three ways on, with Enter in 2 Credential:", theme.text()),
        ("+ Try the sandbox: no account, no network", theme.good()),
        ("+ API key or token: paste it", theme.good()),
        ("+ Log in with OAuth", theme.good()),
    ];
    let width = usize::from(inside.width);
    let rows = texts.iter().flat_map(|(text, style)| widgets::wrap(text, width).into_iter().map(|row| (row, *style)));
    for (row, (text, style)) in (0..inside.height).zip(rows) {
        widgets::line_at(frame, inside, row, &Line::styled(text, style));
    }
}

/// What stands in the place of a body that is not there.
fn no_body(model: &Model, exchange: &Exchange, theme: Theme, frame: &mut Frame, area: Rect) {
    let width = usize::from(area.width);
    let wrapped = |text: &str, style| widgets::wrap(text, width).into_iter().map(move |row| Line::styled(row, style));
    let url = |request: &Prepared| {
        let url = privacy::veiled(request.url().as_str(), model.masked);
        Line::raw(widgets::fit(&format!("{} {url}", request.method()), width))
    };
    let mut lines: Vec<Line<'static>> = Vec::new();
    match &exchange.stage {
        Stage::Waiting => {
            let request = &exchange.request;
            lines.push(url(request));
            let text = format!("Waiting for the answer: {}. x cancels.", widgets::elapsed(exchange.elapsed));
            lines.extend(wrapped(&text, theme.warning()));
        }
        _ => lines.extend(notices::no_body(exchange).iter().flat_map(|text| wrapped(text, theme.dim()))),
    }
    if let Some(next) = &model.waiting {
        lines.push(Line::default());
        lines.extend(wrapped("Next, when this one ends:", theme.dim()));
        lines.push(url(next));
    }
    for (row, line) in lines.iter().enumerate() {
        widgets::line_at(frame, area, u16::try_from(row).unwrap_or(u16::MAX), line);
    }
}

fn headers(model: &Model, exchange: &Exchange, theme: Theme, frame: &mut Frame, area: Rect) {
    let (request, pane) = (&exchange.request, &model.response);
    let pair = |name: &str, value: &str| {
        Line::from(vec![
            Span::styled(format!("{}: ", document::displayable(name)), theme.key()),
            Span::raw(privacy::veiled(&document::displayable(value), model.masked).into_owned()),
        ])
    };
    let asked = privacy::veiled(request.url().as_str(), model.masked);
    let mut lines = vec![Line::styled(format!("> {} {asked}", request.method()), theme.strong())];
    lines.extend(request.authorization_shown().map(|value| pair("authorization", &value)));
    lines.extend(request.headers().iter().map(|(name, value)| pair(&name.to_ascii_lowercase(), value)));
    if !exchange.trace.is_empty() {
        lines.push(Line::default());
        lines.extend(
            exchange.trace.iter().map(|row| Line::styled(document::displayable(row).into_owned(), theme.dim())),
        );
    }
    if !pane.pages.log.is_empty() {
        lines.push(Line::default());
        lines.extend(
            pane.pages.log.iter().map(|row| Line::styled(document::displayable(row).into_owned(), theme.dim())),
        );
    }
    lines.push(Line::default());
    if let Some(head) = &exchange.head {
        let status = format!("< {} {} {}", head.version, head.status, document::displayable(&head.reason));
        lines.push(Line::styled(status, theme.status(head.status)));
        lines.extend(head.headers.iter().map(|(name, value)| pair(name, &String::from_utf8_lossy(value))));
    }
    let top = pane.headers_top.min(lines.len());
    for (row, line) in lines.into_iter().skip(top).take(usize::from(area.height)).enumerate() {
        widgets::line_at(frame, area, u16::try_from(row).unwrap_or(u16::MAX), &tree::shift(line, pane.place.left));
    }
}

/// Where one is, on the lower border: the cursor's path, the view, and the row.
fn place(pane: &ResponsePane, theme: Theme, frame: &mut Frame, area: Rect) {
    let Some(document) = pane.document() else {
        return;
    };
    let (view, own, body) = (pane.view(), &pane.place, document.body());
    let more = if pane.place.folding.is_some() { " folding…" } else { "" };
    let (left, position) = match view {
        View::Headers | View::Timing => (String::new(), String::new()),
        _ if document.is_empty() => return,
        View::Tree => {
            let path = pane.path(own.cursor);
            // Where there are several documents, a path alone is one of each of them.
            let number = if document.documents() > 1 { format!("{}:", path.document) } else { String::new() };
            let path = number + &pane.path_form.write(&path);
            (path, format!(" {} of {}{more}", own.cursor + 1, document.row_count()))
        }
        View::Table => {
            let table = &own.table;
            (table.current_column().unwrap_or_default(), table_position(table))
        }
        View::Raw => (String::new(), format!(" line {} of {}", body.line_at(own.raw_top) + 1, body.lines().max(1))),
        View::Hex => (String::new(), format!(" byte {} of {}", own.hex_top, document.len())),
    };
    let share = if view == View::Raw {
        format!(" {} %", seen(pane, body, area) * 100 / document.len().max(1))
    } else {
        String::new()
    };
    let moved = if own.left > 0 { format!(" from column {}", own.left + 1) } else { String::new() };
    let unlike = conform::mark(pane).map(|(short, whole)| if area.width < 60 { short } else { whole });
    let unlike = unlike.filter(|_| !matches!(view, View::Headers | View::Timing)).unwrap_or_default();
    let right = format!("{}{position}{share}{moved}", view.name());
    let border = Rect { x: area.x + 1, y: area.bottom() - 1, width: area.width.saturating_sub(2), height: 1 };
    let marked = if unlike.is_empty() { 0 } else { document::width(&unlike) + 1 };
    let room = usize::from(border.width).saturating_sub(document::width(&right) + 2 + marked);
    widgets::line_at(frame, border, 0, &Line::styled(widgets::fit_end(&left, room), theme.dim()));
    let width = u16::try_from(document::width(&right)).unwrap_or(0).min(border.width);
    let corner = Rect { x: border.right() - width, width, ..border };
    widgets::line_at(frame, corner, 0, &Line::styled(right, theme.dim()));
    // The border shows between the two.
    let marked = u16::try_from(marked).unwrap_or(0).min(corner.x.saturating_sub(border.x));
    let beside = Rect { x: corner.x - marked, width: marked.saturating_sub(1), ..border };
    widgets::line_at(frame, beside, 0, &Line::styled(unlike, theme.warning()));
}

/// Which row of how many one is at, and of how many records where not all are shown.
fn table_position(table: &Table) -> String {
    let (rows, records) = (table.rows(), table.records());
    let at = if rows == 0 { 0 } else { table.cursor + 1 };
    let of = if rows == records { String::new() } else { format!(", {} in all", widgets::count(records)) };
    let busy = match (&table.arranging, table.reading) {
        (Some(_), _) => " arranging…",
        (None, Some(_)) => " reading…",
        _ => "",
    };
    format!(" {} of {}{of}{busy}", widgets::count(at), widgets::count(rows))
}

/// How many bytes of a body stand on the screen of the raw view or above it.
fn seen(pane: &ResponsePane, body: &Body, area: Rect) -> u64 {
    let (width, rows) = (usize::from(area.width.saturating_sub(2)), usize::from(area.height.saturating_sub(2)));
    let top = pane.place.raw_top;
    if pane.unwrapped {
        return body.line_start(body.line_at(top) + rows as u64);
    }
    let lines = document::wrap_forward(body, top, width.saturating_sub(gutter(body, width)), rows);
    lines.last().map_or(top, |line| line.next)
}
