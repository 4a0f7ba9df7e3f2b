//! What is computed with campaigns and around them: every order of small cases, one case in many orders, what
//! a campaign reaches, whether known bugs are found, and how fast cases run.

pub mod benchmark;
pub mod coverage_report;
mod deepest_calls;
pub mod explore;
pub mod sample;
pub mod speed;

pub use deepest_calls::deepest_calls;
