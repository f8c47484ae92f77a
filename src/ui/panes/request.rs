//! Draws pane 4: the final URL, the headers, what preflight found, and a row a field.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{focused, offer};
use crate::app::checking;
use crate::app::layout::Areas;
use crate::app::model::{Model, Pane};
use crate::app::panes::request::{RequestPane, Row};
use crate::document;
use crate::pleo::endpoint::{Param, ParamPlace};
use crate::pleo::preflight::Finding;
use crate::pleo::prepared::authorization_shown;
use crate::pleo::privacy;
use crate::pleo::request::Draft;
use crate::pleo::variables;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of a field's type.
const TYPE: usize = 11;

/// Draws the pane.
pub fn render(model: &Model, theme: Theme, frame: &mut Frame, area: Rect) {
    let focus = focused(model, Pane::Request);
    let mut title = Line::from(Span::styled(Pane::Request.title(), theme.title(focus)));
    let mut right = Line::default();
    if let Some(draft) = &model.request.draft {
        let used = Pane::Request.title().len() + draft.endpoint.method.as_str().len() + "reads".len() + 6;
        let room = usize::from(area.width).saturating_sub(used);
        title.push_span(Span::styled(format!(" {}", draft.endpoint.method), theme.method(draft.endpoint.method)));
        title.push_span(Span::raw(format!(" {}", widgets::fit(&draft.endpoint.path, room))));
        right = Line::styled(if draft.endpoint.writes { "writes" } else { "reads" }, theme.dim());
    }
    widgets::pane_frame(frame, area, theme, focus, title, right);
    let inside = Areas { panes: [area; 5], ..Areas::default() }.inside(Pane::Request);
    let Some(draft) = &model.request.draft else {
        empty(theme, frame, inside);
        return;
    };
    let used = head(model, draft, theme, frame, inside);
    let rest = Rect { y: inside.y + used, height: inside.height.saturating_sub(used), ..inside };
    match &model.request.editor {
        Some(editor) => {
            let width = usize::from(rest.width);
            let findings = model.request.findings_at(Row::Body);
            let mut lines: Vec<Line> = findings.flat_map(|finding| finding_lines(finding, theme, width)).collect();
            let offered = offer::lines(model, width, usize::from(rest.height / 2), theme);
            if !offered.is_empty() {
                lines = offered;
            }
            if checking::is_busy(model) {
                lines.insert(0, Line::styled("    looking at the body …", theme.dim()));
            }
            // What is typed stays in sight, whatever is found wrong with it.
            let below = u16::try_from(lines.len()).unwrap_or(0).min(rest.height / 2);
            let (text, below) = (rest.height - below, rest.height - below..rest.height);
            let text = Rect { height: text, ..rest };
            frame.render_widget(editor.area(), text);
            let numbers = editor.area().lines().len().to_string().len() + 2;
            let numbers = Rect { width: u16::try_from(numbers).unwrap_or(0).min(text.width), ..text };
            frame.buffer_mut().set_style(numbers, theme.dim());
            for (row, line) in below.zip(&lines) {
                widgets::line_at(frame, rest, row, line);
            }
        }
        None => fields(model, draft, theme, frame, rest),
    }
}

fn empty(theme: Theme, frame: &mut Frame, inside: Rect) {
    let lines =
        ["No request yet.", "", "Choose an operation in 3 Endpoints with Enter, or type one of your own with Ctrl-n."];
    let rows = lines.iter().flat_map(|text| widgets::wrap(text, usize::from(inside.width)));
    for (row, text) in rows.enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row).unwrap_or(u16::MAX), &Line::styled(text, theme.dim()));
    }
}

