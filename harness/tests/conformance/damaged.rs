//! A damaged recording is an error that names file and line. What the simulated chain does not know is
//! a difference of one case.

use std::path::Path;

use interloper::conformance::{Error, check};
use serde_json::{Value, json};

use crate::here;
use crate::program::{case, log, run, transaction};

fn archive() -> Vec<u8> {
    std::fs::read(here("recordings/delete.jsonl.xz")).expect("it is committed")
}

fn error_of(path: &Path) -> String {
    check(path).expect_err("it cannot be read").to_string()
}

#[test]
fn a_truncated_archive_is_an_error_that_names_file_and_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("cut.jsonl.xz");
    let whole = std::fs::read(here("recordings/cases.jsonl.xz")).expect("it is committed");
    std::fs::write(&path, &whole[..whole.len() / 2]).expect("it can be written");
    let error = check(&path).expect_err("half of it is missing");
    let Error::Archive { line, .. } = &error else { panic!("{error}") };
    assert!((2..1000).contains(line), "{error}");
    assert!(error.to_string().contains(&format!("cut.jsonl.xz:{line}: ")), "{error}");
}

#[test]
fn a_changed_archive_is_an_error_and_never_a_panic() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("changed.jsonl.xz");
    let whole = archive();
    for position in (0..whole.len()).step_by(whole.len() / 40) {
        let mut changed = whole.clone();
        changed[position] ^= 0x55;
        std::fs::write(&path, changed).expect("it can be written");
        assert!(error_of(&path).contains("changed.jsonl.xz"), "byte {position}");
    }
}

#[test]
fn a_file_that_is_not_an_archive_or_not_a_case_is_an_error() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("it can be written");
        path
    };
    let text = error_of(&write("text.jsonl.xz", "{}\n"));
    assert!(text.contains("text.jsonl.xz:1: cannot decompress"), "{text}");
    let text = error_of(&write("broken.json", "{\n \"accounts\": 3\n}"));
    assert!(text.contains("broken.json: this is not a recorded case"), "{text}");
    assert!(text.contains("line 2"), "{text}");
    let text = error_of(&folder.path().join("missing"));
    assert!(text.contains("cannot read"), "{text}");
}

#[test]
fn a_missing_contract_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("lonely.jsonl.xz");
    std::fs::write(&path, archive()).expect("it can be written");
    let text = error_of(&path);
    assert!(text.contains("lonely.jsonl.xz:1: ") && text.contains("puppet2.wasm"), "{text}");
}

#[test]
fn a_folder_without_cases_is_an_error() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(error_of(folder.path()).contains("contains no recorded case"));
}

/// The differences of three cases, of which the middle one was changed.
fn differences(change: impl FnOnce(&mut Value)) -> Vec<Option<String>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut cases = [(); 3].map(|()| {
        let puppet = here("recordings/puppet2.wasm").display().to_string();
        let mut case = case(86, &puppet, vec![vec![run("p0.near", &[log("works")])]]);
        case["expect"] = json!({ "accounts": {}, "outcomes": [] });
        case
    });
    change(&mut cases[1]);
    for (number, case) in cases.iter().enumerate() {
        let path = folder.path().join(format!("{number}.json"));
        std::fs::write(path, case.to_string()).expect("it can be written");
    }
    let groups = check(folder.path()).expect("they can be read");
    let cases = groups.into_iter().flat_map(|group| group.cases);
    cases.map(|case| case.difference.map(|difference| difference.what)).collect()
}

#[test]
fn an_unknown_action_is_a_difference_of_its_case_alone() {
    let unknown = transaction("alice.near", "bob.near", &[json!({ "Teleport": { "to": "moon" } })]);
    let what = differences(|case| case["blocks"][0]["transactions"] = json!([unknown]));
    let nothing_expected = Some("outcome 0".to_owned());
    assert_eq!(what, [nothing_expected.clone(), Some("action".to_owned()), nothing_expected]);
}

#[test]
fn an_unknown_protocol_version_is_a_difference_of_its_case_alone() {
    let what = differences(|case| case["protocol_version"] = json!(9999));
    assert_eq!(what[1].as_deref(), Some("protocol version"));
    assert_eq!(what[0].as_deref(), Some("outcome 0"));
}
