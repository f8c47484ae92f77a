//! The explorer at work: credentials of every kind given by hand, requests sent, and what the servers say to that.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::canary::Canary;
use super::given::home;
use super::server::{Arrival, Reply, Request, until};
use super::world::address;
use crate::harness::Session;

/// The kinds, in the order of pane 2.
pub const KINDS: [&str; 4] = ["OAuth access token", "Standalone API key", "Integrated API key", "Legacy token"];
/// The company that the servers tell of.
pub const COMPANY: &str = "a666a648-b52f-4acf-990f-32b16af19b3b";
const COMPANY_NAME: &str = "Testfield ApS";

/// A credential that is typed in.
#[derive(Clone, Debug)]
pub struct Typed {
    pub environment: &'static str,
    /// Its place among [`KINDS`].
    pub kind: usize,
    pub secret: Canary,
}

impl Typed {
    /// A fresh one of each kind.
    pub fn all(environment: &'static str) -> [Self; 4] {
        [0, 1, 2, 3].map(|kind| Self { environment, kind, secret: Canary::new(&format!("{environment}-{kind}")) })
    }

    pub fn is_legacy(&self) -> bool {
        self.kind == 3
    }

    pub fn header(&self) -> String {
        if [1, 2].contains(&self.kind) { self.secret.basic() } else { self.secret.bearer() }
    }

    /// The one host that it may go to.
    pub fn home(&self) -> &'static str {
        home(self.environment, self.is_legacy())
    }

    /// It came to its own host, as often as this at least, and to no other one.
    pub fn assert_arrived(&self, log: &[Arrival], times: usize) {
        let mut own = 0;
        for arrival in log {
            if arrival.to.ip() == address(self.home()) {
                let carries = |request: &&Request| request.header("authorization") == [self.header()];
                own += arrival.requests.iter().filter(carries).count();
            } else {
                self.secret.assert_not_in(&arrival.bytes, &format!("what came to {}", arrival.to));
            }
        }
        assert!(own >= times, "{self:?} came {own} times to {}", self.home());
    }
}

/// Answers as Pleo does where the explorer asks by itself. All else is a number that goes up, beside this body; a path that
/// ends with a status gets that one, and `reset` is what it says.
pub fn pleo(body: &str) -> impl Fn(&Request) -> Reply + Send + Sync + 'static + use<> {
    let (calls, body) = (AtomicUsize::new(0), body.to_owned());
    move |request| {
        let path = request.target.split('?').next().unwrap_or_default();
        match path {
            "/v1/introspect" => Reply::json(
                "200 OK",
                &format!(
                    "{{\"data\":{{\"authMethod\":\"bearer\",\"applicationName\":\"Ledger\",\"subjectURN\":\"urn:pleo:company:{COMPANY}\",\"scope\":\"users:read\"}}}}"
                ),
            ),
            "/v1/companies" => Reply::json(
                "200 OK",
                &format!(
                    "{{\"data\":[{{\"id\":\"{COMPANY}\",\"name\":\"{COMPANY_NAME}\"}}],\"pagination\":{{\"hasNextPage\":false}}}}"
                ),
            ),
            _ if path.ends_with("/reset") => Reply::Reset,
            _ => {
                let status = path.rsplit('/').next().filter(|last| last.parse::<u16>().is_ok()).unwrap_or("200");
                let call = calls.fetch_add(1, Ordering::SeqCst) + 1;
                Reply::json(&format!("{status} Told"), &format!("{{\"call\":\"number {call}.\",\"body\":{body}}}"))
            }
        }
    }
}

/// The explorer with a person before it.
pub struct Explorer {
    pub session: Session,
    calls: usize,
}

impl Explorer {
    pub fn new(mut session: Session) -> Self {
        session.wait("3 Endpoints");
        Self { session, calls: 0 }
    }

    /// Presses keys, then waits for a text.
    pub fn press(&mut self, keys: &str, text: &str) -> String {
        self.session.keys(keys);
        self.session.wait(text)
    }

    /// Pastes, as a terminal does it.
    pub fn paste(&mut self, text: &str) {
        self.session.keys(&format!("\u{1b}[200~{text}\u{1b}[201~"));
    }

    /// Closes what lies over the panes.
    pub fn escape(&mut self, gone: &str) {
        self.session.keys("\u{1b}");
        self.session.wait_until(&format!("{gone} to close"), |picture| !picture.contains(gone));
    }

    /// Opens the field for a credential of this kind.
    pub fn open_field(&mut self, kind: usize) {
        self.press(&format!("2G{}\r", "k".repeat(KINDS.len() - kind)), "paste or type it");
    }

    /// Gives a credential by paste.
    pub fn give(&mut self, typed: &Typed) {
        self.open_field(typed.kind);
        self.paste(typed.secret.text());
        self.session.wait("••••");
        self.press("\r", &format!("{} …{}", KINDS[typed.kind], typed.secret.tail()));
    }

    /// Puts a credential in force, which is in this row.
    pub fn choose(&mut self, row: usize, typed: &Typed) {
        let (mark, tail) = (format!("● {} ", KINDS[typed.kind]), format!("…{}", typed.secret.tail()));
        self.session.keys(&format!("2g{}\r", "j".repeat(row)));
        self.session.wait_until("it to be in force", |picture| {
            picture.lines().any(|line| line.contains(&mark) && line.contains(&tail))
        });
    }

    /// Takes a method and a path to pane 4.
    pub fn open(&mut self, request: &str) {
        self.press("\u{e}", "Free request");
        self.press(&format!("{request}\r"), "┏4 Request");
    }

    /// Sends what is in pane 4 and waits for its own answer.
    pub fn send(&mut self) {
        self.calls += 1;
        self.press("s", &format!("number {}.", self.calls));
    }

    /// The next answer, of something that was sent otherwise.
    pub fn answered(&mut self) {
        self.calls += 1;
        self.session.wait(&format!("number {}.", self.calls));
    }

    /// Fills the form of a login in; the cursor is on the first scope then.
    pub fn fill_login(&mut self, secret: &Canary) {
        self.press("2G\r", "Log in with OAuth: ");
        self.paste("the-client");
        self.session.wait("the-client");
        self.session.keys("\t");
        self.paste(secret.text());
        self.session.wait("••••");
        self.press("\t\t\t ", "[x]");
    }

    /// Waits until the terminal is ours again, after another program had it.
    pub fn taken_back(&self) {
        until("the terminal is taken back", || {
            self.session.seen.lock().unwrap().picture.screen().alternate_screen().then_some(())
        });
    }

    /// Leaves.
    pub fn quit(&mut self) {
        self.session.keys("q");
        assert_eq!(self.session.end(Duration::from_secs(10)), 0);
        self.session.assert_given_back();
    }
}
