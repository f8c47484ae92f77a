//! Stored credentials: where they go (checks 12 and 18), and what `auth` does with them.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::canary::Canary;
use super::given::{assert_carries, path_of};
use super::network::isolated;
use super::server::{Reply, Wire, until};
use super::store::{Issuer, NAME, Row, assert_swept, everything};
use super::world::{Ran, World, only};

const KINDS: [&str; 4] = ["api-key", "access-token", "integrated-key", "legacy-token"];

fn host(environment: &str, legacy: bool) -> String {
    let infix = if environment == "staging" { ".staging" } else { "" };
    format!("{}{infix}.pleo.io", if legacy { "openapi" } else { "external" })
}

fn quiet(ran: &Ran, secret: &Canary) {
    secret.assert_not_in(ran.out.as_bytes(), "stdout");
    secret.assert_not_in(ran.err.as_bytes(), "stderr");
}

/// Each kind of each environment, given out by a command or by a named variable: to its own host and to no other.
#[test]
fn promise_12_each_stored_credential_at_its_own_host_only() {
    isolated(|| {
        let world = World::new();
        for owner in ["staging", "production"] {
            for kind in KINDS {
                let secret = Canary::new("stored");
                let file = world.file("secret", secret.text());
                let command =
                    Row { environment: owner, kind, command: vec!["cat", file.to_str().unwrap()], ..Row::default() };
                let variable = Row { environment: owner, kind, variable: "BOOKS_SECRET", ..Row::default() };
                for (row, variables) in [(command, vec![]), (variable, vec![("BOOKS_SECRET", secret.text())])] {
                    world.configure(&row.text());
                    for environment in ["staging", "production"] {
                        for legacy in [false, true] {
                            let case = format!("{kind} of {owner} to {environment}, legacy: {legacy}");
                            let ran = world.run(&[path_of(legacy), &["--env", environment]].concat(), &variables);
                            let log = world.take();
                            quiet(&ran, &secret);
                            let fits = legacy == (kind == "legacy-token");
                            if owner == environment && fits {
                                assert_eq!(ran.code, 0, "{case}: {}", ran.err);
                                let basic = kind.ends_with("key");
                                let header = if basic { secret.basic() } else { secret.bearer() };
                                assert_carries(&only(&log, &host(environment, legacy)), &header, &secret);
                            } else if owner == environment {
                                assert_eq!((ran.code, log.len()), (2, 0), "{case}: {}", ran.err);
                            } else {
                                assert_eq!(ran.code, 0, "{case}: {}", ran.err);
                                let request = only(&log, &host(environment, legacy));
                                assert_eq!(request.header("authorization"), [""; 0], "{case}");
                                secret.assert_not_in(&log[0].bytes, &case);
                            }
                        }
                    }
                }
            }
        }
    });
}

