//! Checks 4 and 37: what is in the clipboard and in files when an exchange is handed on, and which names files get.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::canary::Canary;
use super::explorer::{Explorer, Typed, pleo};
use super::network::isolated;
use super::server::{Reply, until};
use super::sweep::Sweep;
use super::world::{PLEOSCOPE, World};

/// A program in the place of the system's clipboard, which writes down what it is given.
fn clipboard(world: &World) -> (String, std::path::PathBuf) {
    let (bin, held) = (world.folder.0.join("bin"), world.folder.0.join("clipboard"));
    fs::create_dir(&bin).unwrap();
    let program = bin.join("xclip");
    let script = format!("#!/bin/sh\ncat > {0}.new && mv {0}.new {0}\n", held.display());
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    (format!("{}:/usr/bin:/bin", bin.display()), held)
}

/// What the clipboard holds, once it is given something.
fn given(held: &Path) -> Vec<u8> {
    let bytes = until("the clipboard has it", || fs::read(held).ok());
    fs::remove_file(held).unwrap();
    bytes
}

/// Check 4: a copy names the variable; the secret is in the clipboard only after a question, and never on the screen.
#[test]
fn promise_4_the_clipboard() {
    isolated(|| {
        let world = World::new();
        let sweep = Sweep::new(&world);
        world.answer(pleo("{}"));
        let (path, held) = clipboard(&world);
        let variables = [&sweep.variables()[..], &[("PATH", path.as_str()), ("DISPLAY", ":0")]].concat();
        let typed = Typed { environment: "staging", kind: 1, secret: Canary::new("staging-key") };
        let mut explorer = Explorer::new(world.session(&[], &variables, (120, 40)));
        explorer.give(&typed);
        explorer.session.wait("Ledger");
        explorer.open("/v2/employees");
        explorer.send();
        for letter in "csipfhuaAmM".chars() {
            explorer.press("5yy", "┏ Copy the exchange");
            explorer.press(&letter.to_string(), "by xclip");
            let bytes = given(&held);
            typed.secret.assert_not_in(&bytes, &format!("what {letter} copies"));
            let text = String::from_utf8_lossy(&bytes);
            assert!(text.contains("/v2/employees"), "{letter}: {text}");
            if "csipfh".contains(letter) && letter != 's' {
                assert!(text.contains("PLEOSCOPE_STAGING_API_KEY"), "{letter}: {text}");
            }
        }
        // What is asked about can be left.
        explorer.press("yy", "┏ Copy the exchange");
        explorer.press("C", "┏ Copy the secret of STAGING");
        explorer.escape("┏ Copy the secret");
        assert!(!held.exists());
        explorer.press("yy", "┏ Copy the exchange");
        explorer.press("C", "┏ Copy the secret of STAGING");
        explorer.press("\r", "by xclip");
        let text = String::from_utf8(given(&held)).unwrap();
        assert!(text.starts_with("curl ") && text.contains(&format!("--user {}:", typed.secret.text())), "{text}");
        // From the request too.
        explorer.press("4y", "┏ Copy the request");
        explorer.press("c", "by xclip");
        typed.secret.assert_not_in(&given(&held), "what the request is copied as");
        explorer.quit();
        typed.secret.assert_not_in(&explorer.session.raw(), "what the terminal was told");
        sweep.assert_clean(std::slice::from_ref(&typed.secret), "a session that copies");
        assert_eq!(explorer.session.picture().trim(), "", "the main screen is as it was");
    });
}

/// Check 37: whatever name a server gives, the file lands in the folder one is in, with a name that can be read, over no other.
#[test]
fn promise_37_names_of_files() {
    isolated(|| {
        let world = World::new();
        let folder = world.folder.0.join("chosen");
        fs::create_dir(&folder).unwrap();
        let long = "n".repeat(300);
        let names: Vec<(String, &str)> = [
            ("../../x", "x"),
            ("/etc/x2", "x2"),
            ("a%1B[31mb", "a_[31mb"),
            ("CON", "_CON"),
            ("-rf", "rf"),
            ("", "free"),
            ("a%00b", "a_b"),
        ]
        .into_iter()
        .map(|(name, own)| (name.to_owned(), own))
        .chain([(long, "nnn")])
        .collect();
        let told = names.clone();
        world.answer(move |request| {
            let number: usize = request.target.rsplit('/').next().and_then(|text| text.parse().ok()).unwrap_or(0);
            let name = told.get(number).map_or("", |(name, _)| name);
            let parameter =
                if name.contains('%') { format!("filename*=UTF-8''{name}") } else { format!("filename=\"{name}\"") };
            let body = format!("{{\"number\":\"body {number}.\"}}");
            Reply::Bytes(
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Disposition: attachment; {parameter}\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                )
                .into_bytes(),
            )
        });
        let script = format!("cd {} && exec {PLEOSCOPE}", folder.display());
        let mut explorer = Explorer::new(world.session_of(&["sh", "-c", &script], &[], (120, 40)));
        // The program's own folder is made while it starts.
        until("it keeps a history", || world.state().join("history.db").exists().then_some(()));
        let outside = files(&world.folder.0).len();
        for (number, (_, wanted)) in names.iter().enumerate() {
            explorer.open(&format!("/v9/free/{number}"));
            explorer.press("s", &format!("body {number}."));
            explorer.press("5o", "┏ Save ━");
            explorer.press("r", "Save: body as received");
            explorer.press("\r", "Saved ");
            let saved = files(&folder);
            assert_eq!(saved.len(), number + 1, "{saved:?}");
            let new = saved.iter().find(|name| name.starts_with(wanted) || name.contains(wanted));
            assert!(new.is_some(), "{wanted} is not in {saved:?}");
            assert!(
                saved.iter().all(|name| name.len() < 130 && name.chars().all(|c| c.is_ascii_graphic())),
                "{saved:?}"
            );
        }
        // Once more: what is there stays, however often Enter is pressed.
        let before = fs::read(folder.join("x")).unwrap();
        explorer.open("/v9/free/0?again=1");
        explorer.press("s", "body 0.");
        explorer.press("5o", "┏ Save ━");
        explorer.press("r", "Save: body as received");
        explorer.press("\r", "type another one");
        explorer.press("\r\r\r", "type another one");
        explorer.escape("Save: body as received");
        explorer.quit();
        assert_eq!(fs::read(folder.join("x")).unwrap(), before);
        assert_eq!((files(&folder).len(), files(&world.folder.0).len()), (names.len(), outside));
    });
}

/// The names of what is in a folder.
fn files(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}
