//! Draws the list of saved requests in place of the panes: the field, a line a request, and what there is to be said of the one
//! under the cursor.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::saved::pane::{ABOVE, Asking, BELOW, SavedPane};
use crate::document;
use crate::pleo::endpoint::Surface;
use crate::pleo::saved::{Entry, Place};
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns inside from which on descriptions have their share.
const WIDE: usize = 100;

/// Fewest columns that a description is worth.
const LEAST: usize = 20;

/// Draws the list into everything between banner and footer.
pub fn render(pane: &SavedPane, theme: Theme, frame: &mut Frame) {
    let screen = frame.area();
    let area = Rect { y: 1, height: screen.height.saturating_sub(2), ..screen };
    let all = pane.listing.as_ref().map_or(0, |listing| listing.entries.len());
    let place = match pane.matches.len() {
        0 => String::new(),
        fit if fit == all => format!(" {} of {all} ", pane.cursor + 1),
        fit => format!(" {} of {fit}, {all} in all ", pane.cursor + 1),
    };
    let title = Line::from(Span::styled(" Saved requests ", theme.title(true)));
    let inside = widgets::screen_frame(frame, area, theme, title, Line::raw(place));
    field(pane, theme, frame, inside);
    let above = rows(ABOVE).min(inside.height);
    let below = rows(BELOW).min(inside.height - above);
    let list = Rect { y: inside.y + above, height: inside.height - above - below, ..inside };
    if pane.matches.is_empty() {
        empty(pane, theme, frame, Rect { height: inside.height - above, ..list });
        return;
    }
    entries(pane, theme, frame, list);
    detail(pane, theme, frame, Rect { y: list.bottom() + 1, height: below.saturating_sub(1), ..list });
}

fn rows(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// The field of what is looked for, or what is asked, and what is wrong with it.
fn field(pane: &SavedPane, theme: Theme, frame: &mut Frame, area: Rect) {
    let room = usize::from(area.width);
    let asked = |label: &str, input| {
        let mut line = Line::from(Span::styled(format!("{label} "), theme.strong()));
        line.spans.extend(widgets::input_line(input, room.saturating_sub(label.len() + 1), theme.text()).spans);
        line
    };
    let (line, below) = match &pane.asking {
        Some(Asking::Filter) => (asked("/", &pane.input), None),
        Some(Asking::Name(_, own, _)) => (asked("New name:", &own.input), own.error.as_deref()),
        Some(Asking::Remove(key)) => {
            let text = format!("Remove {key} for good? Enter removes its file, Esc leaves it.");
            (Line::styled(widgets::fit(&text, room), theme.warning()), None)
        }
        None if pane.input.text().is_empty() => {
            let hint = "/ looks in names, paths and descriptions; Enter takes one to 4 Request";
            (Line::styled(widgets::fit(hint, room), theme.dim()), None)
        }
        None => (Line::raw(widgets::fit(&format!("/ {}", pane.input.text()), room)), None),
    };
    widgets::line_at(frame, area, 0, &line);
    if let Some(text) = below {
        widgets::line_at(frame, area, 1, &Line::styled(widgets::fit(text, room), theme.error()));
    }
}

/// What stands in the place of a list that is empty.
fn empty(pane: &SavedPane, theme: Theme, frame: &mut Frame, area: Rect) {
    let width = usize::from(area.width);
    let mut said: Vec<(String, _)> = Vec::new();
    match (&pane.trouble, &pane.listing) {
        (Some(trouble), _) => said.push((trouble.clone(), theme.error())),
        (None, None) => said.push(("Reading…".to_owned(), theme.dim())),
        (None, Some(listing)) if !listing.entries.is_empty() => {
            said.push(("Nothing fits. Esc ends the search.".to_owned(), theme.dim()));
        }
        (None, Some(listing)) => {
            let text = "Nothing is saved yet. Esc goes back; o in 4 Request saves the request that stands there, and Enter here brings it back.";
            said.push((text.to_owned(), theme.dim()));
            said.push((String::new(), theme.dim()));
            said.extend(listing.folders.iter().map(|(place, folder)| {
                let whose = if *place == Place::Own { "Yours lie in" } else { "Those of this repository lie in" };
                (format!("{whose} {folder}."), theme.dim())
            }));
            said.extend(listing.remarks.iter().map(|remark| (remark.clone(), theme.warning())));
        }
    }
    let lines = said.into_iter().flat_map(|(text, style)| {
        let rows = if text.is_empty() { vec![String::new()] } else { widgets::wrap(&text, width) };
        rows.into_iter().map(move |row| Line::styled(row, style))
    });
    for (row, line) in (0..).zip(lines) {
        widgets::line_at(frame, area, row, &line);
    }
}

fn entries(pane: &SavedPane, theme: Theme, frame: &mut Frame, area: Rect) {
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    let shown = || (pane.top..pane.matches.len()).take(height).filter_map(|row| Some((row, pane.entry(row)?)));
    let names = shown().map(|(_, entry)| document::width(&entry.key.to_string())).max().unwrap_or(0);
    let names = names.min(if width >= WIDE { width / 3 } else { width * 2 / 5 });
    let paths =
        shown().filter_map(|(_, entry)| Some(document::width(&entry.own.as_ref().ok()?.path))).max().unwrap_or(0);
    // Its method, and the spaces between.
    let left = width.saturating_sub(names + 11);
    let paths = paths.min(if width >= WIDE { left * 3 / 5 } else { left });
    // Where descriptions have no room, they stand below alone.
    let paths = if left - paths < LEAST { left } else { paths };
    for (line_number, (row, entry)) in (0..).zip(shown()) {
        let mut spans = name(entry, names, theme);
        match &entry.own {
            Ok(own) => {
                spans.push(Span::styled(format!("{:<6} ", own.method), theme.method(own.method)));
                let path = widgets::fit_middle(&own.path, paths);
                let space = " ".repeat(paths.saturating_sub(document::width(&path)) + 2);
                spans.push(Span::raw(format!("{path}{space}")));
                let about = own.description.lines().next().unwrap_or_default();
                spans.push(Span::styled(widgets::fit(about, left.saturating_sub(paths)), theme.dim()));
            }
            Err(reason) => {
                spans.push(Span::styled(widgets::fit(&format!("✗ {reason}"), left + 9), theme.error()));
            }
        }
        let line = Line::from(spans);
        let line = if row == pane.cursor { line.patch_style(theme.cursor()) } else { line };
        widgets::line_at(frame, area, line_number, &line);
    }
}

/// The name in its columns, the folders before it in less of a colour. What is cut is the beginning.
fn name(entry: &Entry, columns: usize, theme: Theme) -> Vec<Span<'static>> {
    let whole = entry.key.to_string();
    let (before, last) = whole.rfind('/').map_or(("", whole.as_str()), |at| whole.split_at(at + 1));
    let shown = widgets::fit_end(&whole, columns);
    let space = " ".repeat(columns.saturating_sub(document::width(&shown)) + 2);
    let (folders, name) = match shown.strip_suffix(last) {
        Some(folders) if !before.is_empty() => (folders.to_owned(), last.to_owned()),
        _ => (String::new(), shown.clone()),
    };
    vec![Span::styled(folders, theme.dim()), Span::raw(format!("{name}{space}"))]
}

