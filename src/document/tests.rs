//! Documents as a whole, compared with a naive model, cut at any place and nested to any depth.

use super::*;
use MalformedReason as R;
use proptest::prelude::*;
use serde_json::Value;

/// A document whose chunks end at these places.
fn cut(text: &[u8], places: &[usize]) -> Document {
    let mut document = Document::new();
    let mut scanner = Scanner::new();
    let mut start = 0;
    for end in places.iter().copied().chain([text.len()]) {
        let chunk = Bytes::copy_from_slice(&text[start..end]);
        let piece = scanner.scan(&chunk);
        document.append(chunk, &piece);
        start = end;
    }
    document.finish(&scanner.finish());
    document
}

fn whole(text: impl AsRef<[u8]>) -> Document {
    Document::from_bytes(Bytes::copy_from_slice(text.as_ref()))
}

fn all_rows(document: &Document) -> Vec<Row> {
    document.rows(&Folds::new(), 0, usize::MAX)
}

fn raw(document: &Document, range: std::ops::Range<u64>) -> String {
    String::from_utf8_lossy(&document.body().read(range)).into_owned()
}

/// The tree as text, one row a line.
fn picture(document: &Document, rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str(&"  ".repeat(row.depth));
        if let Some(key) = &row.key {
            text.push_str(&raw(document, key.clone()));
            text.push_str(": ");
        }
        text.push_str(&match row.kind {
            RowKind::Open { array } => (if array { "[" } else { "{" }).to_owned(),
            RowKind::Close { array } => (if array { "]" } else { "}" }).to_owned(),
            RowKind::Empty { array } => (if array { "[]" } else { "{}" }).to_owned(),
            RowKind::Folded { array: true, children } => format!("[…{}]", children.unwrap()),
            RowKind::Folded { array: false, children } => format!("{{…{}}}", children.unwrap()),
            RowKind::Broken => format!("¿{}", raw(document, row.offset..row.end)),
            _ => raw(document, row.offset..row.end),
        });
        if row.comma {
            text.push(',');
        }
        text.push('\n');
    }
    text
}

fn draw(text: &str) -> String {
    let document = whole(text);
    picture(&document, &all_rows(&document))
}

const TRICKY: &[&str] = &[
    r#"{"a":1,"a":[true,false,null,{}],"b":{"c":[]},"":-0.10e+5}"#,
    "\u{FEFF} [ \"\\ud83d\\ude00\" , \"\\\\\" , \"\\\"\" ,\"é漢😀\" ] \n",
    "{\"a\" : 1}\n[2,\n3]\r\n\"four\"\n5\n\n",
    "[\"\\u12",
    "[1,2,tru3]",
    "{\"a\":1,}",
    "[1 2]",
    "\u{FEFF}",
    "\u{FEFF}x",
    "-",
    "12",
    "\"abc",
    "[1e400,1.10,100.00,-0,1E2,123456789012345678.99]",
    "[]x",
    "[1] [2]",
    "{\"a\"\n:\t[ ]\r,\"b\":{ }}",
];

#[test]
fn draws_rows() {
    assert_eq!(draw("12"), "12\n");
    assert_eq!(draw(" \"a\" "), "\"a\"\n");
    assert_eq!(draw("{ }"), "{}\n");
    assert_eq!(draw(""), "");
    assert_eq!(
        draw(TRICKY[0]),
        r#"{
  "a": 1,
  "a": [
    true,
    false,
    null,
    {}
  ],
  "b": {
    "c": []
  },
  "": -0.10e+5
}
"#
    );
    assert_eq!(draw(TRICKY[2]), "{\n  \"a\": 1\n}\n[\n  2,\n  3\n]\n\"four\"\n5\n");
    assert_eq!(draw("[1,2,tru3]"), "[\n  1,\n  2,\n  ¿tru3]\n");
    assert_eq!(draw("{\"a\":1,\"b\"x"), "{\n  \"a\": 1,\n  ¿\"b\"x\n");
    assert_eq!(draw("[1]x"), "[\n  1\n]\n¿x\n");
    assert_eq!(draw("[1,"), "[\n  1,\n  ¿\n");
    assert_eq!(draw("[1"), "[\n  ¿1\n");
    assert_eq!(draw("{\"a\": tr"), "{\n  \"a\": ¿tr\n");
    assert_eq!(draw("{\"a\""), "{\n  \"a\": ¿\n");
    assert_eq!(draw("{\"a\":[1,\"x"), "{\n  \"a\": [\n    1,\n    ¿\"x\n");
    assert_eq!(draw("<html>"), "¿<html>\n");
    // Numbers stay as written.
    for number in ["1.10", "100.00", "-0", "1E2", "1e400", "12345678901234567890123", "5e-324"] {
        assert_eq!(draw(number), format!("{number}\n"));
    }
}

