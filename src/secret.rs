//! A secret as a type: it cannot be printed, compared, serialised or left behind in memory by mistake.
//!
//! [`Secret`] is a finished value, [`SecretField`] the masked input it is typed into. Both zeroise what they held when
//! they are dropped. Who reads the value must write [`Secret::expose`], and `tests/architecture.rs` counts who does.
//! A [`Redactor`] makes the forms in which a secret may come back vanish from everything that is shown.

mod redactor;

pub use redactor::{MARK, Redacted, Redactor};

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A credential's value. Cheap to clone: all clones share one buffer, which is zeroised when the last one goes.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes the value over; surrounding white space is the caller's to trim.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(Arc::new(Zeroizing::new(value)))
    }

    /// The value itself, for the one place where bytes leave.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it begins with a text that tells its kind.
    #[must_use]
    pub fn starts_with(&self, prefix: &str) -> bool {
        self.0.starts_with(prefix)
    }

    /// Whether it stands somewhere in a text, as it is or as the value of a Basic header. One shorter than eight characters
    /// is not looked for: it would be found in ordinary words.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        use base64::Engine as _;
        // It stands in nothing that is shorter than it is, and most of what is asked about is.
        if self.0.len() < 8 || text.len() < self.0.len() {
            return false;
        }
        if text.contains(self.0.as_str()) {
            return true;
        }
        // The other form is longer by a third, and is not made for a text that it does not fit into.
        if text.len() < (self.0.len() + 1) * 4 / 3 {
            return false;
        }
        let pair = Zeroizing::new(format!("{}:", self.0.as_str()));
        let basic = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()));
        text.contains(basic.trim_end_matches('='))
    }

    /// A text without this secret in it.
    #[must_use]
    pub fn hide<'a>(&self, text: &'a str) -> std::borrow::Cow<'a, str> {
        if self.is_in(text) { text.replace(self.0.as_str(), redactor::MARK).into() } else { text.into() }
    }

    /// Whether both hold the same text, found out in a time that does not tell where they differ.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.is_text(&other.0)
    }

    /// Whether it is this text, found out in the same way.
    #[must_use]
    pub fn is_text(&self, other: &str) -> bool {
        let (own, other) = (self.0.as_bytes(), other.as_bytes());
        let differing = own.iter().zip(other).fold(0, |found, (own, other)| found | (own ^ other));
        own.len() == other.len() && std::hint::black_box(differing) == 0
    }

    /// The last four characters, to tell two secrets apart on a screen; none of it when it is shorter than twelve.
    #[must_use]
    pub fn tail(&self) -> String {
        let characters = self.0.chars().count();
        if characters < 12 { String::new() } else { self.0.chars().skip(characters - 4).collect() }
    }

    /// Whether both are the same stored value (not merely equal text, which would be an oracle).
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The longest secret that a field takes, in bytes; a longer paste is refused whole.
pub const LONGEST: usize = 16 * 1024;

/// A one-line input whose text is never shown and leaves no undo history.
///
/// The buffer is reserved at its full size at once, so that growing never leaves a copy of the text behind.
pub struct SecretField(Zeroizing<String>);

impl SecretField {
    /// An empty field.
    #[must_use]
    pub fn new() -> Self {
        Self(Zeroizing::new(String::with_capacity(LONGEST)))
    }

    /// Adds typed or pasted text, line breaks dropped. `false`, and nothing added, when it would not fit.
    pub fn insert(&mut self, text: &str) -> bool {
        let added: usize = text.chars().filter(|c| !matches!(c, '\r' | '\n')).map(char::len_utf8).sum();
        if self.0.len() + added > LONGEST {
            return false;
        }
        self.0.extend(text.chars().filter(|c| !matches!(c, '\r' | '\n')));
        true
    }

    /// Takes the last character away.
    pub fn backspace(&mut self) {
        self.0.pop();
    }

    /// Forgets everything typed.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Number of characters typed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the text once, for recognising and trimming; see `pleo::credential`.
    pub fn inspect<T>(&self, read: impl FnOnce(&str) -> T) -> T {
        read(&self.0)
    }
}

impl Default for SecretField {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SecretField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretField({} characters)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_value() {
        let secret = Secret::new("pls_very_secret_value".into());
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        let mut field = SecretField::new();
        field.insert("pls_very");
        assert_eq!(format!("{field:?}"), "SecretField(8 characters)");
    }

    #[test]
    fn tail_is_four_characters_and_only_of_long_values() {
        assert_eq!(Secret::new("abcdefghijklmnop".into()).tail(), "mnop");
        assert_eq!(Secret::new("short".into()).tail(), "");
    }

    #[test]
    fn a_paste_is_flattened_and_one_too_long_is_refused_whole() {
        let mut field = SecretField::new();
        assert!(field.insert("ab\r\ncd\n"));
        assert_eq!(field.len(), 4);
        assert!(!field.insert(&"x".repeat(LONGEST)));
        assert_eq!(field.len(), 4);
    }
}
