//! Splits a deposit between two banks, in two calls side by side that one callback joins.
//!
//! **The broken build** looks at the first result only, out of habit. When the second bank fails, its
//! half comes back here, and the user's record says that it was placed.
//!
//! **The fixed build** looks at both, sends back what did not arrive and records what did.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract, near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const MINIMUM: NearToken = NearToken::from_millinear(100);
const GAS_FOR_BANK: Gas = Gas::from_tgas(15);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);
/// A bank answers with an amount.
const MAX_ANSWER: usize = 64;

#[ext_contract(ext_bank)]
pub trait Bank {
    fn deposit(&mut self) -> NearToken;
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Split {
    bank_ids: (AccountId, AccountId),
    placed: LookupMap<AccountId, NearToken>,
}

#[near]
impl Split {
    #[init]
    pub fn new(bank_ids: (AccountId, AccountId)) -> Self {
        Self { bank_ids, placed: LookupMap::new(b"p") }
    }

    #[payable]
    pub fn place(&mut self) -> Promise {
        require!(env::attached_deposit() >= MINIMUM, "Place at least 0.1 NEAR");
        let user = env::predecessor_account_id();
        let first = env::attached_deposit().saturating_div(2);
        let second = env::attached_deposit().saturating_sub(first);
        let deposit = |bank: &AccountId, amount| {
            ext_bank::ext(bank.clone())
                .with_attached_deposit(amount)
                .with_static_gas(GAS_FOR_BANK)
                .deposit()
        };
        deposit(&self.bank_ids.0, first)
            .and(deposit(&self.bank_ids.1, second))
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_placed(user, first, second))
    }

    /// Returns how much was placed.
    #[private]
    pub fn on_placed(&mut self, user: AccountId, first: NearToken, second: NearToken) -> NearToken {
        let arrived = |index| env::promise_result_checked(index, MAX_ANSWER).is_ok();
        let (one, other) = (arrived(0), if FIXED { arrived(1) } else { arrived(0) });
        let nothing = NearToken::ZERO;
        let placed = (if one { first } else { nothing }).saturating_add(if other {
            second
        } else {
            nothing
        });
        let back = first.saturating_add(second).saturating_sub(placed);
        if !back.is_zero() {
            Promise::new(user.clone()).transfer(back).detach();
        }
        if !placed.is_zero() {
            let sum = self.placed.entry(user).or_default();
            *sum = sum.saturating_add(placed);
        }
        placed
    }

    pub fn placed_by(&self, account_id: AccountId) -> NearToken {
        self.placed.get(&account_id).copied().unwrap_or_default()
    }
}
