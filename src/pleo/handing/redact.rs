//! What is taken out of a record that is kept or handed on: what lets its reader in, whether it was sent or came back.
//!
//! Credentials are not in there anyway. This is about what else is sent and what Pleo answers: signatures of links, secrets
//! of webhooks, tokens, cookies, keys in headers and parameters of one's own. It is told by its name and by its looks.

mod shapes;

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex};
use url::Url;

use super::Form;
use crate::pleo::privacy;
use crate::pleo::transcript::{Answer, Transcript};
use crate::pleo::variables;
use crate::secret::MARK;

/// What stands in the place of a secret.
pub const REDACTED: &str = "REDACTED";

/// Whether the value of a header, parameter or member of this name lets its reader in.
#[must_use]
pub fn is_key(name: &str) -> bool {
    static WHOLE: OnceLock<Option<Regex>> = OnceLock::new();
    let whole = WHOLE.get_or_init(|| Regex::new(&shapes::name()).ok());
    whole.as_ref().is_none_or(|whole| whole.is_match(name.as_bytes()))
}

/// The name of the first value in a text that lets its reader in, where it has one.
#[must_use]
pub fn first_key(text: &str) -> Option<String> {
    let found = look()?.captures(text.as_bytes())?;
    let before = (1..found.len()).find_map(|group| found.get(group))?.as_bytes();
    // Behind a scheme or nothing at all it has none.
    let before = String::from_utf8_lossy(before);
    before.contains(['=', ':', '>']).then_some(())?;
    before
        .split(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c))
        .find(|word| is_key(word))
        .map(str::to_owned)
}

/// A text without values that let its reader in: signatures of links, secrets of webhooks, tokens.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    match bytes(text.as_bytes()) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// The same of a value that is there; a variable in it only names its own.
#[must_use]
pub fn is_named_key(name: &str, value: &str) -> bool {
    is_key(name) && !variables::without(value).trim().is_empty()
}

/// What finds them; the expression is checked by a test.
fn look() -> Option<&'static Regex> {
    static LOOK: OnceLock<Option<Regex>> = OnceLock::new();
    LOOK.get_or_init(|| Regex::new(&shapes::anywhere()).ok()).as_ref()
}

/// Makes what finds them, which takes some ten milliseconds, where nobody waits for it.
pub fn prepare() {
    look();
}

/// The same for a text that need not be UTF-8.
pub fn bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some(look) = look() else {
        return Cow::Borrowed(REDACTED.as_bytes());
    };
    look.replace_all(bytes, |found: &Captures<'_>| {
        let mut around = (1..found.len()).filter_map(|group| found.get(group)).map(|own| own.as_bytes());
        let (before, behind) = (around.next().unwrap_or_default(), around.next().unwrap_or_default());
        let whole = found.get(0).map_or(&b""[..], |own| own.as_bytes());
        let scheme = matches!(before.to_ascii_lowercase().trim_ascii_end(), b"bearer" | b"basic");
        if scheme && is_prose(&whole[before.len()..]) {
            return whole.to_vec();
        }
        // In the place of whatever a member has stands a text.
        let member = before.strip_prefix(b"\"").is_some_and(|rest| rest.contains(&b'"'));
        if member && before.trim_ascii_end().ends_with(b":") {
            return [before, b"\"", REDACTED.as_bytes(), b"\""].concat();
        }
        [before, REDACTED.as_bytes(), behind].concat()
    })
}

/// Whether what stands behind a scheme is a word of a sentence, such as "Basic authentication": letters, small ones but for
/// the first, and not too many.
fn is_prose(word: &[u8]) -> bool {
    word.len() < 20 && word.iter().all(u8::is_ascii_alphabetic) && !word.iter().skip(1).any(u8::is_ascii_uppercase)
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
    privacy::veiled(&url, masked).into_owned()
}

