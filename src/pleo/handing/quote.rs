//! Texts as words of a POSIX shell and as literals of Python and JavaScript: exact for every character, and without any that a
//! terminal would take for a key when it is pasted.

/// A text as one word of a POSIX shell. NUL, which no argument can hold, is lost; no request has one.
pub fn sh(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) && !text.starts_with(['=', '-']) {
        return text.to_owned();
    }
    if !text.contains(steers) {
        return single(text);
    }
    // What is substituted loses the line breaks at its end.
    let kept = text.trim_end_matches('\n');
    let breaks = &text[kept.len()..];
    let breaks = if breaks.is_empty() { String::new() } else { single(breaks) };
    format!("\"$(printf %b '{}')\"{breaks}", escaped(kept))
}

/// A command that prints a text, for a pipe.
pub fn printed(text: &str) -> String {
    if text.contains(steers) { format!("printf %b '{}'", escaped(text)) } else { format!("printf %s {}", single(text)) }
}

/// Whether pasting this character does something else than writing it. A line break inside quotes only goes on.
pub fn steers(c: char) -> bool {
    c.is_control() && c != '\n'
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text as `printf %b` takes it, to stand in single quotes, also where these stand in double ones.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if c == '\\' {
            escaped.push_str(r"\\");
        } else if steers(c) || "'!".contains(c) {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                escaped.push_str(&format!("\\0{byte:03o}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// A language with literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python 3.
    Python,
    /// ECMAScript 2015 and later.
    JavaScript,
}

/// A text as a literal on one line. Between the two kinds of quotes the one is taken that needs fewer escapes.
pub fn literal(text: &str, language: Language) -> String {
    let quote = if text.matches('"').count() > text.matches('\'').count() { '\'' } else { '"' };
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push(quote);
    for c in text.chars() {
        match c {
            '\n' => literal.push_str(r"\n"),
            '\r' => literal.push_str(r"\r"),
            '\t' => literal.push_str(r"\t"),
            c if c == quote || c == '\\' => literal.extend(['\\', c]),
            c if is_unseen(c) => literal.push_str(&match (u32::from(c), language) {
                (code @ ..=0xFF, _) => format!("\\x{code:02x}"),
                (code @ ..=0xFFFF, _) => format!("\\u{code:04x}"),
                (code, Language::Python) => format!("\\U{code:08x}"),
                (code, Language::JavaScript) => format!("\\u{{{code:x}}}"),
            }),
            c => literal.push(c),
        }
    }
    literal.push(quote);
    literal
}

/// A text as literals, one for each of its lines.
pub fn literals(text: &str, language: Language) -> Vec<String> {
    text.split_inclusive('\n').map(|line| literal(line, language)).collect()
}

/// Characters that steer a terminal, reorder text or have no picture of their own.
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// A text of several lines with visible marks in the place of such characters.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(c),
            '\0'..='\x1F' => shown.extend(char::from_u32(0x2400 + u32::from(c))),
            '\x7F' => shown.push('␡'),
            c if is_unseen(c) => shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown
}
