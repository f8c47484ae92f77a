//! Checks 15, 16 and 18: which hosts are taken for Pleo's, or for this machine.

use std::net::SocketAddr;

use super::given::{Given, assert_nowhere, assert_quiet, path_of};
use super::network::{has, isolated, note};
use super::server::Wire;
use super::world::{PLEOSCOPE, Ran, World, has_ipv6, only};

/// The system calls that lead out of the program, by `strace`; `None` where it is missing or may not trace.
fn calls(world: &World, args: &[&str], variables: &[(&str, &str)]) -> Option<(Ran, Vec<String>)> {
    if !has("strace") {
        return None;
    }
    let file = world.folder.0.join("calls");
    let words = ["-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", file.to_str().unwrap(), PLEOSCOPE];
    let ran = Ran::from(world.command_of("strace", &[&words, args].concat(), variables).output().unwrap());
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    Some((ran, text.lines().filter(|line| line.contains("AF_INET")).map(ToOwned::to_owned).collect()))
}

/// http is for this machine: elsewhere it is refused before a connection is even tried.
#[test]
fn promise_15_plain_http_on_loopback_only() {
    isolated(|| {
        let world = World::new();
        let given = [Given::new("staging", "API_KEY")];
        let mut traced = true;
        for host in ["10.66.0.1", "evil.example", "external.staging.pleo.io", "10.66.0.1:8443", "[::ffff:10.66.0.1]"] {
            let over = format!("staging=http://{host}");
            let url = format!("http://{host}/v2/employees");
            let by_option = &["send", "GET", "/v2/employees", "--base-url", &over][..];
            for (args, word) in [(by_option, "does not lead to this machine"), (&["send", "GET", &url], "hosts")] {
                let ran = world.run(args, &[given[0].pair()]);
                assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
                assert!(ran.err.contains(&format!("http://{host}")) && ran.err.contains(word), "{}", ran.err);
                world.assert_untouched(host);
                match calls(&world, args, &[given[0].pair()]) {
                    Some((ran, calls)) => {
                        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
                        assert!(calls.is_empty(), "{args:?}: {calls:#?}");
                    }
                    None => traced = false,
                }
            }
        }
        for base in ["http://127.0.0.1", "http://127.0.0.1:8443", "http://[::1]:8443", "http://localhost:8443"] {
            if base.contains("::1") && !has_ipv6() {
                note("promise_15: this machine has no IPv6, so [::1] was not looked at");
                continue;
            }
            let over = format!("staging={base}");
            let args = ["send", "GET", "/v2/employees", "--base-url", &over];
            let ran = world.run(&args, &[given[0].pair()]);
            assert_eq!(ran.code, 0, "{base}: {}", ran.err);
            let log = world.take();
            assert!(log.len() == 1 && log[0].to.ip().is_loopback() && log[0].wire == Wire::Plain, "{log:#?}");
            assert_eq!(log[0].requests[0].header("authorization"), [given[0].header()]);
            if let Some((ran, calls)) = calls(&world, &args, &[given[0].pair()]) {
                assert_eq!(ran.code, 0, "{base}: {}", ran.err);
                assert!(!calls.is_empty(), "strace sees a connection where there is one");
                world.take();
            }
            let mut session = world.session(&args[3..], &[given[0].pair()], (100, 30));
            session.wait(&format!(" OVERRIDDEN {base} "));
        }
        if !traced {
            note("promise_15: strace is missing, so only exit codes and listeners were looked at");
        }
    });
}

/// What becomes of a look-alike as the host of a URL that is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// It is the very host, and the credential goes there and nowhere else.
    Own,
    /// Refused with a sentence.
    Refused,
}

