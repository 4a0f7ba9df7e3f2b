//! The other end of the bridge: remembers what it released.
#![cfg(target_family = "wasm")]

use near_sdk::{AccountId, NearToken, near};

#[derive(Default)]
#[near(contract_state)]
pub struct Connector {
    released: NearToken,
}

#[near]
impl Connector {
    pub fn release(&mut self, account_id: AccountId, amount: NearToken) {
        let _ = account_id;
        self.released = self.released.saturating_add(amount);
    }
}
