//! A fungible token after NEP-141, without storage management: the holders are named at the start,
//! and others hold what they are sent.
//!
//! `ft_transfer_call` sends tokens to a contract, which answers how much of them it does not use;
//! `ft_resolve_transfer` takes that back from the receiver and gives it to the sender. A sender that
//! asked for it with `burn_unused` has it burnt instead, unless the receiver failed.
//!
//! **The broken build** takes the whole amount off the supply when the unused part is burnt. Nobody's
//! balance is wrong, so nobody notices, until a contract divides by the supply.
//!
//! **The fixed build** takes off what was burnt.
#![cfg(target_family = "wasm")]

use near_sdk::json_types::U128;
use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, PanicOnDefault, Promise, env, ext_contract, near, require, serde_json,
};

const FIXED: bool = cfg!(feature = "fixed");
const GAS_FOR_RECEIVER: Gas = Gas::from_tgas(20);
const GAS_FOR_RESOLVE: Gas = Gas::from_tgas(10);
/// The longest proper answer: a number of 39 digits in quotes.
const MAX_ANSWER: usize = 41;

#[ext_contract(ext_receiver)]
pub trait Receiver {
    fn ft_on_transfer(&mut self, sender_id: AccountId, amount: U128, msg: String) -> U128;
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Token {
    balances: LookupMap<AccountId, u128>,
    supply: u128,
}

#[near]
impl Token {
    #[init]
    pub fn new(holders: Vec<AccountId>, amount: U128) -> Self {
        let mut token = Self { balances: LookupMap::new(b"b"), supply: 0 };
        for holder in holders {
            token.supply += amount.0;
            token.credit(&holder, amount.0);
        }
        token
    }

    #[payable]
    pub fn ft_transfer(&mut self, receiver_id: AccountId, amount: U128) {
        let sender = env::predecessor_account_id();
        self.check(&sender, &receiver_id, amount.0);
        self.debit(&sender, amount.0);
        self.credit(&receiver_id, amount.0);
    }

    #[payable]
    pub fn ft_transfer_call(
        &mut self,
        receiver_id: AccountId,
        amount: U128,
        msg: String,
        burn_unused: Option<bool>,
    ) -> Promise {
        let sender = env::predecessor_account_id();
        self.check(&sender, &receiver_id, amount.0);
        self.debit(&sender, amount.0);
        self.credit(&receiver_id, amount.0);
        let burn = burn_unused.unwrap_or(false);
        let callback = Self::ext_self().with_static_gas(GAS_FOR_RESOLVE).ft_resolve_transfer(
            sender.clone(),
            receiver_id.clone(),
            amount,
            burn,
        );
        ext_receiver::ext(receiver_id)
            .with_static_gas(GAS_FOR_RECEIVER)
            .ft_on_transfer(sender, amount, msg)
            .then(callback)
    }

    /// Returns how much was used.
    #[private]
    pub fn ft_resolve_transfer(
        &mut self,
        sender_id: AccountId,
        receiver_id: AccountId,
        amount: U128,
        burn: bool,
    ) -> U128 {
        let answer = env::promise_result_checked(0, MAX_ANSWER).ok();
        let answer = answer.and_then(|bytes| serde_json::from_slice::<U128>(&bytes).ok());
        let unused = answer.map_or(amount.0, |unused| unused.0.min(amount.0));
        // The receiver may have spent it by now.
        let taken = unused.min(self.ft_balance_of(receiver_id.clone()).0);
        self.debit(&receiver_id, taken);
        if burn && answer.is_some() {
            self.supply -= if FIXED { taken } else { amount.0 };
        } else {
            self.credit(&sender_id, taken);
        }
        U128(amount.0 - taken)
    }

    pub fn ft_balance_of(&self, account_id: AccountId) -> U128 {
        U128(self.balances.get(&account_id).copied().unwrap_or_default())
    }

    pub fn ft_total_supply(&self) -> U128 {
        U128(self.supply)
    }
}

impl Token {
    fn check(&self, sender: &AccountId, receiver: &AccountId, amount: u128) {
        require!(env::attached_deposit().as_yoctonear() == 1, "Attach 1 yoctoNEAR");
        require!(sender != receiver, "You have that already");
        require!(amount > 0, "Send something");
        require!(amount <= self.ft_balance_of(sender.clone()).0, "You have less than that");
    }

    fn credit(&mut self, account: &AccountId, amount: u128) {
        if amount > 0 {
            *self.balances.entry(account.clone()).or_default() += amount;
        }
    }

    fn debit(&mut self, account: &AccountId, amount: u128) {
        let left = self.ft_balance_of(account.clone()).0 - amount;
        self.balances.set(account.clone(), Some(left).filter(|left| *left > 0));
    }
}
