//! One end of a bridge: deposited NEAR stands behind wrapped tokens on the other side.
//!
//! `withdraw` takes tokens off the user and tells the connector to release them over there. The
//! callback `on_released` restores what the connector refused.
//!
//! **The broken build** restores to `env::predecessor_account_id()`, as `withdraw` has it. In a
//! callback that is this contract itself.
//!
//! **The fixed build** restores to the user whom `withdraw` named in the callback's arguments.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract, is_promise_success,
    near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const MINIMUM: NearToken = NearToken::from_millinear(10);
const GAS_FOR_CONNECTOR: Gas = Gas::from_tgas(15);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(10);

#[ext_contract(ext_connector)]
pub trait Connector {
    fn release(&mut self, account_id: AccountId, amount: NearToken);
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Bridge {
    connector_id: AccountId,
    locked: LookupMap<AccountId, NearToken>,
}

#[near]
impl Bridge {
    #[init]
    pub fn new(connector_id: AccountId) -> Self {
        Self { connector_id, locked: LookupMap::new(b"l") }
    }

    #[payable]
    pub fn lock(&mut self) {
        let amount = env::attached_deposit();
        require!(amount >= MINIMUM, "Lock at least 0.01 NEAR");
        self.credit(env::predecessor_account_id(), amount);
    }

    /// Moves `amount` to the other side.
    pub fn withdraw(&mut self, amount: NearToken) -> Promise {
        let user = env::predecessor_account_id();
        let locked = self.locked_of(user.clone());
        require!(amount >= MINIMUM, "Withdraw at least 0.01 NEAR");
        require!(amount <= locked, "You have less than that");
        self.locked.insert(user.clone(), locked.saturating_sub(amount));
        ext_connector::ext(self.connector_id.clone())
            .with_static_gas(GAS_FOR_CONNECTOR)
            .release(user.clone(), amount)
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_released(user, amount))
    }

    #[private]
    pub fn on_released(&mut self, user: AccountId, amount: NearToken) -> bool {
        let released = is_promise_success();
        if !released {
            self.credit(if FIXED { user } else { env::predecessor_account_id() }, amount);
        }
        released
    }

    pub fn locked_of(&self, account_id: AccountId) -> NearToken {
        self.locked.get(&account_id).copied().unwrap_or_default()
    }
}

impl Bridge {
    fn credit(&mut self, user: AccountId, amount: NearToken) {
        let locked = self.locked.entry(user).or_default();
        *locked = locked.saturating_add(amount);
    }
}
