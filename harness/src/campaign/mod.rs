//! A campaign: many cases under a budget, what they found, and how it went.
//!
//! `run` is the loop. `search` decides which case comes next; `libfuzzer` lets libFuzzer decide. `fleet` runs
//! campaigns in several processes. What is computed from campaigns is in the module `analysis`.

pub mod corpus;
mod engines;
pub mod fleet;
pub mod goals;
mod input_source;
pub mod libfuzzer;
mod loaded;
mod missing_accounts;
mod out_of_gas_probe;
mod run;
pub mod search;
pub mod windows;

pub use crate::finding::Error;
pub use engines::Engines;
pub use input_source::Driver;
pub use loaded::Loaded;
pub use missing_accounts::MissingAccount;
pub use out_of_gas_probe::out_of_gas_probe;
pub use run::{Budget, Campaign, Event, Statistics};
pub use search::FeedbackSource;
