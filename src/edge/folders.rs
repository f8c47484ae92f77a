//! Where our own files are, and how they are written: whole or not at all, and for their owner only.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The largest file of ours that is read, in bytes.
pub const LARGEST: u64 = 1 << 20;

/// The folders of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// What a person writes, and what of it we write for them: `config.toml`, `credentials.toml`.
    pub config: PathBuf,
    /// What a run leaves behind: locks.
    pub state: PathBuf,
}

/// Why a file of ours cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no home to keep files in.
    #[error("no folder for configuration can be found: set HOME, or PLEOSCOPE_CONFIG_DIR and PLEOSCOPE_STATE_DIR")]
    NoHome,
    /// The system refused.
    #[error("{path:?} cannot be {what}: {source}")]
    System {
        /// Which file.
        path: PathBuf,
        /// `read` or `written`.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Not a file, or too much of one.
    #[error("{0:?} is no ordinary file of up to 1 MiB: move it away")]
    NotAFile(PathBuf),
    /// Not UTF-8.
    #[error("{0:?} is not UTF-8 text: mend it, or move it away")]
    NotText(PathBuf),
}

impl Folders {
    /// The folders that the environment and the system's conventions say.
    ///
    /// # Errors
    /// [`FileError::NoHome`].
    pub fn find() -> Result<Self, FileError> {
        let given = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let usual = directories::ProjectDirs::from("", "", "pleoscope");
        let config = given("PLEOSCOPE_CONFIG_DIR").or_else(|| Some(usual.as_ref()?.config_dir().to_owned()));
        let state = given("PLEOSCOPE_STATE_DIR").or_else(|| {
            let usual = usual.as_ref()?;
            Some(usual.state_dir().unwrap_or_else(|| usual.data_local_dir()).to_owned())
        });
        config.zip(state).map(|(config, state)| Self { config, state }).ok_or(FileError::NoHome)
    }
}

/// Reads a file of ours; `None` when there is none.
///
/// # Errors
/// [`FileError`]; a pipe or a device is refused without being opened for long.
pub fn read(path: &Path) -> Result<Option<String>, FileError> {
    let system = |source| FileError::System { path: path.to_owned(), what: "read", source };
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(system(error)),
    };
    if !about.is_file() || about.len() > LARGEST {
        return Err(FileError::NotAFile(path.to_owned()));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)).map_err(system)?;
    String::from_utf8(bytes).map(Some).map_err(|_| FileError::NotText(path.to_owned()))
}

/// Writes a file whole: a new one beside it, made durable, then put in its place. Its owner alone may read it.
///
/// # Errors
/// [`FileError::System`]; the old file is as it was then.
pub fn write(path: &Path, text: &str) -> Result<(), FileError> {
    put(path, text, true)
}

/// The same where no file of that name is there yet.
///
/// # Errors
/// [`FileError::System`]; of the kind [`io::ErrorKind::AlreadyExists`] when there is one.
pub fn write_new(path: &Path, text: &str) -> Result<(), FileError> {
    put(path, text, false)
}

fn put(path: &Path, text: &str, over: bool) -> Result<(), FileError> {
    let system = |source| FileError::System { path: path.to_owned(), what: "written", source };
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    own_folder(folder).map_err(system)?;
    sweep(folder, path.file_name().unwrap_or_default());
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).map_err(|error| system(io::Error::other(error)))?;
    let mut name = begins(path.file_name().unwrap_or_default());
    name.push(format!("{:016x}", u64::from_ne_bytes(random)));
    let beside = folder.join(name);
    let written = create(&beside)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| place(&beside, path, over));
    written.map_err(|error| {
        // What cannot be removed either is swept with the next save.
        let _ = fs::remove_file(&beside);
        system(error)
    })
}

/// Puts a whole file in its place, durably; over another one only when that is said.
///
/// # Errors
/// What the system says.
pub fn place(beside: &Path, path: &Path, over: bool) -> io::Result<()> {
    if over {
        fs::rename(beside, path)?;
    } else {
        // A link is made only where there is nothing of that name, also if it came there just now.
        match fs::hard_link(beside, path) {
            Ok(()) => fs::remove_file(beside)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // Some file systems know no links.
            Err(_) if fs::symlink_metadata(path).is_err() => fs::rename(beside, path)?,
            Err(_) => return Err(io::ErrorKind::AlreadyExists.into()),
        }
    }
    sync(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new(".")))
}

/// Makes a folder that its owner alone may enter.
///
/// # Errors
/// What the system says.
pub fn own_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A new file that its owner alone may read; never one that is there already, nor through a link.
///
/// # Errors
/// What the system says.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

/// How the names of unfinished files begin.
fn begins(name: &OsStr) -> std::ffi::OsString {
    let mut begins = std::ffi::OsString::from(".");
    begins.push(name);
    begins.push(".new-");
    begins
}

/// Removes unfinished files that a killed run left behind.
pub fn sweep(folder: &Path, name: &OsStr) {
    let begins = begins(name).to_string_lossy().into_owned();
    let Ok(files) = fs::read_dir(folder) else {
        return;
    };
    let old = |path: &Path| {
        let age = fs::metadata(path).and_then(|about| about.modified()).ok().and_then(|time| time.elapsed().ok());
        age.is_some_and(|age| age.as_secs() > 60)
    };
    for file in files.flatten().filter(|file| file.file_name().to_string_lossy().starts_with(&begins)) {
        if old(&file.path()) {
            // Another run may have swept it.
            let _ = fs::remove_file(file.path());
        }
    }
}

/// A lock that one process holds at a time; let go when dropped or when the process ends.
#[derive(Debug)]
pub struct Locked(#[expect(dead_code, reason = "held for its lock, which ends with it")] File);

/// Takes the lock of this name, or says that another process holds it.
///
/// # Errors
/// What the system says.
pub fn try_lock(folders: &Folders, name: &str) -> io::Result<Option<Locked>> {
    let folder = folders.state.join("locks");
    own_folder(&folder)?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(folder.join(format!("{name}.lock")))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Locked(file))),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}
