//! How a typed or pasted text becomes a credential: what is taken off, and what no header can carry.

use super::{CredentialKind, Scheme};
use crate::secret::{Secret, SecretField};

/// Why a text cannot be a credential.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Nothing but white space.
    #[error("the credential is empty: paste or type its value")]
    Empty,
    /// Something that no header may hold.
    #[error(
        "the credential holds {what} at character {position}: copy it again, without line breaks or control characters"
    )]
    BadCharacter {
        /// What was found, in words.
        what: &'static str,
        /// Its place, counted from 1.
        position: usize,
    },
    /// A colon inside a key would end the user name.
    #[error(
        "an API key cannot hold a colon (found at character {0}): the key is the user name and the password stays empty, so paste the key alone"
    )]
    ColonInKey(usize),
    /// A Basic header whose content is not Base64 of `key:`.
    #[error("what follows \"Basic \" is not Base64 of a key and a colon: paste the key alone")]
    NotBasic,
}

/// A text made into a secret, with what was understood on the way.
#[derive(Debug)]
pub struct Recognised {
    /// The value without white space and prefixes.
    pub secret: Secret,
    /// What was taken off or looks odd, each a sentence.
    pub remarks: Vec<String>,
}

/// Reads a typed or pasted credential: trims it, takes a `Basic ` or `Bearer ` prefix (or a whole header line) off,
/// decodes Base64 that a Basic prefix announces, and drops the colon that ends a Basic user name.
///
/// # Errors
/// [`CredentialError`] when no header could carry it.
pub fn recognise(kind: CredentialKind, field: &SecretField) -> Result<Recognised, CredentialError> {
    field.inspect(|text| recognise_text(kind, text))
}

fn recognise_text(kind: CredentialKind, text: &str) -> Result<Recognised, CredentialError> {
    let mut remarks = Vec::new();
    let mut value = text.trim();
    for quote in ['"', '\'', '`'] {
        if let Some(inside) = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            value = inside.trim();
            remarks.push("The quotes around it were taken off.".to_owned());
        }
    }
    if let Some(rest) = strip_word(value, "authorization:") {
        value = rest;
    }
    let mut decoded = None;
    if let Some(rest) = strip_word(value, "bearer ") {
        value = rest;
        remarks.push("The prefix \"Bearer \" was taken off.".to_owned());
        if kind.scheme() == Scheme::Basic {
            remarks.push(format!(
                "It was copied from a Bearer header, but the {} is sent as Basic: check its kind.",
                kind.name()
            ));
        }
    } else if let Some(rest) = strip_word(value, "basic ") {
        decoded = decode_basic(rest);
        value = rest;
        remarks.push("The prefix \"Basic \" was taken off.".to_owned());
        if kind.scheme() == Scheme::Bearer {
            remarks.push(format!(
                "It was copied from a Basic header, but the {} is sent as Bearer: check its kind.",
                kind.name()
            ));
        }
    }
    let value = decoded.as_ref().map_or(value, |decoded| decoded.as_str());
    let value = if kind.scheme() == Scheme::Basic { value.strip_suffix(':').unwrap_or(value) } else { value };
    if value.is_empty() || ["bearer", "basic"].iter().any(|word| value.eq_ignore_ascii_case(word)) {
        return Err(CredentialError::Empty);
    }
    if let Some((index, c)) = value.chars().enumerate().find(|(_, c)| !c.is_ascii_graphic()) {
        let what = match c {
            ' ' | '\t' => "white space",
            c if c.is_control() => "a control character",
            _ => "a character outside ASCII",
        };
        return Err(CredentialError::BadCharacter { what, position: index + 1 });
    }
    if let (Scheme::Basic, Some(index)) = (kind.scheme(), value.find(':')) {
        return Err(CredentialError::ColonInKey(index + 1));
    }
    Ok(Recognised { secret: Secret::new(value.to_owned()), remarks })
}

/// Takes a prefix off whatever its case, and the white space after it.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| text[word.len()..].trim_start())
}

/// Base64 of `key:` gives the key with its colon; anything else is taken as the raw key, as some clients send it.
fn decode_basic(text: &str) -> Option<zeroize::Zeroizing<String>> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()?;
    let decoded = zeroize::Zeroizing::new(String::from_utf8(bytes).ok()?);
    decoded.contains(':').then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: CredentialKind, text: &str) -> Result<String, CredentialError> {
        recognise_text(kind, text).map(|recognised| recognised.secret.expose().to_owned())
    }

    #[test]
    fn white_space_and_prefixes_go() {
        let key = CredentialKind::StandaloneApiKey;
        assert_eq!(read(key, "  pls_abc\n").as_deref(), Ok("pls_abc"));
        assert_eq!(read(key, "Basic pls_abc").as_deref(), Ok("pls_abc"));
        assert_eq!(read(key, "Basic cGxzX2FiYzo=").as_deref(), Ok("pls_abc"));
        assert_eq!(read(key, "Authorization: Basic cGxzX2FiYzo=").as_deref(), Ok("pls_abc"));
        assert_eq!(read(key, "pls_abc:").as_deref(), Ok("pls_abc"));
        assert_eq!(read(key, "\"pls_abc\"").as_deref(), Ok("pls_abc"));
        assert_eq!(read(CredentialKind::OAuthAccessToken, "bearer  tok").as_deref(), Ok("tok"));
    }

    #[test]
    fn what_no_header_can_carry_is_refused_with_its_place() {
        let token = CredentialKind::OAuthAccessToken;
        assert_eq!(read(token, "  "), Err(CredentialError::Empty));
        assert_eq!(read(token, "Bearer "), Err(CredentialError::Empty));
        assert!(matches!(read(token, "ab c"), Err(CredentialError::BadCharacter { position: 3, .. })));
        assert!(matches!(
            read(token, "ab\u{1b}c"),
            Err(CredentialError::BadCharacter { what: "a control character", .. })
        ));
        assert!(matches!(read(token, "abé"), Err(CredentialError::BadCharacter { .. })));
        assert_eq!(read(CredentialKind::StandaloneApiKey, "a:b"), Err(CredentialError::ColonInKey(2)));
    }
}
