//! The typed case.
//!
//! A [`Scenario`] says which operations run, in which order, and what fails. It has one binary form and a JSON
//! form that people write by hand. It does not know a target and runs nothing.

mod binary;
mod case;
mod error;
mod history;
mod json;
#[cfg(test)]
pub(crate) mod testing;

pub use crate::adversary::FaultKind;
pub use case::{Arguments, FallbackScheduler, Fault, Operation, Scenario, Step};
pub use error::Error;
pub(crate) use error::cure_for_name;
pub use history::History;
pub(crate) use json::rounded_number;
pub use json::{InvalidStep, USUAL_GAS};
