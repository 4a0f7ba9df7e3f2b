//! A purse: who has money here can have it paid to anybody. What does not arrive is theirs again.
//!
//! **The broken build** takes the money of whoever signed the transaction. But who signs need not be
//! who calls: a user who is made to call another contract signs all that this contract calls then.
//!
//! **The fixed build** takes the money of whoever calls.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, is_promise_success, near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(10);
const MINIMUM: NearToken = NearToken::from_millinear(10);

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Purse {
    balances: LookupMap<AccountId, NearToken>,
}

#[near]
impl Purse {
    #[init]
    pub fn new() -> Self {
        Self { balances: LookupMap::new(b"b") }
    }

    #[payable]
    pub fn deposit(&mut self) {
        require!(env::attached_deposit() >= MINIMUM, "Deposit at least 0.01 NEAR");
        let balance = self.balances.entry(env::predecessor_account_id()).or_default();
        *balance = balance.saturating_add(env::attached_deposit());
    }

    /// Pays half a NEAR to `receiver_id`. Returns whether it arrived.
    pub fn pay(&mut self, receiver_id: AccountId) -> Promise {
        let amount = NearToken::from_millinear(500);
        let owner = if FIXED { env::predecessor_account_id() } else { env::signer_account_id() };
        let balance = self.balance_of(owner.clone());
        require!(amount <= balance, "You have less than that");
        self.balances.insert(owner.clone(), balance.saturating_sub(amount));
        let callback = Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_paid(owner, amount);
        Promise::new(receiver_id).transfer(amount).then(callback)
    }

    #[private]
    pub fn on_paid(&mut self, owner: AccountId, amount: NearToken) -> bool {
        let paid = is_promise_success();
        if !paid {
            let balance = self.balances.entry(owner).or_default();
            *balance = balance.saturating_add(amount);
        }
        paid
    }

    pub fn balance_of(&self, account_id: AccountId) -> NearToken {
        self.balances.get(&account_id).copied().unwrap_or_default()
    }
}
