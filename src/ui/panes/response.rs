//! Draws pane 5: the answer's title, its view, and the rows below it.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{focused, tree};
use crate::app::event::Head;
use crate::app::layout::{self, Areas};
use crate::app::model::{Model, Pane};
use crate::app::panes::response::{Exchange, ResponsePane, Stage, View};
use crate::document::{self, Document, Kind};
use crate::pleo::preflight::Finding;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Draws the pane.
pub fn render(model: &Model, theme: Theme, frame: &mut Frame, area: Rect) {
    let focus = focused(model, Pane::Response);
    let pane = &model.response;
    let mut title = Line::from(Span::styled(Pane::Response.title(), theme.title(focus)));
    if let Some(exchange) = &pane.exchange {
        let room = usize::from(area.width).saturating_sub(2 + Pane::Response.title().len());
        title.spans.extend(facts(exchange, theme, room));
    }
    widgets::pane_frame(frame, area, theme, focus, title, Line::default());
    let inside = Areas { panes: [area; 5], ..Areas::default() }.inside(Pane::Response);
    let Some(exchange) = &pane.exchange else {
        empty(model, theme, frame, inside);
        return;
    };
    let below = layout::response_rows_below(model).min(inside.height);
    let content = Rect { height: inside.height - below, ..inside };
    let used = notices(exchange, pane.wait(model.now), theme, frame, content);
    let content = Rect { y: content.y + used, height: content.height.saturating_sub(used), ..content };
    match pane.effective_view() {
        View::Headers => headers(pane, exchange, theme, frame, content),
        _ if exchange.document.is_empty() => no_body(model, exchange, theme, frame, content),
        View::Tree => tree::render(pane, &exchange.document, theme, focus, frame, content),
        View::Raw => raw_rows(pane, &exchange.document, theme, frame, content),
    }
    if below > 0 {
        search_row(pane, theme, frame, inside, inside.height - below);
    }
    place(pane, exchange, theme, frame, area);
}

