//! A person's own editor: given a private file, waited for, and asked for nothing else. It sees no secret.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use tokio::process::{Child, Command};

use super::folders::{self, Folders, own_folder};

/// The largest text that is taken back, in bytes.
pub const LARGEST: u64 = 4 << 20;

/// The variables that name the editor, the first that is set wins.
const VARIABLES: [&str; 2] = ["VISUAL", "EDITOR"];

/// Names of variables that no editor is to see begin so: they configure us, and some hold credentials.
const OURS: &str = "PLEOSCOPE_";

/// The file whose lock says that a sheet is in use.
const LOCK: &str = ".in-use";

/// Why a text was not edited; nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// There is nobody to edit.
    #[error("an editor needs a terminal for input and output")]
    NoTerminal,
    /// No editor is named.
    #[error(
        "no editor is set: set VISUAL or EDITOR, for example to nano, vim or \"code --wait\", and start pleoscope again"
    )]
    None,
    /// What names it cannot be read as a command.
    #[error("{variable} is not a command: a quotation mark is not closed")]
    Unclosed {
        /// The variable.
        variable: &'static str,
    },
    /// It does not start.
    #[error("the editor {program:?} cannot be run: {source}. Set VISUAL or EDITOR to one that is installed")]
    NotRun {
        /// Its first word.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// It says that something went wrong.
    #[error("the editor {program:?} did not succeed ({status}): nothing was changed")]
    Failed {
        /// Its first word.
        program: String,
        /// As what it ended.
        status: ExitStatus,
    },
    /// The file cannot be made or read.
    #[error("the file for the editor cannot be {what}: {source}")]
    File {
        /// `written` or `read`.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// What was written is nothing that can be taken.
    #[error("not taken: what was written {reason}. It is kept in {}", crate::document::displayable(&.kept.display().to_string()))]
    NotTaken {
        /// Why not.
        reason: &'static str,
        /// Where it is kept.
        kept: PathBuf,
    },
}

/// An editor as its variable names it: a program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor {
    words: Vec<String>,
}

impl Editor {
    /// The editor that VISUAL or EDITOR names.
    ///
    /// # Errors
    /// [`EditorError::None`] and [`EditorError::Unclosed`].
    pub fn find() -> Result<Self, EditorError> {
        let set = VARIABLES.into_iter().find_map(|name| {
            let text = std::env::var_os(name)?.to_string_lossy().trim().to_owned();
            (!text.is_empty()).then_some((name, text))
        });
        let (variable, text) = set.ok_or(EditorError::None)?;
        let words = words(&text).ok_or(EditorError::Unclosed { variable })?;
        if words.first().is_none_or(String::is_empty) {
            return Err(EditorError::None);
        }
        Ok(Self { words })
    }

    /// Opens a file in it. The variables that are hidden and all of ours are not among those that it sees.
    ///
    /// # Errors
    /// [`EditorError::NotRun`].
    pub fn open(&self, file: &Path, hidden: &[String]) -> Result<Child, EditorError> {
        let program = self.program();
        let mut command = Command::from(self.command(file, hidden));
        command.kill_on_drop(true);
        command.spawn().map_err(|source| EditorError::NotRun { program: program.to_owned(), source })
    }

    fn command(&self, file: &Path, hidden: &[String]) -> std::process::Command {
        let mut command = std::process::Command::new(self.program());
        command.args(&self.words[1..]).arg(file);
        let ours = std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().starts_with(OURS));
        for name in ours.chain(hidden.iter().map(Into::into)) {
            command.env_remove(name);
        }
        command
    }

    /// What its end means.
    ///
    /// # Errors
    /// [`EditorError::Failed`] and [`EditorError::NotRun`].
    pub fn ended(&self, ended: io::Result<ExitStatus>) -> Result<(), EditorError> {
        let program = self.program().to_owned();
        match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(EditorError::Failed { program, status }),
            Err(source) => Err(EditorError::NotRun { program, source }),
        }
    }

    fn program(&self) -> &str {
        &self.words[0]
    }
}

/// Lets a person edit a file of theirs in their own editor, and waits until they are done.
///
/// # Errors
/// [`EditorError`].
pub fn edit(file: &Path, hidden: &[String]) -> Result<(), EditorError> {
    if !super::terminal::is_there() {
        return Err(EditorError::NoTerminal);
    }
    let editor = Editor::find()?;
    editor.ended(editor.command(file, hidden).status())
}

