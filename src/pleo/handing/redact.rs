//! What is taken out of a record that is handed on: what lets its reader in, whichever answer it stands in.
//!
//! Credentials are not in there anyway. This is about what Pleo sends: signatures of links, secrets of webhooks, tokens,
//! cookies.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;
use url::Url;

use crate::pleo::privacy;
use crate::pleo::transcript::Transcript;

/// What stands in the place of a secret.
pub const REDACTED: &str = "REDACTED";

/// Parameters of links whose value lets their reader in, and members whose value is a secret. In JSON an ampersand and a
/// quote may be escaped.
const LETTERS: &str = concat!(
    r#"(?i)((?:[?&]|\\u0026|&amp;)(?:[\w.\-]*(?:signature|credential|security-token)|sig|token|access_token|code)=)[^&"'\s\\<>]+"#,
    r#"|(\\?"(?:secret_?key|client_?secret|access_?token|refresh_?token|id_?token|api_?key|password)\\?"\s*:\s*\\?")[^"\\]+"#
);

/// A text without values that let its reader in: signatures of links, secrets of webhooks, tokens.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    static LOOK: OnceLock<Option<Regex>> = OnceLock::new();
    // The expression is checked by a test.
    match LOOK.get_or_init(|| Regex::new(LETTERS).ok()) {
        Some(look) => look.replace_all(text, |found: &regex::Captures<'_>| {
            let before = found.get(1).or_else(|| found.get(2)).map_or("", |own| own.as_str());
            format!("{before}{REDACTED}")
        }),
        None => Cow::Borrowed(REDACTED),
    }
}

/// The URL as a record may hold it: of a link to another host only where it leads, and personal data masked where that is
/// wanted.
pub fn url(own: &Transcript, masked: bool) -> String {
    if own.elsewhere {
        return format!("{}/{REDACTED}", &own.url[..url::Position::BeforePath]);
    }
    let mut url = own.url.clone();
    // Nothing that Pleo is sent has them.
    let _ = (url.set_username(""), url.set_password(None));
    let url: &str = Url::as_str(&url);
    if masked { privacy::masked(url).into_owned() } else { url.to_owned() }
}

/// The value of a header as a record may hold it.
pub fn header<'a>(name: &str, value: &'a str, masked: bool) -> Cow<'a, str> {
    let secret = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"];
    if secret.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Cow::Borrowed(REDACTED);
    }
    let value = text(value);
    if masked { Cow::Owned(privacy::masked(&value).into_owned()) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lets_in_is_taken_out() {
        let cases = [
            ("https://f.example/a?X-Amz-Signature=abc&limit=5", "https://f.example/a?X-Amz-Signature=REDACTED&limit=5"),
            (
                r#"{"url":"https://f.example/?a=1\u0026X-Signature=k%3D"}"#,
                r#"{"url":"https://f.example/?a=1\u0026X-Signature=REDACTED"}"#,
            ),
            (r#"{"secretKey": "whsec_abc", "name": "x"}"#, r#"{"secretKey": "REDACTED", "name": "x"}"#),
            (r#"{"accountCode":"7000","code":"E1"}"#, r#"{"accountCode":"7000","code":"E1"}"#),
        ];
        for (given, wanted) in cases {
            assert_eq!(text(given), wanted);
        }
        assert_eq!(header("Set-Cookie", "session=abc; Path=/", false), REDACTED);
    }
}
