//! A request and its answer: the credential's value is asked for at the last moment, and what comes back is shown without
//! any secret that is known.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::Tools;
use super::intake::Intake;
use super::measured::Measured;
use super::recording::Recording;
use crate::app::event::{Facts, Failure, Head, Phase, Portion, Reply, WorkId};
use crate::document::{Document, Piece};
use crate::edge::http::Answer;
use crate::edge::log;
use crate::edge::variables;
use crate::pleo::credential::Credential;
use crate::pleo::prepared::Prepared;
use crate::pleo::timing::{Timing, Wire};
use crate::secret::{Redacted, Redactor, Secret};

/// Time between two words of progress.
const PROGRESS: Duration = Duration::from_millis(100);

/// Pieces that are read ahead of what is taken in.
const AHEAD: usize = 4;

/// Sends a request and tells what comes of it.
pub async fn run(tools: Tools, id: WorkId, request: Box<Prepared>, outbox: Sender<Reply>) {
    assert!(variables::test_panic().as_deref() != Some("worker"), "asked for by a test");
    let measured = Arc::new(Measured::begin());
    let mut parting = Parting { id, measured: Arc::clone(&measured), outbox: Some(outbox.clone()) };
    let exchange = Exchange { tools: &tools, id, request: &request, measured: &measured, outbox: &outbox };
    exchange.log_request();
    let mut recording = Recording::begin(&tools.history, &request, Arc::clone(&measured));
    let (piece, ended) = match exchange.answer(&mut recording).await {
        Ok((length, answer)) => {
            let mut intake = Intake::new(&tools, length);
            let ended = exchange.receive(answer, &mut intake, &mut recording).await;
            (intake.finish(), ended)
        }
        Err(failure) => (Piece::default(), Err(failure)),
    };
    measured.end();
    exchange.measured().await;
    parting.outbox = None;
    let took = u64::try_from(measured.took().as_millis()).unwrap_or(u64::MAX);
    let last = match ended {
        Ok(()) => {
            log::say("answered", &[("work", id.0.into()), ("milliseconds", took.into())]);
            Reply::Done(id, piece, measured.took())
        }
        Err(failure) => {
            let sentence = tools.vault.redactor().text(&failure.sentence).into_owned();
            let about = [
                ("work", id.0.into()),
                ("phase", failure.phase.name().into()),
                ("why", sentence.as_str().into()),
                ("milliseconds", took.into()),
            ];
            log::say("failed", &about);
            recording.failed(failure.phase, &sentence);
            Reply::Failed(id, Failure { sentence, ..failure }, piece, measured.took())
        }
    };
    recording.end();
    // Nobody listens any more when the program is leaving.
    let _ = outbox.send(last).await;
}

/// Tells how far a request came that is dropped before its end, which is what cancels it.
struct Parting {
    id: WorkId,
    measured: Arc<Measured>,
    /// Nothing once it has ended by itself.
    outbox: Option<Sender<Reply>>,
}

impl Drop for Parting {
    fn drop(&mut self) {
        if let Some((outbox, told)) = self.outbox.take().zip(self.measured.told()) {
            // A busy screen can do without.
            let _ = outbox.try_send(Reply::Measured(self.id, Box::new(told)));
        }
    }
}

/// A request and what became of it, gathered.
#[derive(Debug)]
pub struct Whole {
    /// Status and headers, when there are any.
    pub head: Option<Head>,
    /// What came of the body.
    pub document: Document,
    /// Why it is not all of it.
    pub failure: Option<Failure>,
    /// From the request to the end.
    pub took: Duration,
    /// How long its phases took, and what it went over, where anything was sent.
    pub measured: Option<Box<(Timing, Wire)>>,
}

/// Sends a request and gathers its answer; what becomes known of the credential meanwhile is told.
pub async fn whole(tools: Tools, id: WorkId, request: Box<Prepared>, outbox: &Sender<Reply>) -> Whole {
    let (own, mut replies) = channel(AHEAD);
    let gather = async {
        let mut whole =
            Whole { head: None, document: Document::new(), failure: None, took: Duration::ZERO, measured: None };
        while let Some(reply) = replies.recv().await {
            match reply {
                Reply::Head(_, head, _) => whole.head = Some(head),
                Reply::Chunk(_, bytes, piece) => whole.document.append(bytes, &piece),
                Reply::Stored(_, own, piece) => {
                    whole.document.append_stored(&own.store, own.length, own.breaks, &piece);
                }
                Reply::Done(_, piece, took) => {
                    whole.document.finish(&piece);
                    whole.took = took;
                }
                Reply::Failed(_, failure, piece, took) => {
                    whole.document.finish(&piece);
                    (whole.failure, whole.took) = (Some(failure), took);
                }
                Reply::Measured(_, measured) => whole.measured = Some(measured),
                Reply::Progress(..) => {}
                other => {
                    // Nobody listens any more when the program is leaving.
                    let _ = outbox.send(other).await;
                }
            }
        }
        whole
    };
    tokio::join!(run(tools, id, request, own), gather).1
}