/// Environment, status, reason, time and size, for the title; the reason gives way when there is no room.
fn facts(exchange: &Exchange, theme: Theme, room: usize) -> Vec<Span<'static>> {
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
    let size =
        exchange.head.as_ref().map_or_else(String::new, |_| format!(" {}", widgets::size(exchange.document.len())));
    let rate = if exchange.stage == Stage::Receiving { rate(exchange) } else { String::new() };
    // The fullest of these for which there is room.
    let taken = environment.len() + 1 + exchange.head.as_ref().map_or(0, |_| " 200".len());
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
    if let Some(head) = &exchange.head {
        let used = environment.len() + 6 + stage.len() + document::width(&figures);
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

/// How fast the body arrives.
fn rate(exchange: &Exchange) -> String {
    let millis = u64::try_from(exchange.elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    format!(" {}/s", widgets::size(exchange.document.len().saturating_mul(1000) / millis))
}

fn empty(model: &Model, theme: Theme, frame: &mut Frame, inside: Rect) {
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

/// What is still going on or went wrong, above the body; returns how many rows it took.
fn notices(exchange: &Exchange, wait: Option<Duration>, theme: Theme, frame: &mut Frame, area: Rect) -> u16 {
    let width = usize::from(area.width);
    let (rows, style) = match &exchange.stage {
        Stage::Failed(failure) => {
            (widgets::wrap_within(&failure.sentence, width, usize::from(area.height)), theme.error())
        }
        Stage::Cancelled => {
            let kept = if exchange.document.is_empty() { "Cancelled." } else { "Cancelled: what had arrived is kept." };
            (vec![kept.to_owned()], theme.warning())
        }
        _ => (Vec::new(), theme.text()),
    };
    let explained = explained(exchange, wait, theme, area);
    let malformed = exchange
        .document
        .malformed()
        .filter(|_| exchange.stage == Stage::Done && exchange.head.as_ref().is_none_or(Head::says_json));
    let rows =
        rows.into_iter().map(|row| (row, style)).chain(explained).chain(malformed.into_iter().flat_map(|malformed| {
            let sentence = format!("Not JSON: {}, at byte {}.", malformed.reason, malformed.offset);
            widgets::wrap_within(&sentence, width, 2).into_iter().map(|row| (row, theme.error())).collect::<Vec<_>>()
        }));
    let mut used = 0;
    for (text, style) in rows {
        widgets::line_at(frame, area, used, &Line::styled(text, style));
        used += 1;
    }
    used.min(area.height)
}

/// What probably went wrong, what was looked at, and the next key. The body keeps some rows.
fn explained(exchange: &Exchange, wait: Option<Duration>, theme: Theme, area: Rect) -> Vec<(String, Style)> {
    let Some(explanation) = &exchange.explanation else {
        return Vec::new();
    };
    let width = usize::from(area.width);
    let mut rows = Vec::new();
    let mut add = |text: &str, style: Style, most| {
        rows.extend(widgets::wrap_within(text, width, most).into_iter().map(|row| (row, style)));
    };
    add(&explanation.headline, theme.error(), 3);
    if let Some(left) = wait {
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        let text =
            if seconds < 60 { format!("{seconds} s") } else { format!("{} min {:02} s", seconds / 60, seconds % 60) };
        add(&format!("Wait {text}."), theme.warning(), 1);
    } else if explanation.wait.is_some() {
        add("The wait is over.", theme.good(), 1);
    }
    add(&format!("Next: {}.", explanation.next.join("; ")), theme.strong(), 3);
    add(&format!("Checked: {}.", explanation.checked.join("; ")), theme.dim(), 4);
    let most = usize::from(area.height).saturating_sub(if exchange.document.is_empty() { 0 } else { 3 }).max(2);
    if rows.len() > most {
        rows.truncate(most - 1);
        rows.push(("… z shows all".to_owned(), theme.dim()));
    }
    rows
}

/// What stands in the place of a body that is not there.
fn no_body(model: &Model, exchange: &Exchange, theme: Theme, frame: &mut Frame, area: Rect) {
    let width = usize::from(area.width);
    let wrapped = |text: &str, style| widgets::wrap(text, width).into_iter().map(move |row| Line::styled(row, style));
    let mut lines: Vec<Line<'static>> = Vec::new();
    match (&exchange.stage, &exchange.head) {
        (Stage::Waiting, _) => {
            let request = &exchange.request;
            lines.push(Line::raw(widgets::fit(&format!("{} {}", request.method(), request.url()), width)));
            let text = format!("Waiting for the answer: {}. x cancels.", widgets::elapsed(exchange.elapsed));
            lines.extend(wrapped(&text, theme.warning()));
        }
        (Stage::Done, Some(head)) if head.status == 204 => {
            lines.extend(wrapped("Done; the server sends no body with this status.", theme.dim()));
        }
        (Stage::Done, _) => lines.extend(wrapped("The body is empty.", theme.dim())),
        _ => {}
    }
    if let Some(next) = &model.waiting {
        lines.push(Line::default());
        lines.extend(wrapped("Next, when this one ends:", theme.dim()));
        lines.push(Line::raw(widgets::fit(&format!("{} {}", next.method(), next.url()), width)));
    }
    for (row, line) in lines.iter().enumerate() {
        widgets::line_at(frame, area, u16::try_from(row).unwrap_or(u16::MAX), line);
    }
}

fn raw_rows(pane: &ResponsePane, document: &Document, theme: Theme, frame: &mut Frame, area: Rect) {
    let body = document.body();
    if document.kind() == Kind::Binary {
        widgets::line_at(frame, area, 0, &Line::styled("Not text; shown as far as it can be:", theme.warning()));
    }
    let skip = u16::from(document.kind() == Kind::Binary);
    let rows = document::wrap_forward(
        body,
        pane.raw_top,
        usize::from(area.width),
        usize::from(area.height.saturating_sub(skip)),
    );
    for (row, line) in rows.iter().enumerate() {
        let shown = document::displayable_bytes(&body.read(line.start..line.end));
        let spans = tree::highlight(vec![Span::raw(shown)], &pane.search, line.start..line.end, theme);
        widgets::line_at(frame, area, u16::try_from(row).unwrap_or(u16::MAX).saturating_add(skip), &Line::from(spans));
    }
}

fn headers(pane: &ResponsePane, exchange: &Exchange, theme: Theme, frame: &mut Frame, area: Rect) {
    let request = &exchange.request;
    let pair = |name: &str, value: &str| {
        Line::from(vec![
            Span::styled(format!("{}: ", document::displayable(name)), theme.key()),
            Span::raw(document::displayable(value).into_owned()),
        ])
    };
    let mut lines = vec![Line::styled(format!("> {} {}", request.method(), request.url()), theme.strong())];
    lines.extend(request.authorization_shown().map(|value| pair("authorization", &value)));
    lines.extend(request.headers().iter().map(|(name, value)| pair(&name.to_ascii_lowercase(), value)));
    if !exchange.trace.is_empty() {
        lines.push(Line::default());
        lines.extend(
            exchange.trace.iter().map(|row| Line::styled(document::displayable(row).into_owned(), theme.dim())),
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
        widgets::line_at(frame, area, u16::try_from(row).unwrap_or(u16::MAX), &tree::shift(line, pane.left));
    }
}

fn search_row(pane: &ResponsePane, theme: Theme, frame: &mut Frame, inside: Rect, row: u16) {
    let search = &pane.search;
    let count = match (search.work.is_some(), search.current, search.hits.len()) {
        (_, Some(at), hits) => format!("{} of {hits}{}", at + 1, if search.work.is_some() { "…" } else { "" }),
        (true, None, _) => "searching…".to_owned(),
        (false, None, _) if search.input.text().is_empty() => String::new(),
        (false, None, _) => "no hits".to_owned(),
    };
    let room = usize::from(inside.width).saturating_sub(count.len() + 4);
    let mut line = Line::from(vec![Span::styled("/ ", theme.hint_key())]);
    if search.typing {
        line.spans.extend(widgets::input_line(&search.input, room, theme.text()).spans);
    } else {
        line.spans.push(Span::raw(widgets::fit(search.input.text(), room)));
    }
    widgets::line_at(frame, inside, row, &line);
    let place = Rect { x: inside.right().saturating_sub(u16::try_from(count.chars().count()).unwrap_or(0)), ..inside };
    widgets::line_at(
        frame,
        Rect { width: inside.right().saturating_sub(place.x), ..place },
        row,
        &Line::styled(count, theme.dim()),
    );
}

/// Where the last screen of the raw view begins; not asked of a body that surely has more than one.
fn raw_end(document: &Document, area: Rect) -> Option<u64> {
    let (width, height) = (usize::from(area.width.saturating_sub(2)), usize::from(area.height.saturating_sub(2)));
    let small = document.len() <= (width * height * 4) as u64;
    small.then(|| document::wrap_end(document.body(), width, height))
}

/// Where one is, on the lower border: the cursor's path, the view, and the row.
fn place(pane: &ResponsePane, exchange: &Exchange, theme: Theme, frame: &mut Frame, area: Rect) {
    let document = &exchange.document;
    let view = pane.effective_view();
    let (left, position) = match view {
        View::Tree | View::Raw if document.is_empty() => return,
        View::Tree => (document.path(pane.cursor).jq(), format!(" {} of {}", pane.cursor + 1, document.row_count())),
        View::Raw => {
            let whole = pane.raw_top == 0 && raw_end(document, area) == Some(0);
            let place = format!(" {} %", pane.raw_top * 100 / document.len().max(1));
            (String::new(), if whole { " all".to_owned() } else { place })
        }
        View::Headers => (String::new(), String::new()),
    };
    let moved =
        if pane.left > 0 && view != View::Raw { format!(" from column {}", pane.left + 1) } else { String::new() };
    let right = format!("{}{position}{moved}", view.name());
    let border = Rect { x: area.x + 1, y: area.bottom() - 1, width: area.width.saturating_sub(2), height: 1 };
    let room = usize::from(border.width).saturating_sub(right.len() + 2);
    widgets::line_at(frame, border, 0, &Line::styled(widgets::fit_end(&left, room), theme.dim()));
    let width = u16::try_from(document::width(&right)).unwrap_or(0).min(border.width);
    let corner = Rect { x: border.right() - width, width, ..border };
    widgets::line_at(frame, corner, 0, &Line::styled(right, theme.dim()));
}
