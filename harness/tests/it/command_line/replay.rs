//! `replay` of cases whose steps or faults do not apply.

use crate::support::{as_text, interloper};

fn replay(case: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("case.json");
    std::fs::write(&file, case).expect("written");
    let ran = interloper(&["replay", as_text(&file), "--target", "vault", "--build", "fixed"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.stderr
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
