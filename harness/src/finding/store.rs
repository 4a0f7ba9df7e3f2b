//! Findings as files: one JSON file each, named by what was found.
//!
//! A file is written beside its place and moved there, so that it is whole or not there at all.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Error, Finding, SCHEMA};
use crate::scenario::Scenario;

/// What a file holds that can be replayed.
#[derive(Clone, Debug)]
pub enum Stored {
    /// A finding, with the environment that it needs.
    Finding(Box<Finding>),
    /// Only a case: written by hand, or left by libFuzzer.
    Scenario(Scenario),
}

/// Writes a finding into `folder`, which is made where it is missing. Returns the file.
///
/// # Errors
/// When it cannot be written.
pub fn write(folder: &Path, finding: &Finding) -> Result<PathBuf, Error> {
    let name = format!(
        "{}-{}-{}.json",
        finding.environment.target,
        finding.violation.invariant,
        finding.fingerprint.short()
    );
    let path = folder.join(name);
    let error = |error| Error::File { what: "write", path: path.clone(), error };
    std::fs::create_dir_all(folder).map_err(error)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(error)?;
    let text = serde_json::to_string_pretty(finding).expect("a finding has a JSON form");
    file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(error)?;
    file.persist(&path).map_err(|failure| error(failure.error))?;
    Ok(path)
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
        let finding = serde_json::from_slice(&bytes).map_err(|error| format(error.to_string()))?;
        return Ok(Stored::Finding(Box::new(finding)));
    }
    let scenario = Scenario::read(&bytes, &path.display().to_string());
    scenario.map(Stored::Scenario).map_err(|error| format(error.to_string()))
}
