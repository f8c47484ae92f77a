//! Draws pane 2: what is held for the environment in force, what can be given, and what is known of the row under the
//! cursor; or the masked field.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{focused, title};
use crate::app::credentials::{Held, Who};
use crate::app::layout::{Areas, credential_list_height};
use crate::app::model::{Model, Pane};
use crate::app::panes::credential::{Row, Typing, rows};
use crate::document;
use crate::pleo::credential::{Credential, CredentialKind, Scheme};
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Most dots that a masked field shows.
const MOST_DOTS: usize = 40;
/// Columns of a credential's name or kind.
const NAME: usize = 19;

/// Draws the pane.
pub fn render(model: &Model, theme: Theme, frame: &mut Frame, area: Rect) {
    let focus = focused(model, Pane::Credential);
    let right = Line::styled(model.environment.name(), theme.dim());
    widgets::pane_frame(frame, area, theme, focus, title(model, theme, Pane::Credential), right);
    let inside = Areas { panes: [area; 5], ..Areas::default() }.inside(Pane::Credential);
    if let Some(typing) = &model.credential.typing {
        field(model, typing, theme, frame, inside);
        return;
    }
    let rows = rows(&model.credentials, model.environment);
    let height = credential_list_height(inside, rows.len(), model.credentials.is_first_run());
    let in_force = model.credentials.held_in_force(model.environment);
    // Without the keys the row that matters is the one in force.
    let chosen = in_force.and_then(|held| rows.iter().position(|row| *row == Row::Held(held.id))).unwrap_or(0);
    let at = if focus { model.credential.cursor.min(rows.len() - 1) } else { chosen };
    let top = (at + 1).saturating_sub(usize::from(height).max(1));
    let width = usize::from(inside.width);
    for (place, (index, row)) in rows.iter().enumerate().skip(top).take(usize::from(height)).enumerate() {
        let mut line = match row {
            Row::Held(id) => match model.credentials.get(*id) {
                Some(held) => held_row(model, held, in_force.is_some_and(|own| own.id == *id), theme, width),
                None => continue,
            },
            Row::Add(kind) => given(&format!("{} none", widgets::column(kind.name(), NAME)), model, *row, theme, width),
            Row::Login => given("Log in with OAuth", model, *row, theme, width),
            Row::Sandbox => given("Try the sandbox", model, *row, theme, width),
        };
        if focus && index == at {
            line = line.patch_style(theme.cursor());
        }
        widgets::line_at(frame, inside, u16::try_from(place).unwrap_or(u16::MAX), &line);
    }
    if focus && inside.height > height + 1 {
        let area = Rect { y: inside.y + height, height: inside.height - height, ..inside };
        widgets::line_at(frame, area, 0, &Line::styled("─".repeat(width), theme.dim()));
        let area = Rect { y: area.y + 1, height: area.height - 1, ..area };
        details(model, rows[at], theme, frame, area);
    }
}

fn held_row(model: &Model, held: &Held, chosen: bool, theme: Theme, width: usize) -> Line<'static> {
    let credential = &held.credential;
    let tail = if credential.tail().is_empty() { String::new() } else { format!("…{}", credential.tail()) };
    let ends = ends(model, held).map_or_else(String::new, |text| format!("  {text}"));
    let mut text = format!(
        "{}{} {} {}",
        if chosen { "● " } else { "○ " },
        widgets::column(&title_of(credential), NAME),
        widgets::column(&tail, 5),
        credential.keeping().word(),
    );
    if document::width(&text) + document::width(&ends) <= width {
        text.push_str(&ends);
    } else {
        // When it ends is worth more than the whole name of its kind; the day stands below.
        let (mark, kind, keeping) =
            (if chosen { "● " } else { "○ " }, short(credential.kind()), credential.keeping().word());
        let ends = ends.trim_start().trim_end_matches(" UTC").to_owned();
        text = format!("{mark}{kind} {tail} {keeping} {ends}");
    }
    Line::styled(widgets::column(&text, width), if chosen { theme.strong() } else { theme.text() })
}

/// The kind, with the name before it where there is one; the kind is seen whole.
fn title_of(credential: &Credential) -> String {
    if credential.name().is_empty() {
        return credential.kind().name().to_owned();
    }
    let kind = short(credential.kind());
    let room = NAME - 3 - kind.len();
    format!("{} · {kind}", widgets::fit(credential.name(), room))
}

/// A kind in few letters.
const fn short(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::OAuthAccessToken => "token",
        CredentialKind::StandaloneApiKey => "API key",
        CredentialKind::IntegratedApiKey => "integr. key",
        CredentialKind::LegacyToken => "legacy",
    }
}

/// A row that gives one more. While none of its kind is held it says so.
fn given(text: &str, model: &Model, row: Row, theme: Theme, width: usize) -> Line<'static> {
    let another = match row {
        Row::Add(kind) => model.credentials.of(model.environment).any(|held| held.credential.kind() == kind),
        _ => false,
    };
    let text = if another { text.replace(" none", " another") } else { text.to_owned() };
    Line::styled(widgets::column(&format!("+ {text}"), width), theme.dim())
}

