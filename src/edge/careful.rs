//! Draws rows so that they stay in place on any terminal.
//!
//! Terminals differ in how many columns they give to characters that combine, join or are wide. A row that holds any of those is
//! drawn whole whenever something of it changes, with the cursor put where it belongs behind each of them: whatever a
//! terminal makes of one, its neighbours and the border stand in their columns, and nothing of it is left behind.

use std::io;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use crate::document;

/// A terminal's backend, and what stands on its screen.
#[derive(Debug)]
pub struct Careful<B> {
    inner: B,
    rows: Vec<Vec<Cell>>,
}

impl<B> Careful<B> {
    /// Over a backend whose screen is empty.
    pub const fn new(inner: B) -> Self {
        Self { inner, rows: Vec::new() }
    }

    fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        let (x, y) = (usize::from(x), usize::from(y));
        if self.rows.len() <= y {
            self.rows.resize(y + 1, Vec::new());
        }
        if let Some(row) = self.rows.get_mut(y) {
            if row.len() <= x {
                row.resize(x + 1, Cell::EMPTY);
            }
            row[x] = cell.clone();
            // What a wide character covers is not drawn.
            for covered in 1..document::width(cell.symbol()) {
                if let Some(covered) = row.get_mut(x + covered) {
                    *covered = Cell::EMPTY;
                }
            }
        }
    }
}

/// Whether every terminal gives a symbol one column: letters and marks of the west, lines and blocks.
fn is_plain(symbol: &str) -> bool {
    let mut characters = symbol.chars();
    let plain = matches!(
        characters.next(),
        Some(
            ' '..='~'
            | '\u{A1}'..='\u{AC}'
            | '\u{AE}'..='\u{2FF}'
            | '\u{370}'..='\u{3FF}'
            | '\u{400}'..='\u{482}'
            | '\u{2010}'..='\u{2027}'
            | '\u{2190}'..='\u{21FF}'
            | '\u{2400}'..='\u{2426}'
            | '\u{2500}'..='\u{25AF}'
            | '▸'
            | '▾'
            | '○'
            | '●'
            | '✓'
            | '✗'
            | '⟨'
            | '⟩',
        )
    );
    plain && characters.next().is_none()
}

/// The cells of a row in an order in which none pushes another away: those that are not plain, each followed by the last of the
/// row so that the cursor is put anew, then all others.
fn careful_order(y: u16, row: &[Cell]) -> Vec<(u16, u16, &Cell)> {
    let mut seen: Vec<(u16, u16, &Cell)> = Vec::new();
    let mut x = 0_u16;
    while let Some(cell) = row.get(usize::from(x)) {
        seen.push((x, y, cell));
        x += u16::try_from(document::width(cell.symbol())).unwrap_or(1).max(1);
    }
    let mut order = Vec::with_capacity(seen.len() * 2);
    for (x, y, cell) in seen.iter().filter(|(_, _, cell)| !is_plain(cell.symbol())) {
        // What a terminal takes for narrower leaves bare what it should have covered: that is emptied first.
        let covered = 1..u16::try_from(document::width(cell.symbol())).unwrap_or(1);
        order.extend(covered.filter_map(|at| Some((x + at, *y, row.get(usize::from(x + at))?))));
        order.push((*x, *y, *cell));
        order.extend(seen.last().copied());
    }
    order.extend(seen.iter().filter(|(_, _, cell)| is_plain(cell.symbol())));
    order
}

