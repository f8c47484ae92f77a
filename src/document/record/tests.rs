use bytes::Bytes;
use proptest::prelude::*;

use super::*;

fn document(text: &str) -> Document {
    Document::from_bytes(Bytes::copy_from_slice(text.as_bytes()))
}

fn texts(text: &str) -> Option<(Option<String>, Vec<String>)> {
    let document = document(text);
    let list = document.list()?;
    let records = Records::all(&document, &list, &|| false);
    let body = document.body();
    let all = (0..records.len()).map(|number| {
        let exact = records.exact(body, number).expect("a record");
        String::from_utf8(body.read(exact).into_owned()).expect("UTF-8")
    });
    let all = all.collect();
    Some((list.member, all))
}

#[test]
fn a_list_is_found_where_it_stands() {
    let data = |name: &str, records: &[&str]| {
        Some((Some(name.to_owned()), records.iter().map(ToString::to_string).collect::<Vec<_>>()))
    };
    assert_eq!(
        texts(r#"{"data": [ {"a":1} , {"b":[{}]} ], "pagination": {"x": [{}]}}"#),
        data("data", &[r#"{"a":1}"#, r#"{"b":[{}]}"#])
    );
    assert_eq!(texts(r#"{"pagination":{},"data":[{"a":1}]}"#), data("data", &[r#"{"a":1}"#]));
    assert_eq!(texts(r#"{"data":[],"pagination":{}}"#), data("data", &[]));
    assert_eq!(texts(r#"{"metadata":{"n":1},"employees":[{"id":"x"}]}"#), data("employees", &[r#"{"id":"x"}"#]));
    assert_eq!(texts(r#"[{"a":1},{"a":2}]"#), Some((None, vec![r#"{"a":1}"#.into(), r#"{"a":2}"#.into()])));
    let lines = "{\"a\":1}\n{\"a\":2}\n";
    assert_eq!(texts(lines), Some((None, vec![r#"{"a":1}"#.into(), r#"{"a":2}"#.into()])));
    let none = [
        r#"{"data":{"id":"x","tags":[{"t":1}]}}"#,
        r#"{"id":"x","tags":[{"t":1}]}"#,
        r#"{"a":[{}],"b":[{}]}"#,
        r#"{"data":["a","b"]}"#,
        r"[1,2]",
        r#""text""#,
        "{}",
        "",
    ];
    for text in none {
        assert_eq!(texts(text), None, "{text}");
    }
}

#[test]
fn records_are_found_while_they_arrive() {
    let text = r#"{"data":[{"a":"x,]}"},{"b":{"c":[1,2]}} ,null,{"d":1}],"pagination":{"hasNextPage":false}}"#;
    for cut in 1..text.len() {
        let mut scanner = crate::document::Scanner::new();
        let mut document = Document::new();
        let mut records: Option<Records> = None;
        for chunk in text.as_bytes().chunks(cut) {
            let piece = scanner.scan(chunk);
            document.append(Bytes::copy_from_slice(chunk), &piece);
            if records.is_none() {
                records = document.list().map(|list| Records::new(&list));
            }
            if let Some(records) = &mut records {
                while records.read_on(document.body(), 7, &|| false) {}
                for number in 0..records.len() {
                    assert!(!cells(&records.text(document.body(), number)).is_empty());
                }
            }
        }
        let records = records.expect("a list");
        assert_eq!(records.len(), 4, "in pieces of {cut}");
        let third = records.exact(document.body(), 2).expect("the third");
        assert_eq!(&*document.body().read(third), b"null");
        assert_eq!(records.at(text.find("\"d\"").expect("d") as u64), Some(3));
    }
}

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
