//! Histories and waits: a case starts where its history ends, on both engines alike, and time passes as it says.

use interloper::campaign::{LoadOptions, LoadedTarget};
use interloper::invariant::built_in;
use interloper::scenario::{Arguments, History, Operation, Scenario, USUAL_GAS};
use interloper::simulation::Simulation;
use interloper::trace::digest;
use interloper::types::{Duration, NearToken};

use crate::support::{load, target_folder};

fn withdraw(signer: &str, amount: NearToken, wait: Duration) -> Operation {
    Operation {
        signer: signer.parse().expect("an account id"),
        receiver: "vault.near".parse().expect("an account id"),
        method: "withdraw".to_owned(),
        arguments: Arguments::Json(
            serde_json::json!({ "amount": amount.as_yoctonear().to_string() }),
        ),
        deposit: NearToken::from_yoctonear(0),
        gas: USUAL_GAS,
        through: None,
        wait,
    }
}

#[test]
fn a_case_starts_where_its_history_ends() {
    let target = load("vault", Some("fixed"));
    let one = withdraw("alice.near", NearToken::from_near(1), Duration::ZERO);
    let history = History::new(vec![one.clone(), one.clone()]);
    let case = Scenario { history, operations: vec![one.clone()], ..Scenario::default() };
    let vault = "vault.near".parse().unwrap();
    let checker = target.checker();
    let seen = checker.simulation.run(&case).unwrap().observation;
    let held = |world: &interloper::chain::World| world.account(&vault).unwrap().balance();
    let setup = held(&target.fixture().world);
    let spent = setup.saturating_sub(held(&seen.start));
    // What the contract earns for gas makes up for next to nothing of it.
    assert!(
        spent > NearToken::from_millinear(1_990) && spent <= NearToken::from_near(2),
        "{spent}"
    );
    assert!(seen.start.height() > target.fixture().world.height());
    assert_eq!(seen.calls.len(), 1, "operations of the history are not those of the case");
    assert!(seen.start.is_quiet() && seen.complete);

    // The world does not depend on what is remembered, nor on the engine.
    let again = load("vault", Some("fixed"));
    let fresh = again.pristine_checker().simulation.run(&case).unwrap();
    assert_eq!(fresh.observation.start.balances(), seen.start.balances());
    assert_eq!(digest(&fresh.observation), digest(&seen));
    assert_eq!(fresh.recorded.history, case.history);

    // A recorded case replays, and its JSON reads back.
    let text = fresh.recorded.to_json();
    let read = Scenario::from_json(&text, "case.json").unwrap();
    assert_eq!(digest(&checker.simulation.run(&read).unwrap().observation), digest(&seen));
}

#[test]
fn time_passes_before_an_operation_that_waits() {
    let target = load("vault", Some("fixed"));
    let day = Duration::from_secs(86_400);
    let now = withdraw("alice.near", NearToken::from_near(1), Duration::ZERO);
    let later = withdraw("bob.near", NearToken::from_near(1), day);
    let case = Scenario { operations: vec![now.clone(), later.clone()], ..Scenario::default() };
    let simulation: Simulation<'_> = target.checker().simulation;
    let seen = simulation.run(&case).unwrap().observation;
    let blocks: Vec<_> = seen.events.iter().map(|event| event.outcome.block).collect();
    let start = seen.start.height();
    let (before, after): (Vec<u64>, Vec<u64>) =
        blocks.iter().copied().partition(|block| *block < start + 100);
    assert!(before.len() >= 3, "the first operation ends before time passes: {blocks:?}");
    assert!(after.iter().all(|block| *block >= start + 86_400), "{blocks:?}");
    assert_eq!(
        seen.end.timestamp() - seen.start.timestamp(),
        (seen.end.height() - start) * 1_000_000_000
    );

    // In a history, time passes too.
    let history = History::new(vec![later]);
    let case = Scenario { history, operations: vec![now], ..Scenario::default() };
    let seen = simulation.run(&case).unwrap().observation;
    assert!(seen.start.height() >= start + 86_400);
}

#[test]
fn a_history_of_an_unknown_account_is_named() {
    let target =
        LoadedTarget::load(&target_folder("vault"), &LoadOptions::default(), built_in()).unwrap();
    let stranger = withdraw("carol.near", NearToken::from_near(1), Duration::ZERO);
    let own = withdraw("alice.near", NearToken::from_near(1), Duration::ZERO);
    let case = Scenario {
        history: History::new(vec![own.clone(), stranger]),
        operations: vec![own],
        ..Scenario::default()
    };
    let error = target.target().validate(&case).unwrap_err().to_string();
    assert!(
        error.contains("operation 1 of the history") && error.contains("carol.near"),
        "{error}"
    );
}
