//! What NEAR's cross-contract guide promises to contract authors, one test for each claim, with
//! compiled contracts on the simulated chain.
//!
//! Never tests an attack: that an attacker can turn most of these claims around is what Interloper
//! is for.

mod batches;
mod calls;
mod deposits;
mod guide_chain;
mod languages;
mod results;
mod staking;
