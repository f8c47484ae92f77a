//! Check 21: a link that lets its reader in is fetched without a credential, and is left behind nowhere.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::canary::Canary;
use super::network::isolated;
use super::server::{Arrival, Reply, Request};
use super::store::{Row, assert_swept};
use super::world::World;

const FILES: &str = "files.evil.example";

/// The signature is in what arrived, and no other word of ours is.
fn assert_bare(request: &Request, signature: &Canary) {
    assert_eq!(request.method, "GET");
    assert_eq!(request.target, format!("/receipt.pdf?signature={}&expires=9", signature.text()));
    for name in ["authorization", "cookie", "referer", "origin", "proxy-authorization"] {
        assert_eq!(request.header(name), [""; 0], "{request:#?}");
    }
}

/// The requests that came to this name.
fn only_host(log: &[Arrival], name: &str) -> Vec<Request> {
    let there = log.iter().filter(|arrival| arrival.name.as_deref() == Some(name));
    there.flat_map(|arrival| arrival.requests.clone()).collect()
}

/// Under the tree's cursor and in a redirect: F prepares it, s sends it, without a credential and without the cookies that
/// were set; after the exit it is in no file.
#[test]
fn promise_21_signed_links() {
    isolated(|| {
        let world = World::new();
        for redirected in [false, true] {
            let (key, cookie, signature) = (Canary::new("stored"), Canary::new("cookie"), Canary::new("signature"));
            let file = world.file("secret", key.text());
            let row = Row { kind: "api-key", command: vec!["cat", file.to_str().unwrap()], ..Row::default() };
            world.configure(&row.text());
            let link = format!("https://{FILES}/receipt.pdf?signature={}&expires=9", signature.text());
            let set = format!("session={}; Domain=evil.example; Path=/", cookie.text());
            let again = format!("session={}; Path=/", cookie.text());
            let count = AtomicUsize::new(0);
            let status = move |code: u16| format!("{code} Number {}", count.fetch_add(1, Ordering::SeqCst) + 1);
            world.answer(move |request| match request.header("host").as_slice() {
                [FILES] => Reply::json("200 OK", "{\"receipt\":\"it is here\"}"),
                _ if redirected => {
                    Reply::new(&status(302), &[("Location", &link), ("Set-Cookie", &set), ("Set-Cookie", &again)], b"")
                }
                _ => Reply::new(
                    &status(200),
                    &[("Content-Type", "application/json"), ("Set-Cookie", &set), ("Set-Cookie", &again)],
                    format!("{{\"link\":\"{link}\"}}").as_bytes(),
                ),
            });
            let mut session = world.session(&["open", "GET", "/v2/employees"], &[], (160, 40));
            session.wait("4 Request GET /v2/employees");
            session.keys("s");
            session.wait(if redirected { "302 Number 1" } else { "200 Number 1" });
            world.listeners.wait_for(1);
            session.keys("s");
            let own = only_host(&world.listeners.wait_for(2), "external.staging.pleo.io");
            for request in &own {
                assert_eq!(request.header("authorization"), [key.basic()]);
                assert_eq!(request.header("cookie"), [""; 0], "a cookie that was set is not kept");
            }
            assert_eq!(own.len(), 2);
            session.wait(if redirected { "302 Number 2" } else { "200 Number 2" });
            session.keys(if redirected { "5F" } else { "5jF" });
            session.wait("prepared without a credential, and not sent");
            session.wait(&format!("┃https://{FILES}/receipt.pdf?signature={}", signature.text()));
            session.keys("4s");
            session.wait("it is here");
            let log = world.listeners.wait_for(3);
            let files = only_host(&log, FILES);
            assert_eq!((log.len(), files.len()), (2, 1), "what was prepared was sent once: {log:#?}");
            assert_bare(&files[0], &signature);
            let there = log.iter().find(|arrival| arrival.name.as_deref() == Some(FILES)).unwrap();
            key.assert_not_in(&there.bytes, "what came to the third host");
            cookie.assert_not_in(&there.bytes, "what came to the third host");
            session.keys("q");
            assert_eq!(session.end(Duration::from_secs(10)), 0);
            world.take();
            for secret in [&signature, &cookie] {
                assert_swept(&world, secret, &[]);
            }
            assert_swept(&world, &key, &[&file]);
        }
    });
}
