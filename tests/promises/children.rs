//! Check 6: what the programs that are started by ours get to see.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::canary::Canary;
use super::explorer::{Explorer, Typed, pleo};
use super::given::Given;
use super::network::isolated;
use super::server::{Reply, until};
use super::world::World;

/// What opens an address or a text, by these names or by these variables.
const OPENERS: [&str; 14] = [
    "xdg-open",
    "gio",
    "gnome-open",
    "kde-open",
    "kde-open5",
    "kde-open6",
    "www-browser",
    "x-www-browser",
    "sensible-browser",
    "firefox",
    "chromium",
    "google-chrome",
    "wslview",
    "powershell.exe",
];
/// What holds a clipboard.
const CLIPBOARDS: [&str; 3] = ["wl-copy", "xclip", "xsel"];
const VARIABLES: [&str; 4] = ["BROWSER", "EDITOR", "PAGER", "VISUAL"];

/// Programs that write down their arguments and their environment.
struct Spies {
    folder: PathBuf,
    path: String,
}

impl Spies {
    fn new(world: &World) -> Self {
        let folder = world.folder.0.join("spies");
        fs::create_dir(&folder).unwrap();
        let seen = folder.join("seen");
        let script =
            format!("#!/bin/sh\n{{ echo \"$0 $*\"; env; cat /proc/$$/environ; }} >> {} 2>&1\n", seen.display());
        for name in OPENERS.into_iter().chain(["spy"]) {
            Self::program(&folder.join(name), &script);
        }
        for name in CLIPBOARDS {
            Self::program(&folder.join(name), &format!("{script}exec cat > /dev/null\n"));
        }
        Self::program(&folder.join("give"), &format!("{script}echo given-by-a-program-1234\n"));
        let path = format!("{}:/usr/bin:/bin", folder.display());
        Self { folder, path }
    }

