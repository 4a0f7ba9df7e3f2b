//! A bank: keeps NEAR for whoever deposits it. No part of any test: it is what targets call.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{AccountId, NearToken, PanicOnDefault, Promise, env, near, require};

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Bank {
    balances: LookupMap<AccountId, NearToken>,
}

#[near]
impl Bank {
    #[init]
    pub fn new() -> Self {
        Self { balances: LookupMap::new(b"b") }
    }

    #[payable]
    pub fn deposit(&mut self) -> NearToken {
        let amount = env::attached_deposit();
        let balance = self.balances.entry(env::predecessor_account_id()).or_default();
        *balance = balance.saturating_add(amount);
        *balance
    }

    /// Sends the caller `amount` of what the caller has here.
    pub fn withdraw(&mut self, amount: NearToken) -> Promise {
        let owner = env::predecessor_account_id();
        let balance = self.balance_of(owner.clone());
        require!(amount <= balance, "You have less than that");
        self.balances.insert(owner.clone(), balance.saturating_sub(amount));
        Promise::new(owner).transfer(amount)
    }

    pub fn balance_of(&self, account_id: AccountId) -> NearToken {
        self.balances.get(&account_id).copied().unwrap_or_default()
    }
}
