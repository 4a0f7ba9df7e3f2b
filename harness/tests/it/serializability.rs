//! What the conflict graph promises, held against serial runs: a case whose graph has no cycle ends as some serial
//! order of its operations does.

use std::ops::ControlFlow;

use interloper::chain::AccountRecord;
use interloper::generator::generate;
use interloper::invariant::Counterfactuals as _;
use interloper::scenario::Scenario;
use interloper::simulation::Replayer;
use interloper::trace::{ConflictGraph, Observation, any_overlap};
use interloper::types::{AccountId, OperationId};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

use crate::support::SimulatedTarget;

/// Cases of each build. Most of them have a cycle or run one after the other.
const CASES: usize = 200;

/// Targets and builds. Their contracts keep nothing in their state that depends on the block, such as a time or
/// the id of a yielded promise.
const TARGETS: [(&str, &str); 9] = [
    ("vault", "broken"),
    ("vault", "fixed"),
    ("staking", "broken"),
    ("lending", "fixed"),
    ("auction", "broken"),
    ("queue", "contract"),
    ("linkdrop", "fixed"),
    ("names", "broken"),
    ("pawn", "broken"),
];

#[test]
fn a_case_without_a_cycle_ends_as_a_serial_order_does() {
    for (name, build) in TARGETS {
        let world = SimulatedTarget::load(name, build);
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut compared = 0;
        for number in 0..CASES {
            let scenario = generate(&world.target, &mut random);
            let ran = world.run(&scenario);
            let seen = &ran.observation;
            let operations: Vec<OperationId> =
                ran.recorded.schedule.iter().map(|step| step.operation()).collect();
            let apart = !any_overlap(&operations);
            if !seen.complete || apart || ConflictGraph::of(seen).cycle().is_some() {
                continue;
            }
            compared += 1;
            let mut same = false;
            let mut replayer = Replayer::new(world.simulation(), &ran);
            let all = replayer.serial(&[], &mut |serial| {
                same = ends_alike(seen, serial);
                if same { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            let all = all.expect("the engine works");
            assert!(same || !all, "case {number} of {name}, {build}: {}", shown(&ran.recorded));
        }
        assert!(compared > 10, "{name}, {build}: {compared} cases without a cycle");
    }
}

fn shown(scenario: &Scenario) -> String {
    serde_json::to_string(scenario).expect("a scenario has a JSON form")
}

/// Whether the accounts exist that exist in the other world, with the same state and code.
fn ends_alike(one: &Observation, other: &Observation) -> bool {
    let nature = |(id, record): (&AccountId, &AccountRecord)| {
        (id.clone(), record.storage().clone(), record.code_hash())
    };
    let natures = |seen: &Observation| seen.end.accounts().map(nature).collect::<Vec<_>>();
    natures(one) == natures(other)
}
