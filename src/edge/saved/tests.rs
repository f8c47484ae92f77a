//! What is promised of the folders: nothing leaves them, nothing is lost, one damaged file harms no other.

use super::*;
use crate::pleo::endpoint::Method;
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::request::Draft;

/// Folders of its own, gone with it.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("pleoscope-saved-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("repository/.git")).unwrap();
        Self(folder)
    }

    fn own(&self) -> PathBuf {
        self.0.join("config/requests")
    }

    fn requests(&self) -> Requests {
        Requests { own: Some(self.own()), base: base(&self.0.join("repository")) }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn saved(path: &str) -> Saved {
    let draft = Draft::from_path(Method::Get, path, None, Environment::Staging, &Environments::pleo()).unwrap();
    Saved::of(&draft, "").unwrap()
}

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

fn known(text: &str) -> bool {
    text.contains("CNRY")
}

fn names_of(requests: &Requests) -> Vec<String> {
    requests.list().entries.iter().map(|entry| entry.key.to_string()).collect()
}

#[test]
fn it_is_saved_listed_renamed_and_removed() {
    let home = Home::new("whole");
    let requests = home.requests();
    assert_eq!(requests.list().entries, []);
    let own = saved("/v2/employees?limit={{limit}}");
    for name in ["b/two", "zeta", "Alpha", "./smoke/one"] {
        requests.save(&key(name), &own, false, &known).unwrap();
    }
    assert_eq!(names_of(&requests), ["Alpha", "zeta", "b/two", "./smoke/one"]);
    assert_eq!(requests.read(&key("b/two")).unwrap(), own);
    let again = requests.save(&key("zeta"), &saved("/v1/companies"), false, &known);
    assert!(matches!(again, Err(RequestsError::Exists(_))), "{again:?}");
    assert_eq!(requests.read(&key("zeta")).unwrap(), own, "what is there stays");
    requests.save(&key("zeta"), &saved("/v1/companies"), true, &known).unwrap();
    assert_eq!(requests.read(&key("zeta")).unwrap().path, "/v1/companies");

    requests.rename(&key("b/two"), &key("c/three"), false, &known).unwrap();
    assert!(!home.own().join("b").exists(), "an empty folder goes");
    let taken = requests.rename(&key("Alpha"), &key("zeta"), false, &known);
    assert!(matches!(taken, Err(RequestsError::Exists(_))));
    requests.rename(&key("Alpha"), &key("zeta"), true, &known).unwrap();
    requests.rename(&key("c/three"), &key("./three"), false, &known).unwrap();
    assert_eq!(names_of(&requests), ["zeta", "./three", "./smoke/one"]);
    requests.remove(&key("./smoke/one")).unwrap();
    let missing = requests.remove(&key("zetta")).unwrap_err().to_string();
    assert!(missing.contains("\"zetta\" (did you mean zeta?)"), "{missing}");
    assert_eq!(requests.meant(&key("three")).unwrap(), key("./three"), "a name is looked for in both places");
    assert_eq!(requests.meant(&key("zeta")).unwrap(), key("zeta"));
}

#[cfg(unix)]
#[test]
fn promise_9_files_and_folders_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new("modes");
    for name in ["a/b", "./c/d"] {
        let file = home.requests().save(&key(name), &saved("/v1/companies"), false, &known).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        assert_eq!(mode(file.parent().unwrap().parent().unwrap()), 0o700);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }
}

#[test]
fn no_secret_is_written() {
    let home = Home::new("secrets");
    let requests = home.requests();
    let mut own = saved("/v2/employees");
    own.headers.push(("X-Api-Key".to_owned(), "abc".to_owned()));
    let refused = requests.save(&key("a"), &own, false, &known).unwrap_err().to_string();
    assert!(refused.contains("the header X-Api-Key") && !refused.contains("abc"), "{refused}");
    assert!(requests.save(&key("CNRY"), &saved("/v2/employees"), false, &known).is_err());
    let clean = saved("/v2/employees");
    requests.save(&key("a"), &clean, false, &known).unwrap();
    let written = requests.text(&key("a")).unwrap();
    for text in [
        format!("{written}\n[headers]\nX-Api-Key = \"abc\"\n"),
        "damaged = pls_0123456789abcdef0".to_owned(),
        "# CNRY".to_owned(),
    ] {
        assert!(matches!(requests.rewrite(&key("a"), &text, &known), Err(RequestsError::Unfit(_))), "{text}");
    }
    assert_eq!(requests.text(&key("a")).unwrap(), written);
    // One that stands in a file already goes into no repository.
    fs::write(home.own().join("a.toml"), format!("{written}\n[query]\naccess_token = \"abc\"\n")).unwrap();
    assert!(requests.rename(&key("a"), &key("./a"), false, &known).is_err());
    assert_eq!(names_of(&requests), ["a"]);
}

