//! `send --as`: each command that it prints is run, and what arrives is the same as what `send` sends itself.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;

use super::super::{code, err, out, pleoscope};

/// What came over the wire, as far as forms may not differ in it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Arrived {
    line: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

/// A server that writes down what arrives.
struct Recorder {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Arrived>>>,
}

impl Recorder {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&seen);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                // One that breaks off has sent nothing.
                if let Some(arrived) = take(&mut stream) {
                    into.lock().unwrap().push(arrived);
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                    // Whoever does not wait for it has sent it all the same.
                    let _ = stream.write_all(answer);
                }
            }
        });
        Self { address, seen }
    }

    /// The one request that has come since this was asked last.
    fn one(&self, what: &str) -> Arrived {
        let mut seen = std::mem::take(&mut *self.seen.lock().unwrap());
        assert_eq!(seen.len(), 1, "{what}: {seen:#?}");
        seen.remove(0)
    }
}

fn take(stream: &mut TcpStream) -> Option<Arrived> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = memchr::memmem::find(&bytes, b"\r\n\r\n") {
            break end;
        }
        read_on(stream, &mut bytes)?;
    };
    let text = String::from_utf8(bytes[..head].to_vec()).ok()?;
    let mut lines = text.split("\r\n");
    let line = lines.next()?.to_owned();
    let pairs: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let of = |name: &str| pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    if of("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let length: usize = of("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while bytes.len() < head + 4 + length {
        read_on(stream, &mut bytes)?;
    }
    let told = ["host", "authorization", "accept", "content-type"];
    let mut headers: Vec<String> = pairs
        .iter()
        .filter(|(name, _)| told.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort();
    Some(Arrived { line, headers, body: bytes[head + 4..].to_vec() })
}

fn read_on(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 16 * 1024];
    let count = stream.read(&mut piece).ok().filter(|count| *count > 0)?;
    bytes.extend_from_slice(&piece[..count]);
    Some(())
}

/// The credential of a request: its variable and its value.
type Given = Option<(&'static str, &'static str)>;

const KEY: Given = Some(("PLEOSCOPE_STAGING_API_KEY", "pls_CNRY'0123\"45$6"));
const TOKEN: Given = Some(("PLEOSCOPE_STAGING_ACCESS_TOKEN", "CNRYtoken.0123_45-6"));
const LEGACY: Given = Some(("PLEOSCOPE_STAGING_LEGACY_TOKEN", "CNRYlegacy0123"));

/// A request as one writes it for `send`.
struct Case {
    words: &'static [&'static str],
    body: Option<String>,
    given: Given,
}

fn cases() -> Vec<Case> {
    let case = |words, body: Option<&str>, given| Case { words, body: body.map(str::to_owned), given };
    let vendors: &[&str] = &["POST", "/v1/vendors"];
    let mut cases = vec![
        case(&["GET", "/v2/employees", "-q", "limit=5", "-q", "email=a b&c'd\"e$HOME", "-q", "code=É漢"], None, KEY),
        case(
            &["GET", "/v9/%7Efree/a%2Fb/%E6%BC%A2?q=%25%0A&sorting_keys=id&sorting_keys=code&x=", "-q", "x=!*()~+'"],
            None,
            TOKEN,
        ),
        case(&["GET", "/v1/employees", "--legacy"], None, LEGACY),
        case(&["GET", "/v2/employees"], None, None),
        case(&["HEAD", "/v2/employees"], None, KEY),
        case(&["POST", "/v9/x"], None, KEY),
        case(vendors, Some("{\"a\": \"it's \\\"q\\\" \\\\ $HOME `id` !! %s 50% é漢😀\",\n \"b\": 1.10}\n"), KEY),
        case(vendors, Some("{\"tab\":\t\"\u{7f}\u{9b}201~\u{202e}\",\r\n\"x\":\"a\\u0000b\"}\n\n\n"), TOKEN),
        case(vendors, Some("-1"), KEY),
        case(&["PATCH", "/v9/x"], Some("\"it's @x\""), KEY),
    ];
    let large = format!("{{\"text\":\"{}\"}}", "é'\\\\!$".repeat(30_000));
    cases.push(Case { words: vendors, body: Some(large), given: KEY });
    cases
}

