//! Targets on the command line: broken builds have findings that replay, fixed builds have none.

use std::path::Path;

use interloper::targets::Target;
use sha2::{Digest, Sha256};

use crate::support::{
    CommandOutput, as_text, copy_target, interloper, longer_and_longer, read_text, single_finding,
    target_folder, targets,
};

/// A sample: `interloper benchmark` runs all targets.
const TARGETS: [&str; 3] = ["vault", "staking", "relay"];

/// Many times what finding the bugs of the broken builds takes.
const RUNS_OF_FIXED: &str = "1000";

#[test]
fn the_bug_of_each_broken_build_breaks_the_invariant_that_explains_it() {
    for target in TARGETS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let found = fuzz(target, "broken", "5000", folder.path());
        assert_eq!(found.code, 1, "{target}: {found:?}");
        let loaded = Target::load(&target_folder(target), Some("broken"), &[]);
        let expected = &loaded.expect("the target loads").expect["broken"];
        let first = found.stdout.lines().next().expect("a finding");
        let explains = |invariant| first == format!("{invariant} broken in {target} (broken)");
        assert!(expected.iter().any(explains), "{expected:?}: {found:?}");
        let file = single_finding(folder.path());
        assert!(found.stdout.contains(&format!("interloper replay {}", file.display())));
    }
}

#[test]
fn fixed_builds_stay_silent() {
    for target in TARGETS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let found = fuzz(target, "fixed", RUNS_OF_FIXED, folder.path());
        assert_eq!((found.code, &*found.stdout), (0, ""), "{target}: {found:?}");
    }
}

#[test]
fn the_same_seed_finds_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let one = fuzz("relay", "broken", "5000", folder.path());
    let other = fuzz("relay", "broken", "5000", folder.path());
    assert_eq!(one.stdout, other.stdout);
}

#[test]
fn a_finding_replays_ten_times_and_not_on_the_fixed_build() {
    for target in TARGETS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let found = fuzz(target, "broken", "5000", folder.path());
        let file = single_finding(folder.path());
        for _ in 0..10 {
            let again = interloper(&["replay", as_text(&file)]);
            assert_eq!(again.code, 1);
            assert_eq!(again.stdout, found.stdout);
        }
        let fixed = interloper(&["replay", as_text(&file), "--build", "fixed"]);
        assert_eq!(fixed.code, 0, "{target}: {fixed:?}");
        assert!(fixed.stdout.contains("\nnothing broke; digest "), "{target}: {fixed:?}");
    }
}

#[test]
fn the_committed_contracts_were_built_from_the_committed_sources() {
    let targets = std::fs::read_dir(targets()).expect("there are targets");
    let folders = targets.map(|entry| entry.expect("readable").path());
    let mut checked = 0;
    for folder in folders.filter(|folder| folder.is_dir()) {
        let list = std::fs::read_to_string(folder.join("sources.sha256"));
        let list = list.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for line in list.lines() {
            let (hash, file) = line.split_once("  ").expect("as sha256sum writes it");
            let bytes = std::fs::read(folder.join(file));
            let bytes = bytes.unwrap_or_else(|error| panic!("{line}: {error}"));
            let cure = "run targets/build";
            assert_eq!(
                hex::encode(Sha256::digest(bytes)),
                hash,
                "{}: {file}: {cure}",
                folder.display()
            );
        }
        for file in std::fs::read_dir(&folder).expect("readable") {
            let name = file.expect("readable").file_name().into_string().expect("text");
            assert!(!name.ends_with(".wasm") || list.contains(&name), "{name} is not in the list");
        }
        checked += 1;
    }
    assert!(checked >= TARGETS.len());
}

fn fuzz(target: &str, build: &str, runs: &str, findings: &Path) -> CommandOutput {
    let findings = as_text(findings);
    interloper(&["fuzz", target, "--build", build, "--runs", runs, "--findings", findings])
}

