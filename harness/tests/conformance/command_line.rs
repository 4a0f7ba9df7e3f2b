//! `interloper conform`: one line for each group, a total, and exit status 1 if a case differs.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::here;

fn conform(path: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interloper"));
    command.arg("conform").arg(path).output().expect("it runs")
}

fn lines(output: &Output) -> Vec<String> {
    let text = String::from_utf8(output.stdout.clone()).expect("it prints text");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn conform_reads_an_archive_and_prints_its_group() {
    let output = conform(&here("recordings/sharded_yield_id.jsonl.xz"));
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(lines(&output), ["sharded_yield_id  50 of 50 agree", "50 of 50 agree"]);
}

#[test]
fn conform_reads_nested_folders_of_cases_and_archives() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copy = |from: &str, to: &str| {
        let to = folder.path().join(to);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("it can be made");
        std::fs::copy(here(from), to).expect("it can be copied");
    };
    copy("recordings/puppet2.wasm", "outer/puppet2.wasm");
    copy("recordings/puppet2-newest.wasm", "outer/puppet2-newest.wasm");
    copy("recordings/sharded_yield_id.jsonl.xz", "outer/inner/ids.jsonl.xz");
    copy("recordings/yield_id.jsonl.xz", "outer/yields.jsonl.xz");
    let output = conform(folder.path());
    let expected = ["ids     50 of 50 agree", "yields  100 of 100 agree", "150 of 150 agree"];
    assert_eq!(lines(&output), expected);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn conform_shows_a_case_that_differs_and_fails() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let snapshot = std::fs::read_to_string(here("snapshots/version_88.json")).expect("committed");
    let puppet = here("../../../targets/puppet/contract.wasm");
    std::fs::copy(puppet, folder.path().join("puppet.wasm")).expect("it can be copied");
    let snapshot = snapshot.replace("../../../../targets/puppet/contract.wasm", "puppet.wasm");
    for (name, text) in [
        ("good.json", snapshot.clone()),
        ("wrong.json", snapshot.replacen("\"gas_burnt\": ", "\"gas_burnt\": 1", 1)),
    ] {
        let mut file = std::fs::File::create(folder.path().join(name)).expect("it can be made");
        file.write_all(text.as_bytes()).expect("it can be written");
    }
    let output = conform(folder.path());
    let lines = lines(&output);
    assert_eq!(output.status.code(), Some(1), "{lines:?}");
    assert!(
        lines[0].contains("wrong.json: outcome 0") && lines[0].ends_with("gas burnt"),
        "{lines:?}"
    );
    assert!(lines[1].starts_with("  real "), "{lines:?}");
    assert_eq!(lines.last().map(String::as_str), Some("1 of 2 agree"));
}
