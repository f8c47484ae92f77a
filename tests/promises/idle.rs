//! Check 65: while nothing happens nothing is done: no processor time, and not a byte to the screen.

use std::time::Duration;

use super::loopback::{Loopback, leave, named_json, sent, turn_to};
use crate::harness::Session;

/// A minute may take a tenth of a second; of this there is a fraction of that, and a clock tick is the least that is counted.
const WHILE: Duration = Duration::from_millis(2500);

fn ticks(session: &Session) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", session.child.process_id().unwrap())).unwrap();
    let rest = stat.rsplit_once(')').unwrap().1;
    rest.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum()
}

#[test]
fn promise_65_idle() {
    let server = Loopback::new();
    let records = "{\"id\":1,\"since\":\"2020-01-01T00:00:00Z\",\"amount\":{\"value\":1050,\"currency\":\"DKK\"}},";
    let body = format!("[{}0]", records.repeat(20_000));
    server.always(named_json("Still", body.as_bytes()));
    let mut session = server.session(&[], (120, 40));
    sent(&mut session, "Still");
    // In each of these states of the screen.
    let states: [(&str, &str); 4] = [("tree", "G"), ("tree", "/amount"), ("raw", "G"), ("hex", "?")];
    for (view, keys) in states {
        turn_to(&mut session, view);
        session.keys(keys);
        // What is begun by a key ends, and what is said of it goes.
        std::thread::sleep(Duration::from_secs(1));
        let (before, told) = (ticks(&session), session.raw().len());
        std::thread::sleep(WHILE);
        let (after, more) = (ticks(&session), session.raw().len() - told);
        assert!(after - before <= 1, "{view}, {keys}: {} ticks of processor time", after - before);
        assert_eq!(more, 0, "{view}, {keys}: bytes came to the screen");
        session.keys("\u{1B}");
        std::thread::sleep(Duration::from_millis(300));
    }
    leave(session);
}
