//! A token that is worth its weight in NEAR: `buy` makes tokens from NEAR, `redeem` makes NEAR from
//! tokens, 1 to 1.
//!
//! `transfer_call` sends tokens to a contract and calls it, as `ft_transfer_call` does (NEP-141).
//! The tokens leave the sender at once and belong to nobody until the callback `resolve_transfer`
//! gives the receiver what it used and the sender the rest, which is everything if the receiver
//! failed or gave no proper answer.
//!
//! **The broken build** forgot `#[private]` on `resolve_transfer`. So anybody may call it and name
//! a sender and an amount: no transfer stands behind it, no answer came back, and the "sender" gets
//! a refund for tokens that were never taken from anyone. `redeem` turns them into the NEAR of
//! those who bought theirs.
//!
//! **The fixed build** has `#[private]`: only a promise of this contract can call back. Everything
//! else is the same in both builds, and right: tokens are debited before anything is called, and
//! credited again when it failed; the gas of every callback is set aside in advance; and an answer
//! that is too long to be a number is not read, so that no receiver can use that gas up.
//!
//! Amounts and balances are never smaller than `MINIMUM`, which is more than the storage of a
//! balance costs, so every balance pays for its own storage; an answer that would leave less on one
//! side is no proper answer.
#![cfg(target_family = "wasm")]

use near_sdk::json_types::U128;
use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract, is_promise_success,
    near, require, serde_json,
};

/// In the smallest unit of the token, which is worth a yoctoNEAR.
const MINIMUM: u128 = NearToken::from_millinear(10).as_yoctonear();
const GAS_FOR_RECEIVER: Gas = Gas::from_tgas(10);
const GAS_FOR_RESOLVE: Gas = Gas::from_tgas(20);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);
/// The longest proper answer: a number of 39 digits in quotes.
const MAX_ANSWER: usize = 41;

#[ext_contract(ext_receiver)]
pub trait Receiver {
    fn on_transfer(&mut self, sender_id: AccountId, amount: U128, msg: String) -> U128;
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Relay {
    balances: LookupMap<AccountId, u128>,
    /// All tokens, those in flight included.
    supply: u128,
}

#[near]
impl Relay {
    #[init]
    pub fn new() -> Self {
        Self { balances: LookupMap::new(b"b"), supply: 0 }
    }

    /// Makes tokens from the attached NEAR, for the caller or for `account_id`.
    #[payable]
    pub fn buy(&mut self, account_id: Option<AccountId>) {
        let amount = env::attached_deposit().as_yoctonear();
        require!(amount >= MINIMUM, "Buy at least 0.01 NEAR's worth");
        self.supply += amount;
        self.credit(account_id.unwrap_or_else(env::predecessor_account_id), amount);
    }

    /// Makes NEAR from the caller's tokens. Returns whether the money arrived.
    pub fn redeem(&mut self, amount: U128) -> Promise {
        let owner = env::predecessor_account_id();
        self.debit(&owner, amount.0);
        self.supply -= amount.0;
        let callback =
            Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_redeemed(owner.clone(), amount);
        Promise::new(owner).transfer(NearToken::from_yoctonear(amount.0)).then(callback)
    }

    #[private]
    pub fn on_redeemed(&mut self, owner: AccountId, amount: U128) -> bool {
        let paid = is_promise_success();
        if !paid {
            self.supply += amount.0;
            self.credit(owner, amount.0);
        }
        paid
    }

    /// Sends tokens to a contract, which answers how much of them it leaves unused. Returns how
    /// much it used.
    pub fn transfer_call(&mut self, receiver_id: AccountId, amount: U128, msg: String) -> Promise {
        let sender_id = env::predecessor_account_id();
        self.debit(&sender_id, amount.0);
        let callback = Self::ext_self()
            .with_static_gas(GAS_FOR_RESOLVE)
            .with_unused_gas_weight(0)
            .resolve_transfer(sender_id.clone(), receiver_id.clone(), amount);
        ext_receiver::ext(receiver_id)
            .with_static_gas(GAS_FOR_RECEIVER)
            .on_transfer(sender_id, amount, msg)
            .then(callback)
    }

    #[cfg(feature = "fixed")]
    #[private]
    pub fn resolve_transfer(
        &mut self,
        sender_id: AccountId,
        receiver_id: AccountId,
        amount: U128,
    ) -> U128 {
        self.resolve(sender_id, receiver_id, amount.0)
    }

    #[cfg(not(feature = "fixed"))]
    pub fn resolve_transfer(
        &mut self,
        sender_id: AccountId,
        receiver_id: AccountId,
        amount: U128,
    ) -> U128 {
        self.resolve(sender_id, receiver_id, amount.0)
    }

    pub fn balance_of(&self, account_id: AccountId) -> U128 {
        U128(self.tokens(&account_id))
    }

    pub fn total_supply(&self) -> U128 {
        U128(self.supply)
    }
}

impl Relay {
    fn resolve(&mut self, sender_id: AccountId, receiver_id: AccountId, amount: u128) -> U128 {
        let unused = answer().filter(|&unused| divides(amount, unused)).unwrap_or(amount);
        let used = amount - unused;
        self.credit(sender_id, unused);
        self.credit(receiver_id, used);
        U128(used)
    }

    fn tokens(&self, account_id: &AccountId) -> u128 {
        self.balances.get(account_id).copied().unwrap_or_default()
    }

    fn credit(&mut self, account_id: AccountId, amount: u128) {
        if amount > 0 {
            *self.balances.entry(account_id).or_default() += amount;
        }
    }

    fn debit(&mut self, account_id: &AccountId, amount: u128) {
        let balance = self.tokens(account_id);
        require!(amount >= MINIMUM, "The amount must be at least 0.01 NEAR's worth");
        require!(amount <= balance, "You have less than that");
        require!(divides(balance, amount), "Leave nothing, or at least 0.01 NEAR's worth");
        self.balances.set(account_id.clone(), Some(balance - amount).filter(|&left| left > 0));
    }
}

/// Whether `part` divides `whole` into two parts, each of them nothing or at least `MINIMUM`.
fn divides(whole: u128, part: u128) -> bool {
    let worthwhile = |amount: u128| amount == 0 || amount >= MINIMUM;
    whole.checked_sub(part).is_some_and(|rest| worthwhile(part) && worthwhile(rest))
}

/// The receiver's answer, if there is one.
fn answer() -> Option<u128> {
    let bytes = match env::promise_results_count() {
        1 => env::promise_result_checked(0, MAX_ANSWER).ok()?,
        _ => return None,
    };
    serde_json::from_slice(&bytes).ok().map(|U128(unused)| unused)
}
