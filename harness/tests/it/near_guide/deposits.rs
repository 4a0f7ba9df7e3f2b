//! Claims 6, 9, 11 and 12: deposits and gas.

use interloper::types::{Gas, NearToken};
use serde_json::json;

use super::guide_chain::{ENOUGH, EXTERNAL, GUIDE, GuideChain, NOTHING, USER, results};

const ONE_NEAR: NearToken = NearToken::from_near(1);

/// Whether `account` lost no more than gas.
fn lost_only_gas(before: NearToken, after: NearToken) -> bool {
    before.checked_sub(after).is_none_or(|lost| lost < NearToken::from_millinear(100))
}

#[test]
fn claim_6_the_deposit_of_a_failed_call_returns_to_the_calling_contract() {
    let mut chain = GuideChain::new();
    let (guide, user) = (chain.balance(GUIDE), chain.balance(USER));
    let arguments = json!({ "method": "fail" });
    chain.attach(ONE_NEAR, ENOUGH).send(USER, GUIDE, "pay", arguments);
    chain.finish();
    assert_eq!(
        chain.balance(GUIDE),
        guide.saturating_add(ONE_NEAR),
        "the contract did not get the refund"
    );
    assert!(!lost_only_gas(user, chain.balance(USER)), "the user got the refund");
    assert_eq!(chain.notes()[0].results, results(&[None]));
}

#[test]
fn claim_6_the_contract_must_refund_the_user() {
    let mut chain = GuideChain::new();
    let (guide, user) = (chain.balance(GUIDE), chain.balance(USER));
    let arguments = json!({ "method": "fail" });
    chain.attach(ONE_NEAR, ENOUGH).send(USER, GUIDE, "pay_and_pass_on", arguments);
    chain.finish();
    assert_eq!(chain.balance(GUIDE), guide);
    assert!(lost_only_gas(user, chain.balance(USER)));
}

#[test]
fn claim_6_the_deposit_of_a_successful_call_stays_with_the_receiver() {
    let mut chain = GuideChain::new();
    let external = chain.balance(EXTERNAL);
    let arguments = json!({ "method": "record" });
    chain.attach(ONE_NEAR, ENOUGH).send(USER, GUIDE, "pay_and_pass_on", arguments);
    chain.finish();
    assert_eq!(chain.balance(EXTERNAL), external.saturating_add(ONE_NEAR));
}

#[test]
fn claim_9_a_callback_with_enough_reserved_gas_can_undo() {
    let mut chain = GuideChain::new();
    chain.run(USER, GUIDE, "undo_with_gas", json!({ "gas": Gas::from_teragas(20) }));
    assert_eq!(chain.value(), 0);
    assert_eq!(chain.notes()[0].text, "undo");
}

#[test]
fn claim_9_without_enough_gas_the_callback_fails_and_undoes_nothing() {
    let mut chain = GuideChain::new();
    let call = chain.run(USER, GUIDE, "undo_with_gas", json!({ "gas": Gas::from_gigagas(200) }));
    assert!(chain.result(call).unwrap_err().contains("Exceeded the prepaid gas"));
    assert_eq!(chain.value(), 1);
    assert_eq!(chain.notes(), []);
}

#[test]
fn claim_11_weights_share_the_unused_gas_and_weight_0_gets_none() {
    let mut chain = GuideChain::new();
    let fixed = Gas::from_teragas(5);
    let share = |text, weight| json!({ "text": text, "static_gas": fixed, "weight": weight });
    let shares = json!({ "shares": [share("three", 3), share("none", 0), share("one", 1)] });
    chain.attach(NOTHING, Gas::from_teragas(200)).send(USER, GUIDE, "split_gas", shares);
    chain.finish();
    let notes = chain.notes_of(EXTERNAL);
    let unused = |text: &str| {
        let note = notes.iter().find(|note| note.text == text).expect("it was called");
        note.prepaid_gas - fixed.as_gas()
    };
    assert_eq!(unused("none"), 0);
    let (three, one) = (unused("three"), unused("one"));
    assert!(one > Gas::from_teragas(30).as_gas(), "{one}");
    assert!(one.abs_diff(three / 3) <= 1, "{three} is not three times {one}");
}

#[test]
fn claim_12_the_deposit_comes_from_the_balance_of_the_contract() {
    let mut chain = GuideChain::new();
    let (guide, user) = (chain.balance(GUIDE), chain.balance(USER));
    chain.run(USER, GUIDE, "attach", json!({ "amount": ONE_NEAR }));
    assert_eq!(chain.balance(GUIDE), guide.saturating_sub(ONE_NEAR));
    assert!(lost_only_gas(user, chain.balance(USER)));
    assert_eq!(chain.notes_of(EXTERNAL)[0].deposit, ONE_NEAR.as_yoctonear());
}

#[test]
fn claim_12_a_contract_cannot_attach_more_than_it_has_at_the_moment_of_the_call() {
    let mut chain = GuideChain::new();
    let arguments = json!({ "amount": NearToken::from_near(11) });
    let call = chain.run(USER, GUIDE, "attach", arguments);
    assert!(chain.result(call).unwrap_err().contains("Exceeded the account balance"));
    // The deposit of the current call counts, too: `pay` attaches what it was paid.
    let arguments = json!({ "method": "record" });
    let all = NearToken::from_near(50);
    chain.attach(all, ENOUGH).send(USER, GUIDE, "pay", arguments);
    chain.finish();
    assert_eq!(chain.notes_of(EXTERNAL)[0].deposit, all.as_yoctonear());
}

#[test]
fn claim_12_gas_comes_from_the_attached_gas() {
    let mut chain = GuideChain::new();
    let arguments = json!({ "method": "hello" });
    // Enough to start, but not to reserve 5 Tgas and 10 Tgas.
    let call = chain.attach(NOTHING, Gas::from_teragas(10)).send(USER, GUIDE, "call", arguments);
    chain.finish();
    assert!(chain.result(call).unwrap_err().contains("Exceeded the prepaid gas"));
}
