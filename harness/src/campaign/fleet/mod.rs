//! Campaigns in several processes: one target on several cores, or many targets for a night.
//!
//! Threads do not make a campaign faster, since they share the kernel's memory locks; processes do.

#![expect(clippy::disallowed_methods, reason = "processes have limits of time")]

pub mod jobs;
pub mod nightly;
pub mod process;
mod time_slices;

pub use time_slices::{Share, Tally, next};
