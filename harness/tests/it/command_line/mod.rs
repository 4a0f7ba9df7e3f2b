//! The command line as a user meets it: the built binary, its exit codes, what it prints where.

mod benchmark;
mod goals;
mod hostile_files;
mod odd_contracts;
mod targets;

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run of the binary gave.
#[derive(Debug, PartialEq, Eq)]
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Runs `interloper` at the root of the repository.
fn interloper(arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_interloper"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("the binary was built for this test");
    let text = |bytes| String::from_utf8(bytes).expect("all output is text");
    Ran {
        code: output.status.code().expect("no signal ended it"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the root exists")
}

/// The one finding that a campaign left in `folder`.
fn finding(folder: &Path) -> PathBuf {
    let files = std::fs::read_dir(folder).expect("the campaign made the folder");
    let mut files: Vec<_> = files.map(|entry| entry.expect("readable").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

fn path(path: &Path) -> &str {
    path.to_str().expect("paths of tests are text")
}
