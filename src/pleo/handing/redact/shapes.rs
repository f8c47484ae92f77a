//! The shapes in which something stands that lets its reader in.
//!
//! All of it is ASCII: with the letters of the whole world the search would be made thirty times and run five hundred times
//! as slowly, and every run makes it.

/// The one list of names whose value lets in: of headers, parameters of URLs and forms, and members of JSON. Some do with
/// anything before them (`newPassword`), some only by themselves or after `x-`: a `nextToken` is a place in a list.
const NAME: &str = concat!(
    r"(?:x[_\-]?)?(?:tokens?|authentication|auth|session(?:[_\-]?id)?|sid|pass|pw|pin|otp|totp|cvv2?|cvc2?|bearer|dpop)",
    r"|x-[\w\-]*(?:token|key|sig|(?:secret|password)[\w\-]*)",
    r"|[\w.\-]*(?:auth|access|refresh|id|security|session|csrf|xsrf|api|user|client|login|reset|bot)[_\-]?tokens?",
    r"|[\w.\-]*(?:secret|signing|private|api|access|auth|encryption|subscription|function|master|webhook)s?[_\-. ]?keys?",
    r"|[\w.\-]*(?:pass[_\-]?(?:word|wd|phrase|code)|pwd|secret|signature|credential|jwt|assertion|authorization|cookie)s?",
    r"|[\w.\-]*(?:mfa|pin|otp|security|recovery|backup)[_\-]?codes?|code[_\-]?verifier|sig",
);

/// What only a parameter of a URL or of a form is called: as a member of JSON it is a word like others.
const QUERY: &str = "key";

/// What is named so in the middle of a sentence too.
const STRONG: &str = concat!(
    r"[\w.\-]*(?:pass(?:word|wd|phrase|code)|secret",
    r"|(?:api|private|access|secret)[_\-]?key|(?:access|refresh|api|auth|session|bot)[_\-]?token)",
);

/// Before what of a path lets in, such as a link that resets a password.
const SEGMENT: &str = r"(?:[\w\-]+[_\-])?(?:token|secret|password|api[_\-]?key|signature|sig)";

/// Where a parameter may begin; an ampersand may be escaped, and a URL stand in another one.
const PARAMETER: &str = r#"(?:^|[?&\#;\s"'\[]|\\u0026|&amp;|%3F|%26|%23|%5B)"#;

/// Where a line may begin, also one in a JSON text.
const LINE: &str = r"(?m:^|\\n)[ \t*>\-]*";

/// Letters of a name that nothing but the wish to hide them escapes.
const ESCAPED: &str = r"\\u00(?:2d|5f|3[0-9]|[46][1-9a-f]|[57][0-9a])";

