//! Draws the body as sent, with line numbers, and as hexadecimal digits.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::tree;
use crate::app::panes::response::ResponsePane;
use crate::app::panes::response::moving::{gutter, hex_bytes};
use crate::document::{self, Document};
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Where the body stops being JSON.
fn wrong_place(pane: &ResponsePane, document: &Document) -> Option<u64> {
    document.malformed().filter(|_| pane.is_broken()).map(|malformed| malformed.offset)
}

/// Draws the raw view.
pub fn raw(pane: &ResponsePane, document: &Document, theme: Theme, frame: &mut Frame, area: Rect) {
    let body = document.body();
    let width = usize::from(area.width);
    let columns = gutter(body, width);
    let room = width - columns;
    let wrong = wrong_place(pane, document);
    let mut start = pane.place.raw_top;
    let mut line = body.line_at(start);
    let rows =
        if pane.unwrapped { Vec::new() } else { document::wrap_forward(body, start, room, usize::from(area.height)) };
    for row in 0..area.height {
        let (from, to, first) = if pane.unwrapped {
            if start >= body.len() {
                break;
            }
            let end = body.line_end(start);
            let own = (start, end, true);
            start = end + 1;
            own
        } else {
            match rows.get(usize::from(row)) {
                Some(own) => (own.start, own.end, own.first),
                None => break,
            }
        };
        line += u64::from(first && row > 0);
        let number = if first { (line + 1).to_string() } else { String::new() };
        let mut spans = Vec::new();
        if columns > 0 {
            spans.push(Span::styled(format!("{number:>width$} ", width = columns - 1), theme.dim()));
        }
        spans.extend(if pane.unwrapped {
            cut_line(pane, document, from..to, room, theme)
        } else {
            text(pane, document, from..to, wrong, theme)
        });
        widgets::line_at(frame, area, row, &Line::from(spans));
    }
}

/// A row of text, with what was found in it and the place where it is wrong.
fn text(
    pane: &ResponsePane,
    document: &Document,
    range: std::ops::Range<u64>,
    wrong: Option<u64>,
    theme: Theme,
) -> Vec<Span<'static>> {
    let body = document.body();
    let shown = |range: std::ops::Range<u64>| document::displayable_bytes(&body.read(range));
    let at_end = wrong == Some(range.end) && range.end == body.len();
    let Some(place) = wrong.filter(|place| range.contains(place) || at_end) else {
        return tree::highlight(vec![Span::raw(shown(range.clone()))], &pane.search, range, theme);
    };
    if at_end {
        return vec![Span::raw(shown(range)), Span::styled("✗", theme.wrong())];
    }
    // The character at the place, which may be of several bytes.
    let near = body.read(place..range.end.min(place + 4));
    let length = near
        .utf8_chunks()
        .next()
        .map_or(1, |chunk| chunk.valid().chars().next().map_or(chunk.invalid().len().max(1), char::len_utf8));
    let end = place + length as u64;
    vec![
        Span::raw(shown(range.start..place)),
        Span::styled(shown(place..end), theme.wrong()),
        Span::raw(shown(end..range.end.max(end))),
    ]
}

/// A line that is not wrapped: so much of it as is seen.
fn cut_line(
    pane: &ResponsePane,
    document: &Document,
    range: std::ops::Range<u64>,
    room: usize,
    theme: Theme,
) -> Vec<Span<'static>> {
    let left = pane.place.left;
    let body = document.body();
    // A column takes at most four bytes of text that is drawn; what combines beyond that is not seen.
    let most = range.start + ((left + room + 8) * 4) as u64;
    let bytes = body.read(range.start..range.end.min(most));
    let bytes = bytes.strip_suffix(b"\r").filter(|_| range.end <= most).unwrap_or(&bytes);
    let shown = if bytes.is_ascii() {
        // Each byte is one column.
        document::displayable_bytes(bytes.get(left..).unwrap_or_default())
    } else {
        document::slice_columns(&document::displayable_bytes(bytes), left, room + 1)
    };
    let shown = document::truncate(&shown, room).into_owned();
    tree::highlight(vec![Span::raw(shown)], &pane.search, range, theme)
}

/// Draws the hexadecimal view: offset, bytes, and what of them is ASCII.
pub fn hex(pane: &ResponsePane, document: &Document, theme: Theme, frame: &mut Frame, area: Rect) {
    let body = document.body();
    let count = hex_bytes(usize::from(area.width));
    let wrong = wrong_place(pane, document);
    for row in 0..area.height {
        let start = pane.place.hex_top + u64::from(row) * count;
        if start >= body.len() {
            break;
        }
        let bytes = body.read(start..start + count);
        let mut spans = vec![Span::styled(format!("{start:08x}  "), theme.dim())];
        let mut digits = String::new();
        for (at, offset) in (start..start + count).enumerate() {
            if at > 0 && at % 8 == 0 {
                digits.push(' ');
            }
            match bytes.get(at) {
                Some(byte) if wrong == Some(offset) => {
                    spans.push(Span::raw(std::mem::take(&mut digits)));
                    spans.push(Span::styled(format!("{byte:02x}"), theme.wrong()));
                    digits.push(' ');
                }
                Some(byte) => digits.push_str(&format!("{byte:02x} ")),
                None => digits.push_str("   "),
            }
        }
        let ascii: String =
            bytes.iter().map(|byte| if matches!(byte, 0x20..=0x7E) { char::from(*byte) } else { '·' }).collect();
        spans.push(Span::raw(digits));
        spans.push(Span::styled(format!(" {ascii}"), theme.string()));
        let line = Line::from(spans);
        widgets::line_at(frame, area, row, &line);
    }
}
