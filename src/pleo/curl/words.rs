//! The words of a POSIX shell's command line (POSIX.1-2024, Shell Command Language, 2.2 and 2.3), with `$'…'` as browsers
//! write it. What a shell would act on is refused rather than done.

use std::iter::Peekable;
use std::str::Chars;

use zeroize::Zeroizing;

use super::CurlError;

/// One word. It may be a secret.
#[derive(Debug, Default)]
pub struct Word {
    /// What it says, but for the values of variables.
    pub text: Zeroizing<String>,
    /// The variable that it names; the last one, of several.
    pub variable: Option<String>,
    /// What looks like variables in single quotes, where a shell leaves them as they are.
    pub unfilled: Vec<String>,
}

/// The words of one command.
pub fn split(text: &str) -> Result<Vec<Word>, CurlError> {
    let mut lexer = Lexer { rest: text.chars().peekable(), word: None, words: Vec::new() };
    lexer.run()?;
    Ok(lexer.words)
}

struct Lexer<'a> {
    rest: Peekable<Chars<'a>>,
    word: Option<Word>,
    words: Vec<Word>,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), CurlError> {
        while let Some(c) = self.rest.next() {
            match c {
                ' ' | '\t' => self.end(),
                '\n' | '\r' => {
                    self.end();
                    self.nothing_follows()?;
                }
                '\'' => self.single()?,
                '"' => self.double()?,
                '\\' => self.escaped(),
                '$' => self.dollar(false)?,
                '#' if self.word.is_none() => while self.rest.next_if(|c| *c != '\n').is_some() {},
                '^' if self.rest.peek().is_none_or(|next| "\"\r\n".contains(*next)) => return Err(CurlError::Cmd),
                '`' if self.rest.peek().is_none_or(|next| "\r\n".contains(*next)) => return Err(CurlError::PowerShell),
                c => match acted_on(c) {
                    Some(what) => return Err(CurlError::Shell(what)),
                    None => self.put(c),
                },
            }
        }
        self.end();
        Ok(())
    }

    fn put(&mut self, c: char) {
        let word = self.word.get_or_insert_default();
        push(&mut word.text, c);
    }

    fn end(&mut self) {
        self.words.extend(self.word.take());
    }

    /// Behind the end of a line there may be white space and remarks.
    fn nothing_follows(&mut self) -> Result<(), CurlError> {
        while let Some(c) = self.rest.next() {
            match c {
                c if c.is_ascii_whitespace() => {}
                '#' => while self.rest.next_if(|c| *c != '\n').is_some() {},
                _ => return Err(CurlError::Shell("another line")),
            }
        }
        Ok(())
    }

    fn single(&mut self) -> Result<(), CurlError> {
        self.word.get_or_insert_default();
        loop {
            match self.rest.next() {
                Some('\'') => return Ok(()),
                Some(c) => {
                    self.put(c);
                    if c == '$' {
                        let found = unfilled(self.rest.clone());
                        self.word.get_or_insert_default().unfilled.extend(found);
                    }
                }
                None => return Err(CurlError::Unclosed("single")),
            }
        }
    }

    fn double(&mut self) -> Result<(), CurlError> {
        self.word.get_or_insert_default();
        loop {
            match self.rest.next() {
                Some('"') => return Ok(()),
                Some('\\') => match self.rest.next_if(|next| "$`\"\\\n".contains(*next)) {
                    Some('\n') => {}
                    Some(c) => self.put(c),
                    None => self.put('\\'),
                },
                Some('`') => return Err(CurlError::Shell("a backtick")),
                Some('$') => self.dollar(true)?,
                Some(c) => self.put(c),
                None => return Err(CurlError::Unclosed("double")),
            }
        }
    }

    /// A backslash outside quotes: the line goes on, or the next character means itself.
    fn escaped(&mut self) {
        let mut ahead = self.rest.clone();
        // White space that came in behind it while copying is not meant.
        while ahead.next_if(|c| matches!(c, ' ' | '\t' | '\r')).is_some() {}
        if ahead.peek() == Some(&'\n') {
            ahead.next();
            self.rest = ahead;
        } else if self.rest.peek() == Some(&'\r') {
            self.rest.next();
        } else if let Some(c) = self.rest.next() {
            self.put(c);
        }
    }

    fn dollar(&mut self, quoted: bool) -> Result<(), CurlError> {
        match self.rest.peek() {
            Some('\'') if !quoted => {
                self.rest.next();
                self.ansi()
            }
            Some('"') if !quoted => {
                self.rest.next();
                self.double()
            }
            Some('(') => Err(CurlError::Shell("$(…)")),
            Some('{') => {
                self.rest.next();
                let name = self.name();
                if name.is_empty() || self.rest.next() != Some('}') {
                    return Err(CurlError::Shell("${…} with more than a name"));
                }
                self.word.get_or_insert_default().variable = Some(name);
                Ok(())
            }
            Some(c) if c.is_ascii_alphabetic() || *c == '_' => {
                let name = self.name();
                self.word.get_or_insert_default().variable = Some(name);
                Ok(())
            }
            _ => {
                self.put('$');
                Ok(())
            }
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
        }
        name
    }

    /// Inside `$'…'`.
    fn ansi(&mut self) -> Result<(), CurlError> {
        let mut bytes = Zeroizing::new(Vec::new());
        loop {
            let c = match self.rest.next() {
                Some('\'') => break,
                Some('\\') => match self.rest.next() {
                    Some('x') => {
                        bytes.push(u8::try_from(self.digits(16, 2)).unwrap_or_default());
                        continue;
                    }
                    Some('u') => self.unit(),
                    Some('U') => char::from_u32(self.digits(16, 8)).unwrap_or(char::REPLACEMENT_CHARACTER),
                    Some(digit @ '0'..='7') => {
                        let first = digit.to_digit(8).unwrap_or_default();
                        let more = self.octal(first);
                        bytes.push(u8::try_from(more & 0xFF).unwrap_or_default());
                        continue;
                    }
                    Some('c') => {
                        let control = self.rest.next().map_or(0, |c| u32::from(c) & 0x1F);
                        char::from_u32(control).unwrap_or_default()
                    }
                    Some('a') => '\u{7}',
                    Some('b') => '\u{8}',
                    Some('e' | 'E') => '\u{1b}',
                    Some('f') => '\u{c}',
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('t') => '\t',
                    Some('v') => '\u{b}',
                    Some(c) => c,
                    None => return Err(CurlError::Unclosed("single")),
                },
                Some(c) => c,
                None => return Err(CurlError::Unclosed("single")),
            };
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        let text = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
        let word = self.word.get_or_insert_default();
        for c in text.chars() {
            push(&mut word.text, c);
        }
        Ok(())
    }

    fn digits(&mut self, base: u32, most: usize) -> u32 {
        let mut value: u32 = 0;
        for _ in 0..most {
            let Some(digit) = self.rest.peek().and_then(|c| c.to_digit(base)) else {
                break;
            };
            value = value.wrapping_mul(base).wrapping_add(digit);
            self.rest.next();
        }
        value
    }

    fn octal(&mut self, first: u32) -> u32 {
        let mut value = first;
        for _ in 0..2 {
            let Some(digit) = self.rest.peek().and_then(|c| c.to_digit(8)) else {
                break;
            };
            value = value * 8 + digit;
            self.rest.next();
        }
        value
    }

    /// A character as `\uXXXX`; browsers write those beyond the first plane as two halves.
    fn unit(&mut self) -> char {
        let high = self.digits(16, 4);
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        let before = self.rest.clone();
        if self.rest.next() == Some('\\') && self.rest.next() == Some('u') {
            let low = self.digits(16, 4);
            if (0xDC00..0xE000).contains(&low) {
                let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
        }
        self.rest = before;
        char::REPLACEMENT_CHARACTER
    }
}

/// The variable that was meant behind a dollar sign: a name in capitals, as variables of the environment have. What else
/// begins with one is data, such as `"$ref"` in JSON.
fn unfilled(mut rest: Peekable<Chars<'_>>) -> Option<String> {
    let braced = rest.next_if_eq(&'{').is_some();
    let mut name = String::new();
    while let Some(c) = rest.next_if(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_') {
        name.push(c);
    }
    let ends = match rest.peek() {
        Some('}') => braced,
        Some(c) => !braced && !c.is_ascii_alphanumeric(),
        None => !braced,
    };
    let is_one = ends && (2..=40).contains(&name.len()) && name.starts_with(|c: char| c.is_ascii_uppercase());
    is_one.then_some(name)
}

/// Adds a character; where the text has to move, what it leaves is wiped.
fn push(text: &mut Zeroizing<String>, c: char) {
    if text.capacity() - text.len() < 4 {
        let mut larger = Zeroizing::new(String::with_capacity((text.capacity() * 2).max(64)));
        larger.push_str(text);
        *text = larger;
    }
    text.push(c);
}

/// What a shell would not hand on.
const fn acted_on(c: char) -> Option<&'static str> {
    Some(match c {
        ';' => "a semicolon",
        '|' => "a pipe",
        '&' => "an ampersand",
        '<' | '>' => "a redirection",
        '(' | ')' => "a parenthesis",
        '`' => "a backtick",
        _ => return None,
    })
}