/// When its token runs out, as a time of day; the calendar is UTC's.
fn ends(model: &Model, held: &Held) -> Option<String> {
    let at = model.began?.checked_add(held.ends?).ok()?;
    if held.ends? <= model.now {
        return Some("expired".to_owned());
    }
    // Beyond today an hour alone would mislead.
    let far = held.ends?.saturating_sub(model.now) > Duration::from_secs(12 * 3600);
    Some(format!("until {}", at.strftime(if far { "%Y-%m-%d %H:%M UTC" } else { "%H:%M UTC" })))
}

fn details(model: &Model, row: Row, theme: Theme, frame: &mut Frame, area: Rect) {
    let width = usize::from(area.width);
    let mut lines: Vec<Line> = Vec::new();
    let mut add =
        |text: &str, style| lines.extend(widgets::wrap(text, width).into_iter().map(|row| Line::styled(row, style)));
    match row {
        Row::Held(id) => {
            let Some(held) = model.credentials.get(id) else {
                return;
            };
            match &held.who {
                Who::Unasked => add("i asks the server who it is and what it may do.", theme.text()),
                Who::Asking(_) => add("Asking the server who it is…", theme.warning()),
                Who::Failed(sentence) => add(sentence, theme.error()),
                Who::Known(identity) => add(&identity.summary(), theme.strong()),
            }
            let kind = held.credential.kind();
            add(&format!("{kind}. {}", held.credential.keeping().sentence()), theme.dim());
            if let Who::Known(identity) = &held.who {
                match &identity.scopes {
                    Some(scopes) if scopes.is_empty() => add("Scopes: none", theme.warning()),
                    Some(scopes) => add(&format!("Scopes: {}", scopes.join(" ")), theme.text()),
                    None => add("Scopes: the server did not tell.", theme.dim()),
                }
                identity.remarks.iter().for_each(|remark| add(remark, theme.dim()));
            }
            held.remarks.iter().for_each(|remark| add(remark, theme.warning()));
            if let Some(ends) = ends(model, held) {
                let renewed =
                    if held.renews { "; it is renewed a minute before" } else { "; it is not renewed by itself" };
                add(&format!("Its token: {ends}{renewed}."), theme.dim());
            }
            if !held.trace.is_empty() {
                add("What the login said:", theme.dim());
                held.trace.iter().for_each(|line| add(line, theme.dim()));
            }
        }
        Row::Add(kind) => add(&explanation(kind), theme.dim()),
        Row::Sandbox => add(
            "An imitation of Pleo within this program: no account, no network, made-up data. `pleoscope --sandbox` leads there too.",
            theme.dim(),
        ),
        Row::Login => add(
            "The authorisation code flow with PKCE (S256) at the authorisation server: the browser asks for consent, the tokens come here and are renewed by themselves. Kept in memory until you quit; K keeps them in the keyring.",
            theme.dim(),
        ),
    }
    let height = usize::from(area.height);
    if lines.len() > height {
        lines.truncate(height.saturating_sub(1));
        lines.push(Line::styled("… z shows all", theme.warning()));
    }
    for (row, line) in lines.iter().enumerate() {
        widgets::line_at(frame, area, u16::try_from(row).unwrap_or(u16::MAX), line);
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

fn field(model: &Model, typing: &Typing, theme: Theme, frame: &mut Frame, inside: Rect) {
    let width = usize::from(inside.width);
    let lines = [
        Line::styled(widgets::fit(typing.kind.name(), width), theme.strong()),
        masked("> ", typing.field.len(), "paste or type it", width, true, theme),
    ];
    for (row, line) in lines.iter().enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row).unwrap_or(0), line);
    }
    let (text, style) = match &model.credential.error {
        Some(error) => (error.clone(), theme.error()),
        None => (format!("Sent as {}. Kept in memory until you quit.", header(typing.kind)), theme.dim()),
    };
    let room = usize::from(inside.height.saturating_sub(2));
    for (row, text) in widgets::wrap_within(&text, width, room).into_iter().enumerate() {
        widgets::line_at(frame, inside, u16::try_from(row + 2).unwrap_or(u16::MAX), &Line::styled(text, style));
    }
}

/// A masked field: dots and a number of characters, nothing of the text.
#[must_use]
pub fn masked(before: &str, length: usize, empty: &str, width: usize, cursor: bool, theme: Theme) -> Line<'static> {
    let dots = "•".repeat(length.min(MOST_DOTS).min(width.saturating_sub(before.len() + 8)));
    let count = if length == 0 { format!(" {empty}") } else { format!(" {length}") };
    Line::from(vec![
        Span::raw(before.to_owned()),
        Span::styled(dots, theme.text()),
        Span::styled(" ", if cursor { theme.cursor() } else { theme.text() }),
        Span::styled(widgets::fit(&count, width.saturating_sub(before.len() + 1)), theme.dim()),
    ])
}
