//! Calls that get further into a contract than those that are drawn by chance, found by a campaign that
//! judges nothing.
//!
//! Never looks for anything wrong.

use std::collections::BTreeMap;

use crate::campaign::{Campaign, Error, Event};
use crate::generator::calls;
use crate::scenario::{Operation, Scenario};
use crate::simulation::Simulation;
use crate::types::AccountId;

/// A method and whose it is.
type Method = (AccountId, String);

/// For each method the call that caused most, where the campaign found one that causes more than any
/// of the `variants` calls that are drawn. The campaign's invariants should be none: they cost time.
///
/// # Errors
/// As [`Campaign::run`].
pub fn deepest_calls(campaign: &Campaign<'_>, variants: u32) -> Result<Vec<Operation>, Error> {
    let mut kept: Vec<Scenario> = Vec::new();
    campaign.run(&mut |event| {
        if let Event::Kept(scenario) = event {
            kept.push(scenario.clone());
        }
    })?;
    let simulation = campaign.examiner.simulation;
    let mut far: BTreeMap<Method, usize> = BTreeMap::new();
    for call in calls(campaign.target, campaign.seed, variants) {
        let alone = Scenario { operations: vec![call], ..Scenario::default() };
        for (method, caused, _) in reach(simulation, &alone)? {
            let most = far.entry(method).or_default();
            *most = caused.max(*most);
        }
    }
    let mut learned: BTreeMap<Method, Operation> = BTreeMap::new();
    for scenario in &kept {
        for (method, caused, call) in reach(simulation, scenario)? {
            let most = far.entry(method.clone()).or_default();
            if caused > *most {
                *most = caused;
                learned.insert(method, call);
            }
        }
    }
    Ok(learned.into_values().collect())
}

/// How much the calls of a case cause that nobody relays and that do not fail: so many receipts each.
fn reach(
    simulation: Simulation<'_>,
    scenario: &Scenario,
) -> Result<Vec<(Method, usize, Operation)>, Error> {
    let ran = simulation.run(scenario)?;
    let calls = ran.recorded.ids().zip(&ran.recorded.operations);
    let direct = calls.filter(|(id, call)| call.through.is_none() && !ran.observation.failed(*id));
    let caused = |id| ran.observation.of(id).count();
    let method = |call: &Operation| (call.receiver.clone(), call.method.clone());
    Ok(direct.map(|(id, call)| (method(call), caused(id), call.clone())).collect())
}
