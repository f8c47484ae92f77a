//! How a list is read on, page by page: what an answer tells of the page after it, and the request that asks for that page.
//! A [`Pager`] goes forward only, stops where going on would lead in a circle, and never lets a part pass for the whole.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use serde_json::Value;

use super::endpoint::{Endpoint, Paging};
use super::prepared::Prepared;

/// Most pages that are followed when nothing else is said.
pub const MOST_PAGES: u64 = 10_000;
/// Records of a page that are asked for where no maximum is documented; what other clients ask for.
const USUAL_SIZE: i64 = 100;
/// The longest cursor that is sent, in bytes: a longer one fits into no URL that servers take.
const LONGEST_CURSOR: usize = 4096;

/// What an answer tells of its pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageInfo {
    /// How many records the page holds.
    pub records: u64,
    /// Whether it tells anything of pages.
    pub told: bool,
    /// Whether a page follows.
    pub has_next: Option<bool>,
    /// The cursor behind the last record.
    pub end_cursor: Option<String>,
    /// Where the next page begins, in the legacy API's words.
    pub next_offset: Option<u64>,
    /// How many records there are in all pages.
    pub total: Option<u64>,
}

impl PageInfo {
    /// Reads an answer, whose records need not be in it, and which held so many: `pagination` of the External API, else
    /// `metadata.pageInfo` of the legacy one.
    #[must_use]
    pub fn read(answer: &Value, records: u64) -> Self {
        let told = |info: &&Value| info.is_object();
        let pagination = answer.get("pagination").filter(told);
        let Some(info) = pagination.or_else(|| answer.pointer("/metadata/pageInfo").filter(told)) else {
            return Self { records, ..Self::default() };
        };
        let count = |name: &str| info.get(name).and_then(whole);
        Self {
            records,
            told: true,
            has_next: info.get("hasNextPage").and_then(Value::as_bool),
            end_cursor: info.get("endCursor").and_then(Value::as_str).filter(|it| !it.is_empty()).map(str::to_owned),
            next_offset: count("nextPageOffset"),
            total: count("total").or_else(|| count("totalCount")),
        }
    }
}

/// A count; the legacy API's are called numbers, so that 20.0 may be one.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.to_string().strip_suffix(".0")?.parse().ok())
}

/// Why a request is not followed from page to page, a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpaged {
    /// It changes data.
    #[error("This request changes data, and is never repeated for the sake of pages.")]
    Writes,
    /// It goes backward.
    #[error("Pages are followed forward only: leave `before` out.")]
    Backward,
    /// It leads away.
    #[error("A link to another host has no pages that could be followed.")]
    Elsewhere,
}

/// Why no page is asked for although more may follow, a sentence. It holds the number of the page that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// More follow, but not from where.
    #[error("Page {0} says that more records follow, but not where they begin: they cannot be asked for.")]
    NoCursor(u64),
    /// A circle.
    #[error(
        "Page {0} leads back to a place where a page has begun already: going on would load the same records again."
    )]
    Repeated(u64),
    /// Nothing in it.
    #[error("Page {0} holds no records, but says that more follow: it may go on like that without end.")]
    Empty(u64),
    /// Nothing is said.
    #[error("Page {0} does not say whether more records follow: there may be more than these.")]
    Untold(u64),
    /// No cursor.
    #[error(
        "Page {0} gives a cursor of more than {LONGEST_CURSOR} bytes, which no server takes back: the records after it cannot be asked for."
    )]
    LongCursor(u64),
    /// Enough.
    #[error("The limit of {} is reached; more records follow.", pages(*.0))]
    Cap(u64),
}

fn pages(count: u64) -> String {
    if count == 1 { "1 page".to_owned() } else { format!("{count} pages") }
}

/// What comes after a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// The request of the page that follows.
    Request(Box<Prepared>),
    /// All pages are there.
    End,
    /// More may follow, but are not asked for.
    Stop(Stop),
}

/// What goes on counting from page to page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `after`, from `endCursor`.
    Cursor,
    /// `offset`, counting records.
    Offset(u64),
    /// The legacy API's `pageOffset`, from `nextPageOffset`. Nobody says whether it counts records or pages.
    PageOffset(u64),
}

