//! Claims 10, 13, 14, 15 and 18: returned promises, chains and joins.

use serde_json::{Value, json};

use super::guide_chain::{EXTERNAL, GUIDE, GuideChain, OTHER, USER, results};

fn join(chain: &mut GuideChain, calls: &[(&str, &str, &str)]) {
    let accounts: Vec<_> = calls.iter().map(|(account, _, _)| *account).collect();
    let calls: Vec<Value> =
        calls.iter().map(|(_, method, text)| json!({ "method": method, "text": text })).collect();
    chain.send(USER, GUIDE, "join", json!({ "account_ids": accounts, "calls": calls }));
}

#[test]
fn claim_10_a_returned_promise_makes_its_outcome_that_of_the_transaction() {
    let mut chain = GuideChain::new();
    let works = chain.run(USER, GUIDE, "return_promise", json!({ "method": "hello" }));
    let fails = chain.run(USER, GUIDE, "return_promise", json!({ "method": "fail" }));
    assert_eq!(chain.result(works).unwrap(), b"\"hello\"");
    assert!(chain.result(fails).unwrap_err().contains("I always fail"));
}

#[test]
fn claim_10_a_returned_value_or_nothing_hides_the_outcome_of_the_call() {
    let mut chain = GuideChain::new();
    let value = chain.run(USER, GUIDE, "return_value", json!({ "method": "fail" }));
    let nothing = chain.run(USER, GUIDE, "return_nothing", json!({ "method": "fail" }));
    assert_eq!(chain.result(value).unwrap(), b"7");
    assert_eq!(chain.result(nothing).unwrap(), b"");
    let failed = chain.ran_at(EXTERNAL).into_iter().filter(|outcome| outcome.failed());
    assert_eq!(failed.count(), 2, "both calls failed");
}

#[test]
fn claim_13_each_callback_of_a_chain_sees_the_result_of_the_one_before() {
    let mut chain = GuideChain::new();
    chain.run(USER, GUIDE, "chain", json!({}));
    let notes = chain.notes();
    assert_eq!(notes.len(), 2);
    assert_eq!((&*notes[0].text, &notes[0].results), ("first", &results(&[Some("\"one\"")])));
    assert_eq!((&*notes[1].text, &notes[1].results), ("second", &results(&[Some("\"two\"")])));
    assert!(notes[0].block < notes[1].block);
}

#[test]
fn claim_14_joined_calls_run_in_parallel_and_one_callback_sees_all_results_in_order() {
    let calls = [(EXTERNAL, "echo", "one"), (OTHER, "echo", "two"), (EXTERNAL, "echo", "three")];
    let seen = results(&[Some("\"one\""), Some("\"two\""), Some("\"three\"")]);
    let mut chain = GuideChain::new();
    join(&mut chain, &calls);
    chain.finish();
    let blocks = ["3.0", "3.1", "3.2"].map(|name| chain.outcome(name).block);
    assert!(
        blocks.iter().all(|block| *block == blocks[0]),
        "they ran in different blocks: {blocks:?}"
    );
    assert_eq!(chain.notes().len(), 1);
    assert_eq!(chain.notes()[0].results, seen);

    let mut chain = GuideChain::new();
    join(&mut chain, &calls);
    chain.finish_newest_first();
    assert_eq!(
        chain.notes()[0].results,
        seen,
        "another order of the calls changes the order of the results"
    );
}

#[test]
fn claim_15_a_joined_promise_cannot_be_returned_without_a_callback() {
    let mut chain = GuideChain::new();
    let call = chain.run(USER, GUIDE, "return_joined", json!({}));
    let error = chain.result(call).unwrap_err();
    assert!(error.contains("Returning joint promise is currently prohibited"), "{error}");
}

#[test]
fn claim_18_of_parallel_calls_one_failing_does_not_revert_the_others() {
    let mut chain = GuideChain::new();
    join(&mut chain, &[(EXTERNAL, "record", "kept"), (OTHER, "fail", "")]);
    chain.finish();
    assert_eq!(chain.notes()[0].results, results(&[Some(""), None]));
    assert_eq!(chain.notes_of(EXTERNAL)[0].text, "kept");
}