/// With an overridden host a stored credential is not sent, not even asked for, and none is added; one that is given to this
/// very run is sent.
#[test]
fn promise_18_stored_credentials_are_not_used_with_overridden_hosts() {
    isolated(|| {
        let mut world = World::new();
        let port = world.listeners.listen(SocketAddr::from(([127, 0, 0, 1], 0))).port();
        let (secret, given) = (Canary::new("stored"), Canary::new("given"));
        let (file, trace) = (world.file("secret", secret.text()), world.folder.0.join("ran"));
        let shell = format!("echo >> {}; cat {}", trace.display(), file.display());
        let by_command = Row { kind: "api-key", command: vec!["sh", "-c", &shell], ..Row::default() };
        let by_variable = Row { kind: "api-key", variable: "BOOKS_SECRET", ..Row::default() };
        let stored = [("BOOKS_SECRET", secret.text())];
        for row in [by_command, by_variable] {
            world.configure(&row.text());
            let plain = world.run(path_of(false), &stored);
            assert_eq!(plain.code, 0, "it works where it belongs: {}", plain.err);
            assert_carries(&only(&world.take(), "external.staging.pleo.io"), &secret.basic(), &secret);
            assert_eq!(fs::remove_file(&trace).is_ok(), row.variable.is_empty(), "the command is seen when it runs");
            for name in ["staging", "auth-staging", "legacy-staging"] {
                let over = format!("{name}=http://127.0.0.1:{port}");
                let named = [path_of(false), &["--credential", NAME]].concat();
                for args in [path_of(false), &named[..], &["whoami"], &["auth", "test"], &["auth", "test", NAME]] {
                    let ran = world.run(&[args, &["--base-url", &over]].concat(), &stored);
                    assert!([1, 2].contains(&ran.code), "{args:?} {over}: {} {}", ran.code, ran.err);
                    assert!(ran.err.contains("never used with an overridden base URL"), "{args:?} {over}: {}", ran.err);
                    quiet(&ran, &secret);
                    assert!(!trace.exists(), "{args:?} {over}: the command was run");
                    world.assert_untouched(&over);
                }
                for how in [&["--variable", "OTHER"][..], &["--stdin"], &["--", "cat", file.to_str().unwrap()]] {
                    let args = [&["auth", "add", "more", "--kind", "api-key", "--base-url", &over], how].concat();
                    let ran = world.run(&args, &stored);
                    assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
                    assert!(ran.err.contains("stored ones are never used there"), "{args:?}: {}", ran.err);
                }
                assert!(!world.config().join("credentials.toml").exists());
            }
            let over = format!("staging=http://127.0.0.1:{port}");
            let mut session = world.session(&["open", "GET", "/v2/employees", "--base-url", &over], &stored, (160, 40));
            session.wait("4 Request GET /v2/employees");
            session.keys("s");
            session.wait("never used with an overridden base URL");
            session.keys("q");
            assert_eq!(session.end(Duration::from_secs(10)), 0);
            assert!(!trace.exists());
            world.assert_untouched("the explorer");
            let both = [stored[0], ("PLEOSCOPE_STAGING_API_KEY", given.text())];
            let ran = world.run(&[path_of(false), &["--base-url", &over]].concat(), &both);
            let log = world.take();
            assert_eq!((ran.code, log.len()), (0, 1), "{}", ran.err);
            assert_eq!((log[0].to.port(), &log[0].wire), (port, &Wire::Plain));
            assert_carries(&log[0].requests[0], &given.basic(), &given);
            secret.assert_not_in(&log[0].bytes, "what came to the overridden host");
            assert!(!trace.exists());
        }
    });
}

