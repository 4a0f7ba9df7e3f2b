//! Which case a campaign tries next, and what it learns from each: the feedback, the pool of cases that showed
//! something new, the schedules.
//!
//! Never runs a case, and knows nothing of libFuzzer.

mod behaviour;
mod coverage_sink;
pub(super) mod feedback;
mod input_scheduler;
mod pool;
mod schedule;
mod waits;
mod worlds;

pub(crate) use coverage_sink::CoverageSink;
pub use feedback::FeedbackSource;
pub(crate) use input_scheduler::{InputScheduler, NextInput};
pub(crate) use worlds::Lead;
