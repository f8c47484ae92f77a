//! Saved requests as files: a TOML file each, a person's own in `requests` beside the configuration, those of a repository in
//! its `.pleoscope/requests`. Nothing outside these folders is read or written, whatever a name or a link says.

mod format;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::config::Wrong;
use super::folders::{self, FileError, Folders};
use crate::app::saved::{Ask, Told};
use crate::document;
use crate::pleo::catalogue::nearest;
use crate::pleo::saved::{DEEPEST, Entry, Key, LARGEST, Listing, MOST, Name, Place, Saved, Unfit, lets_in};

/// How the files' names end.
const EXTENSION: &str = "toml";

/// Most files and folders of one place that are looked at.
const MOST_LOOKED_AT: usize = 10 * MOST;

/// Most bytes of one place that are read for a list.
const MOST_READ: u64 = 32 << 20;

/// The folders of saved requests.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// A person's own.
    own: Option<PathBuf>,
    /// The root of the repository, or the folder that has requests of its own, in which the program was started.
    base: Option<PathBuf>,
}

/// Why something is not done with a saved request.
#[derive(Debug, thiserror::Error)]
pub enum RequestsError {
    /// There is no folder for it.
    #[error("there is no folder for it: {0}")]
    NoFolder(&'static str),
    /// Nothing is called so.
    #[error("no saved request is called {:?}{}: `pleoscope saved` lists them, O in the explorer", .key.to_string(), .nearest.as_ref().map_or_else(String::new, |name| format!(" (did you mean {name}?)")))]
    Missing {
        /// What was asked for.
        key: Key,
        /// The most similar name.
        nearest: Option<String>,
    },
    /// Something is called so already.
    #[error("there is a saved request {:?} already: take another name, or replace it", .0.to_string())]
    Exists(Key),
    /// It leads out of its folder.
    #[error("{:?} is a link that leads out of its folder, and is not followed: remove it", document::displayable(&.0.display().to_string()))]
    Outside(PathBuf),
    /// The file does not say what it may say.
    #[error("{}:{line}:{column}: {}{}", document::displayable(path), document::displayable(.reason), and_more(*.more))]
    Damaged {
        /// Which file, as it is shown.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1, in characters.
        column: usize,
        /// What is wrong, without any value of the file.
        reason: String,
        /// How much more is wrong.
        more: usize,
    },
    /// It is not to be saved.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// What was written would not be the same again.
    #[error("nothing was saved: it could not be read again: {0}")]
    Unreadable(String),
    /// The folder holds all that it may.
    #[error("nothing was saved: there are {MOST} saved requests there already, and no more are listed")]
    Full,
    /// The system refused.
    #[error(transparent)]
    File(#[from] FileError),
}

fn and_more(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" ({count} more)") }
}

impl Requests {
    /// The folders of a run: beside the configuration, and around the folder in which it was started.
    #[must_use]
    pub fn find() -> Self {
        let own = Folders::find().ok().map(|folders| folders.config.join("requests"));
        Self { own, base: std::env::current_dir().ok().and_then(|folder| base(&folder)) }
    }

    /// The folder of a place, where there is one or could be.
    ///
    /// # Errors
    /// [`RequestsError::NoFolder`], [`RequestsError::Outside`].
    pub fn root(&self, place: Place) -> Result<PathBuf, RequestsError> {
        match place {
            Place::Own => {
                let own = self.own.clone();
                own.ok_or(RequestsError::NoFolder("set HOME, or PLEOSCOPE_CONFIG_DIR"))
            }
            Place::Repository => {
                let none = "no repository is here; start in one, or make a folder .pleoscope/requests";
                let base = self.base.as_ref().ok_or(RequestsError::NoFolder(none))?;
                let root = of(base);
                // Both parts come with a repository, perhaps a stranger's: a link could lead anywhere.
                let leads = [base.join(".pleoscope"), root.clone()].into_iter().find(|folder| is_link(folder));
                leads.map_or(Ok(root), |folder| Err(RequestsError::Outside(folder)))
            }
        }
    }