/// Follows one list.
#[derive(Clone, Debug)]
pub struct Pager {
    first: Prepared,
    style: Style,
    /// Whether pages in the size of one's own choice can be asked for, and under which name.
    size: Option<(&'static str, i64)>,
    from_start: bool,
    most: u64,
    pages: u64,
    records: u64,
    /// A hash of every place where a page began.
    begun: HashSet<u64>,
    hasher: RandomState,
    resume: Option<(&'static str, String)>,
}

impl Pager {
    /// Follows the list that a request gives the first page of, up to so many pages.
    ///
    /// # Errors
    /// [`Unpaged`].
    pub fn new(first: &Prepared, most: u64) -> Result<Self, Unpaged> {
        let endpoint = first.endpoint();
        if endpoint.writes {
            return Err(Unpaged::Writes);
        }
        if first.is_elsewhere() {
            return Err(Unpaged::Elsewhere);
        }
        let given = |name: &str| first.url().query_pairs().find(|(own, _)| own == name).map(|(_, value)| value);
        if given("before").is_some() {
            return Err(Unpaged::Backward);
        }
        let number = |text: Option<std::borrow::Cow<'_, str>>| text.and_then(|text| text.trim().parse().ok());
        let legacy = endpoint.paging == Some(Paging::PageOffset);
        let style = match (number(given("offset")), legacy) {
            (_, true) => Style::PageOffset(number(given("pageOffset")).unwrap_or(0)),
            (Some(offset), false) if given("after").is_none() => Style::Offset(offset),
            _ => Style::Cursor,
        };
        let name = if legacy { "pageSize" } else { "limit" };
        let size = largest(endpoint, name).filter(|_| given(name).is_none()).map(|size| (name, size));
        let hasher = RandomState::new();
        let place = given(style.parameter()).map_or_else(String::new, std::borrow::Cow::into_owned);
        Ok(Self {
            style,
            size,
            from_start: place.is_empty() || place == "0",
            most: most.max(1),
            pages: 0,
            records: 0,
            begun: HashSet::from([hasher.hash_one(place)]),
            hasher,
            resume: None,
            first: first.clone(),
        })
    }

    /// Takes note of a page that came, and tells what comes after it.
    pub fn next(&mut self, page: &PageInfo) -> Next {
        self.pages += 1;
        self.records += page.records;
        self.resume = None;
        let place = match self.place_after(page) {
            Ok(Some(place)) => place,
            Ok(None) => return Next::End,
            Err(stop) => return Next::Stop(stop),
        };
        if !self.begun.insert(self.hasher.hash_one(&place)) {
            return Next::Stop(Stop::Repeated(self.pages));
        }
        let name = self.style.parameter();
        self.resume = Some((name, place.clone()));
        if page.records == 0 {
            return Next::Stop(Stop::Empty(self.pages));
        }
        if self.pages >= self.most {
            return Next::Stop(Stop::Cap(self.pages));
        }
        let mut next = self.first.with_query(name, &place);
        if let Some((name, size)) = self.size {
            next = next.with_query(name, &size.to_string());
        }
        Next::Request(Box::new(next))
    }

    /// Where the next page begins; nothing when this was the last.
    fn place_after(&mut self, page: &PageInfo) -> Result<Option<String>, Stop> {
        let number = self.pages;
        if page.has_next == Some(false) {
            return Ok(None);
        }
        if !page.told {
            // A list that is not known to have pages, and says nothing of any, has none.
            let plain = self.first.endpoint().paging.is_none() && number == 1;
            return if plain { Ok(None) } else { Err(Stop::Untold(number)) };
        }
        let all_loaded = page.total.map(|total| self.from_start && self.records >= total);
        match &mut self.style {
            Style::Cursor => match &page.end_cursor {
                Some(cursor) if cursor.len() > LONGEST_CURSOR => Err(Stop::LongCursor(number)),
                Some(cursor) => Ok(Some(cursor.clone())),
                None if page.has_next == Some(true) => Err(Stop::NoCursor(number)),
                None if all_loaded == Some(true) => Ok(None),
                None => Err(Stop::Untold(number)),
            },
            Style::Offset(offset) => {
                let place = offset.saturating_add(page.records);
                let more = page.has_next.or_else(|| page.total.map(|total| place < total));
                if more == Some(false) {
                    return Ok(None);
                }
                if more.is_none() {
                    return Err(Stop::Untold(number));
                }
                if page.records == 0 {
                    return Err(Stop::Empty(number));
                }
                *offset = place;
                Ok(Some(place.to_string()))
            }
            Style::PageOffset(offset) => match page.next_offset {
                Some(next) if next <= *offset => Err(Stop::Repeated(number)),
                Some(next) => {
                    // Only where it is seen to count records does another page size skip none of them.
                    if page.records < 2 || next - *offset != page.records {
                        self.size = None;
                    }
                    *offset = next;
                    Ok(Some(next.to_string()))
                }
                None if page.has_next == Some(true) || (self.from_start && all_loaded == Some(false)) => {
                    Err(Stop::NoCursor(number))
                }
                None => Ok(None),
            },
        }
    }

    /// How many pages came.
    #[must_use]
    pub const fn pages(&self) -> u64 {
        self.pages
    }

    /// How many records came.
    #[must_use]
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// Whether the first page is the first of the whole list.
    #[must_use]
    pub const fn is_from_start(&self) -> bool {
        self.from_start
    }

    /// The query parameter that asks for what follows the pages that came, as far as that is known.
    #[must_use]
    pub fn resume(&self) -> Option<(&'static str, &str)> {
        self.resume.as_ref().map(|(name, place)| (*name, place.as_str()))
    }
}

impl Style {
    const fn parameter(self) -> &'static str {
        match self {
            Self::Cursor => "after",
            Self::Offset(_) => "offset",
            Self::PageOffset(_) => "pageOffset",
        }
    }
}

/// The same request for a larger first page, where its size can be chosen and nobody chose one; not on the legacy API, of which
/// nobody says whether its places count records or pages.
#[must_use]
pub fn in_large_pages(first: &Prepared) -> Prepared {
    let given = first.url().query_pairs().any(|(name, _)| name == "limit");
    match largest(first.endpoint(), "limit").filter(|_| !given) {
        Some(size) => first.with_query("limit", &size.to_string()),
        None => first.clone(),
    }
}

/// The largest page that an endpoint gives, where its size can be chosen.
fn largest(endpoint: &Endpoint, name: &str) -> Option<i64> {
    endpoint.query_params().find(|param| param.name == name).map(|param| param.max.unwrap_or(USUAL_SIZE))
}

#[cfg(test)]
mod tests;
