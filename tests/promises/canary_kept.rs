//! Check 1 for everything that is kept and handed on: the history and the log of its database, unsent requests, the log of a run,
//! each form in which an exchange is copied, saved or printed, a command that is imported, and what the commands without a
//! screen say.

use std::fs;

use super::canary::Canary;
use super::canary_run::hand_on;
use super::echo::echo;
use super::explorer::{Explorer, Typed};
use super::given::Given;
use super::network::isolated;
use super::sweep::Sweep;
use super::world::World;

/// The forms of `history show`.
const FORMS: [&str; 8] = ["curl", "send", "httpie", "python", "fetch", "http", "har", "markdown"];

/// What names the credential instead of holding it.
const NAMING: [&str; 6] = ["curl", "httpie", "python", "fetch", "http", "markdown"];

/// Commands that print something of what there is, and what they may end with.
const TOLD: [(&[&str], &[i32]); 17] = [
    (&["history"], &[0]),
    (&["history", "-o", "json"], &[0]),
    (&["history", "-o", "ndjson", "redacted"], &[0]),
    (&["config"], &[0]),
    (&["config", "--default"], &[0]),
    (&["config", "check"], &[0]),
    (&["auth", "list", "-o", "json"], &[0]),
    (&["whoami"], &[0]),
    (&["man"], &[0]),
    (&["keys"], &[0]),
    (&["complete", "pleoscope send --credential "], &[0]),
    (&["complete", "pleoscope send GET /v2/employees -q "], &[0]),
    (&["completions", "bash"], &[0]),
    (&["completions", "zsh"], &[0]),
    (&["completions", "fish"], &[0]),
    (&["doctor"], &[0, 1]),
    (&["doctor", "-o", "json"], &[0, 1]),
];

/// Servers that say every secret back in every form; then everything is listed, shown, sent again, copied and saved.
#[test]
fn promise_1_kept_and_handed_on() {
    isolated(|| {
        let world = World::new();
        let sweep = Sweep::new(&world);
        world.answer(echo);
        let given = Given::all();
        let [named, client, imported] = ["named", "client-secret", "imported"].map(Canary::new);
        let typed = Typed { environment: "staging", kind: 1, secret: Canary::new("staging-typed") };
        let all: Vec<Canary> = given
            .iter()
            .map(|one| one.secret.clone())
            .chain([named.clone(), client.clone(), imported.clone(), typed.secret.clone()])
            .collect();
        let quiet = |bytes: &[u8], what: &str| all.iter().for_each(|secret| secret.assert_not_in(bytes, what));
        let row = "[[credential]]\nname = \"by-variable\"\nenvironment = \"staging\"\nkind = \"api-key\"\nvariable = \"MY_OWN_KEY\"\n";
        fs::write(world.folder.0.join("own/config/config.toml"), format!("{row}[history]\nproduction_bodies = true\n"))
            .unwrap();
        let log = world.folder.0.join("run.log");
        let own = [
            &sweep.variables()[..],
            &[
                ("MY_OWN_KEY", named.text()),
                ("PLEOSCOPE_STAGING_CLIENT_SECRET", client.text()),
                ("PLEOSCOPE_LOG", log.to_str().unwrap()),
            ],
        ]
        .concat();
        let everything: Vec<(&str, &str)> = own.iter().copied().chain(given.iter().map(Given::pair)).collect();
        let run = |args: &[&str], variables: &[(&str, &str)], codes: &[i32]| {
            let ran = world.run(args, variables);
            assert!(codes.contains(&ran.code), "{args:?}: {} {}", ran.code, ran.err);
            quiet(ran.out.as_bytes(), &format!("what {args:?} prints"));
            quiet(ran.err.as_bytes(), &format!("what {args:?} says"));
            ran.out
        };

        // One exchange with each of them, and one that is refused.
        let mut sent = 0;
        for one in &given {
            let variables = [&own[..], &[one.pair()]].concat();
            let path: &[&str] = if one.is_legacy() { &["/v1/employees", "--legacy"] } else { &["/v2/employees"] };
            let args = [&["send", "--verbose", "-i", "--env", one.environment, "GET"], path].concat();
            run(&args, &variables, &[0]);
            sent += 1;
        }
        run(&["send", "GET", "/v2/employees", "--credential", "by-variable"], &own, &[0]);
        run(&["send", "GET", "/v9/nowhere/401"], &everything, &[4]);
        sent += 2;
        let log_of_servers = world.take();
        for secret in given.iter().map(|one| &one.secret).chain([&named]) {
            let came = log_of_servers.iter().any(|arrival| secret.found_in(&arrival.bytes).is_some());
            assert!(came, "{} was sent, and is said back", secret.text());
        }

        let numbers: Vec<String> = (1..=sent).map(|number| number.to_string()).collect();
        for number in &numbers {
            let shown = run(&["history", "show", number], &everything, &[0]);
            assert!(shown.contains("[redacted]"), "{number}: {shown}");
            // A key, a legacy token, one of the configuration, and one that was refused.
            let forms = if ["1", "3", "7", "8"].contains(&number.as_str()) { &FORMS[..] } else { &[] };
            for &form in forms {
                let shown = run(&["history", "show", number, "--as", form], &everything, &[0]);
                assert!(shown.contains("/employees") || shown.contains("/v9/nowhere"), "{form}: {shown}");
                assert!(
                    !NAMING.contains(&form) || shown.contains("_KEY") || shown.contains("_TOKEN"),
                    "{form}: {shown}"
                );
            }
        }
        run(&["history", "resend", "1", "-i"], &everything, &[0]);
        for (args, codes) in TOLD {
            let told = run(args, &everything, codes);
            // It knows of them, and finds fault with what such servers answer.
            assert!(!args.contains(&"doctor") || told.contains("by-variable") || told.contains("_API_KEY"), "{told}");
        }

        explored(&world, &everything, &typed, &imported, &given[0].secret);
        let text = String::from_utf8(fs::read(&log).unwrap()).unwrap();
        assert!(text.lines().count() > 20 && text.contains("\"what\":\"request\""), "{text}");
        let kept = ["history.db", "history.db-wal"].map(|name| fs::read(world.folder.0.join("own/state").join(name)));
        let draft = kept.iter().flatten().any(|bytes| memchr::memmem::find(bytes, b"E10001").is_some());
        assert!(draft, "an unsent request is kept, in files that are searched");
        sweep.assert_clean(&all, "what was kept and handed on");
        // Nor is any word of them in the index of words, where they would stand in small letters and in parts.
        let own = fs::read_dir(world.folder.0.join("own/state")).unwrap().flatten().map(|file| file.path());
        for path in own.filter(|path| path.to_string_lossy().contains("history.db")) {
            let bytes = fs::read(&path).unwrap();
            for secret in &all {
                let word = secret.text().rsplit('-').next().unwrap();
                assert!(
                    memchr::memmem::find(&bytes, word.as_bytes()).is_none(),
                    "{} in {}",
                    secret.text(),
                    path.display()
                );
            }
        }
    });
}