    /// The file of a name. Whatever is there of its way stays within its folder.
    ///
    /// # Errors
    /// [`RequestsError::Outside`], [`RequestsError::NoFolder`].
    pub fn file(&self, key: &Key) -> Result<PathBuf, RequestsError> {
        let root = self.root(key.place)?;
        let file = root.join(format!("{}.{EXTENSION}", key.name.as_str()));
        let whole = fs::canonicalize(&root).unwrap_or_else(|_| root.clone());
        // What is not there yet leads nowhere.
        let there = file.ancestors().take_while(|folder| *folder != root);
        let strays = there
            .filter(|way| is_link(way))
            .find(|way| fs::canonicalize(way).map_or(true, |target| !target.starts_with(&whole)));
        strays.map_or(Ok(file.clone()), |way| Err(RequestsError::Outside(way.to_owned())))
    }

    /// The folders, as they are shown.
    #[must_use]
    pub fn folders(&self) -> BTreeMap<Place, String> {
        let shown = |place| Some((place, shown(&self.root(place).ok()?)));
        Place::ALL.into_iter().filter_map(shown).collect()
    }

    /// All of them: a file that cannot be read stands among them with the reason, and the others still work.
    #[must_use]
    pub fn list(&self) -> Listing {
        let mut listing = Listing { folders: self.folders(), ..Listing::default() };
        for place in Place::ALL {
            match self.root(place) {
                Ok(root) => self.look(place, &root, &mut listing),
                // That there is no repository is nothing to be said.
                Err(RequestsError::NoFolder(_)) => {}
                Err(error) => listing.remarks.push(error.to_string()),
            }
        }
        listing
    }

