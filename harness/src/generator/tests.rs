//! Generation and mutation reach what they are for, and never leave what the target allows.

use std::collections::BTreeSet;
use std::path::Path;

use arbitrary::Unstructured;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

use super::*;
use crate::scenario::testing::scenario;
use crate::scenario::*;
use crate::targets::Target;
use crate::targets::testing::{everything, read, target};
use crate::types::{OperationId, Seed};

fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn many(target: &Target) -> Vec<Scenario> {
    let mut generator = generator(1);
    (0..2000).map(|_| generate(target, &mut generator)).collect()
}

fn share(scenarios: &[Scenario], holds: impl Fn(&Scenario) -> bool) -> usize {
    scenarios.iter().filter(|scenario| holds(scenario)).count() * 100 / scenarios.len()
}

#[test]
fn generated_scenarios_fit_and_are_mostly_short() {
    let target = target();
    let scenarios = many(&target);
    for scenario in &scenarios {
        target.validate(scenario).unwrap();
    }
    let short = share(&scenarios, |scenario| (2..=3).contains(&scenario.operations.len()));
    assert!((60..90).contains(&short), "{short} %");
    assert!(share(&scenarios, |scenario| scenario.operations.len() == 4) > 5);
    assert_eq!(many(&target), scenarios);
}

#[test]
fn the_same_caller_often_does_the_same_again() {
    let scenarios = many(&target());
    let again = share(&scenarios, |scenario| {
        let operations = &scenario.operations;
        operations
            .iter()
            .enumerate()
            .any(|(index, operation)| operations[..index].contains(operation))
    });
    assert!(again >= 35, "{again} %");
}

#[test]
fn arguments_reach_edges_and_what_is_used_already() {
    let scenarios = many(&target());
    let operations = scenarios.iter().flat_map(|scenario| &scenario.operations);
    let withdrawals = operations.filter(|operation| operation.method == "withdraw");
    let arguments: Vec<_> = withdrawals.map(|operation| operation.arguments.bytes()).collect();
    let texts: Vec<_> = arguments.iter().map(|bytes| std::str::from_utf8(bytes).unwrap()).collect();
    let near = "000000000000000000000000";
    for part in [
        "\"amount\":\"1\"",
        &format!("\"amount\":\"5{near}\""),
        &format!("\"amount\":\"3{near}\""),
        "\"count\":\"0\"",
        "\"count\":\"1000\"",
        "\"change\":-5",
        "\"change\":2147483647",
        "\"kind\":\"slow\"",
        "\"message\":null",
        "\"memo\":\"\"",
        "\"owner\":\"alice.near\"",
        "\"token\":\"vault.near\"",
        "\"name\":\"fixed text\"",
    ] {
        assert!(texts.iter().any(|text| text.contains(part)), "{part}");
    }
    assert!(!texts.iter().any(|text| text.contains("\"to\":\"vault.near\"")));
}

#[test]
fn texts_are_words_that_the_contracts_hold_too() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets/maze");
    let maze = Target::load(&folder, None, &[]).unwrap();
    // One stands in its data, one is the name of a method.
    for word in ["theseus.aegeus.near", "on_kept"] {
        assert!(maze.words.iter().any(|known| known == word), "{:?}", maze.words);
        let says = |scenario: &Scenario| scenario.to_json().contains(&format!("\"{word}\""));
        assert!(many(&maze).iter().any(says), "{word}");
    }
}

#[test]
fn any_bytes_make_a_scenario_that_fits() {
    let target = target();
    let mut seen = BTreeSet::new();
    for byte in 0..=255 {
        let scenario = from_fuzzer_bytes(&[byte; 64], &target);
        target.validate(&scenario).unwrap();
        seen.insert(scenario.to_bytes());
    }
    assert!(seen.len() > 100, "{}", seen.len());
    let empty = generate_from_bytes(&target, &mut Unstructured::new(&[]));
    assert_eq!(empty.operations.len(), 1);
    let known = generate(&target, &mut generator(5));
    assert_eq!(from_fuzzer_bytes(&known.to_bytes(), &target), known);
}

