//! The committed corpus, and the Rust tests that `report --format rust` generates from it.
//!
//! The generated tests are in `regressions/`. Here they run again on each build.

use std::path::{Path, PathBuf};
use std::process::Command;

use interloper::finding::{self, Finding, Stored};
use interloper::report::{self, FoundIn};

use super::hunt::{TARGETS, load};
use crate::support::{read_text, root};

/// If this environment variable is set, the test updates `regressions/` instead of comparing.
const UPDATE: &str = "UPDATE_REGRESSIONS";

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/findings/regressions");

/// The corpus of a target, by file name.
fn corpus(target: &str) -> Vec<(PathBuf, Stored)> {
    let folder = root().join("corpus").join(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| {
        panic!("{}: {error}: keep a finding of the target there", folder.display())
    });
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it is there").path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let stored = finding::read(&path).expect("it can be read");
        (path, stored)
    };
    paths.into_iter().map(read).collect()
}

fn regressions(target: &str) -> Vec<Finding> {
    let findings = corpus(target).into_iter().filter_map(|(_, stored)| match stored {
        Stored::Finding(finding) => Some(*finding),
        Stored::Scenario(_) => None,
    });
    findings.collect()
}

#[test]
fn findings_replay_on_broken_builds_and_not_on_fixed_ones() {
    for target in TARGETS.iter() {
        let builds = ["broken", "fixed"].map(|build| load(target, build));
        for (path, stored) in corpus(target) {
            let [broken, fixed] = builds.each_ref();
            match stored {
                Stored::Finding(finding) => {
                    let again = broken.replay(&finding.scenario).expect("it runs");
                    let again =
                        again.unwrap_or_else(|| panic!("{} breaks no invariant", path.display()));
                    assert_eq!(again.fingerprint, finding.fingerprint, "{}", path.display());
                    let on_fixed = fixed.replay(&finding.scenario).expect("it runs");
                    assert_eq!(on_fixed, None, "{}", path.display());
                }
                Stored::Scenario(case) => {
                    fixed
                        .replay(&case)
                        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                }
            }
        }
    }
}

#[test]
fn the_committed_tests_are_up_to_date() {
    let mut modules =
        String::from("//! Regression tests of each target, written from its corpus.\n\n");
    for target in TARGETS.iter() {
        let findings = regressions(target);
        assert!(!findings.is_empty(), "corpus/{target} has no finding");
        let found: Vec<_> =
            findings.iter().map(|finding| FoundIn { finding, file: None }).collect();
        committed(&format!("{target}.rs"), &report::rust_test(&found));
        modules.push_str(&format!("mod {target};\n"));
    }
    committed("mod.rs", &modules);
}

/// Compares a file under `regressions/` with what it should be.
fn committed(name: &str, wanted: &str) {
    let path = Path::new(COMMITTED).join(name);
    if std::env::var_os(UPDATE).is_some() {
        std::fs::create_dir_all(COMMITTED).expect("it can be made");
        std::fs::write(path, wanted).expect("it can be written");
        return;
    }
    assert!(read_text(path) == wanted, "{name}: run the tests once with {UPDATE}=1");
}

#[test]
fn generated_tests_fail_on_broken_builds_and_pass_on_fixed_ones() {
    let run = |build: &str| {
        let program = std::env::current_exe().expect("this runs");
        let mut command = Command::new(program);
        command.arg("regressions::").env("INTERLOPER_REGRESSION_BUILD", build);
        let output = command.output().expect("it runs");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let count: usize = TARGETS.iter().map(|target| regressions(target).len()).sum();
    let (good, said) = run("fixed");
    assert!(good && said.contains(&format!("{count} passed; 0 failed")), "{said}");
    let (good, said) = run("broken");
    assert!(!good && said.contains(&format!("0 passed; {count} failed")), "{said}");
    assert!(said.contains("comes in between") && said.contains("profit broken in vault"), "{said}");
}
