//! What an operation is: a transaction to the chain, a call to the invariants.
//!
//! Never runs it.

use near_primitives::action::FunctionCallAction;
use near_primitives::transaction::Action;

use crate::adversary::{PuppetCall, relayed};
use crate::chain::Transaction;
use crate::scenario::{Arguments, Operation};
use crate::trace::OperationView;
use crate::types::{AccountId, NearToken};

/// The transaction that an operation is.
pub(super) fn transaction(operation: &Operation) -> Transaction {
    let (receiver, method_name, args) = route(operation);
    let (gas, deposit) = (operation.gas, deposit(operation));
    let call = FunctionCallAction { method_name, args, gas, deposit };
    let actions = vec![Action::FunctionCall(Box::new(call))];
    Transaction::new(operation.signer.clone(), receiver, actions)
}

/// Whom the signer calls, with what.
fn route(operation: &Operation) -> (AccountId, String, Vec<u8>) {
    let arguments = operation.arguments.bytes();
    let (receiver, method) = (operation.receiver.clone(), operation.method.clone());
    let Some(through) = &operation.through else { return (receiver, method, arguments) };
    let deposit = operation.deposit;
    let call = PuppetCall { receiver, method, arguments, deposit };
    let (run, program) = relayed(through, &call);
    (through.account.clone(), run, program)
}

/// What the signer attaches. A puppet that calls for somebody else attaches its own money: what a
/// stranger hands it is lost, and that is no fault of the contract under test.
fn deposit(operation: &Operation) -> NearToken {
    match &operation.through {
        Some(through) if through.account != operation.signer => NearToken::from_yoctonear(0),
        _ => operation.deposit,
    }
}

/// The operation as invariants see it.
pub(super) fn called(operation: &Operation) -> OperationView {
    OperationView {
        signer: operation.signer.clone(),
        receiver: operation.receiver.clone(),
        method: operation.method.clone(),
        deposit: deposit(operation),
        arguments: match &operation.arguments {
            Arguments::Json(value) => Some(value.clone()),
            Arguments::Bytes(_) => None,
        },
        through: operation.through.as_ref().map(|through| through.account.clone()),
    }
}
