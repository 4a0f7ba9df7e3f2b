//! `interloper score` on targets whose bugs a short campaign finds.

use crate::support::{CommandOutput, as_text, interloper};

#[test]
fn the_expected_bug_is_found_and_a_correct_build_stays_silent() {
    let CommandOutput { code, stdout, .. } = interloper(&["score", "vault", "--runs", "300"]);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("1 of 1 bugs found, 0 false alarms on 1 right builds"), "{stdout}");
}

#[test]
fn without_the_invariant_that_explains_it_the_bug_is_missed() {
    let arguments = ["score", "vault", "--runs", "60", "--without", "profit", "--only", "broken"];
    let CommandOutput { code, stdout, .. } = interloper(&[&arguments[..], &["--json"]].concat());
    assert_eq!(code, 1, "{stdout}");
    let json: serde_json::Value = serde_json::from_str(&stdout).expect("`--json` prints JSON");
    assert_eq!(json["rows"][0]["verdict"], "missed");
}

#[test]
fn an_unknown_invariant_is_an_error() {
    let CommandOutput { code, stderr, .. } =
        interloper(&["score", "vault", "--without", "profits"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("`--without profits` names no invariant"), "{stderr}");
}

#[test]
fn bugs_of_many_kinds_are_found_by_the_invariant_that_explains_them() {
    let targets = ["approval", "bridge", "exchange", "guestbook", "market", "rewards", "split"];
    let arguments = ["--only", "broken", "--runs", "500"];
    let CommandOutput { code, stdout, .. } =
        interloper(&[&["score"], &targets[..], &arguments[..]].concat());
    assert_eq!(code, 0, "{stdout}");
    for invariant in ["yield", "rollback", "callback", "storage", "refund", "aliasing"] {
        assert!(stdout.contains(invariant), "{invariant}: {stdout}");
    }
}

#[test]
fn suspicious_but_correct_targets_stay_silent() {
    let arguments = ["score", "feed", "journal", "queue", "--runs", "150"];
    let CommandOutput { code, stdout, .. } = interloper(&arguments);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("0 false alarms on 3 right builds"), "{stdout}");
}

#[test]
fn bugs_are_found_in_targets_that_init_drafts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let arguments = ["score", "exchange", "harvest", "vesting", "--runs", "150", "--init"];
    let CommandOutput { code, stdout, stderr } =
        interloper(&[&arguments[..], &[as_text(folder.path())]].concat());
    assert_eq!(code, 0, "{stdout}{stderr}");
    let last = "3 of 3 bugs found in targets that `init` made, 3 of them with a silent fixed build";
    assert!(stdout.contains(last), "{stdout}");
}

#[test]
fn an_invariant_that_alone_finds_a_bug_is_listed() {
    let arguments = ["score", "names", "--only", "broken", "--runs", "300", "--each-without"];
    let CommandOutput { code, stdout, .. } = interloper(&arguments);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("nothing breaks in names"), "{stdout}");
}
