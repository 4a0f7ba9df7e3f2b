//! The findings of one campaign per broken build, shared by all tests of this folder.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use interloper::campaign::{Budget, CampaignOptions, LoadedTarget};
use interloper::finding::Finding;
use interloper::types::Seed;

use crate::support::targets_with;

/// The targets that have a broken build.
pub(crate) static TARGETS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let targets = targets_with("broken.wasm");
    assert!(!targets.is_empty(), "no folder under `targets` has a `broken.wasm`");
    targets
});

/// Enough to find the bug of every broken build.
const MOST_EXECUTIONS: u64 = 5_000;

pub(crate) fn load(target: &str, build: &str) -> LoadedTarget {
    crate::support::load(target, Some(build))
}

/// The findings of a campaign on the broken build of a target.
pub(crate) fn hunt(target: &str, seed: u64, budget: Budget) -> Vec<Finding> {
    let options = CampaignOptions { seed: Seed(seed), budget, ..CampaignOptions::default() };
    load(target, "broken").campaign(options).run(&mut |_| {}).expect("it runs").0
}

/// The first finding of a campaign on each broken build.
pub(crate) static FOUND: LazyLock<BTreeMap<String, Vec<Finding>>> = LazyLock::new(|| {
    let budget = Budget { runs: Some(MOST_EXECUTIONS), findings: Some(1), ..Budget::default() };
    TARGETS.iter().map(|target| (target.clone(), hunt(target, 1, budget))).collect()
});
