//! The walk over what differs: level by level, only into what does.

use std::ops::Range;

use super::align::{self, Pair};
use super::canon;
use super::place::{Difference, Outcome, Place, Side};
use super::survey::{Child, Rules, Survey, survey};
use super::{Diff, DiffError, GUESSED, Listing, Options, VOLATILE, ValueKind, is_opaque};
use crate::document::record::cell_at;
use crate::document::text::decode_string;
use crate::document::{Body, Document, Kind, List, wide};

/// Differences that are kept; those beyond them are counted.
pub(super) const MOST: usize = 50_000;

/// Containers within containers that are looked into; deeper ones are compared as one value.
pub(super) const DEEPEST: usize = 64;

/// The most bytes of a record that are read to tell its key.
const LONGEST_RECORD: u64 = 1 << 20;

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
        differ.tops(tops, list)?;
    }
    differ.run()?;
    Ok(differ.diff)
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

pub(super) struct Differ<'a> {
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

    /// Begins with the outermost values of both documents, of which one or both may be that list.
    fn tops(&mut self, tops: [Range<u64>; 2], list: Option<List>) -> Result<(), DiffError> {
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
        if list.as_ref().is_some_and(|list| list.member.is_none()) && kinds[0] == ValueKind::Array {
            let left_out = self.records(None, tops, false)?;
            self.tell_ignored(&left_out);
            return Ok(());
        }
        let [left, right] = tops;
        let surveys = [self.survey(0, left, false, &[])?, self.survey(1, right, false, &[])?];
        let left_out: Vec<u64> = surveys[0].left_out.iter().zip(&surveys[1].left_out).map(|(a, b)| a + b).collect();
        self.tell_ignored(&left_out);
        self.list = list.and_then(|list| list.member);
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
