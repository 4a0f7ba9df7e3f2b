//! Targets that `init` drafts from compiled contracts alone: they load, and campaigns find bugs with them.

#![allow(clippy::unwrap_used, reason = "a value that is missing fails the test")]

use std::path::Path;
use std::sync::Arc;

use interloper::Fuzzer;
use interloper::discovery::{
    Draft, Evidence, InputContract, InputType, MethodKind, ScaffoldRequest, Scaffolder,
};
use interloper::scenario::Scenario;
use interloper::simulation::Fixture;
use interloper::targets::Dump;
use interloper::targets::Target;
use interloper::vm::{ContractCode, pad_module};

use crate::support::{self, newest_protocol, pristine_engine, targets};

fn piece(account: &str, wasm: &str) -> InputContract {
    let (file, code) = (targets().join(wasm), support::wasm(wasm).into());
    InputContract { id: account.parse().unwrap(), file, code, abi: None }
}

fn request(folder: &Path, account: &str, wasm: &str) -> ScaffoldRequest {
    ScaffoldRequest {
        contract: piece(account, wasm),
        also: Vec::new(),
        with: Vec::new(),
        name: "made".to_owned(),
        folder: folder.join("made"),
        dumps: Vec::new(),
    }
}

/// Drafts a target, then loads and sets it up from the folder that was written.
fn make(request: &ScaffoldRequest) -> Result<(Draft, Target, Fixture), String> {
    let protocol = newest_protocol();
    let engine = pristine_engine(&protocol);
    let scaffolder = Scaffolder { protocol: Arc::clone(&protocol), engine: &engine };
    let draft = scaffolder.scaffold(request).map_err(|error| error.to_string())?;
    let target = Target::load(&request.folder, None, &[]).unwrap();
    let stage = Fixture::prepare(&target, protocol, &engine).unwrap();
    Ok((draft, target, stage))
}

fn names(draft: &Draft, kind: MethodKind) -> Vec<&str> {
    let methods = draft.contracts[0].methods.iter().filter(|method| method.kind == kind);
    methods.map(|method| method.name.as_str()).collect()
}

#[test]
fn methods_are_classified_and_the_set_up_gives_users_something_to_lose() {
    let folder = tempfile::tempdir().unwrap();
    let (draft, target, stage) =
        make(&request(folder.path(), "vault.near", "vault/broken.wasm")).unwrap();
    assert_eq!(names(&draft, MethodKind::Call), ["deposit", "withdraw"]);
    assert_eq!(names(&draft, MethodKind::View), ["balance_of", "total"]);
    assert_eq!(names(&draft, MethodKind::Private), ["on_withdrawn"]);
    assert_eq!(names(&draft, MethodKind::Initializer), ["new"]);
    let steps: Vec<_> =
        draft.setup.iter().map(|step| (step.method.as_str(), step.signer.as_str())).collect();
    let others = [("deposit", "alice.near"), ("deposit", "bob.near")];
    assert_eq!(steps[0], ("new", "vault.near"));
    assert_eq!(steps[1..], others);
    assert_eq!(target.methods().len(), 2);
    let vault = stage.world.account(&"vault.near".parse().unwrap()).unwrap();
    assert!(vault.balance().as_near() > 16, "the balance lacks the deposits");
    assert!(draft.text().contains("\n# Its own description: version 0.1.0; standards nep330 1."));
}

#[test]
fn a_contract_of_a_megabyte_is_drafted_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), "vault.near", "vault/broken.wasm");
    let code = ContractCode::new(request.contract.code.to_vec(), None);
    request.contract.code = pad_module(&code, 1_400_000).unwrap().code().into();
    assert!(request.contract.code.len() > 900_000, "{}", request.contract.code.len());
    let (draft, _, _) = make(&request).unwrap();
    assert_eq!(names(&draft, MethodKind::Call), ["deposit", "withdraw"]);
    assert_eq!(draft.setup.len(), 3);
}

