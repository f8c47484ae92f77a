//! The child's side: limits of its own, an expression and a body on its standard input, results on its standard output.
//!
//! It is this very program under a name that stands in no help. It ends when nobody reads its results any more, however the
//! one who started it went away.

use std::any::Any;
use std::ffi::OsString;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::ops::{ControlFlow, Range};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{memory_sentence, size};
use crate::document::{Filter, FilterError};
use crate::edge::terminal;

/// What it is started as. No command of clap's: those that are hidden still show in completions.
pub(super) const NAME: &str = "__filter";
/// Longest expression, in bytes, as a JSON string.
const LONGEST: u64 = 1024 * 1024;
/// Results that are gathered before they are written, in bytes, and for how long.
const BLOCK: usize = 64 * 1024;
const GATHERING: Duration = Duration::from_millis(50);
/// Most of the memory that the stack may take, as a divisor, and at most and at least in bytes.
const OF_MEMORY: u64 = 4;
const LARGEST_STACK: u64 = 1 << 30;
const SMALLEST_STACK: u64 = 1 << 20;

/// Does what a parent wants, where it is one that started this process.
#[must_use]
pub fn serve() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != NAME {
        return None;
    }
    let mut number = |default| {
        let text = arguments.next().map(OsString::into_string);
        text.and_then(Result::ok).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let limits = super::Limits::default();
    let memory = limit_memory(number(limits.memory));
    limit_time(number(limits.time.as_secs()));
    terminal::keep_memory_private();
    // What panics is told in a sentence, which is all that is to stand on the standard error.
    std::panic::set_hook(Box::new(|_| {}));
    watch();
    Some(match on_large_stack(memory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            let range = complaint.range.as_ref();
            let line = json!({
                "sentence": complaint.sentence,
                "from": range.map(|range| range.start),
                "to": range.map(|range| range.end),
            });
            // Nobody may listen any more.
            let _ = writeln!(io::stderr(), "{line}");
            ExitCode::FAILURE
        }
    })
}

/// Takes no more memory than this, or than was allowed before, and answers how much that is. Where the system runs short
/// before, this process is the one to go.
#[cfg(unix)]
fn limit_memory(bytes: u64) -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // Only Linux has it, and it may be refused: it makes nothing worse.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    let before = getrlimit(Resource::As);
    let bytes = [before.current, before.maximum].into_iter().flatten().fold(bytes, u64::min);
    // What a system refuses here it refuses.
    let _ = setrlimit(Resource::As, Rlimit { current: Some(bytes), maximum: Some(bytes) });
    bytes
}

#[cfg(not(unix))]
fn limit_memory(bytes: u64) -> u64 {
    bytes
}

/// Takes not much more of the processor than this, should the parent be stopped and not end it.
#[cfg(unix)]
fn limit_time(seconds: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let most = Some(seconds.saturating_mul(2).saturating_add(1));
    // What a system refuses here it refuses.
    let _ = setrlimit(Resource::Cpu, Rlimit { current: most, maximum: most });
}

#[cfg(not(unix))]
fn limit_time(_: u64) {}

/// Ends the process when nobody reads its results any more, also amid a calculation.
fn watch() {
    #[cfg(unix)]
    {
        use rustix::event::{PollFd, PollFlags, poll};
        let waiting = || {
            let stdout = io::stdout();
            // A poll for nothing still reports that the other end of a pipe is closed.
            let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
            loop {
                match poll(&mut watched, None) {
                    Err(rustix::io::Errno::INTR) => {}
                    Ok(_) => std::process::exit(1),
                    Err(_) => return,
                }
            }
        };
        // Without it what is written tells the same, only later.
        let _ = thread::Builder::new().name("watch".to_owned()).stack_size(256 * 1024).spawn(waiting);
    }
}

/// What is told when it went wrong.
struct Complaint {
    sentence: String,
    range: Option<Range<usize>>,
}

impl Complaint {
    fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), range: None }
    }
}

impl From<FilterError> for Complaint {
    fn from(error: FilterError) -> Self {
        Self { sentence: error.to_string(), range: error.range() }
    }
}

/// Filters on a thread that can recurse as deep as values may be nested.
fn on_large_stack(memory: u64) -> Result<(), Complaint> {
    let mut stack = (memory / OF_MEMORY).clamp(SMALLEST_STACK, LARGEST_STACK);
    loop {
        let size = usize::try_from(stack).unwrap_or(usize::MAX);
        let started = thread::Builder::new().name("filter".to_owned()).stack_size(size).spawn(move || filter(memory));
        match started {
            Ok(thread) => return thread.join().unwrap_or_else(|panic| Err(panicked(panic.as_ref()))),
            Err(_) if stack > SMALLEST_STACK => stack /= 2,
            Err(error) => return Err(Complaint::new(format!("The filter cannot start: {error}."))),
        }
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Complaint {
    let told = panic.downcast_ref::<&str>().copied();
    let told = told.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or_default();
    Complaint::new(if told.contains("capacity overflow") {
        "The filter was ended: it wanted a value that is larger than any memory.".to_owned()
    } else {
        format!("The filter failed on this, which is a defect, and not yours: {told}.")
    })
}

fn filter(memory: u64) -> Result<(), Complaint> {
    let mut input = io::stdin().lock();
    let mut line = Vec::new();
    let unread = |error: io::Error| {
        Complaint::new(if error.kind() == io::ErrorKind::OutOfMemory {
            memory_sentence(memory)
        } else {
            format!("The filter cannot read what to filter: {error}.")
        })
    };
    (&mut input).take(LONGEST).read_until(b'\n', &mut line).map_err(unread)?;
    let expression: String = serde_json::from_slice(&line)
        .map_err(|_| Complaint::new(format!("The expression is longer than {}.", size(LONGEST))))?;
    let filter = Filter::new(&expression)?;
    let mut body = Vec::new();
    input.read_to_end(&mut body).map_err(unread)?;
    let mut out = Out { stdout: io::stdout().lock(), gathered: Vec::with_capacity(2 * BLOCK), written: None };
    let ended = filter.run(body.into(), &mut |bytes| out.take(bytes));
    // Nobody may read any more; then there is nobody to tell either.
    let _ = out.write();
    Ok(ended?)
}

/// Where results are gathered, so that many small ones cost little and the first ones do not wait.
struct Out {
    stdout: io::StdoutLock<'static>,
    gathered: Vec<u8>,
    written: Option<Instant>,
}

impl Out {
    fn take(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.gathered.extend_from_slice(bytes);
        let waited = self.written.is_none_or(|written| written.elapsed() >= GATHERING);
        if (waited || self.gathered.len() >= BLOCK) && self.write().is_err() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn write(&mut self) -> io::Result<()> {
        self.stdout.write_all(&self.gathered)?;
        self.stdout.flush()?;
        self.gathered.clear();
        self.written = Some(Instant::now());
        Ok(())
    }
}
