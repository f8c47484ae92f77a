use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::walk::{DEEPEST, MOST};
use super::*;

fn document(text: &str) -> Document {
    Document::from_bytes(Bytes::from(text.to_owned()))
}

fn look(left: &str, right: &str) -> Diff {
    with(left, right, &Options::default())
}

fn with(left: &str, right: &str, options: &Options) -> Diff {
    diff(&document(left), &document(right), options, &|| false).unwrap()
}

/// Each difference as one line: its mark, its path, what stands left and right as sent.
fn told(left: &str, right: &str, diff: &Diff) -> Vec<String> {
    let text = |whole: &str, side: &Option<Side>| {
        side.as_ref().map_or("-".to_owned(), |side| {
            whole[usize::try_from(side.range.start).unwrap()..usize::try_from(side.range.end).unwrap()].to_owned()
        })
    };
    let line = |own: &Difference| {
        let mark = match own.outcome {
            Outcome::Added => '+',
            Outcome::Removed => '-',
            Outcome::Changed => '~',
            Outcome::TypeChanged => '!',
        };
        format!("{mark} {} {} {}", own.path_text(), text(left, &own.left), text(right, &own.right))
    };
    diff.differences.iter().map(line).collect()
}

fn lines(left: &str, right: &str) -> Vec<String> {
    told(left, right, &look(left, right))
}

