//! A person's own operations: taken in from OpenAPI documents, listed, sent, and forgotten.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use super::super::{code, err, out, pleoscope};

/// Folders of its own for one test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("import").join(name);
        // What an earlier run left there.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn catalogue(&self) -> PathBuf {
        self.0.join("config/catalogue.json")
    }

    fn run(&self, args: &[&str]) -> Output {
        self.run_with(args, b"")
    }

    fn run_with(&self, args: &[&str], input: &[u8]) -> Output {
        let mut command = pleoscope(args);
        command.env("PLEOSCOPE_CONFIG_DIR", self.0.join("config")).env("PLEOSCOPE_STATE_DIR", self.0.join("state"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // One that has heard enough does not read on.
        let _ = stdin.write_all(input);
        drop(stdin);
        child.wait_with_output().unwrap()
    }
}

const YAML: &str = "openapi: 3.1.0
info: {title: More, version: '1'}
servers: [{url: 'https://evil.example'}]
paths:
  /v1/things:
    get:
      operationId: listThings
      summary: List the things
      tags: [Things]
      responses: {'200': {description: ok}}
    post:
      operationId: createThing
      summary: Make a thing
      tags: [Things]
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}}
      responses: {'201': {description: ok}}
  /v2/employees:
    get:
      parameters: [{name: status, in: query, schema: {type: string}}]
      responses: {'200': {description: ok}}
  /v1/installations/{who}:
    delete: {operationId: harmless, responses: {'204': {description: ok}}}
";

const JSON: &str = r#"{"openapi":"3.0.3","info":{"title":"More","version":"1"},"paths":{"/v1/others":{"get":{"responses":{"200":{"description":"ok"}}}}}}"#;

#[test]
fn a_document_in_yaml_is_taken_in_listed_and_forgotten() {
    let place = Place::new("yaml");
    let file = place.write("more.yaml", YAML);
    let output = place.run(&["endpoints", "--import", &file]);
    let told = out(&output);
    assert_eq!((code(&output), err(&output).as_str()), (0, ""), "{told}");
    assert!(told.contains("added    GET /v1/things") && told.contains("list-things"), "{told}");
    assert!(told.contains("changed  GET /v2/employees") && told.contains("parameter status is new"), "{told}");
    assert!(told.contains("OpenAPI 3.1.0: 3 added, 1 changed, 0 unchanged, 0 skipped."), "{told}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(place.catalogue()).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let all = out(&place.run(&["endpoints"]));
    assert_eq!(all.lines().filter(|line| line.starts_with("  ")).count(), 163);
    assert!(all.contains("\nThings\n"), "{all}");
    assert!(all.lines().any(|line| line.contains("create-thing") && line.contains("W--I  Make a thing")));
    assert!(all.lines().any(|line| line.contains("list-things") && line.contains("---I  List the things")));
    assert!(all.lines().any(|line| line.contains(" list-employees ") && line.contains("-P-I")));
    let again = out(&place.run(&["endpoints", "--import", &file]));
    assert!(again.contains("0 added, 0 changed, 4 unchanged") && again.contains("nothing was written"), "{again}");
    let forgot = out(&place.run(&["endpoints", "--forget-import"]));
    assert!(forgot.starts_with("Removed ") && forgot.contains("with 4 imported operations"), "{forgot}");
    assert!(!place.catalogue().exists());
    assert_eq!(out(&place.run(&["endpoints"])).lines().filter(|line| line.starts_with("  ")).count(), 160);
    assert!(out(&place.run(&["endpoints", "--forget-import"])).starts_with("There are no imported operations"));
}

#[test]
fn a_document_in_json_comes_from_standard_input_for_either_surface() {
    let place = Place::new("json");
    let output = place.run_with(&["endpoints", "--import", "-", "--legacy"], JSON.as_bytes());
    assert_eq!((code(&output), err(&output).as_str()), (0, ""));
    assert!(out(&output).contains("OpenAPI 3.0.3: 1 added"), "{}", out(&output));
    assert!(out(&place.run(&["endpoints"])).contains("\nLegacy: Imported\n"));
    let more = place.run_with(&["endpoints", "--import", "-"], JSON.as_bytes());
    assert!(out(&more).contains("get-v1-others-2"), "{}", out(&more));
    assert_eq!(out(&place.run(&["endpoints"])).lines().filter(|line| line.starts_with("  ")).count(), 162);
}

#[test]
fn what_is_imported_goes_to_pleos_hosts_and_is_guarded() {
    let place = Place::new("guarded");
    let file = place.write("more.yaml", YAML);
    assert_eq!(code(&place.run(&["endpoints", "--import", &file])), 0);
    // The imitation answers that it knows no such path: it was asked, and no other host was.
    let sent = place.run(&["--sandbox", "send", "list-things", "--include"]);
    assert_eq!(code(&sent), 4, "{}", err(&sent));
    assert!(out(&sent).contains("404"), "{}", out(&sent));
    let write = place.run(&["--sandbox", "--env", "production", "send", "create-thing", "--body", "-"]);
    assert_eq!(code(&write), 2, "{}", out(&write));
    let refused = place.run_with(
        &["--sandbox", "--env", "production", "send", "POST", "/v1/things", "--body", "-"],
        b"{\"name\":\"x\"}",
    );
    assert_eq!((code(&refused), out(&refused).as_str()), (2, ""));
    assert!(err(&refused).contains("production"), "{}", err(&refused));
    let only = place.run(&["--sandbox", "--read-only", "send", "harmless", "--path", "who=me"]);
    assert_eq!((code(&only), out(&only).as_str()), (2, ""), "{}", err(&only));
}

#[test]
fn bad_documents_are_told_with_their_place_and_change_nothing() {
    let place = Place::new("bad");
    let deep_json = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let deep_yaml = format!("openapi: 3.0.0\npaths: {}", "[".repeat(100_000));
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let before = vec![format!("*a{}", level - 1); 10].join(",");
        bomb.push_str(&format!("a{level}: &a{level} [{before}]\n"));
    }
    let cases: [(&str, &[u8], &str); 11] = [
        ("broken.json", b"{\"openapi\": \"3.0.0\",\n \"paths\": }", "line 2, column 11: expected value"),
        ("broken.yaml", b"openapi: 3.0.0\npaths: [\n", "line "),
        ("tab.yaml", b"openapi: 3.0.0\npaths:\n\t- a", "line 3"),
        ("swagger.yaml", b"swagger: '2.0'", "at \"/swagger\""),
        ("other.json", b"{}", "at \"/openapi\""),
        ("empty", b"", "there is nothing in it"),
        ("bytes", b"\xff\xfe\x00", "it is not UTF-8 (byte 0)"),
        ("control", b"\x1b]0;x\x07: \x1b[2J", "nothing is changed"),
        ("deep.json", deep_json.as_bytes(), "recursion limit"),
        ("deep.yaml", deep_yaml.as_bytes(), "line 2"),
        ("bomb.yaml", bomb.as_bytes(), "more than a million values"),
    ];
    for (name, text, wanted) in cases {
        let file = place.write(name, text);
        let output = place.run(&["endpoints", "--import", &file]);
        let told = err(&output);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{name}: {told}");
        assert!(told.contains(wanted) && told.lines().count() == 1, "{name}: {told}");
        assert!(!told.contains('\u{1b}'), "{name}");
        assert!(!place.catalogue().exists(), "{name}");
    }
    let missing = place.run(&["endpoints", "--import", "/nowhere/at-all.yaml"]);
    assert!(code(&missing) == 2 && err(&missing).contains("No such file"), "{}", err(&missing));
    let folder = place.run(&["endpoints", "--import", place.0.to_str().unwrap()]);
    assert_eq!(code(&folder), 2, "{}", err(&folder));
}

