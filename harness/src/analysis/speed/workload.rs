//! What the benchmark times: worlds, and a transaction in each.
//!
//! Never runs anything.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use near_primitives::action::FunctionCallAction;
use near_primitives::transaction::Action;

use super::Error;
use crate::chain::{Transaction, World};
use crate::scenario::{Arguments, Operation, Scenario};
use crate::simulation::Fixture;
use crate::trace::Parties;
use crate::types::{AccountId, Duration, Gas, NearToken};
use crate::vm::{self, ContractCode};

/// A world, what is done to it beforehand, and the transaction that is timed.
pub(super) struct Workload {
    pub(super) name: &'static str,
    pub(super) contracts: Vec<(&'static str, Arc<ContractCode>)>,
    pub(super) before: Vec<Transaction>,
    pub(super) timed: Transaction,
}

pub(super) fn workloads(targets: &Path) -> Result<Vec<Workload>, Error> {
    let code = |file: &str| {
        let path = targets.join(file);
        let code = std::fs::read(&path).map_err(|error| Error::Read { path, error })?;
        Ok::<_, Error>(Arc::new(ContractCode::new(code, None)))
    };
    let guide = code("guide/contract.wasm")?;
    let large = vm::pad_module(&guide, 500_000).map_or(guide, Arc::new);
    let new = |to, args: &str| call("alice.near", to, "new", args, 0);
    let buy = || call("alice.near", "relay.near", "buy", "{}", 5);
    let transfer =
        r#"{"receiver_id":"receiver.near","amount":"20000000000000000000000","msg":"10"}"#;
    Ok(vec![
        Workload {
            name: "token purchase, 104 kB",
            contracts: vec![("relay.near", code("relay/broken.wasm")?)],
            before: vec![new("relay.near", "{}"), buy()],
            timed: buy(),
        },
        Workload {
            name: "token transfer with callback",
            contracts: vec![
                ("relay.near", code("relay/broken.wasm")?),
                ("receiver.near", code("relay/receiver.wasm")?),
            ],
            before: vec![new("relay.near", "{}"), new("receiver.near", "{}"), buy()],
            timed: call("alice.near", "relay.near", "transfer_call", transfer, 0),
        },
        Workload {
            name: "withdrawal with callback",
            contracts: vec![("vault.near", code("vault/broken.wasm")?)],
            before: vec![
                new("vault.near", "{}"),
                call("alice.near", "vault.near", "deposit", "{}", 5),
            ],
            timed: call("alice.near", "vault.near", "withdraw", "{}", 0),
        },
        Workload {
            name: "one call, 500 kB",
            contracts: vec![("guide.near", large)],
            before: vec![new("guide.near", r#"{"external_id":"external.near"}"#)],
            timed: call("alice.near", "guide.near", "set_value", r#"{"value":7}"#, 0),
        },
    ])
}

pub(super) fn account(id: &str) -> AccountId {
    id.parse().expect("the names above are account ids")
}

fn call(signer: &str, receiver: &str, method: &str, args: &str, near: u128) -> Transaction {
    let action = FunctionCallAction {
        method_name: method.to_owned(),
        args: args.as_bytes().to_vec(),
        gas: Gas::from_teragas(200),
        deposit: NearToken::from_near(near),
    };
    let actions = vec![Action::FunctionCall(Box::new(action))];
    Transaction::new(account(signer), account(receiver), actions)
}

/// The world before the transaction, as a case starts from it.
pub(super) fn stage(world: &World, timed: &Transaction) -> Fixture {
    let under_test = BTreeSet::from([timed.receiver.clone()]);
    let parties = Parties { under_test, ..Parties::default() };
    Fixture::of_world(world.clone(), parties, 200)
}

/// The transaction as a case.
pub(super) fn scenario(timed: &Transaction) -> Scenario {
    let call = timed.actions.iter().find_map(|action| match action {
        Action::FunctionCall(call) => Some(call),
        _ => None,
    });
    let call = call.expect("every workload is a call");
    let operation = Operation {
        signer: timed.signer.clone(),
        receiver: timed.receiver.clone(),
        method: call.method_name.clone(),
        arguments: Arguments::Bytes(call.args.clone()),
        deposit: call.deposit,
        gas: call.gas,
        through: None,
        wait: Duration::ZERO,
    };
    Scenario { operations: vec![operation], ..Scenario::default() }
}
