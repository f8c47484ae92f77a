//! Checks 32, 58, 59 and 60 for `credentials.toml`, and 58 for `config.toml`: how a save is done, and what a kill or a
//! refusal of the system at any step of it leaves.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::network::{has, note};
use super::store::everything;
use super::world::{PLEOSCOPE, Ran, World};

/// What a save is made of.
const CALLS: &str = "openat,write,fsync,fdatasync,rename,renameat,renameat2,mkdir,flock,unlink";
const ADD: [&str; 7] = ["auth", "add", "two", "--kind", "api-key", "--variable", "TWO"];

/// Whether calls can be traced here; says so where not.
pub fn traceable(check: &str) -> bool {
    let works = has("strace")
        && Command::new("strace")
            .args(["-o", "/dev/null", "true"])
            .output()
            .is_ok_and(|output| output.status.success());
    if !works {
        note(&format!("{check}: skipped, strace is missing or may not trace"));
    }
    works
}

fn fresh() -> World {
    let world = World::quiet();
    let ran = world.run(&["auth", "add", "one", "--kind", "api-key", "--variable", "ONE"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    world
}

fn traced(world: &World, inject: Option<&str>) -> (Ran, Vec<String>) {
    let trace = format!("trace={CALLS}");
    let file = world.folder.0.join("calls");
    let mut words = vec!["-f", "-y", "-qq", "-e", &trace, "-o", file.to_str().unwrap()];
    words.extend(inject.iter().flat_map(|inject| ["-e", inject]));
    words.push(PLEOSCOPE);
    words.extend(ADD);
    let ran = Ran::from(world.command_of("strace", &words, &[]).output().unwrap());
    let calls = fs::read_to_string(&file).unwrap_or_default().lines().map(ToOwned::to_owned).collect();
    // What strace itself wrote is not the program's.
    let _ = fs::remove_file(&file);
    (ran, calls)
}

/// The name of a call, and the thread that made it.
pub fn parts(line: &str) -> Option<(&str, &str)> {
    let (thread, rest) = line.split_once(' ')?;
    let (name, _) = rest.trim_start().split_once('(')?;
    Some((thread, name))
}

/// A new file beside the old one, for its owner only, made durable, put in its place, made durable there; a link that stands
/// in the way is replaced and not followed.
#[test]
fn promise_58_a_save_is_whole() {
    let (world, other) = (fresh(), World::quiet());
    let target = world.config().join("credentials.toml");
    let victim = other.file("victim", &fs::read_to_string(&target).unwrap());
    let before = fs::read(&victim).unwrap();
    fs::remove_file(&target).unwrap();
    std::os::unix::fs::symlink(&victim, &target).unwrap();
    let ran = world.run(&ADD, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(fs::read(&victim).unwrap(), before, "what the link led to is as it was");
    assert!(fs::symlink_metadata(&target).unwrap().is_file(), "the link was replaced");
    assert!(fs::read_to_string(&target).unwrap().contains("\"two\""));

    if !traceable("promise_58") {
        return;
    }
    let world = fresh();
    let (ran, calls) = traced(&world, None);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let folder = world.config();
    let (folder, own) = (folder.to_str().unwrap(), format!("{}/.credentials.toml.new-", folder_text(&world)));
    let about: Vec<&String> = calls.iter().filter(|line| line.contains(folder)).collect();
    let begin = about.iter().position(|line| line.contains(&own)).unwrap();
    let steps = &about[begin..];
    let target = format!("\"{folder}/credentials.toml\"");
    let wanted: [&[&str]; 6] = [
        &["openat(", &own, "O_CREAT|O_EXCL", "0600"],
        &["write(", &own],
        &["fsync(", &own],
        &["rename", &own, &target],
        &["openat(", folder],
        &["fsync(", folder],
    ];
    assert_eq!(steps.len(), wanted.len(), "{steps:#?}");
    for (step, words) in steps.iter().zip(wanted) {
        assert!(words.iter().all(|word| step.contains(word)), "{step} is not {words:?} of {steps:#?}");
    }
    assert!(!about[..begin].iter().any(|line| line.contains("O_WRONLY") || line.contains("O_RDWR")), "{about:#?}");
}

fn folder_text(world: &World) -> String {
    world.config().to_str().unwrap().to_owned()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// What the system refuses is a sentence that names the file; the old one stays as it was and nothing else stays behind.
#[test]
fn promise_60_a_refused_save() {
    if !traceable("promise_60") {
        return;
    }
    let world = fresh();
    let (ran, calls) = traced(&world, None);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let main = calls.iter().find_map(|line| parts(line)).unwrap().0;
    let mut count = HashMap::<&str, usize>::new();
    let mut points = Vec::new();
    for (thread, name, line) in calls.iter().filter_map(|line| parts(line).map(|(thread, name)| (thread, name, line))) {
        if thread != main {
            continue;
        }
        let number = count.entry(name).or_default();
        *number += 1;
        let errors: &[&str] = match name {
            _ if !line.contains(".credentials.toml.new-") => continue,
            "openat" => &["ENOSPC", "EROFS", "EMFILE", "EACCES", "EDQUOT"],
            "fsync" | "fdatasync" => &["EIO", "ENOSPC", "EDQUOT"],
            "rename" | "renameat" | "renameat2" => &["EIO", "EROFS", "EACCES", "ENOSPC"],
            _ => continue,
        };
        points.extend(errors.iter().map(|error| format!("inject={name}:error={error}:when={number}")));
    }
    assert!(points.len() >= 12, "{points:?}");
    for point in &points {
        let world = fresh();
        let target = world.config().join("credentials.toml");
        let old = fs::read(&target).unwrap();
        let (ran, _) = traced(&world, Some(point));
        assert!(ran.code > 0, "{point}: {} {}", ran.code, ran.err);
        assert!(ran.err.contains("credentials.toml") && ran.err.contains("cannot be"), "{point}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{point}: {}", ran.err);
        assert_eq!(fs::read(&target).unwrap(), old, "{point}: the old file changed");
        let rest = everything(&world.config()).into_iter();
        let rest: Vec<_> = rest.filter(|path| path.file_name().unwrap().to_string_lossy().contains(".new-")).collect();
        assert!(rest.is_empty(), "{point}: {rest:?}");
    }
}

/// The same where not a byte can be written.
#[test]
fn promise_60_no_room_for_a_save() {
    let world = fresh();
    let target = world.config().join("credentials.toml");
    let old = fs::read(&target).unwrap();
    let full = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    let words = [&["-c", full, "sh", PLEOSCOPE][..], &ADD].concat();
    let ran = Ran::from(world.command_of("sh", &words, &[]).output().unwrap());
    assert!(ran.code > 0 && ran.err.contains("credentials.toml"), "{} {}", ran.code, ran.err);
    assert_eq!(fs::read(&target).unwrap(), old);
    let ran = world.run(&ADD, &[]);
    assert_eq!(ran.code, 0, "with room it goes on: {}", ran.err);
}

/// The configuration is made once, for its owner alone, and a person's own file or link is never written again.
#[test]
fn promise_58_the_configuration_is_never_rewritten() {
    let world = World::quiet();
    let target = world.config().join("config.toml");
    let edit = |world: &World| {
        let mut session = world.session(&["config", "edit"], &[("EDITOR", "true")], (100, 24));
        session.end(Duration::from_secs(20))
    };
    assert_eq!(edit(&world), 0);
    assert_eq!((mode(&target), mode(&world.config())), (0o600, 0o700));
    let made = fs::read_to_string(&target).unwrap();
    assert!(made.contains("#[keys]"), "{made}");
    let own = "# mine\n[response]\nbody_limit = \"1 GB\"\n";
    let mine = world.file("mine.toml", own);
    fs::remove_file(&target).unwrap();
    std::os::unix::fs::symlink(&mine, &target).unwrap();
    assert_eq!(edit(&world), 0);
    assert!(fs::symlink_metadata(&target).unwrap().is_symlink(), "a person's link stays");
    assert_eq!(fs::read_to_string(&mine).unwrap(), own);
    // One that leads nowhere is not followed to make a file there.
    let nowhere = world.folder.0.join("nowhere.toml");
    fs::remove_file(&target).unwrap();
    std::os::unix::fs::symlink(&nowhere, &target).unwrap();
    edit(&world);
    assert!(!nowhere.exists(), "the link was followed");
}

/// Also check 59: killed at each call that has to do with our folders: the file is old or new whole, for its owner only, and the next start
/// works and sweeps what is old.
#[test]
fn promise_32_killed_while_saving() {
    if !traceable("promise_32") {
        return;
    }
    let world = fresh();
    let (ran, calls) = traced(&world, None);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let home = world.folder.0.to_str().unwrap();
    let main = calls.iter().find_map(|line| parts(line)).unwrap().0;
    let (mut count, mut points) = (HashMap::<&str, usize>::new(), Vec::new());
    for (thread, name, line) in calls.iter().filter_map(|line| parts(line).map(|(thread, name)| (thread, name, line))) {
        if thread == main {
            let number = count.entry(name).or_default();
            *number += 1;
            if line.contains(&format!("{home}/.config/pleoscope")) || line.contains(&format!("{home}/.local")) {
                points.push(format!("inject={name}:signal=SIGKILL:when={number}"));
            }
        }
    }
    let of = |name: &str| points.iter().filter(|point| point.starts_with(&format!("inject={name}"))).count();
    assert!(of("write") >= 1 && of("fsync") >= 2 && of("rename") >= 1 && of("openat") >= 4, "{points:?}");
    for point in &points {
        let world = fresh();
        let target = world.config().join("credentials.toml");
        let old = fs::read_to_string(&target).unwrap();
        let (ran, _) = traced(&world, Some(point));
        assert_eq!(ran.code, -1, "{point}: it was not killed: {}", ran.err);
        let found = fs::read_to_string(&target).unwrap();
        let is_new = found.starts_with(&old) && found.contains("name = \"two\"") && found.ends_with("\"TWO\"\n");
        assert!(found == old || is_new, "{point}: {found}");
        for path in everything(&world.folder.0).iter().filter(|path| path.starts_with(world.config())) {
            assert_eq!(mode(path) & 0o077, 0, "{point}: {}", path.display());
        }
        let rest = |world: &World| -> Vec<_> {
            let all = everything(&world.folder.0).into_iter();
            all.filter(|path| path.file_name().unwrap().to_string_lossy().contains(".new-")).collect()
        };
        // Time passes; then it is started again.
        for path in rest(&world) {
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(120)).unwrap();
        }
        let ran = world.run(&["auth", "list", "-o", "json"], &[]);
        assert_eq!(ran.code, 0, "{point}: {}", ran.err);
        let rows: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(rows.as_array().unwrap().len(), if found == old { 1 } else { 2 }, "{point}");
        assert_eq!(rest(&world), Vec::<std::path::PathBuf>::new(), "{point}: an unfinished file stays behind");
        let ran = world.run(&["auth", "add", "three", "--kind", "api-key", "--variable", "THREE"], &[]);
        assert_eq!(ran.code, 0, "{point}: {}", ran.err);
    }
}
