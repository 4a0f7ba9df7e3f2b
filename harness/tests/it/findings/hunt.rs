//! Campaigns on the targets that come along, each run once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use interloper::campaign::{Budget, Campaign, Driver, Engines};
use interloper::chain::{NEWEST_VERSION, Network};
use interloper::finding::regression::Regression;
use interloper::finding::{Checker, Finding};
use interloper::simulation::Simulation;
use interloper::types::Seed;

/// The targets whose broken build is searched: all that have one.
pub(crate) const TARGETS: [&str; 24] = [
    "airdrop",
    "approval",
    "auction",
    "bridge",
    "channel",
    "exchange",
    "factory",
    "guestbook",
    "harvest",
    "lending",
    "linkdrop",
    "market",
    "maze",
    "names",
    "pawn",
    "purse",
    "relay",
    "rewards",
    "router",
    "split",
    "staking",
    "token",
    "vault",
    "vesting",
];

/// Enough for each broken build to show what is wrong with it.
const MOST_EXECUTIONS: u64 = 5_000;

pub(crate) fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets").join(target)
}

pub(crate) fn load(target: &str, build: &str) -> Regression {
    Regression::load(&folder(target), Some(build), NEWEST_VERSION).expect("it comes along")
}

/// What a campaign with this seed finds.
pub(crate) fn hunt(regression: &Regression, seed: u64, executions: u64) -> Vec<Finding> {
    run(regression, seed, Budget { runs: Some(executions), ..Budget::default() })
}

fn run(regression: &Regression, seed: u64, budget: Budget) -> Vec<Finding> {
    let pristine = regression.examiner();
    let protocol = pristine.simulation.stage.world.protocol();
    let engines = Engines::load(regression.target(), protocol).expect("it can be compiled");
    let simulation = Simulation { engine: &engines.instrumented, ..pristine.simulation };
    let campaign = Campaign {
        driver: Driver::Own,
        target: regression.target(),
        examiner: Checker { simulation, ..pristine },
        sources: interloper::campaign::Source::all(),
        engines: &engines,
        network: Network::default(),
        corpus: Vec::new(),
        seed: Seed(seed),
        budget,
        environment: regression.environment(),
    };
    campaign.run(&mut |_| {}).expect("it runs").0
}

/// What a campaign finds first in each broken build.
pub(crate) static FOUND: LazyLock<BTreeMap<&'static str, Vec<Finding>>> = LazyLock::new(|| {
    let budget = Budget { runs: Some(MOST_EXECUTIONS), findings: Some(1), ..Budget::default() };
    let found = TARGETS.map(|target| (target, run(&load(target, "broken"), 1, budget)));
    found.into_iter().collect()
});

#[test]
fn no_target_with_a_broken_build_is_left_out() {
    let targets = std::fs::read_dir(folder("")).expect("they come along");
    let targets = targets.map(|entry| entry.expect("it is there").path());
    let broken = targets.filter(|target| target.join("broken.wasm").is_file());
    let mut names: Vec<_> =
        broken.filter_map(|target| Some(target.file_name()?.to_str()?.to_owned())).collect();
    names.sort();
    let cure = "add it here, a finding of it to the corpus, and run with UPDATE_REGRESSIONS=1";
    assert_eq!(names, TARGETS, "{cure}");
}
