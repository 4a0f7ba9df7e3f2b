//! The folder of findings: no file in it is lost or incomplete.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use interloper::finding::{self, Finding, Stored};

use super::hunt::FOUND;
use crate::support::{copy_target, interloper_command, interloper_in, root};

fn some_finding() -> Finding {
    FOUND["vault"][0].clone()
}

fn stored(path: &Path) -> Finding {
    match finding::read(path).expect("it can be read") {
        Stored::Finding(finding) => *finding,
        Stored::Scenario(_) => panic!("{} is a bare case", path.display()),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("it is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("it is there").path()).collect();
    files.retain(|path| !path.ends_with(".interloper-lock"));
    files.sort();
    files
}

#[test]
fn a_finding_reads_back_as_it_was_written() {
    for finding in FOUND.values().flatten() {
        let folder = tempfile::tempdir().expect("a folder");
        let written = finding::write(folder.path(), finding).expect("it can be written");
        assert!(written.news);
        assert_eq!(stored(&written.path), *finding);
    }
}

#[test]
fn the_same_bug_raises_the_count_and_the_shorter_case_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let finding = Finding { count: 3, ..some_finding() };
    let mut longer = finding.clone();
    longer.count = 1;
    longer.scenario.operations.push(longer.scenario.operations[0].clone());
    finding::write(folder.path(), &longer).expect("it can be written");
    let written = finding::write(folder.path(), &finding).expect("it can be written");
    assert_eq!((written.news, written.count), (false, 4));
    let written = finding::write(folder.path(), &longer).expect("it can be written");
    assert_eq!(written.count, 5);
    assert_eq!(files(folder.path()), std::slice::from_ref(&written.path));
    assert_eq!(stored(&written.path), Finding { count: 5, ..finding });
}

#[test]
fn an_unreadable_file_is_moved_aside_and_not_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let finding = some_finding();
    let path = finding::write(folder.path(), &finding).expect("it can be written").path;
    for (number, text) in ["{\"schema\": 99}", "garbage"].into_iter().enumerate() {
        std::fs::write(&path, text).expect("it can be written");
        assert!(finding::write(folder.path(), &finding).expect("it can be written").news);
        assert_eq!(stored(&path), finding);
        let aside = path.with_extension(format!("json.old-{}", number + 1));
        assert_eq!(std::fs::read_to_string(aside).expect("it is kept"), text);
    }
    assert_eq!(finding::read_all(folder.path()).expect("only findings count").len(), 1);
}

#[test]
fn a_file_contains_no_control_characters() {
    let mut finding = some_finding();
    let hostile = "\u{1b}[2J\u{9b}31m\u{202e}<script>\u{7f}\r\n";
    finding.violation.summary = hostile.to_owned();
    let text = finding::to_json(&finding);
    assert!(text.chars().all(|c| c == '\n' || !interloper::types::is_unprintable(c)));
    assert_eq!(serde_json::from_str::<Finding>(&text).expect("it is JSON"), finding);
}

fn fuzz(findings: &Path, seed: u64) -> Command {
    let mut command = interloper_command(&root());
    command.args(["fuzz", "relay", "--runs", "2000", "--max-findings", "99"]);
    command.args(["--seed", &seed.to_string(), "--findings"]).arg(findings);
    command.stderr(Stdio::null());
    command
}

/// The files in the replay commands that were printed completely.
fn replayed(text: &str) -> Vec<PathBuf> {
    let lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    lines.filter_map(|line| line.split("interloper replay ").nth(1)).map(PathBuf::from).collect()
}

/// Two processes write into one folder until both are killed.
#[test]
fn a_killed_campaign_loses_no_finding_that_it_has_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut shown = Vec::new();
    for moment in 0..4u64 {
        let spawn = |seed| fuzz(folder.path(), seed).stdout(Stdio::piped()).spawn();
        let children = [spawn(moment), spawn(moment + 100)].map(|child| child.expect("it starts"));
        let [mut first, mut second] = children;
        let mut printed = BufReader::new(first.stdout.take().expect("its output is piped"));
        // Both are killed some time after the first has printed a finding.
        let mut text = String::new();
        while !text.contains("interloper replay ") {
            let length = printed.read_line(&mut text).expect("UTF-8");
            assert!(length > 0, "it ended without a finding: {text}");
        }
        std::thread::sleep(Duration::from_millis(70 * moment));
        first.kill().expect("it can be killed");
        second.kill().expect("it can be killed");
        printed.read_to_string(&mut text).expect("UTF-8");
        first.wait().expect("it has ended");
        let output = second.wait_with_output().expect("it has ended");
        shown.extend(replayed(&text));
        shown.extend(replayed(&String::from_utf8_lossy(&output.stdout)));
    }
    for path in shown {
        stored(&path);
    }
    finding::read_all(folder.path()).expect("every file is whole");
    let status = fuzz(folder.path(), 1).stdout(Stdio::null()).status().expect("it runs");
    assert_eq!(status.code(), Some(1));
    let names = files(folder.path());
    assert!(names.iter().all(|path| path.extension().is_some_and(|e| e == "json")), "{names:?}");
    assert!(!names.is_empty());
}

#[test]
fn a_finding_that_cannot_be_written_is_printed_in_full() {
    let folder = tempfile::tempdir().expect("a folder");
    let in_the_way = folder.path().join("file");
    std::fs::write(&in_the_way, "").expect("it can be written");
    let output = fuzz(&in_the_way.join("findings"), 1).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stdout).expect("it is text");
    let json = &text[text.find("{\n").expect("the finding's file is shown")..];
    let mut findings = serde_json::Deserializer::from_str(json).into_iter::<Finding>();
    let finding = findings.next().expect("there is one").expect("it is whole");
    assert_eq!(finding.environment.target, "relay");
}

#[test]
fn a_known_bug_is_not_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("vault");
    copy_target("vault", &target);
    let run = |more: &[&str]| {
        let arguments = [&["fuzz", "vault", "--runs", "300"], more].concat();
        let output = interloper_in(folder.path(), &arguments);
        (output.code, output.stderr)
    };
    assert_eq!(run(&[]).0, 1);
    let found = finding::read_all(&folder.path().join("findings")).expect("they can be read");
    let entries = found.iter().map(|(_, finding)| {
        format!(
            "[[known]]\nfingerprint = \"{}\"\nreason = \"meant\"\n",
            finding.fingerprint.short()
        )
    });
    std::fs::write(target.join("known.toml"), entries.collect::<String>()).expect("written");
    let (code, said) = run(&[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("known, meant"), "{said}");
    assert!(said.contains("300 executions"), "it stops at a known bug: {said}");
    let (code, said) = run(&["--jobs", "2", "--findings", "others"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("300 executions"), "{said}");
    assert_eq!(finding::read_all(&folder.path().join("others")).expect("none").len(), 0);
}
