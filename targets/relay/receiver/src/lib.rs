//! Receives tokens of the relay target, and does with them what the message says.
#![cfg(target_family = "wasm")]

use near_sdk::json_types::U128;
use near_sdk::{AccountId, env, near};

#[derive(Default)]
#[near(contract_state)]
pub struct Receiver {}

#[near]
impl Receiver {
    #[init]
    pub fn new() -> Self {
        Self {}
    }

    /// Returns how much of `amount` is not used: nothing for "keep", all for "return", or the
    /// number that `msg` is.
    pub fn on_transfer(&mut self, sender_id: AccountId, amount: U128, msg: String) -> U128 {
        match msg.as_str() {
            "keep" => U128(0),
            "return" => amount,
            "panic" => env::panic_str(&format!("I take nothing from {sender_id}")),
            number => U128(
                number
                    .parse()
                    .unwrap_or_else(|_| env::panic_str("Say keep, return, panic or a number")),
            ),
        }
    }
}
