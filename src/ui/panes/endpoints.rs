//! Draws pane 3: the catalogue's list, its filter, and what is known of the operation under the cursor.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{focused, title};
use crate::app::layout::{Areas, detail_height};
use crate::app::model::{Model, Pane};
use crate::app::panes::endpoints::{Row, heading};
use crate::document;
use crate::pleo::catalogue::Catalogue;
use crate::pleo::endpoint::{Endpoint, ParamPlace};
use crate::pleo::identity::{Access, Identity, certainty};
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// From this width on the purpose stands beside the path.
const WIDE: usize = 90;
/// Columns of the path where the purpose stands beside it.
const PATH: usize = 54;

/// Columns of a row that are not the path: a blank, the method, and the marks.
const BESIDE_PATH: usize = 1 + 7 + 4;

/// Draws the pane.
pub fn render(model: &Model, theme: Theme, frame: &mut Frame, area: Rect) {
    let focus = focused(model, Pane::Endpoints);
    let pane = &model.endpoints;
    let identity = model.credentials.held_in_force(model.environment).and_then(crate::app::credentials::Held::identity);
    let operations = pane.rows.iter().filter(|row| matches!(row, Row::Operation(_))).count();
    let right = Line::styled(format!("{operations} of {}", Catalogue::current().endpoints().len()), theme.dim());
    widgets::pane_frame(frame, area, theme, focus, title(model, theme, Pane::Endpoints), right);
    let inside = Areas { panes: [area; 5], ..Areas::default() }.inside(Pane::Endpoints);
    let detail = detail_height(inside);
    let mut list = Rect { height: inside.height - detail, ..inside };
    if pane.shows_filter() {
        let width = usize::from(list.width).saturating_sub(2);
        let mut line = Line::from(vec![Span::styled("/ ", theme.hint_key())]);
        if pane.typing {
            line.spans.extend(widgets::input_line(&pane.filter, width, theme.text()).spans);
        } else {
            line.spans.push(Span::raw(widgets::fit(pane.filter.text(), width)));
        }
        widgets::line_at(frame, list, 0, &line);
        list = Rect { y: list.y + 1, height: list.height.saturating_sub(1), ..list };
    }
    if pane.rows.is_empty() {
        widgets::line_at(frame, list, 0, &Line::styled("Nothing fits. Esc shows all,", theme.dim()));
        widgets::line_at(frame, list, 1, &Line::styled("Ctrl-n types a free request.", theme.dim()));
    }
    let rows = pane.rows.iter().enumerate().skip(pane.top).take(usize::from(list.height));
    for (place, (index, row)) in rows.enumerate() {
        let line = match row {
            Row::Group(at) => Line::styled(
                widgets::fit(&heading(&Catalogue::current().endpoints()[*at]), usize::from(list.width)),
                theme.strong(),
            ),
            Row::Operation(at) => {
                let endpoint = &Catalogue::current().endpoints()[*at];
                // Where there is room it is told that nothing is known, too.
                let roomy = usize::from(list.width) >= ROOMY;
                let access = identity.map(|identity| identity.access(endpoint)).or(roomy.then_some(Access::Unknown));
                let line = operation(endpoint, access, theme, usize::from(list.width));
                match (index == pane.cursor, focus) {
                    (true, true) => line.patch_style(theme.cursor()),
                    (true, false) => line.patch_style(theme.cursor_elsewhere()),
                    (false, _) => line,
                }
            }
        };
        widgets::line_at(frame, list, u16::try_from(place).unwrap_or(u16::MAX), &line);
    }
    if detail > 0 {
        let area =
            Rect { y: inside.y + list.height + (inside.height - detail - list.height), height: detail, ..inside };
        let area = Rect { y: inside.bottom() - detail, ..area };
        details(pane.selected(), identity, theme, frame, area);
    }
}

/// From this width on every row says whether the credential has the scope, also while that is unknown.
const ROOMY: usize = 40;

/// Columns that tell whether the credential has the scope: a mark and a word.
fn access_columns(width: usize) -> usize {
    if width < ROOMY { 7 } else { 10 }
}

fn access_span(access: Access, theme: Theme, width: usize) -> Span<'static> {
    let style = match access {
        Access::Has => theme.good(),
        Access::Lacks => theme.error(),
        Access::Unknown => theme.dim(),
    };
    let text = if width < ROOMY {
        let word = if access == Access::Unknown { "unkn." } else { access.word() };
        format!(" {}{word:<5}", access.mark())
    } else {
        format!(" {} {:<7}", access.mark(), access.word())
    };
    Span::styled(text, style)
}