#[test]
fn members_and_items_are_compared_where_they_stand() {
    let left = r#"{"a":1, "b":{"x":[1,2,3]}, "c":null, "d":"s", "gone":true}"#;
    let right = "{\"d\":\"s\",\n\"c\":0,\"b\":{\"x\":[1,5]},\"a\":1.0,\"new\":{\"k\":1}}";
    assert_eq!(
        lines(left, right),
        ["~ .b.x[1] 2 5", "- .b.x[2] 3 -", "! .c null 0", "- .gone true -", "+ .new - {\"k\":1}"]
    );
    assert_eq!(look(left, right).counts, Counts { added: 1, removed: 2, changed: 1, types: 1 });
    assert_eq!(lines("1.10", "1.1"), [""; 0]);
    assert_eq!(lines("1.10", "1.11"), ["~ . 1.10 1.11"]);
    assert_eq!(lines("[1]", "{}"), ["! . [1] {}"]);
    assert_eq!(lines("[]", "[[]]"), ["+ .[0] - []"]);
    assert_eq!(lines(r#"{"a b":"x"}"#, r#"{"a b":"y"}"#), [r#"~ .["a b"] "x" "y""#]);
}

#[test]
fn records_are_aligned_by_the_key_that_brings_most_together() {
    let left =
        r#"{"data":[{"id":"1","email":"a@x","n":1},{"id":"2","email":"b@x","n":2},{"id":"3","email":"c@x","n":3}]}"#;
    let right =
        r#"{"data":[{"id":"9","email":"c@x","n":3},{"id":"1","email":"b@x","n":"2"},{"id":"7","email":"d@x"}]}"#;
    assert_eq!(
        lines(left, right),
        [
            r#"- .data[email=a@x] {"id":"1","email":"a@x","n":1} -"#,
            r#"~ .data[email=b@x].id "2" "1""#,
            r#"! .data[email=b@x].n 2 "2""#,
            r#"~ .data[email=c@x].id "3" "9""#,
            r#"+ .data[email=d@x] - {"id":"7","email":"d@x"}"#,
        ]
    );
    let list = look(left, right).list.unwrap();
    assert_eq!((list.member.as_deref(), list.key.as_deref(), list.given), (Some("data"), Some("email"), false));
    assert_eq!((list.records, list.same, list.changed, list.alone), ([3, 3], 0, 2, [1, 1]));
    assert_eq!(list.reasons(["L", "R"]), ["Aligned by email: 2 of its values are on both sides (id 1, code 0)."]);
    let options = Options { key: Some("id".to_owned()), ignore: vec!["n".to_owned()], ..Options::default() };
    let by_id = with(left, right, &options);
    assert_eq!(
        by_id.list.as_ref().unwrap().reasons(["L", "R"]),
        ["Aligned by id, as asked: 1 of its values are on both sides."]
    );
    assert_eq!(by_id.ignored, [("n".to_owned(), 5)]);
    assert_eq!(told(left, right, &by_id)[0], r#"~ .data[id=1].email "a@x" "b@x""#);
}

#[test]
fn a_key_may_lie_deeper_and_records_without_it_or_with_one_twice_are_not_lost() {
    let left = r#"[{"who":{"mail":"a"},"n":1},{"n":2},{"who":{"mail":"b"},"n":3},{"who":{"mail":"b"},"n":4},5]"#;
    let right = r#"[{"n":9},{"who":{"mail":"b"},"n":3},{"who":{"mail":"a"},"n":1},{"who":null,"n":7},{"who":{"mail":"b"},"n":0},{"who":{"mail":"b"}}]"#;
    let options = Options { key: Some("who.mail".to_owned()), ..Options::default() };
    let diff = with(left, right, &options);
    assert_eq!(
        told(left, right, &diff),
        [
            "~ .[no who.mail, 1|0].n 2 9",
            "~ .[who.mail=b].n 4 0",
            "! .[no who.mail, 4|3] 5 {\"who\":null,\"n\":7}",
            "+ .[who.mail=b] - {\"who\":{\"mail\":\"b\"}}",
        ]
    );
    let list = diff.list.unwrap();
    assert_eq!((list.same, list.changed, list.alone), (2, 3, [0, 1]));
    assert_eq!(
        list.reasons(["L", "R"]),
        [
            "Aligned by who.mail, as asked: 2 of its values are on both sides.",
            "L: 2 without who.mail, aligned by position.",
            "L: 2 share their who.mail, aligned by position within it.",
            "R: 2 without who.mail, aligned by position.",
            "R: 3 share their who.mail, aligned by position within it.",
        ]
    );
}

#[test]
fn lists_are_found_under_any_name_and_on_lines() {
    let legacy = |n: u8| format!(r#"{{"expenses":[{{"id":"a","n":{n}}}],"meta":{{"total":1}}}}"#);
    assert_eq!(lines(&legacy(1), &legacy(2)), ["~ .expenses[id=a].n 1 2"]);
    let (one, other) = ("{\"id\":1,\"n\":1}\n{\"id\":2,\"n\":2}\n", "{\"id\":2,\"n\":3}\n{\"id\":1,\"n\":1}\n");
    assert_eq!(lines(one, other), ["~ .[id=2].n 2 3"]);
    assert_eq!(lines("{\"id\":1}\n{\"id\":2}", "{\"id\":1}"), ["- .[id=2] {\"id\":2} -"]);
    let none = r#"{"data":[{"x":1},{"x":2}]}"#;
    let diff = look(none, r#"{"data":[{"x":1},{"x":3}]}"#);
    assert_eq!(told(none, r#"{"data":[{"x":1},{"x":3}]}"#, &diff), ["~ .data[1].x 2 3"]);
    assert_eq!(diff.list.unwrap().reasons(["L", "R"]), ["Aligned by position: no record has id, code, email."]);
    assert_eq!(lines(r#"{"data":[]}"#, r#"{"data":[{"id":"x"}]}"#), [r#"+ .data[id=x] - {"id":"x"}"#]);
    assert_eq!(look(r#"{"data":[{}]}"#, r#"{"data":{}}"#).list, None);
}

#[test]
fn volatile_members_are_left_out_and_counted_unless_asked_for() {
    let left = r#"{"data":[{"id":1,"updatedAt":"a","url":"https://x/?X-Amz-Signature=1","deep":{"createdAt":{"createdAt":1}}}]}"#;
    let right =
        r#"{"data":[{"id":1,"updatedAt":"b","url":"https://x/?X-Amz-Signature=2"},{"id":2,"url":"https://x/plain"}]}"#;
    let diff = look(left, right);
    assert_eq!(
        told(left, right, &diff),
        [
            r#"- .data[id=1].deep {"createdAt":{"createdAt":1}} -"#,
            r#"+ .data[id=2] - {"id":2,"url":"https://x/plain"}"#
        ]
    );
    let ignored = [("createdAt", 1), ("updatedAt", 2), ("url", 2)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(diff.ignored, ignored);
    let all = with(left, right, &Options { volatile: false, ..Options::default() });
    assert_eq!((all.counts.all(), all.ignored.len()), (4, 0));
    assert_eq!(lines(r#"{"url":"https://x/1"}"#, r#"{"url":"https://x/2"}"#).len(), 1, "a plain link counts");
}

#[test]
fn a_path_that_is_too_long_keeps_its_end_and_the_beginning_of_its_key() {
    let left = r#"{"data":[{"email":"anna.virtanen@nordwind.example","job":{"title":1}}]}"#;
    let right = r#"{"data":[{"email":"anna.virtanen@nordwind.example","job":{"title":2}}]}"#;
    let own = &look(left, right).differences[0];
    assert_eq!(own.path_within(80), ".data[email=anna.virtanen@nordwind.example].job.title");
    assert_eq!(own.path_within(30), "[anna.virtanen@nor…].job.title");
    assert_eq!(own.path_within(12), "[anna.…].jo…");
}

#[test]
fn what_is_no_json_is_compared_byte_by_byte() {
    assert_eq!(look("<html>", "<html>").counts.all(), 0);
    let diff = look("<html>", r#"{"a":1}"#);
    assert_eq!(diff.opaque, [true, false]);
    assert_eq!(diff.differences[0].outcome, Outcome::Changed);
    assert_eq!(look("", "").counts.all(), 0);
    assert_eq!(look("", "{}").counts.added, 1);
    assert_eq!(look(r#"{"a":1"#, r#"{"a":2"#).counts.changed, 1, "a broken body is not looked into");
}

#[test]
fn depth_breadth_and_stopping_have_bounds() {
    let deep = |n: u8| format!("{}{n}{}", "[".repeat(100_000), "]".repeat(100_000));
    let diff = look(&deep(1), &deep(2));
    assert_eq!((diff.counts.changed, diff.differences[0].path.len()), (1, DEEPEST));
    let wide = |n: u64| format!("[{}]", (0..60_000).map(|i| (i * 2 + n).to_string()).collect::<Vec<_>>().join(","));
    let diff = look(&wide(0), &wide(1));
    assert_eq!((diff.counts.changed, diff.differences.len(), diff.left_over()), (60_000, MOST, 10_000));
    let stopped = super::diff(&document("[1]"), &document("[2]"), &Options::default(), &|| true);
    assert_eq!(stopped, Err(DiffError::Cancelled));
}

#[test]
fn a_body_in_pieces_is_compared_like_a_whole_one() {
    let record = |n: u32| format!(r#"{{"id":"{n}","name":"J\u00f6rg {n}","amount":{n}.10}}"#);
    let list = |from: u32| format!("{{\"data\":[{}]}}", (from..from + 2_000).map(record).collect::<Vec<_>>().join(","));
    let (left, right) = (list(0), list(1));
    let mut cut = Document::new();
    let mut scanner = crate::document::Scanner::new();
    for chunk in right.as_bytes().chunks(4_999) {
        let piece = scanner.scan(chunk);
        cut.append(Bytes::copy_from_slice(chunk), &piece);
    }
    cut.finish(&scanner.finish());
    let diff = super::diff(&document(&left), &cut, &Options::default(), &|| false).unwrap();
    assert_eq!(told(&left, &right, &diff).len(), 2);
    assert_eq!(diff.list.unwrap().same, 1_999);
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-c\\\\\"é]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-d ]{1,2}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn list() -> impl Strategy<Value = Vec<Value>> {
    proptest::collection::vec(value(), 1..12).prop_map(|values| {
        (0..).zip(values).map(|(id, value): (u32, Value)| json!({"code": format!("E{id}"), "v": value})).collect()
    })
}

/// The same value with its members in another order and white space about.
fn shuffled(value: &Value, turn: usize) -> String {
    match value {
        Value::Array(items) => {
            format!("[ {} ]", items.iter().map(|own| shuffled(own, turn)).collect::<Vec<_>>().join(" ,\n"))
        }
        Value::Object(members) => {
            let mut texts: Vec<String> =
                members.iter().map(|(name, own)| format!("{} : {}", json!(name), shuffled(own, turn))).collect();
            let by = turn % texts.len().max(1);
            texts.rotate_left(by);
            format!("{{\n{}}}", texts.join(", "))
        }
        own => own.to_string(),
    }
}

proptest! {
    #[test]
    fn nothing_differs_from_itself_however_it_is_written(own in value(), turn in 0_usize..5) {
        let (plain, other) = (own.to_string(), shuffled(&own, turn));
        prop_assert!(look(&plain, &plain).is_same());
        prop_assert!(look(&plain, &other).is_same(), "{plain} {other}");
    }

    #[test]
    fn the_order_of_records_does_not_count(records in list(), turn in 0_usize..12) {
        let plain = json!({"data": records}).to_string();
        let mut turned = records.clone();
        turned.rotate_left(turn % records.len());
        let other = shuffled(&json!({"data": turned}), turn);
        let diff = look(&plain, &other);
        prop_assert!(diff.is_same());
        prop_assert_eq!(diff.list.unwrap().same, records.len() as u64);
    }

    #[test]
    fn every_change_is_found(records in list(), at in any::<prop::sample::Index>(), turn in 0_usize..12, kind in 0..4) {
        let at = at.index(records.len());
        let plain = json!({"data": records}).to_string();
        let mut other = records.clone();
        match kind {
            0 => { other.remove(at); }
            1 => other.push(json!({"code": "new"})),
            2 => other[at]["extra"] = json!(1),
            _ => other[at]["v"] = json!(["another", records[at]["v"]]),
        }
        let by = turn % other.len().max(1);
        other.rotate_left(by);
        let right = json!({"data": other}).to_string();
        let diff = look(&plain, &right);
        let code = records[at]["code"].as_str().unwrap();
        let wanted = match kind {
            1 => "code=new",
            _ => code,
        };
        prop_assert!(!diff.is_same());
        prop_assert!(diff.differences.iter().all(|own| own.path_text().contains(wanted)) || records.len() == 1, "{:?}", diff.differences);
        prop_assert_eq!(look(&right, &plain).counts.all(), diff.counts.all());
    }
}