/// The value of a header as a record may hold it.
#[must_use]
pub fn header<'a>(name: &str, value: &'a str, masked: bool) -> Cow<'a, str> {
    if is_key(name) {
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

/// Whether a secret was taken out of a request, so that it is not the one that was sent.
#[must_use]
pub fn has_gaps(own: &Transcript) -> bool {
    let texts = own.headers.iter().map(|(_, value)| value.as_str()).chain(own.body.as_deref());
    texts.chain([own.url.as_str()]).any(|text| text.contains(REDACTED))
}

/// What is to be known of a request that is written down in a form, besides what it says.
#[must_use]
pub fn caution(own: &Transcript, form: Form) -> Option<&'static str> {
    match form {
        Form::Har | Form::Markdown => None,
        _ if has_gaps(own) => Some("REDACTED stands where a secret was: put it in again, or this is another request"),
        _ if holds_key(own) => Some("a secret of your own stands in it: mind who gets it"),
        _ => None,
    }
}

/// Whether something in a request lets its reader in, so that a command that sends it does too.
fn holds_key(own: &Transcript) -> bool {
    let named = |(name, value): &(String, String)| header(name, value, false) != value.as_str();
    let texts = [Some(own.url.as_str()), own.body.as_deref()].into_iter().flatten();
    let mut all = texts.clone().chain(own.headers.iter().map(|(_, value)| value.as_str()));
    own.headers.iter().any(named)
        || texts.clone().any(|own| text(own) != own)
        || all.any(|text| own.private.text(text) != text)
}

/// An exchange as it may be kept: the same, without what lets its reader in.
#[must_use]
pub fn transcript(own: &Transcript) -> Transcript {
    let own = without_private(own);
    let own = own.as_ref();
    let redacted = url(own, false).parse().unwrap_or_else(|_| without_query(&own.url));
    let sent = |(name, value): &(String, String)| (name.clone(), header(name, value, false).into_owned());
    Transcript {
        url: redacted,
        headers: own.headers.iter().map(sent).collect(),
        body: own.body.as_deref().map(|body| text(body).into_owned()),
        answer: own.answer.as_ref().map(answer),
        failure: own.failure.as_deref().map(|sentence| text(sentence).into_owned()),
        ..own.clone()
    }
}

/// The same without the values of variables that are named like secrets, which stand anywhere.
pub fn without_private(own: &Transcript) -> Cow<'_, Transcript> {
    if own.private.is_empty() {
        return Cow::Borrowed(own);
    }
    let text = |text: &str| own.private.text(text).replace(MARK, REDACTED);
    let bytes = |bytes: &[u8]| match own.private.bytes(bytes) {
        Cow::Borrowed(bytes) => bytes.to_vec(),
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).replace(MARK, REDACTED).into_bytes(),
    };
    Cow::Owned(Transcript {
        url: text(own.url.as_str()).parse().unwrap_or_else(|_| without_query(&own.url)),
        headers: own.headers.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        body: own.body.as_deref().map(text),
        answer: own.answer.as_ref().map(|answer| Answer {
            headers: answer.headers.iter().map(|(name, value)| (name.clone(), bytes(value))).collect(),
            body: answer.body.as_deref().map(bytes),
            ..answer.clone()
        }),
        failure: own.failure.as_deref().map(text),
        ..own.clone()
    })
}

/// What cannot be told whole is told without what holds the secret.
fn without_query(url: &Url) -> Url {
    let mut bare = url.clone();
    bare.set_query(None);
    bare
}

