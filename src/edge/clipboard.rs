//! The clipboard: a program of the system where there is a screen of its own, else the terminal.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::app::event::Handed;
use crate::app::taking::Copied;
use crate::pleo::handing;
use crate::pleo::transcript::Transcript;
use crate::secret::Secret;

/// How long a program may take to take a text.
const PATIENCE: Duration = Duration::from_secs(3);

/// Most bytes that are sent to a terminal: more than this in Base64 many terminals drop.
const MOST: usize = 74_000;

/// Most bytes that are given to a program.
const LARGEST: u64 = 256 << 20;

/// The programs of the system that can be reached from here, best first. Over SSH the clipboard of the other machine is of no
/// use to the person.
fn programs() -> Vec<(&'static str, &'static [&'static str])> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let mut programs: Vec<(&'static str, &'static [&'static str])> = Vec::new();
    if set("SSH_CONNECTION") || set("SSH_TTY") {
        return programs;
    }
    if cfg!(target_os = "macos") {
        programs.push(("pbcopy", &[]));
    }
    if cfg!(windows) {
        programs.push(("clip.exe", &[]));
    }
    if set("WAYLAND_DISPLAY") {
        programs.push(("wl-copy", &[]));
    }
    if set("DISPLAY") {
        programs.push(("xclip", &["-selection", "clipboard"]));
        programs.push(("xsel", &["--clipboard", "--input"]));
    }
    programs
}

/// The programs that would be tried here, best first.
#[must_use]
pub fn ways() -> Vec<&'static str> {
    programs().into_iter().map(|(name, _)| name).collect()
}

/// Gives a text to the first program that takes it; without one it is for the terminal. The program does not see the variables
/// that are hidden.
///
/// # Errors
/// A sentence when it is too large.
pub async fn take(text: Vec<u8>, hidden: &[String]) -> Result<Copied, String> {
    let length = text.len();
    if length as u64 > LARGEST {
        return Err(format!("{length} bytes are too many for a clipboard: o saves them to a file"));
    }
    for (program, arguments) in programs() {
        if give(program, arguments, &text, hidden).await {
            return Ok(Copied::By(program, length as u64));
        }
    }
    if length > MOST {
        return Err(format!(
            "{length} bytes are too many for the terminal's clipboard, which takes {MOST}: o saves them to a file"
        ));
    }
    match String::from_utf8(text) {
        Ok(text) => Ok(Copied::Terminal(text)),
        Err(_) => {
            Err("This is no text, and the terminal's clipboard takes nothing else: o saves it to a file".to_owned())
        }
    }
}

/// The same for a curl command with a secret in it.
///
/// # Errors
/// A sentence when it is too large.
pub async fn take_with(own: &Transcript, secret: &Secret, hidden: &[String]) -> Result<Copied, String> {
    let mut text = handing::curl_with(own, secret.expose());
    for (program, arguments) in programs() {
        if give(program, arguments, text.as_bytes(), hidden).await {
            return Ok(Copied::By(program, text.len() as u64));
        }
    }
    if text.len() > MOST {
        return Err(format!("{} bytes are too many for the terminal's clipboard, which takes {MOST}", text.len()));
    }
    Ok(Copied::Hidden(Handed(Secret::new(std::mem::take(&mut *text)))))
}

async fn give(program: &str, arguments: &[&str], text: &[u8], hidden: &[String]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    for name in hidden {
        command.env_remove(name);
    }
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    let whole = async {
        let mut stdin = child.stdin.take()?;
        stdin.write_all(text).await.ok()?;
        drop(stdin);
        child.wait().await.ok()
    };
    matches!(tokio::time::timeout(PATIENCE, whole).await, Ok(Some(status)) if status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_takes_it_or_not() {
        assert!(give("cat", &[], b"text", &[]).await);
        assert!(!give("false", &[], b"text", &[]).await);
        assert!(!give("no-such-program-anywhere", &[], b"text", &[]).await);
    }

    #[tokio::test]
    async fn what_no_clipboard_takes_is_said() {
        if programs().is_empty() {
            assert_eq!(take(b"text".to_vec(), &[]).await, Ok(Copied::Terminal("text".into())));
            assert!(take(vec![b'a'; MOST + 1], &[]).await.unwrap_err().contains("o saves"));
            assert!(take(vec![0xFF], &[]).await.is_err());
        }
    }
}
