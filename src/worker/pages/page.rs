//! One page of a list: its records, and what stands around them.

use std::ops::Range;
use std::time::Duration;

use serde_json::Value;

use crate::document::{Document, List, MalformedReason, Records};
use crate::pleo::paging::PageInfo;

/// The most bytes beside a page's records that are read for what they tell of its pages.
const MOST_AROUND: u64 = 64 * 1024;

/// The most bytes of one record, which is taken as a whole.
const MOST_OF_RECORD: u64 = 64 << 20;

/// A page that came, whole.
#[derive(Debug)]
pub struct Page {
    /// The answer.
    pub document: Document,
    /// The member that holds the records; nothing where the array is the whole answer.
    pub member: Option<String>,
    records: Records,
    /// What it tells of its pages.
    pub info: PageInfo,
    /// Byte offset of the outermost object's members, and of the list's bracket.
    around: (u64, u64),
    /// Byte offset behind the closing bracket.
    end: u64,
    /// The status of its answer.
    pub status: u16,
    /// From the request until it was whole.
    pub took: Duration,
}

/// Why an answer is no page of a list, a sentence without a subject.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPage {
    /// Not JSON.
    #[error("is not JSON ({0}, at byte {1})")]
    Malformed(MalformedReason, u64),
    /// No records.
    #[error("holds no list of records")]
    NoList,
    /// One record that is no record.
    #[error("holds a record of {0} bytes, which is too large for one")]
    Huge(u64),
    /// Too much besides.
    #[error("says more beside its records than a list does")]
    Strange,
}

impl Page {
    /// The page that a whole answer is.
    ///
    /// # Errors
    /// [`NoPage`].
    pub fn of(document: Document, status: u16, took: Duration) -> Result<Self, NoPage> {
        if let Some(malformed) = document.malformed() {
            return Err(NoPage::Malformed(malformed.reason, malformed.offset));
        }
        let list = document.list().ok_or(NoPage::NoList)?;
        let records = Records::all(&document, &list, &|| false);
        let lengths = (0..records.len())
            .filter_map(|number| records.range(document.body(), number))
            .map(|range| range.end - range.start);
        if let Some(length) = lengths.max().filter(|length| *length > MOST_OF_RECORD) {
            return Err(NoPage::Huge(length));
        }
        let end = end_of(&document, &list, &records).ok_or(NoPage::NoList)?;
        let mut page = Self {
            info: PageInfo { records: records.len(), ..PageInfo::default() },
            member: list.member.clone(),
            around: (0, list.start()),
            records,
            end,
            document,
            status,
            took,
        };
        if page.member.is_some() {
            page.info = PageInfo::read(&page.without_records()?, page.records.len());
        }
        Ok(page)
    }

    /// How many records it holds.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.records.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The bytes of each record, as sent.
    pub fn records(&self) -> impl Iterator<Item = std::borrow::Cow<'_, [u8]>> {
        let body = self.document.body();
        (0..self.len()).filter_map(move |number| Some(body.read(self.records.exact(body, number)?)))
    }

    /// The answer with an empty list.
    fn without_records(&self) -> Result<Value, NoPage> {
        let (body, length) = (self.document.body(), self.document.len());
        if self.around.1 + (length - self.end) > MOST_AROUND {
            return Err(NoPage::Strange);
        }
        let mut text = body.read(self.around.0..self.around.1).into_owned();
        text.push(b']');
        text.extend_from_slice(&body.read(self.end..length));
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&text);
        serde_json::from_slice(text).map_err(|_| NoPage::Strange)
    }

    /// What stands beside the records in the answer, as sent: members, each behind a comma; nothing where there are none.
    #[must_use]
    pub fn beside(&self) -> Vec<u8> {
        if self.member.is_none() {
            return Vec::new();
        }
        let body = self.document.body();
        let mut beside = Vec::new();
        let before = body.read(self.around.0..self.around.1);
        // From the outermost brace to the comma before the list's own name.
        let open = before.iter().position(|byte| *byte == b'{').map_or(0, |at| at + 1);
        let members = name_start(&before).map_or(&[][..], |name| &before[open..name.max(open)]);
        let members = members.trim_ascii().strip_suffix(b",").unwrap_or_default().trim_ascii();
        if !members.is_empty() {
            beside.push(b',');
            beside.extend_from_slice(members);
        }
        let after = body.read(self.end..self.document.len());
        let after = after.trim_ascii().strip_suffix(b"}").unwrap_or_default().trim_ascii();
        beside.extend_from_slice(after);
        beside
    }
}

