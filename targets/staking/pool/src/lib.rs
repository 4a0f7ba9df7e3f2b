//! A staking pool, as far as the staking target needs one: it takes money and remembers whose it
//! is.
//!
//! Its owner may pause it, as the owners of real pools do; a paused pool refuses deposits.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{AccountId, NearToken, PanicOnDefault, env, near, require};

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Pool {
    owner_id: AccountId,
    paused: bool,
    staked: LookupMap<AccountId, NearToken>,
    /// The sum of all stakes.
    total: NearToken,
}

#[near]
impl Pool {
    #[init]
    pub fn new(owner_id: AccountId) -> Self {
        Self { owner_id, paused: false, staked: LookupMap::new(b"s"), total: NearToken::ZERO }
    }

    #[payable]
    pub fn deposit_and_stake(&mut self) {
        let amount = env::attached_deposit();
        require!(!self.paused, "The pool is paused");
        require!(!amount.is_zero(), "Attach what you want to stake");
        let staked = self.staked.entry(env::predecessor_account_id()).or_default();
        *staked = staked.saturating_add(amount);
        self.total = self.total.saturating_add(amount);
    }

    pub fn set_paused(&mut self, paused: bool) {
        require!(
            env::predecessor_account_id() == self.owner_id,
            "Only the owner may pause the pool"
        );
        self.paused = paused;
    }

    pub fn get_account_staked_balance(&self, account_id: AccountId) -> NearToken {
        self.staked.get(&account_id).copied().unwrap_or_default()
    }

    pub fn get_total_staked_balance(&self) -> NearToken {
        self.total
    }
}
