//! Lending: who leaves points here can borrow NEAR on them, half of what an oracle says they are worth.
//!
//! Points are made from NEAR one to one and can be taken out as NEAR again while no loan stands on them. `borrow` asks the oracle for
//! the price, and the callback `on_price` lends.
//!
//! **The broken build** passes the collateral that `borrow` saw on to the callback. In between it can
//! be taken out, and the loan stands on nothing.
//!
//! **The fixed build** looks at the collateral again in the callback, when the loan is made.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, PromiseError, env, ext_contract, near,
    require,
};

const FIXED: bool = cfg!(feature = "fixed");
const MINIMUM: NearToken = NearToken::from_millinear(10);
const GAS_FOR_ORACLE: Gas = Gas::from_tgas(10);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);

#[ext_contract(ext_oracle)]
pub trait Oracle {
    fn price(&self) -> u32;
}

#[derive(Default, Clone)]
#[near(serializers = [borsh])]
pub struct Position {
    collateral: NearToken,
    debt: NearToken,
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Lending {
    oracle_id: AccountId,
    positions: LookupMap<AccountId, Position>,
}

#[near]
impl Lending {
    #[init]
    pub fn new(oracle_id: AccountId) -> Self {
        Self { oracle_id, positions: LookupMap::new(b"p") }
    }

    #[payable]
    pub fn add_collateral(&mut self) {
        let amount = env::attached_deposit();
        require!(amount >= MINIMUM, "Add at least 0.01 NEAR");
        let position = self.positions.entry(env::predecessor_account_id()).or_default();
        position.collateral = position.collateral.saturating_add(amount);
    }

    /// Takes out all collateral, where no loan stands on it.
    pub fn remove_collateral(&mut self) -> Promise {
        let user = env::predecessor_account_id();
        let position = self.position(&user);
        require!(position.debt.is_zero(), "Repay your loan first");
        require!(!position.collateral.is_zero(), "You have no collateral");
        self.positions.remove(&user);
        Promise::new(user).transfer(position.collateral)
    }

    /// Lends the caller `amount`, if the collateral is worth twice as much.
    pub fn borrow(&mut self, amount: NearToken) -> Promise {
        let user = env::predecessor_account_id();
        let collateral = self.position(&user).collateral;
        require!(amount >= MINIMUM, "Borrow at least 0.01 NEAR");
        require!(amount <= collateral, "Your collateral is not worth that");
        ext_oracle::ext(self.oracle_id.clone()).with_static_gas(GAS_FOR_ORACLE).price().then(
            Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_price(user, amount, collateral),
        )
    }

    /// Returns whether the loan was made.
    #[private]
    pub fn on_price(
        &mut self,
        user: AccountId,
        amount: NearToken,
        collateral: NearToken,
        #[callback_result] price: Result<u32, PromiseError>,
    ) -> bool {
        let Ok(price) = price else { return false };
        let mut position = self.position(&user);
        let collateral = if FIXED { position.collateral } else { collateral };
        let worth = collateral.as_yoctonear() / 1000 * u128::from(price.min(1000));
        let debt = position.debt.saturating_add(amount);
        if debt.as_yoctonear() > worth / 2 {
            return false;
        }
        position.debt = debt;
        self.positions.insert(user.clone(), position);
        Promise::new(user).transfer(amount).detach();
        true
    }

    #[payable]
    pub fn repay(&mut self) {
        let user = env::predecessor_account_id();
        let mut position = self.position(&user);
        require!(env::attached_deposit() <= position.debt, "You owe less than that");
        position.debt = position.debt.saturating_sub(env::attached_deposit());
        self.positions.insert(user, position);
    }

    pub fn collateral_of(&self, account_id: AccountId) -> NearToken {
        self.position(&account_id).collateral
    }

    pub fn debt_of(&self, account_id: AccountId) -> NearToken {
        self.position(&account_id).debt
    }
}

impl Lending {
    fn position(&self, user: &AccountId) -> Position {
        self.positions.get(user).cloned().unwrap_or_default()
    }
}
