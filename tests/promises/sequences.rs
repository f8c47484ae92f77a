//! Everything that a terminal was told, read strictly: text, and a short list of sequences that the program has a use for.

/// The modes that the program sets and takes back: the cursor, five of the mouse, the alternate screen, bracketed paste,
/// synchronised update.
const MODES: [&str; 9] = ["25", "1000", "1002", "1003", "1006", "1015", "1049", "2004", "2026"];

/// The question for the colour of the background, which is asked once.
const BACKGROUND: &str = "\u{1B}]11;?\u{1B}\\";

/// The first thing in these bytes that is not allowed, with what stands around it.
///
/// `lines` allows line breaks and nothing else beside text, for a command that prints.
pub fn first_strange(bytes: &[u8], lines: bool) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Some(format!("not UTF-8 at {}", error.valid_up_to())),
    };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '\u{1B}' if !lines => sequence(rest),
            '\r' | '\n' if lines => Some(1),
            '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' => None,
            c => Some(c.len_utf8()),
        };
        match taken {
            Some(taken) => rest = &rest[taken..],
            None => return Some(rest.chars().take(24).collect::<String>().escape_debug().to_string()),
        }
    }
    None
}

/// The length of the allowed sequence at the beginning of the text.
fn sequence(text: &str) -> Option<usize> {
    if text.starts_with(BACKGROUND) {
        return Some(BACKGROUND.len());
    }
    let body = text.strip_prefix("\u{1B}[")?;
    let end = body.find(|c: char| !matches!(c, '0'..='9' | ';' | ':' | '?'))?;
    let (parameters, last) = (&body[..end], body[end..].chars().next()?);
    let numbers = |most: usize| {
        let parts: Vec<&str> = parameters.split(';').collect();
        parts.len() <= most && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
    };
    let allowed = match last {
        // Colours and the like.
        'm' => parameters.bytes().all(|b| b.is_ascii_digit() || matches!(b, b';' | b':')),
        // The cursor's place.
        'H' | 'f' => numbers(2),
        'A'..='D' | 'G' | 'd' => numbers(1),
        // Erasing.
        'J' | 'K' => numbers(1),
        'h' | 'l' => {
            parameters.strip_prefix('?').is_some_and(|modes| modes.split(';').all(|mode| MODES.contains(&mode)))
        }
        _ => false,
    };
    allowed.then_some(2 + end + 1)
}

/// What must never reach a terminal, each as text.
pub const HOSTILE: [&str; 30] = [
    "\u{1B}",
    "\u{1B}]0;title\u{7}",
    "\u{1B}]2;title\u{1B}\\",
    "\u{1B}]8;;http://evil.example\u{7}link\u{1B}]8;;\u{7}",
    "\u{1B}]52;c;Y29weQ==\u{7}",
    "\u{1B}]52;c;unterminated",
    "\u{1B}P+q544e\u{1B}\\",
    "\u{1B}_apc\u{1B}\\",
    "\u{1B}^pm\u{1B}\\",
    "\u{1B}Xsos\u{1B}\\",
    "\u{1B}[6n",
    "\u{1B}[c",
    "\u{1B}[?1h",
    "\u{1B}[?47h",
    "\u{1B}[21t",
    "\u{1B}[4i",
    "\u{1B}[1;5r",
    "\u{1B}[2 q",
    "\u{1B}[>1u",
    "\u{1B}[!p",
    "\u{1B}c",
    "\u{1B}(0",
    "\u{1B}#8",
    "\u{9B}31m",
    "\u{9D}0;title\u{9C}",
    "\u{90}q\u{9C}",
    "\u{7}",
    "\u{8}",
    "\u{7F}",
    "\u{85}",
];

/// The reader objects to each of them, wherever it stands, and to nothing that the program needs.
#[test]
fn the_reader_is_strict() {
    for hostile in HOSTILE.into_iter().chain(["\u{E}", "\u{F}", "\t", "\0", "\u{80}", "\u{9F}", "\r", "\n"]) {
        let text = format!("\u{1B}[1;1Htext{hostile}more\u{1B}[0m");
        assert!(first_strange(text.as_bytes(), false).is_some(), "{hostile:?}");
        assert!(hostile == "\r" || hostile == "\n" || first_strange(hostile.as_bytes(), true).is_some(), "{hostile:?}");
    }
    assert!(first_strange(b"\xFF", false).is_some() && first_strange(b"\x9B31m", false).is_some());
    assert!(first_strange(b"\x1b[0m", true).is_some());
    let own = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J\u{1B}[H\u{1B}[12;40H\u{1B}[38;5;2;1mé漢👍🏽\u{1B}[K\u{1B}[?1000;1006l";
    assert_eq!(first_strange(own.as_bytes(), false), None);
}
