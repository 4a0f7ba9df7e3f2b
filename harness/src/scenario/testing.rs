//! What the tests of this module share: short scenarios, and a target with every kind of argument.
//!
//! Never part of a build.

use std::path::{Path, PathBuf};

use super::{Arguments, Fault, FaultKind, Operation, Scenario, Target};
use crate::types::{Gas, NearToken};

/// A call of the vault without arguments.
pub(super) fn operation(signer: &str, method: &str) -> Operation {
    Operation {
        signer: signer.parse().unwrap(),
        receiver: "vault.near".parse().unwrap(),
        method: method.to_owned(),
        arguments: Arguments::Json(serde_json::json!({})),
        deposit: NearToken::from_yoctonear(0),
        gas: Gas::from_teragas(300),
        through: None,
    }
}

/// So many calls of different methods, with steps and faults in their text form.
pub(super) fn scenario(operations: usize, schedule: &[&str], faults: &[&str]) -> Scenario {
    let fault = |name: &&str| Fault { receipt: name.parse().unwrap(), kind: FaultKind::Panic };
    Scenario {
        operations: (0..operations)
            .map(|index| operation("alice.near", &format!("method_{index}")))
            .collect(),
        schedule: schedule.iter().map(|step| step.parse().unwrap()).collect(),
        faults: faults.iter().map(fault).collect(),
        ..Scenario::default()
    }
}

/// A folder of its own with two contracts that are wasm by name only.
pub(super) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["broken.wasm", "fixed.wasm"] {
        std::fs::write(folder.path().join(name), [b"\0asm", name.as_bytes()].concat()).unwrap();
    }
    folder
}

/// The page that documents every field.
pub(super) const PAGE: &str = include_str!("../../../targets/TARGET.md");

/// The page's blocks of code in one language.
pub(super) fn blocks(language: &str) -> Vec<&'static str> {
    let starts = PAGE.split("\n```").skip(1).step_by(2);
    starts.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// The page's first example, which uses every field, and every kind of argument.
pub(super) fn everything() -> &'static str {
    blocks("toml")[0]
}

/// [`everything`], read.
pub(super) fn target() -> Target {
    read(everything()).unwrap()
}

/// A target's text, read in a folder of its own.
pub(super) fn read(text: &str) -> Result<Target, super::Error> {
    let folder = folder();
    let file: PathBuf = folder.path().join("target.toml");
    std::fs::write(&file, text).unwrap();
    Target::load(folder.path(), None, &[])
}

/// An error's text without the folder in it.
pub(super) fn plain(error: &super::Error, folder: &Path) -> String {
    error.to_string().replace(&format!("{}/", folder.display()), "")
}