#[test]
fn ten_thousand_mutations_fit() {
    let target = target();
    let mut generator = generator(2);
    let mut current = generate(&target, &mut generator);
    let mut lengths = BTreeSet::new();
    let mut unchanged = 0;
    for round in 0..10_000 {
        let next = mutate(&current, &target, &mut generator, 4096);
        target
            .validate(&next)
            .unwrap_or_else(|error| panic!("round {round}: {error}\n{}", current.to_json()));
        assert!(next.to_bytes().len() <= 4096);
        assert_eq!(Scenario::from_bytes(&next.to_bytes(), "").unwrap(), next);
        assert_eq!(Scenario::from_json(&next.to_json(), "").unwrap(), next);
        lengths.insert((
            next.operations.len(),
            next.schedule.len().min(5),
            next.faults.len().min(3),
        ));
        unchanged += usize::from(next == current);
        current = next;
    }
    assert!(unchanged < 100, "{unchanged}");
    assert!(lengths.len() > 40, "{lengths:?}");
}

#[test]
fn mutated_amounts_stay_within_what_the_target_allows_but_for_deposits_of_0_and_1() {
    let target = target();
    let mut generator = generator(3);
    let mut current = generate(&target, &mut generator);
    let mut others = 0;
    for _ in 0..3000 {
        current = mutate(&current, &target, &mut generator, 4096);
        for operation in &current.operations {
            let method = target.method_of(operation).unwrap();
            let deposit = operation.deposit.as_yoctonear();
            others += usize::from(!method.deposit.contain(deposit));
            assert!(method.deposit.contain(deposit) || deposit <= 1, "{operation:?}");
            assert!(method.gas.contain(operation.gas.as_gas().into()), "{operation:?}");
            let known = method.argument_values(&operation.arguments);
            assert!(known.is_some() || operation.method == "raw", "{operation:?}");
        }
    }
    assert!(others > 0, "nothing keeps a caller to the deposit that is expected");
}

#[test]
fn children_fit_and_keep_within_the_size() {
    let target = target();
    let mut generator = generator(4);
    for round in 0..3000 {
        let mut parent = || {
            let fresh = generate(&target, &mut generator);
            (0..5).fold(fresh, |parent, _| mutate(&parent, &target, &mut generator, 4096))
        };
        let (one, other) = (parent(), parent());
        let child = crossover(&one, &other, &target, &mut generator, 4096);
        target.validate(&child).unwrap();
        for size in [0, 100, 300] {
            assert!(mutate_bytes(&child.to_bytes(), &target, size, Seed(round)).len() <= size);
            assert!(
                crossover_bytes(&one.to_bytes(), &other.to_bytes(), &target, size, Seed(round))
                    .len()
                    <= size
            );
        }
        assert_eq!(
            mutate_bytes(&one.to_bytes(), &target, 4096, Seed(round)),
            mutate_bytes(&one.to_bytes(), &target, 4096, Seed(round))
        );
    }
}

