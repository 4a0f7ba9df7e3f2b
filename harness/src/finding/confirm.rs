//! Makes a finding of a violation: shrunk, run once more on the pristine engine, and found to be the
//! same again.
//!
//! Never reports what does not repeat, or what only the instrumented engine shows.

use super::examine::{Examined, Examiner, network, powers};
use super::{Environment, Error, Finding, SCHEMA, fingerprint, shrink};
use crate::simulation::{Ran, Simulation, digest};
use crate::vm::Engine;

/// Shrinks what broke and makes a finding of it, with what happens in the shortest case. `pristine`
/// has the last word.
///
/// # Errors
/// When the machine fails, and [`Error::EnginesDiffer`] where `pristine` does not show just the same.
pub fn confirm(
    examiner: &Examiner<'_>,
    pristine: &dyn Engine,
    examined: &Examined,
    environment: Environment,
) -> Result<(Finding, Ran), Error> {
    let violation = examined.violation.as_ref().expect("only violations are confirmed");
    let (scenario, shrunk) = shrink(examiner, &examined.ran.recorded, violation)?;
    let violation = shrunk.violation.expect("shrinking keeps the violation");
    let digest = digest(&shrunk.ran.observation);
    let simulation = Simulation { engine: pristine, ..examiner.simulation };
    let again = Examiner { simulation, ..*examiner }.examine(&scenario)?;
    let seen = crate::simulation::digest(&again.ran.observation);
    if seen != digest || again.violation.as_ref() != Some(&violation) {
        let scenario = serde_json::to_string(&scenario).expect("a scenario has a JSON form");
        return Err(Error::EnginesDiffer { pristine: seen, instrumented: digest, scenario });
    }
    let finding = Finding {
        schema: SCHEMA,
        fingerprint: fingerprint(&environment.target, &violation),
        rule: examiner.rule(&violation.invariant).to_owned(),
        environment,
        violation,
        powers: powers(&shrunk.ran),
        network: network(&shrunk.ran),
        scenario,
        digest,
    };
    Ok((finding, shrunk.ran))
}
