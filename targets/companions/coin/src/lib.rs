//! A fungible token that `interloper init` puts where a contract calls one and nobody has its wasm.
//!
//! NEP-141 with NEP-145 and NEP-148. The holders are named at the start; storage costs nothing, and
//! nobody needs to register.
#![cfg(target_family = "wasm")]

use near_sdk::json_types::U128;
use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, PanicOnDefault, Promise, env, ext_contract, near, require, serde_json,
};

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
pub struct Coin {
    balances: LookupMap<AccountId, u128>,
    supply: u128,
}

#[near]
impl Coin {
    #[init]
    pub fn new(holders: Vec<AccountId>, amount: U128) -> Self {
        let mut coin = Self { balances: LookupMap::new(b"b"), supply: 0 };
        for holder in holders {
            coin.supply += amount.0;
            coin.credit(&holder, amount.0);
        }
        coin
    }

    #[payable]
    pub fn ft_transfer(&mut self, receiver_id: AccountId, amount: U128, memo: Option<String>) {
        let _ = memo;
        self.send(&env::predecessor_account_id(), &receiver_id, amount.0);
    }

    #[payable]
    pub fn ft_transfer_call(
        &mut self,
        receiver_id: AccountId,
        amount: U128,
        memo: Option<String>,
        msg: String,
    ) -> Promise {
        let _ = memo;
        let sender = env::predecessor_account_id();
        self.send(&sender, &receiver_id, amount.0);
        let callback = Self::ext_self().with_static_gas(GAS_FOR_RESOLVE).ft_resolve_transfer(
            sender.clone(),
            receiver_id.clone(),
            amount,
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
    ) -> U128 {
        let answer = env::promise_result_checked(0, MAX_ANSWER).ok();
        let answer = answer.and_then(|bytes| serde_json::from_slice::<U128>(&bytes).ok());
        let unused = answer.map_or(amount.0, |unused| unused.0.min(amount.0));
        // The receiver may have spent it by now.
        let taken = unused.min(self.ft_balance_of(receiver_id.clone()).0);
        self.debit(&receiver_id, taken);
        self.credit(&sender_id, taken);
        U128(amount.0 - taken)
    }

    pub fn ft_balance_of(&self, account_id: AccountId) -> U128 {
        U128(self.balances.get(&account_id).copied().unwrap_or_default())
    }

    pub fn ft_total_supply(&self) -> U128 {
        U128(self.supply)
    }

    pub fn ft_metadata(&self) -> serde_json::Value {
        serde_json::json!({ "spec": "ft-1.0.0", "name": "Coin", "symbol": "COIN", "decimals": 24 })
    }

    /// Storage costs nothing here: what is sent comes back.
    #[payable]
    pub fn storage_deposit(
        &mut self,
        account_id: Option<AccountId>,
        registration_only: Option<bool>,
    ) -> serde_json::Value {
        let _ = (account_id, registration_only);
        if !env::attached_deposit().is_zero() {
            Promise::new(env::predecessor_account_id()).transfer(env::attached_deposit()).detach();
        }
        free()
    }

    pub fn storage_balance_of(&self, account_id: AccountId) -> serde_json::Value {
        let _ = account_id;
        free()
    }

    pub fn storage_balance_bounds(&self) -> serde_json::Value {
        serde_json::json!({ "min": "0", "max": "0" })
    }
}

impl Coin {
    fn send(&mut self, sender: &AccountId, receiver: &AccountId, amount: u128) {
        require!(env::attached_deposit().as_yoctonear() == 1, "Attach 1 yoctoNEAR");
        require!(sender != receiver, "You have that already");
        require!(amount > 0, "Send something");
        require!(amount <= self.ft_balance_of(sender.clone()).0, "You have less than that");
        self.debit(sender, amount);
        self.credit(receiver, amount);
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

fn free() -> serde_json::Value {
    serde_json::json!({ "total": "0", "available": "0" })
}
