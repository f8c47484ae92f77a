//! `saved`, and `@NAME` where a request is named: saved, listed, shown, sent, renamed, removed; damaged files and secrets.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use serde_json::Value;

use super::super::{code, err, out, pleoscope};

/// Folders of its own, gone with it: a configuration, and a repository in which the program is started.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("pleoscope-cli-saved-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("repository/.git")).unwrap();
        fs::create_dir_all(folder.join("repository/deep")).unwrap();
        Self(folder)
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = pleoscope(args);
        command
            .env("PLEOSCOPE_CONFIG_DIR", self.0.join("config"))
            .env("PLEOSCOPE_STATE_DIR", self.0.join("state"))
            .current_dir(self.0.join("repository/deep"));
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs it; it must go well.
    fn good(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(code(&output), 0, "{args:?}: {}", err(&output));
        out(&output)
    }

    /// Runs it; it must be refused with a sentence that holds this.
    fn refused(&self, args: &[&str], told: &str) {
        let output = self.run(args);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(told), "{args:?}: {}", err(&output));
    }

    fn list(&self) -> Vec<Value> {
        serde_json::from_str(&self.good(&["saved", "-o", "json"])).unwrap()
    }

    fn names(&self) -> Vec<String> {
        self.list().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const EMPLOYEES: [&str; 11] = [
    "--sandbox",
    "saved",
    "save",
    "people/new",
    "GET",
    "/v2/employees",
    "-q",
    "limit={{limit}}",
    "-q",
    "sorting_keys=firstName",
    "-qsorting_order=ASC",
];

#[test]
fn it_is_saved_shown_sent_renamed_and_removed() {
    let place = Place::new("whole");
    let none = place.run(&["saved"]);
    assert_eq!((code(&none), out(&none).as_str()), (0, ""));
    assert!(err(&none).contains("nothing is saved yet: `pleoscope saved save NAME"), "{}", err(&none));
    place.good(&[&EMPLOYEES[..], &["--description", "Who is new", "-H", "X-Trace: 7"]].concat());
    let text = place.good(&["saved", "show", "people/new"]);
    let wanted = "description = \"Who is new\"\nrequest = \"GET /v2/employees\"\n\n[query]\nlimit = \"{{limit}}\"\nsorting_keys = \"firstName\"\nsorting_order = \"ASC\"\n\n[headers]\nX-Trace = \"7\"\n";
    assert!(text.ends_with(wanted), "{text}");
    let all = place.list();
    assert_eq!((all.len(), &all[0]["place"], &all[0]["variables"]), (1, &"own".into(), &serde_json::json!(["limit"])));
    let row = place.good(&["saved"]);
    assert_eq!(row, "people/new  GET  /v2/employees  Who is new\n");
    let path = place.good(&["saved", "path", "people/new"]);
    assert!(path.trim_end().ends_with("config/requests/people/new.toml"), "{path}");
    assert_eq!(place.good(&["saved", "path"]).lines().count(), 2);

    // Its variable is missing, given, and written over.
    place.refused(&["--sandbox", "send", "@people/new"], "{{limit}} has no value for staging");
    let count = |args: &[&str]| {
        let page: Value =
            serde_json::from_str(&place.good(&[&["--sandbox", "send", "@people/new"], args].concat())).unwrap();
        page["data"].as_array().unwrap().len()
    };
    assert_eq!(count(&["--var", "limit=3"]), 3);
    assert_eq!(count(&["-q", "limit=2"]), 2);
    let line = place.good(&[
        "--sandbox",
        "--env",
        "production",
        "send",
        "@people/new",
        "-qlimit=4",
        "-q",
        "mine=1",
        "-H",
        "x-trace: 8",
        "--as",
        "http",
    ]);
    assert!(line.contains("/v2/employees?limit=4&sorting_keys=firstName&sorting_order=ASC&mine=1 HTTP/1.1"), "{line}");
    assert!(line.contains("x-trace: 8") && !line.contains("X-Trace: 7"), "{line}");
    place.refused(&["--sandbox", "send", "GET", "@people/new"], "does not begin with");
    place.refused(&["--sandbox", "send", "@people/new", "x"], "write its name alone");
    place.refused(&["--sandbox", "send", "@people/nw"], "did you mean people/new?");

    place.good(&["saved", "rename", "people/new", "@newest"]);
    place.refused(&["saved", "show", "people/new"], "no saved request is called \"people/new\"");
    place.refused(&[&EMPLOYEES[..3], &["newest"], &EMPLOYEES[4..]].concat(), "--replace");
    place.good(&[&EMPLOYEES[..3], &["newest", "--replace", "list-companies"]].concat());
    assert_eq!(place.list()[0]["path"], "/v1/companies");
    assert_eq!(place.list()[0]["description"], "Who is new", "what it is for stays");
    place.good(&["saved", "rm", "newest"]);
    assert_eq!(place.names(), [""; 0]);
    place.refused(&["saved", "rm", "newest"], "no saved request is called");
}

/// What a curl command means is saved without its credential, and what is left out of it is said.
#[test]
fn a_curl_command_is_saved_without_its_credential() {
    let place = Place::new("curl");
    let file = place.0.join("command.txt");
    let command = "curl -H 'Authorization: Bearer CNRY-0123456789' -H 'X-Own: 1' -H 'X-Odd: CNRYa0123456789b' 'https://external.staging.pleo.io/v2/employees?limit=5'";
    fs::write(&file, command).unwrap();
    let saved = place.run(&["saved", "save", "from-curl", "--curl", file.to_str().unwrap()]);
    assert_eq!(code(&saved), 0, "{}", err(&saved));
    assert!(err(&saved).contains("the credential of the curl command is not saved"), "{}", err(&saved));
    assert!(err(&saved).to_lowercase().contains("x-odd") && !err(&saved).contains("CNRY"), "{}", err(&saved));
    place.good(&["saved", "save", "copy", "@from-curl", "-q", "limit=6"]);
    let copy = place.good(&["saved", "show", "copy"]);
    assert!(copy.contains("limit = \"6\"") && copy.contains("X-Own") && !copy.contains("CNRY"), "{copy}");
}

/// A body of several lines reads as it was written; those of the repository lie in it, and a person's own go before them.
#[test]
fn a_repository_has_its_own() {
    let place = Place::new("repository");
    let body = "{\n  \"name\": \"it's {{name}}\",\n  \"companyId\": \"{{companyId}}\"\n}\n";
    let mut child = place
        .command(&["--sandbox", "saved", "save", "./smoke/vendor", "POST", "/v1/vendors", "--body", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let file = place.0.join("repository/.pleoscope/requests/smoke/vendor.toml");
    assert!(fs::read_to_string(&file).unwrap().contains(&format!("body = '''\n{body}\n'''\n")));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(&place.0.join("repository/.pleoscope"))), (0o600, 0o700));
    }
    let sent = place.good(&[
        "--sandbox",
        "send",
        "@smoke/vendor",
        "--var",
        "name=\"x\"",
        "--var",
        "companyId=1",
        "--as",
        "http",
    ]);
    assert!(sent.ends_with("{\n  \"name\": \"it's \\\"x\\\"\",\n  \"companyId\": \"1\"\n}\n"), "{sent}");
    assert!(sent.starts_with("POST /v1/vendors "), "{sent}");
    place.good(&["saved", "save", "smoke/vendor", "list-companies"]);
    assert_eq!(place.names(), ["smoke/vendor", "./smoke/vendor"]);
    let own = place.good(&["--sandbox", "send", "@smoke/vendor", "--as", "http"]);
    assert!(own.starts_with("GET /v1/companies "), "{own}");
    let theirs = place.good(&["saved", "show", "./smoke/vendor"]);
    assert!(theirs.contains("POST /v1/vendors"), "{theirs}");
    place.good(&["saved", "rename", "smoke/vendor", "./companies"]);
    assert_eq!(place.names(), ["./companies", "./smoke/vendor"]);
    assert!(!place.0.join("config/requests/smoke").exists());
}

