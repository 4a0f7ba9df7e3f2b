//! An airdrop: whoever is on the list may claim tokens once.
//!
//! `claim` takes the caller off the list and has the token contract send what is due.
//!
//! **The broken build** has no callback. When the transfer fails, because the token is paused or this
//! account has too few, the claim is gone all the same.
//!
//! **The fixed build** puts the claim back in the callback.
#![cfg(target_family = "wasm")]

use near_sdk::json_types::U128;
use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract, is_promise_success, near,
};

const GAS_FOR_TRANSFER: Gas = Gas::from_tgas(15);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(10);
const ONE_YOCTO: NearToken = NearToken::from_yoctonear(1);

#[ext_contract(ext_token)]
pub trait Token {
    fn ft_transfer(&mut self, receiver_id: AccountId, amount: U128);
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Airdrop {
    token_id: AccountId,
    due: LookupMap<AccountId, u128>,
}

#[near]
impl Airdrop {
    #[init]
    pub fn new(token_id: AccountId, accounts: Vec<AccountId>, amount: U128) -> Self {
        let mut due = LookupMap::new(b"d");
        for account in accounts {
            due.insert(account, amount.0);
        }
        Self { token_id, due }
    }

    /// Sends the caller what is due.
    pub fn claim(&mut self) -> Promise {
        let user = env::predecessor_account_id();
        let due = self.due.remove(&user);
        let amount = due.unwrap_or_else(|| env::panic_str("Nothing is due to you"));
        let transfer = ext_token::ext(self.token_id.clone())
            .with_attached_deposit(ONE_YOCTO)
            .with_static_gas(GAS_FOR_TRANSFER)
            .ft_transfer(user.clone(), U128(amount));
        if cfg!(feature = "fixed") {
            let callback = Self::ext_self().with_static_gas(GAS_FOR_CALLBACK);
            transfer.then(callback.on_sent(user, U128(amount)))
        } else {
            transfer
        }
    }

    #[private]
    pub fn on_sent(&mut self, user: AccountId, amount: U128) -> bool {
        let sent = is_promise_success();
        if !sent {
            self.due.insert(user, amount.0);
        }
        sent
    }

    pub fn due_to(&self, account_id: AccountId) -> U128 {
        U128(self.due.get(&account_id).copied().unwrap_or_default())
    }
}
