//! Check 61 for the configuration: whatever is wrong with a file, one line names it, and no value of it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::canary::Canary;
use super::network::isolated;
use super::world::World;

/// A file with every kind of value, its last key needed, so that no beginning of it is whole.
fn sound(secret: &Canary) -> String {
    format!(
        "[oauth.staging]\nclient_id = \"{0}\"\nscopes = [\"users:read\", \"{0}\"]\n\n[[credential]]\nname = \"books\"\n\
         environment = \"staging\"\nsave = [\"sh\", \"-c\", \"{0}\"]\ncommand = [\"sh\", \"-c\", \"{0}\"]\nkind = \"access-token\"",
        secret.text()
    )
}

/// Files that say what they may not, each with the secret in it.
fn wrong(secret: &Canary) -> Vec<String> {
    let secret = secret.text();
    let row =
        |lines: &str| format!("[[credential]]\nname = \"a\"\nenvironment = \"staging\"\nkind = \"api-key\"\n{lines}\n");
    vec![
        row(&format!("command = \"{secret}\"")),
        row(&format!("command = \"a\\\"{secret}\\\"b\"")),
        row(&format!("command = 'a\"{secret}\"b'")),
        row(&format!("keyring = \"{secret}\"")),
        row(&format!("variable = [\"{secret}\"]")),
        row(&format!("variable = {secret}")),
        row(&format!("variable = \"{secret}")),
        row(&format!("variable = \"{secret}\"\ncommand = [\"x\"]")),
        row(&format!("last_four = {{ a = \"{secret}\" }}")),
        row(&format!("value = \"{secret}\"")),
        row(&secret.replace('-', "_")),
        row(&format!("{} = 1", secret.replace('-', "_"))),
        format!("[[credential]]\nname = \"{secret} {secret}\"\nenvironment = \"staging\"\nkind = \"api-key\"\n"),
        format!("[[credential]]\nname = \"a\"\nenvironment = \"{secret}\"\nkind = \"api-key\"\nkeyring = true\n"),
        format!("[[credential]]\nname = \"a\"\nenvironment = \"staging\"\nkind = \"{secret}\"\nkeyring = true\n"),
        format!("credential = \"{secret}\"\n"),
        format!("credential = 'a\"{secret}\"b'\n"),
        format!("[credential]\nname = \"{secret}\"\n"),
        format!("[oauth.staging]\nclient_authentication = \"{secret}\"\n"),
        format!("[oauth.staging]\nredirect_uri = \"http://{secret}.example/\"\n"),
        format!("[oauth.staging]\nclient_secret = \"{secret}\"\n"),
        format!("\"{secret}"),
        format!("[[[{secret}"),
        format!("a = 1\na = \"{secret}\"\n"),
    ]
}

/// The secret as a number, for a place that wants a text.
const DIGITS: &str = "7312990854417263";

fn refused(world: &World, file: &str, case: &str, secret: &Canary) -> String {
    let ran = world.run(&["send", "GET", "/v2/employees"], &[]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{file}, {case}: {}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{file}, {case}: {}", ran.err);
    assert!(ran.err.starts_with("pleoscope: ") && ran.err.contains(file), "{file}, {case}: {}", ran.err);
    secret.assert_not_in(ran.err.as_bytes(), case);
    assert!(!ran.err.contains(&secret.text().replace('-', "_")), "{case}: {}", ran.err);
    assert!(!ran.err.contains(DIGITS), "{case}: {}", ran.err);
    // `config check` shows the line itself, and no more of it than is safe; no command waits for what never comes.
    let checked = world.run(&["config", "check"], &[]);
    assert_eq!(checked.code, 2, "{file}, {case}: {}", checked.err);
    assert!(checked.err.contains(file), "{file}, {case}: {}", checked.err);
    secret.assert_not_in(checked.err.as_bytes(), case);
    assert!(!checked.err.contains(&secret.text().replace('-', "_")), "{case}: {}", checked.err);
    assert!(!checked.err.contains(DIGITS), "{case}: {}", checked.err);
    ran.err
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// More than 60 damaged files: `send` sends nothing, and says where and why; the explorer starts and says so.
#[test]
fn promise_61_damaged_configuration() {
    isolated(|| {
        let world = World::new();
        let secret = Canary::new("config");
        fs::create_dir_all(world.config()).unwrap();
        let mut count = 0;
        for file in ["config.toml", "credentials.toml"] {
            let path = world.config().join(file);
            let text = sound(&secret);
            fs::write(&path, format!("{text}\n")).unwrap();
            assert_eq!(world.run(&["auth", "list"], &[]).code, 0, "whole, it is sound");
            let cuts = (1..).map(|step| step * 16).take_while(|cut| *cut < text.len());
            for cut in cuts.filter(|cut| *cut > 16 && !text[..*cut].trim_end().ends_with(']')) {
                // What remains of the first table may be a whole one.
                let part = &text[..cut];
                let whole =
                    !part.contains("[[") && part.ends_with(['\n', '"']) && part.matches('"').count().is_multiple_of(2);
                if whole {
                    continue;
                }
                fs::write(&path, part).unwrap();
                refused(&world, file, &format!("cut at {cut}"), &secret);
                count += 1;
            }
            for text in wrong(&secret) {
                fs::write(&path, &text).unwrap();
                refused(&world, file, &text, &secret);
                count += 1;
            }
            fs::write(&path, format!("[[credential]]\nname = {DIGITS}\n")).unwrap();
            refused(&world, file, "a number for a text", &secret);
            fs::write(&path, [b"# \xFF\xFE", secret.text().as_bytes()].concat()).unwrap();
            refused(&world, file, "no UTF-8", &secret);
            fs::write(&path, format!("# {}\n{}", secret.text(), "#\n".repeat(1 << 20))).unwrap();
            assert!(refused(&world, file, "2 MiB", &secret).contains("1 MiB"));
            fs::remove_file(&path).unwrap();
            pipe(&path);
            refused(&world, file, "a FIFO", &secret);
            fs::remove_file(&path).unwrap();
            fs::create_dir(&path).unwrap();
            refused(&world, file, "a folder", &secret);
            fs::remove_dir(&path).unwrap();
            std::os::unix::fs::symlink(&path, &path).unwrap();
            refused(&world, file, "a symlink loop", &secret);
            explored(&world, "a symlink loop", &secret);
            fs::remove_file(&path).unwrap();
            pipe(&path);
            explored(&world, "a FIFO", &secret);
            fs::remove_file(&path).unwrap();
            fs::write(&path, &wrong(&secret)[1]).unwrap();
            explored(&world, "a wrong type", &secret);
            fs::remove_file(&path).unwrap();
            count += 6;
        }
        assert!(count >= 60, "{count} files");
        world.assert_untouched("nothing is sent while the configuration is wrong");
    });
}

/// The explorer starts, says what of the configuration is not used, and takes keys.
fn explored(world: &World, case: &str, secret: &Canary) {
    let mut session = world.session(&[], &[], (240, 40));
    session.wait("configuration is not used: ");
    session.keys("?");
    session.wait("Help");
    session.keys("\u{1B}");
    session.wait_until("the help to close", |picture| !picture.contains("┏ Help"));
    session.keys("q");
    assert_eq!(session.end(Duration::from_secs(10)), 0, "{case}");
    secret.assert_not_in(&session.raw(), case);
}