/// A program that runs a form.
struct Tool {
    form: &'static str,
    /// Its name for people.
    name: &'static str,
    /// Nothing where it is not installed.
    program: Option<String>,
}

/// What a command prints, where it can be run.
fn probe(program: &str, words: &[&str]) -> Option<String> {
    let ran = Command::new(program).args(words).stdin(Stdio::null()).output().ok()?;
    ran.status.success().then(|| String::from_utf8_lossy(&ran.stdout).trim().to_owned())
}

fn tools() -> Vec<Tool> {
    // The interpreter itself: what stands in the path may be a script that looks for it by the home folder.
    let python = ["python3", "/usr/bin/python3"]
        .into_iter()
        .find_map(|program| probe(program, &["-c", "import sys, requests; print(sys.executable)"]));
    let there = |program: &str| probe(program, &["--version"]).map(|_| program.to_owned());
    vec![
        Tool { form: "curl", name: "curl", program: there("curl") },
        Tool { form: "python", name: "Python with requests", program: python },
        Tool { form: "fetch", name: "Node", program: there("node") },
        Tool { form: "httpie", name: "HTTPie", program: there("http") },
        Tool { form: "send", name: "pleoscope", program: Some(env!("CARGO_BIN_EXE_pleoscope").to_owned()) },
        Tool { form: "http", name: "a socket", program: Some(String::new()) },
    ]
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("handing-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is in the folder of the build.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs what was printed, with the variable set and nothing else of the surroundings.
fn run(tool: &Tool, printed: &str, case: &Case, folder: &Folder, address: SocketAddr) {
    let program = tool.program.as_deref().unwrap_or_default();
    let mut command = match tool.form {
        "http" => return by_socket(printed, case, address),
        "python" | "fetch" => {
            let file = folder.0.join(if tool.form == "python" { "own.py" } else { "own.mjs" });
            std::fs::write(&file, printed).unwrap();
            let mut command = Command::new(program);
            command.arg(file);
            command
        }
        _ => {
            // As somebody would paste it; longer than the system takes as an argument.
            let file = folder.0.join("own.sh");
            std::fs::write(&file, printed).unwrap();
            let mut command = Command::new("sh");
            command.arg(file);
            command
        }
    };
    let own = Path::new(env!("CARGO_BIN_EXE_pleoscope")).parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    command.env_clear().env("PATH", format!("{own}:{path}")).env("HOME", &folder.0).stdin(Stdio::null());
    command.envs(case.given);
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{}: {printed}\n{}", tool.name, String::from_utf8_lossy(&ran.stderr));
}

/// `HTTPie` decodes in a query what needed no encoding, whatever it is told; the meaning is the same (RFC 3986, 6.2.2.2).
fn requoted(own: Arrived) -> Arrived {
    Arrived { line: own.line.replace("%7E", "~"), ..own }
}

fn by_socket(printed: &str, case: &Case, address: SocketAddr) {
    let mut text = printed.to_owned();
    if let Some((variable, value)) = case.given {
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{value}:"));
        text = text.replace(&format!("<Base64 of ${variable}:>"), &basic).replace(&format!("<${variable}>"), value);
    }
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// What `send` does with a case and these words more.
fn ask(case: &Case, address: SocketAddr, more: &[&str]) -> std::process::Output {
    let part = if case.words.contains(&"--legacy") { "legacy-staging" } else { "staging" };
    let base = format!("{part}=http://{address}");
    let mut words = vec!["--base-url", &base, "send"];
    words.extend(case.words);
    words.extend(more);
    if case.body.is_some() {
        words.extend(["--body", "-"]);
    }
    let mut command = pleoscope(&words);
    command.envs(case.given).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(case.body.as_deref().unwrap_or_default().as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn each_command_sends_the_same_request() {
    let (recorder, folder) = (Recorder::start(), Folder::new());
    let tools = tools();
    for tool in tools.iter().filter(|tool| tool.program.is_none()) {
        eprintln!("not run: {} is not installed; its form is compared with what is expected only", tool.name);
    }
    for case in cases() {
        let sent = ask(&case, recorder.address, &[]);
        assert_eq!(code(&sent), 0, "{:?}: {}", case.words, err(&sent));
        let own = recorder.one("send itself");
        assert_eq!(own.headers.iter().any(|line| line.starts_with("authorization: ")), case.given.is_some());
        for tool in &tools {
            let printed = ask(&case, recorder.address, &["--as", tool.form]);
            assert_eq!(code(&printed), 0, "{}: {}", tool.form, err(&printed));
            assert!(recorder.seen.lock().unwrap().is_empty(), "{}: something was sent", tool.form);
            let printed = out(&printed);
            assert!(!printed.contains("CNRY"), "{printed}");
            if tool.program.is_none() {
                continue;
            }
            // Node sends no body with a read, and says so in the script.
            run(tool, &printed, &case, &folder, recorder.address);
            let arrived = recorder.one(&format!("{}: {printed}", tool.name));
            let same = |own: Arrived| if tool.form == "httpie" { requoted(own) } else { own };
            assert_eq!(same(arrived), same(own.clone()), "{}: {printed}", tool.name);
        }
    }
}

/// Where `HTTPie` is not installed, this is what is known of its form; its words are those of its own documentation.
#[test]
fn httpie_is_written_as_it_reads() {
    let address: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let case = |words, body: Option<&str>, given| Case { words, body: body.map(str::to_owned), given };
    for (case, wanted) in [
        (
            case(&["GET", "/v2/employees", "-q", "email=a b&c"], None, KEY),
            "http --ignore-stdin --auth \"$PLEOSCOPE_STAGING_API_KEY:\" GET 'http://127.0.0.1:9/v2/employees?email=a%20b%26c' \\\n  'Accept: application/json;charset=UTF-8'\n",
        ),
        (
            case(&["POST", "/v1/vendors"], Some("{\"a\": \"it's\"}"), TOKEN),
            "http --ignore-stdin POST http://127.0.0.1:9/v1/vendors \\\n  'Accept: application/json;charset=UTF-8' \\\n  'Content-Type: application/json;charset=UTF-8' \\\n  \"Authorization: Bearer $PLEOSCOPE_STAGING_ACCESS_TOKEN\" \\\n  --raw='{\"a\": \"it'\\''s\"}'\n",
        ),
        (
            case(&["POST", "/v1/vendors"], Some("{\"a\":\t1}"), None),
            "printf %b '{\"a\":\\00111}' | http POST http://127.0.0.1:9/v1/vendors \\\n  'Accept: application/json;charset=UTF-8' \\\n  'Content-Type: application/json;charset=UTF-8'\n",
        ),
    ] {
        assert_eq!(out(&ask(&case, address, &["--as", "httpie"])), wanted);
    }
}

#[test]
fn what_is_refused_is_not_printed_either() {
    for (words, wanted) in [
        (&["send", "--as", "curl", "DELETE", "/v9/x", "--env", "production"][..], "--allow-production-write"),
        (&["send", "--as", "curl", "get-employee"], "employeeId"),
        (&["send", "--as", "curly", "GET", "/v2/employees"], "is not a form"),
        (&["send", "--as", "curl", "--all", "GET", "/v2/employees"], "cannot be used with"),
    ] {
        let ran = pleoscope(words).output().unwrap();
        assert_eq!((code(&ran), out(&ran).as_str()), (2, ""), "{words:?}: {}", err(&ran));
        assert!(err(&ran).contains(wanted), "{words:?}: {}", err(&ran));
    }
}

#[test]
fn an_archive_and_a_report_tell_of_a_request_that_was_not_sent() {
    let address: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let case = Case { words: &["GET", "/v2/employees"], body: None, given: KEY };
    let archive = ask(&case, address, &["--as", "har"]);
    let archive: serde_json::Value = serde_json::from_slice(&archive.stdout).unwrap();
    let entry = &archive["log"]["entries"][0];
    assert_eq!((&entry["request"]["method"], entry["response"]["status"].as_u64()), (&"GET".into(), Some(0)));
    let report = out(&ask(&case, address, &["--as", "markdown"]));
    assert!(
        report.starts_with("# `GET /v2/employees` not sent\n") && report.contains("--user \"$PLEOSCOPE"),
        "{report}"
    );
}
