//! Checks 19, 20 and 22: certificates, proxies, and traffic that nobody asked for.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use base64::Engine as _;

use super::canary::Canary;
use super::loopback::turn_to;
use super::network::{has, isolated, note};
use super::server::{Reply, Tls, Wire};
use super::tls::{Authority, Flaw};
use super::world::{PLEOSCOPE, World, address, has_ipv6, only};

const SEND: [&str; 3] = ["send", "GET", "/v2/employees"];
const HOST: &str = "external.staging.pleo.io";

/// Whoever cannot prove to be Pleo gets nothing beyond the first messages of TLS.
#[test]
fn promise_19_bad_certificates() {
    isolated(|| {
        let world = World::new();
        let key = Canary::new("staging-key");
        let given = [("PLEOSCOPE_STAGING_API_KEY", key.text())];
        let refused = |case: &str, variables: &[(&str, &str)]| {
            let ran = world.run(&SEND, variables);
            assert_eq!(ran.code, 1, "{case}: {}", ran.err);
            assert!(ran.err.contains(&format!("No trusted TLS connection to {HOST}")), "{case}: {}", ran.err);
            assert!(ran.err.contains("(tls)") || ran.err.contains("TLS"), "{case}: {}", ran.err);
            let log = world.take();
            assert_eq!(log.len(), 1, "{case}: {log:#?}");
            assert!(matches!(log[0].wire, Wire::Refused(_)), "{case}: {log:#?}");
            // To TLS 1.1 an alert is said, which is seven bytes long; nothing of an application comes in any case.
            let alert = log[0].bytes.len() == 7 && log[0].bytes[0] == 0x15;
            assert!(log[0].bytes.is_empty() || alert, "{case}: {log:#?}");
            key.assert_not_in(ran.err.as_bytes(), "stderr");
        };
        let flaws = [
            Flaw::Expired,
            Flaw::NotYet,
            Flaw::WrongName,
            Flaw::SelfSigned,
            Flaw::UnknownAuthority,
            Flaw::MissingIntermediate,
        ];
        for flaw in flaws {
            world.flaw(flaw);
            refused(&format!("{flaw:?}"), &given);
            // Words that turn verification off elsewhere mean nothing here.
            let off = [("NODE_TLS_REJECT_UNAUTHORIZED", "0"), ("CURL_INSECURE", "1"), ("PYTHONHTTPSVERIFY", "0")];
            refused(&format!("{flaw:?}, asked not to verify"), &[&given[..], &off].concat());
        }
        world.listeners.speak(Tls::Old);
        refused("TLS 1.1", &given);
        // The server is in order again, but its authority is not the one of the file.
        world.flaw(Flaw::None);
        let other = world.folder.0.join("other.pem");
        std::fs::write(&other, Authority::new("Somebody else's authority").pem()).unwrap();
        refused("another authority's file", &[&given[..], &[("SSL_CERT_FILE", other.to_str().unwrap())]].concat());
        let ran = world.run(&SEND, &given);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(only(&world.take(), HOST).header("authorization"), [key.basic()]);
        own_authority(&world, &key, other.to_str().unwrap());
        let help = world.run(&["send", "--help"], &[]).out.to_lowercase();
        for word in ["insecure", "verify", "--cert", "danger"] {
            assert!(!help.contains(word), "{word} is offered");
        }
    });
}

/// With the authority in a file of one's own it is trusted, and that is said, by a command and on the screen.
fn own_authority(world: &World, key: &Canary, other: &str) {
    let file = world.folder.0.join("own.pem");
    std::fs::write(&file, world.authority.pem()).unwrap();
    let file = file.to_str().unwrap();
    let given = [("PLEOSCOPE_STAGING_API_KEY", key.text()), ("SSL_CERT_FILE", other)];
    let ran = world.run(&[&SEND[..], &["--cacert", file, "-v"]].concat(), &given);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("* authorities also those of ") && ran.err.contains("own.pem (--cacert)"), "{}", ran.err);
    assert!(
        ran.err.contains("* TLS         TLS 1.3, ") && ran.err.contains("* issued by   CN=The authority"),
        "{}",
        ran.err
    );
    key.assert_not_in(ran.err.as_bytes(), "stderr");
    assert_eq!(only(&world.take(), HOST).header("authorization"), [key.basic()]);
    let mut session = world.session(&["open", "GET", "/v2/employees", "--cacert", file], &given, (160, 48));
    session.wait("are trusted too");
    session.keys("s");
    session.wait("200 OK");
    turn_to(&mut session, "timing");
    session.wait("authorities also those of ");
    session.wait("issued by   CN=The authority of a test");
    session.keys("q");
    assert_eq!(session.end(Duration::from_secs(10)), 0);
    world.take();
}

