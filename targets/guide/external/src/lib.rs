//! The contract on the other side of the guide contract's calls. Its methods take a `text`, which
//! some of them ignore, so that a test can put any of them where a call is wanted.
#![cfg(target_family = "wasm")]

#[path = "../../seen.rs"]
mod seen;

use near_sdk::{PanicOnDefault, env, near};
use seen::Seen;

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct External {
    notes: Vec<Seen>,
}

#[near]
impl External {
    #[init]
    pub fn new() -> Self {
        Self { notes: Vec::new() }
    }

    pub fn hello(&self) -> String {
        "hello".to_string()
    }

    pub fn echo(&self, text: String) -> String {
        text
    }

    pub fn nothing(&self) {}

    #[payable]
    pub fn fail(&mut self) {
        env::panic_str("I always fail");
    }

    /// Notes the call, and keeps the deposit.
    #[payable]
    pub fn record(&mut self, text: String) {
        self.notes.push(Seen::now(text));
    }

    /// A callback for the calls of another contract (claim 7).
    pub fn on_result(&mut self) {
        self.notes.push(Seen::now("on_result".to_string()));
    }

    pub fn notes(&self) -> Vec<Seen> {
        self.notes.clone()
    }
}
