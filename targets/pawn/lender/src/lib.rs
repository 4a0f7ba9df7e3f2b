//! Lends on savings that are kept elsewhere: asks for them, and pays in the callback.
//!
//! The loan is written down before it asks and taken off when it is refused.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, PromiseError, env, ext_contract, near,
    require,
};

const GAS_FOR_SAVINGS: Gas = Gas::from_tgas(10);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);

#[ext_contract(ext_savings)]
pub trait Savings {
    fn savings_of(&self, account_id: AccountId) -> NearToken;
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Lender {
    savings_id: AccountId,
    debts: LookupMap<AccountId, NearToken>,
}

#[near]
impl Lender {
    #[init]
    pub fn new(savings_id: AccountId) -> Self {
        Self { savings_id, debts: LookupMap::new(b"d") }
    }

    /// Lends the caller a NEAR, once.
    pub fn borrow(&mut self) -> Promise {
        let user = env::predecessor_account_id();
        require!(self.debt_of(user.clone()).is_zero(), "You have a loan already");
        ext_savings::ext(self.savings_id.clone())
            .with_static_gas(GAS_FOR_SAVINGS)
            .savings_of(user.clone())
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_savings(user))
    }

    #[private]
    pub fn on_savings(
        &mut self,
        user: AccountId,
        #[callback_result] savings: Result<NearToken, PromiseError>,
    ) -> bool {
        let loan = NearToken::from_near(1);
        let safe = savings.is_ok_and(|savings| savings >= NearToken::from_near(2));
        if !safe || !self.debt_of(user.clone()).is_zero() {
            return false;
        }
        self.debts.insert(user.clone(), loan);
        Promise::new(user).transfer(loan).detach();
        true
    }

    pub fn debt_of(&self, account_id: AccountId) -> NearToken {
        self.debts.get(&account_id).copied().unwrap_or_default()
    }
}