/// The explorer: a credential is typed, used and handed on in every form; one comes with a curl command; known ones go astray into
/// fields of a request that is left unsent.
fn explored(world: &World, variables: &[(&str, &str)], typed: &Typed, imported: &Canary, known: &Canary) {
    let mut explorer = Explorer::new(world.session(&[], variables, (120, 40)));
    explorer.give(typed);
    explorer.open("/v9/nowhere/404");
    explorer.press("s", "5 Response STAGING 404");
    explorer.open("/v2/employees");
    explorer.press("s", "5 Response STAGING 200");
    // Who it is may be told late, in the place of what is said of a copy.
    explorer.session.wait("2 scopes");
    hand_on(&mut explorer, &world.folder.0, "kept");
    for (letter, wait) in [("d", "/v2/tags"), ("\r", "in memory until you quit")] {
        explorer.press("\u{e}", "Free request");
        let command =
            format!("curl -H 'Authorization: Bearer {}' https://external.staging.pleo.io/v2/tags", imported.text());
        explorer.paste(&command);
        explorer.session.wait("…");
        // It is looked at for a moment before a key takes it.
        std::thread::sleep(std::time::Duration::from_millis(600));
        explorer.press(letter, wait);
    }
    explorer.press("s", "200");
    explorer.open("/v2/employees");
    explorer.session.keys("4gjj\r");
    explorer.press("E10001\r", "E10001");
    for (path, secret) in [("/v1/companies", known), ("/v1/introspect", &typed.secret)] {
        explorer.open(path);
        explorer.press("A", "name=value");
        explorer.paste(&format!("note={}", secret.text()));
        explorer.session.keys("\r");
        explorer.session.wait("A credential stands in the");
    }
    explorer.quit();
    // One that a person puts into a field of text stands there until it is closed; one that comes with a command never.
    imported.assert_not_in(&explorer.session.raw(), "what the terminal was told");
}
