//! The operations that are tried: every method that changes something, with a few arguments and deposits.
//!
//! Never runs one.

use serde_json::Value;

use super::variants::Subject;
use crate::discovery::argument_inference::ExampleValues;
use crate::discovery::draft::Draft;
use crate::discovery::interface::{DepositRule, MethodInterface, MethodKind};
use crate::scenario::{Arguments, Operation, USUAL_GAS};
use crate::types::{AccountId, Duration, NearToken};

/// Makes operations for a draft.
pub(super) struct Attempts {
    /// For each actor, values that name another actor as the user.
    peers: Vec<ExampleValues>,
    /// Values for anyone else.
    others: ExampleValues,
}

impl Attempts {
    pub(super) fn new(draft: &Draft, values: &ExampleValues) -> Self {
        let peer = |number: usize| ExampleValues {
            user: draft.actors[(number + 1) % draft.actors.len()].clone(),
            ..values.clone()
        };
        Self { peers: (0..draft.actors.len()).map(peer).collect(), others: values.clone() }
    }

    /// Values for a call by this actor: they name another actor as the user.
    pub(super) fn peer_of(&self, actor: usize) -> &ExampleValues {
        &self.peers[actor]
    }

    /// Calls of one method by this account, with this deposit.
    pub(super) fn calls(
        &self,
        draft: &Draft,
        callable: Callable<'_>,
        signer: &AccountId,
        deposit: NearToken,
    ) -> Vec<Operation> {
        let actor = draft.actors.iter().position(|actor| actor == signer);
        let values = actor.map_or(&self.others, |actor| &self.peers[actor]);
        let Callable { contract, method } = callable;
        let variants = Subject { draft, values, signer, contract, method }.variants();
        variants.into_iter().map(|value| callable.by(signer, value, deposit)).collect()
    }

    /// Every method of every contract, called by each of the signers.
    pub(super) fn all(&self, draft: &Draft, signers: &[AccountId]) -> Vec<Operation> {
        let mut attempts = Vec::new();
        for callable in callables(draft) {
            for signer in signers {
                for deposit in deposits_of(callable.method) {
                    attempts.extend(self.calls(draft, callable, signer, deposit));
                }
            }
        }
        attempts
    }
}

/// A contract, one of its methods, and the account that calls it.
pub(super) type Caller = (AccountId, String, AccountId);

/// What an operation calls, and who signs it.
pub(super) fn caller_of(operation: &Operation) -> Caller {
    (operation.receiver.clone(), operation.method.clone(), operation.signer.clone())
}

/// The arguments as the contract reads them.
pub(super) fn arguments_text(operation: &Operation) -> String {
    String::from_utf8_lossy(&operation.arguments.bytes()).into_owned()
}

/// A method that changes something, and the contract that has it.
#[derive(Clone, Copy)]
pub(super) struct Callable<'d> {
    pub(super) contract: &'d AccountId,
    pub(super) method: &'d MethodInterface,
}

/// Methods of all contracts that change something.
pub(super) fn callables(draft: &Draft) -> impl Iterator<Item = Callable<'_>> {
    draft.contracts.iter().flat_map(|contract| {
        let calls = contract.methods.iter().filter(|method| method.kind == MethodKind::Call);
        calls.map(|method| Callable { contract: &contract.id, method })
    })
}

impl Callable<'_> {
    /// The call as an operation.
    pub(super) fn by(self, signer: &AccountId, arguments: Value, deposit: NearToken) -> Operation {
        operation(signer, self.contract, &self.method.name, arguments, deposit)
    }
}

/// A call as an operation.
pub(super) fn operation(
    signer: &AccountId,
    receiver: &AccountId,
    method: &str,
    arguments: Value,
    deposit: NearToken,
) -> Operation {
    Operation {
        signer: signer.clone(),
        receiver: receiver.clone(),
        method: method.to_owned(),
        arguments: Arguments::Json(arguments),
        deposit,
        gas: USUAL_GAS,
        through: None,
        wait: Duration::ZERO,
    }
}

/// The deposits worth trying: the least that it accepts, and the largest.
fn deposits_of(method: &MethodInterface) -> Vec<NearToken> {
    const ONE_YOCTO: NearToken = NearToken::from_yoctonear(1);
    if method.refuses_deposits {
        return vec![NearToken::ZERO];
    }
    if method.one_yocto {
        return vec![ONE_YOCTO];
    }
    match method.deposit_rule {
        Some(DepositRule::AtLeast(least)) => {
            let largest = method.deposits.last().copied();
            return vec![least, largest.unwrap_or_default().max(least.saturating_mul(4))];
        }
        Some(rule) => return rule.examples(),
        None => {}
    }
    match (method.deposits.first(), method.deposits.last()) {
        (Some(first), Some(last)) if first != last => vec![*first, *last],
        (Some(first), _) => vec![*first],
        (None, _) => vec![NearToken::ZERO, ONE_YOCTO, NearToken::from_near(1)],
    }
}
