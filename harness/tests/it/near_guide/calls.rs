//! Claims 1 to 5, 7 and 8: when a call and its callback run, and what they share.

use serde_json::json;

use super::fixture::{ANYONE, EXTERNAL, GUIDE, OTHER, Stage, USER, results};

#[test]
fn claim_1_a_call_runs_a_block_or_more_after_its_function_ended_correctly() {
    let mut stage = Stage::new();
    stage.send(USER, GUIDE, "call", json!({ "method": "hello" }));
    stage.until_next_runs_at(GUIDE);
    let before = stage.ran_at(EXTERNAL).len();
    stage.until_next_runs_at(EXTERNAL);
    assert_eq!(stage.ran_at(EXTERNAL).len(), before, "it runs apart from the function");
    stage.finish();
    let called = stage.outcome("3").block;
    assert_eq!(stage.outcome("3.0").block, called + 1);
}

#[test]
fn claim_1_a_failed_function_sends_nothing() {
    let mut stage = Stage::new();
    let call = stage.run(USER, GUIDE, "call_then_panic", json!({}));
    assert!(stage.result(call).unwrap_err().contains("I fail after the call was made"));
    assert_eq!(stage.notes_of(EXTERNAL), []);
    let children = stage.outcome("3").receipts.len();
    assert_eq!(children, 1, "only the refund of the unused gas");
}

#[test]
fn claim_2_anyone_can_call_the_contract_between_call_and_callback() {
    let mut stage = Stage::new();
    stage.send(USER, GUIDE, "call", json!({ "method": "hello" }));
    stage.until_next_runs_at(EXTERNAL);
    // The call is under way; somebody else comes in.
    let before = stage.outcomes.len();
    stage.send(ANYONE, GUIDE, "set_value", json!({ "value": 5 }));
    stage.finish_newest_first();
    let order: Vec<_> = stage.outcomes[before..].iter().map(|o| o.name.to_string()).collect();
    let at = |name: &str| order.iter().rposition(|other| other == name).expect("it ran");
    assert!(at("4") < at("3.1"), "{order:?}");
    assert_eq!(stage.notes()[0].value, Some(5), "the callback finds what the other one wrote");
}

#[test]
fn claim_3_call_and_callback_share_only_state_and_arguments() {
    let mut stage = Stage::new();
    let arguments = json!({ "label": "passed on", "value": 8, "memory": 9 });
    stage.run(USER, GUIDE, "remember", arguments);
    let note = &stage.notes()[0];
    assert_eq!(note.text, "passed on", "an argument reaches the callback");
    assert_eq!(note.value, Some(8), "and so does state");
    assert_eq!(note.memory, Some(0), "what was in memory does not");
}

#[test]
fn claim_4_the_callback_always_runs_and_learns_whether_the_call_worked() {
    let mut stage = Stage::new();
    stage.run(USER, GUIDE, "call", json!({ "method": "hello" }));
    stage.run(USER, GUIDE, "call", json!({ "method": "fail" }));
    stage.run(USER, GUIDE, "call", json!({ "method": "there is no such method" }));
    let notes = stage.notes();
    assert_eq!(notes.len(), 3);
    assert_eq!(notes[0].results, results(&[Some("\"hello\"")]));
    assert_eq!(notes[1].results, results(&[None]));
    assert_eq!(notes[2].results, results(&[None]));
}

#[test]
fn claim_5_state_changed_before_a_failing_call_stays_changed() {
    let mut stage = Stage::new();
    stage.run(USER, GUIDE, "set_and_call", json!({ "value": 9, "method": "fail" }));
    assert_eq!(stage.notes()[0].results, results(&[None]));
    assert_eq!(stage.value(), 9);
}

#[test]
fn claim_7_a_callback_may_be_on_any_contract() {
    let mut stage = Stage::new();
    stage.run(USER, GUIDE, "call_back_on", json!({ "account_id": OTHER }));
    let notes = stage.notes_of(OTHER);
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].text, "on_result");
    assert_eq!(notes[0].predecessor, GUIDE);
    assert_eq!(notes[0].results, results(&[Some("\"hello\"")]));
    assert_eq!(stage.notes(), []);
}

#[test]
fn claim_8_a_callback_not_marked_private_can_be_called_by_anyone() {
    let mut stage = Stage::new();
    let public = stage.run(ANYONE, GUIDE, "note_public", json!({ "label": "forged" }));
    assert!(stage.result(public).is_ok());
    let note = &stage.notes()[0];
    assert_eq!((note.text.as_str(), note.predecessor.as_str()), ("forged", ANYONE));
    assert_eq!(note.results, results(&[]));
}

#[test]
fn claim_8_private_means_that_the_predecessor_is_the_contract_itself() {
    let mut stage = Stage::new();
    let by_anyone = stage.run(ANYONE, GUIDE, "note", json!({ "label": "forged" }));
    assert!(stage.result(by_anyone).unwrap_err().contains("private"));
    stage.run(USER, GUIDE, "call", json!({ "method": "hello" }));
    let notes = stage.notes();
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].predecessor, GUIDE);
}
