//! Check 61 for the history: a database that is damaged or no database at all is kept under another name and begun anew, one of a
//! newer program is left as it is; the answer is there in any case, and nothing of what stood in the file is said.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::canary::Canary;
use super::explorer::Explorer;
use super::kept::{SEND, listed};
use super::store::everything;
use super::world::World;

/// Names of what was put aside.
fn aside(world: &World) -> Vec<std::path::PathBuf> {
    let put_aside = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        ["damaged", "link", "folder", "other"].iter().any(|word| name.starts_with(&format!("history.db.{word}-")))
    };
    everything(&world.state()).into_iter().filter(|path| put_aside(path)).collect()
}

/// More than 120 databases: cut, overwritten, of wrong types, huge, a pipe, a folder, a loop.
#[test]
fn promise_61_damaged_history() {
    let world = World::quiet();
    let secret = Canary::new("kept");
    let word = format!("email={}", secret.text());
    for _ in 0..12 {
        let args = ["--sandbox", "send", "GET", "/v2/employees", "-q", "limit=5", "-q", &word];
        assert_eq!(world.run(&args, &[]).code, 0);
    }
    // With this all of it goes from its log into the file.
    assert_eq!(world.run(&["history", "delete", "1"], &[]).code, 0);
    let path = world.state().join("history.db");
    let whole = fs::read(&path).unwrap();
    assert!(whole.len() > 40_000 && secret.found_in(&whole).is_some());

    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    // Most of a beginning, then here and there.
    let cuts = (64..4096).step_by(64).chain((4096..whole.len()).step_by(whole.len() / 24));
    cases.extend(cuts.map(|cut| (format!("cut at {cut}"), whole[..cut].to_vec())));
    for at in (0..whole.len() - 4096).step_by(whole.len() / 24) {
        let mut bytes = whole.clone();
        bytes[at..at + 4096].iter_mut().zip((0..251).cycle()).for_each(|(byte, noise)| *byte = noise);
        cases.push((format!("overwritten at {at}"), bytes));
    }
    for (name, text) in [("a text", "hello\n"), ("a configuration", "[history]\nenabled = true\n"), ("one byte", "S")] {
        cases.push((name.to_owned(), [text.as_bytes(), secret.text().as_bytes()].concat()));
    }
    assert!(cases.len() > 110, "{}", cases.len());
    let fresh = || {
        fs::remove_dir_all(world.state()).unwrap();
        fs::create_dir(world.state()).unwrap();
    };
    let check = |case: &str, sent: bool| {
        let began = Instant::now();
        let ran = if sent { world.run(&SEND, &[]) } else { world.run(&["history", "-o", "json"], &[]) };
        assert!(began.elapsed() < Duration::from_secs(15), "{case}: it took {:?}", began.elapsed());
        assert_eq!(ran.code, 0, "{case}: {}", ran.err);
        assert!(ran.out.contains(if sent { "\"data\"" } else { "[" }), "{case}: {}", ran.out);
        secret.assert_not_in(ran.err.as_bytes(), case);
        assert!(ran.err.lines().count() <= 1, "{case}: {}", ran.err);
        ran.err
    };
    let mut moved = 0;
    for (number, (case, bytes)) in cases.iter().enumerate() {
        fresh();
        fs::write(&path, bytes).unwrap();
        let told = check(case, number % 12 == 0);
        if let [name] = &aside(&world)[..] {
            assert!(told.contains("was damaged: it is kept as "), "{case}: {told}");
            assert!(told.contains(name.file_name().unwrap().to_str().unwrap()), "{case}: {told}");
            assert_eq!(&fs::read(name).unwrap(), bytes, "{case}: as it was");
            moved += 1;
        } else {
            // What is read of it is sound: an index or an old exchange is damaged, and nobody asked for it.
            assert_eq!(told, "", "{case}");
            assert!(case.starts_with("overwritten") || bytes.len() > 4096, "{case}");
        }
    }
    assert!(moved > 80, "{moved} of {}", cases.len());

    let pipe = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let huge = |path: &Path| File::create(path).unwrap().set_len(1 << 30).unwrap();
    let folder = |path: &Path| fs::create_dir(path).unwrap();
    let around = |path: &Path| std::os::unix::fs::symlink(path, path).unwrap();
    // Only what is a file can be damaged; of anything else it is said what it is.
    let others = [
        ("a pipe", "was a pipe or a device, and no file: it is kept as ", &pipe as &dyn Fn(&Path)),
        ("1 GiB of nothing", "The history was damaged: it is kept as ", &huge),
        ("a folder", "was a folder, and no file: it is kept as ", &folder),
        ("a loop", "was a link, which is not opened: it is kept as ", &around),
    ];
    for (case, wanted, make) in others {
        fresh();
        make(&path);
        let told = check(case, true);
        assert!(told.contains(wanted), "{case}: {told}");
        assert_eq!(aside(&world).len(), 1, "{case}");
        assert_eq!(listed(&world, case), [1], "{case}");
        fresh();
        make(&path);
        let mut explorer = Explorer::new(world.session(&["--sandbox"], &[], (200, 40)));
        explorer.session.wait(wanted);
        explorer.press("?", "┏ Help");
        explorer.escape("┏ Help");
        explorer.quit();
        secret.assert_not_in(&explorer.session.raw(), case);
    }
}

/// A database of a newer program: not a byte of it changes, a sentence says that nothing is kept, all else goes on.
#[test]
fn promise_61_a_newer_history() {
    let world = World::quiet();
    assert_eq!(world.run(&SEND, &[]).code, 0);
    let path = world.state().join("history.db");
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.execute_batch("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    drop(newer);
    let before = fs::read(&path).unwrap();
    let ran = world.run(&SEND, &[]);
    assert!(ran.code == 0 && ran.out.contains("\"data\""), "{}", ran.err);
    assert!(ran.err.lines().count() == 1 && ran.err.contains("written by a newer pleoscope"), "{}", ran.err);
    let ran = world.run(&["history"], &[]);
    assert!(ran.code > 0 && ran.err.contains("written by a newer pleoscope"), "{} {}", ran.code, ran.err);
    let mut explorer = Explorer::new(world.session(&["--sandbox", "open", "GET", "/v2/employees"], &[], (200, 40)));
    explorer.session.wait("written by a newer pleoscope");
    explorer.press("s", "200 ");
    explorer.quit();
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(aside(&world), Vec::<std::path::PathBuf>::new());
}
