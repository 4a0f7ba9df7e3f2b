//! Claims 16 and 17: several actions in one receipt.

use interloper::types::NearToken;
use serde_json::{Value, json};

use super::guide_chain::{EXTERNAL, GUIDE, GuideChain, USER, results};

fn batch(chain: &mut GuideChain, calls: &[(&str, &str)], transfer: Option<NearToken>) {
    let calls: Vec<Value> =
        calls.iter().map(|(method, text)| json!({ "method": method, "text": text })).collect();
    chain.run(USER, GUIDE, "batch", json!({ "calls": calls, "transfer": transfer }));
}

#[test]
fn claim_16_a_batch_is_one_receipt_and_is_reverted_as_a_whole() {
    let mut chain = GuideChain::new();
    let before = (chain.balance(GUIDE), chain.balance(EXTERNAL));
    let calls = [("record", "first"), ("fail", ""), ("record", "third")];
    batch(&mut chain, &calls, Some(NearToken::from_near(1)));
    let receipt = chain.outcome("3.0").receipt().expect("a receipt ran");
    assert_eq!(receipt.receiver_id(), EXTERNAL);
    assert!(chain.outcome("3.0").failed());
    assert_eq!(chain.notes_of(EXTERNAL), [], "the first action was not reverted");
    assert_eq!((chain.balance(GUIDE), chain.balance(EXTERNAL)), before);
    assert_eq!(chain.notes()[0].results, results(&[None]));
}

#[test]
fn claim_16_a_batch_that_succeeds_runs_every_action() {
    let mut chain = GuideChain::new();
    let before = chain.balance(EXTERNAL);
    let transfer = NearToken::from_near(1);
    batch(&mut chain, &[("record", "first"), ("record", "second")], Some(transfer));
    let texts: Vec<_> = chain.notes_of(EXTERNAL).into_iter().map(|note| note.text).collect();
    assert_eq!(texts, ["first", "second"]);
    assert_eq!(chain.balance(EXTERNAL), before.saturating_add(transfer));
}

#[test]
fn claim_17_the_callback_of_a_batch_sees_only_the_last_result() {
    let mut chain = GuideChain::new();
    batch(&mut chain, &[("echo", "one"), ("echo", "two")], None);
    assert_eq!(chain.notes()[0].results, results(&[Some("\"two\"")]));
    batch(&mut chain, &[("echo", "one")], Some(NearToken::from_near(1)));
    assert_eq!(chain.notes()[1].results, results(&[Some("")]), "a transfer has an empty result");
}
