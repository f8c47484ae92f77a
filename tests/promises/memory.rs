//! Checks 7 and 8: who may look into our memory, and what is in it.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::canary::Canary;
use super::explorer::{Explorer, KINDS, Typed, pleo};
use super::given::Given;
use super::network::{has, isolated, note};
use super::server::{Reply, until};
use super::world::{PLEOSCOPE, World};

/// Whom the program is run as: nobody.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Words that run a program as nobody, with cores as large as they get.
fn as_nobody<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let lax = "ulimit -c unlimited; exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\"";
    [&["sh", "-c", lax, "sh"], words].concat()
}

/// Whether nobody can read a file of a process.
fn readable(id: u32, file: &str) -> bool {
    let path = format!("/proc/{id}/{file}");
    let words = as_nobody(&["head", "-c", "1", &path]);
    Command::new(words[0]).args(&words[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

/// Takes the core files out of a folder and counts them.
fn cores(folder: &Path) -> usize {
    let all = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let cores = all.filter(|entry| entry.file_name().to_string_lossy().starts_with("core"));
    cores.map(|core| fs::remove_file(core.path()).unwrap()).count()
}

/// No core file, and no look into the memory for the same ordinary user.
#[test]
fn promise_7_no_core() {
    isolated(|| {
        if !is_root() || !has("setpriv") {
            return note("promise_7: skipped, it needs root and setpriv to become an ordinary user");
        }
        let world = World::new();
        let folder = world.folder.0.join("of-nobody");
        fs::create_dir(&folder).unwrap();
        chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        // Where it was built nobody may be shut out.
        let program = folder.join("pleoscope");
        if fs::hard_link(PLEOSCOPE, &program).is_err() {
            fs::copy(PLEOSCOPE, &program).unwrap();
        }
        fs::set_permissions(&world.folder.0, fs::Permissions::from_mode(0o755)).unwrap();
        // What does not keep its memory private leaves a core here, where the system writes them as files.
        let within = |words: &[&str]| {
            let inside = format!("cd {} && exec \"$@\"", folder.display());
            [&["sh", "-c", &inside, "sh"], words].concat().iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let careless = within(&as_nobody(&["sh", "-c", "kill -ABRT $$"]));
        let status = Command::new(&careless[0]).args(&careless[1..]).status().unwrap();
        assert!(!status.success());
        if cores(&folder) == 0 {
            note("promise_7: this system writes no core files where a program runs, so only limits were looked at");
        }
        let given = Given::new("staging", "API_KEY");
        let words = within(&as_nobody(&[program.to_str().unwrap()]));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let state = [("PLEOSCOPE_CONFIG_DIR", folder.to_str().unwrap()), given.pair()];
        let mut explorer = Explorer::new(world.session_of(&words, &state, (120, 40)));
        let id = explorer.session.child.process_id().unwrap();
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        assert!(status.contains("pleoscope") && status.contains("Uid:\t65534\t65534"), "{status}");
        let limits = fs::read_to_string(format!("/proc/{id}/limits")).unwrap();
        let limit = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(limit.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{limit}");
        // A process that may be dumped belongs to its user in /proc, and this one to root.
        assert_eq!(fs::metadata(format!("/proc/{id}/mem")).unwrap().uid(), 0);
        let words = as_nobody(&["sleep", "60"]);
        let mut other = Command::new(words[0]).args(&words[1..]).spawn().unwrap();
        until("it sleeps", || {
            let name = fs::read_to_string(format!("/proc/{}/comm", other.id())).unwrap();
            (name == "sleep\n").then_some(())
        });
        assert_eq!(fs::metadata(format!("/proc/{}/mem", other.id())).unwrap().uid(), NOBODY);
        for file in ["environ", "maps", "auxv"] {
            assert!(readable(other.id(), file), "nobody sees its own processes");
            assert!(!readable(id, file), "nobody sees {file} of ours");
        }
        let open = format!("exec 3< /proc/{id}/mem");
        let words = as_nobody(&["sh", "-c", &open]);
        let opened = Command::new(words[0]).args(&words[1..]).stderr(Stdio::null()).status().unwrap();
        assert!(!opened.success(), "/proc/{id}/mem was opened");
        other.kill().unwrap();
        other.wait().unwrap();

        explorer.press("?", "┏ Help");
        assert!(Command::new("kill").args(["-ABRT", &id.to_string()]).status().unwrap().success());
        assert_ne!(explorer.session.end(Duration::from_secs(10)), 0);
        assert_eq!(cores(&folder), 0, "it left a core");
    });
}

/// How often the raw secrets are in the memory of a process, each.
fn copies<const N: usize>(folder: &Path, id: u32, secrets: [&Canary; N]) -> [usize; N] {
    let image = folder.join("image");
    let output = Command::new("gcore").arg("-o").arg(&image).arg(id.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let image = folder.join(format!("image.{id}"));
    let bytes = fs::read(&image).unwrap();
    fs::remove_file(image).unwrap();
    assert!(bytes.len() > 1 << 20, "an image of {} bytes", bytes.len());
    secrets.map(|secret| memchr::memmem::find_iter(&bytes, secret.text().as_bytes()).count())
}

/// The same, once there are so few or two seconds are over.
fn copies_in_time<const N: usize>(folder: &Path, id: u32, secrets: [&Canary; N], few: usize) -> [usize; N] {
    let since = Instant::now();
    loop {
        let left = copies(folder, id, secrets);
        if left.iter().all(|left| *left <= few) || since.elapsed() > Duration::from_secs(2) {
            return left;
        }
    }
}

/// Why memory cannot be looked at here.
fn blind(folder: &Path) -> Option<String> {
    if !is_root() || !has("gcore") {
        return Some("it needs root and gcore (gdb)".to_owned());
    }
    let mut other = Command::new("sleep").arg("60").spawn().unwrap();
    let output =
        Command::new("gcore").arg("-o").arg(folder.join("trial")).arg(other.id().to_string()).output().unwrap();
    other.kill().unwrap();
    other.wait().unwrap();
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; "))
}

/// After it was forgotten no copy of a credential is in memory, however it was given; while it is in use there are few.
#[test]
fn promise_8_forgotten() {
    isolated(|| {
        let world = World::new();
        if let Some(why) = blind(&world.folder.0) {
            return note(&format!("promise_8: skipped, {why}"));
        }
        for (kind, pasted) in [(0, true), (1, false)] {
            world.answer(pleo("{}"));
            let one = Typed { environment: "staging", kind, secret: Canary::new("staging-typed") };
            let mut explorer = Explorer::new(world.session(&[], &[], (120, 40)));
            let id = explorer.session.child.process_id().unwrap();
            if pasted {
                explorer.give(&one);
            } else {
                explorer.open_field(kind);
                // As hands do it: one key, then the next.
                for (at, key) in one.secret.text().char_indices() {
                    explorer.press(&key.to_string(), &"•".repeat((at + 1).min(12)));
                    std::thread::sleep(Duration::from_millis(2));
                }
                explorer.press("\r", &format!(" …{}", one.secret.tail()));
            }
            explorer.session.wait("Ledger");
            explorer.open("/v2/employees");
            explorer.send();
            explorer.send();
            one.assert_arrived(&world.listeners.wait_for(4), 4);
            let [used] = copies(&world.folder.0, id, [&one.secret]);
            explorer.press("2g\u{1b}[3~", "Forgot the ");
            let case = format!("{}, {}", KINDS[kind], if pasted { "pasted" } else { "typed" });
            assert!((1..=4).contains(&used), "{case}: {used} copies in use");
            // What was pasted came to the library that reads the terminal in one piece. Its buffer is private, is never
            // wiped, and keeps the end of the longest piece that came: that one copy is not ours to forget.
            let theirs = usize::from(pasted);
            let [left] = copies_in_time(&world.folder.0, id, [&one.secret], theirs);
            assert!(left <= theirs, "{case}: {left} copies after it was forgotten");
            explorer.quit();
            world.take();
        }
        a_login(&world);
    });
}

/// The tokens of a login, which never come through the terminal.
fn a_login(world: &World) {
    let [client, code, access, refresh] = ["client-secret", "code", "access", "refresh"].map(Canary::new);
    let tokens = format!(
        "{{\"access_token\":\"{}\",\"refresh_token\":\"{}\",\"expires_in\":3600}}",
        access.text(),
        refresh.text()
    );
    let others = pleo("{}");
    world.answer(move |request| match request.target.as_str() {
        "/oauth/token" => Reply::json("200 OK", &tokens),
        "/oauth/token/introspect" => Reply::json("200 OK", "{\"active\":true}"),
        _ => others(request),
    });
    let mut explorer = Explorer::new(world.session(&[], &[("PLEOSCOPE_NO_BROWSER", "1")], (120, 40)));
    let id = explorer.session.child.process_id().unwrap();
    explorer.fill_login(&client);
    explorer.press("\r", "Open this address in a browser");
    explorer.paste(code.text());
    explorer.session.wait("••••");
    explorer.press("\r", &format!("…{}", access.tail()));
    explorer.session.wait("Ledger");
    explorer.open("/v2/employees");
    explorer.send();
    let used = copies(&world.folder.0, id, [&access, &refresh]);
    assert!(used.iter().all(|used| (1..=4).contains(used)), "{used:?} copies in use");
    explorer.press("2g\u{1b}[3~", "Forgot the ");
    let left = copies_in_time(&world.folder.0, id, [&access, &refresh], 0);
    assert_eq!(left, [0, 0], "copies after they were forgotten");
    explorer.quit();
    world.take();
}
