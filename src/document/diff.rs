//! What differs between two answers: fields that came, went, or have another value or another type.
//!
//! No value of either body is built. One pass over a body gives a hash of each record that is the same for equal ones,
//! whatever the order of members and the white space; only what differs by it is read again, level by level. Records of a list
//! are aligned by a key, anything else by names and positions. Numbers are equal when they are worth the same: `1.10` and
//! `1.1` are, and both are shown as sent. Strings are equal when their text is, however it is escaped. Members of the same
//! name in one object are compared in their order. Hashes have 64 bits and a random key.

mod align;
mod canon;
mod shape;
mod survey;

use std::ops::Range;

use super::record::cell_at;
use super::text::decode_string;
use super::{Body, Document, Kind, path, wide};
use align::Pair;
use survey::{Child, Rules, Survey, survey};

pub use shape::{Field, FieldChange, ShapeDiff, Shown, looks_like_data, shape};

/// Names that a key is guessed among; of equals the first is taken.
pub const GUESSED: [&str; survey::KEYS] = ["id", "code", "email"];

/// Members that say when and where rather than what. The last one counts as such where it is a pre-signed link.
pub const VOLATILE: [&str; 6] = ["createdAt", "updatedAt", "lastUpdatedAt", "startCursor", "endCursor", "url"];

/// Differences that are kept; those beyond them are counted.
const MOST: usize = 50_000;

/// Containers within containers that are looked into; deeper ones are compared as one value.
const DEEPEST: usize = 64;

/// The most bytes of a record that are read to tell its key.
const LONGEST_RECORD: u64 = 1 << 20;

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

/// A step on the way to a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Into a member of this name.
    Member(String),
    /// Into an item of an array, counted from 0.
    Item(u64),
    /// Into a record: the name and value of its key where it has one, as sent, and its number on both sides, from 0.
    Record {
        /// The key's name.
        key: Option<String>,
        /// The key's value as sent; nothing where the record has none.
        value: Option<String>,
        /// Its number on the left.
        left: Option<u64>,
        /// Its number on the right.
        right: Option<u64>,
    },
}

/// A value on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Its bytes in that body.
    pub range: Range<u64>,
    /// What it is.
    pub kind: ValueKind,
}

/// In which way something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is on the right only.
    Added,
    /// It is on the left only.
    Removed,
    /// It has another value.
    Changed,
    /// It has a value of another type.
    TypeChanged,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The way to it.
    pub path: Vec<Place>,
    /// In which way.
    pub outcome: Outcome,
    /// What stands on the left.
    pub left: Option<Side>,
    /// What stands on the right.
    pub right: Option<Side>,
}

impl Difference {
    /// The way to it as text: `.data[email=a@b.example].jobTitle`; `.` for all of the body.
    #[must_use]
    pub fn path_text(&self) -> String {
        let mut text = String::new();
        for place in &self.path {
            match place {
                Place::Member(name) => path::push_member(&mut text, name),
                Place::Item(number) => text.push_str(&format!("[{number}]")),
                Place::Record { key: Some(key), value: Some(value), .. } => {
                    let plain = decode_string(value.as_bytes());
                    let short = !plain.is_empty() && plain.chars().all(|c| c.is_alphanumeric() || "@.-_+:".contains(c));
                    text.push_str(&format!("[{key}={}]", if short { &plain } else { value }));
                }
                Place::Record { key, left, right, .. } => {
                    let side = |side: &Option<u64>| side.map_or_else(|| "-".to_owned(), |number| number.to_string());
                    let number = if left == right { side(left) } else { format!("{}|{}", side(left), side(right)) };
                    text.push_str(
                        &key.as_ref().map_or_else(|| format!("[{number}]"), |key| format!("[no {key}, {number}]")),
                    );
                }
            }
        }
        if !text.starts_with('.') {
            text.insert(0, '.');
        }
        text
    }
}

/// How many records of one side have a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keyed {
    /// With a value.
    pub with: u64,
    /// With a value that another record of this side has too.
    pub repeated: u64,
}

/// A key that records could be aligned by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// On the left.
    pub left: Keyed,
    /// On the right.
    pub right: Keyed,
    /// Values that occur on both sides.
    pub both: u64,
    /// Those of them that occur once on each.
    pub alone: u64,
}

impl Candidate {
    /// The larger the better.
    fn rank(&self) -> (u64, u64, u64) {
        (self.alone, self.both, self.left.with.min(self.right.with))
    }
}

