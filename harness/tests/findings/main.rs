//! Findings of real contracts: shrunk as far as they go, told apart, and kept whatever happens.
//!
//! Never compares times, and never relies on what a campaign finds first.

mod cycle;
mod declared;
mod faces;
mod folder;
mod generated;
mod hostile;
mod hunt;
mod minimal;
mod regressions;
mod schema;
mod silent;
mod xml;
