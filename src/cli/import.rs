//! `endpoints --import` and `--forget-import`: a person's own part of the catalogue.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{TROUBLE, talk, trouble, usage};
use crate::document::displayable;
use crate::edge::folders::{self, FileError, Folders};
use crate::pleo::catalogue::Catalogue;
use crate::pleo::endpoint::Surface;
use crate::pleo::openapi;
use crate::pleo::own::{Own, Report};

/// Largest document that is read, in bytes; Pleo's own have less than one of these.
const LARGEST: u64 = 16 << 20;

/// The file of a person's own operations.
fn file(folders: &Folders) -> PathBuf {
    folders.config.join("catalogue.json")
}

/// Puts a person's own operations in force for this run. Answers what is wrong with them: then they are not used.
pub fn put_in_force() -> Option<String> {
    let path = file(&Folders::find().ok()?);
    match read(&path) {
        Ok(None) => None,
        Ok(Some(own)) => {
            Catalogue::embedded().with(own).put_in_force();
            None
        }
        Err(sentence) => Some(format!("the imported operations are not used: {sentence}")),
    }
}

fn read(path: &Path) -> Result<Option<Own>, String> {
    let text = folders::read(path).map_err(|error| error.to_string())?;
    let own = text.map(|text| Own::read(&text)).transpose();
    own.map_err(|error| {
        format!(
            "{} is damaged ({error}): mend it, or remove it with `pleoscope endpoints --forget-import`",
            path.display()
        )
    })
}

/// Reads a document and keeps its operations.
pub fn import(source: &Path, surface: Surface) -> ExitCode {
    let found = match document(source).and_then(|text| openapi::read(&text).map_err(|error| error.to_string())) {
        Ok(found) => found,
        Err(reason) => {
            let name = source.display().to_string();
            return usage(&format!(
                "{} is not imported, and nothing is changed: {}",
                displayable(&name),
                displayable(&reason)
            ));
        }
    };
    let folders = match Folders::find() {
        Ok(folders) => folders,
        Err(error) => return trouble(&error.to_string()),
    };
    let path = file(&folders);
    let mut own = match read(&path) {
        Ok(own) => own.unwrap_or_default(),
        Err(sentence) => return usage(&format!("nothing is imported: {sentence}")),
    };
    let (version, below) = (found.version.clone(), found.below.clone());
    let report = own.import(found, surface);
    if !report.added.is_empty() || !report.changed.is_empty() {
        let text = own.text();
        if text.len() as u64 > folders::LARGEST {
            return usage("nothing is imported: with these operations the catalogue's file would be larger than 1 MiB");
        }
        if let Err(error) = folders::write(&path, &text) {
            return match error {
                FileError::System { .. } => trouble(&error.to_string()),
                _ => usage(&error.to_string()),
            };
        }
    }
    super::print(&told(&report, &version, &below, &path))
}

fn document(source: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let opened: Box<dyn std::io::Read> = if source.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(source).map_err(|error| error.to_string())?)
    };
    opened.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("it is larger than {} MiB", LARGEST >> 20));
    }
    String::from_utf8(bytes).map_err(|error| format!("it is not UTF-8 (byte {})", error.utf8_error().valid_up_to()))
}

/// What an import did, for stdout.
fn told(report: &Report, version: &str, below: &str, path: &Path) -> String {
    let rows = report.added.iter().map(|(what, _)| what).chain(report.changed.iter().map(|(what, _)| what));
    let width = rows.chain(report.skipped.iter().map(|one| &one.what)).map(|what| what.chars().count()).max();
    let width = width.unwrap_or_default().min(60);
    let mut text = String::new();
    for (what, name) in &report.added {
        text.push_str(&format!("added    {what:<width$}  {name}\n"));
    }
    for (what, changes) in &report.changed {
        text.push_str(&format!("changed  {what:<width$}  {}\n", changes.join("; ")));
    }
    for skipped in &report.skipped {
        text.push_str(&format!("skipped  {:<width$}  {}\n", skipped.what, skipped.why));
    }
    if !below.is_empty() {
        text.push_str(&format!("All paths are below {below}, as its servers say; their hosts are not used.\n"));
    }
    let (added, changed) = (report.added.len(), report.changed.len());
    text.push_str(&format!(
        "OpenAPI {version}: {added} added, {changed} changed, {} unchanged, {} skipped.\n",
        report.unchanged,
        report.skipped.len()
    ));
    text.push_str(&if added + changed > 0 {
        format!("Kept in {}; what is new counts as a write unless it is a GET or HEAD.\n", path.display())
    } else {
        "Nothing is new, and nothing was written.\n".to_owned()
    });
    text.lines().map(|line| format!("{}\n", displayable(line))).collect()
}

/// Removes a person's own operations.
pub fn forget() -> ExitCode {
    let folders = match Folders::find() {
        Ok(folders) => folders,
        Err(error) => return trouble(&error.to_string()),
    };
    let path = file(&folders);
    let held = match read(&path) {
        Ok(None) => {
            return super::print(&format!("There are no imported operations: {} is not there.\n", path.display()));
        }
        Ok(Some(own)) => format!("{} imported operations", own.len()),
        Err(_) => "imported operations that could not be read".to_owned(),
    };
    match std::fs::remove_file(&path) {
        Ok(()) => super::print(&format!("Removed {} with {held}.\n", path.display())),
        Err(error) => {
            talk(&format!("pleoscope: {} cannot be removed: {error}", path.display()));
            ExitCode::from(TROUBLE)
        }
    }
}
