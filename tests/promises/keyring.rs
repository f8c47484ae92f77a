//! The operating system's keyring, where one can be started for a test.

use std::fs;
use std::process::{Command, Output};

use super::canary::Canary;
use super::network::{has, note};
use super::store::everything;
use super::world::{PLEOSCOPE, World};

/// What is done in a session with a keyring of its own: unlocked, then used by the program.
const USED: &str = r#"
printf pass | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1
for _ in $(seq 50); do
  printf %s "$SECRET" | "$PLEOSCOPE" auth add books --kind api-key --stdin > "$HOME/out" 2>&1 && break
  sleep 0.1
done
"$PLEOSCOPE" auth list >> "$HOME/out" 2>&1
# Asked of the keyring itself, and not of the program.
secret-tool lookup service pleoscope username staging/books > "$HOME/../kept" 2>/dev/null
"$PLEOSCOPE" auth remove books >> "$HOME/out" 2>&1
"$PLEOSCOPE" auth list >> "$HOME/out" 2>&1
secret-tool lookup service pleoscope username staging/books > "$HOME/../left" 2>/dev/null
true
"#;

fn bash(world: &World, words: &[&str], script: &str, secret: &Canary) -> Output {
    let home = world.folder.0.join("home");
    let runtime = world.folder.0.join("run");
    fs::create_dir_all(&home).unwrap();
    fs::create_dir_all(&runtime).unwrap();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(["bash", "-c", script]).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("PLEOSCOPE", PLEOSCOPE);
    command.env("HOME", &home).env("XDG_RUNTIME_DIR", &runtime).env("SECRET", secret.text());
    command.output().unwrap()
}

/// Check 10: what is kept is in the keyring and in no file; what is removed is gone.
#[test]
fn promise_10_the_keyring_holds_it_and_no_file_does() {
    if !["dbus-run-session", "gnome-keyring-daemon", "secret-tool"].into_iter().all(has) {
        note("promise_10 was skipped: dbus-run-session, gnome-keyring-daemon and secret-tool are not all here");
        return;
    }
    let (world, secret) = (World::quiet(), Canary::new("staging-keyring"));
    let ran = bash(&world, &["dbus-run-session", "--"], USED, &secret);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let read = |name: &str| fs::read_to_string(world.folder.0.join(name)).unwrap();
    let out = read("home/out");
    assert_eq!(read("kept"), secret.text(), "{out}");
    assert_eq!(read("left"), "", "{out}");
    assert!(out.contains("is kept in the keyring") && out.contains("is removed"), "{out}");
    assert!(out.contains("No credentials"), "the list is empty again: {out}");
    for file in everything(&world.folder.0.join("home")).into_iter().filter(|file| file.is_file()) {
        secret.assert_not_in(&fs::read(&file).unwrap(), &file.display().to_string());
    }
}

/// Check 10: without a keyring it is said before anything is asked for, and nothing is written.
#[test]
fn promise_10_without_a_keyring_nothing_is_written() {
    let (world, secret) = (World::quiet(), Canary::new("staging-keyring"));
    let script = r#"printf %s "$SECRET" | "$PLEOSCOPE" auth add books --kind api-key --stdin; echo "code $?""#;
    let ran = bash(&world, &["env"], script, &secret);
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(out.contains("code 1") && err.contains("No keyring of this system can be asked"), "{out} {err}");
    for file in everything(&world.folder.0).into_iter().filter(|file| file.is_file()) {
        secret.assert_not_in(&fs::read(&file).unwrap(), &file.display().to_string());
        assert!(!file.ends_with("credentials.toml"), "{}", file.display());
    }
}