#[test]
fn no_secret_and_no_way_out() {
    let place = Place::new("refused");
    let save = |name: &str, args: &[&str], told: &str| {
        place.refused(&[&["--sandbox", "saved", "save", name, "GET", "/v2/employees"], args].concat(), told);
    };
    save("a", &["-H", "X-Api-Key: CNRY1234"], "the header X-Api-Key looks like a credential");
    save("a", &["-q", "access_token=CNRY1234"], "the parameter access_token");
    save("a", &["-q", "code=pls_0123456789abcdef0"], "the parameter code");
    save("a", &["-H", "Authorization: Bearer CNRY1234"], "Authorization cannot be given as a header");
    let body = place.0.join("body.json");
    fs::create_dir_all(&place.0).unwrap();
    fs::write(&body, "{\"name\":\"x\",\"apiKey\":\"CNRY1234\"}").unwrap();
    let words = ["--sandbox", "saved", "save", "a", "POST", "/v1/vendors", "--body", body.to_str().unwrap()];
    place.refused(&words, "the body, its apiKey, looks like a credential");
    save("a", &["--var", "a=b"], "give --var when it is sent");
    for name in ["../a", "/a", "a/../../b", ".a", "a//b", "a\u{1b}b"] {
        let output = place.run(&["saved", "save", name, "GET", "/v2/employees"]);
        assert_eq!(code(&output), 2, "{name}");
        assert!(err(&output).contains("a name") && !err(&output).contains('\u{1b}'), "{name}: {}", err(&output));
    }
    // One that is known to this run, wherever it stands.
    let known = place
        .command(&["saved", "save", "a", "GET", "/v9/plain-words-here-CNRY"])
        .env("PLEOSCOPE_STAGING_API_KEY", "plain-words-here-CNRY")
        .output()
        .unwrap();
    assert_eq!(code(&known), 2);
    assert!(
        err(&known).contains("the path looks like a credential") && !err(&known).contains("CNRY"),
        "{}",
        err(&known)
    );
    assert_eq!(place.names(), [""; 0]);
    assert!(!place.0.join("config/requests").exists(), "nothing was written");
    place.good(&["--sandbox", "saved", "save", "a", "GET", "/v2/employees", "-H", "X-Api-Key: {{key}}"]);
    // A link out of the folder is told as that, and one that is a folder is not left out in silence.
    let requests = place.0.join("config/requests");
    std::os::unix::fs::symlink("/etc/hostname", requests.join("link.toml")).unwrap();
    std::os::unix::fs::symlink("/etc", requests.join("linked")).unwrap();
    place.refused(&["--sandbox", "send", "@link"], "is a link that leads out of its folder");
    let listed = place.run(&["saved"]);
    assert!(err(&listed).contains("a folder that is a link, which is not followed"), "{}", err(&listed));
}

