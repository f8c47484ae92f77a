//! Which fields two answers have and of which types: what can be shared, since no value of either is in it.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::{DiffError, Options, ValueKind, is_opaque};
use crate::document::grammar::{Expect, Inside, Listener, Machine, Outcome, Scalar};
use crate::document::path::push_member;
use crate::document::text::decode_string;
use crate::document::{Body, Document, wide};

/// Most fields of one answer; more are no fields but data, and are told as one.
const MOST_FIELDS: usize = 5_000;

/// The longest name of a field that is told, in characters.
const LONGEST_NAME: usize = 48;

/// What stands for a name that looks like data, such as an id or an address.
const DATA: &str = "{…}";

/// Bytes that are read between two looks at whether it is to stop.
const STRETCH: usize = 1 << 20;

/// The fields of two documents beside each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShapeDiff {
    /// All of them: those of the left in the order in which they occur, then those of the right alone.
    pub fields: Vec<Field>,
    /// Which of the bodies are no sound JSON, and so have no fields.
    pub opaque: [bool; 2],
}

impl ShapeDiff {
    /// Those that differ.
    pub fn differing(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.change().is_some())
    }

    /// Whether no field differs, and both are JSON or neither is.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.opaque[0] == self.opaque[1] && self.differing().next().is_none()
    }
}

/// A field of one side or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The way to it: `.data[].email`. Names that look like data are `{…}`.
    pub path: String,
    /// How it is on the left, where it is.
    pub left: Option<Shown>,
    /// How it is on the right, where it is.
    pub right: Option<Shown>,
}

/// In which way a field differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldChange {
    /// It is on the right only.
    Added,
    /// It is on the left only.
    Removed,
    /// It takes other types.
    Types,
    /// On one side it is always there, on the other it is missing now and then.
    Presence,
}

impl Field {
    /// In which way it differs.
    #[must_use]
    pub fn change(&self) -> Option<FieldChange> {
        match (&self.left, &self.right) {
            (None, None) => None,
            (None, _) => Some(FieldChange::Added),
            (_, None) => Some(FieldChange::Removed),
            (Some(one), Some(other)) if one.kinds().ne(other.kinds()) => Some(FieldChange::Types),
            (Some(one), Some(other)) if one.is_everywhere() != other.is_everywhere() => Some(FieldChange::Presence),
            _ => None,
        }
    }
}

/// How a field is on one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// How often it occurs.
    pub present: u64,
    /// In how many objects it could; 0 where that means nothing, as for items.
    pub of: u64,
    /// How often it has each type, in the order of [`ValueKind::JSON`].
    pub types: [u64; 6],
}

impl Shown {
    /// The types that occur.
    pub fn kinds(&self) -> impl Iterator<Item = ValueKind> {
        ValueKind::JSON.into_iter().zip(self.types).filter(|(_, count)| *count > 0).map(|(kind, _)| kind)
    }

    fn is_everywhere(&self) -> bool {
        self.of == 0 || self.present >= self.of
    }
}

/// As `string 198, null 2, missing in 3 of 203`.
impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = ValueKind::JSON.into_iter().zip(self.types).filter(|(_, count)| *count > 0);
        let counts: Vec<String> = counts.map(|(kind, count)| format!("{} {count}", kind.word())).collect();
        f.write_str(&counts.join(", "))?;
        if self.is_everywhere() {
            return Ok(());
        }
        write!(f, ", missing in {} of {}", self.of - self.present, self.of)
    }
}

/// Compares the fields of two whole documents. Of the options only the names that are left out by wish count: a field that
/// changes with each answer is a field all the same.
///
/// # Errors
/// [`DiffError`].
pub fn shape(
    left: &Document,
    right: &Document,
    options: &Options,
    cancelled: &dyn Fn() -> bool,
) -> Result<ShapeDiff, DiffError> {
    let opaque = [left, right].map(is_opaque);
    let of = |document: &Document, opaque: bool| {
        if opaque { Ok(Vec::new()) } else { fields(document.body(), &options.ignore, cancelled) }
    };
    let (left, right) = (of(left, opaque[0])?, of(right, opaque[1])?);
    let places: HashMap<&str, usize> = (0..).zip(&left).map(|(place, (path, _))| (path.as_str(), place)).collect();
    let mut others: Vec<Option<Shown>> = vec![None; left.len()];
    let mut alone = Vec::new();
    for (path, shown) in right {
        match places.get(path.as_str()) {
            Some(place) => others[*place] = Some(shown),
            None => alone.push(Field { path, left: None, right: Some(shown) }),
        }
    }
    let both = left.into_iter().zip(others).map(|((path, shown), right)| Field { path, left: Some(shown), right });
    Ok(ShapeDiff { fields: both.chain(alone).collect(), opaque })
}

