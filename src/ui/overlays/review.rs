//! Draws the last look at a write to production: everything that would leave.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::app::model::{Model, Review};
use crate::document;
use crate::pleo::identity::{Identity, certainty};
use crate::pleo::prepared::Prepared;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of a name.
const NAME: usize = 13;

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
    pair("company", company.as_deref().unwrap_or("not known: Esc, then i asks"), theme.text(), 2);
    pair("operation", &endpoint.purpose, theme.text(), 2);
    pair("method", request.method().as_str(), theme.method(request.method()), 1);
    pair("URL", request.url().as_str(), theme.strong(), 4);
    pair("credential", &request.authorization_shown().unwrap_or_else(|| "none".to_owned()), theme.text(), 2);
    pair("scope", &scope, theme.text(), 2);
    if let Some(danger) = &endpoint.danger {
        pair("danger", danger, theme.error(), 3);
    }
    let tail = 3 + usize::from(review.word.is_some()) + usize::from(review.asked.error.is_some());
    let most = usize::from(screen.height).saturating_sub(4 + lines.len() + tail).max(1);
    let body = body_rows(request.body(), room, most);
    for (row, text) in body.into_iter().enumerate() {
        let name = if row == 0 { "body" } else { "" };
        lines.push(Line::from(vec![
            Span::styled(format!(" {} ", widgets::column(name, NAME)), theme.dim()),
            Span::raw(text),
        ]));
    }
    lines.push(Line::default());
    match &review.word {
        Some(word) => {
            let before = format!(" Type \"{word}\", then Enter sends it: ");
            let used = before.len();
            let mut line = Line::from(Span::styled(before, theme.warning()));
            let left = usize::from(width).saturating_sub(used + 3);
            line.spans.extend(widgets::input_line(&review.asked.input, left, theme.strong()).spans);
            lines.push(line);
        }
        None => lines.push(Line::styled(" Enter sends it. Esc sends nothing.", theme.warning())),
    }
    if let Some(error) = &review.asked.error {
        lines.push(Line::styled(format!(" {error}"), theme.error()));
    }
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let inside = widgets::overlay_frame(frame, theme, width, height, "Write to PRODUCTION");
    // However small the screen, what is asked stays in sight.
    let over = lines.len().saturating_sub(usize::from(inside.height));
    let (head, asked) = lines.split_at(lines.len() - tail.min(lines.len()));
    let head = &head[..head.len().saturating_sub(over)];
    for (row, line) in head.iter().chain(asked).enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row).unwrap_or(u16::MAX), line);
    }
}

/// The company that the request names, by its name where that is known; else the reach of the credential.
fn company(request: &Prepared, identity: Option<&Identity>) -> Option<String> {
    let in_query = request.url().query_pairs().find(|(name, _)| matches!(&**name, "company_id" | "companyId"));
    let in_body = || {
        let body: serde_json::Value = serde_json::from_str(request.body()?).ok()?;
        body.get("companyId")?.as_str().map(str::to_owned)
    };
    let Some(id) = in_query.map(|(_, id)| id.into_owned()).or_else(in_body) else {
        return identity.and_then(Identity::reach);
    };
    let known = identity.and_then(|identity| identity.companies.iter().find(|company| company.id == id));
    Some(known.map_or_else(|| id.clone(), |company| format!("{} ({id})", company.name)))
}

/// The body's lines; what has no room is counted.
fn body_rows(body: Option<&str>, room: usize, most: usize) -> Vec<String> {
    let Some(body) = body else {
        return vec!["none".to_owned()];
    };
    let all: Vec<&str> = body.lines().collect();
    let shown = if all.len() > most { most.saturating_sub(1) } else { all.len() };
    let mut rows: Vec<String> = all
        .iter()
        .take(shown)
        .map(|line| document::truncate(&document::displayable(line), room).into_owned())
        .collect();
    if shown < all.len() {
        rows.push(format!("… {} more lines, {} bytes in all", all.len() - shown, body.len()));
    }
    rows
}