#[test]
fn a_damaged_file_is_told_and_the_others_work() {
    let place = Place::new("damaged");
    place.good(&["saved", "save", "good", "list-companies"]);
    place.good(&["saved", "save", "free", "GET", "/v9/things"]);
    let file = place.0.join("config/requests/bad.toml");
    fs::write(&file, "request = \"GET /v2/employees\"\n\n[qury]\nlimit = 1\n").unwrap();
    let all = place.list();
    assert_eq!(place.names(), ["bad", "free", "good"]);
    assert_eq!(all[0]["error"], "bad.toml:3:2: there is no key `qury`; did you mean `query`?");
    assert_eq!((&all[1]["inCatalogue"], &all[2]["inCatalogue"]), (&false.into(), &true.into()));
    let table = place.good(&["saved"]);
    assert!(table.contains("✗    bad.toml:3:2:") && table.contains("/v9/things (not in the catalogue)"), "{table}");
    place.refused(&["--sandbox", "send", "@bad"], "bad.toml:3:2: there is no key");
    let shown = place.run(&["saved", "show", "bad"]);
    assert_eq!(code(&shown), 2);
    assert!(out(&shown).contains("[qury]") && err(&shown).contains("bad.toml:3:2"), "it is shown all the same");
    let free = place.run(&["--sandbox", "send", "@free"]);
    assert_eq!(code(&free), 4);
    assert!(err(&free).contains("free is not in the catalogue"), "{}", err(&free));
    place.good(&["--sandbox", "send", "@good"]);
}

#[test]
fn names_are_completed() {
    let place = Place::new("complete");
    place.good(&["saved", "save", "people/new one", "list-employees", "--description", "Who is new"]);
    let names = |line: &str| place.good(&["complete", "--", line]);
    assert_eq!(names("pleoscope send @"), "@people/new one\tWho is new\n");
    assert_eq!(names("pleoscope --sandbox open @pe"), "@people/new one\tWho is new\n");
    assert_eq!(names("pleoscope send \"@people/new o"), "@people/new one\tWho is new\n");
    assert_eq!(names("pleoscope saved rm p"), "people/new one\tWho is new\n");
    assert!(names("pleoscope send @people/new\\ one -q lim").starts_with("limit=\t"));
    assert!(names("pleoscope saved save x GET /v1/compan").starts_with("/v1/companies\t"));
    assert!(names("pleoscope saved ").contains("rename\t"));
}
