//! Checks 58 and 59 for the history, which holds exchanges and unsent requests: how its database is made and written, and what a
//! kill at any step leaves of it and of the files beside it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::explorer::Explorer;
use super::saves::{parts, traceable};
use super::store::everything;
use super::world::{PLEOSCOPE, Ran, World};

/// A read of the imitation, which goes into the history.
pub const SEND: [&str; 6] = ["--sandbox", "send", "GET", "/v2/employees", "-q", "limit=1"];
/// How files are changed, by the database and by us.
const CALLS: &str = "trace=openat,pwrite64,fsync,fdatasync,ftruncate,unlink,rename";

/// A program under strace, and the calls that have to do with the database.
fn traced(world: &World, more: &[&str], args: &[&str]) -> (Ran, Vec<String>) {
    let file = world.folder.0.join("calls");
    let words = [&["-f", "-y", "-qq", "-e", CALLS, "-o", file.to_str().unwrap()], more, &[PLEOSCOPE], args].concat();
    let ran = Ran::from(world.command_of("strace", &words, &[]).output().unwrap());
    let calls = fs::read_to_string(&file).unwrap_or_default().lines().map(ToOwned::to_owned).collect();
    // What strace itself wrote is not the program's.
    let _ = fs::remove_file(&file);
    (ran, calls)
}

/// What the history lists, newest first; it can be read, and each exchange of it is whole.
pub fn listed(world: &World, case: &str) -> Vec<i64> {
    let ran = world.run(&["history", "-o", "json", "--limit", "9999"], &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{case}");
    let all: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
    all.iter().map(|one| one["number"].as_i64().unwrap()).collect()
}

/// An exchange is there with all that belongs to it.
fn assert_whole(world: &World, number: i64, case: &str) {
    let ran = world.run(&["history", "show", &number.to_string(), "--as", "har"], &[]);
    assert_eq!(ran.code, 0, "{case}: {number}: {}", ran.err);
    let har: Value = serde_json::from_str(&ran.out).unwrap();
    let entry = &har["log"]["entries"][0];
    let text = entry["response"]["content"]["text"].as_str().unwrap_or_default();
    assert!(entry["response"]["status"] == 200 && text.contains("\"data\""), "{case}: {number}: {har:#}");
}

/// The database is sound through and through, its index of words too.
pub fn assert_sound(world: &World, case: &str) {
    let database = rusqlite::Connection::open(world.state().join("history.db")).unwrap();
    let told: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(told, "ok", "{case}");
    let checked = database.execute("INSERT INTO words(words) VALUES('integrity-check')", []);
    assert!(checked.is_ok(), "{case}: the index of words: {checked:?}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy(&file.path(), &target);
        } else {
            fs::copy(file.path(), target).unwrap();
        }
    }
}

