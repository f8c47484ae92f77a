//! A store of credentials without a keyring, an authorisation server that rotates what it gives, and a search of all that
//! a run left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::canary::Canary;
use super::server::{Reply, Request};
use super::world::World;

/// The name of the stored credential, wherever one is enough.
pub const NAME: &str = "books";

impl World {
    /// The folder of the program's configuration.
    pub fn config(&self) -> PathBuf {
        self.folder.0.join(".config/pleoscope")
    }

    /// The folder of what its runs leave behind.
    pub fn state(&self) -> PathBuf {
        self.folder.0.join(".local/state/pleoscope")
    }

    /// A file of the person's own.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// What the person's `config.toml` says.
    pub fn configure(&self, text: &str) {
        fs::create_dir_all(self.config()).unwrap();
        fs::write(self.config().join("config.toml"), text).unwrap();
    }

    /// A login is stored: `pair` is read by a command, and saved by these words of a shell.
    pub fn keep_login(&self, pair: &str, save: &str) -> PathBuf {
        let file = self.file("pair.json", pair);
        let row = Row { command: vec!["cat", file.to_str().unwrap()], save: vec!["sh", "-c", save], ..Row::default() };
        self.configure(&row.text());
        file
    }

    /// How a person's command saves in one piece.
    pub fn save(&self) -> String {
        let folder = self.folder.0.display();
        format!("umask 077 && cat > {folder}/pair.new && mv {folder}/pair.new {folder}/pair.json")
    }
}

/// A row of `config.toml`.
pub struct Row<'a> {
    pub environment: &'a str,
    pub kind: &'a str,
    pub command: Vec<&'a str>,
    pub save: Vec<&'a str>,
    pub variable: &'a str,
}

impl Default for Row<'_> {
    fn default() -> Self {
        let (command, save) = (Vec::new(), Vec::new());
        Self { environment: "staging", kind: "access-token", command, save, variable: "" }
    }
}

impl Row<'_> {
    pub fn text(&self) -> String {
        let (environment, kind) = (self.environment, self.kind);
        let mut text =
            format!("[[credential]]\nname = \"{NAME}\"\nenvironment = \"{environment}\"\nkind = \"{kind}\"\n");
        for (key, words) in [("command", &self.command), ("save", &self.save)] {
            if !words.is_empty() {
                text.push_str(&format!("{key} = {words:?}\n"));
            }
        }
        if !self.variable.is_empty() {
            text.push_str(&format!("variable = {:?}\n", self.variable));
        }
        text
    }
}

/// What an authorisation server knows of one login, and an API that believes it.
pub struct Issued {
    pub access: String,
    pub refresh: String,
    /// Token requests that came.
    pub calls: usize,
    /// A token that was rotated away was presented: nothing holds any more.
    pub dead: bool,
    /// What `expires_in` says; nothing leaves it out.
    pub life: Option<Value>,
    /// API requests with a token that does not hold.
    pub refused: usize,
    /// Whether the API takes the tokens at all.
    pub believed: bool,
}

/// An authorisation server that rotates, and ends everything when an old token comes back; with the API beside it.
#[derive(Clone)]
pub struct Issuer(Arc<Mutex<Issued>>);

impl Issuer {
    pub fn new() -> Self {
        let (access, refresh) = fresh();
        let life = Some(json!(3600));
        let issued = Issued { access, refresh, calls: 0, dead: false, life, refused: 0, believed: true };
        Self(Arc::new(Mutex::new(issued)))
    }

    pub fn now(&self) -> MutexGuard<'_, Issued> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Token requests that came, and API requests that were refused.
    pub fn counts(&self) -> (usize, usize) {
        let now = self.now();
        (now.calls, now.refused)
    }

    /// Panics when a token that holds stands in a text.
    pub fn assert_not_in(&self, text: &str) {
        let now = self.now();
        assert!(!text.contains(&now.access) && !text.contains(&now.refresh), "a token is in: {text}");
    }

    /// The pair that holds, as a store keeps it.
    pub fn pair(&self, expires_at: &Value) -> String {
        let now = self.now();
        let pair = json!({
            "access_token": now.access, "refresh_token": now.refresh, "expires_at": expires_at, "scope": "users:read",
            "client_id": "a-client", "client_secret": null, "client_authentication": "basic",
        });
        pair.to_string()
    }

    /// The same, its time over.
    pub fn expired_pair(&self) -> String {
        self.pair(&json!(1))
    }

    /// Another access token is the one that holds: the one that was given out is answered with 401.
    pub fn revoke_access(&self) {
        self.now().access = fresh().0;
    }

    pub fn answer(&self, request: &Request) -> Reply {
        if request.target == "/oauth/token" {
            assert_eq!(request.method, "POST");
            // So that two who ask at once do ask at once.
            std::thread::sleep(Duration::from_millis(20));
            return self.token(&request.body);
        }
        let mut now = self.now();
        if !now.dead && now.believed && request.header("authorization") == [format!("Bearer {}", now.access)] {
            return Reply::json("200 OK", "{\"data\":[]}");
        }
        now.refused += 1;
        Reply::json("401 Unauthorized", "{}")
    }

    fn token(&self, body: &[u8]) -> Reply {
        let mut now = self.now();
        now.calls += 1;
        let field = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(body);
            pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let holds = match field("grant_type").as_str() {
            "refresh_token" => field("refresh_token") == now.refresh,
            "authorization_code" => field("code") == "the-code" && field("code_verifier").len() == 43,
            _ => false,
        };
        now.dead |= !holds;
        if now.dead {
            return Reply::json("400 Bad Request", "{\"error\":\"invalid_grant\"}");
        }
        (now.access, now.refresh) = fresh();
        let mut answer = json!({
            "access_token": now.access, "token_type": "Bearer", "refresh_token": now.refresh, "scope": "users:read",
        });
        if let Some(life) = &now.life {
            answer["expires_in"] = life.clone();
        }
        Reply::json("200 OK", &answer.to_string())
    }
}

fn fresh() -> (String, String) {
    (Canary::new("access").text().to_owned(), Canary::new("refresh").text().to_owned())
}

/// Every file and folder below a folder, links not followed.
pub fn everything(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            found.extend(everything(&entry.path()));
        }
        found.push(entry.path());
    }
    found
}

/// Sweep: this secret is in no file that the run left behind, in no form, nor in a name, these files left aside.
pub fn assert_swept(world: &World, secret: &Canary, except: &[&Path]) {
    let all = everything(&world.folder.0);
    assert!(all.contains(&world.folder.0.join("ca.pem")), "the sweep sees what is there: {all:?}");
    for path in all.iter().filter(|path| !except.contains(&path.as_path())) {
        secret.assert_not_in(path.as_os_str().as_encoded_bytes(), "a name");
        if fs::symlink_metadata(path).unwrap().is_file() {
            secret.assert_not_in(&fs::read(path).unwrap(), &path.display().to_string());
        }
    }
}
