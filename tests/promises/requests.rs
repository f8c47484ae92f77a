//! Checks 1 and 9 for saved requests: no credential that is at hand is written, wherever and in whatever form it stands, from the
//! command line or the explorer; the files are their owner's alone.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::canary::Canary;
use super::explorer::{Explorer, Typed};
use super::given::{Given, assert_quiet};
use super::network::isolated;
use super::store::everything;
use super::sweep::Sweep;
use super::world::{PLEOSCOPE, Ran, World};

#[test]
fn promise_1_saved_requests() {
    isolated(|| {
        let world = World::new();
        let sweep = Sweep::new(&world);
        let given = Given::all();
        let typed = Typed { environment: "staging", kind: 1, secret: Canary::new("staging-typed") };
        let all: Vec<Canary> = given.iter().map(|one| one.secret.clone()).chain([typed.secret.clone()]).collect();
        let own = sweep.variables();
        let everything: Vec<(&str, &str)> = own.iter().copied().chain(given.iter().map(Given::pair)).collect();
        let refused = |name: &str, args: &[&str], case: &str| {
            let ran = world.run(&[&["saved", "save", name], args].concat(), &everything);
            assert_eq!(ran.code, 2, "{case}: {}{}", ran.out, ran.err);
            assert!(ran.err.contains("looks like a credential"), "{case}: {}", ran.err);
            assert_quiet(&ran, &given);
        };
        for one in &given {
            let secret = one.secret.text();
            refused("a", &["GET", &format!("/v9/{secret}")], "path");
            refused("a", &["GET", "/v2/employees", "-q", &format!("code={secret}")], "parameter");
            refused("a", &["GET", "/v2/employees", "-q", &format!("{secret}=1")], "parameter's name");
            refused("a", &["GET", "/v2/employees", "-H", &format!("X-A: {}", one.header())], "header");
            refused("a", &["GET", "/v2/employees", "--description", secret], "description");
            refused(secret, &["GET", "/v2/employees"], "name");
        }
        let body = world.folder.0.join("body.json");
        for (form, bytes) in given[0].secret.forms() {
            // What is no text is no body.
            fs::write(&body, [b"{\"note\": \"", &bytes[..], b"\"}"].concat()).unwrap();
            refused("a", &["POST", "/v1/vendors", "--body", body.to_str().unwrap()], form);
        }
        fs::remove_file(&body).unwrap();

        let mut explorer = Explorer::new(world.session(&[], &everything, (120, 40)));
        explorer.give(&typed);
        for secret in [given[0].secret.text(), typed.secret.text()] {
            explorer.open("/v2/employees");
            explorer.press("A", "name=value");
            explorer.paste(&format!("note={secret}"));
            explorer.session.keys("\r");
            explorer.session.wait("A credential stands in the");
            explorer.press("4o", "Save the request");
            explorer.session.wait("list-employees.toml");
            explorer.session.enter("Nothing was saved: the parameter note");
            explorer.escape("Save the request");
        }
        explorer.open("/v1/companies");
        explorer.press("4o", "list-companies.toml");
        explorer.session.enter("Saved as list-companies");
        explorer.quit();
        let folder = world.folder.0.join("own/config/requests");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "one was clean");
        let send = world.run(&["send", "@list-companies", "--as", "http"], &everything);
        assert_eq!(send.code, 0, "{}", send.err);
        sweep.assert_clean(&all, "what was saved");
    });
}

#[test]
fn promise_9_saved_requests() {
    isolated(|| {
        let world = World::quiet();
        let known = everything(&world.folder.0);
        let run = |args: &[&str]| {
            let words = [&["-c", "umask 000; exec \"$@\"", "sh", PLEOSCOPE], args].concat();
            let ran = Ran::from(world.command_of("sh", &words, &[]).output().unwrap());
            assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
        };
        run(&["saved", "save", "people/new", "GET", "/v2/employees"]);
        run(&["saved", "rename", "people/new", "other/deep/new"]);
        run(&["saved", "save", "other/deep/new", "GET", "/v1/companies", "--replace"]);
        let mut files = 0;
        for path in everything(&world.folder.0).iter().filter(|path| !known.contains(path)) {
            let mode = fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777;
            let wanted = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode, wanted, "{}: {mode:o}", path.display());
            files += usize::from(path.is_file() && path.extension().is_some_and(|kind| kind == "toml"));
        }
        assert_eq!(files, 1);
    });
}
