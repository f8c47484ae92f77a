//! A record of the table that is read beside it, as a document of its own.

use super::{Place, ResponsePane};
use crate::document::{self, Document, Path, Step};

/// A record that is read.
#[derive(Debug)]
pub struct OpenRecord {
    /// Its number in the list.
    pub number: u64,
    /// Its text as a document.
    pub document: Document,
    /// Where one was in the list.
    pub place: Box<Place>,
}

impl ResponsePane {
    /// Opens the record under the table's cursor beside it, or another one in its place. Answers whether there is one.
    pub fn open_record(&mut self) -> bool {
        let number = self.table().current();
        let body = self.listed().map(|document| document.body().clone());
        let (Some(number), Some(body)) = (number, body) else {
            return false;
        };
        let Some(range) = self.table().records.as_ref().and_then(|records| records.exact(&body, number)) else {
            return false;
        };
        let bytes = document::slice(&body, range);
        let document = Document::from_bytes(bytes.read(0..bytes.len()).into_owned().into());
        // How far one had come in the record before is where one goes on in this one.
        let cursor = if self.record.is_some() { self.place.cursor } else { 0 };
        let place = Place { cursor: cursor.min(document.row_count().saturating_sub(1)), ..Place::default() };
        let before = std::mem::replace(&mut self.place, place);
        let place = self.record.take().map_or_else(|| Box::new(before), |own| own.place);
        self.record = Some(OpenRecord { number, document, place });
        self.search.clear_hits();
        true
    }

    /// Closes the record; answers whether one was open.
    pub fn close_record(&mut self) -> bool {
        let Some(own) = self.record.take() else {
            return false;
        };
        self.place = *own.place;
        self.search.clear_hits();
        true
    }

    /// The next or previous record of the table, read in the place of this one.
    pub fn neighbour_record(&mut self, forward: bool) {
        self.table_mut().step(if forward { 1 } else { -1 });
        self.open_record();
    }

    /// The way from the top of the whole document to a row of what is shown.
    #[must_use]
    pub fn path(&self, row: u64) -> Path {
        let Some(document) = self.document() else {
            return Path::default();
        };
        let own = document.path(row);
        let Some(record) = &self.record else {
            return own;
        };
        match self.table().list.as_ref().map(|list| list.member.clone()) {
            Some(Some(member)) => {
                let before = [Step::Key(member), Step::Index(record.number)];
                Path { document: 0, steps: before.into_iter().chain(own.steps).collect() }
            }
            _ if self.listed().is_some_and(|listed| listed.documents() > 1) => {
                Path { document: record.number, steps: own.steps }
            }
            _ => Path { document: 0, steps: std::iter::once(Step::Index(record.number)).chain(own.steps).collect() },
        }
    }
}
