//! Calls after the end of a case, which show what accounts can still get: which ones there are, and running
//! one of them.
//!
//! Never judges.

use std::collections::BTreeMap;

use near_primitives::action::{FunctionCallAction, TransferAction};
use near_primitives::transaction::{Action, ExecutionStatus};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use serde_json::Value;

use super::run::Simulation;
use super::undisturbed::oldest;
use crate::arguments::abi;
use crate::arguments::draw::Draw;
use crate::arguments::template::{Amounts, Parameters, Template};
use crate::arguments::used::Used;
use crate::arguments::values::{self, Context};
use crate::chain::{self, Outcome, Transaction, World};
use crate::invariant::{Aftermath, FollowUp};
use crate::scenario::{Arguments, Operation, USUAL_GAS};
use crate::targets::{Method, Setup, Target};
use crate::types::{AccountId, NearToken, OperationId, ReceiptName};

/// The receipts of follow-ups are named as those of operations from here on, which no case, no history and no set-up has.
const FIRST_FOLLOW_UP: u32 = 3 << 29;

/// Most calls for one case.
const MOST_CALLS: usize = 320;

/// Most accounts that make each call.
const MOST_SIGNERS: usize = 4;

/// Most inputs for each method and signer.
const MOST_INPUTS: usize = 6;

/// Most deposits that are declared for a method and tried.
const DECLARED_DEPOSITS: usize = 2;

/// Most receipts that a call may run.
const MOST_RECEIPTS: usize = 100;

/// The calls that may show what accounts can get after a case with this history and these operations, one of which
/// matters most.
pub(super) fn follow_ups(
    target: &Target,
    (history, operations): (&[Operation], &[Operation]),
    operation: OperationId,
) -> Vec<FollowUp> {
    let first = &operations[operation.index()];
    let mut calls: Vec<FollowUp> = Vec::new();
    let direct = first.through.is_none();
    if direct && target.account(&first.receiver).is_some_and(|account| account.under_test) {
        calls.push(call_of(first, first.arguments.bytes()));
    }
    let under_test = |method: &&Method| {
        target.account(&method.contract).is_some_and(|account| account.under_test)
    };
    for method in target.methods.iter().filter(under_test) {
        for signer in signers(method, &first.signer) {
            for input in inputs(target, method, signer, (history, operations), first) {
                for deposit in deposits(method) {
                    let call = FollowUp {
                        signer: signer.clone(),
                        receiver: method.contract.clone(),
                        method: method.name.clone(),
                        input: input.clone(),
                        deposit,
                    };
                    if !calls.contains(&call) {
                        calls.push(call);
                    }
                }
            }
        }
    }
    calls.truncate(MOST_CALLS);
    calls
}

fn call_of(operation: &Operation, input: Vec<u8>) -> FollowUp {
    FollowUp {
        signer: operation.signer.clone(),
        receiver: operation.receiver.clone(),
        method: operation.method.clone(),
        input,
        deposit: operation.deposit,
    }
}

/// Who makes a call: the signer of the operation first, if it may.
fn signers<'m>(method: &'m Method, first: &AccountId) -> Vec<&'m AccountId> {
    let mut signers: Vec<_> = method.actors.iter().collect();
    signers.sort_by_key(|signer| *signer != first);
    signers.truncate(MOST_SIGNERS);
    signers
}

/// Nothing, one yoctoNEAR, and what the method takes.
fn deposits(method: &Method) -> Vec<NearToken> {
    let declared: Vec<u128> = match &method.deposit {
        Amounts::Between(min, max) => vec![*min, *max],
        Amounts::OneOf(amounts) => amounts.clone(),
    };
    let mut deposits = vec![0, 1];
    let more = declared.into_iter().filter(|amount| *amount > 1).take(DECLARED_DEPOSITS);
    deposits.extend(more);
    deposits.sort_unstable();
    deposits.dedup();
    deposits.into_iter().map(NearToken::from_yoctonear).collect()
}

/// What a method is called with: as in the case, in its history and in the set-up, then with the operation's values under the
/// same names, then with one of them changed, then with others.
fn inputs(
    target: &Target,
    method: &Method,
    signer: &AccountId,
    (history, operations): (&[Operation], &[Operation]),
    first: &Operation,
) -> Vec<Vec<u8>> {
    let is_same =
        |other: &&Operation| other.receiver == method.contract && other.method == method.name;
    let setup = target.setup.iter().filter_map(Setup::call);
    let earlier = operations.iter().chain(history).chain(setup).filter(is_same);
    let mut inputs: Vec<Vec<u8>> = earlier.map(|other| other.arguments.bytes()).collect();
    let known = target.method_of(first).and_then(|own| own.argument_values(&first.arguments));
    let known: BTreeMap<String, Value> = known.unwrap_or_default().into_iter().collect();
    let used = used(operations, &known);
    let (accounts, actors) = (target.account_ids(), target.actor_ids());
    let context =
        Context { accounts: &accounts, actors: &actors, signer, used: &used, words: &target.words };
    // Always the same stream: the same case gives the same calls.
    let mut stream = ChaCha8Rng::seed_from_u64(0);
    let draw = &mut Draw::random(&mut stream);
    let none = BTreeMap::new();
    let others = known.keys().map(|name| instead(&known, name, signer));
    for values in [known.clone()].iter().chain(&others.collect::<Vec<_>>()).chain([&none]) {
        inputs.extend(input(&method.parameters, values, &context, draw));
    }
    let mut distinct: Vec<Vec<u8>> = Vec::new();
    for input in inputs {
        if !distinct.contains(&input) {
            distinct.push(input);
        }
    }
    distinct.truncate(MOST_INPUTS);
    distinct
}