/// Lists, adds by command and by variable, tests, removes; the secret is in no output and in no file of ours.
#[test]
fn auth_knows_where_credentials_are_and_never_what_they_are() {
    isolated(|| {
        let world = World::new();
        let secret = Canary::new("stored");
        let file = world.file("secret", secret.text());
        let credentials = world.config().join("credentials.toml");
        let run = |args: &[&str], code: i32| {
            let ran = world.run(&[&["auth"], args].concat(), &[("BOOKS_SECRET", secret.text())]);
            assert_eq!(ran.code, code, "{args:?}: {}{}", ran.out, ran.err);
            quiet(&ran, &secret);
            assert!(ran.err.lines().all(|line| !line.contains("panicked")), "{}", ran.err);
            ran
        };
        assert!(run(&["list"], 0).err.contains("No credentials"));
        assert_eq!(run(&["list", "-o", "json"], 0).out, "[]\n");
        for name in ["", "a b", "../x", "a/b", "Ærø", &"n".repeat(41)] {
            let ran = run(&["add", name, "--kind", "api-key", "--variable", "BOOKS_SECRET"], 2);
            assert!(ran.err.contains("a name is 1 to 40 letters"), "{name:?}: {}", ran.err);
        }
        assert!(!credentials.exists() && !world.config().exists(), "nothing was written for a name that is none");
        run(&["add", NAME, "--kind", "api-key", "--", "cat", file.to_str().unwrap()], 0);
        run(&["add", "live", "--env", "production", "--kind", "access-token", "--variable", "BOOKS_SECRET"], 0);
        let twice = run(&["add", NAME, "--kind", "access-token", "--variable", "BOOKS_SECRET"], 2);
        assert!(twice.err.contains("staging has a credential called books already"), "{}", twice.err);
        let rows: Value = serde_json::from_str(&run(&["list", "-o", "json"], 0).out).unwrap();
        let told = |row: usize, key: &str| rows[row][key].as_str().unwrap().to_owned();
        assert_eq!(rows.as_array().unwrap().len(), 2);
        assert_eq!([told(0, "environment"), told(0, "name"), told(0, "kind")], ["staging", NAME, "api-key"]);
        assert_eq!([told(1, "environment"), told(1, "name"), told(1, "kind")], ["production", "live", "access-token"]);
        let text = run(&["list"], 0).out;
        assert!(text.lines().count() == 3 && text.contains(NAME) && text.contains("live"), "{text}");
        world.assert_untouched("listing and adding ask nobody");

        world.answer(|request| match request.target.as_str() {
            "/v1/introspect" => {
                Reply::json("200 OK", "{\"data\":{\"authMethod\":\"API_KEY\",\"scope\":\"users:read\"}}")
            }
            _ => Reply::json("200 OK", "{\"data\":[]}"),
        });
        let tested = run(&["test", NAME], 0);
        assert!(tested.out.contains("API_KEY") && tested.out.contains("users:read"), "{}", tested.out);
        let log = world.take();
        assert_eq!(log[0].requests[0].header("authorization"), [secret.basic()]);
        run(&["test", "live", "--env", "production"], 0);
        assert!(world.take().iter().all(|arrival| arrival.name.as_deref() == Some("external.pleo.io")));
        world.answer(|_| Reply::json("401 Unauthorized", "{}"));
        assert!(run(&["test", NAME], 4).err.contains("(401)"));
        world.take();
        assert!(run(&["test", "live"], 2).err.contains("no credential called"), "it is of the other environment");

        run(&["remove", "live"], 2);
        run(&["remove", "live", "--env", "production"], 0);
        run(&["remove", NAME], 0);
        assert_eq!(run(&["list", "-o", "json"], 0).out, "[]\n");
        assert!(fs::read_to_string(&file).is_ok_and(|text| text == secret.text()), "the person's own file stays");
        world.configure(&Row { variable: "BOOKS_SECRET", ..Row::default() }.text());
        assert!(run(&["remove", NAME], 1).err.contains("take it out there"));
        world.assert_untouched("none of these asks anybody");
        assert_swept(&world, &secret, &[&file]);
    });
}

/// Without a keyring a value is not even read, nothing is written, and the other ways are named.
#[test]
fn auth_add_without_a_keyring_reads_and_writes_nothing() {
    isolated(|| {
        let world = World::new();
        let secret = Canary::new("typed");
        let (mut kept, mut writer) = std::io::pipe().unwrap();
        writer.write_all(secret.text().as_bytes()).unwrap();
        drop(writer);
        let before = everything(&world.folder.0);
        let mut command = world.command(&["auth", "add", NAME, "--kind", "api-key", "--stdin"], &[]);
        command.stdin(kept.try_clone().unwrap());
        let ran = Ran::from(command.output().unwrap());
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains("No keyring") && ran.err.contains("with a command of yours"), "{}", ran.err);
        quiet(&ran, &secret);
        let mut left = String::new();
        kept.read_to_string(&mut left).unwrap();
        assert_eq!(left, secret.text(), "nothing was read");
        assert_eq!(everything(&world.folder.0), before, "nothing was written");
        world.assert_untouched("nobody was asked");
    });
}

/// A login under way: the process and what it says.
pub struct Login {
    child: Child,
    told: BufReader<std::process::ChildStderr>,
}

impl Login {
    fn begin(world: &World, args: &[&str]) -> (Self, Url) {
        Self::of(world.command(&[&["auth", "login", "--no-browser"], args].concat(), &[]))
    }

    /// The login that a command begins, and the address that it says.
    pub fn of(mut command: Command) -> (Self, Url) {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let told = BufReader::new(child.stderr.take().unwrap());
        let mut login = Self { child, told };
        let url = Url::parse(login.line("/oauth/authorize").trim()).unwrap();
        login.line("paste the address");
        (login, url)
    }

    /// The next line that holds this.
    fn line(&mut self, text: &str) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            assert!(self.told.read_line(&mut line).unwrap() > 0, "{text:?} was not said:\n{all}");
            if line.contains(text) {
                return line;
            }
            all.push_str(&line);
        }
    }

    pub fn paste(&mut self, text: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{text}").unwrap();
    }

    pub fn end(mut self) -> (i32, String) {
        let mut rest = String::new();
        self.told.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code().unwrap(), rest)
    }
}

