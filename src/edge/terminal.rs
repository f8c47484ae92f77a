//! The terminal: taken at start, given back whatever happens.

use base64::Engine as _;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::execute;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use zeroize::Zeroizing;

use super::careful::Careful;
use crate::secret::Secret;

/// Bytes of a frame that are gathered before they are written; a full frame of 200x60 takes about half of it.
const FRAME: usize = 64 * 1024;

/// Whether the terminal is ours now.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal in raw mode on its alternate screen, given back when this is dropped.
pub struct Screen {
    /// What is drawn with. Never dropped: that shows the cursor, and where the terminal is gone it tells so on a standard
    /// error that is gone as well, which panics. The cursor is given back with the rest.
    pub terminal: ManuallyDrop<Terminal<Careful<CrosstermBackend<Out>>>>,
}

/// Where a frame is gathered, so that it reaches the terminal whole and in one write.
type Out = BufWriter<io::Stdout>;

fn drawn_with() -> io::Result<ManuallyDrop<Terminal<Careful<CrosstermBackend<Out>>>>> {
    let backend = CrosstermBackend::new(BufWriter::with_capacity(FRAME, io::stdout()));
    Terminal::new(Careful::new(backend)).map(ManuallyDrop::new)
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// Whatever the terminal answers; it is given back then.
    pub fn take(mouse: bool) -> io::Result<Self> {
        enter(mouse).inspect_err(|_| give_back())?;
        let terminal = drawn_with().inspect_err(|_| give_back())?;
        Ok(Self { terminal })
    }

    /// Takes the terminal anew, after the process was stopped or somebody else used it, and forgets what was drawn.
    ///
    /// # Errors
    /// Whatever the terminal answers.
    pub fn retake(&mut self, mouse: bool) -> io::Result<()> {
        give_back();
        enter(mouse)?;
        // Clearing through `Terminal::clear` would ask the terminal for its cursor, whose answer the key reader takes.
        execute!(io::stdout(), Clear(ClearType::All))?;
        self.terminal = drawn_with()?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    set_mouse(mouse)
}

/// Asks for the colour of the background (OSC 11). What answers, comes in among the keys.
///
/// # Errors
/// Whatever the terminal answers.
pub fn ask_background() -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(b"\x1b]11;?\x1b\\")?;
    out.flush()
}

/// Takes the mouse, or gives it back to the terminal.
///
/// # Errors
/// Whatever the terminal answers.
pub fn set_mouse(ours: bool) -> io::Result<()> {
    if ours { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
}

/// Gives a text to the terminal's clipboard (OSC 52), through tmux and screen where they stand between. Some terminals drop it
/// without a word.
///
/// # Errors
/// Whatever the terminal answers.
pub fn copy(text: &str) -> io::Result<()> {
    put(text)
}

/// The same for a text with a secret in it.
///
/// # Errors
/// Whatever the terminal answers.
pub fn copy_hidden(text: &Secret) -> io::Result<()> {
    put(text.expose())
}

fn put(text: &str) -> io::Result<()> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let mut out = io::stdout();
    out.write_all(wrapped(text, set("TMUX"), set("STY")).as_bytes())?;
    out.flush()
}

/// Longest piece that screen hands on, in bytes.
const SCREEN: usize = 512;

fn wrapped(text: &str, tmux: bool, screen: bool) -> Zeroizing<String> {
    let encoded = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(text));
    let plain = Zeroizing::new(format!("\x1b]52;c;{}\x07", *encoded));
    if tmux {
        // Escapes within are doubled.
        let doubled = Zeroizing::new(plain.replace('\x1b', "\x1b\x1b"));
        return Zeroizing::new(format!("\x1bPtmux;{}\x1b\\", *doubled));
    }
    if screen {
        let pieces = plain.as_bytes().chunks(SCREEN);
        let wrapped = pieces.map(|piece| format!("\x1bP{}\x1b\\", String::from_utf8_lossy(piece))).collect();
        return Zeroizing::new(wrapped);
    }
    plain
}

/// Gives the terminal back as it was. Does nothing when it is not ours; a terminal that is gone needs nothing.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        // The terminal may have vanished: then there is nobody to tell.
        let _ =
            execute!(out, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, crossterm::cursor::Show);
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}

/// Makes a panic on the drawing thread give the terminal back before its message is printed. A panic of a task elsewhere
/// becomes a failed reply and says nothing on the screen.
pub fn install_panic_hook(drawing: ThreadId) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == drawing {
            give_back();
            before(info);
        }
    }));
}

/// Lets no core file be written and no other process of this person look into our memory (Linux). What a system refuses
/// here it refuses: it makes nothing worse.
pub fn keep_memory_private() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    #[cfg(target_os = "linux")]
    {
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }
}

/// Columns and rows of the terminal, where there is one.
#[must_use]
pub fn size() -> Option<(u16, u16)> {
    crossterm::terminal::size().ok().filter(|(columns, _)| *columns > 0)
}

/// How many columns the terminal has, where there is one.
#[must_use]
pub fn columns() -> Option<usize> {
    size().map(|(columns, _)| usize::from(columns))
}

/// Whether both ends are a terminal.
#[must_use]
pub fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Waits for the terminal to vanish, without ever waking up before; `true` when it did.
///
/// A poll for nothing still reports a hang-up, which is the one event that reading from a dead terminal turns into a
/// busy loop.
#[cfg(unix)]
#[must_use]
pub fn wait_for_hangup() -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdin = io::stdin();
    loop {
        let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
        match poll(&mut watched, None) {
            Ok(_) => return watched[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL),
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Stops the process as Ctrl-z does in a shell; returns when it is continued.
#[cfg(unix)]
pub fn stop_process() {
    // A refused signal leaves us running, which is what the person sees.
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_goes_through_what_stands_between() {
        assert_eq!(*wrapped("hi", false, false), "\x1b]52;c;aGk=\x07");
        assert_eq!(*wrapped("hi", true, false), "\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\");
        assert_eq!(*wrapped("hi", false, true), "\x1bP\x1b]52;c;aGk=\x07\x1b\\");
        assert_eq!(wrapped(&"a".repeat(1000), false, true).matches("\x1bP").count(), 3);
    }
}
