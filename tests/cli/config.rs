//! `config` and `keys` with a configuration of one's own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::{code, err, out, pleoscope};

/// A folder for the files of one test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("config-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn with(folder: &PathBuf, args: &[&str]) -> Command {
    let mut command = pleoscope(args);
    command.env("PLEOSCOPE_CONFIG_DIR", folder).env("PLEOSCOPE_STATE_DIR", folder.join("state"));
    command
}

#[test]
fn the_default_can_be_saved_and_is_sound() {
    let folder = folder("default");
    let printed = with(&folder, &["config", "--default"]).output().unwrap();
    assert_eq!((code(&printed), err(&printed).as_str()), (0, ""));
    assert!(out(&printed).contains("\n#[keys]\n#focus_environment = \"1\""), "{}", out(&printed));
    fs::write(folder.join("config.toml"), out(&printed)).unwrap();
    let checked = with(&folder, &["config", "check"]).output().unwrap();
    assert_eq!((code(&checked), err(&checked).as_str()), (0, ""));
    let path = with(&folder, &["config", "path"]).output().unwrap();
    assert_eq!(out(&path).trim(), folder.join("config.toml").to_str().unwrap());
}

#[test]
fn every_fault_is_told_with_its_line_and_a_mark() {
    let folder = folder("faults");
    let text = "[response]\nmemory_limt = \"1 GB\"\n\n[keys]\nsned = \"F5\"\nzoom = \"Ctrl-s\"\nsecret = \"pls_0123456789abcdef\"\n\n[variables.staging]\napiKey = \"abc-CNRY\"\nplain = \"pls_0123456789abcdef0\"\n";
    fs::write(folder.join("config.toml"), text).unwrap();
    let checked = with(&folder, &["config", "check"]).output().unwrap();
    assert_eq!((code(&checked), out(&checked).as_str()), (2, ""));
    let said = err(&checked);
    let path = folder.join("config.toml").display().to_string();
    for wanted in [
        format!(
            "{path}:2:1: there is no key `memory_limt`; did you mean `memory_limit`?\n 2 | memory_limt = \"1 GB\"\n   | ^\n"
        ),
        format!("{path}:5:1: there is no action `sned`; did you mean `send`?"),
        format!(
            "{path}:6:8: Ctrl-s stops or continues the output of many terminals\n 6 | zoom = \"Ctrl-s\"\n   |        ^\n"
        ),
        format!("{path}:7:1: "),
        format!("{path}:10:1: this looks like a secret, and none belongs in this file"),
        format!("{path}:11:1: this looks like a secret"),
    ] {
        assert!(said.contains(&wanted), "{wanted}\n---\n{said}");
    }
    assert!(!said.contains("pls_0123456789abcdef") && !said.contains("CNRY"), "{said}");
    let refused = with(&folder, &["config"]).output().unwrap();
    assert_eq!(code(&refused), 2, "{}", out(&refused));
    let keys = with(&folder, &["keys"]).output().unwrap();
    assert!(err(&keys).contains("(5 more:"), "{}", err(&keys));
}

#[test]
fn what_holds_is_told_with_where_it_came_from_and_without_arguments_of_programs() {
    let folder = folder("effective");
    let text = "[response]\nmemory_limit = \"64 MiB\"\n\n[keys]\nsend = [\"F5\", \"s\"]\n\n[[credential]]\nname = \"books\"\n\
                environment = \"staging\"\nkind = \"api-key\"\ncommand = [\"op\", \"CNRY-argument\"]\n";
    fs::write(folder.join("config.toml"), text).unwrap();
    let printed = with(&folder, &["config", "--body-limit", "3GB"])
        .env("PLEOSCOPE_STAGING_API_KEY", "CNRY-variable")
        .output()
        .unwrap();
    let text = out(&printed);
    let line = |key: &str| text.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{key}: {text}"));
    assert!(line("response.memory_limit = \"64 MiB\"").ends_with("# config.toml"));
    assert!(line("response.body_limit = \"3000000000 bytes\"").ends_with("# flag --body-limit"));
    assert!(line("oauth.staging.client_authentication = \"basic\"").ends_with("# built-in"));
    assert!(line("credential[0].command = [\"op\", …]").ends_with("# config.toml"));
    assert!(text.contains("# PLEOSCOPE_STAGING_API_KEY is set\n") && !text.contains("CNRY"), "{text}");
    let keys = with(&folder, &["keys", "--markdown"]).output().unwrap();
    assert!(out(&keys).contains("| `F5` `s` | send the request"), "{}", out(&keys));
}

#[test]
fn an_editor_needs_a_terminal_and_the_file_is_made_for_its_owner() {
    let folder = folder("edit");
    let ran = with(&folder, &["config", "edit"]).env("EDITOR", "true").output().unwrap();
    assert_eq!(code(&ran), 2);
    assert!(err(&ran).contains("needs a terminal"), "{}", err(&ran));
    let about = fs::metadata(folder.join("config.toml")).unwrap();
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
}
