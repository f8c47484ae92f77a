use super::*;

/// What an expression makes of a body, and how it ended.
fn outcome(expression: &str, body: &[u8]) -> (String, Result<(), FilterError>) {
    let filter = match Filter::new(expression) {
        Ok(filter) => filter,
        Err(error) => return (String::new(), Err(error)),
    };
    let mut out = Vec::new();
    let result = filter.run(Bytes::copy_from_slice(body), &mut |bytes| {
        out.extend_from_slice(bytes);
        ControlFlow::Continue(())
    });
    (String::from_utf8_lossy(&out).into_owned(), result)
}

fn results(expression: &str, body: &str) -> String {
    let (out, result) = outcome(expression, body.as_bytes());
    assert_eq!(result, Ok(()), "{expression} over {body}");
    out.trim_end_matches('\n').replace('\n', " ")
}

fn error(expression: &str, body: &str) -> FilterError {
    outcome(expression, body.as_bytes()).1.expect_err(expression)
}

/// An expression, a body, and the results with a space between them. The results are jq's.
const TABLE: [(&str, &str, &str); 62] = [
    (".", "{\"b\":1,\"a\":[2,{}]}", "{\"b\":1,\"a\":[2,{}]}"),
    (".", " [ 1 ,\n2 ] ", "[1,2]"),
    (".", "", ""),
    (".", "{\"a\":1,\"a\":2}", "{\"a\":2}"),
    (".", "\"\\u00e9\\n\\ud83d\\ude00 \\u001b\\u007f\\/\"", "\"é\\n😀 \\u001b\\u007f/\""),
    (".a.b", "{\"a\":{\"b\":null}}", "null"),
    (".a.b.c", "{}", "null"),
    (".[\"a b\"]", "{\"a b\":1}", "1"),
    (".[0], .[-1], .[1:]", "[1,2,3]", "1 3 [2,3]"),
    (".[9]", "[1]", "null"),
    (".[]", "[1,[2],\"x\"]", "1 [2] \"x\""),
    (".[] | .n?", "[{\"n\":1},2,{\"n\":3}]", "1 3"),
    (".data[] | {id, name: .n}", "{\"data\":[{\"id\":7,\"n\":\"x\"}]}", "{\"id\":7,\"name\":\"x\"}"),
    (".data | length", "{\"data\":[1,2,3]}", "3"),
    ("map(.+1)", "[1,2]", "[2,3]"),
    ("map(select(.a > 1) | .a)", "[{\"a\":1},{\"a\":2}]", "[2]"),
    ("select(.a == \"x\" and .b)", "{\"a\":\"x\",\"b\":true}", "{\"a\":\"x\",\"b\":true}"),
    ("keys, keys_unsorted", "{\"b\":1,\"a\":2}", "[\"a\",\"b\"] [\"b\",\"a\"]"),
    ("to_entries", "{\"a\":1}", "[{\"key\":\"a\",\"value\":1}]"),
    ("with_entries(.value |= . + 1)", "{\"a\":1}", "{\"a\":2}"),
    ("from_entries", "[{\"key\":\"a\",\"value\":1}]", "{\"a\":1}"),
    ("group_by(.k) | map(length)", "[{\"k\":1},{\"k\":2},{\"k\":1}]", "[2,1]"),
    ("sort_by(.a) | map(.a)", "[{\"a\":3},{\"a\":1}]", "[1,3]"),
    ("unique, min, max, add", "[3,1,3]", "[1,3] 1 3 7"),
    ("unique_by(.a) | length", "[{\"a\":1,\"b\":1},{\"a\":1,\"b\":2}]", "1"),
    ("reduce .[] as $x (0; . + $x)", "[1,2,3]", "6"),
    ("[foreach .[] as $x (0; . + $x)]", "[1,2,3]", "[1,3,6]"),
    ("[limit(2; .[])], first(.[])", "[1,2,3]", "[1,2] 1"),
    ("[range(3)], [range(1; 10; 4)]", "0", "[0,1,2] [1,5,9]"),
    ("if . > 1 then \"big\" elif . == 1 then \"one\" else \"small\" end", "1", "\"one\""),
    (".a // \"none\"", "{\"a\":null}", "\"none\""),
    ("try error(\"x\") catch .", "1", "\"x\""),
    ("[.[] | try tonumber catch \"no\"]", "[\"12\",\"x\"]", "[12,\"no\"]"),
    ("\"\\(.a) and \\(.b)\"", "{\"a\":1,\"b\":\"x\"}", "\"1 and x\""),
    ("split(\",\"), join(\"-\")?", "\"a,b\"", "[\"a\",\"b\"]"),
    ("join(\"-\")", "[\"a\",\"b\"]", "\"a-b\""),
    ("test(\"^A\"; \"i\"), sub(\"b\"; \"x\"), ascii_upcase", "\"abb\"", "true \"axb\" \"ABB\""),
    ("[match(\"b\"; \"g\").offset], [scan(\"[ab]\")]", "\"abb\"", "[1,2] [\"a\",\"b\",\"b\"]"),
    ("capture(\"(?<y>\\\\d+)-(?<m>\\\\d+)\")", "\"2024-05\"", "{\"y\":\"2024\",\"m\":\"05\"}"),
    ("startswith(\"a\"), ltrimstr(\"a\"), contains(\"b\")", "\"abc\"", "true \"bc\" true"),
    ("length, utf8bytelength, explode", "\"é\"", "1 2 [233]"),
    ("@base64, @uri, @html", "\"<é>\"", "\"PMOpPg==\" \"%3C%C3%A9%3E\" \"&lt;é&gt;\""),
    ("@base64d", "\"w6k=\"", "\"é\""),
    (
        "@csv, @tsv",
        "[1,\"a\\\"b\",null,true,\"x\\ty\"]",
        "\"1,\\\"a\\\"\\\"b\\\",,true,\\\"x\\ty\\\"\" \"1\\ta\\\"b\\t\\ttrue\\tx\\\\ty\"",
    ),
    ("tojson, (tojson | fromjson)", "[1.10,{\"a\":null}]", "\"[1.10,{\\\"a\\\":null}]\" [1.10,{\"a\":null}]"),
    ("[paths] | length", "{\"a\":[1,{\"b\":2}]}", "4"),
    ("getpath([\"a\",0])", "{\"a\":[5]}", "5"),
    ("del(.a, .b[0])", "{\"a\":1,\"b\":[1,2]}", "{\"b\":[2]}"),
    (".a |= . * 2 | .b += 1", "{\"a\":2,\"b\":3}", "{\"a\":4,\"b\":4}"),
    ("walk(if isstring then ascii_upcase end)", "[\"a\",{\"b\":\"c\"}]", "[\"A\",{\"b\":\"C\"}]"),
    ("[..] | length", "[1,[2]]", "4"),
    ("map(type)", "[null,true,1,\"a\",[],{}]", "[\"null\",\"boolean\",\"number\",\"string\",\"array\",\"object\"]"),
    ("todate, (todate | fromdate)", "0", "\"1970-01-01T00:00:00Z\" 0"),
    ("floor, sqrt, pow(.; 2)", "4.5", "4 2.1213203435596424 20.25"),
    ("nan, infinite, -infinite", "0", "null 1.7976931348623157e308 -1.7976931348623157e308"),
    ("{(\"a\", \"b\"): 1}", "0", "{\"a\":1} {\"b\":1}"),
    (". as [$a, {b: $b}] | $a + $b", "[1,{\"b\":2}]", "3"),
    ("def f(g): [g, g]; f(.a)", "{\"a\":1}", "[1,1]"),
    (
        "INDEX(.id) | .[\"2\"].n, any(.[]; .n == 1), ([.[].id] | map(IN(1, 3)))",
        "[{\"id\":1,\"n\":1},{\"id\":2,\"n\":4}]",
        "4 true [true,false]",
    ),
    ("., 9", "1\n2\n", "1 9 2 9"),
    ("[., inputs]", "{\"a\":1}\n{\"a\":2}\n3", "[{\"a\":1},{\"a\":2},3]"),
    ("label $out | .[] | if . > 1 then break $out else . end", "[1,2,3]", "1"),
];

