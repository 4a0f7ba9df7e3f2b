//! The repository's folders and files, and copies of targets that a test may change.

use std::path::{Path, PathBuf};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().expect("the package lies in the repository")
}

/// The folder of all targets.
pub(crate) fn targets() -> PathBuf {
    root().join("targets")
}

/// The folder of one target.
pub(crate) fn target_folder(name: &str) -> PathBuf {
    targets().join(name)
}

/// The names of the targets that have this file, in alphabetical order.
pub(crate) fn targets_with(file: &str) -> Vec<String> {
    let entries = std::fs::read_dir(targets()).expect("the repository has targets");
    let folders = entries.map(|entry| entry.expect("a readable entry").path());
    let having = folders.filter(|folder| folder.join(file).is_file());
    let mut names: Vec<_> = having
        .map(|folder| as_text(Path::new(folder.file_name().expect("a folder's name"))).to_owned())
        .collect();
    names.sort();
    names
}

/// A compiled contract of a target, for example `vault/broken.wasm`.
pub(crate) fn wasm(name: &str) -> Vec<u8> {
    let file = targets().join(name);
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Copies a target's description and contracts to `into`, where the test may change them.
pub(crate) fn copy_target(name: &str, into: &Path) {
    std::fs::create_dir_all(into).expect("a new folder");
    for entry in std::fs::read_dir(target_folder(name)).expect("the target exists") {
        let file = entry.expect("a readable entry").path();
        if file.extension().is_some_and(|extension| extension == "wasm" || extension == "toml") {
            let copy = into.join(file.file_name().expect("a file's name"));
            std::fs::copy(&file, copy).expect("the file can be copied");
        }
    }
}

/// A text file; one that cannot be read fails the test with its name.
pub(crate) fn read_text(file: impl AsRef<Path>) -> String {
    let file = file.as_ref();
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A path as a command-line argument.
pub(crate) fn as_text(path: &Path) -> &str {
    path.to_str().expect("the paths of tests are UTF-8")
}

/// The only finding in a folder.
pub(crate) fn single_finding(folder: &Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).expect("the campaign made the folder");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}
