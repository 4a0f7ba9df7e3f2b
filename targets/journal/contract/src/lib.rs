//! Deliveries with a journal: `deliver` calls a recipient, and the callback writes down how it went.
//!
//! Nothing here is wrong. A failed delivery leaves an entry on purpose, and `target.toml` says so by
//! naming the journal's keys. The journal keeps the last eight entries, so that nobody can make it
//! grow.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract, is_promise_success,
    near, require,
};

const KEPT: u64 = 8;
const GAS_FOR_BANK: Gas = Gas::from_tgas(15);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);

#[ext_contract(ext_bank)]
pub trait Bank {
    fn deposit(&mut self) -> NearToken;
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Journal {
    bank_id: AccountId,
    entries: LookupMap<u64, (AccountId, bool)>,
    written: LookupMap<u8, u64>,
}

#[near]
impl Journal {
    #[init]
    pub fn new(bank_id: AccountId) -> Self {
        Self { bank_id, entries: LookupMap::new(b"j"), written: LookupMap::new(b"k") }
    }

    /// Delivers what is attached, or sends it back.
    #[payable]
    pub fn deliver(&mut self) -> Promise {
        let (user, amount) = (env::predecessor_account_id(), env::attached_deposit());
        require!(amount >= NearToken::from_millinear(10), "Attach at least 0.01 NEAR");
        ext_bank::ext(self.bank_id.clone())
            .with_attached_deposit(amount)
            .with_static_gas(GAS_FOR_BANK)
            .deposit()
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_delivered(user, amount))
    }

    #[private]
    pub fn on_delivered(&mut self, user: AccountId, amount: NearToken) -> bool {
        let delivered = is_promise_success();
        let number = self.written.get(&0).copied().unwrap_or_default();
        self.entries.insert(number % KEPT, (user.clone(), delivered));
        self.written.insert(0, number + 1);
        if !delivered {
            Promise::new(user).transfer(amount).detach();
        }
        delivered
    }

    pub fn attempts(&self) -> u64 {
        self.written.get(&0).copied().unwrap_or_default()
    }
}
