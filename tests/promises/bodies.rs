//! Checks 38 to 40 and 43: what is JSON and what is not, numbers as they were written, names that stand twice, and bodies
//! that are large in one way or another.

use std::time::Duration;

use super::loopback::{Loopback, assert_alive, leave, named, named_json, sent, turn_to};

/// Bodies of JSON. None of them is written as a program would write it.
const SOUND: [&[u8]; 34] = [
    b"{}",
    b" [ ] ",
    b"[[[[[[]]],[]]]]",
    b"{\"\":{\"\":{\"\":null}}}",
    b"\t{\r\n\t\"a\"\t:\r\n\t[\r\n\t]\r\n}\r\n",
    b"null",
    b"true",
    b" false\n",
    b"0",
    b"-0",
    b"-0.0",
    b"10",
    b"1e0",
    b"1E+00",
    b"-1.5e-10",
    b"0e1",
    b"123456789012345678901234567890",
    b"1e99999",
    b"\"\"",
    b"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    b"\"\\u0000\\u001F\\uABCD\\uefab\"",
    b"\"\\ud834\\udd1e\"",
    b"\"\x7F\"",
    "\"é漢𝄞\u{FFFF}\u{10FFFF}\"".as_bytes(),
    "\"\u{2028}\u{2029}\u{202E}\"".as_bytes(),
    "{\"é\":1,\"e\u{301}\":2}".as_bytes(),
    b"[1,-2,3.0,\"4\",[5],{\"6\":7},true,false,null]",
    b"{\"a\":{},\"b\":[],\"c\":\"\",\"d\":0}",
    b"[\"a\",\"\\u0061\",\"\\\\u0061\"]",
    b"[\"[\",\"]\",\"{\",\"}\",\",\",\":\",\"\\\"\"]",
    b"{\"a\\\"b\":\"c\\\\\"}",
    b"{\"\\u0000\":\"\\u0000\"}",
    b"[1]\n",
    b"\n\n\n{\"a\":[1,\n2,\n3]}\n\n\n",
];

/// Bodies that are not, and a word of the reason that is given.
const BROKEN: [(&[u8], &str); 42] = [
    (b"[", "before every array"),
    (b"{", "before every array"),
    (b"[1", "ends inside a number"),
    (b"[1,", "before every array"),
    (b"[\"a", "ends inside a string"),
    (b"[\"a\\", "ends inside a string"),
    (b"{\"a\":1,\"b\":2", "ends inside a number"),
    (b"{\"a\":1,\"b\"", "before every array"),
    (b"{\"a\":[1,2,{\"b\":", "before every array"),
    (b"[1,2,3,]", "a comma stands before"),
    (b"{\"a\":1,\"b\":2,}", "a comma stands before"),
    (b"[,]", "value was expected"),
    (b"[1,,2,3,4]", "value was expected"),
    (b"[1 2 3 4]", "a comma or ]"),
    (b"{\"a\":1 \"b\":2}", "a comma or }"),
    (b"{\"a\" 1, \"b\":2}", "colon was expected"),
    (b"{\"a\":1,\"b\":}", "value was expected"),
    (b"{\"a\":1,b:2,\"c\":3}", "quoted member name"),
    (b"{'a':1}", "quoted member name"),
    (b"[1,2,'a',3]", "value was expected"),
    (b"[1,2,3}", "a comma or ]"),
    (b"{\"a\":[1,2},3]", "a comma or ]"),
    (b"{\"a\":1]", "a comma or }"),
    (b"[1,2,tru,3]", "not true, false or null"),
    (b"[1,2,nulls,3]", "Not JSON"),
    (b"[1,2,TRUE]", "value was expected"),
    (b"[1,2,NaN]", "value was expected"),
    (b"[1,2,Infinity]", "value was expected"),
    (b"[1,2,+3]", "value was expected"),
    (b"[1,2,.5]", "value was expected"),
    (b"[1,2,5.]", "not written as JSON"),
    (b"[1,2,1e]", "not written as JSON"),
    (b"[1,2,01]", "superfluous zero"),
    (b"[1,2,-]", "not written as JSON"),
    (b"[1,2,0x1F]", "Not JSON"),
    (b"[1,2,\"a\nb\"]", "control character"),
    (b"[1,2,\"a\\x\"]", "follow a backslash"),
    (b"[1,2,\"\\u12G4\"]", "four hexadecimal"),
    (b"[1,2,3] // no", "follows the end"),
    (b"[1,2,3]]", "follows the end"),
    (b"{\"a\":[1,2,3]}\0", "follows the end"),
    (b"[1,2,\xFF]", "value was expected"),
];

