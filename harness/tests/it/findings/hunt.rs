//! The findings of one campaign per broken build, shared by all tests of this folder.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use interloper::campaign::{Budget, Campaign, Loaded};
use interloper::chain::NEWEST_VERSION;
use interloper::finding::Finding;
use interloper::finding::regression::Regression;
use interloper::types::Seed;

use crate::support::{campaign, target_folder, targets_with};

/// The targets that have a broken build.
pub(crate) static TARGETS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let targets = targets_with("broken.wasm");
    assert!(!targets.is_empty(), "no folder under `targets` has a `broken.wasm`");
    targets
});

/// Enough to find the bug of every broken build.
const MOST_EXECUTIONS: u64 = 5_000;

pub(crate) fn load(target: &str, build: &str) -> Regression {
    Regression::load(&target_folder(target), Some(build), NEWEST_VERSION).expect("the target loads")
}

/// The findings of a campaign on the broken build of a target.
pub(crate) fn hunt(target: &str, seed: u64, budget: Budget) -> Vec<Finding> {
    let loaded = Loaded::load(&target_folder(target), Some("broken"), &[], NEWEST_VERSION);
    let loaded = loaded.expect("the target loads");
    let invariants = loaded.invariants();
    let campaign = Campaign { seed: Seed(seed), budget, ..campaign(&loaded, &invariants, 0) };
    campaign.run(&mut |_| {}).expect("it runs").0
}

/// The first finding of a campaign on each broken build.
pub(crate) static FOUND: LazyLock<BTreeMap<String, Vec<Finding>>> = LazyLock::new(|| {
    let budget = Budget { runs: Some(MOST_EXECUTIONS), findings: Some(1), ..Budget::default() };
    TARGETS.iter().map(|target| (target.clone(), hunt(target, 1, budget))).collect()
});
