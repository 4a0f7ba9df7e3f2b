//! The claims of NEAR's guide to cross-contract calls, one test for each, with compiled contracts on the
//! simulated chain.
//!
//! Never tests an attack.

mod batches;
mod calls;
mod deposits;
mod guide_chain;
mod languages;
mod results;
mod staking;
