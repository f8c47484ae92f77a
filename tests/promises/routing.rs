//! Checks 12 to 14: a credential goes to its own host, by TLS, and nowhere else.

use std::time::Duration;

use super::canary::Canary;
use super::given::{Given, assert_carries, assert_nowhere, assert_quiet, path_of};
use super::network::isolated;
use super::server::{Reply, Wire};
use super::world::{World, only};

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
                        assert_carries(&request, &given.header(), &given.secret);
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
                assert_carries(&request, &wanted.header(), &wanted.secret);
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

/// All eight credentials, typed into the explorer: each is sent from its own environment to its own host, and not with the
/// request that follows after a switch.
#[test]
fn promise_12_each_typed_credential_at_its_own_host_only() {
    let kinds = ["OAuth access token", "Standalone API key", "Integrated API key", "Legacy token"];
    isolated(|| {
        let world = World::new();
        for (row, kind) in kinds.into_iter().enumerate() {
            for environment in ["staging", "production"] {
                for legacy in [false, true] {
                    typed(&world, (row, kind), environment, legacy);
                }
            }
        }
    });
}

fn typed(world: &World, (row, kind): (usize, &str), environment: &str, legacy: bool) {
    let case = format!("{kind} of {environment}, legacy: {legacy}");
    let host = |environment: &str| {
        let infix = if environment == "staging" { ".staging" } else { "" };
        format!("{}{infix}.pleo.io", if legacy { "openapi" } else { "external" })
    };
    let other = if environment == "staging" { "production" } else { "staging" };
    let secret = Canary::new(environment);
    let args = [&["--env", environment, "open"], &path_of(legacy)[1..]].concat();
    let mut session = world.session(&args, &[], (250, 50));
    session.wait("4 Request GET");
    session.keys(&format!("2{}\r", "j".repeat(row)));
    session.wait("paste or type it");
    session.keys(&format!("\u{1b}[200~{}\u{1b}[201~\r", secret.text()));
    session.wait(&format!("{kind} …{}", &secret.text()[secret.text().len() - 4..]));
    session.keys("4s");
    let is_legacy = kind == "Legacy token";
    let fits = is_legacy == legacy;
    // A new credential of the External API is asked who it is, which is two requests more, to its own host.
    let mut wanted = if is_legacy { Vec::new() } else { vec!["/v1/companies?limit=100", "/v1/introspect"] };
    if fits {
        session.wait(&format!("5 Response {} 200 OK", environment.to_uppercase()));
        wanted.push(if legacy { "/v1/employees" } else { "/v2/employees" });
    }
    if !wanted.is_empty() {
        world.listeners.wait_for(wanted.len());
    }
    if !fits {
        session.wait_until(&case, |picture| {
            picture.contains("will not work on the") || picture.contains("OAuth access tokens are for")
        });
    }
    // The other environment has no credential, and does not borrow this one.
    session.keys("\u{14}s");
    session.wait(&format!("5 Response {} 200 OK", other.to_uppercase()));
    session.keys("q");
    assert_eq!(session.end(Duration::from_secs(10)), 0, "{case}");
    secret.assert_not_in(&session.raw(), "what the screen was told");
    let log = world.take();
    let infix = if environment == "staging" { ".staging" } else { "" };
    let home = format!("{}{infix}.pleo.io", if is_legacy { "openapi" } else { "external" });
    let (own, others): (Vec<_>, Vec<_>) = log.into_iter().partition(|it| it.name.as_ref() == Some(&home));
    assert_eq!(only(&others, &host(other)).header("authorization"), [""; 0], "{case}");
    secret.assert_not_in(&others[0].bytes, &case);
    let form = if kind.ends_with("key") { secret.basic() } else { secret.bearer() };
    let requests: Vec<_> = own.iter().flat_map(|arrival| &arrival.requests).collect();
    for request in &requests {
        assert_carries(request, &form, &secret);
    }
    let mut asked: Vec<&str> = requests.iter().map(|request| request.target.as_str()).collect();
    asked.sort_unstable();
    assert_eq!(asked, wanted, "{case}");
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
