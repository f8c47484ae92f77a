//! The sweep: every file that a run could have left behind, searched for secrets.

use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::canary::Canary;
use super::world::{Folder, World};

/// Bytes of a file that are looked at together.
const PIECE: usize = 1 << 20;
/// Folders of a home that programs are told of, with the variables that tell them.
const TOLD: [(&str, &str); 7] = [
    ("XDG_CONFIG_HOME", "xdg/config"),
    ("XDG_STATE_HOME", "xdg/state"),
    ("XDG_DATA_HOME", "xdg/data"),
    ("XDG_CACHE_HOME", "xdg/cache"),
    ("XDG_RUNTIME_DIR", "xdg/run"),
    ("PLEOSCOPE_CONFIG_DIR", "own/config"),
    ("PLEOSCOPE_STATE_DIR", "own/state"),
];
/// Folders that all programs share.
const SHARED: [&str; 4] = ["/tmp", "/var/tmp", "/dev/shm", "/run/user"];

/// Where a run may leave files, and since when.
pub struct Sweep {
    home: PathBuf,
    owner: u32,
    since: SystemTime,
    variables: Vec<(&'static str, String)>,
}

impl Sweep {
    /// Begins now, with folders of their own inside the home of a world.
    pub fn new(world: &World) -> Self {
        Self::of(&world.folder.0)
    }

    fn of(home: &Path) -> Self {
        let variables = TOLD.map(|(name, folder)| {
            let folder = home.join(folder);
            fs::create_dir_all(&folder).unwrap();
            (name, folder.to_str().unwrap().to_owned())
        });
        let mark = fs::metadata(home).unwrap();
        // By the clock of the file system, which may be a little behind.
        let since = mark.modified().unwrap();
        Self { home: home.to_owned(), owner: mark.uid(), since, variables: variables.to_vec() }
    }

    /// The variables that tell a run of its folders; with these it is started.
    pub fn variables(&self) -> Vec<(&str, &str)> {
        self.variables.iter().map(|(name, folder)| (*name, folder.as_str())).collect()
    }

    /// Every file of the home, and those of the shared folders that the test user has changed since.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        gather(&self.home, &|_| true, &mut found);
        let ours = |about: &Metadata| about.uid() == self.owner && about.modified().is_ok_and(|at| at >= self.since);
        let mut shared: Vec<PathBuf> = SHARED.map(PathBuf::from).to_vec();
        shared.push(std::env::temp_dir());
        for folder in shared {
            gather(&folder, &ours, &mut found);
        }
        found.sort();
        found.dedup();
        found
    }

    /// The first file that holds a secret, and in which form.
    fn first_hit(&self, secrets: &[Canary]) -> Option<(PathBuf, Canary, &'static str)> {
        let hit = |path: PathBuf| search(&path, secrets).map(|(secret, form)| (path, secret, form));
        self.files().into_iter().find_map(hit)
    }

    /// No file but those of the history holds any of these in any form; whether those do.
    pub fn assert_only_in_the_history(&self, secrets: &[Canary], what: &str) -> bool {
        let (history, others): (Vec<PathBuf>, Vec<PathBuf>) = self
            .files()
            .into_iter()
            .partition(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("history.db")));
        let hit = others.iter().find_map(|path| search(path, secrets));
        assert!(hit.is_none(), "{what} left something behind: {hit:?}");
        history.iter().any(|path| search(path, secrets).is_some())
    }

    /// No file holds any of these secrets in any form.
    pub fn assert_clean(&self, secrets: &[Canary], what: &str) {
        let hit = self.first_hit(secrets);
        assert!(hit.is_none(), "{what} left a secret behind: {hit:?}");
    }
}

fn gather(folder: &Path, wanted: &dyn Fn(&Metadata) -> bool, found: &mut Vec<PathBuf>) {
    // What is not there, or gone meanwhile, holds nothing.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(about) if about.is_dir() => gather(&entry.path(), wanted, found),
            Ok(about) if about.is_file() && wanted(&about) => found.push(entry.path()),
            _ => {}
        }
    }
}

/// Looks through a file piece by piece, each with the end of the one before.
fn search(path: &Path, secrets: &[Canary]) -> Option<(Canary, &'static str)> {
    let longest = secrets.iter().flat_map(Canary::forms).map(|(_, form)| form.len()).max()?;
    let mut file = File::open(path).ok()?;
    let mut window = Vec::new();
    loop {
        let kept = window.len();
        if (&mut file).take(PIECE as u64).read_to_end(&mut window).unwrap_or(0) == 0 {
            return None;
        }
        let hit = secrets.iter().find_map(|secret| Some((secret.clone(), secret.found_in(&window)?)));
        if hit.is_some() {
            return hit;
        }
        debug_assert!(window.len() > kept);
        window.drain(..window.len().saturating_sub(longest));
    }
}

/// The sweep must find what it looks for, wherever it was left and in whatever form, or it says nothing.
#[test]
fn the_sweep_finds_what_was_left() {
    let (home, secret) = (Folder::new("home"), Canary::new("left"));
    let sweep = Sweep::of(&home.0);
    let secrets = [Canary::new("not-left"), secret.clone()];
    assert!(sweep.first_hit(&secrets).is_none());
    let finds = |file: &Path, bytes: &[u8], what: &str| {
        fs::write(file, bytes).unwrap();
        let hit = sweep.first_hit(&secrets);
        let found = hit.as_ref().is_some_and(|(path, found, _)| path == file && found.text() == secret.text());
        assert!(found, "{what}: {hit:?}");
        fs::remove_file(file).unwrap();
    };
    for (_, folder) in sweep.variables() {
        finds(&Path::new(folder).join("left.log"), secret.text().as_bytes(), folder);
    }
    for (name, form) in secret.forms() {
        finds(&home.0.join("left.log"), &form, name);
    }
    // Over the end of what is looked at together.
    finds(&home.0.join("left.log"), &[&vec![b'.'; PIECE - 5][..], secret.text().as_bytes()].concat(), "a large file");
    for folder in ["/tmp", "/dev/shm", "/run/user"] {
        let file = Path::new(folder).join(secret.tail());
        if Path::new(folder).is_dir() && fs::write(&file, secret.text()).is_ok() {
            let hit = sweep.first_hit(&secrets);
            fs::remove_file(&file).unwrap();
            assert_eq!(hit.map(|(path, ..)| path), Some(file));
        }
    }
}
