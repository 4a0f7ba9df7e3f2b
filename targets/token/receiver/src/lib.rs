//! Receives tokens and answers what the message says: how many of them it does not use.
#![cfg(target_family = "wasm")]

use near_sdk::json_types::U128;
use near_sdk::{AccountId, near};

#[derive(Default)]
#[near(contract_state)]
pub struct Receiver {}

#[near]
impl Receiver {
    pub fn ft_on_transfer(&mut self, sender_id: AccountId, amount: U128, msg: String) -> U128 {
        let _ = sender_id;
        if msg == "all" { amount } else { U128(msg.parse().unwrap_or(0)) }
    }
}
