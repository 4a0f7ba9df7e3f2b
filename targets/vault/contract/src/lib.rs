//! A vault: whoever deposits NEAR can withdraw it again.
//!
//! `withdraw` pays the owner with a transfer, which is a receipt of its own, and learns in the
//! callback `on_withdrawn` whether the money arrived. At least one block lies between the two, in
//! which the vault can be called as always.
//!
//! **The broken build** takes the amount off the owner's balance in the callback, when the transfer
//! has succeeded. That looks careful, but until then the balance is still whole: a second
//! `withdraw` that comes before the callback is paid too, with other people's money. Then both
//! callbacks debit, and the saturating subtraction hides the second one.
//!
//! **The fixed build** debits before it pays, so a withdrawal in the window finds only what is
//! left, and the callback credits the amount again when the transfer failed. The gas of the
//! callback is set aside when the transfer is made: a caller who attaches too little fails with
//! everything undone, and cannot starve the callback.
//!
//! Deposits, withdrawals and balances are never smaller than `MINIMUM`, which is more than the
//! storage of a balance costs (at most 125 bytes, 0.00125 NEAR), so every balance pays for its own
//! storage.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, is_promise_success, near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const MINIMUM: NearToken = NearToken::from_millinear(10);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Vault {
    balances: LookupMap<AccountId, NearToken>,
    /// The sum of all balances.
    total: NearToken,
}

#[near]
impl Vault {
    #[init]
    pub fn new() -> Self {
        Self { balances: LookupMap::new(b"b"), total: NearToken::ZERO }
    }

    #[payable]
    pub fn deposit(&mut self) {
        let amount = env::attached_deposit();
        require!(amount >= MINIMUM, "Deposit at least 0.01 NEAR");
        self.credit(env::predecessor_account_id(), amount);
    }

    /// Pays the caller `amount`, or everything the caller has. Returns whether the money arrived.
    pub fn withdraw(&mut self, amount: Option<NearToken>) -> Promise {
        let owner = env::predecessor_account_id();
        let balance = self.balance_of(owner.clone());
        let amount = amount.unwrap_or(balance);
        let left = balance.saturating_sub(amount);
        require!(amount >= MINIMUM, "Withdraw at least 0.01 NEAR");
        require!(amount <= balance, "You have less than that");
        require!(left.is_zero() || left >= MINIMUM, "Leave nothing, or at least 0.01 NEAR");

        if FIXED {
            self.debit(&owner, amount);
        }
        let callback =
            Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_withdrawn(owner.clone(), amount);
        Promise::new(owner).transfer(amount).then(callback)
    }

    #[private]
    pub fn on_withdrawn(&mut self, owner: AccountId, amount: NearToken) -> bool {
        let paid = is_promise_success();
        if FIXED && !paid {
            self.credit(owner, amount);
        } else if !FIXED && paid {
            self.debit(&owner, amount);
        }
        paid
    }

    pub fn balance_of(&self, account_id: AccountId) -> NearToken {
        self.balances.get(&account_id).copied().unwrap_or_default()
    }

    pub fn total(&self) -> NearToken {
        self.total
    }
}

impl Vault {
    fn credit(&mut self, owner: AccountId, amount: NearToken) {
        let balance = self.balances.entry(owner).or_default();
        *balance = balance.saturating_add(amount);
        self.total = self.total.saturating_add(amount);
    }

    fn debit(&mut self, owner: &AccountId, amount: NearToken) {
        let balance = self.balance_of(owner.clone());
        let left = balance.saturating_sub(amount);
        self.balances.set(owner.clone(), Some(left).filter(|left| !left.is_zero()));
        self.total = self.total.saturating_sub(balance.saturating_sub(left));
    }
}
