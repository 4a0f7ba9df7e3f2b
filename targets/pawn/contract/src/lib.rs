//! Savings that serve as a security elsewhere: `withdraw` asks the lender (`lender/`) whether a loan
//! stands on them, and pays in the callback. The lender asks here before it lends.
//!
//! **The broken build** asks with the savings still written down. So a withdrawal and a loan that are
//! under way together each see the other not yet there, and both are paid. Neither contract is wrong
//! by itself.
//!
//! **The fixed build** takes the savings off before it asks, and puts them back when it must not pay.
//! Then the lender sees what is left.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, PromiseError, env, ext_contract, near,
    require,
};

const FIXED: bool = cfg!(feature = "fixed");
const MINIMUM: NearToken = NearToken::from_millinear(10);
const GAS_FOR_LENDER: Gas = Gas::from_tgas(10);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);

#[ext_contract(ext_lender)]
pub trait Lender {
    fn debt_of(&self, account_id: AccountId) -> NearToken;
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Savings {
    lender_id: AccountId,
    savings: LookupMap<AccountId, NearToken>,
}

#[near]
impl Savings {
    #[init]
    pub fn new(lender_id: AccountId) -> Self {
        Self { lender_id, savings: LookupMap::new(b"s") }
    }

    #[payable]
    pub fn save(&mut self) {
        require!(env::attached_deposit() >= MINIMUM, "Save at least 0.01 NEAR");
        self.credit(env::predecessor_account_id(), env::attached_deposit());
    }

    /// Pays the caller everything, if no loan stands on it.
    pub fn withdraw(&mut self) -> Promise {
        let user = env::predecessor_account_id();
        let amount = self.savings_of(user.clone());
        require!(!amount.is_zero(), "You have no savings");
        if FIXED {
            self.savings.remove(&user);
        }
        ext_lender::ext(self.lender_id.clone())
            .with_static_gas(GAS_FOR_LENDER)
            .debt_of(user.clone())
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_debt(user, amount))
    }

    #[private]
    pub fn on_debt(
        &mut self,
        user: AccountId,
        amount: NearToken,
        #[callback_result] debt: Result<NearToken, PromiseError>,
    ) -> bool {
        let free = debt.is_ok_and(|debt| debt.is_zero());
        if FIXED {
            if !free {
                self.credit(user, amount);
                return false;
            }
        } else {
            // Another withdrawal may have been quicker.
            if !free || self.savings_of(user.clone()) < amount {
                return false;
            }
            let left = self.savings_of(user.clone()).saturating_sub(amount);
            self.savings.insert(user.clone(), left);
        }
        Promise::new(user).transfer(amount).detach();
        true
    }

    pub fn savings_of(&self, account_id: AccountId) -> NearToken {
        self.savings.get(&account_id).copied().unwrap_or_default()
    }
}

impl Savings {
    fn credit(&mut self, user: AccountId, amount: NearToken) {
        let savings = self.savings.entry(user).or_default();
        *savings = savings.saturating_add(amount);
    }
}