    fn look(&self, place: Place, root: &Path, listing: &mut Listing) {
        let Names { found: names, odd, linked } = match names(root) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => {
                listing.remarks.push(format!("{} cannot be read: {error}", shown(root)));
                return;
            }
        };
        if odd > 0 {
            let what = if odd == 1 { "one file whose name is" } else { "files whose names are" };
            listing.remarks.push(format!("{} holds {what} no name of a saved request: {odd} left out", shown(root)));
        }
        if linked > 0 {
            let what =
                if linked == 1 { "a folder that is a link, which is" } else { "folders that are links, which are" };
            listing.remarks.push(format!("{} holds {what} not followed: {linked} left out", shown(root)));
        }
        if names.len() > MOST {
            listing
                .remarks
                .push(format!("{} holds more than {MOST} saved requests: the rest is left out", shown(root)));
        }
        let mut read = 0;
        listing.entries.extend(names.into_iter().take(MOST).map(|name| {
            let key = Key { place, name };
            let file = root.join(format!("{}.{EXTENSION}", key.name.as_str()));
            read += fs::symlink_metadata(file).map_or(0, |about| about.len());
            let own = if read > MOST_READ {
                Err(format!("not read: the files before it have more than {} MiB already", MOST_READ >> 20))
            } else {
                self.read(&key).map(|own| own.glimpse()).map_err(|error| error.to_string())
            };
            Entry { key, own }
        }));
    }

    /// The text of a file.
    ///
    /// # Errors
    /// [`RequestsError`].
    pub fn text(&self, key: &Key) -> Result<String, RequestsError> {
        match folders::read(&self.file(key)?)? {
            Some(text) => Ok(text),
            None => Err(self.missing(key)),
        }
    }

    fn missing(&self, key: &Key) -> RequestsError {
        let all: Vec<String> = self.list().entries.iter().map(|entry| entry.key.to_string()).collect();
        RequestsError::Missing { key: key.clone(), nearest: nearest(&key.to_string(), all.iter().map(String::as_str)) }
    }

    /// A saved request.
    ///
    /// # Errors
    /// [`RequestsError`].
    pub fn read(&self, key: &Key) -> Result<Saved, RequestsError> {
        let text = self.text(key)?;
        format::read(&text).map_err(|wrong| damaged(&format!("{key}.{EXTENSION}"), &text, &wrong))
    }

    /// The saved request that is meant: a person's own goes before one of the repository that is called the same.
    ///
    /// # Errors
    /// [`RequestsError`].
    pub fn meant(&self, key: &Key) -> Result<Key, RequestsError> {
        let there = |key: &Key| match self.file(key) {
            Ok(file) => Ok(fs::symlink_metadata(file).is_ok()),
            Err(RequestsError::NoFolder(_)) => Ok(false),
            Err(error) => Err(error),
        };
        let other = Key { place: Place::Repository, ..key.clone() };
        if there(key)? {
            Ok(key.clone())
        } else if key.place == Place::Own && there(&other)? {
            Ok(other)
        } else {
            Err(self.missing(key))
        }
    }

    /// Saves a request: whole or not at all, over another one only when that is said; what that says it is for stays.
    ///
    /// # Errors
    /// [`RequestsError`]; nothing is changed then.
    pub fn save(
        &self,
        key: &Key,
        own: &Saved,
        over: bool,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<PathBuf, RequestsError> {
        own.holds_no_secret(known)?;
        let before = if over && own.description.is_empty() { self.read(key).ok() } else { None };
        let description = before.map_or_else(|| own.description.clone(), |before| before.description);
        let text = format::write(&Saved { description, ..own.clone() });
        // What is wrong with a request, such as a body where none belongs, is told now and not when it is opened.
        if let Err(wrong) = format::read(&text) {
            let reason = wrong.into_iter().next().map(|first| first.reason).unwrap_or_default();
            return Err(RequestsError::Unreadable(reason));
        }
        self.put(key, &text, over, known)
    }

    /// Writes the text of a file as a person made it, also where it cannot be read as a request.
    ///
    /// # Errors
    /// [`RequestsError`]; nothing is changed then.
    pub fn rewrite(&self, key: &Key, text: &str, known: &dyn Fn(&str) -> bool) -> Result<(), RequestsError> {
        if let Ok(own) = format::read(text) {
            own.holds_no_secret(known)?;
        }
        self.put(key, text, true, known).map(drop)
    }

    fn put(&self, key: &Key, text: &str, over: bool, known: &dyn Fn(&str) -> bool) -> Result<PathBuf, RequestsError> {
        let file = self.file(key)?;
        if text.len() > LARGEST {
            return Err(Unfit::Large.into());
        }
        if known(key.name.as_str()) {
            return Err(Unfit::Secret("its name".to_owned()).into());
        }
        if lets_in(text, known) {
            return Err(Unfit::Secret("something in it".to_owned()).into());
        }
        if !over && fs::symlink_metadata(&file).is_ok() {
            return Err(RequestsError::Exists(key.clone()));
        }
        if fs::symlink_metadata(&file).is_err()
            && names(&self.root(key.place)?).is_ok_and(|all| all.found.len() >= MOST)
        {
            return Err(RequestsError::Full);
        }
        let written = if over { folders::write(&file, text) } else { folders::write_new(&file, text) };
        written.map_err(|error| match error {
            FileError::System { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
                RequestsError::Exists(key.clone())
            }
            error => error.into(),
        })?;
        Ok(file)
    }

    /// Gives one another name, perhaps in another folder or place; over another one only when that is said.
    ///
    /// # Errors
    /// [`RequestsError`]; nothing is changed then.
    pub fn rename(&self, from: &Key, to: &Key, over: bool, known: &dyn Fn(&str) -> bool) -> Result<(), RequestsError> {
        let (old, new) = (self.file(from)?, self.file(to)?);
        if fs::symlink_metadata(&old).is_err() {
            return Err(self.missing(from));
        }
        if from == to {
            return Ok(());
        }
        if from.place != to.place {
            // What goes into a repository is looked at as if it were new.
            let text = self.text(from)?;
            format::read(&text)
                .map_err(|wrong| damaged(&format!("{from}.{EXTENSION}"), &text, &wrong))?
                .holds_no_secret(known)?;
            self.put(to, &text, over, known)?;
            return self.remove(from);
        }
        let system = |path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| match source.kind() {
                io::ErrorKind::AlreadyExists => RequestsError::Exists(to.clone()),
                _ => FileError::System { path, what: "written", source }.into(),
            }
        };
        if let Some(folder) = new.parent() {
            folders::own_folder(folder).map_err(system(folder))?;
        }
        folders::place(&old, &new, over).map_err(system(&new))?;
        self.tidy(from);
        Ok(())
    }

    /// Removes one, and the folders that are empty then.
    ///
    /// # Errors
    /// [`RequestsError`].
    pub fn remove(&self, key: &Key) -> Result<(), RequestsError> {
        let file = self.file(key)?;
        match fs::remove_file(&file) {
            Ok(()) => {
                self.tidy(key);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.missing(key)),
            Err(source) => Err(FileError::System { path: file, what: "removed", source }.into()),
        }
    }

    /// Removes the folders before a name that nothing is left in.
    fn tidy(&self, key: &Key) {
        let Ok((root, file)) = self.root(key.place).and_then(|root| Ok((root, self.file(key)?))) else {
            return;
        };
        for folder in file.ancestors().skip(1).take_while(|folder| *folder != root) {
            // One that still holds something stays.
            if fs::remove_dir(folder).is_err() {
                return;
            }
        }
    }

    /// Does what the explorer asks for.
    ///
    /// # Errors
    /// Why it was not done, a sentence.
    pub fn ask(&self, ask: Ask, known: &dyn Fn(&str) -> bool) -> Result<Told, String> {
        let told = match ask {
            Ask::List => Ok(Told::Listed(Box::new(self.list()))),
            Ask::Save { key, own, over } => self.save(&key, &own, over, known).map(|file| Told::Saved(shown(&file))),
            Ask::Read(key) => self.read(&key).map(|own| Told::Read(Box::new(own))),
            Ask::Text(key) => self.text(&key).map(Told::Text),
            Ask::Rewrite(key, text) => self.rewrite(&key, &text, known).map(|()| Told::Done),
            Ask::Rename { from, to, over } => self.rename(&from, &to, over, known).map(|()| Told::Done),
            Ask::Remove(key) => self.remove(&key).map(|()| Told::Done),
        };
        match told {
            Err(RequestsError::Exists(_)) => Ok(Told::Exists),
            told => told.map_err(|error| error.to_string()),
        }
    }
}

