//! The drivers of a campaign, our own search and libFuzzer, and campaigns of several processes.
//!
//! Never depends on how fast the machine is.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use interloper::finding::{self, Finding};

use crate::support::{CommandOutput, interloper_command, target_folder};

fn command(folder: &Path, target: &str, arguments: &[&str]) -> Command {
    let mut command = interloper_command(folder);
    command.arg("fuzz").arg(target_folder(target)).args(arguments);
    command
}

fn fuzz(folder: &Path, target: &str, arguments: &[&str]) -> CommandOutput {
    command(folder, target, arguments).output().expect("it runs").into()
}

fn findings(folder: &Path) -> Vec<Finding> {
    let all = finding::read_all(&folder.join("findings")).expect("a folder of findings");
    all.into_iter().map(|(_, finding)| finding).collect()
}

#[test]
fn libfuzzer_finds_the_same_bug_as_our_own_search_every_time() {
    let folders = [(); 3].map(|()| tempfile::tempdir().expect("a folder"));
    let [one, again, own] = folders.each_ref().map(tempfile::TempDir::path);
    let arguments = ["--runs", "20000", "--seed", "3"];
    let driven = [&arguments[..], &["--driver", "libfuzzer"]].concat();
    for (folder, arguments) in [(one, &driven[..]), (again, &driven), (own, &arguments)] {
        let output = fuzz(folder, "maze", arguments);
        assert_eq!(output.code, 1, "{output:?}");
        assert!(output.stdout.starts_with("refund broken in maze"), "{output:?}");
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
        let arguments = ["--build", "fixed", "--runs", "300", "--driver", driver];
        let output = fuzz(folder.path(), "vault", &arguments);
        assert_eq!((output.code, &*output.stdout), (0, ""), "{output:?}");
        assert!(output.stderr.contains("300 executions"), "{output:?}");
    }
}

#[test]
fn processes_merge_their_findings() {
    let folder = tempfile::tempdir().expect("a folder");
    let budget = ["--runs", "601", "--jobs", "3", "--max-findings", "1000"];
    let arguments = [&budget[..], &["--corpus", "corpus"]].concat();
    let output = fuzz(folder.path(), "vault", &arguments);
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stderr.contains("601 executions"), "{output:?}");
    let findings = findings(folder.path());
    let shown = output.stdout.matches(" broken in vault").count();
    assert_eq!(shown, findings.len(), "{output:?}");
    assert!(findings.iter().any(|finding| finding.count > 2), "only one process found it");
    assert!(std::fs::read_dir(folder.path().join("corpus")).expect("a corpus").count() > 10);
}

/// The processes of this group that have not ended, by their ids.
fn alive(group: u32) -> Vec<String> {
    let output =
        Command::new("ps").args(["-A", "-o", "pid=", "-o", "pgid=", "-o", "stat="]).output();
    let output: CommandOutput = output.expect("`ps` is installed").into();
    let processes = output.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    // A process that has ended but that no parent has waited for is a zombie: state Z.
    let alive =
        processes.filter(|fields| fields[1] == group.to_string() && !fields[2].starts_with('Z'));
    alive.map(|fields| fields[0].to_owned()).collect()
}

#[test]
fn processes_end_with_the_one_that_started_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["--build", "fixed", "--time", "10m", "--jobs", "2"];
    let mut command = command(folder.path(), "maze", &arguments);
    let mut parent = command.stderr(Stdio::null()).process_group(0).spawn().expect("it starts");
    let group = parent.id();
    while alive(group).len() < 3 {
        assert!(parent.try_wait().expect("our child").is_none(), "it runs for ten minutes");
        std::thread::sleep(Duration::from_millis(50));
    }
    // The parent is killed, so it cannot end its children any more: they have to notice.
    parent.kill().expect("our child");
    parent.wait().expect("our child");
    let ended = (0..1_200).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        alive(group).is_empty()
    });
    assert!(ended, "a minute later these still run: {:?}", alive(group));
}
