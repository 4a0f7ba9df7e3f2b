//! Sells points for NEAR at the price of an oracle, and buys them back. Anybody may move the price
//! between a call and its callback, and what is bought then costs what it costs then.
//!
//! Nothing here is wrong. Who sees the price of the callback decides nothing that an order of the
//! same calls could not give, and whoever minds says at which price to stop.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, PromiseError, env, ext_contract, near,
    require,
};

const MINIMUM: NearToken = NearToken::from_millinear(10);
const GAS_FOR_ORACLE: Gas = Gas::from_tgas(10);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);

#[ext_contract(ext_oracle)]
pub trait Oracle {
    fn price(&self) -> u32;
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Feed {
    oracle_id: AccountId,
    points: LookupMap<AccountId, u128>,
}

#[near]
impl Feed {
    #[init]
    pub fn new(oracle_id: AccountId) -> Self {
        Self { oracle_id, points: LookupMap::new(b"p") }
    }

    /// Buys points at whatever the price is, if it is at most `most`.
    #[payable]
    pub fn buy(&mut self, most: u32) -> Promise {
        let (buyer, paid) = (env::predecessor_account_id(), env::attached_deposit());
        require!(paid >= MINIMUM, "Pay at least 0.01 NEAR");
        self.ask(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_buy(buyer, paid, most))
    }

    #[private]
    pub fn on_buy(
        &mut self,
        buyer: AccountId,
        paid: NearToken,
        most: u32,
        #[callback_result] price: Result<u32, PromiseError>,
    ) -> bool {
        let price = price.ok().filter(|price| (1..=most).contains(price));
        let Some(price) = price else {
            Promise::new(buyer).transfer(paid).detach();
            return false;
        };
        *self.points.entry(buyer).or_default() += paid.as_yoctonear() / u128::from(price) * 1000;
        true
    }

    pub fn points_of(&self, account_id: AccountId) -> String {
        self.points.get(&account_id).copied().unwrap_or_default().to_string()
    }
}

impl Feed {
    fn ask(&self, callback: Promise) -> Promise {
        ext_oracle::ext(self.oracle_id.clone())
            .with_static_gas(GAS_FOR_ORACLE)
            .price()
            .then(callback)
    }
}
