use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::document::cells;

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
        assert_eq!(records.at(document.body(), text.find("\"d\"").expect("d") as u64), Some(3));
    }
}

proptest! {
    #[test]
    fn records_are_those_of_the_list_however_long(lengths in proptest::collection::vec(prop_oneof![0_usize..40, 900..1100_usize, Just(3000_usize)], 0..80), pad in 0_usize..3) {
        let written: Vec<String> = lengths.iter().enumerate().map(|(n, length)| format!("{{\"n\":{n},\"s\":\"{}\"}}", "x".repeat(*length))).collect();
        let space = " ".repeat(pad);
        let text = format!("{{\"data\":[{space}{}{space}],\"pagination\":{{}}}}", written.join(&format!("{space},{space}")));
        let document = Document::from_bytes(Bytes::from(text.clone()));
        let list = document.list().expect("a list");
        let records = Records::all(&document, &list, &|| false);
        let body = document.body();
        prop_assert_eq!(records.len(), written.len() as u64);
        prop_assert!(records.memory() <= 64 + 4 * document.len() / STRIDE * 16);
        for (number, wanted) in written.iter().enumerate() {
            let exact = records.exact(body, number as u64).expect("a record");
            prop_assert_eq!(&*body.read(exact.clone()), wanted.as_bytes());
            prop_assert_eq!(records.at(body, exact.start), Some(number as u64));
            prop_assert_eq!(records.at(body, exact.end - 1), Some(number as u64));
        }
        for from in [0, 1, written.len() as u64 / 2] {
            let mut seen = Vec::new();
            records.each(body, from, &mut |number, text| {
                seen.push((number, String::from_utf8_lossy(text).into_owned()));
                ControlFlow::Continue(())
            });
            let wanted: Vec<(u64, String)> = written.iter().enumerate().skip(narrow(from)).map(|(n, text)| (n as u64, text.clone())).collect();
            prop_assert_eq!(seen, wanted);
        }
    }
}
