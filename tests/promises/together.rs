//! Check 62: two runs at once keep what both did, in the history and among the credentials, and a run that was killed is in nobody's
//! way.

use std::collections::HashMap;
use std::fs;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::explorer::Explorer;
use super::given::Given;
use super::kept::{SEND, assert_sound, listed};
use super::network::{apart, isolated};
use super::server::{Reply, until};
use super::world::World;

/// Requests that each of the two explorers sends.
const EACH: usize = 100;

/// Two explorers send at the same time, and single runs beside them: everything of each is in the history, whole.
#[test]
fn promise_62_two_explorers_at_once() {
    isolated(|| {
        let world = World::new();
        let calls = Mutex::new(HashMap::<String, usize>::new());
        world.answer(move |request| {
            let mut calls = calls.lock().unwrap();
            let call = calls.entry(request.target.clone()).or_default();
            *call += 1;
            Reply::json("200 OK", &format!("{{\"call\":\"{call} of {}.\"}}", request.target))
        });
        let given = Given::new("staging", "API_KEY");
        let whose = ["first", "second"];
        std::thread::scope(|scope| {
            for own in whose {
                let (world, given) = (&world, &given);
                scope.spawn(move || {
                    let mut explorer = Explorer::new(world.session(&[], &[given.pair()], (120, 40)));
                    explorer.open(&format!("/v2/{own}"));
                    for number in 1..=EACH {
                        explorer.press("s", &format!("{number} of /v2/{own}."));
                    }
                    explorer.quit();
                });
            }
            for _ in 0..10 {
                let ran = world.run(&["send", "GET", "/v2/third"], &[given.pair()]);
                assert_eq!((ran.code, ran.err.as_str()), (0, ""));
            }
        });
        let ran = world.run(&["history", "-o", "json", "--limit", "9999"], &[]);
        let all: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
        let of =
            |own: &str| all.iter().filter(|one| one["target"] == format!("/v2/{own}") && one["status"] == 200).count();
        assert_eq!(([of("first"), of("second"), of("third")], all.len()), ([EACH, EACH, 10], 2 * EACH + 10));
        assert_eq!(
            listed(&world, "both"),
            (1..=i64::try_from(all.len()).unwrap()).rev().collect::<Vec<_>>(),
            "no number twice"
        );
        // Each has its own body: none stands in the place of another.
        let mut bodies = Vec::new();
        let database = rusqlite::Connection::open(world.state().join("history.db")).unwrap();
        let mut read = database.prepare("SELECT answer FROM detail").unwrap();
        let mut rows = read.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            bodies.push(String::from_utf8(row.get::<_, Vec<u8>>(0).unwrap()).unwrap());
        }
        bodies.sort_unstable();
        bodies.dedup();
        assert_eq!(bodies.len(), all.len());
        assert_sound(&world, "both");
    });
}

/// Two rows of runs add credentials at the same time: none is lost, and the file can be read whenever one looks.
#[test]
fn promise_62_two_keep_credentials_at_once() {
    let world = World::quiet();
    let list = || {
        let ran = world.run(&["auth", "list", "-o", "json"], &[]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        serde_json::from_str::<Vec<Value>>(&ran.out).unwrap().len()
    };
    std::thread::scope(|scope| {
        for own in ["a", "b"] {
            let world = &world;
            scope.spawn(move || {
                for number in 0..25 {
                    let name = format!("{own}-{number}");
                    let ran = world.run(&["auth", "add", &name, "--kind", "api-key", "--variable", "X"], &[]);
                    assert_eq!((ran.code, ran.err.lines().count() <= 1), (0, true), "{name}: {}", ran.err);
                }
            });
        }
        for _ in 0..10 {
            list();
        }
    });
    assert_eq!(list(), 50);
}

/// One that is stopped in the middle of writing and then killed holds nothing afterwards.
#[test]
fn promise_62_a_killed_run_is_in_nobodys_way() {
    // In a process of its own: another test that closes the same file would let go of a lock that is held here (POSIX).
    apart(|| {
        let world = World::quiet();
        assert_eq!(world.run(&SEND, &[]).code, 0);
        let holder = rusqlite::Connection::open(world.state().join("history.db")).unwrap();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        // While another program holds it, the answer is there all the same, and it is said that it is not kept.
        let ran = world.run(&SEND, &[]);
        assert!(ran.code == 0 && ran.out.contains("\"data\""), "{}", ran.err);
        assert!(ran.err.lines().count() == 1 && ran.err.contains("held by another program"), "{}", ran.err);
        drop(holder);
        assert_eq!(listed(&world, "held"), [1]);
        // A run that waits for the lock, killed while it does.
        let holder = rusqlite::Connection::open(world.state().join("history.db")).unwrap();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut waiting = world.command(&SEND, &[]).stdout(std::process::Stdio::null()).spawn().unwrap();
        let lock = world.state().join("history.db-wal");
        until("it has the database open", || {
            let open = fs::read_dir(format!("/proc/{}/fd", waiting.id())).ok()?;
            open.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|path| path == lock)).then_some(())
        });
        waiting.kill().unwrap();
        waiting.wait().unwrap();
        drop(holder);
        let began = Instant::now();
        let ran = world.run(&SEND, &[]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert!(began.elapsed() < Duration::from_secs(10), "nothing is waited for");
        assert_eq!(listed(&world, "after the kill"), [2, 1]);
    });
}
