//! Regression tests check the invariants that a target declares, as campaigns do.

use interloper::campaign::LoadedTarget;
use interloper::finding::Finding;
use interloper::scenario::Scenario;
use interloper::{Error, Fuzzer};

use crate::support::{copy_target, read_text};

/// Every withdrawal breaks this invariant, in every build.
const NEVER_FALLS: &str = r#"
[[invariant]]
name = "sum of balances"
severity = "low"
quantity = { view = "balance_of", contract = "vault.near", sum-over = "account_id" }
never = "falls"
"#;

const WITHDRAWAL: &str = r#"{ "operations": [{ "signer": "alice.near", "receiver": "vault.near",
    "method": "withdraw", "arguments": { "amount": null } }] }"#;

/// The vault, with `more` at the end of its `target.toml`, as a regression test loads it.
fn vault(more: &str) -> Result<LoadedTarget, Error> {
    let there = tempfile::tempdir().expect("a folder");
    copy_target("vault", there.path());
    let file = there.path().join("target.toml");
    std::fs::write(&file, read_text(&file) + more).expect("written");
    Fuzzer::load(there.path())?.build("fixed").into_loaded()
}

/// A finding of a declared invariant.
pub(crate) fn finding() -> Finding {
    let regression = vault(NEVER_FALLS).expect("it loads");
    let case = Scenario::from_json(WITHDRAWAL, "this test").expect("it is a case");
    regression.replay(&case).expect("it runs").expect("it breaks")
}

#[test]
fn a_regression_test_checks_declared_invariants() {
    let found = finding();
    assert_eq!(found.violation.invariant, "declared");
    assert_eq!(found.violation.severity, interloper::invariant::Severity::Low);
    assert!(found.violation.summary.starts_with("`sum of balances` does not hold"));
    let without = vault("").expect("it loads");
    assert_eq!(without.replay(&found.scenario).expect("it runs"), None);
}

#[test]
fn a_regression_test_refuses_an_unknown_invariant() {
    let error =
        vault("\n[invariants]\noff = [\"profits\"]").expect_err("`profits` is not an invariant");
    assert!(error.to_string().contains("profit"), "{error}");
}
