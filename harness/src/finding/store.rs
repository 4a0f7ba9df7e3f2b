//! Findings as files: one JSON file for each bug, named by what was found.
//!
//! A file is written beside its place, forced to the disk and moved there, so that it is whole or not
//! there at all, whenever the process or the machine stops. Two processes may write into one folder.
//! Never forgets: what is found again raises a count, and what cannot be read is moved aside.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Error, Finding, SCHEMA};
use crate::scenario::Scenario;

/// What unfinished files are called. Nobody but the holder of the lock makes any.
const UNFINISHED: (&str, &str) = (".interloper-", ".unfinished");

/// The file that a writer locks. It stays: taking it away would let two in at once.
const LOCK: &str = ".interloper-lock";

/// How the names of bare cases end that lie beside findings.
const CASE: &str = ".case.json";

/// What a file holds that can be replayed.
#[derive(Clone, Debug)]
pub enum Stored {
    /// A finding, with the environment that it needs.
    Finding(Box<Finding>),
    /// Only a case: written by hand, or left by libFuzzer.
    Scenario(Scenario),
}

/// A finding that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// How often it was found, counting the times before.
    pub count: u64,
    /// Whether the folder did not have it before.
    pub news: bool,
}

/// Keeps a finding in `folder`, which is made where it is missing. Where the folder has the same bug
/// already, the counts are added up and the shorter case stays.
///
/// # Errors
/// When it cannot be written; what the folder had is still there then.
pub fn write(folder: &Path, finding: &Finding) -> Result<Written, Error> {
    let path = folder.join(name(finding));
    let error = |error| Error::File { what: "write", path: path.clone(), error };
    std::fs::create_dir_all(folder).map_err(error)?;
    let lock = File::create(folder.join(LOCK)).map_err(error)?;
    lock.lock().map_err(error)?;
    remove_unfinished(folder).map_err(error)?;
    let mut kept = finding.clone();
    let mut news = true;
    match read(&path) {
        Ok(Stored::Finding(earlier)) => {
            news = false;
            let count = earlier.count.saturating_add(finding.count);
            if size(&earlier.scenario) <= size(&finding.scenario)
                && earlier.environment.build == finding.environment.build
            {
                kept = *earlier;
            }
            kept.count = count;
        }
        Err(Error::File { .. }) if !path.exists() => {}
        Ok(Stored::Scenario(_)) | Err(_) => move_aside(&path).map_err(error)?,
    }
    put(folder, &path, to_json(&kept).as_bytes()).map_err(error)?;
    Ok(Written { path, count: kept.count, news })
}

/// The file's text. Characters that a terminal could obey are escaped.
///
/// # Panics
/// Never: every finding has a JSON form.
#[must_use]
pub fn to_json(finding: &Finding) -> String {
    let text = serde_json::to_string_pretty(finding).expect("a finding has a JSON form");
    crate::types::printable_json(&text) + "\n"
}

/// Reads a finding, a case in JSON, or a case in its binary form.
///
/// # Errors
/// When the file cannot be read or is none of these.
pub fn read(path: &Path) -> Result<Stored, Error> {
    let bytes = std::fs::read(path).map_err(|error| Error::File {
        what: "read",
        path: path.to_owned(),
        error,
    })?;
    let format = |problem| Error::Format { path: path.to_owned(), problem };
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(&bytes)
        && let Some(schema) = value.get("schema")
    {
        if schema != SCHEMA {
            return Err(format(format!(
                "it has schema {schema}, this version reads {SCHEMA}: find it again"
            )));
        }
        let finding = serde_json::from_slice(&bytes).map_err(|error| {
            format(format!("{error}; `docs/finding.schema.json` describes a finding"))
        })?;
        return Ok(Stored::Finding(Box::new(finding)));
    }
    let scenario = Scenario::read(&bytes, &path.display().to_string());
    scenario.map(Stored::Scenario).map_err(|error| format(error.to_string()))
}

/// All findings of a folder, by file name; `*.case.json` are none, and say so. A folder that is not
/// there has none.
///
/// # Errors
/// When one of its JSON files cannot be read or is no finding.
pub fn read_all(folder: &Path) -> Result<Vec<(PathBuf, Finding)>, Error> {
    let error = |error| Error::File { what: "read", path: folder.to_owned(), error };
    let entries = match std::fs::read_dir(folder) {
        Err(failure) if failure.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(error)?,
    };
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(error)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.retain(|path| !path.to_string_lossy().ends_with(CASE));
    paths.sort();
    let mut findings = Vec::new();
    for path in paths {
        match read(&path)? {
            Stored::Finding(finding) => findings.push((path, *finding)),
            Stored::Scenario(_) => {
                let problem = "it is a bare case: `interloper replay` runs it".to_owned();
                return Err(Error::Format { path, problem });
            }
        }
    }
    Ok(findings)
}

/// Puts a file into its place, whole or not at all, and forces it to the disk.
pub(crate) fn put(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let file = unfinished(folder, bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failure| failure.error)?;
    // The name is in the folder, so the folder has to reach the disk as well.
    File::open(folder)?.sync_all()
}

/// Puts a file into its place, whole or not at all, but for a machine that stops: for what can be made
/// again.
pub(crate) fn place(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    unfinished(folder, bytes)?.persist(path).map_err(|failure| failure.error)?;
    Ok(())
}

/// A file beside its place, with all that it is to hold.
fn unfinished(folder: &Path, bytes: &[u8]) -> std::io::Result<tempfile::NamedTempFile> {
    let (prefix, suffix) = UNFINISHED;
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(suffix);
    // Findings are for others too, so they get a usual file's permissions, as far as the user's mask
    // allows; a temporary file's own are its owner's alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    Ok(file)
}

fn name(finding: &Finding) -> String {
    let Finding { environment, violation, fingerprint, .. } = finding;
    format!("{}-{}-{}.json", environment.target, violation.invariant, fingerprint.short())
}

/// What was being written when a process was killed.
fn remove_unfinished(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Keeps a file that is in the way under another name.
fn move_aside(path: &Path) -> std::io::Result<()> {
    let free = (1u32..).map(|number| path.with_extension(format!("json.old-{number}")));
    match free.into_iter().find(|free| !free.exists()) {
        Some(free) => std::fs::rename(path, free),
        None => Ok(()),
    }
}

/// What makes one case shorter than another.
fn size(scenario: &Scenario) -> (usize, usize, usize, usize) {
    let Scenario { operations, faults, schedule, .. } = scenario;
    (operations.len(), faults.len(), schedule.len(), scenario.to_bytes().len())
}
