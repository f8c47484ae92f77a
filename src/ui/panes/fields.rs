//! Draws the fields below the answer: the search and the filter, with what is wrong with what stands in them.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::input::LineInput;
use crate::app::panes::response::pages::Loading;
use crate::app::panes::response::{FilterState, ResponsePane, SearchState};
use crate::document::{self, Document, MAX_HITS, Scope};
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Draws the rows at the bottom of the pane's inside, from a row on.
pub fn render(pane: &ResponsePane, now: Duration, theme: Theme, frame: &mut Frame, inside: Rect, mut row: u16) {
    if pane.shows_pages() {
        widgets::line_at(frame, inside, row, &pages(pane, now, theme, usize::from(inside.width)));
        row += 1;
    }
    if pane.filter.is_shown() {
        let filter = &pane.filter;
        let right = filter_state(filter, pane.whole());
        field(&filter.input, filter.typing, "jq ", &right, theme, frame, inside, row);
        row += 1;
        if let Some(trouble) = &filter.error {
            if let Some(at) = &trouble.at {
                let caret =
                    caret(&filter.input, at, usize::from(inside.width).saturating_sub(3), filter.typing, &right);
                widgets::line_at(frame, inside, row, &Line::styled(format!("   {caret}"), theme.error()));
                row += 1;
            }
            let text = widgets::fit(&trouble.sentence, usize::from(inside.width));
            widgets::line_at(frame, inside, row, &Line::styled(text, theme.error()));
            row += 1;
        }
    }
    if pane.shows_row_filter() {
        let table = pane.table();
        let unknown = document::no_column(table.filter.text(), &table.paths());
        let right = match (&table.arranging, table.records()) {
            (Some(_), all) if table.arranged > 0 => format!("{} %… x stops", table.arranged * 100 / all.max(1)),
            (Some(_), _) => "…".to_owned(),
            (None, _) if unknown.is_some() => unknown.unwrap_or_default(),
            (None, all) => format!("{} of {} rows", widgets::count(table.rows()), widgets::count(all)),
        };
        field(&table.filter, table.typing, "rows / ", &right, theme, frame, inside, row);
        row += 1;
    }
    if pane.search.is_shown() {
        let search = &pane.search;
        let mark = if search.pattern { "/~ " } else { "/ " };
        field(&search.input, search.typing, mark, &search_state(search, pane.document()), theme, frame, inside, row);
        if let Some(error) = &search.error {
            let text = widgets::fit(error, usize::from(inside.width));
            widgets::line_at(frame, inside, row + 1, &Line::styled(text, theme.error()));
        }
    }
}

/// How much of a list is loaded, what goes on, and the key that goes on or stops it.
fn pages(pane: &ResponsePane, now: Duration, theme: Theme, width: usize) -> Line<'static> {
    let pages = &pane.pages;
    let share = pages.share();
    let (told, style) = match (&pages.loading, &pages.attempt) {
        (Loading::Busy { .. }, Some((attempt, until))) => {
            let left = until
                .and_then(|until| until.checked_sub(now))
                .map_or(String::new(), |left| format!(" in {}", widgets::countdown(left)));
            let next = (attempt.number + 1).min(attempt.of);
            (
                format!("try {next} of {}{left} · x stops · page {}: {}", attempt.of, attempt.page, attempt.what),
                theme.warning(),
            )
        }
        (Loading::Busy { .. }, None) => (format!("page {}… · x stops", pages.pages + 1), theme.text()),
        (Loading::Gap(_, until), _) => {
            let left = until.and_then(|until| until.checked_sub(now)).filter(|left| !left.is_zero());
            let key = left.map_or("r tries again".to_owned(), |left| {
                format!("r waits {} and tries again", widgets::countdown(left))
            });
            (format!("{key} · page {} is missing · the headers view lists the tries", pages.pages + 1), theme.error())
        }
        (Loading::Stopped(sentence), _) => (sentence.clone(), theme.error()),
        (Loading::Ended, _) if pages.is_partial() => {
            ("the server has no more pages, and counts more records".to_owned(), theme.warning())
        }
        (Loading::Ended, _) => ("that is all".to_owned(), theme.good()),
        (Loading::Idle, _) if pane.filter.result.is_some() => {
            ("the filter has read only these".to_owned(), theme.warning())
        }
        (Loading::Idle, _) if pages.has_more() => ("a loads all, r the next page".to_owned(), theme.dim()),
        (Loading::Idle, _) => (String::new(), theme.dim()),
    };
    let share = widgets::fit(&share, width);
    let room = width.saturating_sub(document::width(&share) + 3);
    Line::from(vec![
        Span::styled(share, theme.strong()),
        Span::raw(" · "),
        Span::styled(widgets::fit(&told, room), style),
    ])
}