    fn program(path: &Path, script: &str) {
        fs::write(path, script).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn spy(&self) -> String {
        self.folder.join("spy").to_str().unwrap().to_owned()
    }

    /// All that they saw, once it holds this.
    fn saw(&self, text: &str) -> Vec<u8> {
        self.saw_often(text, 1)
    }

    /// The same, once it holds it so often.
    fn saw_often(&self, text: &str, times: usize) -> Vec<u8> {
        until("a program was started", || {
            let seen = fs::read(self.folder.join("seen")).unwrap_or_default();
            (memchr::memmem::find_iter(&seen, text.as_bytes()).count() >= times).then_some(seen)
        })
    }
}

/// The browser that is opened for a login, and a person's own program that gives a credential, see no secret, although our
/// own environment holds some.
#[test]
fn promise_6_children() {
    isolated(|| {
        let world = World::new();
        let spies = Spies::new(&world);
        let given = Given::all();
        let [client, named, access, refresh, code] =
            ["client-secret", "named", "access", "refresh", "code"].map(Canary::new);
        let tokens = format!(
            "{{\"access_token\":\"{}\",\"refresh_token\":\"{}\",\"expires_in\":3600,\"scope\":\"users:read\"}}",
            access.text(),
            refresh.text()
        );
        world.answer(move |request| match request.target.as_str() {
            "/oauth/token" => Reply::json("200 OK", &tokens),
            _ => Reply::json("200 OK", "{\"data\":{\"applicationName\":\"Ledger\"}}"),
        });
        let config = world.folder.0.join("config");
        fs::create_dir(&config).unwrap();
        let row = "[[credential]]\nenvironment = \"staging\"\nkind = \"api-key\"\n";
        let give = spies.folder.join("give");
        let text = format!(
            "{row}name = \"by-program\"\ncommand = [\"{}\"]\n{row}name = \"by-variable\"\nvariable = \"MY_OWN_KEY\"\n",
            give.display()
        );
        fs::write(config.join("config.toml"), text).unwrap();
        let spy = spies.spy();
        let mut variables: Vec<(&str, &str)> = given.iter().map(Given::pair).collect();
        variables.extend(VARIABLES.map(|name| (name, spy.as_str())));
        variables.extend([
            ("PATH", spies.path.as_str()),
            ("PLEOSCOPE_CONFIG_DIR", config.to_str().unwrap()),
            ("PLEOSCOPE_STAGING_CLIENT_SECRET", client.text()),
            ("MY_OWN_KEY", named.text()),
            ("DISPLAY", ":7"),
        ]);

        let mut explorer = Explorer::new(world.session(&[], &variables, (160, 50)));
        explorer.fill_login(&client);
        explorer.press("\r", "Open this address in a browser");
        spies.saw("/oauth/authorize");
        explorer.paste(code.text());
        explorer.session.wait("••••");
        explorer.press("\r", access.tail());
        explorer.press("i", "Ledger");
        explorer.quit();
        let log = world.take();
        let requests: Vec<_> = log.iter().flat_map(|arrival| &arrival.requests).collect();
        assert!(requests.iter().any(|request| request.header("authorization") == [access.bearer()]), "{requests:#?}");
        let form = requests.iter().find(|request| request.target == "/oauth/token").unwrap().body.clone();
        let form = String::from_utf8(form).unwrap();
        let verifier = form.split("code_verifier=").nth(1).unwrap().split('&').next().unwrap().to_owned();

        let ran = world.run(&["send", "GET", "/v2/employees", "--credential", "by-program"], &variables);
        assert_eq!(ran.code, 0, "{}", ran.err);
        world.take();
        let ran = world.run(&["send", "GET", "/v2/employees", "--credential", "by-variable"], &variables);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(world.take()[0].requests[0].header("authorization"), [named.basic()], "it is a credential of ours");

        let seen = spies.saw("/give");
        // They have what they need.
        for needed in ["DISPLAY=:7", "BROWSER=", "HOME="] {
            assert!(memchr::memmem::find(&seen, needed.as_bytes()).is_some(), "{needed}");
        }
        for secret in given.iter().map(|one| &one.secret).chain([&client, &named, &access, &refresh, &code]) {
            secret.assert_not_in(&seen, "what a child saw");
        }
        assert!(memchr::memmem::find(&seen, verifier.as_bytes()).is_none(), "a child saw the verifier");
    });
}

/// A person's own editor, for a body, a value and the configuration, the program that shows a document and the one that holds the
/// clipboard see no secret: neither one that our environment holds, under a name of ours or of the configuration's, nor
/// one that was typed, nor the one that is copied.
#[test]
fn promise_6_editor_clipboard_and_viewer() {
    isolated(|| {
        let world = World::new();
        let spies = Spies::new(&world);
        let given = Given::all();
        let named = Canary::new("named");
        let typed = Typed { environment: "staging", kind: 1, secret: Canary::new("staging-typed") };
        let told = pleo("{}");
        world.answer(move |request| match request.target.as_str() {
            "/v9/paper" => Reply::new("200 OK", &[("Content-Type", "application/pdf")], b"%PDF-1.7\n\xE2\xE3\n"),
            _ => told(request),
        });
        world.configure(
            "[[credential]]\nenvironment = \"staging\"\nkind = \"api-key\"\nname = \"by-variable\"\nvariable = \"MY_OWN_KEY\"\n",
        );
        let spy = format!("{} --wait", spies.spy());
        let mut variables: Vec<(&str, &str)> = given.iter().map(Given::pair).collect();
        variables.extend(VARIABLES.map(|name| (name, spy.as_str())));
        variables.extend([("PATH", spies.path.as_str()), ("MY_OWN_KEY", named.text()), ("DISPLAY", ":7")]);

        let mut explorer = Explorer::new(world.session(&["open", "POST", "/v1/vendors"], &variables, (160, 50)));
        explorer.session.wait("4 Request POST /v1/vendors");
        explorer.give(&typed);
        explorer.session.keys("4Ge");
        spies.saw("/spy --wait ");
        explorer.taken_back();
        explorer.open("/v2/employees");
        explorer.send();
        for (copies, letter) in (1..).zip("csipfhuaAmM".chars()) {
            explorer.press("5yy", "┏ Copy the exchange");
            explorer.session.keys(&letter.to_string());
            spies.saw_often("/xclip ", copies);
        }
        explorer.press("yy", "┏ Copy the exchange");
        explorer.press("C", "┏ Copy the secret of STAGING");
        explorer.session.keys("\r");
        spies.saw_often("/xclip ", 12);
        explorer.session.wait_until("it is copied", |picture| !picture.contains("┏ Copy the secret"));
        explorer.open("/v9/paper");
        explorer.press("s", "opens it outside");
        explorer.press("5o", "┏ Save ━");
        explorer.session.keys("e");
        spies.saw(".body.pdf");
        explorer.quit();
        let edited = world.session(&["config", "edit"], &variables, (100, 24)).end(Duration::from_secs(20));
        assert_eq!(edited, 0);
        let imitated = ["--sandbox", "open", "POST", "/v1/vendors"];
        let mut imitated = Explorer::new(world.session(&imitated, &variables, (160, 50)));
        imitated.session.keys("4Ge");
        spies.saw_often("/spy --wait ", 3);
        imitated.taken_back();
        imitated.quit();

        let seen = spies.saw("/config.toml");
        for secret in given.iter().map(|one| &one.secret).chain([&named, &typed.secret]) {
            secret.assert_not_in(&seen, "what a child saw");
        }
    });
}
