//! Saving what a person asks for to a file of their choice: whole or not at all, for its owner alone, never over a file
//! without being told so.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::folders;
use crate::app::taking::{Form, MOST_CANDIDATES, Saving, Unsaved};
use crate::document::{self, Body};
use crate::pleo::privacy;

/// Bytes that are gathered before they are written.
const GATHERED: usize = 256 * 1024;

/// Why writing stopped.
enum Halt {
    Cancelled,
    System(io::Error),
}

/// Writes a file; answers how many bytes it has.
///
/// # Errors
/// [`Unsaved`]; what was there is as it was then.
pub fn save(saving: &Saving, cancelled: &dyn Fn() -> bool, progress: &mut dyn FnMut(u64)) -> Result<u64, Unsaved> {
    let path = resolve(&saving.path);
    let failed = |what: &str| Unsaved::Failed(format!("{} {what}", path.display()));
    let Some(name) = path.file_name().filter(|_| !saving.path.trim_end().ends_with(['/', '\\'])) else {
        return Err(failed("is a folder: add the name of a file."));
    };
    let there = fs::symlink_metadata(&path);
    if there.as_ref().is_ok_and(fs::Metadata::is_dir) {
        return Err(failed("is a folder: add the name of a file."));
    }
    if there.is_ok() && !saving.over {
        return Err(Unsaved::Exists);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let told = |error: &io::Error| failed(&format!("cannot be written ({error}): choose another place, or make room."));
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).map_err(|error| told(&io::Error::other(error)))?;
    let mut beside = std::ffi::OsString::from(".");
    // A name may be as long as the system allows already.
    beside.push(name.to_string_lossy().chars().take(40).collect::<String>());
    beside.push(format!(".new-{:016x}", u64::from_ne_bytes(random)));
    let beside = folder.join(beside);
    let written = folders::create(&beside).map_err(Halt::System).and_then(|file| {
        let count = write(saving, &file, cancelled, progress)?;
        file.sync_all().map_err(Halt::System)?;
        Ok(count)
    });
    let placed =
        written.and_then(|count| folders::place(&beside, &path, saving.over).map(|()| count).map_err(Halt::System));
    placed.map_err(|halt| {
        // What cannot be removed either is a file of ours that the person sees.
        let _ = fs::remove_file(&beside);
        match halt {
            Halt::Cancelled => Unsaved::Failed("Stopped: nothing was saved.".to_owned()),
            Halt::System(error) if error.kind() == io::ErrorKind::AlreadyExists => Unsaved::Exists,
            Halt::System(error) => told(&error),
        }
    })
}