/// What there is to be said of the one under the cursor.
fn detail(pane: &SavedPane, theme: Theme, frame: &mut Frame, area: Rect) {
    let Some((entry, listing)) = pane.current().zip(pane.listing.as_ref()) else {
        return;
    };
    let width = usize::from(area.width);
    let folder = listing.folders.get(&entry.key.place).map_or("", String::as_str);
    let whose = match entry.key.place {
        Place::Own => "Yours",
        Place::Repository => "Of the repository",
    };
    let file = format!("{whose}: {folder}/{}.toml", entry.key.name.as_str());
    let mut lines: Vec<Line> = Vec::new();
    match &entry.own {
        Ok(own) => {
            let mut said = vec![widgets::fit(&own.description.replace('\n', " "), width)];
            let mut facts = Vec::new();
            if own.surface == Surface::Legacy {
                facts.push("Of the legacy API.".to_owned());
            }
            if own.free {
                facts.push("Not in the catalogue: it is taken as a free request.".to_owned());
            }
            if !own.variables.is_empty() {
                facts.push(format!("Variables: {}.", own.variables.join(", ")));
            }
            said.push(widgets::fit(&facts.join(" "), width));
            lines.extend(said.into_iter().filter(|text| !text.is_empty()).map(Line::raw));
        }
        Err(reason) => {
            let rows = widgets::wrap(reason, width);
            lines.extend(rows.into_iter().take(2).map(|row| Line::styled(row, theme.error())));
        }
    }
    // A remark is about all of them.
    let remark = listing.remarks.first().map(|remark| Line::styled(widgets::fit(remark, width), theme.warning()));
    lines.truncate(usize::from(area.height).saturating_sub(1 + usize::from(remark.is_some())));
    lines.extend(remark);
    lines.push(Line::styled(widgets::fit_end(&file, width), theme.dim()));
    let space = rows(usize::from(area.height).saturating_sub(lines.len()));
    for (row, line) in (space..).zip(&lines) {
        widgets::line_at(frame, area, row, line);
    }
}
