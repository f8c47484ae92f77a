//! The list document: the records of all pages as one answer, growing page by page.

use bytes::Bytes;
use tokio::sync::mpsc::Sender;

use super::page::Page;
use crate::app::event::{PageNews, Reply, WorkId};
use crate::document::Piece;
use crate::units;
use crate::worker::Tools;
use crate::worker::intake::Intake;

/// Bytes of a page that are handed on at once, or one record more.
const PORTION: usize = 256 * 1024;

/// A list document that is still growing: `{"data":[`, the records as sent, each on lines of its own, and at its end what
/// stands beside the records of the last page. Until then it is a document that is still arriving.
pub struct Growing<'a> {
    tools: &'a Tools,
    id: WorkId,
    outbox: Sender<Reply>,
    intake: Intake<'a>,
    /// Bytes that were handed on.
    length: u64,
    records: u64,
}

impl<'a> Growing<'a> {
    /// Nothing yet.
    pub fn new(tools: &'a Tools, id: WorkId, outbox: Sender<Reply>) -> Self {
        Self { tools, id, outbox, intake: Intake::new(tools, None), length: 0, records: 0 }
    }

    /// Adds a page, and closes the document behind the last.
    ///
    /// # Errors
    /// A sentence when there is no room for more.
    pub async fn add(&mut self, page: &Page, news: PageNews, last: bool) -> Result<(), String> {
        let mut bytes = Vec::new();
        let mut starts = Vec::new();
        if self.length == 0 {
            let name = page.member.as_deref().map(|name| serde_json::Value::from(name).to_string());
            bytes.extend_from_slice(&name.map_or_else(|| b"[\n".to_vec(), |name| format!("{{{name}:[\n").into_bytes()));
        }
        for record in page.records() {
            if self.records > 0 {
                bytes.extend_from_slice(b",\n");
            }
            self.records += 1;
            starts.push(self.length + bytes.len() as u64);
            bytes.extend_from_slice(&record);
            if bytes.len() >= PORTION {
                self.hand_on(&mut bytes, &mut starts, news.clone()).await?;
            }
        }
        if last {
            bytes.extend_from_slice(b"\n]");
            if page.member.is_some() {
                bytes.extend_from_slice(&page.beside());
                bytes.push(b'}');
            }
        }
        self.hand_on(&mut bytes, &mut starts, news).await
    }

    /// Nothing follows.
    pub fn finish(&mut self) -> Piece {
        self.intake.finish()
    }

    async fn hand_on(&mut self, bytes: &mut Vec<u8>, starts: &mut Vec<u64>, news: PageNews) -> Result<(), String> {
        if bytes.is_empty() {
            return Ok(());
        }
        let limit = self.tools.limits.body;
        let length = bytes.len() as u64;
        // A record is there as a whole or not at all.
        if self.length + length > limit {
            let limit = units::limit(limit);
            return Err(format!("The list is larger than {limit}: what came is shown. --body-limit raises the limit."));
        }
        let (taken, failure) = self.intake.take(Bytes::from(std::mem::take(bytes)));
        if let Some((portion, piece)) = taken {
            self.length += length;
            let reply = Reply::Loaded(self.id, portion, piece, std::mem::take(starts), Box::new(news));
            // Nobody listens any more when the program is leaving.
            let _ = self.outbox.send(reply).await;
        }
        failure.map_or(Ok(()), |failure| Err(failure.sentence))
    }
}
