//! Text fields: one line, or the body editor, both over `tui-textarea`. Never for secrets: it keeps an undo history.

use tui_textarea::{CursorMove, DataCursor, Input, Key as TextKey, TextArea};

use crate::key::{Code, Key};

/// Longest text a one-line field takes, in bytes.
const LONGEST_LINE: usize = 64 * 1024;
/// Longest text the editor takes by paste, in bytes.
pub const LONGEST_BODY: usize = 4 * 1024 * 1024;

/// A field of one line.
#[derive(Clone, Debug)]
pub struct LineInput {
    area: TextArea<'static>,
}

impl LineInput {
    /// A field with a text, the cursor behind it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(vec![flatten(text)]);
        area.set_cursor_line_style(ratatui::style::Style::default());
        area.move_cursor(CursorMove::End);
        Self { area }
    }

    /// What is typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// The cursor's place, in characters.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.area.cursor().1
    }

    /// Takes a key; `true` when the text changed.
    pub fn key(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl, key.alt) {
            (Code::Char('u'), true, _) => self.area.delete_line_by_head(),
            (Code::Char('k'), true, _) => self.area.delete_line_by_end(),
            (Code::Char('w'), true, _) => self.area.delete_word(),
            (Code::Char('a'), true, _) => self.go(CursorMove::Head),
            (Code::Char('e'), true, _) => self.go(CursorMove::End),
            (Code::Home, ..) => self.go(CursorMove::Head),
            (Code::End, ..) => self.go(CursorMove::End),
            (Code::Left, true, _) => self.go(CursorMove::WordBack),
            (Code::Right, true, _) => self.go(CursorMove::WordForward),
            (Code::Left, ..) => self.go(CursorMove::Back),
            (Code::Right, ..) => self.go(CursorMove::Forward),
            (Code::Backspace, ..) => self.area.delete_char(),
            (Code::Delete, ..) => self.area.delete_next_char(),
            (Code::Char(c), false, false) if self.text().len() < LONGEST_LINE => {
                self.area.insert_char(c);
                true
            }
            _ => false,
        }
    }

    /// Takes pasted text, flattened to one line; `false` when it is too long.
    pub fn paste(&mut self, text: &str) -> bool {
        text.len() + self.text().len() <= LONGEST_LINE && {
            self.area.insert_str(flatten(text));
            true
        }
    }

    fn go(&mut self, to: CursorMove) -> bool {
        self.area.move_cursor(to);
        false
    }
}

/// Line breaks and tabs become spaces, other control characters go.
fn flatten(text: &str) -> String {
    let trimmed = text.trim_matches(['\r', '\n']);
    trimmed
        .replace("\r\n", " ")
        .chars()
        .map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c })
        .filter(|c| !c.is_control())
        .collect()
}

/// The body editor.
#[derive(Clone, Debug)]
pub struct Editor {
    area: TextArea<'static>,
}

