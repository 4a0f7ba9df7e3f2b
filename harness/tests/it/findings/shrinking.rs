//! Shrinking, and the identity of findings.

use std::collections::BTreeSet;

use interloper::adversary::{FaultKind, ViaContract};
use interloper::campaign::{Budget, LoadedTarget};
use interloper::chain::Network;
use interloper::finding::{Finding, MAX_EXECUTIONS, shrink};
use interloper::scenario::{Arguments, Scenario, Step, USUAL_GAS};
use interloper::types::{NearToken, OperationId};

use super::hunt::{FOUND, TARGETS, hunt, load};

/// Whether a case still has this finding.
fn shows(loaded: &LoadedTarget, case: &Scenario, finding: &Finding) -> bool {
    let again = loaded.replay(case).expect("a part of a case that fits, fits");
    again.is_some_and(|again| again.fingerprint == finding.fingerprint)
}

/// The case without one of its operations, faults or steps, in turn.
fn smaller(case: &Scenario) -> Vec<(String, Scenario)> {
    let mut all = Vec::new();
    if case.operations.len() > 1 {
        let without = |id| (format!("operation {id}"), case.without_operation(id));
        all.extend(case.ids().map(without));
    }
    for index in 0..case.faults.len() {
        let mut without = case.clone();
        without.faults.remove(index);
        all.push((format!("fault {index}"), without));
    }
    for index in 0..case.schedule.len() {
        let mut without = case.clone();
        without.schedule.remove(index);
        all.push((format!("step {index}"), without));
    }
    all
}

#[test]
fn every_broken_build_has_a_finding() {
    for target in TARGETS.iter() {
        assert!(!FOUND[target].is_empty(), "{target}");
    }
}

#[test]
fn every_part_of_a_shrunk_case_is_needed() {
    for target in TARGETS.iter() {
        let loaded = load(target, "broken");
        for finding in &FOUND[target] {
            assert!(shows(&loaded, &finding.scenario, finding), "{target} {finding:#?}");
            for (part, without) in smaller(&finding.scenario) {
                assert!(
                    !shows(&loaded, &without, finding),
                    "{target} breaks {} without {part}, too: {}",
                    finding.violation.invariant,
                    finding.scenario.to_json()
                );
            }
        }
    }
}

/// The case with one of the attacker's powers weakened, in turn.
fn weaker(case: &Scenario) -> Vec<(String, Scenario)> {
    let mut all = Vec::new();
    let mut add = |what: String, change: &dyn Fn(&mut Scenario)| {
        let mut changed = case.clone();
        change(&mut changed);
        if changed != *case {
            all.push((what, changed));
        }
    };
    for (index, operation) in case.operations.iter().enumerate() {
        add(format!("{index} called by its signer"), &|case| case.operations[index].through = None);
        add(format!("{index} with the usual gas"), &|case| case.operations[index].gas = USUAL_GAS);
        let Some(through) = &operation.through else { continue };
        add(format!("{index} as a plain call of a contract"), &|case| {
            let plain = ViaContract { callback_of: None, ..through.clone() };
            case.operations[index].through = Some(plain);
        });
        add(format!("{index} signed by who plays the contract"), &|case| {
            case.operations[index].signer = through.account.clone();
        });
    }
    for (index, fault) in case.faults.iter().enumerate() {
        if !matches!(fault.kind, FaultKind::Delay(_)) {
            add(format!("{index} just fails"), &|case| case.faults[index].kind = FaultKind::Panic);
        }
    }
    for network in [Network::Calm, Network::Congested] {
        if network < case.network {
            add(format!("on a network that is {network:?}"), &|case| case.network = network);
        }
    }
    all
}

#[test]
fn no_weaker_power_is_enough() {
    for target in TARGETS.iter() {
        let loaded = load(target, "broken");
        for finding in &FOUND[target] {
            for (what, weaker) in weaker(&finding.scenario) {
                assert!(
                    !shows(&loaded, &weaker, finding),
                    "{target} breaks {} {what}, too: {}",
                    finding.violation.invariant,
                    finding.scenario.to_json()
                );
            }
        }
    }
}

#[test]
fn shrinking_stops_at_its_limit_of_executions_and_says_so() {
    let loaded = load("lending", "broken");
    let finding = &FOUND["lending"][0];
    let mut longer = finding.scenario.clone();
    longer.operations.push(longer.operations[0].clone());
    let examiner = loaded.pristine_checker();
    let examined = examiner.examine(&longer).expect("it runs");
    let shrunk = |most| shrink(&examiner, &examined, most).expect("it runs");
    let nothing = shrunk(0);
    assert_eq!(
        (nothing.scenario.operations.len(), nothing.cut_short),
        (longer.operations.len(), true)
    );
    assert!(nothing.examined.violation.is_some(), "the case no longer shows the violation");
    let all = shrunk(MAX_EXECUTIONS);
    assert_eq!((&all.scenario, all.cut_short), (&finding.scenario, false));
}

#[test]
fn every_deposit_is_needed() {
    for target in TARGETS.iter() {
        let loaded = load(target, "broken");
        for finding in &FOUND[target] {
            for index in 0..finding.scenario.operations.len() {
                let mut less = finding.scenario.clone();
                let deposit = &mut less.operations[index].deposit;
                if *deposit > NearToken::from_yoctonear(1) {
                    *deposit = NearToken::from_yoctonear(deposit.as_yoctonear() / 2);
                    assert!(!shows(&loaded, &less, finding), "{target} {index} {less:#?}");
                }
            }
        }
    }
}

#[test]
fn operations_are_numbered_as_they_start() {
    for finding in FOUND.values().flatten() {
        let starts: Vec<_> =
            finding.story.course.moments.iter().filter(|m| m.transaction).collect();
        let numbers: Vec<_> = starts.iter().map(|start| start.name.operation).collect();
        assert!(numbers.is_sorted(), "{}", finding.scenario.to_json());
        let steps = &finding.scenario.schedule;
        assert!(!matches!(steps.last(), Some(Step::Start(OperationId(0)))), "{steps:?}");
        let json = |arguments: &Arguments| matches!(arguments, Arguments::Json(_));
        assert!(finding.scenario.operations.iter().all(|call| json(&call.arguments)));
    }
}

#[test]
fn the_same_bug_is_one_finding_with_any_seed() {
    let budget = Budget { runs: Some(150), ..Budget::default() };
    let found: Vec<_> = (2..4).flat_map(|seed| hunt("vault", seed, budget)).collect();
    let places: BTreeSet<_> =
        found.iter().map(|found| (found.fingerprint, &found.window)).collect();
    assert_eq!(places.len(), 1, "the vault has one bug: {places:#?}");
    assert_eq!(found.len(), 2, "each campaign has one finding");
    assert!(
        found.iter().all(|finding| finding.count > 1),
        "each campaign counts the bug several times"
    );
}

#[test]
fn fixed_builds_break_no_invariant_in_the_same_cases() {
    for target in TARGETS.iter() {
        let fixed = load(target, "fixed");
        for finding in &FOUND[target] {
            let again =
                fixed.replay(&finding.scenario).expect("the fixed build has the same methods");
            assert_eq!(again, None, "{target} {}", finding.scenario.to_json());
        }
    }
}
