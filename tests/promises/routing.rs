//! Checks 12 to 16 and 18: a credential goes to its own host, by TLS, and nowhere else.

use std::net::SocketAddr;

use super::canary::Canary;
use super::network::{has, isolated, note};
use super::server::{Arrival, Reply, Wire};
use super::world::{PLEOSCOPE, Ran, World, address, only};

/// A credential that a variable can give: its environment, its kind as the variable's name ends, and the secret.
struct Given {
    environment: &'static str,
    kind: &'static str,
    variable: String,
    secret: Canary,
}

impl Given {
    fn new(environment: &'static str, kind: &'static str) -> Self {
        let variable = format!("PLEOSCOPE_{}_{kind}", environment.to_uppercase());
        Self { environment, kind, variable, secret: Canary::new(&format!("{environment}-{}", kind.to_lowercase())) }
    }

    /// A fresh one of each.
    fn all() -> Vec<Self> {
        let kinds = ["API_KEY", "ACCESS_TOKEN", "LEGACY_TOKEN"];
        ["staging", "production"].into_iter().flat_map(|of| kinds.map(|kind| Self::new(of, kind))).collect()
    }

    fn pair(&self) -> (&str, &str) {
        (&self.variable, self.secret.text())
    }

    fn is_legacy(&self) -> bool {
        self.kind == "LEGACY_TOKEN"
    }

    /// The one host that it may go to.
    fn home(&self) -> &'static str {
        match (self.environment, self.is_legacy()) {
            ("staging", false) => "external.staging.pleo.io",
            ("staging", true) => "openapi.staging.pleo.io",
            (_, false) => "external.pleo.io",
            (_, true) => "openapi.pleo.io",
        }
    }

    fn header(&self) -> String {
        if self.kind == "API_KEY" { self.secret.basic() } else { self.secret.bearer() }
    }
}

/// None of these secrets is in what the program wrote.
fn assert_quiet(ran: &Ran, given: &[Given]) {
    for one in given {
        one.secret.assert_not_in(ran.out.as_bytes(), "stdout");
        one.secret.assert_not_in(ran.err.as_bytes(), "stderr");
    }
}

/// None of these secrets arrived anywhere, except those that the name says.
fn assert_nowhere(log: &[Arrival], given: &[Given], except: Option<&str>) {
    for one in given.iter().filter(|one| except != Some(one.variable.as_str())) {
        for arrival in log {
            one.secret.assert_not_in(&arrival.bytes, &format!("what came to {}", arrival.to));
        }
    }
}

fn path_of(legacy: bool) -> &'static [&'static str] {
    if legacy { &["send", "GET", "/v1/employees", "--legacy"] } else { &["send", "GET", "/v2/employees"] }
}

/// Each credential alone, and all of them at once, on both surfaces of both environments.
#[test]
fn promise_12_each_credential_at_its_own_host_only() {
    isolated(|| {
        let world = World::new();
        for given in Given::all() {
            for environment in ["staging", "production"] {
                for legacy in [false, true] {
                    let case = format!("{} to {environment}, legacy: {legacy}", given.variable);
                    let ran = world.run(&[path_of(legacy), &["--env", environment]].concat(), &[given.pair()]);
                    let log = world.take();
                    let host = if legacy { "openapi" } else { "external" };
                    let host = format!("{host}{}.pleo.io", if environment == "staging" { ".staging" } else { "" });
                    assert_eq!(host == given.home(), given.environment == environment && given.is_legacy() == legacy);
                    if host == given.home() {
                        assert_eq!(ran.code, 0, "{case}: {}", ran.err);
                        let request = only(&log, given.home());
                        assert_eq!(request.header("authorization"), [given.header()], "{case}");
                        assert!(given.secret.found_in(&log[0].bytes).is_some());
                    } else if given.environment == environment {
                        // Of the right environment, but for the other surface: refused, with the reason.
                        assert_eq!((ran.code, log.len()), (2, 0), "{case}: {}", ran.err);
                        let words: &[&str] = match (given.kind, legacy) {
                            ("API_KEY", _) => &["New API keys will not work on the legacy API", "_LEGACY_TOKEN"],
                            ("ACCESS_TOKEN", _) => &["OAuth access tokens are for the External API", "_LEGACY_TOKEN"],
                            _ => &["Legacy API tokens will not work on the External API", "_API_KEY"],
                        };
                        assert!(words.iter().all(|word| ran.err.contains(word)), "{case}: {}", ran.err);
                    } else {
                        // The other environment's variable is not even read: the request goes without.
                        assert_eq!(ran.code, 0, "{case}: {}", ran.err);
                        assert_eq!(only(&log, &host).header("authorization"), [""; 0], "{case}");
                        assert!(ran.err.contains(&format!("No credential for {environment}")), "{case}: {}", ran.err);
                        assert_nowhere(&log, std::slice::from_ref(&given), None);
                    }
                    assert_quiet(&ran, std::slice::from_ref(&given));
                }
            }
        }
        all_at_once(&world);
    });
}