/// What each may look like. The first group is what stands before the secret, a second one what stands behind it; the rest
/// is the secret. What comes first in the text is found, and of several there the first of these.
const SHAPES: [&str; 20] = [
    // A header in a text: `Authorization: Bearer …`, all of the line.
    r#"((?m:^|\\n|[\s;,("'])[ \t*>\-]*(?:(?:set-)?cookie|(?:proxy-)?authorization)[ \t]*[:=][ \t]*)[^\r\n"'<>\\]+"#,
    // A parameter: `?token=…`, `user[password]=…`.
    r#"({parameter}(?:{name}|{query})(?:\]|%5D)*=)[^&\#"'\s\\<>]+"#,
    // The same of a URL in a URL: `?to=https://host/?token%3D…%26`.
    r#"({parameter}(?:{name}|{query})(?:\]|%5D)*%3D)(?:[^&%\#"'\s\\<>]|%(?:[013-9a-f]|2[0-24578-9a-f]))+"#,
    // A member: `"password": "…"`, whatever it has but true, false and null, and one whose name is escaped.
    concat!(
        r#"("(?:{name}|(?:[^"\\]|\\.)*{escaped}(?:[^"\\]|\\.)*)"\s*:\s*)"#,
        r#"(?:"(?:[^"\\]|\\.)+"?|\d+(?:\.\d+)?|\{[^{}]*\}|\[\s*[^\[\]\s][^\[\]]*\]?)"#,
    ),
    // In quotes, of other languages: `password: '…'`, `secret="…"`.
    r#"((?m:^|[\s;,(<&?"'])(?:{name})[ \t]*[:=][ \t]*(?:\\?"|'))[^"'\\\r\n]+(?:'\w[^"'\\\r\n]*)*"#,
    // In a line of text: `client_secret: …`, `password = …`.
    r#"((?:{line}|[;,("'][ \t]*)(?:{name})(?:[ \t]*:|[ \t]+=)[ \t]*)[^\s"'<>\\,;&]+"#,
    // In the middle of a sentence.
    r#"([ \t](?:{strong})s?(?:[ \t]*:|[ \t]+=)[ \t]*)[^\s"'<>\\,;&]+"#,
    // In XML: `<pin>…</pin>`.
    r"(<(?:[\w.\-]+:)?(?:{name})(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?)[^<>\]]+",
    // A part of a form: `name="secret"`, and behind an empty line the value, up to the boundary.
    r#"(name="?(?:{name}|{query})"?(?:;[^\r\n]*)?(?:\r?\n[^\r\n]+)*\r?\n\r?\n)(?s:.+?)(\r?\n--|\z)"#,
    // A segment of a path: `/reset-password/…`.
    r#"(/(?:{segment})/)[^/?\#\s"'<>\\&]+"#,
    // A pair of name and value, in JSON and in HTML.
    r#"("(?:name|key|header)"\s*:\s*"(?:{name})"\s*,\s*"value"\s*:\s*")(?:[^"\\]|\\.)+"#,
    r#"(\bname\s*=\s*\\*["'](?:{name})\\*["'][^<>]*?\bvalue\s*=\s*\\*["'])[^"'\\<>]+"#,
    // curl's `-u user:…`.
    r#"(\s(?:-u|--user)[ \t=]+["']?[^\s:"'\\]+:)[^\s"'\\]+"#,
    // JSON in a URL.
    r#"(%22(?:{name})%22(?:%20|\+)*(?:%3A|:)(?:%20|\+)*%22)[^&%"'\s\\<>]+"#,
    // JSON in a JSON text, however deep.
    r#"(\\+"(?:{name})\\+"\s*:\s*(?:\[\s*)?\\+")[^"\\]+"#,
    // Behind a scheme.
    r"(\b(?:bearer|basic)(?:\s+|%20|\+))[\w.~+/\-]{8,}=*",
    // The password of a URL.
    r#"(\w:(?:\\?/){2}[^\s/?\#:@"'<>\\]*:)[^\s/?\#@"'<>\\]+(@)"#,
    // A JWT.
    r"(\b)(?-i:eyJ[\w\-]{8,}\.[\w\-]{8,}(?:\.[\w\-]*)?)",
    // Tokens with a prefix: Pleo's own, and those of whom else is called.
    r"(\b)(?-i:pl[sp]_\w{16,}|[rs]k_(?:live|test)_\w{8,}|gh[opsur]_\w{16,}|github_pat_\w{16,}|glpat-[\w\-]{16,})",
    r"(\b)(?-i:xox[abeprs]-[\w\-]{8,}|whsec_[\w+/]{8,}=*|AKIA[A-Z0-9]{16}\b)",
];

/// The expression that finds a secret in any of its shapes.
pub fn anywhere() -> String {
    let parts = [
        ("{parameter}", PARAMETER),
        ("{line}", LINE),
        ("{escaped}", ESCAPED),
        ("{name}", NAME),
        ("{query}", QUERY),
        ("{strong}", STRONG),
        ("{segment}", SEGMENT),
    ];
    let whole = format!("(?i-u){}", SHAPES.join("|"));
    parts.into_iter().fold(whole, |whole, (place, part)| whole.replace(place, part))
}

/// The expression that a name fits whose value lets its reader in.
pub fn name() -> String {
    format!("(?i-u)^(?:{NAME}|{QUERY})$")
}