struct Exchange<'a> {
    tools: &'a Tools,
    id: WorkId,
    request: &'a Prepared,
    measured: &'a Measured,
    outbox: &'a Sender<Reply>,
}

impl Exchange<'_> {
    /// Notes that the request is about to leave.
    fn log_request(&self) {
        if !log::is_on() {
            return;
        }
        let request = self.request;
        let credential = request.credential().map(Credential::label);
        let url = self.tools.vault.redactor().text(&log::url(request)).into_owned();
        let about = [
            ("work", self.id.0.into()),
            ("environment", request.environment().name().into()),
            ("method", request.method().as_str().into()),
            ("url", url.into()),
            ("credential", credential.into()),
        ];
        log::say("request", &about);
    }

    /// Status and headers, which are told; then the length that is announced, and what is to be read.
    async fn answer(&self, recording: &mut Recording) -> Result<(Option<u64>, Answer), Failure> {
        let (head, answer) = self.ask().await?;
        // Of a compressed body it is not the length that comes out.
        let plain = head.header("content-encoding").is_none();
        let length = head.header("content-length").filter(|_| plain).and_then(|text| text.trim().parse().ok());
        let head = clean(head, &self.tools.vault.redactor());
        recording.head(&head);
        log::say("status", &[("work", self.id.0.into()), ("status", head.status.into())]);
        self.say(Reply::Head(self.id, head, self.measured.took())).await?;
        self.measured().await;
        Ok((length, answer))
    }

    /// Sends the request, and notes how long what takes.
    async fn send(&self, secret: Option<&Secret>) -> Result<(Head, Answer), Failure> {
        let measure = self.measured.sending();
        self.told(self.tools.http.send(self.request, secret, &measure)).await
    }

    /// Tells how long the phases took so far, where anything was sent.
    async fn measured(&self) {
        if let Some(told) = self.measured.told() {
            // Nobody listens any more when the program is leaving.
            let _ = self.outbox.send(Reply::Measured(self.id, Box::new(told))).await;
        }
    }

    /// Takes the body in while another task reads on: reading waits for the network, and this for the processor.
    async fn receive(&self, answer: Answer, intake: &mut Intake<'_>, recording: &mut Recording) -> Result<(), Failure> {
        let mut stream = Redacted::new(self.tools.vault.redactor());
        let mut beat = Beat::begin(Instant::now());
        let (pieces, mut arrived) = channel(AHEAD);
        // It ends with this.
        let mut reading = JoinSet::new();
        reading.spawn(read(answer, pieces));
        while let Some(bytes) = self.told(arrived.recv()).await {
            let bytes = stream.push(bytes);
            recording.take(&bytes);
            self.take(bytes, intake).await?;
            // While there is always something to take, nothing is waited for, and time passes all the same.
            if beat.is_due(Instant::now()) {
                self.say(Reply::Progress(self.id, self.measured.took())).await?;
            }
        }
        let bytes = stream.finish();
        recording.take(&bytes);
        self.take(bytes, intake).await?;
        match reading.join_next().await {
            Some(Ok(ended)) => ended,
            // A panic is told where all of them are.
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Some(Err(_)) | None => Ok(()),
        }
    }

    async fn take(&self, bytes: Bytes, intake: &mut Intake<'_>) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Ok(());
        }
        let (taken, failure) = intake.take(bytes);
        if let Some((portion, piece)) = taken {
            self.say(match portion {
                Portion::Here(bytes) => Reply::Chunk(self.id, bytes, piece),
                Portion::Stored(stored) => Reply::Stored(self.id, stored, piece),
            })
            .await?;
        }
        failure.map_or(Ok(()), Err)
    }

    /// Sends the request; after a 401 the tokens of a login are renewed once, and a read is sent once more.
    async fn ask(&self) -> Result<(Head, Answer), Failure> {
        let Tools { http, vault, .. } = self.tools;
        let (id, outbox) = (self.id, self.outbox.clone());
        let step = move |line: String| {
            // A busy screen can do without.
            let _ = outbox.try_send(Reply::Step(id, line));
        };
        self.refuse_astray()?;
        let Some(credential) = self.request.credential() else {
            return self.send(None).await;
        };
        let (secret, facts) = self.told(vault.secret(http, credential, &step)).await?;
        self.say(Reply::Known(self.id, facts)).await?;
        let (head, answer) = self.send(Some(&secret)).await?;
        if head.status != 401 {
            return Ok((head, answer));
        }
        let remark = match self.told(vault.renewed(http, credential, &secret, &step)).await {
            Ok(None) => return Ok((head, answer)),
            Ok(Some((new, facts))) if !self.request.endpoint().writes => {
                self.say(Reply::Known(self.id, facts)).await?;
                let answered = self.send(Some(&new)).await?;
                if answered.0.status != 401 {
                    return Ok(answered);
                }
                let remark = "The tokens were renewed after a 401, and the new ones are refused too.".to_owned();
                self.say(Reply::Known(self.id, Facts { remark: Some(remark), ..Facts::default() })).await?;
                return Ok(answered);
            }
            Ok(Some(_)) => {
                "The tokens were renewed after this 401. A write is never repeated by itself: send it again.".to_owned()
            }
            Err(failure) => failure.sentence,
        };
        self.say(Reply::Known(self.id, Facts { remark: Some(remark), ..Facts::default() })).await?;
        Ok((head, answer))
    }

    /// No known credential leaves in a URL or a body, whichever it is and wherever it would go.
    fn refuse_astray(&self) -> Result<(), Failure> {
        let Some(part) = self.tools.vault.astray(self.request) else {
            return Ok(());
        };
        let sentence = format!(
            "A credential stands in the {part}: not sent. It goes into the Authorization header by itself, and nowhere else; take it out."
        );
        Err(Failure { phase: Phase::Setup, sentence })
    }

    async fn say(&self, reply: Reply) -> Result<(), Failure> {
        let gone = |_| Failure { phase: Phase::Setup, sentence: "The screen is gone.".to_owned() };
        self.outbox.send(reply).await.map_err(gone)
    }

    /// Waits for something while saying now and then that time passes.
    async fn told<T>(&self, wait: impl Future<Output = T>) -> T {
        let mut ticks = interval(PROGRESS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::pin!(wait);
        loop {
            tokio::select! {
                biased;
                done = &mut wait => return done,
                _ = ticks.tick() => {
                    // A busy screen can do without.
                    let _ = self.outbox.try_send(Reply::Progress(self.id, self.measured.took()));
                }
            }
        }
    }
}

