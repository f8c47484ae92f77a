//! Pane 4: the request being edited, a row a field.

use std::borrow::Cow;

use crate::app::checking::Checked;
use crate::app::completing::Offer;
use crate::app::event::WorkId;
use crate::app::input::{Editor, LineInput};
use crate::pleo::endpoint::{Param, ValueType};
use crate::pleo::preflight::{Finding, Place};
use crate::pleo::request::Draft;

/// A row that the cursor can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A parameter of the endpoint.
    Param(usize),
    /// A query parameter that the endpoint does not know.
    Extra(usize),
    /// A header of one's own.
    Header(usize),
    /// The body.
    Body,
}

/// The state of the pane.
#[derive(Debug, Default)]
pub struct RequestPane {
    /// The request, once one was chosen.
    pub draft: Option<Draft>,
    /// What preflight finds about it now.
    pub findings: Vec<Finding>,
    /// The row under the cursor.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// The field, while a value is typed.
    pub field: Option<LineInput>,
    /// The editor, while the body is typed.
    pub editor: Option<Editor>,
    /// What is edited in the person's own editor, and under which number.
    pub outside: Option<(WorkId, Row)>,
    /// What is offered below the field.
    pub offer: Offer,
    /// Whether something is offered in the body's editor.
    pub completing: bool,
    /// What is known of the body.
    pub checked: Option<Checked>,
    /// Whether a body that is being looked at has changed meanwhile.
    pub recheck: bool,
    /// The request as it was before something was taken out of it, the latest last.
    pub undo: Vec<Draft>,
    /// Whether the request was put here since the event before, not edited here.
    pub given: bool,
}

/// Most steps that can be undone.
const MOST_UNDONE: usize = 20;

impl RequestPane {
    /// Takes a new request; editing of the old one ends.
    pub fn open(&mut self, draft: Draft) {
        *self = Self { draft: Some(draft), given: true, ..Self::default() };
    }

    /// Remembers the request as it is now, to be brought back.
    pub fn remember(&mut self) {
        if let Some(draft) = self.draft.clone().filter(|draft| self.undo.last() != Some(draft)) {
            if self.undo.len() == MOST_UNDONE {
                self.undo.remove(0);
            }
            self.undo.push(draft);
        }
    }

    /// Lets go of a header that was begun and not written.
    pub fn drop_empty_header(&mut self) {
        if let Some(draft) = &mut self.draft {
            draft.own_headers.retain(|(name, value)| !(name.is_empty() && value.is_empty()));
        }
    }

    /// The rows, in order.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let Some(draft) = &self.draft else {
            return Vec::new();
        };
        let params = (0..draft.values.len()).map(Row::Param);
        let extras = (0..draft.extra.len()).map(Row::Extra);
        let headers = (0..draft.own_headers.len()).map(Row::Header);
        let body = draft.endpoint.body.is_some().then_some(Row::Body);
        params.chain(extras).chain(headers).chain(body).collect()
    }

    /// The row under the cursor.
    #[must_use]
    pub fn row(&self) -> Option<Row> {
        self.rows().get(self.cursor).copied()
    }

    /// The parameter under the cursor.
    #[must_use]
    pub fn param(&self) -> Option<&Param> {
        match self.row()? {
            Row::Param(index) => self.draft.as_ref()?.endpoint.params.get(index),
            _ => None,
        }
    }

    /// The text of a row's value.
    #[must_use]
    pub fn value(&self, row: Row) -> Cow<'_, str> {
        let Some(draft) = &self.draft else {
            return Cow::Borrowed("");
        };
        Cow::Borrowed(match row {
            Row::Param(index) => draft.values.get(index).map_or("", String::as_str),
            Row::Extra(index) => draft.extra.get(index).map_or("", |(_, value)| value.as_str()),
            Row::Header(index) => match draft.own_headers.get(index) {
                Some((name, value)) if !name.is_empty() => return Cow::Owned(format!("{name}: {value}")),
                _ => "",
            },
            Row::Body => &draft.body,
        })
    }

    /// The request as it would be were the field kept now.
    #[must_use]
    pub fn as_typed<'a>(&self, draft: &'a Draft) -> Cow<'a, Draft> {
        let (Some(field), Some(row)) = (&self.field, self.row()) else {
            return Cow::Borrowed(draft);
        };
        let mut typed = draft.clone();
        let text = field.text().trim();
        match row {
            // One that is only begun is a name so far.
            Row::Header(index) => {
                let (name, value) = text.split_once(':').unwrap_or((text, ""));
                if let Some(own) = typed.own_headers.get_mut(index) {
                    *own = (name.trim().to_owned(), value.trim().to_owned());
                }
            }
            row => put(&mut typed, row, text),
        }
        Cow::Owned(typed)
    }

    /// Puts a text into a row.
    pub fn set(&mut self, row: Row, text: &str) {
        if let Some(draft) = &mut self.draft {
            put(draft, row, text);
        }
    }

    /// The findings about a row.
    pub fn findings_at(&self, row: Row) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.place == place(row))
    }

    /// The findings that belong to no row.
    pub fn general_findings(&self) -> impl Iterator<Item = &Finding> {
        let placed: Vec<Place> = self.rows().into_iter().map(place).collect();
        self.findings.iter().filter(move |finding| !placed.contains(&finding.place))
    }

    /// The row that a finding is about.
    #[must_use]
    pub fn row_of(&self, finding: &Finding) -> Option<usize> {
        self.rows().into_iter().position(|row| place(row) == finding.place)
    }

    /// Begins to edit the row under the cursor.
    pub fn edit(&mut self) {
        match self.row() {
            Some(Row::Body) => self.editor = Some(Editor::new(&self.value(Row::Body))),
            Some(row) => self.field = Some(LineInput::new(&self.value(row))),
            None => {}
        }
    }

    /// The choices that the field under the cursor offers.
    #[must_use]
    pub fn choices(&self) -> Vec<&str> {
        self.param().map_or_else(Vec::new, |param| match param.value_type {
            ValueType::Boolean => vec!["true", "false"],
            _ => param.choices.iter().map(String::as_str).collect(),
        })
    }
}

fn put(draft: &mut Draft, row: Row, text: &str) {
    let slot = match row {
        Row::Param(index) => return draft.set_value(index, text),
        Row::Extra(index) => draft.extra.get_mut(index).map(|(_, value)| value),
        // One is put together from two parts: see `editing::keep_header`.
        Row::Header(_) => None,
        Row::Body => Some(&mut draft.body),
    };
    if let Some(slot) = slot {
        text.clone_into(slot);
    }
}

const fn place(row: Row) -> Place {
    match row {
        Row::Param(index) => Place::Param(index),
        Row::Extra(index) => Place::Extra(index),
        Row::Header(index) => Place::Header(index),
        Row::Body => Place::Body,
    }
}
