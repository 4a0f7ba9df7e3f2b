//! Cases that look like bugs and are none.

use interloper::scenario::Scenario;

use super::hunt::load;

/// Bob sends alice 200 with a call, which fails: they go back. In between she passes them on, with all
/// that she has.
fn passed_on(unused: &str) -> Scenario {
    let call = |signer: &str, receiver: &str, amount: &str, message: &str| {
        format!(
            r#"{{"signer":"{signer}","receiver":"token.near","method":"ft_transfer_call","arguments":{{"receiver_id":"{receiver}","amount":"{amount}","msg":"{message}"}},"deposit":"1 yocto","gas":"300 Tgas"}}"#
        )
    };
    let operations = [
        call("alice.near", "receiver.near", "1200", unused),
        call("bob.near", "alice.near", "200", "0"),
    ];
    let case = format!(
        r#"{{"operations":[{}],"schedule":["start 0","start 1","1","0.0"],"faults":[],"rest":"fifo","network":"calm"}}"#,
        operations.join(",")
    );
    Scenario::from_json(&case, "this test").expect("a case")
}

#[test]
fn tokens_that_are_passed_on_before_they_are_kept_are_no_profit() {
    let regression = load("token", "fixed");
    // No serial order lets alice send 1200, whatever the receiver uses of it: 1193, 200 or nothing.
    for unused in ["7", "1000", "all"] {
        let finding = regression.replay(&passed_on(unused)).expect("it fits");
        assert!(finding.is_none(), "{unused}: {finding:#?}");
    }
}
