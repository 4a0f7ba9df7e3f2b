//! What shrinking leaves, and what makes two findings the same.

use std::collections::BTreeSet;

use interloper::finding::Finding;
use interloper::finding::regression::Regression;
use interloper::scenario::{Arguments, Scenario, Step};
use interloper::types::NearToken;

use super::hunt::{FOUND, TARGETS, hunt, load};

/// Whether a case still shows this bug.
fn shows(regression: &Regression, case: &Scenario, finding: &Finding) -> bool {
    let again = regression.replay(case).expect("a part of a case that fits, fits");
    again.is_some_and(|again| again.fingerprint == finding.fingerprint)
}

/// The case without each of its operations, faults and steps.
fn smaller(case: &Scenario) -> Vec<(String, Scenario)> {
    let mut all = Vec::new();
    if case.operations.len() > 1 {
        let without = |index| (format!("operation {index}"), case.without_operation(index));
        all.extend((0..case.operations.len()).map(without));
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
fn every_broken_build_is_found_out() {
    for target in TARGETS {
        assert!(!FOUND[target].is_empty(), "{target}");
    }
}

#[test]
fn without_any_part_the_violation_is_gone() {
    for target in TARGETS {
        let regression = load(target, "broken");
        for finding in &FOUND[target] {
            assert!(shows(&regression, &finding.scenario, finding), "{target} {finding:#?}");
            for (part, without) in smaller(&finding.scenario) {
                assert!(
                    !shows(&regression, &without, finding),
                    "{target} breaks {} without {part} as well: {}",
                    finding.violation.invariant,
                    finding.scenario.to_json()
                );
            }
        }
    }
}

#[test]
fn half_of_any_deposit_is_too_little() {
    for target in TARGETS {
        let regression = load(target, "broken");
        for finding in &FOUND[target] {
            for index in 0..finding.scenario.operations.len() {
                let mut less = finding.scenario.clone();
                let deposit = &mut less.operations[index].deposit;
                if *deposit > NearToken::from_yoctonear(1) {
                    *deposit = NearToken::from_yoctonear(deposit.as_yoctonear() / 2);
                    assert!(!shows(&regression, &less, finding), "{target} {index} {less:#?}");
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
        assert!(!matches!(steps.last(), Some(Step::Start(0))), "{steps:?}");
        let json = |arguments: &Arguments| matches!(arguments, Arguments::Json(_));
        assert!(finding.scenario.operations.iter().all(|call| json(&call.arguments)));
    }
}

#[test]
fn the_same_bug_has_the_same_fingerprint_however_it_was_found() {
    let regression = load("vault", "broken");
    let mut all = BTreeSet::new();
    for seed in 2..4 {
        let found = hunt(&regression, seed, 250);
        assert!(!found.is_empty(), "seed {seed}");
        let fingerprints: BTreeSet<_> = found.iter().map(|finding| finding.fingerprint).collect();
        assert_eq!(fingerprints.len(), found.len(), "no bug is found twice in one campaign");
        all.extend(found.iter().map(|finding| (finding.fingerprint, finding.window.clone())));
    }
    assert_eq!(all.len(), 1, "the vault has one bug: {all:#?}");
}

#[test]
fn what_is_found_again_is_counted() {
    let counts: Vec<_> = FOUND["vault"].iter().map(|finding| finding.count).collect();
    assert!(counts.iter().any(|count| *count > 1), "{counts:?}");
}

#[test]
fn fixed_builds_break_nothing_in_the_same_cases() {
    for target in TARGETS {
        let fixed = load(target, "fixed");
        for finding in &FOUND[target] {
            let again =
                fixed.replay(&finding.scenario).expect("the fixed build has the same methods");
            assert_eq!(again, None, "{target} {}", finding.scenario.to_json());
        }
    }
}
