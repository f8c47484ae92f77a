//! Check 47: whatever a network or a server does, a request ends within its limit or by `x`, and it is said how far it came.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::loopback::{Loopback, leave, slack, title};
use super::network::isolated;
use super::server::{Reply, Tls};
use super::world::World;
use crate::harness::Session;

const PART: &[u8] = b"{\"data\":[{\"id\":1},{\"id\":2},";

/// A head with these lines, and what follows it.
fn answer(lines: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{lines}\r\n");
    [head.as_bytes(), body].concat()
}

/// How far it came: a word of the sentence, and the phase that `send` adds.
type Told = (&'static str, &'static str);

const ANSWER: Told = ("without a proper answer", "(waiting for the answer)");
const BODY: Told = ("of the body", "(receiving the body)");

/// What goes wrong by itself, whether some of a body came, and what is said.
fn broken() -> Vec<(&'static str, Reply, bool, Told)> {
    let many: String = (0..5000).map(|n| format!("X-{n}: {n}\r\n")).collect();
    vec![
        ("a reset before anything", Reply::Reset, false, ANSWER),
        ("an end before anything", Reply::Last(Vec::new()), false, ANSWER),
        ("an end within the head", Reply::Last(b"HTTP/1.1 200 OK\r\nContent-Le".into()), false, ANSWER),
        ("a reset within the body", Reply::Broken(answer("Content-Length: 1000\r\n", PART)), true, BODY),
        ("a body that is too short", Reply::Last(answer("Content-Length: 1000\r\n", PART)), true, BODY),
        (
            "a chunk that is cut",
            Reply::Last(answer("Transfer-Encoding: chunked\r\n", b"1b\r\n{\"data\":[{\"id\":1},{\"i")),
            true,
            BODY,
        ),
        ("a missing last chunk", Reply::Last(answer("Transfer-Encoding: chunked\r\n", b"4\r\n[1,2\r\n")), true, BODY),
        (
            "no size of a chunk",
            Reply::Last(answer("Transfer-Encoding: chunked\r\n", b"4\r\n[1,2\r\nzz\r\n]")),
            true,
            BODY,
        ),
        ("no status", Reply::Last(b"HTTP/1.1 OK fine\r\n\r\n".into()), false, ANSWER),
        ("another protocol", Reply::Last(b"SSH-2.0-OpenSSH_9.6\r\n".into()), false, ANSWER),
        ("nothing but noise", Reply::Last((0..=255).cycle().take(4096).collect()), false, ANSWER),
        ("5,000 headers", Reply::Last(answer(&many, b"{}")), false, ANSWER),
        (
            "a header of a megabyte",
            Reply::Last(answer(&format!("X-Long: {}\r\n", "x".repeat(1 << 20)), b"{}")),
            false,
            ANSWER,
        ),
        ("ESC in a header", Reply::Last(answer("X-Bad: a\u{1B}[31mb\r\n", b"{}")), false, ANSWER),
        ("a bad length", Reply::Last(answer("Content-Length: many\r\n", b"{}")), false, ANSWER),
        ("two lengths", Reply::Last(answer("Content-Length: 2\r\nContent-Length: 3\r\n", b"{}")), false, ANSWER),
        (
            "gzip that is cut",
            Reply::Last(answer("Content-Encoding: gzip\r\nConnection: close\r\n", &[0x1F, 0x8B, 8, 0, 0])),
            false,
            BODY,
        ),
    ]
}