/// The words of a command as a shell would part them: white space parts, quotation marks and backslashes keep together.
/// `None` where a mark is not closed.
fn words(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, None);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (quoted, c) {
            (Some(mark), c) if c == mark => quoted = None,
            (None, '"' | '\'') => {
                quoted = Some(c);
                word.get_or_insert_default();
            }
            // A backslash keeps what would part; the paths of other systems keep theirs.
            (None | Some('"'), '\\')
                if characters.peek().is_some_and(|next| matches!(next, ' ' | '"' | '\'' | '\\')) =>
            {
                word.get_or_insert_default().extend(characters.next());
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quoted.is_none().then_some(words)
}

/// A text in a file of its own, in a folder that only its owner may enter and that goes with it.
#[derive(Debug)]
pub struct Sheet {
    folder: PathBuf,
    file: PathBuf,
    text: String,
    kept: bool,
    // Held for its lock, which tells other runs that the folder is in use.
    _lock: File,
}

impl Sheet {
    /// Writes the text into a new file of that name.
    ///
    /// # Errors
    /// [`EditorError::File`].
    pub fn write(folders: Option<&Folders>, name: &str, text: &str) -> Result<Self, EditorError> {
        let failed = |source| EditorError::File { what: "written", source };
        let base = folders.map(base).ok_or_else(|| failed(io::Error::other("there is no state folder")))?;
        own_folder(&base).map_err(failed)?;
        let mut random = [0_u8; 8];
        getrandom::fill(&mut random).map_err(|error| failed(io::Error::other(error)))?;
        let folder = base.join(format!("{:016x}", u64::from_ne_bytes(random)));
        own_folder(&folder).map_err(failed)?;
        let lock = folders::create(&folder.join(LOCK)).map_err(failed)?;
        lock.try_lock().map_err(|error| failed(error.into()))?;
        let sheet = Self { file: folder.join(name), folder, text: text.to_owned(), kept: false, _lock: lock };
        let mut file = folders::create(&sheet.file).map_err(failed)?;
        // Editors like a text to end with a line break.
        file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
        Ok(sheet)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// What became of the text; `None` where it is as it was.
    ///
    /// # Errors
    /// [`EditorError::File`] and [`EditorError::NotTaken`]; then the file is kept.
    pub fn take(mut self) -> Result<Option<String>, EditorError> {
        let mut bytes = Vec::new();
        let read = fs::symlink_metadata(&self.file).and_then(|about| {
            if !about.is_file() {
                return Err(io::Error::other("it is no ordinary file any more"));
            }
            File::open(&self.file)?.take(LARGEST + 1).read_to_end(&mut bytes)
        });
        read.map_err(|source| EditorError::File { what: "read", source })?;
        let too_large = bytes.len() as u64 > LARGEST;
        let text = String::from_utf8(bytes);
        let reason = match &text {
            _ if too_large => "is larger than 4 MiB",
            Err(_) => "is not UTF-8 text",
            Ok(_) => "",
        };
        match text {
            Ok(text) if !too_large => {
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n");
                let text = text.strip_suffix('\n').unwrap_or(&text);
                Ok((text != self.text).then(|| text.to_owned()))
            }
            _ => {
                self.kept = true;
                Err(EditorError::NotTaken { reason, kept: self.file.clone() })
            }
        }
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        if self.kept {
            // Without its lock's file it is the person's, and nobody sweeps it.
            let _ = fs::remove_file(self.folder.join(LOCK));
        } else {
            // With it go the copies that editors keep beside a file. What cannot be removed now is swept later.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn base(folders: &Folders) -> PathBuf {
    folders.state.join("edit")
}

/// Removes what killed runs left behind. What another run has open stays, and so does what was kept for a person.
pub fn sweep(folders: &Folders) {
    let Ok(found) = fs::read_dir(base(folders)) else {
        return;
    };
    for folder in found.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        let path = folder.path();
        let Ok(lock) = File::options().write(true).open(path.join(LOCK)) else {
            continue;
        };
        if !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
            // Another run may sweep too.
            let _ = fs::remove_dir_all(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Place(Folders);

    impl Place {
        fn new(name: &str) -> Self {
            let base = std::env::temp_dir().join(format!("pleoscope-editor-{name}-{}", std::process::id()));
            Self(Folders { config: base.join("config"), state: base.join("state") })
        }

        fn left(&self) -> usize {
            fs::read_dir(base(&self.0)).map_or(0, Iterator::count)
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(self.0.state.parent().unwrap());
        }
    }

    fn editor(words: &[&str]) -> Editor {
        Editor { words: words.iter().map(ToString::to_string).collect() }
    }

    #[test]
    fn an_editor_may_have_arguments() {
        let told = |text| words(text).unwrap().join("|");
        assert_eq!(told("code --wait"), "code|--wait");
        assert_eq!(told("  '/opt/my editor/bin' -a \"b c\" d\\ e "), "/opt/my editor/bin|-a|b c|d e");
        assert_eq!(told(r"C:\Windows\notepad.exe"), r"C:\Windows\notepad.exe");
        assert_eq!(told("vim -c ''"), "vim|-c|");
        assert_eq!(words("vim \"x"), None);
    }

    #[test]
    fn a_sheet_is_its_owners_alone_and_goes_with_what_lies_beside_it() {
        let place = Place::new("sheet");
        let sheet = Sheet::write(Some(&place.0), "body.json", "{}").unwrap();
        assert_eq!(fs::read_to_string(sheet.path()).unwrap(), "{}\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(sheet.path()), mode(sheet.path().parent().unwrap())), (0o600, 0o700));
        }
        fs::write(sheet.path().with_extension("json~"), "{}").unwrap();
        sweep(&place.0);
        assert_eq!(place.left(), 1, "what is in use stays");
        assert_eq!(sheet.take().unwrap(), None);
        assert_eq!(place.left(), 0);
        let sheet = Sheet::write(Some(&place.0), "body.json", "{}").unwrap();
        fs::write(sheet.path(), "{\"a\": 1}\r\n").unwrap();
        assert_eq!(sheet.take().unwrap().as_deref(), Some("{\"a\": 1}"));
    }

    #[test]
    fn what_cannot_be_taken_is_kept_and_what_a_killed_run_left_is_swept() {
        let place = Place::new("kept");
        for (bytes, wanted) in [(b"\xff".to_vec(), "not UTF-8"), (vec![b'a'; 5 << 20], "larger than 4 MiB")] {
            let sheet = Sheet::write(Some(&place.0), "body.json", "").unwrap();
            fs::write(sheet.path(), &bytes).unwrap();
            let error = sheet.take().unwrap_err();
            assert!(error.to_string().contains(wanted), "{error}");
            let EditorError::NotTaken { kept, .. } = error else { unreachable!("it was not taken") };
            assert_eq!(fs::read(kept).unwrap().len(), bytes.len());
        }
        let mut sheet = Sheet::write(Some(&place.0), "body.json", "x").unwrap();
        assert_eq!(place.left(), 3);
        // As a killed run leaves it: with its lock's file, and nobody who holds it.
        sheet.kept = true;
        let lock = sheet.folder.join(LOCK);
        drop(sheet);
        fs::write(lock, "").unwrap();
        sweep(&place.0);
        assert_eq!(place.left(), 2, "what was kept for a person stays");
        assert!(Sheet::write(None, "body.json", "").unwrap_err().to_string().contains("no state folder"));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_it_ends_with_decides_and_it_sees_nothing_of_ours() {
        let place = Place::new("run");
        let sheet = Sheet::write(Some(&place.0), "body.json", "old").unwrap();
        let file = sheet.path().to_owned();
        let run = async |words: &[&str], hidden: &[String]| {
            let editor = editor(words);
            let mut child = editor.open(&file, hidden)?;
            editor.ended(child.wait().await)
        };
        assert!(run(&["true"], &[]).await.is_ok());
        let failed = run(&["sh", "-c", "exit 3"], &[]).await.unwrap_err().to_string();
        assert!(failed.contains("exit status: 3") && failed.contains("nothing was changed"), "{failed}");
        let missing = run(&["/no/such/editor"], &[]).await.unwrap_err().to_string();
        assert!(missing.contains("VISUAL or EDITOR"), "{missing}");
        let seen = ["sh", "-c", "test -z \"$HOME\" && printf new > \"$0\""];
        run(&seen, &["HOME".to_owned()]).await.unwrap();
        assert_eq!(sheet.take().unwrap().as_deref(), Some("new"));
    }
}
