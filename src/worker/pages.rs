//! Pages: a list that is read on page by page. A [`Walk`] has one page after the other, patiently; the explorer's list grows
//! by it into a document of its own, and the command prints what it brings.

mod list;
mod page;
mod walk;

use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender};

use super::Tools;
use crate::app::event::{Attempt, Following, Pause, Reply, Want, WorkId};
use list::Growing;

pub use super::exchange::{Whole, whole};
pub use page::{NoPage, Page};
pub use walk::{After, Gap, Walk};

/// Follows a list for the explorer until it is cancelled.
pub async fn follow(tools: Tools, id: WorkId, following: Box<Following>, wants: Receiver<Want>, outbox: Sender<Reply>) {
    let Following { request, first, most } = *following;
    let walk = Walk::new(tools.clone(), id, outbox.clone(), request, most);
    // The first answer may be as large as it likes.
    let first = tokio::task::block_in_place(|| Page::of(first, 200, Duration::ZERO));
    match (walk, first) {
        (Ok(walk), Ok(first)) => {
            let grows = Growing::new(&tools, id, outbox.clone());
            Follower { id, walk, grows, wants, outbox, wanted: 0, rest: 0, trouble: None }.run(first).await;
        }
        (Err(error), _) => say(&outbox, id, Pause::Stopped(error.to_string())).await,
        (_, Err(error)) => say(&outbox, id, Pause::Stopped(format!("The answer {error}."))).await,
    }
}

async fn say(outbox: &Sender<Reply>, id: WorkId, pause: Pause) {
    // Nobody listens any more when the program is leaving.
    let _ = outbox.send(Reply::Paused(id, pause)).await;
}

/// A list that the explorer follows.
struct Follower<'a> {
    id: WorkId,
    walk: Walk,
    grows: Growing<'a>,
    wants: Receiver<Want>,
    outbox: Sender<Reply>,
    /// Pages that are still wanted.
    wanted: u64,
    /// Pages that were wanted when one could not be had, that one among them.
    rest: u64,
    /// The last try that went wrong, and how long the server asks to be left alone.
    trouble: Option<(Attempt, Duration)>,
}

/// What ends the wait for a page.
enum Came {
    Page(Box<Page>),
    Gap(Box<Gap>),
    Stopped,
    /// Nobody can want anything any more.
    Gone,
}

impl Follower<'_> {
    async fn run(mut self, first: Page) {
        let mut pause = self.take(first).await;
        loop {
            if let Some(pause) = pause {
                self.wanted = 0;
                let over = matches!(pause, Pause::Ended(_) | Pause::Stopped(_));
                say(&self.outbox, self.id, pause).await;
                if over {
                    return;
                }
            }
            while self.wanted == 0 {
                let Some(want) = self.wants.recv().await else { return };
                self.learn(want);
            }
            pause = match self.page().await {
                Came::Page(page) => {
                    self.wanted -= 1;
                    self.take(*page).await
                }
                Came::Gap(gap) => {
                    self.rest = self.wanted;
                    let last = gap.attempts.last().cloned();
                    self.trouble = last.zip(gap.wait);
                    Some(Pause::Gap(gap.sentence, gap.attempts, gap.wait))
                }
                Came::Stopped => Some(Pause::Asked),
                Came::Gone => return,
            };
        }
    }

    fn learn(&mut self, want: Want) {
        match want {
            Want::Stop => self.wanted = 0,
            Want::All => (self.wanted, self.trouble) = (u64::MAX, None),
            Want::Pages(count) => (self.wanted, self.trouble) = (self.wanted.max(count), None),
            Want::Agree => self.wanted = self.rest.max(1),
        }
    }

    /// The next page, while listening for what else is wanted.
    async fn page(&mut self) -> Came {
        let (walk, wants, wanted) = (&self.walk, &mut self.wants, &mut self.wanted);
        let trouble = self.trouble.take();
        let fetch = async {
            if let Some((attempt, wait)) = trouble {
                walk.wait(attempt, wait).await;
            }
            walk.fetch().await
        };
        tokio::pin!(fetch);
        loop {
            tokio::select! {
                biased;
                want = wants.recv() => match want {
                    None => return Came::Gone,
                    Some(Want::Stop) => return Came::Stopped,
                    Some(Want::All) => *wanted = u64::MAX,
                    Some(Want::Pages(count)) => *wanted = (*wanted).max(count),
                    Some(Want::Agree) => {}
                },
                page = &mut fetch => return page.map_or_else(Came::Gap, |page| Came::Page(Box::new(page))),
            }
        }
    }

    /// Adds a page to the list document. Answers why it does not go on by itself after it.
    async fn take(&mut self, page: Page) -> Option<Pause> {
        let after = self.walk.accept(&page);
        let last = after == After::End;
        let grown = self.grows.add(&page, self.walk.news(&page), last).await;
        match (grown, after) {
            (Err(sentence), _) => Some(Pause::Stopped(sentence)),
            (Ok(()), After::End) => Some(Pause::Ended(self.grows.finish())),
            (Ok(()), After::Stop(stop)) => Some(Pause::Stopped(stop.to_string())),
            (Ok(()), After::More) => (self.wanted == 0).then_some(Pause::Asked),
        }
    }
}