/// Hosts that look like the production host, each with what becomes of it as an argument of `send` and `open`. None of them
/// is taken as a base URL, whatever it is.
const LOOK_ALIKES: [(&str, Class); 30] = [
    ("https://external.pleo.io.evil.example/v2/employees", Class::Refused),
    ("https://external-pleo.io/v2/employees", Class::Refused),
    ("https://xexternal.pleo.io/v2/employees", Class::Refused),
    ("https://external.pleo.io@evil.example/v2/employees", Class::Refused),
    ("https://external.pleo.io:443@evil.example/v2/employees", Class::Refused),
    ("https://external.pleo.io%2f@evil.example/v2/employees", Class::Refused),
    ("https://external.pleo.io\\@evil.example/v2/employees", Class::Refused),
    ("https://evil.example#external.pleo.io/v2/employees", Class::Refused),
    ("https://evil.example?external.pleo.io/v2/employees", Class::Refused),
    ("https://external.pleo.io./v2/employees", Class::Refused),
    ("https://EXTERNAL.Pleo.IO/v2/employees", Class::Own),
    ("https://external.pleo.io:443/v2/employees", Class::Own),
    ("https://external.pleo.io:8443/v2/employees", Class::Refused),
    (" https://external.pleo.io/v2/employees", Class::Own),
    ("http://external.pleo.io/v2/employees", Class::Refused),
    ("http:external.pleo.io/v2/employees", Class::Refused),
    ("https:external.pleo.io/v2/employees", Class::Refused),
    ("https:/external.pleo.io/v2/employees", Class::Refused),
    ("https:///external.pleo.io/v2/employees", Class::Refused),
    ("https://ｅｘｔｅｒｎａｌ.pleo.io/v2/employees", Class::Refused),
    ("https://external\u{3002}pleo.io/v2/employees", Class::Refused),
    ("https://xn--xternal-6gg.pleo.io/v2/employees", Class::Refused),
    ("https:// external.pleo.io/v2/employees", Class::Refused),
    ("https://exter\tnal.pleo.io/v2/employees", Class::Refused),
    ("https://127.0.0.1.evil.example/v2/employees", Class::Refused),
    ("https://localhost.evil.example/v2/employees", Class::Refused),
    ("https://0x7f.1/v2/employees", Class::Refused),
    ("https://[::ffff:10.66.0.1]/v2/employees", Class::Refused),
    ("@evil.example/v2/employees", Class::Refused),
    (".evil.example/v2/employees", Class::Refused),
];

#[test]
fn promise_16_look_alikes() {
    isolated(|| {
        let world = World::new();
        let given = Given::all();
        let variables: Vec<_> = given.iter().map(Given::pair).collect();
        for (url, class) in LOOK_ALIKES {
            let case = format!("{url:?} as an argument");
            let sent = world.run(&["send", "GET", url, "--env", "production"], &variables);
            let log = world.take();
            assert_quiet(&sent, &given);
            let mut session = world.session(&["open", "GET", url, "--env", "production"], &variables, (120, 40));
            if class == Class::Own {
                assert_eq!(sent.code, 0, "{case}: {}", sent.err);
                let request = only(&log, "external.pleo.io");
                assert_eq!(request.target, "/v2/employees", "{case}");
                let key = &given[3];
                assert_eq!(request.header("authorization"), [key.header()], "{case}");
                assert_nowhere(&log, &given, Some(&key.variable));
                session.wait("https://external.pleo.io/v2/employees");
                session.keys("q");
                assert_eq!(session.end(std::time::Duration::from_secs(10)), 0, "{case}");
            } else {
                assert_eq!((sent.code, log.len()), (2, 0), "{case}: {}", sent.err);
                assert!(sent.err.starts_with("pleoscope: ") && sent.err.len() > 60, "{case}: {}", sent.err);
                assert_eq!(session.end(std::time::Duration::from_secs(10)), 2, "{case}");
            }
            world.assert_untouched(&case);
            // As a base URL: with https and with http, as given and without its path.
            let bare = url.strip_suffix("/v2/employees").unwrap();
            for base in [url, bare, &url.replacen("https", "http", 1), &bare.replacen("https", "http", 1)] {
                let over = format!("production={base}");
                let args = ["send", "GET", "/v2/employees", "--env", "production", "--base-url", &over];
                let ran = world.run(&args, &variables);
                assert_eq!(ran.code, 2, "{over:?}: {}", ran.err);
                assert!(ran.err.contains("--base-url: the base URL"), "{over:?}: {}", ran.err);
                assert_quiet(&ran, &given);
            }
            world.assert_untouched(&case);
        }
        // What looks like a host without a scheme is a path, and goes to the own host as one.
        let ran = world.run(&["send", "GET", "//evil.example/x", "--env", "production"], &variables);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let log = world.take();
        assert_eq!(only(&log, "external.pleo.io").target, "//evil.example/x");
        assert_nowhere(&log, &given, Some(&given[3].variable));
    });
}

