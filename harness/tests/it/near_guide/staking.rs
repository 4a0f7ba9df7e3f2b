//! Claim 19: the guide's `deposit_and_stake`.

use interloper::types::NearToken;
use serde_json::json;

use super::guide_chain::{ENOUGH, GuideChain, USER};

const STAKING: &str = "staking.near";
const POOL: &str = "pool.near";
const OWNER: &str = "anyone.near";
const AMOUNT: NearToken = NearToken::from_near(5);

/// Stakes once with a pool that is paused or not. The user's stake, and whether the user paid the deposit.
fn stake(contract: &str, paused: bool) -> (GuideChain, NearToken, bool) {
    let mut chain = GuideChain::empty();
    chain.account(STAKING, 10, Some(contract));
    chain.account(POOL, 10, Some("staking/pool.wasm"));
    chain.account(USER, 100, None);
    chain.account(OWNER, 100, None);
    chain.run(OWNER, STAKING, "new", json!({ "pool_id": POOL }));
    chain.run(OWNER, POOL, "new", json!({ "owner_id": OWNER }));
    chain.run(OWNER, POOL, "set_paused", json!({ "paused": paused }));
    let before = chain.balance(USER);
    chain.attach(AMOUNT, ENOUGH).send(USER, STAKING, "deposit_and_stake", json!({}));
    chain.finish();
    let paid = before.saturating_sub(chain.balance(USER));
    let staked = chain.view(STAKING, "staked_of", json!({ "account_id": USER }));
    let staked = staked.as_str().and_then(|digits| digits.parse().ok()).expect("digits");
    (chain, NearToken::from_yoctonear(staked), paid >= AMOUNT)
}

#[test]
fn claim_19_deposit_and_stake_works_with_a_working_pool() {
    for contract in ["staking/broken.wasm", "staking/fixed.wasm"] {
        let (chain, staked, paid) = stake(contract, false);
        assert_eq!((staked, paid), (AMOUNT, true));
        let in_pool = chain.view(POOL, "get_total_staked_balance", json!({}));
        assert_eq!(in_pool, json!(AMOUNT));
    }
}

#[test]
fn claim_19_a_callback_without_a_failure_branch_keeps_stake_and_deposit() {
    let (chain, staked, paid) = stake("staking/broken.wasm", true);
    assert_eq!((staked, paid), (AMOUNT, true));
    let in_pool = chain.view(POOL, "get_total_staked_balance", json!({}));
    assert_eq!(in_pool, json!("0"), "the pool holds the stake");
}

#[test]
fn claim_19_a_callback_with_every_branch_refunds_the_deposit() {
    let (chain, staked, paid) = stake("staking/fixed.wasm", true);
    let owed = chain.view(STAKING, "owed_to", json!({ "account_id": USER }));
    assert_eq!(staked, NearToken::from_near(0));
    assert!(!paid || owed == json!(AMOUNT), "neither refunded nor claimable: {owed}");
}
