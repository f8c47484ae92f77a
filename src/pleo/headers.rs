//! Headers of one's own: which names and values may be sent beside those that every request has.

/// Names that are not a person's to give, and why not. Those that end with `-` stand for all that begin so.
const REFUSED: [(&str, &str); 12] = [
    ("authorization", "the credential has its own place, 2 Credential"),
    ("cookie", "Pleo's API knows none, and one could be a credential"),
    ("proxy-", "it is between this program and its proxy"),
    ("host", "it follows from the environment"),
    ("content-length", "it is counted from the body"),
    ("transfer-encoding", "the connection settles it"),
    ("connection", "the connection settles it"),
    ("keep-alive", "the connection settles it"),
    ("te", "the connection settles it"),
    ("trailer", "the connection settles it"),
    ("upgrade", "the connection settles it"),
    ("expect", "the connection settles it"),
];

/// Longest value, in bytes; servers refuse longer ones.
const LONGEST: usize = 8 * 1024;

/// Reads `Name: value`.
///
/// # Errors
/// What is wrong, a sentence.
pub fn read(text: &str) -> Result<(String, String), String> {
    let Some((name, value)) = text.split_once(':') else {
        return Err(format!("{text:?} is not of the form Name: value: write for example X-Request-Id: 7"));
    };
    let (name, value) = (name.trim(), value.trim_matches([' ', '\t']));
    check(name, value)?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Whether a header may be sent (RFC 9110, sections 5.1, 5.5 and 7.6.1).
///
/// # Errors
/// What is wrong, a sentence that never quotes the value, which may be a secret in a wrong place.
pub fn check(name: &str, value: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("A header needs a name: write for example X-Request-Id: 7.".to_owned());
    }
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if let Some((index, c)) = name.chars().enumerate().find(|(_, c)| !token(*c)) {
        return Err(format!("The header's name holds {} at character {}: take it out.", told(c), index + 1));
    }
    let lower = name.to_ascii_lowercase();
    let refused = REFUSED.iter().find(|(own, _)| *own == lower || (own.ends_with('-') && lower.starts_with(own)));
    if let Some((_, reason)) = refused {
        return Err(format!("{name} cannot be given as a header: {reason}."));
    }
    let fits = |c: char| c == '\t' || c.is_ascii_graphic() || c == ' ';
    if let Some((index, c)) = value.chars().enumerate().find(|(_, c)| !fits(*c)) {
        return Err(format!("The value of {name} holds {} at character {}: take it out.", told(c), index + 1));
    }
    if value.len() > LONGEST {
        return Err(format!("The value of {name} is longer than {} kB: no server takes it.", LONGEST / 1024));
    }
    Ok(())
}

/// A character as a person knows it.
fn told(c: char) -> String {
    match c {
        '\r' => "a carriage return".to_owned(),
        '\n' => "a line break".to_owned(),
        '\0' => "a NUL".to_owned(),
        ' ' => "a space".to_owned(),
        c if c.is_control() => format!("a control character (U+{:04X})", u32::from(c)),
        c if !c.is_ascii() => format!("{c:?}, which is not ASCII,"),
        c => format!("{c:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_and_a_value() {
        assert_eq!(read("X-Trace:  a b \t"), Ok(("X-Trace".to_owned(), "a b".to_owned())));
        assert_eq!(read("Accept: text/csv").map(|(_, value)| value).as_deref(), Ok("text/csv"));
        assert!(read("no header").unwrap_err().contains("Name: value"));
        assert!(read(": x").unwrap_err().contains("needs a name"));
    }

    #[test]
    fn what_is_not_a_persons_to_give_is_refused() {
        for name in [
            "Authorization",
            "COOKIE",
            "host",
            "Content-Length",
            "Transfer-Encoding",
            "Proxy-Authorization",
            "proxy-anything",
            "Connection",
            "TE",
            "Upgrade",
            "Keep-Alive",
            "Trailer",
        ] {
            let sentence = check(name, "CNRY-value").unwrap_err();
            assert!(sentence.contains(name) && !sentence.contains("CNRY"), "{sentence}");
        }
        assert!(check("Proxied", "x").is_ok() && check("X-Cookie", "x").is_ok());
    }

    #[test]
    fn what_would_split_a_header_is_refused_with_its_place() {
        for (value, wanted) in [
            ("a\r\nX: y", "carriage return at character 2"),
            ("ab\nX", "line break at character 3"),
            ("\0", "NUL at character 1"),
            ("a\u{1b}[2J", "U+001B) at character 2"),
            ("\u{7f}", "U+007F"),
            ("é", "not ASCII"),
        ] {
            let sentence = check("X-A", value).unwrap_err();
            assert!(sentence.contains(wanted), "{sentence}");
        }
        assert!(check("X A", "").unwrap_err().contains("a space at character 2"));
        assert!(check("X\r\nY", "").unwrap_err().contains("carriage return at character 2"));
    }
}