fn write(
    saving: &Saving,
    file: &File,
    cancelled: &dyn Fn() -> bool,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, Halt> {
    let mut out = BufWriter::with_capacity(GATHERED, file);
    let (mut count, mut told) = (0_u64, 0);
    let mut put = |bytes: &[u8]| {
        if cancelled() {
            return Err(Halt::Cancelled);
        }
        count += bytes.len() as u64;
        if count - told >= GATHERED as u64 {
            told = count;
            progress(count);
        }
        out.write_all(bytes).map_err(Halt::System)
    };
    match (&saving.range, saving.form) {
        (Some(range), _) => {
            let mut at = range.start;
            for part in saving.document.body().parts(range.start) {
                let room = usize::try_from(range.end - at).unwrap_or(usize::MAX);
                let part = &part[..part.len().min(room)];
                put(part)?;
                at += part.len() as u64;
                if at >= range.end {
                    break;
                }
            }
        }
        (None, Form::Sheet(sheet, masked)) => {
            let view = saving.view.as_deref().ok_or_else(|| Halt::System(io::ErrorKind::InvalidInput.into()))?;
            let instead = masked.then_some(&masking as _);
            document::write(view, saving.document.body(), sheet, instead, &mut put)?;
        }
        (None, Form::Masked) => {
            let body = saving.document.body();
            put(&document::rewritten(&body.read(0..body.len()), &masking))?;
            put(b"\n")?;
        }
        (None, Form::Received) => saving.document.body().parts(0).try_for_each(|part| put(&part))?,
        (None, Form::Pretty) => document::pretty(&saving.document, &mut put)?,
        (None, Form::Minified) => document::minified(&saving.document, &mut put)?,
    }
    out.flush().map_err(Halt::System)?;
    drop(out);
    Ok(count)
}

/// What stands in the place of personal data.
pub(crate) fn masking(path: &str, text: &str) -> Option<String> {
    // Whose name it is cannot be told here: better one too many.
    if !text.is_empty() && path.rsplit('.').next() == Some("name") {
        return Some(privacy::MASK.to_owned());
    }
    let shown = privacy::shown(path, text);
    (shown != text).then(|| shown.into_owned())
}

/// Writes a whole body to a file that is there.
///
/// # Errors
/// What the system says.
pub fn pour(body: &Body, mut file: &File) -> io::Result<()> {
    body.parts(0).try_for_each(|part| file.write_all(&part))
}

/// A path as typed, with the home folder for a leading `~/`.
fn resolve(path: &str) -> PathBuf {
    let home = || directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    match path.strip_prefix("~/") {
        Some(rest) => home().map_or_else(|| PathBuf::from(path), |home| home.join(rest)),
        None => PathBuf::from(path),
    }
}

/// What a path that is being typed may become, as it would be typed; folders end with a slash. Hidden files are offered when
/// a dot is typed.
#[must_use]
pub fn complete(typed: &str) -> Vec<String> {
    let (folder, begun) =
        typed.rsplit_once('/').map_or(("", typed), |(folder, begun)| (&typed[..=folder.len()], begun));
    let place = if folder.is_empty() { PathBuf::from(".") } else { resolve(folder) };
    let Ok(files) = fs::read_dir(place) else {
        return Vec::new();
    };
    let mut found: Vec<String> = files
        .flatten()
        .filter_map(|file| {
            let name = file.file_name().into_string().ok()?;
            let fits = name.starts_with(begun) && (begun.starts_with('.') || !name.starts_with('.'));
            let end = if fs::metadata(file.path()).is_ok_and(|about| about.is_dir()) { "/" } else { "" };
            fits.then(|| format!("{folder}{name}{end}"))
        })
        .collect();
    found.sort_unstable();
    found.truncate(MOST_CANDIDATES);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use bytes::Bytes;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("pleoscope-save-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn saving(path: &Path, form: Form) -> Saving {
        let document = Document::from_bytes(Bytes::from_static(b"{\"a\": [1.10, 2]}"));
        Saving { document, range: None, view: None, form, path: path.display().to_string(), over: false }
    }

    #[test]
    fn it_is_whole_private_and_never_over_a_file_unasked() {
        let folder = folder("whole");
        let path = folder.join("a.json");
        let own = saving(&path, Form::Received);
        assert_eq!(save(&own, &|| false, &mut |_| {}), Ok(16));
        assert_eq!(fs::read(&path).unwrap(), b"{\"a\": [1.10, 2]}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let other = saving(&path, Form::Minified);
        assert_eq!(save(&other, &|| false, &mut |_| {}), Err(Unsaved::Exists));
        assert_eq!(fs::read(&path).unwrap().len(), 16);
        let over = Saving { over: true, ..other };
        assert_eq!(save(&over, &|| false, &mut |_| {}), Ok(15));
        assert_eq!(fs::read(&path).unwrap(), b"{\"a\":[1.10,2]}\n");
        assert_eq!(save(&over, &|| true, &mut |_| {}), Err(Unsaved::Failed("Stopped: nothing was saved.".into())));
        assert_eq!(fs::read(&path).unwrap().len(), 15, "what was there stays");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
        let part = Saving { range: Some(6..15), ..saving(&folder.join("b"), Form::Received) };
        assert_eq!(save(&part, &|| false, &mut |_| {}), Ok(9));
        assert_eq!(fs::read(folder.join("b")).unwrap(), b"[1.10, 2]");
        for wrong in [folder.clone(), folder.join("none/x"), PathBuf::from(format!("{}/", folder.display()))] {
            assert!(matches!(save(&saving(&wrong, Form::Pretty), &|| false, &mut |_| {}), Err(Unsaved::Failed(_))));
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_is_planted_is_not_followed() {
        let folder = folder("link");
        fs::write(folder.join("target"), "old").unwrap();
        std::os::unix::fs::symlink(folder.join("target"), folder.join("link")).unwrap();
        let own = saving(&folder.join("link"), Form::Received);
        assert_eq!(save(&own, &|| false, &mut |_| {}), Err(Unsaved::Exists));
        assert_eq!(save(&Saving { over: true, ..own }, &|| false, &mut |_| {}), Ok(16));
        assert_eq!(fs::read_to_string(folder.join("target")).unwrap(), "old");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn paths_are_completed() {
        let folder = folder("complete");
        fs::create_dir_all(folder.join("alpha")).unwrap();
        fs::write(folder.join("alps.json"), "").unwrap();
        fs::write(folder.join(".hidden"), "").unwrap();
        let base = folder.display().to_string();
        assert_eq!(complete(&format!("{base}/al")), [format!("{base}/alpha/"), format!("{base}/alps.json")]);
        assert_eq!(complete(&format!("{base}/.h")), [format!("{base}/.hidden")]);
        assert_eq!(complete(&format!("{base}/")).len(), 2);
        assert_eq!(complete(&format!("{base}/x")), [""; 0]);
        fs::remove_dir_all(folder).unwrap();
    }
}
