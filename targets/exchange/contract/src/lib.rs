//! An exchange: sells points for NEAR at the price that an oracle tells, if the buyer gets at least
//! as many as asked for.
//!
//! **The broken build** has the callback `on_price` panic when it is fewer. What the callback did is
//! undone, but not the call before it: the buyer's money stays here.
//!
//! **The fixed build** sends the money back and returns.
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

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Exchange {
    oracle_id: AccountId,
    points: LookupMap<AccountId, u128>,
}

#[near]
impl Exchange {
    #[init]
    pub fn new(oracle_id: AccountId) -> Self {
        Self { oracle_id, points: LookupMap::new(b"p") }
    }

    /// Buys points, at least `least` of them.
    #[payable]
    pub fn buy(&mut self, least: u32) -> Promise {
        let amount = env::attached_deposit();
        require!(amount >= MINIMUM, "Pay at least 0.01 NEAR");
        let buyer = env::predecessor_account_id();
        ext_oracle::ext(self.oracle_id.clone())
            .with_static_gas(GAS_FOR_ORACLE)
            .price()
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_price(buyer, amount, least))
    }

    /// Returns how many points were bought.
    #[private]
    pub fn on_price(
        &mut self,
        buyer: AccountId,
        amount: NearToken,
        least: u32,
        #[callback_result] price: Result<u32, PromiseError>,
    ) -> u32 {
        let Ok(price) = price else {
            Promise::new(buyer).transfer(amount).detach();
            return 0;
        };
        let milli = amount.as_yoctonear() / NearToken::from_millinear(1).as_yoctonear();
        let points = u32::try_from(milli * 1000 / u128::from(price.max(1))).unwrap_or(u32::MAX);
        if points < least {
            require!(FIXED, "Slippage");
            Promise::new(buyer).transfer(amount).detach();
            return 0;
        }
        *self.points.entry(buyer).or_default() += u128::from(points);
        points
    }

    pub fn points_of(&self, account_id: AccountId) -> String {
        self.points.get(&account_id).copied().unwrap_or_default().to_string()
    }
}
