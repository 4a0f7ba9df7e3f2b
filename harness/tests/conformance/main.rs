//! The simulated chain against recordings of the real runtime, and against snapshots of itself.
//!
//! `recordings` holds what the real runtime did: it decides what is right. `snapshots` holds what the
//! simulated chain did with cases that were written by hand (`snapshots.rs`): they show that behaviour
//! has not changed, never that it is right. After a change that is meant:
//!
//! ```text
//! cargo test --release --test conformance -- --ignored write_the_snapshots_anew
//! ```

mod accounts;
mod chain_page;
mod command_line;
mod contracts;
mod damaged;
mod executed;
mod program;
mod snapshots;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use interloper::conformance::{GroupReport, check, record};
use serde_json::Value;

/// Every group of recordings, with the number of its cases.
const GROUPS: [(&str, usize); 25] = [
    ("cases", 1000),
    ("delegate", 100),
    ("delegate_refused", 100),
    ("delegate_v2", 100),
    ("delete", 100),
    ("deterministic", 100),
    ("gas_key_signers", 100),
    ("gas_key_withdraw", 100),
    ("gas_keys", 100),
    ("global", 100),
    ("key_signers", 100),
    ("keys", 100),
    ("mixed", 100),
    ("refund_to", 100),
    ("sharded", 400),
    ("sharded_delete", 100),
    ("sharded_deterministic", 100),
    ("sharded_global", 100),
    ("sharded_missing_delete", 100),
    ("sharded_missing_order", 100),
    ("sharded_mixed", 100),
    ("sharded_refund_to", 100),
    ("sharded_yield_id", 50),
    ("stake", 100),
    ("yield_id", 100),
];

/// How all recordings compare: they run once for all tests.
static RECORDINGS: LazyLock<Vec<GroupReport>> =
    LazyLock::new(|| check(&here("recordings")).expect("the recordings can be read"));

fn here(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance").join(folder)
}

#[test]
fn the_real_runtime_agrees() {
    let sizes: Vec<_> = RECORDINGS.iter().map(|group| (&*group.name, group.cases.len())).collect();
    assert_eq!(sizes, GROUPS, "a recording is missing or new");
    let cases = RECORDINGS.iter().flat_map(|group| &group.cases);
    let differences: Vec<_> = cases
        .filter_map(|case| Some(format!("{}: {:?}", case.case, case.difference.as_ref()?)))
        .collect();
    assert!(differences.is_empty(), "{} differ: {differences:#?}", differences.len());
}

#[test]
fn the_snapshots_have_not_changed() {
    let groups = check(&here("snapshots")).expect("the snapshots can be read");
    let cases: Vec<_> = groups.iter().flat_map(|group| &group.cases).collect();
    assert_eq!(cases.len(), snapshots::cases().len());
    for case in cases {
        assert_eq!(case.difference, None, "{}", case.case);
    }
}

#[test]
fn the_snapshots_are_of_the_cases_in_the_source() {
    for (name, case) in snapshots::cases() {
        let text = std::fs::read_to_string(file(&name)).expect("it is committed");
        let mut committed: Value = serde_json::from_str(&text).expect("it is JSON");
        committed.as_object_mut().expect("an object").remove("expect");
        assert_eq!(committed, case, "{name} has changed: write it anew");
    }
}

fn file(name: &str) -> PathBuf {
    here("snapshots").join(name).with_extension("json")
}

#[test]
#[ignore = "writes the snapshots anew"]
fn write_the_snapshots_anew() {
    for (name, mut case) in snapshots::cases() {
        write(&name, &case);
        case["expect"] = record(&file(&name)).expect("the case runs");
        write(&name, &case);
    }
}

fn write(name: &str, case: &Value) {
    let text = serde_json::to_string_pretty(case).expect("it can be written");
    std::fs::write(file(name), text + "\n").expect("the folder can be written to");
}