#[test]
fn chunk_borders_change_nothing() {
    for text in TRICKY {
        let text = text.as_bytes();
        let expected = whole(text);
        let rows = all_rows(&expected);
        assert_eq!(rows.len() as u64, expected.row_count());
        for first in 0..=text.len() {
            for second in [first, (first + 1).min(text.len()), (first + 3).min(text.len())] {
                let document = cut(text, &[first, second]);
                assert_eq!(document.malformed(), expected.malformed());
                assert_eq!(document.kind(), expected.kind());
                assert_eq!(all_rows(&document), rows);
            }
        }
    }
}

#[test]
fn kinds() {
    let kind = |text: &[u8]| whole(text).kind();
    assert_eq!(kind(b""), Kind::Empty);
    assert_eq!(kind(b" \n"), Kind::Empty);
    assert_eq!(kind(b"12"), Kind::Json);
    assert_eq!(kind(b"{\"a\":1}\n"), Kind::Json);
    assert_eq!(kind(b"{\"a\":1}\n{\"a\":2}\n"), Kind::JsonLines);
    assert_eq!(kind(b"{\"a\":1}\nx"), Kind::Json);
    assert_eq!(kind(b"404 page not found"), Kind::Text);
    assert_eq!(kind(b"[error] it broke"), Kind::Text);
    assert_eq!(kind(b"<!doctype html>"), Kind::Text);
    assert_eq!(kind(b"a\0b"), Kind::Binary);
    assert_eq!(kind(b"\x89PNG\r\n\x1a\n\0\0"), Kind::Binary);
    assert_eq!(kind(b"\xFF\xFE[\0]\0"), Kind::Binary);
    assert_eq!(kind(b"[\"\xE9\xE8\xE7\"]"), Kind::Json);
    assert_eq!(whole(b"\xFF\xFE[\0]\0").encoding(), Encoding::Utf16Little);
    assert_eq!(whole(b"[\0]\0").encoding(), Encoding::Utf16Little);
    assert_eq!(whole(b"\0[\0]").encoding(), Encoding::Utf16Big);
    assert_eq!(whole(b"[\"\xE9\"]").encoding(), Encoding::Other);
    assert_eq!(whole("é".repeat(9000)).encoding(), Encoding::Utf8);
    assert_eq!(whole(b"\xEF\xBB\xBF{}").encoding(), Encoding::Utf8Mark);
    assert!(whole(b"\xEF\xBB\xBF{}").has_bom());
    assert!(whole(b"\xEF\xBB\xBF{}").malformed().is_none());
}

