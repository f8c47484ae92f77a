//! A secret asked for at the terminal without showing it, or read from standard input.

use std::io::{self, IsTerminal as _, Read as _, Write as _};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEventKind, KeyModifiers, read};
use crossterm::execute;
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use zeroize::Zeroizing;

use crate::secret::{LONGEST, SecretField};

/// The longest text of several lines, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

/// Why no secret came.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// Nobody can be asked.
    #[error("there is no terminal to ask at: give it by --stdin")]
    NoTerminal,
    /// Ctrl-C or Esc.
    #[error("nothing was given")]
    Cancelled,
    /// More than any credential has.
    #[error("it is longer than any credential: give the key or token alone")]
    TooLong,
    /// Several lines.
    #[error("it has more than one line: give the key or token alone")]
    Lines,
    /// The system refused.
    #[error("it cannot be read: {0}")]
    System(#[from] io::Error),
}

/// Asks at the terminal. Nothing of what is typed is shown, not even its length.
///
/// # Errors
/// [`PromptError`].
pub fn ask(question: &str) -> Result<SecretField, PromptError> {
    let mut stderr = begin(question)?;
    let typed = typed();
    disable_raw_mode()?;
    writeln!(stderr)?;
    typed
}

/// Writes the question; from then on nothing of what is typed is shown.
fn begin(question: &str) -> Result<io::Stderr, PromptError> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(PromptError::NoTerminal);
    }
    let mut stderr = io::stderr();
    write!(stderr, "{question} (not shown): ")?;
    stderr.flush()?;
    enable_raw_mode()?;
    Ok(stderr)
}

/// Asks for a text of several lines, such as a command that holds a secret; it ends with an Enter that does not follow a
/// backslash. Nothing of it is shown.
///
/// # Errors
/// [`PromptError`].
pub fn ask_text(question: &str) -> Result<Zeroizing<String>, PromptError> {
    let mut stderr = begin(question)?;
    execute!(stderr, EnableBracketedPaste)?;
    let typed = pasted();
    // Whatever came of it, the terminal is given back.
    let undone = execute!(stderr, DisableBracketedPaste).and_then(|()| disable_raw_mode());
    writeln!(stderr)?;
    undone?;
    typed
}

fn pasted() -> Result<Zeroizing<String>, PromptError> {
    let mut text = Zeroizing::new(String::with_capacity(LONGEST_TEXT));
    loop {
        let added = match read()? {
            Event::Paste(part) => Zeroizing::new(part),
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
                match key.code {
                    KeyCode::Enter if text.ends_with('\\') => Zeroizing::new("\n".to_owned()),
                    KeyCode::Enter => return Ok(text),
                    KeyCode::Esc => return Err(PromptError::Cancelled),
                    KeyCode::Char('c') if ctrl => return Err(PromptError::Cancelled),
                    KeyCode::Char('d') if ctrl => return Ok(text),
                    KeyCode::Backspace => {
                        text.pop();
                        continue;
                    }
                    KeyCode::Char(c) => Zeroizing::new(c.to_string()),
                    _ => continue,
                }
            }
            _ => continue,
        };
        if text.len() + added.len() > LONGEST_TEXT {
            return Err(PromptError::TooLong);
        }
        text.push_str(&added);
    }
}

fn typed() -> Result<SecretField, PromptError> {
    let mut field = SecretField::new();
    loop {
        let Event::Key(key) = read()? else {
            continue;
        };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Ok(field),
            KeyCode::Esc => return Err(PromptError::Cancelled),
            KeyCode::Char('c' | 'd') if ctrl => return Err(PromptError::Cancelled),
            KeyCode::Char('u') if ctrl => field.clear(),
            KeyCode::Backspace => field.backspace(),
            KeyCode::Char(c) if !field.insert(c.encode_utf8(&mut [0; 4])) => return Err(PromptError::TooLong),
            _ => {}
        }
    }
}

/// Reads standard input to its end; white space around it goes.
///
/// # Errors
/// [`PromptError`].
pub fn from_stdin() -> Result<SecretField, PromptError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    io::stdin().take(LONGEST as u64 + 1).read_to_end(&mut bytes)?;
    let text = Zeroizing::new(String::from_utf8_lossy(&bytes).trim().to_owned());
    if text.contains(['\n', '\r']) {
        return Err(PromptError::Lines);
    }
    let mut field = SecretField::new();
    if field.insert(&text) { Ok(field) } else { Err(PromptError::TooLong) }
}
