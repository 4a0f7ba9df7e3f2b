//! Makes a finding of a violation: shrunk, run once more on the pristine engine, and found to be the
//! same again.
//!
//! Never reports what does not repeat, or what only the instrumented engine shows.

use std::ops::ControlFlow;

use super::examine::{Checked, Checker, interleaves, network, powers};
use super::shrink::{MAX_EXECUTIONS, Shrunk, shrink};
use super::story::{Beside, Course, Difference, Story};
use super::{Environment, Error, Finding, SCHEMA, fingerprint};
use crate::invariant::Counterfactuals as _;
use crate::invariant::Violation;
use crate::scenario::Scenario;
use crate::simulation::{Replayer, Simulation};
use crate::trace::digest;
use crate::trace::{Location, PromiseOutcome, Window, windows};
use crate::vm::Engine;

/// Shrinks what broke and makes a finding of it. `pristine` has the last word.
///
/// # Errors
/// When the machine fails, and [`Error::EnginesDiffer`] where `pristine` does not show just the same.
pub fn confirm(
    examiner: &Checker<'_>,
    pristine: &dyn Engine,
    examined: &Checked,
    environment: Environment,
) -> Result<Finding, Error> {
    let Shrunk { scenario, examined: shrunk, cut_short } =
        shrink(examiner, examined, MAX_EXECUTIONS)?;
    let digest_before = digest(&shrunk.ran.observation);
    let simulation = Simulation { engine: pristine, ..examiner.simulation };
    let examiner = Checker { simulation, ..*examiner };
    let again = examiner.examine(&scenario)?;
    let seen = digest(&again.ran.observation);
    if seen != digest_before || again.violation != shrunk.violation {
        let scenario = serde_json::to_string(&scenario).expect("a scenario has a JSON form");
        return Err(Error::EnginesDiffer { pristine: seen, instrumented: digest_before, scenario });
    }
    let finding = describe(&examiner, scenario, &again, environment)?;
    Ok(Finding { cut_short, ..finding.expect("shrinking keeps the violation") })
}

/// The finding that a judged case is, as it stands; none where nothing broke.
///
/// # Errors
/// When the machine fails.
pub fn describe(
    examiner: &Checker<'_>,
    scenario: Scenario,
    examined: &Checked,
    environment: Environment,
) -> Result<Option<Finding>, crate::simulation::Error> {
    let Some(violation) = &examined.violation else { return Ok(None) };
    let windows = windows(&examined.ran.observation);
    let window = principal(&windows, violation).cloned();
    Ok(Some(Finding {
        schema: SCHEMA,
        fingerprint: fingerprint(&environment.target, violation, window.as_ref()),
        count: 1,
        rule: examiner.rule(&violation.invariant).to_owned(),
        environment,
        violation: violation.clone(),
        window,
        powers: powers(&examined.ran),
        network: network(&examined.ran),
        story: story(examiner, &scenario, examined)?,
        scenario,
        cut_short: false,
        digest: digest(&examined.ran.observation),
    }))
}

/// What happened, and what to hold it against: where operations run into each other, the same one
/// after the other; else, where something is made to fail, the same without that.
fn story(
    examiner: &Checker<'_>,
    scenario: &Scenario,
    examined: &Checked,
) -> Result<Story, crate::simulation::Error> {
    let recorded = &examined.ran.recorded;
    let course = Course::of(&examined.ran.observation);
    let mut beside = None;
    if interleaves(recorded) {
        let mut bench = Replayer::new(examiner.simulation, &examined.ran);
        bench.serial(&[], &mut |serial| {
            beside = Some(Beside { difference: Difference::Serial, course: Course::of(serial) });
            ControlFlow::Break(())
        })?;
    } else if !scenario.faults.is_empty() {
        // Not as recorded: without the faults other receipts come, and its steps would not fit them.
        let spared = Scenario { faults: Vec::new(), ..scenario.clone() };
        let ran = examiner.simulation.run(&spared)?;
        let course = Course::of(&ran.observation);
        beside = Some(Beside { difference: Difference::NoFaults, course });
    }
    Ok(Story { course, beside })
}

/// The window that a violation is about, where it is about one: one that somebody came into, else one
/// of the violation's own method that heard of a failure.
fn principal<'a>(windows: &'a [Window], violation: &Violation) -> Option<&'a Location> {
    let visited = |window: &&Window| !window.visitors.is_empty();
    let failed = |window: &&Window| {
        window.place.answer != PromiseOutcome::Succeeded
            && window.place.opened_by == violation.method
    };
    let first = |telling: &dyn Fn(&&'a Window) -> bool| {
        windows.iter().filter(|window| telling(window)).map(|window| &window.place).min()
    };
    first(&visited).or_else(|| first(&failed))
}
