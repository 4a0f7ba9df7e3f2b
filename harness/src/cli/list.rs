//! `interloper list`: the targets of the repository.
//!
//! Never loads a contract.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Found, Result, output};
use crate::targets::TARGET_FILE;

/// The folder of targets, looked for from the working directory upwards.
const TARGETS: &str = "targets";

/// Lists the targets in the folder `targets` here or above.
#[derive(Debug, Args)]
#[command(
    after_help = "A target is a folder with a `target.toml`; `targets/TARGET.md` documents every field."
)]
pub(super) struct List {}

impl List {
    pub(super) fn run(&self) -> Result {
        let Some(folder) = targets_folder()? else {
            return Err(format!(
                "there is no folder `{TARGETS}` here or above\n  help: run this in a clone of the project, or give `interloper fuzz` the folder of a target"
            )
            .into());
        };
        for name in names(&folder)? {
            let place = folder.join(&name);
            let line = match crate::targets::Target::load(&place, None, &[]) {
                Ok(target) => {
                    let builds = target.builds.join(", ");
                    format!("{name:<12} {:<22} {}", format!("[{builds}]"), target.description)
                }
                Err(error) => format!("{name:<12} cannot be loaded: {error}"),
            };
            output::result(&line);
        }
        Ok(Found::Nothing)
    }
}

pub(super) fn targets_folder() -> Result<Option<PathBuf>> {
    let here = std::env::current_dir()?;
    let folders = here.ancestors().map(|folder| folder.join(TARGETS));
    Ok(folders.into_iter().find(|folder| folder.is_dir()))
}

pub(super) fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path().join(TARGET_FILE).is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The folder of a target, given by its path or by a name that `interloper list` shows.
pub(super) fn find(target: &str) -> Result<PathBuf> {
    let place = PathBuf::from(target);
    if place.join(TARGET_FILE).is_file() || place.is_file() {
        return Ok(place);
    }
    let folder = targets_folder()?;
    if let Some(folder) = &folder {
        let named = folder.join(target);
        if named.join(TARGET_FILE).is_file() {
            return Ok(named);
        }
    }
    let names = folder.map(|folder| names(&folder)).transpose()?.unwrap_or_default();
    let known = if names.is_empty() {
        "there is no folder `targets` here".to_owned()
    } else {
        format!("the targets here are {}", names.join(", "))
    };
    Err(format!(
        "there is no target `{target}`; {known}\n  help: give a folder with a `{TARGET_FILE}`"
    )
    .into())
}

/// The targets in a folder, or the one that the folder is: their names and their folders. One that
/// cannot be loaded is called as its folder is.
pub(super) fn targets_in(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let folders = if folder.join(TARGET_FILE).is_file() {
        vec![folder.to_owned()]
    } else {
        let names = names(folder).map_err(|error| {
            let folder = folder.display();
            format!("cannot read {folder}: {error}\n  help: give a folder whose folders each have a `target.toml`")
        })?;
        names.into_iter().map(|name| folder.join(name)).collect()
    };
    let named = folders.into_iter().map(|folder| {
        let own = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        let own = own.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name =
            crate::targets::Target::load(&folder, None, &[]).map_or(own, |target| target.name);
        (name, folder)
    });
    Ok(named.collect())
}
