//! Linkdrops: NEAR for whoever knows the code.
//!
//! `claim` sends the money to an account that the claimer names. That account may not exist.
//!
//! **The broken build** removes the drop and never looks whether the transfer arrived: the money comes
//! back to the contract, and nobody can claim it any more.
//!
//! **The fixed build** puts the drop back in the callback, and keeps the code until then.
//!
//! A real linkdrop holds the hash of a key; a number is enough to lose money.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, is_promise_success, near, require,
};

const MINIMUM: NearToken = NearToken::from_millinear(10);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(10);

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Linkdrop {
    drops: LookupMap<u8, NearToken>,
}

#[near]
impl Linkdrop {
    #[init]
    pub fn new() -> Self {
        Self { drops: LookupMap::new(b"d") }
    }

    #[payable]
    pub fn create(&mut self, code: u8) {
        let amount = env::attached_deposit();
        require!(amount >= MINIMUM, "Drop at least 0.01 NEAR");
        require!(!self.drops.contains_key(&code), "This code is taken");
        self.drops.insert(code, amount);
    }

    /// Sends the drop to `account_id`.
    pub fn claim(&mut self, code: u8, account_id: AccountId) -> Promise {
        let drop = self.drops.remove(&code).filter(|amount| !amount.is_zero());
        let amount = drop.unwrap_or_else(|| env::panic_str("There is no such drop"));
        let transfer = Promise::new(account_id).transfer(amount);
        if cfg!(feature = "fixed") {
            // Nobody takes the code meanwhile.
            self.drops.insert(code, NearToken::ZERO);
            let callback = Self::ext_self().with_static_gas(GAS_FOR_CALLBACK);
            transfer.then(callback.on_sent(code, amount))
        } else {
            transfer
        }
    }

    #[private]
    pub fn on_sent(&mut self, code: u8, amount: NearToken) -> bool {
        let sent = is_promise_success();
        self.drops.set(code, Some(amount).filter(|_| !sent));
        sent
    }

    pub fn drop_of(&self, code: u8) -> Option<NearToken> {
        self.drops.get(&code).copied()
    }
}
