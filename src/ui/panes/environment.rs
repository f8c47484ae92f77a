//! Draws pane 1: both environments, the one in force marked.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{focused, title};
use crate::app::layout::Areas;
use crate::app::model::{Model, Pane};
use crate::pleo::environment::Environment;
use crate::pleo::request::origin_text;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Draws the pane.
pub fn render(model: &Model, theme: Theme, frame: &mut Frame, area: Rect) {
    let focus = focused(model, Pane::Environment);
    widgets::pane_frame(frame, area, theme, focus, title(model, theme, Pane::Environment), Line::default());
    let inside = Areas { panes: [area; 5], ..Areas::default() }.inside(Pane::Environment);
    let width = usize::from(inside.width);
    // Where a scheme has no room both hosts must still be readable; plain http is worth its seven columns.
    let widest = Environment::ALL.map(|environment| {
        2 + environment.name().len() + 1 + origin_text(&model.environments.of(environment).api).len()
    });
    let bare = widest.into_iter().any(|needed| needed > width);
    // In a single row stands what matters: where the cursor is, or else what is in force.
    let only = if focus { model.environment_cursor } else { model.environment };
    let shown = Environment::ALL.into_iter().filter(|environment| inside.height > 1 || *environment == only);
    for (row, environment) in shown.enumerate() {
        let in_force = environment == model.environment;
        let name = match environment {
            Environment::Staging => "Staging",
            Environment::Production => "Production",
        };
        let hosts = model.environments.of(environment);
        let url = origin_text(&hosts.api);
        let room = width.saturating_sub(2 + name.len() + 1);
        let url = if bare { url.strip_prefix("https://").unwrap_or(url) } else { url };
        let style = if in_force { theme.strong() } else { theme.text() };
        let mut line = Line::from(vec![
            Span::styled(if in_force { "● " } else { "○ " }, style),
            Span::styled(name, style),
            Span::raw(" "),
            Span::styled(widgets::column(url, room), if in_force { theme.text() } else { theme.dim() }),
        ]);
        if focus && environment == model.environment_cursor {
            line = line.style(theme.cursor());
        }
        widgets::line_at(frame, inside, u16::try_from(row).unwrap_or(0), &line);
    }
    if inside.height > 6 {
        let mut row = 3;
        for environment in Environment::ALL {
            let hosts = model.environments.of(environment);
            for (what, url) in
                [("External API", &hosts.api), ("Authorisation", &hosts.auth), ("Legacy API", &hosts.legacy)]
            {
                let text = format!("{:<11} {what:<14} {}", environment.name(), origin_text(url));
                widgets::line_at(frame, inside, row, &Line::styled(widgets::fit(&text, width), theme.dim()));
                row += 1;
            }
        }
    }
}