/// With all six given, a whole URL of each of the six hosts: it goes to its own host with its own credential, or nowhere.
fn all_at_once(world: &World) {
    let given = Given::all();
    let variables: Vec<_> = given.iter().map(Given::pair).collect();
    let hosts = ["external", "openapi", "auth"]
        .into_iter()
        .flat_map(|name| [format!("{name}.staging.pleo.io"), format!("{name}.pleo.io")]);
    for host in hosts {
        for environment in ["staging", "production"] {
            let url = format!("https://{host}/v1/anything");
            let ran = world.run(&["send", "GET", &url, "--env", environment], &variables);
            let log = world.take();
            let wanted = given.iter().find(|one| one.home() == host && one.environment == environment);
            let case = format!("{url} with {environment} in force");
            assert_quiet(&ran, &given);
            if let Some(wanted) = wanted {
                assert_eq!(ran.code, 0, "{case}: {}", ran.err);
                let request = only(&log, &host);
                assert_eq!((request.method.as_str(), request.target.as_str()), ("GET", "/v1/anything"));
                assert_eq!(request.header("authorization"), [wanted.header()], "{case}");
                assert_nowhere(&log, &given, Some(&wanted.variable));
            } else {
                assert_eq!((ran.code, log.len()), (2, 0), "{case}: {}", ran.err);
                let other = if environment == "staging" { "production" } else { "staging" };
                let word = if host.starts_with("auth") { "is not one of Pleo's API hosts" } else { other };
                assert!(ran.err.contains(&host) && ran.err.contains(word), "{case}: {}", ran.err);
            }
        }
    }
}

/// Wherever a redirect leads, it is told and not followed; neither a read nor a write goes out a second time.
#[test]
fn promise_13_redirects() {
    isolated(|| {
        let world = World::new();
        let given = [Given::new("staging", "API_KEY")];
        let body = world.folder.0.join("body.json");
        std::fs::write(&body, "{\"companyId\":\"a666a648-b52f-4acf-990f-32b16af19b3b\",\"name\":\"x\"}").unwrap();
        let read = ["send", "GET", "/v2/employees"];
        let write = ["send", "POST", "/v1/vendors", "--body", body.to_str().unwrap()];
        let locations = [
            ("https://evil.example/v2/employees", "https://evil.example/v2/employees"),
            ("https://sub.external.staging.pleo.io/v2/employees", "https://sub.external.staging.pleo.io/v2/employees"),
            ("https://external.staging.pleo.io:8443/x", "https://external.staging.pleo.io:8443/x"),
            ("https://external.staging.pleo.io@evil.example/x", "https://external.staging.pleo.io@evil.example/x"),
            ("//evil.example/v2/employees", "//evil.example/v2/employees"),
            ("/v2/employees?again=1", "/v2/employees?again=1"),
            ("https://auth.staging.pleo.io/", "https://auth.staging.pleo.io/"),
            ("https://evil.example/\u{202E}\u{9B}31m\u{200B}x", "https://evil.example/⟨U+202E⟩⟨U+009B⟩31m⟨U+200B⟩x"),
        ];
        for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
            for (location, told) in locations {
                for args in [&read[..], &write] {
                    world.answer(move |_| Reply::new(status, &[("Location", location)], b"{}"));
                    let ran = world.run(args, &[given[0].pair()]);
                    let log = world.take();
                    let case = format!("{args:?}, {status}, {location}");
                    let request = only(&log, "external.staging.pleo.io");
                    assert_eq!(request.header("authorization"), [given[0].header()], "{case}");
                    assert_eq!(request.method, args[1], "{case}");
                    assert_eq!(ran.code, 3, "{case}: {}", ran.err);
                    let sentence = format!("a redirect to {told}, which was not followed");
                    assert!(ran.err.contains(&sentence) && ran.err.contains(&status[..3]), "{case}: {}", ran.err);
                    assert!(!ran.err.contains(['\u{202E}', '\u{9B}', '\u{200B}']), "{case}: {:?}", ran.err);
                    assert_quiet(&ran, &given);
                }
            }
        }
    });
}

/// A redirect from https to http of the same host and port: the listener takes both, and gets nothing in plain text.
#[test]
fn promise_14_no_downgrade() {
    isolated(|| {
        let world = World::new();
        let given = [Given::new("staging", "ACCESS_TOKEN")];
        let own = "https://127.0.0.1:8443";
        for (base, host, port) in [(None, "external.staging.pleo.io", 443), (Some(own), "127.0.0.1", 8443)] {
            for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
                for headers in [&[][..], &[("Strict-Transport-Security", "max-age=0"), ("Upgrade", "h2c")]] {
                    let location = format!("http://{host}:{port}/v2/employees");
                    world.answer({
                        let location = location.clone();
                        move |_| Reply::new(status, &[&[("Location", location.as_str())], headers].concat(), b"")
                    });
                    let over = base.map(|base| format!("staging={base}"));
                    let mut args = vec!["send", "GET", "/v2/employees"];
                    args.extend(over.iter().flat_map(|over| ["--base-url", over]));
                    let ran = world.run(&args, &[given[0].pair()]);
                    let log = world.take();
                    assert_eq!(ran.code, 3, "{location}: {}", ran.err);
                    assert!(ran.err.contains(&location), "{}", ran.err);
                    assert_eq!(log.len(), 1, "{log:#?}");
                    assert_eq!((log[0].to.port(), &log[0].wire, log[0].requests.len()), (port, &Wire::Tls, 1));
                    assert_eq!(log[0].requests[0].header("authorization"), [given[0].header()]);
                }
            }
        }
        // The listener would have noticed: spoken to in plain text, it says so.
        let ran = world
            .run(&["send", "GET", "/v2/employees", "--base-url", "staging=http://127.0.0.1:443"], &[given[0].pair()]);
        assert_eq!(ran.code, 3);
        assert_eq!(world.take()[0].wire, Wire::Plain);
    });
}

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
const LOOK_ALIKES: [(&str, Class); 27] = [
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
    });
}

/// A base URL on loopback gets what was given to this very run, and takes the place of its own host only; one elsewhere is
/// refused.
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
        // STORED CREDENTIALS: once there is a store, one that is stored for staging and not given to this run must not be
        // at `base` when it stands in the place of staging; add it here, beside `variables`.
        assert_eq!(address("external.staging.pleo.io").to_string(), "127.0.1.1");
    });
}
