//! A network of one's own: a test runs itself once more under `unshare`, where only loopback and its own hosts file are.

use std::io::Write as _;
use std::process::Command;
use std::sync::OnceLock;

use super::world;

/// Names the test that runs inside.
const INSIDE: &str = "PLEOSCOPE_PROMISE_INSIDE";

/// The ways to a new network and mount namespace: as root, or as an ordinary user who may become root in one of their own.
const WAYS: [&[&str]; 2] = [&["-mn"], &["-Umn", "--map-root-user"]];

/// Runs a scenario in a network without a way out. Call it as the only statement of a test, with a closure: the test's
/// name is read from the closure's type. Where no such network can be made, one line on stderr says why.
pub fn isolated<F: FnOnce()>(scenario: F) {
    let full = std::any::type_name::<F>();
    let name = full.split_once("::").unwrap().1.trim_end_matches("::{{closure}}");
    if std::env::var_os(INSIDE).is_some_and(|inside| inside == name) {
        world::prepare();
        return scenario();
    }
    let way = match way() {
        Ok(way) => way,
        Err(why) => return note(&format!("{name}: skipped, {why}")),
    };
    let mut command = Command::new("unshare");
    command.args(*way).arg(std::env::current_exe().unwrap());
    again(command, name);
}

/// Runs a scenario in a process of its own, in the network of all. Called as [`isolated`] is, and never skipped.
pub fn apart<F: FnOnce()>(scenario: F) {
    let full = std::any::type_name::<F>();
    let name = full.split_once("::").unwrap().1.trim_end_matches("::{{closure}}");
    if std::env::var_os(INSIDE).is_some_and(|inside| inside == name) {
        return scenario();
    }
    again(Command::new(std::env::current_exe().unwrap()), name);
}

/// Runs the test of this name once more, in the process that a command begins.
fn again(mut command: Command, name: &str) {
    let output = command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(INSIDE, name).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} failed by itself:\n{out}\n{err}");
    assert!(out.contains("1 passed"), "{name} did not run by itself:\n{out}\n{err}");
    // What it had to say, past the capturing of output.
    let _ = std::io::stderr().write_all(&output.stderr);
}

/// Says a line to the person who runs the tests, past the capturing of output.
pub fn note(line: &str) {
    // In one piece, so that what other tests say does not come in between.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Whether a program can be started here.
pub fn has(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}

/// The first way that works here, or why none does.
fn way() -> &'static Result<&'static [&'static str], String> {
    static WAY: OnceLock<Result<&'static [&'static str], String>> = OnceLock::new();
    WAY.get_or_init(|| {
        if !cfg!(target_os = "linux") {
            return Err("a network namespace needs Linux".to_owned());
        }
        if let Some(missing) = ["unshare", "ip", "mount"].into_iter().find(|program| !has(program)) {
            return Err(format!("the command {missing} is missing"));
        }
        let mut why = String::new();
        for way in WAYS {
            let trial = "ip link set lo up && mount --bind /etc/hosts /etc/hosts";
            let output = Command::new("unshare").args(way).args(["sh", "-c", trial]).output().unwrap();
            if output.status.success() {
                return Ok(way);
            }
            why = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
        }
        Err(format!("no network of its own can be made here ({why})"))
    })
}
