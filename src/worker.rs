//! The worker: effects in over a bounded channel, replies out over another. It owns the HTTP client and draws nothing.
//!
//! Each piece of work runs in a task of its own under its number and can be cancelled; a task that panics becomes a
//! failed reply. Progress may be dropped when the screen is busy; final replies wait for room.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::app::event::{Effect, Failure, Phase, Reply, WorkId};
use crate::document::{Body, Piece, Query, Scanner, find_all};
use crate::edge::http::Http;
use crate::edge::variables;
use crate::pleo::environment::Environments;
use crate::pleo::prepared::Prepared;

/// Effects and replies that may stand in line.
const LINE: usize = 64;
/// Time between two words of progress.
const PROGRESS: Duration = Duration::from_millis(100);

/// The two ends that the screen or a command holds.
#[derive(Debug)]
pub struct Line {
    /// Takes effects.
    pub effects: Sender<Effect>,
    /// Gives replies.
    pub replies: Receiver<Reply>,
}

/// Starts the worker in the current runtime. It ends, and everything it does is cancelled, when `effects` is dropped.
#[must_use]
pub fn start(environments: Environments) -> Line {
    let (effects, inbox) = channel(LINE);
    let (outbox, replies) = channel(LINE);
    tokio::spawn(serve(Arc::new(Http::new(environments)), inbox, outbox));
    Line { effects, replies }
}

/// A piece of work that can be stopped.
struct Work {
    task: AbortHandle,
    stop: Arc<AtomicBool>,
}

impl Work {
    fn cancel(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.task.abort();
    }
}

async fn serve(http: Arc<Http>, mut inbox: Receiver<Effect>, outbox: Sender<Reply>) {
    let mut running: HashMap<WorkId, Work> = HashMap::new();
    while let Some(effect) = inbox.recv().await {
        running.retain(|_, work| !work.task.is_finished());
        match effect {
            Effect::Send(id, request) => {
                let task = tokio::spawn(exchange(Arc::clone(&http), id, request, outbox.clone()));
                running.insert(id, Work { task: task.abort_handle(), stop: Arc::default() });
                tokio::spawn(watch(id, task, outbox.clone()));
            }
            Effect::Search(id, body, query) => {
                let stop = Arc::new(AtomicBool::new(false));
                let task = tokio::task::spawn_blocking({
                    let (stop, outbox) = (Arc::clone(&stop), outbox.clone());
                    move || search(id, &body, &query, &stop, &outbox)
                });
                running.insert(id, Work { task: task.abort_handle(), stop });
            }
            Effect::Cancel(id) => {
                if let Some(work) = running.remove(&id) {
                    work.cancel();
                }
            }
            // The loop that owns the terminal does these itself.
            Effect::Mouse(_) | Effect::Suspend | Effect::Quit => {}
        }
    }
    for work in running.values() {
        work.cancel();
    }
}

/// Turns a panic of a task into a failed reply.
async fn watch(id: WorkId, task: tokio::task::JoinHandle<()>, outbox: Sender<Reply>) {
    if let Err(error) = task.await
        && error.is_panic()
    {
        let failure = Failure {
            phase: Phase::Setup,
            sentence:
                "The worker failed on this request; that is a defect of pleoscope. Nothing else is lost: send again."
                    .to_owned(),
        };
        // Nobody listens any more when the program is leaving.
        let _ = outbox.send(Reply::Failed(id, failure, Piece::default(), Duration::ZERO)).await;
    }
}

async fn exchange(http: Arc<Http>, id: WorkId, request: Box<Prepared>, outbox: Sender<Reply>) {
    assert!(variables::test_panic().as_deref() != Some("worker"), "asked for by a test");
    let begun = Instant::now();
    let mut scanner = Scanner::new();
    let last = match receive(&http, id, &request, &mut scanner, begun, &outbox).await {
        Ok(()) => Reply::Done(id, scanner.finish(), begun.elapsed()),
        Err(failure) => Reply::Failed(id, failure, scanner.finish(), begun.elapsed()),
    };
    // Nobody listens any more when the program is leaving.
    let _ = outbox.send(last).await;
}

async fn receive(
    http: &Http,
    id: WorkId,
    request: &Prepared,
    scanner: &mut Scanner,
    begun: Instant,
    outbox: &Sender<Reply>,
) -> Result<(), Failure> {
    let (head, mut answer) = told(id, begun, outbox, http.send(request)).await?;
    let gone = |_| Failure { phase: Phase::Setup, sentence: "The screen is gone.".to_owned() };
    outbox.send(Reply::Head(id, head, begun.elapsed())).await.map_err(gone)?;
    while let Some(bytes) = told(id, begun, outbox, answer.chunk()).await? {
        let piece = scanner.scan(&bytes);
        outbox.send(Reply::Chunk(id, bytes, piece)).await.map_err(gone)?;
    }
    Ok(())
}

/// Waits for something while saying now and then that time passes.
async fn told<T>(id: WorkId, begun: Instant, outbox: &Sender<Reply>, wait: impl Future<Output = T>) -> T {
    let mut ticks = interval(PROGRESS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(wait);
    loop {
        tokio::select! {
            biased;
            done = &mut wait => return done,
            _ = ticks.tick() => {
                // A busy screen can do without.
                let _ = outbox.try_send(Reply::Progress(id, begun.elapsed()));
            }
        }
    }
}

fn search(id: WorkId, body: &Body, query: &Query, stop: &AtomicBool, outbox: &Sender<Reply>) {
    let hits = find_all(body, query, &|| stop.load(Ordering::Relaxed), &mut |_| {});
    if !stop.load(Ordering::Relaxed) {
        // Nobody listens any more when the program is leaving.
        let _ = outbox.blocking_send(Reply::Found(id, hits, true));
    }
}