/// A home with two exchanges, arranged columns, a configuration and a stored credential.
fn lived_in() -> World {
    let world = World::quiet();
    for args in [&SEND[..], &SEND, &["auth", "add", "one", "--kind", "api-key", "--variable", "ONE"]] {
        let ran = world.run(args, &[]);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    world.configure("[history]\nmax_age = 30\n");
    fs::write(world.state().join("tables.json"), "{}").unwrap();
    assert_eq!(listed(&world, "to begin with"), [2, 1]);
    world
}

/// Files that have nothing to do with the history, as they are.
fn others(world: &World) -> Vec<(PathBuf, Vec<u8>)> {
    let ours = everything(&world.config()).into_iter().chain(everything(&world.state()));
    let others = ours.filter(|path| path.is_file() && !path.to_string_lossy().contains("history"));
    others.map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

/// It is made new and for its owner alone; what is planted in its place or beside it is not followed; what is removed is durable in
/// the log before it is done in the file, and in the file before the log is emptied.
#[test]
fn promise_58_the_history_is_written_in_order() {
    for (planted, old) in ["history.db", "history.db-wal", "history.db-shm", "history.db-journal"]
        .into_iter()
        .flat_map(|name| [(name, false), (name, true)])
    {
        let (world, other) = (World::quiet(), World::quiet());
        let victim = other.file("victim", "a file of somebody else's\n");
        let (path, case) = (world.state().join(planted), format!("{planted}, there before: {old}"));
        fs::create_dir_all(world.state()).unwrap();
        if old {
            assert_eq!(world.run(&SEND, &[]).code, 0);
            // Most of them are not there.
            let _ = fs::remove_file(&path);
        }
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        let ran = world.run(&SEND, &[]);
        assert!(ran.code == 0 && ran.out.contains("\"data\""), "{case}: {}", ran.err);
        assert_eq!(fs::read_to_string(&victim).unwrap(), "a file of somebody else's\n", "{case}");
        // It is taken away, kept under another name, or in the way, which is said.
        let sentences =
            ["The history was damaged: ", "The history is not kept: ", " was a link, which is not opened: "];
        let told = sentences.iter().any(|sentence| ran.err.contains(sentence));
        let gone = !fs::symlink_metadata(&path).is_ok_and(|about| about.is_symlink());
        assert!(if ran.err.is_empty() { gone } else { told && ran.err.lines().count() == 1 }, "{case}: {}", ran.err);
    }
    if !traceable("promise_58") {
        return;
    }
    let world = World::quiet();
    let (ran, calls) = traced(&world, &[], &SEND);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let opened: Vec<&String> =
        calls.iter().filter(|line| line.contains("openat(") && line.contains("/history")).collect();
    assert!(opened[0].contains("history.db\", ") && opened[0].contains("O_CREAT|O_EXCL"), "{opened:#?}");
    for line in &opened {
        assert!(line.contains("O_EXCL") || line.contains("O_NOFOLLOW"), "{line}");
        assert!(!line.contains("O_CREAT") || line.contains("0600"), "{line}");
    }
    let (ran, calls) = traced(&world, &[], &["history", "delete", "1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let steps: Vec<&str> = calls
        .iter()
        .filter(|line| !line.contains("-shm") && !line.contains("openat("))
        .filter_map(|line| {
            let file = if line.contains("history.db-wal>") {
                "log"
            } else {
                line.contains("history.db>").then_some("file")?
            };
            Some(match (parts(line)?.1, file) {
                ("pwrite64", "log") => "write log",
                ("pwrite64", _) => "write file",
                ("fsync" | "fdatasync", "log") => "sync log",
                ("fsync" | "fdatasync", _) => "sync file",
                _ => "empty log",
            })
        })
        .collect();
    let at = |step: &str| steps.iter().rposition(|own| *own == step).unwrap_or_else(|| panic!("{step}: {steps:?}"));
    let order = ["write log", "sync log", "write file", "sync file", "empty log"].map(at);
    assert!(order.is_sorted(), "{steps:?}");
    assert!(steps.iter().position(|own| *own == "write file").unwrap() > at("sync log"), "{steps:?}");
}

/// Where it begins, what is run, every how many writes it is killed, and what is listed before and after it.
type Deed<'a> = (&'a World, &'a [&'a str], usize, &'a [i64], &'a [i64]);

/// Killed while an exchange is kept, the first one and a later one, and while one is removed: the database opens, everything that was
/// kept is there and whole, the new one is there whole or not at all, no other file has changed, and the next run keeps on.
#[test]
fn promise_59_killed_while_the_history_is_written() {
    if !traceable("promise_59") {
        return;
    }
    let (fresh, lived_in) = (World::quiet(), lived_in());
    let deeds: [Deed<'_>; 3] = [
        (&fresh, &SEND, 6, &[], &[1]),
        (&lived_in, &SEND, 2, &[2, 1], &[3, 2, 1]),
        (&lived_in, &["history", "delete", "1"], 3, &[2, 1], &[2]),
    ];
    for (from, args, every, before, after) in deeds {
        let place = || {
            let world = World::quiet();
            if from.state().exists() {
                copy(&from.state(), &world.state());
                copy(&from.config(), &world.config());
            }
            world
        };
        let (ran, calls) = traced(&place(), &[], args);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let (mut count, mut points) = (HashMap::<(&str, &str), usize>::new(), Vec::new());
        for (line, (thread, name)) in calls.iter().filter_map(|line| Some((line, parts(line)?))) {
            let number = count.entry((thread, name)).or_default();
            *number += 1;
            // What stands in the memory that runs share is made anew anyway.
            let counts = line.contains("/history.db") && !line.contains("-shm") && name != "openat";
            if counts && (name != "pwrite64" || number.is_multiple_of(every)) {
                points.push(format!("inject={name}:signal=SIGKILL:when={number}"));
            }
        }
        assert!(points.len() >= 6, "{args:?}: {points:?}");
        for point in &points {
            let (world, case) = (place(), format!("{args:?}, {point}"));
            let old = if from.state().exists() { others(&world) } else { Vec::new() };
            let (ran, _) = traced(&world, &["-e", point], args);
            assert_eq!(ran.code, -1, "{case}: it was not killed: {}", ran.err);
            let left = listed(&world, &case);
            assert!(left == before || left == after, "{case}: {left:?}");
            if let Some(newest) = left.first() {
                assert_whole(&world, *newest, &case);
                assert_whole(&world, 2.min(*newest), &case);
            }
            assert_sound(&world, &case);
            for (path, bytes) in old {
                assert_eq!(fs::read(&path).unwrap(), bytes, "{case}: {}", path.display());
            }
            let aside = everything(&world.state()).into_iter().find(|path| path.to_string_lossy().contains("damaged"));
            assert_eq!(aside, None, "{case}: it was not taken for damaged");
        }
        // It goes on from there.
        let world = place();
        traced(&world, &["-e", points.last().unwrap()], args);
        let left = listed(&world, "the last point");
        let ran = world.run(&SEND, &[]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert_eq!(listed(&world, "the next run").len(), left.len() + 1);
    }
}

/// Killed at once while requests are sent one after another: every exchange but the last is there and whole, and what was edited
/// and not sent is back.
#[test]
fn promise_59_killed_at_work() {
    let world = lived_in();
    let mut kept = listed(&world, "before").len();
    for round in 1..=3 {
        let case = format!("round {round}");
        let mut explorer = Explorer::new(world.session(&["--sandbox", "open", "GET", "/v2/employees"], &[], (120, 40)));
        explorer.session.wait("4 Request GET /v2/employees");
        if round > 1 {
            explorer.session.wait("What you left unsent here is back");
            explorer.session.wait(&format!("E1000{}", round - 1));
        }
        explorer.session.keys("4gjj\r\u{15}");
        explorer.press(&format!("E1000{round}\r"), &format!("E1000{round}"));
        let rounds = 3 * round;
        for number in 1..=rounds {
            // Each has its own words by which its answer is known.
            explorer.open(&format!("/v1/none-{round}-{number}"));
            explorer.press("s", "404 ");
            explorer.session.wait(&format!("none-{round}-{number}"));
        }
        explorer.open("/v2/employees?limit=2");
        explorer.session.keys("s");
        explorer.session.child.kill().unwrap();
        drop(explorer);
        let left = listed(&world, &case);
        let new = left.len() - kept;
        assert!((rounds - 1..=rounds + 1).contains(&new), "{case}: {new} of {rounds}");
        assert_eq!(left, (1..=i64::try_from(left.len()).unwrap()).rev().collect::<Vec<_>>(), "{case}");
        let ran = world.run(&["history", "show", &(left[0] - 2).to_string(), "--as", "har"], &[]);
        let har: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(har["log"]["entries"][0]["response"]["status"], 404, "{case}: {har:#}");
        assert_sound(&world, &case);
        kept = left.len();
    }
}