/// A base URL on loopback gets what was given to this very run, and takes the place of its own host only; one elsewhere is
/// refused. Stored credentials are in `promises::stored`.
#[test]
fn promise_18_overridden_hosts() {
    isolated(|| {
        let mut world = World::new();
        let port = world.listeners.listen(SocketAddr::from(([127, 0, 0, 1], 0))).port();
        let base = format!("http://127.0.0.1:{port}");
        let given = Given::all();
        let variables: Vec<_> = given.iter().map(Given::pair).collect();
        for one in given.iter().filter(|one| one.kind != "ACCESS_TOKEN") {
            let name = if one.is_legacy() { format!("legacy-{}", one.environment) } else { one.environment.to_owned() };
            let over = format!("{name}={base}");
            for environment in ["staging", "production"] {
                for legacy in [false, true] {
                    let args = [path_of(legacy), &["--env", environment, "--base-url", &over]].concat();
                    let ran = world.run(&args, &variables);
                    let log = world.take();
                    assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
                    let fitting = given.iter().find(|it| it.environment == environment && it.is_legacy() == legacy);
                    let fitting = fitting.unwrap();
                    if (one.environment, one.is_legacy()) == (environment, legacy) {
                        assert_eq!((log.len(), log[0].to.port(), &log[0].wire), (1, port, &Wire::Plain), "{args:?}");
                        assert_eq!(log[0].requests[0].header("authorization"), [fitting.header()], "{args:?}");
                    } else {
                        assert_eq!(only(&log, fitting.home()).header("authorization"), [fitting.header()], "{args:?}");
                    }
                    assert_nowhere(&log, &given, Some(&fitting.variable));
                    assert_quiet(&ran, &given);
                }
            }
            // The screen names what is in force.
            let mut args =
                vec!["--env", one.environment, "--base-url", &over, "open", "GET", path_of(one.is_legacy())[2]];
            args.extend(one.is_legacy().then_some("--legacy"));
            let mut session = world.session(&args, &variables, (120, 40));
            session.wait(&format!(" OVERRIDDEN {base} "));
        }
        for host in ["evil.example", "external.staging.pleo.io", "10.66.0.1", "auth.pleo.io", "0.0.0.0", "[::]"] {
            for name in
                ["staging", "production", "legacy-staging", "legacy-production", "auth-staging", "auth-production"]
            {
                let over = format!("{name}=https://{host}");
                let ran = world.run(&["send", "GET", "/v2/employees", "--base-url", &over], &variables);
                assert_eq!(ran.code, 2, "{over}: {}", ran.err);
                assert!(ran.err.contains(host) && ran.err.contains("this machine"), "{over}: {}", ran.err);
            }
        }
        // A variable of that sort, copied from elsewhere, points nothing anywhere.
        let strange = [("PLEOSCOPE_BASE_URL", base.as_str()), ("PLEOSCOPE_STAGING_BASE_URL", base.as_str())];
        let ran = world.run(path_of(false), &[&strange[..], &[given[0].pair()]].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(only(&world.take(), "external.staging.pleo.io").header("authorization"), [given[0].header()]);
    });
}
