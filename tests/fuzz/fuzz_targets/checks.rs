//! What must hold of every body.

use std::collections::HashSet;

use bytes::Bytes;
use pleoscope::document::{
    Document, Folds, Hit, Kind, Query, Row, RowKind, Scanner, Scope, Segment, Step, decode_string, displayable,
    displayable_bytes, displayable_string, examine, find_all, minified, pretty, slice, slice_columns, truncate, width,
    wrap_at, wrap_back, wrap_end, wrap_forward,
};
use serde_json::Value;

use crate::Recipe;

/// Rows, lines and places looked at one by one.
const PICKS: usize = 24;

/// Checks everything.
pub fn all(recipe: &Recipe) {
    let whole = Document::from_bytes(recipe.text.clone());
    let rows = whole.rows(&Folds::new(), 0, usize::MAX);
    let cut = arrived(recipe, &rows, whole.malformed().is_none());
    assert_eq!(cut.malformed(), whole.malformed());
    assert_eq!((cut.kind(), cut.encoding(), cut.documents()), (whole.kind(), whole.encoding(), whole.documents()));
    assert_eq!(cut.row_count(), whole.row_count());
    assert_eq!(cut.rows(&Folds::new(), 0, usize::MAX), rows);
    assert_eq!(rows.len() as u64, whole.row_count());
    assert_eq!(whole.malformed().is_some(), rows.iter().any(|row| row.kind == RowKind::Broken));
    navigation(&cut, &whole, &rows);
    folded(recipe, &cut, &rows);
    written(&cut, &rows);
    sought(recipe, &cut, &whole);
    wrapped(recipe, &cut, &whole);
    lined(recipe, &cut);
    examined(&cut, &whole, &rows, recipe);
    drawn(recipe, &cut, &rows);
    judged(recipe, &cut, &rows);
}

fn picks(count: usize) -> impl Iterator<Item = usize> {
    (0..count).step_by((count / PICKS).max(1))
}

/// The document of the chunks, looked at after each of them.
fn arrived(recipe: &Recipe, expected: &[Row], sound: bool) -> Document {
    let (mut document, mut scanner, mut start) = (Document::new(), Scanner::new(), 0);
    for end in recipe.cuts.iter().copied().chain([recipe.text.len()]) {
        // Its own storage: joined or not, the bytes must be the same.
        let chunk = Bytes::copy_from_slice(&recipe.text[start..end]);
        let piece = scanner.scan(&chunk);
        document.append(chunk, &piece);
        start = end;
        let count = document.row_count();
        let last = document.rows(&Folds::new(), count.saturating_sub(3), 4);
        assert!(last.len() as u64 <= count.min(4) + 1);
        for row in last.iter().take(last.len().saturating_sub(1)).filter(|_| sound) {
            assert_eq!(Some(row), expected.get(usize::try_from(row.row).unwrap()));
        }
        let _ = (document.kind(), document.path(count / 2), document.closing_row(0), document.fold_all(0, &|| false));
        let at = document.row_at_offset(document.len() / 2);
        assert!(at.is_none_or(|row| row < count));
    }
    document.finish(&scanner.finish());
    document
}

fn navigation(cut: &Document, whole: &Document, rows: &[Row]) {
    let sound = whole.malformed().is_none();
    for number in picks(rows.len()) {
        let row = &rows[number];
        assert_eq!(row.row, number as u64);
        assert_eq!(cut.row(row.row).as_ref(), Some(row));
        assert_eq!(cut.rows(&Folds::new(), row.row, 3), rows[number..(number + 3).min(rows.len())]);
        assert_eq!(cut.parent(row.row), row.parent);
        assert_eq!(cut.path(row.row), whole.path(row.row));
        assert_eq!(cut.container_end(row.row), whole.container_end(row.row));
        if row.kind != RowKind::Broken {
            assert_eq!(cut.row_at_offset(row.offset), Some(row.row));
        }
        let closing = cut.closing_row(row.row);
        if let Some(closing) = closing {
            assert_eq!(cut.opening_row(closing), Some(row.row));
            assert!(cut.children(row.row).is_some_and(|children| children > 0));
        }
        let this = if matches!(row.kind, RowKind::Close { .. }) { row.partner.unwrap() } else { row.row };
        if let Some(next) = cut.next_sibling(row.row) {
            assert_eq!(cut.previous_sibling(next), Some(this));
            assert_eq!(rows[usize::try_from(next).unwrap()].parent, row.parent);
        }
        if let Some(previous) = cut.previous_sibling(row.row) {
            assert_eq!(cut.next_sibling(previous), Some(this));
        }
        if sound && matches!(row.kind, RowKind::Open { .. }) {
            assert!(closing.is_some());
        }
    }
    for place in picks(rows.len()) {
        let _ = cut.row_at_offset(place as u64 * 7);
    }
}

