//! Draws the last look at a write to production: everything that would leave.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::app::model::{Model, Review};
use crate::pleo::identity::{Identity, certainty};
use crate::pleo::prepared::Prepared;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of a name.
const NAME: usize = 13;

/// Bytes of a body that are shown; wrapping more would take longer than a frame may.
const MOST_OF_BODY: usize = 16 * 1024;

/// Draws the sheet.
pub fn render(model: &Model, review: &Review, theme: Theme, frame: &mut Frame) {
    let screen = frame.area();
    let width = screen.width.saturating_sub(4).min(100);
    let room = usize::from(width).saturating_sub(NAME + 4);
    let request = &review.request;
    let endpoint = request.endpoint();
    let identity = request.credential().and_then(|used| model.credentials.find(used)).and_then(|held| held.identity());
    let company = company(request, identity);
    let scope = match endpoint.scopes.as_slice() {
        [] => "none documented".to_owned(),
        scopes => format!("{}{}", scopes.join(" "), certainty(endpoint.scope_source)),
    };
    let mut lines: Vec<Line> = Vec::new();
    let mut pair = |name: &str, value: &str, style, most| {
        for (row, text) in widgets::wrap_within(value, room, most).into_iter().enumerate() {
            let name = if row == 0 { name } else { "" };
            lines.push(Line::from(vec![
                Span::styled(format!(" {} ", widgets::column(name, NAME)), theme.dim()),
                Span::styled(text, style),
            ]));
        }
    };
    pair("environment", request.environment().banner(), theme.environment(request.environment()), 1);
    pair("company", company.as_deref().unwrap_or("not known"), theme.text(), 2);
    pair("operation", &endpoint.purpose, theme.text(), 2);
    pair("method", request.method().as_str(), theme.method(request.method()), 1);
    pair("URL", request.url().as_str(), theme.strong(), 200);
    pair("credential", &request.authorization_shown().unwrap_or_else(|| "none".to_owned()), theme.text(), 2);
    pair("scope", &scope, theme.text(), 2);
    if let Some(danger) = &endpoint.danger {
        pair("danger", danger, theme.error(), 3);
    }
    for warning in &review.warnings {
        pair("warning", warning, theme.warning(), 3);
    }
    for (row, text) in body_rows(request.body(), room).into_iter().enumerate() {
        let name = if row == 0 { "body" } else { "" };
        lines.push(Line::from(vec![
            Span::styled(format!(" {} ", widgets::column(name, NAME)), theme.dim()),
            Span::raw(text),
        ]));
    }
    let locked = model.guard.permits(request.environment(), endpoint, model.now).is_err();
    let mut asked = vec![match &review.word {
        _ if locked => Line::styled(" Production is read-only again: Enter sends nothing.", theme.error()),
        Some(word) => {
            let before = format!(" Type \"{word}\", then Enter: ");
            let left = usize::from(width).saturating_sub(before.len() + 3);
            let mut line = Line::from(Span::styled(before, theme.warning()));
            line.spans.extend(widgets::input_line(&review.asked.input, left, theme.strong()).spans);
            line
        }
        None if model.now < review.ready => Line::styled(" Look at it first. Esc sends nothing.", theme.dim()),
        None => Line::styled(" Enter sends it. Esc sends nothing.", theme.warning()),
    }];
    asked.extend(review.asked.error.iter().map(|error| Line::styled(format!(" {error}"), theme.error())));
    let height = u16::try_from(lines.len() + asked.len() + 3).unwrap_or(u16::MAX);
    let inside = widgets::overlay_frame(frame, theme, width, height, "Write to PRODUCTION");
    // However small the screen, what is asked stays in sight, and what has no room is told and can be scrolled to.
    let rows = usize::from(inside.height).saturating_sub(asked.len() + 1);
    let top = review.top.min(lines.len().saturating_sub(rows));
    let hidden = lines.len().saturating_sub(top + rows);
    let more = match (hidden, top) {
        (0, 0) => String::new(),
        (0, _) => " ↑ shows the beginning".to_owned(),
        (hidden, _) => format!(" ↓ shows {hidden} more rows"),
    };
    let shown = lines.into_iter().skip(top).take(rows);
    for (row, line) in shown.chain([Line::styled(more, theme.warning())]).chain(asked).enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row).unwrap_or(u16::MAX), &line);
    }
}

/// The body's lines, wrapped; of a very long one its beginning.
fn body_rows(body: Option<&str>, room: usize) -> Vec<String> {
    let Some(body) = body else {
        return vec!["none".to_owned()];
    };
    let end = (0..=MOST_OF_BODY.min(body.len())).rev().find(|at| body.is_char_boundary(*at)).unwrap_or(0);
    let mut rows: Vec<String> = body[..end].lines().flat_map(|line| widgets::wrap(line, room)).collect();
    if end < body.len() {
        rows.push(format!("… and {} more", widgets::size((body.len() - end) as u64)));
    }
    rows
}

/// The company that the request names, by its name where that is known; else the reach of the credential.
fn company(request: &Prepared, identity: Option<&Identity>) -> Option<String> {
    let in_query = request.url().query_pairs().find(|(name, _)| matches!(&**name, "company_id" | "companyId"));
    let in_body = || {
        let body: serde_json::Value = serde_json::from_str(request.body()?).ok()?;
        body.get("companyId")?.as_str().map(str::to_owned)
    };
    let named = in_query.map(|(_, id)| id.into_owned()).or_else(in_body);
    let reach = identity.and_then(Identity::reach);
    let companies = identity.map_or(&[][..], |identity| identity.companies.as_slice());
    match named {
        None => reach,
        Some(id) if id.is_empty() => {
            Some(reach.map_or_else(|| "none given".to_owned(), |reach| format!("none given ({reach})")))
        }
        Some(id) => Some(match companies.iter().find(|company| company.id == id) {
            Some(company) => format!("{} ({id})", company.name),
            None if companies.is_empty() => id,
            None => format!("{id}, which is none of the {} in reach", companies.len()),
        }),
    }
}
