//! `interloper benchmark` on targets whose bugs a short campaign finds.

use crate::support::{CommandOutput, as_text, interloper};

#[test]
fn the_expected_bug_is_found_and_a_correct_build_stays_silent() {
    let CommandOutput { code, stdout, .. } = interloper(&["benchmark", "vault", "--runs", "300"]);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("1 of 1 bugs found, 0 false alarms on 1 right builds"), "{stdout}");
}

#[test]
fn without_the_invariant_that_explains_it_the_bug_is_missed() {
    let arguments =
        ["benchmark", "vault", "--runs", "60", "--without", "profit", "--only", "broken"];
    let CommandOutput { code, stdout, .. } = interloper(&[&arguments[..], &["--json"]].concat());
    assert_eq!(code, 1, "{stdout}");
    let json: serde_json::Value = serde_json::from_str(&stdout).expect("`--json` prints JSON");
    assert_eq!(json["rows"][0]["verdict"], "missed");
}

#[test]
fn an_unknown_invariant_is_an_error() {
    let CommandOutput { code, stderr, .. } =
        interloper(&["benchmark", "vault", "--without", "profits"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("`--without profits`: there is no such invariant"), "{stderr}");
}

#[test]
fn bugs_of_many_kinds_are_found_by_the_invariant_that_explains_them() {
    let targets = ["approval", "bridge", "exchange", "guestbook", "market", "rewards", "split"];
    let arguments = ["--only", "broken", "--runs", "500"];
    let CommandOutput { code, stdout, .. } =
        interloper(&[&["benchmark"], &targets[..], &arguments[..]].concat());
    assert_eq!(code, 0, "{stdout}");
    for invariant in ["yield", "rollback", "callback", "storage", "refund", "aliasing"] {
        assert!(stdout.contains(invariant), "{invariant}: {stdout}");
    }
}

#[test]
fn suspicious_but_correct_targets_stay_silent() {
    let arguments = ["benchmark", "feed", "journal", "queue", "--runs", "150"];
    let CommandOutput { code, stdout, .. } = interloper(&arguments);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("0 false alarms on 3 right builds"), "{stdout}");
}

#[test]
fn bugs_are_found_in_targets_that_init_drafts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let arguments = ["benchmark", "exchange", "harvest", "vesting", "--runs", "150", "--init"];
    let CommandOutput { code, stdout, stderr } =
        interloper(&[&arguments[..], &[as_text(folder.path())]].concat());
    assert_eq!(code, 0, "{stdout}{stderr}");
    let last = "3 of 3 bugs found in targets that `init` made, 3 of them with a silent fixed build";
    assert!(stdout.contains(last), "{stdout}");
}

#[test]
fn an_invariant_that_alone_finds_a_bug_is_listed() {
    let arguments = ["benchmark", "names", "--only", "broken", "--runs", "300", "--each-without"];
    let CommandOutput { code, stdout, .. } = interloper(&arguments);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("nothing breaks in names"), "{stdout}");
}

#[test]
fn the_names_of_version_0_1_still_work_and_are_not_listed() {
    let old = interloper(&["score", "vault", "--runs", "60", "--blind", "edges,comparisons"]);
    let new = interloper(
        &[
            &["benchmark", "vault", "--runs", "60", "--disable-feedback", "edges,comparisons"][..],
            &["--json"],
        ]
        .concat(),
    );
    assert_eq!((old.code, new.code), (0, 0), "{}{}", old.stderr, new.stderr);
    for (old, new) in [("score", "benchmark"), ("orders", "sample-schedules")] {
        let [old, new] = [old, new].map(|name| interloper(&[name, "--help"]));
        assert_eq!(old.code, 0, "{}", old.stderr);
        assert_eq!(old.stdout, new.stdout);
    }
    let help = interloper(&["--help"]).stdout;
    assert!(help.contains("  benchmark ") && help.contains("  sample-schedules "), "{help}");
    assert!(
        !help.contains("  score ") && !help.contains("  orders ") && !help.contains("worker"),
        "{help}"
    );
}

#[test]
fn a_worker_without_an_assignment_says_who_starts_it() {
    let CommandOutput { code, stdout, stderr } = interloper(&["worker"]);
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    assert!(stderr.contains("no assignment on stdin"), "{stderr}");
    assert!(
        stderr.contains("help: `interloper fuzz --jobs` and `interloper campaign`"),
        "{stderr}"
    );
}
