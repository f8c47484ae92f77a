//! Where the part of a body goes that is not to stay in memory: a file of its own in the state folder, for its owner alone.
//!
//! It is removed when nothing shows the body any more and when the run ends; what a killed run left behind is swept at the
//! next start. A lock on each file tells which of them are in use by another run.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::folders::{Folders, own_folder};
use super::save;
use crate::document::{Body, Store};

/// How much of a body is kept, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body that stay in memory; the rest goes to a file.
    pub memory: u64,
    /// Bytes of a body, decompressed, after which it is not received any further.
    pub body: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 256 << 20, body: 2 << 30 }
    }
}

/// The files of this run, and the folder that they are in.
#[derive(Debug)]
pub struct Spills {
    folder: Option<PathBuf>,
    files: Mutex<Vec<PathBuf>>,
    /// Those that programs of the system were given.
    lent: Mutex<Vec<Arc<Kept>>>,
}

impl Spills {
    /// Files in the state folder; without one there can be none.
    #[must_use]
    pub fn new(folders: Option<&Folders>) -> Self {
        Self {
            folder: folders.map(|folders| folders.state.join("bodies")),
            files: Mutex::default(),
            lent: Mutex::default(),
        }
    }

    /// A new file.
    ///
    /// # Errors
    /// What the system says.
    pub fn begin(&self) -> io::Result<Spill> {
        self.create("").map(|kept| Spill { kept })
    }

    /// A new file for a program of the system, with an extension that it knows; it stays until the run ends.
    ///
    /// # Errors
    /// What the system says.
    pub fn outside(&self, extension: &str, body: &Body) -> io::Result<PathBuf> {
        let kept = self.create(&format!(".{extension}"))?;
        save::pour(body, &kept.file)?;
        let path = kept.path.clone();
        self.lent.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
        Ok(path)
    }

    fn create(&self, extension: &str) -> io::Result<Arc<Kept>> {
        let folder = self.folder.as_ref().ok_or_else(|| io::Error::other("there is no state folder"))?;
        own_folder(folder)?;
        let mut random = [0_u8; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let path = folder.join(format!("{:016x}.body{extension}", u64::from_ne_bytes(random)));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        self.files.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
        let kept = Arc::new(Kept { file, path });
        // A system without locks sweeps nothing that is not ours: see `sweep`.
        kept.file.try_lock().map_err(io::Error::from)?;
        Ok(kept)
    }

    /// Removes what earlier runs left behind. Files that another run holds stay.
    pub fn sweep(&self) {
        let Some(files) = self.folder.as_ref().and_then(|folder| fs::read_dir(folder).ok()) else {
            return;
        };
        for path in files.flatten().map(|file| file.path()).filter(|path| is_ours(path)) {
            let free = File::options().write(true).open(&path).is_ok_and(|file| file.try_lock().is_ok());
            if free {
                // Another run may sweep too.
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Removes every file of this run.
    pub fn clear(&self) {
        for path in self.files.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // Most are gone with the body that they belonged to.
            let _ = fs::remove_file(path);
        }
    }
}

fn is_ours(path: &Path) -> bool {
    let regular = fs::symlink_metadata(path).is_ok_and(|about| about.is_file());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    regular && name.get(16..21) == Some(".body")
}

/// A file that is being written.
#[derive(Debug)]
pub struct Spill {
    kept: Arc<Kept>,
}

impl Spill {
    /// Appends bytes.
    ///
    /// # Errors
    /// What the system says, such as that the disk is full.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        (&self.kept.file).write_all(bytes)
    }

    /// What was written, to be read. The file is removed with the last of these.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::<Kept>::clone(&self.kept)
    }
}

#[derive(Debug)]
struct Kept {
    file: File,
    path: PathBuf,
}

impl Store for Kept {
    fn read(&self, offset: u64, into: &mut [u8]) -> usize {
        let mut count = 0;
        while count < into.len() {
            match read_at(&self.file, &mut into[count..], offset + count as u64) {
                Ok(0) => break,
                Ok(more) => count += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What cannot be read is shown as the end of the body.
                Err(_) => break,
            }
        }
        count
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, offset)
}

#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], offset: u64) -> io::Result<usize> {
    // This moves the file's cursor; writing goes on where it was because every write ends at the file's end.
    std::os::windows::fs::FileExt::seek_read(file, into, offset)
}

impl Drop for Kept {
    fn drop(&mut self) {
        // It may have been cleared already.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(name: &str) -> Folders {
        let base = std::env::temp_dir().join(format!("pleoscope-spill-{name}-{}", std::process::id()));
        Folders { config: base.join("config"), state: base.join("state") }
    }

    #[test]
    fn it_is_read_back_for_its_owner_alone_and_goes_with_the_last_reader() {
        let folders = folders("read");
        let spills = Spills::new(Some(&folders));
        let mut spill = spills.begin().unwrap();
        spill.write(b"hello ").unwrap();
        let store = spill.store();
        spill.write(b"world").unwrap();
        let mut into = [0; 20];
        assert_eq!(store.read(4, &mut into), 7);
        assert_eq!(&into[..7], b"o world");
        let files = || fs::read_dir(folders.state.join("bodies")).unwrap().count();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&folders.state.join("bodies")), 0o700);
            assert_eq!(mode(&spill.kept.path), 0o600);
        }
        drop(spill);
        assert_eq!(files(), 1);
        Spills::new(Some(&folders)).sweep();
        assert_eq!(files(), 1, "one that is in use stays");
        drop(store);
        assert_eq!(files(), 0);
        fs::write(folders.state.join("bodies").join("0123456789abcdef.body"), b"x").unwrap();
        Spills::new(Some(&folders)).sweep();
        assert_eq!(files(), 0, "one that was left behind goes");
        fs::write(folders.state.join("bodies").join("a-person's.body"), b"x").unwrap();
        Spills::new(Some(&folders)).sweep();
        assert_eq!(files(), 1, "one that is not ours stays");
        fs::remove_dir_all(folders.state.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_run_that_ends_leaves_nothing() {
        let folders = folders("clear");
        let spills = Spills::new(Some(&folders));
        let spill = spills.begin().unwrap();
        spills.clear();
        assert_eq!(fs::read_dir(folders.state.join("bodies")).unwrap().count(), 0);
        drop(spill);
        fs::remove_dir_all(folders.state.parent().unwrap()).unwrap();
        assert!(Spills::new(None).begin().is_err());
    }
}