fn folded(recipe: &Recipe, document: &Document, rows: &[Row]) {
    let opens = rows.iter().filter(|row| matches!(row.kind, RowKind::Open { .. }));
    let chosen = opens.enumerate().filter(|(number, _)| recipe.chosen >> (number % 64) & 1 == 1).take(2 * PICKS);
    let chosen: Vec<_> = chosen.filter_map(|(_, row)| Some((row.row, document.closing_row(row.row)?))).collect();
    let total = document.row_count();
    let levels = [0, 1, 2].map(|level| document.fold_all(level, &|| false));
    for folds in levels.into_iter().chain([Folds::from_ranges(chosen)]) {
        let expected: Vec<u64> = (0..total).filter(|row| !folds.is_hidden(*row)).collect();
        assert_eq!(folds.visible_rows(total), expected.len() as u64);
        let seen = document.rows(&folds, 0, usize::MAX);
        assert_eq!(seen.iter().map(|row| row.row).collect::<Vec<_>>(), expected);
        for number in picks(expected.len()) {
            let visible = number as u64;
            assert_eq!(folds.to_document(visible), expected[number]);
            assert_eq!(folds.to_visible(expected[number]), visible);
            let window = document.rows(&folds, visible, 4);
            assert_eq!(window, seen[number..(number + 4).min(seen.len())]);
        }
        for row in seen.iter().filter(|row| matches!(row.kind, RowKind::Folded { .. })).take(PICKS) {
            assert_eq!(row.partner, document.closing_row(row.row));
            assert!(matches!(row.kind, RowKind::Folded { children, .. } if children == document.children(row.row)));
        }
    }
}

/// What is written indented is the same document.
fn written(document: &Document, rows: &[Row]) {
    // Every row is indented: of deep documents that would be much.
    if rows.len() > 5_000 {
        return;
    }
    let mut text = Vec::new();
    let written: Result<(), ()> = pretty(document, &mut |part| {
        text.extend_from_slice(part);
        Ok(())
    });
    assert_eq!(written, Ok(()));
    if document.malformed().is_some() || !matches!(document.kind(), Kind::Json | Kind::JsonLines) {
        return;
    }
    same(document, rows, &Document::from_bytes(text.into()));
    let mut text = Vec::new();
    let written: Result<(), ()> = minified(document, &mut |part| {
        text.extend_from_slice(part);
        Ok(())
    });
    assert_eq!(written, Ok(()));
    same(document, rows, &Document::from_bytes(text.into()));
}

fn same(document: &Document, rows: &[Row], again: &Document) {
    assert_eq!((again.malformed(), again.documents()), (None, document.documents()));
    let others = again.rows(&Folds::new(), 0, usize::MAX);
    assert_eq!(others.len(), rows.len());
    let value = |document: &Document, row: &Row| match row.kind {
        RowKind::Empty { .. } => Vec::new(),
        _ => document.body().read(row.offset..row.end).into_owned(),
    };
    let key = |document: &Document, row: &Row| row.key.clone().map(|key| document.body().read(key).into_owned());
    for (row, other) in rows.iter().zip(&others) {
        assert_eq!((row.kind, row.depth, row.index, row.comma), (other.kind, other.depth, other.index, other.comma));
        assert_eq!(value(document, row), value(again, other));
        assert_eq!(key(document, row), key(again, other));
    }
}

