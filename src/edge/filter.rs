//! The jq filter as a child of ours: its evaluation cannot be interrupted, may take any memory and may overflow a stack, and
//! killing a child ends all of that while we go on.

pub mod child;

use std::env;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::document::Body;

/// Results that are taken at a time, in bytes.
const BLOCK: usize = 64 * 1024;
/// Most that is read of what the child complains, in bytes.
const LONGEST_COMPLAINT: u64 = 64 * 1024;

/// How far a filter may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may be waited for; time in which nobody takes its results does not count.
    pub time: Duration,
    /// Address space in bytes, a quarter of which is for its stack.
    pub memory: u64,
    /// Length of all results in bytes.
    pub output: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(30), memory: 4 << 30, output: 1 << 30 }
    }
}

/// Why there are no results, or no more of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct FilterFailure {
    /// What happened, for a person.
    pub sentence: String,
    /// Which bytes of the expression are wrong, where it is the expression; empty at its end.
    pub range: Option<Range<usize>>,
}

/// A running filter. Dropping it kills the child.
#[derive(Debug)]
pub struct Filtering {
    child: Child,
    stdout: Option<ChildStdout>,
    block: BytesMut,
    feeding: JoinHandle<()>,
    complaint: JoinHandle<Vec<u8>>,
    limits: Limits,
    /// How long it was waited for, and how much came.
    waited: Duration,
    given: u64,
    ended: bool,
}

impl Drop for Filtering {
    fn drop(&mut self) {
        self.feeding.abort();
        self.complaint.abort();
    }
}

/// The program that filters: this one.
#[must_use]
pub fn program() -> PathBuf {
    // It still leads to this very program when another version was put in its place.
    let running = Path::new("/proc/self/exe");
    if cfg!(target_os = "linux") && running.exists() {
        return running.to_owned();
    }
    env::current_exe().unwrap_or_else(|_| PathBuf::from("pleoscope"))
}

/// Whether an expression can be used, as the child sees it.
///
/// # Errors
/// [`FilterFailure`], with the place where it is the expression.
pub async fn check(program: &Path, expression: &str) -> Result<(), FilterFailure> {
    let mut filtering = Filtering::start(program, expression, Body::new(), Limits::default())?;
    while filtering.chunk().await?.is_some() {}
    Ok(())
}

impl Filtering {
    /// Starts the child and feeds it. Needs a runtime of tokio's.
    ///
    /// # Errors
    /// [`FilterFailure`] where no child can be started.
    pub fn start(program: &Path, expression: &str, body: Body, limits: Limits) -> Result<Self, FilterFailure> {
        let mut command = Command::new(program);
        command
            .arg(child::NAME)
            .arg(limits.memory.to_string())
            .arg(limits.time.as_secs().to_string())
            // It is to know nothing. The C library of Linux has a heap for each thread, and where such a one is full near the
            // limit it asks the system anew for each small piece, which takes for ever: one heap for all has a clean end.
            .env_clear()
            .env("MALLOC_ARENA_MAX", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(windows)]
        command.envs(env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
        // What a terminal sends to our group is for us: whether the child ends is for us to say.
        #[cfg(unix)]
        command.arg0("pleoscope").process_group(0);
        let mut child = command.spawn().map_err(|error| failure(format!("The filter cannot be started: {error}.")))?;
        let feeding = tokio::spawn(feed(child.stdin.take(), Value::from(expression).to_string(), body));
        let complaint = tokio::spawn(complaint(child.stderr.take()));
        let stdout = child.stdout.take();
        let (block, waited) = (BytesMut::new(), Duration::ZERO);
        Ok(Self { child, stdout, block, feeding, complaint, limits, waited, given: 0, ended: false })
    }

    /// The child's process number, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// The next of the results, which are JSON documents on lines of their own, cut anywhere; nothing after the last. It may
    /// be dropped and called again.
    ///
    /// # Errors
    /// [`FilterFailure`], after the results before it; nothing follows it.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, FilterFailure> {
        if self.ended {
            return Ok(None);
        }
        let left = self.limits.time.saturating_sub(self.waited);
        let began = Waiting { since: Instant::now(), waited: &mut self.waited };
        let next = timeout(left, next(&mut self.child, &mut self.stdout, &mut self.block, &mut self.complaint)).await;
        drop(began);
        let told = match next {
            // A filter that always has a result ready is never waited for.
            Ok(Next::Chunk(_)) if left.is_zero() => Err(failure(time_sentence(self.limits.time))),
            Ok(Next::Chunk(bytes)) => {
                self.given += bytes.len() as u64;
                if self.given <= self.limits.output {
                    return Ok(Some(bytes));
                }
                Err(failure(format!(
                    "The results are longer than {}, and the filter was ended: ask for fewer of them.",
                    size(self.limits.output)
                )))
            }
            Ok(Next::End(status, complaint)) => ending(status, &complaint, &self.limits),
            Err(_) => Err(failure(time_sentence(self.limits.time))),
        };
        self.end().await;
        told.map(|()| None)
    }

