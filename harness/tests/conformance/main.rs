//! The simulated chain against recorded cases: what the real runtime did, where those recordings are
//! at hand, and always a small set of our own.
//!
//! Our own set never says what is right. Its cases were written by hand (`ours.rs`), and what they
//! expect is what the simulated chain did when they were recorded, read through with care: it shows
//! that behaviour has not changed. After a change that is meant:
//!
//! ```text
//! cargo test --release --test conformance -- --ignored record
//! ```

mod accounts;
mod contracts;
mod ours;
mod program;

use std::path::{Path, PathBuf};

use interloper::conformance::{check, record};
use serde_json::Value;

fn here(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// All cases in the folder agree.
fn agrees(folder: &Path) {
    let verdicts = check(folder).expect("the cases can be read and run");
    let differences: Vec<_> =
        verdicts.iter().filter(|verdict| verdict.difference.is_some()).collect();
    assert!(differences.is_empty(), "{} differ: {differences:#?}", differences.len());
}

/// Where the recordings of the real runtime are, if they are at hand.
fn recordings(kind: &str) -> Option<PathBuf> {
    let folder = here("../../shared/conformance").join(kind);
    folder.is_dir().then_some(folder)
}

#[test]
fn the_real_runtime_agrees_on_one_shard() {
    if let Some(folder) = recordings("cases") {
        agrees(&folder);
    }
}

#[test]
fn the_real_runtime_agrees_on_several_shards() {
    if let Some(folder) = recordings("sharded") {
        agrees(&folder);
    }
}

#[test]
fn our_own_cases_come_out_as_they_did() {
    agrees(&here("tests/conformance/cases"));
}

#[test]
fn our_own_cases_are_those_in_the_source() {
    for (name, case) in ours::cases() {
        let text = std::fs::read_to_string(file(&name)).expect("it is committed");
        let mut committed: Value = serde_json::from_str(&text).expect("it is JSON");
        committed.as_object_mut().expect("an object").remove("expect");
        assert_eq!(committed, case, "{name} has changed: record it again");
    }
}

fn file(name: &str) -> PathBuf {
    here("tests/conformance/cases").join(name).with_extension("json")
}

#[test]
#[ignore = "writes our own cases anew"]
fn record_our_own_cases() {
    for (name, mut case) in ours::cases() {
        write(&name, &case);
        case["expect"] = record(&file(&name)).expect("the case runs");
        write(&name, &case);
    }
}

fn write(name: &str, case: &Value) {
    let text = serde_json::to_string_pretty(case).expect("it can be written");
    std::fs::write(file(name), text + "\n").expect("the folder can be written to");
}
