//! The typed case, the target that it is for, and making and changing cases.
//!
//! A [`Scenario`] says what is done, in which order, and what fails. It has one binary form and a JSON form that
//! people write by hand. A [`Target`] is the contract under test with its world. Never runs anything.

pub mod abi;
pub mod amount;
mod binary;
mod case;
mod draw;
mod error;
mod generate;
pub mod integer;
mod json;
mod mutate;
mod operands;
mod replace;
pub mod target;
pub mod template;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod used;
mod values;
mod words;

pub use crate::adversary::FaultKind;
pub use case::{Arguments, Fault, Operation, Rest, Scenario, Step};
pub use error::Error;
pub use generate::{calls, generate, generate_from_bytes};
pub use json::{InvalidStep, USUAL_GAS};
pub use mutate::{crossover, crossover_bytes, mutate, mutate_bytes};
pub use operands::Match;
pub use replace::{Replacement, replacements};
pub use target::{ContractOverride, Target};
pub use words::is_word;