fn answer(own: &Answer) -> Answer {
    let received = |(name, value): &(String, Vec<u8>)| {
        let value = String::from_utf8_lossy(value);
        (name.clone(), header(name, &value, false).into_owned().into_bytes())
    };
    Answer {
        headers: own.headers.iter().map(received).collect(),
        body: own.body.as_deref().map(|body| bytes(body).into_owned()),
        ..own.clone()
    }
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
            (r#"{"args":{"api_key":["a","b"],"limit":["5"]}}"#, r#"{"args":{"api_key":"REDACTED","limit":["5"]}}"#),
            (r#"{"X-Auth-Token": "abc", "nextToken": "n"}"#, r#"{"X-Auth-Token": "REDACTED", "nextToken": "n"}"#),
            ("grant_type=refresh_token&refresh_token=abc", "grant_type=refresh_token&refresh_token=REDACTED"),
            ("client_secret=abc&x=1", "client_secret=REDACTED&x=1"),
            ("sent Bearer abcdefgh1= and", "sent Bearer REDACTED and"),
            ("Basic authentication is wanted", "Basic authentication is wanted"),
            ("Bearer kzqwplmrTYHGbvcxsdfe", "Bearer REDACTED"),
            ("use Bearer SEKRETUUUUUUUUUUUU password=abc", "use Bearer REDACTED password=REDACTED"),
            (r#"{"secret":{"value":"a"},"tokens":["a"]}"#, r#"{"secret":"REDACTED","tokens":"REDACTED"}"#),
            (r#"[{"name":"password","value":"a"}]"#, r#"[{"name":"password","value":"REDACTED"}]"#),
            (r#"["client_secret=abc&a=1"]"#, r#"["client_secret=REDACTED&a=1"]"#),
            (
                "/a?to=https%3A%2F%2Fx%2F%3Faccess_token%3Dabc%26a%3D1&f=%7B%22password%22:%22abc%22%7D",
                "/a?to=https%3A%2F%2Fx%2F%3Faccess_token%3DREDACTED%26a%3D1&f=%7B%22password%22:%22REDACTED%22%7D",
            ),
            ("key pls_0123456789abcdef0 ends", "key REDACTED ends"),
            ("eyJhbGciOiJI.eyJzdWIiOiI.c2ln", "REDACTED"),
            ("/v2/employees?code=E1&email=a", "/v2/employees?code=E1&email=a"),
            ("https://f.example/?key=abc&sid=d&pwd=e", "https://f.example/?key=REDACTED&sid=REDACTED&pwd=REDACTED"),
            (r#"{"key":"status","sessions":"7","pinned":"1"}"#, r#"{"key":"status","sessions":"7","pinned":"1"}"#),
            (
                r#"{"newPassword":"a","pin": 1234, "otp":12.5}"#,
                r#"{"newPassword":"REDACTED","pin": "REDACTED", "otp":"REDACTED"}"#,
            ),
            (r#"{"url":"https://me:pass@f.example/a"}"#, r#"{"url":"https://me:REDACTED@f.example/a"}"#),
            (r#"{"url":"https:\/\/me:pass@f.example"}"#, r#"{"url":"https:\/\/me:REDACTED@f.example"}"#),
            ("at https://f.example:8080/a@b", "at https://f.example:8080/a@b"),
            ("sk_live_0123456789 and ghp_0123456789abcdef0", "REDACTED and REDACTED"),
            (r#"{"token":null,"secret":true}"#, r#"{"token":null,"secret":true}"#),
            ("client_secret: x\r\nlimit: 5", "client_secret: REDACTED\r\nlimit: 5"),
            ("- token: 'a b'\npassword = hunter2", "- token: 'REDACTED'\npassword = REDACTED"),
            ("{ token: \"a b\", pin: 5 }", "{ token: \"REDACTED\", pin: REDACTED }"),
            ("Invalid token: expired", "Invalid token: expired"),
            ("Use client_secret: x for it", "Use client_secret: REDACTED for it"),
            ("Cookie: a=b; c=d\nAuthorization: ApiKey abc", "Cookie: REDACTED\nAuthorization: REDACTED"),
            (r#"{"text":"a\nsecret: b\nc","token: d":1}"#, r#"{"text":"a\nsecret: REDACTED\nc","token: REDACTED":1}"#),
            (
                "<a:clientSecret x='1'>b</a:clientSecret><pin> <![CDATA[1]]></pin><id>1</id>",
                "<a:clientSecret x='1'>REDACTED</a:clientSecret><pin> <![CDATA[REDACTED]]></pin><id>1</id>",
            ),
            ("<login user=\"me\" password=\"a&amp;b\"/>", "<login user=\"me\" password=\"REDACTED\"/>"),
            (
                "--b\r\nContent-Disposition: form-data; name=\"client_secret\"\r\nX: y\r\n\r\na\r\nb\r\n--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1\r\n--b--",
                "--b\r\nContent-Disposition: form-data; name=\"client_secret\"\r\nX: y\r\n\r\nREDACTED\r\n--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1\r\n--b--",
            ),
            ("https://f.example/reset-password/abc?a=1", "https://f.example/reset-password/REDACTED?a=1"),
            ("https://f.example/v1/tokens/abc", "https://f.example/v1/tokens/abc"),
            (
                r#"{"client\u005fsecret": "a\"b","p\u0069n":1,"a\u0026b":"c"}"#,
                r#"{"client\u005fsecret": "REDACTED","p\u0069n":"REDACTED","a\u0026b":"c"}"#,
            ),
            (r#"{"a":"Authorization: Bearer abcdefgh1","b":1}"#, r#"{"a":"Authorization: REDACTED","b":1}"#),
            ("curl -H 'Authorization: Bearer a' -u me:b x", "curl -H 'Authorization: REDACTED' -u me:REDACTED x"),
            ("Authorization=Bearer abc&a=1", "Authorization=REDACTED"),
            (
                "?cb=https://h/?access_token%3Da%2Fb%26n%3D1&f=Bearer%20abcdefgh",
                "?cb=https://h/?access_token%3DREDACTED%26n%3D1&f=Bearer%20REDACTED",
            ),
            ("?user%5Bpassword%5D=a&user[pin]=1&b=2", "?user%5Bpassword%5D=REDACTED&user[pin]=REDACTED&b=2"),
            ("https://e/cb#access_token=a&n=1", "https://e/cb#access_token=REDACTED&n=1"),
            (
                r#"{"s":"{\"a\":\"{\\\"token\\\":\\\"a\\\"}\"}"}"#,
                r#"{"s":"{\"a\":\"{\\\"token\\\":\\\"REDACTED\\\"}\"}"}"#,
            ),
            (r#"{"key":"api_key","value":"a"}"#, r#"{"key":"api_key","value":"REDACTED"}"#),
            ("<input name=\"password\" type='x' value=\"a\">", "<input name=\"password\" type='x' value=\"REDACTED\">"),
            (r#"{"é":"ü","password":"ä€𝄞\é"}"#, r#"{"é":"ü","password":"REDACTED"}"#),
        ];
        for (given, wanted) in cases {
            assert_eq!(text(given), wanted);
        }
        let keys = "X-Auth-Token x-api-key Authorization X-CSRF-Token apikey X-Jwt X-Credentials X-Auth X-Session-Id \
            X-Pass pwd session jwt assertion client_assertion passwd pass-word xApiKey user_password sessionId bearer \
            cvv webhookSecret authToken key otp Ocp-Apim-Subscription-Key DPoP X-Functions-Key X-Webhook-Sig";
        for name in keys.split_whitespace() {
            assert!(is_key(name), "{name}");
        }
        for name in ["limit", "tokenise", "after", "X-Trace", "Content-Type", "secretary", "nextToken", "pinned"] {
            assert!(!is_key(name), "{name}");
        }
        assert_eq!(first_key(r#"{"a":1,"newPassword": "x"}"#).as_deref(), Some("newPassword"));
        assert_eq!(first_key("a=1&sig=2").as_deref(), Some("sig"));
        assert_eq!(first_key("<a><pin>1</pin></a>").as_deref(), Some("pin"));
        assert_eq!(first_key("key pls_0123456789abcdef0"), None, "it has no name");
        assert_eq!(header("Set-Cookie", "session=abc; Path=/", false), REDACTED);
        let location = header("Location", "http://127.0.0.1:8/cb?code=abc&state=x", false);
        assert_eq!(location, "http://127.0.0.1:8/cb?code=REDACTED&state=x");
        assert_eq!(*bytes(b"\xff?sig=abc&a=\xff"), *b"\xff?sig=REDACTED&a=\xff");
    }
}