/// The fields of a body, each with how it is.
fn fields(body: &Body, ignore: &[String], cancelled: &dyn Fn() -> bool) -> Result<Vec<(String, Shown)>, DiffError> {
    let mut surveyor = Surveyor {
        body,
        ignore,
        nodes: vec![Node { path: String::new(), shown: Shown::default(), around: 0 }],
        known: HashMap::new(),
        open: Vec::new(),
        member: None,
        outside: 0,
    };
    let mut machine = Machine::new();
    let (mut chunk, mut at) = (0, 0);
    while at < body.len() {
        if cancelled() {
            return Err(DiffError::Cancelled);
        }
        let part = body.piece_near(at, &mut chunk);
        let part = &part[..part.len().min(STRETCH)];
        if part.is_empty() || machine.run(part, &mut surveyor) != Outcome::Ate {
            return Err(DiffError::Unreadable);
        }
        at += wide(part.len());
    }
    machine.finish(&mut surveyor);
    let objects: Vec<u64> = surveyor.nodes.iter().map(|node| node.shown.types[ValueKind::Object as usize]).collect();
    let told = surveyor.nodes.into_iter().enumerate().map(|(place, node)| {
        let named = place > 0 && !node.path.ends_with(']') && !node.path.ends_with(DATA);
        let of = if named { objects[node.around] } else { 0 };
        let path = if place == 0 { ".".to_owned() } else { node.path };
        (path, Shown { of, ..node.shown })
    });
    Ok(told.collect())
}

/// A field.
struct Node {
    path: String,
    shown: Shown,
    /// The place of the field that holds it.
    around: usize,
}

struct Surveyor<'a> {
    body: &'a Body,
    ignore: &'a [String],
    nodes: Vec<Node>,
    /// The fields within each field by their names; items have none.
    known: HashMap<(usize, String), usize>,
    /// The containers that are open: the field of each, and whether it is an array.
    open: Vec<(usize, bool)>,
    /// The field of the member at hand; nothing for one that is left out.
    member: Option<usize>,
    /// How many containers that are left out are open.
    outside: usize,
}

impl Surveyor<'_> {
    /// The field of that name within a field.
    fn field(&mut self, around: usize, name: &str) -> usize {
        let key = (around, name.to_owned());
        if let Some(place) = self.known.get(&key) {
            return *place;
        }
        if self.nodes.len() >= MOST_FIELDS && !name.is_empty() && name != DATA {
            return self.field(around, DATA);
        }
        let mut path = self.nodes[around].path.clone();
        match name {
            "" => path.push_str(if path.is_empty() { ".[]" } else { "[]" }),
            DATA => path.push_str(".{…}"),
            name => push_member(&mut path, name),
        }
        let place = self.nodes.len();
        self.nodes.push(Node { path, shown: Shown::default(), around });
        self.known.insert(key, place);
        place
    }

    /// A value begins: the field that it belongs to, unless it is left out.
    fn value(&mut self, kind: ValueKind) -> Option<usize> {
        if self.outside > 0 {
            return None;
        }
        let place = match self.open.last() {
            None => Some(0),
            Some((around, true)) => {
                let around = *around;
                Some(self.field(around, ""))
            }
            Some((_, false)) => self.member,
        }?;
        let shown = &mut self.nodes[place].shown;
        shown.present += 1;
        shown.types[kind as usize] += 1;
        Some(place)
    }
}

