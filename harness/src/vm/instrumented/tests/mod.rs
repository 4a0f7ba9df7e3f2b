//! Both engines on contracts that compilers do not write: every trap, every end of the gas.

mod contract;

use std::rc::Rc;
use std::sync::Arc;

use near_parameters::RuntimeConfigStore;
use near_primitives::account::AccountContract;
use near_primitives_core::hash::CryptoHash;

use self::contract::{Body, LOG, METHODS, contract, promise, spend};
use crate::types::{Gas, NearToken};
use crate::vm::{Both, Call, ContractCode, Engine, Storage, TrieDepth, VMContext, Yields};

fn context(gas: u64) -> VMContext {
    let account = || "a.near".parse().unwrap();
    VMContext {
        current_account_id: account(),
        signer_account_id: account(),
        signer_account_pk: vec![0; 33],
        predecessor_account_id: account(),
        refund_to_account_id: account(),
        input: Rc::from([]),
        promise_results: Arc::from([]),
        block_height: 1,
        block_timestamp: 1,
        epoch_height: 1,
        account_balance: NearToken::from_near(1),
        account_locked_balance: NearToken::from_yoctonear(0),
        storage_usage: 100,
        account_contract: AccountContract::None,
        attached_deposit: NearToken::from_yoctonear(0),
        prepaid_gas: Gas::from_gas(gas),
        random_seed: vec![0; 32],
        view_config: None,
        output_data_receivers: Vec::new(),
    }
}

fn both(version: u32) -> Both {
    let both = Both::new(Arc::clone(RuntimeConfigStore::new(None).get_config(version))).unwrap();
    both.instrumented().record_comparisons(version == 88);
    both
}

/// Runs `method` in both engines; what it burnt, and how it ended.
fn call(both: &Both, code: &Arc<ContractCode>, method: &str, gas: u64) -> (u64, String) {
    let outcome = both.call(Call {
        code: Some(code),
        method,
        context: context(gas),
        storage: Storage::default(),
        yields: Yields::default(),
        action_hash: CryptoHash::default(),
        trie_depth: TrieDepth::FREE,
        post_quantum_keys: false,
    });
    let outcome = outcome.unwrap_or_else(|error| panic!("{method} with {gas} gas: {error}"));
    (outcome.burnt_gas.as_gas(), format!("{:?}", outcome.result))
}

const PLENTY: u64 = 300_000_000_000_000;

/// One operation's gas: steps of this size end in every block.
const STEP: u64 = 822_756;

#[test]
fn traps_and_failures_are_the_same() {
    for version in [84, 86, 88] {
        let (both, code) = (both(version), contract(None));
        let methods = METHODS.iter().map(|(method, _)| *method);
        for method in methods.chain(["host", "with_parameters", "nothing"]) {
            for gas in [PLENTY, PLENTY, 1_000_000_000_000, 1_000, 0] {
                call(&both, &code, method, gas);
            }
        }
        assert_eq!(both.instrumented().fallbacks(), [], "all of it is instrumented");
    }
}

#[test]
fn the_gas_may_run_out_anywhere() {
    let (both, code) = (both(88), contract(None));
    for method in ["two_promises", "promise_then_spend_in_unequal_parts", "promise_then_trap"] {
        let (most, _) = call(&both, &code, method, PLENTY);
        let reserved = 45_000_000_000_000;
        for step in 0..1_500 {
            // Finely near the end of what it needs, and coarsely over all of it.
            call(&both, &code, method, (most + reserved).saturating_sub(step * STEP * 3));
            call(&both, &code, method, (most + reserved) / 1_500 * step);
        }
    }
}

#[test]
fn promised_gas_counts_when_the_contract_runs_out() {
    let (both, code) = (both(88), contract(None));
    let (burnt, result) = call(&both, &code, "promise_then_loop", 30_000_000_000_000);
    assert!(result.contains("Exceeded the prepaid gas"), "{result}");
    assert!(burnt < 30_000_000_000_000, "the promise has some of it");
}

#[test]
fn start_functions_run_first() {
    let bodies: [Body; 4] = [
        |code| {
            code.i64_const(6).i64_const(100).call(LOG);
        },
        |code| {
            code.unreachable();
        },
        |code| spend(code, 10_000),
        |code| {
            promise(code);
            spend(code, 10_000);
        },
    ];
    for body in bodies {
        let (both, code) = (both(88), contract(Some(body)));
        for gas in (0..200).map(|part| PLENTY / 6_000 * part) {
            call(&both, &code, "log_then_unreachable", gas);
        }
    }
}

#[test]
fn code_that_is_none_is_left_to_the_pristine_engine() {
    let both = both(88);
    let code = Arc::new(ContractCode::new(b"not wasm".to_vec(), None));
    let (_, result) = call(&both, &code, "anything", PLENTY);
    assert!(result.contains("Deserialization"), "{result}");
    assert_eq!(both.instrumented().fallbacks().len(), 1);
}

#[test]
fn comparisons_of_unequal_numbers_are_recorded() {
    let (both, code) = (both(88), contract(None));
    call(&both, &code, "compare", PLENTY);
    let numbers = both.instrumented().take_comparisons().numbers;
    let sides: Vec<_> = numbers.iter().map(|(_, left, right)| (*left, *right)).collect();
    assert_eq!(sides, [(7, u32::MAX.into()), (1, 2), (4, 6), (2, 0)]);
    assert_eq!(numbers[1].0.0 - numbers[0].0.0, 2, "the equal ones are a site, too");
    assert!(both.instrumented().take_comparisons().is_empty());
}

#[test]
fn failing_runs_are_covered_too() {
    let (both, code) = (both(88), contract(None));
    let covered = |method| {
        let coverage = both.instrumented().coverage();
        coverage.reset();
        call(&both, &code, method, PLENTY);
        let mut hits = 0;
        coverage.for_each_hit(|_, _| hits += 1);
        hits
    };
    assert!(covered("promise_then_trap") > 1, "a trap");
    assert!(covered("host_panic") > 0, "a failure of the host");
    assert!(covered("promise_then_loop") > 1, "the end of the gas");
    assert_eq!(covered("nothing"), 0);
}