#[test]
fn a_signer_that_changes_takes_its_arguments_along() {
    let text = everything()
        .replace("actors = [\"alice.near\"]", "actors = [\"alice.near\", \"mallory.near\"]");
    let target = read(&text).unwrap();
    let mut generator = generator(6);
    let mut current = generate(&target, &mut generator);
    for _ in 0..3000 {
        current = mutate(&current, &target, &mut generator, 4096);
        for operation in
            current.operations.iter().filter(|operation| operation.method == "withdraw")
        {
            let Arguments::Json(value) = &operation.arguments else { panic!() };
            assert_eq!(value["owner"], operation.signer.as_str());
        }
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let target = target();
    let good = || {
        let mut good = scenario(2, &["start 0", "0.0", "start 1"], &["0.0"]);
        good.operations.iter_mut().for_each(|operation| operation.method = "withdraw".to_owned());
        good
    };
    target.validate(&good()).unwrap();
    let error = |change: &dyn Fn(&mut Scenario)| {
        let mut wrong = good();
        change(&mut wrong);
        target
            .validate(&wrong)
            .unwrap_err()
            .to_string()
            .replace(&target.file.display().to_string(), "target.toml")
    };
    let errors = [
        error(&|wrong| wrong.operations.clear()),
        error(&|wrong| wrong.operations[1].receiver = "valt.near".parse().unwrap()),
        error(&|wrong| wrong.operations[1].method = "withdrw".to_owned()),
        error(&|wrong| wrong.operations[1].signer = "mallory.near".parse().unwrap()),
        error(&|wrong| wrong.schedule.push(Step::Start(OperationId(0)))),
        error(&|wrong| wrong.schedule.push(Step::Start(OperationId(2)))),
        error(&|wrong| wrong.schedule.push("7.1".parse().unwrap())),
        error(&|wrong| wrong.faults.push(wrong.faults[0].clone())),
        error(&|wrong| wrong.faults[0].receipt.path = vec![0; 99]),
        error(&|wrong| wrong.schedule = vec!["0".parse().unwrap(); 300]),
    ];
    insta::assert_snapshot!(errors.join("\n"), @r"
    the scenario does not fit target `example`: it has 0 operations
      help: give it 1 to 4 operations, or raise `operations` under [limits] in target.toml
    the scenario does not fit target `example`: operation 1 calls `valt.near`, an unknown account
      help: did you mean `vault.near`? The accounts are: vault.near, pool.near, oracle.near, alice.near, mallory.near, owner.near
    the scenario does not fit target `example`: operation 1 calls `withdrw`, which is not listed for `vault.near`
      help: did you mean `withdraw`? The methods are: withdraw, deposit; a [[method]] in target.toml adds one
    the scenario does not fit target `example`: operation 1 is signed by `mallory.near`, who may not call `withdraw`
      help: let another actor sign, or add this one in target.toml
    the scenario does not fit target `example`: step 3 of the schedule starts operation 0 a second time
      help: remove the step, or list the operation twice
    the scenario does not fit target `example`: step 3 of the schedule names operation 2, which there is not
      help: count operations from 0
    the scenario does not fit target `example`: step 3 of the schedule names operation 7, which there is not
      help: count operations from 0
    the scenario does not fit target `example`: fault 1 hits receipt 0.0 a second time
      help: remove one of the two
    the scenario does not fit target `example`: fault 0 names a receipt too far down
      help: name one at most 64 levels down
    the scenario does not fit target `example`: the schedule has 300 steps
      help: keep at most 204 steps, or raise `receipts` under [limits]
    ");
}

proptest! {
    #[test]
    fn every_generated_scenario_keeps_its_meaning_in_both_forms(seed: u64) {
        let scenario = generate(&target(), &mut generator(seed));
        prop_assert_eq!(&Scenario::from_bytes(&scenario.to_bytes(), "").unwrap(), &scenario);
        prop_assert_eq!(&Scenario::from_json(&scenario.to_json(), "").unwrap(), &scenario);
    }

    #[test]
    fn no_bytes_make_a_scenario_that_does_not_fit(bytes: Vec<u8>, at: usize, bit in 0..8, seed: u64) {
        let target = target();
        target.validate(&from_fuzzer_bytes(&bytes, &target)).unwrap();
        let mut near = generate(&target, &mut generator(seed)).to_bytes();
        let length = near.len();
        near[at % length] ^= 1u8 << bit;
        target.validate(&from_fuzzer_bytes(&near, &target)).unwrap();
    }
}

#[test]
fn no_privileged_call_of_a_history_names_another_actor() {
    let mut target = target();
    target.methods[0].privileged = vec!["owner.near".parse().unwrap()];
    let mut generator = generator(1);
    let histories = (0..2_000).flat_map(|_| generate_history(&target, &mut generator));
    let own = histories.filter(|call| call.signer == "owner.near");
    let calls: Vec<_> = own.filter(|call| call.method == "withdraw").collect();
    assert!(calls.len() > 100, "{}", calls.len());
    for call in calls {
        let arguments = String::from_utf8(call.arguments.bytes()).unwrap();
        assert!(
            !arguments.contains("alice.near") && !arguments.contains("mallory.near"),
            "{arguments}"
        );
    }
}