/// Where the name begins that a list's bracket stands behind.
fn name_start(before: &[u8]) -> Option<usize> {
    let before = before.strip_suffix(b"[")?.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
    let mut end = before.strip_suffix(b"\"")?.len();
    loop {
        let quote = memchr::memrchr(b'"', &before[..end])?;
        let escapes = before[..quote].iter().rev().take_while(|byte| **byte == b'\\').count();
        if escapes % 2 == 0 {
            return Some(quote);
        }
        end = quote;
    }
}

/// Byte offset behind the bracket that closes a list, or behind the last of several lines.
fn end_of(document: &Document, list: &List, records: &Records) -> Option<u64> {
    let body = document.body();
    let last: Option<Range<u64>> = records.len().checked_sub(1).and_then(|last| records.exact(body, last));
    let mut at = last.map_or(list.start(), |range| range.end);
    if !list.is_array() {
        return Some(at);
    }
    while matches!(body.byte(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    (body.byte(at) == Some(b']')).then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn page(text: &str) -> Result<Page, NoPage> {
        Page::of(Document::from_bytes(Bytes::copy_from_slice(text.as_bytes())), 200, Duration::ZERO)
    }

    #[test]
    fn records_and_what_stands_beside_them_are_as_sent() {
        let told = page(
            "{ \"a\\\"b\" : 1.10 , \"data\": [ {\"id\": 1.10} ,\n{\"id\":2}\n] , \"pagination\" :\n {\"hasNextPage\":true,\"endCursor\":\"A\",\"total\":9} }\n",
        )
        .expect("a page");
        let records: Vec<Vec<u8>> = told.records().map(std::borrow::Cow::into_owned).collect();
        assert_eq!(records, [b"{\"id\": 1.10}".to_vec(), b"{\"id\":2}".to_vec()]);
        assert_eq!(
            String::from_utf8_lossy(&told.beside()),
            ",\"a\\\"b\" : 1.10, \"pagination\" :\n {\"hasNextPage\":true,\"endCursor\":\"A\",\"total\":9}"
        );
        assert_eq!(
            (told.info.has_next, told.info.end_cursor.as_deref(), told.info.total),
            (Some(true), Some("A"), Some(9))
        );
    }

    #[test]
    fn empty_lists_plain_arrays_and_lines_are_pages() {
        let empty = page("{\"employees\":[],\"metadata\":{\"pageInfo\":{\"totalCount\":0}}}").expect("a page");
        assert_eq!((empty.len(), empty.member.as_deref(), empty.info.total), (0, Some("employees"), Some(0)));
        assert_eq!(empty.beside(), b",\"metadata\":{\"pageInfo\":{\"totalCount\":0}}");
        for text in ["[{\"a\":1},{\"a\":2}]", "{\"a\":1}\n{\"a\":2}\n"] {
            let plain = page(text).expect("a page");
            assert_eq!((plain.len(), plain.member.as_deref(), plain.info.told), (2, None, false), "{text}");
            assert_eq!(plain.beside(), b"");
        }
        assert_eq!(page("{\"data\":[{}]}").expect("a page").beside(), b"");
    }

    #[test]
    fn what_is_no_list_says_so() {
        assert_eq!(page("{\"data\":{\"id\":1}}").expect_err("one record"), NoPage::NoList);
        assert!(matches!(page("{\"data\":[{\"id\":1},"), Err(NoPage::Malformed(..))));
        let around = format!("{{\"data\":[{{}}],\"pagination\":{{\"x\":{}1{}}}}}", "[".repeat(500), "]".repeat(500));
        assert_eq!(page(&around).expect_err("too deep"), NoPage::Strange);
        let huge = format!("{{\"data\":[{{}},{{\"x\":\"{}\"}}]}}", "x".repeat(64 << 20));
        assert!(matches!(page(&huge), Err(NoPage::Huge(length)) if length > MOST_OF_RECORD));
        let wide = format!("{{\"data\":[{{}}],\"n\":{{\"x\":\"{}\"}}}}", "x".repeat(70_000));
        assert_eq!(page(&wide).expect_err("too wide"), NoPage::Strange);
    }
}
