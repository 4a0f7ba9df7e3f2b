//! Keeps the money that it is given.
#![cfg(target_family = "wasm")]

use near_sdk::{PanicOnDefault, env, near, require};

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Keeper {
    kept: u32,
}

#[near]
impl Keeper {
    #[init]
    pub fn new() -> Self {
        Self { kept: 0 }
    }

    #[payable]
    pub fn keep(&mut self) {
        require!(!env::attached_deposit().is_zero(), "Give something to keep");
        self.kept += 1;
    }
}
