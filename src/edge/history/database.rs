//! The database file: opened for its owner alone, brought up to date step by step, and moved aside when it is damaged.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::document::displayable;
use crate::edge::folders::{self, Folders};

/// The file in the state folder.
pub const FILE: &str = "history.db";
/// What stands beside it while it is used.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];
/// How long another run may hold the database.
const BUSY: Duration = Duration::from_millis(1_500);

/// What brings a database from each version to the next; the version is how many were done.
const STEPS: [&str; 3] = [
    // What is listed stands apart from what is read one by one, so that going through all of it is quick. The index knows
    // where words are and not what they stood in, lets go of those that are removed, and finds what a word begins with as
    // quickly as a whole one.
    "CREATE TABLE exchange(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        environment TEXT NOT NULL,
        setting TEXT NOT NULL,
        method TEXT NOT NULL,
        target TEXT NOT NULL,
        operation TEXT,
        status INTEGER,
        took INTEGER NOT NULL,
        size INTEGER,
        name TEXT,
        pinned INTEGER NOT NULL DEFAULT 0,
        kept INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE detail(
        id INTEGER PRIMARY KEY,
        surface TEXT NOT NULL,
        writes INTEGER NOT NULL,
        url TEXT NOT NULL,
        sent TEXT NOT NULL,
        kind TEXT,
        label TEXT,
        body TEXT,
        reason TEXT,
        version TEXT,
        received TEXT,
        answer BLOB,
        failure TEXT,
        timing TEXT NOT NULL,
        wire TEXT NOT NULL
    ) STRICT;
    CREATE VIRTUAL TABLE words USING fts5(
        text, content='', columnsize=0, detail=none, prefix='1 2 3 4 5 6', tokenize='unicode61 remove_diacritics 2'
    );
    INSERT INTO words(words, rank) VALUES('secure-delete', 1);",
    // Requests that were edited and not sent: one for each endpoint of each environment.
    "CREATE TABLE unsent(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        environment TEXT NOT NULL,
        setting TEXT NOT NULL,
        surface TEXT NOT NULL,
        method TEXT NOT NULL,
        path TEXT NOT NULL,
        filled TEXT NOT NULL,
        UNIQUE(environment, setting, surface, method, path)
    ) STRICT;",
    // Whether all of the answer came: the list tells it without reading what stands behind a body.
    "ALTER TABLE exchange ADD COLUMN whole INTEGER NOT NULL DEFAULT 1;
    UPDATE exchange SET whole = 0 WHERE id IN (SELECT id FROM detail WHERE failure IS NOT NULL);",
];

/// An open database, and what is to be said of it.
pub struct Opened {
    /// The connection.
    pub database: Connection,
    /// What happened to the one before.
    pub remark: Option<String>,
}

/// Why there is none.
pub enum Trouble {
    /// A newer program wrote it: it is left alone.
    Newer(String),
    /// Something that may pass.
    Passing(String),
}

/// What stands in the place of a sound database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// A file that is no sound database.
    Damage,
    /// A link, wherever it leads.
    Link,
    /// A folder.
    Folder,
    /// A pipe, a device.
    Other,
}

impl Instead {
    fn of(kind: fs::FileType) -> Self {
        if kind.is_symlink() {
            Self::Link
        } else if kind.is_dir() {
            Self::Folder
        } else {
            Self::Other
        }
    }

    /// What goes into the name under which it is kept.
    const fn word(self) -> &'static str {
        match self {
            Self::Damage => "damaged",
            Self::Link => "link",
            Self::Folder => "folder",
            Self::Other => "other",
        }
    }

    /// What it is, behind `history.db in the state folder is`.
    const fn told(self) -> &'static str {
        match self {
            Self::Damage => "damaged",
            Self::Link => "a link, which is not opened",
            Self::Folder => "a folder, and no file",
            Self::Other => "a pipe or a device, and no file",
        }
    }
}

/// What is wrong with a file.
enum Wrong {
    Instead(Instead),
    Newer(usize),
    Sqlite(rusqlite::Error),
    System(io::Error),
}

impl From<rusqlite::Error> for Wrong {
    fn from(error: rusqlite::Error) -> Self {
        if is_damage(&error) { Self::Instead(Instead::Damage) } else { Self::Sqlite(error) }
    }
}

impl From<io::Error> for Wrong {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// Whether an error means that the file is no sound database.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        || matches!(error, rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..))
}

/// What went wrong, a sentence.
pub fn sentence(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "The history is not kept: its disk is full. Make room in the state folder; all else goes on.".to_owned()
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "The history is not kept: its file in the state folder cannot be written; all else goes on.".to_owned()
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "The history is held by another program for too long: this was not done.".to_owned()
        }
        // A full disk says this too, where the memory that runs share is made.
        Some(ErrorCode::SystemIoFailure) => {
            "The history is not kept: its disk cannot be read or written, and may be full. Look at it, or set another state folder; all else goes on.".to_owned()
        }
        _ => format!("The history cannot be used: {}; all else goes on.", displayable(&error.to_string())),
    }
}