/// URL, headers and general findings; returns how many rows they took.
fn head(model: &Model, draft: &Draft, theme: Theme, frame: &mut Frame, inside: Rect) -> u16 {
    let width = usize::from(inside.width);
    let (values, today) = (variables::shown(model.variables_in(model.environment)), model.today());
    let typed = model.request.as_typed(draft);
    let url = typed.settled_fields(&values, today).url_text(model.environments.of(model.environment));
    // What is typed into a field is shown there, and nowhere else.
    let url = model.credentials.hide(&url);
    // Before it is broken into rows, so that no half of anything is left.
    let url = privacy::veiled(&url, model.masked);
    let refused = model.request.general_findings().any(Finding::refuses);
    let roomy = inside.height >= 12;
    let most_of_url = match inside.height {
        0..=7 => 1,
        // Why it is not sent is told whole before the rest of the URL is.
        8..=11 if refused => 1,
        8..=11 => 2,
        _ => 4,
    };
    // A URL has no spaces to break at; what has no room ends in an ellipsis.
    let mut lines: Vec<Line> = widgets::wrap_within(&url, width, most_of_url)
        .into_iter()
        .map(|row| Line::styled(row, theme.strong()))
        .collect();
    let credential = model.credential_in_force().filter(|_| draft.elsewhere.is_none());
    let authorization = credential.map_or_else(|| "none".to_owned(), authorization_shown);
    lines.push(Line::styled(widgets::fit(&format!("Authorization: {authorization}"), width), theme.dim()));
    let headers: Vec<String> = draft.headers().into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if roomy {
        lines.extend(headers.iter().map(|header| Line::styled(widgets::fit(header, width), theme.dim())));
    } else if most_of_url > 1 {
        lines.push(Line::styled(widgets::fit(&headers.join(" · "), width), theme.dim()));
    }
    for finding in model.request.general_findings() {
        let style = if finding.refuses() { theme.error() } else { theme.warning() };
        let mark = if finding.refuses() { "✗" } else { "!" };
        // A refusal is told whole where it can be; a warning leaves room for the fields.
        let most = if finding.refuses() {
            5
        } else if roomy {
            3
        } else {
            2
        };
        let rows = widgets::wrap_within(&format!("{mark} {}", finding.sentence), width, most);
        lines.extend(rows.into_iter().map(|row| Line::styled(row, style)));
    }
    // However much is found, some fields stay in sight; beside a refusal one of them does.
    let fields = if refused { 1 } else { 3 };
    let most = usize::from(inside.height.saturating_sub(fields).max(inside.height.min(2)));
    lines.truncate(most);
    for (row, line) in lines.iter().enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row).unwrap_or(0), line);
    }
    u16::try_from(lines.len()).unwrap_or(inside.height)
}

fn fields(model: &Model, draft: &Draft, theme: Theme, frame: &mut Frame, area: Rect) {
    let pane = &model.request;
    let rows = pane.rows();
    let width = usize::from(area.width);
    if rows.is_empty() {
        let refused = pane.findings.iter().any(Finding::refuses);
        let text = if refused { "No parameters." } else { "No parameters. Press s to send." };
        widgets::line_at(frame, area, 0, &Line::styled(text, theme.dim()));
        return;
    }
    let names = rows.iter().map(|row| document::width(&name(draft, *row)) + 1).max().unwrap_or(0).clamp(8, width / 3);
    let focus = focused(model, Pane::Request);
    // Each row may be followed by lines of its own, so the scrolling is found by walking back from the cursor.
    let mut blocks: Vec<Vec<Line>> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| block(model, draft, *row, index, names, width, theme, focus))
        .collect();
    let height = usize::from(area.height);
    let mut first = pane.cursor.min(blocks.len() - 1);
    if pane.field.is_some() {
        // Right below what is typed.
        blocks[first].splice(1..1, offer::lines(model, width, height.saturating_sub(1), theme));
    }
    let mut used = blocks[first].len();
    while first > 0 && used + blocks[first - 1].len() <= height {
        first -= 1;
        used += blocks[first].len();
    }
    let lines = blocks.iter().skip(first).flatten().take(height);
    for (place, line) in lines.enumerate() {
        widgets::line_at(frame, area, u16::try_from(place).unwrap_or(u16::MAX), line);
    }
}