#[test]
fn accounts_that_the_contract_calls_become_puppets() {
    let folder = tempfile::tempdir().unwrap();
    let (draft, target, _) =
        make(&request(folder.path(), "s.near", "staking/broken.wasm")).unwrap();
    assert_eq!(draft.puppets[0].id, "pool.near");
    assert!(draft.puppets[0].methods.contains("deposit_and_stake"), "{:?}", draft.puppets);
    assert!(target.puppets().any(|id| id == "pool.near"));
}

#[test]
fn a_real_contract_takes_the_place_of_a_puppet() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), "s.near", "staking/broken.wasm");
    request.with = vec![piece("pool.near", "staking/pool.wasm")];
    let (draft, target, stage) = make(&request).unwrap();
    assert_eq!(draft.puppets, []);
    let pool = "pool.near".parse().unwrap();
    assert!(target.account(&pool).unwrap().contract.is_some());
    assert!(
        !stage.world.account(&pool).unwrap().storage().is_empty(),
        "its initializer did not run"
    );
}

#[test]
fn a_campaign_starts_from_the_state_of_a_dump() {
    let folder = tempfile::tempdir().unwrap();
    let first = request(folder.path(), "vault.near", "vault/broken.wasm");
    let (_, _, stage) = make(&first).unwrap();
    let vault = "vault.near".parse().unwrap();
    let record = stage.world.account(&vault).unwrap();
    let values =
        record.storage().iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
    let dump = Dump { values, balance: Some(record.balance()) };
    let second = ScaffoldRequest {
        folder: folder.path().join("second"),
        dumps: vec![(vault.clone(), Dump::read(&dump.text()).unwrap())],
        ..first
    };
    let (draft, _, again) = make(&second).unwrap();
    assert!(draft.setup.iter().all(|step| step.method != "new"), "{:?}", draft.setup);
    let state = again.world.account(&vault).unwrap();
    assert_eq!(state.storage().len(), record.storage().len());
    assert!(state.balance() > record.balance(), "the balance lacks the deposits of the set-up");
    assert!(state.storage_usage() >= record.storage_usage());
}

#[test]
fn methods_of_our_contracts_get_past_deserialising_their_arguments() {
    let (mut past, mut all) = (0, 0);
    for wasm in [
        "vault/broken.wasm",
        "relay/broken.wasm",
        "relay/receiver.wasm",
        "staking/broken.wasm",
        "staking/pool.wasm",
        "shapes/contract.wasm",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (draft, _, _) = make(&request(folder.path(), "contract.near", wasm)).unwrap();
        for method in &draft.contracts[0].methods {
            all += 1;
            past += u32::from(method.past_arguments && method.evidence == Evidence::Inferred);
            if !method.past_arguments {
                println!("{wasm}: {} {:?} {:?}", method.name, method.arguments, method.failure);
            }
        }
    }
    assert!(f64::from(past) >= 0.95 * f64::from(all), "{past} of {all}");
}

#[test]
fn borsh_layouts_are_inferred_from_lengths() {
    let folder = tempfile::tempdir().unwrap();
    let (draft, target, _) =
        make(&request(folder.path(), "shapes.near", "shapes/contract.wasm")).unwrap();
    let packed = draft.contracts[0].methods.iter().find(|method| method.name == "packed").unwrap();
    let InputType::Borsh(layouts) = &packed.arguments else { panic!("{packed:?}") };
    let layouts: Vec<_> = layouts.iter().map(|(_, layout)| layout.to_string()).collect();
    assert_eq!(layouts, ["u128", "bool", "String", "Vec<u64>", "Option<u32>"]);
    assert!(packed.past_arguments);
    assert!(target.methods().iter().any(|method| method.name == "packed"));
}

