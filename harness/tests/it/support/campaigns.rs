//! Loaded targets, and campaigns with the options that tests seldom choose.

use interloper::Fuzzer;
use interloper::campaign::{Budget, CampaignOptions, LoadedTarget};

/// A target of the repository.
pub(crate) fn load(name: &str, build: Option<&str>) -> LoadedTarget {
    let fuzzer = Fuzzer::load(format!("targets/{name}")).expect("the repository has the target");
    let fuzzer = match build {
        Some(build) => fuzzer.build(build),
        None => fuzzer,
    };
    fuzzer.into_loaded().expect("the target loads")
}

/// A campaign ends with its first finding, or after `runs` executions.
pub(crate) fn options(runs: u64) -> CampaignOptions {
    let budget = Budget { runs: Some(runs), findings: Some(1), time: None };
    CampaignOptions { budget, ..CampaignOptions::default() }
}
