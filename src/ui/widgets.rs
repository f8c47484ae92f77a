//! Small pieces that every pane is drawn from.

use std::time::Duration;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear};

use super::theme::Theme;
use crate::app::input::LineInput;
use crate::document;
pub use crate::document::{fit, wrap, wrap_within};
use crate::pleo::privacy;
pub use crate::pleo::timing::coarse as elapsed;

/// A pane's frame with its title, and what stands at its right; the inside is `Areas::inside`.
pub fn pane_frame(frame: &mut Frame, area: Rect, theme: Theme, focused: bool, title: Line<'_>, right: Line<'_>) {
    let block = Block::new()
        .borders(Borders::ALL)
        .border_set(theme.border_set(focused))
        .border_style(theme.border(focused))
        .title(title)
        .title(right.right_aligned());
    frame.render_widget(block, area);
}

/// The frame of what fills the screen in the place of the panes; returns its inside.
pub fn screen_frame(frame: &mut Frame, area: Rect, theme: Theme, title: Line<'_>, right: Line<'_>) -> Rect {
    frame.render_widget(Clear, area);
    pane_frame(frame, area, theme, true, title, right);
    area.inner(Margin::new(2, 1))
}

/// A cleared box in the middle of the screen, for what lies over the panes; returns its inside.
pub fn overlay_frame(frame: &mut Frame, theme: Theme, width: u16, height: u16, title: &str) -> Rect {
    let screen = frame.area();
    let (width, height) = (width.min(screen.width), height.min(screen.height.saturating_sub(2)));
    let area =
        Rect { x: (screen.width - width) / 2, y: 1 + (screen.height.saturating_sub(2 + height)) / 2, width, height };
    frame.render_widget(Clear, area);
    let block = Block::new()
        .borders(Borders::ALL)
        .border_set(theme.border_set(true))
        .border_style(theme.border(true))
        .title(Line::styled(format!(" {title} "), theme.title(true)));
    let inside = block.inner(area);
    frame.render_widget(block, area);
    inside
}

/// Draws one line at a row of an area, cut at its right border.
pub fn line_at(frame: &mut Frame, area: Rect, row: u16, line: &Line<'_>) {
    if row < area.height {
        let place = Rect { y: area.y + row, height: 1, ..area };
        frame.render_widget(line, place);
    }
}

/// A text made safe to draw and cut, filled up with spaces to exactly so many columns.
#[must_use]
pub fn column(value: &str, columns: usize) -> String {
    let mut fitted = fit(value, columns);
    let width = document::width(&fitted);
    fitted.extend(std::iter::repeat_n(' ', columns.saturating_sub(width)));
    fitted
}

/// A text cut from the left, so that its end is seen.
#[must_use]
pub fn fit_end(value: &str, columns: usize) -> String {
    let safe = document::displayable(value);
    if document::width(&safe) <= columns {
        return safe.into_owned();
    }
    let mut kept: Vec<char> = Vec::new();
    let mut width = 1;
    for c in safe.chars().rev() {
        width += document::width(c.encode_utf8(&mut [0; 4]));
        if width > columns {
            break;
        }
        kept.push(c);
    }
    std::iter::once('…').chain(kept.into_iter().rev()).collect()
}

/// A text cut in its middle, so that its beginning and, more of it, its end are seen.
#[must_use]
pub fn fit_middle(value: &str, columns: usize) -> String {
    let safe = document::displayable(value);
    let width = document::width(&safe);
    if width <= columns {
        return safe.into_owned();
    }
    let head = document::truncate(&safe, columns / 3).trim_end_matches('…').to_owned();
    let room = columns.saturating_sub(document::width(&head));
    head + &fit_end(&safe, room)
}

/// The text of a field with its cursor, moved sideways so that the cursor is seen.
#[must_use]
pub fn input_line(input: &LineInput, columns: usize, style: Style) -> Line<'static> {
    input_line_as(input.text(), input.cursor(), columns, style)
}

/// The same for a text that is shown in the place of what is typed, as long as that.
#[must_use]
pub fn input_line_as(text: &str, cursor: usize, columns: usize, style: Style) -> Line<'static> {
    let characters: Vec<char> = text.chars().collect();
    let cursor = cursor.min(characters.len());
    let safe = |range: &[char]| document::displayable(&range.iter().collect::<String>()).into_owned();
    let mut from = 0;
    while from < cursor && document::width(&safe(&characters[from..cursor])) + 1 >= columns.max(2) {
        from += 1;
    }
    let under = characters.get(cursor).map_or_else(|| " ".to_owned(), |c| safe(&[*c]));
    let after = characters.get(cursor + 1..).map_or_else(String::new, safe);
    let before = safe(&characters[from..cursor]);
    let room = columns.saturating_sub(document::width(&before) + 1);
    Line::from(vec![
        Span::styled(before, style),
        Span::styled(under, style.add_modifier(Modifier::REVERSED)),
        Span::styled(document::truncate(&after, room).into_owned(), style),
    ])
}

