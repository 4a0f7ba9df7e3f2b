//! A price feed. Anybody may move it, within bounds: targets must live with any price.
#![cfg(target_family = "wasm")]

use near_sdk::{PanicOnDefault, near, require};

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Oracle {
    /// How many thousandths of a NEAR a thousand points are worth.
    price: u32,
}

#[near]
impl Oracle {
    #[init]
    pub fn new(price: u32) -> Self {
        Self { price }
    }

    pub fn price(&self) -> u32 {
        self.price
    }

    pub fn set_price(&mut self, price: u32) {
        require!((500..=2000).contains(&price), "A price is from 500 to 2000");
        self.price = price;
    }
}