#[test]
fn a_finding_records_the_contract_given_on_the_command_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let findings = as_text(folder.path());
    let arguments = ["fuzz", "vault", "--build", "fixed", "--runs", "5000", "--findings", findings];
    let other = ["--contract", "vault.near=targets/vault/broken.wasm"];
    let found = interloper(&[&arguments[..], &other].concat());
    assert_eq!(found.code, 1, "{found:?}");
    let file = single_finding(folder.path());
    let again = interloper(&["replay", as_text(&file)]);
    assert_eq!((again.code, &again.stdout), (1, &found.stdout), "{again:?}");
    let fixed = ["--contract", "vault.near=targets/vault/fixed.wasm"];
    let fixed = interloper(&[&["replay", as_text(&file)][..], &fixed].concat());
    assert_eq!(fixed.code, 0, "{fixed:?}");
}

#[test]
fn coverage_prints_the_table_of_windows() {
    let CommandOutput { code, stdout, .. } =
        interloper(&["coverage", "vault", "--runs", "200", "--interleavings"]);
    assert_eq!(code, 0, "{stdout}");
    let mut lines = stdout.lines();
    assert_eq!(lines.next(), Some("vault.near.withdraw … on_withdrawn"), "{stdout}");
    assert!(lines.next().is_some_and(|line| line.starts_with("  vault.near.")), "{stdout}");
}

/// Copies the target `lending` without the oracle that its contract calls. The text of its `target.toml`.
fn lending_without_oracle(folder: &Path) -> String {
    copy_target("lending", folder);
    let text = read_text(target_folder("lending").join("target.toml"));
    let parts = text.split("\n[[").filter(|part| {
        !part.contains("\nid = \"oracle.near\"") && !part.contains("receiver = \"oracle.near\"")
    });
    let text = parts.collect::<Vec<_>>().join("\n[[");
    std::fs::write(folder.join("target.toml"), &text).expect("written");
    text
}

#[test]
fn a_missing_account_is_reported_once_with_a_remedy() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = lending_without_oracle(folder.path());
    let fuzz = || {
        let findings = folder.path().join("findings");
        let findings = as_text(&findings);
        interloper(&["fuzz", as_text(folder.path()), "--runs", "300", "--findings", findings])
    };
    let ran = fuzz();
    assert_eq!(ran.stderr.matches("oracle.near, which the target does not have").count(), 1);
    let cure = "[[account]]\n    id = \"oracle.near\"\n    balance = \"100 NEAR\"\n    contract = \"puppet\"\n";
    assert!(ran.stderr.contains(cure), "{}", ran.stderr);
    std::fs::write(folder.path().join("target.toml"), format!("{text}\n{cure}")).expect("written");
    let ran = fuzz();
    assert!(!ran.stderr.contains("does not have"), "{}", ran.stderr);
}

#[test]
fn several_processes_report_a_missing_account_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (target, out) = (folder.path().join("lending"), folder.path().join("out"));
    std::fs::create_dir(&target).expect("a folder");
    lending_without_oracle(&target);
    let told = "oracle.near, which the target does not have, so it always fails";
    let (target, out) = (as_text(&target), as_text(&out));
    let ran = interloper(&["fuzz", target, "--runs", "300", "--jobs", "2", "--findings", out]);
    assert_eq!(ran.stderr.matches(told).count(), 1, "{}", ran.stderr);
    let mut campaigns = longer_and_longer(4).map(|time| {
        interloper(&["campaign", target, "--time", &time, "--jobs", "2", "--output", out]).stdout
    });
    let stdout = campaigns.find(|stdout| stdout.contains(told)).expect("a case calls the oracle");
    assert_eq!(stdout.matches(told).count(), 1, "{stdout}");
    let page = std::fs::read_to_string(Path::new(out).join("summary.html")).expect("it is kept");
    assert_eq!(page.matches(told).count(), 1, "{page}");
}
