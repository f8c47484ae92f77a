//! The explorer as it runs, state machine and worker, against real listeners: whatever is pressed, no write reaches
//! production while it is locked, and no credential reaches the other environment.

use std::time::Duration;

use base64::Engine as _;
use pleoscope::app::event::{Effect, Event, Facts, Failure, MouseKind, Phase, Reply, WorkId};
use pleoscope::app::keymap;
use pleoscope::app::model::{Model, Overlay};
use pleoscope::app::panes::response::Stage;
use pleoscope::app::update::{settle, update};
use pleoscope::edge::folders::Folders;
use pleoscope::edge::history::{History, Rules};
use pleoscope::key::{Code, Key};
use pleoscope::pleo::credential::{Credential, CredentialKind, Keeping};
use pleoscope::pleo::endpoint::Surface;
use pleoscope::pleo::environment::{Environment, Environments};
use pleoscope::pleo::guard::{Guard, OPEN_FOR};
use pleoscope::sandbox::{self, Options, Sandbox, Seen};
use pleoscope::secret::Secret;
use pleoscope::worker::{self, Line, Tools};

/// Sequences, and events in each.
const SEQUENCES: u64 = 25;
const EVENTS: usize = 4_000;
/// Sequences that run beside each other.
const LANES: u8 = 4;
/// Switches with requests in flight, of all lanes together.
const SWITCHES: usize = 200;

/// A source of random numbers that is the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.next(choices.len())]
    }
}

/// What people do in several keys, so that a random sequence gets anywhere.
const DEEDS: [&[&str]; 17] = [
    &["Esc", "Esc", "w", "production", "Enter"],
    &["Esc", "Esc", "w", "production"],
    &["Esc", "Esc", "Ctrl-n", "DELETE /v1/vendors/11111111-1111-4111-8111-111111111111", "Enter", "s", "Enter"],
    &["Esc", "Esc", "Ctrl-n", "POST /v9/free", "Enter", "s", "Enter"],
    &["Esc", "Esc", "Ctrl-n", "DELETE /v1/installations/me", "Enter", "s", "uninstall", "Enter"],
    &["Esc", "Esc", "Ctrl-n", "DELETE /v1/installations/me", "Enter", "s", "Enter"],
    &["Esc", "Esc", "Ctrl-n", "PUT /v1/employees/1 ", "Enter", "s", "Enter"],
    &["Esc", "Esc", "Ctrl-n", "GET /v2/employees?limit=1&sandbox_fault=slow=20ms", "Enter", "s"],
    &["Esc", "Esc", "Ctrl-n", "GET /v2/employees?limit=1&sandbox_fault=redirect=other-host", "Enter", "s"],
    &["Esc", "Esc", "5", "F", "s", "Enter"],
    &["Esc", "Esc", "s", "Enter"],
    // What is sent again from the history passes the same gate.
    &["Esc", "Esc", "H", "a", "pause", "j", "s", "pause", "Enter"],
    &["Esc", "Esc", "H", "/", "method:DELETE env:production", "pause", "Enter", "s", "pause", "Enter"],
    &["Esc", "Esc", "H", "a", "pause", "Enter", "pause", "s", "Enter"],
    &["Esc", "Esc", "2", "Enter", "s"],
    &["Esc", "Esc", "Ctrl-t"],
    &["Esc", "Esc", "s", "s", "Ctrl-t", "s"],
];

struct Run {
    model: Model,
    line: Line,
    sandbox: Sandbox,
    /// Writes to production that left while it was open, as method and target.
    allowed: Vec<(String, String)>,
    /// When production was opened by its word, as this test saw it.
    opened: Option<Duration>,
    sent: usize,
    /// Of these, from the history.
    recalled: usize,
    folder: std::path::PathBuf,
}

