//! What differs between two answers: fields that came, went, or have another value or another type.
//!
//! No value of either body is built. One pass over a body gives a hash of each record that is the same for equal ones,
//! whatever the order of members and the white space; only what differs by it is read again, level by level. Records of a list
//! are aligned by a key, anything else by names and positions. Numbers are equal when they are worth the same: `1.10` and
//! `1.1` are, and both are shown as sent. Strings are equal when their text is, however it is escaped. Members of the same
//! name in one object are compared in their order. Hashes have 64 bits and a random key.

mod align;
mod canon;
mod listing;
mod place;
mod shape;
mod survey;
mod walk;

use super::{Document, wide};

pub use listing::{Candidate, Keyed, Listing};
pub use place::{Difference, Outcome, Place, Side};
pub use shape::{Field, FieldChange, ShapeDiff, Shown, looks_like_data, shape};
pub use walk::diff;

/// Names that a key is guessed among; of equals the first is taken.
pub const GUESSED: [&str; survey::KEYS] = ["id", "code", "email"];

/// Members that say when and where rather than what. The last one counts as such where it is a pre-signed link.
pub const VOLATILE: [&str; 6] = ["createdAt", "updatedAt", "lastUpdatedAt", "startCursor", "endCursor", "url"];

/// How two documents are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The member that records are aligned by, with dots into objects; guessed when nothing is said.
    pub key: Option<String>,
    /// Names of members that are left out, besides the volatile ones.
    pub ignore: Vec<String>,
    /// Whether [`VOLATILE`] members are left out.
    pub volatile: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { key: None, ignore: Vec::new(), volatile: true }
    }
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiffError {
    /// It was stopped.
    #[error("The comparison was stopped.")]
    Cancelled,
    /// A body cannot be read to its end.
    #[error("A body cannot be read to its end any more: send the request again.")]
    Unreadable,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ValueKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
    /// A body that is no sound JSON.
    Bytes,
}

impl ValueKind {
    /// All that JSON has.
    pub const JSON: [Self; 6] = [Self::Null, Self::Boolean, Self::Number, Self::String, Self::Array, Self::Object];

    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
            Self::Bytes => "no JSON",
        }
    }

    const fn is_container(self) -> bool {
        matches!(self, Self::Array | Self::Object)
    }
}

/// How often something differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// On the right only.
    pub added: u64,
    /// On the left only.
    pub removed: u64,
    /// With another value.
    pub changed: u64,
    /// With a value of another type.
    pub types: u64,
}

impl Counts {
    /// All of them.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.added + self.removed + self.changed + self.types
    }
}

/// What differs between two documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// In the order of the left one, as many as are kept.
    pub differences: Vec<Difference>,
    /// How many there are.
    pub counts: Counts,
    /// How the records of a list were aligned.
    pub list: Option<Listing>,
    /// How many members of each name were left out, on both sides together; those that did not occur are not told.
    pub ignored: Vec<(String, u64)>,
    /// Which of the bodies, left and right, are no sound JSON, so that both were compared byte by byte.
    pub opaque: [bool; 2],
}

impl Diff {
    /// Whether nothing differs.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        self.counts.all() == 0
    }

    /// Differences that were counted and not kept.
    #[must_use]
    pub fn left_over(&self) -> u64 {
        self.counts.all() - wide(self.differences.len())
    }
}

/// Whether a body can only be compared byte by byte.
fn is_opaque(document: &Document) -> bool {
    !document.is_json() || document.malformed().is_some()
}

#[cfg(test)]
mod tests;
