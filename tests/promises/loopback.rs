//! One server on loopback and the program before it: enough where no name and no network matters.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::server::Reply;
use super::world::{PLEOSCOPE, World};
use crate::harness::Session;

/// A key that must change the screen does so within this.
pub const ALIVE: Duration = Duration::from_millis(250);

/// The words on the lower border of pane 5.
const VIEWS: [&str; 6] = ["table", "tree", "raw", "hex", "headers", "timing"];

/// The server and a fresh home.
pub struct Loopback {
    /// The server's log, the home, and how the program is run.
    pub world: World,
    /// Where it is.
    pub address: SocketAddr,
}

impl Loopback {
    /// Answers 200 until it is told otherwise.
    pub fn new() -> Self {
        let mut world = World::quiet();
        let address = world.listeners.listen(SocketAddr::from(([127, 0, 0, 1], 0)));
        Self { world, address }
    }

    /// Answers everything with this from now on.
    pub fn always(&self, reply: Reply) {
        self.world.answer(move |_| reply.clone());
    }

    /// The flag that leads the program here.
    pub fn base(&self) -> String {
        format!("staging=http://{}", self.address)
    }

    /// The explorer with a request that can be sent, and these flags besides.
    pub fn session(&self, flags: &[&str], size: (u16, u16)) -> Session {
        self.under("", flags, size)
    }

    /// The same under limits, which the shell's `ulimit` sets.
    pub fn under(&self, limits: &str, flags: &[&str], size: (u16, u16)) -> Session {
        let script = format!("{limits}\nexec \"$0\" \"$@\"");
        let base = self.base();
        let own = ["sh", "-c", &script, PLEOSCOPE, "open", "GET", "/v2/employees", "--base-url", &base];
        let mut session = self.world.session_of(&[&own[..], flags].concat(), &[], size);
        session.wait("4 Request GET /v2/employees");
        session
    }

    /// What `send` prints of the answer, as it is.
    pub fn printed(&self, output: &str) -> (Vec<u8>, String) {
        let base = self.base();
        let args = ["send", "-o", output, "GET", "/v2/employees", "--base-url", &base];
        let ran = self.world.command(&args, &[]).output().unwrap();
        (ran.stdout, String::from_utf8_lossy(&ran.stderr).into_owned())
    }
}

/// A whole answer whose reason phrase names it, so that its title is told from those of others.
pub fn named(name: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    Reply::new(&format!("200 {name}"), headers, body)
}

/// The same with JSON by its content type.
pub fn named_json(name: &str, body: &[u8]) -> Reply {
    named(name, &[("Content-Type", "application/json")], body)
}

/// The title of pane 5.
pub fn title(picture: &str) -> &str {
    let title = picture.lines().find(|line| line.contains("5 Response")).unwrap_or_default();
    title.split("5 Response").nth(1).unwrap_or_default()
}

/// Whether the answer of this name is there, whole or broken off.
pub fn is_over(picture: &str, name: &str) -> bool {
    let title = title(picture);
    title.contains(name) && ![" waiting", " receiving", "…"].iter().any(|word| title.contains(word))
}

/// Sends and waits for the end of the answer of this name; how long that took.
pub fn sent(session: &mut Session, name: &str) -> Duration {
    let begun = Instant::now();
    session.keys("s");
    session.wait_until(name, |picture| is_over(picture, name));
    begun.elapsed()
}

/// Turns to a view of the answer.
pub fn turn_to(session: &mut Session, view: &str) {
    let current = |picture: &str| VIEWS.into_iter().find(|view| picture.contains(&format!("━{view}")));
    for _ in VIEWS {
        // Not while half of a picture is drawn.
        let before = current(&session.wait_until("a view", |picture| current(picture).is_some()));
        if before == Some(view) {
            return;
        }
        session.keys("v");
        session.wait_until("another view", |picture| current(picture).is_some_and(|now| Some(now) != before));
    }
    session.wait(&format!("━{view}"));
}

/// Presses a key that must change what the picture says in this way; it does so within the time that a person would take for
/// no time, but for a machine that is busy with other tests.
pub fn assert_alive(session: &mut Session, keys: &str, what: &str, changed: impl Fn(&str) -> bool) {
    let begun = Instant::now();
    session.keys(keys);
    session.wait_until(what, changed);
    let took = begun.elapsed();
    assert!(took <= ALIVE * slack(), "{what}: {took:?}");
}

/// How much slower than a release the program may be here: it is built without optimisation, and other tests run beside it.
pub const fn slack() -> u32 {
    if cfg!(debug_assertions) { 8 } else { 2 }
}

/// Leaves, with the terminal as it was.
pub fn leave(mut session: Session) -> Vec<u8> {
    session.keys("\u{3}");
    assert_eq!(session.end(Duration::from_secs(10)), 0, "{}", session.picture());
    session.assert_given_back();
    session.raw()
}