/// A field with its mark before it and a word at its right.
#[expect(clippy::too_many_arguments, reason = "where, what and how it is drawn; there is no name for less of it")]
fn field(
    input: &LineInput,
    typing: bool,
    mark: &'static str,
    right: &str,
    theme: Theme,
    frame: &mut Frame,
    inside: Rect,
    row: u16,
) {
    let room = room(usize::from(inside.width), mark, right);
    let mut line = Line::from(Span::styled(mark, theme.hint_key()));
    if typing {
        line.spans.extend(widgets::input_line(input, room, theme.text()).spans);
    } else {
        line.spans.push(Span::styled(widgets::fit(input.text(), room), Style::new()));
    }
    widgets::line_at(frame, inside, row, &line);
    let width = u16::try_from(document::width(right)).unwrap_or(0).min(inside.width);
    let corner = Rect { x: inside.right() - width, width, ..inside };
    widgets::line_at(frame, corner, row, &Line::styled(right.to_owned(), theme.dim()));
}

fn room(width: usize, mark: &str, right: &str) -> usize {
    width.saturating_sub(mark.len() + document::width(right) + 1)
}

/// Carets under the place of an expression that is wrong, where it stands on the screen.
fn caret(input: &LineInput, at: &std::ops::Range<usize>, width: usize, typing: bool, right: &str) -> String {
    let text = input.text();
    let before = text.get(..at.start.min(text.len())).unwrap_or(text);
    let own = text.get(at.start..at.end.min(text.len())).unwrap_or_default();
    let column = document::width(&document::displayable(before));
    let length = document::width(&document::displayable(own)).max(1);
    // A long expression is moved sideways while it is typed, and cut while it is not.
    let seen = width.saturating_sub(document::width(right) + 1);
    let all = document::width(&document::displayable(text));
    let skipped = if typing && all + 1 > seen { all + 1 - seen } else { 0 };
    let column = column.saturating_sub(skipped).min(width.saturating_sub(1));
    format!("{}{}", " ".repeat(column), "^".repeat(length.min(width.saturating_sub(column)).max(1)))
}

fn filter_state(filter: &FilterState, whole: Option<&Document>) -> String {
    let results = filter.result.as_ref().map_or(0, Document::documents);
    let shown = |count: u64| if count == 1 { "1 result".to_owned() } else { format!("{count} results") };
    if filter.work.is_some() {
        let size = whole.map_or_else(String::new, |own| format!(" {}", widgets::size(own.len())));
        return if filter.answered {
            format!("{}… x stops", shown(results))
        } else {
            format!("filtering{size}… x stops")
        };
    }
    if filter.input.text().trim().is_empty() {
        return "a jq expression, such as .data[].email".to_owned();
    }
    match (&filter.result, &filter.error) {
        (Some(_), None) => format!("{} in {}", shown(results), widgets::elapsed(filter.took)),
        (Some(_), Some(_)) if filter.answered => format!("{}, then it stopped", shown(results)),
        (Some(_), Some(_)) => "the last result is shown".to_owned(),
        (None, _) => String::new(),
    }
}

fn search_state(search: &SearchState, document: Option<&Document>) -> String {
    let busy = search.work.is_some();
    let all = document.map_or(1, Document::len).max(1);
    let share = if busy { format!(" {} %", search.searched.min(all) * 100 / all) } else { String::new() };
    let arriving = document.is_some_and(|own| !own.is_complete());
    let more = if search.hits.len() >= MAX_HITS { " or more" } else { "" };
    let more = if arriving { " so far" } else { more };
    let place = if search.scope == Scope::Everywhere { "" } else { search.scope.word() };
    let place = if place.is_empty() { String::new() } else { format!(" in {place}") };
    let count = match (busy, search.current, search.hits.len()) {
        _ if search.error.is_some() => String::new(),
        (_, Some(at), hits) => format!("{} of {hits}{more}{}", at + 1, if busy { "…" } else { "" }),
        (true, None, _) => "searching…".to_owned(),
        (false, None, _) if search.input.text().is_empty() => return place.trim().to_owned(),
        (false, None, _) => format!("no hits{more}"),
    };
    format!("{count}{share}{place}")
}
