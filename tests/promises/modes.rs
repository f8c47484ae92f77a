//! Check 9: whatever the umask, what the program makes is for its owner only.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use super::given::path_of;
use super::network::isolated;
use super::store::{Issuer, NAME, everything};
use super::stored::Login;
use super::world::{PLEOSCOPE, World};

/// What gives a program the widest umask there is.
const WIDE: [&str; 4] = ["sh", "-c", "umask 000; exec \"$@\"", "sh"];

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// `auth add`, a renewal by `send` and by the explorer, and a login: files 0600 at most, folders 0700.
#[test]
fn promise_9_modes() {
    isolated(|| {
        let (world, issuer) = (World::new(), Issuer::new());
        let answering = issuer.clone();
        world.answer(move |request| answering.answer(request));
        let run = |args: &[&str]| {
            let words = [&WIDE[1..], &[PLEOSCOPE], args].concat();
            let ran = super::world::Ran::from(world.command_of(WIDE[0], &words, &[]).output().unwrap());
            assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
        };
        let known = everything(&world.folder.0);
        run(&["auth", "add", "one", "--kind", "api-key", "--env", "production", "--variable", "X"]);
        assert!(world.config().join("credentials.toml").is_file(), "it made a file");
        let first: Vec<_> = everything(&world.folder.0).into_iter().filter(|path| !known.contains(path)).collect();
        assert!(first.iter().filter(|path| path.is_dir()).count() >= 2, "and folders, from .config on: {first:?}");
        let pair = world.keep_login(&issuer.expired_pair(), &world.save());
        run(path_of(false));
        assert_eq!(issuer.now().calls, 1);
        fs::write(&pair, issuer.expired_pair()).unwrap();
        let words = [&WIDE[..], &[PLEOSCOPE, "open", "GET", "/v2/employees"]].concat();
        let mut session = world.session_of(&words, &[], (120, 40));
        session.wait("4 Request GET /v2/employees");
        session.keys("s");
        session.wait("5 Response STAGING 200");
        session.keys("q");
        assert_eq!(session.end(Duration::from_secs(10)), 0);
        assert_eq!(issuer.now().calls, 2);
        let login = ["auth", "login", NAME, "--no-browser", "--client-id", "a-client", "--scope", "users:read"];
        let words = [&WIDE[1..], &[PLEOSCOPE], &login, &["--redirect-uri", "https://app.example/in"]].concat();
        let (mut login, url) = Login::of(world.command_of(WIDE[0], &words, &[]));
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        login.paste(&format!("https://app.example/in?code=the-code&state={state}"));
        let (code, rest) = login.end();
        assert_eq!((code, issuer.now().calls), (0, 3), "{rest}");
        run(&["auth", "remove", "one", "--env", "production"]);
        let own = [world.config().join("config.toml"), pair];
        let (mut files, mut folders) = (0, 0);
        for path in everything(&world.folder.0).iter().filter(|path| !known.contains(path) && !own.contains(path)) {
            if path.is_dir() {
                assert_eq!(mode(path), 0o700, "{}", path.display());
                folders += 1;
            } else {
                assert_eq!(mode(path) & 0o077, 0, "{}: {:o}", path.display(), mode(path));
                files += 1;
            }
        }
        assert!(files >= 3 && folders >= 4, "credentials.toml and two locks; {files} and {folders}");
        let lock = format!("staging-{NAME}.lock");
        assert!(everything(&world.folder.0).iter().any(|path| path.ends_with(&lock)), "the renewal took its lock");
    });
}
