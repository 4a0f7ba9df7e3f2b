//! Makes a finding of a violation: shrunk, run once more, and found to be the same again.
//!
//! Never reports what does not repeat.

use super::examine::{Examined, Examiner, powers};
use super::{Environment, Finding, SCHEMA, fingerprint, shrink};
use crate::simulation::{Error, Ran, digest};

/// Shrinks what broke and makes a finding of it, with what happens in the shortest case.
///
/// # Errors
/// When the machine fails.
///
/// # Panics
/// When the same case does not give the same result twice: that is a defect of the harness, worse than
/// any that it could report.
pub fn confirm(
    examiner: &Examiner<'_>,
    examined: &Examined,
    environment: Environment,
) -> Result<(Finding, Ran), Error> {
    let violation = examined.violation.as_ref().expect("only violations are confirmed");
    let (scenario, shrunk) = shrink(examiner, &examined.ran.recorded, violation)?;
    let violation = shrunk.violation.expect("shrinking keeps the violation");
    let digest = digest(&shrunk.ran.observation);
    let again = examiner.examine(&scenario)?;
    assert_eq!(
        crate::simulation::digest(&again.ran.observation),
        digest,
        "the same case must give the same result twice"
    );
    let finding = Finding {
        schema: SCHEMA,
        fingerprint: fingerprint(&environment.target, &violation),
        rule: examiner.rule(&violation.invariant).to_owned(),
        environment,
        violation,
        powers: powers(&shrunk.ran),
        scenario,
        digest,
    };
    Ok((finding, shrunk.ran))
}