#[test]
fn expressions_give_what_jq_gives() {
    for (expression, body, wanted) in TABLE {
        assert_eq!(results(expression, body), wanted, "{expression} over {body}");
    }
}

/// Check 39, the part about the filter: a number that is passed through is the number that was sent.
#[test]
fn promise_39_numbers_keep_their_literal() {
    let literals = "1.10 100.00 0.1 -0 -0.0 1E2 1e400 1e-400 12345678901234567890123 123456789012345678.99 \
                    9007199254740993 0.30000000000000004 18446744073709551616 -9223372036854775809 \
                    1.7976931348623157e309 5e-324";
    for literal in literals.split_whitespace() {
        let body = format!("{{\"a\":[{literal}]}}");
        assert_eq!(results(".", &body), body);
        assert_eq!(results(".a[]", &body), literal);
        assert_eq!(results("[.a[] | {x: .}] | sort_by(.x)[].x", &body), literal);
        assert_eq!(results(".", literal), literal);
        assert_eq!(
            results(".a | tojson | fromjson", &body),
            if literal == "-0" { "[0]".to_owned() } else { format!("[{literal}]") }
        );
    }
    let endless = "9".repeat(100_000);
    assert_eq!(results(".", &endless), endless);
}

#[test]
fn a_wrong_expression_is_told_with_its_place() {
    for (expression, place, word) in [
        ("", "", "needed"),
        ("  ", "", "needed"),
        (".a |", "", "ends where a filter"),
        (".a | | .b", "|", "\"|\" stands where a filter"),
        (".a[0", "[", "never closed"),
        ("(.a | {b: 1)", "{", "never closed"),
        ("\"abc", "\"", "never closed"),
        (".a)", ")", "means nothing"),
        (".é", "é", "means nothing"),
        ("\"\\q\"", "q", "escape"),
        ("if .a then 1", "", "else or end"),
        (".a .b 3", "3", "the end or an operator"),
        (".data[] | emial", "emial", "no filter emial: .emial"),
        ("map(foo(1; 2))", "foo", "no filter foo."),
        ("splits", "splits", "splits takes one argument or 2 arguments, and here it has no argument"),
        ("limit(1, .[])", "limit", "limit takes 2 arguments, separated by ;, and here it has one argument"),
        ("$x", "$x", "no variable $x"),
        ("break $x", "$x", "no label"),
        ("a::b", "a", "module"),
        ("import \"x\" as x; .", "x", "modules are not loaded"),
        ("import \"x\" as $x; .", "x", "modules are not loaded"),
        ("include \"/etc/passwd\"; .", "/etc/passwd", "modules are not loaded"),
        ("localtime", "localtime", "no filter localtime"),
        ("0e", "", "digit"),
        ("\u{1b}[2J", "\u{1b}", "␛\" means nothing"),
    ] {
        let error = error(expression, "null");
        let range = error.range().expect(expression);
        assert_eq!(&expression[range.clone()], place, "{expression}: {error}");
        assert!(error.to_string().contains(word), "{expression}: {error}");
        let end = place.is_empty();
        assert!(!end || range.start == expression.len(), "{expression}: {range:?}");
    }
}

