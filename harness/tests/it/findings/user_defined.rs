//! What a target declares is held in regressions as in campaigns.
//!
//! Never searches: the case is given.

use interloper::chain::NEWEST_VERSION;
use interloper::finding::Finding;
use interloper::finding::regression::{LoadError, Regression};
use interloper::scenario::Scenario;

use crate::support::{copy_target, read_text};

/// Whoever withdraws owns less: it breaks in every build.
const NEVER_FALLS: &str = r#"
[[invariant]]
name = "sum of balances"
severity = "low"
quantity = { view = "balance_of", contract = "vault.near", sum-over = "account_id" }
never = "falls"
"#;

const WITHDRAWAL: &str = r#"{ "operations": [{ "signer": "alice.near", "receiver": "vault.near",
    "method": "withdraw", "arguments": { "amount": null } }] }"#;

/// The vault with `more` at the end of its file, as a regression.
fn vault(more: &str) -> Result<Regression, LoadError> {
    let there = tempfile::tempdir().expect("a folder");
    copy_target("vault", there.path());
    let file = there.path().join("target.toml");
    std::fs::write(&file, read_text(&file) + more).expect("written");
    Regression::load(there.path(), Some("fixed"), NEWEST_VERSION)
}

/// A finding of a declared invariant.
pub(crate) fn finding() -> Finding {
    let regression = vault(NEVER_FALLS).expect("it loads");
    let case = Scenario::from_json(WITHDRAWAL, "this test").expect("it is a case");
    regression.replay(&case).expect("it runs").expect("it breaks")
}

#[test]
fn a_regression_holds_what_the_target_declares() {
    let found = finding();
    assert_eq!(found.violation.invariant, "declared");
    assert_eq!(found.violation.severity, interloper::invariant::Severity::Low);
    assert!(found.violation.summary.starts_with("`sum of balances` does not hold"));
    let without = vault("").expect("it loads");
    assert_eq!(without.replay(&found.scenario).expect("it runs"), None);
}

#[test]
fn a_regression_refuses_invariants_that_there_are_not() {
    let error = vault("\n[invariants]\noff = [\"profits\"]").expect_err("there is no such thing");
    assert!(error.to_string().contains("profit"), "{error}");
}