/// The folder of the saved requests of a repository.
fn of(base: &Path) -> PathBuf {
    base.join(".pleoscope").join("requests")
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink())
}

/// Around which folder the requests of a repository are looked for: the nearest that has some, up to the repository's root.
/// Outside of a repository only the folder itself counts: what lies above may be anybody's.
fn base(folder: &Path) -> Option<PathBuf> {
    let root = folder.ancestors().find(|above| fs::symlink_metadata(above.join(".git")).is_ok());
    let within = |above: &&Path| root.map_or(*above == folder, |root| above.starts_with(root));
    let has = |above: &&Path| fs::symlink_metadata(of(above)).is_ok();
    folder.ancestors().take_while(within).find(has).or(root).map(Path::to_owned)
}

/// The names that a folder holds.
struct Names {
    /// In their order.
    found: Vec<Name>,
    /// How many files in it are called as no saved request may be.
    odd: usize,
    /// How many folders in it are links.
    linked: usize,
}

fn names(root: &Path) -> io::Result<Names> {
    let (mut found, mut odd, mut linked, mut seen) = (Vec::new(), 0, 0, 0);
    let mut folders = vec![(root.to_owned(), String::new(), 1)];
    while let Some((folder, before, depth)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if before.is_empty() => return Err(error),
            entries => entries.into_iter().flatten().flatten(),
        };
        for entry in entries {
            seen += 1;
            if seen > MOST_LOOKED_AT {
                break;
            }
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                odd += 1;
                continue;
            };
            // What is hidden is somebody else's, or not finished.
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                if depth < DEEPEST {
                    folders.push((entry.path(), format!("{before}{name}/"), depth + 1));
                }
            } else if let Some(stem) = name.strip_suffix(&format!(".{EXTENSION}")) {
                match format!("{before}{stem}").parse() {
                    Ok(name) => found.push(name),
                    Err(_) => odd += 1,
                }
            } else if kind.is_symlink() && entry.path().is_dir() {
                linked += 1;
            }
        }
    }
    // What stands in no folder comes first, and letters count whatever their case.
    let order = |name: &Name| {
        let (folder, last) = name.split();
        (folder.to_lowercase(), last.to_lowercase(), name.clone())
    };
    found.sort_by_cached_key(order);
    Ok(Names { found, odd, linked })
}

fn damaged(path: &str, text: &str, wrong: &[Wrong]) -> RequestsError {
    let (line, column) = wrong.first().map_or((1, 1), |first| first.place(text));
    let reason = wrong.first().map(|first| first.reason.clone()).unwrap_or_default();
    RequestsError::Damaged { path: path.to_owned(), line, column, reason, more: wrong.len().saturating_sub(1) }
}

/// A path as a person reads it: `~` for their home.
fn shown(path: &Path) -> String {
    let home =
        directories::BaseDirs::new().and_then(|dirs| path.strip_prefix(dirs.home_dir()).ok().map(Path::to_owned));
    home.map_or_else(|| path.display().to_string(), |rest| format!("~/{}", rest.display()))
}

#[cfg(test)]
mod tests;