#[test]
fn strict_grammar() {
    let sound = [
        "[]",
        "{}",
        " [ ] ",
        "[0]",
        "[-0]",
        "[-0.0e-0]",
        "[1E+2]",
        "[1.5e3]",
        "[\"\\u0000\"]",
        "[\"\u{7f}\"]",
        "null",
        "true",
        "false",
        "\"\"",
        "[\"\\b\\f\\n\\r\\t\\/\\\\\\\"\"]",
        "{\"a\":{\"b\":[{}]}}",
        "[\"\\uD800\"]",
        "[[],[],{}]",
        "[1]\n[2]",
    ];
    for text in sound {
        assert_eq!(whole(text).malformed(), None, "{text}");
    }
    let broken = [
        ("[1,]", 3, R::TrailingComma),
        ("{\"a\":1,}", 7, R::TrailingComma),
        ("[,1]", 1, R::ExpectedValue),
        ("[1,,2]", 3, R::ExpectedValue),
        ("[1 2]", 3, R::ExpectedCommaOrBracket),
        ("[1}", 2, R::ExpectedCommaOrBracket),
        ("{\"a\":1]", 6, R::ExpectedCommaOrBrace),
        ("{\"a\" 1}", 5, R::ExpectedColon),
        ("{\"a\"}", 4, R::ExpectedColon),
        ("{\"a\":}", 5, R::ExpectedValue),
        ("{a:1}", 1, R::ExpectedKey),
        ("{1:1}", 1, R::ExpectedKey),
        ("{,}", 1, R::ExpectedKey),
        ("[01]", 2, R::LeadingZero),
        ("[-01]", 3, R::LeadingZero),
        ("[1.]", 3, R::BadNumber),
        ("[.5]", 1, R::ExpectedValue),
        ("[+1]", 1, R::ExpectedValue),
        ("[1e]", 3, R::BadNumber),
        ("[1e+]", 4, R::BadNumber),
        ("[-]", 2, R::BadNumber),
        ("[-a]", 2, R::BadNumber),
        ("[1a]", 2, R::ExpectedCommaOrBracket),
        ("[0x1]", 2, R::ExpectedCommaOrBracket),
        ("[NaN]", 1, R::ExpectedValue),
        ("[nul]", 4, R::BadLiteral),
        ("[truth]", 4, R::BadLiteral),
        ("[\"\t\"]", 2, R::ControlInString),
        ("[\"\n\"]", 2, R::ControlInString),
        ("[\"\\x\"]", 3, R::BadEscape),
        ("[\"\\u00G0\"]", 6, R::BadUnicodeEscape),
        ("[\u{c}]", 1, R::ExpectedValue),
        ("['a']", 1, R::ExpectedValue),
        ("[]]", 2, R::TrailingCharacters),
        ("{\"a\":true} \"x\"", 11, R::TrailingCharacters),
        ("[1]x", 3, R::TrailingCharacters),
        ("[][]", 2, R::TrailingCharacters),
        ("[1]\n,[2]", 4, R::TrailingCharacters),
        ("[\"a", 3, R::UnfinishedString),
        ("[\"a\\", 4, R::UnfinishedString),
        ("[1", 2, R::UnfinishedScalar),
        ("[1,", 3, R::UnfinishedContainer),
        ("{\"a\"", 4, R::UnfinishedContainer),
        ("-", 1, R::UnfinishedScalar),
        ("tru", 3, R::UnfinishedScalar),
        ("\u{FEFF}\u{FEFF}[]", 3, R::ExpectedValue),
    ];
    for (text, offset, reason) in broken {
        assert_eq!(whole(text).malformed(), Some(&Malformed { offset, reason }), "{text}");
        assert!(!reason.to_string().ends_with('.'));
    }
    assert!(whole(b"\xEF\xBB").malformed().is_some());
    assert!(whole(b"\xEF\xBB[]").malformed().is_some());
    assert!(whole(b"[\xFF]").malformed().is_some());
    assert!(whole(b"123\0").malformed().is_some());
}

