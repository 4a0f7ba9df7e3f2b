//! `campaign` over a folder of targets: its findings, its output folder, and how the next one resumes.
//!
//! Never depends on how much a campaign finds in a given time.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use interloper::finding;
use interloper::report::Summary;

use crate::support::{
    CommandOutput, copy_target, interloper_in, longer_and_longer, path_with_interloper, read_text,
    root,
};

fn summary(folder: &Path) -> Summary {
    serde_json::from_str(&read_text(folder.join("campaign/summary.json"))).expect("a summary")
}

/// Runs campaigns, each of which resumes the one before, until exactly these targets have findings. The
/// output and summary of the last one.
fn campaigns_until_broken(folder: &Path, targets: &[&str]) -> (CommandOutput, Summary) {
    let mut campaigns = longer_and_longer(7).map(|time| {
        let output =
            interloper_in(folder, &["campaign", "targets", "--time", &time, "--jobs", "3"]);
        (output, summary(folder))
    });
    let wanted = BTreeSet::from_iter(targets.iter().copied());
    let done = campaigns.find(|(output, summary)| {
        let with_findings = summary.rows.iter().filter(|row| !row.findings.is_empty());
        let broken: BTreeSet<_> = with_findings.map(|row| &*row.target).collect();
        assert!(broken.is_subset(&wanted), "{broken:?} have findings: {output:?}");
        broken == wanted
    });
    done.expect("the longest campaign finds the bugs")
}

const GOALS: &str = r#"
[[goal]]
name = "twice"
sometimes = { contract = "vault.near", method = "withdraw", during = "withdraw" }

[[goal]]
name = "what vault holds"
maximise = { balance = "vault.near" }
"#;

#[test]
fn a_campaign_finds_the_bugs_and_the_next_one_resumes_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let targets = folder.path().join("targets");
    copy_target("vault", &targets.join("vault"));
    copy_target("staking", &targets.join("staking"));
    let file = targets.join("vault/target.toml");
    std::fs::write(&file, read_text(file.clone()) + GOALS).expect("written");
    std::fs::create_dir_all(targets.join("torn")).expect("a folder");
    std::fs::write(targets.join("torn/target.toml"), "name = \"torn\"\n").expect("written");

    let (output, first) = campaigns_until_broken(folder.path(), &["staking", "vault"]);
    let said = output.stderr;
    assert_eq!(output.code, 1, "{said}");
    let torn = first.rows.iter().find(|row| row.target == "torn").expect("it is told");
    assert!(torn.error.as_ref().is_some_and(|error| error.contains("account")), "{torn:?}");
    assert!(said.contains("torn: ended badly"), "{said}");
    assert!(!said.contains("\\u{a}"), "an error takes one line: {said}");
    let vault = first.rows.iter().find(|row| row.target == "vault").expect("it is told");
    let windows = vault.tally.windows;
    assert!(windows.entered > 0 && windows.entered <= windows.seen, "{windows:?}");

    let out = folder.path().join("campaign");
    let kept = finding::read_all(&out.join("findings")).expect("all are whole");
    assert_eq!(kept.len(), first.fingerprints().len());
    for (file, part) in [
        ("summary.txt", "  windows  findings"),
        ("summary.txt", "\n    goal `twice`: reached in "),
        ("summary.html", "findings.html#f"),
        ("summary.html", "<li>goal <code>what vault holds</code>: "),
        ("goals/vault-what-vault-holds.json", "\"operations\""),
        ("findings.html", "class=\"receipt"),
        ("findings.sarif", "\"version\": \"2.1.0\""),
        ("junit.xml", "<testsuite name=\"torn\""),
    ] {
        assert!(read_text(out.join(file)).contains(part), "{file} lacks {part}");
    }
    let corpus = std::fs::read_dir(out.join("corpus/vault")).expect("cases were kept").count();
    assert!(corpus > 3, "{corpus}");
    let left: Vec<_> =
        std::fs::read_dir(&out).expect("there").flatten().map(|e| e.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".s")), "{left:?}");

    let mut campaigns = longer_and_longer(3).map(|time| {
        interloper_in(folder.path(), &["campaign", "targets", "--time", &time, "--jobs", "2"])
    });
    let output =
        campaigns.find(|output| output.code == 1).expect("the longest campaign runs cases");
    let second = summary(folder.path());
    assert_eq!(second.news(Some(&first)), 0, "a known finding is reported as new");
    assert!(second.next_seed > first.next_seed);
    assert!(output.stdout.contains("0 new since the last campaign"), "{output:?}");
}

#[test]
fn without_targets_there_is_nothing_to_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = interloper_in(folder.path(), &["campaign", ".", "--time", "1s"]);
    output.assert_refuses(&["has no targets"]);
}

#[test]
fn a_missing_folder_is_not_an_empty_one() {
    let folder = tempfile::tempdir().expect("a folder");
    copy_target("vault", &folder.path().join("targets/vault"));
    for arguments in [
        &["campaign", "misspelt"][..],
        &["corpus", "check", "misspelt", "--target", "vault"],
        &["corpus", "minimise", "misspelt", "--target", "vault"],
        &["corpus", "merge", "targets", "misspelt", "--target", "vault"],
    ] {
        interloper_in(folder.path(), arguments).assert_refuses(&["misspelt", "give "]);
    }
}