/// Each is shown within two seconds, printed and saved as it came; what is JSON stands as a tree, what is not as text, and says
/// why and where.
#[test]
fn promise_38_what_is_json() {
    let server = Loopback::new();
    let mut session = server.session(&[], (200, 40));
    session.keys("5z");
    let sound = SOUND.iter().map(|body| (*body, None));
    let broken = BROKEN.iter().map(|(body, reason)| (*body, Some(*reason)));
    for (number, (body, reason)) in sound.chain(broken).enumerate() {
        let name = format!("Case{number}of");
        let case = format!("{number}: {:?}", String::from_utf8_lossy(body));
        server.always(named_json(&name, body));
        let took = sent(&mut session, &name);
        assert!(took < Duration::from_secs(2), "{case}: {took:?}");
        let views = ["━tree", "━table", "━raw", "━hex"];
        let picture = session.wait_until(&case, |picture| views.iter().any(|view| picture.contains(view)));
        match reason {
            None => {
                let shown = picture.contains("━tree") || picture.contains("━table");
                assert!(shown && !picture.contains("Not JSON"), "{case}\n{picture}");
            }
            Some(reason) => {
                let view = if body.contains(&0) { "━hex" } else { "━raw" };
                assert!(picture.contains(view), "{case}\n{picture}");
                assert!(picture.contains("Not JSON: ") && picture.contains(", at byte "), "{case}\n{picture}");
                assert!(picture.contains(reason), "{case}: {reason}\n{picture}");
            }
        }
        assert_eq!(server.printed("raw").0, body, "{case}");
        let (printed, talk) = server.printed("json");
        match reason {
            None => {
                let squeezed: serde_json::Result<serde_json::Value> = serde_json::from_slice(&printed);
                let large = squeezed.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
                assert!(large || squeezed.is_ok(), "{case}: {}", String::from_utf8_lossy(&printed));
                assert!(!talk.contains("not JSON"), "{case}: {talk}");
            }
            Some(_) => {
                assert_eq!(printed.strip_suffix(b"\n").unwrap_or(&printed), body, "{case}");
                assert!(talk.contains("not JSON"), "{case}: {talk}");
            }
        }
    }
    leave(session);
}

/// Numbers that a program which reads them would change.
const NUMBERS: [&str; 15] = [
    "1.10",
    "100.00",
    "0.1",
    "-0",
    "1E2",
    "1e400",
    "1e-400",
    "12345678901234567890123",
    "123456789012345678.99",
    "9007199254740993",
    "0.30000000000000004",
    "18446744073709551616",
    "-9223372036854775809",
    "1.7976931348623157e309",
    "5e-324",
];

/// On the screen, printed, saved pretty and minified, and after a filter.
#[test]
fn promise_39_numbers_as_written() {
    let server = Loopback::new();
    let members: Vec<String> = NUMBERS.iter().enumerate().map(|(at, text)| format!("\"n{at}\":{text}")).collect();
    let body = format!("{{\"numbers\":{{{}}}}}", members.join(","));
    server.always(named_json("Counted", body.as_bytes()));
    assert_eq!(server.printed("raw").0, body.as_bytes());
    let printed = String::from_utf8(server.printed("json").0).unwrap();
    let rows = |text: &str, end: &str| {
        for (at, number) in NUMBERS.iter().enumerate() {
            let last = at + 1 == NUMBERS.len();
            let row = format!("n{at}\": {number}{}", if last { "" } else { end });
            assert!(text.lines().any(|line| line.ends_with(&row)), "{row}: {text}");
        }
    };
    rows(&printed, ",");
    let mut session = server.session(&[], (120, 45));
    sent(&mut session, "Counted");
    let picture = session.wait("n14: 5e-324");
    for (at, number) in NUMBERS.iter().enumerate() {
        assert!(picture.contains(&format!(" n{at}: {number} ")), "{number}: {picture}");
    }
    for (key, wanted) in [("r", body.clone()), ("m", format!("{body}\n")), ("p", printed)] {
        let file = server.world.folder.0.join(format!("{key}.json"));
        session.keys(&format!("o{key}"));
        session.wait("Save: ");
        session.keys(&format!("\u{15}\u{1B}[200~{}\u{1B}[201~", file.display()));
        session.wait(&format!("{key}.json"));
        session.enter("Saved");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), wanted, "{key}");
        // The word stays until the next key.
        session.keys("j");
        session.wait_until("the word to go", |picture| !picture.contains("Saved"));
    }
    // Through a filter that passes them on; jq itself keeps them too.
    session.keys("f.numbers");
    let picture = session.wait("1 result");
    for (at, number) in NUMBERS.iter().enumerate() {
        assert!(picture.contains(&format!(" n{at}: {number} ")), "{number} after a filter: {picture}");
    }
    session.keys("\u{1B}");
    session.wait_until("the filter to go", |picture| !picture.contains("jq .numbers"));
    leave(session);
}

