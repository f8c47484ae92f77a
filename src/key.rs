//! A key press as a value: what the keymap is written in and what people read in the footer.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// A character, already in its shifted form.
    Char(char),
    /// Enter or Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, counted from 1.
    F(u8),
}

/// A key with its modifiers. Shift is part of the character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// With Ctrl held.
    pub ctrl: bool,
    /// With Alt held.
    pub alt: bool,
}

impl Key {
    /// A key without modifiers.
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// A character key.
    #[must_use]
    pub const fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    /// A character with Ctrl.
    #[must_use]
    pub const fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true, alt: false }
    }

    /// Reads a terminal's key event; `None` for keys that nothing here uses.
    #[must_use]
    pub fn from_terminal(event: KeyEvent) -> Option<Self> {
        let shift = event.modifiers.contains(KeyModifiers::SHIFT);
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let code = match event.code {
            KeyCode::Char(c) if ctrl => Code::Char(c.to_ascii_lowercase()),
            KeyCode::Char(c) => Code::Char(c),
            KeyCode::Enter => Code::Enter,
            KeyCode::Esc => Code::Esc,
            KeyCode::Tab if shift => Code::BackTab,
            KeyCode::Tab => Code::Tab,
            KeyCode::BackTab => Code::BackTab,
            KeyCode::Backspace => Code::Backspace,
            KeyCode::Delete => Code::Delete,
            KeyCode::Up => Code::Up,
            KeyCode::Down => Code::Down,
            KeyCode::Left => Code::Left,
            KeyCode::Right => Code::Right,
            KeyCode::Home => Code::Home,
            KeyCode::End => Code::End,
            KeyCode::PageUp => Code::PageUp,
            KeyCode::PageDown => Code::PageDown,
            KeyCode::F(number) => Code::F(number),
            _ => return None,
        };
        Some(Self { code, ctrl, alt: event.modifiers.contains(KeyModifiers::ALT) })
    }

    /// The character it types into a text field, if it types one.
    #[must_use]
    pub const fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

/// How many function keys there are.
const FUNCTION_KEYS: u8 = 12;

/// The names of keys; of several the first is the one shown.
const NAMES: [(&str, Code); 23] = [
    ("Space", Code::Char(' ')),
    ("Enter", Code::Enter),
    ("Esc", Code::Esc),
    ("Tab", Code::Tab),
    ("Shift-Tab", Code::BackTab),
    ("Backspace", Code::Backspace),
    ("Del", Code::Delete),
    ("↑", Code::Up),
    ("↓", Code::Down),
    ("←", Code::Left),
    ("→", Code::Right),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PgUp", Code::PageUp),
    ("PgDn", Code::PageDown),
    ("Return", Code::Enter),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Delete", Code::Delete),
    ("PageUp", Code::PageUp),
    ("PageDown", Code::PageDown),
];

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        if self.ctrl {
            text.push_str("Ctrl-");
        }
        if self.alt {
            text.push_str("Alt-");
        }
        match (NAMES.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((name, _)), _) => text.push_str(name),
            (None, Code::Char(c)) => text.push(c),
            (None, Code::F(number)) => text.push_str(&format!("F{number}")),
            (None, _) => {}
        }
        f.pad(&text)
    }
}

/// A text that names no key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no key: write for example j, Ctrl-t, Space, Enter, PgDn")]
pub struct UnknownKey(pub String);

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (ctrl, rest) = text.strip_prefix("Ctrl-").map_or((false, text), |rest| (true, rest));
        let (alt, rest) = rest.strip_prefix("Alt-").map_or((false, rest), |rest| (true, rest));
        let named = NAMES.iter().find(|(name, _)| *name == rest).map(|(_, code)| *code);
        let function = rest.strip_prefix('F').and_then(|number| number.parse().ok());
        let mut characters = rest.chars();
        let code = match (named, function, characters.next(), characters.next()) {
            (Some(code), ..) => code,
            (None, Some(number @ 1..=FUNCTION_KEYS), ..) => Code::F(number),
            // A terminal sends the same with and without Shift.
            (None, _, Some(c), None) if ctrl => Code::Char(c.to_ascii_lowercase()),
            (None, _, Some(c), None) => Code::Char(c),
            _ => return Err(UnknownKey(text.to_owned())),
        };
        Ok(Self { code, ctrl, alt })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_they_are_read() {
        for text in
            ["j", "G", "F", "F5", "F12", "Alt-F1", "Ctrl-t", "Space", "Enter", "Shift-Tab", "PgDn", "↑", "?", "Del"]
        {
            assert_eq!(text.parse::<Key>().expect(text).to_string(), text);
        }
        assert!("Ctrl-".parse::<Key>().is_err());
        assert!("jj".parse::<Key>().is_err());
        assert!("F0".parse::<Key>().is_err() && "F13".parse::<Key>().is_err());
        assert_eq!("Ctrl-T".parse(), Ok(Key::ctrl('t')));
    }
}