fn operation(endpoint: &Endpoint, access: Option<Access>, theme: Theme, width: usize) -> Line<'static> {
    // What was imported is marked where it is not more telling that it is on its way out.
    let last = if endpoint.deprecated { 'D' } else { 'I' };
    let marks =
        [(endpoint.writes, 'W'), (endpoint.paging.is_some(), 'P'), (endpoint.deprecated || endpoint.imported, last)];
    let marks: String = marks.into_iter().map(|(holds, mark)| if holds { mark } else { ' ' }).collect();
    let room = width.saturating_sub(BESIDE_PATH + access.map_or(0, |_| access_columns(width)));
    let mut spans =
        vec![Span::raw(" "), Span::styled(format!("{:<7}", endpoint.method), theme.method(endpoint.method))];
    if width >= WIDE {
        spans.push(Span::raw(widgets::column(&endpoint.path, PATH)));
        spans.push(Span::styled(widgets::column(&endpoint.purpose, room.saturating_sub(PATH)), theme.dim()));
    } else {
        spans.push(Span::raw(widgets::column(&widgets::fit_middle(&endpoint.path, room), room)));
    }
    spans.push(Span::styled(format!(" {marks}"), if endpoint.writes { theme.warning() } else { theme.dim() }));
    spans.extend(access.map(|access| access_span(access, theme, width)));
    Line::from(spans)
}

fn details(endpoint: Option<&Endpoint>, identity: Option<&Identity>, theme: Theme, frame: &mut Frame, area: Rect) {
    let width = usize::from(area.width);
    widgets::line_at(frame, area, 0, &Line::styled("─".repeat(width), theme.dim()));
    let Some(endpoint) = endpoint else {
        return;
    };
    let mut lines: Vec<Line> = Vec::new();
    let mut add = |text: &str, style, most| {
        lines.extend(widgets::wrap_within(text, width, most).into_iter().map(|row| Line::styled(row, style)));
    };
    // The list may have had no room for the whole path.
    let cut = document::width(&endpoint.path) > width.saturating_sub(BESIDE_PATH);
    let kinds_style = if endpoint.writes { theme.warning() } else { theme.dim() };
    if area.height < 8 {
        // In a small area everything gets a row of its own, however short.
        if cut {
            add(&widgets::fit_middle(&endpoint.path, width), theme.strong(), 1);
        }
        add(&widgets::fit(&endpoint.purpose, width), theme.text(), 1);
        add(&widgets::fit(&format!("{} · {}", scopes(endpoint, identity), kinds(endpoint)), width), kinds_style, 1);
        add(&widgets::fit(&parameters(endpoint), width), theme.dim(), 1);
    } else {
        if cut {
            add(&endpoint.path, theme.strong(), 2);
        }
        add(&endpoint.purpose, theme.text(), 2);
        add(&kinds(endpoint), kinds_style, 1);
        add(&scopes(endpoint, identity), theme.dim(), 2);
        add(&parameters(endpoint), theme.dim(), 4);
    }
    for (text, style) in [(&endpoint.danger, theme.warning()), (&endpoint.note, theme.dim())] {
        if let Some(text) = text {
            add(text, style, 3);
        }
    }
    for (row, line) in lines.iter().enumerate() {
        widgets::line_at(frame, area, u16::try_from(row + 1).unwrap_or(u16::MAX), line);
    }
}

fn kinds(endpoint: &Endpoint) -> String {
    let mut words = vec![if endpoint.writes { "W changes data" } else { "reads" }];
    if endpoint.paging.is_some() {
        words.push("P pages");
    }
    if endpoint.deprecated {
        words.push("D deprecated");
    }
    if endpoint.imported {
        words.push("I imported");
    }
    if endpoint.unlisted {
        words.push("not in the public reference");
    }
    words.join(" · ")
}

fn scopes(endpoint: &Endpoint, identity: Option<&Identity>) -> String {
    let certainty = certainty(endpoint.scope_source);
    let access = identity.map_or(Access::Unknown, |identity| identity.access(endpoint));
    let held = format!(" {} {}", access.mark(), access.word());
    if endpoint.scopes.is_empty() {
        "scope: none documented".to_owned()
    } else {
        format!("scope:{held} {}{certainty}", endpoint.scopes.join(" "))
    }
}

fn parameters(endpoint: &Endpoint) -> String {
    let names: Vec<String> = endpoint
        .params
        .iter()
        .map(|param| {
            let star = if param.required || param.place == ParamPlace::Path { "*" } else { "" };
            format!("{}{star}", param.name)
        })
        .chain(endpoint.body.as_ref().map(|body| format!("body{}", if body.required { "*" } else { "" })))
        .collect();
    if names.is_empty() { "parameters: none".to_owned() } else { format!("parameters: {}", names.join(", ")) }
}
