//! Invariants that a target declares are checked, and what it allows is not reported.

use interloper::finding::Checker;
use interloper::invariant::{Violation, built_in};
use interloper::scenario::Scenario;

use crate::support::{SimulatedTarget, read_text, target_folder};

/// Checks a withdrawal from the vault, with `more` at the end of its `target.toml`.
fn withdraw(more: &str) -> Option<Violation> {
    let text = read_text(target_folder("vault").join("target.toml")) + more;
    let vault = SimulatedTarget::describe(&text, "vault", Some("fixed"));
    let case = r#"{ "operations": [{ "signer": "alice.near", "receiver": "vault.near",
        "method": "withdraw", "arguments": { "amount": null } }] }"#;
    let scenario = Scenario::from_json(case, "this test").expect("the case is right");
    let invariants = built_in();
    let examiner = Checker { simulation: vault.simulation(), invariants: &invariants };
    examiner.examine(&scenario).expect("it runs").violation
}

fn summary(more: &str) -> String {
    withdraw(more).map_or_else(|| "holds".to_owned(), |violation| violation.summary)
}

const SUM: &str = r#"
[[invariant]]
name = "sum"
quantity = { view = "balance_of", contract = "vault.near", sum-over = "account_id" }
"#;

#[test]
fn a_sum_of_views_is_compared_exactly() {
    let total = "{ view = \"total\", contract = \"vault.near\" }";
    assert_eq!(summary(&format!("{SUM}equals = {total}")), "holds");
    assert_eq!(
        summary(&format!("{SUM}at-least = \"13000000000000000000000001\"")),
        "`sum` does not hold: the sum of vault.near.balance_of over all accounts is 13000000000000000000000000 and should be at least this number, 13000000000000000000000001"
    );
}

#[test]
fn a_quantity_is_compared_with_its_earlier_value() {
    assert_eq!(summary(&format!("{SUM}never = \"rises\"")), "holds");
    assert!(summary(&format!("{SUM}never = \"falls\"")).contains("never less than at the start"));
}

#[test]
fn an_invariant_that_always_holds_is_checked_after_every_receipt() {
    // The vault has 33 NEAR and pays out 10.
    let paid = |when: &str| {
        format!(
            "\n[[invariant]]\nname = \"paid\"\nquantity = {{ balance = \"vault.near\" }}\nat-most = \"30 NEAR\"\nwhen = \"{when}\""
        )
    };
    assert_eq!(summary(&paid("at-rest")), "holds");
    let violation =
        withdraw(&paid("always")).expect("the balance is over 30 NEAR before the payment");
    assert!(violation.summary.starts_with("`paid` does not hold: "), "{violation:?}");
    assert_eq!(violation.details, ["after receipt 0"]);
}

#[test]
fn a_view_without_a_number_is_a_violation() {
    let text = summary(
        "\n[[invariant]]\nname = \"typo\"\nquantity = { view = \"totals\", contract = \"vault.near\" }\nat-least = \"0\"",
    );
    assert!(text.starts_with("`typo` does not hold: vault.near.totals({}) failed: "), "{text}");
}

#[test]
fn views_with_the_prefix_must_not_fail() {
    // `balance_of` fails if it is called without arguments.
    let text = summary("\n[invariants]\nprefix = \"balance_\"");
    assert!(text.starts_with("`balance_of` does not hold: vault.near.balance_of fails"), "{text}");
    assert_eq!(summary("\n[invariants]\nprefix = \"total\""), "holds");
}

#[test]
fn an_allowed_violation_is_not_reported() {
    let allow = |method| {
        format!(
            "{SUM}never = \"falls\"\n[[allow]]\ninvariant = \"declared\"\nmethod = \"{method}\"\nreason = \"a withdrawal makes the balance fall\""
        )
    };
    assert_eq!(summary(&allow("sum")), "holds");
    assert_ne!(summary(&allow("other")), "holds");
}
