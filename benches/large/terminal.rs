//! The explorer in a terminal, and a clock that is read the moment its bytes arrive.

use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::server::{PLEOSCOPE, Server};

const COLUMNS: u16 = 140;
const ROWS: u16 = 45;
/// Longest wait for anything.
const DEADLINE: Duration = Duration::from_secs(120);

/// Where the explorer and the measurement keep their files.
pub fn folder() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("pleoscope-large-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// What is waited for, asked about every picture.
type Wanted = Box<dyn Fn(&str) -> bool + Send>;

struct Seen {
    picture: vt100::Parser,
    /// When the last bytes came.
    stamp: Instant,
    wanted: Option<Wanted>,
    met: Option<Instant>,
}

impl Seen {
    fn look(&mut self) {
        let picture = self.picture.screen().contents();
        if self.wanted.take_if(|wanted| wanted(&picture)).is_some() {
            self.met = Some(self.stamp);
        }
    }
}

/// A program and the terminal that it runs in.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

impl Terminal {
    /// The explorer with a request for a body of this size, ready to be sent.
    pub fn open(server: &Server, size: &str) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 });
        let pair = pair.unwrap();
        let home = folder();
        let mut command = CommandBuilder::new(PLEOSCOPE);
        command.args(["--base-url", &format!("staging={}", server.base), "open", "GET", "/v2/employees"]);
        command.args(["-q", &format!("sandbox_fault=huge={size}")]);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("HOME", &home);
        command.env("TMPDIR", &home);
        command.env("PLEOSCOPE_CONFIG_DIR", home.join("config"));
        command.env("PLEOSCOPE_STATE_DIR", home.join("state"));
        command.env("PLEOSCOPE_STAGING_API_KEY", &server.key);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        let cells = |count| NonZeroU16::new(count).unwrap();
        let picture = vt100::Parser::new(cells(ROWS), cells(COLUMNS), 0);
        let seen = Seen { picture, stamp: Instant::now(), wanted: None, met: None };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = vec![0; 64 * 1024];
            while let Ok(count) = reader.read(&mut bytes) {
                let stamp = Instant::now();
                if count == 0 {
                    break;
                }
                let mut seen = shared.0.lock().unwrap();
                seen.stamp = stamp;
                seen.picture.process(&bytes[..count]);
                seen.look();
                if seen.met.is_some() {
                    shared.1.notify_all();
                }
            }
        });
        let mut terminal = Self { child, _master: pair.master, writer, seen };
        terminal.until("the request", |picture| {
            picture.contains("4 Request GET /v2/employees") && picture.contains("q quit")
        });
        // Whose credential it is was asked too; that is over then.
        std::thread::sleep(Duration::from_millis(100));
        terminal
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// What it shows.
    pub fn picture(&self) -> String {
        self.seen.0.lock().unwrap().picture.screen().contents()
    }

    /// Waits until a picture fits; answers when its last bytes came.
    pub fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool + Send + 'static) -> Instant {
        self.expect(wanted);
        self.seen.0.lock().unwrap().look();
        self.met(what)
    }

    /// Types keys and waits until a picture fits; answers when they were typed and when its last bytes came.
    pub fn press(&mut self, keys: &str, wanted: impl Fn(&str) -> bool + Send + 'static) -> (Instant, Instant) {
        self.expect(wanted);
        let begun = Instant::now();
        self.keys(keys);
        (begun, self.met(keys))
    }

    /// The same, as the time between.
    pub fn timed(&mut self, keys: &str, wanted: impl Fn(&str) -> bool + Send + 'static) -> Duration {
        let (begun, met) = self.press(keys, wanted);
        met - begun
    }

    /// Types keys and waits for nothing.
    pub fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    fn expect(&self, wanted: impl Fn(&str) -> bool + Send + 'static) {
        let mut seen = self.seen.0.lock().unwrap();
        seen.met = None;
        seen.wanted = Some(Box::new(wanted));
    }

    fn met(&self, what: &str) -> Instant {
        let seen = self.seen.0.lock().unwrap();
        let (seen, _) = self.seen.1.wait_timeout_while(seen, DEADLINE, |seen| seen.met.is_none()).unwrap();
        assert!(seen.met.is_some(), "waited in vain after {what:?}:\n{}", seen.picture.screen().contents());
        seen.met.unwrap()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It takes its files away when it is left; one that does not leave is ended.
        let _ = self.writer.write_all(b"\x03");
        let deadline = Instant::now() + Duration::from_secs(3);
        while Instant::now() < deadline && !matches!(self.child.try_wait(), Ok(Some(_))) {
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
