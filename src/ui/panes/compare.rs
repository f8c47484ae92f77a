//! Draws two answers beside each other, in place of the panes: what is known of both, then what differs.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::compare::answer::Outcome;
use crate::app::compare::pane::{ComparePane, Item, inside, is_wide};
use crate::app::compare::report;
use crate::app::model::Model;
use crate::document;
use crate::document::diff::{FieldChange, Outcome as Kind};
use crate::pleo::privacy;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of a name above the list, where values stand below their path.
const NAME: usize = 10;

/// Columns of a mark.
const MARK: usize = 2;

/// Draws the comparison into everything between banner and footer.
pub fn render(model: &Model, pane: &ComparePane, theme: Theme, frame: &mut Frame) {
    let screen = frame.area();
    let area = Rect { y: 1, height: screen.height.saturating_sub(2), ..screen };
    let shape = pane.shape;
    let comparison = &pane.comparison;
    let what = if shape { &comparison.shape } else { &comparison.target };
    let place = match pane.len() {
        0 => Line::default(),
        all => Line::raw(format!(" {} of {all} ", pane.cursor + 1)),
    };
    let word = if shape { "Compare shapes" } else { "Compare" };
    let room = usize::from(area.width).saturating_sub(word.len() + 8 + document::width(&place.to_string()));
    let title = Line::from(vec![
        Span::styled(format!(" {word} "), theme.title(true)),
        Span::raw(format!("{} ", widgets::fit_middle(what, room))),
    ]);
    let area = widgets::screen_frame(frame, area, theme, title, place);
    let head = head(pane, theme, inside(model.size));
    for (row, line) in (0..).zip(&head) {
        widgets::line_at(frame, area, row, line);
    }
    let used = u16::try_from(head.len()).unwrap_or(u16::MAX).min(area.height);
    let list = Rect { y: area.y + used, height: area.height - used, ..area };
    items(pane, model.masked, theme, frame, list);
}

/// The columns of names, of the left and of the right.
fn columns(width: usize) -> [usize; 3] {
    let name = if is_wide(width) { width * 3 / 10 } else { NAME };
    let left = (width - name) / 2;
    [name, left, width - name - left]
}

fn head(pane: &ComparePane, theme: Theme, (width, height): (usize, usize)) -> Vec<Line<'static>> {
    let [name, left, right] = columns(width);
    let sides = &pane.comparison.sides;
    let label = |side: usize, columns: usize| {
        let own = &sides[side];
        let text = widgets::fit(&format!("{} ", own.label), columns);
        let rest = " ".repeat(columns.saturating_sub(document::width(&text)));
        [Span::styled(text, theme.environment(own.environment)), Span::raw(rest)]
    };
    let mut lines = vec![Line::from(
        [Span::raw(" ".repeat(name))].into_iter().chain(label(0, left)).chain(label(1, right)).collect::<Vec<_>>(),
    )];
    for (word, texts) in report::facts(&pane.comparison, pane.found.as_deref()) {
        let style = |side: usize| match (word, sides[side].status()) {
            ("status", Some(status)) => theme.status(status),
            ("status", None) => theme.warning(),
            _ => theme.text(),
        };
        lines.push(Line::from(vec![
            Span::styled(widgets::column(word, name), theme.dim()),
            Span::styled(widgets::column(&texts[0], left), style(0)),
            Span::styled(widgets::column(&texts[1], right), style(1)),
        ]));
    }
    lines.push(state(pane, theme, width));
    lines.extend(pane.remarks((width, height)).into_iter().map(|text| Line::styled(text, theme.dim())));
    lines.push(Line::default());
    lines
}

/// What was found, or what is waited for.
fn state(pane: &ComparePane, theme: Theme, width: usize) -> Line<'static> {
    let labels = pane.comparison.labels();
    let (text, style) = match (&pane.found, &pane.trouble, pane.flight) {
        (Some(found), _, _) => {
            let alike = found.is_same() && !pane.comparison.status_differs();
            (report::summary(found, labels), if alike { theme.good() } else { theme.strong() })
        }
        (None, Some(trouble), _) => (trouble.clone(), theme.error()),
        (None, None, Some((_, side))) => (format!("Waiting for {}… x stops it.", labels[side]), theme.warning()),
        (None, None, None) => ("Comparing… x stops it.".to_owned(), theme.warning()),
    };
    Line::styled(widgets::fit(&text, width), style)
}

