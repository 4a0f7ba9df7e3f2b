//! How a campaign runs: everything about it but the target.
//!
//! Only data.

use std::collections::BTreeSet;

use super::{Budget, Driver, FeedbackSource};
use crate::chain::Network;
use crate::scenario::Scenario;
use crate::types::Seed;

/// How a campaign runs.
///
/// The default never ends: set a [`Budget`].
#[derive(Clone, Debug)]
pub struct CampaignOptions {
    /// Who chooses the cases.
    pub driver: Driver,
    /// What it learns from cases.
    pub sources: BTreeSet<FeedbackSource>,
    /// The start of all random numbers. The same seed makes the same campaign, as far as runs limit it.
    pub seed: Seed,
    /// When it ends.
    pub budget: Budget,
    /// What the network may do.
    pub network: Network,
    /// Cases that run first.
    pub corpus: Vec<Scenario>,
}

impl Default for CampaignOptions {
    fn default() -> Self {
        Self {
            driver: Driver::default(),
            sources: FeedbackSource::all(),
            seed: Seed::default(),
            budget: Budget::default(),
            network: Network::default(),
            corpus: Vec::new(),
        }
    }
}
