//! Check 60 for the history, unsent requests, saves, the log and the editor's file: where the disk is full or refuses, nothing
//! else is lost, a sentence says so, and the program goes on.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use super::explorer::Explorer;
use super::kept::{SEND, assert_sound, listed};
use super::network::isolated;
use super::saves::traceable;
use super::store::everything;
use super::world::{PLEOSCOPE, Ran, World};

/// What is said of a history that is not kept: one sentence.
fn assert_told(ran: &Ran, case: &str) {
    assert_eq!(ran.code, 0, "{case}: {}", ran.err);
    assert!(ran.out.starts_with('{') && ran.out.contains("\"data\""), "{case}: {}", ran.out);
    assert_eq!(ran.err.lines().count(), 1, "{case}: {}", ran.err);
    assert!(ran.err.starts_with("pleoscope: The history is not kept: "), "{case}: {}", ran.err);
    assert!(ran.err.trim_end().ends_with("all else goes on."), "{case}: {}", ran.err);
}

/// Each error of the system at each kind of call: the answer is there, a sentence says that it is not kept, what was kept stays.
#[test]
fn promise_60_a_history_that_is_refused() {
    if !traceable("promise_60") {
        return;
    }
    let world = World::quiet();
    assert_eq!(world.run(&SEND, &[]).code, 0);
    let file = world.state().join("history.db");
    let beside = |suffix: &str| format!("{}{suffix}", file.display());
    let (database, log, shared) = (beside(""), beside("-wal"), beside("-shm"));
    let open = |path: &str, error: &str| (vec![path.to_owned()], format!("inject=openat:error={error}"));
    let call = |name: &str, error: &str| (vec![], format!("inject={name}:error={error}"));
    let points = [
        open(&database, "EACCES"),
        open(&database, "EMFILE"),
        open(&database, "EROFS"),
        open(&database, "EIO"),
        open(&log, "ENOSPC"),
        open(&log, "EDQUOT"),
        open(&shared, "EMFILE"),
        call("pwrite64", "ENOSPC"),
        call("pwrite64", "EDQUOT"),
        call("pwrite64", "EIO"),
        (vec![], "inject=pwrite64:error=ENOSPC:when=12+".to_owned()),
        call("ftruncate", "ENOSPC"),
    ];
    let refused = |world: &World, inject: &str, paths: &[String]| {
        let trace = "trace=openat,pwrite64,fsync,ftruncate";
        let mut words = vec!["-f", "-qq", "-e", trace, "-e", inject, "-o", "/dev/null"];
        words.extend(paths.iter().flat_map(|path| ["-P", path.as_str()]));
        words.push(PLEOSCOPE);
        words.extend(SEND);
        let ran = Ran::from(world.command_of("strace", &words, &[]).output().unwrap());
        assert_told(&ran, &format!("{inject} {paths:?}"));
    };
    for (paths, inject) in &points {
        refused(&world, inject, paths);
        assert_eq!(listed(&world, inject), [1], "{inject} {paths:?}");
    }
    // What is made durable at once is the making of it.
    let fresh = World::quiet();
    refused(&fresh, "inject=fsync:error=EIO", &[]);
    assert_eq!(listed(&fresh, "a disk that was not sure"), [] as [i64; 0]);
    assert_sound(&world, "after all of them");
    let ran = world.run(&SEND, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "it goes on");
    assert_eq!(listed(&world, "it goes on"), [2, 1]);
}

/// Takes all the room that is left.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [4096, 1] {
        while file.write_all(&vec![b'.'; size]).is_ok() {}
    }
}

/// The folders of the program on a small disk that is full: the answer is there all the same, what was kept stays, every part says in a
/// sentence what it could not keep, and with room again it goes on.
#[test]
fn promise_60_a_full_disk() {
    isolated(|| {
        let world = World::quiet();
        let disk = world.folder.0.join("disk");
        fs::create_dir(&disk).unwrap();
        let size = ["-t", "tmpfs", "-o", "size=640k,mode=700", "tmpfs"];
        assert!(Command::new("mount").args(size).arg(&disk).status().unwrap().success());
        let (state, config) = (disk.join("state"), disk.join("config"));
        let variables =
            [("PLEOSCOPE_STATE_DIR", state.to_str().unwrap()), ("PLEOSCOPE_CONFIG_DIR", config.to_str().unwrap())];
        let add = |name: &str| world.run(&["auth", "add", name, "--kind", "api-key", "--variable", "ONE"], &variables);
        let count = || {
            let ran = world.run(&["history", "-o", "ndjson"], &variables);
            assert_eq!(ran.code, 0, "{}", ran.err);
            ran.out.lines().count()
        };
        assert_eq!(add("one").code, 0);
        for _ in 0..2 {
            assert_eq!(world.run(&SEND, &variables).code, 0);
        }
        fs::write(state.join("tables.json"), "{}\n").unwrap();
        let others = |folder: &Path| -> Vec<_> {
            let files = everything(folder).into_iter().filter(|path| path.is_file());
            let files = files.filter(|path| !path.to_string_lossy().contains("history"));
            files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
        };
        let before = others(&disk);
        let filler = disk.join("filler");
        fill(&filler);

        assert_told(&world.run(&SEND, &variables), "send");
        assert_eq!(count(), 2, "what was kept can be read on a full disk");
        let ran = add("two");
        assert!(ran.code > 0 && ran.err.lines().count() == 1, "{} {}", ran.code, ran.err);
        assert!(ran.err.contains("credentials.toml") && ran.err.contains("cannot be written"), "{}", ran.err);
        let log = state.join("run.log");
        let ran = world.run(&[&["--log", log.to_str().unwrap()], &SEND[..]].concat(), &variables);
        assert!(ran.code == 0 && ran.out.contains("\"data\""), "{}", ran.err);
        assert!(ran.err.contains("The log is not whole: "), "{}", ran.err);
        // Nothing of ours is left half written.
        let left: Vec<_> =
            others(&disk).into_iter().filter(|(path, _)| *path != filler && !path.ends_with("run.log")).collect();
        assert_eq!(left, before);

        let editor = [&variables[..], &[("EDITOR", "true")]].concat();
        let args = ["--sandbox", "open", "GET", "/v2/employees"];
        let mut explorer = Explorer::new(world.session(&args, &editor, (160, 40)));
        explorer.session.wait("4 Request GET /v2/employees");
        explorer.press("s", "200 ");
        explorer.session.wait("The history is not kept: ");
        explorer.press("?", "┏ Help");
        explorer.escape("┏ Help");
        explorer.press("5o", "┏ Save ━");
        explorer.press("r", "Save: body as received");
        explorer.press(&format!("\u{15}{}\r", state.join("body.json").display()), "cannot be written (");
        explorer.escape("Save: body as received");
        explorer.press("5o", "┏ Save ━");
        explorer.press("r", "Save: body as received");
        let elsewhere = world.folder.0.join("body.json");
        explorer.press(&format!("\u{15}{}\r", elsewhere.display()), "Saved ");
        assert!(fs::read_to_string(&elsewhere).unwrap().contains("\"data\""));
        explorer.open("POST /v1/vendors");
        explorer.press("Ge", "cannot be written");
        explorer.quit();
        assert!(!state.join("body.json").exists());

        fs::remove_file(&filler).unwrap();
        let ran = world.run(&SEND, &variables);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "with room again");
        assert_eq!(count(), 3);
        assert_eq!(add("two").code, 0);
    });
}