fn name(draft: &Draft, row: Row) -> String {
    match row {
        Row::Param(index) => {
            let param = &draft.endpoint.params[index];
            format!("{}{}", param.name, if is_required(param) { "*" } else { "" })
        }
        Row::Extra(index) => draft.extra[index].0.clone(),
        Row::Header(index) => draft.own_headers[index].0.clone(),
        Row::Body => {
            let required = draft.endpoint.body.as_ref().is_some_and(|body| body.required);
            format!("body{}", if required { "*" } else { "" })
        }
    }
}

fn is_required(param: &Param) -> bool {
    param.required || param.place == ParamPlace::Path
}

fn type_name(draft: &Draft, row: Row) -> String {
    match row {
        Row::Param(index) => {
            let param = &draft.endpoint.params[index];
            let place = if param.place == ParamPlace::Path { "/" } else { "" };
            let one = if param.choices.is_empty() { param.value_type.name() } else { "choice" };
            format!("{place}{one}{}", if param.list { "[]" } else { "" })
        }
        Row::Extra(_) => "query".to_owned(),
        Row::Header(_) => "header".to_owned(),
        Row::Body => "JSON".to_owned(),
    }
}

#[expect(clippy::too_many_arguments, reason = "one row of one table; a struct would only rename them")]
fn block(
    model: &Model,
    draft: &Draft,
    row: Row,
    index: usize,
    names: usize,
    width: usize,
    theme: Theme,
    focus: bool,
) -> Vec<Line<'static>> {
    let pane = &model.request;
    let under_cursor = index == pane.cursor;
    let room = width.saturating_sub(names + TYPE + 3);
    let mut line = Line::from(vec![
        Span::raw(if under_cursor && focus { "▸ " } else { "  " }),
        Span::styled(widgets::column(&name(draft, row), names), theme.key()),
        Span::raw(" "),
        Span::styled(widgets::column(&type_name(draft, row), TYPE), theme.dim()),
    ]);
    let value = match row {
        // Its name stands before it anyway.
        Row::Header(index) => Cow::Borrowed(draft.own_headers[index].1.as_str()),
        row => pane.value(row),
    };
    let value = model.credentials.hide(beginning(&value));
    let value = value.as_ref();
    let editing = under_cursor.then_some(pane.field.as_ref()).flatten();
    match editing {
        Some(input) => line.spans.extend(widgets::input_line(input, room, theme.text()).spans),
        None if value.trim().is_empty() => line.spans.push(placeholder(draft, row, room, theme)),
        None => {
            let shown = if row == Row::Body {
                beginning(value).split_whitespace().collect::<Vec<_>>().join(" ")
            } else {
                value.to_owned()
            };
            let shown = match (model.masked, row) {
                // What a body holds cannot be told by one row of it.
                (true, Row::Body) => privacy::MASK.to_owned(),
                (true, _) => privacy::masked(&shown).into_owned(),
                (false, _) => shown,
            };
            line.spans.push(Span::raw(widgets::column(&shown, room)));
        }
    }
    if under_cursor && editing.is_none() {
        line = line.patch_style(if focus { theme.cursor() } else { theme.cursor_elsewhere() });
    }
    let mut lines = vec![line];
    lines.extend(sent_as(model, draft, row, width, theme));
    if editing.is_some() {
        lines.extend(help_of(pane, draft, row, width, theme));
    }
    if let Row::Param(own) = row {
        lines.extend(pairs(draft, own, width, theme));
    }
    if editing.is_none() && (!value.trim().is_empty() || matches!(row, Row::Header(_))) {
        lines.extend(pane.findings_at(row).flat_map(|finding| finding_lines(finding, theme, width)));
    }
    lines
}