    /// Leaves nothing of it behind.
    async fn end(&mut self) {
        self.ended = true;
        self.feeding.abort();
        self.stdout = None;
        // It may have ended by itself.
        let _ = self.child.start_kill();
        let _ = self.child.wait().await;
    }
}

/// Adds up how long was waited, also where the waiting is broken off.
struct Waiting<'a> {
    since: Instant,
    waited: &'a mut Duration,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        *self.waited += self.since.elapsed();
    }
}

enum Next {
    Chunk(Bytes),
    End(ExitStatus, Vec<u8>),
}

async fn next(
    child: &mut Child,
    stdout: &mut Option<ChildStdout>,
    block: &mut BytesMut,
    complaint: &mut JoinHandle<Vec<u8>>,
) -> Next {
    if let Some(pipe) = stdout {
        block.reserve(BLOCK);
        // A pipe that cannot be read is one that ended.
        if pipe.read_buf(block).await.is_ok_and(|count| count > 0) {
            return Next::Chunk(block.split().freeze());
        }
        *stdout = None;
    }
    let status = child.wait().await.unwrap_or_default();
    Next::End(status, complaint.await.unwrap_or_default())
}

/// Gives the child the expression and the body. It may not want all of it, which is nobody's mistake.
async fn feed(stdin: Option<ChildStdin>, expression: String, body: Body) {
    let Some(mut stdin) = stdin else {
        return;
    };
    if stdin.write_all(expression.as_bytes()).await.is_err() || stdin.write_all(b"\n").await.is_err() {
        return;
    }
    for part in body.parts(0) {
        if stdin.write_all(&part).await.is_err() {
            return;
        }
    }
    // A pipe needs no more than to be closed.
    let _ = stdin.shutdown().await;
}

async fn complaint(stderr: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut told = Vec::new();
    if let Some(stderr) = stderr {
        // What was read before it broke off is all that there is.
        let _ = stderr.take(LONGEST_COMPLAINT).read_to_end(&mut told).await;
    }
    told
}

/// What the end of a child means.
fn ending(status: ExitStatus, complaint: &[u8], limits: &Limits) -> Result<(), FilterFailure> {
    if status.success() {
        return Ok(());
    }
    if let Ok(told) = serde_json::from_slice::<Value>(complaint)
        && let Some(sentence) = told["sentence"].as_str()
    {
        let place = |name: &str| told[name].as_u64().and_then(|at| usize::try_from(at).ok());
        let range = place("from").zip(place("to")).map(|(from, to)| from..to);
        return Err(FilterFailure { sentence: sentence.to_owned(), range });
    }
    Err(failure(if memchr::memmem::find(complaint, b"overflowed its stack").is_some() {
        "The filter was ended: it went too deep, by values nested deeper than can be worked with or by a definition that calls itself without end.".to_owned()
    } else if out_of_time(status) {
        time_sentence(limits.time)
    } else if ended_by_signal(status) {
        memory_sentence(limits.memory)
    } else {
        format!("The filter ended in a way that it should not ({status}).")
    }))
}

#[cfg(unix)]
fn ended_by_signal(status: ExitStatus) -> bool {
    std::os::unix::process::ExitStatusExt::signal(&status).is_some()
}

#[cfg(not(unix))]
fn ended_by_signal(_: ExitStatus) -> bool {
    // Nothing else ends it there.
    true
}

#[cfg(unix)]
fn out_of_time(status: ExitStatus) -> bool {
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    signal == Some(rustix::process::Signal::XCPU.as_raw())
}

#[cfg(not(unix))]
fn out_of_time(_: ExitStatus) -> bool {
    false
}

fn failure(sentence: String) -> FilterFailure {
    FilterFailure { sentence, range: None }
}

fn time_sentence(time: Duration) -> String {
    format!("The filter was not done within {time:?} and was ended: ask for less, or narrow the answer first.")
}

fn memory_sentence(memory: u64) -> String {
    format!("The filter needed more than {} of memory and was ended: ask for less of it at a time.", size(memory))
}

/// A limit in words.
fn size(bytes: u64) -> String {
    match bytes {
        bytes if bytes >= 1 << 30 && bytes.is_multiple_of(1 << 30) => format!("{} GiB", bytes >> 30),
        bytes if bytes >= 1 << 20 => format!("{} MiB", bytes >> 20),
        bytes => format!("{bytes} bytes"),
    }
}
