//! A vesting lock: tokens that this account holds for others, who may take them out when they are due.
//!
//! **The broken build** writes down what was released when the token contract has confirmed it. A
//! second `release` before that sends the same tokens again, which are other people's.
//!
//! **The fixed build** writes it down before it sends, and takes it back when the transfer failed.
//!
//! No NEAR moves: only somebody who looks at token balances sees the theft.
#![cfg(target_family = "wasm")]

use near_sdk::json_types::U128;
use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract, is_promise_success,
    near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const GAS_FOR_TRANSFER: Gas = Gas::from_tgas(15);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(10);
const ONE_YOCTO: NearToken = NearToken::from_yoctonear(1);

#[ext_contract(ext_token)]
pub trait Token {
    fn ft_transfer(&mut self, receiver_id: AccountId, amount: U128);
}

#[derive(Default, Clone, Copy)]
#[near(serializers = [borsh])]
pub struct Grant {
    vested: u128,
    released: u128,
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Vesting {
    token_id: AccountId,
    grants: LookupMap<AccountId, Grant>,
}

#[near]
impl Vesting {
    #[init]
    pub fn new(token_id: AccountId, accounts: Vec<AccountId>, amount: U128) -> Self {
        let mut grants = LookupMap::new(b"g");
        for account in accounts {
            grants.insert(account, Grant { vested: amount.0, released: 0 });
        }
        Self { token_id, grants }
    }

    /// Sends the caller everything that is due.
    pub fn release(&mut self) -> Promise {
        let user = env::predecessor_account_id();
        let grant = self.grant(&user);
        let due = grant.vested - grant.released;
        require!(due > 0, "Nothing is due to you");
        if FIXED {
            self.set_released(&user, grant.vested);
        }
        ext_token::ext(self.token_id.clone())
            .with_attached_deposit(ONE_YOCTO)
            .with_static_gas(GAS_FOR_TRANSFER)
            .ft_transfer(user.clone(), U128(due))
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_sent(user, U128(due)))
    }

    #[private]
    pub fn on_sent(&mut self, user: AccountId, amount: U128) -> bool {
        let sent = is_promise_success();
        let grant = self.grant(&user);
        if FIXED && !sent {
            self.set_released(&user, grant.released - amount.0);
        } else if !FIXED && sent {
            self.set_released(&user, grant.vested.min(grant.released + amount.0));
        }
        sent
    }

    pub fn due_to(&self, account_id: AccountId) -> U128 {
        let grant = self.grant(&account_id);
        U128(grant.vested - grant.released)
    }
}

impl Vesting {
    fn grant(&self, user: &AccountId) -> Grant {
        self.grants.get(user).copied().unwrap_or_default()
    }

    fn set_released(&mut self, user: &AccountId, released: u128) {
        let grant = Grant { released, ..self.grant(user) };
        self.grants.insert(user.clone(), grant);
    }
}
