//! Draws the history in place of the panes: the field, then a line an exchange, newest first.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::history::pane::{ABOVE, Asking, HistoryPane};
use crate::app::model::Model;
use crate::document;
use crate::pleo::environment::Environment;
use crate::pleo::history::{Entry, Setting};
use crate::pleo::privacy;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns inside from which on the environment's whole word has room.
const WIDE: usize = 100;

/// Draws the history into everything between banner and footer.
pub fn render(model: &Model, pane: &HistoryPane, theme: Theme, frame: &mut Frame) {
    let screen = frame.area();
    let area = Rect { y: 1, height: screen.height.saturating_sub(2), ..screen };
    let setting = model.setting(model.environment);
    let scope = match (pane.everywhere, setting) {
        (true, _) => "all environments".to_owned(),
        (false, Setting::Pleo) => model.environment.banner().to_owned(),
        (false, setting) => format!("{} {setting}", model.environment.banner()),
    };
    let more = if pane.more.1 { "+" } else { "" };
    let place = match pane.entries.len() {
        0 => String::new(),
        all if pane.more.0 => format!(" {} from the oldest ", all - pane.cursor),
        all => format!(" {} of {}{more} ", pane.cursor + 1, widgets::count(all as u64)),
    };
    let title = Line::from(vec![Span::styled(" History ", theme.title(true)), Span::raw(format!("{scope} "))]);
    let inside = widgets::screen_frame(frame, area, theme, title, Line::raw(place));
    field(pane, theme, frame, inside);
    let above = u16::try_from(ABOVE).unwrap_or(2).min(inside.height);
    let list = Rect { y: inside.y + above, height: inside.height - above, ..inside };
    if pane.entries.is_empty() {
        empty(model, pane, theme, frame, list);
    } else {
        entries(model, pane, theme, frame, list);
    }
}

/// The field of what is looked for, or the question that is asked, and what is wrong with it.
fn field(pane: &HistoryPane, theme: Theme, frame: &mut Frame, area: Rect) {
    let room = usize::from(area.width);
    let asked = |label: &str, input| {
        let mut line = Line::from(Span::styled(format!("{label} "), theme.strong()));
        line.spans.extend(widgets::input_line(input, room.saturating_sub(label.len() + 1), theme.text()).spans);
        line
    };
    let (line, below) = match &pane.asking {
        Some(Asking::Query) => (asked("/", &pane.input), pane.wrong.clone()),
        Some(Asking::Name(_, input)) => (asked("Name:", input), None),
        Some(Asking::Clear(input, error)) => {
            let of = if pane.everywhere { "everything" } else { "all of this environment" };
            (asked(&format!("Remove {of} that is not pinned? Type clear:"), input), error.clone())
        }
        None if pane.input.text().is_empty() => {
            let hint = "/ looks for words, status:4xx, env:production, method:POST, since:2d, pinned, !not";
            (Line::styled(widgets::fit(hint, room), theme.dim()), None)
        }
        None => (Line::raw(widgets::fit(&format!("/ {}", pane.input.text()), room)), pane.wrong.clone()),
    };
    widgets::line_at(frame, area, 0, &line);
    if let Some(text) = below {
        widgets::line_at(frame, area, 1, &Line::styled(widgets::fit(&text, room), theme.error()));
    }
}

/// What stands in the place of a list that is empty.
fn empty(model: &Model, pane: &HistoryPane, theme: Theme, frame: &mut Frame, area: Rect) {
    let (text, style) = if let Some(trouble) = &pane.trouble {
        (trouble.clone(), theme.error())
    } else if pane.listing.is_some() {
        ("Reading…".to_owned(), theme.dim())
    } else if !pane.query.terms.is_empty() {
        let more = if pane.everywhere { "" } else { " a looks in all environments." };
        (format!("Nothing fits. Esc ends the search.{more}"), theme.dim())
    } else if pane.everywhere {
        ("Nothing is kept yet: every request that is sent is. Esc goes back, s sends one.".to_owned(), theme.dim())
    } else {
        (format!("Nothing of {} is kept yet. a shows all environments.", model.environment.banner()), theme.dim())
    };
    for (row, text) in (0..).zip(widgets::wrap(&text, usize::from(area.width))) {
        widgets::line_at(frame, area, row, &Line::styled(text, style));
    }
}

fn entries(model: &Model, pane: &HistoryPane, theme: Theme, frame: &mut Frame, area: Rect) {
    let shown = || pane.entries.iter().skip(pane.top).take(usize::from(area.height));
    let wide = usize::from(area.width) >= WIDE;
    let now = model.timestamp();
    let cells: Vec<[String; 4]> = shown().map(|entry| cells(entry, now, wide)).collect();
    let widths: Vec<usize> =
        (0..4).map(|column| cells.iter().map(|row| document::width(&row[column])).max().unwrap_or(0)).collect();
    for (row, (entry, cells)) in (0..).zip(shown().zip(&cells)) {
        let right = |column: usize| {
            let space = widths[column].saturating_sub(document::width(&cells[column]));
            format!("{}{} ", " ".repeat(space), cells[column])
        };
        let mut spans = vec![
            Span::styled(if entry.pinned { "● " } else { "  " }, theme.warning()),
            Span::styled(right(0), theme.dim()),
        ];
        if pane.everywhere {
            let text = &cells[1];
            spans.push(Span::styled(text.clone(), theme.environment(entry.environment)));
            spans.push(Span::raw(" ".repeat(widths[1].saturating_sub(document::width(text)) + 1)));
        }
        let style = match entry.status {
            Some(status) if entry.whole => theme.status(status),
            Some(_) => theme.warning(),
            None => theme.error(),
        };
        spans.push(Span::styled(format!("{:<4} ", entry.outcome()), style));
        spans.push(Span::styled(format!("{:<6} ", entry.method), theme.method(entry.method)));
        let after = format!(" {}{}", right(2), right(3)).strip_suffix(' ').unwrap_or_default().to_owned();
        let used: usize = spans.iter().map(|span| document::width(&span.content)).sum();
        let room = usize::from(area.width).saturating_sub(used + document::width(&after));
        let name = entry.name.as_ref().map(|name| widgets::fit(&format!("{name} "), (room / 2).max(1)));
        let left = room.saturating_sub(name.as_ref().map_or(0, |name| document::width(name)));
        spans.extend(name.map(|name| Span::styled(name, theme.strong())));
        let target = widgets::fit_middle(&privacy::veiled(&entry.target, model.masked), left);
        let space = " ".repeat(left.saturating_sub(document::width(&target)));
        spans.push(Span::raw(format!("{target}{space}")));
        spans.push(Span::styled(after, theme.dim()));
        let line = Line::from(spans);
        let line = if pane.top + usize::from(row) == pane.cursor { line.patch_style(theme.cursor()) } else { line };
        widgets::line_at(frame, area, row, &line);
    }
}

/// Age, environment, time and size of an entry.
fn cells(entry: &Entry, now: Option<Timestamp>, wide: bool) -> [String; 4] {
    let environment = match (wide, entry.environment) {
        (true, own) => own.banner(),
        (false, Environment::Staging) => "STAG",
        (false, Environment::Production) => "PROD",
    };
    let imitation = match entry.setting {
        Setting::Pleo => String::new(),
        setting => format!(" {setting}"),
    };
    [
        now.map_or_else(|| entry.at.strftime("%H:%M").to_string(), |now| entry.age(now)),
        format!("{environment}{imitation}"),
        widgets::elapsed(entry.took),
        entry.size.map_or_else(String::new, widgets::size),
    ]
}
