//! Campaigns that are killed at any moment, or whose disk is full: no finding is lost, and every file on
//! the disk is complete.
//!
//! Kills only processes that it started. The test with a hundred kills takes minutes:
//! `cargo test --release --test it crash_safety:: -- --ignored`.

#![expect(clippy::print_stderr, reason = "a long test prints what it did")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use interloper::finding::{self, Finding};
use interloper::scenario::Scenario;
use interloper::targets::Target;
use interloper::types::Fingerprint;

use crate::support::{
    CommandOutput, copy_target, interloper_command, longer_and_longer, read_text,
};

/// Three targets, so that a short campaign visits each.
const TARGETS: [&str; 3] = ["relay", "staking", "vault"];

fn few(folder: &Path) {
    TARGETS.iter().for_each(|name| copy_target(name, &folder.join("few").join(name)));
}

fn interloper(folder: &Path) -> Command {
    let mut command = interloper_command(folder);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn campaign(folder: &Path, time: &str) -> Command {
    let mut command = interloper(folder);
    command.args(["campaign", "few", "--jobs", "2", "--output", "night", "--time", time]);
    command
}

fn fuzz(folder: &Path, seed: u64) -> Command {
    let mut command = interloper(folder);
    command.args(["fuzz", "few/relay", "--max-findings", "99", "--time", "60s"]);
    command.args(["--findings", "night/findings", "--corpus", "night/corpus/relay"]);
    command.args(["--seed", &seed.to_string()]);
    command
}

/// The findings on the disk. An incomplete file fails the test.
fn findings(folder: &Path) -> Vec<Finding> {
    let all = finding::read_all(&folder.join("night/findings")).expect("every file is whole");
    all.into_iter().map(|(_, finding)| finding).collect()
}

/// Every file of the corpora is a case that fits its target. How many there are.
fn assert_corpora_are_whole(folder: &Path) -> usize {
    let mut count = 0;
    for name in TARGETS {
        let target = Target::load(&folder.join("few").join(name), None, &[]).expect("it loads");
        let Ok(entries) = std::fs::read_dir(folder.join("night/corpus").join(name)) else {
            continue;
        };
        for path in entries.map(|entry| entry.expect("it is there").path()) {
            let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
            if hidden {
                continue;
            }
            let bytes = std::fs::read(&path).expect("it can be read");
            let case = Scenario::read(&bytes, "a corpus").expect("it is whole");
            target.validate(&case).expect("it fits");
            count += 1;
        }
    }
    count
}

/// Kills a process, or its whole group, as if the machine had stopped.
fn kill(mut child: Child, group: bool) {
    if group {
        let group = format!("-{}", child.id());
        let status = Command::new("kill").args(["-KILL", "--", &group]).status();
        assert!(status.is_ok_and(|status| status.success()), "the group can be killed");
    } else {
        child.kill().expect("it can be killed");
    }
    child.wait().expect("it has ended");
}

/// The files among the findings that are not findings, after the children of a killed campaign have ended
/// with their slice.
fn strange_files(folder: &Path) -> Vec<String> {
    let mut looks = 0;
    loop {
        let entries = std::fs::read_dir(folder.join("night/findings")).expect("it is there");
        let names = entries.map(|entry| entry.expect("it is there").file_name().into_string());
        let strange = names.map(|name| name.expect("text"));
        let strange: Vec<_> =
            strange.filter(|name| !name.ends_with(".json") && name != ".interloper-lock").collect();
        looks += 1;
        if strange.is_empty() || looks == 600 {
            return strange;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Milliseconds between two looks at the disk.
const LOOK: u64 = 20;

/// Kills a campaign as soon as it has a finding. The milliseconds until then, as a measure of how fast and
/// how busy the machine is.
fn first_finding(folder: &Path) -> u64 {
    let child = campaign(folder, "120s").process_group(0).spawn().expect("it starts");
    let mut looks = 1;
    while findings(folder).is_empty() {
        assert!(looks * LOOK < 100_000, "100 seconds without a finding");
        std::thread::sleep(Duration::from_millis(LOOK));
        looks += 1;
    }
    kill(child, true);
    looks * LOOK
}

/// Kills `campaign` and `fuzz` at so many moments, and checks the disk after each.
fn kill_at(moments: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().canonicalize().expect("it is there");
    few(&folder);
    let latest = 2 * first_finding(&folder);
    let mut known: BTreeSet<Fingerprint> = BTreeSet::new();
    let mut cases = 0;
    for moment in 0..moments {
        let mut command =
            if moment % 2 == 0 { campaign(&folder, "30s") } else { fuzz(&folder, moment) };
        let child = command.process_group(0).spawn().expect("it starts");
        // Moments that are spread over the time and the same in every run.
        std::thread::sleep(Duration::from_millis(moment * 7_919 % latest));
        kill(child, moment % 4 != 0);
        let now = findings(&folder);
        let prints = now.iter().map(|finding| finding.fingerprint).collect();
        assert!(known.is_subset(&prints), "lost at {moment}: {known:?}, {prints:?}");
        known = prints;
        let there = assert_corpora_are_whole(&folder);
        assert!(there >= cases, "the corpus lost {} cases at {moment}", cases - there);
        cases = there;
    }
    // The folder still works after all that.
    let mut campaigns =
        longer_and_longer(9).map(|time| campaign(&folder, &time).status().expect("it runs").code());
    assert!(campaigns.any(|code| code == Some(1)), "the longest campaign does not run");
    assert_eq!(strange_files(&folder), Vec::<String>::new());
    let last: BTreeSet<_> = findings(&folder).iter().map(|finding| finding.fingerprint).collect();
    assert!(known.is_subset(&last) && !known.is_empty());
    let found = known.len();
    eprintln!("{moments} kills within {latest} ms: {found} findings, {cases} cases, all whole");
}

#[test]
fn nothing_is_lost_when_killed() {
    kill_at(6);
}

/// The names of all JSON files below a folder.
fn names_below(folder: &Path) -> BTreeSet<OsString> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeSet::new() };
    let mut names = BTreeSet::new();
    for path in entries.map(|entry| entry.expect("it is there").path()) {
        if path.is_dir() {
            names.extend(names_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            names.extend(path.file_name().map(OsString::from));
        }
    }
    names
}

/// Kills `fuzz --jobs` as soon as one of its processes has a finding anywhere, and checks that the folder
/// of findings has it.
#[test]
fn a_finding_of_a_job_survives_an_immediate_kill() {
    for round in 0..3 {
        let folder = tempfile::tempdir().expect("a folder");
        few(folder.path());
        let scratch = folder.path().join("scratch");
        std::fs::create_dir(&scratch).expect("a folder");
        let mut command = interloper(folder.path());
        command.args(["fuzz", "few/vault", "--jobs", "2", "--max-findings", "99"]);
        command.args(["--time", "100s", "--findings", "night/findings"]);
        command.args(["--seed", &round.to_string()]).env("TMPDIR", &scratch);
        let child = command.process_group(0).spawn().expect("it starts");
        let mut looks = 0;
        // Corpora lie there too, in folders of another name.
        let seen = loop {
            let mut seen = names_below(&folder.path().join("night"));
            for entry in std::fs::read_dir(&scratch).expect("it is there") {
                seen.extend(names_below(&entry.expect("it is there").path().join("findings")));
            }
            if !seen.is_empty() {
                break seen;
            }
            looks += 1;
            assert!(looks < 50_000, "100 seconds without a finding");
            std::thread::sleep(Duration::from_millis(2));
        };
        kill(child, round != 1);
        let kept = names_below(&folder.path().join("night/findings"));
        assert!(seen.is_subset(&kept), "lost: {seen:?}, {kept:?}");
        assert!(!findings(folder.path()).is_empty());
    }
}

#[test]
#[ignore = "takes minutes: cargo test --release --test it crash_safety:: -- --ignored"]
fn nothing_is_lost_when_killed_at_a_hundred_moments() {
    kill_at(100);
}

/// Needs the right to mount a file system, which not every machine gives to every user. `.ci/run` runs
/// these tests if it can, and says so if it cannot.
mod full_disk {
    use super::*;

    /// Runs a script in whose folder `night` lies a file system of its own, with this capacity.
    fn with_disk_of(capacity: &str, folder: &Path, script: &str) -> CommandOutput {
        std::fs::create_dir_all(folder.join("night")).expect("a folder");
        let script = format!("mount -t tmpfs -o size={capacity} tmpfs night && {script}");
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
        let program = env!("CARGO_BIN_EXE_interloper");
        let output = command.current_dir(folder).env("INTERLOPER", program).output();
        let output: CommandOutput = output.expect("`unshare` is installed").into();
        let refused = ["unshare: ", "mount: "].iter().any(|tool| output.stderr.starts_with(tool));
        assert!(!refused, "this user cannot mount a file system here: {}", output.stderr);
        output
    }

    fn folder_with_targets() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        few(folder.path());
        folder
    }

    const FUZZ: &str = "\"$INTERLOPER\" fuzz few/vault --runs 300 --findings night/findings";

    #[test]
    #[ignore = "mounts a file system: cargo test --release --test it full_disk:: -- --ignored"]
    fn a_finding_that_cannot_be_written_is_shown_whole() {
        let folder = folder_with_targets();
        // No finding of the vault fits into eight kilobytes.
        let script = format!("{FUZZ} --corpus night/corpus/vault");
        let output = with_disk_of("8k", folder.path(), &script);
        assert_eq!(output.code, 2, "{output:?}");
        assert!(output.stderr.contains("cannot write"), "{output:?}");
        let start = output.stdout.find("{\n").expect("the finding is shown as JSON");
        let json = &output.stdout[start..];
        let mut shown = serde_json::Deserializer::from_str(json).into_iter::<Finding>();
        let shown = shown.next().expect("one finding").expect("the JSON is complete");
        assert_eq!(shown.violation.invariant, "profit");
    }

    #[test]
    #[ignore = "mounts a file system: cargo test --release --test it full_disk:: -- --ignored"]
    fn a_finding_that_was_written_before_stays() {
        let folder = folder_with_targets();
        // The first finding fits. After it the disk is full.
        let script = format!(
            "({FUZZ} --seed 1; echo $?; {FUZZ} --seed 2; echo $?) > codes; cp -r night/findings kept; ls -A night/findings > names"
        );
        let output = with_disk_of("16k", folder.path(), &script);
        let codes = read_text(folder.path().join("codes"));
        let codes: Vec<_> = codes.lines().filter(|line| ["1", "2"].contains(line)).collect();
        assert_eq!(codes, ["1", "2"], "{output:?}");
        let kept = finding::read_all(&folder.path().join("kept")).expect("every file is whole");
        assert_eq!(kept.len(), 1);
        let names = read_text(folder.path().join("names"));
        assert!(!names.contains("unfinished"), "{names}");
    }

    #[test]
    #[ignore = "mounts a file system: cargo test --release --test it full_disk:: -- --ignored"]
    fn a_campaign_shows_the_findings_that_it_cannot_write() {
        let folder = folder_with_targets();
        let ended = longer_and_longer(9).map(|time| {
            let script =
                format!("\"$INTERLOPER\" campaign few --time {time} --jobs 2 --output night");
            with_disk_of("8k", folder.path(), &script)
        });
        let mut ended = ended.skip_while(|output| !output.stdout.contains(" broken in "));
        let output = ended.next().expect("the longest campaign finds a bug");
        assert_eq!(output.code, 2, "{output:?}");
        assert!(output.stderr.contains("cannot write"), "{output:?}");
        assert!(output.stdout.contains("\"fingerprint\""), "{output:?}");
    }
}
