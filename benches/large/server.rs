//! The sandbox as a process of its own, and the programs that others use, beside which the explorer is measured.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program that is measured.
pub const PLEOSCOPE: &str = env!("CARGO_BIN_EXE_pleoscope");

/// A sandbox that serves bodies of any size until it is dropped.
pub struct Server {
    child: Child,
    /// Where the explorer finds it.
    pub base: String,
    /// What it wants to see.
    pub key: String,
}

impl Server {
    /// Starts one and reads what it says of itself.
    pub fn start() -> Self {
        let mut child = Command::new(PLEOSCOPE).arg("sandbox").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut after = |name: &str| {
            let line = lines.find(|line| line.trim_start().starts_with(name)).unwrap();
            line.trim_start()[name.len()..].trim().to_owned()
        };
        let (base, key) = (after("External API"), after("Standalone API key"));
        Self { child, base, key }
    }

    fn url(&self, size: &str) -> String {
        format!("{}/v2/employees?sandbox_fault=huge={size}", self.base)
    }

    /// Fetches a body and throws it away: time to the first byte, to the last one, and its length.
    pub fn fetch(&self, size: &str) -> (Duration, Duration, u64) {
        let format = "%{time_starttransfer} %{time_total} %{size_download}";
        let text = self.curl(&["-o", "/dev/null", "-w", format], size);
        let mut words = text.split_whitespace();
        let mut time = || Duration::from_secs_f64(words.next().unwrap().parse().unwrap());
        let (first, last) = (time(), time());
        (first, last, words.next().unwrap().parse().unwrap())
    }

    /// Fetches a body into a file.
    pub fn save(&self, size: &str, file: &Path) {
        self.curl(&["-o", file.to_str().unwrap()], size);
    }

    fn curl(&self, args: &[&str], size: &str) -> String {
        let mut command = Command::new("curl");
        command.args(["-q", "-s", "-f", "--noproxy", "*", "-u", &format!("{}:", self.key)]).args(args);
        let output = command.arg(self.url(size)).output().unwrap();
        assert!(output.status.success(), "curl: {}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is ours, and nobody waits for its last words.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How long `rg` takes to count in a file; nothing where it is not installed.
pub fn counted(args: &[&str], file: &Path) -> Option<Duration> {
    let begun = Instant::now();
    let mut command = Command::new("rg");
    command.arg("--no-config").args(args).arg(file).stdout(Stdio::null());
    command.status().ok().map(|_| begun.elapsed())
}