#[test]
fn an_existing_folder_is_kept_and_an_incomplete_one_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("made")).unwrap();
    let request_ = request(folder.path(), "vault.near", "vault/broken.wasm");
    let error = make(&request_).unwrap_err();
    assert!(error.contains("already exists") && error.contains("--into"), "{error}");
    let empty = InputContract { code: b"\0asm\x01\0\0\0"[..].into(), ..request_.contract.clone() };
    let request_ =
        ScaffoldRequest { contract: empty, folder: folder.path().join("new"), ..request_ };
    let error = make(&request_).unwrap_err();
    assert!(error.contains("exports no methods"), "{error}");
    assert!(!folder.path().join("new").exists());
}

#[test]
fn answers_are_inferred_from_the_errors_of_callbacks() {
    let folder = tempfile::tempdir().unwrap();
    let (draft, target, _) =
        make(&request(folder.path(), "lending.near", "lending/broken.wasm")).unwrap();
    let [oracle] = &draft.puppets[..] else { panic!("{:?}", draft.puppets) };
    assert!(oracle.trusted, "the owner chose the oracle");
    // The price at which the contract lends.
    assert_eq!(oracle.answers["price"][0], b"1000");
    let reach = target.reach();
    assert!(reach.trusted.contains(&oracle.id));
    assert_eq!(reach.answers[&(oracle.id.clone(), "price".to_owned())], oracle.answers["price"]);
}

#[test]
fn an_account_that_is_called_only_after_an_answer_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (draft, _, _) =
        make(&request(folder.path(), "harvest.near", "harvest/broken.wasm")).unwrap();
    let methods = |id: &str| {
        let puppet = draft.puppets.iter().find(|puppet| puppet.id == id);
        puppet.map(|puppet| puppet.methods.iter().cloned().collect::<Vec<_>>())
    };
    assert_eq!(methods("source.near"), Some(vec!["price".to_owned()]));
    // The callback that reads the price calls it.
    assert_eq!(methods("bank.near"), Some(vec!["deposit".to_owned()]));
}

#[test]
fn a_missing_token_gets_a_mock_that_keeps_balances() {
    let folder = tempfile::tempdir().unwrap();
    let (draft, _, stage) =
        make(&request(folder.path(), "vesting.near", "vesting/broken.wasm")).unwrap();
    assert_eq!(draft.puppets, []);
    let token: interloper::types::AccountId = "token.near".parse().unwrap();
    assert_eq!(draft.contracts[1].id, token);
    let supply = stage.holdings[&token].supply.unwrap();
    assert!(supply > 0 && stage.holdings[&token].balances.len() == 4, "{:?}", stage.holdings);
}

/// The arguments with which a contract is initialized.
fn initial_arguments(draft: &Draft, account: &str) -> serde_json::Value {
    let own = draft.setup.iter().find(|call| call.signer == account && call.receiver == account);
    own.unwrap().arguments.clone()
}

#[test]
fn companions_are_found_by_their_interface_whatever_their_names() {
    let folder = tempfile::tempdir().unwrap();
    for (wasm, companion, argument) in [
        ("vesting/broken.wasm", "companions/coin.wasm", "token_id"),
        ("lending/broken.wasm", "companions/oracle.wasm", "oracle_id"),
        ("harvest/broken.wasm", "companions/oracle.wasm", "source_id"),
    ] {
        let mut request = request(folder.path(), "contract.near", wasm);
        request.folder = folder.path().join(argument);
        request.with = vec![piece("x1.near", companion)];
        let (draft, target, _) = make(&request).unwrap();
        assert_eq!(initial_arguments(&draft, "contract.near")[argument], "x1.near", "{wasm}");
        assert!(target.account(&"x1.near".parse().unwrap()).unwrap().contract.is_some());
        assert!(draft.contracts.iter().all(|contract| contract.note.is_none()), "{wasm}: a mock");
    }
}