/// How the records of a list were aligned, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The member that holds them; nothing where the whole body is the list.
    pub member: Option<String>,
    /// The key that they were aligned by; nothing when it was their position.
    pub key: Option<String>,
    /// Whether that key was asked for.
    pub given: bool,
    /// What each key that was looked at would have brought together.
    pub candidates: Vec<Candidate>,
    chosen: Option<usize>,
    /// Records on the left and on the right.
    pub records: [u64; 2],
    /// Records that are the same on both sides.
    pub same: u64,
    /// Records that are on both sides and differ.
    pub changed: u64,
    /// Records that are on the left, or on the right, only.
    pub alone: [u64; 2],
}

impl Listing {
    /// What is known of the key that was taken.
    #[must_use]
    pub fn chosen(&self) -> Option<&Candidate> {
        self.candidates.get(self.chosen?)
    }

    /// By what the records were aligned, why, and what does not fit: sentences, with these names for the sides.
    #[must_use]
    pub fn reasons(&self, sides: [&str; 2]) -> Vec<String> {
        let Some(chosen) = self.chosen() else {
            let names: Vec<&str> = self.candidates.iter().map(|own| own.name.as_str()).collect();
            return vec![format!("Records are aligned by position: none has {}.", names.join(", "))];
        };
        let name = &chosen.name;
        let others = self.candidates.iter().filter(|own| own.name != *name);
        let others: Vec<String> = others.map(|own| format!("{} {}", own.name, own.both)).collect();
        let others = if others.is_empty() { String::new() } else { format!(" ({})", others.join(", ")) };
        let asked = if self.given { ", as asked" } else { "" };
        let mut told = vec![match chosen.both {
            0 => format!(
                "Records are aligned by {name}{asked}, but no value of it is on both sides{others}: choose another key."
            ),
            both => format!("Records are aligned by {name}{asked}: {both} of its values are on both sides{others}."),
        }];
        for (keyed, records, side) in
            [(chosen.left, self.records[0], sides[0]), (chosen.right, self.records[1], sides[1])]
        {
            if records > keyed.with {
                let without = records - keyed.with;
                told.push(format!("{side}: {without} without {name}, aligned by position."));
            }
            if keyed.repeated > 0 {
                told.push(format!("{side}: {} share their {name}, aligned by position within it.", keyed.repeated));
            }
        }
        told
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

/// Compares two whole documents.
///
/// # Errors
/// [`DiffError`].
pub fn diff(
    left: &Document,
    right: &Document,
    options: &Options,
    cancelled: &dyn Fn() -> bool,
) -> Result<Diff, DiffError> {
    let mut names = options.ignore.clone();
    if options.volatile {
        names.extend(VOLATILE.map(str::to_owned));
    }
    let mut differ = Differ {
        bodies: [left.body(), right.body()],
        rules: Rules::new(names, options.volatile),
        options,
        cancelled,
        path: Vec::new(),
        levels: Vec::new(),
        list: None,
        diff: Diff { opaque: [left, right].map(is_opaque), ..Diff::default() },
    };
    if differ.diff.opaque.contains(&true) {
        differ.bytes()?;
        return Ok(differ.diff);
    }
    let list = left.list().or_else(|| right.list());
    let lines = [left, right].map(|own| own.kind() == Kind::JsonLines);
    if lines.contains(&true) {
        let whole = [0..left.len(), 0..right.len()];
        let left_out = differ.records(None, whole, true)?;
        differ.tell_ignored(&left_out);
    } else {
        let tops = [left, right].map(|own| own.value_range(0).unwrap_or(0..0));
        differ.tops(tops, list.map(|list| list.member))?;
    }
    differ.run()?;
    Ok(differ.diff)
}

/// Whether a body can only be compared byte by byte.
fn is_opaque(document: &Document) -> bool {
    !document.is_json() || document.malformed().is_some()
}

/// Two values of the same type, child by child.
struct Level {
    surveys: [Survey; 2],
    pairs: std::vec::IntoIter<Pair>,
    naming: Naming,
}

/// What children are called.
#[derive(Clone, PartialEq, Eq)]
enum Naming {
    Members,
    Items,
    Records(Option<String>),
}

struct Differ<'a> {
    bodies: [&'a Body; 2],
    rules: Rules,
    options: &'a Options,
    cancelled: &'a dyn Fn() -> bool,
    path: Vec<Place>,
    levels: Vec<Level>,
    /// The outermost member that is to be compared as a list.
    list: Option<String>,
    diff: Diff,
}

impl Differ<'_> {
    fn survey(&self, side: usize, range: Range<u64>, lines: bool, keys: &[Vec<u64>]) -> Result<Survey, DiffError> {
        survey(self.bodies[side], range, lines, &self.rules, keys, self.cancelled)
    }

    /// Begins with the outermost values of both documents. `list` is where a list is: under that member, or the whole.
    fn tops(&mut self, tops: [Range<u64>; 2], list: Option<Option<String>>) -> Result<(), DiffError> {
        let kinds = [0, 1].map(|side: usize| kind_at(self.bodies[side], tops[side].start));
        if kinds[0] != kinds[1] || !kinds[0].is_container() {
            let one = [0, 1].map(|side: usize| Side { range: tops[side].clone(), kind: kinds[side] });
            let same = kinds[0] == kinds[1] && self.same_scalars(&tops);
            let [left, right] = one;
            if !same {
                self.found(Some(left), Some(right));
            }
            return Ok(());
        }
        if list == Some(None) && kinds[0] == ValueKind::Array {
            let left_out = self.records(None, tops, false)?;
            self.tell_ignored(&left_out);
            return Ok(());
        }
        let [left, right] = tops;
        let surveys = [self.survey(0, left, false, &[])?, self.survey(1, right, false, &[])?];
        let left_out: Vec<u64> = surveys[0].left_out.iter().zip(&surveys[1].left_out).map(|(a, b)| a + b).collect();
        self.tell_ignored(&left_out);
        self.list = list.flatten();
        self.levels.push(level(surveys, kinds[0]));
        Ok(())
    }

    fn same_scalars(&mut self, tops: &[Range<u64>; 2]) -> bool {
        // A scalar that stands alone is short, or it is read anyway.
        let hash = |side: usize| {
            let raw = self.bodies[side].read(tops[side].clone());
            let kind = kind_at(self.bodies[side], tops[side].start);
            canon::hash_value(&self.rules.hasher, kind, &raw)
        };
        hash(0) == hash(1)
    }

    /// Begins with the records of a list on both sides; answers what was left out.
    fn records(&mut self, member: Option<String>, ranges: [Range<u64>; 2], lines: bool) -> Result<Vec<u64>, DiffError> {
        let given = self.options.key.is_some();
        let names: Vec<String> =
            self.options.key.as_ref().map_or_else(|| GUESSED.map(str::to_owned).to_vec(), |key| vec![key.clone()]);
        let keys: Vec<Vec<u64>> = names.iter().map(|name| self.rules.key(name)).collect();
        let [left, right] = ranges;
        let surveys = [self.survey(0, left, lines, &keys)?, self.survey(1, right, lines, &keys)?];
        let mut listing = Listing { member, given, ..Listing::default() };
        listing.records = [0, 1].map(|side: usize| wide(surveys[side].children.len()));
        let pairs = align::records(&mut listing, &names, given, &surveys[0], &surveys[1]);
        let left_out = surveys[0].left_out.iter().zip(&surveys[1].left_out).map(|(a, b)| a + b).collect();
        let naming = Naming::Records(listing.key.clone());
        self.diff.list = Some(listing);
        self.levels.push(Level { surveys, pairs: pairs.into_iter(), naming });
        Ok(left_out)
    }

    fn tell_ignored(&mut self, left_out: &[u64]) {
        let told = self.rules.names.iter().cloned().zip(left_out.iter().copied());
        self.diff.ignored = told.filter(|(_, count)| *count > 0).collect();
    }

    fn run(&mut self) -> Result<(), DiffError> {
        while let Some(level) = self.levels.last_mut() {
            let Some((left, right)) = level.pairs.next() else {
                self.levels.pop();
                self.path.pop();
                continue;
            };
            let child = |side: usize, at: Option<u32>| {
                at.and_then(|at| level.surveys[side].children.get(usize::try_from(at).unwrap_or(usize::MAX)).cloned())
            };
            let children = [child(0, left), child(1, right)];
            let naming = level.naming.clone();
            self.pair(&naming, [left, right], children)?;
        }
        Ok(())
    }

    /// Looks at two children that belong together, or at one alone.
    fn pair(&mut self, naming: &Naming, at: [Option<u32>; 2], children: [Option<Child>; 2]) -> Result<(), DiffError> {
        let same = matches!(&children, [Some(one), Some(other)] if one.kind == other.kind && one.hash == other.hash);
        if let (Naming::Records(_), Some(listing)) = (naming, &mut self.diff.list) {
            match &children {
                [Some(_), Some(_)] if same => listing.same += 1,
                [Some(_), Some(_)] => listing.changed += 1,
                [Some(_), None] => listing.alone[0] += 1,
                _ => listing.alone[1] += 1,
            }
        }
        let list = self.is_list(naming, &children);
        if same && !list {
            return Ok(());
        }
        if (self.cancelled)() {
            return Err(DiffError::Cancelled);
        }
        let place = self.place(naming, at, &children);
        self.path.push(place);
        let [left, right] = children;
        match (left, right) {
            (Some(one), Some(other))
                if one.kind == other.kind && one.kind.is_container() && self.levels.len() < DEEPEST =>
            {
                if list {
                    let member = self.list.take();
                    self.records(member, [one.value, other.value], false)?;
                } else {
                    let surveys = [self.survey(0, one.value, false, &[])?, self.survey(1, other.value, false, &[])?];
                    self.levels.push(level(surveys, one.kind));
                }
            }
            (one, other) => {
                let side = |child: Child| Side { range: child.value, kind: child.kind };
                self.found(one.map(side), other.map(side));
                self.path.pop();
            }
        }
        Ok(())
    }

    /// Whether two members are the list.
    fn is_list(&self, naming: &Naming, children: &[Option<Child>; 2]) -> bool {
        let (1, Naming::Members, [Some(one), Some(other)]) = (self.levels.len(), naming, children) else {
            return false;
        };
        let arrays = one.kind == ValueKind::Array && other.kind == ValueKind::Array;
        arrays
            && self
                .list
                .as_ref()
                .is_some_and(|member| canon::hash_name(&self.rules.hasher, member.as_bytes()) == one.name_hash)
    }

    fn place(&self, naming: &Naming, at: [Option<u32>; 2], children: &[Option<Child>; 2]) -> Place {
        let [left, right] = at.map(|at| at.map(u64::from));
        match naming {
            Naming::Members => {
                let name = |side: usize| {
                    let child = children[side].as_ref()?;
                    Some(decode_string(&self.bodies[side].read(child.name.clone())))
                };
                Place::Member(name(0).or_else(|| name(1)).unwrap_or_default())
            }
            Naming::Items => Place::Item(left.or(right).unwrap_or_default()),
            Naming::Records(key) => {
                let value = |side: usize| {
                    let range = children[side].as_ref()?.value.clone();
                    let text = self.bodies[side].read(range.start..range.end.min(range.start + LONGEST_RECORD));
                    let (_, found) = cell_at(&text, key.as_ref()?)?;
                    let found = text.get(found)?;
                    (found != b"null").then(|| String::from_utf8_lossy(found).into_owned())
                };
                Place::Record { key: key.clone(), value: value(0).or_else(|| value(1)), left, right }
            }
        }
    }

    fn found(&mut self, left: Option<Side>, right: Option<Side>) {
        let counts = &mut self.diff.counts;
        let (outcome, count) = match (&left, &right) {
            (None, _) => (Outcome::Added, &mut counts.added),
            (_, None) => (Outcome::Removed, &mut counts.removed),
            (Some(one), Some(other)) if one.kind != other.kind => (Outcome::TypeChanged, &mut counts.types),
            _ => (Outcome::Changed, &mut counts.changed),
        };
        *count += 1;
        if self.diff.differences.len() < MOST {
            self.diff.differences.push(Difference { path: self.path.clone(), outcome, left, right });
        }
    }

    /// Compares both bodies byte by byte.
    fn bytes(&mut self) -> Result<(), DiffError> {
        let [left, right] = self.bodies;
        let mut same = left.len() == right.len();
        let mut at = 0;
        while same && at < left.len() {
            if (self.cancelled)() {
                return Err(DiffError::Cancelled);
            }
            let (one, other) = (left.piece(at), right.piece(at));
            let both = one.len().min(other.len());
            if both == 0 {
                return Err(DiffError::Unreadable);
            }
            same = one[..both] == other[..both];
            at += wide(both);
        }
        if !same {
            let side = |body: &Body| (!body.is_empty()).then(|| Side { range: 0..body.len(), kind: ValueKind::Bytes });
            self.found(side(left), side(right));
        }
        Ok(())
    }
}

fn level(surveys: [Survey; 2], kind: ValueKind) -> Level {
    if kind == ValueKind::Array {
        let pairs = align::by_position(surveys[0].children.len(), surveys[1].children.len());
        return Level { surveys, pairs: pairs.into_iter(), naming: Naming::Items };
    }
    let marks = |survey: &Survey| survey.children.iter().map(|child| child.name_hash).collect::<Vec<_>>();
    let pairs = align::by_mark(&marks(&surveys[0]), &marks(&surveys[1]));
    Level { surveys, pairs: pairs.into_iter(), naming: Naming::Members }
}

/// What begins at a byte of sound JSON.
fn kind_at(body: &Body, offset: u64) -> ValueKind {
    match body.byte(offset) {
        Some(b'{') => ValueKind::Object,
        Some(b'[') => ValueKind::Array,
        Some(b'"') => ValueKind::String,
        Some(b't' | b'f') => ValueKind::Boolean,
        Some(b'n') => ValueKind::Null,
        _ => ValueKind::Number,
    }
}

#[cfg(test)]
mod tests;