/// Every row of a sound document must be found again by each of the ways that lead to it.
fn check_navigation(document: &Document, step: usize) {
    let rows = all_rows(document);
    assert_eq!(rows.len() as u64, document.row_count());
    let mut open: Vec<u64> = Vec::new();
    let mut closing = vec![None; rows.len()];
    for row in &rows {
        if let RowKind::Close { .. } = row.kind {
            let start = open.pop().unwrap();
            assert_eq!(row.partner, Some(start));
            closing[narrow(start)] = Some(row.row);
        }
        assert_eq!(row.parent, open.last().copied());
        assert_eq!(row.depth, open.len());
        if let RowKind::Open { .. } = row.kind {
            open.push(row.row);
        }
    }
    for (number, row) in rows.iter().enumerate().step_by(step) {
        assert_eq!(row.row, number as u64);
        assert_eq!(document.row(row.row).as_ref().map(|r| (r, r.comma)), Some((row, row.comma)));
        assert_eq!(document.closing_row(row.row), closing[number]);
        assert_eq!(document.row_at_offset(row.offset), Some(row.row));
        assert_eq!(document.row_at_offset(row.key.as_ref().map_or(row.offset, |key| key.start)), Some(row.row));
        let siblings: Vec<u64> = rows
            .iter()
            .filter(|other| other.parent == row.parent && !matches!(other.kind, RowKind::Close { .. }))
            .map(|other| other.row)
            .collect();
        let this = match row.kind {
            RowKind::Close { .. } => row.partner.unwrap(),
            _ => row.row,
        };
        let place = siblings.iter().position(|sibling| *sibling == this).unwrap();
        assert_eq!(row.index, Some(place as u64));
        assert_eq!(document.next_sibling(row.row), siblings.get(place + 1).copied());
        assert_eq!(document.previous_sibling(row.row), place.checked_sub(1).map(|before| siblings[before]));
        if let Some(close) = closing[number] {
            let children = rows[number + 1..narrow(close)]
                .iter()
                .filter(|other| other.parent == Some(row.row) && !matches!(other.kind, RowKind::Close { .. }))
                .count();
            assert_eq!(document.children(row.row), Some(children as u64));
        }
        let window = document.rows(&Folds::new(), row.row, 3);
        assert_eq!(window, rows[number..(number + 3).min(rows.len())]);
    }
}

/// Values, order and paths as `serde_json` sees them.
fn check_values(document: &Document, value: &Value, step: usize) {
    for row in all_rows(document).iter().step_by(step) {
        let pointer = document.path(row.row).pointer();
        let there = value.pointer(&pointer).unwrap();
        let text = document.body().read(row.offset..row.end);
        match row.kind {
            RowKind::Open { array } | RowKind::Close { array } => {
                assert_eq!(array, there.is_array());
                assert!(there.is_array() || there.is_object());
            }
            RowKind::Empty { .. } | RowKind::Number | RowKind::True | RowKind::False | RowKind::Null => {
                assert_eq!(&serde_json::from_slice::<Value>(&text).unwrap(), there);
            }
            RowKind::String => assert_eq!(decode_string(&text), there.as_str().unwrap()),
            RowKind::Folded { .. } | RowKind::Broken => unreachable!("nothing is folded or broken"),
        }
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((".{0,3}", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn agrees_with_serde(value in json(), pretty in any::<bool>(), places in proptest::collection::vec(any::<usize>(), 0..5)) {
        let text = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) }.unwrap();
        let mut places: Vec<usize> = places.iter().map(|place| place % (text.len() + 1)).collect();
        places.sort_unstable();
        let document = cut(&text, &places);
        prop_assert!(document.malformed().is_none());
        prop_assert_eq!(document.kind(), Kind::Json);
        check_navigation(&document, 1);
        check_values(&document, &value, 1);
    }

    #[test]
    fn no_bytes_are_too_strange(text in proptest::collection::vec(prop_oneof![
        proptest::sample::select(b"[]{},:\"\\ \n0123-.eEtfnu".to_vec()), any::<u8>()], 0..80)) {
        let document = whole(&text);
        let rows = all_rows(&document);
        prop_assert_eq!(rows.len() as u64, document.row_count());
        prop_assert_eq!(document.malformed().is_some(), rows.iter().any(|row| row.kind == RowKind::Broken));
        for row in &rows {
            prop_assert_eq!(document.row(row.row), Some(row.clone()));
            let _ = (document.path(row.row), document.next_sibling(row.row), document.previous_sibling(row.row));
            let _ = document.row_at_offset(row.offset);
        }
        let _ = (document.kind(), document.encoding(), document.fold_all(0, &|| false));
        // One value and no error: serde must agree, except about lone surrogates, huge numbers and broken UTF-8.
        if document.malformed().is_none() && document.documents() == 1 && text.is_ascii() && !text.contains(&b'u') {
            let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&text);
            let huge = serde_json::from_slice::<Value>(text).err().is_some_and(|error| error.to_string().contains("out of range"));
            prop_assert!(huge || serde_json::from_slice::<Value>(text).is_ok());
        }
        if let Ok(value) = serde_json::from_slice::<Value>(&text) {
            prop_assert!(document.malformed().is_none());
            // A repeated name has two rows and one value.
            if !value.to_string().contains('{') {
                check_values(&document, &value, 1);
            }
        }
    }
}

