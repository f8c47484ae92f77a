//! What is taken out of a record that is handed on: what lets its reader in, whichever answer it stands in.
//!
//! Credentials are not in there anyway. This is about what Pleo sends: signatures of links, secrets of webhooks, tokens,
//! cookies.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex};

use crate::pleo::privacy;
use crate::pleo::transcript::Transcript;

/// What stands in the place of a secret.
pub const REDACTED: &str = "REDACTED";

/// What lets in: parameters of links, members of JSON, of JSON in a JSON text, and tokens by their looks. The first group of
/// each is what stands before the secret. In JSON an ampersand may be escaped.
const LETTERS: &str = concat!(
    r#"(?i)((?:[?&]|\\u0026|&amp;)(?:[\w.\-]*(?:signature|credential|security-token)|sig|token|access_token|refresh_token|id_token|client_secret|api_?key)=)[^&"'\s\\<>]+"#,
    r#"|("(?:(?:x-)?(?:secret|token|authorization|proxy-authorization|cookie|set-cookie|api-?key)|secret_?key|signing_?(?:secret|key)|private_?key|client_?secret|access_?token|refresh_?token|id_?token|api_?key|code_?verifier|passphrase|password)"\s*:\s*")(?:[^"\\]|\\.)+"#,
    r#"|(\\"(?:secret_?key|client_?secret|access_?token|refresh_?token|id_?token|api_?key|token|secret|authorization|password)\\"\s*:\s*\\")[^"\\]+"#,
    r"|(\b(?:bearer|basic)\s+)[\w.~+/\-]{8,}=*",
    r"|(\b)(?-i:eyJ[\w\-]{8,}\.[\w\-]{8,}(?:\.[\w\-]*)?|pl[sp]_\w{16,})",
);

/// A text without values that let its reader in: signatures of links, secrets of webhooks, tokens.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    match bytes(text.as_bytes()) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// The same for a text that need not be UTF-8.
pub fn bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    static LOOK: OnceLock<Option<Regex>> = OnceLock::new();
    // The expression is checked by a test.
    let Some(look) = LOOK.get_or_init(|| Regex::new(LETTERS).ok()) else {
        return Cow::Borrowed(REDACTED.as_bytes());
    };
    look.replace_all(bytes, |found: &Captures<'_>| {
        let before = (1..found.len()).find_map(|group| found.get(group)).map_or(&b""[..], |own| own.as_bytes());
        let whole = found.get(0).map_or(&b""[..], |own| own.as_bytes());
        let scheme = matches!(before.to_ascii_lowercase().trim_ascii_end(), b"bearer" | b"basic");
        // "Basic authentication" is prose: what lets in has a digit.
        if scheme && !whole.iter().any(u8::is_ascii_digit) {
            return whole.to_vec();
        }
        [before, REDACTED.as_bytes()].concat()
    })
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
    let url = text(url.as_str());
    if masked { privacy::masked(&url).into_owned() } else { url.into_owned() }
}

/// The value of a header as a record may hold it.
pub fn header<'a>(name: &str, value: &'a str, masked: bool) -> Cow<'a, str> {
    let secret = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"];
    if secret.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Cow::Borrowed(REDACTED);
    }
    let value = text(value);
    // What an authorisation server sends a browser back with.
    let value = match value.split_once("code=").filter(|_| name.eq_ignore_ascii_case("location")) {
        Some((before, code)) if before.ends_with(['?', '&']) => {
            let rest = code.find(['&', '#']).map_or("", |end| &code[end..]);
            Cow::Owned(format!("{before}code={REDACTED}{rest}"))
        }
        _ => value,
    };
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
            (r#"{"token":"a\"b\\","id":1}"#, r#"{"token":"REDACTED","id":1}"#),
            (r#""{\"secret\": \"abc\", \"n\":1}""#, r#""{\"secret\": \"REDACTED\", \"n\":1}""#),
            (r#"{"headers":{"Authorization":"Basic cGxzOg=="}}"#, r#"{"headers":{"Authorization":"REDACTED"}}"#),
            ("sent Bearer abcdefgh1= and", "sent Bearer REDACTED and"),
            ("Basic authentication is wanted", "Basic authentication is wanted"),
            ("key pls_0123456789abcdef0 ends", "key REDACTED ends"),
            ("eyJhbGciOiJI.eyJzdWIiOiI.c2ln", "REDACTED"),
            ("/v2/employees?code=E1&email=a", "/v2/employees?code=E1&email=a"),
        ];
        for (given, wanted) in cases {
            assert_eq!(text(given), wanted);
        }
        assert_eq!(header("Set-Cookie", "session=abc; Path=/", false), REDACTED);
        let location = header("Location", "http://127.0.0.1:8/cb?code=abc&state=x", false);
        assert_eq!(location, "http://127.0.0.1:8/cb?code=REDACTED&state=x");
        assert_eq!(*bytes(b"\xff?sig=abc&a=\xff"), *b"\xff?sig=REDACTED&a=\xff");
    }
}
