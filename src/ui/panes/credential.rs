//! Draws pane 2: the kinds, what is held of each, and the masked field.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{focused, title};
use crate::app::layout::Areas;
use crate::app::model::{Model, Pane};
use crate::pleo::credential::{CredentialKind, Scheme};
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Most dots that a masked field shows.
const MOST_DOTS: usize = 40;

/// Draws the pane.
pub fn render(model: &Model, theme: Theme, frame: &mut Frame, area: Rect) {
    let focus = focused(model, Pane::Credential);
    let right = Line::styled(model.environment.name(), theme.dim());
    widgets::pane_frame(frame, area, theme, focus, title(model, theme, Pane::Credential), right);
    let inside = Areas { panes: [area; 5], ..Areas::default() }.inside(Pane::Credential);
    if model.credential.typing.is_some() {
        field(model, theme, frame, inside);
        return;
    }
    let width = usize::from(inside.width);
    let in_force = model.credential_in_force().map(crate::pleo::credential::Credential::kind);
    // In a single row stands what matters: where the cursor is, or else what is in force.
    let only = if focus { model.credential.kind() } else { in_force.unwrap_or_else(|| model.credential.kind()) };
    let shown = CredentialKind::ALL.into_iter().filter(|kind| inside.height > 1 || *kind == only);
    for (row, kind) in shown.enumerate() {
        let held = model.credentials.get(model.environment, kind);
        let chosen = in_force == Some(kind);
        let mark = if chosen {
            "● "
        } else if held.is_some() {
            "○ "
        } else {
            "  "
        };
        let state = held.map_or_else(
            || "none".to_owned(),
            |credential| credential.label().strip_prefix(kind.name()).unwrap_or_default().trim().to_owned(),
        );
        let style = if chosen { theme.strong() } else { theme.text() };
        let state_style = if held.is_some() { style } else { theme.dim() };
        let mut line = Line::from(vec![
            Span::styled(mark, style),
            Span::styled(format!("{:<20}", kind.name()), style),
            Span::styled(widgets::column(&state, width.saturating_sub(22)), state_style),
        ]);
        if focus && kind == model.credential.kind() {
            line = line.style(theme.cursor());
        }
        widgets::line_at(frame, inside, u16::try_from(row).unwrap_or(0), &line);
    }
    if inside.height > 5 {
        let kind = model.credential.kind();
        for (row, text) in widgets::wrap(&explanation(kind), width).into_iter().enumerate() {
            let row = u16::try_from(row + 5).unwrap_or(u16::MAX);
            widgets::line_at(frame, inside, row, &Line::styled(text, theme.dim()));
        }
    }
}

/// Which header a kind is sent in.
const fn header(kind: CredentialKind) -> &'static str {
    match kind.scheme() {
        Scheme::Bearer => "Authorization: Bearer <token>",
        Scheme::Basic => "Authorization: Basic <key:>",
    }
}

fn explanation(kind: CredentialKind) -> String {
    let what = match kind {
        CredentialKind::OAuthAccessToken => "From the OAuth 2.0 flow of a partner integration; for the External API.",
        CredentialKind::StandaloneApiKey => {
            "Made in the web app by an admin, where enabled; the key is the user name, the password is empty; for the External API."
        }
        CredentialKind::IntegratedApiKey => {
            "Handed out with an approved integration; the key is the user name, the password is empty; for the External API."
        }
        CredentialKind::LegacyToken => "For the legacy API only (openapi.pleo.io), which is deprecated.",
    };
    format!("Sent as {}. {what} Kept in memory until you quit.", header(kind))
}

fn field(model: &Model, theme: Theme, frame: &mut Frame, inside: Rect) {
    let Some(typed) = &model.credential.typing else {
        return;
    };
    let width = usize::from(inside.width);
    let kind = model.credential.kind();
    let dots = "•".repeat(typed.len().min(MOST_DOTS).min(width.saturating_sub(8)));
    let count = if typed.is_empty() { " paste or type it".to_owned() } else { format!(" {}", typed.len()) };
    let lines = [
        Line::styled(widgets::fit(kind.name(), width), theme.strong()),
        Line::from(vec![
            Span::raw("> "),
            Span::styled(dots, theme.text()),
            Span::styled(" ", theme.cursor()),
            Span::styled(count, theme.dim()),
        ]),
    ];
    for (row, line) in lines.iter().enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row).unwrap_or(0), line);
    }
    let (text, style) = match &model.credential.error {
        Some(error) => (error.clone(), theme.error()),
        None => (format!("{} Kept in memory until you quit.", header(kind)), theme.dim()),
    };
    let room = usize::from(inside.height.saturating_sub(2));
    for (row, text) in widgets::wrap_within(&text, width, room).into_iter().enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row + 2).unwrap_or(u16::MAX), &Line::styled(text, style));
    }
}