/// About `megabytes` / 10 of records such as an API answers.
fn employees(count: usize, pretty: bool) -> (Vec<u8>, Value) {
    let records: Vec<Value> = (0..count)
        .map(|n| {
            serde_json::json!({
                "id": format!("{n:08}-aaaa"), "name": "Åse \"Æ\" Øst", "tags": ["a", "b", []],
                "team": {"id": n, "lead": {"name": "x".repeat(n % 40)}, "none": {}}, "active": n % 2 == 0, "code": null,
            })
        })
        .collect();
    let value = serde_json::json!({"data": records, "pageInfo": {"total": count}});
    let text = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) };
    (text.unwrap(), value)
}

#[test]
fn many_checkpoints() {
    for pretty in [false, true] {
        let (text, value) = employees(600, pretty);
        let document = cut(&text, &[1000, 50_000, 50_001]);
        check_navigation(&document, 131);
        check_values(&document, &value, 131);
        assert!(document.index_memory() * 25 < document.len(), "{} of {}", document.index_memory(), document.len());
    }
}

#[test]
fn folded_rows_agree_with_leaving_rows_out() {
    let (text, _) = employees(300, false);
    let document = whole(&text);
    let rows = all_rows(&document);
    let opens = rows.iter().filter(|row| matches!(row.kind, RowKind::Open { .. }));
    let some: Vec<_> = opens
        .filter(|row| row.row % 7 == 3 || row.row == 1)
        .map(|row| (row.row, document.closing_row(row.row).unwrap()))
        .collect();
    let without_data = some.iter().copied().filter(|range| range.0 != 1);
    let choices = [
        Folds::from_ranges(some.iter().copied()),
        Folds::from_ranges(without_data),
        document.fold_all(0, &|| false),
        document.fold_all(1, &|| false),
        document.fold_all(2, &|| false),
        document.fold_all(3, &|| false),
        document.fold_all(99, &|| false),
    ];
    for folds in choices {
        let expected: Vec<u64> = (0..document.row_count()).filter(|row| !folds.is_hidden(*row)).collect();
        let seen = document.rows(&folds, 0, usize::MAX);
        assert_eq!(seen.iter().map(|row| row.row).collect::<Vec<_>>(), expected);
        assert_eq!(folds.visible_rows(document.row_count()), expected.len() as u64);
        for row in &seen {
            let plain = &rows[narrow(row.row)];
            if let RowKind::Folded { children, .. } = row.kind {
                assert!(folds.is_folded(row.row));
                assert_eq!(children, document.children(row.row));
                assert_eq!(row.partner, document.closing_row(row.row));
                let close = &rows[narrow(row.partner.unwrap())];
                assert_eq!((row.end, row.comma), (close.end, close.comma));
                assert_eq!((&row.key, row.depth, row.index), (&plain.key, plain.depth, plain.index));
            } else {
                assert_eq!(row, plain);
            }
        }
        for start in (0..expected.len()).step_by(53) {
            let window = document.rows(&folds, start as u64, 4);
            assert_eq!(window, seen[start..(start + 4).min(seen.len())]);
        }
    }
    // What is seen of it at once is what is seen in the end.
    let seen = document.fold_outermost(1).unwrap();
    assert_eq!(document.rows(&seen, 0, 99), document.rows(&document.fold_all(1, &|| false), 0, 99));
    let small = whole(r#"{"a":[1,[2]],"b":{}}"#);
    assert_eq!(
        picture(&small, &small.rows(&small.fold_all(1, &|| false), 0, 9)),
        "{\n  \"a\": […2],\n  \"b\": {}\n}\n"
    );
    assert_eq!(picture(&small, &small.rows(&small.fold_all(0, &|| false), 0, 9)), "{…2}\n");
}

#[test]
fn rows_are_there_while_bytes_arrive() {
    let (text, _) = employees(100, false);
    let expected = all_rows(&whole(&text));
    let mut document = Document::new();
    let mut scanner = Scanner::new();
    for chunk in text.chunks(997) {
        let chunk = Bytes::copy_from_slice(chunk);
        let piece = scanner.scan(&chunk);
        document.append(chunk, &piece);
        assert!(document.malformed().is_none() && !document.is_complete());
        let rows = all_rows(&document);
        assert_eq!(rows.len() as u64, document.row_count());
        let settled = rows.len() - 1;
        assert_eq!(rows[..settled], expected[..settled]);
        if document.len() < text.len() as u64 {
            assert_eq!(document.closing_row(0), None);
            assert_eq!(document.closing_row(1), None);
        }
        assert_eq!(document.row_at_offset(document.len() - 1).map(|row| row < document.row_count()), Some(true));
    }
}

#[test]
fn depth_is_only_memory() {
    const DEPTH: usize = 100_000;
    let last = DEPTH as u64 - 1;
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"k\":", "}]")] {
        let times = DEPTH / open.matches(['[', '{']).count();
        let unclosed = whole(open.repeat(times));
        assert_eq!(unclosed.row_count(), last + 2);
        assert_eq!(unclosed.kind(), Kind::Json);
        assert_eq!(unclosed.malformed().unwrap().reason, MalformedReason::UnfinishedContainer);
        assert_eq!(unclosed.rows(&Folds::new(), last, 5).len(), 2);
        assert_eq!(unclosed.closing_row(0), None);
        assert_eq!(unclosed.path(last).steps.len(), DEPTH - 1);

        let closed = whole(format!("{}1{}", open.repeat(times), close.repeat(times)));
        assert!(closed.malformed().is_none());
        assert_eq!(closed.row_count(), 2 * DEPTH as u64 + 1);
        assert_eq!(closed.row(DEPTH as u64).unwrap().depth, DEPTH);
        assert_eq!(closed.closing_row(0), Some(2 * DEPTH as u64));
        assert_eq!(closed.closing_row(last), Some(DEPTH as u64 + 1));
        assert_eq!(closed.parent(DEPTH as u64), Some(last));
        assert_eq!(closed.path(DEPTH as u64).steps.len(), DEPTH);
        let folds = closed.fold_all(0, &|| false);
        assert_eq!(folds.visible_rows(closed.row_count()), 1);
        assert_eq!(closed.rows(&folds, 0, 10).len(), 1);
        let outer = closed.fold_all(50, &|| false);
        assert_eq!(closed.rows(&outer, 0, 1000).len(), 101);
    }
}