#[test]
fn what_does_not_fit_stops_it_after_the_results_before() {
    for (expression, body, before, word) in [
        (".[] | .a", "[{\"a\":1},2]", "1\n", "cannot index 2 with \"a\""),
        ("1, error(\"own\\u001b words\")", "0", "1\n", "own␛ words"),
        (".a + .b", "{\"a\":1,\"b\":\"x\"}", "", "cannot calculate 1 + \"x\""),
        ("1, halt_error", "\"gone\"", "1\n", "gone"),
        ("@csv", "[[1]]", "", "does not fit"),
        ("keys", "1", "", "cannot use 1"),
    ] {
        let (out, result) = outcome(expression, body.as_bytes());
        let error = result.expect_err(expression);
        assert!(out == before && error.range().is_none(), "{expression}: {out}");
        assert!(matches!(&error, FilterError::Stopped(text) if text.contains(word)), "{expression}: {error}");
    }
    let long = format!("[{}]", "1,".repeat(100_000) + "1");
    assert!(error(".a", &long).to_string().len() < 300, "a message does not hold the body");
    assert_eq!(outcome("1, halt, 2", b"0"), ("1\n".to_owned(), Ok(())));
}

#[test]
fn what_is_not_json_is_told_after_what_was() {
    for (body, before) in [
        ("<html>", ""),
        ("{\"a\":1", ""),
        ("[1,]", ""),
        ("1\n2\nxyz", "1\n2\n"),
        ("{\"a\":1}\n{\"a\":", "{\"a\":1}\n"),
        ("NaN", ""),
        ("# x", ""),
        ("b\"x\"", ""),
        ("+1", ""),
        ("{1:2}", ""),
        ("007", ""),
    ] {
        let (out, result) = outcome(".", body.as_bytes());
        let error = result.expect_err(body);
        assert!(out == before && matches!(error, FilterError::Input(_)), "{body}: {out} {error}");
        assert!(error.to_string().contains("(byte "), "{error}");
    }
}

