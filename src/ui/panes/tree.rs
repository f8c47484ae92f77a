//! Draws the rows of the JSON tree: only those on the screen are read, and of a long string only its beginning.

use std::ops::Range;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::hint::{self, Meaning};
use crate::app::panes::response::{ResponsePane, SearchState};
use crate::document::{self, Document, Finder, Row, RowKind};
use crate::pleo::privacy;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Columns of one level of depth.
const INDENT: usize = 2;
/// Deepest indentation drawn; deeper rows say their depth instead.
const DEEPEST: usize = 24;

/// Names around a value that are looked at for whether it is personal.
const AROUND: usize = 2;

/// Bytes of an object that are looked at for that.
const AROUND_MOST: u64 = 64 * 1024;

/// Whether a string is personal by the names that lead to it. In what a filter made names may be others than Pleo's, and no
/// answer of Pleo's is very deep: there every string may be.
fn is_personal(pane: &ResponsePane, document: &Document, row: &Row) -> bool {
    if pane.filter.result.is_some() || row.depth > DEEPEST {
        return true;
    }
    let mut names = Vec::new();
    let mut at = Some(row.clone());
    while let Some(own) = at.filter(|_| names.len() < AROUND) {
        if let Some(key) = own.key.clone() {
            names.push(document::decode_string(&document.body().read(key)));
        }
        at = own.parent.and_then(|parent| document.row(parent));
    }
    let of_person = || names.first().is_some_and(|own| own == "name") && stands_beside_email(document, row);
    privacy::is_personal(names.iter().rev().map(String::as_str)) || of_person()
}

/// Whether an e-mail address stands in the same object: a name there is that of a person.
fn stands_beside_email(document: &Document, row: &Row) -> bool {
    let around = row.parent.and_then(|parent| document.value_range(parent));
    around.is_some_and(|range| {
        let object = document.body().read(range.start..range.end.min(range.start + AROUND_MOST));
        document::cell_at(&object, "email").is_some()
    })
}

/// Draws the rows from the pane's top.
#[expect(clippy::too_many_arguments, reason = "what is drawn, how and where; there is no name for less of it")]
pub fn render(
    pane: &ResponsePane,
    document: &Document,
    now: Option<Timestamp>,
    masked: bool,
    theme: Theme,
    focus: bool,
    frame: &mut Frame,
    area: Rect,
) {
    let width = usize::from(area.width);
    let own = &pane.place;
    let rows = document.rows(&own.folds, own.top, usize::from(area.height));
    for (place, row) in rows.iter().enumerate() {
        let place = u16::try_from(place).unwrap_or(u16::MAX);
        let personal = masked && row.kind == RowKind::String && is_personal(pane, document, row);
        let mut line = row_line(document, row, masked, personal, &pane.search, theme, own.left + width);
        if let Some(hint) = hint_of(document, row, &rows, now) {
            line.spans.push(Span::styled(format!("  · {hint}"), theme.dim()));
        }
        let line = shift(line, own.left);
        let line = cut(line, width);
        let line = match (row.row == own.cursor, focus) {
            (true, true) => filled(line, width).patch_style(theme.cursor()),
            (true, false) => line.patch_style(theme.cursor_elsewhere()),
            (false, _) => line,
        };
        widgets::line_at(frame, area, place, &line);
    }
}

/// Longest value that is looked at for what it means, in bytes.
const MEANT: u64 = 80;

/// What is said behind a value.
fn hint_of(document: &Document, row: &Row, rows: &[Row], now: Option<Timestamp>) -> Option<String> {
    if row.end - row.offset > MEANT {
        return None;
    }
    let raw = document.body().read(row.offset..row.end);
    match row.kind {
        RowKind::String => hint::of_string(&document::decode_string(&raw), now),
        RowKind::Number => hint::of_number(document, row, str::from_utf8(&raw).ok()?, rows),
        _ => None,
    }
}

fn row_line(
    document: &Document,
    row: &Row,
    masked: bool,
    personal: bool,
    search: &SearchState,
    theme: Theme,
    width: usize,
) -> Line<'static> {
    let mut spans = Vec::new();
    if row.depth <= DEEPEST {
        spans.push(Span::raw(" ".repeat(row.depth * INDENT)));
    } else {
        spans.push(Span::styled(format!("{:>1$} ", row.depth, DEEPEST * INDENT - 1), theme.dim()));
    }
    let mark = match &row.kind {
        RowKind::Open { .. } => "▾ ",
        RowKind::Folded { .. } => "▸ ",
        _ => "",
    };
    spans.push(Span::styled(mark, theme.dim()));
    if !matches!(row.kind, RowKind::Close { .. }) {
        match (&row.key, row.index) {
            (Some(key), _) => {
                let name =
                    document::decode_string(&document.body().read(key.start..key.end.min(key.start + byte_cap(width))));
                spans.push(Span::styled(escaped(&name), theme.key()));
                spans.push(Span::raw(": "));
            }
            // The number of a document matters only where there are several.
            (None, Some(_)) if row.depth == 0 && document.documents() <= 1 => {}
            (None, Some(index)) => spans.push(Span::styled(format!("{index}: "), theme.dim())),
            (None, None) => {}
        }
    }
    let (value, style) = if personal {
        (format!("\"{}\"", privacy::MASK), theme.dim())
    } else {
        value_text(document, row, masked, theme, width)
    };
    spans.push(Span::styled(value, style));
    let range = row.key.as_ref().map_or(row.offset, |key| key.start)..row.end;
    match row.kind {
        RowKind::Open { .. } | RowKind::Close { .. } | RowKind::Folded { .. } => {
            let key = row.key.clone().unwrap_or(row.offset..row.offset);
            Line::from(highlight(spans, search, key, theme))
        }
        _ => Line::from(highlight(spans, search, range, theme)),
    }
}