#[test]
fn a_damaged_file_stays_in_the_list_and_harms_no_other() {
    let home = Home::new("damaged");
    let requests = home.requests();
    requests.save(&key("good"), &saved("/v2/employees"), false, &known).unwrap();
    fs::write(home.own().join("bad.toml"), "request = \"GET /v2/employees\"\nqury = 1\nbdy = 2\n").unwrap();
    fs::write(home.own().join("binary.toml"), b"\xff\xfe").unwrap();
    fs::write(home.own().join("large.toml"), " ".repeat(LARGEST + 1)).unwrap();
    fs::write(home.own().join("o\u{1b}dd.toml"), "").unwrap();
    fs::write(home.own().join("steers.toml"), "\"que\\u001bry\" = 1\n").unwrap();
    fs::write(home.own().join(".hidden.toml"), "").unwrap();
    fs::write(home.own().join("notes.txt"), "").unwrap();
    let listing = requests.list();
    let told: Vec<String> =
        listing.entries.iter().map(|entry| entry.own.as_ref().err().cloned().unwrap_or_default()).collect();
    assert_eq!(listing.entries.len(), 5, "{listing:?}");
    assert!(told[4].contains("no key `que␛ry`; did you mean `query`?"), "{told:?}");
    assert!(
        told[0].starts_with("bad.toml:2:1: there is no key `qury`; did you mean `query`?")
            && told[0].ends_with("(1 more)")
    );
    assert!(told[1].contains("not UTF-8") && told[2].is_empty() && told[3].contains("1 MiB"), "{told:?}");
    assert_eq!(listing.remarks.len(), 1);
    assert!(listing.remarks[0].contains("1 left out") && !listing.remarks[0].contains('\u{1b}'));
    // It can be renamed, mended and removed like any other.
    requests.rename(&key("bad"), &key("worse"), false, &known).unwrap();
    requests.rewrite(&key("worse"), "request = \"GET /v1/companies\"\n", &known).unwrap();
    assert_eq!(requests.read(&key("worse")).unwrap().path, "/v1/companies");
    requests.remove(&key("binary")).unwrap();
    let large = Saved { body: "x".repeat(LARGEST), method: Method::Post, ..saved("/v9/free") };
    assert!(matches!(requests.save(&key("x"), &large, false, &known), Err(RequestsError::Unfit(Unfit::Large))));
}

/// A repository may come from a stranger: whatever is in it, the list is there soon.
#[test]
fn nothing_in_a_folder_is_too_much() {
    let home = Home::new("much");
    let requests = home.requests();
    requests.save(&key("zz"), &saved("/v2/employees"), false, &known).unwrap();
    fs::write(home.own().join("deep.toml"), format!("body = {}", "[".repeat(LARGEST / 2))).unwrap();
    fs::write(home.own().join("long.toml"), format!("body = {}", "{a=".repeat(LARGEST / 4))).unwrap();
    fs::create_dir_all(home.own().join("a/b/c/d/e/f/g")).unwrap();
    fs::write(home.own().join("a/b/c/d/e/f/g/h.toml"), "").unwrap();
    let listing = requests.list();
    assert_eq!(names_of(&requests), ["deep", "long", "zz"]);
    assert!(listing.entries[..2].iter().all(|entry| entry.own.is_err()) && listing.entries[2].own.is_ok());
    let text = "#".repeat(LARGEST);
    for number in 0..33 {
        fs::write(home.own().join(format!("n{number:02}.toml")), &text).unwrap();
    }
    let last = requests.list().find(&key("zz")).unwrap().own.clone().unwrap_err();
    assert!(last.contains("more than 32 MiB already"), "{last}");
    assert!(requests.read(&key("zz")).is_ok(), "by its name it is read all the same");
}