impl Drop for Run {
    fn drop(&mut self) {
        // The history may still be written to; what is left is swept with the machine's own.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A sandbox, hosts that lead to it, and the demo credentials of both environments as typed ones.
async fn start(guard: Guard) -> Run {
    let options = Options {
        rate_limit: 1_000_000,
        staging_employees: 3,
        production_employees: 3,
        staging_entries: 1,
        production_entries: 1,
        ..Options::default()
    };
    let sandbox = sandbox::start(options).await.expect("a sandbox");
    let mut environments = Environments::pleo();
    for environment in Environment::ALL {
        let bases = [
            ("", sandbox.base(environment, Surface::External)),
            ("legacy-", sandbox.base(environment, Surface::Legacy)),
            ("auth-", sandbox.auth(environment)),
        ];
        for (part, url) in bases {
            let url = url.as_str().trim_end_matches('/');
            environments.override_with(&format!("{part}{environment}={url}")).expect("loopback");
        }
    }
    let mut model = Model::new((120, 40), Environment::Staging, environments.clone());
    model.guard = guard;
    for (environment, kind, value, _) in sandbox.demo_credentials() {
        model.credentials.keep(Credential::new(environment, kind, Keeping::Memory, Secret::new(value)));
    }
    settle(&mut model);
    let mut random = [0; 8];
    getrandom::fill(&mut random).expect("randomness");
    let folder = std::env::temp_dir().join(format!("pleoscope-guard-{:016x}", u64::from_ne_bytes(random)));
    let folders = Folders { config: folder.clone(), state: folder.clone() };
    let history = History::new(Some(&folders), Rules::default(), false, &environments);
    let mut tools = Tools::without_store(environments);
    tools.history = history;
    tools.filter = std::path::Path::new(env!("CARGO_BIN_EXE_pleoscope")).into();
    let line = worker::start(tools);
    Run { model, line, sandbox, allowed: Vec::new(), opened: None, sent: 0, recalled: 0, folder }
}

impl Run {
    async fn event(&mut self, event: Event) {
        let was_open = self.model.guard.remaining(self.model.now).is_some();
        let asked = match &self.model.overlay {
            Some(Overlay::Unlock(asked)) => asked.input.text().trim().to_owned(),
            _ => String::new(),
        };
        let reviewed = match &self.model.overlay {
            Some(Overlay::Review(review)) => Some(review.request.clone()),
            _ => None,
        };
        let environment = self.model.environment;
        let told = matches!(event, Event::Reply(Reply::Told(..)));
        let enter = matches!(event, Event::Key(key) if key == Key::plain(Code::Enter));
        let effects = update(&mut self.model, event);
        assert!(self.model.waiting.is_none() || self.model.flight.is_some(), "it waits behind nothing");
        let open = self.model.guard.remaining(self.model.now).is_some();
        if open && !was_open {
            assert!(enter && asked == "production" && environment == Environment::Production, "it opened by itself");
            self.opened = Some(self.model.now);
        }
        if self.model.environment != environment {
            assert!(!open, "a switch locks");
        }
        if open {
            let opened = self.opened.expect("it was opened");
            assert!(self.model.now < opened + OPEN_FOR, "it is open for more than five minutes");
        }
        for effect in effects {
            if let Effect::Send(_, request) = &effect {
                self.sent += 1;
                self.recalled += usize::from(told);
                if request.environment() == Environment::Production && request.endpoint().writes {
                    assert!(open && was_open && enter, "a write left while production was locked");
                    assert_eq!(reviewed.as_ref(), Some(&**request), "it was not what was looked at");
                    let target = request.url()[url::Position::BeforePath..].to_owned();
                    self.allowed.push((request.method().to_string(), target));
                }
            }
            match effect {
                // A browser has no business here, nor has the terminal.
                Effect::Login(id, _) => self.refuse_login(id),
                Effect::Quit | Effect::Suspend | Effect::Mouse(_) | Effect::Copy(_) => {}
                // Nothing is written where this happens to run.
                Effect::Save(..) | Effect::OpenOutside(..) => {}
                effect => {
                    let what = format!("{effect:.200?}");
                    let sent = tokio::time::timeout(STUCK, self.line.effects.send(effect)).await;
                    assert!(sent.is_ok(), "the worker takes nothing any more: {what}");
                    sent.expect("taken").expect("a worker");
                }
            }
        }
    }

    fn refuse_login(&mut self, id: WorkId) {
        let failure = Failure { phase: Phase::Setup, sentence: "Not here.".into() };
        update(&mut self.model, Event::Reply(Reply::LoggedIn(id, Err(failure), Facts::default())));
    }

    /// Takes what the worker says, as far as it has said anything.
    async fn replies(&mut self) {
        while let Ok(reply) = self.line.replies.try_recv() {
            self.event(Event::Reply(reply)).await;
        }
    }

    async fn press(&mut self, word: &str) {
        match word.parse::<Key>() {
            Ok(key) => self.event(Event::Key(key)).await,
            Err(_) => {
                for c in word.chars() {
                    self.event(Event::Key(Key::char(c))).await;
                }
            }
        }
    }

    /// Waits until the history has answered.
    async fn listed(&mut self) {
        let waits =
            |model: &Model| model.history.as_ref().is_some_and(|own| own.listing.is_some() || own.fetching.is_some());
        let until = tokio::time::Instant::now() + STUCK;
        while waits(&self.model) {
            let reply = tokio::time::timeout_at(until, self.line.replies.recv()).await;
            assert!(reply.is_ok(), "the history never answers");
            self.event(Event::Reply(reply.expect("in time").expect("a reply"))).await;
        }
    }

    /// Waits until nothing is in flight any more.
    async fn finish(&mut self) {
        let until = tokio::time::Instant::now() + STUCK;
        while self.model.flight.is_some() || self.model.waiting.is_some() {
            let reply = tokio::time::timeout_at(until, self.line.replies.recv()).await;
            assert!(reply.is_ok(), "{:?} never ends; waiting {:?}", self.model.flight, self.model.waiting);
            self.event(Event::Reply(reply.expect("in time").expect("a reply"))).await;
        }
    }
}

/// Longer than anything takes that ends at all.
const STUCK: Duration = Duration::from_secs(120);

/// What arrived at an environment's listeners holds no form of a secret of the other environment.
fn assert_no_stray_secret(log: &[Seen], sandbox: &Sandbox) {
    let basic = |value: &str| base64::engine::general_purpose::STANDARD.encode(format!("{value}:"));
    for (environment, _, value, _) in sandbox.demo_credentials() {
        let forms = [value.clone(), basic(&value)];
        for seen in log.iter().filter(|seen| seen.environment != environment) {
            let headers = seen.headers.iter().map(|(_, value)| String::from_utf8_lossy(value).into_owned());
            let all = headers.chain([seen.path_and_query.clone(), String::from_utf8_lossy(&seen.body).into_owned()]);
            for text in all {
                let found = forms.iter().any(|form| text.contains(form.as_str()));
                assert!(!found, "a credential of {environment} at {:?} {}", seen.environment, seen.path_and_query);
            }
        }
    }
}

fn is_write(seen: &Seen) -> bool {
    let reads = ["GET", "HEAD"].contains(&seen.method.as_str());
    let search = seen.method == "POST" && seen.path_and_query.contains(":search");
    seen.environment == Environment::Production && seen.surface.is_some() && !reads && !search
}

/// Random keys, words, pastes, clicks, sizes and times, at least 100,000 of them.
async fn random(seed: u64, guard: Guard, events: usize) -> Run {
    let bound: Vec<Key> = keymap::BINDINGS.iter().flat_map(|binding| binding.keys.iter().copied()).collect();
    let mut dice = Dice(seed);
    let mut run = start(guard).await;
    let mut now = Duration::ZERO;
    let mut done = 0;
    while done < events {
        done += 1;
        match dice.next(100) {
            0..=54 => run.event(Event::Key(dice.of(&bound))).await,
            55..=64 => {
                let c = char::from(b' ' + u8::try_from(dice.next(95)).expect("ASCII"));
                run.event(Event::Key(Key::char(c))).await;
            }
            65..=84 => {
                for word in dice.of(&DEEDS) {
                    if *word == "pause" {
                        run.listed().await;
                        continue;
                    }
                    if *word == "Enter" {
                        // A person looks before Enter; without that it is taken for a held key or a paste.
                        now += Duration::from_secs(1);
                        run.event(Event::Tick(now)).await;
                    }
                    run.press(word).await;
                    done += 1;
                }
                // Without waiting now and then everything would stand behind one request.
                if dice.next(3) > 0 {
                    run.finish().await;
                }
            }
            85..=87 => {
                let pasted = dice.of(&["production\n", "s\n\n", "uninstall", "x\ny\n", "{\"a\":1}"]);
                run.event(Event::Paste(pasted.to_owned())).await;
            }
            88..=91 => {
                let kind = dice.of(&[MouseKind::Click, MouseKind::WheelDown, MouseKind::WheelUp]);
                let at = |most: usize, dice: &mut Dice| u16::try_from(dice.next(most)).expect("small");
                let (column, row) = (at(120, &mut dice), at(40, &mut dice));
                run.event(Event::Mouse(kind, column, row)).await;
            }
            92 => {
                let size = dice.of(&[(120, 40), (80, 24), (40, 10), (200, 60)]);
                run.event(Event::Resize(size.0, size.1)).await;
            }
            _ => {
                now += Duration::from_secs(dice.of(&[0, 1, 20, 100, 400]));
                run.event(Event::Tick(now)).await;
            }
        }
        run.replies().await;
        if dice.next(4) == 0 {
            tokio::task::yield_now().await;
        }
    }
    run.finish().await;
    run
}

/// Every so many sequences, one after the other: writes that were let through, requests sent, and those of the history.
async fn lane_of_sequences(lane: u8) -> (usize, usize, usize) {
    let (mut allowed, mut sent, mut recalled) = (0, 0, 0);
    for seed in (lane.into()..SEQUENCES).step_by(usize::from(LANES)) {
        let run = random(seed, Guard::new(false), EVENTS).await;
        let log = run.sandbox.log();
        assert!(log.len() < 10_000, "the log is whole");
        assert_no_stray_secret(&log, &run.sandbox);
        let mut left = run.allowed.clone();
        for seen in log.iter().filter(|seen| is_write(seen)) {
            let it = (seen.method.clone(), seen.path_and_query.clone());
            let at = left.iter().position(|own| *own == it);
            assert!(at.is_some(), "{it:?} reached production, and nobody let it");
            at.map(|at| left.swap_remove(at));
        }
        allowed += run.allowed.len();
        sent += run.sent;
        recalled += run.recalled;
    }
    (allowed, sent, recalled)
}

/// Check 25 and the property of the guard: 100,000 random events, the palette, retries and redirects among them.
#[tokio::test(flavor = "multi_thread")]
async fn promise_25_random_events_never_write_while_locked() {
    let lanes: Vec<_> = (0..LANES).map(|lane| tokio::spawn(lane_of_sequences(lane))).collect();
    let (mut allowed, mut sent, mut recalled) = (0, 0, 0);
    for lane in lanes {
        let counts = lane.await.expect("a lane that holds");
        allowed += counts.0;
        sent += counts.1;
        recalled += counts.2;
    }
    // Otherwise nothing was tried.
    assert!(allowed > 50 && sent > 1_000, "{allowed} writes of {sent} requests");
    assert!(recalled > 50, "{recalled} of the history");
}

/// The same with `--read-only`: nothing but reads reaches either environment.
#[tokio::test(flavor = "multi_thread")]
async fn promise_25_a_read_only_run_sends_reads_only() {
    let lanes: Vec<_> = (0..LANES).map(|lane| tokio::spawn(lane_of_reads(lane))).collect();
    let mut sent = 0;
    for lane in lanes {
        sent += lane.await.expect("a lane that holds");
    }
    assert!(sent > 200, "{sent}");
}

/// One lane's part of 20,000 events; answers how many requests left.
async fn lane_of_reads(lane: u8) -> usize {
    let run = random(4_711 + u64::from(lane), Guard::new(true), 20_000 / usize::from(LANES)).await;
    assert!(run.allowed.is_empty(), "{} {}", run.sent, run.allowed.len());
    for seen in run.sandbox.log().iter().filter(|seen| seen.surface.is_some()) {
        let search = seen.method == "POST" && seen.path_and_query.contains(":search");
        assert!(search || ["GET", "HEAD"].contains(&seen.method.as_str()), "{} {}", seen.method, seen.path_and_query);
    }
    run.sent
}

/// Check 17: 200 switches with requests in flight; each answer keeps the environment that it came from, and each request
/// arrives at its own.
#[tokio::test(flavor = "multi_thread")]
async fn promise_17_switches_with_requests_in_flight() {
    let lanes: Vec<_> = (0..LANES).map(|lane| tokio::spawn(lane_of_switches(lane))).collect();
    let mut sent = [0; 2];
    for lane in lanes {
        let counts = lane.await.expect("a lane that holds");
        sent = [sent[0] + counts[0], sent[1] + counts[1]];
    }
    assert!(sent.iter().all(|count| *count > 20), "{sent:?}");
}

/// One lane's part of the switches; answers how many requests left in each environment.
async fn lane_of_switches(lane: u8) -> [usize; 2] {
    let mut run = start(Guard::new(false)).await;
    let mut dice = Dice(17 + u64::from(lane));
    run.press("Enter").await;
    let mut sent = [0; 2];
    for _ in 0..SWITCHES / usize::from(LANES) {
        let delay = dice.next(300);
        run.press("Ctrl-n").await;
        run.press(&format!("GET /v2/employees?limit=1&sandbox_fault=slow={delay}ms")).await;
        run.press("Enter").await;
        let environment = run.model.environment;
        run.press("s").await;
        if run.model.flight.is_some() && run.model.waiting.is_none() {
            sent[environment as usize] += 1;
        }
        run.press("Ctrl-t").await;
        assert!(run.model.waiting.is_none(), "what waited was for the other environment");
        run.replies().await;
        if dice.next(2) == 0 {
            run.finish().await;
        }
        if let Some(exchange) = run.model.response.exchange.as_ref().filter(|own| own.stage == Stage::Done) {
            let body = exchange.document.body();
            let text = String::from_utf8_lossy(&body.read(0..body.len())).into_owned();
            let here = run.sandbox.base(exchange.environment(), Surface::External);
            assert_eq!(exchange.request.url().origin(), here.origin(), "{text}");
            assert_eq!(exchange.head.as_ref().map(|head| head.status), Some(200), "{text}");
        }
    }
    run.finish().await;
    let log = run.sandbox.log();
    assert_no_stray_secret(&log, &run.sandbox);
    assert!(log.iter().all(|seen| seen.status == 200), "no credential was refused by the other environment");
    sent
}

/// Check 12, for a credential of every kind and both environments: a request made by hand of parts that do not belong
/// together does not leave.
#[tokio::test(flavor = "multi_thread")]
async fn promise_12_the_last_door_refuses_too() {
    use pleoscope::edge::http::{Http, Measure};
    use pleoscope::pleo::endpoint::Method;
    use pleoscope::pleo::preflight::Situation;
    use pleoscope::pleo::prepared::prepare;
    use pleoscope::pleo::request::Draft;
    let run = start(Guard::new(false)).await;
    let own = run.model.environments.clone();
    // The same run with the hosts of the two environments mixed up: what was prepared for one now leads to the other.
    let mut mixed = Environments::pleo();
    for environment in Environment::ALL {
        for (part, surface) in [("", Surface::External), ("legacy-", Surface::Legacy)] {
            let url = run.sandbox.base(environment.other(), surface).as_str().trim_end_matches('/').to_owned();
            mixed.override_with(&format!("{part}{environment}={url}")).expect("loopback");
        }
    }
    let http = Http::new(mixed);
    for environment in Environment::ALL {
        for kind in CredentialKind::ALL {
            let secret = Secret::new(format!("CNRY-{environment}-{}", kind.word()));
            let credential = Credential::new(environment, kind, Keeping::Memory, secret.clone());
            let draft = Draft::from_path(Method::Get, "/v1/anything", Some(kind.surface()), environment, &own);
            let situation = Situation::new(environment, &own, Some(&credential));
            let request = prepare(&draft.expect("a draft"), &situation).expect("a request");
            let failure = http.send(&request, Some(&secret), &Measure::begin()).await.expect_err("refused");
            assert!(failure.sentence.contains("is not where") && !failure.sentence.contains("CNRY"), "{failure}");
        }
    }
    assert!(run.sandbox.log().is_empty(), "nothing left");
}
