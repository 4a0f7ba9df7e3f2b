//! Cases that look like bugs but are correct.

use interloper::scenario::Scenario;

use super::hunt::load;

/// `ft_transfer_call` of `amount` tokens, of which the receiver returns `unused`.
fn call(signer: &str, receiver: &str, amount: &str, unused: &str) -> String {
    format!(
        r#"{{"signer":"{signer}","receiver":"token.near","method":"ft_transfer_call","arguments":{{"receiver_id":"{receiver}","amount":"{amount}","msg":"{unused}"}},"deposit":"1 yocto","gas":"300 Tgas"}}"#
    )
}

fn case(operations: &[String], schedule: &str) -> Scenario {
    let case = format!(
        r#"{{"operations":[{}],"schedule":[{schedule}],"faults":[],"rest":"fifo","network":"congested"}}"#,
        operations.join(",")
    );
    Scenario::from_json(&case, "this test").expect("a case")
}

#[test]
fn spending_tokens_before_their_transfer_fails_is_not_a_profit() {
    let loaded = load("token", "fixed");
    // Bob sends Alice 200 tokens with a call that fails, so they go back to him. Before that she spends them
    // together with all of her own. No serial order lets her send 1200 tokens, whether the receiver keeps 1193
    // of them, 200 or none.
    for unused in ["7", "1000", "all"] {
        let operations = [
            call("alice.near", "receiver.near", "1200", unused),
            call("bob.near", "alice.near", "200", "0"),
        ];
        let case = case(&operations, r#""start 0","start 1","1","0.0""#);
        let finding = loaded.replay(&case).expect("it fits");
        assert!(finding.is_none(), "{unused}: {finding:#?}");
    }
}

#[test]
fn the_yoctonear_that_proves_full_access_is_not_a_lost_deposit() {
    // While Alice has Bob's tokens she can afford both of her transfers. Every serial order refuses them and
    // refunds the yoctoNEAR that each attaches.
    let operations = [
        call("alice.near", "receiver.near", "1200", "1000"),
        call("alice.near", "receiver.near", "1200", "1000"),
        call("bob.near", "alice.near", "400", "0"),
    ];
    let steps = r#""start 0","start 1","start 2","2","0.0","0.0.1""#;
    let finding = load("token", "fixed").replay(&case(&operations, steps)).expect("it fits");
    assert!(finding.is_none(), "{finding:#?}");
}

/// A call of the keeper's of the target `grants`.
fn keeper(method: &str, id: u32) -> String {
    format!(
        r#"{{"signer":"keeper.near","receiver":"grants.near","method":"{method}","arguments":{{"id":{id}}},"deposit":"0","gas":"300 Tgas"}}"#
    )
}

/// The operations one after the other, with a bank that fails while the first one runs.
fn with_failing_bank(operations: &[String]) -> Scenario {
    let steps: Vec<String> =
        (0..operations.len()).map(|index| format!(r#""start {index}""#)).collect();
    let steps = steps.join(r#","0","0.0","0.1","#);
    let case = format!(
        r#"{{"operations":[{}],"schedule":[{steps}],"faults":[{{"receipt":"0.0","kind":"panic"}}],"rest":"fifo","network":"congested"}}"#,
        operations.join(",")
    );
    Scenario::from_json(&case, "this test").expect("a case")
}

#[test]
fn a_failure_that_is_only_written_down_is_an_observation() {
    // The grant is marked as failed, a counter rises, and the amount can be granted again.
    let loaded = load("grants", "fixed");
    let checked = loaded.pristine_checker().examine(&with_failing_bank(&[keeper("pay", 0)]));
    let checked = checked.expect("it runs");
    assert!(checked.violation.is_none(), "{:#?}", checked.violation);
    let noticed: Vec<_> =
        checked.observations.iter().map(|observation| &*observation.invariant).collect();
    assert_eq!(noticed, ["rollback"]);
}

#[test]
fn a_reservation_that_no_call_releases_is_a_loss_of_its_amount() {
    let finding = load("grants", "broken").replay(&with_failing_bank(&[keeper("pay", 0)]));
    let violation = finding.expect("it fits").expect("a finding").violation;
    assert_eq!(violation.invariant, "rollback");
    assert!(violation.summary.contains("5 NEAR of grants.near stays locked"), "{violation:#?}");
}

#[test]
fn what_is_used_up_once_does_not_stop_others() {
    // A grant that was paid cannot be withdrawn, whether or not the bank took it.
    let case = with_failing_bank(&[keeper("pay", 0), keeper("withdraw", 0)]);
    let finding = load("grants", "fixed").replay(&case).expect("it fits");
    assert!(finding.is_none(), "{finding:#?}");
}

#[test]
fn a_lost_claim_is_told_as_an_amount_and_an_account() {
    let case = r#"{"operations":[{"signer":"bob.near","receiver":"airdrop.near","method":"claim","arguments":{},"deposit":"0","gas":"300 Tgas"}],"schedule":[],"faults":[{"receipt":"0.0","kind":"panic"}],"rest":"fifo","network":"congested"}"#;
    let case = Scenario::from_json(case, "this test").expect("a case");
    let finding = load("airdrop", "broken").replay(&case).expect("it fits").expect("a finding");
    let summary = finding.violation.summary;
    assert!(summary.ends_with("bob.near loses 100 of token.near"), "{summary}");
}
