//! Campaigns with everything filled in that tests seldom choose.

use interloper::campaign::{Budget, Campaign, Driver, FeedbackSource, Loaded};
use interloper::chain::{NEWEST_VERSION, Network};
use interloper::finding::{Checker, Environment};
use interloper::invariant::Invariant;
use interloper::simulation::Simulation;
use interloper::targets::Target;
use interloper::types::Seed;

/// A campaign that ends with its first finding, or after `runs` executions.
pub(crate) fn campaign<'a>(
    loaded: &'a Loaded,
    invariants: &'a [Box<dyn Invariant>],
    runs: u64,
) -> Campaign<'a> {
    let engine = &loaded.engines.instrumented;
    Campaign {
        target: &loaded.target,
        examiner: Checker { simulation: Simulation { stage: &loaded.stage, engine }, invariants },
        engines: &loaded.engines,
        corpus: Vec::new(),
        driver: Driver::Own,
        sources: FeedbackSource::all(),
        seed: Seed(0),
        budget: Budget { runs: Some(runs), findings: Some(1), time: None },
        network: Network::default(),
        environment: environment(&loaded.target),
    }
}

/// Where findings of a target say that they were made.
pub(crate) fn environment(target: &Target) -> Environment {
    Environment {
        target: target.name.clone(),
        folder: format!("targets/{}", target.name),
        build: target.build.clone(),
        contracts: Vec::new(),
        protocol_version: NEWEST_VERSION,
        seed: Seed(0),
        executions: 0,
    }
}