/// A proxy is asked for a tunnel and sees nothing of what goes through it; the origin sees nothing of the proxy.
#[test]
fn promise_20_proxies() {
    isolated(|| {
        let mut world = World::new();
        let proxy = world.listeners.listen(SocketAddr::new(address("proxy.example"), 3128));
        let (key, password) = (Canary::new("staging-key"), Canary::new("proxy-password"));
        let given = ("PLEOSCOPE_STAGING_API_KEY", key.text());
        world.answer(|request| match request.method.as_str() {
            "CONNECT" => Reply::Tunnel,
            _ => Reply::json("200 OK", "{}"),
        });
        let url = format!("http://someone:{}@proxy.example:3128", password.text());
        let login = base64::engine::general_purpose::STANDARD.encode(format!("someone:{}", password.text()));
        for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            let ran = world.run(&SEND, &[given, (variable, &url)]);
            assert_eq!(ran.code, 0, "{variable}: {}", ran.err);
            let (through, direct): (Vec<_>, Vec<_>) = world.take().into_iter().partition(|it| it.to == proxy);
            let request = only(&direct, HOST);
            assert_eq!(request.header("authorization"), [key.basic()], "{variable}");
            assert!(request.header("proxy-authorization").is_empty(), "{variable}: {request:#?}");
            password.assert_not_in(&direct[0].bytes, "what the origin got");
            assert_eq!((through.len(), &through[0].wire), (1, &Wire::Plain), "{variable}: {through:#?}");
            let [asked] = through[0].requests.as_slice() else { panic!("{through:#?}") };
            assert_eq!((asked.method.as_str(), asked.target.as_str()), ("CONNECT", "external.staging.pleo.io:443"));
            assert_eq!(asked.header("proxy-authorization"), [format!("Basic {login}")], "{variable}");
            assert!(asked.header("authorization").is_empty(), "{variable}: {asked:#?}");
            // What follows the request for a tunnel is TLS, which is all that the proxy sees.
            let end = memchr::memmem::find(&through[0].bytes, b"\r\n\r\n").unwrap() + 4;
            assert_eq!(through[0].bytes[end], 0x16, "{variable}");
            assert_eq!(memchr::memmem::find(&through[0].bytes, b"/v2/employees"), None, "{variable}");
            key.assert_not_in(&through[0].bytes, "what the proxy saw");
            password.assert_not_in(ran.err.as_bytes(), "stderr");
        }
        bypassed(&world, proxy, given, &url);
        unreachable(&world, given, &password);
    });
}

/// `NO_PROXY` and loopback go straight there.
fn bypassed(world: &World, proxy: SocketAddr, given: (&str, &str), url: &str) {
    let proxies = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "http_proxy"].map(|name| (name, url));
    for exception in [HOST, ".pleo.io", "*"] {
        let ran = world.run(&SEND, &[&proxies[..], &[given, ("NO_PROXY", exception)]].concat());
        assert_eq!(ran.code, 0, "{exception}: {}", ran.err);
        only(&world.take(), HOST);
    }
    let bases = ["http://127.0.0.1", "http://localhost:8443", "http://[::1]", "https://localhost:8443"];
    for base in bases.into_iter().filter(|base| !base.contains("::1") || has_ipv6()) {
        let over = format!("staging={base}");
        let ran = world.run(&[&SEND[..], &["--base-url", &over]].concat(), &[&proxies[..], &[given]].concat());
        assert_eq!(ran.code, 0, "{base}: {}", ran.err);
        let log = world.take();
        assert!(log.len() == 1 && log[0].to != proxy && log[0].to.ip().is_loopback(), "{base}: {log:#?}");
        assert_eq!(log[0].requests.len(), 1);
    }
}

/// A proxy that is not there, or does not want to, is named, without its password, and the origin is not tried instead.
fn unreachable(world: &World, given: (&str, &str), password: &Canary) {
    let secret = password.text();
    for (url, answer) in [
        (format!("http://someone:{secret}@proxy.example:9"), None),
        (format!("http://someone:{secret}@no-such-proxy.example:3128"), None),
        (format!("http://someone:{secret}@proxy.example:3128/"), Some("407 Proxy Authentication Required")),
        (format!("http://someone:{secret}@proxy.example:3128"), Some("502 Bad Gateway")),
        (format!("socks5h://someone:{secret}@proxy.example:9"), None),
    ] {
        if let Some(answer) = answer {
            world.answer(move |_| Reply::json(answer, "{}"));
        }
        for variable in ["HTTPS_PROXY", "all_proxy"] {
            let ran = world.run(&SEND, &[given, (variable, &url)]);
            let named = url.split_once('@').unwrap().1.trim_end_matches('/');
            assert_eq!(ran.code, 1, "{url}: {}", ran.err);
            assert!(ran.err.contains(&format!("proxy {named}")), "{url}: {}", ran.err);
            assert!(ran.err.contains(HOST), "{url}: {}", ran.err);
            password.assert_not_in(ran.err.as_bytes(), "stderr");
            let log = world.take();
            assert_eq!(log.len(), usize::from(answer.is_some()), "{url}: {log:#?}");
            assert!(log.iter().all(|arrival| arrival.requests[0].method == "CONNECT"), "{url}: {log:#?}");
        }
    }
}

