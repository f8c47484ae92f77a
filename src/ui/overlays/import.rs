//! Draws what a curl command means, before anything of it is taken.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::app::importing::Importing;
use crate::app::model::Model;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of the box.
const WIDTH: u16 = 78;

/// Columns of a name.
const NAME: usize = 11;

/// Draws the box.
pub fn render(model: &Model, importing: &Importing, theme: Theme, frame: &mut Frame) {
    let own = &importing.own;
    let room = usize::from(WIDTH.min(frame.area().width)).saturating_sub(NAME + 5);
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
    let other = own.environment != model.environment;
    pair("environment", own.environment.banner(), theme.environment(own.environment), 1);
    if other {
        let text = format!("{} is in force now: taking this switches.", model.environment.banner());
        pair("", &text, theme.warning(), 2);
    }
    let method = own.draft.endpoint.method;
    pair("request", method.as_str(), theme.method(method), 1);
    let url = own.draft.url_text(model.environments.of(own.environment));
    pair("URL", &url, theme.strong(), 4);
    let names: Vec<&str> = own.draft.own_headers.iter().map(|(name, _)| name.as_str()).collect();
    if !names.is_empty() {
        pair("headers", &names.join(", "), theme.text(), 2);
    }
    let body = match (own.draft.body.len(), &own.file) {
        (0, Some(_)) => "in a file".to_owned(),
        (0, None) => "none".to_owned(),
        (bytes, _) => widgets::size(bytes as u64),
    };
    pair("body", &body, theme.text(), 1);
    let label =
        own.credential.as_ref().map_or_else(|| "none in it".to_owned(), crate::pleo::credential::Credential::label);
    pair("credential", &label, theme.text(), 2);
    for (row, remark) in own.remarks.iter().enumerate() {
        pair(if row == 0 { "note" } else { "" }, remark, theme.warning(), 3);
    }
    lines.push(Line::default());
    let asked = match &own.credential {
        None => "Enter prepares it and sends nothing. Esc takes nothing.".to_owned(),
        Some(_) => format!(
            "Enter prepares it, the credential in memory for this run, for {} only. K keeps the credential in the keyring too, D drops it. Nothing is sent. Esc takes nothing.",
            own.environment
        ),
    };
    let width = usize::from(WIDTH.min(frame.area().width)).saturating_sub(4);
    let below = widgets::wrap(&asked, width);
    // However small the screen, what is asked stays in sight.
    let space = usize::from(frame.area().height).saturating_sub(below.len() + 4);
    lines.truncate(space);
    lines.extend(below.into_iter().map(|row| Line::styled(format!(" {row}"), theme.warning())));
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let inside = widgets::overlay_frame(frame, theme, WIDTH, height, "Import a curl command");
    for (row, line) in lines.iter().enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row).unwrap_or(u16::MAX), line);
    }
}
