//! The floors of the house: who may use whom, who may expose a secret, and what the state machine must not touch.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// A floor, and the modules of ours that it may use besides itself.
const FLOORS: [(&str, &[&str]); 13] = [
    ("main", &["cli"]),
    ("cli", &["app", "document", "edge", "pleo", "run", "sandbox", "secret", "units", "worker"]),
    ("run", &["app", "document", "edge", "key", "ui", "worker"]),
    ("ui", &["app", "document", "key", "pleo"]),
    ("worker", &["app", "document", "edge", "pleo", "secret", "units"]),
    ("app", &["document", "key", "pleo", "secret"]),
    ("edge", &["app", "document", "pleo", "secret", "units"]),
    ("sandbox", &["pleo", "secret", "units"]),
    ("document", &[]),
    ("pleo", &["secret"]),
    ("secret", &[]),
    ("key", &[]),
    ("units", &[]),
];

/// Words that mean the world outside, and the floors that must not say them.
const OUTSIDE: [&str; 12] = [
    "std::fs",
    "std::net::Tcp",
    "std::process",
    "std::thread",
    "std::env",
    "std::io",
    "Instant::now",
    "SystemTime",
    "tokio",
    "reqwest",
    "axum",
    "hyper",
];
const PURE: [&str; 5] = ["app", "ui", "document", "pleo", "secret"];

fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    assert!(files.len() > 40, "the sources were not found");
    files
}

fn floor(path: &Path) -> String {
    let inside = path.strip_prefix("src").unwrap();
    inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// Lines of code, numbered from 1, up to a file's own tests and without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.contains("#[cfg(test)]"))
        .map(|(number, line)| (number + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn every_use_falls() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = floor(&path);
        if own == "lib" {
            continue;
        }
        let (_, allowed) = FLOORS.iter().find(|(name, _)| *name == own).unwrap_or_else(|| panic!("{own} is no floor"));
        for (number, line) in code(&text) {
            for part in line.split("crate::").skip(1) {
                let used: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if used != own && FLOORS.iter().any(|(name, _)| *name == used) && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("{}:{number}: {own} uses {used}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_floors_do_not_touch_the_world() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if PURE.contains(&floor(&path).as_str()) {
            for (number, line) in code(&text) {
                for word in OUTSIDE.iter().filter(|word| line.contains(**word)) {
                    wrong.push(format!("{}:{number}: says {word}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_secret_is_exposed_where_bytes_leave_only() {
    let mut places: Vec<String> = sources()
        .iter()
        .flat_map(|(path, text)| {
            code(text)
                .filter(|(_, line)| line.contains(".expose()"))
                .map(|_| path.display().to_string())
                .collect::<Vec<_>>()
        })
        .collect();
    places.sort();
    places.dedup();
    let wanted = [
        "src/edge/clipboard.rs",
        "src/edge/http.rs",
        "src/edge/keyring.rs",
        "src/edge/oauth.rs",
        "src/edge/oauth/grant.rs",
        "src/edge/program.rs",
        "src/edge/terminal.rs",
        "src/edge/vault.rs",
        "src/secret/redactor.rs",
    ];
    assert_eq!(places, wanted);
}

#[test]
fn the_module_map_names_every_floor() {
    let map = fs::read_to_string("src/lib.rs").unwrap();
    for (name, _) in FLOORS {
        assert!(map.contains(&format!("`{name}`")), "{name} is not in the map of src/lib.rs");
    }
}