fn sought(recipe: &Recipe, cut: &Document, whole: &Document) {
    let (at, length) = recipe.sought;
    let bytes = &recipe.text[at..recipe.text.len().min(at + length)];
    let text = String::from_utf8_lossy(bytes);
    for text in [text.as_ref(), text.to_lowercase().as_str()] {
        let query = Query::new(text);
        let hits = found(cut, &query);
        assert_eq!(hits, found(whole, &query));
        assert!(hits.windows(2).all(|pair| pair[0].end <= pair[1].start));
        assert!(hits.iter().all(|hit| hit.start < hit.end && hit.end <= cut.len()));
        let (keys, values) = (Scope::Keys, Scope::Values);
        for scope in [keys, values] {
            let scoped = found(cut, &Query { scope, ..query.clone() });
            assert!(scoped.iter().all(|hit| hits.binary_search_by_key(&hit.start, |hit| hit.start).is_ok()));
        }
        let plain = |c: char| c.is_ascii() && !c.is_ascii_control() && !"\"\\/".contains(c);
        if !text.is_empty()
            && text.chars().all(plain)
            && (text.contains(char::is_uppercase) || !text.contains(char::is_alphabetic))
        {
            let naive = naive(&recipe.text, text.as_bytes());
            assert_eq!(hits.iter().map(|hit| hit.start).collect::<Vec<_>>(), naive);
        }
    }
}

fn found(document: &Document, query: &Query) -> Vec<Hit> {
    let mut hits = Vec::new();
    let finder = query.finder().unwrap();
    find_all(document.body(), &finder, &|| false, &mut |_, mut more| hits.append(&mut more));
    hits
}

fn naive(text: &[u8], sought: &[u8]) -> Vec<u64> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at + sought.len() <= text.len() {
        if text[at..].starts_with(sought) {
            found.push(at as u64);
            at += sought.len();
        } else {
            at += 1;
        }
    }
    found
}

/// Down row by row and back from every row meets the same rows, and no byte is lost.
fn wrapped(recipe: &Recipe, cut: &Document, whole: &Document) {
    let (columns, body) = (recipe.columns, cut.body());
    let lines = wrap_forward(body, 0, columns, usize::MAX);
    assert_eq!(lines, wrap_forward(whole.body(), 0, columns, usize::MAX));
    let mut expected = 0;
    for line in &lines {
        assert_eq!(line.start, expected);
        assert!(line.next > line.start && line.end <= line.next);
        assert!(matches!(&*body.read(line.end..line.next), b"" | b"\n" | b"\r\n"));
        expected = line.next;
    }
    assert_eq!(expected, body.len());
    // Going back re-reads up to an anchor, with one column many rows.
    for number in picks(lines.len()).step_by(8) {
        let from = lines[number].start;
        for back in [0, 1, 5] {
            assert_eq!(wrap_back(body, from, columns, back), lines[number.saturating_sub(back)].start);
        }
        assert_eq!(wrap_at(body, from, columns), from);
        assert_eq!(wrap_at(body, lines[number].next - 1, columns), from);
    }
    let last = lines.len().saturating_sub(4);
    assert_eq!(wrap_end(body, columns, 4), lines.get(last).map_or(0, |line| line.start));
}

/// Lines, by number and by byte.
fn lined(recipe: &Recipe, document: &Document) {
    let (text, body) = (&recipe.text[..], document.body());
    let ends: Vec<usize> = (0..text.len()).filter(|at| text[*at] == b'\n').collect();
    assert_eq!(body.breaks(), ends.len() as u64);
    assert_eq!(body.lines(), (ends.len() + usize::from(!text.is_empty() && !text.ends_with(b"\n"))) as u64);
    for at in picks(text.len()) {
        let line = ends.partition_point(|end| *end < at);
        assert_eq!(body.line_at(at as u64), line as u64);
        let start = line.checked_sub(1).map_or(0, |before| ends[before] + 1);
        assert_eq!(body.line_start(line as u64), start as u64);
        let end = body.line_end(at as u64);
        assert_eq!(end, ends.get(line).copied().unwrap_or(text.len()) as u64);
    }
}