impl Editor {
    /// An editor with a text, the cursor at its beginning.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
        area.set_tab_length(2);
        // Numbers stand beside the lines; drawing gives them their colour.
        area.set_line_number_style(ratatui::style::Style::default());
        area.set_cursor_line_style(ratatui::style::Style::default());
        Self { area }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// The widget's state, for drawing.
    #[must_use]
    pub const fn area(&self) -> &TextArea<'static> {
        &self.area
    }

    /// The byte of the text at which the cursor stands.
    #[must_use]
    pub fn offset(&self) -> usize {
        let DataCursor(row, column) = self.area.cursor();
        let lines = self.area.lines();
        let before: usize = lines.iter().take(row).map(|line| line.len() + 1).sum();
        let own = lines.get(row).map_or(0, |line| line.chars().take(column).map(char::len_utf8).sum());
        before + own
    }

    /// Puts a text in the place of another, which stands on one line.
    pub fn replace(&mut self, range: std::ops::Range<usize>, text: &str) {
        let count = self.text().get(range.clone()).map_or(0, |old| old.chars().count());
        self.jump(range.start);
        self.area.delete_str(count);
        self.area.insert_str(text);
    }

    /// Puts the cursor at a byte of the text.
    pub fn jump(&mut self, at: usize) {
        let (mut row, mut left) = (0_u16, at);
        for line in self.area.lines() {
            if left <= line.len() {
                let column = line.get(..left).map_or(0, |before| before.chars().count());
                self.area.move_cursor(CursorMove::Jump(row, u16::try_from(column).unwrap_or(u16::MAX)));
                return;
            }
            left -= line.len() + 1;
            row = row.saturating_add(1);
        }
    }

    /// What stands on the line before the cursor, and behind it.
    #[must_use]
    pub fn line(&self) -> (String, String) {
        let DataCursor(row, column) = self.area.cursor();
        let line = self.area.lines().get(row).map_or("", String::as_str);
        (line.chars().take(column).collect(), line.chars().skip(column).collect())
    }

    /// A new line, as far in as the one before it, and further behind an opening bracket.
    pub fn new_line(&mut self) {
        let DataCursor(row, column) = self.area.cursor();
        let line = self.area.lines().get(row).cloned().unwrap_or_default();
        let before: String = line.chars().take(column).collect();
        let indent: String = before.chars().take_while(|c| *c == ' ').collect();
        let opens = before.trim_end().ends_with(['{', '[']);
        self.area.insert_newline();
        self.area.insert_str(format!("{indent}{}", if opens { "  " } else { "" }));
        let closes = line.chars().skip(column).find(|c| *c != ' ').is_some_and(|c| matches!(c, '}' | ']'));
        if opens && closes {
            let DataCursor(row, column) = self.area.cursor();
            self.area.insert_newline();
            self.area.insert_str(&indent);
            let place = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
            self.area.move_cursor(CursorMove::Jump(place(row), place(column)));
        }
    }

    /// Takes back what was typed last.
    pub fn undo(&mut self) {
        self.area.undo();
    }

    /// Does again what was taken back.
    pub fn redo(&mut self) {
        self.area.redo();
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) {
        let moved = match (key.code, key.ctrl) {
            (Code::Left, false) => Some(CursorMove::Back),
            (Code::Right, false) => Some(CursorMove::Forward),
            (Code::Left, true) => Some(CursorMove::WordBack),
            (Code::Right, true) => Some(CursorMove::WordForward),
            (Code::Up, _) => Some(CursorMove::Up),
            (Code::Down, _) => Some(CursorMove::Down),
            (Code::Home, false) => Some(CursorMove::Head),
            (Code::End, false) => Some(CursorMove::End),
            (Code::Home, true) => Some(CursorMove::Top),
            (Code::End, true) => Some(CursorMove::Bottom),
            (Code::PageUp, _) => Some(CursorMove::ParagraphBack),
            (Code::PageDown, _) => Some(CursorMove::ParagraphForward),
            _ => None,
        };
        if let Some(to) = moved {
            self.area.move_cursor(to);
            return;
        }
        if key.code == Code::Enter && !key.ctrl && !key.alt {
            self.new_line();
            return;
        }
        let shortcut = key.ctrl || key.alt;
        if shortcut {
            self.area.input(to_input(key));
        } else {
            self.area.input_without_shortcuts(to_input(key));
        }
    }

    /// Takes pasted text; `false` when it is too long.
    pub fn paste(&mut self, text: &str) -> bool {
        text.len() <= LONGEST_BODY && {
            self.area.insert_str(text.replace("\r\n", "\n").replace('\r', "\n"));
            true
        }
    }
}

fn to_input(key: Key) -> Input {
    let text_key = match key.code {
        Code::Char(c) => TextKey::Char(c),
        Code::Enter => TextKey::Enter,
        Code::Esc => TextKey::Esc,
        Code::Tab | Code::BackTab => TextKey::Tab,
        Code::Backspace => TextKey::Backspace,
        Code::Delete => TextKey::Delete,
        Code::Up => TextKey::Up,
        Code::Down => TextKey::Down,
        Code::Left => TextKey::Left,
        Code::Right => TextKey::Right,
        Code::Home => TextKey::Home,
        Code::End => TextKey::End,
        Code::PageUp => TextKey::PageUp,
        Code::PageDown => TextKey::PageDown,
        Code::F(number) => TextKey::F(number),
    };
    Input { key: text_key, ctrl: key.ctrl, alt: key.alt, shift: false }
}
