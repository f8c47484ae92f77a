//! The pages of a list: how far it is loaded, and the document that it has grown into.

use std::time::Duration;

use super::ResponsePane;
use crate::app::event::{Attempt, PageNews, WorkId};
use crate::document::Document;
use crate::pleo::paging::PageInfo;

/// Outermost members of an answer among which what it tells of its pages is sought.
const MEMBERS: usize = 16;

/// Longest description of pages that is read, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Lines that are kept of what was asked and tried.
const LINES: usize = 400;

/// How the loading of a list stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Loading {
    /// Nothing is asked for.
    #[default]
    Idle,
    /// A page is on its way; all of them are wanted, or the next ones.
    Busy {
        /// Whether all are wanted.
        all: bool,
    },
    /// A page could not be had: why, and until when the server wants to be left alone, as a time since the start of the run.
    Gap(String, Option<Duration>),
    /// It does not go on from here: why.
    Stopped(String),
    /// Everything is there.
    Ended,
}

/// The pages of the list that an answer began.
#[derive(Debug, Default)]
pub struct Pages {
    /// What the first page told.
    pub info: PageInfo,
    /// The work that follows it, once that has begun.
    pub work: Option<WorkId>,
    /// The records of all pages so far as one document, once there is more than the first page.
    pub document: Option<Document>,
    /// How it stands.
    pub loading: Loading,
    /// Pages there are.
    pub pages: u64,
    /// Records in them.
    pub records: u64,
    /// How many records there are in all, as the server counts.
    pub total: Option<u64>,
    /// The last try that went wrong, while the next is waited for, and when that comes.
    pub attempt: Option<(Attempt, Option<Duration>)>,
    /// What was asked for and tried, a line each.
    pub log: Vec<String>,
}

impl Pages {
    /// What the first page, whole, tells of them.
    #[must_use]
    pub fn of_first(first: &Document, records: u64, pages_expected: bool) -> Self {
        let info = told(first, records);
        let untold = pages_expected && !info.told && records > 0;
        let loading = if untold {
            Loading::Stopped(
                "The answer does not say whether more records follow: there may be more than these.".into(),
            )
        } else {
            Loading::Idle
        };
        Self { total: info.total, records, pages: 1, loading, info, ..Self::default() }
    }

    /// Whether more pages follow than are there.
    #[must_use]
    pub fn has_more(&self) -> bool {
        match self.loading {
            Loading::Ended => false,
            _ if self.work.is_some() => true,
            _ => self.info.has_next == Some(true) || (self.info.has_next.is_none() && self.info.next_offset.is_some()),
        }
    }

    /// Whether what is there is not all, or not all that the server counts.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.has_more() || (self.loading == Loading::Ended && self.total.is_some_and(|total| total > self.records))
    }

    /// Whether a page is on its way, or waited for.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self.loading, Loading::Busy { .. })
    }

    /// How long the next try for a page still waits, or the server wants to be left alone.
    #[must_use]
    pub fn waits(&self, now: Duration) -> Option<Duration> {
        let tried = self.attempt.as_ref().and_then(|(_, until)| *until);
        let asked = match &self.loading {
            Loading::Gap(_, until) => *until,
            _ => None,
        };
        tried.or(asked)?.checked_sub(now).filter(|left| !left.is_zero())
    }

    /// Notes a line of what was asked or tried; of many the latest are kept.
    pub fn note(&mut self, line: String) {
        if self.log.len() >= LINES {
            self.log.remove(0);
        }
        self.log.push(line);
    }

    /// Notes a page that came.
    pub fn came(&mut self, news: &PageNews) {
        self.attempt = None;
        self.total = news.total.or(self.total);
        if news.page > self.pages {
            self.note(format!("page {}: {} in {} ms, {}", news.page, news.status, news.took.as_millis(), news.url));
        }
        (self.pages, self.records) = (news.page.max(self.pages), news.records.max(self.records));
    }

    /// How much of the list is there: `1 240 of 3 000 loaded`.
    #[must_use]
    pub fn share(&self) -> String {
        let count = |number: u64| crate::pleo::money::written(&number.to_string(), 0).unwrap_or_default();
        match (self.total, self.has_more()) {
            (Some(total), _) => format!("{} of {} loaded", count(self.records), count(total)),
            (None, true) => format!("{} loaded, more follow", count(self.records)),
            (None, false) => format!("{} loaded", count(self.records)),
        }
    }
}

impl ResponsePane {
    /// What closes the list document while pages are missing, so that it is JSON and says that it is not all.
    #[must_use]
    pub fn unclosed(&self) -> Option<String> {
        let shown = self.record.is_none() && self.filter.result.is_none();
        let open = self.pages.document.as_ref().is_some_and(|document| !document.is_complete());
        (shown && open).then(|| {
            let told = serde_json::Value::from(self.pages.share());
            match self.table().list.as_ref().and_then(|list| list.member.as_ref()) {
                Some(_) => format!("\n],\"incomplete\":{told}}}"),
                None => "\n]".to_owned(),
            }
        })
    }

    /// What stands behind the last row of a table of which a page is missing.
    #[must_use]
    pub fn gap(&self) -> Option<String> {
        if self.filter.result.is_some() {
            return None;
        }
        match &self.pages.loading {
            Loading::Gap(sentence, _) | Loading::Stopped(sentence) if self.pages.has_more() => {
                Some(format!("⋯ what follows is missing. {sentence}"))
            }
            _ => None,
        }
    }

    /// Whether what is told of the pages has a row on the screen: where there is more than one.
    #[must_use]
    pub fn shows_pages(&self) -> bool {
        let paged = self.pages.has_more() || self.pages.pages > 1 || self.pages.loading != Loading::Idle;
        // What a filter made of a part is of a part.
        paged && (self.filter.result.is_none() || self.pages.is_partial())
    }
}

fn told(document: &Document, records: u64) -> PageInfo {
    let mut row = 1;
    for _ in 0..MEMBERS {
        let Some(own) = document.row(row) else { break };
        let key = own.key.clone().map(|range| crate::document::decode_string(&document.body().read(range)));
        if let Some(key) = key.filter(|key| matches!(key.as_str(), "pagination" | "metadata"))
            && let Some(range) = document.value_range(row).filter(|range| range.end - range.start <= LONGEST)
            && let Ok(value) = serde_json::from_slice::<serde_json::Value>(&document.body().read(range))
        {
            return PageInfo::read(&serde_json::Value::Object([(key, value)].into_iter().collect()), records);
        }
        let Some(next) = document.next_sibling(row) else { break };
        row = next;
    }
    PageInfo { records, ..PageInfo::default() }
}