#[test]
fn cases_that_still_fit_survive_a_change_of_their_target() {
    let folder = tempfile::tempdir().expect("a folder");
    copy_target("vault", &folder.path().join("targets/vault"));
    let run = |arguments: &[&str]| {
        let output = interloper_in(folder.path(), arguments);
        (output.code, output.stdout + &output.stderr)
    };
    let fuzz = ["fuzz", "vault", "--build", "fixed", "--runs", "150", "--corpus", "cases"];
    assert_eq!(run(&fuzz).0, 0);
    let count = || std::fs::read_dir(folder.path().join("cases")).expect("there").count();
    let all = count();
    assert!(all > 3, "{all}");
    let (code, said) = run(&["corpus", "check", "cases", "--target", "vault"]);
    assert_eq!((code, said.contains(&format!("{all} of {all} cases fit"))), (0, true), "{said}");

    // Merging a corpus into itself adds nothing, and minimising it twice removes nothing the second time.
    let (_, said) =
        run(&["corpus", "merge", "cases", "cases", "--target", "vault", "--build", "fixed"]);
    assert!(said.contains("0 added"), "{said}");
    let (code, said) =
        run(&["corpus", "minimise", "cases", "--target", "vault", "--build", "fixed"]);
    assert_eq!(code, 0, "{said}");
    let (_, again) = run(&["corpus", "minimise", "cases", "--target", "vault", "--build", "fixed"]);
    assert!(again.contains(": 0 removed"), "{again}");

    // A case prints the same whether it is JSON or bytes.
    let case = std::fs::read_dir(folder.path().join("cases")).expect("there").flatten().next();
    let case = case.expect("one is left").path();
    let case = case.to_str().expect("text");
    assert_eq!(run(&["corpus", "show", case, "--bytes", "bytes"]).0, 0);
    assert_eq!(run(&["corpus", "show", case]).1, run(&["corpus", "show", "bytes"]).1);

    // The target no longer lists `withdraw`, so cases that call it do not fit.
    let file = folder.path().join("targets/vault/target.toml");
    let changed = read_text(file.clone()).replace("name = \"withdraw\"", "name = \"balance_of\"");
    std::fs::write(&file, changed).expect("written");
    let (code, said) = run(&["corpus", "check", "cases", "--target", "vault"]);
    assert_eq!(code, 0);
    assert!(said.contains("withdraw") && !said.contains(&format!(" {} of", count())), "{said}");
}

/// The script of a step of the workflow that contract repositories copy.
fn step(name: &str) -> String {
    let workflow = read_text(packaging("github-nightly.yml"));
    let (_, step) =
        workflow.split_once(&format!("- name: {name}\n")).expect("there is such a step");
    let (_, script) = step.split_once("run: |\n").expect("it has a script");
    let indent = script.len() - script.trim_start().len();
    let own = |line: &&str| line.len() - line.trim_start().len() >= indent;
    script.lines().take_while(own).map(|line| format!("{}\n", &line[indent..])).collect()
}

fn packaging(file: &str) -> PathBuf {
    root().join("packaging").join(file)
}

/// Whether the step passes, and the outputs that it sets for later steps.
fn nightly_step(folder: &Path, time: &str) -> (bool, String) {
    let script = step("Campaign").replace("--time 4h --jobs 4", &format!("--time {time} --jobs 2"));
    assert!(script.contains(time), "{script}");
    // The way GitHub runs a script.
    let mut command = Command::new("bash");
    command
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script])
        .env("PATH", path_with_interloper());
    command.env("GITHUB_OUTPUT", "output").env("GITHUB_STEP_SUMMARY", "page.md");
    let output = command.current_dir(folder).output().expect("it runs");
    (output.status.success(), read_text(folder.join("output")))
}

#[test]
fn the_workflow_passes_with_findings_and_fails_if_no_target_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(nightly_step(folder.path(), "3s"), (false, "code=2\n".to_owned()));
    copy_target("vault", &folder.path().join("fuzz-targets/vault"));
    let mut campaigns = longer_and_longer(3).map(|time| {
        // The step appends to the page, as it does on the runner.
        std::fs::write(folder.path().join("page.md"), "").expect("the folder can be written to");
        nightly_step(folder.path(), &time)
    });
    let found = campaigns.find(|(_, said)| said.ends_with("code=1\n"));
    let (passed, said) = found.expect("the longest campaign finds the bug");
    assert!(passed, "{said}");
    let page = read_text(folder.path().join("page.md"));
    assert!(page.starts_with("```\n1 finding;") && page.ends_with("```\n"), "{page}");
    for kept in ["findings.sarif", "findings.html", "junit.xml", "summary.html"] {
        assert!(
            folder.path().join("nightly").join(kept).is_file(),
            "{kept} is missing from the upload"
        );
    }
}

#[test]
fn the_image_has_the_toolchain_that_the_workspace_needs() {
    let manifest = read_text(root().join("Cargo.toml"));
    let (_, version) = manifest.split_once("rust-version = \"").expect("it says");
    let (version, _) = version.split_once('"').expect("it ends");
    let image = read_text(packaging("clusterfuzzlite/Dockerfile"));
    assert!(image.contains(&format!("RUSTUP_TOOLCHAIN={version}.")), "{version}");
}
