//! The real binary in a real pseudo-terminal, for every test that looks at the screen.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Longest wait for anything that the screen must show.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// A number of rows or columns as the terminal library wants it.
pub fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}

/// What the program wrote so far, raw and as a picture.
pub struct Seen {
    pub raw: Vec<u8>,
    pub picture: vt100::Parser,
}

static STARTING: Mutex<()> = Mutex::new(());

/// A program and the terminal that it runs in.
pub struct Session {
    pub master: Option<Box<dyn MasterPty + Send>>,
    pub writer: Option<Box<dyn Write + Send>>,
    pub child: Box<dyn Child + Send + Sync>,
    pub seen: Arc<Mutex<Seen>>,
    pub before: String,
    pub reader: Option<std::thread::JoinHandle<()>>,
    pub stop: Arc<AtomicBool>,
}

impl Session {
    /// A program with these variables only, in a terminal of that size.
    pub fn spawn(mut command: CommandBuilder, variables: &[(&str, &str)], (columns, rows): (u16, u16)) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        // The ends of a terminal are marked as ours alone only after they are opened: a program that another test
        // starts in between would hold them too, and this terminal could not vanish before that program ends.
        let alone = STARTING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let pair = native_pty_system().openpty(size).unwrap();
        command.env_clear();
        for (name, value) in [
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("PATH", "/usr/bin:/bin"),
            ("HOME", env!("CARGO_TARGET_TMPDIR")),
        ] {
            command.env(name, value);
        }
        for (name, value) in variables {
            command.env(name, value);
        }
        let before = format!("{:?}", pair.master.get_termios());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let seen =
            Arc::new(Mutex::new(Seen { raw: Vec::new(), picture: vt100::Parser::new(cells(rows), cells(columns), 0) }));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (seen, stop) = (Arc::clone(&seen), Arc::clone(&stop));
            move || {
                let mut bytes = [0; 8192];
                while let Ok(count) = reader.read(&mut bytes) {
                    if count == 0 || stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let mut seen = seen.lock().unwrap();
                    seen.raw.extend_from_slice(&bytes[..count]);
                    seen.picture.process(&bytes[..count]);
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        drop(alone);
        Self { master: Some(pair.master), writer: Some(writer), child, seen, before, reader: Some(thread), stop }
    }

    pub fn keys(&mut self, keys: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Presses Enter after a word, again while it comes so soon that it is taken for the end of a paste.
    pub fn enter(&mut self, wanted: &str) {
        let deadline = Instant::now() + DEADLINE;
        while !self.picture().contains(wanted) {
            assert!(Instant::now() < deadline, "waited in vain for {wanted:?}:\n{}", self.picture());
            self.keys("\r");
            let pause = Instant::now() + Duration::from_millis(150);
            while Instant::now() < pause && !self.picture().contains(wanted) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    pub fn picture(&self) -> String {
        self.seen.lock().unwrap().picture.screen().contents()
    }

    pub fn raw(&self) -> Vec<u8> {
        self.seen.lock().unwrap().raw.clone()
    }

    /// Waits until the picture holds a text; panics with the picture after the deadline.
    pub fn wait(&mut self, text: &str) -> String {
        self.wait_until(text, |picture| picture.contains(text))
    }

    pub fn wait_until(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let picture = self.picture();
            if holds(&picture) {
                return picture;
            }
            assert!(Instant::now() < deadline, "waited in vain for {what:?}:\n{picture}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end and answers the exit code.
    pub fn end(&mut self, within: Duration) -> u32 {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < deadline, "it did not end:\n{}", self.picture());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The terminal is as it was: its modes, its screen, its cursor.
    pub fn assert_given_back(&self) {
        let after = format!("{:?}", self.master.as_ref().unwrap().get_termios());
        assert_eq!(after, self.before, "termios");
        let deadline = Instant::now() + DEADLINE;
        loop {
            let seen = self.seen.lock().unwrap();
            let screen = seen.picture.screen();
            let back = !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None;
            if back {
                return;
            }
            assert!(Instant::now() < deadline, "the terminal was left in a mode");
            drop(seen);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A test that failed must not leave the program behind; one that ended has nothing to kill.
        let _ = self.child.kill();
        self.stop.store(true, Ordering::SeqCst);
        // It ends when the terminal does; nobody waits for it here.
        drop(self.reader.take());
    }
}
