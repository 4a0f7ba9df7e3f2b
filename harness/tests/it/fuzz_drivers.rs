//! Who chooses the cases of a campaign, and how many processes run it: what comes out is the same.
//!
//! Never asks how fast anything is.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use interloper::finding::{self, Finding};

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets");
    let mut command = Command::new(env!("CARGO_BIN_EXE_interloper"));
    command.current_dir(folder).args(["fuzz", &targets.join(arguments[0]).display().to_string()]);
    command.args(&arguments[1..]);
    command
}

fn interloper(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("it runs")
}

fn findings(folder: &Path) -> Vec<Finding> {
    let all = finding::read_all(&folder.join("findings")).expect("a folder of findings");
    all.into_iter().map(|(_, finding)| finding).collect()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn libfuzzer_finds_what_the_own_search_finds_and_the_same_each_time() {
    let folders = [(); 3].map(|()| tempfile::tempdir().expect("a folder"));
    let [one, again, own] = folders.each_ref().map(tempfile::TempDir::path);
    let arguments = ["maze", "--runs", "10000", "--seed", "3"];
    let driven = [&arguments[..], &["--driver", "libfuzzer"]].concat();
    for (folder, arguments) in [(one, &driven[..]), (again, &driven), (own, &arguments)] {
        let output = interloper(folder, arguments);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(output.stdout.starts_with(b"refund broken in maze"), "{output:?}");
    }
    assert_eq!(findings(one), findings(again));
    let [driven, own] = [&findings(one)[0], &findings(own)[0]];
    assert_eq!(driven.fingerprint, own.fingerprint);
    assert_eq!(driven.scenario.operations.len(), own.scenario.operations.len());
}

#[test]
fn libfuzzer_ends_when_the_campaign_does() {
    let folder = tempfile::tempdir().expect("a folder");
    for driver in ["libfuzzer", "libfuzzer-values"] {
        let arguments = ["vault", "--build", "fixed", "--runs", "300", "--driver", driver];
        let output = interloper(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(output.stdout.is_empty());
        assert!(said(&output).contains("300 executions"), "{}", said(&output));
    }
}

#[test]
fn processes_merge_what_they_find() {
    let folder = tempfile::tempdir().expect("a folder");
    let budget = ["vault", "--runs", "601", "--jobs", "3", "--max-findings", "1000"];
    let output = interloper(folder.path(), &[&budget[..], &["--corpus", "corpus"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("601 executions"), "{}", said(&output));
    let findings = findings(folder.path());
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(shown.matches(" broken in vault").count(), findings.len(), "{shown}");
    assert!(findings.iter().any(|finding| finding.count > 2), "each process finds it");
    assert!(std::fs::read_dir(folder.path().join("corpus")).expect("a corpus").count() > 10);
}

#[test]
fn processes_end_with_the_one_that_started_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("corpus");
    let arguments = ["maze", "--build", "fixed", "--time", "10m", "--jobs", "2"];
    let mut parent = command(folder.path(), &[&arguments[..], &["--corpus", "corpus"]].concat())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let count = || std::fs::read_dir(&kept).map_or(0, Iterator::count);
    while count() == 0 {
        assert!(parent.try_wait().expect("it is ours").is_none(), "it runs for ten minutes");
        std::thread::sleep(Duration::from_millis(50));
    }
    // Not asked, but killed: it can do nothing any more for those that it started.
    parent.kill().expect("it is ours");
    parent.wait().expect("it is ours");
    std::thread::sleep(Duration::from_secs(3));
    let then = count();
    // Whoever keeps running finds something new within seconds, at the beginning of a campaign.
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(count(), then, "somebody still runs");
}
