//! Cases whose steps or faults do not apply, and what `replay` shows of a case that breaks nothing.

use interloper::Fuzzer;

use crate::support::{CommandOutput, as_text, interloper};

fn run(case: &str) -> CommandOutput {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("case.json");
    std::fs::write(&file, case).expect("written");
    let ran = interloper(&["replay", as_text(&file), "--target", "vault", "--build", "fixed"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}

fn replay(case: &str) -> String {
    run(case).stderr
}

/// A withdrawal with these steps and faults.
fn withdrawal(schedule: &str, faults: &str) -> String {
    let operation = r#"{ "signer": "alice.near", "receiver": "vault.near", "method": "withdraw" }"#;
    format!(r#"{{ "operations": [{operation}], "schedule": [{schedule}], "faults": [{faults}] }}"#)
}

#[test]
fn steps_and_faults_of_receipts_that_never_come_are_reported() {
    let faults = r#"{ "receipt": "0.7.7", "kind": "panic" }"#;
    let stderr = replay(&withdrawal(r#""start 0", "0", "0.7", "0""#, faults));
    for unused in [
        r#"warning: the step "0.7" did not apply: no receipt with this name was sent"#,
        r#"warning: the step "0" did not apply: it is listed more than once"#,
        "warning: the fault `panic` of receipt 0.7.7 did not apply: no receipt with this name was sent",
    ] {
        assert!(stderr.contains(unused), "{stderr}");
    }
}

#[test]
fn a_case_whose_parts_all_apply_is_not_warned_about() {
    let stderr = replay(&withdrawal(r#""start 0", "0""#, ""));
    assert!(!stderr.contains("did not apply"), "{stderr}");
}

#[test]
fn a_case_that_breaks_nothing_is_shown_all_the_same() {
    let shown = run(&withdrawal(r#""start 0", "0""#, "")).stdout;
    for part in [
        "What happened\n",
        "alice.near → vault.near withdraw({})",
        "vault.near → vault.near on_withdrawn",
        "\nBalances\n",
        "\nnothing broke; digest ",
    ] {
        assert!(shown.contains(part), "{part} is not in: {shown}");
    }
}

#[test]
fn a_corpus_is_checked_for_steps_and_faults_that_do_not_apply() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let check = || {
        let corpus = as_text(folder.path());
        let ran = interloper(&["corpus", "check", corpus, "--target", "vault", "--build", "fixed"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.stdout
    };
    let good = withdrawal(r#""start 0", "0""#, "");
    std::fs::write(folder.path().join("good.case.json"), good).expect("written");
    assert!(!check().contains("do not apply"), "{}", check());
    let bad = withdrawal(r#""start 0", "0.7""#, r#"{ "receipt": "0.7.7", "kind": "panic" }"#);
    std::fs::write(folder.path().join("bad.case.json"), bad).expect("written");
    let said = check();
    assert!(said.contains("2 of 2 cases fit"), "{said}");
    assert!(said.contains("2 steps and faults in 1 cases do not apply:"), "{said}");
    assert!(said.contains(r#"bad.case.json: the step "0.7" did not apply"#), "{said}");
}

#[test]
fn a_regression_test_fails_if_a_part_of_its_case_does_not_apply() {
    let holds = |case: String| {
        std::panic::catch_unwind(move || {
            let fuzzer = Fuzzer::load("targets/vault").expect("the target is there");
            fuzzer.build("fixed").assert_holds(&case);
        })
    };
    holds(withdrawal(r#""start 0", "0""#, "")).expect("every part applies");
    let failed = holds(withdrawal(r#""start 0", "0.7""#, ""));
    let message = failed.expect_err("the step names a receipt that is never sent");
    let message = message.downcast_ref::<String>().expect("a panic with a text");
    assert!(message.contains(r#"the step "0.7" did not apply"#), "{message}");
}