/// Both are there, in their order, and it is said.
#[test]
fn promise_40_repeated_names() {
    let server = Loopback::new();
    let body = b"{\"z\":0,\"a\":1,\"m\":{\"b\":1,\"\\u0062\":2},\"a\":\"second\",\"A\":3}";
    server.always(named_json("Twice", body));
    let printed = String::from_utf8(server.printed("json").0).unwrap();
    let order = ["\"z\": 0", "\"a\": 1", "\"b\": 1", "\"\\u0062\": 2", "\"a\": \"second\"", "\"A\": 3"];
    let places: Vec<usize> = order.iter().map(|row| printed.find(row).unwrap()).collect();
    assert!(places.is_sorted(), "{printed}");
    let mut session = server.session(&[], (120, 40));
    sent(&mut session, "Twice");
    let picture = session.wait("2 names stand more than once");
    let rows = ["z: 0", "a: 1", "m: {", "b: 1", "b: 2", "a: \"second\"", "A: 3"];
    let mut at = 0;
    for row in rows {
        at += picture[at..].find(row).unwrap_or_else(|| panic!("{row} is not there in its order: {picture}"));
    }
    server.always(named_json("Once", b"{\"a\":1,\"b\":{\"a\":1},\"A\":1,\"c\":[{\"a\":1},{\"a\":1}]}"));
    sent(&mut session, "Once");
    std::thread::sleep(Duration::from_millis(300));
    let picture = session.picture();
    assert!(!picture.contains("more than once") && !picture.contains("stands twice"), "{picture}");
    leave(session);
}

/// Large in one way each: the first rows are there before a person wonders, and every key answers.
#[test]
fn promise_43_large_in_one_way() {
    let server = Loopback::new();
    let string = format!("{{\"s\":\"{}\",\"end\":1}}", "0123456789abcde ".repeat((50 << 20) / 16));
    let items = format!("[{}0]", "1,".repeat(999_999));
    let keys: String = (0..100_000).map(|n| format!("\"key{n}\":{n},")).collect();
    let keys = format!("{{{keys}\"end\":1}}");
    let lines = (0..1_000_000).map(|n| format!("line {n}\n")).collect::<String>();
    let bodies = [
        ("String", string, "s: \"0123456789abcde 0123"),
        ("Items", items, "0: 1"),
        ("Keys", keys, "key0: 0"),
        ("Lines", lines, "line 0 "),
    ];
    let mut session = server.session(&[], (120, 40));
    for (name, body, first) in bodies {
        let media = if name == "Lines" { "text/plain" } else { "application/json" };
        let reply = named(name, &[("Content-Type", media)], body.as_bytes());
        server.always(reply);
        let begun = std::time::Instant::now();
        session.keys("s");
        session.wait_until(name, |picture| picture.contains(&format!("200 {name}")) && picture.contains(first));
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(2), "{name}: {took:?}");
        session.wait_until("all of it", |picture| super::loopback::is_over(picture, name));
        // Each of these changes the rows or the cursor.
        for (keys, what) in [("\u{1B}[6~", "a page down"), ("j", "down"), ("G", "the end"), ("k", "up"), ("g", "home")]
        {
            if name == "String" && ["a page down", "k"].contains(&what) {
                continue;
            }
            let before = session.picture();
            assert_alive(&mut session, keys, &format!("{name}: {what}"), |picture| picture != before);
        }
        turn_to(&mut session, "raw");
        for keys in ["\u{1B}[6~", "G", "g"] {
            let before = session.picture();
            assert_alive(&mut session, keys, &format!("{name}: raw, {keys:?}"), |picture| picture != before);
        }
        let first = if name == "Lines" { "raw" } else { "tree" };
        turn_to(&mut session, first);
    }
    leave(session);
}
