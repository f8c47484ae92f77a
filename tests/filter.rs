//! The filter as a child of the real binary: its limits, and what is left of it.

#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a helper of a test may fail by panicking")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use pleoscope::document::Body;
use pleoscope::edge::filter::{FilterFailure, Filtering, Limits, check};

const MIB: u64 = 1 << 20;

fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_pleoscope"))
}

fn body(text: &str) -> Body {
    let mut body = Body::new();
    for chunk in text.as_bytes().chunks(100_000) {
        body.push(Bytes::copy_from_slice(chunk));
    }
    body
}

fn start(expression: &str, text: &str, limits: Limits) -> Filtering {
    Filtering::start(&program(), expression, body(text), limits).expect("a child")
}

/// All results, and how it ended.
async fn run(expression: &str, text: &str, limits: Limits) -> (Vec<u8>, Result<(), FilterFailure>) {
    let mut filtering = start(expression, text, limits);
    let id = filtering.id().expect("it runs");
    let mut out = Vec::new();
    let ended = loop {
        match filtering.chunk().await {
            Ok(Some(bytes)) => out.extend_from_slice(&bytes),
            Ok(None) => break Ok(()),
            Err(failure) => break Err(failure),
        }
    };
    assert!(!process(id).exists(), "{expression}: nothing is left of it");
    assert_eq!(filtering.chunk().await, Ok(None), "{expression}: nothing follows the end");
    (out, ended)
}

fn process(id: u32) -> PathBuf {
    Path::new("/proc").join(id.to_string())
}