#[test]
fn long_strings_are_jumped_over() {
    let long = "é\\n".repeat(100_000);
    let text = format!("{{\"{long}\":\"{long}\",\"b\":[\"{long}\",2]}}");
    let document = cut(text.as_bytes(), &[50_000, 399_999, 400_004, 800_009]);
    check_navigation(&document, 1);
    let row = document.row(1).unwrap();
    assert_eq!(row.end - row.offset, long.len() as u64 + 2);
    assert_eq!(raw(&document, document.row(4).map(|row| row.offset..row.end).unwrap()), "2");
}

#[test]
fn several_documents_number_their_paths() {
    let document = whole("{\"a\":[1]}\n{\"a\":[2]}\n3\n");
    let path = document.path(7);
    assert_eq!((path.document, path.jq()), (1, ".a[0]".to_owned()));
    assert_eq!(document.path(5).document, 1);
    let top = document.path(10);
    assert_eq!((top.document, top.jq()), (2, ".".to_owned()));
    assert_eq!(document.next_sibling(0), Some(5));
    assert_eq!(document.previous_sibling(10), Some(5));
}

#[test]
fn clones_share_and_are_independent() {
    let mut document = Document::new();
    let mut scanner = Scanner::new();
    let piece = scanner.scan(b"[1,");
    document.append(Bytes::from_static(b"[1,"), &piece);
    let before = document.clone();
    let piece = scanner.scan(b"2]");
    document.append(Bytes::from_static(b"2]"), &piece);
    document.finish(&scanner.finish());
    assert_eq!((before.row_count(), document.row_count()), (2, 4));
    assert_ne!(before, document);
    assert_eq!(
        format!("{document:?}"),
        "Document { body: Body { len: 5, chunks: 1, .. }, rows: 4, complete: true, malformed: None, .. }"
    );
}