/// What lies about in HOME, and what a server asked to keep, is never sent.
#[test]
fn promise_22_nothing_hidden() {
    isolated(|| {
        let world = World::new();
        let (key, netrc, curlrc, cookie) =
            (Canary::new("staging-key"), Canary::new("netrc"), Canary::new("curlrc"), Canary::new("cookie"));
        let home = &world.folder.0;
        for name in [".netrc", "_netrc"] {
            let text =
                format!("machine {HOST}\nlogin x\npassword {}\ndefault\nlogin {0}\npassword {0}\n", netrc.text());
            std::fs::write(home.join(name), text).unwrap();
        }
        std::fs::write(
            home.join(".curlrc"),
            format!("header = \"X-Marker: {0}\"\nuser = \"{0}:{0}\"\n", curlrc.text()),
        )
        .unwrap();
        let (set, attributes) = (cookie.text().to_owned(), ["", "; Domain=pleo.io; Path=/", "; Secure; HttpOnly"]);
        world.answer(move |_| {
            let cookies = attributes.map(|more| format!("session={set}{more}"));
            let headers: Vec<_> = cookies.iter().map(|cookie| ("Set-Cookie", cookie.as_str())).collect();
            Reply::new("200 OK", &headers, b"{\"cookies\":\"set\"}")
        });
        let file = home.join(".netrc");
        let hidden = [("NETRC", file.to_str().unwrap()), ("CURL_HOME", home.to_str().unwrap())];
        let check = |given: &[(&str, &str)], wanted: &[String]| {
            // In one run of the explorer, on one connection, twice; and by a command, twice.
            let variables = [given, &hidden].concat();
            let mut session = world.session(&["open", "GET", "/v2/employees"], &variables, (120, 40));
            session.wait("4 Request GET /v2/employees");
            session.keys("s");
            session.wait("cookies: \"set\"");
            session.keys("s");
            let log = world.listeners.wait_for(2);
            assert_eq!(log.len(), 1, "the connection is used again, so a cookie of it would be too: {log:#?}");
            session.keys("q");
            assert_eq!(session.end(Duration::from_secs(10)), 0);
            for _ in 0..2 {
                assert_eq!(world.run(&SEND, &variables).code, 0);
            }
            let log = world.take();
            let requests: Vec<_> = log.iter().flat_map(|arrival| &arrival.requests).collect();
            assert_eq!((log.len(), requests.len()), (3, 4), "{log:#?}");
            for request in requests {
                assert_eq!(request.header("authorization"), wanted, "{request:#?}");
                assert!(request.header("cookie").is_empty(), "{request:#?}");
            }
            for arrival in &log {
                for marker in [&netrc, &curlrc, &cookie] {
                    marker.assert_not_in(&arrival.bytes, "a request");
                }
            }
        };
        check(&[("PLEOSCOPE_STAGING_API_KEY", key.text())], &[key.basic()]);
        // Without a credential of one's own nothing takes its place.
        check(&[], &[]);
    });
}

/// The explorer, left alone, speaks to nobody: not to look for an update, not to look up a name.
#[test]
fn promise_22_nothing_hidden_while_idle() {
    isolated(|| {
        if !has("strace") {
            return note("promise_22_nothing_hidden_while_idle: skipped, the command strace is missing");
        }
        let world = World::new();
        let key = Canary::new("staging-key");
        let calls = world.folder.0.join("calls");
        let words = ["strace", "-f", "-qq", "-e", "trace=network", "-o", calls.to_str().unwrap(), PLEOSCOPE];
        let mut session = world.session_of(&words, &[("PLEOSCOPE_STAGING_API_KEY", key.text())], (120, 40));
        session.wait("3 Endpoints");
        let slow = std::env::var_os("PLEOSCOPE_SLOW_TESTS").is_some();
        let end = Instant::now() + Duration::from_secs(if slow { 120 } else { 10 });
        while Instant::now() < end {
            std::thread::sleep(end.saturating_duration_since(Instant::now()));
        }
        let outward = || {
            let text = std::fs::read_to_string(&calls).unwrap();
            let speaks =
                |line: &&str| ["connect(", "sendto(", "sendmsg(", "sendmmsg("].iter().any(|it| line.contains(it));
            text.lines()
                .filter(speaks)
                .filter(|line| line.contains("AF_INET") || line.contains("AF_NETLINK"))
                .map(ToOwned::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(outward(), Vec::<String>::new(), "it spoke to somebody while it was idle");
        world.assert_untouched("while it was idle");
        // Asked to send, it does, and that is seen.
        session.keys("\rs");
        session.wait("200 OK");
        assert!(
            outward().iter().any(|line| line.contains("connect(") && line.contains("127.0.1.1")),
            "{:?}",
            outward()
        );
        session.keys("q");
        session.end(Duration::from_secs(10));
        assert_eq!(only(&world.take(), HOST).header("authorization"), [key.basic()]);
    });
}
