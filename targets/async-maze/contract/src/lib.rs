//! A maze for schedulers: three walkers who each call outside twice, and three orders of their steps of
//! which each is harder to come by than the one before.
//!
//! A walker leaves a mark when it enters (0), and in the callback of each of its two calls (1 and 2).
//! When all have arrived, the contract logs which of these orders it has seen:
//!
//! - `depth 1`: walker 0 enters after the others have arrived. It takes one late event.
//! - `depth 2`: walker 0 enters before the others, and makes its next step after they have arrived. It
//!   takes an early event, and the one after it late.
//! - `depth 3`: walkers 0 and 1 enter before walker 2; walker 2 arrives before the next step of walker
//!   1, and walker 1 before that of walker 0.
#![cfg(target_family = "wasm")]

use near_sdk::{AccountId, Gas, NearToken, Promise, PromiseOrValue, env, near};

const LAST: u8 = 2;
const WALKERS: usize = 3;

#[derive(Default)]
#[near(contract_state)]
pub struct Maze {
    /// Walker and step, in the order in which they happened.
    marks: Vec<(u8, u8)>,
}

#[near]
impl Maze {
    /// Walker `walker` enters.
    pub fn walk(&mut self, walker: u8) -> Promise {
        self.marks.push((walker, 0));
        step(walker, 1)
    }

    #[private]
    pub fn on_step(&mut self, walker: u8, number: u8) -> PromiseOrValue<()> {
        self.marks.push((walker, number));
        if number < LAST {
            return PromiseOrValue::Promise(step(walker, number + 1));
        }
        if self.marks.len() == WALKERS * (usize::from(LAST) + 1) {
            self.tell();
        }
        PromiseOrValue::Value(())
    }
}

impl Maze {
    fn tell(&self) {
        let place = |walker, number| {
            let mark = self.marks.iter().position(|mark| *mark == (walker, number));
            mark.unwrap_or_else(|| env::panic_str("A walker went twice"))
        };
        let before = |one: (u8, u8), other: (u8, u8)| place(one.0, one.1) < place(other.0, other.1);
        if before((1, LAST), (0, 0)) && before((2, LAST), (0, 0)) {
            env::log_str("depth 1");
        }
        let enters_first = before((0, 0), (1, 0)) && before((0, 0), (2, 0));
        if enters_first && before((1, LAST), (0, 1)) && before((2, LAST), (0, 1)) {
            env::log_str("depth 2");
        }
        let both_enter = before((0, 0), (2, 0)) && before((1, 0), (2, 0));
        if both_enter && before((2, LAST), (1, 1)) && before((1, LAST), (0, 1)) {
            env::log_str("depth 3");
        }
    }
}

/// Calls outside, and goes on in the callback.
fn step(walker: u8, number: u8) -> Promise {
    // Each walker has an account of their own outside: receipts between two accounts keep their order.
    let echo = format!("echo{walker}.near").parse::<AccountId>();
    let echo = echo.unwrap_or_else(|_| env::panic_str("There is no such walker"));
    let gas = if number < LAST { 60 } else { 15 };
    let callback = Maze::ext_self().with_static_gas(Gas::from_tgas(gas)).on_step(walker, number);
    let (nothing, free) = (Vec::new(), NearToken::ZERO);
    Promise::new(echo).function_call("echo", nothing, free, Gas::from_tgas(5)).then(callback)
}
