//! A whole fake Pleo on its real names, with others beside it, and the program let loose in it.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use portable_pty::CommandBuilder;
use rustls::ServerConfig;

use super::canary::Canary;
use super::server::{Arrival, Listeners, Reply, Request, Tls, Wire};
use super::tls::{Authority, Flaw};
use crate::harness::Session;

/// The program.
pub const PLEOSCOPE: &str = env!("CARGO_BIN_EXE_pleoscope");

/// Every name there is, with its address. Those of strangers are not on loopback.
pub const NAMES: [(&str, &str); 18] = [
    ("external.staging.pleo.io", "127.0.1.1"),
    ("external.pleo.io", "127.0.1.2"),
    ("openapi.staging.pleo.io", "127.0.1.3"),
    ("openapi.pleo.io", "127.0.1.4"),
    ("auth.staging.pleo.io", "127.0.1.5"),
    ("auth.pleo.io", "127.0.1.6"),
    ("evil.example", "10.66.0.1"),
    ("sub.external.staging.pleo.io", "10.66.0.2"),
    ("external.pleo.io.evil.example", "10.66.0.3"),
    ("external-pleo.io", "10.66.0.3"),
    ("xexternal.pleo.io", "10.66.0.3"),
    ("127.0.0.1.evil.example", "10.66.0.3"),
    ("localhost.evil.example", "10.66.0.3"),
    ("xn--xternal-6gg.pleo.io", "10.66.0.3"),
    ("proxy.example", "10.66.0.4"),
    ("files.evil.example", "10.66.0.5"),
    ("localhost", "127.0.0.1"),
    ("localhost", "::1"),
];

/// Where a name leads.
pub fn address(name: &str) -> IpAddr {
    NAMES.iter().find(|(known, _)| *known == name).unwrap().1.parse().unwrap()
}

/// Whether this machine has IPv6 at all.
pub fn has_ipv6() -> bool {
    std::net::TcpListener::bind("[::1]:0").is_ok()
}