/// Names that stand twice, bytes that are no UTF-8, whole values, and the way back from a path.
fn examined(cut: &Document, whole: &Document, rows: &[Row], recipe: &Recipe) {
    let found = examine(cut.body(), None, &|| false);
    assert_eq!(found, examine(whole.body(), None, &|| false));
    let broken = str::from_utf8(&recipe.text).err().map(|error| error.valid_up_to() as u64);
    assert_eq!(found.not_utf8, broken);
    let sound = cut.malformed().is_none();
    let name = |row: &Row| row.key.clone().map(|key| decode_string(&cut.body().read(key)));
    if sound {
        let mut names = HashSet::new();
        let repeated = rows.iter().filter(|row| name(row).is_some_and(|name| !names.insert((row.parent, name))));
        assert_eq!(found.repeated, repeated.count() as u64);
    }
    for number in picks(rows.len()) {
        let row = &rows[number];
        let Some(range) = cut.value_range(row.row) else {
            assert!(!sound);
            continue;
        };
        if row.kind != RowKind::Broken {
            let value = Document::from_bytes(slice(cut.body(), range).read(0..u64::MAX).into_owned().into());
            assert_eq!(value.malformed(), None);
            assert_eq!(value.documents(), 1);
        }
        let path = cut.path(row.row);
        // A path is text: a name that is no UTF-8 has none that leads back.
        if sound && found.not_utf8.is_none() && found.repeated == 0 && path.steps.len() < 200 {
            let segments: Vec<Segment> = path.steps.iter().map(segment).collect();
            let this = if matches!(row.kind, RowKind::Close { .. }) { row.partner.unwrap() } else { row.row };
            assert_eq!(cut.find_path(path.document, &segments, &|| false), Ok(this));
        }
    }
}

fn segment(step: &Step) -> Segment {
    match step {
        Step::Key(name) => Segment::Key(name.clone()),
        Step::Index(number) => Segment::Index(*number),
    }
}

/// Whatever is drawn steers nothing and is as wide as it says.
fn drawn(recipe: &Recipe, document: &Document, rows: &[Row]) {
    let harmless = |text: &str| {
        assert!(
            !text.contains(|c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'))
        );
        let cut = truncate(text, recipe.columns);
        assert!(width(&cut) <= recipe.columns);
        assert!(width(&slice_columns(text, recipe.columns / 2, recipe.columns)) <= recipe.columns);
    };
    let head = &recipe.text[..recipe.text.len().min(4096)];
    harmless(&displayable_bytes(head));
    harmless(&displayable(&String::from_utf8_lossy(head)));
    for number in picks(rows.len()) {
        let row = &rows[number];
        for range in [Some(row.offset..row.end), row.key.clone()].into_iter().flatten() {
            let range = range.start..range.end.min(range.start + 2000);
            let raw = document.body().read(range);
            harmless(&displayable_string(&raw));
            harmless(&displayable_bytes(&raw));
            let _ = decode_string(&raw[raw.len() / 3..]);
        }
    }
}

/// What is JSON, and what its values are, as `serde_json` sees it.
fn judged(recipe: &Recipe, document: &Document, rows: &[Row]) {
    let text = recipe.text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&recipe.text);
    match serde_json::from_slice::<Value>(text) {
        Ok(value) => {
            assert_eq!(document.malformed(), None);
            values(document, rows, &value);
        }
        // It takes no lone surrogates, no bytes that are no UTF-8, no number that is too large, and little depth.
        Err(error) if document.malformed().is_none() && document.documents() == 1 => {
            let error = error.to_string();
            let known = ["out of range", "recursion limit", "surrogate", "unicode code point", "hex escape"];
            assert!(known.iter().any(|known| error.contains(known)) || str::from_utf8(text).is_err(), "{error}");
        }
        Err(_) => {}
    }
}

fn values(document: &Document, rows: &[Row], value: &Value) {
    // A name that stands twice in an object has two rows and one value.
    let mut names = HashSet::new();
    for row in rows {
        if let Some(key) = &row.key
            && !names.insert((row.parent, decode_string(&document.body().read(key.clone()))))
        {
            return;
        }
    }
    for number in picks(rows.len()) {
        let row = &rows[number];
        let there = value.pointer(&document.path(row.row).pointer()).unwrap();
        let text = document.body().read(row.offset..row.end);
        match row.kind {
            RowKind::Open { array } | RowKind::Close { array } | RowKind::Empty { array } => {
                assert_eq!((array, !array), (there.is_array(), there.is_object()));
            }
            RowKind::String => assert_eq!(decode_string(&text), there.as_str().unwrap()),
            _ => assert_eq!(&serde_json::from_slice::<Value>(&text).unwrap(), there),
        }
    }
}
