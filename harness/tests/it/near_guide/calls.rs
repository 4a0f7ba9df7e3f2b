//! Claims 1 to 5, 7 and 8: when a call and its callback run, and what state they share.

use serde_json::json;

use super::guide_chain::{ANYONE, EXTERNAL, GUIDE, GuideChain, OTHER, USER, results};

#[test]
fn claim_1_a_call_runs_a_block_or_more_after_its_function_ended_correctly() {
    let mut chain = GuideChain::new();
    chain.send(USER, GUIDE, "call", json!({ "method": "hello" }));
    chain.until_next_runs_at(GUIDE);
    let before = chain.ran_at(EXTERNAL).len();
    chain.until_next_runs_at(EXTERNAL);
    assert_eq!(chain.ran_at(EXTERNAL).len(), before, "the call ran before the function ended");
    chain.finish();
    let called = chain.outcome("3").block;
    assert_eq!(chain.outcome("3.0").block, called + 1);
}

#[test]
fn claim_1_a_failed_function_sends_nothing() {
    let mut chain = GuideChain::new();
    let call = chain.run(USER, GUIDE, "call_then_panic", json!({}));
    assert!(chain.result(call).unwrap_err().contains("I fail after the call was made"));
    assert_eq!(chain.notes_of(EXTERNAL), []);
    let children = chain.outcome("3").receipts.len();
    assert_eq!(children, 1, "the function sent more than the gas refund");
}

#[test]
fn claim_2_anyone_can_call_the_contract_between_call_and_callback() {
    let mut chain = GuideChain::new();
    chain.send(USER, GUIDE, "call", json!({ "method": "hello" }));
    chain.until_next_runs_at(EXTERNAL);
    // While the call is pending, another account calls the contract.
    let before = chain.outcomes.len();
    chain.send(ANYONE, GUIDE, "set_value", json!({ "value": 5 }));
    chain.finish_newest_first();
    let order: Vec<_> = chain.outcomes[before..].iter().map(|o| o.name.to_string()).collect();
    let at = |name: &str| order.iter().rposition(|other| other == name).expect("it ran");
    assert!(at("4") < at("3.1"), "{order:?}");
    assert_eq!(
        chain.notes()[0].value,
        Some(5),
        "the callback does not see what the other call wrote"
    );
}

#[test]
fn claim_3_call_and_callback_share_only_state_and_arguments() {
    let mut chain = GuideChain::new();
    let arguments = json!({ "label": "passed on", "value": 8, "memory": 9 });
    chain.run(USER, GUIDE, "remember", arguments);
    let note = &chain.notes()[0];
    assert_eq!(note.text, "passed on", "the callback did not get its argument");
    assert_eq!(note.value, Some(8), "the callback did not see the state");
    assert_eq!(note.memory, Some(0), "memory reached the callback");
}

#[test]
fn claim_4_the_callback_always_runs_and_learns_whether_the_call_worked() {
    let mut chain = GuideChain::new();
    chain.run(USER, GUIDE, "call", json!({ "method": "hello" }));
    chain.run(USER, GUIDE, "call", json!({ "method": "fail" }));
    chain.run(USER, GUIDE, "call", json!({ "method": "missing" }));
    let notes = chain.notes();
    assert_eq!(notes.len(), 3);
    assert_eq!(notes[0].results, results(&[Some("\"hello\"")]));
    assert_eq!(notes[1].results, results(&[None]));
    assert_eq!(notes[2].results, results(&[None]));
}

#[test]
fn claim_5_state_changed_before_a_failing_call_stays_changed() {
    let mut chain = GuideChain::new();
    chain.run(USER, GUIDE, "set_and_call", json!({ "value": 9, "method": "fail" }));
    assert_eq!(chain.notes()[0].results, results(&[None]));
    assert_eq!(chain.value(), 9);
}

#[test]
fn claim_7_a_callback_may_be_on_any_contract() {
    let mut chain = GuideChain::new();
    chain.run(USER, GUIDE, "call_back_on", json!({ "account_id": OTHER }));
    let notes = chain.notes_of(OTHER);
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].text, "on_result");
    assert_eq!(notes[0].predecessor, GUIDE);
    assert_eq!(notes[0].results, results(&[Some("\"hello\"")]));
    assert_eq!(chain.notes(), []);
}

#[test]
fn claim_8_a_callback_not_marked_private_can_be_called_by_anyone() {
    let mut chain = GuideChain::new();
    let public = chain.run(ANYONE, GUIDE, "note_public", json!({ "label": "forged" }));
    assert!(chain.result(public).is_ok());
    let note = &chain.notes()[0];
    assert_eq!((note.text.as_str(), note.predecessor.as_str()), ("forged", ANYONE));
    assert_eq!(note.results, results(&[]));
}

#[test]
fn claim_8_private_means_that_the_predecessor_is_the_contract_itself() {
    let mut chain = GuideChain::new();
    let by_anyone = chain.run(ANYONE, GUIDE, "note", json!({ "label": "forged" }));
    assert!(chain.result(by_anyone).unwrap_err().contains("private"));
    chain.run(USER, GUIDE, "call", json!({ "method": "hello" }));
    let notes = chain.notes();
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].predecessor, GUIDE);
}
