//! A campaign: many cases under a budget, what they found, and how it went.
//!
//! `run` is the loop. `search` decides which case comes next; `libfuzzer` lets libFuzzer decide. `fleet` runs
//! campaigns in several processes. What is computed from campaigns is in the module `analysis`.

pub mod corpus;
mod engines;
mod error;
mod finding_sink;
pub mod fleet;
pub mod goal_report;
pub mod goals;
mod input_source;
#[cfg(feature = "libfuzzer")]
pub mod libfuzzer;
mod loaded;
mod missing_accounts;
mod noticed;
mod options;
mod out_of_gas_probe;
mod reach;
mod run;
pub mod search;
mod statistics;
pub mod windows;

pub use engines::Engines;
pub use error::Error;
pub use finding_sink::{FindingSink, Kept};
pub use input_source::Driver;
pub(crate) use loaded::find_target;
pub use loaded::{LoadError, LoadOptions, LoadedTarget};
pub use missing_accounts::MissingAccount;
pub use noticed::Noticed;
pub use options::CampaignOptions;
pub use out_of_gas_probe::out_of_gas_probe;
pub use reach::{MethodReach, Reach, ReachRecorder, Refusal, Untested, WindowReach};
pub use run::{Budget, Campaign, Event};
pub use search::FeedbackSource;
pub use statistics::Statistics;