/// Opens the database in a folder; one that is damaged is moved aside first.
pub fn open(folder: &Path) -> Result<Opened, Trouble> {
    let mut remark = None;
    for _ in 0..2 {
        match try_open(&folder.join(FILE)) {
            Ok(database) => return Ok(Opened { database, remark }),
            Err(Wrong::Newer(version)) => {
                return Err(Trouble::Newer(format!(
                    "The history was written by a newer pleoscope (version {version} of its database, this one knows {}): it is left as it is, and nothing is kept by this one.",
                    STEPS.len()
                )));
            }
            Err(Wrong::Sqlite(error)) => return Err(Trouble::Passing(sentence(&error))),
            Err(Wrong::System(error)) => {
                return Err(Trouble::Passing(format!(
                    "The history is not kept: its file in the state folder cannot be used ({error}); all else goes on."
                )));
            }
            Err(Wrong::Instead(what)) => remark = Some(move_aside(folder, what).map_err(Trouble::Passing)?),
        }
    }
    Err(Trouble::Passing("The history is not kept: its file is damaged, and so is the new one.".to_owned()))
}

fn try_open(path: &Path) -> Result<Connection, Wrong> {
    if let Some(folder) = path.parent() {
        folders::own_folder(folder)?;
    }
    match fs::symlink_metadata(path) {
        // Neither through a link nor from a pipe.
        Ok(about) if !about.is_file() => return Err(Wrong::Instead(Instead::of(about.file_type()))),
        Ok(about) => for_its_owner(path, &about)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => match folders::create(path) {
            Ok(_) => {}
            // Another run was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        },
        Err(error) => return Err(error.into()),
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut database = Connection::open_with_flags(path, flags)?;
    database.busy_timeout(BUSY)?;
    let version = version(&database)?;
    if version > STEPS.len() {
        return Err(Wrong::Newer(version));
    }
    if version == 0 {
        // Settled before the first table is made: what is removed makes the file smaller. Later on it would write to a file
        // that is only read, which a full disk does not allow.
        database.execute_batch("PRAGMA auto_vacuum = INCREMENTAL;")?;
    }
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA cache_size = -8192;",
    )?;
    if version < STEPS.len() {
        bring_up_to_date(&mut database)?;
    }
    // A damaged beginning shows here; a damaged middle, where it is read.
    database.query_row("SELECT count(*) FROM (SELECT id FROM exchange ORDER BY id DESC LIMIT 1)", [], |_| Ok(()))?;
    Ok(database)
}

/// Why the file of a database will not be used as it is, by its beginning; nothing is opened or changed.
///
/// # Errors
/// A sentence, and what is to be done.
pub fn glance(path: &Path) -> Result<(), (String, &'static str)> {
    let mut beginning = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(100).read_to_end(&mut beginning));
    if let Err(error) = read {
        return Err((format!("cannot be read: {error}"), "Give yourself the right to read it."));
    }
    // An empty file becomes one.
    if beginning.is_empty() {
        return Ok(());
    }
    let version = beginning.get(60..64).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    let Some(version) = version.filter(|_| beginning.starts_with(b"SQLite format 3\0")) else {
        return Err((
            "is damaged: it is no database".to_owned(),
            "The explorer moves it aside when it starts, and begins a new history.",
        ));
    };
    let known = STEPS.len();
    if version as usize > known {
        return Err((
            format!(
                "was written by a newer pleoscope (version {version} of its database, this one knows {known}): nothing is kept in it"
            ),
            "Use the newer pleoscope, or move the file away.",
        ));
    }
    Ok(())
}

fn version(database: &Connection) -> rusqlite::Result<usize> {
    let version: i64 = database.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// Each step and its number together, or neither. Two runs may come here at once.
fn bring_up_to_date(database: &mut Connection) -> rusqlite::Result<()> {
    let change = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = version(&change)?;
    for (number, step) in (1..).zip(STEPS).skip(done) {
        change.execute_batch(step)?;
        change.pragma_update(None, "user_version", number)?;
    }
    change.commit()
}

#[cfg(unix)]
fn for_its_owner(path: &Path, about: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if about.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn for_its_owner(_: &Path, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Gives what stands in the place of the database another name, and says which. Of several runs that find it one does it.
pub fn move_aside(folder: &Path, what: Instead) -> Result<String, String> {
    let told = format!("{FILE} in the state folder is {}", what.told());
    let failed = |error: io::Error| format!("{told}, and cannot be moved aside ({error}): no history is kept.");
    let folders = Folders { config: folder.to_owned(), state: folder.to_owned() };
    let lock = folders::try_lock(&folders, "history").map_err(failed)?;
    if lock.is_none() {
        return Err(format!("{told}, and another run moves it aside: this was not kept."));
    }
    let path = folder.join(FILE);
    let mut random = [0_u8; 4];
    getrandom::fill(&mut random).map_err(|error| failed(io::Error::other(error)))?;
    let name = format!("{FILE}.{}-{:08x}", what.word(), u32::from_ne_bytes(random));
    let aside = |suffix: &str| -> (PathBuf, PathBuf) {
        (folder.join(format!("{FILE}{suffix}")), folder.join(format!("{name}{suffix}")))
    };
    for suffix in BESIDE {
        let (from, to) = aside(suffix);
        // Most of them are not there.
        let _ = fs::rename(from, to);
    }
    match fs::rename(&path, folder.join(&name)) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    // It is not there any more.
    let was = match what {
        Instead::Damage => "The history was damaged".to_owned(),
        _ => format!("{FILE} in the state folder was {}", what.told()),
    };
    Ok(format!("{was}: it is kept as {name} in the state folder, and a new history is begun."))
}

/// After something was removed: it is not to be found in the file any more, nor in what stands beside it.
pub fn forget(database: &Connection) -> rusqlite::Result<()> {
    let mut vacuum = database.prepare("PRAGMA incremental_vacuum")?;
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {}
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}