/// Says when a word of progress is due.
struct Beat(Instant);

impl Beat {
    const fn begin(now: Instant) -> Self {
        Self(now)
    }

    fn is_due(&mut self, now: Instant) -> bool {
        let due = now.saturating_duration_since(self.0) >= PROGRESS;
        if due {
            self.0 = now;
        }
        due
    }
}

/// Reads a body and hands its pieces on.
async fn read(mut answer: Answer, pieces: Sender<Bytes>) -> Result<(), Failure> {
    while let Some(bytes) = answer.chunk().await? {
        let unwanted = pieces.send(bytes).await.is_err();
        if unwanted || answer.is_over() {
            break;
        }
    }
    Ok(())
}

/// Status and headers without any secret that is known.
pub(super) fn clean(head: Head, redactor: &Redactor) -> Head {
    let value = |value: Vec<u8>| redactor.bytes(&value).into_owned();
    Head {
        reason: redactor.text(&head.reason).into_owned(),
        headers: head.headers.into_iter().map(|(name, content)| (name, value(content))).collect(),
        ..head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_progress_is_due_every_so_often_and_not_with_every_piece() {
        let begun = Instant::now();
        let mut beat = Beat::begin(begun);
        // A piece each millisecond, and then one after a long pause.
        let due = (1..=1_000).filter(|millis| beat.is_due(begun + Duration::from_millis(*millis))).count();
        assert_eq!(due, 10);
        assert!(beat.is_due(begun + Duration::from_secs(9)) && !beat.is_due(begun + Duration::from_secs(9)));
    }
}
