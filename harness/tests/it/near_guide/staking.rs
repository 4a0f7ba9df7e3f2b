//! Claim 19: `deposit_and_stake` as the guide writes it.

use interloper::types::NearToken;
use serde_json::json;

use super::fixture::{ENOUGH, Stage, USER};

const STAKING: &str = "staking.near";
const POOL: &str = "pool.near";
const OWNER: &str = "anyone.near";
const AMOUNT: NearToken = NearToken::from_near(5);

/// Stakes once with a pool that is paused or not. What the user's stake is, and whether the user
/// lost the money.
fn stake(contract: &str, paused: bool) -> (Stage, NearToken, bool) {
    let mut stage = Stage::empty();
    stage.account(STAKING, 10, Some(contract));
    stage.account(POOL, 10, Some("staking/pool.wasm"));
    stage.account(USER, 100, None);
    stage.account(OWNER, 100, None);
    stage.run(OWNER, STAKING, "new", json!({ "pool_id": POOL }));
    stage.run(OWNER, POOL, "new", json!({ "owner_id": OWNER }));
    stage.run(OWNER, POOL, "set_paused", json!({ "paused": paused }));
    let before = stage.balance(USER);
    stage.attach(AMOUNT, ENOUGH).send(USER, STAKING, "deposit_and_stake", json!({}));
    stage.finish();
    let paid = before.saturating_sub(stage.balance(USER));
    let staked = stage.view(STAKING, "staked_of", json!({ "account_id": USER }));
    let staked = staked.as_str().and_then(|digits| digits.parse().ok()).expect("digits");
    (stage, NearToken::from_yoctonear(staked), paid >= AMOUNT)
}

#[test]
fn claim_19_deposit_and_stake_works_while_the_pool_does() {
    for contract in ["staking/broken.wasm", "staking/fixed.wasm"] {
        let (stage, staked, paid) = stake(contract, false);
        assert_eq!((staked, paid), (AMOUNT, true));
        let in_pool = stage.view(POOL, "get_total_staked_balance", json!({}));
        assert_eq!(in_pool, json!(AMOUNT));
    }
}

#[test]
fn claim_19_a_callback_that_leaves_a_branch_out_keeps_stake_and_money() {
    let (stage, staked, paid) = stake("staking/broken.wasm", true);
    assert_eq!((staked, paid), (AMOUNT, true));
    let in_pool = stage.view(POOL, "get_total_staked_balance", json!({}));
    assert_eq!(in_pool, json!("0"), "a stake that no pool holds");
}

#[test]
fn claim_19_a_callback_with_every_branch_gives_the_money_back() {
    let (stage, staked, paid) = stake("staking/fixed.wasm", true);
    let owed = stage.view(STAKING, "owed_to", json!({ "account_id": USER }));
    assert_eq!(staked, NearToken::from_near(0));
    assert!(!paid || owed == json!(AMOUNT), "sent back, or to be claimed: {owed}");
}
