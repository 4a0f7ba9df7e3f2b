//! Campaigns that are killed at any moment, or run out of disk: nothing that was found is lost, and
//! what is on the disk is whole.
//!
//! Kills what it started itself and nothing else. A hundred moments take minutes:
//! `cargo test --release --test it crash_safety:: -- --ignored`.

#![expect(
    clippy::print_stderr,
    reason = "what is left out, and what a long test has seen, is said"
)]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use interloper::finding::{self, Finding};
use interloper::scenario::Scenario;
use interloper::targets::Target;
use interloper::types::Fingerprint;

fn targets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets")
}

/// A folder with a few targets in it, so that a campaign comes around.
fn few(folder: &Path) -> PathBuf {
    let few = folder.join("few");
    for name in ["relay", "staking", "vault"] {
        let to = few.join(name);
        std::fs::create_dir_all(&to).expect("a folder");
        for entry in std::fs::read_dir(targets().join(name)).expect("it comes along") {
            let path = entry.expect("it is there").path();
            if path.is_file() {
                std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copied");
            }
        }
    }
    few
}

fn interloper(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interloper"));
    command.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
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

/// The findings on the disk; every file has to be whole.
fn findings(folder: &Path) -> Vec<Finding> {
    let all = finding::read_all(&folder.join("night/findings")).expect("every file is whole");
    all.into_iter().map(|(_, finding)| finding).collect()
}

/// Every file of the corpora is a case that fits its target.
fn assert_corpora_are_whole(folder: &Path) -> usize {
    let mut count = 0;
    for name in ["relay", "staking", "vault"] {
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

/// Ends a process; with its whole group it is as if the machine had stopped.
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

/// What lies among the findings and is none, once those that a killed campaign left running have
/// ended with their slice.
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

/// How often somebody looks, and how long that takes in milliseconds.
const LOOK: u64 = 20;

/// Kills a campaign as soon as it has a finding, and says how many milliseconds that took: how fast
/// machines are differs, and how busy they are.
fn first_finding(folder: &Path) -> u64 {
    let child = campaign(folder, "120s").process_group(0).spawn().expect("it starts");
    let mut looks = 1;
    while findings(folder).is_empty() {
        assert!(looks * LOOK < 100_000, "a campaign finds something");
        std::thread::sleep(Duration::from_millis(LOOK));
        looks += 1;
    }
    kill(child, true);
    looks * LOOK
}

/// Kills campaigns and single runs at so many moments, and looks after each.
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
        // Any number will do that is the same in every run and has no rhythm.
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
    // What was killed so often still works.
    let status = campaign(&folder, "9s").status().expect("it runs");
    assert_eq!(status.code(), Some(1));
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

/// File names of findings anywhere below.
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

/// Kills `fuzz --jobs` as soon as one of its processes has a finding anywhere, and looks whether it is
/// where it has to be.
#[test]
fn what_a_job_has_found_is_kept_however_soon_everything_is_killed() {
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
        // Corpora of cases lie there too, in folders of another name.
        let seen = loop {
            let mut seen = names_below(&folder.path().join("night"));
            for entry in std::fs::read_dir(&scratch).expect("it is there") {
                seen.extend(names_below(&entry.expect("it is there").path().join("findings")));
            }
            if !seen.is_empty() {
                break seen;
            }
            looks += 1;
            assert!(looks < 50_000, "two processes find something");
            std::thread::sleep(Duration::from_millis(2));
        };
        kill(child, round != 1);
        let kept = names_below(&folder.path().join("night/findings"));
        assert!(seen.is_subset(&kept), "lost: {seen:?}, {kept:?}");
        assert!(!findings(folder.path()).is_empty());
    }
}

#[test]
#[ignore = "takes minutes"]
fn nothing_is_lost_when_killed_at_a_hundred_moments() {
    kill_at(100);
}

/// Runs a script whose folder `night` is a disk of its own with so much room. None where nobody but
/// root may make one, and that is said.
fn on_a_disk_of(size: &str, folder: &Path, script: &str) -> Option<Output> {
    std::fs::create_dir_all(folder.join("night")).expect("a folder");
    let run = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
        command.current_dir(folder).env("INTERLOPER", env!("CARGO_BIN_EXE_interloper")).output()
    };
    let mount = format!("mount -t tmpfs -o size={size} tmpfs night");
    if !run(&mount).is_ok_and(|output| output.status.success()) {
        eprintln!("left out: no disk can be made here");
        return None;
    }
    Some(run(&format!("{mount} && {script}")).expect("it ran before"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const FUZZ: &str = "\"$INTERLOPER\" fuzz few/vault --runs 300 --findings night/findings";

#[test]
fn on_a_full_disk_a_finding_is_shown_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    few(folder.path());
    // No finding of the vault fits into eight kilobytes.
    let script = format!("{FUZZ} --corpus night/corpus/vault");
    let Some(output) = on_a_disk_of("8k", folder.path(), &script) else { return };
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("cannot write"), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let json = &said[said.find("{\n").expect("the file is shown")..];
    let mut shown = serde_json::Deserializer::from_str(json).into_iter::<Finding>();
    let shown = shown.next().expect("one").expect("it is whole");
    assert_eq!(shown.violation.invariant, "profit");
}

#[test]
fn on_a_disk_that_fills_what_is_there_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    few(folder.path());
    // The first finding fits, and then nothing does.
    let script = format!(
        "({FUZZ} --seed 1; echo $?; {FUZZ} --seed 2; echo $?) > codes; cp -r night/findings kept; ls -A night/findings > names"
    );
    let Some(output) = on_a_disk_of("16k", folder.path(), &script) else { return };
    let codes = std::fs::read_to_string(folder.path().join("codes")).expect("it is there");
    let codes: Vec<_> = codes.lines().filter(|line| line.len() == 1).collect();
    let exits: Vec<_> = codes.into_iter().filter(|code| *code == "1" || *code == "2").collect();
    assert_eq!(exits, ["1", "2"], "{}", text(&output.stderr));
    let kept = finding::read_all(&folder.path().join("kept")).expect("it is whole");
    assert_eq!(kept.len(), 1);
    let names = std::fs::read_to_string(folder.path().join("names")).expect("it is there");
    assert!(!names.contains("unfinished"), "{names}");
}

#[test]
fn a_campaign_on_a_full_disk_shows_what_it_cannot_keep() {
    let folder = tempfile::tempdir().expect("a folder");
    few(folder.path());
    let script = "\"$INTERLOPER\" campaign few --time 9s --jobs 2 --output night";
    let Some(output) = on_a_disk_of("8k", folder.path(), script) else { return };
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("cannot write"), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.contains(" broken in ") && said.contains("\"fingerprint\""), "{said}");
}