#[test]
fn a_document_of_100_mb_is_refused_at_once() {
    let place = Place::new("large");
    let file = place.0.join("large.yaml");
    // A file of zeros takes no room on the disk.
    fs::File::create(&file).unwrap().set_len(100_000_000).unwrap();
    let begun = std::time::Instant::now();
    let output = place.run(&["endpoints", "--import", file.to_str().unwrap()]);
    assert!(code(&output) == 2 && err(&output).contains("larger than 16 MiB"), "{}", err(&output));
    assert!(begun.elapsed() < std::time::Duration::from_secs(5));
}

#[test]
fn a_damaged_catalogue_is_told_and_not_used() {
    let place = Place::new("damaged");
    fs::create_dir_all(place.0.join("config")).unwrap();
    fs::write(place.catalogue(), "{\"external\": [}").unwrap();
    let listed = place.run(&["endpoints"]);
    assert_eq!(code(&listed), 0);
    assert_eq!(out(&listed).lines().filter(|line| line.starts_with("  ")).count(), 160);
    assert!(err(&listed).contains("are not used") && err(&listed).contains("line 1, column 15"), "{}", err(&listed));
    let sent = place.run(&["--sandbox", "send", "introspect"]);
    assert!(code(&sent) == 0 && err(&sent).contains("are not used"), "{}", err(&sent));
    let import = place.run_with(&["endpoints", "--import", "-"], JSON.as_bytes());
    assert!(code(&import) == 2 && err(&import).contains("--forget-import"), "{}", err(&import));
    assert_eq!(fs::read_to_string(place.catalogue()).unwrap(), "{\"external\": [}");
    assert!(out(&place.run(&["endpoints", "--forget-import"])).contains("that could not be read"));
    assert!(!place.catalogue().exists());
}
