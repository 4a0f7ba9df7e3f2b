//! What tests share: a target with every kind of argument, and the page that documents it.

use std::path::{Path, PathBuf};

use super::Target;
use crate::scenario::Error;

/// A folder of its own with two contracts that are wasm by name only.
pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["broken.wasm", "fixed.wasm"] {
        std::fs::write(folder.path().join(name), [b"\0asm", name.as_bytes()].concat()).unwrap();
    }
    folder
}

/// The page that documents every field.
pub(crate) const PAGE: &str = include_str!("../../assets/TARGET.md");

/// The page's blocks of code in one language.
pub(crate) fn blocks(language: &str) -> Vec<&'static str> {
    let starts = PAGE.split("\n```").skip(1).step_by(2);
    starts.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// The page's first example, which uses every field, and every kind of argument.
pub(crate) fn everything() -> &'static str {
    blocks("toml")[0]
}

/// [`everything`], read.
pub(crate) fn target() -> Target {
    read(everything()).unwrap()
}

/// A target's text, read in a folder of its own.
pub(crate) fn read(text: &str) -> Result<Target, Error> {
    let folder = folder();
    let file: PathBuf = folder.path().join("target.toml");
    std::fs::write(&file, text).unwrap();
    Target::load(folder.path(), None, &[])
}

/// An error's text without the folder in it.
pub(crate) fn plain(error: &Error, folder: &Path) -> String {
    error.to_string().replace(&format!("{}/", folder.display()), "")
}
