use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::document::{Document, Records};

#[test]
fn a_record_is_flattened() {
    let record = br#"{"id":"x", "n":{"a":1.10,"b":{"c":null}},"e":{},"l":[1,[2,3],{"x":1}],"none":[],"t":true,"k\u0065y":"\"}"}  ,"#;
    let shown: Vec<(String, CellKind, String)> = cells(record)
        .into_iter()
        .map(|cell| (cell.path, cell.kind, String::from_utf8_lossy(&record[cell.range]).into_owned()))
        .collect();
    let expected = [
        ("id", CellKind::String, r#""x""#),
        ("n.a", CellKind::Number, "1.10"),
        ("n.b.c", CellKind::Null, "null"),
        ("e", CellKind::Object, "{}"),
        ("l", CellKind::Array(3), r#"[1,[2,3],{"x":1}]"#),
        ("none", CellKind::Array(0), "[]"),
        ("t", CellKind::Bool, "true"),
        ("key", CellKind::String, r#""\"}""#),
    ];
    assert_eq!(shown, expected.map(|(path, kind, text)| (path.to_owned(), kind, text.to_owned())));
    for (path, kind, text) in expected {
        let (found, range) = cell_at(record, path).expect("there");
        assert_eq!((found, &record[range]), (kind, text.as_bytes()), "{path}");
    }
    assert_eq!(cell_at(record, "n.z"), None);
    assert_eq!(cells(b"17"), [Cell { path: String::new(), kind: CellKind::Number, range: 0..2 }]);
}

#[test]
fn names_with_dots_are_found_too() {
    let record = br#"{"a.b":{"c":1},"a":{"x":2}}"#;
    assert_eq!(cell_at(record, "a.b.c").map(|(_, range)| &record[range]), Some(&b"1"[..]));
    assert_eq!(cell_at(record, "a.x").map(|(_, range)| &record[range]), Some(&b"2"[..]));
}

proptest! {
    #[test]
    fn whatever_the_bytes_nothing_panics(bytes in proptest::collection::vec(
        prop_oneof![Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b'"'), Just(b'\\'), Just(b','), Just(b':'), Just(b'1'), Just(b' '), any::<u8>()], 0..60))
    {
        for cell in cells(&bytes) {
            prop_assert!(bytes.get(cell.range.clone()).is_some());
            prop_assert!(cell_at(&bytes, &cell.path).is_some() || cell.path.contains('.'));
        }
        let document = Document::from_bytes(Bytes::from(bytes));
        if let Some(list) = document.list() {
            let records = Records::all(&document, &list, &|| false);
            for number in 0..records.len() {
                prop_assert!(records.exact(document.body(), number).is_some());
            }
        }
    }
}
