//! A campaign on a real target: what it finds stands on both engines, and the same seed finds the same.

use std::collections::BTreeSet;

use interloper::campaign::survey::{self, Cases};
use interloper::campaign::{Campaign, Event, Loaded, Source, Statistics};
use interloper::chain::NEWEST_VERSION;
use interloper::finding::{Error, Finding, confirm};
use interloper::simulation::Simulation;
use interloper::types::{Gas, Seed};
use interloper::vm::{self, Call, Engine, Outcome, Pristine};

use crate::support::{campaign, target_folder};

fn load(name: &str, build: Option<&str>) -> Loaded {
    Loaded::load(&target_folder(name), build, &[], NEWEST_VERSION).expect("the target loads")
}

/// What a campaign of at most so many executions finds, and how it went.
fn run(
    loaded: &Loaded,
    seed: u64,
    runs: u64,
    sources: BTreeSet<Source>,
) -> (Vec<Finding>, Statistics) {
    let invariants = loaded.invariants();
    let campaign = Campaign { seed: Seed(seed), sources, ..campaign(loaded, &invariants, runs) };
    let tell = &mut |event: Event<'_>| {
        if let Event::Fallback(fallback) = event {
            panic!("every contract here can be instrumented: {fallback:?}");
        }
    };
    campaign.run(tell).expect("the engines agree")
}

#[test]
fn the_same_seed_finds_the_same() {
    let loaded = load("vault", None);
    let find = |loaded: &Loaded| run(loaded, 3, 2_000, Source::all());
    let (one, statistics) = find(&loaded);
    assert_eq!(one.len(), 1, "{statistics:?}");
    // Again in the same process, with counters that are no longer zero, and in a fresh one.
    assert_eq!(find(&loaded).0, one);
    assert_eq!(find(&load("vault", None)).0, one);
}

/// Runs contracts right, but says that each call burnt a little more.
struct Greedy<'a>(&'a Pristine);

impl Engine for Greedy<'_> {
    fn call(&self, call: Call<'_>) -> Result<Outcome, vm::Error> {
        let mut outcome = self.0.call(call)?;
        outcome.burnt_gas = outcome.burnt_gas.saturating_add(Gas::from_gas(1));
        Ok(outcome)
    }
}

#[test]
fn what_the_pristine_engine_does_not_show_is_no_finding() {
    let loaded = load("vault", None);
    let invariants = loaded.invariants();
    let Campaign { examiner, environment, .. } = campaign(&loaded, &invariants, 0);
    let finding = run(&loaded, 3, 2_000, Source::all()).0.remove(0);
    let examined = examiner.examine(&finding.scenario).expect("it runs");
    let greedy = Greedy(&loaded.engines.pristine);
    let refused = confirm(&examiner, &greedy, &examined, environment);
    let Err(Error::EnginesDiffer { pristine, instrumented, scenario }) = refused else {
        panic!("the engines differ, but that was not seen: {refused:?}");
    };
    assert_ne!(pristine, instrumented);
    assert!(scenario.contains("withdraw"), "the message names the case: {scenario}");
}

/// Twice what any seed took that was tried.
const MAZE_RUNS: u64 = 3_000;

#[test]
fn what_a_contract_compares_leads_through_the_maze() {
    let (found, statistics) = run(&load("maze", None), 1, MAZE_RUNS, Source::all());
    let [finding] = &found[..] else { panic!("nothing was found: {statistics:?}") };
    assert_eq!((&*finding.violation.invariant, &*finding.violation.method), ("refund", "open"));
    // All six arguments are right in what is left of the case.
    let operation = serde_json::to_string(&finding.scenario.operations[0]).expect("it is JSON");
    for part in
        ["271828182845904523536028", "theseus.aegeus.near", "3141592653", "ariadne's thread"]
    {
        assert!(operation.contains(part), "{part} is in {operation}");
    }
}

#[test]
fn nobody_guesses_the_way_through_the_maze() {
    let mut sources = Source::all();
    sources.remove(&Source::Comparisons);
    let (found, statistics) = run(&load("maze", None), 1, MAZE_RUNS, sources);
    assert_eq!(found, [], "{statistics:?}");
}

#[test]
fn the_mended_maze_keeps_nothing() {
    let (found, statistics) = run(&load("maze", Some("fixed")), 1, MAZE_RUNS, Source::all());
    assert_eq!(found, [], "{statistics:?}");
}

#[test]
fn a_survey_tells_methods_that_succeed_from_those_that_never_do() {
    let loaded = load("staking", None);
    let simulation = Simulation { stage: &loaded.stage, engine: &loaded.engines.instrumented };
    let survey =
        survey::run(&loaded.target, &loaded.engines, simulation, Cases::Campaign(Seed(1), 60));
    let survey = survey.expect("it runs");
    let contract = &survey.contracts[0];
    let (reached, blocks) = contract.blocks();
    assert!(contract.under_test && reached > 100 && reached < blocks, "{reached} of {blocks}");
    let method = |name: &str| {
        let found = contract.methods.iter().find(|method| method.name == name);
        found.unwrap_or_else(|| panic!("it exports {name}"))
    };
    let (stake, claim) = (method("deposit_and_stake"), method("claim"));
    assert!(stake.listed && stake.succeeded > 0, "{stake:?}");
    // The broken build never owes anything.
    assert!(claim.calls > 0 && claim.succeeded == 0, "{claim:?}");
    assert_eq!(claim.errors.keys().collect::<Vec<_>>(), ["Nothing is owed to you"]);
    assert!(!method("staked_of").listed);
    let function = |name: &str| {
        let mut functions = contract.functions.iter();
        functions.find(|function| function.name.as_deref() == Some(name)).expect("it is exported")
    };
    assert!(function("deposit_and_stake").reached > 0);
    assert_eq!(function("new").reached, 0, "the set-up is not counted");
    let page = interloper::report::coverage(&survey);
    assert!(page.contains("! claim never succeeded; most often: Nothing is owed to you"), "{page}");
}
