//! The operations that are tried: every method that changes something, with a few arguments and deposits.
//!
//! Never runs one.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::discovery::argument_inference::{ArgumentType, ExampleValues, InputType};
use crate::discovery::draft::Draft;
use crate::discovery::interface::{DepositRule, MethodInterface, MethodKind};
use crate::scenario::{Arguments, Operation, USUAL_GAS};
use crate::types::{AccountId, Duration, NearToken};

/// How many different values are tried for each call.
pub(super) const VARIATIONS: usize = 4;

/// Makes operations for a draft.
pub(super) struct Attempts {
    /// For each actor, values that name this actor as the user.
    by_actor: Vec<ExampleValues>,
}

impl Attempts {
    pub(super) fn new(draft: &Draft, values: &ExampleValues) -> Self {
        let actors = draft.actors.iter();
        let by_actor =
            actors.map(|actor| ExampleValues { user: actor.clone(), ..values.clone() }).collect();
        Self { by_actor }
    }

    /// One call by an actor; `None` if this variation of its arguments is nothing new.
    pub(super) fn by_actor(
        &self,
        actor: usize,
        callable: Callable<'_>,
        variation: usize,
        deposit: NearToken,
    ) -> Option<Operation> {
        let values = &self.by_actor[actor];
        let arguments = arguments(values, callable.method, variation)?;
        Some(callable.by(&values.user, arguments, deposit))
    }

    /// Every method of every contract, called by each of the signers.
    pub(super) fn all(&self, draft: &Draft, signers: &[AccountId]) -> Vec<Operation> {
        let mut attempts = Vec::new();
        for callable in callables(draft) {
            for signer in signers {
                for (actor, values) in self.by_actor.iter().enumerate() {
                    let own = values.user == *signer || *signer == draft.owner;
                    for variation in 0..VARIATIONS {
                        // Arguments that name another account are tried only once, since there are many.
                        if !own && (variation > 0 || actor > 1) {
                            continue;
                        }
                        let Some(arguments) = arguments(values, callable.method, variation) else {
                            continue;
                        };
                        let with_deposit =
                            |deposit| callable.by(signer, arguments.clone(), deposit);
                        attempts.extend(deposits_of(callable.method).into_iter().map(with_deposit));
                    }
                }
            }
        }
        let mut seen = BTreeSet::new();
        attempts.retain(|attempt| {
            seen.insert((caller_of(attempt), arguments_text(attempt), attempt.deposit))
        });
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
    fn by(self, signer: &AccountId, arguments: Value, deposit: NearToken) -> Operation {
        Operation {
            signer: signer.clone(),
            receiver: self.contract.clone(),
            method: self.method.name.clone(),
            arguments: Arguments::Json(arguments),
            deposit,
            gas: USUAL_GAS,
            through: None,
            wait: Duration::ZERO,
        }
    }
}

/// JSON arguments of the method; `None` if it reads something else, or this variation is nothing new.
fn arguments(values: &ExampleValues, method: &MethodInterface, variation: usize) -> Option<Value> {
    match &method.arguments {
        InputType::Json(ArgumentType::Object(members)) if members.is_empty() && variation > 0 => {
            None
        }
        InputType::Json(shape) => Some(values.for_call(shape, variation)),
        InputType::Nothing | InputType::Unknown if variation == 0 => {
            Some(Value::Object(Map::new()))
        }
        _ => None,
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
