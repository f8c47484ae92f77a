//! Checks 45 and 46: a body without an end, or one that grows when it is unpacked, takes the memory and the room that were set
//! for it and no more; the program answers meanwhile, and says how much came.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::loopback::{Loopback, is_over, leave, slack, title};
use super::server::Reply;
use crate::harness::Session;

const MEBI: u64 = 1 << 20;

/// Memory of the process in bytes: at hand now, and at most so far.
fn memory(session: &Session) -> (u64, u64) {
    let id = session.child.process_id().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|count| count.parse::<u64>().ok()).unwrap_or(0) * 1024
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// Files under a folder and their size, whatever they are.
fn disk(folder: &Path) -> (Vec<String>, u64) {
    let (mut names, mut size) = (Vec::new(), 0);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            let (more, within) = disk(&entry.path());
            names.extend(more);
            size += within;
        } else if let Ok(data) = entry.metadata() {
            names.push(entry.path().display().to_string());
            size += data.len();
        }
    }
    (names, size)
}

/// How much came, in megabytes, as the title says it.
fn received(picture: &str) -> u64 {
    let words: Vec<&str> = title(picture).split_whitespace().collect();
    let before = |unit: &str| words.iter().position(|word| word.trim_end_matches(['┓', '━', '…']) == unit);
    let number = |place: usize| {
        let (whole, part) = words.get(place.checked_sub(1)?)?.split_once('.')?;
        Some((whole.parse::<u64>().ok()?, part.parse::<u64>().ok()?))
    };
    match (before("MB").and_then(number), before("GB").and_then(number)) {
        (_, Some((giga, tenths))) => giga * 1000 + tenths * 100,
        (Some((mega, _)), None) => mega,
        (None, None) => 0,
    }
}

/// Until it ends or so many megabytes came: keys answer, and memory and disk stay within bounds. Answers the most of each.
fn watched(session: &mut Session, home: &Path, name: &str, megabytes: u64) -> (u64, u64) {
    let (mut most, mut largest) = (0, 0);
    // How long all of it takes is this machine's affair; that it goes on is ours.
    let (mut came, mut grew) = (0, Instant::now());
    let mut down = false;
    loop {
        let picture = session.picture();
        most = most.max(memory(session).0);
        largest = largest.max(disk(home).1);
        if received(&picture) > came {
            (came, grew) = (received(&picture), Instant::now());
        }
        if is_over(&picture, name) || came >= megabytes {
            if down {
                session.keys("\u{1B}");
                session.wait_until("the help to close", |picture| !picture.contains("┏ Help"));
            }
            return (most, largest);
        }
        assert!(grew.elapsed() < Duration::from_secs(60), "it neither ends nor grows:\n{picture}");
        // Alive: the help opens and closes.
        let begun = Instant::now();
        session.keys(if down { "\u{1B}" } else { "?" });
        down = !down;
        session.wait_until("the help", |picture| picture.contains("┏ Help") == down);
        let took = begun.elapsed();
        assert!(took < Duration::from_millis(250) * slack(), "{name}: a key took {took:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn head(name: &str, more: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 {name}\r\nContent-Type: application/json\r\nConnection: close\r\n{more}\r\n").into_bytes()
}

fn records() -> Vec<u8> {
    let record =
        "{\"id\":\"00000000-0000-4000-8000-000000000000\",\"email\":\"a.person@endless.example\",\"tags\":[1,2,{}]},";
    record.repeat((256 << 10) / record.len()).into_bytes()
}

/// At full speed and without an end, and with a length of eight gibibytes.
#[test]
fn promise_45_endless() {
    let server = Loopback::new();
    let home = server.world.folder.0.clone();
    for (name, more) in [("Endless", ""), ("Declared", "Content-Length: 8589934592\r\n")] {
        let limits = ["--memory-limit", "64MiB", "--body-limit", "300MiB"];
        let mut session = server.session(&limits, (120, 40));
        let (base, before) = (memory(&session).0, disk(&home).1);
        server.always(Reply::Endless([head(name, more), b"[".to_vec()].concat(), records(), Duration::ZERO));
        session.keys("s");
        session.wait(&format!("200 {name}"));
        let (most, largest) = watched(&mut session, &home, name, u64::MAX);
        let over = most.saturating_sub(base) / MEBI;
        assert!(over <= 128, "{name}: {over} MiB of memory");
        let room = largest.saturating_sub(before) / MEBI;
        assert!((100..=300).contains(&room), "{name}: {room} MiB on disk");
        let picture = session.wait("larger than 300 MiB");
        assert!(picture.contains("Partial") && received(&picture) == 314, "{picture}");
        // What came can be looked at, to its very end.
        session.keys("G");
        session.wait_until("the last row", |picture| !picture.contains("tree 1 of "));
        leave(session);
        let (left, _) = disk(&home);
        assert!(!left.iter().any(|name| name.contains(".body")), "{left:?}");
    }
}

/// The same without limits of the person's own, until it is cancelled.
#[test]
fn promise_45_limits_of_its_own() {
    let server = Loopback::new();
    let home = server.world.folder.0.clone();
    let mut session = server.session(&[], (120, 40));
    let base = memory(&session).0;
    server.always(Reply::Endless([head("Endless", ""), b"[".to_vec()].concat(), records(), Duration::ZERO));
    session.keys("s");
    session.wait("200 Endless");
    let (most, largest) = watched(&mut session, &home, "Endless", 450);
    // A quarter of the cap, the index beside the bytes, what is on its way, and what the allocator keeps.
    let over = most.saturating_sub(base) / MEBI;
    assert!(over <= 128, "{over} MiB of memory");
    assert!(largest > 50 * MEBI, "nothing was written to a file");
    session.keys("x");
    session.wait("Cancelled");
    assert!(session.picture().contains("Partial"), "{}", session.picture());
    leave(session);
    let (left, _) = disk(&home);
    assert!(!left.iter().any(|name| name.contains(".body")), "{left:?}");
}

/// Zeros that are packed.
const PART: usize = 16 << 20;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// Ten gibibytes of zeros in about ten mebibytes or less, as each of these would send them.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let zeros = vec![b'0'; PART];
    let times = (10 << 30) / PART;
    // Each part ends on a byte, so that it can be said again.
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let gzip = repeated(times, || {
        packer.write_all(&zeros).unwrap();
        packer.flush().unwrap();
        std::mem::take(packer.get_mut())
    });
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let deflate = repeated(times, || {
        packer.write_all(&zeros).unwrap();
        packer.flush().unwrap();
        std::mem::take(packer.get_mut())
    });
    let (mut packer, mut end) = (brotli::CompressorWriter::new(Vec::new(), 1 << 16, 5, 22), 0);
    let brotli = repeated(times, || {
        packer.write_all(&zeros).unwrap();
        packer.flush().unwrap();
        let part = packer.get_ref()[end..].to_vec();
        end += part.len();
        part
    });
    vec![("gzip", gzip), ("deflate", deflate), ("br", brotli)]
}