/// Texts beside each other in so many columns, `gap` columns before each. Each wants so many columns at least; what cannot
/// have them is left out, the first ones last, and what is over goes to those that are cut, the last ones first.
#[must_use]
pub fn share(texts: &[(String, usize)], columns: usize, gap: usize) -> Vec<String> {
    let mut given: Vec<Option<usize>> = vec![None; texts.len()];
    let mut left = columns;
    for (place, (_, least)) in texts.iter().enumerate().rev() {
        if let Some(rest) = left.checked_sub(least + gap) {
            given[place] = Some(*least);
            left = rest;
        }
    }
    for (place, (text, _)) in texts.iter().enumerate().rev() {
        if let Some(width) = &mut given[place] {
            let more = document::width(text).saturating_sub(*width).min(left);
            *width += more;
            left -= more;
        }
    }
    texts.iter().zip(given).filter_map(|((text, _), width)| Some(fit(text, width?))).collect()
}

/// What is left of some time, as `m:ss`; rounded up, so that it never shows `0:00` before it is over.
#[must_use]
pub fn countdown(left: Duration) -> String {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A size for people: `812 B`, `30.1 kB`, `1.4 MB`; decimal units.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

/// A count for people: `1 240`.
#[must_use]
pub fn count(number: u64) -> String {
    crate::pleo::money::written(&number.to_string(), 0).unwrap_or_default()
}

/// Replaces everything that is not ASCII, for terminals that can show nothing else.
pub fn flatten_to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if symbol.is_ascii() {
            continue;
        }
        let plain = match symbol {
            "│" | "┃" => "|",
            "─" => "-",
            "━" => "=",
            "…" | "⋯" => "~",
            "●" | "•" => "*",
            "‹" => "<",
            "○" => "o",
            "▸" | "▶" => ">",
            "▾" => "v",
            "·" => "-",
            "—" => "-",
            "µ" => "u",
            "█" => "#",
            "▏" => "|",
            "✗" => "x",
            "✓" => "+",
            "↑" => "^",
            "↓" => "v",
            "←" => "<",
            "→" => ">",
            "┌" | "┐" | "└" | "┘" | "┏" | "┓" | "┗" | "┛" => "+",
            _ => "?",
        };
        cell.set_symbol(plain);
    }
}

/// Masks what its letters tell to be personal, wherever it stands on the screen.
pub fn mask_letters(buffer: &mut Buffer) {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        // The text of the row, and where each of its bytes stands on the screen.
        let (mut text, mut columns) = (String::new(), Vec::new());
        for x in area.left()..area.right() {
            let symbol = buffer[(x, y)].symbol();
            text.push_str(symbol);
            columns.resize(text.len(), x);
        }
        for found in privacy::found(&text) {
            for x in columns[found.start]..=columns[found.end - 1] {
                buffer[(x, y)].set_symbol("•");
            }
        }
    }
}

/// Gives whatever has the terminal's own colours those of a theme.
pub fn lay(buffer: &mut Buffer, (text, background): (Color, Color)) {
    for cell in &mut buffer.content {
        if cell.fg == Color::Reset {
            cell.fg = text;
        }
        if cell.bg == Color::Reset {
            cell.bg = background;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_short() {
        assert_eq!(size(812), "812 B");
        assert_eq!(size(30_149), "30.1 kB");
        assert_eq!(size(1_450_000), "1.4 MB");
    }

    #[test]
    fn texts_share_the_room_and_the_last_ones_stay_longest() {
        let texts = [("OAUTH2", 6), ("Bookkeeping", 6), ("Nordwind", 6), ("15 scopes", 9)];
        let texts = texts.map(|(text, least)| (text.to_owned(), least));
        assert_eq!(share(&texts, 60, 3), ["OAUTH2", "Bookkeeping", "Nordwind", "15 scopes"]);
        assert_eq!(share(&texts, 42, 3), ["OAUTH2", "Bookke…", "Nordwind", "15 scopes"]);
        assert_eq!(share(&texts, 23, 3), ["Nordwind", "15 scopes"]);
        assert_eq!(share(&texts, 5, 3), [""; 0]);
        assert_eq!(countdown(Duration::from_millis(299_001)), "5:00");
        assert_eq!(countdown(Duration::from_secs(61)), "1:01");
    }

    #[test]
    fn a_text_cut_from_the_left_keeps_its_end() {
        assert_eq!(fit_end("external.pleo.io", 8), "…pleo.io");
    }
}