#[test]
fn every_actor_gets_tokens_of_a_companion() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), "vesting.near", "vesting/broken.wasm");
    request.with = vec![piece("x1.near", "token/fixed.wasm")];
    let (draft, target, stage) = make(&request).unwrap();
    let token: interloper::types::AccountId = "x1.near".parse().unwrap();
    for actor in &draft.actors {
        assert!(stage.holdings[&token].of(actor) > 0, "{actor}: {:?}", stage.holdings);
    }
    let given: Vec<_> = draft.setup.iter().filter(|call| call.method == "ft_transfer").collect();
    // The initializer gives them to the users alone.
    assert!(given.iter().any(|call| call.arguments["receiver_id"] == "mallory.near"), "{given:?}");
    let weight = |contract: &str| {
        let methods = target.methods().iter().filter(|method| method.contract == contract);
        methods.map(|method| method.weight).max().unwrap()
    };
    assert!(weight("vesting.near") > weight("x1.near"));
}

#[test]
fn a_companion_that_nothing_uses_is_an_error_that_says_what_it_could_be() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = request(folder.path(), "vault.near", "vault/broken.wasm");
    vault.with = vec![piece("x1.near", "companions/coin.wasm")];
    let error = make(&vault).unwrap_err();
    assert!(error.contains("--with x1.near="), "{error}");
    assert!(error.contains("nothing uses this contract"), "{error}");
    assert!(!vault.folder.exists());
    let mut request = request(folder.path(), "lending.near", "lending/broken.wasm");
    request.with = vec![piece("oracle_id.near", "companions/oracle.wasm")];
    let (draft, _, _) = make(&request).unwrap();
    assert_eq!(initial_arguments(&draft, "lending.near")["oracle_id"], "oracle_id.near");
}

#[test]
fn two_contracts_of_one_system_find_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), "pawn.near", "pawn/broken.wasm");
    request.also = vec![piece("lender.near", "pawn/lender.wasm")];
    let (draft, target, _) = make(&request).unwrap();
    assert_eq!(draft.puppets, []);
    assert_eq!(target.under_test().count(), 2);
    let names = |step: &interloper::discovery::SetupCall| step.arguments.to_string();
    let setups: Vec<_> = draft.setup.iter().take(2).map(names).collect();
    assert_eq!(setups, [r#"{"savings_id":"pawn.near"}"#, r#"{"lender_id":"lender.near"}"#]);
}

/// `withdraw`, and `borrow` in its window; `faults` may make the call of the lender fail.
fn borrow_while_withdrawing(build: &str, faults: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), "pawn.near", build);
    request.with = vec![piece("lender.near", "pawn/lender.wasm")];
    let (_, target, _) = make(&request).unwrap();
    assert_eq!(target.under_test().count(), 1);
    let call = |receiver: &str, method: &str| {
        format!(
            r#"{{"signer":"bob.near","receiver":"{receiver}","method":"{method}","arguments":{{}},"deposit":"0 NEAR","gas":"300 Tgas"}}"#
        )
    };
    let operations = [call("lender.near", "borrow"), call("pawn.near", "withdraw")].join(",");
    let case = format!(
        r#"{{"operations":[{operations}],"schedule":["start 0","start 1"],"faults":[{faults}],"rest":"fifo","network":"calm"}}"#
    );
    let case = Scenario::from_json(&case, "this test").unwrap();
    let finding = Fuzzer::load(&request.folder).unwrap().replay(&case).unwrap();
    finding.map(|finding| finding.violation.summary)
}

#[test]
fn a_loan_that_is_refused_in_the_window_is_not_a_profit() {
    // The contract refuses the loan because the savings are gone for a moment, and the savings because the
    // lender does not answer. Every serial order lends, and so leaves the lender with less.
    let fails = r#"{"receipt":"1.0","kind":"panic"}"#;
    assert_eq!(borrow_while_withdrawing("pawn/fixed.wasm", fails), None);
    assert_eq!(borrow_while_withdrawing("pawn/fixed.wasm", ""), None);
    let both = borrow_while_withdrawing("pawn/broken.wasm", "").unwrap();
    assert!(both.starts_with("bob.near ends with 1 NEAR more"), "{both}");
}
