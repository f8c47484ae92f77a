//! The loop: what happened goes into `update`, what it asks for goes to the worker, then one frame is drawn.

mod outside;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossterm::event::{Event as TerminalEvent, EventStream, KeyEventKind, MouseButton, MouseEventKind};
use futures_util::StreamExt as _;
use jiff::tz::TimeZone;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use crate::app::drafts;
use crate::app::event::{Effect, Event, Failure, MouseKind, Phase, Reply};
use crate::app::looks::AUTO;
use crate::app::model::Model;
use crate::app::unlock;
use crate::app::update::{settle, update};
use crate::document::{Document, Piece};
use crate::edge::answers::{Answers, Taken};
use crate::edge::history::History;
use crate::edge::program;
use crate::edge::terminal::{self, Screen};
use crate::edge::variables;
use crate::edge::vault::Vault;
use crate::key::Key;
use crate::ui::screen;
use crate::ui::theme::Theme;
use crate::worker::{self, Tools};
use outside::Meanwhile;

/// Most events taken before a frame is drawn, so that a flood of them cannot keep the screen still.
const BATCH: usize = 512;

/// Shortest time between two frames of which the later only tells that more of a body has come.
const PACE: Duration = Duration::from_millis(16);

/// Within which time an answer of the terminal may still come, and how long it is waited for at the end.
const JUST_NOW: Duration = Duration::from_millis(300);
const ON_ITS_WAY: Duration = Duration::from_millis(50);

/// The time since the start of the run. A calendar that jumps ahead and a machine that slept count as time passed, so that
/// what is open for five minutes is never open for longer; one that goes back changes nothing.
struct Clock {
    monotonic: Instant,
    calendar: std::time::SystemTime,
}

impl Clock {
    fn start() -> Self {
        Self { monotonic: Instant::now(), calendar: std::time::SystemTime::now() }
    }

    fn now(&self) -> Duration {
        self.monotonic.elapsed().max(self.calendar.elapsed().unwrap_or_default())
    }

    /// Takes an event into the model at the time at which it is taken, which may be long after the last one: the process
    /// may have been stopped.
    fn happened(&self, model: &mut Model, event: Event) -> Vec<Effect> {
        // What the time changes is settled with the event.
        unlock::tick(model, self.now());
        update(model, event)
    }
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    /// Leave with this exit code.
    Leave(u8),
    /// The process was continued: take the terminal anew.
    Continued,
}