/// As much of a long text as one row could show.
fn beginning(text: &str) -> &str {
    const MOST: usize = 4096;
    let end = (0..=MOST.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// What is sent for a date or a variable.
fn sent_as(model: &Model, draft: &Draft, row: Row, width: usize, theme: Theme) -> Option<Line<'static>> {
    let typed = model.request.as_typed(draft);
    let settled = typed.settled_fields(&variables::shown(model.variables_in(model.environment)), model.today());
    let both = |own: &Draft| match row {
        Row::Param(index) => own.values.get(index).cloned(),
        Row::Extra(index) => own.extra.get(index).map(|(_, value)| value.clone()),
        Row::Header(index) => own.own_headers.get(index).map(|(_, value)| value.clone()),
        Row::Body => None,
    };
    let (written, sent) = (both(&typed)?, both(&settled)?);
    if written == sent {
        return None;
    }
    let sent = model.credentials.hide(&sent);
    let sent = privacy::veiled(&sent, model.masked).into_owned();
    Some(Line::styled(widgets::fit(&format!("    → {sent}"), width), theme.dim()))
}

/// The values of a list that go in pairs with another's, as pairs.
fn pairs(draft: &Draft, index: usize, width: usize, theme: Theme) -> Option<Line<'static>> {
    let pairs = draft.pairs_of(index);
    if pairs.len() < 2 {
        return None;
    }
    let told: Vec<String> = pairs.iter().map(|(own, beside)| format!("{own} {beside}")).collect();
    Some(Line::styled(widgets::fit(&format!("    {}", told.join(" · ")), width), theme.dim()))
}

/// What may be typed, while it is typed.
fn help_of(pane: &RequestPane, draft: &Draft, row: Row, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let index = match row {
        Row::Param(index) => index,
        Row::Header(_) => {
            let text = "Name: value is a header, name=value a query parameter";
            return vec![Line::styled(format!("    {}", widgets::fit(text, width.saturating_sub(4))), theme.dim())];
        }
        _ => return Vec::new(),
    };
    let param = &draft.endpoint.params[index];
    let mut parts = Vec::new();
    let choices = pane.choices();
    if !choices.is_empty() && !pane.offer.is_open() {
        parts.push(choices.join(" · "));
    }
    if let (Some(min), Some(max)) = (param.min, param.max) {
        parts.push(format!("{min} to {max}"));
    }
    if let Some(default) = param.default {
        parts.push(format!("default {default}"));
    }
    if param.list {
        parts.push("several: separate them with commas".to_owned());
    }
    if let Some(hint) = &param.hint {
        parts.push(hint.clone());
    }
    let rows = widgets::wrap_within(&parts.join("; "), width.saturating_sub(4), 3);
    rows.into_iter().filter(|row| !row.is_empty()).map(|row| Line::styled(format!("    {row}"), theme.dim())).collect()
}

fn placeholder(draft: &Draft, row: Row, room: usize, theme: Theme) -> Span<'static> {
    match row {
        Row::Param(index) if is_required(&draft.endpoint.params[index]) => {
            Span::styled(widgets::column("required", room), theme.warning())
        }
        Row::Param(index) => {
            let param = &draft.endpoint.params[index];
            let hint = match (&param.hint, param.choices.is_empty()) {
                (_, false) => param.choices.join("|"),
                (Some(hint), true) => hint.clone(),
                (None, true) => String::new(),
            };
            Span::styled(widgets::column(&hint, room), theme.dim())
        }
        Row::Body if draft.endpoint.body.as_ref().is_some_and(|body| body.required) => {
            Span::styled(widgets::column("required: Enter edits", room), theme.warning())
        }
        Row::Body => Span::styled(widgets::column("none: Enter edits", room), theme.dim()),
        Row::Extra(_) | Row::Header(_) => Span::styled(widgets::column("empty", room), theme.dim()),
    }
}

fn finding_lines(finding: &Finding, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let (mark, style) = if finding.refuses() { ("✗", theme.error()) } else { ("!", theme.warning()) };
    let rows = widgets::wrap_within(&finding.sentence, width.saturating_sub(6), 3);
    let marks = std::iter::once(mark).chain(std::iter::repeat(" "));
    rows.iter().zip(marks).map(|(row, mark)| Line::styled(format!("    {mark} {row}"), style)).collect()
}