/// Waits until there is no such process, not even as a zombie.
async fn gone(id: u32) {
    let began = Instant::now();
    while process(id).exists() {
        assert!(began.elapsed() < Duration::from_secs(5), "the child goes on");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn short() -> Limits {
    Limits { time: Duration::from_millis(500), ..Limits::default() }
}

#[tokio::test]
async fn results_come_and_it_ends() {
    let (out, ended) = run(".[] | .a", "[{\"a\":1.10},{\"a\":-0}]", Limits::default()).await;
    assert_eq!((out.as_slice(), ended), (&b"1.10\n-0\n"[..], Ok(())));
    let (out, ended) = run("env, $ENV", "0", Limits::default()).await;
    assert_eq!((out.as_slice(), ended), (&b"{}\n{}\n"[..], Ok(())), "it sees no variables");
}

#[tokio::test]
async fn a_wrong_expression_is_told_with_its_place_without_the_body() {
    let failure = check(&program(), ".a | foo").await.expect_err("there is no foo");
    assert_eq!(failure.range, Some(5..8), "{failure}");
    assert_eq!(check(&program(), ".a").await, Ok(()));
    let large = format!("[{}1]", "1,".repeat(3_000_000));
    let (out, ended) = run(".[", &large, Limits::default()).await;
    assert!(out.is_empty() && ended.expect_err("it is not closed").range == Some(1..2));
    let deep = "[".repeat(100_000);
    assert!(check(&program(), &deep).await.is_err());
    let long = format!("\"{}\"", "x".repeat(2_000_000));
    assert!(check(&program(), &long).await.expect_err("it is too long").sentence.contains("longer than 1 MiB"));
}

#[tokio::test]
async fn a_child_that_wants_no_more_is_nobodys_mistake() {
    let large = format!("[{}1]", "1,".repeat(3_000_000));
    let (out, ended) = run("limit(1; .[])", &large, Limits::default()).await;
    assert_eq!((out.as_slice(), ended), (&b"1\n"[..], Ok(())));
    let (out, ended) = run(".[] | if . == 3 then error(\"three\") else . end", "[1,2,3]", Limits::default()).await;
    assert_eq!(out, b"1\n2\n", "what was found before stays");
    assert_eq!(ended.expect_err("an error").sentence, "The filter stopped: three.");
}

#[tokio::test]
async fn what_has_no_end_is_ended_in_time() {
    for expression in ["[range(1e18)]", "def f: f; f", "last(range(1e15))", "repeat(1)", "1, last(range(1e15))"] {
        let began = Instant::now();
        let (out, ended) = run(expression, "0", short()).await;
        let sentence = ended.expect_err(expression).sentence;
        assert!(sentence.contains("not done within 500ms"), "{expression}: {sentence}");
        assert!(began.elapsed() < Duration::from_secs(5), "{expression}");
        let first: &[u8] = if expression.starts_with("1,") { b"1\n" } else { b"" };
        assert!(out.starts_with(first), "{expression}: what was found before came at once");
    }
}

#[tokio::test]
async fn what_takes_any_memory_is_ended_by_it() {
    let limits = Limits { memory: 128 * MIB, ..Limits::default() };
    for (expression, word) in [
        ("reduce range(1e9) as $i ([]; . + [$i])", "more than 128 MiB of memory"),
        ("\"x\" * 10000000000", "more than 128 MiB of memory"),
        ("\"xx\" * 9223372036854775807", "larger than any memory"),
        ("[limit(1e9; repeat(\"abc\"))]", "more than 128 MiB of memory"),
        ("def f: 1 + f; f", "went too deep"),
    ] {
        let (out, ended) = run(expression, "0", limits).await;
        let sentence = ended.expect_err(expression).sentence;
        assert!(out.is_empty() && sentence.contains(word), "{expression}: {sentence}");
    }
    let large = format!("[{}1]", "1,".repeat(75_000_000));
    let (_, ended) = run(".", &large, limits).await;
    assert!(ended.expect_err("a body that does not fit").sentence.contains("of memory"));
}

#[tokio::test]
async fn results_without_end_are_cut() {
    let (out, ended) = run("repeat(\"abcdefgh\")", "0", Limits { output: MIB, ..Limits::default() }).await;
    assert!(out.len() as u64 <= MIB && out.len() as u64 > MIB / 2, "{}", out.len());
    assert!(ended.expect_err("too long").sentence.contains("longer than 1 MiB"));
}

/// Check 42, the part about the filter: a result or a sentence, never an abort that is not explained.
#[tokio::test]
async fn promise_42_deep_nesting() {
    for depth in [127, 128, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let text = open.repeat(depth) + "1" + &close.repeat(depth);
            let (out, ended) = run(".", &text, Limits::default()).await;
            assert_eq!((out.len(), ended), (text.len() + 1, Ok(())), "{open} {depth}");
            let more = ["tojson | length", ". == .", "[limit(3; ..)] | length"];
            for expression in if open == "{\"a\":" { &more[..] } else { &[] } {
                let (_, ended) = run(expression, &text, Limits::default()).await;
                assert_eq!(ended, Ok(()), "{expression} {open} {depth}");
            }
            let (_, ended) = run(".[\"b\"] + 1 | .[0]", &format!("[{text}]"), Limits::default()).await;
            assert!(ended.expect_err("no such index").sentence.len() < 300);
            let (_, ended) = run(".", &open.repeat(depth), Limits::default()).await;
            assert!(ended.expect_err("not closed").sentence.contains("before every array and object is closed"));
        }
    }
    let text = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    for expression in [".", "tojson | length", "[..] | length"] {
        let limits = Limits { time: Duration::from_secs(1), ..Limits::default() };
        let (_, ended) = run(expression, &text, limits).await;
        let told = ended.map_or_else(|failure| failure.sentence, |()| "done".to_owned());
        let explained = ["done", "went too deep", "not done within", "of memory"];
        assert!(explained.iter().any(|word| told.contains(word)), "{expression}: {told}");
    }
}

#[tokio::test]
async fn dropping_it_kills_the_child() {
    for (expression, text) in [("last(range(1e15))", "0"), ("repeat(1)", "0"), (".", "[1")] {
        let mut filtering = start(expression, text, Limits::default());
        let id = filtering.id().expect("it runs");
        // Also while it is waited for.
        let _ = tokio::time::timeout(Duration::from_millis(50), filtering.chunk()).await;
        drop(filtering);
        gone(id).await;
    }
}

#[tokio::test]
async fn who_takes_results_slowly_is_not_blamed_for_it() {
    let mut filtering = start("range(100000)", "0", short());
    let mut length = 0;
    let mut pause = Duration::from_millis(700);
    while let Some(bytes) = filtering.chunk().await.expect("no failure") {
        length += bytes.len();
        tokio::time::sleep(std::mem::take(&mut pause)).await;
    }
    assert_eq!(length, 588_890);
}

#[tokio::test]
async fn a_program_that_is_not_there_is_a_sentence() {
    let failure = Filtering::start(Path::new("/no/such/program"), ".", Body::new(), short()).expect_err("no program");
    assert!(failure.sentence.contains("cannot be started"), "{failure}");
    let (_, ended) = {
        let mut filtering = Filtering::start(Path::new("/bin/false"), ".", body("1"), short()).expect("a child");
        (0, filtering.chunk().await)
    };
    assert!(ended.expect_err("no filter").sentence.contains("should not"));
}
