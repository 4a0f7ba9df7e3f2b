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