/// Runs the explorer until it is left. Must be called on the main thread inside the runtime.
///
/// # Errors
/// Whatever the terminal answers when it is taken or drawn on.
pub async fn explorer(mut model: Model, tools: Tools) -> io::Result<ExitCode> {
    let theme = means(&mut model);
    terminal::install_panic_hook(std::thread::current().id());
    let mut screen = Screen::take(model.mouse)?;
    let mut signals = signals()?;
    let mut asking = Asking::default();
    let mut keys = Keys::start(&asking.asked);
    let outside = outside::Desk::new(&tools.vault);
    let drawer = Drawer { history: tools.history.clone(), vault: Arc::clone(&tools.vault) };
    let mut line = worker::start(tools);
    let clock = Clock::start();
    // A clock outside the calendar tells no time; only when a sign-in expires goes unsaid then.
    model.began = jiff::Timestamp::try_from(clock.calendar).ok();
    model.size = screen.terminal.size().map(|size| (size.width, size.height))?;
    settle(&mut model);
    let mut pace = Pace::start();
    let mut begun = false;
    loop {
        if pace.is_due() {
            screen.terminal.draw(|frame| screen::render(&model, theme, frame))?;
            pace.drawn();
            // It is read from files, for which the first picture need not wait.
            model.zone.get_or_insert_with(TimeZone::system);
            asking.ask(&model)?;
            if !std::mem::replace(&mut begun, true) {
                open_history(&mut model, &clock, &line.effects);
            }
        }
        let mut effects = Vec::new();
        // Replies first: they end what the next key may be about. Then keys. There is a timer only while a second's passing
        // shows on the screen; progress comes as replies.
        let moved = after(pace.left().or_else(|| model.moves_in()));
        tokio::select! {
            biased;
            signal = signals.recv() => match signal {
                Some(Signal::Continued) => {
                    screen.retake(model.mouse)?;
                    pace.hurry();
                }
                Some(Signal::Leave(code)) => return Ok(drawer.leave(&mut model, code)),
                None => return Ok(ExitCode::from(129)),
            },
            Some(reply) = line.replies.recv() => {
                pace.meets(&model, &reply);
                effects.extend(clock.happened(&mut model, Event::Reply(reply)));
            }
            event = keys.line.recv() => match event {
                Some(Ok(event)) => {
                    pace.hurry();
                    effects.extend(from_terminal(&mut model, &clock, event));
                }
                // The terminal is gone or broken: there is nobody to go on for.
                Some(Err(error)) => return Err(error),
                None => return Ok(ExitCode::from(129)),
            },
            () = moved => {
                pace.hurry();
                effects.extend(update(&mut model, Event::Tick(clock.now())));
            }
        }
        for _ in 0..BATCH {
            let reply = line.replies.try_recv().ok().map(|reply| {
                pace.meets(&model, &reply);
                clock.happened(&mut model, Event::Reply(reply))
            });
            let event = match keys.line.try_recv() {
                Ok(Ok(event)) => {
                    pace.hurry();
                    Some(from_terminal(&mut model, &clock, event))
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => None,
            };
            if reply.is_none() && event.is_none() {
                break;
            }
            effects.extend(reply.into_iter().chain(event).flatten());
            if effects.iter().any(hands_over) {
                break;
            }
        }
        for effect in effects {
            match effect {
                Effect::Quit => {
                    asking.linger(&model).await;
                    return Ok(ExitCode::SUCCESS);
                }
                effect @ Effect::KeepDraft(..) => drawer.keep(effect),
                Effect::EnterSandbox => enter_sandbox(&mut screen, &mut model, &drawer).await?,
                Effect::Suspend => suspend(&mut screen, &model)?,
                Effect::EditOutside(id, text) => {
                    let meanwhile = Meanwhile::of(&mut model, &clock, &mut line, &mut signals);
                    if let Some(code) = outside.serve(id, &text, &mut screen, &mut keys, meanwhile).await? {
                        return Ok(ExitCode::from(code));
                    }
                    pace.hurry();
                }
                Effect::Mouse(ours) => terminal::set_mouse(ours)?,
                Effect::Copy(text) => terminal::copy(&text)?,
                Effect::CopyHidden(text) => terminal::copy_hidden(&text.0)?,
                effect => hand_over(&mut model, &clock, &line.effects, effect),
            }
        }
    }
}

/// What the terminal can show, before a theme is chosen.
fn means(model: &mut Model) -> Theme {
    model.looks.colour = variables::colour();
    model.looks.background = variables::background();
    Theme::of_terminal(model.looks.colour, variables::ascii_only(), variables::depth())
}

/// Where unsent requests are kept. The loop puts them there itself, so that they are in line before the run ends; they are
/// written elsewhere.
struct Drawer {
    history: History,
    vault: Arc<Vault>,
}

impl Drawer {
    fn keep(&self, effect: Effect) {
        if let Effect::KeepDraft(slot, filled) = effect {
            self.history.keep_unsent(slot, filled, self.vault.redactor());
        }
    }

    /// A signal says to leave: puts away what is not written yet.
    fn leave(&self, model: &mut Model, code: u8) -> ExitCode {
        for effect in drafts::write(model) {
            self.keep(effect);
        }
        ExitCode::from(code)
    }
}

/// Opens the history, and asks it for the unsent requests of earlier runs.
fn open_history(model: &mut Model, clock: &Clock, effects: &Sender<Effect>) {
    let unsent = drafts::begin(model);
    for effect in [Effect::OpenHistory, unsent] {
        hand_over(model, clock, effects, effect);
    }
}

/// Whether an effect gives the terminal away, so that no key is taken before it is done.
const fn hands_over(effect: &Effect) -> bool {
    matches!(effect, Effect::Quit | Effect::Suspend | Effect::EnterSandbox | Effect::EditOutside(..))
}

/// Waits for so long, or for ever.
async fn after(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

/// When a frame is drawn: at once, but for what only tells that more of a body has come, which need not be told more often
/// than it can be seen; drawing each piece would keep a core from receiving them.
struct Pace {
    last: Instant,
    /// Something has happened since.
    owed: bool,
    /// Something that cannot wait.
    urgent: bool,
}

impl Pace {
    fn start() -> Self {
        Self { last: Instant::now(), owed: true, urgent: true }
    }

    fn drawn(&mut self) {
        *self = Self { last: Instant::now(), owed: false, urgent: false };
    }

    fn hurry(&mut self) {
        self.urgent = true;
    }

    /// A reply is about to be taken into the model.
    fn meets(&mut self, model: &Model, reply: &Reply) {
        let more = matches!(reply, Reply::Chunk(..) | Reply::Stored(..) | Reply::Progress(..));
        let first = model.response.document().is_none_or(Document::is_empty);
        self.owed = true;
        self.urgent |= first || !more;
    }

    fn is_due(&self) -> bool {
        self.urgent || (self.owed && self.last.elapsed() >= PACE)
    }

    /// How long the frame that is owed still waits.
    fn left(&self) -> Option<Duration> {
        self.owed.then(|| PACE.saturating_sub(self.last.elapsed()))
    }
}

/// The question for the terminal's background, which is asked once, after the first picture.
#[derive(Default)]
struct Asking {
    asked: Arc<AtomicBool>,
    at: Option<Instant>,
}

impl Asking {
    /// Asks, where the background decides the theme and the terminal can tell it.
    fn ask(&mut self, model: &Model) -> io::Result<()> {
        let looks = &model.looks;
        let wanted = looks.colour && looks.chosen == AUTO && looks.background.is_none();
        if self.at.is_none() && wanted && variables::may_be_asked() {
            self.asked.store(true, Ordering::Relaxed);
            terminal::ask_background()?;
            self.at = Some(Instant::now());
        }
        Ok(())
    }

    /// Waits a little for an answer that is on its way: it must not become what the shell reads.
    async fn linger(&self, model: &Model) {
        let just_now = self.at.is_some_and(|at| at.elapsed() < JUST_NOW);
        if just_now && model.looks.background.is_none() {
            tokio::time::sleep(ON_ITS_WAY).await;
        }
    }
}

/// An event of the terminal, or its answer.
enum Said {
    Event(TerminalEvent),
    Background([u8; 3]),
}

/// What the terminal says, in a line that can be emptied without waiting. The stream itself cannot: polled once without
/// waiting it never wakes anybody again.
struct Keys {
    line: Receiver<io::Result<Said>>,
    reader: JoinHandle<()>,
    asked: Arc<AtomicBool>,
}

impl Keys {
    fn start(asked: &Arc<AtomicBool>) -> Self {
        let (out, line) = channel(BATCH);
        let own = Arc::clone(asked);
        let reader = tokio::spawn(async move {
            let mut stream = EventStream::new();
            let mut answers = Answers::default();
            // What was asked of the terminal before somebody else had it is answered by now.
            let mut known = own.load(Ordering::Relaxed);
            while let Some(event) = stream.next().await {
                if !known && own.load(Ordering::Relaxed) {
                    answers.asked();
                    known = true;
                }
                let said = match event.map(|event| answers.take(event, Instant::now())) {
                    Ok(Taken::Event(event)) => Ok(Said::Event(event)),
                    Ok(Taken::Background(colour)) => Ok(Said::Background(colour)),
                    Ok(Taken::Nothing) => continue,
                    Err(error) => Err(error),
                };
                if out.send(said).await.is_err() {
                    return;
                }
            }
        });
        Self { line, reader, asked: Arc::clone(asked) }
    }

    /// Reads again.
    fn again(&self) -> Self {
        Self::start(&self.asked)
    }

    /// Reads no more: what is typed from now on is somebody else's.
    async fn stop(&mut self) {
        self.reader.abort();
        // It ends by being stopped, which is what was asked.
        let _ = (&mut self.reader).await;
    }
}

/// Gives an effect to the worker; one that does not take it any more is said on the screen.
fn hand_over(model: &mut Model, clock: &Clock, effects: &Sender<Effect>, effect: Effect) {
    // Not an event of its own: what it would ask for would be asked of nobody.
    unlock::tick(model, clock.now());
    settle(model);
    let late = match &effect {
        Effect::Send(_, request) => model.guard.permits(request.environment(), request.endpoint(), model.now).err(),
        _ => None,
    };
    let refused = match late {
        Some(_) => Some(effect),
        None => effects.try_send(effect).err().map(TrySendError::into_inner),
    };
    if let Some(Effect::Send(id, _)) = refused {
        let sentence = late.map_or_else(
            || "The worker takes no more work: quit and start again.".to_owned(),
            |refusal| format!("Not sent: {refusal}"),
        );
        let failure = Failure { phase: Phase::Setup, sentence };
        update(model, Event::Reply(Reply::Failed(id, failure, Piece::default(), Duration::ZERO)));
    }
}

fn from_terminal(model: &mut Model, clock: &Clock, said: Said) -> Vec<Effect> {
    let event = match said {
        Said::Background(colour) => return clock.happened(model, Event::Background(colour)),
        Said::Event(event) => event,
    };
    let event = match event {
        TerminalEvent::Key(key) if key.kind == KeyEventKind::Release => return Vec::new(),
        TerminalEvent::Key(key) => {
            assert!(variables::test_panic().as_deref() != Some("screen"), "asked for by a test");
            Key::from_terminal(key).map(Event::Key)
        }
        TerminalEvent::Paste(text) => Some(Event::Paste(text)),
        TerminalEvent::Resize(columns, rows) => Some(Event::Resize(columns, rows)),
        TerminalEvent::Mouse(mouse) => {
            let kind = match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Some(MouseKind::Click),
                MouseEventKind::ScrollUp => Some(MouseKind::WheelUp),
                MouseEventKind::ScrollDown => Some(MouseKind::WheelDown),
                _ => None,
            };
            kind.map(|kind| Event::Mouse(kind, mouse.column, mouse.row))
        }
        TerminalEvent::FocusGained | TerminalEvent::FocusLost => None,
    };
    event.map_or_else(Vec::new, |event| clock.happened(model, event))
}

/// Gives the terminal to a run against the imitation. Where there can be none in our place, the way there is told.
async fn enter_sandbox(screen: &mut Screen, model: &mut Model, drawer: &Drawer) -> io::Result<()> {
    // This process is another one then; what cannot be written is lost with it.
    drawer.history.settled().await;
    terminal::give_back();
    let error = program::enter_sandbox();
    screen.retake(model.mouse)?;
    model.complain(format!("The sandbox cannot be entered from here ({error}): quit and run `pleoscope --sandbox`"));
    Ok(())
}

#[cfg(unix)]
fn suspend(screen: &mut Screen, model: &Model) -> io::Result<()> {
    terminal::give_back();
    terminal::stop_process();
    screen.retake(model.mouse)
}

#[cfg(not(unix))]
fn suspend(_: &mut Screen, _: &Model) -> io::Result<()> {
    Ok(())
}

/// The signals that end the program or bring it back, and the terminal's vanishing, in one line.
#[cfg(unix)]
fn signals() -> io::Result<Receiver<Signal>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (out, line) = channel(8);
    let leaving = [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit(), SignalKind::terminate()];
    let continued = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
    let kinds = leaving.map(|kind| (kind, leave(kind))).into_iter().chain([(continued, Signal::Continued)]);
    for (kind, meaning) in kinds {
        let mut arrivals = signal(kind)?;
        let out = out.clone();
        tokio::spawn(async move { while arrivals.recv().await.is_some() && out.send(meaning).await.is_ok() {} });
    }
    // A thread of its own, asleep in the kernel until the terminal goes. It ends with the process.
    std::thread::spawn(move || {
        if terminal::wait_for_hangup() {
            // A full or closed line means that we are leaving already.
            let _ = out.blocking_send(Signal::Leave(129));
        }
    });
    Ok(line)
}

#[cfg(unix)]
fn leave(kind: tokio::signal::unix::SignalKind) -> Signal {
    Signal::Leave(u8::try_from(128 + kind.as_raw_value()).unwrap_or(1))
}

#[cfg(not(unix))]
fn signals() -> io::Result<Receiver<Signal>> {
    let (out, line) = channel(8);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() && out.send(Signal::Leave(130)).await.is_ok() {}
    });
    Ok(line)
}