fn items(pane: &ComparePane, masked: bool, theme: Theme, frame: &mut Frame, area: Rect) {
    let width = usize::from(area.width);
    if pane.is_empty() && pane.found.as_ref().is_some_and(|found| found.is_same()) {
        let text = match pane.found.as_ref().map(|found| &found.outcome) {
            Some(Outcome::Shape(_)) => "Both have the same fields, of the same types.",
            _ => "Both bodies are the same, but for what is left out above.",
        };
        widgets::line_at(frame, area, 0, &Line::styled(text, theme.dim()));
        return;
    }
    let mut row = 0;
    for (place, item) in (pane.top..).zip(pane.items(pane.top)) {
        if row >= area.height {
            break;
        }
        for line in lines(pane, masked, item, theme, width, place == pane.cursor) {
            widgets::line_at(frame, area, row, &line);
            row += 1;
        }
    }
}

/// An item: one line where there is room for both values beside its path, else a line for each.
fn lines(
    pane: &ComparePane,
    masked: bool,
    item: Item<'_>,
    theme: Theme,
    width: usize,
    here: bool,
) -> Vec<Line<'static>> {
    let (mark, style, word) = named(pane, item, theme);
    let path = |columns: usize| match item {
        Item::Difference(own) if masked => widgets::fit_middle(&privacy::masked(&own.path_text()), columns),
        Item::Difference(own) => own.path_within(columns),
        Item::Field(own) => widgets::fit_middle(&own.path, columns),
        Item::Header(own) => widgets::fit_middle(&own.name, columns),
    };
    let mark = Span::styled(widgets::column(mark, MARK), style);
    let cursor = |line: Line<'static>| if here { line.patch_style(theme.cursor()) } else { line };
    let [left, right] = values(pane, masked, item, width);
    let shown = |value: &Option<String>, columns: usize| match value {
        Some(value) => Span::raw(widgets::column(value, columns)),
        None => Span::styled(widgets::column("not there", columns), theme.dim()),
    };
    if is_wide(width) {
        let [name, one, other] = columns(width);
        return vec![cursor(Line::from(vec![
            mark,
            Span::raw(widgets::column(&path(name - MARK - 2), name - MARK)),
            shown(&left, one.saturating_sub(2)),
            Span::raw("  "),
            shown(&right, other),
        ]))];
    }
    let room = width.saturating_sub(MARK + document::width(&word) + 2);
    let mut lines = vec![cursor(Line::from(vec![
        mark,
        Span::raw(widgets::column(&path(room), room)),
        Span::styled(format!("  {word}"), style),
    ]))];
    let labels = pane.comparison.labels();
    let named = labels.iter().map(|label| document::width(label)).max().unwrap_or(0);
    for (label, value) in labels.into_iter().zip([left, right]) {
        if let Some(value) = value {
            lines.push(Line::from(vec![
                Span::styled(format!("    {}  ", widgets::column(label, named)), theme.dim()),
                Span::raw(widgets::fit(&value, width.saturating_sub(named + 6))),
            ]));
        }
    }
    lines
}

/// Mark, its style, and the word for an item.
fn named(pane: &ComparePane, item: Item<'_>, theme: Theme) -> (&'static str, Style, String) {
    let labels = pane.comparison.labels();
    let (added, removed) = (format!("only in {}", labels[1]), format!("only in {}", labels[0]));
    match item {
        Item::Difference(own) => match own.outcome {
            Kind::Added => ("+", theme.good(), added),
            Kind::Removed => ("-", theme.error(), removed),
            Kind::Changed => ("~", theme.warning(), "changed".to_owned()),
            Kind::TypeChanged => ("!", theme.error(), "other type".to_owned()),
        },
        Item::Field(own) => match own.change() {
            Some(FieldChange::Added) => ("+", theme.good(), added),
            Some(FieldChange::Removed) => ("-", theme.error(), removed),
            Some(FieldChange::Types) => ("!", theme.error(), "other types".to_owned()),
            _ => ("~", theme.warning(), "not always there".to_owned()),
        },
        Item::Header(_) => ("h", theme.dim(), "header".to_owned()),
    }
}

/// What stands on either side.
fn values(pane: &ComparePane, masked: bool, item: Item<'_>, width: usize) -> [Option<String>; 2] {
    // No character takes more bytes than this.
    let most = document_bytes(width);
    match item {
        Item::Difference(own) => {
            let value = |side: usize, value: &Option<document::diff::Side>| {
                let document = &pane.comparison.sides[side].document;
                value.as_ref().map(|value| report::value_text(own, Some(value), document, most))
            };
            [value(0, &own.left), value(1, &own.right)]
                .map(|value| value.map(|value| if masked { privacy::MASK.to_owned() } else { value }))
        }
        Item::Field(own) => [&own.left, &own.right].map(|side| side.as_ref().map(ToString::to_string)),
        Item::Header(own) => [&own.left, &own.right].map(|side| {
            let value = side.as_ref()?;
            Some(if pane.shape || masked { "hidden".to_owned() } else { report::header_value(Some(value)) })
        }),
    }
}

fn document_bytes(columns: usize) -> u64 {
    u64::try_from(columns * 4).unwrap_or(u64::MAX)
}