/// Makes the new network usable: loopback, the addresses of strangers, and the names. Once, in the process that
/// `isolated` started.
pub fn prepare() {
    let run = |program: &str, args: &[&str]| {
        let output = Command::new(program).args(args).output().unwrap();
        assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run("ip", &["link", "set", "lo", "up"]);
    let mut hosts = String::new();
    for (name, address) in NAMES {
        hosts.push_str(&format!("{address} {name}\n"));
        if address.starts_with("10.") {
            run("ip", &["addr", "replace", &format!("{address}/32"), "dev", "lo"]);
        }
    }
    let folder = Folder::new("names");
    for (file, text) in [("hosts", hosts.as_str()), ("nsswitch.conf", "hosts: files\n"), ("resolv.conf", "")] {
        let (own, system) = (folder.0.join(file), format!("/etc/{file}"));
        if Path::new(&system).exists() {
            fs::write(&own, text).unwrap();
            run("mount", &["--bind", own.to_str().unwrap(), &system]);
        }
    }
}

/// A folder of its own that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    /// A new one.
    pub fn new(label: &str) -> Self {
        let folder = std::env::temp_dir().join(Canary::new(label).text());
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind in the system's own folder for such things hurts nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How a run of the program ended.
pub struct Ran {
    /// Its exit code.
    pub code: i32,
    /// What it wrote to stdout.
    pub out: String,
    /// What it wrote to stderr.
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

/// The servers, the authority that signed for them, and a fresh home.
pub struct World {
    /// The servers.
    pub listeners: Listeners,
    /// Trusted by the program through `SSL_CERT_FILE`.
    pub authority: Authority,
    /// HOME, TMPDIR and the certificate's file.
    pub folder: Folder,
}

impl World {
    /// Every name answers on the ports 443, 80 and 8443, by TLS or in plain text as it is spoken to.
    pub fn new() -> Self {
        let mut world = Self::quiet();
        let mut addresses: Vec<&str> = NAMES.iter().map(|(_, address)| *address).collect();
        addresses.dedup();
        for address in addresses.into_iter().filter(|address| *address != "::1" || has_ipv6()) {
            for port in [443, 80, 8443] {
                world.listeners.listen(SocketAddr::new(address.parse().unwrap(), port));
            }
        }
        world
    }

    /// No server at all yet; `listeners.listen` adds one.
    pub fn quiet() -> Self {
        let authority = Authority::new("The authority of a test");
        let folder = Folder::new("home");
        fs::create_dir(folder.0.join("tmp")).unwrap();
        fs::write(folder.0.join("ca.pem"), authority.pem()).unwrap();
        let listeners = Listeners::new(certificate(&authority, Flaw::None));
        Self { listeners, authority, folder }
    }

    /// The servers' certificates have a flaw from now on.
    pub fn flaw(&self, flaw: Flaw) {
        self.listeners.speak(Tls::Modern(certificate(&self.authority, flaw)));
    }

    /// Decides about the answers from now on; without it all is 200 with a little JSON.
    pub fn answer(&self, responder: impl Fn(&Request) -> Reply + Send + Sync + 'static) {
        self.listeners.answer(responder);
    }

    /// The variables of every run.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.folder.0.join(name).to_str().unwrap().to_owned();
        vec![("HOME", path("")), ("TMPDIR", path("tmp")), ("SSL_CERT_FILE", path("ca.pem"))]
    }

    /// The program with these arguments and, beside a fresh HOME and the authority, these variables only.
    pub fn command(&self, args: &[&str], variables: &[(&str, &str)]) -> Command {
        self.command_of(PLEOSCOPE, args, variables)
    }

    /// The same for a program that starts it.
    pub fn command_of(&self, program: &str, args: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(program);
        command.args(args).env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
        command.envs(self.variables()).envs(variables.iter().copied()).current_dir(&self.folder.0);
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        self.command(args, variables).output().unwrap().into()
    }

    /// Runs it in a terminal.
    pub fn session(&self, args: &[&str], variables: &[(&str, &str)], size: (u16, u16)) -> Session {
        self.session_of(&[&[PLEOSCOPE], args].concat(), variables, size)
    }

    /// The same for a program that starts it.
    pub fn session_of(&self, words: &[&str], variables: &[(&str, &str)], size: (u16, u16)) -> Session {
        let mut command = CommandBuilder::new(words[0]);
        command.args(&words[1..]);
        command.cwd(&self.folder.0);
        let own = self.variables();
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        Session::spawn(command, &own.chain(variables.iter().copied()).collect::<Vec<_>>(), size)
    }

    /// Everything that arrived since the last time, once all connections are over.
    pub fn take(&self) -> Vec<Arrival> {
        self.listeners.take()
    }

    /// Nothing arrived anywhere.
    pub fn assert_untouched(&self, why: &str) {
        let log = self.take();
        assert!(log.is_empty(), "{why}: {log:#?}");
    }
}

fn certificate(authority: &Authority, flaw: Flaw) -> Arc<ServerConfig> {
    let mut names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    names.extend(["127.0.0.1", "::1"]);
    names.dedup();
    authority.server(&names, flaw)
}

/// The one request of a log: it came by TLS to this name's own address and port 443, under this name, and nothing else came
/// anywhere.
pub fn only(log: &[Arrival], name: &str) -> Request {
    assert_eq!(log.len(), 1, "not one connection to {name}: {log:#?}");
    let arrival = &log[0];
    assert_eq!(arrival.to, SocketAddr::new(address(name), 443), "{arrival:#?}");
    assert_eq!((arrival.name.as_deref(), &arrival.wire), (Some(name), &Wire::Tls));
    assert_eq!(arrival.requests.len(), 1, "not one request: {arrival:#?}");
    assert_eq!(arrival.requests[0].header("host"), [name]);
    arrival.requests[0].clone()
}