/// The operation's values, but for one of them: if that names an account, the caller is named instead, and else
/// another value is drawn.
fn instead(
    known: &BTreeMap<String, Value>,
    name: &String,
    signer: &AccountId,
) -> BTreeMap<String, Value> {
    let mut others = known.clone();
    let names_account = |value: &Value| {
        value.as_str().is_some_and(|text| text.contains('.') && text.parse::<AccountId>().is_ok())
    };
    if others.remove(name).as_ref().is_some_and(names_account) {
        others.insert(name.clone(), Value::from(signer.as_str()));
    }
    others
}

/// The numbers and texts of the case, deposits included.
fn used(operations: &[Operation], known: &BTreeMap<String, Value>) -> Used {
    let mut used = Used::default();
    known.values().for_each(|value| used.value(value));
    for operation in operations {
        used.number(operation.deposit.as_yoctonear());
        if let Arguments::Json(value) = &operation.arguments {
            used.value(value);
        }
    }
    used
}

/// An input that the method takes, with these values under their names. None if it cannot be written.
fn input(
    parameters: &Parameters,
    known: &BTreeMap<String, Value>,
    context: &Context<'_>,
    draw: &mut Draw<'_>,
) -> Option<Vec<u8>> {
    let value = |name: &str, template: &Template, draw: &mut Draw<'_>| {
        known.get(name).cloned().unwrap_or_else(|| values::value(template, context, draw))
    };
    match parameters {
        Parameters::Bytes(bytes) => Some(bytes.clone()),
        Parameters::Json(Template::Object(members)) => {
            let members = members.iter();
            let object = members.map(|(name, each)| (name.clone(), value(name, each, draw)));
            Some(Arguments::Json(Value::Object(object.collect())).bytes())
        }
        Parameters::Json(template) => {
            Some(Arguments::Json(values::value(template, context, draw)).bytes())
        }
        Parameters::Borsh(parameters) => {
            let each = |parameter: &crate::arguments::template::Parameter| {
                value(&parameter.name, &parameter.template, draw)
            };
            let values: Vec<Value> = parameters.iter().map(each).collect();
            abi::encode_all(parameters, &values).ok()
        }
    }
}

impl Simulation<'_> {
    /// Makes a call in a world at rest, and lets everything come to rest again. `number` tells the receipts of
    /// several calls apart that follow each other.
    pub(super) fn follow_up(
        &self,
        world: &World,
        call: &FollowUp,
        number: u32,
    ) -> Result<Aftermath, chain::Error> {
        let action = FunctionCallAction {
            method_name: call.method.clone(),
            args: call.input.clone(),
            gas: USUAL_GAS,
            deposit: call.deposit,
        };
        let action = Action::FunctionCall(Box::new(action));
        let transaction =
            Transaction::new(call.signer.clone(), call.receiver.clone(), vec![action]);
        let (end, outcomes) = self.run_to_rest(world, &transaction, number)?;
        let burnt = outcomes.iter().map(|outcome| outcome.tokens_burnt);
        let none = NearToken::from_yoctonear(0);
        Ok(Aftermath {
            holdings: self.stage.holdings_since(
                &self.stage.world,
                &self.stage.holdings,
                &end,
                self.engine,
            )?,
            world: end,
            succeeded: succeeded(&outcomes),
            burnt: burnt.fold(none, NearToken::saturating_add),
        })
    }

    /// Sends NEAR in a world at rest.
    pub(super) fn transfer(
        &self,
        world: &World,
        (from, to): (&AccountId, &AccountId),
        deposit: NearToken,
        number: u32,
    ) -> Result<World, chain::Error> {
        let action = Action::Transfer(TransferAction { deposit });
        let transaction = Transaction::new(from.clone(), to.clone(), vec![action]);
        Ok(self.run_to_rest(world, &transaction, number)?.0)
    }

    fn run_to_rest(
        &self,
        world: &World,
        transaction: &Transaction,
        number: u32,
    ) -> Result<(World, Vec<Outcome>), chain::Error> {
        let mut world = world.clone();
        world.next_block();
        let root = ReceiptName::root(OperationId(FIRST_FOLLOW_UP + number));
        let mut outcomes = vec![world.submit(transaction, root)];
        let stage = self.stage;
        while outcomes.len() < MOST_RECEIPTS {
            let next = oldest(&world, &stage.reach, &stage.puppet);
            match (next, world.next_timeout()) {
                (Some((sequence, fault)), _) => {
                    outcomes.extend(world.deliver(self.engine, sequence, fault)?.outcomes);
                }
                (None, Some(height)) => world.advance_to(height + 1),
                (None, None) => break,
            }
        }
        Ok((world, outcomes))
    }
}

/// Whether the transaction that came first succeeded, all returned promises followed.
fn succeeded(outcomes: &[Outcome]) -> bool {
    let mut current = outcomes.first();
    while let Some(outcome) = current {
        match &outcome.status {
            ExecutionStatus::SuccessReceiptId(id) => {
                current = outcomes.iter().find(|other| other.id == *id);
            }
            ExecutionStatus::SuccessValue(_) => return true,
            ExecutionStatus::Failure(_) | ExecutionStatus::Unknown => return false,
        }
    }
    false
}