#[test]
fn what_could_not_be_read_again_is_not_saved() {
    let home = Home::new("again");
    let own = Saved { body: "{}".to_owned(), ..saved("/v2/employees") };
    let told = home.requests().save(&key("a"), &own, false, &known).unwrap_err().to_string();
    assert!(told.contains("could not be read again: this operation takes no body"), "{told}");
    assert_eq!(names_of(&home.requests()), [""; 0]);
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_a_folder() {
    use std::os::unix::fs::symlink;
    let home = Home::new("links");
    let requests = home.requests();
    requests.save(&key("in/one"), &saved("/v2/employees"), false, &known).unwrap();
    let outside = home.0.join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("secret.toml"), "request = \"GET /v1/companies\"\n").unwrap();
    symlink(outside.join("secret.toml"), home.own().join("file.toml")).unwrap();
    symlink(outside.join("none.toml"), home.own().join("dangling.toml")).unwrap();
    symlink(&outside, home.own().join("folder")).unwrap();
    symlink(home.own().join("in/one.toml"), home.own().join("within.toml")).unwrap();
    let listing = requests.list();
    let of = |name: &str| listing.find(&key(name)).map(|entry| entry.own.clone());
    for name in ["file", "dangling"] {
        assert!(of(name).unwrap().unwrap_err().contains("leads out of its folder"), "{name}");
        assert!(matches!(
            requests.save(&key(name), &saved("/v2/employees"), true, &known),
            Err(RequestsError::Outside(_))
        ));
    }
    assert_eq!(of("within").unwrap().unwrap().path, "/v2/employees");
    assert_eq!(listing.entries.len(), 4, "no folder is entered through a link");
    for name in ["folder/secret", "folder/new"] {
        assert!(matches!(requests.text(&key(name)), Err(RequestsError::Outside(_))), "{name}");
        assert!(matches!(
            requests.save(&key(name), &saved("/v2/employees"), false, &known),
            Err(RequestsError::Outside(_))
        ));
        assert!(matches!(requests.remove(&key(name)), Err(RequestsError::Outside(_))));
        assert!(matches!(requests.rename(&key("in/one"), &key(name), true, &known), Err(RequestsError::Outside(_))));
    }
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    // A repository that comes with a link in the place of its folder.
    symlink(&outside, home.0.join("repository/.pleoscope")).unwrap();
    fs::create_dir_all(outside.join("requests")).unwrap();
    fs::write(outside.join("requests/x.toml"), "request = \"GET /v1/companies\"\n").unwrap();
    let listing = requests.list();
    assert_eq!(listing.entries.len(), 4);
    let [own, repository] = listing.remarks.as_slice() else { panic!("{listing:?}") };
    assert!(own.contains("a folder that is a link, which is not followed: 1 left out"), "{own}");
    assert!(repository.contains("leads out of its folder"), "{repository}");
}

#[test]
fn the_folder_of_a_repository_is_the_nearest_up_to_its_root() {
    let home = Home::new("base");
    let repository = home.0.join("repository");
    let deep = repository.join("a/b");
    fs::create_dir_all(&deep).unwrap();
    fs::create_dir_all(home.0.join(".pleoscope/requests")).unwrap();
    assert_eq!(base(&deep), Some(repository.clone()), "what lies above the repository is none of its");
    fs::create_dir_all(repository.join("a/.pleoscope/requests")).unwrap();
    assert_eq!(base(&deep), Some(repository.join("a")));
    fs::remove_dir_all(repository.join(".git")).unwrap();
    assert_eq!(base(&deep), None, "without a repository only the folder itself counts");
    assert_eq!(base(&repository.join("a")), Some(repository.join("a")));
    let nowhere = Requests { own: None, base: None };
    assert!(
        nowhere
            .save(&key("./a"), &saved("/v2/employees"), false, &known)
            .unwrap_err()
            .to_string()
            .contains("no repository")
    );
}