#[test]
fn marks_and_broken_characters_do_no_harm() {
    assert_eq!(results(".a", "\u{feff}{\"a\":1}"), "1");
    let mut out = Vec::new();
    let body = Bytes::from_static(b"{\"a\":\"x\xFFy\",\"b\":\"\\n\xFF\",\"\xC3\":[\"z\"],\"l\":\"\\ud800!\"}");
    let ended = Filter::new("., .a, (.[] | length)").expect("a filter").run(body, &mut |bytes| {
        out.extend_from_slice(bytes);
        ControlFlow::Continue(())
    });
    assert_eq!(ended, Ok(()));
    let lines: Vec<&[u8]> = out.split(|byte| *byte == b'\n').collect();
    assert_eq!(lines[0], b"{\"a\":\"x\xFFy\",\"b\":\"\\n\xEF\xBF\xBD\",\"\xC3\":[\"z\"],\"l\":\"\xEF\xBF\xBD!\"}");
    assert_eq!(lines[1..], [&b"\"x\xFFy\""[..], b"3", b"2", b"1", b"2", b""]);
    for expression in ["test(\"x\")", "ascii_upcase", "explode", "tojson", "@uri", "split(\"\")", "ltrimstr(\"x\")"] {
        let (_, result) = outcome(&format!(".a | {expression}"), b"{\"a\":\"x\xFFy\"}");
        assert!(matches!(result, Ok(()) | Err(FilterError::Stopped(_))), "{expression}");
    }
}

#[test]
fn nothing_of_the_process_is_shown() {
    assert_eq!(results("env, $ENV, env.PATH, $ENV.HOME, input_filename", "0"), "{} {} null null null");
    assert_eq!(results("debug, debug(\"x\"), stderr", "0"), "0 0 0");
    assert_eq!(results("[inputs]", "0"), "[]");
}

#[test]
fn what_json_cannot_say_is_still_json() {
    assert_eq!(results("{(1): {([2]): 3}}", "0"), "{\"1\":{\"[2]\":3}}");
    assert_eq!(results("\"ab\" | tobytes", "0"), "\"ab\"");
    assert_eq!(results("[nan] | sort", "0"), "[null]");
}

#[test]
fn a_reader_that_breaks_off_ends_it() {
    let filter = Filter::new("repeat(1)").expect("a filter");
    let mut lines = 0;
    let ended = filter.run(Bytes::from_static(b"0"), &mut |_| {
        lines += 1;
        if lines == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((lines, ended), (3, Ok(())));
}
