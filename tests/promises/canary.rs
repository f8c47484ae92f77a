//! Secrets to look for: each is random, and is found in whatever form it was written.

use std::hash::{BuildHasher as _, RandomState};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// A fresh secret.
#[derive(Clone, Debug)]
pub struct Canary(String);

impl Canary {
    /// Never the same twice; the label tells which one was found.
    pub fn new(label: &str) -> Self {
        let random = RandomState::new().hash_one(label) & 0xFFFF_FFFF_FFFF;
        Self(format!("CNRY-{label}-{random:012x}"))
    }

    /// As it is given to the program.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The Authorization header that carries it as a Bearer token.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// The Authorization header that carries it as a key.
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:", self.0)))
    }

    /// Its last four characters, by which it is told apart on the screen.
    pub fn tail(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// Every form that counts, with its name.
    pub fn forms(&self) -> Vec<(&'static str, Vec<u8>)> {
        let bytes = self.0.as_bytes();
        let each = |form: fn(u8) -> String| bytes.iter().map(|byte| form(*byte)).collect::<String>().into_bytes();
        let mut forms = vec![
            ("raw", bytes.to_vec()),
            ("Base64 with a colon", STANDARD.encode(format!("{}:", self.0)).into_bytes()),
            ("percent-encoded", each(|byte| format!("%{byte:02X}"))),
            ("percent-encoded", each(|byte| format!("%{byte:02x}"))),
            ("JSON escapes", each(|byte| format!("\\u{byte:04x}"))),
            ("JSON escapes", each(|byte| format!("\\u{byte:04X}"))),
            ("hexadecimal", each(|byte| format!("{byte:02x}"))),
            ("hexadecimal", each(|byte| format!("{byte:02X}"))),
            ("UTF-16LE", self.0.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("reversed", bytes.iter().rev().copied().collect()),
        ];
        // Wherever it stands in what was encoded: the characters that its neighbours have no part in.
        for before in 0..3 {
            let padded = [&vec![b'.'; before][..], bytes].concat();
            for alphabet in [&STANDARD, &URL_SAFE] {
                let (begin, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
                forms.push(("Base64", alphabet.encode(&padded).as_bytes()[begin..end].to_vec()));
            }
        }
        forms
    }

    /// The form in which it stands in these bytes, if it does.
    pub fn found_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let mut forms = self.forms().into_iter();
        forms.find(|(_, form)| memchr::memmem::find(bytes, form).is_some()).map(|(name, _)| name)
    }

    /// Panics when it stands in these bytes in any form.
    pub fn assert_not_in(&self, bytes: &[u8], what: &str) {
        let found = self.found_in(bytes);
        assert_eq!(found, None, "{} is in {what}:\n{}", self.0, String::from_utf8_lossy(bytes));
    }
}

/// The search must find what it looks for, or every promise built on it says nothing.
#[test]
fn every_form_is_found_and_nothing_else() {
    let canary = Canary::new("staging-key");
    for (name, form) in canary.forms() {
        let text = [b"{\"a\": \"", &form[..], b"\"}"].concat();
        assert!(canary.found_in(&text).is_some(), "{name}");
        assert_eq!(canary.found_in(&text[..text.len() - 8]), None, "{name}, cut short");
        assert_eq!(Canary::new("staging-key").found_in(&text), None, "{name} of another one");
    }
    for before in ["", "a", "ab", "abc", "user:"] {
        let encoded = STANDARD.encode(format!("{before}{}, and more", canary.text()));
        assert_eq!(canary.found_in(encoded.as_bytes()), Some("Base64"), "after {before:?}");
    }
    assert_eq!(canary.found_in(canary.basic().as_bytes()), Some("Base64 with a colon"));
    assert_eq!(canary.found_in(canary.bearer().as_bytes()), Some("raw"));
}