/// Plain HTTP to this machine, as a browser speaks it; the whole answer.
fn browse(method: &str, url: &Url, body: &str) -> String {
    let mut stream = TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).unwrap();
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let own = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let form = if body.is_empty() { "" } else { "Content-Type: application/x-www-form-urlencoded\r\n" };
    let head = format!("{method} {target} HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n{form}");
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Agrees on the sandbox's page; where the browser is sent to.
fn agree(url: &Url) -> Url {
    let page = browse("GET", url, "");
    let id = page.split_once("name=\"request\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let mut form = url.clone();
    form.set_query(None);
    let decided = browse("POST", &form, &format!("request={id}&decision=allow"));
    let location = decided.lines().find(|line| line.to_ascii_lowercase().starts_with("location: ")).unwrap();
    Url::parse(location[10..].trim()).unwrap()
}

/// Against the sandbox: the browser comes back, or the address is pasted, and nothing of it is kept.
#[test]
fn auth_login_in_the_sandbox_keeps_nothing() {
    isolated(|| {
        let world = World::quiet();
        let before = everything(&world.folder.0);
        for pasted in [false, true] {
            let (mut login, url) = Login::begin(&world, &["--sandbox"]);
            let back = agree(&url);
            if pasted {
                let other = back.as_str().replace("state=", "state=x");
                login.paste(&other);
                assert!(login.line("Nothing was taken").contains("its state is another one"));
                login.paste(back.as_str());
            } else {
                assert!(browse("GET", &back, "").starts_with("HTTP/1.1 200"));
            }
            let (code, rest) = login.end();
            assert_eq!(code, 0, "{rest}");
            assert!(rest.contains("Logged in.") && !rest.contains("sbx_staging_"), "{rest}");
            assert!(!rest.contains(back.query_pairs().find(|(name, _)| name == "code").unwrap().1.as_ref()), "{rest}");
            assert_eq!(everything(&world.folder.0), before, "nothing is kept");
        }
    });
}

/// On real names with a command that saves: only the code with this login's state is redeemed, the pair is given to the
/// command, and `send` uses it.
#[test]
fn auth_login_gives_the_pair_to_the_persons_command() {
    isolated(|| {
        let (world, issuer) = (World::new(), Issuer::new());
        let answering = issuer.clone();
        world.answer(move |request| answering.answer(request));
        let pair = world.keep_login("", &world.save());
        fs::remove_file(&pair).unwrap();
        let args =
            [NAME, "--client-id", "a-client", "--scope", "users:read", "--redirect-uri", "https://app.example/in"];
        let (mut login, url) = Login::begin(&world, &args);
        assert_eq!((url.scheme(), url.host_str()), ("https", Some("auth.staging.pleo.io")));
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        for wrong in
            ["?code=the-code", "?code=the-code&state=x", &format!("?code=the-code&state={state}&state={state}")]
        {
            login.paste(&format!("https://app.example/in{wrong}"));
            login.line("Nothing was taken");
        }
        world.assert_untouched("no wrong state makes a token request");
        login.paste(&format!("https://app.example/in?code=the-code&state={state}"));
        let (code, rest) = login.end();
        assert_eq!(code, 0, "{rest}");
        let request = only(&world.take(), "auth.staging.pleo.io");
        let form = String::from_utf8(request.body.clone()).unwrap();
        assert!(form.contains("grant_type=authorization_code") && form.contains("client_id=a-client"), "{form}");
        let kept: Value = serde_json::from_str(&fs::read_to_string(&pair).unwrap()).unwrap();
        assert_eq!(kept["access_token"], issuer.now().access.as_str());
        assert_eq!(kept["refresh_token"], issuer.now().refresh.as_str());
        issuer.assert_not_in(&rest);
        let ran = world.run(path_of(false), &[]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        only(&world.take(), "external.staging.pleo.io");
        assert_eq!(issuer.now().calls, 1);
        until("the log stays empty", || world.take().is_empty().then_some(()));
    });
}
