//! Campaigns on targets: the same seed finds the same, and both engines confirm every finding.

use std::collections::BTreeSet;

use interloper::analysis::coverage_report::{self, Cases};
use interloper::campaign::{CampaignOptions, Event, FeedbackSource, LoadedTarget, Statistics};
use interloper::finding::{Error, Finding, confirm};
use interloper::types::{Gas, Seed};
use interloper::vm::{self, Call, Engine, Outcome, Pristine};

use crate::support::{load, options};

/// The findings and statistics of a campaign of at most `runs` executions.
fn run(
    loaded: &LoadedTarget,
    seed: u64,
    runs: u64,
    sources: BTreeSet<FeedbackSource>,
) -> (Vec<Finding>, Statistics) {
    let campaign = loaded.campaign(CampaignOptions { seed: Seed(seed), sources, ..options(runs) });
    let tell = &mut |event: Event<'_>| {
        if let Event::Fallback(fallback) = event {
            panic!("a contract is not instrumented: {fallback:?}");
        }
    };
    campaign.run(tell).expect("the engines agree")
}

#[test]
fn the_same_seed_finds_the_same() {
    let loaded = load("vault", None);
    let find = |loaded: &LoadedTarget| run(loaded, 3, 2_000, FeedbackSource::all());
    let (one, statistics) = find(&loaded);
    assert_eq!(one.len(), 1, "{statistics:?}");
    // Again with the same engines, whose counters are no longer zero, and with new ones.
    assert_eq!(find(&loaded).0, one);
    assert_eq!(find(&load("vault", None)).0, one);
}

/// Runs contracts correctly, but reports one gas too many for each call.
struct Greedy<'a>(&'a Pristine);

impl Engine for Greedy<'_> {
    fn call(&self, call: Call<'_>) -> Result<Outcome, vm::Error> {
        let mut outcome = self.0.call(call)?;
        outcome.burnt_gas = outcome.burnt_gas.saturating_add(Gas::from_gas(1));
        Ok(outcome)
    }
}

#[test]
fn a_violation_that_the_pristine_engine_does_not_confirm_is_an_error() {
    let loaded = load("vault", None);
    let (examiner, environment) = (loaded.checker(), loaded.environment(Seed(0)));
    let finding = run(&loaded, 3, 2_000, FeedbackSource::all()).0.remove(0);
    let examined = examiner.examine(&finding.scenario).expect("it runs");
    let greedy = Greedy(loaded.pristine());
    let refused = confirm(&examiner, &greedy, &examined, environment);
    let Err(Error::EnginesDiffer { pristine, instrumented, scenario }) = refused else {
        panic!("the engines differ, but nothing reports it: {refused:?}");
    };
    assert_ne!(pristine, instrumented);
    assert!(scenario.contains("withdraw"), "the error names the case: {scenario}");
}

/// Twice as many as the slowest of the seeds that were tried needs.
const MAZE_RUNS: u64 = 3_000;

#[test]
fn comparison_feedback_leads_through_the_maze() {
    let (found, statistics) = run(&load("maze", None), 1, MAZE_RUNS, FeedbackSource::all());
    let [finding] = &found[..] else { panic!("the campaign found nothing: {statistics:?}") };
    assert_eq!((&*finding.violation.invariant, &*finding.violation.method), ("refund", "open"));
    // The shrunk case has all six arguments right.
    let operation = serde_json::to_string(&finding.scenario.operations[0]).expect("it is JSON");
    for part in
        ["271828182845904523536028", "theseus.aegeus.near", "3141592653", "ariadne's thread"]
    {
        assert!(operation.contains(part), "{part} is in {operation}");
    }
}

#[test]
fn without_comparison_feedback_the_maze_stays_closed() {
    let mut sources = FeedbackSource::all();
    sources.remove(&FeedbackSource::Comparisons);
    let (found, statistics) = run(&load("maze", None), 1, MAZE_RUNS, sources);
    assert_eq!(found, [], "{statistics:?}");
}

#[test]
fn the_fixed_maze_has_no_finding() {
    let (found, statistics) =
        run(&load("maze", Some("fixed")), 1, MAZE_RUNS, FeedbackSource::all());
    assert_eq!(found, [], "{statistics:?}");
}

#[test]
fn a_coverage_report_lists_methods_that_never_succeed() {
    let loaded = load("staking", None);
    let simulation = loaded.checker().simulation;
    let report = coverage_report::run(
        loaded.target(),
        loaded.engines(),
        simulation,
        Cases::Campaign(Seed(1), 60),
    );
    let report = report.expect("it runs");
    let contract = &report.contracts[0];
    let (reached, blocks) = contract.blocks();
    assert!(contract.under_test && reached > 100 && reached < blocks, "{reached} of {blocks}");
    let method = |name: &str| {
        let found = contract.methods.iter().find(|method| method.name == name);
        found.unwrap_or_else(|| panic!("it exports {name}"))
    };
    let (stake, claim) = (method("deposit_and_stake"), method("claim"));
    assert!(stake.listed && stake.succeeded > 0, "{stake:?}");
    // The broken build never owes anyone anything.
    assert!(claim.calls > 0 && claim.succeeded == 0, "{claim:?}");
    assert_eq!(claim.errors.keys().collect::<Vec<_>>(), ["Nothing is owed to you"]);
    assert!(!method("staked_of").listed);
    let function = |name: &str| {
        let mut functions = contract.functions.iter();
        functions.find(|function| function.name.as_deref() == Some(name)).expect("it is exported")
    };
    assert!(function("deposit_and_stake").reached > 0);
    assert_eq!(function("new").reached, 0, "set-up does not count as coverage");
    let page = interloper::report::coverage(&report);
    assert!(page.contains("! claim never succeeded; most often: Nothing is owed to you"), "{page}");
}