/// The first two parts, then one like the third again and again.
fn repeated(times: usize, mut part: impl FnMut() -> Vec<u8>) -> Vec<u8> {
    let begins = [part(), part()].concat();
    [begins, part().repeat(times)].concat()
}

/// Unpacked up to the limit and no further, where no more memory than this can be had.
#[test]
fn promise_46_bombs() {
    let server = Loopback::new();
    let limits = ["--memory-limit", "32MiB", "--body-limit", "100MiB"];
    let mut session = server.under("ulimit -v 2000000", &limits, (120, 40));
    let base = memory(&session).0;
    for (encoding, bytes) in bombs() {
        assert!(bytes.len() < 12 << 20, "{encoding}: {}", bytes.len());
        let name = format!("Packed-{encoding}");
        let length = format!("Content-Encoding: {encoding}\r\nContent-Length: {}\r\n", bytes.len());
        server.always(Reply::Last([head(&name, &length), bytes].concat()));
        session.keys("s");
        session.wait_until(&name, |picture| is_over(picture, &name));
        let picture = session.wait("larger than 100 MiB");
        assert!(picture.contains("Partial") && received(&picture) == 104, "{encoding}: {picture}");
        let over = memory(&session).1.saturating_sub(base) / MEBI;
        assert!(over <= 128, "{encoding}: {over} MiB");
    }
    let twice = gzip(&gzip(&vec![0; PART]).repeat(64));
    for (encoding, body) in
        [("gzip, gzip", &twice), ("gzip", &twice), ("zstd", &twice), ("gzip", &b"not packed".to_vec())]
    {
        let name = format!("Again{}", body.len());
        let length = format!("Content-Encoding: {encoding}\r\nContent-Length: {}\r\n", body.len());
        server.always(Reply::Last([head(&name, &length), body.clone()].concat()));
        session.keys("s");
        session.wait_until(&name, |picture| is_over(picture, &name));
        let over = memory(&session).1.saturating_sub(base) / MEBI;
        assert!(over <= 128, "{encoding}: {over} MiB");
        session.keys("?");
        session.wait("┏ Help");
        session.keys("\u{1B}");
        session.wait_until("the help to close", |picture| !picture.contains("┏ Help"));
    }
    leave(session);
}

/// Without limits of the person's own, until it is cancelled: no lack of memory ends the program.
#[test]
fn promise_46_limits_of_its_own() {
    let server = Loopback::new();
    let home = server.world.folder.0.clone();
    let mut session = server.under("ulimit -v 2000000", &[], (120, 40));
    let (_, bytes) = bombs().swap_remove(0);
    let length = format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n", bytes.len());
    server.always(Reply::Last([head("Packed", &length), bytes].concat()));
    session.keys("s");
    session.wait("200 Packed");
    watched(&mut session, &home, "Packed", 320);
    session.keys("x");
    session.wait("Cancelled");
    leave(session);
    let (left, _) = disk(&home);
    assert!(!left.iter().any(|name| name.contains(".body")), "{left:?}");
}