impl<B: Backend<Error = io::Error>> Backend for Careful<B> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let content: Vec<(u16, u16, &Cell)> = content.collect();
        let careful = |rows: &[Vec<Cell>], y: u16| {
            rows.get(usize::from(y)).is_some_and(|row| row.iter().any(|cell| !is_plain(cell.symbol())))
        };
        let mut before: Vec<u16> = content.iter().map(|(_, y, _)| *y).collect();
        before.dedup();
        before.retain(|y| careful(&self.rows, *y));
        for (x, y, cell) in &content {
            self.put(*x, *y, cell);
        }
        let mut drawn: Vec<(u16, u16, &Cell)> = Vec::with_capacity(content.len());
        // Asked once for each row: most are plain.
        let mut row: Option<(u16, bool)> = None;
        for (x, y, cell) in content {
            let begins = row.is_none_or(|(own, _)| own != y);
            if begins {
                row = Some((y, before.contains(&y) || careful(&self.rows, y)));
            }
            match row {
                Some((_, true)) if begins => {
                    drawn.extend(self.rows.get(usize::from(y)).into_iter().flat_map(|row| careful_order(y, row)));
                }
                Some((_, true)) => {}
                _ => drawn.push((x, y, cell)),
            }
        }
        self.inner.draw(drawn.into_iter())
    }

    fn append_lines(&mut self, lines: u16) -> io::Result<()> {
        self.inner.append_lines(lines)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.rows.clear();
        self.inner.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        if region == ClearType::All {
            self.rows.clear();
        }
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::backend::CrosstermBackend;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;
    use std::cell::RefCell;
    use std::rc::Rc;

    fn cells(buffer: &Buffer, from: Option<&Buffer>) -> Vec<(u16, u16, Cell)> {
        let none = Buffer::empty(buffer.area);
        from.unwrap_or(&none).diff(buffer).into_iter().map(|(x, y, cell)| (x, y, cell.clone())).collect()
    }

    /// What is written, to be looked at from outside.
    #[derive(Clone, Default)]
    struct Out(Rc<RefCell<Vec<u8>>>);

    impl io::Write for Out {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn drawn(backend: &mut Careful<CrosstermBackend<Out>>, out: &Out, cells: &[(u16, u16, Cell)]) -> String {
        out.0.borrow_mut().clear();
        backend.draw(cells.iter().map(|(x, y, cell)| (*x, *y, cell))).unwrap();
        String::from_utf8_lossy(&out.0.borrow()).into_owned()
    }

    fn text(row: &str) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        buffer.set_string(0, 0, row, Style::new());
        buffer
    }

    /// What a plain row holds is drawn as it comes; a row that may shift is drawn whole, its border at its own place.
    #[test]
    fn a_row_that_may_shift_is_drawn_whole_and_in_place() {
        let out = Out::default();
        let mut backend = Careful::new(CrosstermBackend::new(out.clone()));
        let plain = text("abc        |");
        assert_eq!(
            drawn(&mut backend, &out, &cells(&plain, None)).matches("\x1b[1;").count(),
            2,
            "two runs, two moves"
        );
        let odd = text("aप्रिb      |");
        let written = drawn(&mut backend, &out, &cells(&odd, Some(&plain)));
        assert!(written.contains("\x1b[1;12H|"), "the border is put at its column: {written:?}");
        assert!(written.ends_with("\x1b[39m\x1b[49m\x1b[59m\x1b[0m"));
        let heart = text("a\u{2764}\u{FE0F}b       |");
        let written = drawn(&mut backend, &out, &cells(&heart, Some(&odd)));
        let (blank, own) = (written.find("\x1b[1;3H "), written.find("\x1b[1;2H\u{2764}"));
        assert!(blank.is_some() && blank < own, "what it covers is emptied first: {written:?}");
        let odd = heart;
        let back = drawn(&mut backend, &out, &cells(&plain, Some(&odd)));
        assert!(back.contains("abc        |"), "nothing of it is left: {back:?}");
    }

    #[test]
    fn what_all_terminals_agree_on_is_plain() {
        for symbol in ["a", "é", "│", "…", "▸", "␛", "Ж"] {
            assert!(is_plain(symbol), "{symbol}");
        }
        for symbol in ["漢", "e\u{301}", "😀", "प्रि", "א", "\u{FFFD}"] {
            assert!(!is_plain(symbol), "{symbol}");
        }
    }
}
