//! Campaigns in several processes: one target on several cores, or many targets for a night.
//!
//! Threads do not make a campaign faster, since they share the kernel's memory locks; processes do.

#![expect(clippy::disallowed_methods, reason = "processes have limits of time")]

mod assignment;
pub mod jobs;
mod merged_findings;
pub mod nightly;
mod parent_watchdog;
pub mod process;
mod time_slices;

pub use assignment::Assignment;
pub use merged_findings::MergedFindings;
pub use time_slices::{TargetProgress, next};
