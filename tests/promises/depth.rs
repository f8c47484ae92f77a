//! Check 42: any depth costs memory and nothing else, whatever is done with it.

use std::time::Duration;

use super::loopback::{Loopback, is_over, leave, named_json, slack, turn_to};
use crate::harness::Session;

/// As the main thread of most systems has it.
const STACK: &str = "ulimit -s 8192";

/// Depths that others count to, and beyond.
const DEPTHS: [usize; 5] = [127, 128, 10_000, 100_000, 1_000_000];

fn nested(shape: &str, depth: usize, closed: bool) -> String {
    let (open, close) = match shape {
        "arrays" => ("[", "]"),
        "objects" => ("{\"a\":", "}"),
        _ => ("[{\"k\":", "}]"),
    };
    let times = if shape == "mixed" { depth.div_ceil(2) } else { depth };
    if closed { format!("{}1{}", open.repeat(times), close.repeat(times)) } else { open.repeat(times) }
}

/// What is pressed, and a sign that it was done; every one of them must answer soon.
fn looked_through(session: &mut Session, case: &str) {
    let wait = |session: &mut Session, what: &str, holds: &dyn Fn(&str) -> bool| {
        let begun = std::time::Instant::now();
        session.wait_until(&format!("{case}: {what}"), holds);
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(2) * slack(), "{case}: {what} took {took:?}");
    };
    let rows = |picture: &str| picture.lines().any(|line| line.contains("━tree ") && line.contains(" of "));
    turn_to(session, "tree");
    wait(session, "a tree", &rows);
    session.keys("G");
    wait(session, "the end", &|picture| !picture.contains("━tree 1 of "));
    session.keys("hhllkkUUJK");
    session.keys("g");
    wait(session, "the beginning", &|picture| picture.contains("━tree 1 of "));
    session.keys("C");
    wait(session, "folded", &|picture| !picture.contains("folding"));
    session.keys("E");
    session.keys("--++ ");
    session.keys(" ");
    wait(session, "unfolded", &|picture| !picture.contains("folding"));
    session.keys("/1");
    wait(session, "searched", &|picture| picture.contains("no hits") || picture.contains("1 of 1"));
    session.keys("\u{1B}");
    wait(session, "the search to go", &|picture| !picture.contains("┃/ 1"));
    session.keys("y");
    wait(session, "what can be copied", &|picture| picture.contains("body as sent"));
    session.keys("\u{1B}");
    wait(session, "the menu to go", &|picture| !picture.contains("body as sent"));
    turn_to(session, "raw");
    session.keys("Gg");
    turn_to(session, "hex");
    session.keys("Gg");
    turn_to(session, "tree");
    wait(session, "the tree again", &rows);
    // A filter that reads all of it may say that it is too deep; it may not end the program.
    session.keys("f.");
    wait(session, "filtered", &|picture| picture.contains("jq .") && !picture.contains("filtering"));
    session.keys("\u{1B}");
    wait(session, "the filter to go", &|picture| !picture.contains("jq ."));
}

fn explored(shape: &str) {
    let server = Loopback::new();
    let mut session = server.under(STACK, &[], (120, 40));
    for depth in DEPTHS {
        for closed in [true, false] {
            let name = format!("Deep{depth}{}", if closed { "whole" } else { "open" });
            server.always(named_json(&name, nested(shape, depth, closed).as_bytes()));
            session.keys("s");
            session.wait_until(&name, |picture| is_over(picture, &name));
            if closed {
                looked_through(&mut session, &format!("{shape}, {name}"));
            } else {
                // It is no JSON, and stands as text.
                session.wait("Not JSON: ");
                session.keys("GgCE/1");
                session.wait("no hits");
                session.keys("\u{1B}");
                session.wait_until("the search to go", |picture| !picture.contains("no hits"));
                session.keys("5g!");
                session.wait(&name);
            }
        }
    }
    leave(session);
}

#[test]
fn promise_42_deep_arrays() {
    explored("arrays");
}

#[test]
fn promise_42_deep_objects() {
    explored("objects");
}

#[test]
fn promise_42_deep_and_mixed() {
    explored("mixed");
}

/// The same without a screen.
#[test]
fn promise_42_deep_printed() {
    let server = Loopback::new();
    let script = format!("{STACK}\nexec \"$0\" \"$@\"");
    for depth in DEPTHS {
        for closed in [true, false] {
            let body = nested("mixed", depth, closed);
            server.always(named_json("Deep", body.as_bytes()));
            // Indented, the deepest of them would be some hundred megabytes.
            let outputs = if depth == 1_000_000 && closed { &["raw"][..] } else { &["raw", "json"] };
            for output in outputs {
                let base = server.base();
                let program = super::world::PLEOSCOPE;
                let own = ["-c", &script, program, "send", "-o", output, "GET", "/v2/employees", "--base-url", &base];
                let ran = server.world.command_of("sh", &own, &[]).output().unwrap();
                assert_eq!(ran.status.code(), Some(0), "{depth}, {output}: {}", String::from_utf8_lossy(&ran.stderr));
                let plain: Vec<u8> = ran.stdout.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
                assert!(plain == body.as_bytes(), "{depth}, {output}: not what was sent");
            }
        }
    }
}