/// It ends by itself, at once; the partial body is marked; the next request works.
#[test]
fn promise_47_broken_answers() {
    let server = Loopback::new();
    let mut session = server.session(&[], (120, 40));
    for (case, reply, partial, (sentence, phase)) in broken() {
        server.always(reply);
        let begun = Instant::now();
        session.keys("s");
        session.wait_until(case, |picture| [" failed", " broken off"].iter().any(|word| title(picture).contains(word)));
        assert!(begun.elapsed() < Duration::from_secs(2) * slack(), "{case}: {:?}", begun.elapsed());
        let told = session.picture().replace(['┃', '│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        // Beside other panes a sentence has the rows of theirs between its own.
        let near = sentence.split(' ').all(|word| told.contains(word));
        assert!(near && told.contains("127.0.0.1"), "{case}: {told}");
        assert_eq!(told.contains("Partial"), partial, "{case}: {told}");
        let (_, talk) = server.printed("json");
        assert!(talk.contains(sentence) && talk.contains(phase), "{case}: {talk}");
        server.always(Reply::json("200 Again", "{\"fine\":1}"));
        session.keys("s");
        session.wait("fine: 1");
    }
    leave(session);
}

/// What never ends: it is said what is waited for, keys answer, and `x` ends it at once, here and at the server.
#[test]
fn promise_47_stalls() {
    let server = Loopback::new();
    let mut session = server.session(&[], (120, 40));
    let pause = Duration::from_secs(1);
    let flood = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(100);
    for (case, reply, there) in [
        ("no answer", Reply::Stall, "waiting"),
        ("half a head", Reply::Begun(b"HTTP/1.1 200 OK\r\nContent-Ty".into()), "waiting"),
        ("no answer but hints", Reply::Endless(Vec::new(), flood, Duration::from_millis(1)), "waiting"),
        ("half a body", Reply::Begun(answer("Content-Length: 1000\r\n", PART)), "receiving"),
        ("a byte a second", Reply::Endless(answer("Content-Length: 1000\r\n", PART), b" ".into(), pause), "receiving"),
    ] {
        server.always(reply);
        stalled(&mut session, case, there);
        let partial = session.picture().contains("Partial");
        assert_eq!(partial, there == "receiving", "{case}: {}", session.picture());
        // The server sees the end of it.
        server.world.take();
    }
    leave(session);
}

/// Sends what stalls, sees that all is alive, and cancels.
fn stalled(session: &mut Session, case: &str, there: &str) {
    session.keys("s");
    session.wait_until(case, |picture| title(picture).contains(there));
    for round in 0..4 {
        let begun = Instant::now();
        let opens = round % 2 == 0;
        session.keys(if opens { "?" } else { "\u{1B}" });
        session.wait_until("the help", |picture| picture.contains("┏ Help") == opens);
        let took = begun.elapsed();
        assert!(took < Duration::from_millis(250) * slack(), "{case}: a key took {took:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
    let before = title(&session.picture()).to_owned();
    session.wait_until("time to pass", |picture| title(picture) != before);
    let begun = Instant::now();
    session.keys("x");
    session.wait(" cancelled");
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(250) * slack(), "{case}: to cancel took {took:?}");
}

/// Nothing listens; nobody takes the connection; and TLS that is begun and not answered.
#[test]
fn promise_47_connecting() {
    let server = Loopback::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let explorer = |base: &str| {
        let mut session = server.world.session(&["open", "GET", "/v2/employees", "--base-url", base], &[], (120, 40));
        session.wait("4 Request GET /v2/employees");
        session
    };
    let mut session = explorer(&format!("staging=http://{free}"));
    session.keys("s");
    session.wait("refused the connection");
    leave(session);
    let ran = server.world.run(&["send", "GET", "/v2/employees", "--base-url", &format!("staging=http://{free}")], &[]);
    assert!(
        ran.code == 1 && ran.err.contains("refused the connection") && ran.err.contains("(connect)"),
        "{}",
        ran.err
    );

    // As many connections as stand in line, none of which is taken: the next one is not answered at all.
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = busy.local_addr().unwrap();
    let mut line = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        line.push(stream);
        assert!(line.len() < 10_000, "the line of {address} has no end");
    }
    let mut session = explorer(&format!("staging=http://{address}"));
    stalled(&mut session, "a black hole", "waiting");
    leave(session);

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut session = explorer(&format!("staging=https://{}", silent.local_addr().unwrap()));
    stalled(&mut session, "TLS that is not answered", "waiting");
    leave(session);

    server.world.listeners.speak(Tls::Old);
    let base = format!("staging=https://{}", server.address);
    let ran = server.world.run(&["send", "GET", "/v2/employees", "--base-url", &base], &[]);
    assert!(ran.code == 1 && ran.err.contains("No trusted TLS connection") && ran.err.contains("(TLS)"), "{}", ran.err);
}

/// A name that nobody knows.
#[test]
fn promise_47_no_address() {
    isolated(|| {
        let world = World::new();
        // It lies over the system's own, in this network only.
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
        assert!(mounts.contains(" /etc/hosts "), "{mounts}");
        std::fs::write("/etc/hosts", "127.0.0.1 localhost\n").unwrap();
        let ran = world.run(&["send", "GET", "/v2/employees"], &[]);
        let said = ran.err.contains("external.staging.pleo.io cannot be found") && ran.err.contains("(DNS)");
        assert!(ran.code == 1 && said, "{}", ran.err);
        let mut session = world.session(&["open", "GET", "/v2/employees"], &[], (120, 40));
        session.wait("4 Request GET /v2/employees");
        session.keys("s");
        session.wait("cannot be found");
        leave(session);
    });
}
