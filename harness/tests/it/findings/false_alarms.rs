//! Cases that look like bugs and are none.

use interloper::scenario::Scenario;

use super::hunt::load;

/// Somebody sends tokens with a call, of which the receiver does not use so many.
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
fn tokens_that_are_passed_on_before_they_are_kept_are_no_profit() {
    let regression = load("token", "fixed");
    // Bob sends alice 200 with a call, which fails: they go back. In between she passes them on, with all
    // that she has. No serial order lets alice send 1200, whatever the receiver uses of it: 1193, 200 or nothing.
    for unused in ["7", "1000", "all"] {
        let operations = [
            call("alice.near", "receiver.near", "1200", unused),
            call("bob.near", "alice.near", "200", "0"),
        ];
        let case = case(&operations, r#""start 0","start 1","1","0.0""#);
        let finding = regression.replay(&case).expect("it fits");
        assert!(finding.is_none(), "{unused}: {finding:#?}");
    }
}

#[test]
fn yoctonear_that_prove_a_key_are_no_money_left_behind() {
    // Both of alice's transfers are possible while she has what bob sent. Every serial order refuses
    // them, and with them comes back what they attached.
    let operations = [
        call("alice.near", "receiver.near", "1200", "1000"),
        call("alice.near", "receiver.near", "1200", "1000"),
        call("bob.near", "alice.near", "400", "0"),
    ];
    let steps = r#""start 0","start 1","start 2","2","0.0","0.0.1""#;
    let finding = load("token", "fixed").replay(&case(&operations, steps)).expect("it fits");
    assert!(finding.is_none(), "{finding:#?}");
}
