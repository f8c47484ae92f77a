//! What `/proc` tells of a process.

use std::collections::HashMap;

/// Clock ticks (user and system) of a process.
pub fn ticks(id: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    // Fields 14 and 15; the name in field 2 may hold blanks, so we count from its closing bracket.
    let rest = stat.rsplit_once(')').unwrap().1;
    rest.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum()
}

/// Context switches of each thread of a process.
pub fn switches(id: u32) -> HashMap<String, u64> {
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).unwrap().map(|thread| thread.unwrap());
    let of = |thread: std::fs::DirEntry| {
        // A thread may end while they are read.
        let status = std::fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        let lines = status.lines().filter(|line| line.contains("ctxt_switches"));
        (thread.file_name().into_string().unwrap(), lines.map(count).sum())
    };
    threads.map(of).collect()
}

/// Context switches since then.
pub fn switched(before: &HashMap<String, u64>, after: &HashMap<String, u64>) -> u64 {
    after.iter().map(|(thread, count)| count - before.get(thread).unwrap_or(&0)).sum()
}

fn count(line: &str) -> u64 {
    line.rsplit(char::is_whitespace).next().unwrap().parse().unwrap()
}
