//! The world in which every case of a target starts: accounts made, contracts deployed, set-up run.
//!
//! Runs the set-up once. Never runs a case.

use std::sync::Arc;

use near_primitives::action::FunctionCallAction;
use near_primitives::transaction::{Action, ExecutionStatus};

use super::Error;
use crate::chain::{Outcome, Protocol, Transaction, World};
use crate::invariant::{Called, Settings};
use crate::scenario::{Operation, Target};
use crate::types::ReceiptName;
use crate::vm::{ContractCode, Engine, exports};

/// Operations of the set-up are numbered from here, so that their receipts never share a name, and
/// with it an id, with those of a case.
const FIRST_SETUP_OPERATION: u32 = 1 << 31;

/// The world in which every case of a target starts.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The world after the set-up.
    pub world: World,
    /// What the target says about invariants.
    pub settings: Arc<Settings>,
    /// Most receipts that a case may run.
    pub receipts: u32,
}

impl Stage {
    /// Makes the target's world and runs its set-up.
    ///
    /// # Errors
    /// When a contract cannot be used, lacks a method that the target names, or a set-up call fails.
    pub fn prepare(
        target: &Target,
        protocol: Arc<Protocol>,
        engine: &dyn Engine,
    ) -> Result<Self, Error> {
        let mut world = World::new(protocol);
        for account in &target.accounts {
            let code = match &account.contract {
                None => None,
                Some(contract) => {
                    check_methods(target, account, contract)?;
                    Some(Arc::new(ContractCode::new(contract.code.to_vec(), None)))
                }
            };
            world.add_account(account.id.clone(), account.balance, code);
        }
        world.next_block();
        for (number, setup) in (FIRST_SETUP_OPERATION..).zip(&target.setup) {
            let failed = |problem| Error::Setup {
                file: target.file.clone(),
                line: setup.line,
                method: setup.operation.method.clone(),
                problem,
            };
            run_to_end(&mut world, engine, &setup.operation, number)?.map_err(failed)?;
        }
        let settings = Arc::new(settings(target));
        Ok(Self { world, settings, receipts: target.limits.receipts })
    }
}

fn settings(target: &Target) -> Settings {
    let under_test = target.under_test().map(|account| account.id.clone()).collect();
    let mut settings = Settings { under_test, ..Settings::default() };
    for (name, own) in &target.invariants.settings {
        for (account, prefixes) in &own.ignore_keys {
            settings.ignored_keys.insert((name.clone(), account.clone()), prefixes.clone());
        }
    }
    settings
}

/// The contract must be readable and export every method that the target calls on it.
fn check_methods(
    target: &Target,
    account: &crate::scenario::target::Account,
    contract: &crate::scenario::target::Contract,
) -> Result<(), Error> {
    let exported = exports(&contract.code)
        .map_err(|problem| Error::Contract { file: contract.file.clone(), problem })?;
    let methods = target.methods().iter().filter(|method| method.contract == account.id);
    let methods = methods.map(|method| (&method.name, method.line));
    let setup = target.setup.iter().filter(|setup| setup.operation.receiver == account.id);
    let setup = setup.map(|setup| (&setup.operation.method, setup.line));
    match methods.chain(setup).find(|(method, _)| !exported.contains(*method)) {
        None => Ok(()),
        Some((method, line)) => Err(Error::Method {
            file: target.file.clone(),
            line,
            method: method.clone(),
            account: account.id.clone(),
            cure: format!("it exports {}", exported.into_iter().collect::<Vec<_>>().join(", ")),
        }),
    }
}

/// Runs one operation until nothing is under way. The inner error says why the call failed.
fn run_to_end(
    world: &mut World,
    engine: &dyn Engine,
    operation: &Operation,
    number: u32,
) -> Result<Result<(), String>, Error> {
    let outcome = world.submit(&transaction(operation), ReceiptName::root(number));
    let mut failure = failure(&outcome);
    loop {
        let next = world.deliverable().next().map(|entry| entry.sequence);
        let Some(sequence) = next else { break };
        let delivered = world.deliver(engine, sequence, None)?;
        failure = failure.or_else(|| delivered.outcomes.iter().find_map(self::failure));
    }
    world.next_block();
    Ok(failure.map_or(Ok(()), Err))
}

fn failure(outcome: &Outcome) -> Option<String> {
    match &outcome.status {
        ExecutionStatus::Failure(error) => Some(error.to_string()),
        _ => None,
    }
}

/// The transaction that an operation is.
pub(super) fn transaction(operation: &Operation) -> Transaction {
    let call = FunctionCallAction {
        method_name: operation.method.clone(),
        args: operation.arguments.bytes(),
        gas: operation.gas,
        deposit: operation.deposit,
    };
    Transaction {
        signer: operation.signer.clone(),
        receiver: operation.receiver.clone(),
        key: None,
        actions: vec![Action::FunctionCall(Box::new(call))],
    }
}

/// The operation as invariants see it.
pub(super) fn called(operation: &Operation) -> Called {
    Called {
        signer: operation.signer.clone(),
        receiver: operation.receiver.clone(),
        method: operation.method.clone(),
        deposit: operation.deposit,
    }
}