/// No more bytes of a value are read than could fill the row: at most four a column, escapes up to six.
const fn byte_cap(width: usize) -> u64 {
    (width as u64 + 8) * 12
}

fn value_text(document: &Document, row: &Row, masked: bool, theme: Theme, width: usize) -> (String, Style) {
    let cap = byte_cap(width);
    let bytes = document.body().read(row.offset..row.end.min(row.offset + cap));
    let as_sent = || document::displayable_bytes(&bytes);
    match &row.kind {
        RowKind::Open { array } => ((if *array { "[" } else { "{" }).to_owned(), theme.text()),
        RowKind::Close { array } => ((if *array { "]" } else { "}" }).to_owned(), theme.text()),
        RowKind::Empty { array } => ((if *array { "[]" } else { "{}" }).to_owned(), theme.text()),
        RowKind::Folded { array, children } => {
            let (open, close, one, many) =
                if *array { ("[", "]", "item", "items") } else { ("{", "}", "member", "members") };
            let inner = children
                .map_or_else(|| "…".to_owned(), |count| format!("{count} {}", if count == 1 { one } else { many }));
            (format!("{open} {inner} {close}"), theme.dim())
        }
        RowKind::String => {
            let decoded = document::decode_string(&bytes);
            let cut = if row.end > row.offset + cap { "…" } else { "" };
            let style = match hint::meaning(&decoded) {
                Meaning::Text => theme.string(),
                Meaning::Link => theme.link(),
                Meaning::Id => theme.id(),
            };
            // Before it is cut, so that no half of anything is left.
            let decoded = privacy::veiled(&decoded, masked);
            (format!("\"{}\"{cut}", escaped(&decoded)), style)
        }
        RowKind::Number => (as_sent(), theme.number()),
        RowKind::True | RowKind::False | RowKind::Null => (as_sent(), theme.literal()),
        RowKind::Broken => (as_sent(), theme.error()),
    }
}

/// A decoded string made safe to draw, with the two characters escaped that JSON escapes and people see.
fn escaped(decoded: &str) -> String {
    document::displayable(decoded).replace('\\', "\\\\").replace('"', "\\\"")
}

/// Marks what the search found in a row: every place in the drawn text that fits the query, when the row holds a hit.
#[must_use]
pub fn highlight(
    spans: Vec<Span<'static>>,
    search: &SearchState,
    range: Range<u64>,
    theme: Theme,
) -> Vec<Span<'static>> {
    let from = search.hits.partition_point(|hit| hit.end <= range.start);
    let here = search.hits.get(from).is_some_and(|hit| hit.start < range.end);
    match &search.finder {
        Some(finder) if here => spans.into_iter().flat_map(|span| mark(&span, finder, theme)).collect(),
        _ => spans,
    }
}

fn mark(span: &Span<'static>, finder: &Finder, theme: Theme) -> Vec<Span<'static>> {
    let text = span.content.as_ref();
    let mut parts = Vec::new();
    let mut from = 0;
    for found in finder.places(text) {
        // A pattern that matches bytes may end within a character.
        let (Some(before), Some(own)) = (text.get(from..found.start), text.get(found.clone())) else {
            continue;
        };
        parts.push(Span::styled(before.to_owned(), span.style));
        parts.push(Span::styled(own.to_owned(), theme.hit()));
        from = found.end;
    }
    parts.push(Span::styled(text.get(from..).unwrap_or_default().to_owned(), span.style));
    parts
}

/// Moves a line so many columns to the left.
#[must_use]
pub fn shift(line: Line<'static>, mut columns: usize) -> Line<'static> {
    if columns == 0 {
        return line;
    }
    let style = line.style;
    let spans = line.spans.into_iter().filter_map(|span| {
        let width = document::width(&span.content);
        if columns == 0 {
            return Some(span);
        }
        if width <= columns {
            columns -= width;
            return None;
        }
        let mut skipped = 0;
        let kept: String = span
            .content
            .chars()
            .skip_while(|c| {
                let skip = skipped < columns;
                skipped += document::width(c.encode_utf8(&mut [0; 4]));
                skip
            })
            .collect();
        columns = 0;
        Some(Span::styled(kept, span.style))
    });
    Line::from(spans.collect::<Vec<_>>()).style(style)
}

/// Cuts a line at so many columns; an ellipsis says that it goes on.
fn cut(line: Line<'static>, width: usize) -> Line<'static> {
    let total: usize = line.spans.iter().map(|span| document::width(&span.content)).sum();
    if total <= width {
        return line;
    }
    let mut room = width.saturating_sub(1);
    let mut spans = Vec::new();
    for span in line.spans {
        let wide = document::width(&span.content);
        if wide <= room {
            room -= wide;
            spans.push(span);
        } else {
            // `truncate` keeps one column for its ellipsis.
            let style = span.style;
            spans.push(Span::styled(document::truncate(&span.content, room + 1).into_owned(), style));
            break;
        }
    }
    Line::from(spans)
}

fn filled(mut line: Line<'static>, width: usize) -> Line<'static> {
    let used: usize = line.spans.iter().map(|span| document::width(&span.content)).sum();
    line.spans.push(Span::raw(" ".repeat(width.saturating_sub(used))));
    line
}
