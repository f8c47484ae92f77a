//! What a terminal answers, or sends unasked, comes in among the keys: it is taken out here, so that no part of it ever acts
//! as a key.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// Longest pause within an answer. A person who presses Alt-] goes on after more.
const PAUSE: Duration = Duration::from_millis(50);

/// Most keys of which one answer may consist.
const LONGEST: usize = 4096;

/// Most of an answer that is looked at.
const LOOKED_AT: usize = 64;

/// What an event turned out to be.
#[derive(Debug, PartialEq)]
pub enum Taken {
    /// An event.
    Event(Event),
    /// The colour of the terminal's background, which was asked for.
    Background([u8; 3]),
    /// A part of an answer.
    Nothing,
}

/// Takes answers out of events.
#[derive(Debug, Default)]
pub struct Answers {
    /// Whether the background was asked for, and no answer has come.
    waits: bool,
    /// The answer that is coming in, and how many keys it has.
    coming: Option<(String, usize)>,
    /// When the last part of it, or the last Esc, came.
    last: Option<Instant>,
}

impl Answers {
    /// The background has been asked for.
    pub const fn asked(&mut self) {
        self.waits = true;
    }

    /// Takes an event as of this time.
    pub fn take(&mut self, event: Event, now: Instant) -> Taken {
        let soon = self.last.is_some_and(|last| now.duration_since(last) <= PAUSE);
        let Event::Key(key) = &event else {
            // A paste or a click is none, and ends one.
            self.coming = None;
            return Taken::Event(event);
        };
        if key.kind == KeyEventKind::Release {
            return if self.coming.is_some() && soon { Taken::Nothing } else { Taken::Event(event) };
        }
        match &mut self.coming {
            Some((_, keys)) if soon && *keys < LONGEST => *keys += 1,
            _ => {
                self.coming = None;
                let begins = begins(key) || (soon && key.code == KeyCode::Char(']'));
                let is_esc = key.code == KeyCode::Esc;
                self.last = (begins || is_esc).then_some(now);
                if begins {
                    self.coming = Some((String::new(), 1));
                    return Taken::Nothing;
                }
                return Taken::Event(event);
            }
        }
        self.last = Some(now);
        if !ends(key) {
            if let (Some((text, _)), KeyCode::Char(c)) = (&mut self.coming, key.code)
                && text.len() < LOOKED_AT
            {
                text.push(c);
            }
            return Taken::Nothing;
        }
        self.last = None;
        let text = self.coming.take().map(|(text, _)| text).unwrap_or_default();
        match background(&text) {
            Some(colour) if std::mem::take(&mut self.waits) => Taken::Background(colour),
            _ => Taken::Nothing,
        }
    }
}

/// Whether a key is how the beginning of OSC, DCS, SOS, PM or APC is read.
const fn begins(key: &KeyEvent) -> bool {
    key.modifiers.contains(KeyModifiers::ALT) && matches!(key.code, KeyCode::Char(']' | 'P' | 'X' | '^' | '_'))
}

/// Whether it is how their end is read: ST, or BEL.
const fn ends(key: &KeyEvent) -> bool {
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    (alt && matches!(key.code, KeyCode::Char('\\'))) || (ctrl && matches!(key.code, KeyCode::Char('g' | 'G')))
}

/// The colour of `11;rgb:ffff/ffff/ffff`.
fn background(answer: &str) -> Option<[u8; 3]> {
    let colour = answer.strip_prefix("11;")?;
    let parts = colour.strip_prefix("rgb:").or_else(|| colour.strip_prefix("rgba:"))?;
    let mut parts = parts.split('/').map(|part| {
        let most = 16_u32.checked_pow(u32::try_from(part.len()).ok()?).filter(|_| (1..=4).contains(&part.len()))?;
        let value = u32::from_str_radix(part, 16).ok()?;
        u8::try_from(value * 255 / (most - 1)).ok()
    });
    Some([parts.next()??, parts.next()??, parts.next()??])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a terminal's bytes are read by the reader of keys.
    fn keys(bytes: &str) -> Vec<Event> {
        let mut events = Vec::new();
        let mut rest = bytes.chars().peekable();
        while let Some(c) = rest.next() {
            let (code, modifiers) = match c {
                '\u{1B}' => match rest.next() {
                    Some(c) => (KeyCode::Char(c), KeyModifiers::ALT),
                    None => (KeyCode::Esc, KeyModifiers::NONE),
                },
                '\u{7}' => (KeyCode::Char('g'), KeyModifiers::CONTROL),
                '\r' => (KeyCode::Enter, KeyModifiers::NONE),
                c => (KeyCode::Char(c), KeyModifiers::NONE),
            };
            events.push(Event::Key(KeyEvent::new(code, modifiers)));
        }
        events
    }

    fn taken(answers: &mut Answers, bytes: &str, now: Instant) -> Vec<Taken> {
        let taken = keys(bytes).into_iter().map(|event| answers.take(event, now));
        taken.filter(|taken| *taken != Taken::Nothing).collect()
    }

    #[test]
    fn an_answer_is_a_colour_and_no_key() {
        let now = Instant::now();
        for (bytes, colour) in [
            ("\u{1B}]11;rgb:ffff/8080/0000\u{1B}\\", [255, 128, 0]),
            ("\u{1B}]11;rgb:1e/1e/2e\u{7}", [0x1E, 0x1E, 0x2E]),
            ("\u{1B}]11;rgba:ff/ff/ff/80\u{1B}\\", [255; 3]),
        ] {
            let mut answers = Answers::default();
            answers.asked();
            assert_eq!(taken(&mut answers, bytes, now), [Taken::Background(colour)], "{bytes:?}");
            assert_eq!(taken(&mut answers, bytes, now), [], "a second one was not asked for");
        }
    }

    #[test]
    fn nothing_hostile_becomes_a_key() {
        let now = Instant::now();
        for bytes in [
            "\u{1B}]11;rgb:ffff/8080/0000\u{1B}\\",
            "\u{1B}]11;rgb:s/s/s\rsss\u{7}",
            "\u{1B}]52;c;cXFx\u{7}",
            "\u{1B}P+r544e=73\u{1B}\\",
            "\u{1B}_sssq\r\u{1B}\\",
            "\u{1B}]2;q\rq\rq",
        ] {
            assert_eq!(taken(&mut Answers::default(), bytes, now), [], "{bytes:?}");
        }
    }

    #[test]
    fn keys_go_on_after_an_answer_that_has_no_end() {
        let mut answers = Answers::default();
        let now = Instant::now();
        assert_eq!(taken(&mut answers, "\u{1B}]11;", now), []);
        let later = taken(&mut answers, "q", now + PAUSE * 2);
        assert_eq!(later.len(), 1);
        let paste = Event::Paste("x".to_owned());
        taken(&mut answers, "\u{1B}]11;", now);
        assert_eq!(answers.take(paste.clone(), now), Taken::Event(paste));
        let flood = "s".repeat(LONGEST + 10);
        assert!(taken(&mut Answers::default(), &format!("\u{1B}]{flood}"), now).len() > 5);
    }

    #[test]
    fn an_answer_whose_first_byte_came_alone_is_none_either() {
        let mut answers = Answers::default();
        let now = Instant::now();
        assert_eq!(taken(&mut answers, "\u{1B}", now).len(), 1);
        assert_eq!(taken(&mut answers, "]11;rgb:ff/ff/ff\u{7}", now + PAUSE / 2), []);
    }
}