impl Listener for Surveyor<'_> {
    fn row(&mut self, _: u64, _: Expect) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn key(&mut self, start: u64, end: u64) {
        let Some((around, _)) = self.open.last().copied().filter(|_| self.outside == 0) else {
            return;
        };
        let name = if end - start > wide(LONGEST_NAME) * 6 {
            DATA.to_owned()
        } else {
            decode_string(&self.body.read(start..end))
        };
        self.member = (!self.ignore.contains(&name))
            .then(|| self.field(around, if looks_like_data(&name) { DATA } else { &name }));
    }

    fn scalar(&mut self, _: u64, _: u64, kind: Scalar) {
        self.value(kind.into());
    }

    fn open(&mut self, _: u64, array: bool) -> ControlFlow<()> {
        let kind = if array { ValueKind::Array } else { ValueKind::Object };
        match self.value(kind) {
            Some(place) => self.open.push((place, array)),
            None => {
                self.outside += 1;
                self.open.push((0, array));
            }
        }
        ControlFlow::Continue(())
    }

    fn close(&mut self, _: u64, _: bool) -> Inside {
        self.open.pop();
        self.outside = self.outside.saturating_sub(1);
        match self.open.last() {
            Some((_, true)) => Inside::Array,
            Some(_) => Inside::Object,
            None => Inside::Top,
        }
    }
}

/// Whether a member's name is not what a field is called: an id, a number, an address or a sentence.
#[must_use]
pub fn looks_like_data(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$');
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let begins = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '$'));
    !begins || !name.chars().all(word) || digits > 3 || name.len() > LONGEST_NAME
}

#[cfg(test)]
mod tests {
    use super::FieldChange::{Added, Removed, Types};
    use super::*;
    use bytes::Bytes;

    fn look(left: &str, right: &str) -> ShapeDiff {
        let document = |text: &str| Document::from_bytes(Bytes::from(text.to_owned()));
        shape(&document(left), &document(right), &Options::default(), &|| false).unwrap()
    }

    fn told(shape: &ShapeDiff) -> Vec<String> {
        let side = |side: &Option<Shown>| side.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        shape.fields.iter().map(|own| format!("{} | {} | {}", own.path, side(&own.left), side(&own.right))).collect()
    }

    #[test]
    fn fields_are_counted_by_type_and_presence() {
        let shape = look(
            r#"{"data":[{"a":1,"b":null},{"a":"x","c":{"d":[1,2]}}]}"#,
            r#"{"data":[{"a":1,"b":null},{"a":2,"b":3}],"more":true}"#,
        );
        assert_eq!(
            told(&shape),
            [
                ". | object 1 | object 1",
                ".data | array 1 | array 1",
                ".data[] | object 2 | object 2",
                ".data[].a | number 1, string 1 | number 2",
                ".data[].b | null 1, missing in 1 of 2 | null 1, number 1",
                ".data[].c | object 1, missing in 1 of 2 | -",
                ".data[].c.d | array 1 | -",
                ".data[].c.d[] | number 2 | -",
                ".more | - | boolean 1",
            ]
        );
        let changes: Vec<_> = shape.fields.iter().map(Field::change).collect();
        let wanted =
            [None, None, None, Some(Types), Some(Types), Some(Removed), Some(Removed), Some(Removed), Some(Added)];
        assert_eq!(changes, wanted);
        assert!(look(r#"{"a":1}"#, r#"{"a":2}"#).is_same());
        let missing = look(r#"[{"a":1},{}]"#, r#"[{"a":1}]"#);
        assert_eq!(missing.differing().map(Field::change).collect::<Vec<_>>(), [Some(FieldChange::Presence)]);
    }

    #[test]
    fn names_that_are_data_are_hidden() {
        let shape =
            look(r#"{"cnry@x.example":1,"550e8400-e29b":2,"E10001":3,"Cnry Name":4,"plainName":5}"#, "CNRY text");
        assert_eq!(told(&shape), [". | object 1 | -", ".{…} | number 4 | -", ".plainName | number 1 | -"]);
        assert_eq!(shape.opaque, [false, true]);
        let many: String = (0..20_000).map(|n| format!("\"{}\":1,", "x".repeat(1 + n % 40))).collect();
        assert!(look(&format!("{{{many}\"y\":1}}"), "{}").fields.len() < 50);
    }

    #[test]
    fn what_is_left_out_by_wish_is_no_field() {
        let document = |text: &'static str| Document::from_bytes(Bytes::from_static(text.as_bytes()));
        let options = Options { ignore: vec!["b".to_owned()], ..Options::default() };
        let (left, right) = (document(r#"{"a":1,"b":{"c":[{"d":1}]},"e":2}"#), document(r#"{"a":1,"e":2}"#));
        let shape = shape(&left, &right, &options, &|| false).unwrap();
        assert!(shape.is_same() && shape.fields.len() == 3);
    }
}
